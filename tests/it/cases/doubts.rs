//! What a table says in two ways, or not clearly: it is asked or told, and never stored as one of them in
//! silence.

use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use super::rows::{note, stored};
use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;

on_both! {
    a_title_of_another_town_is_asked_about;
    a_beginning_that_is_still_to_come_is_a_plan;
    the_day_of_an_end_is_no_day_of_a_beginning;
    titles_and_footnotes_say_of_when_a_table_may_be;
    a_prefecture_among_its_towns_may_be_a_total;
    a_town_of_another_prefecture_than_the_title_is_asked_about;
    the_channel_of_a_row_is_not_that_of_another_row;
    words_for_nothing_and_remarks_behind_addresses_are_not_stored;
    a_plan_without_a_level_is_told_by_what_it_says;
    a_remark_beside_absence_is_its_reason;
    rows_below_a_table_that_name_nothing_are_asked_about;
    what_waits_for_an_answer_is_not_called_lost;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

fn sent(service: &TestService, text: &str, said: &[(&str, &str)]) -> Report {
    service.send("a.csv", text.as_bytes(), said)
}

fn applied(service: &TestService, text: &str, said: &[(&str, &str)], expected: &[&str]) -> Report {
    let report = sent(service, text, said);
    assert_eq!(report.status, Status::Applied, "{text}: {:#?} {:#?}", report.faults, report.questions);
    assert_eq!(stored(service), expected, "{text}");
    service.take_everything_back();
    report
}

fn refused<'r>(service: &TestService, report: &'r Report, code: &str) -> &'r todoke::import::Fault {
    assert_eq!(report.status, Status::Refused, "{report:#?}");
    assert!(stored(service).is_empty());
    assert_eq!(report.faults[0].code, code, "{:#?}", report.faults);
    &report.faults[0]
}

fn values(question: &Question) -> Vec<&str> {
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

fn warned<'r>(report: &'r Report, code: &str) -> &'r todoke::import::Fault {
    let found = report.warnings.iter().find(|warning| warning.code == code);
    found.unwrap_or_else(|| panic!("{code}: {:#?}", report.warnings))
}

fn a_title_of_another_town_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let title = "鉾田市 手続オンライン化状況";
    let text = format!("{title},,\n手続名,マイナポータル,窓口\n妊娠の届出,○,×\n");
    let report = sent(&service, &text, &[TOWN]);
    let fault = refused(&service, &report, "title_mismatch");
    assert!(fault.message.contains(title) && fault.message.contains("茨城県行方市"), "{}", fault.message);
    let kept = format!("{title}=include");
    assert_eq!(values(&report.questions[0]), ["082341", &kept]);
    let of =
        |town: &str| [format!("{town} kosodate-15 counter 0"), format!("{town} kosodate-15 mynaportal 3+")];
    let expect = |town: &str| -> [String; 2] { of(town) };
    for (said, town) in [(("municipality", "082341"), "082341"), (("names", kept.as_str()), "082333")] {
        let said = if said.0 == "names" { vec![TOWN, said] } else { vec![said] };
        let expected = expect(town);
        applied(&service, &text, &said, &[&expected[0], &expected[1]]);
    }
    // The name of a sheet says it too; a title that names both says nothing against the sender.
    let table: &[&[&str]] = &[&["手続名", "オンライン"], &["妊娠の届出", "○"]];
    let book = workbook(&[("行方市", table), ("鉾田市", table)]);
    let report = service.send("a.xlsx", &book, &[TOWN, ("sheet", "鉾田市")]);
    refused(&service, &report, "title_mismatch");
    let report = service.send("a.xlsx", &book, &[TOWN, ("sheet", "行方市")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    service.take_everything_back();
    let text = "鉾田市様式（行方市）,\n手続名,オンライン\n妊娠の届出,○\n";
    applied(&service, text, &[TOWN], &["082333 kosodate-15 online 3+"]);
}

fn a_beginning_that_is_still_to_come_is_a_plan(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "手続名,オンライン,開始日\n妊娠の届出,×,R19.4\n転出届,×,R19.4予定\n",
        "手続名,接点,対応状況,運用開始時期\n妊娠の届出,オンライン,×,R19.4\n転出届,オンライン,×,R19.4予定\n",
        "団体コード,開始時期,妊娠の届出,転出届\n082333,R19.4,×,×\n",
    ] {
        let said = if text.starts_with("団体") { ONLINE } else { TOWN };
        let report = sent(&service, text, &[said]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
        let export = service.export();
        assert_eq!(export.matches(",0,false,live,3,2037-04-30,month,").count(), 2, "{export}");
        assert!(report.warnings.iter().all(|warning| warning.code != "future_date"), "{report:#?}");
        service.take_everything_back();
    }
    // The day of the row itself stays what it is, where it is said to be.
    let text = "手続名,オンライン,適用日\n妊娠の届出,×,2037-04-01\n";
    let report = sent(&service, text, &[TOWN, ("columns", "適用日=effective_on")]);
    assert_eq!(warned(&report, "future_date").line, Some(2));
}

fn the_day_of_an_end_is_no_day_of_a_beginning(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["終了日", "廃止年月", "終了予定", "利用期限"] {
        let text =
            format!("団体コード,手続名,接点,段階,{heading}\n082333,妊娠の届出,マイナポータル,4,R8.3.31\n");
        let report = sent(&service, &text, &[]);
        refused(&service, &report, "end_date");
        assert_eq!(
            values(&report.questions[0]),
            [format!("{heading}=note"), heading.to_owned()],
            "{:#?}",
            report.questions
        );
        applied(&service, &text, &[("ignore", heading)], &["082333 kosodate-15 mynaportal 4"]);
    }
    // A day under a heading that does not say what it is of is asked about.
    let text = "手続名,オンライン,対応年月\n妊娠の届出,○,令和6年4月\n";
    let report = sent(&service, text, &[TOWN]);
    assert_eq!(refused(&service, &report, "unknown_heading").heading.as_deref(), Some("対応年月"));
}

fn titles_and_footnotes_say_of_when_a_table_may_be(backend: &Backend) {
    let service = TestService::new(backend);
    let table = "手続名,オンライン\n妊娠の届出,○\n";
    for (text, day, clear) in [
        (format!("{table}※令和8年10月1日現在,\n"), "2026-10-01", true),
        (format!("{table}※令和7年度末,\n"), "2025年度", true),
        (format!("対応状況（令和7年度）,\n{table}"), "2025年度", false),
        (format!("2025年度調査,\n{table}"), "2025年度", false),
        (format!("R8.4更新,\n{table}"), "2026年4月", false),
        (format!(",令和7年度\n{table}"), "2025年度", false),
    ] {
        let report = sent(&service, &text, &[TOWN]);
        let question = &report.questions[0];
        assert_eq!((question.parameter.as_str(), values(question)[0]), ("effective_on", day), "{text}");
        assert_eq!(question.choices.len(), 2, "{text}: {question:#?}");
        assert_eq!(question.suggestion.as_deref(), clear.then_some(day), "{text}");
        assert!(stored(&service).is_empty(), "{text}");
        let said = [TOWN, ("effective_on", day)];
        applied(&service, &text, &said, &["082333 kosodate-15 online 3+"]);
    }
    // What goes on is of today, and when the list is brought up to date says nothing of it.
    for title in ["対応状況（令和8年度）", "R9.4更新予定"] {
        let text = format!("{title},\n{table}");
        applied(&service, &text, &[TOWN], &["082333 kosodate-15 online 3+"]);
    }
}

fn a_prefecture_among_its_towns_may_be_a_total(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "市町村名,転出届\n水戸市,○\n大洗町,○\n茨城県,2\n";
    let report = sent(&service, text, &[ONLINE]);
    assert_eq!(refused(&service, &report, "total_or_body").line, Some(4));
    assert_eq!(values(&report.questions[0]), ["茨城県=ignore", "茨城県=080004"]);
    let towns = ["082015 tenshutsu-tennyu-01 online 3+", "083097 tenshutsu-tennyu-01 online 3+"];
    applied(&service, text, &[ONLINE, ("names", "茨城県=ignore")], &towns);
    let own = ["080004 tenshutsu-tennyu-01 online 2", towns[0], towns[1]];
    applied(&service, text, &[ONLINE, ("names", "茨城県=080004")], &own);
    // A mark, and a prefecture among others, are its own.
    let marked = text.replace("茨城県,2", "茨城県,×");
    applied(&service, &marked, &[ONLINE], &["080004 tenshutsu-tennyu-01 online 0", towns[0], towns[1]]);
}

fn a_town_of_another_prefecture_than_the_title_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "茨城県内市町村,\n市町村名,転出届\n水戸市,○\n鹿島市,○\n";
    let report = sent(&service, text, &[ONLINE]);
    let fault = refused(&service, &report, "name_elsewhere");
    assert_eq!(fault.suggestion.as_deref(), Some("082228 茨城県鹿嶋市 または 412074 佐賀県鹿島市"));
    let both = ["082015 tenshutsu-tennyu-01 online 3+", "412074 tenshutsu-tennyu-01 online 3+"];
    applied(&service, text, &[ONLINE, ("names", "鹿島市=412074")], &both);
    // A table of the country says nothing by the prefecture that made it.
    applied(&service, "茨城県,\n市町村名,転出届\n鹿島市,○\n", &[ONLINE], &both[1..]);
}

fn the_channel_of_a_row_is_not_that_of_another_row(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,団体名,接点,妊娠の届出\n082333,行方市,マイナポータル,○\n082341,鉾田市,,×\n";
    let report = sent(&service, text, &[]);
    assert_eq!(refused(&service, &report, "missing_channel").line, Some(3));
    let both = ["082333 kosodate-15 mynaportal 3+", "082341 kosodate-15 mynaportal 0"];
    applied(&service, text, &[("channel", "mynaportal")], &both);
    // What the sender says of the table beside another word of it is told.
    let said = ("channel", "counter");
    for text in [
        text.replace(",,×", ",マイナポータル,×"),
        "団体コード,手続名,接点,段階\n082333,妊娠の届出,マイナポータル,3+\n082341,妊娠の届出,マイナポータル,0\n"
            .to_owned(),
    ] {
        let report = applied(&service, &text, &[said], &both);
        let told = warned(&report, "other_channel");
        assert!(told.message.contains("本庁窓口"), "{}", told.message);
    }
    assert_eq!(refused(&service, &sent(&service, text, &[said]), "missing_channel").line, Some(3));
}

fn words_for_nothing_and_remarks_behind_addresses_are_not_stored(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "手続名,担当課,備考,オンライン,URL\n妊娠の届出,－,なし,○,https://a.example.jp（スマホ用）\n",
        "手続名,担当課,備考,接点,段階,URL\n妊娠の届出,－,なし,オンライン,3,https://a.example.jp（スマホ用）\n",
    ] {
        let report = sent(&service, text, &[TOWN]);
        assert_eq!(report.status, Status::Applied, "{report:#?}");
        let remark = warned(&report, "address_remark");
        assert_eq!((remark.line, remark.heading.as_deref()), (Some(2), Some("URL")));
        warned(&report, "word_for_nothing");
        let export = service.export();
        assert!(export.contains(",https://a.example.jp,,"), "{export}");
        assert!(!export.contains("－") && !export.contains("なし"), "{export}");
        service.take_everything_back();
    }
}

fn a_plan_without_a_level_is_told_by_what_it_says(backend: &Backend) {
    let service = TestService::new(backend);
    // Neither a mark nor anything known: all that is lost is named, where it stands.
    let text = "手続名,マイナポータル,目標時期,備考\n妊娠の届出,,R9年度,準備中\n";
    let report = sent(&service, text, &[TOWN]);
    let lost = warned(&report, "words_without_level");
    assert_eq!(lost.heading.as_deref(), Some("目標時期"));
    assert!(lost.message.contains("目標日・備考は記録しません"), "{}", lost.message);
    let text = "手続名,接点,段階,対応予定\n妊娠の届出,マイナポータル,検討中,R10年度\n";
    let lost = sent(&service, text, &[TOWN]);
    assert!(warned(&lost, "note_without_level").message.contains("目標日と備考だけでは"), "{lost:#?}");
    // A day without a level is for the level of a bare 予定 in every layout, unless that is there already.
    for text in [
        "手続名,接点,段階,目標時期\n転出届,本庁窓口,未対応,令和19年4月\n",
        "手続名,窓口,目標時期\n転出届,未対応,令和19年4月\n",
    ] {
        let report = sent(&service, text, &[TOWN]);
        warned(&report, "target_level_presumed");
        let export = service.export();
        assert!(export.contains(",counter,,,0,false,live,3,2037-04-30,month,"), "{export}");
        service.take_everything_back();
    }
    for text in
        ["手続名,窓口,目標時期\n転出届,○,R10年度\n", "手続名,接点,段階,目標時期\n転出届,本庁窓口,○,R10年度\n"]
    {
        let report = sent(&service, text, &[TOWN]);
        let fault = refused(&service, &report, "missing_target_level");
        assert_eq!(fault.heading.as_deref(), Some("目標時期"), "{fault:?}");
    }
}

fn a_remark_beside_absence_is_its_reason(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "手続名,オンライン,備考\n港湾関係手続,対象外,海なし\n",
        "手続名,接点,段階,備考\n港湾関係手続,オンライン,対象外,海なし\n",
        "手続名,接点,該当性,備考\n港湾関係手続,,対象外,海なし\n",
    ] {
        let report = sent(&service, text, &[TOWN]);
        assert_eq!(report.status, Status::Applied, "{text}: {report:#?}");
        assert!(service.export().contains(",not_applicable,海なし,"), "{text}: {}", service.export());
        service.take_everything_back();
    }
}

fn rows_below_a_table_that_name_nothing_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "分野,手続名,オンライン\n子育て,妊娠の届出,○\n前回比,,+2\n（参考）R6,,5\n";
    let report = sent(&service, text, &[TOWN]);
    let told: Vec<(&str, Option<u32>)> =
        report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    assert_eq!(told, [("row_without_name", Some(3)), ("row_without_name", Some(4))]);
    let choices: Vec<&str> = report.questions.iter().flat_map(values).collect();
    assert_eq!(choices, ["前回比=ignore,（参考）R6=ignore"]);
    let report =
        applied(&service, text, &[TOWN, ("names", &choices.join(","))], &["082333 kosodate-15 online 3+"]);
    note(&report, "取り込まない名前");
}

fn what_waits_for_an_answer_is_not_called_lost(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン,システム\n妊娠の届出,ー,ぴったり\n";
    let report = sent(&service, text, &[TOWN]);
    refused(&service, &report, "ambiguous_mark");
    assert!(report.warnings.is_empty(), "{:#?}", report.warnings);
    // A cell beyond the headings is told by the letters of its column.
    let text = "手続名,オンライン\n妊娠の届出,○,x\n";
    let report = sent(&service, text, &[TOWN]);
    assert_eq!(refused(&service, &report, "too_many_cells_in_row").heading.as_deref(), Some("C列"));
}
