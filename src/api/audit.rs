//! The audit log, for administrators.

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::domain::audit::{AuditAction, AuditFilter, Link, hex};
use crate::domain::dates::in_japan;
use crate::http::ctx::{Answer, Ctx};
use crate::http::signed::Signed;
use crate::query::format::Format;
use crate::query::list::{Metadata, Resultset};
use crate::query::parameters::{DEFAULT_LIMIT, PageQuery, names};

/// 監査記録の1件
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditView {
    /// 番号（欠番なし）
    #[schema(example = 1, minimum = 1)]
    seq: i64,
    /// 時刻
    #[schema(example = "2026-11-21T10:00:00.000000+09:00", format = DateTime)]
    at: String,
    /// だれが
    #[schema(example = "token:12")]
    actor: String,
    /// どこから
    #[schema(example = "192.0.2.1")]
    address: Option<String>,
    /// どのリクエストで
    #[schema(example = "1a2b-3c")]
    request_id: Option<String>,
    /// 何をしたか
    action: AuditAction,
    /// 何に
    #[schema(example = "readiness/082333/kosodate-01/mynaportal")]
    object: String,
    /// 前の内容
    #[schema(value_type = Option<Object>, example = json!(null))]
    before: Option<Value>,
    /// 後の内容
    #[schema(value_type = Option<Object>, example = json!({"level": 4}))]
    after: Option<Value>,
    /// ファイル名
    #[schema(example = json!(null))]
    file: Option<String>,
    /// ファイルの行
    #[schema(example = json!(null), minimum = 1)]
    line: Option<i64>,
    /// 前の記録のハッシュ（SHA-256）
    #[schema(
        example = "0000000000000000000000000000000000000000000000000000000000000000",
        pattern = r"^[0-9a-f]{64}$"
    )]
    previous: String,
    /// この記録のハッシュ（SHA-256）
    #[schema(
        example = "0000000000000000000000000000000000000000000000000000000000000000",
        pattern = r"^[0-9a-f]{64}$"
    )]
    hash: String,
}

impl AuditView {
    fn new(link: Link) -> Self {
        let entry = link.entry;
        let json = |text: Option<String>| {
            text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
        };
        Self {
            seq: link.seq,
            at: in_japan(entry.at).to_rfc3339_opts(chrono::SecondsFormat::Micros, false),
            actor: entry.actor,
            address: entry.address,
            request_id: entry.request_id,
            action: entry.action,
            object: entry.object,
            before: json(entry.before),
            after: json(entry.after),
            file: entry.file,
            line: entry.line,
            previous: hex(&link.previous),
            hash: hex(&link.hash),
        }
    }
}

/// 監査記録（1ページ）
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditListView {
    /// 件数と位置、版、時点
    metadata: Metadata,
    /// 末尾のハッシュ。控えておくと、後で切取りも見つかる
    #[schema(
        example = "0000000000000000000000000000000000000000000000000000000000000000",
        pattern = r"^[0-9a-f]{64}$"
    )]
    head: String,
    /// 記録（新しい順）
    #[schema(max_items = 500)]
    results: Vec<AuditView>,
}

/// What of the log is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// だれの記録か
    #[param(max_length = 200, example = "token:12")]
    actor: Option<String>,
    /// どの操作の記録か
    #[param(value_type = Option<AuditAction>, inline, example = "readiness.state")]
    action: Option<String>,
    /// この番号より後の記録
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_000_000_000_i64, example = 0)]
    after: Option<String>,
}

/// 監査記録
///
/// だれが、いつ、どこから、何をしたかを新しい順に返します。記録はハッシュでつながっていて、書き換えや削除は todoke audit verify で見つかります。管理者だけが使えます。
#[utoipa::path(tag = "access", params(AuditQuery, PageQuery), responses((status = 200, description = "監査記録", body = AuditListView)), security(("token" = [])))]
#[get("/audit")]
pub(super) async fn list_audit(ctx: Ctx, origin: Signed) -> Answer {
    let query = ctx.query(&[names::<AuditQuery>(), names::<PageQuery>()]);
    let mut checks = query.checks();
    let asked: AuditQuery = query.part();
    let action = checks.one("action", &asked.action, str::parse::<AuditAction>);
    let after = checks.integer("after", &asked.after, 0, 4_000_000_000).map(i64::from);
    let page = query.part::<PageQuery>().read(&mut checks);
    ctx.format(&query, &mut checks, &[Format::Json])?;
    checks.finish()?;
    let filter = AuditFilter { actor: asked.actor, action, after };
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
    let (count, links, head) =
        ctx.wait(move |service| service.audit(&origin.0, &filter, page.offset, limit)).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(AuditListView {
        metadata: Metadata::new(&ctx.grid(), Resultset { count, offset: page.offset, limit }),
        head: hex(&head.hash),
        results: links.into_iter().map(AuditView::new).collect(),
    }))
}
