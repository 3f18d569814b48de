//! The country as it would be if something were stated that nobody has stated.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::body_log::BodyLog;
use super::build::{Builder, Rows};
use super::history::History;
use super::recorder::Writing;
use super::standing::Standings;
use super::{ApplicabilityCell, Block, Cell, Grid};
use crate::domain::log::{Logged, Outline};
use crate::domain::position::{BodyIx, ProcedureIx};

/// Where numbers of rows begin that nobody has stated.
const SUPPOSED: i64 = i64::MAX - 0xFFFF_FFFF;

/// What is supposed of a body.
#[derive(Default)]
struct OfBody {
    writing: Writing,
    procedures: Vec<ProcedureIx>,
    /// Whether any is of another day than the country, or takes something back: what holds hangs on the log then.
    hangs_on_the_log: bool,
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
            of_body.hangs_on_the_log |=
                row.effective.on != country.as_of() || row.outline == Outline::Withdrawn;
            of_body.writing.add(&Logged { seq, ..row });
        }
        let builder = Builder::new(self, country.moment());
        let mut blocks: Vec<Arc<Block>> = country.blocks.to_vec();
        for (body, OfBody { writing, mut procedures, hangs_on_the_log }) in bodies {
            procedures.sort_unstable();
            procedures.dedup();
            let old = &blocks[usize::from(body)];
            let rows = if wanted == Wanted::All || hangs_on_the_log {
                builder.rows(&writing.finish_over(self.body(body), &procedures)).unwrap_or_default()
            } else {
                builder.rows(&writing.finish(&BodyLog::default())).unwrap_or_default().over(old, &procedures)
            };
            blocks[usize::from(body)] = Arc::new(builder.renewed(old, rows, &procedures, wanted));
        }
        Grid { blocks: blocks.into(), ..country.clone() }
    }
}

impl Builder<'_> {
    /// The same block where these are the rows of some procedures, which stand in order.
    fn renewed(&self, old: &Block, rows: Rows, procedures: &[ProcedureIx], wanted: Wanted) -> Block {
        let Rows { cells, applicability, later, plans } = rows;
        let (counts, standings) = (Arc::clone(&old.counts), Standings::default());
        let mut block = match wanted {
            Wanted::Standings => {
                let (cells, applicability, plans) = (cells.into(), applicability.into(), plans.into());
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

impl Rows {
    /// The same with what holds of some procedures beside it.
    fn over(self, old: &Block, procedures: &[ProcedureIx]) -> Self {
        let cells = procedures.iter().flat_map(|procedure| old.cells_of(*procedure));
        let applicability = procedures.iter().flat_map(|procedure| old.applicability_of(*procedure));
        Self {
            cells: beside(cells, self.cells, Cell::row_key),
            applicability: beside(applicability, self.applicability, ApplicabilityCell::row_key),
            ..self
        }
    }
}

/// What is new, and of what was there what is about something else.
fn beside<'b, T: Clone + 'b, K: Ord>(
    old: impl Iterator<Item = &'b T>,
    new: Vec<T>,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let others = old.filter(|item| new.iter().all(|one| key(one) != key(item)));
    let mut items: Vec<T> = others.cloned().collect();
    items.extend(new);
    items.sort_by_key(key);
    items
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
