//! The country in memory, and every figure over it as a pure function.
//!
//! What holds is a function of the [`history`] and of a moment. The grid is immutable: one shared
//! block per body. A committed write makes a new grid that shares all blocks but those it touched.
//! Nothing here knows a database, a request or a clock; the day for which the grid holds is part of it.

pub mod applied;
mod body_log;
mod build;
mod cell;
pub mod changes;
mod counts;
pub mod definition;
pub mod distribution;
pub mod explain;
pub mod figure;
pub mod filter;
pub mod gaps;
pub mod grouping;
pub mod history;
pub mod hours;
pub mod later;
pub mod matrix;
pub mod measure;
pub mod moment;
pub mod peers;
pub mod plans;
pub mod prefecture;
pub mod question;
pub mod recorder;
pub mod records;
pub mod scope;
pub mod scorecard;
pub mod search;
pub mod sentences;
pub mod set_aside;
pub mod standing;
pub mod supposed;
pub mod systems;
pub mod tally;
pub mod trend;

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

pub use cell::{ApplicabilityCell, Cell, RowKey, STALE_DAYS};
pub use counts::{Applications, Count};

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::domain::precedence::{Precedence, Word};
use crate::domain::usage::ChannelGroup;
use later::LaterCell;
use moment::{Known, Moment};
use plans::Planned;
use standing::{Mark, Reading, Reads, Rules, Standings};

/// Everything that holds for one body.
#[derive(Debug, Default)]
pub struct Block {
    cells: Box<[Cell]>,
    applicability: Box<[ApplicabilityCell]>,
    later: Box<[LaterCell]>,
    plans: Box<[Planned]>,
    counts: Arc<[Count]>,
    standings: Standings,
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

    /// What the body planned and what became of it, in order of procedure and channel; plans that were given up
    /// are not among them.
    pub fn plans(&self) -> &[Planned] {
        &self.plans
    }

    /// The plans of one procedure.
    pub fn plans_of(&self, procedure: ProcedureIx) -> &[Planned] {
        run_of(&self.plans, |plan| plan.procedure, procedure)
    }

    /// Counts of applications in order of fiscal year, procedure and group.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The counts of a fiscal year, in order of procedure and group.
    pub(super) fn counts_of_year(&self, year: FiscalYear) -> &[Count] {
        let start = self.counts.partition_point(|count| count.fiscal_year < year);
        &self.counts[start..start + self.counts[start..].partition_point(|count| count.fiscal_year == year)]
    }

    /// The applications of a procedure in a fiscal year.
    pub fn applications(&self, procedure: ProcedureIx, year: FiscalYear) -> Applications {
        applications_of(run_of(self.counts_of_year(year), |count| count.procedure, procedure))
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
        (0..procedures).for_each(|procedure| self.settle_one(precedence, procedure));
    }

    fn settle_one(&mut self, precedence: &Precedence, procedure: ProcedureIx) {
        let ruling = precedence.judge(self.words(procedure));
        for cell in run_of_mut(&mut self.cells, |cell| cell.procedure, procedure) {
            cell.set_aside_by = ruling.set_aside_by(&cell.word());
        }
        for cell in run_of_mut(&mut self.applicability, |cell| cell.procedure, procedure) {
            cell.set_aside_by = ruling.set_aside_by(&cell.word());
        }
    }

    /// Where the body stands, read from what counts.
    fn read(&self, rules: &Rules<'_>, procedures: ProcedureIx) -> Standings {
        rules.standings(procedures, |procedure| {
            (self.counting(procedure), self.applicability_that_counts(procedure))
        })
    }

    /// Where the body stands with a procedure, as far as it is read, packed.
    #[inline]
    pub fn mark(&self, reads: Reads, procedure: ProcedureIx) -> Mark {
        self.standings.mark(reads, procedure)
    }

    /// The same in full.
    pub fn reading(&self, reads: Reads, procedure: ProcedureIx) -> Reading {
        self.mark(reads, procedure).reading()
    }
}

/// The applications of a procedure in one fiscal year, of its counts.
fn applications_of(counts: &[Count]) -> Applications {
    let mut found = Applications::default();
    for count in counts {
        match count.group {
            ChannelGroup::All => found.all = Some(count.applications),
            ChannelGroup::Online => found.online = Some(count.applications),
            _ => {}
        }
    }
    found
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
    moment: Moment,
    read_at: DateTime<Utc>,
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
        self.moment.as_of
    }

    /// The moment that was asked for.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The moment up to which things are known: the one that was asked for, or when it was read.
    pub fn known_at(&self) -> DateTime<Utc> {
        match self.moment.known {
            Known::At(then) => then,
            Known::Now | Known::Before(_) => self.read_at,
        }
    }

    /// What holds for a body.
    pub fn block(&self, body: BodyIx) -> &Block {
        &self.blocks[usize::from(body)]
    }

    /// The last fiscal year, up to the one of its day, in which any of these bodies counted applications.
    pub fn last_counted(&self, bodies: &[BodyIx]) -> Option<FiscalYear> {
        let until = FiscalYear::of(self.as_of());
        let last = |body: &BodyIx| {
            let counts = self.block(*body).counts();
            let known = &counts[..counts.partition_point(|count| count.fiscal_year <= until)];
            known.iter().rev().find(|count| count.group == ChannelGroup::All).map(|count| count.fiscal_year)
        };
        bodies.iter().filter_map(last).max()
    }

    /// The same, to be held against that of another country.
    fn shared_block(&self, body: BodyIx) -> &Arc<Block> {
        &self.blocks[usize::from(body)]
    }

    /// How many readiness statements hold.
    pub fn statement_count(&self) -> usize {
        self.blocks.iter().map(|block| block.cells.len()).sum()
    }
}
