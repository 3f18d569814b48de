//! The register of local governments.

use actix_web::{get, web};
use chrono::NaiveDate;

use super::catalogue::plain_page;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::municipality::{MunicipalityKind, PopulationBand};
use crate::grid::filter::{BodyFilter, Prefectures};
use crate::http::problem::Problem;
use crate::http::reply::{Answer, Ctx};
use crate::query::format::Format;
use crate::query::list::{List, ListView, view};
use crate::query::parameters::{BodyQuery, PageQuery, SearchQuery, names};

view! {
    /// 団体
    MunicipalityView {
        /// 全国地方公共団体コード（6桁）
        #[schema(example = "082333", pattern = r"^\d{6}$")]
        code: String,
        /// 検査数字を除く5桁
        #[schema(example = "08233", pattern = r"^\d{5}$")]
        code5: String,
        /// 都道府県コード（2桁）
        #[schema(example = "08", pattern = r"^\d{2}$")]
        prefecture: String,
        /// 都道府県名
        #[schema(example = "茨城県")]
        prefecture_name: String,
        /// 団体名
        #[schema(example = "行方市")]
        name: String,
        /// 団体名の読み
        #[schema(example = "ナメガタシ")]
        name_kana: String,
        /// 種別
        kind: MunicipalityKind,
        /// 種別の名前
        #[schema(example = "市")]
        kind_label: &'static str,
        /// 人口（2020年国勢調査）
        #[schema(example = 32_185, minimum = 0)]
        population: Option<u32>,
        /// 世帯数（2020年国勢調査）
        #[schema(example = 10_826, minimum = 0)]
        households: Option<u32>,
        /// 人口規模
        population_band: Option<PopulationBand>,
        /// 廃止日
        #[schema(example = json!(null))]
        ended_on: Option<NaiveDate>,
        /// 承継団体のコード
        #[schema(example = json!(null))]
        successor_code: Option<String>,
    }
}

impl MunicipalityView {
    fn new(catalogue: &Catalogue, ix: BodyIx) -> Self {
        let row = catalogue.body(ix);
        Self {
            code: row.code.to_string(),
            code5: row.code.five_digits().to_owned(),
            prefecture: row.prefecture().to_string(),
            prefecture_name: row.prefecture_name.clone(),
            name: row.name.clone(),
            name_kana: row.name_kana.clone(),
            kind: row.kind,
            kind_label: row.kind.label(),
            population: row.population,
            households: row.households,
            population_band: row.population.map(PopulationBand::of),
            ended_on: row.ended_on,
            successor_code: row.successor.map(|code| code.to_string()),
        }
    }
}

/// 団体の一覧
///
/// 全国の地方公共団体（都道府県を含む1,788団体）をコード順に返します。
#[utoipa::path(tag = "municipalities", params(BodyQuery, SearchQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "団体", content((ListView<MunicipalityView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities")]
pub(super) async fn list_municipalities(ctx: Ctx) -> Answer {
    let query = ctx.query(&[names::<BodyQuery>(), names::<SearchQuery>(), names::<PageQuery>()]);
    let mut checks = query.checks();
    let catalogue = ctx.grid.shared_catalogue();
    let filter = query.part::<BodyQuery>().read(&mut checks, &catalogue);
    let search = query.part::<SearchQuery>().read(&mut checks);
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    let filter = BodyFilter { search, ..filter };
    let found = filter.select(&catalogue, ctx.grid.as_of(), Prefectures::Always);
    ctx.list(format, page, List::each(found, move |ix| MunicipalityView::new(&catalogue, *ix))).await
}

/// 団体
///
/// 6桁のコード、または検査数字を除く5桁のコードで1団体を返します。
#[utoipa::path(tag = "municipalities", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333")),
    responses((status = 200, description = "団体", body = MunicipalityView)))]
#[get("/municipalities/{code}")]
pub(super) async fn get_municipality(ctx: Ctx, code: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let ix = body_of_path(&ctx, &code)?;
    ctx.object(&MunicipalityView::new(ctx.grid.catalogue(), ix))
}

/// The body a path names.
pub(super) fn body_of_path(ctx: &Ctx, code: &str) -> Result<BodyIx, Problem> {
    ctx.grid.catalogue().find_body(code).map_err(|refusal| Problem::path("code", refusal))
}

view! {
    /// 都道府県
    PrefectureView {
        /// 都道府県コード（2桁）
        #[schema(example = "08", pattern = r"^\d{2}$")]
        prefecture: String,
        /// 全国地方公共団体コード（6桁）
        #[schema(example = "080004", pattern = r"^\d{6}$")]
        code: String,
        /// 都道府県名
        #[schema(example = "茨城県")]
        name: String,
        /// 読み
        #[schema(example = "イバラキケン")]
        name_kana: String,
        /// 人口（2020年国勢調査）
        #[schema(example = 2_867_009, minimum = 0)]
        population: Option<u32>,
        /// 市区町村の数
        #[schema(example = 44, minimum = 0)]
        municipalities: usize,
    }
}

/// 都道府県の一覧
///
/// 47都道府県を、市区町村の数とともに返します。
#[utoipa::path(tag = "municipalities", params(PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "都道府県", content((ListView<PrefectureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/prefectures")]
pub(super) async fn list_prefectures(ctx: Ctx) -> Answer {
    let query = ctx.query(&[names::<PageQuery>()]);
    let (page, format) = plain_page(&ctx, &query)?;
    let catalogue = ctx.grid.catalogue();
    let rows: Vec<PrefectureView> = catalogue
        .prefectures()
        .map(|row| PrefectureView {
            prefecture: row.prefecture().to_string(),
            code: row.code.to_string(),
            name: row.name.clone(),
            name_kana: row.name_kana.clone(),
            population: row.population,
            municipalities: catalogue
                .municipalities()
                .iter()
                .filter(|other| other.prefecture() == row.prefecture() && !other.is_prefecture())
                .count(),
        })
        .collect();
    ctx.list(format, page, List::each(rows, PrefectureView::clone)).await
}
