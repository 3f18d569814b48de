//! What a plan says it would do, and that it is what is done.

use serde_json::json;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestApp, TestService, on_both, town};

const HEAD: &str = "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n";

on_both! {
    a_lower_word_beside_a_published_one_is_told_and_counted;
    absence_hides_the_levels_of_both_sources;
    levels_and_absence_end_each_other_however_often_they_are_sent;
    a_single_statement_ends_the_other_too;
    the_plan_shows_what_is_shown_today_and_whose_word_that_is;
    rows_without_an_outcome_are_all_in_order_of_the_file;
    the_effect_on_figures_is_what_they_become;
    faults_of_one_kind_are_told_together;
}

fn published(service: &TestService) {
    service.must_import(&format!(
        "{HEAD}082341,kaigo-01,online,3+,,published,2025-03-31\n082341,kaigo-02,online,3+,,published,2025-03-31\n"
    ));
}

fn warnings(report: &Report) -> Vec<(&str, Option<u32>)> {
    report.warnings.iter().map(|one| (one.code.as_str(), one.line)).collect()
}

fn a_lower_word_beside_a_published_one_is_told_and_counted(backend: &Backend) {
    let service = TestService::new(backend);
    for (rows, lowered, told) in [
        // A named channel below what counts today.
        ("082341,kaigo-01,eapp,2,,,2026-04-01\n", 1, vec![("published_set_aside", Some(2))]),
        // As much or more takes nothing away.
        ("082341,kaigo-01,eapp,3,,,2026-04-01\n", 0, vec![]),
        // "Not this way" leaves the published word standing.
        ("082341,kaigo-01,eapp,0,,,2026-04-01\n", 0, vec![]),
        // What stands beside it in the same file counts, in whatever order.
        ("082341,kaigo-01,eapp,2,,,2026-04-01\n082341,kaigo-01,mynaportal,4,,,2026-04-01\n", 0, vec![]),
        ("082341,kaigo-01,online,0,,,2026-04-01\n", 1, vec![("published_set_aside", Some(2))]),
    ] {
        published(&service);
        let report = service.import("own.csv", format!("{HEAD}{rows}").as_bytes());
        assert_eq!((report.counts.lowered, warnings(&report)), (lowered, told), "{rows}");
        service.take_everything_back();
    }
    published(&service);
    let row = format!("{HEAD}082341,kaigo-01,eapp,2,,,2026-04-01\n");
    let report = service.import("own.csv", row.as_bytes());
    let message = &report.warnings[0].message;
    assert!(message.contains("オンライン（手段不明） 3以上"), "{message}");
    // It is set aside by now: nothing falls once more.
    let row = format!("{HEAD}082341,kaigo-01,dedicated,1,,,2026-05-01\n");
    assert_eq!(service.import("own.csv", row.as_bytes()).counts.lowered, 0);
}

fn absence_hides_the_levels_of_both_sources(backend: &Backend) {
    let service = TestService::new(backend);
    published(&service);
    service.must_import(&format!("{HEAD}082341,kaigo-02,mynaportal,4,,,2026-04-01\n"));
    let absent = format!(
        "{HEAD}082341,kaigo-01,,,not_applicable,,2026-06-01\n082341,kaigo-02,,,not_applicable,,2026-06-01\n"
    );
    let report = service.import("absent.csv", absent.as_bytes());
    assert_eq!((report.status, report.counts.lowered), (Status::Applied, 2));
    assert_eq!(warnings(&report), [("levels_hidden", Some(2)), ("levels_hidden", Some(3))]);
    let messages: Vec<&str> = report.warnings.iter().map(|one| one.message.as_str()).collect();
    assert!(messages[0].contains("オンライン（手段不明） 3以上"), "{messages:?}");
    assert!(messages[1].contains("マイナポータル（ぴったりサービス） 4"), "{messages:?}");
}

fn levels_and_absence_end_each_other_however_often_they_are_sent(backend: &Backend) {
    let service = TestService::new(backend);
    // Neither file says a day, so each is the word of the day on which it is sent.
    let level = "団体コード,手続ID,接点,段階\n082341,kaigo-01,eapp,4\n";
    let absent = "団体コード,手続ID,該当性\n082341,kaigo-01,制度なし\n";
    let holds = |level: bool| {
        let export = service.export();
        let found = (export.contains(",eapp,,,4,"), export.contains(",not_applicable,"));
        assert_eq!(found, (level, !level), "{export}");
    };
    for _ in 0..3 {
        service.must_import(level);
        holds(true);
        service.must_import(absent);
        holds(false);
    }
    // Once more the same changes nothing.
    assert_eq!(service.import("again.csv", absent.as_bytes()).status, Status::NothingToDo);
    service.clock.set("2026-12-01T03:00:00Z");
    service.service.refresh().unwrap();
    service.must_import(level);
    holds(true);
}

fn the_plan_shows_what_is_shown_today_and_whose_word_that_is(backend: &Backend) {
    let service = TestService::new(backend);
    published(&service);
    let rows = "082341,kaigo-01,online,4,,,2026-04-01\n082341,kaigo-03,eapp,1,,,2026-04-01\n";
    let text = format!("{HEAD}{rows}");
    let prepared = service.service.prepare("own.csv", text.as_bytes(), service.options());
    let report = service.service.check(&prepared, &crate::app::operator()).unwrap().0;
    let summary = report.summary();
    for told in [
        "2行目 鉾田市 kaigo-01 ",
        " オンライン（手段不明）: 段階 3以上（国公表値） → 4、根拠 国公表値 → 自己申告",
        // New rows are listed as changed ones are.
        "3行目 鉾田市 kaigo-03 ",
        " 汎用電子申請: 段階 なし → 1",
    ] {
        assert!(summary.contains(told), "{told}: {summary}");
    }
}

fn rows_without_an_outcome_are_all_in_order_of_the_file(backend: &Backend) {
    let app = TestApp::start(backend);
    let service = &app.inner;
    published(service);
    service.must_import(&format!("{HEAD}082341,kaigo-03,eapp,4,,,2026-04-01\n"));
    let rows = "082341,kaigo-02,online,4,,,2026-04-01\n\
                082341,kaigo-03,eapp,4,,,2026-04-01\n\
                082341,kaigo-99,eapp,4,,,2026-04-01\n\
                082341,kaigo-01,eapp,2,,,2026-04-01\n";
    let key = app.key(town("082341"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let sent = app.send_bytes("POST", "imports", &headers, format!("{HEAD}{rows}").as_bytes());
    let id = sent.json()["id"].as_i64().unwrap();
    let by = |path: &str| app.send("GET", path, &headers[..1], None);
    let all = by(&format!("imports/{id}/rows")).results();
    let told: Vec<(i64, &str)> =
        all.iter().map(|row| (row["line"].as_i64().unwrap(), row["outcome"].as_str().unwrap())).collect();
    assert_eq!(told, [(2, "created"), (3, "unchanged"), (4, "rejected"), (5, "created")]);
    assert_eq!((&all[0]["old_source"], &all[0]["lowers"]), (&json!("published"), &json!(false)));
    assert_eq!(
        all[0]["fields"][0],
        json!({
            "field": "level", "label": "段階", "old": "3", "new": "4", "old_label": "3以上", "new_label": "4"
        })
    );
    assert_eq!(
        (&all[3]["lowers"], &all[3]["faults"][0]["code"]),
        (&json!(true), &json!("published_set_aside"))
    );
    let piece = by(&format!("imports/{id}/rows?limit=2&offset=1"));
    assert_eq!((piece.count(), piece.results()[0]["line"].as_i64()), (4, Some(3)));
}

fn the_effect_on_figures_is_what_they_become(backend: &Backend) {
    let app = TestApp::start(backend);
    let service = &app.inner;
    published(service);
    let rows = "082341,kaigo-01,eapp,2,,,2026-04-01\n082341,kaigo-03,mynaportal,4,,,2026-04-01\n\
                082341,kaigo-04,,,not_applicable,,2026-04-01\n082341,kaigo-05,counter,3,,,2027-04-01\n";
    let text = format!("{HEAD}{rows}");
    let figure = |definition: &str| {
        let found = app.get(&format!("figures/{definition}?municipality=082341")).results();
        let one = &found[0];
        let number = |name: &str| one[name].as_u64().unwrap();
        (number("numerator"), number("denominator"), number("unknown"), one["value"].as_f64())
    };
    let definitions = ["online_rate", "da26_rate", "mic_rate", "kakanai_rate"];
    let before: Vec<_> = definitions.iter().map(|definition| figure(definition)).collect();
    let report = service.must_import(&text);
    for (definition, before) in definitions.iter().zip(before) {
        let after = figure(definition);
        let told = report.effect.iter().find(|effect| effect.definition == *definition);
        let shown = |figure: &todoke::import::report::EffectFigure| {
            (
                u64::from(figure.numerator),
                u64::from(figure.denominator),
                u64::from(figure.unknown),
                figure.value,
            )
        };
        match told {
            Some(effect) => {
                assert_eq!((shown(&effect.before), shown(&effect.after)), (before, after), "{definition}");
                assert_eq!(effect.scope, "茨城県鉾田市");
            }
            None => assert_eq!(before, after, "{definition}"),
        }
        assert_eq!(told.is_some(), ["online_rate", "da26_rate"].contains(definition) || before != after);
    }
    assert!(report.summary().contains("茨城県鉾田市 オンライン対応率: "), "{}", report.summary());
}

fn faults_of_one_kind_are_told_together(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: String = (1..=9).map(|n| format!("082341,kaigo-{n:02},eapp,9,,,2026-04-01\n")).collect();
    let report = service.import("bad.csv", format!("{HEAD}{rows}082341,kaigo-1,eapp,3,,,\n").as_bytes());
    assert_eq!((report.fault_count, report.fault_groups.len()), (10, 2));
    let summary = report.summary();
    assert!(summary.contains("誤り: 10件\n  2〜10行目「段階」列: "), "{summary}");
    assert_eq!(summary.matches("「段階」列").count(), 1, "{summary}");
}

fn a_single_statement_ends_the_other_too(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082341"));
    let row = "municipalities/082341/readiness/kaigo-01/eapp";
    let whole = "municipalities/082341/applicability/kaigo-01";
    let tag = |path: &str| app.get(path).header("etag").to_owned();
    for _ in 0..2 {
        let stated = app.write(&key, "PUT", row, &tag(row), Some(&json!({"level": 4})));
        assert!([200, 201].contains(&stated.status), "{}", stated.text);
        let absent = json!({"applicability": "not_applicable"});
        let absent = app.write(&key, "PUT", whole, &tag(whole), Some(&absent));
        assert!([200, 201].contains(&absent.status), "{}", absent.text);
        assert_eq!(app.get(row).json()["level"], json!(null), "{}", app.get(row).text);
    }
    let again = app.write(&key, "PUT", row, &tag(row), Some(&json!({"level": 4})));
    assert_eq!(again.json()["level"], 4, "{}", again.text);
    assert_eq!(app.get(whole).json()["applicability"], "applicable");
}
