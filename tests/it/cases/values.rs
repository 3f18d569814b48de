//! Words for nothing, loose dates, numbers of other programs.

/// The files of this topic.
pub(super) const FILES: &[&str] =
    &["42-words-for-nothing.csv", "43-floats-of-pandas.csv", "44-loose-dates.csv", "form-dates.csv"];
