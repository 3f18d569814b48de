//! What the lines of an action plan come to, and where they say otherwise than readiness does.

use std::collections::BTreeMap;

use crate::domain::catalogue::BodyIx;
use crate::domain::material::codes::Grade;
use crate::domain::material::{MaterialKind, PastMaterial};
use crate::domain::readiness::Scale;
use crate::grid::Grid;
use crate::grid::tally::Percent;
use crate::query::list::{List, view};
use crate::query::municipalities::body_of_path;
use crate::query::parameters::Checks;
use crate::query::question::{Address, Country, MaterialOf, Needs, Question, Rows, Shape, documented};

view! {
    /// 取組計画のまとめ（1つの計画）
    ActionPlanView {
        /// 計画とその版
        #[schema(example = "DX推進計画 2026年度版")]
        plan: String,
        /// 項目の数
        #[schema(example = 28, minimum = 1)]
        actions: usize,
        /// 評価 A の項目の数
        #[schema(example = 13, minimum = 0)]
        grade_a: usize,
        /// 評価 B の項目の数
        #[schema(example = 7, minimum = 0)]
        grade_b: usize,
        /// 評価 C の項目の数
        #[schema(example = 5, minimum = 0)]
        grade_c: usize,
        /// 評価 D の項目の数
        #[schema(example = 3, minimum = 0)]
        grade_d: usize,
        /// 評価のない項目の数。割合の分母に入れない
        #[schema(example = 0, minimum = 0)]
        ungraded: usize,
        /// 達成率（%）: A と B の項目 ÷ 評価のある項目
        #[schema(value_type = Option<f64>, example = 71.4)]
        reached_percent: Option<Percent>,
        /// 加重達成率（%）: A 100、B 75、C 50、D 25 の平均
        #[schema(value_type = Option<f64>, example = 76.8)]
        weighted_percent: Option<Percent>,
        /// 対象の手続の数（重なりを除く）
        #[schema(example = 26, minimum = 0)]
        procedures: usize,
        /// 対応状況と食い違う項目（項目の番号、手続ID、理由）。A の項目の手続が段階3に届かない、または D の項目の手続がすでに段階3以上
        #[schema(max_items = 20_000)]
        contradictions: Vec<ContradictionView>,
    }
}

view! {
    /// 取組の評価と対応状況の食い違い
    ContradictionView {
        /// 項目の番号
        #[schema(example = "1-2")]
        number: String,
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure_id: String,
        /// 評価
        grade: Grade,
        /// オンラインの最高段階。申告がなければ null
        #[schema(example = 1, minimum = 0, maximum = 5)]
        level: Option<u8>,
        /// 何が食い違うか
        #[schema(example = "評価は A ですが、オンラインは段階1です")]
        text: String,
    }
}

documented!(ActionPlans);

/// The action plans of a body.
pub(crate) struct ActionPlans {
    body: BodyIx,
}

impl Question for ActionPlans {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read((): (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        body_of_path(address, checks, grid).map(|body| Self { body })
    }

    fn needs(&self) -> Needs {
        Needs { material: Some((MaterialKind::Action, MaterialOf::Body(self.body))), ..Needs::default() }
    }
}

impl Rows for ActionPlans {
    type Row = ActionPlanView;

    fn answer(self, country: &Country) -> List<ActionPlanView> {
        let mut plans: BTreeMap<&str, Vec<&PastMaterial>> = BTreeMap::new();
        for row in country.material.iter() {
            plans.entry(row.key.said("plan").unwrap_or_default()).or_default().push(row);
        }
        let rows =
            plans.into_iter().map(|(plan, lines)| summed(plan, &lines, &country.grid, self.body)).collect();
        List::each(rows, ActionPlanView::clone)
    }
}

/// What the lines of a plan come to.
fn summed(plan: &str, lines: &[&PastMaterial], grid: &Grid, body: BodyIx) -> ActionPlanView {
    let graded: Vec<Grade> = lines.iter().filter_map(|line| line.content.code("grade")).collect();
    let of = |grade| graded.iter().filter(|own| **own == grade).count();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let share = |numerator: u64, denominator: u64| Percent::of(numerator, denominator);
    let reached = graded.iter().filter(|grade| grade.is_reached()).count();
    let weight: u64 = graded.iter().map(|grade| grade.weight()).sum();
    let mut procedures: Vec<&String> =
        lines.iter().flat_map(|line| line.content.several("procedures")).collect();
    procedures.sort_unstable();
    procedures.dedup();
    ActionPlanView {
        plan: plan.to_owned(),
        actions: lines.len(),
        grade_a: of(Grade::A),
        grade_b: of(Grade::B),
        grade_c: of(Grade::C),
        grade_d: of(Grade::D),
        ungraded: lines.len() - graded.len(),
        reached_percent: share(count(reached), count(graded.len())),
        weighted_percent: share(weight, count(graded.len()) * 100),
        procedures: procedures.len(),
        contradictions: lines.iter().flat_map(|line| contradictions(line, grid, body)).collect(),
    }
}

/// The least online level at which a procedure is offered.
const OFFERED: u8 = 3;

fn contradictions(line: &PastMaterial, grid: &Grid, body: BodyIx) -> Vec<ContradictionView> {
    let catalogue = grid.catalogue();
    let Some(grade) = line.content.code::<Grade>("grade") else { return Vec::new() };
    let one = |id: &String| {
        let procedure = catalogue.procedure_ix(id)?;
        let cells = grid.block(body).cells_of(procedure).iter().filter(|cell| {
            cell.set_aside_by.is_none() && catalogue.channel(cell.channel).scale == Scale::Online
        });
        let level = cells.map(|cell| cell.level.number()).max();
        let text = match (grade, level) {
            (Grade::A, None) => "評価は A ですが、オンラインの対応状況は申告されていません".to_owned(),
            (Grade::A, Some(level)) if level < OFFERED => {
                format!("評価は A ですが、オンラインは段階{level}です")
            }
            (Grade::D, Some(level)) if level >= OFFERED => {
                format!("評価は D ですが、オンラインはすでに段階{level}です")
            }
            _ => return None,
        };
        let number = line.key.said("number").unwrap_or_default().to_owned();
        Some(ContradictionView { number, procedure_id: id.clone(), grade, level, text })
    };
    line.content.several("procedures").iter().filter_map(one).collect()
}
