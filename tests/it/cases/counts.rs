//! Counts of applications, and the ministries' own files.

use todoke::domain::usage::{RecordKey, RecordValue, Subject};
use todoke::import::report::Status;

use super::file;
use super::rows::{note, stored};
use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;
use crate::real;
use crate::reports::{codes, known_records};

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "06-ministry-online-use.xlsx",
    "07-ministry-procedure-survey.csv",
    "12-unit-in-heading.csv",
    "14-two-years-across.csv",
    "usage-years-as-columns.csv",
];

on_both! {
    the_survey_of_the_ministry_gives_states_and_counts;
    a_survey_of_six_columns_and_of_prefectures_is_read;
    both_sheets_of_the_survey_are_read_together;
    counts_are_read_with_their_units_and_years;
    counts_by_every_way_are_kept;
    the_prefectures_of_the_dashboard_are_read;
}

/// The counts that are stored: `code procedure year group count`.
fn counts(backend: &Backend) -> Vec<String> {
    let line = |(key, value): (&RecordKey, &RecordValue)| match (key, value) {
        (RecordKey::Usage(key), RecordValue::Applications(count)) => Some(format!(
            "{} {} {} {} {count}",
            key.municipality,
            key.procedure.as_str(),
            key.fiscal_year.number(),
            key.group.code()
        )),
        _ => None,
    };
    known_records(backend).iter().filter_map(line).collect()
}

fn the_survey_of_the_ministry_gives_states_and_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let name = "06-ministry-online-use.xlsx";
    let states = [
        "082333 high-volume-01 online 3+",
        "082333 high-volume-08 online 0",
        "082333 high-volume-14  not_applicable",
        "082333 tenshutsu-tennyu-01 online 3+",
        "082341 high-volume-01 online 0",
        "082341 high-volume-08 online 3+",
        "082341 high-volume-14 online 0",
        "082341 tenshutsu-tennyu-01 online 3+",
    ];
    let used = [
        "082333 high-volume-01 2022 all 1234",
        "082333 high-volume-01 2022 online 567",
        "082333 high-volume-08 2022 all 300",
        "082333 tenshutsu-tennyu-01 2022 all 900",
        "082333 tenshutsu-tennyu-01 2022 online 300",
        "082341 high-volume-01 2022 all 800",
        "082341 high-volume-08 2022 all 400",
        "082341 high-volume-08 2022 online 40",
        "082341 high-volume-14 2022 all 10",
        "082341 tenshutsu-tennyu-01 2022 all 700",
        "082341 tenshutsu-tennyu-01 2022 online 70",
    ];
    for said in [&[][..], &[("channel", "online")]] {
        let report = service.send_case(name, said);
        assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
        assert_eq!(report.layout.as_deref(), Some("mic-online-use"));
        note(&report, "4手続の列のまとまりを読みました。件数は2022年度");
        assert_eq!(stored(&service), states);
        assert_eq!(counts(backend), used);
        assert!(service.export().matches(",published,").count() >= 7, "{}", service.export());
        let again = service.send_case(name, said);
        assert_eq!((again.status, again.counts.written()), (Status::NothingToDo, 0));
        service.take_everything_back();
        assert!(stored(&service).is_empty() && counts(backend).is_empty());
    }
    let report = service.send_case(name, &[("fiscal_year", "2023")]);
    assert_eq!(codes(&report), ["other_fiscal_year"]);
}

/// A survey with two blocks of six columns, as text: merged cells are filled at their first cell only.
fn survey(title: &str, rows: &str) -> String {
    format!(
        "{title},,,,,,,,,,,,,\n,,,,,,,,,,,,,\n団体コード,団体名,,,,,,,,,,,,\n\
         ,,入札,,,,,,図書館の図書貸出予約等,,,,,\n\
         ,,有／無,済／未,利用システム,総件数,オンライン件数,オンライン利用率,有／無,済／未,利用システム,総件数,オンライン件数,オンライン利用率\n\
         {rows}"
    )
}

fn a_survey_of_six_columns_and_of_prefectures_is_read(backend: &Backend) {
    let service = TestService::new(backend);
    let text = survey(
        "令和5年度 自治体DX・情報化推進概要（令和4年度実績）",
        "27100,大阪府大阪市,有,済,LoGo,\"1,000\",250,25.0%,無,,,,,\n\
         01100,北海道札幌市,有,未,,10,,#DIV/0!,有,,,20,-,\n\
         27000,大阪府,有り,済み,,5,5,100,無し,－,,－,－,－\n\
         合計,,3,2,,1015,255,25.1,1,,,20,,\n",
    );
    let report = service.send("s.csv", text.as_bytes(), &[]);
    assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
    assert_eq!(
        stored(&service),
        [
            "011002 high-volume-01  applicable",
            "011002 high-volume-18 online 0",
            "270008 high-volume-01  not_applicable",
            "270008 high-volume-18 online 3+",
            "271004 high-volume-01  not_applicable",
            "271004 high-volume-18 online 3+",
        ]
    );
    assert_eq!(
        counts(backend),
        [
            "011002 high-volume-01 2022 all 20",
            "011002 high-volume-18 2022 all 10",
            "270008 high-volume-18 2022 all 5",
            "270008 high-volume-18 2022 online 5",
            "271004 high-volume-18 2022 all 1000",
            "271004 high-volume-18 2022 online 250",
        ]
    );
    note(&report, "保存しない列: 利用システム");
    note(&report, "横棒の");
    note(&report, "合計などの1行");
    service.take_everything_back();
    for (row, code) in [
        ("27100,大阪府大阪市,無,済,,,,,,,,,,", "contradiction"),
        ("27100,大阪府大阪市,無,,,5,,,,,,,,", "contradiction"),
        ("27100,大阪府大阪市,有,済,,5,6,,,,,,,", "online_exceeds_total"),
        ("27100,大阪府大阪市,有,たぶん,,5,,,,,,,,", "unknown_mark"),
        ("27100,京都府京都市,有,済,,,,,,,,,,", "code_name_mismatch"),
        ("27100,大阪府大阪市,有,済,,約5,,,,,,,,", "number_format"),
    ] {
        let report = service.send("s.csv", survey("令和4年度実績", &format!("{row}\n")).as_bytes(), &[]);
        assert_eq!(codes(&report), [code], "{row}");
    }
    let row = "27100,大阪府大阪市,有,済,,5,1,50,,,,,,\n";
    let report = service.send("s.csv", survey("オンライン利用状況", row).as_bytes(), &[]);
    assert_eq!(
        (codes(&report), report.questions[0].parameter.as_str()),
        (vec!["missing_fiscal_year"], "fiscal_year")
    );
    let report =
        service.send("s.csv", survey("オンライン利用状況", row).as_bytes(), &[("fiscal_year", "2022")]);
    assert_eq!((report.status, report.warnings[0].code.as_str()), (Status::Applied, "rate_differs"));
    let unknown = survey("令和4年度実績", row).replace("入札", "謎の届出");
    assert_eq!(codes(&service.send("s.csv", unknown.as_bytes(), &[])), ["unknown_procedure"]);
}

/// Rows of a sheet of the survey, whose text has no cell with a comma.
fn cells(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(',').collect()).collect()
}

fn refs<'c>(rows: &'c [Vec<&'c str>]) -> Vec<&'c [&'c str]> {
    rows.iter().map(Vec::as_slice).collect()
}

fn both_sheets_of_the_survey_are_read_together(backend: &Backend) {
    let service = TestService::new(backend);
    let towns = survey(
        "市区町村（令和4年度実績）",
        "27100,大阪府大阪市,有,済,LoGo,1000,250,25.0%,無,,,,,\n01100,北海道札幌市,有,未,,10,,,,,,,,\n",
    );
    // The other sheet has one procedure less, and the procedures in another order.
    let prefectures = "都道府県（令和4年度実績）,,,,,,\n団体コード,都道府県名,,,,,\n,,図書館の図書貸出予約等,,,,\n\
                       ,,有／無,済／未,総件数,オンライン件数,オンライン利用率\n27000,大阪府,有,済,50,5,10\n";
    let file = |towns: &str| {
        let (one, two) = (cells(prefectures), cells(towns));
        workbook(&[("都道府県", &refs(&one)), ("市区町村", &refs(&two)), ("注", &[&["出典"]])])
    };
    let report = service.send("s.xlsx", &file(&towns), &[]);
    assert_eq!(
        (report.status, report.layout.as_deref()),
        (Status::Applied, Some("mic-online-use")),
        "{report:#?}"
    );
    assert_eq!(
        stored(&service),
        [
            "011002 high-volume-18 online 0",
            "270008 high-volume-01 online 3+",
            "271004 high-volume-01  not_applicable",
            "271004 high-volume-18 online 3+",
        ]
    );
    assert_eq!((report.counts.rows, report.counts.bodies), (3, 3));
    note(
        &report,
        "2枚のシートをまとめて読みました: 「都道府県」、「市区町村」（その1行目を1001行目と数えます）",
    );
    note(&report, "「市区町村」 2手続の列のまとまりを読みました");
    note(&report, "ほかのシートは読んでいません: 注");
    assert_eq!(service.send("s.xlsx", &file(&towns), &[]).status, Status::NothingToDo);
    service.take_everything_back();
    // What is wrong on the second sheet is found by its line, heading and cell; the first is left too.
    let report = service.send("s.xlsx", &file(&towns.replace(",未,", ",謎,")), &[]);
    let fault = &report.faults[0];
    assert_eq!(
        (report.status, fault.line, fault.heading.as_deref(), fault.value.as_deref()),
        (Status::Refused, Some(1_007), Some("入札／済/未"), Some("謎")),
        "{report:#?}"
    );
    assert!(stored(&service).is_empty());
    // One of them alone, with a word of the other.
    let report = service.send("s.xlsx", &file(&towns), &[("sheet", "都道府県")]);
    assert_eq!((report.status, report.counts.bodies), (Status::Applied, 1), "{report:#?}");
    note(&report, "ほかにも表のあるシートがあります（市区町村）");
}

fn counts_are_read_with_their_units_and_years(backend: &Backend) {
    let service = TestService::new(backend);
    let ours = [("municipality", "082333")];
    let library = |year: i32, all: i64, online: i64| {
        vec![
            format!("082333 high-volume-01 {year} all {all}"),
            format!("082333 high-volume-01 {year} online {online}"),
        ]
    };
    let both = [library(2022, 190_000, 140_000), library(2023, 196_759, 152_983)].concat();
    let of_years = |group: &str| {
        let rows = [("kosodate-10", [120, 340, 510]), ("kosodate-15", [3, 25, 60])];
        let row = |(id, counts): (&str, [i64; 3])| {
            let line = |(year, count): (i32, &i64)| format!("082333 {id} {year} {group} {count}");
            (2021..).zip(counts.iter()).map(line).collect::<Vec<_>>()
        };
        rows.into_iter().flat_map(row).collect::<Vec<_>>()
    };
    let years = String::from_utf8(file("usage-years-as-columns.csv")).unwrap();
    let two = String::from_utf8(file("14-two-years-across.csv")).unwrap();
    for (text, said, expected) in [
        (String::from_utf8(file("12-unit-in-heading.csv")).unwrap(), &[][..], library(2024, 196_759, 152_983)),
        (two.clone(), &[], both.clone()),
        (two, &[("fiscal_year", "2023")], both),
        (years.clone(), &ours, of_years("all")),
        (format!("オンライン申請件数の推移,,,\n{years}"), &ours, of_years("online")),
        (
            "手続名,R5総件数（件）,R5オンライン（件）\n図書館の図書貸出予約等,5件,3\n".to_owned(),
            &ours,
            library(2023, 5, 3),
        ),
        (
            "手続名,総件数（令和6年度）,うちオンライン件数(2024年度),利用率\n図書館の図書貸出予約等,8,4,0.5\n".to_owned(),
            &ours,
            library(2024, 8, 4),
        ),
    ] {
        let report = service.send("u.csv", text.as_bytes(), said);
        assert_eq!(report.status, Status::Applied, "{text}: {:#?}", report.faults);
        assert_eq!(counts(backend), expected, "{text}");
        assert!(codes(&report).is_empty() && report.questions.is_empty(), "{text}");
        service.take_everything_back();
    }
    let report = service.send("u.csv", years.as_bytes(), &ours);
    let warning = &report.warnings[0];
    assert_eq!((warning.code.as_str(), report.warning_count), ("count_of_year", 1));
    assert!(
        warning.message.contains("総件数")
            && warning.suggestion.as_deref().is_some_and(|text| text.contains("columns=令和3年度"))
    );
    service.take_everything_back();
    // The sender's word for a column keeps the year that stands in it.
    let columns = "令和3年度=うちオンライン数,令和4年度=うちオンライン数,令和5年度=うちオンライン数";
    service.send("u.csv", years.as_bytes(), &[ours[0], ("columns", columns)]);
    assert_eq!(counts(backend), of_years("online"));
}

#[test]
fn counts_that_are_not_the_towns_or_not_exact_are_refused() {
    let service = TestService::new(&Backend::sqlite());
    let ours: &[(&str, &str)] = &[("municipality", "082333"), ("fiscal_year", "2023")];
    let report = service.send_case("07-ministry-procedure-survey.csv", ours);
    assert_eq!((report.status, codes(&report)), (Status::Refused, vec!["state_survey"]));
    assert!(report.faults[0].message.contains("団体の件数ではない"));
    for (text, code, heading) in [
        ("手続名,法令名,手続総件数\n妊娠の届出,母子保健法,5\n", "state_survey", "法令名"),
        ("手続名,手続総件数（千件）\n妊娠の届出,5\n", "unit_factor", "手続総件数（千件）"),
        ("手続名,手続総件数（単位：百件）\n妊娠の届出,5\n", "unit_factor", "手続総件数（単位：百件）"),
        ("手続名,令和4年度総件数,うちオンライン数\n妊娠の届出,5,1\n", "other_fiscal_year", ""),
        ("手続名,手続総件数,総件数\n妊娠の届出,5,1\n", "duplicate_heading", "総件数"),
        ("手続名,手続総件数,窓口件数\n妊娠の届出,5,6\n", "part_exceeds_total", "窓口件数"),
    ] {
        let report = service.send("u.csv", text.as_bytes(), ours);
        let fault = &report.faults[0];
        assert_eq!(
            (report.status, fault.code.as_str(), fault.heading.as_deref().unwrap_or("")),
            (Status::Refused, code, heading)
        );
    }
    let above = "（単位：千件）,,\n手続名,手続総件数\n妊娠の届出,5\n";
    assert_eq!(codes(&service.send("u.csv", above.as_bytes(), ours)), ["unit_factor"]);
    // A title that names the year offers it as the answer.
    let titled = "令和5年度 申請件数,\n手続名,手続総件数\n妊娠の届出,5\n";
    let report = service.send("u.csv", titled.as_bytes(), &ours[..1]);
    assert_eq!(codes(&report), ["missing_fiscal_year"]);
    assert_eq!(report.questions[0].suggestion.as_deref(), Some("2023"));
    // A rate of nothing is no fault, and one that does not fit is told.
    let rates = "手続名,手続総件数,うちオンライン数,利用率\n妊娠の届出,0,0,#DIV/0!\n転出届,10,5,80%\n";
    let report = service.send("u.csv", rates.as_bytes(), ours);
    assert_eq!((report.status, report.warning_count), (Status::Applied, 1), "{:#?}", report.faults);
    assert_eq!((report.warnings[0].code.as_str(), report.warnings[0].line), ("rate_differs", Some(3)));
}

fn counts_by_every_way_are_kept(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,年度,総件数,オンライン,窓口,郵送,コンビニ,代行入力\n\
                図書館の図書貸出予約等,令和5年度,100,40,30,20,10,5\n";
    let report = service.send("w.csv", text.as_bytes(), &[("municipality", "082333")]);
    assert_eq!(
        (report.status, report.layout.as_deref()),
        (Status::Applied, Some("usage")),
        "{:#?}",
        report.faults
    );
    let line = |rest: &str| format!("082333 high-volume-01 2023 {rest}");
    let expected =
        ["all 100", "online 40", "counter 30", "mail 20", "convenience 10", "assisted 5"].map(line);
    assert_eq!(counts(backend), expected);
    let again = service.send("w.csv", text.as_bytes(), &[("municipality", "082333")]);
    assert_eq!(again.counts.written(), 0);
    let long = "団体コード,年度,手続名,区分,件数\n082333,2023,図書館の図書貸出予約等,窓口,101\n";
    assert_eq!(codes(&service.send("w.csv", long.as_bytes(), &[])), ["part_exceeds_total"]);
}

#[test]
fn a_heading_that_the_national_list_lost_is_named() {
    let Some(bytes) = real::file(real::CSV) else { return };
    let text = String::from_utf8(bytes).unwrap();
    // Its folder stays: a long log is read by a second connection.
    let backend = Backend::sqlite();
    let service = TestService::new(&backend);
    let report = service.send("n.csv", text.replace("妊娠の届出", "妊娠についての届").as_bytes(), &[]);
    assert_eq!(report.status, Status::Refused);
    let [missing, unknown] = report.faults.as_slice() else { panic!("{:#?}", report.faults) };
    assert_eq!(
        (missing.code.as_str(), missing.suggestion.as_deref()),
        ("missing_heading", Some("妊娠の届出"))
    );
    assert_eq!((unknown.heading.as_deref(), report.questions.len()), (Some("妊娠についての届"), 1));
    // The one procedure that is missing is what the one unknown heading most likely means.
    assert_eq!(report.questions[0].choices[0].value, "妊娠についての届=kosodate-15");
    // Both with the sender's consent, or with the sender's word for the column.
    let consent = [("ignore", "妊娠の届出,妊娠についての届")];
    let report = service.send("n.csv", text.replace("妊娠の届出", "妊娠についての届").as_bytes(), &consent);
    assert_eq!((report.status, report.counts.statements), (Status::Applied, 85_309), "{:#?}", report.faults);
    service.take_everything_back();
    let columns = [("columns", "妊娠についての届=kosodate-15")];
    let report = service.send("n.csv", text.replace("妊娠の届出", "妊娠についての届").as_bytes(), &columns);
    assert_eq!((report.status, report.counts.statements), (Status::Applied, 87_050), "{:#?}", report.faults);
}

#[test]
fn a_form_of_marks_is_no_table_of_counts() {
    let service = TestService::new(&Backend::sqlite());
    let text = "手続名,申請件数の多い順,オンライン,窓口\n妊娠の届出,1,○,×\n";
    let report = service.send("f.csv", text.as_bytes(), &[("municipality", "082333")]);
    assert_eq!(report.layout.as_deref(), Some("form"), "{:#?}", report.faults);
    // Levels for years to come are no counts.
    let plan = "団体コード,手続名,令和7年度,令和8年度\n082333,妊娠の届出,3,4\n";
    assert_eq!(service.send("f.csv", plan.as_bytes(), &[]).status, Status::Refused);
}

fn the_prefectures_of_the_dashboard_are_read(backend: &Backend) {
    let name = "digital-agency-dashboard-2024-07-prefecture-comparison.csv";
    let rates = "digital-agency-dashboard-2024-07-prefecture-rates.csv";
    let (Some(comparison), Some(rates)) = (real::file(name), real::file(rates)) else { return };
    let service = TestService::new(backend);
    let report = service.send(name, &comparison, &[]);
    assert_eq!((report.status, report.fault_count), (Status::Applied, 0), "{:#?}", report.faults);
    assert_eq!((report.counts.bodies, report.counts.created), (47, 47));
    let known = known_records(backend);
    let figures: Vec<(String, i64, i64, i64)> = known
        .iter()
        .filter_map(|(key, value)| match (key, value) {
            (RecordKey::Figure(key), RecordValue::Published(value)) => {
                assert_eq!(key.subject, Subject::Definition("mic_rate".to_owned()));
                Some((key.municipality.to_string(), value.percent?, value.numerator?, value.denominator?))
            }
            _ => None,
        })
        .collect();
    let (numerator, denominator): (i64, i64) = figures
        .iter()
        .fold((0, 0), |(one, all), (.., numerator, denominator)| (one + numerator, all + denominator));
    // 83.5 %.
    assert_eq!(
        (numerator, denominator, (numerator * 2_000 + denominator) / (2 * denominator)),
        (726, 869, 835)
    );
    let of =
        |code: &str| figures.iter().find(|(known, ..)| known == code).map(|(_, _, one, all)| (*one, *all));
    assert_eq!((of("360007"), of("370002")), (Some((17, 26)), Some((18, 19))));
    let report = service.send("rates.csv", &rates, &[]);
    assert_eq!((report.status, report.fault_count), (Status::Applied, 0), "{:#?}", report.faults);
    assert!(report.counts.created > 500, "{:#?}", report.counts);
}
