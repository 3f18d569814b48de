//! What a mark states of a body and a procedure.

use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::Source;
use crate::import::layout::sheet::Sheet;
use crate::import::marks::{Cell, said};
use crate::import::table::Row;
use crate::import::{Blank, Said, Statement};

/// Where a cell stands, and what it is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::import::layout) struct Spot {
    pub body: BodyIx,
    pub procedure: ProcedureIx,
    pub channel: ChannelIx,
    pub column: usize,
}

/// The statement of a cell, if it makes one.
pub(in crate::import::layout) fn statement(
    sheet: &Sheet<'_>,
    row: &Row,
    spot: Spot,
    cell: Option<Cell>,
    effective: Option<Dated>,
) -> Option<Statement> {
    let since = cell.as_ref().and_then(|cell| cell.since);
    let said = match cell {
        Some(cell) => said(&cell, row.cell(spot.column).trim(), spot.channel, None)?,
        None if sheet.options.blank == Blank::Clear && row.cell(spot.column).trim().is_empty() => {
            Said::Withdrawn(Some(spot.channel))
        }
        None => return None,
    };
    Some(Statement {
        line: row.line,
        column: u16::try_from(spot.column).ok(),
        body: spot.body,
        procedure: spot.procedure,
        source: Source::Own,
        effective: since.or(effective).or(sheet.options.effective),
        said,
    })
}
