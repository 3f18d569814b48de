//! What a page was asked for, as a form and as a sentence, and the way from one page of a list to the next.

use maud::{Markup, html};

use super::lang::Lang;
use super::passed::Passed;
use super::visit::Seen;
use crate::domain::municipality::{MunicipalityKind, PrefectureCode};
use crate::domain::procedure::Category;
use crate::domain::readiness::{Evidence, Level, State};
use crate::query::figures::By;

/// What may be chosen of one parameter.
pub(super) struct Choice<'c> {
    /// The parameter.
    pub(super) name: &'static str,
    /// What it is called.
    pub(super) label: &'c str,
    /// What stands for not choosing.
    pub(super) none: &'c str,
    /// Codes with their names.
    pub(super) options: Vec<(String, String)>,
}

/// A form above what it changes: what may be chosen, whatever else was asked as it is, and one button.
pub(super) fn form(visit: &Seen, passed: &Passed, choices: &[Choice<'_>], fields: &[Field<'_>]) -> Markup {
    let lang = visit.lang;
    let shown = |name: &str| {
        choices.iter().any(|choice| choice.name == name) || fields.iter().any(|field| field.name == name)
    };
    html! {
        form class="filters" method="get" action=(visit.path()) {
            @for choice in choices {
                @let chosen = passed.get(choice.name);
                div {
                    label for=(choice.name) { (choice.label) }
                    select id=(choice.name) name=(choice.name) {
                        option value="" { (choice.none) }
                        @for (code, name) in &choice.options { option value=(code) selected[chosen == Some(code)] { (name) } }
                        // What no list offers was asked all the same.
                        @if let Some(other) = chosen.filter(|chosen| choice.options.iter().all(|(code, _)| code != chosen)) { option value=(other) selected { (value_name(visit, choice.name, other)) } }
                    }
                }
            }
            @for field in fields {
                div {
                    label for=(field.name) { (field.label) }
                    input type="text" id=(field.name) name=(field.name) maxlength=(field.longest) inputmode=[field.number.then_some("numeric")] value=(passed.get(field.name).unwrap_or_default());
                }
            }
            @for (name, value) in passed.pairs().filter(|(name, _)| !shown(name) && !PAGING.contains(name)) { input type="hidden" name=(name) value=(value); }
            @for (name, value) in visit.hidden(&[]) { input type="hidden" name=(name) value=(value); }
            button type="submit" { (lang.say("表示", "Show")) }
        }
    }
}

/// A parameter that is typed.
pub(super) struct Field<'c> {
    /// The parameter.
    pub(super) name: &'static str,
    /// What it is called.
    pub(super) label: &'c str,
    /// Most characters.
    pub(super) longest: usize,
    /// Whether it is a number.
    pub(super) number: bool,
}

/// What says which part of a list is shown.
const PAGING: &[&str] = &["limit", "offset"];

/// What was asked, each condition with the way to leave it out.
pub(super) fn conditions(visit: &Seen, passed: &Passed) -> Markup {
    let lang = visit.lang;
    let said: Vec<(&str, &str)> = passed.pairs().filter(|(name, _)| !PAGING.contains(name)).collect();
    html! {
        @if !said.is_empty() {
            p class="vh" { (lang.say("選んだ条件", "Conditions")) }
            ul class="acts" {
                @for (name, value) in said {
                    @let words = format!("{}: {}", name_of(lang, name), values_name(visit, name, value));
                    li { (words) " " a href=(visit.here(&[name, "offset"], &[])) { (lang.say("外す", "Drop")) span class="vh" { " " (words) } } }
                }
            }
        }
    }
}

/// What was asked, in a line.
pub(super) fn scope(visit: &Seen, passed: &Passed, everything: &str) -> String {
    let said = passed.pairs().filter(|(name, _)| !PAGING.contains(name) && *name != "sort" && *name != "by");
    let said: Vec<String> = said
        .map(|(name, value)| format!("{} {}", name_of(visit.lang, name), values_name(visit, name, value)))
        .collect();
    if said.is_empty() { everything.to_owned() } else { said.join("、") }
}

/// What parameters are called.
const NAMES: &[(&str, &str, &str)] = &[
    ("municipality", "団体", "bodies"),
    ("prefecture", "都道府県", "prefecture"),
    ("kind", "種別", "kind"),
    ("population_min", "人口（以上）", "population from"),
    ("population_max", "人口（以下）", "population to"),
    ("procedure", "手続", "procedure"),
    ("category", "分野", "field"),
    ("list", "手続一覧", "list"),
    ("channel", "接点", "channel"),
    ("place", "場所", "place"),
    ("level_min", "段階（以上）", "level from"),
    ("level_max", "段階（以下）", "level to"),
    ("state", "状態", "state"),
    ("evidence", "根拠", "evidence"),
    ("system", "システム", "system"),
    ("stale_days", "確認されない日数", "days without confirmation"),
    ("updated_since", "いつから変わった", "changed since"),
    ("threshold", "しきい値", "threshold"),
    ("basis", "集計の基礎", "basis"),
    ("not_applicable", "制度なしの扱い", "what is not performed"),
    ("by", "集計単位", "grouped by"),
    ("compare", "並べる指標", "beside"),
    ("sort", "並び順", "order"),
    ("part", "結果の1つ", "part"),
    ("fiscal_year", "年度", "fiscal year"),
    ("base", "母数", "base"),
    ("against", "段階の上限", "against"),
    ("bins", "度数の区間", "bins"),
    ("no_answer", "未回答", "not answered"),
    ("definition", "指標", "measure"),
    ("when", "今かこれからか", "when"),
    ("source", "出所", "source"),
    ("q", "検索語", "search"),
];

fn name_of(lang: Lang, name: &str) -> &str {
    NAMES.iter().find(|(known, ..)| *known == name).map_or(name, |(_, ja, en)| lang.say(*ja, *en))
}

/// Values that are named at most; of more their number is told.
const NAMED: usize = 5;

fn values_name(visit: &Seen, name: &str, values: &str) -> String {
    let all: Vec<&str> = values.split(',').collect();
    if all.len() > NAMED {
        let first = value_name(visit, name, all[0]);
        return visit
            .lang
            .say(format!("{first}など{}件", all.len()), format!("{first} and {} more", all.len() - 1));
    }
    all.into_iter().map(|value| value_name(visit, name, value)).collect::<Vec<String>>().join("・")
}

/// What a value is called, where it is a code.
fn value_name(visit: &Seen, name: &str, value: &str) -> String {
    let label = match name {
        "municipality" => Some(visit.name_of(value)),
        "prefecture" => value.parse::<PrefectureCode>().ok().and_then(|code| visit.prefecture_name(code)),
        "kind" => value
            .parse()
            .ok()
            .map(|kind: MunicipalityKind| visit.lang.say(kind.label(), kind.meaning()).to_owned()),
        "category" => value
            .parse()
            .ok()
            .map(|field: Category| visit.lang.say(field.label(), field.meaning()).to_owned()),
        "procedure" => Some(visit.short_name(value).to_owned()),
        "channel" => Some(visit.channel_name(value).to_owned()),
        "state" => {
            value.parse().ok().map(|state: State| visit.lang.say(state.label(), state.meaning()).to_owned())
        }
        "evidence" => {
            value.parse().ok().map(|one: Evidence| visit.lang.say(one.label(), one.meaning()).to_owned())
        }
        "by" => value.parse().ok().map(|by: By| visit.lang.say(by.label(), by.meaning()).to_owned()),
        "compare" | "definition" => Some(visit.definition_name(value).to_owned()),
        _ => None,
    };
    label.unwrap_or_else(|| value.to_owned())
}

/// Which prefecture.
pub(super) fn prefectures<'c>(visit: &Seen, lang: Lang) -> Choice<'c> {
    Choice {
        name: "prefecture",
        label: lang.say("都道府県", "Prefecture"),
        none: lang.say("すべて", "All"),
        options: visit.prefectures().map(|(code, name)| (code.to_string(), name.to_owned())).collect(),
    }
}

/// Which kind of body.
pub(super) fn kinds<'c>(lang: Lang) -> Choice<'c> {
    let option =
        |kind: &MunicipalityKind| (kind.code().to_owned(), lang.say(kind.label(), kind.meaning()).to_owned());
    Choice {
        name: "kind",
        label: lang.say("種別", "Kind"),
        none: lang.say("市区町村すべて", "All municipalities"),
        options: MunicipalityKind::ALL.iter().map(option).collect(),
    }
}

/// Which field.
pub(super) fn fields_of_procedures<'c>(lang: Lang) -> Choice<'c> {
    let option =
        |field: &Category| (field.code().to_owned(), lang.say(field.label(), field.meaning()).to_owned());
    Choice {
        name: "category",
        label: lang.say("分野", "Field"),
        none: lang.say("すべて", "All"),
        options: Category::ALL.iter().map(option).collect(),
    }
}

/// A level at one end of a range.
pub(super) fn level<'c>(lang: Lang, name: &'static str, label: &'c str) -> Choice<'c> {
    let options = Level::all().map(|level| (level.to_string(), level.to_string())).collect();
    Choice { name, label, none: lang.say("指定しない", "Any"), options }
}

/// Range of inhabitants.
pub(super) fn population<'c>(lang: Lang) -> [Field<'c>; 2] {
    let field = |name, label| Field { name, label, longest: 9, number: true };
    [
        field("population_min", lang.say("人口（以上）", "Population from")),
        field("population_max", lang.say("人口（以下）", "to")),
    ]
}

/// Where a page of a list begins, how many it has, and of how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) offset: usize,
    pub(super) shown: usize,
    pub(super) all: usize,
    pub(super) limit: usize,
}

/// Which rows of how many are shown, and the ways to those before and after.
pub(super) fn pages(visit: &Seen, span: Span) -> Markup {
    let lang = visit.lang;
    let Span { offset, shown, all, limit } = span;
    let to = |offset: usize| {
        let offset = offset.to_string();
        let pair = [("offset", offset.as_str())];
        visit.here(&["offset"], if offset == "0" { &[] } else { &pair })
    };
    let number = |number: usize| super::words::grouped(u64::try_from(number).unwrap_or(u64::MAX));
    html! {
        @if shown < all {
            nav class="acts" aria-label=(lang.say("続き", "Pages")) {
                span { (number(all)) (lang.say("件中 ", " in all: ")) (number((offset + 1).min(all))) "〜" (number(offset + shown)) }
                @if offset > 0 { a rel="prev" href=(to(offset.saturating_sub(limit))) { (lang.say("← 前へ", "← Before")) } }
                @if offset + shown < all { a rel="next" href=(to(offset + limit)) { (lang.say("次へ →", "After →")) } }
            }
        }
    }
}
