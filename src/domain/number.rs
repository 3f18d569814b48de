//! Counts and rates as files write them.

use super::Refusal;
use super::text::{fold_width, unguarded};

/// Words that may stand behind a count.
const UNITS: &[&str] = &["件", "人", "回", "枚", "通"];

/// A count as files write it: `1,234`, `１，２３４`, `1234件`; `▲5`, `△5`, `-5` and `(5)` are below
/// zero, which only a column of numbers may say (elsewhere ▲ and △ are marks). `None` if the cell
/// is empty.
///
/// # Errors
///
/// Anything else.
pub fn parse_count(text: &str) -> Result<Option<i64>, Refusal> {
    let folded = fold_width(unguarded(text)).replace(' ', "");
    if folded.is_empty() {
        return Ok(None);
    }
    let bare = UNITS.iter().find_map(|unit| folded.strip_suffix(unit)).unwrap_or(&folded);
    let (negative, digits) = sign(bare);
    ungrouped(without_fraction(digits))
        .and_then(|digits| digits.parse::<i64>().ok())
        .map(|number| Some(if negative { -number } else { number }))
        .ok_or_else(|| {
            Refusal::new("number_format", text, "件数として読めません", "not a count")
                .allowed("1234、1,234、1234件 のような整数")
        })
}

/// A number without a fraction that is nothing: 3.0, 3.00 and 3. are 3, as programs write whole numbers
/// of a column in which a cell is empty.
pub fn without_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction)) if !whole.is_empty() && fraction.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    }
}

/// A percentage in hundredths of a percent: `85.5%` and `８５．５％` are 8550. A cell that is empty
/// or a bare `%` is `None`.
///
/// # Errors
///
/// Anything else, and more than two digits behind the point.
pub fn parse_percent(text: &str) -> Result<Option<i64>, Refusal> {
    let folded = fold_width(text).replace(' ', "");
    if folded.is_empty() || folded == "%" {
        return Ok(None);
    }
    folded.strip_suffix('%').and_then(hundredths).map(Some).ok_or_else(|| {
        Refusal::new("percent_format", text, "割合として読めません", "not a percentage")
            .allowed("85.5% のような百分率（小数は2桁まで）")
    })
}

/// A number in hundredths: `12`, `１，２３４．５` and `41.1` are 1200, 123450 and 4110. `None` if the cell is
/// empty.
///
/// # Errors
///
/// Anything else, units behind it too, and more than two digits behind the point.
pub fn parse_decimal(text: &str) -> Result<Option<i64>, Refusal> {
    let folded = fold_width(text).replace(' ', "");
    if folded.is_empty() {
        return Ok(None);
    }
    hundredths(&folded).map(Some).ok_or_else(|| {
        Refusal::new("number_format", text, "数として読めません", "not a number")
            .allowed("12、1,234.5 のような数（単位を付けない。小数は2桁まで）")
    })
}

/// Hundredths as people write them: 8550 is `85.5`.
pub fn hundredths_text(hundredths: i64) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => whole.to_string(),
        rest if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

/// The hundredths of a number without its unit.
fn hundredths(text: &str) -> Option<i64> {
    let (negative, digits) = sign(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > 2 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest: i64 = format!("{fraction:0<2}").parse().ok()?;
    let value = ungrouped(whole)?.parse::<i64>().ok()?.checked_mul(100)?.checked_add(rest)?;
    Some(if negative { -value } else { value })
}

/// Whether a number is below zero, and the number without its sign.
fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner);
    }
    match text.strip_prefix(['-', '−', '▲', '△']) {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

/// Digits without the commas between groups of three; commas elsewhere are no number.
fn ungrouped(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next()?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = text.contains(',');
    if !digits(first) || (grouped && first.len() > 3) {
        return None;
    }
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        all.push_str(group);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_read_as_people_write_them() {
        for text in ["1234", "1,234", "１，２３４", "1234件", "1,234 件", "1234.0", "1234.00", "1234."]
        {
            assert_eq!(parse_count(text).unwrap(), Some(1234), "{text}");
        }
        for text in ["▲5", "△5", "(5)", "（５）", "-5", "−5"] {
            assert_eq!(parse_count(text).unwrap(), Some(-5), "{text}");
        }
        assert_eq!(parse_count("　").unwrap(), None);
        for text in ["約100", "1,23", "12,3456", "1.5", "○", "99999999999999999999", "1e3"] {
            assert_eq!(parse_count(text).unwrap_err().code, "number_format", "{text}");
        }
    }

    #[test]
    fn hundredths_are_written_short() {
        for (hundredths, text) in [(8550, "85.5"), (10_000, "100"), (1, "0.01"), (10, "0.1"), (0, "0")] {
            assert_eq!(hundredths_text(hundredths), text);
            assert_eq!(parse_decimal(text).unwrap(), Some(hundredths));
        }
        for text in ["", "　"] {
            assert_eq!(parse_decimal(text).unwrap(), None);
        }
        for text in ["41.1%", "10分", "1.234", "1,23.5", "約3", "1e3", "."] {
            assert_eq!(parse_decimal(text).unwrap_err().code, "number_format", "{text}");
        }
    }

    #[test]
    fn only_a_fraction_of_nothing_is_taken_off() {
        for (text, whole) in [
            ("3.0", "3"),
            ("3.00", "3"),
            ("3.", "3"),
            ("3", "3"),
            ("3.5", "3.5"),
            (".0", ".0"),
            ("3.0.1", "3.0.1"),
        ] {
            assert_eq!(without_fraction(text), whole, "{text}");
        }
    }

    #[test]
    fn percentages_keep_two_digits() {
        for (text, expected) in [
            ("85.5%", Some(8550)),
            ("８５．５％", Some(8550)),
            ("100%", Some(10_000)),
            ("0.01%", Some(1)),
            ("%", None),
            ("", None),
            ("120%", Some(12_000)),
        ] {
            assert_eq!(parse_percent(text).unwrap(), expected, "{text}");
        }
        for text in ["85.5", "85.555%", "x%", "--5%"] {
            assert_eq!(parse_percent(text).unwrap_err().code, "percent_format", "{text}");
        }
    }

    proptest! {
        #[test]
        fn counts_survive_grouping(number in 0i64..=999_999_999_999) {
            let digits = number.to_string();
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            prop_assert_eq!(parse_count(&grouped).unwrap(), Some(number));
            prop_assert_eq!(parse_count(&format!("▲{grouped}件")).unwrap(), Some(-number));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = parse_count(&text);
            let _ = parse_percent(&text);
        }
    }
}
