//! The life of an import: a file is stored as it was received, planned, applied, and taken back.
//!
//! What a file would change is compared with what is known and shown first; nothing but applying writes a
//! statement, and it writes all of a plan or nothing.

mod answers;
mod apply;
mod cancel;
mod effect;
mod plan;
mod revert;
mod rows;
mod upload;
mod work;

pub use apply::unanswered;
pub use revert::{KeptRow, RevertReport};
pub(super) use rows::Plans;
pub use rows::{PlanRow, Rows, RowsOf};
pub use upload::{Prepared, Upload};
pub(super) use work::Jobs;
pub use work::Progress;

pub use crate::store::imports::FileRow;

use super::Service;
use super::access::Origin;
use crate::domain::Refusal;
use crate::domain::access::{Action, Reach};
use crate::domain::codes::codes;
use crate::domain::imports::ImportStatus;
use crate::error::Error;
use crate::import::Fault;
use crate::import::report::{Report, SHOWN_FAULTS};
use crate::store::imports::{self as store, ImportFilter, ImportRow};

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

/// From so many rows or statements on a file is worked on after the answer.
pub const LATER_FROM: usize = 5_000;

/// An import as it stands.
#[derive(Clone, Debug)]
pub struct Import {
    /// Where it stands.
    pub status: ImportStatus,
    /// Its row.
    pub row: ImportRow,
    /// What was understood of it and what it would change.
    pub report: Report,
    /// How many statements are done and of how many, while work is under way.
    pub progress: Option<(usize, usize)>,
}

/// A file that was taken: its number, and what became of it.
#[derive(Debug)]
pub struct Sent {
    /// Number of the import; it is there even if applying it failed.
    pub id: i64,
    /// The import, or why it could not be applied.
    pub result: Result<Import, Error>,
}

/// How a file that was checked is to be applied.
#[derive(Clone, Copy, Debug)]
pub struct Then {
    /// What to do while rows are wrong.
    pub on_error: OnError,
    /// Whether lowering very many levels was confirmed.
    pub confirmed: bool,
}

impl Then {
    /// The same for exactly the plan that an import was shown with.
    fn how(self, row: &ImportRow) -> ApplyOptions {
        let expected_plan = row.plan_hash.as_deref().and_then(|hash| hash.try_into().ok());
        ApplyOptions { on_error: self.on_error, confirmed: self.confirmed, expected_plan }
    }
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
            let (_, faults) = store::rows(conn, id, "rejected", 0, Some(shown))?;
            let (_, warnings) = store::rows(conn, id, "warning", 0, Some(shown))?;
            Ok::<_, Error>((row, faults, warnings))
        })?;
        let mut import = self.standing(row)?;
        import.report.faults = first_faults(&faults);
        import.report.warnings = first_faults(&warnings);
        Ok(import)
    }

    fn standing(&self, row: ImportRow) -> Result<Import, Error> {
        let status: ImportStatus = row.status.parse().map_err(Error::Unprocessable)?;
        // What was written is not shown everywhere before the work has ended; where nothing was, its end is still
        // that of the check.
        let status = match (self.jobs.progress(row.id), status) {
            (Some(_), ImportStatus::Planned) => ImportStatus::Checking,
            (Some(_), status) if !status.is_busy() => ImportStatus::Applying,
            (_, status) => status,
        };
        let report =
            row.report.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let progress = self.jobs.progress(row.id).filter(|_| status.is_busy()).map(|progress| progress.now());
        Ok(Import { status, row, report, progress })
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
        let mut filter =
            ImportFilter { status: status.map(|status| status.code().to_owned()), ..ImportFilter::default() };
        match origin.actor.grant.reach() {
            Reach::Nation => {}
            Reach::Prefecture(code) => filter.within = Some(code.to_string()),
            Reach::Municipality(code) => filter.reaches = vec![code.to_string()],
        }
        let (count, rows) =
            self.db.read(|conn| store::page(conn, &filter, offset, limit).map_err(Error::from))?;
        let imports = rows.into_iter().map(|row| self.standing(row)).collect::<Result<_, _>>()?;
        Ok((count, imports))
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

    /// A stored file whose plan is known, and the file itself if it is to be read.
    fn stored(&self, origin: &Origin, id: i64, read: bool) -> Result<(ImportRow, Option<Prepared>), Error> {
        self.guard(origin, Action::Import, None)?;
        let row = self.db.read(|conn| seen(origin, store::find(conn, id)?, id))?;
        let status: ImportStatus = row.status.parse().map_err(Error::Unprocessable)?;
        if row.plan_hash.is_none() {
            return Err(not_ready(id, status));
        }
        if !read {
            return Ok((row, None));
        }
        let prepared = self.read_again(&row)?;
        Ok((row, Some(prepared)))
    }
}

/// The first faults of stored rows.
fn first_faults(rows: &[FileRow]) -> Vec<Fault> {
    rows.iter()
        .flat_map(|row| serde_json::from_str::<Vec<Fault>>(&row.faults).unwrap_or_default())
        .take(SHOWN_FAULTS)
        .collect()
}

/// An import that the sender may see; of others not even their existence is told.
pub(super) fn seen(origin: &Origin, row: Option<ImportRow>, id: i64) -> Result<ImportRow, Error> {
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
