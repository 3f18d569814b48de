//! Tables that are plainly meant for a kind of own material and lack some of its headings.

use super::head::{columns, signature};
use crate::domain::catalogue::Catalogue;
use crate::domain::material::codes::Step;
use crate::domain::material::{Field, MaterialKind, What};
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::{
    Candidates, Headings, PROCEDURE_ID, PROCEDURE_NAME, is_for_people, names_a_row, spellings,
};
use crate::import::layout::channels;
use crate::import::layout::long::Column;
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
const TELLING: [&str; 8] =
    ["plan", "title", "grade", "certainty", "walked_on", "counters", "times_written", "findings"];

/// Whether headings that are none of a kind speak of readiness or of counts: then the table is of those.
pub(super) fn is_of_readiness(catalogue: &Catalogue, kind: MaterialKind, headings: &Headings) -> bool {
    let own: Vec<usize> = columns(kind, headings).into_iter().map(|(_, at)| at).collect();
    headings.all().filter(|(at, _)| !own.contains(at)).any(|(at, _)| {
        let meaning = headings.meaning(at);
        channels::about(catalogue, meaning).is_some()
            || counts_applications(meaning)
            || matches!(
                Column::of_heading(meaning),
                Some(Column::Level | Column::TargetLevel | Column::State | Column::Applicability)
            )
    })
}

/// The faults of a table that is meant for a kind; none where it is for none.
pub(super) fn faults(candidates: &Candidates<'_>, catalogue: &Catalogue) -> Option<Vec<Fault>> {
    let score = |kind: MaterialKind, headings: &Headings| match is_of_readiness(catalogue, kind, headings) {
        true => 0,
        false => meant(kind, headings),
    };
    let of = |kind: &MaterialKind| {
        let headings = candidates.best(|headings| score(*kind, headings))?;
        Some((score(*kind, &headings), *kind, headings))
    };
    let found: Vec<(usize, MaterialKind, Headings)> = MaterialKind::ALL.iter().filter_map(of).collect();
    let (_, kind, headings) = found.into_iter().rev().max_by_key(|(score, ..)| *score)?;
    let own = columns(kind, &headings);
    let has = |field: &Field| match field.what {
        What::Procedure => {
            [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(&headings, names).is_some())
        }
        _ => own.iter().any(|(known, _)| known.name == field.name),
    };
    let asked = |field: &&Field| field.is_needed || signature(kind).contains(&field.name);
    let lacking: Vec<&Field> = kind.fields().iter().filter(asked).filter(|field| !has(field)).collect();
    let is_open = |at: &usize| {
        let text = headings.text(*at);
        let known = own.iter().any(|(_, own)| own == at) || is_for_people(text);
        !known && !text.trim().is_empty() && !spellings(text).any(|folded| names_a_row(&folded))
    };
    let open = headings.all().map(|(at, _)| at).filter(is_open);
    let questions = questions(&headings, open, &lacking);
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

/// How plainly headings are meant for a kind; 0 where they are not.
fn meant(kind: MaterialKind, headings: &Headings) -> usize {
    if across(kind, headings).is_some() {
        return 10;
    }
    let own = columns(kind, headings);
    let count = |names: &[&str]| own.iter().filter(|(field, _)| names.contains(&field.name)).count();
    let (strong, telling) = (count(&STRONG), count(&TELLING));
    let names_procedures =
        [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(headings, names).is_some());
    let all = own.len() + usize::from(kind.is_of_procedures() && names_procedures);
    let minutes = kind == MaterialKind::HandlingTime && names_procedures && tells_minutes(headings);
    if minutes || (strong > 0 && all >= 2) || telling >= 2 { all.max(1) } else { 0 }
}

/// Whether headings are of the time that something takes: 窓口（分）, or 方法 beside 受付 and 交付.
fn tells_minutes(headings: &Headings) -> bool {
    let texts: Vec<String> = headings.all().map(|(_, text)| fold_for_match(text)).collect();
    let steps = ["受付", "確認", "審査", "交付"];
    let beside = steps.iter().filter(|step| texts.iter().any(|text| text.starts_with(**step))).count();
    texts.iter().any(|text| text.ends_with("(分)") || text.ends_with("処理時間")) || beside >= 3
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
    let labels: Vec<&str> = kind.fields().iter().map(|field| field.label).collect();
    Fault::whole("missing_column", message).at_line(line).allowing(labels.join("、"))
}

/// Asks of columns whether they are those that lack.
pub(super) fn questions(
    headings: &Headings,
    open: impl Iterator<Item = usize>,
    lacking: &[&Field],
) -> Vec<Question> {
    let question = |at: usize| {
        let name = headings.name(at);
        let key = fold_for_match(&name);
        let choice = |field: &&Field| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={}", field.label),
            label: format!("{}の列", field.label),
        };
        let choices = lacking.iter().map(choice).chain([left_out(&name)]).collect();
        Question {
            mark: cut(&name, 100),
            question: format!("「{}」は何の列ですか", cut(&name, 100)),
            headings: vec![cut(&name, 60)],
            choices,
            ..Question::about_the_file("columns", String::new(), [])
        }
    };
    if lacking.is_empty() { Vec::new() } else { open.map(question).collect() }
}
