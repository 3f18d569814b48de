//! The rows behind a figure: each with whether it counts, why, and a sentence.

use chrono::NaiveDate;

use super::definition::{Definition, Measures, NotApplicable, Outcome, Reason, Takes};
use super::figure::Judge;
use super::measure::{self, Measured};
use super::question::Question;
use super::standing::{Answer, Reads};
use super::{Cell, Grid, set_aside};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
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

/// One row behind a figure of applications or statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredExplanation {
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// How much it is, and what becomes of it.
    pub measured: Measured,
    /// Channel and level of the statement, where it is one.
    pub cell: Option<(ChannelIx, Level)>,
    /// When it was last said, where it is a statement.
    pub said_on: Option<NaiveDate>,
}

/// The rows of a question whose unit is applications or statements.
pub fn measured<'g>(
    grid: &'g Grid,
    question: &'g Question,
    treatment: NotApplicable,
) -> impl Iterator<Item = MeasuredExplanation> + 'g {
    let choices = question.choices(grid.catalogue(), treatment);
    pairs(grid, question).flat_map(move |(body, procedure)| {
        let block = grid.block(body);
        if question.definition.measures != Measures::Freshness {
            let measured = measure::applications(block, question, choices, procedure);
            return vec![MeasuredExplanation { body, procedure, measured, cell: None, said_on: None }];
        }
        let statement = |cell: &Cell| MeasuredExplanation {
            body,
            procedure,
            measured: Measured::one(measure::freshness(cell, grid.as_of())),
            cell: Some((cell.channel, cell.level)),
            said_on: Some(cell.said_on()),
        };
        block.counting(procedure).map(statement).collect()
    })
}

/// The sentence for such a row, in Japanese.
pub fn measured_sentence(grid: &Grid, question: &Question, row: &MeasuredExplanation) -> String {
    let Measured { outcome, weight, counted, applications } = row.measured;
    if let (Some((channel, _)), Some(on)) = (row.cell, row.said_on) {
        let channel = &grid.catalogue().channel(channel).label_ja;
        let days = (grid.as_of() - on).num_days();
        let counts = if matches!(outcome, Outcome::Yes(_)) { "数えます" } else { "数えません" };
        return format!("{channel}の対応状況は{on}に申告または確認されています（{days}日前）。{counts}。");
    }
    let year = question.year.map_or_else(String::new, |year| year.to_string());
    let whole = format!("{year}の総件数は{weight}件");
    match (outcome.reason(), applications.online) {
        (Reason::NoCount, _) => format!("{year}の総件数が記録されていないため、分母に入れません。"),
        (Reason::OnlineNotCounted, _) => {
            format!("{whole}、うちオンラインの件数は記録されていないため不明です。")
        }
        (Reason::NotOnlineable, _) => {
            format!("{whole}ですが、オンラインで申請できないため、ここでは数えません。")
        }
        (Reason::Counted, Some(_)) if question.definition.measures == Measures::Usage => {
            format!("{whole}、うちオンラインは{counted}件です。")
        }
        (Reason::Counted, _) => format!("{whole}で、段階がしきい値に達しているため数えます。"),
        (reason, _) => format!("{whole}。{}。", reason.meaning_ja()),
    }
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
        let outcome = Definition::judge(reading, choices);
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
        Reads::Omnichannel => return None,
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
        let row = |procedure| Definition::judge(block.reading(question.reads, procedure), choices);
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

/// The sentence for one row of a rate, in Japanese.
pub fn cell_sentence(grid: &Grid, question: &Question, row: &CellExplanation) -> String {
    let mut sentence = reason_sentence(grid, question, row);
    for one in set_aside_of(grid, question, row) {
        sentence.push_str(&set_aside::sentence(grid.catalogue(), &one));
    }
    sentence
}

fn reason_sentence(grid: &Grid, question: &Question, row: &CellExplanation) -> String {
    let catalogue = grid.catalogue();
    let channel = row.channel.map_or("", |channel| catalogue.channel(channel).label_ja.as_str());
    let threshold = question.threshold;
    let scale = question.scale(catalogue);
    if let Some(places) = row.places {
        return places_sentence(places, row.outcome, threshold);
    }
    let asked = match question.reads {
        Reads::Channel(channel)
            if question.choices(catalogue, NotApplicable::Counted).otherwise
                != Reason::ChannelNotMynaportal =>
        {
            catalogue.channel(channel).label_ja.as_str()
        }
        _ => "マイナポータル",
    };
    let level = row.level.map_or_else(String::new, |level| level.in_words(row.at_least, Some(scale)));
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
        Reason::OtherChannel => format!("{asked}以外の手段だけが申告されているため数えません。"),
        Reason::MeansUnknown if row.level >= Some(Level::THREE) => {
            format!("オンラインで受け付けていますが、{asked}かどうか不明です。")
        }
        Reason::MeansUnknown => {
            format!("オンラインは{level}とだけ分かり、{asked}で段階{threshold}に達するか不明です。")
        }
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

/// The sentence for a row of which it is counted at how many places enough is offered.
fn places_sentence(places: u8, outcome: Outcome, threshold: Level) -> String {
    let met = format!("自宅（段階4以上）・近場（段階3以上）・窓口（段階3以上）のうち{places}つを満たし");
    match outcome {
        Outcome::Yes(_) => format!("{met}ているため数えます。"),
        Outcome::Unknown(_) => format!("{met}、ほかは不明のため、{threshold}つに達するか不明です。"),
        Outcome::No(_) | Outcome::Out(_) => format!("{met}、{threshold}つに届かないため数えません。"),
    }
}

/// The sentence for one body of a figure of bodies, in Japanese.
pub fn body_sentence(catalogue: &Catalogue, row: &BodyExplanation) -> String {
    match row.outcome.reason() {
        Reason::Counted if !row.counting.is_empty() => {
            let first = catalogue.procedure(row.counting[0]).name_ja.as_str();
            let others = match row.counting.len() {
                1 => String::new(),
                count => format!("など{count}手続"),
            };
            format!("「{first}」{others}が条件を満たすため数えます。")
        }
        Reason::Counted => "すべての手続が条件を満たすため数えます。".to_owned(),
        Reason::NothingApplicable => match row.outcome {
            Outcome::Yes(_) => "該当する手続がないため、済みとして数えます。".to_owned(),
            _ => "対象となる手続がないため分母から除きます。".to_owned(),
        },
        Reason::MissingProcedures => {
            format!("{}手続が条件を満たさないか不明のため数えません。", row.missing.len())
        }
        Reason::NoProcedure => "条件を満たす手続が1つもないため数えません。".to_owned(),
        Reason::UnknownProcedures => {
            format!("{}手続が不明のため、数えるか不明です。", row.missing.len())
        }
        Reason::NoAnswer => "未回答の手続があるため分母から除きます。".to_owned(),
        reason => format!("{}。", reason.label()),
    }
}
