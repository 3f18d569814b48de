//! What every figure is asked: choices, bodies and procedures, and what a definition takes of them.

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::{BodyQuery, ProcedureQuery};
use super::list::About;
use super::parameters::Checks;
use super::question::Address;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::dates::FiscalYear;
use crate::domain::procedure::Category;
use crate::domain::readiness::{Level, Place, Scale};
use crate::domain::text::unknown_code;
use crate::export::wide::CellsOf;
use crate::grid::Grid;
use crate::grid::definition::{
    self, Basis, By, Definition, Measures, NotApplicable, NotApplicableRule, Parts, Through,
};
use crate::grid::filter::{Prefectures, ProcedureFilter};
use crate::grid::question::Question as Computed;
use crate::grid::question::{Against, Base, Part};
use crate::grid::scope::{self, Apart};
use crate::grid::standing::Reads;

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
    /// 定義が複数の結果を持つとき（ライフイベント準備度、デジタル3原則）の1つのコード。all は全部（既定）
    #[param(max_length = 40, example = "all")]
    part: Option<String>,
    /// 件数の年度（件数を数える定義だけ）。latest は、件数のあるいちばん新しい年度（既定）
    #[param(max_length = 10, example = "latest")]
    fiscal_year: Option<String>,
    /// 利用率の母数（利用率だけ）: all（既定）、onlineable（オンラインで申請できる手続だけ）
    #[param(value_type = Option<Base>, inline, example = "all")]
    base: Option<String>,
    /// 段階の上限: scale（既定。しきい値をそのまま当てはめる）、ceiling（法令の上限がしきい値より低い手続は、上限に達していれば数える。オンラインの段階を見る定義だけ）
    #[param(value_type = Option<Against>, inline, example = "scale")]
    against: Option<String>,
}

/// What is asked of a definition, as far as it is the same for each.
#[derive(Clone)]
pub(crate) struct Asked {
    bodies: Vec<BodyIx>,
    scope: Option<String>,
    procedures: ProcedureFilter,
    threshold: Option<Level>,
    basis: Basis,
    not_applicable: Option<NotApplicable>,
    chosen: Option<Chosen>,
    part: Option<String>,
    /// The year that was chosen; the latest otherwise.
    year: Option<FiscalYear>,
    base: Base,
    against: Against,
}

/// What stands for every part, and for the last year that was counted.
const EVERY_PART: &str = "all";
const LATEST: &str = "latest";

/// The channels that a caller chooses, with the parameter and what it says.
#[derive(Clone)]
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
    /// The only list that is asked for; none where there is none, or several.
    pub(crate) fn only_list(&self) -> Option<&str> {
        match self.procedures.lists.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The same over another list.
    pub(crate) fn over(&self, list: &str) -> Self {
        let procedures = ProcedureFilter { lists: vec![list.to_owned()], ..self.procedures.clone() };
        Self { procedures, ..self.clone() }
    }

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
            part: choice.part.filter(|part| part != EVERY_PART),
            year: fiscal_year(checks, &choice.fiscal_year),
            base: checks.one("base", &choice.base, str::parse).unwrap_or(Base::All),
            against: checks.one("against", &choice.against, str::parse).unwrap_or(Against::Scale),
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

    /// The questions to a definition, one to each part; it may not take all that is asked.
    pub(crate) fn of(
        &self,
        checks: &mut Checks,
        grid: &Grid,
        definition: &'static Definition,
    ) -> Vec<Computed> {
        let catalogue = grid.catalogue();
        self.check(checks, catalogue, definition);
        let chosen = self.chosen.as_ref().map(|chosen| chosen.reads);
        let counts = definition.weighs_by_year();
        let procedures = self.procedures.select(catalogue, definition.list);
        let default = Computed::new(definition, catalogue, self.bodies.clone(), procedures);
        let question = Computed {
            reads: definition.through.reads(catalogue, chosen),
            scope: self.scope.clone(),
            threshold: self.threshold.unwrap_or(default.threshold),
            basis: self.basis,
            not_applicable: self.not_applicable,
            year: counts.then(|| self.year.or_else(|| grid.last_counted(&self.bodies))).flatten(),
            base: self.base,
            against: self.against,
            ..default
        };
        match &self.part {
            None => question.to_each_part(catalogue),
            Some(code) => {
                let parts = Part::all(definition, catalogue);
                let found = parts.iter().find(|part| part.key(catalogue).code == *code);
                if found.is_none() {
                    checks.refuse("part", no_such_part(code, definition, catalogue));
                }
                found.map(|part| question.to_part(catalogue, *part)).into_iter().collect()
            }
        }
    }

    /// Whether a definition asks for a level of what is offered online, as it is asked.
    fn has_ceiling(&self, catalogue: &Catalogue, definition: &Definition) -> bool {
        let chosen = self.chosen.as_ref().map(|chosen| chosen.reads);
        let is_online = match definition.through.reads(catalogue, chosen) {
            Reads::Online | Reads::OnlineLive => definition.through != Through::OfPart,
            Reads::Channel(channel) => catalogue.channel(channel).scale == Scale::Online,
            _ => false,
        };
        is_online && !definition.thresholds.is_empty()
    }

    /// Notes what the definition does not take.
    fn check(&self, checks: &mut Checks, catalogue: &Catalogue, definition: &'static Definition) {
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
        if let Some(year) = self.year.filter(|_| !definition.weighs_by_year()) {
            let taking = Definition::weighs_by_year;
            checks.refuse(
                "fiscal_year",
                not_taken("fiscal_year", &year.number().to_string(), definition, taking),
            );
        }
        if self.against == Against::Ceiling && !self.has_ceiling(catalogue, definition) {
            let taking = |definition: &Definition| self.has_ceiling(catalogue, definition);
            checks.refuse("against", not_taken("against", self.against.code(), definition, taking));
        }
        if self.base != Base::All && definition.measures != Measures::Usage {
            let taking = |definition: &Definition| definition.measures == Measures::Usage;
            checks.refuse("base", not_taken("base", self.base.code(), definition, taking));
        }
    }
}

/// The fiscal year that is chosen; none stands for the last that was counted.
pub(super) fn fiscal_year(checks: &mut Checks, said: &Option<String>) -> Option<FiscalYear> {
    let said = said.clone().filter(|year| year != LATEST);
    let number = checks.integer("fiscal_year", &said, 1950, 2100)?;
    i32::try_from(number).ok().and_then(|number| FiscalYear::new(number).ok())
}

/// A parameter that only some definitions take.
fn not_taken(
    name: &str,
    value: &str,
    definition: &Definition,
    taking: impl Fn(&Definition) -> bool,
) -> Refusal {
    let those: Vec<&str> =
        definition::DEFINITIONS.iter().filter(|other| taking(other)).map(|other| other.id).collect();
    Refusal::new(
        "not_of_this_definition",
        value,
        format!("{} では {name} を使いません。使うのは {} です", definition.name_ja, those.join("、")),
        format!("{} does not take {name}; {} do", definition.id, those.join(", ")),
    )
    .allowed(format!("{name} を指定しない"))
}

fn no_such_part(code: &str, definition: &Definition, catalogue: &Catalogue) -> Refusal {
    let keys: Vec<String> =
        Part::all(definition, catalogue).iter().map(|part| part.key(catalogue).code).collect();
    if keys.is_empty() {
        return not_taken("part", code, definition, |definition| definition.parts != Parts::One);
    }
    let known: Vec<&str> = keys.iter().map(String::as_str).chain([EVERY_PART]).collect();
    unknown_code(code, "内訳", "part of this definition", &known)
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
    let allowed =
        if allowed.is_empty() { "threshold を指定しない".to_owned() } else { allowed.join(", ") };
    Refusal::new(
        "threshold",
        &level.to_string(),
        format!("{} のしきい値に選べません", definition.name_ja),
        format!("{} does not take this threshold", definition.id),
    )
    .allowed(allowed)
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
