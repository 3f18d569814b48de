//! Bodies × procedures: the table, and the page of any selection.

use std::collections::{BTreeSet, HashMap};

use actix_web::get;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::chart::step;
use super::filters::{
    Span, conditions, fields_of_procedures, form, kinds, pages, population, prefectures, scope,
};
use super::frame::Page;
use super::lang::Lang;
use super::passed::Passed;
use super::visit::{Seen, Told, Visit};
use super::words::{class_of, field, grouped, label_of, legend_of, notes, nothing, percent};
use crate::domain::procedure::Category;
use crate::domain::readiness::Scale;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::cell_words::{CellWords, cell_words};
use crate::query::figures::{FigureView, Figures, Percent};
use crate::query::matrix::{Matrix, MatrixCellView};
use crate::query::parameters::Checks;

/// Bodies × procedures as a table.
pub(super) struct Table<'t> {
    columns: Vec<(Category, Vec<&'t str>)>,
    sums: Vec<Sum<'t>>,
    rows: Vec<(&'t str, &'t str, Option<Percent>)>,
    /// The cells of each body, in the order of the columns.
    cells: HashMap<&'t str, Vec<Option<&'t MatrixCellView>>>,
    scale: Scale,
}

/// A row of rates above the bodies.
struct Sum<'t> {
    name: &'t str,
    rate: Option<Percent>,
    values: HashMap<&'t str, Percent>,
}

impl<'t> Table<'t> {
    /// A table of cells. Columns stand by field, and within one by their rate; those of which nothing is expected of
    /// any body do not.
    pub(super) fn of(cells: &'t [MatrixCellView], procedures: &'t [FigureView]) -> Self {
        let mut expected: Vec<&str> = Vec::new();
        for cell in cells.iter().filter(|cell| cell.online != "not_expected") {
            if !expected.contains(&cell.procedure_id.as_str()) {
                expected.push(&cell.procedure_id);
            }
        }
        let mut groups: Vec<(Category, Vec<&FigureView>)> = Vec::new();
        for figure in procedures.iter().filter(|figure| expected.contains(&figure.key.as_str())) {
            let Some(field) = field(&figure.key) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == field) {
                Some((_, figures)) => figures.push(figure),
                None => groups.push((field, vec![figure])),
            }
        }
        groups.sort_by_key(|(field, _)| *field);
        for (_, figures) in &mut groups {
            figures.sort_by_key(|figure| std::cmp::Reverse(figure.value));
        }
        let ids =
            |figures: Vec<&'t FigureView>| figures.into_iter().map(|figure| figure.key.as_str()).collect();
        let columns: Vec<(Category, Vec<&str>)> =
            groups.into_iter().map(|(field, figures)| (field, ids(figures))).collect();
        let places: HashMap<&str, usize> =
            columns.iter().flat_map(|(_, ids)| ids).enumerate().map(|(at, id)| (*id, at)).collect();
        let mut of_bodies: HashMap<&str, Vec<Option<&MatrixCellView>>> = HashMap::new();
        for of_body in cells.chunk_by(|one, other| one.code == other.code) {
            let row = of_bodies.entry(&of_body[0].code).or_insert_with(|| vec![None; places.len()]);
            for cell in of_body {
                if let Some(at) = places.get(cell.procedure_id.as_str()) {
                    row[*at] = Some(cell);
                }
            }
        }
        Self { columns, sums: Vec::new(), rows: Vec::new(), cells: of_bodies, scale: Scale::Online }
    }

    /// Shows what holds on a scale; without it, online.
    fn on(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    /// Adds a row of rates.
    pub(super) fn with_sum(mut self, name: &'t str, rate: Option<Percent>, of: &'t [FigureView]) -> Self {
        let values = of.iter().filter_map(|figure| Some((figure.key.as_str(), figure.value?))).collect();
        self.sums.push(Sum { name, rate, values });
        self
    }

    /// Adds bodies with their rates, in this order.
    pub(super) fn with_bodies(mut self, bodies: impl Iterator<Item = &'t FigureView>) -> Self {
        self.rows.extend(bodies.map(|body| (body.key.as_str(), body.label.as_str(), body.value)));
        self
    }

    fn ids(&self) -> impl Iterator<Item = &'t str> {
        self.columns.iter().flat_map(|(_, ids)| ids.iter().copied())
    }

    /// The codes of a body's cells with their procedures, in the order of the columns.
    fn codes(&self, body: &str) -> impl Iterator<Item = (&'t str, &'t str)> {
        let cells = self.cells.get(body).map_or(&[][..], Vec::as_slice);
        let scale = self.scale;
        let code = move |cell: &'t MatrixCellView| match scale {
            Scale::Online => cell.online.as_ref(),
            Scale::Counter => cell.counter.as_ref(),
        };
        self.ids().enumerate().map(move |(at, id)| {
            let cell = cells.get(at).copied().flatten();
            (id, cell.map_or("no_answer", code))
        })
    }

    /// What stands in the cells of each code that there is.
    fn words(&self) -> HashMap<&'t str, CellWords> {
        let all = self.rows.iter().flat_map(|(body, ..)| self.codes(body));
        let codes: BTreeSet<&str> = all.map(|(_, code)| code).collect();
        codes.into_iter().map(|code| (code, cell_words(code, self.scale))).collect()
    }

    /// How large it is.
    pub(super) fn size(&self, lang: Lang) -> String {
        let (rows, columns) = (self.rows.len(), self.ids().count());
        format!("{rows}{} × {columns}{}", lang.say("団体", " bodies"), lang.say("手続", " procedures"))
    }

    /// How many of its cells nobody has answered.
    pub(super) fn unanswered(&self, lang: Lang) -> String {
        let open = |body: &str| self.codes(body).filter(|(_, code)| *code == "no_answer").count();
        let open: usize = self.rows.iter().map(|(code, ..)| open(code)).sum();
        format!("{}{}", grouped(u64::try_from(open).unwrap_or(u64::MAX)), lang.say("欄", " cells"))
    }

    /// The table. A cell leads to what it is made of; by keyboard the head of its row does.
    pub(super) fn show(&self, visit: &Seen) -> Markup {
        let lang = visit.lang;
        let own = visit.focus.map(|body| visit.body(body).code.to_string());
        let words = self.words();
        // What rides along is the same in every link: it is made once.
        let riding = visit.link("");
        html! {
            div class="scroll matrixed" tabindex="0" role="region" aria-label=(lang.say("団体と手続（表）", "Bodies and procedures (table)")) {
                table class="matrix" {
                    colgroup { col class="name"; col class="rate"; @for _ in self.ids() { col class="cell"; } }
                    thead {
                        tr {
                            th rowspan="2" scope="col" { (lang.say("団体", "Body")) }
                            th rowspan="2" scope="col" { (lang.say("対応率", "Rate")) }
                            @for (field, ids) in &self.columns { th class="group" scope="colgroup" colspan=(ids.len()) { (lang.say(field.label(), field.meaning())) } }
                        }
                        tr { @for id in self.ids() { th scope="col" { a class="upright" href=(visit.link(&format!("/procedures/{id}"))) { (visit.short_name(id)) } } } }
                    }
                    tbody {
                        @for sum in &self.sums { (self.sum(sum)) }
                        @for (code, name, rate) in &self.rows {
                            tr class=[(own.as_deref() == Some(*code)).then_some("own")] {
                                th scope="row" { a href={ "/municipalities/" (code) (riding) } { (name) } }
                                td class="num" { (percent(*rate)) }
                                @for (id, code_of_cell) in self.codes(code) {
                                    @if let Some(words) = words.get(code_of_cell) {
                                        td class=(class_of(words.look)) { a tabindex="-1" title=(label_of(lang, words)) href={ "/municipalities/" (code) "/readiness/" (id) (riding) } { (words.letter) } }
                                    }
                                }
                            }
                         }
                    }
                }
            }
        }
    }

    fn sum(&self, sum: &Sum<'_>) -> Markup {
        html! {
            tr class="sum" {
                th scope="row" { (sum.name) }
                td class="num" { (percent(sum.rate)) }
                @for id in self.ids() {
                    @match sum.values.get(id) {
                        Some(value) => { td class=(step(value.tenths())) { ((value.tenths() + 5) / 10) } },
                        None => { td class="r0" { "…" } },
                    }
                }
            }
        }
    }
}

/// What the page takes beside what the question takes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Shown {
    /// Bodies to leave out at the beginning.
    #[param(max_length = 6)]
    offset: Option<String>,
    /// `counter` for what holds at counters and nearby places.
    #[param(max_length = 10)]
    scale: Option<String>,
}

impl Shown {
    /// Bodies to leave out, and what is shown of the others.
    fn read(&self) -> Result<(usize, Scale), Problem> {
        /// More than there are bodies.
        const MOST: u32 = 10_000;
        let mut checks = Checks::default();
        let offset = checks.integer("offset", &self.offset, 0, MOST).unwrap_or(0);
        let scale = checks.one("scale", &self.scale, str::parse).unwrap_or(Scale::Online);
        checks.finish()?;
        Ok((usize::try_from(offset).unwrap_or(0), scale))
    }
}

/// Bodies of a page.
const ROWS: usize = 200;

#[get("/matrix")]
pub(super) async fn matrix(ctx: Ctx) -> Answer {
    let (visit, passed, shown) = Visit::over::<Matrix, Shown>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = Asked::of(&visit, &passed, &shown).await?;
    let data = visit.data("/matrix", &passed.query());
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("団体 × 手続", "Bodies × procedures"))
                .below("/", lang.say("全国", "Nation"))
                .with_data(data);
            page.write(&main(visit, &passed, &asked))
        })
        .await
}

/// Everything that the page asks.
struct Asked {
    cells: Told<MatrixCellView>,
    bodies: Told<FigureView>,
    procedures: Told<FigureView>,
    all: Told<FigureView>,
    scale: Scale,
    offset: usize,
}

impl Asked {
    async fn of(visit: &Visit<'_>, passed: &Passed, shown: &Shown) -> Result<Self, Problem> {
        let (offset, scale) = shown.read()?;
        let rate = match scale {
            Scale::Online => "/figures/online_rate",
            Scale::Counter => "/figures/kakanai_rate",
        };
        let of = |by: &str| passed.clone().or("by", by).or("limit", "500");
        let bodies = of("municipality").or("sort", "key").without(&["limit"]);
        let bodies = bodies.or("limit", &ROWS.to_string()).or("offset", &offset.to_string());
        let bodies = visit.rows::<Figures>(rate, &bodies.query()).await?;
        let codes: Vec<&str> = bodies.rows.iter().map(|body| body.key.as_str()).collect();
        // Only what is shown is read; an empty choice would be everything.
        let cells = if codes.is_empty() {
            Told { rows: Vec::new(), count: 0, source: visit.data("/matrix", &passed.query()) }
        } else {
            let these = passed.without(&["municipality"]).or("municipality", &codes.join(","));
            visit.rows::<Matrix>("/matrix", &these.query()).await?
        };
        Ok(Self {
            procedures: visit.rows::<Figures>(rate, &of("procedure").query()).await?,
            all: visit.rows::<Figures>(rate, &passed.query()).await?,
            cells,
            bodies,
            scale,
            offset,
        })
    }
}

fn main(visit: &Seen, passed: &Passed, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let scale = asked.scale;
    let other = match scale {
        Scale::Online => Scale::Counter,
        Scale::Counter => Scale::Online,
    };
    let of_scale = |scale| match scale {
        Scale::Online => lang.say("オンライン（行かない）", "online"),
        Scale::Counter => lang.say("窓口・近場（書かない）", "at counters and nearby"),
    };
    let rate = asked.all.rows.first().and_then(|figure| figure.value);
    let table = Table::of(&asked.cells.rows, &asked.procedures.rows)
        .on(scale)
        .with_sum(lang.say("選んだ団体 %", "Chosen %"), rate, &asked.procedures.rows)
        .with_bodies(asked.bodies.rows.iter());
    let span =
        Span { offset: asked.offset, shown: asked.bodies.rows.len(), all: asked.bodies.count, limit: ROWS };
    let chosen = scope(visit, passed, lang.say("全国の市区町村", "all municipalities"));
    let codes = |cell: &MatrixCellView| match scale {
        Scale::Online => cell.online.to_string(),
        Scale::Counter => cell.counter.to_string(),
    };
    let codes: Vec<String> = asked.cells.rows.iter().map(codes).collect();
    let data = visit.data("/matrix", &passed.query());
    html! {
        div class="head" {
            h1 { (lang.say("団体 × 手続: ", "Bodies × procedures: ")) (of_scale(scale)) }
            p class="lead" { (chosen) (lang.say("、", ": ")) b { (asked.bodies.count) } (lang.say("団体", " bodies")) @if let Some(rate) = rate { (lang.say("。率は ", ". Rate ")) b { (rate) "%" } } }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) }
            p class="acts" {
                a href=(visit.here(&["scale"], &[("scale", other.code())])) { (of_scale(other)) (lang.say("を見る", "")) }
                a href=(data.csv()) { "CSV" }
                a href=(data.json()) { "JSON" }
                a href=(visit.here(&["view"], &[("view", "bare")])) { (lang.say("枠のない表示", "Without frame")) }
            }
        }
        (form(visit, passed, &[prefectures(visit, lang), kinds(lang), fields_of_procedures(lang)], &population(lang)))
        (conditions(visit, passed))
        section class="block" aria-labelledby="matrix" {
            h2 id="matrix" { (of_scale(scale)) }
            @if asked.bodies.rows.is_empty() {
                (nothing(lang.say("この条件に当たる団体はありません", "No body is chosen by these conditions"), lang.say("条件を減らしてください。", "Drop one of them.")))
            } @else {
                (legend_of(lang, scale, codes.iter().map(String::as_str)))
                (table.show(visit))
                (pages(visit, span))
                (notes(visit, &table.size(lang), Some(&table.unanswered(lang)), &data))
            }
        }
    }
}
