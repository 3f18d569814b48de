//! What Excel shows and what it stores, and files of other kinds under its name.

use std::io::{Cursor, Write as _};

use todoke::import::OnError;
use todoke::import::report::{Report, Status};
use todoke::import::{FaultKind, Options};
use todoke::service::imports::ApplyOptions;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::app::{Backend, TestApp, TestService, on_both};

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "24-month-format-dates.xlsx",
    "25-struck-through.xlsx",
    "26-autofilter.xlsx",
    "28-numbers-of-java.xlsx",
    "46-html.xls",
    "48-archive.zip",
    "comment-and-strike.xlsx",
    "hidden-rows-columns.xlsx",
    "merged-marks.xlsx",
];

on_both! {
    a_date_goes_as_far_as_it_is_shown;
    a_shown_month_is_stored_as_a_month;
    what_is_struck_through_is_not_there;
    a_form_with_comments_and_strikes_says_so;
    a_filter_that_was_left_on_is_asked_about;
    the_filter_of_a_table_is_a_filter;
    what_is_hidden_by_hand_is_left_out_and_told;
    a_hidden_key_still_says_whose_row_it_is;
    a_merged_mark_counts_for_all_its_cells_and_is_told;
    numbers_are_those_that_excel_shows;
    what_no_cell_shows_is_an_empty_cell;
    a_formula_that_nobody_computed_is_a_fault;
    a_hidden_sheet_is_read_when_it_is_named;
    marks_of_truth_are_asked_about;
    words_of_a_number_format_are_what_is_read;
    other_kinds_of_file_are_called_by_their_names;
    a_text_may_end_as_old_programs_end_it;
}

/// A workbook of one sheet with these parts of it; every cell style is a number format and a font, of
/// which font 1 is struck through.
struct Book {
    rows: String,
    columns: &'static str,
    behind: String,
    styles: Vec<(String, u8)>,
    parts: Vec<(&'static str, String)>,
}

impl Book {
    fn new(rows: &[&[&str]]) -> Self {
        let (columns, behind) = ("", String::new());
        let mut book = Self {
            rows: String::new(),
            columns,
            behind,
            styles: vec![("General".into(), 0)],
            parts: Vec::new(),
        };
        for row in rows {
            book.add("", row);
        }
        book
    }

    /// Adds a row of texts; one that begins with `=` is a number, with the style behind a `@`.
    fn add(&mut self, attributes: &str, cells: &[&str]) {
        let number = self.rows.matches("<row").count() + 1;
        self.rows.push_str(&format!("<row r=\"{number}\" {attributes}>"));
        for (at, cell) in cells.iter().enumerate() {
            let place = format!("{}{number}", char::from(b'A' + u8::try_from(at).unwrap()));
            let (cell, style) = cell.rsplit_once('@').unwrap_or((cell, "0"));
            self.rows.push_str(&match cell.strip_prefix('=') {
                Some(number) => format!("<c r=\"{place}\" s=\"{style}\"><v>{number}</v></c>"),
                None => {
                    format!("<c r=\"{place}\" s=\"{style}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>")
                }
            });
        }
        self.rows.push_str("</row>");
    }

    fn row(mut self, attributes: &str, cells: &[&str]) -> Self {
        self.add(attributes, cells);
        self
    }

    /// Adds a style; the first one is number 1.
    fn style(mut self, format: &str, font: u8) -> Self {
        self.styles.push((format.replace('"', "&quot;"), font));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
            xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
        const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
        let formats: String = (164..)
            .zip(&self.styles)
            .map(|(id, (code, _))| format!("<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>"))
            .collect();
        let xfs: String = (164..)
            .zip(&self.styles)
            .map(|(id, (_, font))| format!("<xf numFmtId=\"{id}\" fontId=\"{font}\"/>"))
            .collect();
        let rels = |links: &[(&str, &str)]| {
            let links: String = (1..)
                .zip(links)
                .map(|(id, (kind, target))| {
                    format!("<Relationship Id=\"rId{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/>")
                })
                .collect();
            format!("<Relationships>{links}</Relationships>")
        };
        let mut parts = vec![
            (
                "[Content_Types].xml",
                format!("<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPES}\"/></Types>"),
            ),
            ("_rels/.rels", rels(&[("officeDocument", "xl/workbook.xml")])),
            (
                "xl/_rels/workbook.xml.rels",
                rels(&[("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")]),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook {MAIN}><sheets><sheet name=\"状況\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    "<styleSheet {MAIN}><numFmts>{formats}</numFmts><fonts><font/><font><strike/></font></fonts><cellXfs>{xfs}</cellXfs></styleSheet>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet {MAIN}>{}<sheetData>{}</sheetData>{}</worksheet>",
                    self.columns, self.rows, self.behind
                ),
            ),
        ];
        parts.retain(|(name, _)| !self.parts.iter().any(|(own, _)| own == name));
        parts.extend(self.parts.iter().cloned());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

const ONLINE: (&str, &str) = ("channel", "online");
const MARKS: &[&str] = &["団体コード", "団体名", "妊娠の届出", "転出届"];
const PLAN: &[&str] = &["団体コード", "手続ID", "接点", "段階", "目標段階", "目標日"];

/// The stored rows as `code procedure channel level`.
fn stored(service: &TestService) -> Vec<String> {
    let text = service.export();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let at = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let wanted = ["municipality_code", "procedure_id", "channel", "level"].map(at);
    let mut rows: Vec<String> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            wanted.map(|column| record[column].to_owned()).join(" ")
        })
        .collect();
    rows.sort();
    rows
}

/// Codes of the faults, with their lines.
fn faults(report: &Report) -> Vec<(String, Option<u32>)> {
    report.faults.iter().map(|fault| (fault.code.clone(), fault.line)).collect()
}

#[track_caller]
fn told(report: &Report, part: &str) {
    assert!(report.notes.iter().any(|note| note.contains(part)), "{part}: {:#?}", report.notes);
}

#[track_caller]
fn applied(report: &Report, created: usize) {
    assert_eq!((report.status, report.counts.created), (Status::Applied, created), "{report:#?}");
}

fn a_date_goes_as_far_as_it_is_shown(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("24-month-format-dates.xlsx", &[]);
    assert_eq!(report.status, Status::Refused);
    // A month and a day without their year; what 令和8年 alone means is as in a text.
    let without_year = report.faults.iter().find(|fault| fault.code == "date_without_year").unwrap();
    assert_eq!((without_year.line, without_year.heading.as_deref()), (Some(7), Some("目標日")));
    assert!(without_year.message.contains("3月1日"), "{}", without_year.message);
    let as_text = "団体コード,手続ID,接点,段階,目標段階,目標日\n082333,kosodate-05,online,0,3,2026年\n";
    let text = service.send("text.csv", as_text.as_bytes(), &[]);
    let of_year = |report: &Report| report.faults.iter().filter(|fault| fault.code == "date_format").count();
    assert_eq!(of_year(&report), of_year(&text), "{:#?}", report.faults);
    assert!(
        report.faults.iter().all(|fault| fault.line.is_some_and(|line| line >= 6)),
        "{:#?}",
        report.faults
    );
}

fn a_shown_month_is_stored_as_a_month(backend: &Backend) {
    let formats = [
        ("[$-411]ggge\"年\"m\"月\"", "2026-03-31", "month"),
        ("yyyy/m", "2026-03-31", "month"),
        ("mmm-yy", "2026-03-31", "month"),
        ("yyyy\"年度\"", "2027-03-31", "fiscal_year"),
        ("ggge\"年度\"", "2027-03-31", "fiscal_year"),
        ("yyyy/m/d", "2026-03-01", "day"),
        ("[$-411]ggge\"年\"m\"月\"d\"日\";@", "2026-03-01", "day"),
        ("yyyy/m/d h:mm", "2026-03-01", "day"),
    ];
    let mut book = Book::new(&[PLAN]);
    for (at, (format, ..)) in (1..).zip(formats) {
        let procedure = format!("kosodate-{at:02}");
        let date = format!("=46082.25@{at}");
        book = book.style(format, 0).row("", &["082333", &procedure, "online", "0", "3", &date]);
    }
    let service = TestService::new(backend);
    applied(&service.send("plan.xlsx", &book.bytes(), &[]), formats.len());
    let text = service.export();
    for (at, (format, on, precision)) in (1..).zip(formats) {
        let row = text.lines().find(|line| line.contains(&format!("kosodate-{at:02}"))).unwrap();
        assert!(row.contains(&format!(",{on},{precision},")), "{format}: {row}");
    }
    for (format, code) in [
        ("m/d", "date_without_year"),
        ("m\"月\"d\"日\"(aaa)", "date_without_year"),
        ("d-mmm", "date_without_year"),
        ("m\"月\"", "date_format"),
        ("d\"日\"", "date_format"),
        ("aaa", "date_format"),
        ("h:mm", "date_format"),
        ("[h]:mm:ss", "date_format"),
    ] {
        let book = Book::new(&[PLAN]).style(format, 0);
        let book = book.row("", &["082333", "kosodate-01", "online", "0", "3", "=46082.25@1"]);
        let report = service.send("plan.xlsx", &book.bytes(), &[]);
        assert_eq!(faults(&report), [(code.to_owned(), Some(2))], "{format}: {:#?}", report.faults);
    }
}

fn what_is_struck_through_is_not_there(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("25-struck-through.xlsx", &[ONLINE]);
    applied(&report, 1);
    assert_eq!(stored(&service), ["082333 kosodate-15 online 3"]);
    told(&report, "取り消し線のある5個のセルは、ないものとして読みました（D2、A3、B3、C3、D3）");
    service.take_everything_back();
    // Corrected in one cell: the old mark struck through, the new one behind it.
    let mut book = Book::new(&[MARKS]);
    book.rows.push_str(
        "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>082333</t></is></c><c r=\"C2\" t=\"inlineStr\"><is>\
         <r><rPr><strike/><sz val=\"11\"/></rPr><t>×</t></r><r><rPr><sz val=\"11\"/></rPr><t>○</t></r></is></c></row>",
    );
    let report = service.send("marks.xlsx", &book.bytes(), &[ONLINE]);
    assert_eq!(stored(&service), ["082333 kosodate-15 online 3"]);
    told(&report, "文字の一部に取り消し線のある1個のセルは、取り消し線のない文字だけを読みました（C2）");
}

fn a_form_with_comments_and_strikes_says_so(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("comment-and-strike.xlsx", &[]);
    applied(&report, 1);
    told(&report, "コメント（メモ）のあるセルが1個あります（G18）");
    told(&report, "取り消し線のある1個のセルは、ないものとして読みました（G19）");
    assert_eq!(stored(&service), ["082341 kosodate-02 mynaportal 3"]);
}

fn a_filter_that_was_left_on_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    const FILE: &str = "26-autofilter.xlsx";
    let report = service.send_case(FILE, &[ONLINE]);
    assert_eq!((report.status, report.counts.created), (Status::Refused, 0));
    assert_eq!(faults(&report), [("hidden_by_filter".to_owned(), Some(3))]);
    let question = &report.questions[0];
    assert!(question.question.contains("2行") && question.question.contains("3行目、5行目"), "{question:?}");
    let choices: Vec<_> =
        question.choices.iter().map(|choice| (choice.parameter.as_str(), choice.value.as_str())).collect();
    assert_eq!(choices, [("hidden", "all"), ("hidden", "visible")]);
    // Nor is a part of it taken where good rows are.
    let options = Options { channel: service.service.catalogue().channel_ix("online"), ..service.options() };
    let skip = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with(FILE, &super::file(FILE), options, &skip);
    assert_eq!((report.status, service.export().lines().count()), (Status::Refused, 1));
    let report = service.send_case(FILE, &[ONLINE, ("hidden", "visible")]);
    applied(&report, 4);
    told(&report, "非表示の2行は読み飛ばしました");
    service.take_everything_back();
    let report = service.send_case(FILE, &[ONLINE, ("hidden", "all")]);
    applied(&report, 8);
    told(&report, "非表示の2行も、指定のとおり読みました");
    service.take_everything_back();
    // The arrows of a filter that chooses nothing hide nothing: these were hidden by hand.
    let mut book = Book::new(&[MARKS]).row("", &["082333", "行方市", "○", "×"]);
    book = book.row("hidden=\"1\"", &["082341", "鉾田市", "○", "×"]);
    book.behind = "<autoFilter ref=\"A1:D3\"/>".to_owned();
    let report = service.send("arrows.xlsx", &book.bytes(), &[ONLINE]);
    applied(&report, 2);
    told(&report, "非表示の1行は読み飛ばしました");
}

fn the_filter_of_a_table_is_a_filter(backend: &Backend) {
    let service = TestService::new(backend);
    let mut book = Book::new(&[MARKS]).row("hidden=\"1\"", &["082333", "行方市", "○", "×"]);
    book = book.row("", &["082341", "鉾田市", "○", "×"]);
    let by =
        "<filterColumn colId=\"1\"><customFilters><customFilter val=\"鉾*\"/></customFilters></filterColumn>";
    book.parts = vec![
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://a.example/table\" Target=\"../tables/table1.xml\"/></Relationships>".to_owned(),
        ),
        ("xl/tables/table1.xml", format!("<table ref=\"A1:D3\"><autoFilter ref=\"A1:D3\">{by}</autoFilter></table>")),
    ];
    let report = service.send("table.xlsx", &book.bytes(), &[ONLINE]);
    assert_eq!((report.status, report.questions.len()), (Status::Refused, 1), "{report:#?}");
    applied(&service.send("table.xlsx", &book.bytes(), &[ONLINE, ("hidden", "visible")]), 2);
    // With every row filtered away there is nothing to read, and it says why.
    let mut book = Book::new(&[MARKS]).row("hidden=\"1\"", &["082333", "行方市", "○", "×"]);
    book.behind = format!("<autoFilter ref=\"A1:D2\">{by}</autoFilter>");
    let report = service.send("none.xlsx", &book.bytes(), &[ONLINE]);
    assert_eq!(report.faults[0].code, "no_rows");
    assert!(report.faults[0].message.contains("1行が非表示です"), "{}", report.faults[0].message);
    assert_eq!(report.questions[0].parameter, "hidden");
}

fn what_is_hidden_by_hand_is_left_out_and_told(backend: &Backend) {
    let service = TestService::new(backend);
    const FILE: &str = "hidden-rows-columns.xlsx";
    let report = service.send_case(FILE, &[]);
    applied(&report, 1);
    told(&report, "非表示の1行は読み飛ばしました");
    told(&report, "非表示の列は読み飛ばしました: H列「汎用電子申請」");
    assert_eq!(stored(&service), ["082341 kosodate-02 mynaportal 3"]);
    service.take_everything_back();
    let report = service.send_case(FILE, &[("hidden", "all")]);
    applied(&report, 3);
    told(&report, "非表示の1行も、指定のとおり読みました");
    told(&report, "非表示の列も、指定のとおり読みました: H列「汎用電子申請」");
    service.take_everything_back();
    // A hidden column of marks in a wide table.
    let mut book = Book::new(&[MARKS]).row("", &["082333", "行方市", "○", "×"]);
    book.columns = "<cols><col min=\"4\" max=\"4\" width=\"0\"/></cols>";
    let report = service.send("wide.xlsx", &book.bytes(), &[ONLINE]);
    applied(&report, 1);
    told(&report, "D列「転出届」");
}

fn a_hidden_key_still_says_whose_row_it_is(backend: &Backend) {
    let service = TestService::new(backend);
    let hidden = |rows: &[&[&str]]| {
        let mut book = Book::new(rows);
        book.columns = "<cols><col min=\"1\" max=\"1\" hidden=\"1\"/></cols>";
        book.bytes()
    };
    // Without the code there would be four towns of this name.
    let book = hidden(&[MARKS, &["132063", "府中市", "○", "×"]]);
    for said in [&[ONLINE][..], &[ONLINE, ("hidden", "visible")], &[ONLINE, ("hidden", "all")]] {
        let report = service.send("codes.xlsx", &book, said);
        applied(&report, 2);
        told(&report, "行が何についてのものかを示すので読みました: A列「団体コード」");
        service.take_everything_back();
    }
    // It decides nothing against what is seen.
    let book = hidden(&[MARKS, &["082333", "鉾田市", "○", "×"]]);
    let report = service.send("codes.xlsx", &book, &[ONLINE]);
    assert_eq!(faults(&report), [("code_name_mismatch".to_owned(), Some(2))]);
}

fn a_merged_mark_counts_for_all_its_cells_and_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("merged-marks.xlsx", &[]);
    applied(&report, 15);
    told(&report, "結合セルは、左上の値をすべてのセルの値として読みました: G18:G32「○」15セル");
    service.take_everything_back();
    // Across columns too; that a name is merged over its rows needs no word.
    let mut book = Book::new(&[MARKS]).row("", &["082333", "行方市", "○"]);
    book.behind = "<mergeCells><mergeCell ref=\"C2:D2\"/><mergeCell ref=\"B2:B3\"/></mergeCells>".to_owned();
    let report = service.send("merged.xlsx", &book.row("", &["082341", "", "○", "×"]).bytes(), &[ONLINE]);
    told(&report, "C2:D2「○」2セル");
    assert!(!report.notes.iter().any(|note| note.contains("B2:B3")), "{:#?}", report.notes);
}

fn numbers_are_those_that_excel_shows(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("28-numbers-of-java.xlsx", &[]);
    assert_eq!((report.status, report.fault_count), (Status::Applied, 0), "{:#?}", report.faults);
    let app = TestApp::over(service);
    let rows = app.get("usage?municipality=082333").results();
    let mut counts: Vec<i64> = rows.iter().map(|row| row["applications"].as_i64().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [10, 426, 9_876_543, 12_345_678]);
    let service = &app.inner;
    service.take_everything_back();
    // Codes and levels of such writers.
    let head = ["団体コード", "手続ID", "接点", "段階"];
    let book = Book::new(&[&head, &["=8.2333E4", "kosodate-01", "online", "=2.9999999999999996"]]);
    applied(&service.send("java.xlsx", &book.bytes(), &[]), 1);
    assert_eq!(stored(service), ["082333 kosodate-01 online 3"]);
    // A text with an exponent keeps its own rule.
    let book = Book::new(&[&head, &["1.23457E+12", "kosodate-01", "online", "=3"]]);
    assert_eq!(service.send("text.xlsx", &book.bytes(), &[]).faults[0].code, "digits_lost");
}

fn what_no_cell_shows_is_an_empty_cell(backend: &Backend) {
    let service = TestService::new(backend);
    // Formulas that look elsewhere give 0 for an empty cell, and a format hides it.
    let book = Book::new(&[MARKS]).style("0;-0;;@", 0).style(";;;", 0);
    let book =
        book.row("", &["082333", "行方市", "=0@1", "=3@1"]).row("", &["082341", "鉾田市", "○@2", "=0"]);
    let report = service.send("zeros.xlsx", &book.bytes(), &[ONLINE]);
    applied(&report, 2);
    told(&report, "何も表示されない2個のセルは、空欄として読みました（C2、C3）");
    service.take_everything_back();
    applied(&service.send("zeros.xlsx", &book.bytes(), &[ONLINE, ("hidden", "all")]), 4);
}

fn a_formula_that_nobody_computed_is_a_fault(backend: &Backend) {
    let service = TestService::new(backend);
    let mut book = Book::new(&[MARKS]);
    book.rows.push_str(
        "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>082333</t></is></c><c r=\"C2\"><f>1+2</f><v>0</v></c></row>",
    );
    book.parts = vec![(
        "xl/workbook.xml",
        "<workbook xmlns:r=\"http://a.example\"><sheets><sheet name=\"状況\" r:id=\"rId1\"/></sheets>\
         <calcPr fullCalcOnLoad=\"1\"/></workbook>"
            .to_owned(),
    )];
    let report = service.send("new.xlsx", &book.bytes(), &[ONLINE]);
    assert_eq!(faults(&report), [("formula_without_result".to_owned(), Some(2))]);
    // What was computed stands, whatever the workbook says.
    book.rows = book.rows.replace("<v>0</v>", "<v>3</v>");
    applied(&service.send("new.xlsx", &book.bytes(), &[ONLINE]), 1);
}

fn words_of_a_number_format_are_what_is_read(backend: &Backend) {
    let service = TestService::new(backend);
    let book = Book::new(&[MARKS])
        .style("[=1]\"○\";[=0]\"×\"", 0)
        .style("0\"以上\"", 0)
        .row("", &["082333", "行方市", "=1@1", "=0@1"])
        .row("", &["082341", "鉾田市", "=3@2", "=1@1"]);
    let report = service.send("shown.xlsx", &book.bytes(), &[ONLINE]);
    applied(&report, 4);
    let mut read: Vec<(&str, usize)> =
        report.understood.iter().map(|one| (one.mark.as_str(), one.count)).collect();
    read.sort_unstable();
    assert_eq!(read, [("3以上", 1), ("×", 1), ("○", 2)]);
}

fn a_hidden_sheet_is_read_when_it_is_named(backend: &Backend) {
    let service = TestService::new(backend);
    let mut book = Book::new(&[MARKS]).row("", &["082333", "行方市", "○", "×"]);
    let cover = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>表紙</t></is></c></row></sheetData></worksheet>";
    book.parts = vec![
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"http://a.example\"><sheets><sheet name=\"表紙\" r:id=\"rId3\"/>\
             <sheet name=\"状況\" state=\"hidden\" r:id=\"rId1\"/></sheets></workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://a.example/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
             <Relationship Id=\"rId3\" Type=\"http://a.example/worksheet\" Target=\"worksheets/cover.xml\"/></Relationships>"
                .to_owned(),
        ),
        ("xl/worksheets/cover.xml", cover.to_owned()),
    ];
    let report = service.send("cover.xlsx", &book.bytes(), &[ONLINE]);
    assert_eq!(report.faults[0].code, "unknown_layout");
    assert!(report.faults[0].message.contains("非表示のシートは読んでいません: 状況"), "{:?}", report.faults);
    applied(&service.send("cover.xlsx", &book.bytes(), &[ONLINE, ("sheet", "状況")]), 2);
}

fn marks_of_truth_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let mut book = Book::new(&[MARKS]);
    book.rows.push_str(
        "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>082333</t></is></c>\
         <c r=\"C2\" t=\"b\"><v>1</v></c><c r=\"D2\" t=\"b\"><v>0</v></c></row>",
    );
    let report = service.send("marks.xlsx", &book.bytes(), &[ONLINE]);
    assert_eq!(report.status, Status::Refused);
    let asked: Vec<&str> = report.questions.iter().map(|question| question.mark.as_str()).collect();
    assert_eq!(asked, ["false", "true"]);
}

fn other_kinds_of_file_are_called_by_their_names(backend: &Backend) {
    let service = TestService::new(backend);
    for (name, code, part) in [
        (
            "46-html.xls",
            "web_page",
            "ウェブページ（HTML）を .xls などの名前で保存したファイルです。Excel で開き",
        ),
        ("48-archive.zip", "archive", "中に 状況.csv、説明.txt があります。展開（解凍）して"),
    ] {
        let report = service.send_case(name, &[]);
        assert_eq!((report.status, report.fault_count), (Status::Refused, 1));
        let fault = &report.faults[0];
        assert_eq!((fault.code.as_str(), fault.kind), (code, FaultKind::WrongKind));
        assert!(fault.message.contains(part), "{}", fault.message);
    }
    // What is read is named wherever something else came.
    let report = service.send("a.pdf", b"%PDF-1.7\n", &[]);
    assert!(report.faults[0].allowed.as_deref().is_some_and(|allowed| allowed.contains(".xlsx")));
}

fn a_text_may_end_as_old_programs_end_it(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,接点,段階\n082333,kosodate-01,online,3\n";
    for end in ["\u{1A}", "\u{1A}\0\0\0\0", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(text);
        let report = service.send("old.csv", &[&bytes, end.as_bytes()].concat(), &[]);
        applied(&report, 1);
        told(&report, "末尾から除いて読みました");
        service.take_everything_back();
    }
    let inside = text.replace("online", "onl\u{1A}ine");
    assert_eq!(service.send("old.csv", inside.as_bytes(), &[]).faults[0].code, "control_character");
}
