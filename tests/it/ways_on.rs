//! What a report says leads on: an answer that is offered is taken, a question is asked once, and what is
//! advised mends what it is advised for.

use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::reports::codes;

on_both! {
    sub_headings_that_nobody_knows_are_asked_about_once;
    a_sub_heading_means_the_same_under_each_heading;
    columns_that_are_left_out_are_not_held_against_others;
    a_word_may_stand_before_the_procedure_in_brackets;
    what_was_answered_is_not_asked_again;
    columns_of_numbers_may_be_counts;
    rows_of_names_are_filled_into_the_rows_below;
    filling_down_stops_at_what_is_left_out_or_unknown;
    filling_down_is_advised_below_a_name_alone;
    a_time_behind_a_day_is_left_away;
    a_year_at_the_end_is_asked_for_in_order;
    a_reading_beside_a_code_is_that_of_the_body;
    names_in_latin_letters_are_not_called_wrong;
    a_table_of_one_procedure_asks_which_it_is;
    who_made_a_table_is_no_row_of_it;
}

const ONLINE: (&str, &str) = ("channel", "online");

/// The question about a mark, a name or a heading.
#[track_caller]
fn about<'r>(report: &'r Report, mark: &str) -> &'r Question {
    let found = report.questions.iter().find(|question| question.mark == mark);
    found.unwrap_or_else(|| panic!("{mark}: {report:#?}"))
}

#[track_caller]
fn assert_applied(service: &TestService, text: &str, said: &[(&str, &str)], statements: usize) {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!(
        (report.status, report.counts.statements),
        (Status::Applied, statements),
        "{text} {report:#?}"
    );
}

fn sub_headings_that_nobody_knows_are_asked_about_once(backend: &Backend) {
    let service = TestService::new(backend);
    for (text, sub, above) in [
        (
            // As merged cells are read.
            "団体名,妊娠の届出,妊娠の届出,転出届,転出届\n団体名,状況,職員数,状況,職員数\n行方市,○,12,×,3\n鉾田市,×,4,○,5\n",
            "職員数",
            ["妊娠の届出", "転出届"],
        ),
        (
            "団体コード,妊娠の届出,,転出届,\n,有無,件数,有無,件数\n082333,有,45,無,\n082341,無,3,有,300\n",
            "件数",
            ["妊娠の届出", "転出届"],
        ),
        (
            "手続名,行方市,,鉾田市,\n,状況,担当者数,状況,担当者数\n妊娠の届出,○,12,×,3\n転出届,×,7,○,9\n",
            "担当者数",
            ["行方市", "鉾田市"],
        ),
    ] {
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!(
            (codes(&report), report.status),
            (vec!["unknown_heading"; 2], Status::Refused),
            "{report:#?}"
        );
        let headings: Vec<String> = above.iter().map(|above| format!("{above}／{sub}")).collect();
        for (fault, heading) in report.faults.iter().zip(&headings) {
            assert_eq!(fault.heading.as_ref(), Some(heading));
            assert!(fault.message.contains(&format!("「{sub}」")), "{}", fault.message);
        }
        let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
        assert_eq!((question.mark.as_str(), &question.headings), (sub, &headings));
        // Numbers of people or cases are no marks.
        let offered: Vec<(&str, &str)> =
            question.choices.iter().map(|one| (one.parameter.as_str(), one.value.as_str())).collect();
        assert_eq!(offered, [("columns", format!("{sub}=note").as_str()), ("ignore", sub)]);
        for left_out in [sub.to_owned(), headings.join(",")] {
            assert_applied(&service, text, &[ONLINE, ("ignore", &left_out)], 4);
            service.take_everything_back();
        }
        assert_applied(&service, text, &[ONLINE, ("columns", &format!("{sub}=note"))], 4);
        service.take_everything_back();
    }
}

fn a_sub_heading_means_the_same_under_each_heading(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,妊娠の届出,,転出届,\n,電子,窓口,電子,窓口\n082333,○,2,×,3\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    assert_eq!(codes(&report), ["unknown_heading"; 2], "{report:#?}");
    let question = about(&report, "電子");
    assert!(question.choices.iter().any(|choice| choice.value == "電子=eapp"), "{question:#?}");
    assert_applied(&service, text, &[("columns", "電子=eapp")], 4);
    assert!(service.export().contains("転出届,eapp,,,0,"), "{}", service.export());
    service.take_everything_back();
    // What is planned is suggested as such, and is never the level of today.
    for (cells, suggested) in [("3,4", "予定=target_level"), ("R9.4,R10.4", "予定=target_on")] {
        let (first, second) = cells.split_once(',').unwrap();
        let text =
            format!("団体コード,妊娠の届出,,転出届,\n,現状,予定,現状,予定\n082333,×,{first},×,{second}\n");
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!(about(&report, "予定").suggestion.as_deref(), Some(suggested), "{report:#?}");
        assert_applied(&service, &text, &[ONLINE, ("columns", suggested)], 2);
        assert!(service.export().contains("妊娠の届出,online,,,0,"), "{}", service.export());
        service.take_everything_back();
    }
    // A year that is not over is told together with what nobody knows.
    let text = "団体コード,妊娠の届出,,\n,R7年度,R8年度,R9年度（予定）\n082333,×,○,○\n";
    let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!(codes(&report), ["year_ahead", "unknown_heading"], "{report:#?}");
}

fn columns_that_are_left_out_are_not_held_against_others(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,転出届,転出届,妊娠の届出,妊娠の届出\n団体名,R5,R6,R5,R6\n行方市,120,150,×,○\n鉾田市,300,340,×,○\n";
    let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
    let offered = report.questions.iter().flat_map(|question| &question.choices);
    let offered: Vec<&str> =
        offered.filter(|choice| choice.parameter == "ignore").map(|choice| choice.value.as_str()).collect();
    assert_eq!(offered, ["転出届/r5,転出届/r6"], "{report:#?}");
    assert_applied(&service, text, &[ONLINE, ("ignore", &offered.join(","))], 4);
    service.take_everything_back();
    for (text, left_out) in [
        (
            "団体コード,妊娠の届出,,\n,R6年度,R8年度,R9年度\n082333,×,○,○\n",
            "妊娠の届出/r8年度,妊娠の届出/r9年度",
        ),
        (
            "団体名,妊娠の届出,妊娠の届出,転出届,転出届\n団体名,状況,目安,状況,目安\n行方市,○,3,×,2\n",
            "転出届/状況,妊娠の届出/目安,転出届/目安",
        ),
    ] {
        assert_applied(&service, text, &[ONLINE, ("ignore", left_out)], 1);
        service.take_everything_back();
    }
}

fn a_word_may_stand_before_the_procedure_in_brackets(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,転出届,備考（転出届）,URL(転出届),妊娠の届出,担当課（妊娠の届出）\n\
                082333,○,郵送も可,https://a.example.jp/,×,健康増進課\n";
    let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!((report.status, report.counts.statements), (Status::Applied, 2), "{report:#?}");
    assert!(!report.notes.iter().any(|note| note.contains("使いません")), "{:?}", report.notes);
    let export = service.export();
    for (procedure, value) in
        [("転出届", "郵送も可"), ("転出届", "https://a.example.jp/"), ("妊娠の届出", "健康増進課")]
    {
        let named = |line: &str| line.contains(&format!(",{procedure},online,")) && line.contains(value);
        assert!(export.lines().any(named), "{procedure} {value} in\n{export}");
    }
    service.take_everything_back();
    let text = "団体名,対応状況（転出届）,対応状況（妊娠の届出）\n行方市,○,×\n";
    assert_applied(&service, text, &[ONLINE], 2);
}

fn what_was_answered_is_not_asked_again(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "行方市,妊娠の届出,転出届\nオンライン,○,○\n本庁窓口,1,3\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    let answer = &about(&report, "行方市").choices[0].value;
    let report = service.send("t.csv", text.as_bytes(), &[("columns", answer)]);
    assert_eq!((codes(&report), report.questions.len()), (vec!["unknown_layout"], 0), "{report:#?}");
    assert!(report.faults[0].message.contains("団体の列"), "{}", report.faults[0].message);
    let text = "都道府県,市区町村,対象手続数,オンライン化済,オンライン化率\n茨城県,行方市,26,20,76.9%\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    assert_eq!((codes(&report), report.questions.len()), (vec!["unknown_layout"], 3), "{report:#?}");
    let said = [("columns", "対象手続数=備考"), ("ignore", "オンライン化済")];
    let report = service.send("t.csv", text.as_bytes(), &said);
    let asked: Vec<&str> = report.questions.iter().map(|question| question.mark.as_str()).collect();
    assert_eq!(asked, ["オンライン化率"], "{report:#?}");
    let said = [("ignore", "対象手続数,オンライン化済,オンライン化率")];
    let report = service.send("t.csv", text.as_bytes(), &said);
    assert_eq!((codes(&report), report.questions.len()), (vec!["unknown_layout"], 0), "{report:#?}");
    assert!(report.faults[0].message.contains("手続の列"), "{}", report.faults[0].message);
}

fn columns_of_numbers_may_be_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,受付件数,うち電子申請\n転出届,120,30\n妊娠の届出,30,2\n";
    let said = [("municipality", "082333"), ("fiscal_year", "2024")];
    let report = service.send("t.csv", text.as_bytes(), &said);
    let first = |mark: &str| about(&report, mark).choices[0].value.clone();
    assert_eq!(
        (first("受付件数"), first("うち電子申請")),
        ("受付件数=総件数".to_owned(), "うち電子申請=オンライン件数".to_owned())
    );
    let said = [said[0], said[1], ("columns", "受付件数=総件数")];
    let report = service.send("t.csv", text.as_bytes(), &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
}

fn rows_of_names_are_filled_into_the_rows_below(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "団体,手続,オンライン\n行方市,,\n,転出届,○\n,妊娠の届出,×\n鉾田市,,\n,転出届,×\n,妊娠の届出,○\n",
        "手続,団体,オンライン\n転出届,,\n,行方市,○\n,鉾田市,×\n妊娠の届出,,\n,行方市,×\n,鉾田市,○\n",
        "No,都道府県,団体名,手続名,オンライン\n1,茨城県,行方市,,\n2,,,転出届,○\n3,,,妊娠の届出,×\n4,,鉾田市,,\n5,,,転出届,×\n6,,,妊娠の届出,○\n",
    ] {
        let report = service.send("t.csv", text.as_bytes(), &[]);
        assert_eq!(report.status, Status::Refused, "{text} {report:#?}");
        let report = service.send("t.csv", text.as_bytes(), &[("fill", "true")]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{text} {report:#?}");
        let export = service.export();
        for row in [
            "082333,行方市,tenshutsu-tennyu-01,転出届,online,,,3,true",
            "082341,鉾田市,tenshutsu-tennyu-01,転出届,online,,,0,false",
            "082341,鉾田市,kosodate-15,妊娠の届出,online,,,3,true",
        ] {
            assert!(export.contains(row), "{row} in\n{export}");
        }
        service.take_everything_back();
    }
}

fn filling_down_stops_at_what_is_left_out_or_unknown(backend: &Backend) {
    let service = TestService::new(backend);
    // A slip in a name is no reason to take what follows for rows of the town above.
    let text = "団体,手続,オンライン\n行方市,,\n,転出届,○\n行片市,,\n,妊娠の届出,×\n";
    let report = service.send("t.csv", text.as_bytes(), &[("fill", "true")]);
    assert_eq!((codes(&report), report.faults[0].line), (vec!["unknown_name"], Some(5)), "{report:#?}");
    assert_applied(&service, text, &[("fill", "true"), ("names", "行片市=ignore")], 1);
    service.take_everything_back();
    // The same where the name stands in a row with data.
    let text = "団体,手続,オンライン\n行方市,転出届,○\n行片市,転出届,×\n,妊娠の届出,×\n";
    assert_applied(&service, text, &[("fill", "true"), ("names", "行片市=ignore")], 1);
    service.take_everything_back();
    let text = "手続,団体,オンライン\n転出届,,\n,行方市,○\n手続きの何か,,\n,行方市,×\n";
    let report = service.send("t.csv", text.as_bytes(), &[("fill", "true")]);
    assert_eq!((codes(&report), report.faults[0].line), (vec!["unknown_procedure"], Some(5)), "{report:#?}");
}

fn filling_down_is_advised_below_a_name_alone(backend: &Backend) {
    let service = TestService::new(backend);
    let advised = |text: &str, said: &[(&str, &str)]| -> Vec<(Option<u32>, bool)> {
        let report = service.send("t.csv", text.as_bytes(), said);
        report.faults.iter().map(|fault| (fault.line, fault.message.contains("fill"))).collect()
    };
    let text = "団体名,手続名,オンライン\n,転出届,○\n行方市,妊娠の届出,×\n,転出届,○\n";
    assert_eq!(advised(text, &[]), [(Some(2), false), (Some(4), true)]);
    assert_eq!(advised(text, &[("fill", "true")]), [(Some(2), false)]);
    let text = "団体名,手続名,オンライン\n行方市,,\n,転出届,○\n";
    assert_eq!(advised(text, &[]), [(Some(3), true)]);
    let text = "団体名,手続名,オンライン\n,転出届,○\n,妊娠の届出,○\n";
    assert_eq!(advised(text, &[]), [(Some(2), false), (Some(3), false)]);
    let text = "団体名,手続名,オンライン,備考\n〃,転出届,○,\n行方市,妊娠の届出,×,\n〃,転出届,○,\n";
    assert_eq!(advised(text, &[]), [(Some(2), false), (Some(4), true)]);
}

fn a_time_behind_a_day_is_left_away(backend: &Backend) {
    let service = TestService::new(backend);
    for day in ["2026/10/05 10:12:33", "2026-10-05T09:30", "令和8年10月5日 9:00", "2026-10-05T23:59:59+09:00"]
    {
        let text = format!("団体コード,手続名,接点,段階,適用日\n082333,妊娠の届出,online,3,{day}\n");
        let report = service.send("t.csv", text.as_bytes(), &[]);
        assert_eq!((report.status, report.warning_count), (Status::Applied, 1), "{day} {report:#?}");
        assert!(report.warnings[0].message.contains("時刻"), "{report:#?}");
        assert!(service.export().contains(",2026-10-05,day"), "{day} {}", service.export());
        service.take_everything_back();
    }
    // Midnight is no time that anybody wrote.
    let text = "団体コード,手続名,接点,段階,適用日\n082333,妊娠の届出,online,3,2026-04-01 00:00:00\n";
    let report = service.send("t.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.warning_count), (Status::Applied, 0), "{report:#?}");
}

fn a_year_at_the_end_is_asked_for_in_order(backend: &Backend) {
    let service = TestService::new(backend);
    for (day, suggested) in [
        ("4/1/2026", Some("2026-04-01 または 2026-01-04")),
        ("01-13-2026", Some("2026-01-13")),
        ("25.12.2025", Some("2025-12-25")),
    ] {
        let text = format!("団体コード,手続名,接点,段階,適用日\n082333,妊娠の届出,online,3,{day}\n");
        let report = service.send("t.csv", text.as_bytes(), &[]);
        assert_eq!(codes(&report), ["date_order"], "{day} {report:#?}");
        assert_eq!(report.faults[0].suggestion.as_deref(), suggested);
        assert!(!report.faults[0].message.contains("桁"), "{}", report.faults[0].message);
    }
}

fn a_reading_beside_a_code_is_that_of_the_body(backend: &Backend) {
    let service = TestService::new(backend);
    for name in ["ﾅﾒｶﾞﾀｼ", "ナメガタ", "なめがた市", "イバラキケンナメガタシ", "ｲﾊﾞﾗｷｹﾝ ﾅﾒｶﾞﾀｼ"]
    {
        let text = format!("団体コード,団体名,妊娠の届出\n082333,{name},○\n");
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{name} {report:#?}");
        assert_eq!(report.warnings[0].code, "name_variant", "{report:#?}");
        service.take_everything_back();
    }
    let text = "団体コード,団体名,妊娠の届出\n082333,ﾎｺﾀｼ,○\n";
    assert_eq!(codes(&service.send("t.csv", text.as_bytes(), &[ONLINE])), ["code_name_mismatch"]);
}

fn names_in_latin_letters_are_not_called_wrong(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "Municipality Code,Municipality,妊娠の届出\n082333,Namegata City,○\n082341,Hokota,×\n";
    let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!(codes(&report), ["name_not_compared"; 2], "{report:#?}");
    let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
    assert_eq!(question.count, 2);
    let choice = &question.choices[0];
    assert_applied(&service, text, &[ONLINE, (&choice.parameter, &choice.value)], 2);
}

fn a_table_of_one_procedure_asks_which_it_is(backend: &Backend) {
    let service = TestService::new(backend);
    for number in ["No", "番号", "連番", "人口規模"] {
        let text = format!(
            "罹災証明書のオンライン申請の状況,,\n{number},団体名,対応状況\n1,行方市,○\n2,鉾田市,×\n3,潮来市,○\n"
        );
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!((codes(&report), report.status), (vec!["unknown_layout"], Status::Refused), "{report:#?}");
        // The numbers of the rows are no question; another column is.
        assert_eq!(report.questions.len(), if number == "人口規模" { 2 } else { 1 }, "{report:#?}");
        let question = about(&report, "対応状況");
        let first = &question.choices[0];
        assert_eq!(
            (first.label.as_str(), first.value.as_str()),
            ("罹災証明書の発行申請", "対応状況=hisaisha-01")
        );
        assert_eq!(question.suggestion.as_deref(), Some("対応状況=hisaisha-01"));
        let ignored = if number == "人口規模" { number } else { "" };
        assert_applied(&service, &text, &[ONLINE, ("columns", &first.value), ("ignore", ignored)], 3);
        service.take_everything_back();
    }
    // A title of no procedure chooses none; neither does one of two.
    for title in ["電子申請の実施状況", "転出届及び罹災証明書の状況"] {
        let text = format!("{title},,\nNo,団体名,対応状況\n1,行方市,○\n2,鉾田市,×\n");
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!(about(&report, "対応状況").suggestion, None, "{report:#?}");
    }
}

fn who_made_a_table_is_no_row_of_it(backend: &Backend) {
    let service = TestService::new(backend);
    // 山田 is the name of a town as well.
    let text = "団体コード,団体名,転出届,妊娠の届出\n082333,行方市,○,○\n082341,鉾田市,×,○\n作成者,山田,,\n";
    assert_applied(&service, text, &[ONLINE], 4);
}
