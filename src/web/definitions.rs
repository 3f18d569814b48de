//! How things are counted, and what the words mean.

use actix_web::get;
use maud::{Markup, html};

use super::frame::Page;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{fraction, legend, notes, value};
use crate::domain::readiness::{Level, Scale};
use crate::http::ctx::{Answer, Ctx};
use crate::query::definitions::{DefinitionView, Definitions};
use crate::query::figures::{FigureView, Figures};

#[get("/definitions")]
pub(super) async fn definitions(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let all = visit.rows::<Definitions>("/definitions", "limit=100").await?;
    let mut values = Vec::new();
    for row in &all.rows {
        values.push(visit.rows::<Figures>(&format!("/figures/{}", row.id), "").await?);
    }
    visit.show(move |visit| {
    let lang = visit.lang;
    let title = lang.say("指標と用語", "Measures and terms");
    let main = html! {
        div class="head" {
            h1 { (title) }
            p class="lead" { (lang.say("どの数字も、どの決まりで数えたかを名前と版で言えます。値は全国の市区町村のものです。", "Every figure names the rule by which it is counted, with its version. The values are those of all municipalities.")) }
        }
        ul class="acts" { @for row in &all.rows { li { a href=(format!("#{}", row.id)) { (lang.say(row.name_ja, row.name_en)) } } } }
        @for (row, told) in all.rows.iter().zip(&values) { (one(visit, row, told)) }
        (levels(visit))
    };
    Page::new(visit, title)
        .on("/definitions")
        .below("/", lang.say("全国", "Nation"))
        .with_data(all.source.clone())
        .write(&main)
    }).await
}

fn one(visit: &Seen, row: &DefinitionView, told: &Told<FigureView>) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" id=(row.id) aria-labelledby=(format!("{}-name", row.id)) {
            h2 id=(format!("{}-name", row.id)) { (row_name(visit, row)) }
            dl class="pairs" {
                dt { (lang.say("決まり", "Rule")) } dd { (lang.say(row.rule_ja, row.rule_en)) }
                dt { (lang.say("全国の値", "Value")) }
                dd { @for figure in &told.rows { p { @if let Some(part) = &figure.part_label { (part) ": " } (value(lang, figure)) " " span class="weak" { (fraction(figure)) } } } }
                dt { (lang.say("手続の一覧", "List")) } dd { (row.list) }
                dt { (lang.say("出典", "Source")) } dd { (row.source) }
                dt { (lang.say("名前と版", "Name and version")) } dd { code { (row.id) "@" (row.version) } (lang.say("。", ". ")) (lang.say(row.changed_ja, row.changed_en)) }
            }
            p class="acts" { a href=(visit.link(&format!("/figures/{}", row.id))) { (row_name(visit, row)) (lang.say("を別の切り口で見る", ", by any grouping")) } }
            (notes(visit, lang.say("全国の市区町村", "All municipalities"), None, &told.source))
        }
    }
}

fn row_name(visit: &Seen, row: &DefinitionView) -> &'static str {
    visit.lang.say(row.name_ja, row.name_en)
}

/// The steps of both scales, and the marks of cells.
fn levels(visit: &Seen) -> Markup {
    let lang = visit.lang;
    let scales = [
        (Scale::Online, lang.say("オンライン（行かない）の段階", "Levels online")),
        (Scale::Counter, lang.say("窓口・近場（書かない）の段階", "Levels at the counter and nearby")),
    ];
    html! {
        section class="block" id="levels" aria-labelledby="levels-name" {
            h2 id="levels-name" { (lang.say("段階と印", "Levels and marks")) }
            p class="acts" { a href=(visit.link("/codes")) { (lang.say("すべてのコードと印", "All codes and marks")) } }
            (legend(lang, Scale::Online, &["3+", "4p", "4s", "4x", "na", "other_body", "ab", "no_answer"]))
            div class="cols half" {
                @for (scale, name) in scales {
                    table {
                        caption { (name) }
                        thead { tr {
                            th scope="col" class="num" { (lang.say("段階", "Level")) }
                            th scope="col" { (lang.say("名前", "Name")) }
                            th scope="col" { (lang.say("意味", "Meaning")) }
                        } }
                        tbody { @for level in Level::all() { tr {
                            td class="num" { (level.number()) }
                            th scope="row" { (level.label(scale)) }
                            td { (level.meaning_ja(scale)) }
                        } } }
                    }
                }
            }
        }
    }
}
