//! The rows behind a figure: each with whether it counts, why, and a sentence.

use super::Grid;
use super::definition::{Definition, NotApplicable, Outcome, Reason};
use super::figure::{Judge, Question};
use super::standing::{Answer, Rules};
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::readiness::{Level, State};

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
    /// Whether a statement says only "at least".
    pub at_least: bool,
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
}

/// The rows of a question whose unit is cells, by body and procedure.
pub fn cells<'g>(
    grid: &'g Grid,
    question: &'g Question,
    treatment: NotApplicable,
) -> impl Iterator<Item = CellExplanation> + 'g {
    let choices = question.choices(treatment);
    pairs(grid, question).map(move |(body, procedure)| {
        let reading = question.definition.reading(grid.block(body).standing(procedure));
        let (level, at_least) = match reading.answer {
            Answer::Level { level, open } => (Some(level), open),
            _ => (None, false),
        };
        let channel = deciding_channel(grid, question, body, procedure, reading.answer);
        CellExplanation {
            body,
            procedure,
            outcome: Definition::judge(reading, choices),
            channel,
            level,
            at_least,
        }
    })
}

/// The channel whose statement gives the answer, a live one before others.
fn deciding_channel(
    grid: &Grid,
    question: &Question,
    body: BodyIx,
    procedure: ProcedureIx,
    answer: Answer,
) -> Option<ChannelIx> {
    let wanted = match answer {
        Answer::Level { level, .. } => Some(level),
        Answer::NotLive => None,
        Answer::NoAnswer | Answer::MeansUnknown | Answer::OtherChannel => return None,
    };
    let catalogue = grid.catalogue();
    Rules::new(catalogue)
        .counting(grid.block(body).cells_of(procedure))
        .filter(|cell| question.definition.may_decide(catalogue, cell.channel))
        .filter(|cell| wanted.is_none_or(|level| cell.level == level))
        .min_by_key(|cell| cell.state != State::Live)
        .map(|cell| cell.channel)
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
    let choices = question.choices(treatment);
    let judge = Judge::new(question, treatment);
    question.bodies.iter().map(move |body| {
        let block = grid.block(*body);
        let expected = || question.rows_of(grid.catalogue(), *body);
        let missing = expected()
            .filter_map(|procedure| {
                let reading = question.definition.reading(block.standing(procedure));
                match Definition::judge(reading, choices) {
                    Outcome::No(reason) | Outcome::Unknown(reason) => Some((procedure, reason)),
                    Outcome::Yes(_) | Outcome::Out(_) => None,
                }
            })
            .collect();
        BodyExplanation { body: *body, outcome: judge.outcome(block, expected()), missing }
    })
}

/// The sentence for one row of a rate, in Japanese.
pub fn cell_sentence(grid: &Grid, question: &Question, row: &CellExplanation) -> String {
    let catalogue = grid.catalogue();
    let channel = row.channel.map_or("", |channel| catalogue.channel(channel).label_ja.as_str());
    let threshold = question.threshold;
    let level = row
        .level
        .map_or_else(String::new, |level| format!("段階{level}{}", if row.at_least { "以上" } else { "" }));
    match row.outcome.reason() {
        Reason::Counted => {
            format!("{channel}が{level}で、しきい値{threshold}に達しているため数えます。")
        }
        Reason::BelowThreshold => {
            format!("{channel}が{level}で、しきい値{threshold}に届かないため数えません。")
        }
        Reason::AtLeast => {
            format!("{channel}は{level}とだけ分かり、しきい値{threshold}に達するか不明です。")
        }
        Reason::ChannelNotMynaportal => {
            "マイナポータル以外の手段だけが申告されているため、この定義では数えません。".to_owned()
        }
        Reason::MeansUnknown => "オンラインで受け付けていますが、マイナポータルかどうか不明です。".to_owned(),
        Reason::NotLive => format!("{channel}は実施中ではないため数えません。"),
        Reason::NoAnswer => match row.outcome {
            Outcome::Out(_) => "未回答のため分母から除きます。".to_owned(),
            _ => "未回答のため不明です。".to_owned(),
        },
        reason @ (Reason::NotApplicable | Reason::OtherBody | Reason::Abolished) => match row.outcome {
            Outcome::Out(_) => format!("{}のため分母から除きます。", reason.label()),
            _ => format!("{}ですが、この定義では「できない」に数えます。", reason.label()),
        },
        reason => format!("{}。", reason.label()),
    }
}

/// The sentence for one body of a completion figure, in Japanese.
pub fn body_sentence(row: &BodyExplanation) -> String {
    match row.outcome.reason() {
        Reason::Counted => "すべての手続が条件を満たすため数えます。".to_owned(),
        Reason::NothingApplicable => match row.outcome {
            Outcome::Yes(_) => "該当する手続がないため、済みとして数えます。".to_owned(),
            _ => "対象となる手続がないため分母から除きます。".to_owned(),
        },
        Reason::MissingProcedures => {
            format!("{}手続が条件を満たさないか不明のため数えません。", row.missing.len())
        }
        Reason::UnknownProcedures => {
            format!("{}手続が不明のため、数えるか不明です。", row.missing.len())
        }
        Reason::NoAnswer => "未回答のため分母から除きます。".to_owned(),
        reason => format!("{}。", reason.label()),
    }
}
