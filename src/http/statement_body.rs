//! What a client states: the bodies of the writes, read field by field.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::Fact;
use crate::domain::dates::{Dated, Precision};
use crate::domain::readiness::{Evidence, Plan, Readiness, Source, State, check_address, limits};
use crate::http::body::Fields;
use crate::http::problem::{Kind, Problem};

/// 申告する対応状況。書かなかった項目は「なし」になる
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReadinessBody)]
pub(crate) struct ReadinessBody {
    /// 段階
    #[schema(example = 4, minimum = 0, maximum = 5)]
    pub(crate) level: i64,
    /// 「少なくともこの段階」とだけ分かる（既定は false）
    #[schema(example = false)]
    #[serde(default)]
    pub(crate) at_least: bool,
    /// 状態（既定は live）
    #[schema(value_type = Option<State>)]
    pub(crate) state: Option<String>,
    /// 根拠（既定は declared）
    #[schema(value_type = Option<Evidence>)]
    pub(crate) evidence: Option<String>,
    /// システム
    #[schema(example = "ぴったりサービス", max_length = 100)]
    pub(crate) system: Option<String>,
    /// URL（http または https）
    #[schema(example = "https://example.lg.jp/jido-teate", max_length = 500)]
    pub(crate) url: Option<String>,
    /// 担当課
    #[schema(example = "こども課", max_length = 100)]
    pub(crate) section: Option<String>,
    /// 備考
    #[schema(example = json!(null), max_length = 1000)]
    pub(crate) note: Option<String>,
    /// 目標段階
    #[schema(example = 5, minimum = 0, maximum = 5)]
    pub(crate) target_level: Option<i64>,
    /// 目標日
    #[schema(value_type = Option<NaiveDate>, example = "2027-03-31")]
    pub(crate) target_on: Option<String>,
    /// 目標日の精度（既定は day）
    #[schema(value_type = Option<Precision>)]
    pub(crate) target_precision: Option<String>,
    /// 適用日（既定は今日）
    #[schema(value_type = Option<NaiveDate>, example = "2026-11-21")]
    pub(crate) effective_on: Option<String>,
    /// 適用日の精度（既定は day）
    #[schema(value_type = Option<Precision>)]
    pub(crate) effective_precision: Option<String>,
}

/// 申告する該当性
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApplicabilityBody)]
pub(crate) struct ApplicabilityBody {
    /// 該当性
    #[schema(value_type = Applicability)]
    pub(crate) applicability: String,
    /// 理由
    #[schema(example = "対象施設なし", max_length = 1000)]
    pub(crate) reason: Option<String>,
    /// 出所（既定は own。published は管理者だけ）
    #[schema(value_type = Option<Source>)]
    pub(crate) source: Option<String>,
    /// 適用日（既定は今日）
    #[schema(value_type = Option<NaiveDate>, example = "2026-11-21")]
    pub(crate) effective_on: Option<String>,
    /// 適用日の精度（既定は day）
    #[schema(value_type = Option<Precision>)]
    pub(crate) effective_precision: Option<String>,
}

/// What a body states, read.
pub(crate) struct Said {
    pub(crate) fact: Fact,
    pub(crate) source: Source,
    pub(crate) effective: Option<Dated>,
}

impl ReadinessBody {
    /// Reads it, and tells every fault at once.
    ///
    /// # Errors
    ///
    /// Each field in which something is wrong.
    pub(crate) fn read(&self) -> Result<Said, Problem> {
        let mut fields = Fields::default();
        let level = fields.level("level", self.level);
        if let Some(Err(refusal)) = level.map(|level| level.check_said(self.at_least)) {
            fields.refuse("at_least", refusal);
        }
        let state = fields.text("state", self.state.as_deref(), str::parse::<State>);
        let evidence = fields.text("evidence", self.evidence.as_deref(), str::parse::<Evidence>);
        let evidence = evidence.unwrap_or(Evidence::Declared);
        let system = fields.free("system", self.system.as_deref(), limits::SYSTEM);
        let url = fields.free("url", self.url.as_deref(), limits::URL);
        fields.text("url", url.as_deref(), check_address);
        let section = fields.free("section", self.section.as_deref(), limits::SECTION);
        let note = fields.free("note", self.note.as_deref(), limits::NOTE);
        let target = self.target_level.and_then(|number| fields.level("target_level", number));
        let target_on = fields.dated(
            ("target_on", "target_precision"),
            self.target_on.as_deref(),
            self.target_precision.as_deref(),
        );
        if self.target_level.is_none() && self.target_on.is_some() {
            fields.refuse(
                "target_on",
                Refusal::new(
                    "missing_target_level",
                    self.target_on.as_deref().unwrap_or_default(),
                    "目標日があるのに目標段階がありません",
                    "a target day needs a target level",
                )
                .allowed("0-5"),
            );
        }
        let effective = fields.dated(
            ("effective_on", "effective_precision"),
            self.effective_on.as_deref(),
            self.effective_precision.as_deref(),
        );
        fields.finish()?;
        let level = level.ok_or(Problem::plain(Kind::UNPROCESSABLE))?;
        Ok(Said {
            fact: Fact::Readiness(Readiness {
                level,
                at_least: self.at_least,
                state: state.unwrap_or(State::Live),
                evidence,
                system,
                url,
                note,
                section,
                target: target.map(|level| Plan { level, on: target_on }),
            }),
            source: evidence.source(),
            effective,
        })
    }
}

impl ApplicabilityBody {
    /// Reads it, and tells every fault at once.
    ///
    /// # Errors
    ///
    /// Each field in which something is wrong.
    pub(crate) fn read(&self) -> Result<Said, Problem> {
        let mut fields = Fields::default();
        let value = fields.text("applicability", Some(&self.applicability), str::parse::<Applicability>);
        let source = fields.text("source", self.source.as_deref(), str::parse::<Source>);
        let reason = fields.free("reason", self.reason.as_deref(), limits::NOTE);
        let effective = fields.dated(
            ("effective_on", "effective_precision"),
            self.effective_on.as_deref(),
            self.effective_precision.as_deref(),
        );
        fields.finish()?;
        let value = value.ok_or(Problem::plain(Kind::UNPROCESSABLE))?;
        let fact = Fact::Applicability { value, reason };
        Ok(Said { fact, source: source.unwrap_or(Source::Own), effective })
    }
}
