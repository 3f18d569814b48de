//! The score card: each procedure of a body, at home and at the counter, beside what its peers do.

use std::collections::HashMap;

use maud::{Markup, html};

use super::chart::Bar;
use super::visit::{Seen, Told};
use super::words::{field, legend_of_cells, notes, percent, state_cell, tenths};
use crate::domain::procedure::Category;
use crate::domain::readiness::Scale;
use crate::query::cell_words::cell_words;
use crate::query::figures::{FigureView, Percent};
use crate::query::matrix::MatrixCellView;

/// The score card of a body: its cells, and what share of its peers offers each procedure online.
pub(super) fn score_card(
    visit: &Seen,
    code: &str,
    told: &Told<MatrixCellView>,
    by_peers: &Told<FigureView>,
) -> Markup {
    let lang = visit.lang;
    let shares: HashMap<&str, Option<Percent>> =
        by_peers.rows.iter().map(|figure| (figure.key.as_str(), figure.value)).collect();
    let mut cells: Vec<&MatrixCellView> = told
        .rows
        .iter()
        .filter(|cell| [&cell.online, &cell.counter].iter().any(|code| code.as_ref() != "not_expected"))
        .collect();
    cells.sort_by_key(|cell| field(&cell.procedure_id));
    let unanswered = |code: &dyn Fn(&&MatrixCellView) -> bool| cells.iter().filter(|cell| code(cell)).count();
    let online = unanswered(&|cell| cell.online == "no_answer");
    let counter = unanswered(&|cell| cell.counter == "no_answer");
    let half = halves(&cells);
    html! {
        section class="block" aria-labelledby="score" {
            h2 id="score" { (lang.say("手続ごとの状況", "Each procedure")) }
            (legend_of_cells(lang, Scale::Online, cells.iter().map(|cell| cell.online.as_ref())))
            @if cells.iter().any(|cell| !["no_answer", "na", "other_body", "ab", "not_expected"].contains(&cell.counter.as_ref())) {
                (legend_of_cells(lang, Scale::Counter, cells.iter().map(|cell| cell.counter.as_ref())))
            }
            div class="cols half" {
                @for group in half { (table(visit, code, group, &shares)) }
            }
            (notes(
                visit,
                &format!("{}{}", cells.len(), lang.say("手続", " procedures")),
                Some(&format!("{} {online}{} {counter}", lang.say("オンライン", "online"), lang.say("、窓口・近場", ", counters"))),
                &told.source,
            ))
        }
    }
}

/// The rows in two halves, cut where a field ends.
fn halves<'a, 'r>(cells: &'a [&'r MatrixCellView]) -> Vec<&'a [&'r MatrixCellView]> {
    let of = |at: usize| field(&cells[at].procedure_id);
    let ends: Vec<usize> = (1..cells.len()).filter(|at| of(*at) != of(at - 1)).collect();
    let middle = ends.into_iter().min_by_key(|at| at.abs_diff(cells.len() / 2)).unwrap_or(cells.len());
    let (one, two) = cells.split_at(middle);
    [one, two].into_iter().filter(|half| !half.is_empty()).collect()
}

fn table(
    visit: &Seen,
    body: &str,
    cells: &[&MatrixCellView],
    shares: &HashMap<&str, Option<Percent>>,
) -> Markup {
    let lang = visit.lang;
    let of = |cell: &MatrixCellView| field(&cell.procedure_id);
    html! {
        table class="score" {
            thead { tr {
                th scope="col" { (lang.say("手続", "Procedure")) }
                th scope="col" { (lang.say("自宅で", "At home")) }
                th scope="col" { (lang.say("窓口・近場", "Counter")) }
                th scope="col" colspan="2" { (lang.say("類似団体で可", "Similar bodies online")) }
            } }
            @for group in cells.chunk_by(|one, other| of(one) == of(other)) {
                tbody {
                    tr class="group" { th scope="rowgroup" colspan="5" { (of(group[0]).map_or("", Category::label)) } }
                    @for cell in group {
                        @let share = shares.get(cell.procedure_id.as_str()).copied().flatten();
                        tr id=(cell.procedure_id) {
                            th scope="row" { a href=(visit.link(&format!("/municipalities/{body}/readiness/{}", cell.procedure_id))) title=(cell.procedure_name) { (visit.short_name(&cell.procedure_id)) } }
                            (state_cell(lang, &cell_words(&cell.online, Scale::Online)))
                            (state_cell(lang, &cell_words(&cell.counter, Scale::Counter)))
                            td class="bars less" { (Bar::of(tenths(share).unwrap_or(0)).show()) }
                            td class="num" { (percent(share)) }
                        }
                    }
                }
            }
        }
    }
}
