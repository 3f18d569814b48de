//! Usage as towns counted it, and figures as the state published them.

use std::sync::Arc;

use actix_web::{get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::usage::{ChannelGroup, RecordKey, RecordValue, Subject};
use crate::grid::filter::Prefectures;
use crate::http::reply::{Answer, Ctx, blocked};
use crate::query::format::Format;
use crate::query::list::{List, ListView, view};
use crate::query::parameters::{BodyQuery, Checks, PageQuery, names};

view! {
    /// 利用実績（1団体・1手続・1年度）
    UsageView {
        /// 団体コード
        #[schema(example = "342025", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 手続ID
        #[schema(example = "high-volume-01")]
        procedure_id: String,
        /// 年度
        #[schema(example = 2025, minimum = 1950, maximum = 2100)]
        fiscal_year: i32,
        /// 件数の区分
        channel_group: ChannelGroup,
        /// 件数
        #[schema(example = 196_759, minimum = 0)]
        applications: i64,
    }
}

view! {
    /// 国などが公表した数値
    PublishedFigureView {
        /// 団体コード
        #[schema(example = "082333", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 手続ID（手続ごとの割合のとき）
        #[schema(example = "kosodate-01")]
        procedure_id: Option<String>,
        /// 指標の定義（指標のとき）
        #[schema(example = json!(null))]
        definition: Option<String>,
        /// 年度
        #[schema(example = 2022, minimum = 1950, maximum = 2100)]
        fiscal_year: i32,
        /// 割合（%）
        #[schema(example = 2.1, minimum = 0, maximum = 100)]
        percent: Option<f64>,
        /// 分子
        #[schema(example = json!(null), minimum = 0)]
        numerator: Option<i64>,
        /// 分母
        #[schema(example = json!(null), minimum = 0)]
        denominator: Option<i64>,
        /// 公表元
        #[schema(example = "digital-agency-dashboard-2024-07")]
        source: String,
    }
}

/// Which procedure and year.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecordQuery {
    /// 手続ID（カンマ区切りで複数）
    #[param(max_length = 2_000, example = "kosodate-01")]
    procedure: Option<String>,
    /// 年度
    #[param(value_type = Option<u32>, minimum = 1950, maximum = 2100, example = 2022)]
    fiscal_year: Option<String>,
}

type Found = (RecordKey, RecordValue);

/// The records of the bodies, procedures and year that are asked for.
async fn found(
    ctx: &Ctx,
) -> Result<(Vec<Found>, crate::query::parameters::Page, Format), crate::http::problem::Problem> {
    let query = ctx.query(&[names::<BodyQuery>(), names::<RecordQuery>(), names::<PageQuery>()]);
    let mut checks: Checks = query.checks();
    let catalogue = ctx.grid.shared_catalogue();
    let bodies = query.part::<BodyQuery>().read(&mut checks, &catalogue);
    let asked: RecordQuery = query.part();
    let procedures = checks.many("procedure", &asked.procedure, |text| catalogue.find_procedure(text));
    let year = checks.integer("fiscal_year", &asked.fiscal_year, 1950, 2100);
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    let bodies = bodies.select(&catalogue, ctx.grid.as_of(), Prefectures::Always);
    let service = Arc::clone(&ctx.service);
    let records = web::block(move || service.records()).await.map_err(blocked)??;
    let wanted = |key: &RecordKey| {
        let body = catalogue.body_ix(key.municipality());
        let year_of = match key {
            RecordKey::Usage(key) => key.fiscal_year,
            RecordKey::Figure(key) => key.fiscal_year,
        };
        let procedure = key.procedure().and_then(|id| catalogue.procedure_ix(id.as_str()));
        body.is_some_and(|body| bodies.binary_search(&body).is_ok())
            && year.is_none_or(|year| i64::from(year) == i64::from(year_of.number()))
            && (procedures.is_empty() || procedure.is_some_and(|procedure| procedures.contains(&procedure)))
    };
    let found = records.iter().filter(|(key, _)| wanted(key)).map(|(key, value)| (key.clone(), *value));
    Ok((found.collect(), page, format))
}

/// 利用実績
///
/// 団体・手続・年度ごとの申請件数と、そのうちオンラインの件数を返します。
#[utoipa::path(tag = "figures", params(BodyQuery, RecordQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "利用実績", content((ListView<UsageView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/usage")]
pub(super) async fn list_usage(ctx: Ctx) -> Answer {
    let (records, page, format) = found(&ctx).await?;
    let rows: Vec<UsageView> = records
        .into_iter()
        .filter_map(|record| match record {
            (RecordKey::Usage(key), RecordValue::Applications(applications)) => Some(UsageView {
                municipality_code: key.municipality.to_string(),
                procedure_id: key.procedure.to_string(),
                fiscal_year: key.fiscal_year.number(),
                channel_group: key.group,
                applications,
            }),
            _ => None,
        })
        .collect();
    ctx.list(format, page, List::each(rows, UsageView::clone)).await
}

/// 公表された数値
///
/// 国などが公表した、団体ごとのオンライン利用率とオンライン化率を返します。値のない団体は載りません。
#[utoipa::path(tag = "figures", params(BodyQuery, RecordQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "公表された数値", content((ListView<PublishedFigureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/published_figures")]
pub(super) async fn list_published_figures(ctx: Ctx) -> Answer {
    let (records, page, format) = found(&ctx).await?;
    let rows: Vec<PublishedFigureView> = records
        .into_iter()
        .filter_map(|record| match record {
            (RecordKey::Figure(key), RecordValue::Published(value)) => {
                let (procedure_id, definition) = match key.subject {
                    Subject::Procedure(id) => (Some(id.to_string()), None),
                    Subject::Definition(id) => (None, Some(id)),
                };
                Some(PublishedFigureView {
                    municipality_code: key.municipality.to_string(),
                    procedure_id,
                    definition,
                    fiscal_year: key.fiscal_year.number(),
                    // Two digits behind the point are exact enough for any reader.
                    percent: value.percent.map(|hundredths| hundredths as f64 / 100.0),
                    numerator: value.numerator,
                    denominator: value.denominator,
                    source: key.source,
                })
            }
            _ => None,
        })
        .collect();
    ctx.list(format, page, List::each(rows, PublishedFigureView::clone)).await
}
