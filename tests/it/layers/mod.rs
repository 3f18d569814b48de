//! Dependencies point one way: each room names what stands below it, no file names one that names it,
//! and no file is longer than a reader can hold.

mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use source::{Sources, sources, without_tests};

/// The rooms of `src`, and the others that each of them may name.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("grid", &["domain"]),
    ("import", &["domain"]),
    ("store", &["domain"]),
    ("export", &["domain", "grid", "import"]),
    ("query", &["domain", "grid", "import", "export"]),
    ("service", &["domain", "grid", "import", "export", "store"]),
    ("http", &["domain", "query", "service", "import"]),
    ("api", &["domain", "query", "service", "http", "grid", "import", "export"]),
    ("web", &["domain", "query", "service", "http", "import"]),
    ("server", &["api", "web", "http"]),
    (
        "cli",
        &["domain", "grid", "import", "store", "export", "query", "service", "http", "api", "web", "server"],
    ),
    ("main", &[]),
    ("lib", &[]),
];

/// What a room names beyond the table, each with its reason. The list only shrinks.
const STILL_NAMED: &[(&str, &str)] = &[
    // The encodings of CSV are those of exports, and an answer to a question has them too.
    ("http", "export"),
    // A request keeps the grid of its moment from when it reads its parameters until it has answered.
    ("http", "grid"),
];

/// Files that are still longer than [`LONGEST`] lines without their tests. The list only shrinks.
const STILL_LONG: &[&str] = &[];

/// Lines of a file without its tests.
const LONGEST: usize = 500;

/// Words that the files of some rooms must not have: what a pure room must not know, and what only `store`
/// says to a database.
const FORBIDDEN: &[(&[&str], &[&str])] = &[
    (
        &["domain", "grid", "import", "export", "query"],
        &["diesel", "actix", "std::fs", "std::net", "std::env", "std::process", "Utc::now", "Local::now"],
    ),
    (&["store"], &["actix", "Utc::now"]),
    (&["service"], &["diesel::", "actix"]),
    (&["http", "web"], &["diesel", "sql_query"]),
    (&["web"], &["PreEscaped"]),
    (&["api"], &["diesel::", "sql_query"]),
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file of `src`: its room, its path below `src` and its text.
fn files() -> Vec<(String, String, String)> {
    let src = src();
    let read = |path: PathBuf| {
        let inside = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        let room = inside.split(['/', '.']).next().unwrap().to_owned();
        (room, inside, std::fs::read_to_string(&path).unwrap())
    };
    sources(&src).into_iter().map(read).collect()
}

/// The lines of code of a text, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_start()));
    lines.filter(|(_, line)| !line.starts_with("//"))
}

#[test]
fn rooms_name_what_stands_below_them() {
    let mut found: BTreeSet<&(&str, &str)> = BTreeSet::new();
    for (room, path, text) in files() {
        let Some((_, allowed)) = ALLOWED.iter().find(|(listed, _)| *listed == room) else {
            panic!("{path}: `{room}` is no listed room");
        };
        for (number, line) in code(&text) {
            for named in line.split("crate::").skip(1) {
                assert!(!named.starts_with('{') || room == "server", "{path}:{number}: one room a line");
                let named: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_room = ALLOWED.iter().any(|(listed, _)| *listed == named);
                if !is_room || named == room || allowed.contains(&named.as_str()) {
                    continue;
                }
                let known = STILL_NAMED.iter().find(|still| **still == (&*room, &*named));
                assert!(known.is_some(), "{path}:{number}: `{room}` names `{named}`");
                found.extend(known);
            }
        }
    }
    let gone: Vec<_> = STILL_NAMED.iter().filter(|still| !found.contains(*still)).collect();
    assert!(gone.is_empty(), "take out of STILL_NAMED: {gone:?}");
}

#[test]
fn no_room_says_what_it_must_not_know() {
    for (room, path, text) in files() {
        let words = FORBIDDEN.iter().filter(|(rooms, _)| rooms.contains(&room.as_str()));
        for word in words.flat_map(|(_, words)| *words) {
            let said = code(&text).find(|(_, line)| line.contains(word));
            assert!(said.is_none(), "{path}:{}: `{word}` in {room}", said.unwrap_or_default().0);
        }
    }
}

#[test]
fn no_file_names_one_that_names_it() {
    let sources = Sources::read(&src());
    for (room, _) in ALLOWED {
        let circle = sources.circle(room);
        assert!(circle.is_empty(), "these files of `{room}` name each other: {circle:#?}");
    }
}

#[test]
fn no_file_is_too_long() {
    for (_, path, text) in files() {
        // What is nothing but a test is a file of its own.
        let lines = if path.ends_with("tests.rs") { 0 } else { without_tests(&text).lines().count() };
        let known = STILL_LONG.contains(&path.as_str());
        assert!(known || lines <= LONGEST, "{path}: {lines} lines without its tests");
        assert!(!known || lines > LONGEST, "take {path} out of STILL_LONG");
    }
    let there: Vec<String> = files().into_iter().map(|(_, path, _)| path).collect();
    let gone: Vec<_> = STILL_LONG.iter().filter(|path| !there.iter().any(|there| there == *path)).collect();
    assert!(gone.is_empty(), "take out of STILL_LONG: {gone:?}");
}

#[test]
fn writing_transactions_have_one_way_in() {
    for (_, path, text) in files() {
        assert!(!text.contains(".transaction("), "{path}: use Db::write");
    }
}
