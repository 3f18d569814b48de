//! Words and small pieces that stand on many pages.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::chart::{Bar, Part};
use super::lang::Lang;
use super::visit::{Data, Seen, Told};
use crate::domain::municipality::{MunicipalityKind, PopulationBand};
use crate::domain::procedure::Category;
use crate::domain::readiness::Scale;
use crate::query::cell_words::{CellLook, CellWords, cell_words};
use crate::query::figures::{FigureView, Percent};

/// The class by which a look is drawn.
pub(super) fn class_of(look: CellLook) -> &'static str {
    match look {
        CellLook::Nothing => "c-nothing",
        CellLook::Little => "c-little",
        CellLook::Offered => "c-offered",
        CellLook::Complete => "c-complete",
        CellLook::Resting => "c-resting",
        CellLook::NotPerformed => "c-off",
        CellLook::NoAnswer => "c-unanswered",
        CellLook::NotExpected => "c-unasked",
    }
}

/// A cell of a table that holds a state.
pub(super) fn state_cell(lang: Lang, words: &CellWords) -> Markup {
    html! {
        td class=(format!("state {}", class_of(words.look))) { span aria-hidden="true" { (lang.say(words.short, words.short_en)) } span class="vh" { (label_of(lang, words)) } }
    }
}

/// The whole of a state in words.
pub(super) fn label_of(lang: Lang, words: &CellWords) -> &str {
    lang.say(&words.label, &words.label_en)
}

/// What rows of figures are of in words: the name of a body, a kind, a band, a field.
pub(super) fn name_of_group(lang: Lang, figure: &FigureView) -> &str {
    let key = figure.key.as_str();
    let known = || {
        let kind = MunicipalityKind::ALL.iter().find(|one| one.code() == key).map(|one| one.meaning());
        let band = PopulationBand::ALL.iter().find(|one| one.code() == key).map(|one| one.meaning());
        let field = Category::ALL.iter().find(|one| one.code() == key).map(|one| one.meaning());
        kind.or(band).or(field)
    };
    match lang {
        Lang::Ja => figure.label.as_str(),
        Lang::En => known().unwrap_or(figure.label.as_str()),
    }
}

/// A state as a mark in a line of text, with its label.
pub(super) fn mark(lang: Lang, words: &CellWords) -> Markup {
    html! { span class=(format!("mark {}", class_of(words.look))) { (words.letter) } " " (label_of(lang, words)) }
}

/// What the states of a picture mean: of those that are in it.
pub(super) fn legend_of<'c>(lang: Lang, scale: Scale, codes: impl Iterator<Item = &'c str>) -> Markup {
    let codes: BTreeSet<&str> = codes.filter(|code| *code != "not_expected").collect();
    legend(lang, scale, &codes.into_iter().collect::<Vec<&str>>())
}

/// What the states of a table mean whose cells hold the short words.
pub(super) fn legend_of_cells<'c>(lang: Lang, scale: Scale, codes: impl Iterator<Item = &'c str>) -> Markup {
    let codes: BTreeSet<&str> = codes.filter(|code| *code != "not_expected").collect();
    html! {
        p class="vh" { (lang.say("凡例", "Legend")) }
        ul class="legend" { @for code in codes {
            @let words = cell_words(code, scale);
            li { span class=(format!("mark {}", class_of(words.look))) { (lang.say(words.short, words.short_en)) } " " (label_of(lang, &words)) }
        } }
    }
}

/// What states mean.
pub(super) fn legend(lang: Lang, scale: Scale, codes: &[&str]) -> Markup {
    html! {
        p class="vh" { (lang.say("凡例", "Legend")) }
        ul class="legend" {
            @for code in codes { li { (mark(lang, &cell_words(code, scale))) } }
        }
    }
}

/// The field of a procedure by its id: fields stand in the order in which the state lists them.
pub(super) fn field(procedure: &str) -> Option<Category> {
    procedure.rsplit_once('-')?.0.parse().ok()
}

/// Figures of fields in the order in which the state lists them.
pub(super) fn in_order(mut told: Told<FigureView>) -> Told<FigureView> {
    told.rows.sort_by_key(|figure| figure.key.parse::<Category>().ok());
    told
}

/// A percentage, or a dash where there is none.
pub(super) fn percent(value: Option<Percent>) -> String {
    value.map_or_else(|| "－".to_owned(), |value| format!("{value}%"))
}

/// The value of a figure with the range that what is not known leaves open.
pub(super) fn value(lang: Lang, figure: &FigureView) -> Markup {
    let range = figure.value_min.zip(figure.value_max).filter(|(least, most)| least != most);
    html! {
        @match (figure.value.filter(|_| !is_hardly_answered(figure)), range) {
            (Some(_), Some((least, most))) => { (least) "〜" (most) "%" },
            (Some(value), None) => { (value) "%" },
            (None, Some((least, most))) => {
                (lang.say("判定できません", "Not known")) " " span class="weak" { (least) "〜" (most) "%" }
            },
            (None, None) => { (lang.say("該当なし", "Nothing to count")) },
        }
    }
}

/// Whether so few have answered that a range from nothing to everything would pass for a figure.
pub(super) fn is_hardly_answered(figure: &FigureView) -> bool {
    (figure.denominator - figure.unknown) * 100 < figure.denominator
}

/// The definitions that are put beside the online rate.
pub(super) const BESIDE: &str =
    "da26_rate,mic_rate,digital_complete_rate,kakanai_rate,onestop_rate,omnichannel_rate,freshness";

/// The values of several definitions below each other.
pub(super) fn measures(visit: &Seen, told: &Told<FigureView>, scope: &str) -> Markup {
    let lang = visit.lang;
    html! {
        table {
            thead { tr {
                th scope="col" { (lang.say("指標", "Measure")) }
                th scope="col" class="num" { (lang.say("値", "Value")) }
                th scope="col" class="num" { (lang.say("数", "Counts")) }
            } }
            tbody { @for figure in &told.rows { tr {
                th scope="row" { a href=(visit.link(&format!("/definitions#{}", figure.definition))) { (visit.definition_name(figure.definition)) } }
                td class="num" { (value(lang, figure)) }
                td class="num" { (fraction(figure)) }
            } } }
        }
        p class="acts" { a href=(visit.link("/definitions")) { (lang.say("数え方と、ほかの切り口", "How they are counted, and other groupings")) } }
        (notes(visit, scope, None, &told.source))
    }
}

/// The head of a table whose rows stand as blocks on a narrow screen, where each cell is led in by its heading
/// (`data-label`).
pub(super) fn heads(headings: &[&str]) -> Markup {
    html! { thead { tr { @for heading in headings { th scope="col" { (heading) } } } } }
}

/// The median of bodies with the middle half of them.
pub(super) fn median_card(lang: Lang, all: &FigureView) -> Markup {
    html! {
        section class="card" aria-labelledby="card-median" {
            h2 id="card-median" { (lang.say("団体の中央値", "Median of bodies")) }
            p class="value" { (percent(all.median)) }
            @if let (Some(q1), Some(q3)) = (all.q1, all.q3) {
                (Bar::default().band(q1.tenths(), q3.tenths()).mark(tenths(all.median)).show())
                p { (lang.say("半数の団体が ", "Half of them: ")) (q1) "〜" (q3) "%" }
            }
        }
    }
}

/// A percentage as the length of a bar.
pub(super) fn tenths(value: Option<Percent>) -> Option<u32> {
    value.map(Percent::tenths)
}

/// A figure as a bar: what counts, and what is not known.
pub(super) fn range_bar(figure: &FigureView) -> Bar {
    let (least, most) = (tenths(figure.value_min).unwrap_or(0), tenths(figure.value_max).unwrap_or(0));
    Bar::of(least).then(most.saturating_sub(least), Part::Unknown)
}

/// What a figure is made of: numerator and denominator.
pub(super) fn fraction(figure: &FigureView) -> String {
    match figure.value {
        // Nothing was counted: a nought would say that none is there.
        None => format!("－ / {}", grouped(figure.denominator)),
        Some(_) => format!("{} / {}", grouped(figure.numerator), grouped(figure.denominator)),
    }
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The line below a block: what it is about, what is not known, of which day, and where it is found as data.
pub(super) fn notes(visit: &Seen, scope: &str, unknown: Option<&str>, data: &Data) -> Markup {
    let lang = visit.lang;
    html! {
        p class="notes" {
            span { (lang.say("対象 ", "Scope: ")) (scope) }
            @if let Some(unknown) = unknown { span { (lang.say("未回答 ", "Not known: ")) (unknown) } }
            span { (lang.say("基準日 ", "As of ")) (visit.as_of()) }
            span { (lang.say("出典 ページの下", "Sources: foot of the page")) }
            span { a href=(data.csv()) { "CSV" } " " a href=(data.json()) { "JSON" } }
        }
    }
}

/// A table that may be wider than the window, in a part of the page that scrolls, also by keyboard.
pub(super) fn scroll(name: &str, table: &Markup) -> Markup {
    html! { div class="scroll" tabindex="0" role="region" aria-label=(name) { (table) } }
}

/// A block that has nothing to show: what is missing, and the way to get it.
pub(super) fn nothing(title: &str, text: &str) -> Markup {
    html! { div class="void" { b { (title) } p { (text) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
