//! Columns that may say how one applies and not how far something is, columns of which one is meant, names that no
//! body has: what is meant is asked, and the answer that is offered works.

use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestApp, TestService, on_both};
use crate::reports::refused;

on_both! {
    a_counter_that_takes_something_in_is_asked_about;
    of_several_columns_of_a_channel_one_is_asked_for;
    answers_below_a_heading_are_no_columns_of_it;
    a_reason_beside_a_level_is_a_remark;
    totals_make_no_levels_of_counts;
    titles_of_numbers_make_no_levels;
    what_may_be_offered_by_now_is_asked;
    what_was_offered_for_a_time_is_asked;
    a_day_that_its_precision_contradicts_is_asked_for;
    unions_of_towns_are_left_out_when_asked;
    our_own_score_card_states_nothing_new;
    headings_of_planned_years_are_plans;
    words_beside_a_mark_stay_when_it_is_answered;
    a_column_named_after_a_channel_is_of_it_alone;
    a_day_in_an_answered_heading_is_asked_about;
    a_list_of_customers_may_name_a_procedure_in_each_row;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

fn choices(question: &Question) -> Vec<(&str, &str)> {
    question.choices.iter().map(|choice| (choice.parameter.as_str(), choice.value.as_str())).collect()
}

#[track_caller]
fn applied(service: &TestService, text: &str, said: &[(&str, &str)], statements: usize) -> Report {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!((report.status, report.counts.statements), (Status::Applied, statements), "{text}{report:#?}");
    report
}

fn a_counter_that_takes_something_in_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (head, ignored) in [
        ("手続名,オンライン,窓口受付", ""),
        ("手続名,オンライン,窓口申請", ""),
        ("手続名,オンライン,窓口,郵送", "郵送"),
        ("手続名,オンライン,窓口,FAX", "FAX"),
    ] {
        let text = format!("{head}\n転出届,○,○,○\n妊娠の届出,×,○,×\n");
        let text = if ignored.is_empty() {
            text.replace(",○\n", "\n").replace(",○,×\n", ",○\n")
        } else {
            text
        };
        let said = [TOWN, ("ignore", ignored)];
        let report = refused(&service, &text, &said, &["way_of_applying"]);
        let offered = choices(&report.questions[0]);
        let (counter, level) = (offered[0].1, offered[1].1);
        applied(&service, &text, &[TOWN, ("ignore", &[counter, ignored].join(","))], 2);
        service.take_everything_back();
        applied(&service, &text, &[TOWN, ("ignore", ignored), ("columns", level)], 4);
        service.take_everything_back();
    }
    // Without another way beside it a counter is one where nobody writes, and that is told.
    for heading in ["窓口", "窓口対応", "書かない窓口"] {
        let text = format!("手続名,オンライン,{heading}\n転出届,○,○\n妊娠の届出,×,○\n");
        applied(&service, &text, &[TOWN], 4);
        service.take_everything_back();
    }
}

fn of_several_columns_of_a_channel_one_is_asked_for(backend: &Backend) {
    let service = TestService::new(backend);
    for (head, columns) in [
        ("手続名,R7.3,R8.3", "R7.3=online,R8.3=online"),
        ("手続名,令和7年3月,令和8年3月", "令和7年3月=online,令和8年3月=online"),
        ("手続名,オンライン,現在の段階", "現在の段階=online"),
    ] {
        let text = format!("{head}\n転出届,○,×\n妊娠の届出,×,○\n");
        let said = [TOWN, ("columns", columns)];
        let report = refused(&service, &text, &said, &["duplicate_heading"]);
        let second = choices(&report.questions[0])[1];
        assert_eq!(second.0, "ignore");
        // The times in the headings are asked about as days.
        applied(&service, &text, &[said[0], said[1], second, ("effective_on", "2026-04-01")], 2);
        let export = service.export();
        assert!(
            export.contains("転出届,online,,,0,") && export.contains("妊娠の届出,online,,,3,"),
            "{export}"
        );
        service.take_everything_back();
    }
    // Products of one channel stay what they are.
    let text = "手続名,LoGoフォーム,ぴったりサービス\n転出届,○,\n妊娠の届出,,○\n";
    applied(&service, text, &[TOWN, ("columns", "LoGoフォーム=online,ぴったりサービス=online")], 2);
    assert!(service.export().contains("LoGoフォーム"));
}

fn answers_below_a_heading_are_no_columns_of_it(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン（有）,オンライン（無）\n妊娠の届出,○,\n転出届,,○\n";
    let columns = ("columns", "オンライン（有）=online,オンライン（無）=online");
    let report = refused(&service, text, &[TOWN, columns], &["duplicate_heading"]);
    assert!(report.faults[0].message.contains("「対応状況」の1列にまとめ"), "{report:#?}");
}

fn a_reason_beside_a_level_is_a_remark(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン,理由\n妊娠の届出,×,予算なし\n保育施設等の利用申込,対象外,施設なし\n";
    applied(&service, text, &[TOWN], 2);
    let export = service.export();
    let line = |word: &str| export.lines().find(|line| line.contains(word)).unwrap_or_default().to_owned();
    assert!(line("妊娠の届出").contains("予算なし"), "{export}");
    assert!(line("not_applicable").contains("施設なし"), "{export}");
}

fn totals_make_no_levels_of_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "団体名,転出届,妊娠の届出\n行方市,3,2\n鉾田市,5,0\n";
    for text in [
        format!("オンライン申請件数,,\n{rows}計,8,2\n"),
        format!("オンライン申請件数,,\n{rows}合計,8,2\n"),
        format!("{rows}計,8,2\n"),
    ] {
        let report = refused(&service, &text, &[ONLINE], &["levels_or_counts"]);
        applied(&service, &text, &[ONLINE, choices(&report.questions[0])[0]], 4);
        service.take_everything_back();
    }
    // How many of them have it is no sum.
    applied(&service, &format!("{rows}計,2,1\n"), &[ONLINE], 4);
}

fn titles_of_numbers_make_no_levels(backend: &Backend) {
    let service = TestService::new(backend);
    for title in [
        "（単位：件）",
        "利用実績（件）",
        "書かない窓口の設置箇所数",
        "令和6年度申請実績",
        "満足度（5段階評価）",
    ] {
        let text = format!("{title},,\n団体名,転出届,妊娠の届出\n行方市,3,2\n鉾田市,5,0\n");
        refused(&service, &text, &[ONLINE], &["levels_or_counts"]);
    }
    let text = "オンライン化の段階,,\n団体名,転出届,妊娠の届出\n行方市,3,2\n鉾田市,5,0\n";
    applied(&service, text, &[ONLINE], 4);
}

fn what_may_be_offered_by_now_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in [
        "×（R8.4から○）",
        "×（現在は○）",
        "未対応（R8.4から対応済み）",
        "×（R8.4対応済）",
        "未（現在は対応済）",
        "×（転入は○）",
    ] {
        let text = format!("団体名,転出届\n行方市,{cell}\n");
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!((report.status, report.questions.len()), (Status::Refused, 1), "{cell} {report:#?}");
    }
    for cell in ["×（未対応のまま）", "×（R9.4実施予定）", "×（システム更改後に検討）", "未（予算なし）"]
    {
        applied(&service, &format!("団体名,転出届\n行方市,{cell}\n"), &[ONLINE], 1);
        service.take_everything_back();
    }
}

fn what_was_offered_for_a_time_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in [
        "○（H30～R6）",
        "○（令和5年度のみ）",
        "○（R7年度限り）",
        "○（2023/4-2025/3）",
        "○（R5.4-R7.3）",
        "○（平成30年度から令和5年度）",
    ] {
        let text = format!("団体名,転出届\n行方市,{cell}\n");
        let report = service.send("t.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!((report.status, report.questions.len()), (Status::Refused, 1), "{cell} {report:#?}");
    }
    for cell in ["○（R5.4～）", "○（令和5年度から）", "○（2023-04-01）", "○（R5.4開始）"]
    {
        applied(&service, &format!("団体名,転出届\n行方市,{cell}\n"), &[ONLINE], 1);
        service.take_everything_back();
    }
}

fn a_day_that_its_precision_contradicts_is_asked_for(backend: &Backend) {
    let service = TestService::new(backend);
    let text = |day: &str, precision: &str| {
        format!(
            "団体コード,手続ID,接点,段階,適用日,適用日の精度\n082333,kosodate-01,mynaportal,4,{day},{precision}\n"
        )
    };
    for (day, precision) in [("2026-06-15", "fiscal_year"), ("2026-06-15", "月"), ("2026-03-30", "month")] {
        refused(&service, &text(day, precision), &[], &["contradiction"]);
    }
    for (day, precision, stored) in [
        ("2026-06-15", "day", "2026-06-15,day"),
        ("2026-06-30", "month", "2026-06-30,month"),
        ("2026-06-01", "月", "2026-06-30,month"),
        ("2025-04-01", "fiscal_year", "2026-03-31,fiscal_year"),
        ("2026年6月", "month", "2026-06-30,month"),
    ] {
        applied(&service, &text(day, precision), &[], 1);
        assert!(service.export().contains(stored), "{day} {precision}");
        service.take_everything_back();
    }
}

fn unions_of_towns_are_left_out_when_asked(backend: &Backend) {
    let service = TestService::new(backend);
    for name in ["鹿行広域事務組合", "茨城県後期高齢者医療広域連合", "（再掲）鹿行地域"]
    {
        let text = format!("団体名,要介護・要支援認定の申請\n行方市,○\n{name},○\n");
        let report = refused(&service, &text, &[ONLINE], &["unknown_name"]);
        let offered = choices(&report.questions[0]);
        assert_eq!(offered.len(), 1, "{report:#?}");
        applied(&service, &text, &[ONLINE, offered[0]], 1);
        service.take_everything_back();
    }
}

fn our_own_score_card_states_nothing_new(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,4,2026-04-01\n");
    let card = app.get("municipalities/082333/readiness?format=csv").text;
    let report = app.inner.send("card.csv", card.as_bytes(), &[]);
    assert_eq!((report.counts.created, report.counts.changed), (0, 0), "{report:#?}");
    assert!(report.notes.iter().any(|note| note.starts_with("未回答の行")), "{:#?}", report.notes);
}

fn headings_of_planned_years_are_plans(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["導入予定年度", "実施予定年度", "開始予定年度"] {
        let text =
            format!("団体コード,市町村名,転出届,{heading}\n082333,行方市,○,\n082341,鉾田市,×,令和9年度\n");
        applied(&service, &text, &[ONLINE], 2);
        assert!(service.export().contains("2028-03-31,fiscal_year"), "{}", service.export());
        service.take_everything_back();
    }
}

fn words_beside_a_mark_stay_when_it_is_answered(backend: &Backend) {
    let service = TestService::new(backend);
    for (cell, mark, word) in [
        ("○（国外転出を除く）", "○(国外転出を除く)=3", "国外転出を除く"),
        ("○ ※面談予約のみ", "○ ※面談予約のみ=2", "面談予約のみ"),
    ] {
        let text = format!("手続名,オンライン\n転出届,{cell}\n妊娠の届出,○\n");
        let report = service.send("t.csv", text.as_bytes(), &[TOWN]);
        assert_eq!(report.status, Status::Refused, "{report:#?}");
        applied(&service, &text, &[TOWN, ("marks", mark)], 2);
        assert!(service.export().contains(word), "{}", service.export());
        service.take_everything_back();
    }
}

fn a_column_named_after_a_channel_is_of_it_alone(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,マイナポータル,LoGoフォーム,マイナポータル開始日,LoGoフォーム開始日\n\
                妊娠の届出,○,○,R5.4.1,R6.10.1\n転出届,×,○,,R7.4.1\n";
    let columns = ("columns", "logoフォーム=eapp,logoフォーム開始日=effective_on");
    let day = ("effective_on", "2025-10-01");
    applied(&service, text, &[TOWN, columns, day], 4);
    let export = service.export();
    let line = |procedure: &str, channel: &str| {
        let mut lines = export.lines().filter(|line| line.contains(procedure));
        lines.find(|line| line.contains(channel)).unwrap_or_default().to_owned()
    };
    assert!(line("転出届", ",mynaportal,").contains("2025-10-01"), "{export}");
    assert!(line("転出届", ",eapp,").contains("2025-04-01"), "{export}");
    assert!(line("妊娠の届出", ",mynaportal,").contains("2023-04-01"), "{export}");
}

fn a_day_in_an_answered_heading_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (text, columns, ignored, day) in [
        ("手続名,R8.4,備考\n転出届,○,\n妊娠の届出,×,\n", "r8.4=online", "", "2026年4月"),
        (
            "手続名,前回（R7.4）,今回（R8.4）\n転出届,×,○\n妊娠の届出,○,○\n",
            "今回(r8.4)=online",
            "前回(r7.4)",
            "2026年4月",
        ),
        ("手続名,R6,R7\n転出届,×,○\n妊娠の届出,○,○\n", "r7=online", "r6", "2025年度"),
    ] {
        let report =
            service.send("t.csv", text.as_bytes(), &[TOWN, ("columns", columns), ("ignore", ignored)]);
        let question = report.questions.iter().find(|question| question.parameter == "effective_on");
        let question = question.unwrap_or_else(|| panic!("{report:#?}"));
        assert_eq!(question.choices[0].value, day, "{report:#?}");
    }
}

fn a_list_of_customers_may_name_a_procedure_in_each_row(backend: &Backend) {
    let service = TestService::new(backend);
    let said = [("channel", "eapp"), ("marks", "掲載=3+"), ("columns", "稼働日=effective_on")];
    let text = |last: &str| {
        format!(
            "導入自治体と対象手続,,,\n都道府県,自治体名,対象手続,稼働日\n茨城県,行方市,転出届,2026/4/1\n\
             千葉県,市川市,妊娠の届出,2025/4/1\n茨城県,鉾田市,{last},2026/6/1\n"
        )
    };
    applied(&service, &text("転出届、妊娠の届出"), &said, 4);
    let export = service.export();
    let has = |code: &str, id: &str| export.lines().any(|line| line.starts_with(code) && line.contains(id));
    assert!(has("082333", "tenshutsu-tennyu-01") && !has("082333", "kosodate-15"), "{export}");
    assert!(has("122033", "kosodate-15") && !has("122033", "tenshutsu-tennyu-01"), "{export}");
    assert!(has("082341", "kosodate-15") && has("082341", "tenshutsu-tennyu-01"), "{export}");
    service.take_everything_back();
    let report = service.send("t.csv", text("おむつ券の申請").as_bytes(), &said);
    assert_eq!((report.status, report.faults.len()), (Status::Refused, 1), "{report:#?}");
}
