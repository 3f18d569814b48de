//! What is taken away as rows, in either layout, and the rows as CSV and NDJSON.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use super::wide::Wide;
use super::{Fact, LineEnd, LongRow, csv_writer, json_line};
use crate::domain::Refusal;
use crate::domain::codes::codes;
use crate::domain::current::Texts;
use crate::grid::Grid;
use crate::import::layout::column::Column;

codes! {
    /// Shapes of an export.
    TableLayout, "表の形", "layout" {
        Long = "long", "縦長（1行に団体・手続・接点）", "one row per body, procedure and channel", "1行に1つの団体・手続・接点を書く。取込でそのまま読める";
        Wide = "wide", "横長（1行に1団体、列は手続、セルは1つの接点か、接点の群でいちばん高い段階）", "one row per body, one column per procedure; cells of one channel, or the best of a channel group";
    }
}

/// Rows that a sheet has room for below its heading.
pub const SHEET_ROWS: usize = 1_048_575;

/// Rows to take away.
#[derive(Clone, Debug)]
pub enum Table {
    /// Every fact.
    Long(Vec<Fact>),
    /// Bodies × procedures on one channel, or the best of a channel group.
    Wide(Wide),
}

impl Table {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Long(facts) => facts.len(),
            Self::Wide(wide) => wide.len(),
        }
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its layout.
    pub fn layout(&self) -> TableLayout {
        match self {
            Self::Long(_) => TableLayout::Long,
            Self::Wide(_) => TableLayout::Wide,
        }
    }

    /// The headings, in order.
    pub fn headings(&self, grid: &Grid) -> Vec<String> {
        match self {
            Self::Long(_) => Column::ALL.iter().map(|column| column.code().to_owned()).collect(),
            Self::Wide(wide) => wide.headings(grid),
        }
    }

    /// Numbers of the assertions whose texts some rows need.
    pub fn text_numbers(&self, grid: &Grid, range: Range<usize>) -> Vec<i64> {
        match self {
            Self::Long(facts) => {
                piece(facts, range).iter().filter_map(|fact| fact.text_number(grid)).collect()
            }
            Self::Wide(_) => Vec::new(),
        }
    }

    /// The heading as the first line of a CSV file.
    ///
    /// # Errors
    ///
    /// None in practice: the target is memory.
    pub fn csv_head(&self, grid: &Grid, line_end: LineEnd, out: &mut Vec<u8>) -> io::Result<()> {
        let mut writer = csv_writer(out, line_end);
        writer.write_record(self.headings(grid))?;
        writer.flush()
    }

    /// Adds some rows to a CSV text.
    ///
    /// # Errors
    ///
    /// None in practice: the target is memory.
    pub fn csv(
        &self,
        grid: &Grid,
        texts: &HashMap<i64, Texts>,
        range: Range<usize>,
        line_end: LineEnd,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        match self {
            Self::Long(facts) => {
                let mut writer = csv_writer(out, line_end);
                for row in long_rows(grid, texts, facts, range) {
                    writer.serialize(row.guarded())?;
                }
                writer.flush()
            }
            Self::Wide(wide) => wide.csv(grid, range, line_end, out),
        }
    }

    /// Adds some rows to an NDJSON text, one object a line.
    ///
    /// # Errors
    ///
    /// None in practice: the target is memory.
    pub fn ndjson(
        &self,
        grid: &Grid,
        texts: &HashMap<i64, Texts>,
        range: Range<usize>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        match self {
            Self::Long(facts) => {
                long_rows(grid, texts, facts, range).try_for_each(|row| json_line(out, &row))
            }
            Self::Wide(wide) => wide.ndjson(grid, range, out),
        }
    }
}

fn piece(facts: &[Fact], range: Range<usize>) -> &[Fact] {
    facts.get(range).unwrap_or_default()
}

/// Some rows of the long layout.
pub(super) fn long_rows(
    grid: &Grid,
    texts: &HashMap<i64, Texts>,
    facts: &[Fact],
    range: Range<usize>,
) -> impl Iterator<Item = LongRow> {
    piece(facts, range).iter().map(|fact| LongRow::new(grid, fact, texts))
}

/// Whether a sheet of so many rows has room for a table; `csv` is where the same is had as CSV, which has no end.
///
/// # Errors
///
/// More rows than that.
pub fn check_rows(rows: usize, most: usize, csv: &str) -> Result<(), Refusal> {
    if rows <= most {
        return Ok(());
    }
    Err(Refusal::new(
        "too_many_rows",
        &rows.to_string(),
        format!(
            "{rows}行あり、xlsx の1シート（{most}行）に入りません。CSV（{csv}）を使うか、条件で絞ってください"
        ),
        format!("{rows} rows do not fit a sheet of {most}; use the CSV export ({csv}) or a filter"),
    )
    .allowed(format!("0-{most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_so_many_rows() {
        const CSV: &str = "readiness.csv";
        assert_eq!(check_rows(2, 2, CSV), Ok(()));
        assert_eq!(check_rows(SHEET_ROWS, SHEET_ROWS, CSV), Ok(()));
        let refusal = check_rows(SHEET_ROWS + 1, SHEET_ROWS, CSV).unwrap_err();
        assert_eq!((refusal.code, refusal.value.as_str()), ("too_many_rows", "1048576"));
        assert!(refusal.ja.contains("readiness.csv") && refusal.en.contains("readiness.csv"));
    }
}
