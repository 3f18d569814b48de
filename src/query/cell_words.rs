//! Words for the codes of cells, as pages show them.

use crate::domain::applicability::Applicability;
use crate::domain::assertion::Fact;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::readiness::{Level, Scale, State};
use crate::grid::Grid;
use crate::grid::matrix::{CELL_CODES, CellPart, cell_code, level_code};

/// What a cell looks like: never two meanings alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum CellLook {
    /// Level 0.
    Nothing,
    /// Levels 1 and 2.
    Little,
    /// Level 3 and what is at least that.
    Offered,
    /// Levels 4 and 5.
    Complete,
    /// Prepared, out of season or suspended.
    Resting,
    /// Not performed by this body.
    NotPerformed,
    /// Nobody has answered.
    NoAnswer,
    /// No answer is expected.
    NotExpected,
}

/// A cell in words of three lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CellWords {
    /// How it looks.
    pub(crate) look: CellLook,
    /// One character.
    pub(crate) letter: &'static str,
    /// Some characters.
    pub(crate) short: &'static str,
    /// Some characters, in English.
    pub(crate) short_en: &'static str,
    /// The whole of it.
    pub(crate) label: String,
    /// The whole of it, in English.
    pub(crate) label_en: String,
}

/// The words of a code of [`CELL_CODES`] on a scale.
pub(crate) fn cell_words(code: &str, scale: Scale) -> CellWords {
    let digit = code.bytes().next().filter(u8::is_ascii_digit).map(|byte| byte - b'0');
    let Some(level) = digit.and_then(Level::new) else { return word_of(code) };
    let open = code.contains('+');
    let state = State::ALL.iter().find(|state| match state {
        State::Live => false,
        State::Prepared => code.ends_with('p'),
        State::Seasonal => code.ends_with('s'),
        State::Suspended => code.ends_with('x'),
    });
    let bare = open && scale == Scale::Online && level.number() == 3;
    let label = match (bare, open) {
        (true, _) => "オンライン可（範囲未確認）".to_owned(),
        (false, true) => format!("{}以上（範囲未確認）", level.label(scale)),
        (false, false) => level.label(scale).to_owned(),
    };
    let label_en = match (bare, open) {
        (true, _) => "accepted online, how far is not known".to_owned(),
        (false, true) => format!("at least: {}", level.meaning(scale)),
        (false, false) => level.meaning(scale).to_owned(),
    };
    if let Some(state) = state {
        return CellWords {
            look: CellLook::Resting,
            letter: state.letter().unwrap_or_default(),
            short: state.short_label().unwrap_or_default(),
            short_en: state.code(),
            label: format!("{label}（{}）", state.label()),
            label_en: format!("{label_en} ({})", state.meaning()),
        };
    }
    let look = match level.number() {
        0 => CellLook::Nothing,
        1 | 2 => CellLook::Little,
        3 => CellLook::Offered,
        _ => CellLook::Complete,
    };
    let (letter, short, short_en) = match bare {
        true => ("可", "可", "yes"),
        false => (level.letter(scale), level.short_label(scale), level.short_label_en(scale)),
    };
    CellWords { look, letter, short, short_en, label, label_en }
}

/// The words of a code that is no level.
fn word_of(code: &str) -> CellWords {
    let part = CELL_CODES.iter().find(|part| part.code == code);
    let look = match code {
        "no_answer" => CellLook::NoAnswer,
        "not_expected" => CellLook::NotExpected,
        _ => CellLook::NotPerformed,
    };
    let word = |of: fn(&CellPart) -> Option<&'static str>| part.and_then(of).unwrap_or_default();
    let (short_en, label_en) = match code {
        "na" => ("n/a", Applicability::NotApplicable.meaning()),
        "other_body" => ("other", Applicability::OtherBody.meaning()),
        "ab" => ("ended", Applicability::Abolished.meaning()),
        "no_answer" => ("…", "nobody has answered; not the same as nothing offered"),
        _ => ("", "no answer is expected"),
    };
    CellWords {
        look,
        letter: word(|part| part.letter),
        short: word(|part| part.short_label),
        short_en,
        label: part.map_or_else(String::new, |part| part.label.to_owned()),
        label_en: label_en.to_owned(),
    }
}

/// How what a body says of performing a procedure looks, where it does not perform it.
pub(crate) fn applicability_words(value: Applicability) -> Option<CellWords> {
    let code = match value {
        Applicability::Applicable => return None,
        Applicability::NotApplicable => "na",
        Applicability::OtherBody => "other_body",
        Applicability::Abolished => "ab",
    };
    Some(word_of(code))
}

/// The words of what a body has at the channels of a scale together, or why it has none; none where nobody has said
/// anything.
pub(crate) fn all_channels_words(
    grid: &Grid,
    body: BodyIx,
    procedure: ProcedureIx,
    scale: Scale,
) -> Option<CellWords> {
    let code = cell_code(grid, body, procedure, scale);
    (!["no_answer", "not_expected"].contains(&&*code)).then(|| cell_words(&code, scale))
}

/// The best level that a body has at the channels of a scale, in whatever state.
pub(crate) fn level_of_all(grid: &Grid, body: BodyIx, procedure: ProcedureIx, scale: Scale) -> Option<Level> {
    let code = cell_code(grid, body, procedure, scale);
    code.bytes().next().filter(u8::is_ascii_digit).map(|byte| byte - b'0').and_then(Level::new)
}

/// The words of a level that is stated.
pub(crate) fn stated_words(level: Level, at_least: bool, state: State, scale: Scale) -> CellWords {
    cell_words(&level_code(level, at_least, state), scale)
}

/// The words of what is stated of a row; of nothing that nobody has answered. None where it says that a procedure
/// is performed, and no more.
pub(crate) fn fact_words(fact: Option<&Fact>, scale: Scale) -> Option<CellWords> {
    match fact {
        None | Some(Fact::Withdrawn) => Some(word_of("no_answer")),
        Some(Fact::Applicability { value, .. }) => applicability_words(*value),
        Some(Fact::Readiness(said)) => Some(stated_words(said.level, said.at_least, said.state, scale)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_that_differ() {
        for (code, scale, look, letter) in [
            ("0", Scale::Online, CellLook::Nothing, "未"),
            ("2", Scale::Counter, CellLook::Little, "端"),
            ("3+", Scale::Online, CellLook::Offered, "可"),
            ("3", Scale::Online, CellLook::Offered, "一"),
            ("3+", Scale::Counter, CellLook::Offered, "書"),
            ("5", Scale::Online, CellLook::Complete, "完"),
            ("4p", Scale::Online, CellLook::Resting, "備"),
            ("3+x", Scale::Online, CellLook::Resting, "停"),
            ("na", Scale::Online, CellLook::NotPerformed, "外"),
            ("other_body", Scale::Online, CellLook::NotPerformed, "組"),
            ("no_answer", Scale::Online, CellLook::NoAnswer, "…"),
            ("not_expected", Scale::Online, CellLook::NotExpected, ""),
        ] {
            let words = cell_words(code, scale);
            assert_eq!((words.look, words.letter), (look, letter), "{code}");
            assert!(
                !words.label.is_empty() && (words.label_en.is_ascii() && !words.label_en.is_empty()),
                "{code}"
            );
        }
        assert_eq!(cell_words("3+", Scale::Counter).label, "書かない以上（範囲未確認）");
        assert_eq!(cell_words("3+", Scale::Online).label_en, "accepted online, how far is not known");
        assert_eq!(cell_words("na", Scale::Online).short_en, "n/a");
    }
}
