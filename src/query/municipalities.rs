//! The register of local governments.

use chrono::NaiveDate;

use super::filters::{BodyQuery, SearchQuery};
use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Object, Question, Rows, Shape, documented};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::municipality::{self as domain, MunicipalityKind, PopulationBand, PrefectureCode};
use crate::grid::Grid;
use crate::grid::filter::{self, BodyFilter};

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
        /// 前の名称（名称や種別が変わる前のもの。知られているものだけ）
        #[schema(example = json!([]), max_items = 100)]
        former_names: Vec<String>,
        /// この団体になった、もとの団体の名称（合併・編入。知られているものだけ）
        #[schema(example = json!(["玉造町", "麻生町"]), max_items = 100)]
        merged_names: Vec<String>,
    }
}

impl MunicipalityView {
    fn new(catalogue: &Catalogue, ix: BodyIx) -> Self {
        let row = catalogue.body(ix);
        let former = |merged: bool| {
            let of_body = catalogue.places().former.iter().filter(|name| name.successor == row.code);
            of_body.filter(|name| name.merged == merged).map(|name| name.name.clone()).collect()
        };
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
            former_names: former(false),
            merged_names: former(true),
        }
    }
}

documented!(Municipalities, Municipality, Prefectures, Prefecture);

/// Which bodies there are.
pub(crate) struct Municipalities(Vec<BodyIx>);

impl Question for Municipalities {
    type Parts = (BodyQuery, SearchQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read(
        (bodies, search): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let filter = bodies.read(checks, grid.catalogue());
        let filter = BodyFilter { search: search.read(checks), ..filter };
        Some(Self(filter.select(grid.catalogue(), grid.as_of(), filter::Prefectures::Always)))
    }
}

impl Rows for Municipalities {
    type Row = MunicipalityView;

    fn answer(self, country: &Country) -> List<MunicipalityView> {
        let catalogue = country.grid.shared_catalogue();
        List::each(self.0, move |ix| MunicipalityView::new(&catalogue, *ix))
    }
}

/// The body that a path names.
pub(crate) fn body_of_path(address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<BodyIx> {
    checks.path("code", grid.catalogue().find_body(address.named("code")))
}

/// The prefecture that a path names.
pub(super) fn prefecture_of_path(
    address: &Address<'_>,
    checks: &mut Checks,
    catalogue: &Catalogue,
) -> Option<PrefectureCode> {
    checks.path("prefecture", named_prefecture(address, catalogue))
}

fn named_prefecture(address: &Address<'_>, catalogue: &Catalogue) -> Result<PrefectureCode, Refusal> {
    let said = address.named("prefecture");
    let code: PrefectureCode = said.parse()?;
    let unknown = || {
        Refusal::new(
            "no_such_prefecture",
            said,
            "都道府県コードは 01〜47 です",
            "prefecture codes are 01 to 47",
        )
        .allowed("01-47")
    };
    catalogue.prefecture(code).map(|_| code).ok_or_else(unknown)
}

/// One body.
pub(crate) struct Municipality(BodyIx);

impl Question for Municipality {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        body_of_path(address, checks, grid).map(Self)
    }
}

impl Object for Municipality {
    type View = MunicipalityView;

    fn answer(self, country: &Country) -> MunicipalityView {
        MunicipalityView::new(country.grid.catalogue(), self.0)
    }
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

impl PrefectureView {
    fn new(catalogue: &Catalogue, row: &domain::Municipality) -> Self {
        let lies_in =
            |other: &&domain::Municipality| other.prefecture() == row.prefecture() && !other.is_prefecture();
        Self {
            prefecture: row.prefecture().to_string(),
            code: row.code.to_string(),
            name: row.name.clone(),
            name_kana: row.name_kana.clone(),
            population: row.population,
            municipalities: catalogue.municipalities().iter().filter(lies_in).count(),
        }
    }
}

/// Which prefectures there are.
pub(crate) struct Prefectures;

impl Question for Prefectures {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read(_: (), _: &Address<'_>, _: &mut Checks, _: &Grid) -> Option<Self> {
        Some(Self)
    }
}

impl Rows for Prefectures {
    type Row = PrefectureView;

    fn answer(self, country: &Country) -> List<PrefectureView> {
        let catalogue = country.grid.catalogue();
        let rows: Vec<PrefectureView> =
            catalogue.prefectures().map(|row| PrefectureView::new(catalogue, row)).collect();
        List::each(rows, PrefectureView::clone)
    }
}

/// One prefecture.
pub(crate) struct Prefecture(BodyIx);

impl Question for Prefecture {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        let code = prefecture_of_path(address, checks, grid.catalogue())?;
        grid.catalogue().find_body(&format!("{code}000")).ok().map(Self)
    }
}

impl Object for Prefecture {
    type View = PrefectureView;

    fn answer(self, country: &Country) -> PrefectureView {
        let catalogue = country.grid.catalogue();
        PrefectureView::new(catalogue, catalogue.body(self.0))
    }
}
