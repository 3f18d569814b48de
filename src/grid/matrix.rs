//! Bodies × procedures, one short code per cell and group.

use std::borrow::Cow;

use super::Cell;
use super::Grid;
use super::scorecard::expected_scales;
use crate::domain::applicability::Applicability;
use crate::domain::best::{Best, best};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::readiness::{Level, Scale, State};

/// The short code of a cell: see [`CELL_CODES`].
pub type CellCode = Cow<'static, str>;

/// A part of a cell code, or a whole one, for the code lists.
#[derive(Clone, Copy, Debug)]
pub struct CellPart {
    /// As it stands in the cell.
    pub code: &'static str,
    /// Its label.
    pub label: &'static str,
    /// The short label for cells, where there is one.
    pub short_label: Option<&'static str>,
    /// The word of one character for the smallest cells, where there is one.
    pub letter: Option<&'static str>,
    /// What it means, in Japanese.
    pub meaning_ja: &'static str,
    /// What it means, in English.
    pub meaning: &'static str,
}

/// Nobody has answered what is expected of the body.
const NO_ANSWER: &str = "no_answer";
/// Nobody has said anything, and no answer is expected of the body.
const NOT_EXPECTED: &str = "not_expected";

const fn part(
    code: &'static str,
    label: &'static str,
    words: (Option<&'static str>, Option<&'static str>),
    meaning_ja: &'static str,
    meaning: &'static str,
) -> CellPart {
    CellPart { code, label, short_label: words.0, letter: words.1, meaning_ja, meaning }
}

/// What the parts of a cell code mean.
pub const CELL_CODES: &[CellPart] = &[
    part("0-5", "段階", (None, None), "群の中でいちばん高い段階", "the best level of the group"),
    part(
        "+",
        "以上（範囲未確認）",
        (None, None),
        "少なくともこの段階とだけ分かる。オンラインの 3+ は「オンライン可（範囲未確認）」",
        "the source says only at least this level; 3+ online is a bare ○: online, how far is not known",
    ),
    part("p", "発災時に公開", (Some("備"), Some("備")), "状態は prepared", "state prepared"),
    part("s", "受付期間外", (Some("期間外"), Some("期")), "状態は seasonal", "state seasonal"),
    part("x", "停止中", (Some("停止"), Some("停")), "状態は suspended", "state suspended"),
    part(
        "na",
        "制度なし・該当なし",
        (Some("対象外"), Some("外")),
        "該当性は not_applicable",
        "applicability not_applicable",
    ),
    part(
        "other_body",
        "他団体の事務",
        (Some("組合"), Some("組")),
        "該当性は other_body",
        "applicability other_body",
    ),
    part("ab", "廃止", (Some("廃止"), Some("廃")), "該当性は abolished", "applicability abolished"),
    part(
        NO_ANSWER,
        "未回答",
        (Some("…"), Some("…")),
        "回答が期待される団体の、まだ誰も述べていないところ。段階0ではない",
        "an answer is expected of the body, and nobody has stated anything; not level 0",
    ),
    part(
        NOT_EXPECTED,
        "回答の対象でない",
        (Some("対象でない"), None),
        "その団体の手続でない、または窓口のない手続で、何も述べられていない",
        "no answer is expected: another kind of body performs it, or it has no counter; nothing is stated",
    ),
];

/// The code of one body, procedure and group.
///
/// The best level in force decides; where none is live, that of the prepared and seasonal
/// statements, and last that of suspended ones.
pub fn cell_code(grid: &Grid, body: BodyIx, procedure: ProcedureIx, scale: Scale) -> CellCode {
    let block = grid.block(body);
    match block.applicability_that_counts(procedure) {
        Applicability::Applicable => {}
        Applicability::NotApplicable => return "na".into(),
        Applicability::OtherBody => return "other_body".into(),
        Applicability::Abolished => return "ab".into(),
    }
    let cells =
        block.counting(procedure).filter(|cell| grid.catalogue().channel(cell.channel).scale == scale);
    let Some(best) = best(cells.map(Cell::held)) else {
        let expected = expected_scales(grid, body, procedure).any(|expected| expected == scale);
        return if expected { NO_ANSWER } else { NOT_EXPECTED }.into();
    };
    code_of(best)
}

fn code_of(best: Best) -> CellCode {
    level_code(best.level, best.open, best.state).into()
}

/// The code of a level that is stated: exactly or at least, and in which state.
pub fn level_code(level: Level, at_least: bool, state: State) -> String {
    let mut code = level.number().to_string();
    if at_least {
        code.push('+');
    }
    match state {
        State::Live => {}
        State::Prepared => code.push('p'),
        State::Seasonal => code.push('s'),
        State::Suspended => code.push('x'),
    }
    code
}
