//! What stands beside the marks and says what they are: a legend in a heading or in a column of its own, years
//! below bodies, a plan that plans nothing, a sheet that is named by its year.

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::reports::{applied, codes};

on_both! {
    a_legend_in_the_heading_is_that_of_its_column;
    a_legend_in_a_column_beside_the_table_is_read;
    nothing_is_planned_where_a_row_of_plans_says_no;
    years_below_bodies_are_told_apart;
    questions_of_a_survey_may_be_numbered;
}

const ONLINE: (&str, &str) = ("channel", "online");

/// The marks that are asked about, each with the answer that is suggested.
fn asked(report: &Report) -> Vec<(&str, &str)> {
    let of_marks = report.questions.iter().filter(|question| question.parameter == "marks");
    of_marks.map(|question| (question.mark.as_str(), question.suggestion.as_deref().unwrap_or("-"))).collect()
}

#[track_caller]
fn refused(service: &TestService, text: &str, said: &[(&str, &str)]) -> Report {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!(report.status, Status::Refused, "{text}{report:#?}");
    report
}

fn a_legend_in_the_heading_is_that_of_its_column(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, meaning) in [
        ("状況（1：実施中　2：令和19年度中に実施　4：予定なし）", "level"),
        ("\"対応状況\n1.対応済\n2.対応予定\n4.対応しない\"", "level"),
        ("オンライン対応（1：全部 2：一部 4：未）", "online"),
    ] {
        let text = format!(
            "団体名,手続名,{heading}\n行方市,転出届,1\n行方市,妊娠の届出,2\n行方市,罹災証明書の発行申請,4\n"
        );
        let key = heading.trim_matches('"').replace('\n', "");
        let answer = format!("{key}={meaning}");
        for said in [vec![ONLINE], vec![ONLINE, ("columns", answer.as_str())]] {
            let report = refused(&service, &text, &said);
            let marks = asked(&report);
            assert_eq!(
                marks.iter().map(|(mark, _)| *mark).collect::<Vec<_>>(),
                ["1", "2", "4"],
                "{report:#?}"
            );
            assert!(marks.contains(&("4", "4=0")), "{marks:?}");
        }
    }
    // Where a heading explains nothing they are levels.
    for heading in ["対応状況", "段階"] {
        applied(&service, &format!("団体名,手続名,{heading}\n行方市,転出届,4\n"), &[ONLINE], 1);
        service.take_everything_back();
    }
}

fn a_legend_in_a_column_beside_the_table_is_read(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体名,転出届,妊娠の届出,,凡例\n行方市,○,△,,○：申請から交付まで完結\n鉾田市,△,×,,△：予約のみ\n潮来市,○,○,,×：未対応\n",
        "団体名,転出届,妊娠の届出,【凡例】,\n行方市,○,△,○,申請から交付まで完結\n鉾田市,△,×,△,予約のみ\n潮来市,○,○,×,未対応\n",
        "団体名,転出届,妊娠の届出,記号の説明\n行方市,○,△,△予約のみ\n鉾田市,△,×,×未対応\n",
    ] {
        let report = refused(&service, text, &[ONLINE]);
        assert!(asked(&report).contains(&("△", "△=2")), "{report:#?}");
        assert!(!report.notes.iter().any(|note| note.contains("使いません")), "{:?}", report.notes);
    }
    // A column of marks that is called by its marks is none.
    let text = "団体名,転出届,妊娠の届出\n行方市,○,△\n鉾田市,△,×\n";
    let report = applied(&service, text, &[ONLINE], 4);
    assert!(!report.notes.iter().any(|note| note.contains("凡例")), "{:?}", report.notes);
}

fn nothing_is_planned_where_a_row_of_plans_says_no(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["時点", "基準日", "開始時期"] {
        let text = format!(
            "団体名,{heading},転出届,妊娠の届出\n行方市,令和19年度末見込,○,○\n鉾田市,令和19年度末見込,○,×\n"
        );
        let report = refused(&service, &text, &[ONLINE]);
        assert_eq!((codes(&report), report.faults[0].line), (vec!["zero_ahead"], Some(3)), "{report:#?}");
        applied(&service, &text, &[ONLINE, ("columns", &format!("{heading}=effective_on"))], 4);
        service.take_everything_back();
    }
    let text = "団体名,時点,転出届,妊娠の届出\n行方市,令和19年度末見込,○,○\n";
    applied(&service, text, &[ONLINE], 2);
}

fn years_below_bodies_are_told_apart(backend: &Backend) {
    let service = TestService::new(backend);
    for (years, ignored) in [("現状,R19年度", "R19年度"), ("R6年度,R19年度", "R19年度")] {
        let text = format!("手続名,行方市,,鉾田市,\n,{years},{years}\n転出届,○,○,○,○\n妊娠の届出,×,○,×,×\n");
        let report = refused(&service, &text, &[ONLINE]);
        assert_eq!(codes(&report), ["year_ahead"; 2], "{report:#?}");
        assert_eq!(report.questions.len(), 1, "{report:#?}");
        applied(&service, &text, &[ONLINE, ("ignore", ignored)], 4);
        service.take_everything_back();
        refused(&service, &text, &[ONLINE, ("ignore", years.split(',').next().unwrap())]);
    }
    // Years that are over are those of their marks.
    let text = "手続名,行方市,\n,R5年度,R6年度\n転出届,×,○\n";
    let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert!(service.export().contains(",2025-03-31,fiscal_year,"), "{}", service.export());
}

fn questions_of_a_survey_may_be_numbered(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["問1 転出届", "問12　転出届", "設問3：転出届", "Q2.転出届"] {
        applied(&service, &format!("団体名,{heading}\n行方市,○\n"), &[ONLINE], 1);
        service.take_everything_back();
    }
}
