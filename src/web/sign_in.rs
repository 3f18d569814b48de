//! Signing in with a key, signing out, and one's sessions.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, get, post, web};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::door::{HOME, own_address, sign_in_form};
use super::form::{Fields, Member, Posted, Sent, secret};
use super::frame::{Around, go_to, page};
use super::lang::Lang;
use super::session::{SameSiteForm, SignedIn, client_of, cookie};
use crate::domain::access::Role;
use crate::domain::access::session::OpenSession;
use crate::domain::access::token::Secret;
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::in_japan;
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::problem::{Kind, Problem};
use crate::http::state::State;
use crate::query::parameters::{Query, names};
use crate::service::error::Error;
use crate::service::sessions::{Session, digest};

/// Where to go on after signing in.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NextQuery {
    /// The address of a page.
    #[param(max_length = 2000)]
    next: Option<String>,
    /// The language.
    #[param(max_length = 2)]
    lang: Option<String>,
}

#[get("/sign-in")]
pub(super) async fn show_sign_in(ctx: Ctx) -> Answer {
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<NextQuery>()]);
    let mut checks = query.checks();
    let NextQuery { next, lang } = query.part();
    let lang = checks.one("lang", &lang, Lang::parse).unwrap_or_default();
    checks.finish()?;
    let form = sign_in_form(lang, None, next.as_deref().and_then(own_address), None);
    Ok(page(
        Around { lang, ..Around::stranger(ctx.is_demo()) },
        StatusCode::OK,
        lang.say("サインイン", "Sign in"),
        &form,
    ))
}

/// What a form is about, in words, from where it is sent to.
fn place_of(catalogue: &Catalogue, action: &str) -> String {
    let parts: Vec<&str> = action.trim_matches('/').split('/').collect();
    let body = |code: &str| {
        catalogue
            .find_body(code)
            .map_or_else(|_unknown| code.to_owned(), |ix| catalogue.body(ix).name.clone())
    };
    let procedure = |id: &str| {
        catalogue
            .procedure_ix(id)
            .map_or_else(|| id.to_owned(), |ix| catalogue.procedure(ix).short_ja.clone())
    };
    let channel = |id: &str| {
        catalogue.channel_ix(id).map_or_else(|| id.to_owned(), |ix| catalogue.channel(ix).label_ja.clone())
    };
    match parts.as_slice() {
        ["municipalities", code, "readiness", id, way, ..] => {
            format!("{} {} {}", body(code), procedure(id), channel(way))
        }
        ["municipalities", code, "applicability", id, ..] => {
            format!("{} {}を行っているか", body(code), procedure(id))
        }
        ["municipalities", code, ..] => format!("{}のページ", body(code)),
        ["imports", id, ..] => format!("取込 {id}"),
        ["tokens", ..] => "鍵".to_owned(),
        _ => action.to_owned(),
    }
}

#[post("/sign-in")]
pub(super) async fn sign_in(
    _here: SameSiteForm,
    before: Result<SignedIn, Problem>,
    request: HttpRequest,
    state: web::Data<State>,
    Sent(form): Sent,
) -> Answer {
    form.only(&["token", "next", "kept"])?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (token, next, kept) = (form.required("token")?.to_owned(), text("next"), text("kept"));
    let client = client_of(&request)?;
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.map(str::to_owned);
    let (service, other_end) = (Arc::clone(&state.service), client.clone());
    let old = before.ok().map(|SignedIn(session)| session);
    let opened = web::block(move || {
        let secret = Secret::parse(&token).map_err(Error::Unauthenticated)?;
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
    let (next, kept) = (own_address(&next), Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    match opened {
        Ok((value, session)) => {
            state.trust(digest(&value));
            let cookie = cookie(&client, value);
            let Some((kept, next)) = kept.zip(next) else {
                return Ok(go_to(next.unwrap_or(HOME)).cookie(cookie).finish());
            };
            let mut response = page(
                Around::own(state.demo),
                StatusCode::OK,
                "続きから",
                &Fields::again(kept, next, &session, &place_of(state.service.catalogue(), next))?,
            );
            response.add_cookie(&cookie).map_err(|_unwritable| Problem::plain(Kind::INTERNAL))?;
            Ok(response)
        }
        Err(Error::Unauthenticated(refusal)) => {
            let form = sign_in_form(Lang::Ja, Some(&refusal.ja), next, kept);
            Ok(page(Around::stranger(state.demo), StatusCode::UNAUTHORIZED, "サインイン", &form))
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
pub(super) async fn account(Member(session): Member, state: web::Data<State>) -> Answer {
    let (service, origin) = (Arc::clone(&state.service), session.origin.clone());
    let sessions = web::block(move || service.sessions(&origin)).await??;
    Ok(page(Around::own(state.demo), StatusCode::OK, "サインインの状態", &account_page(&session, &sessions)))
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
        ul class="acts" {
            li { a href="/imports/new" { "表を取り込む" } }
            li { a href="/profiles" { "残した答え" } }
            li { a href="/imports" { "取込の一覧" } }
            li { a href="/statements" { "だれが何を変えたか" } }
            @if let Some(code) = grant.municipality() { li { a href=(format!("/municipalities/{code}")) { "団体のページ" } } li { a href=(format!("/municipalities/{code}/edit")) { "画面で直す" } } }
            @if let Some(code) = grant.prefecture() { li { a href=(format!("/prefectures/{code}")) { "都道府県のページ" } } }
            @if grant.role() == Role::Admin { li { a href="/tokens" { "鍵" } } li { a href="/audit" { "監査記録" } } }
        }
        div class="scroll" role="region" aria-label="開いている画面" tabindex="0" {
        table class="rows" {
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
        }
        (ending(session, None, "ほかの画面をすべて終える"))
        form method="post" action="/sign-out" {
            (secret(session))
            p { button type="submit" { "サインアウト" } }
        }
    }
}

fn ending(session: &Session, id: Option<i64>, label: &str) -> Markup {
    html! {
        form method="post" action="/account/end-sessions" {
            (secret(session))
            @if let Some(id) = id { input type="hidden" name="id" value=(id); }
            p { button type="submit" { (label) } }
        }
    }
}

#[post("/sign-out")]
pub(super) async fn sign_out(
    Posted { session, fields }: Posted,
    request: HttpRequest,
    state: web::Data<State>,
) -> Answer {
    fields.only(&[])?;
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
pub(super) async fn end_sessions(Posted { session, fields }: Posted, state: web::Data<State>) -> Answer {
    fields.only(&["id"])?;
    let ended = fields.get("id").map(number_of_path).transpose()?;
    let service = Arc::clone(&state.service);
    web::block(move || match ended {
        Some(id) => service.end_sessions(&session.origin, Some(id)),
        None => service.end_other_sessions(&session),
    })
    .await??;
    Ok(go_to(HOME).finish())
}
