//! The sheets of a workbook as rows.

use std::collections::BTreeMap;

use super::facts::HiddenColumn;
use super::merges::Merges;
use super::size::check_size;
use super::{Container, Row, SheetFacts, Table, Tables, check_text, shown};
use crate::domain::file_dates::SerialDays;
use crate::domain::readiness::check_address;
use crate::import::Fault;
use crate::import::headings::names_a_row;
use crate::import::options::{Hidden, Options};
use crate::import::workbook::{CellValue, Cells, Sheet, SheetRow, Workbook, reference};

/// How far down the headings of hidden columns are looked for.
const HEADING_ROWS: usize = 40;

/// Reads all sheets that can be seen.
///
/// # Errors
///
/// More than is read, and merged ranges that overlap.
pub(super) fn from_workbook(book: Workbook, options: &Options) -> Result<Tables, Vec<Fault>> {
    let days = if book.date_1904 { SerialDays::From1904 } else { SerialDays::From1900 };
    // Whoever names a hidden sheet means it.
    let named = |sheet: &Sheet| options.sheet.as_deref() == Some(sheet.name.trim());
    let (unseen, visible): (Vec<_>, Vec<_>) =
        book.sheets.into_iter().partition(|sheet| sheet.hidden && !named(sheet));
    let mut notes = Vec::new();
    if !unseen.is_empty() {
        let names: Vec<&str> = unseen.iter().map(|sheet| sheet.name.as_str()).collect();
        notes.push(format!(
            "非表示のシートは読んでいません: {}（読むには再表示するか、シート（sheet）に指定してください）。",
            names.join("、")
        ));
    }
    let mut reader = Reader { days, hidden: options.hidden, cells: 0, bytes: 0 };
    let tables = visible.into_iter().map(|sheet| reader.table(sheet)).collect::<Result<_, _>>()?;
    Ok(Tables { tables, notes })
}

/// The cells that lead to an address and show something else.
fn links_unseen(links: &[(u32, u32)], rows: &[Row]) -> Cells {
    let mut unseen = Cells::default();
    for (column, line) in links {
        let row = rows.binary_search_by_key(line, |row| row.line).ok().and_then(|at| rows.get(at));
        let text = row.map_or("", |row| row.cell(usize::try_from(*column).unwrap_or(usize::MAX)).trim());
        if !text.is_empty() && check_address(text).is_err() {
            unseen.add(|| reference(*column, *line));
        }
    }
    unseen
}

struct Reader {
    days: SerialDays,
    hidden: Option<Hidden>,
    /// Cells and bytes of all sheets so far.
    cells: usize,
    bytes: usize,
}

impl Reader {
    fn table(&mut self, mut sheet: Sheet) -> Result<Table, Vec<Fault>> {
        let mut merges = Merges::new(&sheet);
        let mut columns = hidden_columns(&sheet, self.hidden);
        let mut facts = SheetFacts {
            struck: std::mem::take(&mut sheet.struck),
            struck_in_part: std::mem::take(&mut sheet.struck_in_part),
            comments: std::mem::take(&mut sheet.comments),
            ..SheetFacts::default()
        };
        let mut rows = Vec::with_capacity(sheet.rows.len());
        for row in std::mem::take(&mut sheet.rows) {
            if row.hidden {
                let by_filter = sheet.is_filtered(row.number);
                let lines = if by_filter { &mut facts.filtered } else { &mut facts.hidden };
                lines.push(row.number);
            }
            let row = self.row(row, &mut merges, &mut columns, &mut facts.unseen)?;
            self.cells += row.len();
            self.bytes += row.text.len();
            check_size(row.len(), self.cells, row.line)?;
            check_text(self.bytes)?;
            rows.push(row);
        }
        facts.merged = merges.finish();
        facts.links = links_unseen(&sheet.links, &rows);
        facts.columns = columns.into_values().filter(HiddenColumn::is_told).collect();
        Ok(Table {
            container: Container::Workbook { sheet: sheet.name },
            rows,
            serial_days: self.days,
            remarks: Vec::new(),
            cover: Vec::new(),
            facts,
            offset: (0, 0),
        })
    }

    fn row(
        &self,
        row: SheetRow,
        merges: &mut Merges,
        columns: &mut BTreeMap<usize, HiddenColumn>,
        unseen: &mut Cells,
    ) -> Result<Row, Vec<Fault>> {
        let mut cells: Vec<String> = Vec::with_capacity(row.cells.len());
        for cell in row.cells {
            if cell.unseen && self.hidden != Some(Hidden::All) {
                unseen.add(|| reference(cell.column, row.number));
                continue;
            }
            let column = usize::try_from(cell.column).unwrap_or(usize::MAX);
            // The reader has bounded the column already.
            if column >= cells.len() {
                cells.resize(column + 1, String::new());
            }
            cells[column] = shown::text(cell.value, cell.format, self.days);
        }
        merges.fill(row.number, &mut cells)?;
        for (at, column) in columns.range_mut(..cells.len()) {
            if let Some(cell) = cells.get_mut(*at).filter(|cell| !cell.is_empty()) {
                column.see(row.number, cell);
                if !column.is_read {
                    cell.clear();
                }
            }
        }
        let hidden = row.hidden && self.hidden != Some(Hidden::All);
        Ok(Row { hidden, ..Row::new(row.number, cells) })
    }
}

/// The hidden columns that have any cell. One that says what each row is about is read whatever the
/// sender wants of the others: without it the rows would be somebody else's, or nobody's.
fn hidden_columns(sheet: &Sheet, hidden: Option<Hidden>) -> BTreeMap<usize, HiddenColumn> {
    let mut columns = BTreeMap::new();
    let unseen = sheet.hidden_columns();
    if unseen.is_empty() {
        return columns;
    }
    for cell in sheet.rows.iter().flat_map(|row| &row.cells) {
        let at = usize::try_from(cell.column).unwrap_or(usize::MAX);
        if unseen.get(at) == Some(&true) {
            columns.entry(at).or_insert_with(|| HiddenColumn::new(cell.column));
        }
    }
    for cell in sheet.rows.iter().take(HEADING_ROWS).flat_map(|row| &row.cells) {
        let at = usize::try_from(cell.column).unwrap_or(usize::MAX);
        if let (Some(column), CellValue::Text(text)) = (columns.get_mut(&at), &cell.value) {
            column.is_key |= names_a_row(text);
        }
    }
    for column in columns.values_mut() {
        column.is_read = column.is_key || hidden == Some(Hidden::All);
    }
    columns
}
