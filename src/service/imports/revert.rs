//! Takes an import back.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::json;

use super::super::access::Origin;
use super::no_import;
use crate::domain::Refusal;
use crate::domain::access::{Action, Statement};
use crate::domain::assertion::Key;
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::imports::ImportStatus;
use crate::domain::log::TakenBack;
use crate::domain::material::MaterialKey;
use crate::domain::usage::{FigureKey, RecordKey, Subject};
use crate::grid::moment::Known;
use crate::grid::recorder::Recorder;
use crate::service::Service;
use crate::service::error::Error;
use crate::store::imports as store;
use crate::store::{assertions, audit, records};

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
            let (first, last) = match (row.status, row.first_seq, row.last_seq) {
                (ImportStatus::Applied, Some(first), Some(last)) => (first, last),
                (ImportStatus::Applied, ..) => (1, 0),
                _ => return Err(not_applied(id, row.status)),
            };
            let bodies = store::bodies(conn, first, last)?;
            let seq = assertions::revision(conn)? + 1;
            let before = self.history_for(conn, &bodies, None)?;
            let at = self.now();
            store::retract(conn, seq, id, at, &origin.actor.name)?;
            let mut recorder = Recorder::over(&before);
            recorder.take_back(TakenBack { seq, import_id: id, at });
            let (after, _) = recorder.finish(seq);
            let spots = before.spots_of_import(id);
            let keys: BTreeSet<Key> = spots.iter().map(|spot| spot.key(&self.catalogue)).collect();
            let record_keys = records::keys_between(conn, first, last)?;
            self.all_allowed(origin, &keys, &record_keys)?;
            let records_after = records::known_of(conn, &bodies)?;
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
            let status = ImportStatus::Reverted;
            store::update(conn, &store::Import { status, ..row.clone() })?;
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
            // A kind without a procedure is told by its own name.
            RecordKey::Material(MaterialKey { procedure: None, kind, .. }) => kind.code().to_owned(),
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
