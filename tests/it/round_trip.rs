//! What is taken away comes back as no change, in every format and layout.

use std::io::Cursor;

use todoke::domain::readiness::{Evidence, Scale, State};
use todoke::export::encoding::Encoding;
use todoke::export::facts;
use todoke::export::table::Table;
use todoke::export::wide::{CellsOf, Wide};
use todoke::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
use todoke::grid::later::Days;
use todoke::import::OnError;
use todoke::import::report::{Report, Status};
use todoke::import::{OnStale, Options};
use todoke::service::export::Export;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, on_both, operator};
use crate::attack::{Random, scale};

on_both! {
    a_row_that_changed_since_the_export_is_told;
    a_row_that_was_taken_back_since_the_export_is_told;
    a_filled_form_reads_back_as_no_change;
    what_is_stated_for_later_days_comes_back_as_no_change;
    later_days_rebuild_the_same_record;
    a_wide_table_reads_back_as_no_change;
    the_best_of_a_group_reads_back_as_no_change;
    what_is_not_in_force_is_shown_and_comes_back;
    a_changed_cell_of_a_group_asks_which_channel_is_meant;
    what_is_not_performed_is_asked_about_at_counters_alone;
    a_column_of_channels_says_what_a_wide_table_is_about;
}

const HEAD: [&str; 16] = [
    "municipality_code",
    "procedure_id",
    "channel",
    "applicability",
    "applicability_reason",
    "level",
    "at_least",
    "state",
    "target_level",
    "target_on",
    "system",
    "url",
    "section",
    "evidence",
    "effective_on",
    "note",
];

fn a_row_that_changed_since_the_export_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(
        "団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,3,2026-04-01\n\
         082333,kosodate-02,mynaportal,3,2026-04-01\n082333,kosodate-03,mynaportal,3,2026-04-01\n",
    );
    let export = text(&service);
    assert!(export.lines().skip(1).all(|line| line.ends_with(",3")), "{export}");
    let told = |report: &Report| {
        report.warnings.iter().filter(|warning| warning.code == "changed_since_export").count()
    };
    // Nobody changed anything: an edited row is a change as any other.
    let edited = export.replace(",3,false,", ",2,false,");
    let report = look(&service, "edited.csv", edited.as_bytes());
    assert_eq!((report.counts.changed, told(&report)), (3, 0), "{:?}", report.warnings);
    // Somebody raises one of them, on the same day and on a later one.
    for day in ["2026-04-01", "2026-10-01"] {
        service.must_import(&format!(
            "団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,mynaportal,5,{day}\n"
        ));
        let report = look(&service, "edited.csv", edited.as_bytes());
        let stale: Vec<_> =
            report.warnings.iter().filter(|warning| warning.code == "changed_since_export").collect();
        assert_eq!(stale.len(), 1, "{:?}", report.warnings);
        assert_eq!(stale[0].line, Some(2));
        assert!(stale[0].message.contains("段階 5 → 2"), "{}", stale[0].message);
        // The export sent back as it was still says what it said, and writes nothing over it unasked.
        let report = look(&service, "export.csv", export.as_bytes());
        assert_eq!(told(&report), report.counts.changed, "{:?}", report.warnings);
    }
    let reject = Options { on_stale: OnStale::Reject, ..service.options() };
    let refused = service.import_with("edited.csv", edited.as_bytes(), reject, &ApplyOptions::default());
    assert_eq!(refused.status, Status::Refused);
    assert_eq!((refused.fault_count, refused.faults[0].code.as_str()), (1, "changed_since_export"));
    // A new export knows of it; one that says no revision, or what pandas makes of one, is read too.
    let newer = text(&service).replace(",5,false,", ",2,false,");
    assert_eq!(told(&look(&service, "newer.csv", newer.as_bytes())), 0);
    let last = |revision: &str| edited.replace(",3\n", &format!(",{revision}\n"));
    let stale = |text: &str| {
        let report = look(&service, "e.csv", text.as_bytes());
        (report.fault_count, report.warnings.iter().any(|warning| warning.code == "changed_since_export"))
    };
    assert_eq!(stale(&last("")), (0, false));
    assert_eq!(stale(&last("3.0")), (0, true));
    assert_eq!(stale(&last("三")).0, 3);
}

fn a_row_that_was_taken_back_since_the_export_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階,適用日\n";
    service.must_import(&format!("{head}082333,kosodate-01,mynaportal,2,2026-04-01\n"));
    let raised = service.must_import(&format!(
        "{head}082333,kosodate-01,mynaportal,3,2026-04-01\n082333,kosodate-02,mynaportal,3,2026-04-01\n"
    ));
    service.must_import(&format!("{head}082333,kosodate-03,mynaportal,3,2026-04-01\n"));
    let export = text(&service);
    service.service.revert(raised.import_id.unwrap(), &operator()).unwrap();
    service.service.refresh().unwrap();
    let stale = |report: &todoke::import::report::Report| -> Vec<(Option<u32>, String)> {
        let told = report.warnings.iter().filter(|warning| warning.code == "changed_since_export");
        told.map(|warning| (warning.line, warning.message.clone())).collect()
    };
    // As it was exported: what is gone again would be written anew, and that is told; the third row is known.
    let report = look(&service, "export.csv", export.as_bytes());
    assert_eq!((report.counts.written(), report.counts.unchanged), (2, 1), "{report:#?}");
    let told = stale(&report);
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [Some(2), Some(3)]);
    assert!(told[0].1.contains("段階 2 → 3"), "{}", told[0].1);
    assert!(told[1].1.contains("今は何も述べられていません"), "{}", told[1].1);
    // Whoever asks for it has such rows refused, and the others taken.
    let rejecting = Options { on_stale: OnStale::Reject, ..service.options() };
    let (before, last) = export.trim_end().rsplit_once('\n').unwrap();
    let edited = format!("{before}\n{}\n", last.replace("mynaportal", "eapp"));
    let skip = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with("edited.csv", edited.as_bytes(), rejecting, &skip);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{:?}", report.faults);
    let refused: Vec<_> = report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    assert_eq!(refused, [("changed_since_export", Some(2)), ("changed_since_export", Some(3))]);
    // An export written after that knows of it.
    assert!(stale(&look(&service, "newer.csv", text(&service).as_bytes())).is_empty());
}

/// The long export.
fn text(service: &TestService) -> String {
    let mut text = Vec::new();
    whole(service).write_csv(Encoding::Utf8, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// What a file would do.
fn look(service: &TestService, name: &str, bytes: &[u8]) -> todoke::import::report::Report {
    let prepared = service.service.read_file(name, bytes, service.options());
    crate::app::check(&service.service, &prepared, &crate::app::operator()).unwrap().0
}

/// Texts that every encoding can hold and that a file could spoil.
const TEXTS: [&str; 14] = [
    "",
    "電子申請サービス",
    "=1+1",
    "'=1+1",
    "-",
    "＋先頭が記号",
    "@担当",
    "改行\nあり",
    "引用\"符\"",
    "カンマ,セミコロン;タブ\tあり",
    "①㈱髙﨑～",
    "ｺﾝﾋﾞﾆ",
    "0123",
    "令和8年度予定",
];

/// A random table: each procedure of each body is either performed, on some channels, or not.
fn table(random: &mut Random) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEAD).unwrap();
    let bodies = ["082333", "011002", "080004", "342084", "131016"];
    let channels = ["online", "mynaportal", "eapp", "counter", "kiosk", "convenience"];
    let days = ["2026-04-01", "2025-03-31", "2024-02-29", "令和7年度", "2026-05"];
    for body in &bodies[..1 + random.below(bodies.len())] {
        for number in 1..=1 + random.below(8) {
            let procedure = format!("kosodate-{number:02}");
            let evidence = random.pick(Evidence::ALL).code();
            let day = *random.pick(&days);
            if random.below(5) == 0 {
                let value = *random.pick(&["applicable", "not_applicable", "other_body", "abolished"]);
                let reason = *random.pick(&TEXTS);
                let evidence = *random.pick(&["declared", "published"]);
                let row = [
                    *body,
                    procedure.as_str(),
                    "",
                    value,
                    reason,
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    evidence,
                    day,
                    "",
                ];
                writer.write_record(row).unwrap();
                continue;
            }
            for channel in &channels[..1 + random.below(channels.len())] {
                let level = random.below(6);
                // "At least 0" says nothing and is refused.
                let at_least = if level > 0 { *random.pick(&["true", "false"]) } else { "false" };
                let level = level.to_string();
                let planned = random.below(3) == 0;
                let target = if planned { random.below(6).to_string() } else { String::new() };
                let target_on =
                    if planned { *random.pick(&["", "2027-03-31", "2027年度", "2028-04"]) } else { "" };
                let row = [
                    body,
                    procedure.as_str(),
                    channel,
                    "",
                    "",
                    &level,
                    at_least,
                    random.pick(State::ALL).code(),
                    &target,
                    target_on,
                    random.pick(&TEXTS),
                    random.pick(&["", "https://example.lg.jp/a?b=c,d"]),
                    random.pick(&TEXTS),
                    evidence,
                    day,
                    random.pick(&TEXTS),
                ];
                writer.write_record(row).unwrap();
            }
        }
    }
    writer.into_inner().unwrap()
}

/// Everything that is known, to be taken away.
fn whole(service: &TestService) -> Export {
    let grid = service.service.grid();
    let bodies = BodyFilter::default().select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let facts = facts(&grid, &bodies, &procedures, &StatementFilter::default(), Days::All);
    Export::new(service.service.clone(), grid, Table::Long(facts))
}

#[test]
fn random_tables_go_through_four_formats() {
    /// The log keeps what was taken back, and it is read for each table: after so many a new one.
    const TO_A_LOG: usize = 40;
    let mut service = TestService::new(&Backend::sqlite());
    let mut random = Random::new(20_261_121);
    let mut rows = 0;
    for number in 0..scale(40, 1_000) {
        if number % TO_A_LOG == 0 {
            service = TestService::new(&Backend::sqlite());
        }
        let first = service.import("table.csv", &table(&mut random));
        assert_eq!(first.status, Status::Applied, "table {number}: {:?}", first.faults);
        let written = first.counts.created + first.counts.changed;
        let mut book = Cursor::new(Vec::new());
        whole(&service).write_xlsx(&mut book).unwrap();
        let mut files = vec![("xlsx", book.into_inner())];
        for encoding in Encoding::ALL {
            let mut text = Vec::new();
            assert_eq!(whole(&service).write_csv(*encoding, &mut text).unwrap(), 0, "table {number}");
            files.push((encoding.code(), text));
        }
        assert_eq!(files.len(), 4);
        for (format, file) in files {
            let again = service.import("again", &file);
            assert_eq!(
                (again.status, again.counts.unchanged, again.fault_count),
                (Status::NothingToDo, written, 0),
                "table {number}, {format}: {:?}",
                again.faults
            );
        }
        rows += written;
        service.take_everything_back();
    }
    assert!(rows > scale(40, 1_000) * 10, "{rows}");
}

const TOWN: &str = "団体コード,手続ID,接点,該当性,段階,状態,根拠,システム,適用日,備考\n\
    082333,kosodate-01,mynaportal,,4,,seen,ぴったり,2026-04-01,窓口でも\n\
    082333,kosodate-01,online,,2,prepared,verified,,2026-04-01,\n\
    082333,kosodate-02,counter,,3+,,,,2025-04-01,\n\
    082333,kosodate-03,,制度なし,,,,,2025-04-01,\n\
    082333,kosodate-04,online,,3+,,published,,2025-03-31,\n\
    011002,kosodate-01,online,,5,seasonal,seen,,2025-04-01,\n\
    011002,kosodate-02,,他団体の事務,,,,,2025-04-01,\n";

fn a_filled_form_reads_back_as_no_change(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(TOWN);
    let grid = service.service.grid();
    let body = grid.catalogue().find_body("082333").unwrap();
    let form = service.service.form(&grid, body).unwrap();
    let (mut book, mut text) = (Cursor::new(Vec::new()), Vec::new());
    form.xlsx(&grid, &mut book).unwrap();
    form.csv(&mut text).unwrap();
    for file in [book.into_inner(), text.clone()] {
        let report = service.import("form", &file);
        assert_eq!(report.layout.as_deref(), Some("form"), "{:?}", report.faults);
        assert_eq!(
            (report.status, report.counts.unchanged, report.fault_count, report.warning_count),
            (Status::NothingToDo, 4, 0, 0),
            "{:?} {:?}",
            report.faults,
            report.warnings
        );
    }
    // One cell filled in is one change, and what stands beside it stays.
    let filled = String::from_utf8(text).unwrap();
    let line = filled.lines().find(|line| line.contains("kosodate-05")).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    let mut changed = cells.clone();
    changed[6] = "○";
    let report = service.import("form.csv", filled.replace(line, &changed.join(",")).as_bytes());
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{:?}", report.faults);
    assert!(service.export().contains("kosodate-05,未支払の児童手当等の請求,online,,,3,true,live"));
}

fn a_wide_table_reads_back_as_no_change(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(TOWN);
    let grid = service.service.grid();
    let bodies = BodyFilter::default().select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let online = grid.catalogue().online().unwrap();
    let table = Wide::new(&grid, &bodies, procedures, &StatementFilter::default(), CellsOf::Channel(online));
    let export = Export::new(service.service.clone(), grid, Table::Wide(table));
    let mut book = Cursor::new(Vec::new());
    export.write_xlsx(&mut book).unwrap();
    let options = Options { channel: Some(online), ..service.options() };
    let report = service.import_with("wide", &book.into_inner(), options, &ApplyOptions::default());
    assert_eq!(report.layout.as_deref(), Some("wide-municipalities"), "{:?}", report.faults);
    // The published word is shown where there is no other, and does not become the town's own.
    assert_eq!(
        (report.counts.unchanged, report.counts.written(), report.fault_count),
        (4, 0, 0),
        "{report:#?}"
    );
}

/// A wide table of the whole record.
fn wide(service: &TestService, of: CellsOf) -> String {
    let grid = service.service.grid();
    let bodies = BodyFilter::default().select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let table = Wide::new(&grid, &bodies, procedures, &StatementFilter::default(), of);
    let export = Export::new(service.service.clone(), grid, Table::Wide(table));
    let mut text = Vec::new();
    export.write_csv(Encoding::Utf8, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// A wide table with another cell for one procedure of its first body.
fn with_cell(table: &str, procedure: &str, cell: &str) -> String {
    let lines: Vec<&str> = table.lines().collect();
    let at = lines[0].split(',').position(|heading| heading.starts_with(&format!("{procedure} "))).unwrap();
    let mut cells: Vec<&str> = lines[1].split(',').collect();
    cells[at] = cell;
    table.replacen(lines[1], &cells.join(","), 1)
}

/// The cell of a procedure of the first body.
fn cell_of(table: &str, procedure: &str) -> String {
    let lines: Vec<&str> = table.lines().collect();
    let at = lines[0].split(',').position(|heading| heading.starts_with(&format!("{procedure} "))).unwrap();
    lines[1].split(',').nth(at).unwrap().to_owned()
}

/// Published words on `online`, and the town's own beside them.
const GROUPS: &str = "団体コード,手続ID,接点,段階,該当性,状態,根拠,適用日\n\
    082333,kosodate-01,online,3+,,,published,2025-03-31\n\
    082333,kosodate-01,mynaportal,4,,,,2026-04-01\n\
    082333,kosodate-01,eapp,3,,,,2026-04-01\n\
    082333,kosodate-02,online,3+,,,published,2025-03-31\n\
    082333,kosodate-02,eapp,0,,,,2026-04-01\n\
    082333,kosodate-03,online,0,,,published,2025-03-31\n\
    082333,kosodate-04,online,3+,,,published,2025-03-31\n\
    082333,kosodate-04,mynaportal,2,,,,2026-04-01\n\
    082333,kosodate-05,mynaportal,2,,,,2026-04-01\n\
    082333,kosodate-05,eapp,5,,suspended,,2026-04-01\n\
    082333,kosodate-06,mynaportal,4,,,,2026-04-01\n\
    082333,kosodate-06,eapp,3+,,,,2026-04-01\n\
    082333,kosodate-07,,,not_applicable,,,2026-04-01\n\
    082333,kosodate-08,,,not_applicable,,published,2025-03-31\n\
    082333,kosodate-09,counter,1,,,,2026-04-01\n\
    082333,kosodate-09,kiosk,3,,,,2026-04-01\n\
    142042,kosodate-01,eapp,1,,,,2026-04-01\n";

fn the_best_of_a_group_reads_back_as_no_change(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(GROUPS);
    let online = wide(&service, CellsOf::Group(Scale::Online));
    for (procedure, shown) in [
        ("kosodate-01", "4"),
        // "Not by this means" leaves what the state published.
        ("kosodate-02", "3+（国）"),
        ("kosodate-03", "0（国）"),
        ("kosodate-04", "2"),
        ("kosodate-05", "2"),
        ("kosodate-06", "4+"),
        ("kosodate-07", "対象外"),
        ("kosodate-08", "対象外（国）"),
        ("kosodate-09", ""),
    ] {
        assert_eq!(cell_of(&online, procedure), shown, "{procedure}");
    }
    let counter = wide(&service, CellsOf::Group(Scale::Counter));
    assert_eq!(cell_of(&counter, "kosodate-09"), "3");
    for (table, known) in [(&online, 6), (&counter, 2)] {
        let report = service.import("wide.csv", table.as_bytes());
        assert_eq!(report.layout.as_deref(), Some("wide-municipalities"), "{:?}", report.faults);
        assert_eq!(
            (report.status, report.fault_count, report.warning_count, report.counts.unchanged),
            (Status::NothingToDo, 0, 0, known),
            "{report:#?}"
        );
    }
    // A day for the file confirms what the file names: 対象外, and no channel of a group.
    let dated = Options {
        effective: Some(todoke::domain::dates::Dated::day(crate::app::day("2026-11-01"))),
        ..service.options()
    };
    let report = service.import_with("wide.csv", online.as_bytes(), dated, &ApplyOptions::default());
    assert_eq!((report.counts.confirmed, report.counts.written()), (1, 1), "{report:#?}");
}

fn a_changed_cell_of_a_group_asks_which_channel_is_meant(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(GROUPS);
    let online = wide(&service, CellsOf::Group(Scale::Online));
    let before = service.export();
    // Two channels, none of its own, only what the state published: only the sender knows.
    for (procedure, cell) in [
        ("kosodate-01", "5"),
        ("kosodate-09", "4"),
        ("kosodate-03", "4"),
        ("kosodate-02", "3+"),
        ("kosodate-06", "4"),
    ] {
        let edited = with_cell(&online, procedure, cell);
        let report = service.import("wide.csv", edited.as_bytes());
        assert_eq!((report.status, report.fault_count), (Status::Refused, 1), "{procedure} {report:#?}");
        assert_eq!(report.faults[0].code, "which_channel", "{procedure}");
        assert_eq!((report.faults[0].line, report.faults[0].value.as_deref()), (Some(2), Some(cell)));
        let question = &report.questions[0];
        assert_eq!((question.parameter.as_str(), question.count, report.questions.len()), ("channel", 1, 1));
        assert!(question.headings[0].starts_with(procedure), "{question:?}");
        let choices: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(choices, ["online", "mynaportal", "eapp", "dedicated"]);
        assert_eq!(service.export(), before);
    }
    // The one channel that counts is meant where the town itself spoke of it.
    let edited = with_cell(&online, "kosodate-04", "4");
    let report = look(&service, "wide.csv", edited.as_bytes());
    assert_eq!((report.counts.changed, report.fault_count), (1, 0), "{:?}", report.faults);
    let channel = report.first_changes[0].channel.as_deref();
    assert!(channel.is_some_and(|channel| channel.contains("マイナポータル")), "{channel:?}");
    // Answered, the channel that was named changes and no other.
    let answered = |channel: &str| {
        let channel = service.service.catalogue().find_channel(channel).ok();
        Options { channel, ..service.options() }
    };
    let edited = with_cell(&with_cell(&online, "kosodate-01", "5"), "kosodate-04", "4");
    // A channel of the other group is no answer.
    let report =
        service.import_with("wide.csv", edited.as_bytes(), answered("counter"), &ApplyOptions::default());
    assert_eq!(report.status, Status::Refused);
    let report =
        service.import_with("wide.csv", edited.as_bytes(), answered("eapp"), &ApplyOptions::default());
    assert_eq!(
        (report.status, report.counts.changed, report.counts.created),
        (Status::Applied, 2, 0),
        "{report:#?}"
    );
    let changed: Vec<String> = {
        let old: Vec<&str> = before.lines().collect();
        service.export().lines().filter(|line| !old.contains(line)).map(str::to_owned).collect()
    };
    let told: Vec<String> = changed
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{} {} {}", cells[2], cells[4], cells[7])
        })
        .collect();
    assert_eq!(told, ["kosodate-01 eapp 5", "kosodate-04 mynaportal 4"]);
    let again = wide(&service, CellsOf::Group(Scale::Online));
    assert_eq!(again, edited);
    // A lower cell on one channel leaves the group where another one keeps it, and that is told.
    let lower = with_cell(&again, "kosodate-01", "2");
    let prepared = service.service.read_file("wide.csv", lower.as_bytes(), answered("mynaportal"));
    let report = crate::app::check(&service.service, &prepared, &operator()).unwrap().0;
    assert_eq!((report.counts.changed, report.counts.lowered), (1, 1), "{report:#?}");
    let told: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(told, ["group_shows_other", "level_lowered"]);
    assert!(report.warnings[0].message.contains(" 5 になり"), "{}", report.warnings[0].message);
    // Whoever may not write there is told so, be it that nothing changes.
    let other = crate::app::town("082341");
    let origin = todoke::service::access::Origin {
        actor: todoke::domain::access::Actor { grant: other, ..operator().actor },
        ..operator()
    };
    let prepared = service.service.read_file("wide.csv", again.as_bytes(), service.options());
    let report = crate::app::check(&service.service, &prepared, &origin).unwrap().0;
    assert_eq!(report.counts.rejected, 2, "{report:#?}");
}

fn what_is_not_in_force_is_shown_and_comes_back(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n\
         082333,kosodate-01,mynaportal,4,suspended,2026-04-01\n\
         082333,kosodate-02,mynaportal,3+,seasonal,2026-04-01\n\
         082333,kosodate-02,eapp,3+,live,2026-04-01\n\
         082333,kosodate-03,mynaportal,4,live,2026-04-01\n",
    );
    let grid = service.service.grid();
    let mynaportal = grid.catalogue().channel_ix("mynaportal").unwrap();
    let mut form = Vec::new();
    let body = grid.catalogue().find_body("082333").unwrap();
    service.service.form(&grid, body).unwrap().csv(&mut form).unwrap();
    let form = String::from_utf8(form).unwrap();
    let line = |text: &str, id: &str| text.lines().find(|line| line.contains(id)).unwrap().to_owned();
    assert!(line(&form, "kosodate-01").contains(",停止中,"), "{form}");
    assert!(line(&form, "kosodate-02").contains(",3+（受付期間外）,3+,"), "{form}");
    let channel = wide(&service, CellsOf::Channel(mynaportal));
    let group = wide(&service, CellsOf::Group(Scale::Online));
    for (table, procedure, cell) in [
        (&channel, "kosodate-01", "4（停止中）"),
        (&channel, "kosodate-02", "3+（受付期間外）"),
        (&group, "kosodate-01", "4（停止中）"),
        (&group, "kosodate-02", "3+"),
    ] {
        assert_eq!(cell_of(table, procedure), cell);
    }
    for (text, options) in [
        (&form, service.options()),
        (&channel, Options { channel: Some(mynaportal), ..service.options() }),
        (&group, service.options()),
    ] {
        let report = service.import_with("t.csv", text.as_bytes(), options, &ApplyOptions::default());
        assert_eq!(
            (report.status, report.fault_count, report.warning_count),
            (Status::NothingToDo, 0, 0),
            "{report:#?}"
        );
    }
    // Said to be in force again, in the cell or in the column.
    let row = line(&form, "kosodate-01");
    let again = form.replace(&row, &row.replace(",停止中,", ",実施中,"));
    assert_eq!(look(&service, "t.csv", again.as_bytes()).counts.changed, 1);
    let again = with_cell(&group, "kosodate-01", "4（実施中）");
    assert_eq!(look(&service, "t.csv", again.as_bytes()).counts.changed, 1);
    // A level alone leaves it as it is, and that is told.
    let plain = look(&service, "t.csv", with_cell(&group, "kosodate-01", "4").as_bytes());
    assert_eq!((plain.counts.changed, plain.warnings[0].code.as_str()), (0, "state_stays"), "{plain:#?}");
}

fn what_is_not_performed_is_asked_about_at_counters_alone(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(GROUPS);
    let counter = wide(&service, CellsOf::Group(Scale::Counter));
    let edited = with_cell(&counter, "kosodate-09", "対象外");
    let report = look(&service, "wide.csv", edited.as_bytes());
    assert_eq!((report.fault_count, report.faults[0].code.as_str()), (1, "ambiguous_mark"), "{report:#?}");
    let values: Vec<&str> = report.questions[0].choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(values, ["窓口:対象外=0", "窓口:対象外=not_applicable"]);
    let said = |meaning: &str| {
        let marks = todoke::import::marks::parse_marks(&format!("窓口:対象外={meaning}")).unwrap();
        let options = Options { marks, ..service.options() };
        let prepared = service.service.read_file("wide.csv", edited.as_bytes(), options);
        crate::app::check(&service.service, &prepared, &operator()).unwrap().0
    };
    let whole = said("not_applicable");
    assert_eq!((whole.fault_count, whole.counts.lowered), (0, 1), "{whole:#?}");
    // Level 0 at the counters is of one of two channels.
    assert_eq!(said("0").faults[0].code, "which_channel");
}

fn a_column_of_channels_says_what_a_wide_table_is_about(backend: &Backend) {
    let service = TestService::new(backend);
    let table = |channel: &str, other: &str| {
        format!("団体コード,接点,kosodate-01,kosodate-02\n082333,{channel},○,4\n082341,{other},×,2\n")
    };
    let report = look(&service, "a.csv", table("マイナポータル", "マイナポータル").as_bytes());
    assert_eq!((report.counts.created, report.fault_count), (4, 0), "{:?}", report.faults);
    let channel = report.first_changes[0].channel.as_deref();
    assert!(channel.is_some_and(|channel| channel.contains("マイナポータル")), "{channel:?}");
    for (channel, other, code) in
        [("eapp", "mynaportal", "mixed_channels"), ("えるたっくす", "えるたっくす", "unknown_channel")]
    {
        let report = look(&service, "a.csv", table(channel, other).as_bytes());
        assert_eq!((report.fault_count, report.faults[0].code.as_str()), (1, code), "{report:#?}");
    }
}

/// Days before today, today, and days to come; 2026-11-21 is today.
const DAYS: [&str; 6] = ["2026-04-01", "2026-11-21", "2026-12-01", "2027-01-01", "令和8年度", "2027-04-01"];

/// A random table of a few rows about the same things again and again, over many days.
pub(crate) fn rows_over_days(random: &mut Random) -> String {
    let mut text = String::from("団体コード,手続ID,接点,該当性,段階,状態,根拠,システム,備考,適用日\n");
    let mut said: Vec<String> = Vec::new();
    for _ in 0..1 + random.below(8) {
        let code = *random.pick(&["082333", "011002"]);
        let procedure = format!("kosodate-{:02}", 1 + random.below(2));
        let evidence = *random.pick(&["declared", "seen", "published"]);
        let day = *random.pick(&DAYS);
        let channel = *random.pick(&["online", "mynaportal", "counter", ""]);
        let source = if evidence == "published" { "published" } else { "own" };
        // One word on one thing and day, and of applicability and levels one of a day.
        let thing = format!("{code} {procedure} {source} {day}");
        if said.contains(&thing) {
            continue;
        }
        said.push(thing);
        let level = random.below(6);
        let row = match (channel, random.below(3)) {
            ("", 0) => format!(",,,withdrawn,{evidence},,"),
            ("", _) => {
                let value = random.pick(&["applicable", "not_applicable", "other_body"]);
                format!(",{value},,,{},,", if source == "own" { "declared" } else { "published" })
            }
            (channel, 0) => format!("{channel},,,withdrawn,{evidence},,"),
            (channel, _) => {
                let texts = format!("{},{}", random.pick(&["", "甲", "乙"]), random.pick(&["", "=1+1"]));
                format!("{channel},,{level},{},{evidence},{texts}", random.pick(State::ALL).code())
            }
        };
        text.push_str(&format!("{code},{procedure},{row},{day}\n"));
    }
    text
}

fn what_is_stated_for_later_days_comes_back_as_no_change(backend: &Backend) {
    let service = TestService::new(backend);
    let mut random = Random::new(20_261_126);
    let (mut planned, mut withdrawn) = (0, 0);
    for round in 0..scale(24, 300) {
        let table = rows_over_days(&mut random);
        let first = service.import("table.csv", table.as_bytes());
        assert_eq!(first.fault_count, 0, "round {round}: {:?}\n{table}", first.faults);
        if random.below(8) == 0
            && let Some(id) = first.import_id
        {
            service.service.revert(id, &operator()).unwrap();
            service.service.refresh().unwrap();
        }
        let csv = text(&service);
        if csv.lines().count() == 1 {
            continue;
        }
        planned += csv.lines().filter(|line| line.contains(",2027-") || line.contains(",2026-12-")).count();
        withdrawn += csv.matches(",withdrawn,").count();
        let mut book = Cursor::new(Vec::new());
        whole(&service).write_xlsx(&mut book).unwrap();
        for (name, file) in [("a.csv", csv.into_bytes()), ("a.xlsx", book.into_inner())] {
            let report = look(&service, name, &file);
            assert_eq!(
                (report.fault_count, report.counts.written(), report.counts.unchanged),
                (0, 0, report.counts.rows),
                "round {round} {name}: {:?} {:?}\n{}",
                report.faults,
                report.first_changes,
                text(&service)
            );
        }
    }
    assert!(planned > 20 && withdrawn > 3, "{planned} {withdrawn}");
}

fn later_days_rebuild_the_same_record(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(
        "団体コード,手続ID,接点,該当性,段階,状態,根拠,備考,適用日\n\
         082333,kosodate-01,mynaportal,,3,,,今,2026-04-01\n\
         082333,kosodate-01,mynaportal,,4,,verified,それから,2027-04-01\n\
         082333,kosodate-01,mynaportal,,,withdrawn,,,2028-04-01\n\
         082333,kosodate-02,eapp,,5,,,,令和9年度\n\
         082333,kosodate-03,counter,,2,,,,2026-04-01\n\
         082333,kosodate-03,,not_applicable,,,,,2027-04-01\n\
         082333,kosodate-04,online,,3+,,published,,2027-03-31\n",
    );
    // What is taken back before its day is not part of the record any more.
    let gone =
        service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-05,eapp,3,2027-04-01\n");
    service.service.revert(gone.import_id.unwrap(), &operator()).unwrap();
    service.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n082333,kosodate-06,eapp,3,,2027-04-01\n\
         082333,kosodate-07,eapp,,withdrawn,2027-04-01\n",
    );
    service.must_import("団体コード,手続ID,接点,状態,適用日\n082333,kosodate-06,eapp,withdrawn,2027-04-01\n");
    service.service.refresh().unwrap();
    let record = service.export();
    let told: Vec<String> = record
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            [2, 4, 5, 7, 9, 17].map(|at| cells[at]).join(" ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "kosodate-01 mynaportal  3 live 2026-04-01",
            "kosodate-01 mynaportal  4 live 2027-04-01",
            "kosodate-01 mynaportal   withdrawn 2028-04-01",
            "kosodate-02 eapp  5 live 2028-03-31",
            "kosodate-03  not_applicable   2027-04-01",
            "kosodate-03 counter  2 live 2026-04-01",
            "kosodate-03 counter   withdrawn 2027-04-01",
            "kosodate-04 online  3 live 2027-03-31",
        ]
    );
    let empty = TestService::new(&Backend::sqlite());
    let report = empty.import("export.csv", text(&service).as_bytes());
    assert_eq!((report.status, report.fault_count), (Status::Applied, 0), "{:#?}", report.faults);
    assert_eq!(empty.export(), record);
    // A day that comes makes of a later row a current one, and of a withdrawal nothing.
    for service in [&service, &empty] {
        service.clock.set("2028-04-01T03:00:00Z");
        service.service.refresh().unwrap();
    }
    let now = service.export();
    assert_eq!(empty.export(), now);
    assert!(
        now.contains("kosodate-02") && !now.contains("withdrawn") && !now.contains("mynaportal"),
        "{now}"
    );
}
