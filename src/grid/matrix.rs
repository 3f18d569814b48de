//! Bodies × procedures, one short code per cell and group.

use super::Cell;
use super::Grid;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::readiness::{Level, Scale, State};

/// The short code of a cell: see [`CELL_CODES`].
pub type CellCode = String;

/// What the parts of a cell code mean, for the code lists.
pub const CELL_CODES: &[(&str, &str, &str)] = &[
    ("0-5", "段階", "the best level of the group"),
    ("+", "以上（範囲未確認）", "the source says only at least this level"),
    ("p", "発災時に公開", "state prepared"),
    ("s", "受付期間外", "state seasonal"),
    ("x", "停止中", "state suspended"),
    ("na", "制度なし・該当なし", "not_applicable"),
    ("ob", "他団体の事務", "other_body"),
    ("ab", "廃止", "abolished"),
    ("null", "未回答", "no_answer"),
];

/// The code of one body, procedure and group; `None` is no answer.
///
/// The best level in force decides; where none is live, that of the prepared and seasonal
/// statements, and last that of suspended ones.
pub fn cell_code(grid: &Grid, body: BodyIx, procedure: ProcedureIx, scale: Scale) -> Option<CellCode> {
    let block = grid.block(body);
    match block.applicability_that_counts(procedure) {
        Applicability::Applicable => {}
        Applicability::NotApplicable => return Some("na".to_owned()),
        Applicability::OtherBody => return Some("ob".to_owned()),
        Applicability::Abolished => return Some("ab".to_owned()),
    }
    let cells =
        block.counting(procedure).filter(|cell| grid.catalogue().channel(cell.channel).scale == scale);
    // Of two equals the exact one: more than the highest level there is not.
    let best = cells.clone().max_by_key(|cell| (rank(cell.state), cell.level, !cell.at_least))?;
    let may_be_more = |cell: &Cell| cell.at_least && rank(cell.state) == rank(best.state);
    let open = best.at_least || best.level < Level::MAX && cells.clone().any(may_be_more);
    Some(code_of(best, open))
}

/// How much a state counts beside others.
fn rank(state: State) -> u8 {
    match state {
        State::Live => 2,
        State::Prepared | State::Seasonal => 1,
        State::Suspended => 0,
    }
}

fn code_of(cell: &Cell, open: bool) -> CellCode {
    let mut code = cell.level.number().to_string();
    if open {
        code.push('+');
    }
    match cell.state {
        State::Live => {}
        State::Prepared => code.push('p'),
        State::Seasonal => code.push('s'),
        State::Suspended => code.push('x'),
    }
    code
}
