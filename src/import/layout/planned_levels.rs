//! Levels that are planned, as cells of a column of them say: 5, ○, 完結; a dash plans nothing.

use super::column::Column;
use super::sheet::Sheet;
use super::unknown::left_out;
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::readiness::{Level, Scale};
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::marks::{Choice, Question, is_dash, planned_level};
use crate::import::table::Row;

impl Sheet<'_> {
    /// The level that a (folded) cell names on one of these scales; none where it says that nothing is planned.
    ///
    /// # Errors
    ///
    /// What is none; of a day what the column is gets asked.
    pub(super) fn planned_level(
        &mut self,
        row: &Row,
        column: usize,
        text: &str,
        scales: &[Scale],
    ) -> Result<Option<Level>, Fault> {
        if let Some(level) = scales.iter().find_map(|scale| planned_level(text, *scale)) {
            return Ok(Some(level));
        }
        if is_dash(text) {
            self.note_nothing(row, column);
            return Ok(None);
        }
        if read_day(text, Purpose::Until).is_ok_and(|read| read.dated.is_some()) {
            return Err(self.day_for_level(column, text));
        }
        let mut names: Vec<&str> = Vec::new();
        for scale in scales {
            names.extend(Level::all().map(|level| level.short_label(*scale)));
        }
        let fault = Fault::whole("level_format", "目標の段階が分かりません").found(text);
        Err(fault.allowing(format!("0〜5、○、{}", names.join("、"))))
    }

    /// The fault of a day in a column of planned levels.
    fn day_for_level(&self, column: usize, text: &str) -> Fault {
        let name = self.headings.name(column);
        let message =
            "目標の段階の列に、時期が書かれています。時期の列なら、何の列か（columns）を指定してください";
        let choice = Choice {
            parameter: "columns".to_owned(),
            value: format!("{}={}", fold_for_match(&name), Column::TargetOn.code()),
            label: "目標日（予定の時期）".to_owned(),
        };
        let question = format!("「{}」列は目標の時期ですか", cut(&name, 60));
        let question = Question {
            mark: cut(&name, 100),
            headings: vec![cut(&name, 60)],
            choices: vec![choice, left_out(&name)],
            ..Question::about_the_file("columns", question, [])
        };
        Fault::whole("level_format", message).found(text).allowing("0〜5、または時期の列").asking(question)
    }
}
