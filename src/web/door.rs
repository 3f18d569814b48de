//! What whoever is not signed in meets: the form to sign in, the way to it, and the way back with all they typed.

use actix_web::HttpResponse;
use actix_web::http::{ConnectionType, StatusCode};
use maud::{Markup, html};

use super::frame::{Around, go_to, page};
use super::lang::Lang;
use crate::query::percent;

/// The page where one's sessions are.
pub(super) const HOME: &str = "/account";

/// An address of this site, as a form may name it: nothing else is ever gone to.
pub(super) fn own_address(text: &str) -> Option<&str> {
    let inside = text.starts_with('/') && !text.starts_with("//");
    (inside && !text.contains(|one: char| one == '\\' || one.is_control())).then_some(text)
}

/// Leads whoever is not signed in to where one does, and from there back to a page.
pub(super) fn way_to_sign_in(address: &str) -> HttpResponse {
    match address {
        HOME => go_to("/sign-in").finish(),
        address => go_to(format!("/sign-in?next={}", percent::encode(address))).finish(),
    }
}

/// What whoever sends a form is told whose session has ended: nothing of it is lost.
pub(super) fn ended(demo: bool, action: &str, typed: &str) -> HttpResponse {
    let form = sign_in_form(
        Lang::Ja,
        Some(
            "サインインの有効期間が切れています。入力した内容はそのまま残っているので、サインインすると続けられます。",
        ),
        Some(action),
        Some(typed),
    );
    page(Around::stranger(demo), StatusCode::UNAUTHORIZED, "もう一度サインインしてください", &form)
}

/// The same where a file was sent: it was not read, and is sent again.
pub(super) fn ended_with_file(demo: bool) -> HttpResponse {
    let form = sign_in_form(
        Lang::Ja,
        Some(
            "サインインの有効期間が切れているため、ファイルは受け取っていません。サインインしてから、もう一度選んでください。",
        ),
        Some("/imports/new"),
        None,
    );
    let mut response =
        page(Around::stranger(demo), StatusCode::UNAUTHORIZED, "もう一度サインインしてください", &form);
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}

pub(super) fn sign_in_form(
    lang: Lang,
    refused: Option<&str>,
    next: Option<&str>,
    kept: Option<&str>,
) -> Markup {
    html! {
        @if let Some(refused) = refused { div class="void refused" { p id="refused" role="alert" { (refused) } } }
        form method="post" action="/sign-in" class="sheetlike" {
            @if let Some(next) = next { input type="hidden" name="next" value=(next); }
            @if let Some(kept) = kept { input type="hidden" name="kept" value=(kept); }
            p { label for="token" { (lang.say("鍵（tdk_ で始まる40文字）", "Key (40 characters, tdk_…)")) } }
            p {
                input type="password" id="token" name="token" required autocomplete="current-password" maxlength="60"
                    aria-describedby=[refused.map(|_| "refused")];
            }
            p class="go" { button type="submit" class="first" { (lang.say("サインイン", "Sign in")) } }
        }
        p { (lang.say("鍵は管理者が作ります。共用のパソコンでは、終わったら必ずサインアウトしてください。", "Keys are made by an administrator. On a shared computer always sign out when you are done.")) }
    }
}
