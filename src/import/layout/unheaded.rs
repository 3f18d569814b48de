//! A table of marks without headings: its columns are spoken of by their letters.

use crate::import::headings::{Headings, holds_marks};
use crate::import::marks::Profile;
use crate::import::table::{Row, Table};

use super::unknown::is_mark;

/// Gives the first table of marks above which no headings stand such headings as a spreadsheet shows: A列, B列. What
/// was found of it, in Japanese.
pub(super) fn name_by_letters(tables: &mut [Table]) -> Option<String> {
    tables.iter_mut().find_map(|table| {
        let at = first_row(table)?;
        let told = told(&table.rows[at..]);
        let width = table.rows[at..].iter().map(Row::len).max().unwrap_or(0);
        // It stands in no line of the file.
        let line = table.rows[at].line.saturating_sub(1);
        table.rows.insert(at, Row::new(line, (0..width).map(Headings::letters)));
        Some(told)
    })
}

/// Where the marks of a table begin above which nothing stands but titles and numbers.
fn first_row(table: &Table) -> Option<usize> {
    /// So far down headings are looked for.
    const ROWS: usize = 40;
    /// Fewer rows get headings sooner than each of their columns is explained.
    const LEAST: usize = 3;
    let rows = &table.rows[..table.rows.len().min(ROWS)];
    let at = rows.iter().position(holds_marks)?;
    let filled = |row: &Row| row.cells().filter(|cell| !cell.trim().is_empty()).count();
    // ①②③ name nothing.
    let is_no_heading =
        |row: &Row| row.only_text().is_some() || row.cells().all(|cell| cell.trim().chars().count() <= 1);
    let marked = rows[at..].iter().filter(|row| holds_marks(row) && filled(row) > 1).count();
    (rows[..at].iter().all(|row| row.is_empty() || is_no_heading(row)) && marked >= LEAST).then_some(at)
}

/// How many marks stand where.
fn told(rows: &[Row]) -> String {
    /// So many rows are counted.
    const ROWS: usize = 10_000;
    let profile = Profile::default_marks();
    let (mut count, mut columns, mut lines) = (0_usize, Vec::new(), (u32::MAX, 0));
    for row in rows.iter().take(ROWS) {
        for (at, cell) in row.cells().enumerate().filter(|(_, cell)| !cell.trim().is_empty()) {
            if is_mark(&profile, cell.trim()) {
                count += 1;
                columns.push(at);
                lines = (lines.0.min(row.line), lines.1.max(row.line));
            }
        }
    }
    columns.sort_unstable();
    let ends = [columns.first(), columns.last()].map(|at| Headings::letters(at.copied().unwrap_or_default()));
    let [first, last] = &ends;
    let columns = if first == last { first.clone() } else { format!("{first}〜{last}") };
    format!(
        "○や×などの印が{count}か所（{columns}、{}〜{}行目）にありますが、見出しの行が見つかりません。表の1行目に「団体名」か「手続名」と、手続や接点の名前の見出しを足して送り直すか、それぞれの列が何か（columns）を指定してください。",
        lines.0, lines.1
    )
}
