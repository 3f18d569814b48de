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
    what_changes_nothing_of_today_says_so;
    a_level_that_absence_ends_is_told_beside_it;
    what_is_stopped_or_withdrawn_is_told_and_counted;
    every_mark_is_told;
    many_faults_of_one_kind_are_one_line;
    a_published_figure_is_called_by_its_name;
    who_says_the_same_is_not_contradicted;
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
    let prepared = service.service.read_file("own.csv", text.as_bytes(), service.options());
    let report = crate::app::check(&service.service, &prepared, &crate::app::operator()).unwrap().0;
    let summary = todoke::cli::report::summary(&report);
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

/// The report on a file that is only looked at.
fn checked(service: &TestService, bytes: &[u8]) -> Report {
    let prepared = service.service.read_file("file.csv", bytes, service.options());
    crate::app::check(&service.service, &prepared, &crate::app::operator()).unwrap().0
}

fn assert_told(summary: &str, lines: &[&str]) {
    for told in lines {
        assert!(summary.contains(told), "{told}: {summary}");
    }
}

fn what_changes_nothing_of_today_says_so(backend: &Backend) {
    let service = TestService::new(backend);
    published(&service);
    // The town's own word counts whenever it is from: the page changes.
    let own = format!("{HEAD}082341,kaigo-01,online,0,,,2023-04-01\n");
    let told = todoke::cli::report::summary(&checked(&service, own.as_bytes()));
    assert_told(&told, &["オンライン（手段不明）: 段階 3以上（国公表値） → 0、根拠 国公表値 → 自己申告\n"]);
    service.must_import(&format!("{HEAD}082341,kaigo-02,online,4,,,2026-04-01\n"));
    let rows = "082341,kaigo-01,online,0,,published,2024-03-31\n082341,kaigo-02,online,0,,published,2026-03-31\n\
                082341,kaigo-02,online,5,,,2027-04-01\n082341,kaigo-02,online,2,,,2026-01-01\n";
    let told = todoke::cli::report::summary(&checked(&service, format!("{HEAD}{rows}").as_bytes()));
    assert_told(
        &told,
        &[
            ": 2024-03-31 からの 段階 0、根拠 国公表値 を履歴に記録します（今日の表示は変わりません）\n",
            ": 段階 0、根拠 国公表値 を記録します（団体の申告が先に立つため、今日の表示は変わりません）\n",
            ": 段階 4 → 5（2027-04-01 から）\n",
            ": 2026-01-01 からの 段階 2 を履歴に記録します（今日の表示は変わりません）\n",
        ],
    );
}

fn a_level_that_absence_ends_is_told_beside_it(backend: &Backend) {
    let app = TestApp::start(backend);
    let service = &app.inner;
    service.must_import(&format!("{HEAD}082341,kaigo-01,,,not_applicable,published,2025-03-31\n"));
    service.must_import(&format!("{HEAD}082341,kaigo-01,eapp,0,,,2024-04-01\n"));
    let absent = format!("{HEAD}082341,kaigo-01,,,not_applicable,,2026-04-01\n");
    let told = todoke::cli::report::summary(&checked(service, absent.as_bytes()));
    assert_told(&told, &[": 該当性 該当 → 制度なし・該当なし\n", " 汎用電子申請: 段階 0 は終わります\n"]);
    assert!(!told.contains("…ほか"), "{told}");
    let key = app.key(town("082341"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let sent = app.send_bytes("POST", "imports", &headers, absent.as_bytes());
    let rows = app.send("GET", &format!("imports/{}/rows", sent.json()["id"]), &headers[..1], None).results();
    let row = |channel: serde_json::Value| rows.iter().find(|row| row["channel"] == channel).unwrap();
    let (whole, level) = (row(json!(null)), row(json!("eapp")));
    assert_eq!((&whole["old_source"], &level["old_source"]), (&json!("own"), &json!("own")));
    let field = &whole["fields"][0];
    assert_eq!((&field["old"], &field["new"]), (&json!("applicable"), &json!("not_applicable")));
    assert_eq!(whole["changes_today"], json!(true));
}

fn what_is_stopped_or_withdrawn_is_told_and_counted(backend: &Backend) {
    const HEAD: &str = "団体コード,手続ID,接点,段階,状態,適用日\n";
    let service = TestService::new(backend);
    published(&service);
    service.must_import(&format!(
        "{HEAD}082341,kaigo-03,eapp,3,,2026-04-01\n082341,kaigo-04,eapp,3,,2026-04-01\n\
         082341,kaigo-05,eapp,3,,2026-04-01\n082341,kaigo-06,eapp,0,,2026-04-01\n"
    ));
    for (row, told) in [
        ("kaigo-01,eapp,4,停止", Some("published_set_aside")),
        ("kaigo-03,eapp,3,停止", Some("level_stopped")),
        ("kaigo-04,eapp,1,", Some("level_lowered")),
        ("kaigo-05,eapp,,withdrawn", Some("level_withdrawn")),
        // Nothing is there to lose.
        ("kaigo-06,eapp,0,停止", None),
        ("kaigo-03,eapp,4,", None),
    ] {
        let report = checked(&service, format!("{HEAD}082341,{row},2026-10-01\n").as_bytes());
        let warned: Vec<&str> = report.warnings.iter().map(|one| one.code.as_str()).collect();
        assert_eq!((report.counts.lowered, warned), (told.iter().len(), Vec::from_iter(told)), "{row}");
    }
    // The published word is shown again, which is as much.
    service.must_import(&format!("{HEAD}082341,kaigo-02,online,2,,2026-04-01\n"));
    let report =
        checked(&service, format!("{HEAD}082341,kaigo-02,online,,withdrawn,2026-10-01\n").as_bytes());
    assert_eq!((report.counts.lowered, report.warning_count), (0, 0), "{:?}", report.warnings);
}

fn every_mark_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    let marks = "○ 済 実施 対応 可 有 あり はい △ × 未 無 なし いいえ 対象外 予定 未回答";
    let rows: String =
        (1..).zip(marks.split(' ')).map(|(n, mark)| format!("082341,high-volume-{n:02},{mark}\n")).collect();
    let text = format!("団体コード,手続ID,オンライン申請\n{rows}");
    let summary = todoke::cli::report::summary(&checked(&service, text.as_bytes()));
    for mark in marks.split(' ') {
        assert!(summary.contains(&format!("\n  {mark} → ")), "{mark}: {summary}");
    }
}

fn many_faults_of_one_kind_are_one_line(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = |say: &dyn Fn(u32) -> String| (1..=5).map(say).collect::<String>();
    let level = |level: u32| rows(&|n| format!("082341,kaigo-{n:02},eapp,{level},2026-04-01\n"));
    let head = "団体コード,手続ID,接点,段階,適用日\n";
    let pairs = "2行目と7行目、3行目と8行目、4行目と9行目、5行目と10行目、6行目と11行目";
    for (text, told) in [
        (
            format!("{head}{0}{0}", level(3)),
            format!("警告: 5件\n  7〜11行目: 同じ内容の行があります（1回だけ使います）: {pairs}\n"),
        ),
        (
            format!("{head}{}{}", level(3), level(4)),
            format!(
                "誤り: 10件\n  2〜11行目: 同じことについての行があり、内容が違います。どちらかを消してください: {pairs}\n"
            ),
        ),
        (
            format!("{head}{}", level(3).replace("-01\n", "-01,余り\n")),
            "誤り: 5件\n  2〜6行目F列: 見出しより多くのセルがあります".to_owned(),
        ),
        (
            format!("{head}{}", rows(&|n| format!("082341,kaigo-{n:02},eapp,3,{n}月{n}日\n"))),
            "誤り: 5件\n  2〜6行目「適用日」列: 年がありません（月と日だけが書かれています）（値: 1月1日、2月2日、3月3日、"
                .to_owned(),
        ),
        (
            format!(
                "団体コード,手続ID,オンライン申請\n{}",
                rows(&|n| format!("082341,kaigo-{n:02},{}\n", ["♪", "★", "◇", "□", "▽"][n as usize - 1]))
            ),
            "誤り: 5件\n  2〜6行目「オンライン申請」列: 意味の分からない記号です".to_owned(),
        ),
        (
            format!("団体コード,手続ID,段階,適用日\n{}", level(3).replace(",eapp", "")),
            "誤り: 5件\n  2〜6行目: どの接点（オンライン、窓口など）の表か分かりません".to_owned(),
        ),
    ] {
        let summary = todoke::cli::report::summary(&checked(&service, text.as_bytes()));
        assert!(summary.contains(&told), "{told}: {summary}");
        let lines = summary.lines().skip_while(|line| !line.starts_with("警告: ") && !line.starts_with("誤り: "));
        assert_eq!(lines.count(), 3, "{summary}");
    }
    // Excel counts columns by letters and knows no commas.
    let book = crate::open_ends::workbook(&[(
        "表",
        &[
            &["団体コード", "手続名", "オンライン申請", ""],
            &["082341", "妊娠の届出", "○", "○"],
            &["082341", "転出届", "○", "×"],
        ],
    )]);
    let summary = todoke::cli::report::summary(&checked(&service, &book));
    let told = "誤り: 2件\n  2〜3行目D列: 見出しのない列に書かれたセルがあります。見出しを付けるか、この列を消してください（値: ○、×）\n";
    assert!(summary.contains(told), "{summary}");
}

fn a_published_figure_is_called_by_its_name(backend: &Backend) {
    let Some(bytes) = crate::real::file("digital-agency-dashboard-2024-07-comparison.csv") else { return };
    let app = TestApp::start(backend);
    let told = todoke::cli::report::summary(&checked(&app.inner, &bytes));
    assert_told(&told, &["札幌市 子育て・介護26手続のオンライン化状況 2023年度: 割合（％） なし → 69\n"]);
    let bearer = format!("Bearer {}", app.key(crate::app::admin()));
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let sent = app.send_bytes("POST", "imports", &headers, &bytes);
    let row =
        &app.send("GET", &format!("imports/{}/rows", sent.json()["id"]), &headers[..1], None).results()[0];
    assert_eq!((&row["procedure_id"], &row["definition"]), (&json!(null), &json!("da26_rate")));
}

fn who_says_the_same_is_not_contradicted(backend: &Backend) {
    let app = TestApp::start(backend);
    let rows = "082341,kaigo-01,,,not_applicable,published,2025-03-31\n\
                082341,kaigo-02,online,3,,published,2025-03-31\n";
    app.inner.must_import(&format!("{HEAD}{rows}"));
    app.inner.must_import(&format!("{HEAD}{}", rows.replace("published", "declared")));
    let told = app.get("figures/online_rate/explain?municipality=082341").text;
    for same in
        ["制度なし・該当なし」は、団体の申告「制度なし・該当なし」と同じ内容です。", "」と同じ内容です。"]
    {
        assert!(told.contains(same), "{told}");
    }
    assert!(!told.contains("使いません"), "{told}");
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
    // What is known already says what that is.
    let (known, level) = (&all[1], &all[1]["fields"][0]);
    assert_eq!(
        (&known["municipality_code"], &known["procedure_id"], &known["channel"], &known["old_source"]),
        (&json!("082341"), &json!("kaigo-03"), &json!("eapp"), &json!("own"))
    );
    assert_eq!(
        (&level["old"], &level["new"], &known["changes_today"]),
        (&json!("4"), &json!("4"), &json!(false))
    );
    let piece = by(&format!("imports/{id}/rows?limit=2&offset=1"));
    assert_eq!((piece.count(), piece.results()[0]["line"].as_i64()), (4, Some(3)));
}

fn the_effect_on_figures_is_what_they_become(backend: &Backend) {
    let app = TestApp::start(backend);
    let service = &app.inner;
    published(service);
    // What is older than what holds, what is of the day itself and takes a row back, and what is still to come.
    service.must_import(&format!(
        "{HEAD}082341,kaigo-06,eapp,4,,,2026-05-01\n082341,kaigo-07,eapp,4,,,2026-05-01\n"
    ));
    let rows = "082341,kaigo-01,eapp,2,,,2026-04-01,\n082341,kaigo-03,mynaportal,4,,,2026-04-01,\n\
                082341,kaigo-04,,,not_applicable,,2026-04-01,\n082341,kaigo-05,counter,3,,,2027-04-01,\n\
                082341,kaigo-06,eapp,1,,,2026-04-01,\n082341,kaigo-07,eapp,,,,2026-11-21,withdrawn\n";
    let text = format!("{}\n{rows}", HEAD.trim_end().to_owned() + ",状態");
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
            (figure.numerator, figure.denominator, figure.unknown, figure.value)
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
    assert!(
        todoke::cli::report::summary(&report).contains("茨城県鉾田市 オンライン対応率: "),
        "{}",
        todoke::cli::report::summary(&report)
    );
}

fn faults_of_one_kind_are_told_together(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: String = (1..=9).map(|n| format!("082341,kaigo-{n:02},eapp,9,,,2026-04-01\n")).collect();
    let report = service.import("bad.csv", format!("{HEAD}{rows}082341,kaigo-1,eapp,3,,,\n").as_bytes());
    assert_eq!((report.fault_count, report.fault_groups.len()), (10, 2));
    let summary = todoke::cli::report::summary(&report);
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
