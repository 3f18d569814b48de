//! The whole record to take away: streamed, or built into a file once.

use std::sync::Arc;

use actix_web::get;
use actix_web::web::{self, Bytes};
use futures_util::stream;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::{BuiltFirst, TooManyRows};
use crate::domain::Refusal;
use crate::domain::catalogue::Catalogue;
use crate::error::Error;
use crate::export::encoding::Encoding;
use crate::export::facts;
use crate::export::table::{SHEET_ROWS, Table, TableLayout, check_rows};
use crate::export::wide::{CellsOf, Wide};
use crate::grid::filter::Prefectures;
use crate::grid::later::Days;
use crate::http::download::Named;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::{Answer, Ctx, blocked};
use crate::query::format::{FileFormat, Medium};
use crate::query::parameters::{BodyQuery, Checks, ProcedureQuery, StatementQuery, names};
use crate::service::export::Export;

/// Shape of an export.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LayoutQuery {
    /// 表の形（既定は long）。long は保持している事実をすべて1行に1つ、wide は1行に1団体・1列に1手続で、セルは channel で選ぶ1つの接点か、群でいちばん高い段階（online-group、counter-group。既定は online-group）
    #[param(value_type = Option<TableLayout>, inline, example = "long")]
    layout: Option<String>,
}

/// Which days an export is about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// 今の行（current）、適用日がまだ来ていない行（planned）、両方（all）。縦長の表の既定は all で、横長の表は今の行だけ
    #[param(value_type = Option<Days>, inline, example = "all")]
    when: Option<String>,
}

/// Encoding of a CSV file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents what every CSV file takes")]
struct EncodingQuery {
    /// 文字コード（既定は utf-8）
    #[param(value_type = Option<Encoding>, inline, example = "utf-8-bom")]
    encoding: Option<String>,
}

/// 対応状況の書き出し（CSV）
///
/// 保持している事実（対応状況と該当性）をすべて、適用日がまだ来ていないものも含めて、取込でそのまま読める縦長の形で返します。UTF-8（BOM なし）、改行は LF です。encoding=utf-8-bom と cp932 では改行が CRLF になります。cp932 で表せない文字は 〓 に置き換え、その数を X-Todoke-Replaced で知らせます。layout=wide では1行に1団体の横長の表になり、セルは 0〜5、3+（以上）、対象外・組合・廃止、空（未回答）で、使えない段階には 4（停止中）のように状態が付きます。国公表値には（国）が付き、読み戻しても団体の申告にはなりません。列 channel に接点のIDか群の名前があり、群でいちばん高い段階の表（channel=online-group、counter-group）は、読み戻したとき今と違うセルは、どの接点のことか決まらなければ尋ねます。
#[utoipa::path(tag = "exports", params(LayoutQuery, DaysQuery, EncodingQuery, BodyQuery, ProcedureQuery, StatementQuery),
    responses((status = 200, description = "CSV（縦長または横長）", body = String, content_type = "text/csv", headers(("Content-Disposition"), ("X-Todoke-Replaced"))), BuiltFirst))]
#[get("/exports/readiness.csv")]
pub(super) async fn export_readiness_csv(ctx: Ctx) -> Answer {
    let asked = Asked::read(&ctx, FileFormat::Csv).await?;
    if let Some(response) = ctx.not_modified(FileFormat::Csv) {
        return Ok(response);
    }
    let encoding = ctx.encoding();
    let name = ctx.file_name(FileFormat::Csv.code());
    let named = Named::new(FileFormat::Csv, encoding.media_type(), &name);
    let mut export = asked.export;
    if encoding == Encoding::Cp932 {
        return built(&ctx, &named, move |out| export.write_csv(encoding, out).map(Some)).await;
    }
    let head = export.csv_head(encoding)?;
    Ok(streamed(&ctx, &named, Some(head), export, move |export| export.next_csv(encoding)))
}

/// 対応状況の書き出し（NDJSON）
///
/// 保持している事実（対応状況と該当性）をすべて、1行に1つの JSON で返します。layout=wide では1行に1団体で、手続IDが項目の名前になり、値は CSV のセルと同じ文字列です。
#[utoipa::path(tag = "exports", params(LayoutQuery, DaysQuery, BodyQuery, ProcedureQuery, StatementQuery),
    responses((status = 200, description = "NDJSON（縦長または横長）", body = String, content_type = "application/x-ndjson", headers(("Content-Disposition")))))]
#[get("/exports/readiness.ndjson")]
pub(super) async fn export_readiness_ndjson(ctx: Ctx) -> Answer {
    let asked = Asked::read(&ctx, FileFormat::Ndjson).await?;
    if let Some(response) = ctx.not_modified(FileFormat::Ndjson) {
        return Ok(response);
    }
    let name = ctx.file_name(FileFormat::Ndjson.code());
    let named = Named::new(FileFormat::Ndjson, FileFormat::Ndjson.media_type(), &name);
    Ok(streamed(&ctx, &named, None, asked.export, Export::next_ndjson))
}

/// 対応状況の書き出し（Excel）
///
/// CSV と同じ行を Excel のブックで返します。シート readiness は見出し1行・1セル1値の表、シート 説明 は出所・時点・列の意味です。同じ版と条件のブックは一度だけ作ります。1,048,575 行を超えるときは 422 を返すので、CSV を使うか条件で絞ってください。
#[utoipa::path(tag = "exports", params(LayoutQuery, DaysQuery, BodyQuery, ProcedureQuery, StatementQuery),
    responses((status = 200, description = "Excel のブック（縦長または横長）", body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers(("Content-Disposition"))), BuiltFirst, TooManyRows))]
#[get("/exports/readiness.xlsx")]
pub(super) async fn export_readiness_xlsx(ctx: Ctx) -> Answer {
    let asked = Asked::read(&ctx, FileFormat::Xlsx).await?;
    check_rows(asked.export.len(), SHEET_ROWS)
        .map_err(|refusal| Problem::of(Kind::UNPROCESSABLE, "/query", refusal))?;
    if let Some(response) = ctx.not_modified(FileFormat::Xlsx) {
        return Ok(response);
    }
    let export = asked.export;
    let name = ctx.file_name(FileFormat::Xlsx.code());
    let named = Named::new(FileFormat::Xlsx, FileFormat::Xlsx.media_type(), &name);
    built(&ctx, &named, move |out| export.write_xlsx(out).map(|()| None)).await
}

/// What a request asks for.
struct Asked {
    export: Export,
}

impl Asked {
    async fn read(ctx: &Ctx, format: FileFormat) -> Result<Self, Problem> {
        let known = [
            names::<LayoutQuery>(),
            names::<DaysQuery>(),
            names::<BodyQuery>(),
            names::<ProcedureQuery>(),
            names::<StatementQuery>(),
        ];
        let query = ctx.query(&known);
        let mut checks = query.checks();
        let catalogue = ctx.grid.catalogue();
        let layout = checks.one("layout", &query.part::<LayoutQuery>().layout, str::parse);
        let bodies = query.part::<BodyQuery>().read(&mut checks, catalogue);
        let procedures = query.part::<ProcedureQuery>().read(&mut checks, catalogue);
        let asked = query.part::<StatementQuery>();
        let mut statements = asked.read(&mut checks, catalogue);
        let since = asked.updated_since(&mut checks);
        let wide = layout == Some(TableLayout::Wide);
        let of = wide.then(|| one_channel(&mut checks, catalogue, &asked));
        let days = checks.one("when", &query.part::<DaysQuery>().when, str::parse);
        if let Some(asked @ (Days::Planned | Days::All)) = days
            && wide
        {
            checks.refuse("when", only_today(asked));
        }
        ctx.format(&query, &mut checks, &[format])?;
        checks.finish()?;
        statements.changed = ctx.changed_since(since).await?;
        let bodies = bodies.select(catalogue, ctx.grid.as_of(), Prefectures::Always);
        let procedures = procedures.select_any(catalogue);
        let table = match of {
            Some(of) => Table::Wide(Wide::new(&ctx.grid, &bodies, procedures, &statements, of)),
            None => {
                Table::Long(facts(&ctx.grid, &bodies, &procedures, &statements, days.unwrap_or(Days::All)))
            }
        };
        Ok(Self { export: Export::new(Arc::clone(&ctx.service), Arc::clone(&ctx.grid), table) })
    }
}

/// A cell of a wide table has no day.
fn only_today(asked: Days) -> Refusal {
    Refusal::new(
        "only_today",
        asked.code(),
        "横長の表は今の行だけです（これからの行は layout=long で書き出します）",
        "a wide table shows what holds today; later days are in layout=long",
    )
    .allowed(Days::Current.code())
}

/// The channel or group of the cells of a wide table.
fn one_channel(checks: &mut Checks, catalogue: &Catalogue, asked: &StatementQuery) -> CellsOf {
    // What is no channel was told where statements were chosen.
    match asked.cells_of(&mut Checks::default(), catalogue).as_slice() {
        [] => CellsOf::default(),
        [one] => *one,
        several => {
            let ids: Vec<&str> = several
                .iter()
                .map(|of| match of {
                    CellsOf::Channel(channel) => catalogue.channel(*channel).id.as_str(),
                    CellsOf::Group(scale) => scale.group_code(),
                })
                .collect();
            checks.refuse(
                "channel",
                Refusal::new(
                    "one_channel",
                    &ids.join(","),
                    "横長の表の接点は1つだけ選びます",
                    "a wide table has cells of one channel or group",
                )
                .allowed("接点1つ、online-group、counter-group"),
            );
            CellsOf::default()
        }
    }
}

/// Streams an export piece by piece.
fn streamed(
    ctx: &Ctx,
    named: &Named<'_>,
    head: Option<Vec<u8>>,
    export: Export,
    next: impl Fn(&mut Export) -> Result<Option<Vec<u8>>, Error> + Copy + Send + 'static,
) -> actix_web::HttpResponse {
    let pieces = stream::unfold(Some((export, head)), move |state| async move {
        let (export, head) = state?;
        if let Some(head) = head {
            return Some((Ok(Bytes::from(head)), Some((export, None))));
        }
        let done = web::block(move || {
            let mut export = export;
            (next(&mut export), export)
        })
        .await;
        match done {
            Ok((Ok(Some(text)), export)) => Some((Ok(Bytes::from(text)), Some((export, None)))),
            Ok((Ok(None), _)) => None,
            Ok((Err(error), _)) => Some((Err(Problem::from(error)), None)),
            Err(cause) => Some((Err(blocked(cause)), None)),
        }
    });
    ctx.stream(named, pieces)
}

/// Answers with a file that is built unless an earlier request had it built.
async fn built(
    ctx: &Ctx,
    named: &Named<'_>,
    build: impl FnOnce(&mut std::io::BufWriter<std::fs::File>) -> Result<Option<u64>, Error> + Send + 'static,
) -> Answer {
    let (service, key) = (Arc::clone(&ctx.service), ctx.key());
    let file = web::block(move || service.built_files().get(&key, build)).await.map_err(blocked)??;
    Ok(ctx.built(named, file))
}
