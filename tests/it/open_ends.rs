//! What a file leaves open: asked, with what the file itself suggests, and never passed over.

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use todoke::import::OnError;
use todoke::import::report::{Report, Status};
use todoke::service::imports::ApplyOptions;

use crate::app::{Answer, Backend, TestApp, TestService, admin, on_both};
use crate::cli::Workdir;

on_both! {
    an_open_question_stands_against_applying;
    rows_that_are_refused_ask_nothing;
    a_day_in_a_title_is_the_chosen_answer;
    a_legend_of_another_sheet_is_the_chosen_answer;
    a_plan_in_a_legend_keeps_its_day;
    rows_that_ask_are_left_out_where_wrong_ones_are;
    a_long_table_may_be_about_one_channel;
    a_list_of_adopters_says_something_of_those_alone;
    headings_may_all_begin_alike;
    a_list_of_a_town_is_read_as_it_is;
}

/// A table without days, under a title that says of which day it is.
const TITLED: &str =
    "オンライン化の状況（令和8年3月31日現在）,,\n団体コード,手続ID,オンライン\n082333,kosodate-01,3\n";

/// A workbook of these sheets, each with rows of texts.
pub(crate) fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, cells) in (0..).zip(*rows) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn asked(report: &Report) -> Vec<(&str, Option<&str>)> {
    report.questions.iter().map(|question| (question.mark.as_str(), question.suggestion.as_deref())).collect()
}

fn upload(app: &TestApp, key: &str, query: &str, bytes: &[u8]) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    app.send_bytes("POST", &format!("imports{query}"), &headers, bytes)
}

fn an_open_question_stands_against_applying(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let sent = upload(&app, &key, "", TITLED.as_bytes());
    assert_eq!(
        (&sent.json()["fault_count"], &sent.json()["counts"]["created"]),
        (&json!(0), &json!(1)),
        "{}",
        sent.text
    );
    let question = &sent.json()["questions"][0];
    assert_eq!(
        (&question["parameter"], &question["suggestion"]),
        (&json!("effective_on"), &json!("2026-03-31"))
    );
    // Neither later nor at once, nor with the wrong rows left out: there is no wrong row.
    let apply = format!("imports/{}/apply", sent.json()["id"]);
    let post = |path: &str| app.send("POST", path, &[("authorization", &format!("Bearer {key}"))], None);
    let at_once = |query: &str| upload(&app, &key, query, TITLED.as_bytes());
    for refused in [
        post(&apply),
        post(&format!("{apply}?on_error=skip")),
        at_once("?apply=true"),
        at_once("?apply=true&on_error=skip"),
    ] {
        let errors = refused.problem(422, "unprocessable");
        assert_eq!(
            (&errors[0]["code"], &errors[0]["value"]),
            (&json!("open_question"), &json!("effective_on")),
            "{}",
            refused.text
        );
        assert!(errors[0]["message"].as_str().unwrap().contains("令和8年3月31日現在"), "{}", refused.text);
        assert!(errors[0]["suggestion"].as_str().unwrap().starts_with("2026-03-31"), "{}", refused.text);
    }
    assert_eq!(app.get("readiness?municipality=082333").count(), 0);
    let body: Value = json!({"effective_on": "2026-03-31"});
    let answers = format!("imports/{}/answers", sent.json()["id"]);
    let told = app.write(&key, "POST", &answers, "", Some(&body));
    assert_eq!(told.json()["questions"], json!([]), "{}", told.text);
    assert_eq!(post(&apply).json()["status"], "applied");
    assert_eq!(app.get("readiness?municipality=082333").results()[0]["effective_on"], "2026-03-31");
}

#[test]
fn on_the_command_line_an_open_question_is_told_and_nothing_is_written() {
    let dir = Workdir::new();
    dir.write("状況.csv", TITLED);
    for command in [&["import", "状況.csv", "--yes"][..], &["check", "状況.csv"]] {
        let ran = dir.run(command);
        assert_eq!(ran.code, 1, "{}", ran.out);
        assert!(ran.out.contains("質問: いつの状況ですか"), "{}", ran.out);
        assert!(ran.out.contains("--effective-on '2026-03-31'"), "{}", ran.out);
        assert!(ran.out.contains("何も書き込んでいません"), "{}", ran.out);
    }
    assert_eq!(dir.run(&["export"]).out.lines().count(), 1);
    let ran = dir.run(&["import", "状況.csv", "--effective-on", "2026-03-31"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

fn rows_that_are_refused_ask_nothing(backend: &Backend) {
    let service = TestService::new(backend);
    // The mark of line 3 would be lost with its line, whatever it means.
    let text = "団体コード,団体名,手続ID,オンライン\n\
                082333,行方市,kosodate-01,ー\n082334,行方市,kosodate-02,ー\n082334,行方市,kosodate-03,※\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!(asked(&report), [("ー", None)]);
    assert_eq!(report.questions[0].count, 1);
    let lines: Vec<(&str, Option<u32>)> =
        report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    for told in [("ambiguous_mark", Some(2)), ("check_digit", Some(3)), ("unknown_mark", Some(4))] {
        assert!(lines.contains(&told), "{lines:?}");
    }
    // A name that an answer mends refuses no line for good.
    let text = "団体名,手続ID,オンライン\n鉾多市,kosodate-01,ー\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!(asked(&report).iter().map(|(mark, _)| *mark).collect::<Vec<_>>(), ["ー", "鉾多市"]);
    // Nor do rows that are passed over ask.
    let text = "団体コード,手続ID,手続名,オンライン\n記入例,kosodate-01,,※\n082333,kosodate-01,,3\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, asked(&report)), (Status::Applied, vec![]), "{report:#?}");
    service.take_everything_back();
    // Where the wrong rows are left out the question about their marks goes with them.
    let text = "団体コード,手続ID,オンライン\n082333,kosodate-01,3\n082333,kosodate-02,※\n";
    let skip = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with("f.csv", text.as_bytes(), service.options(), &skip);
    assert_eq!((report.status, report.counts.created, report.counts.rejected), (Status::Applied, 1, 1));
}

fn a_day_in_a_title_is_the_chosen_answer(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: &[&[&str]] = &[&["団体コード", "手続ID", "オンライン"], &["082333", "kosodate-01", "3"]];
    let csv = "団体コード,手続ID,オンライン\n082333,kosodate-01,3\n".as_bytes();
    // In the name of the sheet, in the name of the file.
    let in_sheet = service.send("a.xlsx", &workbook(&[("R8.3.31時点", rows)]), &[]);
    let in_name = service.send("対応状況（令和7年度末）.csv", csv, &[]);
    for (report, value) in [(&in_sheet, "2026-03-31"), (&in_name, "2025年度")] {
        assert_eq!((report.status, asked(report)), (Status::Refused, vec![("effective_on", Some(value))]));
        let values: Vec<&str> =
            report.questions[0].choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(values, [value, "2026-11-21"], "{report:#?}");
    }
    // Two days: neither is chosen.
    let two = format!("令和7年3月31日現在,,\n{TITLED}");
    let report = service.send("a.csv", two.as_bytes(), &[]);
    assert_eq!((asked(&report), report.questions[0].choices.len()), (vec![("effective_on", None)], 3));
    // The answer goes as far as the title does.
    let report = service.send("対応状況（令和7年度末）.csv", csv, &[("effective_on", "2025年度")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert!(service.export().contains(",declared,2026-03-31,fiscal_year,"), "{}", service.export());
    // Nothing is asked where every row says its day, and of a day that is that of the letter.
    service.take_everything_back();
    let dated =
        "令和8年3月31日現在,,,\n団体コード,手続ID,オンライン,適用日\n082333,kosodate-01,3,2026-04-01\n";
    assert_eq!(service.send("a.csv", dated.as_bytes(), &[]).status, Status::Applied);
    service.take_everything_back();
    let letter = format!("令和8年4月10日,,\n{}", std::str::from_utf8(csv).unwrap());
    assert_eq!(service.send("a.csv", letter.as_bytes(), &[]).status, Status::Applied);
    // The other layouts ask too.
    let wide = "令和8年3月31日現在,\n団体コード,転出届\n082333,○\n";
    let long = "令和8年3月31日現在,,,\n団体コード,手続ID,接点,段階\n082333,kosodate-01,online,3\n";
    for text in [wide, long] {
        let report = service.send("a.csv", text.as_bytes(), &[("channel", "online")]);
        assert_eq!(asked(&report), [("effective_on", Some("2026-03-31"))], "{report:#?}");
    }
}

fn a_legend_of_another_sheet_is_the_chosen_answer(backend: &Backend) {
    let service = TestService::new(backend);
    let table: &[&[&str]] = &[
        &["団体コード", "手続ID", "オンライン"],
        &["082333", "kosodate-01", "ー"],
        &["082333", "kosodate-02", "△"],
        &["082333", "kosodate-03", "○"],
    ];
    let legend: &[&[&str]] =
        &[&["記号", "意味"], &["○", "対応済み"], &["△", "実施予定"], &["ー", "制度なし"]];
    let lines: &[&[&str]] = &[&["凡例"], &["○：対応済み、△：実施予定、－：制度なし"]];
    for legend in [legend, lines] {
        for said in [vec![], vec![("sheet", "状況")]] {
            let file = workbook(&[("状況", table), ("凡例", legend)]);
            let report = service.send("b.xlsx", &file, &said);
            assert_eq!(
                asked(&report),
                [("△", Some("△=planned")), ("ー", Some("ー=not_applicable"))],
                "{report:#?}"
            );
            assert!(report.notes.iter().any(|note| note.starts_with("シート「凡例」の凡例: ")));
        }
    }
    // In cells of their own above the table, too.
    let above = "凡例,○,対応済み,ー,制度なし\n団体コード,手続ID,オンライン,,\n082333,kosodate-01,ー,,\n";
    assert_eq!(asked(&service.send("a.csv", above.as_bytes(), &[])), [("ー", Some("ー=not_applicable"))]);
    // Numbers of a list of codes are no levels.
    let numbered: &[&[&str]] = &[
        &["団体コード", "手続名", "オンライン"],
        &["082333", "転出届", "1"],
        &["082333", "妊娠の届出", "2"],
    ];
    let codes: &[&[&str]] = &[&["記号", "意味"], &["1", "対応済"], &["2", "未対応"]];
    let file = workbook(&[("回答", numbered), ("凡例", codes)]);
    let report = service.send("codes.xlsx", &file, &[]);
    assert_eq!((report.status, report.questions.len()), (Status::Refused, 2), "{report:#?}");
    let text = report.questions.iter().map(|question| question.question.as_str()).collect::<String>();
    assert!(text.contains("凡例では「対応済」") && text.contains("凡例では「未対応」"), "{text}");
    // Another table beside it is no legend.
    let other: &[&[&str]] = &[&["設備", "有無"], &["○", "対応済み"]];
    let report = service.send("b.xlsx", &workbook(&[("状況", table), ("設備", other)]), &[]);
    assert_eq!(asked(&report), [("ー", None)], "{report:#?}");
}

fn a_plan_in_a_legend_keeps_its_day(backend: &Backend) {
    let service = TestService::new(backend);
    for (words, answer, stored) in [
        ("R8年度中に実施", "B=planned 2026年度", "2027-03-31,fiscal_year"),
        ("令和9年度中に実施予定", "B=planned 2027年度", "2028-03-31,fiscal_year"),
        ("R9.4から開始", "B=planned 2027年4月", "2027-04-30,month"),
    ] {
        let text = format!("団体名,妊娠の届出,転出届\n行方市,Ａ,B\n※A：実施済　B：{words},,\n");
        let said = ("channel", "マイナポータル");
        let report = service.send("f.csv", text.as_bytes(), &[said]);
        assert_eq!(asked(&report), [("A", Some("A=3+")), ("B", Some(answer))], "{report:#?}");
        let report = service.send("f.csv", text.as_bytes(), &[said, ("marks", &format!("A=3+,{answer}"))]);
        assert_eq!(report.status, Status::Applied, "{report:#?}");
        let export = service.export();
        assert!(export.contains(&format!(",mynaportal,,,0,false,live,3,{stored},")), "{words} {export}");
        service.take_everything_back();
        // The words themselves in a cell.
        let text = format!("手続名,マイナポータル\n転出届,{words}\n");
        let report = service.send("f.csv", text.as_bytes(), &[("municipality", "082333")]);
        if words != "R9.4から開始" {
            assert!(service.export().contains(&format!("live,3,{stored},")), "{words} {report:#?}");
            service.take_everything_back();
        }
    }
}

fn rows_that_ask_are_left_out_where_wrong_ones_are(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let text =
        "団体コード,手続ID,オンライン\n082333,kosodate-01,○\n082333,kosodate-02,ー\n082334,kosodate-03,○\n";
    let sent = upload(&app, &key, "", text.as_bytes());
    let path = format!("imports/{}/apply", sent.json()["id"]);
    let refused = app.send("POST", &path, &[("authorization", &format!("Bearer {key}"))], None);
    refused.problem(422, "unprocessable");
    assert!(
        refused.text.contains("ファイルに2件の誤りと、答えの要る1件の質問があります。"),
        "{}",
        refused.text
    );
    let skip = format!("{path}?on_error=skip");
    let applied = app.send("POST", &skip, &[("authorization", &format!("Bearer {key}"))], None);
    assert_eq!(applied.json()["status"], "applied", "{}", applied.text);
    assert_eq!(app.get("readiness?municipality=082333").count(), 1);
}

#[test]
fn rows_that_were_left_out_for_a_question_are_told() {
    let dir = Workdir::new();
    dir.write("状況.csv", "手続名,マイナポータル\n転出届,○\n妊娠の届出,ー\n");
    let ran = dir.run(&["import", "状況.csv", "--yes", "--municipality", "082333", "--on-error", "skip"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("質問に答えるオプションを付けてもう一度実行"), "{}", ran.out);
}

fn a_long_table_may_be_about_one_channel(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,段階,担当課\n082333,kosodate-01,4,こども課\n082333,kosodate-02,○,\n";
    let report = service.send("l.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.layout.as_deref()), (Status::Refused, Some("long")));
    assert_eq!(asked(&report), [("channel", None)], "{report:#?}");
    assert_eq!((report.questions[0].count, report.questions[0].choices.len()), (2, 11));
    let report = service.send("l.csv", text.as_bytes(), &[("channel", "マイナポータル")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    let export = service.export();
    assert!(
        export.contains(
            "kosodate-01,児童手当等の受給資格及び児童手当の額についての認定請求,mynaportal,,,4,false"
        ),
        "{export}"
    );
    // Where a row names its channel, that goes before.
    let named = "団体コード,手続ID,接点,段階\n082333,kosodate-03,counter,2\n";
    service.send("l.csv", named.as_bytes(), &[("channel", "online")]);
    assert!(service.export().contains(",counter,,,2,false"), "{}", service.export());
}

fn a_list_of_adopters_says_something_of_those_alone(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "AI・RPA導入団体一覧,,,\n都道府県,採用団体,製品名,導入年月\n\
                茨城県,行方市,AI-OCR,令和5年4月\n茨城県,鉾田市,,\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    let asked: Vec<&str> = report.questions.iter().map(|question| question.parameter.as_str()).collect();
    assert_eq!((report.status, asked), (Status::Refused, vec!["channel", "marks", "names"]), "{report:#?}");
    let offered = |at: usize| report.questions[at].choices.iter().any(|one| one.value == "一覧=kaigo");
    assert!(offered(2) && report.questions[1].choices[0].value == "掲載=3+", "{report:#?}");
    let channel = ("channel", "counter");
    let said = [channel, ("marks", "掲載=端末入力"), ("names", "一覧=転出・転入")];
    let report = service.send("a.csv", text.as_bytes(), &said);
    assert_eq!(
        (report.status, report.layout.as_deref(), report.counts.created),
        (Status::Applied, Some("adopters"), 4),
        "{report:#?}"
    );
    let export = service.export();
    for row in [
        "082333,行方市,tenshutsu-tennyu-01,転出届,counter,,,2,false,live,,,,AI-OCR,,,declared,2023-04-30,month,",
        "082341,鉾田市,tenshutsu-tennyu-02,転入予定市区町村への来庁予定の連絡,counter,,,2,false,live,,,,,,,declared,2026-11-21,day,",
    ] {
        assert!(export.contains(row), "{row} in\n{export}");
    }
    assert_eq!(export.lines().count(), 5, "nothing is said of others");
    assert!(report.notes.iter().any(|note| note.contains("一覧にない団体については何も記録しません")));
    assert_eq!(service.send("a.csv", text.as_bytes(), &said).status, Status::NothingToDo);
    // One procedure, by the name of the layout alone; a body that is none is told.
    let bare = "市区町村名\n行方市\n府中市\n";
    let said =
        [("layout", "adopters"), ("channel", "eapp"), ("marks", "掲載=3+"), ("names", "一覧=妊娠の届出")];
    let report = service.send("b.csv", bare.as_bytes(), &said);
    assert_eq!((report.fault_count, report.faults[0].code.as_str()), (1, "ambiguous_name"), "{report:#?}");
    assert_eq!(report.counts.created, 1);
    // "No such thing" is nothing that a list of those who have it could say.
    let said = [channel, ("marks", "掲載=制度なし"), ("names", "一覧=kaigo")];
    let report = service.send("a.csv", text.as_bytes(), &said);
    assert_eq!(report.faults[0].code, "missing_level", "{report:#?}");
}

fn headings_may_all_begin_alike(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "オンライン化_全国地方公共団体コード,オンライン化_地方公共団体名,オンライン化_手続名,オンライン化_接点,オンライン化_段階\n\
         082333,行方市,妊娠の届出,オンライン,3\n",
        "状況：地方公共団体名,状況：手続名称,状況：オンライン申請,状況：担当課\n行方市,妊娠の届出,3,\n",
        "online_municipality_code,online_procedure_id,online_channel,online_level\n082333,kosodate-15,online,3\n",
        "行政手続-市区町村コード,行政手続-妊娠の届出,行政手続-転出届,No.\n082333,3,,1\n",
    ] {
        let report = service.send("p.csv", text.as_bytes(), &[("channel", "online")]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{text}{report:#?}");
        assert!(service.export().contains("082333,行方市,kosodate-15,妊娠の届出,online,,,3,"), "{text}");
        service.take_everything_back();
    }
    // A fault names the whole heading, and the sender may speak of either.
    let text = "状況_団体コード,状況_手続名,状況_接点,状況_度合\n082334,妊娠の届出,online,3\n";
    for key in ["状況_度合", "度合"] {
        let columns = format!("{key}=段階");
        let report = service.send("p.csv", text.as_bytes(), &[("columns", &columns)]);
        let fault = (report.faults[0].code.as_str(), report.faults[0].heading.as_deref());
        assert_eq!(fault, ("check_digit", Some("状況_団体コード")), "{report:#?}");
    }
}

fn a_list_of_a_town_is_read_as_it_is(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "No,手続きの名称,所管,オンライン申請の可否,申請フォームURL,備考\n\
                1,妊娠の届出,健康増進課,可,https://form.example.jp/1,面談あり\n\
                2,転出届,市民課,不可,,\n3,犬の登録申請、死亡届,環境課,準備中,,令和8年10月から\n";
    let text = text.replace("犬の登録申請、死亡届", "\"犬の登録申請、死亡届\"");
    let report = service.send("t.csv", text.as_bytes(), &[("municipality", "082333")]);
    assert_eq!(
        (report.status, report.layout.as_deref(), report.counts.created),
        (Status::Applied, Some("form"), 3),
        "{report:#?}"
    );
    let export = service.export();
    for part in [
        "kosodate-15,妊娠の届出,online,,,3,true,live,,,,,https://form.example.jp/1,健康増進課,declared,2026-11-21,day,面談あり",
        "tenshutsu-tennyu-01,転出届,online,,,0,false,live,,,,,,市民課,",
        "online,,,0,false,live,3,,,,,環境課,declared,2026-11-21,day,令和8年10月から",
    ] {
        assert!(export.contains(part), "{part} in\n{export}");
    }
}
