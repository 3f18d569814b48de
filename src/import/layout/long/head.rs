//! Where the columns of the long layout stand in a table.

use std::collections::HashMap;

use crate::domain::catalogue::Catalogue;
use crate::import::headings::{Candidates, Headings};
use crate::import::layout::column::Column;
use crate::import::layout::head::{FoundHead, Head};
use crate::import::layout::sheet::side_by_side;
use crate::import::layout::which_of;
use crate::import::{Fault, Options};

/// Where each column stands.
pub(super) struct LongHead {
    pub(super) headings: Headings,
    pub(super) columns: HashMap<Column, usize>,
}

/// Finds the headings: a body, a procedure, and what is said of them. `None` if there are none, a
/// fault if they name a column twice.
pub(in crate::import::layout) fn find(
    candidates: &Candidates<'_>,
    _: &Catalogue,
    _: &Options,
) -> Option<FoundHead> {
    find_head(candidates, false)
}

/// The same where no column names a body: a list of one body that the sender names.
pub(in crate::import::layout) fn find_without_body(
    candidates: &Candidates<'_>,
    _: &Catalogue,
    _: &Options,
) -> Option<FoundHead> {
    find_head(candidates, true)
}

fn find_head(candidates: &Candidates<'_>, bodiless: bool) -> Option<FoundHead> {
    let named = |headings: &Headings| -> Vec<(usize, Column)> {
        let column = |at: usize, spelt| Column::spelt(headings.meaning(at), spelt);
        headings.spelt().iter().filter_map(|(at, spelt)| Some((*at, column(*at, spelt)?))).collect()
    };
    let headings = candidates.best(|headings| {
        let named = named(headings);
        let has = |columns: &[Column]| named.iter().any(|(_, other)| columns.contains(other));
        let body = has(&[Column::MunicipalityCode, Column::MunicipalityName]);
        let procedure = has(&[Column::ProcedureId, Column::ProcedureName]);
        let says = has(&[Column::Channel, Column::Level, Column::Applicability, Column::State]);
        if (body || bodiless) && procedure && says { named.len() } else { 0 }
    })?;
    let named = named(&headings);
    Some(head_of(headings, &named).map(|head| Box::new(head) as Box<dyn Head>))
}

fn head_of(headings: Headings, named: &[(usize, Column)]) -> Result<LongHead, Vec<Fault>> {
    // Where one of these goes by its own name, another under a synonym is somebody's own. What names a
    // row must not stand twice under any name.
    const OWN_FIRST: [Column; 9] = [
        Column::Channel,
        Column::Level,
        Column::Section,
        Column::Url,
        Column::System,
        Column::Note,
        Column::TargetLevel,
        Column::TargetOn,
        Column::ApplicabilityReason,
    ];
    let own = |position: usize, column: Column| column.is_named(headings.meaning(position));
    let settled: Vec<Column> = (named.iter())
        .filter(|(position, column)| OWN_FIRST.contains(column) && own(*position, *column))
        .map(|(_, column)| *column)
        .collect();
    let meant =
        named.iter().filter(|(position, column)| !settled.contains(column) || own(*position, *column));
    let meant: Vec<(usize, Column)> = meant.copied().collect();
    let faults = which_of::faults(&headings, &meant);
    let columns = meant.into_iter().map(|(position, column)| (column, position)).collect();
    if faults.is_empty() {
        return Ok(LongHead { headings, columns });
    }
    Err(side_by_side(&headings).map_or(faults, |fault| vec![fault]))
}
