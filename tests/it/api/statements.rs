//! One row of the record: stated, read, withdrawn, and never overwritten unseen.

use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, admin, on_both, operator, town};

on_both! {
    a_row_is_stated_read_and_withdrawn;
    a_row_is_not_overwritten_unseen;
    applicability_is_stated;
    bad_bodies_change_nothing_and_say_why;
    what_holds_later_is_withdrawn_too;
    a_tag_follows_what_is_shown;
    what_is_to_come_is_not_overwritten_unseen;
    a_town_withdraws_its_own_word_behind_a_published_one;
    reading_goes_on_while_writers_wait;
}

const ROW: &str = "municipalities/082333/readiness/kosodate-01/mynaportal";

const SCHEME: &str = "municipalities/082333/applicability/kosodate-01";

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

fn on(level: i64, day: &str) -> Value {
    json!({ "level": level, "effective_on": day })
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
