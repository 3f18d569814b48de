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
    a_tag_follows_what_is_shown;
    what_is_to_come_is_not_overwritten_unseen;
    a_town_withdraws_its_own_word_behind_a_published_one;
    a_file_is_taken_as_far_as_the_key_reaches;
    odd_requests_are_refused;
    reading_goes_on_while_writers_wait;
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

fn is_private(path: &str) -> bool {
    ["/tokens", "/sessions", "/audit", "/imports", "/profiles"]
        .iter()
        .any(|end| path.starts_with(&format!("/api/v1{end}")))
}

/// Withdraws a row as an administrator; applicability, which has no route for it, by the service.
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
    service.withdraw(&operator(), &place, None, &todoke::service::statements::Seen::Something).unwrap();
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
        200
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
    // Whoever states a level says that the procedure is performed after all.
    assert_eq!(app.write(&key, "PUT", ROW, "\"0\"", Some(&on(4, "2026-11-20"))).status, 201);
    let lifted = app.get(SCHEME);
    assert_eq!(
        (&lifted.json()["applicability"], &lifted.json()["stated"]),
        (&json!("applicable"), &json!(true))
    );
    let figure = app.get("figures/online_rate?municipality=082333&procedure=kosodate-01").results();
    assert_eq!((&figure[0]["numerator"], &figure[0]["denominator"]), (&json!(1), &json!(1)));
    let gone = json!({"applicability": "abolished"});
    let stated = app.write(&key, "PUT", SCHEME, lifted.header("etag"), Some(&gone));
    assert_eq!(stated.json()["applicability"], "abolished");
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
        ("", 400, "bad-request", "/body", "empty_body"),
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
    // The last use is written at most once a minute.
    let used = || app.write(&admin, "GET", "tokens", "", None).results()[1]["last_used_at"].clone();
    assert_eq!(used(), "2026-11-21T12:00:00+09:00");
    for (time, shown) in [("03:00:59", "12:00:00"), ("03:01:00", "12:01:00"), ("03:01:59", "12:01:00")] {
        app.inner.clock.set(&format!("2026-11-21T{time}Z"));
        assert_eq!(app.write(key, "GET", "sessions", "", None).status, 200);
        assert_eq!(used(), format!("2026-11-21T{shown}+09:00"), "{time}");
    }
    // It ends by its day, and by being revoked, at once.
    app.inner.clock.set("2026-11-22T03:00:01Z");
    let expired = app.write(key, "PUT", ROW, "*", Some(&level(4)));
    assert_eq!(codes(&expired, 401, "unauthenticated")[0].1, "expired_token");
    app.inner.clock.set("2026-11-21T03:02:00Z");
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

fn on(level: i64, day: &str) -> Value {
    json!({ "level": level, "effective_on": day })
}

fn a_tag_follows_what_is_shown(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let now = app.write(&key, "PUT", ROW, "\"0\"", Some(&level(2)));
    let planned = app.write(&key, "PUT", ROW, now.header("etag"), Some(&on(5, "2026-11-23")));
    let tag = planned.header("etag").to_owned();
    assert_eq!((planned.status, &planned.json()["level"]), (200, &json!(2)));
    assert_ne!(tag, now.header("etag"));
    app.inner.clock.set("2026-11-24T03:00:00Z");
    app.inner.service.refresh().unwrap();
    // Nobody wrote, but another level is shown: whoever read the old one has not seen it.
    let turned = app.call("GET", ROW, &[("if-none-match", &tag)]);
    assert_eq!((turned.status, &turned.json()["level"]), (200, &json!(5)));
    app.write(&key, "PUT", ROW, &tag, Some(&level(1))).problem(412, "precondition-failed");
    assert_eq!(app.write(&key, "PUT", ROW, turned.header("etag"), Some(&level(1))).status, 200);
    // Saying it again for a day before the last word tells nothing new.
    let tag = app.get(ROW).header("etag").to_owned();
    let confirmed = app.write(&key, "PUT", ROW, &tag, Some(&on(1, "2026-12-24")));
    let between = app.write(&key, "PUT", ROW, confirmed.header("etag"), Some(&on(1, "2026-12-01")));
    assert_eq!(between.header("etag"), confirmed.header("etag"));
    // A confirmation outlives the import it confirms; the row is another one then.
    let import =
        app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-02,eapp,4,2026-11-01\n");
    let other = "municipalities/082333/readiness/kosodate-02/eapp";
    let confirmed = app.write(&key, "PUT", other, app.get(other).header("etag"), Some(&level(4)));
    assert_eq!(confirmed.json()["confirmed_on"], "2026-11-24");
    app.inner.service.revert(import.import_id.unwrap(), &operator()).unwrap();
    app.inner.service.refresh().unwrap();
    let left = app.call("GET", other, &[("if-none-match", confirmed.header("etag"))]);
    assert_eq!((left.status, &left.json()["confirmed_on"]), (200, &Value::Null));
    let weak = format!("W/{}", app.get(ROW).header("etag"));
    assert_eq!(app.call("GET", ROW, &[("if-none-match", &weak)]).status, 304);
    assert_eq!(app.call("GET", ROW, &[("if-none-match", "nonsense")]).status, 200);
}

fn what_is_to_come_is_not_overwritten_unseen(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let bearer = format!("Bearer {key}");
    let create = |body: Value| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("if-none-match", "*"),
            ("content-type", "application/json"),
        ];
        app.send("PUT", ROW, &headers, Some(&body.to_string()))
    };
    assert_eq!(create(on(4, "2027-04-01")).status, 201);
    create(on(1, "2027-04-01")).problem(412, "precondition-failed");
    assert_eq!(app.write(&key, "PUT", ROW, "*", Some(&on(3, "2027-05-01"))).status, 200);
    // So many days ahead and no more; what is withdrawn makes room.
    for month in 1..=18 {
        let day = format!("{}-{:02}-01", 2028 + month / 12, month % 12 + 1);
        assert!(app.write(&key, "PUT", ROW, "*", Some(&on(month % 6, &day))).status < 300, "{day}");
    }
    let more = app.write(&key, "PUT", ROW, "*", Some(&on(2, "2040-01-01")));
    assert_eq!(codes(&more, 422, "unprocessable")[0].1, "too_many_planned");
    // What holds today is no later day, and a wrong plan can be mended.
    assert_eq!(app.write(&key, "PUT", ROW, "*", Some(&level(1))).status, 200);
    assert_eq!(app.write(&key, "PUT", ROW, "*", Some(&on(5, "2027-05-01"))).status, 200);
    app.write(&key, "PUT", ROW, "*", Some(&on(2, "2040-01-01"))).problem(422, "unprocessable");
    assert_eq!(app.write(&key, "DELETE", ROW, "*", None).status, 204);
    assert_eq!(app.get(ROW).header("etag"), "\"0\"");
    assert_eq!(create(on(2, "2040-01-01")).status, 201);
}

fn a_town_withdraws_its_own_word_behind_a_published_one(backend: &Backend) {
    let app = TestApp::start(backend);
    let (admin, key) = (app.key(admin()), app.key(town("082333")));
    let published =
        app.write(&admin, "PUT", ROW, "\"0\"", Some(&json!({"level": 3, "evidence": "published"})));
    let planned = app.write(&key, "PUT", ROW, published.header("etag"), Some(&on(4, "2027-04-01")));
    assert_eq!((planned.status, &planned.json()["source"]), (200, &json!("published")));
    assert_eq!(app.write(&key, "DELETE", ROW, planned.header("etag"), None).status, 204);
    let left = app.get(ROW);
    assert_eq!((&left.json()["source"], &left.json()["level"]), (&json!("published"), &json!(3)));
    // An administrator may withdraw the published word behind the town's.
    assert!(app.write(&key, "PUT", ROW, "*", Some(&level(2))).status < 300);
    app.write(&key, "DELETE", &format!("{ROW}?source=published"), "*", None).problem(403, "forbidden");
    app.write(&admin, "DELETE", &format!("{ROW}?source=mine"), "*", None).problem(400, "invalid-parameter");
    assert_eq!(app.write(&admin, "DELETE", &format!("{ROW}?source=published"), "*", None).status, 204);
    assert_eq!(app.get(ROW).json()["source"], "own");
    assert_eq!(app.write(&key, "DELETE", ROW, "*", None).status, 204);
    assert_eq!(app.get(ROW).header("etag"), "\"0\"");
    app.write(&admin, "PUT", ROW, "\"0\"", Some(&json!({"level": 3, "evidence": "published"})));
    // What the state published is not the town's to withdraw.
    let refused = app.write(&key, "DELETE", ROW, "*", None);
    assert_eq!(codes(&refused, 403, "forbidden")[0].1, "admin_only");
    assert_eq!(app.write(&admin, "DELETE", ROW, "*", None).status, 204);
    let before = app.write(&admin, "GET", "audit?action=readiness.withdraw", "", None).results();
    assert_eq!(before[3]["before"]["effective_on"], "2027-04-01");
}

fn a_file_is_taken_as_far_as_the_key_reaches(backend: &Backend) {
    use todoke::import::report::Status;
    use todoke::service::access::Origin;
    use todoke::service::imports::{ApplyOptions, OnError};
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

fn reading_goes_on_while_writers_wait(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let db = backend.open();
    let (held, ready) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            db.write(|_| {
                held.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_secs(3));
                Ok::<_, todoke::service::error::Error>(())
            })
            .unwrap();
        });
        ready.recv().unwrap();
        let writers: Vec<_> = (0..12)
            .map(|number| {
                let (app, key) = (&app, &key);
                let path = format!("municipalities/082333/readiness/kosodate-{:02}/eapp", number % 12 + 1);
                scope.spawn(move || app.write(key, "PUT", &path, "\"0\"", Some(&level(3))).status)
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(300));
        for _ in 0..5 {
            for path in
                ["/readyz", "/api/v1/procedures", "/api/v1/municipalities/082333/readiness/kosodate-01/eapp"]
            {
                assert_eq!(app.get(path).status, 200, "{path}");
            }
        }
        let statuses: Vec<u16> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    });
}
