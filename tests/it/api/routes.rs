//! The table of routes against the router: each path, each method, each kind of caller.

use std::path::{Path, PathBuf};

use serde_json::Value;
use todoke::domain::access::token::Secret;
use todoke::http::routes::{Caller, Operation, Part, ROUTES, Route, Verb};

use crate::app::{Answer, Backend, TestApp, admin, on_both, prefecture, town};

on_both! {
    every_route_asks_for_what_its_table_says;
    other_methods_are_refused_with_those_there_are;
    what_is_in_no_table_is_private;
}

#[test]
fn the_table_holds_every_route_and_nothing_else() {
    let contract = todoke::api::openapi::document();
    let mut documented: Vec<(String, String)> = contract["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let in_table = |parts: &[Part]| {
        let routes = ROUTES.iter().filter(|route| parts.contains(&route.part));
        let mut found: Vec<(String, String)> = routes
            .flat_map(|route| {
                let name = |operation: &Operation| operation.verb.name().to_owned();
                route.operations.iter().map(move |operation| (route.path.to_owned(), name(operation)))
            })
            .collect();
        found.sort();
        found
    };
    documented.sort();
    assert_eq!(in_table(&[Part::Api, Part::Operations]), documented);
    assert_eq!(in_table(&[Part::Pages]), pages());
    for route in ROUTES.iter().filter(|route| [Part::Api, Part::Operations].contains(&route.part)) {
        for operation in route.operations {
            let documented = &contract["paths"][route.path][operation.verb.name().to_lowercase()];
            let signed = documented["security"] != Value::Array(vec![]);
            assert_eq!(signed, operation.caller != Caller::Anyone, "{}", route.path);
        }
    }
}

/// Paths and methods that stand before the functions of pages.
fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut found = Vec::new();
    let within = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let folders = within(&folder).into_iter().filter(|path| path.is_dir());
    let files: Vec<PathBuf> = folders.flat_map(|folder| within(&folder)).chain(within(&folder)).collect();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for line in text.lines() {
            let attribute = line.strip_prefix("#[").and_then(|rest| rest.strip_suffix("\")]"));
            if let Some((method, path)) = attribute.and_then(|text| text.split_once("(\"")) {
                found.push((path.to_owned(), method.to_uppercase()));
            }
        }
    }
    found.sort();
    found
}

/// A path with examples put in: those of the contract, which speak of import 7.
fn example(route: &Route) -> String {
    [
        ("{id}", if route.path.contains("/imports/") { "7" } else { "12" }),
        ("{code}", "082333"),
        ("{channel}", "mynaportal"),
        ("{definition}", "online_rate"),
        ("{name}", "default"),
        ("{_:.*}", ""),
        ("{code:[0-9]{2}}", "08"),
        ("{code:[0-9]{5,6}}", "08234"),
        ("{file}", "app.css"),
        ("{dataset}", "readiness"),
        ("{procedure}", "kosodate-01"),
        ("{prefecture}", "08"),
        ("{material}", "action"),
    ]
    .into_iter()
    .fold(named(route), |path, (place, example)| path.replace(place, example))
}

/// Procedures and lists are named by letters.
fn named(route: &Route) -> String {
    route
        .path
        .replace("/procedures/{id}", "/procedures/kosodate-01")
        .replace("/lists/{id}", "/lists/priority56")
}

/// Everybody who may come along.
struct Callers {
    app: TestApp,
    strangers: Vec<Vec<(&'static str, String)>>,
    town: String,
    others: Vec<String>,
    admin: String,
}

impl Callers {
    fn new(backend: &Backend) -> Self {
        let app = TestApp::start(backend);
        let admin = app.key(admin());
        let bearer = format!("Bearer {admin}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
        for _ in 0..7 {
            let text = "団体コード,手続ID,接点,段階\n082333,kosodate-01,eapp,4\n";
            assert_eq!(app.send_bytes("POST", "imports", &headers, text.as_bytes()).status, 201);
        }
        let unknown = Secret::generate(getrandom::fill).unwrap();
        let strangers = vec![
            vec![],
            vec![("authorization", "Basic dXNlcjpwYXNz".to_owned())],
            vec![("authorization", format!("Bearer {}", unknown.reveal()))],
            vec![("cookie", "todoke=made up".to_owned())],
            vec![("cookie", format!("todoke={admin}"))],
        ];
        let (town, others) =
            (app.key(town("082333")), vec![app.key(town("122033")), app.key(prefecture("08"))]);
        Self { app, strangers, town, others, admin }
    }

    fn stranger(&self, verb: Verb, path: &str, headers: &[(&'static str, String)]) -> Answer {
        let mut sent: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        sent.push(("sec-fetch-site", "same-origin"));
        // A form that any page might send.
        sent.push(("content-type", "application/x-www-form-urlencoded"));
        self.app.send(verb.name(), path, &sent, (verb == Verb::Post).then_some("csrf=x"))
    }

    fn holder(&self, key: &str, verb: Verb, path: &str) -> Answer {
        self.stranger(verb, path, &[("authorization", format!("Bearer {key}"))])
    }
}

fn every_route_asks_for_what_its_table_says(backend: &Backend) {
    let callers = Callers::new(backend);
    let keys: Vec<&String> = callers.others.iter().chain([&callers.town, &callers.admin]).collect();
    for (route, operation) in
        ROUTES.iter().flat_map(|route| route.operations.iter().map(move |operation| (route, operation)))
    {
        let (path, verb) = (example(route), operation.verb);
        let place = format!("{} {path}", verb.name());
        for headers in &callers.strangers {
            let answer = callers.stranger(verb, &path, headers);
            let expected: &[u16] = match operation.caller {
                // What was typed from paper leads to its page.
                Caller::Anyone if verb == Verb::Get => &[200, 303, 307],
                // A question in JSON; no key stands in the form.
                Caller::Anyone if operation.shared => &[415],
                Caller::Anyone => &[422],
                Caller::Session if verb == Verb::Get => &[303],
                Caller::Key | Caller::Admin | Caller::Session => &[401],
            };
            assert!(expected.contains(&answer.status), "{place} {headers:?}: {}", answer.text);
            check(&answer, operation, &place);
        }
        for key in &keys {
            let answer = callers.holder(key, verb, &path);
            check(&answer, operation, &place);
            match operation.caller {
                Caller::Key => assert_ne!(answer.status, 401, "{place}: {}", answer.text),
                Caller::Admin if *key == &callers.admin => {
                    assert!(![401, 403].contains(&answer.status), "{place}: {}", answer.text);
                }
                Caller::Admin => assert_eq!(answer.status, 403, "{place}: {}", answer.text),
                Caller::Anyone | Caller::Session => {}
            }
        }
    }
}

/// Whether other origins may read an answer, and whether it may be kept.
fn check(answer: &Answer, operation: &Operation, place: &str) {
    let origins = answer.header("access-control-allow-origin");
    assert_eq!(origins, if operation.shared { "*" } else { "" }, "{place}");
    assert!(answer.headers.get("access-control-allow-credentials").is_none(), "{place}");
    if operation.verb == Verb::Get {
        let kept = answer.header("cache-control") != "no-store";
        assert_eq!(kept, operation.kept, "{place}");
    }
}

fn other_methods_are_refused_with_those_there_are(backend: &Backend) {
    let callers = Callers::new(backend);
    for route in ROUTES {
        let path = example(route);
        let verbs: Vec<&str> = route.operations.iter().map(|operation| operation.verb.name()).collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            if verbs.contains(&method) || (method == "HEAD" && verbs.contains(&"GET")) {
                continue;
            }
            let answer = callers.app.call(method, &path, &[]);
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            let allow = answer.header("allow");
            assert!(
                verbs.iter().all(|verb| allow.split(", ").any(|known| known == *verb)),
                "{path}: {allow}"
            );
            assert!(answer.headers.get("access-control-allow-origin").is_none(), "{method} {path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        }
        let options = callers.app.call("OPTIONS", &path, &[("origin", "https://example.com")]);
        let shared = route.operations.iter().any(|operation| operation.shared);
        assert_eq!(options.header("access-control-allow-origin"), if shared { "*" } else { "" }, "{path}");
    }
}

fn what_is_in_no_table_is_private(backend: &Backend) {
    let app = TestApp::start(backend);
    for path in ["/api/v1/secrets", "/api/v1/imports/7/secret", "/account/secret", "/secret"] {
        for method in ["GET", "HEAD", "POST"] {
            let answer = app.call(method, path, &[]);
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.headers.get("access-control-allow-origin").is_none(), "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}
