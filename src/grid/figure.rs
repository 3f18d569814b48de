//! Figures: integers in, percent with one decimal out, half up.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Grid;
use super::definition::{Basis, By, Choices, Definition, NotApplicable, NotApplicableRule, Outcome, Unit};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::municipality::{MunicipalityKind, PopulationBand};
use crate::domain::readiness::Level;

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
    fn add(&mut self, other: Self) {
        self.numerator += other.numerator;
        self.denominator += other.denominator;
        self.unknown += other.unknown;
        self.answered += other.answered;
        self.expected += other.expected;
    }

    fn count(&mut self, outcome: Outcome) {
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
    fn of(mut values: Vec<Percent>) -> Option<Self> {
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

/// One result of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Code or id of the group.
    pub key: String,
    /// Name of the group.
    pub label: String,
    /// How procedures that are not performed were treated.
    pub not_applicable: NotApplicable,
    /// The counts.
    pub tally: Tally,
    /// How the bodies' own values lie, where the unit is cells and the group holds bodies.
    pub spread: Option<Spread>,
}

/// What a figure is asked over.
#[derive(Clone, Debug)]
pub struct Question {
    /// The definition.
    pub definition: &'static Definition,
    /// The bodies in scope.
    pub bodies: Vec<BodyIx>,
    /// The procedures in scope.
    pub procedures: Vec<ProcedureIx>,
    /// The level from which a row counts.
    pub threshold: Level,
    /// Whether unanswered rows stay.
    pub basis: Basis,
    /// The caller's choice, if any.
    pub not_applicable: Option<NotApplicable>,
}

impl Question {
    /// The treatments of procedures not performed for which results are given.
    pub fn treatments(&self) -> Vec<NotApplicable> {
        match (self.definition.not_applicable, self.not_applicable) {
            (NotApplicableRule::Always(fixed), _) => vec![fixed],
            (_, Some(chosen)) => vec![chosen],
            (NotApplicableRule::Choice(default), None) => vec![default],
            (NotApplicableRule::Both, None) => NotApplicable::ALL.to_vec(),
        }
    }

    /// The choices under one treatment.
    pub fn choices(&self, not_applicable: NotApplicable) -> Choices {
        Choices { threshold: self.threshold, basis: self.basis, not_applicable }
    }

    /// The procedures of which a row is expected: of municipalities, and of prefectures.
    fn expected(&self, catalogue: &Catalogue) -> Expected {
        let of = |prefecture| {
            self.procedures
                .iter()
                .copied()
                .filter(|procedure| self.definition.expects(catalogue, prefecture, *procedure))
                .collect()
        };
        Expected { municipality: of(false), prefecture: of(true) }
    }

    /// The expected rows of a body.
    pub fn rows_of<'q>(
        &'q self,
        catalogue: &'q Catalogue,
        body: BodyIx,
    ) -> impl Iterator<Item = ProcedureIx> + 'q {
        let prefecture = catalogue.body(body).is_prefecture();
        self.procedures
            .iter()
            .copied()
            .filter(move |procedure| self.definition.expects(catalogue, prefecture, *procedure))
    }
}

/// The procedures in scope, by what a body is: settled once for all bodies.
struct Expected {
    municipality: Vec<ProcedureIx>,
    prefecture: Vec<ProcedureIx>,
}

impl Expected {
    fn of(&self, catalogue: &Catalogue, body: BodyIx) -> &[ProcedureIx] {
        if catalogue.body(body).is_prefecture() { &self.prefecture } else { &self.municipality }
    }
}

/// The figures of a question, grouped.
pub fn compute(grid: &Grid, question: &Question, by: By) -> Vec<Figure> {
    question
        .treatments()
        .into_iter()
        .flat_map(|treatment| match by {
            By::Procedure | By::Category => by_procedure(grid, question, treatment, by),
            _ => by_body(grid, question, treatment, by),
        })
        .collect()
}

/// The counts of one body.
fn tally_body(
    grid: &Grid,
    question: &Question,
    choices: Choices,
    procedures: &[ProcedureIx],
    body: BodyIx,
) -> Tally {
    let block = grid.block(body);
    let mut tally = Tally::default();
    for procedure in procedures {
        let standing = block.standing(*procedure);
        count_completeness(&mut tally, question, standing);
        if question.definition.unit == Unit::Cells {
            tally.count(question.definition.judge(standing, choices));
        }
    }
    if question.definition.unit == Unit::Bodies {
        let rows =
            procedures.iter().map(|procedure| question.definition.judge(block.standing(*procedure), choices));
        tally.count(Definition::judge_body(rows));
    }
    tally
}

/// What becomes of a body under a definition whose unit is bodies.
pub(super) fn judge_body(grid: &Grid, question: &Question, choices: Choices, body: BodyIx) -> Outcome {
    let block = grid.block(body);
    Definition::judge_body(
        question
            .rows_of(grid.catalogue(), body)
            .map(|procedure| question.definition.judge(block.standing(procedure), choices)),
    )
}

fn count_completeness(tally: &mut Tally, question: &Question, standing: &super::standing::Standing) {
    if standing.applicability.applies() {
        tally.expected += 1;
        tally.answered += u32::from(standing.answered(question.definition.scale));
    }
}

fn by_body(grid: &Grid, question: &Question, treatment: NotApplicable, by: By) -> Vec<Figure> {
    let catalogue = grid.catalogue();
    let choices = question.choices(treatment);
    let expected = question.expected(catalogue);
    let mut groups: BTreeMap<u16, (Tally, Vec<Percent>)> = BTreeMap::new();
    if by == By::Nation {
        // A scope without a body has a figure too: nothing applicable.
        groups.entry(0).or_default();
    }
    for body in &question.bodies {
        let procedures = expected.of(catalogue, *body);
        let tally = tally_body(grid, question, choices, procedures, *body);
        let group = groups.entry(group_of(catalogue, *body, by)).or_default();
        group.0.add(tally);
        group.1.extend(tally.value().ok());
    }
    let spread_told = question.definition.unit == Unit::Cells && by != By::Municipality;
    groups
        .into_iter()
        .map(|(group, (tally, values))| {
            let (key, label) = name_of(catalogue, group, by);
            let spread = if spread_told { Spread::of(values) } else { None };
            Figure { key, label, not_applicable: treatment, tally, spread }
        })
        .collect()
}

/// Group of bodies whose population is not known.
const NO_POPULATION: u16 = u16::MAX;

/// The group a body belongs to, as a number in the order of the groups.
fn group_of(catalogue: &Catalogue, body: BodyIx, by: By) -> u16 {
    let row = catalogue.body(body);
    match by {
        By::Prefecture => u16::from(row.prefecture().number()),
        By::Municipality => body,
        By::Kind => u16::from(row.kind.index()),
        By::PopulationBand => {
            row.population.map_or(NO_POPULATION, |number| u16::from(PopulationBand::of(number).index()))
        }
        By::Nation | By::Procedure | By::Category => 0,
    }
}

/// Key and label of a group.
fn name_of(catalogue: &Catalogue, group: u16, by: By) -> (String, String) {
    let small = u8::try_from(group).unwrap_or(u8::MAX);
    let named = match by {
        By::Prefecture => catalogue
            .prefectures()
            .find(|row| row.prefecture().number() == small)
            .map(|row| (row.prefecture().to_string(), row.name.clone())),
        By::Municipality => {
            let row = catalogue.body(group);
            Some((row.code.to_string(), row.name.clone()))
        }
        By::Kind => MunicipalityKind::at(small).map(|kind| (kind.code().into(), kind.label().into())),
        By::PopulationBand => PopulationBand::at(small).map(|band| (band.code().into(), band.label().into())),
        By::Nation | By::Procedure | By::Category => {
            Some((By::Nation.code().into(), By::Nation.label().into()))
        }
    };
    named.unwrap_or_else(|| ("unknown".into(), "不明".into()))
}

fn by_procedure(grid: &Grid, question: &Question, treatment: NotApplicable, by: By) -> Vec<Figure> {
    let catalogue = grid.catalogue();
    let choices = question.choices(treatment);
    let mut groups: Vec<(String, String, Tally)> = Vec::new();
    for procedure in &question.procedures {
        let row = catalogue.procedure(*procedure);
        let mut tally = Tally::default();
        for body in &question.bodies {
            if question.definition.expects(catalogue, catalogue.body(*body).is_prefecture(), *procedure) {
                let standing = grid.block(*body).standing(*procedure);
                count_completeness(&mut tally, question, standing);
                tally.count(question.definition.judge(standing, choices));
            }
        }
        let (key, label) = match by {
            By::Category => (row.category.code().to_owned(), row.category.label().to_owned()),
            _ => (row.id.to_string(), row.name_ja.clone()),
        };
        match groups.iter_mut().find(|group| group.0 == key) {
            Some(group) => group.2.add(tally),
            None => groups.push((key, label, tally)),
        }
    }
    groups
        .into_iter()
        .map(|(key, label, tally)| Figure { key, label, not_applicable: treatment, tally, spread: None })
        .collect()
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
