//! The country as it would be if something were stated that nobody has stated.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::body_log::BodyLog;
use super::build::{Builder, Rows};
use super::history::History;
use super::recorder::Writing;
use super::standing::Standings;
use super::{ApplicabilityCell, Block, Cell, Grid};
use crate::domain::log::Logged;
use crate::domain::position::{BodyIx, ProcedureIx};

/// Where numbers of rows begin that nobody has stated.
const SUPPOSED: i64 = i64::MAX - 0xFFFF_FFFF;

/// What is supposed of a body.
#[derive(Default)]
struct OfBody {
    writing: Writing,
    procedures: Vec<ProcedureIx>,
}

/// What is wanted of a country in which something is supposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything.
    All,
    /// Where bodies stand, which most figures are made of: of what they state and planned there is only what is
    /// supposed anew.
    Standings,
}

impl History {
    /// A country of this history with rows that nobody has stated, behind all others. Only what they are
    /// about is worked out anew.
    pub fn suppose(&self, country: &Grid, rows: impl Iterator<Item = Logged>, wanted: Wanted) -> Grid {
        let mut bodies: BTreeMap<BodyIx, OfBody> = BTreeMap::new();
        for (row, seq) in rows.zip(SUPPOSED..) {
            let of_body = bodies.entry(row.spot.body).or_default();
            of_body.procedures.push(row.spot.procedure);
            of_body.writing.add(&Logged { seq, ..row });
        }
        let builder = Builder::new(self, country.moment());
        let mut blocks: Vec<Arc<Block>> = country.blocks.to_vec();
        for (body, OfBody { writing, mut procedures }) in bodies {
            procedures.sort_unstable();
            procedures.dedup();
            let log = match wanted {
                Wanted::All => writing.finish_over(self.body(body), &procedures),
                Wanted::Standings => writing.finish(&BodyLog::default()),
            };
            let block = &mut blocks[usize::from(body)];
            *block = Arc::new(builder.renewed(block, &log, &procedures, wanted));
        }
        Grid { blocks: blocks.into(), ..country.clone() }
    }
}

impl Builder<'_> {
    /// The same block with what is supposed of some procedures, which stand in order. The log is all of theirs where
    /// everything is wanted, else what is supposed alone: behind all others and of the day itself, that holds.
    fn renewed(&self, old: &Block, log: &BodyLog, procedures: &[ProcedureIx], wanted: Wanted) -> Block {
        let Rows { cells, applicability, later, plans } = self.rows(log).unwrap_or_default();
        let (counts, standings) = (Arc::clone(&old.counts), Standings::default());
        let mut block = match wanted {
            Wanted::Standings => {
                let cells = over(procedures, |one| old.cells_of(one), cells, Cell::row_key);
                let applicability = over(
                    procedures,
                    |one| old.applicability_of(one),
                    applicability,
                    ApplicabilityCell::row_key,
                );
                let plans = plans.into();
                Block { cells, applicability, later: Box::default(), plans, counts, standings }
            }
            Wanted::All => Block {
                cells: replaced(&old.cells, cells, procedures, |cell| cell.procedure),
                applicability: replaced(&old.applicability, applicability, procedures, |cell| cell.procedure),
                later: replaced(&old.later, later.into_vec(), procedures, |cell| cell.key().0),
                plans: replaced(&old.plans, plans, procedures, |plan| plan.procedure),
                counts,
                standings,
            },
        };
        let precedence = self.precedence();
        procedures.iter().for_each(|procedure| block.settle_one(precedence, *procedure));
        block.standings =
            self.rules.standings_with(&old.standings, self.procedures, procedures, |procedure| {
                (block.counting(procedure), block.applicability_that_counts(procedure))
            });
        block
    }
}

/// What holds of some procedures, with what holds instead where something new does.
fn over<'b, T: Clone + 'b, K: Ord>(
    procedures: &[ProcedureIx],
    old: impl Fn(ProcedureIx) -> &'b [T],
    new: Vec<T>,
    key: impl Fn(&T) -> K,
) -> Box<[T]> {
    let before = procedures.iter().flat_map(|procedure| old(*procedure));
    let mut items: Vec<T> =
        before.filter(|item| new.iter().all(|one| key(one) != key(item))).cloned().collect();
    items.extend(new);
    items.sort_by_key(key);
    items.into()
}

/// What stands in order of procedure, with other items of some procedures.
fn replaced<T: Clone>(
    old: &[T],
    new: Vec<T>,
    procedures: &[ProcedureIx],
    of: impl Fn(&T) -> ProcedureIx,
) -> Box<[T]> {
    let mut items = Vec::with_capacity(old.len() + new.len());
    items.extend(old.iter().filter(|item| procedures.binary_search(&of(item)).is_err()).cloned());
    items.extend(new);
    items.sort_by_key(of);
    items.into()
}
