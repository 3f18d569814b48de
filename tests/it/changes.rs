//! What became different between two moments.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use todoke::import::report::Status;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestApp, on_both, town};
use crate::figures::refused;

on_both! {
    each_kind_of_change_is_told;
    changes_are_the_difference_of_two_score_cards;
    moments_that_cannot_be_are_refused;
    systems_are_told_with_who_uses_them;
    who_says_how_it_is_offered_says_no_new_and_no_lost_thing;
}

/// The state published that something is offered, not how. The body says how: one statement stands in the other's
/// place.
fn who_says_how_it_is_offered_says_no_new_and_no_lost_thing(backend: &Backend) {
    let app = TestApp::start(backend);
    let head = "団体コード,手続ID,接点,段階,根拠,適用日\n";
    app.inner.must_import(&format!(
        "{head}082333,kosodate-01,online,3+,published,2025-01-01\n082333,kosodate-02,online,3+,published,2025-01-01\n\
         082333,kosodate-03,online,3+,published,2025-01-01\n082333,kosodate-04,online,0,published,2025-01-01\n"
    ));
    app.inner.must_import(&format!(
        "{head}082333,kosodate-01,mynaportal,5,declared,2025-10-01\n082333,kosodate-02,eapp,2,declared,2025-10-01\n\
         082333,kosodate-02,mynaportal,1,declared,2025-10-01\n082333,kosodate-03,eapp,0,declared,2025-10-01\n\
         082333,kosodate-04,eapp,4,declared,2025-10-01\n"
    ));
    let told = [
        "risen kosodate-01 mynaportal 3+ 5",
        "fallen kosodate-02 eapp 3+ 2",
        "appeared kosodate-02 mynaportal - 1",
        // That one way is closed says nothing of the others.
        "appeared kosodate-03 eapp - 0",
        "risen kosodate-04 eapp 0 4",
    ];
    let mut found = changes(&app, "municipality=082333&from=2025-06-01&as_of=2025-12-31");
    found.sort_by_key(|row| row.split(' ').nth(1).map(str::to_owned));
    let mut expected = told.map(str::to_owned);
    expected.sort_by_key(|row| row.split(' ').nth(1).map(str::to_owned));
    assert_eq!(found, expected);
    // How it is offered becomes known, and no more; what is not in force is not what is offered.
    app.inner.must_import(&format!(
        "{head}082341,kosodate-01,online,3+,published,2025-01-01\n082341,kosodate-02,online,3+,published,2025-01-01\n"
    ));
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n082341,kosodate-01,eapp,3+,live,2025-10-01\n\
         082341,kosodate-02,mynaportal,5,suspended,2025-10-01\n082341,kosodate-02,eapp,4,live,2025-10-01\n",
    );
    let of_town = "municipality=082341&from=2025-06-01&as_of=2025-12-31";
    assert_eq!(
        changes(&app, of_town),
        [
            "confirmed kosodate-01 eapp 3+ 3+",
            "risen kosodate-02 eapp 3+ 4",
            "appeared kosodate-02 mynaportal - 5",
        ]
    );
    // Who takes it back leaves what the state said: one thing is gone, another counts again.
    let row = "municipalities/082341/readiness/kosodate-01/eapp";
    let tag = app.get(row).header("etag").to_owned();
    let key = format!("Bearer {}", app.key(town("082341")));
    let gone = app.send("DELETE", row, &[("authorization", &key), ("if-match", &tag)], None);
    assert_eq!(gone.status, 204, "{}", gone.text);
    let today = app.inner.service.today();
    let mut found =
        changes(&app, &format!("municipality=082341&procedure=kosodate-01&from=2025-12-01&as_of={today}"));
    found.sort();
    assert_eq!(found, ["appeared kosodate-01 online - 3+", "vanished kosodate-01 eapp 3+ -"]);
}

fn changes(app: &TestApp, query: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| {
        ["change", "procedure_id", "channel", "level_before", "level_after"]
            .map(|name| text(&row[name]))
            .join(" ")
    };
    app.get(&format!("changes?{query}&limit=500")).results().iter().map(row).collect()
}

fn each_kind_of_change_is_told(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n\
         082333,kosodate-01,mynaportal,2,,2025-01-01\n082333,kosodate-01,mynaportal,4,,2025-10-01\n\
         082333,kosodate-02,eapp,4,,2025-01-01\n082333,kosodate-02,eapp,4,suspended,2025-10-01\n\
         082333,kosodate-03,eapp,3+,,2025-01-01\n082333,kosodate-03,eapp,3,,2025-10-01\n\
         082333,kosodate-04,eapp,3,,2025-01-01\n082333,kosodate-04,counter,1,,2025-10-01\n\
         082333,kosodate-05,eapp,3,,2025-01-01\n\
         082333,kosodate-06,eapp,3,,2025-01-01\n082333,kosodate-06,eapp,3,,2025-10-01\n\
         082333,kosodate-07,eapp,5,,2025-01-01\n082333,kosodate-07,eapp,3,,2025-10-01\n",
    );
    app.inner.must_import(
        "団体コード,手続ID,該当性,適用日\n082333,kosodate-05,not_applicable,2025-10-01\n\
         082333,kosodate-08,not_applicable,2025-01-01\n082333,kosodate-08,applicable,2025-10-01\n",
    );
    let all = "municipality=082333&from=2025-06-01&as_of=2025-12-31";
    assert_eq!(
        changes(&app, all),
        [
            "risen kosodate-01 mynaportal 2 4",
            "fallen kosodate-02 eapp 4 4",
            "confirmed kosodate-03 eapp 3+ 3",
            "appeared kosodate-04 counter - 1",
            "not_performed kosodate-05 - - -",
            "vanished kosodate-05 eapp 3 -",
            "confirmed kosodate-06 eapp 3 3",
            "fallen kosodate-07 eapp 5 3",
            "performed_again kosodate-08 - - -",
        ],
    );
    assert_eq!(changes(&app, &format!("{all}&change=risen,appeared")).len(), 2);
    // Between two days without anything new nothing changed.
    assert!(changes(&app, "from=2025-10-02&as_of=2025-12-31").is_empty());
    let row = &app.get(&format!("changes?{all}&change=fallen")).results()[0];
    assert_eq!(
        (&row["state_before"], &row["state_after"], &row["on"]),
        (&json!("live"), &json!("suspended"), &json!("2025-10-01")),
    );
    // By the other clock: before anything was recorded all of it is new.
    let known = "municipality=082333&from=2025-06-01&as_of=2025-12-31&from_known_at=2020-01-01";
    assert!(
        changes(&app, known)
            .iter()
            .all(|row| row.starts_with("appeared") || row.starts_with("not_performed"))
    );
    let csv = app.get(&format!("changes?{all}&format=csv")).text;
    assert!(csv.contains("risen,上がった,082333,茨城県,行方市,kosodate-01"), "{csv}");
}

/// What the score card says of each stated row.
fn card(app: &TestApp, code: &str, day: &str) -> BTreeMap<(String, String), u64> {
    let rows =
        app.get(&format!("municipalities/{code}/readiness?as_of={day}&list=dashboard26&limit=500")).results();
    let stated = rows.iter().filter(|row| row["level"].is_u64());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    stated
        .map(|row| {
            let key = (text(&row["procedure_id"]), text(&row["channel"]));
            (key, row["level"].as_u64().unwrap())
        })
        .collect()
}

fn changes_are_the_difference_of_two_score_cards(backend: &Backend) {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..4 {
        let app = TestApp::start(backend);
        for year in [2024, 2025] {
            let mut rows = "団体コード,手続ID,接点,段階,適用日\n".to_owned();
            for code in ["082333", "142042", "342025"] {
                for procedure in 1..=8 {
                    for channel in ["mynaportal", "eapp", "counter"] {
                        if next(3) > 0 {
                            rows += &format!(
                                "{code},kosodate-{procedure:02},{channel},{},{year}-07-01\n",
                                next(6)
                            );
                        }
                    }
                }
            }
            let how = ApplyOptions { confirmed: true, ..ApplyOptions::default() };
            let report = app.inner.import_with("rows.csv", rows.as_bytes(), app.inner.options(), &how);
            assert_eq!(report.status, Status::Applied);
        }
        for code in ["082333", "142042", "342025"] {
            let (old, new) = (card(&app, code, "2025-06-30"), card(&app, code, "2025-07-01"));
            let mut expected: Vec<String> = Vec::new();
            let keys: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let change = match (old.get(key), new.get(key)) {
                    (None, Some(_)) => "appeared",
                    (Some(_), None) => "vanished",
                    (Some(before), Some(after)) if after > before => "risen",
                    (Some(before), Some(after)) if after < before => "fallen",
                    _ => continue,
                };
                expected.push(format!("{change} {} {}", key.0, key.1));
            }
            let query = format!("municipality={code}&from=2025-06-30&as_of=2025-07-01&list=dashboard26");
            // A level that is said again stays of the day on which it was first said.
            let mut found: Vec<String> = changes(&app, &query)
                .iter()
                .filter(|row| !row.starts_with("confirmed"))
                .map(|row| row.split(' ').take(3).collect::<Vec<_>>().join(" "))
                .collect();
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{code}");
        }
    }
}

fn moments_that_cannot_be_are_refused(backend: &Backend) {
    let app = TestApp::start(backend);
    for (path, code) in [
        ("changes?from=2026-01-01&as_of=2026-01-01", "from_after_as_of"),
        ("changes?from=1949-12-31", "day_too_early"),
        ("figures/online_rate?as_of=1949-12-31", "day_too_early"),
        ("figures/online_rate?known_at=2100-01-01", "known_in_the_future"),
        ("changes?from_known_at=2100-01-01", "known_in_the_future"),
    ] {
        assert_eq!(refused(&app, path).0, code, "{path}");
    }
}

fn systems_are_told_with_who_uses_them(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,システム,適用日\n\
         082333,kosodate-01,mynaportal,4,ぴったりサービス,2024-04-01\n\
         082333,kosodate-02,mynaportal,4,ぴったりサービス,2025-04-01\n\
         142042,kosodate-01,mynaportal,3,ぴったりｻｰﾋﾞｽ,2023-04-01\n\
         142042,high-volume-02,dedicated,5,ＡＢＣ　予約,2025-04-01\n\
         342025,high-volume-02,dedicated,5,abc予約,2025-04-01\n\
         342025,kosodate-01,eapp,2,,2025-04-01\n",
    );
    let systems = |query: &str| app.get(&format!("systems?{query}")).results();
    let all = systems("");
    assert_eq!(all.len(), 2);
    assert_eq!(
        ["system", "bodies", "procedures", "statements", "first_on"].map(|name| all[0][name].clone()),
        [json!("ぴったりサービス"), json!(2), json!(2), json!(3), json!("2023-04-01")],
    );
    assert_eq!(all[0]["spellings"], json!(["ぴったりサービス:2", "ぴったりｻｰﾋﾞｽ:1"]));
    assert_eq!(all[1]["municipality_codes"], json!(["142042", "342025"]));
    assert_eq!(all[1]["procedure_ids"], json!(["high-volume-02"]));
    assert_eq!(systems("prefecture=08").len(), 1);
    assert_eq!(systems("level_min=5")[0]["bodies"], 2);
    assert_eq!(systems("as_of=2023-12-31")[0]["bodies"], 1);
    // Of how many bodies: a system of two spellings is one, what names none stands apart.
    let rows = app
        .get("distribution?by=system&procedure=kosodate-01,high-volume-02&place=home&level_min=0")
        .results();
    let counts: Vec<_> = rows.iter().map(|row| (row["system"].clone(), row["bodies"].clone())).collect();
    assert_eq!(
        counts,
        [(json!(""), json!(1)), (json!("ぴったりサービス"), json!(2)), (json!("ＡＢＣ　予約"), json!(2))]
    );
    assert_eq!(
        app.get("distribution?by=procedure&procedure=kosodate-01").results()[0]["system"],
        json!(null)
    );
}
