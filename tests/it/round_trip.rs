//! What is taken away comes back as no change, in every format and layout.

use std::io::Cursor;

use todoke::domain::readiness::{Evidence, State};
use todoke::export::encoding::Encoding;
use todoke::export::table::Table;
use todoke::export::{facts, wide};
use todoke::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
use todoke::import::report::Status;
use todoke::import::{OnStale, Options};
use todoke::service::export::Export;
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, on_both};
use crate::attack::{Random, scale};

on_both! {
    a_row_that_changed_since_the_export_is_told;
    a_filled_form_reads_back_as_no_change;
    a_wide_table_reads_back_as_no_change;
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
    let text = |service: &TestService| {
        let mut text = Vec::new();
        whole(service).write_csv(Encoding::Utf8, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    };
    let export = text(&service);
    assert!(export.lines().skip(1).all(|line| line.ends_with(",3")), "{export}");
    // Nobody changed anything: an edited row is a change as any other.
    let edited = export.replace(",3,false,", ",2,false,");
    let report = look(&service, "edited.csv", edited.as_bytes());
    assert_eq!((report.counts.changed, report.warning_count), (3, 0), "{:?}", report.warnings);
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
        let told = report.warnings.iter().filter(|warning| warning.code == "changed_since_export").count();
        assert_eq!(told, report.counts.changed, "{:?}", report.warnings);
    }
    let reject = Options { on_stale: OnStale::Reject, ..service.options() };
    let refused = service.import_with("edited.csv", edited.as_bytes(), reject, &ApplyOptions::default());
    assert_eq!(refused.status, Status::Refused);
    assert_eq!((refused.fault_count, refused.faults[0].code.as_str()), (1, "changed_since_export"));
    // A new export knows of it; one that says no revision, or what pandas makes of one, is read too.
    let newer = text(&service).replace(",5,false,", ",2,false,");
    assert_eq!(look(&service, "newer.csv", newer.as_bytes()).warning_count, 0);
    let last = |revision: &str| edited.replace(",3\n", &format!(",{revision}\n"));
    let stale = |text: &str| {
        let report = look(&service, "e.csv", text.as_bytes());
        (report.fault_count, report.warnings.iter().any(|warning| warning.code == "changed_since_export"))
    };
    assert_eq!(stale(&last("")), (0, false));
    assert_eq!(stale(&last("3.0")), (0, true));
    assert_eq!(stale(&last("三")).0, 3);
}

/// What a file would do.
fn look(service: &TestService, name: &str, bytes: &[u8]) -> todoke::import::report::Report {
    let prepared = service.service.prepare(name, bytes, service.options());
    service.service.check(&prepared, &crate::app::operator()).unwrap().0
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
    let facts = facts(&grid, &bodies, &procedures, &StatementFilter::default());
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
    let table = wide::Wide::new(&grid, &bodies, procedures, &StatementFilter::default(), online);
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
