//! Figures in two groupings at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::figures::{figure, refused};
use crate::real::country;

on_both! {
    the_second_grouping_divides_the_first;
    each_result_is_what_its_filters_give;
    groupings_can_be_turned_around;
    too_many_results_are_refused_with_their_number;
    two_groupings_come_in_every_format_and_order;
    definitions_stand_side_by_side;
}

/// Everything a figure says beside whom it is about.
fn said(figure: &Value) -> Value {
    let mut said = figure.clone();
    for name in ["key", "label", "key2", "label2", "as_of", "known_at"] {
        said.as_object_mut().unwrap().remove(name);
    }
    said
}

/// All results of a path, page after page.
fn all(app: &TestApp, path: &str) -> Vec<Value> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let text = app.get(&format!("{path}{joint}format=ndjson")).text;
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn the_second_grouping_divides_the_first(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    for (definition, first, second) in [
        ("online_rate", "prefecture", "kind"),
        ("online_rate", "category", "population_band"),
        ("mic_rate", "population_band", "procedure"),
        ("kakanai_rate", "kind", "category"),
        ("list26_complete", "kind", "population_band"),
        ("online_rate", "nation", "category"),
        ("online_rate", "category", "procedure"),
    ] {
        let sums = |rows: &[Value]| {
            let mut sums: BTreeMap<(String, String), [u64; 3]> = BTreeMap::new();
            for row in rows {
                let text = |name: &str| row[name].as_str().unwrap().to_owned();
                let sum = sums.entry((text("not_applicable"), text("key"))).or_default();
                for (sum, name) in sum.iter_mut().zip(["numerator", "denominator", "unknown"]) {
                    *sum += row[name].as_u64().unwrap();
                }
            }
            sums
        };
        let both = all(app, &format!("figures/{definition}?by={first},{second}"));
        let one = all(app, &format!("figures/{definition}?by={first}"));
        assert!(both.len() >= one.len() && !one.is_empty());
        assert_eq!(sums(&both), sums(&one), "{definition} by {first},{second}");
        assert!(both.iter().all(|row| row["key2"].is_string() && row["label2"].is_string()));
        assert!(one.iter().all(|row| row["key2"].is_null() && row["label2"].is_null()));
        // In order of the first grouping, whose order is what it is alone.
        let mut keys: Vec<Value> =
            both.iter().map(|row| json!([row["not_applicable"], row["key"], row["label"]])).collect();
        keys.dedup();
        let expected: Vec<Value> =
            one.iter().map(|row| json!([row["not_applicable"], row["key"], row["label"]])).collect();
        assert_eq!(keys, expected, "{definition} by {first},{second}");
    }
}

fn each_result_is_what_its_filters_give(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let bands = |key: &str| match key {
        "under_10000" => "population_max=9999",
        "10000_to_50000" => "population_min=10000&population_max=49999",
        "50000_to_100000" => "population_min=50000&population_max=99999",
        "100000_to_300000" => "population_min=100000&population_max=299999",
        "over_300000" => "population_min=300000",
        other => panic!("{other}"),
    };
    let rows = all(app, "figures/online_rate?by=category,population_band&list=dashboard26");
    assert_eq!(rows.len(), 10);
    for row in &rows {
        let (category, band) = (row["key"].as_str().unwrap(), bands(row["key2"].as_str().unwrap()));
        let path = format!("figures/online_rate?by=category&list=dashboard26&category={category}&{band}");
        let alone = figure(app, &path);
        assert_eq!(said(row), said(&alone), "{path}");
        assert!(row["median"].is_number() && row["bodies_in_scope"].as_u64() > Some(50), "{row}");
    }
    for row in all(app, "figures/online_rate?by=prefecture,procedure&procedure=kosodate-01,kaigo-01") {
        let text = |name: &str| row[name].as_str().unwrap();
        let path =
            format!("figures/online_rate?by=procedure&prefecture={}&procedure={}", text("key"), text("key2"));
        let alone = figure(app, &path);
        assert_eq!(said(&row), said(&alone), "{path}");
        assert_eq!((&row["median"], &row["bodies"]), (&json!(null), &json!(null)));
        assert_eq!(row["label2"], alone["label"]);
    }
    let mixed = app.get("figures/online_rate?by=kind,category&kind=prefecture,city").results();
    assert_eq!(mixed.len(), 10);
    assert_eq!(
        refused(app, "figures/online_rate?by=prefecture,category&kind=prefecture,city").1,
        "/query/kind"
    );
    let one_body =
        app.get("figures/online_rate?municipality=080004,082333&by=municipality,category").results();
    assert_eq!(one_body.len(), 10);
}

fn groupings_can_be_turned_around(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let table = |by: &str, turned: bool| -> BTreeMap<(String, String), Value> {
        let (one, two) = if turned { ("key2", "key") } else { ("key", "key2") };
        let rows = all(app, &format!("figures/online_rate?prefecture=08,47&by={by}"));
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        rows.iter().map(|row| ((text(row, one), text(row, two)), said(row))).collect()
    };
    let one = table("procedure,municipality", false);
    assert_eq!(one.len(), 56 * (44 + 41));
    assert_eq!(one, table("municipality,procedure", true));
    // A town is not asked about a prefecture's procedure.
    let towns = &one[&("high-volume-05".to_owned(), "082333".to_owned())];
    assert_eq!((&towns["denominator"], &towns["reason"]), (&json!(0), &json!("nothing_applicable")));
    // Nobody in scope: nothing by bodies, and nothing applicable by procedures.
    let nobody = "figures/online_rate?prefecture=01&kind=special_ward";
    assert_eq!(app.get(&format!("{nobody}&by=category,prefecture")).count(), 0);
    assert_eq!(app.get(&format!("{nobody}&by=nation,category")).count(), 5);
}

fn too_many_results_are_refused_with_their_number(backend: &Backend) {
    let app = TestApp::start(backend);
    let path = "figures/online_rate?by=municipality,procedure";
    let (code, pointer, allowed) = refused(&app, path);
    assert_eq!((code.as_str(), pointer.as_str()), ("too_many_results", "/query/by"));
    assert!(allowed.contains("prefecture"), "{allowed}");
    let message = app.get(path).json()["errors"][0]["message"].as_str().unwrap().to_owned();
    // 1,741 bodies × 56 procedures.
    assert!(message.contains("97496") && message.contains("20000"), "{message}");
    let english = app.call("GET", path, &[("accept-language", "en")]).json();
    assert!(english["errors"][0]["message"].as_str().unwrap().contains("97496"), "{english}");
    // A page of too much is too much as well; what is chosen may be little enough.
    assert_eq!(refused(&app, &format!("{path}&limit=5&format=csv")).0, "too_many_results");
    assert_eq!(app.get(&format!("{path}&prefecture=08")).count(), 44 * 56);
    assert_eq!(app.get("figures/online_rate?by=municipality,category").count(), 1_741 * 5);
    for (query, code, allowed) in [
        ("by=kind,kind", "repeated_value", ""),
        ("by=kind,prefecture,category", "too_many_values", "1-2"),
        ("by=kind,", "unknown_code", "nation, prefecture, municipality, procedure"),
        ("by=kind,size", "unknown_code", "nation, prefecture, municipality, procedure"),
    ] {
        let found = refused(&app, &format!("figures/online_rate?{query}"));
        assert_eq!((found.0.as_str(), found.1.as_str()), (code, "/query/by"), "{query}");
        assert!(found.2.starts_with(allowed), "{query}: {}", found.2);
    }
    let found = refused(&app, "figures/da26_complete?by=prefecture,procedure");
    assert_eq!(found.2, "nation, prefecture, municipality, kind, population_band");
}

fn two_groupings_come_in_every_format_and_order(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let path = "figures/online_rate?prefecture=47&by=kind,category";
    let json = app.get(&format!("{path}&limit=500")).results();
    assert_eq!(json, all(app, path));
    let csv = app.get(&format!("{path}&format=csv"));
    assert!(csv.header("content-disposition").contains("online_rate_47_by-kind-category_"));
    let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), json.len());
    for (row, result) in rows.iter().zip(&json) {
        for name in ["key", "label", "key2", "label2", "numerator", "value", "value_min", "value_max"] {
            let at = heads.iter().position(|head| head == name).unwrap();
            let expected = &result[name];
            assert_eq!(row[at], *expected.as_str().map_or_else(|| expected.to_string(), str::to_owned));
        }
    }
    let sorted = app.get(&format!("{path}&sort=-key2,value&limit=500")).results();
    let keys: Vec<&str> = sorted.iter().map(|row| row["key2"].as_str().unwrap()).collect();
    assert!(keys.is_sorted_by(|one, two| one >= two) && keys[0] == "tenshutsu-tennyu", "{keys:?}");
    let within: Vec<Option<f64>> =
        sorted.iter().filter(|row| row["key2"] == "kosodate").map(|row| row["value"].as_f64()).collect();
    assert!(within.len() > 2 && within.is_sorted(), "{within:?}");
    let metadata = app.get(path).json()["metadata"].clone();
    assert_eq!(metadata["filters"], json!({"prefecture": "47", "by": "kind,category"}));
}

fn definitions_stand_side_by_side(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let scope = "prefecture=47&by=kind,population_band";
    let rows = all(app, &format!("figures/online_rate?{scope}&compare=mic_rate,list26_complete"));
    // Each is what it is alone.
    for id in ["online_rate", "mic_rate", "list26_complete"] {
        let own: Vec<Value> = rows.iter().filter(|row| row["definition"] == id).cloned().collect();
        let mut alone = all(app, &format!("figures/{id}?{scope}"));
        // One group after the other, and within it the treatments of procedures not performed.
        let place = |row: &Value| own.iter().position(|other| other == row);
        alone.sort_by_key(place);
        assert_eq!(own, alone, "{id}");
    }
    let mut groups: Vec<Value> = rows.iter().map(|row| json!([row["key"], row["key2"]])).collect();
    let count = groups.len();
    groups.dedup();
    assert_eq!(count, groups.len() * 4, "those of one group stand together");
    let ids: Vec<&Value> = rows[..4].iter().map(|row| &row["definition"]).collect();
    assert_eq!(ids, ["online_rate", "mic_rate", "list26_complete", "list26_complete"]);
    let sorted = all(app, &format!("figures/online_rate?{scope}&compare=mic_rate&sort=-numerator"));
    let numerators: Vec<u64> = sorted.iter().map(|row| row["numerator"].as_u64().unwrap()).collect();
    assert!(numerators.is_sorted_by(|one, two| one >= two), "{numerators:?}");
    // What not all of them can give is refused, and each fault told once.
    for (query, pointer, code) in [
        ("compare=da26_rate&list=priority56", "list", "fixed_list"),
        ("compare=mic_rate&threshold=4", "threshold", "threshold"),
        ("compare=da26_rate&not_applicable=excluded", "not_applicable", "not_applicable"),
        ("compare=da26_complete&by=procedure", "by", "unknown_code"),
        ("compare=mic_rate,mic_rate", "compare", "repeated_value"),
        ("compare=online", "compare", "unknown_code"),
        ("compare=mic_rate&prefecture=99", "prefecture", "prefecture_format"),
        ("compare=mic_rate&threshold=9", "threshold", "level_format"),
        ("compare=mic_rate,kakanai_rate,da26_rate&by=municipality,category", "by", "too_many_results"),
    ] {
        let found = refused(app, &format!("figures/online_rate?{query}"));
        assert_eq!((found.0.as_str(), found.1), (code, format!("/query/{pointer}")), "{query}");
    }
    // Beside itself it stands already.
    assert_eq!(app.get("figures/online_rate?compare=online_rate").count(), 1);
}
