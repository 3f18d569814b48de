//! Rows of a fiscal year that is not over on the day of the import: nobody can have counted the whole of it.

use chrono::NaiveDate;

use crate::domain::dates::FiscalYear;
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::layout::sheet::Sheet;
use crate::import::marks::{Choice, Question};

/// Whether a year is not over on a day.
pub(super) fn is_running(year: FiscalYear, today: NaiveDate) -> bool {
    year.last_day() >= today
}

/// The rows whose own column of years names such a year.
pub(super) struct Running {
    /// The column of years, unless the sender says that it is of whole ones.
    open: Option<usize>,
    today: NaiveDate,
    rows: usize,
    first: Option<FiscalYear>,
}

impl Running {
    pub(super) fn new(column: Option<usize>, sheet: &Sheet<'_>) -> Self {
        let open = column.filter(|at| !sheet.headings.is_answered(*at));
        Self { open, today: sheet.options.today, rows: 0, first: None }
    }

    /// What is wrong with a row of a year, if it is one that is asked about.
    pub(super) fn fault(&mut self, year: FiscalYear) -> Option<Fault> {
        if self.open.is_none() || !is_running(year, self.today) {
            return None;
        }
        self.rows += 1;
        self.first.get_or_insert(year);
        let message = format!(
            "{year}はまだ終わっていないため、1年度分の実績の件数か分かりません。途中までの件数や目標の行を除くか、どの行も1年度分の実績なら、年度の列をそう指定（columns）してください"
        );
        let fault = Fault::whole("year_not_over", message).allowing("終わった年度の1年度分の件数");
        Some(fault.asked_elsewhere())
    }

    pub(super) fn question(self, sheet: &Sheet<'_>) -> Option<Question> {
        let (at, year) = self.open.zip(self.first)?;
        let name = sheet.headings.name(at);
        let choice = Choice {
            parameter: "columns".to_owned(),
            value: format!("{}=年度", fold_for_match(&name)),
            label: "どの行も1年度分の実績（書かれた年度の件数として取り込む）".to_owned(),
        };
        let question = format!(
            "「{}」列に、まだ終わっていない{year}の行があります。どの行も1年度分の実績ですか",
            cut(&name, 100)
        );
        Some(Question {
            mark: cut(&name, 100),
            headings: vec![cut(&name, 60)],
            count: self.rows,
            choices: vec![choice],
            ..Question::about_the_file("columns", question, [])
        })
    }
}
