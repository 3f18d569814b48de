//! The country in memory: everything ever stated, and what of it holds today.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};

use super::Service;
use super::memory;
use super::snapshot::{NOT_LOADED, Snapshot};
use crate::domain::current::Texts;
use crate::domain::log::{Entry, Logged};
use crate::domain::municipality::LgCode;
use crate::domain::shared::SharedText;
use crate::grid::Grid;
use crate::grid::filter::Changed;
use crate::grid::history::History;
use crate::grid::moment::{Known, Moment};
use crate::grid::recorder::Recorder;
use crate::service::error::Error;
use crate::store::bearing::numbers_of;
use crate::store::log as store;
use crate::store::readers::all_entries;
use crate::store::{Conn, assertions};

/// After so many new rows what taking them up left free is worth giving back.
const MANY_ROWS: i64 = 20_000;

impl Service {
    /// The country as it was last read.
    pub fn grid(&self) -> Arc<Grid> {
        Arc::clone(&self.country.read().unwrap_or_else(PoisonError::into_inner).today)
    }

    /// Everything ever stated and what of it holds today, of one revision.
    pub(super) fn country(&self) -> (History, Arc<Grid>) {
        let Snapshot { history, today } = self.country.read().unwrap_or_else(PoisonError::into_inner).clone();
        (history, today)
    }

    /// Everything ever stated, as it was last read.
    pub(super) fn history(&self) -> History {
        self.country.read().unwrap_or_else(PoisonError::into_inner).history.clone()
    }

    fn moment(&self, as_of: Option<NaiveDate>, known_at: Option<DateTime<Utc>>) -> Moment {
        let as_of = as_of.unwrap_or_else(|| self.grid().as_of());
        Moment { as_of, known: known_at.map_or(Known::Now, Known::At) }
    }

    /// The country of a day, as far as it was known at a moment; without them that of today and of now.
    /// A day to come shows what is planned.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where others keep all places for building one.
    pub fn country_at(
        &self,
        as_of: Option<NaiveDate>,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Arc<Grid>, Error> {
        let moment = self.moment(as_of, known_at);
        let (history, today) = self.country();
        if moment.known == Known::Now && moment.as_of == today.as_of() {
            return Ok(today);
        }
        self.pasts.get(&history, moment, || history.at(moment, self.now()))
    }

    /// Whether such a country would have to be built first.
    pub fn must_build(&self, as_of: Option<NaiveDate>, known_at: Option<DateTime<Utc>>) -> bool {
        let moment = self.moment(as_of, known_at);
        let (history, today) = self.country();
        let is_today = moment.known == Known::Now && moment.as_of == today.as_of();
        !is_today && !self.pasts.has(&history, moment)
    }

    /// Brings the country to the last committed revision and to today. Cheap when nothing changed.
    /// Answers whether anything did.
    ///
    /// # Errors
    ///
    /// A database that does not answer; the old country stays.
    pub fn refresh(&self) -> Result<bool, Error> {
        let _one_at_a_time = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let (old, grid) = self.country();
        let (now, as_of) = (self.now(), self.today());
        let revision = self.db.read(|conn| assertions::revision(conn).map_err(Error::from))?;
        if revision == old.revision() && as_of == grid.as_of() {
            return Ok(false);
        }
        let moment = Moment { as_of, known: Known::Now };
        let mut recorder = Recorder::over(&old);
        let after = old.revision().max(0);
        all_entries(&self.db, &self.catalogue, after, revision, |entry| match entry {
            Entry::Stated(row) => recorder.add(&row),
            Entry::Counted(count) => recorder.count(&count),
            Entry::Recorded(record) => recorder.record(&record),
        })?;
        let taken_back =
            self.db.read(|conn| store::taken_back_between(conn, after, revision).map_err(Error::from))?;
        taken_back.into_iter().for_each(|row| recorder.take_back(row));
        let (history, touched) = recorder.finish(revision);
        let today = if old.revision() == NOT_LOADED || as_of != grid.as_of() {
            history.at(moment, now)
        } else {
            history.renew(&grid, &touched, moment, now)
        };
        log::debug!("country at revision {revision}");
        let country = Snapshot { history, today: Arc::new(today) };
        *self.country.write().unwrap_or_else(PoisonError::into_inner) = country;
        drop((old, grid));
        if revision - after >= MANY_ROWS {
            memory::give_back();
        }
        Ok(true)
    }

    /// Brings the country to what was just written. The write stands whether or not this succeeds; the
    /// server looks again by itself.
    pub(super) fn catch_up(&self) {
        if let Err(error) = self.refresh() {
            log::warn!("cannot read what was written: {error}");
        }
    }

    /// Everything ever stated of these bodies, up to what a connection sees: a writer must not plan over less. Where
    /// nothing was loaded before, nothing of other bodies is in it, nor what bears on days before `from` alone.
    pub(super) fn history_for(
        &self,
        conn: &mut Conn,
        bodies: &BTreeSet<LgCode>,
        from: Option<NaiveDate>,
    ) -> Result<History, Error> {
        let history = self.history();
        let revision = assertions::revision(conn)?;
        if history.revision() == revision {
            return Ok(history);
        }
        let mut recorder = Recorder::over(&history);
        let after = history.revision().max(0);
        let taken_back = store::taken_back_between(conn, after, revision)?;
        let mut add = |row: Logged| recorder.add(&row);
        if history.revision() == NOT_LOADED {
            // What was taken back is wanted by whoever asks what was so once.
            let imports = match from {
                Some(_) => taken_back.iter().map(|row| row.import_id).collect(),
                None => BTreeSet::new(),
            };
            let rows = self.catalogue.municipalities();
            let wanted: Vec<bool> = rows.iter().map(|row| bodies.contains(&row.code)).collect();
            let is_wanted = |body| wanted[usize::from(body)];
            let numbers = numbers_of(conn, &self.catalogue, is_wanted, from, revision, &imports)?;
            store::rows_numbered(conn, &self.catalogue, &numbers, &mut add)?;
        } else {
            store::rows_between(conn, &self.catalogue, after, revision, add)?;
        }
        taken_back.into_iter().for_each(|row| recorder.take_back(row));
        Ok(recorder.finish(revision).0)
    }

    /// Everything ever stated, and how much of it a grid knows.
    pub fn history_of(&self, grid: &Grid) -> (History, Known) {
        let history = self.history();
        let known = seen_by(grid, &history).known;
        (history, known)
    }

    /// What changed at `since` or later, as far as a grid knows of it.
    pub fn changed_since(&self, grid: &Grid, since: DateTime<Utc>) -> Changed {
        let history = self.history();
        history.changed_since(since, seen_by(grid, &history))
    }

    /// The moment to which a grid knows the log: whatever is written later is learnt then or later. None
    /// while nothing was written.
    pub fn updated_until(&self, grid: &Grid) -> Option<DateTime<Utc>> {
        let history = self.history();
        history.updated_until(seen_by(grid, &history).known)
    }

    /// The moment at which the last row that a grid knows was written, where it knows all of them.
    pub fn written_at(&self, grid: &Grid) -> Option<DateTime<Utc>> {
        let history = self.history();
        (history.revision() == grid.revision()).then(|| history.written_at()).flatten()
    }

    /// The country of a day as it was known before a row of the log. It is not kept.
    pub fn country_before(&self, row: i64, as_of: NaiveDate) -> Grid {
        self.history().at(Moment { as_of, known: Known::Before(row) }, self.now())
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

    /// Reads the words of texts that were taken over from the log without them.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub(super) fn read_words<'t>(&self, texts: impl Iterator<Item = &'t SharedText>) -> Result<(), Error> {
        let texts: Vec<&SharedText> = texts.collect();
        let numbers: BTreeSet<i64> = texts.iter().filter_map(|text| text.to_read()).collect();
        let found = self.texts(&numbers.into_iter().collect::<Vec<_>>())?;
        for text in texts {
            let Some(row) = text.to_read().and_then(|number| found.get(&number)) else { continue };
            let words = [&row.url, &row.note, &row.section, &row.applicability_reason];
            words.into_iter().flatten().for_each(|words| text.read(words));
        }
        Ok(())
    }
}

/// The moment of a grid, over a history that may have gone on since.
fn seen_by(grid: &Grid, history: &History) -> Moment {
    let moment = grid.moment();
    if moment.known == Known::Now && grid.revision() != history.revision() {
        return Moment { known: Known::Before(grid.revision() + 1), ..moment };
    }
    moment
}
