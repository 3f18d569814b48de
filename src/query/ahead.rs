//! What the peers of a body offer online that it does not: with which system, since when, and whom to ask.

use std::sync::Arc;

use chrono::NaiveDate;

use super::filters::ProcedureQuery;
use super::list::{About, List, TextsByNumber, view};
use super::municipalities::body_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::Precision;
use crate::domain::readiness::{Level, Scale, Source, State};
use crate::grid::definition::{self, Definition, NotApplicable, Outcome};
use crate::grid::filter::DEFAULT_LIST;
use crate::grid::question::Question as Computed;
use crate::grid::{Cell, Grid, peers};

view! {
    /// 類似団体がオンラインで受け付け、この団体では段階3に届かない手続
    AheadView {
        /// 手続ID
        #[schema(example = "hisaisha-01")]
        procedure_id: String,
        /// 手続の名称
        #[schema(example = "罹災証明書の発行申請")]
        procedure_name: String,
        /// 類似団体の団体コード
        #[schema(example = "082341", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 都道府県名
        #[schema(example = "茨城県")]
        prefecture_name: String,
        /// 類似団体の団体名
        #[schema(example = "鉾田市")]
        municipality_name: String,
        /// 接点
        #[schema(example = "mynaportal")]
        channel: String,
        /// 段階
        #[schema(example = 4, minimum = 3, maximum = 5)]
        level: u8,
        /// 「少なくともこの段階」とだけ分かる
        #[schema(example = false)]
        at_least: bool,
        /// 状態
        state: State,
        /// システム
        #[schema(example = "ぴったりサービス")]
        system: Option<String>,
        /// いつから（述べられた適用日。国公表値では調査の時点）
        #[schema(example = "2025-04-01")]
        since: NaiveDate,
        /// その精度
        since_precision: Precision,
        /// 出所
        source: Source,
        /// 担当課（問い合わせ先。団体が述べたもの）
        #[schema(example = "税務課")]
        section: Option<String>,
        /// 申請のページ
        #[schema(example = json!(null))]
        url: Option<String>,
    }
}

documented!(Ahead);

/// What the peers of a body have and it does not.
pub(crate) struct Ahead {
    body: BodyIx,
    procedures: Vec<ProcedureIx>,
}

impl Question for Ahead {
    type Parts = (ProcedureQuery,);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (procedures,): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let asked = procedures.read(checks, grid.catalogue());
        let body = body_of_path(address, checks, grid)?;
        Some(Self { body, procedures: asked.select(grid.catalogue(), DEFAULT_LIST) })
    }
}

impl Rows for Ahead {
    type Row = AheadView;

    fn answer(self, country: &Country) -> List<AheadView> {
        let grid = Arc::clone(&country.grid);
        let peers = peers::of(grid.catalogue(), self.body, grid.as_of());
        let online = definition::find("online_rate").unwrap_or(&definition::DEFINITIONS[0]);
        let online = Computed::new(online, grid.catalogue(), Vec::new(), self.procedures);
        let choices = online.choices(grid.catalogue(), NotApplicable::Excluded);
        let has = |body: BodyIx, procedure: ProcedureIx| {
            Definition::judge(grid.block(body).reading(online.reads, procedure), choices)
        };
        let mut rows: Vec<(BodyIx, Cell)> = Vec::new();
        for procedure in online.rows_of(grid.catalogue(), self.body) {
            if !matches!(has(self.body, procedure), Outcome::No(_) | Outcome::Unknown(_)) {
                continue;
            }
            let ahead = peers.bodies.iter().filter(|peer| matches!(has(**peer, procedure), Outcome::Yes(_)));
            rows.extend(ahead.filter_map(|peer| Some((*peer, best(&grid, *peer, procedure)?))));
        }
        let name = &grid.catalogue().body(self.body).name;
        let scope = Some(format!("{name}の類似団体{}", peers.bodies.len()));
        let about = About { scope, bodies: Some(peers.bodies.len()), ..About::default() };
        let number = |(_, cell): &(BodyIx, Cell)| cell.has_texts.then_some(cell.seq);
        List::with_texts(rows, number, move |row, texts| view(&grid, row, texts)).about(about)
    }
}

/// The highest online level of a body that makes it be counted.
fn best(grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> Option<Cell> {
    let catalogue = grid.catalogue();
    let cells = grid.block(body).counting(procedure);
    let online = cells
        .filter(|cell| catalogue.channel(cell.channel).scale == Scale::Online && cell.level >= Level::THREE);
    online.max_by_key(|cell| (cell.level, !cell.at_least)).cloned()
}

fn view(grid: &Grid, (body, cell): &(BodyIx, Cell), texts: &TextsByNumber) -> AheadView {
    let catalogue = grid.catalogue();
    let (peer, procedure) = (catalogue.body(*body), catalogue.procedure(cell.procedure));
    let texts = texts.get(&cell.seq);
    AheadView {
        procedure_id: procedure.id.to_string(),
        procedure_name: procedure.name_ja.clone(),
        municipality_code: peer.code.to_string(),
        prefecture_name: peer.prefecture_name.clone(),
        municipality_name: peer.name.clone(),
        channel: catalogue.channel(cell.channel).id.to_string(),
        level: cell.level.number(),
        at_least: cell.at_least,
        state: cell.state,
        system: cell.system.as_deref().map(str::to_owned),
        since: cell.effective.on,
        since_precision: cell.effective.precision,
        source: cell.source,
        section: texts.and_then(|texts| texts.section.clone()),
        url: texts.and_then(|texts| texts.url.clone()),
    }
}
