//! How much procedures are used, and figures that weigh by it.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::figures::{figure, refused};

on_both! {
    the_rates_of_a_published_city_come_out;
    applications_weigh_what_is_offered;
    a_rate_of_usage_is_open_where_online_was_not_counted;
    the_last_year_that_was_counted_is_taken;
    usage_is_explained_by_its_counts;
    what_is_asked_of_usage_alone_is_refused_elsewhere;
    a_body_takes_its_yearly_table_away;
    who_came_although_it_could_be_done_online_is_counted;
}

/// Kure's counts of the fiscal year 2022 as far as they were published one by one; the others make up what
/// is missing to the published sums.
const KURE: &[(&str, u64, u64)] = &[
    ("high-volume-01", 196_759, 152_983),
    ("high-volume-04", 132_564, 81_635),
    ("high-volume-02", 17_578, 3_793),
    ("high-volume-08", 29_926, 1_716),
    ("high-volume-17", 1_414, 1_056),
    ("high-volume-19", 2_261, 29),
    ("kosodate-01", 815, 426),
    ("kosodate-02", 466, 306),
    ("kosodate-03", 100, 40),
    ("kosodate-04", 100, 40),
    ("kosodate-10", 100, 40),
    ("kosodate-11", 100, 40),
    ("kosodate-12", 100, 40),
    ("kosodate-15", 100, 40),
    ("kaigo-01", 100, 40),
    ("kaigo-02", 100, 40),
    ("kaigo-06", 100, 44),
];

fn counts(body: &str, year: i32, rows: &[(&str, u64, u64)]) -> String {
    let row = |(id, all, online): &(&str, u64, u64)| format!("{body},{year},{id},{all},{online}\n");
    let rows: String = rows.iter().map(row).collect();
    format!("団体コード,年度,手続ID,手続総件数,うちオンライン数\n{rows}")
}

fn shares(figure: &Value) -> [Value; 3] {
    ["value", "value_without_library", "value_without_library_eltax"].map(|name| figure[name].clone())
}

fn the_rates_of_a_published_city_come_out(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(&counts("342025", 2022, KURE));
    let whole = figure(&app, "figures/usage_rate?municipality=342025");
    assert_eq!((&whole["numerator"], &whole["denominator"]), (&json!(242_308), &json!(382_683)));
    assert_eq!(shares(&whole), [json!(63.3), json!(48.0), json!(14.4)]);
    assert_eq!(whole["numerator_without_library"], 89_325);
    assert_eq!(whole["denominator_without_library"], 185_924);
    assert_eq!(whole["numerator_without_library_eltax"], 7_690);
    assert_eq!(whole["denominator_without_library_eltax"], 53_360);
    assert_eq!((&whole["fiscal_year"], &whole["base"]), (&json!(2022), &json!("all")));
    // More than half of what was applied for was a book.
    assert_eq!(
        (&whole["heaviest_procedure"], &whole["heaviest_share"]),
        (&json!("high-volume-01"), &json!(51.4))
    );
    assert_eq!(whole["warning"], "one_procedure_dominates");
    for (procedure, value) in [
        ("high-volume-01", 77.8),
        ("kosodate-01", 52.3),
        ("kosodate-02", 65.7),
        ("high-volume-02", 21.6),
        ("high-volume-04", 61.6),
        ("high-volume-08", 5.7),
        ("high-volume-17", 74.7),
        ("high-volume-19", 1.3),
    ] {
        let rows =
            app.get(&format!("figures/usage_rate?municipality=342025&by=procedure&procedure={procedure}"));
        assert_eq!(rows.results()[0]["value"], value, "{procedure}");
    }
    // The sum over procedures, kinds and prefectures is the whole.
    for by in ["procedure", "category", "prefecture", "kind", "municipality"] {
        let rows = app.get(&format!("figures/usage_rate?by={by}&prefecture=34&limit=500")).results();
        let sum: u64 = rows.iter().map(|row| row["denominator"].as_u64().unwrap()).sum();
        assert_eq!(sum, 382_683, "{by}");
    }
}

fn applications_weigh_what_is_offered(backend: &Backend) {
    let app = TestApp::start(backend);
    let rows =
        [("kosodate-01", 600, 10), ("kosodate-02", 300, 10), ("high-volume-01", 100, 0), ("kaigo-01", 0, 0)];
    app.inner.must_import(&counts("342025", 2024, &rows));
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         342025,kosodate-01,mynaportal,4,2024-04-01\n\
         342025,kosodate-02,mynaportal,2,2024-04-01\n\
         342025,high-volume-01,dedicated,5,2024-04-01\n\
         342025,kaigo-02,mynaportal,5,2024-04-01\n",
    );
    let figure = |query: &str| figure(&app, &format!("figures/weighted_rate?municipality=342025{query}"));
    let at_three = figure("");
    assert_eq!((&at_three["numerator"], &at_three["denominator"]), (&json!(700), &json!(1_000)));
    assert_eq!(shares(&at_three), [json!(70.0), json!(66.7), json!(66.7)]);
    assert_eq!(
        (&at_three["heaviest_procedure"], &at_three["heaviest_share"]),
        (&json!("kosodate-01"), &json!(60.0))
    );
    assert_eq!(at_three["warning"], "one_procedure_dominates");
    assert_eq!(figure("&threshold=5")["value"], 10.0);
    // A rate of usage of what can be applied for online: 10 of 600 and 0 of 100.
    let onlineable = app.get("figures/usage_rate?municipality=342025&base=onlineable").results();
    assert_eq!((&onlineable[0]["numerator"], &onlineable[0]["denominator"]), (&json!(10), &json!(700)));
    // What is not performed leaves, though it was counted before.
    app.inner
        .must_import("団体コード,手続ID,接点,該当性,適用日\n342025,kosodate-02,,not_applicable,2025-04-01\n");
    assert_eq!(figure("")["denominator"], 700);
    assert_eq!(figure("&not_applicable=counted")["value"], 70.0);
}

fn a_rate_of_usage_is_open_where_online_was_not_counted(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,年度,手続ID,手続総件数\n342025,2024,kosodate-01,300\n");
    app.inner.must_import(&counts("342025", 2024, &[("kosodate-02", 100, 40)]));
    let open = figure(&app, "figures/usage_rate?municipality=342025&list=dashboard26");
    assert_eq!(
        [&open["value"], &open["value_min"], &open["value_max"], &open["unknown"]],
        [&json!(10.0), &json!(10.0), &json!(85.0), &json!(300)],
    );
    // One of the 26 was counted with those online.
    assert_eq!(open["completeness"], 3.8);
    let stated = figure(&app, "figures/usage_rate?municipality=342025&list=dashboard26&basis=stated");
    assert_eq!((&stated["value"], &stated["denominator"]), (&json!(40.0), &json!(100)));
    let nothing = figure(&app, "figures/usage_rate?municipality=082333");
    assert_eq!((&nothing["value"], &nothing["reason"]), (&json!(null), &json!("nothing_applicable")));
    assert_eq!((&nothing["fiscal_year"], &nothing["warning"]), (&json!(null), &json!(null)));
}

fn the_last_year_that_was_counted_is_taken(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(&counts("342025", 2022, &[("kosodate-01", 100, 10)]));
    app.inner.must_import(&counts("342025", 2023, &[("kosodate-01", 100, 30)]));
    let value = |query: &str| {
        let figure = figure(&app, &format!("figures/usage_rate?municipality=342025{query}"));
        (figure["fiscal_year"].clone(), figure["value"].clone())
    };
    assert_eq!(value(""), (json!(2023), json!(30.0)));
    assert_eq!(value("&fiscal_year=latest"), (json!(2023), json!(30.0)));
    assert_eq!(value("&fiscal_year=2022"), (json!(2022), json!(10.0)));
    assert_eq!(value("&fiscal_year=2021"), (json!(2021), json!(null)));
    // On a day of 2022 nobody had counted 2023.
    assert_eq!(value("&as_of=2023-03-01"), (json!(2022), json!(10.0)));
    // A correction takes the place of what was counted.
    app.inner.must_import(&counts("342025", 2023, &[("kosodate-01", 200, 30)]));
    assert_eq!(value(""), (json!(2023), json!(15.0)));
}

fn usage_is_explained_by_its_counts(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(&counts("342025", 2022, KURE));
    app.inner.must_import("団体コード,年度,手続ID,手続総件数\n342025,2022,kaigo-07,50\n");
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n342025,kosodate-01,mynaportal,4,2022-04-01\n");
    for path in ["usage_rate", "usage_rate?base=onlineable", "usage_rate?basis=stated", "weighted_rate"] {
        let (id, query) = path.split_once('?').unwrap_or((path, ""));
        let figure = figure(&app, &format!("figures/{id}?prefecture=34&{query}"));
        let rows = app.get(&format!("figures/{id}/explain?prefecture=34&format=ndjson&{query}")).text;
        let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sum = |field: &str, of: &str| -> u64 {
            rows.iter().filter(|row| row[of] == true).map(|row| row[field].as_u64().unwrap()).sum()
        };
        assert_eq!(figure["numerator"], sum("counted", "included"), "{path}");
        assert_eq!(figure["denominator"], sum("weight", "in_denominator"), "{path}");
        assert_eq!(figure["unknown"], sum("weight", "unknown"), "{path}");
    }
    let row = |query: &str| {
        let rows = app.get(&format!("figures/usage_rate/explain?municipality=342025&{query}")).results();
        (rows[0]["reason"].clone(), rows[0]["sentence"].clone())
    };
    assert_eq!(
        row("procedure=kosodate-01"),
        (json!("counted"), json!("2022年度の総件数は815件、うちオンラインは426件です。")),
    );
    assert_eq!(row("procedure=kaigo-07").0, "online_not_counted");
    assert_eq!(row("procedure=kaigo-08").0, "no_count");
    assert_eq!(row("procedure=kosodate-02&base=onlineable").0, "not_onlineable");
}

fn what_is_asked_of_usage_alone_is_refused_elsewhere(backend: &Backend) {
    let app = TestApp::start(backend);
    for (path, allowed) in [
        ("figures/online_rate?fiscal_year=2022", "fiscal_year を指定しない"),
        ("figures/weighted_rate?base=onlineable", "base を指定しない"),
        ("figures/online_rate?part=birth", "part を指定しない"),
        ("figures/freshness?threshold=3", "threshold を指定しない"),
        ("figures/usage_rate?fiscal_year=1900", "1950-2100"),
    ] {
        assert_eq!(refused(&app, path).2, allowed, "{path}");
    }
    // A part that the definition does not have is told with those that it has.
    let parts = refused(&app, "figures/life_event_level?part=brith");
    assert_eq!(parts.2, "birth, moving, care, disaster, all");
}

fn a_body_takes_its_yearly_table_away(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(&counts("342025", 2021, &[("kosodate-01", 5, 1)]));
    app.inner.must_import(&counts("342025", 2022, KURE));
    app.inner.must_import("団体コード,年度,手続ID,手続総件数\n342025,2022,kaigo-07,30\n");
    let table = app.get("usage_tables/342025.csv");
    assert_eq!(table.status, 200);
    assert!(table.header("content-disposition").contains("342025_2022.csv"));
    let text = table.text.clone();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "年度,手続名,総件数,オンライン件数,割合（%）");
    assert_eq!(lines[1], "2022年度,児童手当等の受給資格及び児童手当の額についての認定請求,815,426,52.3");
    // What was not counted is empty, and no part of the sum.
    let half: Vec<&&str> = lines.iter().filter(|line| line.ends_with(",30,,")).collect();
    assert_eq!((half.len(), lines.len()), (1, 1 + KURE.len() + 2));
    assert_eq!(*lines.last().unwrap(), "2022年度,合計,382683,242308,63.3");
    // The same as Excel reads it, and for Excel as CSV.
    let older = app.get("usage_tables/342025.csv?encoding=cp932");
    assert_eq!(encoding_rs::SHIFT_JIS.decode(&older.bytes).0.replace("\r\n", "\n"), text);
    assert_eq!(older.header("x-todoke-replaced"), "0");
    let marked = app.get("usage_tables/342025.csv?encoding=utf-8-bom");
    assert!(marked.bytes.starts_with("\u{feff}年度,手続名,総件数".as_bytes()));
    let book = app.get("usage_tables/342025.xlsx");
    assert_eq!((book.status, &book.bytes[..2]), (200, &b"PK"[..]));
    // Another year, all of them, and a body that counted nothing.
    let first = app.get("usage_tables/342025.csv?fiscal_year=2021").text;
    assert_eq!(first.lines().last(), Some("2021年度,合計,5,1,20.0"));
    let all = app.get("usage_tables/342025.csv?fiscal_year=all").text;
    assert_eq!(all.lines().count(), lines.len() + 2);
    let nothing = app.get("usage_tables/082333.csv").text;
    assert_eq!(nothing.lines().count(), 1);
    let (_, pointer, allowed) = refused(&app, "usage_tables/342025.csv?fiscal_year=1900");
    assert_eq!((pointer.as_str(), allowed.as_str()), ("/query/fiscal_year", "1950-2100"));
    assert_eq!(refused(&app, "usage_tables/342026.csv").1, "/path/code");
}

fn who_came_although_it_could_be_done_online_is_counted(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,年度,手続ID,手続総件数,うちオンライン数,窓口,郵送\n\
         342025,2024,kosodate-01,100,30,,10\n\
         342025,2024,kosodate-02,100,30,40,\n\
         342025,2024,kosodate-03,100,30,,\n\
         342025,2024,kosodate-04,100,,,\n",
    );
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         342025,kosodate-01,mynaportal,4,2024-04-01\n\
         342025,kosodate-02,mynaportal,3,2024-04-01\n\
         342025,kosodate-03,mynaportal,2,2024-04-01\n\
         342025,kosodate-04,mynaportal,4,2024-04-01\n",
    );
    let rows = app.get("municipalities/342025/usage").results();
    let visits: Vec<&Value> = rows.iter().map(|row| &row["avoidable_visits"]).collect();
    // What is left of all, what was counted, what cannot be done online, and what was not counted.
    assert_eq!(visits, [&json!(60), &json!(40), &json!(null), &json!(null)]);
    assert_eq!((&rows[0]["percent"], &rows[0]["mail"]), (&json!(30.0), &json!(10)));
    assert_eq!((&rows[1]["counter"], &rows[3]["online_applications"]), (&json!(40), &json!(null)));
    // Before it was offered nobody came in vain.
    let before = app.get("municipalities/342025/usage?as_of=2024-03-31&fiscal_year=2024").results();
    assert!(before.iter().all(|row| row["avoidable_visits"].is_null()), "{before:?}");
    let one = app.get("municipalities/342025/usage?procedure=kosodate-02&fiscal_year=all").results();
    assert_eq!((one.len(), &one[0]["procedure_id"]), (1, &json!("kosodate-02")));
}
