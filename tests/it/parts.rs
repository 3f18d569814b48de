//! Definitions that give several results, and how fresh what is stated is.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::figures::figure;

on_both! {
    an_event_of_life_is_as_ready_as_its_weakest_procedure;
    the_three_principles_are_counted_apart;
    what_was_not_said_for_a_year_is_stale;
}

/// The results of a definition, each by its part.
fn parts(app: &TestApp, path: &str) -> Vec<(String, Value)> {
    let rows = app.get(path).results();
    rows.into_iter().map(|row| (row["part"].as_str().unwrap().to_owned(), row)).collect()
}

fn an_event_of_life_is_as_ready_as_its_weakest_procedure(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         142042,kosodate-15,mynaportal,4,2025-04-01\n\
         142042,kosodate-01,eapp,3,2025-04-01\n\
         142042,kosodate-02,mynaportal,5,2025-04-01\n\
         142042,hisaisha-01,mynaportal,4,2025-04-01\n\
         142042,tenshutsu-tennyu-01,mynaportal,4,2025-04-01\n\
         142042,tenshutsu-tennyu-02,mynaportal,3+,2025-04-01\n\
         142042,kaigo-01,counter,3,2025-04-01\n\
         142042,kaigo-02,counter,4,2025-04-01\n\
         142042,kaigo-04,counter,2,2025-04-01\n",
    );
    let levels = |query: &str| -> Vec<Value> {
        let rows =
            parts(&app, &format!("figures/life_event_level?by=municipality&municipality=142042{query}"));
        rows.iter()
            .map(|(part, row)| json!([part, row["level_min"], row["level_max"], row["value"]]))
            .collect()
    };
    assert_eq!(
        levels(""),
        [
            json!(["birth", 3, 3, 100.0]),
            // 3 or more: as high as the other necessary one.
            json!(["moving", 3, 4, 100.0]),
            json!(["care", 0, 5, null]),
            // Of the support money nothing is known.
            json!(["disaster", 0, 4, null]),
        ],
    );
    assert_eq!(levels("&part=care&place=counter"), [json!(["care", 2, 2, 0.0])]);
    assert_eq!(levels("&part=birth&threshold=4"), [json!(["birth", 3, 3, 0.0])]);
    // What is not performed is not necessary.
    app.inner
        .must_import("団体コード,手続ID,接点,該当性,適用日\n142042,hisaisha-08,,other_body,2025-04-01\n");
    assert_eq!(levels("&part=disaster"), [json!(["disaster", 4, 4, 100.0])]);
    // Of several bodies there is a share, and no level.
    let of_prefecture = figure(&app, "figures/life_event_level?prefecture=14&part=birth");
    assert_eq!((&of_prefecture["numerator"], &of_prefecture["denominator"]), (&json!(1), &json!(33)));
    assert_eq!(of_prefecture["level_min"], json!(null));
}

fn the_three_principles_are_counted_apart(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         142042,kosodate-01,mynaportal,5,2025-04-01\n\
         142042,kosodate-02,mynaportal,4,2025-04-01\n\
         142042,kosodate-02,counter,4,2025-04-01\n\
         142042,kosodate-15,mynaportal,3,2025-04-01\n\
         142042,kosodate-15,counter,5,2025-04-01\n\
         142042,kosodate-14,mynaportal,0,2025-04-01\n\
         142042,kosodate-14,counter,5,2025-04-01\n\
         142042,high-volume-02,dedicated,5,2025-04-01\n",
    );
    let rows = parts(&app, "figures/principles?municipality=142042");
    let counts: Vec<Value> =
        rows.iter().map(|(part, row)| json!([part, row["numerator"], row["denominator"]])).collect();
    // 51 of the 56 are expected of a city; 27 procedures belong to an event of life.
    assert_eq!(
        counts,
        [json!(["digital_first", 2, 51]), json!(["once_only", 5, 51]), json!(["connected", 2, 27])],
    );
    assert_eq!(rows[0].1["threshold"], 5);
    assert_eq!(rows[1].1["threshold"], json!(null));
    // Each is explained by its own rows.
    let why = app
        .get("figures/principles/explain?municipality=142042&part=once_only&procedure=kosodate-14")
        .results();
    assert_eq!((&why[0]["included"], &why[0]["part"]), (&json!(true), &json!("once_only")));
}

fn what_was_not_said_for_a_year_is_stale(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         142042,kosodate-01,mynaportal,5,2024-04-01\n\
         142042,kosodate-01,counter,3,2026-01-31\n\
         142042,kosodate-02,eapp,3,2026-04-01\n",
    );
    let fresh = |day: &str| {
        let row = figure(&app, &format!("figures/freshness?municipality=142042&as_of={day}"));
        json!([row["numerator"], row["denominator"], row["value"]])
    };
    assert_eq!(fresh("2026-05-01"), json!([2, 3, 66.7]));
    // 365 days after it was said it is fresh for the last time.
    assert_eq!(fresh("2027-01-31"), json!([2, 3, 66.7]));
    assert_eq!(fresh("2027-02-01"), json!([1, 3, 33.3]));
    let rows =
        app.get("figures/freshness/explain?municipality=142042&as_of=2027-02-01&included=false").results();
    let stale: Vec<_> = rows.iter().map(|row| (row["channel"].clone(), row["reason"].clone())).collect();
    assert_eq!(stale, [(json!("mynaportal"), json!("stale")), (json!("counter"), json!("stale"))]);
    // The same rows are the gap that asks for it.
    let gaps = app.get("municipalities/142042/gaps?as_of=2027-02-01&list=dashboard26").results();
    assert_eq!(gaps.iter().filter(|row| row["gap"] == "G5").count(), 2);
}
