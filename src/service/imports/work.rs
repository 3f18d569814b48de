//! Long work on files: done at once or after the answer, and how it ended.

use std::sync::Arc;

use chrono::TimeDelta;

use super::super::access::Origin;
use super::jobs::{Progress, Turn};
use crate::domain::audit::AuditAction;
use crate::domain::imports::ImportStatus;
use crate::service::Service;
use crate::service::error::Error;
use crate::store::audit;
use crate::store::imports as store;
use crate::store::url::DatabaseUrl;

/// Work of another process of which nothing was heard for so long is not under way any more.
const LONGEST_WORK: TimeDelta = TimeDelta::minutes(3);
/// From so many rows or statements on a file is worked on after the answer.
pub(super) const LATER_FROM: usize = 5_000;

impl Service {
    /// Does work on an import of this size: at once, in the turn that was taken already if one was, or after
    /// the answer where it is large.
    pub(super) fn at_once_or_later(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        size: usize,
        turn: Option<Turn<'_>>,
        work: impl FnOnce(&Arc<Self>, &Origin, &Progress) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        if size >= LATER_FROM {
            drop(turn);
            self.later(origin, id, work);
            return Ok(());
        }
        let _turn = turn.map_or_else(|| self.jobs.turn(), Ok)?;
        work(self, origin, &Progress::default())
    }

    /// Does work on an import in a thread of its own, and records how it ended.
    pub(super) fn later(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        work: impl FnOnce(&Arc<Self>, &Origin, &Progress) -> Result<(), Error> + Send + 'static,
    ) {
        let (service, origin) = (Arc::clone(self), origin.clone());
        let progress = self.jobs.begin(id);
        std::thread::spawn(move || {
            let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _turn = service.jobs.turn_whenever(&progress)?;
                work(&service, &origin, &progress)
            }));
            let error = match worked {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error),
                Err(_panic) => Some(Error::Panicked),
            };
            if let Some(error) = error {
                log::warn!("import {id}: {error}");
                service.end_badly(&origin, id, &error);
            }
            service.jobs.end(id);
        });
    }

    /// Records that work on an import came to nothing: it is given up if a person stopped it, waits
    /// as before if it had a plan, and has failed otherwise. Whoever looks again must find that, so
    /// a database that does not answer is asked again for a while.
    pub(super) fn end_badly(&self, origin: &Origin, id: i64, error: &Error) {
        /// Tries, a second apart.
        const TRIES: usize = 60;
        for _ in 0..TRIES {
            match self.note_end(origin, id, error) {
                Ok(()) => return,
                Err(cause) => log::error!("import {id}: cannot record how it ended: {cause}"),
            }
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }

    fn note_end(&self, origin: &Origin, id: i64, error: &Error) -> Result<(), Error> {
        self.db.write(|conn| {
            let Some(row) = store::find(conn, id)? else { return Ok(()) };
            let busy = row.status.is_busy();
            let planned = row.plan_hash.is_some();
            if !busy && row.status != ImportStatus::Planned {
                return Ok(());
            }
            let stopped = matches!(error, Error::Stopped);
            let status = match (stopped, planned) {
                (true, _) => ImportStatus::Cancelled,
                (false, true) => ImportStatus::Planned,
                (false, false) => ImportStatus::Failed,
            };
            let failure = (!stopped).then(|| crate::domain::text::cut(&error.ja(), 900));
            store::update(conn, &store::Import { status, started_at: None, failure, ..row })?;
            if stopped {
                let entry = origin.entry(self.now(), AuditAction::ImportCancelled, format!("import/{id}"));
                audit::append(conn, entry)?;
            }
            Ok(())
        })
    }

    /// Says of the work in this process that it goes on, so that no other process takes it for
    /// interrupted.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn note_working(&self) -> Result<(), Error> {
        let ids = self.jobs.ids();
        if ids.is_empty() {
            return Ok(());
        }
        self.db.write(|conn| store::touch(conn, &ids, self.now()).map_err(Error::from))
    }

    /// Says of imports whose work this or another process left unfinished that it was interrupted.
    /// One server alone works on an SQLite file, so when it starts every one is meant.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn note_interrupted(&self, starting: bool) -> Result<usize, Error> {
        let before = match self.db.url() {
            DatabaseUrl::Sqlite(_) if starting => self.now(),
            _ => self.now() - LONGEST_WORK,
        };
        let own = self.jobs.ids();
        let found = self.db.read(|conn| store::under_way_since(conn, before).map_err(Error::from))?;
        if found.iter().all(|row| own.contains(&row.id)) {
            return Ok(0);
        }
        self.db.write(|conn| {
            let mut rows = store::under_way_since(conn, before)?;
            rows.retain(|row| !own.contains(&row.id));
            for row in &rows {
                let status = ImportStatus::Interrupted;
                store::update(conn, &store::Import { status, started_at: None, ..row.clone() })?;
            }
            Ok(rows.len())
        })
    }
}
