//! Forms of pages: read within bounds, taken only from pages of this site and from whoever is signed in, and never
//! lost because a session ended while someone was typing.

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;
use maud::{Markup, html};

use super::door::{self, HOME};
use super::field_names::{label, said_as};
use super::frame::{Around, page};
use super::session::{SameSiteForm, SignedIn, check_csrf};
use crate::http::body;
use crate::http::ctx::Ctx;
use crate::http::problem::{Kind, Problem};
use crate::http::state::State;
use crate::service::sessions::Session;

/// Largest form, in bytes: as many answers as a file can ask for.
const MAX_FORM: usize = 256 * 1024;

/// More fields than any form of ours has.
const MOST_FIELDS: usize = 2_000;

/// The field that holds the secret of a session.
const CSRF: &str = "csrf";

/// What was typed into a form, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields that came by another way.
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Reads the text of a form, which has the shape of a query.
    fn parse(text: &str) -> Result<Self, Problem> {
        if text.split('&').count() > MOST_FIELDS {
            return Err(Problem::new(Kind::UNPROCESSABLE, "入力の項目が多すぎます。", "too many fields"));
        }
        web::Query::<Vec<(String, String)>>::from_query(text).map(|pairs| Self(pairs.into_inner())).map_err(
            |cause| Problem::new(Kind::UNPROCESSABLE, "入力の形が正しくありません。", cause.to_string()),
        )
    }

    /// A field that was filled in, without blanks around it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// Whether a field stands there, filled in or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Every value of a field that may stand there several times.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A field without which a form says nothing.
    ///
    /// # Errors
    ///
    /// It is not there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).ok_or_else(|| {
            Problem::new(
                Kind::UNPROCESSABLE,
                format!("入力の項目「{name}」がありません。画面に戻って書いてください。"),
                format!("the field {name} is missing"),
            )
        })
    }

    /// Whether a box was ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// All that were filled in.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.trim()))
            .filter(|(_, value)| !value.is_empty())
    }

    /// Refuses what is in no form of ours.
    ///
    /// # Errors
    ///
    /// A field that is none of these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.iter().find(|(name, _)| name != CSRF && !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(Problem::new(
                Kind::UNPROCESSABLE,
                format!("入力の項目「{name}」は知りません。画面を開き直してください。"),
                format!("there is no field {name} in this form"),
            )),
        }
    }

    /// Whether the form carries the secret of a session.
    ///
    /// # Errors
    ///
    /// 403 if it does not.
    pub(super) fn check(&self, session: &Session) -> Result<(), Problem> {
        check_csrf(session, self.get(CSRF).unwrap_or_default())
    }

    /// The form once more, for whoever signed in again: what was typed is shown, and is sent by one press.
    pub(super) fn again(text: &str, action: &str, session: &Session, place: &str) -> Result<Markup, Problem> {
        let fields = Self::parse(text)?;
        let typed: Vec<(&str, &str)> = fields.iter().filter(|(name, _)| *name != CSRF).collect();
        Ok(html! {
            div class="void" { b { "サインインしました。まだ送っていません。" } p { "有効期間が切れる前に入力した内容は、そのまま残っています。確かめてから送ってください。送り先: " b { (place) } } }
            form method="post" action=(action) {
                (secret(session))
                @for (name, value) in &typed { input type="hidden" name=(name) value=(value); }
                p class="go" { button type="submit" class="first" { "この内容を送る" } " " a href=(page_of(action)) { "送らずに画面へ戻る（入力した内容は消えます）" } }
            }
            @if !typed.is_empty() {
                @let shown: Vec<&(&str, &str)> = typed.iter().filter(|(name, _)| !["tag", "saw"].contains(name)).collect();
                details open { summary { "入力した内容（" (shown.len()) "項目）" }
                    table { thead { tr { th scope="col" { "項目" } th scope="col" { "内容" } } } tbody { @for (name, value) in shown { tr { th scope="row" { (label(name)) } td class="said" { (said_as(name, value)) } } } } }
                }
            }
        })
    }
}

/// The page that a form belongs to, from where it is sent to.
fn page_of(action: &str) -> String {
    match action.rsplit_once('/') {
        Some((row, "withdraw")) => format!("{row}/edit"),
        Some((_, "revoke")) => "/tokens".to_owned(),
        Some((_, "edit" | "tokens")) => action.to_owned(),
        Some((import, "answers" | "apply" | "cancel" | "revert")) => import.to_owned(),
        _ => HOME.to_owned(),
    }
}

/// The secret of a session as a field of a form.
pub(super) fn secret(session: &Session) -> Markup {
    html! { input type="hidden" name=(CSRF) value=(session.csrf); }
}

/// A form of someone who is signed in.
pub(super) struct Posted {
    /// Who sent it.
    pub(super) session: Session,
    /// What was typed.
    pub(super) fields: Fields,
}

impl FromRequest for Posted {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = SameSiteForm::from_request(request, payload);
        let session = SignedIn::from_request(request, payload);
        let text = text_of(request, payload, MAX_FORM);
        let path = request.path().to_owned();
        let demo = is_demo(request);
        Box::pin(async move {
            here.await?;
            let text = text.await?;
            let SignedIn(session) = match session.await {
                Err(problem) if problem.kind == Kind::UNAUTHENTICATED => {
                    return Err(answered(door::ended(demo, &path, &text)));
                }
                session => session?,
            };
            let fields = Fields::parse(&text)?;
            fields.check(&session)?;
            Ok(Self { session, fields })
        })
    }
}

/// The fields of a form that anybody may send, such as the one to sign in.
pub(super) struct Sent(pub(super) Fields);

impl FromRequest for Sent {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // What was kept of another form stands in it once more encoded.
        let text = text_of(request, payload, 2 * MAX_FORM);
        Box::pin(async move { Ok(Self(Fields::parse(&text.await?)?)) })
    }
}

/// The text of a form.
fn text_of(
    request: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> impl Future<Output = Result<String, Problem>> + use<> {
    let payload = payload.take();
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    async move {
        if !is_form {
            return Err(Problem::plain(Kind::UNSUPPORTED_MEDIA_TYPE).closing());
        }
        let bytes = body::read(payload, most).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Someone who is signed in and looks at a page; who is not is led to where one signs in, and from there back.
pub(super) struct Member(pub(super) Session);

impl FromRequest for Member {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = SignedIn::from_request(request, payload);
        let address = request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned();
        Box::pin(async move {
            match session.await {
                Ok(SignedIn(session)) => Ok(Self(session)),
                Err(problem) if problem.kind == Kind::UNAUTHENTICATED => {
                    Err(answered(door::way_to_sign_in(&address)))
                }
                Err(problem) => Err(problem.into()),
            }
        })
    }
}

/// Whether everything that is shown is made up.
fn is_demo(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<State>>().is_some_and(|state| state.demo)
}

/// An answer in place of what a handler would say.
fn answered(response: HttpResponse) -> Error {
    InternalError::from_response("not signed in", response).into()
}

/// A page of someone who is signed in.
pub(super) fn signed_page(ctx: &Ctx, title: &str, main: &Markup) -> HttpResponse {
    page(Around::own(ctx.is_demo()), StatusCode::OK, title, main)
}
