//! What a prefecture may do next, and what became different as a feed that is followed.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::figures::refused;

on_both! {
    what_half_of_a_prefecture_lacks_is_advanced_jointly;
    towns_below_those_of_their_size_are_accompanied;
    changes_are_followed_by_a_reader_of_news;
    a_feed_ends_somewhere_and_says_what_was_chosen;
}

/// Municipalities of today that pass, with code and population.
fn towns(app: &TestApp, pass: impl Fn(&Value) -> bool) -> Vec<String> {
    let text = app.get("municipalities?format=ndjson").text;
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_today = |row: &Value| row["ended_on"].is_null() && row["kind"] != "prefecture";
    let found = rows.filter(|row| of_today(row) && pass(row));
    found.map(|row| row["code"].as_str().unwrap().to_owned()).collect()
}

fn rows_of(towns: &[String], procedure: &str, level: u8, system: &str) -> String {
    let row = |code: &String| format!("{code},{procedure},mynaportal,{level},{system},2026-04-01\n");
    towns.iter().map(row).collect()
}

fn stated(app: &TestApp, rows: &str) {
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,システム名,適用日\n{rows}"));
}

fn what_half_of_a_prefecture_lacks_is_advanced_jointly(backend: &Backend) {
    let app = TestApp::start(backend);
    let ibaraki = towns(&app, |row| row["prefecture"] == "08");
    assert_eq!(ibaraki.len(), 44);
    let (first, others) = ibaraki.split_at(22);
    stated(
        &app,
        &(rows_of(first, "hisaisha-01", 4, "かすみシステム")
            + &rows_of(&ibaraki[..30], "kosodate-01", 3, "")
            + &rows_of(&others[..1], "hisaisha-01", 2, "")),
    );
    let path = "prefectures/08/gaps?support=joint&procedure=hisaisha-01,kosodate-01,kosodate-02";
    let rows = app.get(path).results();
    let told: Vec<Value> = rows
        .iter()
        .map(|row| json!([row["procedure_id"], row["lacking"], row["in_scope"], row["value"]]))
        .collect();
    // What nobody offers stands first; what 30 of 44 offer is no joint work.
    assert_eq!(told, [json!(["kosodate-02", 44, 44, 0.0]), json!(["hisaisha-01", 22, 44, 50.0])]);
    // Nobody has answered, which is not the same as that nobody offers it.
    assert_eq!((&rows[0]["unknown"], &rows[1]["unknown"]), (&json!(44), &json!(21)));
    let unanswered =
        "県内44団体のうち44団体でまだです（うち44団体は未回答など不明）。まず状況を聞いてください。";
    assert_eq!(rows[0]["sentence"], unanswered);
    let half = &rows[1];
    assert_eq!(half["systems"], json!(["かすみシステム:22"]));
    assert!(half["sentence"].as_str().unwrap().contains("22団体がかすみシステムを使っています"), "{half}");
    // 22 of the 1,741 municipalities of the country.
    assert_eq!((&half["compared"], &half["compared_with"]), (&json!(1.3), &json!("全国")));
    let named = |name: &str| half[name].as_array().unwrap().len();
    assert_eq!((named("examples"), named("lacking_examples")), (5, 5));
    assert_eq!(app.get("prefectures/08/gaps?support=joint").count(), 50);
    assert_eq!(refused(&app, "prefectures/48/gaps").1, "/path/prefecture");
    assert_eq!(refused(&app, "prefectures/08/gaps?support=rank").2, "joint, accompany");
}

fn towns_below_those_of_their_size_are_accompanied(backend: &Backend) {
    let app = TestApp::start(backend);
    let small = |row: &Value| row["population"].as_u64().is_some_and(|people| people < 10_000);
    let of_country = towns(&app, |row| small(row));
    let here = towns(&app, |row| small(row) && row["prefecture"] == "08");
    let late = here.first().unwrap().clone();
    let others: Vec<String> = of_country.into_iter().filter(|code| *code != late).collect();
    stated(
        &app,
        &(rows_of(&others, "hisaisha-01", 4, "")
            + &rows_of(std::slice::from_ref(&late), "hisaisha-01", 1, "")),
    );
    let rows = app.get("prefectures/08/gaps?procedure=hisaisha-01&support=accompany").results();
    let told: Vec<Value> = rows
        .iter()
        .map(|row| json!([row["municipality_code"], row["lacking"], row["value"], row["compared"]]))
        .collect();
    assert_eq!(told, [json!([late, 1, 0.0, 100.0])]);
    assert_eq!(rows[0]["lacking_examples"], json!(["hisaisha-01"]));
    // Before anybody said anything nobody lags.
    let before = app.get("prefectures/08/gaps?support=accompany&as_of=2026-03-31");
    assert_eq!(before.count(), 0);
}

/// The texts of the elements of a name.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let pieces = xml.split(&open).skip(1);
    pieces.map(|piece| piece.split(&close).next().unwrap().to_owned()).collect()
}

fn changes_are_followed_by_a_reader_of_news(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.clock.set("2026-10-01T00:00:00Z");
    stated(&app, "082333,kosodate-01,mynaportal,2,A&B <係>,2026-10-01\n");
    app.inner.clock.set("2026-11-01T00:00:00Z");
    stated(
        &app,
        "082333,kosodate-01,mynaportal,4,A&B <係>,2026-11-01\n342025,kosodate-02,eapp,3,,2026-11-01\n",
    );
    app.inner.clock.set("2026-11-10T00:00:00Z");
    app.inner.must_import("団体コード,手続ID,該当性,適用日\n082333,hisaisha-01,not_applicable,2026-11-10\n");
    let answer = app.get("changes.atom?from=2026-10-15");
    assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
    let titles = elements(&answer.text, "title");
    assert_eq!(titles[0], "手続の対応状況の変化（全国）");
    // The newest first.
    assert_eq!(titles[1], "茨城県行方市 罹災証明書の発行申請: 行わなくなった");
    assert_eq!(titles.len(), 4);
    assert_eq!(
        elements(&answer.text, "updated"),
        [
            "2026-11-10T09:00:00+09:00",
            "2026-11-10T09:00:00+09:00",
            "2026-11-01T09:00:00+09:00",
            "2026-11-01T09:00:00+09:00"
        ],
    );
    assert!(answer.text.contains("段階2 → 段階4（A&amp;B &lt;係&gt;）"), "{}", answer.text);
    let ids = elements(&answer.text, "id");
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
    // Whoever asks again gets the same entries under the same names, and that nothing is new.
    app.inner.clock.set("2026-11-12T00:00:00Z");
    assert_eq!(elements(&app.get("changes.atom?from=2026-10-15").text, "id"), ids);
    let tag = app.get("changes.atom").header("etag").to_owned();
    assert_eq!(app.call("GET", "changes.atom", &[("If-None-Match", &tag)]).status, 304);
    for (chosen, entries) in [("municipality=082333", 2), ("prefecture=34", 1), ("procedure=kosodate-01", 1)]
    {
        let feed = app.get(&format!("changes.atom?from=2026-10-15&{chosen}")).text;
        assert_eq!(elements(&feed, "summary").len(), entries, "{chosen}");
        assert!(feed.contains(&format!("/api/v1/changes.atom?from=2026-10-15&amp;{chosen}")), "{feed}");
    }
    assert!(app.get("changes.atom?municipality=082333").text.contains("変化（行方市）"));
    // What was so on another day is another feed.
    let then = app.get("changes.atom?from=2026-10-15&as_of=2026-10-31").text;
    assert!(then.contains("/api/v1/changes.atom?as_of=2026-10-31&amp;from=2026-10-15"), "{then}");
    assert!(then.contains("urn:todoke:changes:as_of=2026-10-31&amp;from=2026-10-15"), "{then}");
    assert_eq!(refused(&app, "changes.atom?from=2027-01-01").1, "/query/from");
}

fn a_feed_ends_somewhere_and_says_what_was_chosen(backend: &Backend) {
    let app = TestApp::start(backend);
    let many = towns(&app, |row| row["prefecture"] == "01");
    stated(&app, &(rows_of(&many, "kosodate-01", 3, "") + &rows_of(&many, "kosodate-02", 3, "")));
    let feed = app.get("changes.atom?prefecture=01&change=appeared").text;
    assert_eq!(elements(&feed, "summary").len(), 200);
    // Nothing that was chosen: a feed without entries is one.
    let none = app.get("changes.atom?prefecture=01&change=fallen").text;
    assert_eq!((elements(&none, "summary").len(), elements(&none, "updated").len()), (0, 1));
}
