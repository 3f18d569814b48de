//! What becomes of a row.

use std::hash::Hash;

use crate::domain::codes::codes;

codes! {
    /// What becomes of a row.
    Outcome, "結果", "outcome" {
        Created = "created", "新規", "nothing was stated before";
        Changed = "changed", "変更", "another value was stated before";
        Confirmed = "confirmed", "確認", "the same value with a newer day";
        Unchanged = "unchanged", "変更なし", "already known";
    }
}

impl Outcome {
    /// Whether something else is said than is known.
    pub fn is_news(self) -> bool {
        matches!(self, Self::Created | Self::Changed)
    }
}
