//! Counts and what is made of them: integers in, percent with one decimal out, half up.

use serde::{Serialize, Serializer};

use super::definition::{Outcome, Reason, Takes};
use super::standing::{Answer, Reading};
use crate::domain::codes::codes;

/// A percentage with one decimal, held as tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// `part` of `whole`, half up; nothing of nothing is no percentage.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        Self::of_wide(u128::from(part), u128::from(whole))
    }

    fn of_wide(part: u128, whole: u128) -> Option<Self> {
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
    /// Rows, or whatever the unit is, in the numerator.
    pub numerator: u64,
    /// Rows in the denominator.
    pub denominator: u64,
    /// Rows of the denominator of which it is not known whether they count.
    pub unknown: u64,
    /// Expected rows with an answer on the channel group that the definition reads.
    pub answered: u64,
    /// Expected rows, without those stated not to be performed.
    pub expected: u64,
}

codes! {
    /// Why a figure has no value.
    NoValue, "値の出せない理由", "reason without a value" {
        NothingApplicable = "nothing_applicable", "該当なし", "the denominator is 0", "分母が0で、該当するものがない";
        UnknownOnly = "unknown_only", "不明だけ", "nothing is yes and something is unknown", "「はい」が1つもなく、不明なものがある。値は範囲だけが分かる";
    }
}

codes! {
    /// Why there are no quartiles.
    NoSpread, "四分位の出せない理由", "reason without quartiles" {
        TooFew = "too_few", "値のある団体が少ない", "fewer than half of the bodies in scope have a value", "値のある団体が、対象の団体の半数に満たない";
    }
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

    /// Counts a row, or a body with its weight.
    pub fn count(&mut self, outcome: Outcome, weight: u64) {
        match outcome {
            Outcome::Yes(_) => {
                self.numerator += weight;
                self.denominator += weight;
            }
            Outcome::No(_) => self.denominator += weight,
            Outcome::Unknown(_) => {
                self.unknown += weight;
                self.denominator += weight;
            }
            Outcome::Out(_) => {}
        }
    }

    /// Whether there is a value: something is yes, or nothing is unknown.
    #[inline]
    pub fn has_value(&self) -> bool {
        self.denominator > 0 && (self.numerator > 0 || self.unknown == 0)
    }

    /// Order of two values, exactly: as fractions, before they are rounded.
    pub fn compare_values(&self, other: &Self) -> std::cmp::Ordering {
        let product = |one: u64, two: u64| u128::from(one) * u128::from(two);
        product(self.numerator, other.denominator).cmp(&product(other.numerator, self.denominator))
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

/// How the bodies' own values lie: quartiles by linear interpolation between exact fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Bodies that have a value.
    pub bodies: u32,
    /// Bodies in scope.
    pub in_scope: u32,
    /// The quartiles, or why there are none.
    pub quartiles: Result<Quartiles, NoSpread>,
}

/// Median and quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quartiles {
    /// Lower quartile.
    pub q1: Percent,
    /// Median.
    pub median: Percent,
    /// Upper quartile.
    pub q3: Percent,
}

/// The values of bodies, as they are collected.
#[derive(Clone, Debug, Default)]
pub struct Values {
    fractions: Vec<(u64, u64)>,
    in_scope: u32,
}

impl Values {
    /// Takes the counts of a body.
    #[inline]
    pub fn add(&mut self, body: Tally) {
        self.in_scope += 1;
        if body.has_value() {
            self.fractions.push((body.numerator, body.denominator));
        }
    }

    /// How many of them lie in each of so many equal parts of 0 to 100 %; the last part has 100 % itself.
    pub fn histogram(&self, parts: u8) -> Vec<u32> {
        let mut bodies = vec![0; usize::from(parts)];
        for (numerator, denominator) in &self.fractions {
            let part = numerator * u64::from(parts) / denominator;
            let last = bodies.len().saturating_sub(1);
            if let Some(bodies) = bodies.get_mut(usize::try_from(part).unwrap_or(last).min(last)) {
                *bodies += 1;
            }
        }
        bodies
    }

    /// How they lie.
    pub fn spread(mut self) -> Spread {
        let bodies = u32::try_from(self.fractions.len()).unwrap_or(u32::MAX);
        let product = |one: u64, two: u64| u128::from(one) * u128::from(two);
        self.fractions.sort_unstable_by(|one, two| product(one.0, two.1).cmp(&product(two.0, one.1)));
        let enough = bodies > 0 && u64::from(bodies) * 2 >= u64::from(self.in_scope);
        let quartiles = Some(()).filter(|()| enough).and_then(|()| {
            let [q1, median, q3] = [1, 2, 3].map(|quarter| self.quartile(quarter));
            Some(Quartiles { q1: q1?, median: median?, q3: q3? })
        });
        Spread { bodies, in_scope: self.in_scope, quartiles: quartiles.ok_or(NoSpread::TooFew) }
    }

    /// A quartile of the ordered fractions, rounded once.
    fn quartile(&self, quarter: usize) -> Option<Percent> {
        // Position in quarters of a step, so that all stays in integers.
        let position = self.fractions.len().checked_sub(1)? * quarter;
        let (at, rest) = (position / 4, u128::try_from(position % 4).ok()?);
        let wide = |(part, whole): (u64, u64)| (u128::from(part), u128::from(whole));
        let low = wide(*self.fractions.get(at)?);
        let high = self.fractions.get(at + 1).map_or(low, |next| wide(*next));
        // A body has far fewer than 2^40 of anything, so that the products fit.
        Percent::of_wide((4 - rest) * low.0 * high.1 + rest * high.0 * low.1, 4 * low.1 * high.1)
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
        tally.count(outcome, 1);
        if reading.applicability.applies() {
            tally.expected = 1;
            tally.answered = u64::from(reading.answer != Answer::NoAnswer);
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

    /// What becomes of a body of which these are the rows.
    pub fn outcome(&self, takes: Takes) -> Outcome {
        match takes {
            Takes::All => self.all(),
            Takes::Any => self.any(),
        }
    }

    /// One of the rows must count.
    fn any(&self) -> Outcome {
        let Tally { numerator, denominator, unknown, .. } = self.tally;
        match (numerator, unknown, denominator) {
            (1.., ..) => Outcome::Yes(Reason::Counted),
            (0, 1.., _) => Outcome::Unknown(Reason::UnknownProcedures),
            (0, 0, 1..) => Outcome::No(Reason::NoProcedure),
            (0, 0, 0) if self.out_unanswered > 0 => Outcome::Out(Reason::NoAnswer),
            // It performs nothing of the list, so nothing of it is offered.
            (0, 0, 0) => Outcome::Out(Reason::NothingApplicable),
        }
    }

    /// Every one of the rows must count.
    fn all(&self) -> Outcome {
        let Tally { numerator, denominator, unknown, .. } = self.tally;
        if self.out_unanswered > 0 {
            // Asked for those that answered, a body that left a row open is not among them.
            return Outcome::Out(Reason::NoAnswer);
        }
        if denominator > numerator + unknown {
            return Outcome::No(Reason::MissingProcedures);
        }
        if unknown > 0 {
            return Outcome::Unknown(Reason::UnknownProcedures);
        }
        if denominator == 0 && self.out == 0 {
            return Outcome::Out(Reason::NothingApplicable);
        }
        Outcome::Yes(if numerator == 0 { Reason::NothingApplicable } else { Reason::Counted })
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
            (3_793, 17_578, "21.6"),
            (81_635, 132_564, "61.6"),
            (1_716, 29_926, "5.7"),
            (1_056, 1_414, "74.7"),
            (29, 2_261, "1.3"),
            (726, 869, "83.5"),
            // 13 at 100, 7 at 75, 5 at 50 and 3 at 25 of 28.
            (13 * 100 + 7 * 75 + 5 * 50 + 3 * 25, 28 * 100, "76.8"),
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

    /// The spread of bodies with these counts: numerator, denominator, unknown.
    fn spread(bodies: &[(u64, u64, u64)]) -> Spread {
        let mut values = Values::default();
        for (numerator, denominator, unknown) in bodies {
            let (numerator, denominator, unknown) = (*numerator, *denominator, *unknown);
            values.add(Tally { numerator, denominator, unknown, ..Tally::default() });
        }
        values.spread()
    }

    fn shown(spread: Spread) -> [String; 3] {
        let quartiles = spread.quartiles.unwrap();
        [quartiles.q1, quartiles.median, quartiles.q3].map(|value| value.to_string())
    }

    #[test]
    fn quartiles_are_interpolated() {
        let four = spread(&[(4, 10, 0), (1, 10, 0), (3, 10, 0), (2, 10, 0)]);
        assert_eq!((four.bodies, four.in_scope), (4, 4));
        assert_eq!(shown(four), ["17.5", "25.0", "32.5"]);
        assert_eq!(shown(spread(&[(7, 1000, 0)])), ["0.7"; 3]);
    }

    #[test]
    fn a_median_is_rounded_once() {
        // 64.58… and 64.70…: rounded first, their mean would be 64.65 and show as 64.7.
        assert_eq!(shown(spread(&[(31, 48, 0), (11, 17, 0)]))[1], "64.6");
    }

    #[test]
    fn too_few_values_have_no_spread() {
        let unknown = (0, 10, 3);
        assert_eq!(spread(&[(1, 2, 0), unknown, unknown]).quartiles, Err(NoSpread::TooFew));
        assert_eq!(shown(spread(&[(1, 2, 0), unknown]))[1], "50.0");
        let nobody = spread(&[]);
        assert_eq!((nobody.bodies, nobody.in_scope, nobody.quartiles), (0, 0, Err(NoSpread::TooFew)));
    }

    proptest! {
        #[test]
        fn rounding_is_never_further_than_half_a_tenth(part in 0u64..1_000_000, more in 1u64..1_000_000) {
            let whole = part + more;
            let tenths = i64::from(Percent::of(part, whole).unwrap().tenths());
            // |tenths/10 - 100·part/whole| ≤ 0.05, in integers.
            let error = tenths * i64::try_from(whole).unwrap() - i64::try_from(part).unwrap() * 1000;
            prop_assert!(error.abs() * 2 <= i64::try_from(whole).unwrap());
        }

        #[test]
        fn the_value_lies_in_its_range(numerator in 0u64..100, unknown in 0u64..100, no in 0u64..100) {
            let tally = Tally { numerator, unknown, denominator: numerator + unknown + no, ..Tally::default() };
            prop_assert_eq!(tally.has_value(), tally.value().is_ok());
            if let Ok(value) = tally.value() {
                prop_assert_eq!(Some(value), tally.value_min());
                prop_assert!(Some(value) <= tally.value_max());
            }
        }

        #[test]
        fn quartiles_keep_their_order_and_their_bounds(bodies in proptest::collection::vec((0u64..60, 0u64..60), 1..40)) {
            let bodies: Vec<_> = bodies.iter().map(|(yes, no)| (*yes, yes + no + 1, 0)).collect();
            let found = spread(&bodies).quartiles.unwrap();
            let of = |(yes, whole, _): &(u64, u64, u64)| Percent::of(*yes, *whole).unwrap();
            let (least, most) = (bodies.iter().map(of).min().unwrap(), bodies.iter().map(of).max().unwrap());
            prop_assert!(least <= found.q1 && found.q1 <= found.median);
            prop_assert!(found.median <= found.q3 && found.q3 <= most);
        }
    }
}
