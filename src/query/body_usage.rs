//! How often the procedures of one body were used, a row a procedure and year, by all ways side by side.

use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::fiscal_year;
use super::filters::ProcedureQuery;
use super::list::{About, List, view};
use super::municipalities::body_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::export::usage_table::UsageTable;
use crate::grid::Grid;
use crate::grid::applied;
use crate::grid::tally::Percent;

view! {
    /// 1団体の利用実績（1手続・1年度）
    BodyUsageView {
        /// 手続ID
        #[schema(example = "high-volume-01")]
        procedure_id: String,
        /// 手続名
        #[schema(example = "図書館の図書貸出予約等")]
        procedure_name: String,
        /// 年度
        #[schema(example = 2022, minimum = 1950, maximum = 2100)]
        fiscal_year: i32,
        /// 総件数
        #[schema(example = 196_759, minimum = 0)]
        applications: Option<u64>,
        /// オンラインの件数
        #[schema(example = 152_983, minimum = 0)]
        online_applications: Option<u64>,
        /// オンライン利用率（%）
        #[schema(value_type = Option<f64>, example = 77.8)]
        percent: Option<Percent>,
        /// 職員が代わって入力した件数
        #[schema(example = json!(null), minimum = 0)]
        assisted: Option<u64>,
        /// 窓口の件数
        #[schema(example = json!(null), minimum = 0)]
        counter: Option<u64>,
        /// 郵送の件数
        #[schema(example = json!(null), minimum = 0)]
        mail: Option<u64>,
        /// コンビニの件数
        #[schema(example = json!(null), minimum = 0)]
        convenience: Option<u64>,
        /// 避けられた来庁の件数: オンラインで申請できる（as_of の日に段階3以上）のに来庁した申請。窓口の件数、それがなければ総件数からオンライン・郵送・コンビニを除いたもの。オンラインで申請できないか、件数が分からなければ null
        #[schema(example = 43_776, minimum = 0)]
        avoidable_visits: Option<u64>,
    }
}

/// Of which year.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct YearQuery {
    /// 年度（2022 など）。latest（既定）は、この団体の件数のあるいちばん新しい年度、all はすべての年度
    #[param(max_length = 10, example = "latest")]
    fiscal_year: Option<String>,
}

/// The word for all years.
const EVERY_YEAR: &str = "all";

impl YearQuery {
    /// The year, none for all of them; the last that was counted where none is said.
    fn read(&self, checks: &mut Checks, grid: &Grid, body: Option<BodyIx>) -> Option<FiscalYear> {
        match self.fiscal_year.as_deref().map(str::trim) {
            Some(EVERY_YEAR) => None,
            _ => fiscal_year(checks, &self.fiscal_year)
                .or_else(|| body.and_then(|body| grid.last_counted(&[body]))),
        }
    }
}

documented!(BodyUsage, UsageTableOf);

/// The applications of a body's procedures.
pub(crate) struct BodyUsage {
    body: BodyIx,
    year: Option<FiscalYear>,
    procedures: Vec<ProcedureIx>,
}

impl Question for BodyUsage {
    type Parts = (YearQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (year, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let procedures = procedures.read(checks, grid.catalogue()).select_any(grid.catalogue());
        let body = body_of_path(address, checks, grid);
        let year = year.read(checks, grid, body);
        Some(Self { body: body?, year, procedures })
    }
}

impl Rows for BodyUsage {
    type Row = BodyUsageView;

    fn answer(self, country: &Country) -> List<BodyUsageView> {
        let catalogue = country.grid.shared_catalogue();
        let applied = applied::of(&country.grid, self.body, &self.procedures, self.year);
        let about = About {
            scope: Some(catalogue.body(self.body).name.clone()),
            bodies: Some(1),
            ..About::default()
        };
        let view = move |row: &applied::Applied| {
            let procedure = catalogue.procedure(row.procedure);
            BodyUsageView {
                procedure_id: procedure.id.to_string(),
                procedure_name: procedure.name_ja.clone(),
                fiscal_year: row.fiscal_year.number(),
                applications: row.all,
                online_applications: row.online,
                percent: row.online.zip(row.all).and_then(|(online, all)| Percent::of(online, all)),
                assisted: row.assisted,
                counter: row.counter,
                mail: row.mail,
                convenience: row.convenience,
                avoidable_visits: row.avoidable,
            }
        };
        List::each(applied, view).about(about)
    }
}

/// The table that a body publishes of its applications of one year.
pub(crate) struct UsageTableOf {
    body: BodyIx,
    year: Option<FiscalYear>,
}

impl Question for UsageTableOf {
    type Parts = (YearQuery,);
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read((year,): Self::Parts, address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        let body = body_of_path(address, checks, grid);
        let year = year.read(checks, grid, body);
        Some(Self { body: body?, year })
    }
}

impl UsageTableOf {
    /// The table.
    pub(crate) fn table(&self, grid: &Grid) -> UsageTable {
        UsageTable::new(grid, self.body, self.year)
    }
}
