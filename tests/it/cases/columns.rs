//! Columns that say more than a mark, and headings that say it otherwise.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "04-ward-procedure-guide.csv",
    "05-town-list-with-url.csv",
    "18-variant-headings-dropped.csv",
    "form-no-id.csv",
    "long-japanese.csv",
    "39-status-words-long.csv",
];
