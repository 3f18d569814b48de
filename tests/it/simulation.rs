//! What would be if procedures went live is what is once they do.

use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, admin, on_both};
use crate::trend::{BODIES, invent, random};

on_both! {
    a_simulation_is_the_figure_of_really_doing_it;
    rows_without_a_body_are_of_all_that_are_asked_about;
    a_simulation_needs_no_key_and_writes_nothing;
    a_simulation_that_cannot_be_is_refused;
}

pub(crate) fn simulate(app: &TestApp, path: &str, rows: &Value) -> Answer {
    let body = json!({ "rows": rows }).to_string();
    app.send("POST", path, &[("Content-Type", "application/json")], Some(&body))
}

/// Every field of a figure that its rows make.
fn without_time(figure: &Value) -> Value {
    let mut figure = figure.clone();
    figure.as_object_mut().unwrap().remove("known_at");
    figure
}

fn a_simulation_is_the_figure_of_really_doing_it(backend: &Backend) {
    let mut seed = 7;
    for (round, day) in ["2026-11-26", "2027-04-01"].into_iter().enumerate() {
        let app = TestApp::start(backend);
        invent(&app, &mut seed);
        let key = app.key(admin());
        let mut rows: Vec<Value> = Vec::new();
        for at in 0..12 {
            rows.push(json!({
                "municipality": (BODIES[random(&mut seed, 3)]),
                "procedure": format!("kosodate-{:02}", 1 + (at + round) % 12),
                "channel": (["mynaportal", "eapp", "counter", "online"][random(&mut seed, 4)]),
                "level": 1 + random(&mut seed, 5),
                "at_least": random(&mut seed, 3) == 0,
                "state": (["live", "prepared"][random(&mut seed, 2)]),
            }));
        }
        let definitions = app.get("definitions?limit=500").results();
        let definitions: Vec<&str> = definitions.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert!(definitions.len() >= 20);
        let path = |id: &str, kind: &str| {
            format!("figures/{id}{kind}?municipality={}&by=municipality&as_of={day}", BODIES.join(","))
        };
        let supposed: Vec<Vec<Value>> = definitions
            .iter()
            .map(|id| {
                let answer = simulate(&app, &path(id, "/simulation"), &json!(rows));
                assert_eq!(answer.status, 200, "{id} {}", answer.text);
                let before = app.get(&path(id, "")).results();
                let pairs = answer.results();
                assert_eq!(pairs.len(), before.len(), "{id}");
                for (pair, figure) in pairs.iter().zip(&before) {
                    assert_eq!(without_time(&pair["before"]), without_time(figure), "{id}");
                }
                pairs
            })
            .collect();
        for row in &rows {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            let (municipality, procedure, channel) =
                (text("municipality"), text("procedure"), text("channel"));
            let place = format!("municipalities/{municipality}/readiness/{procedure}/{channel}");
            let tag = app.get(&place).header("etag").to_owned();
            let body = json!({
                "level": row["level"], "at_least": row["at_least"], "state": row["state"], "effective_on": day,
            });
            let written = app.write(&key, "PUT", &place, &tag, Some(&body));
            assert!([200, 201].contains(&written.status), "{}", written.text);
        }
        let mut moved = 0;
        for (id, supposed) in definitions.iter().zip(supposed) {
            let real = app.get(&path(id, "")).results();
            assert_eq!(real.len(), supposed.len(), "{id}");
            for (pair, figure) in supposed.iter().zip(&real) {
                assert_eq!(without_time(&pair["after"]), without_time(figure), "{id} {rows:#?}");
                moved += usize::from(without_time(&pair["before"]) != without_time(&pair["after"]));
            }
        }
        assert!(moved > 10, "{moved}");
    }
}

fn rows_without_a_body_are_of_all_that_are_asked_about(backend: &Backend) {
    let app = TestApp::start(backend);
    let rows = json!([{"procedure": "hisaisha-01", "channel": "mynaportal", "level": 4}]);
    let path = "figures/online_rate/simulation?prefecture=08&procedure=hisaisha-01";
    let answer = simulate(&app, path, &rows);
    let [pair] = answer.results().try_into().unwrap_or_else(|pairs| panic!("{pairs:#?}"));
    assert_eq!((&pair["before"]["numerator"], &pair["after"]["numerator"]), (&json!(0), &json!(44)));
    assert_eq!(pair["after"]["label"], "茨城県 44団体");
}

fn a_simulation_needs_no_key_and_writes_nothing(backend: &Backend) {
    let app = TestApp::start(backend);
    let before = app.inner.export();
    let rows = json!([{"municipality": "082333", "procedure": "hisaisha-01", "channel": "eapp", "level": 5}]);
    let answer = simulate(&app, "figures/digital_complete_rate/simulation?municipality=082333", &rows);
    assert_eq!(answer.results()[0]["after"]["numerator"], 1);
    assert_eq!(app.inner.export(), before);
    assert_eq!(app.get("figures/digital_complete_rate?municipality=082333").results()[0]["numerator"], 0);
}

fn a_simulation_that_cannot_be_is_refused(backend: &Backend) {
    let app = TestApp::start(backend);
    let row = |field: &str, value: Value| {
        let mut row = json!({
            "municipality": "082333", "procedure": "hisaisha-01", "channel": "eapp", "level": 5
        });
        row[field] = value;
        row
    };
    let path = "figures/online_rate/simulation?municipality=082333";
    for (rows, pointer) in [
        (json!([row("municipality", json!("082334"))]), "/body/rows/0/municipality"),
        (json!([row("level", json!(4)), row("procedure", json!("x-1"))]), "/body/rows/1/procedure"),
        (json!([row("channel", json!("fax"))]), "/body/rows/0/channel"),
        (json!([row("level", json!(6))]), "/body/rows/0/level"),
        (json!([row("state", json!("planned"))]), "/body/rows/0/state"),
        (json!([row("note", json!("x"))]), "/body/rows/0/note"),
        (json!([]), "/body/rows"),
        (json!(vec![row("level", json!(4)); 501]), "/body/rows"),
    ] {
        let errors = simulate(&app, path, &rows).problem(422, "unprocessable");
        assert_eq!((errors.len(), errors[0]["pointer"].as_str()), (1, Some(pointer)), "{errors:#?}");
    }
    let at_least = json!({
        "municipality": "082333", "procedure": "hisaisha-01", "channel": "eapp", "level": 0, "at_least": true
    });
    let errors = simulate(&app, path, &json!([at_least])).problem(422, "unprocessable");
    assert_eq!(errors[0]["pointer"], "/body/rows/0/at_least");
    let good = json!([row("level", json!(4))]);
    let errors =
        simulate(&app, &format!("{path}&known_at=2026-01-01"), &good).problem(400, "invalid-parameter");
    assert_eq!((errors.len(), errors[0]["code"].as_str()), (1, Some("not_of_the_past")));
    assert_eq!(simulate(&app, "figures/nothing/simulation", &good).status, 404);
    assert_eq!(app.get(path).status, 405);
}
