//! Tables of people as imports: a file is chosen, read, asked about, checked, applied and taken back, each step a page
//! that can be left and opened again. Nothing here writes: the service's four verbs do.

mod ask;
mod check;
mod choose;
mod list;
mod paths;
mod show;
mod usual;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, routes, web};

use super::door;
use super::form::{Fields, Member, Posted};
use super::frame::go_to;
use super::session::{SameSiteForm, SignedIn};
use crate::domain::access::Action;
use crate::http::body::Unread;
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::file_name::disposition;
use crate::http::problem::{Detail, Kind, Problem};
use crate::http::state::State;
use crate::http::upload::receive_form;
use crate::import::OnError;
use crate::import::options::{Asked, GivenAnswer, Refused};
use crate::query::parameters::{Query, names};
use crate::service::error::Error;
use crate::service::imports::{ApplyOptions, Upload};
use crate::service::sessions::Session;

use paths::address;

pub(super) use list::all_imports;
pub(super) use show::{import_rows, one_import};

#[get("/imports/new")]
pub(super) async fn choose_file(ctx: Ctx, Member(session): Member) -> Answer {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<choose::ChooseQuery>()]);
    query.checks().finish()?;
    let fields = query.part::<choose::ChooseQuery>().fields();
    choose::page(&ctx, &session, &fields, None).await
}

/// Takes a file. What is refused is told on the page where it was chosen, with everything that was typed there.
#[post("/imports")]
pub(super) async fn send(
    _here: SameSiteForm,
    session: Result<SignedIn, Problem>,
    ctx: Ctx,
    state: web::Data<State>,
    request: HttpRequest,
    body: Unread,
) -> Answer {
    let SignedIn(session) = match session {
        Err(problem) if problem.kind == Kind::UNAUTHENTICATED => {
            return Ok(door::ended_with_file(ctx.is_demo()));
        }
        session => session?,
    };
    let names = choose::fields();
    let (received, fields) = match receive_form(request.headers(), body, state.max_upload, &names).await {
        Ok((received, pairs)) => (received, Fields::of(pairs)),
        Err(problem) => return choose::page(&ctx, &session, &Fields::default(), Some(&problem)).await,
    };
    let received = match received {
        Ok(received) => received,
        Err(problem) => return choose::page(&ctx, &session, &fields, Some(&problem)).await,
    };
    fields.check(&session)?;
    let asked = match choose::asked(&fields) {
        Ok(asked) => asked,
        Err(problem) => return choose::page(&ctx, &session, &fields, Some(&problem)).await,
    };
    let (origin, said) = (session.origin.clone(), asked.clone());
    let sent = ctx
        .wait(move |service| {
            service.guard(&origin, Action::Import, None)?;
            let options = match service.options(&origin, &said)? {
                Ok(options) => options,
                Err(refused) => return Ok(Err(refused)),
            };
            let file = Upload { name: received.name, bytes: received.bytes, asked, options };
            Ok(Ok(service.upload(&origin, file, None, None)?))
        })
        .await;
    match sent {
        Ok(Ok(sent)) => Ok(go_to(address(sent.id)).finish()),
        Ok(Err(refused)) => choose::page(&ctx, &session, &fields, Some(&refused_values(refused))).await,
        Err(problem) if problem.kind.status.is_server_error() || problem.kind == Kind::FORBIDDEN => {
            Err(problem)
        }
        Err(problem) => choose::page(&ctx, &session, &fields, Some(&problem)).await,
    }
}

/// Values that make no sense, as a problem.
fn refused_values(refused: Refused) -> Problem {
    let detail = |(name, refusal)| Detail { pointer: format!("/body/{name}"), refusal };
    Problem::unprocessable(refused.into_iter().map(detail).collect())
}

/// Does something with an import and goes back to it; what is refused is told beside it.
async fn done<T: Send + 'static>(
    ctx: &Ctx,
    session: Session,
    id: i64,
    work: impl FnOnce(&std::sync::Arc<crate::service::Service>, &Session) -> Result<T, Error> + Send + 'static,
) -> Answer {
    let by = session.clone();
    match ctx.wait(move |service| work(service, &by)).await {
        Ok(_) => Ok(go_to(address(id)).finish()),
        Err(problem) => refused(ctx, &session, id, problem, None).await,
    }
}

/// A refusal beside the import that it is about, where there is one.
async fn refused(ctx: &Ctx, session: &Session, id: i64, problem: Problem, typed: Option<&Fields>) -> Answer {
    match problem.kind {
        Kind::CONFLICT | Kind::UNPROCESSABLE => show::page(ctx, session, id, Some(&problem), typed).await,
        _ => Err(problem),
    }
}

/// Where a form was sent to is no page of its own: whoever opens its address again is led to the import.
#[routes]
#[get("/imports/{id}/answers")]
#[get("/imports/{id}/apply")]
#[get("/imports/{id}/cancel")]
#[get("/imports/{id}/revert")]
pub(super) async fn back_to_import(Member(_): Member, id: web::Path<String>) -> Answer {
    Ok(go_to(address(number_of_path(&id)?)).finish())
}

#[post("/imports/{id}/answers")]
pub(super) async fn answer(ctx: Ctx, posted: Posted, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    let Posted { session, fields } = posted;
    let answers = ask::answers(&fields)?;
    if answers.is_empty() && !fields.is_ticked(ask::AGAIN) {
        let (ja, en) = (
            "答えが選ばれていません。答えを選ぶか書いてから、もう一度送ってください。",
            "nothing was answered",
        );
        return refused(&ctx, &session, id, Problem::new(Kind::UNPROCESSABLE, ja, en), Some(&fields)).await;
    }
    let given = answers.iter().map(|(parameter, about, value)| GivenAnswer {
        parameter,
        about: about.as_deref(),
        value,
    });
    let asked = match Asked::of_answers(given) {
        Ok(asked) => asked,
        Err(refusal) => {
            let problem = Problem::of(Kind::UNPROCESSABLE, "/body", refusal);
            return refused(&ctx, &session, id, problem, Some(&fields)).await;
        }
    };
    let keep = fields.is_ticked("keep").then(|| ask::KEPT_AS.to_owned());
    let by = session.origin.clone();
    let answered = ctx.wait(move |service| service.answer_import(&by, id, asked, keep.as_deref())).await;
    match answered {
        Ok(Ok(_)) => Ok(go_to(address(id)).finish()),
        Ok(Err(values)) => refused(&ctx, &session, id, refused_values(values), Some(&fields)).await,
        Err(problem) => refused(&ctx, &session, id, problem, Some(&fields)).await,
    }
}

#[post("/imports/{id}/apply")]
pub(super) async fn apply(ctx: Ctx, posted: Posted, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    let Posted { session, fields } = posted;
    fields.only(&["skip", "confirm", "plan"])?;
    let on_error = if fields.is_ticked("skip") { OnError::Skip } else { OnError::Reject };
    let how = ApplyOptions { on_error, confirmed: fields.is_ticked("confirm"), ..ApplyOptions::default() };
    let seen = fields.get("plan").unwrap_or_default().to_owned();
    done(&ctx, session, id, move |service, session| {
        // Another window may have answered something since this one was drawn.
        let import = service.import(&session.origin, id)?;
        if import.plan_hash.as_ref().map(check::hex).unwrap_or_default() != seen {
            return Err(Error::Conflict(check::seen_another()));
        }
        service.apply(&session.origin, id, ApplyOptions { expected_plan: import.plan_hash, ..how })
    })
    .await
}

#[post("/imports/{id}/cancel")]
pub(super) async fn cancel(ctx: Ctx, posted: Posted, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    posted.fields.only(&[])?;
    done(&ctx, posted.session, id, move |service, session| service.cancel_import(&session.origin, id)).await
}

#[post("/imports/{id}/revert")]
pub(super) async fn revert(ctx: Ctx, posted: Posted, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    posted.fields.only(&[])?;
    done(&ctx, posted.session, id, move |service, session| {
        service.seen_import(&session.origin, id)?;
        service.revert(id, &session.origin)?;
        service.refresh()
    })
    .await
}

#[get("/imports/{id}/errors.csv")]
pub(super) async fn errors(ctx: Ctx, Member(session): Member, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    let bytes = ctx.wait(move |service| service.errors_csv(&session.origin, id)).await?;
    Ok(file(&format!("errors-{id}.csv"), None, "text/csv; charset=utf-8", bytes))
}

#[get("/imports/{id}/original")]
pub(super) async fn original(ctx: Ctx, Member(session): Member, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    let (name, bytes) = ctx.wait(move |service| service.original(&session.origin, id)).await?;
    Ok(file(&format!("import-{id}"), Some(&name), "application/octet-stream", bytes))
}

/// A file to be saved by whoever may see the import.
fn file(ascii: &str, name: Option<&str>, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(ascii, name)))
        .content_type(media_type)
        .body(bytes)
}
