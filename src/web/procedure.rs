//! The pages of procedures: which there are, and who offers one.

use std::collections::BTreeMap;

use actix_web::get;
use maud::{Markup, html};

use super::chart::{Bar, Part, shares};
use super::frame::Page;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{
    class_of, fraction, grouped, label_of, mark, measures, name_of_group, notes, nothing, percent, range_bar,
    tenths,
};
use crate::domain::readiness::Scale;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::catalogue::{Procedure, ProcedureView, Procedures};
use crate::query::cell_words::{CellLook, CellWords, cell_words};
use crate::query::figures::{FigureView, Figures};
use crate::query::matrix::{Matrix, MatrixCellView};
use crate::query::percent;
use crate::query::systems::{SystemView, Systems};

#[get("/procedures")]
pub(super) async fn procedures(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let lang = visit.lang;
    let mut all = visit.rows::<Procedures>("/procedures", "limit=500").await?;
    all.rows.sort_by_key(|row| row.category);
    let rates = visit.rows::<Figures>("/figures/online_rate", "by=procedure&limit=500").await?;
    visit.show(move |visit| {
    let rate =
        |id: &str| rates.rows.iter().find(|figure| figure.key == id).filter(|figure| figure.denominator > 0);
    let title = lang.say("手続", "Procedures");
    let main = html! {
        div class="head" {
            h1 { (title) }
            p class="lead" { (lang.say("国が優先的にオンライン化を求める手続", "Procedures that the state asks to be put online first: ")) (all.count) (lang.say("件と、全国の市区町村のオンライン対応率です。", ", with the online rate of all municipalities.")) }
        }
        table {
            thead { tr {
                th scope="col" { (lang.say("手続", "Procedure")) }
                th scope="col" class="less" { (lang.say("正式な名称", "Full name")) }
                th scope="col" { (lang.say("0〜100%", "0–100 %")) }
                th scope="col" class="num" { (lang.say("率", "Rate")) }
            } }
            @for group in all.rows.chunk_by(|one, other| one.category == other.category) {
                tbody {
                    tr class="group" { th scope="rowgroup" colspan="4" { (lang.say(group[0].category_label, group[0].category.meaning())) } }
                    @for row in group { tr {
                        th scope="row" { a href=(visit.link(&format!("/procedures/{}", row.id))) { (row.short_ja) } }
                        td class="small less" { (lang.say(&row.name_ja, &row.name_en)) }
                        @match rate(&row.id) {
                            Some(figure) => { td class="bars" { (range_bar(figure).show()) } td class="num" { (percent(figure.value)) } },
                            None => { td class="bars" {} td class="num weak" { "－" } },
                        }
                    } }
                }
            }
        }
        (notes(visit, lang.say("全国の市区町村", "All municipalities"), None, &rates.source))
    };
    Page::new(visit, title)
        .on("/procedures")
        .below("/", lang.say("全国", "Nation"))
        .with_data(all.source.clone())
        .write(&main)
    }).await
}

#[get("/procedures/{id}")]
pub(super) async fn procedure(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let id = ctx.named("id").to_owned();
    let own = visit.one::<Procedure>(&format!("/procedures/{id}"), "").await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = Asked::of(&visit, &own).await?;
    visit
        .show(move |visit| {
            let page = Page::new(visit, &own.name_ja)
                .on("/procedures")
                .below("/procedures", visit.lang.say("手続", "Procedures"))
                .with_data(visit.data("/matrix", &format!("procedure={id}")));
            page.write(&main(visit, &own, &asked))
        })
        .await
}

/// Everything that the page asks.
struct Asked {
    all: Told<FigureView>,
    prefectures: Told<FigureView>,
    bands: Told<FigureView>,
    kinds: Told<FigureView>,
    cells: Told<MatrixCellView>,
    systems: Told<SystemView>,
    beside: Told<FigureView>,
}

impl Asked {
    async fn of(visit: &Visit<'_>, own: &ProcedureView) -> Result<Self, Problem> {
        let of_it = format!("procedure={}", own.id);
        let rate = "/figures/online_rate";
        Ok(Self {
            all: visit.rows::<Figures>(rate, &of_it).await?,
            prefectures: visit.rows::<Figures>(rate, &format!("{of_it}&by=prefecture")).await?,
            bands: visit.rows::<Figures>(rate, &format!("{of_it}&by=population_band")).await?,
            kinds: visit.rows::<Figures>(rate, &format!("{of_it}&by=kind")).await?,
            beside: visit
                .rows::<Figures>(
                    rate,
                    &format!("{of_it}&compare=digital_complete_rate,kakanai_rate,onestop_rate"),
                )
                .await?,
            cells: visit.rows::<Matrix>("/matrix", &of_it).await?,
            systems: visit.rows::<Systems>("/systems", &format!("{of_it}&limit=20")).await?,
        })
    }
}

fn main(visit: &Seen, own: &ProcedureView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        (head(visit, own, asked))
        (states(visit, asked))
        section class="block" aria-labelledby="systems" {
            div class="cols half" {
                div { (groups(visit, asked)) }
                div { (systems(visit, asked)) h2 { (lang.say("指標ごとの値", "By measure")) } (measures(visit, &asked.beside, lang.say("全国の市区町村", "All municipalities"))) }
            }
        }
        (bodies(visit, own, asked))
    }
}

fn head(visit: &Seen, own: &ProcedureView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let all = asked.all.rows.first().filter(|all| all.value.is_some());
    let field = lang.say(own.category_label, own.category.meaning());
    html! {
        div class="head" {
            h1 { (own.name_ja) }
            p class="facts" {
                span { (own.id) }
                span { (field) }
                @if lang.tag() == "en" { span { (own.name_en) } }
                @if let Some(law) = &own.legal_basis { span { (lang.say("根拠: ", "Law: ")) (law) } }
                @if let Some(ministry) = &own.ministry { span { (ministry) } }
                @if let Some(system) = &own.common_system { span { (lang.say("共通の仕組み: ", "Common system: ")) (system) } }
            }
            p class="lead" {
                @match all {
                    Some(all) => {
                        b { (grouped(all.numerator)) (lang.say("団体（", " bodies (")) (percent(all.value)) (lang.say("）", ")")) }
                        (lang.say("がオンラインで受け付けています（該当", " accept it online (of ")) (grouped(all.denominator)) (lang.say("団体、未回答", " that perform it, not known ")) (grouped(all.unknown)) (lang.say("）。", "). "))
                        @if let Some((places, sizes)) = spread(&asked.prefectures.rows).zip(spread(&asked.bands.rows)) {
                            (lang.say("都道府県による差は最大", "Prefectures differ by up to ")) (places) (lang.say("ポイント、人口規模による差は最大", " points, sizes by up to ")) (sizes) (lang.say("ポイントです。", " points."))
                        }
                    }
                    None => { (lang.say("市区町村のオンライン対応は、まだ記録がありません。", "Nothing is recorded yet about municipalities.")) }
                }
            }
            @if own.ceiling.is_some() {
                p class="asof" { (lang.say("法令上、オンラインだけでは済みません: ", "The law asks for a visit: ")) (own.ceiling_source.as_deref().unwrap_or_default()) }
            }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 指標: オンライン対応率（段階3以上）", "; measure: online rate (level 3 and more)")) }
            @let rows = format!("procedure={}", own.id);
            p class="acts" {
                a href=(visit.link(&format!("/readiness?{rows}"))) { (lang.say("申告を1行ずつ見る", "Statements, line by line")) }
                a href=(visit.link(&format!("/figures/online_rate?{rows}&by=kind"))) { (lang.say("種別・規模・推移で見る", "By kind, size and over time")) }
                a href=(visit.data("/readiness", &rows).csv()) { "CSV" }
                a href=(visit.data("/readiness", &rows).json()) { "JSON" }
            }
        }
    }
}

/// The difference of the highest and the lowest rate, in points.
fn spread(figures: &[FigureView]) -> Option<String> {
    let known = || figures.iter().filter_map(|figure| tenths(figure.value));
    let points = known().max()? - known().min()?;
    Some(format!("{}.{}", points / 10, points % 10))
}

/// What stands behind each look of a bar.
fn part_of(look: CellLook) -> Part {
    match look {
        CellLook::Offered => Part::Offered,
        CellLook::Complete => Part::Complete,
        CellLook::Resting | CellLook::Little => Part::Band,
        CellLook::NotPerformed => Part::NotPerformed,
        CellLook::Nothing => Part::Rest,
        CellLook::NoAnswer | CellLook::NotExpected => Part::Unknown,
    }
}

fn states(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for cell in asked.cells.rows.iter().filter(|cell| cell.online != "not_expected") {
        *counts.entry(cell.online.as_ref()).or_default() += 1;
    }
    // The best stands first, what nobody answered last.
    let mut found: Vec<(&str, CellWords, u64)> =
        counts.into_iter().map(|(code, count)| (code, cell_words(code, Scale::Online), count)).collect();
    let rank = |look: CellLook| match look {
        CellLook::Complete => 0,
        CellLook::Offered => 1,
        CellLook::Resting => 2,
        CellLook::Little => 3,
        CellLook::Nothing => 4,
        CellLook::NotPerformed => 5,
        CellLook::NoAnswer | CellLook::NotExpected => 6,
    };
    found.sort_by_key(|(code, words, _)| (rank(words.look), std::cmp::Reverse(*code)));
    let lengths = shares(&found.iter().map(|(_, _, count)| *count).collect::<Vec<u64>>());
    let bar = found
        .iter()
        .zip(lengths)
        .fold(Bar::default(), |bar, ((_, words, _), length)| bar.then(length, part_of(words.look)));
    let all: u64 = found.iter().map(|(_, _, count)| count).sum();
    html! {
        section class="block" aria-labelledby="states" {
            h2 id="states" { (lang.say("団体ごとのオンラインの状況", "How bodies stand online")) }
            @if found.is_empty() {
                (nothing(lang.say("市区町村の手続ではありません", "No procedure of municipalities"), lang.say("都道府県だけが行います。", "Prefectures alone perform it.")))
            } @else {
                div class="tall" { (bar.show()) }
                table {
                    thead { tr {
                        th scope="col" { (lang.say("状況", "State")) }
                        th scope="col" class="num" { (lang.say("団体", "Bodies")) }
                        th scope="col" class="num" { (lang.say("割合", "Share")) }
                    } }
                    tbody { @for (_, words, count) in &found { tr {
                        th scope="row" { (mark(lang, words)) }
                        td class="num" { (grouped(*count)) }
                        td class="num" { (share(*count, all)) }
                    } } }
                }
                (notes(visit, &format!("{}{}", grouped(all), lang.say("団体", " bodies")), None, &asked.cells.source))
            }
        }
    }
}

/// A share in percent with one decimal, half up.
fn share(part: u64, all: u64) -> String {
    let tenths = (part * 2_000 + all) / (all * 2).max(1);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn groups(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let table = |name: &str, told: &Told<FigureView>| {
        html! {
            table {
                caption { (name) }
                thead { tr {
                    th scope="col" { (lang.say("区分", "Group")) }
                    th scope="col" { (lang.say("0〜100%", "0–100 %")) }
                    th scope="col" class="num" { (lang.say("率", "Rate")) }
                    th scope="col" class="num less" { (lang.say("可 / 該当", "Online / performed")) }
                } }
                tbody { @for figure in told.rows.iter().filter(|figure| figure.denominator > 0) { tr {
                    th scope="row" { (name_of_group(lang, figure)) }
                    td class="bars" { (range_bar(figure).show()) }
                    td class="num" { (percent(figure.value)) }
                    td class="num less" { (fraction(figure)) }
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

fn systems(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let id = visit.path().trim_start_matches("/procedures/");
    html! {
        h2 id="systems" { (lang.say("使われているシステム", "Systems in use")) }
        @if asked.systems.rows.is_empty() {
            (nothing(lang.say("システムの記録はまだありません", "No system is recorded yet"), lang.say("団体が入力様式の「システム」に書くと、ここに名前と団体数が出ます。", "Names and numbers stand here once bodies state them.")))
        } @else {
            table {
                thead { tr {
                    th scope="col" { (lang.say("システム（述べられたとおり）", "System, as stated")) }
                    th scope="col" class="num" { (lang.say("団体", "Bodies")) }
                    th scope="col" { (lang.say("最初の日", "First day")) }
                } }
                tbody { @for row in &asked.systems.rows { tr {
                    // A name with a comma would be taken for two.
                    th scope="row" { @if row.system.contains([',', '，']) { (row.system) } @else { a href=(visit.link(&format!("/readiness?procedure={id}&system={}", percent::encode(&row.system)))) { (row.system) } } }
                    td class="num" { (row.bodies) }
                    td { @if let Some(on) = row.first_on { (on) } }
                } } }
            }
            p class="small" { (lang.say("団体が述べた名前だけです（窓口のものも含みます）。国の公表データにはシステムの名前がないため、ほかの団体が何を使っているかは分かりません。", "Only names that bodies stated, at counters too. The published data name no systems, so that those of the others are not known.")) }
            (notes(visit, lang.say("この手続", "This procedure"), None, &asked.systems.source))
        }
    }
}

fn bodies(visit: &Seen, own: &ProcedureView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let focus = visit.focus.map(|body| visit.body(body).code.to_string());
    let of_prefecture = |code: &str| {
        let cells = asked.cells.rows.iter().filter(|cell| cell.online != "not_expected");
        cells.filter(|cell| cell.code.starts_with(code)).collect::<Vec<&MatrixCellView>>()
    };
    html! {
        section class="block" aria-labelledby="bodies" {
            h2 id="bodies" { (lang.say("都道府県と団体", "Prefectures and bodies")) }
            p class="small" { (lang.say("都道府県を選ぶと団体が開きます。濃い団体ほど進んでいて、破線や斜線は該当なし・未回答です。", "A prefecture opens its bodies.")) }
            @for figure in asked.prefectures.rows.iter().filter(|figure| figure.denominator > 0) {
                @let is_own = focus.as_ref().is_some_and(|own| own.starts_with(&figure.key));
                details class="pref" open[is_own] {
                    summary {
                        span { (figure.label) }
                        (range_bar(figure).show())
                        span class="num" { (percent(figure.value)) }
                        span class="num weak" { (fraction(figure)) }
                    }
                    ul class="chips" {
                        @for cell in of_prefecture(&figure.key) {
                            @let words = cell_words(&cell.online, Scale::Online);
                            li class=[(focus.as_ref() == Some(&cell.code)).then_some("own")] {
                                a class=(class_of(words.look)) title=(label_of(lang, &words)) href=(visit.link(&format!("/municipalities/{}/readiness/{}", cell.code, own.id))) { (cell.name) " " (words.letter) }
                            }
                        }
                    }
                }
            }
            (notes(visit, lang.say("市区町村", "municipalities"), None, &asked.prefectures.source))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up() {
        assert_eq!([share(1_132, 1_741), share(1, 2_000), share(0, 0)], ["65.0%", "0.1%", "0.0%"]);
    }
}
