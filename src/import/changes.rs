//! What a row changes, field by field, old and new beside each other.

use crate::domain::applicability::Applicability;
use crate::domain::assertion::Fact;
use crate::domain::codes::codes;
use crate::domain::dates::Precision;
use crate::domain::material::WITHDRAWN;
use crate::domain::readiness::{Evidence, Readiness, Scale, State};
use crate::domain::shared::SharedText;
use crate::domain::usage::{RecordKey, RecordValue};
use crate::import::plan::Entry;

/// One field that becomes another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Change {
    /// Name of the field, as in the long layout.
    #[schema(example = "level")]
    pub field: &'static str,
    /// The field in words.
    #[schema(example = "段階")]
    pub label: &'static str,
    /// What was shown before.
    #[schema(example = "3")]
    pub old: Option<String>,
    /// What is said now.
    #[schema(example = "4")]
    pub new: Option<String>,
    /// What was shown before, in words.
    #[schema(example = "3以上")]
    pub old_label: Option<String>,
    /// What is said now, in words.
    #[schema(example = "4")]
    pub new_label: Option<String>,
}

/// A value as a code and in words.
type Value = Option<(String, String)>;
/// A field's name, its words and its value.
type Fields = Vec<(&'static str, &'static str, Value)>;

codes! {
    /// What a row of a plan means to those who look at the body.
    Difference, "変わり方", "what a row means" {
        Lowered = "lowered", "段階が下がる・数えなくなる", "a level falls, or counts no longer";
        Raised = "raised", "段階が上がる", "a level rises";
        Performed = "performed", "該当が変わる", "whether the procedure is performed";
        Online = "online", "オンラインの手段が分かる", "an online channel is stated for the first time";
        Counter = "counter", "窓口が分かる", "a counter is stated for the first time";
        Extent = "extent", "範囲が分かる", "the level was known as the least that it is, and is exact now";
        Words = "words", "段階のほかが変わる", "the level stays, something else is said";
        NotToday = "not_today", "今日の表示は変わらない", "it is of another day, or another word goes before it";
        Record = "record", "件数・公表値・団体の資料", "a count, a published figure or own material";
    }
}

impl Difference {
    /// What a row of a plan means, on the scale of its channel.
    pub fn of(entry: &Entry, scale: Option<Scale>) -> Self {
        let level = |fact: &Fact| match fact {
            Fact::Readiness(said) => Some(said.level),
            Fact::Applicability { .. } | Fact::Withdrawn => None,
        };
        let at_least = |fact: &Fact| matches!(fact, Fact::Readiness(said) if said.at_least);
        let was_absent = matches!(&entry.old, Some(Fact::Applicability { value, .. }) if !value.applies());
        let before = entry.old.as_ref().and_then(level);
        match (before, level(&entry.new), scale) {
            _ if entry.lowers() => Self::Lowered,
            _ if !entry.changes_today() => Self::NotToday,
            (_, _, None) | (_, None, _) => Self::Performed,
            _ if was_absent => Self::Performed,
            (Some(old), Some(new), _) if new > old => Self::Raised,
            (Some(_), Some(_), _) if entry.old.as_ref().is_some_and(at_least) && !at_least(&entry.new) => {
                Self::Extent
            }
            (Some(_), Some(_), _) => Self::Words,
            (None, Some(_), Some(Scale::Online)) => Self::Online,
            (None, Some(_), Some(Scale::Counter)) => Self::Counter,
        }
    }
}

/// The fields in which two facts differ.
pub fn of_fact(old: Option<&Fact>, new: &Fact) -> Vec<Change> {
    differing(&old.map(fields).unwrap_or_default(), &fields(new))
}

/// The fields in which two records differ.
pub fn of_record(key: &RecordKey, old: Option<&RecordValue>, new: &RecordValue) -> Vec<Change> {
    let fields = |value| record_fields(key, value);
    differing(&old.map(fields).unwrap_or_default(), &fields(new))
}

/// All fields of a fact beside what was known of it, be they the same.
pub fn all_of_fact(old: Option<&Fact>, new: &Fact) -> Vec<Change> {
    beside(&old.map(fields).unwrap_or_default(), &fields(new))
}

/// All fields of a record beside what was known of it, be they the same.
pub fn all_of_record(key: &RecordKey, old: Option<&RecordValue>, new: &RecordValue) -> Vec<Change> {
    let fields = |value| record_fields(key, value);
    beside(&old.map(fields).unwrap_or_default(), &fields(new))
}

/// Changes as a person reads them: 「段階 3以上 → 4、備考 なし → 予約制」. `whose` stands behind what was
/// shown before, where that was another source's word.
pub fn in_words(changes: &[Change], whose: Option<&str>) -> String {
    let one = |change: &Change| {
        // Whose word it was is what the basis says anyway.
        let whose =
            whose.filter(|_| change.old_label.is_some() && change.field != "evidence").unwrap_or_default();
        let (old, new) = (shown(&change.old_label), shown(&change.new_label));
        format!("{} {old}{whose} → {new}", change.label)
    };
    told(changes).map(one).collect::<Vec<_>>().join("、")
}

/// What a fact says as a person reads it: 「段階 4、備考 予約制」.
pub fn stated_in_words(fact: &Fact) -> String {
    let one = |change: &Change| format!("{} {}", change.label, shown(&change.new_label));
    told(&of_fact(None, fact)).map(one).collect::<Vec<_>>().join("、")
}

/// The changes that are worth a word.
fn told(changes: &[Change]) -> impl Iterator<Item = &Change> {
    let changes_field = |name: &str| changes.iter().any(|change| change.field == name);
    // A new row is in operation and declared unless it says otherwise.
    let usual = |change: &Change| {
        let new = change.new.as_deref();
        change.old.is_none() && (new == Some(State::Live.code()) || new == Some(Evidence::Declared.code()))
    };
    // The words of a level say "at least", and those of a day how exactly it is known.
    let repeats = move |change: &Change| match change.field {
        "at_least" => changes_field("level"),
        "target_precision" => changes_field("target_on"),
        _ => false,
    };
    changes.iter().filter(move |change| !(repeats(change) || usual(change)))
}

fn shown(text: &Option<String>) -> String {
    /// Longest text of one side, in characters.
    const SHOWN: usize = 30;
    let text = text.as_deref().unwrap_or("なし");
    // A change takes one line, however many its text has.
    crate::domain::text::cut(&text.replace(['\n', '\r', '\t'], " "), SHOWN)
}

fn differing(old: &Fields, new: &Fields) -> Vec<Change> {
    beside(old, new).into_iter().filter(|change| change.old != change.new).collect()
}

fn beside(old: &Fields, new: &Fields) -> Vec<Change> {
    let of = |fields: &Fields, name: &str| {
        fields.iter().find(|(field, ..)| *field == name).and_then(|(_, _, value)| value.clone())
    };
    let left = old.iter().filter(|(name, ..)| !new.iter().any(|(known, ..)| known == name));
    let split = |value: Value| value.map_or((None, None), |(code, words)| (Some(code), Some(words)));
    new.iter()
        .chain(left)
        .map(|(field, label, _)| {
            let ((old, old_label), (new, new_label)) = (split(of(old, field)), split(of(new, field)));
            Change { field, label, old, new, old_label, new_label }
        })
        .collect()
}

fn fields(fact: &Fact) -> Fields {
    match fact {
        Fact::Readiness(value) => readiness(value),
        Fact::Applicability { value, reason } => vec![
            ("applicability", "該当性", coded(value.code(), Applicability::label(*value))),
            ("applicability_reason", "該当性の理由", text(reason.as_ref())),
        ],
        Fact::Withdrawn => vec![("state", "状態", coded("withdrawn", WITHDRAWN))],
    }
}

fn coded(code: &str, label: &str) -> Value {
    Some((code.to_owned(), label.to_owned()))
}

fn plain(text: String) -> Value {
    Some((text.clone(), text))
}

fn text(shared: Option<&SharedText>) -> Value {
    shared.and_then(|text| plain(text.to_string()))
}

fn readiness(value: &Readiness) -> Fields {
    let target_on = value.target.and_then(|target| target.on);
    let level = value.level.said_number(value.at_least);
    let target_level = value.target.and_then(|target| plain(target.level.to_string()));
    let precision = target_on.map(|dated| dated.precision);
    vec![
        ("level", "段階", Some((value.level.to_string(), level.clone()))),
        ("at_least", "段階", Some((value.at_least.to_string(), level))),
        ("state", "状態", coded(value.state.code(), State::label(value.state))),
        ("evidence", "根拠", coded(value.evidence.code(), Evidence::label(value.evidence))),
        ("target_level", "目標段階", target_level),
        ("target_on", "目標日", target_on.map(|dated| (dated.on.to_string(), dated.in_words()))),
        (
            "target_precision",
            "目標日の精度",
            precision.and_then(|precision| coded(precision.code(), Precision::label(precision))),
        ),
        ("system", "システム", text(value.system.as_ref())),
        ("url", "URL", text(value.url.as_ref())),
        ("section", "担当課", text(value.section.as_ref())),
        ("note", "備考", text(value.note.as_ref())),
    ]
}

fn record_fields(key: &RecordKey, value: &RecordValue) -> Fields {
    let number = |number: Option<i64>| number.and_then(|number| plain(number.to_string()));
    match value {
        RecordValue::Applications(applications) => {
            vec![("applications", "件数", number(Some(*applications)))]
        }
        RecordValue::Published(value) => vec![
            (
                "percent",
                "割合（％）",
                value.percent.and_then(|one| plain(crate::domain::number::hundredths_text(one))),
            ),
            ("numerator", "分子", number(value.numerator)),
            ("denominator", "分母", number(value.denominator)),
        ],
        RecordValue::Material(content) => {
            let RecordKey::Material(key) = key else { return Vec::new() };
            if content.is_withdrawn() {
                return vec![("state", "状態", coded("withdrawn", WITHDRAWN))];
            }
            let said = key.kind.said().map(|field| {
                let value = content.0.get(field.name);
                (field.name, field.label, value.map(|value| (value.text(), value.label(field))))
            });
            said.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::dates::Dated;
    use crate::domain::readiness::{Level, Plan};

    fn fact(level: u8, at_least: bool, note: Option<&str>) -> Fact {
        Fact::Readiness(Readiness {
            level: Level::new(level).unwrap(),
            at_least,
            state: State::Live,
            evidence: Evidence::Declared,
            system: None,
            url: None,
            note: note.map(Into::into),
            section: None,
            target: None,
        })
    }

    #[test]
    fn changes_are_read_as_words() {
        for (old, new, words) in [
            (fact(3, true, None), fact(4, false, None), "段階 3以上 → 4"),
            (fact(3, true, None), fact(3, false, None), "段階 3以上 → 3"),
            (fact(4, false, Some("甲")), fact(2, false, None), "段階 4 → 2、備考 甲 → なし"),
        ] {
            assert_eq!(in_words(&of_fact(Some(&old), &new), None), words);
        }
        let published =
            in_words(&of_fact(Some(&fact(3, true, None)), &fact(4, false, None)), Some("（国公表値）"));
        assert_eq!(published, "段階 3以上（国公表値） → 4");
        let new = in_words(&of_fact(None, &fact(4, false, None)), None);
        assert_eq!(new, "段階 なし → 4");
    }

    #[test]
    fn a_target_is_read_no_more_exactly_than_it_is_known() {
        let planned = |precision| {
            let Fact::Readiness(mut value) = fact(0, false, None) else { unreachable!("a readiness") };
            let on = NaiveDate::from_ymd_opt(2027, 3, 31);
            value.target = on.map(|on| Plan { level: value.level, on: Some(Dated { on, precision }) });
            Fact::Readiness(value)
        };
        for (precision, words) in [
            (Precision::Day, "2027-03-31"),
            (Precision::Month, "2027年3月"),
            (Precision::FiscalYear, "2026年度"),
        ] {
            let told = in_words(&of_fact(None, &planned(precision)), None);
            assert_eq!(told, format!("段階 なし → 0、目標段階 なし → 0、目標日 なし → {words}"));
        }
        let told = in_words(&of_fact(Some(&planned(Precision::Day)), &planned(Precision::Month)), None);
        assert_eq!(told, "目標日の精度 日 → 月");
    }
}
