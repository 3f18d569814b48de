//! From which day statements without one are true: what the sender says, or what a title says, which
//! is asked; else today.

use super::sheet::Sheet;
use crate::domain::dates::{Dated, Precision};
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::text::{cut, fold_width};
use crate::import::Statement;
use crate::import::headings::remarks_above;
use crate::import::marks::{Choice, Question};

/// Longest day in a title, in characters.
const LONGEST: usize = 24;

impl Sheet<'_> {
    /// Where a title says of which day the table is, asks whether that is the day of the statements that say
    /// none, with that day as the chosen answer.
    pub(super) fn ask_since_when(&mut self, statements: &[Statement]) {
        let undated = statements.iter().filter(|statement| statement.effective.is_none()).count();
        if undated == 0 {
            return;
        }
        let found = self.stated_days();
        if let Some((_, text)) = found.first() {
            let question = self.since_when(&found, &cut(text, 40), undated);
            self.questions.push(question);
        }
    }

    /// The days that the titles of the table, of its sheet and of its file say it is about, each once,
    /// with the title.
    fn stated_days(&self) -> Vec<(Dated, String)> {
        let sheet = self.table.container.sheet().map(str::to_owned);
        let titles = remarks_above(self.table, self.headings).into_iter().chain(sheet);
        let mut found: Vec<(Dated, String)> = Vec::new();
        for title in titles.chain(self.options.file_name.clone()) {
            for day in days_of_title(&title) {
                if found.iter().all(|(known, _)| *known != day) {
                    found.push((day, title.clone()));
                }
            }
        }
        found
    }

    fn since_when(&self, found: &[(Dated, String)], title: &str, undated: usize) -> Question {
        let choice =
            |value: String, label: String| Choice { parameter: "effective_on".to_owned(), value, label };
        let today = self.options.today;
        let days = found.iter().map(|(day, _)| choice(as_answer(*day), shown(*day)));
        let choices: Vec<Choice> =
            days.chain([choice(today.to_string(), format!("今日（{today}）から"))]).collect();
        let suggestion = (found.len() == 1).then(|| choices[0].value.clone());
        let text = format!("いつの状況ですか（適用日のない行があり、ファイルには「{title}」とあります）");
        let question = Question::about_the_file("effective_on", text, []);
        Question { count: undated, choices, suggestion, ..question }
    }
}

/// A day as it is sent in an answer.
fn as_answer(day: Dated) -> String {
    match day.precision {
        Precision::Day => day.on.to_string(),
        Precision::Month => day.on.format("%Y年%-m月").to_string(),
        Precision::FiscalYear => crate::domain::dates::FiscalYear::of(day.on).to_string(),
    }
}

fn shown(day: Dated) -> String {
    format!("{}（{}）", as_answer(day), day.precision.label())
}

/// The days of which a title says that the table shows them: 「令和8年3月31日現在」「R8.3.31時点」
/// 「令和7年度末」「基準日：2026-03-31」. A day that stands there for itself may be that of the letter.
fn days_of_title(title: &str) -> Vec<Dated> {
    let text = fold_width(title);
    let behind = ["現在", "時点"].iter().flat_map(|word| text.match_indices(word)).map(|(at, _)| (at, at));
    // 末 belongs to the day itself.
    let ends = text.match_indices('末').map(|(at, word)| (at + word.len(), at));
    let mut found: Vec<(usize, Dated)> =
        behind.chain(ends).filter_map(|(end, at)| Some((at, ending(text[..end].trim_end())?))).collect();
    for word in ["基準日", "調査日", "調査基準日", "時点"] {
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
        days_of_title(title).into_iter().map(as_answer).collect()
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
}
