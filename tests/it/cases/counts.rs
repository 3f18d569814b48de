//! Counts of applications, and the ministries' own files.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "06-ministry-online-use.xlsx",
    "07-ministry-procedure-survey.csv",
    "12-unit-in-heading.csv",
    "14-two-years-across.csv",
    "usage-years-as-columns.csv",
];
