//! What a body planned, and what became of it: read from everything it stated.

use chrono::NaiveDate;

use super::body_log::{Row, Said};
use crate::domain::catalogue::{ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Source, State};

codes! {
    /// What became of a plan.
    Course, "計画の状態", "course of a plan" {
        Reached = "reached", "達した", "the planned level is reached", "予定した段階に達した";
        Late = "late", "遅れ", "the day is over and the level is not reached", "目標日を過ぎたが、予定した段階に達していない";
        Coming = "coming", "これから", "the day is still to come", "目標日がまだ来ていない";
        Undated = "undated", "時期なし", "no day is planned", "予定した段階はあるが、目標日がない";
    }
}

/// A level that a body planned for a procedure on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The channel.
    pub channel: ChannelIx,
    /// The level that is planned.
    pub level: Level,
    /// Until when, as was said last.
    pub on: Option<Dated>,
    /// Until when, as was said first, where the day was moved since.
    pub first_on: Option<Dated>,
    /// The level that the channel has.
    pub level_now: Level,
    /// Since when it has the planned level.
    pub reached_on: Option<NaiveDate>,
}

impl Planned {
    /// What became of it on a day.
    pub fn course(&self, today: NaiveDate) -> Course {
        match (self.reached_on, self.on) {
            (Some(_), _) => Course::Reached,
            (None, None) => Course::Undated,
            (None, Some(on)) if on.on < today => Course::Late,
            (None, Some(_)) => Course::Coming,
        }
    }

    /// How many days later than planned it was reached, or is by now; fewer than none where it came before. None
    /// where no day is planned, or it is still to come.
    pub fn slip(&self, today: NaiveDate) -> Option<i64> {
        let planned = self.on?.on;
        let until = match self.course(today) {
            Course::Reached => self.reached_on?,
            Course::Late => today,
            Course::Coming | Course::Undated => return None,
        };
        Some((until - planned).num_days())
    }
}

/// The plan of a key on a day, from what was stated of it in order of days; none where it was given up.
pub(super) fn plan_of(rows: &[&Row], day: NaiveDate) -> Option<Planned> {
    let first = rows.first().filter(|row| row.source == Source::Own)?;
    let channel = first.channel?;
    let mut planned: Option<Planned> = None;
    for row in rows.iter().take_while(|row| row.effective.on <= day) {
        let Said::Readiness { target, level, state, .. } = row.said() else {
            planned = None;
            continue;
        };
        let before = planned.filter(|one| target.is_none_or(|plan| plan.level == one.level));
        // A level that is reached ends the plan that led to it, which is told all the same.
        let plan = target.map(|plan| (plan.level, plan.on));
        let plan = plan.or_else(|| before.filter(|one| *level >= one.level).map(|one| (one.level, one.on)));
        planned = plan.map(|(wanted, on)| {
            let first_on = before.and_then(|one| one.first_on.or(one.on)).filter(|first| Some(*first) != on);
            let reached = *level >= wanted && *state != State::Suspended;
            let reached_on =
                reached.then(|| before.and_then(|one| one.reached_on).unwrap_or(row.effective.on));
            Planned {
                procedure: row.procedure,
                channel,
                level: wanted,
                on,
                first_on,
                level_now: *level,
                reached_on,
            }
        });
    }
    planned
}

/// At what pace something rises, and when all of it is reached by that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many rose in each quarter, the oldest first.
    pub rises: Vec<u64>,
    /// How many are left.
    pub left: u64,
}

/// Days of a quarter, on average.
const QUARTER: f64 = 365.25 / 4.0;
/// Later days are no forecast any more, in days.
const FARTHEST: f64 = 365.25 * 30.0;

impl Pace {
    /// The pace of the last quarters, and the slowest and fastest of four in a row, in rises per quarter.
    pub fn per_quarter(&self) -> Option<[f64; 3]> {
        /// A year shows what comes once in it.
        const YEAR: usize = 4;
        let mean = |part: &[u64]| {
            let sum: u64 = part.iter().sum();
            let count = u32::try_from(part.len()).ok().filter(|count| *count > 0)?;
            Some(u32::try_from(sum).map(f64::from).ok()? / f64::from(count))
        };
        let whole = mean(&self.rises)?;
        let years: Vec<f64> = self.rises.windows(YEAR.min(self.rises.len())).filter_map(mean).collect();
        let least = years.iter().copied().fold(whole, f64::min);
        let most = years.iter().copied().fold(whole, f64::max);
        Some([whole, least, most])
    }

    /// In how many days all is reached at a pace; none where it is too slow to say.
    pub fn days_at(&self, per_quarter: f64) -> Option<u32> {
        if self.left == 0 {
            return Some(0);
        }
        let left = u32::try_from(self.left).map(f64::from).ok()?;
        let days = (left / per_quarter * QUARTER).ceil();
        if !(0.0..=FARTHEST).contains(&days) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "both bounds were looked at"
        )]
        Some(days as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_has_a_range() {
        let pace = Pace { rises: vec![0, 0, 0, 2, 2, 2, 2, 0], left: 8 };
        assert_eq!(pace.per_quarter(), Some([1.0, 0.5, 2.0]));
        assert_eq!((pace.days_at(1.0), pace.days_at(2.0)), (Some(731), Some(366)));
        assert_eq!(pace.days_at(0.0), None);
        assert_eq!(pace.days_at(0.01), None);
        assert_eq!(Pace { rises: vec![0], left: 0 }.days_at(0.0), Some(0));
        assert_eq!(Pace { rises: Vec::new(), left: 1 }.per_quarter(), None);
    }
}
