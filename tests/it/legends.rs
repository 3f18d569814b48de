//! What legends and notes of a file say of its marks: of an empty cell, right behind a mark, of one column
//! alone, and of a column that holds no levels.

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};

on_both! {
    an_empty_cell_is_asked_about_where_a_legend_says_what_it_means;
    an_empty_cell_that_says_nothing_is_not_asked_about;
    an_empty_level_of_a_row_is_asked_about_too;
    words_right_behind_a_mark_are_its_meaning;
    a_note_on_one_column_is_not_for_the_others;
    a_column_that_a_note_calls_numbers_is_asked_about;
    what_is_no_legend_asks_nothing;
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
