//! By what results are grouped, and in which order they stand.

use serde::Deserialize;
use utoipa::IntoParams;

use super::parameters::Checks;
use crate::domain::Refusal;
use crate::domain::text::unknown_code;
use crate::grid::definition::{self, By, Definition};
use crate::grid::figure::SortKey;
use crate::grid::grouping::Grouping;
use crate::grid::scope::Apart;

/// Grouping and order of figures.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupQuery {
    /// 集計単位（カンマ区切りで2つまで。定義が許すもの。既定 nation）: nation, prefecture, municipality, procedure, category, kind, population_band。2つなら1つめの結果を2つめで分け（同じ名前の団体は prefecture,municipality で見分けられる）、結果は20,000件まで
    #[param(max_length = 100, example = "nation")]
    by: Option<String>,
    /// 並べて比べる、ほかの定義のID（カンマ区切り）。同じ条件で計算し、集計単位ごとに並べる
    #[param(max_length = 200, example = "online_rate")]
    compare: Option<String>,
    /// 並び順（カンマ区切り。先頭の - は降順）: key, key2, value, numerator, denominator, completeness。値のないものは最後
    #[param(max_length = 100, example = "-value,key")]
    sort: Option<String>,
    /// 団体ごとの値の度数分布（histogram）を、0〜100%をいくつに等分して返すか
    #[param(value_type = Option<u8>, minimum = 2, maximum = 100, example = 10)]
    bins: Option<String>,
}

/// Grouping and order, read.
pub(crate) struct Grouped {
    /// The definition of the path, and those that are put beside it.
    pub(crate) definitions: Vec<&'static Definition>,
    pub(crate) by: Grouping,
    pub(crate) order: Vec<(SortKey, bool)>,
    /// Into how many parts the bodies' values are sorted.
    pub(crate) bins: Option<u8>,
}

impl GroupQuery {
    /// Reads grouping and order of a definition's figures.
    pub(crate) fn read(&self, checks: &mut Checks, definition: &'static Definition) -> Grouped {
        let compared = checks.many("compare", &self.compare, definition::find);
        let ids: Vec<&str> = compared.iter().map(|definition| definition.id).collect();
        if let Some(refusal) = twice(&ids) {
            checks.refuse("compare", refusal);
        }
        // A definition stands beside itself already.
        let others = compared.into_iter().filter(|other| other.id != definition.id);
        let definitions: Vec<_> = std::iter::once(definition).chain(others).collect();
        let by: Vec<By> = checks.many("by", &self.by, |text| allowed_by(text, &definitions));
        let named = self.by.as_deref().map_or(0, |text| text.split(',').count());
        let refusal = twice(&by).or_else(|| (named > Grouping::MOST).then(|| too_many(named)));
        if let Some(refusal) = refusal {
            checks.refuse("by", refusal);
        }
        Grouped {
            definitions,
            by: Grouping::new(&by).unwrap_or(Grouping::NATION),
            order: checks.order(&self.sort),
            bins: checks.integer("bins", &self.bins, 2, 100).and_then(|bins| bins.try_into().ok()),
        }
    }
}

/// A grouping that all of the definitions can give.
fn allowed_by(text: &str, definitions: &[&Definition]) -> Result<By, Refusal> {
    let by_all = |by: &By| definitions.iter().all(|definition| definition.by.contains(by));
    let codes: Vec<&str> = By::ALL.iter().filter(|by| by_all(by)).map(|by| by.code()).collect();
    text.parse::<By>()
        .ok()
        .filter(by_all)
        .ok_or_else(|| unknown_code(text, "集計単位", "grouping of this definition", &codes))
}

fn too_many(named: usize) -> Refusal {
    Refusal::new(
        "too_many_values",
        &named.to_string(),
        format!("集計単位は{}つまでです", Grouping::MOST),
        format!("at most {} groupings", Grouping::MOST),
    )
    .allowed(format!("1-{}", Grouping::MOST))
}

/// Why values that must differ are refused, where two are the same.
pub(crate) fn twice<T: PartialEq + std::fmt::Display>(values: &[T]) -> Option<Refusal> {
    let (_, twice) = values.iter().enumerate().find(|(at, value)| values[..*at].contains(value))?;
    let code = twice.to_string();
    let message_ja = format!("「{code}」が2回あります");
    Some(Refusal::new("repeated_value", &code, message_ja, format!("{code} is named twice")))
}

/// How far a grouping keeps bodies apart.
pub(crate) fn apart(by: Grouping) -> Apart {
    if by.contains(By::Municipality) {
        Apart::Bodies
    } else if by.contains(By::Kind) {
        Apart::Kinds
    } else {
        Apart::Nothing
    }
}
