//! What is asked of columns under a heading that names a procedure or a body, where nobody knows what they say
//! of it: 妊娠の届出 over 状況 and 職員数.

use super::cells::{is_address, is_number};
use super::{MOST, left_out, own_key};
use crate::domain::file_dates::read_in_file;
use crate::domain::text::{cut, fold_width};
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::layout::channel_words::likely_channel;
use crate::import::layout::channels::tells_plans;
use crate::import::layout::column::Column;
use crate::import::layout::sheet::Sheet;
use crate::import::marks::{Choice, Question, likeliest_first};
use crate::import::table::Row;

/// The same sub-heading under all the headings above it.
struct SubHeading<'h> {
    text: &'h str,
    columns: Vec<usize>,
}

impl Sheet<'_> {
    /// Asks about columns under headings that name `what`, once for each different sub-heading. Gives back
    /// those that say something.
    pub(in crate::import::layout) fn ask_sub_headings(
        &mut self,
        rows: &[&Row],
        open: &[usize],
        what: &str,
    ) -> Vec<usize> {
        let is_filled = |at: &usize| rows.iter().any(|row| !row.cell(*at).trim().is_empty());
        let filled: Vec<usize> = open.iter().copied().filter(is_filled).collect();
        let headings = self.headings;
        let mut found: Vec<SubHeading<'_>> = Vec::new();
        for at in &filled {
            let text = pieces_of(headings.text(*at)).last().unwrap_or_default();
            match found.iter_mut().find(|other| own_key(other.text) == own_key(text)) {
                Some(other) => other.columns.push(*at),
                None => found.push(SubHeading { text, columns: vec![*at] }),
            }
        }
        for one in found.iter().take(MOST) {
            self.ask_sub_heading(rows, one, what);
        }
        filled
    }

    fn ask_sub_heading(&mut self, rows: &[&Row], one: &SubHeading<'_>, what: &str) {
        /// So many headings are enough to find it.
        const SHOWN: usize = 5;
        let cell = |row: &&Row, at: usize| row.cell(at).trim().to_owned();
        let cells = one.columns.iter().flat_map(|at| rows.iter().map(move |row| cell(row, *at)));
        let cells: Vec<String> = cells.filter(|cell| !cell.is_empty()).collect();
        let (choices, suggestion) = self.meanings_below(one.text, &cells);
        let text = cut(one.text, 60);
        let message = format!(
            "{what}の下の見出し「{text}」が何の列か分かりません。何の列か（columns）、取り込まない（ignore）かを指定してください"
        );
        let allowed: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
        let fault = Fault::whole("unknown_heading", message).at_line(self.headings.line).found(one.text);
        let fault = fault.asked_elsewhere().allowing(allowed.join("、"));
        let names: Vec<String> = one.columns.iter().map(|at| self.headings.name(*at)).collect();
        let places = one.columns.iter().zip(&names);
        self.faults.extend(places.map(|(at, name)| fault.clone().in_column(*at, name)));
        self.questions.push(Question {
            mark: cut(one.text, 100),
            parameter: "columns".to_owned(),
            question: format!("{what}の下の「{text}」列（{}か所）は何の列ですか", cells.len()),
            count: cells.len(),
            headings: names.iter().take(SHOWN).map(|name| cut(name, 60)).collect(),
            choices,
            suggestion,
            lines: Vec::new(),
        });
    }

    /// What a sub-heading may mean, the likeliest first, and what its words say that it means.
    fn meanings_below(&self, text: &str, cells: &[String]) -> (Vec<Choice>, Option<String>) {
        let key = own_key(text);
        let choice = |code: &str, label: &str| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={code}"),
            label: label.to_owned(),
        };
        let mut choices = Vec::new();
        let mut suggestion = None;
        // Numbers above the highest level count something, which may be kept as a remark at most.
        let counts = cells.iter().all(|cell| is_number(cell))
            && cells.iter().any(|cell| fold_width(cell).parse::<u64>().is_ok_and(|number| number > 5));
        if !counts {
            choices.push(choice(Column::Level.code(), "印や段階（状況）"));
            let channels = self.catalogue.channels().iter();
            choices.extend(channels.map(|row| choice(row.id.as_str(), &row.label_ja)));
            let fields = [
                Column::TargetLevel,
                Column::TargetOn,
                Column::EffectiveOn,
                Column::Section,
                Column::Url,
                Column::System,
            ];
            choices.extend(fields.map(|field| choice(field.code(), field.label())));
            let mostly =
                |is: &dyn Fn(&str) -> bool| cells.iter().filter(|cell| is(cell)).count() * 2 > cells.len();
            let days = mostly(&|cell| read_in_file(cell).is_ok());
            let likely = match tells_plans(text) {
                true if days => Some(Column::TargetOn.code()),
                true => Some(Column::TargetLevel.code()),
                false if mostly(&is_address) => Some(Column::Url.code()),
                false => likely_channel(text),
            };
            suggestion = likely.map(|code| format!("{key}={code}"));
        }
        choices.push(choice(Column::Note.code(), Column::Note.label()));
        choices.push(left_out(text));
        likeliest_first(&mut choices, suggestion.as_deref());
        (choices, suggestion)
    }
}
