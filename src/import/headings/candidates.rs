//! Which rows of a table may be its headings.

use std::cell::OnceCell;

use super::legend::are_legends;
use super::over::{is_of_facts, over};
use super::remarks::{MARKS, holds_marks};
use super::row::Headings;
use crate::import::Options;
use crate::import::table::{Row, Table};

/// How far down headings are looked for.
const ROWS: usize = 40;

/// What may be the headings of a table: a row, or two or three together, each also without a common beginning.
/// Made when it is first asked for, and once for all layouts.
pub(in crate::import) struct Candidates<'t> {
    /// The table.
    pub table: &'t Table,
    options: &'t Options,
    /// Each with how many rows it takes.
    found: OnceCell<Vec<(usize, Headings)>>,
}

/// Headings take as many rows.
const DEEPEST: usize = 3;

impl<'t> Candidates<'t> {
    /// Those of a table, with what the sender says of them.
    pub(in crate::import) fn new(table: &'t Table, options: &'t Options) -> Self {
        Self { table, options, found: OnceCell::new() }
    }

    /// Those that give the most to `score`; among equals those whose headings differ, fewer rows before
    /// more, and the first. `None` if nothing scores.
    pub(in crate::import) fn best(&self, score: impl Fn(&Headings) -> usize) -> Option<Headings> {
        let mut best: Option<((usize, bool, usize), &Headings)> = None;
        for (deep, headings) in self.found.get_or_init(|| self.all()) {
            let read = score(headings);
            if read == 0 {
                continue;
            }
            // A column that is left out says as well as any other which rows are the headings.
            let whole = headings.with_left_out();
            let found = whole.as_ref().map_or(read, |whole| score(whole).max(read));
            // What stands twice in one row is told apart by the row above it.
            let worth = (found, whole.as_ref().unwrap_or(headings).are_distinct(), DEEPEST - deep);
            if best.as_ref().is_none_or(|(least, _)| worth > *least) {
                best = Some((worth, headings));
            }
        }
        best.map(|(_, headings)| headings.clone())
    }

    fn all(&self) -> Vec<(usize, Headings)> {
        let rows = &self.table.rows[..self.table.rows.len().min(ROWS)];
        let mut all = Vec::new();
        let over = over(rows, is_data);
        let is_fact = |at: usize| at < over && is_of_facts(&rows[at]);
        let may_head =
            |at: usize, row: &Row| !(row.is_empty() || is_data(row) || are_legends(row) || is_fact(at));
        for (at, row) in rows.iter().enumerate().filter(|(at, row)| may_head(*at, row)) {
            let single = Headings::of_row(at, row);
            let keys = single.plain_keys();
            let is_plain = keys.is_some();
            let row_at = |at: usize| rows.get(at).filter(|row| !(are_legends(row) || is_fact(at)));
            let two = row_at(at + 1).filter(|below| joins(row, below, keys.as_deref().unwrap_or_default()));
            let goes_down = |two: &Row, below: &Row| {
                leads_down(row, two) && leads_down(row, below) && !holds_marks(below) && !is_data(below)
            };
            let third = |two| row_at(at + 2).filter(|below| spans(two, below) || goes_down(two, below));
            let three = two.and_then(third);
            let deep = 1 + usize::from(two.is_some()) + usize::from(three.is_some());
            let several = (2..=deep).map(|deep| (deep, Headings::of_rows(at, &rows[at..at + deep])));
            for (deep, headings) in std::iter::once((1, single)).chain(several) {
                let headings = headings.with_rows_below(rows).with_legends(rows);
                let bare = headings.without_prefix();
                let both = std::iter::once(headings).chain(bare);
                all.extend(both.map(|headings| (deep, headings.explained(self.options))));
            }
            // What stands below a row that can be nothing else is data, whatever words it holds.
            if is_plain {
                break;
            }
        }
        all
    }
}

/// Whether much of a row is marks or levels, as of no row of headings.
fn is_data(row: &Row) -> bool {
    let is_mark =
        |cell: &str| matches!(cell.as_bytes(), [b'0'..=b'5'] | [b'0'..=b'5', b'+']) || MARKS.contains(&cell);
    let filled = || row.cells().map(str::trim).filter(|cell| !cell.is_empty());
    let marks = filled().filter(|cell| is_mark(cell)).count();
    marks > 0 && marks * 3 > filled().count()
}

/// Whether two rows are headings together; `keys` are columns in which the upper one says what rows are about,
/// below which a row of data has something else.
fn joins(upper: &Row, lower: &Row, keys: &[usize]) -> bool {
    let other = |column: &usize| {
        let (above, below) = (upper.cell(*column).trim(), lower.cell(*column).trim());
        !below.is_empty() && above != below
    };
    spans(upper, lower) && !keys.iter().any(other)
}

/// Whether the upper of two rows names groups of what stands in the lower one: some of its cells
/// reach over several columns, or over both rows. A row of headings above a row of data does not.
fn spans(upper: &Row, lower: &Row) -> bool {
    let width = upper.len().max(lower.len());
    // A cell merged over both rows may say its text in the upper one alone.
    let reaches = leads_down(upper, lower)
        || (0..width).any(|column| {
            let (above, below) = (upper.cell(column).trim(), lower.cell(column).trim());
            let wide = column > 0 && !above.is_empty() && above == upper.cell(column - 1).trim();
            (above.is_empty() && !below.is_empty()) || (!above.is_empty() && above == below) || wide
        });
    reaches && !is_title(upper) && !holds_marks(upper) && !holds_marks(lower)
}

/// Whether the first cell of a row may be merged over a lower one.
fn leads_down(upper: &Row, lower: &Row) -> bool {
    !upper.cell(0).trim().is_empty() && lower.cell(0).trim().is_empty()
}

/// Whether a row has one text alone, from its first column on: a title, and no group of headings.
fn is_title(row: &Row) -> bool {
    let first = row.cell(0).trim();
    !first.is_empty() && row.cells().map(str::trim).all(|cell| cell.is_empty() || cell == first)
}
