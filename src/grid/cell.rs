//! What holds for one row of a body.

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::domain::applicability::Applicability;
use crate::domain::best::Held;
use crate::domain::catalogue::{ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::precedence::{Said, Spoken, Word};
use crate::domain::readiness::{Evidence, Level, Plan, Source, State};
use crate::domain::shared::SharedText;

/// Whose row a statement is: procedure, channel (none for applicability) and source.
pub type RowKey = (ProcedureIx, Option<ChannelIx>, Source);

/// What was said so many days ago is to be said again.
pub const STALE_DAYS: u64 = 365;

/// What holds for one procedure, channel and source of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The channel.
    pub channel: ChannelIx,
    /// Whose word it is.
    pub source: Source,
    /// The step on the channel's scale.
    pub level: Level,
    /// Only "at least this" is said.
    pub at_least: bool,
    /// Whether it is in force.
    pub state: State,
    /// How it is known.
    pub evidence: Evidence,
    /// Whether texts wait in the database under `seq`.
    pub has_texts: bool,
    /// Product or joint system.
    pub system: Option<SharedText>,
    /// What is planned.
    pub target: Option<Plan>,
    /// The day from which it is true.
    pub effective: Dated,
    /// Day of the last confirmation.
    pub confirmed_on: Option<NaiveDate>,
    /// The moment the last statement about it was learnt.
    pub updated_at: DateTime<Utc>,
    /// Number of the assertion.
    pub seq: i64,
    /// The statement that goes before it, if it does not count.
    pub set_aside_by: Option<Spoken>,
}

impl Cell {
    /// The cell as the rule reads it that says whose word counts.
    pub fn word(&self) -> Word {
        let said = Said::Level { channel: self.channel, level: self.level, at_least: self.at_least };
        Word { source: self.source, said, on: self.confirmed_on.unwrap_or(self.effective.on), seq: self.seq }
    }

    /// Whose row it is.
    pub fn row_key(&self) -> RowKey {
        (self.procedure, Some(self.channel), self.source)
    }

    /// The day on which it was last stated or confirmed.
    pub fn said_on(&self) -> NaiveDate {
        self.confirmed_on.unwrap_or(self.effective.on)
    }

    /// Whether it was neither stated nor confirmed within so many days before a day.
    pub fn is_stale(&self, today: NaiveDate, days: u64) -> bool {
        today.checked_sub_days(Days::new(days)).is_some_and(|limit| self.said_on() < limit)
    }

    /// The cell as the best of its group depends on it.
    pub fn held(&self) -> Held {
        Held { source: self.source, level: self.level, at_least: self.at_least, state: self.state }
    }
}

/// What is stated of a body and a procedure as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplicabilityCell {
    /// The procedure.
    pub procedure: ProcedureIx,
    /// Whose word it is.
    pub source: Source,
    /// Whether it is performed.
    pub value: Applicability,
    /// Whether a reason waits in the database under `seq`.
    pub has_texts: bool,
    /// The day from which it is true.
    pub effective: Dated,
    /// Day of the last confirmation.
    pub confirmed_on: Option<NaiveDate>,
    /// The moment the last statement about it was learnt.
    pub updated_at: DateTime<Utc>,
    /// Number of the assertion.
    pub seq: i64,
    /// The statement that goes before it, if it does not count.
    pub set_aside_by: Option<Spoken>,
}

impl ApplicabilityCell {
    /// Whose row it is.
    pub fn row_key(&self) -> RowKey {
        (self.procedure, None, self.source)
    }

    /// The cell as the rule reads it that says whose word counts.
    pub fn word(&self) -> Word {
        let said = Said::Applicability(self.value);
        Word { source: self.source, said, on: self.confirmed_on.unwrap_or(self.effective.on), seq: self.seq }
    }
}
