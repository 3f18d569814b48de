//! Rows and cells with their physical line numbers, whatever the container was.

mod facts;
mod merges;
mod sheets;
mod shown;
mod text;

use super::decode::Encoding;
use super::{Fault, Options, kinds, workbook};
use crate::domain::file_dates::SerialDays;
use crate::domain::text::visible;
pub(super) use facts::{SheetFacts, TO_READ_IT};

/// What the bytes turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// Delimited text.
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// `,` `;` or tab.
        delimiter: u8,
    },
    /// A sheet of an Excel workbook.
    Workbook {
        /// Name of the sheet.
        sheet: String,
    },
}

impl Container {
    /// Name of the sheet, in a workbook.
    pub fn sheet(&self) -> Option<&str> {
        match self {
            Self::Workbook { sheet } => Some(sheet),
            Self::Text { .. } => None,
        }
    }

    /// What is shown to people and recorded with the import.
    pub fn label(&self) -> String {
        match self {
            Self::Text { encoding, delimiter } => {
                let delimiter = match delimiter {
                    b'\t' => "タブ区切り",
                    b';' => "セミコロン区切り",
                    _ => "CSV",
                };
                format!("{} {delimiter}", encoding.label())
            }
            Self::Workbook { .. } => "xlsx".to_owned(),
        }
    }
}

/// One row; trailing cells may be missing. Its texts lie in one piece, because a large file has
/// millions of cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Physical line or row number, from 1.
    pub(super) line: u32,
    /// Whether it is hidden in the workbook.
    pub(super) hidden: bool,
    /// How many cells the line had, empty ones at its end among them.
    written: u32,
    text: Box<str>,
    /// Where each cell ends in `text`.
    ends: Box<[u32]>,
}

impl Row {
    /// A row of these cells: numbers as written, days of a workbook as YYYY-MM-DD, nothing invisible.
    pub(super) fn new<C: AsRef<str>>(line: u32, cells: impl IntoIterator<Item = C>) -> Self {
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
    pub(super) fn cell(&self, column: usize) -> &str {
        let Some(end) = self.ends.get(column) else { return "" };
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..*end as usize]
    }

    /// What all of its cells say that say anything; none where they differ.
    pub(super) fn only_text(&self) -> Option<&str> {
        let mut texts = self.cells().map(str::trim).filter(|text| !text.is_empty());
        let first = texts.next()?;
        texts.all(|text| text == first).then_some(first)
    }

    /// The same row with other cells.
    pub(super) fn with_cells(&self, cells: Vec<String>) -> Self {
        Self { hidden: self.hidden, written: self.written, ..Self::new(self.line, cells) }
    }

    /// The same row with other cells, as if it had been written so.
    pub(super) fn of_width(&self, cells: Vec<String>) -> Self {
        Self { hidden: self.hidden, ..Self::new(self.line, cells) }
    }

    /// How many cells the line had.
    pub(super) fn written(&self) -> usize {
        self.written as usize
    }

    /// How many cells it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The texts of its cells.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.cell(column))
    }

    /// Whether a text stands in any of its cells.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// Whether no cell holds anything.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A sheet or a text file as rows.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Where it is from.
    pub(super) container: Container,
    /// Its rows, empty ones among them.
    pub(super) rows: Vec<Row>,
    /// How the workbook counts days.
    pub(super) serial_days: SerialDays,
    /// Legends and footnotes that were taken out of its rows, as they were written.
    pub(super) remarks: Vec<String>,
    /// What of a sheet its cells alone do not tell.
    pub(super) facts: SheetFacts,
    /// By how many lines and columns its cells were moved, to stand behind those of another sheet.
    pub(super) offset: (u32, usize),
}

impl Table {
    /// The same with all its cells so many lines further down and columns further right.
    pub(super) fn moved(self, lines: u32, columns: usize) -> Self {
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
pub(super) struct Tables {
    /// One for text, one per visible sheet for a workbook.
    pub tables: Vec<Table>,
    /// Remarks on what was not read.
    pub notes: Vec<String>,
}

/// Most columns a table may have.
const MAX_COLUMNS: usize = 2_000;
/// Most cells a table may have.
const MAX_CELLS: usize = 4_000_000;
/// Most cells of one line, empty ones at its end among them: what a spreadsheet can write.
const MAX_WRITTEN: usize = 16_384;
/// Most lines of a text file: a row costs memory, however short it is. A sheet has as many.
const MAX_LINES: usize = 1_048_576;

/// Reads a file into its tables.
///
/// # Errors
///
/// See [`super::read`].
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Tables, Vec<Fault>> {
    let tables = match kinds::kind(bytes) {
        kinds::Kind::Other(fault) => return Err(vec![fault]),
        kinds::Kind::Package => {
            let book = workbook::read(bytes, &workbook::Limits::default())
                .map_err(|error| vec![kinds::no_workbook(bytes, &error)])?;
            sheets::from_workbook(book, options)?
        }
        kinds::Kind::Text => text::from_text(bytes, options)?,
    };
    if tables.tables.iter().all(|table| table.rows.iter().all(Row::is_empty)) {
        let facts = tables.tables.into_iter().next().map(|table| table.facts).unwrap_or_default();
        return Err(facts.explain(vec![no_rows()], options.hidden));
    }
    Ok(tables)
}

/// A file without a single row of data.
pub(super) fn no_rows() -> Fault {
    Fault::whole("no_rows", "データ行がありません。")
}

fn check_size(columns: usize, cells: usize, line: u32) -> Result<(), Vec<Fault>> {
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

fn too_many_columns(columns: usize, line: u32) -> Vec<Fault> {
    vec![
        Fault::whole("too_many_columns", format!("{line}行目に{columns}列あります。"))
            .at_line(line)
            .allowing(format!("{MAX_COLUMNS}列まで")),
    ]
}

/// Most text of one file, in bytes, once cells that share theirs are filled.
pub(super) const MAX_TEXT: usize = 100 * 1024 * 1024;

/// Refuses more text than a file may have.
pub(super) fn check_text(bytes: usize) -> Result<(), Vec<Fault>> {
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
