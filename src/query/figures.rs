//! Figures: the value of a definition, grouped.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::{BodyQuery, ProcedureQuery};
use super::grouping::{GroupQuery, Grouped, apart};
use super::list::{About, List, known_at, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::procedure::Category;
use crate::domain::readiness::{Level, Place, Scale};
use crate::export::wide::CellsOf;
use crate::grid::Grid;
use crate::grid::definition::{self, Basis, By, Definition, NotApplicable, NotApplicableRule, Through};
use crate::grid::figure::{Figure, SortKey, compute, sort};
use crate::grid::filter::{Prefectures, ProcedureFilter};
use crate::grid::grouping::Grouping;
use crate::grid::question::Key;
use crate::grid::question::Question as Computed;
use crate::grid::scope::{self, Apart};
use crate::grid::standing::Reads;
use crate::grid::tally::{NoSpread, NoValue, Percent};

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
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// しきい値
        #[schema(example = 3, minimum = 0, maximum = 5)]
        threshold: u8,
        /// 集計の基礎
        basis: Basis,
        /// 分子
        #[schema(example = 53_851, minimum = 0)]
        numerator: u32,
        /// 分母
        #[schema(example = 86_691, minimum = 0)]
        denominator: u32,
        /// 分母のうち不明な数
        #[schema(example = 1_741, minimum = 0)]
        unknown: u32,
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
        /// いつ時点か
        #[schema(example = "2026-11-21")]
        as_of: NaiveDate,
        /// いつ知られていたか
        #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
        known_at: String,
    }
}

impl FigureView {
    fn new(figure: &Figure, question: &Computed, as_of: NaiveDate, known_at: &str) -> Self {
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
            not_applicable: figure.not_applicable,
            threshold: question.threshold.number(),
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
            as_of,
            known_at: known_at.to_owned(),
        }
    }
}

/// What a figure is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChoiceQuery {
    /// しきい値（定義が許すもの。既定3）
    #[param(value_type = Option<u8>, minimum = 0, maximum = 5, example = 3)]
    threshold: Option<String>,
    /// 集計の基礎: expected（既定。未回答を不明として分母に残す）または stated
    #[param(value_type = Option<Basis>, inline, example = "expected")]
    basis: Option<String>,
    /// 接点（接点を選べる定義だけ）。online-group と counter-group は、オンラインと窓口の接点すべて
    #[param(max_length = 20, example = "online-group")]
    channel: Option<String>,
    /// 場所（接点を選べる定義だけ）: home, nearby, counter
    #[param(value_type = Option<Place>, inline, example = "home")]
    place: Option<String>,
    /// 制度なしの扱い: excluded または counted
    #[param(value_type = Option<NotApplicable>, inline, example = "counted")]
    not_applicable: Option<String>,
}

/// What is asked of a definition, as far as it is the same for each.
pub(crate) struct Asked {
    bodies: Vec<BodyIx>,
    scope: Option<String>,
    procedures: ProcedureFilter,
    threshold: Option<Level>,
    basis: Basis,
    not_applicable: Option<NotApplicable>,
    chosen: Option<Chosen>,
}

/// The channels that a caller chooses, with the parameter and what it says.
struct Chosen {
    name: &'static str,
    value: String,
    reads: Reads,
}

impl Chosen {
    fn read(choice: &ChoiceQuery, checks: &mut Checks, catalogue: &Catalogue) -> Option<Self> {
        let channel = checks.one("channel", &choice.channel, |text| CellsOf::find(catalogue, text));
        let channel = channel.map(|of| match of {
            CellsOf::Group(Scale::Online) => Reads::OnlineLive,
            CellsOf::Group(Scale::Counter) => Reads::CounterScale,
            CellsOf::Channel(channel) => Reads::Channel(channel),
        });
        let place = checks.one("place", &choice.place, str::parse).map(|place| match place {
            Place::Home => Reads::OnlineLive,
            Place::Nearby => Reads::Nearby,
            Place::Counter => Reads::Counter,
        });
        if let (Some(_), Some(_)) = (channel, place) {
            let value = choice.place.as_deref().unwrap_or_default();
            let refusal = Refusal::new(
                "place",
                value,
                "channel と place は同時に指定できません",
                "channel and place exclude each other",
            );
            checks.refuse("place", refusal.allowed("channel または place のどちらか"));
        }
        let of = |name, value: &Option<String>, reads| {
            Some(Self { name, value: value.clone().unwrap_or_default(), reads: reads? })
        };
        of("channel", &choice.channel, channel).or_else(|| of("place", &choice.place, place))
    }
}

impl Asked {
    /// Reads it, and notes every fault.
    pub(crate) fn read(
        (choice, bodies, procedures): (ChoiceQuery, BodyQuery, ProcedureQuery),
        checks: &mut Checks,
        grid: &Grid,
        apart: Apart,
    ) -> Self {
        let catalogue = grid.catalogue();
        let filter = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue);
        let bodies = filter.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked);
        if let Some((name, refusal)) = scope::mixed(catalogue, &filter, &bodies, apart) {
            checks.refuse(name, refusal);
        }
        Self {
            scope: scope::name(catalogue, &filter, &bodies),
            bodies,
            procedures,
            threshold: checks.one("threshold", &choice.threshold, str::parse),
            basis: checks.one("basis", &choice.basis, str::parse).unwrap_or(Basis::Expected),
            not_applicable: checks.one("not_applicable", &choice.not_applicable, str::parse),
            chosen: Chosen::read(&choice, checks, catalogue),
        }
    }

    /// What figures are about: whom, and what was asked for.
    pub(crate) fn about(&self, address: &Address<'_>) -> About {
        About {
            scope: Some(self.scope.clone().unwrap_or_else(|| By::Nation.label().to_owned())),
            bodies: Some(self.bodies.len()),
            filters: Some(address.query.filters()),
            ..About::default()
        }
    }

    /// The question to a definition, which may not take all that is asked.
    pub(crate) fn of(
        &self,
        checks: &mut Checks,
        catalogue: &Catalogue,
        definition: &'static Definition,
    ) -> Computed {
        if definition.fixed_list {
            within_the_list(checks, catalogue, definition, &self.procedures);
        }
        if let Some(level) = self.threshold.filter(|level| !definition.thresholds.contains(&level.number())) {
            checks.refuse("threshold", other_threshold(level, definition));
        }
        if let (Some(chosen), NotApplicableRule::Always(fixed)) =
            (self.not_applicable, definition.not_applicable)
            && chosen != fixed
        {
            checks.refuse("not_applicable", fixed_treatment(chosen, definition, fixed));
        }
        if let Some(chosen) = &self.chosen
            && !definition.through.takes(catalogue, chosen.reads)
        {
            checks.refuse(chosen.name, fixed_channels(chosen, definition));
        }
        let default = definition.thresholds.first().copied().and_then(Level::new);
        let chosen = self.chosen.as_ref().map(|chosen| chosen.reads);
        Computed {
            definition,
            reads: definition.through.reads(catalogue, chosen),
            scope: self.scope.clone(),
            bodies: self.bodies.clone(),
            procedures: self.procedures.select(catalogue, definition.list),
            threshold: self.threshold.or(default).unwrap_or(Level::THREE),
            basis: self.basis,
            not_applicable: self.not_applicable,
        }
    }
}

/// A definition that counts over one list lets a caller choose within it, and nothing else.
pub(crate) fn within_the_list(
    checks: &mut Checks,
    catalogue: &Catalogue,
    definition: &Definition,
    asked: &ProcedureFilter,
) {
    let list = catalogue.list(definition.list).map_or("", |list| list.name_ja.as_str());
    let members = catalogue.members(definition.list).unwrap_or_default();
    let refusal = |value: &str| {
        Refusal::new(
            "fixed_list",
            value,
            format!("{} は手続一覧 {}（{list}）だけで計算します", definition.name_ja, definition.list),
            format!("{} counts over the list {} only", definition.id, definition.list),
        )
    };
    if !asked.lists.is_empty() {
        checks.refuse("list", refusal(&asked.lists.join(",")).allowed("list を指定しない"));
    }
    let within = format!("{} の手続（/api/v1/lists/{}）", definition.list, definition.list);
    for procedure in asked.procedures.iter().filter(|procedure| !members.contains(procedure)) {
        let id = &catalogue.procedure(*procedure).id;
        checks.refuse("procedure", refusal(id.as_str()).allowed(within.clone()));
    }
    let categories: BTreeSet<Category> =
        members.iter().map(|procedure| catalogue.procedure(*procedure).category).collect();
    for category in asked.categories.iter().filter(|category| !categories.contains(category)) {
        let codes: Vec<&str> = categories.iter().map(|category| category.code()).collect();
        checks.refuse("category", refusal(category.code()).allowed(codes.join(", ")));
    }
}

fn other_threshold(level: Level, definition: &Definition) -> Refusal {
    let allowed: Vec<String> = definition.thresholds.iter().map(u8::to_string).collect();
    Refusal::new(
        "threshold",
        &level.to_string(),
        format!("{} のしきい値に選べません", definition.name_ja),
        format!("{} does not take this threshold", definition.id),
    )
    .allowed(allowed.join(", "))
}

fn fixed_treatment(chosen: NotApplicable, definition: &Definition, fixed: NotApplicable) -> Refusal {
    Refusal::new(
        "not_applicable",
        chosen.code(),
        format!("{} では制度なしの扱いが決まっています", definition.name_ja),
        format!("{} fixes the treatment of procedures not performed", definition.id),
    )
    .allowed(fixed.code())
}

fn fixed_channels(chosen: &Chosen, definition: &Definition) -> Refusal {
    let open: Vec<&str> = definition::DEFINITIONS
        .iter()
        .filter(|definition| definition.through == Through::Chosen)
        .map(|definition| definition.id)
        .collect();
    Refusal::new(
        chosen.name,
        &chosen.value,
        format!("{} では接点が決まっています。接点を選べるのは {} です", definition.name_ja, open.join("、")),
        format!("{} fixes its channels; {} take them", definition.id, open.join(", ")),
    )
    .allowed(format!("{} を指定しない", chosen.name))
}

/// The definition that a path names.
pub(crate) fn definition_of_path(address: &Address<'_>, checks: &mut Checks) -> Option<&'static Definition> {
    checks.path("definition", definition::find(address.named("definition")))
}

documented!(Figures);

/// The values of definitions.
pub(crate) struct Figures {
    questions: Vec<Computed>,
    by: Grouping,
    order: Vec<(SortKey, bool)>,
    about: About,
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
        let Grouped { definitions, by, order } = group.read(checks, definition);
        let asked = Asked::read((choice, bodies, procedures), checks, grid, apart(by));
        let catalogue = grid.catalogue();
        let questions: Vec<Computed> =
            definitions.iter().map(|definition| asked.of(checks, catalogue, definition)).collect();
        if let Err(refusal) = by.check_count(catalogue, &questions) {
            checks.refuse("by", refusal);
        }
        Some(Self { questions, by, order, about: asked.about(address) })
    }
}

impl Rows for Figures {
    type Row = FigureView;

    fn answer(self, country: &Country) -> List<FigureView> {
        let (grid, questions) = (&country.grid, self.questions);
        let mut figures = side_by_side(questions.iter().map(|question| compute(grid, question, self.by)));
        sort(&mut figures, &self.order, |(_, figure)| figure);
        let as_of = grid.as_of();
        let known_at = known_at(grid);
        let view =
            move |(at, figure): &(usize, Figure)| FigureView::new(figure, &questions[*at], as_of, &known_at);
        List::each(figures, view).about(self.about)
    }
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
