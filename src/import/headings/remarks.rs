//! What stands around the headings and is neither heading nor data.

use super::legend::is_legend_alone;
use super::row::Headings;
use crate::import::marks::is_called_legend;
use crate::import::table::{Row, Table};

/// Marks of one character, as rows of data have them and headings do not.
pub(super) const MARKS: &[&str] =
    &["○", "〇", "◯", "●", "◎", "×", "✕", "✖", "✗", "△", "▲", "✓", "✔", "☑", "□", "■"];

/// Whether a row holds marks, as rows of data do and headings do not.
pub(in crate::import) fn holds_marks(row: &Row) -> bool {
    row.cells().any(|cell| MARKS.contains(&cell.trim().trim_end_matches(['\u{FE0E}', '\u{FE0F}'])))
}

/// What stands above the headings: titles, legends, notes.
pub(in crate::import) fn remarks_above(table: &Table, headings: &Headings) -> Vec<String> {
    let first = headings.first;
    let mut seen: Vec<&str> = Vec::new();
    for cell in table.rows[..first].iter().flat_map(Row::cells).map(str::trim) {
        if !cell.is_empty() && !seen.contains(&cell) {
            seen.push(cell);
        }
    }
    /// So many are shown; a form may have a whole page above its table.
    const SHOWN: usize = 20;
    seen.into_iter().take(SHOWN).map(str::to_owned).collect()
}

/// The same by rows: what stands in one row is one remark.
pub(in crate::import) fn rows_above(table: &Table, headings: &Headings) -> Vec<String> {
    /// So many are shown.
    const SHOWN: usize = 20;
    let one = |row: &Row| {
        let mut cells: Vec<&str> = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        cells.dedup();
        cells.join("　")
    };
    let mut rows: Vec<String> = Vec::new();
    for row in table.rows[..headings.first].iter().map(one).filter(|row| !row.is_empty()) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows.truncate(SHOWN);
    rows
}

/// Whether a row below the headings explains the marks, however many cells that takes.
pub(in crate::import) fn is_legend(row: &Row) -> bool {
    let mut filled = row.cells().map(str::trim).filter(|cell| !cell.is_empty());
    filled.next().is_some_and(|first| {
        is_called_legend(first) || (is_legend_alone(first) && filled.all(is_legend_alone))
    })
}

/// Whether a text explains a mark: ○：対応済み.
fn explains_mark(text: &str) -> bool {
    let mut chars = text.chars();
    let mark = chars.next().is_some_and(|c| !c.is_alphanumeric());
    mark && matches!(chars.next(), Some('：' | ':'))
}

/// Whether a row below the headings is a footnote.
pub(in crate::import) fn is_footnote(row: &Row) -> bool {
    let mut cells = row.cells().map(str::trim).filter(|cell| !cell.is_empty());
    cells.next().filter(|first| cells.all(|cell| cell == *first)).is_some_and(|first| {
        first.starts_with('※')
            || explains_mark(first)
            || ["注）", "注)", "（注", "(注", "注：", "注:", "備考："]
                .iter()
                .any(|mark| first.starts_with(mark))
    })
}
