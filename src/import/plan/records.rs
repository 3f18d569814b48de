//! What records of usage and published figures would change.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::domain::imports::RowOutcome;
use crate::domain::material::{Field, MaterialKey, Value};
use crate::domain::usage::{ChannelGroup, RecordKey, RecordValue, UsageKey};
use crate::import::Fault;
use crate::import::fault::InGeneral;
use crate::import::records::Record;

/// A record that would be written, or is already known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEntry {
    /// Line of the file.
    pub line: u32,
    /// What it is about.
    pub key: RecordKey,
    /// What becomes of it.
    pub outcome: RowOutcome,
    /// What was known before.
    pub old: Option<RecordValue>,
    /// What is said.
    pub new: RecordValue,
}

/// Compares records with what is known; repeated ones are a warning, contradicting ones a fault of
/// both lines.
pub(super) fn compare<'r>(
    records: impl Iterator<Item = &'r (u32, Record)>,
    known: &BTreeMap<RecordKey, RecordValue>,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<Fault>,
) -> Vec<RecordEntry> {
    let mut seen: HashMap<&RecordKey, Seen<'_>> = HashMap::new();
    let mut entries = Vec::new();
    let records: Vec<(u32, Cow<'r, Record>)> = spelt_as_known(records, known);
    for (line, record) in &records {
        let record: &Record = record;
        if let Some(seen) = seen.get_mut(&record.key) {
            seen.disputed |= *seen.value != record.value;
            if seen.disputed {
                // Those that say the same as the first are no more to be believed than it is.
                for other in std::mem::take(&mut seen.copies).into_iter().chain([seen.first]) {
                    faults.extend([conflict(other, *line), conflict(*line, other)]);
                }
            } else {
                let message = format!("{}行目と同じ内容です（1回だけ使います）", seen.first);
                let fault = Fault::whole("duplicate_row", message).in_general(InGeneral::RepeatedRows);
                warnings.push(fault.beside_line(seen.first).at_line(*line));
                seen.copies.push(*line);
            }
            continue;
        }
        let first = Seen { first: *line, value: &record.value, copies: Vec::new(), disputed: false };
        seen.insert(&record.key, first);
        let old = known.get(&record.key).cloned();
        if let Some(problem) = alone(record, old.as_ref()) {
            match problem {
                Alone::Fault(fault) => faults.push(fault.at_line(*line)),
                Alone::Nothing(warning) => warnings.push(warning.at_line(*line)),
            }
            continue;
        }
        let new = over(old.as_ref(), &record.value);
        let outcome = match &old {
            None => RowOutcome::Created,
            Some(old) if *old == new => RowOutcome::Unchanged,
            Some(_) => RowOutcome::Changed,
        };
        let key = record.key.clone();
        entries.push(RecordEntry { line: *line, key, outcome, old, new });
    }
    let value = |key: &RecordKey| seen.get(key).map(|seen| seen.value).or_else(|| known.get(key));
    faults.extend(entries.iter().filter_map(|entry| more_than_all(entry, value)));
    entries
}

/// Why a row of own material does not stand by itself.
enum Alone {
    /// Nothing is known of what it is about, and it does not say what such a row must say.
    Fault(Fault),
    /// It takes back what nobody said.
    Nothing(Fault),
}

fn alone(record: &Record, old: Option<&RecordValue>) -> Option<Alone> {
    let (RecordKey::Material(key), RecordValue::Material(content)) = (&record.key, &record.value) else {
        return None;
    };
    let holds = matches!(old, Some(RecordValue::Material(old)) if !old.is_withdrawn());
    if holds {
        return None;
    }
    if content.is_withdrawn() {
        let message = format!("取り下げるものがありません（{}）", key.in_words());
        return Some(Alone::Nothing(Fault::whole("nothing_to_withdraw", message)));
    }
    let says = |name: &str| content.0.get(name).is_some_and(|value| *value != Value::Cleared);
    let lacks = |field: &&Field| field.is_needed && !says(field.name);
    // A step may be done without ever having had a target.
    let is_done = says("done_on");
    let lacking = key.kind.said().find(lacks).filter(|_| !is_done)?;
    let message = format!("「{}」が空です（{}についての新しい行です）", lacking.label, key.in_words());
    Some(Alone::Fault(Fault::whole("missing_value", message)))
}

/// Records of own material under the keys that are known for them: wide letters and spaces make no other plan.
fn spelt_as_known<'r>(
    records: impl Iterator<Item = &'r (u32, Record)>,
    known: &BTreeMap<RecordKey, RecordValue>,
) -> Vec<(u32, Cow<'r, Record>)> {
    let material = |key: &RecordKey| match key {
        RecordKey::Material(key) => Some(key.clone()),
        RecordKey::Usage(_) | RecordKey::Figure(_) => None,
    };
    let mut spelt: HashMap<MaterialKey, MaterialKey> =
        known.keys().filter_map(material).map(|key| (key.folded(), key)).collect();
    let one = |(line, record): &'r (u32, Record)| {
        let Some(key) = material(&record.key) else { return (*line, Cow::Borrowed(record)) };
        let same = spelt.entry(key.folded()).or_insert_with(|| key.clone());
        if *same == key {
            return (*line, Cow::Borrowed(record));
        }
        let key = RecordKey::Material(same.clone());
        (*line, Cow::Owned(Record { key, value: record.value.clone() }))
    };
    records.map(one).collect()
}

/// What holds once a value is stated over what was known: empty cells of own material leave what was there.
fn over(old: Option<&RecordValue>, new: &RecordValue) -> RecordValue {
    match (old, new) {
        (Some(RecordValue::Material(old)), RecordValue::Material(new)) => {
            RecordValue::Material(Arc::new(new.over(Some(old))))
        }
        (_, RecordValue::Material(new)) => RecordValue::Material(Arc::new(new.over(None))),
        _ => new.clone(),
    }
}

/// What the file says of a key.
struct Seen<'r> {
    first: u32,
    value: &'r RecordValue,
    /// Lines that say the same once more.
    copies: Vec<u32>,
    /// Whether it says different things.
    disputed: bool,
}

fn conflict(line: u32, other: u32) -> Fault {
    let message = format!(
        "{other}行目と同じ団体・手続・年度の行がありますが、内容が違います。どちらかを消してください"
    );
    Fault::whole("conflicting_rows", message)
        .in_general(InGeneral::ConflictingRows)
        .beside_line(other)
        .at_line(line)
}

/// The fault of a count that does not fit another one of its procedure and year, be that from the
/// same file or known before.
fn more_than_all<'v>(
    entry: &RecordEntry,
    value: impl Fn(&RecordKey) -> Option<&'v RecordValue>,
) -> Option<Fault> {
    let RecordKey::Usage(key) = &entry.key else { return None };
    let count = |group| match value(&RecordKey::Usage(UsageKey { group, ..key.clone() }))? {
        RecordValue::Applications(count) => Some((group, *count)),
        RecordValue::Published(_) | RecordValue::Material(_) => None,
    };
    let (_, all) = count(ChannelGroup::All)?;
    let parts = ChannelGroup::ALL.iter().copied().filter(|group| *group != ChannelGroup::All);
    let (group, part) = if key.group == ChannelGroup::All {
        parts.filter_map(count).max_by_key(|(_, part)| *part)?
    } else {
        count(key.group)?
    };
    if part <= all {
        return None;
    }
    let allowed = if key.group == ChannelGroup::All { format!("{part}以上") } else { format!("0〜{all}") };
    let (code, what) = match group {
        ChannelGroup::Online => ("online_exceeds_total", "オンライン"),
        other => ("part_exceeds_total", other.label()),
    };
    let message = format!("{what}の件数（{part}）が総件数（{all}）より多くなります");
    Some(Fault::whole(code, message).at_line(entry.line).allowing(allowed))
}
