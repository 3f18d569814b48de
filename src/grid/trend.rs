//! A figure on several days, in one pass over what was ever stated: no country is built for any of them.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::body_log::{Row, Said};
use super::build::Builder;
use super::definition::{Measures, NotApplicable, Outcome, Unit};
use super::figure::Judge;
use super::history::History;
use super::measure::{freshness, plan, tally_of};
use super::moment::{Known, Moment};
use super::plans::plan_of;
use super::question::Question;
use super::standing::{Mark, Reads};
use super::tally::{Rows, Spread, Tally, Values};
use super::{Block, STALE_DAYS};
use crate::domain::assertion::{OnDay, holding_on};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::FiscalYear;
use crate::domain::readiness::Source;

/// So many points are worked out at most.
pub const MOST_POINTS: usize = 240;

codes! {
    /// How far apart the points of a trend lie.
    Period, "期間", "period" {
        Month = "month", "月", "the last day of each month", "各月の末日";
        Quarter = "quarter", "四半期", "the last day of each quarter", "四半期の末日（3月・6月・9月・12月）";
        FiscalYear = "fiscal_year", "年度", "the last day of each fiscal year", "年度の末日（3月31日）";
    }
}

codes! {
    /// Over which edition of a list the points of a trend are counted.
    Edition, "手続一覧の版", "edition of the list" {
        Now = "now", "選んだ版", "the chosen list on all days", "選んだ一覧を、すべての日に数える";
        Then = "then", "その日の版", "the edition that was in force on the day", "その日に行われていた版を数える。版が変わると系列が分かれる";
    }
}

impl Period {
    /// The last day of the period that a day lies in.
    pub fn end(self, day: NaiveDate) -> Option<NaiveDate> {
        let last_of = |year: i32, month: u32| {
            NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
        };
        match self {
            Self::Month => last_of(day.year(), day.month()),
            Self::Quarter => last_of(day.year(), day.month().div_ceil(3) * 3),
            Self::FiscalYear => Some(FiscalYear::of(day).last_day()),
        }
    }

    /// The ends of the periods from one day to another, and that day itself at last.
    pub fn days(self, from: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
        let next = |last: &NaiveDate| self.end(last.succ_opt()?);
        let ends = std::iter::successors(self.end(from), next).take(MOST_POINTS + 1);
        ends.take_while(|day| *day < until).chain([until]).collect()
    }
}

/// A figure on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub on: NaiveDate,
    /// The counts.
    pub tally: Tally,
    /// How the bodies' own values lie, where the unit is cells.
    pub spread: Option<Spread>,
}

/// Counts that may fall: what becomes different from one day to the next.
#[derive(Clone, Copy, Default)]
struct Step([i64; 7]);

impl Step {
    fn of(rows: Rows) -> Self {
        let Tally { numerator, denominator, unknown, answered, expected } = rows.tally;
        let wide = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let [out, out_unanswered] = [rows.out, rows.out_unanswered].map(i64::from);
        let [numerator, denominator, unknown, answered, expected] =
            [numerator, denominator, unknown, answered, expected].map(wide);
        Self([numerator, denominator, unknown, answered, expected, out, out_unanswered])
    }

    fn add(&mut self, other: Self, times: i64) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own += times * other);
    }

    fn rows(self) -> Rows {
        // Counts of rows are few, and never less than none.
        let [numerator, denominator, unknown, answered, expected, out, out_unanswered] = self.0;
        let wide = |number: i64| u64::try_from(number).unwrap_or(0);
        let narrow = |number: i64| u32::try_from(number).unwrap_or(0);
        Rows {
            tally: Tally {
                numerator: wide(numerator),
                denominator: wide(denominator),
                unknown: wide(unknown),
                answered: wide(answered),
                expected: wide(expected),
            },
            out: narrow(out),
            out_unanswered: narrow(out_unanswered),
        }
    }
}

/// A question that is asked of several days.
pub struct Trend<'h> {
    history: &'h History,
    known: Known,
    days: &'h [NaiveDate],
    judge: Judge<'h>,
    question: &'h Question,
    builder: Builder<'h>,
    /// How whoever states the same stands: most bodies state one of a few things.
    stands: RefCell<HashMap<u128, Mark>>,
}

impl<'h> Trend<'h> {
    /// A question asked of days in their order, as far as is known. It is one of where bodies stand, of how fresh
    /// what they say is, or of what became of their plans.
    pub fn new(
        history: &'h History,
        known: Known,
        days: &'h [NaiveDate],
        question: &'h Question,
        treatment: NotApplicable,
    ) -> Self {
        let judge = Judge::new(history.catalogue(), question, treatment);
        let moment = Moment { as_of: days.last().copied().unwrap_or_default(), known };
        Self {
            history,
            known,
            days,
            judge,
            question,
            builder: Builder::new(history, moment),
            stands: RefCell::default(),
        }
    }

    /// The figure of all bodies of the question on each day.
    pub fn points(&self) -> Vec<Point> {
        let mut found: Vec<(Tally, Values)> = self.days.iter().map(|_| Default::default()).collect();
        for body in &self.question.bodies {
            for ((tally, values), of_body) in found.iter_mut().zip(self.of_body(*body)) {
                tally.add(of_body);
                values.add(of_body);
            }
        }
        let has_spread =
            matches!(self.question.definition.unit, Unit::Cells | Unit::Statements | Unit::Plans)
                && self.question.bodies.len() > 1;
        let point = |(on, (tally, values)): (&NaiveDate, (Tally, Values))| Point {
            on: *on,
            tally,
            spread: has_spread.then(|| values.spread()),
        };
        self.days.iter().zip(found).map(point).collect()
    }

    /// The counts of one body on each day.
    fn of_body(&self, body: BodyIx) -> impl Iterator<Item = Tally> {
        let catalogue = self.history.catalogue();
        let known: Vec<&Row> = self.history.rows(self.history.body(body), self.known).collect();
        let mut steps = vec![Step::default(); self.days.len() + 1];
        for procedure in self.question.rows_of(catalogue, body) {
            let start = known.partition_point(|row| row.procedure < procedure);
            let length = known[start..].partition_point(|row| row.procedure == procedure);
            let stretches = self.stretches(body, procedure, &known[start..start + length]);
            for (at, (from, rows)) in stretches.iter().enumerate() {
                let until = stretches.get(at + 1).map_or(self.days.len(), |(next, _)| *next);
                let rows = Step::of(*rows);
                steps[*from].add(rows, 1);
                steps[until].add(rows, -1);
            }
        }
        let inhabitants = catalogue.body(body).population;
        let mut sum = Step::default();
        steps.into_iter().take(self.days.len()).map(move |step| {
            sum.add(step, 1);
            self.judge.whole(sum.rows(), inhabitants)
        })
    }

    /// What a procedure of a body counts for: from which of the days on, and how much.
    fn stretches(&self, body: BodyIx, procedure: ProcedureIx, rows: &[&Row]) -> Vec<(usize, Rows)> {
        match self.question.definition.measures {
            Measures::Freshness => {
                // A statement is stale from a day on.
                let stale = |row: &Row| row.effective.on.checked_add_days(Days::new(STALE_DAYS + 1));
                self.tallies(body, procedure, rows, stale, |block, day| {
                    block.counting(procedure).map(|cell| freshness(cell, day)).collect()
                })
            }
            Measures::Plans => {
                // A plan is late from the day after the one that was planned.
                let late = |row: &Row| match row.said() {
                    Said::Readiness { target: Some(target), .. } => target.on?.on.succ_opt(),
                    _ => None,
                };
                self.tallies(body, procedure, rows, late, |_, day| {
                    let of_keys = rows.chunk_by(|one, other| one.key() == other.key());
                    let plans = of_keys.filter_map(|of_key| plan_of(of_key, day));
                    plans.map(|planned| plan(&planned, day)).collect()
                })
            }
            Measures::Standing | Measures::Usage => {
                let marks = self.marks(body, procedure, rows).into_iter();
                marks.map(|(from, mark)| (from, self.judge.of_mark(procedure, mark))).collect()
            }
        }
    }

    /// What becomes of what is said of a procedure: from which of the days on. It changes when something is said,
    /// and on a later day that is said with it.
    fn tallies(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        rows: &[&Row],
        later: impl Fn(&Row) -> Option<NaiveDate>,
        outcomes: impl Fn(&Block, NaiveDate) -> Vec<Outcome>,
    ) -> Vec<(usize, Rows)> {
        let first = |on: NaiveDate| self.days.partition_point(|day| *day < on);
        let mut starts = vec![0];
        for row in rows {
            starts.push(first(row.effective.on));
            starts.extend(later(row).map(first));
        }
        starts.sort_unstable();
        starts.dedup();
        let on = |at: usize| {
            let block = self.builder.block_on(body, procedure, rows, self.days[at]);
            let expected = block.applicability_that_counts(procedure).applies();
            let tally = tally_of(expected, outcomes(&block, self.days[at]).into_iter());
            Rows { tally, ..Rows::default() }
        };
        starts.into_iter().filter(|at| *at < self.days.len()).map(|at| (at, on(at))).collect()
    }

    /// Where the body stands with a procedure: from which of the days on, and how.
    fn marks(&self, body: BodyIx, procedure: ProcedureIx, rows: &[&Row]) -> Vec<(usize, Mark)> {
        if rows.is_empty() {
            return vec![(0, Mark::SILENT)];
        }
        let mut starts = vec![0];
        // Whether a procedure is performed hangs on which of two words was said last, on whatever channel.
        let hangs_on_days = rows.first().is_some_and(|row| row.channel.is_none());
        let reads = self.question.reads;
        let is_read = |row: &&&Row| {
            let catalogue = self.history.catalogue();
            let decides = |channel| match reads {
                // What is stated of other channels of its scale says "no" to it.
                Reads::Channel(asked) => catalogue.channel(channel).scale == catalogue.channel(asked).scale,
                _ => reads.may_decide(catalogue, channel),
            };
            hangs_on_days || row.channel.is_none_or(decides)
        };
        let rows: Vec<&Row> = rows.iter().filter(is_read).copied().collect();
        let mut before: Option<&&Row> = None;
        for row in &rows {
            let again = before.is_some_and(|before| before.key() == row.key() && before.repeats(row));
            if !again || hangs_on_days {
                starts.push(self.days.partition_point(|day| *day < row.effective.on));
            }
            before = Some(row);
        }
        starts.sort_unstable();
        starts.dedup();
        let mark = |at: usize| {
            let day = self.days[at];
            let judged = || self.builder.mark_on(body, procedure, &rows, day, reads);
            let Some(said) = said_on(&rows, day) else { return judged() };
            *self.stands.borrow_mut().entry(said).or_insert_with(judged)
        };
        starts.into_iter().filter(|at| *at < self.days.len()).map(|at| (at, mark(at))).collect()
    }
}

/// What the rows of a procedure say on a day, packed: of each channel and source what holds. None where more is
/// said than has room, or where something is said of the procedure as a whole, whose weight hangs on days.
fn said_on(rows: &[&Row], day: NaiveDate) -> Option<u128> {
    /// Bits of a statement, the highest of which is always set.
    const BITS: u32 = 16;
    let mut packed = 0_u128;
    for of_key in rows.chunk_by(|one, other| one.key() == other.key()) {
        let Some(held) = holding_on(of_key.iter().copied(), day) else { continue };
        let Said::Readiness { level, at_least, state, .. } = held.value.said() else { return None };
        let channel = held.value.channel?;
        if packed >> (u128::BITS - BITS) != 0 || channel >= 64 {
            return None;
        }
        let own = u128::from(held.value.source == Source::Own);
        let said = u128::from(level.number()) << 9
            | u128::from(*at_least) << 8
            | u128::from(state.index()) << 6
            | u128::from(channel);
        packed = packed << BITS | 1 << 15 | own << 14 | said;
    }
    Some(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_end_on_their_last_days() {
        for (period, of, end) in [
            (Period::Month, "2024-02-10", "2024-02-29"),
            (Period::Month, "2025-12-31", "2025-12-31"),
            (Period::Quarter, "2025-04-01", "2025-06-30"),
            (Period::Quarter, "2025-12-31", "2025-12-31"),
            (Period::FiscalYear, "2025-03-31", "2025-03-31"),
            (Period::FiscalYear, "2025-04-01", "2026-03-31"),
        ] {
            assert_eq!(period.end(day(of)), Some(day(end)), "{of}");
        }
    }

    #[test]
    fn the_last_point_is_the_day_that_is_asked_about() {
        let days = Period::Quarter.days(day("2025-05-05"), day("2026-01-15"));
        assert_eq!(days, ["2025-06-30", "2025-09-30", "2025-12-31", "2026-01-15"].map(day));
        assert_eq!(Period::Month.days(day("2025-05-05"), day("2025-05-31")), [day("2025-05-31")]);
        assert_eq!(Period::Month.days(day("2025-06-05"), day("2025-05-31")), [day("2025-05-31")]);
    }
}
