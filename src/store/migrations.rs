//! Brings the tables up to date, and refuses a database newer than the program.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::Conn;
use super::error::Error;
use super::url::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Serialises starts on one PostgreSQL schema: two processes may start at once.
const POSTGRES_MIGRATION_LOCK: &str =
    "SELECT pg_advisory_lock(hashtext('todoke-migration:' || current_schema()))";
const POSTGRES_MIGRATION_UNLOCK: &str =
    "SELECT pg_advisory_unlock(hashtext('todoke-migration:' || current_schema()))";

/// Runs what is pending.
///
/// # Errors
///
/// A migration that fails, and tables that know a migration this program does not.
pub fn run(conn: &mut Conn) -> Result<(), Error> {
    if let Conn::Pg(inner) = conn {
        inner.batch_execute(POSTGRES_MIGRATION_LOCK)?;
    }
    let result = match conn {
        Conn::Sqlite(inner) => without_references(inner, |inner| bring_up(inner, &SQLITE)),
        Conn::Pg(inner) => bring_up(inner, &POSTGRES).map(drop),
    };
    if let Conn::Pg(inner) = conn {
        inner.batch_execute(POSTGRES_MIGRATION_UNLOCK)?;
    }
    result
}

/// Runs migrations of SQLite while references are not watched: a table whose columns change is made
/// anew, and for a moment the rows that refer to it refer to nothing. Looks afterwards that every
/// reference holds, if anything was migrated: that takes longer than reading the whole log.
fn without_references(
    conn: &mut SqliteConnection,
    run: impl FnOnce(&mut SqliteConnection) -> Result<usize, Error>,
) -> Result<(), Error> {
    #[derive(diesel::QueryableByName)]
    struct Broken {
        #[diesel(sql_type = diesel::sql_types::Text)]
        table: String,
    }
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    let result = run(conn);
    let broken: Vec<Broken> = match result {
        Ok(0) => Vec::new(),
        // What failed may have been the second of two.
        Ok(_) | Err(_) => {
            diesel::sql_query("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1").load(conn)?
        }
    };
    conn.batch_execute("PRAGMA foreign_keys = ON")?;
    match broken.first() {
        Some(broken) => Err(Error::Migration(format!("a reference of the table {} is broken", broken.table))),
        None => result.map(drop),
    }
}

/// Sees that nothing is pending, and changes nothing.
///
/// # Errors
///
/// Tables that are missing or older or newer than this program's.
pub fn check(conn: &mut Conn, url: &DatabaseUrl) -> Result<(), Error> {
    let pending = match conn {
        Conn::Sqlite(inner) => pending(inner, &SQLITE),
        Conn::Pg(inner) => pending(inner, &POSTGRES),
    };
    match pending {
        Ok(0) => Ok(()),
        Ok(_) => Err(Error::NotPrepared(url.to_string())),
        Err(error) => Err(error),
    }
}

fn pending<C, DB>(conn: &mut C, source: &EmbeddedMigrations) -> Result<usize, Error>
where
    C: MigrationHarness<DB> + diesel::connection::SimpleConnection,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    // Asking for what is applied makes the table of versions where it is missing: look first.
    if conn.batch_execute("SELECT version FROM __diesel_schema_migrations LIMIT 1").is_err() {
        return Ok(1);
    }
    let known: Vec<Box<dyn Migration<DB>>> =
        MigrationSource::<DB>::migrations(source).map_err(Error::migration)?;
    let applied = conn.applied_migrations().map_err(Error::migration)?;
    refuse_newer(&known, &applied)?;
    Ok(known.iter().filter(|migration| !applied.contains(&migration.name().version())).count())
}

/// Runs what is pending, and tells how many migrations that were.
fn bring_up<C, DB>(conn: &mut C, source: &EmbeddedMigrations) -> Result<usize, Error>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> =
        MigrationSource::<DB>::migrations(source).map_err(Error::migration)?;
    let applied = conn.applied_migrations().map_err(Error::migration)?;
    refuse_newer(&known, &applied)?;
    let mut pending = known;
    pending.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    pending.retain(|migration| !applied.contains(&migration.name().version()));
    for migration in &pending {
        let version = conn.run_migration(migration).map_err(Error::migration)?;
        log::info!("migrated the database to {version}");
    }
    Ok(pending.len())
}

fn refuse_newer<DB: diesel::backend::Backend>(
    known: &[Box<dyn Migration<DB>>],
    applied: &[MigrationVersion<'_>],
) -> Result<(), Error> {
    let is_known =
        |version: &MigrationVersion<'_>| known.iter().any(|migration| migration.name().version() == *version);
    match applied.iter().find(|version| !is_known(version)) {
        None => Ok(()),
        Some(stranger) => Err(Error::NewerDatabase {
            found: stranger.to_string(),
            known: known
                .iter()
                .map(|migration| migration.name().version())
                .max()
                .map(|version| version.to_string())
                .unwrap_or_default(),
        }),
    }
}

/// Takes every migration back; all data is lost. For the test that each way back works.
///
/// # Errors
///
/// A migration that fails.
pub fn revert_all(conn: &mut Conn) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(inner) => without_references(inner, |inner| {
            inner.revert_all_migrations(SQLITE).map(|undone| undone.len()).map_err(Error::migration)
        }),
        Conn::Pg(inner) => inner.revert_all_migrations(POSTGRES).map(|_| ()).map_err(Error::migration),
    }
}
