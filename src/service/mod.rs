//! What todoke does, once, for API, pages and command line.
//!
//! A service holds the database, the catalogue and the country in memory. Writes run in one
//! transaction; readers always see one whole revision.

pub mod access;
mod answers;
mod cancel;
mod effect;
pub mod export;
pub mod files;
pub mod imports;
pub mod jobs;
pub mod kept;
pub mod profiles;
pub mod sessions;
pub mod statements;
pub mod uploads;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::assertion::Key;
use crate::domain::catalogue::Catalogue;
use crate::domain::current::Texts;
use crate::domain::dates::day_in_japan;
use crate::domain::municipality::LgCode;
use crate::error::Error;
use crate::grid::filter::{Changed, ChangedRow};
use crate::grid::{Builder, Grid};
use crate::store::changes::Touch;
use crate::store::records::{self, Records};
use crate::store::{Conn, Db, assertions, catalogue, changes, current, later, projection, seed};

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
    grid: RwLock<Arc<Grid>>,
    refreshing: Mutex<()>,
    jobs: jobs::Jobs,
    plans: uploads::Plans,
    records: Mutex<(i64, Arc<Records>)>,
    clock: Clock,
    seed_fingerprint: String,
    built_files: files::BuiltFiles,
}

/// Revision of a grid that was not loaded yet.
const NOT_LOADED: i64 = -1;

impl Service {
    /// Brings the catalogue up to date and makes ready for writing. The grid stays empty until
    /// [`Service::refresh`].
    ///
    /// # Errors
    ///
    /// Broken data files and a database that does not answer.
    pub fn open(db: Db, clock: Clock) -> Result<Self, Error> {
        let seed = seed::read(&seed::BUILT_IN)?;
        if db.may_prepare() && db.write(|conn| seed::write(conn, &seed).map_err(Error::from))? {
            log::info!("seeded the catalogue");
        }
        let catalogue =
            Arc::new(db.read(|conn| catalogue::load(conn, seed.places().clone()).map_err(Error::from))?);
        let now = clock();
        let grid = Builder::new(Arc::clone(&catalogue)).into_grid(NOT_LOADED, day_in_japan(now), now);
        Ok(Self {
            db,
            catalogue,
            grid: RwLock::new(Arc::new(grid)),
            refreshing: Mutex::new(()),
            jobs: jobs::Jobs::default(),
            plans: uploads::Plans::default(),
            records: Mutex::new((NOT_LOADED, Arc::default())),
            clock,
            seed_fingerprint: seed.fingerprint().to_owned(),
            built_files: files::BuiltFiles::default(),
        })
    }

    /// What changed at `since` or later, as far as a grid knows of it.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn changed_since(&self, grid: &Grid, since: DateTime<Utc>) -> Result<Changed, Error> {
        let touched = self.db.read(|conn| {
            changes::touched_since(conn, since, grid.revision(), grid.as_of()).map_err(Error::from)
        })?;
        let row = |(key, touch): (Key, Touch)| {
            let body = self.catalogue.body_ix(key.municipality)?;
            let procedure = self.catalogue.procedure_ix(key.procedure.as_str())?;
            let channel = match &key.channel {
                Some(id) => Some(self.catalogue.channel_ix(id.as_str())?),
                None => None,
            };
            let Touch { at, bears_on_today } = touch;
            Some(ChangedRow { body, key: (procedure, channel, key.source), at, bears_on_today })
        };
        Ok(Changed::new(touched.into_iter().filter_map(row).collect()))
    }

    /// The moment to which a grid knows the log: whatever is written later is learnt then or later. None
    /// while nothing was written.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn updated_until(&self, grid: &Grid) -> Result<Option<DateTime<Utc>>, Error> {
        self.db.read(|conn| changes::updated_until(conn, grid.revision()).map_err(Error::from))
    }

    /// Texts of assertions by their numbers.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn texts(&self, numbers: &[i64]) -> Result<HashMap<i64, Texts>, Error> {
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        self.db.read(|conn| assertions::texts(conn, numbers).map_err(Error::from))
    }

    /// Usage and published figures as they were last written.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn records(&self) -> Result<Arc<Records>, Error> {
        let revision = self.grid().revision();
        let mut kept = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != revision {
            let records = self.db.read(|conn| records::known(conn, None).map_err(Error::from))?;
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

    /// The country as it was last read.
    pub fn grid(&self) -> Arc<Grid> {
        Arc::clone(&self.grid.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Brings the grid to the last committed revision and to today. Cheap when nothing changed.
    /// Answers whether anything did.
    ///
    /// # Errors
    ///
    /// A database that does not answer; the old grid stays.
    pub fn refresh(&self) -> Result<bool, Error> {
        let _one_at_a_time = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.grid();
        let today = self.today();
        self.turn_day(&old, today)?;
        let new = self.db.snapshot(|conn| -> Result<Option<Grid>, Error> {
            let revision = assertions::revision(conn)?;
            if revision == old.revision() && today == old.as_of() {
                return Ok(None);
            }
            // On a new day any body may have changed; within a day only those written to.
            let touched = if old.revision() == NOT_LOADED || today != old.as_of() {
                None
            } else {
                Some(assertions::bodies_touched_since(conn, old.revision())?)
            };
            Ok(Some(self.load(conn, &old, touched.as_ref(), revision, today)?))
        })?;
        let Some(new) = new else { return Ok(false) };
        log::debug!("grid at revision {}", new.revision());
        *self.grid.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(true)
    }

    fn turn_day(&self, old: &Grid, today: NaiveDate) -> Result<(), Error> {
        if old.revision() != NOT_LOADED && old.as_of() == today {
            return Ok(());
        }
        let last = self.db.read(|conn| projection::projected_on(conn).map_err(Error::from))?;
        if last.is_none_or(|last| last < today) {
            self.db.write(|conn| projection::turn_day(conn, today).map_err(Error::from))?;
        }
        Ok(())
    }

    fn load(
        &self,
        conn: &mut Conn,
        old: &Grid,
        touched: Option<&BTreeSet<LgCode>>,
        revision: i64,
        today: NaiveDate,
    ) -> Result<Grid, Error> {
        let now = self.now();
        let mut builder = Builder::new(Arc::clone(&self.catalogue));
        for code in touched.into_iter().flatten() {
            if let Some(body) = self.catalogue.body_ix(*code) {
                builder.touch(body);
            }
        }
        current::each_readiness(conn, touched, |row| builder.add_readiness(row))?;
        current::each_applicability(conn, touched, |row| builder.add_applicability(row))?;
        later::each_later(conn, touched, today, |row| builder.add_later(row))?;
        Ok(match touched {
            None => builder.into_grid(revision, today, now),
            Some(_) => old.with_blocks(builder.into_blocks(), revision, today, now),
        })
    }
}
