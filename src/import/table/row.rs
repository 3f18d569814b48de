//! One row of a table.

use crate::domain::text::visible;

/// One row; trailing cells may be missing. Its texts lie in one piece, because a large file has
/// millions of cells.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Row {
    /// Physical line or row number, from 1.
    pub(in crate::import) line: u32,
    /// Whether it is hidden in the workbook.
    pub(in crate::import) hidden: bool,
    /// How many cells the line had, empty ones at its end among them.
    pub(super) written: u32,
    pub(super) text: Box<str>,
    /// Where each cell ends in `text`.
    pub(super) ends: Box<[u32]>,
}

impl Row {
    /// A row of these cells: numbers as written, days of a workbook as YYYY-MM-DD, nothing invisible.
    pub(in crate::import) fn new<C: AsRef<str>>(line: u32, cells: impl IntoIterator<Item = C>) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for cell in cells {
            text.push_str(&visible(cell.as_ref()));
            // A file is bounded far below four gigabytes.
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        let written = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        Self { line, hidden: false, written, text: text.into(), ends: ends.into() }
    }

    /// Text of a cell; empty where there is none.
    pub(in crate::import) fn cell(&self, column: usize) -> &str {
        let Some(end) = self.ends.get(column) else { return "" };
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..*end as usize]
    }

    /// What all of its cells say that say anything; none where they differ.
    pub(in crate::import) fn only_text(&self) -> Option<&str> {
        let mut texts = self.cells().map(str::trim).filter(|text| !text.is_empty());
        let first = texts.next()?;
        texts.all(|text| text == first).then_some(first)
    }

    /// The same row with other cells.
    pub(in crate::import) fn with_cells(&self, cells: Vec<String>) -> Self {
        Self { hidden: self.hidden, written: self.written, ..Self::new(self.line, cells) }
    }

    /// The same row with other cells, as if it had been written so.
    pub(in crate::import) fn of_width(&self, cells: Vec<String>) -> Self {
        Self { hidden: self.hidden, ..Self::new(self.line, cells) }
    }

    /// How many cells the line had.
    pub(in crate::import) fn written(&self) -> usize {
        self.written as usize
    }

    /// How many cells it has.
    pub(in crate::import) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The texts of its cells.
    pub(in crate::import) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.cell(column))
    }

    /// Whether a text stands in any of its cells.
    pub(in crate::import) fn contains(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// Whether no cell holds anything.
    pub(in crate::import) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_cells_apart() {
        let row = Row::new(7, ["あ", "", "い"]);
        assert_eq!((row.cell(0), row.cell(1), row.cell(2), row.cell(3)), ("あ", "", "い", ""));
        assert_eq!(row.cells().collect::<Vec<_>>(), ["あ", "", "い"]);
    }
}
