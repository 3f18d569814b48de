//! Columns right of a table that are no part of it and explain its marks: 凡例 over ○：申請可.

use crate::domain::text::cut;
use crate::import::headings::Headings;
use crate::import::marks::{explains, is_called_legend, is_mark_alone};
use crate::import::table::{Row, Table};

/// The columns of a table that hold its legend.
#[derive(Debug, Default)]
pub(super) struct LegendColumns {
    columns: Vec<usize>,
    /// What they say, as legends are written.
    pub(super) texts: Vec<String>,
}

impl LegendColumns {
    /// Those that call themselves a legend, and those without a heading in which each cell explains a mark.
    pub(super) fn find(table: &Table, headings: &Headings) -> Self {
        let rows = &table.rows[headings.next..];
        let mut found = Self::default();
        let is_open = |at: &usize| !headings.is_answered(*at);
        let named = (0..=headings.last()).rev().find(|at| !may_be_legend(headings.text(*at)));
        // What has no heading is a legend only where nothing of the table stands right of it.
        let beside = named.map_or(0, |at| at + 1);
        let width = rows.iter().map(Row::len).max().unwrap_or(0).max(headings.last() + 1);
        let called = |at: &usize| is_called_legend(headings.text(*at).trim());
        for at in (0..width).filter(|at| called(at) || *at >= beside).filter(is_open) {
            if !found.columns.contains(&at) {
                found.take(headings, rows, at);
            }
        }
        found
    }

    pub(super) fn contains(&self, column: usize) -> bool {
        self.columns.contains(&column)
    }

    /// Whether a row has nothing else than what explains marks.
    pub(super) fn is_all_of(&self, row: &Row) -> bool {
        let filled = || row.cells().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        !self.columns.is_empty() && filled().next().is_some() && filled().all(|(at, _)| self.contains(at))
    }

    /// What is told of them.
    pub(super) fn note(&self) -> Option<String> {
        let shown: Vec<&str> = self.texts.iter().map(|text| text.trim_start_matches("凡例　")).collect();
        let said = || format!("表の横の凡例を読みました: {}", cut(&shown.join("、"), 200));
        (!self.texts.is_empty()).then(said)
    }

    fn take(&mut self, headings: &Headings, rows: &[Row], at: usize) {
        let heading = headings.text(at).trim();
        let cells = || rows.iter().map(|row| (row, row.cell(at).trim())).filter(|(_, cell)| !cell.is_empty());
        let called = is_called_legend(heading);
        let own = Some(heading).filter(|text| explains_symbol(text));
        // Without its name a list of numbers may be one of procedures.
        let explained = cells().all(|(_, cell)| explains_symbol(cell) || (called && explains(cell)));
        let count = cells().count() + usize::from(own.is_some());
        // A column of data says the same again and again.
        let mut different: Vec<&str> = cells().map(|(_, cell)| cell).collect();
        different.sort_unstable();
        different.dedup();
        let distinct = different.len() == cells().count();
        if explained && distinct && count > usize::from(!called) {
            let texts = own.into_iter().chain(cells().map(|(_, cell)| cell));
            self.texts.extend(texts.map(|text| format!("凡例　{text}")));
            self.columns.push(at);
            return;
        }
        // A mark, and its words in the next column.
        let next = headings.text(at + 1).trim();
        let words = |row: &Row| !(row.cell(at + 1).trim().is_empty() || is_mark_alone(row.cell(at + 1)));
        let paired = cells().count() > 0 && cells().all(|(row, cell)| is_mark_alone(cell) && words(row));
        if called && distinct && paired && (next.is_empty() || next == heading || is_called_legend(next)) {
            let pair = |(row, mark): (&Row, &str)| format!("凡例　{mark}：{}", row.cell(at + 1).trim());
            self.texts.extend(cells().map(pair));
            self.columns.extend([at, at + 1]);
        }
    }
}

/// Whether a heading leaves open that a legend stands in its column.
fn may_be_legend(heading: &str) -> bool {
    let heading = heading.trim();
    heading.is_empty() || is_called_legend(heading) || explains_symbol(heading)
}

/// Whether a text explains a mark that is no number.
fn explains_symbol(text: &str) -> bool {
    let number = |c: char| c.is_numeric() && c != '〇';
    let bare = text.trim_start_matches(|c: char| "（(「【［[・※".contains(c) || c.is_whitespace());
    explains(text) && !bare.starts_with(number)
}
