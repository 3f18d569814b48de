//! Query parameters that choose bodies, procedures and statements.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::moment::time_or_beginning;
use super::parameters::Checks;
use crate::domain::catalogue::Catalogue;
use crate::domain::text::fold_for_search;
use crate::export::wide::CellsOf;
use crate::grid::filter::{BodyFilter, ProcedureFilter, StatementFilter};

/// Most inhabitants that can be asked for.
const MAX_POPULATION: u32 = 100_000_000;
/// Longest time without confirmation that can be asked for, in days.
const MAX_STALE_DAYS: u32 = 36_500;

/// Free text search.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// 検索語（全角・半角、大文字・小文字、ひらがな・カタカナを区別しない）
    #[param(max_length = 100, example = "児童手当")]
    q: Option<String>,
}

impl SearchQuery {
    /// Reads the folded search text.
    pub fn read(&self, checks: &mut Checks) -> Option<String> {
        checks.one("q", &self.q, |text| Ok(fold_for_search(text)))
    }
}

/// Several words to search for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WordsQuery {
    /// 検索語（空白で区切って5語まで。団体の名称・読み・コード・前の名称・区、手続の名称・読み・ID。全角・半角、大文字・小文字、ひらがな・カタカナを区別しない）
    #[param(max_length = 100, example = "鉾田 罹災")]
    q: Option<String>,
}

impl WordsQuery {
    /// Reads the words as they were written.
    pub fn read(&self, checks: &mut Checks) -> Option<String> {
        checks.one("q", &self.q, |text| Ok(text.to_owned()))
    }
}

/// Which bodies.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BodyQuery {
    /// 団体コード（6桁、または検査数字を除く5桁。カンマ区切りで複数）
    #[param(max_length = 14_000, example = "082333")]
    municipality: Option<String>,
    /// 都道府県コード（2桁。カンマ区切りで複数）
    #[param(max_length = 200, pattern = r"^\d{2}(,\d{2})*$", example = "08")]
    prefecture: Option<String>,
    /// 団体の種別（カンマ区切りで複数）。都道府県自身は kind=prefecture のときだけ含む
    #[param(max_length = 100, example = "city")]
    kind: Option<String>,
    /// 人口の下限（2020年国勢調査、人）
    #[param(value_type = Option<u32>, minimum = 0, maximum = 100_000_000, example = 5_000)]
    population_min: Option<String>,
    /// 人口の上限（2020年国勢調査、人）
    #[param(value_type = Option<u32>, minimum = 0, maximum = 100_000_000, example = 10_000_000)]
    population_max: Option<String>,
}

impl BodyQuery {
    /// Reads the filter.
    pub fn read(&self, checks: &mut Checks, catalogue: &Catalogue) -> BodyFilter {
        BodyFilter {
            bodies: checks.many("municipality", &self.municipality, |text| catalogue.find_body(text)),
            prefectures: checks.many("prefecture", &self.prefecture, str::parse),
            kinds: checks.many("kind", &self.kind, str::parse),
            population_min: checks.integer("population_min", &self.population_min, 0, MAX_POPULATION),
            population_max: checks.integer("population_max", &self.population_max, 0, MAX_POPULATION),
            search: None,
        }
    }
}

/// Which procedures.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProcedureQuery {
    /// 手続ID（カンマ区切りで複数）
    #[param(max_length = 2_000, example = "kosodate-01")]
    procedure: Option<String>,
    /// 分野（カンマ区切りで複数）
    #[param(max_length = 100, example = "kosodate")]
    category: Option<String>,
    /// 手続一覧（カンマ区切りで複数。いずれかに載る手続）
    #[param(max_length = 100, example = "priority56")]
    list: Option<String>,
}

impl ProcedureQuery {
    /// Reads the filter.
    pub fn read(&self, checks: &mut Checks, catalogue: &Catalogue) -> ProcedureFilter {
        ProcedureFilter {
            procedures: checks.many("procedure", &self.procedure, |text| catalogue.find_procedure(text)),
            categories: checks.many("category", &self.category, str::parse),
            lists: checks
                .many("list", &self.list, |text| catalogue.find_members(text).map(|list| list.id.clone())),
        }
    }
}

/// Which statements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// 接点（カンマ区切りで複数）。online-group と counter-group は、オンラインと窓口の接点すべて
    #[param(max_length = 200, example = "online")]
    channel: Option<String>,
    /// 場所: home, nearby, counter（カンマ区切りで複数）
    #[param(max_length = 50, example = "home")]
    place: Option<String>,
    /// 段階の下限
    #[param(value_type = Option<u8>, minimum = 0, maximum = 5, example = 3)]
    level_min: Option<String>,
    /// 段階の上限
    #[param(value_type = Option<u8>, minimum = 0, maximum = 5, example = 5)]
    level_max: Option<String>,
    /// 状態（カンマ区切りで複数）
    #[param(max_length = 50, example = "live")]
    state: Option<String>,
    /// 根拠（カンマ区切りで複数）
    #[param(max_length = 50, example = "published")]
    evidence: Option<String>,
    /// システムの名前（カンマ区切りで複数。全角・半角などを区別しない完全一致）
    #[param(max_length = 500, example = "ぴったりサービス")]
    system: Option<String>,
    /// 申告も確認もされないままの日数（これより古いもの）
    #[param(value_type = Option<u32>, minimum = 0, maximum = 36_500, example = 365)]
    stale_days: Option<String>,
    /// この時刻（RFC 3339）または日（YYYY-MM-DD）以降に変わった団体・手続のもの（記録、取下げ、取込の取消し、適用日が来たもの）
    #[param(max_length = 40, example = "2026-01-01")]
    updated_since: Option<String>,
}

impl StatementQuery {
    /// The channels and groups that are asked for, as they are named.
    pub fn cells_of(&self, checks: &mut Checks, catalogue: &Catalogue) -> Vec<CellsOf> {
        checks.many("channel", &self.channel, |text| CellsOf::find(catalogue, text))
    }

    /// The moment since which something changed, if that is asked for: what did is for the database to say.
    pub fn updated_since(&self, checks: &mut Checks) -> Option<DateTime<Utc>> {
        checks.one("updated_since", &self.updated_since, time_or_beginning)
    }

    /// Reads the filter, but for what [`Self::updated_since`] asks.
    pub fn read(&self, checks: &mut Checks, catalogue: &Catalogue) -> StatementFilter {
        StatementFilter {
            channels: self.cells_of(checks, catalogue).iter().flat_map(|of| of.channels(catalogue)).collect(),
            places: checks.many("place", &self.place, str::parse),
            level_min: checks.one("level_min", &self.level_min, str::parse),
            level_max: checks.one("level_max", &self.level_max, str::parse),
            states: checks.many("state", &self.state, str::parse),
            evidence: checks.many("evidence", &self.evidence, str::parse),
            systems: checks.many("system", &self.system, |text| Ok(fold_for_search(text))),
            stale_days: checks.integer("stale_days", &self.stale_days, 0, MAX_STALE_DAYS),
            changed: None,
        }
    }
}
