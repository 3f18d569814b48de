//! Why a row of a figure counts or not, in a sentence a person can read: in Japanese and in English.

use super::definition::{Measures, Outcome, Reason};
use super::explain::{BodyExplanation, CellExplanation, Item, MeasuredExplanation, set_aside_of};
use super::measure::Measured;
use super::plans::Planned;
use super::question::Question;
use super::standing::Reads;
use super::{Grid, set_aside};
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::readiness::{ChannelId, Level};

/// One sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Sentence {
    fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }

    /// A reason that needs nothing beside it.
    fn of(reason: Reason) -> Self {
        Self::new(format!("{}。", reason.meaning_ja()), capital(format!("{}.", reason.meaning())))
    }

    fn add(&mut self, ja: &str, en: &str) {
        self.ja.push_str(ja);
        self.en.push(' ');
        self.en.push_str(en);
    }
}

/// A text with a capital letter at its beginning.
fn capital(text: String) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The sentence for one row of a rate.
pub fn of_cell(grid: &Grid, question: &Question, row: &CellExplanation) -> Sentence {
    let mut sentence = match (question.reads, row.places) {
        (_, Some(places)) => of_places(places, row.outcome, question.threshold),
        (Reads::OnceOnly, _) => of_either(row, "4以上", "4 or more"),
        (Reads::OneAct, _) => of_either(row, "5", "5"),
        _ => of_level(grid.catalogue(), question, row),
    };
    let threshold = question.threshold_of(grid.catalogue(), row.procedure);
    if threshold < question.threshold {
        sentence.add(
            &format!("法令で届くのは段階{threshold}までのため、それをしきい値としました。"),
            &format!("The law allows no more than level {threshold}, which is taken as the threshold."),
        );
    }
    for one in set_aside_of(grid, question, row) {
        let catalogue = grid.catalogue();
        sentence.add(&set_aside::sentence(catalogue, &one), &set_aside::sentence_en(catalogue, &one));
    }
    sentence
}

/// Names of a channel in both languages.
fn names(catalogue: &Catalogue, channel: Option<ChannelIx>) -> (&str, &str) {
    channel.map_or(("", ""), |channel| {
        let row = catalogue.channel(channel);
        (row.label_ja.as_str(), row.label_en.as_str())
    })
}

fn of_level(catalogue: &Catalogue, question: &Question, row: &CellExplanation) -> Sentence {
    let (ja, en) = names(catalogue, row.channel);
    let threshold = question.threshold_of(catalogue, row.procedure);
    let asked = match question.reads {
        Reads::Channel(channel) => Some(channel),
        _ => catalogue.channel_ix(ChannelId::MYNAPORTAL),
    };
    // Of a channel that is asked for the name is enough, without what explains it.
    let (asked_ja, asked_en) = names(catalogue, asked);
    let asked_ja = asked_ja.split('（').next().unwrap_or_default();
    let asked_en = asked_en.split(" (").next().unwrap_or_default();
    let scale = Some(question.scale(catalogue));
    let level = row.level.map_or_else(String::new, |level| level.in_words(row.at_least, scale));
    let number = row.level.map_or_else(String::new, |level| {
        format!("level {level}{}", if row.at_least { " or more" } else { "" })
    });
    match row.outcome.reason() {
        Reason::Counted => Sentence::new(
            format!("{ja}が{level}で、しきい値{threshold}に達しているため数えます。"),
            format!("Counted: {en} is at {number}, which reaches the threshold {threshold}."),
        ),
        Reason::BelowThreshold => Sentence::new(
            format!("{ja}が{level}で、しきい値{threshold}に届かないため数えません。"),
            format!("Not counted: {en} is at {number}, below the threshold {threshold}."),
        ),
        Reason::AtLeast => Sentence::new(
            format!("{ja}は{level}とだけ分かり、しきい値{threshold}に達するか不明です。"),
            format!("Unknown: of {en} only {number} is known; whether it reaches {threshold} is not."),
        ),
        Reason::ChannelNotMynaportal => Sentence::new(
            "マイナポータル以外の手段だけが申告されているため、この定義では数えません。",
            "Not counted by this definition: only other channels than Mynaportal are stated.",
        ),
        Reason::OtherChannel => Sentence::new(
            format!("{asked_ja}以外の手段だけが申告されているため数えません。"),
            format!("Not counted: only other channels than {asked_en} are stated."),
        ),
        Reason::MeansUnknown if row.level >= Some(Level::THREE) => Sentence::new(
            format!("オンラインで受け付けていますが、{asked_ja}かどうか不明です。"),
            format!("Unknown: it is accepted online, whether on {asked_en} is not known."),
        ),
        Reason::MeansUnknown => Sentence::new(
            format!("オンラインは{level}とだけ分かり、{asked_ja}で段階{threshold}に達するか不明です。"),
            format!("Unknown: online only {number} is known; whether {asked_en} reaches {threshold} is not."),
        ),
        Reason::NotLive => Sentence::new(
            format!("{ja}は実施中ではないため数えません。"),
            format!("Not counted: {en} is not in force."),
        ),
        _ => without_level(row.outcome),
    }
}

/// The sentence of a row of which no level is looked at.
fn without_level(outcome: Outcome) -> Sentence {
    match (outcome.reason(), outcome) {
        (Reason::NoAnswer, Outcome::Out(_)) => {
            Sentence::new("未回答のため分母から除きます。", "Left out: nobody has stated anything.")
        }
        (Reason::NoAnswer, _) => {
            Sentence::new("未回答のため不明です。", "Unknown: nobody has stated anything.")
        }
        (reason @ (Reason::NotApplicable | Reason::OtherBody | Reason::Abolished), Outcome::Out(_)) => {
            Sentence::new(
                format!("{}のため分母から除きます。", reason.label()),
                format!("Left out: {}.", reason.meaning()),
            )
        }
        (reason @ (Reason::NotApplicable | Reason::OtherBody | Reason::Abolished), _) => Sentence::new(
            format!("{}ですが、この定義では「できない」に数えます。", reason.label()),
            format!("Counted as not possible by this definition: {}.", reason.meaning()),
        ),
        (reason, _) => Sentence::of(reason),
    }
}

/// The sentence for a row that counts by what is offered online or at the counter.
fn of_either(row: &CellExplanation, counter_ja: &str, counter_en: &str) -> Sentence {
    let ja = format!("オンラインの段階5、または窓口の段階{counter_ja}");
    let en = format!("online level 5 or counter level {counter_en}");
    match row.outcome {
        Outcome::Yes(_) => Sentence::new(format!("{ja}のため数えます。"), format!("Counted: {en}.")),
        Outcome::No(Reason::BelowThreshold) => {
            Sentence::new(format!("{ja}に届かないため数えません。"), format!("Not counted: below {en}."))
        }
        Outcome::Unknown(Reason::AtLeast) => Sentence::new(
            format!("{ja}に達するか不明です。"),
            format!("Unknown: whether it reaches {en} is not known."),
        ),
        outcome => without_level(outcome),
    }
}

/// The sentence for a row of which it is counted at how many places enough is offered.
fn of_places(places: u8, outcome: Outcome, threshold: Level) -> Sentence {
    let met = format!("自宅（段階4以上）・近場（段階3以上）・窓口（段階3以上）のうち{places}つを満たし");
    let en = format!("{places} of home (4 or more), nearby (3 or more) and counter (3 or more)");
    match outcome {
        Outcome::Yes(_) => Sentence::new(format!("{met}ているため数えます。"), format!("Counted: {en}.")),
        Outcome::Unknown(_) => Sentence::new(
            format!("{met}、ほかは不明のため、{threshold}つに達するか不明です。"),
            format!("Unknown: {en}; whether it comes to {threshold} is not known."),
        ),
        Outcome::No(_) | Outcome::Out(_) => Sentence::new(
            format!("{met}、{threshold}つに届かないため数えません。"),
            format!("Not counted: {en}, fewer than {threshold}."),
        ),
    }
}

/// The sentence for a plan.
fn of_plan(grid: &Grid, planned: &Planned, outcome: Outcome) -> Sentence {
    let (ja, en) = names(grid.catalogue(), Some(planned.channel));
    let level = planned.level.number();
    let Some(on) = planned.on.map(|dated| dated.on) else {
        return Sentence::new(
            format!("{ja}の段階{level}が予定されていますが、目標日がないため分母に入れません。"),
            format!("Left out: level {level} of {en} is planned, without a day."),
        );
    };
    let (what, what_en) = match (planned.reached_on, planned.slip(grid.as_of())) {
        (Some(reached), Some(days)) => (
            format!("{reached}に達しています（{}）", days_of(days)),
            format!("was reached on {reached}, {}", days_of_en(days)),
        ),
        (_, Some(days)) => (
            format!("まだ達していません（{}）", days_of(days)),
            format!("is not reached, {}", days_of_en(days)),
        ),
        (_, None) => ("目標日はこれからです".to_owned(), "is still to come".to_owned()),
    };
    let (counts, counts_en) = match outcome {
        Outcome::Yes(_) => ("数えます", "Counted"),
        Outcome::Out(_) => ("分母に入れません", "Left out"),
        Outcome::No(_) | Outcome::Unknown(_) => ("数えません", "Not counted"),
    };
    Sentence::new(
        format!("{ja}の段階{level}は{on}までの予定で、{what}。{counts}。"),
        format!("{counts_en}: level {level} of {en} was planned for {on} and {what_en}."),
    )
}

/// How much later than planned something is.
fn days_of(late: i64) -> String {
    match late {
        1.. => format!("{late}日遅れ"),
        0 => "予定どおり".to_owned(),
        _ => format!("{}日早い", -late),
    }
}

fn days_of_en(late: i64) -> String {
    match late {
        1.. => format!("{late} days late"),
        0 => "as planned".to_owned(),
        _ => format!("{} days early", -late),
    }
}

/// The sentence for a row of applications, for a statement or a plan.
pub fn of_measured(grid: &Grid, question: &Question, row: &MeasuredExplanation) -> Sentence {
    let Measured { outcome, weight, counted, applications } = row.measured;
    if let Item::Plan(planned) = &row.item {
        return of_plan(grid, planned, outcome);
    }
    if let Item::Statement(channel, _, on) = row.item {
        let (ja, en) = names(grid.catalogue(), Some(channel));
        let days = (grid.as_of() - on).num_days();
        let (counts, counts_en) = match outcome {
            Outcome::Yes(_) => ("数えます", "Counted"),
            _ => ("数えません", "Not counted"),
        };
        return Sentence::new(
            format!("{ja}の対応状況は{on}に申告または確認されています（{days}日前）。{counts}。"),
            format!("{counts_en}: {en} was last stated or confirmed on {on}, {days} days ago."),
        );
    }
    let ja = question.year.map_or_else(String::new, |year| year.to_string());
    let en = question.year.map_or_else(String::new, |year| format!(" in fiscal year {}", year.number()));
    let (whole, whole_en) = (format!("{ja}の総件数は{weight}件"), format!("{weight} applications{en}"));
    match (outcome.reason(), applications.online) {
        (Reason::NoCount, _) => Sentence::new(
            format!("{ja}の総件数が記録されていないため、分母に入れません。"),
            format!("Left out: applications{en} were not counted."),
        ),
        (Reason::OnlineNotCounted, _) => Sentence::new(
            format!("{whole}、うちオンラインの件数は記録されていないため不明です。"),
            format!("Unknown: {whole_en}; those online were not counted."),
        ),
        (Reason::NotOnlineable, _) => Sentence::new(
            format!("{whole}ですが、オンラインで申請できないため、ここでは数えません。"),
            format!("Left out: {whole_en}, which cannot be made online."),
        ),
        (Reason::Counted, Some(_)) if question.definition.measures == Measures::Usage => Sentence::new(
            format!("{whole}、うちオンラインは{counted}件です。"),
            format!("{}, of which {counted} came online.", capital(whole_en)),
        ),
        (Reason::Counted, _) => Sentence::new(
            format!("{whole}で、段階がしきい値に達しているため数えます。"),
            format!("Counted: {whole_en}; the level reaches the threshold."),
        ),
        (reason, _) => Sentence::new(
            format!("{whole}。{}。", reason.meaning_ja()),
            format!("{}: {}.", capital(whole_en), reason.meaning()),
        ),
    }
}

/// The sentence for one body of a figure of bodies.
pub fn of_body(catalogue: &Catalogue, row: &BodyExplanation) -> Sentence {
    let missing = row.missing.len();
    match (row.outcome.reason(), row.outcome) {
        (Reason::Counted, _) if !row.counting.is_empty() => {
            let first = catalogue.procedure(row.counting[0]);
            let (others, others_en) = match row.counting.len() {
                1 => (String::new(), String::new()),
                count => (format!("など{count}手続"), format!(" and {} others", count - 1)),
            };
            Sentence::new(
                format!("「{}」{others}が条件を満たすため数えます。", first.name_ja),
                format!("Counted: \"{}\"{others_en} meet the condition.", first.name_en),
            )
        }
        (Reason::Counted, _) => Sentence::new(
            "すべての手続が条件を満たすため数えます。",
            "Counted: all procedures meet the condition.",
        ),
        (Reason::NothingApplicable, Outcome::Yes(_)) => Sentence::new(
            "該当する手続がないため、済みとして数えます。",
            "Counted as done: nothing of the list applies to the body.",
        ),
        (Reason::NothingApplicable, _) => Sentence::new(
            "対象となる手続がないため分母から除きます。",
            "Left out: nothing of the list applies to the body.",
        ),
        (Reason::MissingProcedures, _) => Sentence::new(
            format!("{missing}手続が条件を満たさないか不明のため数えません。"),
            format!("Not counted: {missing} procedures do not meet the condition or are unknown."),
        ),
        (Reason::NoProcedure, _) => Sentence::new(
            "条件を満たす手続が1つもないため数えません。",
            "Not counted: no procedure meets the condition.",
        ),
        (Reason::UnknownProcedures, _) => Sentence::new(
            format!("{missing}手続が不明のため、数えるか不明です。"),
            format!("Unknown: of {missing} procedures it is not known."),
        ),
        (Reason::NoAnswer, _) => Sentence::new(
            "未回答の手続があるため分母から除きます。",
            "Left out: of some procedures nobody has stated anything.",
        ),
        (reason, _) => Sentence::of(reason),
    }
}
