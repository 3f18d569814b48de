//! The rows of an import: what each changes, what is wrong with it, and the file itself.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::responses::NotAsItStands;
use crate::domain::dates::Precision;
use crate::domain::imports::RowOutcome;
use crate::domain::readiness::Source;
use crate::domain::usage::{RecordKey, Subject};
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::file_name::disposition;
use crate::http::signed::Signed;
use crate::import::Fault;
use crate::import::changes::{self, Change};
use crate::query::format::{FileFormat, Format};
use crate::query::list::ListView;
use crate::query::parameters::{DEFAULT_LIMIT, PageQuery, names};
use crate::service::imports::{FileRow, PlanRow, Rows};

/// 取込の1行
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportRowView {
    /// ファイルの行（1から。0 はファイル全体）
    #[schema(example = 2, minimum = 0)]
    line: i64,
    /// 結果
    outcome: RowOutcome,
    /// 団体コード
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    municipality_code: Option<String>,
    /// 手続ID
    #[schema(example = "kosodate-01")]
    procedure_id: Option<String>,
    /// 指標の定義（国公表値のうち、手続ではなく指標の値）
    #[schema(example = json!(null))]
    definition: Option<String>,
    /// 接点
    #[schema(example = "mynaportal")]
    channel: Option<String>,
    /// 出所
    source: Option<Source>,
    /// 適用日
    #[schema(example = "2026-04-01")]
    effective_on: Option<NaiveDate>,
    /// 適用日の精度
    effective_precision: Option<Precision>,
    /// 団体の資料の行が何についてのものか
    #[schema(example = json!(null))]
    about: Option<String>,
    /// 年度（利用実績、国公表値、年度ごとの資料）
    #[schema(example = json!(null), minimum = 1950, maximum = 2100)]
    fiscal_year: Option<i32>,
    /// 前の値の出所（団体の申告がなければ国公表値）
    old_source: Option<Source>,
    /// 今日の表示が変わる（適用日がまだ来ていない、より新しい値がある、ほかの値が先に立つときは変わらない）
    #[schema(example = true)]
    changes_today: bool,
    /// 段階が下がる、または今の段階が数えられなくなる
    #[schema(example = false)]
    lowers: bool,
    /// 変わる項目（今日の表示の値と新しい値）。変わらない行と確認の行では、すべての項目
    #[schema(max_items = 20)]
    fields: Vec<Change>,
    /// 誤りまたは警告
    #[schema(max_items = 2000)]
    faults: Vec<Fault>,
    /// 元のセル
    #[schema(max_items = 2000)]
    cells: Vec<String>,
}

impl ImportRowView {
    fn empty(line: i64, outcome: RowOutcome) -> Self {
        Self {
            line,
            outcome,
            municipality_code: None,
            procedure_id: None,
            definition: None,
            channel: None,
            source: None,
            effective_on: None,
            effective_precision: None,
            about: None,
            fiscal_year: None,
            old_source: None,
            changes_today: false,
            lowers: false,
            fields: Vec::new(),
            faults: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn planned((row, faults): (PlanRow, Vec<Fault>)) -> Self {
        let view = Self::without_faults(row);
        if view.faults.is_empty() { Self { faults, ..view } } else { view }
    }

    fn without_faults(row: PlanRow) -> Self {
        match row {
            PlanRow::Rejected(row) => Self::stored(&row, RowOutcome::Rejected),
            PlanRow::Fact(entry) => Self {
                municipality_code: Some(entry.key.municipality.to_string()),
                procedure_id: Some(entry.key.procedure.to_string()),
                channel: entry.key.channel.as_ref().map(ToString::to_string),
                source: Some(entry.key.source),
                effective_on: Some(entry.effective.on),
                effective_precision: Some(entry.effective.precision),
                old_source: entry.old_source,
                changes_today: entry.changes_today(),
                lowers: entry.lowers(),
                fields: match entry.outcome.is_news() {
                    true => changes::of_fact(entry.old.as_ref(), &entry.new),
                    false => changes::all_of_fact(entry.old.as_ref(), &entry.new),
                },
                ..Self::empty(i64::from(entry.line), entry.outcome)
            },
            PlanRow::Record(entry) => {
                let (year, definition) = match &entry.key {
                    RecordKey::Usage(key) => (Some(key.fiscal_year.number()), None),
                    RecordKey::Figure(key) => match &key.subject {
                        Subject::Procedure(_) => (Some(key.fiscal_year.number()), None),
                        Subject::Definition(id) => (Some(key.fiscal_year.number()), Some(id.clone())),
                    },
                    RecordKey::Material(key) => (key.fiscal_year(), None),
                };
                let news = entry.outcome.is_news();
                Self {
                    municipality_code: Some(entry.key.municipality().to_string()),
                    procedure_id: entry.key.procedure().map(ToString::to_string),
                    definition,
                    fiscal_year: year,
                    about: match &entry.key {
                        RecordKey::Material(key) => Some(key.in_words()),
                        RecordKey::Usage(_) | RecordKey::Figure(_) => None,
                    },
                    changes_today: news,
                    fields: match news {
                        true => changes::of_record(&entry.key, entry.old.as_ref(), &entry.new),
                        false => changes::all_of_record(&entry.key, entry.old.as_ref(), &entry.new),
                    },
                    ..Self::empty(i64::from(entry.line), entry.outcome)
                }
            }
        }
    }

    fn stored(row: &FileRow, outcome: RowOutcome) -> Self {
        Self { faults: row.faults(), cells: row.cells(), ..Self::empty(row.line(), outcome) }
    }
}

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// 結果（指定しなければすべて）
    #[param(value_type = Option<RowOutcome>, inline, example = "changed")]
    outcome: Option<String>,
}

/// 取込の行
///
/// 取込の行をファイルの順に返します。outcome を指定すると、その結果の行だけを返します。変わる行には項目ごとに今日の表示の値と新しい値、変わらない行には今の値、誤りのある行には理由と元のセルが付きます。適用した取込では、適用したときの変化を返します。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7), RowQuery, PageQuery),
    responses((status = 200, description = "行", body = ListView<ImportRowView>), NotAsItStands), security(("token" = [])))]
#[get("/imports/{id}/rows")]
pub(super) async fn list_import_rows(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    let query = ctx.query(&[names::<RowQuery>(), names::<PageQuery>()]);
    let mut checks = query.checks();
    let outcome = checks.one("outcome", &query.part::<RowQuery>().outcome, str::parse::<RowOutcome>);
    let page = query.part::<PageQuery>().read(&mut checks);
    ctx.format(&query, &mut checks, &[Format::Json])?;
    checks.finish()?;
    let id = number_of_path(&id)?;
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
    let (count, rows) = ctx
        .wait(move |service| service.import_rows(&origin.0, id, outcome, page.offset, Some(limit)))
        .await?;
    let views = match rows {
        Rows::Planned(rows) => rows.into_iter().map(ImportRowView::planned).collect(),
        Rows::Stored(rows) => {
            let outcome = outcome.unwrap_or(RowOutcome::Rejected);
            rows.iter().map(|row| ImportRowView::stored(row, outcome)).collect()
        }
    };
    Ok(ctx.private_page(page, count, views))
}

/// 誤りのある行（CSV）
///
/// 取り込めなかった行を、元の見出しと元のセルのまま、理由の列を足して返します。直してそのまま送り直せます。UTF-8（BOM つき）、改行は CRLF です。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)),
    responses((status = 200, description = "誤りのある行", body = String, content_type = "text/csv",
        example = json!("団体コード,手続ID,接点,段階,取り込めなかった理由\r\n082334,kosodate-01,online,3,2行目「団体コード」列: 団体コードの検査数字が違います（正しくは 082333）\r\n")), NotAsItStands), security(("token" = [])))]
#[get("/imports/{id}/errors.csv")]
pub(super) async fn get_import_errors(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    let query = ctx.query(&[]);
    let mut checks = query.checks();
    ctx.format(&query, &mut checks, &[FileFormat::Csv])?;
    checks.finish()?;
    let id = number_of_path(&id)?;
    let bytes = ctx.wait(move |service| service.errors_csv(&origin.0, id)).await?;
    let name = format!("errors-{id}.csv");
    Ok(download(&name, None, "text/csv; charset=utf-8", bytes))
}

/// 元のファイル
///
/// 送られたファイルをそのまま返します。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)),
    responses((status = 200, description = "送られたファイル", body = String, content_type = "application/octet-stream", example = json!("団体コード,手続ID,接点,段階\n")), NotAsItStands), security(("token" = [])))]
#[get("/imports/{id}/original")]
pub(super) async fn get_import_original(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    ctx.query(&[]).checks().finish()?;
    let id = number_of_path(&id)?;
    let (name, bytes) = ctx.wait(move |service| service.original(&origin.0, id)).await?;
    Ok(download(&format!("import-{id}"), Some(&name), "application/octet-stream", bytes))
}

/// A file that is only for its sender, and only to be saved.
fn download(ascii: &str, name: Option<&str>, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(ascii, name)))
        .content_type(media_type)
        .body(bytes)
}
