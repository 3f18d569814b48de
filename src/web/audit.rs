//! The audit log: who did what, newest first.

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::form::{Member, signed_page};
use super::who::Keys;
use crate::domain::audit::{AuditAction, AuditFilter, Link, hex};
use crate::domain::dates::in_japan;
use crate::http::ctx::{Answer, Ctx};
use crate::query::parameters::{Query, names};
use crate::query::percent;

/// So many entries stand on a page.
const SHOWN: u32 = 100;

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LogQuery {
    /// Of whom.
    #[param(max_length = 200)]
    actor: Option<String>,
    /// What was done.
    #[param(max_length = 40)]
    action: Option<String>,
    /// How many are passed over.
    #[param(max_length = 10)]
    offset: Option<String>,
}

#[get("/audit")]
pub(super) async fn log(ctx: Ctx, Member(session): Member) -> Answer {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<LogQuery>()]);
    let mut checks = query.checks();
    let asked: LogQuery = query.part();
    let action = checks.one("action", &asked.action, str::parse::<AuditAction>);
    let offset = checks.integer("offset", &asked.offset, 0, 100_000_000).unwrap_or(0);
    checks.finish()?;
    let filter = AuditFilter { actor: asked.actor.clone(), action, after: None };
    let ((count, links, head), keys) = ctx
        .wait(move |service| {
            Ok((service.audit(&session.origin, &filter, offset, SHOWN)?, Keys::read(service)?))
        })
        .await?;
    let shown = u32::try_from(links.len()).unwrap_or(SHOWN);
    let address = |offset: u32| {
        let actor = asked.actor.as_ref().map(|actor| format!("&actor={}", percent::encode(actor)));
        let action = action.map(|action| format!("&action={}", action.code()));
        format!("/audit?offset={offset}{}{}", actor.unwrap_or_default(), action.unwrap_or_default())
    };
    let main = html! {
        p { "記録は消せず、前の記録とつながっています。いまの末尾の値を控えておくと、あとで書き換えられていないことを確かめられます（todoke audit verify）。" }
        p class="small" { "末尾: " code class="address" { (head.seq) " " (hex(&head.hash)) } }
        form class="filters" method="get" action="/audit" {
            div { label for="actor" { "だれが（例: token:12）" } input type="text" id="actor" name="actor" maxlength="200" value=[&asked.actor]; }
            div { label for="action" { "何を" } select id="action" name="action" { option value="" { "すべて" } @for one in AuditAction::ALL { option value=(one.code()) selected[action == Some(*one)] { (one.label()) } } } }
            button type="submit" { "表示" }
        }
        @if links.is_empty() { div class="void" { b { "記録はありません" } } } @else {
            p { (count) "件のうち" (offset + 1) "〜" (offset + shown) "件目（新しい順）" }
            div class="scroll" role="region" aria-label="監査記録" tabindex="0" {
                table class="rows" {
                    thead { tr { th scope="col" class="num" { "番号" } th scope="col" { "日時" } th scope="col" { "だれが" } th scope="col" { "何を" } th scope="col" { "対象" } th scope="col" { "前" } th scope="col" { "後" } } }
                    tbody { @for link in &links { (row(link, &keys)) } }
                }
            }
            ul class="acts" {
                @if offset > 0 { li { a href=(address(offset.saturating_sub(SHOWN))) { "新しいもの" } } }
                @if usize::try_from(offset + shown).is_ok_and(|until| until < count) { li { a href=(address(offset + shown)) { "古いもの" } } }
            }
        }
    };
    Ok(signed_page(&ctx, "監査記録", &main))
}

fn row(link: &Link, keys: &Keys) -> Markup {
    let entry = &link.entry;
    // What is stored is JSON of our own; a long one is cut for the screen, whole in the API.
    let cut = |text: &Option<String>| crate::domain::text::cut(text.as_deref().unwrap_or("－"), 160);
    html! {
        tr {
            td class="num" { (link.seq) }
            td class="day" { (in_japan(entry.at).format("%Y-%m-%d %H:%M:%S")) }
            td { (keys.who(&entry.actor)) @if let Some(address) = &entry.address { br; span class="small weak" { (address) } } }
            th scope="row" { (entry.action.label()) }
            td class="address" { (entry.object) @if let Some(file) = &entry.file { br; span class="small weak" { (file) @if let Some(line) = entry.line { " " (line) "行目" } } } }
            td class="address small" { (cut(&entry.before)) }
            td class="address small" { (cut(&entry.after)) }
        }
    }
}
