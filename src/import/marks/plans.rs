//! Days in cells of marks: since when something is so, or for when it is planned.

use crate::domain::dates::Dated;
use crate::domain::file_dates::parse_in_file;

/// What may stand behind a day without changing it.
const FILLERS: [char; 11] = ['に', 'の', 'よ', 'り', 'か', 'ら', '中', '頃', 'ご', 'ろ', '~'];
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

/// When something is planned for, in cells such as 「令和8年度予定」 or 「予定（R8.4）」. `None` if
/// the cell says nothing of a plan.
pub fn planned(cell: &str) -> Option<Option<Dated>> {
    const WORDS: [&str; 4] = ["実施予定", "対応予定", "予定", "準備中"];
    let word = WORDS.iter().find(|word| cell.contains(**word))?;
    let (before, behind) = cell.split_once(word)?;
    let rest = format!("{before}{behind}");
    let rest = rest.trim_matches(|c: char| "()[]:、,".contains(c) || c.is_whitespace());
    let rest = before_what_is_done(rest);
    if rest.is_empty() {
        return Some(None);
    }
    day_or_year(rest).map(Some)
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

fn before_what_is_done(text: &str) -> &str {
    let text = text.trim_end_matches(FILLERS).trim_end();
    let text = DONE.iter().find_map(|done| text.strip_suffix(done)).unwrap_or(text);
    text.trim_end_matches(FILLERS).trim_end()
}

/// A day; a year alone is its December, for only 年度 is a fiscal one.
fn day_or_year(text: &str) -> Option<Dated> {
    let bare =
        text.ends_with(|c: char| c.is_ascii_digit()) && !text.contains(['年', '月', '.', '/', '-', '度']);
    let year = text.strip_suffix('年').or(bare.then_some(text)).map(|year| format!("{year}年12月"));
    let day = parse_in_file(text).or_else(|refusal| year.map_or(Err(refusal), |year| parse_in_file(&year)));
    day.ok()
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

    proptest! {
        #[test]
        fn no_cell_panics(text in "\\PC{0,20}") {
            let _ = (planned(&text), since(&text));
        }
    }
}
