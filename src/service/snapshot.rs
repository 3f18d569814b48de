//! The country as it was last read from the database.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::catalogue::Catalogue;
use crate::domain::dates::day_in_japan;
use crate::grid::Grid;
use crate::grid::history::History;
use crate::grid::moment::{Known, Moment};

/// Revision of a history that was not loaded yet.
pub(super) const NOT_LOADED: i64 = -1;

/// Everything ever stated at one revision, and what of it holds today.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) history: History,
    pub(super) today: Arc<Grid>,
}

impl Snapshot {
    /// Nothing was loaded yet.
    pub(super) fn not_loaded(catalogue: Arc<Catalogue>, now: DateTime<Utc>) -> Self {
        let history = History::new(catalogue, NOT_LOADED);
        let today = history.at(Moment { as_of: day_in_japan(now), known: Known::Now }, now);
        Self { history, today: Arc::new(today) }
    }
}
