//! Files: sent, looked at, applied, taken back.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::responses::NotAsItStands;
use super::tokens::{IdempotencyHeader, idempotency_key};
use crate::domain::dates::in_japan;
use crate::domain::imports::ImportStatus;
use crate::http::body::Unread;
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::problem::Problem;
use crate::http::signed::Signed;
use crate::http::state::State;
use crate::http::upload::receive;
use crate::import::groups::FaultGroup;
use crate::import::marks::Question;
use crate::import::options::Asked;
use crate::import::plan::Counts;
use crate::import::report::{Effect, MarkCount};
use crate::import::{Fault, OnError};
use crate::query::format::Format;
use crate::query::list::ListView;
use crate::query::parameters::{Checks, DEFAULT_LIMIT, PageQuery, Parameter, Query, names};
use crate::service::idempotency::Repeatable;
use crate::service::imports::{ApplyOptions, Import, RevertReport, Upload};

/// 取込
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    /// 番号
    #[schema(example = 7, minimum = 1)]
    id: i64,
    /// 状態
    status: ImportStatus,
    /// ファイル名
    #[schema(example = "対応状況.xlsx")]
    file_name: String,
    /// バイト数
    #[schema(example = 18_234, minimum = 0)]
    size: i64,
    /// ファイルの SHA-256
    #[schema(
        example = "0000000000000000000000000000000000000000000000000000000000000000",
        pattern = r"^[0-9a-f]{64}$"
    )]
    sha256: String,
    /// 見つかった文字コードと形式
    #[schema(example = "xlsx")]
    encoding: Option<String>,
    /// 見つかったレイアウト
    #[schema(example = "long")]
    layout: Option<String>,
    /// 記号の意味の定義
    #[schema(example = json!(null))]
    profile: Option<String>,
    /// 送られた時刻
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    created_at: String,
    /// 送った者
    #[schema(example = "token:12")]
    created_by: String,
    /// 適用された時刻
    #[schema(example = json!(null), format = DateTime)]
    applied_at: Option<String>,
    /// 適用した者
    #[schema(example = json!(null))]
    applied_by: Option<String>,
    /// 適用後のデータの版
    #[schema(example = json!(null), minimum = 0)]
    revision: Option<i64>,
    /// 進み具合（処理中だけ）
    progress: Option<ProgressView>,
    /// 件数
    counts: Counts,
    /// 記号をどう読んだか
    #[schema(max_items = 1000)]
    understood: Vec<MarkCount>,
    /// 取り込む前に答えが要る質問
    #[schema(max_items = 100)]
    questions: Vec<Question>,
    /// 多くの段階が下がるため、適用に confirm=true が要る
    #[schema(example = false)]
    needs_confirmation: bool,
    /// 計画の SHA-256。適用はこの計画どおりに行う
    #[schema(example = json!(null), pattern = r"^[0-9a-f]{64}$")]
    plan_hash: Option<String>,
    /// 誤りの数
    #[schema(example = 0, minimum = 0)]
    fault_count: usize,
    /// 誤りを種類ごとにまとめたもの（最初の100種類）
    #[schema(max_items = 100)]
    fault_groups: Vec<FaultGroup>,
    /// 誤り（最初の500件。すべては rows と errors.csv）
    #[schema(max_items = 500)]
    faults: Vec<Fault>,
    /// 警告の数
    #[schema(example = 0, minimum = 0)]
    warning_count: usize,
    /// 警告を種類ごとにまとめたもの（最初の100種類）
    #[schema(max_items = 100)]
    warning_groups: Vec<FaultGroup>,
    /// 警告（最初の500件）
    #[schema(max_items = 500)]
    warnings: Vec<Fault>,
    /// 対象の団体の指標がどう変わるか（今日の時点。50団体まで）
    #[schema(max_items = 100)]
    effect: Vec<Effect>,
    /// 読み飛ばしたものなどの注記
    #[schema(max_items = 1000)]
    notes: Vec<String>,
    /// 失敗の理由
    #[schema(example = json!(null))]
    failure: Option<String>,
    /// なぜ取り込むか
    #[schema(example = "令和8年度の調査の回答", max_length = 200)]
    reason: Option<String>,
}

/// 進み具合
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgressView {
    /// 済んだ件数
    #[schema(example = 40_000, minimum = 0)]
    done: usize,
    /// 全件数
    #[schema(example = 87_050, minimum = 0)]
    all: usize,
}

impl ImportView {
    fn new(import: Import) -> Self {
        let report = import.report;
        Self {
            id: import.id,
            status: import.status,
            file_name: import.file_name,
            size: import.size,
            sha256: hex(&import.sha256),
            encoding: import.encoding,
            layout: import.layout,
            profile: import.profile,
            created_at: shown(import.created_at),
            created_by: import.created_by,
            applied_at: import.applied_at.map(shown),
            applied_by: import.applied_by,
            revision: import.revision,
            progress: import.progress.map(|(done, all)| ProgressView { done, all }),
            counts: report.counts,
            understood: report.understood,
            questions: report.questions,
            needs_confirmation: report.needs_confirmation,
            plan_hash: import.plan_hash.as_ref().map(|hash| hex(hash)),
            fault_count: report.fault_count,
            fault_groups: report.fault_groups,
            faults: report.faults,
            warning_count: report.warning_count,
            warning_groups: report.warning_groups,
            warnings: report.warnings,
            effect: report.effect,
            notes: report.notes,
            failure: import.failure,
            reason: import.reason,
        }
    }
}

fn shown(at: DateTime<Utc>) -> String {
    in_japan(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An import as the answer to a look at it.
fn answer(import: Import) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(ImportView::new(import))
}

/// An import as the answer to what was done with it; what goes on behind the answer is 202.
pub(super) fn done(import: Import, status: StatusCode) -> HttpResponse {
    let status = if import.status.is_busy() { StatusCode::ACCEPTED } else { status };
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::LOCATION, location(import.id)))
        .json(ImportView::new(import))
}

fn location(id: i64) -> String {
    format!("/api/v1/imports/{id}")
}

/// What the sender says beside the file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// レイアウト（指定しなければ見出しから判断する）
    #[param(max_length = 60, example = "form")]
    layout: Option<String>,
    /// シートの名前（表のあるシートが複数あるとき）
    #[param(max_length = 100, example = "Sheet1")]
    sheet: Option<String>,
    /// 文字コード（指定しなければ判断する）
    #[param(max_length = 20, example = "cp932")]
    encoding: Option<String>,
    /// 記号の意味の定義の名前
    #[param(max_length = 40, pattern = "^[a-z0-9-]+$", example = "default")]
    profile: Option<String>,
    /// このファイルの記号の意味（記号=意味 をカンマ区切り）
    #[param(max_length = 2000, example = "ー=not_applicable")]
    marks: Option<String>,
    /// 0 と 1 だけの列の意味
    #[param(max_length = 10, example = "flag")]
    binary: Option<String>,
    /// 1つの接点についての表のとき、その接点
    #[param(max_length = 40, example = "online")]
    channel: Option<String>,
    /// 団体コードのない表のとき、その団体
    #[param(max_length = 6, example = "082333")]
    municipality: Option<String>,
    /// 年度のない利用実績のとき、その年度
    #[param(max_length = 10, example = "2025")]
    fiscal_year: Option<String>,
    /// 「同上」と、団体や手続の列の空欄を上の値で埋める
    #[param(value_type = Option<bool>, example = false)]
    fill: Option<String>,
    /// 日付のないファイルのとき、いつからの状況か
    #[param(max_length = 20, example = "2026-04-01")]
    effective_on: Option<String>,
    /// 空欄の扱い
    #[param(value_type = Option<crate::import::Blank>, inline, example = "keep")]
    blank: Option<String>,
    /// 使わない列の見出し（カンマ区切り）
    #[param(max_length = 4000, example = "担当者")]
    ignore: Option<String>,
    /// 独自の見出しの意味（見出し=項目・手続・接点・団体 をカンマ区切り）
    #[param(max_length = 4000, example = "状況=level")]
    columns: Option<String>,
    /// 独自の名前が何を指すか（名前=団体コードや手続ID をカンマ区切り）
    #[param(max_length = 4000, example = "り災証明=hisaisha-01")]
    names: Option<String>,
    /// 非表示の行と列の扱い
    #[param(value_type = Option<crate::import::Hidden>, inline, example = "visible")]
    hidden: Option<String>,
    /// 書き出し（revision 列のあるファイル）の後に変わった行の扱い（既定は warn）
    #[param(value_type = Option<crate::import::OnStale>, inline, example = "reject")]
    on_stale: Option<String>,
    /// なぜ取り込むか（履歴と監査に残る）
    #[param(max_length = 200, example = "令和8年度の調査の回答")]
    reason: Option<String>,
    /// ファイル名（Content-Disposition やフォームより優先する）
    #[param(max_length = 300, example = "対応状況.csv")]
    file_name: Option<String>,
    /// 続けて適用する
    #[param(value_type = Option<bool>, example = false)]
    apply: Option<String>,
}

impl UploadQuery {
    fn asked(&self) -> Asked {
        Asked {
            layout: self.layout.clone(),
            sheet: self.sheet.clone(),
            encoding: self.encoding.clone(),
            profile: self.profile.clone(),
            marks: self.marks.clone(),
            binary: self.binary.clone(),
            channel: self.channel.clone(),
            municipality: self.municipality.clone(),
            fiscal_year: self.fiscal_year.clone(),
            fill: self.fill.clone(),
            effective_on: self.effective_on.clone(),
            blank: self.blank.clone(),
            ignore: self.ignore.clone(),
            columns: self.columns.clone(),
            names: self.names.clone(),
            hidden: self.hidden.clone(),
            on_stale: self.on_stale.clone(),
            reason: self.reason.clone(),
            ..Asked::default()
        }
    }
}

/// How a plan is applied.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ApplyQuery {
    /// 誤りのある行の扱い（既定は reject）
    #[param(value_type = Option<OnError>, inline, example = "reject")]
    on_error: Option<String>,
    /// 多くの段階が下がることを承知で適用する
    #[param(value_type = Option<bool>, example = false)]
    confirm: Option<String>,
}

impl ApplyQuery {
    fn read(&self, checks: &mut Checks) -> ApplyOptions {
        ApplyOptions {
            on_error: checks.one("on_error", &self.on_error, str::parse).unwrap_or(OnError::Reject),
            confirmed: flag(checks, "confirm", &self.confirm),
            ..ApplyOptions::default()
        }
    }
}

fn flag(checks: &mut Checks, name: &str, value: &Option<String>) -> bool {
    checks
        .one(name, value, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(crate::domain::text::unknown_code(text, name, name, &["true", "false"])),
        })
        .unwrap_or(false)
}

/// Reads a query of a resource that answers with JSON alone.
fn finish(ctx: &Ctx, query: &Query<'_>, mut checks: Checks) -> Result<(), Problem> {
    ctx.format(query, &mut checks, &[Format::Json])?;
    Ok(checks.finish()?)
}

/// ファイルの送信
///
/// CSV または Excel のファイルを1つ送り、何が変わるかを確かめます（対応状況は書き込みません）。フォーム（部品名 file）か、ファイルそのものを本文（application/octet-stream、text/csv、Excel のメディア型）にして送ります。5,000件からは 202 を返し、Location の先で進み具合を見られます。apply=true で続けて適用します。Idempotency-Key を付けると、送り直しても取込は1つです。
#[utoipa::path(tag = "imports", params(UploadQuery, ApplyQuery, IdempotencyHeader),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "確かめた取込", body = ImportView, headers(("Location"))), (status = 202, description = "確かめている取込", body = ImportView), NotAsItStands),
    security(("token" = [])))]
#[post("/imports")]
pub(super) async fn create_import(
    ctx: Ctx,
    origin: Signed,
    state: web::Data<State>,
    request: HttpRequest,
    body: Unread,
) -> Answer {
    let query = ctx.query(&[names::<UploadQuery>(), names::<ApplyQuery>()]);
    let mut checks = query.checks();
    let said: UploadQuery = query.part();
    let then = query.part::<ApplyQuery>().read(&mut checks);
    let then = flag(&mut checks, "apply", &said.apply).then_some(then);
    let key = idempotency_key(&request)?;
    let asked = said.asked();
    let (sender, words) = (origin.0.clone(), asked.clone());
    let options = ctx
        .wait(move |service| {
            // Whoever may not import is told that, whatever they sent.
            service.guard(&sender, crate::domain::access::Action::Import, None)?;
            service.options(&sender, &words)
        })
        .await?;
    let options = options
        .map_err(|faults| faults.into_iter().for_each(|(name, refusal)| checks.refuse(name, refusal)))
        .ok();
    finish(&ctx, &query, checks)?;
    let Some(options) = options else { return Err(Problem::plain(crate::http::problem::Kind::INTERNAL)) };
    let parameters = [names::<UploadQuery>(), names::<ApplyQuery>()];
    let parameters: Vec<&str> = parameters.iter().flat_map(|part| part.iter().map(Parameter::name)).collect();
    let name = said.file_name.as_deref();
    let received = receive(request.headers(), body, name, state.max_upload, &parameters).await?;
    let operation = format!("POST /api/v1/imports?{}", request.query_string());
    let repeatable = key.map(|key| Repeatable::new(key, &operation, &received.bytes));
    let file = Upload { name: received.name, bytes: received.bytes, asked, options };
    let sent = ctx.wait(move |service| service.upload(&origin.0, file, then, repeatable.as_ref())).await?;
    match sent.result {
        Ok(import) => Ok(done(import, StatusCode::CREATED)),
        // The file is kept, so its sender can look at it and go on from there.
        Err(error) => Err(Problem::from(error).with_header(header::LOCATION, location(sent.id))),
    }
}

/// 送るファイル
#[derive(ToSchema)]
#[expect(dead_code, reason = "only documents the form")]
pub(super) struct FileForm {
    /// CSV または Excel のファイル
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Which imports.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// 状態
    #[param(value_type = Option<ImportStatus>, inline, example = "applied")]
    status: Option<String>,
}

/// 取込の一覧
///
/// この鍵で見られる取込を、新しい順に返します。誤りと警告の1つ1つは個別の取込にあります。
#[utoipa::path(tag = "imports", params(ImportQuery, PageQuery), responses((status = 200, description = "取込", body = ListView<ImportView>), NotAsItStands), security(("token" = [])))]
#[get("/imports")]
pub(super) async fn list_imports(ctx: Ctx, origin: Signed) -> Answer {
    let query = ctx.query(&[names::<ImportQuery>(), names::<PageQuery>()]);
    let mut checks = query.checks();
    let status = checks.one("status", &query.part::<ImportQuery>().status, str::parse::<ImportStatus>);
    let page = query.part::<PageQuery>().read(&mut checks);
    finish(&ctx, &query, checks)?;
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
    let (count, imports) =
        ctx.wait(move |service| service.imports(&origin.0, status, page.offset, limit)).await?;
    Ok(ctx.private_page(page, count, imports.into_iter().map(ImportView::new).collect()))
}

/// 1つの取込
///
/// 取込の状態、何が変わるか、誤りと警告の最初の500件を返します。処理中は進み具合も返します。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)),
    responses((status = 200, description = "取込", body = ImportView), NotAsItStands), security(("token" = [])))]
#[get("/imports/{id}")]
pub(super) async fn get_import(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let id = number_of_path(&id)?;
    let import = ctx.wait(move |service| service.import(&origin.0, id)).await?;
    Ok(answer(import))
}

/// 取込の適用
///
/// 確かめた計画をそのまま適用します（すべてか、なしか）。確かめた後にデータが変わっていれば 409 です。1行でも誤りがあれば 422 で、on_error=skip なら正しい行だけを適用します。5,000件からは 202 を返して続けます。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7), ApplyQuery),
    responses((status = 200, description = "適用した取込", body = ImportView), (status = 202, description = "適用している取込", body = ImportView), NotAsItStands), security(("token" = [])))]
#[post("/imports/{id}/apply")]
pub(super) async fn apply_import(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    let query = ctx.query(&[names::<ApplyQuery>()]);
    let mut checks = query.checks();
    let how = query.part::<ApplyQuery>().read(&mut checks);
    finish(&ctx, &query, checks)?;
    let id = number_of_path(&id)?;
    let import = ctx.wait(move |service| service.apply(&origin.0, id, how)).await?;
    Ok(done(import, StatusCode::OK))
}

/// 取込の中止
///
/// 確かめている、または適用している取込を止めます。確かめ終わった取込は適用できなくなります。適用し終わった取込は revert で取り消します。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)),
    responses((status = 200, description = "中止した取込（処理が止まるまでは処理中のまま）", body = ImportView), NotAsItStands), security(("token" = [])))]
#[post("/imports/{id}/cancel")]
pub(super) async fn cancel_import(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let id = number_of_path(&id)?;
    let import = ctx.wait(move |service| service.cancel_import(&origin.0, id)).await?;
    Ok(answer(import))
}

/// 取込の取消し
///
/// 適用した取込を、行ごとに前の値へ戻します。その後に変わった行は残し、その数を返します。記録は消えず、取り消したことが残ります。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)),
    responses((status = 200, description = "取り消した", body = RevertReport), NotAsItStands), security(("token" = [])))]
#[post("/imports/{id}/revert")]
pub(super) async fn revert_import(ctx: Ctx, origin: Signed, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let id = number_of_path(&id)?;
    let report = ctx
        .wait(move |service| {
            service.seen_import(&origin.0, id)?;
            let report = service.revert(id, &origin.0)?;
            service.refresh()?;
            Ok::<_, crate::service::error::Error>(report)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(report))
}
