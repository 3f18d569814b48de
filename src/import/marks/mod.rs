//! What the marks of a file mean. ○ × △ ◎ mean something else in every file, so a profile says it;
//! a mark that no profile knows stops the import with a question.

mod cell;
mod default;
mod legend;
mod meaning;
mod pieces;
mod place;
mod plans;
mod profile;
mod questions;
mod words;

pub use default::{DefaultMark, default_marks};
pub use meaning::{Binary, Meaning};
pub(super) use place::Place;
pub(super) use plans::is_title_of_plans;
pub use plans::planned;
pub(super) use profile::EMPTY;
pub use profile::{
    BUILT_IN, DEFAULT, DIGITAL_AGENCY, MAX_MARK, MAX_MARKS, Profile, check_mark, is_on_one_scale, parse_marks,
};
pub use questions::{Choice, Question};
pub use words::is_dash;

pub(super) use cell::{Cell, Read, Unread};
pub(super) use legend::{Legend, explained_code, explained_in_cells};
pub(super) use meaning::says_nothing;
pub(super) use questions::{Open, Questions, likeliest_first, way};
pub(super) use words::{level, looks_like, offered};

use super::{Fallback, Field, ReadinessPatch, Said};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::{Evidence, Level, Scale};
use crate::domain::shared::SharedText;
use crate::domain::text::fold_mark;

/// What stands behind a value that the state published, in tables that are written for people.
pub const OF_THE_STATE: &str = "（国）";

/// What an everyday word such as 対象外 says of a procedure as a whole.
pub(super) fn absence(text: &str) -> Option<Applicability> {
    match words::usual(&fold_mark(text), Scale::Online) {
        Some(Meaning::Applicability(value)) => Some(value),
        _ => None,
    }
}

/// The same where other words may stand behind it: 廃止（R6.4.1）.
pub(super) fn absence_in(text: &str) -> Option<Applicability> {
    let folded = fold_mark(text);
    absence(&folded).or_else(|| absence(folded.split(['(', ' ', ':', '、']).next()?))
}

/// The level that a column of plans names on a scale: a number, the name of a level or both, or a mark
/// for more than nothing. What is planned is planned in full: "at least" says nothing more.
pub(super) fn planned_level(text: &str, scale: Scale) -> Option<Level> {
    let folded = fold_mark(text);
    let named = |text: &str| match words::usual(text, scale)? {
        Meaning::Level(level, _) => Some(level),
        Meaning::Full => Some(Level::FOUR),
        _ => None,
    };
    if let Some(level) = named(&folded) {
        // × and 未 plan nothing; 0 and 紙 name a level.
        let is_level = words::level(&folded).is_some() || words::is_label(&folded, scale);
        return (level > Level::ZERO || is_level).then_some(level);
    }
    let (number, name) = folded.split_once([' ', '(', ':'])?;
    let (level, _) = words::level(number)?;
    (named(name.trim().trim_end_matches(')')) == Some(level)).then_some(level)
}

/// What a cell says on a channel; `None` if it says nothing. A mark speaks of the level alone
/// unless a word for a state stands in it: how it is known stays as it was.
pub(super) fn said(cell: &Cell, text: &str, channel: ChannelIx, evidence: Option<Evidence>) -> Option<Said> {
    let keep_or = |text: &Option<SharedText>| text.clone().map_or(Field::Keep, Field::Set);
    let note = keep_or(&cell.note);
    let (level, unless_known) = match cell.meaning {
        Meaning::Nothing => return None,
        Meaning::Applicability(value) => return Some(Said::Applicability(value, note)),
        Meaning::Level(level, at_least) => (Some((level, at_least)), None),
        // Whoever lays columns side by side has resolved them already.
        Meaning::Full => (Some((Level::THREE, true)), None),
        Meaning::Elsewhere => (Some((Level::ZERO, false)), None),
        Meaning::Planned(_) => (None, Some(Fallback::LevelOfToday)),
        Meaning::State(_) | Meaning::Note => (None, Some(Fallback::Nothing)),
    };
    let note = if cell.meaning == Meaning::Note { Field::Set(text.into()) } else { note };
    let patch = ReadinessPatch {
        level,
        state: cell.state,
        evidence,
        note,
        url: keep_or(&cell.url),
        target_level: cell.plan.map_or(Field::Keep, |_| Field::Set(cell.target)),
        target_on: cell.plan.flatten().map_or(Field::Keep, Field::Set),
        unless_known,
        ..ReadinessPatch::default()
    };
    Some(Said::Readiness(channel, Box::new(patch)))
}
