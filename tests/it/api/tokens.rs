//! Keys: made, listed and revoked.

use serde_json::{Value, json};
use todoke::domain::access::{Grant, Role, Scope};
use todoke::domain::procedure::Category;

use crate::app::{Answer, Backend, TestApp, admin, on_both};

on_both! {
    keys_are_made_listed_and_revoked;
    a_key_is_made_once_however_often_it_is_asked_for;
}

const ROW: &str = "municipalities/082333/readiness/kosodate-01/mynaportal";

fn level(number: i64) -> Value {
    json!({ "level": number })
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
