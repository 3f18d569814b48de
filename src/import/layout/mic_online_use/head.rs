//! Where the blocks of the survey stand, and what each of their columns holds.

use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::text::fold_for_match;
use crate::import::Options;
use crate::import::headings::{CODE, Candidates, Headings, JOINT, NAME, PREFECTURE};
use crate::import::layout::head::FoundHead;
use crate::import::layout::sheet::{BodyColumns, column};
use crate::import::resolve::Procedures;
use crate::import::table::{Row, Table};

/// How far down the headings are looked for.
const HEADING_ROWS: usize = 40;
/// How far above the headings of a block the name of its procedure may stand.
const ROWS_OF_NAMES: usize = 4;

/// What a column of a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Whether the procedure is performed: 有 or 無.
    Performed,
    /// Whether it is offered online: 済 or 未.
    Online,
    All,
    ByOnline,
    Rate,
}

fn what(heading: &str) -> Option<What> {
    let folded = fold_for_match(heading);
    let has = |text: &str| folded.contains(text);
    if has("有無") || has("有/無") || has("有・無") || has("実施の有") {
        Some(What::Performed)
    } else if has("率") {
        Some(What::Rate)
    } else if has("件数") {
        Some(if has("総") || !has("オンライン") { What::All } else { What::ByOnline })
    } else if has("済/未")
        || has("済・未")
        || has("済未")
        || has("オンライン化の状況")
        || has("オンライン化状況")
    {
        Some(What::Online)
    } else {
        None
    }
}

/// The columns of one procedure.
pub(super) struct Block {
    /// Its name as the file has it, and what the sender says of it.
    pub name: String,
    pub procedure: Option<ProcedureIx>,
    pub columns: Vec<(usize, What)>,
    /// Columns of the block that nothing is known of.
    pub others: Vec<usize>,
}

impl Block {
    pub(super) fn column(&self, wanted: What) -> Option<usize> {
        self.columns.iter().find(|(_, what)| *what == wanted).map(|(at, _)| *at)
    }
}

/// Where things stand in a sheet.
pub(super) struct SurveyHead {
    pub(super) headings: Headings,
    pub(super) place: BodyColumns,
    pub(super) blocks: Vec<Block>,
}

impl SurveyHead {
    /// Whether a column belongs to a block.
    pub(super) fn holds(&self, at: usize) -> bool {
        let read = |block: &Block| block.columns.iter().any(|(column, _)| *column == at);
        self.blocks.iter().any(|block| read(block) || block.others.contains(&at))
    }
}

/// Finds the row that tells the columns of the blocks apart, with names of procedures above it.
pub(in crate::import::layout) fn find(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    let table = candidates.table;
    let rows = &table.rows[..table.rows.len().min(HEADING_ROWS)];
    let at = rows.iter().position(|row| {
        let found: Vec<What> = row.cells().filter_map(what).collect();
        [What::Performed, What::Online, What::All].iter().all(|wanted| found.contains(wanted))
    })?;
    let procedures = Procedures::new(catalogue, &options.names);
    let names = (at.saturating_sub(ROWS_OF_NAMES)..at)
        .rev()
        .find(|above| rows[*above].cells().any(|cell| procedures.of_heading(cell).is_some()))?;
    let (texts, starts) = texts(table, names, at);
    let headings = Headings::of_texts(table, names..at + 1, texts).explained(options);
    let single = |names| column(&headings, names);
    let (name, prefecture) = (single(NAME), single(PREFECTURE));
    let place = BodyColumns {
        code: single(CODE),
        name: name.or(prefecture),
        prefecture: prefecture.filter(|_| name.is_some()),
        ..BodyColumns::default()
    };
    let blocks = blocks(&headings, &starts, &procedures);
    if !place.exists() || blocks.is_empty() {
        return None;
    }
    Some(Ok(Box::new(SurveyHead { headings, place, blocks })))
}

/// The headings of the columns, and the column in which the block of each begins.
fn texts(table: &Table, names: usize, at: usize) -> (Vec<String>, Vec<Option<usize>>) {
    let width = table.rows[..=at].iter().map(Row::len).max().unwrap_or(0);
    let mut begin: Option<usize> = None;
    let mut texts = Vec::with_capacity(width);
    let mut starts = Vec::with_capacity(width);
    for column in 0..width {
        let name = |column: usize| table.rows[names].cell(column).trim();
        let below = table.rows[at].cell(column).trim();
        // A merged cell says the same in each of its columns.
        let repeated = begin.is_some_and(|begin| name(begin) == name(column));
        if !name(column).is_empty() && !repeated && name(column) != below {
            begin = Some(column);
        }
        let in_block = begin.filter(|_| !below.is_empty() && name(column) != below);
        let lowest = || {
            let above = table.rows[..=at].iter().rev().map(|row| row.cell(column).trim());
            above.into_iter().find(|cell| !cell.is_empty()).unwrap_or_default().to_owned()
        };
        // 有／無 is one heading, and not one below another.
        let joined = |begin| format!("{}{JOINT}{}", name(begin), below.replace(JOINT, "/"));
        texts.push(in_block.map_or_else(lowest, joined));
        starts.push(in_block);
    }
    (texts, starts)
}

fn blocks(headings: &Headings, starts: &[Option<usize>], procedures: &Procedures<'_>) -> Vec<Block> {
    let mut blocks: Vec<(usize, Block)> = Vec::new();
    for (at, text) in headings.all() {
        let Some(start) = starts.get(at).copied().flatten() else { continue };
        let Some((name, below)) = text.rsplit_once(JOINT) else { continue };
        if blocks.last().is_none_or(|(begun, _)| *begun != start) {
            let procedure = procedures.of_heading(name);
            let block = Block { name: name.to_owned(), procedure, columns: Vec::new(), others: Vec::new() };
            blocks.push((start, block));
        }
        if let Some((_, block)) = blocks.last_mut() {
            match what(below) {
                Some(what) => block.columns.push((at, what)),
                None => block.others.push(at),
            }
        }
    }
    blocks.into_iter().map(|(_, block)| block).filter(|block| !block.columns.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_headings() {
        for (heading, expected) in [
            ("手続の有無", Some(What::Performed)),
            ("有／無", Some(What::Performed)),
            ("オンライン化の状況", Some(What::Online)),
            ("済／未", Some(What::Online)),
            ("年間総手続件数", Some(What::All)),
            ("総件数", Some(What::All)),
            ("オンライン手続件数", Some(What::ByOnline)),
            ("オンライン\n利用率（％）", Some(What::Rate)),
            ("システム名", None),
        ] {
            assert_eq!(what(heading), expected, "{heading}");
        }
    }
}
