//! What Excel shows and what it stores, and files of other kinds under its name.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "24-month-format-dates.xlsx",
    "25-struck-through.xlsx",
    "26-autofilter.xlsx",
    "28-numbers-of-java.xlsx",
    "46-html.xls",
    "48-archive.zip",
    "comment-and-strike.xlsx",
    "hidden-rows-columns.xlsx",
    "merged-marks.xlsx",
];
