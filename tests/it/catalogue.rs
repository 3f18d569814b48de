//! The catalogue over time: editions of lists, what joined and left, bodies under other names.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};

on_both! {
    editions_have_their_day_and_source;
    a_list_of_unknown_members_chooses_nothing;
    what_became_of_the_catalogue_is_a_list;
}

fn editions_have_their_day_and_source(backend: &Backend) {
    let app = TestApp::start(backend);
    let lists = app.get("lists").results();
    let of = |id: &str| lists.iter().find(|list| list["id"] == id).unwrap_or_else(|| panic!("{id}"));
    for (id, size, known, adopted, precision, predecessor) in [
        ("priority21", 21, false, json!("2006-07-31"), json!("month"), Value::Null),
        ("priority55", 55, false, json!("2020-03-31"), json!("month"), json!("priority21")),
        ("priority58", 58, true, Value::Null, Value::Null, json!("priority55")),
        ("priority59", 59, true, json!("2023-06-09"), json!("day"), json!("priority58")),
        ("priority56", 56, true, Value::Null, Value::Null, json!("priority59")),
        ("common32", 32, true, json!("2024-07-31"), json!("month"), Value::Null),
        ("mic52", 52, false, Value::Null, Value::Null, Value::Null),
        ("mic49", 49, false, Value::Null, Value::Null, Value::Null),
    ] {
        let list = of(id);
        assert_eq!((&list["size"], &list["members_known"]), (&json!(size), &json!(known)), "{id}");
        assert_eq!((&list["adopted_on"], &list["adopted_precision"]), (&adopted, &precision), "{id}");
        assert_eq!(list["predecessor"], predecessor, "{id}");
        assert!(!list["source"].as_str().unwrap().is_empty());
        let items = app.get(&format!("lists/{id}")).json()["items"].as_array().unwrap().len();
        assert_eq!(items, if known { size } else { 0 }, "{id}");
    }
}

fn a_list_of_unknown_members_chooses_nothing(backend: &Backend) {
    let app = TestApp::start(backend);
    for path in
        ["procedures", "figures/online_rate", "municipalities/082333/readiness", "matrix?prefecture=08&x="]
    {
        let sign = if path.contains('?') { "&" } else { "?" };
        let path = path.replace("&x=", "");
        let errors = app.get(&format!("{path}{sign}list=priority55")).problem(400, "invalid-parameter");
        assert_eq!(errors[0]["code"], "members_unknown", "{path}");
        assert!(errors[0]["allowed"].as_str().unwrap().contains("priority56"), "{path}");
    }
}

fn what_became_of_the_catalogue_is_a_list(backend: &Backend) {
    let app = TestApp::start(backend);
    let rows = app.get("catalogue_changes?limit=500").results();
    let of = |change: &str| -> Vec<&Value> { rows.iter().filter(|row| row["change"] == change).collect() };
    assert_eq!(of("adopted").len(), app.get("lists").count() as usize);
    // The 59 have the fire service beside the 58, and the 56 three less.
    let joined: Vec<(&Value, &Value)> =
        of("joined").into_iter().map(|row| (&row["list"], &row["procedure_id"])).collect();
    assert_eq!(joined, [(&json!("priority59"), &json!("high-volume-20"))]);
    let left: Vec<&Value> = of("left").into_iter().map(|row| &row["procedure_id"]).collect();
    assert_eq!(left, [&json!("high-volume-21"), &json!("high-volume-22"), &json!("high-volume-23")]);
    // The end that was announced, marked as to be confirmed.
    let ended = of("ended");
    assert_eq!(
        (&ended[0]["procedure_id"], &ended[0]["on"]),
        (&json!("high-volume-05"), &json!("2026-03-31"))
    );
    assert!(ended[0]["text"].as_str().unwrap().contains("確認"), "{}", ended[0]);
    let tomiya = of("renamed").into_iter().find(|row| row["former_name"] == "富谷町").unwrap();
    assert_eq!((&tomiya["municipality_code"], &tomiya["on"]), (&json!("042161"), &json!("2016-10-10")));
    let tamatsukuri = of("merged").into_iter().find(|row| row["former_name"] == "玉造町").unwrap();
    assert_eq!(tamatsukuri["successor"], "082333");
    let namegata = app.get("municipalities/082333").json();
    assert_eq!(namegata["merged_names"], json!(["玉造町", "麻生町"]));
    assert_eq!(app.get("municipalities/042161").json()["former_names"], json!(["富谷町"]));
    // The oldest first, what has no day at the end.
    let days: Vec<&Value> = rows.iter().map(|row| &row["on"]).collect();
    let known: Vec<&str> = days.iter().filter_map(|day| day.as_str()).collect();
    assert!(known.is_sorted() && days[known.len()..].iter().all(|day| day.is_null()));
    assert!(app.get("catalogue_changes?format=csv").text.lines().count() == rows.len() + 1);
}
