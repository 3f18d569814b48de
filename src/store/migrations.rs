//! Brings the tables up to date, and refuses a database newer than the program.

use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::Error;
use crate::store::Conn;

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
    use diesel::connection::SimpleConnection;
    if let Conn::Pg(inner) = conn {
        inner.batch_execute(POSTGRES_MIGRATION_LOCK)?;
    }
    let result = match conn {
        Conn::Sqlite(inner) => bring_up(inner, &SQLITE),
        Conn::Pg(inner) => bring_up(inner, &POSTGRES),
    };
    if let Conn::Pg(inner) = conn {
        inner.batch_execute(POSTGRES_MIGRATION_UNLOCK)?;
    }
    result
}

fn bring_up<C, DB>(conn: &mut C, source: &EmbeddedMigrations) -> Result<(), Error>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> =
        MigrationSource::<DB>::migrations(source).map_err(Error::migration)?;
    let applied = conn.applied_migrations().map_err(Error::migration)?;
    let newest_known: Option<String> =
        known.iter().map(|migration| migration.name().version()).max().map(|v| v.to_string());
    if let Some(stranger) =
        applied.iter().find(|version| !known.iter().any(|migration| migration.name().version() == **version))
    {
        return Err(Error::NewerDatabase {
            found: stranger.to_string(),
            known: newest_known.unwrap_or_default(),
        });
    }
    let mut pending = known;
    pending.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    for migration in pending {
        if applied.contains(&migration.name().version()) {
            continue;
        }
        let version = conn.run_migration(&migration).map_err(Error::migration)?;
        log::info!("migrated the database to {version}");
    }
    Ok(())
}

/// Takes every migration back; all data is lost. For the test that each way back works.
///
/// # Errors
///
/// A migration that fails.
pub fn revert_all(conn: &mut Conn) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(inner) => inner.revert_all_migrations(SQLITE).map(|_| ()),
        Conn::Pg(inner) => inner.revert_all_migrations(POSTGRES).map(|_| ()),
    }
    .map_err(Error::migration)
}
