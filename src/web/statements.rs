//! Who changed what: everything that was stated of the bodies that one answers for, latest first.

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cell::said;
use super::form::{Member, signed_page};
use super::lang::Lang;
use super::words::heads;
use crate::domain::access::Grant;
use crate::domain::catalogue::Catalogue;
use crate::domain::log::PastStatement;
use crate::http::ctx::{Answer, Ctx};
use crate::query::parameters::{Query, names};
use crate::query::row_history::PastStatementView;

const HEADINGS: [&str; 7] = ["手続・接点", "団体", "内容", "いつから", "だれが", "記録された時刻", "取込"];

/// So many statements stand on a page.
const SHOWN: usize = 100;

/// Which statements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementsQuery {
    /// How many are passed over.
    #[param(max_length = 10)]
    offset: Option<String>,
}

#[get("/statements")]
pub(super) async fn statements(ctx: Ctx, Member(session): Member) -> Answer {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<StatementsQuery>()]);
    let mut checks = query.checks();
    let offset = query.part::<StatementsQuery>().offset;
    let offset = checks.integer("offset", &offset, 0, 100_000_000).unwrap_or(0);
    checks.finish()?;
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let reach = session.origin.actor.grant.reach();
    let part = offset..offset.saturating_add(SHOWN);
    let (rows, count) = ctx.wait(move |service| service.latest_statements(reach, part)).await?;
    let catalogue = ctx.service().catalogue();
    let main = html! {
        p { "この鍵で見られる団体について、いつ、だれが、何を述べたかです。国の公表データは含みません。欄の名前から、その欄のすべての履歴に行けます。" }
        @if rows.is_empty() && count > 0 {
            div class="void" { b { "これより古いものはありません" } p { a href="/statements" { "新しいものから見る" } } }
        } @else if rows.is_empty() {
            div class="void" { b { "述べられたことはありません" } p { "表を取り込むか、画面で直すと、ここに並びます。" } }
        } @else {
            p { (count) "件のうち" (offset + 1) "〜" (offset + rows.len()) "件目（記録の新しい順）" }
            div class="scroll" role="region" aria-label="だれが何を変えたか" tabindex="0" {
                table class="stack" {
                    (heads(&HEADINGS))
                    tbody { @for past in &rows { (row(catalogue, past, &session.origin.actor.grant)) } }
                }
            }
            ul class="acts" {
                @if offset > 0 { li { a href=(format!("/statements?offset={}", offset.saturating_sub(SHOWN))) { "新しいもの" } } }
                @if offset + rows.len() < count { li { a href=(format!("/statements?offset={}", offset + SHOWN)) { "古いもの" } } }
            }
        }
    };
    Ok(signed_page(&ctx, "だれが何を変えたか", &main))
}

fn row(catalogue: &Catalogue, past: &PastStatement, grant: &Grant) -> Markup {
    let (view, key) = (PastStatementView::new(past), &past.assertion.key);
    let name = |code: &str| {
        let body = catalogue.find_body(code).map(|body| catalogue.body(body).name.as_str());
        body.unwrap_or_default().to_owned()
    };
    let code = key.municipality.to_string();
    // As imports are marked with whom they are of.
    let of_prefecture = past.by.prefecture.map(|code| code.to_string());
    let sender = past
        .by
        .municipality
        .map(|code| code.to_string())
        .or(of_prefecture)
        .unwrap_or_else(|| "all".to_owned());
    let procedure = catalogue.procedure_ix(key.procedure.as_str()).map(|ix| catalogue.procedure(ix));
    let channel = key.channel.as_ref().and_then(|id| catalogue.channel_ix(id.as_str()));
    html! {
        tr {
            th scope="row" {
                a href=(format!("/municipalities/{code}/readiness/{}", key.procedure)) { (procedure.map_or(key.procedure.as_str(), |one| one.short_ja.as_str())) }
                @match channel { Some(ix) => { " " span class="small weak" { (catalogue.channel(ix).label_ja) } }, None => { " " span class="small weak" { "手続の全体" } } }
            }
            td class="keep" data-label=(HEADINGS[1]) { a href=(format!("/municipalities/{code}")) { (name(&code)) } }
            td class="said" data-label=(HEADINGS[2]) { div { (said(Lang::Ja, &view)) @if let Some(section) = &view.section { " " (section) } @if let Some(note) = &view.note { " " span class="weak" { (note) } } @if view.taken_back { " " span class="weak" { "（取り消された）" } } } }
            td class="day" data-label=(HEADINGS[3]) { (view.effective_on) }
            td data-label=(HEADINGS[4]) { span { (view.role.label()) @if let Some(code) = &view.by_municipality { " " (name(code)) } @if let Some(code) = &view.by_prefecture { " " (code) } } }
            td class="day" data-label=(HEADINGS[5]) { (view.recorded_at.get(..16).unwrap_or_default().replace('T', " ")) }
            td data-label=(HEADINGS[6]) { span { @if let Some(id) = view.import_id { @if grant.sees(&sender) { a href=(format!("/imports/{id}")) { "取込" (id) } } @else { "取込" (id) } @if let Some(line) = view.line { "の" (line) "行目" } } @else { "1件ずつ（画面か API）" } } }
        }
    }
}
