//! Everything ever stated of one body, in little room.

use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::cell::RowKey;
use super::counts::Count;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::OnDay;
use crate::domain::dates::{Dated, begin_in_japan};
use crate::domain::log::{Outline, RecordKind};
use crate::domain::position::{ChannelIx, ProcedureIx};
use crate::domain::readiness::{Evidence, Level, Plan, Source, State};
use crate::domain::shared::{Print, SharedText};

/// Place in a table, counted from 1: "none" takes no room.
pub(super) type TableIx = NonZeroU32;

/// A row of the log. Texts, system and batch stand in tables of its body.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) effective: Dated,
    pub(super) said: Said,
    pub(super) batch: TableIx,
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

impl Said {
    /// The same with texts that stand elsewhere.
    pub(super) fn moved(self, systems: &[TableIx], prints: &[TableIx]) -> Self {
        let print = |ix: Option<TableIx>| ix.map(|ix| *at(prints, ix));
        match self {
            Self::Readiness { target, system, url, note, section, level, at_least, state, evidence } => {
                Self::Readiness {
                    target,
                    system: system.map(|ix| *at(systems, ix)),
                    url: print(url),
                    note: print(note),
                    section: print(section),
                    level,
                    at_least,
                    state,
                    evidence,
                }
            }
            Self::Applicability { value, reason } => Self::Applicability { value, reason: print(reason) },
            Self::Withdrawn => Self::Withdrawn,
        }
    }
}

impl Row {
    pub(super) fn key(&self) -> RowKey {
        (self.procedure, self.channel, self.source)
    }

    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    pub(super) fn order(&self) -> (RowKey, NaiveDate, i64) {
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

/// A count as it is logged. Its batch stands in a table of its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountRow {
    pub(super) seq: i64,
    pub(super) count: Count,
    pub(super) batch: TableIx,
}

/// The counts of a body as they were logged, in order of what they are about and of number. Countries share
/// them where nothing was counted twice.
#[derive(Clone, Debug, Default)]
pub(super) struct CountLog {
    counts: Arc<[Count]>,
    seqs: Arc<[i64]>,
    batches: Arc<[TableIx]>,
}

impl CountLog {
    fn new(mut rows: Vec<CountRow>) -> Self {
        rows.sort_by_key(|row| (row.count.key(), row.seq));
        Self {
            counts: rows.iter().map(|row| row.count).collect(),
            seqs: rows.iter().map(|row| row.seq).collect(),
            batches: rows.iter().map(|row| row.batch).collect(),
        }
    }

    /// The same with more.
    pub(super) fn with(&self, new: Vec<CountRow>) -> Self {
        if new.is_empty() { self.clone() } else { Self::new(self.rows().chain(new).collect()) }
    }

    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = CountRow> + ExactSizeIterator {
        let written = self.seqs.iter().zip(&*self.batches);
        self.counts.iter().zip(written).map(|(count, (seq, batch))| CountRow {
            seq: *seq,
            count: *count,
            batch: *batch,
        })
    }

    /// Of what each is about the last that is known.
    pub(super) fn holding(&self, is_known: impl Fn(&CountRow) -> bool) -> Arc<[Count]> {
        let mut held: Vec<Count> = Vec::new();
        let mut last = None;
        for row in self.rows().rev().filter(is_known) {
            if last.replace(row.count.key()) != Some(row.count.key()) {
                held.push(row.count);
            }
        }
        if held.len() == self.counts.len() {
            return Arc::clone(&self.counts);
        }
        held.reverse();
        held.into()
    }
}

/// A record beside readiness and usage as it is logged. What it says stays in the database; subject and batch
/// stand in tables of its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordRow {
    pub(super) seq: i64,
    pub(super) subject: TableIx,
    pub(super) batch: TableIx,
    pub(super) procedure: Option<ProcedureIx>,
    pub(super) kind: RecordKind,
    pub(super) withdraws: bool,
}

impl RecordRow {
    /// What it is about, in order of kind, procedure and subject.
    pub(super) fn about<'t>(&self, subjects: &'t [Arc<str>]) -> (RecordKind, Option<ProcedureIx>, &'t str) {
        (self.kind, self.procedure, &**at(subjects, self.subject))
    }
}

/// What was written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Batch {
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) import_id: Option<i64>,
}

/// Everything ever stated of one body, in order of procedure, channel (the procedure as a whole first),
/// source, day and number.
#[derive(Debug, Default)]
pub(super) struct BodyLog {
    pub(super) rows: Box<[Row]>,
    /// Counts of applications.
    pub(super) counts: CountLog,
    /// Figures that were published and own material, in order of what they are about and of number.
    pub(super) records: Arc<[RecordRow]>,
    /// Tables are shared where nothing is added to them.
    pub(super) subjects: Arc<[Arc<str>]>,
    pub(super) systems: Arc<[SharedText]>,
    pub(super) prints: Arc<[Print]>,
    pub(super) batches: Arc<[Batch]>,
    /// Whether the day of any row had not come when it was learnt.
    pub(super) ahead: bool,
}

pub(super) fn at<T>(table: &[T], ix: TableIx) -> &T {
    &table[ix.get() as usize - 1]
}

impl BodyLog {
    pub(super) fn system(&self, ix: Option<TableIx>) -> Option<SharedText> {
        ix.map(|ix| at(&self.systems, ix).clone())
    }

    pub(super) fn recorded_at(&self, row: &Row) -> DateTime<Utc> {
        at(&self.batches, row.batch).recorded_at
    }

    pub(super) fn import_of(&self, row: &Row) -> Option<i64> {
        at(&self.batches, row.batch).import_id
    }

    pub(super) fn outline(&self, row: &Row) -> Outline {
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

    pub(super) fn records_of(&self, kind: RecordKind) -> &[RecordRow] {
        let start = self.records.partition_point(|row| row.kind < kind);
        &self.records[start..start + self.records[start..].partition_point(|row| row.kind == kind)]
    }

    pub(super) fn of_procedure(&self, procedure: ProcedureIx) -> &[Row] {
        let start = self.rows.partition_point(|row| row.procedure < procedure);
        &self.rows[start..start + self.rows[start..].partition_point(|row| row.procedure == procedure)]
    }
}

/// Whether the day of a row had not come when it was learnt.
pub(super) fn is_ahead(row: &Row, recorded_at: DateTime<Utc>) -> bool {
    begin_in_japan(row.effective.on) > recorded_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_64_bytes() {
        assert!(size_of::<Row>() <= 64, "{}", size_of::<Row>());
    }

    #[test]
    fn a_count_takes_28_bytes() {
        assert!(size_of::<Count>() + size_of::<i64>() + size_of::<TableIx>() <= 28);
    }

    #[test]
    fn a_record_takes_24_bytes() {
        assert!(size_of::<RecordRow>() <= 24, "{}", size_of::<RecordRow>());
    }
}
