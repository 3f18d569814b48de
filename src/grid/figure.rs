//! Figures of a definition, grouped.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::definition::{Basis, By, Choices, Definition, NotApplicable, NotApplicableRule, Outcome, Unit};
use super::standing::Mark;
use super::tally::{Rows, Spread, Tally, Values};
use super::{Block, Grid};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::municipality::{MunicipalityKind, PopulationBand};
use crate::domain::readiness::Level;

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
    /// What the scope is called, unless it is the whole country.
    pub scope: Option<String>,
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
    fn new(definition: &Definition, catalogue: &Catalogue, procedures: &[ProcedureIx]) -> Self {
        let of = |prefecture| {
            procedures
                .iter()
                .copied()
                .filter(|procedure| definition.expects(catalogue, prefecture, *procedure))
                .collect()
        };
        Self { municipality: of(false), prefecture: of(true) }
    }

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

/// What a question makes of each mark that a row can bear: settled once, so that a walk over the
/// country only looks up and adds.
pub(super) struct Judge {
    definition: &'static Definition,
    by_mark: Vec<Rows>,
}

impl Judge {
    pub(super) fn new(question: &Question, treatment: NotApplicable) -> Self {
        let choices = question.choices(treatment);
        let rows_of = |mark: Mark| {
            let reading = mark.reading();
            Rows::of(Definition::judge(reading, choices), reading)
        };
        Self { definition: question.definition, by_mark: Mark::all().map(rows_of).collect() }
    }

    /// The counts of a body's rows.
    fn rows(&self, block: &Block, procedures: impl Iterator<Item = ProcedureIx>) -> Rows {
        let mut rows = Rows::default();
        for procedure in procedures {
            rows.add(self.by_mark[self.definition.mark(block.standing(procedure)).index()]);
        }
        rows
    }

    /// The counts of one body, in the unit of the definition.
    fn body(&self, block: &Block, procedures: &[ProcedureIx]) -> Tally {
        let rows = self.rows(block, procedures.iter().copied());
        match self.definition.unit {
            Unit::Cells => rows.tally,
            Unit::Bodies => {
                let Tally { answered, expected, .. } = rows.tally;
                let mut tally = Tally { answered, expected, ..Tally::default() };
                tally.count(Definition::judge_body(&rows));
                tally
            }
        }
    }

    /// What becomes of a body under a definition whose unit is bodies.
    pub(super) fn outcome(&self, block: &Block, procedures: impl Iterator<Item = ProcedureIx>) -> Outcome {
        Definition::judge_body(&self.rows(block, procedures))
    }
}

/// The bodies of one group, as they are counted.
#[derive(Default)]
struct Group {
    tally: Tally,
    values: Values,
}

impl Group {
    #[inline]
    fn add(&mut self, body: Tally) {
        self.tally.add(body);
        self.values.add(body);
    }
}

fn by_body(grid: &Grid, question: &Question, treatment: NotApplicable, by: By) -> Vec<Figure> {
    let catalogue = grid.catalogue();
    let judge = Judge::new(question, treatment);
    let expected = Expected::new(question.definition, catalogue, &question.procedures);
    let mut groups: BTreeMap<u16, Group> = BTreeMap::new();
    if by == By::Nation {
        // A scope without a body has a figure too: nothing applicable.
        groups.entry(0).or_default();
    }
    for body in &question.bodies {
        let tally = judge.body(grid.block(*body), expected.of(catalogue, *body));
        groups.entry(group_of(catalogue, *body, by)).or_default().add(tally);
    }
    let spread_told = question.definition.unit == Unit::Cells && by != By::Municipality;
    groups
        .into_iter()
        .map(|(group, Group { tally, values })| {
            let (key, label) = match (by, &question.scope) {
                (By::Nation, Some(scope)) => (By::Nation.code().to_owned(), scope.clone()),
                _ => name_of(catalogue, group, by),
            };
            let spread = spread_told.then(|| values.spread());
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
    let judge = Judge::new(question, treatment);
    procedure_groups(catalogue, &question.procedures, by)
        .into_iter()
        .map(|(key, label, procedures)| {
            let expected = Expected::new(question.definition, catalogue, &procedures);
            let mut group = Group::default();
            for body in &question.bodies {
                group.add(judge.body(grid.block(*body), expected.of(catalogue, *body)));
            }
            // Of one procedure a body has one row, and no rate of its own.
            let spread = (by == By::Category).then(|| group.values.spread());
            Figure { key, label, not_applicable: treatment, tally: group.tally, spread }
        })
        .collect()
}

/// Key, label and members of the groups of procedures, in order of their first members.
fn procedure_groups(
    catalogue: &Catalogue,
    procedures: &[ProcedureIx],
    by: By,
) -> Vec<(String, String, Vec<ProcedureIx>)> {
    let mut groups: Vec<(String, String, Vec<ProcedureIx>)> = Vec::new();
    for procedure in procedures {
        let row = catalogue.procedure(*procedure);
        let (key, label) = match by {
            By::Category => (row.category.code().to_owned(), row.category.label().to_owned()),
            _ => (row.id.to_string(), row.name_ja.clone()),
        };
        match groups.iter_mut().find(|group| group.0 == key) {
            Some(group) => group.2.push(*procedure),
            None => groups.push((key, label, vec![*procedure])),
        }
    }
    groups
}

codes! {
    /// What figures can be ordered by.
    SortKey, "並び順", "sort key" {
        Key = "key", "集計単位のコード", "code or id of the group";
        Value = "value", "値", "the value";
        Numerator = "numerator", "分子", "the numerator";
        Denominator = "denominator", "分母", "the denominator";
        Completeness = "completeness", "回答率", "the completeness";
    }
}

/// Orders figures by some keys, each with whether it descends. Figures without a value stand last either
/// way; equals keep their order.
pub fn sort(figures: &mut [Figure], keys: &[(SortKey, bool)]) {
    figures.sort_by(|one, two| {
        keys.iter().fold(Ordering::Equal, |order, (key, descending)| {
            let turned = |order: Ordering| if *descending { order.reverse() } else { order };
            order.then_with(|| match key {
                SortKey::Key => turned(one.key.cmp(&two.key)),
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
