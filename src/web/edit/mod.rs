//! What a body says is put right here: one row, whether it performs a procedure, or many rows as one table, which is
//! sent as a file is. Whoever was quicker is shown beside what was typed, and nothing typed is lost.

mod many;
mod one;
mod refused;
mod rights;
pub(super) mod sent;
mod whole;

use actix_web::{get, post, web};

use refused::Refused;

use super::form::{Fields, Member, Posted};
use super::frame::go_to;
use crate::domain::access::{Action, Target, decide};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::http::spot::Spot;
use crate::query::parameters::{Query, names};
use crate::service::error::Error;
use crate::service::statements::{Seen, Tag};

/// What a row was said of.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SavedQuery {
    /// What was done with it.
    #[param(max_length = 9)]
    saved: Option<String>,
}

/// How a row that was withdrawn is told from one that was put right.
const WITHDRAWN: &str = "withdrawn";

/// What was done, where one comes from having saved.
fn saved(ctx: &Ctx) -> Result<Option<&'static str>, Problem> {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<SavedQuery>()]);
    query.checks().finish()?;
    let saved = query.part::<SavedQuery>().saved;
    Ok(saved.map(|how| if how == WITHDRAWN { "取り下げました" } else { "直しました" }))
}

/// What whoever sends a form saw before, by the tag that stood in it.
fn seen(fields: &Fields) -> Seen {
    Seen::Tags(fields.get("tag").and_then(Tag::read).into_iter().collect())
}

/// Whether a problem is one of what was typed, so that it is told beside that.
fn is_of_form(problem: &Problem) -> bool {
    [Kind::PRECONDITION_FAILED, Kind::UNPROCESSABLE, Kind::CONFLICT].contains(&problem.kind)
}

type RowPath = web::Path<(String, String, String)>;
type WholePath = web::Path<(String, String)>;

fn spot_of_row(ctx: &Ctx, path: RowPath) -> Result<Spot, Problem> {
    let (code, procedure, channel) = path.into_inner();
    Spot::of(ctx.service().catalogue(), &code, &procedure, Some(&channel))
}

#[get("/municipalities/{code}/readiness/{procedure}/{channel}/edit")]
pub(super) async fn show_row(ctx: Ctx, Member(session): Member, path: RowPath) -> Answer {
    let spot = spot_of_row(&ctx, path)?;
    let saved = saved(&ctx)?;
    one::page(&ctx, &session, spot, None, saved).await
}

#[post("/municipalities/{code}/readiness/{procedure}/{channel}/edit")]
pub(super) async fn state_row(ctx: Ctx, posted: Posted, path: RowPath) -> Answer {
    let spot = spot_of_row(&ctx, path)?;
    let Posted { session, fields } = posted;
    fields.only(one::FIELDS)?;
    let (origin, place, seen) = (session.origin.clone(), spot.place(&ctx), seen(&fields));
    let done = match one::said(&fields) {
        Err(problem) => Err(problem),
        Ok(said) => {
            ctx.wait(move |service| {
                service.state(&origin, &place, said.source, said.fact, said.effective, &seen)
            })
            .await
        }
    };
    match done {
        Ok(_) => Ok(go_to(format!("{}?saved=true", ctx.path())).finish()),
        Err(problem) if is_of_form(&problem) => {
            one::page(&ctx, &session, spot, Some(&Refused { typed: Some(&fields), problem: &problem }), None)
                .await
        }
        Err(problem) => Err(problem),
    }
}

#[post("/municipalities/{code}/readiness/{procedure}/{channel}/withdraw")]
pub(super) async fn withdraw_row(ctx: Ctx, posted: Posted, path: RowPath) -> Answer {
    let spot = spot_of_row(&ctx, path)?;
    let Posted { session, fields } = posted;
    fields.only(&["tag"])?;
    let (origin, place, seen) = (session.origin.clone(), spot.place(&ctx), seen(&fields));
    match ctx.wait(move |service| service.withdraw(&origin, &place, None, &seen)).await {
        Ok(()) => Ok(go_to(format!("{}?saved={WITHDRAWN}", one::address(&ctx, spot))).finish()),
        Err(problem) if is_of_form(&problem) => {
            one::page(&ctx, &session, spot, Some(&Refused { typed: None, problem: &problem }), None).await
        }
        Err(problem) => Err(problem),
    }
}

#[get("/municipalities/{code}/applicability/{procedure}/edit")]
pub(super) async fn show_whole(ctx: Ctx, Member(session): Member, path: WholePath) -> Answer {
    let (code, procedure) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, None)?;
    let saved = saved(&ctx)?;
    whole::page(&ctx, &session, spot, None, saved).await
}

#[post("/municipalities/{code}/applicability/{procedure}/edit")]
pub(super) async fn state_whole(ctx: Ctx, posted: Posted, path: WholePath) -> Answer {
    let (code, procedure) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, None)?;
    let Posted { session, fields } = posted;
    fields.only(whole::FIELDS)?;
    let (origin, place, seen) = (session.origin.clone(), spot.place(&ctx), seen(&fields));
    let done = match whole::said(&fields) {
        Err(problem) => Err(problem),
        Ok(said) => {
            ctx.wait(move |service| {
                service.state(&origin, &place, said.source, said.fact, said.effective, &seen)
            })
            .await
        }
    };
    match done {
        Ok(_) => Ok(go_to(format!("{}?saved=true", ctx.path())).finish()),
        Err(problem) if is_of_form(&problem) => {
            whole::page(
                &ctx,
                &session,
                spot,
                Some(&Refused { typed: Some(&fields), problem: &problem }),
                None,
            )
            .await
        }
        Err(problem) => Err(problem),
    }
}

#[post("/municipalities/{code}/applicability/{procedure}/withdraw")]
pub(super) async fn withdraw_whole(ctx: Ctx, posted: Posted, path: WholePath) -> Answer {
    let (code, procedure) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, None)?;
    let Posted { session, fields } = posted;
    fields.only(&["tag"])?;
    let (origin, place, seen) = (session.origin.clone(), spot.place(&ctx), seen(&fields));
    match ctx.wait(move |service| service.withdraw(&origin, &place, None, &seen)).await {
        Ok(()) => {
            let form = ctx.path().replace("/withdraw", "/edit");
            Ok(go_to(format!("{form}?saved={WITHDRAWN}")).finish())
        }
        Err(problem) if is_of_form(&problem) => {
            whole::page(&ctx, &session, spot, Some(&Refused { typed: None, problem: &problem }), None).await
        }
        Err(problem) => Err(problem),
    }
}

#[get("/municipalities/{code}/edit")]
pub(super) async fn show_many(ctx: Ctx, Member(session): Member, code: web::Path<String>) -> Answer {
    let body =
        ctx.service().catalogue().find_body(&code).map_err(|refusal| Problem::path("code", refusal))?;
    let asked = many::asked(&ctx)?;
    let grant = &session.origin.actor.grant;
    let municipality = ctx.service().catalogue().body(body).code;
    // Which fields a key is for is told row by row.
    let target = Target { municipality, category: grant.categories().first().copied() };
    decide(grant, Action::Import, Some(target)).map_err(Error::Denied)?;
    many::page(&ctx, &session, body, asked, None)
}

#[post("/municipalities/{code}/edit")]
pub(super) async fn send_many(ctx: Ctx, posted: Posted, code: web::Path<String>) -> Answer {
    let body =
        ctx.service().catalogue().find_body(&code).map_err(|refusal| Problem::path("code", refusal))?;
    let Posted { session, fields } = posted;
    many::send(&ctx, &session, body, &fields).await
}
