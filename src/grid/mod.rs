//! The country in memory, and every figure over it as a pure function.
//!
//! The grid is immutable: one shared block per body. A committed write makes a new grid that
//! shares all blocks but those it touched. Nothing here knows a database, a request or a clock;
//! the day for which the grid holds is part of it.

mod cell;
pub mod definition;
pub mod distribution;
pub mod explain;
pub mod figure;
pub mod filter;
pub mod grouping;
pub mod later;
pub mod matrix;
pub mod question;
pub mod scope;
pub mod scorecard;
pub mod set_aside;
pub mod standing;
pub mod tally;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

pub use cell::{ApplicabilityCell, Cell, RowKey};

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::current::{CurrentApplicability, CurrentReadiness, Later};
use crate::domain::precedence::{Precedence, Word};
use crate::domain::shared::TextPool;
use later::LaterCell;
use standing::{Rules, Standing};

/// Everything that holds for one body.
#[derive(Debug, Default)]
pub struct Block {
    cells: Box<[Cell]>,
    applicability: Box<[ApplicabilityCell]>,
    later: Box<[LaterCell]>,
    standings: Box<[Standing]>,
}

impl Block {
    /// The cells in order of procedure, channel and source.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cells of one procedure.
    pub fn cells_of(&self, procedure: ProcedureIx) -> &[Cell] {
        run_of(&self.cells, |cell| cell.procedure, procedure)
    }

    /// Stated applicabilities in order of procedure and source.
    pub fn applicability(&self) -> &[ApplicabilityCell] {
        &self.applicability
    }

    /// Stated applicabilities of one procedure.
    pub fn applicability_of(&self, procedure: ProcedureIx) -> &[ApplicabilityCell] {
        run_of(&self.applicability, |cell| cell.procedure, procedure)
    }

    /// What is stated for later days, in order of procedure, channel, source and day.
    pub fn later(&self) -> &[LaterCell] {
        &self.later
    }

    /// The cells of one procedure that count.
    pub fn counting(&self, procedure: ProcedureIx) -> impl Iterator<Item = &Cell> + Clone {
        self.cells_of(procedure).iter().filter(|cell| cell.set_aside_by.is_none())
    }

    /// Whether the body performs a procedure, by the word that counts.
    pub fn applicability_that_counts(&self, procedure: ProcedureIx) -> Applicability {
        self.applicability_of(procedure)
            .iter()
            .find(|cell| cell.set_aside_by.is_none())
            .map_or(Applicability::Applicable, |cell| cell.value)
    }

    /// Everything stated of a procedure, as the rule reads it that says whose word counts.
    pub fn words(&self, procedure: ProcedureIx) -> impl Iterator<Item = Word> + Clone {
        let levels = self.cells_of(procedure).iter().map(Cell::word);
        levels.chain(self.applicability_of(procedure).iter().map(ApplicabilityCell::word))
    }

    /// Marks what is set aside.
    fn settle(&mut self, precedence: &Precedence, procedures: ProcedureIx) {
        for procedure in 0..procedures {
            let ruling = precedence.judge(self.words(procedure));
            for cell in run_of_mut(&mut self.cells, |cell| cell.procedure, procedure) {
                cell.set_aside_by = ruling.set_aside_by(&cell.word());
            }
            for cell in run_of_mut(&mut self.applicability, |cell| cell.procedure, procedure) {
                cell.set_aside_by = ruling.set_aside_by(&cell.word());
            }
        }
    }

    /// Where the body stands with a procedure, read from what counts.
    fn read(&self, rules: &Rules<'_>, procedure: ProcedureIx) -> Standing {
        rules.standing(self.counting(procedure), self.applicability_that_counts(procedure))
    }

    /// Where the body stands with a procedure, as the definitions read it.
    pub fn standing(&self, procedure: ProcedureIx) -> &Standing {
        self.standings.get(usize::from(procedure)).unwrap_or(&Standing::SILENT)
    }
}

fn run_of<T>(sorted: &[T], key: impl Fn(&T) -> ProcedureIx, wanted: ProcedureIx) -> &[T] {
    &sorted[range_of(sorted, key, wanted)]
}

fn run_of_mut<T>(sorted: &mut [T], key: impl Fn(&T) -> ProcedureIx, wanted: ProcedureIx) -> &mut [T] {
    let range = range_of(sorted, key, wanted);
    &mut sorted[range]
}

fn range_of<T>(sorted: &[T], key: impl Fn(&T) -> ProcedureIx, wanted: ProcedureIx) -> Range<usize> {
    let start = sorted.partition_point(|item| key(item) < wanted);
    start..start + sorted[start..].partition_point(|item| key(item) == wanted)
}

/// The whole country at one revision on one day.
#[derive(Clone, Debug)]
pub struct Grid {
    catalogue: Arc<Catalogue>,
    blocks: Arc<[Arc<Block>]>,
    revision: i64,
    as_of: NaiveDate,
    known_at: DateTime<Utc>,
}

impl Grid {
    /// The catalogue that positions refer to.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The catalogue, to be kept.
    pub fn shared_catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue)
    }

    /// Number of the last row of the log that is in it.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The day, in Japan, for which it holds.
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The moment it was read: what was learnt later is not in it.
    pub fn known_at(&self) -> DateTime<Utc> {
        self.known_at
    }

    /// What holds for a body.
    pub fn block(&self, body: BodyIx) -> &Block {
        &self.blocks[usize::from(body)]
    }

    /// How many readiness statements hold.
    pub fn statement_count(&self) -> usize {
        self.blocks.iter().map(|block| block.cells.len()).sum()
    }

    /// The same country with other blocks for some bodies, at a later revision or day.
    pub fn with_blocks(
        &self,
        blocks: Blocks,
        revision: i64,
        as_of: NaiveDate,
        known_at: DateTime<Utc>,
    ) -> Self {
        let mut all: Vec<Arc<Block>> = self.blocks.to_vec();
        for (body, block) in blocks.0 {
            all[usize::from(body)] = Arc::new(block);
        }
        Self { catalogue: Arc::clone(&self.catalogue), blocks: all.into(), revision, as_of, known_at }
    }
}

/// Finished blocks by body.
#[derive(Debug)]
pub struct Blocks(HashMap<BodyIx, Block>);

/// The rows that hold.
fn held(cells: &[Cell], applicability: &[ApplicabilityCell]) -> HashSet<RowKey> {
    let levels = cells.iter().map(Cell::row_key);
    levels.chain(applicability.iter().map(ApplicabilityCell::row_key)).collect()
}

/// Rows of one body.
#[derive(Default)]
struct Rows {
    cells: Vec<Cell>,
    applicability: Vec<ApplicabilityCell>,
    later: Vec<LaterCell>,
}

/// Collects rows into blocks.
pub struct Builder {
    catalogue: Arc<Catalogue>,
    rows: HashMap<BodyIx, Rows>,
    systems: TextPool,
}

impl Builder {
    /// An empty country over a catalogue.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, rows: HashMap::new(), systems: TextPool::default() }
    }

    /// Makes sure that a body gets a block even if nothing holds for it any more.
    pub fn touch(&mut self, body: BodyIx) {
        self.rows.entry(body).or_default();
    }

    /// Adds what holds for a body, procedure, channel and source. Rows whose procedure, channel or
    /// body the catalogue does not have cannot come from the database, which refers to them.
    pub fn add_readiness(&mut self, row: CurrentReadiness) {
        if let Some((body, cell)) = self.cell(row) {
            self.rows.entry(body).or_default().cells.push(cell);
        }
    }

    fn cell(&mut self, row: CurrentReadiness) -> Option<(BodyIx, Cell)> {
        let (Some(body), Some(procedure), Some(channel)) = (
            self.catalogue.body_ix(row.municipality),
            self.catalogue.procedure_ix(&row.procedure),
            self.catalogue.channel_ix(&row.channel),
        ) else {
            return None;
        };
        let system = row.system.map(|name| self.systems.share(&name));
        let cell = Cell {
            procedure,
            channel,
            source: row.source,
            level: row.level,
            at_least: row.at_least,
            state: row.state,
            evidence: row.evidence,
            has_texts: row.has_texts,
            system,
            target: row.target,
            effective: row.effective,
            confirmed_on: row.confirmed_on,
            updated_at: row.updated_at,
            seq: row.seq,
            set_aside_by: None,
        };
        Some((body, cell))
    }

    /// Adds what holds for a body, procedure and source as a whole.
    pub fn add_applicability(&mut self, row: CurrentApplicability) {
        if let Some((body, cell)) = self.applicability_cell(row) {
            self.rows.entry(body).or_default().applicability.push(cell);
        }
    }

    /// Adds what is stated for a later day.
    pub fn add_later(&mut self, row: Later) {
        let stated = match row {
            Later::Readiness(row) => self.cell(row).map(|(body, cell)| (body, LaterCell::Readiness(cell))),
            Later::Applicability(row) => {
                self.applicability_cell(row).map(|(body, cell)| (body, LaterCell::Applicability(cell)))
            }
            Later::Withdrawn(row) => {
                let channel = row.channel.as_deref().map(|id| self.catalogue.channel_ix(id));
                let place =
                    (self.catalogue.body_ix(row.municipality), self.catalogue.procedure_ix(&row.procedure));
                match (place, channel) {
                    ((Some(body), Some(procedure)), None | Some(Some(_))) => Some((
                        body,
                        LaterCell::Withdrawn {
                            procedure,
                            channel: channel.flatten(),
                            source: row.source,
                            effective: row.effective,
                            updated_at: row.recorded_at,
                            seq: row.seq,
                        },
                    )),
                    _ => None,
                }
            }
        };
        if let Some((body, cell)) = stated {
            self.rows.entry(body).or_default().later.push(cell);
        }
    }

    fn applicability_cell(&self, row: CurrentApplicability) -> Option<(BodyIx, ApplicabilityCell)> {
        let body = self.catalogue.body_ix(row.municipality)?;
        let procedure = self.catalogue.procedure_ix(&row.procedure)?;
        let cell = ApplicabilityCell {
            procedure,
            source: row.source,
            value: row.value,
            has_texts: row.has_texts,
            effective: row.effective,
            confirmed_on: row.confirmed_on,
            updated_at: row.updated_at,
            seq: row.seq,
            set_aside_by: None,
        };
        Some((body, cell))
    }

    /// The blocks of the bodies that were touched.
    pub fn into_blocks(self) -> Blocks {
        let rules = Rules::new(&self.catalogue);
        let procedures = ProcedureIx::try_from(self.catalogue.procedures().len()).unwrap_or(ProcedureIx::MAX);
        // In code order, so that blocks lie in memory as figures walk over them.
        let rows: BTreeMap<BodyIx, Rows> = self.rows.into_iter().collect();
        let blocks = rows
            .into_iter()
            .map(|(body, Rows { mut cells, mut applicability, later })| {
                cells.sort_by_key(|cell| (cell.procedure, cell.channel, cell.source));
                applicability.sort_by_key(|cell| (cell.procedure, cell.source));
                let later = if later.is_empty() {
                    Box::default()
                } else {
                    later::settle(later, &held(&cells, &applicability))
                };
                let mut block = Block {
                    cells: cells.into(),
                    applicability: applicability.into(),
                    later,
                    standings: Box::default(),
                };
                block.settle(self.catalogue.precedence(), procedures);
                block.standings = (0..procedures).map(|procedure| block.read(&rules, procedure)).collect();
                (body, block)
            })
            .collect();
        Blocks(blocks)
    }

    /// The whole country: every body of the register has a block.
    pub fn into_grid(self, revision: i64, as_of: NaiveDate, known_at: DateTime<Utc>) -> Grid {
        let catalogue = Arc::clone(&self.catalogue);
        let mut blocks = self.into_blocks().0;
        let silent = Arc::new(Block::default());
        let all: Vec<Arc<Block>> = (0..catalogue.municipalities().len())
            .map(|at| {
                let body = BodyIx::try_from(at).unwrap_or(BodyIx::MAX);
                blocks.remove(&body).map_or_else(|| Arc::clone(&silent), Arc::new)
            })
            .collect();
        Grid { catalogue, blocks: all.into(), revision, as_of, known_at }
    }
}
