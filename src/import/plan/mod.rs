//! What a file would change, compared with what the log says.

mod aside;
mod ended;
mod entry;
mod group;
mod hash;
mod idle;
mod make;
mod merge;
mod planner;
mod records;
mod remarks;
mod shown;
mod spot;
mod stale;
mod successive;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::marks::Question;
use super::{Fault, Reading};
use crate::domain::Refusal;
use crate::domain::catalogue::Catalogue;
use crate::domain::imports::RowOutcome;
use crate::domain::log::Log;
use crate::domain::municipality::LgCode;
use crate::domain::usage::{RecordKey, RecordValue};

pub use entry::{Entry, Shows};
pub use make::{Stopped, Unwatched, WATCHED_EVERY, Watch, make};
pub use records::RecordEntry;

/// Counts of a plan.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(default)]
pub struct Counts {
    /// Rows with data.
    #[schema(required = true)]
    pub rows: usize,
    /// Statements that were understood.
    #[schema(required = true)]
    pub statements: usize,
    /// Bodies that are spoken of.
    #[schema(required = true)]
    pub bodies: usize,
    /// Facts stated for the first time.
    #[schema(required = true)]
    pub created: usize,
    /// Facts that replace another value.
    #[schema(required = true)]
    pub changed: usize,
    /// Facts stated again with a newer day.
    #[schema(required = true)]
    pub confirmed: usize,
    /// Facts already known.
    #[schema(required = true)]
    pub unchanged: usize,
    /// Rows that were not taken.
    #[schema(required = true)]
    pub rejected: usize,
    /// Rows with a warning.
    #[schema(required = true)]
    pub warned: usize,
    /// Facts that would lower a level.
    #[schema(required = true)]
    pub lowered: usize,
}

impl Counts {
    /// Facts that would be appended.
    pub fn written(&self) -> usize {
        self.created + self.changed + self.confirmed
    }

    /// Whether so many levels would fall that a person should say yes once more: more than ten and
    /// more than a fifth of what would be written.
    pub fn needs_confirmation(&self) -> bool {
        self.lowered > 10 && self.lowered * 5 > self.written()
    }
}

/// What a file would do.
#[derive(Debug)]
pub struct Plan {
    /// The facts that would be appended, in order of the file.
    pub entries: Vec<Entry>,
    /// The records of usage or published figures that would be written, in order of the file.
    pub records: Vec<RecordEntry>,
    /// Faults, those of the reading among them.
    pub faults: Vec<Fault>,
    /// Warnings, those of the reading among them.
    pub warnings: Vec<Fault>,
    /// What must be answered before some cells can be taken, by what is known of them.
    pub questions: Vec<Question>,
    /// The counts.
    pub counts: Counts,
    /// SHA-256 over the entries and what they were compared with: two equal plans do the same.
    pub hash: [u8; 32],
    /// What is already known, in order of the file.
    pub unchanged: Vec<Entry>,
    /// Records that are already known, in order of the file.
    pub known_records: Vec<RecordEntry>,
    /// SHA-256 over how far the log of each key had come: whatever is stated of them since makes
    /// another plan, even if it would write the same.
    compared_with: [u8; 32],
}

/// What is known of the bodies of a file.
pub struct Known<'a> {
    /// The facts of the log.
    pub log: &'a dyn Log,
    /// Usage and published figures.
    pub records: &'a BTreeMap<RecordKey, RecordValue>,
}

impl Plan {
    /// Counts what is left of a plan.
    fn recount(&mut self) {
        let rejected: BTreeSet<Option<u32>> = self.faults.iter().map(|fault| fault.line).collect();
        let outcome = |wanted| {
            self.entries.iter().filter(|entry| entry.outcome == wanted).count()
                + self.records.iter().filter(|entry| entry.outcome == wanted).count()
        };
        let (created, changed) = (outcome(RowOutcome::Created), outcome(RowOutcome::Changed));
        self.counts = Counts {
            created,
            changed,
            confirmed: outcome(RowOutcome::Confirmed),
            unchanged: self.unchanged.len() + self.known_records.len(),
            rejected: rejected.len(),
            warned: self.warnings.iter().filter_map(|warning| warning.line).collect::<BTreeSet<_>>().len(),
            lowered: self.entries.iter().filter(|entry| entry.lowers()).count(),
            ..self.counts
        };
        self.hash = hash::hash(&self.compared_with, &self.entries, &self.records);
    }
}

/// The bodies a reading speaks of.
pub fn bodies(reading: &Reading, catalogue: &Catalogue) -> BTreeSet<LgCode> {
    let stated = reading.statements.iter().map(|statement| catalogue.body(statement.body).code);
    stated.chain(reading.records.iter().map(|(_, record)| record.key.municipality())).collect()
}

/// The first day for which the plan of a reading asks what holds; none where it asks what held at an earlier
/// revision, which may be anything.
pub fn first_day(reading: &Reading, today: NaiveDate) -> Option<NaiveDate> {
    if reading.revisions.oldest().is_some() {
        return None;
    }
    let days = reading.statements.iter().filter_map(|statement| Some(statement.effective?.on));
    Some(days.fold(today, NaiveDate::min))
}

/// Who may say what: asked of every line, also of those that say what is known already.
pub struct Gate<'a> {
    /// Why a fact may not be stated.
    pub fact: &'a dyn Fn(&Entry, Claim) -> Option<Refusal>,
    /// Why a record may not be written.
    pub record: &'a dyn Fn(&RecordEntry) -> Option<Refusal>,
}

/// What the sender puts their name to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The fact as it is planned.
    Whole,
    /// That it is theirs to speak of, and no more: it is known already, or the evidence it has is what
    /// somebody gave before.
    Reach,
}
