//! Takes the statements of a file one after the other, as each of them changes what is known.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use chrono::{DateTime, NaiveDate};
use sha2::{Digest, Sha256};

use super::merge::{Fallen, Shown, claim, fallback_warning, kind, merge, with_target_level};
use super::records::{RecordEntry, compare};
use super::spot::{FIRST_PLANNED, LineColumn, Pair, place, spot_of};
use super::words::LinesOfWords;
use super::{Counts, Entry, Gate, Known, Plan, bodies};
use crate::domain::Refusal;
use crate::domain::assertion::{Fact, Timeline};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::imports::RowOutcome;
use crate::domain::log::{KnownLine, Log, Spot};
use crate::domain::readiness::{Level, Scale, Source};
use crate::domain::usage::{RecordKey, RecordValue};
use crate::import::cells::MAX_FAULTS;
use crate::import::fault::InGeneral;
use crate::import::layout::Layout;
use crate::import::layout::column::Column;
use crate::import::records::Record;
use crate::import::{
    Fallback, Fault, FaultKind, OnStale, Options, ReadinessPatch, Reading, Revisions, Said, Statement,
};

/// So many of the last faults are looked through for one that says the same.
const RECENT: usize = 200;

pub(super) struct Planner<'a> {
    headings: &'a [String],
    pub(super) catalogue: &'a Catalogue,
    pub(super) log: &'a dyn Log,
    /// What is known of the body and procedure that was asked for last: most rows of a file ask for those
    /// of the row before.
    recent: RefCell<Option<(Pair, Rc<[KnownLine]>)>>,
    pub(super) revisions: &'a Revisions,
    pub(super) on_stale: OnStale,
    gate: &'a Gate<'a>,
    /// Lines that are left out.
    pub(super) wrong: HashSet<u32>,
    pub(super) today: NaiveDate,
    pub(super) layout: Option<Layout>,
    /// Timelines of keys that this file speaks of on more than one day.
    pub(super) overlay: HashMap<Spot, Rc<Timeline>>,
    /// First place of each key and day of this file.
    seen: HashMap<(Spot, NaiveDate), LineColumn>,
    /// Places that say the same as the first once more.
    copies: HashMap<(Spot, NaiveDate), Vec<LineColumn>>,
    /// Keys and days of which the file says different things.
    disputed: HashSet<(Spot, NaiveDate)>,
    /// Keys that the file speaks of more than once.
    repeated: &'a HashSet<Spot>,
    /// Bodies and procedures of which the file says whether they are performed at all.
    whole: &'a HashSet<(BodyIx, ProcedureIx)>,
    /// Places that newly say a procedure is not performed, by key and day.
    pub(super) absent: HashMap<(Spot, NaiveDate), LineColumn>,
    pub(super) entries: Vec<Entry>,
    /// Lines with nothing but words beside marks.
    pub(super) words: LinesOfWords,
    unchanged: Vec<Entry>,
    /// How far the log of each key had come that the file speaks of.
    compared_with: Sha256,
    pub(super) faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        reading: &'a Reading,
        catalogue: &'a Catalogue,
        known: &'a Known<'a>,
        options: &Options,
        gate: &'a Gate<'a>,
        (repeated, whole): (&'a HashSet<Spot>, &'a HashSet<(BodyIx, ProcedureIx)>),
    ) -> Self {
        Self {
            headings: &reading.headings,
            catalogue,
            log: known.log,
            recent: RefCell::new(None),
            revisions: &reading.revisions,
            on_stale: options.on_stale,
            gate,
            wrong: HashSet::new(),
            today: options.today,
            layout: reading.layout,
            overlay: HashMap::new(),
            seen: HashMap::with_capacity(reading.statements.len()),
            copies: HashMap::new(),
            disputed: HashSet::new(),
            repeated,
            whole,
            absent: HashMap::new(),
            entries: Vec::new(),
            words: LinesOfWords::default(),
            unchanged: Vec::new(),
            compared_with: Sha256::new(),
            faults: Vec::new(),
            warnings: reading.warnings.clone(),
        }
    }

    /// Compares the records of the lines that are not left out.
    pub(super) fn records(
        &mut self,
        records: &[(u32, Record)],
        known: &BTreeMap<RecordKey, RecordValue>,
    ) -> Vec<RecordEntry> {
        let good = records.iter().filter(|(line, _)| !self.wrong.contains(line));
        let entries = compare(good, known, &mut self.faults, &mut self.warnings);
        for entry in &entries {
            if let Some(refusal) = (self.gate.record)(entry) {
                self.faults.push(Fault::refused(refusal, entry.line));
            }
        }
        // One line of two counts is refused once for each reason.
        self.faults.dedup_by(|one, two| (one.line, &one.code) == (two.line, &two.code));
        entries
    }

    /// Warns, as often as anybody may read.
    pub(super) fn warn(&mut self, warning: Fault) {
        if self.warnings.len() < MAX_FAULTS {
            self.warnings.push(warning);
        }
    }

    /// Says where a fault stands.
    pub(super) fn at(&self, fault: Fault, (line, column): LineColumn) -> Fault {
        let fault = fault.at_line(line);
        match column.map(usize::from) {
            Some(column) => fault.in_column(column, self.headings.get(column).map_or("", String::as_str)),
            None => fault,
        }
    }

    /// Where a fault of a statement stands: what is wrong with a plan stands in its column.
    fn place_of(&self, statement: &Statement, fault: &Fault) -> LineColumn {
        match fault.kind {
            FaultKind::PlanWithoutLevel => self.target_place(statement),
            _ => place(statement),
        }
    }

    /// Where the day of the plan of a statement stands: the next such column from its mark on, or the first.
    fn target_place(&self, statement: &Statement) -> LineColumn {
        let is_target = |heading: &str| Column::of_heading(heading) == Some(Column::TargetOn);
        let columns = (0_u16..).zip(self.headings).filter(|(_, heading)| is_target(heading));
        let columns: Vec<u16> = columns.map(|(at, _)| at).collect();
        let next = columns.iter().find(|at| statement.column.is_some_and(|mark| **at >= mark));
        (statement.line, next.or(columns.first()).copied().or(statement.column))
    }

    pub(super) fn effective(&self, statement: &Statement) -> Dated {
        statement.effective.unwrap_or(Dated::day(self.today))
    }

    /// What is known of a body and a procedure, without the file.
    pub(super) fn known_of(&self, pair: Pair) -> Rc<[KnownLine]> {
        let mut recent = self.recent.borrow_mut();
        if let Some((_, lines)) = recent.as_ref().filter(|(known, _)| *known == pair) {
            return Rc::clone(lines);
        }
        let lines: Rc<[KnownLine]> = self.log.known_of(pair.0, pair.1).into();
        *recent = Some((pair, Rc::clone(&lines)));
        lines
    }

    /// What is known of a row, without the file.
    pub(super) fn known(&self, spot: Spot) -> Option<Rc<Timeline>> {
        self.known_line(spot).map(|line| line.timeline)
    }

    fn known_line(&self, spot: Spot) -> Option<KnownLine> {
        let lines = self.known_of((spot.body, spot.procedure));
        let line = lines.iter().find(|line| (line.channel, line.source) == (spot.channel, spot.source));
        line.cloned()
    }

    /// What is known of a row, with what the file says of it so far.
    pub(super) fn timeline(&self, spot: Spot) -> Option<Rc<Timeline>> {
        self.overlay.get(&spot).cloned().or_else(|| self.known(spot))
    }

    pub(super) fn add(&mut self, statement: &Statement) {
        let spot = spot_of(statement);
        let effective = self.effective(statement);
        if let Some(fault) = self.ended(statement, effective) {
            return self.faults.push(self.at(fault, place(statement)));
        }
        let last = self.known_line(spot).map(|line| line.last);
        self.compared_with.update(last.unwrap_or_default().to_le_bytes());
        let timeline = self.timeline(spot);
        let timeline = timeline.as_deref();
        let held = timeline.and_then(|timeline| timeline.holding_on(effective.on));
        let shown = self.shown_level(statement, spot, effective.on);
        if let Some(warning) = fallback_warning(statement, held.map(|(_, stated)| &stated.fact), shown) {
            self.warn(self.at(warning, place(statement)));
        }
        let old = held.map(|(_, stated)| &stated.fact);
        let said = match self.without_level(statement, old, shown) {
            Fallen::Said => Cow::Borrowed(&statement.said),
            Fallen::At(said) => Cow::Owned(said),
            Fallen::Nothing => return self.words.note(statement, false),
        };
        let with_level = with_target_level(&said, old);
        let new = match merge(with_level.as_ref().unwrap_or(&said), old, self.log) {
            Ok(fact) => fact,
            Err(fault) => {
                let place = self.place_of(statement, &fault);
                return self.faults.push(self.at(fault, place));
            }
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
                if said_later { RowOutcome::Confirmed } else { RowOutcome::Unchanged }
            }
            (true, _) => RowOutcome::Unchanged,
            (false, Some(_)) => RowOutcome::Changed,
            (false, None) => RowOutcome::Created,
        };
        let newest = timeline
            .and_then(|timeline| timeline.holding_on(self.today))
            .map(|(_, stated)| stated.effective.on);
        let claim = claim(statement, outcome, held.map(|(_, stated)| stated), (&new, effective));
        let (old, old_source) = self.shown_today(spot).unzip();
        let old = old.map(|old| if old == new { new.clone() } else { old });
        if with_level.is_some() {
            let message =
                "目標の段階が書かれていない予定のため、目標段階3（一部オンライン、書かない）とします";
            self.warn(self.at(Fault::whole("target_level_presumed", message), self.target_place(statement)));
        }
        self.words.note(statement, true);
        if self.is_repeated(statement, effective, same) {
            return;
        }
        let entry = Entry {
            line: statement.line,
            column: statement.column,
            kind: kind(outcome, &new),
            key: spot.key(self.catalogue),
            spot,
            outcome,
            old,
            old_source,
            new,
            effective,
            shows: self.shows(effective.on, timeline),
            sinks: false,
            follows: false,
        };
        if let Some(refusal) = (self.gate.fact)(&entry, claim) {
            return self.refuse(statement, refusal);
        }
        let absent = matches!(&entry.new, Fact::Applicability { value, .. } if !value.applies());
        if absent {
            self.absent.insert((spot, entry.effective.on), place(statement));
        }
        self.remark_state(statement, &entry);
        if outcome == RowOutcome::Unchanged {
            self.unchanged.push(entry);
            return;
        }
        if self.remark_stale(&entry) {
            return;
        }
        self.remark(place(statement), &entry.key, outcome, effective, newest);
        self.remark_target(statement);
        let again =
            self.repeated.contains(&spot) || self.whole.contains(&(statement.body, statement.procedure));
        self.push(entry, again);
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
    fn without_level(&self, statement: &Statement, old: Option<&Fact>, shown: Option<Shown>) -> Fallen {
        let Said::Readiness(channel, patch) = &statement.said else { return Fallen::Said };
        match patch.unless_known {
            Some(Fallback::Words) if self.is_absent(statement) => Fallen::Nothing,
            Some(_) if matches!(old, Some(Fact::Readiness(_))) => Fallen::Said,
            None => Fallen::Said,
            Some(Fallback::Nothing | Fallback::Words) => Fallen::Nothing,
            Some(Fallback::LevelOfToday) => {
                let level = shown.map_or((Level::ZERO, false), |shown| (shown.level, shown.at_least));
                let patch = ReadinessPatch { level: Some(level), ..(**patch).clone() };
                Fallen::At(Said::Readiness(*channel, Box::new(patch)))
            }
        }
    }

    /// The level that is shown of a row of which its own source says none, for a plan that leaves it as it
    /// is: the published one of the channel. What is planned online by means unknown leaves the best level
    /// of any online channel as it is: level 0 there would say "no" for all of them.
    fn shown_level(&self, statement: &Statement, spot: Spot, on: NaiveDate) -> Option<Shown> {
        let Said::Readiness(channel, patch) = &statement.said else { return None };
        if patch.unless_known != Some(Fallback::LevelOfToday) {
            return None;
        }
        let level = |spot: Spot, exact: bool| match &self.timeline(spot)?.holding_on(on)?.1.fact {
            Fact::Readiness(known) => Some(Shown {
                level: known.level,
                at_least: known.level > Level::ZERO && (known.at_least || !exact),
                published: spot.source == Source::Published,
            }),
            _ => None,
        };
        let here = self.catalogue.channel(*channel);
        level(Spot { source: Source::Published, ..spot }, true).or_else(|| {
            let unnamed = here.scale == Scale::Online && !here.named;
            let channels = (0..).zip(self.catalogue.channels());
            let channels = channels.filter(|(_, row)| unnamed && row.scale == here.scale);
            let spots = channels.flat_map(|(channel, _)| {
                Source::ALL.iter().map(move |source| Spot { channel: Some(channel), source: *source, ..spot })
            });
            spots.filter_map(|spot| level(spot, false)).max_by_key(|shown| shown.level)
        })
    }

    /// Plans a fact, so that later rows of the file see it.
    pub(super) fn push(&mut self, entry: Entry, again: bool) {
        match &entry.new {
            Fact::Readiness(_) => self.lift_applicability(&entry),
            Fact::Applicability { value, .. } if !value.applies() => self.end_levels(&entry),
            Fact::Applicability { .. } | Fact::Withdrawn => {}
        }
        // Applicability is also asked for by rows about channels.
        if again || entry.key.channel.is_none() {
            let known = self.timeline(entry.spot).unwrap_or_default();
            let timeline = self.overlay.entry(entry.spot).or_insert(known);
            let seq = FIRST_PLANNED + i64::try_from(self.entries.len()).unwrap_or_default();
            Rc::make_mut(timeline).insert(entry.stated(seq, DateTime::UNIX_EPOCH));
        }
        self.entries.push(entry);
    }

    /// The same row twice is a warning; two rows that contradict each other are faults, both.
    fn is_repeated(&mut self, statement: &Statement, effective: Dated, same: bool) -> bool {
        let conflict = || {
            let message = "同じ団体・手続・接点の行がありますが、内容が違います。どちらかを消してください";
            Fault::whole("conflicting_rows", message).in_general(InGeneral::ConflictingRows)
        };
        let (said, here) = ((spot_of(statement), effective.on), place(statement));
        let Some(first) = self.seen.get(&said).copied() else {
            self.seen.insert(said, here);
            return false;
        };
        if !same {
            self.disputed.insert(said);
            // Those that say the same as the first are no more to be believed than it is.
            for copy in self.copies.remove(&said).unwrap_or_default() {
                self.both(&conflict(), copy, here);
            }
        }
        if self.disputed.contains(&said) {
            self.both(&conflict(), first, here);
        } else {
            // What the first row said holds by now.
            let message = format!("{}行目と同じ内容です（1回だけ使います）", first.0);
            let fault = Fault::whole("duplicate_row", message)
                .in_general(InGeneral::RepeatedRows)
                .beside_line(first.0);
            self.warn(self.at(fault, here));
            self.copies.entry(said).or_default().push(here);
        }
        true
    }

    /// A fault of two places, told at each once with the line of the other.
    fn both(&mut self, fault: &Fault, one: LineColumn, two: LineColumn) {
        for (here, other) in [(one, two), (two, one)] {
            let message = format!("{}行目と{}", other.0, fault.message);
            let fault = self.at(Fault { message, ..fault.clone() }.beside_line(other.0), here);
            let told = |known: &Fault| {
                (&known.code, known.line, known.column) == (&fault.code, fault.line, fault.column)
            };
            if !self.faults.iter().rev().take(RECENT).any(told) {
                self.faults.push(fault);
            }
        }
    }

    /// A procedure that is not performed has no level: saying both of one day is a fault.
    pub(super) fn contradictions(&mut self) {
        let clashes: Vec<(LineColumn, LineColumn)> = self
            .entries
            .iter()
            .filter(|entry| matches!(entry.new, Fact::Readiness(_)))
            .filter_map(|entry| {
                let whole = Spot { channel: None, ..entry.spot };
                let absent = self.absent.get(&(whole, entry.effective.on))?;
                Some((*absent, (entry.line, entry.column)))
            })
            .collect();
        let contradiction = Fault::whole(
            "contradiction",
            "食い違います（同じ手続について、一方は制度なしなど、一方は段階）。どちらかを消してください",
        )
        .in_general(InGeneral::LevelBesideAbsence);
        for (absent, stated) in clashes {
            self.both(&contradiction, absent, stated);
        }
    }

    pub(super) fn finish(
        mut self,
        reading: &Reading,
        records: Vec<RecordEntry>,
        mut faults: Vec<Fault>,
    ) -> Plan {
        self.judge_words();
        self.tell_idle_words();
        self.entries.sort_by_key(|entry| entry.line);
        self.unchanged.sort_by_key(|entry| entry.line);
        faults.sort_by(|one, two| (one.line, one.column, &one.code).cmp(&(two.line, two.column, &two.code)));
        let (known_records, records): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|entry| entry.outcome == RowOutcome::Unchanged);
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
            questions: Vec::new(),
            counts,
            hash: [0; 32],
            unchanged: self.unchanged,
            known_records,
            compared_with: self.compared_with.finalize().into(),
        };
        plan.recount();
        plan
    }
}
