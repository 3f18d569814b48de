//! Everything ever said of one row.

use chrono::NaiveDate;

use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use crate::domain::access::Role;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{AssertionKind, Fact};
use crate::domain::dates::{Precision, in_japan};
use crate::domain::log::{PastStatement, Spot};
use crate::domain::position::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::readiness::{Evidence, Source, State};
use crate::grid::Grid;

view! {
    /// 1つの行について述べられたこと
    PastStatementView {
        /// 記録の番号
        #[schema(example = 87_050, minimum = 1)]
        revision: i64,
        /// 記録の種類
        kind: AssertionKind,
        /// 出所
        source: Source,
        /// 適用日（この日から）
        #[schema(example = "2026-04-01")]
        effective_on: NaiveDate,
        /// 適用日の精度
        effective_precision: Precision,
        /// 記録された時刻
        #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
        recorded_at: String,
        /// 段階
        #[schema(example = 4, minimum = 0, maximum = 5)]
        level: Option<u8>,
        /// 「少なくともこの段階」とだけ分かる
        #[schema(example = false)]
        at_least: Option<bool>,
        /// 状態
        state: Option<State>,
        /// 根拠
        evidence: Option<Evidence>,
        /// システム
        #[schema(example = json!(null))]
        system: Option<String>,
        /// URL
        #[schema(example = json!(null))]
        url: Option<String>,
        /// 担当課
        #[schema(example = json!(null))]
        section: Option<String>,
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String>,
        /// 目標段階
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        target_level: Option<u8>,
        /// 目標日
        #[schema(example = json!(null))]
        target_on: Option<NaiveDate>,
        /// 目標日の精度
        target_precision: Option<Precision>,
        /// 該当性（手続全体について述べたとき）
        applicability: Option<Applicability>,
        /// 該当性の理由
        #[schema(example = json!(null))]
        applicability_reason: Option<String>,
        /// 述べた人の役割。名前は出しません
        role: Role,
        /// 述べた人の都道府県
        #[schema(example = json!(null), pattern = r"^\d{2}$")]
        by_prefecture: Option<String>,
        /// 述べた人の団体
        #[schema(example = "082333", pattern = r"^\d{6}$")]
        by_municipality: Option<String>,
        /// 取込の番号（ファイルから入ったとき）
        #[schema(example = json!(null), minimum = 1)]
        import_id: Option<i64>,
        /// そのファイルの行
        #[schema(example = json!(null), minimum = 1)]
        line: Option<i64>,
        /// 取込が元に戻され、もう数えないか
        #[schema(example = false)]
        taken_back: bool,
        /// 元に戻された時刻
        #[schema(example = json!(null), format = DateTime)]
        taken_back_at: Option<String>,
    }
}

impl PastStatementView {
    /// As it is told.
    pub(crate) fn new(past: &PastStatement) -> Self {
        let (said, by) = (&past.assertion, past.by);
        let value = match &said.stated.fact {
            Fact::Readiness(value) => Some(value),
            Fact::Applicability { .. } | Fact::Withdrawn => None,
        };
        let (applicability, reason) = match &said.stated.fact {
            Fact::Applicability { value, reason } => (Some(*value), reason.as_deref()),
            Fact::Readiness(_) | Fact::Withdrawn => (None, None),
        };
        let target = value.and_then(|value| value.target);
        let target_on = target.and_then(|target| target.on);
        Self {
            revision: said.stated.seq,
            kind: said.kind,
            source: said.key.source,
            effective_on: said.stated.effective.on,
            effective_precision: said.stated.effective.precision,
            recorded_at: in_japan(said.stated.recorded_at).to_rfc3339(),
            level: value.map(|value| value.level.number()),
            at_least: value.map(|value| value.at_least),
            state: value.map(|value| value.state),
            evidence: value.map(|value| value.evidence),
            system: value.and_then(|value| value.system.as_deref()).map(str::to_owned),
            url: value.and_then(|value| value.url.as_deref()).map(str::to_owned),
            section: value.and_then(|value| value.section.as_deref()).map(str::to_owned),
            note: value.and_then(|value| value.note.as_deref()).map(str::to_owned),
            target_level: target.map(|target| target.level.number()),
            target_on: target_on.map(|day| day.on),
            target_precision: target_on.map(|day| day.precision),
            applicability,
            applicability_reason: reason.map(str::to_owned),
            role: by.role,
            by_prefecture: by.prefecture.map(|code| code.to_string()),
            by_municipality: by.municipality.map(|code| code.to_string()),
            import_id: said.import_id,
            line: said.line,
            taken_back: past.taken_back_at.is_some(),
            taken_back_at: past.taken_back_at.map(|at| in_japan(at).to_rfc3339()),
        }
    }
}

documented!(RowHistory);

/// Everything ever said of a row, by either source.
pub(crate) struct RowHistory {
    body: BodyIx,
    procedure: ProcedureIx,
    channel: Option<ChannelIx>,
}

impl Question for RowHistory {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read((): (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        let catalogue = grid.catalogue();
        let body = checks.path("code", catalogue.find_body(address.named("code")));
        let procedure = checks.path("procedure", catalogue.find_procedure(address.named("procedure")));
        let channel = match address.named("channel") {
            "" => Some(None),
            id => checks.path("channel", catalogue.find_channel(id)).map(Some),
        };
        Some(Self { body: body?, procedure: procedure?, channel: channel? })
    }

    fn needs(&self) -> Needs {
        let Self { body, procedure, channel } = *self;
        Needs { past_of: Some(Spot { body, procedure, channel, source: Source::Own }), ..Needs::default() }
    }
}

impl Rows for RowHistory {
    type Row = PastStatementView;

    fn answer(self, country: &Country) -> List<PastStatementView> {
        List::each(country.past.to_vec(), PastStatementView::new).whole()
    }
}
