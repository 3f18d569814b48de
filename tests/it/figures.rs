//! Figures that must come out.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::real::country;

on_both! {
    the_national_file_gives_the_published_figures;
    kamakura_is_complete_by_one_rule_and_empty_by_another;
    procedures_not_performed_leave_the_denominator_or_stay;
    partial_counts_on_mynaportal_but_not_at_threshold_four;
    every_row_of_every_figure_adds_up;
    rules_of_the_standing;
    completion_needs_every_answer;
    the_matrix_and_the_figures_agree;
}

fn completion_needs_every_answer(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n142042,kosodate-01,mynaportal,3,2026-04-01\n");
    for basis in ["expected", "stated"] {
        let figure = figure(&app, &format!("figures/da26_complete?municipality=142042&basis={basis}"));
        assert_eq!(figure["numerator"], 0, "{basis}");
        assert_eq!(figure["value"], json!(null), "{basis}");
    }
    // A scope without a body still has an answer.
    let nobody = figure(&app, "figures/online_rate?prefecture=01&kind=special_ward");
    assert_eq!(short(&nobody), json!([0, 0, null, null, null, "nothing_applicable"]));
}

fn the_matrix_and_the_figures_agree(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n\
         142042,kosodate-01,eapp,3,,2026-04-01\n142042,kosodate-01,mynaportal,3+,,2026-04-01\n\
         142042,kosodate-02,eapp,3,,2026-04-01\n142042,kosodate-02,mynaportal,5,prepared,2026-04-01\n\
         142042,kosodate-03,eapp,4,suspended,2026-04-01\n142042,kosodate-04,online,4,prepared,2026-04-01\n\
         142042,high-volume-22,eapp,4,,2026-04-01\n",
    );
    let procedures = "kosodate-01,kosodate-02,kosodate-03,kosodate-04,high-volume-22";
    let matrix = app.get(&format!("matrix?municipality=142042&procedure={procedures}")).json();
    let ids: Vec<_> = matrix["procedures"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let cells = matrix["results"][0]["online"].as_array().unwrap().clone();
    let of = |id: &str| cells[ids.iter().position(|other| *other == id).unwrap()].clone();
    assert_eq!(of("kosodate-01"), "3+");
    assert_eq!(of("kosodate-02"), "3");
    assert_eq!(of("kosodate-03"), "4x");
    assert_eq!(of("kosodate-04"), "4p");
    // A procedure that is named is in scope, also outside the default list.
    for path in ["figures/online_rate", "figures/mic_rate"] {
        let one = figure(&app, &format!("{path}?municipality=142042&procedure=high-volume-22"));
        assert_eq!(one["numerator"], 1, "{path}");
    }
    assert_eq!(app.get("municipalities/142042/readiness?procedure=high-volume-22").results().len(), 2);
    assert_eq!(app.get("distribution?municipality=142042&procedure=high-volume-22&by=level").count(), 2);
    // The explanation names the channel that decides.
    let why = |definition: &str, id: &str| {
        let path = format!("figures/{definition}/explain?municipality=142042&procedure={id}");
        let row = app.get(&path).results()[0].clone();
        (row["channel"].as_str().map(str::to_owned), row["level"].as_u64())
    };
    assert_eq!(why("online_rate", "kosodate-02"), (Some("mynaportal".into()), Some(5)));
    assert_eq!(why("mic_rate", "kosodate-02"), (Some("eapp".into()), Some(3)));
    assert_eq!(why("online_rate", "kosodate-03"), (Some("eapp".into()), None));
    assert_eq!(why("da26_rate", "kosodate-03"), (None, None));
    // Not live is not "means unknown" where only live counts.
    let rows = app.get("figures/da26_rate/explain?municipality=142042&procedure=kosodate-04").results();
    assert_eq!(rows[0]["reason"], "not_live");
}

/// One figure of a path, as numerator, denominator and printed values.
fn figure(app: &TestApp, path: &str) -> Value {
    let results = app.get(path).results();
    assert_eq!(results.len(), 1, "{path}");
    results[0].clone()
}

fn short(figure: &Value) -> Value {
    json!([
        figure["numerator"],
        figure["denominator"],
        figure["value"],
        figure["value_min"],
        figure["value_max"],
        figure["reason"]
    ])
}

fn the_national_file_gives_the_published_figures(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    for (path, expected) in [
        ("figures/online_rate", json!([53_851, 86_691, 62.1, 62.1, 64.1, null])),
        ("figures/online_rate?basis=stated", json!([53_851, 84_950, 63.4, 63.4, 63.4, null])),
        ("figures/mic_rate?basis=stated", json!([15_224, 39_888, 38.2, 38.2, 38.2, null])),
        ("figures/da26_rate", json!([0, 45_266, null, 0.0, 85.3, "unknown_only"])),
        ("figures/list26_complete?not_applicable=counted", json!([1_113, 1_741, 63.9, 63.9, 63.9, null])),
        ("figures/list26_complete?not_applicable=excluded", json!([1_161, 1_741, 66.7, 66.7, 66.7, null])),
    ] {
        assert_eq!(short(&figure(app, path)), expected, "{path}");
    }
    let both = app.get("figures/list26_complete").results();
    let pairs: Vec<_> =
        both.iter().map(|row| (row["not_applicable"].clone(), row["numerator"].clone())).collect();
    assert_eq!(pairs, [(json!("excluded"), json!(1_161)), (json!("counted"), json!(1_113))]);
    // 座間味村 has nothing applicable of the 26.
    let zamami =
        app.get("figures/list26_complete/explain?municipality=473545&not_applicable=excluded").results();
    assert_eq!((&zamami[0]["included"], &zamami[0]["reason"]), (&json!(true), &json!("nothing_applicable")));
    assert_eq!(app.get("figures/online_rate?by=prefecture").count(), 47);
    assert_eq!(app.get("figures/online_rate?by=municipality").count(), 1_741);
    assert_eq!(app.get("figures/online_rate?by=procedure").count(), 56);
}

/// A town's file with one row per procedure of a list.
fn state(app: &TestApp, list: &str, channel: &str, level: &str) {
    let members = app.get(&format!("lists/{list}")).json();
    let rows: String = members["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            format!("142042,{},{channel},{level},2026-04-01\n", item["procedure_id"].as_str().unwrap())
        })
        .collect();
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,適用日\n{rows}"));
}

fn kamakura_is_complete_by_one_rule_and_empty_by_another(backend: &Backend) {
    let app = TestApp::start(backend);
    state(&app, "dashboard26", "eapp", "4");
    let online = figure(&app, "figures/online_rate?municipality=142042&list=dashboard26");
    assert_eq!(short(&online), json!([26, 26, 100.0, 100.0, 100.0, null]));
    let official = figure(&app, "figures/da26_rate?municipality=142042");
    assert_eq!(short(&official), json!([0, 26, 0.0, 0.0, 0.0, null]));
    let rows = app.get("figures/da26_rate/explain?municipality=142042").results();
    assert_eq!(rows.len(), 26);
    for row in rows {
        assert_eq!((&row["reason"], &row["included"]), (&json!("channel_not_mynaportal"), &json!(false)));
        assert!(row["sentence"].as_str().unwrap().contains("マイナポータル以外"));
    }
    let complete = figure(&app, "figures/da26_complete?municipality=142042");
    assert_eq!(short(&complete), json!([0, 1, 0.0, 0.0, 0.0, null]));
    let listed = figure(&app, "figures/list26_complete?municipality=142042&not_applicable=counted");
    assert_eq!(short(&listed), json!([1, 1, 100.0, 100.0, 100.0, null]));
}

fn procedures_not_performed_leave_the_denominator_or_stay(backend: &Backend) {
    let app = TestApp::start(backend);
    let members: Vec<String> = app
        .get("procedures?list=priority56&target=municipality,both&limit=500")
        .results()
        .iter()
        .take(32)
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(members.len(), 32);
    let rows: String = members
        .iter()
        .enumerate()
        .map(|(at, id)| match at {
            0..2 => format!("142042,{id},,,not_applicable,2026-04-01\n"),
            2..26 => format!("142042,{id},eapp,3,,2026-04-01\n"),
            _ => format!("142042,{id},eapp,1,,2026-04-01\n"),
        })
        .collect();
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,該当性,適用日\n{rows}"));
    let path =
        format!("figures/mic_rate?municipality=142042&list=priority56&procedure={}", members.join(","));
    assert_eq!(short(&figure(&app, &path)), json!([24, 30, 80.0, 80.0, 80.0, null]));
    let fixed = figure(&app, &format!("{path}&not_applicable=counted"));
    assert_eq!(short(&fixed), json!([24, 32, 75.0, 75.0, 75.0, null]));
    assert_eq!(fixed["completeness"], 100.0);
}

fn partial_counts_on_mynaportal_but_not_at_threshold_four(backend: &Backend) {
    let app = TestApp::start(backend);
    state(&app, "dashboard26", "mynaportal", "3");
    let official = figure(&app, "figures/da26_rate?municipality=142042");
    assert_eq!(short(&official), json!([26, 26, 100.0, 100.0, 100.0, null]));
    let path = "municipality=142042&list=dashboard26&threshold=4";
    let strict = figure(&app, &format!("figures/online_rate?{path}"));
    assert_eq!(short(&strict), json!([0, 26, 0.0, 0.0, 0.0, null]));
    let rows = app.get(&format!("figures/online_rate/explain?{path}")).results();
    assert!(rows.iter().all(|row| row["reason"] == "below_threshold"));
    // A bare ○ may be more than it says: at threshold 4 it is unknown.
    state(&app, "benefit31", "eapp", "3+");
    let open = figure(&app, &format!("figures/online_rate?{path}"));
    assert_eq!(short(&open), json!([0, 26, null, 0.0, 100.0, "unknown_only"]));
}

fn every_row_of_every_figure_adds_up(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    for definition in app.get("definitions").results() {
        let id = definition["id"].as_str().unwrap();
        let query = "prefecture=47&basis=expected";
        for figure in app.get(&format!("figures/{id}?{query}")).results() {
            let treatment = figure["not_applicable"].as_str().unwrap();
            let rows = app
                .get(&format!("figures/{id}/explain?{query}&not_applicable={treatment}&format=ndjson"))
                .text;
            let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let count = |field: &str| rows.iter().filter(|row| row[field] == true).count();
            assert_eq!(figure["numerator"], count("included"), "{id} {treatment}");
            assert_eq!(figure["denominator"], count("in_denominator"), "{id} {treatment}");
            assert_eq!(figure["unknown"], count("unknown"), "{id} {treatment}");
            assert!(rows.iter().all(|row| !row["sentence"].as_str().unwrap().is_empty()));
            // Parts make the whole.
            for by in ["municipality", "kind", "population_band"] {
                let parts = app
                    .get(&format!("figures/{id}?{query}&not_applicable={treatment}&by={by}&limit=500"))
                    .results();
                let sum: u64 = parts.iter().map(|part| part["numerator"].as_u64().unwrap()).sum();
                assert_eq!(figure["numerator"], sum, "{id} by {by}");
            }
        }
    }
}

/// What a town's rows give under `da26_rate` and `online_rate` for one procedure.
fn reasons(backend: &Backend, rows: &str) -> (String, String) {
    let app = TestApp::start(backend);
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,状態,根拠,適用日\n{rows}"));
    let reason = |id: &str| {
        let rows =
            app.get(&format!("figures/{id}/explain?municipality=142042&procedure=kosodate-01")).results();
        rows[0]["reason"].as_str().unwrap().to_owned()
    };
    (reason("da26_rate"), reason("online_rate"))
}

fn rules_of_the_standing(backend: &Backend) {
    for (rows, official, online) in [
        // No for online is no for every online channel.
        ("142042,kosodate-01,online,0,,declared,2026-04-01\n", "below_threshold", "below_threshold"),
        // The means is not known.
        ("142042,kosodate-01,online,4,,declared,2026-04-01\n", "means_unknown", "counted"),
        // A named channel answers for the others.
        ("142042,kosodate-01,eapp,0,,declared,2026-04-01\n", "channel_not_mynaportal", "below_threshold"),
        // Suspended does not count; out of season counts where the rule says so.
        ("142042,kosodate-01,mynaportal,4,suspended,declared,2026-04-01\n", "not_live", "not_live"),
        ("142042,kosodate-01,mynaportal,4,seasonal,declared,2026-04-01\n", "not_live", "counted"),
        // The town's own word goes first, whatever the nation published later.
        (
            "142042,kosodate-01,mynaportal,4,,declared,2024-04-01\n142042,kosodate-01,mynaportal,0,,published,2025-03-31\n",
            "counted",
            "counted",
        ),
        (
            "142042,kosodate-01,online,0,,declared,2024-04-01\n142042,kosodate-01,mynaportal,4,,published,2025-03-31\n",
            "below_threshold",
            "below_threshold",
        ),
    ] {
        // Each case in a house of its own.
        let fresh = if backend.is_sqlite() { Some(Backend::sqlite()) } else { Backend::postgres() };
        let Some(fresh) = fresh else { return };
        assert_eq!(reasons(&fresh, rows), (official.to_owned(), online.to_owned()), "{rows}");
    }
}
