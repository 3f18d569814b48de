//! The database: two pools, and one way to write.

use std::path::Path;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};

use super::conn::{Conn, Manager};
use super::error::Error;
use super::migrations;
use super::url::DatabaseUrl;

/// How long a read waits for a connection.
const READ_WAIT: Duration = Duration::from_secs(1);
/// How long a write waits for a connection.
const WRITE_WAIT: Duration = Duration::from_secs(5);

/// Connections for writing to PostgreSQL: one that writes and one that waits for its lock.
const POSTGRES_WRITERS: u32 = 2;

/// One writer at a time, so that sequence order is commit order and a reader that catches up by
/// number loses nothing. Keyed by schema, so that two installations in one database do not wait
/// for each other.
const POSTGRES_WRITE_LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('todoke:' || current_schema()))";

/// The database: one pool for reading, a small one for writing.
#[derive(Clone, Debug)]
pub struct Db {
    read: Pool<Manager>,
    write: Pool<Manager>,
    url: DatabaseUrl,
    missing: Missing,
}

/// Whether what is missing is made: the SQLite file, the tables, the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make it.
    Create,
    /// Refuse: the command only looks.
    Refuse,
}

impl Db {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened or made, a server that does not answer, and tables newer than
    /// this program.
    pub fn open(url: &DatabaseUrl, connections: u32, missing: Missing) -> Result<Self, Error> {
        if let DatabaseUrl::Sqlite(path) = url {
            check_file(path, missing)?;
        }
        let manager = |read_only| Manager { url: url.clone(), read_only };
        // Opened once by hand, so that the real reason is told instead of a pool's time-out.
        let mut first = manager(false).open().map_err(|cause| Error::cannot_open(url, &cause))?;
        match missing {
            Missing::Create => migrations::run(&mut first)?,
            Missing::Refuse => migrations::check(&mut first, url)?,
        }
        drop(first);
        let build = |size, wait, read_only| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .connection_timeout(wait)
                .build(manager(read_only))
                .map_err(|cause| Error::cannot_open(url, &cause))
        };
        let (read, write) = match url {
            DatabaseUrl::Sqlite(_) => (build(connections, READ_WAIT, true)?, build(1, WRITE_WAIT, false)?),
            // Writers wait for each other; while they do, they must not keep anyone from reading.
            DatabaseUrl::Postgres(_) => {
                (build(connections, READ_WAIT, false)?, build(POSTGRES_WRITERS, WRITE_WAIT, false)?)
            }
        };
        Ok(Self { read, write, url: url.clone(), missing })
    }

    /// Whether the one who opened it may bring tables and catalogue up to date.
    pub fn may_prepare(&self) -> bool {
        self.missing == Missing::Create
    }

    /// Which database this is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs reads on one connection.
    ///
    /// # Errors
    ///
    /// No connection within a second, and what `f` answers.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = take(&self.read)?;
        f(&mut conn)
    }

    /// Runs reads that must all see the same moment.
    ///
    /// # Errors
    ///
    /// No connection within a second, and what `f` answers.
    pub fn snapshot<T, E: From<Error>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        self.read(|conn| {
            conn.batch_execute("BEGIN").map_err(Error::from)?;
            if let Conn::Pg(inner) = conn {
                inner
                    .batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .map_err(Error::from)?;
            }
            let result = f(conn);
            conn.batch_execute("ROLLBACK").map_err(Error::from)?;
            result
        })
    }

    /// Runs `f` in a transaction that may write; an error rolls it back.
    ///
    /// On SQLite the transaction takes the write lock when it begins: one that reads first and
    /// writes later fails at once when someone else wrote in between, whatever `busy_timeout` says.
    ///
    /// # Errors
    ///
    /// No connection or no lock within five seconds, and what `f` answers.
    pub fn write<T, E: From<Error>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = take(&self.write)?;
        let conn: &mut Conn = &mut conn;
        match conn {
            Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE"),
            Conn::Pg(inner) => AnsiTransactionManager::begin_transaction(inner)
                .and_then(|()| inner.batch_execute(POSTGRES_WRITE_LOCK)),
        }
        .map_err(Error::from)?;
        let result = f(conn);
        let end = match &result {
            Ok(_) => <Conn as Connection>::TransactionManager::commit_transaction(conn),
            Err(_) => <Conn as Connection>::TransactionManager::rollback_transaction(conn),
        };
        match (result, end) {
            (Ok(_), Err(cause)) => Err(Error::from(cause).into()),
            (Err(error), Err(cause)) => {
                log::error!("rolling back failed: {cause}");
                Err(error)
            }
            (result, Ok(())) => result,
        }
    }
}

fn take(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, Error> {
    pool.get().map_err(|cause| {
        log::warn!("no database connection: {cause}");
        Error::Unavailable
    })
}

fn check_file(path: &Path, missing: Missing) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    match missing {
        Missing::Create => {
            log::info!("creating the database {}", path.display());
            // It holds hashes of keys and the audit log: for this user alone. The files beside it
            // get the same rights. Whatever goes wrong here, opening it tells better.
            #[cfg(unix)]
            {
                use std::os::unix::fs::OpenOptionsExt;
                let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
                if let Err(cause) = made {
                    log::debug!("{}: {cause}", path.display());
                }
            }
            Ok(())
        }
        Missing::Refuse => Err(Error::NoSuchDatabase(path.display().to_string())),
    }
}
