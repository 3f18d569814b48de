//! Signing in with a key, signing out, and one's sessions.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use maud::{Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::frame::{go_to, page};
use super::session::{SameSiteForm, SignedIn, check_csrf, client_of, cookie};
use crate::domain::access::session::OpenSession;
use crate::domain::access::token::Secret;
use crate::domain::dates::in_japan;
use crate::http::body;
use crate::http::problem::{Kind, Problem};
use crate::http::state::State;
use crate::service::error::Error;
use crate::service::sessions::{Session, digest};

/// Largest form, in bytes.
const MAX_FORM: usize = 4 * 1024;

/// A form, read within bounds of size and time.
struct Form<T>(T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        Box::pin(async move {
            if !is_form {
                return Err(Problem::plain(Kind::UNSUPPORTED_MEDIA_TYPE).closing());
            }
            let bytes = body::read(payload, MAX_FORM).await?;
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            // A form has the shape of a query.
            web::Query::<T>::from_query(text).map(|form| Self(form.into_inner())).map_err(|cause| {
                Problem::new(Kind::UNPROCESSABLE, "入力の形が正しくありません。", cause.to_string())
            })
        })
    }
}

/// The form to sign in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInForm {
    token: String,
}

/// A form of someone who is signed in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionForm {
    csrf: String,
    /// The session to be ended; none is all others.
    id: Option<i64>,
}

#[get("/sign-in")]
pub(super) async fn show_sign_in() -> HttpResponse {
    page(StatusCode::OK, "サインイン", &sign_in_form(None))
}

fn sign_in_form(refused: Option<&str>) -> Markup {
    html! {
        @if let Some(refused) = refused { p id="refused" role="alert" { (refused) } }
        form method="post" action="/sign-in" {
            p { label for="token" { "鍵（tdk_ で始まる40文字）" } }
            p {
                input type="password" id="token" name="token" required autocomplete="current-password" maxlength="60"
                    aria-describedby=[refused.map(|_| "refused")];
            }
            p { button type="submit" { "サインイン" } }
        }
        p { "鍵は管理者が作ります。共用のパソコンでは、終わったら必ずサインアウトしてください。" }
    }
}

#[post("/sign-in")]
pub(super) async fn sign_in(
    _here: SameSiteForm,
    before: Result<SignedIn, Problem>,
    request: HttpRequest,
    state: web::Data<State>,
    form: Form<SignInForm>,
) -> Result<HttpResponse, Problem> {
    let client = client_of(&request)?;
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.map(str::to_owned);
    let (service, other_end) = (Arc::clone(&state.service), client.clone());
    let old = before.ok().map(|SignedIn(session)| session);
    let opened = web::block(move || {
        let secret = Secret::parse(form.0.token.trim()).map_err(Error::Unauthenticated)?;
        let opened = service.open_session(
            &secret,
            other_end.address_text(),
            Some(other_end.request_id),
            agent.as_deref(),
        )?;
        // Whoever signs in again has left what was open here before.
        if let Some(old) = old {
            gone(service.end_sessions(&old.origin, Some(old.id)))?;
        }
        Ok(opened)
    })
    .await?;
    match opened {
        Ok((value, _)) => {
            state.trust(digest(&value));
            Ok(go_to("/account").cookie(cookie(&client, value)).finish())
        }
        Err(Error::Unauthenticated(refusal)) => {
            Ok(page(StatusCode::UNAUTHORIZED, "サインイン", &sign_in_form(Some(&refusal.ja))))
        }
        Err(error) => Err(error.into()),
    }
}

/// A session that has ended by itself in between is as gone as it should be.
fn gone(ended: Result<(), Error>) -> Result<(), Error> {
    match ended {
        Err(Error::NotFound(_)) => Ok(()),
        result => result,
    }
}

#[get("/account")]
pub(super) async fn account(
    session: Result<SignedIn, Problem>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let SignedIn(session) = match session {
        Ok(session) => session,
        Err(problem) if problem.kind == Kind::UNAUTHENTICATED => return Ok(go_to("/sign-in").finish()),
        Err(problem) => return Err(problem),
    };
    let (service, origin) = (Arc::clone(&state.service), session.origin.clone());
    let sessions = web::block(move || service.sessions(&origin)).await??;
    Ok(page(StatusCode::OK, "サインインの状態", &account_page(&session, &sessions)))
}

fn account_page(session: &Session, sessions: &[OpenSession]) -> Markup {
    let grant = &session.origin.actor.grant;
    let reach = grant
        .municipality()
        .map(|code| code.to_string())
        .or(grant.prefecture().map(|code| code.to_string()))
        .unwrap_or_else(|| "全国".to_owned());
    let shown = |at: DateTime<Utc>| in_japan(at).format("%Y-%m-%d %H:%M").to_string();
    html! {
        p { "役割: " (grant.role().label()) "（" (reach) "）" }
        table {
            caption { "この鍵で開いている画面" }
            thead { tr { th scope="col" { "開始" } th scope="col" { "最終利用" } th scope="col" { "接続元" } th scope="col" { "ブラウザ" } th scope="col" { "操作" } } }
            tbody {
                @for row in sessions {
                    tr {
                        td { (shown(row.created_at)) }
                        td { (shown(row.seen_at)) }
                        td { (row.address.as_deref().unwrap_or("不明")) }
                        td { (row.agent.as_deref().unwrap_or("不明")) }
                        td {
                            @if row.id == session.id { "この画面" } @else {
                                (ending(session, Some(row.id), &format!("{} に開いた画面を終える", shown(row.created_at))))
                            }
                        }
                    }
                }
            }
        }
        (ending(session, None, "ほかの画面をすべて終える"))
        form method="post" action="/sign-out" {
            input type="hidden" name="csrf" value=(session.csrf);
            p { button type="submit" { "サインアウト" } }
        }
    }
}

fn ending(session: &Session, id: Option<i64>, label: &str) -> Markup {
    html! {
        form method="post" action="/account/end-sessions" {
            input type="hidden" name="csrf" value=(session.csrf);
            @if let Some(id) = id { input type="hidden" name="id" value=(id); }
            p { button type="submit" { (label) } }
        }
    }
}

#[post("/sign-out")]
pub(super) async fn sign_out(
    _here: SameSiteForm,
    session: SignedIn,
    request: HttpRequest,
    state: web::Data<State>,
    form: Form<SessionForm>,
) -> Result<HttpResponse, Problem> {
    let session = session.0;
    check_csrf(&session, &form.0.csrf)?;
    let service = Arc::clone(&state.service);
    web::block(move || gone(service.end_sessions(&session.origin, Some(session.id)))).await??;
    let mut removal = cookie(&client_of(&request)?, String::new());
    removal.make_removal();
    // What the browser kept of the pages goes, too.
    Ok(go_to("/sign-in")
        .insert_header(("clear-site-data", "\"cache\", \"storage\""))
        .cookie(removal)
        .finish())
}

#[post("/account/end-sessions")]
pub(super) async fn end_sessions(
    _here: SameSiteForm,
    session: SignedIn,
    state: web::Data<State>,
    form: Form<SessionForm>,
) -> Result<HttpResponse, Problem> {
    let session = session.0;
    check_csrf(&session, &form.0.csrf)?;
    let service = Arc::clone(&state.service);
    web::block(move || match form.0.id {
        Some(id) => service.end_sessions(&session.origin, Some(id)),
        None => service.end_other_sessions(&session),
    })
    .await??;
    Ok(go_to("/account").finish())
}
