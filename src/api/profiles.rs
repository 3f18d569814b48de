//! Profiles: what the marks of a sender's files mean.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::responses::NotAsItStands;
use crate::domain::municipality::LgCode;
use crate::http::body::{Fields, Json, Unread};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::http::signed::Signed;
use crate::import::marks::Binary;
use crate::query::format::Format;
use crate::query::list::ListView;
use crate::query::parameters::{Checks, PageQuery, Query, names};
use crate::service::profiles::{Named, Words};

/// 記号の意味の定義
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfileView {
    /// 名前
    #[schema(example = "our-town")]
    name: String,
    /// だれの定義か（all は全体、2桁は都道府県、6桁は団体。組込みは null）
    #[schema(example = "082333")]
    owner: Option<String>,
    /// 組込み（変えられない）
    #[schema(example = false)]
    built_in: bool,
    /// 記号と意味。ここにない記号は既定の意味になる
    #[schema(max_items = 1000)]
    marks: Vec<MarkView>,
    /// 0 と 1 だけの列の意味
    binary: Option<Binary>,
    /// 独自の見出しの意味（比べやすい形にした見出しから、項目・手続・接点・団体へ）
    #[schema(example = json!({"状況": "level"}))]
    columns: BTreeMap<String, String>,
    /// 独自の名前が指すもの（比べやすい形にした名前から、団体コードや手続IDへ）
    #[schema(example = json!({"り災証明": "hisaisha-01"}))]
    names: BTreeMap<String, String>,
}

/// 記号とその意味
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MarkView {
    /// 記号（空は空欄）
    #[schema(example = "ー")]
    mark: String,
    /// 意味
    #[schema(example = "not_applicable")]
    meaning: String,
    /// 意味（日本語）
    #[schema(example = "制度なし・該当なし")]
    label: String,
}

impl ProfileView {
    fn new(named: &Named) -> Self {
        let mark = |(mark, meaning): (String, crate::import::marks::Meaning)| MarkView {
            mark,
            meaning: meaning.code(),
            label: meaning.label(None),
        };
        Self {
            name: named.profile.name.clone(),
            owner: named.owner.clone(),
            built_in: named.owner.is_none(),
            marks: named.profile.marks().into_iter().map(mark).collect(),
            binary: named.profile.binary,
            columns: named.profile.columns.clone(),
            names: named.profile.names.clone(),
        }
    }
}

/// 書き込む記号の意味
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileBody)]
pub(super) struct ProfileBody {
    /// 記号から意味へ。意味は 0〜5、1+〜5+、not_applicable、other_body、abolished、planned、note、nothing、full
    #[schema(example = json!({"ー": "not_applicable", "△": "2"}))]
    marks: BTreeMap<String, String>,
    /// 0 と 1 だけの列の意味
    #[schema(value_type = Option<Binary>)]
    binary: Option<String>,
    /// 独自の見出しから、項目・手続・接点・団体へ
    #[serde(default)]
    #[schema(example = json!({"状況": "level"}))]
    columns: BTreeMap<String, String>,
    /// 独自の名前から、団体コードや手続IDへ
    #[serde(default)]
    #[schema(example = json!({"り災証明": "hisaisha-01"}))]
    names: BTreeMap<String, String>,
}

/// Whose profile.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OwnerQuery {
    /// どの団体の定義か（既定は鍵の団体、都道府県または全体）
    #[param(max_length = 6, example = "082333")]
    municipality: Option<String>,
}

fn owner(ctx: &Ctx) -> Result<Option<LgCode>, Problem> {
    let query = ctx.query(&[names::<OwnerQuery>()]);
    let mut checks = query.checks();
    let owner = owner_of(ctx, &query, &mut checks);
    ctx.format(&query, &mut checks, &[Format::Json])?;
    checks.finish()?;
    Ok(owner)
}

fn owner_of(ctx: &Ctx, query: &Query<'_>, checks: &mut Checks) -> Option<LgCode> {
    let catalogue = ctx.service().catalogue();
    let asked: OwnerQuery = query.part();
    let body = checks.one("municipality", &asked.municipality, |text| catalogue.find_body(text));
    body.map(|body| catalogue.body(body).code)
}

fn answer(named: &Named) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(ProfileView::new(named))
}

/// 記号の意味の定義の一覧
///
/// この鍵で使える定義を、組込み、団体のもの、都道府県のもの、全体のものの順に返します。
#[utoipa::path(tag = "imports", params(OwnerQuery, PageQuery), responses((status = 200, description = "定義", body = ListView<ProfileView>), NotAsItStands), security(("token" = [])))]
#[get("/profiles")]
pub(super) async fn list_profiles(ctx: Ctx, origin: Signed) -> Answer {
    let query = ctx.query(&[names::<OwnerQuery>(), names::<PageQuery>()]);
    let mut checks = query.checks();
    let owner = owner_of(&ctx, &query, &mut checks);
    let page = query.part::<PageQuery>().read(&mut checks);
    ctx.format(&query, &mut checks, &[Format::Json])?;
    checks.finish()?;
    let all = ctx.wait(move |service| service.profiles(&origin.0, owner)).await?;
    Ok(ctx.private_list(page, all.iter().map(ProfileView::new).collect()))
}

/// 記号の意味の定義
///
/// 名前の付いた定義を返します。団体のもの、都道府県のもの、全体のもの、組込み（default、digital-agency-2026-01）の順に探します。
#[utoipa::path(tag = "imports", params(("name" = String, Path, description = "名前", max_length = 40, pattern = "^[a-z0-9-]+$", example = "default"), OwnerQuery),
    responses((status = 200, description = "定義", body = ProfileView), NotAsItStands), security(("token" = [])))]
#[get("/profiles/{name}")]
pub(super) async fn get_profile(ctx: Ctx, origin: Signed, name: web::Path<String>) -> Answer {
    let owner = owner(&ctx)?;
    let named = ctx.wait(move |service| service.profile(&origin.0, &name, owner)).await?;
    Ok(answer(&named))
}

/// 記号の意味の定義の保存
///
/// 定義を保存します。同じ名前のものは置き換えます。以前の取込の読み方は変わりません。
#[utoipa::path(tag = "imports", params(("name" = String, Path, description = "名前", max_length = 40, pattern = "^[a-z0-9-]+$", example = "our-town"), OwnerQuery),
    request_body = ProfileBody, responses((status = 200, description = "保存した定義", body = ProfileView), NotAsItStands), security(("token" = [])))]
#[put("/profiles/{name}")]
pub(super) async fn put_profile(ctx: Ctx, origin: Signed, name: web::Path<String>, body: Unread) -> Answer {
    let owner = owner(&ctx)?;
    let asked = origin.0.clone();
    ctx.wait(move |service| service.guard(&asked, crate::domain::access::Action::Import, None)).await?;
    let body: Json<ProfileBody> = body.json().await?;
    let mut fields = Fields::default();
    let binary = fields.text("binary", body.value.binary.as_deref(), str::parse::<Binary>);
    fields.finish()?;
    let ProfileBody { marks, columns, names, .. } = body.value;
    let words = Words { marks, binary, columns, names };
    let named = ctx.wait(move |service| service.put_profile(&origin.0, &name, owner, &words)).await?;
    Ok(answer(&named))
}

/// 記号の意味の定義の削除
///
/// 定義を削除します。以前の取込の読み方は変わりません。
#[utoipa::path(tag = "imports", params(("name" = String, Path, description = "名前", max_length = 40, pattern = "^[a-z0-9-]+$", example = "our-town"), OwnerQuery),
    responses((status = 204, description = "削除した"), NotAsItStands), security(("token" = [])))]
#[delete("/profiles/{name}")]
pub(super) async fn delete_profile(ctx: Ctx, origin: Signed, name: web::Path<String>) -> Answer {
    let owner = owner(&ctx)?;
    ctx.wait(move |service| service.remove_profile(&origin.0, &name, owner)).await?;
    Ok(HttpResponse::NoContent().finish())
}
