//! What a table of counts leaves open: columns that are no counts of a whole year, and cells with a dash or a word
//! for "no number".

use std::collections::BTreeMap;

use super::as_of::is_until_within;
use super::below::{Kept, no_number};
use super::columns::{
    Column, OF_WHOLE_YEAR, What, calendar_year_in, is_forecast, is_understood, says_whole_year, what_of,
    year_of,
};
use super::head::UsageHead;
use super::of_year::{Meant, meant};
use super::other_numbers::calls_other_numbers;
use super::part::is_heading_of_part;
use super::running::is_running;
use crate::domain::dates::FiscalYear;
use crate::domain::readiness::Level;
use crate::domain::text::{cut, fold_for_match, fold_mark};
use crate::domain::usage::ChannelGroup;
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::layout::sheet::Sheet;
use crate::import::layout::unknown::left_out;
use crate::import::marks::{Choice, Meaning, Profile, Question};
use crate::import::options::fiscal_year;
use crate::import::table::Row;

/// Why numbers are no counts of a year, or may be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    Forecast,
    Part,
    /// A year that is not called a fiscal one.
    Calendar(FiscalYear),
    /// They are rates, days or money.
    Numbers,
    /// Nobody can have counted the whole year yet.
    Running,
    /// They may be all applications, or those that came online.
    Unsaid,
}

/// What is asked about a column of counts.
pub(super) struct About {
    pub(super) at: usize,
    fault: Fault,
    question: Question,
    /// Whether the answer says of which year it is.
    pub(super) asks_year: bool,
}

impl About {
    /// The fault with its question, where it is told alone.
    pub(super) fn alone(self) -> Fault {
        self.fault.asking(self.question)
    }

    pub(super) fn tell(self, sheet: &mut Sheet<'_>) {
        sheet.faults.push(self.fault.asked_elsewhere());
        sheet.questions.push(self.question);
    }
}

/// What is to be asked about the columns of counts of which the heading, what stands around the table or the year
/// says that they are no counts of a whole year: only what was applied for in one is counted.
pub(super) fn others(sheet: &Sheet<'_>, head: &UsageHead, rows: &[&Row]) -> Vec<About> {
    let rates = head.columns.iter().any(|column| column.what == What::Rate);
    let said = Said::around(sheet, rates);
    let of_rows = years_of_rows(sheet, head, rows);
    let counts = head.columns.iter().filter(|column| column.what != What::Rate).copied();
    let all = What::Group(ChannelGroup::All);
    let of_groups = head.applications.map(|at| Column { at, year: None, what: all, procedure: None });
    let about = |column: Column| {
        let years = column.year.map_or_else(|| of_rows.clone(), |year| vec![year]);
        // The years of rows are told row by row.
        let told = column.year.is_some() || head.year.is_none();
        let running = years.iter().find(|year| told && is_running(**year, sheet.options.today));
        let running = || Some((Other::Running, running?.to_string()));
        let unsaid = || match (column.what, meant(head, &column, &said.titles)) {
            (What::OfYear, Meant::Open(title)) => Some((Other::Unsaid, title)),
            _ => None,
        };
        let text = sheet.headings.text(column.at);
        let (other, word) = said.why(&column, text, &years).or_else(running).or_else(unsaid)?;
        let grouped = head.applications == Some(column.at);
        let open = !is_said(sheet, column.at, grouped, other);
        open.then(|| about_other(sheet, (column.at, grouped), (other, &cut(&word, 40))))
    };
    counts.chain(of_groups).filter_map(about).collect()
}

/// Whether the sender says what a column is, knowing that it may be no count of a year.
fn is_said(sheet: &Sheet<'_>, at: usize, grouped: bool, other: Other) -> bool {
    let (text, meaning) = (sheet.headings.text(at), sheet.headings.meaning(at));
    let key = fold_for_match(&sheet.headings.name(at));
    if text == meaning && !sheet.options.columns.iter().any(|(known, _)| *known == key) {
        return false;
    }
    // What stands above or below what was said goes on to stand there.
    let mut said = pieces_of(meaning).filter(|piece| pieces_of(text).all(|own| own != *piece));
    match other {
        _ if grouped => true,
        Other::Calendar(_) => said.any(|piece| year_of(piece).is_some()),
        // What a column is was asked before of a heading that says nothing, and not whether it is of a whole year.
        _ => is_understood(text) || said.any(says_whole_year),
    }
}

/// The years that the rows name, or the sender.
fn years_of_rows(sheet: &Sheet<'_>, head: &UsageHead, rows: &[&Row]) -> Vec<FiscalYear> {
    let cells = head.year.into_iter().flat_map(|at| rows.iter().map(move |row| row.cell(at)));
    let mut years: Vec<FiscalYear> = Vec::new();
    for year in cells.filter_map(|cell| fiscal_year(cell).ok()).chain(sheet.options.fiscal_year) {
        if !years.contains(&year) {
            years.push(year);
        }
    }
    years
}

/// What stands above a table, and the name of its sheet.
pub(super) fn titles_of(sheet: &Sheet<'_>) -> Vec<String> {
    let above = sheet.table.rows[..sheet.headings.rows().start].iter().flat_map(Row::cells);
    above.chain(sheet.table.container.sheet()).map(str::to_owned).collect()
}

/// What stands around a table of counts.
struct Said {
    /// Above it, and the name of its sheet.
    titles: Vec<String>,
    /// Below it too.
    remarks: Vec<String>,
    /// Whether it has a column of rates: a title that speaks of rates is about that one.
    rates: bool,
}

impl Said {
    fn around(sheet: &Sheet<'_>, rates: bool) -> Self {
        Self { titles: titles_of(sheet), remarks: sheet.remarks.clone(), rates }
    }

    /// Why the numbers of a column are no counts of its years, with the text that says so.
    fn why(&self, column: &Column, heading: &str, years: &[FiscalYear]) -> Option<(Other, String)> {
        let own = || heading.to_owned();
        if pieces_of(heading).any(is_forecast) {
            return Some((Other::Forecast, own()));
        }
        if is_heading_of_part(heading) || pieces_of(heading).any(|piece| is_until_within(piece, years)) {
            return Some((Other::Part, own()));
        }
        if stands_below_others(heading) {
            return Some((Other::Numbers, own()));
        }
        if let Some(year) = pieces_of(heading).find_map(|piece| calendar_year_in(&fold_for_match(piece))) {
            return Some((Other::Calendar(year), own()));
        }
        let of_year = |text: &str| year_of(text).is_none_or(|year| column.year.is_none_or(|own| own == year));
        let around = || self.titles.iter().chain(&self.remarks);
        let forecast = around().find(|text| is_forecast(text) && of_year(text));
        let part = || self.titles.iter().find(|text| is_heading_of_part(text));
        let until = || around().find(|text| is_until_within(text, years));
        let bare = column.what == What::OfYear && !self.rates;
        let numbers = || self.titles.iter().find(|text| bare && calls_other_numbers(text));
        let forecast = forecast.map(|text| (Other::Forecast, text));
        let part = || part().or_else(until).map(|text| (Other::Part, text));
        let numbers = || numbers().map(|text| (Other::Numbers, text));
        let (other, text) = forecast.or_else(part).or_else(numbers)?;
        Some((other, text.clone()))
    }
}

/// Whether the lowest part of a heading does not say that it is of counts, and what stands above it says that it is
/// of other numbers: 令和6年度 利用率（％） over 窓口.
fn stands_below_others(heading: &str) -> bool {
    let mut pieces: Vec<&str> = pieces_of(heading).collect();
    let lowest = pieces.pop().unwrap_or_default();
    what_of(lowest).is_none() && pieces.into_iter().any(calls_other_numbers)
}

fn about_other(sheet: &Sheet<'_>, (at, grouped): (usize, bool), (other, said): (Other, &str)) -> About {
    let name = sheet.headings.name(at);
    let (code, what, record) = match other {
        Other::Forecast => ("forecast", "見込みなどの件数", "実績"),
        Other::Part => ("part_of_year", "年度の一部の件数", "1年度分"),
        Other::Calendar(_) => ("calendar_year", "暦年（1月〜12月）の件数", "4月〜翌年3月の1年度分"),
        Other::Numbers => ("other_numbers", "率・日数・金額など", "件数の1年度分"),
        Other::Running => ("year_not_over", "年度の途中までの件数や目標", "1年度分の実績"),
        Other::Unsaid => ("count_of_year", "総件数とうちオンライン数のどちら", "1年度分"),
    };
    let why = match other {
        Other::Forecast | Other::Part => {
            format!("「{said}」とあります。{record}の件数ではないため取り込みません。")
        }
        Other::Calendar(_) => {
            format!("「{said}」とあります。暦年の件数は、年度の件数として取り込めません。")
        }
        Other::Numbers => format!("「{said}」とあります。率・日数・金額などは件数として取り込めません。"),
        Other::Running => format!("{said}はまだ終わっていないため、1年度分の実績の件数か分かりません。"),
        Other::Unsaid => format!("「{said}」とあり、総件数かオンラインの件数か分かりません。"),
    };
    let message = format!(
        "{why}取り込まない列（ignore）と指定するか、{record}なら何の件数か（columns）を指定してください"
    );
    let fault = Fault::whole(code, message).at_line(sheet.headings.line).in_column(at, &name);
    let question = match other {
        Other::Running => format!("「{}」列は{what}ですか（{said}はまだ終わっていません）", cut(&name, 100)),
        _ => format!("「{}」列は{what}ですか（「{said}」とあります）", cut(&name, 100)),
    };
    let mut choices = vec![left_out(&name)];
    choices.extend(counts_of(sheet, (at, grouped), other, record));
    if other == Other::Unsaid {
        choices.rotate_left(1);
    }
    About {
        at,
        fault: fault.found(&name).allowing(format!("{record}の件数")),
        question: Question {
            mark: cut(&name, 100),
            headings: vec![cut(&name, 60)],
            choices,
            ..Question::about_the_file("columns", question, [])
        },
        asks_year: matches!(other, Other::Calendar(_)),
    }
}

/// What a column may count that is asked about, said so that nobody can say it without knowing why.
fn counts_of(
    sheet: &Sheet<'_>,
    (at, grouped): (usize, bool),
    other: Other,
    record: &str,
) -> impl Iterator<Item = Choice> {
    let key = fold_for_match(&sheet.headings.name(at));
    let whole = match other {
        _ if grouped => String::new(),
        Other::Calendar(year) => format!("{}年度", year.number()),
        _ if is_understood(sheet.headings.text(at)) => String::new(),
        _ => OF_WHOLE_YEAR.to_owned(),
    };
    let counts = if grouped { &["件数"][..] } else { &["手続総件数", "うちオンライン数"] };
    counts.iter().map(move |count| Choice {
        parameter: "columns".to_owned(),
        value: format!("{key}={whole}{count}"),
        label: format!("{record}の{count}"),
    })
}

/// Cells that say no number, and what the sender says of them.
pub(super) struct Blanks {
    profile: Profile,
    open: BTreeMap<&'static str, Blank>,
}

/// A word or sign for "no number" that is open.
struct Blank {
    kept: Kept,
    count: usize,
    /// Some of the ways in which it is written.
    forms: Vec<String>,
    headings: Vec<String>,
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
        let (mark, kept) = no_number(&folded)?;
        match self.profile.said(&folded, None).or_else(|| self.profile.said(mark, None)) {
            Some(Meaning::Level(Level::ZERO, false)) => return Some(Ok(Some(0))),
            Some(Meaning::Nothing | Meaning::Note | Meaning::Applicability(_) | Meaning::Elsewhere) => {
                return Some(Ok(None));
            }
            _ => {}
        }
        let new = || Blank { kept, count: 0, forms: Vec::new(), headings: Vec::new() };
        let open = self.open.entry(mark).or_insert_with(new);
        open.count += 1;
        keep(&mut open.headings, cut(&sheet.headings.name(at), 60));
        keep(&mut open.forms, cut(&folded, 20));
        let (message, allowed) = match kept {
            Kept::Secret => (
                "秘匿などの記号で、件数ではありません。件数なし（空欄）として読むかを指定してください",
                format!("marks={mark}=nothing（空欄として読む）"),
            ),
            Kept::Unknown => (
                "件数の欄に件数がありません。0件か、件数なし（空欄）かを指定してください",
                format!("marks={mark}=nothing（空欄として読む）、{mark}=0（0件）"),
            ),
        };
        let fault = Fault::whole("ambiguous_mark", message).found(row.cell(at)).asked_elsewhere();
        Some(Err(fault.allowing(allowed)))
    }

    pub(super) fn finish(self) -> impl Iterator<Item = Question> {
        self.open.into_iter().map(|(mark, blank)| {
            let choice = |code: &str, label: &str| Choice {
                parameter: "marks".to_owned(),
                value: format!("{mark}={code}"),
                label: label.to_owned(),
            };
            let mut choices = vec![choice("nothing", "件数なし（空欄として読む）")];
            if blank.kept == Kept::Unknown {
                choices.push(choice("0", "0件"));
            }
            let question = format!("件数の欄の「{}」は何を意味しますか", blank.forms.join("」「"));
            let question = Question::about_the_file("marks", question, []);
            let Blank { count, headings, .. } = blank;
            Question { mark: mark.to_owned(), count, headings, choices, ..question }
        })
    }
}

/// Keeps a text that is not there yet; a few are enough to find the cells.
fn keep(texts: &mut Vec<String>, text: String) {
    const SHOWN: usize = 5;
    if texts.len() < SHOWN && !texts.contains(&text) {
        texts.push(text);
    }
}
