//! Whose word counts.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};

/// The files of this topic.
pub(super) const FILES: &[&str] = &["export-edited-published-row.csv", "own-exact-beside-published.csv"];

on_both! {
    an_exact_own_level_is_exact;
    own_and_published_words_of_every_kind;
    levels_and_absence_end_each_other_by_their_days;
    what_is_set_aside_is_shown_with_what_goes_before_it;
    a_published_row_edited_in_an_export_is_warned_of;
    at_least_nothing_is_refused_wherever_it_is_said;
}

/// Cells of a town's matrix row in the order of the procedures that are asked for.
fn cells(app: &TestApp, code: &str, procedures: &[&str]) -> Vec<Value> {
    let path = format!("matrix?municipality={code}&procedure={}", procedures.join(","));
    let matrix = app.get(&path).json();
    let ids: Vec<Value> =
        matrix["procedures"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let of = |id: &&str| ids.iter().position(|other| other == id).unwrap();
    procedures.iter().map(|id| matrix["results"][0]["online"][of(id)].clone()).collect()
}

fn an_exact_own_level_is_exact(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.send_case("own-exact-beside-published.csv", &[]);
    let both = ["tenshutsu-tennyu-01", "kaigo-01"];
    assert_eq!(cells(&app, "082341", &both), [json!("5"), json!("3")]);
    let scope = format!("municipality=082341&procedure={}", both.join(","));
    for (threshold, numerator) in [(3, 2), (4, 1), (5, 1)] {
        let figure = app.get(&format!("figures/online_rate?{scope}&threshold={threshold}")).results();
        let counts = (&figure[0]["numerator"], &figure[0]["denominator"], &figure[0]["unknown"]);
        assert_eq!(counts, (&json!(numerator), &json!(2), &json!(0)), "{threshold}");
        assert_eq!(figure[0]["value_min"], figure[0]["value_max"]);
    }
    let rows = app.get(&format!("figures/online_rate/explain?{scope}&threshold=4")).results();
    for (row, (level, name), verdict) in [
        (
            0,
            (3, "一部オンライン"),
            "マイナポータル（ぴったりサービス）が段階3（一部オンライン）で、しきい値4に届かないため数えません。",
        ),
        (
            1,
            (5, "デジタル完結"),
            "マイナポータル（ぴったりサービス）が段階5（デジタル完結）で、しきい値4に達しているため数えます。",
        ),
    ] {
        let row = rows.iter().find(|found| found["procedure_id"] == both[1 - row]).unwrap();
        assert_eq!((&row["level"], &row["at_least"]), (&json!(level), &json!(false)));
        assert_eq!(row["set_aside"], json!(["published:online:3+"]));
        let aside = format!(
            "国公表値「オンライン（手段不明） オンライン可（範囲未確認）」は、団体の申告「マイナポータル（ぴったりサービス） 段階{level}（{name}）」があるため使いません。"
        );
        assert_eq!(row["sentence"], format!("{verdict}{aside}"));
    }
    // The distribution counts the town once, by its own word.
    let spread = app.get("distribution?municipality=082341&procedure=kaigo-01&channel=online,mynaportal");
    let rows: Vec<_> =
        spread.results().iter().map(|row| (row["channel"].clone(), row["level"].clone())).collect();
    assert_eq!(rows, [(json!("mynaportal"), json!("3"))]);
}

/// Rows of one procedure (channel, level, evidence, state) and what must come of them: the cell of the matrix,
/// the reasons under `online_rate` and `da26_rate`, and how many statements are set aside.
type Kind = (
    &'static [(&'static str, &'static str, &'static str, &'static str)],
    &'static str,
    &'static str,
    &'static str,
    usize,
);

const KINDS: &[Kind] = &[
    (&[("online", "3+", "published", "")], "3+", "counted", "means_unknown", 0),
    // Not this way says nothing of the others.
    (
        &[("online", "3+", "published", ""), ("eapp", "0", "declared", "")],
        "3+",
        "counted",
        "means_unknown",
        0,
    ),
    (
        &[
            ("online", "3+", "published", ""),
            ("eapp", "0", "declared", ""),
            ("mynaportal", "0", "declared", ""),
        ],
        "3+",
        "counted",
        "below_threshold",
        0,
    ),
    (
        &[("online", "3+", "published", ""), ("eapp", "0", "declared", ""), ("dedicated", "0", "seen", "")],
        "3+",
        "counted",
        "means_unknown",
        0,
    ),
    // Whoever says how it is offered has said it.
    (
        &[("online", "3+", "published", ""), ("eapp", "4", "declared", "")],
        "4",
        "counted",
        "channel_not_mynaportal",
        1,
    ),
    (
        &[("online", "3+", "published", ""), ("eapp", "1", "declared", "")],
        "1",
        "below_threshold",
        "channel_not_mynaportal",
        1,
    ),
    (
        &[
            ("online", "3+", "published", ""),
            ("mynaportal", "1", "declared", ""),
            ("eapp", "4", "declared", ""),
        ],
        "4",
        "counted",
        "below_threshold",
        1,
    ),
    (
        &[("online", "3+", "published", ""), ("online", "4", "declared", "")],
        "4",
        "counted",
        "means_unknown",
        1,
    ),
    (
        &[("online", "3+", "published", ""), ("online", "1", "declared", "")],
        "1",
        "below_threshold",
        "below_threshold",
        1,
    ),
    (
        &[("online", "3+", "published", ""), ("online", "0", "declared", "")],
        "0",
        "below_threshold",
        "below_threshold",
        1,
    ),
    (&[("online", "0", "published", ""), ("mynaportal", "3", "verified", "")], "3", "counted", "counted", 1),
    // A published channel is replaced on that channel alone.
    (&[("eapp", "4", "published", ""), ("mynaportal", "3", "declared", "")], "4", "counted", "counted", 0),
    (
        &[("eapp", "4", "published", ""), ("eapp", "2", "declared", "")],
        "2",
        "below_threshold",
        "channel_not_mynaportal",
        1,
    ),
    (
        &[
            ("online", "0", "declared", ""),
            ("eapp", "4", "published", ""),
            ("mynaportal", "5", "published", ""),
        ],
        "0",
        "below_threshold",
        "below_threshold",
        2,
    ),
    // Published words stand beside each other.
    (
        &[("online", "3+", "published", ""), ("eapp", "4", "published", "")],
        "4+",
        "counted",
        "channel_not_mynaportal",
        0,
    ),
    // Means unknown at exactly 1 or 2 is a no; at least 1 or 2 is none.
    (&[("online", "1", "declared", "")], "1", "below_threshold", "below_threshold", 0),
    (&[("online", "2", "published", "")], "2", "below_threshold", "below_threshold", 0),
    (&[("online", "1+", "declared", "")], "1+", "at_least", "means_unknown", 0),
    (&[("online", "2+", "published", "")], "2+", "at_least", "means_unknown", 0),
    (&[("online", "3", "declared", "")], "3", "counted", "means_unknown", 0),
    (&[("online", "2", "declared", "suspended")], "2x", "not_live", "below_threshold", 0),
    (&[("online", "4", "declared", "suspended")], "4x", "not_live", "not_live", 0),
    // A word that is not in force is a word all the same.
    (
        &[("online", "3+", "published", ""), ("eapp", "4", "declared", "suspended")],
        "4x",
        "not_live",
        "channel_not_mynaportal",
        1,
    ),
    // More than the highest level there is not.
    (&[("mynaportal", "5", "declared", ""), ("eapp", "3+", "declared", "")], "5", "counted", "counted", 0),
    (&[("mynaportal", "4", "declared", ""), ("eapp", "3+", "declared", "")], "4+", "counted", "counted", 0),
    // Counters say nothing of online.
    (
        &[("online", "3+", "published", ""), ("counter", "5", "declared", "")],
        "3+",
        "counted",
        "means_unknown",
        0,
    ),
];

fn own_and_published_words_of_every_kind(backend: &Backend) {
    let app = TestApp::start(backend);
    let ids: Vec<String> = (1..=15)
        .map(|n| format!("kosodate-{n:02}"))
        .chain((1..=11).map(|n| format!("kaigo-{n:02}")))
        .collect();
    assert!(KINDS.len() <= ids.len());
    let mut text = "団体コード,手続ID,接点,段階,根拠,状態,適用日\n".to_owned();
    for (id, (rows, ..)) in ids.iter().zip(KINDS) {
        for (channel, level, evidence, state) in *rows {
            text += &format!("142042,{id},{channel},{level},{evidence},{state},2026-04-01\n");
        }
    }
    app.inner.must_import(&text);
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let cells = cells(&app, "142042", &named);
    let explain = |definition: &str| {
        app.get(&format!(
            "figures/{definition}/explain?municipality=142042&procedure={}&limit=500",
            ids.join(",")
        ))
        .results()
    };
    let (online, official) = (explain("online_rate"), explain("da26_rate"));
    let of = |rows: &[Value], id: &str| rows.iter().find(|row| row["procedure_id"] == id).unwrap().clone();
    let card = app.get("municipalities/142042/readiness?limit=500").results();
    for ((id, (rows, cell, by_online, by_official, aside)), found) in ids.iter().zip(KINDS).zip(&cells) {
        let (one, other) = (of(&online, id), of(&official, id));
        assert_eq!(found, cell, "{rows:?}");
        assert_eq!((&one["reason"], &other["reason"]), (&json!(by_online), &json!(by_official)), "{rows:?}");
        for row in [&one, &other] {
            assert_eq!(row["set_aside"].as_array().unwrap().len(), *aside, "{rows:?}");
            let told = row["sentence"].as_str().unwrap().matches("があるため使いません。").count();
            assert_eq!(told, *aside, "{row}");
        }
        // Nothing that was said goes out of sight.
        let shown: Vec<&Value> =
            card.iter().filter(|row| row["procedure_id"] == **id && row["level"].is_u64()).collect();
        assert_eq!(shown.len(), rows.len(), "{rows:?}");
        let unused = shown.iter().filter(|row| row["set_aside_by"].is_string()).count();
        assert_eq!(unused, *aside, "{rows:?}");
    }
}

fn levels_and_absence_end_each_other_by_their_days(backend: &Backend) {
    let app = TestApp::start(backend);
    let told = |id: &str| {
        let path = format!("figures/online_rate/explain?municipality=142042&procedure={id}");
        app.get(&path).results()[0]["reason"].as_str().unwrap().to_owned()
    };
    let head = "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n";
    for (number, first, second, reason) in [
        // A published 制度なし, then a level of the town, of whatever day.
        (1, ",,,not_applicable,published,2025-03-31", ",eapp,4,,declared,2026-04-01", "counted"),
        (2, ",,,not_applicable,published,2025-03-31", ",eapp,4,,declared,2024-04-01", "counted"),
        (3, ",,,not_applicable,published,2025-03-31", ",eapp,0,,declared,2026-04-01", "below_threshold"),
        // The town's own words end each other.
        (4, ",eapp,4,,declared,2025-04-01", ",,,not_applicable,declared,2026-04-01", "not_applicable"),
        (5, ",,,not_applicable,declared,2025-04-01", ",eapp,4,,declared,2026-04-01", "counted"),
        // A level of a later day is not undone by a word of an earlier one.
        (6, ",eapp,4,,declared,2026-04-01", ",,,not_applicable,declared,2025-04-01", "counted"),
        // The town's own 制度なし goes before what was published.
        (7, ",online,3+,,published,2025-03-31", ",,,not_applicable,declared,2024-04-01", "not_applicable"),
        (8, ",online,3+,,published,2025-03-31", ",,,other_body,declared,2026-04-01", "other_body"),
        // The town takes a published word back by its own.
        (9, ",,,not_applicable,published,2025-03-31", ",,,applicable,declared,2026-04-01", "no_answer"),
        // Published words end each other as own ones do.
        (10, ",online,3+,,published,2024-03-31", ",,,not_applicable,published,2025-03-31", "not_applicable"),
        (11, ",,,not_applicable,published,2024-03-31", ",online,3+,,published,2025-03-31", "counted"),
    ] {
        let id = format!("kosodate-{number:02}");
        for said in [first, second] {
            app.inner.must_import(&format!("{head}142042,{id}{said}\n"));
        }
        assert_eq!(told(&id), reason, "{first} then {second}");
    }
}

fn what_is_set_aside_is_shown_with_what_goes_before_it(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n\
         142042,kosodate-01,online,3+,,published,2025-03-31\n142042,kosodate-01,mynaportal,1,,declared,2026-04-01\n\
         142042,kosodate-02,online,3+,,published,2025-03-31\n142042,kosodate-02,,,not_applicable,declared,2026-04-01\n\
         142042,kosodate-03,,,not_applicable,published,2025-03-31\n142042,kosodate-03,eapp,4,,declared,2026-04-01\n",
    );
    let card = |id: &str| {
        let rows = app.get(&format!("municipalities/142042/readiness?procedure={id}")).results();
        rows.into_iter().filter(|row| row["scale"] == "online").collect::<Vec<_>>()
    };
    let by = |row: &Value| (row["source"].clone(), row["set_aside_by"].clone());
    let rows = card("kosodate-01");
    assert_eq!(by(&rows[0]), (json!("published"), json!("own:mynaportal")));
    assert_eq!(
        rows[0]["set_aside_reason"],
        "国公表値「オンライン（手段不明） オンライン可（範囲未確認）」は、団体の申告「マイナポータル（ぴったりサービス） 段階1（案内・様式のみ）」があるため使いません。"
    );
    assert_eq!(by(&rows[1]), (json!("own"), json!(null)));
    let rows = card("kosodate-02");
    assert_eq!(by(&rows[0]), (json!("published"), json!("own:applicability")));
    assert_eq!(rows[0]["applicability"], "not_applicable");
    // The published 制度なし is told where the figure is explained.
    let rows = app.get("figures/online_rate/explain?municipality=142042&procedure=kosodate-03").results();
    assert_eq!(rows[0]["set_aside"], json!(["published:applicability:not_applicable"]));
    assert!(rows[0]["sentence"].as_str().unwrap().contains("国公表値「制度なし・該当なし」は"));
    // The list of all statements says the same.
    let rows = app.get("readiness?municipality=142042&evidence=published").results();
    assert!(rows.iter().all(|row| row["set_aside_by"].is_string()), "{rows:#?}");
    assert_eq!(rows.len(), 2);
}

fn a_published_row_edited_in_an_export_is_warned_of(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,根拠,適用日\n082341,kosodate-06,online,3+,published,2025-03-31\n",
    );
    let report = app.inner.send_case("export-edited-published-row.csv", &[]);
    assert!(
        report.warnings.iter().any(|warning| warning.message.contains("国公表値")),
        "{:#?}",
        report.warnings
    );
}

fn at_least_nothing_is_refused_wherever_it_is_said(backend: &Backend) {
    let app = TestApp::start(backend);
    for (level, at_least) in [("0+", ""), ("0", "true"), ("0+", "true")] {
        let text = format!(
            "団体コード,手続ID,接点,段階,以上,適用日\n142042,kosodate-01,eapp,{level},{at_least},2026-04-01\n"
        );
        let report = app.inner.import("a.csv", text.as_bytes());
        let fault = &report.faults[0];
        assert_eq!(
            (report.fault_count, fault.code.as_str(), fault.line),
            (1, "at_least_zero", Some(2)),
            "{text}"
        );
        assert_eq!(fault.allowed.as_deref(), Some("0〜5、1+〜5+"));
    }
    let key = app.key(crate::app::town("142042"));
    let body = json!({"level": 0, "at_least": true});
    let path = "municipalities/142042/readiness/kosodate-01/eapp";
    let errors = app.write(&key, "PUT", path, "\"0\"", Some(&body)).problem(422, "unprocessable");
    assert_eq!(
        (&errors[0]["code"], &errors[0]["pointer"]),
        (&json!("at_least_zero"), &json!("/body/at_least"))
    );
    let body = json!({"level": 1, "at_least": true});
    assert_eq!(app.write(&key, "PUT", path, "\"0\"", Some(&body)).status, 201);
}
