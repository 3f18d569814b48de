//! Figures of a definition, grouped.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::definition::{By, Choices, Definition, NotApplicable, Outcome, Parts, Unit};
use super::grouping::{Grouping, Place};
use super::measure::{self, Beside, ByProcedure};
use super::question::{Key, Question};
use super::standing::{Answer, Mark, Reads};
use super::tally::{Rows, Spread, Tally, Values};
use super::{Block, Grid};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::readiness::Level;

/// One result of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The group.
    pub key: Key,
    /// The group of the second grouping, where there is one.
    pub key2: Option<Key>,
    /// How procedures that are not performed were treated.
    pub not_applicable: NotApplicable,
    /// The counts.
    pub tally: Tally,
    /// How the bodies' own values lie, where a body has one and the group holds bodies.
    pub spread: Option<Spread>,
    /// How many bodies lie in each equal part of 0 to 100 %, where that is asked.
    pub histogram: Option<Vec<u32>>,
    /// What stands beside it, where the unit is applications.
    pub beside: Option<Beside>,
    /// The least and the most that the lowest level of one body can be, where that is asked.
    pub lowest: Option<(Level, Level)>,
}

/// The procedures in scope, by what a body is: settled once for all bodies.
struct Expected {
    municipality: Vec<ProcedureIx>,
    prefecture: Vec<ProcedureIx>,
}

impl Expected {
    fn new(question: &Question, catalogue: &Catalogue, procedures: &[ProcedureIx]) -> Self {
        let of = |prefecture| {
            procedures
                .iter()
                .copied()
                .filter(|procedure| question.expects(catalogue, prefecture, *procedure))
                .collect()
        };
        Self { municipality: of(false), prefecture: of(true) }
    }

    fn of(&self, catalogue: &Catalogue, body: BodyIx) -> &[ProcedureIx] {
        if catalogue.body(body).is_prefecture() { &self.prefecture } else { &self.municipality }
    }
}

/// The figures of a question, grouped: in order of the first grouping, then of the second.
pub fn compute(grid: &Grid, question: &Question, grouping: Grouping) -> Vec<Figure> {
    let treatments = question.treatments();
    treatments.into_iter().flat_map(|treatment| under(grid, question, treatment, grouping)).collect()
}

/// What a question makes of each mark that a row can bear: settled once, so that a walk over the
/// country only looks up and adds.
pub(super) struct Judge<'q> {
    question: &'q Question,
    definition: &'static Definition,
    reads: Reads,
    choices: Choices,
    by_mark: Vec<Rows>,
    /// The same of procedures of which the law does not allow the level that is asked for.
    at_ceiling: Vec<(ProcedureIx, Vec<Rows>)>,
}

impl<'q> Judge<'q> {
    pub(super) fn new(catalogue: &Catalogue, question: &'q Question, treatment: NotApplicable) -> Self {
        let choices = question.choices(catalogue, treatment);
        let by_mark = |threshold: Level| {
            let choices = Choices { threshold, ..choices };
            let rows_of = |mark: Mark| {
                let reading = mark.reading();
                Rows::of(Definition::judge(reading, choices), reading)
            };
            Mark::all().map(rows_of).collect::<Vec<Rows>>()
        };
        let lower = |procedure: &ProcedureIx| {
            let threshold = question.threshold_of(catalogue, *procedure);
            (threshold < question.threshold).then(|| (*procedure, by_mark(threshold)))
        };
        let at_ceiling = question.procedures.iter().filter_map(lower).collect();
        let by_mark = by_mark(question.threshold);
        let (definition, reads) = (question.definition, question.reads);
        Self { question, definition, reads, choices, by_mark, at_ceiling }
    }

    /// The counts of a body's rows.
    fn rows(&self, block: &Block, procedures: impl Iterator<Item = ProcedureIx>) -> Rows {
        let mut rows = Rows::default();
        for procedure in procedures {
            rows.add(self.of_mark(procedure, block.mark(self.reads, procedure)));
        }
        rows
    }

    /// Adds the counts of one body to a group, in the unit of the definition.
    fn add(&self, grid: &Grid, body: BodyIx, procedures: &[ProcedureIx], group: &mut Group) {
        if matches!(self.definition.unit, Unit::Applications | Unit::Statements | Unit::Plans) {
            let mut sum = Tally::default();
            let weighs = self.definition.weighs_by_year();
            measure::tallies(grid, self.question, self.choices, (body, procedures), |procedure, tally| {
                if weighs {
                    group.by_procedure.add(procedure, tally);
                }
                sum.add(tally);
            });
            return group.add(sum);
        }
        let block = grid.block(body);
        group.add(self.body(block, grid.catalogue().body(body).population, procedures));
        if self.definition.parts == Parts::Bundles {
            group.lowest = self.lowest(block, procedures);
        }
    }

    /// The least and the most that the lowest level of a body's procedures can be.
    fn lowest(&self, block: &Block, procedures: &[ProcedureIx]) -> Option<(Level, Level)> {
        let of_procedure = |procedure: &ProcedureIx| {
            let reading = block.reading(self.reads, *procedure);
            reading.applicability.applies().then_some(match reading.answer {
                Answer::NoAnswer | Answer::MeansUnknown => (Level::ZERO, Level::MAX),
                Answer::OtherChannel | Answer::NotLive => (Level::ZERO, Level::ZERO),
                Answer::Level { level, open } => (level, if open { Level::MAX } else { level }),
            })
        };
        let levels = procedures.iter().filter_map(of_procedure);
        levels.reduce(|one, other| (one.0.min(other.0), one.1.min(other.1)))
    }

    /// The counts of the row of a procedure that bears a mark.
    #[inline]
    pub(super) fn of_mark(&self, procedure: ProcedureIx, mark: Mark) -> Rows {
        let own = self.at_ceiling.iter().find(|(own, _)| *own == procedure);
        own.map_or(&self.by_mark, |(_, by_mark)| by_mark)[mark.index()]
    }

    /// The counts of one body of so many inhabitants, in rows, bodies or inhabitants.
    fn body(&self, block: &Block, inhabitants: Option<u32>, procedures: &[ProcedureIx]) -> Tally {
        self.whole(self.rows(block, procedures.iter().copied()), inhabitants)
    }

    /// The same of a body whose rows were counted.
    pub(super) fn whole(&self, rows: Rows, inhabitants: Option<u32>) -> Tally {
        let weight = match self.definition.unit {
            Unit::Cells | Unit::Applications | Unit::Statements | Unit::Plans => return rows.tally,
            Unit::Bodies => 1,
            Unit::Inhabitants => u64::from(inhabitants.unwrap_or(0)),
        };
        let Tally { answered, expected, .. } = rows.tally;
        let mut tally = Tally { answered, expected, ..Tally::default() };
        tally.count(rows.outcome(self.definition.takes), weight);
        tally
    }

    /// What becomes of a body under a definition whose unit is bodies.
    pub(super) fn outcome(&self, block: &Block, procedures: impl Iterator<Item = ProcedureIx>) -> Outcome {
        self.rows(block, procedures).outcome(self.definition.takes)
    }
}

/// The bodies of one group, as they are counted.
#[derive(Default)]
struct Group {
    tally: Tally,
    values: Values,
    by_procedure: ByProcedure,
    lowest: Option<(Level, Level)>,
}

impl Group {
    #[inline]
    fn add(&mut self, body: Tally) {
        self.tally.add(body);
        self.values.add(body);
    }
}

/// The figures under one treatment of procedures not performed: one walk over the bodies, whatever the
/// groups.
fn under(grid: &Grid, question: &Question, treatment: NotApplicable, grouping: Grouping) -> Vec<Figure> {
    let catalogue = grid.catalogue();
    let judge = Judge::new(catalogue, question, treatment);
    let columns: Vec<(Place, Expected)> = grouping
        .procedures(catalogue, &question.procedures)
        .into_iter()
        .map(|(place, procedures)| (place, Expected::new(question, catalogue, &procedures)))
        .collect();
    let empty = || columns.iter().map(|_| Group::default()).collect::<Vec<_>>();
    let mut lines: BTreeMap<Place, Vec<Group>> = BTreeMap::new();
    if grouping.of_all_bodies() {
        // A scope without a body has a figure too: nothing applicable.
        lines.insert(Place::default(), empty());
    }
    for body in &question.bodies {
        let line = lines.entry(grouping.place_of_body(catalogue, *body)).or_insert_with(empty);
        for (group, (_, expected)) in line.iter_mut().zip(&columns) {
            judge.add(grid, *body, expected.of(catalogue, *body), group);
        }
    }
    let unit = question.definition.unit;
    let has_spread = !matches!(unit, Unit::Bodies | Unit::Inhabitants) && grouping.has_spread();
    let figure = |place, Group { tally, values, by_procedure, lowest }| {
        let (key, key2) = grouping.keys(catalogue, question, place);
        Figure {
            key,
            key2,
            not_applicable: treatment,
            tally,
            histogram: question.bins.filter(|_| has_spread).map(|parts| values.histogram(parts)),
            spread: has_spread.then(|| values.spread()),
            beside: (unit == Unit::Applications).then(|| by_procedure.beside(catalogue)),
            // The lowest of several bodies says nothing of any of them.
            lowest: lowest.filter(|_| grouping.contains(By::Municipality)),
        }
    };
    let mut groups: Vec<(Place, Group)> = lines
        .into_iter()
        .flat_map(|([body1, body2], line)| {
            // Of bodies or of procedures: where it is not of the one, that one's rank is 0.
            let places = columns.iter().map(move |([one, two], _)| [body1.max(*one), body2.max(*two)]);
            places.zip(line)
        })
        .collect();
    groups.sort_by_key(|(place, _)| *place);
    groups.into_iter().map(|(place, group)| figure(place, group)).collect()
}

codes! {
    /// What figures can be ordered by.
    SortKey, "並び順", "sort key" {
        Key = "key", "集計単位のコード", "code or id of the group";
        Key2 = "key2", "2つめの集計単位のコード", "code or id of the group of the second grouping";
        Value = "value", "値", "the value";
        Numerator = "numerator", "分子", "the numerator";
        Denominator = "denominator", "分母", "the denominator";
        Completeness = "completeness", "回答率", "the completeness";
    }
}

/// Orders what has a figure by some keys, each with whether it descends. Figures without a value stand last
/// either way; equals keep their order.
pub fn sort<T>(items: &mut [T], keys: &[(SortKey, bool)], figure: impl Fn(&T) -> &Figure) {
    items.sort_by(|one, two| {
        let (one, two) = (figure(one), figure(two));
        keys.iter().fold(Ordering::Equal, |order, (key, descending)| {
            let turned = |order: Ordering| if *descending { order.reverse() } else { order };
            order.then_with(|| match key {
                SortKey::Key => turned(one.key.code.cmp(&two.key.code)),
                SortKey::Key2 => {
                    let [one, two] = [one, two].map(|figure| figure.key2.as_ref().map(|key| &key.code));
                    turned(one.cmp(&two))
                }
                SortKey::Numerator => turned(one.tally.numerator.cmp(&two.tally.numerator)),
                SortKey::Denominator => turned(one.tally.denominator.cmp(&two.tally.denominator)),
                SortKey::Value => two
                    .tally
                    .has_value()
                    .cmp(&one.tally.has_value())
                    .then_with(|| turned(one.tally.compare_values(&two.tally))),
                SortKey::Completeness => two
                    .tally
                    .completeness()
                    .is_some()
                    .cmp(&one.tally.completeness().is_some())
                    .then_with(|| turned(one.tally.completeness().cmp(&two.tally.completeness()))),
            })
        })
    });
}
