//! Bodies × procedures at a glance, and how many bodies say what.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::distribution::{Distribution, DistributionView};
use crate::query::list::ListView;
use crate::query::matrix::{Matrix, MatrixView};

/// 対応状況の一覧表
///
/// 団体×手続の最高段階を、ページ分けせずまとめて返します。CSV と NDJSON では1セル1行です。
#[utoipa::path(tag = "readiness", params(Matrix),
    responses((status = 200, description = "一覧表", content((MatrixView = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/matrix")]
pub(super) async fn get_matrix(ctx: Ctx) -> Answer {
    ctx.rows::<Matrix>().await
}

/// 分布
///
/// 段階ごとの団体の数を、手続・接点などの軸で数えて返します。団体自身の申告があれば国公表値より優先します。期待される行のうち未回答は no_answer として数えます。
#[utoipa::path(tag = "figures", params(Distribution),
    responses((status = 200, description = "分布", content((ListView<DistributionView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/distribution")]
pub(super) async fn get_distribution(ctx: Ctx) -> Answer {
    ctx.rows::<Distribution>().await
}
