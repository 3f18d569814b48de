//! One row per body, one column per procedure, the cells of one channel or the best of a channel group: for
//! reading, and for an import of the same shape.

use std::io::{self, Write};

use serde::ser::{SerializeMap, Serializer};

use super::{LineEnd, csv_writer, json_line};
use crate::domain::Refusal;
use crate::domain::best::{Best, best};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::readiness::{Level, Scale, Source, State};
use crate::domain::text::unknown_code;
use crate::grid::filter::StatementFilter;
use crate::grid::{Cell, Grid};
use crate::import::marks::OF_THE_STATE;

/// Headings before the procedures; the last says what the cells are about.
const BEFORE: [&str; 4] = ["municipality_code", "prefecture_name", "municipality_name", "channel"];

/// What the cells of a table are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellsOf {
    /// One channel.
    Channel(ChannelIx),
    /// The best of the channels of a scale.
    Group(Scale),
}

impl Default for CellsOf {
    fn default() -> Self {
        Self::Group(Scale::Online)
    }
}

impl CellsOf {
    /// A channel by its id, or a group by its name.
    ///
    /// # Errors
    ///
    /// What is neither.
    pub fn find(catalogue: &Catalogue, text: &str) -> Result<Self, Refusal> {
        if let Some(scale) = Scale::of_group(text) {
            return Ok(Self::Group(scale));
        }
        let groups = Scale::ALL.iter().map(|scale| scale.group_code());
        let known: Vec<&str> = groups.chain(catalogue.channels().iter().map(|row| row.id.as_str())).collect();
        catalogue.channel_ix(text).map(Self::Channel).ok_or_else(|| Refusal {
            code: "unknown_channel",
            ..unknown_code(text, "接点", "channel", &known)
        })
    }

    /// The channels that it is about.
    pub fn channels(self, catalogue: &Catalogue) -> Vec<ChannelIx> {
        match self {
            Self::Channel(channel) => vec![channel],
            Self::Group(scale) => {
                let on_scale = (0..).zip(catalogue.channels()).filter(|(_, row)| row.scale == scale);
                on_scale.map(|(ix, _)| ix).collect()
            }
        }
    }
}

/// A table of bodies × procedures.
#[derive(Clone, Debug)]
pub struct Wide {
    of: CellsOf,
    procedures: Vec<ProcedureIx>,
    filter: StatementFilter,
    /// Whether nothing but the channel is asked of statements: what else can be asked of them,
    /// applicability does not have.
    with_applicability: bool,
    /// Only bodies of which anything is known.
    bodies: Vec<BodyIx>,
}

/// One row; an empty cell is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WideRow<'g> {
    /// Code of the body.
    pub code: &'g str,
    /// Name of its prefecture.
    pub prefecture: &'g str,
    /// Its name.
    pub name: &'g str,
    /// Id of the channel, or name of the group of which the cells show the best.
    pub channel: &'g str,
    /// A cell per procedure.
    pub cells: Vec<Option<String>>,
}

/// Level as people write it: `3+` is "at least 3".
pub(super) fn level_text(level: Level, at_least: bool) -> String {
    format!("{level}{}", if at_least { "+" } else { "" })
}

/// What stands behind a level that is not in force, and is read back as it was.
pub(super) fn state_text(state: State) -> String {
    if state == State::Live { String::new() } else { format!("（{}）", state.label()) }
}

/// What the state published says so: read back, it must not become the town's own word.
fn of_source(text: String, own: bool) -> String {
    if own { text } else { text + OF_THE_STATE }
}

impl Wide {
    /// The table of these bodies and procedures on one channel or group. Other channels of the filter do
    /// not matter; by whatever else it asks for, statements are chosen.
    pub fn new(
        grid: &Grid,
        bodies: &[BodyIx],
        procedures: Vec<ProcedureIx>,
        filter: &StatementFilter,
        of: CellsOf,
    ) -> Self {
        let with_applicability = StatementFilter { channels: Vec::new(), ..filter.clone() }.is_empty();
        let filter = StatementFilter { channels: of.channels(grid.catalogue()), ..filter.clone() };
        let mut table = Self { of, procedures, filter, with_applicability, bodies: Vec::new() };
        table.bodies = bodies
            .iter()
            .copied()
            .filter(|body| table.cells(grid, *body).any(|cell| cell.is_some()))
            .collect();
        table
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.bodies.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// What the cells are about.
    pub fn cells_of(&self) -> CellsOf {
        self.of
    }

    /// What the cells are about, in one word.
    fn channel<'g>(&self, grid: &'g Grid) -> &'g str {
        match self.of {
            CellsOf::Channel(channel) => grid.catalogue().channel(channel).id.as_str(),
            CellsOf::Group(scale) => scale.group_code(),
        }
    }

    /// The headings: an import finds a procedure by the id before the first space.
    pub fn headings(&self, grid: &Grid) -> Vec<String> {
        let named = self.procedures.iter().map(|procedure| grid.catalogue().procedure(*procedure).heading());
        BEFORE.into_iter().map(str::to_owned).chain(named).collect()
    }

    /// The rows from one position to another.
    pub fn rows<'g>(
        &self,
        grid: &'g Grid,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = WideRow<'g>> {
        self.bodies.get(range).unwrap_or_default().iter().map(|body| {
            let row = grid.catalogue().body(*body);
            WideRow {
                code: row.code.as_str(),
                prefecture: &row.prefecture_name,
                name: &row.name,
                channel: self.channel(grid),
                cells: self.cells(grid, *body).collect(),
            }
        })
    }

    fn cells(&self, grid: &Grid, body: BodyIx) -> impl Iterator<Item = Option<String>> {
        self.procedures.iter().map(move |procedure| self.cell(grid, body, *procedure))
    }

    fn cell(&self, grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> Option<String> {
        let block = grid.block(body);
        let stated = block.applicability_of(procedure).iter().find(|cell| cell.set_aside_by.is_none());
        let mark = stated.and_then(|cell| Some((cell.value.short_label()?, cell.source)));
        if let Some((mark, source)) = mark.filter(|_| self.with_applicability) {
            return Some(of_source(mark.to_owned(), source == Source::Own));
        }
        let stated = block.cells_of(procedure).iter().filter(|cell| self.filter.passes(grid, body, cell));
        let counting = stated.clone().filter(|cell| cell.set_aside_by.is_none());
        // Who asks for published statements alone sees them also where they are set aside.
        match self.of {
            CellsOf::Channel(_) => {
                stated.min_by_key(|cell| (cell.set_aside_by.is_some(), cell.source)).map(|cell| {
                    of_source(
                        level_text(cell.level, cell.at_least) + &state_text(cell.state),
                        cell.source == Source::Own,
                    )
                })
            }
            CellsOf::Group(_) => {
                best(counting.map(Cell::held)).or_else(|| best(stated.map(Cell::held))).map(|best: Best| {
                    of_source(
                        level_text(best.level, best.open) + &state_text(best.state),
                        best.source == Source::Own,
                    )
                })
            }
        }
    }

    /// Writes rows as CSV.
    pub(super) fn csv(
        &self,
        grid: &Grid,
        range: std::ops::Range<usize>,
        line_end: LineEnd,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut writer = csv_writer(out, line_end);
        for row in self.rows(grid, range) {
            let cells = row.cells.iter().map(|cell| cell.as_deref().unwrap_or_default());
            let named = [row.code, row.prefecture, row.name, row.channel].into_iter();
            writer.write_record(named.chain(cells))?;
        }
        writer.flush()
    }

    /// Writes rows as objects whose keys are the ids of the procedures.
    pub(super) fn ndjson(
        &self,
        grid: &Grid,
        range: std::ops::Range<usize>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let keys: Vec<&str> = self
            .procedures
            .iter()
            .map(|procedure| grid.catalogue().procedure(*procedure).id.as_str())
            .collect();
        for row in self.rows(grid, range) {
            json_line(out, &Keyed { keys: &keys, row: &row })?;
        }
        Ok(())
    }
}

/// A row with the keys of its cells.
struct Keyed<'a> {
    keys: &'a [&'a str],
    row: &'a WideRow<'a>,
}

impl serde::Serialize for Keyed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.keys.len() + BEFORE.len()))?;
        map.serialize_entry("municipality_code", self.row.code)?;
        map.serialize_entry("prefecture_name", self.row.prefecture)?;
        map.serialize_entry("municipality_name", self.row.name)?;
        map.serialize_entry("channel", self.row.channel)?;
        for (key, cell) in self.keys.iter().zip(&self.row.cells) {
            map.serialize_entry(key, cell)?;
        }
        map.end()
    }
}
