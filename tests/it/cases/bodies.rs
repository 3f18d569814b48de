//! Which body a file means.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "01-standard-dataset-name.csv",
    "02-standard-dataset-name-only.csv",
    "09-standard-area-code.csv",
    "11-bare-wards.csv",
    "40-radicals-from-pdf.csv",
    "kashima.csv",
];
