//! A town's own material: its lists, and what its action plan comes to.

mod action_plan;
mod form;
mod views;

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::filters::BodyQuery;
use super::list::{List, View};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::log::{PastRecord, RecordKind};
use crate::domain::material::{MaterialKind, PastMaterial};
use crate::grid::Grid;
use crate::grid::filter::Prefectures;
use crate::grid::records::RecordLine;

pub(crate) use action_plan::{ActionPlanView, ActionPlans};
pub(crate) use form::MaterialFormOf;
pub(crate) use views::{
    ActionView, ChecklistAnswerView, ContextIndicatorView, HandlingTimeView, PlanStepView, WalkthroughView,
};

/// Rows of one kind, as they are shown.
pub(crate) trait Kept: View + Clone + Send + Sync + 'static {
    /// The kind.
    const KIND: MaterialKind;
    /// What its lists may be asked for beside bodies.
    type Own: Chosen;

    /// A row, with what has become of it.
    fn of(row: &PastMaterial, line: &RecordLine) -> Self;
}

/// What a list of own material may be asked for beside bodies.
pub(crate) trait Chosen: IntoParams + DeserializeOwned + Default + Send + Sync + 'static {
    /// The procedures; none are all.
    fn procedures(&self, _: &mut Checks, _: &Grid) -> Vec<ProcedureIx> {
        Vec::new()
    }
}

/// Which procedures.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfProcedures {
    /// 手続ID（カンマ区切りで複数）
    #[param(max_length = 2_000, example = "kosodate-01")]
    procedure: Option<String>,
}

impl Chosen for OfProcedures {
    fn procedures(&self, checks: &mut Checks, grid: &Grid) -> Vec<ProcedureIx> {
        checks.many("procedure", &self.procedure, |text| grid.catalogue().find_procedure(text))
    }
}

/// Nothing: its rows are about bodies as a whole.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct OfBodies {}

impl IntoParams for OfBodies {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Vec::new()
    }
}

impl Chosen for OfBodies {}

/// Whether what was said before is told too.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// true で、これまでに述べられたすべての行（取り下げた行、新しい行に替わった行、取込が元に戻された行も）を返す
    #[param(value_type = Option<bool>, example = true)]
    history: Option<String>,
}

fn flag(text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_format| {
        Refusal::new("flag_format", text, "true か false です", "true or false").allowed("true, false")
    })
}

/// The rows of one kind.
pub(crate) struct Materials<V> {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    history: bool,
    shown: PhantomData<V>,
}

impl<V: Kept> IntoParams for Materials<V> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Self::describe()
    }
}

impl<V: Kept> Question for Materials<V> {
    type Parts = (BodyQuery, V::Own, HistoryQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (bodies, own, history): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let bodies = bodies.read(checks, grid.catalogue());
        Some(Self {
            bodies: bodies.select(grid.catalogue(), grid.as_of(), Prefectures::Always),
            procedures: own.procedures(checks, grid),
            history: checks.one("history", &history.history, flag).unwrap_or(false),
            shown: PhantomData,
        })
    }

    fn needs(&self) -> Needs {
        Needs { history: true, ..Needs::default() }
    }
}

impl<V: Kept> Rows for Materials<V> {
    type Row = V;

    fn answer(self, country: &Country) -> List<V> {
        let kind = RecordKind::Material(V::KIND);
        let Some((history, known)) = &country.history else { return List::each(Vec::new(), V::clone) };
        let wanted = |line: &RecordLine| {
            (self.history || line.holds)
                && (self.procedures.is_empty()
                    || line.procedure.is_some_and(|procedure| self.procedures.contains(&procedure)))
        };
        let of_body = |body: &BodyIx| history.records_of(*body, kind, *known);
        let lines = self.bodies.iter().flat_map(of_body).filter(wanted).collect();
        List::of_records(
            kind,
            lines,
            |line: &RecordLine| line.seq,
            |line, record| match record {
                PastRecord::Material(row) => Some(V::of(row, line)),
                PastRecord::Published(..) => None,
            },
        )
    }
}
