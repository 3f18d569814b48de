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
        ul class="acts" {
            li { a href="#levels" { (lang.say("段階と印", "Levels and marks")) } }
            li { a href="#terms" { (lang.say("言葉", "Terms")) } }
            @for row in &all.rows { li { a href=(format!("#{}", row.id)) { (lang.say(row.name_ja, row.name_en)) } } }
        }
        (levels(visit))
        (terms(visit))
        @for (row, told) in all.rows.iter().zip(&values) { (one(visit, row, told)) }
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

/// What the words of the pages mean.
fn terms(visit: &Seen) -> Markup {
    let lang = visit.lang;
    let terms = [
        (
            "接点",
            "Channel",
            "住民が手続をする所: マイナポータル、汎用電子申請、コンビニ、本庁窓口、支所など。自宅・近場・窓口の3つの場所に分けます。",
            "Where somebody applies: Mynaportal, an application system, a convenience store, a counter; at home, nearby or at the counter.",
        ),
        (
            "手段不明",
            "Means unknown",
            "オンラインでできることだけが分かり、マイナポータルかほかの仕組みかが分からないもの。国の公表値の多くがこれです。",
            "Known to be online, but not how: most of what the state published.",
        ),
        (
            "該当・制度なし",
            "Performed",
            "団体がその手続を行っていること。行っていない手続（制度なし・該当なし）は、ふつう母数から除きます。",
            "Whether a body performs a procedure; what it does not is usually left out.",
        ),
        (
            "母数",
            "Base",
            "割合の分母になる手続の数。どの手続を入れるかは指標ごとに違います。",
            "The procedures that a rate is counted over: other ones by each measure.",
        ),
        (
            "しきい値",
            "Threshold",
            "この段階以上なら「できる」と数える、その段階。指定がなければ3（一部でもオンライン）。",
            "The level from which a procedure counts; 3 unless another is said.",
        ),
        (
            "類似団体",
            "Similar bodies",
            "同じ種別（市・町・村など）で、人口が±30%以内の団体。40団体より多いときは、人口の近い40団体。",
            "Of the same kind and a population within ±30 %; the nearest 40 where there are more.",
        ),
        (
            "未回答と未対応",
            "No answer, and not yet",
            "未回答は、できるかどうかを誰も述べていないこと。未対応は、できないと分かっていること（段階0）。値の「〜」の幅は、未回答がすべて「いいえ」の場合と「はい」の場合です。",
            "No answer: nobody said. Not yet: known to be at level 0. A range is what is not known leaves open.",
        ),
        (
            "国公表値と申告",
            "Published and stated",
            "国公表値は国の調査の結果、申告は団体自身の言葉です。両方あるときは、団体の申告を先に数えます。",
            "What the state published, and what a body states itself, which goes first.",
        ),
        (
            "鮮度",
            "Freshness",
            "記録のうち、この1年に申告または確認されたものの割合。",
            "What was stated or confirmed within a year.",
        ),
    ];
    html! {
        section class="block" id="terms" aria-labelledby="terms-name" {
            h2 id="terms-name" { (lang.say("言葉", "Terms")) }
            dl class="pairs" { @for (ja, en, meaning_ja, meaning_en) in terms { dt { (lang.say(ja, en)) } dd { (lang.say(meaning_ja, meaning_en)) } } }
        }
    }
}
