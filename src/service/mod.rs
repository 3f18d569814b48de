//! What todoke does, once, for API, pages and command line.
//!
//! A service holds the database, the catalogue and the country in memory. Writes run in one
//! transaction; readers always see one whole revision.

pub mod access;
mod country;
pub mod error;
pub mod export;
pub mod files;
pub mod idempotency;
pub mod imports;
mod known;
pub mod memory;
mod past;
pub mod profiles;
mod records;
pub mod row_history;
pub mod sessions;
mod snapshot;
pub mod statements;

use std::sync::{Arc, Mutex, RwLock};

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::built_in::{self, BUILT_IN};
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::day_in_japan;
use crate::domain::material::PastMaterial;
use crate::service::error::Error;
use crate::store::{Db, assertions, catalogue, seed};
use snapshot::Snapshot;

/// Tells the time. Tests bring their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The wall clock.
pub fn wall_clock() -> Clock {
    Arc::new(Utc::now)
}

/// The running system.
pub struct Service {
    db: Db,
    catalogue: Arc<Catalogue>,
    country: RwLock<Snapshot>,
    refreshing: Mutex<()>,
    pasts: past::Pasts,
    jobs: imports::Jobs,
    plans: imports::Plans,
    last_materials: Mutex<(Vec<i64>, Arc<[PastMaterial]>)>,
    clock: Clock,
    seed_fingerprint: String,
    built_files: files::BuiltFiles,
}

impl Service {
    /// Brings the catalogue up to date and makes ready for writing. The country stays empty until
    /// [`Service::refresh`].
    ///
    /// # Errors
    ///
    /// Broken data files and a database that does not answer.
    pub fn open(db: Db, clock: Clock) -> Result<Self, Error> {
        let built_in = built_in::read(&BUILT_IN)?;
        if db.may_prepare() && db.write(|conn| seed::write(conn, &built_in).map_err(Error::from))? {
            log::info!("seeded the catalogue");
        }
        let catalogue =
            Arc::new(db.read(|conn| {
                catalogue::load(conn, built_in.places, &built_in.bundles).map_err(Error::from)
            })?);
        let country = Snapshot::not_loaded(Arc::clone(&catalogue), clock());
        Ok(Self {
            db,
            catalogue,
            country: RwLock::new(country),
            refreshing: Mutex::new(()),
            pasts: past::Pasts::default(),
            jobs: imports::Jobs::default(),
            plans: imports::Plans::default(),
            last_materials: Mutex::default(),
            clock,
            seed_fingerprint: built_in.fingerprint,
            built_files: files::BuiltFiles::default(),
        })
    }

    /// Asks the database for one number, to see that it answers.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn reach_database(&self) -> Result<(), Error> {
        self.db.read(|conn| assertions::revision(conn).map(|_| ()).map_err(Error::from))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Files that were built for answers.
    pub fn built_files(&self) -> &files::BuiltFiles {
        &self.built_files
    }

    /// SHA-256 of the catalogue's files, hexadecimal.
    pub fn seed_fingerprint(&self) -> &str {
        &self.seed_fingerprint
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The moment it is now.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The day it is in Japan.
    pub fn today(&self) -> NaiveDate {
        day_in_japan(self.now())
    }
}
