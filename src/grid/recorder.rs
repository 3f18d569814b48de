//! Takes rows of the log up into a history.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::body_log::{Batch, BodyLog, CountLog, CountRow, RecordRow, Row, Said, TableIx, at, is_ahead};
use super::counts::Count;
use super::history::History;
use crate::domain::log::{Logged, Outline, RecordOutline, Spot, TakenBack};
use crate::domain::position::{BodyIx, ProcedureIx};
use crate::domain::shared::{Print, SharedText};
use crate::domain::usage::Counted;

/// So many values are looked for one by one.
const FEW: usize = 4;

/// Values, each once, found by what they are.
struct Table<T> {
    list: Vec<T>,
    places: HashMap<T, TableIx>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// The values of two lists, with where those of the second stand.
    fn of(old: &Arc<[T]>, new: &[T]) -> (Arc<[T]>, Vec<TableIx>) {
        // What is written by hand brings a few values: to look through costs less than to make it ready.
        if new.len() <= FEW {
            return Self::with_few(old, new);
        }
        let mut table = Self {
            list: Vec::with_capacity(old.len() + new.len()),
            places: HashMap::with_capacity(old.len() + new.len()),
        };
        old.iter().for_each(|value| {
            table.place(value);
        });
        let places = new.iter().map(|value| table.place(value)).collect();
        (table.list.into(), places)
    }

    fn with_few(old: &Arc<[T]>, new: &[T]) -> (Arc<[T]>, Vec<TableIx>) {
        let mut added: Vec<T> = Vec::new();
        let mut place_of = |value: &T| {
            if let Some(at) = old.iter().chain(&added).position(|known| known == value) {
                return place(at);
            }
            added.push(value.clone());
            place(old.len() + added.len() - 1)
        };
        let places = new.iter().map(&mut place_of).collect();
        if added.is_empty() {
            return (Arc::clone(old), places);
        }
        (old.iter().cloned().chain(added).collect(), places)
    }

    fn place(&mut self, value: &T) -> TableIx {
        // Rows that were written together stand together.
        if self.list.last() == Some(value) {
            return self.last();
        }
        if let Some(ix) = self.places.get(value) {
            return *ix;
        }
        self.list.push(value.clone());
        let ix = self.last();
        self.places.insert(value.clone(), ix);
        ix
    }

    /// Place of the last value.
    fn last(&self) -> TableIx {
        place(self.list.len() - 1)
    }
}

/// Place of the value at an index.
fn place(at: usize) -> TableIx {
    // Memory ends long before the numbers do.
    u32::try_from(at + 1).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX)
}

/// What is new in the log of a body.
#[derive(Default)]
pub(super) struct Writing {
    rows: Vec<Row>,
    counts: Vec<CountRow>,
    records: Vec<RecordRow>,
    subjects: Table<Arc<str>>,
    systems: Table<SharedText>,
    prints: Table<Print>,
    batches: Table<Batch>,
}

impl Writing {
    pub(super) fn add(&mut self, row: &Logged) {
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

    fn count(&mut self, row: &Counted) {
        let batch = Batch { recorded_at: row.recorded_at, import_id: Some(row.import_id) };
        let Counted { procedure, fiscal_year, group, applications, .. } = *row;
        self.counts.push(CountRow {
            seq: row.seq,
            count: Count { applications, fiscal_year, procedure, group },
            batch: self.batches.place(&batch),
        });
    }

    fn record(&mut self, row: &RecordOutline) {
        let batch = Batch { recorded_at: row.recorded_at, import_id: Some(row.import_id) };
        self.records.push(RecordRow {
            seq: row.seq,
            subject: self.subjects.place(&row.subject),
            batch: self.batches.place(&batch),
            procedure: row.procedure,
            kind: row.kind,
            withdraws: row.withdraws,
        });
    }

    /// The log with what is new.
    pub(super) fn finish(self, log: &BodyLog) -> BodyLog {
        self.over(log, log.counts.clone(), log.rows.iter())
    }

    /// The log of some procedures, which stand in order, with what is new of them.
    pub(super) fn finish_over(self, log: &BodyLog, procedures: &[ProcedureIx]) -> BodyLog {
        let rows = procedures.iter().flat_map(|procedure| log.of_procedure(*procedure));
        self.over(log, CountLog::default(), rows)
    }

    fn over<'r>(
        self,
        log: &BodyLog,
        counts: CountLog,
        rows_before: impl Iterator<Item = &'r Row>,
    ) -> BodyLog {
        let Self { rows: new, counts: counted, records, subjects, systems, prints, batches } = self;
        let (systems, system) = Table::of(&log.systems, &systems.list);
        let (prints, print) = Table::of(&log.prints, &prints.list);
        let (batches, batch) = Table::of(&log.batches, &batches.list);
        let mut rows = Vec::with_capacity(rows_before.size_hint().0 + new.len());
        rows.extend(rows_before.cloned());
        rows.extend(new.into_iter().map(|row| Row {
            batch: *at(&batch, row.batch),
            said: row.said.moved(&system, &print),
            ..row
        }));
        rows.sort_by_key(Row::order);
        let counted = counted.into_iter().map(|row| CountRow { batch: *at(&batch, row.batch), ..row });
        let counts = counts.with(counted.collect());
        let (subjects, subject) = Table::of(&log.subjects, &subjects.list);
        let records = match records.is_empty() {
            true => Arc::clone(&log.records),
            false => {
                let new = records.into_iter().map(|row| RecordRow {
                    subject: *at(&subject, row.subject),
                    batch: *at(&batch, row.batch),
                    ..row
                });
                let mut records: Vec<RecordRow> = log.records.iter().copied().chain(new).collect();
                records.sort_by_key(|row| (row.about(&subjects), row.seq));
                records.into()
            }
        };
        let ahead = rows.iter().any(|row| is_ahead(row, at(&batches, row.batch).recorded_at));
        BodyLog { ahead, rows: rows.into(), counts, records, subjects, systems, prints, batches }
    }
}

/// Collects rows of the log into a history.
pub struct Recorder {
    history: History,
    bodies: BTreeMap<BodyIx, Writing>,
    taken_back: Vec<TakenBack>,
}

impl Recorder {
    /// Takes up more rows over a history.
    pub fn over(history: &History) -> Self {
        Self { history: history.clone(), bodies: BTreeMap::new(), taken_back: Vec::new() }
    }

    /// Adds a row of the log.
    pub fn add(&mut self, row: &Logged) {
        if self.history.bodies.len() <= usize::from(row.spot.body) {
            return;
        }
        self.history.last.stated = self.history.last.stated.max(Some((row.seq, row.recorded_at)));
        self.bodies.entry(row.spot.body).or_default().add(row);
    }

    /// Adds a count of applications.
    pub fn count(&mut self, row: &Counted) {
        if usize::from(row.body) < self.history.bodies.len() {
            self.history.last.other = self.history.last.other.max(Some((row.seq, row.recorded_at)));
            self.bodies.entry(row.body).or_default().count(row);
        }
    }

    /// Adds a published figure or a row of own material.
    pub fn record(&mut self, row: &RecordOutline) {
        if usize::from(row.body) < self.history.bodies.len() {
            self.history.last.other = self.history.last.other.max(Some((row.seq, row.recorded_at)));
            self.bodies.entry(row.body).or_default().record(row);
        }
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
                let log = &mut all[usize::from(body)];
                *log = Arc::new(writing.finish(log));
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
