//! What columns and titles that a table does not read say of its rows: it is asked, or told, and never lost.

use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};

on_both! {
    counts_of_a_part_of_a_year_are_not_those_of_the_year;
    a_title_may_say_that_counts_are_of_a_part_of_a_year;
    a_column_of_names_of_channels_is_asked_about;
    a_column_of_states_may_be_the_states;
    words_of_a_status_are_asked_about;
    years_of_a_wide_table_are_asked_about;
    years_that_are_numbers_are_no_days;
    periods_and_ends_are_asked_about;
    a_reason_without_applicability_is_told;
    a_title_of_another_town_is_told_beside_codes;
    marks_with_notes_under_an_unknown_heading_are_asked_about;
    a_circle_under_none_says_that_there_is_none;
}

/// The only question of a table that is refused for a column, and the values of its choices.
#[track_caller]
fn asked<'r>(report: &'r Report, code: &str) -> (&'r Question, Vec<&'r str>) {
    let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
    assert_eq!((codes.as_slice(), report.status), ([code].as_slice(), Status::Refused), "{report:#?}");
    let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
    (question, question.choices.iter().map(|choice| choice.value.as_str()).collect())
}

fn counts_of_a_part_of_a_year_are_not_those_of_the_year(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, cell, code) in [
        ("区分", "上半期", "part_of_year"),
        ("区分", "見込", "forecast"),
        ("月", "4月", "part_of_year"),
        ("月", "4", "part_of_year"),
        ("集計期間", "R6.4～R6.9", "part_of_year"),
    ] {
        let text = format!("団体コード,年度,{heading},手続名,総件数\n082333,令和6年度,{cell},転出届,100\n");
        let report = service.send("u.csv", text.as_bytes(), &[]);
        assert_eq!(asked(&report, code).1, [heading], "{cell}");
        let report = service.send("u.csv", text.as_bytes(), &[("ignore", heading)]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        service.take_everything_back();
    }
    // A class of something else is told, and the period of the whole year is no part of it.
    for (heading, cell) in [("区分", "個人"), ("集計期間", "R6.4～R7.3")] {
        let text = format!("団体コード,年度,{heading},手続名,総件数\n082333,令和6年度,{cell},転出届,100\n");
        let report = service.send("u.csv", text.as_bytes(), &[]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        assert!(report.notes.iter().any(|note| note.ends_with(heading)), "{:?}", report.notes);
        service.take_everything_back();
    }
    // Neither are the counts of one way those of all.
    let text = "団体コード,年度,区分,手続名,総件数\n082333,令和6年度,オンライン,転出届,100\n";
    asked(&service.send("u.csv", text.as_bytes(), &[]), "unknown_heading");
}

fn a_title_may_say_that_counts_are_of_a_part_of_a_year(backend: &Backend) {
    let service = TestService::new(backend);
    let year = ("fiscal_year", "2024");
    for title in ["令和6年4月分", "令和6年度上半期実績"] {
        let text = format!("{title},,\n団体コード,手続名,総件数\n082333,転出届,100\n");
        let report = service.send("u.csv", text.as_bytes(), &[year]);
        let (_, choices) = asked(&report, "part_of_year");
        assert_eq!(choices[1], "総件数=手続総件数");
        let report = service.send("u.csv", text.as_bytes(), &[year, ("columns", choices[1])]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        service.take_everything_back();
    }
}

fn a_column_of_names_of_channels_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (text, answer) in [
        ("団体コード,手続名,利用手段,対応状況\n082333,転出届,本庁窓口,○\n", "利用手段=channel"),
        (
            "団体コード,手続名,利用チャネル,オンライン化状況\n082333,転出届,本庁窓口,○\n",
            "利用チャネル=channel",
        ),
        ("団体コード,区分,転出届\n082333,窓口,○\n", "区分=channel"),
    ] {
        let report = service.send("c.csv", text.as_bytes(), &[("channel", "online")]);
        assert_eq!(asked(&report, "unknown_heading").1[0], answer, "{text}");
        let said = [("channel", "online"), ("columns", answer)];
        let report = service.send("c.csv", text.as_bytes(), &said);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        assert!(service.export().contains("転出届,counter,,,3,"), "{}", service.export());
        service.take_everything_back();
    }
}

fn a_column_of_states_may_be_the_states(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体コード,手続名,対応状況,運用状況\n082333,転出届,○,停止中\n",
        "団体コード,手続名,オンライン,運用状況\n082333,転出届,○,停止中\n",
        "団体コード,手続名,オンライン,運用状況\n082333,転出届,○,公開\n",
    ] {
        let report = service.send("s.csv", text.as_bytes(), &[("channel", "online")]);
        assert_eq!(asked(&report, "unknown_heading").1[0], "運用状況=state", "{text}");
        let said = [("channel", "online"), ("columns", "運用状況=state")];
        let report = service.send("s.csv", text.as_bytes(), &said);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        service.take_everything_back();
    }
}

fn years_of_a_wide_table_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体コード,団体名,年度,転出届,妊娠の届出\n082333,行方市,令和6年度,○,\n",
        "手続名,年度,082333 行方市\n転出届,令和6年度,○\n",
    ] {
        let report = service.send("w.csv", text.as_bytes(), &[("channel", "online")]);
        assert_eq!(asked(&report, "unknown_heading").1, ["年度=effective_on", "年度"], "{text}");
        let said = [("channel", "online"), ("columns", "年度=effective_on")];
        let report = service.send("w.csv", text.as_bytes(), &said);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        assert!(service.export().contains(",2025-03-31,"), "{}", service.export());
        service.take_everything_back();
    }
}

fn years_that_are_numbers_are_no_days(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体コード,実施年,転出届,妊娠の届出\n082333,2024,○,\n",
        "団体コード,手続名,実施年,オンライン\n082333,転出届,2024,○\n",
    ] {
        let report = service.send("y.csv", text.as_bytes(), &[("channel", "online")]);
        assert_eq!(asked(&report, "unknown_heading").1, ["実施年"], "{text}");
    }
}

fn periods_and_ends_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, cell) in
        [("停止期間", "R8.10.1～R9.3.31"), ("公開期間", "10月1日～3月31日"), ("終了日", "R9.3.31")]
    {
        let text = format!("団体コード,手続名,オンライン,{heading}\n082333,転出届,○,{cell}\n");
        let report = service.send("p.csv", text.as_bytes(), &[]);
        let note = format!("{heading}=note");
        assert_eq!(asked(&report, "end_date").1, [note.as_str(), heading]);
        let report = service.send("p.csv", text.as_bytes(), &[("columns", &note)]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        service.take_everything_back();
        // What another column is for is not offered.
        let text = format!("団体コード,手続名,オンライン,備考,{heading}\n082333,転出届,○,面談あり,{cell}\n");
        let report = service.send("p.csv", text.as_bytes(), &[]);
        assert_eq!(asked(&report, "end_date").1, [heading]);
    }
}

fn a_reason_without_applicability_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続名,接点,該当性,段階,理由\n082333,転出届,オンライン,,0,システム未整備\n\
                082333,妊娠の届出,,対象外,,県の事務\n";
    let report = service.send("r.csv", text.as_bytes(), &[]);
    let told: Vec<_> = report.warnings.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    assert_eq!((told, report.counts.created), (vec![("reason_without_applicability", Some(2))], 2));
}

fn a_title_of_another_town_is_told_beside_codes(backend: &Backend) {
    let service = TestService::new(backend);
    let titled =
        |title: &str| format!("{title} オンライン化状況,,\n団体コード,手続名,オンライン\n082333,転出届,○\n");
    let report = service.send("t.csv", titled("鉾田市").as_bytes(), &[]);
    let [warning] = report.warnings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((warning.code.as_str(), report.status), ("title_mismatch", Status::Applied));
    assert!(warning.message.contains("茨城県鉾田市") && warning.message.contains("茨城県行方市"));
    // Also where the sender names the town of the rows.
    let named = [("municipality", "082333")];
    let report = service.send("t.csv", titled("鉾田市").as_bytes(), &named);
    assert_eq!(
        report.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(),
        ["title_mismatch"]
    );
    let report = service.send("t.csv", titled("行方市").as_bytes(), &[]);
    assert_eq!(report.warning_count, 0, "{report:#?}");
}

fn marks_with_notes_under_an_unknown_heading_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in ["○※1", "○(R6.4～)", "○（一部）", "済※2", "×（R9.4～）"] {
        let text = format!(
            "団体コード,団体名,手続名,マイナポータル,県独自\n082333,行方市,転出届,×,{cell}\n\
             082333,行方市,妊娠の届出,×,{cell}\n"
        );
        let report = service.send("t.csv", text.as_bytes(), &[]);
        let (question, _) = asked(&report, "unknown_heading");
        assert_eq!(question.mark, "県独自", "{cell}");
    }
    // A remark stays a remark.
    let text = "団体コード,団体名,手続名,マイナポータル,経緯\n082333,行方市,転出届,×,県の指導（R6）による\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    assert!(report.notes.iter().any(|note| note.contains("経緯")), "{:?}", report.notes);
}

fn a_circle_under_none_says_that_there_is_none(backend: &Backend) {
    let service = TestService::new(backend);
    let text =
        "団体コード,団体名,手続名,マイナポータル,制度なし\n082333,行方市,入札,,○\n082333,行方市,転出届,×,\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    let (question, _) = asked(&report, "unknown_heading");
    assert_eq!(question.mark, "制度なし");
    let report = service.send("t.csv", text.as_bytes(), &[("columns", "制度なし=applicability")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    let export = service.export();
    assert!(export.lines().any(|line| line.contains(",入札") && line.contains("not_applicable")), "{export}");
}

/// Each row with another word, in English: nothing is passed over as if nothing were said.
fn words_of_a_status_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["status", "readiness"] {
        let text = format!(
            "lgcode,procedure_id,channel,{heading}\n082333,kosodate-01,mynaportal,live\n\
             082333,kosodate-02,mynaportal,not started\n082333,kosodate-03,mynaportal,planned\n"
        );
        let report = service.send("v.csv", text.as_bytes(), &[]);
        let (question, choices) = asked(&report, "unknown_heading");
        assert_eq!((question.mark.as_str(), choices[0]), (heading, format!("{heading}=level").as_str()));
    }
}
