//! Numbers, years and days that may be something else than they look like: counts among marks, levels among
//! counts, plans among days. They are asked about, and never stored as one of them or lost.

use todoke::domain::usage::{RecordKey, RecordValue};
use todoke::import::OnError;
use todoke::import::marks::Question;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, on_both, operator};
use crate::reports::{applied, known_records, refused};

on_both! {
    a_cell_without_a_number_loses_no_column_of_counts;
    states_beside_counts_are_no_counts;
    counts_under_the_names_of_channels_are_asked_about;
    years_alone_are_asked_about;
    numbers_that_are_no_levels_make_their_neighbours_doubtful;
    numbers_beside_marks_stay_levels;
    a_planned_day_is_that_of_the_plan;
    level_0_from_a_day_to_come_is_asked_about;
    a_mark_with_a_planned_day_is_a_plan;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

fn values(question: &Question) -> Vec<&str> {
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

/// Nothing is stored of a table with these faults, also where wrong rows are left out.
/// Takes what is right of a table, and leaves its wrong rows out.
fn skipped(service: &TestService, text: &str, said: &[(&str, &str)]) {
    let asked = said.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
    let asked = serde_json::from_value(serde_json::Value::Object(asked.collect())).unwrap();
    let options = service.service.options(&operator(), &asked).unwrap().unwrap();
    let how = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    service.import_with("n.csv", text.as_bytes(), options, &how);
}

/// The counts that are stored: `procedure year group count`.
fn counts(backend: &Backend) -> Vec<String> {
    let known = known_records(backend);
    let line = |(key, value): (&RecordKey, &RecordValue)| match (key, value) {
        (RecordKey::Usage(key), RecordValue::Applications(count)) => {
            let (procedure, year) = (key.procedure.as_str(), key.fiscal_year.number());
            Some(format!("{procedure} {year} {} {count}", key.group.code()))
        }
        _ => None,
    };
    known.iter().filter_map(line).collect()
}

fn a_cell_without_a_number_loses_no_column_of_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続名,年度,総件数";
    for text in [
        format!("{head},オンライン\n082333,転出届,R6,900,120\n082341,転出届,R6,1100,－\n"),
        format!("{head},窓口\n082333,転出届,R6,900,780\n082341,転出届,R6,1100,ー\n"),
        format!("{head},電子申請\n082333,転出届,R6,900,3\n082341,転出届,R6,1100,未集計\n"),
        "手続名,令和5年度,,令和6年度,\n,総件数,オンライン,総件数,オンライン\n転出届,900,－,880,120\n"
            .to_owned(),
    ] {
        let said = if text.starts_with("手続名") { vec![TOWN] } else { vec![] };
        let report = refused(&service, &text, &said, &["ambiguous_mark"]);
        let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
        let answer = [said, vec![("marks", values(question)[0])]].concat();
        applied(&service, &text, &answer, 3);
        assert!(!counts(backend).iter().all(|line| line.contains(" all ")), "{:?}", counts(backend));
        service.take_everything_back();
    }
    // What is no number at all is a fault of its cell.
    for (cell, heading) in [("約120", "オンライン"), ("要確認", "online"), ("120程度", "郵送")] {
        let text = format!("{head},{heading}\n082333,転出届,R6,900,{cell}\n082341,転出届,R6,1100,300\n");
        let report = refused(&service, &text, &[], &["number_format"]);
        assert_eq!(report.faults[0].heading.as_deref(), Some(heading));
    }
    // So it is under a year alone.
    let text = "手続名,令和5年度,令和6年度\n転出届,900,880\n妊娠の届出,－,170\n";
    refused(&service, text, &[TOWN], &["ambiguous_mark"]);
    applied(&service, text, &[TOWN, ("marks", "ー=nothing")], 3);
}

fn states_beside_counts_are_no_counts(backend: &Backend) {
    let service = TestService::new(backend);
    for cells in [["○", "×"], ["○", "3"]] {
        let text = format!(
            "団体コード,手続名,年度,総件数,オンライン\n082333,転出届,R6,900,{}\n082341,転出届,R6,1100,{}\n",
            cells[0], cells[1]
        );
        let report = refused(&service, &text, &[], &["counts_beside_marks"]);
        assert_eq!(report.faults[0].heading.as_deref(), Some("オンライン"));
        applied(&service, &text, &[("ignore", "オンライン")], 2);
        service.take_everything_back();
    }
}

fn counts_under_the_names_of_channels_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続名,年度,総件数,マイナポータル,電子申請システム,窓口,コンビニ\n\
                082333,転出届,R6,900,100,20,780,0\n";
    let report = refused(&service, text, &[], &["unknown_count", "unknown_count"]);
    let asked: Vec<Vec<&str>> = report.questions.iter().map(values).collect();
    assert_eq!(asked, [["マイナポータル"], ["電子申請システム"]]);
    applied(&service, text, &[("ignore", "マイナポータル,電子申請システム")], 3);
    service.take_everything_back();
    let text = "団体コード,手続名,年度,手続総件数,オンライン申請（マイナポータル）,オンライン申請（その他）\n\
                082333,転出届,R6,900,100,20\n";
    refused(&service, text, &[], &["unknown_count", "unknown_count"]);
    // The only one may be all that came online.
    let text =
        "団体コード,手続名,年度,総件数,LoGoフォーム\n082333,転出届,R6,900,－\n082341,転出届,R6,800,20\n";
    let report = refused(&service, text, &[], &["unknown_count"]);
    let answer = values(&report.questions[0])[0];
    assert_eq!(answer, "logoフォーム=うちオンライン数");
    applied(&service, text, &[("columns", answer), ("marks", "ー=nothing")], 3);
    assert!(counts(backend).contains(&"tenshutsu-tennyu-01 2024 online 20".to_owned()));
    service.take_everything_back();
    // Other numbers beside counts are told, as before.
    let text = "団体コード,手続名,年度,総件数,窓口開設年,優先度\n082333,転出届,R6,900,2019,1\n";
    let report = applied(&service, text, &[], 1);
    assert!(report.notes.iter().any(|note| note.ends_with("使いません: 窓口開設年、優先度")), "{report:#?}");
}

fn years_alone_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, cell) in [
        ("年度", "R5"),
        ("年度", "2023"),
        ("調査年", "R5年"),
        ("調査年", "2023"),
        ("調査年", "2023年"),
        ("対象年度", "令和5"),
        ("基準年", "H30"),
    ] {
        for text in [
            format!("団体コード,手続名,{heading},オンライン\n082333,転出届,{cell},○\n"),
            format!("団体コード,{heading},転出届,妊娠の届出\n082333,{cell},○,\n"),
            format!("団体コード,手続名,{heading},接点,対応状況\n082333,転出届,{cell},オンライン,○\n"),
        ] {
            let report = refused(&service, &text, &[ONLINE], &["unknown_heading"]);
            let of_rows = format!("{heading}=effective_on");
            // Fiscal years may be the days of the rows; those of the calendar are no days.
            match heading.ends_with("年度") {
                true => {
                    let offered = values(&report.questions[0]);
                    assert_eq!((offered[0], offered.last()), (&*of_rows, Some(&heading)), "{text}");
                    applied(&service, &text, &[ONLINE, ("columns", &of_rows)], 1);
                    assert!(service.export().contains(",2024-03-31,fiscal_year,"), "{}", service.export());
                    service.take_everything_back();
                }
                false => assert_eq!(values(&report.questions[0]), [heading], "{text}"),
            }
            applied(&service, &text, &[ONLINE, ("ignore", heading)], 1);
            service.take_everything_back();
        }
    }
    // When somebody wrote it down is nothing that the rows say.
    let text = "団体コード,手続名,制定年,オンライン\n082333,転出届,H30,○\n";
    applied(&service, text, &[ONLINE], 1);
}

fn numbers_that_are_no_levels_make_their_neighbours_doubtful(backend: &Backend) {
    let service = TestService::new(backend);
    let wide = "団体コード,転出届,罹災証明書の発行申請\n082333,12,0\n082341,5,2\n082236,3,4\n";
    let high = "団体コード,転出届,妊娠の届出,罹災証明書の発行申請\n\
                082333,120,30,0\n082341,300,45,2\n082236,210,3,－\n";
    let turned = "手続名,082333 行方市,082341 鉾田市\n転出届,7,3\n妊娠の届出,2,0\n";
    let form = "団体コード,手続名,オンライン,窓口\n082333,転出届,15,3\n082341,転出届,2,4\n";
    for (text, layout, columns) in [
        (wide, "wide-municipalities", 2),
        (high, "wide-municipalities", 3),
        (turned, "wide-procedures", 2),
        (form, "form", 2),
    ] {
        let report = refused(&service, text, &[ONLINE], &["column_of_counts"]);
        let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
        assert_eq!((question.headings.len(), values(question)), (columns, vec![layout]), "{report:#?}");
        // Nor are the rows without such a number taken where wrong ones are left out.
        skipped(&service, text, &[ONLINE]);
        assert_eq!(service.export().lines().count(), 1, "{text}{}", service.export());
    }
    // Whoever says that they are levels is asked about the others alone.
    let said = [ONLINE, ("layout", "wide-municipalities")];
    refused(&service, wide, &said, &["unknown_mark"]);
    applied(&service, wide, &[said[0], said[1], ("marks", "12=1")], 6);
    service.take_everything_back();
    // Nor are the others levels because the one with such numbers is left out.
    let report = refused(&service, high, &[ONLINE, ("ignore", "転出届,妊娠の届出")], &["column_of_counts"]);
    assert_eq!(report.questions[0].headings, ["罹災証明書の発行申請"], "{report:#?}");
    // In one column of rows it is the same.
    let long = "団体コード,手続名,接点,対応状況\n082333,転出届,オンライン,12\n082341,転出届,オンライン,3\n";
    refused(&service, long, &[], &["column_of_counts"]);
    skipped(&service, long, &[]);
    assert_eq!(service.export().lines().count(), 1, "{}", service.export());
}

fn numbers_beside_marks_stay_levels(backend: &Backend) {
    let service = TestService::new(backend);
    // Bare levels, and numbers beside marks.
    let text = "団体コード,転出届,妊娠の届出\n082333,3,5\n082341,0,－\n082236,4,2\n";
    applied(&service, text, &[ONLINE, ("marks", "ー=nothing")], 5);
    service.take_everything_back();
    // Of a column of counts beside marks and levels only that one is asked about.
    let text = "団体コード,手続名,オンライン,窓口,支所\n082333,転出届,○,178,3+\n082341,転出届,×,200,0\n";
    let report = refused(&service, text, &[], &["column_of_counts"]);
    assert_eq!(values(&report.questions[0]), ["窓口"], "{report:#?}");
    applied(&service, text, &[("ignore", "窓口")], 4);
    service.take_everything_back();
    // A number that is explained is no count.
    let text = "団体コード,転出届,妊娠の届出\n082333,9,2\n082341,3,0\n";
    applied(&service, text, &[ONLINE, ("marks", "9=nothing")], 3);
}

fn a_planned_day_is_that_of_the_plan(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体コード,手続名,接点,対応状況,適用日\n082333,転出届,オンライン,予定,令和19年4月1日\n",
        "団体コード,手続名,オンライン,適用日\n082333,転出届,準備中,2037-04-01\n",
        "団体コード,転出届,適用日\n082333,予定,R19.4.1\n",
        "団体コード,手続名,接点,対応状況,開始時期\n082333,転出届,オンライン,予定,2037/4/1\n",
    ] {
        let report = applied(&service, text, &[ONLINE], 1);
        assert!(
            service.export().contains(",online,,,0,false,live,3,2037-04-01,day,"),
            "{}",
            service.export()
        );
        assert!(report.warnings.iter().all(|warning| warning.code != "future_date"), "{report:#?}");
        service.take_everything_back();
    }
    // A day that is over is the day of the row.
    let text = "団体コード,手続名,接点,対応状況,適用日\n082333,転出届,オンライン,予定,令和5年4月1日\n";
    applied(&service, text, &[], 1);
    assert!(service.export().contains(",declared,2023-04-01,day,"), "{}", service.export());
}

fn level_0_from_a_day_to_come_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (text, created) in [
        (
            "団体コード,手続名,接点,対応状況,適用日\n082333,転出届,オンライン,未対応,令和19年度\n\
             082333,妊娠の届出,オンライン,済,令和5年2月6日\n",
            2,
        ),
        ("団体コード,手続名,オンライン,適用日\n082333,転出届,×,令和19年度\n", 1),
        ("団体コード,転出届,適用日\n082333,0,令和19年度\n", 1),
    ] {
        let said = [ONLINE, ("binary", "level")];
        let report = refused(&service, text, &said, &["zero_ahead"]);
        assert_eq!((report.faults[0].line, report.questions.len()), (Some(2), 1), "{report:#?}");
        let answers = values(&report.questions[0]);
        assert_eq!(answers, ["適用日=開始時期", "適用日=effective_on", "適用日"]);
        applied(&service, text, &[said[0], said[1], ("columns", answers[0])], created);
        assert!(service.export().contains(",0,false,live,3,2038-03-31,fiscal_year,"), "{}", service.export());
        if created == 2 {
            assert!(service.export().contains(",3,true,live,,,,"), "{}", service.export());
        }
        service.take_everything_back();
        let report = applied(&service, text, &[said[0], said[1], ("columns", answers[1])], created);
        assert!(report.warnings.iter().any(|warning| warning.code == "future_date"), "{report:#?}");
        service.take_everything_back();
    }
    // What programs write says it.
    let text =
        "municipality_code,procedure_id,channel,level,effective_on\n082333,kosodate-15,online,0,2037-04-01\n";
    applied(&service, text, &[], 1);
}

fn a_mark_with_a_planned_day_is_a_plan(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体コード,手続名,接点,対応状況,適用日\n082333,転出届,オンライン,○,R19.4予定\n",
        "団体コード,手続名,オンライン,開始日\n082333,転出届,○,令和19年4月（予定）\n",
        "団体コード,転出届,開始時期\n082333,○,2037年4月開始予定\n",
        "団体コード,転出届,\n,オンライン,開始日\n082333,○,R19.4予定\n",
    ] {
        let report = applied(&service, text, &[ONLINE], 1);
        let export = service.export();
        assert!(export.contains(",online,,,0,false,live,3,2037-04-30,month,"), "{text}{export}");
        let told: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert!(told.contains(&"planned_day") && !told.contains(&"date_loosened"), "{told:?}");
        service.take_everything_back();
    }
    let text = "LoGoフォーム導入団体一覧,\n団体名,導入時期\n行方市,R6.4\n鉾田市,R19.4予定\n";
    let said = [ONLINE, ("marks", "掲載=4"), ("names", "一覧=妊娠の届出")];
    applied(&service, text, &said, 2);
    let export = service.export();
    for row in [",online,,,4,false,live,,,,", ",online,,,0,false,live,4,2037-04-30,month,"] {
        assert!(export.contains(row), "{row} in\n{export}");
    }
    service.take_everything_back();
    // Without the word it is offered from then on, as before.
    let text = "団体コード,手続名,接点,対応状況,適用日\n082333,転出届,オンライン,○,R19.4\n";
    let report = applied(&service, text, &[], 1);
    assert!(report.warnings.iter().any(|warning| warning.code == "future_date"), "{report:#?}");
}
