//! Figures of a definition, grouped.

use std::collections::BTreeMap;

use super::definition::{Basis, By, Choices, Definition, NotApplicable, NotApplicableRule, Outcome, Unit};
use super::standing::Mark;
use super::tally::{Percent, Rows, Spread, Tally};
use super::{Block, Grid};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
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

    /// The counts of one row.
    #[inline]
    fn row(&self, block: &Block, procedure: ProcedureIx) -> Rows {
        self.by_mark[self.definition.mark(block.standing(procedure)).index()]
    }

    /// The counts of a body's rows.
    fn rows(&self, block: &Block, procedures: impl Iterator<Item = ProcedureIx>) -> Rows {
        let mut rows = Rows::default();
        for procedure in procedures {
            rows.add(self.row(block, procedure));
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

fn by_body(grid: &Grid, question: &Question, treatment: NotApplicable, by: By) -> Vec<Figure> {
    let catalogue = grid.catalogue();
    let judge = Judge::new(question, treatment);
    let expected = question.expected(catalogue);
    let mut groups: BTreeMap<u16, (Tally, Vec<Percent>)> = BTreeMap::new();
    if by == By::Nation {
        // A scope without a body has a figure too: nothing applicable.
        groups.entry(0).or_default();
    }
    for body in &question.bodies {
        let procedures = expected.of(catalogue, *body);
        let tally = judge.body(grid.block(*body), procedures);
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
    let judge = Judge::new(question, treatment);
    let mut groups: Vec<(String, String, Tally)> = Vec::new();
    for procedure in &question.procedures {
        let row = catalogue.procedure(*procedure);
        let mut rows = Rows::default();
        for body in &question.bodies {
            if question.definition.expects(catalogue, catalogue.body(*body).is_prefecture(), *procedure) {
                rows.add(judge.row(grid.block(*body), *procedure));
            }
        }
        let (key, label) = match by {
            By::Category => (row.category.code().to_owned(), row.category.label().to_owned()),
            _ => (row.id.to_string(), row.name_ja.clone()),
        };
        match groups.iter_mut().find(|group| group.0 == key) {
            Some(group) => group.2.add(rows.tally),
            None => groups.push((key, label, rows.tally)),
        }
    }
    groups
        .into_iter()
        .map(|(key, label, tally)| Figure { key, label, not_applicable: treatment, tally, spread: None })
        .collect()
}
