//! What legends and notes of a file say of its marks: of an empty cell, right behind a mark, of one column
//! alone, and of a column that holds no levels; and where they number words, in whatever order and on whatever
//! sheet.

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;

on_both! {
    an_empty_cell_is_asked_about_where_a_legend_says_what_it_means;
    an_empty_cell_that_says_nothing_is_not_asked_about;
    an_empty_level_of_a_row_is_asked_about_too;
    words_right_behind_a_mark_are_its_meaning;
    a_note_on_one_column_is_not_for_the_others;
    a_column_that_a_note_calls_numbers_is_asked_about;
    what_is_no_legend_asks_nothing;
    numbers_behind_their_words_are_codes;
    codes_parted_by_strokes_are_codes;
    marks_behind_their_words_have_their_meaning;
    codes_of_another_sheet_are_asked_about_whatever_it_is_called;
    lists_of_another_sheet_that_are_no_legend_ask_nothing;
    columns_may_have_legends_that_differ;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

/// The marks that are asked about, each with the answer that is suggested, which stands first.
#[track_caller]
fn asked(report: &Report) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for question in &report.questions {
        let suggestion = question.suggestion.as_deref();
        let first = question.choices[0].value.as_str();
        assert!(suggestion.is_none_or(|suggestion| suggestion == first), "{question:?}");
        found.push((question.mark.as_str(), suggestion.unwrap_or("-")));
    }
    found
}

/// Level and "at least" of a procedure on a channel, as the export has them.
fn stated(service: &TestService, procedure: &str, channel: &str) -> Option<(String, String)> {
    let export = service.export();
    let mut reader = csv::Reader::from_reader(export.trim_start_matches('\u{FEFF}').as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let is_it =
        |row: &&csv::StringRecord| &row[at("procedure_id")] == procedure && &row[at("channel")] == channel;
    let row = rows.iter().find(is_it)?;
    Some((row[at("level")].to_owned(), row[at("at_least")].to_owned()))
}

#[track_caller]
fn assert_stated(service: &TestService, procedure: &str, channel: &str, level: &str, at_least: &str) {
    let expected = Some((level.to_owned(), at_least.to_owned()));
    assert_eq!(stated(service, procedure, channel), expected, "{procedure} {channel}");
}

fn an_empty_cell_is_asked_about_where_a_legend_says_what_it_means(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "団体名,妊娠の届出,転出届\n行方市,○,\n鉾田市,×,○\n";
    for (legend, offered) in [
        ("凡例　○：対応　×：未対応　空欄：該当手続なし", "空欄=not_applicable"),
        ("凡例　○：対応、空欄：未対応", "空欄=0"),
        ("※×：未対応（無印：制度がない）", "空欄=not_applicable"),
        ("○＝済、×＝未、空白は未実施", "空欄=0"),
        ("※○…対応、無記入…令和9年度中に実施予定", "空欄=planned 2027年度"),
        // What cannot be placed is asked without a guess.
        ("※×：未対応（無印：調査対象外）", "-"),
    ] {
        for text in [format!("{legend},,\n{rows}"), format!("{rows}{legend},,\n")] {
            let report = service.send("f.csv", text.as_bytes(), &[ONLINE]);
            assert_eq!(asked(&report), [("空欄", offered)], "{text}: {report:#?}");
            assert_eq!(report.status, Status::Refused, "{text}");
            let question = &report.questions[0];
            assert!(question.question.starts_with("「空欄」は何を意味しますか（凡例では「"), "{question:?}");
            let codes: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
            assert!(codes.contains(&"空欄=nothing") && !codes.contains(&"空欄=note"), "{codes:?}");
        }
    }
    // In cells of their own, too; and the answer holds.
    let text = format!("凡例,空欄,未対応\n{rows}");
    let report = service.send("f.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!(asked(&report), [("空欄", "空欄=0")], "{report:#?}");
    let report = service.send("f.csv", text.as_bytes(), &[ONLINE, ("marks", "空欄=0")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "online", "0", "false");
}

fn an_empty_cell_that_says_nothing_is_not_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for legend in [
        "凡例：○＝対応、空欄＝未回答",
        "※空白は調査中",
        "○：対応　無印：不明",
        "※空欄は変更なし",
        "「空欄」は「変えない」の意味です",
    ] {
        let text = format!("{legend},\n手続名,電子申請\n妊娠の届出,○\n転出届,\n");
        let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
        assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{legend}: {report:#?}");
        assert_eq!(stated(&service, "tenshutsu-tennyu-01", "eapp"), None, "{legend}");
        service.take_everything_back();
    }
    // Where no cell is empty, there is nothing to ask.
    let text = "凡例：○＝対応、空欄＝該当なし,\n手続名,電子申請\n妊娠の届出,○\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{report:#?}");
}

fn an_empty_level_of_a_row_is_asked_about_too(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "凡例　空欄：未対応,,,\n団体コード,手続ID,接点,段階\n\
                082333,kosodate-15,online,3\n082333,tenshutsu-tennyu-01,online,\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!((asked(&report), report.status), (vec![("空欄", "空欄=0")], Status::Refused), "{report:#?}");
    let report = service.send("f.csv", text.as_bytes(), &[("marks", "空欄=0")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "online", "0", "false");
    service.take_everything_back();
    let report = service.send("f.csv", text.as_bytes(), &[("marks", "空欄=変えない")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
}

fn words_right_behind_a_mark_are_its_meaning(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "団体名,妊娠の届出,転出届\n行方市,◎,○\n鉾田市,○,◎\n";
    let both = vec![("○", "○=1"), ("◎", "◎=3+")];
    for (above, below, expected) in [
        ("凡例　○様式のみ　◎電子申請,,\n", "", both.clone()),
        ("（○様式のみ ◎電子申請）,,\n", "", both.clone()),
        ("", "記号の説明：○様式のみ、◎電子申請,,\n", both.clone()),
        ("凡例,○様式のみ,◎電子申請\n", "", both.clone()),
        ("○様式のみ,◎電子申請,×未対応\n", "", both),
        ("", "凡例,◎マイナポータル,○独自の電子申請\n", vec![("◎", "◎=3+")]),
        ("【記号】○未対応　◎オンライン申請可,,\n", "", vec![("○", "○=0")]),
    ] {
        let text = format!("{above}{rows}{below}");
        let report = service.send("f.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!((asked(&report), report.status), (expected, Status::Refused), "{text}: {report:#?}");
    }
    let text = format!("凡例　○様式のみ　◎電子申請,,\n{rows}");
    let report = service.send("f.csv", text.as_bytes(), &[ONLINE, ("marks", "○=1,◎=3+")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
}

fn a_note_on_one_column_is_not_for_the_others(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "手続名,オンライン,窓口\n妊娠の届出,○,○\n転出届,○,×\n";
    for (note, offered) in [
        ("※窓口の○は書かない窓口のこと", "窓口:○=3"),
        ("窓口：○は記載支援あり　×は紙", "窓口:○=1"),
        ("※「窓口」欄の「○」は端末で入力", "窓口:○=2"),
        ("凡例　オンライン：○対応 ×未対応　窓口：○書かない ×紙", "窓口:○=3"),
    ] {
        for text in [format!("{note},,\n{rows}"), format!("{rows}※{note},,\n")] {
            let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
            assert_eq!(asked(&report), [("○", offered)], "{text}: {report:#?}");
            assert_eq!(report.questions[0].headings, ["窓口"], "{text}");
            let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("marks", offered)]);
            assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{text}: {report:#?}");
            assert_stated(&service, "kosodate-15", "online", "3", "true");
            let level = offered.rsplit_once('=').unwrap().1;
            assert_stated(&service, "kosodate-15", "counter", level, "false");
            service.take_everything_back();
        }
    }
    // A note on a column of words is for no mark.
    let text = "※備考の○は要確認,,\n手続名,オンライン,備考\n妊娠の届出,○,○\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{report:#?}");
    // Columns of one scale have one answer, and the question says so.
    let text = "※転出届の○は窓口予約のみ,,\n団体名,妊娠の届出,転出届\n行方市,○,○\n";
    let report = service.send("f.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!(asked(&report), [("○", "○=0")], "{report:#?}");
    let question = &report.questions[0];
    assert_eq!(question.headings, ["転出届"]);
    assert!(question.question.ends_with("答えはほかの列の「○」にも使います"), "{question:?}");
}

fn a_column_that_a_note_calls_numbers_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "手続名,オンライン,窓口\n妊娠の届出,○,5\n転出届,×,1\n";
    for note in ["※窓口欄は窓口番号", "※「窓口」の数字は内線番号です", "窓口列には受付番号を記入"]
    {
        let text = format!("{note},,\n{rows}");
        let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
        let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(
            (codes, report.status),
            (vec!["column_of_counts"], Status::Refused),
            "{note}: {report:#?}"
        );
        assert_eq!(report.faults[0].heading.as_deref(), Some("窓口"), "{note}");
        let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
        let choices: Vec<(&str, &str)> = question
            .choices
            .iter()
            .map(|choice| (choice.parameter.as_str(), choice.value.as_str()))
            .collect();
        assert_eq!(choices, [("ignore", "窓口"), ("columns", "窓口=counter")], "{note}");
        for (answer, created) in choices.into_iter().zip([2, 4]) {
            let report = service.send("f.csv", text.as_bytes(), &[TOWN, answer]);
            let found = (report.status, report.counts.created);
            assert_eq!(found, (Status::Applied, created), "{note} {answer:?}: {report:#?}");
            service.take_everything_back();
        }
    }
    // Below the table as well; and what only has such a word within says nothing of the column.
    let report = service.send("f.csv", format!("{rows}※窓口欄は窓口番号,,\n").as_bytes(), &[TOWN]);
    assert_eq!(report.status, Status::Refused, "{report:#?}");
    let report = service.send("f.csv", format!("※窓口は番号札を配布,,\n{rows}").as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_stated(&service, "kosodate-15", "counter", "5", "false");
}

fn what_is_no_legend_asks_nothing(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "※空欄のまま提出しないでください",
        "空欄は不可",
        "※空欄には担当課を記入してください",
        "記号は○か×で記入",
        "該当する記号に○をつける",
        "◎対応状況　○提出先",
        "対応○　未対応×",
    ] {
        let file = format!("{text},,\n団体名,妊娠の届出,転出届\n行方市,○,\n鉾田市,×,○\n");
        let report = service.send("f.csv", file.as_bytes(), &[ONLINE]);
        let found = (report.status, report.questions.len(), report.counts.created);
        assert_eq!(found, (Status::Applied, 0, 3), "{text}: {report:#?}");
        service.take_everything_back();
    }
}

/// Asserts that each of the codes 1, 2 and 3 is asked about with its meaning, and that nothing is stored.
#[track_caller]
fn assert_codes(report: &Report, codes: [&str; 3]) {
    let expected: Vec<(String, String)> =
        (1..).zip(codes).map(|(mark, code)| (mark.to_string(), format!("{mark}={code}"))).collect();
    let expected: Vec<(&str, &str)> =
        expected.iter().map(|(mark, code)| (mark.as_str(), code.as_str())).collect();
    assert_eq!(asked(report), expected, "{report:#?}");
    assert_eq!((report.status, report.counts.created), (Status::Refused, 0), "{report:#?}");
}

fn numbers_behind_their_words_are_codes(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "団体名,転出届,妊娠の届出\n行方市,1,3\n鉾田市,2,1\n";
    for legend in [
        "※対応済は1、予定は2、未対応は3",
        "回答欄には、対応済は「1」、予定は「2」、未対応は「3」を記入",
        "対応済=1 予定=2 未対応=3",
        "対応済…1　予定…2　未対応…3",
        "対応済（1）、予定（2）、未対応（3）",
        "対応済：１／予定：２／未対応：３",
        "はいは1、準備中は2、いいえは3",
    ] {
        for text in [format!("{legend},,\n{rows}"), format!("{rows}{legend},,\n")] {
            assert_codes(&service.send("f.csv", text.as_bytes(), &[ONLINE]), ["3+", "planned", "0"]);
        }
    }
    let text = format!("1 はい 2 いいえ 3 対象外,,\n{rows}");
    assert_codes(&service.send("f.csv", text.as_bytes(), &[ONLINE]), ["3+", "0", "not_applicable"]);
    // The answer holds, and what is only numbered is no list of codes.
    let text = format!("対応済=1 予定=2 未対応=3,,\n{rows}");
    let report = service.send("f.csv", text.as_bytes(), &[ONLINE, ("marks", "1=3+,2=planned,3=0")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    service.take_everything_back();
    let text = format!("様式1、様式2,,\n{rows}");
    let report = service.send("f.csv", text.as_bytes(), &[ONLINE]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
}

fn codes_parted_by_strokes_are_codes(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "団体名,転出届,妊娠の届出\n行方市,1,3\n鉾田市,2,1\n";
    for legend in [
        "1. 対応している／2. 対応していない／3. 検討している",
        "1：対応済／2：未対応／3：検討中",
        "1対応済　2未対応　3検討中",
    ] {
        let report = service.send("f.csv", format!("{legend},,\n{rows}").as_bytes(), &[ONLINE]);
        assert_codes(&report, ["3+", "0", "note"]);
    }
}

fn marks_behind_their_words_have_their_meaning(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "団体名,転出届,妊娠の届出\n行方市,○,×\n";
    for legend in ["対応済：○　未対応：×", "対応済は○、未対応は×を記入"] {
        let report = service.send("f.csv", format!("{legend},,\n{rows}").as_bytes(), &[ONLINE]);
        assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{legend}: {report:#?}");
        service.take_everything_back();
    }
    let report = service.send("f.csv", format!("対応済：×　未対応：○,,\n{rows}").as_bytes(), &[ONLINE]);
    assert_eq!(asked(&report), [("×", "×=3+"), ("○", "○=0")], "{report:#?}");
}

fn codes_of_another_sheet_are_asked_about_whatever_it_is_called(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: &[&[&str]] =
        &[&["団体名", "転出届", "妊娠の届出"], &["行方市", "1", "2"], &["鉾田市", "2", "3"]];
    let legends: [&[&[&str]]; 6] = [
        &[&["1：対応済"], &["2：予定"], &["3：未対応"]],
        &[&["（1）対応済"], &["（2）予定"], &["（3）未対応"]],
        &[&["コード", "名称"], &["1", "対応済"], &["2", "予定"], &["3", "未対応"]],
        &[&["意味", "番号"], &["対応済", "1"], &["予定", "2"], &["未対応", "3"]],
        &[&["対応済＝1"], &["予定＝2"], &["未対応＝3"]],
        &[&["対応済は1、予定は2、未対応は3を記入"]],
    ];
    for name in ["凡例", "記入要領", "選択肢", "Sheet2"] {
        for legend in legends {
            let file = workbook(&[("回答", rows), (name, legend)]);
            let report = service.send("f.xlsx", &file, &[ONLINE]);
            assert_codes(&report, ["3+", "planned", "0"]);
            let told = format!("シート「{name}」の凡例: ");
            assert!(report.notes.iter().any(|note| note.starts_with(&told)), "{:?}", report.notes);
        }
    }
}

fn lists_of_another_sheet_that_are_no_legend_ask_nothing(backend: &Backend) {
    let service = TestService::new(backend);
    let rows: &[&[&str]] =
        &[&["団体名", "転出届", "妊娠の届出"], &["行方市", "1", "2"], &["鉾田市", "2", "3"]];
    let others: [&[&[&str]]; 3] = [
        &[&["区分", "数"], &["対応済", "3"], &["未対応", "5"]],
        &[&["1", "施設利用許可"], &["2", "道路使用許可"], &["10", "犬の登録"]],
        &[&["1．提出期限は3月31日"], &["2．問い合わせは総務課"]],
    ];
    for other in others {
        let file = workbook(&[("回答", rows), ("Sheet2", other)]);
        let report = service.send("f.xlsx", &file, &[ONLINE]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{other:?}: {report:#?}");
        service.take_everything_back();
    }
}

fn columns_may_have_legends_that_differ(backend: &Backend) {
    let service = TestService::new(backend);
    let legends = "1:実施済 2:予定 3:未実施,1:未実施 2:予定 3:実施済";
    let (heads, rows) = ("団体名,転出届,妊娠の届出\n", "行方市,1,3\n鉾田市,2,1\n");
    for text in [
        format!("{heads},{legends}\n{rows}"),
        format!("{heads}選択肢,{legends}\n{rows}"),
        format!(",{legends}\n{heads}{rows}"),
    ] {
        let report = service.send("f.csv", text.as_bytes(), &[ONLINE]);
        assert_eq!((report.status, report.counts.created), (Status::Refused, 0), "{text}: {report:#?}");
        let question = &report.questions[0];
        assert_eq!((question.mark.as_str(), question.parameter.as_str()), ("1", "ignore"), "{question:?}");
        assert!(question.question.contains("「実施済」「未実施」"), "{question:?}");
        let choices: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(choices, ["妊娠の届出", "転出届"], "{text}");
        // One after the other, each by its own legend.
        for (left_out, answers) in [("妊娠の届出", "1=3+,2=planned"), ("転出届", "1=0,3=3+")] {
            let with = [ONLINE, ("ignore", left_out)];
            let report = service.send("f.csv", text.as_bytes(), &with);
            let suggested: Vec<&str> = asked(&report).into_iter().map(|(_, answer)| answer).collect();
            assert_eq!(suggested.join(","), answers, "{text}: {report:#?}");
            let with = [ONLINE, ("ignore", left_out), ("marks", answers)];
            let report = service.send("f.csv", text.as_bytes(), &with);
            assert_eq!(report.status, Status::Applied, "{text}: {report:#?}");
        }
        assert_stated(&service, "kosodate-15", "online", "3", "true");
        service.take_everything_back();
    }
    // A legend that takes several cells is for all columns.
    let text = format!("{heads},1:対応済 2:予定,3:未対応 4:制度なし\n{rows}");
    assert_codes(&service.send("f.csv", text.as_bytes(), &[ONLINE]), ["3+", "planned", "0"]);
}
