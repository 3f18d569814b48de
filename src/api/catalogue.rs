//! Procedures and their lists.

use actix_web::{get, web};
use serde::Serialize;

use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::procedure::{Category, ProcedureList, Target};
use crate::http::problem::Problem;
use crate::http::reply::{Answer, Ctx};
use crate::query::format::Format;
use crate::query::list::{List, ListView, view};
use crate::query::parameters::{PageQuery, ProcedureQuery, Query, SearchQuery, names};

view! {
    /// 手続
    ProcedureView {
        /// 手続ID（変わらない）
        #[schema(example = "kosodate-01")]
        id: String,
        /// 分野
        category: Category,
        /// 分野の名前
        #[schema(example = "子育て")]
        category_label: &'static str,
        /// 手続の名称
        #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
        name_ja: String,
        /// 英語の名称
        #[schema(example = "Claim for certification of eligibility for, and the amount of, child allowance")]
        name_en: String,
        /// 対象団体
        target: Target,
        /// 根拠法令
        #[schema(example = "児童手当法第7条第1項")]
        legal_basis: Option<String>,
        /// 所管府省庁
        #[schema(example = "こども家庭庁")]
        ministry: Option<String>,
        /// 標準化対象業務
        #[schema(example = "児童手当")]
        standard_system: Option<String>,
        /// 窓口で行う手続か
        #[schema(example = true)]
        has_counter: bool,
        /// 載っている手続一覧
        #[schema(example = json!(["priority56", "dashboard26"]))]
        lists: Vec<String>,
        /// 出典と疑義
        #[schema(example = json!(null))]
        note: Option<String>,
    }
}

impl ProcedureView {
    fn new(catalogue: &Catalogue, ix: ProcedureIx) -> Self {
        let row = catalogue.procedure(ix);
        Self {
            id: row.id.to_string(),
            category: row.category,
            category_label: row.category.label(),
            name_ja: row.name_ja.clone(),
            name_en: row.name_en.clone(),
            target: row.target,
            legal_basis: row.legal_basis.clone(),
            ministry: row.ministry.clone(),
            standard_system: row.standard_system.clone(),
            has_counter: row.has_counter,
            lists: catalogue.lists_of(ix).map(str::to_owned).collect(),
            note: row.note.clone(),
        }
    }
}

/// Filter of procedures by target.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct TargetQuery {
    /// 対象団体（カンマ区切りで複数）
    #[param(max_length = 50, example = "municipality")]
    target: Option<String>,
}

/// 手続の一覧
///
/// 国の手続一覧に載る手続を返します。手続一覧・分野・対象団体・検索語で絞り込めます。
#[utoipa::path(tag = "catalogue", params(ProcedureQuery, TargetQuery, SearchQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "手続", content((ListView<ProcedureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/procedures")]
pub(super) async fn list_procedures(ctx: Ctx) -> Answer {
    let query = ctx.query(&[
        names::<ProcedureQuery>(),
        names::<TargetQuery>(),
        names::<SearchQuery>(),
        names::<PageQuery>(),
    ]);
    let mut checks = query.checks();
    let catalogue = ctx.grid.shared_catalogue();
    let filter = query.part::<ProcedureQuery>().read(&mut checks, &catalogue);
    let targets: Vec<Target> = checks.many("target", &query.part::<TargetQuery>().target, str::parse);
    let search = query.part::<SearchQuery>().read(&mut checks);
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    let mut found = filter.select_any(&catalogue);
    found.retain(|ix| {
        (targets.is_empty() || targets.contains(&catalogue.procedure(*ix).target))
            && search.as_deref().is_none_or(|text| catalogue.procedure_matches(*ix, text))
    });
    ctx.list(format, page, List::each(found, move |ix| ProcedureView::new(&catalogue, *ix))).await
}

/// 手続
///
/// 手続IDで1件を返します。
#[utoipa::path(tag = "catalogue", params(("id" = String, Path, description = "手続ID", max_length = 40, example = "kosodate-01")),
    responses((status = 200, description = "手続", body = ProcedureView)))]
#[get("/procedures/{id}")]
pub(super) async fn get_procedure(ctx: Ctx, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let ix = ctx.grid.catalogue().find_procedure(&id).map_err(|refusal| Problem::path("id", refusal))?;
    ctx.object(&ProcedureView::new(ctx.grid.catalogue(), ix))
}

view! {
    /// 手続一覧の版
    ProcedureListView {
        /// 一覧のID
        #[schema(example = "priority56")]
        id: String,
        /// 名称
        #[schema(example = "地方公共団体が優先的にオンライン化を推進すべき手続（56手続）")]
        name_ja: String,
        /// 英語の名称
        #[schema(example = "Procedures that local governments should put online first (56)")]
        name_en: String,
        /// 版
        #[schema(example = "現行")]
        edition: Option<String>,
        /// 手続の数
        #[schema(example = 56, minimum = 1)]
        size: usize,
        /// 出典
        #[schema(example = "デジタル社会の実現に向けた重点計画 別紙")]
        source: String,
        /// 疑義と構成
        #[schema(example = "20＋15＋11＋8＋2")]
        note: Option<String>,
    }
}

impl From<&ProcedureList> for ProcedureListView {
    fn from(list: &ProcedureList) -> Self {
        Self {
            id: list.id.clone(),
            name_ja: list.name_ja.clone(),
            name_en: list.name_en.clone(),
            edition: list.edition.clone(),
            size: list.size,
            source: list.source.clone(),
            note: list.note.clone(),
        }
    }
}

/// 手続一覧とその手続
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ProcedureListDetail {
    /// 手続一覧の版
    #[serde(flatten)]
    list: ProcedureListView,
    /// 載っている手続（印刷順）
    #[schema(max_items = 500)]
    items: Vec<ListItemView>,
}

/// 手続一覧の1行
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ListItemView {
    /// 一覧での位置
    #[schema(example = 1, minimum = 1)]
    position: u32,
    /// 印刷された見出し
    #[schema(example = "子育て関係")]
    group_label: Option<String>,
    /// 印刷された番号（確認できないものは空）
    #[schema(example = "1")]
    number: Option<String>,
    /// 手続ID
    #[schema(example = "kosodate-01")]
    procedure_id: String,
    /// 手続の名称
    #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
    procedure_name: String,
}

/// 手続一覧の版の一覧
///
/// 国の手続一覧の各版を返します。
#[utoipa::path(tag = "catalogue", params(PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "手続一覧の版", content((ListView<ProcedureListView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/lists")]
pub(super) async fn list_lists(ctx: Ctx) -> Answer {
    let query = ctx.query(&[names::<PageQuery>()]);
    let (page, format) = plain_page(&ctx, &query)?;
    let catalogue = ctx.grid.shared_catalogue();
    let items: Vec<usize> = (0..catalogue.lists().len()).collect();
    ctx.list(format, page, List::each(items, move |at| ProcedureListView::from(&catalogue.lists()[*at])))
        .await
}

/// Page and format of a list without filters.
pub(super) fn plain_page(
    ctx: &Ctx,
    query: &Query<'_>,
) -> Result<(crate::query::parameters::Page, Format), Problem> {
    let mut checks = query.checks();
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(query, &mut checks, Format::ALL)?;
    checks.finish()?;
    Ok((page, format))
}

/// 手続一覧の版と手続
///
/// 手続一覧の1つの版を、載っている手続とともに返します。
#[utoipa::path(tag = "catalogue", params(("id" = String, Path, description = "一覧のID", max_length = 40, example = "priority56")),
    responses((status = 200, description = "手続一覧", body = ProcedureListDetail)))]
#[get("/lists/{id}")]
pub(super) async fn get_list(ctx: Ctx, id: web::Path<String>) -> Answer {
    ctx.no_parameters()?;
    let catalogue = ctx.grid.catalogue();
    let list = catalogue.find_list(&id).map_err(|refusal| Problem::path("id", refusal))?;
    let members = catalogue.members(&list.id).unwrap_or_default();
    let items = list
        .items
        .iter()
        .zip(members)
        .map(|(item, ix)| ListItemView {
            position: item.position,
            group_label: item.group_label.clone(),
            number: item.number.clone(),
            procedure_id: item.procedure.to_string(),
            procedure_name: catalogue.procedure(*ix).name_ja.clone(),
        })
        .collect();
    ctx.object(&ProcedureListDetail { list: list.into(), items })
}
