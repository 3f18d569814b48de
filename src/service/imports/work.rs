//! Long work on files: how far it is, and stopping it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;

use super::super::access::Origin;
use crate::domain::audit::AuditAction;
use crate::domain::imports::ImportStatus;
use crate::import::plan::{Stopped, Watch};
use crate::service::Service;
use crate::service::error::Error;
use crate::store::audit;
use crate::store::imports as store;
use crate::store::url::DatabaseUrl;

/// So many files are worked on at once; each may take much memory.
const AT_ONCE: usize = 2;
/// Work of another process of which nothing was heard for so long is not under way any more.
const LONGEST_WORK: TimeDelta = TimeDelta::minutes(3);
/// From so many rows or statements on a file is worked on after the answer.
pub(super) const LATER_FROM: usize = 5_000;
/// How long a file waits for its turn.
const WAIT: Duration = Duration::from_secs(20);

/// Work under way on one file.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicUsize,
    all: AtomicUsize,
    stopped: AtomicBool,
}

impl Progress {
    /// How many statements are done, and of how many.
    pub fn now(&self) -> (usize, usize) {
        let all = self.all.load(Ordering::Relaxed);
        (self.done.load(Ordering::Relaxed).min(all), all)
    }

    /// Says how much there is to do, from the beginning.
    pub fn begin(&self, all: usize) {
        self.all.store(all, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl Watch for Progress {
    fn done(&self, statements: usize) -> Result<(), Stopped> {
        self.done.store(statements, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
    }
}

/// The work under way in this process.
#[derive(Default)]
pub(in crate::service) struct Jobs {
    running: Mutex<HashMap<i64, Arc<Progress>>>,
    ended: Condvar,
    busy: Mutex<usize>,
    free: Condvar,
}

/// A turn to work on a file; it ends when this is dropped.
pub(super) struct Turn<'a>(&'a Jobs);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.free.notify_one();
    }
}

impl Jobs {
    /// Waits for a turn.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if too many files are before it.
    pub(super) fn turn(&self) -> Result<Turn<'_>, Error> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut busy, waited) = self
            .free
            .wait_timeout_while(busy, WAIT, |busy| *busy >= AT_ONCE)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(Error::Unavailable);
        }
        *busy += 1;
        Ok(Turn(self))
    }

    /// Waits for a turn however long it takes, unless the work is stopped meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`].
    pub(super) fn turn_whenever(&self, progress: &Progress) -> Result<Turn<'_>, Error> {
        loop {
            match self.turn() {
                Err(Error::Unavailable) if progress.stopped.load(Ordering::Relaxed) => {
                    return Err(Error::Stopped);
                }
                Err(Error::Unavailable) => {}
                taken => return taken,
            }
        }
    }

    /// The imports that are worked on here.
    pub(super) fn ids(&self) -> Vec<i64> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Notes that work on an import begins.
    pub(super) fn begin(&self, id: i64) -> Arc<Progress> {
        let progress = Arc::new(Progress::default());
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&progress));
        progress
    }

    /// Notes that work on an import ended.
    pub(super) fn end(&self, id: i64) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.ended.notify_all();
    }

    /// Waits for the end of the work on an import; answers whether it came.
    pub(super) fn has_ended(&self, id: i64, longest: Duration) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let (_running, waited) = self
            .ended
            .wait_timeout_while(running, longest, |running| running.contains_key(&id))
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// How far the work on an import is, if it is under way here.
    pub(super) fn progress(&self, id: i64) -> Option<Arc<Progress>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Asks the work on an import to stop; answers whether it is under way here.
    pub(super) fn stop(&self, id: i64) -> bool {
        self.progress(id).is_some_and(|progress| {
            progress.stop();
            true
        })
    }
}

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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_end_of_work_is_waited_for() {
        let jobs = Jobs::default();
        jobs.begin(1);
        assert!(!jobs.has_ended(1, Duration::from_millis(10)) && jobs.has_ended(2, WAIT));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| jobs.has_ended(1, WAIT));
            jobs.end(1);
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn a_third_file_waits_for_one_of_two() {
        let jobs = Jobs::default();
        let first = jobs.turn().unwrap();
        let _second = jobs.turn().unwrap();
        let (told, taken) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| told.send(jobs.turn().is_ok()).unwrap());
            assert!(taken.recv_timeout(Duration::from_millis(200)).is_err());
            drop(first);
            assert!(taken.recv_timeout(WAIT).unwrap());
        });
    }
}
