//! Delimited text as rows, with their physical lines.

use super::size::{MAX_LINES, MAX_WRITTEN, check_size, too_many_columns};
use super::{Container, Row, SheetFacts, Table, Tables};
use crate::domain::file_dates::SerialDays;
use crate::domain::text::MAX_LINE_BREAKS;
use crate::import::decode::decode;
use crate::import::{Fault, Options};

/// Reads a text file as one table.
///
/// # Errors
///
/// Bytes that are no text, a quote that is never closed, more than is read.
pub(super) fn from_text(bytes: &[u8], options: &Options) -> Result<Tables, Vec<Fault>> {
    let (text, encoding) = decode(bytes, options.encoding)?;
    let (text, notes) = without_padding(&text)?;
    let delimiter = find_delimiter(text);
    refuse_endless_line(text, delimiter)?;
    if !options.unbounded {
        refuse_endless_rows(text)?;
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut cells = 0;
    let mut lines = LineCounter::new(text);
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
        check_quotes(text, start..end, &record, line, delimiter)?;
        // Spreadsheets fill lines up with empty cells to the right.
        let width = (0..record.len()).rev().find(|at| !record[*at].is_empty()).map_or(0, |last| last + 1);
        if record.len() > MAX_WRITTEN {
            return Err(too_many_columns(record.len(), line));
        }
        if width == 0 {
            continue;
        }
        cells += if options.unbounded { 0 } else { width };
        check_size(width, cells, line)?;
        let written = u32::try_from(record.len()).unwrap_or(u32::MAX);
        rows.push(Row { written, ..Row::new(line, record.iter().take(width)) });
    }
    let container = Container::Text { encoding, delimiter };
    let facts = SheetFacts::default();
    Ok(Tables {
        tables: vec![Table {
            container,
            rows,
            serial_days: SerialDays::default(),
            remarks: Vec::new(),
            cover: Vec::new(),
            facts,
            offset: (0, 0),
        }],
        notes,
    })
}

/// Refuses more lines than anything writes before they are taken apart.
fn refuse_endless_rows(text: &str) -> Result<(), Vec<Fault>> {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    if lines <= MAX_LINES {
        return Ok(());
    }
    let message =
        format!("{lines}行あります。ファイルを分けるか、todoke import（コマンド）で取り込んでください。");
    Err(vec![Fault::whole("too_many_rows", message).allowing(format!("{MAX_LINES}行まで"))])
}

/// A text without what programs of old put behind it: the mark of its end (Ctrl-Z), and bytes of
/// nothing up to the end of a block.
fn without_padding(text: &str) -> Result<(&str, Vec<String>), Vec<Fault>> {
    const PADDING: [char; 2] = ['\u{1A}', '\0'];
    let kept = text.trim_end_matches(|c: char| PADDING.contains(&c) || matches!(c, '\r' | '\n'));
    let behind = &text[kept.len()..];
    let padding = behind.chars().filter(|c| PADDING.contains(c)).count();
    if padding == 0 {
        return Ok((text, Vec::new()));
    }
    if kept.is_empty() {
        return Err(vec![Fault::whole(
            "only_padding",
            "中身が空の文字（NUL）だけのファイルです。保存やコピーの途中で壊れています。元のファイルを開いて保存し直し、送り直してください。",
        )]);
    }
    let note =
        format!("ファイルの終わりの印（Ctrl-Z）や空の文字（NUL）{padding}個を、末尾から除いて読みました。");
    Ok((kept, vec![note]))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::new(chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
    }

    #[test]
    fn cells_are_counted_as_they_are_and_not_at_all_on_the_machine_itself() {
        // 400,000 short rows are 800,000 cells.
        let short = "1,2\n".repeat(400_000);
        assert_eq!(from_text(short.as_bytes(), &options()).unwrap().tables[0].rows.len(), 400_000);
        let wide = format!("{}\n", vec!["1"; 1_000].join(",")).repeat(4_001);
        let refused = from_text(wide.as_bytes(), &options()).err().unwrap();
        assert_eq!(refused[0].code, "too_many_cells");
        let unbounded = Options { unbounded: true, ..options() };
        assert_eq!(from_text(wide.as_bytes(), &unbounded).unwrap().tables[0].rows.len(), 4_001);
        let long = "1\n".repeat(MAX_LINES + 1);
        assert_eq!(from_text(long.as_bytes(), &options()).err().unwrap()[0].code, "too_many_rows");
    }

    fn table(text: &[u8]) -> Table {
        from_text(text, &options()).unwrap().tables.remove(0)
    }

    #[test]
    fn lines_stay_physical_through_quoted_breaks() {
        for (text, expected) in [
            ("a,\"b\r\nc\"\r\n\r\nd,e\r\nf,g\r\n", [1, 4, 5]),
            ("a,\"b\nc\"\n\nd,e\nf,g", [1, 4, 5]),
            ("a,b\r\rd,e\rf,g\r", [1, 3, 4]),
        ] {
            let table = table(text.as_bytes());
            let lines: Vec<u32> = table.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
        let table = table("a,\"b\r\nc\"\r\n".as_bytes());
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
        let faults = from_text(b"a,b\n1,\"2\n3,4\n5,6\n", &options()).err().unwrap();
        assert_eq!((faults[0].code.as_str(), faults[0].line), ("unclosed_quote", Some(2)));
        assert!(from_text(b"a,b\n1,\"2\n3\"\n", &options()).is_ok());
        assert!(from_text(b"a,5\" disk\n\"b\",3\" disk", &options()).is_ok());
    }

    #[test]
    fn what_old_programs_put_behind_a_text_is_no_cell() {
        for text in ["a,b\n1,2\n\u{1A}", "a,b\n1,2\u{1A}\0\0\0", "a,b\n1,2\r\n\u{1A}\r\n", "a,b\n1,2\0\0"] {
            let read = from_text(text.as_bytes(), &options()).unwrap();
            let last = read.tables[0].rows.last().unwrap();
            assert_eq!(last.cells().collect::<Vec<_>>(), ["1", "2"], "{text:?}");
            assert_eq!(read.notes.len(), 1, "{text:?}");
        }
        assert!(from_text(b"a,b\n1,2\n", &options()).unwrap().notes.is_empty());
        // Inside the text they are faults of their cells.
        assert_eq!(table(b"a,b\n1\0,2\n").rows[1].cell(0), "1\0");
        assert_eq!(from_text(&[0; 512], &options()).err().unwrap()[0].code, "only_padding");
        let wide: Vec<u8> = "a\tb\n1\t2\n\u{1A}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(table(&[b"\xFF\xFE", wide.as_slice()].concat()).rows.len(), 2);
    }
}
