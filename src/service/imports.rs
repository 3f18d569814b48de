//! Files: look at them, apply them, take them back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::json;

use super::Service;
use super::access::Origin;
use super::known::KnownOf;
use super::statements::statement_of;
use crate::domain::Refusal;
use crate::domain::access::{Action, Denial, Statement, Target, decide};
use crate::domain::assertion::{Assertion, Key};
use crate::domain::audit::{AuditAction, Entry, hex};
use crate::domain::catalogue::Catalogue;
use crate::domain::codes::codes;
use crate::domain::imports::ImportStatus;
use crate::domain::log::TakenBack;
use crate::domain::readiness::Evidence;
use crate::domain::text::clean;
use crate::domain::usage::{FigureKey, RecordKey, Subject};
use crate::error::Error;
use crate::grid::history::Known;
use crate::import::marks::Question;
use crate::import::options::{Asked, MAX_REASON};
use crate::import::plan::{self, Claim, Gate, Plan, Unwatched, WATCHED_EVERY, Watch};
use crate::import::records::RecordEntry;
use crate::import::report::{Effect, FileFacts, Report, Status};
use crate::import::{self, Fault, Options, Reading};
use crate::store::imports::{self as store, FileRow, ImportRow};
use crate::store::records::{self, NewRecord};
use crate::store::{Conn, assertions, audit};

/// Larger files are not kept beside their import; only the command line takes them.
const MAX_KEPT: usize = 20 * 1024 * 1024;

codes! {
    /// What to do with good rows while others are wrong.
    OnError, "誤りのある行の扱い", "treatment of wrong rows" {
        Reject = "reject", "1行でも誤りがあれば何も取り込まない", "nothing is applied while one row is wrong";
        Skip = "skip", "正しい行だけ取り込む", "good rows are applied";
    }
}

/// How a file is to be applied.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// What to do while rows are wrong.
    pub on_error: OnError,
    /// Whether lowering very many levels was confirmed.
    pub confirmed: bool,
    /// The plan a person has seen; another one is not applied.
    pub expected_plan: Option<[u8; 32]>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self { on_error: OnError::Reject, confirmed: false, expected_plan: None }
    }
}

/// A file that was read and waits to be compared or applied.
pub struct Prepared {
    pub(super) file: FileFacts,
    pub(super) reading: Result<Reading, Vec<Fault>>,
    pub(super) options: Options,
    /// What the sender said, as it is recorded.
    pub(super) asked: Asked,
    /// The bytes, to be kept beside the import.
    original: Option<Vec<u8>>,
    /// The import it was stored as before.
    pub(super) stored: Option<Box<ImportRow>>,
}

impl Prepared {
    /// Keeps the bytes with the import, if they are not too many.
    pub fn keeping(mut self, bytes: Vec<u8>, asked: Asked, catalogue: &Catalogue) -> Self {
        self.original = (bytes.len() <= MAX_KEPT).then_some(bytes);
        // As it was understood now, whatever becomes of profiles and keys.
        self.asked = asked.resolved(&self.options, catalogue);
        self
    }

    /// Lets go of the bytes, which are stored by now.
    pub(super) fn without_original(self) -> Self {
        Self { original: None, ..self }
    }

    /// How much work the file is: its statements or records, or its rows where many are wrong.
    pub fn size(&self) -> usize {
        let size = |reading: &Reading| reading.rows.max(reading.statements.len() + reading.records.len());
        self.reading.as_ref().map_or(0, size)
    }
}

/// What taking an import back did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct RevertReport {
    /// The import.
    pub import_id: i64,
    /// Data revision afterwards.
    pub revision: i64,
    /// Facts that are gone: nothing was stated before.
    pub removed: usize,
    /// Facts that show again what held before.
    pub restored: usize,
    /// Facts that were stated again since and are left alone.
    pub kept: usize,
    /// The first 500 of them.
    #[schema(max_items = 500)]
    pub kept_rows: Vec<KeptRow>,
}

/// A row that was stated again since an import and is left alone when that is taken back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct KeptRow {
    /// Code of the body.
    #[schema(example = "082333", pattern = r"^\d{6}$")]
    pub municipality_code: String,
    /// Id of the procedure; for figures of a definition its id.
    #[schema(example = "kosodate-01")]
    pub procedure_id: String,
    /// Id of the channel, for readiness.
    #[schema(example = "mynaportal")]
    pub channel: Option<String>,
}

impl Service {
    /// Reads a file.
    pub fn prepare(&self, name: &str, bytes: &[u8], options: Options) -> Prepared {
        let options = Options { file_name: Some(name.to_owned()), ..options };
        Prepared {
            file: FileFacts::new(name, bytes),
            reading: import::read(bytes, &self.catalogue, &options),
            options,
            asked: Asked::default(),
            original: None,
            stored: None,
        }
    }

    /// What a file would do if this sender applied it; writes nothing. The second value is the hash
    /// of the plan.
    ///
    /// # Errors
    ///
    /// A database that does not answer. A file that cannot be read is a report.
    pub fn check(&self, prepared: &Prepared, origin: &Origin) -> Result<(Report, Option<[u8; 32]>), Error> {
        self.check_watched(prepared, origin, &Unwatched)
    }

    /// As [`Service::check`], for somebody who watches.
    ///
    /// # Errors
    ///
    /// As [`Service::check`], and [`Error::Stopped`] by whoever watches.
    pub fn check_watched(
        &self,
        prepared: &Prepared,
        origin: &Origin,
        watch: &dyn Watch,
    ) -> Result<(Report, Option<[u8; 32]>), Error> {
        let reading = match &prepared.reading {
            Ok(reading) => reading,
            Err(faults) => return Ok((Report::unreadable(&prepared.file, faults.clone()), None)),
        };
        let (plan, effect) = self.planned(prepared, reading, origin, watch)?;
        let report = Report::planned(&prepared.file, reading, &plan, &self.catalogue);
        Ok((Report { effect, ..report }, Some(plan.hash)))
    }

    /// The plan of a file as this sender may carry it out, and what it does to figures.
    pub(super) fn planned(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        origin: &Origin,
        watch: &dyn Watch,
    ) -> Result<(Plan, Vec<Effect>), Error> {
        let known = self.db.read(|conn| self.known(conn, reading, Known::Now))?;
        let plan = self.plan(prepared, reading, &known, origin, watch)?;
        let effect = self.effect(&plan, &known);
        Ok((plan, effect))
    }

    /// Plans a file for somebody; a line they may not write is a fault.
    fn plan(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        known: &KnownOf<'_>,
        origin: &Origin,
        watch: &dyn Watch,
    ) -> Result<Plan, Error> {
        let fact = |entry: &plan::Entry, claim: Claim| {
            let statement = match claim {
                Claim::Whole => statement_of(&entry.new, entry.key.source),
                // The least that anybody may say who reaches the row.
                Claim::Reach => Statement::Readiness(Evidence::Declared),
            };
            self.may_write(origin, &entry.key, statement).err().map(Denial::refusal)
        };
        let record = |entry: &RecordEntry| self.may_record(origin, &entry.key).err().map(Denial::refusal);
        let gate = Gate { fact: &fact, record: &record };
        self.make(prepared, reading, known, &gate, watch)
    }

    /// Plans a file for whoever looks at it, without the lines that were refused to its sender.
    pub(super) fn plan_as_sent(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        known: &KnownOf<'_>,
        refused: &BTreeSet<u32>,
    ) -> Result<Plan, Error> {
        let refusal = |line: u32| refused.contains(&line).then(|| Denial::OtherMunicipality.refusal());
        let fact = |entry: &plan::Entry, _: Claim| refusal(entry.line);
        let record = |entry: &RecordEntry| refusal(entry.line);
        let gate = Gate { fact: &fact, record: &record };
        self.make(prepared, reading, known, &gate, &Unwatched)
    }

    fn make(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        known: &KnownOf<'_>,
        gate: &Gate<'_>,
        watch: &dyn Watch,
    ) -> Result<Plan, Error> {
        let plan = plan::make(reading, &self.catalogue, &known.for_plan(), &prepared.options, gate, watch)?;
        known.finish()?;
        // What is written is written with all its words.
        self.read_words(plan.entries.iter().flat_map(plan::Entry::unread))?;
        Ok(plan)
    }

    /// Applies a file: all of it or nothing.
    ///
    /// # Errors
    ///
    /// A database that does not answer, someone who may not import, and a plan that is no longer
    /// the one that was seen ([`Error::Conflict`]). A file that is refused is a report; so are rows
    /// of bodies that the key does not reach.
    pub fn apply(&self, prepared: &Prepared, origin: &Origin, how: &ApplyOptions) -> Result<Report, Error> {
        self.apply_watched(prepared, origin, how, &Unwatched)
    }

    /// As [`Service::apply`], for somebody who watches.
    ///
    /// # Errors
    ///
    /// As [`Service::apply`], and [`Error::Stopped`] by whoever watches.
    pub fn apply_watched(
        &self,
        prepared: &Prepared,
        origin: &Origin,
        how: &ApplyOptions,
        watch: &dyn Watch,
    ) -> Result<Report, Error> {
        self.guard(origin, Action::Import, None)?;
        let reading = match &prepared.reading {
            Ok(reading) => reading,
            Err(faults) => return Ok(Report::unreadable(&prepared.file, faults.clone())),
        };
        // Planned before the transaction, so that others may write meanwhile; and once more inside it
        // if they did.
        let (seen, known) = self.db.snapshot(|conn| {
            Ok::<_, Error>((assertions::revision(conn)?, self.known(conn, reading, Known::Now)?))
        })?;
        let planned = self.plan(prepared, reading, &known, origin, watch)?;
        self.db.write(|conn| {
            let (known, plan) = if assertions::revision(conn)? == seen {
                (known, planned)
            } else {
                let known = self.known(conn, reading, Known::Now)?;
                let plan = self.plan(prepared, reading, &known, origin, watch)?;
                (known, plan)
            };
            let report = Report::planned(&prepared.file, reading, &plan, &self.catalogue);
            let report = Report { effect: self.effect(&plan, &known), ..report };
            if how.expected_plan.is_some_and(|expected| expected != plan.hash) {
                return Err(plan_changed());
            }
            let faulty = !plan.faults.is_empty() && how.on_error == OnError::Reject;
            let open = !unanswered(&report, how.on_error).is_empty();
            if faulty || open || (report.needs_confirmation && !how.confirmed) {
                return Ok(Report { status: Status::Refused, ..report });
            }
            let nothing = plan.entries.is_empty() && plan.records.is_empty();
            if nothing && !(plan.faults.is_empty() || plan.counts.unchanged > 0) {
                return Ok(Report { status: Status::Refused, ..report });
            }
            if nothing && prepared.stored.is_none() {
                return Ok(Report { status: Status::NothingToDo, ..report });
            }
            let writing = Writing { prepared, reading, plan: &plan, report: &report, origin };
            let (import_id, revision) = self.write_plan(conn, &writing, watch)?;
            let status = if nothing { Status::NothingToDo } else { Status::Applied };
            Ok(Report { status, import_id: Some(import_id), revision: Some(revision), ..report })
        })
    }

    fn write_plan(
        &self,
        conn: &mut Conn,
        writing: &Writing<'_>,
        watch: &dyn Watch,
    ) -> Result<(i64, i64), Error> {
        let Writing { prepared, plan, origin, .. } = writing;
        let now = self.now();
        let before = assertions::revision(conn)?;
        let written = store::counted(plan.entries.len() + plan.records.len());
        let last = before + written;
        let row = self.applied_row(conn, writing, (written > 0).then_some((before + 1, last)))?;
        let id = row.id;
        self.write_facts(conn, writing, id, before + 1, watch)?;
        let first = before + 1 + store::counted(plan.entries.len());
        let new: Vec<NewRecord> = plan
            .records
            .iter()
            .zip(first..)
            .map(|(entry, seq)| NewRecord {
                seq,
                key: entry.key.clone(),
                value: entry.new,
                line: i64::from(entry.line),
            })
            .collect();
        records::append(conn, id, now, &origin.actor.name, &new)?;
        let after = json!({
            "counts": plan.counts, "plan_sha256": hex(&plan.hash), "file_sha256": hex(&prepared.file.sha256),
            "first_seq": row.first_seq, "last_seq": row.last_seq, "reason": row.reason,
        });
        let entry = Entry {
            after: Some(after.to_string()),
            file: Some(prepared.file.name.clone()),
            ..origin.entry(now, AuditAction::ImportApplied, format!("import/{id}"))
        };
        audit::append(conn, entry)?;
        Ok((id, last))
    }

    /// Appends the facts of a plan to the log.
    fn write_facts(
        &self,
        conn: &mut Conn,
        writing: &Writing<'_>,
        id: i64,
        first: i64,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let now = self.now();
        for (chunk, done) in writing.plan.entries.chunks(WATCHED_EVERY).zip(0..) {
            let done: usize = done * WATCHED_EVERY;
            watch.done(done)?;
            let rows: Vec<Assertion> = chunk
                .iter()
                .zip(first + store::counted(done)..)
                .map(|(entry, seq)| Assertion {
                    kind: entry.kind,
                    key: entry.key.clone(),
                    stated: entry.stated(seq, now),
                    actor: writing.origin.actor.name.clone(),
                    import_id: Some(id),
                    line: Some(i64::from(entry.line)),
                })
                .collect();
            assertions::append(conn, &rows)?;
        }
        watch.done(writing.plan.entries.len())?;
        Ok(())
    }

    /// Writes the row of an import that is being applied: the one it was stored as, or a new one.
    fn applied_row(
        &self,
        conn: &mut Conn,
        writing: &Writing<'_>,
        seqs: Option<(i64, i64)>,
    ) -> Result<ImportRow, Error> {
        let Writing { prepared, origin, .. } = writing;
        let now = store::at(self.now());
        let row = match &prepared.stored {
            Some(row) => {
                // Somebody may have given it up, or taken it on, since it was read.
                let now = store::find(conn, row.id)?.ok_or_else(|| no_import(row.id))?;
                if now.status != ImportStatus::Applying.code() {
                    return Err(Error::Stopped);
                }
                now
            }
            None => self.new_row(store::next_id(conn)?, prepared, origin),
        };
        let row = ImportRow {
            status: ImportStatus::Applied.code().to_owned(),
            started_at: None,
            failure: None,
            applied_at: Some(now),
            applied_by: Some(origin.actor.name.clone()),
            first_seq: seqs.map(|(first, _)| first),
            last_seq: seqs.map(|(_, last)| last),
            ..writing.described(row)
        };
        if prepared.stored.is_some() {
            store::update(conn, &row)?;
        } else {
            self.insert(conn, &row, prepared)?;
        }
        store::replace_rows(conn, row.id, writing.file_rows(row.id))?;
        Ok(row)
    }

    /// The row of an import that nothing is known of yet.
    pub(super) fn new_row(&self, id: i64, prepared: &Prepared, origin: &Origin) -> ImportRow {
        ImportRow {
            id,
            status: ImportStatus::Checking.code().to_owned(),
            file_name: prepared.file.name.clone(),
            sha256: prepared.file.sha256.to_vec(),
            size: store::counted(prepared.file.size),
            asked: serde_json::to_string(&prepared.asked).unwrap_or_else(|_| "{}".to_owned()),
            reach: origin.actor.grant.reach_text(),
            actor: origin.actor.name.clone(),
            created_at: store::at(self.now()),
            started_at: None,
            encoding: None,
            layout: None,
            profile: None,
            report: None,
            headings: None,
            plan_hash: None,
            failure: None,
            applied_at: None,
            applied_by: None,
            first_seq: None,
            last_seq: None,
            // Its length was checked with the other words.
            reason: prepared.asked.reason.as_deref().and_then(|text| clean(text, MAX_REASON).ok().flatten()),
        }
    }

    /// Records a new import with its bytes.
    pub(super) fn insert(&self, conn: &mut Conn, row: &ImportRow, prepared: &Prepared) -> Result<(), Error> {
        store::insert(conn, row)?;
        if let Some(bytes) = &prepared.original {
            store::keep_original(conn, row.id, bytes)?;
        }
        Ok(())
    }

    /// Takes an import back: appends one retraction and shows again what held before.
    ///
    /// # Errors
    ///
    /// No such import, one that was taken back already, someone who may not, and a database that
    /// does not answer.
    pub fn revert(&self, id: i64, origin: &Origin) -> Result<RevertReport, Error> {
        self.guard(origin, Action::RevertImport, None)?;
        let reverted = self.db.write(|conn| {
            let row = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
            if store::retraction_of(conn, id)?.is_some() {
                return Err(reverted_already(id));
            }
            let status: ImportStatus = row.status.parse().map_err(Error::Unprocessable)?;
            let (first, last) = match (status, row.first_seq, row.last_seq) {
                (ImportStatus::Applied, Some(first), Some(last)) => (first, last),
                (ImportStatus::Applied, ..) => (1, 0),
                _ => return Err(not_applied(id, status)),
            };
            let bodies = store::bodies(conn, first, last)?;
            let seq = assertions::revision(conn)? + 1;
            let before = self.history_for(conn, &bodies)?;
            let at = self.now();
            store::retract(conn, seq, id, at, &origin.actor.name)?;
            let mut recorder = before.recorder();
            recorder.take_back(TakenBack { seq, import_id: id, at });
            let (after, _) = recorder.finish(seq);
            let spots = before.spots_of_import(id);
            let keys: BTreeSet<Key> = spots.iter().map(|spot| spot.key(&self.catalogue)).collect();
            let record_keys = records::keys_between(conn, first, last)?;
            self.all_allowed(origin, &keys, &record_keys)?;
            let records_after = records::known(conn, Some(&bodies))?;
            let newer = records::keys_after(conn, last, &bodies)?;
            let mut report = RevertReport::new(id, seq);
            for spot in &spots {
                let left = after.timeline(*spot, Known::Now);
                let newer = left.stated().iter().any(|one| one.seq > last);
                // What was stated since for an earlier day was not what showed.
                let before = before.timeline(*spot, Known::Now);
                let showed = before.holding_on(NaiveDate::MAX).is_some_and(|(holding, _)| {
                    (first..=last).contains(&holding.seq) && holding.confirmed_seq.is_none_or(|seq| seq <= last)
                });
                let newer = newer && !showed;
                // Nothing that was stated before holds, on whatever day.
                let held = left.holding_on(NaiveDate::MAX).is_some();
                match (newer, held) {
                    (true, _) => report.keep(&spot.key(&self.catalogue)),
                    (false, false) => report.removed += 1,
                    (false, true) => report.restored += 1,
                }
            }
            for key in &record_keys {
                match records_after.get(key) {
                    _ if newer.contains(key) => report.keep_record(key),
                    None => report.removed += 1,
                    Some(_) => report.restored += 1,
                }
            }
            let status = ImportStatus::Reverted.code().to_owned();
            store::update(conn, &ImportRow { status, ..row.clone() })?;
            let entry = Entry {
                after: Some(json!({"revision": report.revision, "removed": report.removed, "restored": report.restored, "kept": report.kept}).to_string()),
                file: Some(row.file_name),
                ..origin.entry(self.now(), AuditAction::ImportReverted, format!("import/{id}"))
            };
            audit::append(conn, entry)?;
            Ok(report)
        });
        if let Err(Error::Denied(denial)) = &reverted {
            self.record_refusal(origin, *denial, format!("import/{id}"), "RevertImport")?;
        }
        reverted
    }

    /// Whether a row of a file may be written.
    fn may_write(&self, origin: &Origin, key: &Key, statement: Statement) -> Result<(), Denial> {
        // The database refers to the catalogue; if it ever did not, nobody may write there.
        let procedure = self.catalogue.procedure_ix(key.procedure.as_str()).ok_or(Denial::OtherCategory)?;
        let category = self.catalogue.procedure(procedure).category;
        let target = Target { municipality: key.municipality, category };
        decide(&origin.actor.grant, Action::ImportRow(statement), Some(target))
    }

    /// Whether a record of a file may be written.
    fn may_record(&self, origin: &Origin, key: &RecordKey) -> Result<(), Denial> {
        let statement = match key {
            RecordKey::Usage(_) => Statement::Usage,
            RecordKey::Figure(_) => Statement::PublishedFigure,
        };
        let target = match key.procedure() {
            Some(procedure) => {
                let ix = self.catalogue.procedure_ix(procedure.as_str()).ok_or(Denial::OtherCategory)?;
                let category = self.catalogue.procedure(ix).category;
                Some(Target { municipality: key.municipality(), category })
            }
            // Figures of a whole definition are for administrators, who reach everybody.
            None => None,
        };
        decide(&origin.actor.grant, Action::ImportRow(statement), target)
    }

    /// Whoever takes an import back must be allowed to write each of its rows.
    fn all_allowed(
        &self,
        origin: &Origin,
        keys: &BTreeSet<Key>,
        records: &BTreeSet<RecordKey>,
    ) -> Result<(), Error> {
        for key in records {
            self.may_record(origin, key).map_err(Error::Denied)?;
        }
        for key in keys {
            self.may_write(origin, key, Statement::Withdrawal(key.source)).map_err(Error::Denied)?;
        }
        Ok(())
    }
}

/// What is being written: a file, how it was understood, what it changes, and by whom.
struct Writing<'a> {
    prepared: &'a Prepared,
    reading: &'a Reading,
    plan: &'a Plan,
    report: &'a Report,
    origin: &'a Origin,
}

impl Writing<'_> {
    fn described(&self, row: ImportRow) -> ImportRow {
        described(row, self.reading, self.plan, self.report)
    }

    fn file_rows(&self, id: i64) -> impl Iterator<Item = Vec<FileRow>> {
        file_rows(id, self.reading, self.plan)
    }
}

/// The row of an import with what was understood of it and what it would change.
pub(super) fn described(row: ImportRow, reading: &Reading, plan: &Plan, report: &Report) -> ImportRow {
    let json = |value: Result<String, serde_json::Error>| value.ok();
    ImportRow {
        encoding: reading.container.as_ref().map(import::Container::label),
        layout: reading.layout.map(|layout| layout.code().to_owned()),
        profile: reading.profile.clone(),
        report: json(serde_json::to_string(&report.without_rows())),
        headings: json(serde_json::to_string(&reading.headings)),
        plan_hash: Some(plan.hash.to_vec()),
        ..row
    }
}

/// The rejected and warned rows of a file, with their cells as they came, some at a time: in a file
/// that is not the sender's all rows are, and with their cells they are larger than the file.
pub(super) fn file_rows<'p>(
    id: i64,
    reading: &'p Reading,
    plan: &'p Plan,
) -> impl Iterator<Item = Vec<FileRow>> + 'p {
    /// Rows at a time.
    const SOME: usize = 1000;
    let by_line = |faults: &'p [Fault]| {
        let mut lines: BTreeMap<u32, Vec<&'p Fault>> = BTreeMap::new();
        for fault in faults {
            lines.entry(fault.line.unwrap_or(0)).or_default().push(fault);
        }
        lines
    };
    let outcomes = [("rejected", by_line(&plan.faults)), ("warning", by_line(&plan.warnings))];
    let rows = move |outcome: &str, lines: &[(u32, Vec<&Fault>)]| -> Vec<FileRow> {
        let cells = reading.cells_of(&lines.iter().map(|(line, _)| *line).collect());
        let row = |(line, faults): &(u32, Vec<&Fault>)| FileRow {
            import_id: id,
            line: i64::from(*line),
            outcome: outcome.to_owned(),
            faults: json!(faults).to_string(),
            cells: json!(cells.get(line).map(|cells| storable(cells)).unwrap_or_default()).to_string(),
        };
        lines.iter().map(row).collect()
    };
    outcomes.into_iter().flat_map(move |(outcome, lines)| {
        let lines: Vec<(u32, Vec<&Fault>)> = lines.into_iter().collect();
        let chunks: Vec<_> = (0..lines.len()).step_by(SOME).collect();
        chunks.into_iter().map(move |at| rows(outcome, &lines[at..lines.len().min(at + SOME)]))
    })
}

/// Cells as both databases can hold them.
fn storable(cells: &[String]) -> Vec<String> {
    cells.iter().map(|cell| cell.replace('\0', "\u{FFFD}")).collect()
}

impl RevertReport {
    fn new(import_id: i64, revision: i64) -> Self {
        Self { import_id, revision, removed: 0, restored: 0, kept: 0, kept_rows: Vec::new() }
    }

    fn keep(&mut self, key: &Key) {
        let channel = key.channel.as_ref().map(ToString::to_string);
        self.keep_row(key.municipality.to_string(), key.procedure.to_string(), channel);
    }

    fn keep_record(&mut self, key: &RecordKey) {
        let subject = match key {
            RecordKey::Figure(FigureKey { subject: Subject::Definition(id), .. }) => id.clone(),
            _ => key.procedure().map(ToString::to_string).unwrap_or_default(),
        };
        self.keep_row(key.municipality().to_string(), subject, None);
    }

    fn keep_row(&mut self, municipality_code: String, procedure_id: String, channel: Option<String>) {
        /// So many are named.
        const NAMED: usize = 500;
        self.kept += 1;
        if self.kept_rows.len() < NAMED {
            self.kept_rows.push(KeptRow { municipality_code, procedure_id, channel });
        }
    }

    /// For a person, in Japanese.
    pub fn summary(&self) -> String {
        format!(
            "取込 {} を元に戻しました: 取り消し {}件、前の値に戻したもの {}件、その後に変わったため残したもの {}件\n",
            self.import_id, self.removed, self.restored, self.kept
        )
    }
}

/// The questions of a file that must be answered before it is taken. Those about single rows may stay
/// open where such rows are left out: they are in the list of the rows that were not taken.
pub fn unanswered(report: &Report, on_error: OnError) -> Vec<&Question> {
    let left_out = |question: &&Question| on_error == OnError::Skip && question.is_about_rows();
    report.questions.iter().filter(|question| !left_out(question)).collect()
}

pub(super) fn plan_changed() -> Error {
    Error::Conflict(Refusal::new(
        "plan_changed",
        "",
        "確認した後にデータが変わったか、確認した人と取り込める範囲が違います。もう一度確認してください（answers に {} を送ると、同じファイルを今のデータで計画し直します）。何も書き込んでいません。",
        "the data changed since the plan was shown; check again",
    ))
}

pub(super) fn no_import(id: i64) -> Error {
    Error::NotFound(Refusal::new(
        "unknown_import",
        &id.to_string(),
        format!("取込 {id} はありません。"),
        "no such import",
    ))
}

fn not_applied(id: i64, status: ImportStatus) -> Error {
    Error::Conflict(
        Refusal::new(
            "not_applied",
            status.code(),
            format!("取込 {id} は適用されていません（{}）。", status.label()),
            "the import was not applied",
        )
        .allowed(ImportStatus::Applied.code()),
    )
}

fn reverted_already(id: i64) -> Error {
    Error::Conflict(Refusal::new(
        "already_reverted",
        &id.to_string(),
        format!("取込 {id} はすでに元に戻されています。"),
        "the import was already reverted",
    ))
}
