//! A file as tables, and how large they may be.

use super::container::Container;
use super::facts::SheetFacts;
use super::row::Row;
use crate::domain::file_dates::SerialDays;
use crate::import::Fault;

/// A sheet or a text file as rows.
#[derive(Clone, Debug)]
pub(in crate::import) struct Table {
    /// Where it is from.
    pub(in crate::import) container: Container,
    /// Its rows, empty ones among them.
    pub(in crate::import) rows: Vec<Row>,
    /// How the workbook counts days.
    pub(in crate::import) serial_days: SerialDays,
    /// Legends and footnotes that were taken out of its rows, as they were written.
    pub(in crate::import) remarks: Vec<String>,
    /// Rows of other sheets of its file with facts: whose the tables of the file are.
    pub(in crate::import) cover: Vec<Row>,
    /// What of a sheet its cells alone do not tell.
    pub(in crate::import) facts: SheetFacts,
    /// By how many lines and columns its cells were moved, to stand behind those of another sheet.
    pub(in crate::import) offset: (u32, usize),
}

impl Table {
    /// The same with all its cells so many lines further down and columns further right.
    pub(in crate::import) fn moved(self, lines: u32, columns: usize) -> Self {
        if (lines, columns) == (0, 0) {
            return self;
        }
        let move_row = |row: &Row| Row {
            hidden: row.hidden,
            ..Row::new(row.line + lines, std::iter::repeat_n("", columns).chain(row.cells()))
        };
        Self { rows: self.rows.iter().map(move_row).collect(), offset: (lines, columns), ..self }
    }
}

/// A file as tables.
pub(in crate::import) struct Tables {
    /// One for text, one per visible sheet for a workbook.
    pub tables: Vec<Table>,
    /// Remarks on what was not read.
    pub notes: Vec<String>,
}

/// A file without a single row of data.
pub(in crate::import) fn no_rows() -> Fault {
    Fault::whole("no_rows", "データ行がありません。")
}
