//! Usage as towns counted it, and figures as the state published them.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::list::ListView;
use crate::query::usage::{PublishedFigureView, PublishedFigures, Usage, UsageView};

/// 利用実績
///
/// 団体・手続・年度ごとの申請件数と、そのうちオンラインの件数を返します。
#[utoipa::path(tag = "figures", params(Usage),
    responses((status = 200, description = "利用実績", content((ListView<UsageView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/usage")]
pub(super) async fn list_usage(ctx: Ctx) -> Answer {
    ctx.rows::<Usage>().await
}

/// 公表された数値
///
/// 国などが公表した、団体ごとのオンライン利用率とオンライン化率を返します。値のない団体は載りません。
#[utoipa::path(tag = "figures", params(PublishedFigures),
    responses((status = 200, description = "公表された数値", content((ListView<PublishedFigureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/published_figures")]
pub(super) async fn list_published_figures(ctx: Ctx) -> Answer {
    ctx.rows::<PublishedFigures>().await
}
