//! Columns of a table of own material that mean none of its fields.

use chrono::NaiveDate;

use super::head::MaterialHead;
use super::near::questions;
use crate::domain::file_dates::parse_in_file;
use crate::domain::material::{Field, What, read};
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::is_for_people;
use crate::import::layout::sheet::Sheet;
use crate::import::table::Row;

/// Asks about columns in which stands what a field without a column could say; the others are told of and not read.
pub(super) fn ask(head: &MaterialHead, sheet: &mut Sheet<'_>, rows: &[&Row]) {
    let own: Vec<&Field> = head.columns.iter().map(|(field, _)| *field).collect();
    let lacking = |field: &&Field| !own.iter().any(|known| known.name == field.name);
    let headings = sheet.headings;
    let open = (0..=headings.last()).filter(|at| {
        let plain = head.known(*at) || headings.is_left_out(*at) || sheet.legends.contains(*at);
        !plain
            && !is_for_people(headings.text(*at))
            && rows.iter().any(|row| !row.cell(*at).trim().is_empty())
    });
    let open: Vec<usize> = open.collect();
    let could = |at: usize| head.kind.said().filter(lacking).any(|field| may_hold(field, rows, at));
    let (asked, plain): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|at| could(*at));
    for (at, question) in asked.iter().zip(questions(headings, asked.iter().copied(), head.kind, &own)) {
        let message = format!(
            "この列は何の列か分かりません。{}のどれかにするか、取り込まないと指定してください",
            labels(head, &own)
        );
        let fault = Fault::whole("unread_column", message).at_line(headings.line);
        sheet.faults.push(fault.in_column(*at, &headings.name(*at)).asked_elsewhere());
        sheet.questions.push(question);
    }
    if !plain.is_empty() {
        let told = |at: &usize| {
            let filled = rows.iter().filter(|row| !row.cell(*at).trim().is_empty()).count();
            format!("「{}」（{filled}か所）", cut(&headings.name(*at), 60))
        };
        let told: Vec<String> = plain.iter().map(told).collect();
        sheet.notes.push(format!("次の列は読みませんでした: {}", told.join("、")));
    }
    sheet.unread.extend(plain);
    sheet.tell_said_in_vain();
}

fn labels(head: &MaterialHead, own: &[&Field]) -> String {
    let lacking = head.kind.said().filter(|field| !own.iter().any(|known| known.name == field.name));
    let labels: Vec<&str> = lacking.map(|field| field.label).collect();
    labels.join("、")
}

/// Whether every cell of a column could stand in a field, and says more than words.
fn may_hold(field: &Field, rows: &[&Row], at: usize) -> bool {
    let cells = || rows.iter().map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty());
    match field.what {
        What::Day | What::PlannedDay => cells().all(|cell| parse_in_file(cell).is_ok()),
        What::Number | What::Count => cells().all(|cell| read(field, cell, NaiveDate::MAX).is_ok()),
        What::Code(codes) => cells().all(|cell| {
            let folded = fold_for_match(cell);
            codes.iter().any(|(code, label)| [code, label].iter().any(|word| fold_for_match(word) == folded))
        }),
        _ => false,
    }
}
