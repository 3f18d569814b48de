//! What the fields of forms about a row are called, and their values, where what was typed is shown once more.

use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Evidence, State};

/// A value as people say it.
pub(super) fn said_as(name: &str, value: &str) -> String {
    let label = match name {
        "state" => value.parse::<State>().map(State::label).ok(),
        "evidence" => value.parse::<Evidence>().map(Evidence::label).ok(),
        "applicability" => value.parse::<Applicability>().map(Applicability::label).ok(),
        "at_least" => Some("はい"),
        _ => None,
    };
    label.unwrap_or(value).to_owned()
}

/// What a field of the form is called.
pub(super) fn label(name: &str) -> &str {
    match name {
        "level" => "段階",
        "at_least" => "少なくともこの段階",
        "state" => "状態",
        "evidence" => "根拠",
        "system" => "システム",
        "section" => "担当課",
        "note" => "備考",
        "target_level" => "目標段階",
        "target_on" => "目標日",
        "effective_on" => "いつから",
        "applicability" => "該当性",
        "reason" => "理由",
        "url" => "URL",
        other => other,
    }
}
