//! A table as a workbook: one sheet as the national rules for machine-readable data want it (one
//! heading row, one value a cell, nothing merged), and one that explains.

use std::collections::HashMap;
use std::io::{self, Seek, Write};
use std::ops::Range;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, IgnoreError, Workbook, Worksheet, XlsxError};

use super::table::{Table, long_rows};
use super::wide::CellsOf;
use super::words::{Line, column_lines, level_lines, origin_lines};
use super::{LongRow, sheets};
use crate::domain::catalogue::Catalogue;
use crate::domain::current::Texts;
use crate::grid::Grid;
use crate::import::layout::column::Column;

/// Name of the sheet with the rows.
pub const ROWS: &str = "readiness";

/// A workbook under way. Rows go to a temporary file as they come: memory does not grow with them.
pub struct Book {
    workbook: Workbook,
    text: Format,
    next: u32,
}

/// What stands in a cell.
enum Value<'a> {
    None,
    Text(&'a str),
    /// Text that stays text when it is edited.
    Code(&'a str),
    Day(NaiveDate),
    Number(u8),
    Revision(i64),
    Flag(bool),
}

impl<'a> Value<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::None, Self::Text)
    }
}

impl Book {
    /// A workbook with the heading row of a table.
    ///
    /// # Errors
    ///
    /// A temporary file that cannot be written.
    pub fn new(grid: &Grid, table: &Table) -> io::Result<Self> {
        Self::begin(grid, table).map_err(sheets::broken)
    }

    fn begin(grid: &Grid, table: &Table) -> Result<Self, XlsxError> {
        let mut workbook = sheets::start(grid)?;
        let headings = table.headings(grid);
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(ROWS)?;
        sheet.set_freeze_panes(1, 0)?;
        for (heading, column) in headings.iter().zip(0..) {
            sheet.set_column_width(column, width(table, column))?;
            sheet.write_string_with_format(0, column, heading, &sheets::heading())?;
        }
        let last = u32::try_from(table.len()).unwrap_or(u32::MAX).clamp(1, 1_048_575);
        let columns = u16::try_from(headings.len().saturating_sub(1)).unwrap_or_default();
        // Codes, and the levels of the wide layout, are text on purpose.
        let text_columns = if matches!(table, Table::Wide(_)) { columns } else { 0 };
        sheet.ignore_error_range(1, 0, last, text_columns, IgnoreError::NumberStoredAsText)?;
        Ok(Self { workbook, text: sheets::text(), next: 1 })
    }

    /// Adds some rows of the table.
    ///
    /// # Errors
    ///
    /// A temporary file that cannot be written, and more rows than a sheet has.
    pub fn rows(
        &mut self,
        grid: &Grid,
        table: &Table,
        texts: &HashMap<i64, Texts>,
        range: Range<usize>,
    ) -> io::Result<()> {
        let added = match table {
            Table::Long(facts) => {
                long_rows(grid, texts, facts, range).try_for_each(|row| self.row(&long_cells(&row.guarded())))
            }
            Table::Wide(wide) => wide.rows(grid, range).try_for_each(|row| {
                let cells = row.cells.iter().map(|cell| cell.as_deref().map_or(Value::None, Value::Code));
                let [prefecture, name, channel] = [row.prefecture, row.name, row.channel].map(Value::Text);
                let named = [Value::Code(row.code), prefecture, name, channel];
                let cells: Vec<Value<'_>> = named.into_iter().chain(cells).collect();
                self.row(&cells)
            }),
        };
        added.map_err(sheets::broken)
    }

    fn row(&mut self, cells: &[Value<'_>]) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (cell, column) in cells.iter().zip(0..) {
            write(sheet, self.next, column, cell, &self.text)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Adds the sheet that explains, and writes the whole out.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn finish(mut self, grid: &Grid, table: &Table, out: impl Write + Seek + Send) -> io::Result<()> {
        sheets::explain(&mut self.workbook, &explanation(grid, table)).map_err(sheets::broken)?;
        sheets::save(self.workbook, out)
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value<'_>,
    text_format: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::None => return Ok(()),
        Value::Text(text) => sheet.write_string(row, column, *text)?,
        Value::Code(text) => sheet.write_string_with_format(row, column, *text, text_format)?,
        Value::Day(day) => sheet.write_string(row, column, day.to_string())?,
        Value::Number(number) => sheet.write_number(row, column, *number)?,
        // Exact as far as a spreadsheet counts: no log comes to 2^53 rows.
        Value::Revision(number) => sheet.write_number(row, column, *number as f64)?,
        Value::Flag(flag) => sheet.write_boolean(row, column, *flag)?,
    };
    Ok(())
}

/// The cells of a row, in the order of the columns.
fn long_cells(row: &LongRow) -> [Value<'_>; Column::ALL.len()] {
    let day = |day: Option<NaiveDate>| day.map_or(Value::None, Value::Day);
    let number = |number: Option<u8>| number.map_or(Value::None, Value::Number);
    [
        Value::Code(&row.municipality_code),
        Value::Text(&row.prefecture_name),
        Value::Text(&row.municipality_name),
        Value::Text(&row.procedure_id),
        Value::Text(&row.procedure_name),
        Value::text(row.channel.as_deref()),
        Value::text(row.applicability),
        Value::text(row.applicability_reason.as_deref()),
        number(row.level),
        row.at_least.map_or(Value::None, Value::Flag),
        Value::text(row.state),
        number(row.target_level),
        day(row.target_on),
        Value::text(row.target_precision),
        Value::text(row.system.as_deref()),
        Value::text(row.url.as_deref()),
        Value::text(row.section.as_deref()),
        Value::Text(row.evidence),
        Value::Day(row.effective_on),
        Value::Text(row.effective_precision),
        Value::text(row.note.as_deref()),
        Value::Revision(row.revision),
    ]
}

/// Characters that a column shows.
fn width(table: &Table, column: u16) -> f64 {
    match (table, column) {
        (_, 0) => 10.0,
        (_, 1) => 10.0,
        (_, 2) => 14.0,
        (Table::Long(_), 3) => 18.0,
        (Table::Long(_), 4) => 50.0,
        (Table::Long(_), _) => 13.0,
        (Table::Wide(_), _) => 16.0,
    }
}

/// What the cells of a wide table are about, in words.
fn wide_channel(catalogue: &Catalogue, of: CellsOf) -> String {
    match of {
        CellsOf::Channel(channel) => catalogue.channel(channel).label_ja.clone(),
        CellsOf::Group(scale) => format!(
            "{}の接点のうち、数えている申告・公表でいちばん高い段階（実施中のものを先に見ます）。列 channel の {} がその印です。直して取り込むとき、どの接点のことか決まらないセルは尋ねます",
            scale.label(),
            scale.group_code()
        ),
    }
}

fn explanation(grid: &Grid, table: &Table) -> Vec<Line> {
    let catalogue = grid.catalogue();
    let mut lines = vec![(
        "この表".to_owned(),
        format!("優先的にオンライン化する手続の対応状況（シート {ROWS}）。{}", table.layout().label()),
    )];
    lines.extend(origin_lines(grid));
    match table {
        Table::Long(_) => lines.extend(column_lines(catalogue)),
        Table::Wide(wide) => lines.extend(
            [
                ("接点", wide_channel(catalogue, wide.cells_of()).as_str()),
                ("列", "団体コード・都道府県名・団体名（・接点）のあとは、手続IDと手続名"),
                ("セル", "0〜5 は段階、3+ は「少なくとも段階3」、対象外・組合・廃止 は該当性、空は未回答。団体の申告があればそれ、なければ国公表値で、国公表値には（国）が付きます。（国）の付いたセルは取込では使いません"),
            ]
            .map(|(what, text)| (what.to_owned(), text.to_owned())),
        ),
    }
    lines.extend(level_lines());
    lines.push((
        "取込".to_owned(),
        "このファイルは直して取り込めます（先頭の ' は、数式と取り違えられないための印で、取込のときに外します）".to_owned(),
    ));
    lines
}
