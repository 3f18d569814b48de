//! What tests look at in the report of a file.

use std::collections::BTreeSet;

use diesel::prelude::*;
use todoke::domain::municipality::LgCode;
use todoke::import::report::{Report, Status};
use todoke::store::error::Error;
use todoke::store::records::{self, Records};
use todoke::store::schema::municipality;

use crate::app::{Backend, TestService};

/// The records that hold, of every body.
pub(crate) fn known_records(backend: &Backend) -> Records {
    let read = backend.open().read(|conn| {
        let codes: Vec<String> = municipality::table.select(municipality::code).load(conn)?;
        let bodies: BTreeSet<LgCode> = codes.iter().map(|code| code.parse().unwrap()).collect();
        Ok::<_, Error>(records::known_of(conn, &bodies)?)
    });
    read.unwrap()
}

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
