//! What a body planned and what became of it, and when it is done at its own pace.

use std::sync::Arc;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::asked::within_the_list;
use super::filters::ProcedureQuery;
use super::list::{About, List, known_at, view};
use super::municipalities::body_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Object, Question, Rows, Shape, documented};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::readiness::Level;
use crate::grid::Grid;
use crate::grid::definition::{self, Definition, Measures, Parts, Unit};
use crate::grid::plans::{Course, Pace, Planned};
use crate::grid::question::Question as Computed;
use crate::grid::trend::Trend;

view! {
    /// 計画
    PlanView {
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure_id: String,
        /// 手続の名称
        #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
        procedure_name: String,
        /// 接点
        #[schema(example = "mynaportal")]
        channel: String,
        /// 今の段階
        #[schema(example = 2, minimum = 0, maximum = 5)]
        level: u8,
        /// 目標の段階
        #[schema(example = 4, minimum = 0, maximum = 5)]
        target_level: u8,
        /// 目標日（最後に述べられたもの）
        #[schema(example = "2027-03-31")]
        target_on: Option<NaiveDate>,
        /// 目標日の粒度
        target_precision: Option<Precision>,
        /// 最初に述べられた目標日。変わっていなければ null
        #[schema(example = json!(null))]
        first_target_on: Option<NaiveDate>,
        /// 目標の段階に達した日
        #[schema(example = json!(null))]
        reached_on: Option<NaiveDate>,
        /// 計画の状態
        course: Course,
        /// 目標日からの遅れ（日）。早ければ負。達していなければ as_of までの日数。目標日がこれからか、なければ null
        #[schema(example = json!(null))]
        slip_days: Option<i64>,
    }
}

documented!(Plans, Forecast);

/// What a body planned.
pub(crate) struct Plans {
    body: BodyIx,
    procedures: Vec<ProcedureIx>,
    about: About,
}

impl Question for Plans {
    type Parts = (ProcedureQuery,);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (procedures,): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let procedures = procedures.read(checks, catalogue).select_any(catalogue);
        let body = body_of_path(address, checks, grid)?;
        let scope = Some(catalogue.body(body).name.clone());
        let about = About { scope, filters: Some(address.query.filters()), ..About::default() };
        Some(Self { body, procedures, about })
    }
}

impl Rows for Plans {
    type Row = PlanView;

    fn answer(self, country: &Country) -> List<PlanView> {
        let grid = Arc::clone(&country.grid);
        let mut plans = grid.block(self.body).plans().to_vec();
        plans.retain(|one| self.procedures.contains(&one.procedure));
        List::each(plans, move |one| PlanView::new(one, &grid)).about(self.about)
    }
}

impl PlanView {
    fn new(planned: &Planned, grid: &Grid) -> Self {
        let catalogue = grid.catalogue();
        let procedure = catalogue.procedure(planned.procedure);
        let on = |dated: Option<Dated>| dated.map(|dated| dated.on);
        Self {
            procedure_id: procedure.id.to_string(),
            procedure_name: procedure.name_ja.clone(),
            channel: catalogue.channel(planned.channel).id.to_string(),
            level: planned.level_now.number(),
            target_level: planned.level.number(),
            target_on: on(planned.on),
            target_precision: planned.on.map(|dated| dated.precision),
            first_target_on: on(planned.first_on),
            reached_on: planned.reached_on,
            course: planned.course(grid.as_of()),
            slip_days: planned.slip(grid.as_of()),
        }
    }
}

/// By which rule it is done.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaceQuery {
    /// 指標の定義のID（手続を数えるもの。既定 online_rate）
    #[param(max_length = 40, example = "online_rate")]
    definition: Option<String>,
    /// 何四半期分のペースを見るか（4〜40。既定8）
    #[param(value_type = Option<u32>, minimum = 4, maximum = 40, example = 8)]
    quarters: Option<String>,
}

/// 見通し
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ForecastView {
    /// 団体コード
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    municipality_code: String,
    /// 定義のID
    #[schema(example = "online_rate")]
    definition: &'static str,
    /// 定義の版
    #[schema(example = 2, minimum = 1)]
    version: u32,
    /// しきい値
    #[schema(example = 3, minimum = 0, maximum = 5)]
    threshold: Option<u8>,
    /// 今の分子
    #[schema(example = 31, minimum = 0)]
    numerator: u64,
    /// 今の分母
    #[schema(example = 49, minimum = 0)]
    denominator: u64,
    /// 分母のうち不明な数
    #[schema(example = 0, minimum = 0)]
    unknown: u64,
    /// 残りの手続の数（不明なものを含む）
    #[schema(example = 18, minimum = 0)]
    left: u64,
    /// 3か月ごとに増えた数（古い順）
    #[schema(max_items = 40)]
    quarters: Vec<QuarterView>,
    /// 1四半期に増えた数の平均
    #[schema(example = 1.5)]
    per_quarter: Option<f64>,
    /// 続いた4四半期の平均のうち、いちばん遅いもの
    #[schema(example = 0.5)]
    per_quarter_slowest: Option<f64>,
    /// いちばん速いもの
    #[schema(example = 2.5)]
    per_quarter_fastest: Option<f64>,
    /// 今のペースで全部そろう日。30年より先か、増えていなければ null
    #[schema(example = "2029-11-15")]
    done_on: Option<NaiveDate>,
    /// いちばん速いペースなら
    #[schema(example = "2028-09-01")]
    done_on_earliest: Option<NaiveDate>,
    /// いちばん遅いペースなら
    #[schema(example = json!(null))]
    done_on_latest: Option<NaiveDate>,
    /// いつ時点か
    #[schema(example = "2026-11-21")]
    as_of: NaiveDate,
    /// いつ知られていたか
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    known_at: String,
}

/// 1四半期に増えた数
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct QuarterView {
    /// 3か月の終わりの日（as_of から3か月ずつさかのぼった日。最後は as_of の日）
    #[schema(example = "2026-09-30")]
    on: NaiveDate,
    /// その日の分子
    #[schema(example = 31, minimum = 0)]
    numerator: u64,
    /// 増えた数（減れば0）
    #[schema(example = 2, minimum = 0)]
    rises: u64,
}

/// When a body is done at its own pace.
pub(crate) struct Forecast {
    body: BodyIx,
    question: Computed,
    days: Vec<NaiveDate>,
}

impl Question for Forecast {
    type Parts = (PaceQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::One;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (pace, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        /// Two years show what comes once in a year twice.
        const QUARTERS: u32 = 8;
        let catalogue = grid.catalogue();
        let definition = checks.one("definition", &pace.definition, definition::find);
        let definition = definition.unwrap_or(&definition::DEFINITIONS[0]);
        if !has_pace(definition) {
            checks.refuse("definition", no_pace(definition));
        }
        let quarters = checks.integer("quarters", &pace.quarters, 4, 40).unwrap_or(QUARTERS);
        let asked = procedures.read(checks, catalogue);
        if definition.fixed_list {
            within_the_list(checks, catalogue, definition, &asked);
        }
        let body = body_of_path(address, checks, grid)?;
        let procedures = asked.select(catalogue, definition.list);
        // Whole quarters, counted back from the day that is asked of: parts of some would slow the pace.
        let before = |quarters: u32| grid.as_of().checked_sub_months(Months::new(3 * quarters));
        let days = (0..=quarters).rev().filter_map(before).collect();
        let question = Computed::new(definition, catalogue, vec![body], procedures);
        Some(Self { body, question, days })
    }

    fn needs(&self) -> Needs {
        Needs { history: true, ..Needs::default() }
    }
}

/// Whether the rises of a definition are those of procedures.
fn has_pace(definition: &Definition) -> bool {
    definition.unit == Unit::Cells
        && definition.measures == Measures::Standing
        && definition.parts == Parts::One
}

fn no_pace(definition: &Definition) -> Refusal {
    let those: Vec<&str> =
        definition::DEFINITIONS.iter().filter(|other| has_pace(other)).map(|other| other.id).collect();
    Refusal::new(
        "no_pace",
        definition.id,
        format!("{} は手続を数える定義ではないため、見通しを出せません", definition.name_ja),
        format!("{} does not count procedures", definition.id),
    )
    .allowed(those.join(", "))
}

impl Object for Forecast {
    type View = ForecastView;

    fn answer(self, country: &Country) -> ForecastView {
        let grid = &country.grid;
        let treatment = self.question.treatments()[0];
        let points = match &country.history {
            Some((history, known)) => {
                Trend::new(history, *known, &self.days, &self.question, treatment).points()
            }
            None => Vec::new(),
        };
        let quarters: Vec<QuarterView> = points
            .windows(2)
            .map(|two| {
                let (before, after) = (two[0].tally.numerator, two[1].tally.numerator);
                QuarterView { on: two[1].on, numerator: after, rises: after.saturating_sub(before) }
            })
            .collect();
        let now = points.last().map(|point| point.tally).unwrap_or_default();
        let left = now.denominator.saturating_sub(now.numerator);
        let pace = Pace { rises: quarters.iter().map(|quarter| quarter.rises).collect(), left };
        let found = pace.per_quarter();
        let done = |at: usize| {
            let days = pace.days_at(found?[at])?;
            grid.as_of().checked_add_days(Days::new(days.into()))
        };
        let shown = |at: usize| found.map(|found| (found[at] * 10.0).round() / 10.0);
        ForecastView {
            municipality_code: grid.catalogue().body(self.body).code.to_string(),
            definition: self.question.definition.id,
            version: self.question.definition.version,
            threshold: self.question.asked_level().map(Level::number),
            numerator: now.numerator,
            denominator: now.denominator,
            unknown: now.unknown,
            left,
            per_quarter: shown(0),
            per_quarter_slowest: shown(1),
            per_quarter_fastest: shown(2),
            done_on: done(0),
            done_on_earliest: done(2),
            done_on_latest: done(1),
            quarters,
            as_of: grid.as_of(),
            known_at: known_at(grid),
        }
    }
}
