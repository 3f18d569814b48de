//! Keys of those who write: made and shown once, listed, revoked. Only an administrator sees them.

use actix_web::http::StatusCode;
use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::form::{Fields, Member, Posted, secret};
use super::frame::{Around, go_to, page as framed};
use super::lang::Lang;
use super::texts::refusals;
use super::who::Keys;
use crate::domain::Refusal;
use crate::domain::access::token::{DEFAULT_DAYS, MAX_DAYS, Secret, Token};
use crate::domain::access::{Action, Grant, Role, Scope};
use crate::domain::dates::in_japan;
use crate::domain::municipality::PrefectureCode;
use crate::domain::procedure::Category;
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::problem::{Kind, Problem};
use crate::service::access::NewToken;
use crate::service::sessions::Session;

/// The fields of the form for a new key.
const FIELDS: &[&str] = &["name", "role", "prefecture", "municipality", "categories", "scopes", "days"];

#[get("/tokens")]
pub(super) async fn all_keys(ctx: Ctx, Member(session): Member) -> Answer {
    ctx.query(&[]).checks().finish()?;
    page(&ctx, &session, &Fields::default(), None).await
}

#[post("/tokens")]
pub(super) async fn make_key(ctx: Ctx, posted: Posted) -> Answer {
    let Posted { session, fields } = posted;
    fields.only(FIELDS)?;
    let by = session.origin.clone();
    ctx.wait(move |service| service.guard(&by, Action::ManageTokens, None)).await?;
    let new = match read(&ctx, &fields) {
        Ok(new) => new,
        Err(refusal) => {
            let problem = Problem::of(Kind::UNPROCESSABLE, "/body", refusal);
            return page(&ctx, &session, &fields, Some(&problem)).await;
        }
    };
    let by = session.origin.clone();
    match ctx.wait(move |service| service.create_token(&by, &new)).await {
        Ok((token, text)) => Ok(framed(
            Around::own(ctx.is_demo()),
            StatusCode::CREATED,
            "鍵を作りました",
            &made(&token, &text),
        )),
        Err(problem) if problem.kind == Kind::UNPROCESSABLE => {
            page(&ctx, &session, &fields, Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

#[post("/tokens/{id}/revoke")]
pub(super) async fn revoke_key(ctx: Ctx, posted: Posted, id: web::Path<String>) -> Answer {
    posted.fields.only(&[])?;
    let id = number_of_path(&id)?;
    ctx.wait(move |service| service.revoke_token(&posted.session.origin, id)).await?;
    Ok(go_to("/tokens").finish())
}

/// Reads what was typed.
fn read(ctx: &Ctx, fields: &Fields) -> Result<NewToken, Refusal> {
    let catalogue = ctx.service().catalogue();
    let role: Role = fields.get("role").unwrap_or_default().parse()?;
    let prefecture: Option<PrefectureCode> = fields.get("prefecture").map(str::parse).transpose()?;
    let municipality = fields
        .get("municipality")
        .map(|text| catalogue.find_body(text))
        .transpose()?
        .map(|body| catalogue.body(body).code);
    let categories = fields.all("categories").map(str::parse).collect::<Result<Vec<Category>, Refusal>>()?;
    let scopes = fields.all("scopes").map(str::parse).collect::<Result<Vec<Scope>, Refusal>>()?;
    let days = fields.get("days").map(|text| {
        text.parse().map_err(|_no_number| {
            let ja = format!("有効日数は1〜{MAX_DAYS}の整数です");
            Refusal::new("out_of_range", text, ja, format!("a key lives 1 to {MAX_DAYS} days"))
                .allowed(format!("1-{MAX_DAYS}"))
        })
    });
    let grant = Grant::new(role, prefecture, municipality, categories, scopes)?;
    Ok(NewToken { name: fields.get("name").unwrap_or_default().to_owned(), grant, days: days.transpose()? })
}

async fn page(ctx: &Ctx, session: &Session, typed: &Fields, problem: Option<&Problem>) -> Answer {
    let by = session.origin.clone();
    let (mut tokens, keys, now) =
        ctx.wait(move |service| Ok((service.tokens(&by)?, Keys::read(service)?, service.now()))).await?;
    tokens.reverse();
    let status = problem.map_or(StatusCode::OK, |problem| problem.kind.status);
    let main = html! {
        @if let Some(problem) = problem { (refusals(Lang::Ja, problem)) }
        p { "鍵は、団体や部署が入力・取込をするためのものです。見るだけなら要りません。作った鍵の文字は、作ったときに一度だけ表示します。" }
        details open[problem.is_some() || tokens.len() < 2] { summary { "鍵を作る" } (form(session, typed)) }
        section class="block" aria-labelledby="keys" {
            h2 id="keys" { "鍵の一覧（新しい順）" }
            div class="scroll" role="region" aria-label="鍵" tabindex="0" {
                table class="rows" {
                    thead { tr { th scope="col" class="num" { "番号" } th scope="col" { "名前" } th scope="col" { "届く範囲" } th scope="col" { "分野・用途" } th scope="col" { "作成" } th scope="col" { "期限" } th scope="col" { "最後に使った日時" } th scope="col" { "状態" } } }
                    tbody { @for token in &tokens { (row(session, token, &keys, now)) } }
                }
            }
        }
    };
    Ok(framed(Around::own(ctx.is_demo()), status, "鍵", &main))
}

fn shown(at: DateTime<Utc>) -> String {
    in_japan(at).format("%Y-%m-%d %H:%M").to_string()
}

fn reach(grant: &Grant) -> String {
    let of = grant.municipality().map(|code| code.to_string());
    let of = of.or_else(|| grant.prefecture().map(|code| code.to_string())).unwrap_or_default();
    format!("{} {of}", grant.role().label())
}

fn row(session: &Session, token: &Token, keys: &Keys, now: DateTime<Utc>) -> Markup {
    let grant = &token.grant;
    let categories: Vec<&str> = grant.categories().iter().map(|one| one.label()).collect();
    let scopes: Vec<&str> = grant.scopes().iter().map(|one| one.label()).collect();
    let is_own = session.origin.token_id == Some(token.id);
    html! {
        tr {
            td class="num" { (token.id) }
            th scope="row" { (token.name) br; span class="small weak" { "tdk_" (token.hint) "…" } }
            td { (reach(grant)) }
            td { (if categories.is_empty() { "すべての分野".to_owned() } else { categories.join("、") }) br; span class="small weak" { (scopes.join("、")) } }
            td class="day" { (shown(token.created_at)) br; span class="small weak" { (keys.who(&token.created_by)) } }
            td class="day" { (shown(token.expires_at)) }
            td class="day" { (token.last_used_at.map_or("未使用".to_owned(), shown)) }
            td {
                @if let Some(at) = token.revoked_at { "失効 " (shown(at)) br; span class="small weak" { (token.revoked_by.as_deref().map(|who| keys.who(who)).unwrap_or_default()) } }
                @else if token.expires_at <= now { "期限切れ" }
                @else {
                    @if is_own { "いま使っている鍵" }
                    form method="post" action=(format!("/tokens/{}/revoke", token.id)) {
                        (secret(session))
                        button type="submit" aria-label=(format!("鍵 {} {} を失効させる", token.id, token.name)) { "失効させる" }
                    }
                }
            }
        }
    }
}

fn form(session: &Session, typed: &Fields) -> Markup {
    let value = |name: &str| typed.get(name);
    let chosen = |name: &'static str, code: &str| typed.all(name).any(|one| one == code);
    let text = |name: &'static str, label: &str, required: bool| {
        html! { div { label for=(name) { (label) } input type="text" id=(name) name=(name) maxlength="100" required[required] value=[value(name)]; } }
    };
    html! {
        form method="post" action="/tokens" class="sheetlike" {
            (secret(session))
            (text("name", "だれの何のための鍵か（例: 行方市 こども課）", true))
            div {
                label for="role" { "役割" }
                select id="role" name="role" { @for role in [Role::Municipality, Role::Prefecture, Role::Admin] { option value=(role.code()) selected[value("role") == Some(role.code())] { (role.label()) "（" (role.meaning_ja()) "）" } } }
            }
            div class="fields" {
                (text("municipality", "団体コード（市区町村の鍵）", false))
                (text("prefecture", "都道府県コード2桁（都道府県の鍵）", false))
                (text("days", &format!("有効日数（1〜{MAX_DAYS}。空なら{DEFAULT_DAYS}日）"), false))
            }
            fieldset class="ask" {
                legend { "分野を限る（選ばなければすべて）" }
                @for one in Category::ALL { @let id = format!("category-{}", one.code()); div class="tick" { input type="checkbox" id=(id) name="categories" value=(one.code()) checked[chosen("categories", one.code())]; label for=(id) { (one.label()) } } }
            }
            fieldset class="ask" {
                legend { "用途を限る（選ばなければ、役割でできることすべて）" }
                @for one in Scope::ALL { @let id = format!("scope-{}", one.code().replace(':', "-")); div class="tick" { input type="checkbox" id=(id) name="scopes" value=(one.code()) checked[chosen("scopes", one.code())]; label for=(id) { (one.label()) "（" (one.meaning_ja()) "）" } } }
            }
            p class="go" { button type="submit" class="first" { "鍵を作る" } }
        }
    }
}

/// The key in clear text: now and never again.
fn made(token: &Token, text: &Secret) -> Markup {
    html! {
        div class="void" role="status" {
            b { "次の文字が鍵です。表示はこの一度だけです" }
            p { code class="address" { (text.reveal()) } }
            p { "安全な場所に控え、使う人に直接渡してください。なくしたときは失効させて、作り直します。" }
        }
        dl class="pairs" {
            dt { "名前" } dd { (token.name) }
            dt { "届く範囲" } dd { (reach(&token.grant)) }
            dt { "期限" } dd { (shown(token.expires_at)) }
        }
        p class="acts" { a href="/tokens" { "鍵の一覧へ" } }
    }
}
