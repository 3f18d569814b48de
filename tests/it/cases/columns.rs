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

use todoke::import::report::Status;

use crate::app::{Backend, TestService, on_both};

on_both! {
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
