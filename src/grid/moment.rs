//! Which day, and what was known.

use chrono::{DateTime, NaiveDate, Utc};

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
    pub(super) fn has(self, seq: i64, at: DateTime<Utc>) -> bool {
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
