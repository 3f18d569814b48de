//! Rows that are no data.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "15-section-rows.csv",
    "17-repeated-heading.csv",
    "19-three-row-heading.csv",
    "20-example-row.csv",
    "example-row.xlsx",
    "form-group-rows.csv",
    "total-row-div0.csv",
    "total-row-named-otherwise.xlsx",
    "total-row-rate.xlsx",
];
