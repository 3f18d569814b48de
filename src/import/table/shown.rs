//! The text that Excel shows of a stored value.

use chrono::{Datelike, NaiveDate};

use super::super::workbook::{CellValue, DateParts, NumberFormat};
use crate::domain::file_dates::SerialDays;

/// What a cell shows, as far as that is its value: numbers with the 15 digits that Excel keeps of
/// them, dates as far as their format shows them. A date that is shown in full is YYYY-MM-DD.
pub(super) fn text(value: CellValue, format: NumberFormat, days: SerialDays) -> String {
    match value {
        CellValue::Text(text) | CellValue::Error(text) => text,
        CellValue::Bool(true) => "TRUE".to_owned(),
        CellValue::Bool(false) => "FALSE".to_owned(),
        CellValue::Day(text) => iso_day(&text, format).unwrap_or(text),
        CellValue::Number(raw) => match format {
            NumberFormat::Date(parts) => {
                serial_day(&raw, days).map_or_else(|| number(&raw), |day| date(day, parts))
            }
            NumberFormat::Time => time(&raw).unwrap_or_else(|| number(&raw)),
            // Shown as 082333: the format is the sender's word for the lost zeros.
            NumberFormat::Zeros(digits) => {
                format!("{:0>width$}", number(&raw), width = usize::from(digits))
            }
            NumberFormat::Percent => percent(&raw).unwrap_or_else(|| number(&raw)),
            _ => number(&raw),
        },
    }
}

/// A number with 15 digits: what was 425.99999999999994 in memory is 426 on the screen.
fn number(raw: &str) -> String {
    let short = raw.len() <= 15 && raw.bytes().all(|byte| byte.is_ascii_digit());
    // Nearly every number is one that can stay as it is.
    if short && (raw.len() == 1 || !raw.starts_with('0')) {
        return raw.to_owned();
    }
    match raw.parse::<f64>() {
        Ok(value) if value.is_finite() => with_15_digits(value),
        _ => raw.to_owned(),
    }
}

fn with_15_digits(value: f64) -> String {
    /// Beyond so many places a number is no count, no code and no level; it stays with its exponent.
    const PLACES: i32 = 20;
    let scientific = format!("{:.14e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if exponent.abs() > PLACES {
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        return format!("{sign}{mantissa}E{exponent:+03}");
    }
    let Ok(whole) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    };
    match digits.len().checked_sub(whole) {
        None | Some(0) => format!("{sign}{digits:0<whole$}"),
        Some(_) if whole == 0 => format!("{sign}0.{digits}"),
        Some(_) => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
    }
}

/// `0.855` shown as a percentage is `85.5%`. Two digits are kept, as everywhere.
fn percent(raw: &str) -> Option<String> {
    let share: f64 = raw.parse().ok()?;
    let hundredths = (share * 10_000.0).round();
    (hundredths.abs() < 1e12).then(|| format!("{}%", hundredths / 100.0))
}

/// The day of a serial number; its time of day is dropped.
fn serial_day(raw: &str, days: SerialDays) -> Option<NaiveDate> {
    let serial = number(raw);
    days.day(serial.split('.').next()?.parse().ok()?)
}

/// A day that is written out as ISO 8601 has it, perhaps with a time.
fn iso_day(text: &str, format: NumberFormat) -> Option<String> {
    let day: NaiveDate = text.get(..10)?.parse().ok()?;
    let parts = match format {
        NumberFormat::Date(parts) => parts,
        _ => DateParts::DAY,
    };
    Some(date(day, parts))
}

/// A day as far as it is shown. Eras and separators are ours, because what is shown tells apart
/// what was meant by its parts alone.
fn date(on: NaiveDate, parts: DateParts) -> String {
    if parts == DateParts::DAY {
        return on.to_string();
    }
    let mut text = String::new();
    if parts.year {
        text.push_str(&format!("{}{}", on.year(), if parts.fiscal { "年度" } else { "年" }));
    }
    if parts.month {
        text.push_str(&format!("{}月", on.month()));
    }
    if parts.day {
        text.push_str(&format!("{}日", on.day()));
    }
    if text.is_empty() {
        let weekday = on.weekday().num_days_from_sunday();
        text.extend("日月火水木金土".chars().nth(usize::try_from(weekday).unwrap_or(0)));
        text.push_str("曜日");
    }
    text
}

/// A time of day, or how long something took: neither is a day.
fn time(raw: &str) -> Option<String> {
    /// Minutes of a day.
    const DAY: f64 = 1_440.0;
    let serial: f64 = raw.parse().ok().filter(|serial: &f64| (0.0..1e6).contains(serial))?;
    let minutes = (serial.fract() * DAY).round();
    Some(format!("{}:{:02}", (minutes / 60.0).floor(), minutes % 60.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MONTH: DateParts = DateParts { day: false, ..DateParts::DAY };
    const YEAR: DateParts = DateParts { month: false, ..MONTH };

    fn shown(raw: &str, format: NumberFormat) -> String {
        text(CellValue::Number(raw.to_owned()), format, SerialDays::From1900)
    }

    #[test]
    fn numbers_have_the_digits_that_excel_keeps() {
        for (raw, expected) in [
            ("1.2345678E7", "12345678"),
            ("9876543.0", "9876543"),
            ("425.99999999999994", "426"),
            ("10.000000000000002", "10"),
            ("0.30000000000000004", "0.3"),
            ("8.2333E4", "82333"),
            ("82333.0", "82333"),
            ("82333", "82333"),
            ("012203", "12203"),
            ("0", "0"),
            ("-0", "0"),
            ("00", "0"),
            ("3.0000000000000004", "3"),
            ("-1.5E-3", "-0.0015"),
            ("0.05", "0.05"),
            ("1E2", "100"),
            ("1234567890123", "1234567890123"),
            ("1.234567890123E12", "1234567890123"),
            ("12345678901234567890", "12345678901234600000"),
            ("1E300", "1E+300"),
            ("1.5E-300", "1.5E-300"),
        ] {
            assert_eq!(shown(raw, NumberFormat::General), expected, "{raw}");
        }
        assert_eq!(shown("82333.0", NumberFormat::Zeros(6)), "082333");
        assert_eq!(shown("8.2333E4", NumberFormat::Zeros(6)), "082333");
        assert_eq!(shown("0.855", NumberFormat::Percent), "85.5%");
        assert_eq!(shown("0.28000000000000003", NumberFormat::Percent), "28%");
        assert_eq!(shown("1", NumberFormat::Percent), "100%");
    }

    #[test]
    fn dates_go_as_far_as_they_are_shown() {
        for (parts, expected) in [
            (DateParts::DAY, "2026-03-01"),
            (MONTH, "2026年3月"),
            (YEAR, "2026年"),
            (DateParts { fiscal: true, ..YEAR }, "2026年度"),
            (DateParts { year: false, ..DateParts::DAY }, "3月1日"),
            (DateParts { month: true, ..DateParts::default() }, "3月"),
            (DateParts::default(), "日曜日"),
        ] {
            assert_eq!(shown("46082", NumberFormat::Date(parts)), expected);
            assert_eq!(shown("46082.75", NumberFormat::Date(parts)), expected);
            let day = CellValue::Day("2026-03-01T12:00:00".to_owned());
            assert_eq!(text(day, NumberFormat::Date(parts), SerialDays::From1904), expected);
        }
        assert_eq!(shown("60", NumberFormat::Date(DateParts::DAY)), "60");
        assert_eq!(shown("46082.5", NumberFormat::Time), "12:00");
        assert_eq!(
            text(CellValue::Number("44620".to_owned()), NumberFormat::Date(MONTH), SerialDays::From1904),
            "2026年3月"
        );
        // A text in a cell for dates is what it says.
        let words = CellValue::Text("令和8年3月".to_owned());
        assert_eq!(text(words, NumberFormat::Date(YEAR), SerialDays::From1900), "令和8年3月");
    }

    proptest! {
        #[test]
        fn a_number_of_15_digits_is_itself_however_it_is_stored(
            digits in 0i64..1_000_000_000_000_000, places in 0u32..6
        ) {
            #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53")]
            let value = digits as f64 / 10f64.powi(i32::try_from(places).unwrap());
            let plain = value.to_string();
            for stored in [plain.clone(), format!("{value:E}"), format!("{value:.3}").replace('-', "")] {
                if stored.parse::<f64>() == Ok(value) {
                    prop_assert_eq!(number(&stored), plain.clone(), "{}", stored);
                }
            }
        }

        #[test]
        fn noise_in_the_last_bits_is_not_shown(count in 0u32..100_000_000, bits in 1u64..3) {
            let noisy = f64::from_bits(f64::from(count.max(1)).to_bits() + bits);
            prop_assert_eq!(number(&noisy.to_string()), count.max(1).to_string());
        }

        #[test]
        fn no_number_panics(value in any::<f64>()) {
            let _ = number(&value.to_string());
            let _ = number(&format!("{value:e}"));
            let _ = time(&value.to_string());
        }
    }
}
