//! The work on files that is under way in this process: whose turn it is, how far each is, and stopping it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::import::plan::{Stopped, Watch};
use crate::service::error::Error;

/// So many files are worked on at once; each may take much memory.
const AT_ONCE: usize = 2;
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
