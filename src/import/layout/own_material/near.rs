//! Tables that are plainly meant for a kind of own material and lack some of its headings.

use super::head::{MINUTES, columns, signature};
use crate::domain::catalogue::Catalogue;
use crate::domain::material::codes::Step;
use crate::domain::material::{Field, MaterialKind, What};
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::{
    Candidates, Headings, PROCEDURE_ID, PROCEDURE_NAME, is_for_people, names_a_row, spellings,
};
use crate::import::layout::Layout;
use crate::import::layout::channels;
use crate::import::layout::column::Column;
use crate::import::layout::sheet::column;
use crate::import::layout::unknown::left_out;
use crate::import::layout::usage::counts_applications;
use crate::import::marks::{Choice, Question};

/// Fields that stand in no other tables: one of them says what is meant.
const STRONG: [&str; 9] = [
    "point",
    "point_text",
    "indicator",
    "scenario",
    "step",
    "receipt_minutes",
    "check_minutes",
    "review_minutes",
    "delivery_minutes",
];
/// Fields of which two do.
const TELLING: [&str; 10] = [
    "plan",
    "title",
    "grade",
    "certainty",
    "value",
    "unit",
    "walked_on",
    "counters",
    "times_written",
    "findings",
];

/// How plainly a table is meant for a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// By headings that no other table has.
    Strongly,
    /// By several that others may have.
    Weakly,
}

/// What headings that are none of a kind say of readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OfReadiness {
    /// Nothing.
    Not,
    /// How something stands, which may be a step as well as a channel: 状況.
    Vaguely,
    /// Readiness or counts.
    Plainly,
}

/// What headings that are none of a kind say of readiness or of counts.
pub(super) fn of_readiness(catalogue: &Catalogue, kind: MaterialKind, headings: &Headings) -> OfReadiness {
    let own: Vec<usize> = columns(kind, headings).into_iter().map(|(_, at)| at).collect();
    let of = |at: usize| {
        let meaning = headings.meaning(at);
        let folded = fold_for_match(meaning);
        match Column::of_heading(meaning) {
            _ if counts_applications(meaning) || channels::about(catalogue, meaning).is_some() => {
                OfReadiness::Plainly
            }
            Some(Column::Level | Column::State) if folded.ends_with("状況") || folded == "状態" => {
                OfReadiness::Vaguely
            }
            Some(Column::Level | Column::TargetLevel | Column::State | Column::Applicability) => {
                OfReadiness::Plainly
            }
            _ => OfReadiness::Not,
        }
    };
    headings.all().filter(|(at, _)| !own.contains(at)).map(|(at, _)| of(at)).max().unwrap_or(OfReadiness::Not)
}

/// The faults of a table that is meant for a kind; none where it is for none.
pub(super) fn faults(candidates: &Candidates<'_>, catalogue: &Catalogue, plain: Plain) -> Option<Vec<Fault>> {
    let score = |kind: MaterialKind, headings: &Headings| match of_readiness(catalogue, kind, headings) {
        OfReadiness::Plainly => 0,
        OfReadiness::Not | OfReadiness::Vaguely => meant(kind, headings, plain),
    };
    let of = |kind: &MaterialKind| {
        let headings = candidates.best(|headings| score(*kind, headings))?;
        Some((score(*kind, &headings), *kind, headings))
    };
    let found: Vec<(usize, MaterialKind, Headings)> = MaterialKind::ALL.iter().filter_map(of).collect();
    let (_, kind, headings) = found.into_iter().rev().max_by_key(|(score, ..)| *score)?;
    if of_readiness(catalogue, kind, &headings) == OfReadiness::Vaguely {
        return Some(vec![which(kind, headings.line)]);
    }
    let own = columns(kind, &headings);
    let has = |field: &Field| match field.what {
        What::Procedure => {
            [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(&headings, names).is_some())
        }
        _ => own.iter().any(|(known, _)| known.name == field.name),
    };
    let no_minutes = kind == MaterialKind::HandlingTime
        && !MINUTES.iter().any(|name| own.iter().any(|(field, _)| field.name == *name));
    let asked = |field: &&Field| {
        // One of them is enough.
        let minutes = no_minutes && field.name == MINUTES[0];
        field.is_needed || minutes || signature(kind).contains(&field.name)
    };
    let lacking: Vec<&Field> = kind.fields().iter().filter(asked).filter(|field| !has(field)).collect();
    let is_open = |at: &usize| {
        let text = headings.text(*at);
        let known = own.iter().any(|(_, own)| own == at) || is_for_people(text);
        !known && !text.trim().is_empty() && !spellings(text).any(|folded| names_a_row(&folded))
    };
    let open = headings.all().map(|(at, _)| at).filter(is_open);
    let found: Vec<&Field> = own.iter().map(|(field, _)| *field).collect();
    let questions = questions(&headings, open, kind, &found);
    let across = across(kind, &headings);
    let fault = |field: &&Field| {
        let fault = missing(kind, field, headings.line);
        match across {
            Some(word) => Fault {
                message: format!(
                    "{}。{word}が見出しに並んでいます。1行に1つの{word}を書く表に直してください",
                    fault.message
                ),
                ..fault
            },
            None => questions.iter().cloned().fold(fault, Fault::asking),
        }
    };
    Some(lacking.iter().map(fault).collect())
}

/// Whether a heading of somebody's own may mean a field: a number in another unit is not the number, a sum is none of
/// its parts, and what is planned was not done.
fn may_mean(key: &str, field: &Field) -> bool {
    let label = fold_for_match(field.label);
    let stem = label.split('(').next().unwrap_or(&label);
    let rest = key.replacen(stem, "", 1);
    let says = |words: &[&str]| words.iter().any(|word| rest.contains(word));
    match field.what {
        What::Number | What::Count => {
            let bracketed = rest.contains(['(', '[']) && !key.ends_with("(分)");
            let other_unit = says(&["秒", "千", "万", "円", "%", "日数"]);
            let is_sum = field.label.ends_with("（分）") && says(&["計", "処理"]);
            !(bracketed || other_unit || is_sum)
        }
        What::Day => !says(&["予定", "目標", "見込"]),
        _ => field.name != "unit" || key.contains("単位"),
    }
}

/// Asks of a table that speaks of readiness too which of them is meant.
pub(super) fn which(kind: MaterialKind, line: u32) -> Fault {
    let label = kind.label();
    let message = format!(
        "{label}の列と、対応状況の列の両方があります。どちらの表か選んでください。両方を取り込むには、2つの表に分けて送ってください"
    );
    let of = |layout: Layout, label: String| (layout.code().to_owned(), label);
    let choices = [
        of(Layout::OwnMaterial, format!("{label}の表（対応状況の列は取り込まない）")),
        of(Layout::Long, format!("対応状況: {}", Layout::Long.label())),
        of(Layout::Form, format!("対応状況: {}", Layout::Form.label())),
    ];
    let question =
        Question::about_the_file("layout", format!("{label}の表ですか、対応状況の表ですか"), choices);
    Fault::whole("which_table", message).at_line(line).asking(question)
}

/// Whether a heading is much like the label of a field: 受付 and 受付（分）.
fn is_like(key: &str, field: &Field) -> bool {
    let label = fold_for_match(field.label);
    let stem = label.split('(').next().unwrap_or(&label);
    key.contains(stem) || stem.contains(key) || key.chars().next() == label.chars().next()
}

/// How plainly headings are meant for a kind; 0 where they are not.
fn meant(kind: MaterialKind, headings: &Headings, plain: Plain) -> usize {
    if across(kind, headings).is_some() {
        return if plain == Plain::Strongly { 10 } else { 0 };
    }
    let own = columns(kind, headings);
    let count = |names: &[&str]| own.iter().filter(|(field, _)| names.contains(&field.name)).count();
    let (strong, telling) = (count(&STRONG), count(&TELLING));
    let names_procedures =
        [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(headings, names).is_some());
    let all = own.len() + usize::from(kind.is_of_procedures() && names_procedures);
    let of_times = kind == MaterialKind::HandlingTime && names_procedures;
    let is_own = |at: usize| own.iter().any(|(_, own)| *own == at) || names_a_row(headings.text(at));
    let nothing_else = own.len() >= 2 && headings.all().all(|(at, _)| is_own(at));
    let is_meant = match plain {
        Plain::Strongly => {
            (strong > 0 && all >= 2) || (of_times && (tells_minutes(headings) || nothing_else))
        }
        Plain::Weakly => telling >= 2 || (telling == 1 && all >= 3),
    };
    if is_meant { all.max(1) } else { 0 }
}

/// Whether headings are of the time that something takes: 窓口（分）, or 方法 beside 受付 and 交付.
fn tells_minutes(headings: &Headings) -> bool {
    let texts: Vec<String> = headings.all().map(|(_, text)| fold_for_match(text)).collect();
    let steps = ["受付", "確認", "審査", "交付"];
    let beside = steps.iter().filter(|step| texts.iter().any(|text| text.starts_with(**step))).count();
    let by_way = texts.iter().any(|text| text == "方法");
    let minutes = texts.iter().any(|text| text.ends_with("(分)") || text.ends_with("処理時間"));
    minutes || beside >= 3 || (beside >= 2 && by_way)
}

/// What stands side by side in the headings that should stand one below the other.
fn across(kind: MaterialKind, headings: &Headings) -> Option<&'static str> {
    /// So many are no accident.
    const SIDE_BY_SIDE: usize = 3;
    let texts = || headings.all().map(|(_, text)| fold_for_match(text));
    match kind {
        MaterialKind::ChecklistAnswer => {
            let is_point = |text: &String| {
                let rest = text.strip_prefix("確認ポイント").unwrap_or_default();
                let circled = rest.chars().all(|c| ('①'..='⑨').contains(&c));
                !rest.is_empty() && (circled || rest.parse::<u8>().is_ok())
            };
            // Numbers in circles alone may be anything, but for all nine of them.
            let nine = ('①'..='⑨').all(|point| texts().any(|text| text == point.to_string()));
            (nine || texts().filter(is_point).count() >= SIDE_BY_SIDE).then_some("確認ポイント")
        }
        MaterialKind::PlanStep => {
            let is_step = |text: &String| {
                let known = |step: &Step| {
                    let label = fold_for_match(step.label());
                    label == *text || (text.chars().count() >= 2 && label.starts_with(text.as_str()))
                };
                Step::ALL.iter().any(known) || text == "bpr"
            };
            (texts().filter(is_step).count() >= SIDE_BY_SIDE).then_some("工程")
        }
        MaterialKind::ContextIndicator => {
            let years = texts().filter(|text| text.contains("年度") && text != "年度").count();
            let values = texts()
                .filter(|text| ["実績", "見込", "目標"].iter().any(|word| text.starts_with(word)))
                .count();
            let named = texts().any(|text| text.starts_with("指標"));
            match (named, years >= 2, values >= 2) {
                (true, true, _) => Some("年度"),
                (true, _, true) => Some("区分（実績・見込み・目標）"),
                _ => None,
            }
        }
        MaterialKind::HandlingTime => {
            let ways = ["オンライン(分)", "窓口(分)", "郵送(分)"];
            (texts().filter(|text| ways.contains(&text.as_str())).count() >= 2).then_some("方法")
        }
        _ => None,
    }
}

/// The fault of a column that is not there.
pub(super) fn missing(kind: MaterialKind, field: &Field, line: u32) -> Fault {
    let what = if field.what == What::Procedure { "手続ID か手続名" } else { field.label };
    let message = format!(
        "{}の表に「{what}」の列がありません（様式は /api/v1/material_templates/団体コード/{}.xlsx）",
        kind.label(),
        kind.code()
    );
    let message = match kind {
        MaterialKind::HandlingTime if MINUTES.contains(&field.name) => {
            format!(
                "{message}。時間は受付・確認・審査・交付に分けて、分の数で書きます（どれか1つの列でよく、合計だけは記録しません）"
            )
        }
        MaterialKind::ContextIndicator if field.name == "value" => {
            format!("{message}。見出しに書いた単位は、単位の列に書いてください")
        }
        _ => message,
    };
    let labels: Vec<&str> = kind.fields().iter().map(|field| field.label).collect();
    Fault::whole("missing_column", message).at_line(line).allowing(labels.join("、"))
}

/// Asks of columns which of the fields they are that have none.
pub(super) fn questions(
    headings: &Headings,
    open: impl Iterator<Item = usize>,
    kind: MaterialKind,
    found: &[&Field],
) -> Vec<Question> {
    let lacking: Vec<&Field> = kind
        .fields()
        .iter()
        .filter(|field| field.what != What::Procedure && !found.iter().any(|known| known.name == field.name))
        .collect();
    let question = |at: usize| {
        let name = headings.name(at);
        let key = fold_for_match(&name);
        let fits = |field: &&&Field| may_mean(&key, field);
        let choice = |field: &&Field| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={}", field.label),
            label: format!("{}の列", field.label),
        };
        let mut fields: Vec<&&Field> = lacking.iter().filter(fits).collect();
        fields.sort_by_key(|field| !is_like(&key, field));
        let choices = fields.into_iter().map(choice).chain([left_out(&name)]).collect();
        Question {
            mark: cut(&name, 100),
            question: format!("「{}」は何の列ですか", cut(&name, 100)),
            headings: vec![cut(&name, 60)],
            choices,
            ..Question::about_the_file("columns", String::new(), [])
        }
    };
    open.map(question).collect()
}
