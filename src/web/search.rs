//! Finding a body or a procedure by what people type: names, readings, codes, and several of them at once.

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::frame::{Page, go_to};
use super::lang::Lang;
use super::visit::{NothingAsked, Seen, Told, Visit};
use crate::domain::municipality::MunicipalityKind;
use crate::http::ctx::{Answer, Ctx};
use crate::query::municipalities::Municipality;
use crate::query::percent;
use crate::query::search::{Hit, HitView, Search};

/// What is looked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchedFor {
    /// Words between blanks: each names a body or a procedure.
    #[param(max_length = 100)]
    q: Option<String>,
}

/// Bodies, and procedures, that are shown.
const SHOWN: usize = 50;
/// Procedures that are named beside a body.
const BESIDE: usize = 3;

#[get("/search")]
pub(super) async fn search(ctx: Ctx) -> Answer {
    let (visit, asked) = Visit::begin::<SearchedFor>(&ctx).await?;
    let text = asked.q.unwrap_or_default().trim().to_owned();
    let found = match text.is_empty() {
        true => None,
        false => {
            Some(visit.rows::<Search>("/search", &format!("q={}&limit=500", percent::encode(&text))).await?)
        }
    };
    if let Some(place) = found.as_ref().and_then(place) {
        return Ok(go_to(visit.link(place)).finish());
    }
    visit
        .show(move |visit| {
            let title = visit.lang.say("検索の結果", "Results");
            let main = html! {
                div class="head" { h1 { (title) } p class="lead" { (lead(visit.lang, &text, found.as_ref())) } }
                @if let Some(found) = &found { (results(visit, found)) }
            };
            let page = Page::new(visit, title).searched_for(&text).below("/", visit.lang.say("全国", "Nation"));
            match found {
                Some(found) => page.with_data(found.source).write(&main),
                None => page.write(&main),
            }
        })
        .await
}

fn of_kind(found: &Told<HitView>, kind: Hit) -> impl Iterator<Item = &HitView> {
    found.rows.iter().filter(move |hit| hit.kind == kind)
}

fn lead(lang: Lang, text: &str, found: Option<&Told<HitView>>) -> Markup {
    let Some(found) = found else {
        return html! { (lang.say("団体名、かな、団体コード、手続名を入れてください。", "Type a name, a reading, a code or a procedure.")) };
    };
    let is_nothing = found.rows.iter().all(|hit| [Hit::Unknown, Hit::Near].contains(&hit.kind));
    html! {
        "「" (text) "」"
        @if is_nothing { (lang.say("に当たる団体も手続もありません。名前の一部やかなでも探せます（例: 鉾田、ほこた、08234、罹災、りさい）。", ": no body and no procedure. Parts of names and readings are found too.")) }
        @else { (lang.say("に当たるもの", ": what was found")) }
    }
}

fn results(visit: &Seen, found: &Told<HitView>) -> Markup {
    let lang = visit.lang;
    let to = |hit: &HitView| visit.link(hit.page.as_deref().unwrap_or("/"));
    let bodies: Vec<&HitView> = of_kind(found, Hit::Municipality).collect();
    let is_cut = bodies.len() > SHOWN || found.rows.len() < found.count;
    html! {
        @for word in of_kind(found, Hit::Unknown) {
            p { "「" (word.name) "」" (lang.say("は見つかりません。", " was not found. ")) @if let Some(code) = &word.suggestion { (lang.say("もしかして: ", "Did you mean: ")) a href=(visit.link(&format!("/municipalities/{code}"))) { (code) } } }
        }
        @if of_kind(found, Hit::Near).next().is_some() {
            p { (lang.say("もしかして:", "Did you mean:")) }
            ul class="acts" { @for hit in of_kind(found, Hit::Near) { li { a href=(to(hit)) { (hit.name) } } } }
        }
        @if of_kind(found, Hit::Prefecture).next().is_some() {
            section class="block" { h2 { (lang.say("都道府県", "Prefectures")) } ul class="acts" { @for hit in of_kind(found, Hit::Prefecture) { li { a href=(to(hit)) { (hit.name) } } } } }
        }
        @if !bodies.is_empty() {
            section class="block" {
                h2 { (lang.say("団体", "Bodies")) }
                @if is_cut { p class="small" { (lang.say("はじめの", "The first ")) (bodies.len().min(SHOWN)) (lang.say("件です。県名を添えると絞れます。", " of those found. Add the prefecture to narrow it.")) } }
                ul class="moves" { @for hit in bodies.iter().take(SHOWN) { li {
                    a href=(to(hit)) { (hit.name) } " " span class="weak" { (hit.name_kana.as_deref().unwrap_or_default()) " " (hit.municipality_code.as_deref().unwrap_or_default()) }
                    @if !hit.other_names.is_empty() { " " span class="weak" { (lang.say("（前の名称・区: ", "(former names and wards: ")) (hit.other_names.join("、")) (lang.say("）", ")")) } }
                    @for row in of_kind(found, Hit::Row).filter(|row| row.municipality_code == hit.municipality_code).take(BESIDE) { " " a href=(to(row)) { (visit.short_name(row.procedure_id.as_deref().unwrap_or_default())) } }
                } } }
            }
        }
        @if of_kind(found, Hit::Procedure).next().is_some() {
            section class="block" { h2 { (lang.say("手続", "Procedures")) } ul class="moves" { @for hit in of_kind(found, Hit::Procedure) { li { a href=(to(hit)) { (hit.name) } } } } }
        }
    }
}

/// The one page that is meant, where there is one.
fn place(found: &Told<HitView>) -> Option<&str> {
    let all = |kind: Hit| of_kind(found, kind).collect::<Vec<&HitView>>();
    // What was not understood is told before anything is opened.
    if of_kind(found, Hit::Unknown).next().is_some() {
        return None;
    }
    let (prefectures, bodies) = (all(Hit::Prefecture), all(Hit::Municipality));
    let (procedures, rows) = (all(Hit::Procedure), all(Hit::Row));
    let one = match (prefectures.as_slice(), bodies.as_slice(), procedures.as_slice(), rows.as_slice()) {
        ([], [_], [_], [row]) => row,
        ([], [body], ..) => body,
        ([], [], [procedure], _) => procedure,
        // All of a prefecture: the prefecture is meant.
        ([prefecture], bodies, [], _) if bodies.iter().all(|body| within(body) == within(prefecture)) => {
            prefecture
        }
        _ => return None,
    };
    one.page.as_deref()
}

/// The number of the prefecture that a body lies in.
fn within(hit: &HitView) -> Option<&str> {
    hit.municipality_code.as_deref()?.get(..2)
}

#[get("/{code:[0-9]{2}}")]
pub(super) async fn typed_prefecture(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    Ok(go_to(visit.link(&format!("/prefectures/{}", ctx.named("code")))).finish())
}

#[get("/{code:[0-9]{5,6}}")]
pub(super) async fn typed_body(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let code = ctx.named("code");
    let body = visit.one::<Municipality>(&format!("/municipalities/{code}"), "").await?;
    let place = match body.kind {
        MunicipalityKind::Prefecture => format!("/prefectures/{}", body.prefecture),
        _ => format!("/municipalities/{}", body.code),
    };
    Ok(go_to(visit.link(&place)).finish())
}
