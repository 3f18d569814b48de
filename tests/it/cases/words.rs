//! Whose word counts.

/// The files of this topic.
pub(super) const FILES: &[&str] = &["export-edited-published-row.csv", "own-exact-beside-published.csv"];
