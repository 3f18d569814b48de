//! Two to five bodies side by side: their figures, and the procedures in which they differ first.

use std::collections::BTreeMap;

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::frame::Page;
use super::visit::{Seen, Told, Visit};
use super::words::{BESIDE, field, fraction, legend_of_cells, notes, nothing, scroll, state_cell, value};
use crate::domain::municipality::MunicipalityKind;
use crate::domain::readiness::Scale;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::cell_words::cell_words;
use crate::query::figures::{FigureView, Figures};
use crate::query::matrix::{Matrix, MatrixCellView};
use crate::query::municipalities::{Municipalities, MunicipalityView};
use crate::query::peers::{PeerView, Peers};

/// The cell of a procedure that a body is not asked about.
const NOT_EXPECTED: &str = "not_expected";
/// So many bodies stand beside each other at most.
const MOST: usize = 5;

/// Which bodies.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompareQuery {
    /// Codes or names, with commas between them.
    #[param(max_length = 200)]
    municipality: Option<String>,
    /// One more.
    #[param(max_length = 40)]
    more: Option<String>,
}

/// Everything that the page asks.
struct Asked {
    codes: Vec<String>,
    figures: Option<Told<FigureView>>,
    cells: Option<Told<MatrixCellView>>,
    peers: Vec<PeerView>,
    /// Bodies of the prefecture of the first, by code and name.
    neighbours: Vec<MunicipalityView>,
    /// Texts that name no body, or several of these codes.
    unclear: Vec<(String, Vec<String>)>,
}

#[get("/compare")]
pub(super) async fn compare(ctx: Ctx) -> Answer {
    let (visit, asked) = Visit::begin::<CompareQuery>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = Asked::of(&ctx, &visit, &asked).await?;
    let title = visit.lang.say("団体を比べる", "Compare bodies");
    visit
        .show(move |visit| {
            let page = Page::new(visit, title).on("/").below("/", visit.lang.say("全国", "Nation"));
            let sources = [
                asked.figures.as_ref().map(|told| &told.source),
                asked.cells.as_ref().map(|told| &told.source),
            ];
            let page =
                sources.into_iter().flatten().fold(page, |page, source| page.with_data(source.clone()));
            page.write(&main(visit, &asked))
        })
        .await
}

impl Asked {
    async fn of(ctx: &Ctx, visit: &Visit<'_>, asked: &CompareQuery) -> Result<Self, Problem> {
        let said = asked.municipality.as_deref().unwrap_or_default().split([',', '、', ' ']);
        let (mut codes, mut unclear): (Vec<String>, Vec<(String, Vec<String>)>) = (Vec::new(), Vec::new());
        let said = said.take(2 * MOST).chain(asked.more.as_deref());
        for text in said.map(str::trim).filter(|text| !text.is_empty()) {
            match visit.meant_body(text) {
                Ok(code) if codes.contains(&code) => {}
                Ok(code) => codes.push(code),
                Err(several) => unclear.push((text.to_owned(), several)),
            }
        }
        codes.truncate(MOST);
        let these = format!("municipality={}", codes.join(","));
        let (mut figures, mut cells, mut peers, mut neighbours) = (None, None, Vec::new(), Vec::new());
        if codes.len() > 1 {
            let query = format!("{these}&by=municipality&compare={BESIDE}&limit=100");
            figures = Some(visit.rows::<Figures>("/figures/online_rate", &query).await?);
            cells = Some(visit.rows::<Matrix>("/matrix", &these).await?);
        }
        if let Some(first) = codes.first().filter(|code| !is_prefecture(ctx, code)) {
            let told = visit.rows::<Peers>(&format!("/municipalities/{first}/peers"), "limit=100").await?;
            peers = told.rows.into_iter().filter(|peer| !peer.own).collect();
            let query = format!("prefecture={}&limit=500", first.get(..2).unwrap_or_default());
            let told = visit.rows::<Municipalities>("/municipalities", &query).await?;
            neighbours =
                told.rows.into_iter().filter(|row| row.kind != MunicipalityKind::Prefecture).collect();
        }
        Ok(Self { codes, figures, cells, peers, neighbours, unclear })
    }
}

fn is_prefecture(ctx: &Ctx, code: &str) -> bool {
    let catalogue = ctx.service().catalogue();
    catalogue.find_body(code).is_ok_and(|body| catalogue.body(body).is_prefecture())
}

fn main(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (lang.say("団体を比べる", "Compare bodies")) }
            p class="lead" { (lang.say("2〜5団体を並べ、違うところから見ます。", "Two to five bodies side by side; where they differ comes first.")) }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) }
        }
        (choice(visit, asked))
        @if let (Some(figures), Some(cells)) = (&asked.figures, &asked.cells) {
            (measures(visit, asked, figures))
            (procedures(visit, asked, cells))
        } @else {
            (nothing(lang.say("比べる団体を2つ以上選んでください", "Choose two bodies at least"), lang.say("団体の名前かコードを書くか、上の一覧から選べます。団体のページからも始められます。", "Write names or codes, or choose among those above. The page of a body leads here too.")))
        }
    }
}

/// The bodies that were chosen, each with the way to leave it out, and the ways to more.
fn choice(visit: &Seen, asked: &Asked) -> Markup {
    /// So many similar bodies are offered.
    const OFFERED: usize = 12;
    let lang = visit.lang;
    let with = |codes: &[&str]| visit.here(&["municipality", "more"], &[("municipality", &codes.join(","))]);
    let all: Vec<&str> = asked.codes.iter().map(String::as_str).collect();
    html! {
        @if !all.is_empty() {
            ul class="acts" { @for code in &all {
                @let others: Vec<&str> = all.iter().copied().filter(|other| other != code).collect();
                li { b { (visit.name_of(code)) } " " a href=(with(&others)) { (lang.say("外す", "Leave out")) span class="vh" { " " (visit.name_of(code)) } } }
            } }
        }
        @for (text, several) in &asked.unclear {
            div class="void warn" {
                b { "「" (text) "」" @if several.is_empty() { (lang.say("に当たる団体がありません", ": no such body")) } @else { (lang.say("に当たる団体がいくつかあります。どれですか", ": several bodies; which one?")) } }
                @if several.is_empty() { p { (lang.say("団体の名前（例: 行方市）か、5桁・6桁の団体コードで書いてください。", "Write a name, or a code of 5 or 6 digits.")) } }
                ul class="acts" { @for code in several { @let more: Vec<&str> = all.iter().copied().chain([code.as_str()]).collect(); li { a href=(with(&more)) { (visit.name_of(code)) } } } }
            }
        }
        @if all.len() < MOST {
            form class="filters" method="get" action="/compare" {
                @for (name, value) in visit.hidden(&[]) { input type="hidden" name=(name) value=(value); }
                input type="hidden" name="municipality" value=(all.join(","));
                div { label for="more" { (lang.say("加える団体（名前かコード）", "One more (name or code)")) } input type="text" id="more" name="more" maxlength="40"; }
                button type="submit" { (lang.say("加える", "Add")) }
            }
            @let others: Vec<&MunicipalityView> = asked.neighbours.iter().filter(|row| !asked.codes.contains(&row.code)).collect();
            @if let Some(first) = others.first() {
                form class="filters" method="get" action="/compare" {
                    @for (name, value) in visit.hidden(&[]) { input type="hidden" name=(name) value=(value); }
                    input type="hidden" name="municipality" value=(all.join(","));
                    div { label for="near" { (first.prefecture_name) (lang.say("から選ぶ", ": choose")) } select id="near" name="more" { @for row in &others { option value=(row.code) { (row.name) } } } }
                    button type="submit" { (lang.say("加える", "Add")) }
                }
            }
            @let offered: Vec<&PeerView> = asked.peers.iter().filter(|peer| !asked.codes.contains(&peer.municipality_code)).take(OFFERED).collect();
            @if !offered.is_empty() {
                p class="small" { (lang.say("人口の近い団体から:", "Similar bodies:")) }
                ul class="chips" { @for peer in offered {
                    @let more: Vec<&str> = all.iter().copied().chain([peer.municipality_code.as_str()]).collect();
                    li { a href=(with(&more)) { "＋ " (visit.name_of(&peer.municipality_code)) } }
                } }
            }
        } @else {
            p class="small" { (lang.say("6団体以上は、", "For more than five: ")) a href=(visit.link(&format!("/matrix?municipality={}", all.join(",")))) { (lang.say("団体 × 手続の表", "bodies × procedures")) } (lang.say("で比べられます。", ".")) }
        }
    }
}

fn measures(visit: &Seen, asked: &Asked, told: &Told<FigureView>) -> Markup {
    let lang = visit.lang;
    let mut rules: Vec<&str> = Vec::new();
    for figure in &told.rows {
        if !rules.contains(&figure.definition) {
            rules.push(figure.definition);
        }
    }
    let of = |rule: &str, code: &str| {
        told.rows.iter().find(|figure| figure.definition == rule && figure.key == code)
    };
    html! {
        section class="block" aria-labelledby="measures" {
            h2 id="measures" { (lang.say("指標", "Measures")) }
            (scroll(lang.say("指標（表）", "Measures (table)"), &html! {
                table class=[(asked.codes.len() > 3).then_some("rows")] {
                    thead { tr { th scope="col" { (lang.say("指標", "Measure")) } @for code in &asked.codes { th scope="col" class="num" { (visit.name_of(code)) } } } }
                    tbody { @for rule in rules { tr {
                        th scope="row" { a href=(visit.link(&format!("/definitions#{rule}"))) { (visit.definition_name(rule)) } }
                        @for code in &asked.codes { td class="num" { @if let Some(figure) = of(rule, code) { (value(lang, figure)) br; span class="small weak" { (fraction(figure)) } } @else { "－" } } }
                    } } }
                }
            }))
            (notes(visit, &format!("{}{}", asked.codes.len(), lang.say("団体", " bodies")), None, &told.source))
        }
    }
}

/// A procedure with the cell of each body, where it has one.
type Line<'c> = (&'c str, Vec<Option<&'c MatrixCellView>>);

fn procedures(visit: &Seen, asked: &Asked, told: &Told<MatrixCellView>) -> Markup {
    let lang = visit.lang;
    let mut lines: BTreeMap<&str, Vec<Option<&MatrixCellView>>> = BTreeMap::new();
    for cell in &told.rows {
        let Some(at) = asked.codes.iter().position(|code| *code == cell.code) else { continue };
        lines.entry(&cell.procedure_id).or_insert_with(|| vec![None; asked.codes.len()])[at] = Some(cell);
    }
    // What none of them performs is nothing to compare.
    let is_asked = |cell: &Option<&MatrixCellView>| {
        cell.is_some_and(|cell| {
            [&cell.online, &cell.counter].iter().any(|code| code.as_ref() != NOT_EXPECTED)
        })
    };
    lines.retain(|_, cells| cells.iter().any(is_asked));
    let mut lines: Vec<Line<'_>> = lines.into_iter().collect();
    lines.sort_by_key(|(id, _)| field(id));
    let codes =
        |cell: &Option<&MatrixCellView>| cell.map(|cell| (cell.online.to_string(), cell.counter.to_string()));
    let differs = |(_, cells): &Line<'_>| cells.windows(2).any(|pair| codes(&pair[0]) != codes(&pair[1]));
    let (apart, alike): (Vec<_>, Vec<_>) = lines.into_iter().partition(differs);
    html! {
        section class="block" aria-labelledby="rows" {
            h2 id="rows" { (lang.say("違う手続 ", "Procedures that differ: ")) (apart.len()) (lang.say("件", "")) }
            (legend_of_cells(lang, Scale::Online, told.rows.iter().map(|cell| cell.online.as_ref())))
            (table(visit, asked, lang.say("違う手続（表）", "Procedures that differ (table)"), &apart))
            @if !alike.is_empty() { details { summary { (lang.say("同じ手続 ", "The same: ")) (alike.len()) (lang.say("件", "")) } (table(visit, asked, lang.say("同じ手続（表）", "The same (table)"), &alike)) } }
            (notes(visit, &format!("{}{}", asked.codes.len(), lang.say("団体", " bodies")), None, &told.source))
        }
    }
}

fn table(visit: &Seen, asked: &Asked, name: &str, lines: &[Line<'_>]) -> Markup {
    let lang = visit.lang;
    html! {
        (scroll(name, &html! {
            table class=[(asked.codes.len() > 3).then_some("rows")] {
                thead {
                    tr { th scope="col" rowspan="2" { (lang.say("手続", "Procedure")) } @for code in &asked.codes { th scope="colgroup" colspan="2" { (visit.name_of(code)) } } }
                    tr { @for _ in &asked.codes { th scope="col" { (lang.say("自宅で", "At home")) } th scope="col" { (lang.say("窓口", "Counter")) } } }
                }
                tbody { @for (id, cells) in lines { tr {
                    th scope="row" { a href=(visit.link(&format!("/procedures/{id}"))) { (visit.short_name(id)) } }
                    @for cell in cells {
                        @match cell {
                            Some(cell) => { (state_cell(lang, &cell_words(&cell.online, Scale::Online))) (state_cell(lang, &cell_words(&cell.counter, Scale::Counter))) },
                            None => { td { "－" } td { "－" } },
                        }
                    }
                } } }
            }
        }))
    }
}
