//! What a prefecture may do next for its municipalities.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::ProcedureQuery;
use super::list::{About, List, view};
use super::municipalities::prefecture_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::municipality::PrefectureCode;
use crate::grid::Grid;
use crate::grid::filter::{BodyFilter, DEFAULT_LIST, Prefectures};
use crate::grid::prefecture::{self, Behind, Joint, Support};
use crate::grid::tally::Percent;

/// So many systems, and so many of what is listed beside a row, are named.
const NAMED: usize = 5;

view! {
    /// 都道府県の支援の1行
    SupportView {
        /// 支援の種類
        support: Support,
        /// 種類の名前
        #[schema(example = "共同で進める手続")]
        support_label: &'static str,
        /// 手続ID（手続についてのとき）
        #[schema(example = "hisaisha-01")]
        procedure_id: Option<String>,
        /// 手続の名称
        #[schema(example = "罹災証明書の発行申請")]
        procedure_name: Option<String>,
        /// 団体コード（団体についてのとき）
        #[schema(example = json!(null), pattern = r"^\d{6}$")]
        municipality_code: Option<String>,
        /// 団体名
        #[schema(example = json!(null))]
        municipality_name: Option<String>,
        /// まだの数: 手続についてなら団体の数、団体についてなら手続の数。未回答を含む
        #[schema(example = 30, minimum = 0)]
        lacking: u32,
        /// そのうち、未回答などで分からない数
        #[schema(example = 4, minimum = 0)]
        unknown: u32,
        /// 全体の数: その手続を行う県内の団体、またはその団体の行う手続の数
        #[schema(example = 44, minimum = 0)]
        in_scope: u32,
        /// オンラインで段階3以上の割合（%）
        #[schema(value_type = Option<f64>, example = 31.8)]
        value: Option<Percent>,
        /// 比べる値（%）: 手続についてなら全国の割合、団体についてなら同じ人口規模の団体の中央値
        #[schema(value_type = Option<f64>, example = 62.1)]
        compared: Option<Percent>,
        /// 比べる相手
        #[schema(example = "全国")]
        compared_with: String,
        /// まだの団体（団体コード）か手続（手続ID）。人口や一覧の順に5つまで
        #[schema(max_items = 5, example = json!(["082015"]))]
        lacking_examples: Vec<String>,
        /// 先に行っている県内の団体（団体コード）。人口の多い順に5つまで
        #[schema(max_items = 5, example = json!(["082333"]))]
        examples: Vec<String>,
        /// 県内で使われているシステム（多い順、名前:団体数）
        #[schema(max_items = 5, example = json!(["ぴったりサービス:12"]))]
        systems: Vec<String>,
        /// 何をすればよいか
        #[schema(example = "県内44団体のうち30団体でまだです。共同調達や様式の共通化の候補です。")]
        sentence: String,
    }
}

/// Which of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SupportQuery {
    /// 種類（カンマ区切りで複数）: joint, accompany
    #[param(max_length = 30, example = "joint,accompany")]
    support: Option<String>,
}

documented!(Supports);

/// What a prefecture may do next.
pub(crate) struct Supports {
    prefecture: PrefectureCode,
    kinds: Vec<Support>,
    procedures: Vec<ProcedureIx>,
}

impl Question for Supports {
    type Parts = (SupportQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (supports, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let kinds = checks.many("support", &supports.support, str::parse);
        let procedures = procedures.read(checks, catalogue).select(catalogue, DEFAULT_LIST);
        let prefecture = prefecture_of_path(address, checks, catalogue)?;
        Some(Self { prefecture, kinds, procedures })
    }
}

/// One row, before it is written out.
enum Found {
    Joint(Joint),
    Behind(Behind),
}

impl Rows for Supports {
    type Row = SupportView;

    fn answer(self, country: &Country) -> List<SupportView> {
        let grid = Arc::clone(&country.grid);
        let catalogue = grid.catalogue();
        let of = |prefectures: Vec<PrefectureCode>| {
            let filter = BodyFilter { prefectures, ..BodyFilter::default() };
            filter.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked)
        };
        let (here, all) = (of(vec![self.prefecture]), of(Vec::new()));
        let wanted = |kind| self.kinds.is_empty() || self.kinds.contains(&kind);
        let mut found = Vec::new();
        if wanted(Support::Joint) {
            let joint = prefecture::joint(&grid, &here, &all, &self.procedures);
            found.extend(joint.into_iter().map(Found::Joint));
        }
        if wanted(Support::Accompany) {
            let behind = prefecture::behind(&grid, &here, &all, &self.procedures);
            found.extend(behind.into_iter().map(Found::Behind));
        }
        let name = catalogue.prefecture(self.prefecture).map_or("", |row| row.name.as_str());
        let scope = Some(format!("{name} {}団体", here.len()));
        let about = About { scope, bodies: Some(here.len()), ..About::default() };
        let view = move |found: &Found| match found {
            Found::Joint(joint) => of_procedure(&grid, joint),
            Found::Behind(behind) => of_body(&grid, behind),
        };
        List::each(found, view).about(about)
    }
}

fn of_procedure(grid: &Grid, joint: &Joint) -> SupportView {
    let catalogue = grid.catalogue();
    let procedure = catalogue.procedure(joint.procedure);
    let largest = |bodies: &[BodyIx]| {
        let mut bodies = bodies.to_vec();
        bodies.sort_by_key(|body| std::cmp::Reverse(catalogue.body(*body).population));
        let codes = bodies.into_iter().take(NAMED);
        codes.map(|body| catalogue.body(body).code.to_string()).collect::<Vec<_>>()
    };
    let (have, of) = (count(joint.here.have.len()), joint.here.of);
    let (everywhere, performing) = joint.country;
    let lacking = count(joint.lacking.len());
    let way = match joint.here.systems.first() {
        Some((system, bodies)) => {
            format!(
                "県内では{bodies}団体が{system}を使っています。共同で使えるか、使っている団体に聞いてみてください。"
            )
        }
        // What nobody has answered is no work yet.
        None if joint.unknown == joint.lacking.len() => "まず状況を聞いてください。".to_owned(),
        None => "共同調達や様式の共通化の候補です。".to_owned(),
    };
    SupportView {
        support: Support::Joint,
        support_label: Support::Joint.label(),
        procedure_id: Some(procedure.id.to_string()),
        procedure_name: Some(procedure.name_ja.clone()),
        municipality_code: None,
        municipality_name: None,
        lacking,
        unknown: count(joint.unknown),
        in_scope: of,
        value: Percent::of(u64::from(have), u64::from(of)),
        compared: Percent::of(u64::from(everywhere), u64::from(performing)),
        compared_with: "全国".to_owned(),
        lacking_examples: largest(&joint.lacking),
        examples: largest(&joint.here.have),
        systems: joint
            .here
            .systems
            .iter()
            .take(NAMED)
            .map(|(name, count)| format!("{name}:{count}"))
            .collect(),
        sentence: format!(
            "県内{of}団体のうち{lacking}団体でまだです{}。{way}",
            of_these(joint.unknown, "団体")
        ),
    }
}

fn of_body(grid: &Grid, behind: &Behind) -> SupportView {
    let catalogue = grid.catalogue();
    let row = catalogue.body(behind.body);
    let lacking = count(behind.lacking.len());
    let unknown = u32::try_from(behind.tally.unknown).unwrap_or(u32::MAX);
    let id = |procedure: &ProcedureIx| catalogue.procedure(*procedure).id.to_string();
    let band = format!("全国の{}の団体", behind.band.label());
    SupportView {
        support: Support::Accompany,
        support_label: Support::Accompany.label(),
        procedure_id: None,
        procedure_name: None,
        municipality_code: Some(row.code.to_string()),
        municipality_name: Some(row.name.clone()),
        lacking,
        unknown,
        in_scope: count(usize::try_from(behind.tally.denominator).unwrap_or(usize::MAX)),
        value: behind.tally.value().ok(),
        compared: Some(behind.of_band.median),
        compared_with: format!("{band}の中央値"),
        lacking_examples: behind.lacking.iter().take(NAMED).map(id).collect(),
        examples: Vec::new(),
        systems: Vec::new(),
        sentence: format!(
            "{lacking}手続がまだで{}、{band}の下から4分の1（{}%）に届いていません。困りごとを聞き、県内の進んだ団体とつないでください。",
            of_these(usize::try_from(behind.tally.unknown).unwrap_or(usize::MAX), "手続"),
            behind.of_band.q1
        ),
    }
}

/// How many of those before are not known.
fn of_these(unknown: usize, what: &str) -> String {
    if unknown == 0 { String::new() } else { format!("（うち{unknown}{what}は未回答など不明）") }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
