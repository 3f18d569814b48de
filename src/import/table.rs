//! Rows and cells with their physical line numbers, whatever the container was.

use super::Fault;
use super::decode::{Encoding, decode};
use super::workbook::{self, CellValue, NumberFormat, Workbook};

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

/// One row; trailing cells may be missing.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Physical line or row number, from 1.
    pub line: u32,
    /// Text of the cells; numbers as written, days of a workbook as YYYY-MM-DD.
    pub cells: Vec<String>,
}

impl Row {
    /// Text of a cell; empty where there is none.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// Whether no cell holds anything.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// A sheet or a text file as rows.
#[derive(Clone, Debug)]
pub struct Table {
    /// Where it is from.
    pub container: Container,
    /// Its rows, empty ones among them.
    pub rows: Vec<Row>,
}

/// Most columns a table may have.
const MAX_COLUMNS: usize = 2_000;
/// Most cells a table may have.
const MAX_CELLS: usize = 4_000_000;

/// Reads a file into its tables: one for text, one per visible sheet for a workbook.
///
/// # Errors
///
/// See [`super::read`].
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Table>, Vec<Fault>> {
    if bytes.starts_with(b"%PDF") {
        return Err(vec![Fault::whole(
            "pdf",
            "PDF ファイルです。元の Excel ファイル（.xlsx）か CSV を選んでください。",
        )]);
    }
    let zipped = bytes.starts_with(b"PK\x03\x04");
    let old_office = bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
    let tables = if zipped || old_office {
        let book = workbook::read(bytes, &workbook::Limits::default())
            .map_err(|error| vec![Fault::whole(error.code(), error.ja())])?;
        from_workbook(book)
    } else {
        vec![from_text(bytes)?]
    };
    if tables.iter().all(|table| table.rows.iter().all(Row::is_empty)) {
        return Err(vec![Fault::whole("no_rows", "データ行がありません。")]);
    }
    Ok(tables)
}

fn from_text(bytes: &[u8]) -> Result<Table, Vec<Fault>> {
    let (text, encoding) = decode(bytes)?;
    let delimiter = find_delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut cells = 0;
    let mut lines = LineCounter::new(&text);
    let mut record = csv::StringRecord::new();
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let more = reader
            .read_record(&mut record)
            .map_err(|cause| vec![Fault::whole("csv", format!("CSV として読めません: {cause}"))])?;
        if !more {
            break;
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let line = lines.line_of_record(start);
        check_quotes(&text, start..end, &record, line)?;
        cells += record.len();
        check_size(record.len(), cells, line)?;
        rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
    }
    Ok(Table { container: Container::Text { encoding, delimiter }, rows })
}

/// Counts physical lines: the csv crate's own count lags behind where lines end with CR LF.
struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line on which the record that is read from `start` begins: line ends before it may
    /// still be unread.
    fn line_of_record(&mut self, start: usize) -> u32 {
        let start = start.min(self.bytes.len());
        let pending = self.bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        while self.at < start + pending {
            let lone_return = self.bytes[self.at] == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n');
            if self.bytes[self.at] == b'\n' || lone_return {
                self.line += 1;
            }
            self.at += 1;
        }
        self.line
    }
}

/// The delimiter that stands in the most of the first lines, outside quotes; among equals the one
/// that stands there most often.
fn find_delimiter(text: &str) -> u8 {
    const LINES: usize = 30;
    let score = |delimiter: u8| {
        let mut quoted = false;
        let mut lines = 0;
        let mut all = 0;
        for line in text.lines().take(LINES) {
            let mut here = 0;
            for byte in line.bytes() {
                match byte {
                    b'"' => quoted = !quoted,
                    other if other == delimiter && !quoted => here += 1,
                    _ => {}
                }
            }
            lines += usize::from(here > 0);
            all += here;
        }
        (lines, all)
    };
    [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|delimiter| score(*delimiter))
        .filter(|delimiter| score(*delimiter).0 > 0)
        .unwrap_or(b',')
}

/// The csv crate takes a quote that is never closed for the rest of the file in one field.
fn check_quotes(
    text: &str,
    range: std::ops::Range<usize>,
    record: &csv::StringRecord,
    line: u32,
) -> Result<(), Vec<Fault>> {
    const MAX_FIELD_BYTES: usize = 32 * 1024;
    const MAX_LINE_BREAKS: usize = 50;
    let raw = text.get(range.clone()).unwrap_or_default();
    let last = record.iter().next_back().unwrap_or_default();
    let unclosed = range.end >= text.len()
        && raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
        && raw.ends_with(&format!("\"{}", last.replace('"', "\"\"")));
    let monstrous = record
        .iter()
        .any(|field| field.len() > MAX_FIELD_BYTES || field.matches('\n').count() > MAX_LINE_BREAKS);
    if unclosed || monstrous {
        return Err(vec![
            Fault::whole(
                "unclosed_quote",
                format!("{line}行目から始まる引用符「\"」が閉じていません（または1つのセルが長すぎます）。"),
            )
            .at_line(line)
            .allowing("引用符は2つ1組、1セルは32KB・改行50回まで"),
        ]);
    }
    Ok(())
}

fn check_size(columns: usize, cells: usize, line: u32) -> Result<(), Vec<Fault>> {
    if columns > MAX_COLUMNS {
        return Err(vec![
            Fault::whole("too_many_columns", format!("{line}行目に{columns}列あります。"))
                .at_line(line)
                .allowing(format!("{MAX_COLUMNS}列まで")),
        ]);
    }
    if cells > MAX_CELLS {
        return Err(vec![
            Fault::whole("too_many_cells", "セルの数が多すぎます。").allowing(format!("{MAX_CELLS}セルまで")),
        ]);
    }
    Ok(())
}

fn from_workbook(book: Workbook) -> Vec<Table> {
    let date_1904 = book.date_1904;
    book.sheets
        .into_iter()
        .filter(|sheet| !sheet.hidden)
        .map(|sheet| {
            let rows = sheet.rows.into_iter().map(|row| workbook_row(row, date_1904)).collect();
            Table { container: Container::Workbook { sheet: sheet.name }, rows }
        })
        .collect()
}

fn workbook_row(row: workbook::SheetRow, date_1904: bool) -> Row {
    let mut cells: Vec<String> = Vec::with_capacity(row.cells.len());
    for cell in row.cells {
        let column = usize::try_from(cell.column).unwrap_or(usize::MAX);
        // The reader has bounded the column already.
        if column >= cells.len() {
            cells.resize(column + 1, String::new());
        }
        cells[column] = match cell.value {
            CellValue::Text(text) | CellValue::Error(text) => text,
            CellValue::Bool(value) => value.to_string(),
            CellValue::Number(raw) if cell.format == NumberFormat::Date => {
                excel_day(&raw, date_1904).unwrap_or(raw)
            }
            CellValue::Number(raw) => match cell.format {
                // Shown as 082333: the format is the sender's word for the lost zeros.
                NumberFormat::Zeros(digits) => {
                    format!("{:0>width$}", whole_number(&raw), width = usize::from(digits))
                }
                _ => whole_number(&raw),
            },
        };
    }
    Row { line: row.number, cells }
}

/// `82333.0` is how some programs store the whole number 82333.
fn whole_number(raw: &str) -> String {
    match raw.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole.to_owned(),
        _ => raw.to_owned(),
    }
}

/// The day of a serial number in a date cell. Serial 60 is a day that never was.
fn excel_day(raw: &str, date_1904: bool) -> Option<String> {
    let serial: i64 = raw.split('.').next()?.parse().ok()?;
    let (first, serial) = if date_1904 {
        (chrono::NaiveDate::from_ymd_opt(1904, 1, 1)?, serial)
    } else if serial > 60 {
        (chrono::NaiveDate::from_ymd_opt(1899, 12, 30)?, serial)
    } else if serial == 60 {
        return None;
    } else {
        (chrono::NaiveDate::from_ymd_opt(1899, 12, 31)?, serial)
    };
    let day = first.checked_add_signed(chrono::Duration::try_days(serial)?)?;
    Some(day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_physical_through_quoted_breaks() {
        for (text, expected) in [
            ("a,\"b\r\nc\"\r\n\r\nd,e\r\nf,g\r\n", [1, 4, 5]),
            ("a,\"b\nc\"\n\nd,e\nf,g", [1, 4, 5]),
            ("a,b\r\rd,e\rf,g\r", [1, 3, 4]),
        ] {
            let table = from_text(text.as_bytes()).unwrap();
            let lines: Vec<u32> = table.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
        let table = from_text("a,\"b\r\nc\"\r\n".as_bytes()).unwrap();
        assert_eq!(table.rows[0].cell(1), "b\r\nc");
        assert_eq!(table.rows[0].cell(9), "");
    }

    #[test]
    fn delimiters_are_found() {
        for (text, delimiter) in [
            ("a,b\n", b','),
            ("a\tb,c\td\n", b'\t'),
            ("a;b;c\n", b';'),
            ("a\n", b','),
            ("a\tb\n1\tx,y,z,w\n", b'\t'),
        ] {
            assert_eq!(find_delimiter(text), delimiter, "{text}");
        }
    }

    #[test]
    fn an_unclosed_quote_names_its_line() {
        let faults = from_text(b"a,b\n1,\"2\n3,4\n5,6\n").unwrap_err();
        assert_eq!((faults[0].code.as_str(), faults[0].line), ("unclosed_quote", Some(2)));
        assert!(from_text(b"a,b\n1,\"2\n3\"\n").is_ok());
        assert!(from_text(b"a,5\" disk\n\"b\",3\" disk").is_ok());
    }

    #[test]
    fn excel_days_follow_both_calendars() {
        assert_eq!(excel_day("46112", false).as_deref(), Some("2026-03-31"));
        assert_eq!(excel_day("44650", true).as_deref(), Some("2026-03-31"));
        assert_eq!(excel_day("1", false).as_deref(), Some("1900-01-01"));
        assert_eq!(excel_day("60", false), None);
    }
}
