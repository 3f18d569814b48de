//! How much of the whole a row is, and how much of that counts: applications, statements, and plans.

use chrono::NaiveDate;

use super::counts::Applications;
use super::definition::{Basis, Choices, Measures, Outcome, Reason};
use super::plans::Planned;
use super::question::{Base, Question};
use super::standing::Reading;
use super::tally::{Percent, Tally};
use super::{Cell, Grid, STALE_DAYS, applications_of, run_of};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::procedure::ProcedureId;

/// What becomes of a row that is more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What becomes of it.
    pub outcome: Outcome,
    /// How much of the whole it is.
    pub weight: u64,
    /// How much of that counts.
    pub counted: u64,
    /// The applications, where they are what is counted.
    pub applications: Applications,
}

impl Measured {
    /// A row that is one.
    pub(super) fn one(outcome: Outcome) -> Self {
        let counted = u64::from(matches!(outcome, Outcome::Yes(_)));
        Self { outcome, weight: 1, counted, applications: Applications::default() }
    }
}

/// The applications of a body's procedure, and what becomes of them.
pub(super) fn applications(
    grid: &Grid,
    body: BodyIx,
    question: &Question,
    choices: Choices,
    procedure: ProcedureIx,
) -> Measured {
    let block = grid.block(body);
    let counts = question.year.map(|year| block.counts_of_year(year)).unwrap_or_default();
    let applications = applications_of(run_of(counts, |count| count.procedure, procedure));
    of_applications(
        grid,
        question,
        choices,
        (procedure, block.reading(question.reads, procedure)),
        applications,
    )
}

fn of_applications(
    grid: &Grid,
    question: &Question,
    choices: Choices,
    (procedure, reading): (ProcedureIx, Reading),
    applications: Applications,
) -> Measured {
    // Most figures of applications do not ask what is offered.
    let judged = || question.judge(grid.catalogue(), procedure, reading, choices);
    let all = applications.all.unwrap_or(0);
    let (outcome, counted) = match (question.definition.measures, applications) {
        // Whoever counts applications performs the procedure, whatever is stated of it.
        (_, Applications { all: None, .. }) => (Outcome::Out(Reason::NoCount), 0),
        (Measures::Usage, _) if question.base == Base::Onlineable && !matches!(judged(), Outcome::Yes(_)) => {
            (Outcome::Out(Reason::NotOnlineable), 0)
        }
        (Measures::Usage, Applications { online: Some(online), .. }) => {
            (Outcome::Yes(Reason::Counted), online)
        }
        (Measures::Usage, _) => match question.basis {
            Basis::Expected => (Outcome::Unknown(Reason::OnlineNotCounted), 0),
            Basis::Stated => (Outcome::Out(Reason::OnlineNotCounted), 0),
        },
        (_, _) => {
            let outcome = judged();
            (outcome, if matches!(outcome, Outcome::Yes(_)) { all } else { 0 })
        }
    };
    Measured { outcome, weight: all, counted, applications }
}

/// Whether a statement was said lately.
pub(super) fn freshness(cell: &Cell, today: NaiveDate) -> Outcome {
    match cell.is_stale(today, STALE_DAYS) {
        true => Outcome::No(Reason::Stale),
        false => Outcome::Yes(Reason::Counted),
    }
}

/// Whether a plan was reached by its day.
pub(super) fn plan(planned: &Planned, today: NaiveDate) -> Outcome {
    match (planned.slip(today), planned.on) {
        (Some(..=0), _) => Outcome::Yes(Reason::Counted),
        (Some(_), _) => Outcome::No(Reason::Late),
        (None, Some(_)) => Outcome::Out(Reason::ToCome),
        (None, None) => Outcome::Out(Reason::Undated),
    }
}

/// The counts of what is stated or planned of a procedure, of which an answer is expected or not.
pub(super) fn tally_of(expected: bool, outcomes: impl Iterator<Item = Outcome>) -> Tally {
    let mut tally = Tally { expected: u64::from(expected), ..Tally::default() };
    outcomes.for_each(|outcome| tally.count(outcome, 1));
    tally.answered = u64::from(expected && tally.denominator > 0);
    tally
}

/// Hands the counts of a body's procedures in applications, statements or plans to `each`.
pub(super) fn tallies(
    grid: &Grid,
    question: &Question,
    choices: Choices,
    (body, procedures): (BodyIx, &[ProcedureIx]),
    mut each: impl FnMut(ProcedureIx, Tally),
) {
    let block = grid.block(body);
    let counts = question.year.map(|year| block.counts_of_year(year)).unwrap_or_default();
    // Statements and the counts of a year stand in order of procedure.
    let mut cells = block.cells().iter().peekable();
    let mut rest = counts;
    let mut in_order: Vec<ProcedureIx> = procedures.to_vec();
    in_order.sort_unstable();
    for procedure in in_order {
        let reading = block.reading(question.reads, procedure);
        let expected = reading.applicability.applies();
        let tally = match question.definition.measures {
            Measures::Freshness => {
                let until = std::iter::from_fn(|| cells.next_if(|cell| cell.procedure <= procedure));
                let own = until.filter(|cell| cell.procedure == procedure && cell.set_aside_by.is_none());
                tally_of(expected, own.map(|cell| freshness(cell, grid.as_of())))
            }
            Measures::Plans => {
                let plans = block.plans_of(procedure).iter();
                tally_of(expected, plans.map(|planned| plan(planned, grid.as_of())))
            }
            measures @ (Measures::Standing | Measures::Usage) => {
                let before = rest.iter().take_while(|count| count.procedure < procedure).count();
                let own = &rest[before..];
                let own = &own[..own.iter().take_while(|count| count.procedure == procedure).count()];
                rest = &rest[before..];
                let Measured { outcome, weight, counted, applications } =
                    of_applications(grid, question, choices, (procedure, reading), applications_of(own));
                let answered = applications.all.is_some()
                    && (measures != Measures::Usage || applications.online.is_some());
                let mut tally = Tally { expected: u64::from(expected), ..Tally::default() };
                tally.answered = u64::from(expected && answered);
                tally.count(outcome, weight);
                tally.numerator = counted;
                tally
            }
        };
        each(procedure, tally);
    }
}

codes! {
    /// What is to be kept in mind beside a figure.
    Warning, "注意", "warning" {
        OneProcedureDominates = "one_procedure_dominates", "1つの手続に偏っている", "one procedure has more than 30 % of the weight", "1つの手続が分母の30%を超えるため、値がほかの手続の様子をほとんど表さない";
    }
}

/// What stands beside a figure of applications: a few procedures outweigh all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The same without libraries.
    pub without_library: Tally,
    /// The same without libraries and eLTAX.
    pub without_library_eltax: Tally,
    /// The procedure with most applications, and its share of all.
    pub heaviest: Option<(ProcedureIx, Percent)>,
}

/// The counts of a group by procedure.
#[derive(Clone, Debug, Default)]
pub(super) struct ByProcedure(Vec<Tally>);

impl ByProcedure {
    pub(super) fn add(&mut self, procedure: ProcedureIx, tally: Tally) {
        let at = usize::from(procedure);
        if self.0.len() <= at {
            self.0.resize(at + 1, Tally::default());
        }
        self.0[at].add(tally);
    }

    pub(super) fn beside(&self, catalogue: &Catalogue) -> Beside {
        let without = |ids: &[&str]| {
            let mut sum = Tally::default();
            let all = catalogue.procedures().iter().zip(&self.0);
            all.filter(|(row, _)| !ids.contains(&row.id.as_str())).for_each(|(_, tally)| sum.add(*tally));
            sum
        };
        let whole: u64 = self.0.iter().map(|tally| tally.denominator).sum();
        let heaviest =
            (0..).zip(&self.0).max_by_key(|(at, tally)| (tally.denominator, std::cmp::Reverse(*at)));
        let heaviest = heaviest.filter(|(_, tally)| tally.denominator > 0);
        Beside {
            without_library: without(&[ProcedureId::LIBRARY]),
            without_library_eltax: without(&[ProcedureId::LIBRARY, ProcedureId::ELTAX]),
            heaviest: heaviest.and_then(|(at, tally)| Some((at, Percent::of(tally.denominator, whole)?))),
        }
    }
}

impl Beside {
    /// Whether one procedure has more than 30 % of the weight, so that the figure says little of the others.
    pub fn is_dominated(&self) -> bool {
        self.heaviest.is_some_and(|(_, share)| share.tenths() > 300)
    }
}
