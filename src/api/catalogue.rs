//! Procedures and their lists.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::catalogue::{
    Procedure, ProcedureListDetail, ProcedureListOf, ProcedureListView, ProcedureLists, ProcedureView,
    Procedures,
};
use crate::query::catalogue_changes::{CatalogueChangeView, CatalogueChanges};
use crate::query::list::ListView;

/// 手続の一覧
///
/// 国の手続一覧に載る手続を返します。手続一覧・分野・対象団体・検索語で絞り込めます。
#[utoipa::path(tag = "catalogue", params(Procedures),
    responses((status = 200, description = "手続", content((ListView<ProcedureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/procedures")]
pub(super) async fn list_procedures(ctx: Ctx) -> Answer {
    ctx.rows::<Procedures>().await
}

/// 手続
///
/// 手続IDで1件を返します。
#[utoipa::path(tag = "catalogue", params(("id" = String, Path, description = "手続ID", max_length = 40, example = "kosodate-01")),
    responses((status = 200, description = "手続", body = ProcedureView)))]
#[get("/procedures/{id}")]
pub(super) async fn get_procedure(ctx: Ctx) -> Answer {
    ctx.object::<Procedure>().await
}

/// 手続一覧の版の一覧
///
/// 国の手続一覧の各版を返します。
#[utoipa::path(tag = "catalogue", params(ProcedureLists),
    responses((status = 200, description = "手続一覧の版", content((ListView<ProcedureListView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/lists")]
pub(super) async fn list_lists(ctx: Ctx) -> Answer {
    ctx.rows::<ProcedureLists>().await
}

/// 手続一覧の版と手続
///
/// 手続一覧の1つの版を、載っている手続とともに返します。
#[utoipa::path(tag = "catalogue", params(("id" = String, Path, description = "一覧のID", max_length = 40, example = "priority56")),
    responses((status = 200, description = "手続一覧", body = ProcedureListDetail)))]
#[get("/lists/{id}")]
pub(super) async fn get_list(ctx: Ctx) -> Answer {
    ctx.object::<ProcedureListOf>().await
}

/// カタログの変更
///
/// 手続一覧の版と、加わった手続・外れた手続、手続の開始と廃止、団体の名称の変更と合併を、古い順に返します。日の分からないものは最後です。
#[utoipa::path(tag = "catalogue", params(CatalogueChanges),
    responses((status = 200, description = "カタログの変更", content((ListView<CatalogueChangeView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/catalogue_changes")]
pub(super) async fn list_catalogue_changes(ctx: Ctx) -> Answer {
    ctx.rows::<CatalogueChanges>().await
}
