//! The whole record to take away, streamed.

use std::sync::Arc;

use actix_web::get;
use actix_web::web::{self, Bytes};
use futures_util::stream;

use super::format::Format;
use super::problem::{Kind, Problem};
use super::query::{BodyQuery, ProcedureQuery, StatementQuery, names};
use super::reply::{Answer, Ctx, blocked};
use crate::export::{self, LineEnd};
use crate::grid::filter::Prefectures;
use crate::service::export::Export;

/// 対応状況の書き出し（CSV）
///
/// 保持している事実（対応状況と該当性）をすべて、取込でそのまま読める縦長の形で返します。UTF-8（BOM なし）、改行は LF です。
#[utoipa::path(tag = "exports", params(BodyQuery, ProcedureQuery, StatementQuery),
    responses((status = 200, description = "縦長の CSV", body = String, content_type = "text/csv")))]
#[get("/exports/readiness.csv")]
pub(super) async fn export_readiness_csv(ctx: Ctx) -> Answer {
    export(&ctx, Format::Csv, "readiness.csv")
}

/// 対応状況の書き出し（NDJSON）
///
/// 保持している事実（対応状況と該当性）をすべて、1行に1つの JSON で返します。
#[utoipa::path(tag = "exports", params(BodyQuery, ProcedureQuery, StatementQuery),
    responses((status = 200, description = "NDJSON", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/readiness.ndjson")]
pub(super) async fn export_readiness_ndjson(ctx: Ctx) -> Answer {
    export(&ctx, Format::Ndjson, "readiness.ndjson")
}

fn export(ctx: &Ctx, format: Format, file_name: &str) -> Answer {
    let query = ctx.query(&[names::<BodyQuery>(), names::<ProcedureQuery>(), names::<StatementQuery>()]);
    let mut checks = query.checks();
    let catalogue = ctx.grid.catalogue();
    let bodies = query.part::<BodyQuery>().read(&mut checks, catalogue);
    let procedures = query.part::<ProcedureQuery>().read(&mut checks, catalogue);
    let statements = query.part::<StatementQuery>().read(&mut checks, catalogue);
    ctx.format(&query, &mut checks, &[format])?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    let bodies = bodies.select(catalogue, ctx.grid.as_of(), Prefectures::Always);
    let procedures = procedures.select_any(catalogue);
    let facts = export::facts(&ctx.grid, &bodies, &procedures, &statements);
    let export = Export::new(Arc::clone(&ctx.service), Arc::clone(&ctx.grid), facts);
    let head = match format {
        Format::Csv => {
            let mut head = Vec::new();
            export::csv_head(&mut head, LineEnd::Lf);
            Some(head)
        }
        Format::Json | Format::Ndjson => None,
    };
    let pieces = stream::unfold(Some((export, head)), move |state| async move {
        let (export, head) = state?;
        if let Some(head) = head {
            return Some((Ok(Bytes::from(head)), Some((export, None))));
        }
        let done = web::block(move || {
            let mut export = export;
            (piece(&mut export, format), export)
        })
        .await;
        match done {
            Ok((Ok(Some(text)), export)) => Some((Ok(Bytes::from(text)), Some((export, None)))),
            Ok((Ok(None), _)) => None,
            Ok((Err(problem), _)) => Some((Err(problem), None)),
            Err(cause) => Some((Err(blocked(cause)), None)),
        }
    });
    Ok(ctx.stream(format, file_name, pieces))
}

fn piece(export: &mut Export, format: Format) -> Result<Option<Vec<u8>>, Problem> {
    let Some(rows) = export.next_piece()? else {
        return Ok(None);
    };
    let mut text = Vec::new();
    let written = match format {
        Format::Csv => export::csv_rows(&mut text, rows, LineEnd::Lf).map_err(|cause| cause.to_string()),
        Format::Json | Format::Ndjson => {
            export::ndjson_rows(&mut text, &rows).map_err(|cause| cause.to_string())
        }
    };
    written.map_err(|cause| {
        log::error!("export: {cause}");
        Problem::plain(Kind::INTERNAL)
    })?;
    Ok(Some(text))
}
