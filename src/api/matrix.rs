//! Bodies × procedures at a glance, and how many bodies say what.

use std::sync::Arc;

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::grouping::twice;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::municipality::MunicipalityKind;
use crate::domain::procedure::Category;
use crate::domain::readiness::Scale;
use crate::grid::Grid;
use crate::grid::distribution::{Dimension, distribution};
use crate::grid::filter::{DEFAULT_LIST, Prefectures};
use crate::grid::matrix::{CellCode, cell_code};
use crate::grid::scope::{self, Apart};
use crate::http::reply::{Answer, Ctx};
use crate::query::format::Format;
use crate::query::list::{List, ListView, Metadata, Resultset, view};
use crate::query::parameters::{BodyQuery, Checks, PageQuery, ProcedureQuery, StatementQuery, names};

/// 対応状況の一覧表
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatrixView {
    /// 件数（団体の数）、版、時点
    metadata: Metadata,
    /// 列の手続（順番は各行の配列と同じ）
    #[schema(max_items = 500)]
    procedures: Vec<MatrixColumn>,
    /// 行（団体コード順）
    #[schema(max_items = 2_000)]
    results: Vec<MatrixRow>,
}

/// 一覧表の列
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatrixColumn {
    /// 手続ID
    #[schema(example = "kosodate-01")]
    id: String,
    /// 手続の名称
    #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
    name: String,
}

/// 一覧表の行
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatrixRow {
    /// 団体コード
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    code: String,
    /// 団体名
    #[schema(example = "行方市")]
    name: String,
    /// オンラインの最高段階。3+ はオンライン可（範囲未確認）、p・s・x は状態、na・other_body・ab は該当性、no_answer は未回答、not_expected は回答の対象でない（/codes の matrix_cell）
    #[schema(value_type = Vec<String>, max_items = 500, example = json!(["3+"]))]
    online: Vec<CellCode>,
    /// 窓口・近場の最高段階
    #[schema(value_type = Vec<String>, max_items = 500, example = json!(["no_answer"]))]
    counter: Vec<CellCode>,
}

view! {
    /// 一覧表の1セル（CSV・NDJSON）
    MatrixCellView {
        /// 団体コード
        code: String,
        /// 都道府県名
        prefecture_name: String,
        /// 団体名
        name: String,
        /// 手続ID
        procedure_id: String,
        /// 手続の名称
        procedure_name: String,
        /// オンラインの最高段階
        #[schema(value_type = String)]
        online: CellCode,
        /// 窓口・近場の最高段階
        #[schema(value_type = String)]
        counter: CellCode,
    }
}

/// 対応状況の一覧表
///
/// 団体×手続の最高段階を、ページ分けせずまとめて返します。CSV と NDJSON では1セル1行です。
#[utoipa::path(tag = "readiness", params(BodyQuery, ProcedureQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "一覧表", content((MatrixView = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/matrix")]
pub(super) async fn get_matrix(ctx: Ctx) -> Answer {
    let query = ctx.query(&[names::<BodyQuery>(), names::<ProcedureQuery>()]);
    let mut checks = query.checks();
    let grid = Arc::clone(&ctx.grid);
    let bodies = query.part::<BodyQuery>().read(&mut checks, grid.catalogue());
    let procedures = query.part::<ProcedureQuery>().read(&mut checks, grid.catalogue());
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    let bodies = bodies.select(grid.catalogue(), grid.as_of(), Prefectures::OnlyWhenAsked);
    let procedures = procedures.select(grid.catalogue(), DEFAULT_LIST);
    if format == Format::Json {
        return ctx.object(&matrix(&grid, &bodies, &procedures));
    }
    let pairs: Vec<(BodyIx, ProcedureIx)> =
        bodies.iter().flat_map(|body| procedures.iter().map(|procedure| (*body, *procedure))).collect();
    let list = List::each(pairs, move |(body, procedure)| {
        let row = grid.catalogue().body(*body);
        MatrixCellView {
            code: row.code.to_string(),
            prefecture_name: row.prefecture_name.clone(),
            name: row.name.clone(),
            procedure_id: grid.catalogue().procedure(*procedure).id.to_string(),
            procedure_name: grid.catalogue().procedure(*procedure).name_ja.clone(),
            online: cell_code(&grid, *body, *procedure, Scale::Online),
            counter: cell_code(&grid, *body, *procedure, Scale::Counter),
        }
    });
    let whole = crate::query::parameters::Page { limit: None, offset: 0 };
    ctx.list(format, whole, list).await
}

fn matrix(grid: &Grid, bodies: &[BodyIx], procedures: &[ProcedureIx]) -> MatrixView {
    let catalogue = grid.catalogue();
    let codes = |body: BodyIx, scale| {
        procedures.iter().map(|procedure| cell_code(grid, body, *procedure, scale)).collect()
    };
    MatrixView {
        metadata: Metadata::new(
            grid,
            Resultset {
                count: bodies.len(),
                offset: 0,
                limit: u32::try_from(bodies.len()).unwrap_or(u32::MAX),
            },
        ),
        procedures: procedures
            .iter()
            .map(|procedure| {
                let row = catalogue.procedure(*procedure);
                MatrixColumn { id: row.id.to_string(), name: row.name_ja.clone() }
            })
            .collect(),
        results: bodies
            .iter()
            .map(|body| {
                let row = catalogue.body(*body);
                MatrixRow {
                    code: row.code.to_string(),
                    name: row.name.clone(),
                    online: codes(*body, Scale::Online),
                    counter: codes(*body, Scale::Counter),
                }
            })
            .collect(),
    }
}

view! {
    /// 分布の1行。集計軸に選ばなかった項目は null
    DistributionView {
        /// 都道府県コード
        #[schema(example = json!(null))]
        prefecture: Option<String>,
        /// 団体の種別
        #[schema(example = json!(null))]
        kind: Option<MunicipalityKind>,
        /// 分野
        #[schema(example = json!(null))]
        category: Option<Category>,
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure: Option<String>,
        /// 接点
        #[schema(example = "online")]
        channel: Option<String>,
        /// 段階の尺度。段階か接点で数えるときはいつも入る: オンラインの3と窓口の3は別のこと
        #[schema(example = "online")]
        scale: Option<Scale>,
        /// 段階コード: 0〜5、3+（以上）、no_answer、not_applicable、other_body、abolished
        #[schema(example = "3+")]
        level: Option<String>,
        /// 段階コードの名前
        #[schema(example = "オンライン可（範囲未確認）")]
        level_label: Option<String>,
        /// 団体の数
        #[schema(example = 1_500, minimum = 0)]
        bodies: u32,
        /// 行の数（団体×手続×接点）
        #[schema(example = 1_500, minimum = 0)]
        rows: u32,
    }
}

/// Dimensions of a distribution.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ByQuery {
    /// 集計軸（カンマ区切り）: procedure, category, channel, scale, level, prefecture, kind。level は尺度ごとに数える
    #[param(max_length = 100, example = "procedure,channel,level")]
    by: Option<String>,
}

/// 分布
///
/// 段階ごとの団体の数を、手続・接点などの軸で数えて返します。団体自身の申告があれば国公表値より優先します。期待される行のうち未回答は no_answer として数えます。
#[utoipa::path(tag = "figures", params(ByQuery, BodyQuery, ProcedureQuery, StatementQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "分布", content((ListView<DistributionView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/distribution")]
pub(super) async fn get_distribution(ctx: Ctx) -> Answer {
    let query = ctx.query(&[
        names::<ByQuery>(),
        names::<BodyQuery>(),
        names::<ProcedureQuery>(),
        names::<StatementQuery>(),
        names::<PageQuery>(),
    ]);
    let mut checks = query.checks();
    let grid = Arc::clone(&ctx.grid);
    let catalogue = grid.catalogue();
    let by = dimensions(&mut checks, &query.part::<ByQuery>());
    let bodies = query.part::<BodyQuery>().read(&mut checks, catalogue);
    let procedures = query.part::<ProcedureQuery>().read(&mut checks, catalogue);
    let asked_statements = query.part::<StatementQuery>();
    let mut statements = asked_statements.read(&mut checks, catalogue);
    let since = asked_statements.updated_since(&mut checks);
    let page = query.part::<PageQuery>().read(&mut checks);
    let chosen = bodies.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked);
    let apart = if by.contains(&Dimension::Kind) { Apart::Kinds } else { Apart::Nothing };
    if let Some((name, refusal)) = scope::mixed(catalogue, &bodies, &chosen, apart) {
        checks.refuse(name, refusal);
    }
    let bodies = chosen;
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    statements.changed = ctx.changed_since(since).await?;
    let procedures = procedures.select(catalogue, DEFAULT_LIST);
    let asked = |dimension| by.contains(&dimension);
    let rows: Vec<DistributionView> = distribution(&grid, &bodies, &procedures, &statements, &by)
        .into_iter()
        .map(|(place, counts)| DistributionView {
            prefecture: asked(Dimension::Prefecture).then(|| format!("{:02}", place.prefecture)),
            kind: MunicipalityKind::at(place.kind).filter(|_| asked(Dimension::Kind)),
            category: Category::at(place.category).filter(|_| asked(Dimension::Category)),
            procedure: asked(Dimension::Procedure)
                .then(|| catalogue.procedure(place.procedure).id.to_string()),
            channel: asked(Dimension::Channel).then(|| catalogue.channel(place.channel).id.to_string()),
            scale: place.scale,
            level: asked(Dimension::Level).then(|| place.said.code()),
            level_label: place.scale.filter(|_| asked(Dimension::Level)).map(|scale| place.said.label(scale)),
            bodies: counts.bodies,
            rows: counts.rows,
        })
        .collect();
    ctx.list(format, page, List::each(rows, DistributionView::clone)).await
}

fn dimensions(checks: &mut Checks, query: &ByQuery) -> Vec<Dimension> {
    if query.by.is_none() {
        return vec![Dimension::Procedure, Dimension::Channel, Dimension::Level];
    }
    let by: Vec<Dimension> = checks.many("by", &query.by, str::parse);
    if let Some(refusal) = twice(&by) {
        checks.refuse("by", refusal);
    }
    by
}
