//! Finding a body or a procedure by what people type: names, readings, codes, and several of them at once.

use actix_web::get;
use maud::html;
use serde::Deserialize;
use utoipa::IntoParams;

use super::frame::{Page, go_to};
use super::visit::{NothingAsked, Visit};
use crate::domain::municipality::MunicipalityKind;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::catalogue::{ProcedureView, Procedures};
use crate::query::municipalities::{
    Municipalities, Municipality, MunicipalityView, PrefectureView, Prefectures,
};
use crate::query::percent;

/// What is looked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchedFor {
    /// Words between blanks: each names a body or a procedure.
    #[param(max_length = 100)]
    q: Option<String>,
}

/// Words that are looked at.
const WORDS: usize = 5;
/// Bodies, and procedures, that are shown.
const SHOWN: usize = 50;

#[get("/search")]
pub(super) async fn search(ctx: Ctx) -> Answer {
    let (visit, asked) = Visit::begin::<SearchedFor>(&ctx).await?;
    let text = asked.q.unwrap_or_default();
    let found = Found::of(&visit, &text).await?;
    if let Some(place) = found.place() {
        return Ok(go_to(visit.link(&place)).finish());
    }
    visit.show(move |visit| {
    let lang = visit.lang;
    let title = lang.say("検索の結果", "Results");
    let main = html! {
        div class="head" {
            h1 { (title) }
            p class="lead" {
                @if text.trim().is_empty() { (lang.say("団体名、かな、団体コード、手続名を入れてください。", "Type a name, a reading, a code or a procedure.")) }
                @else if found.is_nothing() { "「" (text) "」" (lang.say("に当たる団体も手続もありません。名前の一部やかなでも探せます（例: 鉾田、ほこた、08234、罹災）。", ": no body and no procedure. Parts of names and readings are found too.")) }
                @else { "「" (text) "」" (lang.say("に当たるもの", ": what was found")) }
            }
        }
        @for (word, meant) in &found.missed {
            p { "「" (word) "」" (lang.say("は見つかりません。", " was not found. ")) @if let Some(code) = meant { (lang.say("もしかして: ", "Did you mean: ")) a href=(visit.link(&format!("/municipalities/{code}"))) { (code) } } }
        }
        @if !found.prefectures.is_empty() {
            section class="block" { h2 { (lang.say("都道府県", "Prefectures")) } ul class="acts" { @for row in &found.prefectures { li { a href=(visit.link(&format!("/prefectures/{}", row.prefecture))) { (row.name) } } } } }
        }
        @if !found.bodies.is_empty() {
            section class="block" {
                h2 { (lang.say("団体", "Bodies")) }
                @if found.bodies.len() > SHOWN { p class="small" { (found.bodies.len()) (lang.say("件のうち、はじめの", " found; the first ")) (SHOWN) (lang.say("件です。県名を添えると絞れます。", ". Add the prefecture to narrow it.")) } }
                ul class="moves" { @for row in found.bodies.iter().take(SHOWN) { li {
                    a href=(visit.link(&format!("/municipalities/{}", row.code))) { (row.name) } " " span class="weak" { (row.prefecture_name) " " (row.name_kana) " " (row.code) }
                    @for procedure in found.procedures.iter().take(3) { " " a href=(visit.link(&format!("/municipalities/{}/readiness/{}", row.code, procedure.id))) { (procedure.short_ja) } }
                } } }
            }
        }
        @if !found.procedures.is_empty() {
            section class="block" { h2 { (lang.say("手続", "Procedures")) } ul class="moves" { @for row in found.procedures.iter().take(SHOWN) { li { a href=(visit.link(&format!("/procedures/{}", row.id))) { (row.name_ja) } } } } }
        }
    };
    Page::new(visit, title).below("/", lang.say("全国", "Nation")).write(&main)
    }).await
}

/// What the words name.
#[derive(Default)]
struct Found {
    prefectures: Vec<PrefectureView>,
    bodies: Vec<MunicipalityView>,
    procedures: Vec<ProcedureView>,
    /// Words that name nothing, with what was probably meant.
    missed: Vec<(String, Option<String>)>,
}

impl Found {
    /// Every word narrows the bodies where it names one at all, else the procedures.
    async fn of(visit: &Visit<'_>, text: &str) -> Result<Self, Problem> {
        let mut bodies: Option<Vec<MunicipalityView>> = None;
        let mut procedures: Option<Vec<ProcedureView>> = None;
        let mut prefectures: Vec<PrefectureView> = Vec::new();
        let mut missed: Vec<(String, Option<String>)> = Vec::new();
        let all = visit.rows::<Prefectures>("/prefectures", "limit=50").await?.rows;
        for word in text.split_whitespace().take(WORDS) {
            let query = format!("q={}&limit=500", percent::encode(word));
            let named = all.iter().find(|row| is_prefecture(row, word)).cloned();
            let mut of_word = visit.rows::<Municipalities>("/municipalities", &query).await?.rows;
            // 京都府 stands in 東京都府中市, too.
            of_word.retain(|row| named.as_ref().is_none_or(|named| named.prefecture == row.prefecture));
            if !of_word.is_empty() {
                prefectures.extend(named);
                let narrowed = match bodies {
                    None => of_word,
                    Some(before) => before
                        .into_iter()
                        .filter(|row| of_word.iter().any(|other| other.code == row.code))
                        .collect(),
                };
                bodies = Some(narrowed);
                continue;
            }
            let of_word = visit.rows::<Procedures>("/procedures", &query).await?.rows;
            if of_word.is_empty() {
                missed.push((word.to_owned(), visit.meant_code(word)));
                continue;
            }
            let narrowed = match procedures {
                None => of_word,
                Some(before) => {
                    before.into_iter().filter(|row| of_word.iter().any(|other| other.id == row.id)).collect()
                }
            };
            procedures = Some(narrowed);
        }
        let (bodies, procedures) = (bodies.unwrap_or_default(), procedures.unwrap_or_default());
        Ok(Self { prefectures, bodies, procedures, missed })
    }

    fn is_nothing(&self) -> bool {
        self.prefectures.is_empty() && self.bodies.is_empty() && self.procedures.is_empty()
    }

    /// The one page that is meant, where there is one.
    fn place(&self) -> Option<String> {
        // What was not understood is told before anything is opened.
        if !self.missed.is_empty() {
            return None;
        }
        match (self.bodies.as_slice(), self.procedures.as_slice(), self.prefectures.as_slice()) {
            ([body], [procedure], _) => {
                Some(format!("/municipalities/{}/readiness/{}", body.code, procedure.id))
            }
            ([body], _, _) => Some(format!("/municipalities/{}", body.code)),
            ([], [procedure], []) => Some(format!("/procedures/{}", procedure.id)),
            (_, [], [prefecture])
                if self.bodies.iter().all(|body| body.prefecture == prefecture.prefecture) =>
            {
                Some(format!("/prefectures/{}", prefecture.prefecture))
            }
            _ => None,
        }
    }
}

/// Whether a word names a prefecture: with or without its last character.
fn is_prefecture(row: &PrefectureView, word: &str) -> bool {
    let plain = ['都', '府', '県'].iter().find_map(|end| row.name.strip_suffix(*end));
    word == row.name || plain == Some(word) || word == row.prefecture
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
