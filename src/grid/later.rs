//! What is stated for days that are still to come: it counts nowhere yet, and is part of the record.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};

use super::cell::{ApplicabilityCell, Cell, RowKey};
use crate::domain::catalogue::{ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::readiness::Source;

codes! {
    /// Whether a statement holds today or is stated for a later day.
    When, "いつの行か", "when a row holds" {
        Current = "current", "今の行", "holds today", "今日の時点で述べられている";
        Planned = "planned", "これからの行", "is stated for a later day", "適用日がまだ来ていない。その日から今の行になる";
    }
}

codes! {
    /// Which rows are asked for.
    Days, "行の選び方", "choice of rows" {
        Current = "current", "今の行", "what holds today";
        Planned = "planned", "これからの行", "what is stated for later days";
        All = "all", "両方", "both";
    }
}

impl Days {
    /// Whether rows of this sort are asked for.
    pub fn has(self, when: When) -> bool {
        match self {
            Self::Current => when == When::Current,
            Self::Planned => when == When::Planned,
            Self::All => true,
        }
    }
}

/// One statement for a later day.
#[derive(Clone, Debug, PartialEq)]
pub enum LaterCell {
    /// The readiness that will hold.
    Readiness(Cell),
    /// The applicability that will hold.
    Applicability(ApplicabilityCell),
    /// Nothing will be stated any more.
    Withdrawn {
        /// The procedure.
        procedure: ProcedureIx,
        /// The channel; none for applicability.
        channel: Option<ChannelIx>,
        /// Whose word it is.
        source: Source,
        /// The day from which it is withdrawn.
        effective: Dated,
        /// The moment it was learnt.
        updated_at: DateTime<Utc>,
        /// Number of the assertion.
        seq: i64,
    },
}

impl LaterCell {
    /// Whose row it is.
    pub fn key(&self) -> RowKey {
        match self {
            Self::Readiness(cell) => (cell.procedure, Some(cell.channel), cell.source),
            Self::Applicability(cell) => (cell.procedure, None, cell.source),
            Self::Withdrawn { procedure, channel, source, .. } => (*procedure, *channel, *source),
        }
    }

    /// The day from which it is true.
    pub fn effective(&self) -> Dated {
        match self {
            Self::Readiness(cell) => cell.effective,
            Self::Applicability(cell) => cell.effective,
            Self::Withdrawn { effective, .. } => *effective,
        }
    }

    fn seq(&self) -> i64 {
        match self {
            Self::Readiness(cell) => cell.seq,
            Self::Applicability(cell) => cell.seq,
            Self::Withdrawn { seq, .. } => *seq,
        }
    }
}

/// What of these statements says something, in order of row and day: of one day the last word, and no
/// withdrawal of what is not stated then. `held` are the rows that hold today.
pub(super) fn settle(stated: Vec<LaterCell>, held: &HashSet<RowKey>) -> Box<[LaterCell]> {
    let mut by_day: BTreeMap<_, LaterCell> = BTreeMap::new();
    for cell in stated {
        let place = (cell.key(), cell.effective().on);
        if by_day.get(&place).is_none_or(|known| known.seq() < cell.seq()) {
            by_day.insert(place, cell);
        }
    }
    let mut row: Option<(RowKey, bool)> = None;
    let mut says_something = |(key, _): &(RowKey, _), cell: &LaterCell| {
        let before = match row {
            Some((last, stated)) if last == *key => stated,
            _ => held.contains(key),
        };
        let now = !matches!(cell, LaterCell::Withdrawn { .. });
        row = Some((*key, now));
        before || now
    };
    by_day.into_iter().filter(|(place, cell)| says_something(place, cell)).map(|(_, cell)| cell).collect()
}
