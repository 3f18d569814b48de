//! Merged ranges of a sheet: what stands in the first cell is meant for all of them.

use std::rc::Rc;

use super::super::Fault;
use super::super::workbook::{CellRange, Sheet};
use super::check_text;

/// The ranges of a sheet, while its rows come by.
pub(super) struct Merges {
    /// Ascending by first row, the next one last.
    waiting: Vec<CellRange>,
    open: Vec<Merged>,
    filled: Vec<Merged>,
    /// No cell is made right of what the sheet has.
    width: usize,
}

/// A range that was filled.
#[derive(Clone, Debug)]
pub(in crate::import) struct Merged {
    pub(in crate::import) range: CellRange,
    /// What stands in its first cell.
    pub(in crate::import) text: Rc<str>,
    /// In how many other cells it was put.
    pub(in crate::import) cells: usize,
}

impl Merges {
    pub(super) fn new(sheet: &Sheet) -> Self {
        let mut waiting = sheet.merged.clone();
        waiting.sort_by_key(|range| std::cmp::Reverse(range.first_row));
        let last = sheet.rows.iter().filter_map(|row| row.cells.last()).map(|cell| cell.column).max();
        let width = last.map_or(0, |last| usize::try_from(last).unwrap_or(0) + 1);
        Self { waiting, open: Vec::new(), filled: Vec::new(), width }
    }

    /// Fills the cells of a row.
    ///
    /// # Errors
    ///
    /// Ranges that overlap, and more text than a file may have.
    pub(super) fn fill(&mut self, row: u32, cells: &mut Vec<String>) -> Result<(), Vec<Fault>> {
        let column = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        while let Some(range) = self.waiting.pop_if(|range| range.first_row <= row) {
            // A range whose first row holds nothing has nothing to fill with.
            let first = cells.get(column(range.first_column)).filter(|text| !text.is_empty());
            if let Some(text) = first.filter(|_| range.first_row == row) {
                self.open.push(Merged { range, text: Rc::from(text.as_str()), cells: 0 });
            }
            // Side by side there is no room for more: these overlap, which Excel never writes.
            if self.open.len() > self.width {
                self.close_before(row);
                if self.open.len() > self.width {
                    return Err(vec![Fault::whole(
                        "merged_cells",
                        "結合セルが重なっています。Excel で開き、保存し直してください。",
                    )]);
                }
            }
        }
        self.close_before(row);
        let mut filled = 0;
        for merged in &mut self.open {
            let end = (column(merged.range.last_column) + 1).min(self.width);
            if cells.len() < end {
                cells.resize(end, String::new());
            }
            for cell in cells.iter_mut().take(end).skip(column(merged.range.first_column)) {
                if cell.is_empty() {
                    filled += merged.text.len();
                    check_text(filled)?;
                    merged.text.as_ref().clone_into(cell);
                    merged.cells += 1;
                }
            }
        }
        Ok(())
    }

    fn close_before(&mut self, row: u32) {
        let done = self.open.extract_if(.., |merged| merged.range.last_row < row);
        self.filled.extend(done.filter(|merged| merged.cells > 0));
    }

    /// The ranges that were filled, by row and column.
    pub(super) fn finish(mut self) -> Vec<Merged> {
        self.close_before(u32::MAX);
        self.filled.sort_by_key(|merged| (merged.range.first_row, merged.range.first_column));
        self.filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_cells_hold_what_their_first_cell_holds() {
        let range = CellRange { first_row: 2, last_row: 3, first_column: 0, last_column: 1 };
        let mut merges = Merges { waiting: vec![range], open: Vec::new(), filled: Vec::new(), width: 3 };
        let mut filled = |row, cells: &[&str]| {
            let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            merges.fill(row, &mut cells).unwrap();
            cells
        };
        assert_eq!(filled(1, &["x"]), ["x"]);
        assert_eq!(filled(2, &["茨城県", "", "a"]), ["茨城県", "茨城県", "a"]);
        assert_eq!(filled(3, &["", "", "b"]), ["茨城県", "茨城県", "b"]);
        assert_eq!(filled(4, &["", "", "c"]), ["", "", "c"]);
        let told = merges.finish();
        assert_eq!((told[0].range.to_string().as_str(), told[0].cells), ("A2:B3", 3));
    }
}
