//! The page of a prefecture: who lacks what.

use actix_web::get;
use maud::{Markup, html};

use super::chart::Bar;
use super::frame::Page;
use super::matrix::Table;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{
    fraction, grouped, legend_of, median_card, notes, nothing, percent, range_bar, tenths, value,
};
use crate::domain::Refusal;
use crate::domain::municipality::PrefectureCode;
use crate::domain::readiness::Scale;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::figures::{FigureView, Figures};
use crate::query::matrix::{Matrix, MatrixCellView};
use crate::query::support::{SupportView, Supports};

#[get("/prefectures/{prefecture}")]
pub(super) async fn prefecture(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let code: PrefectureCode =
        ctx.named("prefecture").parse().map_err(|refusal: Refusal| Problem::path("prefecture", refusal))?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = Asked::of(&visit, code).await?;
    let name = asked.name.clone();
    visit
        .show(move |visit| {
            let page = Page::new(visit, format!("{name}{}", visit.lang.say("の準備状況", "")))
                .on("/")
                .below("/", visit.lang.say("全国", "Nation"))
                .with_data(visit.data("/matrix", &format!("prefecture={code}")));
            page.write(&main(visit, code, &asked))
        })
        .await
}

/// Everything that the page asks.
struct Asked {
    name: String,
    all: Told<FigureView>,
    nation: Told<FigureView>,
    complete: Told<FigureView>,
    bodies: Told<FigureView>,
    procedures: Told<FigureView>,
    everywhere: Told<FigureView>,
    cells: Told<MatrixCellView>,
    supports: Told<SupportView>,
    counters: Told<FigureView>,
}

impl Asked {
    async fn of(visit: &Visit<'_>, code: PrefectureCode) -> Result<Self, Problem> {
        let within = format!("prefecture={code}");
        let rate = "/figures/online_rate";
        let cells = visit.rows::<Matrix>("/matrix", &within).await?;
        Ok(Self {
            name: cells.rows.first().map_or_else(|| code.to_string(), |cell| cell.prefecture_name.clone()),
            all: visit.rows::<Figures>(rate, &within).await?,
            nation: visit.rows::<Figures>(rate, "").await?,
            complete: visit.rows::<Figures>("/figures/list26_complete", &within).await?,
            bodies: visit
                .rows::<Figures>(rate, &format!("{within}&by=municipality&sort=-value,key&limit=500"))
                .await?,
            procedures: visit.rows::<Figures>(rate, &format!("{within}&by=procedure&limit=500")).await?,
            everywhere: visit.rows::<Figures>(rate, "by=procedure&limit=500").await?,
            supports: visit.rows::<Supports>(&format!("/prefectures/{code}/gaps"), "limit=100").await?,
            counters: visit.rows::<Figures>("/figures/kakanai_rate", &within).await?,
            cells,
        })
    }
}

fn main(visit: &Seen, code: PrefectureCode, asked: &Asked) -> Markup {
    // Where nothing is known there is nothing to count and nothing to advise.
    let is_known = asked.all.rows.first().is_some_and(|all| all.value.is_some());
    html! {
        (head(visit, code, asked))
        @if is_known { (cards(visit, asked)) }
        (matrix(visit, asked))
        @if is_known { (supports(visit, code, asked)) }
        (counters(visit, asked))
    }
}

fn head(visit: &Seen, code: PrefectureCode, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let (all, nation) = (asked.all.rows.first(), asked.nation.rows.first());
    let known = || asked.bodies.rows.iter().filter(|figure| figure.value.is_some());
    let data = visit.data("/matrix", &format!("prefecture={code}"));
    html! {
        div class="head" {
            h1 { (asked.name) (lang.say("の準備状況", "")) }
            p class="lead" {
                @match all.filter(|all| all.value.is_some()) {
                    Some(all) => {
                        (lang.say("県内", "")) (all.bodies_in_scope.unwrap_or_default()) (lang.say("団体が行う手続の", " bodies: ")) b { (percent(all.value)) }
                        (lang.say("がオンラインで受け付けられています（", " of what they perform is accepted online (")) (value(lang, all)) (lang.say("）。", "). "))
                        @if let (Some(middle), Some(nation)) = (all.median, nation.and_then(|nation| nation.median)) {
                            (lang.say("団体の中央値は", "The median of bodies is ")) (middle) (lang.say("%、全国の団体の中央値は", "%, that of all bodies of the nation ")) (nation) (lang.say("%です。", "%. "))
                        }
                        @if let (Some(best), Some(last)) = (known().next(), known().next_back()) {
                            (best.label) (lang.say("の", " ")) (percent(best.value)) (lang.say("から", " to ")) (last.label) (lang.say("の", " ")) (percent(last.value)) (lang.say("まで開きがあります。", "."))
                        }
                    }
                    None => { (lang.say("まだ記録がありません。デジタル庁の一覧か、各団体の表を取り込むと、ここに出ます。", "Nothing is recorded yet. Import the list of the Digital Agency, or tables of the bodies.")) }
                }
            }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 指標: オンライン対応率（段階3以上）", "; measure: online rate (level 3 and more)")) }
            p class="acts" {
                a href=(format!("/api/v1/exports/readiness.xlsx?prefecture={code}")) { (lang.say("一覧を Excel で", "All rows as Excel")) }
                a href=(format!("/api/v1/template_bundles/{code}.zip")) { (lang.say("全市区町村の入力様式（ZIP）", "Forms of all municipalities (ZIP)")) }
                a href=(visit.link(&format!("/matrix?prefecture={code}"))) { (lang.say("団体を選んで表にする", "Choose bodies")) }
                a href=(visit.link(&format!("/readiness?prefecture={code}"))) { (lang.say("1行に1つずつ見る", "Line by line")) }
                a href=(data.csv()) { "CSV" }
                a href=(data.json()) { "JSON" }
                a href=(visit.here(&["view"], &[("view", "bare")])) { (lang.say("枠のない表示", "Without frame")) }
            }
        }
    }
}

fn cards(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let (all, nation) = (asked.all.rows.first(), asked.nation.rows.first());
    let quarter = nation.and_then(|nation| nation.q1);
    let low: Vec<&FigureView> = asked
        .bodies
        .rows
        .iter()
        .filter(|figure| figure.value.zip(quarter).is_some_and(|(value, quarter)| value < quarter))
        .collect();
    html! {
        div class="cards" {
            @if let Some(all) = all {
                section class="card" aria-labelledby="card-all" {
                    h2 id="card-all" { (lang.say("県内の対応率", "Rate of the prefecture")) }
                    p class="value" { (value(lang, all)) }
                    (range_bar(all).mark(tenths(nation.and_then(|nation| nation.value))).show())
                    p { (fraction(all)) (lang.say(" 手続　｜ 全国計 ", " procedures; the nation as a whole ")) (percent(nation.and_then(|nation| nation.value))) }
                }
                (median_card(lang, all))
            }
            @if let Some(complete) = asked.complete.rows.first() {
                section class="card" aria-labelledby="card-26" {
                    h2 id="card-26" { (lang.say("子育て・介護26手続がすべて可（制度なしを除く）", "All 26 of childcare and care online (without what is not performed)")) }
                    p class="value" { (complete.numerator) small { " / " (complete.denominator) (lang.say("団体", " bodies")) } }
                    (Bar::of(tenths(complete.value).unwrap_or(0)).show())
                    @if complete.unknown > 0 { p { (lang.say("未回答 ", "not known ")) (complete.unknown) } }
                }
            }
            section class="card" aria-labelledby="card-low" {
                h2 id="card-low" { (lang.say("全国の下位4分の1に入る団体", "In the lowest quarter of the nation")) }
                p class="value" { (low.len()) small { (lang.say("団体", " bodies")) @if let Some(quarter) = quarter { (lang.say("（", " (below ")) (quarter) (lang.say("%未満）", "%)")) } } }
                p { @for (at, figure) in low.iter().enumerate() { @if at > 0 { "、" } a href=(visit.link(&format!("/municipalities/{}", figure.key))) { (figure.label) } } }
            }
        }
    }
}

fn matrix(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let (all, nation) = (asked.all.rows.first(), asked.nation.rows.first());
    let of = |figure: Option<&FigureView>| figure.and_then(|figure| figure.value);
    let table = Table::of(&asked.cells.rows, &asked.procedures.rows)
        .with_sum(lang.say("県内 %", "Prefecture %"), of(all), &asked.procedures.rows)
        .with_sum(lang.say("全国 %", "Nation %"), of(nation), &asked.everywhere.rows)
        .with_bodies(asked.bodies.rows.iter());
    html! {
        section class="block" aria-labelledby="matrix" {
            h2 id="matrix" { (lang.say("団体 × 手続（オンライン）", "Bodies × procedures (online)")) }
            p class="small" { (lang.say("団体名を選ぶとその団体の全手続、手続名を選ぶと全国の提供状況が開きます。列は分野の中で県内の率が高い順、行は率が高い順です。", "A body opens all of its procedures, a procedure shows who offers it. Columns stand by their rate within a field, rows by their rate.")) }
            (legend_of(lang, Scale::Online, asked.cells.rows.iter().map(|cell| cell.online.as_ref())))
            (table.show(visit))
            (notes(visit, &table.size(lang), Some(&table.unanswered(lang)), &asked.cells.source))
        }
    }
}

fn supports(visit: &Seen, code: PrefectureCode, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let of = |code: &'static str| asked.supports.rows.iter().filter(move |row| row.support.code() == code);
    // Where nobody answered there is nothing to advance yet.
    let joint = || of("joint").filter(|row| row.lacking > row.unknown);
    html! {
        section class="block" aria-labelledby="support" {
            h2 id="support" { (lang.say("県として支えられること", "What the prefecture can do")) }
            div class="cols half" {
                div {
                    h3 { (lang.say("まとめて進める候補（半数以上の団体でまだの手続）", "To advance jointly (missing at half of the bodies or more)")) }
                    table {
                        thead { tr {
                            th scope="col" { (lang.say("手続", "Procedure")) }
                            th scope="col" class="num" { (lang.say("まだの団体", "Missing at")) }
                            th scope="col" class="num" { (lang.say("未回答", "Not known")) }
                            th scope="col" class="num" { (lang.say("県内", "Here")) }
                            th scope="col" class="num" { (lang.say("全国", "Nation")) }
                        } }
                        tbody { @for row in joint() { tr {
                            th scope="row" { @if let Some(id) = &row.procedure_id { a href=(visit.link(&format!("/matrix?prefecture={code}&procedure={id}"))) title=(row.sentence) { (visit.short_name(id)) } } }
                            td class="num" { (row.lacking - row.unknown) " / " (row.in_scope) }
                            td class="num" { (row.unknown) }
                            td class="num" { (percent(row.value)) }
                            td class="num" { (percent(row.compared)) }
                        } } }
                    }
                    @if joint().next().is_none() { p { (lang.say("ありません。", "None.")) } }
                }
                div {
                    h3 { (lang.say("支援を検討したい団体（順位ではありません）", "Bodies that may need help (no ranking)")) }
                    p class="small" { (lang.say("全国の同じ人口規模の団体の下から4分の1に入る団体です。", "Those in the lowest quarter of bodies of their size in the nation.")) }
                    table {
                        thead { tr {
                            th scope="col" { (lang.say("団体", "Body")) }
                            th scope="col" class="num" { (lang.say("まだの手続", "Missing")) }
                            th scope="col" class="num" { (lang.say("未回答", "Not known")) }
                            th scope="col" class="num" { (lang.say("率", "Rate")) }
                            th scope="col" class="num" { (lang.say("同規模の中央値", "Median of its size")) }
                        } }
                        tbody { @for row in of("accompany") { tr {
                            th scope="row" { @if let (Some(code), Some(name)) = (&row.municipality_code, &row.municipality_name) { a href=(visit.link(&format!("/municipalities/{code}"))) title=(row.sentence) { (name) } } }
                            td class="num" { (row.lacking - row.unknown) }
                            td class="num" { (row.unknown) }
                            td class="num" { (percent(row.value)) }
                            td class="num" { (percent(row.compared)) }
                        } } }
                    }
                    @if of("accompany").next().is_none() { p { (lang.say("ありません。", "None.")) } }
                }
            }
            (notes(visit, &asked.name, None, &asked.supports.source))
        }
    }
}

fn counters(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="counters" {
            h2 id="counters" { (lang.say("書かない窓口", "Counters without writing")) }
            @match asked.counters.rows.first().filter(|figure| figure.denominator > figure.unknown) {
                Some(figure) => {
                    p { b { (value(lang, figure)) } " " (fraction(figure)) (lang.say("、未回答 ", ", not known ")) (grouped(figure.unknown)) }
                    (notes(visit, &asked.name, None, &asked.counters.source))
                }
                None => {
                    (nothing(
                        lang.say("どの団体も未回答です", "No body has answered"),
                        lang.say("国の公表値がないため、団体の申告で埋まります。各団体のページから入力様式を受け取れます。", "The state publishes nothing about it: bodies state it. Each body's page has its form."),
                    ))
                }
            }
        }
    }
}
