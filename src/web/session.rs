//! Who is signed in, and whether a form came from a page of ours.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use crate::domain::Refusal;
use crate::http::client::Client;
use crate::http::credential::{cookie_name, session_of};
use crate::http::problem::{Kind, Problem};
use crate::http::state::State;
use crate::service::error::Error;
use crate::service::sessions::{Session, digest};

/// The cookie that holds a session, until the browser is closed; the server ends it earlier.
pub(super) fn cookie(client: &Client, value: String) -> Cookie<'static> {
    Cookie::build(cookie_name(client), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(client.over_https)
        .finish()
}

/// The other end of a request.
pub(super) fn client_of(request: &HttpRequest) -> Result<Client, Problem> {
    request.extensions().get::<Client>().cloned().ok_or(Problem::plain(Kind::INTERNAL))
}

/// Someone who is signed in.
pub(super) struct SignedIn(pub(super) Session);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<State>>().cloned();
        let client = client_of(request);
        let request = request.clone();
        Box::pin(async move {
            let client = client?;
            let state = state.ok_or(Problem::plain(Kind::INTERNAL))?;
            let value = session_of(request.headers(), &client).map(str::to_owned);
            let service = Arc::clone(&state.service);
            let hash = value.as_deref().map(digest);
            let session = web::block(move || {
                let value = value.ok_or_else(not_signed_in)?;
                service.session(&value, client.address_text(), Some(client.request_id))
            })
            .await??;
            hash.into_iter().for_each(|hash| state.trust(hash));
            Ok(Self(session))
        })
    }
}

fn not_signed_in() -> Error {
    Error::Unauthenticated(Refusal::new("not_signed_in", "", "サインインしてください。", "sign in first"))
}

/// Proof that a request was sent by a page of this site, by what the browser says of it.
pub(super) struct SameSiteForm;

impl FromRequest for SameSiteForm {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if came_from_here(request) { Ok(Self) } else { Err(foreign_form()) })
    }
}

/// `Sec-Fetch-Site` where the browser sends it, else `Origin`; a form without either is not taken.
fn came_from_here(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text(header::ORIGIN.as_str()), text(header::HOST.as_str())) else {
        return false;
    };
    origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host))
}

fn foreign_form() -> Problem {
    Problem::of(
        Kind::FORBIDDEN,
        "/header/origin",
        Refusal::new(
            "foreign_form",
            "",
            "ほかのサイトから送られた操作は受け付けません。この画面を開き直してください",
            "a form of another site is not taken; open the page again",
        ),
    )
}

/// Whether a form carries the secret of its session. The comparison takes the same time wherever
/// the two differ.
///
/// # Errors
///
/// 403 if it does not.
pub(super) fn check_csrf(session: &Session, sent: &str) -> Result<(), Problem> {
    let same = session.csrf.len() == sent.len()
        && session.csrf.bytes().zip(sent.bytes()).fold(0, |differ, (one, two)| differ | (one ^ two)) == 0;
    if same { Ok(()) } else { Err(foreign_form()) }
}
