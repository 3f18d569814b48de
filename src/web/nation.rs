//! The front page: where in the country which procedures are behind, and the way to one's own body.

use actix_web::get;
use maud::{Markup, html};

use super::chart::{Bar, histogram, step};
use super::frame::Page;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{
    BESIDE, field, fraction, grouped, is_hardly_answered, measures, median_card, name_of_group, notes,
    percent, range_bar, tenths, value,
};
use crate::domain::procedure::Category;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::figures::{FigureView, Figures};

#[get("/")]
pub(super) async fn nation(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let lang = visit.lang;
    let title = lang.say("全国の準備状況", "The nation");
    if visit.revision() == 0 {
        return visit.show(move |visit| Page::new(visit, title).on("/").write(&first_steps(visit))).await;
    }
    let asked = Asked::of(&visit).await?;
    visit
        .show(move |visit| {
            let page = Page::new(visit, title)
                .on("/")
                .with_data(visit.data("/figures/online_rate", "by=prefecture"));
            page.write(&main(visit, &asked))
        })
        .await
}

/// What to do where nothing was imported yet.
fn first_steps(visit: &Seen) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (lang.say("はじめに", "To begin")) }
            p class="lead" { (lang.say("まだ何も取り込まれていません。次の3つで始められます。", "Nothing was imported yet. Three steps to begin:")) }
        }
        ol class="moves" {
            li { b { "1. " (lang.say("表を用意する", "Have a table")) } br; (lang.say("デジタル庁が公表しているオンライン化状況の Excel、各団体の表、または ", "The Excel of the Digital Agency, a table of a body, or ")) a href=(visit.link("/data")) { (lang.say("入力様式", "a form")) } (lang.say(" を使えます。見本は todoke sample で作れます。", ". A sample is made by: todoke sample.")) }
            li { b { "2. " (lang.say("取り込む", "Import it")) } br; code { "todoke import ファイル" } (lang.say("（何が変わるかを見てから反映します）", " (what would change is shown first)")) }
            li { b { "3. " (lang.say("見る", "Look")) } br; (lang.say("このページに全国の状況が出ます。団体名で探すと、その団体のページが開きます。", "This page then shows the nation; a search opens the page of a body.")) }
        }
    }
}

/// Everything that the page asks.
struct Asked {
    all: Told<FigureView>,
    complete: Told<FigureView>,
    beside: Told<FigureView>,
    prefectures: Told<FigureView>,
    bands: Told<FigureView>,
    kinds: Told<FigureView>,
    procedures: Told<FigureView>,
}

impl Asked {
    async fn of(visit: &Visit<'_>) -> Result<Self, Problem> {
        let rate = "/figures/online_rate";
        Ok(Self {
            all: visit.rows::<Figures>(rate, "bins=20").await?,
            complete: visit.rows::<Figures>("/figures/list26_complete", "").await?,
            beside: visit.rows::<Figures>(rate, &format!("compare={BESIDE}")).await?,
            prefectures: visit.rows::<Figures>(rate, "by=prefecture").await?,
            bands: visit.rows::<Figures>(rate, "by=population_band").await?,
            kinds: visit.rows::<Figures>(rate, "by=kind").await?,
            procedures: visit.rows::<Figures>(rate, "by=procedure&limit=500").await?,
        })
    }
}

fn main(visit: &Seen, asked: &Asked) -> Markup {
    html! {
        (head(visit, asked))
        (cards(visit, asked))
        (map(visit, asked))
        section class="block" aria-labelledby="spread" {
            div class="cols half" {
                div { (spread(visit, asked)) }
                div { (groups(visit, asked)) }
            }
        }
        (procedures(visit, asked))
        (definitions(visit, asked))
    }
}

fn head(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (lang.say("全国の準備状況", "The nation")) }
            p class="lead" {
                @if let Some(all) = asked.all.rows.first().filter(|all| all.value.is_some()) {
                    (lang.say("市区町村が行う優先手続の", "")) b { (percent(all.value)) }
                    (lang.say("がオンラインで受け付けられています（", " of the priority procedures of municipalities are accepted online (")) (value(lang, all)) (lang.say("）。", "). "))
                    @if let (Some(q1), Some(q3)) = (all.q1, all.q3) { (lang.say("半数の団体は", "Half of the bodies are between ")) (q1) (lang.say("〜", " and ")) (q3) (lang.say("%の間にあります。", "%.")) }
                } @else {
                    (lang.say("オンライン対応の記録はまだありません。", "Nothing is recorded yet about online procedures."))
                }
            }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 指標: オンライン対応率（段階3以上。制度なしは母数から除く）", "; measure: online rate (level 3 and more, without what is not performed)")) }
            p class="small" { (lang.say("自分の団体を探す: 上の検索に団体名・かな・コードを入れてください（例: 鉾田、ほこた、08234、鉾田 罹災）", "Find your body: type its name, its reading or its code above")) }
        }
    }
}

fn cards(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let counter = asked.beside.rows.iter().find(|figure| figure.definition == "kakanai_rate");
    html! {
        div class="cards" {
            @if let Some(all) = asked.all.rows.first() {
                section class="card" aria-labelledby="card-all" {
                    h2 id="card-all" { (lang.say("オンライン対応率", "Online rate")) }
                    p class="value" { (percent(all.value)) }
                    (range_bar(all).show())
                    p { (fraction(all)) (lang.say(" 手続、未回答 ", " procedures, not known ")) (grouped(all.unknown)) }
                }
                (median_card(lang, all))
            }
            @if let Some(complete) = asked.complete.rows.first() {
                section class="card" aria-labelledby="card-26" {
                    h2 id="card-26" { (lang.say("子育て・介護26手続がすべて可（制度なしを除く）", "All 26 of childcare and care online (without what is not performed)")) }
                    p class="value" { (percent(complete.value)) }
                    (Bar::of(tenths(complete.value).unwrap_or(0)).show())
                    p { (fraction(complete)) (lang.say(" 団体", " bodies")) }
                }
            }
            // A range from nothing to everything is no figure: so few have answered.
            @match counter.filter(|figure| !is_hardly_answered(figure)) {
                Some(figure) => {
                    section class="card" aria-labelledby="card-counter" {
                        h2 id="card-counter" { (lang.say("書かない窓口率", "Counters without writing")) }
                        p class="value" { (value(lang, figure)) }
                        p { (fraction(figure)) (lang.say("、未回答 ", ", not known ")) (grouped(figure.unknown)) }
                    }
                }
                None => {
                    section class="card empty" aria-labelledby="card-counter" {
                        h2 id="card-counter" { (lang.say("書かない窓口率", "Counters without writing")) }
                        p class="value" { (lang.say("未回答", "No answer")) }
                        @if let Some(figure) = counter.filter(|figure| figure.denominator > figure.unknown) { p { (lang.say("答えがあるのは ", "Answered: ")) (grouped(figure.denominator - figure.unknown)) " / " (grouped(figure.denominator)) } }
                        p { (lang.say("国の公表値がなく、団体の申告で埋まります。", "Nothing is published: bodies state it.")) }
                    }
                }
            }
        }
    }
}

fn map(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let own = visit.focus.map(|body| visit.body(body).prefecture().to_string());
    html! {
        section class="block" aria-labelledby="map" {
            h2 id="map" { (lang.say("都道府県ごとのオンライン対応率", "Online rate by prefecture")) }
            p class="small" { (lang.say("県内の市区町村をまとめた率（%）。濃いほど高く、色の境は 50・60・70・80% で、どのページでも同じです。", "All municipalities of a prefecture together, in percent. The steps are 50, 60, 70 and 80 % on every page.")) }
            ol class="tiles" {
                @for figure in &asked.prefectures.rows {
                    li class=(format!("p{}{}", figure.key, if own.as_ref() == Some(&figure.key) { " own" } else { "" })) {
                        a class=(figure.value.map_or("r0", |value| step(value.tenths()))) href=(visit.link(&format!("/prefectures/{}", figure.key))) {
                            span { (plain(&figure.label)) } b { @match figure.value { Some(value) => { (value) }, None => { "…" } } }
                        }
                    }
                }
            }
            (notes(visit, &format!("47{}", lang.say("都道府県の市区町村", " prefectures")), None, &asked.prefectures.source))
        }
    }
}

/// A prefecture as a tile names it.
fn plain(name: &str) -> &str {
    match name {
        "北海道" => name,
        _ => ['都', '府', '県'].iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name),
    }
}

fn spread(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        h2 id="spread" { (lang.say("団体の分布", "How bodies are spread")) }
        @if let Some(counts) = asked.all.rows.first().and_then(|all| all.histogram.as_ref()) {
            p class="small" { (lang.say("オンライン対応率5%きざみの団体数。横軸は率（%）、棒の上は団体数です。", "Bodies for each 5 % of the online rate.")) }
            (histogram(counts, None))
            (notes(visit, &format!("{}{}", counts.iter().sum::<u32>(), lang.say("団体", " bodies")), None, &asked.all.source))
        }
    }
}

fn groups(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let table = |name: &str, told: &Told<FigureView>| {
        html! {
            table {
                caption { (name) }
                thead { tr {
                    th scope="col" { (lang.say("区分", "Group")) }
                    th scope="col" { (lang.say("半数の団体の範囲と中央値", "Middle half and median")) }
                    th scope="col" class="num" { (lang.say("中央値", "Median")) }
                    th scope="col" class="num" { (lang.say("団体", "Bodies")) }
                } }
                tbody { @for figure in &told.rows { tr {
                    th scope="row" { (name_of_group(lang, figure)) }
                    td class="bars" { (Bar::default().band(tenths(figure.q1).unwrap_or(0), tenths(figure.q3).unwrap_or(0)).mark(tenths(figure.median)).show()) }
                    td class="num" { (percent(figure.median)) }
                    td class="num" { (grouped(u64::from(figure.bodies.unwrap_or_default()))) }
                } } }
            }
            (notes(visit, lang.say("市区町村", "municipalities"), None, &told.source))
        }
    };
    html! {
        h2 { (lang.say("規模と種別", "Size and kind")) }
        (table(lang.say("人口の区分", "By population"), &asked.bands))
        (table(lang.say("団体の種別", "By kind"), &asked.kinds))
    }
}

fn procedures(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let of = |figure: &FigureView| field(&figure.key);
    let mut shown: Vec<&FigureView> =
        asked.procedures.rows.iter().filter(|figure| figure.denominator > 0).collect();
    shown.sort_by_key(|figure| of(figure));
    html! {
        section class="block" aria-labelledby="procedures" {
            h2 id="procedures" { (lang.say("手続ごとのオンライン対応率", "Online rate by procedure")) }
            table {
                thead { tr {
                    th scope="col" { (lang.say("手続", "Procedure")) }
                    th scope="col" { (lang.say("0〜100%（破線は未回答）", "0–100 % (dashed: not known)")) }
                    th scope="col" class="num" { (lang.say("率", "Rate")) }
                    th scope="col" class="num less" { (lang.say("可 / 該当", "Online / performed")) }
                } }
                @for group in shown.chunk_by(|one, other| of(one) == of(other)) {
                    tbody {
                        tr class="group" { th scope="rowgroup" colspan="4" { (of(group[0]).map_or("", Category::label)) } }
                        @for figure in group { tr {
                            th scope="row" { a href=(visit.link(&format!("/procedures/{}", figure.key))) title=(figure.label) { (visit.short_name(&figure.key)) } }
                            td class="bars" { (range_bar(figure).show()) }
                            td class="num" { (percent(figure.value)) }
                            td class="num less" { (fraction(figure)) }
                        } }
                    }
                }
            }
            (notes(visit, &format!("{}{}", shown.len(), lang.say("手続", " procedures")), None, &asked.procedures.source))
        }
    }
}

fn definitions(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="measures" {
            h2 id="measures" { (lang.say("指標ごとの値", "By measure")) }
            (measures(visit, &asked.beside, lang.say("全国の市区町村", "All municipalities")))
        }
    }
}
