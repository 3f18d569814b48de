//! What a file would change, compared with what the log says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::{Fault, Field, Options, ReadinessPatch, Reading, Said, Statement};
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{AssertionKind, Fact, Holding, Key, Stated, Timeline};
use crate::domain::catalogue::Catalogue;
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::municipality::LgCode;
use crate::domain::readiness::{Evidence, Readiness, State};

codes! {
    /// What becomes of a row.
    Outcome, "結果", "outcome" {
        Created = "created", "新規", "nothing was stated before";
        Changed = "changed", "変更", "another value was stated before";
        Confirmed = "confirmed", "確認", "the same value with a newer day";
        Unchanged = "unchanged", "変更なし", "already known";
        Rejected = "rejected", "不受理", "not taken; see the faults";
    }
}

/// One fact that would be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Line of the file.
    pub line: u32,
    /// What it is about.
    pub key: Key,
    /// What the assertion does.
    pub kind: AssertionKind,
    /// What becomes of the row.
    pub outcome: Outcome,
    /// What held on that day before.
    pub old: Option<Fact>,
    /// What is stated.
    pub new: Fact,
    /// The day from which it is true.
    pub effective: Dated,
}

/// Counts of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Rows with data.
    pub rows: usize,
    /// Statements that were understood.
    pub statements: usize,
    /// Bodies that are spoken of.
    pub bodies: usize,
    /// Facts stated for the first time.
    pub created: usize,
    /// Facts that replace another value.
    pub changed: usize,
    /// Facts stated again with a newer day.
    pub confirmed: usize,
    /// Facts already known.
    pub unchanged: usize,
    /// Rows that were not taken.
    pub rejected: usize,
    /// Facts that would lower a level.
    pub lowered: usize,
}

impl Counts {
    /// Facts that would be appended.
    pub fn written(&self) -> usize {
        self.created + self.changed + self.confirmed
    }

    /// Whether so many levels would fall that a person should say yes once more: more than ten and
    /// more than a fifth of what is stated.
    pub fn needs_confirmation(&self) -> bool {
        self.lowered > 10 && self.lowered * 5 > self.statements
    }
}

/// What a file would do.
#[derive(Debug)]
pub struct Plan {
    /// The facts that would be appended, in order of the file.
    pub entries: Vec<Entry>,
    /// Faults, those of the reading among them.
    pub faults: Vec<Fault>,
    /// Warnings, those of the reading among them.
    pub warnings: Vec<Fault>,
    /// The counts.
    pub counts: Counts,
    /// SHA-256 over the entries: two equal plans do the same.
    pub hash: [u8; 32],
}

/// The bodies a reading speaks of.
pub fn bodies(reading: &Reading, catalogue: &Catalogue) -> BTreeSet<LgCode> {
    reading.statements.iter().map(|statement| catalogue.body(statement.body).code).collect()
}

/// Compares what a file says with what is known.
pub fn make(
    reading: &Reading,
    catalogue: &Catalogue,
    timelines: &BTreeMap<Key, Timeline>,
    options: &Options,
) -> Plan {
    let mut planner = Planner {
        catalogue,
        timelines,
        options,
        seen: HashMap::with_capacity(reading.statements.len()),
        lifted: BTreeSet::new(),
        entries: Vec::new(),
        faults: reading.faults.clone(),
        warnings: reading.warnings.clone(),
        counts: Counts { rows: reading.rows, statements: reading.statements.len(), ..Counts::default() },
    };
    for statement in &reading.statements {
        planner.add(statement);
    }
    planner.counts.bodies = bodies(reading, catalogue).len();
    let rejected: BTreeSet<Option<u32>> = planner.faults.iter().map(|fault| fault.line).collect();
    planner.counts.rejected = rejected.len();
    planner.faults.sort_by_key(|fault| (fault.line, fault.column));
    let hash = hash(&planner.entries);
    Plan {
        entries: planner.entries,
        faults: planner.faults,
        warnings: planner.warnings,
        counts: planner.counts,
        hash,
    }
}

struct Planner<'a> {
    catalogue: &'a Catalogue,
    timelines: &'a BTreeMap<Key, Timeline>,
    options: &'a Options,
    /// First line and fact of each key and day of this file.
    seen: HashMap<(Key, chrono::NaiveDate), (u32, Fact)>,
    /// Keys whose applicability this file lifts.
    lifted: BTreeSet<Key>,
    entries: Vec<Entry>,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    counts: Counts,
}

impl Planner<'_> {
    fn add(&mut self, statement: &Statement) {
        let key = self.key(statement);
        let effective = statement.effective.unwrap_or(Dated::day(self.options.today));
        let timeline = self.timelines.get(&key);
        let held = timeline.and_then(|timeline| timeline.holding_on(effective.on));
        let old = held.map(|(_, stated)| &stated.fact);
        let new = match merge(&statement.said, old) {
            Ok(fact) => fact,
            Err(fault) => return self.faults.push(fault.at_line(statement.line)),
        };
        if self.is_repeated(&key, effective, &new, statement.line) {
            return;
        }
        let same = match old {
            Some(old) => *old == new,
            None => new == Fact::Withdrawn,
        };
        let outcome = match (same, held) {
            (true, Some((holding, _))) if statement.effective.is_some() => {
                let said_later = timeline
                    .and_then(|timeline| last_word(timeline, holding))
                    .is_some_and(|last| effective.on > last);
                if said_later { Outcome::Confirmed } else { Outcome::Unchanged }
            }
            (true, _) => Outcome::Unchanged,
            (false, Some(_)) => Outcome::Changed,
            (false, None) => Outcome::Created,
        };
        self.count(outcome, old, &new);
        if outcome == Outcome::Unchanged {
            return;
        }
        let old = old.cloned();
        if matches!(new, Fact::Readiness(_)) && outcome != Outcome::Confirmed {
            self.lift_applicability(&key, effective, statement.line);
        }
        self.entries.push(Entry {
            line: statement.line,
            kind: kind(outcome, &new),
            key,
            outcome,
            old,
            new,
            effective,
        });
    }

    fn key(&self, statement: &Statement) -> Key {
        let channel = match &statement.said {
            Said::Readiness(channel, _) => Some(*channel),
            Said::Applicability(..) => None,
            Said::Withdrawn(channel) => *channel,
        };
        Key {
            municipality: self.catalogue.body(statement.body).code,
            procedure: self.catalogue.procedure(statement.procedure).id.clone(),
            channel: channel.map(|channel| self.catalogue.channel(channel).id.clone()),
            source: statement.source,
        }
    }

    /// The same row twice is a warning; two rows that contradict each other are a fault.
    fn is_repeated(&mut self, key: &Key, effective: Dated, new: &Fact, line: u32) -> bool {
        let place = (key.clone(), effective.on);
        match self.seen.get(&place) {
            None => {
                self.seen.insert(place, (line, new.clone()));
                false
            }
            Some((first, fact)) if fact == new => {
                self.warnings.push(
                    Fault::whole("duplicate_row", format!("{first}行目と同じ内容です（1回だけ使います）"))
                        .at_line(line),
                );
                true
            }
            Some((first, _)) => {
                self.faults.push(
                    Fault::whole(
                        "conflicting_rows",
                        format!("{first}行目と同じ団体・手続・接点ですが、内容が違います。どちらかを消してください"),
                    )
                    .at_line(line),
                );
                true
            }
        }
    }

    fn count(&mut self, outcome: Outcome, old: Option<&Fact>, new: &Fact) {
        match outcome {
            Outcome::Created => self.counts.created += 1,
            Outcome::Changed => self.counts.changed += 1,
            Outcome::Confirmed => self.counts.confirmed += 1,
            Outcome::Unchanged => self.counts.unchanged += 1,
            Outcome::Rejected => {}
        }
        if let (Some(Fact::Readiness(old)), Fact::Readiness(new)) = (old, new)
            && new.level < old.level
        {
            self.counts.lowered += 1;
        }
    }

    /// Who states readiness performs the procedure: a "not applicable" of the same source ends.
    fn lift_applicability(&mut self, key: &Key, effective: Dated, line: u32) {
        let whole = Key { channel: None, ..key.clone() };
        let Some(held) = self.timelines.get(&whole).and_then(|timeline| timeline.holding_on(effective.on))
        else {
            return;
        };
        let Fact::Applicability { value, .. } = &held.1.fact else {
            return;
        };
        if value.applies() || !self.lifted.insert(whole.clone()) {
            return;
        }
        self.warnings.push(
            Fault::whole(
                "applicability_lifted",
                format!("「{}」とされていた手続に段階が書かれたため、該当に改めます", value.label()),
            )
            .at_line(line),
        );
        self.entries.push(Entry {
            line,
            key: whole,
            kind: AssertionKind::Applicability,
            outcome: Outcome::Changed,
            old: Some(held.1.fact.clone()),
            new: Fact::Applicability { value: Applicability::Applicable, reason: None },
            effective,
        });
        self.counts.changed += 1;
    }
}

/// The last day on which the value that holds was said, also if that was after the day asked for.
fn last_word(timeline: &Timeline, holding: Holding) -> Option<chrono::NaiveDate> {
    let newest = timeline.holding_on(chrono::NaiveDate::MAX).map(|(newest, _)| newest);
    let holding = newest.filter(|newest| newest.seq == holding.seq).unwrap_or(holding);
    timeline.last_said(holding).map(|last| last.effective.on)
}

fn kind(outcome: Outcome, new: &Fact) -> AssertionKind {
    match (outcome, new) {
        (Outcome::Confirmed, _) => AssertionKind::Confirmation,
        (_, Fact::Readiness(_)) => AssertionKind::Readiness,
        (_, Fact::Applicability { .. }) => AssertionKind::Applicability,
        (_, Fact::Withdrawn) => AssertionKind::Withdrawal,
    }
}

/// Lays what a row says over what held before.
fn merge(said: &Said, old: Option<&Fact>) -> Result<Fact, Fault> {
    match said {
        Said::Withdrawn(_) => Ok(Fact::Withdrawn),
        Said::Applicability(value, reason) => {
            Ok(Fact::Applicability { value: *value, reason: reason.clone() })
        }
        Said::Readiness(_, patch) => {
            let known = match old {
                Some(Fact::Readiness(known)) => Some(known),
                _ => None,
            };
            merge_readiness(patch, known).map(Fact::Readiness)
        }
    }
}

fn merge_readiness(patch: &ReadinessPatch, known: Option<&Readiness>) -> Result<Readiness, Fault> {
    let (level, at_least) =
        patch.level.or(known.map(|known| (known.level, known.at_least))).ok_or_else(|| {
            Fault::whole("missing_level", "初めての行には段階が要ります").allowing("0-5, 0+-5+")
        })?;
    let text = |field: &Field<String>, known: Option<&String>| field.clone().over(known.cloned());
    Ok(Readiness {
        level,
        at_least,
        state: patch.state.or(known.map(|known| known.state)).unwrap_or(State::Live),
        evidence: patch.evidence.or(known.map(|known| known.evidence)).unwrap_or(Evidence::Declared),
        system: text(&patch.system, known.and_then(|known| known.system.as_ref())),
        url: text(&patch.url, known.and_then(|known| known.url.as_ref())),
        note: text(&patch.note, known.and_then(|known| known.note.as_ref())),
        section: text(&patch.section, known.and_then(|known| known.section.as_ref())),
        target: patch.target.clone().over(known.and_then(|known| known.target)),
    })
}

fn hash(entries: &[Entry]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for entry in entries {
        // Debug of plain values is as good as any canonical form here: the hash is only compared
        // with one made by the same program.
        hash.update(format!(
            "{} {} {:?} {:?} {:?} {:?}\n",
            entry.line, entry.kind, entry.key, entry.effective, entry.old, entry.new
        ));
    }
    hash.finalize().into()
}

impl Entry {
    /// The fact as a row of the log, under a number.
    pub fn stated(&self, seq: i64, recorded_at: chrono::DateTime<chrono::Utc>) -> Stated {
        Stated { seq, effective: self.effective, recorded_at, fact: self.new.clone() }
    }
}
