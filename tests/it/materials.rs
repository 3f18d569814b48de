//! What towns keep of their own: points to check, action plans, indicators, walkthroughs, steps of plans, minutes.

use serde_json::{Value, json};
use todoke::domain::access::token::Secret;
use todoke::domain::access::{Grant, Role};
use todoke::domain::procedure::Category;
use todoke::import::report::Status;
use todoke::service::access::Origin;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestApp, on_both, operator, town};
use crate::reports::{applied, refused};

on_both! {
    an_action_plan_comes_to_what_its_grades_say;
    what_a_plan_says_otherwise_than_readiness_is_told;
    points_to_check_are_answered_and_answered_anew;
    indicators_are_kept_apart_by_year_and_certainty;
    a_walk_through_the_counters_is_kept;
    steps_of_a_plan_have_days_and_are_late;
    minutes_that_nobody_said_are_not_nought;
    what_does_not_fit_is_refused_with_what_is_allowed;
    what_was_said_before_stays_in_the_history;
    each_form_comes_back_unchanged;
    each_list_comes_back_unchanged;
    material_is_written_by_whoever_speaks_for_the_body;
    a_table_that_lacks_a_heading_is_never_read_as_readiness;
    tables_of_readiness_stay_what_they_were;
    rows_that_are_taken_back_say_so_plainly;
    wide_letters_and_spaces_make_no_other_row;
    tables_of_two_kinds_are_asked_about;
    columns_that_could_be_fields_are_asked_about;
    what_is_cleared_is_what_stands_empty;
    cells_that_say_nothing_take_nothing_back;
}

const TOWN: &str = "082333";

fn rows(app: &TestApp, path: &str) -> Vec<Value> {
    app.get(path).results()
}

/// A plan of 13 lines A, 7 B, 5 C and 3 D.
fn date_city() -> String {
    let grades = [("A", 13), ("B", 7), ("C", 5), ("D", 3)];
    let lines = grades.iter().flat_map(|(grade, count)| (1..=*count).map(move |at| (grade, at)));
    let line =
        |(grade, at): (&&str, i32)| format!("{TOWN},DX推進計画,{grade}-{at},取組{grade}{at},{grade}\n");
    let lines: String = lines.map(line).collect();
    format!("団体コード,計画,番号,取組,評価\n{lines}")
}

fn an_action_plan_comes_to_what_its_grades_say(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(&date_city());
    let plans = rows(&app, "municipalities/082333/action_plans");
    assert_eq!(plans.len(), 1);
    let plan = &plans[0];
    assert_eq!(plan["plan"], "DX推進計画");
    for (field, count) in
        [("actions", 28), ("grade_a", 13), ("grade_b", 7), ("grade_c", 5), ("grade_d", 3), ("ungraded", 0)]
    {
        assert_eq!(plan[field], count, "{field}");
    }
    assert_eq!((&plan["reached_percent"], &plan["weighted_percent"]), (&json!(71.4), &json!(76.8)));
    // A line without a grade weighs nothing, and another plan is another plan.
    app.inner.must_import(
        "団体コード,計画,番号,取組,評価\n082333,DX推進計画,E-1,まだ決めていない取組,\n082333,DX推進計画 次期,1,取組,C\n",
    );
    let plans = rows(&app, "municipalities/082333/action_plans");
    let of = |name: &str| plans.iter().find(|plan| plan["plan"] == name).unwrap();
    assert_eq!(
        (&of("DX推進計画")["ungraded"], &of("DX推進計画")["weighted_percent"]),
        (&json!(1), &json!(76.8))
    );
    assert_eq!(
        (&of("DX推進計画 次期")["reached_percent"], &of("DX推進計画 次期")["actions"]),
        (&json!(0.0), &json!(1))
    );
    assert_eq!(rows(&app, "municipalities/082341/action_plans"), Vec::<Value>::new());
}

fn what_a_plan_says_otherwise_than_readiness_is_told(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         082333,kosodate-01,mynaportal,1,2025-04-01\n\
         082333,kosodate-02,mynaportal,4,2025-04-01\n\
         082333,kosodate-04,mynaportal,4,2025-04-01\n",
    );
    app.inner.must_import(
        "団体コード,計画,番号,取組,評価,対象手続\n\
         082333,計画,1,できたこと,A,kosodate-01;kosodate-02、kosodate-03\n\
         082333,計画,2,まだのこと,D,kosodate-04\n\
         082333,計画,3,途中のこと,C,kosodate-04\n",
    );
    let plan = &rows(&app, "municipalities/082333/action_plans")[0];
    assert_eq!(plan["procedures"], 4);
    let told: Vec<(&Value, &Value, &Value)> = plan["contradictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["number"], &one["procedure_id"], &one["level"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("1"), &json!("kosodate-01"), &json!(1)),
            (&json!("1"), &json!("kosodate-03"), &Value::Null),
            (&json!("2"), &json!("kosodate-04"), &json!(4)),
        ]
    );
    // Before anything was offered nothing contradicted the D.
    let before = &rows(&app, "municipalities/082333/action_plans?as_of=2025-03-01")[0];
    let numbers: Vec<&Value> =
        before["contradictions"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [&json!("1"), &json!("1"), &json!("1")]);
}

fn points_to_check_are_answered_and_answered_anew(backend: &Backend) {
    let app = TestApp::start(backend);
    let table =
        |rows: &str| format!("団体コード,手続名,確認ポイント,確認の内容,回答,理由,回答者,回答日\n{rows}");
    let first = table(
        "082333,妊娠の届出,1,本人確認はカードで行えるか,はい,,こども課,2026-04-01\n\
         082333,妊娠の届出,②,面談は要るか,一部,初回は面談,こども課,令和8年4月1日\n\
         082333,妊娠の届出,確認ポイント3,,,,,\n",
    );
    let report = applied(&app.inner, &first, &[], 2);
    assert!(report.notes.iter().any(|note| note.contains("1行は、今のまま変えません")), "{report:#?}");
    let answers = rows(&app, "checklist_answers?municipality=082333");
    assert_eq!(answers.len(), 2);
    assert_eq!((&answers[0]["point"], &answers[0]["answer"]), (&json!(1), &json!("yes")));
    assert_eq!((&answers[1]["point"], &answers[1]["answer"]), (&json!(2), &json!("partly")));
    assert_eq!(
        (&answers[1]["reason"], &answers[1]["answered_on"]),
        (&json!("初回は面談"), &json!("2026-04-01"))
    );
    // What a later file leaves empty stays, and the same file once more changes nothing.
    let later = table("082333,妊娠の届出,1,,いいえ,窓口でしか見られない,,\n");
    let report = app.inner.send("t.csv", later.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.changed), (Status::Applied, 1), "{report:#?}");
    let procedure = answers[0]["procedure_id"].as_str().unwrap();
    let one = &rows(&app, &format!("checklist_answers?municipality=082333&procedure={procedure}"))[0];
    assert_eq!((&one["answer"], &one["answered_by"]), (&json!("no"), &json!("こども課")));
    assert_eq!(one["point_text"], "本人確認はカードで行えるか");
    let again = app.inner.send("t.csv", later.as_bytes(), &[]);
    assert_eq!((again.counts.changed, again.counts.unchanged), (0, 1), "{again:#?}");
    // With the sender's consent what is empty is taken out.
    let cleared = app.inner.send("t.csv", later.as_bytes(), &[("blank", "clear")]);
    assert_eq!(cleared.counts.changed, 1, "{cleared:#?}");
    let one = &rows(&app, "checklist_answers?municipality=082333")[0];
    assert_eq!((&one["answer"], &one["answered_by"]), (&json!("no"), &Value::Null));
}

fn indicators_are_kept_apart_by_year_and_certainty(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,指標,年度,区分,値,単位,出典\n\
         082333,国勢調査オンライン回答率,2020,実績,41.1,%,令和2年国勢調査\n\
         082333,国勢調査オンライン回答率,2025,見込み,70.0,%,\n\
         082333,カード保有率,令和7年度,実績,\"1,078\",人,\n",
    );
    let rows = rows(&app, "context_indicators?municipality=082333");
    let told: Vec<(&Value, &Value, &Value, &Value)> = rows
        .iter()
        .map(|row| (&row["indicator"], &row["fiscal_year"], &row["certainty"], &row["value"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("カード保有率"), &json!(2025), &json!("actual"), &json!(1078.0)),
            (&json!("国勢調査オンライン回答率"), &json!(2020), &json!("actual"), &json!(41.1)),
            (&json!("国勢調査オンライン回答率"), &json!(2025), &json!("expected"), &json!(70.0)),
        ]
    );
    assert_eq!(rows[1]["stated_source"], "令和2年国勢調査");
}

fn a_walk_through_the_counters_is_kept(backend: &Backend) {
    let app = TestApp::start(backend);
    let table = "場面,調査日,窓口の数,記入回数,所要時間（分）,待ち時間（分）,気づき\n\
                 転入（家族5人）,2026-10-01,12,18,180分,45.5,同じ住所を6回書いた\n";
    applied(&app.inner, table, &[("municipality", TOWN)], 1);
    let row = &rows(&app, "walkthroughs?prefecture=08")[0];
    for (field, value) in [
        ("scenario", json!("転入（家族5人）")),
        ("walked_on", json!("2026-10-01")),
        ("counters", json!(12)),
        ("times_written", json!(18)),
        ("minutes", json!(180.0)),
        ("waiting_minutes", json!(45.5)),
        ("findings", json!("同じ住所を6回書いた")),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
}

fn steps_of_a_plan_have_days_and_are_late(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,工程,目標日,完了日,備考\n\
         082333,kosodate-01,マイナポータル（ぴったりサービス）,洗い出し,2026-04-30,2026-05-10,\n\
         082333,kosodate-01,mynaportal,フォーム作成,2026年9月,2026-09-01,\n\
         082333,kosodate-01,mynaportal,公開,2026年度,,議会の後\n",
    );
    let steps = rows(&app, "plan_steps?procedure=kosodate-01");
    let of = |step: &str| steps.iter().find(|row| row["step"] == step).unwrap();
    assert_eq!((&of("inventory")["slip_days"], &of("form")["slip_days"]), (&json!(10), &json!(-29)));
    assert_eq!(
        (&of("release")["target_on"], &of("release")["target_precision"], &of("release")["slip_days"]),
        (&json!("2027-03-31"), &json!("fiscal_year"), &Value::Null)
    );
}

fn minutes_that_nobody_said_are_not_nought(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,年度,方法,受付（分）,確認（分）,審査（分）,交付（分）\n\
         082333,kosodate-01,2025,窓口,10,,15.5,5\n\
         082333,kosodate-01,2025,オンライン,0,,10,\n",
    );
    let times = rows(&app, "handling_times?municipality=082333");
    let of = |way: &str| times.iter().find(|row| row["way"] == way).unwrap();
    assert_eq!(
        (&of("counter")["review_minutes"], &of("counter")["check_minutes"]),
        (&json!(15.5), &Value::Null)
    );
    assert_eq!(
        (&of("online")["receipt_minutes"], &of("online")["delivery_minutes"]),
        (&json!(0.0), &Value::Null)
    );
}

fn what_does_not_fit_is_refused_with_what_is_allowed(backend: &Backend) {
    let app = TestApp::start(backend);
    for (text, code, allowed) in [
        ("団体コード,計画,番号,取組,評価\n082333,計画,1,取組,S\n", "unknown_code", "A、B、C、D"),
        ("団体コード,計画,番号,取組,評価\n082333,,1,取組,A\n", "missing_value", ""),
        ("団体コード,取組,評価\n082333,取組,A\n", "missing_column", "計画"),
        (
            "団体コード,計画,番号,取組,評価,対象手続\n082333,計画,1,取組,A,kosodate-99\n",
            "unknown_procedure",
            "手続ID",
        ),
        ("団体コード,手続ID,確認ポイント,回答\n082333,kosodate-01,10,はい\n", "unknown_point", "1〜9"),
        (
            "団体コード,手続ID,確認ポイント,回答\n082333,kosodate-01,1,○\n",
            "unknown_code",
            "はい、一部、いいえ、対象外",
        ),
        ("団体コード,指標,年度,区分,値\n082333,保有率,2025,実績,41.1%\n", "number_format", "単位の列に書く"),
        ("団体コード,指標,年度,区分,値\n082333,保有率,2025,実績,-3\n", "number_range", "0以上"),
        ("団体コード,場面,調査日,窓口の数\n082333,転入,2026年10月,3\n", "day_needed", "2026-04-01"),
        ("団体コード,場面,調査日,窓口の数\n082333,転入,2099-10-01,3\n", "day_ahead", "まで"),
        (
            "団体コード,手続ID,接点,工程,目標日\n082333,kosodate-01,FAX,公開,2027-03-31\n",
            "unknown_channel",
            "本庁窓口",
        ),
        (
            "団体コード,手続ID,接点,工程,目標日\n082333,kosodate-01,counter,議決,2027-03-31\n",
            "unknown_code",
            "試行",
        ),
        ("計画,番号,取組,評価\n計画,1,取組,A\n", "missing_municipality", "団体名"),
        (
            "団体コード,計画,番号,取組,評価\n082333,計画,1,取組,A\n082333,計画,1,取組,B\n",
            "conflicting_rows",
            "",
        ),
    ] {
        let report = app.inner.send("t.csv", text.as_bytes(), &[]);
        assert_eq!(report.status, Status::Refused, "{text}{report:#?}");
        let fault = &report.faults[0];
        assert_eq!(fault.code, code, "{text}{report:#?}");
        assert!(fault.allowed.as_deref().unwrap_or_default().contains(allowed), "{text}{fault:#?}");
    }
    assert_eq!(rows(&app, "actions"), Vec::<Value>::new());
    refused(
        &app.inner,
        "団体コード,計画,番号,取組,取組名,評価\n082333,計画,1,取組,別の取組,A\n",
        &[],
        &["duplicate_heading"],
    );
}

fn what_was_said_before_stays_in_the_history(backend: &Backend) {
    let app = TestApp::start(backend);
    let table = |cells: &str| format!("団体コード,計画,番号,取組,評価\n082333,計画,1,{cells}\n");
    app.inner.must_import(&table("取組,C"));
    let second = app.inner.send("t.csv", table("取組,A").as_bytes(), &[]);
    assert_eq!(second.counts.changed, 1, "{second:#?}");
    let grades = |path: &str| -> Vec<(Value, Value)> {
        rows(&app, path).iter().map(|row| (row["grade"].clone(), row["holds"].clone())).collect()
    };
    assert_eq!(grades("actions"), [(json!("A"), json!(true))]);
    assert_eq!(grades("actions?history=true"), [(json!("C"), json!(false)), (json!("A"), json!(true))]);
    // Taken back, the earlier one holds again.
    app.inner.service.revert(2, &operator()).unwrap();
    app.inner.service.refresh().unwrap();
    assert_eq!(grades("actions"), [(json!("C"), json!(true))]);
    assert_eq!(grades("actions?history=true"), [(json!("C"), json!(true)), (json!("A"), json!(false))]);
    let taken = rows(&app, "actions?history=true");
    assert!(taken[0]["taken_back_at"].is_null() && taken[1]["taken_back_at"].is_string());
    assert_eq!((&taken[0]["role"], &taken[0]["line"]), (&json!("admin"), &json!(2)));
    // A row may take back what was said; it is not told any more.
    let gone = app.inner.send("t.csv", table("取下げ,").as_bytes(), &[]);
    assert_eq!(gone.status, Status::Applied, "{gone:#?}");
    assert_eq!(grades("actions"), []);
    let last = rows(&app, "actions?history=true").pop().unwrap();
    assert_eq!(
        (&last["withdrawn"], &last["holds"], &last["title"]),
        (&json!(true), &json!(false), &Value::Null)
    );
    assert_eq!(app.get("actions?history=maybe").status, 400);
}

/// A row of each kind, with the path of its list.
const OF_EACH: &[(&str, &str, &str)] = &[
    (
        "checklist_answer",
        "checklist_answers",
        "団体コード,手続ID,確認ポイント,確認の内容,回答,理由\n082333,kosodate-01,1,=1+1 と書けるか,対象外,\"改行\nのある理由\"\n",
    ),
    (
        "action",
        "actions",
        "団体コード,計画,番号,取組,評価,対象手続\n082333,計画,1-2,取組,A,kosodate-01;kaigo-02\n",
    ),
    (
        "context_indicator",
        "context_indicators",
        "団体コード,指標,年度,区分,値,単位\n082333,国勢調査オンライン回答率,2025,見込み,70.05,%\n",
    ),
    (
        "walkthrough",
        "walkthroughs",
        "団体コード,場面,調査日,窓口の数,所要時間（分）\n082333,おくやみ,2026-10-01,7,95.5\n",
    ),
    (
        "plan_step",
        "plan_steps",
        "団体コード,手続ID,接点,工程,目標日,完了日\n082333,kosodate-01,counter,試行,2026年9月,\n082333,kosodate-01,counter,公開,2026年度,\n082333,kosodate-02,counter,周知,2026-04-30,2026-05-01\n",
    ),
    (
        "handling_time",
        "handling_times",
        "団体コード,手続ID,年度,方法,受付（分）,交付（分）\n082333,kosodate-01,2025,代行入力,10.25,0\n",
    ),
];

fn each_form_comes_back_unchanged(backend: &Backend) {
    let app = TestApp::start(backend);
    for (kind, _, table) in OF_EACH {
        app.inner.must_import(table);
        for format in ["csv", "xlsx"] {
            let form = app.get(&format!("material_templates/{TOWN}/{kind}.{format}"));
            assert_eq!(form.status, 200, "{kind}");
            let report = app.inner.send(&format!("t.{format}"), &form.bytes, &[]);
            assert_eq!(report.faults, [], "{kind} {format}");
            let written = report.counts.created + report.counts.changed;
            assert_eq!((written, report.counts.unchanged > 0), (0, true), "{kind} {format} {report:#?}");
            assert_eq!(report.warnings, [], "{kind} {format}");
        }
    }
    // An empty form asks each point of each procedure that is expected.
    let form = app.get("material_templates/082341/checklist_answer.csv").text;
    assert_eq!(form.lines().count(), 1 + 51 * 9, "{form}");
    assert!(form.starts_with("\u{FEFF}団体コード,団体名,手続ID,手続名,確認ポイント,確認の内容,回答,"));
    assert_eq!(app.get("material_templates/082333/nothing.csv").status, 404);
    assert_eq!(app.get("material_templates/999999/action.csv").status, 400);
}

fn each_list_comes_back_unchanged(backend: &Backend) {
    let app = TestApp::start(backend);
    for (_, path, table) in OF_EACH {
        app.inner.must_import(table);
        let list = app.get(&format!("{path}?format=csv"));
        let report = app.inner.send("t.csv", &list.bytes, &[]);
        assert_eq!(report.faults, [], "{path}");
        let written = report.counts.created + report.counts.changed;
        assert_eq!((written, report.counts.unchanged > 0), (0, true), "{path} {report:#?}");
        // With its history, what does not hold any more is not read.
        let list = app.get(&format!("{path}?format=csv&history=true"));
        let report = app.inner.send("t.csv", &list.bytes, &[]);
        assert_eq!((&report.faults, report.counts.changed), (&Vec::new(), 0), "{path}");
    }
}

fn material_is_written_by_whoever_speaks_for_the_body(backend: &Backend) {
    let app = TestApp::start(backend);
    let by = |grant| {
        let secret = Secret::parse(&app.key(grant)).unwrap();
        app.inner.service.authenticate(&secret, None, None).unwrap()
    };
    let limited =
        Grant::new(Role::Municipality, None, Some(TOWN.parse().unwrap()), vec![Category::Kosodate], vec![]);
    let (town, limited) = (by(town(TOWN)), by(limited.unwrap()));
    let send = |origin: &Origin, text: &str| {
        let file = app.inner.service.read_file("t.csv", text.as_bytes(), app.inner.options());
        crate::app::apply(&app.inner.service, &file, origin, &ApplyOptions::default()).unwrap().status
    };
    let plan = "団体コード,計画,番号,取組,評価\n082333,計画,1,取組,A\n";
    let other = "団体コード,計画,番号,取組,評価\n082341,計画,1,取組,A\n";
    let minutes = "団体コード,手続ID,年度,方法,受付（分）,交付（分）\n082333,kosodate-01,2025,窓口,10,5\n";
    assert_eq!(send(&town, plan), Status::Applied);
    assert_eq!(send(&town, other), Status::Refused);
    // Whoever speaks for some categories does not speak for the town as a whole.
    assert_eq!(send(&limited, &plan.replace(",A", ",B")), Status::Refused);
    assert_eq!(send(&limited, minutes), Status::Applied);
    app.inner.service.refresh().unwrap();
    let row = &rows(&app, "actions")[0];
    assert_eq!((&row["role"], &row["by_municipality"]), (&json!("municipality"), &json!(TOWN)));
}

fn a_table_that_lacks_a_heading_is_never_read_as_readiness(backend: &Backend) {
    let app = TestApp::start(backend);
    let town = ("municipality", TOWN);
    for (text, lacks, answer) in [
        ("計画,番号,取組,進捗,対象手続\nDX計画,1-3,罹災証明,C,罹災証明書の発行申請\n", "評価", "進捗=評価"),
        ("番号,取組,評価,対象手続\n1,子育て手続,A,妊娠の届出\n", "計画", ""),
        ("KPI,年度,種別,数値,単位\nカード保有率,2026,実績,78,%\n", "", ""),
        ("場面,実施日,窓口数,記入回数\n転入,2026-10-01,4,5\n", "調査日", "実施日=調査日"),
        ("手続名,接点,工程\n転出届,本庁窓口,公開\n", "目標日", ""),
        ("手続名,接点,作業工程,予定日,完了日,工程\n転出届,本庁窓口,x,R9.3,,公開\n", "", ""),
        ("手続名,年度,窓口（分）,オンライン（分）\n転出届,2025,23,5\n", "方法", ""),
        ("手続名,年度,方法,受付,審査,交付\n転出届,2025,窓口,5,3,10\n", "受付（分）", "受付=受付（分）"),
        ("手続名,確認事項,回答\n転出届,1,はい\n", "確認ポイント", ""),
        ("手続名,確認ポイント1,確認ポイント2,確認ポイント3\n転出届,○,×,△\n", "確認ポイント", ""),
        ("手続名,①,②,③,④,⑤,⑥,⑦,⑧,⑨\n転出届,○,×,△,○,○,○,○,○,○\n", "確認ポイント", ""),
        (
            "手続ID,手続名,接点,洗い出し,業務の見直し（BPR）,フォーム作成,試行,公開\nkosodate-10,児童手当等の現況届,マイナポータル,R8.5,R8.7,R8.9,R8.11,R9.1\n",
            "工程",
            "",
        ),
    ] {
        let report = app.inner.send("t.csv", text.as_bytes(), &[town]);
        if lacks.is_empty() {
            assert_ne!(report.layout.as_deref(), Some("form"), "{text}{report:#?}");
            continue;
        }
        assert_eq!(report.status, Status::Refused, "{text}{report:#?}");
        let told =
            |fault: &todoke::import::Fault| fault.message.contains(&format!("「{lacks}」の列がありません"));
        assert!(report.faults.iter().any(told), "{text}{report:#?}");
        let choices: Vec<&str> = report
            .questions
            .iter()
            .flat_map(|one| &one.choices)
            .map(|choice| choice.value.as_str())
            .collect();
        let levels = choices.iter().any(|choice| choice.ends_with("=online") || choice.ends_with("=level"));
        assert!(!levels && (answer.is_empty() || choices.contains(&answer)), "{text}{choices:?}");
    }
    // What is answered is read.
    let table = "計画,番号,取組,進捗\nDX計画,1-3,罹災証明,C\n";
    applied(&app.inner, table, &[town, ("columns", "進捗=評価")], 1);
    let times = "手続名,方法,受付（分）,審査（分）,交付（分）\n転出届,窓口,1時間30分,3分,2.5\n";
    refused(&app.inner, times, &[town], &["missing_column"]);
    applied(&app.inner, times, &[town, ("fiscal_year", "2025")], 1);
    let row = &rows(&app, "handling_times")[0];
    assert_eq!((&row["receipt_minutes"], &row["delivery_minutes"]), (&json!(90.0), &json!(2.5)));
    let steps = "手続名,工程,目標日\n転出届,周知,2027年3月\n";
    refused(&app.inner, steps, &[town], &["missing_column"]);
    applied(&app.inner, steps, &[town, ("channel", "counter")], 1);
}

fn tables_of_readiness_stay_what_they_were(backend: &Backend) {
    let app = TestApp::start(backend);
    for text in [
        "手続名,オンライン,工程,目標日,備考\n児童手当等の現況届,4,公開,R9.3,\n",
        "手続名,接点,段階,目標段階,目標日,工程,評価\n児童手当等の現況届,本庁窓口,2,4,R9.3,試行,A\n",
        "手続名,オンライン,確認ポイント,回答,理由\n児童手当等の現況届,4,1,はい,\n",
        "手続名,年度,手続総件数,うちオンライン数,指標,値\n転出届,2025,100,50,率,50\n",
    ] {
        let report = app.inner.send("t.csv", text.as_bytes(), &[("municipality", TOWN)]);
        assert!(
            report.layout.is_none_or(|layout| layout != "own-material")
                && report.faults.iter().all(|fault| fault.code != "missing_column"),
            "{text}"
        );
    }
}

fn rows_that_are_taken_back_say_so_plainly(backend: &Backend) {
    let app = TestApp::start(backend);
    let table = |row: &str| format!("団体コード,計画,番号,取組,評価,対象手続,備考\n082333,{row}\n");
    app.inner.must_import(&table("DX計画,1,子育て,A,転出届,"));
    for cells in [
        "子育て,A,転出届,取下げ（R8.4）",
        "子育て,A,,取り下げる",
        ",,,廃止",
        ",,,「取下げ」",
        ",,,廃止（R8.4）",
        ",,,R8.4中止",
        "子育て（廃止）,,,",
        "とりさげ,,,",
    ] {
        let text = table(&format!("DX計画,1,{cells}"));
        let report = app.inner.send("t.csv", text.as_bytes(), &[]);
        let title = cells.starts_with("とり");
        let expected = if title { Status::Applied } else { Status::Refused };
        assert_eq!(report.status, expected, "{text}{report:#?}");
        if !title {
            assert_eq!(report.faults[0].code, "withdrawal_unclear", "{text}{report:#?}");
        }
    }
    // A title may speak of a withdrawal, a note may say why.
    app.inner.must_import(&table("DX計画,2,届出の取下げのオンライン化,A,,議会で予算が取り消されたため延期"));
    let nothing = app.inner.send("t.csv", table("DX計画,9,取下げ,,,").as_bytes(), &[]);
    assert_eq!(nothing.counts.created + nothing.counts.changed, 0, "{nothing:#?}");
    assert_eq!(nothing.warnings[0].code, "nothing_to_withdraw");
    let told = app.inner.send("t.csv", table("DX計画,2,取下げ,A,転出届,").as_bytes(), &[]);
    assert_eq!(
        (told.counts.changed, told.warnings[0].code.as_str()),
        (1, "withdrawn_with_content"),
        "{told:#?}"
    );
    assert!(told.warnings[0].message.contains("評価 A、対象手続 転出届"), "{told:#?}");
}

fn wide_letters_and_spaces_make_no_other_row(backend: &Backend) {
    let app = TestApp::start(backend);
    let table = |rows: &str| format!("団体コード,計画,番号,取組,評価\n{rows}");
    app.inner.must_import(&table("082333,DX計画,1,子育て,A\n"));
    let report = app.inner.send("t.csv", table("082333,ＤＸ 計画,１,子育て,D\n").as_bytes(), &[]);
    assert_eq!((report.counts.created, report.counts.changed), (0, 1), "{report:#?}");
    let plan = &rows(&app, "actions")[0];
    assert_eq!((&plan["plan"], &plan["grade"]), (&json!("DX計画"), &json!("D")));
    let both = table("082333,新計画,1,介護,A\n082333,新 計画,１,介護,B\n");
    refused(&app.inner, &both, &[], &["conflicting_rows", "conflicting_rows"]);
    for number in ["1月2日", "2026/1/3", "Jan-04"] {
        let text = table(&format!("082333,DX計画,{number},転出,B\n"));
        refused(&app.inner, &text, &[], &["number_became_day"]);
    }
    // A procedure that stands twice is one; a new row says what it is for.
    app.inner.must_import(
        "団体コード,計画,番号,取組,評価,対象手続\n082333,DX計画,8,x,A,kosodate-01;kosodate-01、kosodate-02\n",
    );
    let of_eight = rows(&app, "actions").into_iter().find(|row| row["number"] == "8").unwrap();
    assert_eq!(of_eight["procedures"], json!(["kosodate-01", "kosodate-02"]));
    refused(
        &app.inner,
        "団体コード,指標,年度,区分,値,単位\n082333,カード保有率,2025,実績,,%\n",
        &[],
        &["missing_value"],
    );
    let words = "団体コード,手続名,接点,工程,目標日\n082333,転出届,支所,公開,2027年3月\n082333,転出届,ぴったりサービス,公開,2027年3月\n";
    applied(&app.inner, words, &[], 2);
}

fn tables_of_two_kinds_are_asked_about(backend: &Backend) {
    let app = TestApp::start(backend);
    let town = ("municipality", TOWN);
    for (text, created) in [
        (
            "手続名,接点,工程,目標日,状況\n妊娠の届出,マイナポータル,洗い出し,R9.1.31,済\n転出届,マイナポータル,フォーム作成,R9.3.31,未着手\n",
            2,
        ),
        ("計画,番号,取組,評価,対象手続,状況\nDX計画,1,子育て,A,転出届,○\n", 1),
        ("手続名,工程,状況\n転出届,フォーム作成,済\n", 0),
        ("手続名,接点,状況,工程\n転出届,マイナポータル,○,公開\n", 0),
    ] {
        let report = refused(&app.inner, text, &[town], &["which_table"]);
        let choices: Vec<&str> =
            report.questions[0].choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(choices, ["own-material", "long", "form"], "{report:#?}");
        if created > 0 {
            applied(&app.inner, text, &[town, ("layout", "own-material")], created);
        }
    }
    assert_eq!(app.get("readiness?municipality=082333").count(), 0);
}

fn columns_that_could_be_fields_are_asked_about(backend: &Backend) {
    let app = TestApp::start(backend);
    let town = ("municipality", TOWN);
    let choices = |report: &todoke::import::report::Report| -> Vec<String> {
        report.questions.iter().flat_map(|one| &one.choices).map(|choice| choice.value.clone()).collect()
    };
    for (text, answer) in [
        ("手続名,接点,工程,目標日,実績日\n転出届,本庁窓口,公開,R9.3,R8.10.1\n", ("columns", "実績日=完了日")),
        ("場面,調査日,窓口の数,記入枚数\n転入,2026-10-01,4,5\n", ("columns", "記入枚数=記入回数")),
    ] {
        let report = refused(&app.inner, text, &[town], &["unread_column"]);
        assert!(choices(&report).iter().any(|choice| choice == answer.1), "{report:#?}");
        applied(&app.inner, text, &[town, answer], 1);
    }
    let step = &rows(&app, "plan_steps")[0];
    assert_eq!(step["done_on"], "2026-10-01");
    assert_eq!(rows(&app, "walkthroughs")[0]["times_written"], 5);
    // Words are no field's, and are told of.
    let words = "計画,番号,取組,評価,所感\nDX計画,1,子育て,A,順調\n";
    let report = applied(&app.inner, words, &[town], 1);
    assert!(report.notes.iter().any(|note| note.contains("所感")), "{report:#?}");
    // A number in another unit is not the number.
    let units = "手続名,年度,方法,受付（秒）,確認（時間）,審査（分）\n転出届,2025,窓口,300,0.5,5\n";
    let report = app.inner.send("t.csv", units.as_bytes(), &[town]);
    assert!(
        !choices(&report).iter().any(|choice| choice.contains("秒") && choice.contains("（分）")),
        "{report:#?}"
    );
    assert!(!choices(&report).iter().any(|choice| choice.contains("時間)=確認")), "{report:#?}");
    // A table needs not every step of an application.
    let some = "手続名,年度,方法,受付（分）,審査（分）\n転出届,2025,窓口,5,3\n";
    applied(&app.inner, some, &[town], 1);
    let bare = "手続名,年度,方法,受付,確認,審査,交付\n転出届,2024,窓口,5,3,10,5\n";
    let report = app.inner.send("t.csv", bare.as_bytes(), &[town]);
    for answer in ["受付=受付（分）", "確認=確認（分）", "審査=審査（分）", "交付=交付（分）"]
    {
        assert!(choices(&report).iter().any(|choice| choice == answer), "{answer} {report:#?}");
    }
    let said = ["受付=受付（分）", "確認=確認（分）", "審査=審査（分）", "交付=交付（分）"].join(",");
    applied(&app.inner, bare, &[town, ("columns", &said)], 1);
    let back = "手続ID,手続名,年度,方法,備考\ntenshutsu-tennyu-01,,2024,窓口,取下げ\n";
    let report = app.inner.send("t.csv", back.as_bytes(), &[town]);
    assert_eq!(report.faults[0].code, "missing_column", "{report:#?}");
}

fn what_is_cleared_is_what_stands_empty(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,計画,番号,取組,評価,対象手続,担当課,備考\n082333,DX計画,1,子育て,A,転出届,こども課,メモ\n",
    );
    let text = "団体コード,計画,番号,取組,評価,対象手続\n082333,DX計画,1,子育て,,\n";
    let report = app.inner.send("t.csv", text.as_bytes(), &[("blank", "clear")]);
    assert_eq!(report.counts.changed, 1, "{report:#?}");
    let row = &rows(&app, "actions")[0];
    assert_eq!((&row["grade"], &row["procedures"]), (&Value::Null, &json!([])));
    // What the file has no column for stays, and so does what a row must say.
    assert_eq!(
        (&row["section"], &row["note"], &row["title"]),
        (&json!("こども課"), &json!("メモ"), &json!("子育て"))
    );
    let joined = "団体コード,計画,番号,取組,評価,対象手続\n082333,DX計画,2,介護,A,要介護・要支援認定の申請・要介護・要支援更新認定の申請\n";
    app.inner.must_import(joined);
    assert_eq!(rows(&app, "actions")[1]["procedures"], json!(["kaigo-01", "kaigo-02"]));
    let serial = "団体コード,手続名,接点,工程,目標日,完了日\n082333,転出届,本庁窓口,公開,46478,46023\n";
    app.inner.must_import(serial);
    assert_eq!(rows(&app, "plan_steps")[0]["target_on"], "2027-04-01");
    let share = "団体コード,指標,年度,区分,値,単位\n082333,カード保有率,2026,実績,78.5%,%\n";
    app.inner.must_import(share);
    assert_eq!(rows(&app, "context_indicators")[0]["value"], 78.5);
    let ways =
        "団体コード,手続名,年度,方法,件数\n082333,転出届,2025,オンライン,50\n082333,転出届,2025,窓口,30\n";
    applied(&app.inner, ways, &[], 2);
    assert_eq!(app.get("usage?municipality=082333").count(), 2);
}

fn cells_that_say_nothing_take_nothing_back(backend: &Backend) {
    let app = TestApp::start(backend);
    let table = |row: &str| format!("団体コード,手続名,接点,工程,目標日,完了日\n082333,{row}\n");
    app.inner.must_import(&table("転出届,マイナポータル,公開,R9.3.31,"));
    for word in ["済", "未定", "検討中"] {
        for cells in [format!("{word},"), format!(",{word}"), format!("R9.3.31,{word}")] {
            let text = table(&format!("転出届,マイナポータル,公開,{cells}"));
            refused(&app.inner, &text, &[], &["day_needed"]);
        }
    }
    let nothing = app.inner.send("t.csv", table("転出届,マイナポータル,公開,-,N/A").as_bytes(), &[]);
    assert_eq!(nothing.counts.created + nothing.counts.changed, 0, "{nothing:#?}");
    assert_eq!(rows(&app, "plan_steps")[0]["target_on"], "2027-03-31");
}
