//! Bodies × procedures, one short code per cell and group.

use super::Cell;
use super::Grid;
use super::standing::{Rules, applicability};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::readiness::{Scale, State};

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
/// The best statement in force decides; where none is in force, the best of the others.
pub fn cell_code(
    grid: &Grid,
    rules: &Rules<'_>,
    body: BodyIx,
    procedure: ProcedureIx,
    scale: Scale,
) -> Option<CellCode> {
    let block = grid.block(body);
    match applicability(block, procedure) {
        Applicability::Applicable => {}
        Applicability::NotApplicable => return Some("na".to_owned()),
        Applicability::OtherBody => return Some("ob".to_owned()),
        Applicability::Abolished => return Some("ab".to_owned()),
    }
    let cells = rules.counting(block.cells_of(procedure));
    let best = cells
        .filter(|cell| grid.catalogue().channel(cell.channel).scale == scale)
        .max_by_key(|cell| (cell.state != State::Suspended, cell.level, !cell.at_least))?;
    Some(code_of(best))
}

fn code_of(cell: &Cell) -> CellCode {
    let mut code = cell.level.number().to_string();
    if cell.at_least {
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
