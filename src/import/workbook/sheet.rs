//! Gathers the cells of one worksheet.

use quick_xml::events::BytesStart;

use super::contents::{CellValue, NO_RESULT, Sheet, SheetCell, SheetRow};
use super::error::{Outcome, WorkbookError};
use super::format::shown;
use super::limits::Limits;
use super::package::{At, Node, is_true};
use super::parts::{Filter, Strings, Style};
use super::place::{COLUMNS, CellRange, LAST_ROW, parse_reference, reference};
use super::runs::{Runs, decode_escapes};

/// Merged ranges in one workbook.
const MERGED: usize = 100_000;
/// Excel allows as many in a worksheet.
const LINKS: usize = 66_530;
/// Excel writes one element for neighbours of one width, so hardly more than columns.
const COLUMN_ELEMENTS: usize = 16_384;

/// Names come from the file, so a message takes only the start of them.
fn clip(name: &str) -> String {
    name.chars().take(40).collect()
}

/// What the cells of all sheets refer to by position.
pub(super) struct Shared {
    pub(super) styles: Vec<Style>,
    pub(super) strings: Strings,
    /// Whether the results of formulas are yet to be computed, whatever stands there.
    pub(super) uncomputed: bool,
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
    /// The style of cells that have none of their own.
    style: Style,
    next_column: u32,
}

struct OpenCell {
    column: u32,
    kind: CellKind,
    style: Style,
    /// Whether its value is computed.
    formula: bool,
    /// Whether a value stands there, even an empty one.
    result: bool,
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
    /// Views of single persons have filters of their own, which hide nothing here.
    in_views: bool,
    /// Whether the sheet shows no zeros.
    hides_zeros: bool,
    filter: Filter,
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
            sheet: Sheet { name, hidden, ..Sheet::default() },
            in_data: false,
            in_views: false,
            hides_zeros: false,
            filter: Filter::default(),
            last_row: 0,
            row: None,
            cells: Vec::new(),
            cell: None,
            runs: Runs::default(),
        }
    }

    pub(super) fn finish(mut self) -> Sheet {
        self.sheet.filters.extend(self.filter.in_force);
        self.sheet
    }

    pub(super) fn take(&mut self, at: &At<'_>, node: Node<'_>) -> Outcome<()> {
        match node {
            Node::Open("sheetData", _) => self.in_data = true,
            Node::Close("sheetData") => self.in_data = false,
            node if !self.in_data => self.take_beside(at, &node)?,
            Node::Open("row", tag) => self.open_row(at, tag)?,
            Node::Close("row") => self.close_row(),
            Node::Open("c", tag) => self.open_cell(at, tag)?,
            Node::Close("c") => self.close_cell(at)?,
            other => {
                let Some(cell) = &mut self.cell else { return Ok(()) };
                match &other {
                    Node::Open("v", _) => {
                        self.runs.clear();
                        cell.result = true;
                    }
                    Node::Open("f", _) => cell.formula = true,
                    _ => {}
                }
                self.runs.take(at, &other)?;
            }
        }
        Ok(())
    }

    /// A cell that leads out of the workbook.
    fn link(&mut self, at: &At<'_>, tag: &BytesStart<'_>) -> Outcome<()> {
        let place = at.attribute(tag, "ref")?.and_then(|place| parse_reference(&place));
        if let (Some(place), Some(_)) = (place, at.attribute(tag, "id")?) {
            at.bounded(self.sheet.links.len(), LINKS, "hyperlinks")?;
            self.sheet.links.push(place);
        }
        Ok(())
    }

    /// What stands around the rows.
    fn take_beside(&mut self, at: &At<'_>, node: &Node<'_>) -> Outcome<()> {
        match node {
            Node::Open("mergeCell", tag) => {
                if let Some(range) = at.attribute(tag, "ref")? {
                    self.merge(at, &range)?;
                }
            }
            Node::Open("hyperlink", tag) => self.link(at, tag)?,
            Node::Open("col", tag) => self.column(at, tag)?,
            // Rows may be hidden by criteria that stand in cells; then no filter says which.
            Node::Open("sheetPr", tag) => {
                let mode = at.attribute(tag, "filterMode")?;
                self.sheet.filter_mode = mode.is_some_and(|value| is_true(&value));
            }
            // The other windows on the sheet are like its first one, or nobody's.
            Node::Open("sheetView", tag) => {
                let shown = at.attribute(tag, "showZeros")?;
                self.hides_zeros |= shown.is_some_and(|value| !is_true(&value));
            }
            Node::Open("customSheetViews", _) => self.in_views = true,
            Node::Close("customSheetViews") => self.in_views = false,
            other if !self.in_views => self.filter.take(at, other)?,
            _ => {}
        }
        Ok(())
    }

    /// Columns are hidden in groups; a width of nothing hides them as well.
    fn column(&mut self, at: &At<'_>, tag: &BytesStart<'_>) -> Outcome<()> {
        let (mut first, mut last, mut hidden) = (0, 0, false);
        for pair in at.attributes(tag) {
            match pair? {
                ("min", value) => first = value.trim().parse().unwrap_or(0),
                ("max", value) => last = value.trim().parse().unwrap_or(0),
                ("hidden", value) => hidden |= is_true(&value),
                ("width", value) => hidden |= value.trim().parse() == Ok(0.0_f64),
                _ => {}
            }
        }
        let last = last.min(COLUMNS);
        if hidden && (1..=last).contains(&first) {
            at.bounded(self.sheet.hidden_groups.len(), COLUMN_ELEMENTS, "groups of columns")?;
            self.sheet.hidden_groups.push(first - 1..=last - 1);
        }
        Ok(())
    }

    fn bad_reference(&self, reference: &str) -> WorkbookError {
        WorkbookError::BadReference { sheet: clip(&self.sheet.name), reference: clip(reference) }
    }

    fn merge(&mut self, at: &At<'_>, range: &str) -> Outcome<()> {
        if !range.contains(':') {
            return Ok(());
        }
        let range = CellRange::parse(range).ok_or_else(|| self.bad_reference(range))?;
        at.bounded(self.spent.merged, MERGED, "merged ranges")?;
        self.spent.merged += 1;
        self.sheet.merged.push(range);
        Ok(())
    }

    fn open_row(&mut self, at: &At<'_>, tag: &BytesStart<'_>) -> Outcome<()> {
        let mut row = OpenRow { number: None, hidden: false, style: Style::NONE, next_column: 0 };
        let mut styled = (None, false);
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
                ("hidden", value) => row.hidden |= is_true(&value),
                ("ht", value) => row.hidden |= value.trim().parse() == Ok(0.0_f64),
                ("s", value) => styled.0 = Some(self.style(&value)),
                ("customFormat", value) => styled.1 = is_true(&value),
                _ => {}
            }
        }
        if let (Some(style), true) = styled {
            row.style.struck = style.struck;
        }
        // Without cells the row still takes a place for the rows counted after it.
        self.last_row = row.number.unwrap_or(self.last_row + 1);
        self.row = Some(row);
        self.cell = None;
        self.cells.clear();
        Ok(())
    }

    fn style(&self, number: &str) -> Style {
        let style = number.trim().parse().ok();
        let style = style.and_then(|style: usize| self.shared.styles.get(style));
        style.cloned().unwrap_or(Style::NONE)
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
        let Some((next_column, style)) = self.row.as_ref().map(|row| (row.next_column, row.style.clone()))
        else {
            return Err(at.fault("a cell outside a row"));
        };
        let mut cell =
            OpenCell { column: next_column, kind: CellKind::Number, style, formula: false, result: false };
        for pair in at.attributes(tag) {
            match pair? {
                ("r", reference) => cell.column = self.place(&reference, next_column)?,
                ("s", value) => cell.style = self.style(&value),
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

    /// The value of a cell, and whether something in it is struck through and therefore left out, which
    /// may be all of it; `None` if there is nothing.
    fn value(&self, at: &At<'_>, cell: &OpenCell) -> Outcome<Option<(Option<CellValue>, bool)>> {
        let (raw, trimmed) = (self.runs.text(), self.runs.text().trim());
        let text = |text: String, cut| {
            let value = (!text.is_empty()).then_some(CellValue::Text(text));
            (value.is_some() || cut).then_some((value, cut))
        };
        let unknown = || CellValue::Error(NO_RESULT.to_owned());
        let struck = cell.style.struck;
        let nothing = trimmed.is_empty() && !cell.formula;
        let value = match cell.kind {
            CellKind::Text if struck => {
                let kept = decode_escapes(self.runs.kept_when_struck());
                return Ok(text(kept, self.runs.is_cut() || self.runs.kept_when_struck() != raw));
            }
            _ if cell.formula && !struck && !self.is_computed(cell, trimmed) => unknown(),
            CellKind::Text => return Ok(text(decode_escapes(raw), self.runs.is_cut())),
            CellKind::Shared if !trimmed.is_empty() => {
                let index = trimmed.parse().ok();
                let shared = index.and_then(|index: usize| self.shared.strings.get(index, struck));
                let (shared, cut) = shared.ok_or_else(|| at.fault("no such shared string"))?;
                return Ok(text(shared.to_owned(), cut));
            }
            _ if nothing => return Ok(None),
            _ if struck => return Ok(Some((None, true))),
            _ if trimmed.is_empty() => unknown(),
            CellKind::Bool => CellValue::Bool(is_true(trimmed)),
            CellKind::Error => CellValue::Error(trimmed.to_owned()),
            CellKind::IsoDate => CellValue::Day(trimmed.to_owned()),
            CellKind::Number | CellKind::Shared => match trimmed.parse::<f64>() {
                Ok(number) if number.is_finite() => CellValue::Number(trimmed.to_owned()),
                _ => return Ok(text(decode_escapes(raw), false)),
            },
        };
        Ok(Some((Some(value), false)))
    }

    /// Whether the result of a formula was computed. Nothing and a 0 are what programs write that cannot
    /// compute; what else stands there was computed.
    fn is_computed(&self, cell: &OpenCell, result: &str) -> bool {
        let placeholder = result.is_empty() || (matches!(cell.kind, CellKind::Number) && result == "0");
        cell.result && !(self.shared.uncomputed && placeholder)
    }

    /// Whether the sheet shows nothing of a value.
    fn is_unseen(&self, value: &CellValue, style: &Style) -> bool {
        match value {
            CellValue::Text(_) => style.hides.texts,
            CellValue::Number(raw) if self.hides_zeros || style.hides.zeros => {
                style.hides.numbers || raw.parse() == Ok(0.0_f64)
            }
            _ => false,
        }
    }

    fn close_cell(&mut self, at: &At<'_>) -> Outcome<()> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        let Some((value, cut)) = self.value(at, &cell)? else {
            return Ok(());
        };
        if cut {
            let told = if value.is_some() { &mut self.sheet.struck_in_part } else { &mut self.sheet.struck };
            told.add(|| reference(cell.column, self.last_row));
        }
        let Some(value) = value else { return Ok(()) };
        if let CellValue::Text(text)
        | CellValue::Number(text)
        | CellValue::Day(text)
        | CellValue::Error(text) = &value
        {
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
        let unseen = self.is_unseen(&value, &cell.style);
        let value = match (value, &cell.style.written_out) {
            (CellValue::Number(raw), Some(code)) => raw
                .parse()
                .ok()
                .and_then(|number| shown(code, number))
                .map_or(CellValue::Number(raw), CellValue::Text),
            (value, _) => value,
        };
        self.cells.push(SheetCell { column: cell.column, value, format: cell.style.format, unseen });
        Ok(())
    }
}
