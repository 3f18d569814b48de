//! Everything ever said of one row.

use actix_web::get;

use super::statements::{ChannelPath, CodePath};
use crate::http::ctx::{Answer, Ctx};
use crate::query::list::ListView;
use crate::query::row_history::{PastStatementView, RowHistory};

/// 対応状況の履歴（1件）
///
/// 団体・手続・接点の1行について記録されたことを、申告も国公表値も、後で元に戻されたものも含めて、記録された順にすべて返します。いつからのことか（適用日）と、いつ記録されたかの両方が付きます。述べた人は役割と団体だけを示し、トークンやファイルの名前は出しません。
#[utoipa::path(tag = "readiness", params(CodePath, ChannelPath, RowHistory),
    responses((status = 200, description = "履歴", content((ListView<PastStatementView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/readiness/{procedure}/{channel}/history")]
pub(super) async fn list_readiness_history(ctx: Ctx) -> Answer {
    ctx.rows::<RowHistory>().await
}

/// 該当性の履歴（1件）
///
/// 団体が手続を実施しているかについて記録されたことを、後で元に戻されたものも含めて、記録された順にすべて返します。
#[utoipa::path(tag = "readiness", params(CodePath, RowHistory),
    responses((status = 200, description = "履歴", content((ListView<PastStatementView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/applicability/{procedure}/history")]
pub(super) async fn list_applicability_history(ctx: Ctx) -> Answer {
    ctx.rows::<RowHistory>().await
}
