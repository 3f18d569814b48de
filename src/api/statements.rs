//! One statement: read it, state it, withdraw it.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::applicability::Applicability;
use crate::domain::assertion::Fact;
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::dates::{Precision, in_japan};
use crate::domain::readiness::{Evidence, Scale, Source, State};
use crate::http::body::{Json, Unread};
use crate::http::ctx::{Answer, Ctx};
use crate::http::middleware;
use crate::http::precondition::{has, seen};
use crate::http::signed::Signed;
use crate::http::spot::Spot;
use crate::http::statement_body::{ApplicabilityBody, ReadinessBody, Said};
use crate::query::format::Format;
use crate::query::moment::{Moment, MomentQuery};
use crate::query::parameters::names;
use crate::service::Service;
use crate::service::statements::{Row, Seen, Tag, Written};

/// 1つの手続・接点の対応状況
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatementView {
    /// 団体コード
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    municipality_code: String,
    /// 手続ID
    #[schema(example = "kosodate-01")]
    procedure_id: String,
    /// 接点
    #[schema(example = "mynaportal")]
    channel: String,
    /// 接点の群（段階の尺度）
    scale: Scale,
    /// 未回答か。true のとき出所以下は null
    #[schema(example = false)]
    no_answer: bool,
    /// 出所
    source: Option<Source>,
    /// 段階
    #[schema(example = 4, minimum = 0, maximum = 5)]
    level: Option<u8>,
    /// 段階の名前
    #[schema(example = "オンライン申請可")]
    level_label: Option<Cow<'static, str>>,
    /// 「少なくともこの段階」とだけ分かる
    #[schema(example = false)]
    at_least: Option<bool>,
    /// 状態
    state: Option<State>,
    /// 根拠
    evidence: Option<Evidence>,
    /// システム
    #[schema(example = "ぴったりサービス")]
    system: Option<String>,
    /// URL
    #[schema(example = "https://example.lg.jp/jido-teate")]
    url: Option<String>,
    /// 担当課
    #[schema(example = "こども課")]
    section: Option<String>,
    /// 備考
    #[schema(example = json!(null))]
    note: Option<String>,
    /// 目標段階
    #[schema(example = 5, minimum = 0, maximum = 5)]
    target_level: Option<u8>,
    /// 目標日
    #[schema(example = "2027-03-31")]
    target_on: Option<NaiveDate>,
    /// 目標日の精度
    target_precision: Option<Precision>,
    /// 適用日（この日から）
    #[schema(example = "2026-11-21")]
    effective_on: Option<NaiveDate>,
    /// 適用日の精度
    effective_precision: Option<Precision>,
    /// 最後に確認された日
    #[schema(example = json!(null))]
    confirmed_on: Option<NaiveDate>,
    /// 記録された時刻
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    recorded_at: Option<String>,
    /// いつ時点か（日本の日付）
    #[schema(example = "2026-11-21")]
    as_of: NaiveDate,
    /// いつまでに記録されたことか
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    known_at: String,
}

/// 1つの手続の該当性
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicabilityView {
    /// 団体コード
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    municipality_code: String,
    /// 手続ID
    #[schema(example = "kosodate-01")]
    procedure_id: String,
    /// 申告または公表があるか。false のときは「該当」とみなす
    #[schema(example = true)]
    stated: bool,
    /// 該当性
    applicability: Applicability,
    /// 理由
    #[schema(example = "対象施設なし")]
    reason: Option<String>,
    /// 出所
    source: Option<Source>,
    /// 適用日（この日から）
    #[schema(example = "2026-11-21")]
    effective_on: Option<NaiveDate>,
    /// 適用日の精度
    effective_precision: Option<Precision>,
    /// 最後に確認された日
    #[schema(example = json!(null))]
    confirmed_on: Option<NaiveDate>,
    /// 記録された時刻
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    recorded_at: Option<String>,
    /// いつ時点か（日本の日付）
    #[schema(example = "2026-11-21")]
    as_of: NaiveDate,
    /// いつまでに記録されたことか
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    known_at: String,
}

/// The day that an answer is about, and the moment up to which things are known.
#[derive(Clone, Copy)]
struct Clocks {
    as_of: NaiveDate,
    known_at: DateTime<Utc>,
}

impl Spot {
    fn view(&self, service: &Service, row: &Row, moment: Moment) -> View {
        let catalogue = service.catalogue();
        let clocks = Clocks {
            as_of: moment.as_of.unwrap_or_else(|| service.today()),
            known_at: moment.known_at.unwrap_or_else(|| service.now()),
        };
        match self.channel {
            Some(channel) => View::Readiness(Box::new(self.readiness(catalogue, channel, row, clocks))),
            None => View::Applicability(self.applicability(catalogue, row, clocks)),
        }
    }

    fn readiness(
        &self,
        catalogue: &Catalogue,
        channel: ChannelIx,
        row: &Row,
        clocks: Clocks,
    ) -> StatementView {
        let channel = catalogue.channel(channel);
        let shown = row.shown.as_ref();
        let value = shown.and_then(|shown| match &shown.stated.fact {
            Fact::Readiness(value) => Some(value),
            Fact::Applicability { .. } | Fact::Withdrawn => None,
        });
        let target = value.and_then(|value| value.target);
        let target_on = target.and_then(|target| target.on);
        StatementView {
            municipality_code: catalogue.body(self.body).code.to_string(),
            procedure_id: catalogue.procedure(self.procedure).id.to_string(),
            channel: channel.id.to_string(),
            scale: channel.scale,
            no_answer: shown.is_none(),
            source: shown.map(|shown| shown.source),
            level: value.map(|value| value.level.number()),
            level_label: value.map(|value| value.level.stated_label(value.at_least, channel.scale)),
            at_least: value.map(|value| value.at_least),
            state: value.map(|value| value.state),
            evidence: value.map(|value| value.evidence),
            system: value.and_then(|value| value.system.as_deref()).map(str::to_owned),
            url: value.and_then(|value| value.url.as_deref()).map(str::to_owned),
            section: value.and_then(|value| value.section.as_deref()).map(str::to_owned),
            note: value.and_then(|value| value.note.as_deref()).map(str::to_owned),
            target_level: target.map(|target| target.level.number()),
            target_on: target_on.map(|day| day.on),
            target_precision: target_on.map(|day| day.precision),
            effective_on: shown.map(|shown| shown.stated.effective.on),
            effective_precision: shown.map(|shown| shown.stated.effective.precision),
            confirmed_on: confirmed_on(row),
            recorded_at: recorded_at(row),
            as_of: clocks.as_of,
            known_at: in_japan(clocks.known_at).to_rfc3339_opts(SecondsFormat::Secs, false),
        }
    }

    fn applicability(&self, catalogue: &Catalogue, row: &Row, clocks: Clocks) -> ApplicabilityView {
        let shown = row.shown.as_ref();
        let (value, reason) = match shown.map(|shown| &shown.stated.fact) {
            Some(Fact::Applicability { value, reason }) => (*value, reason.as_deref().map(str::to_owned)),
            _ => (Applicability::Applicable, None),
        };
        ApplicabilityView {
            municipality_code: catalogue.body(self.body).code.to_string(),
            procedure_id: catalogue.procedure(self.procedure).id.to_string(),
            stated: shown.is_some(),
            applicability: value,
            reason,
            source: shown.map(|shown| shown.source),
            effective_on: shown.map(|shown| shown.stated.effective.on),
            effective_precision: shown.map(|shown| shown.stated.effective.precision),
            confirmed_on: confirmed_on(row),
            recorded_at: recorded_at(row),
            as_of: clocks.as_of,
            known_at: in_japan(clocks.known_at).to_rfc3339_opts(SecondsFormat::Secs, false),
        }
    }
}

fn confirmed_on(row: &Row) -> Option<NaiveDate> {
    Some(row.shown.as_ref()?.confirmed.as_ref()?.effective.on)
}

fn recorded_at(row: &Row) -> Option<String> {
    let shown = row.shown.as_ref()?;
    let last = shown.confirmed.as_ref().unwrap_or(&shown.stated);
    Some(in_japan(last.recorded_at).to_rfc3339())
}

#[derive(Serialize)]
#[serde(untagged)]
enum View {
    Readiness(Box<StatementView>),
    Applicability(ApplicabilityView),
}

async fn answer_row(ctx: Ctx, request: &HttpRequest, spot: Spot) -> Answer {
    let query = ctx.query(&[names::<MomentQuery>()]);
    let mut checks = query.checks();
    ctx.format(&query, &mut checks, &[Format::Json])?;
    let moment = query.part::<MomentQuery>().read(&mut checks, ctx.service().now());
    checks.finish()?;
    let place = spot.place(&ctx);
    let row = ctx.wait(move |service| service.row(&place, moment.as_of, moment.known_at)).await?;
    if has(request.headers(), row.tag) {
        return Ok(tagged(HttpResponse::NotModified(), row.tag).finish());
    }
    Ok(tagged(HttpResponse::Ok(), row.tag).json(spot.view(ctx.service(), &row, moment)))
}

fn tagged(mut response: actix_web::HttpResponseBuilder, tag: Tag) -> actix_web::HttpResponseBuilder {
    response.insert_header((header::ETAG, format!("\"{tag}\"")));
    response.insert_header((header::CACHE_CONTROL, "no-cache"));
    // One row is not worth a coding, and its tag is the bare number, whatever is asked for.
    response.insert_header((header::CONTENT_ENCODING, middleware::AS_IT_IS));
    response
}

async fn state_row(ctx: Ctx, origin: Signed, seen: Seen, spot: Spot, said: Said) -> Answer {
    let place = spot.place(&ctx);
    let Said { fact, source, effective } = said;
    let written =
        ctx.wait(move |service| service.state(&origin.0, &place, source, fact, effective, &seen)).await?;
    let Written { row, created } = written;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(tagged(HttpResponse::build(status), row.tag).json(spot.view(ctx.service(), &row, Moment::default())))
}

async fn withdraw(
    ctx: Ctx,
    origin: Signed,
    request: &HttpRequest,
    (code, procedure, channel): (&str, &str, Option<&str>),
) -> Answer {
    let query = ctx.query(&[names::<SourceQuery>()]);
    let mut checks = query.checks();
    ctx.format(&query, &mut checks, &[Format::Json])?;
    let source = checks.one("source", &query.part::<SourceQuery>().source, str::parse::<Source>);
    checks.finish()?;
    let spot = Spot::of(ctx.service().catalogue(), code, procedure, channel)?;
    let seen = seen(request.headers())?;
    let place = spot.place(&ctx);
    ctx.wait(move |service| service.withdraw(&origin.0, &place, source, &seen)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 対応状況（1件）
///
/// 団体・手続・接点の1行を返します。団体の申告があればそれを、なければ国公表値を返し、どちらもなければ no_answer（未回答、ETag は "0"）です。
#[utoipa::path(tag = "readiness", params(super::statements::CodePath, super::statements::ChannelPath, MomentQuery),
    responses((status = 200, description = "対応状況", body = StatementView)))]
#[get("/municipalities/{code}/readiness/{procedure}/{channel}")]
pub(super) async fn get_readiness(
    ctx: Ctx,
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
) -> Answer {
    let (code, procedure, channel) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, Some(&channel))?;
    answer_row(ctx, &request, spot).await
}

/// 対応状況の申告
///
/// 1行を申告します。送らなかった項目は「なし」になります。読み込んだときの ETag を If-Match に付けます（未回答の行は "0"、または If-None-Match: *）。
/// 同じ内容をもう一度申告すると、適用日が新しければ「確認」として記録され、そうでなければ何も変わりません。
#[utoipa::path(tag = "readiness", params(super::statements::CodePath, super::statements::ChannelPath, super::statements::MatchHeader), request_body = ReadinessBody,
    responses((status = 200, description = "申告後の対応状況", body = StatementView), (status = 201, description = "はじめての申告", body = StatementView)), security(("token" = [])))]
#[put("/municipalities/{code}/readiness/{procedure}/{channel}")]
pub(super) async fn put_readiness(
    ctx: Ctx,
    origin: Signed,
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
    body: Unread,
) -> Answer {
    ctx.no_parameters()?;
    let (code, procedure, channel) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, Some(&channel))?;
    let seen = seen(request.headers())?;
    let body: Json<ReadinessBody> = body.json().await?;
    state_row(ctx, origin, seen, spot, body.value.read()?).await
}

/// 対応状況の取下げ
///
/// 1行の申告を取り下げ、未回答に戻します。国公表値があればそれが表に出ます。記録は消えず、履歴に残ります。
#[utoipa::path(tag = "readiness", params(super::statements::CodePath, super::statements::ChannelPath, super::statements::MatchHeader, SourceQuery),
    responses((status = 204, description = "取り下げた")), security(("token" = [])))]
#[delete("/municipalities/{code}/readiness/{procedure}/{channel}")]
pub(super) async fn delete_readiness(
    ctx: Ctx,
    origin: Signed,
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
) -> Answer {
    let (code, procedure, channel) = path.into_inner();
    withdraw(ctx, origin, &request, (&code, &procedure, Some(&channel))).await
}

/// 該当性の取下げ
///
/// 団体がその手続を実施しているかの申告を取り下げ、述べられていないこと（applicable とみなす）に戻します。記録は消えず、履歴に残ります。
#[utoipa::path(tag = "readiness", params(super::statements::CodePath, super::statements::MatchHeader, SourceQuery),
    responses((status = 204, description = "取り下げた")), security(("token" = [])))]
#[delete("/municipalities/{code}/applicability/{procedure}")]
pub(super) async fn delete_applicability(
    ctx: Ctx,
    origin: Signed,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (code, procedure) = path.into_inner();
    withdraw(ctx, origin, &request, (&code, &procedure, None)).await
}

/// 該当性（1件）
///
/// 団体がその手続を実施しているかを返します。申告も公表もなければ applicable（該当）とみなします（stated は false、ETag は "0"）。
#[utoipa::path(tag = "readiness", params(super::statements::CodePath, MomentQuery),
    responses((status = 200, description = "該当性", body = ApplicabilityView)))]
#[get("/municipalities/{code}/applicability/{procedure}")]
pub(super) async fn get_applicability(
    ctx: Ctx,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (code, procedure) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, None)?;
    answer_row(ctx, &request, spot).await
}

/// 該当性の申告
///
/// 制度なし・該当なし、他団体の事務、廃止、該当のいずれかを申告します。読み込んだときの ETag を If-Match に付けます（申告のない手続は "0"）。
#[utoipa::path(tag = "readiness", params(super::statements::CodePath, super::statements::MatchHeader), request_body = ApplicabilityBody,
    responses((status = 200, description = "申告後の該当性", body = ApplicabilityView), (status = 201, description = "はじめての申告", body = ApplicabilityView)), security(("token" = [])))]
#[put("/municipalities/{code}/applicability/{procedure}")]
pub(super) async fn put_applicability(
    ctx: Ctx,
    origin: Signed,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: Unread,
) -> Answer {
    ctx.no_parameters()?;
    let (code, procedure) = path.into_inner();
    let spot = Spot::of(ctx.service().catalogue(), &code, &procedure, None)?;
    let seen = seen(request.headers())?;
    let body: Json<ApplicabilityBody> = body.json().await?;
    state_row(ctx, origin, seen, spot, body.value.read()?).await
}

/// Whose word is meant.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SourceQuery {
    /// どちらの申告を取り下げるか（指定しなければ、団体の申告があればそれ）
    #[param(value_type = Option<Source>, inline, example = "own")]
    source: Option<String>,
}

/// Which body and procedure.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only documents the path")]
pub(super) struct CodePath {
    /// 団体コード（6桁または5桁）
    #[param(max_length = 6, pattern = r"^\d{5,6}$", example = "082333")]
    code: String,
    /// 手続ID
    #[param(max_length = 40, pattern = r"^[a-z0-9-]+$", example = "kosodate-01")]
    procedure: String,
}

/// Which channel.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only documents the path")]
pub(super) struct ChannelPath {
    /// 接点ID
    #[param(max_length = 40, pattern = r"^[a-z_]+$", example = "mynaportal")]
    channel: String,
}

/// What the writer saw.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents the header")]
pub(super) struct MatchHeader {
    /// 読み込んだときの ETag。未回答の行は "0"
    #[param(
        rename = "If-Match",
        max_length = 200,
        pattern = r#"^(\*|"[0-9]{1,18}(-[0-9]{1,18})?"(, ?"[0-9]{1,18}(-[0-9]{1,18})?")*)$"#,
        example = "\"0\""
    )]
    if_match: String,
}
