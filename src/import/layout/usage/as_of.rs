//! Up to which day counts were counted: those of a year that was not over then are no counts of the year.

use super::columns::years_named;
use crate::domain::dates::FiscalYear;
use crate::domain::text::fold_for_match;
use crate::import::layout::undated::days_of_title;

/// Words for counts that go on.
const GOING_ON: [&str; 7] = ["年度途中", "途中経過", "途中集計", "現時点", "中間集計", "速報値", "暫定値"];
/// What is counted on one day and not over a year, beside the counts.
const OF_A_DAY: [&str; 3] = ["人口", "世帯", "職員"];

/// Whether a text says of counts of some years that they go up to a day within one of them: 10月末現在,
/// 令和8年度は10月31日時点.
pub(super) fn is_until_within(text: &str, years: &[FiscalYear]) -> bool {
    /// Longer text is no title.
    const LONGEST: usize = 60;
    let folded = fold_for_match(text);
    let is_other = || OF_A_DAY.iter().any(|word| folded.contains(word));
    if folded.chars().count() > LONGEST || is_other() {
        return false;
    }
    // What is said of one year is not said of another.
    let named = years_named(text);
    if !(named.is_empty() || named.iter().any(|year| years.contains(year))) {
        return false;
    }
    let days = days_of_title(text);
    if !days.is_empty() {
        let within = |year: &FiscalYear| {
            days.iter().any(|day| FiscalYear::of(day.on) == *year && day.on != year.last_day())
        };
        return years.iter().any(within);
    }
    GOING_ON.iter().any(|word| folded.contains(word)) || names_month_of_end(&folded)
}

/// Whether a (folded) text names the month of the last day without its year, and not that of the end of a fiscal
/// year: 10月末, 9月30日現在, 12月時点.
fn names_month_of_end(folded: &str) -> bool {
    folded.match_indices('月').any(|(at, month)| {
        let start = folded[..at].trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let behind = &folded[at + month.len()..];
        let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = if rest.len() < behind.len() { rest.strip_prefix('日').unwrap_or(rest) } else { rest };
        let ends = ["末", "現在", "時点", "まで"].iter().any(|word| rest.starts_with(word));
        let number = folded[start..at].parse::<u32>();
        ends && number.is_ok_and(|number| number != 3 && (1..=12).contains(&number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(number: i32) -> FiscalYear {
        FiscalYear::new(number).unwrap()
    }

    #[test]
    fn a_day_within_the_year_is_told_from_its_end() {
        for text in [
            "令和8年度（10月末現在）",
            "電子申請利用件数（令和8年度は10月末現在）",
            "電子申請利用件数（10月31日現在）",
            "令和8年10月31日時点",
            "12月まで",
            "令和8年度途中経過",
        ] {
            assert!(is_until_within(text, &[year(2026)]), "{text}");
        }
        for text in [
            "令和8年度",
            "令和8年度末現在",
            "令和9年3月31日現在",
            "3月末現在",
            "令和9年5月1日現在",
            "令和7年度は10月末現在",
            "人口は令和8年10月1日現在",
            "9月の末広町",
        ] {
            assert!(!is_until_within(text, &[year(2026)]), "{text}");
        }
    }
}
