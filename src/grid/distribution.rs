//! How many bodies say what.

use std::collections::{BTreeMap, BTreeSet};

use super::Cell;
use super::Grid;
use super::filter::StatementFilter;
use super::scorecard::{default_channel, expected_scales};
use super::standing::{Rules, applicability};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::readiness::Level;

codes! {
    /// What bodies are counted by.
    Dimension, "集計軸", "dimension" {
        Procedure = "procedure", "手続", "procedure";
        Category = "category", "分野", "category";
        Channel = "channel", "接点", "channel; the group's default channel where nothing is stated";
        Level = "level", "段階", "level code: 0-5, with + for at least, or no_answer, not_applicable, other_body, abolished";
        Prefecture = "prefecture", "都道府県", "prefecture";
        Kind = "kind", "団体の種別", "kind of body";
    }
}

/// What is said in one row, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// A level, at least or exactly.
    Level(Level, bool),
    /// Nothing.
    NoAnswer,
    /// The procedure is not performed.
    Absent(Applicability),
}

impl Said {
    /// The level code.
    pub fn code(self) -> String {
        match self {
            Self::Level(level, at_least) => format!("{level}{}", if at_least { "+" } else { "" }),
            Self::NoAnswer => "no_answer".to_owned(),
            Self::Absent(applicability) => applicability.code().to_owned(),
        }
    }
}

/// One place in the table, as positions; a dimension that was not asked for is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Prefecture number.
    pub prefecture: u8,
    /// Position of the kind.
    pub kind: u8,
    /// Position of the category.
    pub category: u8,
    /// Position of the procedure.
    pub procedure: ProcedureIx,
    /// Position of the channel.
    pub channel: ChannelIx,
    /// What is said.
    pub said: Said,
}

/// Counts of one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Different bodies.
    pub bodies: u32,
    /// Rows (body × procedure × channel).
    pub rows: u32,
}

/// Counts bodies and rows by some dimensions. Each body, procedure and channel counts once, by the
/// body's own word if there is one; expected groups without a statement count as no answer.
pub fn distribution(
    grid: &Grid,
    bodies: &[BodyIx],
    procedures: &[ProcedureIx],
    filter: &StatementFilter,
    by: &[Dimension],
) -> BTreeMap<Place, Counts> {
    let rules = Rules::new(grid.catalogue());
    let mut counts: BTreeMap<Place, Counts> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for body in bodies {
        seen.clear();
        for procedure in procedures {
            for (channel, said) in rows_of(grid, &rules, *body, *procedure, filter) {
                let place = place(grid, *body, *procedure, channel, said, by);
                let count = counts.entry(place).or_default();
                count.rows += 1;
                count.bodies += u32::from(seen.insert(place));
            }
        }
    }
    counts
}

fn rows_of(
    grid: &Grid,
    rules: &Rules<'_>,
    body: BodyIx,
    procedure: ProcedureIx,
    filter: &StatementFilter,
) -> Vec<(ChannelIx, Said)> {
    let block = grid.block(body);
    let absent = applicability(block, procedure);
    let counting = rules.counting(block.cells_of(procedure));
    let mut rows = Vec::new();
    if absent.applies() {
        rows.extend(
            counting
                .iter()
                .filter(|cell| filter.passes(grid, cell))
                .map(|cell| (cell.channel, Said::Level(cell.level, cell.at_least))),
        );
    }
    for scale in expected_scales(grid, body, procedure) {
        let channel = default_channel(grid, scale);
        let silent =
            |cells: &[&Cell]| !cells.iter().any(|cell| grid.catalogue().channel(cell.channel).scale == scale);
        if passes_unstated(grid, filter, channel) {
            if !absent.applies() {
                rows.push((channel, Said::Absent(absent)));
            } else if silent(&counting) {
                rows.push((channel, Said::NoAnswer));
            }
        }
    }
    rows
}

/// Whether a row without a statement passes: only channel and place can be asked of it.
fn passes_unstated(grid: &Grid, filter: &StatementFilter, channel: ChannelIx) -> bool {
    let only_where = StatementFilter {
        channels: filter.channels.clone(),
        places: filter.places.clone(),
        ..StatementFilter::default()
    };
    only_where == *filter
        && (filter.channels.is_empty() || filter.channels.contains(&channel))
        && (filter.places.is_empty() || filter.places.contains(&grid.catalogue().channel(channel).place))
}

fn place(
    grid: &Grid,
    body: BodyIx,
    procedure: ProcedureIx,
    channel: ChannelIx,
    said: Said,
    by: &[Dimension],
) -> Place {
    let row = grid.catalogue().body(body);
    let asked = |dimension| by.contains(&dimension);
    let category = grid.catalogue().procedure(procedure).category;
    Place {
        prefecture: if asked(Dimension::Prefecture) { row.prefecture().number() } else { 0 },
        kind: if asked(Dimension::Kind) { row.kind.index() } else { 0 },
        category: if asked(Dimension::Category) { category.index() } else { 0 },
        procedure: if asked(Dimension::Procedure) { procedure } else { 0 },
        channel: if asked(Dimension::Channel) { channel } else { 0 },
        said: if asked(Dimension::Level) { said } else { Said::NoAnswer },
    }
}
