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
mod materials;
pub mod memory;
mod past;
pub mod profiles;
pub mod row_history;
pub mod sessions;
mod snapshot;
pub mod statements;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::built_in::{self, BUILT_IN};
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::day_in_japan;
use crate::grid::moment::Known;
use crate::service::error::Error;
use crate::store::records::{self, Records};
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
    records: Mutex<(i64, Arc<Records>)>,
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
            records: Mutex::new((-1, Arc::default())),
            clock,
            seed_fingerprint: built_in.fingerprint,
            built_files: files::BuiltFiles::default(),
        })
    }

    /// Usage and published figures as they were last written, as far as they are known.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn records(&self, known: Known) -> Result<Arc<Records>, Error> {
        if let Known::At(then) = known {
            return self.db.read(|conn| Ok(Arc::new(records::known_at(conn, then)?)));
        }
        let revision = self.grid().revision();
        let mut kept = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != revision {
            let records = self.db.read(|conn| records::known(conn).map_err(Error::from))?;
            *kept = (revision, Arc::new(records));
        }
        Ok(Arc::clone(&kept.1))
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
