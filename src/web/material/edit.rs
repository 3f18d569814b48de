//! A table of own material to fill in. What was changed is sent as a file is, so that it is shown before it is written
//! and can be taken back.

use actix_web::http::StatusCode;
use actix_web::{get, post, web};
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::fill::{Column, Row, columns, file, rows, seal};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::material::{MaterialKind, What};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::import::options::Asked;
use crate::query::parameters::{Query, names};
use crate::service::sessions::Session;
use crate::web::edit::sent::as_file;
use crate::web::form::{Fields, Member, Posted, secret};
use crate::web::frame::{Around, go_to, page as framed};
use crate::web::lang::Lang;
use crate::web::texts::refusals;

/// Empty rows below what a kind that asks for more than a procedure holds.
const SPARE: usize = 5;

/// Rows that one form has: what is typed into it must fit what a form may hold.
const MOST: usize = 40;

/// More rows than any body has of a kind.
const MAX_OFFSET: u32 = 1_000_000;

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// About which procedure.
    #[param(max_length = 40)]
    procedure: Option<String>,
    /// Rows to leave out at the beginning.
    #[param(max_length = 6)]
    offset: Option<String>,
}

/// Whose material of which kind, and about which procedure.
#[derive(Clone, Copy)]
struct Place {
    body: BodyIx,
    kind: MaterialKind,
    procedure: Option<ProcedureIx>,
    offset: usize,
}

type MaterialPath = web::Path<(String, String)>;

fn place(ctx: &Ctx, path: MaterialPath, procedure: Option<&str>, offset: usize) -> Result<Place, Problem> {
    let (code, kind) = path.into_inner();
    let catalogue = ctx.service().catalogue();
    let in_path = |name| move |refusal: Refusal| Problem::path(name, refusal);
    let body = catalogue.find_body(&code).map_err(in_path("code"))?;
    let kind: MaterialKind = kind.parse().map_err(in_path("material"))?;
    let named = procedure
        .map(|id| catalogue.find_procedure(id))
        .transpose()
        .map_err(|refusal| Problem::of(Kind::INVALID_PARAMETER, "/query/procedure", refusal))?;
    let procedure = kind.is_of_procedures().then(|| named.unwrap_or_default());
    Ok(Place { body, kind, procedure, offset })
}

#[get("/municipalities/{code}/material/{material}/edit")]
pub(in crate::web) async fn show_material(ctx: Ctx, Member(session): Member, path: MaterialPath) -> Answer {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<Which>()]);
    let mut checks = query.checks();
    let Which { procedure, offset } = query.part();
    let offset = checks.integer("offset", &offset, 0, MAX_OFFSET).unwrap_or(0);
    checks.finish()?;
    let place = place(&ctx, path, procedure.as_deref(), usize::try_from(offset).unwrap_or(0))?;
    page(&ctx, &session, place, None).await
}

#[post("/municipalities/{code}/material/{material}/edit")]
pub(in crate::web) async fn send_material(ctx: Ctx, posted: Posted, path: MaterialPath) -> Answer {
    let Posted { session, fields } = posted;
    let place = place(
        &ctx,
        path,
        fields.get("procedure"),
        fields.get("offset").and_then(|text| text.parse().ok()).unwrap_or(0),
    )?;
    match send(&ctx, &session, place, &fields).await {
        Ok(id) => Ok(go_to(format!("/imports/{id}")).finish()),
        Err(problem) if problem.kind == Kind::UNPROCESSABLE => {
            page(&ctx, &session, place, Some((&fields, &problem))).await
        }
        Err(problem) => Err(problem),
    }
}

/// The form of a kind as the service makes it: its headings, what each column takes, and its rows.
struct Form {
    headings: Vec<String>,
    words: Vec<Option<Vec<&'static str>>>,
    rows: Vec<Row>,
    /// How many there are in all.
    all: usize,
}

async fn form_of(ctx: &Ctx, place: Place) -> Result<Form, Problem> {
    let grid = ctx.grid();
    ctx.wait(move |service| {
        let form = service.material_form(&grid, place.body, place.kind)?;
        let id = place.procedure.map(|ix| grid.catalogue().procedure(ix).id.to_string());
        let about =
            columns(place.kind).into_iter().find(|column| column.what == What::Procedure).map(|one| one.at);
        let wanted =
            |cells: &[String]| about.zip(id.as_ref()).is_none_or(|(at, id)| cells.get(at) == Some(id));
        let mut rows: Vec<Row> = form
            .rows()
            .filter(|(_, cells)| wanted(cells))
            .map(|(held, cells)| Row { held, cells: cells.to_vec() })
            .collect();
        // A procedure has a row of its own until it is filled in; of kinds that ask for more it may have many.
        let several =
            place.kind.keys().count() > 1 && !place.kind.keys().any(|key| matches!(key.what, What::Point(_)));
        let blank = rows.iter().position(|row| !row.held).map(|at| rows[at].clone());
        let blank = blank.or_else(|| rows.first().map(|row| emptied(row, place.kind)));
        let open = rows.iter().filter(|row| !row.held).count();
        match blank {
            Some(blank) if several && open < SPARE => rows.extend(vec![blank; SPARE - open]),
            _ if !several || open <= SPARE => {}
            _ => rows.truncate(rows.len() - (open - SPARE)),
        }
        let words = (0..form.headings().len()).map(|at| form.words(at).map(<[&str]>::to_vec)).collect();
        let all = rows.len();
        let rows = rows.into_iter().skip(place.offset).take(MOST).collect();
        Ok(Form { headings: form.headings().to_vec(), words, rows, all })
    })
    .await
}

/// A row about the same procedure that says nothing yet.
fn emptied(row: &Row, kind: MaterialKind) -> Row {
    let mut cells = row.cells.clone();
    for column in columns(kind).into_iter().filter(|column| column.what != What::Procedure) {
        cells[column.at].clear();
    }
    Row { held: false, cells }
}

async fn send(ctx: &Ctx, session: &Session, place: Place, fields: &Fields) -> Result<i64, Problem> {
    let form = form_of(ctx, place).await?;
    let catalogue = ctx.service().catalogue();
    let own = catalogue.body(place.body);
    let all = rows(fields, form.headings.len())?;
    let taken_back = |at: usize| fields.is_ticked(&format!("w.{at}"));
    let text = file(&form.headings, (&own.code.to_string(), &own.name), place.kind, &all, taken_back)?;
    if text.is_empty() {
        return Err(Problem::new(Kind::UNPROCESSABLE, "変えたところがありません。", "nothing was changed"));
    }
    // The whole row stands in the form: what was emptied is meant to go.
    let asked = Asked {
        layout: Some("own-material".to_owned()),
        blank: Some("clear".to_owned()),
        reason: fields.get("reason").map(str::to_owned),
        ..Asked::default()
    };
    let name = format!("画面での編集（{}・{}）.csv", own.name, place.kind.label());
    as_file(ctx, session, name, text.into_bytes(), asked).await
}

async fn page(ctx: &Ctx, session: &Session, place: Place, refused: Option<(&Fields, &Problem)>) -> Answer {
    let form = form_of(ctx, place).await?;
    let typed = refused.map(|(fields, _)| rows(fields, form.headings.len()).unwrap_or_default());
    let catalogue = ctx.service().catalogue();
    let own = catalogue.body(place.body);
    let address = format!("/municipalities/{}/material/{}/edit", own.code, place.kind.code());
    let status = refused.map_or(StatusCode::OK, |(_, problem)| problem.kind.status);
    let all = typed
        .filter(|typed| !typed.is_empty())
        .unwrap_or_else(|| form.rows.iter().map(|row| (row.clone(), row.clone())).collect());
    let main = html! {
        p class="facts" { span { (own.prefecture_name) } a href=(format!("/municipalities/{}/material", own.code)) { (own.name) "の資料" } a href=(format!("/api/v1/material_templates/{}/{}.xlsx", own.code, place.kind.code())) { "Excel の様式で書く" } }
        @if let Some((_, problem)) = refused { (refusals(Lang::Ja, problem)) }
        p { (place.kind.meaning_ja()) "。変えるところだけを書いてください。送ると、取込と同じように何が変わるかを確かめる画面になります。反映するまで何も書き込みません。" }
        @if let Some(chosen) = place.procedure {
            form class="filters" method="get" action=(address) {
                div { label for="procedure" { "手続" } select id="procedure" name="procedure" { @for (ix, one) in (0..).zip(catalogue.procedures()) { option value=(one.id) selected[ix == chosen] { (one.short_ja) } } } }
                button type="submit" { "表示" }
            }
        }
        @if form.all > MOST {
            nav class="acts" aria-label="続き" {
                span { (form.all) "行中 " (place.offset + 1) "〜" (place.offset + form.rows.len()) }
                @for offset in (0..form.all).step_by(MOST) { @if offset != place.offset { a href=(further(&address, catalogue.procedure(place.procedure.unwrap_or_default()).id.as_str(), place, offset)) { (offset + 1) "行目から" } } }
            }
        }
        form method="post" action=(address) {
            (secret(session))
            @if let Some(chosen) = place.procedure { input type="hidden" name="procedure" value=(catalogue.procedure(chosen).id); }
            input type="hidden" name="offset" value=(place.offset);
            (table(&form, place.kind, &all, refused.map(|(fields, _)| fields)))
            div class="sheetlike" {
                div { label for="reason" { "なぜ直すか（任意。履歴に残ります）" } input type="text" id="reason" name="reason" maxlength="200" value=[refused.and_then(|(fields, _)| fields.get("reason"))]; }
                p class="go" { button type="submit" class="first" { "送って確かめる" } }
            }
        }
    };
    Ok(framed(
        Around::own(ctx.is_demo()),
        status,
        &format!("{}の{}を書く", own.name, place.kind.label()),
        &main,
    ))
}

/// The address of other rows of the same.
fn further(address: &str, procedure: &str, place: Place, offset: usize) -> String {
    match place.procedure {
        Some(_) => format!("{address}?procedure={procedure}&offset={offset}"),
        None => format!("{address}?offset={offset}"),
    }
}

fn table(form: &Form, kind: MaterialKind, all: &[(Row, Row)], fields: Option<&Fields>) -> Markup {
    let columns = columns(kind);
    html! {
        div class="scroll" role="region" aria-label=(kind.label()) tabindex="0" {
            table class="rows" {
                thead { tr {
                    @for column in &columns { th scope="col" { (form.headings[column.at]) } }
                    th scope="col" { "取り下げる" }
                } }
                tbody { @for (at, (shown, typed)) in all.iter().enumerate() { tr {
                    @for (place, column) in columns.iter().enumerate() {
                        @let content = html! { @if place == 0 { input type="hidden" name=(format!("s.{at}")) value=(seal(shown)); } (cell(form, column, at, shown, typed)) };
                        @if is_fixed(column, shown) { th scope="row" { (content) } } @else { td { (content) } }
                    }
                    td { @if shown.held { input type="checkbox" name=(format!("w.{at}")) value="true" aria-label=(format!("{}行目を取り下げる", at + 1)) checked[fields.is_some_and(|fields| fields.is_ticked(&format!("w.{at}")))]; } }
                } } }
            }
        }
    }
}

/// Whether a cell says which row it is, and is not to be changed.
fn is_fixed(column: &Column, shown: &Row) -> bool {
    let said = !shown.cells[column.at].is_empty();
    said && column.is_key && (shown.held || matches!(column.what, What::Procedure | What::Point(_)))
}

fn cell(form: &Form, column: &Column, at: usize, shown: &Row, typed: &Row) -> Markup {
    let (name, value) = (format!("c.{at}.{}", column.at), &typed.cells[column.at]);
    let label = format!("{} {}行目", form.headings[column.at], at + 1);
    let longest = match column.what {
        What::Text(longest) => longest,
        What::Procedures => 2_000,
        _ => 40,
    };
    html! {
        @if is_fixed(column, shown) {
            @if column.what == What::Procedure { (shown.cells[column.at + 1]) } @else { (shown.cells[column.at]) }
        } @else if let Some(words) = form.words.get(column.at).and_then(Option::as_ref) {
            select name=(name) aria-label=(label) {
                option value="" { "" }
                @for word in words { option value=(word) selected[value == word] { (word) } }
                @if !value.is_empty() && words.iter().all(|word| word != value) { option value=(value) selected { (value) } }
            }
        } @else {
            input type="text" name=(name) aria-label=(label) maxlength=(longest) value=(value);
        }
    }
}
