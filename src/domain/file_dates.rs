//! Days, months and fiscal years as towns write them: 西暦, 和暦, serial numbers of spreadsheets.

use chrono::{Datelike, NaiveDate};

use super::dates::{Dated, FiscalYear, Precision, in_range, last_day_of_month};
use super::text::fold_width;
use super::{Refusal, RefusalKind};

/// An era: its spellings, its first day and the first day of the next one.
struct Era {
    spellings: &'static [&'static str],
    /// The year that is its year 1.
    first_year: i32,
    first_day: (i32, u32, u32),
    /// The last day, of an era that is over.
    last_day: Option<(i32, u32, u32)>,
}

/// Source: 元号を改める政令 (平成31年政令第143号, 昭和64年政令第1号) and 大正15年改元詔書.
const ERAS: &[Era] = &[
    Era {
        spellings: &["令和", "令", "R", "r", "㋿"],
        first_year: 2019,
        first_day: (2019, 5, 1),
        last_day: None,
    },
    Era {
        spellings: &["平成", "平", "H", "h", "㍻"],
        first_year: 1989,
        first_day: (1989, 1, 8),
        last_day: Some((2019, 4, 30)),
    },
    Era {
        spellings: &["昭和", "昭", "S", "s", "㍼"],
        first_year: 1926,
        first_day: (1926, 12, 25),
        last_day: Some((1989, 1, 7)),
    },
];

impl Era {
    /// Whether a day lies outside the era, so that its name is not the one of that day.
    fn misses(&self, day: NaiveDate) -> bool {
        let of = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day);
        of(self.first_day).is_some_and(|first| day < first)
            || self.last_day.and_then(of).is_some_and(|last| day > last)
    }
}

/// From which day a spreadsheet counts its serial numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SerialDays {
    /// 1900-01-01 is 1, and 60 is a day that never was.
    #[default]
    From1900,
    /// 1904-01-01 is 0 (workbooks of old Macintosh programs).
    From1904,
}

impl SerialDays {
    /// The day of a serial number, if there is such a day between 1900 and 2200.
    pub fn day(self, serial: i64) -> Option<NaiveDate> {
        let (first, serial) = match self {
            Self::From1904 => (NaiveDate::from_ymd_opt(1904, 1, 1)?, serial),
            // 1900 was no leap year, but spreadsheets count a 29 February there.
            Self::From1900 if serial > 60 => (NaiveDate::from_ymd_opt(1899, 12, 30)?, serial),
            Self::From1900 if serial == 60 => return None,
            Self::From1900 => (NaiveDate::from_ymd_opt(1899, 12, 31)?, serial),
        };
        first.checked_add_signed(chrono::Duration::try_days(serial)?).filter(in_range)
    }
}

/// A day, month or fiscal year as files write it: `2026-03-31`, `2026/3/31`, `20260331`,
/// `2026年3月31日`, `令和8年3月31日`, `R8.3.31`, `令和八年三月三十一日`, `2026-03`, `令和8年3月`,
/// `2025年度`, `令和7年度`, `R7末`.
///
/// # Errors
///
/// Anything else, a day that does not exist, and a day without a year: a year is never guessed.
pub fn parse_in_file(text: &str) -> Result<Dated, Refusal> {
    read_in_file(text).map(|(dated, _)| dated)
}

/// As [`parse_in_file`], with a warning where the day was written in a way that people should look
/// at once more: an era that was over, a year of two digits.
///
/// # Errors
///
/// As [`parse_in_file`].
pub fn read_in_file(text: &str) -> Result<(Dated, Option<Refusal>), Refusal> {
    let folded = fold_width(text);
    // Midnight is what a day becomes on its way through a database.
    let compact = without_midnight(&folded).replace(' ', "");
    if let Some([month, day]) = month_and_number(&compact) {
        let message = format!("20{day:0>2}年{month}月か、{month}月{day}日か分かりません");
        return Err(Refusal::new("date_unclear", text, message, "a month with a year or a day")
            .allowed("2026-03-31、令和8年3月 のように年から書く"));
    }
    if let Some((month, day)) = without_year(&compact) {
        return Err(Refusal::new(
            "date_without_year",
            text,
            format!("年がありません（{month}月{day}日とだけ書かれています）"),
            "a day without a year",
        )
        .of_kind(RefusalKind::WithoutYear)
        .allowed("2026-03-31、令和8年3月31日 のように年から書く"));
    }
    let (dated, era) = read_compact(&compact).filter(|(dated, _)| in_range(&dated.on)).ok_or_else(|| {
        Refusal::new("date_format", text, "日付として読めません", "not a day, month or fiscal year")
            .allowed("2026-03-31、2026/3/31、令和8年3月31日、令和8年3月、令和7年度 など（年は必須）")
    })?;
    let warning = match era {
        Written::Plain => None,
        Written::TwoDigits => Some(Refusal::new(
            "two_digit_year",
            text,
            format!("2桁の年を西暦{}年と読みました", dated.on.year()),
            "a year of two digits",
        )),
        // A fiscal year is named by the era of its beginning.
        Written::Era(era) if dated.precision != Precision::FiscalYear && era.misses(dated.on) => {
            Some(Refusal::new(
                "era_over",
                text,
                format!("その日は別の元号です。{} と読みました", dated.on),
                "the era does not cover that day",
            ))
        }
        Written::Era(_) => None,
    };
    Ok((dated, warning))
}

/// A fiscal year as files write it: `2025`, `2025年度`, `令和7年度`, `R7`.
///
/// # Errors
///
/// Anything else, and years before 1950 or after 2100.
pub fn parse_fiscal_year(text: &str) -> Result<FiscalYear, Refusal> {
    let folded = fold_width(text);
    let bare = folded.strip_suffix("年度").unwrap_or(&folded);
    if bare.len() == 4
        && let Ok(year) = bare.parse::<i32>()
    {
        return FiscalYear::new(year);
    }
    let named = parse_in_file(&format!("{bare}年度")).map_err(|_format| {
        Refusal::new("fiscal_year_format", text, "年度として読めません", "not a fiscal year")
            .allowed("2025、2025年度、令和7年度")
    })?;
    Ok(FiscalYear::of(named.on))
}

/// A day without the time 0:00 behind it, in whatever zone that is told.
fn without_midnight(text: &str) -> &str {
    let timed = text.split_once(['T', ' ']).filter(|(_, time)| time.contains(':'));
    let Some((day, time)) = timed else { return text };
    let time =
        ["+09:00", "+0900", "+09", "Z"].iter().find_map(|zone| time.strip_suffix(zone)).unwrap_or(time);
    let midnight = time.chars().all(|c| matches!(c, '0' | ':' | '.')) && time.starts_with('0');
    if midnight { day } else { text }
}

/// `Mar-27` and `27-Mar`: the month, and a number that may be a year or a day.
fn month_and_number(text: &str) -> Option<[u32; 2]> {
    let (one, two) = text.split_once('-').filter(|(_, rest)| !rest.contains('-'))?;
    let of = |name: &str, digits: &str| {
        let number = number(digits).filter(|number| digits.len() <= 2 && (1..=31).contains(number))?;
        Some([english_month(name)?, number])
    };
    of(one, two).or_else(|| of(two, one))
}

/// How the year was written.
enum Written {
    Plain,
    Era(&'static Era),
    TwoDigits,
}

/// What parts year, month and day.
const SEPARATORS: [char; 6] = ['-', '/', '.', '・', '年', '月'];

fn read_compact(text: &str) -> Option<(Dated, Written)> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let day = NaiveDate::from_ymd_opt(
            text[..4].parse().ok()?,
            text[4..6].parse().ok()?,
            text[6..].parse().ok()?,
        )?;
        return Some((Dated::day(day), Written::Plain));
    }
    if let Some(found) = english(text) {
        return Some(found);
    }
    let (era, rest) = split_era(text);
    let written = era.map_or(Written::Plain, Written::Era);
    let end = rest.strip_suffix("末日").or_else(|| rest.strip_suffix('末'));
    let bare = end.filter(|year| read_year(year, era).is_some());
    // The end of a month is that month: 令和8年3月末.
    let of_month = end.filter(|_| bare.is_none());
    if let Some(year) = rest.strip_suffix("年度末").or_else(|| rest.strip_suffix("年度")).or(bare) {
        let year = FiscalYear::new(read_year(year, era)?).ok()?;
        return Some((Dated { on: year.last_day(), precision: Precision::FiscalYear }, written));
    }
    let days = of_month.unwrap_or(rest);
    let parts_before = |unit| {
        let before = days.split_once(unit).map(|(before, _)| before)?;
        Some(before.split(SEPARATORS).filter(|part| !part.is_empty()).count())
    };
    // 年 stands behind the year and 月 behind the month.
    if parts_before('年').is_some_and(|parts| parts != 1)
        || parts_before('月').is_some_and(|parts| parts != 2)
    {
        return None;
    }
    let parts: Vec<&str> = days
        .split(SEPARATORS)
        .map(|part| part.trim_end_matches('日'))
        .filter(|part| !part.is_empty())
        .collect();
    let year = read_year(parts.first()?, era)?;
    let month = number(parts.get(1)?)?;
    let dated = match parts.get(2..) {
        Some([day]) if of_month.is_none() => Dated::day(NaiveDate::from_ymd_opt(year, month, number(day)?)?),
        Some([]) => Dated { on: last_day_of_month(year, month)?, precision: Precision::Month },
        _ => return None,
    };
    Some((dated, written))
}

/// Month and day of a text that has nothing else.
fn without_year(text: &str) -> Option<(u32, u32)> {
    let (month, day) = text
        .split_once('/')
        .or_else(|| text.split_once('月').and_then(|(month, day)| Some((month, day.strip_suffix('日')?))))?;
    let (month, day) = (number(month)?, number(day)?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((month, day))
}

/// `31-Mar-26` or `31-Mar-2026`, as spreadsheets in English show days.
fn english(text: &str) -> Option<(Dated, Written)> {
    let mut parts = text.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let month = english_month(month)?;
    let (year, written) = match (year.len(), number(year)?) {
        (4, year) => (year, Written::Plain),
        (2, year) => (2000 + year, Written::TwoDigits),
        _ => return None,
    };
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, number(day)?)?;
    Some((Dated::day(day), written))
}

fn english_month(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    (1..).zip(MONTHS).find(|(_, name)| text.eq_ignore_ascii_case(name)).map(|(number, _)| number)
}

/// The era the text begins with, and the text behind it.
fn split_era(text: &str) -> (Option<&'static Era>, &str) {
    for era in ERAS {
        if let Some(rest) = era.spellings.iter().find_map(|spelling| text.strip_prefix(spelling)) {
            return (Some(era), rest.trim_start_matches('.'));
        }
    }
    (None, text)
}

fn read_year(text: &str, era: Option<&'static Era>) -> Option<i32> {
    let year: i32 = if text == "元" { 1 } else { i32::try_from(number(text)?).ok()? };
    match era {
        Some(era) => (year >= 1).then_some(era.first_year + year - 1),
        // Two digits are a month, a day or an era year: never a year of our own guessing.
        None => (text.chars().count() == 4).then_some(year),
    }
}

/// A number of at most four digits, in digits or in kanji up to 99.
fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.chars().count() > 4 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    kanji(text)
}

/// 一 to 九十九, and digits written one by one (二〇二六).
fn kanji(text: &str) -> Option<u32> {
    const DIGITS: &str = "〇一二三四五六七八九";
    let digit = |c: char| DIGITS.chars().position(|other| other == c).and_then(|at| u32::try_from(at).ok());
    if let Some((tens, ones)) = text.split_once('十') {
        let one = |text: &str, empty: u32| -> Option<u32> {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (None, _) => Some(empty),
                (Some(only), None) => digit(only).filter(|digit| *digit > 0),
                _ => None,
            }
        };
        return Some(one(tens, 1)? * 10 + one(ones, 0)?);
    }
    text.chars().try_fold(0, |sum, c| Some(sum * 10 + digit(c)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn files_write_days_in_many_ways() {
        let expected = Dated::day(day(2026, 3, 31));
        for text in [
            "2026-03-31",
            "2026/3/31",
            "2026-3-31",
            "20260331",
            "2026年3月31日",
            "令和8年3月31日",
            "R8.3.31",
            "r08/03/31",
            "２０２６／３／３１",
            "Ｒ８．３．３１",
            " 2026-03-31 ",
            "令和八年三月三十一日",
            "令8.3.31",
            "㋿8.3.31",
            "2026-03-31 00:00:00",
            "2026-03-31T00:00:00",
            "2026-03-31T00:00:00+09:00",
            "2026-03-31T00:00:00.000+09:00",
            "2026-03-31 00:00:00.0",
            "R8・3・31",
            "2026・3・31",
            "二〇二六年三月三十一日",
        ] {
            assert_eq!(read_in_file(text).unwrap(), (expected, None), "{text}");
        }
        assert_eq!(parse_in_file("令和元年5月1日").unwrap().on, day(2019, 5, 1));
        let (read, warning) = read_in_file("31-Mar-26").unwrap();
        assert_eq!((read, warning.unwrap().code), (expected, "two_digit_year"));
    }

    #[test]
    fn an_era_that_was_over_is_told() {
        for (text, expected) in [
            ("平成31年5月1日", day(2019, 5, 1)),
            ("昭和64年1月8日", day(1989, 1, 8)),
            ("令和元年4月30日", day(2019, 4, 30)),
        ] {
            let (read, warning) = read_in_file(text).unwrap();
            assert_eq!((read.on, warning.unwrap().code), (expected, "era_over"), "{text}");
        }
        for text in ["平成31年4月30日", "昭和64年1月7日", "平成31年度"] {
            assert_eq!(read_in_file(text).unwrap().1, None, "{text}");
        }
    }

    #[test]
    fn months_and_fiscal_years_keep_their_precision() {
        assert_eq!(
            parse_in_file("令和8年2月").unwrap(),
            Dated { on: day(2026, 2, 28), precision: Precision::Month }
        );
        for text in ["令和8年2月末", "2026/2末", "令和八年二月末日"] {
            let month = Dated { on: day(2026, 2, 28), precision: Precision::Month };
            assert_eq!(parse_in_file(text).unwrap(), month, "{text}");
        }
        assert!(parse_in_file("令和8年2月28日末").is_err());
        for text in ["令和7年度", "2025年度", "R7年度", "2025年度末", "R7末"] {
            assert_eq!(
                parse_in_file(text).unwrap(),
                Dated { on: day(2026, 3, 31), precision: Precision::FiscalYear },
                "{text}"
            );
        }
    }

    #[test]
    fn no_year_and_no_such_day_are_refused() {
        for text in ["令和8年2月30日", "R0.1.1", "26/3/31", "", "2026", "2026-13", "年度", "令和零年1月1日"]
        {
            assert_eq!(parse_in_file(text).unwrap_err().code, "date_format", "{text}");
        }
        for text in ["3/31", "3月31日", "３／３１"] {
            assert_eq!(parse_in_file(text).unwrap_err().code, "date_without_year", "{text}");
        }
    }

    #[test]
    fn a_month_with_a_number_says_both_readings() {
        for (text, message) in [
            ("Mar-27", "2027年3月か、3月27日か分かりません"),
            ("27-Mar", "2027年3月か、3月27日か分かりません"),
            ("dec-8", "2008年12月か、12月8日か分かりません"),
        ] {
            let refusal = parse_in_file(text).unwrap_err();
            assert_eq!((refusal.code, refusal.ja.as_str()), ("date_unclear", message), "{text}");
        }
        for text in ["R5.4年4月", "2027.4年12月", "R9.4.1月", "2026-03-31T10:00:00+09:00", "2026-03-31 15:00"]
        {
            assert_eq!(parse_in_file(text).unwrap_err().code, "date_format", "{text}");
        }
    }

    #[test]
    fn serial_numbers_follow_both_calendars() {
        assert_eq!(SerialDays::From1900.day(46112), Some(day(2026, 3, 31)));
        assert_eq!(SerialDays::From1904.day(44650), Some(day(2026, 3, 31)));
        assert_eq!(SerialDays::From1900.day(1), Some(day(1900, 1, 1)));
        assert_eq!(SerialDays::From1900.day(60), None);
        assert_eq!(SerialDays::From1900.day(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn every_day_survives_each_spelling(days in 0i64..70_000) {
            let on = day(1990, 1, 1) + chrono::Duration::days(days);
            for spelling in ["%Y年%-m月%-d日", "%Y/%-m/%-d", "%Y%m%d", "%Y.%m.%d"] {
                prop_assert_eq!(parse_in_file(&on.format(spelling).to_string()).unwrap().on, on);
            }
            if on >= day(2019, 5, 1) {
                let reiwa = format!("令和{}年{}", on.year() - 2018, on.format("%-m月%-d日"));
                prop_assert_eq!(read_in_file(&reiwa).unwrap(), (Dated::day(on), None));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = parse_in_file(&text);
        }

        #[test]
        fn nothing_that_looks_like_a_day_panics(text in "[令和平成昭元一二十0-9RHSa-zA-Z年月日度末./ -]{0,16}") {
            if let Ok(read) = parse_in_file(&text) {
                prop_assert!(in_range(&read.on));
            }
        }
    }
}
