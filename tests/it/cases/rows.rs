//! Rows that are no data.

use todoke::import::report::{Report, Status};

use super::file;
use crate::app::{Backend, TestService, on_both};

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "15-section-rows.csv",
    "17-repeated-heading.csv",
    "19-three-row-heading.csv",
    "20-example-row.csv",
    "example-row.xlsx",
    "form-group-rows.csv",
    "total-row-div0.csv",
    "total-row-named-otherwise.xlsx",
    "total-row-rate.xlsx",
];

on_both! {
    rows_without_data_are_passed_over_with_their_lines;
    the_files_of_such_rows_are_taken;
}

/// What was stored: lines of the export as `code procedure channel level`.
pub(super) fn stored(service: &TestService) -> Vec<String> {
    let export = service.export();
    let mut reader = csv::Reader::from_reader(export.trim_start_matches('\u{FEFF}').as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let [code, procedure, channel, level, least, applies] =
        ["municipality_code", "procedure_id", "channel", "level", "at_least", "applicability"].map(at);
    let mut rows: Vec<String> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let plus = if &row[least] == "true" { "+" } else { "" };
            let value = if row[level].is_empty() {
                row[applies].to_owned()
            } else {
                format!("{}{plus}", &row[level])
            };
            format!("{} {} {} {value}", &row[code], &row[procedure], &row[channel])
        })
        .collect();
    rows.sort();
    rows
}

/// The one remark with a text.
pub(super) fn note<'r>(report: &'r Report, text: &str) -> &'r str {
    let found: Vec<&String> = report.notes.iter().filter(|note| note.contains(text)).collect();
    assert_eq!(found.len(), 1, "{text}: {:#?}", report.notes);
    found[0]
}

fn taken(service: &TestService, name: &str, text: &str, said: &[(&str, &str)]) -> Report {
    let report = service.send(name, text.as_bytes(), said);
    assert_eq!(report.status, Status::Applied, "{name}: {:#?}", report.faults);
    report
}

fn the_files_of_such_rows_are_taken(backend: &Backend) {
    let service = TestService::new(backend);
    for (name, said, remark, rows) in [
        (
            "15-section-rows.csv",
            &[][..],
            "区切りや見出しだけの2行は読み飛ばしました: 2行目「ア．子育て関係」、5行目「イ．介護関係」",
            &[
                "082333 kaigo-01 counter 3+",
                "082333 kaigo-01 online 0",
                "082333 kosodate-10 counter 0",
                "082333 kosodate-10 online 3+",
                "082333 kosodate-15 counter 0",
                "082333 kosodate-15 online 3+",
            ][..],
        ),
        (
            "17-repeated-heading.csv",
            &[],
            "繰り返しの見出し1行は読み飛ばしました: 3行目",
            &["082333 kosodate-15 online 3", "082341 kosodate-15 online 0"],
        ),
        (
            "20-example-row.csv",
            &[],
            "記入例の1行は読み飛ばしました: 2行目「記入例」",
            &["082333 tenshutsu-tennyu-01 counter 0", "082333 tenshutsu-tennyu-01 online 0"],
        ),
        (
            "form-group-rows.csv",
            &[],
            "区切りや見出しだけの2行は読み飛ばしました: 2行目「子育て関係（15手続）」、4行目「介護関係（11手続）」",
            &["082341 kaigo-03 online 3+", "082341 kosodate-04 online 3+"],
        ),
        (
            "total-row-div0.csv",
            &[],
            "合計などの1行は読み飛ばしました: 3行目「合計」",
            &["082341 kosodate-04 mynaportal 3+"],
        ),
    ] {
        let report = service.send(name, &file(name), said);
        assert_eq!(report.status, Status::Applied, "{name}: {:#?}", report.faults);
        note(&report, remark);
        assert_eq!(stored(&service), rows, "{name}");
        service.take_everything_back();
    }
    // A form with one mark, and a row that is no data.
    for (name, remark) in [
        ("example-row.xlsx", "記入例の1行は読み飛ばしました: 2行目「（記入例）」"),
        ("total-row-named-otherwise.xlsx", "合計などの1行は読み飛ばしました: 53行目「対応済み手続数」"),
        ("total-row-rate.xlsx", "合計などの1行は読み飛ばしました: 53行目「対応率」"),
    ] {
        let report = service.send(name, &file(name), &[]);
        assert_eq!((report.fault_count, report.status), (0, Status::Applied), "{name}: {report:#?}");
        note(&report, remark);
        assert_eq!(stored(&service), ["082341 kosodate-02 mynaportal 3+"], "{name}");
        service.take_everything_back();
    }
}

fn rows_without_data_are_passed_over_with_their_lines(backend: &Backend) {
    let service = TestService::new(backend);
    let form = "No.,団体コード,団体名,手続名,オンライン申請,備考\n";
    let data = "1,082333,行方市,妊娠の届出,○,\n";
    for (row, remark) in [
        (",,,子育て・介護関係,,\n", "区切りや見出しだけの1行"),
        ("Ⅰ　子育て\n", "区切りや見出しだけの1行"),
        ("2,082333,行方市,,,\n", "番号や団体名だけの1行"),
        ("2,,,,,\n", "番号や団体名だけの1行"),
        (",082333,行方市,１．子育て関係,,\n", "区切りや見出しだけの1行"),
        ("例,012345,○○市,妊娠の届出,◎,こう書く\n", "記入例の1行"),
        ("（例）,082333,行方市,転出届,○,\n", "記入例の1行"),
        (",082333,（例）行方市,転出届,○,\n", "記入例の1行"),
        (",082333,サンプル市,転出届,○,\n", "記入例の1行"),
        ("見本1,082333,行方市,転出届,○,\n", "記入例の1行"),
        ("9,082333,行方市,転出届,○,記入例\n", "記入例の1行"),
        ("\u{FEFF}No.,団体コード,団体名,手続名,オンライン申請,備考\n", "繰り返しの見出し1行"),
        ("Ｎｏ．,団体 コード,団体名,手続名,オンライン申請,備考\n", "繰り返しの見出し1行"),
        (",,,対応済みの手続数,12,\n", "合計などの1行"),
        (",082333,行方市,対応率,85.5%,\n", "合計などの1行"),
        ("計（1手続）,,,,#DIV/0!,\n", "合計などの1行"),
        (",,,○の数,1,\n", "合計などの1行"),
        (",,,○,1,\n", "合計などの1行"),
        ("総計,,,,○,\n", "合計などの1行"),
        ("※ 窓口でも受け付けます,,,,,\n", "ファイルの注記: ※ 窓口でも受け付けます"),
    ] {
        let report = taken(&service, "r.csv", &format!("{form}{data}{row}"), &[]);
        note(&report, remark);
        assert_eq!((report.counts.rows, report.fault_count, report.warning_count), (1, 0, 0), "{row}");
        assert_eq!(stored(&service), ["082333 kosodate-15 online 3+"], "{row}");
        service.take_everything_back();
    }
    for (row, remark) in [
        ("通し番号,6桁の半角数字,選択してください,,○／×で記入,任意\n", "記入要領の1行"),
        ("自動表示,半角数字,,プルダウンから選択,○・×,\n", "記入要領の1行"),
        ("1,2,3,4,5,6\n", "記入要領の1行"),
        ("(1),(2),(3),(4),(5),(6)\n", "記入要領の1行"),
        ("①,②,③,④,⑤,⑥\n", "記入要領の1行"),
    ] {
        let report = taken(&service, "r.csv", &format!("{form}{row}{data}"), &[]);
        note(&report, remark);
        assert_eq!(stored(&service), ["082333 kosodate-15 online 3+"], "{row}");
        service.take_everything_back();
    }
}

#[test]
fn instructions_that_are_not_surely_such_are_one_fault() {
    let service = TestService::new(&Backend::sqlite());
    let text = "団体コード,団体名,手続名,オンライン申請,書かない窓口,備考\n\
                総務省の番号,正式名称,略さず,○か×を記入,同左,自由\n\
                082333,行方市,妊娠の届出,○,×,\n";
    let report = service.send("r.csv", text.as_bytes(), &[]);
    assert_eq!(report.status, Status::Refused);
    let faults: Vec<_> = report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    assert_eq!(faults, [("instruction_row", Some(2))]);
}

#[test]
fn three_rows_of_headings_are_joined() {
    let service = TestService::new(&Backend::sqlite());
    let lines = [
        "082333 kaigo-01 online 3+",
        "082333 kaigo-06 online 3+",
        "082333 kosodate-10 online 0",
        "082333 kosodate-15 counter 0",
        "082333 kosodate-15 online 3+",
    ];
    // What the headings say of a channel goes before what is said of the table.
    for said in [&[][..], &[("channel", "online")]] {
        let report = service.send_case("19-three-row-heading.csv", said);
        assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
        assert_eq!(stored(&service), lines);
        service.take_everything_back();
    }
    let counts = "手続名,件数,,,\n,令和4年度,,令和5年度,\n,総件数,うちオンライン数,総件数,うちオンライン数\n転出届,5,1,6,2\n";
    let report = service.send("c.csv", counts.as_bytes(), &[("municipality", "082333")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{:#?}", report.faults);
}

#[test]
fn a_second_table_begins_anew() {
    let service = TestService::new(&Backend::sqlite());
    let first = "団体コード,手続名,オンライン申請,書かない窓口\n082333,妊娠の届出,○,×\n,,,\n２．転出,,,\n";
    let turned = format!("{first}手続名,団体コード,書かない窓口,オンライン申請\n転出届,082333,○,×\n");
    taken(&service, "t.csv", &turned, &[]);
    let both = [
        "082333 kosodate-15 counter 0",
        "082333 kosodate-15 online 3+",
        "082333 tenshutsu-tennyu-01 counter 3+",
        "082333 tenshutsu-tennyu-01 online 0",
    ];
    assert_eq!(stored(&service), both);
    service.take_everything_back();
    let fewer = format!("{first}団体コード,オンライン申請,手続名\n082333,○,転出届\n");
    taken(&service, "t.csv", &fewer, &[]);
    assert_eq!(stored(&service), [both[0], both[1], "082333 tenshutsu-tennyu-01 online 3+"]);
    service.take_everything_back();
    let other = format!("{first}団体コード,手続名,郵便局,コンビニ交付\n082333,転出届,○,×\n");
    taken(&service, "t.csv", &other, &[]);
    let own = ["082333 tenshutsu-tennyu-01 convenience 0", "082333 tenshutsu-tennyu-01 post_office 3+"];
    assert_eq!(stored(&service), [both[0], both[1], own[0], own[1]]);
    service.take_everything_back();
    let unknown = format!("{first}団体コード,手続名,電話\n082333,転出届,0299\n");
    let report = service.send("t.csv", unknown.as_bytes(), &[]);
    let faults: Vec<_> = report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    let rows = vec![("second_table", Some(5)), ("second_table", Some(6))];
    assert_eq!((report.status, faults), (Status::Refused, rows));
}

#[test]
fn channels_above_are_known_or_asked() {
    let service = TestService::new(&Backend::sqlite());
    let text = "団体コード,電話,オンライン申請\n,妊娠の届出,妊娠の届出\n082333,○,×\n";
    let report = service.send("t.csv", text.as_bytes(), &[("channel", "online")]);
    let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
    assert_eq!((report.status, codes), (Status::Refused, vec!["unknown_channel"]), "{report:#?}");
}

#[test]
fn data_is_not_taken_for_headings() {
    let service = TestService::new(&Backend::sqlite());
    // An unnamed column, and data that spells headings.
    let text = "団体コード,手続名,オンライン申請,\n082333,転出届,○,マイナポータル\n082341,転出届,×,\n";
    let report = service.send("d.csv", text.as_bytes(), &[]);
    assert_eq!(
        (report.counts.rows, report.fault_count > 0 || report.counts.created == 2),
        (2, true),
        "{report:#?}"
    );
}

#[test]
fn what_is_data_is_never_passed_over() {
    let service = TestService::new(&Backend::sqlite());
    let form = "団体コード,団体名,手続名,オンライン申請\n";
    for (row, code) in [
        // Marks without a procedure, beside the name of one that nobody knows.
        (",,,○\n", "missing_municipality"),
        ("082333,行方市,,○\n", "unknown_procedure"),
        ("082333,行方市,会議室の利用回数,○\n", "unknown_procedure"),
        ("082333,行方市,妊娠の届出件数,1\n", "unknown_procedure"),
        ("082333,行方市,例祭の届出,○\n", "unknown_procedure"),
        ("082333,例幣使町,妊娠の届出,○\n", "code_name_mismatch"),
        ("082333,行方市,見本市の申込,×\n", "unknown_procedure"),
    ] {
        let report = service.send("r.csv", format!("{form}082333,行方市,転出届,○\n{row}").as_bytes(), &[]);
        let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert!(report.status == Status::Refused && codes.contains(&code), "{row}: {report:#?}");
    }
    // A procedure that is named exactly is a row without marks, wherever sections may stand.
    let report =
        service.send("r.csv", format!("{form},,転出届,\n082333,行方市,妊娠の届出,○\n").as_bytes(), &[]);
    assert!(report.notes.iter().all(|note| !note.contains("区切り")), "{:?}", report.notes);
}
