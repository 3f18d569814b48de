//! Where statements stand in a file and in the log.

use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::log::Spot;
use crate::import::Statement;

/// What a statement is about.
pub(super) fn spot_of(statement: &Statement) -> Spot {
    let Statement { body, procedure, source, .. } = *statement;
    Spot { body, procedure, channel: statement.said.channel(), source }
}

/// Number of the first fact of a plan where it is compared with the log: later than anything there.
pub(super) const FIRST_PLANNED: i64 = i64::MAX - u32::MAX as i64;

/// Line and column.
pub(super) type LineColumn = (u32, Option<u16>);

pub(super) fn place(statement: &Statement) -> LineColumn {
    (statement.line, statement.column)
}

/// A body and a procedure.
pub(super) type Pair = (BodyIx, ProcedureIx);
