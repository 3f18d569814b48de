//! What a file says of usage and of published figures, and what that would change.

use std::collections::{BTreeMap, HashMap};

use super::Fault;
use super::plan::Outcome;
use crate::domain::usage::{RecordKey, RecordValue};

/// One record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is about.
    pub key: RecordKey,
    /// What it says.
    pub value: RecordValue,
}

/// A record that would be written, or is already known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEntry {
    /// Line of the file.
    pub line: u32,
    /// What it is about.
    pub key: RecordKey,
    /// What becomes of it.
    pub outcome: Outcome,
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
    let mut seen: HashMap<&RecordKey, (u32, RecordValue)> = HashMap::new();
    let mut entries = Vec::new();
    for (line, record) in records {
        match seen.get(&record.key) {
            Some((first, value)) if *value == record.value => {
                let message = format!("{first}行目と同じ内容です（1回だけ使います）");
                warnings.push(Fault::whole("duplicate_row", message).at_line(*line));
                continue;
            }
            Some((first, _)) => {
                for (line, other) in [(*first, *line), (*line, *first)] {
                    let message = format!(
                        "{other}行目と同じ団体・手続・年度の行がありますが、内容が違います。どちらかを消してください"
                    );
                    faults.push(Fault::whole("conflicting_rows", message).at_line(line));
                }
                continue;
            }
            None => {
                seen.insert(&record.key, (*line, record.value));
            }
        }
        let old = known.get(&record.key).copied();
        let outcome = match old {
            None => Outcome::Created,
            Some(old) if old == record.value => Outcome::Unchanged,
            Some(_) => Outcome::Changed,
        };
        entries.push(RecordEntry { line: *line, key: record.key.clone(), outcome, old, new: record.value });
    }
    entries
}
