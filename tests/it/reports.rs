//! What tests look at in the report of a file.

use todoke::import::report::{Report, Status};

use crate::app::TestService;

/// The codes of its faults, in order.
pub(crate) fn codes(report: &Report) -> Vec<&str> {
    report.faults.iter().map(|fault| fault.code.as_str()).collect()
}

/// The codes of its warnings, in order.
pub(crate) fn warned(report: &Report) -> Vec<&str> {
    report.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

/// A CSV file that is refused, with the codes of its faults.
#[track_caller]
pub(crate) fn refused(service: &TestService, text: &str, said: &[(&str, &str)], expected: &[&str]) -> Report {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!((codes(&report).as_slice(), report.status), (expected, Status::Refused), "{text}{report:#?}");
    report
}

/// A CSV file that is applied, with how many rows it makes.
#[track_caller]
pub(crate) fn applied(service: &TestService, text: &str, said: &[(&str, &str)], created: usize) -> Report {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, created), "{text}{report:#?}");
    report
}
