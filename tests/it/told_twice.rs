//! Files in which one thing is told in two places, or two things in one: tables beside each other, procedures in one
//! cell, states beside names, sheets named after others, footnotes that turn a mark, days that are over.

use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;
use crate::reports::{applied, codes, refused, warned};
use todoke::import::report::{Report, Status};

on_both! {
    marks_never_go_to_the_names_of_the_table_beside_them;
    a_column_that_repeats_names_is_no_second_table;
    two_procedures_in_a_cell_are_no_one_of_them;
    another_act_is_another_procedure;
    a_state_beside_a_name_is_not_lost;
    what_has_ended_is_called_so;
    a_sheet_named_after_another_body_is_asked_about;
    rows_of_another_body_than_the_sender_says_are_told;
    a_footnote_may_say_that_a_mark_is_of_another_time;
    what_is_late_and_not_offered_is_asked_about;
    a_row_without_a_day_contradicts_one_with_a_day;
    one_mark_is_enough_to_ask_about_a_column;
    a_heading_that_names_a_procedure_is_that_of_it;
    a_prefecture_may_be_a_row_of_its_own;
    sheets_of_examples_are_left_out;
    days_among_planned_levels_are_asked_about;
    marks_with_commas_can_be_answered;
    a_meaning_told_by_colours_is_called_so;
    a_column_of_names_may_explain_those_on_its_left;
    plans_that_are_done_are_no_plans;
    bodies_with_dates_may_be_a_list_of_adopters;
    footnotes_that_explain_change_nothing;
    a_field_of_several_procedures_is_asked_about;
}

const TOWN: (&str, &str) = ("municipality", "082333");

fn choices(report: &Report) -> Vec<(&str, &str)> {
    let all = report.questions.iter().flat_map(|one| &one.choices);
    all.map(|choice| (choice.parameter.as_str(), choice.value.as_str())).collect()
}

fn marks_never_go_to_the_names_of_the_table_beside_them(backend: &Backend) {
    let service = TestService::new(backend);
    for (text, said) in [
        (
            "子育て,,介護,\n手続名,オンライン,手続名,書かない窓口\n妊娠の届出,○,被保険者証の再交付申請,×\n",
            vec![TOWN],
        ),
        ("手続名,電子申請,件名,書かない窓口\n転出届,○,罹災証明書の発行申請,×\n", vec![TOWN]),
        ("手続名,オンライン,証明書名,コンビニ交付\n妊娠の届出,×,住民票の写し,○\n", vec![TOWN]),
        ("手続名,オンライン,,手続名,窓口\n妊娠の届出,○,,転出届,×\n", vec![TOWN]),
        ("手続名,オンライン,,手続名,窓口\n妊娠の届出,○,,転出届,×\n", vec![TOWN, ("ignore", "d列")]),
        ("市町村名,転出届,,市町村名,妊娠の届出\n水戸市,○,,行方市,×\n", vec![("channel", "online")]),
        (
            "市町村名,転出届,,市町村名,妊娠の届出\n水戸市,○,,行方市,×\n",
            vec![("channel", "online"), ("ignore", "a列")],
        ),
    ] {
        let report = refused(&service, text, &said, &["tables_side_by_side"]);
        assert!(report.faults[0].message.contains("の下に移し"), "{report:#?}");
    }
}

fn a_column_that_repeats_names_is_no_second_table(backend: &Backend) {
    let service = TestService::new(backend);
    let repeated = "手続名,オンライン,手続名（再掲）,窓口\n転出届,○,転出届,○\n";
    let report = service.send("t.csv", repeated.as_bytes(), &[TOWN, ("columns", "手続名（再掲）=備考")]);
    assert!(!codes(&report).contains(&"tables_side_by_side"), "{report:#?}");
    service.take_everything_back();
    // A table of which nothing is read is no part of the other one.
    let beside = "手続名,オンライン,,証明書名,枚数\n転出届,○,,住民票の写し,3\n";
    let report = service.send("t.csv", beside.as_bytes(), &[TOWN, ("ignore", "枚数")]);
    assert!(!codes(&report).contains(&"tables_side_by_side"), "{report:#?}");
}

fn two_procedures_in_a_cell_are_no_one_of_them(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in
        ["妊娠の届出／児童手当等の現況届", "妊娠の届出;児童手当等の現況届", "妊娠の届出・児童手当等の現況届"]
    {
        let report =
            refused(&service, &format!("手続名,オンライン\n{cell},○\n"), &[TOWN], &["several_procedures"]);
        assert!(report.faults[0].message.contains("手続が2つ"), "{report:#?}");
        assert_eq!(choices(&report), [("names", format!("{cell}=ignore").as_str())]);
    }
    // A list of customers may have several of them.
    let list = "導入団体名,対象手続\n行方市,転出届;妊娠の届出\n鉾田市,転出届／妊娠の届出\n";
    applied(&service, list, &[("channel", "eapp"), ("marks", "掲載=3+")], 4);
}

fn another_act_is_another_procedure(backend: &Backend) {
    let service = TestService::new(backend);
    for (name, id) in [
        ("介護認定申請（更新）", "kaigo-02"),
        ("介護認定申請（区分変更）", "kaigo-03"),
        ("介護認定申請（新規）", "kaigo-01"),
    ] {
        applied(&service, &format!("手続名,オンライン\n{name},○\n"), &[TOWN], 1);
        assert!(service.export().contains(id), "{name}");
        service.take_everything_back();
    }
    let report = service.send("t.csv", "手続名,オンライン\n要介護認定関係の更新,○\n".as_bytes(), &[TOWN]);
    assert!(choices(&report).iter().all(|(_, value)| !value.ends_with("kaigo-01")), "{report:#?}");
}

fn a_state_beside_a_name_is_not_lost(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,対象手続\n出雲市（予定）,転出届\n江津市（解約）,転出届\n松江市,転出届\n";
    let said = [("layout", "adopters"), ("channel", "eapp"), ("marks", "掲載=3+")];
    let report = refused(&service, text, &said, &["unknown_name", "unknown_name"]);
    for question in &report.questions {
        assert!(question.choices[0].value.ends_with("=ignore"), "{report:#?}");
        assert!(question.choices[1].label.contains("記録せず"), "{report:#?}");
    }
    let answers: Vec<&str> = report.questions.iter().map(|one| one.choices[0].value.as_str()).collect();
    applied(&service, text, &[&said[..], &[("names", &answers.join(","))]].concat(), 1);
}

fn what_has_ended_is_called_so(backend: &Backend) {
    let service = TestService::new(backend);
    let said = [("layout", "adopters"), ("channel", "eapp"), ("marks", "掲載=3+"), ("names", "一覧=転出届")];
    for heading in ["解約日", "撤退日", "脱退年月", "契約終了日"] {
        let text = format!("団体名,{heading}\n水戸市,\n土浦市,2025/3/31\n");
        let report = refused(&service, &text, &said, &["end_date"]);
        assert!(choices(&report).iter().all(|(_, value)| !value.ends_with("effective_on")), "{report:#?}");
    }
    // What is planned is no day on which something began, unless the sender says so.
    let text = "団体名,リリース予定\n水戸市,2025/3/31\n日立市,2027/10/1\n";
    let report = refused(&service, text, &said, &["unknown_heading"]);
    let question = &report.questions[0];
    assert_eq!(question.suggestion, None, "{report:#?}");
    assert_eq!(question.choices[0].value, "リリース予定=開始時期", "{report:#?}");
    applied(&service, text, &[&said[..], &[("columns", "リリース予定=開始時期")]].concat(), 2);
    let export = service.export();
    assert!(export.contains(",3,2025-03-31,day,") && export.contains(",3,2027-10-01,day,"), "{export}");
    service.take_everything_back();
    // Where both stand in one column, each is what its mark makes of it.
    let both = "手続名,電子申請,開始（予定）時期\n転出届,○,R5.4\n妊娠の届出,×,R9.4（予定）\n";
    applied(&service, both, &[TOWN], 2);
    let export = service.export();
    assert!(export.contains(",3,2027-04-30,month,") && export.contains("2023-04-30,month"), "{export}");
}

fn a_sheet_named_after_another_body_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: &[&[&str]] = &[&["団体名", "水戸市"], &[], &["手続名", "オンライン"], &["転出届", "×"]];
    let bytes = workbook(&[("日立市", rows)]);
    let report = service.send("t.xlsx", &bytes, &[]);
    assert_eq!(
        (codes(&report), report.status),
        (vec!["missing_municipality"], Status::Refused),
        "{report:#?}"
    );
    assert_eq!(choices(&report), [("municipality", "082015"), ("municipality", "082023")]);
}

fn rows_of_another_body_than_the_sender_says_are_told(backend: &Backend) {
    let service = TestService::new(backend);
    let report = applied(&service, "団体コード,手続名,オンライン\n082236,転出届,○\n", &[TOWN], 1);
    assert_eq!(warned(&report), ["other_body"], "{report:#?}");
    service.take_everything_back();
    let report = applied(&service, "団体コード,手続名,オンライン\n082333,転出届,○\n", &[TOWN], 1);
    assert_eq!(warned(&report), [] as [&str; 0], "{report:#?}");
}

fn a_footnote_may_say_that_a_mark_is_of_another_time(backend: &Backend) {
    let service = TestService::new(backend);
    for note in ["令和10年度から実施予定", "R8.3で廃止", "令和8年3月で終了しました"] {
        let text = format!("手続名,オンライン\n転出届,○※1\n妊娠の届出,○\n※1 {note}\n");
        let report = refused(&service, &text, &[TOWN], &["unknown_mark"]);
        assert_eq!(report.questions[0].mark, "○※1", "{note}{report:#?}");
        // What it says is kept, whatever the sender says that it means.
        applied(&service, &text, &[TOWN, ("marks", "○※1=3+")], 2);
        assert!(service.export().contains(note), "{}", service.export());
        service.take_everything_back();
    }
    let text = "手続名,オンライン\n転出届,○※1\n妊娠の届出,○\n※1 本人申請に限る\n";
    applied(&service, text, &[TOWN], 2);
}

fn what_is_late_and_not_offered_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,手続名,接点,段階,適用日\n日立市,転出届,オンライン,×,R8.4.1実施予定\n";
    let report = refused(&service, text, &[], &["planned_day_over"]);
    let [late, ..] = choices(&report)[..] else { panic!("{report:#?}") };
    applied(&service, text, &[late], 1);
    assert!(service.export().contains(",3,2026-04-01,day,"), "{}", service.export());
}

fn a_row_without_a_day_contradicts_one_with_a_day(backend: &Backend) {
    let service = TestService::new(backend);
    let row = |mark: &str, day: &str| format!("日立市,転出届,オンライン,{mark},{day}\n");
    let head = "団体名,手続名,接点,段階,適用日\n";
    let text = format!("{head}{}{}", row("○", "R6.10.1"), row("×", ""));
    refused(&service, &text, &[], &["rows_without_day"]);
    // The same said twice is no contradiction, and days make a history.
    for other in [row("○", ""), row("×", "R7.4.1")] {
        let text = format!("{head}{}{other}", row("○", "R6.10.1"));
        let report = service.send("t.csv", text.as_bytes(), &[]);
        assert_eq!(report.status, Status::Applied, "{text}{report:#?}");
        service.take_everything_back();
    }
}

fn one_mark_is_enough_to_ask_about_a_column(backend: &Backend) {
    let service = TestService::new(backend);
    let said = [("channel", "online"), ("effective_on", "2026-03")];
    for cells in [["○", "電子申請", "郵送"], ["－", "△", "なし"]] {
        let [one, two, three] = cells;
        let text =
            format!("団体名,転出届,パスポート申請\n松江市,○,{one}\n浜田市,○,{two}\n奥出雲町,×,{three}\n");
        refused(&service, &text, &said, &["unknown_heading"]);
    }
}

fn a_heading_that_names_a_procedure_is_that_of_it(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,転出届はオンラインで申請できますか。,妊娠の届出はオンラインで申請できますか。\n水戸市,はい,いいえ\n日立市,はい,はい\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    let first: Vec<&str> = report.questions.iter().map(|one| one.choices[0].value.as_str()).collect();
    let ids: Vec<&str> = first.iter().filter_map(|value| Some(value.rsplit_once('=')?.1)).collect();
    assert_eq!(ids, ["tenshutsu-tennyu-01", "kosodate-15"], "{report:#?}");
    applied(&service, text, &[("columns", &first.join(",")), ("channel", "online")], 4);
}

fn a_prefecture_may_be_a_row_of_its_own(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "都道府県名,市区町村名,手続名,オンライン\n茨城県,,罹災証明書の発行申請,○\n茨城県,水戸市,罹災証明書の発行申請,○\n";
    let report = refused(&service, text, &[], &["missing_municipality"]);
    let answers = choices(&report);
    assert_eq!(answers, [("names", "茨城県=080004"), ("names", "茨城県=ignore")], "{report:#?}");
    for (answer, created) in [(answers[0], 2), (answers[1], 1)] {
        applied(&service, text, &[answer], created);
        service.take_everything_back();
    }
    // Wards and names of former times can be left out.
    let text = "団体名,転出届,妊娠の届出\n仙台市青葉区,○,○\n東出雲町,○,○\n松江市,○,○\n";
    let said = [("channel", "online"), ("effective_on", "2026-03")];
    let report = refused(&service, text, &said, &["ward", "former_name"]);
    let left: Vec<&str> = choices(&report)
        .into_iter()
        .map(|(_, value)| value)
        .filter(|value| value.ends_with("ignore"))
        .collect();
    applied(&service, text, &[&said[..], &[("names", &left.join(","))]].concat(), 2);
}

fn sheets_of_examples_are_left_out(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: &[&[&str]] = &[&["手続名", "オンライン"], &["転出届", "○"]];
    let bytes = workbook(&[("記入例", rows), ("1水戸市", rows), ("2日立市", rows)]);
    let report = service.send("t.xlsx", &bytes, &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert!(report.notes.iter().any(|note| note.contains("読んでいません: 記入例")), "{report:#?}");
    service.take_everything_back();
    let bytes = workbook(&[("回答", rows), ("【記入例】", rows)]);
    let report = service.send("t.xlsx", &bytes, &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
}

fn days_among_planned_levels_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "手続名,接点,対応状況,目標\n転出届,オンライン,予定,R8年度末\n",
        "手続名,オンライン,目標\n転出届,予定,R8年度末\n",
    ] {
        let report = refused(&service, text, &[TOWN], &["level_format"]);
        assert_eq!(choices(&report)[0], ("columns", "目標=target_on"), "{report:#?}");
        applied(&service, text, &[TOWN, choices(&report)[0]], 1);
        assert!(service.export().contains(",3,2027-03-31,fiscal_year,"), "{}", service.export());
        service.take_everything_back();
    }
    // A dash plans nothing.
    applied(&service, "手続名,オンライン,目標段階\n転出届,3,―\n妊娠の届出,0,4\n", &[TOWN], 2);
}

fn marks_with_commas_can_be_answered(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン\n転出届,○\n妊娠の届出,電話、FAX\n";
    let report = refused(&service, text, &[TOWN], &["unknown_mark"]);
    assert_eq!(report.questions[0].mark, "電話、FAX", "{report:#?}");
    applied(&service, text, &[TOWN, ("marks", "○=3,電話、FAX=0")], 2);
}

fn a_meaning_told_by_colours_is_called_so(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン\n転出届,○\n妊娠の届出,\n※黄色のセルはオンライン対応済,\n";
    let report = applied(&service, text, &[TOWN], 1);
    assert_eq!(warned(&report), ["meaning_of_colour"], "{report:#?}");
    service.take_everything_back();
    let text = "黄色のセルに入力してください,\n手続名,オンライン\n転出届,○\n";
    assert_eq!(warned(&applied(&service, text, &[TOWN], 1)), [] as [&str; 0]);
}

fn a_column_of_names_may_explain_those_on_its_left(backend: &Backend) {
    let service = TestService::new(backend);
    let related = "手続名,オンライン,関連手続名,書かない窓口\n転出届,○,転入届,×\n妊娠の届出,×,妊娠届出書,○\n";
    applied(&service, related, &[TOWN], 4);
    service.take_everything_back();
    let papers = "手続名,オンライン,証明書名,書かない窓口\n転出届,○,転出証明書,×\n妊娠の届出,×,なし,○\n";
    let report = refused(&service, papers, &[TOWN], &["tables_side_by_side"]);
    let answers = choices(&report);
    assert_eq!(answers, [("ignore", "証明書名"), ("columns", "証明書名=note")], "{report:#?}");
    for answer in answers {
        applied(&service, papers, &[TOWN, answer], 4);
        service.take_everything_back();
    }
    // The same column twice is one.
    let twice = "団体名,転出届,団体名\n行方市,○,行方市\n鉾田市,×,鉾田市\n";
    applied(&service, twice, &[("channel", "online")], 2);
}

fn plans_that_are_done_are_no_plans(backend: &Backend) {
    let service = TestService::new(backend);
    let text =
        "手続名,オンライン,開始予定日\n転出届,済,令和5年2月6日\n妊娠の届出,未,令和9年4月1日\n出生,○,済\n";
    let report = applied(&service, text, &[TOWN, ("names", "出生=kosodate-01")], 3);
    assert_eq!(warned(&report)[..2], ["plan_done", "date_done"], "{report:#?}");
    let export = service.export();
    assert!(export.contains(",3,2027-04-01,day,") && !export.contains("2023-02-06"), "{export}");
}

fn bodies_with_dates_may_be_a_list_of_adopters(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,導入年月日,契約終了予定\n行方市,令和5年2月6日,\n";
    for said in [&[][..], &[("ignore", "契約終了予定")]] {
        let report = service.send("t.csv", text.as_bytes(), said);
        assert!(choices(&report).contains(&("layout", "adopters")), "{said:?}{report:#?}");
    }
    let marks = "団体名,何か\n行方市,○\n鉾田市,×\n";
    let report = service.send("t.csv", marks.as_bytes(), &[]);
    assert!(!choices(&report).contains(&("layout", "adopters")), "{report:#?}");
}

fn footnotes_that_explain_change_nothing(backend: &Backend) {
    let service = TestService::new(backend);
    for note in ["24時間受付", "審査終了後に通知", "今後の届出に必要なカードが必要", "本人申請のみ"]
    {
        applied(&service, &format!("手続名,オンライン\n転出届,○※1\n※1 {note}\n"), &[TOWN], 1);
        assert!(service.export().contains(note), "{note} {}", service.export());
        service.take_everything_back();
    }
}

fn a_field_of_several_procedures_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,転出届,妊娠の届出,担当課,システム名\n日立市,○,×,市民課,LoGoフォーム\n";
    let said = [("channel", "eapp")];
    let report = refused(&service, text, &said, &["unplaced_column", "unplaced_column"]);
    let first: Vec<&str> = report.questions.iter().map(|one| one.choices[0].value.as_str()).collect();
    assert_eq!(first, ["担当課=section", "システム名=system"], "{report:#?}");
    applied(&service, text, &[&said[..], &[("columns", &first.join(","))]].concat(), 2);
    let export = service.export();
    assert_eq!(export.matches("市民課").count(), 2, "{export}");
    // A product is that of what is offered.
    assert_eq!(export.matches("LoGoフォーム").count(), 1, "{export}");
    service.take_everything_back();
    applied(&service, text, &[&said[..], &[("ignore", "担当課,システム名")]].concat(), 2);
}
