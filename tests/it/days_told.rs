//! Days that files tell of what is so and of what is planned: beside a mark for plans, in headings, on covers, in
//! columns of which the heading does not say what they are.

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;
use crate::reports::{codes, warned};

on_both! {
    a_day_that_is_over_is_that_of_the_plan_beside_it;
    a_column_makes_the_day_of_a_plan_exact;
    plans_for_two_times_are_a_contradiction;
    one_real_day_is_enough_to_ask_about_a_column;
    the_day_on_a_cover_is_asked_about;
    the_day_within_a_heading_of_targets_is_kept;
    what_is_suggested_for_a_day_is_taken;
    a_year_behind_a_word_for_plans_is_their_day;
    years_under_a_heading_of_fiscal_years_are_asked_about;
    a_year_alone_in_a_heading_is_told;
    what_was_planned_for_a_day_that_is_over_is_asked_about;
    a_year_that_is_called_expected_is_planned;
}

const TOWN: (&str, &str) = ("municipality", "082333");

fn values(report: &Report) -> Vec<&str> {
    report.questions.iter().flat_map(|one| &one.choices).map(|choice| choice.value.as_str()).collect()
}

#[track_caller]
fn refused(service: &TestService, text: &str, said: &[(&str, &str)], expected: &[&str]) -> Report {
    let report = service.send("d.csv", text.as_bytes(), &[&[TOWN], said].concat());
    assert_eq!((codes(&report).as_slice(), report.status), (expected, Status::Refused), "{text}{report:#?}");
    report
}

#[track_caller]
fn applied(service: &TestService, text: &str, said: &[(&str, &str)], created: usize) -> Report {
    let report = service.send("d.csv", text.as_bytes(), &[&[TOWN], said].concat());
    assert_eq!((report.status, report.counts.created), (Status::Applied, created), "{text}{report:#?}");
    report
}

/// The columns target_level, target_on, target_precision, effective_on and effective_precision of the only row.
#[track_caller]
fn told(service: &TestService) -> [String; 5] {
    let text = service.export();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headings = rows.headers().unwrap().clone();
    let all: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(all.len(), 1, "{text}");
    ["target_level", "target_on", "target_precision", "effective_on", "effective_precision"]
        .map(|name| all[0][headings.iter().position(|heading| heading == name).unwrap()].to_owned())
}

/// Sends a table of one row, takes it back, and says what was told of its days.
#[track_caller]
fn told_of(service: &TestService, headings: &str, row: &str, said: &[(&str, &str)]) -> [String; 5] {
    applied(service, &format!("{headings}\n{row}\n"), said, 1);
    let told = told(service);
    service.take_everything_back();
    told
}

/// The day of today, as the export writes it of a row without a day.
fn today(service: &TestService) -> String {
    let [.., on, _] = told_of(service, "手続名,オンライン", "転出届,予定", &[]);
    on
}

fn a_day_that_is_over_is_that_of_the_plan_beside_it(backend: &Backend) {
    let service = TestService::new(backend);
    let today = today(&service);
    for (heading, mark, cell, on, precision) in [
        ("導入時期", "予定", "令和8年10月", "2026-10-31", "month"),
        ("開始年月日", "準備中", "2026/4/1", "2026-04-01", "day"),
        ("運用開始時期", "予定", "R7年度", "2026-03-31", "fiscal_year"),
        ("導入時期", "予定", "令和9年10月", "2027-10-31", "month"),
    ] {
        let row = format!("転出届,{mark},{cell}");
        let found = told_of(&service, &format!("手続名,オンライン,{heading}"), &row, &[]);
        assert_eq!(found, ["3", on, precision, &today, "day"], "{heading} {row}");
    }
    // Below the heading of one channel it is the same.
    let text = "手続名,オンライン,\n,状況,導入時期\n転出届,予定,令和8年10月\n";
    applied(&service, text, &[], 1);
    assert_eq!(told(&service), ["3", "2026-10-31", "month", &today, "day"]);
    service.take_everything_back();
    // The day of the row itself stays that of the row, and what is offered began on its day.
    for (heading, mark, target) in [("適用日", "予定", "3"), ("基準日", "予定", "3"), ("導入時期", "○", "")]
    {
        let row = format!("転出届,{mark},令和8年10月");
        let found = told_of(&service, &format!("手続名,オンライン,{heading}"), &row, &[]);
        assert_eq!(found, [target, "", "", "2026-10-31", "month"], "{heading} {row}");
    }
    // Where another channel of the row began then, it is the day of that one.
    applied(&service, "手続名,マイナポータル,汎用電子申請,導入時期\n転出届,○,予定,令和6年10月\n", &[], 2);
    assert!(!service.export().contains(",3,2024-10-31,month,"), "{}", service.export());
}

fn a_column_makes_the_day_of_a_plan_exact(backend: &Backend) {
    let service = TestService::new(backend);
    let today = today(&service);
    for (mark, cell, on, precision) in [
        ("R9予定", "R9年度", "2028-03-31", "fiscal_year"),
        ("R9導入予定", "R9年度中", "2028-03-31", "fiscal_year"),
        ("R9予定", "R10.2", "2028-02-29", "month"),
        ("R9年度予定", "令和9年10月", "2027-10-31", "month"),
        ("R9.10予定", "R9年度", "2027-10-31", "month"),
        ("×（R9予定）", "R9.10.1", "2027-10-01", "day"),
        ("R9年度予定", "令和9年度", "2028-03-31", "fiscal_year"),
    ] {
        for (headings, row) in [
            ("手続名,オンライン,導入時期", format!("転出届,{mark},{cell}")),
            ("手続名,オンライン,目標時期", format!("転出届,{mark},{cell}")),
            ("手続名,接点,対応状況,導入時期", format!("転出届,オンライン,{mark},{cell}")),
        ] {
            let report = applied(&service, &format!("{headings}\n{row}\n"), &[], 1);
            assert_eq!(told(&service), ["3", on, precision, &today, "day"], "{headings} {row}");
            let doubtful = report.warnings.iter().any(|warning| warning.code == "date_year_only");
            assert!(!doubtful, "{report:#?}");
            service.take_everything_back();
        }
    }
    // A year alone stays its December, with a warning, where nothing makes it exact.
    let report = applied(&service, "手続名,オンライン,導入時期\n転出届,R9予定,\n", &[], 1);
    assert_eq!(told(&service), ["3", "2027-12-31", "month", &today, "day"]);
    assert!(report.warnings.iter().any(|warning| warning.code == "date_year_only"), "{report:#?}");
}

fn plans_for_two_times_are_a_contradiction(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["導入時期", "目標時期"] {
        for (mark, cell) in [("R9予定", "令和12年4月"), ("R9年度予定", "R9.3"), ("×（R9予定）", "R8年度")]
        {
            let text = format!("手続名,オンライン,{heading}\n転出届,{mark},{cell}\n");
            let report = refused(&service, &text, &[], &["contradiction"]);
            assert_eq!(report.faults[0].heading.as_deref(), Some(heading), "{report:#?}");
        }
    }
}

fn one_real_day_is_enough_to_ask_about_a_column(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, one, two) in [
        ("開始", "2024/4/1", "以前から"),
        ("運用開始", "2024/4/1", "H20"),
        ("いつから", "R6.4から", "当初より"),
    ] {
        let text = format!("手続名,オンライン,{heading}\n妊娠の届出,○,{one}\n転出届,○,{two}\n");
        let report = refused(&service, &text, &[], &["unknown_heading"]);
        assert!(report.faults[0].message.contains(two), "{report:#?}");
        let answer = |field: &str| format!("{heading}={field}");
        assert_eq!(
            values(&report),
            [answer("effective_on"), answer("target_on"), answer("note"), heading.to_owned()],
            "{report:#?}"
        );
        // What is no day is told in its row.
        let said = service.send("d.csv", text.as_bytes(), &[TOWN, ("columns", &answer("effective_on"))]);
        assert_eq!((said.faults.len(), said.faults[0].line), (1, Some(3)), "{said:#?}");
        applied(&service, &text, &[("columns", &answer("note"))], 2);
        assert!(service.export().contains(two), "{}", service.export());
        service.take_everything_back();
    }
    // So it is in a sheet, whose days are cells of their own kind.
    let rows: &[&[&str]] = &[
        &["手続名", "オンライン", "開始"],
        &["妊娠の届出", "○", "2024-04-01"],
        &["転出届", "○", "以前から"],
    ];
    let report = service.send("d.xlsx", &workbook(&[("回答", rows)]), &[TOWN]);
    assert_eq!(codes(&report), ["unknown_heading"], "{report:#?}");
    // Columns without a day, of texts and of days on which somebody wrote something are told.
    for (heading, one, two) in
        [("開始", "以前から", "当初から"), ("経過説明", "2024/4/1", "試行の後"), ("回答", "2024/4/1", "後日")]
    {
        let text = format!("手続名,オンライン,{heading}\n妊娠の届出,○,{one}\n転出届,○,{two}\n");
        let report = applied(&service, &text, &[], 2);
        assert!(report.notes.iter().any(|note| note.contains("使いません")), "{report:#?}");
        service.take_everything_back();
    }
}

fn the_day_on_a_cover_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let table: &[&[&str]] = &[&["手続名", "オンライン"], &["転出届", "○"]];
    for cover in [
        &[&["行政手続オンライン化調査"][..], &["令和7年10月1日現在"]][..],
        &[&["調査票"], &["基準日", "令和7年10月1日"]],
        &[&["行方市　調査基準日：2025/10/1"]],
    ] {
        let file = workbook(&[("表紙", cover), ("回答", table)]);
        let report = service.send("d.xlsx", &file, &[TOWN]);
        assert_eq!(values(&report)[0], "2025-10-01", "{report:#?}");
        assert!(report.notes.iter().any(|note| note.contains("シート「表紙」の日付")), "{report:#?}");
        service.take_everything_back();
        // The answer is the day of the rows, and nothing more is asked.
        let report = service.send("d.xlsx", &file, &[TOWN, ("effective_on", "2025-10-01")]);
        assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{report:#?}");
        assert_eq!(told(&service)[3], "2025-10-01");
        service.take_everything_back();
    }
    // A cover that says no day asks nothing, nor does what this program says of the day of its own data.
    for cover in [
        &[&["行政手続オンライン化調査"][..], &["令和7年10月1日"]][..],
        &[&["時点", "2025-10-01"], &["データの版", "3"]],
    ] {
        let report = service.send("d.xlsx", &workbook(&[("表紙", cover), ("回答", table)]), &[TOWN]);
        assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{report:#?}");
        service.take_everything_back();
    }
}

fn the_day_within_a_heading_of_targets_is_kept(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, on, precision) in [
        ("オンライン（令和9年3月目標）", "2027-03-31", "month"),
        ("オンライン（R9.3目標）", "2027-03-31", "month"),
        ("オンライン（目標 R9年度末）", "2028-03-31", "fiscal_year"),
        ("オンライン 令和9年3月の目標", "2027-03-31", "month"),
        ("R9.3目標", "2027-03-31", "month"),
        ("オンライン（将来の目標）", "", ""),
    ] {
        let answer = format!("{heading}=target_level");
        let headings = format!("手続名,オンライン,{heading}");
        let [level, day, known, ..] = told_of(&service, &headings, "転出届,3,4", &[("columns", &answer)]);
        assert_eq!([&*level, &*day, &*known], ["4", on, precision], "{heading}");
    }
}

fn what_is_suggested_for_a_day_is_taken(backend: &Backend) {
    let service = TestService::new(backend);
    for (cell, suggestion) in [
        ("令和6年第2四半期", "令和6年度"),
        ("2024年2Q", "2024年度"),
        ("令和6年度第2四半期", "2024年9月"),
        ("令和6年度上半期", "令和6年度"),
        ("R5～R6", "R5年度"),
    ] {
        let table = |cell: &str| format!("手続名,オンライン,開始年月日\n妊娠の届出,○,{cell}\n");
        let report = service.send("d.csv", table(cell).as_bytes(), &[TOWN]);
        assert_eq!(report.faults[0].suggestion.as_deref(), Some(suggestion), "{report:#?}");
        applied(&service, &table(suggestion), &[], 1);
        service.take_everything_back();
    }
    // Where nothing of the cell would be taken, nothing of it is suggested.
    for cell in ["第2四半期", "4月上旬"] {
        let text = format!("手続名,オンライン,開始年月日\n妊娠の届出,○,{cell}\n");
        let report = refused(&service, &text, &[], &["date_vague"]);
        assert_eq!(report.faults[0].suggestion, None, "{report:#?}");
    }
}

fn a_year_behind_a_word_for_plans_is_their_day(backend: &Backend) {
    let service = TestService::new(backend);
    for (cell, level, on, precision) in [
        ("4:実施予定（R9）", "4", "2027-12-31", "month"),
        ("予定（R9）", "3", "2027-12-31", "month"),
        ("準備中（令和9年）", "3", "2027-12-31", "month"),
        ("4：実施予定（R9年度）", "4", "2028-03-31", "fiscal_year"),
        ("4:実施予定（更改時）", "4", "", ""),
    ] {
        let [target, day, known, ..] = told_of(&service, "手続名,オンライン", &format!("転出届,{cell}"), &[]);
        assert_eq!([&*target, &*day, &*known], [level, on, precision], "{cell}");
    }
}

fn years_under_a_heading_of_fiscal_years_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, cell) in
        [("実施年度", "R5"), ("実施年度", "2023"), ("年度", "令和5"), ("オンライン化年度", "R5年度")]
    {
        let text = format!("手続名,オンライン,{heading}\n転出届,○,{cell}\n");
        let report = refused(&service, &text, &[], &["unknown_heading"]);
        let answer = format!("{heading}=effective_on");
        assert_eq!(values(&report)[0], answer, "{report:#?}");
        let headings = format!("手続名,オンライン,{heading}");
        let [.., on, known] =
            told_of(&service, &headings, &format!("転出届,○,{cell}"), &[("columns", &answer)]);
        assert_eq!([&*on, &*known], ["2024-03-31", "fiscal_year"], "{text}");
    }
    // A year without its era, and one that may be of the calendar, are no such years.
    for (heading, cell) in [("年度", "6"), ("実施年", "R5"), ("実施年", "2023")] {
        let text = format!("手続名,オンライン,{heading}\n転出届,○,{cell}\n");
        let report = refused(&service, &text, &[], &["unknown_heading"]);
        assert_eq!(values(&report), [heading], "{report:#?}");
    }
}

fn a_year_alone_in_a_heading_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    for (headings, columns) in [
        ("手続名,オンライン,R8目標", "R8目標=target_level"),
        ("手続名,オンライン,目標（R8）", "目標（R8）=target_level"),
        ("手続名,接点,対応状況,R8目標", "R8目標=target_level"),
    ] {
        let channel = if headings.contains("接点") { "オンライン,○" } else { "○" };
        let text = format!("{headings}\n転出届,{channel},5\n妊娠の届出,{channel},5\n");
        let report = applied(&service, &text, &[("columns", columns)], 2);
        let told: Vec<_> = report.warnings.iter().filter(|one| one.code == "date_year_only").collect();
        assert_eq!((told.len(), told[0].line), (1, Some(1)), "{headings}{report:#?}");
        assert!(told[0].message.contains("R8年度"), "{report:#?}");
        service.take_everything_back();
    }
    let text = "手続名,オンライン,R8年度目標\n転出届,○,5\n";
    let report = applied(&service, text, &[("columns", "R8年度目標=target_level")], 1);
    assert_eq!(warned(&report), [] as [&str; 0], "{report:#?}");
}

fn what_was_planned_for_a_day_that_is_over_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let listed = [("channel", "eapp"), ("marks", "掲載=3"), ("names", "一覧=転出届")];
    let list = "導入団体名,稼働日\n行方市,令和8年10月稼働予定\n鉾田市,R7.4\n";
    let form = "手続名,電子申請,稼働日\n転出届,3,令和8年10月稼働予定\n妊娠の届出,3,R7.4\n";
    for (text, said) in [(list, &listed[..]), (form, &[TOWN])] {
        let report = crate::reports::refused(&service, text, said, &["planned_day_over"]);
        let choices = values(&report);
        assert_eq!(choices, ["稼働日=開始時期", "稼働日=effective_on", "稼働日"], "{report:#?}");
        for (answer, begun) in [(choices[0], false), (choices[1], true)] {
            let said = [said, &[("columns", answer)]].concat();
            crate::reports::applied(&service, text, &said, 2);
            let export = service.export();
            assert_eq!(export.contains(",3,2026-10-31,month,"), !begun, "{answer} {export}");
            assert!(export.contains(",2025-04-30,month,"), "{export}");
            service.take_everything_back();
        }
    }
}

fn a_year_that_is_called_expected_is_planned(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "年度,手続名,オンライン\nR8（見込）,転出届,○\nR7,転出届,×\n";
    let report = service.send("d.csv", text.as_bytes(), &[TOWN, ("columns", "年度=effective_on")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert!(warned(&report).contains(&"planned_day"), "{report:#?}");
    assert!(service.export().contains(",3,2027-03-31,fiscal_year,"), "{}", service.export());
}
