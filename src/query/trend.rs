//! A figure over the years.

use chrono::{Months, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::{Asked, ChoiceQuery, definition_of_path};
use super::filters::{BodyQuery, ProcedureQuery};
use super::list::{About, List, view};
use super::moment::day;
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use crate::domain::Refusal;
use crate::domain::dates::FiscalYear;
use crate::domain::position::ProcedureIx;
use crate::domain::procedure::ProcedureList;
use crate::grid::definition::{Definition, NotApplicable};
use crate::grid::figure::{Figure, compute};
use crate::grid::grouping::Grouping;
use crate::grid::question::Question as Computed;
use crate::grid::scope::Apart;
use crate::grid::tally::{NoSpread, NoValue, Percent, Spread};
use crate::grid::trend::{Edition, MOST_POINTS, Period, Point, Trend as Course};
use crate::grid::{Grid, peers};

/// So many years are shown where none is said.
const YEARS: u32 = 5;

view! {
    /// 推移の1点
    TrendView {
        /// 定義のID
        #[schema(example = "online_rate")]
        definition: &'static str,
        /// 定義の版
        #[schema(example = 2, minimum = 1)]
        version: u32,
        /// 定義が複数の結果を持つときの、その1つ（ライフイベント、原則）のコード
        #[schema(example = json!(null))]
        part: Option<String>,
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// いつ時点か
        #[schema(example = "2026-03-31")]
        on: NaiveDate,
        /// 件数の年度（件数による指標のとき。段階は as_of の日のもの）
        #[schema(example = json!(null), minimum = 1950, maximum = 2100)]
        fiscal_year: Option<i32>,
        /// 数えた手続一覧の版（edition=then のとき）
        #[schema(example = json!(null))]
        list: Option<String>,
        /// 系列の番号。手続一覧の版が変わると次の番号になる
        #[schema(example = 1, minimum = 1)]
        series: u32,
        /// どの版にも載る手続だけの分子（系列が2つ以上のとき。以下同じ）
        #[schema(example = json!(null), minimum = 0)]
        common_numerator: Option<u64>,
        /// その分母
        #[schema(example = json!(null), minimum = 0)]
        common_denominator: Option<u64>,
        /// その値（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        common_value: Option<Percent>,
        /// 分子
        #[schema(example = 53_851, minimum = 0)]
        numerator: u64,
        /// 分母
        #[schema(example = 86_691, minimum = 0)]
        denominator: u64,
        /// 分母のうち不明な数
        #[schema(example = 1_741, minimum = 0)]
        unknown: u64,
        /// 値（%）。出せないときは null
        #[schema(value_type = Option<f64>, example = 62.1)]
        value: Option<Percent>,
        /// 不明をすべて「いいえ」とした値
        #[schema(value_type = Option<f64>, example = 62.1)]
        value_min: Option<Percent>,
        /// 不明をすべて「はい」とした値
        #[schema(value_type = Option<f64>, example = 64.1)]
        value_max: Option<Percent>,
        /// 値が出せない理由
        #[schema(example = json!(null))]
        reason: Option<NoValue>,
        /// 回答率（%）
        #[schema(value_type = Option<f64>, example = 98.0)]
        completeness: Option<Percent>,
        /// 団体ごとの値の第1四分位（%）
        #[schema(value_type = Option<f64>, example = 46.0)]
        q1: Option<Percent>,
        /// 団体ごとの値の中央値（%）
        #[schema(value_type = Option<f64>, example = 66.0)]
        median: Option<Percent>,
        /// 団体ごとの値の第3四分位（%）
        #[schema(value_type = Option<f64>, example = 80.0)]
        q3: Option<Percent>,
        /// 四分位が出せない理由
        #[schema(example = json!(null))]
        spread_reason: Option<NoSpread>,
        /// 類似団体のうち値のある団体の数（選んだ団体が1つの市区町村で、手続の割合の定義のとき。以下同じ）
        #[schema(example = json!(null), minimum = 0)]
        peers: Option<u32>,
        /// 類似団体の第1四分位（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        peers_q1: Option<Percent>,
        /// 類似団体の中央値（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        peers_median: Option<Percent>,
        /// 類似団体の第3四分位（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        peers_q3: Option<Percent>,
    }
}

/// Over which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// 点の間隔: month（既定）、quarter、fiscal_year。それぞれの末日と、最後に as_of の日の値を返す
    #[param(value_type = Option<Period>, inline, example = "month")]
    period: Option<String>,
    /// いつから（日本の日付。既定は as_of の5年前）。240点まで
    #[param(value_type = Option<String>, format = Date, max_length = 10, example = "2024-04-01")]
    from: Option<String>,
    /// 手続一覧の版: now（既定）は選んだ一覧をすべての日に、then はその日に行われていた版を数える。版が変わる日で系列（series）が分かれ、どの版にも載る手続だけの値（common_…）が並ぶ
    #[param(value_type = Option<Edition>, inline, example = "now")]
    edition: Option<String>,
}

documented!(Trend);

/// A figure over the years.
pub(crate) struct Trend {
    questions: Vec<Computed>,
    days: Vec<NaiveDate>,
    /// The days over which one edition of the list is counted, in order.
    stretches: Vec<Stretch>,
    /// The questions over what stands in each of the editions, where there are several.
    common: Option<Vec<Computed>>,
    about: About,
}

/// Days over which the same procedures are counted.
struct Stretch {
    /// The edition of the list; none where it is the one that was asked for, on all days.
    list: Option<String>,
    days: Vec<NaiveDate>,
    questions: Vec<Computed>,
}

/// The editions of a list whose members are known, the oldest first.
fn editions<'c>(
    asked: &Asked,
    checks: &mut Checks,
    grid: &'c Grid,
    definition: &Definition,
) -> Vec<&'c ProcedureList> {
    let catalogue = grid.catalogue();
    let list = asked.only_list().unwrap_or(definition.list);
    let newest = catalogue.list(list).filter(|_| !definition.fixed_list && !definition.weighs_by_year());
    let Some(newest) = newest else {
        let refusal = Refusal::new(
            "edition_not_allowed",
            Edition::Then.code(),
            "この指標または手続一覧には、その日の版という選び方がありません",
            "there are no editions to choose by day",
        );
        checks.refuse("edition", refusal.allowed(Edition::Now.code()));
        return Vec::new();
    };
    let before = |list: &&'c ProcedureList| catalogue.list(list.predecessor.as_deref()?);
    let after = |list: &&'c ProcedureList| {
        let id = list.id.as_str();
        catalogue.lists().iter().find(|other| other.predecessor.as_deref() == Some(id))
    };
    let mut chain: Vec<&ProcedureList> = std::iter::successors(Some(newest), before).collect();
    chain.reverse();
    chain.extend(std::iter::successors(after(&newest), after));
    chain.retain(|list| list.has_members());
    chain
}

/// Which edition is in force on which of the days. One whose first day nobody knows is so until the next one whose
/// day is known; the newest of unknown day is never taken.
fn stretches<'c>(
    editions: &[&'c ProcedureList],
    days: &[NaiveDate],
) -> Vec<(Option<&'c ProcedureList>, Vec<NaiveDate>)> {
    let first = editions.iter().position(|list| list.adopted.is_some());
    let on = |day: NaiveDate| {
        let begun = |list: &&&'c ProcedureList| list.adopted.is_some_and(|adopted| adopted.on <= day);
        let last = editions.iter().rev().find(begun).copied();
        last.or_else(|| editions.get(first?.saturating_sub(1)).copied())
    };
    let mut found: Vec<(Option<&ProcedureList>, Vec<NaiveDate>)> = Vec::new();
    for day in days {
        let list = on(*day);
        match found.last_mut() {
            Some((known, days)) if known.map(|list| &list.id) == list.map(|list| &list.id) => days.push(*day),
            _ => found.push((list, vec![*day])),
        }
    }
    found
}

/// The questions over the procedures that stand in every edition that is counted.
fn common(stretches: &[Stretch], questions: &[Computed]) -> Vec<Computed> {
    let of = |(at, question): (usize, &Computed)| {
        let all: Vec<&Computed> = stretches.iter().filter_map(|stretch| stretch.questions.get(at)).collect();
        let in_all = |procedure: &ProcedureIx| all.iter().all(|other| other.procedures.contains(procedure));
        let first = all.first().map(|question| question.procedures.as_slice()).unwrap_or_default();
        Computed { procedures: first.iter().copied().filter(in_all).collect(), ..question.clone() }
    };
    questions.iter().enumerate().map(of).collect()
}

impl Question for Trend {
    type Parts = (PeriodQuery, ChoiceQuery, BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;
    /// It goes through everything ever stated.
    const MORE_READS: u32 = 50;

    fn read(
        (period, choice, bodies, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let definition = definition_of_path(address, checks)?;
        let until = grid.as_of();
        let usual = if definition.weighs_by_year() { Period::FiscalYear } else { Period::Month };
        let spacing = checks.one("period", &period.period, str::parse).unwrap_or(usual);
        if spacing != usual && definition.weighs_by_year() {
            checks.refuse("period", by_year(definition, spacing));
        }
        let from = checks.one("from", &period.from, day);
        let from = from.or_else(|| until.checked_sub_months(Months::new(12 * YEARS))).unwrap_or(until);
        let days = spacing.days(from, until);
        if days.len() > MOST_POINTS {
            checks.refuse("from", too_many(from));
        }
        let asked = Asked::read((choice, bodies, procedures), checks, grid, Apart::Nothing);
        let questions = asked.of(checks, grid, definition);
        let edition = checks.one("edition", &period.edition, str::parse).unwrap_or(Edition::Now);
        let lists = match edition {
            Edition::Now => Vec::new(),
            Edition::Then => editions(&asked, checks, grid, definition),
        };
        let stretches = stretches(&lists, &days);
        let stretches: Vec<Stretch> = stretches
            .into_iter()
            .map(|(list, days)| {
                let of_list = list.map(|list| asked.over(&list.id).of(checks, grid, definition));
                let questions = of_list.unwrap_or_else(|| questions.clone());
                Stretch { list: list.map(|list| list.id.clone()), days, questions }
            })
            .collect();
        let common = (stretches.len() > 1).then(|| common(&stretches, &questions));
        Some(Self { questions, days, stretches, common, about: asked.about(address) })
    }

    fn needs(&self) -> Needs {
        Needs { history: true, ..Needs::default() }
    }
}

fn by_year(definition: &Definition, spacing: Period) -> Refusal {
    let message = format!("{}は年度ごとの件数によるため、年度ごとの点だけを出せます", definition.name_ja);
    Refusal::new("period_not_allowed", spacing.code(), message, "applications are counted by fiscal year")
        .allowed(Period::FiscalYear.code())
}

fn too_many(from: NaiveDate) -> Refusal {
    Refusal::new(
        "too_many_points",
        &from.to_string(),
        format!("点が多すぎます（{MOST_POINTS} まで）。from を後にするか、period を長くしてください"),
        format!("at most {MOST_POINTS} points"),
    )
    .allowed(format!("{MOST_POINTS} 点まで"))
}

impl Rows for Trend {
    type Row = TrendView;

    fn answer(self, country: &Country) -> List<TrendView> {
        let Some((history, known)) = &country.history else {
            return List::each(Vec::new(), TrendView::clone);
        };
        let catalogue = country.grid.catalogue();
        let mut rows = Vec::new();
        for question in self.questions.iter().filter(|question| question.definition.weighs_by_year()) {
            rows.extend(self.days.iter().flat_map(|on| of_year(&country.grid, question, *on)));
        }
        let counted = |(_, question): &(usize, &Computed)| !question.definition.weighs_by_year();
        for (at, question) in self.questions.iter().enumerate().filter(counted) {
            let part = question.part.map(|part| part.key(catalogue).code);
            for treatment in question.treatments() {
                let course = |question: &Computed, days: &[NaiveDate]| {
                    Course::new(history, *known, days, question, treatment).points()
                };
                let common = self.common.as_ref().and_then(|common| common.get(at));
                let mut common =
                    common.map(|question| course(question, &self.days)).unwrap_or_default().into_iter();
                for (stretch, series) in self.stretches.iter().zip(1..) {
                    let Some(question) = stretch.questions.get(at) else { continue };
                    let beside = peers_of(&country.grid, question);
                    let of_peers = beside.as_ref().map(|question| course(question, &stretch.days));
                    let mut of_peers = of_peers.unwrap_or_default().into_iter();
                    for point in course(question, &stretch.days) {
                        let peers = of_peers.next().and_then(|point| point.spread);
                        let view =
                            TrendView::new(question.definition, part.clone(), treatment, (point, peers));
                        let common = common.next().map(|point| point.tally);
                        rows.push(TrendView {
                            list: stretch.list.clone(),
                            series,
                            common_numerator: common.map(|tally| tally.numerator),
                            common_denominator: common.map(|tally| tally.denominator),
                            common_value: common.and_then(|tally| tally.value().ok()),
                            ..view
                        });
                    }
                }
            }
        }
        List::each(rows, TrendView::clone).whole().about(self.about)
    }
}

/// The figure of the fiscal year of a day, by the levels of the country's own day.
fn of_year(grid: &Grid, question: &Computed, on: NaiveDate) -> Vec<TrendView> {
    let year = FiscalYear::of(on);
    let figures = |question: &Computed| {
        compute(grid, &Computed { year: Some(year), ..question.clone() }, Grouping::NATION)
    };
    let beside = peers_of(grid, question).map(|peers| figures(&peers)).unwrap_or_default();
    let mut beside = beside.into_iter();
    let part = question.part.map(|part| part.key(grid.catalogue()).code);
    let view = |figure: Figure| {
        let peers = beside.next().and_then(|figure| figure.spread);
        let spread = figure.spread.filter(|_| question.bodies.len() > 1);
        let point = Point { on: year.last_day(), tally: figure.tally, spread };
        let view = TrendView::new(question.definition, part.clone(), figure.not_applicable, (point, peers));
        TrendView { fiscal_year: Some(year.number()), ..view }
    };
    figures(question).into_iter().map(view).collect()
}

/// The same question to the peers of the body that is asked about, where it is one.
fn peers_of(grid: &Grid, question: &Computed) -> Option<Computed> {
    let [body] = question.bodies.as_slice() else { return None };
    let is_city = !grid.catalogue().body(*body).is_prefecture();
    let bodies = is_city.then(|| peers::of(grid.catalogue(), *body, grid.as_of()).bodies)?;
    Some(Computed { bodies, ..question.clone() })
}

impl TrendView {
    fn new(
        definition: &'static Definition,
        part: Option<String>,
        not_applicable: NotApplicable,
        (point, peers): (Point, Option<Spread>),
    ) -> Self {
        let Point { on, tally, spread } = point;
        let value = tally.value();
        let quartiles = spread.and_then(|spread| spread.quartiles.ok());
        let of_peers = peers.and_then(|peers| peers.quartiles.ok());
        Self {
            definition: definition.id,
            version: definition.version,
            part,
            not_applicable,
            on,
            fiscal_year: None,
            list: None,
            series: 1,
            common_numerator: None,
            common_denominator: None,
            common_value: None,
            numerator: tally.numerator,
            denominator: tally.denominator,
            unknown: tally.unknown,
            value: value.ok(),
            value_min: tally.value_min(),
            value_max: tally.value_max(),
            reason: value.err(),
            completeness: tally.completeness(),
            q1: quartiles.map(|quartiles| quartiles.q1),
            median: quartiles.map(|quartiles| quartiles.median),
            q3: quartiles.map(|quartiles| quartiles.q3),
            spread_reason: spread.and_then(|spread| spread.quartiles.err()),
            peers: peers.map(|peers| peers.bodies),
            peers_q1: of_peers.map(|quartiles| quartiles.q1),
            peers_median: of_peers.map(|quartiles| quartiles.median),
            peers_q3: of_peers.map(|quartiles| quartiles.q3),
        }
    }
}
