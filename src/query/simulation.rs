//! What figures would be if procedures went live: before and after, side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::ChoiceQuery;
use super::figures::{FigureView, Figures, of_each};
use super::filters::{BodyQuery, ProcedureQuery};
use super::grouping::GroupQuery;
use super::list::{List, known_at, view};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Said, Shape, documented};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{Fact, Stated};
use crate::domain::catalogue::BodyIx;
use crate::domain::dates::Dated;
use crate::domain::log::{Logged, Spot};
use crate::domain::readiness::{Evidence, Level, Readiness, Source, State};
use crate::grid::Grid;
use crate::grid::definition::Measures;
use crate::grid::figure::sort;
use crate::grid::moment::Known;
use crate::grid::supposed::Wanted;

/// Most rows that may be supposed at once, and most statements that they may stand for.
const MOST_ROWS: usize = 500;
const MOST_STATEMENTS: usize = 100_000;

/// 試算の前提
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SimulationBody)]
pub(crate) struct SimulationBody {
    /// as_of の日から、こうなるとする対応状況
    #[schema(min_items = 1, max_items = 500)]
    rows: Vec<SupposedBody>,
}

/// こうなるとする対応状況の1件
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SupposedBody)]
pub(crate) struct SupposedBody {
    /// 団体コード。書かなければ、この指標の対象の団体すべて
    #[schema(example = "082333", max_length = 6)]
    municipality: Option<String>,
    /// 手続ID
    #[schema(example = "hisaisha-01", max_length = 40)]
    procedure: String,
    /// 接点
    #[schema(example = "mynaportal", max_length = 20)]
    channel: String,
    /// 段階
    #[schema(example = 4, minimum = 0, maximum = 5)]
    level: i64,
    /// 「少なくともこの段階」とだけ分かる（既定は false）
    #[schema(example = false)]
    #[serde(default)]
    at_least: bool,
    /// 状態（既定は live）
    #[schema(value_type = Option<State>)]
    state: Option<String>,
}

view! {
    /// 試算の結果
    SimulationView {
        /// いまの記録のままの指標値
        before: FigureView,
        /// 前提のとおりになったときの指標値
        after: FigureView,
    }
}

documented!(Simulation);

/// A row that is supposed; without a body it is of all that are asked about.
struct Supposed {
    body: Option<BodyIx>,
    spot: Spot,
    level: Level,
    at_least: bool,
    state: State,
}

/// The values of definitions before and after what is supposed.
pub(crate) struct Simulation {
    figures: Figures,
    rows: Vec<Supposed>,
}

impl Question for Simulation {
    type Parts = (GroupQuery, ChoiceQuery, BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Whole;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;
    /// It builds the bodies that it is about anew.
    const MORE_READS: u32 = 10;

    fn read(parts: Self::Parts, address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        if grid.moment().known != Known::Now {
            checks.refuse("known_at", of_the_past());
        }
        Some(Self { figures: Figures::read(parts, address, checks, grid)?, rows: Vec::new() })
    }

    fn needs(&self) -> Needs {
        Needs { history: true, ..Needs::default() }
    }
}

fn of_the_past() -> Refusal {
    Refusal::new(
        "not_of_the_past",
        "",
        "試算は、いま知られていることの上で行います（known_at は指定できません）",
        "a simulation is made over what is known now",
    )
    .allowed("known_at を指定しない")
}

impl Said for Simulation {
    type Body = SimulationBody;

    fn take(&mut self, body: SimulationBody, grid: &Grid) -> Result<(), Vec<(String, Refusal)>> {
        let mut faults = Vec::new();
        if body.rows.is_empty() || body.rows.len() > MOST_ROWS {
            let refusal = Refusal::new(
                "number_of_rows",
                &body.rows.len().to_string(),
                format!("rows は1件以上{MOST_ROWS}件までです"),
                format!("rows are 1 to {MOST_ROWS}"),
            );
            return Err(vec![("rows".to_owned(), refusal.allowed(format!("1-{MOST_ROWS}")))]);
        }
        for (at, row) in body.rows.into_iter().enumerate() {
            let refused = &mut |field: &str, refusal| faults.push((format!("rows/{at}/{field}"), refusal));
            self.rows.extend(row.read(grid, refused));
        }
        let statements = self.spots().count();
        if statements > MOST_STATEMENTS {
            faults.push(("rows".to_owned(), too_many(statements)));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn too_many(statements: usize) -> Refusal {
    Refusal::new(
        "too_many_statements",
        &statements.to_string(),
        format!("前提が多すぎます（団体×行で{MOST_STATEMENTS}件まで）"),
        format!("at most {MOST_STATEMENTS} bodies × rows"),
    )
    .allowed("municipality を書くか、対象の団体を絞る")
}

impl SupposedBody {
    fn read(&self, grid: &Grid, refused: &mut impl FnMut(&str, Refusal)) -> Option<Supposed> {
        let catalogue = grid.catalogue();
        let mut keep = |field: &str, refusal| refused(field, refusal);
        let body = match self.municipality.as_deref().map(|code| catalogue.find_body(code)) {
            None => Some(None),
            Some(read) => read.map_err(|refusal| keep("municipality", refusal)).ok().map(Some),
        };
        let procedure =
            catalogue.find_procedure(&self.procedure).map_err(|refusal| keep("procedure", refusal)).ok();
        let channel = catalogue.find_channel(&self.channel).map_err(|refusal| keep("channel", refusal)).ok();
        let level = Level::of_number(self.level).map_err(|refusal| keep("level", refusal)).ok();
        if let Some(Err(refusal)) = level.map(|level| level.check_said(self.at_least)) {
            keep("at_least", refusal);
        }
        let state = match self.state.as_deref().map(str::parse::<State>) {
            None => Some(State::Live),
            Some(read) => read.map_err(|refusal| keep("state", refusal)).ok(),
        };
        let (body, procedure) = (body?, procedure?);
        let spot =
            Spot { body: body.unwrap_or_default(), procedure, channel: Some(channel?), source: Source::Own };
        Some(Supposed { body, spot, level: level?, at_least: self.at_least, state: state? })
    }
}

impl Supposed {
    fn fact(&self) -> Fact {
        Fact::Readiness(Readiness {
            level: self.level,
            at_least: self.at_least,
            state: self.state,
            evidence: Evidence::Declared,
            system: None,
            url: None,
            note: None,
            section: None,
            target: None,
        })
    }
}

impl Simulation {
    /// The bodies that are asked about, by any of the definitions.
    fn bodies(&self) -> &[BodyIx] {
        self.figures.questions.first().map_or(&[], |question| &question.bodies)
    }

    /// What is wanted of the country that is supposed: how fresh statements are and what became of plans hangs on
    /// each of them.
    fn wanted(&self) -> Wanted {
        let mut definitions = self.figures.questions.iter().map(|question| question.definition);
        let of_standings =
            definitions.all(|definition| matches!(definition.measures, Measures::Standing | Measures::Usage));
        if of_standings { Wanted::Standings } else { Wanted::All }
    }

    /// What is supposed, of each body.
    fn spots(&self) -> impl Iterator<Item = (Spot, &Supposed)> {
        self.rows.iter().flat_map(|row| {
            let one = row.body.as_slice();
            let bodies = if one.is_empty() { self.bodies() } else { one };
            bodies.iter().map(move |body| (Spot { body: *body, ..row.spot }, row))
        })
    }

    /// The rows of the log that stating it would write: a level ends what the same source said of the procedure
    /// as a whole.
    fn written(&self, grid: &Grid) -> Vec<Logged> {
        let effective = Dated::day(grid.as_of());
        let logged = |spot, fact| {
            let stated = Stated { seq: 0, effective, recorded_at: DateTime::<Utc>::UNIX_EPOCH, fact };
            Logged::new(spot, &stated, None)
        };
        let mut rows = Vec::new();
        for (spot, supposed) in self.spots() {
            let whole = grid.block(spot.body).applicability_of(spot.procedure);
            if whole.iter().any(|cell| cell.source == spot.source && !cell.value.applies()) {
                let fact = Fact::Applicability { value: Applicability::Applicable, reason: None };
                rows.push(logged(Spot { channel: None, ..spot }, fact));
            }
            rows.push(logged(spot, supposed.fact()));
        }
        rows
    }
}

impl Rows for Simulation {
    type Row = SimulationView;

    fn answer(self, country: &Country) -> List<SimulationView> {
        let Some((history, _)) = &country.history else {
            return List::each(Vec::new(), SimulationView::clone);
        };
        let (mut grid, moment) = (Arc::clone(&country.grid), country.grid.moment());
        if history.revision() != grid.revision() {
            // Something was written since; both sides shall know of it.
            let bodies: BTreeSet<BodyIx> = self.spots().map(|(spot, _)| spot.body).collect();
            grid = Arc::new(history.renew(&grid, &bodies, moment, grid.known_at()));
        }
        let after = history.suppose(&grid, self.written(&grid).into_iter(), self.wanted());
        let Figures { questions, by, order, about } = self.figures;
        let known_at = known_at(&grid);
        let figures = of_each(&grid, &questions, by).into_iter().zip(of_each(&after, &questions, by));
        let mut pairs: Vec<_> = figures.collect();
        sort(&mut pairs, &order, |(_, (_, after))| after);
        let view = |((at, before), (_, after_that)): &((usize, _), (usize, _))| SimulationView {
            before: FigureView::new(before, &questions[*at], &grid, &known_at),
            after: FigureView::new(after_that, &questions[*at], &after, &known_at),
        };
        let views: Vec<SimulationView> = pairs.iter().map(view).collect();
        List::each(views, SimulationView::clone).whole().about(about)
    }
}
