//! The log of changes.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, admin, on_both, operator, town};

on_both! {
    every_change_leaves_a_row_in_the_log;
}

const ROW: &str = "municipalities/082333/readiness/kosodate-01/mynaportal";

const SCHEME: &str = "municipalities/082333/applicability/kosodate-01";

fn level(number: i64) -> Value {
    json!({ "level": number })
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
