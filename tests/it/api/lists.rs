//! Pages, formats, tags and languages of lists.

use std::collections::BTreeSet;

use crate::app::{Backend, TestApp, on_both};
use crate::real::country;

on_both! {
    pages_never_miss_or_repeat_a_row;
    lists_come_in_three_formats;
    problems_speak_the_language_asked_for;
    tags_change_with_the_data;
    answers_are_compressed_when_asked;
    filters_of_statements_agree_with_each_other;
}

fn pages_never_miss_or_repeat_a_row(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    for (path, field, total) in [
        ("municipalities?limit=500", "code", 1_788),
        (
            "readiness?prefecture=47&sort=-level,procedure_id&limit=487&fields=municipality_code,procedure_id",
            "",
            1_946,
        ),
        ("readiness?municipality=011002&limit=7", "procedure_id", 49),
    ] {
        let mut next = Some(path.to_owned());
        let mut seen = BTreeSet::new();
        let mut rows = 0;
        while let Some(path) = next {
            let answer = app.get(&path);
            assert_eq!(answer.count(), total, "{path}");
            for row in answer.results() {
                rows += 1;
                seen.insert(if field.is_empty() { row.to_string() } else { row[field].to_string() });
            }
            next = answer
                .header("link")
                .split(", ")
                .find(|link| link.ends_with("rel=\"next\""))
                .map(|link| link[1..link.find('>').unwrap()].to_owned());
        }
        assert_eq!((rows, seen.len()), (total as usize, total as usize));
    }
    let past = app.get("municipalities?offset=5000");
    assert_eq!((past.count(), past.results().len()), (1_788, 0));
}

fn lists_come_in_three_formats(backend: &Backend) {
    let app = TestApp::start(backend);
    let json = app.get("municipalities?limit=500&prefecture=13").results();
    for path in ["municipalities?prefecture=13&format=csv", "municipalities.csv"] {
        let answer = if path.ends_with(".csv") {
            app.call("GET", "municipalities?prefecture=13", &[("accept", "text/csv")])
        } else {
            app.get(path)
        };
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), json.len());
        for (row, object) in rows.iter().zip(&json) {
            for (name, cell) in names.iter().zip(row) {
                let value = &object[name];
                let text = match value {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::Array(items) => {
                        let items: Vec<&str> = items.iter().map(|item| item.as_str().unwrap()).collect();
                        items.join(";")
                    }
                    value => value.to_string().replace('"', ""),
                };
                assert_eq!(cell, text, "{name}");
            }
        }
    }
    let lines = app.get("municipalities?prefecture=13&format=ndjson");
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let rows: Vec<serde_json::Value> =
        lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows, json);
    // An empty list still has its headings.
    assert_eq!(app.get("readiness?format=csv&fields=level,system").text, "level,system\n");
    app.call("GET", "procedures", &[("accept", "image/png")]).problem(406, "not-acceptable");
    app.call("GET", "procedures/kosodate-01", &[("accept", "text/csv")]).problem(406, "not-acceptable");
    app.call("GET", "procedures", &[("accept-encoding", "br, identity;q=0")]).problem(406, "not-acceptable");
    let many = vec!["x"; 700].join(",");
    assert!(app.get(&format!("readiness?channel={many}")).problem(400, "invalid-parameter").len() <= 50);
    let errors = app.get("procedures?format=xml").problem(400, "invalid-parameter");
    assert_eq!(errors[0]["allowed"], "json, csv, ndjson");
    // The parameter goes before the header.
    assert!(app.call("GET", "lists?format=json", &[("accept", "text/csv")]).text.starts_with('{'));
}

fn problems_speak_the_language_asked_for(backend: &Backend) {
    let app = TestApp::start(backend);
    let japanese = app.get("municipalities/082334");
    assert_eq!(japanese.header("content-language"), "ja");
    let errors = japanese.problem(400, "invalid-parameter");
    assert_eq!(errors[0]["message"], "団体コードの検査数字が違います（正しくは 082333）");
    let english = app.call("GET", "municipalities/082334", &[("accept-language", "en-GB,ja;q=0.5")]);
    assert_eq!(english.header("content-language"), "en");
    let errors = english.problem(400, "invalid-parameter");
    assert_eq!(errors[0]["message"], "wrong check digit of a local government code");
    assert_eq!(errors[0]["suggestion"], "082333");
    // All faults of one query at once.
    let errors =
        app.get("readiness?limit=0&level_min=9&category=kosodte&bogus=1").problem(400, "invalid-parameter");
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/query/bogus", "/query/category", "/query/level_min", "/query/limit"]);
}

fn tags_change_with_the_data(backend: &Backend) {
    let app = TestApp::start(backend);
    let before = app.get("readiness");
    let tag = before.header("etag").to_owned();
    assert_eq!(before.count(), 0);
    app.inner.must_import("団体コード,手続ID,接点,段階\n082333,kosodate-01,eapp,4\n");
    let after = app.call("GET", "readiness", &[("if-none-match", &tag)]);
    assert_eq!((after.status, after.count()), (200, 1));
    let tag = after.header("etag").to_owned();
    assert_eq!(app.call("GET", "readiness", &[("if-none-match", &tag)]).status, 304);
    // The same tag is the same answer to the letter, also of a figure a minute later.
    let figure = app.get("figures/online_rate");
    app.inner.clock.set("2026-11-21T03:01:00Z");
    app.inner.service.refresh().unwrap();
    let later = app.get("figures/online_rate");
    assert_eq!((later.header("etag"), &later.text), (figure.header("etag"), &figure.text));
    // A new day is a new answer.
    app.inner.clock.set("2026-11-22T03:00:00Z");
    app.inner.service.refresh().unwrap();
    let next_day = app.call("GET", "readiness", &[("if-none-match", &tag)]);
    assert_eq!((next_day.status, next_day.json()["metadata"]["as_of"].as_str()), (200, Some("2026-11-22")));
}

fn answers_are_compressed_when_asked(backend: &Backend) {
    let app = TestApp::start(backend);
    let plain = app.call("GET", "municipalities?limit=100", &[("accept-encoding", "identity")]);
    let packed = app.call("GET", "municipalities?limit=100", &[("accept-encoding", "gzip")]);
    assert_eq!(plain.headers.get("content-encoding"), None);
    // The client unpacks and takes the header away; the tag tells that it was another coding.
    assert_eq!(packed.text, plain.text);
    assert_ne!(packed.header("etag"), plain.header("etag"));
    assert!(packed.header("etag").ends_with("-gzip\""));
    for answer in [&plain, &packed] {
        let again = app.call(
            "GET",
            "municipalities?limit=100",
            &[("accept-encoding", "gzip"), ("if-none-match", answer.header("etag"))],
        );
        assert_eq!(again.status, 304);
    }
}

fn filters_of_statements_agree_with_each_other(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,システム,状態,根拠,適用日\n\
         082333,kosodate-01,mynaportal,4,ぴったりサービス,,,2026-04-01\n\
         082333,kosodate-02,eapp,2,ＬｏＧｏフォーム,seasonal,seen,2024-04-01\n\
         082333,kaigo-01,counter,3,,,,2026-04-01\n\
         142042,hisaisha-01,eapp,5,,prepared,verified,2026-04-01\n\
         011002,kosodate-01,kiosk,1,,,published,2026-04-01\n\
         080004,high-volume-05,online,0,,,,2026-04-01\n",
    );
    for (query, expected) in [
        ("", 6),
        ("municipality=082333", 3),
        ("municipality=08233,14204", 4),
        ("prefecture=08", 4),
        ("kind=prefecture", 1),
        ("population_max=50000", 3),
        ("population_min=1000000", 2),
        ("procedure=kosodate-01", 2),
        ("category=kosodate,kaigo", 4),
        ("list=benefit31", 6),
        ("list=common32", 2),
        ("channel=eapp", 2),
        ("place=home", 4),
        ("place=nearby,counter", 2),
        ("level_min=3", 3),
        ("level_min=1&level_max=2", 2),
        ("state=seasonal,prepared", 2),
        ("evidence=published", 1),
        ("evidence=declared", 3),
        ("system=logoﾌｫｰﾑ", 1),
        ("system=%E3%81%B4%E3%81%A3%E3%81%9F%E3%82%8A%E3%82%B5%E3%83%BC%E3%83%93%E3%82%B9", 1),
        ("stale_days=365", 1),
        ("updated_since=2026-11-21", 6),
        ("updated_since=2026-11-21T12:00:01%2B09:00", 0),
    ] {
        let query: String = query
            .chars()
            .map(|c| {
                if c.is_ascii() {
                    c.to_string()
                } else {
                    c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
                }
            })
            .collect();
        assert_eq!(app.get(&format!("readiness?{query}")).count(), expected, "{query}");
    }
    let order = |sort: &str| {
        let rows = app.get(&format!("readiness?sort={sort}&fields=level")).results();
        rows.iter().map(|row| row["level"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(order("-level"), [5, 4, 3, 2, 1, 0]);
    assert_eq!(order("level"), [0, 1, 2, 3, 4, 5]);
    app.get("readiness?sort=name").problem(400, "invalid-parameter");
    app.get("readiness?fields=name").problem(400, "invalid-parameter");
    app.get("readiness?fields=level,level").problem(400, "invalid-parameter");
}
