//! What marks and words in cells mean.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "36-emoji-marks.csv",
    "37-words-of-status.csv",
    "counter-triangle.csv",
    "double-circle-one-kind.csv",
    "double-circle-two-columns.csv",
    "form-cell-words.csv",
    "not-applicable-at-counter.csv",
];
