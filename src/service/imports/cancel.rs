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
const LOOKS: usize = 60;
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
        for _ in 0..LOOKS {
            // Also where a plan is seen: the work on it may be about to go on.
            let stopped = self.jobs.stop(id);
            if stopped && !self.jobs.has_ended(id, LONGEST_STOP) {
                return self.import(origin, id);
            }
            row = look()?;
            match row.status {
                // The work itself recorded that it was stopped.
                ImportStatus::Cancelled if stopped => return self.import(origin, id),
                ImportStatus::Planned if self.put_away(origin, &row)? => return self.import(origin, id),
                // It went on between the two looks.
                ImportStatus::Planned => {}
                // Between two steps of its work an import is busy and nobody works on it.
                status if status.is_busy() => std::thread::sleep(STEP),
                status => return Err(too_late(id, status)),
            }
        }
        // On PostgreSQL the work may be another process's.
        let elsewhere =
            matches!(self.db.url(), DatabaseUrl::Postgres(_)) && row.status == ImportStatus::Applying;
        if elsewhere || !self.put_away(origin, &row)? {
            return Err(not_ready(id, row.status));
        }
        self.import(origin, id)
    }

    /// Records that an import was given up; answers false if its status is another by now.
    fn put_away(&self, origin: &Origin, seen: &store::Import) -> Result<bool, Error> {
        self.db.write(|conn| {
            let now = store::find(conn, seen.id)?.ok_or_else(|| no_import(seen.id))?;
            if now.status != seen.status {
                return Ok(false);
            }
            let status = ImportStatus::Cancelled;
            store::update(conn, &store::Import { status, started_at: None, ..now })?;
            let about = format!("import/{}", seen.id);
            audit::append(conn, origin.entry(self.now(), AuditAction::ImportCancelled, about))?;
            Ok(true)
        })
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
