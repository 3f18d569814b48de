//! Keys, writes and the record of them.

use serde_json::{Value, json};
use todoke::domain::access::{Grant, Role, Scope};
use todoke::domain::procedure::Category;

use crate::app::{Answer, Backend, TestApp, admin, on_both, operator, prefecture, town};

on_both! {
    every_cell_of_role_route_and_body;
    a_row_is_stated_read_and_withdrawn;
    a_row_is_not_overwritten_unseen;
    applicability_is_stated;
    bad_bodies_change_nothing_and_say_why;
    keys_are_made_listed_and_revoked;
    a_key_is_made_once_however_often_it_is_asked_for;
    every_change_leaves_a_row_in_the_log;
    what_holds_later_is_withdrawn_too;
    sessions_are_listed_and_ended;
}

const ROW: &str = "municipalities/082333/readiness/kosodate-01/mynaportal";
const SCHEME: &str = "municipalities/082333/applicability/kosodate-01";

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

/// Every operation that is not open to all. `{own}` stands for the town's own row.
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
        ("PUT", _) => Some(json!({"applicability": "not_applicable"})),
        ("POST", _) => Some(json!({"name": "x", "role": "admin"})),
        _ => None,
    }
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
            assert!(open == (method == "GET" && !is_private(path)), "{method} {path} is open: {open}");
            let pattern = actix_web::dev::ResourceDef::new(path.strip_prefix("/api/v1").unwrap_or(path));
            if !open && !MATRIX.iter().any(|cell| cell.method == method && pattern.is_match(cell.path)) {
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

fn is_private(path: &str) -> bool {
    ["/tokens", "/sessions", "/audit", "/imports"]
        .iter()
        .any(|end| path.starts_with(&format!("/api/v1{end}")))
}

/// Withdraws a row as an administrator; applicability by a retraction of nothing stated is not
/// possible, so its next writer sees the tag that is there.
fn undo(app: &TestApp, admin: &str, path: &str) {
    if path.contains("/readiness/") {
        assert_eq!(app.write(admin, "DELETE", path, "*", None).status, 204);
    } else {
        withdraw_applicability(app, path);
    }
}

fn withdraw_applicability(app: &TestApp, path: &str) {
    let parts: Vec<&str> = path.split('/').collect();
    let service = &app.inner.service;
    let catalogue = service.catalogue();
    let place = service.place(
        catalogue.find_body(parts[1]).unwrap(),
        catalogue.find_procedure(parts[3]).unwrap(),
        None,
    );
    service.withdraw(&operator(), &place, &todoke::service::statements::Seen::Something).unwrap();
}

fn a_row_is_stated_read_and_withdrawn(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let empty = app.get(ROW);
    assert_eq!((empty.status, empty.header("etag")), (200, "\"0\""));
    assert_eq!(empty.json()["no_answer"], true);
    let stated = json!({
        "level": 4, "system": "ぴったりサービス", "url": "https://example.lg.jp/x", "section": " こども課 ",
        "note": "=1+1", "target_level": 5, "target_on": "2027-03-01", "target_precision": "month",
        "evidence": "seen",
    });
    let created = app.write(&key, "PUT", ROW, "\"0\"", Some(&stated));
    assert_eq!(created.status, 201, "{}", created.text);
    let tag = created.header("etag").to_owned();
    let row = created.json();
    for (name, value) in [
        ("level", json!(4)),
        ("level_label", json!("オンライン申請可")),
        ("source", json!("own")),
        ("section", json!("こども課")),
        ("target_on", json!("2027-03-31")),
        ("effective_on", json!("2026-11-21")),
        ("at_least", json!(false)),
        ("no_answer", json!(false)),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    // What is written is read at once, everywhere.
    let read = app.get(ROW);
    assert_eq!((read.header("etag"), read.json()), (tag.as_str(), row.clone()));
    assert_eq!(app.call("GET", ROW, &[("if-none-match", &tag)]).status, 304);
    let card = app.get("municipalities/082333/readiness?procedure=kosodate-01").results();
    assert!(card.iter().any(|row| row["channel"] == "mynaportal" && row["level"] == 4), "{card:?}");
    assert!(app.inner.export().contains(",4,false,live,"), "{}", app.inner.export());
    // The same again says nothing new.
    let again = app.write(&key, "PUT", ROW, &tag, Some(&stated));
    assert_eq!((again.status, again.header("etag")), (200, tag.as_str()));
    // A day later it confirms.
    app.inner.clock.set("2026-11-22T03:00:00Z");
    let confirmed = app.write(&key, "PUT", ROW, &tag, Some(&stated));
    assert_eq!((confirmed.status, &confirmed.json()["confirmed_on"]), (200, &json!("2026-11-22")));
    assert_eq!(confirmed.json()["effective_on"], "2026-11-21");
    let tag = confirmed.header("etag").to_owned();
    let gone = app.write(&key, "DELETE", ROW, &tag, None);
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    let empty = app.get(ROW);
    assert_eq!((empty.header("etag"), &empty.json()["level"]), ("\"0\"", &Value::Null));
    app.write(&key, "DELETE", ROW, "\"0\"", None).problem(404, "not-found");
}

fn a_row_is_not_overwritten_unseen(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    app.write(&key, "PUT", ROW, "", Some(&level(1))).problem(428, "precondition-required");
    app.write(&key, "PUT", ROW, "0", Some(&level(1))).problem(400, "bad-request");
    app.write(&key, "PUT", ROW, "\"5\"", Some(&level(1))).problem(412, "precondition-failed");
    app.write(&key, "PUT", ROW, "*", Some(&level(1))).problem(412, "precondition-failed");
    let create = |level: i64| {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("if-none-match", "*"),
            ("content-type", "application/json"),
        ];
        app.send("PUT", ROW, &headers, Some(&json!({"level": level}).to_string()))
    };
    let first = create(1);
    assert_eq!(first.status, 201, "{}", first.text);
    create(2).problem(412, "precondition-failed");
    let tag = first.header("etag").to_owned();
    let second = app.write(&key, "PUT", ROW, &tag, Some(&level(2)));
    assert_eq!(second.status, 200);
    // Whoever read the first may not write over the second.
    app.write(&key, "PUT", ROW, &tag, Some(&level(3))).problem(412, "precondition-failed");
    app.write(&key, "DELETE", ROW, &tag, None).problem(412, "precondition-failed");
    app.write(&key, "DELETE", ROW, "", None).problem(428, "precondition-required");
    assert_eq!(app.get(ROW).json()["level"], 2);
    assert_eq!(
        app.write(&key, "PUT", ROW, &format!("W/{}", second.header("etag")), Some(&level(3))).status,
        412
    );
}

fn applicability_is_stated(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let before = app.get(SCHEME);
    assert_eq!((before.header("etag"), &before.json()["stated"]), ("\"0\"", &json!(false)));
    assert_eq!(before.json()["applicability"], "applicable");
    let body = json!({"applicability": "other_body", "reason": "広域連合", "effective_on": "2026-04-01"});
    let stated = app.write(&key, "PUT", SCHEME, "\"0\"", Some(&body));
    assert_eq!((stated.status, &stated.json()["reason"]), (201, &json!("広域連合")));
    let card = app.get("municipalities/082333/readiness?procedure=kosodate-01").results();
    assert!(card.iter().all(|row| row["applicability"] == "other_body"));
    let published = json!({"applicability": "abolished", "source": "published"});
    app.write(&key, "PUT", SCHEME, stated.header("etag"), Some(&published)).problem(403, "forbidden");
    let back =
        app.write(&key, "PUT", SCHEME, stated.header("etag"), Some(&json!({"applicability": "applicable"})));
    assert_eq!((back.status, &back.json()["applicability"]), (200, &json!("applicable")));
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

fn bad_bodies_change_nothing_and_say_why(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let bearer = format!("Bearer {key}");
    let raw = |media: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), ("if-match", "\"0\""), ("content-type", media)];
        app.send("PUT", ROW, &headers, Some(body))
    };
    for (body, status, kind, pointer, code) in [
        ("{", 400, "bad-request", "/body", "json_syntax"),
        ("", 400, "bad-request", "/body", "json_syntax"),
        ("{\"level\":3} x", 400, "bad-request", "/body", "json_syntax"),
        ("[]", 422, "unprocessable", "/body", "wrong_type"),
        ("{}", 422, "unprocessable", "/body", "missing_field"),
        ("{\"level\":3,\"levl\":4}", 422, "unprocessable", "/body/levl", "unknown_field"),
        ("{\"level\":3,\"level\":4}", 422, "unprocessable", "/body", "repeated_field"),
        ("{\"level\":\"3\"}", 422, "unprocessable", "/body/level", "wrong_type"),
        ("{\"level\":6}", 422, "unprocessable", "/body/level", "out_of_range"),
        ("{\"level\":3,\"state\":\"lvie\"}", 422, "unprocessable", "/body/state", "unknown_code"),
        ("{\"level\":3,\"url\":\"javascript:alert(1)\"}", 422, "unprocessable", "/body/url", "url_format"),
        (
            "{\"level\":3,\"effective_on\":\"2026-1-2\"}",
            422,
            "unprocessable",
            "/body/effective_on",
            "date_format",
        ),
        (
            "{\"level\":3,\"target_on\":\"2026-01-02\"}",
            422,
            "unprocessable",
            "/body/target_on",
            "missing_target_level",
        ),
        (
            "{\"level\":3,\"effective_precision\":\"day\"}",
            422,
            "unprocessable",
            "/body/effective_precision",
            "missing_day",
        ),
        ("{\"level\":3,\"system\":\"a\\u0000b\"}", 422, "unprocessable", "/body/system", "control_character"),
    ] {
        let answer = raw("application/json", body);
        assert_eq!(codes(&answer, status, kind), [(pointer.to_owned(), code.to_owned())], "{body}");
    }
    // Every fault of a body at once.
    let answer =
        raw("application/json", &json!({"level": 9, "state": "x", "section": "あ".repeat(101)}).to_string());
    assert_eq!(codes(&answer, 422, "unprocessable").len(), 3);
    raw("text/plain", "{\"level\":3}").problem(415, "unsupported-media-type");
    raw("application/json", &format!("{{\"level\":3,\"note\":\"{}\"}}", "a".repeat(70_000)))
        .problem(413, "payload-too-large");
    for (longest, name) in [(100, "system"), (100, "section"), (1000, "note")] {
        assert_eq!(
            raw("application/json", &json!({"level": 3, name: "字".repeat(longest + 1)}).to_string()).status,
            422
        );
    }
    for path in [
        "municipalities/082334/readiness/kosodate-01/eapp",
        "municipalities/08233x/readiness/kosodate-01/eapp",
    ] {
        app.write(&key, "PUT", path, "\"0\"", Some(&level(3))).problem(400, "invalid-parameter");
    }
    for path in [
        "municipalities/082333/readiness/kosodate-99/eapp",
        "municipalities/082333/readiness/kosodate-01/fax",
    ] {
        app.write(&key, "PUT", path, "\"0\"", Some(&level(3))).problem(404, "not-found");
    }
    app.write(&key, "PUT", &format!("{ROW}?x=1"), "\"0\"", Some(&level(3))).problem(400, "invalid-parameter");
    assert_eq!(app.inner.export().lines().count(), 1);
}

fn keys_are_made_listed_and_revoked(backend: &Backend) {
    let app = TestApp::start(backend);
    let admin = app.key(admin());
    let body = json!({"name": "行方市", "role": "municipality", "municipality_code": "08233", "categories": ["kosodate"], "days": 1});
    let made = app.write(&admin, "POST", "tokens", "", Some(&body));
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let key = made["token"].as_str().unwrap();
    assert_eq!((key.len(), &made["municipality_code"]), (40, &json!("082333")));
    assert_eq!(app.write(key, "PUT", ROW, "\"0\"", Some(&level(3))).status, 201);
    let kaigo = "municipalities/082333/readiness/kaigo-01/eapp";
    let refused = app.write(key, "PUT", kaigo, "\"0\"", Some(&level(3)));
    assert_eq!(codes(&refused, 403, "forbidden")[0].1, "other_category");
    let listed = app.write(&admin, "GET", "tokens", "", None);
    assert!(!listed.text.contains(&key[8..]), "a list shows a key");
    let row = &listed.results()[1];
    assert_eq!((&row["hint"], &row["id"]), (&json!(&key[4..8]), &made["id"]));
    assert!(row["last_used_at"].is_string());
    // It ends by its day, and by being revoked, at once.
    app.inner.clock.set("2026-11-22T03:00:01Z");
    let expired = app.write(key, "PUT", ROW, "*", Some(&level(4)));
    assert_eq!(codes(&expired, 401, "unauthenticated")[0].1, "expired_token");
    app.inner.clock.set("2026-11-21T03:00:02Z");
    assert_eq!(app.write(key, "PUT", ROW, "*", Some(&level(4))).status, 200);
    let path = format!("tokens/{}", made["id"]);
    assert_eq!(app.write(&admin, "DELETE", &path, "", None).status, 204);
    let revoked = app.write(key, "PUT", ROW, "*", Some(&level(5)));
    assert_eq!(codes(&revoked, 401, "unauthenticated")[0].1, "revoked_token");
    assert!(revoked.header("www-authenticate").contains("invalid_token"));
    assert_eq!(app.write(&admin, "DELETE", &path, "", None).status, 204);
    for (body, code) in [
        (json!({"name": "x", "role": "municipality"}), "reach_does_not_fit"),
        (json!({"name": "x", "role": "admin", "prefecture": "08"}), "reach_does_not_fit"),
        (
            json!({"name": "x", "role": "prefecture", "prefecture": "08", "scopes": ["admin"]}),
            "scope_not_allowed",
        ),
        (json!({"name": "x", "role": "admin", "days": 367}), "out_of_range"),
        (json!({"name": " ", "role": "admin"}), "missing_name"),
        (json!({"name": "x", "role": "root"}), "unknown_code"),
        (json!({"name": "x", "role": "municipality", "municipality_code": "082334"}), "check_digit"),
        (
            json!({"name": "x", "role": "municipality", "municipality_code": "012041", "categories": ["x"]}),
            "unknown_code",
        ),
    ] {
        let answer = app.write(&admin, "POST", "tokens", "", Some(&body));
        assert_eq!(codes(&answer, 422, "unprocessable")[0].1, code, "{body}");
    }
    // A scope that an administrator's key was not given.
    let writer = app.key(Grant::new(Role::Admin, None, None, vec![], vec![Scope::Write]).unwrap());
    assert_eq!(codes(&app.write(&writer, "GET", "tokens", "", None), 403, "forbidden")[0].1, "missing_scope");
    let limited =
        Grant::new(Role::Municipality, None, Some("082333".parse().unwrap()), vec![Category::Kaigo], vec![]);
    assert_eq!(app.write(&app.key(limited.unwrap()), "PUT", kaigo, "\"0\"", Some(&level(3))).status, 201);
    for authorization in [
        "",
        "Bearer",
        "Bearer tdk_x",
        "Basic YTpi",
        "Token x",
        "Bearer tdk_000000000000000000000000000000000000",
    ] {
        app.send("GET", "audit", &[("authorization", authorization)], None).problem(401, "unauthenticated");
    }
}

fn a_key_is_made_once_however_often_it_is_asked_for(backend: &Backend) {
    let app = TestApp::start(backend);
    let admin = app.key(admin());
    let bearer = format!("Bearer {admin}");
    let ask = |key: &str, name: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        app.send("POST", "tokens", &headers, Some(&json!({"name": name, "role": "admin"}).to_string()))
    };
    let first = ask("a", "one");
    let again = ask("a", "one");
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert!(first.json()["token"].is_string() && again.json()["token"].is_null());
    let other = ask("a", "two");
    assert_eq!(codes(&other, 422, "unprocessable")[0].1, "idempotency_key_reused");
    assert_eq!(ask("b", "two").status, 201);
    ask("ü", "x").problem(400, "bad-request");
    assert_eq!(app.write(&admin, "GET", "tokens", "", None).count(), 3);
    // A day later the key may be used again.
    app.inner.clock.set("2026-11-22T03:00:01Z");
    assert_eq!(ask("a", "two").status, 201);
    assert_eq!(app.write(&admin, "GET", "tokens", "", None).count(), 4);
}

fn every_change_leaves_a_row_in_the_log(backend: &Backend) {
    let app = TestApp::start(backend);
    let admin = app.key(admin());
    let key = app.key(town("082333"));
    let tag = app.write(&key, "PUT", ROW, "\"0\"", Some(&level(2))).header("etag").to_owned();
    app.write(&key, "PUT", ROW, &tag, Some(&level(4)));
    app.write(&key, "PUT", "municipalities/082023/readiness/kosodate-01/eapp", "\"0\"", Some(&level(4)));
    app.write(&key, "PUT", ROW, "\"0\"", Some(&level(5)));
    app.write(&key, "DELETE", ROW, "*", None);
    app.write(&key, "PUT", SCHEME, "\"0\"", Some(&json!({"applicability": "abolished"})));
    let import =
        app.inner.must_import("団体コード,団体名,手続ID,接点,段階\n082333,行方市,kosodate-02,eapp,4\n");
    app.inner.service.revert(import.import_id.unwrap(), &operator()).unwrap();
    let answer = app.write(&admin, "GET", "audit?limit=500", "", None);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let rows = answer.results();
    let told: Vec<(String, String)> = rows
        .iter()
        .rev()
        .map(|row| (row["action"].as_str().unwrap().to_owned(), row["object"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("token.create", "token/1"),
        ("token.create", "token/2"),
        ("readiness.state", "readiness/082333/kosodate-01/mynaportal"),
        ("readiness.state", "readiness/082333/kosodate-01/mynaportal"),
        ("refused", "municipality/082023"),
        ("readiness.withdraw", "readiness/082333/kosodate-01/mynaportal"),
        ("applicability.state", "applicability/082333/kosodate-01"),
        ("import.apply", "import/1"),
        ("import.revert", "import/1"),
    ];
    assert_eq!(told, expected.map(|(action, object)| (action.to_owned(), object.to_owned())));
    let change = &rows[rows.len() - 4];
    assert_eq!((&change["before"]["level"], &change["after"]["level"]), (&json!(2), &json!(4)));
    assert_eq!((&change["actor"], &change["address"]), (&json!("token:2"), &json!("127.0.0.1")));
    assert!(change["request_id"].is_string());
    assert_eq!(rows[4]["after"]["reason"], "other_municipality");
    assert_eq!(rows[1]["file"], "test.csv");
    assert_eq!(rows[1]["after"]["counts"]["created"], 1);
    assert!(!answer.text.contains(&key[8..]) && !answer.text.contains(&admin[8..]), "the log shows a key");
    let head = app.inner.service.verify_audit(None).unwrap();
    assert_eq!(head.seq, 9);
    assert_eq!(answer.json()["head"], todoke::domain::audit::hex(&head.hash));
    let only = app.write(&admin, "GET", "audit?actor=token:2&action=refused", "", None);
    assert_eq!(only.count(), 1);
    assert_eq!(app.write(&admin, "GET", "audit?after=7", "", None).count(), 2);
    // A wrong tag is no refusal of the key.
    assert!(rows.iter().filter(|row| row["action"] == "refused").count() == 1);
}

fn what_holds_later_is_withdrawn_too(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let later = json!({"level": 5, "effective_on": "2027-04-01"});
    let planned = app.write(&key, "PUT", ROW, "\"0\"", Some(&later));
    // Nothing holds yet, but the next writer must have seen it.
    assert_eq!(planned.json()["no_answer"], true);
    assert_ne!(planned.header("etag"), "\"0\"");
    app.write(&key, "PUT", ROW, "\"0\"", Some(&level(3))).problem(412, "precondition-failed");
    assert_eq!(app.write(&key, "DELETE", ROW, planned.header("etag"), None).status, 204);
    assert_eq!(app.get(ROW).header("etag"), "\"0\"");
    app.inner.clock.set("2027-04-02T03:00:00Z");
    app.inner.service.refresh().unwrap();
    assert_eq!(app.get(ROW).json()["no_answer"], true);
}

fn sessions_are_listed_and_ended(backend: &Backend) {
    let app = TestApp::start(backend);
    let service = &app.inner.service;
    let key = app.key(town("082333"));
    let other = app.key(town("082023"));
    let open = |key: &str| {
        let secret = todoke::domain::access::token::Secret::parse(key).unwrap();
        service.open_session(&secret, Some("192.0.2.1".into()), None, Some("browser\u{0}")).unwrap()
    };
    let (cookie, session) = open(&key);
    let (second, _) = open(&key);
    let (stranger, _) = open(&other);
    assert_eq!((cookie.len(), session.csrf.len()), (64, 64));
    assert_ne!(cookie, session.csrf);
    let held = |cookie: &str| service.session(cookie, None, None).is_ok();
    assert!(held(&cookie) && held(&second) && held(&stranger) && !held("x"));
    let listed = app.write(&key, "GET", "sessions", "", None);
    assert_eq!(listed.count(), 2);
    assert!(!listed.text.contains(&cookie) && !listed.text.contains(&session.csrf));
    assert_eq!(listed.results()[0]["agent"], "browser");
    // One ends one's own only.
    app.write(&other, "DELETE", &format!("sessions/{}", session.id), "", None).problem(404, "not-found");
    assert_eq!(app.write(&key, "DELETE", &format!("sessions/{}", session.id), "", None).status, 204);
    assert!(!held(&cookie) && held(&second));
    assert_eq!(app.write(&key, "DELETE", "sessions", "", None).status, 204);
    assert!(!held(&second) && held(&stranger));
    // Idle for half an hour, or open for half a day.
    app.inner.clock.set("2026-11-21T03:29:59Z");
    assert!(held(&stranger));
    app.inner.clock.set("2026-11-21T03:59:59Z");
    assert!(!held(&stranger));
    app.inner.clock.set("2026-11-21T04:00:00Z");
    let (long, _) = open(&other);
    for minutes in (0..=12 * 60 - 1).step_by(20) {
        let time = chrono::DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap()
            + chrono::TimeDelta::minutes(minutes);
        app.inner.clock.set(&time.to_rfc3339());
        assert!(held(&long), "after {minutes} minutes");
    }
    app.inner.clock.set("2026-11-21T16:00:00Z");
    assert!(!held(&long));
    // A key that is revoked takes its sessions with it.
    let (last, _) = open(&other);
    service.revoke_token(&operator(), 2).unwrap();
    assert!(!held(&last));
}
