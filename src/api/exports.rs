//! The whole record to take away: streamed, or built into a file once.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use actix_web::get;
use actix_web::web::Bytes;
use futures_util::stream;

use super::responses::{BuiltFirst, TooManyRows};
use crate::export::encoding::Encoding;
use crate::export::table::{SHEET_ROWS, check_rows};
use crate::http::ctx::{Answer, Ctx};
use crate::http::download::Named;
use crate::http::edition::Edition;
use crate::http::problem::{Kind, Problem};
use crate::http::verb::Asked;
use crate::query::exports::{DaysQuery, EncodingQuery, Exported, LayoutQuery};
use crate::query::filters::{BodyQuery, ProcedureQuery, StatementQuery};
use crate::query::format::{FileFormat, Medium};
use crate::query::moment::MomentQuery;
use crate::query::question::Question;
use crate::service::error::Error;
use crate::service::export::Export;

/// 対応状況の書き出し（CSV）
///
/// 保持している事実（対応状況と該当性）をすべて、適用日がまだ来ていないものも含めて、取込でそのまま読める縦長の形で返します。UTF-8（BOM なし）、改行は LF です。encoding=utf-8-bom と cp932 では改行が CRLF になります。cp932 で表せない文字は 〓 に置き換え、その数を X-Todoke-Replaced で知らせます。layout=wide では1行に1団体の横長の表になり、セルは 0〜5、3+（以上）、対象外・組合・廃止、空（未回答）で、使えない段階には 4（停止中）のように状態が付きます。国公表値には（国）が付き、読み戻しても団体の申告にはなりません。列 channel に接点のIDか群の名前があり、群でいちばん高い段階の表（channel=online-group、counter-group）は、読み戻したとき今と違うセルは、どの接点のことか決まらなければ尋ねます。
#[utoipa::path(tag = "exports", params(LayoutQuery, DaysQuery, EncodingQuery, BodyQuery, ProcedureQuery, StatementQuery, MomentQuery),
    responses((status = 200, description = "CSV（縦長または横長）", body = String, content_type = "text/csv", headers(("Content-Disposition"), ("X-Todoke-Replaced"))), BuiltFirst))]
#[get("/exports/readiness.csv")]
pub(super) async fn export_readiness_csv(ctx: Ctx) -> Answer {
    export(&ctx, FileFormat::Csv).await
}

/// 対応状況の書き出し（NDJSON）
///
/// 保持している事実（対応状況と該当性）をすべて、1行に1つの JSON で返します。layout=wide では1行に1団体で、手続IDが項目の名前になり、値は CSV のセルと同じ文字列です。
#[utoipa::path(tag = "exports", params(Exported),
    responses((status = 200, description = "NDJSON（縦長または横長）", body = String, content_type = "application/x-ndjson", headers(("Content-Disposition")))))]
#[get("/exports/readiness.ndjson")]
pub(super) async fn export_readiness_ndjson(ctx: Ctx) -> Answer {
    export(&ctx, FileFormat::Ndjson).await
}

/// 対応状況の書き出し（Excel）
///
/// CSV と同じ行を Excel のブックで返します。シート readiness は見出し1行・1セル1値の表、シート 説明 は出所・時点・列の意味です。同じ版と条件のブックは一度だけ作ります。1,048,575 行を超えるときは 422 を返すので、CSV を使うか条件で絞ってください。
#[utoipa::path(tag = "exports", params(Exported),
    responses((status = 200, description = "Excel のブック（縦長または横長）", body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers(("Content-Disposition"))), BuiltFirst, TooManyRows))]
#[get("/exports/readiness.xlsx")]
pub(super) async fn export_readiness_xlsx(ctx: Ctx) -> Answer {
    export(&ctx, FileFormat::Xlsx).await
}

async fn export(ctx: &Ctx, format: FileFormat) -> Answer {
    let Asked { question, edition, .. } = ctx.ask::<Exported, FileFormat>(&[format]).await?;
    if let Some(response) = edition.not_modified(format) {
        return Ok(response);
    }
    let country = edition.country::<Exported>(question.needs()).await?;
    let table = ctx.think::<Exported, _>(move || question.table(&country)).await?;
    let (name, encoding) = (edition.file_name(format.code()), edition.encoding);
    let mut export = Export::new(Arc::clone(ctx.service()), Arc::clone(&edition.grid), table);
    match format {
        FileFormat::Csv => {
            let named = Named::new(format, encoding.media_type(), &name);
            if encoding == Encoding::Cp932 {
                let write = move |out: &mut BufWriter<File>| export.write_csv(encoding, out).map(Some);
                return edition.built(&named, write).await;
            }
            let head = export.csv_head(encoding)?;
            Ok(streamed(&edition, &named, Some(head), export, move |export| export.next_csv(encoding)))
        }
        FileFormat::Ndjson => {
            let named = Named::new(format, format.media_type(), &name);
            Ok(streamed(&edition, &named, None, export, Export::next_ndjson))
        }
        FileFormat::Xlsx => {
            check_rows(export.len(), SHEET_ROWS, "/api/v1/exports/readiness.csv")
                .map_err(|refusal| Problem::of(Kind::UNPROCESSABLE, "/query", refusal))?;
            let named = Named::new(format, format.media_type(), &name);
            edition.built(&named, move |out| export.write_xlsx(out).map(|()| None)).await
        }
    }
}

/// Streams an export piece by piece.
fn streamed(
    edition: &Edition<'_>,
    named: &Named<'_, FileFormat>,
    head: Option<Vec<u8>>,
    export: Export,
    next: impl Fn(&mut Export) -> Result<Option<Vec<u8>>, Error> + Copy + Send + 'static,
) -> actix_web::HttpResponse {
    let pieces = stream::unfold(Some((export, head, edition.seat())), move |state| async move {
        let (export, head, desk) = state?;
        if let Some(head) = head {
            return Some((Ok(Bytes::from(head)), Some((export, None, desk))));
        }
        let done = desk
            .go_on(move || {
                let mut export = export;
                (next(&mut export), export)
            })
            .await;
        match done {
            Ok((Ok(Some(text)), export)) => Some((Ok(Bytes::from(text)), Some((export, None, desk)))),
            Ok((Ok(None), _)) => None,
            Ok((Err(error), _)) => Some((Err(Problem::from(error)), None)),
            Err(problem) => Some((Err(problem), None)),
        }
    });
    edition.stream(named, pieces)
}
