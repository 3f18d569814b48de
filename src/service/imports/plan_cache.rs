//! The plans that were shown last.

use std::sync::{Arc, Mutex, PoisonError};

use crate::import::plan::Plan;

/// The plans that were shown last: whoever pages through one need not wait for it each time.
#[derive(Default)]
pub(in crate::service) struct Plans(Mutex<Vec<KeptPlan>>);

/// Which plan: of an import, against a revision, and as it was shown after the last answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlanKey {
    pub(super) import: i64,
    pub(super) revision: i64,
    pub(super) hash: Option<[u8; 32]>,
}

type KeptPlan = (PlanKey, Arc<Plan>);

impl Plans {
    /// So many plans are kept; each may be large.
    const KEPT: usize = 2;

    /// A plan that was kept.
    pub(super) fn get(&self, key: PlanKey) -> Option<Arc<Plan>> {
        let plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().find(|(known, _)| *known == key).map(|(_, plan)| Arc::clone(plan))
    }

    /// Keeps a plan.
    pub(super) fn put(&self, key: PlanKey, plan: Arc<Plan>) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|(known, _)| *known != key);
        plans.insert(0, (key, plan));
        plans.truncate(Self::KEPT);
    }
}
