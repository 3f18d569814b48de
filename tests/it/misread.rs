//! What must not be stored otherwise than it was meant, and what must be told before it is.

use std::io::Cursor;

use todoke::domain::catalogue::Catalogue;
use todoke::domain::procedure::Target;
use todoke::export::encoding::Encoding;
use todoke::export::table::Table;
use todoke::export::wide::{CellsOf, Wide};
use todoke::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
use todoke::import::OnError;
use todoke::import::Options;
use todoke::import::report::Status;
use todoke::service::export::Export;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, on_both, operator, town};

const HEAD: &str = "団体コード,手続ID,接点,段階,該当性,根拠,適用日,備考\n";

on_both! {
    levels_that_would_count_no_longer_are_told_and_confirmed;
    a_form_of_nothing_but_0_and_1_comes_back;
    a_town_may_return_what_others_have_verified_or_published;
    what_was_stated_since_for_an_earlier_day_is_not_called_kept;
    more_online_than_all_is_found_across_files;
    a_literal_quote_before_a_formula_comes_back;
    what_cp932_cannot_hold_does_not_overwrite_what_is_known;
}

/// A survey of two towns with all the headings under which the national list shows procedures.
fn survey(catalogue: &Catalogue) -> String {
    let names: Vec<&str> = catalogue
        .procedures()
        .iter()
        .filter(|row| row.target != Target::Prefecture)
        .map(|row| row.name_ja.as_str())
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["団体コード", "団体名"].iter().chain(&names)).unwrap();
    let marked = ["082333", "行方市", "○", "○", "×"].into_iter();
    writer.write_record(marked.chain(std::iter::repeat_n("", names.len() - 3))).unwrap();
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn a_survey_with_the_names_of_the_state_is_not_its_publication() {
    let service = TestService::new(&Backend::sqlite());
    let catalogue = service.service.catalogue();
    let counter = catalogue.channel_ix("counter");
    let options = Options { channel: counter, ..service.options() };
    let text = survey(catalogue);
    let report = service.import_with("s.csv", text.as_bytes(), options, &ApplyOptions::default());
    assert_eq!(report.layout.as_deref(), Some("wide-municipalities"), "{:?}", report.faults);
    // Empty cells say nothing, and nothing is the word of the state.
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3));
    assert_eq!(service.export().matches(",declared,").count(), 3);
}

fn levels_that_would_count_no_longer_are_told_and_confirmed(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = |rest: &str| (1..=11).map(|n| format!("082333,kaigo-{n:02},{rest},\n")).collect::<String>();
    service.must_import(&format!("{HEAD}{}", rows("mynaportal,2,,,2026-04-01")));
    let absent = format!("{HEAD}{}", rows(",,not_applicable,,2026-06-01"));
    let report = service.import("a.csv", absent.as_bytes());
    assert_eq!((report.status, report.needs_confirmation), (Status::Refused, true));
    assert_eq!((report.counts.lowered, report.warnings[0].code.as_str()), (11, "levels_hidden"));
    assert!(
        report.warnings[0].message.contains("マイナポータル（ぴったりサービス） 2"),
        "{:?}",
        report.warnings
    );
    // Of one procedure it is told, and taken.
    let one = format!("{HEAD}082333,kaigo-01,,,not_applicable,,2026-06-01,\n");
    let report = service.import("a.csv", one.as_bytes());
    assert_eq!((report.status, report.counts.lowered, report.warning_count), (Status::Applied, 1, 1));
    // Where only level 0 is known nothing is lost.
    service.must_import(&format!("{HEAD}082341,kaigo-01,mynaportal,0,,,2026-04-01,\n"));
    let report = service.must_import(&format!("{HEAD}082341,kaigo-01,,,not_applicable,,2026-06-01,\n"));
    assert_eq!((report.counts.lowered, report.warning_count), (0, 0));
    // Said again, nothing falls any more.
    let report = service.must_import(&format!("{HEAD}082333,kaigo-01,,,not_applicable,,2026-07-01,\n"));
    assert_eq!((report.counts.confirmed, report.counts.lowered, report.warning_count), (1, 0, 0));
}

fn a_form_of_nothing_but_0_and_1_comes_back(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(&format!(
        "{HEAD}082333,kosodate-01,counter,0,,,2026-04-01,\n082333,kosodate-02,counter,1,,,2026-04-01,\n"
    ));
    let grid = service.service.grid();
    let catalogue = grid.catalogue();
    let form = service.service.form(&grid, catalogue.find_body("082333").unwrap()).unwrap();
    let (mut book, mut text) = (Cursor::new(Vec::new()), Vec::new());
    form.xlsx(&grid, &mut book).unwrap();
    form.csv(&mut text).unwrap();
    for file in [book.into_inner(), text] {
        let report = service.import("form", &file);
        assert_eq!((report.status, report.fault_count), (Status::NothingToDo, 0), "{:?}", report.faults);
    }
    let bodies = BodyFilter::default().select(catalogue, grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(catalogue);
    let counter = catalogue.channel_ix("counter");
    let table = Wide::new(
        &grid,
        &bodies,
        procedures,
        &StatementFilter::default(),
        CellsOf::Channel(counter.unwrap()),
    );
    let mut book = Cursor::new(Vec::new());
    Export::new(service.service.clone(), grid.clone(), Table::Wide(table)).write_xlsx(&mut book).unwrap();
    let options = Options { channel: counter, ..service.options() };
    let report = service.import_with("wide", &book.into_inner(), options, &ApplyOptions::default());
    assert_eq!((report.status, report.fault_count), (Status::NothingToDo, 0), "{:?}", report.faults);
}

fn a_town_may_return_what_others_have_verified_or_published(backend: &Backend) {
    let service = TestService::new(backend);
    let mut sender = operator();
    sender.actor.grant = town("082333");
    let apply = |text: &str| {
        let prepared = service.service.read_file("t.csv", text.as_bytes(), service.options());
        let report =
            crate::app::apply(&service.service, &prepared, &sender, &ApplyOptions::default()).unwrap();
        service.service.refresh().unwrap();
        report
    };
    service.must_import(&format!(
        "{HEAD}082333,kosodate-01,mynaportal,4,,verified,2026-04-01,\n\
         082333,kosodate-02,online,3+,,published,2025-03-31,\n"
    ));
    // Its whole export, unchanged.
    let export = service.export();
    let report = apply(&export);
    assert_eq!((report.status, report.counts.unchanged), (Status::NothingToDo, 2), "{:?}", report.faults);
    // A note beside what was verified, which stays verified.
    let noted =
        apply("団体コード,手続ID,接点,備考,適用日\n082333,kosodate-01,mynaportal,窓口でも,2026-04-01\n");
    assert_eq!(noted.status, Status::Applied, "{:?}", noted.faults);
    assert!(service.export().contains(",verified,2026-04-01,day,窓口でも"), "{}", service.export());
    // Nothing else of it is a town's to state under that evidence: not even that it still holds.
    for row in
        ["082333,kosodate-01,mynaportal,4,,,2026-10-01,", "082333,kosodate-01,mynaportal,4+,,,2026-04-01,"]
    {
        let report = apply(&format!("{HEAD}{row}\n"));
        let refused = report.faults.first().map(|fault| fault.code.as_str());
        // At least as much is another word than the verified one, and the town's own.
        let expected = if row.contains("4+") { None } else { Some("evidence_not_allowed") };
        assert_eq!(refused, expected, "{row}");
    }
    // To say either itself is not for a town, nor are the rows of another one.
    for (row, code) in [
        ("082333,kosodate-03,online,3,,verified,,", "evidence_not_allowed"),
        ("082333,kosodate-02,online,4,,published,,", "evidence_not_allowed"),
        ("082341,kosodate-01,online,3,,,,", "other_municipality"),
    ] {
        let report = apply(&format!("{HEAD}{row}\n"));
        assert_eq!((report.status, report.faults[0].code.as_str()), (Status::Refused, code));
        assert!(report.faults[0].value.as_ref().unwrap().starts_with(&row[..6]), "{:?}", report.faults);
    }
}

fn what_was_stated_since_for_an_earlier_day_is_not_called_kept(backend: &Backend) {
    let service = TestService::new(backend);
    let first = service.must_import(&format!("{HEAD}082333,kosodate-01,eapp,3,,,2026-04-01,\n"));
    service.must_import(&format!("{HEAD}082333,kosodate-01,eapp,5,,,2026-03-01,\n"));
    assert!(service.export().contains(",eapp,,,3,"));
    let report = service.service.revert(first.import_id.unwrap(), &operator()).unwrap();
    assert_eq!((report.restored, report.kept), (1, 0));
    service.service.refresh().unwrap();
    assert!(service.export().contains(",eapp,,,5,"));
}

fn more_online_than_all_is_found_across_files(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,年度,手続ID,区分,件数\n";
    let sent = |rows: &str| service.import("u.csv", format!("{head}{rows}").as_bytes());
    let known = sent("132012,2023,kosodate-01,全体,100\n132012,2023,kosodate-01,オンライン,50\n");
    assert_eq!((known.status, known.counts.created), (Status::Applied, 2), "{:?}", known.faults);
    for rows in ["132012,2023,kosodate-01,online,500\n", "132012,2023,kosodate-01,all,10\n"] {
        let report = sent(rows);
        assert_eq!(
            (report.status, report.faults[0].code.as_str()),
            (Status::Refused, "online_exceeds_total")
        );
    }
    let both = sent("132012,2023,kosodate-01,online,500\n132012,2023,kosodate-01,all,1000\n");
    assert_eq!((both.status, both.counts.changed), (Status::Applied, 2), "{:?}", both.faults);
}

fn a_literal_quote_before_a_formula_comes_back(backend: &Backend) {
    let service = TestService::new(backend);
    // What a spreadsheet shows as '=1+1 was typed with two quotes.
    service.must_import(&format!("{HEAD}082333,kosodate-01,eapp,3,,,2026-04-01,''=1+1\n"));
    let export = service.export();
    assert!(export.ends_with(",''=1+1\n"), "{export}");
    assert_eq!(service.import("e.csv", export.as_bytes()).status, Status::NothingToDo);
}

fn what_cp932_cannot_hold_does_not_overwrite_what_is_known(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(&format!("{HEAD}082333,kosodate-01,eapp,3,,,2026-04-01,4月〜9月、𠮷田係−✕\n"));
    let grid = service.service.grid();
    let bodies = BodyFilter::default().select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let facts = todoke::export::facts(
        &grid,
        &bodies,
        &procedures,
        &StatementFilter::default(),
        todoke::grid::later::Days::All,
    );
    let mut text = Vec::new();
    let export = Export::new(service.service.clone(), grid, Table::Long(facts));
    assert_eq!(export.write_csv(Encoding::Cp932, &mut text).unwrap(), 2);
    let again = service.import("sjis.csv", &text);
    assert_eq!((again.status, again.counts.unchanged), (Status::NothingToDo, 1), "{:?}", again.faults);
    let other = format!("{HEAD}082333,kosodate-02,eapp,3,,,2026-04-01,〓田係\n");
    let report = service.import("o.csv", other.as_bytes());
    assert_eq!((report.status, report.faults[0].code.as_str()), (Status::Refused, "lost_character"));
}

#[test]
fn the_rows_that_were_left_out_are_not_read_without_what_stood_beside_them() {
    let service = TestService::new(&Backend::sqlite());
    let online = service.service.catalogue().online();
    let options = || Options { channel: online, ..service.options() };
    let skip = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    // In the whole file the column had ○ as well.
    let rest = "団体コード,kosodate-01,取り込めなかった理由\n011002,◎,2行目: 蜷咲┌縺励（値: 蜷咲┌縺励）\n";
    let report = service.import_with("rest.csv", rest.as_bytes(), options(), &skip);
    assert_eq!((report.fault_count, report.faults[0].code.as_str()), (1, "ambiguous_mark"));
    assert_eq!(
        (report.questions[0].mark.as_str(), report.questions[0].choices[0].value.as_str()),
        ("◎", "◎=4")
    );
    let told = Options { marks: todoke::import::marks::parse_marks("◎=4").unwrap(), ..options() };
    let report = service.import_with("rest.csv", rest.as_bytes(), told, &skip);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{:?}", report.faults);
    assert!(service.export().contains(",online,,,4,false"));
}

#[test]
fn a_check_shows_what_would_change() {
    let service = TestService::new(&Backend::sqlite());
    service.must_import(&format!(
        "{HEAD}082333,kosodate-01,eapp,4,,,2026-04-01,甲\n082333,kosodate-02,eapp,1,,,2026-04-01,\n"
    ));
    let text =
        format!("{HEAD}082333,kosodate-02,eapp,3,,,2026-05-01,\n082333,kosodate-01,eapp,2,,,2026-05-01,乙\n");
    let prepared = service.service.read_file("c.csv", text.as_bytes(), service.options());
    let checked = crate::app::check(&service.service, &prepared, &operator()).unwrap().0;
    let summary = todoke::cli::report::summary(&checked);
    // What falls stands first.
    let fall = summary.find(" 汎用電子申請: 段階 4 → 2、備考 甲 → 乙").unwrap();
    let rise = summary.find(" 汎用電子申請: 段階 1 → 3").unwrap();
    assert!(fall < rise, "{summary}");
    assert!(summary.contains("数えられなくなるもの: 1件"), "{summary}");
}
