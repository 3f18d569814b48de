//! What is stated and does not count because another statement goes before it, in codes and words.

use super::{Cell, Grid};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
pub use crate::domain::precedence::SetAside;
use crate::domain::precedence::{Said, Spoken, Word};
use crate::domain::readiness::Source;

/// What is set aside of all that is stated of a body and a procedure.
pub fn of(grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> Vec<SetAside> {
    let block = grid.block(body);
    let levels = block.cells_of(procedure).iter().map(|cell| (cell.word(), cell.set_aside_by));
    let wholes = block.applicability_of(procedure).iter().map(|cell| (cell.word(), cell.set_aside_by));
    levels
        .chain(wholes)
        .filter_map(|(word, by)| {
            let by = by?;
            Some(SetAside { word, by: block.words(procedure).find(|other| other.spoken() == by)? })
        })
        .collect()
}

/// What sets a cell aside, if it does not count.
pub fn of_cell(grid: &Grid, body: BodyIx, cell: &Cell) -> Option<SetAside> {
    let by = cell.set_aside_by?;
    let by = grid.block(body).words(cell.procedure).find(|other| other.spoken() == by)?;
    Some(SetAside { word: cell.word(), by })
}

/// A statement by its source and channel, such as `own:mynaportal`; `own:applicability` for one on the
/// procedure as a whole.
pub fn spoken_code(catalogue: &Catalogue, spoken: Spoken) -> String {
    let of = spoken.channel.map_or("applicability", |channel| catalogue.channel(channel).id.as_str());
    format!("{}:{of}", spoken.source)
}

/// A statement with what it says, such as `published:online:3+`.
pub fn word_code(catalogue: &Catalogue, word: &Word) -> String {
    let spoken = spoken_code(catalogue, word.spoken());
    match word.said {
        Said::Level { level, at_least, .. } => format!("{spoken}:{}", level.said_code(at_least)),
        Said::Applicability(value) => format!("{spoken}:{}", value.code()),
    }
}

/// Why a statement does not count, in Japanese.
pub fn sentence(catalogue: &Catalogue, one: &SetAside) -> String {
    let (word, by) = (words(catalogue, &one.word), words(catalogue, &one.by));
    if one.word.said == one.by.said {
        // Both agree: nothing of it is denied.
        return format!("{word}は、{by}と同じ内容です。");
    }
    format!("{word}は、{by}があるため使いません。")
}

/// The same in English.
pub fn sentence_en(catalogue: &Catalogue, one: &SetAside) -> String {
    let (word, by) = (words_en(catalogue, &one.word), words_en(catalogue, &one.by));
    if one.word.said == one.by.said {
        return format!("It takes {word} for the same as {by}.");
    }
    format!("It does not use {word}, because of {by}.")
}

fn words_en(catalogue: &Catalogue, word: &Word) -> String {
    let said = match word.said {
        Said::Level { channel, level, at_least } => {
            let more = if at_least { " or more" } else { "" };
            format!("{} level {level}{more}", catalogue.channel(channel).label_en)
        }
        Said::Applicability(value) => value.meaning().to_owned(),
    };
    let whose = match word.source {
        Source::Own => "the body's own",
        Source::Published => "the published",
    };
    format!("{whose} \"{said}\"")
}

fn words(catalogue: &Catalogue, word: &Word) -> String {
    let said = match word.said {
        Said::Level { channel, level, at_least } => {
            let channel = catalogue.channel(channel);
            format!("{} {}", channel.label_ja, level.in_words(at_least, Some(channel.scale)))
        }
        Said::Applicability(value) => value.label().to_owned(),
    };
    format!("{}「{said}」", word.source.label())
}
