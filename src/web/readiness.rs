//! Statements of any selection, one line each.

use actix_web::get;
use maud::{Markup, html};

use super::filters::{
    Choice, Field, Span, conditions, fields_of_procedures, form, kinds, level, pages, prefectures, scope,
};
use super::frame::Page;
use super::passed::Passed;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{grouped, mark, notes, nothing, scroll};
use crate::domain::readiness::{Evidence, Level, State};
use crate::http::ctx::{Answer, Ctx};
use crate::query::cell_words::stated_words;
use crate::query::readiness::{ReadinessView, Statements};

/// Rows of a page unless another number is asked for.
const ROWS: usize = 100;

#[get("/readiness")]
pub(super) async fn readiness(ctx: Ctx) -> Answer {
    let (visit, passed, _) = Visit::over::<Statements, NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let told = visit
        .rows::<Statements>("/readiness", &passed.clone().or("limit", &ROWS.to_string()).query())
        .await?;
    let data = visit.data("/readiness", &passed.query());
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("対応状況の一覧", "Statements"))
                .below("/", lang.say("全国", "Nation"))
                .with_data(data);
            page.write(&main(visit, &passed, &told))
        })
        .await
}

fn main(visit: &Seen, passed: &Passed, told: &Told<ReadinessView>) -> Markup {
    let lang = visit.lang;
    let number = |text: Option<&str>, or| text.and_then(|text| text.parse().ok()).unwrap_or(or);
    let span = Span {
        offset: number(passed.get("offset"), 0),
        shown: told.rows.len(),
        all: told.count,
        limit: number(passed.get("limit"), ROWS),
    };
    html! {
        div class="head" {
            h1 { (lang.say("対応状況の一覧", "Statements")) }
            p class="lead" { (lang.say("述べられていることを1行に1つずつ示します: ", "What was stated, a line each: ")) b { (grouped(u64::try_from(told.count).unwrap_or(u64::MAX))) } (lang.say("件", "")) }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ だれも述べていない欄は出ません", "; what nobody stated has no line")) }
            p class="acts" { a href=(told.source.csv()) { "CSV" } a href=(told.source.json()) { "JSON" } }
        }
        (form(visit, passed, &choices(visit), &[Field { name: "system", label: lang.say("システムの名前", "Name of the system"), longest: 100, number: false }]))
        (conditions(visit, passed))
        section class="block" aria-labelledby="rows" {
            h2 id="rows" { (lang.say("述べられていること", "What was stated")) }
            @if told.rows.is_empty() {
                (nothing(lang.say("この条件で述べられていることはありません", "Nothing is stated under these conditions"), lang.say("条件を減らしてください。", "Drop one of them.")))
            } @else {
                (table(visit, &told.rows))
                (pages(visit, span))
                (notes(visit, &scope(visit, passed, lang.say("すべて", "everything")), None, &told.source))
            }
        }
    }
}

fn choices<'c>(visit: &Seen) -> Vec<Choice<'c>> {
    let lang = visit.lang;
    let any = lang.say("指定しない", "Any");
    let choice = |name, label, options| Choice { name, label, none: any, options };
    let procedures = visit.procedures().map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    let channels = visit.channels().map(|id| (id.to_owned(), visit.channel_name(id).to_owned())).collect();
    let state = |one: &State| (one.code().to_owned(), lang.say(one.label(), one.meaning()).to_owned());
    let evidence = |one: &Evidence| (one.code().to_owned(), lang.say(one.label(), one.meaning()).to_owned());
    vec![
        prefectures(visit, lang),
        kinds(lang),
        fields_of_procedures(lang),
        choice("procedure", lang.say("手続", "Procedure"), procedures),
        choice("channel", lang.say("接点", "Channel"), channels),
        level(lang, "level_min", lang.say("段階（以上）", "Level from")),
        level(lang, "level_max", lang.say("段階（以下）", "to")),
        choice("state", lang.say("状態", "State"), State::ALL.iter().map(state).collect()),
        choice("evidence", lang.say("根拠", "Evidence"), Evidence::ALL.iter().map(evidence).collect()),
    ]
}

fn table(visit: &Seen, rows: &[ReadinessView]) -> Markup {
    let lang = visit.lang;
    scroll(
        lang.say("対応状況（表）", "Statements (table)"),
        &html! {
            table class="rows" {
                thead { tr {
                    th scope="col" { (lang.say("団体", "Body")) }
                    th scope="col" { (lang.say("手続", "Procedure")) }
                    th scope="col" { (lang.say("段階", "Level")) }
                    th scope="col" { (lang.say("接点", "Channel")) }
                    th scope="col" { (lang.say("システム", "System")) }
                    th scope="col" { (lang.say("いつから", "Since")) }
                    th scope="col" { (lang.say("だれの言葉か", "Whose word")) }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" { a href=(visit.link(&format!("/municipalities/{}", row.municipality_code))) { (row.municipality_name) } " " span class="small weak" { (row.municipality_code) } }
                    td { a href=(visit.link(&format!("/municipalities/{}/readiness/{}", row.municipality_code, row.procedure_id))) { (visit.short_name(&row.procedure_id)) } }
                    td {
                        @match (row.level.and_then(Level::new), row.state) {
                            (Some(level), Some(state)) => { (mark(lang, &stated_words(level, row.at_least.unwrap_or(false), state, row.scale))) },
                            _ => { (lang.say("述べられていない", "withdrawn")) },
                        }
                        @if row.set_aside_by.is_some() { " " span class="small weak" { (lang.say("（ほかの申告を優先）", " (set aside)")) } }
                    }
                    td { (visit.channel_name(&row.channel)) }
                    td { @if let Some(system) = &row.system { (system) } }
                    td class="day" { @if let Some(on) = row.effective_on { (on) } }
                    td { @if let Some(source) = row.source { (lang.say(source.label(), source.code())) } @if let Some(evidence) = row.evidence.filter(|one| row.source.is_none_or(|source| source.label() != one.label())) { " " span class="small weak" { (lang.say(evidence.label(), evidence.meaning())) } } }
                } } }
            }
        },
    )
}
