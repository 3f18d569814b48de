//! Keys and sessions.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Refusal;
use crate::domain::access::session::OpenSession;
use crate::domain::access::token::{MAX_DAYS, Secret, Token};
use crate::domain::access::{Action, Grant, Role, Scope};
use crate::domain::dates::in_japan;
use crate::domain::municipality::{LgCode, PrefectureCode};
use crate::domain::procedure::Category;
use crate::http::body::{Fields, Json, Unread};
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::problem::{Kind, Problem};
use crate::http::signed::Signed;
use crate::query::format::Format;
use crate::query::list::ListView;
use crate::query::parameters::{Page, PageQuery, names};
use crate::service::access::NewToken;
use crate::service::idempotency::{Answered, Repeatable};

/// 鍵（鍵そのものは含まない）
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenView {
    /// 番号
    #[schema(example = 12, minimum = 1)]
    id: i64,
    /// 名前
    #[schema(example = "行方市 こども課")]
    name: String,
    /// 鍵の先頭の4文字（tdk_ の後）
    #[schema(example = "a1B2")]
    hint: String,
    /// 役割
    role: Role,
    /// 都道府県（役割 prefecture）
    #[schema(example = json!(null), pattern = r"^\d{2}$")]
    prefecture: Option<String>,
    /// 団体コード（役割 municipality）
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    municipality_code: Option<String>,
    /// 限られた分野。空は限りなし
    #[schema(max_items = 10)]
    categories: Vec<Category>,
    /// 用途
    #[schema(max_items = 10)]
    scopes: Vec<Scope>,
    /// 作られた時刻
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    created_at: String,
    /// 作った者
    #[schema(example = "cli:admin")]
    created_by: String,
    /// 有効期限
    #[schema(example = "2027-02-19T10:00:00+09:00", format = DateTime)]
    expires_at: String,
    /// 最後に使われた時刻（分の精度）
    #[schema(example = json!(null), format = DateTime)]
    last_used_at: Option<String>,
    /// 失効した時刻
    #[schema(example = json!(null), format = DateTime)]
    revoked_at: Option<String>,
}

impl TokenView {
    fn new(token: &Token) -> Self {
        let grant = &token.grant;
        Self {
            id: token.id,
            name: token.name.clone(),
            hint: token.hint.clone(),
            role: grant.role(),
            prefecture: grant.prefecture().map(|code| code.to_string()),
            municipality_code: grant.municipality().map(|code| code.to_string()),
            categories: grant.categories().to_vec(),
            scopes: grant.scopes().to_vec(),
            created_at: shown(token.created_at),
            created_by: token.created_by.clone(),
            expires_at: shown(token.expires_at),
            last_used_at: token.last_used_at.map(shown),
            revoked_at: token.revoked_at.map(shown),
        }
    }
}

fn shown(at: DateTime<Utc>) -> String {
    in_japan(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// 新しい鍵
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedToken {
    /// 鍵そのもの。この一度だけ返す（同じ Idempotency-Key で繰り返したときは null）
    #[schema(example = "tdk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    token: Option<String>,
    #[serde(flatten)]
    view: TokenView,
}

/// 作る鍵
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenBody)]
pub(super) struct TokenBody {
    /// だれの何のための鍵か
    #[schema(example = "行方市 こども課", min_length = 1, max_length = 100)]
    name: String,
    /// 役割
    #[schema(value_type = Role)]
    role: String,
    /// 都道府県コード（役割 prefecture に必要）
    #[schema(example = json!(null), pattern = r"^\d{2}$", max_length = 2)]
    prefecture: Option<String>,
    /// 団体コード（役割 municipality に必要）
    #[schema(example = "082333", pattern = r"^\d{5,6}$", max_length = 6)]
    municipality_code: Option<String>,
    /// 分野を限るとき、その分野
    #[serde(default)]
    #[schema(value_type = Vec<Category>, max_items = 10)]
    categories: Vec<String>,
    /// 用途を限るとき、その用途
    #[serde(default)]
    #[schema(value_type = Vec<Scope>, max_items = 10)]
    scopes: Vec<String>,
    /// 有効日数（既定は90）
    #[schema(example = 90, minimum = 1, maximum = 366)]
    days: Option<i64>,
}

/// Most categories or scopes of a key: more than there are.
const MAX_CODES: usize = 10;

impl TokenBody {
    fn read(&self) -> Result<NewToken, Problem> {
        let mut fields = Fields::default();
        let role = fields.text("role", Some(&self.role), str::parse::<Role>);
        let prefecture = fields.text("prefecture", self.prefecture.as_deref(), str::parse::<PrefectureCode>);
        let municipality =
            fields.text("municipality_code", self.municipality_code.as_deref(), str::parse::<LgCode>);
        let categories = codes::<Category>(&mut fields, "categories", &self.categories);
        let scopes = codes::<Scope>(&mut fields, "scopes", &self.scopes);
        let days = self.days.map(|days| {
            u32::try_from(days).ok().filter(|days| (1..=MAX_DAYS).contains(days)).ok_or_else(|| {
                Refusal::new(
                    "out_of_range",
                    &days.to_string(),
                    format!("有効日数は1〜{MAX_DAYS}の整数です"),
                    format!("a key lives 1 to {MAX_DAYS} days"),
                )
                .allowed(format!("1-{MAX_DAYS}"))
            })
        });
        let days = match days {
            Some(Err(refusal)) => {
                fields.refuse("days", refusal);
                None
            }
            Some(Ok(days)) => Some(days),
            None => None,
        };
        fields.finish()?;
        let role = role.ok_or(Problem::plain(Kind::UNPROCESSABLE))?;
        let grant = Grant::new(role, prefecture, municipality, categories, scopes)
            .map_err(|refusal| Problem::of(Kind::UNPROCESSABLE, "/body", refusal))?;
        Ok(NewToken { name: self.name.clone(), grant, days })
    }
}

fn codes<T: std::str::FromStr<Err = Refusal> + PartialEq>(
    fields: &mut Fields,
    name: &str,
    texts: &[String],
) -> Vec<T> {
    if texts.len() > MAX_CODES {
        fields.refuse(
            name,
            Refusal::new("too_many_values", &texts.len().to_string(), "値が多すぎます", "too many values")
                .allowed(format!("0-{MAX_CODES}")),
        );
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if let Some(code) = fields.text(&format!("{name}/{at}"), Some(text), str::parse::<T>)
            && !found.contains(&code)
        {
            found.push(code);
        }
    }
    found
}

/// The page of a list that comes as JSON alone.
fn page_of(ctx: &Ctx) -> Result<Page, Problem> {
    let query = ctx.query(&[names::<PageQuery>()]);
    let mut checks = query.checks();
    let page = query.part::<PageQuery>().read(&mut checks);
    ctx.format(&query, &mut checks, &[Format::Json])?;
    checks.finish()?;
    Ok(page)
}

/// 鍵の一覧
///
/// すべての鍵を、作られた順に返します。鍵そのものは返せません。管理者だけが使えます。
#[utoipa::path(tag = "access", params(PageQuery), responses((status = 200, description = "鍵", body = ListView<TokenView>)), security(("token" = [])))]
#[get("/tokens")]
pub(super) async fn list_tokens(ctx: Ctx, origin: Signed) -> Answer {
    let page = page_of(&ctx)?;
    let tokens = ctx.wait(move |service| service.tokens(&origin.0)).await?;
    let views: Vec<TokenView> = tokens.iter().map(TokenView::new).collect();
    Ok(ctx.private_list(page, views))
}

/// 鍵の作成
///
/// 鍵を作り、一度だけ返します。管理者だけが使えます。Idempotency-Key を付けると、通信が切れて送り直しても2つ作られません。
#[utoipa::path(tag = "access", params(IdempotencyHeader), request_body = TokenBody,
    responses((status = 201, description = "作った鍵", body = CreatedToken, headers(("Location")))), security(("token" = [])))]
#[post("/tokens")]
pub(super) async fn create_token(ctx: Ctx, origin: Signed, request: HttpRequest, body: Unread) -> Answer {
    ctx.no_parameters()?;
    // Whoever may not make keys is told that, whatever they sent.
    let asked = origin.0.clone();
    ctx.wait(move |service| service.guard(&asked, Action::ManageTokens, None)).await?;
    let key = idempotency_key(&request)?;
    let body: Json<TokenBody> = body.json().await?;
    let new = body.value.read()?;
    let repeatable = key.map(|key| Repeatable::new(key, "POST /api/v1/tokens", &body.bytes));
    let answered = ctx
        .wait(move |service| {
            service.create_token_once(&origin.0, &new, repeatable, |token| Answered {
                status: 201,
                location: Some(format!("/api/v1/tokens/{}", token.id)),
                body: view_text(token, None),
            })
        })
        .await?;
    let (answered, fresh) = answered;
    let status = u16::try_from(answered.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::CREATED));
    if let Some(location) = &answered.location {
        response.insert_header((header::LOCATION, location.as_str()));
    }
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.content_type("application/json");
    Ok(response.body(match fresh {
        Some((token, secret)) => view_text(&token, Some(&secret)),
        None => answered.body,
    }))
}

fn view_text(token: &Token, secret: Option<&Secret>) -> String {
    let view =
        CreatedToken { token: secret.map(|secret| secret.reveal().to_owned()), view: TokenView::new(token) };
    serde_json::to_string(&view).unwrap_or_default()
}

/// 鍵の失効
///
/// 鍵をただちに失効させます。管理者だけが使えます。すでに失効した鍵には何もしません。
#[utoipa::path(tag = "access", params(("id" = i64, Path, description = "鍵の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 12)),
    responses((status = 204, description = "失効させた")), security(("token" = [])))]
#[delete("/tokens/{id}")]
pub(super) async fn revoke_token(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let id = number_of_path(&id)?;
    ctx.wait(move |service| service.revoke_token(&origin.0, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// サインイン中のセッション
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// 番号
    #[schema(example = 3, minimum = 1)]
    id: i64,
    /// 始まった時刻
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    created_at: String,
    /// 最後に使われた時刻（分の精度）
    #[schema(example = "2026-11-21T10:05:00+09:00", format = DateTime)]
    seen_at: String,
    /// 接続元
    #[schema(example = "192.0.2.1")]
    address: Option<String>,
    /// ブラウザ（自己申告）
    #[schema(example = "Mozilla/5.0")]
    agent: Option<String>,
}

impl SessionView {
    fn new(row: &OpenSession) -> Self {
        Self {
            id: row.id,
            created_at: shown(row.created_at),
            seen_at: shown(row.seen_at),
            address: row.address.clone(),
            agent: row.agent.clone(),
        }
    }
}

/// 自分のセッションの一覧
///
/// この鍵でサインインしている画面のセッションを返します。
#[utoipa::path(tag = "access", params(PageQuery), responses((status = 200, description = "セッション", body = ListView<SessionView>)), security(("token" = [])))]
#[get("/sessions")]
pub(super) async fn list_sessions(ctx: Ctx, origin: Signed) -> Answer {
    let page = page_of(&ctx)?;
    let sessions = ctx.wait(move |service| service.sessions(&origin.0)).await?;
    let views: Vec<SessionView> = sessions.iter().map(SessionView::new).collect();
    Ok(ctx.private_list(page, views))
}

/// 自分のセッションをすべて終える
///
/// この鍵でサインインしている画面のセッションをすべて終えます。
#[utoipa::path(tag = "access", responses((status = 204, description = "終えた")), security(("token" = [])))]
#[delete("/sessions")]
pub(super) async fn end_sessions(ctx: Ctx, origin: Signed) -> Answer {
    ctx.no_parameters()?;
    ctx.wait(move |service| service.end_sessions(&origin.0, None)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 自分のセッションを1つ終える
///
/// この鍵でサインインしている画面のセッションを1つ終えます。
#[utoipa::path(tag = "access", params(("id" = i64, Path, description = "セッションの番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)),
    responses((status = 204, description = "終えた")), security(("token" = [])))]
#[delete("/sessions/{id}")]
pub(super) async fn end_session(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let id = number_of_path(&id)?;
    ctx.wait(move |service| service.end_sessions(&origin.0, Some(id))).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A key by which a repeated request is known.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents the header")]
pub(super) struct IdempotencyHeader {
    /// 送り直しを見分ける任意の文字列。24時間覚える
    #[param(rename = "Idempotency-Key", value_type = String, required = false, min_length = 1, max_length = 255, pattern = "^[!-~]+$", example = "4f1c2a")]
    idempotency_key: Option<String>,
}

/// The `Idempotency-Key` of a request.
pub(super) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut values = request.headers().get_all("idempotency-key");
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let fits = values.next().is_none()
        && (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| Some(text.to_owned())).ok_or_else(|| {
        let refusal = Refusal::new(
            "idempotency_key_format",
            text,
            "Idempotency-Key は1〜255文字の半角英数字・記号です",
            "an Idempotency-Key is 1 to 255 visible ASCII characters",
        );
        Problem::of(Kind::BAD_REQUEST, "/header/idempotency-key", refusal)
    })
}
