//! What a table of counts leaves open: columns of forecasts, and cells with a dash or a word for "no number".

use std::collections::BTreeMap;

use super::below::no_number;
use super::columns::{Column, What, is_forecast, year_of};
use super::part::is_heading_of_part;
use crate::domain::readiness::Level;
use crate::domain::text::{cut, fold_for_match, fold_mark};
use crate::import::Fault;
use crate::import::layout::sheet::Sheet;
use crate::import::marks::{Choice, Meaning, Profile, Question};
use crate::import::table::Row;

/// Why counts are no counts of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    Forecast,
    Part,
}

/// Asks about each column of counts that its heading, or what stands around the table, calls a forecast or
/// those of a part of a year: only what was applied for in a whole year is counted.
pub(super) fn ask_about_others(sheet: &mut Sheet<'_>, columns: &[Column]) {
    let remarks: Vec<String> = sheet.remarks.iter().filter(|text| is_forecast(text)).cloned().collect();
    let remarked = |column: &Column| {
        let of_year =
            |text: &&String| year_of(text).is_none_or(|year| column.year.is_none_or(|own| own == year));
        remarks.iter().find(of_year)
    };
    let above = sheet.table.rows[..sheet.headings.rows().start].iter().flat_map(Row::cells);
    let titled = above.chain(sheet.table.container.sheet()).find(|text| is_heading_of_part(text));
    for column in columns.iter().filter(|column| column.what != What::Rate) {
        let (text, meaning) = (sheet.headings.text(column.at), sheet.headings.meaning(column.at));
        let own = || {
            let forecast = is_forecast(text).then_some((Other::Forecast, text));
            forecast.or_else(|| is_heading_of_part(text).then_some((Other::Part, text)))
        };
        let forecast = || Some((Other::Forecast, remarked(column)?.as_str()));
        let part = || Some((Other::Part, titled?));
        let Some((other, word)) = own().or_else(forecast).or_else(part) else { continue };
        let key = fold_for_match(&sheet.headings.name(column.at));
        // Whoever says what the column is knows that it is taken.
        if text != meaning || sheet.options.columns.iter().any(|(known, _)| *known == key) {
            continue;
        }
        ask_about_other(sheet, column.at, (other, &cut(word, 40)));
    }
}

fn ask_about_other(sheet: &mut Sheet<'_>, at: usize, (other, said): (Other, &str)) {
    let name = sheet.headings.name(at);
    let key = fold_for_match(&name);
    let (code, what, record) = match other {
        Other::Forecast => ("forecast", "見込みなどの件数", "実績"),
        Other::Part => ("part_of_year", "年度の一部の件数", "1年度分"),
    };
    let message = format!(
        "「{said}」とあります。{record}の件数ではないため取り込みません。取り込まない列（ignore）と指定するか、{record}なら何の件数か（columns）を指定してください"
    );
    let fault = Fault::whole(code, message).at_line(sheet.headings.line).in_column(at, &name);
    sheet.faults.push(fault.found(&name).allowing(format!("{record}の件数")).asked_elsewhere());
    let choice = |parameter: &str, value: String, label: String| Choice {
        parameter: parameter.to_owned(),
        value,
        label,
    };
    let question = format!("「{}」列は{what}ですか（「{said}」とあります）", cut(&name, 100));
    let choices = vec![
        choice("ignore", key.clone(), "この列は取り込まない".to_owned()),
        choice("columns", format!("{key}=手続総件数"), format!("{record}の手続総件数")),
        choice("columns", format!("{key}=うちオンライン数"), format!("{record}のうちオンライン数")),
    ];
    sheet.questions.push(Question {
        mark: cut(&name, 100),
        headings: vec![cut(&name, 60)],
        choices,
        ..Question::about_the_file("columns", question, [])
    });
}

/// Cells that say no number, and what the sender says of them.
pub(super) struct Blanks {
    profile: Profile,
    /// How often each is open, and under which headings.
    open: BTreeMap<String, (usize, Vec<String>)>,
}

impl Blanks {
    pub(super) fn new(profile: Profile) -> Self {
        Self { profile, open: BTreeMap::new() }
    }

    /// What a cell with a dash or a word for "no number" counts; nothing if it is another one.
    pub(super) fn read(
        &mut self,
        text: &str,
        row: &Row,
        at: usize,
        sheet: &Sheet<'_>,
    ) -> Option<Result<Option<i64>, Fault>> {
        // Nearly every cell is a number.
        if text.starts_with(|c: char| c.is_ascii_digit()) || text.is_empty() {
            return None;
        }
        let folded = fold_mark(text);
        let mark = no_number(&folded)?;
        match self.profile.said(&folded, None).or_else(|| self.profile.said(mark, None)) {
            Some(Meaning::Level(Level::ZERO, false)) => return Some(Ok(Some(0))),
            Some(Meaning::Nothing | Meaning::Note | Meaning::Applicability(_) | Meaning::Elsewhere) => {
                return Some(Ok(None));
            }
            _ => {}
        }
        let (count, headings) = self.open.entry(mark.to_owned()).or_default();
        *count += 1;
        let heading = cut(&sheet.headings.name(at), 60);
        /// So many are enough to find the cells.
        const SHOWN: usize = 5;
        if headings.len() < SHOWN && !headings.contains(&heading) {
            headings.push(heading);
        }
        let message = "件数の欄に件数がありません。0件か、件数なし（空欄）かを指定してください";
        let fault = Fault::whole("ambiguous_mark", message).found(row.cell(at)).asked_elsewhere();
        Some(Err(fault.allowing(format!("marks={mark}=nothing（空欄として読む）、{mark}=0（0件）"))))
    }

    pub(super) fn finish(self) -> impl Iterator<Item = Question> {
        self.open.into_iter().map(|(mark, (count, headings))| {
            let choice = |code: &str, label: &str| Choice {
                parameter: "marks".to_owned(),
                value: format!("{mark}={code}"),
                label: label.to_owned(),
            };
            let choices = vec![choice("nothing", "件数なし（空欄として読む）"), choice("0", "0件")];
            let question = format!("件数の欄の「{mark}」は何を意味しますか");
            let question = Question::about_the_file("marks", question, []);
            Question { mark, count, headings, choices, ..question }
        })
    }
}
