//! Whether the server lives, whether it can work, and which one it is.

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;

use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::http::state::State;

/// 稼働状況
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct HealthView {
    /// 状態
    #[schema(example = "ok")]
    status: &'static str,
}

fn uncached(view: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view)
}

/// 生存確認
///
/// プロセスが動いていれば 200 を返します。データベースは見ません。
#[utoipa::path(tag = "operations", responses((status = 200, description = "動いている", body = HealthView)))]
#[get("/healthz")]
pub(super) async fn get_health() -> Answer {
    Ok(uncached(&HealthView { status: "ok" }))
}

/// 準備確認
///
/// データベースに届けば 200、届かなければ 503 を返します。
#[utoipa::path(tag = "operations", responses((status = 200, description = "受け付けられる", body = HealthView)))]
#[get("/readyz")]
pub(super) async fn get_readiness_state(state: web::Data<State>) -> Answer {
    let service = Arc::clone(&state.service);
    let reached = web::block(move || service.reach_database()).await?;
    match reached {
        Ok(_) => Ok(uncached(&HealthView { status: "ready" })),
        Err(error) => {
            log::warn!("not ready: {error}");
            Err(Problem::new(
                Kind::UNAVAILABLE,
                "データベースに届きません。",
                "the database cannot be reached",
            ))
        }
    }
}

/// 版
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VersionView {
    /// 製品名
    #[schema(example = "todoke")]
    name: &'static str,
    /// プログラムの版
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// API の版
    #[schema(example = "v1")]
    api: &'static str,
    /// データの版
    #[schema(example = 87_050, minimum = 0)]
    revision: i64,
}

/// 版
///
/// プログラム・API・データの版を返します。
#[utoipa::path(tag = "operations", responses((status = 200, description = "版", body = VersionView)))]
#[get("/version")]
pub(super) async fn get_version(state: web::Data<State>) -> Answer {
    Ok(uncached(&VersionView {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        api: "v1",
        revision: state.service.grid().revision(),
    }))
}

/// The texts of the contract. It describes the operations below too, so they are given it by the server.
pub(crate) struct Contract {
    /// OpenAPI 3.1.
    pub(super) text: &'static LazyLock<String>,
    /// OpenAPI 3.0.3.
    pub(super) text_30: &'static LazyLock<String>,
}

/// OpenAPI 3.1 文書
///
/// この API の契約を OpenAPI 3.1 で返します。
#[utoipa::path(tag = "operations", responses((status = 200, description = "OpenAPI 3.1", body = Object, example = json!({"openapi": "3.1.0"}))))]
#[get("/openapi.json")]
pub(super) async fn get_openapi(ctx: Ctx, contract: web::Data<Contract>) -> Answer {
    ctx.document(contract.text).await
}

/// OpenAPI 3.0 文書
///
/// この API の契約を OpenAPI 3.0.3 で返します。3.0 しか読めない道具のためのものです。
#[utoipa::path(tag = "operations", responses((status = 200, description = "OpenAPI 3.0.3", body = Object, example = json!({"openapi": "3.0.3"}))))]
#[get("/openapi-3.0.json")]
pub(super) async fn get_openapi_30(ctx: Ctx, contract: web::Data<Contract>) -> Answer {
    ctx.document(contract.text_30).await
}
