//! What a cell says of a procedure.

use super::cell::Cell;
use super::meaning::Meaning;
use super::words;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::{Evidence, Level, Scale};
use crate::domain::shared::SharedText;
use crate::domain::text::fold_mark;
use crate::import::{Fallback, Field, ReadinessPatch, Said};

/// What an everyday word such as 対象外 says of a procedure as a whole.
pub(in crate::import) fn absence(text: &str) -> Option<Applicability> {
    match words::usual(&fold_mark(text), Scale::Online) {
        Some(Meaning::Applicability(value)) => Some(value),
        _ => None,
    }
}

/// The same where other words may stand behind it: 廃止（R6.4.1）.
pub(in crate::import) fn absence_in(text: &str) -> Option<Applicability> {
    let folded = fold_mark(text);
    absence(&folded).or_else(|| absence(folded.split(['(', ' ', ':', '、']).next()?))
}

/// The level that a column of plans names on a scale: a number, the name of a level or both, or a mark
/// for more than nothing. What is planned is planned in full: "at least" says nothing more.
pub(in crate::import) fn planned_level(text: &str, scale: Scale) -> Option<Level> {
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
pub(in crate::import) fn said(
    cell: &Cell,
    text: &str,
    channel: ChannelIx,
    evidence: Option<Evidence>,
) -> Option<Said> {
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
        system: keep_or(&cell.system),
        url: keep_or(&cell.url),
        target_level: cell.plan.map_or(Field::Keep, |_| Field::Set(cell.target)),
        target_on: cell.plan.flatten().map_or(Field::Keep, Field::Set),
        unless_known,
        ..ReadinessPatch::default()
    };
    Some(Said::Readiness(channel, Box::new(patch)))
}
