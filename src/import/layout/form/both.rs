//! Rows that say that nothing is offered online, and also by which online channel something is.

use super::Form;
use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::{Level, Scale};
use crate::import::Fault;
use crate::import::marks::{Cell, Meaning};
use crate::import::table::Row;

impl Form<'_> {
    /// Whether a row says that nothing is offered online, and also by which online channel it is; then
    /// that is told.
    pub(super) fn says_both(&mut self, row: &Row, cells: &[(usize, ChannelIx, Option<Cell>)]) -> bool {
        let catalogue = self.sheet.catalogue;
        let Some(online) = catalogue.online() else { return false };
        let level = |cell: &Option<Cell>| match cell.as_ref().map(|cell| cell.meaning) {
            Some(Meaning::Level(level, _)) => Some(level),
            _ => None,
        };
        let none =
            cells.iter().find(|(_, channel, cell)| *channel == online && level(cell) == Some(Level::ZERO));
        let some = cells.iter().find(|(_, channel, cell)| {
            *channel != online
                && catalogue.channel(*channel).scale == Scale::Online
                && level(cell).is_some_and(|level| level > Level::ZERO)
        });
        let (Some((column, ..)), Some((other, ..))) = (none, some) else { return false };
        let message = format!(
            "「{}」列はオンラインでは何もできないという意味なのに、「{}」列は {} です。どちらかに揃えてください",
            self.heading(*column),
            self.heading(*other),
            row.cell(*other).trim(),
        );
        let fault = Fault::whole("contradiction", message).found(row.cell(*column));
        self.sheet.fault(fault, row, *column);
        true
    }
}
