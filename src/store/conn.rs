//! Connections: one enum over both databases, and how each is set up.

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;
use diesel::sql_types::{BigInt, Text};

use super::url::DatabaseUrl;

/// A connection to whichever database was chosen.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Runs the same statement on whichever connection this is, for the statements that the
/// [`Conn`] enum cannot express: batch inserts and upserts.
macro_rules! on_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::conn::Conn::Pg($c) => $body,
            $crate::store::conn::Conn::Sqlite($c) => $body,
        }
    };
}
pub(crate) use on_backend;

/// What every SQLite connection is set to; read back and compared when it opens.
///
/// FULL and not NORMAL: with NORMAL a power cut loses commits that were already acknowledged.
const SQLITE_PRAGMAS: &[(&str, i64)] = &[
    ("busy_timeout", 5000),
    ("foreign_keys", 1),
    ("synchronous", 2),
    ("journal_size_limit", 64 * 1024 * 1024),
    ("trusted_schema", 0),
    ("cell_size_check", 1),
];

const POSTGRES_SETTINGS: &str = "SET statement_timeout = '15s'; SET lock_timeout = '5s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET TIME ZONE 'UTC'; \
     SET client_min_messages = warning";

/// Opens connections for a pool.
#[derive(Debug)]
pub struct Manager {
    pub(super) url: DatabaseUrl,
    pub(super) read_only: bool,
}

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

impl Manager {
    pub(super) fn open(&self) -> ConnectionResult<Conn> {
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute(POSTGRES_SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Pg(conn))
            }
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                set_up_sqlite(&mut conn, self.read_only)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Sqlite(conn))
            }
        }
    }
}

fn set_up_sqlite(conn: &mut SqliteConnection, read_only: bool) -> QueryResult<()> {
    // The time-out first: switching to WAL may already have to wait for someone.
    for (name, value) in SQLITE_PRAGMAS {
        conn.batch_execute(&format!("PRAGMA {name} = {value}"))?;
    }
    conn.batch_execute("PRAGMA journal_mode = WAL")?;
    for (name, value) in SQLITE_PRAGMAS {
        let column = if *name == "busy_timeout" { "timeout" } else { name };
        let found: Setting =
            diesel::sql_query(format!("SELECT {column} AS value FROM pragma_{name}")).get_result(conn)?;
        if found.value != *value {
            log::error!("PRAGMA {name} is {} and not {value}", found.value);
            return Err(diesel::result::Error::BrokenTransactionManager);
        }
    }
    if read_only {
        conn.batch_execute("PRAGMA query_only = ON")?;
    }
    Ok(())
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        self.open().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking()
            || <Conn as Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

#[derive(diesel::QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Version of the database program, for `doctor`.
pub fn server_version(conn: &mut Conn) -> QueryResult<String> {
    let query = match conn {
        Conn::Sqlite(_) => "SELECT 'SQLite ' || sqlite_version() AS value",
        Conn::Pg(_) => "SELECT 'PostgreSQL ' || current_setting('server_version') AS value",
    };
    diesel::sql_query(query).get_result::<Named>(conn).map(|row| row.value)
}

/// Looks for damage in the file (SQLite) or answers at once (PostgreSQL checks its own pages).
pub fn quick_check(conn: &mut Conn) -> QueryResult<String> {
    match conn {
        Conn::Sqlite(_) => diesel::sql_query("SELECT quick_check AS value FROM pragma_quick_check")
            .get_result::<Named>(conn)
            .map(|row| row.value),
        Conn::Pg(_) => Ok("ok".to_owned()),
    }
}
