//! Counts and what is made of them: integers in, percent with one decimal out, half up.

use serde::{Serialize, Serializer};

use super::definition::{Outcome, Reason};
use super::standing::{Answer, Reading};

/// A percentage with one decimal, held as tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// `part` of `whole`, half up; nothing of nothing is no percentage.
    pub fn of(part: u32, whole: u32) -> Option<Self> {
        let (part, whole) = (u64::from(part), u64::from(whole));
        if whole == 0 {
            return None;
        }
        let tenths = (part * 2000 + whole) / (whole * 2);
        Some(Self(u32::try_from(tenths).unwrap_or(u32::MAX)))
    }

    /// The percentage in tenths of a percent.
    pub fn tenths(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

/// Counts behind a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows (or bodies) in the numerator.
    pub numerator: u32,
    /// Rows in the denominator.
    pub denominator: u32,
    /// Rows of the denominator of which it is not known whether they count.
    pub unknown: u32,
    /// Expected rows with an answer on the channel group that the definition reads.
    pub answered: u32,
    /// Expected rows, without those stated not to be performed.
    pub expected: u32,
}

/// Why a figure has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoValue {
    /// The denominator is 0.
    NothingApplicable,
    /// Nothing is yes and something is unknown.
    UnknownOnly,
}

impl Tally {
    /// Adds the counts of another.
    #[inline]
    pub fn add(&mut self, other: Self) {
        self.numerator += other.numerator;
        self.denominator += other.denominator;
        self.unknown += other.unknown;
        self.answered += other.answered;
        self.expected += other.expected;
    }

    /// Counts one body of a definition whose unit is bodies.
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Yes(_) => {
                self.numerator += 1;
                self.denominator += 1;
            }
            Outcome::No(_) => self.denominator += 1,
            Outcome::Unknown(_) => {
                self.unknown += 1;
                self.denominator += 1;
            }
            Outcome::Out(_) => {}
        }
    }

    /// The value, or why there is none.
    ///
    /// # Errors
    ///
    /// Denominator 0, and a numerator of 0 beside unknown rows.
    pub fn value(&self) -> Result<Percent, NoValue> {
        let value = Percent::of(self.numerator, self.denominator).ok_or(NoValue::NothingApplicable)?;
        if self.numerator == 0 && self.unknown > 0 {
            return Err(NoValue::UnknownOnly);
        }
        Ok(value)
    }

    /// The value if every unknown row were no.
    pub fn value_min(&self) -> Option<Percent> {
        Percent::of(self.numerator, self.denominator)
    }

    /// The value if every unknown row were yes.
    pub fn value_max(&self) -> Option<Percent> {
        Percent::of(self.numerator + self.unknown, self.denominator)
    }

    /// Answered ÷ expected.
    pub fn completeness(&self) -> Option<Percent> {
        Percent::of(self.answered, self.expected)
    }
}

/// Median and quartiles of the bodies' own values, by linear interpolation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Spread {
    /// Bodies that have a value.
    pub bodies: u32,
    /// Lower quartile, percent.
    #[schema(value_type = f64)]
    pub q1: Percent,
    /// Median, percent.
    #[schema(value_type = f64)]
    pub median: Percent,
    /// Upper quartile, percent.
    #[schema(value_type = f64)]
    pub q3: Percent,
}

impl Spread {
    /// The spread of some values; none of none.
    pub fn of(mut values: Vec<Percent>) -> Option<Self> {
        values.sort_unstable();
        let bodies = u32::try_from(values.len()).ok()?;
        let quartile = |quarter: usize| {
            // Position in quarters of a step, so that all stays in integers.
            let position = values.len().checked_sub(1)? * quarter;
            let (at, rest) = (position / 4, u32::try_from(position % 4).ok()?);
            let low = values.get(at)?.0;
            let high = values.get(at + 1).map_or(low, |value| value.0);
            Some(Percent((low * 8 + (high - low) * 2 * rest + 4) / 8))
        };
        Some(Self { bodies, q1: quartile(1)?, median: quartile(2)?, q3: quartile(3)? })
    }
}

/// The counts of some rows, and what of them the judgement of a whole body needs beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// What a rate shows.
    pub tally: Tally,
    /// Rows that were left out.
    pub out: u32,
    /// Rows that were left out because nobody answered.
    pub out_unanswered: u32,
}

impl Rows {
    /// The counts of one row: what becomes of it and what was read.
    pub fn of(outcome: Outcome, reading: Reading) -> Self {
        let mut tally = Tally::default();
        tally.count(outcome);
        if reading.applicability.applies() {
            tally.expected = 1;
            tally.answered = u32::from(reading.answer != Answer::NoAnswer);
        }
        Self {
            tally,
            out: u32::from(matches!(outcome, Outcome::Out(_))),
            out_unanswered: u32::from(outcome == Outcome::Out(Reason::NoAnswer)),
        }
    }

    /// Adds the counts of other rows.
    #[inline]
    pub fn add(&mut self, other: Self) {
        self.tally.add(other.tally);
        self.out += other.out;
        self.out_unanswered += other.out_unanswered;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentages_are_rounded_half_up_from_integers() {
        for (part, whole, shown) in [
            (24, 30, "80.0"),
            (24, 32, "75.0"),
            (53_851, 86_691, "62.1"),
            (53_851 + 1_741, 86_691, "64.1"),
            (53_851, 84_950, "63.4"),
            (15_224, 39_888, "38.2"),
            (20, 28, "71.4"),
            (1, 8, "12.5"),
            (1, 2000, "0.1"),
            (1, 2001, "0.0"),
            (242_308, 382_683, "63.3"),
            (89_325, 185_924, "48.0"),
            (7_690, 53_360, "14.4"),
            (152_983, 196_759, "77.8"),
            (426, 815, "52.3"),
            (306, 466, "65.7"),
        ] {
            assert_eq!(Percent::of(part, whole).unwrap().to_string(), shown, "{part}/{whole}");
        }
        assert_eq!(Percent::of(0, 0), None);
    }

    #[test]
    fn unknown_only_has_no_value_but_a_range() {
        let tally = Tally { numerator: 0, denominator: 10, unknown: 4, ..Tally::default() };
        assert_eq!(tally.value(), Err(NoValue::UnknownOnly));
        assert_eq!(tally.value_min().unwrap().to_string(), "0.0");
        assert_eq!(tally.value_max().unwrap().to_string(), "40.0");
        assert_eq!(Tally::default().value(), Err(NoValue::NothingApplicable));
    }

    #[test]
    fn quartiles_are_interpolated() {
        let spread = Spread::of([100, 200, 300, 400].map(Percent).to_vec()).unwrap();
        assert_eq!((spread.q1.0, spread.median.0, spread.q3.0), (175, 250, 325));
        assert_eq!(Spread::of(Vec::new()), None);
        let one = Spread::of(vec![Percent(7)]).unwrap();
        assert_eq!((one.q1.0, one.median.0, one.q3.0), (7, 7, 7));
    }

    proptest! {
        #[test]
        fn rounding_is_never_further_than_half_a_tenth(part in 0u32..1_000_000, more in 1u32..1_000_000) {
            let whole = part + more;
            let tenths = i64::from(Percent::of(part, whole).unwrap().tenths());
            // |tenths/10 - 100·part/whole| ≤ 0.05, in integers.
            let error = tenths * i64::from(whole) - i64::from(part) * 1000;
            prop_assert!(error.abs() * 2 <= i64::from(whole));
        }

        #[test]
        fn the_value_lies_in_its_range(numerator in 0u32..100, unknown in 0u32..100, no in 0u32..100) {
            let tally = Tally { numerator, unknown, denominator: numerator + unknown + no, ..Tally::default() };
            if let Ok(value) = tally.value() {
                prop_assert_eq!(Some(value), tally.value_min());
                prop_assert!(Some(value) <= tally.value_max());
            }
        }
    }
}
