//! What a file would change, compared with what the log says.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::layout::Layout;
use super::records::{self, Record, RecordEntry};
use super::{Fallback, Fault, Field, Options, ReadinessPatch, Reading, Said, Statement};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{AssertionKind, Fact, Key, Stated, Timeline};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::municipality::LgCode;
use crate::domain::procedure::Target as ProcedureTarget;
use crate::domain::readiness::{Evidence, Level, Plan as Target, Readiness, Source, State};
use crate::domain::shared::SharedText;
use crate::domain::text::cut;
use crate::domain::usage::{RecordKey, RecordValue};

codes! {
    /// What becomes of a row.
    Outcome, "結果", "outcome" {
        Created = "created", "新規", "nothing was stated before";
        Changed = "changed", "変更", "another value was stated before";
        Confirmed = "confirmed", "確認", "the same value with a newer day";
        Unchanged = "unchanged", "変更なし", "already known";
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
    /// What becomes of the row.
    pub outcome: Outcome,
    /// What held on that day before.
    pub old: Option<Fact>,
    /// What is stated.
    pub new: Fact,
    /// The day from which it is true.
    pub effective: Dated,
    /// Whether levels that are known on channels no longer count, because the procedure is said not
    /// to be performed.
    pub hides_levels: bool,
}

/// Counts of a plan.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(default)]
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
    /// Rows with a warning.
    pub warned: usize,
    /// Facts that would lower a level.
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
    /// The counts.
    pub counts: Counts,
    /// SHA-256 over the entries and what they were compared with: two equal plans do the same.
    pub hash: [u8; 32],
    /// Lines with something already known, one for each.
    pub unchanged: Vec<u32>,
    /// SHA-256 over how far the log of each key had come: whatever is stated of them since makes
    /// another plan, even if it would write the same.
    compared_with: [u8; 32],
}

/// What the database says of the bodies of a file.
#[derive(Debug, Default)]
pub struct Known {
    /// The facts of the log.
    pub timelines: BTreeMap<Key, Timeline>,
    /// Usage and published figures.
    pub records: BTreeMap<RecordKey, RecordValue>,
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
            unchanged: self.unchanged.len(),
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
    known: &Known,
    options: &Options,
    gate: &Gate<'_>,
    watch: &dyn Watch,
) -> Result<Plan, Stopped> {
    let mut order: Vec<&Statement> = reading.statements.iter().collect();
    let effective = |statement: &Statement| statement.effective.unwrap_or(Dated::day(options.today)).on;
    order.sort_by_key(|statement| effective(statement));
    let mut once = HashSet::with_capacity(reading.statements.len());
    let repeated: HashSet<Spot> =
        reading.statements.iter().map(Spot::of).filter(|spot| !once.insert(*spot)).collect();
    drop(once);
    let mut faults = reading.faults.clone();
    // A line that is left out must not have shaped another: whenever planning finds lines at fault,
    // the others are planned again without them.
    loop {
        let mut planner = Planner::new(reading, catalogue, known, options, gate, &repeated);
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
        let records = planner.records(&reading.records, &known.records);
        watch.done(order.len())?;
        if planner.faults.is_empty() {
            let mut plan = planner.finish(reading, records, faults);
            show_values(reading, &mut plan);
            return Ok(plan);
        }
        faults.append(&mut planner.faults);
    }
}

/// Puts the cell beside what is wrong with it, where that was not said yet.
fn show_values(reading: &Reading, plan: &mut Plan) {
    let mut open: Vec<(&mut Fault, u32, usize)> = (plan.faults.iter_mut().chain(&mut plan.warnings))
        .filter(|fault| fault.value.is_none())
        .filter_map(|fault| {
            let (line, column) = (fault.line?, fault.column?.checked_sub(1)?);
            Some((fault, line, column as usize))
        })
        .collect();
    let cells = reading.cells_of(&open.iter().map(|(_, line, _)| *line).collect());
    for (fault, line, column) in &mut open {
        if let Some(cell) =
            cells.get(line).and_then(|cells| cells.get(*column)).filter(|cell| !cell.is_empty())
        {
            fault.value = Some(cut(cell, 100));
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

/// So many of the last faults are looked through for one that says the same.
const RECENT: usize = 200;

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

/// What a statement is about, by positions in the catalogue: a small [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Spot {
    body: BodyIx,
    procedure: ProcedureIx,
    channel: Option<ChannelIx>,
    source: Source,
}

impl Spot {
    fn of(statement: &Statement) -> Self {
        let Statement { body, procedure, source, .. } = *statement;
        Self { body, procedure, channel: statement.said.channel(), source }
    }
}

/// Line and column.
type Place = (u32, Option<u16>);

fn place(statement: &Statement) -> Place {
    (statement.line, statement.column)
}

struct Planner<'a> {
    headings: &'a [String],
    catalogue: &'a Catalogue,
    timelines: &'a BTreeMap<Key, Timeline>,
    gate: &'a Gate<'a>,
    /// Lines that are left out.
    wrong: HashSet<u32>,
    today: NaiveDate,
    layout: Layout,
    /// Timelines of keys that this file speaks of on more than one day.
    overlay: HashMap<Key, Timeline>,
    /// First place of each key and day of this file.
    seen: HashMap<(Spot, NaiveDate), Place>,
    /// Places that say the same as the first once more.
    copies: HashMap<(Spot, NaiveDate), Vec<Place>>,
    /// Keys and days of which the file says different things.
    disputed: HashSet<(Spot, NaiveDate)>,
    /// Keys that the file speaks of more than once.
    repeated: &'a HashSet<Spot>,
    /// Places that newly say a procedure is not performed, by key and day.
    absent: HashMap<(Key, NaiveDate), Place>,
    entries: Vec<Entry>,
    unchanged: Vec<u32>,
    /// How far the log of each key had come that the file speaks of.
    compared_with: Sha256,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl<'a> Planner<'a> {
    fn new(
        reading: &'a Reading,
        catalogue: &'a Catalogue,
        known: &'a Known,
        options: &Options,
        gate: &'a Gate<'a>,
        repeated: &'a HashSet<Spot>,
    ) -> Self {
        Self {
            headings: &reading.headings,
            catalogue,
            timelines: &known.timelines,
            gate,
            wrong: HashSet::new(),
            today: options.today,
            layout: reading.layout,
            overlay: HashMap::new(),
            seen: HashMap::with_capacity(reading.statements.len()),
            copies: HashMap::new(),
            disputed: HashSet::new(),
            repeated,
            absent: HashMap::new(),
            entries: Vec::new(),
            unchanged: Vec::new(),
            compared_with: Sha256::new(),
            faults: Vec::new(),
            warnings: reading.warnings.clone(),
        }
    }

    /// Compares the records of the lines that are not left out.
    fn records(
        &mut self,
        records: &[(u32, Record)],
        known: &BTreeMap<RecordKey, RecordValue>,
    ) -> Vec<RecordEntry> {
        let good = records.iter().filter(|(line, _)| !self.wrong.contains(line));
        let entries = records::compare(good, known, &mut self.faults, &mut self.warnings);
        for entry in &entries {
            if let Some(refusal) = (self.gate.record)(entry) {
                self.faults.push(Fault::refused(refusal, entry.line));
            }
        }
        // One line of two counts is refused once for each reason.
        self.faults.dedup_by(|one, two| (one.line, &one.code) == (two.line, &two.code));
        entries
    }

    /// Says where a fault stands.
    fn at(&self, fault: Fault, (line, column): Place) -> Fault {
        let fault = fault.at_line(line);
        match column.map(usize::from) {
            Some(column) => fault.in_column(column, self.headings.get(column).map_or("", String::as_str)),
            None => fault,
        }
    }

    fn effective(&self, statement: &Statement) -> Dated {
        statement.effective.unwrap_or(Dated::day(self.today))
    }

    fn timeline(&self, key: &Key) -> Option<&Timeline> {
        self.overlay.get(key).or_else(|| self.timelines.get(key))
    }

    fn add(&mut self, statement: &Statement) {
        let key = self.key(statement);
        let effective = self.effective(statement);
        if let Some(fault) = self.ended(statement, effective) {
            return self.faults.push(self.at(fault, place(statement)));
        }
        let log = self.timelines.get(&key).and_then(|known| known.stated().iter().map(|one| one.seq).max());
        self.compared_with.update(log.unwrap_or_default().to_le_bytes());
        let known = self.timeline(&key).and_then(|timeline| timeline.holding_on(effective.on));
        if let Some(warning) = fallback_warning(statement, known.map(|(_, stated)| &stated.fact)) {
            self.warnings.push(self.at(warning, place(statement)));
        }
        let timeline = self.timeline(&key);
        let held = timeline.and_then(|timeline| timeline.holding_on(effective.on));
        let old = held.map(|(_, stated)| &stated.fact);
        let said = match self.without_level(statement, old) {
            Fallen::Said => Cow::Borrowed(&statement.said),
            Fallen::Zero(said) => Cow::Owned(said),
            Fallen::Nothing => return,
        };
        let new = match merge(&said, old) {
            Ok(fact) => fact,
            Err(fault) => return self.faults.push(self.at(fault, place(statement))),
        };
        let same = match old {
            Some(old) => *old == new,
            None => new == Fact::Withdrawn,
        };
        let outcome = match (same, held) {
            (true, Some((holding, _))) if statement.effective.is_some() => {
                let said_later = timeline
                    .and_then(|timeline| timeline.last_word(holding))
                    .is_some_and(|last| effective.on > last);
                if said_later { Outcome::Confirmed } else { Outcome::Unchanged }
            }
            (true, _) => Outcome::Unchanged,
            (false, Some(_)) => Outcome::Changed,
            (false, None) => Outcome::Created,
        };
        let newest = timeline
            .and_then(|timeline| timeline.holding_on(self.today))
            .map(|(_, stated)| stated.effective.on);
        let old = old.cloned();
        if self.is_repeated(statement, effective, same) {
            return;
        }
        let mut entry = Entry {
            line: statement.line,
            column: statement.column,
            kind: kind(outcome, &new),
            key,
            outcome,
            old,
            new,
            effective,
            hides_levels: false,
        };
        if let Some(refusal) = (self.gate.fact)(&entry, claim(statement, outcome)) {
            return self.refuse(statement, refusal);
        }
        let absent = matches!(&entry.new, Fact::Applicability { value, .. } if !value.applies());
        if absent {
            self.absent.insert((entry.key.clone(), entry.effective.on), place(statement));
        }
        if outcome == Outcome::Unchanged {
            self.unchanged.push(statement.line);
            return;
        }
        self.remark(place(statement), &entry.key, outcome, effective.on, newest);
        if absent {
            entry.hides_levels = self.remark_hidden_levels(place(statement), &entry);
        }
        self.remark_target(statement);
        self.push(entry, self.repeated.contains(&Spot::of(statement)));
    }

    /// One line of many cells is refused once for each reason.
    fn refuse(&mut self, statement: &Statement, refusal: Refusal) {
        let body = self.catalogue.body(statement.body);
        let mut fault = self.at(Fault::of(refusal), place(statement));
        if fault.value.as_ref().is_some_and(String::is_empty) {
            fault = fault.found(&format!("{} {}{}", body.code, body.prefecture_name, body.name));
        }
        if self.faults.last().is_none_or(|last| (last.line, &last.code) != (fault.line, &fault.code)) {
            self.faults.push(fault);
        }
    }

    /// A body that is no more takes statements about its own time only.
    fn ended(&self, statement: &Statement, effective: Dated) -> Option<Fault> {
        let body = self.catalogue.body(statement.body);
        let ended = body.ended_on.filter(|ended| effective.on >= *ended)?;
        let fault = Fault::whole(
            "ended_municipality",
            format!(
                "{}{}は {ended} に廃止されました（それより前の日付の行だけを取り込めます）",
                body.prefecture_name, body.name
            ),
        )
        .found(body.code.as_str());
        let successor = body.successor.and_then(|code| self.catalogue.body_ix(code));
        Some(match successor.map(|ix| self.catalogue.body(ix)) {
            Some(successor) => fault.suggesting(format!("{} {}", successor.code, successor.name)),
            None => fault,
        })
    }

    /// What a statement that leaves the level as it is says where no level is known.
    fn without_level(&self, statement: &Statement, old: Option<&Fact>) -> Fallen {
        let Said::Readiness(channel, patch) = &statement.said else { return Fallen::Said };
        match patch.unless_known {
            Some(_) if matches!(old, Some(Fact::Readiness(_))) => Fallen::Said,
            None => Fallen::Said,
            Some(Fallback::Nothing) => Fallen::Nothing,
            Some(Fallback::LevelZero) => {
                let patch = ReadinessPatch { level: Some((Level::ZERO, false)), ..(**patch).clone() };
                Fallen::Zero(Said::Readiness(*channel, Box::new(patch)))
            }
        }
    }

    /// Warns of what a person may not have meant.
    fn remark(
        &mut self,
        place: Place,
        key: &Key,
        outcome: Outcome,
        on: NaiveDate,
        newest: Option<NaiveDate>,
    ) {
        let mut warnings = Vec::new();
        let mut warn = |code: &str, message: String| {
            warnings.push(self.at(Fault::whole(code, message), place));
        };
        if on > self.today {
            warn("future_date", format!("適用日 {on} はまだ来ていません。その日から表示されます"));
        }
        if let Some(newest) = newest.filter(|newest| *newest > on) {
            warn(
                "superseded",
                format!("{newest} からの新しい値があるため、現在の値は変わりません（履歴に残ります）"),
            );
        }
        if self.layout == Layout::Long && key.source == Source::Published && outcome == Outcome::Changed {
            warn(
                "published_changed",
                "国公表値を書き換えます。団体の申告として書くには、根拠を declared にしてください".to_owned(),
            );
        }
        self.warnings.append(&mut warnings);
    }

    /// Warns where a body speaks of a procedure that is not among its tasks. What the state
    /// published is not ours to doubt.
    fn remark_target(&mut self, statement: &Statement) {
        let body = self.catalogue.body(statement.body);
        let procedure = self.catalogue.procedure(statement.procedure);
        let performer = match (procedure.target, body.is_prefecture()) {
            (ProcedureTarget::Municipality, true) => "市区町村",
            (ProcedureTarget::Prefecture, false) => "都道府県",
            _ => return,
        };
        if statement.source == Source::Own {
            let message = format!(
                "「{}」は{performer}の手続です。団体が合っているか確かめてください",
                procedure.name_ja
            );
            self.warnings.push(self.at(Fault::whole("other_performer", message), place(statement)));
        }
    }

    /// Warns where levels are known on channels of a procedure that is said not to be performed; says
    /// whether there are.
    fn remark_hidden_levels(&mut self, place: Place, entry: &Entry) -> bool {
        let Key { municipality, procedure, source, .. } = &entry.key;
        let of_procedure = self
            .timelines
            .range(&entry.key..)
            .take_while(|(key, _)| key.municipality == *municipality && key.procedure == *procedure);
        let levels: Vec<String> = of_procedure
            .filter(|(key, _)| key.source == *source)
            .filter_map(|(key, timeline)| {
                let channel = self.catalogue.channel_ix(key.channel.as_ref()?.as_str())?;
                match &timeline.holding_on(entry.effective.on)?.1.fact {
                    Fact::Readiness(value) if value.level > Level::ZERO => {
                        Some(format!("{} {}", self.catalogue.channel(channel).label_ja, value.level))
                    }
                    _ => None,
                }
            })
            .collect();
        if levels.is_empty() {
            return false;
        }
        let message = format!("知られている段階（{}）は数えられなくなります", levels.join("、"));
        self.warnings.push(self.at(Fault::whole("levels_hidden", message), place));
        true
    }

    /// Plans a fact, so that later rows of the file see it.
    fn push(&mut self, entry: Entry, again: bool) {
        if matches!(entry.new, Fact::Readiness(_)) {
            self.lift_applicability(&entry.key, entry.effective, (entry.line, entry.column));
        }
        // Applicability is also asked for by rows about channels.
        if again || entry.key.channel.is_none() {
            let known = self.timelines.get(&entry.key);
            let timeline =
                self.overlay.entry(entry.key.clone()).or_insert_with(|| known.cloned().unwrap_or_default());
            // Later than anything in the log, in order of the plan.
            let seq = i64::MAX - i64::from(u32::MAX) + i64::try_from(self.entries.len()).unwrap_or_default();
            timeline.insert(entry.stated(seq, DateTime::UNIX_EPOCH));
        }
        self.entries.push(entry);
    }

    fn key(&self, statement: &Statement) -> Key {
        let channel = statement.said.channel();
        Key {
            municipality: self.catalogue.body(statement.body).code,
            procedure: self.catalogue.procedure(statement.procedure).id.clone(),
            channel: channel.map(|channel| self.catalogue.channel(channel).id.clone()),
            source: statement.source,
        }
    }

    /// The same row twice is a warning; two rows that contradict each other are faults, both.
    fn is_repeated(&mut self, statement: &Statement, effective: Dated, same: bool) -> bool {
        const MESSAGE: &str =
            "同じ団体・手続・接点の行がありますが、内容が違います。どちらかを消してください";
        let (said, here) = ((Spot::of(statement), effective.on), place(statement));
        let Some(first) = self.seen.get(&said).copied() else {
            self.seen.insert(said, here);
            return false;
        };
        if !same {
            self.disputed.insert(said);
            // Those that say the same as the first are no more to be believed than it is.
            for copy in self.copies.remove(&said).unwrap_or_default() {
                self.both("conflicting_rows", MESSAGE, copy, here);
            }
        }
        if self.disputed.contains(&said) {
            self.both("conflicting_rows", MESSAGE, first, here);
        } else {
            // What the first row said holds by now.
            let message = format!("{}行目と同じ内容です（1回だけ使います）", first.0);
            self.warnings.push(self.at(Fault::whole("duplicate_row", message), here));
            self.copies.entry(said).or_default().push(here);
        }
        true
    }

    /// A fault of two places, told at each once.
    fn both(&mut self, code: &str, message: &str, one: Place, two: Place) {
        for (here, other) in [(one, two), (two, one)] {
            let fault = self.at(Fault::whole(code, format!("{}行目と{message}", other.0)), here);
            let told = |known: &Fault| {
                (&known.code, known.line, known.column) == (&fault.code, fault.line, fault.column)
            };
            if !self.faults.iter().rev().take(RECENT).any(told) {
                self.faults.push(fault);
            }
        }
    }

    /// A procedure that is not performed has no level: saying both of one day is a fault.
    fn contradictions(&mut self) {
        let clashes: Vec<(Place, Place)> = self
            .entries
            .iter()
            .filter(|entry| matches!(entry.new, Fact::Readiness(_)))
            .filter_map(|entry| {
                let whole = Key { channel: None, ..entry.key.clone() };
                let absent = self.absent.get(&(whole, entry.effective.on))?;
                Some((*absent, (entry.line, entry.column)))
            })
            .collect();
        for (absent, stated) in clashes {
            self.both(
                "contradiction",
                "食い違います（同じ手続について、一方は制度なしなど、一方は段階）。どちらかを消してください",
                absent,
                stated,
            );
        }
    }

    /// Who states readiness performs the procedure: a "not applicable" of the same source ends.
    fn lift_applicability(&mut self, key: &Key, effective: Dated, place: Place) {
        let whole = Key { channel: None, ..key.clone() };
        let held = self.timeline(&whole).and_then(|timeline| timeline.absent_on(effective.on));
        let Some(Fact::Applicability { value, .. }) = held else { return };
        // Said in this very file of this very day: that is a contradiction, not a change.
        if self.absent.contains_key(&(whole.clone(), effective.on)) {
            return;
        }
        let message = format!("「{}」とされていた手続に段階が書かれたため、該当に改めます", value.label());
        let old = held.cloned();
        self.warnings.push(self.at(Fault::whole("applicability_lifted", message), place));
        self.push(
            Entry {
                line: place.0,
                column: place.1,
                key: whole,
                kind: AssertionKind::Applicability,
                outcome: Outcome::Changed,
                old,
                new: Fact::Applicability { value: Applicability::Applicable, reason: None },
                effective,
                hides_levels: false,
            },
            true,
        );
    }

    fn finish(mut self, reading: &Reading, records: Vec<RecordEntry>, mut faults: Vec<Fault>) -> Plan {
        self.entries.sort_by_key(|entry| entry.line);
        faults.sort_by(|one, two| (one.line, one.column, &one.code).cmp(&(two.line, two.column, &two.code)));
        let (known, records): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|entry| entry.outcome == Outcome::Unchanged);
        self.unchanged.extend(known.iter().map(|entry| entry.line));
        let counts = Counts {
            rows: reading.rows,
            statements: reading.statements.len() + reading.records.len(),
            bodies: bodies(reading, self.catalogue).len(),
            ..Counts::default()
        };
        let mut plan = Plan {
            entries: self.entries,
            records,
            faults,
            warnings: self.warnings,
            counts,
            hash: [0; 32],
            unchanged: self.unchanged,
            compared_with: self.compared_with.finalize().into(),
        };
        plan.recount();
        plan
    }
}

/// What a statement without a level comes to.
enum Fallen {
    /// What it says.
    Said,
    /// The same at level 0.
    Zero(Said),
    /// Nothing.
    Nothing,
}

/// What a sender puts their name to who says nothing of the evidence, or what is known already.
fn claim(statement: &Statement, outcome: Outcome) -> Claim {
    let inherits = matches!(&statement.said, Said::Readiness(_, patch) if patch.evidence.is_none());
    if inherits || outcome == Outcome::Unchanged { Claim::Reach } else { Claim::Whole }
}

fn fallback_warning(statement: &Statement, old: Option<&Fact>) -> Option<Fault> {
    let Said::Readiness(_, patch) = &statement.said else { return None };
    let fallback = patch.unless_known.filter(|_| !matches!(old, Some(Fact::Readiness(_))))?;
    let (code, message) = match fallback {
        Fallback::LevelZero => {
            ("planned_without_level", "今の段階が分からないため、段階0（未対応）と目標として記録します")
        }
        Fallback::Nothing => {
            ("note_without_level", "今の段階が分からないため、備考だけでは記録できません（読み飛ばします）")
        }
    };
    Some(Fault::whole(code, message))
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
            let known = match old {
                Some(Fact::Applicability { value: known, reason }) if known == value => reason.clone(),
                _ => None,
            };
            Ok(Fact::Applicability { value: *value, reason: reason.clone().over(known) })
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
    // What was verified is what was there: a new level without a word on it is a declaration. Of
    // what the state published it stays what the state published.
    let inherited = known
        .filter(|known| {
            known.evidence.source() == Source::Published || (known.level, known.at_least) == (level, at_least)
        })
        .map(|known| known.evidence);
    let text = |field: &Field<SharedText>, known: Option<&SharedText>| field.clone().over(known.cloned());
    Ok(Readiness {
        level,
        at_least,
        state: patch.state.or(known.map(|known| known.state)).unwrap_or(State::Live),
        evidence: patch.evidence.or(inherited).unwrap_or(Evidence::Declared),
        system: text(&patch.system, known.and_then(|known| known.system.as_ref())),
        url: text(&patch.url, known.and_then(|known| known.url.as_ref())),
        note: text(&patch.note, known.and_then(|known| known.note.as_ref())),
        section: text(&patch.section, known.and_then(|known| known.section.as_ref())),
        target: merge_target(patch, known.and_then(|known| known.target))?,
    })
}

fn merge_target(patch: &ReadinessPatch, known: Option<Target>) -> Result<Option<Target>, Fault> {
    let level = patch.target_level.clone().over(known.map(|target| target.level));
    let on = patch.target_on.clone().over(known.and_then(|target| target.on));
    match (level, on) {
        (Some(level), on) => Ok(Some(Target { level, on })),
        (None, None) => Ok(None),
        (None, Some(_)) => {
            Err(Fault::whole("missing_target_level", "目標日があるのに目標段階がありません").allowing("0-5"))
        }
    }
}

fn hash(compared_with: &[u8; 32], entries: &[Entry], records: &[RecordEntry]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(compared_with);
    for entry in records {
        hash.update(format!("{} {:?} {:?} {:?}\n", entry.line, entry.key, entry.old, entry.new));
    }
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
    /// Whether a level falls, a stated level is withdrawn, or levels count no longer.
    pub(super) fn lowers(&self) -> bool {
        self.hides_levels
            || match (&self.old, &self.new) {
                (Some(Fact::Readiness(old)), Fact::Readiness(new)) => new.level < old.level,
                (Some(Fact::Readiness(old)), Fact::Withdrawn) => old.level > Level::ZERO,
                _ => false,
            }
    }

    /// The fact as a row of the log, under a number.
    pub fn stated(&self, seq: i64, recorded_at: DateTime<Utc>) -> Stated {
        Stated { seq, effective: self.effective, recorded_at, fact: self.new.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::municipality::{Municipality, MunicipalityKind};
    use crate::domain::procedure::{Category, Procedure};
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
            target: ProcedureTarget::Municipality,
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
        let plan = make(&reading, &catalogue, &Known::default(), &options, &nobody, &Unwatched).unwrap();
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
            make(&reading, &catalogue, &Known::default(), &options, &gate, &Unwatched).unwrap()
        };
        assert_eq!(plan(None).entries[1].outcome, Outcome::Confirmed);
        // Alone, the second line is the first word on it, and has no system.
        let alone = plan(Some(2));
        assert_eq!((alone.entries.len(), alone.entries[0].outcome), (1, Outcome::Created));
        assert!(matches!(&alone.entries[0].new, Fact::Readiness(value) if value.system.is_none()));
    }
}
