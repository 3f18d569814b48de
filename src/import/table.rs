//! Rows and cells with their physical line numbers, whatever the container was.

use std::rc::Rc;

use super::Fault;
use super::decode::{Encoding, decode};
use super::workbook::{self, CellValue, MergedRange, NumberFormat, Workbook};
use crate::domain::file_dates::SerialDays;
use crate::domain::text::{MAX_LINE_BREAKS, visible};

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

    /// The same row with other cells.
    pub(super) fn with_cells(&self, cells: Vec<String>) -> Self {
        Self { hidden: self.hidden, written: self.written, ..Self::new(self.line, cells) }
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
/// A row of a text file counts as at least so many cells: it costs memory, however short it is.
const ROW_COST: usize = 12;

/// Reads a file into its tables.
///
/// # Errors
///
/// See [`super::read`].
pub(super) fn read(bytes: &[u8], encoding: Option<Encoding>) -> Result<Tables, Vec<Fault>> {
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
        from_workbook(book)?
    } else {
        Tables { tables: vec![from_text(bytes, encoding)?], notes: Vec::new() }
    };
    if tables.tables.iter().all(|table| table.rows.iter().all(Row::is_empty)) {
        return Err(vec![no_rows()]);
    }
    Ok(tables)
}

/// A file without a single row of data.
pub(super) fn no_rows() -> Fault {
    Fault::whole("no_rows", "データ行がありません。")
}

fn from_text(bytes: &[u8], encoding: Option<Encoding>) -> Result<Table, Vec<Fault>> {
    let (text, encoding) = decode(bytes, encoding)?;
    let delimiter = find_delimiter(&text);
    refuse_endless_line(&text, delimiter)?;
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
        check_quotes(&text, start..end, &record, line, delimiter)?;
        // Spreadsheets fill lines up with empty cells to the right.
        let width = (0..record.len()).rev().find(|at| !record[*at].is_empty()).map_or(0, |last| last + 1);
        if record.len() > MAX_WRITTEN {
            return Err(too_many_columns(record.len(), line));
        }
        if width == 0 {
            continue;
        }
        cells += width.max(ROW_COST);
        check_size(width, cells, line)?;
        let written = u32::try_from(record.len()).unwrap_or(u32::MAX);
        rows.push(Row { written, ..Row::new(line, record.iter().take(width)) });
    }
    let container = Container::Text { encoding, delimiter };
    Ok(Table { container, rows, serial_days: SerialDays::default() })
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
    delimiter: u8,
) -> Result<(), Vec<Fault>> {
    const MAX_FIELD_BYTES: usize = 32 * 1024;
    let raw = text.get(range.clone()).unwrap_or_default();
    let last = record.iter().next_back().unwrap_or_default();
    let unclosed = range.end >= text.len()
        && raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
        && raw.ends_with(&format!("\"{}", last.replace('"', "\"\"")));
    let monstrous = record
        .iter()
        .any(|field| field.len() > MAX_FIELD_BYTES || field.matches('\n').count() > MAX_LINE_BREAKS);
    if unclosed || monstrous {
        // A cell can be that long without any quote.
        let (code, what) = if raw.contains('"') {
            ("unclosed_quote", "引用符「\"」が閉じていません（または1つのセルが長すぎます）")
        } else {
            ("cell_too_long", "セルが長すぎます")
        };
        return Err(vec![
            Fault::whole(code, format!("{line}行目から始まる{what}。"))
                .at_line(line)
                .allowing("引用符は2つ1組、1セルは32KB・改行50回まで"),
        ]);
    }
    if let Some(at) = stray_quote(raw, delimiter) {
        // The end of the line before stands in front of the record, and is counted already.
        let start = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let line = line + u32::try_from(raw[start..at].matches('\n').count()).unwrap_or(u32::MAX);
        let message = format!(
            "{line}行目の引用符「\"」のすぐ後に文字が続いています。どこかの行で引用符が抜けています。"
        );
        return Err(vec![
            Fault::whole("stray_quote", message)
                .at_line(line)
                .allowing("引用符は2つ1組、引用符そのものは \"\" と書く"),
        ]);
    }
    Ok(())
}

/// Where text follows a closing quote in a record of several lines: a quote before it was meant for
/// something else, and has swallowed whole lines.
fn stray_quote(raw: &str, delimiter: u8) -> Option<usize> {
    let bytes = raw.trim().as_bytes();
    let ends = |byte: u8| byte == delimiter || matches!(byte, b'\r' | b'\n');
    if !bytes.contains(&b'"') || !bytes.contains(&b'\n') {
        return None;
    }
    let offset = raw.len() - raw.trim_start().len();
    let (mut quoted, mut at) = (false, 0);
    while at < bytes.len() {
        let next = bytes.get(at + 1);
        match bytes[at] {
            b'"' if quoted && next == Some(&b'"') => at += 1,
            b'"' if quoted => {
                quoted = false;
                // Blanks behind a quote are a habit and swallow nothing.
                let behind = bytes[at + 1..].iter().find(|byte| **byte != b' ');
                if behind.is_some_and(|next| !ends(*next)) {
                    return Some(offset + at);
                }
            }
            // Elsewhere a quote is a character like others.
            b'"' => quoted = at == 0 || ends(bytes[at - 1]),
            _ => {}
        }
        at += 1;
    }
    None
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

/// Refuses a line with more cells than anything writes before it is taken apart: each cell costs more
/// than the one letter it is.
fn refuse_endless_line(text: &str, delimiter: u8) -> Result<(), Vec<Fault>> {
    /// A long quoted text may hold some delimiters of its own.
    const MOST: usize = MAX_WRITTEN + 32 * 1024;
    for (line, number) in text.as_bytes().split(|byte| *byte == b'\n').zip(1..) {
        if line.len() > MOST {
            let delimiters = line.iter().filter(|byte| **byte == delimiter).count();
            if delimiters > MOST {
                return Err(too_many_columns(delimiters, number));
            }
        }
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

fn from_workbook(book: Workbook) -> Result<Tables, Vec<Fault>> {
    let serial_days = if book.date_1904 { SerialDays::From1904 } else { SerialDays::From1900 };
    let (hidden, visible): (Vec<_>, Vec<_>) = book.sheets.into_iter().partition(|sheet| sheet.hidden);
    let mut notes = Vec::new();
    if !hidden.is_empty() {
        let names: Vec<&str> = hidden.iter().map(|sheet| sheet.name.as_str()).collect();
        notes.push(format!("非表示のシートは読んでいません: {}", names.join("、")));
    }
    let (mut cells, mut bytes) = (0, 0);
    let mut tables = Vec::new();
    for sheet in visible {
        let mut merges = Merges::new(&sheet);
        let mut rows = Vec::with_capacity(sheet.rows.len());
        for row in sheet.rows {
            let row = workbook_row(row, serial_days, &mut merges)?;
            cells += row.len();
            bytes += row.text.len();
            check_size(row.len(), cells, row.line)?;
            check_text(bytes)?;
            rows.push(row);
        }
        tables.push(Table { container: Container::Workbook { sheet: sheet.name }, rows, serial_days });
    }
    Ok(Tables { tables, notes })
}

fn workbook_row(row: workbook::SheetRow, days: SerialDays, merges: &mut Merges) -> Result<Row, Vec<Fault>> {
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
            CellValue::Number(raw) => match cell.format {
                NumberFormat::Date => excel_day(&raw, days).unwrap_or(raw),
                // Shown as 082333: the format is the sender's word for the lost zeros.
                NumberFormat::Zeros(digits) => {
                    format!("{:0>width$}", whole_number(&raw), width = usize::from(digits))
                }
                NumberFormat::Percent => percent(&raw).unwrap_or(raw),
                _ => whole_number(&raw),
            },
        };
    }
    merges.fill(row.number, &mut cells)?;
    Ok(Row { hidden: row.hidden, ..Row::new(row.number, cells) })
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

/// Merged ranges of a sheet: what stands in the first cell is meant for all of them.
struct Merges {
    /// Ascending by first row, the next one last.
    waiting: Vec<MergedRange>,
    open: Vec<(MergedRange, Rc<str>)>,
    /// No cell is made right of what the sheet has.
    width: usize,
}

impl Merges {
    fn new(sheet: &workbook::Sheet) -> Self {
        let mut waiting = sheet.merged.clone();
        waiting.sort_by_key(|range| std::cmp::Reverse(range.first_row));
        let last = sheet.rows.iter().filter_map(|row| row.cells.last()).map(|cell| cell.column).max();
        let width = last.map_or(0, |last| usize::try_from(last).unwrap_or(0) + 1);
        Self { waiting, open: Vec::new(), width }
    }

    fn fill(&mut self, row: u32, cells: &mut Vec<String>) -> Result<(), Vec<Fault>> {
        let column = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        while let Some(range) = self.waiting.pop_if(|range| range.first_row <= row) {
            // A range whose first row holds nothing has nothing to fill with.
            let first = cells.get(column(range.first_column)).filter(|text| !text.is_empty());
            if let Some(text) = first.filter(|_| range.first_row == row) {
                self.open.push((range, Rc::from(text.as_str())));
            }
            // Side by side there is no room for more: these overlap, which Excel never writes.
            if self.open.len() > self.width {
                self.open.retain(|(range, _)| range.last_row >= row);
                if self.open.len() > self.width {
                    return Err(vec![Fault::whole(
                        "merged_cells",
                        "結合セルが重なっています。Excel で開き、保存し直してください。",
                    )]);
                }
            }
        }
        self.open.retain(|(range, _)| range.last_row >= row);
        let mut filled = 0;
        for (range, text) in &self.open {
            let end = (column(range.last_column) + 1).min(self.width);
            if cells.len() < end {
                cells.resize(end, String::new());
            }
            for cell in cells.iter_mut().take(end).skip(column(range.first_column)) {
                if cell.is_empty() {
                    filled += text.len();
                    check_text(filled)?;
                    text.as_ref().clone_into(cell);
                }
            }
        }
        Ok(())
    }
}

/// `82333.0` is how some programs store the whole number 82333.
fn whole_number(raw: &str) -> String {
    match raw.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole.to_owned(),
        _ => raw.to_owned(),
    }
}

/// `0.855` shown as a percentage is `85.5%`. Two digits are kept, as everywhere.
fn percent(raw: &str) -> Option<String> {
    let share: f64 = raw.parse().ok()?;
    let hundredths = (share * 10_000.0).round();
    (hundredths.abs() < 1e12).then(|| format!("{}%", hundredths / 100.0))
}

/// The day of a serial number in a date cell; its time of day is dropped.
fn excel_day(raw: &str, days: SerialDays) -> Option<String> {
    let serial: i64 = raw.split('.').next()?.parse().ok()?;
    days.day(serial).map(|day| day.to_string())
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
            let table = from_text(text.as_bytes(), None).unwrap();
            let lines: Vec<u32> = table.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
        let table = from_text("a,\"b\r\nc\"\r\n".as_bytes(), None).unwrap();
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
        let faults = from_text(b"a,b\n1,\"2\n3,4\n5,6\n", None).unwrap_err();
        assert_eq!((faults[0].code.as_str(), faults[0].line), ("unclosed_quote", Some(2)));
        assert!(from_text(b"a,b\n1,\"2\n3\"\n", None).is_ok());
        assert!(from_text(b"a,5\" disk\n\"b\",3\" disk", None).is_ok());
    }

    #[test]
    fn numbers_are_taken_as_they_are_shown() {
        assert_eq!(excel_day("46112.5", SerialDays::From1900).as_deref(), Some("2026-03-31"));
        assert_eq!(excel_day("60", SerialDays::From1900), None);
        assert_eq!(whole_number("82333.0"), "82333");
        assert_eq!(percent("0.855").as_deref(), Some("85.5%"));
        assert_eq!(percent("1").as_deref(), Some("100%"));
    }

    #[test]
    fn a_row_keeps_its_cells_apart() {
        let row = Row::new(7, ["あ", "", "い"]);
        assert_eq!((row.cell(0), row.cell(1), row.cell(2), row.cell(3)), ("あ", "", "い", ""));
        assert_eq!(row.cells().collect::<Vec<_>>(), ["あ", "", "い"]);
    }

    #[test]
    fn merged_cells_hold_what_their_first_cell_holds() {
        let range = MergedRange { first_row: 2, last_row: 3, first_column: 0, last_column: 1 };
        let mut merges = Merges { waiting: vec![range], open: Vec::new(), width: 3 };
        let mut filled = |row, cells: &[&str]| {
            let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            merges.fill(row, &mut cells).unwrap();
            cells
        };
        assert_eq!(filled(1, &["x"]), ["x"]);
        assert_eq!(filled(2, &["茨城県", "", "a"]), ["茨城県", "茨城県", "a"]);
        assert_eq!(filled(3, &["", "", "b"]), ["茨城県", "茨城県", "b"]);
        assert_eq!(filled(4, &["", "", "c"]), ["", "", "c"]);
    }
}
