//! Days in cells of marks: since when something is so, or for when it is planned.

use chrono::{Datelike, NaiveDate};

use super::symbols::{is_symbol, without_groups};
use crate::domain::Refusal;
use crate::domain::dates::Dated;
use crate::domain::file_dates::parse_in_file;
use crate::domain::loose_dates::{Purpose, ReadDay, read_day};
use crate::domain::readiness::Level;
use crate::domain::text::fold_mark;

/// What may stand behind a day without changing it.
const FILLERS: [char; 11] = ['に', 'の', 'よ', 'り', 'か', 'ら', '中', '頃', 'ご', 'ろ', '~'];
/// Words for what is not yet: beside a mark they turn it into a plan.
pub(super) const AHEAD: [&str; 16] = [
    "予定",
    "目標",
    "計画",
    "見込",
    "想定",
    "検討",
    "準備",
    "開始前",
    "公開前",
    "稼働前",
    "導入前",
    "構築中",
    "開発中",
    "整備中",
    "調整中",
    "延期",
];
/// What is done on a day.
const DONE: [&str; 14] = [
    "運用開始",
    "実施開始",
    "受付開始",
    "提供開始",
    "利用開始",
    "対応開始",
    "実施",
    "対応",
    "開始",
    "導入",
    "公開",
    "稼働",
    "運用",
    "提供",
];

/// Whether a title says that the table below it tells plans: オンライン化の予定（令和9年度）, R9目標, 導入予定団体一覧.
/// A legend or a sentence that has such a word within is none.
pub(in crate::import) fn is_title_of_plans(text: &str) -> bool {
    const PLANS: [&str; 6] = ["予定", "目標", "計画", "見込", "見込み", "想定"];
    /// What such a table lists, and how it does.
    const LISTED: [&str; 14] = [
        "一覧",
        "一覧表",
        "リスト",
        "表",
        "調べ",
        "調査",
        "状況",
        "時期",
        "年度",
        "団体",
        "自治体",
        "市町村",
        "手続",
        "について",
    ];
    /// What is so already stands beside plans, or the list itself is what is planned.
    const OTHERWISE: [&str; 8] = ["更新", "実績", "現在", "現状", "時点", "進捗", "実施済", "導入済"];
    let folded = fold_mark(text);
    let explains = |c: char| is_symbol(c) || matches!(c, ':' | '=');
    if folded.contains(explains) || OTHERWISE.iter().any(|word| folded.contains(word)) {
        return false;
    }
    let (mut bare, _) = without_groups(&folded);
    while let Some(rest) = LISTED.iter().find_map(|word| bare.strip_suffix(word)) {
        bare = rest.trim_end().trim_end_matches('の');
    }
    PLANS.iter().any(|word| bare.ends_with(word))
}

/// When something is planned for, in cells such as 「令和8年度予定」 or 「予定（R8.4）」. `None` if
/// the cell says nothing of a plan.
pub fn planned(cell: &str) -> Option<Option<Dated>> {
    plan(cell).map(|plan| plan.on)
}

/// When something is planned for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) on: Option<Dated>,
    /// What people should look at once more: a year alone is read as its December.
    pub(super) doubt: Option<Refusal>,
}

/// As [`planned`], with what is doubtful of the day.
pub(super) fn plan(cell: &str) -> Option<Plan> {
    const WORDS: [&str; 4] = ["実施予定", "対応予定", "予定", "準備中"];
    let word = WORDS.iter().find(|word| cell.contains(**word))?;
    let (before, behind) = cell.split_once(word)?;
    let rest = format!("{before}{behind}");
    let rest = rest.trim_matches(|c: char| "()[]:、,".contains(c) || c.is_whitespace());
    let rest = before_what_is_done(rest);
    if rest.is_empty() {
        return Some(Plan { on: None, doubt: None });
    }
    until(rest)
}

/// What is planned for the day that a text names and that alone: R8 beside 実施予定. Only 年度 is a fiscal year; that
/// a year alone is its December is told.
pub(super) fn until(text: &str) -> Option<Plan> {
    let ReadDay { dated, warning, .. } = read_day(text, Purpose::Until).ok()?;
    dated.map(|on| Plan { on: Some(on), doubt: warning })
}

/// From which day something is so, in texts such as 「R6.4～」, 「令和5年10月から」, 「R7.4.1」.
pub(super) fn since(text: &str) -> Option<Dated> {
    // Until a day is the opposite.
    if text.starts_with('~') || text.contains("まで") {
        return None;
    }
    let text = text.trim_end_matches("以降").trim();
    parse_in_file(before_what_is_done(text)).ok()
}

/// Whether a word says what is done on a day, and not that it is done already.
pub(super) fn is_what_is_done(word: &str) -> bool {
    DONE.contains(&word)
}

fn before_what_is_done(text: &str) -> &str {
    let text = text.trim_end_matches(FILLERS).trim_end();
    let text = DONE.iter().find_map(|done| text.strip_suffix(done)).unwrap_or(text);
    text.trim_end_matches(FILLERS).trim_end()
}

/// Whether words speak of a time that is not yet, or that is over: years and months ahead of a day, from
/// one day to another, 「来年度から」, and months whose year nobody knows.
pub(super) fn is_another_time(text: &str, today: NaiveDate) -> bool {
    const WORDS: [&str; 13] = [
        "来年",
        "来月",
        "来春",
        "来夏",
        "来秋",
        "次年度",
        "翌年",
        "今後",
        "将来",
        "近日",
        "近く",
        "年度内",
        "年内",
    ];
    let ahead = |(year, month): (i32, Option<u32>)| {
        year > today.year() || (year == today.year() && month.is_some_and(|month| month > today.month()))
    };
    let day = |text: &str| {
        let text = text.trim();
        years(text).next().is_some() || is_year_of_an_era(text) || parse_in_file(text).is_ok()
    };
    let over = || {
        let between =
            |joint: &str| text.split_once(joint).is_some_and(|(from, until)| day(from) && day(until));
        let only = ["のみ", "だけ", "限り", "限定"].iter().find_map(|end| text.strip_suffix(end));
        ["~", "から", "-"].into_iter().any(between) || only.is_some_and(day)
    };
    WORDS.iter().any(|word| text.contains(word)) || years(text).any(ahead) || over() || is_month_alone(text)
}

/// 「H30」, 「平成30年度」.
fn is_year_of_an_era(text: &str) -> bool {
    let rest = ["平成", "令和", "H", "R", "h", "r"].iter().find_map(|era| text.strip_prefix(era));
    let bare = rest.map(|rest| rest.trim_end_matches(['度', '末']).trim_end_matches('年'));
    bare.is_some_and(|bare| (1..=2).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit()))
}

/// 「4月から」, 「10/1～」.
fn is_month_alone(text: &str) -> bool {
    const BEGINS: [&str; 6] = ["から", "より", "~", "以降", "開始", "スタート"];
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text[digits..].strip_prefix(['月', '/']).unwrap_or_default();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '日');
    (1..=2).contains(&digits) && BEGINS.iter().any(|word| rest.starts_with(word))
}

/// The years that a text names, each with its month where one stands behind it.
fn years(text: &str) -> impl Iterator<Item = (i32, Option<u32>)> {
    text.char_indices().filter_map(|(at, first)| {
        let before = text[..at].chars().next_back();
        let (era, rest) = match first {
            '令' => (2018, text[at..].strip_prefix("令和").unwrap_or(&text[at + first.len_utf8()..])),
            'R' | 'r' if !before.is_some_and(|c| c.is_ascii_alphanumeric()) => (2018, &text[at + 1..]),
            '2' if !before.is_some_and(|c| c.is_ascii_alphanumeric()) => (0, &text[at..]),
            _ => return None,
        };
        let rest = rest.trim_start_matches(['.', ' ']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if (era == 0) != (digits == 4) || !(1..=4).contains(&digits) {
            return None;
        }
        let behind = &rest[digits..];
        let stands = behind.is_empty() || behind.starts_with(['年', '.', '/', '-', '~', '末', '・', '度']);
        if era == 0 && !stands && !["から", "より", "以降", "に"].iter().any(|word| behind.starts_with(word))
        {
            return None;
        }
        let month = behind.trim_start_matches(['年', '.', '/', '-', '・']);
        let month: String = month.chars().take_while(char::is_ascii_digit).collect();
        Some((era + rest[..digits].parse::<i32>().ok()?, month.parse().ok()))
    })
}

/// That a level is planned while the one of today stays, in Japanese.
pub(super) fn planned_label(target: Level, on: Option<Dated>) -> String {
    format!("予定（{}。段階は今のまま、どこにもなければ0）", target_label(target, on))
}

pub(super) fn target_label(target: Level, on: Option<Dated>) -> String {
    let on = on.map(|on| format!("、{}", on.in_words())).unwrap_or_default();
    format!("目標段階{target}{on}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plans_are_read_with_their_day() {
        let on = |text: &str| planned(text).map(|on| on.map(|dated| dated.on.to_string()));
        assert_eq!(on("予定"), Some(None));
        assert_eq!(on("令和8年度予定"), Some(Some("2027-03-31".to_owned())));
        assert_eq!(on("予定(R8.4)"), Some(Some("2026-04-30".to_owned())));
        assert_eq!(on("R8.4公開予定"), Some(Some("2026-04-30".to_owned())));
        assert_eq!(on("R8.4から運用開始予定"), Some(Some("2026-04-30".to_owned())));
        assert_eq!(on("2027年予定"), Some(Some("2027-12-31".to_owned())));
        assert_eq!(on("20270401予定"), Some(Some("2027-04-01".to_owned())));
        assert_eq!(on("予定(R9)"), Some(Some("2027-12-31".to_owned())));
        assert_eq!(on("R8年度中に実施予定"), Some(Some("2027-03-31".to_owned())));
        for text in ["予定なし", "実施予定なし", "廃止予定", "○", "R8予定なし", "予定は未定"]
        {
            assert_eq!(on(text), None, "{text}");
        }
    }

    #[test]
    fn titles_of_plans_are_known() {
        for text in [
            "オンライン化の予定（令和9年度）",
            "導入予定一覧",
            "導入計画",
            "R9目標",
            "導入予定団体一覧",
            "令和9年度 実施予定の手続一覧（案）",
            "今後の見込み",
        ] {
            assert!(is_title_of_plans(text), "{text}");
        }
        for text in [
            "オンライン化状況",
            "DX推進計画の進捗状況",
            "オンライン化計画（令和7年度実績）",
            "○：対応済 △：予定",
            "R9.4更新予定",
            "予定は括弧書きで記入してください",
            "目標年度: 令和9年度まで",
            "計画課",
            "",
        ] {
            assert!(!is_title_of_plans(text), "{text}");
        }
    }

    #[test]
    fn the_day_since_when_is_read() {
        let on = |text: &str| since(text).map(|dated| dated.on.to_string());
        for text in
            ["R7.4~", "R7.4から", "令和7年4月より", "2025年4月", "R7.4実施", "R7.4運用開始", "R7.4以降"]
        {
            assert_eq!(on(text).as_deref(), Some("2025-04-30"), "{text}");
        }
        assert_eq!(on("R7.4.1").as_deref(), Some("2025-04-01"));
        for text in ["~R7.4", "R7.4まで", "R7", "一部", "", "4/1"] {
            assert_eq!(on(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_without_its_month_is_told() {
        let doubt = |text: &str| plan(text).unwrap().doubt.map(|refusal| refusal.ja);
        for text in ["R8予定", "R8実施予定", "予定(R8)", "2026年予定"] {
            assert!(doubt(text).unwrap().contains("12月」と読みました（年度なら"), "{text}");
        }
        for text in ["R8年度予定", "R8.4予定", "予定"] {
            assert_eq!(doubt(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_now_is_seen() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        for text in [
            "R9~",
            "2027年~",
            "令和9年から",
            "R9",
            "来年度から",
            "4月から",
            "4/1~",
            "R9.4~R10.3",
            "R5.4~R6.3",
            "令和8年12月",
            "R 9",
            "令9",
            "2027",
            "2027.4開始",
            "R9システム更改",
            "年度内",
            "4月1日より",
        ] {
            assert!(is_another_time(text, today), "{text}");
        }
        for text in [
            "R5",
            "R5~",
            "R8",
            "R8.4",
            "令和8年",
            "2026年",
            "2025.12",
            "LINE",
            "定員2030名",
            "PR99",
            "3階",
            "24時間",
            "9:00~17:00",
            "1~3歳",
            "政令市",
            "4月のみ",
            "令和元年",
        ] {
            assert!(!is_another_time(text, today), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_panics(text in "\\PC{0,20}") {
            let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
            let _ = (planned(&text), since(&text), is_another_time(&text, today));
        }

        #[test]
        fn nothing_that_looks_like_a_time_panics(text in "[令和元R0-9年月日度~から./・ ]{0,14}") {
            let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
            let _ = is_another_time(&text, today);
        }
    }
}
