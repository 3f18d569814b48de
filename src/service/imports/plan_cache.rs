//! The plans that were shown last.

use std::sync::{Arc, Mutex, PoisonError};

use crate::import::plan::Plan;

/// The plans that were shown last: whoever pages through one need not wait for it each time.
#[derive(Default)]
pub(in crate::service) struct Plans(Mutex<Vec<KeptPlan>>);

/// An import, the revision it was compared with, and its plan.
type KeptPlan = ((i64, i64), Arc<Plan>);

impl Plans {
    /// So many plans are kept; each may be large.
    const KEPT: usize = 2;

    /// The plan of an import against a revision.
    pub(super) fn get(&self, key: (i64, i64)) -> Option<Arc<Plan>> {
        let plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().find(|(known, _)| *known == key).map(|(_, plan)| Arc::clone(plan))
    }

    /// Keeps the plan of an import against a revision.
    pub(super) fn put(&self, key: (i64, i64), plan: Arc<Plan>) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|(known, _)| *known != key);
        plans.insert(0, (key, plan));
        plans.truncate(Self::KEPT);
    }
}
