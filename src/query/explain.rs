//! The rows behind a figure.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::{Asked, ChoiceQuery, definition_of_path};
use super::filters::{BodyQuery, ProcedureQuery};
use super::list::{About, List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::readiness::Level;
use crate::grid::definition::{self, Definition, NotApplicable, Outcome, Reason, Unit};
use crate::grid::explain::{self, BodyExplanation, CellExplanation, Included, MeasuredExplanation};
use crate::grid::question::Question as Computed;
use crate::grid::scope::Apart;
use crate::grid::{Grid, sentences, set_aside};

/// Which rows of an explanation.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct IncludedQuery {
    /// 分子に数えるか: true（数える）、false（数えない・分母からも除く）、unknown（不明）。カンマ区切りで複数
    #[param(max_length = 50, example = "true,false,unknown")]
    included: Option<String>,
    /// 比べる、ほかの定義のID（カンマ区切り。手続を数える定義どうし）。指定すると、定義によって数えるかどうかが違う行だけを、定義を並べて返す
    #[param(max_length = 200, example = "online_rate")]
    compare: Option<String>,
}

view! {
    /// 指標の1行の説明
    ExplanationView {
        /// 定義のID
        #[schema(example = "online_rate")]
        definition: &'static str,
        /// 定義の版
        #[schema(example = 2, minimum = 1)]
        version: u32,
        /// 団体コード
        #[schema(example = "142042", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 都道府県名
        #[schema(example = "神奈川県")]
        prefecture_name: String,
        /// 団体名
        #[schema(example = "鎌倉市")]
        municipality_name: String,
        /// 手続ID。団体を数える定義では null
        #[schema(example = "kosodate-01")]
        procedure_id: Option<String>,
        /// 手続の名称
        #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
        procedure_name: Option<String>,
        /// 定義が複数の結果を持つときの、その1つ（ライフイベント、原則）のコード
        #[schema(example = json!(null))]
        part: Option<String>,
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// 分子に数えるか
        #[schema(example = false)]
        included: bool,
        /// 分母に数えるか
        #[schema(example = true)]
        in_denominator: bool,
        /// 数えるべきか不明か
        #[schema(example = false)]
        unknown: bool,
        /// この行の重み。人口を数える定義では団体の人口（2020年国勢調査）、件数を数える定義では総件数、ほかは1
        #[schema(example = 1, minimum = 0)]
        weight: u64,
        /// 重みのうち分子に数える分。利用率ではうちオンラインの件数、ほかは数えるなら重みと同じ
        #[schema(example = 0, minimum = 0)]
        counted: u64,
        /// 理由
        reason: Reason,
        /// 判断した接点
        #[schema(example = json!(null))]
        channel: Option<String>,
        /// 判断した段階
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        level: Option<u8>,
        /// 「少なくともこの段階」か
        #[schema(example = false)]
        at_least: bool,
        /// 自宅・近場・窓口のうち満たす場所の数（オムニチャネル充足率だけ）
        #[schema(example = json!(null), minimum = 0, maximum = 3)]
        places: Option<u8>,
        /// 目標日からの遅れ（日。遅れ・速度だけ）。早ければ負。目標日がこれからか、なければ null
        #[schema(example = json!(null))]
        slip_days: Option<i64>,
        /// 団体を数える定義で、足りない手続
        #[schema(max_items = 500, example = json!([]))]
        missing: Vec<String>,
        /// 1つでもあればよい団体の定義で、条件を満たす手続
        #[schema(max_items = 500, example = json!([]))]
        counting: Vec<String>,
        /// ほかの申告が優先され、使わなかった申告・公表値（出所:接点:段階、手続全体については 出所:applicability:該当性）
        #[schema(max_items = 50, example = json!([]))]
        set_aside: Vec<String>,
        /// 説明
        #[schema(example = "マイナポータル以外の手段だけが申告されているため、この定義では数えません。")]
        sentence: String,
        /// 説明（英語）
        #[schema(example = "Not counted by this definition: only other channels than Mynaportal are stated.")]
        sentence_en: String,
    }
}

/// One row behind a figure, of whichever unit.
enum Item {
    Cell(NotApplicable, CellExplanation),
    Body(NotApplicable, BodyExplanation),
    Measured(NotApplicable, MeasuredExplanation),
}

impl Item {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Cell(_, row) => row.outcome,
            Self::Body(_, row) => row.outcome,
            Self::Measured(_, row) => row.measured.outcome,
        }
    }

    /// Whose row it is.
    fn key(&self) -> (BodyIx, Option<ProcedureIx>) {
        match self {
            Self::Cell(_, row) => (row.body, Some(row.procedure)),
            Self::Body(_, row) => (row.body, None),
            Self::Measured(_, row) => (row.body, Some(row.procedure)),
        }
    }
}

impl ExplanationView {
    fn new(grid: &Grid, question: &Computed, item: &Item) -> Self {
        let catalogue = grid.catalogue();
        let municipality = |body| catalogue.body(body);
        let (Item::Cell(treatment, _) | Item::Body(treatment, _) | Item::Measured(treatment, _)) = item;
        let (treatment, outcome, (body, _)) = (*treatment, item.outcome(), item.key());
        let weight = match (item, question.definition.unit) {
            (Item::Measured(_, row), _) => row.measured.weight,
            (_, Unit::Inhabitants) => u64::from(municipality(body).population.unwrap_or(0)),
            _ => 1,
        };
        let counted = match item {
            Item::Measured(_, row) => row.measured.counted,
            _ if matches!(outcome, Outcome::Yes(_)) => weight,
            _ => 0,
        };
        let municipality = municipality(body);
        let id = |procedure| catalogue.procedure(procedure).id.to_string();
        let empty = Self {
            definition: question.definition.id,
            version: question.definition.version,
            municipality_code: municipality.code.to_string(),
            prefecture_name: municipality.prefecture_name.clone(),
            municipality_name: municipality.name.clone(),
            procedure_id: None,
            procedure_name: None,
            part: question.part.map(|part| part.key(catalogue).code),
            not_applicable: treatment,
            included: matches!(outcome, Outcome::Yes(_)),
            in_denominator: !matches!(outcome, Outcome::Out(_)),
            unknown: matches!(outcome, Outcome::Unknown(_)),
            weight,
            counted,
            reason: outcome.reason(),
            channel: None,
            level: None,
            at_least: false,
            places: None,
            slip_days: None,
            missing: Vec::new(),
            counting: Vec::new(),
            set_aside: Vec::new(),
            sentence: String::new(),
            sentence_en: String::new(),
        };
        let said = match item {
            Item::Cell(_, row) => sentences::of_cell(grid, question, row),
            Item::Body(_, row) => sentences::of_body(catalogue, row),
            Item::Measured(_, row) => sentences::of_measured(grid, question, row),
        };
        let empty = Self { sentence: said.ja, sentence_en: said.en, ..empty };
        match item {
            Item::Cell(_, row) => {
                let procedure = catalogue.procedure(row.procedure);
                Self {
                    procedure_id: Some(procedure.id.to_string()),
                    procedure_name: Some(procedure.name_ja.clone()),
                    channel: row.channel.map(|channel| catalogue.channel(channel).id.to_string()),
                    level: row.level.map(Level::number),
                    at_least: row.at_least,
                    places: row.places,
                    set_aside: explain::set_aside_of(grid, question, row)
                        .iter()
                        .map(|one| set_aside::word_code(catalogue, &one.word))
                        .collect(),
                    ..empty
                }
            }
            Item::Measured(_, row) => {
                let procedure = catalogue.procedure(row.procedure);
                Self {
                    procedure_id: Some(procedure.id.to_string()),
                    procedure_name: Some(procedure.name_ja.clone()),
                    channel: row.item.cell().map(|(channel, _)| catalogue.channel(channel).id.to_string()),
                    level: row.item.cell().map(|(_, level)| level.number()),
                    slip_days: match row.item {
                        explain::Item::Plan(planned) => planned.slip(grid.as_of()),
                        _ => None,
                    },
                    ..empty
                }
            }
            Item::Body(_, row) => Self {
                missing: row.missing.iter().map(|(procedure, _)| id(*procedure)).collect(),
                counting: row.counting.iter().map(|procedure| id(*procedure)).collect(),
                ..empty
            },
        }
    }
}

documented!(Explanation);

/// The rows behind a figure.
pub(crate) struct Explanation {
    questions: Vec<Computed>,
    included: Vec<Included>,
    /// Only rows that not all of the definitions count.
    differing: bool,
    about: About,
}

impl Question for Explanation {
    type Parts = (IncludedQuery, ChoiceQuery, BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (included, choice, bodies, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let definition = definition_of_path(address, checks)?;
        let compared = checks.many("compare", &included.compare, definition::find);
        let others: Vec<&Definition> =
            compared.into_iter().filter(|other| other.id != definition.id).collect();
        let all = std::iter::once(definition).chain(others.iter().copied());
        let of_rows = |one: &&Definition| one.unit == Unit::Cells;
        if let Some(other) = all.clone().find(|one| !others.is_empty() && !of_rows(one)) {
            checks.refuse("compare", no_rows(other));
        }
        let differing = !others.is_empty();
        let included: Vec<Included> = checks.many("included", &included.included, str::parse);
        let asked = Asked::read((choice, bodies, procedures), checks, grid, Apart::Bodies);
        let questions = all.flat_map(|definition| asked.of(checks, grid, definition)).collect();
        Some(Self { questions, included, differing, about: asked.about(address) })
    }
}

impl Rows for Explanation {
    type Row = ExplanationView;

    fn answer(self, country: &Country) -> List<ExplanationView> {
        let (grid, questions) = (Arc::clone(&country.grid), self.questions);
        let of_question = |(at, question)| items(&grid, question).into_iter().map(move |item| (at, item));
        let mut items: Vec<(usize, Item)> = questions.iter().enumerate().flat_map(of_question).collect();
        if self.differing {
            let results: usize = questions.iter().map(|question| question.treatments().len()).sum();
            keep_differing(&mut items, results);
        }
        let asked =
            |item: &Item| self.included.is_empty() || self.included.contains(&item.outcome().included());
        items.retain(|(_, item)| asked(item));
        let view = move |(at, item): &(usize, Item)| ExplanationView::new(&grid, &questions[*at], item);
        List::each(items, view).about(self.about)
    }
}

fn no_rows(definition: &Definition) -> Refusal {
    let those: Vec<&str> = definition::DEFINITIONS
        .iter()
        .filter(|other| other.unit == Unit::Cells)
        .map(|other| other.id)
        .collect();
    Refusal::new(
        "not_of_rows",
        definition.id,
        format!("{} は手続を1つずつ数えないため、行を比べられません", definition.name_ja),
        format!("{} does not count procedures one by one", definition.id),
    )
    .allowed(those.join(", "))
}

/// Leaves the rows that some of so many results count and others do not, those of one procedure beside each
/// other.
fn keep_differing(items: &mut Vec<(usize, Item)>, results: usize) {
    let mut counted: BTreeMap<(BodyIx, Option<ProcedureIx>), usize> = BTreeMap::new();
    for (_, item) in &*items {
        *counted.entry(item.key()).or_default() += usize::from(matches!(item.outcome(), Outcome::Yes(_)));
    }
    items.retain(|(_, item)| counted.get(&item.key()).is_some_and(|count| (1..results).contains(count)));
    items.sort_by_key(|(at, item)| (item.key(), *at));
}

/// The rows of a question.
fn items(grid: &Grid, question: &Computed) -> Vec<Item> {
    let mut items = Vec::new();
    for treatment in question.treatments() {
        match question.definition.unit {
            Unit::Cells => {
                let rows = explain::cells(grid, question, treatment);
                items.extend(rows.map(|row| Item::Cell(treatment, row)));
            }
            Unit::Applications | Unit::Statements | Unit::Plans => {
                let rows = explain::measured(grid, question, treatment);
                items.extend(rows.map(|row| Item::Measured(treatment, row)));
            }
            Unit::Bodies | Unit::Inhabitants => {
                let rows = explain::bodies(grid, question, treatment);
                items.extend(rows.map(|row| Item::Body(treatment, row)));
            }
        }
    }
    items
}
