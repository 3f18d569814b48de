//! The life of an import: a file is stored as it was received, planned, applied, and taken back.
//!
//! What a file would change is compared with what is known and shown first; nothing but applying writes a
//! statement, and it writes all of a plan or nothing.

mod answers;
mod apply;
mod cancel;
mod effect;
mod jobs;
mod plan;
mod plan_cache;
mod revert;
mod rows;
mod upload;
mod work;

pub(super) use jobs::Jobs;
pub use jobs::Progress;
pub use plan::Planned;
pub(super) use plan_cache::Plans;
pub use revert::{KeptRow, RevertReport};
pub use rows::{FileRow, PlanRow, Rows};
pub use upload::{File, Sent, Upload};

use chrono::{DateTime, Utc};

use super::Service;
use super::access::Origin;
use crate::domain::Refusal;
use crate::domain::access::{Action, Reach};
use crate::domain::imports::{ImportStatus, RowOutcome};
use crate::import::options::Asked;
use crate::import::report::{Report, SHOWN_FAULTS};
use crate::import::{Fault, OnError};
use crate::service::error::Error;
use crate::store::imports::{self as store, FileLine, ImportFilter};

/// How a file is to be applied.
#[derive(Clone, Copy, Debug)]
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

/// An import as it stands.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub status: ImportStatus,
    /// Name of the file, without folders.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Encoding or container as found.
    pub encoding: Option<String>,
    /// Layout as found.
    pub layout: Option<String>,
    /// The profile that said what marks mean.
    pub profile: Option<String>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// Who sent it.
    pub created_by: String,
    /// Whose it is: the code of a municipality or a prefecture, or `all`.
    pub reach: String,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// The first row of the log that came with it, where one did.
    pub first: Option<i64>,
    /// The last row of the log that came with it.
    pub revision: Option<i64>,
    /// SHA-256 of the plan that was shown.
    pub plan_hash: Option<[u8; 32]>,
    /// Why it came to nothing.
    pub failure: Option<String>,
    /// Why it was sent, in the sender's words.
    pub reason: Option<String>,
    /// What its sender said of it, beside the file and in answers since.
    pub asked: Asked,
    /// What was understood of it and what it would change.
    pub report: Report,
    /// How many statements are done and of how many, while work is under way.
    pub progress: Option<(usize, usize)>,
}

impl Service {
    /// An import.
    ///
    /// # Errors
    ///
    /// No such import, or one that is none of the sender's.
    pub fn import(&self, origin: &Origin, id: i64) -> Result<Import, Error> {
        self.guard(origin, Action::Import, None)?;
        let (row, faults, warnings) = self.db.read(|conn| {
            let row = seen(origin, store::find(conn, id)?, id)?;
            let shown = u32::try_from(SHOWN_FAULTS).unwrap_or(u32::MAX);
            let (_, faults) = store::lines(conn, id, RowOutcome::Rejected, 0, Some(shown))?;
            let (_, warnings) = store::lines(conn, id, RowOutcome::Warning, 0, Some(shown))?;
            Ok::<_, Error>((row, faults, warnings))
        })?;
        let mut import = self.standing(row);
        import.report.faults = first_faults(&faults);
        import.report.warnings = first_faults(&warnings);
        Ok(import)
    }

    fn standing(&self, stored: store::Import) -> Import {
        let progress = self.jobs.progress(stored.id);
        // What was written is not shown everywhere before the work has ended; where nothing was, its end is still
        // that of the check.
        let status = match (&progress, stored.status) {
            (Some(_), ImportStatus::Planned) => ImportStatus::Checking,
            (Some(_), status) if !status.is_busy() => ImportStatus::Applying,
            (_, status) => status,
        };
        Import {
            id: stored.id,
            status,
            report: stored.report.read(),
            progress: progress.filter(|_| status.is_busy()).map(|progress| progress.now()),
            file_name: stored.file_name,
            size: stored.size,
            sha256: stored.sha256,
            encoding: stored.encoding,
            layout: stored.layout,
            profile: stored.profile,
            created_at: stored.created_at,
            created_by: stored.actor,
            reach: stored.reach,
            applied_at: stored.applied_at,
            applied_by: stored.applied_by,
            first: stored.first_seq,
            revision: stored.last_seq,
            plan_hash: stored.plan_hash,
            failure: stored.failure,
            reason: stored.reason,
            asked: stored.asked.read(),
        }
    }

    /// A page of imports that the sender may see, newest first, and how many there are.
    ///
    /// # Errors
    ///
    /// Someone who may not import.
    pub fn imports(
        &self,
        origin: &Origin,
        status: Option<ImportStatus>,
        offset: u32,
        limit: u32,
    ) -> Result<(usize, Vec<Import>), Error> {
        self.guard(origin, Action::Import, None)?;
        let mut filter = ImportFilter { status, ..ImportFilter::default() };
        match origin.actor.grant.reach() {
            Reach::Nation => {}
            Reach::Prefecture(code) => filter.within = Some(code.to_string()),
            Reach::Municipality(code) => filter.reaches = vec![code.to_string()],
        }
        let (count, rows) =
            self.db.read(|conn| store::page(conn, &filter, offset, limit).map_err(Error::from))?;
        Ok((count, rows.into_iter().map(|row| self.standing(row)).collect()))
    }

    /// Whether the sender may see an import.
    ///
    /// # Errors
    ///
    /// No such import, or one that is none of the sender's.
    pub fn seen_import(&self, origin: &Origin, id: i64) -> Result<(), Error> {
        self.guard(origin, Action::Import, None)?;
        self.db.read(|conn| seen(origin, store::find(conn, id)?, id).map(|_| ()))
    }

    /// A stored import that was planned.
    fn planned_row(&self, origin: &Origin, id: i64) -> Result<store::Import, Error> {
        self.guard(origin, Action::Import, None)?;
        let row = self.db.read(|conn| seen(origin, store::find(conn, id)?, id))?;
        if row.plan_hash.is_some() { Ok(row) } else { Err(not_ready(id, row.status)) }
    }
}

/// The first faults of stored lines.
fn first_faults(lines: &[FileLine]) -> Vec<Fault> {
    lines.iter().flat_map(|line| line.faults.read::<Vec<Fault>>()).take(SHOWN_FAULTS).collect()
}

/// An import that the sender may see; of others not even their existence is told.
pub(super) fn seen(origin: &Origin, row: Option<store::Import>, id: i64) -> Result<store::Import, Error> {
    row.filter(|row| origin.actor.grant.sees(&row.reach)).ok_or_else(|| no_import(id))
}

pub(super) fn not_ready(id: i64, status: ImportStatus) -> Error {
    Error::Conflict(
        Refusal::new(
            "wrong_status",
            status.code(),
            format!("取込 {id} は「{}」のため、この操作はできません。", status.label()),
            format!("the import is {}", status.code()),
        )
        .allowed("planned"),
    )
}

pub(super) fn no_import(id: i64) -> Error {
    Error::NotFound(Refusal::new(
        "unknown_import",
        &id.to_string(),
        format!("取込 {id} はありません。"),
        "no such import",
    ))
}

/// A count, as numbers of the log are.
fn counted(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
