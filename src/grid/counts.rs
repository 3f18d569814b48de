//! Counts of applications that hold.

use crate::domain::dates::FiscalYear;
use crate::domain::position::ProcedureIx;
use crate::domain::usage::ChannelGroup;

/// What a count of a body is about.
pub(super) type CountKey = (FiscalYear, ProcedureIx, ChannelGroup);

/// How many applications of a procedure a body counted in a fiscal year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub applications: u64,
    /// The fiscal year in which they were made.
    pub fiscal_year: FiscalYear,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// Which of them.
    pub group: ChannelGroup,
}

impl Count {
    pub(super) fn key(&self) -> CountKey {
        (self.fiscal_year, self.procedure, self.group)
    }
}

/// The applications of a procedure in a fiscal year, by how they came, as far as they were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applications {
    /// All of them.
    pub all: Option<u64>,
    /// Those that came online.
    pub online: Option<u64>,
}
