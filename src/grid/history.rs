//! Everything ever stated, in memory: what holds is a function of it and of a moment, and nothing else.
//!
//! A row of the log takes 64 bytes and the texts' prints; the words stay in the database. The history is
//! immutable as the grid is: appending makes a new one that shares all bodies but those spoken of.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::body_log::{Batch, BodyLog, CountRow, Row, at, is_ahead};
use super::cell::RowKey;
use super::counts::Count;
use super::filter::{Changed, ChangedRow};
use super::moment::{Known, Moment};
use crate::domain::assertion::{Stated, Timeline, bearing_on};
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::begin_in_japan;
use crate::domain::log::{KnownLine, Numbers, Spot, TakenBack};
use crate::domain::position::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::readiness::Source;

/// Everything ever stated.
#[derive(Clone, Debug)]
pub struct History {
    catalogue: Arc<Catalogue>,
    pub(super) bodies: Arc<[Arc<BodyLog>]>,
    pub(super) taken_back: Arc<BTreeMap<i64, TakenBack>>,
    pub(super) revision: i64,
    pub(super) last: Last,
}

/// Number and moment of the last row of the log, and of the last retraction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Last {
    pub(super) stated: Option<(i64, DateTime<Utc>)>,
    pub(super) taken_back: Option<(i64, DateTime<Utc>)>,
    /// The last count of applications, published figure or row of own material.
    pub(super) other: Option<(i64, DateTime<Utc>)>,
}

impl History {
    /// Nothing was stated yet.
    pub fn new(catalogue: Arc<Catalogue>, revision: i64) -> Self {
        let silent = Arc::new(BodyLog::default());
        let bodies = catalogue.municipalities().iter().map(|_| Arc::clone(&silent)).collect();
        Self { catalogue, bodies, taken_back: Arc::default(), revision, last: Last::default() }
    }

    /// The catalogue that positions refer to.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Number of the last row of the log that is in it.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// How many rows of the log it holds.
    pub fn len(&self) -> usize {
        self.bodies.iter().map(|log| log.rows.len()).sum()
    }

    /// Whether nothing was ever stated.
    pub fn is_empty(&self) -> bool {
        self.bodies.iter().all(|log| log.rows.is_empty())
    }

    pub(super) fn body(&self, body: BodyIx) -> &BodyLog {
        &self.bodies[usize::from(body)]
    }

    /// The rows of a body's log that are known, in order.
    pub(super) fn rows<'l>(&self, log: &'l BodyLog, known: Known) -> impl Iterator<Item = &'l Row> {
        let standing: Vec<bool> = log.batches.iter().map(|batch| self.stands(batch, known)).collect();
        log.rows.iter().filter(move |row| {
            *at(&standing, row.batch) && known.has(row.seq, at(&log.batches, row.batch).recorded_at)
        })
    }

    /// The counts of a body that hold: of each the last that is known.
    pub(super) fn counts(&self, body: BodyIx, known: Known) -> Arc<[Count]> {
        let log = self.body(body);
        let standing: Vec<bool> = log.batches.iter().map(|batch| self.stands(batch, known)).collect();
        log.counts.holding(|row| {
            *at(&standing, row.batch) && known.has(row.seq, at(&log.batches, row.batch).recorded_at)
        })
    }

    /// Whether what was written together was not taken back, as far as is known.
    fn stands(&self, batch: &Batch, known: Known) -> bool {
        let taken_back = batch.import_id.and_then(|import| self.taken_back.get(&import));
        taken_back.is_none_or(|taken_back| !known.has(taken_back.seq, taken_back.at))
    }

    pub(super) fn bodies_of(&self, imports: &BTreeSet<i64>) -> BTreeSet<BodyIx> {
        let speaks = |log: &BodyLog| {
            log.batches.iter().any(|batch| batch.import_id.is_some_and(|import| imports.contains(&import)))
        };
        (0..).zip(self.bodies.iter()).filter(|(_, log)| speaks(log)).map(|(body, _)| body).collect()
    }

    /// Whose facts an import stated.
    pub fn spots_of_import(&self, import: i64) -> BTreeSet<Spot> {
        let of_body = |body: BodyIx| {
            let log = self.body(body);
            let rows = log.rows.iter().filter(move |row| log.import_of(row) == Some(import));
            rows.map(move |row| Spot {
                body,
                procedure: row.procedure,
                channel: row.channel,
                source: row.source,
            })
        };
        self.bodies_of(&BTreeSet::from([import])).into_iter().flat_map(of_body).collect()
    }

    /// What is known of a body and a procedure, in order of channel (the procedure as a whole first) and
    /// source; with a day, as far as it bears on that day and later ones. Texts are to be read.
    pub fn known_of(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        known: Known,
        from: Option<NaiveDate>,
    ) -> Vec<KnownLine> {
        let log = self.body(body);
        let rows: Vec<&Row> = self.known_rows(body, procedure, known).collect();
        let line = |rows: &[&Row]| {
            let first = rows.first()?;
            let bearing = from.map(|from| bearing_on(rows, from));
            let mut timeline = Timeline::default();
            for row in bearing.as_deref().unwrap_or(rows) {
                timeline.insert(Stated {
                    seq: row.seq,
                    effective: row.effective,
                    recorded_at: log.recorded_at(row),
                    fact: log.outline(row).fact(row.seq),
                });
            }
            Some(KnownLine {
                channel: first.channel,
                source: first.source,
                last: rows.iter().map(|row| row.seq).max()?,
                timeline: Rc::new(timeline),
            })
        };
        rows.chunk_by(|one, other| one.key() == other.key()).filter_map(line).collect()
    }

    /// Whether anything that is known of a body and a procedure stands in such a row: of a channel (or the procedure
    /// as a whole) and by a source.
    pub fn says(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        known: Known,
        is_such: impl Fn(Option<ChannelIx>, Source) -> bool,
    ) -> bool {
        self.known_rows(body, procedure, known).any(|row| is_such(row.channel, row.source))
    }

    fn known_rows(&self, body: BodyIx, procedure: ProcedureIx, known: Known) -> impl Iterator<Item = &Row> {
        let log = self.body(body);
        log.of_procedure(procedure).iter().filter(move |row| {
            let batch = at(&log.batches, row.batch);
            known.has(row.seq, batch.recorded_at) && self.stands(batch, known)
        })
    }

    /// The rows about a body, a procedure and a channel (or the procedure as a whole), by either source, in
    /// order of the log, also those that were taken back.
    pub fn numbers_of(&self, body: BodyIx, procedure: ProcedureIx, channel: Option<ChannelIx>) -> Numbers {
        let rows = self.body(body).of_procedure(procedure).iter().filter(|row| row.channel == channel);
        let mut rows: Vec<i64> = rows.map(|row| row.seq).collect();
        rows.sort_unstable();
        Numbers { rows, known_to: self.revision }
    }

    /// The numbers of what a source said of some bodies, latest first, so many from one on; and how many there are.
    pub fn latest(
        &self,
        bodies: impl Iterator<Item = BodyIx>,
        source: Source,
        part: Range<usize>,
    ) -> (Vec<i64>, usize) {
        let rows = bodies.flat_map(|body| self.body(body).rows.iter());
        let mut all: Vec<i64> = rows.filter(|row| row.source == source).map(|row| row.seq).collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        let count = all.len();
        (all.into_iter().skip(part.start).take(part.len()).collect(), count)
    }

    /// The facts of one key that are known.
    pub fn timeline(&self, spot: Spot, known: Known) -> Timeline {
        let lines = self.known_of(spot.body, spot.procedure, known, None);
        let line = lines.into_iter().find(|line| (line.channel, line.source) == (spot.channel, spot.source));
        line.map(|line| Rc::unwrap_or_clone(line.timeline)).unwrap_or_default()
    }

    /// Whether a fact of a row was taken back that stood in the log at a revision, and since, as far as is
    /// known.
    pub fn taken_back_since(&self, spot: Spot, revision: i64, known: Known) -> bool {
        let log = self.body(spot.body);
        let of_spot = log
            .of_procedure(spot.procedure)
            .iter()
            .filter(|row| (row.channel, row.source) == (spot.channel, spot.source) && row.seq <= revision);
        of_spot
            .filter_map(|row| self.taken_back.get(&log.import_of(row)?))
            .any(|taken_back| taken_back.seq > revision && known.has(taken_back.seq, taken_back.at))
    }

    /// The moment at which the last row that is known was learnt or taken back: whatever is written later
    /// is learnt then or later.
    pub fn updated_until(&self, known: Known) -> Option<DateTime<Utc>> {
        let Last { stated, taken_back, .. } = self.last_known(known);
        stated.map(|(_, at)| at).max(taken_back.map(|(_, at)| at))
    }

    /// The moment at which the last row of any kind was written.
    pub fn written_at(&self) -> Option<DateTime<Utc>> {
        let Last { stated, taken_back, other } = self.last;
        stated.max(taken_back).max(other).map(|(_, at)| at)
    }

    /// Whether something that is known differs from an earlier history of the same log.
    pub fn differs_from(&self, earlier: &Self, known: Known) -> bool {
        if self.revision == earlier.revision {
            return false;
        }
        let after = earlier.revision;
        let learnt = |log: &BodyLog| {
            let at = |row: &CountRow| at(&log.batches, row.batch).recorded_at;
            log.rows.iter().any(|row| row.seq > after && known.has(row.seq, log.recorded_at(row)))
                || log.counts.rows().any(|row| row.seq > after && known.has(row.seq, at(&row)))
        };
        let pairs = self.bodies.iter().zip(earlier.bodies.iter());
        let taken_back = |row: &TakenBack| row.seq > after && known.has(row.seq, row.at);
        self.taken_back.values().any(taken_back)
            || pairs.filter(|(now, then)| !Arc::ptr_eq(now, then)).any(|(now, _)| learnt(now))
    }

    /// Number of the last row, or of the last retraction, that is known.
    pub fn revision_at(&self, known: Known) -> i64 {
        if known == Known::Now {
            // Usage and published figures have their numbers too.
            return self.revision;
        }
        let Last { stated, taken_back, .. } = self.last_known(known);
        stated.max(taken_back).map_or(0, |(seq, _)| seq)
    }

    /// The last by number, not by time: a clock that was ahead must not hide what came after.
    fn last_known(&self, known: Known) -> Last {
        if known == Known::Now {
            return self.last;
        }
        let mut last = Last::default();
        for log in self.bodies.iter() {
            for row in &log.rows {
                let stated = (row.seq, log.recorded_at(row));
                if known.has(stated.0, stated.1) {
                    last.stated = last.stated.max(Some(stated));
                }
            }
        }
        let taken_back = self.taken_back.values().map(|row| (row.seq, row.at));
        last.taken_back = taken_back.filter(|(seq, at)| known.has(*seq, *at)).max();
        last
    }

    /// What changed at `since` or later, as far as is known at a moment: what was learnt or taken back since,
    /// and what was stated for a day that came since.
    pub fn changed_since(&self, since: DateTime<Utc>, moment: Moment) -> Changed {
        let mut changed: BTreeMap<(BodyIx, RowKey), ChangedRow> = BTreeMap::new();
        for (body, log) in (0..).zip(self.bodies.iter()).filter(|(_, log)| self.may_have_changed(log, since))
        {
            for row in &log.rows {
                let (key, bears_on_today) = (row.key(), row.effective.on <= moment.as_of);
                let Some(at) = self.changed_at(log, row, since, moment) else { continue };
                let last =
                    changed.entry((body, key)).or_insert(ChangedRow { body, key, at, bears_on_today: false });
                last.at = at.max(last.at);
                last.bears_on_today |= bears_on_today;
            }
        }
        Changed::new(changed.into_values().collect())
    }

    fn may_have_changed(&self, log: &BodyLog, since: DateTime<Utc>) -> bool {
        let taken_back = |batch: &Batch| self.taken_back_at(batch, Known::Now);
        log.ahead
            || log
                .batches
                .iter()
                .any(|batch| batch.recorded_at >= since || taken_back(batch).is_some_and(|at| at >= since))
    }

    pub(super) fn taken_back_at(&self, batch: &Batch, known: Known) -> Option<DateTime<Utc>> {
        let taken_back = self.taken_back.get(&batch.import_id?)?;
        known.has(taken_back.seq, taken_back.at).then_some(taken_back.at)
    }

    /// The last moment, from `since` on, at which something became of a row.
    fn changed_at(
        &self,
        log: &BodyLog,
        row: &Row,
        since: DateTime<Utc>,
        moment: Moment,
    ) -> Option<DateTime<Utc>> {
        let batch = at(&log.batches, row.batch);
        if !moment.known.has(row.seq, batch.recorded_at) {
            return None;
        }
        let came = is_ahead(row, batch.recorded_at) && row.effective.on <= moment.as_of;
        let moments = [
            Some(batch.recorded_at),
            self.taken_back_at(batch, moment.known),
            came.then(|| begin_in_japan(row.effective.on)),
        ];
        moments.into_iter().flatten().filter(|at| *at >= since).max()
    }
}
