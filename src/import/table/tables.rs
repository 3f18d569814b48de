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

/// Most columns a table may have.
pub(super) const MAX_COLUMNS: usize = 2_000;

/// Most cells a table may have.
pub(super) const MAX_CELLS: usize = 4_000_000;

/// Most cells of one line, empty ones at its end among them: what a spreadsheet can write.
pub(super) const MAX_WRITTEN: usize = 16_384;

/// Most lines of a text file: a row costs memory, however short it is. A sheet has as many.
pub(super) const MAX_LINES: usize = 1_048_576;

/// A file without a single row of data.
pub(in crate::import) fn no_rows() -> Fault {
    Fault::whole("no_rows", "データ行がありません。")
}

pub(super) fn check_size(columns: usize, cells: usize, line: u32) -> Result<(), Vec<Fault>> {
    if columns > MAX_COLUMNS {
        return Err(too_many_columns(columns, line));
    }
    if cells > MAX_CELLS {
        return Err(vec![
            Fault::whole("too_many_cells", "セルの数が多すぎます。").allowing(format!("{MAX_CELLS}セルまで")),
        ]);
    }
    Ok(())
}

pub(super) fn too_many_columns(columns: usize, line: u32) -> Vec<Fault> {
    vec![
        Fault::whole("too_many_columns", format!("{line}行目に{columns}列あります。"))
            .at_line(line)
            .allowing(format!("{MAX_COLUMNS}列まで")),
    ]
}

/// Most text of one file, in bytes, once cells that share theirs are filled.
pub(in crate::import) const MAX_TEXT: usize = 100 * 1024 * 1024;

/// Refuses more text than a file may have.
pub(in crate::import) fn check_text(bytes: usize) -> Result<(), Vec<Fault>> {
    if bytes <= MAX_TEXT {
        return Ok(());
    }
    Err(vec![
        Fault::whole(
            "too_large",
            "セルの文字を合わせると大きすぎます（結合セルや「上の値で埋める」を含む）。",
        )
        .allowing(format!("{} MB まで", MAX_TEXT >> 20)),
    ])
}
