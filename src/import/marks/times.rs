//! Times beside a mark by which it is not plain what holds today.

use chrono::NaiveDate;

use super::plans::is_another_time;
use super::symbols::{is_symbol, without_groups};
use crate::domain::loose_dates::{Purpose, read_day};

/// What a time beside a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Time {
    /// It ends before it begins.
    Reversed,
    /// It is over.
    Over,
    /// It is not over yet, but ends.
    Ends,
    /// It has not begun, or nobody knows when it does.
    Ahead,
}

/// What the time is that a (folded) cell says beside its mark; nothing where it says none.
pub(in crate::import) fn told_time(folded: &str, today: NaiveDate) -> Option<Time> {
    let (head, groups) = without_groups(folded);
    let bare =
        |text: &str| text.trim_matches(|c: char| is_symbol(c) || c.is_whitespace() || c == '※').to_owned();
    groups.into_iter().chain([head]).map(bare).find_map(|text| of_text(&text, today))
}

fn of_text(text: &str, today: NaiveDate) -> Option<Time> {
    let day = |text: &str, purpose| Some(read_day(text.trim(), purpose).ok()?.dated?.on);
    let until = |text: &str| {
        let bare = text.trim().trim_end_matches("まで");
        day(bare, Purpose::Until).map(|on| if on < today { Time::Over } else { Time::Ends })
    };
    let period = |joint: &str| {
        let (from, to) = text.split_once(joint)?;
        let end = day(to.trim_end_matches("まで"), Purpose::Until)?;
        match day(from, Purpose::From) {
            Some(begin) if end < begin => Some(Time::Reversed),
            Some(begin) if begin > today => Some(Time::Ahead),
            _ => until(to),
        }
    };
    let only =
        || ["のみ", "だけ", "限り", "限定"].iter().find_map(|end| text.strip_suffix(end)).and_then(until);
    let ends = || until(text.strip_prefix('~').or_else(|| text.strip_suffix("まで"))?);
    let found = ["~", "から", "-"].into_iter().find_map(period).or_else(ends).or_else(only);
    found.or_else(|| is_another_time(text, today).then_some(Time::Ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_apart() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap_or_default();
        for (cell, expected) in [
            ("○(R5.3まで)", Some(Time::Over)),
            ("○(~R5.3)", Some(Time::Over)),
            ("○(H30~R6)", Some(Time::Over)),
            ("○(R8.4~R6.3)", Some(Time::Reversed)),
            ("○ R8.4から令和6年3月まで", Some(Time::Reversed)),
            ("○(令和5年度のみ)", Some(Time::Over)),
            ("○(R8.4~R10.3)", Some(Time::Ends)),
            ("○(R10.3まで)", Some(Time::Ends)),
            ("○(R9~)", Some(Time::Ahead)),
            ("○(来年度から)", Some(Time::Ahead)),
            ("○(R9.4~R10.3)", Some(Time::Ahead)),
            ("e-tumo", None),
            ("LoGoフォーム(一部)", None),
            ("来庁まで要予約", None),
            ("XX", None),
        ] {
            assert_eq!(told_time(cell, today), expected, "{cell}");
        }
    }
}
