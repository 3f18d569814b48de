//! Many rows of a body as one table: what is filled in there is sent as a file of long rows, so that it is shown before
//! it is written, all of it or nothing, and can be taken back.

use actix_web::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::sent::as_file;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::procedure::Category;
use crate::domain::readiness::{Level, Scale};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::import::options::Asked;
use crate::query::cell_words::{applicability_words, cell_words, stated_words};
use crate::query::parameters::{Query, names};
use crate::query::question::Grid;
use crate::service::sessions::Session;
use crate::web::form::{Fields, secret};
use crate::web::frame::{Around, go_to, page as framed};
use crate::web::lang::Lang;
use crate::web::texts::refusals;
use crate::web::words::{heads, mark};

/// Headings of the file that a form becomes: those of the long layout.
const HEADINGS: [&str; 9] =
    ["団体コード", "手続ID", "接点", "段階", "状態", "該当性", "システム", "担当課", "適用日"];
/// What takes a row back.
const WITHDRAWN: &str = "withdrawn";

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ManyQuery {
    /// Of which field.
    #[param(max_length = 40)]
    category: Option<String>,
    /// On which channel.
    #[param(max_length = 40)]
    channel: Option<String>,
}

/// Which rows are shown.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    category: Category,
    channel: ChannelIx,
}

/// What the address asks for: the first field and the first named channel unless it says otherwise.
pub(super) fn asked(ctx: &Ctx) -> Result<Chosen, Problem> {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<ManyQuery>()]);
    let mut checks = query.checks();
    let ManyQuery { category, channel } = query.part();
    let catalogue = ctx.service().catalogue();
    let category = checks.one("category", &category, str::parse::<Category>);
    let channel = checks.one("channel", &channel, |text| catalogue.find_channel(text));
    checks.finish()?;
    // Nobody states by hand what is offered by means that are not known.
    let first = (0..).zip(catalogue.channels()).map(|(ix, _)| ix).find(|ix| Some(*ix) != catalogue.online());
    let channel = channel.or(first).unwrap_or_default();
    Ok(Chosen { category: category.unwrap_or(Category::ALL[0]), channel })
}

/// The procedures of a field that the body is expected to answer about.
fn procedures(catalogue: &Catalogue, body: BodyIx, chosen: Chosen) -> Vec<ProcedureIx> {
    let (prefecture, scale) = (catalogue.body(body).is_prefecture(), catalogue.channel(chosen.channel).scale);
    (0..)
        .zip(catalogue.procedures())
        .filter(|(_, one)| one.category == chosen.category && one.expects(prefecture, scale))
        .map(|(ix, _)| ix)
        .collect()
}

/// The page, with what was typed and why it was not taken.
pub(super) fn page(
    ctx: &Ctx,
    session: &Session,
    body: BodyIx,
    chosen: Chosen,
    refused: Option<(&Fields, &Problem)>,
) -> Answer {
    let grid = ctx.grid();
    let catalogue = grid.catalogue();
    let own = catalogue.body(body);
    let status = refused.map_or(StatusCode::OK, |(_, problem)| problem.kind.status);
    let address = format!("/municipalities/{}/edit", own.code);
    let main = html! {
        p class="facts" { span { (own.prefecture_name) } a href=(format!("/municipalities/{}", own.code)) { (own.name) "のページ" } }
        @if let Some((_, problem)) = refused { (refusals(Lang::Ja, problem)) }
        p { "変えるところだけを選んでください。送ると、取込と同じように何が変わるかを確かめる画面になります。反映するまで何も書き込みません。" }
        form class="filters" method="get" action=(address) {
            div { label for="category" { "分野" } select id="category" name="category" { @for one in Category::ALL { option value=(one.code()) selected[*one == chosen.category] { (one.label()) } } } }
            div { label for="channel" { "接点" } select id="channel" name="channel" { @for (ix, one) in (0..).zip(catalogue.channels()) { option value=(one.id) selected[ix == chosen.channel] { (one.label_ja) } } } }
            button type="submit" { "表示" }
        }
        form method="post" action=(address) {
            (secret(session))
            input type="hidden" name="category" value=(chosen.category.code());
            input type="hidden" name="channel" value=(catalogue.channel(chosen.channel).id);
            (table(&grid, body, chosen, refused.map(|(fields, _)| fields)))
            div class="sheetlike" {
                div { label for="effective_on" { "いつから（空なら今日。例: 令和8年10月1日）" } input type="text" id="effective_on" name="effective_on" maxlength="40" value=[refused.and_then(|(fields, _)| fields.get("effective_on"))]; }
                div { label for="reason" { "なぜ直すか（任意。履歴に残ります）" } input type="text" id="reason" name="reason" maxlength="200" value=[refused.and_then(|(fields, _)| fields.get("reason"))]; }
                p class="go" { button type="submit" class="first" { "送って確かめる" } }
            }
        }
    };
    Ok(framed(Around::own(ctx.is_demo()), status, &format!("{}をまとめて直す", own.name), &main))
}

const SHOWN_AS: [&str; 5] = ["手続", "いま", "新しい段階", "システム", "担当課"];

fn table(grid: &Grid, body: BodyIx, chosen: Chosen, typed: Option<&Fields>) -> Markup {
    let catalogue = grid.catalogue();
    let scale = catalogue.channel(chosen.channel).scale;
    let rows = procedures(catalogue, body, chosen);
    html! {
        div class="scroll" role="region" aria-label="まとめて直す" tabindex="0" {
            table class="stack" {
                (heads(&SHOWN_AS))
                tbody { @for procedure in rows { (row(grid, body, procedure, chosen.channel, scale, typed)) } }
            }
        }
    }
}

fn row(
    grid: &Grid,
    body: BodyIx,
    procedure: ProcedureIx,
    channel: ChannelIx,
    scale: Scale,
    typed: Option<&Fields>,
) -> Markup {
    let one = grid.catalogue().procedure(procedure);
    let name = |what: &str| format!("{what}.{}", one.id);
    let value = |what: &str| typed.and_then(|fields| fields.get(&name(what))).map(str::to_owned);
    let block = grid.block(body);
    let cell = block.counting(procedure).find(|cell| cell.channel == channel);
    let absent = applicability_words(block.applicability_that_counts(procedure));
    let words = absent.unwrap_or_else(|| match cell {
        Some(cell) => stated_words(cell.level, cell.at_least, cell.state, scale),
        None => cell_words("no_answer", scale),
    });
    let chosen = value("level");
    let field = |what: &str, label: &str| {
        html! { input type="text" name=(name(what)) maxlength="100" aria-label=(format!("{} {label}", one.short_ja)) value=[value(what)]; }
    };
    html! {
        tr {
            th scope="row" { (one.name_ja) }
            td class="look" data-label=(SHOWN_AS[1]) { div { (mark(Lang::Ja, &words)) @if let Some(system) = cell.and_then(|cell| cell.system.as_deref()) { br; span class="small weak" { (system) } } } }
            td data-label=(SHOWN_AS[2]) {
                select name=(name("level")) aria-label=(format!("{} 新しい段階", one.short_ja)) {
                    option value="" { "今のまま" }
                    @for level in Level::all() { option value=(level) selected[chosen.as_deref() == Some(level.to_string().as_str())] { (level) " " (level.label(scale)) } }
                    @for level in [Level::THREE] { option value=(format!("{level}+")) selected[chosen.as_deref() == Some(format!("{level}+").as_str())] { (cell_words(&format!("{level}+"), scale).label) } }
                    @for absent in Applicability::ALL.iter().filter(|one| !one.applies()) { option value=(absent.code()) selected[chosen.as_deref() == Some(absent.code())] { "手続そのもの: " (absent.label()) } }
                    option value=(WITHDRAWN) selected[chosen.as_deref() == Some(WITHDRAWN)] { "申告を取り下げる" }
                }
            }
            td data-label=(SHOWN_AS[3]) { (field("system", "システム")) }
            td data-label=(SHOWN_AS[4]) { (field("section", "担当課")) }
        }
    }
}

/// Takes what was filled in as a file, and goes on to what it would change.
pub(super) async fn send(ctx: &Ctx, session: &Session, body: BodyIx, fields: &Fields) -> Answer {
    let catalogue = ctx.service().catalogue();
    let chosen = Chosen {
        category: fields.get("category").and_then(|code| code.parse().ok()).unwrap_or(Category::ALL[0]),
        channel: fields.get("channel").and_then(|id| catalogue.channel_ix(id)).unwrap_or_default(),
    };
    let rows = match filled_in(catalogue, body, chosen, fields) {
        Ok(rows) if rows.is_empty() => {
            let problem = Problem::new(
                Kind::UNPROCESSABLE,
                "変えるところが選ばれていません。",
                "nothing was filled in",
            );
            return page(ctx, session, body, chosen, Some((fields, &problem)));
        }
        Ok(rows) => rows,
        Err(problem) => return page(ctx, session, body, chosen, Some((fields, &problem))),
    };
    let asked = Asked {
        layout: Some("long".to_owned()),
        reason: fields.get("reason").map(str::to_owned),
        ..Asked::default()
    };
    let name = format!("画面での編集（{}・{}）.csv", catalogue.body(body).name, chosen.category.label());
    match as_file(ctx, session, name, rows.into_bytes(), asked).await {
        Ok(id) => Ok(go_to(format!("/imports/{id}")).finish()),
        Err(problem) if problem.kind == Kind::UNPROCESSABLE => {
            page(ctx, session, body, chosen, Some((fields, &problem)))
        }
        Err(problem) => Err(problem),
    }
}

/// What was filled in, as a file of long rows; empty where nothing was.
fn filled_in(
    catalogue: &Catalogue,
    body: BodyIx,
    chosen: Chosen,
    fields: &Fields,
) -> Result<String, Problem> {
    let since = fields.get("effective_on").unwrap_or_default();
    let mut rows = csv::Writer::from_writer(Vec::new());
    let broken = |_| Problem::plain(Kind::INTERNAL);
    let mut any = false;
    rows.write_record(HEADINGS).map_err(broken)?;
    let (code, channel) =
        (catalogue.body(body).code.to_string(), catalogue.channel(chosen.channel).id.as_str());
    for procedure in procedures(catalogue, body, chosen) {
        let id = catalogue.procedure(procedure).id.as_str();
        let value = |what: &str| fields.get(&format!("{what}.{id}")).unwrap_or_default();
        let (level, system, section) = (value("level"), value("system"), value("section"));
        let absent = Applicability::ALL.iter().any(|one| one.code() == level);
        let row = match (level, absent) {
            ("", _) if system.is_empty() && section.is_empty() => continue,
            (WITHDRAWN, _) => [&code, id, channel, "", WITHDRAWN, "", "", "", since],
            (absent, true) => [&code, id, "", "", "", absent, "", "", since],
            (level, false) => [&code, id, channel, level, "", "", system, section, since],
        };
        any = true;
        rows.write_record(row).map_err(broken)?;
    }
    let text = rows.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    Ok(if any { text } else { String::new() })
}
