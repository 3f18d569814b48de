//! What towns planned, what became of it, and when they are done at their own pace.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::figures::{figure, refused};
use crate::simulation::simulate;
use crate::trend::{BODIES, invent};

on_both! {
    plans_are_told_with_their_slip;
    a_plan_that_is_moved_or_given_up_says_so;
    plans_that_were_kept_are_a_figure;
    a_forecast_is_that_of_the_own_pace;
    a_forecast_ends_where_the_figure_stands;
}

const HEAD: &str = "団体コード,手続ID,接点,段階,目標段階,目標日,適用日\n";

/// The plans of a town, by procedure.
fn plans(app: &TestApp, more: &str) -> Vec<Value> {
    app.get(&format!("municipalities/082333/plans?limit=100{more}")).results()
}

fn short(row: &Value) -> Value {
    json!([row["procedure_id"], row["course"], row["target_on"], row["reached_on"], row["slip_days"]])
}

fn plans_are_told_with_their_slip(backend: &Backend) {
    let app = TestApp::start(backend);
    for rows in [
        "082333,kosodate-01,eapp,1,3,2026-04-30,2025-04-01\n\
         082333,kosodate-02,eapp,1,3,2026-04-30,2025-04-01\n\
         082333,kosodate-03,eapp,1,3,2026-10-01,2025-04-01\n\
         082333,kosodate-04,eapp,1,4,2027-03-31,2025-04-01\n\
         082333,kosodate-05,eapp,1,4,,2025-04-01\n\
         082333,kosodate-06,eapp,3,,,2025-04-01\n",
        "082333,kosodate-01,eapp,3,,,2026-05-10\n082333,kosodate-02,eapp,4,,,2026-04-20\n",
    ] {
        app.inner.must_import(&format!("{HEAD}{rows}"));
    }
    let found = plans(&app, "&as_of=2026-11-01");
    let expected = [
        json!(["kosodate-01", "reached", "2026-04-30", "2026-05-10", 10]),
        json!(["kosodate-02", "reached", "2026-04-30", "2026-04-20", -10]),
        json!(["kosodate-03", "late", "2026-10-01", null, 31]),
        json!(["kosodate-04", "coming", "2027-03-31", null, null]),
        json!(["kosodate-05", "undated", null, null, null]),
    ];
    assert_eq!(found.iter().map(short).collect::<Vec<_>>(), expected, "{found:#?}");
    // Before they were reached they were late, and before their days still to come.
    let before = plans(&app, "&as_of=2026-05-05&procedure=kosodate-01,kosodate-03");
    let expected = [
        json!(["kosodate-01", "late", "2026-04-30", null, 5]),
        json!(["kosodate-03", "coming", "2026-10-01", null, null]),
    ];
    assert_eq!(before.iter().map(short).collect::<Vec<_>>(), expected, "{before:#?}");
    assert_eq!(plans(&app, "&as_of=2025-03-31"), Vec::<Value>::new());
    let csv = app.get("municipalities/082333/plans?format=csv&as_of=2026-11-01").text;
    assert_eq!(csv.lines().count(), 6, "{csv}");
}

fn a_plan_that_is_moved_or_given_up_says_so(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(&format!(
        "{HEAD}082333,kosodate-01,eapp,1,3,2026-04-30,2025-04-01\n082333,kosodate-02,eapp,1,3,2026-04-30,2025-04-01\n"
    ));
    app.inner.must_import(&format!("{HEAD}082333,kosodate-01,eapp,1,3,2027-03-31,2026-04-01\n"));
    let moved = plans(&app, "&as_of=2026-11-01&procedure=kosodate-01");
    assert_eq!(
        (&moved[0]["target_on"], &moved[0]["first_target_on"], &moved[0]["course"]),
        (&json!("2027-03-31"), &json!("2026-04-30"), &json!("coming"))
    );
    // What was not known then is no plan of then.
    assert_eq!(plans(&app, "&as_of=2026-11-01&known_at=2026-01-01"), Vec::<Value>::new());
    // Another level is another plan, and the first day of the old one is not its own.
    app.inner.must_import(&format!("{HEAD}082333,kosodate-02,eapp,1,5,2028-03-31,2026-06-01\n"));
    let other = plans(&app, "&as_of=2026-11-01&procedure=kosodate-02");
    assert_eq!(
        (&other[0]["target_level"], &other[0]["first_target_on"]),
        (&json!(5), &json!(null)),
        "{other:#?}"
    );
}

fn plans_that_were_kept_are_a_figure(backend: &Backend) {
    let app = TestApp::start(backend);
    for rows in [
        "082333,kosodate-01,eapp,1,3,2026-04-30,2025-04-01\n\
         082333,kosodate-02,eapp,1,3,2026-04-30,2025-04-01\n\
         082333,kosodate-03,eapp,1,3,2026-10-01,2025-04-01\n\
         082333,kosodate-04,eapp,1,4,2027-03-31,2025-04-01\n\
         082333,kosodate-05,eapp,1,4,,2025-04-01\n\
         082333,kosodate-06,eapp,3,,,2025-04-01\n\
         142042,kosodate-01,eapp,2,3,2026-04-30,2025-04-01\n",
        "082333,kosodate-01,eapp,3,,,2026-05-10\n082333,kosodate-02,eapp,4,,,2026-04-20\n",
    ] {
        app.inner.must_import(&format!("{HEAD}{rows}"));
    }
    let lead = |query: &str| {
        let row = figure(&app, &format!("figures/lead?{query}"));
        json!([row["numerator"], row["denominator"], row["value"]])
    };
    assert_eq!(lead("municipality=082333&as_of=2026-11-01"), json!([1, 3, 33.3]));
    assert_eq!(lead("municipality=082333&as_of=2026-05-05&procedure=kosodate-02"), json!([1, 1, 100.0]));
    assert_eq!(lead("municipality=082333&as_of=2026-04-19"), json!([0, 0, null]));
    assert_eq!(lead("as_of=2026-11-01"), json!([1, 4, 25.0]));
    assert_eq!(lead("municipality=082333&as_of=2026-11-01&known_at=2025-01-01"), json!([0, 0, null]));
    let rows = app.get("figures/lead/explain?municipality=082333&as_of=2026-11-01").results();
    let told: Vec<Value> =
        rows.iter().map(|row| json!([row["procedure_id"], row["reason"], row["slip_days"]])).collect();
    let expected = [
        json!(["kosodate-01", "late", 10]),
        json!(["kosodate-02", "counted", -10]),
        json!(["kosodate-03", "late", 31]),
        json!(["kosodate-04", "to_come", null]),
        json!(["kosodate-05", "undated", null]),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        rows[0]["sentence"],
        "汎用電子申請の段階3は2026-04-30までの予定で、2026-05-10に達しています（10日遅れ）。数えません。"
    );
    // What would be reached today is late by as many days.
    let supposed = json!([
        { "municipality": "142042", "procedure": "kosodate-01", "channel": "eapp", "level": 3 },
        { "municipality": "082333", "procedure": "kosodate-04", "channel": "eapp", "level": 4 },
    ]);
    let after = &simulate(&app, "figures/lead/simulation?as_of=2026-11-01", &supposed).results()[0]["after"];
    assert_eq!((&after["numerator"], &after["denominator"]), (&json!(2), &json!(5)));
}

fn a_forecast_is_that_of_the_own_pace(backend: &Backend) {
    let app = TestApp::start(backend);
    let mut rows = String::new();
    for (at, day) in
        (1..).zip(["2025-02-01", "2025-05-01", "2025-05-01", "2025-11-01", "2026-02-01", "2026-08-01"])
    {
        rows +=
            &format!("082333,kosodate-{at:02},eapp,0,,,2024-04-01\n082333,kosodate-{at:02},eapp,4,,,{day}\n");
    }
    for at in 7..=10 {
        rows += &format!("082333,kosodate-{at:02},eapp,0,,,2024-04-01\n");
    }
    app.inner.must_import(&format!("{HEAD}{rows}"));
    let list: Vec<String> = (1..=10).map(|at| format!("kosodate-{at:02}")).collect();
    let path = format!("municipalities/082333/forecast?procedure={}&as_of=2026-09-30", list.join(","));
    let found = app.get(&path).json();
    let rises: Vec<&Value> = found["quarters"].as_array().unwrap().iter().map(|row| &row["rises"]).collect();
    assert_eq!(json!(rises), json!([0, 1, 2, 0, 1, 1, 0, 1]), "{found:#?}");
    assert_eq!(
        (&found["numerator"], &found["denominator"], &found["left"]),
        (&json!(6), &json!(10), &json!(4))
    );
    // 6 in 8 quarters; the slowest year had 2, and the fastest 4.
    assert_eq!(
        (&found["per_quarter"], &found["per_quarter_slowest"], &found["per_quarter_fastest"]),
        (&json!(0.8), &json!(0.5), &json!(1.0)),
        "{found:#?}"
    );
    assert_eq!(
        (&found["done_on"], &found["done_on_earliest"]),
        (&json!("2028-01-30"), &json!("2027-10-01")),
        "{found:#?}"
    );
    assert_eq!((&found["done_on_latest"], &found["as_of"]), (&json!("2028-09-30"), &json!("2026-09-30")));
    // In the middle of a quarter there are as many whole ones.
    let path = path.replace("2026-09-30", "2026-11-15");
    let found = app.get(&path).json();
    assert_eq!(
        (found["quarters"].as_array().unwrap().len(), &found["per_quarter"]),
        (8, &json!(0.8)),
        "{found:#?}"
    );
    // Who does not rise has no day.
    let none = app.get("municipalities/142042/forecast").json();
    assert_eq!((&none["done_on"], &none["done_on_latest"]), (&json!(null), &json!(null)), "{none:#?}");
    assert_eq!(
        refused(&app, "municipalities/082333/forecast?definition=da26_complete").1,
        "/query/definition"
    );
    assert_eq!(refused(&app, "municipalities/082333/forecast?quarters=3").1, "/query/quarters");
    // What is allowed is told once.
    let problem = app.get("municipalities/082333/plans?kind=city").problem(400, "invalid-parameter");
    let allowed = problem[0]["allowed"].as_str().unwrap();
    assert_eq!(allowed, "procedure, category, list, as_of, known_at, limit, offset, format, encoding");
}

fn a_forecast_ends_where_the_figure_stands(backend: &Backend) {
    let mut seed = 29;
    let app = TestApp::start(backend);
    invent(&app, &mut seed);
    for code in BODIES {
        for definition in ["online_rate", "da26_rate", "kakanai_rate"] {
            let found = app
                .get(&format!("municipalities/{code}/forecast?definition={definition}&as_of=2026-03-31"))
                .json();
            let figure = app
                .get(&format!("figures/{definition}?municipality={code}&as_of=2026-03-31"))
                .results()
                .pop()
                .unwrap();
            for field in ["numerator", "denominator", "unknown", "threshold"] {
                assert_eq!(found[field], figure[field], "{code} {definition} {field}");
            }
            let quarters = found["quarters"].as_array().unwrap();
            assert_eq!(quarters.len(), 8, "{found:#?}");
            for quarter in quarters {
                let on = quarter["on"].as_str().unwrap();
                let then = app
                    .get(&format!("figures/{definition}?municipality={code}&as_of={on}"))
                    .results()
                    .pop()
                    .unwrap();
                assert_eq!(quarter["numerator"], then["numerator"], "{code} {definition} {on}");
            }
        }
    }
}
