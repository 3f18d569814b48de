//! The table that a body publishes once a year: how often each procedure was applied for, and how many of
//! these applications came online (デジタル手続法 and the ordinances made after it ask for it).

use std::io::{self, Seek, Write};

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::encoding::{Encoding, to_cp932};
use super::words::{Line, origin_lines};
use super::{csv_writer, sheets};
use crate::domain::catalogue::BodyIx;
use crate::domain::dates::FiscalYear;
use crate::domain::text::guarded;
use crate::grid::Grid;
use crate::grid::applied::{self, Applied};
use crate::grid::tally::Percent;

/// Name of the sheet with the rows.
const ROWS: &str = "オンライン利用状況";
const HEADINGS: [&str; 5] = ["年度", "手続名", "総件数", "オンライン件数", "割合（%）"];
/// Name of the row with the sums.
const SUM: &str = "合計";

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    year: FiscalYear,
    name: String,
    all: Option<u64>,
    online: Option<u64>,
}

impl Row {
    fn percent(&self) -> Option<Percent> {
        Percent::of(self.online?, self.all?)
    }
}

/// The table of one body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageTable {
    rows: Vec<Row>,
    /// The body, by name.
    body: String,
    code: String,
}

impl UsageTable {
    /// The table of a body and a fiscal year, or of every year: procedures in printed order, then the sum
    /// of the year.
    pub fn new(grid: &Grid, body: BodyIx, year: Option<FiscalYear>) -> Self {
        let catalogue = grid.catalogue();
        let procedures: Vec<_> = (0..).zip(catalogue.procedures()).map(|(ix, _)| ix).collect();
        let mut counted = applied::of(grid, body, &procedures, year);
        counted.sort_by_key(|row| (row.fiscal_year, row.procedure));
        let of_year = |counted: &[Applied]| {
            let row = |applied: &Applied| Row {
                year: applied.fiscal_year,
                name: catalogue.procedure(applied.procedure).name_ja.clone(),
                all: applied.all,
                online: applied.online,
            };
            let rows: Vec<Row> = counted.iter().map(row).collect();
            let sum = sum(&rows);
            rows.into_iter().chain(sum)
        };
        let rows = counted.chunk_by(|one, other| one.fiscal_year == other.fiscal_year).flat_map(of_year);
        let named = catalogue.body(body);
        Self {
            rows: rows.collect(),
            body: format!("{}{}", named.prefecture_name, named.name),
            code: named.code.to_string(),
        }
    }

    /// The name of the file, without its ending.
    pub fn file_stem(&self) -> String {
        let mut years: Vec<String> = self.rows.iter().map(|row| row.year.number().to_string()).collect();
        years.dedup();
        format!("オンライン利用状況_{}_{}", self.code, years.join("-"))
    }

    fn cells(row: &Row) -> [String; 5] {
        let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        [
            row.year.to_string(),
            guarded(&row.name).into_owned(),
            number(row.all),
            number(row.online),
            row.percent().map_or_else(String::new, |percent| percent.to_string()),
        ]
    }

    /// The table as CSV; answers how many characters CP932 could not hold, where that is the encoding.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn csv(&self, encoding: Encoding, out: &mut impl Write) -> io::Result<Option<u64>> {
        let mut text = Vec::new();
        let mut writer = csv_writer(&mut text, encoding.line_end());
        writer.write_record(HEADINGS)?;
        self.rows.iter().try_for_each(|row| writer.write_record(Self::cells(row)))?;
        writer.flush()?;
        drop(writer);
        let replaced = (encoding == Encoding::Cp932).then(|| {
            let mut encoded = Vec::new();
            let replaced = to_cp932(&String::from_utf8_lossy(&text), &mut encoded);
            text = encoded;
            replaced
        });
        out.write_all(encoding.mark())?;
        out.write_all(&text)?;
        out.flush()?;
        Ok(replaced)
    }

    /// The table as a workbook.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn xlsx(&self, grid: &Grid, out: impl Write + Seek + Send) -> io::Result<()> {
        let mut workbook = sheets::start(grid).map_err(sheets::broken)?;
        self.sheet(workbook.add_worksheet()).map_err(sheets::broken)?;
        sheets::explain(&mut workbook, &self.explanation(grid)).map_err(sheets::broken)?;
        sheets::save(workbook, out)
    }

    fn sheet(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (head, wrapped) = (sheets::heading(), sheets::wrapped());
        sheet.set_name(ROWS)?;
        sheet.set_freeze_panes(1, 2)?;
        for ((heading, width), column) in HEADINGS.iter().zip([12.0, 60.0, 14.0, 16.0, 12.0]).zip(0..) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, *heading, &head)?;
        }
        for (row, line) in self.rows.iter().zip(1..) {
            sheet.write_string(line, 0, row.year.to_string())?;
            sheet.write_string_with_format(line, 1, &row.name, &wrapped)?;
            let percent = row.percent().map(|percent| f64::from(percent.tenths()) / 10.0);
            // Excel counts in the same numbers up to 2^53.
            let counts = [row.all, row.online].map(|count| count.map(|count| count as f64));
            for (number, column) in counts.into_iter().chain([percent]).zip(2..) {
                if let Some(number) = number {
                    sheet.write_number(line, column, number)?;
                }
            }
        }
        Ok(())
    }

    fn explanation(&self, grid: &Grid) -> Vec<Line> {
        let lines = [
            (
                "この表",
                format!("{}の、手続ごとの申請の件数と、そのうちオンラインで受け付けた件数です。", self.body),
            ),
            ("総件数", "申請の方法を問わない、年度内のすべての件数です。".to_owned()),
            ("割合（%）", "オンライン件数÷総件数を、小数第2位で四捨五入しています。".to_owned()),
            ("空欄", "件数が記録されていません。0件ではありません。".to_owned()),
            (SUM, "どちらの件数も記録されている手続だけの合計です。".to_owned()),
        ];
        let mut lines: Vec<Line> = lines.map(|(what, text)| (what.to_owned(), text)).into();
        lines.extend(origin_lines(grid));
        lines
    }
}

/// The sums of one year over the procedures of which both counts are known; none where there are none.
fn sum(rows: &[Row]) -> Option<Row> {
    let both = rows.iter().filter_map(|row| Some((row.all?, row.online?)));
    let (all, online) = both.reduce(|one, other| (one.0 + other.0, one.1 + other.1))?;
    Some(Row { year: rows.first()?.year, name: SUM.to_owned(), all: Some(all), online: Some(online) })
}
