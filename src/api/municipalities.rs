//! The register of local governments.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::list::ListView;
use crate::query::municipalities::{
    Municipalities, Municipality, MunicipalityView, Prefecture, PrefectureView, Prefectures,
};
use crate::query::search::{HitView, Search};

/// 団体の一覧
///
/// 全国の地方公共団体（都道府県を含む1,788団体）をコード順に返します。
#[utoipa::path(tag = "municipalities", params(Municipalities),
    responses((status = 200, description = "団体", content((ListView<MunicipalityView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities")]
pub(super) async fn list_municipalities(ctx: Ctx) -> Answer {
    ctx.rows::<Municipalities>().await
}

/// 団体
///
/// 6桁のコード、または検査数字を除く5桁のコードで1団体を返します。
#[utoipa::path(tag = "municipalities", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333")),
    responses((status = 200, description = "団体", body = MunicipalityView)))]
#[get("/municipalities/{code}")]
pub(super) async fn get_municipality(ctx: Ctx) -> Answer {
    ctx.object::<Municipality>().await
}

/// 都道府県の一覧
///
/// 47都道府県を、市区町村の数とともに返します。
#[utoipa::path(tag = "municipalities", params(Prefectures),
    responses((status = 200, description = "都道府県", content((ListView<PrefectureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/prefectures")]
pub(super) async fn list_prefectures(ctx: Ctx) -> Answer {
    ctx.rows::<Prefectures>().await
}

/// 都道府県
///
/// 2桁のコードで1つの都道府県を返します。
#[utoipa::path(tag = "municipalities", params(("prefecture" = String, Path, description = "都道府県コード（2桁）", max_length = 2, pattern = r"^\d{2}$", example = "08")),
    responses((status = 200, description = "都道府県", body = PrefectureView)))]
#[get("/prefectures/{prefecture}")]
pub(super) async fn get_prefecture(ctx: Ctx) -> Answer {
    ctx.object::<Prefecture>().await
}

/// 検索
///
/// 空白で区切った語のそれぞれが示す団体と手続、その両方を示すときは団体の手続を返します。見つからない語、都道府県、手続、市区町村、団体の手続の順です。
#[utoipa::path(tag = "municipalities", params(Search),
    responses((status = 200, description = "見つかったもの", content((ListView<HitView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/search")]
pub(super) async fn search(ctx: Ctx) -> Answer {
    ctx.rows::<Search>().await
}
