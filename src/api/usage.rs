//! Usage as towns counted it, and figures as the state published them.

use std::sync::Arc;

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::http::download::Named;
use crate::http::verb::Asked;
use crate::query::body_usage::{BodyUsage, BodyUsageView, UsageTableOf};
use crate::query::exports::EncodingQuery;
use crate::query::format::{FileFormat, Medium};
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

/// 1団体の利用実績
///
/// 団体の手続ごとの申請件数を、1年度1行で、方法別の件数・オンライン利用率・避けられた来庁の件数とともに返します。
#[utoipa::path(tag = "figures", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), BodyUsage),
    responses((status = 200, description = "1団体の利用実績", content((ListView<BodyUsageView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/usage")]
pub(super) async fn list_body_usage(ctx: Ctx) -> Answer {
    ctx.rows::<BodyUsage>().await
}

/// オンライン利用状況の公表用の表（CSV）
///
/// 団体が年に1度公表する表（年度、手続名、総件数、オンライン件数、割合）を返します。最後の行は、どちらの件数も記録されている手続の合計です。件数の記録がない欄は空です。
#[utoipa::path(tag = "exports", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), EncodingQuery, UsageTableOf),
    responses((status = 200, description = "公表用の表の CSV", body = String, content_type = "text/csv", headers(("Content-Disposition"), ("X-Todoke-Replaced")))))]
#[get("/usage_tables/{code}.csv")]
pub(super) async fn get_usage_table_csv(ctx: Ctx) -> Answer {
    usage_table(&ctx, FileFormat::Csv).await
}

/// オンライン利用状況の公表用の表（Excel）
///
/// CSV と同じ表を Excel のブックで返します。シート 説明 に列の意味と時点があります。
#[utoipa::path(tag = "exports", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), UsageTableOf),
    responses((status = 200, description = "公表用の表のブック", body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers(("Content-Disposition")))))]
#[get("/usage_tables/{code}.xlsx")]
pub(super) async fn get_usage_table_xlsx(ctx: Ctx) -> Answer {
    usage_table(&ctx, FileFormat::Xlsx).await
}

async fn usage_table(ctx: &Ctx, format: FileFormat) -> Answer {
    let Asked { question, edition, .. } = ctx.ask::<UsageTableOf, FileFormat>(&[format]).await?;
    if let Some(response) = edition.not_modified(format) {
        return Ok(response);
    }
    let (table, grid) = (question.table(&edition.grid), Arc::clone(&edition.grid));
    let (stem, encoding) = (table.file_stem(), edition.encoding);
    let name = format!("{stem}.{}", format.code());
    match format {
        FileFormat::Xlsx => {
            let named = Named::new(format, format.media_type(), &name);
            edition.built(&named, move |out| Ok(table.xlsx(&grid, out).map(|()| None)?)).await
        }
        FileFormat::Csv | FileFormat::Ndjson => {
            let named = Named::new(format, encoding.media_type(), &name);
            edition.built(&named, move |out| Ok(table.csv(encoding, out)?)).await
        }
    }
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
