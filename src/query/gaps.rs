//! What a body may do next.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::ProcedureQuery;
use super::list::{About, List, view};
use super::municipalities::body_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, MaterialOf, Needs, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::material::MaterialKind;
use crate::domain::readiness::Level;
use crate::grid::filter::DEFAULT_LIST;
pub(crate) use crate::grid::gaps::GapKind;
use crate::grid::gaps::{self, Among, Gap};
use crate::grid::hours::HandlingTimes;
use crate::grid::tally::Percent;
use crate::grid::{Applications, Grid, peers};

/// So many peers are named.
const NAMED: usize = 5;
/// So many systems are named.
const SYSTEMS: usize = 5;

view! {
    /// 次にすること
    GapView {
        /// 種類
        gap: GapKind,
        /// 種類の名前
        #[schema(example = "類似団体の半数以上がオンライン")]
        gap_label: &'static str,
        /// 手続ID
        #[schema(example = "hisaisha-01")]
        procedure_id: String,
        /// 手続の名称
        #[schema(example = "罹災証明書の発行申請")]
        procedure_name: String,
        /// 接点（接点についてのとき）
        #[schema(example = json!(null))]
        channel: Option<String>,
        /// 今の段階（3+ は「3以上」）。申告がなければ null
        #[schema(example = "0")]
        level: Option<String>,
        /// 目標の段階、窓口の段階、または国の公表値
        #[schema(example = json!(null))]
        other_level: Option<String>,
        /// 目標日、最後の確認日、または公表値の時点
        #[schema(example = json!(null))]
        on: Option<NaiveDate>,
        /// 件数の年度（利用についてのとき。件数のあるいちばん新しい年度）
        #[schema(example = json!(null), minimum = 1950, maximum = 2100)]
        fiscal_year: Option<i32>,
        /// その年度の総件数
        #[schema(example = json!(null), minimum = 0)]
        applications: Option<u64>,
        /// うちオンラインの件数
        #[schema(example = json!(null), minimum = 0)]
        online_applications: Option<u64>,
        /// オンラインになれば1年に減る職員の時間（時間、小数1桁）の下限。団体の窓口とオンラインの処理時間、なければ類似団体のオンラインの処理時間から。件数か時間が分からなければ null
        #[schema(example = json!(null))]
        hours_min: Option<f64>,
        /// その上限
        #[schema(example = json!(null))]
        hours_max: Option<f64>,
        /// オンラインで段階3以上の類似団体の数
        #[schema(example = 21, minimum = 0)]
        peers: u32,
        /// この手続を行っている類似団体の数
        #[schema(example = 32, minimum = 0)]
        peers_in_scope: u32,
        /// その割合（%）
        #[schema(value_type = Option<f64>, example = 65.6)]
        peers_share: Option<Percent>,
        /// 類似団体の使うシステム（多い順、名前:団体数）
        #[schema(max_items = 5, example = json!(["ぴったりサービス:12"]))]
        systems: Vec<String>,
        /// 先に行っている、人口の近い類似団体（団体コード）
        #[schema(max_items = 5, example = json!(["082341"]))]
        examples: Vec<String>,
        /// 何をすればよいか
        #[schema(example = "類似団体32のうち21がオンラインで受け付けています。すでに受け付けている団体に聞いてみてください。")]
        sentence: String,
        /// 何をすればよいか（英語）
        #[schema(example = "Of 32 similar bodies 21 accept it online. Ask those that do.")]
        sentence_en: String,
    }
}

/// Which gaps.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GapQuery {
    /// 種類（カンマ区切りで複数）: G1〜G7
    #[param(max_length = 50, example = "G1,G2,G3,G4,G5,G6,G7")]
    gap: Option<String>,
}

documented!(Gaps);

/// What a body may do next: what saves most hours first, then what most of its peers have done.
pub(crate) struct Gaps {
    body: BodyIx,
    kinds: Vec<GapKind>,
    procedures: Vec<ProcedureIx>,
}

impl Question for Gaps {
    type Parts = (GapQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (gaps, procedures): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let kinds = checks.many("gap", &gaps.gap, str::parse);
        let asked = procedures.read(checks, grid.catalogue());
        let body = body_of_path(address, checks, grid)?;
        Some(Self { body, kinds, procedures: asked.select(grid.catalogue(), DEFAULT_LIST) })
    }

    fn needs(&self) -> Needs {
        let whose = MaterialOf::WithPeers(self.body);
        Needs { material: Some((MaterialKind::HandlingTime, whose)), ..Needs::default() }
    }
}

impl Rows for Gaps {
    type Row = GapView;

    fn answer(self, country: &Country) -> List<GapView> {
        let grid = Arc::clone(&country.grid);
        let peers = peers::of(grid.catalogue(), self.body, grid.as_of());
        let times = HandlingTimes::new(grid.catalogue(), &country.material);
        let mut found = gaps::of(&grid, self.body, &peers, &self.procedures, &times);
        found.retain(|(gap, _)| self.kinds.is_empty() || self.kinds.contains(&gap.kind));
        let name = &grid.catalogue().body(self.body).name;
        let scope = Some(format!("{name}と類似団体{}", peers.bodies.len()));
        let about = About { scope, bodies: Some(1), ..About::default() };
        List::each(found, move |(gap, at)| view(&grid, gap, at)).about(about)
    }
}

fn view(grid: &Grid, gap: &Gap, at: &Among) -> GapView {
    let catalogue = grid.catalogue();
    let procedure = catalogue.procedure(gap.procedure);
    let code = |said: Option<(Level, bool)>| said.map(|(level, at_least)| level.said_code(at_least));
    let have = u32::try_from(at.have.len()).unwrap_or(u32::MAX);
    GapView {
        gap: gap.kind,
        gap_label: gap.kind.label(),
        procedure_id: procedure.id.to_string(),
        procedure_name: procedure.name_ja.clone(),
        channel: gap.channel.map(|channel| catalogue.channel(channel).id.to_string()),
        level: code(gap.level),
        other_level: code(gap.other),
        on: gap.on,
        fiscal_year: gap.usage.map(|(year, _)| year.number()),
        applications: gap.usage.and_then(|(_, applications)| applications.all),
        online_applications: gap.usage.and_then(|(_, applications)| applications.online),
        hours_min: gap.hours.map(|hours| tenths(hours.least)),
        hours_max: gap.hours.map(|hours| tenths(hours.most)),
        peers: have,
        peers_in_scope: at.of,
        peers_share: Percent::of(u64::from(have), u64::from(at.of)),
        systems: at.systems.iter().take(SYSTEMS).map(|(name, count)| format!("{name}:{count}")).collect(),
        examples: at.have.iter().take(NAMED).map(|body| catalogue.body(*body).code.to_string()).collect(),
        sentence: sentence(grid, gap, at),
        sentence_en: sentence_en(grid, gap, at),
    }
}

/// What to do, in English: the same as [`sentence`].
fn sentence_en(grid: &Grid, gap: &Gap, at: &Among) -> String {
    let number = |said: Option<(Level, bool)>| {
        said.map_or_else(
            || "not known".to_owned(),
            |(level, at_least)| format!("{level}{}", if at_least { " or more" } else { "" }),
        )
    };
    let channel = gap.channel.map_or("", |channel| grid.catalogue().channel(channel).label_en.as_str());
    let on = gap.on.map_or_else(String::new, |day| day.to_string());
    let (have, of) = (at.have.len(), at.of);
    let (level, other) = (number(gap.level), number(gap.other));
    match gap.kind {
        GapKind::Missing26 if gap.open => format!(
            "Whether it is accepted on Mynaportal is not known (online at {have} of {of} similar bodies). State it if it is, begin if it is not."
        ),
        GapKind::Missing26 => format!(
            "It is not at level 3 on Mynaportal (online at {have} of {of} similar bodies). Begin to accept it there, or state it if you do."
        ),
        GapKind::PeersHave => format!("Of {of} similar bodies {have} accept it online. Ask those that do."),
        GapKind::LittleUsed => {
            let (year, applications) = gap.usage.unzip();
            let Applications { all, online } = applications.unwrap_or_default();
            format!(
                "Of {} applications in fiscal year {} {} came online. Point to it at the counter and in letters, and look for what makes it hard to fill in.",
                all.unwrap_or(0),
                year.map_or_else(String::new, |year| year.number().to_string()),
                online.unwrap_or(0)
            )
        }
        GapKind::DoubleWork => format!(
            "Online it is at level {level}, at the counter at level {other}. See whether what is made for online can serve the counter."
        ),
        GapKind::Stale => {
            format!("{channel}: not confirmed since {on}. See whether level {level} still holds.")
        }
        GapKind::Overdue => format!(
            "{channel}: the target (level {other} by {on}) has passed and the level is {level}. Put right the state or the day."
        ),
        GapKind::Differs => format!(
            "What the state published ({channel}, level {other}, as of {on}) differs from what the body states (level {level}). See which is right and correct it in the next survey."
        ),
    }
}

fn tenths(number: i64) -> f64 {
    number as f64 / 10.0
}

fn sentence(grid: &Grid, gap: &Gap, at: &Among) -> String {
    let number = |said: Option<(Level, bool)>| {
        said.map_or_else(|| "不明".to_owned(), |(level, at_least)| level.said_number(at_least))
    };
    let channel = gap.channel.map_or("", |channel| grid.catalogue().channel(channel).label_ja.as_str());
    let on = gap.on.map_or_else(String::new, |day| day.to_string());
    let (have, of) = (at.have.len(), at.of);
    match gap.kind {
        GapKind::Missing26 if gap.open => format!(
            "マイナポータルで受け付けているか分かりません（類似団体{of}のうち{have}がオンライン）。受け付けていれば申告し、まだなら始めてください。"
        ),
        GapKind::Missing26 => format!(
            "マイナポータルで段階3以上になっていません（類似団体{of}のうち{have}がオンライン）。マイナポータルでの受付を始めるか、始めていれば申告してください。"
        ),
        GapKind::PeersHave => {
            let first = at.have.first().map(|body| {
                let row = grid.catalogue().body(*body);
                format!("{}{}など、", row.prefecture_name, row.name)
            });
            format!(
                "類似団体{of}のうち{have}がオンラインで受け付けています。{}すでに受け付けている団体に聞いてみてください。",
                first.unwrap_or_default()
            )
        }
        GapKind::LittleUsed => {
            let (year, applications) = gap.usage.unzip();
            let count = |number: Option<u64>| number.unwrap_or(0);
            let Applications { all, online } = applications.unwrap_or_default();
            format!(
                "{}の申請{}件のうちオンラインは{}件です。窓口や通知で案内し、入力しにくい所がないか確かめてください。",
                year.map_or_else(String::new, |year| year.to_string()),
                count(all),
                count(online)
            )
        }
        GapKind::DoubleWork => format!(
            "オンラインは段階{}ですが、窓口は段階{}です。オンラインの入力を窓口でも使えるか確かめてください。",
            number(gap.level),
            number(gap.other)
        ),
        GapKind::Stale => {
            format!(
                "{channel}の状況は {on} から確認されていません。今も段階{}か確かめてください。",
                number(gap.level)
            )
        }
        GapKind::Overdue => format!(
            "{channel}の目標（段階{}、{on}まで）を過ぎ、今は段階{}です。状況か目標日を改めてください。",
            number(gap.other),
            number(gap.level)
        ),
        GapKind::Differs => format!(
            "国の公表値（{channel} 段階{}、{on} 時点）は団体の申告（段階{}）と違います。どちらが正しいか確かめ、次の調査で直してください。",
            number(gap.other),
            number(gap.level)
        ),
    }
}
