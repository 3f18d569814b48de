//! What stands over a table and beside its headings: whose the table is and of which day, channels over states and
//! times, headings merged over three rows, brackets and footnotes, covers, sheets and years beside each other.

use rust_xlsxwriter::{Format, Workbook};
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;
use crate::reports::{codes, refused};

on_both! {
    facts_over_a_form_say_whose_it_is;
    facts_that_contradict_each_other_are_asked_about;
    the_day_over_a_form_is_offered;
    a_body_over_procedures_stays_a_heading;
    a_cover_says_whose_the_table_is;
    sheets_are_of_the_bodies_they_are_named_after;
    channels_stand_over_their_states_and_times;
    headings_may_be_merged_over_three_rows;
    ornaments_are_no_part_of_a_heading;
    years_of_a_channel_beside_each_other_are_its_history;
    times_to_come_beside_a_state_are_plans;
    the_newest_of_two_surveys_below_a_channel_is_read;
}

const TOWN: (&str, &str) = ("municipality", "082333");

fn choices(report: &Report) -> Vec<(&str, &str)> {
    let all = report.questions.iter().flat_map(|one| &one.choices);
    all.map(|choice| (choice.parameter.as_str(), choice.value.as_str())).collect()
}

/// Applies a file, takes it back, and gives what the export said of it.
#[track_caller]
fn export_of(service: &TestService, name: &str, bytes: &[u8], said: &[(&str, &str)], rows: usize) -> String {
    let report = service.send(name, bytes, said);
    assert_eq!((report.status, report.counts.statements), (Status::Applied, rows), "{report:#?}");
    let export = service.export();
    service.take_everything_back();
    export
}

#[track_caller]
fn export_of_text(service: &TestService, text: &str, said: &[(&str, &str)], rows: usize) -> String {
    export_of(service, "h.csv", text.as_bytes(), said, rows)
}

/// A cell of the only row of an export with these words.
#[track_caller]
fn told(export: &str, words: &[&str], column: &str) -> String {
    let mut rows = csv::Reader::from_reader(export.trim_start_matches('\u{feff}').as_bytes());
    let at = rows.headers().unwrap().iter().position(|heading| heading == column).unwrap();
    let has = |row: &csv::StringRecord| words.iter().all(|word| row.iter().any(|cell| cell == *word));
    let found: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).filter(has).collect();
    assert_eq!(found.len(), 1, "{words:?} {export}");
    found[0][at].to_owned()
}

/// A workbook of one sheet with these rows, in which some cells are merged.
fn merged(rows: &[&[&str]], ranges: &[[u16; 4]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    for [top, left, bottom, right] in ranges {
        let text = rows[usize::from(*top)][usize::from(*left)];
        sheet.merge_range((*top).into(), *left, (*bottom).into(), *right, text, &Format::new()).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn facts_over_a_form_say_whose_it_is(backend: &Backend) {
    let service = TestService::new(backend);
    let form = "手続名,オンライン,窓口\n転出届,○,×\n";
    for over in [
        "団体コード,082333,\n団体名,行方市,\n記入日,2026-06-01,\n",
        "オンライン化状況調査,,\n団体名,行方市,\n団体コード,082333,\n,,\n",
        "団体名,行方市,\n",
        "団体コード,082333,\n",
        "団体コード,82333,\n",
        "団体名：行方市,,\n",
        "【団体名】,,行方市\n",
        "都道府県,茨城県,\n市区町村,行方市,\n",
        "団体名,行方市,担当課,企画課\n記入日,2026/6/1,電話,0299-00-0000\n",
        "調査票,,団体名,行方市\n",
    ] {
        let said = [("effective_on", "2026-06-01")];
        let export = export_of_text(&service, &format!("{over}{form}"), &said, 2);
        assert_eq!(told(&export, &["転出届", "online"], "municipality_code"), "082333", "{over}");
    }
    // One row to a channel under the same facts; nothing stands over the names; counts.
    let facts = "団体コード,082333\n団体名,行方市\n記入日,2026-06-01\n";
    let long = format!("{facts}手続,接点,現在の状況,目標時期,備考\n転出届,オンライン,×,R9年度,メモ\n");
    let export = export_of_text(&service, &long, &[("effective_on", "2026-06-01")], 1);
    assert_eq!(told(&export, &["082333", "転出届"], "note"), "メモ");
    let bare = "団体名,行方市,\n,オンライン,窓口\n転出届,○,×\n妊娠の届出,○,×\n";
    export_of_text(&service, bare, &[], 4);
    let usage = "団体名,行方市,\n手続名,手続総件数,うちオンライン数\n転出届,10,5\n";
    let report = service.send("h.csv", usage.as_bytes(), &[("fiscal_year", "2025")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    service.take_everything_back();
    // A table below with other headings is of the same body.
    let two = "団体名,行方市,,\n手続名,オンライン,窓口,\n転出届,○,×,\n,,,\n手続名,接点,段階,備考\n妊娠の届出,オンライン,3,\n";
    let export = export_of_text(&service, two, &[], 3);
    assert_eq!(told(&export, &["妊娠の届出"], "municipality_code"), "082333");
}

fn facts_that_contradict_each_other_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let form = "手続名,オンライン,窓口\n転出届,○,×\n";
    let both = [("municipality", "082333"), ("municipality", "082341")];
    let text = format!("団体名,鉾田市,\n団体コード,082333,\n{form}");
    let report = refused(&service, &text, &[], &["code_name_mismatch"]);
    assert_eq!(choices(&report), both);
    // What was answered is not asked once more.
    export_of_text(&service, &text, &[both[0]], 2);
    let report = refused(&service, &format!("団体名,府中市,\n{form}"), &[], &["ambiguous_name"]);
    assert_eq!(choices(&report), [("municipality", "132063"), ("municipality", "342084")]);
    export_of_text(&service, &format!("都道府県名,広島県,\n団体名,府中市,\n{form}"), &[], 2);
    // What the sender says otherwise is a question too.
    let text = format!("団体名,鉾田市,\n{form}");
    refused(&service, &text, &[TOWN], &["title_mismatch"]);
    // So are rows of another body than the one over them.
    for facts in ["団体コード,082333,\n", "団体名,行方市,\n団体コード,082333,\n"] {
        let text = format!("{facts}手続名,団体コード,オンライン\n転出届,082341,○\n");
        let report = refused(&service, &text, &[], &["title_mismatch"]);
        let [answer] = choices(&report)[..] else { panic!("{report:#?}") };
        let export = export_of_text(&service, &text, &[answer], 1);
        assert_eq!(told(&export, &["転出届"], "municipality_code"), "082341");
    }
    // What is nobody's name says nothing, and the body is asked for.
    refused(&service, &format!("団体名,（記入してください）,\n{form}"), &[], &["missing_municipality"]);
}

fn the_day_over_a_form_is_offered(backend: &Backend) {
    let service = TestService::new(backend);
    let form = "手続名,オンライン,窓口\n転出届,○,×\n";
    for (fact, day) in [
        ("記入日,2026-06-01,", "2026-06-01"),
        ("基準日,令和8年6月1日,", "2026-06-01"),
        ("時点,令和8年4月1日,", "2026-04-01"),
        ("回答日：R8.6.1,,", "2026-06-01"),
    ] {
        let report = service.send("h.csv", format!("団体名,行方市,\n{fact}\n{form}").as_bytes(), &[]);
        let question = report.questions.iter().find(|one| one.parameter == "effective_on");
        assert_eq!(question.and_then(|one| one.suggestion.as_deref()), Some(day), "{fact}{report:#?}");
        service.take_everything_back();
    }
}

fn a_body_over_procedures_stays_a_heading(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体名,行方市\n転出届,○\n妊娠の届出,×\n",
        "団体コード,082333\n転出届,○\n妊娠の届出,×\n",
        "団体コード,082333\n手続名,行方市\n転出届,○\n妊娠の届出,×\n",
        "団体コード,082333\n団体名,行方市\n転出届,○\n妊娠の届出,×\n",
    ] {
        let export = export_of_text(&service, text, &[("channel", "online")], 2);
        assert_eq!(told(&export, &["転出届"], "municipality_code"), "082333", "{text}");
    }
    let text = "団体コード,082333,082341\n手続名,行方市,鉾田市\n転出届,○,×\n";
    export_of_text(&service, text, &[("channel", "online")], 2);
}

fn a_cover_says_whose_the_table_is(backend: &Backend) {
    let service = TestService::new(backend);
    let table: &[&[&str]] = &[&["手続名", "オンライン", "窓口"], &["転出届", "○", "×"]];
    let covers: [&[&[&str]]; 3] = [
        &[
            &["オンライン化状況調査"],
            &["団体コード", "082333"],
            &["団体名", "行方市"],
            &["記入日", "2026-06-01"],
        ],
        &[&["オンライン化状況調査"], &["団体名", "", "行方市"], &["基準日", "", "令和8年6月1日"]],
        &[&["団体名", "行方市"], &["担当", "企画課"]],
    ];
    for cover in covers {
        let book = workbook(&[("表紙", cover), ("回答", table)]);
        let export = export_of(&service, "h.xlsx", &book, &[("effective_on", "2026-06-01")], 2);
        assert_eq!(told(&export, &["転出届", "online"], "municipality_code"), "082333");
    }
    let book = workbook(&[("表紙", covers[0]), ("回答", table)]);
    let report = service.send("h.xlsx", &book, &[]);
    let question = report.questions.iter().find(|one| one.parameter == "effective_on").unwrap();
    assert_eq!(question.suggestion.as_deref(), Some("2026-06-01"));
    service.take_everything_back();
    // A name without a word for what it is is suggested.
    let book = workbook(&[("表紙", &[&["行方市"], &["オンライン化状況調査"]]), ("回答", table)]);
    let report = service.send("h.xlsx", &book, &[]);
    assert_eq!(codes(&report), ["missing_municipality"], "{report:#?}");
    assert_eq!(report.questions[0].suggestion.as_deref(), Some("082333"), "{report:#?}");
    // A sheet or a table that says otherwise is asked about.
    let book = workbook(&[("表紙", covers[2]), ("鉾田市", table)]);
    let report = service.send("h.xlsx", &book, &[]);
    assert_eq!(codes(&report), ["title_mismatch"], "{report:#?}");
    let answer = choices(&report)[0];
    assert_eq!(answer, ("municipality", "082341"));
    export_of(&service, "h.xlsx", &book, &[answer], 2);
    // A list of bodies says of none of them that the table is its own, and nothing of a table that says it itself.
    let list: &[&[&str]] = &[&["団体名", "水戸市"], &["団体名", "日立市"]];
    let report = service.send("h.xlsx", &workbook(&[("連絡先", list), ("回答", table)]), &[]);
    assert_eq!(codes(&report), ["missing_municipality"], "{report:#?}");
    let own: &[&[&str]] = &[&["団体名", "鉾田市"], table[0], table[1]];
    export_of(&service, "h.xlsx", &workbook(&[("連絡先", list), ("回答", own)]), &[], 2);
    let report = service.send("h.xlsx", &workbook(&[("表紙", covers[2]), ("回答", own)]), &[]);
    assert_eq!(codes(&report), ["missing_municipality"], "{report:#?}");
    assert_eq!(choices(&report), [("municipality", "082341"), ("municipality", "082333")]);
}

fn sheets_are_of_the_bodies_they_are_named_after(backend: &Backend) {
    let service = TestService::new(backend);
    let table: &[&[&str]] = &[&["手続名", "オンライン", "窓口"], &["転出届", "○", "×"]];
    let long: &[&[&str]] = &[&["手続名", "接点", "対応状況"], &["転出届", "オンライン", "○"]];
    let turned: &[&[&str]] = &[&["手続名", "窓口", "オンライン"], &["転出届", "×", "○"]];
    let bare: &[&[&str]] = &[&["", "オンライン", "窓口"], &["転出届", "○", "×"]];
    let own: &[&[&str]] = &[&["団体名", "日立市"], table[0], table[1]];
    for (one, other, sheets, rows) in [
        ("水戸市", "日立市", [table, table], 4),
        ("082015 水戸市", "082023 日立市", [table, table], 4),
        ("082015", "082023", [table, table], 4),
        ("水戸", "日立", [table, table], 4),
        ("水戸市", "日立市", [long, long], 2),
        ("水戸市", "日立市", [table, turned], 4),
        ("水戸市", "日立市", [bare, bare], 4),
        ("水戸市", "日立市", [table, own], 4),
        ("水戸市", "回答", [table, own], 4),
    ] {
        let book = workbook(&[("説明", &[&["説明"]]), (one, sheets[0]), (other, sheets[1])]);
        let export = export_of(&service, "h.xlsx", &book, &[], rows);
        for code in ["082015", "082023"] {
            assert_eq!(told(&export, &[code, "online"], "level"), "3", "{one} {other} {export}");
        }
    }
    let book = workbook(&[("水戸市", table), ("日立市", table)]);
    let report = service.send("h.xlsx", &book, &[]);
    assert!(report.notes.iter().any(|note| note.contains("「日立市」 茨城県日立市")), "{report:#?}");
    service.take_everything_back();
    // Where one sheet is of nobody, or a sheet says otherwise, it is asked which is read.
    for (one, other, sheet) in
        [("水戸市", "集計", table), ("水戸市", "水戸", table), ("水戸市", "土浦市", own)]
    {
        let report = service.send("h.xlsx", &workbook(&[(one, table), (other, sheet)]), &[]);
        assert_eq!(codes(&report), ["several_tables"], "{one} {other} {report:#?}");
    }
}

fn channels_stand_over_their_states_and_times(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "転出届,×,R9年度,×,R10年度\n";
    for head in [
        "手続,オンライン,,窓口,\n,状況,目標時期,状況,目標時期\n",
        "手続,オンライン,オンライン,窓口,窓口\n手続,対応状況,目標時期,対応状況,目標時期\n",
        "手続名,【オンライン】,,【窓口】,\n,状況,目標時期,状況,目標時期\n",
        "団体コード,082333,,,\n団体名,行方市,,,\n手続,オンライン,,窓口,\n,現在の状況,目標時期,現在の状況,目標時期\n",
        "手続,接点,,,\n,オンライン,,窓口,\n,状況,目標時期,状況,目標時期\n",
    ] {
        let export = export_of_text(&service, &format!("{head}{rows}"), &[TOWN], 2);
        assert_eq!(told(&export, &["online"], "target_on"), "2028-03-31", "{head}");
        assert_eq!(told(&export, &["counter"], "target_on"), "2029-03-31", "{head}");
    }
    let book = merged(
        &[
            &["手続", "オンライン", "", "窓口", ""],
            &["", "状況", "目標時期", "状況", "目標時期"],
            &["転出届", "×", "R9年度", "×", "R10年度"],
        ],
        &[[0, 0, 1, 0], [0, 1, 0, 2], [0, 3, 0, 4]],
    );
    let export = export_of(&service, "h.xlsx", &book, &[TOWN], 2);
    assert_eq!(told(&export, &["counter"], "target_on"), "2029-03-31");
    // Below procedures as well.
    let text =
        "団体コード,転出届,,,\n,オンライン,,窓口,\n,状況,目標時期,状況,目標時期\n082333,×,R9年度,×,R10年度\n";
    let export = export_of_text(&service, text, &[], 2);
    assert_eq!(told(&export, &["online"], "target_on"), "2028-03-31");
    assert_eq!(told(&export, &["counter"], "target_on"), "2029-03-31");
}

fn headings_may_be_merged_over_three_rows(backend: &Backend) {
    let service = TestService::new(backend);
    let down = [[0, 0, 2, 0], [0, 1, 2, 1]];
    let rows: [&[&[&str]]; 4] = [
        &[
            &["団体コード", "団体名", "オンライン化", ""],
            &["", "", "子育て", "転出・転入"],
            &["", "", "妊娠の届出", "転出届"],
            &["082333", "行方市", "×", "○"],
        ],
        &[
            &["団体コード", "団体名", "妊娠の届出", "転出届"],
            &["", "", "オンライン", "オンライン"],
            &["", "", "状況", "状況"],
            &["082333", "行方市", "×", "○"],
        ],
        &[
            &["団体コード", "団体名", "妊娠の届出", "転出届"],
            &["", "", "オンライン", "オンライン"],
            &["", "", "(1)", "(2)"],
            &["082333", "行方市", "×", "○"],
        ],
        &[
            &["団体コード", "団体名", "オンライン化", ""],
            &["", "", "妊娠の届出", "転出届"],
            &["", "", "（○×）", "（○×）"],
            &["082333", "行方市", "×", "○"],
        ],
    ];
    for rows in rows {
        let export = export_of(&service, "h.xlsx", &merged(rows, &down), &[], 2);
        assert_eq!(told(&export, &["転出届", "online"], "level"), "3", "{export}");
    }
    // A text file leaves the cells below empty.
    let text =
        "団体コード,団体名,オンライン化,\n,,子育て,転出・転入\n,,妊娠の届出,転出届\n082333,行方市,×,○\n";
    let export = export_of_text(&service, text, &[], 2);
    assert_eq!(told(&export, &["転出届", "online"], "level"), "3");
}

fn ornaments_are_no_part_of_a_heading(backend: &Backend) {
    let service = TestService::new(backend);
    for head in [
        "【手続】,【オンライン】,【備考】",
        "〔手続名〕,〔オンライン〕,〔備考〕",
        "［手続名］,［オンライン］,［備考］",
        "<手続>,<オンライン>,<備考>",
        "■手続名,■オンライン,■備考",
        "手続名※,オンライン※１,備考（※2）",
        "*手続名,オンライン＊,備考",
        "手続名（必須）,オンライン【必須】,備考（任意）",
        "【必須】手続名,【必須】オンライン,【任意】備考",
        "\"手続名\n必須\",\"オンライン\n（※必須）\",備考",
    ] {
        let export = export_of_text(&service, &format!("{head}\n転出届,○,メモ\n"), &[TOWN], 1);
        assert_eq!(told(&export, &["転出届", "online"], "note"), "メモ", "{head}");
    }
    let long = "【団体コード】,■団体名,【手続】,【接点】,段階※\n082333,行方市,転出届,オンライン,3\n";
    export_of_text(&service, long, &[], 1);
    export_of_text(
        &service,
        "団体コード,【転出届】,【妊娠の届出】\n082333,○,×\n",
        &[("channel", "online")],
        2,
    );
    // Nobody said that two columns of a channel are products of it.
    refused(&service, "手続名,【電子申請】,電子申請※\n転出届,○,×\n", &[TOWN], &["duplicate_heading"]);
    // A heading is answered by its whole text or by what is within.
    let text = "手続名,オンライン,【状態の別】\n転出届,○,△\n";
    for key in ["【状態の別】", "状態の別"] {
        let answer = format!("{key}=窓口");
        export_of_text(&service, text, &[TOWN, ("columns", &answer), ("marks", "△=3")], 2);
    }
}

fn years_of_a_channel_beside_each_other_are_its_history(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "転出届,×,△,○\n妊娠の届出,×,×,○\n";
    for (head, columns) in [
        ("手続名,オンライン,,\n,R5,R6,R7\n", ""),
        ("手続名,オンライン（R5）,オンライン（R6）,オンライン（R7）\n", ""),
        ("手続名,R5オンライン,R6オンライン,R7オンライン\n", ""),
        ("手続名,令和5年度末オンライン,令和6年度末オンライン,令和7年度末オンライン\n", ""),
        ("手続名,R5,R6,R7\n", "R5=online,R6=online,R7=online"),
        ("手続名,R7,R6,R5\n", "R5=online,R6=online,R7=online"),
        ("手続名,R5実績,R6実績,R7実績\n", "R5実績=online,R6実績=online,R7実績=online"),
    ] {
        let turned = "転出届,○,△,×\n妊娠の届出,○,×,×\n";
        let text = format!("{head}{}", if head.contains("R7,R6") { turned } else { rows });
        let report = service.send("h.csv", text.as_bytes(), &[TOWN, ("columns", columns)]);
        assert_eq!((report.status, report.counts.statements), (Status::Applied, 6), "{text}{report:#?}");
        assert!(report.notes.iter().any(|note| note.contains("それぞれの年度の末")), "{report:#?}");
        let export = service.export();
        assert_eq!(told(&export, &["転出届"], "level"), "3", "{export}");
        assert_eq!(told(&export, &["転出届"], "at_least"), "true");
        assert_eq!(told(&export, &["転出届"], "effective_on"), "2026-03-31");
        assert_eq!(told(&export, &["転出届"], "system"), "", "{export}");
        service.take_everything_back();
    }
    // What else the row says is of the newest year, and of channels without one.
    let text = "手続名,オンライン（R6）,オンライン（R7）,窓口,備考\n転出届,×,○,○,メモ\n";
    let export = export_of_text(&service, text, &[TOWN], 3);
    assert_eq!(told(&export, &["online"], "note"), "メモ");
    assert_eq!(told(&export, &["counter"], "note"), "メモ");
    // A year that is not over is asked about.
    let text = "手続名,オンライン（R7）,オンライン（R8）\n転出届,×,○\n";
    let report = refused(&service, text, &[TOWN], &["year_ahead"]);
    export_of_text(&service, text, &[TOWN, choices(&report)[0], ("effective_on", "2025年度")], 1);
}

fn times_to_come_beside_a_state_are_plans(backend: &Backend) {
    let service = TestService::new(backend);
    for (head, key, day) in [
        ("手続名,オンライン,R8年度目標\n", "R8年度目標", "2027-03-31"),
        ("手続名,オンライン,令和8年度末の目標\n", "令和8年度末の目標", "2027-03-31"),
        ("手続名,オンライン,R8年度末\n", "R8年度末", "2027-03-31"),
        ("手続名,オンライン,目標（R9.3）\n", "目標（R9.3）", "2027-03-31"),
        ("手続名,オンライン,\n,現在,R8年度末\n", "R8年度末", "2027-03-31"),
        ("手続名,オンライン,\n,R7,R8年度目標\n", "R8年度目標", "2027-03-31"),
    ] {
        let text = format!("{head}転出届,×,○\n");
        let report = service.send("h.csv", text.as_bytes(), &[TOWN]);
        let question = &report.questions[0];
        let answer = question.suggestion.clone().unwrap_or_default();
        assert_eq!(answer.split_once('=').map(|(_, field)| field), Some("target_level"), "{key}{report:#?}");
        let said = [TOWN, ("columns", answer.as_str()), ("effective_on", "2026-03-31")];
        let export = export_of_text(&service, &text, &said, 1);
        assert_eq!(told(&export, &["転出届"], "level"), "0", "{head}");
        assert_eq!(told(&export, &["転出届"], "target_level"), "3", "{head}");
        assert_eq!(told(&export, &["転出届"], "target_on"), day, "{head}");
    }
    let text = "手続名,オンライン,目標段階,目標時期\n転出届,2,4,R9年度\n";
    let export = export_of_text(&service, text, &[TOWN], 1);
    assert_eq!(told(&export, &["転出届"], "target_on"), "2028-03-31");
}

fn the_newest_of_two_surveys_below_a_channel_is_read(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン,,窓口,\n,前回,今回,前回,今回\n転出届,×,○,×,○\n妊娠の届出,○,○,×,×\n";
    let report = service.send("h.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((codes(&report), report.status), (vec!["unknown_heading"; 2], Status::Refused), "{report:#?}");
    let answers: Vec<&str> =
        report.questions.iter().filter_map(|question| question.suggestion.as_deref()).collect();
    assert_eq!((answers.len(), report.questions.len()), (2, 2), "{report:#?}");
    let export = export_of_text(&service, text, &[TOWN, ("ignore", &answers.join(","))], 4);
    assert_eq!(told(&export, &["転出届", "online"], "level"), "3");
    assert_eq!(told(&export, &["妊娠の届出", "counter"], "level"), "0");
}
