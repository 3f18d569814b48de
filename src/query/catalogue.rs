//! Procedures and their lists.

use chrono::NaiveDate;
use serde::Serialize;

use super::filters::{ProcedureQuery, SearchQuery};
use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Object, Question, Rows, Shape, documented};
use crate::domain::bundle::Bundle;
use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::dates::Precision;
use crate::domain::procedure::{Audience, Category, ProcedureList, Target};
use crate::domain::readiness::Level;
use crate::grid::Grid;

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
        /// 短い名称（10文字まで。狭い列のため）
        #[schema(example = "児童手当 認定請求", max_length = 10)]
        short_ja: String,
        /// 英語の名称
        #[schema(example = "Claim for certification of eligibility for, and the amount of, child allowance")]
        name_en: String,
        /// 対象団体
        target: Target,
        /// 利用者
        audience: Audience,
        /// 根拠法令
        #[schema(example = "児童手当法第7条第1項")]
        legal_basis: Option<String>,
        /// 所管府省庁
        #[schema(example = "こども家庭庁")]
        ministry: Option<String>,
        /// 標準化対象業務
        #[schema(example = "児童手当")]
        standard_system: Option<String>,
        /// 団体が共同で使うシステム（あるもの）
        #[schema(example = "ぴったりサービス")]
        common_system: Option<String>,
        /// 窓口で行う手続か
        #[schema(example = true)]
        has_counter: bool,
        /// この手続が始まった日（分かるもの）
        #[schema(example = json!(null))]
        introduced_on: Option<NaiveDate>,
        /// 廃止の日（公表されたもの）。確認中のものは note にそう書く
        #[schema(example = json!(null))]
        ended_on: Option<NaiveDate>,
        /// 後を継ぐ手続のID
        #[schema(example = json!(null))]
        successor: Option<String>,
        /// 法令で届く、いちばん高いオンラインの段階。限りがなければ null
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        ceiling: Option<u8>,
        /// その根拠
        #[schema(example = json!(null))]
        ceiling_source: Option<String>,
        /// この手続を含むライフイベント
        #[schema(example = json!(["birth"]))]
        life_events: Vec<String>,
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
        let is_in = |bundle: &&Bundle| bundle.items.iter().any(|item| item.procedure == ix);
        let of_events = catalogue.bundles().iter().filter(is_in);
        Self {
            id: row.id.to_string(),
            category: row.category,
            category_label: row.category.label(),
            name_ja: row.name_ja.clone(),
            short_ja: row.short_ja.clone(),
            name_en: row.name_en.clone(),
            target: row.target,
            audience: row.audience,
            legal_basis: row.legal_basis.clone(),
            ministry: row.ministry.clone(),
            standard_system: row.standard_system.clone(),
            common_system: row.common_system.clone(),
            has_counter: row.has_counter,
            introduced_on: row.introduced_on,
            ended_on: row.ended_on,
            successor: row.successor.as_ref().map(ToString::to_string),
            ceiling: row.ceiling.map(Level::number),
            ceiling_source: row.ceiling_source.clone(),
            life_events: of_events.map(|bundle| bundle.id.clone()).collect(),
            lists: catalogue.lists_of(ix).map(str::to_owned).collect(),
            note: row.note.clone(),
        }
    }
}

documented!(Procedures, Procedure, ProcedureLists, ProcedureListOf);

/// Filter of procedures by target.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TargetQuery {
    /// 対象団体（カンマ区切りで複数）
    #[param(max_length = 50, example = "municipality")]
    target: Option<String>,
}

/// Which procedures there are.
pub(crate) struct Procedures(Vec<ProcedureIx>);

impl Question for Procedures {
    type Parts = (ProcedureQuery, TargetQuery, SearchQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read(
        (procedures, targets, search): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let filter = procedures.read(checks, catalogue);
        let targets: Vec<Target> = checks.many("target", &targets.target, str::parse);
        let search = search.read(checks);
        let mut found = filter.select_any(catalogue);
        found.retain(|ix| {
            (targets.is_empty() || targets.contains(&catalogue.procedure(*ix).target))
                && search.as_deref().is_none_or(|text| catalogue.procedure_matches(*ix, text))
        });
        Some(Self(found))
    }
}

impl Rows for Procedures {
    type Row = ProcedureView;

    fn answer(self, country: &Country) -> List<ProcedureView> {
        let catalogue = country.grid.shared_catalogue();
        List::each(self.0, move |ix| ProcedureView::new(&catalogue, *ix))
    }
}

/// One procedure.
pub(crate) struct Procedure(ProcedureIx);

impl Question for Procedure {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        checks.path("id", grid.catalogue().find_procedure(address.named("id"))).map(Self)
    }
}

impl Object for Procedure {
    type View = ProcedureView;

    fn answer(self, country: &Country) -> ProcedureView {
        ProcedureView::new(country.grid.catalogue(), self.0)
    }
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
        /// 決定・公表された日（月だけ分かれば、その末日）
        #[schema(example = "2023-06-09")]
        adopted_on: Option<NaiveDate>,
        /// その精度
        adopted_precision: Option<Precision>,
        /// 出典のページ（分かるもの）
        #[schema(example = json!(null))]
        page: Option<String>,
        /// 前の版のID
        #[schema(example = "priority59")]
        predecessor: Option<String>,
        /// 手続の数
        #[schema(example = 56, minimum = 1)]
        size: usize,
        /// どの手続が載るかが分かっているか。分かっていない版では絞り込めない
        #[schema(example = true)]
        members_known: bool,
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
            adopted_on: list.adopted.map(|day| day.on),
            adopted_precision: list.adopted.map(|day| day.precision),
            page: list.page.clone(),
            predecessor: list.predecessor.clone(),
            size: list.size,
            members_known: list.has_members(),
            source: list.source.clone(),
            note: list.note.clone(),
        }
    }
}

/// 手続一覧とその手続
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ProcedureListDetail {
    /// 手続一覧の版
    #[serde(flatten)]
    list: ProcedureListView,
    /// 載っている手続（印刷順）
    #[schema(max_items = 500)]
    items: Vec<ListItemView>,
}

/// 手続一覧の1行
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ListItemView {
    /// 一覧での位置
    #[schema(example = 1, minimum = 1)]
    position: u32,
    /// 印刷された記号（分かるもの）
    #[schema(example = "b-ア")]
    letter: Option<String>,
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

/// Which lists there are.
pub(crate) struct ProcedureLists;

impl Question for ProcedureLists {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read(_: (), _: &Address<'_>, _: &mut Checks, _: &Grid) -> Option<Self> {
        Some(Self)
    }
}

impl Rows for ProcedureLists {
    type Row = ProcedureListView;

    fn answer(self, country: &Country) -> List<ProcedureListView> {
        let catalogue = country.grid.shared_catalogue();
        let items: Vec<usize> = (0..catalogue.lists().len()).collect();
        List::each(items, move |at| ProcedureListView::from(&catalogue.lists()[*at]))
    }
}

/// One list with its procedures.
pub(crate) struct ProcedureListOf(ProcedureList);

impl Question for ProcedureListOf {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        checks.path("id", grid.catalogue().find_list(address.named("id"))).cloned().map(Self)
    }
}

impl Object for ProcedureListOf {
    type View = ProcedureListDetail;

    fn answer(self, country: &Country) -> ProcedureListDetail {
        let (list, catalogue) = (&self.0, country.grid.catalogue());
        let members = catalogue.members(&list.id).unwrap_or_default();
        let items = list
            .items
            .iter()
            .zip(members)
            .map(|(item, ix)| ListItemView {
                position: item.position,
                letter: item.letter.clone(),
                group_label: item.group_label.clone(),
                number: item.number.clone(),
                procedure_id: item.procedure.to_string(),
                procedure_name: catalogue.procedure(*ix).name_ja.clone(),
            })
            .collect();
        ProcedureListDetail { list: list.into(), items }
    }
}
