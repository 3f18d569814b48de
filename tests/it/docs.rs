//! The README says what is so: its requests are made and its answers compared.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::Backend;
use crate::cli::{Ran, Workdir};
use crate::real::country;

const README: &str = include_str!("../../README.md");

/// Requests of the README with the answers printed below them.
fn tour() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for block in README.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let (request, answer) = block.split_once('\n').unwrap();
        let url =
            request.strip_prefix("$ curl -s 'http://127.0.0.1:8080").unwrap().strip_suffix('\'').unwrap();
        found.push((url.to_owned(), answer.to_owned()));
    }
    found
}

/// Takes out what changes from day to day.
fn settled(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "revision" | "as_of" | "known_at" | "recorded_at"))
            .map(|(name, field)| (name, settled(field)))
            .collect(),
        Value::Array(items) => items.into_iter().map(settled).collect(),
        other => other,
    }
}

#[test]
fn the_tour_is_what_the_server_says() {
    let Some(country) = country(&Backend::sqlite()) else { return };
    let tour = tour();
    assert_eq!(tour.len(), 5);
    for (url, printed) in tour {
        let answer = country.app.get(&url).text;
        match serde_json::from_str::<Value>(&printed) {
            Ok(expected) => {
                assert_eq!(settled(serde_json::from_str(&answer).unwrap()), settled(expected), "{url}");
            }
            Err(_) => assert_eq!(crate::app::settled(&answer), crate::app::settled(&printed), "{url}"),
        }
    }
}

/// Name, flag and default of each setting, as the README's table has them.
fn settings() -> Vec<[&'static str; 3]> {
    let table = README.split("| variable | flag | default |").nth(1).unwrap().split("\n\n").next().unwrap();
    let cells = |line: &'static str| {
        let mut cells = line.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`']));
        std::array::from_fn(|_| cells.next().unwrap())
    };
    table.lines().skip(2).map(cells).collect()
}

#[test]
fn every_setting_is_in_the_readme_with_its_default() {
    let dir = Workdir::new();
    let (all, serve) = (dir.run(&["--help"]).out, dir.run(&["serve", "--help"]).out);
    let defined: BTreeSet<&str> = (all.split("[env: ").skip(1))
        .chain(serve.split("[env: ").skip(1))
        .map(|part| part.split([']', '=']).next().unwrap())
        .collect();
    let documented = settings();
    assert_eq!(defined, documented.iter().map(|[name, ..]| *name).collect(), "the README and the program");
    for [name, flag, default] in documented {
        let help = serve.split("\n      --").find(|part| part.contains(&format!("[env: {name}"))).unwrap();
        assert_eq!(help.split(' ').next(), flag.strip_prefix("--"), "{name}: {help}");
        let told = default == "none" || help.contains(&format!("[default: {default}]"));
        assert!(told, "{name}: {help}");
    }
    for command in
        ["serve", "import", "check", "export", "template", "sample", "token", "audit", "openapi", "doctor"]
    {
        assert!(all.contains(&format!("  {command} ")), "{command} is not in the help");
    }
}

#[test]
fn every_setting_of_the_readme_is_taken() {
    let dir = Workdir::new();
    assert_eq!(dir.run(&["token", "create", "--name", "x", "--role", "admin"]).code, 0);
    let doctor = |name: &str, value: &str| {
        let ran = Ran::of(dir.command(&["doctor"]).env(name, value).output().unwrap());
        (ran.code, ran.out + &ran.err)
    };
    for [name, _, default] in settings() {
        let value = match name {
            "TODOKE_PUBLIC_URL" | "TODOKE_SECURITY_CONTACT" => "https://todoke.example.jp",
            _ if default == "none" => "127.0.0.1",
            _ => default,
        };
        let (code, told) = doctor(name, value);
        assert_eq!(code, 0, "{name}={value}: {told}");
        if !["DATABASE_URL", "TODOKE_TRUSTED_PROXIES", "TODOKE_DATA_LICENCE"].contains(&name) {
            let (code, told) = doctor(name, "not-a-value");
            let flag = name.trim_start_matches("TODOKE_").replace('_', "-").to_lowercase();
            assert!(code == 2 && told.contains(&format!("--{flag}")), "{name}: {told}");
        }
        let (code, told) = doctor(&format!("{name}S"), value);
        let slip = name.starts_with("TODOKE_");
        assert!(code == if slip { 2 } else { 0 } && (!slip || told.contains(name)), "{name}S: {told}");
    }
    assert_eq!(doctor("TODOKE_TEST_POSTGRES_URL", "x").0, 0);
}

#[test]
fn the_example_for_towns_is_taken() {
    let service = crate::app::TestService::new(&Backend::sqlite());
    let example = README.split("```csv\n").nth(1).unwrap().split("```").next().unwrap();
    let report = service.must_import(example);
    assert_eq!((report.counts.created, report.warning_count), (1, 0));
}

#[test]
fn the_assessment_has_a_row_for_each_requirement_and_names_what_exists() {
    let text = include_str!("../asvs.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells.len() == 5 && cells[0].split('.').count() == 3)
        .collect();
    assert_eq!(rows.len(), 210);
    let count =
        |level: &str, state: &str| rows.iter().filter(|row| row[1] == level && row[3] == state).count();
    for level in ["1", "2"] {
        let [met, apart, open] = ["met", "n/a", "open"].map(|state| count(level, state));
        assert!(
            text.contains(&format!("at level {level} {met}, {apart} and {open}")),
            "{met} {apart} {open}"
        );
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.starts_with("src/") || name.starts_with("tests/"));
    for name in named {
        assert!(root.join(name).exists(), "{name} does not exist");
    }
}

#[test]
fn the_guide_to_dashboards_is_answered_line_by_line_by_what_exists() {
    let text = include_str!("../dashboard.md");
    let rules = include_str!("../browser/principles.mjs");
    let (principles, lines) = text.split_once("## 27 lines").unwrap();
    let ids = |part: &str| -> Vec<String> {
        let cells = part.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        cells.filter(|id| id.ends_with(|last: char| last.is_ascii_digit())).map(str::to_owned).collect()
    };
    assert_eq!(ids(principles), (1..=22).map(|at| at.to_string()).collect::<Vec<_>>());
    let of_kind = [('U', 6), ('C', 12), ('D', 5), ('A', 4)];
    let all = of_kind.iter().flat_map(|(kind, last)| (1..=*last).map(move |at| format!("{kind}{at}")));
    assert_eq!(ids(lines), all.collect::<Vec<_>>());
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path)).unwrap_or_else(|_missing| panic!("{path} does not exist"))
    };
    for row in text.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let held = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let mut file = String::new();
        for (at, name) in held.split('`').enumerate().filter(|(at, _)| at % 2 == 1) {
            let before = held.split('`').nth(at - 1).unwrap();
            if before.ends_with("rule ") {
                assert!(
                    rules.contains(&format!("push(\"{name}: ")) || rules.contains(&format!("push(`{name}: ")),
                    "no rule {name}"
                );
            } else if let Some((module, test)) = name.split_once("::") {
                let code = read(&format!("tests/it/{module}.rs"));
                assert!(code.contains(&format!("fn {test}")), "no test {name}");
            } else if name.contains('/') {
                file = read(name);
            } else {
                assert!(file.contains(&format!("fn {name}()")), "no test {name}");
            }
        }
    }
}

#[test]
fn the_pictures_of_the_readme_are_there_and_small() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let named: Vec<&str> = README
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap())
        .filter(|to| to.ends_with(".png"))
        .collect();
    assert_eq!(named.len(), 3);
    let size = |name: &&str| std::fs::metadata(root.join(name)).unwrap().len();
    assert!(named.iter().map(size).sum::<u64>() < 300_000);
}
