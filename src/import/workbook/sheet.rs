//! Gathers the cells of one worksheet, and the texts sheets share.

use quick_xml::events::BytesStart;

use super::package::{At, Node};
use super::{
    CellValue, Limits, MergedRange, NumberFormat, Outcome, Sheet, SheetCell, SheetRow, WorkbookError,
};

/// Excel's own last row, counted from 1.
const LAST_ROW: u32 = 1_048_576;
/// Excel's own number of columns.
const COLUMNS: u32 = 16_384;
/// Excel allows 32,767 characters in a cell; four bytes each at most in UTF-8.
const TEXT_BYTES: usize = 32_767 * 4;
/// Merged ranges in one workbook.
const MERGED: usize = 100_000;

/// Joins the runs of one text, leaving out the reading (furigana) beside it.
#[derive(Default)]
pub(super) struct Runs {
    text: String,
    taking: bool,
    /// Where the run began whose outer blanks Excel does not show.
    trim_from: Option<usize>,
    phonetic: usize,
}

impl Runs {
    pub(super) fn restart(&mut self) {
        self.text.clear();
        self.taking = false;
        self.trim_from = None;
        self.phonetic = 0;
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn take(&mut self, at: &At<'_>, node: &Node<'_>) -> Outcome<()> {
        match node {
            Node::Open("rPh", _) => self.phonetic += 1,
            Node::Close("rPh") => self.phonetic = self.phonetic.saturating_sub(1),
            Node::Open("v", _) => self.taking = true,
            Node::Open("t", tag) if self.phonetic == 0 => {
                self.taking = true;
                let kept = at.attribute(tag, "space")?;
                let kept = kept.is_some_and(|value| value == "preserve");
                self.trim_from = (!kept).then_some(self.text.len());
            }
            Node::Close("t" | "v") => {
                self.taking = false;
                if let Some(from) = self.trim_from.take() {
                    self.trim(from);
                }
            }
            Node::Text(text) if self.taking => {
                if self.text.len() + text.len() > TEXT_BYTES {
                    return Err(WorkbookError::TextTooLong {
                        part: at.part.to_owned(),
                        position: at.position,
                        allowed: TEXT_BYTES,
                    });
                }
                // XML allows no other control characters, and NUL breaks what comes later.
                let stray = |byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
                if text.bytes().any(stray) {
                    return Err(at.fault("a control character"));
                }
                self.text.push_str(text);
            }
            _ => {}
        }
        Ok(())
    }

    fn trim(&mut self, from: usize) {
        const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];
        let Some(run) = self.text.get(from..) else {
            return;
        };
        let (end, trimmed) = (run.trim_end_matches(BLANKS).len(), run.trim_matches(BLANKS));
        let lead = end - trimmed.len();
        self.text.truncate(from + end);
        self.text.drain(from..from + lead);
    }
}

/// Excel writes characters XML cannot hold as `_x000D_`, and `_x005F_` for
/// an underscore that would otherwise be read as the start of one.
pub(super) fn decode_escapes(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find("_x") {
        let escape = rest.get(found + 2..found + 7);
        let character = escape
            .and_then(|tail| tail.strip_suffix('_'))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32)
            .filter(|&character| character != '\0');
        let end = if character.is_some() { 7 } else { 2 };
        match character {
            Some(character) => {
                decoded.push_str(&rest[..found]);
                decoded.push(character);
            }
            None => decoded.push_str(&rest[..found + end]),
        }
        rest = &rest[found + end..];
    }
    decoded.push_str(rest);
    decoded
}

/// Names come from the file, so a message takes only the start of them.
fn clip(name: &str) -> String {
    name.chars().take(40).collect()
}

pub(super) fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true")
}

/// What the cells of all sheets refer to by position.
pub(super) struct Shared {
    pub(super) formats: Vec<NumberFormat>,
    pub(super) strings: Vec<Box<str>>,
}

/// What all sheets together have used up.
#[derive(Default)]
pub(super) struct Spent {
    cells: usize,
    text: u64,
    merged: usize,
}

struct OpenRow {
    /// Unknown until the first cell tells, if the row itself does not.
    number: Option<u32>,
    hidden: bool,
    next_column: u32,
}

struct OpenCell {
    column: u32,
    kind: CellKind,
    format: NumberFormat,
    /// Whether its value is computed.
    formula: bool,
}

#[derive(Clone, Copy)]
enum CellKind {
    Number,
    Shared,
    Text,
    Bool,
    Error,
    IsoDate,
}

/// Gathers one sheet from the nodes of its part.
pub(super) struct SheetBuilder<'s> {
    limits: &'s Limits,
    shared: &'s Shared,
    spent: &'s mut Spent,
    sheet: Sheet,
    /// Drawings and controls have tags of the same names elsewhere in the part.
    in_data: bool,
    last_row: u32,
    row: Option<OpenRow>,
    cells: Vec<SheetCell>,
    cell: Option<OpenCell>,
    runs: Runs,
}

impl<'s> SheetBuilder<'s> {
    pub(super) fn new(
        name: String,
        hidden: bool,
        limits: &'s Limits,
        shared: &'s Shared,
        spent: &'s mut Spent,
    ) -> Self {
        Self {
            limits,
            shared,
            spent,
            sheet: Sheet { name, hidden, rows: Vec::new(), merged: Vec::new() },
            in_data: false,
            last_row: 0,
            row: None,
            cells: Vec::new(),
            cell: None,
            runs: Runs::default(),
        }
    }

    pub(super) fn finish(self) -> Sheet {
        self.sheet
    }

    pub(super) fn take(&mut self, at: &At<'_>, node: Node<'_>) -> Outcome<()> {
        match node {
            Node::Open("sheetData", _) => self.in_data = true,
            Node::Close("sheetData") => self.in_data = false,
            Node::Open("mergeCell", tag) if !self.in_data => {
                if let Some(range) = at.attribute(tag, "ref")? {
                    self.merge(at, &range)?;
                }
            }
            _ if !self.in_data => {}
            Node::Open("row", tag) => self.open_row(at, tag)?,
            Node::Close("row") => self.close_row(),
            Node::Open("c", tag) => self.open_cell(at, tag)?,
            Node::Close("c") => self.close_cell(at)?,
            other => {
                match (&other, &mut self.cell) {
                    (Node::Open("v", _), _) => self.runs.text.clear(),
                    (Node::Open("f", _), Some(cell)) => cell.formula = true,
                    _ => {}
                }
                if self.cell.is_some() {
                    self.runs.take(at, &other)?;
                }
            }
        }
        Ok(())
    }

    fn bad_reference(&self, reference: &str) -> WorkbookError {
        WorkbookError::BadReference { sheet: clip(&self.sheet.name), reference: clip(reference) }
    }

    fn merge(&mut self, at: &At<'_>, range: &str) -> Outcome<()> {
        let Some((from, to)) = range.split_once(':') else {
            return Ok(());
        };
        let (Some(from), Some(to)) = (parse_reference(from), parse_reference(to)) else {
            return Err(self.bad_reference(range));
        };
        at.bounded(self.spent.merged, MERGED, "merged ranges")?;
        self.spent.merged += 1;
        self.sheet.merged.push(MergedRange {
            first_row: from.1.min(to.1),
            last_row: from.1.max(to.1),
            first_column: from.0.min(to.0),
            last_column: from.0.max(to.0),
        });
        Ok(())
    }

    fn open_row(&mut self, at: &At<'_>, tag: &BytesStart<'_>) -> Outcome<()> {
        let mut row = OpenRow { number: None, hidden: false, next_column: 0 };
        for pair in at.attributes(tag) {
            match pair? {
                ("r", value) => {
                    let number = value.trim().parse().ok();
                    row.number = Some(
                        number
                            .filter(|&number| number > self.last_row && number <= LAST_ROW)
                            .ok_or_else(|| self.bad_reference(&value))?,
                    );
                }
                ("hidden", value) => row.hidden = is_true(&value),
                _ => {}
            }
        }
        // Without cells the row still takes a place for the rows counted after it.
        self.last_row = row.number.unwrap_or(self.last_row + 1);
        self.row = Some(row);
        self.cell = None;
        self.cells.clear();
        Ok(())
    }

    fn close_row(&mut self) {
        if let Some(row) = self.row.take()
            && !self.cells.is_empty()
        {
            self.sheet.rows.push(SheetRow {
                number: self.last_row,
                hidden: row.hidden,
                // Collected anew so that no row keeps spare room.
                cells: self.cells.drain(..).collect(),
            });
        }
    }

    fn open_cell(&mut self, at: &At<'_>, tag: &BytesStart<'_>) -> Outcome<()> {
        let Some(next_column) = self.row.as_ref().map(|row| row.next_column) else {
            return Err(at.fault("a cell outside a row"));
        };
        let mut cell = OpenCell {
            column: next_column,
            kind: CellKind::Number,
            format: NumberFormat::General,
            formula: false,
        };
        for pair in at.attributes(tag) {
            match pair? {
                ("r", reference) => cell.column = self.place(&reference, next_column)?,
                ("s", value) => {
                    let format = value.trim().parse().ok();
                    let format = format.and_then(|style: usize| self.shared.formats.get(style));
                    cell.format = format.copied().unwrap_or(NumberFormat::General);
                }
                ("t", value) => {
                    cell.kind = match value.as_ref() {
                        "s" => CellKind::Shared,
                        "str" | "inlineStr" => CellKind::Text,
                        "b" => CellKind::Bool,
                        "e" => CellKind::Error,
                        "d" => CellKind::IsoDate,
                        _ => CellKind::Number,
                    };
                }
                _ => {}
            }
        }
        if cell.column >= COLUMNS || self.last_row > LAST_ROW {
            return Err(self.bad_reference(&reference(cell.column, self.last_row)));
        }
        if let Some(row) = &mut self.row {
            row.number = Some(self.last_row);
            row.next_column = cell.column + 1;
        }
        self.runs.restart();
        self.cell = Some(cell);
        Ok(())
    }

    /// The column a reference names, once it agrees with what came before.
    fn place(&mut self, reference: &str, next_column: u32) -> Outcome<u32> {
        let Some((column, row)) = parse_reference(reference) else {
            return Err(self.bad_reference(reference));
        };
        let told = self.row.as_ref().and_then(|open| open.number);
        let agrees = told.map_or(row >= self.last_row, |number| number == row);
        if !agrees || column < next_column {
            return Err(self.bad_reference(reference));
        }
        self.last_row = row;
        Ok(column)
    }

    fn close_cell(&mut self, at: &At<'_>) -> Outcome<()> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        let (raw, trimmed) = (self.runs.text.as_str(), self.runs.text.trim());
        let mut format = cell.format;
        let value = match cell.kind {
            CellKind::Text => CellValue::Text(decode_escapes(raw)),
            _ if trimmed.is_empty() && cell.formula => CellValue::Error(super::NO_RESULT.to_owned()),
            _ if trimmed.is_empty() => return Ok(()),
            CellKind::Shared => {
                let index = trimmed.parse().ok();
                let text = index.and_then(|index: usize| self.shared.strings.get(index));
                let text = text.ok_or_else(|| at.fault("no such shared string"))?;
                CellValue::Text(text.to_string())
            }
            CellKind::Bool => CellValue::Bool(is_true(trimmed)),
            CellKind::Error => CellValue::Error(trimmed.to_owned()),
            CellKind::IsoDate => {
                format = NumberFormat::Date;
                CellValue::Text(trimmed.to_owned())
            }
            CellKind::Number => match trimmed.parse::<f64>() {
                Ok(number) if number.is_finite() => CellValue::Number(trimmed.to_owned()),
                _ => CellValue::Text(decode_escapes(raw)),
            },
        };
        if let CellValue::Text(text) | CellValue::Number(text) | CellValue::Error(text) = &value {
            if text.is_empty() {
                return Ok(());
            }
            self.spent.text += text.len() as u64;
            if self.spent.text > self.limits.unpacked_bytes {
                return Err(WorkbookError::TooLarge {
                    part: at.part.to_owned(),
                    allowed: self.limits.unpacked_bytes,
                });
            }
        }
        if cell.column as usize >= self.limits.columns {
            return Err(WorkbookError::TooManyColumns {
                sheet: clip(&self.sheet.name),
                reference: reference(cell.column, self.last_row),
                allowed: self.limits.columns,
            });
        }
        let before = self.cells.last().map_or(0, |last| last.column + 1);
        self.spent.cells += (cell.column + 1 - before) as usize;
        if self.spent.cells > self.limits.cells {
            return Err(WorkbookError::TooManyCells {
                sheet: clip(&self.sheet.name),
                allowed: self.limits.cells,
            });
        }
        self.cells.push(SheetCell { column: cell.column, value, format });
        Ok(())
    }
}

/// `B3` as (1, 3): the column counted from 0, the row from 1.
fn parse_reference(reference: &str) -> Option<(u32, u32)> {
    let digits = reference.find(|character: char| !character.is_ascii_alphabetic())?;
    let (letters, digits) = reference.split_at(digits);
    if letters.is_empty() || letters.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = digits.parse().ok()?;
    (column <= COLUMNS && (1..=LAST_ROW).contains(&row)).then_some((column - 1, row))
}

/// The reverse of [`parse_reference`].
fn reference(column: u32, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from_digit(rest % 26 + 10, 36).unwrap_or('?'));
        rest /= 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{}{row}", letters.to_ascii_uppercase())
}
