//! Countries of other days and of what was known before: built once, a few of them kept, two at most built
//! at a time.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::grid::Grid;
use crate::grid::history::History;
use crate::grid::moment::Moment;
use crate::service::error::Error;

/// Countries that are kept.
const KEPT: usize = 4;
/// Countries that are built at a time.
const AT_ONCE: usize = 2;
/// How long somebody waits until theirs is begun.
const PATIENCE: Duration = Duration::from_secs(5);

/// A country of the past and the history it was built from.
struct Past {
    moment: Moment,
    history: History,
    grid: Arc<Grid>,
}

impl Past {
    /// Whether it says of its moment what a newer history says.
    fn holds_in(&self, history: &History, moment: Moment) -> bool {
        self.moment == moment && !history.differs_from(&self.history, moment.known)
    }
}

/// The countries that are kept, the last one asked for at the end, and how many are being built.
#[derive(Default)]
pub(super) struct Pasts {
    kept: Mutex<Kept>,
    done: Condvar,
}

#[derive(Default)]
struct Kept {
    countries: Vec<Past>,
    building: usize,
}

impl Kept {
    fn take(&mut self, history: &History, moment: Moment) -> Option<Arc<Grid>> {
        let at = self.countries.iter().position(|past| past.holds_in(history, moment))?;
        let past = self.countries.remove(at);
        let grid = Arc::clone(&past.grid);
        self.countries.push(past);
        Some(grid)
    }
}

/// A place among those who build; given up also where building ends in a panic.
struct Place<'p>(&'p Pasts);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).building -= 1;
        self.0.done.notify_all();
    }
}

impl Pasts {
    /// The country of a moment: one that is kept, or one that is built now.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where others keep all places for building one.
    pub(super) fn get(
        &self,
        history: &History,
        moment: Moment,
        build: impl FnOnce() -> Grid,
    ) -> Result<Arc<Grid>, Error> {
        let until = Instant::now() + PATIENCE;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let _place = loop {
            // Whoever waited may find that another built just this one.
            if let Some(grid) = kept.take(history, moment) {
                return Ok(grid);
            }
            if kept.building < AT_ONCE {
                kept.building += 1;
                break Place(self);
            }
            let left = until.checked_duration_since(Instant::now()).ok_or(Error::Unavailable)?;
            kept = self.done.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        drop(kept);
        let grid = Arc::new(build());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.countries.retain(|past| past.moment != moment);
        if kept.countries.len() >= KEPT {
            kept.countries.remove(0);
        }
        kept.countries.push(Past { moment, history: history.clone(), grid: Arc::clone(&grid) });
        drop(kept);
        Ok(grid)
    }

    /// Whether the country of a moment is kept.
    pub(super) fn has(&self, history: &History, moment: Moment) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.countries.iter().any(|past| past.holds_in(history, moment))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};

    use super::*;
    use crate::domain::catalogue::Catalogue;
    use crate::grid::moment::Known;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
    }

    #[test]
    fn a_few_are_kept_and_each_is_built_once() {
        let catalogue = Arc::new(Catalogue::new(vec![], vec![], vec![], vec![], vec![]).unwrap());
        let (history, pasts) = (History::new(catalogue, 0), Pasts::default());
        let built = std::cell::Cell::new(0);
        let get = |number: u32| {
            let moment = Moment { as_of: day(number), known: Known::Now };
            let build = || {
                built.set(built.get() + 1);
                history.at(moment, DateTime::UNIX_EPOCH)
            };
            pasts.get(&history, moment, build).unwrap().as_of()
        };
        assert_eq!([1, 2, 1, 2, 1].map(get), [1, 2, 1, 2, 1].map(day));
        assert_eq!(built.get(), 2);
        // The one that was not asked for longest makes room.
        assert_eq!([3, 4, 5].map(get), [3, 4, 5].map(day));
        get(1);
        assert_eq!(built.get(), 5);
        get(2);
        assert_eq!(built.get(), 6);
    }
}
