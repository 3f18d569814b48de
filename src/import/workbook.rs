//! Reads the cells of an Excel workbook (.xlsx) that somebody uploaded.
//!
//! The bytes are hostile until proven otherwise: a file of a few kilobytes may
//! claim to unpack to gigabytes, may place one cell in the last row of the
//! last column, or may repeat one long text a million times. So every quantity
//! that costs memory or time is bounded by [`Limits`], and it is counted while
//! reading; the sizes a file claims about itself are never trusted.
//!
//! This module knows nothing but the byte slice it is given. It must not know
//! where the bytes came from, what the columns mean, the database or HTTP; it
//! writes nothing, follows no link and evaluates no formula.

mod error;
mod format;
mod package;
mod parts;
mod place;
mod runs;
mod sheet;
#[cfg(test)]
mod tests;

pub use error::WorkbookError;
pub use place::{CellRange, Cells, letters, reference};

use std::ops::RangeInclusive;

use package::Package;
use parts::{Kind, Strings};
use sheet::{Shared, SheetBuilder, Spent};

type Outcome<T> = Result<T, WorkbookError>;

/// How much of a workbook is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes all the parts read may unpack to together. The same number bounds
    /// the bytes of text in all cells, because one stored string may be shown
    /// in any number of them.
    pub unpacked_bytes: u64,
    /// Entries of the zip archive.
    pub entries: usize,
    /// Unpacked bytes per packed byte of one part, once it exceeds 1 MiB.
    pub ratio: u64,
    /// Cells from column A to the last value of each row, in all sheets
    /// together. Empty ones in between count, because whoever lays the rows
    /// out as a table pays for them.
    pub cells: usize,
    /// Columns of a sheet: how far right a cell with a value may stand.
    pub columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked_bytes: 100 * 1024 * 1024, entries: 200, ratio: 100, cells: 4_000_000, columns: 2_000 }
    }
}

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

/// Whether the bytes are a workbook of the Office Open XML family, judged by
/// content. True also for the kinds [`read`] refuses with an explanation
/// (.xlsm, .xlsb), because no other reader would do better with them.
pub fn is_workbook(bytes: &[u8]) -> bool {
    let limits = Limits {
        // The list of content types is a few kilobytes.
        unpacked_bytes: 1 << 20,
        ..Limits::default()
    };
    Package::open(bytes, &limits)
        .and_then(|mut package| parts::kind(&mut package))
        .is_ok_and(|kind| kind.is_some())
}

/// The names of what an archive holds, as they are stored; none of an archive that is broken or has
/// too many of them.
pub fn names(bytes: &[u8], limits: &Limits) -> Vec<Vec<u8>> {
    let package = Package::open(bytes, limits);
    package.map(|package| package.names().map(<[u8]>::to_vec).collect()).unwrap_or_default()
}

/// Reads all worksheets of a workbook, the hidden ones too.
///
/// # Errors
///
/// The first reason found to refuse the file; nothing is returned in part.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, WorkbookError> {
    let mut package = Package::open(bytes, limits)?;
    match parts::kind(&mut package)? {
        Some(Kind::Plain) => {}
        Some(Kind::Macro) => return Err(WorkbookError::Macro),
        Some(Kind::Binary) => return Err(WorkbookError::Binary),
        None if package.is_open_document() => return Err(WorkbookError::OpenDocument),
        None => return Err(WorkbookError::NotWorkbook),
    }
    if package.has_external_links() {
        return Err(WorkbookError::ExternalLink);
    }
    let root = parts::relations(&mut package, "")?;
    let main = root.first("officeDocument").unwrap_or("xl/workbook.xml");
    let relations = parts::relations(&mut package, main)?;
    let main = parts::main(&mut package, main)?;
    let styles = match relations.first("styles") {
        Some(part) => parts::styles(&mut package, part)?,
        None => Vec::new(),
    };
    let struck = styles.iter().any(|style| style.struck);
    let strings = match relations.first("sharedStrings") {
        Some(part) => parts::shared_strings(&mut package, part, struck)?,
        None => Strings::default(),
    };
    let shared = Shared { styles, strings, uncomputed: main.uncomputed };
    let mut spent = Spent::default();
    let mut sheets = Vec::new();
    for tab in main.tabs {
        let Some(part) = relations.worksheet(&tab.relation) else {
            continue;
        };
        let mut builder = SheetBuilder::new(tab.name, tab.hidden, limits, &shared, &mut spent);
        if package.walk(part, |at, node| builder.take(at, node))? {
            let mut sheet = builder.finish();
            add_what_lies_beside(&mut package, part, &mut sheet)?;
            sheets.push(sheet);
        }
    }
    if sheets.is_empty() {
        return Err(WorkbookError::NoSheet);
    }
    Ok(Workbook { sheets, date_1904: main.date_1904 })
}

/// Adds what other parts say of a sheet: the filters of its tables, and comments.
fn add_what_lies_beside(package: &mut Package<'_>, part: &str, sheet: &mut Sheet) -> Outcome<()> {
    let relations = parts::relations(package, part)?;
    for table in relations.all("table") {
        sheet.filters.extend(parts::table_filter(package, table)?);
    }
    sheet.comments = parts::comments(package, &relations)?;
    Ok(())
}
