//! The forms of the municipalities of a prefecture, filled with what holds: one each, or all in one file.

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::frame::Page;
use super::visit::{Seen, Visit};
use super::words::{nothing, scroll};
use crate::domain::municipality::PrefectureCode;
use crate::http::ctx::{Answer, Ctx};
use crate::query::municipalities::{Municipalities, MunicipalityView};

/// Of which prefecture.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplatesQuery {
    /// Its two digits.
    #[param(max_length = 2)]
    prefecture: Option<String>,
}

#[get("/templates")]
pub(super) async fn templates(ctx: Ctx) -> Answer {
    let (visit, asked) = Visit::begin::<TemplatesQuery>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = asked.prefecture.filter(|text| !text.is_empty());
    let bodies = match &asked {
        Some(text) => Some(
            visit.rows::<Municipalities>("/municipalities", &format!("prefecture={text}&limit=500")).await?,
        ),
        None => None,
    };
    let chosen: Option<PrefectureCode> = asked.and_then(|text| text.parse().ok());
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let title = lang.say("入力様式", "Forms to fill in");
            let main = html! {
                div class="head" {
                    h1 { (title) }
                    p class="lead" { (lang.say("今の状況が入った表です。開いて直し、そのまま「取込」で送れます。", "Tables with what holds now: open one, put it right, and send it by Import.")) }
                }
                (choice(visit, chosen))
                @match (&bodies, chosen) {
                    (Some(told), Some(code)) => { (forms(visit, code, &told.rows)) },
                    _ => { (nothing(lang.say("都道府県を選んでください", "Choose a prefecture"), lang.say("団体のページからも、その団体の様式を受け取れます。", "The page of a body has its form, too."))) },
                }
            };
            let page = Page::new(visit, title).on("/imports/new").below("/", lang.say("全国", "Nation"));
            match bodies {
                Some(told) => page.with_data(told.source).write(&main),
                None => page.write(&main),
            }
        })
        .await
}

fn choice(visit: &Seen, chosen: Option<PrefectureCode>) -> Markup {
    let lang = visit.lang;
    html! {
        form class="filters" method="get" action="/templates" {
            @for (name, value) in visit.hidden(&[]) { input type="hidden" name=(name) value=(value); }
            div {
                label for="prefecture" { (lang.say("都道府県", "Prefecture")) }
                select id="prefecture" name="prefecture" {
                    @for (code, name) in visit.prefectures() { option value=(code) selected[chosen == Some(code)] { (name) } }
                }
            }
            button type="submit" { (lang.say("表示", "Show")) }
        }
    }
}

fn forms(visit: &Seen, prefecture: PrefectureCode, bodies: &[MunicipalityView]) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="forms" {
            h2 id="forms" { (visit.prefecture_name(prefecture).unwrap_or_default()) }
            p class="acts" { a class="button" href=(format!("/api/v1/template_bundles/{prefecture}.zip")) { (lang.say("全市区町村の様式（Excel、ZIP 1つ）", "Forms of all municipalities (Excel, one ZIP)")) } }
            (scroll(lang.say("団体ごとの様式（表）", "Form of each body (table)"), &html! {
                table {
                    thead { tr { th scope="col" { (lang.say("団体", "Body")) } th scope="col" { (lang.say("団体コード", "Code")) } th scope="col" { (lang.say("様式", "Form")) } } }
                    tbody { @for body in bodies { tr {
                        th scope="row" { a href=(visit.link(&format!("/municipalities/{}", body.code))) { (body.name) } }
                        td { (body.code) }
                        td { a href=(format!("/api/v1/templates/{}.xlsx", body.code)) { "Excel" span class="vh" { " " (body.name) } } " · " a href=(format!("/api/v1/templates/{}.csv", body.code)) { "CSV" span class="vh" { " " (body.name) } } }
                    } } }
                }
            }))
        }
    }
}
