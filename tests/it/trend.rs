//! Figures over the years.

use serde_json::{Value, json};
use todoke::import::report::Status;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestApp, on_both};
use crate::figures::refused;

on_both! {
    each_point_is_the_figure_of_its_day;
    the_peers_of_a_town_stand_beside_it;
    what_was_not_known_then_is_not_in_a_trend_of_then;
    a_trend_that_cannot_be_is_refused;
    usage_is_followed_by_fiscal_year;
    a_change_of_the_list_splits_a_series;
}

pub(crate) const BODIES: [&str; 3] = ["082333", "142042", "342025"];

/// The next of a row of numbers below one.
pub(crate) fn random(seed: &mut u64, below: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap() % below
}

/// Rows of both sources over three years, some taken back by others of the town and some not performed.
pub(crate) fn invent(app: &TestApp, seed: &mut u64) {
    let mut next = |below| random(seed, below);
    let mut rows = String::new();
    for code in BODIES {
        for procedure in 1..=10 {
            for _ in 0..next(6) {
                let day = format!("{}-{:02}-{:02}", 2023 + next(3), 1 + next(12), 1 + next(28));
                let id = format!("kosodate-{procedure:02}");
                let way = ["mynaportal", "eapp"][next(2)];
                let plan = match next(4) {
                    0 => {
                        format!("{},{}-{:02}-{:02}", 2 + next(4), 2023 + next(4), 1 + next(12), 1 + next(28))
                    }
                    1 => "4,".to_owned(),
                    _ => ",".to_owned(),
                };
                rows += &match next(9) {
                    0 => format!("{code},{id},,,,,not_applicable,{day},,\n"),
                    1 | 2 => format!("{code},{id},online,3+,,published,,{day},,\n"),
                    3 => format!("{code},{id},counter,{},,,,{day},,\n", next(6)),
                    4 => format!("{code},{id},mynaportal,{},suspended,,,{day},,\n", next(6)),
                    5 | 6 => format!("{code},{id},{way},{},,,,{day},{plan}\n", next(2)),
                    _ => format!("{code},{id},{way},{},,,,{day},,\n", next(6)),
                };
            }
        }
    }
    let mut applied = 0;
    // A row after another, as towns send them: each may end what was said before.
    for row in rows.lines() {
        let text = format!("団体コード,手続ID,接点,段階,状態,根拠,該当性,適用日,目標段階,目標日\n{row}\n");
        let how = ApplyOptions { confirmed: true, ..ApplyOptions::default() };
        let report = app.inner.import_with("row.csv", text.as_bytes(), app.inner.options(), &how);
        applied += usize::from(report.status == Status::Applied);
    }
    assert!(applied * 2 > rows.lines().count(), "{applied}");
}

fn each_point_is_the_figure_of_its_day(backend: &Backend) {
    let mut seed = 11;
    for _ in 0..2 {
        let app = TestApp::start(backend);
        invent(&app, &mut seed);
        for id in [
            "online_rate",
            "da26_rate",
            "da26_complete",
            "list26_complete",
            "kakanai_rate",
            "body_any",
            "omnichannel_rate",
            "population_coverage",
            "principles",
            "life_event_level",
            "freshness",
            "lead",
        ] {
            let query = format!("municipality={}", BODIES.join(","));
            let points = app
                .get(&format!("figures/{id}/trend?{query}&period=quarter&from=2022-12-01&as_of=2026-01-15"))
                .results();
            assert!(points.len() >= 14, "{id}");
            for point in points {
                let (day, part) = (point["on"].as_str().unwrap(), point["part"].as_str().unwrap_or("all"));
                let treatment = point["not_applicable"].as_str().unwrap();
                let path = match id {
                    // Statements and plans are counted whatever is performed.
                    "freshness" | "lead" => format!("figures/{id}?{query}&as_of={day}"),
                    _ => format!("figures/{id}?{query}&as_of={day}&part={part}&not_applicable={treatment}"),
                };
                let figure = &app.get(&path).results()[0];
                let fields = [
                    "numerator",
                    "denominator",
                    "unknown",
                    "value",
                    "value_max",
                    "completeness",
                    "q1",
                    "median",
                    "q3",
                ];
                for field in fields {
                    assert_eq!(point[field], figure[field], "{path} {field}");
                }
            }
        }
    }
}

fn usage_is_followed_by_fiscal_year(backend: &Backend) {
    let app = TestApp::start(backend);
    let mut rows = "団体コード,年度,手続ID,手続総件数,うちオンライン数\n".to_owned();
    for (at, code) in BODIES.iter().enumerate() {
        for year in 2021..=2025 {
            for procedure in 1..=9 {
                let all = 100 + 10 * at + year - 2000 + procedure;
                rows += &format!("{code},{year},kosodate-{procedure:02},{all},{}\n", all * (year - 2020) / 9);
            }
        }
    }
    app.inner.must_import(&rows);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,4,2024-05-01\n");
    for (id, query) in [
        ("usage_rate", "municipality=082333,142042,342025"),
        ("usage_rate", "municipality=082333&base=onlineable"),
        ("weighted_rate", "municipality=082333,142042,342025"),
    ] {
        let points =
            app.get(&format!("figures/{id}/trend?{query}&from=2021-04-01&as_of=2026-01-15")).results();
        let years: Vec<&Value> = points.iter().map(|point| &point["fiscal_year"]).collect();
        assert_eq!(years, [2021, 2022, 2023, 2024, 2025].map(Value::from).each_ref());
        assert_eq!((&points[0]["on"], &points[4]["on"]), (&json!("2022-03-31"), &json!("2026-03-31")));
        for point in &points {
            let figure = &app
                .get(&format!("figures/{id}?{query}&fiscal_year={}&as_of=2026-01-15", point["fiscal_year"]))
                .results()[0];
            for field in ["numerator", "denominator", "unknown", "value", "value_max", "completeness"] {
                assert_eq!(point[field], figure[field], "{id} {query} {field}");
            }
        }
        assert!(points[4]["value"].as_f64() > points[0]["value"].as_f64() || id == "weighted_rate");
    }
}

fn the_peers_of_a_town_stand_beside_it(backend: &Backend) {
    let app = TestApp::start(backend);
    let peers = app.get("municipalities/082333/peers").results();
    let mut rows = "団体コード,手続ID,接点,段階,適用日\n".to_owned();
    for (at, row) in peers.iter().enumerate() {
        let code = row["municipality_code"].as_str().unwrap();
        for procedure in 1..=15 {
            let level = if procedure <= at % 15 { 4 } else { 0 };
            rows += &format!("{code},kosodate-{procedure:02},mynaportal,{level},{}-04-01\n", 2024 + at % 2);
        }
    }
    app.inner.must_import(&rows);
    let query = "period=fiscal_year&from=2024-04-01&as_of=2026-01-31&list=dashboard26&category=kosodate";
    let others: Vec<&str> = peers[1..].iter().map(|row| row["municipality_code"].as_str().unwrap()).collect();
    let beside = app.get(&format!("figures/online_rate/trend?municipality=082333&{query}")).results();
    let own =
        app.get(&format!("figures/online_rate/trend?municipality={}&{query}", others.join(","))).results();
    assert_eq!((beside.len(), own.len()), (2, 2));
    for (point, of_peers) in beside.iter().zip(&own) {
        for (field, of) in [("peers_q1", "q1"), ("peers_median", "median"), ("peers_q3", "q3")] {
            assert_eq!(point[field], of_peers[of], "{field}");
        }
    }
    assert_eq!((&beside[1]["peers"], &own[1]["peers"]), (&json!(others.len()), &json!(null)));
}

fn what_was_not_known_then_is_not_in_a_trend_of_then(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,4,2024-05-01\n");
    let values = |query: &str| -> Vec<Value> {
        let path = format!(
            "figures/da26_rate/trend?municipality=082333&period=fiscal_year&from=2023-04-01&as_of=2025-12-31{query}"
        );
        app.get(&path).results().iter().map(|row| json!([row["on"], row["numerator"]])).collect()
    };
    assert_eq!(values(""), [json!(["2024-03-31", 0]), json!(["2025-03-31", 1]), json!(["2025-12-31", 1])]);
    assert_eq!(values("&known_at=2020-01-01")[2], json!(["2025-12-31", 0]));
    let csv = app.get("figures/da26_rate/trend?municipality=082333&period=fiscal_year&from=2023-04-01&as_of=2025-12-31&format=csv");
    assert_eq!(csv.text.lines().count(), 4);
}

fn a_trend_that_cannot_be_is_refused(backend: &Backend) {
    let app = TestApp::start(backend);
    for (path, code) in [
        ("figures/usage_rate/trend?period=month", "period_not_allowed"),
        ("figures/weighted_rate/trend?period=quarter", "period_not_allowed"),
        ("figures/online_rate/trend?from=1990-01-01", "too_many_points"),
        ("figures/online_rate/trend?from=1949-01-01&period=fiscal_year", "day_too_early"),
    ] {
        assert_eq!(refused(&app, path).0, code, "{path}");
    }
    assert_eq!(app.get("figures/online_rate/trend?from=1950-01-01&period=fiscal_year").status, 200);
}

fn a_change_of_the_list_splits_a_series(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         082333,kosodate-01,mynaportal,4,2023-01-01\n082333,kosodate-02,mynaportal,4,2023-08-01\n\
         082333,high-volume-20,eapp,4,2023-07-01\n082333,high-volume-22,eapp,0,2023-01-01\n",
    );
    let query = "municipality=082333&period=quarter&from=2023-01-31&as_of=2023-12-31";
    let points = app.get(&format!("figures/online_rate/trend?{query}&edition=then")).results();
    let told: Vec<(&Value, &Value, &Value)> =
        points.iter().map(|point| (&point["on"], &point["series"], &point["list"])).collect();
    // The 59 were adopted on 2023-06-09; the day of the 56 is not known.
    assert_eq!(
        told,
        [
            (&json!("2023-03-31"), &json!(1), &json!("priority58")),
            (&json!("2023-06-30"), &json!(2), &json!("priority59")),
            (&json!("2023-09-30"), &json!(2), &json!("priority59")),
            (&json!("2023-12-31"), &json!(2), &json!("priority59")),
        ]
    );
    for point in &points {
        let (day, list) = (point["on"].as_str().unwrap(), point["list"].as_str().unwrap());
        let of = |list: &str| {
            app.get(&format!("figures/online_rate?municipality=082333&as_of={day}&list={list}")).results()[0]
                .clone()
        };
        let (own, common) = (of(list), of("priority58"));
        for (field, of_common) in [
            ("numerator", "common_numerator"),
            ("denominator", "common_denominator"),
            ("value", "common_value"),
        ] {
            assert_eq!(point[field], own[field], "{day} {field}");
            assert_eq!(point[of_common], common[field], "{day} {of_common}");
        }
    }
    assert_ne!(points[3]["value"], points[3]["common_value"]);
    // One list on all days is one series, and so is a list that never changed.
    for query in
        [query.to_owned(), format!("{query}&edition=now"), format!("{query}&edition=then&list=common32")]
    {
        let points = app.get(&format!("figures/online_rate/trend?{query}")).results();
        assert!(
            points.iter().all(|point| point["series"] == 1 && point["common_value"].is_null()),
            "{query}"
        );
    }
    for path in ["figures/da26_rate/trend?edition=then", "figures/usage_rate/trend?edition=then"] {
        assert_eq!(refused(&app, path).0, "edition_not_allowed", "{path}");
    }
}
