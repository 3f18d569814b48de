//! The rows behind a figure: each with whether it counts, why, and a sentence.

use chrono::NaiveDate;

use super::definition::{Measures, NotApplicable, Outcome, Reason, Takes};
use super::figure::Judge;
use super::measure::{self, Measured};
use super::plans::Planned;
use super::question::Question;
use super::standing::{Answer, Reads};
use super::{Cell, Grid, set_aside};
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::readiness::{Level, State};

codes! {
    /// Whether a row is in the numerator, as one can ask for it.
    Included, "数えるか", "whether a row counts" {
        Yes = "true", "数える", "in the numerator", "分子に数える";
        No = "false", "数えない", "not in the numerator, or in neither", "分子に数えない、または分母からも除く";
        Unknown = "unknown", "不明", "in the denominator; whether in the numerator is not known", "分母にはあるが、分子に数えるか分からない";
    }
}

impl Outcome {
    /// What is asked for when one asks for it.
    pub fn included(self) -> Included {
        match self {
            Self::Yes(_) => Included::Yes,
            Self::No(_) | Self::Out(_) => Included::No,
            Self::Unknown(_) => Included::Unknown,
        }
    }
}

/// One row behind a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellExplanation {
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The channel that decides, where one does.
    pub channel: Option<ChannelIx>,
    /// The level that decides, where one does.
    pub level: Option<Level>,
    /// Whether the statement that decides says only "at least".
    pub at_least: bool,
    /// At how many places enough is offered, where that is what is asked.
    pub places: Option<u8>,
}

/// One body behind a completion figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyExplanation {
    /// The body.
    pub body: BodyIx,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The procedures that keep it from counting, with the reason of each.
    pub missing: Vec<(ProcedureIx, Reason)>,
    /// The procedures by which it counts, where one is enough.
    pub counting: Vec<ProcedureIx>,
}

/// What a row of more than a procedure of a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The applications of a year.
    Applications,
    /// A statement: its channel, its level, and when it was last said.
    Statement(ChannelIx, Level, NaiveDate),
    /// A plan.
    Plan(Planned),
}

impl Item {
    /// Channel and level, where it is of one.
    pub fn cell(&self) -> Option<(ChannelIx, Level)> {
        match self {
            Self::Applications => None,
            Self::Statement(channel, level, _) => Some((*channel, *level)),
            Self::Plan(planned) => Some((planned.channel, planned.level_now)),
        }
    }
}

/// One row behind a figure of applications, statements or plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredExplanation {
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// How much it is, and what becomes of it.
    pub measured: Measured,
    /// What it is.
    pub item: Item,
}

/// The rows of a question whose unit is applications, statements or plans.
pub fn measured<'g>(
    grid: &'g Grid,
    question: &'g Question,
    treatment: NotApplicable,
) -> impl Iterator<Item = MeasuredExplanation> + 'g {
    let choices = question.choices(grid.catalogue(), treatment);
    pairs(grid, question).flat_map(move |(body, procedure)| {
        let (block, today) = (grid.block(body), grid.as_of());
        let row = |measured, item| MeasuredExplanation { body, procedure, measured, item };
        let one = |outcome, item| row(Measured::one(outcome), item);
        match question.definition.measures {
            Measures::Freshness => {
                let statement = |cell: &Cell| Item::Statement(cell.channel, cell.level, cell.said_on());
                let of_cell = |cell| one(measure::freshness(cell, today), statement(cell));
                block.counting(procedure).map(of_cell).collect()
            }
            Measures::Plans => {
                let of_plan = |plan: &Planned| one(measure::plan(plan, today), Item::Plan(*plan));
                block.plans_of(procedure).iter().map(of_plan).collect()
            }
            Measures::Standing | Measures::Usage => {
                let measured = measure::applications(grid, body, question, choices, procedure);
                vec![row(measured, Item::Applications)]
            }
        }
    })
}

/// The rows of a question whose unit is cells, by body and procedure.
pub fn cells<'g>(
    grid: &'g Grid,
    question: &'g Question,
    treatment: NotApplicable,
) -> impl Iterator<Item = CellExplanation> + 'g {
    let choices = question.choices(grid.catalogue(), treatment);
    pairs(grid, question).map(move |(body, procedure)| {
        let reading = grid.block(body).reading(question.reads, procedure);
        let outcome = question.judge(grid.catalogue(), procedure, reading, choices);
        let cell = deciding_cell(grid, question, body, procedure, outcome.reason());
        CellExplanation {
            body,
            procedure,
            outcome,
            channel: cell.map(|cell| cell.channel),
            // Of what is not in force the level does not matter.
            level: cell.filter(|_| outcome.reason() != Reason::NotLive).map(|cell| cell.level),
            at_least: cell.is_some_and(|cell| cell.at_least && outcome.reason() != Reason::NotLive),
            places: match (question.reads, reading.answer) {
                (Reads::Omnichannel, Answer::Level { level, .. }) => Some(level.number()),
                _ => None,
            },
        }
    })
}

/// The statement that gives the reason.
fn deciding_cell<'g>(
    grid: &'g Grid,
    question: &Question,
    body: BodyIx,
    procedure: ProcedureIx,
    reason: Reason,
) -> Option<&'g Cell> {
    let catalogue = grid.catalogue();
    let reads = question.reads;
    let block = grid.block(body);
    let mut stated: Vec<&Cell> =
        block.counting(procedure).filter(|cell| reads.may_decide(catalogue, cell.channel)).collect();
    match reads {
        // No single statement does.
        Reads::Omnichannel | Reads::OnceOnly | Reads::OneAct => return None,
        // Whoever speaks of the channel itself leaves nothing to the word on online as a whole.
        Reads::Channel(named) if stated.iter().any(|cell| cell.channel == named) => {
            stated.retain(|cell| cell.channel == named);
        }
        _ => {}
    }
    let counts = |cell: &&Cell| reads.counts(cell.state);
    // The exact one before the open one, a live one before others, the first in order of channels.
    let rank = |cell: &&Cell| {
        (cell.level, !cell.at_least, cell.state == State::Live, std::cmp::Reverse(cell.channel))
    };
    let stated = stated.into_iter();
    match reason {
        Reason::Counted | Reason::BelowThreshold | Reason::MeansUnknown => {
            stated.filter(counts).max_by_key(rank)
        }
        Reason::AtLeast => stated.filter(counts).filter(|cell| cell.at_least).max_by_key(rank),
        Reason::NotLive => stated.filter(|cell| !counts(cell)).max_by_key(rank),
        _ => None,
    }
}

fn pairs<'g>(grid: &'g Grid, question: &'g Question) -> impl Iterator<Item = (BodyIx, ProcedureIx)> + 'g {
    question.bodies.iter().flat_map(move |body| {
        question.rows_of(grid.catalogue(), *body).map(move |procedure| (*body, procedure))
    })
}

/// The bodies of a question whose unit is bodies.
pub fn bodies<'g>(
    grid: &'g Grid,
    question: &'g Question,
    treatment: NotApplicable,
) -> impl Iterator<Item = BodyExplanation> + 'g {
    let choices = question.choices(grid.catalogue(), treatment);
    let judge = Judge::new(grid.catalogue(), question, treatment);
    question.bodies.iter().map(move |body| {
        let block = grid.block(*body);
        let expected = || question.rows_of(grid.catalogue(), *body);
        let outcome = judge.outcome(block, expected());
        let row = |procedure| {
            question.judge(grid.catalogue(), procedure, block.reading(question.reads, procedure), choices)
        };
        let of_any = question.definition.takes == Takes::Any;
        let missing = |procedure| match row(procedure) {
            // Of many procedures that are not offered none is the one that is missing.
            Outcome::No(_) | Outcome::Out(Reason::NoAnswer) if of_any => None,
            Outcome::Unknown(_) if of_any && matches!(outcome, Outcome::Yes(_)) => None,
            Outcome::No(reason) | Outcome::Unknown(reason) | Outcome::Out(reason @ Reason::NoAnswer) => {
                Some((procedure, reason))
            }
            Outcome::Yes(_) | Outcome::Out(_) => None,
        };
        let counts = |procedure: &ProcedureIx| of_any && matches!(row(*procedure), Outcome::Yes(_));
        BodyExplanation {
            body: *body,
            outcome,
            missing: expected().filter_map(missing).collect(),
            counting: expected().filter(counts).collect(),
        }
    })
}

/// What is set aside of a row's statements, as far as the definition would have read it.
pub fn set_aside_of(grid: &Grid, question: &Question, row: &CellExplanation) -> Vec<set_aside::SetAside> {
    let catalogue = grid.catalogue();
    let scale = question.scale(catalogue);
    let mut found = set_aside::of(grid, row.body, row.procedure);
    found.retain(|one| {
        one.word.spoken().channel.is_none_or(|channel| catalogue.channel(channel).scale == scale)
    });
    found
}
