//! Dependencies point one way: what a layer must not know does not stand in it.

use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// Folders under `src/` and what their files must not name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "diesel",
            "actix",
            "crate::grid",
            "crate::import",
            "crate::export",
            "crate::store",
            "crate::service",
            "crate::api",
            "crate::cli",
            "crate::error",
            "crate::config",
            "std::fs",
            "std::net",
            "Utc::now",
        ],
    ),
    (
        "grid",
        &[
            "diesel",
            "actix",
            "crate::import",
            "crate::export",
            "crate::store",
            "crate::service",
            "crate::api",
            "crate::cli",
            "crate::error",
            "std::fs",
            "Utc::now",
        ],
    ),
    (
        "import",
        &[
            "diesel",
            "actix",
            "crate::grid",
            "crate::export",
            "crate::store",
            "crate::service",
            "crate::api",
            "crate::cli",
            "crate::error",
            "std::fs",
            "Utc::now",
        ],
    ),
    (
        "export",
        &[
            "diesel",
            "actix",
            "crate::store",
            "crate::service",
            "crate::api",
            "crate::cli",
            "crate::error",
            "std::fs",
            "Utc::now",
        ],
    ),
    (
        "store",
        &[
            "actix",
            "crate::grid",
            "crate::import",
            "crate::export",
            "crate::service",
            "crate::api",
            "crate::cli",
            "Utc::now",
        ],
    ),
    ("service", &["diesel::", "actix", "crate::api", "crate::cli"]),
    (
        "query",
        &[
            "diesel",
            "actix",
            "crate::import",
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::api",
            "crate::web",
            "crate::server",
            "crate::cli",
            "crate::error",
            "crate::config",
            "std::fs",
            "std::net",
            "Utc::now",
        ],
    ),
    (
        "http",
        &["diesel", "crate::store", "crate::api", "crate::web", "crate::server", "crate::cli", "sql_query"],
    ),
    (
        "web",
        &["diesel", "crate::store", "crate::api", "crate::server", "crate::cli", "sql_query", "PreEscaped"],
    ),
    ("api", &["diesel::", "crate::store", "crate::web", "crate::server", "crate::cli", "sql_query"]),
];

#[test]
fn no_layer_names_what_it_must_not_know() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, forbidden) in FORBIDDEN {
        for path in sources(&src.join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.trim_start();
                if code.starts_with("//") {
                    continue;
                }
                for word in *forbidden {
                    assert!(!code.contains(word), "{}:{}: `{word}` in {folder}", path.display(), number + 1);
                }
            }
        }
    }
}

#[test]
fn writing_transactions_have_one_way_in() {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&store) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(".transaction("), "{}: use Db::write", path.display());
    }
}
