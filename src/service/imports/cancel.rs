//! Giving imports up.

use std::time::Duration;

use super::super::access::Origin;
use super::{Import, no_import, not_ready, seen};
use crate::domain::Refusal;
use crate::domain::access::Action;
use crate::domain::audit::AuditAction;
use crate::domain::imports::ImportStatus;
use crate::service::Service;
use crate::service::error::Error;
use crate::store::audit;
use crate::store::imports as store;
use crate::store::url::DatabaseUrl;

/// How long it is waited for work that was asked to stop.
const LONGEST_STOP: Duration = Duration::from_secs(5);

/// How often, and how far apart, it is looked for work that is about to begin.
const BETWEEN_STEPS: usize = 20;
const STEP: Duration = Duration::from_millis(50);

impl Service {
    /// Gives an import up: stops the work on it, or puts its plan away. What was applied stays. Work
    /// that has not stopped after a while is answered as under way.
    ///
    /// # Errors
    ///
    /// No such import, and one that is past that: [`Error::Conflict`] also where it was applied
    /// before the work could stop.
    pub fn cancel_import(&self, origin: &Origin, id: i64) -> Result<Import, Error> {
        self.guard(origin, Action::Import, None)?;
        let look = || self.db.read(|conn| seen(origin, store::find(conn, id)?, id));
        let mut row = look()?;
        // Between two steps of its work an import is busy and nobody works on it.
        for _ in 0..BETWEEN_STEPS {
            if !row.status.is_busy() || self.jobs.progress(id).is_some() {
                break;
            }
            std::thread::sleep(STEP);
            row = look()?;
        }
        if row.status.is_busy() {
            if self.jobs.stop(id) && !self.jobs.has_ended(id, LONGEST_STOP) {
                return self.import(origin, id);
            }
            // The work itself records that it was stopped; it may also have been quicker, even than the
            // look at it.
            row = look()?;
            if row.status == ImportStatus::Cancelled {
                return self.import(origin, id);
            }
        }
        // On PostgreSQL the work may be another process's.
        let elsewhere =
            matches!(self.db.url(), DatabaseUrl::Postgres(_)) && row.status == ImportStatus::Applying;
        if elsewhere || !(row.status.is_busy() || row.status == ImportStatus::Planned) {
            return Err(too_late(id, row.status));
        }
        self.db.write(|conn| {
            let now = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
            if now.status != row.status {
                return Err(too_late(id, now.status));
            }
            let status = ImportStatus::Cancelled;
            store::update(conn, &store::Import { status, started_at: None, ..now })?;
            let entry = origin.entry(self.now(), AuditAction::ImportCancelled, format!("import/{id}"));
            audit::append(conn, entry)?;
            Ok(())
        })?;
        self.import(origin, id)
    }
}

/// Nothing is left to give up; what was written can be taken back.
fn too_late(id: i64, status: ImportStatus) -> Error {
    if status != ImportStatus::Applied {
        return not_ready(id, status);
    }
    Error::Conflict(
        Refusal::new(
            "too_late",
            status.code(),
            format!(
                "取込 {id} はすでに適用されています。元に戻すには取消し（POST /api/v1/imports/{id}/revert、または todoke import --revert {id}）を使ってください。"
            ),
            format!("import {id} was applied already; to take it back use POST /api/v1/imports/{id}/revert"),
        )
        .suggest(format!("POST /api/v1/imports/{id}/revert")),
    )
}
