//! Usage as towns counted it, and figures as the state published them.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::BodyQuery;
use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::log::{PastRecord, RecordKind};
use crate::domain::usage::{ChannelGroup, FigureKey, PublishedValue, Subject};
use crate::grid::filter::Prefectures;
use crate::grid::records::RecordLine;
use crate::grid::{Count, Grid};

view! {
    /// 利用実績（1団体・1手続・1年度）
    UsageView {
        /// 団体コード
        #[schema(example = "342025", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 手続ID
        #[schema(example = "high-volume-01")]
        procedure_id: String,
        /// 年度
        #[schema(example = 2025, minimum = 1950, maximum = 2100)]
        fiscal_year: i32,
        /// 件数の区分
        channel_group: ChannelGroup,
        /// 件数
        #[schema(example = 196_759, minimum = 0)]
        applications: u64,
    }
}

view! {
    /// 国などが公表した数値
    PublishedFigureView {
        /// 団体コード
        #[schema(example = "082333", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 手続ID（手続ごとの割合のとき）
        #[schema(example = "kosodate-01")]
        procedure_id: Option<String>,
        /// 指標の定義（指標のとき）
        #[schema(example = json!(null))]
        definition: Option<String>,
        /// 年度
        #[schema(example = 2022, minimum = 1950, maximum = 2100)]
        fiscal_year: i32,
        /// 割合（%）
        #[schema(example = 2.1, minimum = 0, maximum = 100)]
        percent: Option<f64>,
        /// 分子
        #[schema(example = json!(null), minimum = 0)]
        numerator: Option<i64>,
        /// 分母
        #[schema(example = json!(null), minimum = 0)]
        denominator: Option<i64>,
        /// 公表元
        #[schema(example = "digital-agency-dashboard-2024-07")]
        source: String,
    }
}

/// Which procedure and year.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordQuery {
    /// 手続ID（カンマ区切りで複数）
    #[param(max_length = 2_000, example = "kosodate-01")]
    procedure: Option<String>,
    /// 年度
    #[param(value_type = Option<u32>, minimum = 1950, maximum = 2100, example = 2022)]
    fiscal_year: Option<String>,
}

/// Which records are asked for.
struct Filter {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    year: Option<u32>,
}

impl Filter {
    fn read((bodies, records): (BodyQuery, RecordQuery), checks: &mut Checks, grid: &Grid) -> Self {
        let catalogue = grid.catalogue();
        let bodies = bodies.read(checks, catalogue);
        Self {
            bodies: bodies.select(catalogue, grid.as_of(), Prefectures::Always),
            procedures: checks.many("procedure", &records.procedure, |text| catalogue.find_procedure(text)),
            year: checks.integer("fiscal_year", &records.fiscal_year, 1950, 2100),
        }
    }

    /// The counts that pass, with whose they are.
    fn counts(&self, grid: &Grid) -> Vec<(BodyIx, Count)> {
        let passes = |count: &&Count| {
            self.year.is_none_or(|year| i64::from(year) == i64::from(count.fiscal_year.number()))
                && (self.procedures.is_empty() || self.procedures.contains(&count.procedure))
        };
        let of_body = |body| grid.block(body).counts().iter().filter(passes).map(move |count| (body, *count));
        let mut counts: Vec<(BodyIx, Count)> = self.bodies.iter().copied().flat_map(of_body).collect();
        counts.sort_by_key(|(body, count)| (*body, count.procedure, count.fiscal_year, count.group));
        counts
    }

    fn passes(&self, figure: &RecordLine) -> bool {
        let year_of = || FigureKey::year_of_subject(&figure.subject).map(i64::from);
        self.year.is_none_or(|year| year_of() == Some(i64::from(year)))
            && (self.procedures.is_empty()
                || figure.procedure.is_some_and(|procedure| self.procedures.contains(&procedure)))
    }
}

documented!(Usage, PublishedFigures);

/// How often procedures were used.
pub(crate) struct Usage(Filter);

impl Question for Usage {
    type Parts = (BodyQuery, RecordQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(parts: Self::Parts, _: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        Some(Self(Filter::read(parts, checks, grid)))
    }
}

impl Rows for Usage {
    type Row = UsageView;

    fn answer(self, country: &Country) -> List<UsageView> {
        let grid = Arc::clone(&country.grid);
        List::each(self.0.counts(&country.grid), move |(body, count)| UsageView {
            municipality_code: grid.catalogue().body(*body).code.to_string(),
            procedure_id: grid.catalogue().procedure(count.procedure).id.to_string(),
            fiscal_year: count.fiscal_year.number(),
            channel_group: count.group,
            applications: count.applications,
        })
    }
}

/// What the state and others published.
pub(crate) struct PublishedFigures(Filter);

impl Question for PublishedFigures {
    type Parts = (BodyQuery, RecordQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(parts: Self::Parts, _: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        Some(Self(Filter::read(parts, checks, grid)))
    }

    fn needs(&self) -> Needs {
        Needs { history: true, ..Needs::default() }
    }
}

impl Rows for PublishedFigures {
    type Row = PublishedFigureView;

    fn answer(self, country: &Country) -> List<PublishedFigureView> {
        let Some((history, known)) = &country.history else { return List::each(Vec::new(), Clone::clone) };
        let of_body = |body: &BodyIx| history.records_of(*body, RecordKind::Published, *known);
        let lines = self.0.bodies.iter().flat_map(of_body);
        let held = lines.filter(|line| line.holds && self.0.passes(line)).map(|line| line.seq).collect();
        List::of_records(
            RecordKind::Published,
            held,
            |seq| *seq,
            |_, record| match record {
                PastRecord::Published(key, value) => Some(figure_view(key, value)),
                PastRecord::Material(_) => None,
            },
        )
    }
}

fn figure_view(key: &FigureKey, value: &PublishedValue) -> PublishedFigureView {
    let (procedure_id, definition) = match &key.subject {
        Subject::Procedure(id) => (Some(id.to_string()), None),
        Subject::Definition(id) => (None, Some(id.clone())),
    };
    PublishedFigureView {
        municipality_code: key.municipality.to_string(),
        procedure_id,
        definition,
        fiscal_year: key.fiscal_year.number(),
        // Two digits behind the point are exact enough for any reader.
        percent: value.percent.map(|hundredths| hundredths as f64 / 100.0),
        numerator: value.numerator,
        denominator: value.denominator,
        source: key.source.clone(),
    }
}
