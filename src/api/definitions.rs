//! The definitions of figures.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::definitions::{DefinitionView, Definitions};
use crate::query::list::ListView;

/// 指標の定義の一覧
///
/// 指標ごとに、規則・既定の手続一覧・選べるしきい値と集計単位を返します。
#[utoipa::path(tag = "figures", params(Definitions),
    responses((status = 200, description = "指標の定義", content((ListView<DefinitionView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/definitions")]
pub(super) async fn list_definitions(ctx: Ctx) -> Answer {
    ctx.rows::<Definitions>().await
}
