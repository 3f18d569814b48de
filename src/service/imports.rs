//! Files: look at them, apply them, take them back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::Service;
use super::access::Origin;
use super::statements::statement_of;
use crate::domain::Refusal;
use crate::domain::access::{Action, Denial, Statement, Target, decide};
use crate::domain::assertion::{Assertion, Key, Timeline};
use crate::domain::audit::{AuditAction, Entry, hex};
use crate::error::Error;
use crate::import::plan::{self, Plan};
use crate::import::report::{FileFacts, Report, Status};
use crate::import::{self, Fault, Options, Reading};
use crate::store::imports::{self as store, ImportRow};
use crate::store::{Conn, assertions, audit};

/// What to do with good rows while others are wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing is applied while one row is wrong.
    #[default]
    Reject,
    /// Good rows are applied.
    Skip,
}

/// How a file is to be applied.
#[derive(Clone, Debug, Default)]
pub struct ApplyOptions {
    /// What to do while rows are wrong.
    pub on_error: OnError,
    /// Whether lowering very many levels was confirmed.
    pub confirmed: bool,
    /// The plan a person has seen; another one is not applied.
    pub expected_plan: Option<[u8; 32]>,
}

/// A file that was read and waits to be compared or applied.
pub struct Prepared {
    file: FileFacts,
    reading: Result<Reading, Vec<Fault>>,
    options: Options,
}

/// What taking an import back did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
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
}

impl Service {
    /// Reads a file.
    pub fn prepare(&self, name: &str, bytes: &[u8], options: Options) -> Prepared {
        Prepared {
            file: FileFacts::new(name, bytes),
            reading: import::read(bytes, &self.catalogue, &options),
            options,
        }
    }

    /// What a file would do if this sender applied it; writes nothing. The second value is the hash
    /// of the plan.
    ///
    /// # Errors
    ///
    /// A database that does not answer. A file that cannot be read is a report.
    pub fn check(&self, prepared: &Prepared, origin: &Origin) -> Result<(Report, Option<[u8; 32]>), Error> {
        let reading = match &prepared.reading {
            Ok(reading) => reading,
            Err(faults) => return Ok((Report::unreadable(&prepared.file, faults.clone()), None)),
        };
        let (mut plan, _) = self.db.read(|conn| self.plan(conn, prepared, reading))?;
        self.keep_to_grant(&mut plan, origin);
        Ok((Report::planned(&prepared.file, reading, &plan), Some(plan.hash)))
    }

    fn plan(
        &self,
        conn: &mut Conn,
        prepared: &Prepared,
        reading: &Reading,
    ) -> Result<(Plan, BTreeMap<Key, Timeline>), Error> {
        let bodies = plan::bodies(reading, &self.catalogue);
        let timelines = assertions::timelines(conn, &bodies)?;
        Ok((plan::make(reading, &self.catalogue, &timelines, &prepared.options), timelines))
    }

    /// Applies a file: all of it or nothing.
    ///
    /// # Errors
    ///
    /// A database that does not answer, someone who may not import, and a plan that is no longer
    /// the one that was seen ([`Error::Conflict`]). A file that is refused is a report; so are rows
    /// of bodies that the key does not reach.
    pub fn apply(&self, prepared: &Prepared, origin: &Origin, how: &ApplyOptions) -> Result<Report, Error> {
        self.guard(origin, Action::Import, None)?;
        let reading = match &prepared.reading {
            Ok(reading) => reading,
            Err(faults) => return Ok(Report::unreadable(&prepared.file, faults.clone())),
        };
        self.db.write(|conn| {
            let (mut plan, timelines) = self.plan(conn, prepared, reading)?;
            self.keep_to_grant(&mut plan, origin);
            let report = Report::planned(&prepared.file, reading, &plan);
            if how.expected_plan.is_some_and(|expected| expected != plan.hash) {
                return Err(plan_changed());
            }
            let faulty = !plan.faults.is_empty() && how.on_error == OnError::Reject;
            if faulty || (report.needs_confirmation && !how.confirmed) {
                return Ok(Report { status: Status::Refused, ..report });
            }
            if plan.entries.is_empty() {
                let known = plan.faults.is_empty() || plan.counts.unchanged > 0;
                let status = if known { Status::NothingToDo } else { Status::Refused };
                return Ok(Report { status, ..report });
            }
            let (import_id, revision) = self.write_plan(conn, prepared, reading, &plan, timelines, origin)?;
            Ok(Report {
                status: Status::Applied,
                import_id: Some(import_id),
                revision: Some(revision),
                ..report
            })
        })
    }

    /// Turns rows that the key may not write into faults.
    fn keep_to_grant(&self, plan: &mut Plan, origin: &Origin) {
        plan.refuse(|entry| {
            let statement = statement_of(&entry.new, entry.key.source);
            self.may_write(origin, &entry.key, statement).err().map(Denial::refusal)
        });
    }

    fn write_plan(
        &self,
        conn: &mut Conn,
        prepared: &Prepared,
        reading: &Reading,
        plan: &Plan,
        mut timelines: BTreeMap<Key, Timeline>,
        origin: &Origin,
    ) -> Result<(i64, i64), Error> {
        let now = self.now();
        let first = assertions::revision(conn)? + 1;
        let rows: Vec<Assertion> = plan
            .entries
            .iter()
            .zip(first..)
            .map(|(entry, seq)| Assertion {
                kind: entry.kind,
                key: entry.key.clone(),
                stated: entry.stated(seq, now),
                actor: origin.actor.name.clone(),
                import_id: None,
                line: Some(i64::from(entry.line)),
            })
            .collect();
        let last = first + store::counted(rows.len()) - 1;
        let id = store::next_id(conn)?;
        let row = self.import_row(id, (first, last), prepared, reading, plan, &origin.actor.name);
        store::insert(conn, &row)?;
        let rows: Vec<Assertion> =
            rows.into_iter().map(|row| Assertion { import_id: Some(id), ..row }).collect();
        assertions::append(conn, &rows)?;
        let mut touched = BTreeSet::new();
        for row in rows {
            timelines.entry(row.key.clone()).or_default().insert(row.stated);
            touched.insert(row.key);
        }
        let touched = timelines.iter().filter(|(key, _)| touched.contains(*key));
        let day = assertions::day_of_projection(conn, self.today())?;
        assertions::project(conn, touched, day)?;
        let after = json!({
            "counts": plan.counts, "plan_sha256": hex(&plan.hash), "file_sha256": hex(&prepared.file.sha256),
            "first_seq": first, "last_seq": last,
        });
        let entry = Entry {
            after: Some(after.to_string()),
            file: Some(prepared.file.name.clone()),
            ..origin.entry(now, AuditAction::ImportApplied, format!("import/{id}"))
        };
        audit::append(conn, entry)?;
        Ok((id, last))
    }

    fn import_row(
        &self,
        id: i64,
        (first_seq, last_seq): (i64, i64),
        prepared: &Prepared,
        reading: &Reading,
        plan: &Plan,
        actor: &str,
    ) -> ImportRow {
        ImportRow {
            id,
            file_name: prepared.file.name.clone(),
            sha256: prepared.file.sha256.to_vec(),
            size: store::counted(prepared.file.size),
            encoding: reading.container.label(),
            layout: reading.layout.code().to_owned(),
            actor: actor.to_owned(),
            applied_at: store::at(self.now()),
            plan_hash: plan.hash.to_vec(),
            created_count: store::counted(plan.counts.created),
            changed_count: store::counted(plan.counts.changed),
            confirmed_count: store::counted(plan.counts.confirmed),
            unchanged_count: store::counted(plan.counts.unchanged),
            rejected_count: store::counted(plan.counts.rejected),
            first_seq,
            last_seq,
        }
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
            let bodies = store::bodies(conn, &row)?;
            let before = assertions::timelines(conn, &bodies)?;
            let seq = assertions::revision(conn)? + 1;
            store::retract(conn, seq, id, self.now(), &origin.actor.name)?;
            let after = assertions::timelines(conn, &bodies)?;
            let keys = assertions::keys_between(conn, row.first_seq, row.last_seq)?;
            self.all_allowed(origin, &keys)?;
            let mut report = RevertReport { import_id: id, revision: seq, removed: 0, restored: 0, kept: 0 };
            let today = assertions::day_of_projection(conn, self.today())?;
            let shown = |timelines: &BTreeMap<Key, Timeline>, key: &Key| {
                timelines.get(key).and_then(|timeline| timeline.holding_on(today)).map(|(held, _)| held)
            };
            for key in &keys {
                match (shown(&before, key), shown(&after, key)) {
                    (Some(old), new) if Some(old) == new => report.kept += 1,
                    (_, None) => report.removed += 1,
                    (_, Some(_)) => report.restored += 1,
                }
            }
            assertions::unproject(conn, row.first_seq, row.last_seq)?;
            let touched = after.iter().filter(|(key, _)| keys.contains(*key));
            assertions::project(conn, touched, today)?;
            let entry = Entry {
                after: Some(json!(report).to_string()),
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

    /// Whoever takes an import back must be allowed to write each of its rows.
    fn all_allowed(&self, origin: &Origin, keys: &BTreeSet<Key>) -> Result<(), Error> {
        for key in keys {
            self.may_write(origin, key, Statement::Withdrawal(key.source)).map_err(Error::Denied)?;
        }
        Ok(())
    }
}

impl RevertReport {
    /// For a person, in Japanese.
    pub fn summary(&self) -> String {
        format!(
            "取込 {} を元に戻しました: 取り消し {}件、前の値に戻したもの {}件、その後に変わったため残したもの {}件\n",
            self.import_id, self.removed, self.restored, self.kept
        )
    }
}

fn plan_changed() -> Error {
    Error::Conflict(Refusal::new(
        "plan_changed",
        "",
        "確認した後にデータが変わりました。もう一度確認してください。何も書き込んでいません。",
        "the data changed since the plan was shown; check again",
    ))
}

fn no_import(id: i64) -> Error {
    Error::NotFound(Refusal::new(
        "unknown_import",
        &id.to_string(),
        format!("取込 {id} はありません。"),
        "no such import",
    ))
}

fn reverted_already(id: i64) -> Error {
    Error::Conflict(Refusal::new(
        "already_reverted",
        &id.to_string(),
        format!("取込 {id} はすでに元に戻されています。"),
        "the import was already reverted",
    ))
}
