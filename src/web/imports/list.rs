//! The imports that one may see.

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::catalogue::Catalogue;
use crate::domain::dates::in_japan;
use crate::domain::imports::ImportStatus;
use crate::http::ctx::{Answer, Ctx};
use crate::query::parameters::{Query, names};
use crate::service::imports::Import;
use crate::web::form::{Member, signed_page};
use crate::web::who::Keys;
use crate::web::words::heads;

const HEADINGS: [&str; 8] =
    ["ファイル（番号）", "団体", "状態", "変わる", "直す行", "送った日時", "送った人", "理由"];

/// So many imports stand on a page.
const SHOWN: u32 = 50;

/// Which imports.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where they stand.
    #[param(max_length = 20)]
    status: Option<String>,
    /// How many are passed over.
    #[param(max_length = 10)]
    offset: Option<String>,
}

#[get("/imports")]
pub(in crate::web) async fn all_imports(ctx: Ctx, Member(session): Member) -> Answer {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<ListQuery>()]);
    let mut checks = query.checks();
    let asked = query.part::<ListQuery>();
    let status = checks.one("status", &asked.status, str::parse::<ImportStatus>);
    let offset = checks.integer("offset", &asked.offset, 0, 1_000_000).unwrap_or(0);
    checks.finish()?;
    let origin = session.origin.clone();
    let ((count, imports), keys) = ctx
        .wait(move |service| Ok((service.imports(&origin, status, offset, SHOWN)?, Keys::read(service)?)))
        .await?;
    let shown = u32::try_from(imports.len()).unwrap_or(SHOWN);
    let of_status = status.map_or_else(String::new, |status| format!("&status={}", status.code()));
    let main = html! {
        p class="acts" { a class="button" href="/imports/new" { "表を取り込む" } a href="/profiles" { "残した答え" } }
        form class="filters" method="get" action="/imports" {
            div {
                label for="status" { "状態" }
                select id="status" name="status" {
                    option value="" { "すべて" }
                    @for one in ImportStatus::ALL { option value=(one.code()) selected[status == Some(*one)] { (one.label()) } }
                }
            }
            button type="submit" { "表示" }
        }
        @if imports.is_empty() {
            div class="void" { b { "取込はありません" } p { "表を取り込むと、ここに並びます。" } }
        } @else {
            p { (count) "件のうち" (offset + 1) "〜" (offset + shown) "件目（新しい順）" }
            (table(ctx.service().catalogue(), &imports, &keys))
            ul class="acts" {
                @if offset > 0 { li { a href=(format!("/imports?offset={}{of_status}", offset.saturating_sub(SHOWN))) { "新しいもの" } } }
                @if usize::try_from(offset + shown).is_ok_and(|until| until < count) { li { a href=(format!("/imports?offset={}{of_status}", offset + shown)) { "古いもの" } } }
            }
        }
    };
    Ok(signed_page(&ctx, "取込の一覧", &main))
}

/// Imports, one a row.
pub(super) fn table(catalogue: &Catalogue, imports: &[Import], keys: &Keys) -> Markup {
    html! {
        div class="scroll" role="region" aria-label="取込" tabindex="0" {
            table class="stack" {
                (heads(&HEADINGS))
                tbody { @for import in imports { (row(catalogue, import, keys)) } }
            }
        }
    }
}

/// Whose an import is, by name.
pub(super) fn whose(catalogue: &Catalogue, reach: &str) -> String {
    let code = if reach.len() == 2 { format!("{reach}000") } else { reach.to_owned() };
    match catalogue.find_body(&code) {
        Ok(body) => catalogue.body(body).name.clone(),
        Err(_all) => "全国".to_owned(),
    }
}

fn row(catalogue: &Catalogue, import: &Import, keys: &Keys) -> Markup {
    let counts = &import.report.counts;
    html! {
        tr {
            th scope="row" { a href=(super::paths::address(import.id)) { (import.file_name) } " " span class="weak" { (import.id) } }
            td class="keep" data-label=(HEADINGS[1]) { (whose(catalogue, &import.reach)) }
            td data-label=(HEADINGS[2]) { (import.status.label()) }
            td class="num" data-label=(HEADINGS[3]) { (counts.created + counts.changed) }
            td class="num" data-label=(HEADINGS[4]) { (counts.rejected) }
            td class="day" data-label=(HEADINGS[5]) { (in_japan(import.created_at).format("%Y-%m-%d %H:%M")) }
            td data-label=(HEADINGS[6]) { (keys.who(&import.created_by)) }
            td data-label=(HEADINGS[7]) { (import.reason.as_deref().unwrap_or("")) }
        }
    }
}
