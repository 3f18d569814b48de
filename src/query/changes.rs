//! What became different between two moments.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::{BodyQuery, ProcedureQuery};
use super::list::{About, List, view};
use super::moment::{Moment, day, known};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::FIRST_DAY;
use crate::domain::readiness::State;
pub(crate) use crate::grid::changes::ChangeKind;
use crate::grid::changes::{Changed, between};
use crate::grid::filter::{DEFAULT_LIST, Prefectures};
use crate::grid::moment::Known;
use crate::grid::{Cell, Grid, scope};

/// So many days lie between the moments where none is said.
const A_YEAR: u64 = 365;

view! {
    /// 変化の1行
    ChangeView {
        /// 変化
        change: ChangeKind,
        /// 変化の名前
        #[schema(example = "上がった")]
        change_label: &'static str,
        /// 団体コード
        #[schema(example = "082333", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 都道府県名
        #[schema(example = "茨城県")]
        prefecture_name: String,
        /// 団体名
        #[schema(example = "行方市")]
        municipality_name: String,
        /// 手続ID
        #[schema(example = "hisaisha-01")]
        procedure_id: String,
        /// 手続の名称
        #[schema(example = "罹災証明書の発行申請")]
        procedure_name: String,
        /// 接点。手続全体についてなら null
        #[schema(example = "mynaportal")]
        channel: Option<String>,
        /// 前の段階（3+ は「3以上」）
        #[schema(example = "2")]
        level_before: Option<String>,
        /// 後の段階
        #[schema(example = "4")]
        level_after: Option<String>,
        /// 前の状態
        state_before: Option<State>,
        /// 後の状態
        state_after: Option<State>,
        /// 後の申告の適用日、または確認日
        #[schema(example = "2026-04-01")]
        on: Option<NaiveDate>,
        /// 後の申告のシステム
        #[schema(example = json!(null))]
        system: Option<String>,
    }
}

/// From when, and which changes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangeQuery {
    /// いつからの変化か（日本の日付。既定は as_of の365日前）
    #[param(value_type = Option<String>, format = Date, max_length = 10, example = "2025-03-31")]
    from: Option<String>,
    /// 前の時点を、いつまでに記録されたことで見るか（既定は known_at と同じ）
    #[param(max_length = 40, example = "2025-03-31T17:00:00+09:00")]
    from_known_at: Option<String>,
    /// 変化（カンマ区切り）: risen, fallen, appeared, vanished, not_performed, performed_again, confirmed
    #[param(
        max_length = 100,
        example = "risen,fallen,appeared,vanished,not_performed,performed_again,confirmed"
    )]
    change: Option<String>,
}

/// The day with which a day is compared unless another is said.
pub(crate) fn a_year_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(A_YEAR)).unwrap_or(FIRST_DAY)
}

documented!(Changes);

/// What became different.
pub(crate) struct Changes {
    earlier: Moment,
    kinds: Vec<ChangeKind>,
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    scope: Option<String>,
}

impl Question for Changes {
    type Parts = (ChangeQuery, BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;
    /// It goes through two whole countries.
    const MORE_READS: u32 = 20;

    fn read(
        (changes, bodies, procedures): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let from = checks.one("from", &changes.from, day);
        if let Some(refusal) = from.and_then(|from| not_before(from, grid.as_of())) {
            checks.refuse("from", refusal);
        }
        let known_at =
            checks.one("from_known_at", &changes.from_known_at, |text| known(text, grid.known_at()));
        let kinds = checks.many("change", &changes.change, str::parse);
        let asked = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue).select(catalogue, DEFAULT_LIST);
        let bodies = asked.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked);
        let known_then = match grid.moment().known {
            Known::At(then) => Some(then),
            Known::Now | Known::Before(_) => None,
        };
        let earlier = Moment {
            as_of: Some(from.unwrap_or(a_year_before(grid.as_of()))),
            known_at: known_at.or(known_then),
        };
        let scope = scope::name(catalogue, &asked, &bodies);
        Some(Self { earlier, kinds, bodies, procedures, scope })
    }

    fn needs(&self) -> Needs {
        Needs { earlier: Some(self.earlier), ..Needs::default() }
    }
}

fn not_before(from: NaiveDate, as_of: NaiveDate) -> Option<Refusal> {
    let refusal = || {
        Refusal::new(
            "from_after_as_of",
            &from.to_string(),
            format!("from は as_of（{as_of}）より前の日にしてください"),
            format!("from must lie before as_of ({as_of})"),
        )
        .allowed(format!("{FIRST_DAY} から {as_of} の前日まで"))
    };
    (from >= as_of).then(refusal)
}

impl Changes {
    /// The earlier of its two moments.
    pub(super) fn earlier(&self) -> Moment {
        self.earlier
    }

    /// What the bodies that it is about are called; none where they are those of the country.
    pub(super) fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// What became different.
    pub(super) fn found(&self, country: &Country) -> Vec<Changed> {
        let earlier = country.earlier.as_ref().unwrap_or(&country.grid);
        let mut found = between(earlier, &country.grid, &self.bodies, &self.procedures);
        found.retain(|row| self.kinds.is_empty() || self.kinds.contains(&row.change));
        found
    }
}

impl Rows for Changes {
    type Row = ChangeView;

    fn answer(self, country: &Country) -> List<ChangeView> {
        let grid = Arc::clone(&country.grid);
        let found = self.found(country);
        let about = About { scope: self.scope, bodies: Some(self.bodies.len()), ..About::default() };
        List::each(found, move |changed| view(&grid, changed)).about(about)
    }
}

fn view(grid: &Grid, changed: &Changed) -> ChangeView {
    let catalogue = grid.catalogue();
    let (body, procedure) = (catalogue.body(changed.body), catalogue.procedure(changed.procedure));
    let level = |cell: &Option<Cell>| cell.as_ref().map(|cell| cell.level.said_code(cell.at_least));
    let state = |cell: &Option<Cell>| cell.as_ref().map(|cell| cell.state);
    ChangeView {
        change: changed.change,
        change_label: changed.change.label(),
        municipality_code: body.code.to_string(),
        prefecture_name: body.prefecture_name.clone(),
        municipality_name: body.name.clone(),
        procedure_id: procedure.id.to_string(),
        procedure_name: procedure.name_ja.clone(),
        channel: changed.channel.map(|channel| catalogue.channel(channel).id.to_string()),
        level_before: level(&changed.before),
        level_after: level(&changed.after),
        state_before: state(&changed.before),
        state_after: state(&changed.after),
        on: changed.after.as_ref().map(Cell::said_on),
        system: changed.after.as_ref().and_then(|cell| cell.system.as_deref().map(str::to_owned)),
    }
}
