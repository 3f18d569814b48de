//! Columns that say more than a mark, and headings that say it otherwise.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "04-ward-procedure-guide.csv",
    "05-town-list-with-url.csv",
    "18-variant-headings-dropped.csv",
    "form-no-id.csv",
    "long-japanese.csv",
    "39-status-words-long.csv",
];

use todoke::import::Fault;
use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};
use todoke::service::imports::{ApplyOptions, OnError};

use crate::app::{Backend, TestService, on_both};

on_both! {
    a_column_of_marks_under_an_unknown_heading_is_asked_about;
    in_every_layout_a_column_of_marks_is_asked_about;
    headings_mean_what_the_sender_says;
}

fn headings_mean_what_the_sender_says(backend: &Backend) {
    let service = TestService::new(backend);
    // A field, a channel and a procedure under names of the sender's own, in each layout.
    let long = "団体番号,事務,窓口の種類,進み具合\n082333,kosodate-15,オンライン,3\n";
    let said = "団体番号=団体コード,事務=手続ID,窓口の種類=接点,進み具合=段階";
    let report = service.send("l.csv", long.as_bytes(), &[("columns", said)]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    let form = "団体コード,手続名,うちの電子申請\n082333,妊娠の届出,4\n";
    let report = service.send("f.csv", form.as_bytes(), &[("columns", "うちの電子申請=汎用電子申請")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    let wide = "団体コード,妊娠の届出,「現況、届」の件,担当者\n082341,○,×,○\n";
    let said =
        [("channel", "online"), ("columns", "「現況、届」の件=児童手当等の現況届"), ("ignore", "担当者")];
    let report = service.send("w.csv", wide.as_bytes(), &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    let across = "手続名,わが町\n転出届,○\n";
    let said = [("channel", "online"), ("columns", "わが町=行方市"), ("layout", "wide-procedures")];
    let report = service.send("p.csv", across.as_bytes(), &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    let export = service.export();
    for row in [
        "082333,行方市,kosodate-15,妊娠の届出,online,,,3,",
        "082333,行方市,kosodate-15,妊娠の届出,eapp,,,4,",
        "082341,鉾田市,kosodate-10,児童手当等の現況届,online,,,0,",
        "082333,行方市,tenshutsu-tennyu-01,転出届,online,,,3,true,",
    ] {
        assert!(export.contains(row), "{row} in\n{export}");
    }
    // What the table does not have is told.
    let report = service.send("f.csv", form.as_bytes(), &[("columns", "うちの電子申請=eapp,独自=note")]);
    assert!(report.notes.iter().any(|note| note.contains("「独自」")), "{:?}", report.notes);
}

#[test]
fn what_a_heading_cannot_mean_is_refused() {
    let service = TestService::new(&Backend::sqlite());
    let asked: todoke::import::options::Asked =
        serde_json::from_value(serde_json::json!({"columns": "状況=段楷"})).unwrap();
    let refused = service.service.options(&crate::app::operator(), &asked).unwrap().unwrap_err();
    assert_eq!((refused[0].0, refused[0].1.code), ("columns", "unknown_heading_meaning"));
    assert_eq!(refused[0].1.suggestion.as_deref(), Some("段階"));
}

/// The fault and the question about one column.
fn asked<'r>(report: &'r Report, heading: &str) -> (&'r Fault, &'r Question) {
    let fault = report.faults.iter().find(|fault| fault.heading.as_deref() == Some(heading));
    let fault = fault.unwrap_or_else(|| panic!("{heading}: {report:#?}"));
    assert_eq!((fault.code.as_str(), report.status), ("unknown_heading", Status::Refused), "{report:#?}");
    (fault, report.questions.iter().find(|question| question.headings == [heading]).unwrap())
}

fn answers(question: &Question) -> Vec<&str> {
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

fn a_column_of_marks_under_an_unknown_heading_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let name = "18-variant-headings-dropped.csv";
    let report = service.send_case(name, &[("channel", "online")]);
    let (fault, question) = asked(&report, "児童手当の現況届");
    assert_eq!((fault.line, fault.column), (Some(1), Some(5)));
    assert!(fault.suggestion.as_ref().unwrap().starts_with("児童手当等の現況届"), "{fault:?}");
    assert_eq!(answers(question)[0], "児童手当の現況届=kosodate-10");
    assert_eq!(question.choices.last().unwrap().value, "児童手当の現況届");
    assert_eq!(question.choices.last().unwrap().parameter, "ignore");
    assert!(service.export().lines().count() == 1, "nothing is stored");
    // Nor is anything when only the good rows are asked for: each of them would lose a mark.
    let options =
        todoke::import::Options { channel: service.service.catalogue().online(), ..service.options() };
    let skip = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with(name, &super::file(name), options, &skip);
    assert_eq!(report.status, Status::Refused, "{report:#?}");
    // Answered one way or the other, it goes through.
    let moving = "転出届【市区町村のみ】=tenshutsu-tennyu-01";
    let said = [("channel", "online"), ("columns", moving), ("ignore", "児童手当の現況届")];
    let report = service.send_case(name, &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 6), "{report:#?}");
    let columns = format!("{moving},児童手当の現況届=児童手当等の現況届");
    let report = service.send_case(name, &[("channel", "online"), ("columns", &columns)]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
}

fn in_every_layout_a_column_of_marks_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    // A form: every channel is offered, and the one that the product mostly is stands first.
    let form = "団体コード,手続名,担当者,オンライン申請,LoGoフォーム\n\
                082333,妊娠の届出,佐藤,○,○\n082333,転出届,鈴木,×,\n";
    let report = service.send("f.csv", form.as_bytes(), &[]);
    let (_, question) = asked(&report, "LoGoフォーム");
    assert_eq!(question.suggestion.as_deref(), Some("logoフォーム=eapp"));
    assert_eq!((answers(question)[0], question.choices.len()), ("logoフォーム=eapp", 12));
    assert!(report.notes.iter().any(|note| note.ends_with("使いません: 担当者")), "{:?}", report.notes);
    let report = service.send("f.csv", form.as_bytes(), &[("columns", "logoフォーム=eapp")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    // Bodies across: 鉾田 alone names none, but is nearly one.
    let across = "手続名,行方市,鋒田市\n転出届,○,○\n";
    let report = service.send("p.csv", across.as_bytes(), &[("channel", "online")]);
    let (_, question) = asked(&report, "鋒田市");
    assert!(answers(question).contains(&"鋒田市=082341"), "{question:?}");
    // One row to a channel: a column of marks may be the level.
    let long =
        "団体コード,手続ID,接点,提供の有無\n082333,kosodate-15,online,有\n082333,kosodate-10,online,無\n";
    let report = service.send("l.csv", long.as_bytes(), &[]);
    let (_, question) = asked(&report, "提供の有無");
    assert_eq!(answers(question), ["提供の有無=level", "提供の有無"]);
    // Without any heading, by the letter of the column.
    let bare = "団体コード,手続名,オンライン申請,,備考\n082333,妊娠の届出,○,○,\n";
    let report = service.send("b.csv", bare.as_bytes(), &[]);
    let (fault, question) = asked(&report, "D列");
    assert_eq!((fault.column, question.choices.last().unwrap().value.as_str()), (Some(4), "d列"));
    let report = service.send("b.csv", bare.as_bytes(), &[("ignore", "D列")]);
    assert_ne!(report.status, Status::Refused, "{report:#?}");
    // Codes that nothing is known of, where a name is all that is known.
    let coded = "区域,市町村名,手続ID,接点,段階\n082333,鉾田市,kosodate-15,online,3\n";
    let report = service.send("c.csv", coded.as_bytes(), &[]);
    let (_, question) = asked(&report, "区域");
    assert_eq!(answers(question), ["区域=municipality_code", "区域"]);
    let report = service.send("c.csv", coded.as_bytes(), &[("columns", "区域=municipality_code")]);
    assert_eq!(report.faults[0].code, "code_name_mismatch");
    // Levels, where the others are levels too.
    let levels = "団体コード,団体名,妊娠の届出,現況の届\n082333,行方市,3,4\n082341,鉾田市,0,3\n";
    asked(&service.send("n.csv", levels.as_bytes(), &[("channel", "online")]), "現況の届");
}

#[test]
fn columns_of_numbers_days_and_addresses_need_no_answer() {
    let service = TestService::new(&Backend::sqlite());
    let text = "No.,団体コード,団体名,人口,調査日,案内ページ,回答者数,妊娠の届出,旧コード\n\
                1,082333,行方市,31000,2026-04-01,https://a.example.jp/,3,4,082333\n\
                2,082341,鉾田市,45000,2026-04-02,https://b.example.jp/,2,0,082341\n";
    let report = service.send("n.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!(report.faults, Vec::new());
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2));
    let told = report
        .notes
        .iter()
        .any(|note| note.ends_with("使いません: No.、人口、調査日、案内ページ、回答者数、旧コード"));
    assert!(told, "{:?}", report.notes);
}
