//! Writes a plan: all of it or nothing.

use std::sync::Arc;

use serde_json::json;

use super::super::access::Origin;
use super::plan::{described, file_rows};
use super::upload::Prepared;
use super::work::Progress;
use super::{ApplyOptions, Import, LATER_FROM, OnError, Then, first_faults, no_import, not_ready};
use crate::domain::Refusal;
use crate::domain::access::Action;
use crate::domain::assertion::Assertion;
use crate::domain::audit::{AuditAction, Entry, hex};
use crate::domain::imports::ImportStatus;
use crate::error::Error;
use crate::grid::history::Known;
use crate::import::marks::Question;
use crate::import::plan::{Plan, Unwatched, WATCHED_EVERY, Watch};
use crate::import::report::{Report, SHOWN_FAULTS, Status};
use crate::import::{Fault, Reading};
use crate::service::Service;
use crate::store::imports::{self as store, FileRow, ImportRow};
use crate::store::records::{self, NewRecord};
use crate::store::{Conn, assertions, audit};

impl Service {
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

    /// Applies a stored file: exactly the plan that was shown. Large ones are applied after the
    /// answer.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if it is not waiting to be applied, if what it touches changed since it
    /// was checked, or if lowering so many levels was not confirmed; [`Error::BadFile`] while rows
    /// are wrong.
    pub fn apply_import(self: &Arc<Self>, origin: &Origin, id: i64, then: Then) -> Result<Import, Error> {
        let (row, _) = self.stored(origin, id, false)?;
        let import = self.may_apply(&row, then)?;
        if import.report.counts.statements < LATER_FROM {
            let _turn = self.jobs.turn()?;
            self.apply_now(origin, id, then, &Progress::default())?;
            return self.import(origin, id);
        }
        // Said before the answer, so that whoever looks at once sees that it is under way.
        self.begin_applying(&row)?;
        self.later(origin, id, move |service, origin, progress| {
            service.apply_begun(origin, id, then, progress)
        });
        self.import(origin, id)
    }

    fn apply_now(&self, origin: &Origin, id: i64, then: Then, progress: &Progress) -> Result<(), Error> {
        let (row, _) = self.stored(origin, id, false)?;
        self.may_apply(&row, then)?;
        self.begin_applying(&row)?;
        self.apply_begun(origin, id, then, progress)
    }

    /// Applies an import whose file has just been read.
    pub(super) fn apply_read(
        &self,
        origin: &Origin,
        id: i64,
        then: Then,
        mut prepared: Prepared,
        progress: &Progress,
    ) -> Result<(), Error> {
        let (row, _) = self.stored(origin, id, false)?;
        self.may_apply(&row, then)?;
        self.begin_applying(&row)?;
        progress.begin(prepared.size());
        prepared.stored = Some(Box::new(row.clone()));
        let applied = self.carry_out(origin, prepared, &then.how(&row), progress);
        if let Err(error) = &applied {
            self.end_badly(origin, id, error);
        }
        applied
    }

    /// Applies an import that was said to be under way. If nothing came of it, it waits as before.
    fn apply_begun(&self, origin: &Origin, id: i64, then: Then, progress: &Progress) -> Result<(), Error> {
        let applied = self.stored(origin, id, true).and_then(|(row, prepared)| {
            let prepared = prepared.ok_or_else(|| no_import(id))?;
            progress.begin(prepared.size());
            self.carry_out(origin, prepared, &then.how(&row), progress)
        });
        if let Err(error) = &applied {
            self.end_badly(origin, id, error);
        }
        applied
    }

    fn carry_out(
        &self,
        origin: &Origin,
        prepared: Prepared,
        how: &ApplyOptions,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let report = self.apply_watched(&prepared, origin, how, watch)?;
        // As large as the grid that is about to be made.
        drop(prepared);
        if report.status == Status::Refused {
            let asked = unanswered(&report, how.on_error).into_iter().map(Fault::open_question);
            let asked: Vec<Fault> = asked.collect();
            return Err(Error::BadFile(beside_questions(report.faults, asked)));
        }
        // Whoever asks next must see what was written.
        self.refresh()?;
        Ok(())
    }

    /// Whether an import waits to be applied and nothing but time stands against it.
    fn may_apply(&self, row: &ImportRow, then: Then) -> Result<Import, Error> {
        let import = self.standing(row.clone())?;
        if row.status != ImportStatus::Planned.code() {
            return Err(not_ready(row.id, import.status));
        }
        let asked: Vec<Fault> =
            unanswered(&import.report, then.on_error).into_iter().map(Fault::open_question).collect();
        let faulty = import.report.fault_count > 0 && then.on_error == OnError::Reject;
        if faulty || !asked.is_empty() {
            let (_, faults) = self
                .db
                .read(|conn| store::rows(conn, row.id, "rejected", 0, Some(100)).map_err(Error::from))?;
            return Err(Error::BadFile(beside_questions(first_faults(&faults), asked)));
        }
        if import.report.needs_confirmation && !then.confirmed {
            return Err(Error::Conflict(
                Refusal::new(
                    "needs_confirmation",
                    &import.report.counts.lowered.to_string(),
                    format!(
                        "{}件の段階が下がります。よければ confirm=true を付けてください。",
                        import.report.counts.lowered
                    ),
                    "so many levels would fall that it must be confirmed",
                )
                .allowed("confirm=true"),
            ));
        }
        Ok(import)
    }

    fn begin_applying(&self, row: &ImportRow) -> Result<(), Error> {
        self.db.write(|conn| {
            let now = store::find(conn, row.id)?.ok_or_else(|| no_import(row.id))?;
            if now != *row {
                let status: ImportStatus = now.status.parse().map_err(Error::Unprocessable)?;
                return Err(not_ready(row.id, status));
            }
            let status = ImportStatus::Applying.code().to_owned();
            let started_at = Some(store::at(self.now()));
            store::update(conn, &ImportRow { status, started_at, failure: None, ..now })?;
            Ok(())
        })
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

/// The questions of a file that must be answered before it is taken. Those about single rows may stay
/// open where such rows are left out: they are in the list of the rows that were not taken.
pub fn unanswered(report: &Report, on_error: OnError) -> Vec<&Question> {
    let left_out = |question: &&Question| on_error == OnError::Skip && question.is_about_rows();
    report.questions.iter().filter(|question| !left_out(question)).collect()
}

/// The faults of a file, and behind them the questions that are open: as many as are told.
fn beside_questions(mut faults: Vec<Fault>, asked: Vec<Fault>) -> Vec<Fault> {
    faults.truncate(SHOWN_FAULTS.saturating_sub(asked.len()));
    faults.extend(asked);
    faults
}

pub(super) fn plan_changed() -> Error {
    Error::Conflict(Refusal::new(
        "plan_changed",
        "",
        "確認した後にデータが変わったか、確認した人と取り込める範囲が違います。もう一度確認してください（answers に {} を送ると、同じファイルを今のデータで計画し直します）。何も書き込んでいません。",
        "the data changed since the plan was shown; check again",
    ))
}
