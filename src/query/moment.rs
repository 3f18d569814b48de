//! The moment that a question is about: from which day the country is seen, and who knew what then.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::parameters::Checks;
use crate::domain::Refusal;
use crate::domain::dates::{FIRST_DAY, day_in_japan, in_japan, parse_iso_day};

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// What holds on this day in Japan; none is today.
    pub as_of: Option<NaiveDate>,
    /// As far as it was known then; none is now.
    pub known_at: Option<DateTime<Utc>>,
}

/// Which moment is asked about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MomentQuery {
    /// いつ時点か（日本の日付。既定は今日）。今日より後の日では、その日までに適用日が来る予定も数えます
    #[param(value_type = Option<String>, format = Date, max_length = 10, example = "2026-03-31")]
    as_of: Option<String>,
    /// いつまでに記録されたことで答えるか（時刻、または日付ならその日の終わり。既定は今）。後から入った訂正と取消しは数えません
    #[param(max_length = 40, example = "2026-03-31T17:00:00+09:00")]
    known_at: Option<String>,
}

impl MomentQuery {
    /// Reads a moment: a day, and a time or a day, which stands for its end.
    pub(crate) fn read(&self, checks: &mut Checks, now: DateTime<Utc>) -> Moment {
        Moment {
            as_of: checks.one("as_of", &self.as_of, day),
            known_at: checks.one("known_at", &self.known_at, |text| known(text, now)),
        }
    }
}

impl Moment {
    /// Whether it is the one that is asked about unless something else is said.
    pub fn is_now(&self) -> bool {
        *self == Self::default()
    }
}

/// A day of which something can be said.
///
/// # Errors
///
/// What is no day, and days before [`FIRST_DAY`].
pub(super) fn day(text: &str) -> Result<NaiveDate, Refusal> {
    let day = parse_iso_day(text)?;
    if day >= FIRST_DAY {
        return Ok(day);
    }
    let refusal = Refusal::new("day_too_early", text, "日付が早すぎます", "a day too early to ask about");
    Err(refusal.allowed(format!("{FIRST_DAY} 以降")))
}

/// The time up to which things were known; a day stands for its end, or for now where it has not ended.
///
/// # Errors
///
/// What is neither, and times to come: what will be known then is not known.
pub(super) fn known(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let then = time_or(text, end_of_day)?;
    if then <= now || day_in_japan(then) == day_in_japan(now) {
        return Ok(then);
    }
    let refusal =
        Refusal::new("known_in_the_future", text, "まだ来ていない時刻です", "a time that has not come");
    Err(refusal.allowed(format!("{} まで", day_in_japan(now))))
}

/// A time as RFC 3339, or the beginning of a day in Japan.
///
/// # Errors
///
/// What is neither.
pub(super) fn time_or_beginning(text: &str) -> Result<DateTime<Utc>, Refusal> {
    time_or(text, beginning_of_day)
}

/// A time as RFC 3339, or one of a day in Japan. The + of an offset arrives as a blank unless it was
/// escaped; nothing else can stand there.
fn time_or(text: &str, of_day: fn(NaiveDate) -> Option<DateTime<Utc>>) -> Result<DateTime<Utc>, Refusal> {
    let with_plus = text.rsplit_once(' ').map(|(time, offset)| format!("{time}+{offset}"));
    let read = |text: &str| DateTime::parse_from_rfc3339(text);
    if let Ok(moment) = read(text).or_else(|cause| with_plus.as_deref().map_or(Err(cause), read)) {
        return Ok(moment.with_timezone(&Utc));
    }
    let refusal = || {
        Refusal::new("time_format", text, "時刻が正しくありません", "not a time of RFC 3339 or a day")
            .allowed("2026-01-01T09:00:00+09:00 または 2026-01-01")
    };
    let day = parse_iso_day(text).map_err(|_inner| refusal())?;
    of_day(day).ok_or_else(refusal)
}

fn beginning_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN).and_utc();
    // Midnight in Japan is nine hours before midnight in UTC.
    let ahead = in_japan(midnight).naive_local() - midnight.naive_utc();
    midnight.checked_sub_signed(ahead).filter(|_| day.checked_sub_days(Days::new(1)).is_some())
}

/// The last moment of a day: whatever is recorded on it is known then.
fn end_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = beginning_of_day(day.checked_add_days(Days::new(1))?)?;
    next.checked_sub_signed(chrono::TimeDelta::microseconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_begin_at_midnight_in_japan() {
        let expected = utc("2025-12-31T15:00:00Z");
        assert_eq!(time_or_beginning("2026-01-01").unwrap(), expected);
        assert_eq!(time_or_beginning("2026-01-01T00:00:00+09:00").unwrap(), expected);
        assert_eq!(time_or_beginning("2026-01-01T00:00:00 09:00").unwrap(), expected);
        assert_eq!(time_or_beginning("2026-01-01 00:00:00 09:00").unwrap(), expected);
        for wrong in ["yesterday", "2026-01-01 00:00", "2026-01-01 00:00:00", "2026-01-01 09:00", " "] {
            assert!(time_or_beginning(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_has_two_clocks() {
        let read = |as_of: Option<&str>, known_at: Option<&str>| {
            let mut checks = Checks::default();
            let text = |text: Option<&str>| text.map(str::to_owned);
            let moment = MomentQuery { as_of: text(as_of), known_at: text(known_at) }
                .read(&mut checks, utc("2026-05-31T00:00:00Z"));
            checks.finish().map(|()| moment)
        };
        assert!(read(None, None).unwrap().is_now());
        let moment = read(Some("2026-03-31"), Some("2026-04-30")).unwrap();
        assert_eq!(moment.as_of, NaiveDate::from_ymd_opt(2026, 3, 31));
        assert_eq!(moment.known_at, Some(utc("2026-04-30T14:59:59.999999Z")));
        let moment = read(None, Some("2026-04-30T09:00:00+09:00")).unwrap();
        assert_eq!(moment.known_at, Some(utc("2026-04-30T00:00:00Z")));
        // Today ends later, and is known as far as it went.
        assert!(read(None, Some("2026-05-31")).is_ok() && read(None, Some("2026-06-01")).is_err());
        assert!(read(Some("1950-01-01"), None).is_ok() && read(Some("1949-12-31"), None).is_err());
        assert!(read(Some("2026-03"), None).is_err() && read(None, Some("then")).is_err());
    }
}
