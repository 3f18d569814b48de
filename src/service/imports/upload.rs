//! Files as they were received.

use std::sync::Arc;

use super::super::access::Origin;
use super::super::kept::{Answered, Repeatable};
use super::work::Progress;
use super::{Import, LATER_FROM, Sent, Then, no_import, seen};
use crate::domain::Refusal;
use crate::domain::access::{Action, Reach};
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::day_in_japan;
use crate::domain::imports::ImportStatus;
use crate::domain::text::clean;
use crate::error::Error;
use crate::import::options::{Asked, MAX_REASON, Refused};
use crate::import::plan::Unwatched;
use crate::import::report::FileFacts;
use crate::import::{self, Fault, Options, Reading};
use crate::service::Service;
use crate::store::imports::{self as store, ImportRow};
use crate::store::{Conn, audit};

/// Larger files are not kept beside their import; only the command line takes them.
const MAX_KEPT: usize = 20 * 1024 * 1024;

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

/// A file as it is sent.
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is said beside it, as it came.
    pub asked: Asked,
    /// The same, understood.
    pub options: Options,
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

    /// Reads what the sender says about a file; the inner error is every value that makes no sense,
    /// with the name of its parameter.
    ///
    /// # Errors
    ///
    /// A profile that is none of the sender's, and a database that does not answer.
    pub fn options(&self, origin: &Origin, asked: &Asked) -> Result<Result<Options, Refused>, Error> {
        let owner = asked.municipality.as_deref().and_then(|code| code.parse().ok());
        let profile = match asked.profile_name().map(|name| self.profile(origin, name, owner)) {
            None => None,
            Some(Ok(named)) => Some(named.profile),
            Some(Err(Error::NotFound(refusal))) => return Ok(Err(vec![("profile", refusal)])),
            Some(Err(error)) => return Err(error),
        };
        let mut options = match asked.read(&self.catalogue, profile, self.today()) {
            Ok(options) => options,
            Err(faults) => return Ok(Err(faults)),
        };
        // A town's own form need not say whose it is.
        if let (None, Reach::Municipality(code)) = (options.municipality, origin.actor.grant.reach()) {
            options.municipality = self.catalogue.body_ix(code);
        }
        Ok(Ok(options))
    }

    /// Takes a file: reads it, compares it, and keeps it until it is applied or given up; with `then`
    /// applies it as well. Large files are worked on after the answer.
    ///
    /// # Errors
    ///
    /// [`Error::BadFile`] for one that cannot be read, someone who may not import, too many files
    /// at once, an `Idempotency-Key` that was used with another request, and what
    /// [`Service::apply_import`] answers.
    pub fn upload(
        self: &Arc<Self>,
        origin: &Origin,
        file: Upload,
        then: Option<Then>,
        repeatable: Option<&Repeatable>,
    ) -> Result<Sent, Error> {
        self.guard(origin, Action::Import, None)?;
        if let Some(id) = self.uploaded_before(origin, repeatable)? {
            return Ok(Sent { id, result: self.resume(origin, id, then) });
        }
        let turn = self.jobs.turn()?;
        let prepared = self.read_apart(file)?;
        if let Err(faults) = &prepared.reading {
            return Err(Error::BadFile(faults.clone()));
        }
        let id = self.store_upload(origin, &prepared, repeatable)?;
        let prepared = prepared.without_original();
        if prepared.size() < LATER_FROM {
            let planned = self.plan_until_answered(origin, prepared, id, &Unwatched);
            if let Err(error) = &planned {
                self.end_badly(origin, id, error);
            }
            let applied = planned.and_then(|prepared| match then {
                None => Ok(()),
                Some(then) => self.apply_read(origin, id, then, prepared, &Progress::default()),
            });
            drop(turn);
            return Ok(Sent { id, result: applied.and_then(|()| self.import(origin, id)) });
        }
        drop(turn);
        self.plan_later(origin, id, prepared, then);
        Ok(Sent { id, result: self.import(origin, id) })
    }

    /// Reads a file in a thread of its own, as planning and applying are: what the allocator keeps of
    /// a thread that ended goes to the next such thread, and not to another that waits with it.
    fn read_apart(&self, file: Upload) -> Result<Prepared, Error> {
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let Upload { name, bytes, asked, options } = file;
                self.prepare(&name, &bytes, options).keeping(bytes, asked, &self.catalogue)
            });
            reader.join().map_err(|_panic| Error::Panicked)
        })
    }

    fn and_then(self: &Arc<Self>, origin: &Origin, id: i64, then: Option<Then>) -> Result<Import, Error> {
        match then {
            None => self.import(origin, id),
            Some(then) => self.apply_import(origin, id, then),
        }
    }

    /// Goes on where an earlier request with the same key was cut off: one file is one import,
    /// however often it is sent.
    fn resume(self: &Arc<Self>, origin: &Origin, id: i64, then: Option<Then>) -> Result<Import, Error> {
        let import = self.import(origin, id)?;
        match import.status {
            ImportStatus::Interrupted => {}
            ImportStatus::Planned => return self.and_then(origin, id, then),
            _ => return Ok(import),
        }
        let planned = import.row.plan_hash.is_some();
        let status = if planned { ImportStatus::Planned } else { ImportStatus::Checking };
        let started_at = (!planned).then(|| store::at(self.now()));
        let prepared = if planned { None } else { Some(self.read_again(&import.row)?) };
        self.db.write(|conn| {
            let now = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
            if now != import.row {
                return Err(twice_at_once());
            }
            store::update(conn, &ImportRow { status: status.code().to_owned(), started_at, ..now })?;
            Ok(())
        })?;
        if let Some(prepared) = prepared {
            self.plan_later(origin, id, prepared, then);
            return self.import(origin, id);
        }
        self.and_then(origin, id, then)
    }

    fn uploaded_before(
        &self,
        origin: &Origin,
        repeatable: Option<&Repeatable>,
    ) -> Result<Option<i64>, Error> {
        if repeatable.is_none() {
            return Ok(None);
        }
        let answered = self.db.write(|conn| self.answered(conn, origin, repeatable))?;
        Ok(answered.and_then(|answered| answered.body.parse().ok()))
    }

    fn store_upload(
        &self,
        origin: &Origin,
        prepared: &Prepared,
        repeatable: Option<&Repeatable>,
    ) -> Result<i64, Error> {
        self.db.write(|conn| {
            // The same request may have come twice at once.
            if self.answered(conn, origin, repeatable)?.is_some() {
                return Err(twice_at_once());
            }
            let id = store::next_id(conn)?;
            let row = self.new_row(id, prepared, origin);
            self.insert(conn, &ImportRow { started_at: Some(row.created_at), ..row }, prepared)?;
            let entry = Entry {
                file: Some(prepared.file.name.clone()),
                ..origin.entry(self.now(), AuditAction::ImportSent, format!("import/{id}"))
            };
            audit::append(conn, entry)?;
            let location = Some(format!("/api/v1/imports/{id}"));
            let answered = Answered { status: 201, location, body: id.to_string() };
            self.keep(conn, origin, repeatable, &answered)?;
            Ok(id)
        })
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

    /// A stored file, read again as it was read when it came.
    pub(super) fn read_again(&self, row: &ImportRow) -> Result<Prepared, Error> {
        let bytes = self
            .db
            .read(|conn| store::original(conn, row.id).map_err(Error::from))?
            .ok_or_else(|| no_original(row.id))?;
        let asked: Asked = serde_json::from_str(&row.asked).unwrap_or_default();
        let day = day_in_japan(row.created_at.and_utc());
        let options = asked.read_again(&self.catalogue, day).map_err(|faults| {
            let refusal = faults.into_iter().next().map(|(_, refusal)| refusal);
            refusal.map_or_else(|| no_import(row.id), Error::Unprocessable)
        })?;
        let mut prepared = self.prepare(&row.file_name, &bytes, options);
        prepared.asked = asked;
        prepared.stored = Some(Box::new(row.clone()));
        Ok(prepared)
    }

    /// The bytes of a file as it came, and its name.
    ///
    /// # Errors
    ///
    /// No such import, and one whose file was too large to be kept.
    pub fn original(&self, origin: &Origin, id: i64) -> Result<(String, Vec<u8>), Error> {
        self.guard(origin, Action::Import, None)?;
        self.db.read(|conn| {
            let row = seen(origin, store::find(conn, id)?, id)?;
            let bytes = store::original(conn, id)?.ok_or_else(|| no_original(id))?;
            Ok((row.file_name, bytes))
        })
    }
}

fn no_original(id: i64) -> Error {
    Error::NotFound(Refusal::new(
        "no_original",
        &id.to_string(),
        format!("取込 {id} の元のファイルは保存されていません（大きすぎるか、古い取込です）。"),
        "the file was not kept",
    ))
}

fn twice_at_once() -> Error {
    Error::Conflict(Refusal::new(
        "in_progress",
        "",
        "同じ要求を処理しています。少し待ってからもう一度送ってください。",
        "the same request is being worked on",
    ))
}
