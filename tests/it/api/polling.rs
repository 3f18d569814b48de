//! Whoever keeps a copy by asking what changed since has what a full read says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, admin, on_both, operator};
use crate::attack::{Random, scale};
use crate::round_trip::rows_over_days;

on_both! {
    a_copy_kept_by_polling_is_what_a_full_read_says;
    what_is_withdrawn_or_taken_back_is_news;
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

/// Rows and the moment to ask from the next time.
fn read(app: &TestApp, when: &str, since: Option<&str>) -> (Vec<Value>, Option<String>) {
    let since =
        since.map(|since| format!("&updated_since={}", since.replace('+', "%2B"))).unwrap_or_default();
    let answer = app.get(&format!("readiness?limit=500&when={when}{since}"));
    let rows = answer.results();
    assert!(answer.count() <= 500, "more than one page");
    let until = answer.json()["metadata"]["updated_until"].as_str().map(str::to_owned);
    (rows, until)
}

fn key(row: &Value) -> [String; 4] {
    ["municipality_code", "procedure_id", "channel", "source"].map(|name| text(row, name))
}

/// A client that keeps the rows of today, each under its key.
#[derive(Default)]
struct ByKey {
    rows: BTreeMap<[String; 4], Value>,
    until: Option<String>,
}

impl ByKey {
    fn poll(&mut self, app: &TestApp) {
        let (rows, until) = read(app, "current", self.until.as_deref());
        for row in rows {
            if row["withdrawn"] == true {
                self.rows.remove(&key(&row));
            } else {
                self.rows.insert(key(&row), row);
            }
        }
        self.until = until;
    }
}

/// A client that keeps today and later days, and replaces all it has of a body and procedure.
#[derive(Default)]
struct ByProcedure {
    rows: BTreeMap<[String; 2], Vec<Value>>,
    until: Option<String>,
}

impl ByProcedure {
    fn poll(&mut self, app: &TestApp) {
        let (rows, until) = read(app, "all", self.until.as_deref());
        let pair = |row: &Value| ["municipality_code", "procedure_id"].map(|name| text(row, name));
        let pairs: BTreeSet<[String; 2]> = rows.iter().map(pair).collect();
        pairs.iter().for_each(|pair| drop(self.rows.remove(pair)));
        // A row without a day says that nothing is stated there any more.
        for row in rows.into_iter().filter(|row| !row["effective_on"].is_null()) {
            self.rows.entry(pair(&row)).or_default().push(row);
        }
        self.until = until;
    }
}

fn a_copy_kept_by_polling_is_what_a_full_read_says(backend: &Backend) {
    /// What time it is in turn: hours within a day, and days that bring what was stated for them.
    const TIMES: [&str; 8] = [
        "2026-11-21T03:00:00Z",
        "2026-11-21T05:00:00Z",
        "2026-11-21T15:30:00Z",
        "2026-11-30T14:59:59Z",
        "2026-11-30T15:00:00Z",
        "2027-01-01T03:00:00Z",
        "2027-03-31T03:00:00Z",
        "2027-06-01T03:00:00Z",
    ];
    let app = TestApp::start(backend);
    let mut random = Random::new(20_261_127);
    let (mut one, mut other) = (ByKey::default(), ByProcedure::default());
    let (mut gone, mut taken_back) = (0, 0);
    let rounds = scale(32, 400);
    for round in 0..rounds {
        app.inner.clock.set(TIMES[round * TIMES.len() / rounds]);
        app.inner.service.refresh().unwrap();
        let table = rows_over_days(&mut random);
        let report = app.inner.import("table.csv", table.as_bytes());
        assert_eq!(report.fault_count, 0, "round {round}: {:?}", report.faults);
        if random.below(4) == 0
            && let Some(id) = report.import_id
        {
            app.inner.service.revert(id, &operator()).unwrap();
            app.inner.service.refresh().unwrap();
            taken_back += 1;
        }
        // Not each of them asks each time.
        if random.below(3) > 0 {
            let before = one.rows.len();
            one.poll(&app);
            gone += before.saturating_sub(one.rows.len());
            let expected: BTreeMap<_, _> =
                read(&app, "current", None).0.into_iter().map(|row| (key(&row), row)).collect();
            assert_eq!(one.rows, expected, "round {round}");
        }
        if random.below(3) > 0 {
            other.poll(&app);
            let kept: Vec<&Value> = other.rows.values().flatten().collect();
            let full = read(&app, "all", None).0;
            assert_eq!(kept.len(), full.len(), "round {round}");
            assert!(full.iter().all(|row| kept.contains(&row)), "round {round}");
        }
    }
    assert!(gone > 3 && taken_back > 3, "{gone} {taken_back}");
}

fn what_is_withdrawn_or_taken_back_is_news(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,根拠,適用日\n082333,kosodate-01,eapp,3,,2026-04-01\n\
         082333,kosodate-01,online,3+,published,2025-03-31\n082333,kosodate-02,eapp,3,,2026-04-01\n\
         082333,kosodate-03,eapp,3,,2026-04-01\n",
    );
    let since = |query: &str| -> Vec<String> {
        let row = |row: &Value| {
            let aside = if row["set_aside_by"].is_null() { "counts" } else { "aside" };
            format!("{} {} {} {aside}", text(row, "procedure_id"), text(row, "channel"), row["withdrawn"])
        };
        app.get(&format!("readiness?updated_since={query}")).results().iter().map(row).collect()
    };
    app.inner.clock.set("2026-11-21T04:00:00Z");
    let later = app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n082333,kosodate-02,eapp,5,2026-04-01\n\
         082333,kosodate-04,eapp,5,2026-04-01\n",
    );
    app.inner.clock.set("2026-11-21T05:00:00Z");
    assert_eq!(since("2026-11-21T05:00:00Z"), [""; 0]);
    // What is withdrawn is gone, and what it had set aside counts again.
    let key = app.key(admin());
    let tag = app.get("municipalities/082333/readiness/kosodate-01/eapp").header("etag").to_owned();
    let path = "municipalities/082333/readiness/kosodate-01/eapp";
    assert_eq!(app.write(&key, "DELETE", path, &tag, None).status, 204);
    let news = ["kosodate-01 online false counts", "kosodate-01 eapp true counts"];
    assert_eq!(since("2026-11-21T05:00:00Z"), news);
    // Taking an import back shows again what was, and takes out what was not.
    app.inner.clock.set("2026-11-21T06:00:00Z");
    app.inner.service.revert(later.import_id.unwrap(), &operator()).unwrap();
    app.inner.service.refresh().unwrap();
    let back = ["kosodate-02 eapp false counts", "kosodate-04 eapp true counts"];
    assert_eq!(since("2026-11-21T06:00:00Z"), back);
    assert_eq!(since("2026-11-21T05:00:00Z"), [&news[..], &back].concat());
    assert_eq!(since("2026-11-21T05:00:00Z&procedure=kosodate-04"), back[1..]);
    assert_eq!(since("2026-11-21T05:00:00Z&channel=online"), news[..1]);
    // What was level 5 is not of a level any more: what says nothing is not told where a level is asked.
    assert_eq!(since("2026-11-21T06:00:00Z&level_min=1"), back[..1]);
    let rows = app.get("readiness?updated_since=2026-11-21T06:00:00Z&procedure=kosodate-04").results();
    assert_eq!(
        (&rows[0]["level"], &rows[0]["no_answer"], &rows[0]["source"]),
        (&json!(null), &json!(false), &json!("own"))
    );
    assert_eq!(rows[0]["recorded_at"], "2026-11-21T15:00:00+09:00");
    // The moment to go on from is that of the last word of the log.
    let metadata = &app.get("readiness").json()["metadata"];
    assert_eq!(metadata["updated_until"], "2026-11-21T15:00:00+09:00");
    // An export of what changed has what is stated now.
    let export = app.get("exports/readiness.csv?updated_since=2026-11-21T06:00:00Z").text;
    assert_eq!(export.lines().count(), 2, "{export}");
    assert_eq!(app.get("distribution?by=level&updated_since=2026-11-21T06:00:00Z").results()[0]["rows"], 1);
}
