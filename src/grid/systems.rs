//! Products and joint systems as they are stated: spellings that fold alike are one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::Grid;
use super::filter::StatementFilter;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::shared::SharedText;
use crate::domain::text::fold_for_search;

/// Place of a system in [`Systems`], counted from 1.
pub type SystemIx = u16;

/// The systems that were met, each once.
#[derive(Debug, Default)]
pub struct Systems {
    by_spelling: HashMap<SharedText, SystemIx>,
    by_folded: HashMap<String, SystemIx>,
    first: Vec<SharedText>,
}

impl Systems {
    /// The place of a system; the last one where there are more than can be counted.
    pub fn place(&mut self, name: &SharedText) -> SystemIx {
        if let Some(ix) = self.by_spelling.get(name) {
            return *ix;
        }
        let first = &mut self.first;
        let ix = *self.by_folded.entry(fold_for_search(name)).or_insert_with(|| {
            first.push(name.clone());
            SystemIx::try_from(first.len()).unwrap_or(SystemIx::MAX)
        });
        self.by_spelling.insert(name.clone(), ix);
        ix
    }

    /// The spelling in which a system was met first.
    pub fn name(&self, ix: SystemIx) -> Option<&SharedText> {
        self.first.get(usize::from(ix).checked_sub(1)?)
    }
}

/// Who uses a system, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Its spellings as stated, with the statements in which each stands: the most used first.
    pub spellings: Vec<(SharedText, u32)>,
    /// The bodies.
    pub bodies: BTreeSet<BodyIx>,
    /// The procedures.
    pub procedures: BTreeSet<ProcedureIx>,
    /// Statements that name it.
    pub statements: u32,
    /// The first day from which one of them is true.
    pub first_on: Option<NaiveDate>,
}

/// The systems that some statements name, those of most bodies first. Of each channel the word that counts is
/// read.
pub fn used(
    grid: &Grid,
    bodies: &[BodyIx],
    procedures: &[ProcedureIx],
    filter: &StatementFilter,
) -> Vec<Use> {
    let mut systems = Systems::default();
    let mut found: BTreeMap<SystemIx, (Use, HashMap<SharedText, u32>)> = BTreeMap::new();
    for body in bodies {
        let block = grid.block(*body);
        for cell in procedures.iter().flat_map(|procedure| block.counting(*procedure)) {
            let Some(name) = cell.system.as_ref().filter(|_| filter.passes(grid, *body, cell)) else {
                continue;
            };
            let (of, spellings) = found.entry(systems.place(name)).or_default();
            *spellings.entry(name.clone()).or_default() += 1;
            of.bodies.insert(*body);
            of.procedures.insert(cell.procedure);
            of.statements += 1;
            of.first_on = of.first_on.into_iter().chain([cell.effective.on]).min();
        }
    }
    let mut all: Vec<Use> = found
        .into_values()
        .map(|(of, spellings)| {
            let mut spellings: Vec<(SharedText, u32)> = spellings.into_iter().collect();
            spellings.sort_by(|(one, count), (two, other)| other.cmp(count).then_with(|| one.cmp(two)));
            Use { spellings, ..of }
        })
        .collect();
    let name = |of: &Use| of.spellings.first().map(|(name, _)| name.to_string());
    all.sort_by_cached_key(|of| (std::cmp::Reverse((of.bodies.len(), of.statements)), name(of)));
    all
}
