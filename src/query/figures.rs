//! Figures: the value of a definition, grouped.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::asked::{Asked, ChoiceQuery, definition_of_path};
use super::filters::{BodyQuery, ProcedureQuery};
use super::grouping::{GroupQuery, Grouped, apart};
use super::list::{About, List, known_at, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::dates::FiscalYear;
use crate::domain::readiness::Level;
use crate::grid::Grid;
pub(crate) use crate::grid::definition::By;
use crate::grid::definition::{Basis, Measures, NotApplicable};
use crate::grid::figure::{Figure, SortKey, compute, sort};
use crate::grid::grouping::Grouping;
use crate::grid::measure::Warning;
use crate::grid::question::Question as Computed;
use crate::grid::question::{Against, Base, Key};
pub(crate) use crate::grid::tally::Percent;
use crate::grid::tally::{NoSpread, NoValue};

view! {
    /// 指標値
    FigureView {
        /// 定義のID
        #[schema(example = "online_rate")]
        definition: &'static str,
        /// 定義の版
        #[schema(example = 2, minimum = 1)]
        version: u32,
        /// 集計単位のコード（団体コード、手続IDなど）
        #[schema(example = "nation")]
        key: String,
        /// 集計単位の名前
        #[schema(example = "全国")]
        label: String,
        /// 2つめの集計単位のコード。集計単位が1つなら null
        #[schema(example = json!(null))]
        key2: Option<String>,
        /// 2つめの集計単位の名前
        #[schema(example = json!(null))]
        label2: Option<String>,
        /// 定義が複数の結果を持つときの、その1つ（ライフイベント、原則）のコード
        #[schema(example = json!(null))]
        part: Option<String>,
        /// その名前
        #[schema(example = json!(null))]
        part_label: Option<String>,
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// しきい値。段階を問わない定義では null
        #[schema(example = 3, minimum = 0, maximum = 5)]
        threshold: Option<u8>,
        /// 件数の年度（件数を数える定義）
        #[schema(example = json!(null), minimum = 1950, maximum = 2100)]
        fiscal_year: Option<i32>,
        /// 利用率の母数（利用率だけ）
        base: Option<Base>,
        /// 段階の上限（against=ceiling なら、法令の上限がしきい値より低い手続は、上限に達していれば数える）
        against: Against,
        /// 集計の基礎
        basis: Basis,
        /// 分子
        #[schema(example = 53_851, minimum = 0)]
        numerator: u64,
        /// 分母
        #[schema(example = 86_691, minimum = 0)]
        denominator: u64,
        /// 分母のうち不明な数
        #[schema(example = 1_741, minimum = 0)]
        unknown: u64,
        /// 値（%、小数1桁、四捨五入）。出せないときは null
        #[schema(value_type = Option<f64>, example = 62.1)]
        value: Option<Percent>,
        /// 不明をすべて「いいえ」とした値
        #[schema(value_type = Option<f64>, example = 62.1)]
        value_min: Option<Percent>,
        /// 不明をすべて「はい」とした値
        #[schema(value_type = Option<f64>, example = 64.1)]
        value_max: Option<Percent>,
        /// 値が出せない理由: nothing_applicable または unknown_only
        #[schema(example = json!(null))]
        reason: Option<NoValue>,
        /// 回答率（%）。該当する期待行のうち回答のあるもの
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
        /// 値のある団体の数
        #[schema(example = 1_740, minimum = 0)]
        bodies: Option<u32>,
        /// 対象の団体の数
        #[schema(example = 1_741, minimum = 0)]
        bodies_in_scope: Option<u32>,
        /// 四分位が出せない理由: too_few（値のある団体が半数に満たない）
        #[schema(example = json!(null))]
        spread_reason: Option<NoSpread>,
        /// 団体ごとの値の度数分布: 0〜100%を bins 等分した区間ごとの団体数。最後の区間は100%を含む。bins を指定しなければ null
        #[schema(example = json!(null), max_items = 100)]
        histogram: Option<Vec<u32>>,
        /// 団体のいちばん低い段階（ライフイベント準備度を団体ごとに見るとき）
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        level_min: Option<u8>,
        /// 不明なものが最も良いときの、いちばん低い段階
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        level_max: Option<u8>,
        /// 図書館を除いた分子（件数を数える定義。以下同じ）
        #[schema(example = json!(null), minimum = 0)]
        numerator_without_library: Option<u64>,
        /// 図書館を除いた分母
        #[schema(example = json!(null), minimum = 0)]
        denominator_without_library: Option<u64>,
        /// 図書館を除いた値（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        value_without_library: Option<Percent>,
        /// 図書館とeLTAXを除いた分子
        #[schema(example = json!(null), minimum = 0)]
        numerator_without_library_eltax: Option<u64>,
        /// 図書館とeLTAXを除いた分母
        #[schema(example = json!(null), minimum = 0)]
        denominator_without_library_eltax: Option<u64>,
        /// 図書館とeLTAXを除いた値（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        value_without_library_eltax: Option<Percent>,
        /// 件数のいちばん多い手続
        #[schema(example = json!(null))]
        heaviest_procedure: Option<String>,
        /// その手続の件数が分母に占める割合（%）
        #[schema(value_type = Option<f64>, example = json!(null))]
        heaviest_share: Option<Percent>,
        /// 注意: one_procedure_dominates（1つの手続が分母の30%を超えるため、ほかの手続の様子をほとんど表さない）
        warning: Option<Warning>,
        /// いつ時点か
        #[schema(example = "2026-11-21")]
        as_of: NaiveDate,
        /// いつ知られていたか
        #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
        known_at: String,
    }
}

impl FigureView {
    pub(super) fn new(figure: &Figure, question: &Computed, grid: &Grid, known_at: &str) -> Self {
        let catalogue = grid.catalogue();
        let part = question.part.map(|part| part.key(catalogue));
        let beside = figure.beside.as_ref();
        let without = beside.map(|beside| beside.without_library);
        let without_both = beside.map(|beside| beside.without_library_eltax);
        let heaviest = beside.and_then(|beside| beside.heaviest);
        let of_usage = question.definition.measures == Measures::Usage;
        let value = figure.tally.value();
        let spread = figure.spread;
        let quartiles = spread.and_then(|spread| spread.quartiles.ok());
        Self {
            definition: question.definition.id,
            version: question.definition.version,
            key: figure.key.code.clone(),
            label: figure.key.label.clone(),
            key2: figure.key2.as_ref().map(|key| key.code.clone()),
            label2: figure.key2.as_ref().map(|key| key.label.clone()),
            part: part.as_ref().map(|part| part.code.clone()),
            part_label: part.map(|part| part.label),
            not_applicable: figure.not_applicable,
            threshold: question.asked_level().map(Level::number),
            fiscal_year: question.year.filter(|_| beside.is_some()).map(FiscalYear::number),
            base: of_usage.then_some(question.base),
            against: question.against,
            basis: question.basis,
            numerator: figure.tally.numerator,
            denominator: figure.tally.denominator,
            unknown: figure.tally.unknown,
            value: value.ok(),
            value_min: figure.tally.value_min(),
            value_max: figure.tally.value_max(),
            reason: value.err(),
            completeness: figure.tally.completeness(),
            q1: quartiles.map(|quartiles| quartiles.q1),
            median: quartiles.map(|quartiles| quartiles.median),
            q3: quartiles.map(|quartiles| quartiles.q3),
            bodies: spread.map(|spread| spread.bodies),
            bodies_in_scope: spread.map(|spread| spread.in_scope),
            spread_reason: spread.and_then(|spread| spread.quartiles.err()),
            histogram: figure.histogram.clone(),
            level_min: figure.lowest.map(|(least, _)| least.number()),
            level_max: figure.lowest.map(|(_, most)| most.number()),
            numerator_without_library: without.map(|tally| tally.numerator),
            denominator_without_library: without.map(|tally| tally.denominator),
            value_without_library: without.and_then(|tally| tally.value().ok()),
            numerator_without_library_eltax: without_both.map(|tally| tally.numerator),
            denominator_without_library_eltax: without_both.map(|tally| tally.denominator),
            value_without_library_eltax: without_both.and_then(|tally| tally.value().ok()),
            heaviest_procedure: heaviest.map(|(procedure, _)| catalogue.procedure(procedure).id.to_string()),
            heaviest_share: heaviest.map(|(_, share)| share),
            warning: beside.filter(|beside| beside.is_dominated()).map(|_| Warning::OneProcedureDominates),
            as_of: grid.as_of(),
            known_at: known_at.to_owned(),
        }
    }
}

documented!(Figures);

/// The values of definitions.
pub(crate) struct Figures {
    pub(super) questions: Vec<Computed>,
    pub(super) by: Grouping,
    pub(super) order: Vec<(SortKey, bool)>,
    pub(super) about: About,
}

impl Question for Figures {
    type Parts = (GroupQuery, ChoiceQuery, BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (group, choice, bodies, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let definition = definition_of_path(address, checks)?;
        let Grouped { definitions, by, order, bins } = group.read(checks, definition);
        let asked = Asked::read((choice, bodies, procedures), checks, grid, apart(by));
        let catalogue = grid.catalogue();
        let questions: Vec<Computed> =
            definitions.iter().flat_map(|definition| asked.of(checks, grid, definition)).collect();
        let questions: Vec<Computed> =
            questions.into_iter().map(|question| Computed { bins, ..question }).collect();
        if let Err(refusal) = by.check_count(catalogue, &questions) {
            checks.refuse("by", refusal);
        }
        Some(Self { questions, by, order, about: asked.about(address) })
    }
}

impl Rows for Figures {
    type Row = FigureView;

    fn answer(self, country: &Country) -> List<FigureView> {
        let (grid, questions) = (Arc::clone(&country.grid), self.questions);
        let mut figures = of_each(&grid, &questions, self.by);
        sort(&mut figures, &self.order, |(_, figure)| figure);
        let known_at = known_at(&grid);
        let view =
            move |(at, figure): &(usize, Figure)| FigureView::new(figure, &questions[*at], &grid, &known_at);
        List::each(figures, view).about(self.about)
    }
}

/// The figures of several questions, side by side.
pub(super) fn of_each(grid: &Grid, questions: &[Computed], by: Grouping) -> Vec<(usize, Figure)> {
    side_by_side(questions.iter().map(|question| compute(grid, question, by)))
}

/// The figures of several definitions, those of one group beside each other: each with the position of its
/// definition.
fn side_by_side(of_definitions: impl Iterator<Item = Vec<Figure>>) -> Vec<(usize, Figure)> {
    let mut figures: Vec<(usize, Figure)> = of_definitions
        .enumerate()
        .flat_map(|(at, figures)| figures.into_iter().map(move |figure| (at, figure)))
        .collect();
    if figures.last().is_some_and(|(at, _)| *at > 0) {
        let mut ranks: HashMap<String, usize> = HashMap::new();
        let code = |key: Option<&Key>| key.map_or("", |key| key.code.as_str()).to_owned();
        let rank = |figure: &Figure, ranks: &mut HashMap<String, usize>| {
            let next = ranks.len();
            *ranks.entry(code(Some(&figure.key)) + "," + &code(figure.key2.as_ref())).or_insert(next)
        };
        figures.sort_by_cached_key(|(_, figure)| rank(figure, &mut ranks));
    }
    figures
}
