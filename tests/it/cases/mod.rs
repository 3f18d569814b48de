//! Inputs that went wrong once, each with what must come of it now.
//!
//! The files lie beside the checkout, with a page that says of each what it is. Each stands for its
//! kind: the tests beside it try more of the same kind. Every file is named by exactly one topic.

mod bodies;
mod columns;
mod counts;
mod doubts;
mod excel;
mod marks;
mod meant;
mod requests;
mod rows;
mod values;
mod whose;
mod words;

use std::path::{Path, PathBuf};

use todoke::import::options::Asked;
use todoke::import::report::Report;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, operator};

/// Bytes of one of the files.
pub(crate) fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases")
}

impl TestService {
    /// Applies one of the files with what its sender says beside it.
    pub(crate) fn send_case(&self, name: &str, said: &[(&str, &str)]) -> Report {
        self.send(name, &file(name), said)
    }

    /// Applies a file with what its sender says beside it, such as `("channel", "online")`.
    pub(crate) fn send(&self, name: &str, bytes: &[u8], said: &[(&str, &str)]) -> Report {
        let said: serde_json::Map<String, serde_json::Value> =
            said.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        let asked: Asked = serde_json::from_value(said.into()).unwrap();
        let options = self.service.options(&operator(), &asked).unwrap().unwrap();
        let prepared = self.service.read_file(name, bytes, options).keeping(
            bytes.to_vec(),
            asked,
            self.service.catalogue(),
        );
        let report =
            crate::app::apply(&self.service, &prepared, &operator(), &ApplyOptions::default()).unwrap();
        self.service.refresh().unwrap();
        report
    }
}

#[test]
fn every_file_belongs_to_one_topic() {
    let topics = [
        bodies::FILES,
        columns::FILES,
        counts::FILES,
        excel::FILES,
        marks::FILES,
        requests::FILES,
        rows::FILES,
        values::FILES,
        words::FILES,
    ];
    let mut named: Vec<&str> = topics.concat();
    named.sort_unstable();
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut found: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.retain(|name| name != "README.md");
    found.sort_unstable();
    assert_eq!(named, found);
}

#[test]
fn no_file_is_taken_or_refused_without_a_word() {
    let service = TestService::new(&Backend::sqlite());
    let topics = [bodies::FILES, columns::FILES, counts::FILES, excel::FILES, marks::FILES, rows::FILES];
    for name in topics.concat() {
        let report = service.send_case(name, &[]);
        let told = report.fault_count + report.warning_count + report.notes.len() + report.counts.rows;
        assert!(told > 0 && !todoke::cli::report::summary(&report).is_empty(), "{name}: {report:#?}");
        service.take_everything_back();
    }
}
