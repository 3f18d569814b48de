//! Answers of another day, and of what was known before.

use serde_json::{Value, json};
use todoke::domain::access::Role;

use crate::app::{Backend, TestApp, on_both, town};

on_both! {
    a_late_correction_changes_the_day_and_not_what_was_known;
    a_day_to_come_shows_what_is_planned;
    one_row_and_its_history_have_both_clocks;
    usage_is_as_it_was_known;
    a_moment_that_is_none_is_told;
}

/// Facts of April learnt on 2026-11-21, corrected on the 22nd for March.
fn corrected(backend: &Backend) -> TestApp {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,4,2026-04-01\n");
    app.inner.clock.set("2026-11-22T03:00:00Z");
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,5,2026-03-01\n");
    app
}

const THEN: &str = "2026-11-21";

fn level(app: &TestApp, path: &str) -> Value {
    let rows = app.get(path).results();
    rows.first().map_or(Value::Null, |row| row["level"].clone())
}

fn a_late_correction_changes_the_day_and_not_what_was_known(backend: &Backend) {
    let app = corrected(backend);
    for (path, field) in [
        ("/api/v1/readiness?municipality=082333", "level"),
        ("/api/v1/distribution?by=level&municipality=082333&procedure=kosodate-01", "level"),
    ] {
        let at = |moment: &str| {
            let answer = app.get(&format!("{path}&{moment}"));
            let rows = answer.results();
            let level = |row: &Value| match &row[field] {
                Value::String(text) => text.parse::<i64>().ok(),
                other => other.as_i64(),
            };
            rows.iter().find_map(level).map_or(Value::Null, Value::from)
        };
        assert_eq!(at(""), json!(4), "{path}");
        assert_eq!(at("as_of=2026-03-15"), json!(5), "{path}");
        assert_eq!(at("as_of=2026-02-15"), Value::Null, "{path}");
        // Nothing of March was known on the 21st.
        assert_eq!(at(&format!("as_of=2026-03-15&known_at={THEN}")), Value::Null, "{path}");
        assert_eq!(at(&format!("as_of=2026-04-15&known_at={THEN}T12:00:00%2B09:00")), json!(4), "{path}");
        assert_eq!(at(&format!("known_at={THEN}T11:59:59%2B09:00")), Value::Null, "{path}");
    }
    // The score card, the matrix, figures, their explanation and exports likewise, and each says both clocks.
    let card = "/api/v1/municipalities/082333/readiness?procedure=kosodate-01";
    let stated = |moment: &str| {
        let rows = app.get(&format!("{card}&{moment}")).results();
        rows.into_iter().find(|row| row["channel"] == "mynaportal").map(|row| row["level"].clone())
    };
    assert_eq!((stated("as_of=2026-03-15"), stated("as_of=2026-02-15")), (Some(json!(5)), None));
    let figure = |moment: &str| {
        let path = format!("/api/v1/figures/online_rate?municipality=082333&procedure=kosodate-01&{moment}");
        let row = app.get(&path).results().remove(0);
        (row["numerator"].clone(), row["as_of"].clone(), row["known_at"].clone())
    };
    let known_at = json!("2026-11-21T23:59:59+09:00");
    assert_eq!(figure("as_of=2026-03-15").0, json!(1));
    assert_eq!(
        figure(&format!("as_of=2026-03-15&known_at={THEN}")),
        (json!(0), json!("2026-03-15"), known_at.clone())
    );
    for path in [
        "/api/v1/readiness?",
        "/api/v1/matrix?municipality=082333&procedure=kosodate-01&",
        "/api/v1/distribution?by=level&",
        "/api/v1/figures/online_rate/explain?municipality=082333&",
        "/api/v1/figures/online_rate?",
        "/api/v1/municipalities/082333/readiness?",
        "/api/v1/usage?",
        "/api/v1/published_figures?",
    ] {
        let answer = app.get(&format!("{path}as_of=2026-03-15&known_at={THEN}"));
        let metadata = &answer.json()["metadata"];
        assert_eq!((&metadata["as_of"], &metadata["known_at"]), (&json!("2026-03-15"), &known_at), "{path}");
        // The same address has another tag for each moment, and the same for the same.
        let tag = answer.header("etag").to_owned();
        assert_ne!(tag, app.get(path.trim_end_matches(['?', '&'])).header("etag"), "{path}");
        let again =
            app.call("GET", &format!("{path}as_of=2026-03-15&known_at={THEN}"), &[("if-none-match", &tag)]);
        assert_eq!(again.status, 304, "{path}");
    }
    let export = |moment: &str| {
        let text = app.get(&format!("/api/v1/exports/readiness.csv?{moment}")).text;
        text.lines().count() - 1
    };
    assert_eq!(export("as_of=2026-03-15&when=current"), 1);
    assert_eq!(export("as_of=2026-02-15&when=current"), 0);
    assert_eq!(export(&format!("as_of=2026-03-15&when=current&known_at={THEN}")), 0);
    assert_eq!(level(&app, "/api/v1/readiness?municipality=082333"), json!(4));
}

fn a_day_to_come_shows_what_is_planned(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,4,2027-04-01\n");
    assert_eq!(level(&app, "/api/v1/readiness?municipality=082333"), Value::Null);
    assert_eq!(level(&app, "/api/v1/readiness?municipality=082333&as_of=2027-04-01"), json!(4));
    assert_eq!(level(&app, "/api/v1/readiness?municipality=082333&as_of=2027-03-31"), Value::Null);
}

fn one_row_and_its_history_have_both_clocks(backend: &Backend) {
    let app = corrected(backend);
    let row = "/api/v1/municipalities/082333/readiness/kosodate-01/mynaportal";
    let at = |moment: &str| {
        let json = app.get(&format!("{row}?{moment}")).json();
        (json["level"].clone(), json["as_of"].clone())
    };
    assert_eq!(at(""), (json!(4), json!("2026-11-22")));
    assert_eq!(at("as_of=2026-03-15"), (json!(5), json!("2026-03-15")));
    assert_eq!(at(&format!("as_of=2026-03-15&known_at={THEN}")), (Value::Null, json!("2026-03-15")));
    // Stated by the town's key, and one import taken back.
    let key = app.key(town("082333"));
    let tag = app.get(row).header("etag").to_owned();
    let stated = app.write(
        &key,
        "PUT",
        row,
        &tag,
        Some(&json!({"level": 3, "evidence": "declared", "note": "改修中"})),
    );
    assert_eq!(stated.status, 200, "{}", stated.text);
    app.inner.service.revert(2, &crate::app::operator()).unwrap();
    app.inner.service.refresh().unwrap();
    let history = app.get(&format!("{row}/history"));
    let rows = history.results();
    let seen: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!([
                row["level"],
                row["effective_on"],
                row["role"],
                row["by_municipality"],
                row["import_id"],
                row["line"],
                row["taken_back"],
                row["note"]
            ])
        })
        .collect();
    let admin_role = json!(Role::Admin);
    assert_eq!(
        seen,
        [
            json!([4, "2026-04-01", admin_role, null, 1, 2, false, null]),
            json!([5, "2026-03-01", admin_role, null, 2, 2, true, null]),
            json!([3, "2026-11-22", Role::Municipality, "082333", null, null, false, "改修中"]),
        ]
    );
    assert_eq!(rows[0]["recorded_at"], "2026-11-21T12:00:00+09:00");
    assert_eq!(rows[1]["taken_back_at"], "2026-11-22T12:00:00+09:00");
    // Neither the name of a key nor of a file is told to everybody.
    assert!(!history.text.contains("test.csv") && !history.text.contains("token"), "{}", history.text);
    let csv = app.get(&format!("{row}/history?format=csv")).text;
    assert_eq!(csv.lines().count(), 4);
    assert_eq!(app.get(&format!("{row}/history?format=ndjson")).text.lines().count(), 3);
    let whole = app.get("/api/v1/municipalities/082333/applicability/kosodate-01/history");
    assert_eq!(whole.results().len(), 0);
    app.get("/api/v1/municipalities/082333/readiness/kosodate-01/nowhere/history").problem(404, "not-found");
}

fn usage_is_as_it_was_known(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,年度,区分,件数\n082333,kosodate-01,2025,online,10\n");
    app.inner.clock.set("2026-11-22T03:00:00Z");
    app.inner.must_import("団体コード,手続ID,年度,区分,件数\n082333,kosodate-01,2025,online,12\n");
    let count = |moment: &str| {
        let rows = app.get(&format!("/api/v1/usage?{moment}")).results();
        rows.first().map(|row| row["applications"].clone())
    };
    assert_eq!(count(""), Some(json!(12)));
    assert_eq!(count(&format!("known_at={THEN}")), Some(json!(10)));
    assert_eq!(count("known_at=2026-11-20"), None);
    app.inner.service.revert(2, &crate::app::operator()).unwrap();
    app.inner.service.refresh().unwrap();
    assert_eq!(count(""), Some(json!(10)));
}

fn a_moment_that_is_none_is_told(backend: &Backend) {
    let app = TestApp::start(backend);
    let errors = app
        .get("/api/v1/readiness?as_of=yesterday&known_at=soon&level_min=9")
        .problem(400, "invalid-parameter");
    let pointers: Vec<&str> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/query/as_of", "/query/known_at", "/query/level_min"].to_vec());
    // The register is that of today.
    app.get("/api/v1/procedures?as_of=2026-01-01").problem(400, "invalid-parameter");
}
