//! Workbooks written by hand, part by part, because no honest program writes
//! what these tests are about.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::format::{Hides, classify, hides};
use super::*;

const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

/// The parts of a package; adding one of a name that exists replaces it.
struct Book(Vec<(String, String)>);

impl Book {
    fn new(sheet: &str) -> Self {
        Self(Vec::new())
            .types(TYPE)
            .part("_rels/.rels", &rels(&[("rId1", "officeDocument", "xl/workbook.xml")]))
            .part(
                "xl/_rels/workbook.xml.rels",
                &rels(&[
                    ("rId1", "worksheet", "worksheets/sheet1.xml"),
                    ("rId2", "sharedStrings", "sharedStrings.xml"),
                    ("rId3", "styles", "/xl/styles.xml"),
                ]),
            )
            .part(
                "xl/workbook.xml",
                r#"<workbook><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
            )
            .part("xl/worksheets/sheet1.xml", sheet)
    }

    /// A sheet with these rows.
    fn rows(rows: &str) -> Self {
        Self::new(&format!(
            r#"<worksheet xmlns:r="http://a.example"><sheetData>{rows}</sheetData></worksheet>"#
        ))
    }

    fn types(self, main: &str) -> Self {
        let types = format!(r#"<Types><Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>"#);
        self.part("[Content_Types].xml", &types)
    }

    fn part(mut self, name: &str, content: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), content.to_owned()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, content) in &self.0 {
            zip.start_file(name.as_str(), options).expect("entry");
            zip.write_all(content.as_bytes()).expect("content");
        }
        zip.finish().expect("archive").into_inner()
    }

    fn read(&self) -> Result<Workbook, WorkbookError> {
        read(&self.bytes(), &Limits::default())
    }

    fn code(&self) -> &'static str {
        refused(&self.bytes(), &Limits::default())
    }

    /// Every cell as `B3=value`.
    fn cells(&self) -> Vec<String> {
        let book = self.read().expect("readable");
        let rows = book.sheets.iter().flat_map(|sheet| &sheet.rows);
        rows.flat_map(|row| {
            row.cells.iter().map(|cell| {
                let column = char::from(b'A' + u8::try_from(cell.column).expect("near"));
                let value = match &cell.value {
                    CellValue::Text(text) => text.clone(),
                    other => format!("{other:?}"),
                };
                format!("{column}{}={value}", row.number)
            })
        })
        .collect()
    }
}

/// The code of the error reading ends with.
fn refused(bytes: &[u8], limits: &Limits) -> &'static str {
    read(bytes, limits).expect_err("refused").code()
}

fn rels(links: &[(&str, &str, &str)]) -> String {
    let links: String = links
        .iter()
        .map(|(id, kind, target)| {
            format!(r#"<Relationship Id="{id}" Type="http://x.example/{kind}" Target="{target}"/>"#)
        })
        .collect();
    format!("<Relationships>{links}</Relationships>")
}

fn strings(items: &str) -> String {
    format!("<sst>{items}</sst>")
}

#[test]
fn every_kind_of_value() {
    let book = Book::rows(
        r#"<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="inlineStr"><is><r><t>行</t></r><r><t xml:space="preserve"> 内 </t></r></is></c>
           <c r="C2" t="str"><f>A1</f><v>式&amp;&#x3042;</v></c><c r="D2"><v> 01.50 </v></c><c r="E2" t="b"><v>1</v></c><c r="F2" t="e"><v>#N/A</v></c>
           <c r="G2"><f>B1</f></c><c r="H2" t="s"/><c r="I2" t="str"><v></v></c><c r="J2" s="4"/><c r="K2" t="s"><v>0</v></c><c r="L2" t="inlineStr"><is><t> 端 </t></is></c>
           <c r="M2"><v>1e999</v></c><c r="N2" t="d"><v>2026-01-31</v></c></row>"#,
    )
    .part("xl/sharedStrings.xml", &strings("<si><t/></si><si><t><![CDATA[共有]]></t></si>"));
    let expected = [
        "A2=共有",
        "B2=行 内 ",
        "C2=式&あ",
        "D2=Number(\"01.50\")",
        "E2=Bool(true)",
        "F2=Error(\"#N/A\")",
        "G2=Error(\"#（結果なし）\")",
        "L2=端",
        "M2=1e999",
        "N2=Day(\"2026-01-31\")",
    ];
    assert_eq!(book.cells(), expected);
}

#[test]
fn phonetic_runs_are_left_out_and_rich_text_is_joined() {
    let item =
        "<si><r><t>東</t></r><rPh sb=\"0\" eb=\"1\"><t>ひがし</t></rPh><r><t>京</t></r><phoneticPr/></si>";
    let book = Book::rows(
        r#"<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>漢</t><rPh><t>カン</t></rPh></is></c></row>"#,
    )
    .part("xl/sharedStrings.xml", &strings(item));
    assert_eq!(book.cells(), ["A1=東京", "B1=漢"]);
}

#[test]
fn escapes_are_decoded_once() {
    let text = "a_x000D_b _x005F_x000D_ _x3042_ _xZZZZ_ _x00 _x0000_ _xD800_";
    let book = Book::rows(&format!(r#"<row><c t="inlineStr"><is><t>{text}</t></is></c></row>"#));
    assert_eq!(book.cells(), ["A1=a\rb _x000D_ あ _xZZZZ_ _x00 _x0000_ _xD800_"]);
}

#[test]
fn rows_and_cells_without_references_are_counted() {
    let book = Book::rows(
        r#"<row><c><v>1</v></c><c r="C1"><v>2</v></c><c><v>3</v></c></row><row/><row r="5"><c><v>4</v></c></row><row><c r="B7"><v>5</v></c></row>"#,
    );
    let expected = ["A1", "C1", "D1", "A5", "B7"];
    let cells = book.cells();
    assert_eq!(cells.len(), expected.len());
    for (cell, place) in cells.iter().zip(expected) {
        assert!(cell.starts_with(&format!("{place}=")), "{cell} {place}");
    }
}

#[test]
fn namespace_prefixes_and_tags_of_other_meaning() {
    let book = Book::new(
        r#"<x:worksheet xmlns:x="http://a.example"><x:sheetData><x:row xmlns:r="http://b.example" x:r="3" hidden="1"><x:c r="B3"><x:v>1</x:v></x:c></x:row></x:sheetData>
           <controls><xdr:row>4</xdr:row><xdr:c/></controls><x:mergeCells><x:mergeCell ref="C4:A2"/><x:mergeCell ref="B9"/></x:mergeCells></x:worksheet>"#,
    );
    let sheet = book.read().expect("readable").sheets.remove(0);
    assert_eq!((sheet.name.as_str(), sheet.rows.len()), ("表", 1));
    assert!(sheet.rows[0].hidden && sheet.rows[0].number == 3);
    let range = CellRange { first_row: 2, last_row: 4, first_column: 0, last_column: 2 };
    assert_eq!(sheet.merged, [range]);
}

#[test]
fn tabs_come_in_workbook_order_through_the_relationships() {
    let sheet =
        |value: u8| format!("<worksheet><sheetData><row><c><v>{value}</v></c></row></sheetData></worksheet>");
    let book = Book::rows("")
        .part(
            "xl/workbook.xml",
            r#"<workbook><workbookPr date1904="1"/><sheets><sheet name="二" r:id="rId9"/><sheet name="図" r:id="rId7"/><sheet name="無" r:id="rId6"/>
               <sheet name="外" r:id="rId5"/><sheet name="一" state="veryHidden" r:id="rId8"/></sheets></workbook>"#,
        )
        .part(
            "xl/_rels/workbook.xml.rels",
            &rels(&[
                ("rId8", "worksheet", "../xl/./worksheets/a.xml"),
                ("rId9", "worksheet", "/xl/Worksheets/B.xml"),
                ("rId7", "chartsheet", "worksheets/a.xml"),
                ("rId6", "worksheet", "worksheets/gone.xml"),
                ("rId5", "worksheet", "worksheets/a.xml\" TargetMode=\"External"),
            ]),
        )
        .part("xl/worksheets/a.xml", &sheet(1))
        .part("xl/worksheets/b.xml", &sheet(2));
    let read = book.read().expect("readable");
    let tabs: Vec<_> = read.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.hidden)).collect();
    assert_eq!(tabs, [("二", false), ("一", true)]);
    assert!(read.date_1904);
    assert_eq!(book.cells(), ["A1=Number(\"2\")", "A1=Number(\"1\")"]);
}

/// A format that shows these parts of a date.
fn dated(shown: &str) -> NumberFormat {
    let has = |part| shown.contains(part);
    NumberFormat::Date(DateParts { year: has('y'), month: has('m'), day: has('d'), fiscal: has('f') })
}

#[test]
fn number_formats() {
    for (code, format) in [
        ("General", NumberFormat::General),
        ("@", NumberFormat::Text),
        ("000000", NumberFormat::Zeros(6)),
        ("000;-000", NumberFormat::Zeros(3)),
        ("0.0%", NumberFormat::Percent),
        ("yyyy/m/d", dated("ymd")),
        ("yyyy/m/d;@", dated("ymd")),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", dated("ymd")),
        ("[$-411]ggge\"年\"m\"月\"d\"日\";@", dated("ymd")),
        ("[$-411][<43586]ggge\"年\"m\"月\";[$-411]ggge\"年\"", dated("ym")),
        ("[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\"", dated("ymd")),
        ("ggg\"元年\"m\"月\"", dated("ym")),
        ("yyyy/m/d h:mm", dated("ymd")),
        ("m/d/yy h:mm AM/PM", dated("ymd")),
        ("[$-411]ggge\"年\"m\"月\"", dated("ym")),
        ("yyyy!年m!月", dated("ym")),
        ("yyyy年m月", dated("ym")),
        ("mmm-yy", dated("ym")),
        ("yyyy/mm", dated("ym")),
        ("ge.m", dated("ym")),
        ("[$-411]e", dated("y")),
        ("yyyy\"年\"", dated("y")),
        ("ggge\"年度\"", dated("yf")),
        ("yyyy年度", dated("yf")),
        ("m/d", dated("md")),
        ("m\"月\"d\"日\"(aaa)", dated("md")),
        ("d-mmm", dated("md")),
        ("m\"月\"", dated("m")),
        ("d", dated("d")),
        ("aaa", dated("")),
        ("dddd", dated("")),
        ("h:mm", NumberFormat::Time),
        ("h:mm AM/PM", NumberFormat::Time),
        ("h\"時\"mm\"分\"ss\"秒\"", NumberFormat::Time),
        ("mm:ss", NumberFormat::Time),
        ("[h]:mm", NumberFormat::Time),
        ("[ss]", NumberFormat::Time),
        ("0.00E+00", NumberFormat::Other),
        ("#,##0\"days\"", NumberFormat::Other),
        ("[Red]#,##0_d;\\d0!m*s", NumberFormat::Other),
        ("General\"件\"", NumberFormat::Other),
        ("[>=10]0;[<5]\"", NumberFormat::Other),
        ("[", NumberFormat::Other),
    ] {
        assert_eq!(classify(code), format, "{code}");
    }
    let cell = |style: usize| format!(r#"<c s="{style}"><v>1</v></c>"#);
    let cells: String = (0..12).map(cell).collect();
    let ids = ["", "164", "14", "31", "57", "49", "3", "17", "55", "56", "20"];
    let styles: String = ids.iter().map(|id| format!(r#"<xf numFmtId="{id}"/>"#)).collect();
    let book = Book::rows(&format!("<row>{cells}</row>")).part(
        "xl/styles.xml",
        &format!(
            r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>
               <cellXfs>{}</cellXfs><dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf></dxfs></styleSheet>"#,
            styles.replace(r#" numFmtId="""#, "")
        ),
    );
    let read = book.read().expect("readable");
    let formats: Vec<_> = read.sheets[0].rows[0].cells.iter().map(|cell| cell.format).collect();
    let (day, month, general) = (dated("ymd"), dated("ym"), NumberFormat::General);
    let (zeros, time) = (NumberFormat::Zeros(5), NumberFormat::Time);
    let (text, other) = (NumberFormat::Text, NumberFormat::Other);
    let expected = [general, zeros, day, day, day, text, other, month, month, dated("md"), time, general];
    assert_eq!(formats, expected);
}

#[test]
fn values_that_are_not_shown_are_known() {
    let hidden = |zeros, numbers, texts| Hides { zeros, numbers, texts };
    for (code, expected) in [
        ("General", hidden(false, false, false)),
        ("#,##0;-#,##0", hidden(false, false, false)),
        ("_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ ", hidden(false, false, false)),
        ("yyyy/m/d;@", hidden(false, false, false)),
        ("0;-0;;@", hidden(true, false, false)),
        ("#,##0;[Red]-#,##0;\" \"", hidden(true, false, false)),
        ("[=0]\"\";General", hidden(true, false, false)),
        ("0\";\"0;;", hidden(true, false, false)),
        (";;", hidden(true, true, false)),
        (";;;", hidden(true, true, true)),
    ] {
        assert_eq!(hides(code), expected, "{code}");
    }
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0;-0;;@"/><numFmt numFmtId="165" formatCode=";;;"/></numFmts>
        <cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>"#;
    let row = r#"<row><c s="1"><v>0</v></c><c s="1"><v>3</v></c><c s="2"><v>3</v></c><c s="2" t="inlineStr"><is><t>a</t></is></c><c><v>0.0</v></c></row>"#;
    let unseen = |view: &str| {
        let book = Book::new(&format!("<worksheet>{view}<sheetData>{row}</sheetData></worksheet>"));
        let sheet = book.part("xl/styles.xml", styles).read().expect("readable").sheets.remove(0);
        sheet.rows[0].cells.iter().map(|cell| cell.unseen).collect::<Vec<_>>()
    };
    assert_eq!(unseen(""), [true, false, true, true, false]);
    let view = r#"<sheetViews><sheetView showZeros="0" workbookViewId="0"/></sheetViews>"#;
    assert_eq!(unseen(view), [true, false, true, true, true]);
}

/// Styles of which number 1 is struck through; the fonts stand behind them.
const STRUCK: &str = r#"<styleSheet><cellXfs><xf/><xf fontId="2"/><xf fontId="1"/></cellXfs>
    <fonts><font/><font><strike val="0"/></font><font><b/><strike/></font></fonts><dxfs><dxf><font><strike/></font></dxf></dxfs></styleSheet>"#;

#[test]
fn what_is_struck_through_is_not_there() {
    let strings = strings(
        r#"<si><t>○</t></si><si><r><t>×</t></r><r><rPr><strike/></rPr><t>○</t></r></si>
           <si><r><rPr><strike val="true"/></rPr><t>消</t></r></si><si><r><rPr><b/></rPr><t>残</t></r></si>"#,
    );
    let shared =
        |place: &str, style: u8, text: u8| format!(r#"<c r="{place}" s="{style}" t="s"><v>{text}</v></c>"#);
    let rows = [
        "<row r=\"1\">".to_owned(),
        shared("A1", 0, 0) + &shared("B1", 1, 0) + &shared("C1", 2, 0),
        shared("D1", 0, 1) + &shared("E1", 1, 1) + &shared("F1", 0, 2) + &shared("G1", 1, 3),
        "</row><row r=\"2\">".to_owned(),
        r#"<c r="A2" s="1"><v>3</v></c><c r="B2" s="1" t="b"><v>1</v></c><c r="C2" s="1"><f>A1</f></c><c r="D2" s="1"/>"#.to_owned(),
        r#"<c r="E2" t="inlineStr"><is><r><rPr><strike/></rPr><t>○</t></r><r><t>△</t></r></is></c>"#.to_owned(),
        r#"</row><row r="3" s="1" customFormat="1"><c r="A3"><v>1</v></c><c r="B3" s="0"><v>2</v></c></row>"#.to_owned(),
        r#"<row r="4" s="1"><c r="A4"><v>1</v></c></row>"#.to_owned(),
    ];
    let book =
        Book::rows(&rows.concat()).part("xl/sharedStrings.xml", &strings).part("xl/styles.xml", STRUCK);
    let expected = ["A1=○", "C1=○", "D1=×", "G1=残", "E2=△", "B3=Number(\"2\")", "A4=Number(\"1\")"];
    assert_eq!(book.cells(), expected);
    let sheet = book.read().expect("readable").sheets.remove(0);
    assert_eq!((sheet.struck.count, sheet.struck.named().as_str()), (7, "B1、E1、F1、A2、B2 など"));
    assert_eq!(sheet.struck_in_part.named(), "D1、E2");
}

#[test]
fn hidden_columns_and_filters_are_known() {
    let book = |around: &str| {
        Book::new(&format!(
            "<worksheet>{around}<sheetData><row r=\"3\" ht=\"0\"><c><v>1</v></c></row></sheetData></worksheet>"
        ))
    };
    let sheet = |around: &str| book(around).read().expect("readable").sheets.remove(0);
    let columns = sheet(
        r#"<cols><col min="2" max="3" hidden="1"/><col min="5" max="99999" width="0"/><col min="1" max="1" width="9"/></cols>"#,
    );
    let hidden = columns.hidden_columns();
    assert_eq!((&hidden[..6], hidden.len()), (&[false, true, true, false, true, true][..], 16_384));
    assert!(columns.rows[0].hidden && !columns.is_filtered(3));
    let by = r#"<filterColumn colId="1"><filters><filter val="a"/></filters></filterColumn>"#;
    for (around, filtered) in [
        (r#"<autoFilter ref="A1:D5"/>"#.to_owned(), false),
        (
            r#"<autoFilter ref="A1:D5"><filterColumn colId="1" hiddenButton="1"/></autoFilter>"#.to_owned(),
            false,
        ),
        (format!(r#"<autoFilter ref="$A$1:$D$5">{by}</autoFilter>"#), true),
        (format!(r#"<autoFilter ref="A3:D5">{by}</autoFilter>"#), false),
        (
            format!(
                r#"<customSheetViews><customSheetView><autoFilter ref="A1:D5">{by}</autoFilter></customSheetView></customSheetViews>"#
            ),
            false,
        ),
        (r#"<sheetPr filterMode="1"/>"#.to_owned(), true),
    ] {
        assert_eq!(sheet(&around).is_filtered(3), filtered, "{around}");
    }
    let table = book("")
        .part("xl/worksheets/_rels/sheet1.xml.rels", &rels(&[("rId1", "table", "../tables/table1.xml")]))
        .part(
            "xl/tables/table1.xml",
            &format!(r#"<table ref="A1:D5"><autoFilter ref="A1:D5">{by}</autoFilter></table>"#),
        );
    assert!(table.read().expect("readable").sheets[0].is_filtered(3));
}

#[test]
fn cells_that_lead_out_of_the_workbook_are_known() {
    let sheet = Book::new(
        r#"<worksheet><sheetData><row r="2"><c r="B2" t="inlineStr"><is><t>○</t></is></c></row></sheetData>
           <hyperlinks><hyperlink ref="B2" r:id="rId1"/><hyperlink ref="C3" location="表!A1"/></hyperlinks></worksheet>"#,
    );
    let sheet = sheet.read().expect("readable").sheets.remove(0);
    assert_eq!(sheet.links, [(1, 2)]);
}

#[test]
fn comments_are_counted_by_their_cells() {
    let book = Book::rows("<row><c><v>1</v></c></row>")
        .part(
            "xl/worksheets/_rels/sheet1.xml.rels",
            &rels(&[
                ("rId1", "comments", "../comments1.xml"),
                ("rId2", "threadedComment", "../threadedComments/threadedComment1.xml"),
            ]),
        )
        .part("xl/comments1.xml", r#"<comments><commentList><comment ref="G18"/><comment ref="B2"/></commentList></comments>"#)
        .part(
            "xl/threadedComments/threadedComment1.xml",
            r#"<ThreadedComments><threadedComment ref="G18"/><threadedComment ref="G18"/><threadedComment ref="A9"/></ThreadedComments>"#,
        );
    let sheet = book.read().expect("readable").sheets.remove(0);
    assert_eq!((sheet.comments.count, sheet.comments.named().as_str()), (3, "B2、A9、G18"));
}

#[test]
fn results_that_nobody_computed_are_no_results() {
    let book = Book::rows(
        r#"<row><c><f>B1</f><v>0</v></c><c><v>2</v></c><c t="str"><f>B1</f></c><c t="str"><f>B1</f><v></v></c></row>"#,
    );
    let none = "Error(\"#（結果なし）\")";
    assert_eq!(
        book.cells(),
        ["A1=Number(\"0\")".to_owned(), "B1=Number(\"2\")".to_owned(), format!("C1={none}")]
    );
    let book = book.part(
        "xl/workbook.xml",
        r#"<workbook><sheets><sheet name="表" r:id="rId1"/></sheets><calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>"#,
    );
    let expected =
        [format!("A1={none}"), "B1=Number(\"2\")".to_owned(), format!("C1={none}"), format!("D1={none}")];
    assert_eq!(book.cells(), expected);
}

#[test]
fn far_corners_cost_nothing() {
    let book = Book::rows(
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#,
    );
    assert!(book.bytes().len() < 2_000);
    let error = book.read().expect_err("too far right");
    assert_eq!(error.code(), "workbook_too_many_columns");
    assert!(error.ja().contains("XFD1048576"));
    let limits = Limits { columns: 16_384, ..Limits::default() };
    let sheet = read(&book.bytes(), &limits).expect("readable").sheets.remove(0);
    let places: Vec<_> = sheet.rows.iter().map(|row| (row.number, row.cells[0].column)).collect();
    assert_eq!(places, [(1, 0), (1_048_576, 16_383)]);
}

#[test]
fn references_out_of_bounds_or_order() {
    for rows in [
        r#"<row r="0"/>"#,
        r#"<row r="1048577"/>"#,
        r#"<row r="99999999999999"/>"#,
        r#"<row r="2"/><row r="2"/>"#,
        r#"<row r="1"><c r="XFE1"/></row>"#,
        r#"<row r="1"><c r="A2"/></row>"#,
        r#"<row r="1"><c r="B1"/><c r="A1"/></row>"#,
        r#"<row r="1"><c r="A"/></row>"#,
        r#"<row r="1"><c r="A1あ"/></row>"#,
        r#"<row r="1"><c r="XFD1"/><c/></row>"#,
    ] {
        assert_eq!(Book::rows(rows).code(), "workbook_bad_reference", "{rows}");
    }
    let merged = r#"<worksheet><mergeCell ref="A1:A1048577"/></worksheet>"#;
    assert_eq!(Book::new(merged).code(), "workbook_bad_reference");
}

#[test]
fn malformed_xml_names_part_and_position() {
    for sheet in [
        "",
        "text",
        "<worksheet>",
        "<worksheet></sheet>",
        "<worksheet",
        "<worksheet><sheetData><row a/></sheetData></worksheet>",
        "<worksheet><sheetData><c/></sheetData></worksheet>",
        "<worksheet>&nbsp;</worksheet>",
        "<worksheet><sheetData><row><c><v>\u{1}</v></c></row></sheetData></worksheet>",
        r#"<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>"#,
    ] {
        assert_eq!(Book::new(sheet).code(), "workbook_malformed", "{sheet}");
    }
    let error = Book::new("<worksheet>&evil;</worksheet>").read().expect_err("refused");
    let WorkbookError::Malformed { part, position, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((part.as_str(), position), ("xl/worksheets/sheet1.xml", 17));
    assert_eq!(Book::new(&"<a>".repeat(300)).code(), "workbook_malformed");
}

#[test]
fn document_type_definitions_are_refused() {
    let dtd = "<!DOCTYPE a [<!ENTITY b \"c\">]>";
    assert_eq!(Book::new(&format!("{dtd}<worksheet/>")).code(), "workbook_dtd");
    for part in ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"] {
        let book = Book::rows("").part(part, &format!("{dtd}<a/>"));
        assert_eq!(book.code(), "workbook_dtd", "{part}");
    }
}

#[test]
fn bombs_are_stopped_while_unpacking() {
    let blanks = " ".repeat(1 << 20);
    let bomb = Book::new(&format!("<worksheet>{}</worksheet>", format!("{blanks}<a/>").repeat(8)));
    assert!(bomb.bytes().len() < 20_000);
    assert_eq!(bomb.code(), "workbook_ratio_too_high");
    let limits = Limits { ratio: u64::MAX, unpacked_bytes: 1 << 20, ..Limits::default() };
    let error = read(&bomb.bytes(), &limits).expect_err("too large");
    assert_eq!(error.code(), "workbook_too_large");
    assert!(error.ja().contains("1 MB"));
    // The sizes in the directory may say anything.
    let mut lying = bomb.bytes();
    let name = lying.windows(24).rposition(|part| part == b"xl/worksheets/sheet1.xml");
    let size = name.expect("in the directory") - 46 + 24;
    lying[size..size + 4].fill(0);
    assert!(read(&lying, &Limits::default()).is_err());
}

#[test]
fn one_stored_text_shown_often_counts_every_time() {
    let limits = Limits { unpacked_bytes: 100_000, ..Limits::default() };
    let book = Book::rows(&r#"<row><c t="s"><v>0</v></c></row>"#.repeat(1_000))
        .part("xl/sharedStrings.xml", &strings(&format!("<si><t>{}</t></si>", "a".repeat(10_000))));
    let error = read(&book.bytes(), &limits).expect_err("too large");
    assert_eq!(error.code(), "workbook_too_large");
}

#[test]
fn counts_are_bounded() {
    let cells = Book::rows(&"<row><c><v>1</v></c></row>".repeat(11));
    let limits = Limits { cells: 10, ..Limits::default() };
    assert_eq!(refused(&cells.bytes(), &limits), "workbook_too_many_cells");
    // A row with one value far to the right is as wide as a full one.
    let sparse = Book::rows(
        r#"<row><c r="F1"/></row><row><c r="F2"><v>1</v></c></row><row><c r="F3"><v>1</v></c></row>"#,
    );
    assert_eq!(refused(&sparse.bytes(), &limits), "workbook_too_many_cells");
    let texts = cells.part("xl/sharedStrings.xml", &strings(&"<si/>".repeat(11)));
    assert_eq!(refused(&texts.bytes(), &limits), "workbook_too_many_items");
    let merged = format!("<worksheet>{}</worksheet>", r#"<mergeCell ref="A1:B1"/>"#.repeat(100_001));
    let limits = Limits { ratio: u64::MAX, ..Limits::default() };
    assert_eq!(refused(&Book::new(&merged).bytes(), &limits), "workbook_too_many_items");
    let tabs = format!("<workbook><sheets>{}</sheets></workbook>", "<sheet/>".repeat(201));
    assert_eq!(Book::rows("").part("xl/workbook.xml", &tabs).code(), "workbook_too_many_items");
    // A little more than a cell holds, and more than a buffer should hold.
    for text in ["あ".repeat(43_690), " ".repeat(2 << 20)] {
        let book = Book::rows(&format!("<row><c><v>{text}</v></c></row>"));
        assert_eq!(refused(&book.bytes(), &limits), "workbook_text_too_long");
    }
}

#[test]
fn too_many_entries() {
    let mut book = Book::rows("");
    for number in 0..200 {
        book = book.part(&format!("xl/media/{number}.png"), "");
    }
    let error = book.read().expect_err("too many");
    assert_eq!(error, WorkbookError::TooManyEntries { found: 205, allowed: 200 });
    // A count that asks for memory before a single entry is read.
    let mut lying = Book::rows("").bytes();
    let end = lying.len() - 22;
    lying[end + 8..end + 12].fill(0xFF);
    assert_eq!(refused(&lying, &Limits::default()), "workbook_damaged");
}

#[test]
fn parts_of_one_name_are_refused() {
    let case = Book::rows("").part("XL/WORKBOOK.xml", "<workbook/>");
    assert_eq!(case.code(), "workbook_duplicate_part");
    let mut bytes = Book::rows("").part("xl/workbook.xm_", "<workbook/>").bytes();
    let place = bytes.windows(15).rposition(|part| part == b"xl/workbook.xm_");
    bytes[place.expect("in the directory") + 14] = b'l';
    assert_eq!(refused(&bytes, &Limits::default()), "workbook_duplicate_part");
}

#[test]
fn other_kinds_of_files_are_told_apart() {
    let limits = Limits::default();
    for bytes in [&b""[..], b"PK", b"a,b\n1,2\n", "団体コード".as_bytes()] {
        assert_eq!(refused(bytes, &limits), "workbook_not_xlsx");
        assert!(!is_workbook(bytes));
    }
    assert_eq!(refused(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &limits), "workbook_protected");
    let whole = Book::rows("").bytes();
    assert!(is_workbook(&whole));
    assert_eq!(refused(&whole[..whole.len() / 2], &limits), "workbook_damaged");

    let ms = "application/vnd.ms-excel.sheet";
    for (main, code) in [
        (format!("{ms}.macroEnabled.main+xml"), "workbook_macro"),
        (format!("{ms}.binary.macroEnabled.main"), "workbook_binary"),
    ] {
        let book = Book::rows("").types(&main);
        assert_eq!(book.code(), code);
        assert!(is_workbook(&book.bytes()));
    }
    let word = Book::rows("")
        .types("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml");
    assert_eq!(word.code(), "workbook_not_xlsx");
    assert!(!is_workbook(&word.bytes()));
    let ods = Book(Vec::new()).part("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    assert_eq!(ods.code(), "workbook_open_document");
    assert_eq!(Book::rows("").part("xl/workbook.xml", "<workbook/>").code(), "workbook_no_sheet");
    // The flag that an entry is encrypted, in its local header and in the directory.
    let mut locked = Book::rows("").bytes();
    for (magic, flag) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let headers: Vec<_> = (0..locked.len() - 4).filter(|&at| locked[at..].starts_with(magic)).collect();
        for at in headers {
            locked[at + flag] |= 1;
        }
    }
    assert_eq!(refused(&locked, &limits), "workbook_protected");
}

#[test]
fn every_flipped_byte_is_survived() {
    let bytes = Book::rows(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#)
        .part("xl/sharedStrings.xml", &strings("<si><t>字</t></si>"))
        .bytes();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        // Either outcome is right; what counts is that there is one.
        if let Err(error) = read(&damaged, &Limits::default()) {
            assert!(!error.ja().is_empty() && !error.to_string().is_empty());
        }
        let _ = is_workbook(&bytes[..at]);
    }
}
