//! The country at a moment, out of everything ever stated.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::body_log::{BodyLog, Row, Said};
use super::cell::RowKey;
use super::history::History;
use super::later::{self, LaterCell};
use super::moment::Moment;
use super::plans::{Planned, plan_of};
use super::standing::{Mark, Reads, Rules, Standings};
use super::{ApplicabilityCell, Block, Cell, Grid};
use crate::domain::assertion::{Held, holding_on};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::precedence::Precedence;

/// From so many rows on it pays to begin a second thread.
const SHARED_FROM: usize = 20_000;
/// Most threads for one country.
const MOST_THREADS: usize = 4;

impl History {
    /// The country at a moment; `now` is when it is read.
    pub fn at(&self, moment: Moment, now: DateTime<Utc>) -> Grid {
        let bodies = self.catalogue().municipalities().len();
        let threads = if self.len() < SHARED_FROM {
            1
        } else {
            std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
        };
        let silent = Arc::new(Block::default());
        let some = |range: Range<usize>| -> Vec<Arc<Block>> {
            let builder = Builder::new(self, moment);
            range.map(|body| builder.block(ix(body)).map_or_else(|| Arc::clone(&silent), Arc::new)).collect()
        };
        let ranges: Vec<Range<usize>> =
            (0..threads).map(|at| bodies * at / threads..bodies * (at + 1) / threads).collect();
        let blocks: Vec<Arc<Block>> = std::thread::scope(|scope| {
            let mut ranges = ranges.into_iter();
            let first = ranges.next().unwrap_or_default();
            let others: Vec<_> = ranges.map(|range| (range.clone(), scope.spawn(|| some(range)))).collect();
            let mut blocks = some(first);
            for (range, other) in others {
                // A thread that could not end is done again here.
                blocks.extend(other.join().unwrap_or_else(|_| some(range)));
            }
            blocks
        });
        Grid {
            catalogue: Arc::clone(self.catalogue()),
            blocks: blocks.into(),
            revision: self.revision_at(moment.known),
            moment,
            read_at: now,
        }
    }

    /// The same country with what became of some bodies since.
    pub fn renew(&self, old: &Grid, bodies: &BTreeSet<BodyIx>, moment: Moment, now: DateTime<Utc>) -> Grid {
        let builder = Builder::new(self, moment);
        let mut blocks: Vec<Arc<Block>> = old.blocks.to_vec();
        for body in bodies {
            blocks[usize::from(*body)] = Arc::new(builder.block(*body).unwrap_or_default());
        }
        Grid {
            catalogue: Arc::clone(self.catalogue()),
            blocks: blocks.into(),
            revision: self.revision_at(moment.known),
            moment,
            read_at: now,
        }
    }
}

fn ix(body: usize) -> BodyIx {
    BodyIx::try_from(body).unwrap_or(BodyIx::MAX)
}

pub(super) struct Builder<'h> {
    history: &'h History,
    moment: Moment,
    pub(super) rules: Rules<'h>,
    pub(super) procedures: ProcedureIx,
}

/// What holds for a body, and what is stated for later days.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) cells: Vec<Cell>,
    pub(super) applicability: Vec<ApplicabilityCell>,
    pub(super) later: Box<[LaterCell]>,
    pub(super) plans: Vec<Planned>,
}

impl<'h> Builder<'h> {
    pub(super) fn new(history: &'h History, moment: Moment) -> Self {
        let catalogue = history.catalogue();
        let procedures = ProcedureIx::try_from(catalogue.procedures().len()).unwrap_or(ProcedureIx::MAX);
        Self { history, moment, rules: Rules::new(catalogue), procedures }
    }

    pub(super) fn precedence(&self) -> &Precedence {
        self.history.catalogue().precedence()
    }

    /// What holds for a body; none if nothing was ever stated of it.
    fn block(&self, body: BodyIx) -> Option<Block> {
        let log = self.history.body(body);
        let counts = self.history.counts(body, self.moment.known);
        let rows = self.rows(log);
        if rows.is_none() && counts.is_empty() {
            return None;
        }
        Some(Block { counts, ..self.settled(rows.unwrap_or_default()) })
    }

    /// What holds of a log and what is stated for later days; none where nothing is known.
    pub(super) fn rows(&self, log: &BodyLog) -> Option<Rows> {
        let known: Vec<&Row> = self.history.rows(log, self.moment.known).collect();
        if known.is_empty() {
            return None;
        }
        let mut rows = Rows::default();
        let mut later = Vec::new();
        for of_key in known.chunk_by(|one, other| one.key() == other.key()) {
            if let Some(held) = holding_on(of_key.iter().copied(), self.moment.as_of) {
                rows.hold(log, &held);
            }
            rows.plans.extend(plan_of(of_key, self.moment.as_of));
            let to_come = of_key.iter().filter(|row| row.effective.on > self.moment.as_of);
            later.extend(to_come.map(|row| later_cell(log, row)));
        }
        if !later.is_empty() {
            rows.later = later::settle(later, &held(&rows.cells, &rows.applicability));
        }
        Some(rows)
    }

    /// Where a body stands with a procedure on a day, of which these are the rows, as far as it is read.
    pub(super) fn mark_on(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        rows: &[&Row],
        day: NaiveDate,
        reads: Reads,
    ) -> Mark {
        let block = self.block_on(body, procedure, rows, day);
        self.rules.mark(reads, block.counting(procedure), block.applicability_that_counts(procedure))
    }

    /// What holds of a procedure of a body on a day, of which these are the rows, without where the body stands.
    pub(super) fn block_on(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        rows: &[&Row],
        day: NaiveDate,
    ) -> Block {
        let log = self.history.body(body);
        let mut held = Rows::default();
        for of_key in rows.chunk_by(|one, other| one.key() == other.key()) {
            if let Some(row) = holding_on(of_key.iter().copied(), day) {
                held.hold(log, &row);
            }
        }
        let Rows { cells, applicability, .. } = held;
        let mut block =
            Block { cells: cells.into(), applicability: applicability.into(), ..Block::default() };
        block.settle_one(self.precedence(), procedure);
        block
    }

    fn settled(&self, rows: Rows) -> Block {
        let Rows { cells, applicability, later, plans } = rows;
        let mut block = Block {
            cells: cells.into(),
            applicability: applicability.into(),
            later,
            plans: plans.into(),
            counts: Arc::default(),
            standings: Standings::default(),
        };
        block.settle(self.precedence(), self.procedures);
        block.standings = block.read(&self.rules, self.procedures);
        block
    }
}

impl Rows {
    fn hold(&mut self, log: &BodyLog, held: &Held<'_, Row>) {
        let (row, last) = (held.value, held.last());
        let confirmed_on = held.confirmed.map(|last| last.effective.on);
        match stated(log, row) {
            Some(Stated::Level(cell)) => {
                self.cells.push(Cell { confirmed_on, updated_at: log.recorded_at(last), ..cell });
            }
            Some(Stated::Whole(cell)) => {
                self.applicability.push(ApplicabilityCell {
                    confirmed_on,
                    updated_at: log.recorded_at(last),
                    ..cell
                });
            }
            None => {}
        }
    }
}

/// A row that states something.
enum Stated {
    Level(Cell),
    Whole(ApplicabilityCell),
}

/// A row of the log as a cell; none if it withdraws.
fn stated(log: &BodyLog, row: &Row) -> Option<Stated> {
    match (row.said(), row.channel) {
        (
            Said::Readiness { target, system, url, note, section, level, at_least, state, evidence },
            Some(channel),
        ) => Some(Stated::Level(Cell {
            procedure: row.procedure,
            channel,
            source: row.source,
            level: *level,
            at_least: *at_least,
            state: *state,
            evidence: *evidence,
            has_texts: url.is_some() || note.is_some() || section.is_some(),
            system: log.system(*system),
            target: *target,
            effective: row.effective,
            confirmed_on: None,
            updated_at: log.recorded_at(row),
            seq: row.seq,
            set_aside_by: None,
        })),
        (Said::Applicability { value, reason }, None) => Some(Stated::Whole(ApplicabilityCell {
            procedure: row.procedure,
            source: row.source,
            value: *value,
            has_texts: reason.is_some(),
            effective: row.effective,
            confirmed_on: None,
            updated_at: log.recorded_at(row),
            seq: row.seq,
            set_aside_by: None,
        })),
        // The tables refuse a level without a channel, and whether a procedure is performed with one.
        _ => None,
    }
}

fn later_cell(log: &BodyLog, row: &Row) -> LaterCell {
    match stated(log, row) {
        Some(Stated::Level(cell)) => LaterCell::Readiness(cell),
        Some(Stated::Whole(cell)) => LaterCell::Applicability(cell),
        None => LaterCell::Withdrawn {
            procedure: row.procedure,
            channel: row.channel,
            source: row.source,
            effective: row.effective,
            updated_at: log.recorded_at(row),
            seq: row.seq,
        },
    }
}

/// The rows that hold.
fn held(cells: &[Cell], applicability: &[ApplicabilityCell]) -> HashSet<RowKey> {
    let levels = cells.iter().map(Cell::row_key);
    levels.chain(applicability.iter().map(ApplicabilityCell::row_key)).collect()
}
