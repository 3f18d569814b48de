//! What a file would change, compared with what the log says.

mod aside;
mod ended;
mod group;
mod merge;
mod planner;
mod remarks;
mod shown;
mod stale;
mod successive;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::marks::Question;
use super::records::RecordEntry;
use super::{Fault, Options, Reading, Said, Statement};
use crate::domain::Refusal;
use crate::domain::assertion::{AssertionKind, Fact, Key, Stated};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::log::{Log, Spot};
use crate::domain::municipality::LgCode;
use crate::domain::readiness::Source;
use crate::domain::shared::SharedText;
use crate::domain::text::cut;
use crate::domain::usage::{RecordKey, RecordValue};
use planner::{Planner, spot_of};

codes! {
    /// What becomes of a row.
    Outcome, "結果", "outcome" {
        Created = "created", "新規", "nothing was stated before";
        Changed = "changed", "変更", "another value was stated before";
        Confirmed = "confirmed", "確認", "the same value with a newer day";
        Unchanged = "unchanged", "変更なし", "already known";
    }
}

impl Outcome {
    /// Whether something else is said than is known.
    pub fn is_news(self) -> bool {
        matches!(self, Self::Created | Self::Changed)
    }
}

/// One fact that would be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Line of the file.
    pub line: u32,
    /// Column of the cell that says it, from 0; none where the whole line does.
    pub column: Option<u16>,
    /// What it is about.
    pub key: Key,
    /// What the assertion does.
    pub kind: AssertionKind,
    /// The positions of the key in the catalogue.
    pub spot: Spot,
    /// What becomes of the row.
    pub outcome: Outcome,
    /// What a page shows of it today: its own source's word, else the published one, as far as they count.
    pub old: Option<Fact>,
    /// Whose word that was.
    pub old_source: Option<Source>,
    /// What is stated.
    pub new: Fact,
    /// The day from which it is true.
    pub effective: Dated,
    /// What becomes of it on a page of today.
    pub shows: Shows,
    /// Whether a level of either source falls by it, is withdrawn, or counts no longer because this goes
    /// before it.
    pub sinks: bool,
    /// Whether it is written because of another entry of its line, which ends what it was: a level ends
    /// "not performed", and the other way round.
    pub follows: bool,
}

/// What becomes of a fact on a page of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// It is shown from now on.
    Today,
    /// Its day is still to come.
    Later,
    /// Something that is true since a later day is shown.
    Past,
    /// Another word goes before it.
    Beside,
}

/// Counts of a plan.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(default)]
pub struct Counts {
    /// Rows with data.
    #[schema(required = true)]
    pub rows: usize,
    /// Statements that were understood.
    #[schema(required = true)]
    pub statements: usize,
    /// Bodies that are spoken of.
    #[schema(required = true)]
    pub bodies: usize,
    /// Facts stated for the first time.
    #[schema(required = true)]
    pub created: usize,
    /// Facts that replace another value.
    #[schema(required = true)]
    pub changed: usize,
    /// Facts stated again with a newer day.
    #[schema(required = true)]
    pub confirmed: usize,
    /// Facts already known.
    #[schema(required = true)]
    pub unchanged: usize,
    /// Rows that were not taken.
    #[schema(required = true)]
    pub rejected: usize,
    /// Rows with a warning.
    #[schema(required = true)]
    pub warned: usize,
    /// Facts that would lower a level.
    #[schema(required = true)]
    pub lowered: usize,
}

impl Counts {
    /// Facts that would be appended.
    pub fn written(&self) -> usize {
        self.created + self.changed + self.confirmed
    }

    /// Whether so many levels would fall that a person should say yes once more: more than ten and
    /// more than a fifth of what would be written.
    pub fn needs_confirmation(&self) -> bool {
        self.lowered > 10 && self.lowered * 5 > self.written()
    }
}

/// What a file would do.
#[derive(Debug)]
pub struct Plan {
    /// The facts that would be appended, in order of the file.
    pub entries: Vec<Entry>,
    /// The records of usage or published figures that would be written, in order of the file.
    pub records: Vec<RecordEntry>,
    /// Faults, those of the reading among them.
    pub faults: Vec<Fault>,
    /// Warnings, those of the reading among them.
    pub warnings: Vec<Fault>,
    /// What must be answered before some cells can be taken, by what is known of them.
    pub questions: Vec<Question>,
    /// The counts.
    pub counts: Counts,
    /// SHA-256 over the entries and what they were compared with: two equal plans do the same.
    pub hash: [u8; 32],
    /// What is already known, in order of the file.
    pub unchanged: Vec<Entry>,
    /// Records that are already known, in order of the file.
    pub known_records: Vec<RecordEntry>,
    /// SHA-256 over how far the log of each key had come: whatever is stated of them since makes
    /// another plan, even if it would write the same.
    compared_with: [u8; 32],
}

/// What is known of the bodies of a file.
pub struct Known<'a> {
    /// The facts of the log.
    pub log: &'a dyn Log,
    /// Usage and published figures.
    pub records: &'a BTreeMap<RecordKey, RecordValue>,
}

impl Plan {
    /// Counts what is left of a plan.
    fn recount(&mut self) {
        let rejected: BTreeSet<Option<u32>> = self.faults.iter().map(|fault| fault.line).collect();
        let outcome = |wanted| {
            self.entries.iter().filter(|entry| entry.outcome == wanted).count()
                + self.records.iter().filter(|entry| entry.outcome == wanted).count()
        };
        let (created, changed) = (outcome(Outcome::Created), outcome(Outcome::Changed));
        self.counts = Counts {
            created,
            changed,
            confirmed: outcome(Outcome::Confirmed),
            unchanged: self.unchanged.len() + self.known_records.len(),
            rejected: rejected.len(),
            warned: self.warnings.iter().filter_map(|warning| warning.line).collect::<BTreeSet<_>>().len(),
            lowered: self.entries.iter().filter(|entry| entry.lowers()).count(),
            ..self.counts
        };
        self.hash = hash(&self.compared_with, &self.entries, &self.records);
    }
}

/// The bodies a reading speaks of.
pub fn bodies(reading: &Reading, catalogue: &Catalogue) -> BTreeSet<LgCode> {
    let stated = reading.statements.iter().map(|statement| catalogue.body(statement.body).code);
    stated.chain(reading.records.iter().map(|(_, record)| record.key.municipality())).collect()
}

/// Compares what a file says with what is known.
///
/// Statements are taken in the order in which they are true, so that rows of one file build on
/// each other. A line with a fault gives nothing, not even its good cells.
///
/// # Errors
///
/// [`Stopped`] by the watcher.
pub fn make(
    reading: &Reading,
    catalogue: &Catalogue,
    known: &Known<'_>,
    options: &Options,
    gate: &Gate<'_>,
    watch: &dyn Watch,
) -> Result<Plan, Stopped> {
    let resolved = group::resolve(reading, catalogue, known, options);
    let statements = resolved.as_ref().map_or(&reading.statements, |resolved| &resolved.statements);
    let mut order: Vec<&Statement> = statements.iter().collect();
    let effective = |statement: &Statement| statement.effective.unwrap_or(Dated::day(options.today)).on;
    order.sort_by_key(|statement| effective(statement));
    let mut once = HashSet::with_capacity(statements.len());
    let repeated: HashSet<Spot> = statements.iter().map(spot_of).filter(|spot| !once.insert(*spot)).collect();
    drop(once);
    let successive = successive::tell(reading, statements, &repeated, options);
    let whole: HashSet<(BodyIx, ProcedureIx)> = statements
        .iter()
        .filter(|statement| matches!(statement.said, Said::Applicability(..)))
        .map(|statement| (statement.body, statement.procedure))
        .collect();
    let mut faults = reading.faults.clone();
    faults.extend(resolved.iter().flat_map(|resolved| resolved.faults.iter().cloned()));
    faults.extend(successive.faults);
    // A line that is left out must not have shaped another: whenever planning finds lines at fault,
    // the others are planned again without them.
    loop {
        let mut planner = Planner::new(reading, catalogue, known, options, gate, (&repeated, &whole));
        planner.wrong = faults.iter().filter_map(|fault| fault.line).collect();
        for (done, statement) in order.iter().enumerate() {
            if done % WATCHED_EVERY == 0 {
                watch.done(done)?;
            }
            if !planner.wrong.contains(&statement.line) {
                planner.add(statement);
            }
        }
        planner.contradictions();
        let records = planner.records(&reading.records, known.records);
        watch.done(order.len())?;
        if planner.faults.is_empty() {
            let told = resolved.iter().flat_map(|resolved| resolved.warnings.iter().cloned());
            told.for_each(|warning| planner.warn(warning));
            successive.warnings.into_iter().for_each(|warning| planner.warn(warning));
            let mut plan = planner.finish(reading, records, faults);
            plan.questions = resolved.map(|resolved| resolved.questions).unwrap_or_default();
            plan.questions.extend(successive.questions);
            show_values(reading, &mut plan);
            return Ok(plan);
        }
        faults.append(&mut planner.faults);
    }
}

/// Puts the cell beside what is wrong with it, where that was not said yet.
fn show_values(reading: &Reading, plan: &mut Plan) {
    /// Faults whose lines are unpacked together.
    const SOME: usize = 1000;
    let mut open: Vec<(&mut Fault, u32, usize)> = (plan.faults.iter_mut().chain(&mut plan.warnings))
        .filter(|fault| fault.value.is_none())
        .filter_map(|fault| {
            let (line, column) = (fault.line?, fault.column?.checked_sub(1)?);
            Some((fault, line, column as usize))
        })
        .collect();
    open.sort_by_key(|(_, line, _)| *line);
    for some in open.chunks_mut(SOME) {
        let cells = reading.cells_of(&some.iter().map(|(_, line, _)| *line).collect());
        for (fault, line, column) in some {
            let cell = cells.get(line).and_then(|cells| cells.get(*column));
            fault.value = cell.filter(|cell| !cell.is_empty()).map(|cell| cut(cell, 100));
        }
    }
}

/// Who may say what: asked of every line, also of those that say what is known already.
pub struct Gate<'a> {
    /// Why a fact may not be stated.
    pub fact: &'a dyn Fn(&Entry, Claim) -> Option<Refusal>,
    /// Why a record may not be written.
    pub record: &'a dyn Fn(&RecordEntry) -> Option<Refusal>,
}

/// What the sender puts their name to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The fact as it is planned.
    Whole,
    /// That it is theirs to speak of, and no more: it is known already, or the evidence it has is what
    /// somebody gave before.
    Reach,
}

/// After so many statements the watcher is asked.
pub const WATCHED_EVERY: usize = 1000;

/// Somebody who watches long work and may stop it.
pub trait Watch {
    /// So many statements are done.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if the work is to end.
    fn done(&self, statements: usize) -> Result<(), Stopped>;
}

/// The work was stopped by whoever watched it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn done(&self, _: usize) -> Result<(), Stopped> {
        Ok(())
    }
}

fn hash(compared_with: &[u8; 32], entries: &[Entry], records: &[RecordEntry]) -> [u8; 32] {
    let mut bytes = Bytes::default();
    compared_with.hash(&mut bytes);
    for entry in records {
        (entry.line, &entry.key, entry.old, entry.new).hash(&mut bytes);
        bytes.flush();
    }
    for entry in entries {
        let Entry { line, kind, key, effective, old, new, sinks, .. } = entry;
        (line, kind, key, effective, old, new, sinks).hash(&mut bytes);
        bytes.flush();
    }
    bytes.flush();
    bytes.digest.finalize().into()
}

/// Hands values to a digest as `std::hash` tells them apart. That form may change with the program, and
/// the digest is only compared with one made by the same program.
#[derive(Default)]
struct Bytes {
    digest: Sha256,
    waiting: Vec<u8>,
}

impl Bytes {
    /// The digest takes long pieces faster than single numbers.
    fn flush(&mut self) {
        self.digest.update(&self.waiting);
        self.waiting.clear();
    }
}

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is asked instead")
    }
}

impl Entry {
    /// Whether a level falls, a stated level is withdrawn, or levels count no longer. What only follows
    /// from another entry is counted with that one.
    pub fn lowers(&self) -> bool {
        !self.follows && self.sinks
    }

    /// Whether a page of today shows something else once it is written.
    pub fn changes_today(&self) -> bool {
        self.outcome.is_news() && self.shows == Shows::Today && self.old.as_ref() != Some(&self.new)
    }

    /// The texts that were taken over from the log without their words.
    pub fn unread(&self) -> impl Iterator<Item = &SharedText> {
        let facts = self.old.iter().chain([&self.new]);
        facts.flat_map(Fact::texts).filter(|text| text.to_read().is_some())
    }

    /// The fact as a row of the log, under a number.
    pub fn stated(&self, seq: i64, recorded_at: DateTime<Utc>) -> Stated {
        Stated { seq, effective: self.effective, recorded_at, fact: self.new.clone() }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::log::NothingKnown;
    use crate::domain::municipality::{Municipality, MunicipalityKind};
    use crate::domain::procedure::{Category, Procedure, Target};
    use crate::domain::readiness::{Channel, Place, Scale};

    /// A country of one town that became another on 2018-10-01.
    fn country() -> Catalogue {
        let town = |code: &str, name: &str, kind| Municipality {
            code: code.parse().unwrap(),
            prefecture_name: "福岡県".to_owned(),
            name: name.to_owned(),
            name_kana: "ナカガワ".to_owned(),
            kind,
            population: None,
            households: None,
            ended_on: None,
            successor: None,
        };
        let ended = Municipality {
            ended_on: NaiveDate::from_ymd_opt(2018, 10, 1),
            successor: Some("402311".parse().unwrap()),
            ..town("403059", "那珂川町", MunicipalityKind::Town)
        };
        let procedure = Procedure {
            id: "kosodate-01".parse().unwrap(),
            category: Category::Kosodate,
            name_ja: "認定請求".to_owned(),
            name_en: "claim".to_owned(),
            target: Target::Municipality,
            legal_basis: None,
            ministry: None,
            standard_system: None,
            has_counter: true,
            note: None,
        };
        let channel = Channel {
            id: "online".parse().unwrap(),
            label_ja: "オンライン".to_owned(),
            label_en: "online".to_owned(),
            scale: Scale::Online,
            place: Place::Home,
            named: false,
        };
        let towns = vec![ended, town("402311", "那珂川市", MunicipalityKind::City)];
        Catalogue::new(vec![procedure], vec![], vec![channel], towns, vec![]).unwrap()
    }

    const NOTHING: Known<'_> = Known { log: &NothingKnown, records: &BTreeMap::new() };

    #[test]
    fn a_body_that_is_no_more_speaks_of_its_own_time_only() {
        let catalogue = country();
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let text = "団体コード,手続ID,接点,段階,適用日\n\
                    403059,kosodate-01,online,3,2018-09-30\n\
                    403059,kosodate-01,online,4,2018-10-01\n";
        let options = Options::new(today);
        let reading = crate::import::read(text.as_bytes(), &catalogue, &options).unwrap();
        let nobody = Gate { fact: &|_, _| None, record: &|_| None };
        let plan = make(&reading, &catalogue, &NOTHING, &options, &nobody, &Unwatched).unwrap();
        assert_eq!((plan.counts.created, plan.counts.rejected), (1, 1));
        let fault = &plan.faults[0];
        assert_eq!((fault.code.as_str(), fault.line), ("ended_municipality", Some(3)));
        assert_eq!(fault.suggestion.as_deref(), Some("402311 那珂川市"));
    }

    #[test]
    fn a_refused_line_does_not_shape_another() {
        let catalogue = country();
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let text = "団体コード,手続ID,接点,段階,システム,適用日\n\
                    402311,kosodate-01,online,3,甲,2026-04-01\n\
                    402311,kosodate-01,online,3,,2026-05-01\n";
        let options = Options::new(today);
        let reading = crate::import::read(text.as_bytes(), &catalogue, &options).unwrap();
        let plan = |refused: Option<u32>| {
            let fact = |entry: &Entry, _: Claim| {
                (Some(entry.line) == refused).then(|| Refusal::new("other", "", "ほかの団体", "another body"))
            };
            let gate = Gate { fact: &fact, record: &|_| None };
            make(&reading, &catalogue, &NOTHING, &options, &gate, &Unwatched).unwrap()
        };
        assert_eq!(plan(None).entries[1].outcome, Outcome::Confirmed);
        // Alone, the second line is the first word on it, and has no system.
        let alone = plan(Some(2));
        assert_eq!((alone.entries.len(), alone.entries[0].outcome), (1, Outcome::Created));
        assert!(matches!(&alone.entries[0].new, Fact::Readiness(value) if value.system.is_none()));
    }
}
