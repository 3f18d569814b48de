//! What a row changes, field by field, old and new beside each other.

use crate::domain::assertion::Fact;
use crate::domain::readiness::Readiness;
use crate::domain::shared::SharedText;
use crate::domain::usage::RecordValue;

/// One field that becomes another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Change {
    /// Name of the field, as in the long layout.
    #[schema(example = "level")]
    pub field: &'static str,
    /// What was known before.
    #[schema(example = "2")]
    pub old: Option<String>,
    /// What is said now.
    #[schema(example = "4")]
    pub new: Option<String>,
}

type Fields = Vec<(&'static str, Option<String>)>;

/// The fields in which two facts differ.
pub fn of_fact(old: Option<&Fact>, new: &Fact) -> Vec<Change> {
    differing(&old.map(fields).unwrap_or_default(), &fields(new))
}

/// The fields in which two records differ.
pub fn of_record(old: Option<RecordValue>, new: RecordValue) -> Vec<Change> {
    differing(&old.map(record_fields).unwrap_or_default(), &record_fields(new))
}

fn differing(old: &Fields, new: &Fields) -> Vec<Change> {
    let of = |fields: &Fields, name: &str| {
        fields.iter().find(|(field, _)| *field == name).and_then(|(_, value)| value.clone())
    };
    let mut names: Vec<&'static str> = new.iter().map(|(name, _)| *name).collect();
    names
        .extend(old.iter().map(|(name, _)| *name).filter(|name| !new.iter().any(|(known, _)| known == name)));
    names
        .into_iter()
        .map(|field| Change { field, old: of(old, field), new: of(new, field) })
        .filter(|change| change.old != change.new)
        .collect()
}

fn fields(fact: &Fact) -> Fields {
    match fact {
        Fact::Readiness(value) => readiness(value),
        Fact::Applicability { value, reason } => {
            vec![
                ("applicability", Some(value.code().to_owned())),
                ("applicability_reason", text(reason.as_ref())),
            ]
        }
        Fact::Withdrawn => vec![("state", Some("withdrawn".to_owned()))],
    }
}

fn text(shared: Option<&SharedText>) -> Option<String> {
    shared.map(|text| text.as_ref().to_owned())
}

fn readiness(value: &Readiness) -> Fields {
    let target_on = value.target.and_then(|target| target.on);
    vec![
        ("level", Some(value.level.to_string())),
        ("at_least", Some(value.at_least.to_string())),
        ("state", Some(value.state.code().to_owned())),
        ("evidence", Some(value.evidence.code().to_owned())),
        ("target_level", value.target.map(|target| target.level.to_string())),
        ("target_on", target_on.map(|dated| dated.on.to_string())),
        ("target_precision", target_on.map(|dated| dated.precision.code().to_owned())),
        ("system", text(value.system.as_ref())),
        ("url", text(value.url.as_ref())),
        ("section", text(value.section.as_ref())),
        ("note", text(value.note.as_ref())),
    ]
}

fn record_fields(value: RecordValue) -> Fields {
    let text = |number: Option<i64>| number.map(|number| number.to_string());
    match value {
        RecordValue::Applications(applications) => vec![("applications", text(Some(applications)))],
        RecordValue::Published(value) => vec![
            ("percent", value.percent.map(crate::domain::usage::percent_text)),
            ("numerator", text(value.numerator)),
            ("denominator", text(value.denominator)),
        ],
    }
}
