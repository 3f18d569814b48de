//! The expected rows of a body: what is stated, and what nobody has stated yet.

use super::{Block, Cell, Grid};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::readiness::{ChannelId, Scale};

/// One row of a score card.
#[derive(Clone, Copy, Debug)]
pub struct Row<'g> {
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The channel; the group's default channel where nothing is stated.
    pub channel: ChannelIx,
    /// Whether the body performs the procedure.
    pub applicability: Applicability,
    /// What is stated, if anything.
    pub cell: Option<&'g Cell>,
}

/// The channel that stands for a group while nothing is stated in it.
pub fn default_channel(grid: &Grid, scale: Scale) -> ChannelIx {
    let id = match scale {
        Scale::Online => ChannelId::ONLINE,
        Scale::Counter => ChannelId::COUNTER,
    };
    grid.catalogue().channel_ix(id).unwrap_or_default()
}

/// The channel groups in which an answer to a procedure is expected of a body.
pub fn expected_scales(grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> impl Iterator<Item = Scale> {
    let catalogue = grid.catalogue();
    let row = catalogue.procedure(procedure);
    let prefecture = catalogue.body(body).is_prefecture();
    Scale::ALL.iter().copied().filter(move |scale| row.expects(prefecture, *scale))
}

/// A row per expected procedure and group, and one per stated channel, in catalogue order.
pub fn rows<'g>(grid: &'g Grid, body: BodyIx, procedures: &[ProcedureIx]) -> Vec<Row<'g>> {
    let block = grid.block(body);
    let mut rows = Vec::with_capacity(procedures.len() * 2);
    for procedure in procedures {
        let applicability = block.applicability_that_counts(*procedure);
        let row = |channel, cell| Row { body, procedure: *procedure, channel, applicability, cell };
        for scale in Scale::ALL {
            let before = rows.len();
            rows.extend(cells_on(grid, block, *procedure, *scale).map(|cell| row(cell.channel, Some(cell))));
            let silent = rows.len() == before;
            if silent && expected_scales(grid, body, *procedure).any(|expected| expected == *scale) {
                rows.push(row(default_channel(grid, *scale), None));
            }
        }
    }
    rows
}

fn cells_on<'g>(
    grid: &'g Grid,
    block: &'g Block,
    procedure: ProcedureIx,
    scale: Scale,
) -> impl Iterator<Item = &'g Cell> {
    block.cells_of(procedure).iter().filter(move |cell| grid.catalogue().channel(cell.channel).scale == scale)
}
