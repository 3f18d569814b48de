//! What the record says to people: labels, codes, cells, and files that can be opened.

use serde_json::{Value, json};

use crate::app::{Answer, Backend, TestApp, admin, on_both};

on_both! {
    a_bare_circle_is_nowhere_called_partly_online;
    every_code_has_its_meaning_in_both_languages;
    codes_tell_how_marks_of_files_are_read;
    cells_of_the_matrix_tell_silence_from_absence;
    levels_of_the_two_scales_are_counted_apart;
    lists_open_in_spreadsheets_under_telling_names;
    a_day_that_arrives_is_news;
    later_days_are_shown_when_asked_for;
}

/// 行方市 has something of everything; nobody asks a town about a prefecture's procedure.
const TOWN: &str = "団体コード,手続ID,接点,段階,該当性,根拠,適用日,備考\n\
    082333,kosodate-01,online,3+,,published,2025-03-31,\n\
    082333,kosodate-01,counter,3,,,2026-04-01,\n\
    082333,kosodate-02,eapp,3,,,2026-04-01,\n\
    082333,kosodate-03,,,not_applicable,,2026-04-01,\n\
    082333,kosodate-04,,,other_body,,2026-04-01,\n\
    082333,kosodate-05,,,abolished,,2026-04-01,\n\
    082333,kosodate-06,counter,3+,,,2026-04-01,𠮷\n";

fn a_bare_circle_is_nowhere_called_partly_online(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(TOWN);
    let labels = |path: &str| -> Vec<(Value, Value)> {
        app.get(path)
            .results()
            .iter()
            .filter(|row| !row["level"].is_null())
            .map(|row| (row["channel"].clone(), row["level_label"].clone()))
            .collect()
    };
    for path in ["readiness?procedure=kosodate-01", "municipalities/082333/readiness?procedure=kosodate-01"] {
        let expected = [("online", "オンライン可（範囲未確認）"), ("counter", "書かない")];
        assert_eq!(labels(path), expected.map(|(channel, label)| (json!(channel), json!(label))), "{path}");
    }
    let one = app.get("municipalities/082333/readiness/kosodate-01/online").json();
    assert_eq!(one["level_label"], "オンライン可（範囲未確認）");
    assert_eq!(labels("readiness?procedure=kosodate-06")[0].1, "書かない以上");
    let counted = app.get("distribution?municipality=082333&procedure=kosodate-01&by=level").results();
    assert!(counted.iter().any(|row| row["level_label"] == "オンライン可（範囲未確認）"), "{counted:?}");
    let codes = codes(&app);
    let of = |list: &str, code: &str| {
        let found = codes.iter().find(|row| row["list"] == list && row["code"] == code);
        found.unwrap_or_else(|| panic!("no {list} {code}")).clone()
    };
    for (list, code, label, short, letter) in [
        ("level_online", "3", "一部オンライン", "一部", "一"),
        ("level_counter", "5", "書かないワンストップ", "一か所", "所"),
        ("answer", "at_least", "オンライン可（範囲未確認）", "可", "可"),
        ("answer", "no_answer", "未回答", "…", "…"),
        ("state", "prepared", "発災時に公開", "備", "備"),
        ("state", "suspended", "停止中", "停止", "停"),
        ("applicability", "not_applicable", "制度なし・該当なし", "対象外", "外"),
        ("matrix_cell", "other_body", "他団体の事務", "組合", "組"),
    ] {
        let row = of(list, code);
        assert_eq!(
            (&row["label"], &row["short_label"], &row["letter"]),
            (&json!(label), &json!(short), &json!(letter))
        );
    }
}

/// Every code of every list.
fn codes(app: &TestApp) -> Vec<Value> {
    let text = app.get("codes?format=ndjson").text;
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn every_code_has_its_meaning_in_both_languages(backend: &Backend) {
    let app = TestApp::start(backend);
    let codes = codes(&app);
    let mut keys: Vec<String> = codes.iter().map(|row| format!("{} {}", row["list"], row["code"])).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), codes.len(), "a code stands twice in its list");
    // Lists whose labels are words of their own that a sentence explains.
    let explained = [
        "level_online",
        "level_counter",
        "answer",
        "state",
        "evidence",
        "source",
        "place",
        "scale",
        "applicability",
        "basis",
        "by",
        "dimension",
        "not_applicable",
        "reason",
        "included",
        "no_value",
        "no_spread",
        "precision",
        "assertion_kind",
        "import_status",
        "row_outcome",
        "role",
    ];
    for row in &codes {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("label").is_empty() && !text("meaning_ja").is_ascii(), "{row}");
        assert!(!text("meaning").is_empty(), "{row}");
        if explained.contains(&text("list").as_str()) {
            assert_ne!(text("meaning_ja"), text("label"), "{row}");
        }
        let letter = row["letter"].as_str();
        assert!(letter.is_none_or(|letter| letter.chars().count() == 1), "{row}");
    }
    // Whatever an answer calls a reason can be looked up.
    app.inner.must_import(TOWN);
    for path in
        ["figures/online_rate/explain", "figures/da26_complete/explain", "figures/kakanai_rate/explain"]
    {
        for row in app.get(&format!("{path}?municipality=082333&limit=500")).results() {
            let known = codes.iter().any(|code| code["list"] == "reason" && code["code"] == row["reason"]);
            assert!(known, "{row}");
        }
    }
}

fn codes_tell_how_marks_of_files_are_read(backend: &Backend) {
    let app = TestApp::start(backend);
    let codes = codes(&app);
    let of = |list: &str, mark: &str| {
        let found = codes.iter().find(|row| row["list"] == list && row["code"] == mark);
        found.unwrap_or_else(|| panic!("no {list} {mark}")).clone()
    };
    for (list, mark, means, label) in [
        ("mark", "○", json!("3+"), "段階3以上（範囲未確認）"),
        ("mark", "×", json!("0"), "段階0"),
        ("mark", "⭕", json!("3+"), "段階3以上（範囲未確認）"),
        ("mark", "対象外", json!("not_applicable"), "制度なし・該当なし"),
        ("mark", "検討中", json!("note"), "備考だけ（段階はそのまま）"),
        ("mark", "空欄", json!("nothing"), "変えない"),
        ("mark", "◎", json!("full"), "段階4（○ と両方ある列。○ がなければ ○ と同じ）"),
        ("mark_online", "△", json!("3"), "段階3（一部オンライン）"),
        ("mark_online", "全部", json!("4"), "段階4（オンライン申請可）"),
        ("mark_counter", "連携", json!("4"), "段階4（書かない＋データ連携）"),
        // Some mean by it that there is no such procedure, some that it is not yet done.
        ("mark", "ー", json!(null), "意味を質問する"),
        ("mark_counter", "△", json!(null), "意味を質問する"),
    ] {
        let row = of(list, mark);
        assert_eq!((&row["means"], &row["label"]), (&means, &json!(label)), "{list} {mark}");
    }
    assert!(of("mark", "⭕")["meaning_ja"].as_str().unwrap().contains("○ とみなし"));
    // What is said here is what an import does.
    let profile = app.write(&app.key(admin()), "GET", "profiles/default", "", None).json();
    for mark in profile["marks"].as_array().unwrap() {
        let name = mark["mark"].as_str().unwrap();
        let (list, name) = match name.split_once(':') {
            Some((scale @ ("online" | "counter"), name)) => (format!("mark_{scale}"), name),
            _ => ("mark".to_owned(), name),
        };
        let name = if name.is_empty() { "空欄" } else { name };
        assert_eq!(of(&list, name)["means"], mark["meaning"], "{list} {name}");
    }
}

fn cells_of_the_matrix_tell_silence_from_absence(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(TOWN);
    let ids = "kosodate-01,kosodate-02,kosodate-03,kosodate-04,kosodate-05,kosodate-07,high-volume-05";
    let path = format!("matrix?municipality=082333&procedure={ids}");
    let matrix = app.get(&path).json();
    let cell = |group: &str, id: &str| {
        let at = matrix["procedures"].as_array().unwrap().iter().position(|row| row["id"] == id).unwrap();
        matrix["results"][0][group][at].clone()
    };
    for (id, online, counter) in [
        ("kosodate-01", "3+", "3"),
        ("kosodate-02", "3", "no_answer"),
        ("kosodate-03", "na", "na"),
        ("kosodate-04", "other_body", "other_body"),
        ("kosodate-05", "ab", "ab"),
        ("kosodate-07", "no_answer", "no_answer"),
        // A prefecture's procedure is not asked of a town.
        ("high-volume-05", "not_expected", "not_expected"),
    ] {
        assert_eq!((cell("online", id), cell("counter", id)), (json!(online), json!(counter)), "{id}");
    }
    let mut rows =
        csv::Reader::from_reader(std::io::Cursor::new(app.get(&format!("{path}&format=csv")).bytes));
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let row = rows.iter().find(|row| &row[3] == "kosodate-04").unwrap();
    assert_eq!(row, vec!["082333", "茨城県", "行方市", "kosodate-04", &row[4], "other_body", "other_body"]);
    assert!(!row[4].is_ascii() && row[4] == matrix["procedures"][3]["name"].as_str().unwrap()[..]);
}

fn levels_of_the_two_scales_are_counted_apart(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階\n082333,kosodate-01,eapp,3\n082333,kosodate-01,counter,3\n",
    );
    let rows = |by: &str| -> Vec<Value> {
        let rows = app.get(&format!("distribution?municipality=082333&procedure=kosodate-01&by={by}"));
        rows.results()
            .iter()
            .map(|row| json!([row["scale"], row["level"], row["level_label"], row["rows"]]))
            .collect()
    };
    assert_eq!(
        rows("level"),
        [json!(["online", "3", "一部オンライン", 1]), json!(["counter", "3", "書かない", 1])]
    );
    assert_eq!(rows("scale"), [json!(["online", null, null, 1]), json!(["counter", null, null, 1])]);
    assert_eq!(rows("procedure"), [json!([null, null, null, 2])]);
}

fn lists_open_in_spreadsheets_under_telling_names(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(TOWN);
    let named = |answer: &Answer| answer.header("content-disposition").to_owned();
    for (path, name) in [
        ("figures/online_rate?prefecture=08", "online_rate_08_2026-11-21.csv"),
        ("figures/online_rate/explain?municipality=082333", "online_rate_explain_082333_2026-11-21.csv"),
        ("matrix?prefecture=08", "matrix_08_2026-11-21.csv"),
        ("municipalities/082333/readiness?", "readiness_082333_2026-11-21.csv"),
    ] {
        let plain = app.get(&format!("{path}&format=csv"));
        assert_eq!(named(&plain), format!("attachment; filename=\"{name}\""));
        assert!(!plain.text.contains('\r') && !plain.text.starts_with('\u{FEFF}'));
        let marked = app.get(&format!("{path}&format=csv&encoding=utf-8-bom"));
        assert_eq!(named(&marked), named(&plain));
        assert_eq!(marked.text, format!("\u{FEFF}{}", plain.text.replace('\n', "\r\n")), "{path}");
        let older = app.get(&format!("{path}&format=csv&encoding=cp932"));
        assert_eq!(older.header("content-type"), "text/csv; charset=Shift_JIS");
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&older.bytes);
        assert!(!broken && text.ends_with("\r\n"), "{path}");
        let lost = older.header("x-todoke-replaced").parse::<usize>().unwrap();
        assert_eq!(text.matches('〓').count(), lost);
        assert_eq!(text.lines().count(), plain.text.lines().count());
    }
    let lost = app.get("readiness?procedure=kosodate-06&format=csv&encoding=cp932");
    assert_eq!(lost.header("x-todoke-replaced"), "1");
    assert!(
        named(&app.get("municipalities?q=%E8%A1%8C%E6%96%B9&format=csv"))
            .contains("filename*=UTF-8''municipalities_q-%E8")
    );
    // What is UTF-8 anyway is not asked for in another encoding.
    let errors = app.get("matrix?prefecture=08&encoding=cp932").problem(400, "invalid-parameter");
    assert_eq!((&errors[0]["code"], &errors[0]["pointer"]), (&json!("csv_only"), &json!("/query/encoding")));
    assert_eq!(app.get("matrix?prefecture=08&encoding=utf-8").status, 200);
    app.get("matrix?format=csv&encoding=latin1").problem(400, "invalid-parameter");
    assert!(app.get("matrix?prefecture=08").headers.get("content-disposition").is_none());
}

fn a_day_that_arrives_is_news(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,3,2026-11-20\n082333,kosodate-02,eapp,4,2026-11-25\n",
    );
    let since = |day: &str| -> Vec<Value> {
        app.get(&format!("readiness?updated_since={day}"))
            .results()
            .iter()
            .map(|row| row["procedure_id"].clone())
            .collect()
    };
    assert_eq!(since("2026-11-21"), [json!("kosodate-01")]);
    app.inner.clock.set("2026-11-26T03:00:00Z");
    app.inner.service.refresh().unwrap();
    assert_eq!(since("2026-11-24"), [json!("kosodate-02")]);
    assert_eq!(since("2026-11-21").len(), 2);
    assert!(since("2026-11-26").is_empty());
}

fn later_days_are_shown_when_asked_for(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,該当性,段階,状態,根拠,適用日,備考\n\
         082333,kosodate-01,eapp,,3,,,2026-04-01,今\n\
         082333,kosodate-01,eapp,,4,,,2027-04-01,それから\n\
         082333,kosodate-01,eapp,,,withdrawn,,2028-04-01,\n\
         082333,kosodate-02,counter,,2,,,2026-12-01,\n\
         082333,kosodate-03,,not_applicable,,,,2027-04-01,\n",
    );
    let rows = |query: &str| -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let row = |row: &Value| {
            ["procedure_id", "level", "when", "withdrawn", "effective_on", "note"]
                .map(|name| text(&row[name]))
                .join(" ")
        };
        app.get(&format!("readiness{query}")).results().iter().map(row).collect()
    };
    let current = ["kosodate-01 3 current false 2026-04-01 今"];
    let planned = [
        "kosodate-01 4 planned false 2027-04-01 それから",
        "kosodate-01 null planned true 2028-04-01 null",
        "kosodate-02 2 planned false 2026-12-01 null",
    ];
    assert_eq!(rows(""), current);
    assert_eq!(rows("?when=current"), current);
    assert_eq!(rows("?when=planned"), planned);
    assert_eq!(rows("?when=all"), [&current[..], &planned].concat());
    assert_eq!(rows("?when=all&sort=-effective_on")[..2], [planned[1], planned[0]]);
    assert_eq!(rows("?when=all&level_min=4"), planned[..1]);
    assert_eq!(rows("?when=planned&channel=counter"), planned[2..]);
    let errors = app.get("readiness?when=later").problem(400, "invalid-parameter");
    assert_eq!(errors[0]["allowed"], "current, planned, all");
    // A plan is no answer yet: neither score card, matrix nor figures know of it.
    let card = app.get("municipalities/082333/readiness?procedure=kosodate-02").results();
    assert!(card.iter().all(|row| row["no_answer"] == true && row["when"] == "current"), "{card:?}");
    let matrix = app.get("matrix?municipality=082333&procedure=kosodate-02").results();
    assert_eq!(matrix[0]["counter"], json!(["no_answer"]));
    // The export has all of it unless less is asked for; a wide table has no days.
    for (query, lines) in [("", 5), ("?when=all", 5), ("?when=current", 1), ("?when=planned", 4)] {
        assert_eq!(
            app.get(&format!("exports/readiness.csv{query}")).text.lines().count(),
            1 + lines,
            "{query}"
        );
    }
    let errors = app.get("exports/readiness.csv?layout=wide&when=all").problem(400, "invalid-parameter");
    assert_eq!((&errors[0]["code"], &errors[0]["pointer"]), (&json!("only_today"), &json!("/query/when")));
    assert_eq!(app.get("exports/readiness.csv?layout=wide&when=current").status, 200);
    // On its day a row is a current one.
    app.inner.clock.set("2027-04-01T03:00:00Z");
    app.inner.service.refresh().unwrap();
    assert_eq!(
        rows("?when=all"),
        [
            "kosodate-01 4 current false 2027-04-01 それから",
            "kosodate-01 null planned true 2028-04-01 null",
            "kosodate-02 2 current false 2026-12-01 null",
        ]
    );
}
