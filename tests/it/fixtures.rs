//! The known nasty inputs: one file for each, with the report that must come out.
//!
//! `UPDATE_FIXTURES=1` writes the reports anew; whoever does so reads the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use todoke::import::OnError;
use todoke::import::options::Asked;
use todoke::import::report::{Report, Status};
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, on_both, operator};

on_both! {
    every_known_input_gives_its_report;
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports")
}

struct Case {
    name: String,
    path: PathBuf,
    options: Value,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let input = name.as_bytes()[0].is_ascii_digit() && !name.ends_with(".json");
        if !input {
            continue;
        }
        let stem = name.rsplit_once('.').unwrap().0;
        let options = std::fs::read_to_string(folder().join(format!("{stem}.options.json")));
        let options = options.map_or(json!({}), |text| serde_json::from_str(&text).unwrap());
        cases.push(Case { name, path, options });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// What the sender says, from the keys of an options file that are the upload's parameters.
fn asked(options: &Value) -> Asked {
    let mut said = serde_json::Map::new();
    for (key, value) in options.as_object().unwrap() {
        if !["on_error", "again", "file_names"].contains(&key.as_str()) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            said.insert(key.clone(), json!(text));
        }
    }
    serde_json::from_value(Value::Object(said)).unwrap()
}

fn take(service: &TestService, name: &str, bytes: &[u8], options: &Value) -> Report {
    let asked = asked(options);
    let read = service.service.options(&operator(), &asked).unwrap().unwrap();
    let prepared = service.service.read_file(name, bytes, read).keeping(
        bytes.to_vec(),
        asked,
        service.service.catalogue(),
    );
    let on_error = options["on_error"].as_str().map_or(OnError::Reject, |code| code.parse().unwrap());
    let how = ApplyOptions { on_error, confirmed: true, ..ApplyOptions::default() };
    let report = crate::app::apply(&service.service, &prepared, &operator(), &how).unwrap();
    service.service.refresh().unwrap();
    report
}

/// The report of an input, and what was stored.
fn outcome(service: &TestService, case: &Case, name: &str) -> Value {
    let bytes = std::fs::read(&case.path).unwrap();
    let mut report = take(service, name, &bytes, &case.options);
    if case.options["again"] == json!(true) {
        assert_eq!(report.status, Status::Applied, "{}", case.name);
        report = take(service, name, &bytes, &case.options);
    }
    if report.status == Status::Applied {
        // Whatever was taken, the same file again changes nothing.
        let again = take(service, name, &bytes, &case.options);
        assert_eq!(again.counts.written(), 0, "{}: {again:#?}", case.name);
    }
    // What depends on the run and not on the file.
    (report.import_id, report.revision, report.plan_hash) = (None, None, None);
    let mut shown = serde_json::to_value(&report).unwrap();
    let shown = shown.as_object_mut().unwrap();
    // What is made of the other parts of the report, and told by tests of its own.
    for key in ["fault_groups", "warning_groups", "effect"] {
        shown.shift_remove(key);
    }
    for key in ["sha256", "size", "import_id", "revision", "plan_hash"] {
        shown.remove(key);
    }
    shown.retain(|_, value| !(value.is_null() || value == &json!([])));
    for list in ["faults", "warnings", "questions"] {
        for fault in shown.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            fault.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        }
    }
    let stored: Vec<String> = service.export().lines().skip(1).map(str::to_owned).collect();
    json!({"report": shown, "stored": stored})
}

fn every_known_input_gives_its_report(backend: &Backend) {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some() && backend.is_sqlite();
    let service = TestService::new(backend);
    let mut numbers = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases() {
        numbers.insert(case.name[..2].parse::<u8>().unwrap());
        let names: Vec<String> = match case.options["file_names"].as_array() {
            Some(names) => names.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
            None => vec![case.name.clone()],
        };
        for (at, name) in names.iter().enumerate() {
            let found = outcome(&service, &case, name);
            service.take_everything_back();
            let stem = case.name.rsplit_once('.').unwrap().0;
            let file = match names.len() {
                1 => format!("{stem}.report.json"),
                _ => format!("{stem}.{}.report.json", at + 1),
            };
            let path = folder().join(file);
            let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
            if update {
                std::fs::write(&path, &text).unwrap();
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            if text != expected {
                wrong.push(format!("{}: {text}", case.name));
            }
        }
    }
    assert_eq!(numbers, (1..=58).collect(), "one input for each number");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
