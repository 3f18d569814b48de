//! Who is like a body, and how they stand.

use std::cmp::Ordering;

use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::within_the_list;
use super::filters::ProcedureQuery;
use super::list::{About, List, view};
use super::municipalities::body_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::municipality::MunicipalityKind;
use crate::grid::Grid;
use crate::grid::definition::{self, Definition, NotApplicable};
use crate::grid::figure::compute;
use crate::grid::grouping::Grouping;
use crate::grid::peers::{self, PeerRule};
use crate::grid::question::Part;
use crate::grid::question::Question as Computed;
use crate::grid::tally::{NoValue, Percent, Tally};

view! {
    /// 類似団体
    PeerView {
        /// 団体コード
        #[schema(example = "082341", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 都道府県名
        #[schema(example = "茨城県")]
        prefecture_name: String,
        /// 団体名
        #[schema(example = "鉾田市")]
        municipality_name: String,
        /// 種別
        kind: MunicipalityKind,
        /// 人口（2020年国勢調査）
        #[schema(example = 45_953, minimum = 0)]
        population: Option<u32>,
        /// この団体そのものか（先頭の1行）
        #[schema(example = false)]
        own: bool,
        /// 類似団体の選び方
        rule: PeerRule,
        /// 定義のID
        #[schema(example = "online_rate")]
        definition: &'static str,
        /// 定義の版
        #[schema(example = 2, minimum = 1)]
        version: u32,
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// 定義が複数の結果を持つときの、その1つ（ライフイベント、原則）のコード
        #[schema(example = json!(null))]
        part: Option<String>,
        /// 分子
        #[schema(example = 31, minimum = 0)]
        numerator: u64,
        /// 分母
        #[schema(example = 48, minimum = 0)]
        denominator: u64,
        /// 分母のうち不明な数
        #[schema(example = 1, minimum = 0)]
        unknown: u64,
        /// 値（%、小数1桁、四捨五入）。出せないときは null
        #[schema(value_type = Option<f64>, example = 64.6)]
        value: Option<Percent>,
        /// 不明をすべて「いいえ」とした値
        #[schema(value_type = Option<f64>, example = 64.6)]
        value_min: Option<Percent>,
        /// 不明をすべて「はい」とした値
        #[schema(value_type = Option<f64>, example = 66.7)]
        value_max: Option<Percent>,
        /// 値が出せない理由
        #[schema(example = json!(null))]
        reason: Option<NoValue>,
        /// 団体と類似団体のうちの位置（値の高い順。同じ値なら同じ位置）。値がなければ null
        #[schema(example = 12, minimum = 1)]
        position: Option<usize>,
        /// 同じ値の団体の数（自身を含む）
        #[schema(example = 2, minimum = 1)]
        tied: Option<usize>,
        /// 値のある団体の数
        #[schema(example = 41, minimum = 1)]
        ranked: Option<usize>,
    }
}

/// By which definition peers are looked at.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DefinitionQuery {
    /// 並べて示す指標の定義（既定 online_rate）
    #[param(max_length = 40, example = "online_rate")]
    definition: Option<String>,
}

documented!(Peers);

/// The peers of a body, the nearest first, behind the body itself.
pub(crate) struct Peers {
    body: BodyIx,
    definition: &'static Definition,
    procedures: Vec<ProcedureIx>,
}

impl Question for Peers {
    type Parts = (DefinitionQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (chosen, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let definition = checks.one("definition", &chosen.definition, definition::find);
        let definition = definition.unwrap_or(&definition::DEFINITIONS[0]);
        let asked = procedures.read(checks, catalogue);
        if definition.fixed_list {
            within_the_list(checks, catalogue, definition, &asked);
        }
        let body = body_of_path(address, checks, grid)?;
        Some(Self { body, definition, procedures: asked.select(catalogue, definition.list) })
    }
}

impl Rows for Peers {
    type Row = PeerView;

    fn answer(self, country: &Country) -> List<PeerView> {
        let grid = &country.grid;
        let catalogue = grid.catalogue();
        let peers = peers::of(catalogue, self.body, grid.as_of());
        let count = peers.bodies.len();
        let rule = peers.rule;
        let bodies: Vec<BodyIx> = std::iter::once(self.body).chain(peers.bodies).collect();
        let year = grid.last_counted(&bodies).filter(|_| self.definition.weighs_by_year());
        let of_body = |body: BodyIx| {
            let question = Computed::new(self.definition, catalogue, vec![body], self.procedures.clone());
            let questions = Computed { year, ..question }.to_each_part(catalogue);
            let row = |question: Computed| {
                let figure = compute(grid, &question, Grouping::NATION).into_iter().next();
                // Of a definition that gives both, the one that takes what is not performed as done.
                let figure = figure.map(|figure| (figure.not_applicable, figure.tally));
                let (treatment, tally) = figure.unwrap_or((NotApplicable::Excluded, Tally::default()));
                Standing { body, part: question.part, treatment, tally }
            };
            questions.into_iter().map(row).collect::<Vec<_>>()
        };
        let standings: Vec<Standing> = bodies.into_iter().flat_map(of_body).collect();
        let rows: Vec<(Standing, Option<Position>)> =
            standings.iter().map(|one| (*one, one.position(&standings))).collect();
        let name = catalogue.body(self.body).name.clone();
        let scope = Some(format!("{name}と類似団体{count}"));
        let (own, definition) = (self.body, self.definition);
        let catalogue = grid.shared_catalogue();
        let view = move |(standing, position): &(Standing, Option<Position>)| {
            let Standing { body, part, treatment, tally } = standing;
            let row = catalogue.body(*body);
            let value = tally.value();
            PeerView {
                municipality_code: row.code.to_string(),
                prefecture_name: row.prefecture_name.clone(),
                municipality_name: row.name.clone(),
                kind: row.kind,
                population: row.population,
                own: *body == own,
                rule,
                definition: definition.id,
                version: definition.version,
                not_applicable: *treatment,
                part: part.map(|part| part.key(&catalogue).code),
                numerator: tally.numerator,
                denominator: tally.denominator,
                unknown: tally.unknown,
                value: value.ok(),
                value_min: tally.value_min(),
                value_max: tally.value_max(),
                reason: value.err(),
                position: position.map(|position| position.at),
                tied: position.map(|position| position.tied),
                ranked: position.map(|position| position.of),
            }
        };
        List::each(rows, view).whole().about(About { scope, bodies: Some(count + 1), ..About::default() })
    }
}

/// How a body stands by one part of a definition.
#[derive(Clone, Copy)]
struct Standing {
    body: BodyIx,
    part: Option<Part>,
    treatment: NotApplicable,
    tally: Tally,
}

/// Where a value lies among others: the highest is the first.
#[derive(Clone, Copy)]
struct Position {
    at: usize,
    /// How many have the same value, itself among them.
    tied: usize,
    /// How many have a value.
    of: usize,
}

impl Standing {
    /// Where it lies among those of its part that have a value; none where it has none.
    fn position(&self, all: &[Self]) -> Option<Position> {
        if !self.tally.has_value() {
            return None;
        }
        let beside = all.iter().filter(|other| other.part == self.part && other.tally.has_value());
        let count =
            |order| beside.clone().filter(|other| other.tally.compare_values(&self.tally) == order).count();
        Some(Position {
            at: 1 + count(Ordering::Greater),
            tied: count(Ordering::Equal),
            of: beside.clone().count(),
        })
    }
}
