//! Files in, facts out: what a person with a spreadsheet would notice.

use chrono::Days;
use proptest::prelude::*;
use todoke::domain::dates::Dated;
use todoke::grid::standing::{Answer, Reads};
use todoke::import::OnError;
use todoke::import::report::Status;
use todoke::import::{Blank, Options};
use todoke::service::error::Error;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, day, on_both, operator};
use crate::real::{self, CSV, SAVED_AGAIN, WORKBOOK, country};

const HEAD: &str = "団体コード,団体名,手続ID,接点,段階,システム,適用日,備考\n";

fn codes(faults: &[todoke::import::Fault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.code.as_str()).collect()
}

on_both! {
    slips_of_a_clerk_are_told_with_the_way_out;
    the_national_workbook_is_taken_whole;
    the_same_workbook_again_changes_nothing;
    taking_the_national_file_back_leaves_no_trace_in_the_export;
    an_export_reads_back_as_no_change;
    one_wrong_row_keeps_everything_out;
    good_rows_can_be_taken_alone;
    saying_it_again_later_confirms;
    an_empty_cell_keeps_what_was_known;
    a_town_and_the_nation_do_not_overwrite_each_other;
    a_later_import_survives_the_revert_of_an_earlier_one;
    a_fact_of_tomorrow_holds_tomorrow;
    a_plan_that_was_seen_is_the_plan_that_is_applied;
    lowering_many_levels_must_be_confirmed;
    readiness_ends_a_stated_not_applicable;
    a_withdrawn_statement_is_unanswered_again;
    a_fact_learnt_ahead_is_not_lost_while_nobody_looks;
    a_confirmed_level_ends_a_not_applicable_in_between;
    one_file_may_not_say_both_performed_and_not;
    rows_of_one_file_build_on_each_other;
    a_faulty_line_gives_none_of_its_cells;
}

fn a_fact_learnt_ahead_is_not_lost_while_nobody_looks(backend: &Backend) {
    // A command line that never served: nothing has turned the day yet.
    let service = TestService::unread(backend);
    service.must_apply(&format!("{HEAD}082333,,kosodate-01,eapp,4,,2026-11-25,\n"));
    service.clock.set("2026-12-05T03:00:00Z");
    service.service.refresh().unwrap();
    assert_eq!(service.export().lines().count(), 2);
    // Another process with its clock ahead has already turned the day.
    service.clock.set("2026-12-20T03:00:00Z");
    service.service.refresh().unwrap();
    service.clock.set("2026-12-05T03:00:00Z");
    service.must_apply(&format!("{HEAD}082333,,kosodate-02,eapp,4,,2026-12-10,\n"));
    service.clock.set("2026-12-21T03:00:00Z");
    service.service.refresh().unwrap();
    assert_eq!(service.export().lines().count(), 3);
}

fn a_confirmed_level_ends_a_not_applicable_in_between(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n";
    service.must_import(&format!("{head}082333,kosodate-01,online,3+,,published,2024-03-31\n"));
    service.must_import(&format!("{head}082333,kosodate-01,,,not_applicable,published,2025-03-31\n"));
    let report = service.must_import(&format!("{head}082333,kosodate-01,online,3+,,published,2026-03-31\n"));
    // What ended is stated anew, and ends the other in its turn.
    assert_eq!((report.counts.created, report.counts.changed), (1, 1));
    assert!(service.export().contains(",,applicable,,"), "{}", service.export());
}

fn one_file_may_not_say_both_performed_and_not(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階,該当性,適用日\n";
    let both = format!(
        "{head}082333,kosodate-01,,,not_applicable,2026-04-01\n082333,kosodate-01,mynaportal,4,,2026-04-01\n"
    );
    let report = service.import("b.csv", both.as_bytes());
    assert_eq!(report.status, Status::Refused);
    assert_eq!(codes(&report.faults), ["contradiction", "contradiction"]);
    assert!(report.faults[0].message.starts_with("3行目") && report.faults[1].message.starts_with("2行目"));
    service.must_import(&format!("{head}082333,kosodate-01,,,not_applicable,2025-04-01\n"));
    assert_eq!(service.import("b.csv", both.as_bytes()).status, Status::Refused);
}

fn rows_of_one_file_build_on_each_other(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(&format!("{HEAD}082333,,kosodate-01,eapp,3,OLD,2025-01-01,\n"));
    let file = format!(
        "{HEAD}082333,,kosodate-01,eapp,4,,2026-02-01,\n082333,,kosodate-01,eapp,,NEW,2026-01-01,\n\
         082333,,kosodate-02,eapp,,第2版,2026-02-01,\n082333,,kosodate-02,eapp,2,,2026-01-01,\n"
    );
    service.must_import(&file);
    let export = service.export();
    assert!(
        export.contains(",4,false,live,,,,NEW,") && export.contains(",2,false,live,,,,第2版,"),
        "{export}"
    );
    assert_eq!(service.import("again.csv", file.as_bytes()).status, Status::NothingToDo);
    // What is not said stays: the reason of a not applicable, the day of a plan.
    let head = "団体コード,手続ID,接点,該当性,該当性の理由,段階,目標段階,目標日,適用日\n";
    service.must_import(&format!(
        "{head}082333,kaigo-01,,other_body,広域連合,,,,2026-01-01\n082333,kaigo-02,eapp,,,1,4,令和9年度,2026-01-01\n"
    ));
    service.must_import("団体コード,手続ID,接点,該当性,目標段階,適用日\n082333,kaigo-01,,other_body,,2026-02-01\n082333,kaigo-02,eapp,,5,2026-02-01\n");
    let export = service.export();
    assert!(
        export.contains("other_body,広域連合") && export.contains(",5,2028-03-31,fiscal_year,"),
        "{export}"
    );
}

/// The head of the national list and some of its rows.
fn national(rows: impl Fn(usize, &mut Vec<String>) -> bool) -> Option<Vec<u8>> {
    let bytes = real::file(CSV)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (at, record) in reader.records().enumerate() {
        let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        if at < 11 || rows(at - 11, &mut cells) {
            writer.write_record(&cells).unwrap();
        }
    }
    Some(writer.into_inner().unwrap())
}

fn a_faulty_line_gives_none_of_its_cells(backend: &Backend) {
    let spoil = |at: usize, cells: &mut Vec<String>| {
        match at {
            1 => cells[20] = "△".into(),
            2 => (cells[0], cells[3]) = (String::new(), String::new()),
            _ => {}
        }
        at < 4
    };
    let Some(file) = national(spoil) else { return };
    let service = TestService::new(backend);
    let report = service.import("spoilt.csv", &file);
    assert_eq!(report.status, Status::Refused);
    assert_eq!(codes(&report.faults), ["unknown_mark", "missing_code"]);
    let mark = &report.faults[0];
    assert_eq!((mark.value.as_deref(), mark.allowed.as_deref()), (Some("△"), Some("○ 〇 ー 空欄")));
    assert!(mark.heading.as_deref().unwrap().starts_with("児童手当等の受給資格"));
    // A changed digit of a code without its zero is a wrong check digit, not a wrong length.
    let changed = national(|at, cells| {
        if at == 0 {
            cells[0] = "16099".into();
        }
        at < 2
    });
    let changed = service.import("changed.csv", &changed.unwrap());
    assert_eq!(codes(&changed.faults), ["check_digit"]);
    assert_eq!(changed.faults[0].suggestion.as_deref(), Some("016098"));
    let how = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with("spoilt.csv", &file, service.options(), &how);
    assert_eq!((report.counts.created, report.counts.rejected), (100, 2));
    assert_eq!(service.export().lines().count(), 101);
}

fn the_national_workbook_is_taken_whole(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let report = &country.report;
    assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
    assert_eq!((report.counts.bodies, report.counts.created), (1_741, 87_050));
    let count = |mark: &str| report.understood.iter().find(|one| one.mark == mark).unwrap().count;
    assert_eq!((count("○"), count("〇"), count("ー"), count("空欄")), (53_840, 11, 2_100, 31_099));
    let app = &country.app;
    assert_eq!(app.get("readiness?level_min=3").count(), 53_851);
    assert_eq!(app.get("readiness?level_max=0").count(), 31_099);
    let absent = app.get("distribution?by=level&channel=online").results();
    let rows = |level: &str| absent.iter().find(|row| row["level"] == level).unwrap()["rows"].clone();
    assert_eq!(rows("not_applicable"), 2_100);
    assert_eq!(rows("3+"), 53_851);
    let row = &app.get("readiness?level_min=3&limit=1").results()[0];
    assert_eq!(row["at_least"], true);
    assert_eq!((&row["source"], &row["channel"]), (&"published".into(), &"online".into()));
    assert_eq!(
        (&row["effective_on"], &row["effective_precision"]),
        (&"2025-03-31".into(), &"fiscal_year".into())
    );
}

fn the_same_workbook_again_changes_nothing(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let service = &country.app.inner;
    let revision = service.service.grid().revision();
    for name in [WORKBOOK, SAVED_AGAIN, CSV] {
        let Some(bytes) = real::file(name) else { return };
        let report = service.import(name, &bytes);
        assert_eq!(report.status, Status::NothingToDo);
        assert_eq!((report.counts.unchanged, report.counts.written()), (87_050, 0));
    }
    assert_eq!(service.service.grid().revision(), revision);
}

fn taking_the_national_file_back_leaves_no_trace_in_the_export(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let Some(workbook) = real::file(WORKBOOK) else { return };
    let service = TestService::new(backend);
    service
        .must_import(&format!("{HEAD}082333,行方市,kosodate-01,mynaportal,4,ぴったりサービス,2026-04-01,\n"));
    let before = service.export();
    let report = service.import(WORKBOOK, &workbook);
    assert_eq!(report.counts.created, 87_050);
    assert_ne!(service.export(), before);
    let reverted = service.service.revert(report.import_id.unwrap(), &operator()).unwrap();
    service.service.refresh().unwrap();
    assert_eq!((reverted.removed, reverted.restored, reverted.kept), (87_050, 0, 0));
    assert_eq!(service.export(), before);
    assert_eq!(country.empty_export.lines().count(), 1);
    assert!(matches!(
        service.service.revert(report.import_id.unwrap(), &operator()),
        Err(Error::Conflict(_))
    ));
    assert!(matches!(service.service.revert(999, &operator()), Err(Error::NotFound(_))));
}

const TOWN: &str = "団体コード,手続ID,接点,段階,システム,URL,担当課,備考,状態,目標段階,目標日,該当性,該当性の理由,根拠,適用日\n\
    082333,kosodate-01,mynaportal,4,ぴったりサービス,https://example.jp/,こども課,\"=注, \"\"引用\"\"\n2行目\",,5,令和9年度,,,,2026-04-01\n\
    082333,kosodate-02,eapp,3+,,,,,suspended,,,,,seen,2026年4月\n\
    082333,hisaisha-02,,,,,,,,,,制度なし・該当なし,県が行う,,2026-04-01\n\
    082333,kosodate-01,counter,5,,,,-1,live,,,,,verified,2026-04-01\n\
    082333,kosodate-03,online,3+,,,,,,,,,,published,令和6年度\n\
    080004,high-volume-05,online,4,,,,,,,,,,,2026-04-01\n";

fn an_export_reads_back_as_no_change(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.must_import(TOWN);
    assert_eq!(report.counts.created, 6);
    let export = service.export();
    assert_eq!(export.matches("'=注").count(), 1, "{export}");
    let again = service.import("export.csv", export.as_bytes());
    assert_eq!(again.status, Status::NothingToDo, "{:#?}", again.faults);
    assert_eq!(again.counts.unchanged, 6);
    // The same into an empty house gives the same house.
    service.service.revert(report.import_id.unwrap(), &operator()).unwrap();
    service.service.refresh().unwrap();
    assert_eq!(service.export().lines().count(), 1);
    let rebuilt = service.import("export.csv", export.as_bytes());
    assert_eq!(rebuilt.counts.created, 6, "{:#?}", rebuilt.faults);
    assert_eq!(service.export(), export);
}

fn one_wrong_row_keeps_everything_out(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.import(
        "../町/対応状況.csv",
        format!(
            "{HEAD}082333,行方市,kosodate-01,mynaportal,4,,,\n\
             082334,行方市,kosodate-02,mynaportal,4,,,\n\
             082333,水戸市,kosodate-03,mynaportal,4,,,\n\
             12203,,kosodate-04,mynaportal,4,,,\n\
             12203,市川市,kosodate-04,mynaportal,7,,令和8年2月30日,\n\
             082333,行方市,kosodte-05,mynaportl,,,,\n\
             082333,行方市,kosodate-01,mynaportal,3,,,\n\
             合計,,,,1,,,\n"
        )
        .as_bytes(),
    );
    assert_eq!(report.status, Status::Refused);
    assert_eq!(report.file_name, "対応状況.csv");
    assert_eq!(
        codes(&report.faults),
        [
            "conflicting_rows",
            "check_digit",
            "code_name_mismatch",
            "ambiguous_code",
            "level_format",
            "date_format",
            "unknown_procedure",
            "unknown_channel",
            "conflicting_rows"
        ]
    );
    let first = &report.faults[1];
    assert_eq!((first.line, first.column, first.heading.as_deref()), (Some(3), Some(1), Some("団体コード")));
    assert_eq!((first.value.as_deref(), first.suggestion.as_deref()), (Some("082334"), Some("082333")));
    assert_eq!(report.faults[6].suggestion.as_deref(), Some("kosodate-05"));
    assert_eq!(report.faults[7].suggestion.as_deref(), Some("mynaportal"));
    assert!(
        todoke::cli::report::summary(&report)
            .contains("3行目「団体コード」列: 団体コードの検査数字が違います（正しくは 082333）")
    );
    assert_eq!(report.counts.rejected, 7);
    assert_eq!(service.export().lines().count(), 1);
    assert_eq!(service.service.grid().revision(), 0);
}

fn good_rows_can_be_taken_alone(backend: &Backend) {
    let service = TestService::new(backend);
    let text = format!(
        "{HEAD}82333,行方市,kosodate-01,マイナポータル（ぴったりサービス）,4,,,\n999999,,kosodate-01,eapp,4,,,\n"
    );
    let how = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with("a.csv", text.as_bytes(), service.options(), &how);
    assert_eq!((report.status, report.counts.created, report.fault_count), (Status::Applied, 1, 1));
    assert!(
        todoke::cli::report::summary(&report).contains("誤りのある1行は取り込んでいません。取り込みました")
    );
    // Again the good row is known and the wrong one still wrong.
    let again = service.import_with("a.csv", text.as_bytes(), service.options(), &how);
    assert_eq!((again.status, again.counts.unchanged), (Status::NothingToDo, 1));
    assert_eq!(codes(&report.warnings), ["lost_zero"]);
    assert!(service.export().contains("\n082333,行方市,kosodate-01,"));
}

fn saying_it_again_later_confirms(backend: &Backend) {
    let service = TestService::new(backend);
    let row = |on: &str| format!("{HEAD}082333,行方市,kosodate-01,mynaportal,4,,{on},\n");
    service.must_import(&row("2025-04-01"));
    let later = service.must_import(&row("2026-04-01"));
    assert_eq!((later.counts.confirmed, later.counts.changed), (1, 0));
    let grid = service.service.grid();
    let body = grid.catalogue().find_body("082333").unwrap();
    let cell = &grid.block(body).cells()[0];
    assert_eq!((cell.effective.on, cell.confirmed_on), (day("2025-04-01"), Some(day("2026-04-01"))));
    // Without a date of its own the file says nothing new.
    let undated = service.import("u.csv", row("").as_bytes());
    assert_eq!(undated.status, Status::NothingToDo);
    // An older day is already covered.
    assert_eq!(service.import("o.csv", row("2025-10-01").as_bytes()).status, Status::NothingToDo);
    service.service.revert(later.import_id.unwrap(), &operator()).unwrap();
    service.service.refresh().unwrap();
    assert_eq!(service.service.grid().block(body).cells()[0].confirmed_on, None);
}

fn an_empty_cell_keeps_what_was_known(backend: &Backend) {
    let service = TestService::new(backend);
    service
        .must_import(&format!("{HEAD}082333,,kosodate-01,mynaportal,4,ぴったり,2025-04-01,前からの備考\n"));
    service.must_import(&format!("{HEAD}082333,,kosodate-01,mynaportal,5,,2026-04-01,\n"));
    assert!(service.export().contains(",5,false,live,,,,ぴったり,,,declared,2026-04-01,day,前からの備考\n"));
    let options = Options { blank: Blank::Clear, ..service.options() };
    let text = format!("{HEAD}082333,,kosodate-01,mynaportal,,,2026-05-01,\n");
    let report = service.import_with("c.csv", text.as_bytes(), options, &ApplyOptions::default());
    assert_eq!(report.counts.changed, 1, "{:?}", report.faults);
    assert!(
        service.export().contains(",5,false,live,,,,,,,declared,2026-05-01,day,\n"),
        "{}",
        service.export()
    );
    let nothing = service.import("n.csv", format!("{HEAD}082333,,kosodate-01,mynaportal,,,,\n").as_bytes());
    assert_eq!((nothing.status, nothing.fault_count), (Status::NothingToDo, 0));
    assert!(nothing.notes.iter().any(|note| note.contains("1行は読み飛ばしました")), "{:?}", nothing.notes);
    let first = service.import("f.csv", format!("{HEAD}082333,,kosodate-02,mynaportal,,x,,\n").as_bytes());
    assert_eq!(codes(&first.faults), ["missing_level"]);
}

fn a_town_and_the_nation_do_not_overwrite_each_other(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階,根拠,適用日\n";
    service.must_import(&format!("{head}082333,kosodate-01,online,4,declared,2024-04-01\n"));
    service.must_import(&format!("{head}082333,kosodate-01,online,0,published,2025-03-31\n"));
    let export = service.export();
    assert!(export.contains(",4,false,live,,,,,,,declared,2024-04-01,"), "{export}");
    assert!(export.contains(",0,false,live,,,,,,,published,2025-03-31,"), "{export}");
    let grid = service.service.grid();
    let body = grid.catalogue().find_body("082333").unwrap();
    let procedure = grid.catalogue().find_procedure("kosodate-01").unwrap();
    let reading = grid.block(body).reading(Reads::Online, procedure);
    assert!(matches!(reading.answer, Answer::Level { level, .. } if level.number() == 4));
}

fn a_later_import_survives_the_revert_of_an_earlier_one(backend: &Backend) {
    let service = TestService::new(backend);
    let row = |level: u8, on: &str, note: &str| {
        format!(
            "{HEAD}082333,,kosodate-01,eapp,{level},,{on},{note}\n082333,,kosodate-02,eapp,{level},,2025-04-01,{note}\n"
        )
    };
    service.must_import(&row(1, "2024-04-01", "first"));
    let second = service.must_import(&row(3, "2025-04-01", "second"));
    let third =
        service.import("t.csv", format!("{HEAD}082333,,kosodate-01,eapp,4,,2026-04-01,third\n").as_bytes());
    let before = service.export();
    assert!(before.contains(",4,false") && before.contains(",3,false"));
    let report = service.service.revert(second.import_id.unwrap(), &operator()).unwrap();
    assert_eq!((report.removed, report.restored, report.kept), (0, 1, 1));
    service.service.refresh().unwrap();
    let after = service.export();
    assert!(
        after.contains("kosodate-01,児童手当等の受給資格及び児童手当の額についての認定請求,eapp,,,4,"),
        "{after}"
    );
    assert!(after.contains(",1,false,live,,,,,,,declared,2025-04-01,day,first"), "{after}");
    service.service.revert(third.import_id.unwrap(), &operator()).unwrap();
    service.service.refresh().unwrap();
    assert!(service.export().contains(",1,false,live,,,,,,,declared,2024-04-01,day,first"));
}

fn a_fact_of_tomorrow_holds_tomorrow(backend: &Backend) {
    let service = TestService::new(backend);
    let today = service.service.today();
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap();
    service.must_import(&format!(
        "{HEAD}082333,,kosodate-01,eapp,1,,{today},\n082333,,kosodate-01,mynaportal,4,,{tomorrow},\n"
    ));
    // The export has what is stated for later days; what holds is less.
    assert_eq!((service.export().lines().count(), service.service.grid().statement_count()), (3, 1));
    service.clock.set("2026-11-21T14:59:59Z");
    assert!(!service.service.refresh().unwrap());
    service.clock.set("2026-11-21T15:00:00Z");
    assert!(service.service.refresh().unwrap());
    assert_eq!(service.service.grid().as_of(), tomorrow);
    assert_eq!((service.export().lines().count(), service.service.grid().statement_count()), (3, 2));
}

fn a_plan_that_was_seen_is_the_plan_that_is_applied(backend: &Backend) {
    let service = TestService::new(backend);
    let row = |level: u8| format!("{HEAD}082333,,kosodate-01,eapp,{level},,2026-04-01,\n");
    let prepared = service.service.read_file("a.csv", row(4).as_bytes(), service.options());
    let (seen, hash) = crate::app::check(&service.service, &prepared, &operator()).unwrap();
    assert_eq!((seen.status, seen.counts.created), (Status::Checked, 1));
    assert_eq!(service.service.grid().revision(), 0);
    service.must_import(&row(2));
    let how = ApplyOptions { expected_plan: hash, ..ApplyOptions::default() };
    assert!(matches!(
        crate::app::apply(&service.service, &prepared, &operator(), &how),
        Err(Error::Conflict(_))
    ));
    assert!(service.export().contains(",2,false"));
    let (_, hash) = crate::app::check(&service.service, &prepared, &operator()).unwrap();
    let how = ApplyOptions { expected_plan: hash, ..ApplyOptions::default() };
    assert_eq!(
        crate::app::apply(&service.service, &prepared, &operator(), &how).unwrap().status,
        Status::Applied
    );
}

fn lowering_many_levels_must_be_confirmed(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = |level: u8, on: &str| {
        let rows: String =
            (1..=15).map(|n| format!("082333,,kosodate-{n:02},eapp,{level},,{on},\n")).collect();
        format!("{HEAD}{rows}")
    };
    service.must_import(&rows(4, "2025-04-01"));
    let lower = rows(1, "2026-04-01");
    let report = service.import("l.csv", lower.as_bytes());
    assert_eq!((report.status, report.counts.lowered), (Status::Refused, 15));
    let (checked, _) = crate::app::check(
        &service.service,
        &service.service.read_file("l.csv", lower.as_bytes(), service.options()),
        &operator(),
    )
    .unwrap();
    assert!(
        todoke::cli::report::summary(&checked).contains("--confirm が要ります"),
        "{}",
        todoke::cli::report::summary(&checked)
    );
    assert!(todoke::cli::report::summary(&report).contains("--confirm"));
    let how = ApplyOptions { confirmed: true, ..ApplyOptions::default() };
    let report = service.import_with("l.csv", lower.as_bytes(), service.options(), &how);
    assert_eq!(report.status, Status::Applied);
}

fn readiness_ends_a_stated_not_applicable(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階,該当性,適用日\n";
    service.must_import(&format!("{head}082333,kosodate-01,,,not_applicable,2025-04-01\n"));
    let report = service.must_import(&format!("{head}082333,kosodate-01,eapp,3,,2026-04-01\n"));
    assert_eq!(codes(&report.warnings), ["applicability_lifted"]);
    assert!(service.export().contains(",,applicable,,"));
    let both =
        service.import("b.csv", format!("{head}082333,kosodate-02,eapp,3,not_applicable,\n").as_bytes());
    assert_eq!(codes(&both.faults), ["contradiction"]);
}

fn a_withdrawn_statement_is_unanswered_again(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階,状態,適用日\n";
    service.must_import(&format!("{head}082333,kosodate-01,eapp,3,,2025-04-01\n"));
    service.must_import(&format!("{head}082333,kosodate-01,eapp,,withdrawn,2026-04-01\n"));
    assert_eq!(service.export().lines().count(), 1);
    // Withdrawing what is not stated is no change.
    let again =
        service.import("w.csv", format!("{head}082333,kosodate-01,eapp,,withdrawn,2026-04-01\n").as_bytes());
    assert_eq!(again.status, Status::NothingToDo);
    // An older statement learnt later does not undo the withdrawal.
    service.must_import(&format!("{head}082333,kosodate-01,eapp,2,,2025-10-01\n"));
    assert_eq!(service.export().lines().count(), 1);
}

#[test]
fn what_a_clerk_may_not_have_meant_is_told() {
    let service = TestService::new(&Backend::sqlite());
    service.must_import(&format!("{HEAD}082333,,kosodate-01,eapp,4,,2026-04-01,\n"));
    let warned = |row: &str| {
        let head = "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n";
        let report = service.must_import(&format!("{head}{row}\n"));
        codes(&report.warnings).iter().map(|code| (*code).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(warned("082333,kosodate-01,eapp,2,,,2025-04-01"), ["superseded"]);
    assert_eq!(warned("082333,kosodate-02,eapp,2,,,令和80年4月1日"), ["future_date"]);
    assert!(warned("082333,kosodate-03,online,3+,,published,2025-03-31").is_empty());
    assert_eq!(warned("082333,kosodate-03,online,5,,published,2025-03-31"), ["published_changed"]);
    // Short words that can mean only one thing.
    assert!(warned("082333,kosodate-04,マイナポータル,4,,,2026-04-01").is_empty());
    assert!(warned("082333,kosodate-04,コンビニ,3,,,2026-04-01").is_empty());
    assert!(warned("082333,kosodate-05,,,制度なし,,2026-04-01").is_empty());
    let export = service.export();
    assert!(export.contains("kosodate-04,受給事由消滅の届出,mynaportal,,,4,"), "{export}");
    assert!(export.contains("kosodate-04,受給事由消滅の届出,convenience,,,3,"), "{export}");
    assert!(export.contains("kosodate-05,未支払の児童手当等の請求,,not_applicable,"), "{export}");
    let vague = service.import("v.csv", format!("{HEAD}082333,,kosodate-06,出先,4,,,,はみ出し\n").as_bytes());
    assert_eq!(codes(&vague.faults), ["unknown_channel", "too_many_cells_in_row"]);
    assert!(vague.faults[0].allowed.as_deref().unwrap().contains("本庁窓口"));
}

#[test]
fn encodings_of_town_offices_say_the_same() {
    let service = TestService::new(&Backend::sqlite());
    let text = format!("{HEAD}082333,行方市,kosodate-01,eapp,4,申請システム表,2026-04-01,①㈱髙\n");
    let hash = |bytes: &[u8]| {
        let (report, hash) = crate::app::check(
            &service.service,
            &service.service.read_file("x.csv", bytes, service.options()),
            &operator(),
        )
        .unwrap();
        (report.encoding.unwrap(), hash.unwrap())
    };
    let (encoding, utf8) = hash(text.as_bytes());
    assert_eq!(encoding, "UTF-8 CSV");
    let (encoding, other) = hash(&encoding_rs::SHIFT_JIS.encode(&text).0);
    assert_eq!((encoding.as_str(), other), ("Shift_JIS (CP932) CSV", utf8));
    let tabs: Vec<u8> = b"\xFF\xFE"
        .iter()
        .copied()
        .chain(text.replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let (encoding, other) = hash(&tabs);
    assert_eq!((encoding.as_str(), other), ("UTF-16 タブ区切り", utf8));
}

#[test]
fn what_is_no_table_is_refused_with_the_way_out() {
    let service = TestService::new(&Backend::sqlite());
    for (bytes, code) in [
        (&b""[..], "no_rows"),
        (b"\xEF\xBB\xBF", "no_rows"),
        (HEAD.as_bytes(), "no_rows"),
        (b"a,b\n1,2\n", "unknown_layout"),
        (b"%PDF-1.7\n\xE2\xE3", "pdf"),
        (b"\x00\x01\x02\xFF\xFE\x80\x81", "broken_byte"),
        (b"r\xE9sum\xE9 na\xEFve caf\xE9, \xFCber gar\xE7on\n", "encoding"),
        (b"PK\x03\x04 not a workbook at all", "workbook_damaged"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "document"),
        (
            "団体コード,市区町村コード,手続ID,接点\n082333,082333,kosodate-01,eapp\n".as_bytes(),
            "duplicate_heading",
        ),
        ("団体コード,手続ID\n082333,\"kosodate-01\n".as_bytes(), "unclosed_quote"),
    ] {
        let report = service.import("x", bytes);
        assert_eq!(report.status, Status::Refused);
        assert_eq!(codes(&report.faults)[..1], [code], "{:?}", report.faults);
        assert!(!report.faults[0].message.is_empty());
    }
}

#[test]
fn days_for_files_without_a_date_come_from_the_sender() {
    let service = TestService::new(&Backend::sqlite());
    let options = Options { effective: Some(Dated::day(day("2026-04-01"))), ..service.options() };
    let text = format!("{HEAD}082333,,kosodate-01,eapp,4,,,\n082333,,kosodate-02,eapp,4,,2026-05-01,\n");
    service.import_with("d.csv", text.as_bytes(), options, &ApplyOptions::default());
    let export = service.export();
    assert!(
        export.contains("declared,2026-04-01,day") && export.contains("declared,2026-05-01,day"),
        "{export}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever a town states, its export reads back as no change and rebuilds the same house.
    #[test]
    fn exports_round_trip(
        rows in proptest::collection::btree_map(
            (1u8..=15, prop_oneof![Just("online"), Just("mynaportal"), Just("eapp"), Just("counter"), Just("kiosk")]),
            (0u8..=5, any::<bool>(), 0u8..4, "[=+@'ー○a1あ, \"\n-]{0,12}", 0u32..400),
            1..20,
        ),
    ) {
        let service = TestService::new(&Backend::sqlite());
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["municipality_code", "procedure_id", "channel", "level", "at_least", "state", "note", "effective_on"]).unwrap();
        for ((procedure, channel), (level, at_least, state, note, ago)) in &rows {
            let state = ["live", "prepared", "seasonal", "suspended"][usize::from(*state)];
            let on = day("2026-11-21") - Days::new(u64::from(*ago));
            let id = format!("kosodate-{procedure:02}");
            // "At least 0" says nothing and is refused.
            let at_least = *at_least && *level > 0;
            writer.write_record(["082333", &id, channel, &level.to_string(), &at_least.to_string(), state, note, &on.to_string()]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let first = service.import("a.csv", &text);
        prop_assert_eq!(first.counts.created, rows.len(), "{:?}", first.faults);
        let export = service.export();
        let again = service.import("b.csv", export.as_bytes());
        prop_assert_eq!((again.status, again.counts.unchanged), (Status::NothingToDo, rows.len()), "{:?}\n{}", again.faults, export);
        service.service.revert(first.import_id.unwrap(), &operator()).unwrap();
        let rebuilt = service.import("c.csv", export.as_bytes());
        prop_assert_eq!(rebuilt.counts.created, rows.len());
        prop_assert_eq!(service.export(), export);
    }
}

fn slips_of_a_clerk_are_told_with_the_way_out(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.import(
        "town.csv",
        "団体コード,手続ID,接点,段階\n082333,kosodate-1,eapp,3\n082333,kosodate-02,eapp,○\n082333,kosodate-03,eapp,×\n".as_bytes(),
    );
    assert_eq!(report.status, Status::Refused);
    let told: Vec<_> = report.faults.iter().map(|fault| (fault.line, fault.suggestion.as_deref())).collect();
    // Marks are levels there too.
    assert_eq!(told, [(Some(2), Some("kosodate-01"))]);
    assert!(
        !todoke::cli::report::summary(&report).contains("GET "),
        "{}",
        todoke::cli::report::summary(&report)
    );
}
