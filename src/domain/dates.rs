//! Days, months and fiscal years. How files write them stands in [`super::file_dates`].

use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::Refusal;
use super::codes::codes;

codes! {
    /// How exactly a day is known. For a month or a fiscal year the last day of it is stored and
    /// people see the precision.
    Precision, "日付の精度", "precision" {
        Day = "day", "日", "the day itself is known", "日まで分かっている";
        Month = "month", "月", "only the month is known; its last day is stored", "月まで分かっている。月の末日を記録する";
        FiscalYear = "fiscal_year", "年度", "only the fiscal year is known; its last day (31 March) is stored", "年度まで分かっている。年度の末日（3月31日）を記録する";
    }
}

/// A day together with how exactly it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dated {
    /// The day, or the last day of the month or fiscal year.
    pub on: NaiveDate,
    /// How exactly it is known.
    pub precision: Precision,
}

impl Dated {
    /// A day that is known exactly.
    pub fn day(on: NaiveDate) -> Self {
        Self { on, precision: Precision::Day }
    }

    /// Changes the precision, moving to the last day of the month or fiscal year.
    pub fn at_precision(self, precision: Precision) -> Self {
        let on = match precision {
            Precision::Day => self.on,
            Precision::Month => last_day_of_month(self.on.year(), self.on.month()).unwrap_or(self.on),
            Precision::FiscalYear => FiscalYear::of(self.on).last_day(),
        };
        Self { on, precision }
    }

    /// Whether a day may stand for the period of a precision: it is the first or the last of it.
    pub fn may_stand_for(self, precision: Precision) -> bool {
        let whole = self.at_precision(precision);
        self.precision != Precision::Day || [whole.first(), whole.on].contains(&self.on)
    }

    /// The first day that it may be.
    pub fn first(self) -> NaiveDate {
        match self.precision {
            Precision::Day => self.on,
            Precision::Month => self.on.with_day(1).unwrap_or(self.on),
            Precision::FiscalYear => FiscalYear::of(self.on).first_day(),
        }
    }

    /// The more exact of two that may be the same time: 2027年10月 of it and 2027年度. None where they are
    /// different times.
    pub fn narrowed(self, other: Self) -> Option<Self> {
        let holds = |wide: Self, narrow: Self| wide.first() <= narrow.first() && narrow.on <= wide.on;
        if holds(self, other) { Some(other) } else { holds(other, self).then_some(self) }
    }

    /// The day as a person reads it, no more exact than it is known: 2026-03-31, 2026年3月, 2025年度.
    pub fn in_words(self) -> String {
        match self.precision {
            Precision::Day => self.on.to_string(),
            Precision::Month => format!("{}年{}月", self.on.year(), self.on.month()),
            Precision::FiscalYear => FiscalYear::of(self.on).to_string(),
        }
    }
}

/// The first day of which anything can be said.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap();

/// A Japanese fiscal year, 1 April to 31 March, named by the year it begins in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalYear(i32);

impl FiscalYear {
    /// The fiscal year of a number such as 2025, from 1950 to 2100.
    ///
    /// # Errors
    ///
    /// A year outside that range.
    pub fn new(year: i32) -> Result<Self, Refusal> {
        if (1950..=2100).contains(&year) {
            return Ok(Self(year));
        }
        Err(Refusal::new(
            "fiscal_year_range",
            &year.to_string(),
            "年度が範囲外です",
            "fiscal year out of range",
        )
        .allowed("1950-2100"))
    }

    /// The fiscal year a day falls in.
    pub fn of(day: NaiveDate) -> Self {
        Self(if day.month() >= 4 { day.year() } else { day.year() - 1 })
    }

    /// The year it begins in.
    pub fn number(self) -> i32 {
        self.0
    }

    /// Its first day, 1 April.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.0, 4, 1).unwrap_or(NaiveDate::MIN)
    }

    /// 31 March of the year after.
    pub fn last_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.0 + 1, 3, 31).unwrap_or(NaiveDate::MAX)
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}年度", self.0)
    }
}

impl Serialize for FiscalYear {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.0)
    }
}

/// Japan's offset from UTC, in seconds; it has no summer time.
const JAPAN_OFFSET_SECONDS: i32 = 9 * 3600;

/// A moment as a wall clock in Japan shows it.
pub fn in_japan(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(JAPAN_OFFSET_SECONDS).expect("nine hours are an offset");
    moment.with_timezone(&offset)
}

/// The day it is in Japan at a moment.
pub fn day_in_japan(moment: DateTime<Utc>) -> NaiveDate {
    in_japan(moment).date_naive()
}

/// The moment at which a day begins in Japan.
pub fn begin_in_japan(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    midnight
        .checked_sub_signed(chrono::Duration::seconds(i64::from(JAPAN_OFFSET_SECONDS)))
        .unwrap_or(midnight)
}

/// A day as the API takes it: `YYYY-MM-DD` and nothing else.
///
/// # Errors
///
/// Any other spelling, and days that do not exist.
pub fn parse_iso_day(text: &str) -> Result<NaiveDate, Refusal> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, byte)| match i {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape.then(|| text.parse::<NaiveDate>().ok()).flatten().filter(in_range).ok_or_else(|| {
        Refusal::new("date_format", text, "日付が正しくありません", "not a day of the form YYYY-MM-DD")
            .allowed("2026-03-31 のような YYYY-MM-DD")
    })
}

pub(super) fn in_range(day: &NaiveDate) -> bool {
    (1900..=2200).contains(&day.year())
}

pub(super) fn last_day_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn the_interface_takes_one_spelling() {
        for text in ["2026-2-1", "2026-02-30", "20260201", "2026-02-01T00:00", "+026-02-01"] {
            assert!(parse_iso_day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_new_day_begins_in_japan_nine_hours_before_utc() {
        let before = Utc.with_ymd_and_hms(2026, 11, 20, 14, 59, 59).unwrap();
        let after = Utc.with_ymd_and_hms(2026, 11, 20, 15, 0, 0).unwrap();
        assert_eq!(day_in_japan(before), day(2026, 11, 20));
        assert_eq!(day_in_japan(after), day(2026, 11, 21));
    }

    #[test]
    fn fiscal_years_turn_on_the_first_of_april() {
        assert_eq!(FiscalYear::of(day(2026, 3, 31)).number(), 2025);
        assert_eq!(FiscalYear::of(day(2026, 4, 1)).number(), 2026);
        assert!(FiscalYear::new(1949).is_err());
    }

    #[test]
    fn the_more_exact_of_two_days_counts() {
        let dated = |year, month, on| Dated::day(day(year, month, on));
        let year = dated(2027, 6, 1).at_precision(Precision::FiscalYear);
        let month = dated(2027, 10, 1).at_precision(Precision::Month);
        let exact = dated(2027, 10, 31);
        for (one, other, expected) in [
            (year, month, Some(month)),
            (month, exact, Some(exact)),
            (year, exact, Some(exact)),
            (year, year, Some(year)),
            (month, dated(2027, 11, 1), None),
            (year, dated(2027, 3, 31), None),
            (year, dated(2028, 4, 1).at_precision(Precision::FiscalYear), None),
        ] {
            assert_eq!(one.narrowed(other), expected);
            assert_eq!(other.narrowed(one), expected);
        }
    }

    proptest! {
        #[test]
        fn every_day_survives_each_spelling(days in 0i64..70_000) {
            let on = day(1990, 1, 1) + chrono::Duration::days(days);
            prop_assert_eq!(parse_iso_day(&on.to_string()).unwrap(), on);
            let fiscal = FiscalYear::of(on);
            prop_assert!(fiscal.last_day() >= on);
            prop_assert_eq!(FiscalYear::of(fiscal.last_day()), fiscal);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = parse_iso_day(&text);
        }
    }
}
