//! Everything ever stated, in memory: what holds is a function of it and of a moment, and nothing else.
//!
//! A row of the log takes 64 bytes and the texts' prints; the words stay in the database. The history is
//! immutable as the grid is: appending makes a new one that shares all bodies but those spoken of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::cell::RowKey;
use super::filter::{Changed, ChangedRow};
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{OnDay, Stated, Timeline};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, begin_in_japan};
use crate::domain::log::{KnownLine, Logged, Outline, Spot, TakenBack};
use crate::domain::readiness::{Evidence, Level, Plan, Source, State};
use crate::domain::shared::{Print, SharedText};

/// How far the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// All of it.
    Now,
    /// What was learnt, and taken back, up to a moment.
    At(DateTime<Utc>),
    /// What stood before a row of the log.
    Before(i64),
}

impl Known {
    /// Whether a row of this number, written at this moment, is known.
    fn has(self, seq: i64, at: DateTime<Utc>) -> bool {
        match self {
            Self::Now => true,
            Self::At(moment) => at <= moment,
            Self::Before(row) => seq < row,
        }
    }
}

/// A day, and how far the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The day, in Japan, for which things hold.
    pub as_of: NaiveDate,
    /// What is known.
    pub known: Known,
}

/// Place in a table, counted from 1: "none" takes no room.
type TableIx = NonZeroU32;

/// A row of the log. Texts, system and batch stand in tables of its body.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) effective: Dated,
    said: Said,
    batch: TableIx,
    pub(super) procedure: ProcedureIx,
    pub(super) channel: Option<ChannelIx>,
    pub(super) source: Source,
}

/// What a row says: an [`Outline`] with places in tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Readiness {
        target: Option<Plan>,
        system: Option<TableIx>,
        url: Option<TableIx>,
        note: Option<TableIx>,
        section: Option<TableIx>,
        level: Level,
        at_least: bool,
        state: State,
        evidence: Evidence,
    },
    Applicability {
        value: Applicability,
        reason: Option<TableIx>,
    },
    Withdrawn,
}

impl Row {
    pub(super) fn key(&self) -> RowKey {
        (self.procedure, self.channel, self.source)
    }

    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    fn order(&self) -> (RowKey, NaiveDate, i64) {
        (self.key(), self.effective.on, self.seq)
    }
}

impl OnDay for Row {
    fn on(&self) -> NaiveDate {
        self.effective.on
    }

    fn withdraws(&self) -> bool {
        self.said == Said::Withdrawn
    }

    /// Rows of one body share its tables: the same place is the same text.
    fn repeats(&self, other: &Self) -> bool {
        self.said == other.said
    }
}

/// What was written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Batch {
    recorded_at: DateTime<Utc>,
    import_id: Option<i64>,
}

/// Everything ever stated of one body, in order of procedure, channel (the procedure as a whole first),
/// source, day and number.
#[derive(Debug, Default)]
pub(super) struct BodyLog {
    rows: Box<[Row]>,
    systems: Box<[SharedText]>,
    prints: Box<[Print]>,
    batches: Box<[Batch]>,
    /// Whether the day of any row had not come when it was learnt.
    ahead: bool,
}

fn at<T>(table: &[T], ix: TableIx) -> &T {
    &table[ix.get() as usize - 1]
}

impl BodyLog {
    pub(super) fn system(&self, ix: Option<TableIx>) -> Option<SharedText> {
        ix.map(|ix| at(&self.systems, ix).clone())
    }

    pub(super) fn recorded_at(&self, row: &Row) -> DateTime<Utc> {
        at(&self.batches, row.batch).recorded_at
    }

    fn import_of(&self, row: &Row) -> Option<i64> {
        at(&self.batches, row.batch).import_id
    }

    fn outline(&self, row: &Row) -> Outline {
        let print = |ix: Option<TableIx>| ix.map(|ix| *at(&self.prints, ix));
        match row.said {
            Said::Readiness { target, system, url, note, section, level, at_least, state, evidence } => {
                Outline::Readiness {
                    level,
                    at_least,
                    state,
                    evidence,
                    target,
                    system: self.system(system),
                    url: print(url),
                    note: print(note),
                    section: print(section),
                }
            }
            Said::Applicability { value, reason } => Outline::Applicability { value, reason: print(reason) },
            Said::Withdrawn => Outline::Withdrawn,
        }
    }

    fn of_procedure(&self, procedure: ProcedureIx) -> &[Row] {
        let start = self.rows.partition_point(|row| row.procedure < procedure);
        &self.rows[start..start + self.rows[start..].partition_point(|row| row.procedure == procedure)]
    }
}

/// Values, each once, found by what they are.
struct Table<T> {
    list: Vec<T>,
    places: HashMap<T, TableIx>,
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn of(list: &[T]) -> Self {
        let mut table =
            Self { list: Vec::with_capacity(list.len()), places: HashMap::with_capacity(list.len()) };
        list.iter().for_each(|value| {
            table.place(value);
        });
        table
    }

    fn place(&mut self, value: &T) -> TableIx {
        if let Some(ix) = self.places.get(value) {
            return *ix;
        }
        self.list.push(value.clone());
        // Memory ends long before the numbers do.
        let ix = u32::try_from(self.list.len()).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX);
        self.places.insert(value.clone(), ix);
        ix
    }
}

/// A body whose log is being written.
struct Writing {
    rows: Vec<Row>,
    systems: Table<SharedText>,
    prints: Table<Print>,
    batches: Table<Batch>,
}

impl Writing {
    fn of(log: &BodyLog) -> Self {
        Self {
            rows: log.rows.to_vec(),
            systems: Table::of(&log.systems),
            prints: Table::of(&log.prints),
            batches: Table::of(&log.batches),
        }
    }

    fn add(&mut self, row: &Logged) {
        let mut print = |print: &Option<Print>| print.as_ref().map(|print| self.prints.place(print));
        let said = match &row.outline {
            Outline::Readiness { level, at_least, state, evidence, target, system, url, note, section } => {
                Said::Readiness {
                    target: *target,
                    system: system.as_ref().map(|name| self.systems.place(name)),
                    url: print(url),
                    note: print(note),
                    section: print(section),
                    level: *level,
                    at_least: *at_least,
                    state: *state,
                    evidence: *evidence,
                }
            }
            Outline::Applicability { value, reason } => {
                Said::Applicability { value: *value, reason: print(reason) }
            }
            Outline::Withdrawn => Said::Withdrawn,
        };
        let batch = Batch { recorded_at: row.recorded_at, import_id: row.import_id };
        let Spot { procedure, channel, source, .. } = row.spot;
        self.rows.push(Row {
            seq: row.seq,
            effective: row.effective,
            said,
            batch: self.batches.place(&batch),
            procedure,
            channel,
            source,
        });
    }

    fn finish(mut self) -> BodyLog {
        self.rows.sort_by_key(Row::order);
        let batches = &self.batches.list;
        let ahead = self.rows.iter().any(|row| is_ahead(row, at(batches, row.batch).recorded_at));
        BodyLog {
            ahead,
            rows: self.rows.into(),
            systems: self.systems.list.into(),
            prints: self.prints.list.into(),
            batches: self.batches.list.into(),
        }
    }
}

/// Collects rows of the log into a history.
pub struct Recorder {
    history: History,
    bodies: BTreeMap<BodyIx, Writing>,
    taken_back: Vec<TakenBack>,
}

impl Recorder {
    /// Adds a row of the log.
    pub fn add(&mut self, row: &Logged) {
        let Some(log) = self.history.bodies.get(usize::from(row.spot.body)) else { return };
        self.history.last.stated = self.history.last.stated.max(Some((row.seq, row.recorded_at)));
        self.bodies.entry(row.spot.body).or_insert_with(|| Writing::of(log)).add(row);
    }

    /// Notes that an import does not hold any more.
    pub fn take_back(&mut self, taken_back: TakenBack) {
        let TakenBack { seq, at, .. } = taken_back;
        self.history.last.taken_back = self.history.last.taken_back.max(Some((seq, at)));
        self.taken_back.push(taken_back);
    }

    /// The history with what was added, at a revision, and the bodies for which anything is different.
    pub fn finish(self, revision: i64) -> (History, BTreeSet<BodyIx>) {
        let Self { mut history, bodies, taken_back } = self;
        let mut touched: BTreeSet<BodyIx> = bodies.keys().copied().collect();
        if !bodies.is_empty() {
            let mut all: Vec<Arc<BodyLog>> = history.bodies.to_vec();
            for (body, writing) in bodies {
                all[usize::from(body)] = Arc::new(writing.finish());
            }
            history.bodies = all.into();
        }
        if !taken_back.is_empty() {
            let imports: BTreeSet<i64> = taken_back.iter().map(|row| row.import_id).collect();
            touched.extend(history.bodies_of(&imports));
            let mut all = (*history.taken_back).clone();
            all.extend(taken_back.into_iter().map(|row| (row.import_id, row)));
            history.taken_back = Arc::new(all);
        }
        history.revision = revision;
        (history, touched)
    }
}

/// Everything ever stated.
#[derive(Clone, Debug)]
pub struct History {
    catalogue: Arc<Catalogue>,
    bodies: Arc<[Arc<BodyLog>]>,
    taken_back: Arc<BTreeMap<i64, TakenBack>>,
    revision: i64,
    last: Last,
}

/// Number and moment of the last row of the log, and of the last retraction.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    stated: Option<(i64, DateTime<Utc>)>,
    taken_back: Option<(i64, DateTime<Utc>)>,
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

    /// Takes up more rows.
    pub fn recorder(&self) -> Recorder {
        Recorder { history: self.clone(), bodies: BTreeMap::new(), taken_back: Vec::new() }
    }

    pub(super) fn body(&self, body: BodyIx) -> &BodyLog {
        &self.bodies[usize::from(body)]
    }

    /// The rows of a body that are known, in order.
    pub(super) fn rows(&self, body: BodyIx, known: Known) -> impl Iterator<Item = &Row> {
        self.known_rows(&self.body(body).rows, self.body(body), known)
    }

    fn known_rows<'h>(
        &self,
        rows: &'h [Row],
        log: &'h BodyLog,
        known: Known,
    ) -> impl Iterator<Item = &'h Row> + use<'h> {
        let standing: Vec<bool> = log.batches.iter().map(|batch| self.stands(batch, known)).collect();
        rows.iter().filter(move |row| {
            *at(&standing, row.batch) && known.has(row.seq, at(&log.batches, row.batch).recorded_at)
        })
    }

    /// Whether what was written together was not taken back, as far as is known.
    fn stands(&self, batch: &Batch, known: Known) -> bool {
        let taken_back = batch.import_id.and_then(|import| self.taken_back.get(&import));
        taken_back.is_none_or(|taken_back| !known.has(taken_back.seq, taken_back.at))
    }

    fn bodies_of(&self, imports: &BTreeSet<i64>) -> BTreeSet<BodyIx> {
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
    /// source. Texts are to be read.
    pub fn known_of(&self, body: BodyIx, procedure: ProcedureIx, known: Known) -> Vec<KnownLine> {
        let log = self.body(body);
        let mut lines: Vec<KnownLine> = Vec::new();
        let mut timeline = Timeline::default();
        let mut of: Option<&Row> = None;
        let line = |row: &Row, timeline: Timeline| KnownLine {
            channel: row.channel,
            source: row.source,
            timeline: Rc::new(timeline),
        };
        for row in self.known_rows(log.of_procedure(procedure), log, known) {
            if let Some(before) = of.filter(|before| before.key() != row.key()) {
                lines.push(line(before, std::mem::take(&mut timeline)));
            }
            of = Some(row);
            timeline.insert(Stated {
                seq: row.seq,
                effective: row.effective,
                recorded_at: log.recorded_at(row),
                fact: log.outline(row).fact(row.seq),
            });
        }
        lines.extend(of.map(|row| line(row, timeline)));
        lines
    }

    /// The facts of one key that are known.
    pub fn timeline(&self, spot: Spot, known: Known) -> Timeline {
        let lines = self.known_of(spot.body, spot.procedure, known);
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
        let Last { stated, taken_back } = self.last_known(known);
        stated.map(|(_, at)| at).max(taken_back.map(|(_, at)| at))
    }

    /// Whether something that is known differs from an earlier history of the same log.
    pub fn differs_from(&self, earlier: &Self, known: Known) -> bool {
        if self.revision == earlier.revision {
            return false;
        }
        let after = earlier.revision;
        let learnt = |log: &BodyLog| {
            log.rows.iter().any(|row| row.seq > after && known.has(row.seq, log.recorded_at(row)))
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
        let Last { stated, taken_back } = self.last_known(known);
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

    fn taken_back_at(&self, batch: &Batch, known: Known) -> Option<DateTime<Utc>> {
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

/// Whether the day of a row had not come when it was learnt.
fn is_ahead(row: &Row, recorded_at: DateTime<Utc>) -> bool {
    begin_in_japan(row.effective.on) > recorded_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_64_bytes() {
        assert!(size_of::<Row>() <= 64, "{}", size_of::<Row>());
    }
}
