//! What is taken away: the same facts in every format, read back as no change.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use proptest::prelude::*;
use serde_json::json;
use todoke::export::encoding::Encoding;
use todoke::export::facts;
use todoke::export::table::{SHEET_ROWS, Table};
use todoke::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
use todoke::grid::later::Days;
use todoke::import::report::Status;
use todoke::import::workbook::{self, Limits};
use todoke::service::export::Export;

use crate::app::{Answer, Backend, TestApp, TestService, on_both};
use crate::cli::Workdir;
use crate::real::country;

on_both! {
    every_encoding_and_the_workbook_read_back_as_no_change;
    what_shift_jis_cannot_hold_is_counted;
    the_whole_country_goes_through_shift_jis_and_a_workbook;
    a_wide_table_has_one_row_a_body;
    a_wide_table_is_of_one_channel;
    a_workbook_is_built_once_for_a_revision;
    a_form_is_filled_with_the_towns_own_word;
    a_form_is_for_any_body_and_says_who_it_is_not;
}

const TOWN: &str = "団体コード,手続ID,接点,段階,システム,URL,担当課,目標段階,目標日,備考,状態,該当性,該当性の理由,根拠,適用日\n\
    082333,kosodate-01,mynaportal,4,ぴったりサービス,https://example.lg.jp/a?b=1&c=2,こども課,5,令和9年度,\"=1+1\r\n改行、\"\"引用\"\" _x0041_\",,,,,2026-04-01\n\
    082333,kosodate-01,online,3+,,,,,,,,,,published,令和6年度\n\
    082333,kosodate-02,eapp,3+,,,,,,  ＠全角,suspended,,,seen,2026年4月\n\
    082333,kosodate-03,online,0,,,,,,,,,,published,令和6年度\n\
    082333,hisaisha-02,,,,,,,,,,制度なし・該当なし,県が行う,,2026-04-01\n\
    082333,kaigo-01,,,,,,,,,,other_body,-広域連合,,2026-04-01\n\
    082333,kosodate-01,counter,5,,,,,,'=そのまま,live,,,verified,2026-04-01\n\
    080004,high-volume-05,online,4,,,,,,,,,,,2026-04-01\n\
    142042,hisaisha-01,eapp,2,,,,,,,prepared,,,,2026-04-01\n";

/// A sheet as another reader sees it.
fn sheet(bytes: &[u8], name: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

#[track_caller]
fn good(answer: Answer, kind: &str) -> Answer {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), kind);
    answer
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn every_encoding_and_the_workbook_read_back_as_no_change(backend: &Backend) {
    let app = TestApp::start(backend);
    let report = app.inner.must_import(TOWN);
    assert_eq!(report.counts.created, 9);
    let plain = good(app.get("exports/readiness.csv"), "text/csv; charset=utf-8");
    assert!(!plain.text.ends_with("\r\n") && plain.text.starts_with("municipality_code,"));
    let same = app.get("exports/readiness.csv?encoding=utf-8&layout=long");
    assert_eq!(same.text, plain.text);
    let marked = good(app.get("exports/readiness.csv?encoding=utf-8-bom"), "text/csv; charset=utf-8");
    assert!(marked.text.starts_with("\u{FEFF}municipality_code,") && marked.text.ends_with("\r\n"));
    let older = good(app.get("exports/readiness.csv?encoding=cp932"), "text/csv; charset=Shift_JIS");
    assert_eq!(older.header("x-todoke-replaced"), "0");
    assert!(older.bytes.ends_with(b"\r\n"));
    assert!(plain.headers.get("x-todoke-replaced").is_none());
    let book = good(app.get("exports/readiness.xlsx"), XLSX);
    assert_eq!(book.header("content-disposition"), "attachment; filename=\"readiness_2026-11-21.xlsx\"");
    assert_eq!(book.header("content-length"), book.bytes.len().to_string());
    let whole = app.inner.export();
    for (name, answer) in [("a.csv", &plain), ("b.csv", &marked), ("c.csv", &older), ("d.xlsx", &book)] {
        let report = app.inner.import(name, &answer.bytes);
        assert_eq!(report.status, Status::NothingToDo, "{name} {:#?}", report.faults);
        assert_eq!((report.counts.unchanged, report.warning_count), (9, 0), "{name} {:#?}", report.warnings);
    }
    // And rebuild the same house where there was none.
    for (name, answer) in [("c.csv", &older), ("d.xlsx", &book)] {
        let empty = TestService::new(&Backend::sqlite());
        let report = empty.import(name, &answer.bytes);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 9), "{:#?}", report.faults);
        assert_eq!(empty.export(), whole, "{name}");
    }
    the_sheet_is_plain_data(&book.bytes, &plain.text);
}

/// One heading row, one value a cell, nothing merged; codes are text, levels numbers, no formula.
fn the_sheet_is_plain_data(bytes: &[u8], csv: &str) {
    let book = workbook::read(bytes, &Limits::default()).unwrap();
    let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["readiness", "説明"]);
    assert!(book.sheets.iter().all(|sheet| sheet.merged.is_empty() && !sheet.hidden));
    let rows = sheet(bytes, "readiness");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        let cells: Vec<String> = row.iter().map(text).collect();
        assert_eq!(cells, line.iter().collect::<Vec<_>>());
    }
    let first = rows.iter().position(|row| text(&row[5]) == "mynaportal").unwrap();
    assert!(matches!(&rows[first][0], Data::String(code) if code == "082333"));
    assert!(matches!(rows[first][8], Data::Float(4.0)) && matches!(rows[first][9], Data::Bool(false)));
    assert!(matches!(&rows[first][18], Data::String(day) if day == "2026-04-01"));
    assert!(matches!(&rows[first][20], Data::String(note) if note.starts_with("'=1+1")));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert!(book.worksheet_formula("readiness").unwrap().is_empty());
    let told = sheet(bytes, "説明");
    let of = |what: &str| told.iter().find(|row| text(&row[0]) == what).map(|row| text(&row[1])).unwrap();
    assert_eq!(of("時点"), "2026-11-21");
    assert!(!of("データの版").is_empty() && of("at_least").contains("少なくとも"));
    assert!(of("段階3 オンライン（行かない）").starts_with("一部オンライン"));
}

fn what_shift_jis_cannot_hold_is_counted(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner
        .must_import("団体コード,手続ID,接点,段階,備考\n082333,kosodate-01,eapp,4,𠮷野✕ 1〜2−3—4‖5 髙①\n");
    for _ in 0..2 {
        let answer = app.get("exports/readiness.csv?encoding=cp932");
        assert_eq!(answer.header("x-todoke-replaced"), "2");
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&answer.bytes);
        assert!(!broken && text.contains(",〓野〓 1～2－3―4∥5 髙①,1\r\n") && !text.contains("&#"), "{text}");
    }
    app.get("exports/readiness.csv?encoding=latin1").problem(400, "invalid-parameter");
    app.get("exports/readiness.ndjson?encoding=cp932").problem(400, "invalid-parameter");
    app.get("exports/readiness.xlsx?layout=tall").problem(400, "invalid-parameter");
}

fn the_whole_country_goes_through_shift_jis_and_a_workbook(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let older = app.get("exports/readiness.csv?encoding=cp932");
    // No name of the register or of the catalogue is lost.
    assert_eq!(older.header("x-todoke-replaced"), "0");
    let book = good(app.get("exports/readiness.xlsx"), XLSX);
    for (name, answer) in [("country.csv", &older), ("country.xlsx", &book)] {
        let prepared = app.inner.service.read_file(name, &answer.bytes, app.inner.options());
        let (report, _) = crate::app::check(&app.inner.service, &prepared, &crate::app::operator()).unwrap();
        assert_eq!(report.status, Status::Checked, "{name} {:#?}", report.faults);
        assert_eq!((report.counts.unchanged, report.warning_count), (87_050, 0), "{name}");
        assert_eq!((report.counts.created, report.counts.changed, report.counts.confirmed), (0, 0, 0));
    }
    // The best of each group shows what the matrix shows, and comes back as no change.
    // Of counters nothing is known but where there is no such procedure.
    for (group, bodies) in [("online-group", 1_741), ("counter-group", 692)] {
        let wide = app.get(&format!("exports/readiness.csv?layout=wide&channel={group}"));
        assert_eq!(wide.text.lines().count(), 1 + bodies, "{group}");
        let prepared = app.inner.service.read_file("wide.csv", &wide.bytes, app.inner.options());
        let (report, _) = crate::app::check(&app.inner.service, &prepared, &crate::app::operator()).unwrap();
        assert_eq!((report.status, report.counts.written()), (Status::Checked, 0), "{group} {report:#?}");
        assert_eq!((report.fault_count, report.warning_count, report.questions.len()), (0, 0, 0), "{group}");
        assert_eq!(report.counts.rows, bodies);
    }
}

fn a_wide_table_has_one_row_a_body(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n\
         082333,kosodate-01,online,4,,,2026-04-01\n\
         082333,kosodate-01,online,3+,,published,2025-03-31\n\
         082333,kosodate-02,online,3+,,published,2025-03-31\n\
         082333,kosodate-03,,,not_applicable,,2026-04-01\n\
         082333,kaigo-01,,,other_body,,2026-04-01\n\
         082333,kaigo-02,,,abolished,,2026-04-01\n\
         082341,kosodate-04,online,0,,published,2025-03-31\n\
         142042,kosodate-01,counter,5,,,2026-04-01\n",
    );
    let csv = app.get("exports/readiness.csv?layout=wide");
    let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
    let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(headings.len(), 4 + 59);
    assert_eq!(headings[3], "channel");
    assert_eq!(headings[4], "kosodate-01 児童手当等の受給資格及び児童手当の額についての認定請求");
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    // A body that says nothing on this channel has no row.
    let codes: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(codes, ["082333", "082341"]);
    assert!(rows.iter().all(|row| &row[3] == "online-group"));
    let cell = |row: usize, id: &str| {
        let at = headings.iter().position(|heading| heading.starts_with(&format!("{id} "))).unwrap();
        rows[row][at].to_owned()
    };
    for (id, expected) in [
        ("kosodate-01", "4"),
        ("kosodate-02", "3+（国）"),
        ("kosodate-03", "対象外"),
        ("kaigo-01", "組合"),
        ("kaigo-02", "廃止"),
        ("kosodate-04", ""),
    ] {
        assert_eq!(cell(0, id), expected, "{id}");
    }
    assert_eq!(cell(1, "kosodate-04"), "0（国）");
    // The same cells in the two other formats.
    let book = app.get("exports/readiness.xlsx?layout=wide");
    let sheet = sheet(&book.bytes, "readiness");
    assert_eq!(sheet[0].iter().map(text).collect::<Vec<_>>(), headings);
    for (row, line) in sheet[1..].iter().zip(&rows) {
        assert_eq!(row.iter().map(text).collect::<Vec<_>>(), line.iter().collect::<Vec<_>>());
        assert!(row.iter().all(|cell| matches!(cell, Data::String(_) | Data::Empty)));
    }
    let lines = app.get("exports/readiness.ndjson?layout=wide");
    let one: serde_json::Value = serde_json::from_str(lines.text.lines().next().unwrap()).unwrap();
    assert_eq!((&one["municipality_name"], &one["kosodate-02"]), (&json!("行方市"), &json!("3+（国）")));
    assert_eq!((&one["kosodate-04"], one.as_object().unwrap().len()), (&json!(null), 63));
    assert_eq!(one["channel"], "online-group");
}

fn a_wide_table_is_of_one_channel(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,根拠\n142042,kosodate-01,counter,5,\n\
         082333,kosodate-01,online,4,\n082333,kosodate-01,online,3+,published\n",
    );
    let first = |query: &str| {
        let text = app.get(&format!("exports/readiness.csv?layout=wide&procedure=kosodate-01{query}")).text;
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(first("&channel=online"), ["082333,茨城県,行方市,online,4"]);
    assert_eq!(first("&channel=counter"), ["142042,神奈川県,鎌倉市,counter,5"]);
    assert_eq!(first("&channel=eapp"), [""; 0]);
    // It says what it is about, and comes back without a question.
    let table = app.get("exports/readiness.csv?layout=wide&channel=counter").text;
    let report = app.inner.send("counter.csv", table.as_bytes(), &[]);
    assert_eq!(report.status, Status::NothingToDo, "{report:#?}");
    for same in ["", "&channel=online-group"] {
        assert_eq!(first(same), ["082333,茨城県,行方市,online-group,4"], "{same}");
    }
    assert_eq!(first("&channel=counter-group"), ["142042,神奈川県,鎌倉市,counter-group,5"]);
    // Everywhere else a group is all of its channels.
    assert_eq!(app.get("readiness?channel=online-group").count(), 2);
    assert_eq!(app.get("exports/readiness.csv?channel=counter-group").text.lines().count(), 2);
    let errors = app.get("readiness?channel=online-grop").problem(400, "invalid-parameter");
    assert_eq!(
        (&errors[0]["code"], &errors[0]["suggestion"]),
        (&json!("unknown_channel"), &json!("online-group"))
    );
    // What is asked of statements chooses among them.
    assert_eq!(first("&evidence=published"), ["082333,茨城県,行方市,online-group,3+（国）"]);
    assert_eq!(first("&evidence=published&channel=online"), ["082333,茨城県,行方市,online,3+（国）"]);
    app.get("exports/readiness.csv?layout=wide&channel=online-group,eapp").problem(400, "invalid-parameter");
    let errors =
        app.get("exports/readiness.xlsx?layout=wide&channel=online,eapp").problem(400, "invalid-parameter");
    assert_eq!(
        (&errors[0]["code"], &errors[0]["pointer"]),
        (&json!("one_channel"), &json!("/query/channel"))
    );
    assert_eq!(app.get("exports/readiness.csv?channel=online,eapp").status, 200);
}

fn a_workbook_is_built_once_for_a_revision(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(TOWN);
    let first = app.get("exports/readiness.xlsx");
    let again = app.get("exports/readiness.xlsx");
    assert_eq!(first.bytes, again.bytes);
    let tag = first.header("etag");
    assert_eq!(app.call("GET", "exports/readiness.xlsx", &[("if-none-match", tag)]).status, 304);
    app.inner.must_import("団体コード,手続ID,接点,段階\n011002,kosodate-01,eapp,4\n");
    let later = app.get("exports/readiness.xlsx");
    assert_ne!(later.header("etag"), tag);
    assert_eq!(sheet(&later.bytes, "readiness").len(), sheet(&first.bytes, "readiness").len() + 1);
    let narrowed = app.get("exports/readiness.xlsx?municipality=011002");
    assert_eq!(sheet(&narrowed.bytes, "readiness").len(), 2);
}

/// A form as rows by procedure: heading → cell.
fn form(rows: &[Vec<String>]) -> impl Fn(&str, &str) -> String {
    move |id, heading| {
        let at = rows[0].iter().position(|other| other == heading).unwrap();
        rows.iter().find(|row| row[3] == id).unwrap_or_else(|| panic!("no {id}"))[at].clone()
    }
}

fn a_form_is_filled_with_the_towns_own_word(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,該当性,根拠,状態,適用日,システム,担当課,URL,備考,目標段階,目標日\n\
         082333,kosodate-01,mynaportal,4,,,,2026-04-01,ぴったり,こども課,https://a.lg.jp/,,5,令和9年度\n\
         082333,kosodate-01,online,3+,,published,,2025-03-31,,国,,国,,\n\
         082333,kosodate-01,counter,2+,,seen,,2026-04-01,端末,こども課,,=1+1,,\n\
         082333,kosodate-02,online,0,,published,,2025-03-31,,,,,,\n\
         082333,kosodate-03,,,not_applicable,,,2026-04-01,,,,,,\n\
         082333,kosodate-04,,,not_applicable,published,,2025-03-31,,,,,,\n\
         082333,kosodate-07,counter,3,,published,suspended,2025-03-31,,,,,,\n\
         082333,high-volume-22,eapp,1,,,,2026-04-01,LoGo,,,=2+2,4,令和9年3月\n",
    );
    let csv = good(app.get("templates/08233.csv"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"form_082333.csv\"; filename*=UTF-8''%E6%A7%98%E5%BC%8F_082333.csv"
    );
    assert!(
        csv.text.starts_with("\u{FEFF}団体コード,都道府県名,団体名,手続ID,手続名,該当性,")
            && csv.text.ends_with("\r\n")
    );
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&csv.text.as_bytes()[3..]);
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    assert_eq!(rows[0].len(), 6 + 11 + 9);
    assert_eq!(
        rows[0][6..9],
        ["オンライン（手段不明）", "マイナポータル（ぴったりサービス）", "汎用電子申請"]
    );
    assert_eq!(
        rows[0][17..],
        ["担当課", "URL", "システム名", "備考", "状態", "目標段階", "目標時期", "適用日", "国公表値（参考）"]
    );
    // 51 of the 56 are for municipalities, and one more is stated.
    assert_eq!(rows.len(), 1 + 51 + 1);
    assert_eq!((rows[1][3].as_str(), rows[52][3].as_str()), ("high-volume-01", "high-volume-22"));
    let cell = form(&rows);
    for (id, heading, expected) in [
        ("kosodate-01", "マイナポータル（ぴったりサービス）", "4"),
        ("kosodate-01", "本庁窓口", "2+"),
        ("kosodate-01", "オンライン（手段不明）", ""),
        ("kosodate-01", "該当性", ""),
        ("kosodate-01", "適用日", ""),
        // Every channel of the row says so, or every online one; else nothing stands there.
        ("kosodate-01", "担当課", "こども課"),
        ("kosodate-01", "URL", "https://a.lg.jp/"),
        ("kosodate-01", "システム名", "ぴったり"),
        ("kosodate-01", "備考", ""),
        ("kosodate-01", "目標段階", ""),
        ("kosodate-01", "目標時期", ""),
        ("high-volume-22", "システム名", "LoGo"),
        ("high-volume-22", "備考", "'=2+2"),
        ("high-volume-22", "目標段階", "4"),
        ("high-volume-22", "目標時期", "2027年3月"),
        ("kosodate-01", "国公表値（参考）", "可"),
        ("kosodate-02", "国公表値（参考）", "未"),
        ("kosodate-02", "オンライン（手段不明）", ""),
        ("kosodate-03", "該当性", "制度なし・該当なし"),
        ("kosodate-04", "該当性", ""),
        ("kosodate-04", "国公表値（参考）", "対象外"),
        ("kosodate-07", "国公表値（参考）", "本庁窓口 書かない（停止中）"),
        ("high-volume-22", "汎用電子申請", "1"),
        ("kosodate-05", "国公表値（参考）", ""),
    ] {
        assert_eq!(cell(id, heading), expected, "{id} {heading}");
    }
    let book = good(app.get("templates/082333.xlsx"), XLSX);
    assert_eq!(
        app.call("HEAD", "templates/082333.xlsx", &[]).header("content-length"),
        book.header("content-length")
    );
    let same: Vec<Vec<String>> =
        sheet(&book.bytes, "様式").iter().map(|row| row.iter().map(text).collect()).collect();
    assert_eq!(same, rows);
    the_form_helps(&book.bytes);
}

/// Drop-downs over the rows, text cells, a frozen heading and a page of explanation.
fn the_form_helps(bytes: &[u8]) {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut part).unwrap();
    for expected in [
        "<dataValidations count=\"4\">",
        "\"実施中,発災時に公開,受付期間外,停止中\"",
        "sqref=\"F2:F53\"",
        "sqref=\"G2:Q53\"",
        "\"0,1,2,3,4,5,1+,2+,3+,4+,5+,対象外,組合\"",
        "\"該当,制度なし・該当なし,他団体の事務（組合・県）,廃止\"",
        "errorStyle=\"warning\"",
        "state=\"frozen\"",
        "ySplit=\"1\"",
    ] {
        assert!(part.contains(expected), "{expected}");
    }
    assert!(!part.contains("mergeCell"));
    let told: String = sheet(bytes, "説明").iter().flatten().map(text).collect();
    for expected in ["todoke import", "変えない", "書かないワンストップ", "デジタル完結", "組合"]
    {
        assert!(told.contains(expected), "{expected}");
    }
}

fn a_form_is_for_any_body_and_says_who_it_is_not(backend: &Backend) {
    let app = TestApp::start(backend);
    let prefecture = app.get("templates/080004.csv").text;
    assert_eq!(prefecture.lines().count(), 1 + 27);
    assert!(prefecture.contains("080004,茨城県,茨城県,"));
    app.get("templates/082334.csv").problem(400, "invalid-parameter");
    let unknown = app.get("templates/089991.xlsx");
    assert!([400, 404].contains(&unknown.status));
    app.get("templates/08999.xlsx").problem(404, "not-found");
    app.get("templates/082333.pdf").problem(404, "not-found");
    app.get("templates/082333.csv?bogus=1").problem(400, "invalid-parameter");
    app.call("GET", "templates/082333.xlsx", &[("accept", "text/csv")]).problem(406, "not-acceptable");
}

#[test]
fn a_filled_form_is_the_same_twice() {
    let service = TestService::new(&Backend::sqlite());
    service.must_import(TOWN);
    let grid = service.service.grid();
    let body = grid.catalogue().find_body("082333").unwrap();
    let (one, other) =
        (service.service.form(&grid, body).unwrap(), service.service.form(&grid, body).unwrap());
    assert_eq!(one, other);
    let mut bytes = [Cursor::new(Vec::new()), Cursor::new(Vec::new())];
    for out in &mut bytes {
        one.xlsx(&grid, out).unwrap();
    }
    assert_eq!(bytes[0].get_ref(), bytes[1].get_ref());
    assert_eq!(one.headings().len(), one.rows()[0].len());
}

/// Everything that is known, to be taken away.
fn whole(service: &TestService) -> Export {
    let grid = service.service.grid();
    let bodies = BodyFilter::default().select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let table = Table::Long(facts(&grid, &bodies, &procedures, &StatementFilter::default(), Days::All));
    assert!(table.len() < SHEET_ROWS);
    Export::new(service.service.clone(), grid, table)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever stands in a free text, no format changes it.
    #[test]
    fn texts_go_through_every_format(
        notes in proptest::collection::vec("[=+@'＝ー○a1あ表①髙ｶ, \"\n\r\t_x0041&<>;#-]{0,16}", 1..12),
    ) {
        let service = TestService::new(&Backend::sqlite());
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["municipality_code", "procedure_id", "channel", "level", "note", "effective_on"]).unwrap();
        for (note, number) in notes.iter().zip(1..) {
            writer.write_record(["082333", &format!("kosodate-{number:02}"), "eapp", "4", note, "2026-04-01"]).unwrap();
        }
        let first = service.import("a.csv", &writer.into_inner().unwrap());
        prop_assert_eq!(first.counts.created, notes.len(), "{:?}", first.faults);
        let mut book = Cursor::new(Vec::new());
        whole(&service).write_xlsx(&mut book).unwrap();
        let mut files = vec![book.into_inner()];
        for encoding in Encoding::ALL {
            let mut text = Vec::new();
            prop_assert_eq!(whole(&service).write_csv(*encoding, &mut text).unwrap(), 0);
            files.push(text);
        }
        for file in files {
            let again = service.import("b", &file);
            prop_assert_eq!((again.status, again.counts.unchanged), (Status::NothingToDo, notes.len()), "{:?}", again.faults);
        }
    }
}

#[test]
fn the_command_line_writes_every_format() {
    let dir = Workdir::new();
    dir.write("town.csv", &format!("{TOWN}142042,hisaisha-02,eapp,1,𠮷野,,,,,,,,,,2026-04-01\n"));
    assert_eq!(dir.run(&["import", "town.csv", "--yes"]).code, 0);
    for (args, file, told) in [
        (&["--format", "xlsx"][..], "a.xlsx", ""),
        (&["--encoding", "utf-8"], "b.csv", ""),
        (&["--encoding", "utf-8-bom"], "c.csv", ""),
        (&["--encoding", "cp932"], "d.csv", "CP932 で表せない1文字を 〓 に置き換えました。\n"),
    ] {
        let ran = dir.run(&[&["export", "-o", file][..], args].concat());
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", told));
        let checked = dir.run(&["check", file]);
        // What CP932 could not hold does not overwrite what is known.
        assert!(checked.out.contains("変更 0、確認 0"), "{file} {}", checked.out);
    }
    let read = |name: &str| std::fs::read(dir.0.path().join(name)).unwrap();
    assert!(read("b.csv").starts_with(b"municipality_code") && !read("b.csv").ends_with(b"\r\n"));
    assert_eq!(String::from_utf8(read("c.csv")).unwrap(), dir.run(&["export"]).out);
    // A workbook on a pipe is the same as in a file.
    let piped = dir.command(&["export", "--format", "xlsx"]).output().unwrap();
    assert_eq!((piped.status.code(), piped.stdout), (Some(0), read("a.xlsx")));
    let wide = dir.run(&["export", "--layout", "wide", "--channel", "eapp", "--encoding", "utf-8"]).out;
    let bodies: Vec<&str> = wide.lines().skip(1).map(|line| &line[..6]).collect();
    assert_eq!(bodies, ["082333", "142042"]);
    let best =
        dir.run(&["export", "--layout", "wide", "--channel", "counter-group", "--encoding", "utf-8"]).out;
    let cells: Vec<&str> = best.lines().nth(1).unwrap().split(',').collect();
    assert_eq!((cells[0], cells[3]), ("082333", "counter-group"));
    let lines = dir.run(&["export", "--format", "ndjson", "--layout", "wide"]).out;
    assert!(lines.lines().all(|line| line.starts_with("{\"municipality_code\":")), "{lines}");
    for wrong in [
        &["--format", "ndjson", "--encoding", "cp932"][..],
        &["--channel", "eap"],
        &["--layout", "tall"],
        &["--municipality", "082334"],
    ] {
        let ran = dir.run(&[&["export"], wrong].concat());
        assert!(ran.code == 2 && ran.out.is_empty() && !ran.err.is_empty(), "{wrong:?} {}", ran.err);
    }
}

#[test]
fn a_form_is_never_written_over_unasked() {
    let dir = Workdir::new();
    dir.write("town.csv", TOWN);
    assert_eq!(dir.run(&["import", "town.csv", "--yes"]).code, 0);
    let first = dir.run(&["template", "08233"]);
    assert_eq!((first.code, first.err.as_str()), (0, "様式_082333.xlsx を作りました。\n"));
    let again = dir.run(&["template", "082333"]);
    assert!(again.code == 2 && again.err.contains("もうあります"), "{}", again.err);
    assert_eq!(dir.run(&["template", "082333", "-o", "様式_082333.xlsx"]).code, 0);
    let shown = dir.run(&["template", "082333", "--format", "csv"]).out;
    assert!(shown.starts_with("\u{FEFF}団体コード,") && shown.contains(",4,"), "{shown}");
    // The ending of the name says what is wanted.
    assert_eq!(dir.run(&["template", "082333", "-o", "f.CSV"]).code, 0);
    assert_eq!(std::fs::read_to_string(dir.0.path().join("f.CSV")).unwrap(), shown);
    for wrong in ["082334", "08999", "行方市"] {
        let ran = dir.run(&["template", wrong]);
        assert!(ran.code == 2 && !ran.err.is_empty(), "{wrong}");
    }
    assert_eq!(dir.names().iter().filter(|name| name.starts_with("様式")).count(), 1);
}
