//! Applies a plan: writes all of it or nothing.

use std::sync::Arc;

use serde_json::json;

use super::super::access::Origin;
use super::jobs::Progress;
use super::plan::{Planned, described, replace_lines};
use super::upload::File;
use super::work::LATER_FROM;
use super::{ApplyOptions, Import, counted, first_faults, no_import, not_ready};
use crate::domain::Refusal;
use crate::domain::access::Action;
use crate::domain::assertion::Assertion;
use crate::domain::audit::{AuditAction, Entry, hex};
use crate::domain::imports::{ImportStatus, RowOutcome};
use crate::import::marks::Question;
use crate::import::plan::{Plan, WATCHED_EVERY, Watch};
use crate::import::report::{Report, SHOWN_FAULTS, Status};
use crate::import::{Fault, OnError};
use crate::service::Service;
use crate::service::error::Error;
use crate::store::imports as store;
use crate::store::kept_keys::KeysBeingKept;
use crate::store::records::{self, NewRecord};
use crate::store::{Conn, assertions, audit};

impl Planned {
    /// Why the file is not applied as it was asked, if it is not.
    pub fn refusal(&self, how: &ApplyOptions) -> Option<Error> {
        let report = &self.report;
        let unreadable = self.plan.is_none();
        let takes_nothing = self.is_empty() && report.fault_count > 0 && report.counts.unchanged == 0;
        stands_against(report, how)
            .or_else(|| (unreadable || takes_nothing).then(|| Error::BadFile(report.faults.clone())))
    }
}

impl Service {
    /// Applies a stored import: exactly the plan that was shown. A large one is applied after the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if it is not waiting to be applied, if what it touches changed since it
    /// was planned, or if lowering so many levels was not confirmed; [`Error::BadFile`] while rows
    /// are wrong.
    pub fn apply(self: &Arc<Self>, origin: &Origin, id: i64, how: ApplyOptions) -> Result<Import, Error> {
        let row = self.planned_row(origin, id)?;
        if how.expected_plan.is_some_and(|seen| row.plan_hash != Some(seen)) {
            return Err(plan_changed());
        }
        let import = self.may_apply(&row, &how)?;
        if import.report.counts.statements < LATER_FROM {
            let _turn = self.jobs.turn()?;
            self.begin_applying(&row)?;
            self.carry_out(origin, row, None, how, &Progress::default())?;
        } else {
            // Said before the answer, so that whoever looks at once sees that it is under way.
            self.begin_applying(&row)?;
            self.later(origin, id, move |service, origin, progress| {
                service.carry_out(origin, row, None, how, progress)
            });
        }
        self.import(origin, id)
    }

    /// Stores a file that was planned and applies it, for whoever waits with the file at hand. Of a file that
    /// is refused, or that changes nothing, nothing is stored.
    ///
    /// # Errors
    ///
    /// What [`Planned::refusal`] answers, someone who may not import, a plan that is no longer the one that
    /// was seen ([`Error::Conflict`]), and [`Error::Stopped`] by whoever watches.
    pub fn apply_file(
        &self,
        origin: &Origin,
        file: &File,
        planned: Planned,
        how: &ApplyOptions,
        watch: &dyn Watch,
    ) -> Result<Report, Error> {
        self.guard(origin, Action::Import, None)?;
        self.write_file(origin, None, file, planned, how, watch)
    }

    /// Applies an import that has just been planned.
    pub(super) fn apply_planned(
        &self,
        origin: &Origin,
        id: i64,
        at_hand: (File, Planned),
        how: ApplyOptions,
        progress: &Progress,
    ) -> Result<(), Error> {
        let row = self.planned_row(origin, id)?;
        self.may_apply(&row, &how)?;
        self.begin_applying(&row)?;
        self.carry_out(origin, row, Some(at_hand), how, progress)
    }

    /// Applies an import that was said to be under way, with its file and plan where they are at hand. If
    /// nothing comes of it, it waits as before.
    fn carry_out(
        &self,
        origin: &Origin,
        row: store::Import,
        at_hand: Option<(File, Planned)>,
        how: ApplyOptions,
        progress: &Progress,
    ) -> Result<(), Error> {
        let apply = || {
            let (file, planned) = match at_hand {
                Some(at_hand) => at_hand,
                None => {
                    let file = self.read_again(&row)?;
                    progress.begin(file.size());
                    let planned = self.plan(origin, &file, progress)?;
                    (file, planned)
                }
            };
            let how = ApplyOptions { expected_plan: row.plan_hash, ..how };
            self.write_file(origin, Some(row.id), &file, planned, &how, progress)
            // The file goes here: it is as large as the grid that is about to be made.
        };
        apply().inspect_err(|error| self.end_badly(origin, row.id, error))?;
        // Whoever asks next must see what was written.
        self.refresh().map(|_| ())
    }

    /// Writes a file and what it changes, under the number it is stored as or a new one.
    fn write_file(
        &self,
        origin: &Origin,
        stored: Option<i64>,
        file: &File,
        planned: Planned,
        how: &ApplyOptions,
        watch: &dyn Watch,
    ) -> Result<Report, Error> {
        self.db.write(|conn| {
            let planned = match assertions::revision(conn)? == planned.revision {
                true => planned,
                // Others have written since.
                false => self.plan_within(conn, origin, file, watch)?,
            };
            if how.expected_plan.is_some_and(|seen| planned.hash().is_some_and(|hash| hash != seen)) {
                return Err(plan_changed());
            }
            if let Some(refusal) = planned.refusal(how) {
                return Err(refusal);
            }
            if planned.is_empty() && stored.is_none() {
                return Ok(Report { status: Status::NothingToDo, ..planned.report });
            }
            let (import_id, revision) = self.write_plan(conn, origin, stored, file, &planned, watch)?;
            let status = if planned.is_empty() { Status::NothingToDo } else { Status::Applied };
            Ok(Report { status, import_id: Some(import_id), revision: Some(revision), ..planned.report })
        })
    }

    /// Appends what a plan says to the log, and answers the number of the import and the revision after it.
    fn write_plan(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        stored: Option<i64>,
        file: &File,
        planned: &Planned,
        watch: &dyn Watch,
    ) -> Result<(i64, i64), Error> {
        let Some(plan) = &planned.plan else { return Err(Error::BadFile(planned.report.faults.clone())) };
        let now = self.now();
        let before = assertions::revision(conn)?;
        let (facts, records) = (counted(plan.entries.len()), counted(plan.records.len()));
        let last = before + facts + records;
        let seqs = (last > before).then_some((before + 1, last));
        let row = self.applied_row(conn, origin, stored, file, planned, seqs)?;
        self.write_facts(conn, origin, plan, row.id, before + 1, watch)?;
        let new: Vec<NewRecord> = plan
            .records
            .iter()
            .zip(before + 1 + facts..)
            .map(|(entry, seq)| NewRecord {
                seq,
                key: entry.key.clone(),
                value: entry.new.clone(),
                line: i64::from(entry.line),
            })
            .collect();
        records::append(conn, row.id, now, &origin.actor.name, &new)?;
        let after = json!({
            "counts": plan.counts, "plan_sha256": hex(&plan.hash), "file_sha256": hex(&file.facts.sha256),
            "first_seq": row.first_seq, "last_seq": row.last_seq, "reason": row.reason,
        });
        let entry = Entry {
            after: Some(after.to_string()),
            file: Some(file.facts.name.clone()),
            ..origin.entry(now, AuditAction::ImportApplied, format!("import/{}", row.id))
        };
        audit::append(conn, entry)?;
        Ok((row.id, last))
    }

    /// Appends the facts of a plan to the log.
    fn write_facts(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        plan: &Plan,
        id: i64,
        first: i64,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let now = self.now();
        let mut keys = KeysBeingKept::default();
        for (chunk, done) in plan.entries.chunks(WATCHED_EVERY).zip(0..) {
            let done: usize = done * WATCHED_EVERY;
            watch.done(done)?;
            let rows: Vec<Assertion> = chunk
                .iter()
                .zip(first + counted(done)..)
                .map(|(entry, seq)| Assertion {
                    kind: entry.kind,
                    key: entry.key.clone(),
                    stated: entry.stated(seq, now),
                    actor: origin.actor.name.clone(),
                    import_id: Some(id),
                    line: Some(i64::from(entry.line)),
                })
                .collect();
            assertions::append(conn, &rows)?;
            keys.add(conn, &rows)?;
        }
        keys.keep(conn)?;
        watch.done(plan.entries.len())?;
        Ok(())
    }

    /// Writes the row of an import that is being applied: the one it was stored as, or a new one.
    fn applied_row(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        stored: Option<i64>,
        file: &File,
        planned: &Planned,
        seqs: Option<(i64, i64)>,
    ) -> Result<store::Import, Error> {
        let row = match stored {
            Some(id) => {
                let row = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
                // Somebody may have given it up, or taken it on, since it was read.
                if row.status != ImportStatus::Applying {
                    return Err(Error::Stopped);
                }
                row
            }
            None => self.insert(conn, origin, file)?,
        };
        let row = store::Import {
            status: ImportStatus::Applied,
            started_at: None,
            failure: None,
            applied_at: Some(self.now()),
            applied_by: Some(origin.actor.name.clone()),
            first_seq: seqs.map(|(first, _)| first),
            last_seq: seqs.map(|(_, last)| last),
            ..described(row, file, planned)
        };
        store::update(conn, &row)?;
        replace_lines(conn, row.id, file, planned)?;
        Ok(row)
    }

    /// Whether an import waits to be applied and nothing but time stands against it.
    fn may_apply(&self, row: &store::Import, how: &ApplyOptions) -> Result<Import, Error> {
        /// Wrong rows whose faults are told.
        const TOLD: u32 = 100;
        let mut import = self.standing(row.clone());
        if row.status != ImportStatus::Planned {
            return Err(not_ready(row.id, import.status));
        }
        let (_, wrong) = self.db.read(|conn| {
            store::lines(conn, row.id, RowOutcome::Rejected, 0, Some(TOLD)).map_err(Error::from)
        })?;
        import.report.faults = first_faults(&wrong);
        stands_against(&import.report, how).map_or(Ok(import), Err)
    }

    fn begin_applying(&self, row: &store::Import) -> Result<(), Error> {
        self.db.write(|conn| {
            let now = store::find(conn, row.id)?.ok_or_else(|| no_import(row.id))?;
            if now != *row {
                return Err(not_ready(row.id, now.status));
            }
            let status = ImportStatus::Applying;
            let started_at = Some(self.now());
            store::update(conn, &store::Import { status, started_at, failure: None, ..now })?;
            Ok(())
        })
    }
}

/// What stands against applying a file as it was asked, as far as its report tells: rows that are wrong,
/// questions that are open, or so many levels falling that it must be confirmed.
fn stands_against(report: &Report, how: &ApplyOptions) -> Option<Error> {
    let asked: Vec<Fault> = unanswered(report, how.on_error).map(Fault::open_question).collect();
    let faulty = report.fault_count > 0 && how.on_error == OnError::Reject;
    if faulty || !asked.is_empty() {
        return Some(Error::BadFile(beside_questions(report.faults.clone(), asked)));
    }
    (report.needs_confirmation && !how.confirmed).then(|| needs_confirmation(report.counts.lowered))
}

/// The questions of a file that must be answered before it is taken. Those about single rows may stay
/// open where such rows are left out: they are in the list of the rows that were not taken.
fn unanswered(report: &Report, on_error: OnError) -> impl Iterator<Item = &Question> {
    report.questions.iter().filter(move |question| !(on_error == OnError::Skip && question.is_about_rows()))
}

fn needs_confirmation(lowered: usize) -> Error {
    Error::Conflict(
        Refusal::new(
            "needs_confirmation",
            &lowered.to_string(),
            format!("{lowered}件の段階が下がります。よければ confirm=true を付けてください。"),
            "so many levels would fall that it must be confirmed",
        )
        .allowed("confirm=true"),
    )
}

/// The faults of a file, and behind them the questions that are open: as many as are told.
fn beside_questions(mut faults: Vec<Fault>, asked: Vec<Fault>) -> Vec<Fault> {
    faults.truncate(SHOWN_FAULTS.saturating_sub(asked.len()));
    faults.extend(asked);
    faults
}

fn plan_changed() -> Error {
    Error::Conflict(Refusal::new(
        "plan_changed",
        "",
        "確認した後にデータが変わったか、確認した人と取り込める範囲が違います。もう一度確認してください（answers に {} を送ると、同じファイルを今のデータで計画し直します）。何も書き込んでいません。",
        "the data changed since the plan was shown; check again",
    ))
}
