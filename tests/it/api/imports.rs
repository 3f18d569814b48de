//! Files over HTTP: sent, looked at, mended, applied, taken back.

use serde_json::{Value, json};

use crate::app::{Answer, Backend, MAX_UPLOAD, TestApp, admin, on_both, prefecture, town};
use crate::cli::Workdir;
use crate::real;

on_both! {
    a_file_is_shown_applied_and_taken_back;
    a_form_from_a_browser_is_taken;
    wrong_rows_come_back_ready_to_be_mended;
    left_rows_of_the_national_list_are_asked_for_their_day;
    many_wrong_rows_are_worked_on_behind_the_answer;
    a_plan_holds_only_while_nothing_changed;
    one_call_does_it_for_machines;
    a_large_file_is_worked_on_behind_the_answer;
    work_is_given_up_on_request;
    a_request_sent_twice_is_one_import;
    a_town_sees_and_touches_its_own_files_only;
    open_marks_are_asked_and_profiles_remember;
    questions_are_answered_without_sending_the_file_again;
    what_a_file_leaves_open_as_a_whole_is_answered_too;
    a_changed_cell_of_a_group_is_answered_with_a_channel;
    usage_and_published_figures_have_their_own_place;
    what_is_no_table_is_refused_and_not_kept;
    an_import_cut_off_is_said_to_be_interrupted;
    the_workbook_gives_the_same_plan_by_every_way_in;
}

const HEAD: &str = "団体コード,団体名,手続ID,接点,段階,適用日\n";
const CSV: &str = "text/csv";

impl TestApp {
    fn upload(&self, key: &str, query: &str, media: &str, bytes: &[u8]) -> Answer {
        self.upload_with(key, query, &[("content-type", media)], bytes)
    }

    fn upload_with(&self, key: &str, query: &str, headers: &[(&str, &str)], bytes: &[u8]) -> Answer {
        let bearer = format!("Bearer {key}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        self.send_bytes("POST", &format!("imports{query}"), &all, bytes)
    }

    fn by(&self, key: &str, method: &str, path: &str) -> Answer {
        self.send(method, path, &[("authorization", &format!("Bearer {key}"))], None)
    }
}

fn id(answer: &Answer) -> i64 {
    assert!([201, 202].contains(&answer.status), "{}", answer.text);
    let id = answer.json()["id"].as_i64().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/imports/{id}"));
    id
}

fn status(answer: &Answer) -> String {
    answer.json()["status"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// Looks until work is done.
fn wait(app: &TestApp, key: &str, id: i64) -> Value {
    for _ in 0..600 {
        let import = app.by(key, "GET", &format!("imports/{id}")).json();
        if !["checking", "applying"].contains(&import["status"].as_str().unwrap()) {
            return import;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("import {id} does not end");
}

fn a_file_is_shown_applied_and_taken_back(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let text = format!("{HEAD}082333,行方市,kosodate-01,mynaportal,4,2026-04-01\n");
    let sent = app.upload(&key, "", CSV, text.as_bytes());
    let id = id(&sent);
    let import = sent.json();
    assert_eq!((status(&sent).as_str(), &import["counts"]["created"]), ("planned", &json!(1)));
    assert_eq!(import["encoding"], "UTF-8 CSV");
    // Nothing is written before a person has seen it.
    assert_eq!(app.get("readiness?municipality=082333").count(), 0);
    let rows = app.by(&key, "GET", &format!("imports/{id}/rows?outcome=created")).results();
    assert_eq!((&rows[0]["line"], &rows[0]["procedure_id"]), (&json!(2), &json!("kosodate-01")));
    let level = json!({
        "field": "level", "label": "段階", "old": null, "new": "4", "old_label": null, "new_label": "4"
    });
    assert!(rows[0]["fields"].as_array().unwrap().contains(&level), "{rows:?}");
    let applied = app.by(&key, "POST", &format!("imports/{id}/apply"));
    assert_eq!((applied.status, status(&applied).as_str()), (200, "applied"), "{}", applied.text);
    assert_eq!(app.get("readiness?municipality=082333").results()[0]["level"], 4);
    assert_eq!(app.by(&key, "GET", &format!("imports/{id}/original")).bytes, text.as_bytes());
    // What it changed is told as it was then, also after a later change.
    let row = "municipalities/082333/readiness/kosodate-01/mynaportal";
    let tag = app.get(row).header("etag").to_owned();
    assert_eq!(app.write(&key, "PUT", row, &tag, Some(&json!({"level": 5}))).status, 200);
    assert_eq!(app.by(&key, "GET", &format!("imports/{id}/rows?outcome=created")).results(), rows);
    // Applied once is applied.
    let again = app.by(&key, "POST", &format!("imports/{id}/apply"));
    assert_eq!(again.problem(409, "conflict")[0]["code"], "wrong_status");
    let reverted = app.by(&key, "POST", &format!("imports/{id}/revert"));
    assert_eq!(reverted.status, 200, "{}", reverted.text);
    assert_eq!(reverted.json()["kept"], 1);
    assert_eq!(app.get(row).json()["level"], 5);
    assert_eq!(status(&app.by(&key, "GET", &format!("imports/{id}"))), "reverted");
    app.by(&key, "POST", &format!("imports/{id}/revert")).problem(409, "conflict");
    let list = app.by(&key, "GET", "imports?status=reverted").results();
    assert_eq!((list.len(), &list[0]["id"]), (1, &json!(id)));
}

fn a_form_from_a_browser_is_taken(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text = format!("{HEAD}082333,行方市,kosodate-01,mynaportal,4,2026-04-01\n");
    let form = |name: &str, part: &str| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\
             Content-Type: text/csv\r\n\r\n{text}\r\n--x--\r\n"
        )
    };
    let media = "multipart/form-data; boundary=x";
    for (name, shown) in [
        ("対応状況（最終版）②.csv", "対応状況（最終版）②.csv"),
        ("../../etc/passwd/x.csv", "x.csv"),
        ("", "（名前なし）"),
    ] {
        let sent = app.upload(&key, "", media, form(name, "file").as_bytes());
        assert_eq!(sent.json()["file_name"], shown, "{}", sent.text);
        let original = app.by(&key, "GET", &format!("imports/{}/original", id(&sent)));
        assert_eq!(original.bytes, text.as_bytes());
        assert!(original.header("content-disposition").starts_with("attachment; filename=\"import-"));
        assert!(original.header("content-disposition").contains("filename*=UTF-8''"));
    }
    let long = app.upload(&key, "", media, form(&"長".repeat(300), "file").as_bytes());
    assert_eq!(long.json()["file_name"].as_str().unwrap().chars().count(), 200);
    let named = app.upload(&key, "?file_name=y.csv", media, form("x.csv", "file").as_bytes());
    assert_eq!(named.json()["file_name"], "y.csv");
    app.upload(&key, "", media, form("x.csv", "files").as_bytes()).problem(422, "unprocessable");
    app.upload(&key, "", media, b"--x--\r\n").problem(422, "unprocessable");
    app.upload(&key, "", "multipart/form-data", b"--x--\r\n").problem(400, "bad-request");
}

fn wrong_rows_come_back_ready_to_be_mended(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text = format!(
        "{HEAD}082334,行方市,kosodate-01,mynaportal,4,2026-04-01\n\
         082333,行方市,kosodate-02,mynaportal,9,2026-04-01\n\
         082333,行方市,kosodate-03,mynaportal,3,2026-04-01\n"
    );
    let sent = app.upload(&key, "", CSV, text.as_bytes());
    let id = id(&sent);
    assert_eq!((&sent.json()["fault_count"], &sent.json()["counts"]["rejected"]), (&json!(2), &json!(2)));
    let errors = app.by(&key, "POST", &format!("imports/{id}/apply")).problem(422, "unprocessable");
    assert_eq!((&errors[0]["line"], &errors[0]["heading"]), (&json!(2), &json!("団体コード")));
    assert_eq!((&errors[0]["code"], &errors[0]["suggestion"]), (&json!("check_digit"), &json!("082333")));
    let rows = app.by(&key, "GET", &format!("imports/{id}/rows?outcome=rejected")).results();
    assert_eq!((rows.len(), &rows[0]["cells"][0]), (2, &json!("082334")));
    let csv = app.by(&key, "GET", &format!("imports/{id}/errors.csv"));
    assert!(csv.bytes.starts_with(b"\xEF\xBB\xBF"), "{}", csv.text);
    assert!(csv.text.contains("適用日,取り込めなかった理由\r\n082334,行方市,"), "{}", csv.text);
    assert!(csv.text.contains("候補: 082333"), "{}", csv.text);
    // The good row alone, then the mended rest.
    let applied = app.by(&key, "POST", &format!("imports/{id}/apply?on_error=skip"));
    assert_eq!(status(&applied), "applied", "{}", applied.text);
    let mended = csv.text.replace("082334", "082333").replace(",9,", ",4,");
    let sent = app.upload(&key, "?apply=true", CSV, mended.as_bytes());
    assert_eq!(
        (status(&sent).as_str(), &sent.json()["counts"]["created"]),
        ("applied", &json!(2)),
        "{}",
        sent.text
    );
    assert_eq!(app.get("readiness?municipality=082333").count(), 3);
}

fn left_rows_of_the_national_list_are_asked_for_their_day(backend: &Backend) {
    let Some(list) = real::file(real::CSV) else { return };
    let app = TestApp::start(backend);
    let key = app.key(admin());
    // The first three towns, one of them with a mark that nobody knows.
    let list = String::from_utf8(list).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(list.as_bytes());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for (at, record) in reader.records().take(14).map(Result::unwrap).enumerate() {
        let marked =
            record.iter().enumerate().map(|(column, cell)| if (at, column) == (12, 6) { "謎" } else { cell });
        writer.write_record(marked).unwrap();
    }
    let text = writer.into_inner().unwrap();
    let sent = app.upload(&key, "?apply=true&on_error=skip", CSV, &text);
    assert_eq!(
        (status(&sent).as_str(), &sent.json()["counts"]["rejected"]),
        ("applied", &json!(1)),
        "{}",
        sent.text
    );
    let left = app.by(&key, "GET", &format!("imports/{}/errors.csv", id(&sent))).text.replacen("謎", "○", 1);
    let asked = app.upload(&key, "", CSV, left.as_bytes());
    assert_eq!(asked.json()["faults"][0]["code"], "missing_effective_on");
    assert_eq!(asked.json()["questions"][0]["parameter"], "effective_on");
    let answers = format!("imports/{}/answers", id(&asked));
    let body = json!({"effective_on": "2024年度"});
    app.write(&key, "POST", &answers, "", Some(&body));
    let sent = app.by(&key, "POST", &format!("imports/{}/apply", id(&asked)));
    assert_eq!(
        (status(&sent).as_str(), &sent.json()["layout"]),
        ("applied", &json!("digital-agency-2026-01")),
        "{}",
        sent.text
    );
    let days = app.get("readiness?limit=500").results();
    assert!(days.iter().all(|row| row["effective_on"] == "2025-03-31"), "{}", days[0]);
}

fn many_wrong_rows_are_worked_on_behind_the_answer(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let rows = "082334,,kosodate-01,mynaportal,4,2026-04-01\n".repeat(5_000);
    let sent = app.upload(&key, "", CSV, format!("{HEAD}{rows}").as_bytes());
    assert_eq!(sent.status, 202, "{}", sent.text);
    let done = wait(&app, &key, id(&sent));
    assert_eq!((&done["status"], &done["counts"]["rejected"]), (&json!("planned"), &json!(5_000)));
    assert_eq!(app.by(&key, "GET", &format!("imports/{}/rows", id(&sent))).count(), 5_000);
}

fn a_plan_holds_only_while_nothing_changed(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text = format!("{HEAD}082333,,kosodate-01,mynaportal,4,2026-04-01\n");
    let id = id(&app.upload(&key, "", CSV, text.as_bytes()));
    let row = "municipalities/082333/readiness/kosodate-01/mynaportal";
    assert_eq!(app.write(&key, "PUT", row, "\"0\"", Some(&json!({"level": 2}))).status, 201);
    let errors = app.by(&key, "POST", &format!("imports/{id}/apply")).problem(409, "conflict");
    assert_eq!(errors[0]["code"], "plan_changed");
    assert_eq!(app.get(row).json()["level"], 2);
    // What it does not touch may change.
    let other = app.upload(&key, "", CSV, text.replace("-01,", "-02,").as_bytes());
    let aside = "municipalities/082333/readiness/kosodate-03/mynaportal";
    assert_eq!(app.write(&key, "PUT", aside, "\"0\"", Some(&json!({"level": 2}))).status, 201);
    let path = format!("imports/{}/apply", other.json()["id"]);
    assert_eq!(status(&app.by(&key, "POST", &path)), "applied");
}

fn one_call_does_it_for_machines(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let rows = |level: u8| {
        let lines: Vec<String> =
            (1..=15).map(|n| format!("082333,,kosodate-{n:02},mynaportal,{level},2026-04-01\n")).collect();
        format!("{HEAD}{}", lines.concat())
    };
    let sent = app.upload(&key, "?apply=true", CSV, rows(4).as_bytes());
    assert_eq!((sent.status, status(&sent).as_str()), (201, "applied"));
    // The same again is an import of its own, and changes nothing.
    let same = app.upload(&key, "?apply=true", CSV, rows(4).as_bytes());
    assert_eq!((status(&same).as_str(), &same.json()["counts"]["unchanged"]), ("applied", &json!(15)));
    assert_eq!(same.json()["revision"], Value::Null);
    // Lowering very many levels must be said twice.
    let lower = rows(1).replace("2026-04-01", "2026-05-01");
    let refused = app.upload(&key, "?apply=true", CSV, lower.as_bytes());
    assert_eq!(refused.problem(409, "conflict")[0]["code"], "needs_confirmation");
    let waiting =
        app.send("GET", refused.header("location"), &[("authorization", &format!("Bearer {key}"))], None);
    assert_eq!((status(&waiting).as_str(), &waiting.json()["needs_confirmation"]), ("planned", &json!(true)));
    let sent = app.upload(&key, "?apply=true&confirm=true", CSV, lower.as_bytes());
    assert_eq!(status(&sent), "applied");
    // A wrong row keeps everything out, and the file is there to be looked at.
    let wrong =
        app.upload(&key, "?apply=true", CSV, format!("{HEAD}082333,,kosodate-01,eapp,7,\n").as_bytes());
    assert_eq!(wrong.problem(422, "unprocessable")[0]["code"], "level_format");
    assert!(wrong.header("location").starts_with("/api/v1/imports/"));
    for (query, pointer) in [
        ("?layout=wide", "/query/layout"),
        ("?apply=yes", "/query/apply"),
        ("?marks=x", "/query/marks"),
        ("?effective_on=3/31", "/query/effective_on"),
        ("?profile=nobody", "/query/profile"),
        ("?bogus=1", "/query/bogus"),
    ] {
        let errors = app.upload(&key, query, CSV, rows(4).as_bytes()).problem(400, "invalid-parameter");
        assert_eq!(errors[0]["pointer"], pointer, "{errors:?}");
    }
}

/// A file of the whole country, one procedure after another.
fn large(rows: usize) -> String {
    let catalogue = include_str!("../../../data/municipalities.csv");
    let codes: Vec<&str> = catalogue.lines().skip(1).map(|line| &line[..6]).collect();
    let row = |n: usize| {
        format!("{},,kosodate-{:02},mynaportal,4,2026-04-01\n", codes[n % codes.len()], n / codes.len() + 1)
    };
    format!("{HEAD}{}", (0..rows).map(row).collect::<String>())
}

fn a_large_file_is_worked_on_behind_the_answer(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let sent = app.upload(&key, "", CSV, large(6_000).as_bytes());
    assert_eq!(sent.status, 202, "{}", sent.text);
    let id = id(&sent);
    let planned = wait(&app, &key, id);
    assert_eq!((&planned["status"], &planned["counts"]["created"]), (&json!("planned"), &json!(6_000)));
    let applying = app.by(&key, "POST", &format!("imports/{id}/apply"));
    assert_eq!((applying.status, status(&applying).as_str()), (202, "applying"));
    assert!(applying.json()["progress"]["all"].is_u64());
    // Nobody applies it twice.
    app.by(&key, "POST", &format!("imports/{id}/apply")).problem(409, "conflict");
    assert_eq!(wait(&app, &key, id)["status"], "applied");
    assert_eq!(app.get("readiness?limit=1").count(), 6_000);
    // A page far down is found, too.
    let rows = app.by(&key, "GET", &format!("imports/{id}/rows?outcome=created&offset=5999")).results();
    assert_eq!(rows[0]["line"], 6_001);
}

fn work_is_given_up_on_request(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text = format!("{HEAD}082333,,kosodate-01,mynaportal,4,2026-04-01\n");
    let waiting = id(&app.upload(&key, "", CSV, text.as_bytes()));
    assert_eq!(status(&app.by(&key, "POST", &format!("imports/{waiting}/cancel"))), "cancelled");
    app.by(&key, "POST", &format!("imports/{waiting}/apply")).problem(409, "conflict");
    app.by(&key, "POST", &format!("imports/{waiting}/cancel")).problem(409, "conflict");
    // Under way: either it was stopped and nothing is written, or it was quicker, all of it is, and
    // the answer says so.
    for pause in [0, 100, 300, 600, 1_000] {
        let busy = id(&app.upload(&key, "?apply=true", CSV, large(20_000).as_bytes()));
        std::thread::sleep(std::time::Duration::from_millis(pause));
        let told = app.by(&key, "POST", &format!("imports/{busy}/cancel"));
        let end = wait(&app, &key, busy);
        let expected = match told.status {
            200 => ("cancelled", 0),
            _ => ("applied", 20_000),
        };
        assert_eq!((end["status"].as_str().unwrap(), app.get("readiness?limit=1").count()), expected);
        if told.status != 200 {
            told.problem(409, "conflict");
            assert!(told.text.contains("too_late") && told.text.contains("/revert"), "{}", told.text);
            assert_eq!(app.by(&key, "POST", &format!("imports/{busy}/revert")).status, 200);
        }
    }
    let applied = id(&app.upload(&key, "?apply=true", CSV, text.as_bytes()));
    let errors = app.by(&key, "POST", &format!("imports/{applied}/cancel")).problem(409, "conflict");
    assert_eq!(errors[0]["code"], "too_late");
}

fn a_request_sent_twice_is_one_import(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text = format!("{HEAD}082333,,kosodate-01,mynaportal,4,2026-04-01\n");
    let headers = [("content-type", CSV), ("idempotency-key", "once")];
    let first = app.upload_with(&key, "", &headers, text.as_bytes());
    let again = app.upload_with(&key, "", &headers, text.as_bytes());
    assert_eq!((id(&first), again.status), (id(&again), 201));
    let other = app.upload_with(&key, "", &headers, format!("{text}\n").as_bytes());
    assert_eq!(other.problem(422, "unprocessable")[0]["code"], "idempotency_key_reused");
    assert_eq!(app.by(&key, "GET", "imports").count(), 1);
    // Cut off before it was applied, the repetition goes on from there.
    let headers = [("content-type", CSV), ("idempotency-key", "both")];
    let sent = app.upload_with(&key, "?apply=true", &headers, text.as_bytes());
    let again = app.upload_with(&key, "?apply=true", &headers, text.as_bytes());
    assert_eq!((id(&sent), status(&again).as_str()), (id(&again), "applied"));
    assert_eq!(app.get("readiness").count(), 1);
}

fn a_town_sees_and_touches_its_own_files_only(backend: &Backend) {
    let app = TestApp::start(backend);
    let keys = [town("082333"), town("082023"), prefecture("08"), prefecture("14"), admin()];
    let [own, other, above, elsewhere, operator] = keys.map(|grant| app.key(grant));
    let text = format!(
        "{HEAD}082333,,kosodate-01,mynaportal,4,2026-04-01\n082023,,kosodate-01,mynaportal,4,2026-04-01\n"
    );
    let sent = app.upload(&own, "", CSV, text.as_bytes());
    let id = id(&sent);
    // Rows of another town are told with their lines, not left out.
    let fault = &sent.json()["faults"][0];
    assert_eq!((&fault["line"], &fault["code"]), (&json!(3), &json!("other_municipality")));
    for (key, expected) in [(&own, 200), (&above, 200), (&operator, 200), (&other, 404), (&elsewhere, 404)] {
        for path in ["", "/rows", "/rows?outcome=created", "/errors.csv", "/original"] {
            let answer = app.by(key, "GET", &format!("imports/{id}{path}"));
            assert_eq!(answer.status, expected, "{path}: {}", answer.text);
        }
        let listed = app.by(key, "GET", "imports").count();
        assert_eq!(listed, u64::from(expected == 200));
    }
    for key in [&other, &elsewhere] {
        for action in ["apply?on_error=skip", "cancel", "revert"] {
            app.by(key, "POST", &format!("imports/{id}/{action}")).problem(404, "not-found");
        }
    }
    assert_eq!(status(&app.by(&own, "POST", &format!("imports/{id}/apply?on_error=skip"))), "applied");
    assert_eq!(app.get("readiness").count(), 1);
    // What the state published is not a town's to state, by whatever layout.
    let published = "団体コード,手続ID,接点,段階,根拠\n082333,kosodate-02,online,3+,published\n";
    let sent = app.upload(&own, "", CSV, published.as_bytes());
    assert_eq!(sent.json()["faults"][0]["code"], "evidence_not_allowed");
}

fn open_marks_are_asked_and_profiles_remember(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let form = "手続ID,手続名,オンライン,書かない窓口\nkosodate-01,,○,ー\nkosodate-02,,ー,\n";
    let sent = app.upload(&key, "", CSV, form.as_bytes());
    let import = sent.json();
    assert_eq!((&import["layout"], &import["fault_count"]), (&json!("form"), &json!(2)));
    let question = &import["questions"][0];
    assert_eq!((&question["mark"], &question["count"]), (&json!("ー"), &json!(2)));
    assert!(question["choices"].as_array().unwrap().iter().any(|one| one["value"] == "ー=nothing"));
    app.by(&key, "POST", &format!("imports/{}/apply", import["id"])).problem(422, "unprocessable");
    let answered = app.upload(&key, "?marks=%E3%83%BC%3Dnothing", CSV, form.as_bytes());
    assert_eq!(
        (&answered.json()["fault_count"], &answered.json()["counts"]["created"]),
        (&json!(0), &json!(1))
    );
    // Remembered under a name, for this town.
    let body = json!({"marks": {"ー": "0"}, "binary": "flag"});
    let stored = app.write(&key, "PUT", "profiles/ours", "", Some(&body));
    assert_eq!((stored.status, &stored.json()["owner"]), (200, &json!("082333")), "{}", stored.text);
    let named = app.upload(&key, "?profile=ours", CSV, form.as_bytes());
    assert_eq!((&named.json()["profile"], &named.json()["counts"]["created"]), (&json!("ours"), &json!(3)));
    let stranger = app.key(town("082023"));
    app.by(&stranger, "GET", "profiles/ours").problem(404, "not-found");
    app.by(&stranger, "GET", "profiles/ours?municipality=082333").problem(403, "forbidden");
    app.upload(&stranger, "?profile=ours", CSV, form.as_bytes()).problem(400, "invalid-parameter");
    let above = app.key(prefecture("08"));
    assert_eq!(app.by(&above, "GET", "profiles/ours?municipality=082333").json()["owner"], "082333");
    // The built-in ones are there to be read and cannot be changed.
    let marks = app.by(&key, "GET", "profiles/default").json();
    assert!(
        marks["marks"].as_array().unwrap().iter().any(|one| one["mark"] == "○" && one["meaning"] == "3+")
    );
    app.write(&key, "PUT", "profiles/default", "", Some(&body)).problem(422, "unprocessable");
    app.write(&key, "PUT", "profiles/x", "", Some(&json!({"marks": {"ー": "maybe"}})))
        .problem(422, "unprocessable");
    assert_eq!(app.by(&key, "DELETE", "profiles/ours").status, 204);
    app.by(&key, "GET", "profiles/ours").problem(404, "not-found");
    let log = app.by(&app.key(admin()), "GET", "audit?action=profile.write").results();
    assert_eq!(log[0]["object"], "profile/082333/ours");
}

fn questions_are_answered_without_sending_the_file_again(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let answer =
        |id: i64, body: Value| app.write(&key, "POST", &format!("imports/{id}/answers"), "", Some(&body));
    let table = "団体コード,妊娠の届出,児童手当等の現況届,転出届\n082333,○,ー,※\n";
    let sent = app.upload(&key, "?reason=%E5%9B%9E%E7%AD%94", CSV, table.as_bytes());
    let id = id(&sent);
    let asked: Vec<String> = sent.json()["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|question| {
            format!("{}:{}", question["parameter"].as_str().unwrap(), question["mark"].as_str().unwrap())
        })
        .collect();
    assert_eq!(asked, ["channel:channel", "marks:※", "marks:ー"], "{}", sent.text);
    assert_eq!(sent.json()["reason"], "回答");
    // What makes no sense is told by its name, and nothing is changed.
    let errors =
        answer(id, json!({"channel": "nowhere", "marks": {"ー": "6"}})).problem(422, "unprocessable");
    let pointers: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/body/marks", "/body/channel"]);
    let unknown = answer(id, json!({"colour": "red"})).problem(422, "unprocessable");
    assert_eq!(unknown[0]["message"], "「colour」という項目はありません");
    assert!(unknown[0]["allowed"].as_str().unwrap().starts_with("marks, names, "), "{}", unknown[0]);
    let wrong = answer(id, json!({"channel": 3})).problem(422, "unprocessable");
    assert_eq!(wrong[0]["message"], "「channel」は文字列（\"…\"）で書きます（数 3が書かれています）");
    assert_eq!((&wrong[0]["value"], &wrong[0]["allowed"]), (&json!("3"), &json!("文字列（\"…\"）")));
    // Nor is anything of an answer by which the file could not be read any more.
    let unread = answer(id, json!({"channel": "online", "encoding": "iso-2022-jp"}));
    assert_eq!(unread.problem(422, "unprocessable")[0]["code"], "broken_byte");
    // Nor is anything of answers whose profile cannot be kept.
    let whole = json!({"channel": "online", "marks": {"ー": "0", "※": "2"}, "keep": "なめがた"});
    answer(id, whole).problem(422, "unprocessable");
    let after = app.by(&key, "GET", &format!("imports/{id}"));
    assert_eq!(after.json()["questions"], sent.json()["questions"], "{}", after.text);
    app.by(&key, "POST", &format!("imports/{id}/apply")).problem(422, "unprocessable");
    // One answer after the other; earlier ones stay.
    let one = answer(id, json!({"channel": "online", "effective_on": "2026-04-01"}));
    assert_eq!((one.status, one.json()["questions"].as_array().unwrap().len()), (200, 2), "{}", one.text);
    let two = answer(id, json!({"marks": {"ー": "not_applicable"}}));
    assert_eq!(two.json()["questions"][0]["mark"], "※", "{}", two.text);
    let all = answer(id, json!({"marks": {"※": "2"}, "keep": "ours"}));
    assert_eq!((all.status, status(&all).as_str()), (200, "planned"), "{}", all.text);
    assert_eq!(
        (all.json()["fault_count"].as_i64(), all.json()["counts"]["created"].as_i64()),
        (Some(0), Some(3))
    );
    let applied = app.by(&key, "POST", &format!("imports/{id}/apply"));
    assert_eq!(status(&applied), "applied", "{}", applied.text);
    assert!(app.inner.export().contains("082333,行方市,tenshutsu-tennyu-01"), "{}", app.inner.export());
    answer(id, json!({"channel": "counter"})).problem(409, "conflict");
    // The next file of the same hand needs no answer but the channel.
    let names: Vec<String> = app
        .by(&key, "GET", "profiles")
        .results()
        .iter()
        .map(|profile| profile["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["default", "digital-agency-2026-01", "ours"]);
    let next = app.upload(&key, "?profile=ours&channel=online", CSV, table.as_bytes());
    assert_eq!(next.json()["questions"], json!([]), "{}", next.text);
    // Others see neither the file nor its questions.
    let stranger = app.key(town("082341"));
    app.write(&stranger, "POST", &format!("imports/{id}/answers"), "", Some(&json!({})))
        .problem(404, "not-found");
    let rows = app.by(&app.key(admin()), "GET", "audit?limit=500").text;
    assert!(rows.contains("import.answer") && rows.contains("回答"), "{rows}");
}

fn a_changed_cell_of_a_group_is_answered_with_a_channel(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,4,2026-04-01\n\
         082333,kosodate-01,eapp,3,2026-04-01\n",
    );
    let key = app.key(town("082333"));
    let table = app.get("exports/readiness.csv?layout=wide&procedure=kosodate-01").text;
    assert!(table.ends_with(",online-group,4\n"), "{table}");
    let sent = app.upload(&key, "", CSV, table.replace(",online-group,4\n", ",online-group,5\n").as_bytes());
    let id = id(&sent);
    let asked = sent.json();
    assert_eq!((&asked["faults"][0]["code"], &asked["fault_count"]), (&json!("which_channel"), &json!(1)));
    assert_eq!(asked["questions"][0]["parameter"], "channel");
    app.by(&key, "POST", &format!("imports/{id}/apply")).problem(422, "unprocessable");
    let told = app.write(
        &key,
        "POST",
        &format!("imports/{id}/answers"),
        "",
        Some(&json!({"channel": "汎用電子申請"})),
    );
    let (faults, questions) = (&told.json()["fault_count"], &told.json()["questions"]);
    assert_eq!((faults, questions), (&json!(0), &json!([])), "{}", told.text);
    assert_eq!(status(&app.by(&key, "POST", &format!("imports/{id}/apply"))), "applied");
    let level = |channel: &str| {
        app.get(&format!("readiness?procedure=kosodate-01&channel={channel}")).results()[0]["level"].clone()
    };
    assert_eq!((level("mynaportal"), level("eapp")), (json!(4), json!(5)));
}

fn what_a_file_leaves_open_as_a_whole_is_answered_too(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let answer =
        |id: i64, body: Value| app.write(&key, "POST", &format!("imports/{id}/answers"), "", Some(&body));
    // Headings that nobody knows are explained one by one, and a table may need no more than that.
    let strange = "自治体の番号,しごとの名まえ,ネットでできるか,メモ欄\n082333,妊娠の届出,○,予約制\n";
    let sent = app.upload(&key, "", CSV, strange.as_bytes());
    let number = id(&sent);
    let asked = sent.json()["questions"].as_array().unwrap().clone();
    assert_eq!(asked.len(), 4, "{}", sent.text);
    assert_eq!(sent.json()["faults"][0]["code"], "unknown_layout");
    let columns = json!({
        "自治体の番号": "municipality_code", "しごとの名まえ": "procedure_name", "ネットでできるか": "online", "メモ欄": "note"
    });
    let told = answer(number, json!({"columns": columns, "effective_on": "2026-04-01"}));
    assert_eq!(
        (&told.json()["fault_count"], &told.json()["layout"]),
        (&json!(0), &json!("form")),
        "{}",
        told.text
    );
    assert_eq!(status(&app.by(&key, "POST", &format!("imports/{number}/apply"))), "applied");
    assert!(app.inner.export().contains(",kosodate-15,妊娠の届出,online,"), "{}", app.inner.export());
    let table = "手続の名称,手続総件数,うちオンライン数\n妊娠の届出,100,40\n";
    let sent = app.upload(&key, "", CSV, table.as_bytes());
    let id = id(&sent);
    assert_eq!(sent.json()["layout"], Value::Null);
    app.by(&key, "POST", &format!("imports/{id}/apply")).problem(422, "unprocessable");
    // One after the other, in whatever order they are asked.
    let (mut two, mut asked) = (sent, Vec::new());
    while let Some(parameter) = two.json()["questions"][0]["parameter"].as_str() {
        // A year is a number to whoever writes JSON.
        let value = if parameter == "municipality" { json!("082333") } else { json!(2024) };
        two = answer(id, json!({ parameter: value }));
        asked.push(parameter.to_owned());
    }
    asked.sort_unstable();
    assert_eq!(asked, ["fiscal_year", "municipality"], "{}", two.text);
    assert_eq!(
        (two.json()["fault_count"].as_i64(), two.json()["counts"]["created"].as_i64()),
        (Some(0), Some(2)),
        "{}",
        two.text
    );
    assert_eq!(status(&app.by(&key, "POST", &format!("imports/{id}/apply"))), "applied");
}

fn usage_and_published_figures_have_their_own_place(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let usage = "団体コード,年度,手続の名称,手続総件数,うちオンライン数\n\
                 342025,令和4年度,図書館の図書貸出予約等,\"196,759\",\"152,983\"\n";
    let sent = app.upload(&key, "?apply=true", CSV, usage.as_bytes());
    assert_eq!(
        (status(&sent).as_str(), &sent.json()["layout"]),
        ("applied", &json!("usage")),
        "{}",
        sent.text
    );
    let rows = app.get("usage?municipality=342025").results();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["channel_group"], &rows[0]["applications"]), (&json!("all"), &json!(196_759)));
    assert_eq!((&rows[1]["fiscal_year"], &rows[1]["applications"]), (&json!(2022), &json!(152_983)));
    // No readiness comes of it, and a town may count its own.
    assert_eq!(app.get("readiness").count(), 0);
    let own = app.key(town("342025"));
    let more = app.upload(&own, "?apply=true", CSV, usage.replace("196,759", "196,760").as_bytes());
    assert_eq!(more.json()["counts"]["changed"], 1, "{}", more.text);
    assert_eq!(app.get("usage?municipality=342025").results()[0]["applications"], 196_760);
    app.by(&own, "POST", &format!("imports/{}/revert", id(&more)));
    assert_eq!(app.get("usage?municipality=342025").results()[0]["applications"], 196_759);
    let Some(comparison) = real::file("digital-agency-dashboard-2024-07-comparison.csv") else { return };
    let Some(rates) = real::file("digital-agency-dashboard-2024-07-rates.csv") else { return };
    let refused = wait(&app, &own, id(&app.upload(&own, "?apply=true", CSV, &rates)));
    assert_eq!(
        (&refused["status"], &refused["faults"][0]["code"]),
        (&json!("planned"), &json!("admin_only"))
    );
    for file in [&comparison, &rates] {
        let sent = app.upload(&key, "?apply=true", CSV, file);
        let end = wait(&app, &key, id(&sent));
        assert_eq!(
            (&end["status"], &end["layout"], &end["fault_count"]),
            (&json!("applied"), &json!("digital-agency-dashboard-2024-07"), &json!(0)),
            "{end}"
        );
    }
    let figures = app.get("published_figures?municipality=011002&fiscal_year=2023").results();
    let [child, common] = figures.as_slice() else { panic!("{figures:?}") };
    assert_eq!((&child["definition"], &child["percent"]), (&json!("da26_rate"), &json!(69.0)));
    assert_eq!(
        (&common["percent"], &common["numerator"], &common["denominator"]),
        (&json!(58.0), &json!(14), &json!(24))
    );
    // Two towns of one name have each its own.
    let kure = app.get("published_figures?municipality=342025&procedure=high-volume-01").results();
    assert_eq!(kure[0]["percent"], 77.8);
    for (code, percent) in [("012335", 100.0), ("072133", 85.0), ("132063", 46.0), ("342084", 100.0)] {
        let row = &app.get(&format!("published_figures?municipality={code}&fiscal_year=2023")).results()[0];
        assert_eq!((&row["definition"], &row["percent"]), (&json!("da26_rate"), &json!(percent)), "{code}");
    }
}

fn what_is_no_table_is_refused_and_not_kept(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    for (media, bytes, status, kind) in [
        (CSV, &b""[..], 422, "unprocessable"),
        (CSV, HEAD.as_bytes(), 422, "unprocessable"),
        (CSV, b"a,b\n1,2\n", 422, "unprocessable"),
        ("application/octet-stream", b"%PDF-1.7\n", 415, "unsupported-media-type"),
        ("application/octet-stream", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 415, "unsupported-media-type"),
        ("application/json", b"{}", 415, "unsupported-media-type"),
        ("image/png", b"x", 415, "unsupported-media-type"),
        ("", b"x", 422, "unprocessable"),
    ] {
        app.upload(&key, "", media, bytes).problem(status, kind);
    }
    let errors = app.upload(&key, "", CSV, b"\xEF\xBB\xBFab\nc\xFFd\n").problem(422, "unprocessable");
    assert_eq!((&errors[0]["line"], &errors[0]["column"]), (&json!(2), &json!(2)));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports");
    for (name, status) in [
        ("53-two-far-corners.xlsx", 413),
        ("53-zip-bomb.xlsx", 413),
        ("53-over-200-entries.xlsx", 413),
        ("53-one-text-many-cells.xlsx", 413),
        ("58-5000-columns.csv", 413),
        ("53-xlsm.xlsm", 415),
        ("53-ods.ods", 415),
        ("53-xls.xls", 415),
        ("53-encrypted.xlsx", 415),
        ("53-dtd-entities.xlsx", 422),
        ("53-external-link.xlsx", 422),
        ("53-truncated.xlsx", 422),
        ("38-to-the-end.csv", 422),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let answer = app.upload(&key, "", "application/octet-stream", &bytes);
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
    }
    // Too large by its own word: refused before it comes.
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(app.address()).unwrap();
    let head = format!(
        "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: {CSV}\r\nContent-Length: {}\r\n\r\n",
        MAX_UPLOAD + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(app.by(&key, "GET", "imports").count(), 0);
}

fn an_import_cut_off_is_said_to_be_interrupted(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text = format!("{HEAD}082333,,kosodate-01,mynaportal,4,2026-04-01\n");
    let headers = [("content-type", CSV), ("idempotency-key", "cut")];
    let id = id(&app.upload_with(&key, "", &headers, text.as_bytes()));
    // As a program leaves it that dies on the way.
    let set = |status: &str| {
        use diesel::connection::SimpleConnection;
        let sql = format!("UPDATE import SET status = '{status}', started_at = created_at");
        app.inner
            .service
            .db()
            .write::<_, todoke::service::error::Error>(|conn| Ok(conn.batch_execute(&sql)?))
            .unwrap();
    };
    set("applying");
    app.inner.clock.set("2026-11-21T04:00:00Z");
    assert_eq!(app.inner.service.note_interrupted(true).unwrap(), 1);
    assert_eq!(status(&app.by(&key, "GET", &format!("imports/{id}"))), "interrupted");
    app.by(&key, "POST", &format!("imports/{id}/apply")).problem(409, "conflict");
    // The same request again goes on where it was cut off.
    let again = app.upload_with(&key, "", &headers, text.as_bytes());
    assert_eq!((again.json()["id"].as_i64(), status(&again).as_str()), (Some(id), "planned"));
    assert_eq!(status(&app.by(&key, "POST", &format!("imports/{id}/apply"))), "applied");
}

/// Over HTTP, by the command line, and after it was applied: one plan.
fn the_workbook_gives_the_same_plan_by_every_way_in(backend: &Backend) {
    let Some(bytes) = real::file(real::WORKBOOK) else { return };
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let sent = app.upload(&key, "", media, &bytes);
    assert_eq!(sent.status, 202, "{}", sent.text);
    let planned = wait(&app, &key, id(&sent));
    let dir = Workdir::new();
    let file = dir.0.path().join("list.xlsx");
    std::fs::write(&file, &bytes).unwrap();
    let ran = dir.run(&["check", "list.xlsx", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let checked: Value = serde_json::from_str(&ran.out).unwrap();
    for part in ["plan_hash", "counts", "understood", "notes", "layout", "encoding", "fault_count", "sha256"]
    {
        assert_eq!(planned[part], checked[part], "{part}");
    }
    assert_eq!(planned["counts"]["statements"], 87_050);
    let path = format!("imports/{}/apply", planned["id"]);
    assert_eq!(app.by(&key, "POST", &path).status, 202);
    let applied = wait(&app, &key, planned["id"].as_i64().unwrap());
    assert_eq!((&applied["status"], &applied["plan_hash"]), (&json!("applied"), &planned["plan_hash"]));
    assert_eq!(app.get("readiness?limit=1").count(), 53_851 + 31_099);
}
