//! How many bodies say what.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::{BodyQuery, ProcedureQuery, StatementQuery};
use super::grouping::twice;
use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::municipality::MunicipalityKind;
use crate::domain::procedure::Category;
use crate::domain::readiness::Scale;
use crate::grid::Grid;
use crate::grid::distribution::{Dimension, Place, distribution};
use crate::grid::filter::{DEFAULT_LIST, Prefectures, StatementFilter};
use crate::grid::scope::{self, Apart};

view! {
    /// 分布の1行。集計軸に選ばなかった項目は null
    DistributionView {
        /// 都道府県コード
        #[schema(example = json!(null))]
        prefecture: Option<String>,
        /// 団体の種別
        #[schema(example = json!(null))]
        kind: Option<MunicipalityKind>,
        /// 分野
        #[schema(example = json!(null))]
        category: Option<Category>,
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure: Option<String>,
        /// 接点
        #[schema(example = "online")]
        channel: Option<String>,
        /// システム（表記の揺れは1つにまとめる）。書かれていない行は空文字
        #[schema(example = json!(null))]
        system: Option<String>,
        /// 段階の尺度。段階か接点で数えるときはいつも入る: オンラインの3と窓口の3は別のこと
        #[schema(example = "online")]
        scale: Option<Scale>,
        /// 段階コード: 0〜5、3+（以上）、no_answer、not_applicable、other_body、abolished
        #[schema(example = "3+")]
        level: Option<String>,
        /// 段階コードの名前
        #[schema(example = "オンライン可（範囲未確認）")]
        level_label: Option<String>,
        /// 団体の数
        #[schema(example = 1_500, minimum = 0)]
        bodies: u32,
        /// 行の数（団体×手続×接点）
        #[schema(example = 1_500, minimum = 0)]
        rows: u32,
    }
}

/// Dimensions of a distribution.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ByQuery {
    /// 集計軸（カンマ区切り）: procedure, category, channel, scale, level, system, prefecture, kind。level は尺度ごとに数える
    #[param(max_length = 100, example = "procedure,channel,level")]
    by: Option<String>,
}

fn dimensions(checks: &mut Checks, query: &ByQuery) -> Vec<Dimension> {
    if query.by.is_none() {
        return vec![Dimension::Procedure, Dimension::Channel, Dimension::Level];
    }
    let by: Vec<Dimension> = checks.many("by", &query.by, str::parse);
    if let Some(refusal) = twice(&by) {
        checks.refuse("by", refusal);
    }
    by
}

documented!(Distribution);

/// How many bodies say what.
pub(crate) struct Distribution {
    by: Vec<Dimension>,
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    filter: StatementFilter,
    since: Option<DateTime<Utc>>,
}

impl Question for Distribution {
    type Parts = (ByQuery, BodyQuery, ProcedureQuery, StatementQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (by, bodies, procedures, statements): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let by = dimensions(checks, &by);
        let asked = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue);
        let filter = statements.read(checks, catalogue);
        let since = statements.updated_since(checks);
        let bodies = asked.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked);
        let apart = if by.contains(&Dimension::Kind) { Apart::Kinds } else { Apart::Nothing };
        if let Some((name, refusal)) = scope::mixed(catalogue, &asked, &bodies, apart) {
            checks.refuse(name, refusal);
        }
        let procedures = procedures.select(catalogue, DEFAULT_LIST);
        Some(Self { by, bodies, procedures, filter, since })
    }

    fn needs(&self) -> Needs {
        Needs { changed_since: self.since, ..Needs::default() }
    }
}

impl Rows for Distribution {
    type Row = DistributionView;

    fn answer(self, country: &Country) -> List<DistributionView> {
        let (grid, catalogue) = (&country.grid, country.grid.catalogue());
        let filter = StatementFilter { changed: country.changed.clone(), ..self.filter };
        let asked = |dimension| self.by.contains(&dimension);
        let (places, systems) = distribution(grid, &self.bodies, &self.procedures, &filter, &self.by);
        let name = |place: &Place| place.system.and_then(|ix| systems.name(ix)).map(|name| name.to_string());
        let rows: Vec<DistributionView> = places
            .into_iter()
            .map(|(place, counts)| DistributionView {
                prefecture: asked(Dimension::Prefecture).then(|| format!("{:02}", place.prefecture)),
                kind: MunicipalityKind::at(place.kind).filter(|_| asked(Dimension::Kind)),
                category: Category::at(place.category).filter(|_| asked(Dimension::Category)),
                procedure: asked(Dimension::Procedure)
                    .then(|| catalogue.procedure(place.procedure).id.to_string()),
                channel: asked(Dimension::Channel).then(|| catalogue.channel(place.channel).id.to_string()),
                system: asked(Dimension::System).then(|| name(&place).unwrap_or_default()),
                scale: place.scale,
                level: asked(Dimension::Level).then(|| place.said.code()),
                level_label: place
                    .scale
                    .filter(|_| asked(Dimension::Level))
                    .map(|scale| place.said.label(scale)),
                bodies: counts.bodies,
                rows: counts.rows,
            })
            .collect();
        List::each(rows, DistributionView::clone)
    }
}
