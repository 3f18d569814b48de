//! Files as they were received.

use std::sync::Arc;

use super::super::access::Origin;
use super::super::idempotency::{Answered, Repeatable};
use super::{ApplyOptions, Import, counted, no_import, seen};
use crate::domain::Refusal;
use crate::domain::access::{Action, Reach};
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::day_in_japan;
use crate::domain::imports::ImportStatus;
use crate::domain::text::clean;
use crate::import::options::{Asked, MAX_REASON, Refused};
use crate::import::report::FileFacts;
use crate::import::{self, Fault, Options, Reading};
use crate::service::Service;
use crate::service::error::Error;
use crate::store::imports as store;
use crate::store::{Conn, Document, audit};

/// Larger files are not kept beside their import; only the command line takes them.
const MAX_KEPT: usize = 20 * 1024 * 1024;

/// A file as it was read: what is known of it, what it says, and what was said beside it.
pub struct File {
    pub(super) facts: FileFacts,
    pub(super) reading: Result<Reading, Vec<Fault>>,
    pub(super) options: Options,
    /// What the sender said, as it is recorded.
    pub(super) asked: Asked,
    /// The bytes, to be kept beside the import.
    original: Option<Vec<u8>>,
}

impl File {
    /// Keeps the bytes with the import, if they are not too many.
    pub fn keeping(mut self, bytes: Vec<u8>, asked: Asked, catalogue: &Catalogue) -> Self {
        self.original = (bytes.len() <= MAX_KEPT).then_some(bytes);
        // As it was understood now, whatever becomes of profiles and keys.
        self.asked = asked.resolved(&self.options, catalogue);
        self
    }

    /// Lets go of the bytes, which are stored by now.
    fn without_original(self) -> Self {
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

/// A file that was taken: its number, and what became of it.
#[derive(Debug)]
pub struct Sent {
    /// Number of the import; it is there even if applying it failed.
    pub id: i64,
    /// The import, or why it could not be applied.
    pub result: Result<Import, Error>,
}

impl Service {
    /// Reads a file.
    pub fn read_file(&self, name: &str, bytes: &[u8], options: Options) -> File {
        let options = Options { file_name: Some(name.to_owned()), ..options };
        File {
            facts: FileFacts::new(name, bytes),
            reading: import::read(bytes, &self.catalogue, &options),
            options,
            asked: Asked::default(),
            original: None,
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

    /// Takes a file: stores it as it was received and plans it; with `then` applies it as well. A large
    /// file is worked on after the answer.
    ///
    /// # Errors
    ///
    /// [`Error::BadFile`] for one that cannot be read, someone who may not import, too many files
    /// at once, and an `Idempotency-Key` that was used with another request.
    pub fn upload(
        self: &Arc<Self>,
        origin: &Origin,
        upload: Upload,
        then: Option<ApplyOptions>,
        repeatable: Option<&Repeatable>,
    ) -> Result<Sent, Error> {
        self.guard(origin, Action::Import, None)?;
        if let Some(id) = self.uploaded_before(origin, repeatable)? {
            return Ok(Sent { id, result: self.resume(origin, id, then) });
        }
        let turn = self.jobs.turn()?;
        let file = self.read_apart(upload)?;
        if let Err(faults) = &file.reading {
            return Err(Error::BadFile(faults.clone()));
        }
        let id = self.store_upload(origin, &file, repeatable)?;
        let brought = self.bring_on(origin, id, file.without_original(), then, Some(turn));
        Ok(Sent { id, result: brought.and_then(|()| self.import(origin, id)) })
    }

    /// Reads a file in a thread of its own, as planning and applying are: what the allocator keeps of
    /// a thread that ended goes to the next such thread, and not to another that waits with it.
    fn read_apart(&self, upload: Upload) -> Result<File, Error> {
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let Upload { name, bytes, asked, options } = upload;
                self.read_file(&name, &bytes, options).keeping(bytes, asked, &self.catalogue)
            });
            reader.join().map_err(|_panic| Error::Panicked)
        })
    }

    /// Goes on where an earlier request with the same key was cut off: one file is one import,
    /// however often it is sent.
    fn resume(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        then: Option<ApplyOptions>,
    ) -> Result<Import, Error> {
        let row = self.db.read(|conn| seen(origin, store::find(conn, id)?, id))?;
        let planned = match self.standing(row.clone()).status {
            ImportStatus::Planned => true,
            ImportStatus::Interrupted => row.plan_hash.is_some(),
            _ => return self.import(origin, id),
        };
        if row.status == ImportStatus::Interrupted {
            let status = if planned { ImportStatus::Planned } else { ImportStatus::Checking };
            let started_at = (!planned).then(|| self.now());
            let file = if planned { None } else { Some(self.read_again(&row)?) };
            self.db.write(|conn| {
                let now = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
                if now != row {
                    return Err(twice_at_once());
                }
                store::update(conn, &store::Import { status, started_at, ..now })?;
                Ok(())
            })?;
            if let Some(file) = file {
                self.later(origin, id, move |service, origin, progress| {
                    service.plan_stored(origin, id, file, then, progress)
                });
            }
        }
        match then.filter(|_| planned) {
            None => self.import(origin, id),
            Some(how) => self.apply(origin, id, how),
        }
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
        file: &File,
        repeatable: Option<&Repeatable>,
    ) -> Result<i64, Error> {
        self.db.write(|conn| {
            // The same request may have come twice at once.
            if self.answered(conn, origin, repeatable)?.is_some() {
                return Err(twice_at_once());
            }
            let id = self.insert(conn, origin, file)?.id;
            let entry = Entry {
                file: Some(file.facts.name.clone()),
                ..origin.entry(self.now(), AuditAction::ImportSent, format!("import/{id}"))
            };
            audit::append(conn, entry)?;
            let location = Some(format!("/api/v1/imports/{id}"));
            let answered = Answered { status: 201, location, body: id.to_string() };
            self.keep(conn, origin, repeatable, &answered)?;
            Ok(id)
        })
    }

    /// Stores a file as it was received: nothing is known of it yet.
    pub(super) fn insert(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        file: &File,
    ) -> Result<store::Import, Error> {
        let now = self.now();
        let row = store::Import {
            id: store::next_id(conn)?,
            status: ImportStatus::Checking,
            file_name: file.facts.name.clone(),
            sha256: file.facts.sha256,
            size: counted(file.facts.size),
            asked: Document::of(&file.asked),
            reach: origin.actor.grant.reach_text(),
            actor: origin.actor.name.clone(),
            created_at: now,
            started_at: Some(now),
            encoding: None,
            layout: None,
            profile: None,
            report: Document::default(),
            headings: Document::default(),
            plan_hash: None,
            failure: None,
            applied_at: None,
            applied_by: None,
            first_seq: None,
            last_seq: None,
            // Its length was checked with the other words.
            reason: file.asked.reason.as_deref().and_then(|text| clean(text, MAX_REASON).ok().flatten()),
        };
        store::insert(conn, &row)?;
        if let Some(bytes) = &file.original {
            store::keep_original(conn, row.id, bytes)?;
        }
        Ok(row)
    }

    /// A stored file, read again as it was read when it came.
    pub(super) fn read_again(&self, row: &store::Import) -> Result<File, Error> {
        let bytes = self
            .db
            .read(|conn| store::original(conn, row.id).map_err(Error::from))?
            .ok_or_else(|| no_original(row.id))?;
        let asked: Asked = row.asked.read();
        let day = day_in_japan(row.created_at);
        let options = asked.read_again(&self.catalogue, day).map_err(|faults| {
            let refusal = faults.into_iter().next().map(|(_, refusal)| refusal);
            refusal.map_or_else(|| no_import(row.id), Error::Unprocessable)
        })?;
        Ok(File { asked, ..self.read_file(&row.file_name, &bytes, options) })
    }

    /// The first lines of a small file with their cells as they came; none of a large one or one that was not kept.
    ///
    /// # Errors
    ///
    /// No such import.
    pub fn first_lines(&self, origin: &Origin, id: i64) -> Result<Vec<(u32, Vec<String>)>, Error> {
        /// Larger files take long to be read for a look.
        const LOOKED_INTO: i64 = 512 * 1024;
        /// So many lines are enough to know a table.
        const LINES: u32 = 24;
        self.guard(origin, Action::Import, None)?;
        let row = self.db.read(|conn| seen(origin, store::find(conn, id)?, id))?;
        if row.size > LOOKED_INTO {
            return Ok(Vec::new());
        }
        // Whoever works on a file has the turn; a look can wait until the next one.
        let Ok(_turn) = self.jobs.turn() else { return Ok(Vec::new()) };
        let read = self.read_again(&row).ok().and_then(|file| file.reading.ok());
        let lines = (1..=LINES).collect();
        Ok(read.map(|reading| reading.cells_of(&lines).into_iter().collect()).unwrap_or_default())
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
