//! Who may do what: every role, operation and body.

use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, admin, on_both, operator, prefecture, town};

on_both! {
    every_cell_of_role_route_and_body;
    a_file_is_taken_as_far_as_the_key_reaches;
    odd_requests_are_refused;
}

const ROW: &str = "municipalities/082333/readiness/kosodate-01/mynaportal";

fn level(number: i64) -> Value {
    json!({ "level": number })
}

/// What a role gets from a route: for its own body, and for another's.
struct Cell {
    method: &'static str,
    path: &'static str,
    /// For nobody, a town, its prefecture, another prefecture, an administrator.
    expected: [u16; 5],
}

/// Every operation that is not open to all; 082333 is the town's own code.
const MATRIX: &[Cell] = &[
    Cell {
        method: "PUT",
        path: "/municipalities/082333/readiness/kosodate-01/eapp",
        expected: [401, 201, 201, 403, 201],
    },
    Cell {
        method: "PUT",
        path: "/municipalities/082023/readiness/kosodate-01/eapp",
        expected: [401, 403, 201, 403, 201],
    },
    Cell {
        method: "PUT",
        path: "/municipalities/080004/readiness/kosodate-01/eapp",
        expected: [401, 403, 201, 403, 201],
    },
    Cell {
        method: "PUT",
        path: "/municipalities/142042/readiness/kosodate-01/eapp",
        expected: [401, 403, 403, 201, 201],
    },
    Cell {
        method: "DELETE",
        path: "/municipalities/082333/readiness/kosodate-01/eapp",
        expected: [401, 404, 404, 403, 404],
    },
    Cell {
        method: "DELETE",
        path: "/municipalities/082023/readiness/kosodate-01/eapp",
        expected: [401, 403, 404, 403, 404],
    },
    Cell {
        method: "PUT",
        path: "/municipalities/082333/applicability/kosodate-01",
        expected: [401, 201, 201, 403, 201],
    },
    Cell {
        method: "PUT",
        path: "/municipalities/082023/applicability/kosodate-01",
        expected: [401, 403, 201, 403, 201],
    },
    Cell {
        method: "DELETE",
        path: "/municipalities/082333/applicability/kosodate-01",
        expected: [401, 404, 404, 403, 404],
    },
    Cell { method: "POST", path: "/imports", expected: [401, 415, 415, 415, 415] },
    Cell { method: "GET", path: "/imports", expected: [401, 200, 200, 200, 200] },
    Cell { method: "GET", path: "/imports/999", expected: [401, 404, 404, 404, 404] },
    Cell { method: "GET", path: "/imports/999/rows", expected: [401, 404, 404, 404, 404] },
    Cell { method: "GET", path: "/imports/999/errors.csv", expected: [401, 404, 404, 404, 404] },
    Cell { method: "GET", path: "/imports/999/original", expected: [401, 404, 404, 404, 404] },
    Cell { method: "POST", path: "/imports/999/apply", expected: [401, 404, 404, 404, 404] },
    Cell { method: "POST", path: "/imports/999/answers", expected: [401, 404, 404, 404, 404] },
    Cell { method: "POST", path: "/imports/999/cancel", expected: [401, 404, 404, 404, 404] },
    Cell { method: "POST", path: "/imports/999/revert", expected: [401, 404, 404, 404, 404] },
    Cell { method: "GET", path: "/profiles", expected: [401, 200, 200, 200, 200] },
    Cell { method: "GET", path: "/profiles/default", expected: [401, 200, 200, 200, 200] },
    Cell { method: "PUT", path: "/profiles/ours", expected: [401, 200, 200, 200, 200] },
    Cell { method: "PUT", path: "/profiles/ours?municipality=082023", expected: [401, 403, 200, 403, 200] },
    Cell { method: "DELETE", path: "/profiles/absent", expected: [401, 404, 404, 404, 404] },
    Cell {
        method: "DELETE",
        path: "/profiles/ours?municipality=142042",
        expected: [401, 403, 403, 404, 404],
    },
    Cell { method: "GET", path: "/tokens", expected: [401, 403, 403, 403, 200] },
    Cell { method: "POST", path: "/tokens", expected: [401, 403, 403, 403, 201] },
    Cell { method: "DELETE", path: "/tokens/999", expected: [401, 403, 403, 403, 404] },
    Cell { method: "GET", path: "/sessions", expected: [401, 200, 200, 200, 200] },
    Cell { method: "DELETE", path: "/sessions", expected: [401, 204, 204, 204, 204] },
    Cell { method: "DELETE", path: "/sessions/999", expected: [401, 404, 404, 404, 404] },
    Cell { method: "GET", path: "/audit", expected: [401, 403, 403, 403, 200] },
];

fn body_of(cell: &Cell) -> Option<Value> {
    match (cell.method, cell.path) {
        ("PUT", path) if path.contains("/readiness/") => Some(level(3)),
        ("POST", path) if path.contains("/answers") => Some(json!({})),
        ("PUT", path) if path.contains("/profiles/") => Some(json!({"marks": {}})),
        ("PUT", _) => Some(json!({"applicability": "not_applicable"})),
        ("POST", _) => Some(json!({"name": "x", "role": "admin"})),
        _ => None,
    }
}

fn is_private(path: &str) -> bool {
    ["/tokens", "/sessions", "/audit", "/imports", "/profiles"]
        .iter()
        .any(|end| path.starts_with(&format!("/api/v1{end}")))
}

/// Withdraws a row as an administrator.
fn undo(app: &TestApp, admin: &str, path: &str) {
    assert_eq!(app.write(admin, "DELETE", path, "*", None).status, 204);
}

fn codes(answer: &Answer, status: u16, kind: &str) -> Vec<(String, String)> {
    answer
        .problem(status, kind)
        .iter()
        .map(|error| {
            (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn every_cell_of_role_route_and_body(backend: &Backend) {
    let app = TestApp::start(backend);
    let keys = [
        String::new(),
        app.key(town("082333")),
        app.key(prefecture("08")),
        app.key(prefecture("14")),
        app.key(admin()),
    ];
    // Every operation of the contract that is not open to all stands in the table.
    let contract: Value = serde_json::from_str(&todoke::api::openapi::text()).unwrap();
    let mut missing = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            let open = operation["security"] == json!([]);
            // A simulation is a question that is posted.
            let asks = method == "GET" || path.ends_with("/simulation");
            assert!(open == (asks && !is_private(path)), "{method} {path} is open: {open}");
            let pattern = actix_web::dev::ResourceDef::new(path.strip_prefix("/api/v1").unwrap_or(path));
            if !open
                && !MATRIX.iter().any(|cell| {
                    cell.method == method && pattern.is_match(cell.path.split('?').next().unwrap())
                })
            {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in the table: {missing:?}");
    for cell in MATRIX {
        for (key, expected) in keys.iter().zip(cell.expected) {
            let path = &cell.path[1..];
            let answer = if key.is_empty() {
                app.send(cell.method, path, &[], None)
            } else {
                app.write(key, cell.method, path, "\"0\"", body_of(cell).as_ref())
            };
            let who = keys.iter().position(|other| other == key);
            assert_eq!(answer.status, expected, "{} {path} by {who:?}: {}", cell.method, answer.text);
            if expected == 401 {
                answer.problem(401, "unauthenticated");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
            // The row is put back, so that the next one finds nothing there.
            if expected == 201 && cell.method == "PUT" {
                undo(&app, &keys[4], path);
            }
        }
    }
}

fn a_file_is_taken_as_far_as_the_key_reaches(backend: &Backend) {
    use todoke::import::OnError;
    use todoke::import::report::Status;
    use todoke::service::access::Origin;
    use todoke::service::imports::ApplyOptions;
    let app = TestApp::start(backend);
    let service = &app.inner.service;
    let secret = todoke::domain::access::token::Secret::parse(&app.key(town("082333"))).unwrap();
    let town = service.authenticate(&secret, None, None).unwrap();
    let apply = |origin: &Origin, rows: &str| {
        let text = format!("団体コード,手続ID,接点,段階,根拠\n{rows}");
        let prepared = service.read_file("town.csv", text.as_bytes(), app.inner.options());
        crate::app::apply(service, &prepared, origin, &ApplyOptions::default()).unwrap()
    };
    let own = apply(&town, "082333,kosodate-01,eapp,3,\n082333,kosodate-02,eapp,3,seen\n");
    assert_eq!((own.status, own.counts.created), (Status::Applied, 2));
    for (rows, code) in [
        ("082023,kosodate-01,eapp,3,\n", "other_municipality"),
        ("082333,kosodate-03,eapp,3,verified\n", "evidence_not_allowed"),
        ("082333,kosodate-03,eapp,3,published\n", "evidence_not_allowed"),
    ] {
        let report = apply(&town, &format!("082333,kosodate-04,eapp,3,\n{rows}"));
        assert_eq!(
            (report.status, report.faults[0].code.as_str(), report.faults[0].line),
            (Status::Refused, code, Some(3))
        );
    }
    // What is shown beforehand is what would be applied.
    let mixed = "団体コード,手続ID,接点,段階\n082333,kosodate-05,eapp,3\n082023,kosodate-05,eapp,3\n";
    let prepared = service.read_file("town.csv", mixed.as_bytes(), app.inner.options());
    let (shown, plan) = crate::app::check(service, &prepared, &town).unwrap();
    assert_eq!((shown.counts.created, shown.counts.rejected), (1, 1));
    let how = ApplyOptions { on_error: OnError::Skip, expected_plan: plan, ..ApplyOptions::default() };
    let applied = crate::app::apply(service, &prepared, &town, &how).unwrap();
    assert_eq!((applied.status, applied.counts.created), (Status::Applied, 1));
    // What the prefecture verified was that level; another one is the town's own declaration.
    apply(&operator(), "082333,kosodate-01,eapp,4,verified\n");
    let changed = apply(&town, "082333,kosodate-01,eapp,5,\n");
    assert_eq!(changed.status, Status::Applied, "{:?}", changed.faults);
    service.refresh().unwrap();
    let row = app.get("municipalities/082333/readiness/kosodate-01/eapp").json();
    assert_eq!((&row["level"], &row["evidence"]), (&json!(5), &json!("declared")));
    // An import that holds another's rows is not the town's to take back.
    let both = apply(&operator(), "082333,kaigo-01,eapp,3,\n082023,kaigo-01,eapp,3,\n");
    assert!(matches!(
        service.revert(both.import_id.unwrap(), &town),
        Err(todoke::service::error::Error::Denied(_))
    ));
    assert!(service.revert(own.import_id.unwrap(), &town).is_ok());
    service.refresh().unwrap();
    assert!(app.inner.export().contains("082023,"));
}

fn odd_requests_are_refused(backend: &Backend) {
    let app = TestApp::start(backend);
    let (admin, key) = (app.key(admin()), app.key(town("082333")));
    let (bearer, other) = (format!("Bearer {key}"), format!("Bearer {admin}"));
    let put = |more: &[(&str, &str)], body: &str| {
        let base = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        app.send("PUT", ROW, &[&base, more].concat(), Some(body))
    };
    let ok = "{\"level\":3}";
    put(&[("if-match", "\"0\""), ("authorization", &other)], ok).problem(401, "unauthenticated");
    put(&[("if-match", "\"0\""), ("if-none-match", "*")], ok).problem(400, "bad-request");
    put(&[("if-match", "\"0\""), ("content-encoding", "br")], ok).problem(415, "unsupported-media-type");
    let row = "[3,false,null,null,null,null,null,null,null,null,null,null,null]";
    put(&[("if-match", "\"0\"")], row).problem(422, "unprocessable");
    put(&[("if-match", "\"+0\"")], ok).problem(412, "precondition-failed");
    // A stranger's body is not looked at, nor that of someone who may not make keys.
    app.send("PUT", ROW, &[("content-type", "text/plain")], Some("{")).problem(401, "unauthenticated");
    app.send("POST", "tokens", &[("authorization", &bearer), ("content-type", "text/plain")], Some("{"))
        .problem(403, "forbidden");
    // The limits and the routes read the same path.
    for path in ["/api/v1/%61udit", "/sign%2Din", "/api/v1/procedures%2Fkosodate-01", "/%68ealthz"] {
        app.call("GET", path, &[("authorization", &other)]).problem(404, "not-found");
    }
    let control = app.write(&admin, "GET", "audit?actor=%00", "", None);
    assert_eq!(codes(&control, 400, "invalid-parameter")[0].1, "control_character");
    // Text that looks like an answer of the protocol stays text.
    let noted = put(
        &[("if-match", "\"0\"")],
        &json!({"level": 4, "note": "HTTP/1.1 500 x\r\ncontent-length: 0"}).to_string(),
    );
    assert_eq!(noted.status, 201, "{}", noted.text);
    for path in [
        "readiness?format=ndjson&fields=level,note",
        "readiness?format=csv&fields=level,note",
        "exports/readiness.csv",
    ] {
        let list = app.get(path);
        assert!(
            list.status == 200 && list.text.contains("HTTP/1.1 500 x") && !list.text.contains("urn:todoke"),
            "{}",
            list.text
        );
    }
    assert_eq!(app.inner.service.verify_audit(None).unwrap().seq, 4);
}
