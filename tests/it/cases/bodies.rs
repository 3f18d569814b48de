//! Which body a file means.

use crate::app::{Backend, TestService, on_both};

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "01-standard-dataset-name.csv",
    "02-standard-dataset-name-only.csv",
    "09-standard-area-code.csv",
    "11-bare-wards.csv",
    "40-radicals-from-pdf.csv",
    "kashima.csv",
];

on_both! {
    radicals_of_a_pdf_are_read_as_the_ideographs_they_show;
}

fn radicals_of_a_pdf_are_read_as_the_ideographs_they_show(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("40-radicals-from-pdf.csv", &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    let told: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(told, ["radical", "radical"]);
    assert_eq!(report.warnings[0].suggestion.as_deref(), Some("長久手市"));
    assert!(service.export().contains("申請方法はPDFから写した"), "{}", service.export());
}
