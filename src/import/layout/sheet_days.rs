//! The days in the cells of a sheet and over its columns.

use super::channels;
use super::sheet::{LastDay, Sheet};
use crate::domain::Refusal;
use crate::domain::dates::Dated;
use crate::domain::loose_dates::{Purpose, ReadDay, read_day, read_day_of_year};
use crate::domain::text::{fold_for_match, fold_width, stands_for_nothing};
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::table::Row;

impl Sheet<'_> {
    /// A day, month or fiscal year from which something is true; a bare number is a spreadsheet's serial.
    ///
    /// # Errors
    ///
    /// What is none.
    pub(super) fn day(&mut self, row: &Row, column: usize) -> Result<Option<Dated>, Fault> {
        self.day_for(row, column, Purpose::From)
    }

    /// The same of a column that says until when something is planned.
    ///
    /// # Errors
    ///
    /// What is none.
    pub(super) fn planned_day(&mut self, row: &Row, column: usize) -> Result<Option<Dated>, Fault> {
        self.day_for(row, column, Purpose::Until)
    }

    /// The day that the heading of a column says of the plans in it; what is odd about it is told once.
    pub(super) fn day_over_plans(&mut self, column: usize) -> Option<Dated> {
        let headings = self.headings;
        let ReadDay { dated, warning, .. } = channels::day_over_plans(headings.text(column))?;
        if let Some(warning) = warning {
            let name = headings.name(column);
            let warning = Fault::of(warning).at_line(headings.line).in_column(column, &name);
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        dated
    }

    /// The day of a row in a column, if there is one; its fault is told.
    pub(super) fn day_of(&mut self, row: &Row, column: Option<usize>) -> Option<Dated> {
        self.day(row, column?).map_err(|fault| self.faults.push(fault)).ok().flatten()
    }

    fn day_for(&mut self, row: &Row, column: usize, purpose: Purpose) -> Result<Option<Dated>, Fault> {
        let text = row.cell(column).trim();
        if text.is_empty() {
            return Ok(None);
        }
        // The same few days stand in thousands of rows.
        let is_last = |last: &&LastDay| (last.column, last.purpose) == (column, purpose);
        let last = self.last_days.iter().find(is_last);
        if let Some(last) = last.filter(|last| last.text == text) {
            return Ok(Some(last.day));
        }
        if stands_for_nothing(text) {
            self.note_nothing(row, column);
            return Ok(None);
        }
        if tells_done(text) {
            let message = "時期ではないため、空欄として扱います（段階や印の列に書いてください）";
            self.warn(Refusal::new("date_done", text, message, "a word for what is done"), row, column);
            return Ok(None);
        }
        let folded = fold_width(text);
        let serial =
            folded.len() != 8 && folded.len() != 4 && folded.bytes().all(|byte| byte.is_ascii_digit());
        if serial {
            // Five digits are the days since 1927; fewer are a slip rather than a day so long ago.
            let day = folded.parse().ok().filter(|_| folded.len() == 5);
            let day = day.and_then(|serial| self.table.serial_days.day(serial));
            return day.map(|on| Some(Dated::day(on))).ok_or_else(|| {
                let message = "日付として読めない数字です（Excel の通し番号なら5桁）";
                self.at(Fault::whole("date_serial", message).found(text).allowing("2026-03-31"), row, column)
            });
        }
        match day_below(self.headings.text(column), text, purpose) {
            Ok(ReadDay { dated, warning, planned }) => {
                // A plan is told where it becomes one.
                let ahead = planned && dated.is_some_and(|day| day.on > self.options.today);
                if let (Some(day), None) = (dated, &warning) {
                    self.last_days.retain(|last| (last.column, last.purpose) != (column, purpose));
                    self.last_days.push(LastDay { column, purpose, text: text.to_owned(), day });
                }
                if let Some(warning) = warning.filter(|_| !(ahead && purpose == Purpose::From)) {
                    self.warn(warning, row, column);
                }
                Ok(dated)
            }
            Err(refusal) => Err(self.at(Fault::of(refusal), row, column)),
        }
    }
}

/// Whether a cell says that something is done, and not when.
fn tells_done(text: &str) -> bool {
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    const WORDS: [&str; 10] =
        ["済", "済み", "実施済", "対応済", "達成済", "導入済", "開始済", "完了", "達成", "実施中"];
    let folded = fold_for_match(text);
    WORDS.contains(&folded.as_str()) || folded.strip_suffix('み').is_some_and(|word| WORDS.contains(&word))
}

/// What a cell below a heading says of a day.
pub(super) fn day_below(heading: &str, text: &str, purpose: Purpose) -> Result<ReadDay, Refusal> {
    let read = if is_of_fiscal_years(heading) { read_day_of_year } else { read_day };
    read(text, purpose)
}

/// Whether a heading says that the years below it are fiscal ones: 目標年度, オンライン化予定年度（予定）.
fn is_of_fiscal_years(heading: &str) -> bool {
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    folded.split('(').next().is_some_and(|bare| bare.ends_with("年度"))
}
