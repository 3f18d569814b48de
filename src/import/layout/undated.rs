//! From which day statements without one are true: what the sender says, or what a title says, which
//! is asked; else today.

use chrono::{Datelike, Days, NaiveDate};

use super::channels::tells_plans;
use super::earlier::{earlier_year, tells_earlier};
use super::sheet::Sheet;
use super::usage::columns::split_year;
use crate::domain::dates::{Dated, Precision};
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::text::{cut, fold_width};
use crate::import::Statement;
use crate::import::headings::{Headings, JOINT, pieces_of, rows_above};
use crate::import::marks::{Choice, Question};

/// Longest day in a title, in characters.
const LONGEST: usize = 24;

impl Sheet<'_> {
    /// Where a title says of which day the table is, asks whether that is the day of the statements that say
    /// none, with that day as the chosen answer where the title is clear.
    pub(super) fn ask_since_when(&mut self, statements: &[Statement]) {
        let undated = statements.iter().filter(|statement| statement.effective.is_none()).count();
        if undated == 0 {
            return;
        }
        let mut found = self.stated_days();
        let clear = !found.is_empty();
        // A column of which it is open what it is says nothing of the others.
        let is_asked = |text: &str| self.questions.iter().any(|one| one.headings.contains(&cut(text, 60)));
        if !clear {
            found = self.vague_days();
        }
        if let Some((_, text)) = found.first() {
            let question = self.since_when(&found, &cut(text, 40), undated);
            let suggestion = question.suggestion.clone().filter(|_| clear);
            self.questions.push(Question { suggestion, ..question });
        } else if let Some(text) =
            explained(self.headings).find(|text| tells_earlier(text) && !is_asked(text))
        {
            // Nobody but the sender knows when that was.
            let text = format!("「{}」の列はいつの状況ですか（R7.4.1、令和6年度 など）", cut(text, 40));
            let question = Question::about_the_file("effective_on", text, []);
            self.questions.push(Question { count: undated, ..question });
        }
    }

    /// What stands above the table, row by row, and the name of its sheet.
    fn titles(&self) -> impl Iterator<Item = String> {
        let sheet = self.table.container.sheet().map(str::to_owned);
        rows_above(self.table, self.headings).into_iter().chain(sheet)
    }

    /// The days that the titles of the table, of its sheet and of its file, its headings and its footnotes say
    /// it is about, each once, with the text.
    fn stated_days(&self) -> Vec<(Dated, String)> {
        let footnotes = self.table.remarks.iter().cloned();
        let read = self.headings.all().filter(|(at, _)| !self.headings.is_left_out(*at));
        // 目標（R9年度末） is of plans.
        let of_now = |text: &&str| ["現在", "時点"].iter().any(|word| text.contains(word));
        let headings = read.map(|(at, _)| self.headings.text(at)).filter(of_now).map(str::to_owned);
        let texts = self.titles().chain(headings).chain(footnotes).chain(self.options.file_name.clone());
        once_each(texts.flat_map(|text| with_text(days_of_title(&text), &text)))
    }

    /// The days of which the same may be meant, or another day: when it was brought up to date, and the fiscal
    /// year of its title or over its headings.
    fn vague_days(&self) -> Vec<(Dated, String)> {
        let today = self.options.today;
        let above = |text: &str| Some(text.rsplit_once(JOINT)?.0.to_owned());
        let over = self.headings.all().filter_map(|(_, text)| above(text));
        let years = self.titles().chain(over).flat_map(|text| with_text(years_of_title(&text), &text));
        let footnotes = self.table.remarks.iter().cloned();
        let updates = self.titles().chain(footnotes);
        let updates = updates.flat_map(|text| with_text(updates_of(&text), &text));
        let sheet = self.table.container.sheet().map(str::to_owned);
        let own = sheet.and_then(|name| Some((time_of_sheet(&name)?, name)));
        let read = || self.headings.all().filter(|(at, _)| !self.headings.is_left_out(*at));
        let answered = read().filter(|(at, _)| self.headings.is_answered(*at));
        let answered = answered.map(|(at, _)| self.headings.text(at));
        // A year below a channel is that of its marks, unless it is one of plans.
        let below = read().map(|(at, _)| self.headings.text(at));
        let below = below.filter(|text| text.contains(JOINT) && !tells_plans(text));
        let below = below.filter_map(|text| Some((time_of_heading(text)?, text.to_owned())));
        let own = own
            .into_iter()
            .chain(answered.filter_map(|text| Some((time_of_heading(text)?, text.to_owned()))));
        let before =
            explained(self.headings).filter_map(|text| Some((earlier_year(text, today)?, text.to_owned())));
        let own = own.chain(before);
        // What goes on until after today is of today.
        let over = updates.chain(years).chain(below).filter(|(day, _)| day.on <= today);
        once_each(over.chain(own.filter(|(day, _)| day.on <= today || begins_after(*day, today))))
    }

    fn since_when(&self, found: &[(Dated, String)], title: &str, undated: usize) -> Question {
        let choice =
            |value: String, label: String| Choice { parameter: "effective_on".to_owned(), value, label };
        let today = self.options.today;
        let days = found.iter().map(|(day, _)| choice(day.in_words(), day.in_words()));
        // Where the file itself is of today, that is one choice and not two.
        let is_today = found.iter().any(|(day, _)| day.in_words() == today.to_string());
        let or_today = (!is_today).then(|| format!("今日（{today}）から"));
        let choices: Vec<Choice> =
            days.chain(or_today.map(|label| choice(today.to_string(), label))).collect();
        let suggestion = (found.len() == 1).then(|| choices[0].value.clone());
        let text = format!("いつの状況ですか（適用日のない行があり、ファイルには「{title}」とあります）");
        let question = Question::about_the_file("effective_on", text, []);
        Question { count: undated, choices, suggestion, ..question }
    }
}

/// The headings that the sender explains, or that say when above or behind what they name, and that are read.
fn explained(headings: &Headings) -> impl Iterator<Item = &str> {
    let read = headings.all().map(|(at, _)| at).filter(|at| !headings.is_left_out(*at));
    let says_when = |text: &str| text.contains(JOINT) || text.trim_end().ends_with([')', '）']);
    let known = read.filter(move |at| headings.is_answered(*at) || says_when(headings.text(*at)));
    known.map(|at| headings.text(at))
}

/// The time that a heading is, or has behind it in brackets: R8.4, 今回（R8.4）.
fn time_of_heading(heading: &str) -> Option<Dated> {
    let lowest = pieces_of(heading).last()?.trim();
    let inner = || lowest.strip_suffix([')', '）'])?.rsplit_once(['(', '（']).map(|(_, inner)| inner);
    time_of_sheet(lowest).or_else(|| time_of_sheet(inner()?))
}

/// The time that the name of a sheet is, and hardly anything else: R6, 令和7年, 2025年度回答, R7.3.
fn time_of_sheet(name: &str) -> Option<Dated> {
    /// What may stand behind the year and says no more.
    const MORE: [&str; 14] = [
        "",
        "年",
        "末",
        "年末",
        "時点",
        "現在",
        "版",
        "分",
        "調査",
        "回答",
        "状況",
        "実績",
        "集計",
        "対応状況",
    ];
    /// Such names of sheets as S1 are no years of long ago.
    const FIRST: i32 = 2010;
    let year = || {
        // 令和7年 of a sheet is as vague as R7: which year it is gets asked.
        let with_year = || (!name.contains("年度")).then(|| name.replacen('年', "年度", 1));
        let (year, rest) = split_year(name).or_else(|| split_year(&with_year()?))?;
        let rest = rest.trim_matches(|c: char| c.is_whitespace() || "()_-".contains(c));
        let of_it = MORE.contains(&rest) && year.last_day().year() >= FIRST;
        of_it.then(|| Dated::day(year.last_day()).at_precision(Precision::FiscalYear))
    };
    year().or_else(|| day(&fold_width(name)))
}

/// Whether a time begins after today; the longest is a year.
fn begins_after(day: Dated, today: NaiveDate) -> bool {
    match day.precision {
        Precision::FiscalYear => day.on > today + Days::new(365),
        _ => day.on > today,
    }
}

fn with_text(days: Vec<Dated>, text: &str) -> Vec<(Dated, String)> {
    days.into_iter().map(|day| (day, text.to_owned())).collect()
}

fn once_each(days: impl Iterator<Item = (Dated, String)>) -> Vec<(Dated, String)> {
    let mut found: Vec<(Dated, String)> = Vec::new();
    for (day, text) in days {
        if found.iter().all(|(known, _)| *known != day) {
            found.push((day, text));
        }
    }
    found
}

/// The fiscal years that a title names: 「対応状況（令和7年度）」「2025年度調査」. Those of plans and of what
/// began then are others.
fn years_of_title(title: &str) -> Vec<Dated> {
    /// Longer text is no title.
    const TITLE: usize = 60;
    const OTHERS: [&str; 12] =
        ["予定", "目標", "計画", "から", "より", "以降", "まで", "開始", "中", "に", "内", "比"];
    let text = fold_width(title);
    if text.chars().count() > TITLE || title.trim_start().starts_with(['※', '注', '*']) {
        return Vec::new();
    }
    let years = text.match_indices("年度").filter_map(|(at, word)| {
        let (before, behind) = text.split_at(at + word.len());
        let other = OTHERS.iter().any(|word| behind.starts_with(word));
        ending(before).filter(|_| !other)
    });
    years.collect()
}

/// The days on which a text says that the table was made or brought up to date: 「R8.4更新」「更新日：2026-04-01」
/// 「作成日：2026-04-01」.
fn updates_of(text: &str) -> Vec<Dated> {
    let text = fold_width(text);
    let made = ["作成日", "提出日", "報告日"].into_iter().filter_map(|word| {
        let (_, behind) = text.split_once(word)?;
        beginning(behind.trim_start_matches([':', ' ', '=', 'は']))
    });
    let days = text.match_indices("更新").filter_map(|(at, word)| {
        let rest = &text[at + word.len()..];
        if rest.starts_with("予定") {
            return None;
        }
        let behind = rest.strip_prefix('日').unwrap_or(rest).trim_start_matches([':', ' ', '=', 'は']);
        ending(text[..at].trim_end_matches([' ', 'に'])).or_else(|| beginning(behind))
    });
    days.chain(made).collect()
}

/// The days of which a title says that the table shows them: 「令和8年3月31日現在」「R8.3.31時点」
/// 「令和7年度末」「基準日：2026-03-31」. A day that stands there for itself may be that of the letter.
pub(super) fn days_of_title(title: &str) -> Vec<Dated> {
    let text = fold_width(title);
    let behind = ["現在", "時点"].iter().flat_map(|word| text.match_indices(word)).map(|(at, _)| (at, at));
    // 末 belongs to the day itself.
    let ends = text.match_indices('末').map(|(at, word)| (at + word.len(), at));
    let mut found: Vec<(usize, Dated)> =
        behind.chain(ends).filter_map(|(end, at)| Some((at, ending(text[..end].trim_end())?))).collect();
    for word in ["基準日", "調査日", "調査基準日", "時点", "適用日", "記入日", "回答日", "入力日"]
    {
        for (at, _) in text.match_indices(word) {
            let rest = text[at + word.len()..].trim_start_matches([':', ' ', '=', 'は', '）', ')']);
            found.extend(beginning(rest).map(|day| (at, day)));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    let mut days: Vec<Dated> = Vec::new();
    for (_, day) in found {
        if !days.contains(&day) {
            days.push(day);
        }
    }
    days
}

/// The day at the end of a text, the longest that there is.
fn ending(text: &str) -> Option<Dated> {
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).rev().take(LONGEST).collect();
    starts.reverse();
    starts.into_iter().find_map(|at| day(&text[at..]))
}

/// The day at the beginning of a text, the longest that there is.
fn beginning(text: &str) -> Option<Dated> {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST).collect();
    ends.into_iter().rev().find_map(|end| day(&text[..end]))
}

/// A day with its year. Digits alone may be anything.
fn day(text: &str) -> Option<Dated> {
    /// The least that a day takes: R8.3.
    const LEAST: usize = 4;
    let text = text.trim();
    let bare = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.matches('.').count() < 2;
    if text.len() < LEAST || bare {
        return None;
    }
    read_day(text, Purpose::From).ok().filter(|read| read.warning.is_none())?.dated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(title: &str) -> Vec<String> {
        days_of_title(title).into_iter().map(Dated::in_words).collect()
    }

    #[test]
    fn a_title_says_of_which_day_a_table_is() {
        for (title, day) in [
            ("令和8年3月31日現在", "2026-03-31"),
            ("行政手続のオンライン化状況（令和８年３月３１日現在）", "2026-03-31"),
            ("対応状況 R8.3.31時点", "2026-03-31"),
            ("窓口DXの状況（令和8年3月31日（火）現在）", "2026-03-31"),
            ("2026年3月末時点の状況", "2026年3月"),
            ("令和７年度末のオンライン化状況", "2025年度"),
            ("調査基準日：2026/3/31", "2026-03-31"),
            ("時点: 令和8年3月31日", "2026-03-31"),
            ("対応状況（2026-03-31現在）.xlsx", "2026-03-31"),
        ] {
            assert_eq!(days(title), [day], "{title}");
        }
    }

    #[test]
    fn other_numbers_in_a_title_are_no_days() {
        for title in [
            "行政手続のオンライン化状況（令和7年度調査）",
            "令和8年4月10日",
            "対応状況_20260331.xlsx",
            "現在の状況",
            "3月31日現在",
            "12現在",
            "2.5現在",
            "期末時点",
            "第3回（末広町）",
        ] {
            assert_eq!(days(title), Vec::<String>::new(), "{title}");
        }
        assert_eq!(days("令和7年3月31日現在と令和8年3月31日現在の比較"), ["2025-03-31", "2026-03-31"]);
    }

    #[test]
    fn a_sheet_may_be_named_by_its_time() {
        for (name, day) in [
            ("R6", "2024年度"),
            ("Ｒ７", "2025年度"),
            ("令和7年", "2025年度"),
            ("2025", "2025年度"),
            ("R6年度回答", "2024年度"),
            ("R8.3", "2026年3月"),
        ] {
            assert_eq!(time_of_sheet(name).map(Dated::in_words).as_deref(), Some(day), "{name}");
        }
        for name in ["Sheet1", "S1", "1", "集計", "R8計画", "R6とR7", "R5-R7", "対応状況"] {
            assert_eq!(time_of_sheet(name), None, "{name}");
        }
    }

    #[test]
    fn a_year_or_an_update_may_be_the_day_of_a_table() {
        let vague = |title: &str| -> Vec<String> {
            let found = updates_of(title).into_iter().chain(years_of_title(title));
            found.map(Dated::in_words).collect()
        };
        for (title, day) in [
            ("対応状況（令和7年度）", "2025年度"),
            ("2025年度調査", "2025年度"),
            ("R7年度 オンライン化状況", "2025年度"),
            ("R8.4更新", "2026年4月"),
            ("最終更新日：2026-04-01", "2026-04-01"),
            ("令和8年4月1日に更新", "2026-04-01"),
        ] {
            assert_eq!(vague(title), [day], "{title}");
        }
        for title in ["令和9年度予定", "令和9年度目標", "※令和7年度から対応", "R9.4更新予定", "更新", "年度"]
        {
            assert_eq!(vague(title), Vec::<String>::new(), "{title}");
        }
    }
}
