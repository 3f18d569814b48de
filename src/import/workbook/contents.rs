//! What a workbook contains.

use std::ops::RangeInclusive;

use super::place::{CellRange, Cells};

/// Stands for the value of a formula whose result the file does not have.
pub const NO_RESULT: &str = "#（結果なし）";

/// What a workbook contains.
#[derive(Debug, Clone, PartialEq)]
pub struct Workbook {
    /// The worksheets in the order of their tabs; chart sheets are left out.
    pub sheets: Vec<Sheet>,
    /// Whether day 0 of a date number is 1904-01-01 instead of 1899-12-30.
    pub date_1904: bool,
}

/// One worksheet. What is struck through (見え消し) is not in it, but counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// The text on the tab.
    pub name: String,
    /// Whether the tab is hidden.
    pub hidden: bool,
    /// The rows with at least one value, ascending.
    pub rows: Vec<SheetRow>,
    /// Merged ranges as stored; they may overlap and only the first cell of
    /// each is expected to hold a value.
    pub merged: Vec<CellRange>,
    /// Groups of hidden columns, counted from 0; they may overlap.
    pub hidden_groups: Vec<RangeInclusive<u32>>,
    /// The ranges of filters that are in force, of the sheet and of its tables.
    pub filters: Vec<CellRange>,
    /// Whether rows are hidden by criteria of any sort.
    pub filter_mode: bool,
    /// Cells that are not there because they are struck through.
    pub struck: Cells,
    /// Cells of which a part is not there because it is struck through.
    pub struck_in_part: Cells,
    /// Cells with a comment.
    pub comments: Cells,
    /// Where cells lead to an address: column from 0, row from 1.
    pub links: Vec<(u32, u32)>,
}

impl Sheet {
    /// Whether a hidden row was hidden by a filter, as far as the file tells: inside the range of one
    /// it does not say by what.
    pub fn is_filtered(&self, row: u32) -> bool {
        let inside = |range: &CellRange| range.first_row < row && row <= range.last_row;
        self.filters.iter().any(inside) || (self.filter_mode && self.filters.is_empty())
    }

    /// Of each column whether it is hidden; none where all can be seen.
    pub fn hidden_columns(&self) -> Vec<bool> {
        let mut hidden = Vec::new();
        for group in &self.hidden_groups {
            let (first, last) = (*group.start() as usize, *group.end() as usize);
            hidden.resize(hidden.len().max(last + 1), false);
            hidden[first..=last].fill(true);
        }
        hidden
    }
}

/// One row with at least one value.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetRow {
    /// The row number Excel shows, counted from 1.
    pub number: u32,
    /// Whether the row is hidden, by hand or by a filter.
    pub hidden: bool,
    /// The cells with a value, ascending by column.
    pub cells: Vec<SheetCell>,
}

/// One cell with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetCell {
    /// The column, counted from 0 (A).
    pub column: u32,
    /// The value as stored.
    pub value: CellValue,
    /// How Excel shows the value.
    pub format: NumberFormat,
    /// Whether Excel shows nothing of it.
    pub unseen: bool,
}

/// A stored value; for a formula, the result Excel last computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellValue {
    /// A text that is not empty.
    Text(String),
    /// The digits as stored; always a finite number.
    Number(String),
    /// A day, perhaps with a time, written out as ISO 8601 has it.
    Day(String),
    /// TRUE or FALSE.
    Bool(bool),
    /// An error such as `#N/A`.
    Error(String),
}

/// What the number format of a cell says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFormat {
    /// No format.
    General,
    /// `@`: typed as text.
    Text,
    /// Only zeros, such as `000000`: shown with leading zeros to this width.
    Zeros(u8),
    /// A date, as far as it is shown; perhaps with a time.
    Date(DateParts),
    /// A time of day, or how long something took.
    Time,
    /// A percentage.
    Percent,
    /// Anything else.
    Other,
}

/// What of a date is shown. With none of it a weekday is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateParts {
    /// The year, in whatever calendar.
    pub year: bool,
    /// The month.
    pub month: bool,
    /// The day of the month.
    pub day: bool,
    /// Whether 年度 stands behind the year.
    pub fiscal: bool,
}

impl DateParts {
    /// All of it.
    pub const DAY: Self = Self { year: true, month: true, day: true, fiscal: false };
}
