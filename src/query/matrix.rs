//! Bodies × procedures at a glance.

use std::sync::Arc;

use serde::Serialize;

use super::filters::{BodyQuery, ProcedureQuery};
use super::list::{List, Metadata, Resultset, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::readiness::Scale;
use crate::grid::Grid;
use crate::grid::filter::{DEFAULT_LIST, Prefectures};
use crate::grid::matrix::{CellCode, cell_code};

/// 対応状況の一覧表
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MatrixView {
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
pub(crate) struct MatrixColumn {
    /// 手続ID
    #[schema(example = "kosodate-01")]
    id: String,
    /// 手続の名称
    #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
    name: String,
}

/// 一覧表の行
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MatrixRow {
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

documented!(Matrix);

/// What bodies say of procedures, at its best.
pub(crate) struct Matrix {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
}

impl Question for Matrix {
    type Parts = (BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Whole;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (bodies, procedures): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let bodies = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue);
        Some(Self {
            bodies: bodies.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked),
            procedures: procedures.select(catalogue, DEFAULT_LIST),
        })
    }
}

impl Rows for Matrix {
    type Row = MatrixCellView;

    fn answer(self, country: &Country) -> List<MatrixCellView> {
        let Self { bodies, procedures } = self;
        let pairs: Vec<(BodyIx, ProcedureIx)> =
            bodies.iter().flat_map(|body| procedures.iter().map(|procedure| (*body, *procedure))).collect();
        let grid = Arc::clone(&country.grid);
        let cell = move |(body, procedure): &(BodyIx, ProcedureIx)| {
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
        };
        let grid = Arc::clone(&country.grid);
        List::each(pairs, cell).as_document(move || matrix(&grid, &bodies, &procedures))
    }
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
