//! What a column is: channels under all their headings, days and products beside them, two rows of
//! headings, tables of one body, and what is asked where nothing tells it.

use std::collections::BTreeMap;

use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};

on_both! {
    words_behind_a_channel_say_nothing_else;
    what_stands_below_a_channel_is_not_that_channel;
    several_products_of_one_channel_give_the_best_of_them;
    days_beside_marks_are_those_of_their_channel;
    the_state_beside_marks_is_theirs;
    a_list_of_the_body_that_the_sender_names_is_read;
    procedures_stand_above_their_counts;
    wide_tables_have_channels_years_and_words_below;
    a_table_with_other_headings_begins_anew;
    a_wide_table_of_procedures_heeds_its_channel;
    numbers_that_may_be_counts_are_asked_about;
    one_heading_may_name_a_procedure_and_more;
    nothing_may_stand_over_the_names;
    plans_of_each_channel_stand_below_their_year;
    three_rows_name_procedure_place_and_channel;
    a_row_of_headings_is_the_first_one;
}

const TOWN: (&str, &str) = ("municipality", "082333");

/// What is stated of a procedure and channel, by heading of the export.
fn stated(service: &TestService, procedure: &str, channel: &str) -> BTreeMap<String, String> {
    let export = service.export();
    let mut reader = csv::Reader::from_reader(export.trim_start_matches('\u{FEFF}').as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut rows = reader.records().map(|row| -> BTreeMap<String, String> {
        headings.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect()
    });
    let found = rows.find(|row| row["procedure_id"] == procedure && row["channel"] == channel);
    found.unwrap_or_else(|| panic!("{procedure} {channel} in\n{export}"))
}

#[track_caller]
fn assert_stated(service: &TestService, procedure: &str, channel: &str, expected: &[(&str, &str)]) {
    let row = stated(service, procedure, channel);
    for (field, value) in expected {
        assert_eq!(row[*field], *value, "{procedure} {channel} {field}");
    }
}

/// The question about a column, and the code of its fault.
#[track_caller]
fn asked<'r>(report: &'r Report, heading: &str) -> &'r Question {
    let fault = report.faults.iter().find(|fault| fault.heading.as_deref() == Some(heading));
    let fault = fault.unwrap_or_else(|| panic!("{heading}: {report:#?}"));
    assert_eq!((fault.code.as_str(), report.status), ("unknown_heading", Status::Refused), "{report:#?}");
    report.questions.iter().find(|question| question.headings == [heading]).unwrap()
}

fn words_behind_a_channel_say_nothing_else(backend: &Backend) {
    let service = TestService::new(backend);
    for (online, counter) in [
        ("オンライン対応", "窓口対応"),
        ("オンライン化状況", "書かない窓口の状況"),
        ("オンライン化", "書かない窓口対応"),
        ("オンライン申請の可否", "窓口（書かない）"),
        ("オンライン_可否", "窓口"),
    ] {
        let text = format!("手続名,{online},{counter},備考欄\n妊娠の届出,対応済,未対応,\n");
        let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
        assert_eq!((report.faults.len(), report.counts.statements), (0, 2), "{online}: {report:#?}");
        assert_stated(&service, "kosodate-15", "online", &[("level", "3"), ("at_least", "true")]);
        assert_stated(&service, "kosodate-15", "counter", &[("level", "0")]);
        service.take_everything_back();
    }
    let text = "分類,手続き名称,電子申請の有無,備考欄\n子育て,妊娠の届出,有,\n市民,転出届,無,郵送可\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "eapp", &[("level", "0"), ("note", "郵送可")]);
    // A heading that leaves the means open is made exact by the sender's word.
    let text = "手続名,オンライン化状況\n転出届,済\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("channel", "mynaportal")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &[("level", "3")]);
    // The name of a desk is no mark, whatever stands above it.
    let text = "手続名,オンライン,窓口\n妊娠の届出,○,健康増進課\n転出届,×,市民課\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.faults.len(), report.counts.statements), (0, 2), "{report:#?}");
    assert!(report.notes.iter().any(|note| note.ends_with("使いません: 窓口")), "{:?}", report.notes);
}

fn what_stands_below_a_channel_is_not_that_channel(backend: &Backend) {
    let service = TestService::new(backend);
    // Numbers of something are never levels.
    let text = "手続名,オンライン,,書かない窓口,備考\n,マイナポータル,優先度,窓口数,\n\
                妊娠の届出,○,1,3,\n転出届,○,2,4,\n支給認定の申請,×,3,2,\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    let told = |note: &String| note.ends_with("使いません: オンライン／優先度、書かない窓口／窓口数");
    assert!(report.notes.iter().any(told), "{:?}", report.notes);
    service.take_everything_back();
    // A product is asked about; a plan is no level.
    let text = "手続名,オンライン,,課名\n,マイナポータル,LoGoフォーム,\n妊娠の届出,○,×,こども課\n転出届,×,○,市民課\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    let question = asked(&report, "オンライン／LoGoフォーム");
    assert_eq!(question.suggestion.as_deref(), Some("オンライン/logoフォーム=eapp"));
    let answer = question.suggestion.clone().unwrap();
    let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("columns", &answer)]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "eapp", &[("level", "3"), ("section", "市民課")]);
    let text = "手続名,オンライン,,備考\n,マイナポータル,予定,\n妊娠の届出,○,,\n転出届,×,4,\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    let question = asked(&report, "オンライン／予定");
    assert_eq!(question.suggestion.as_deref(), Some("予定=target_level"));
    let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("columns", "予定=target_level")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &[("level", "0"), ("target_level", "4")]);
    // What names the state of the channel above it is the channel.
    let text = "手続名,オンライン,,書かない窓口,\n,状況,開始日,区分,開始日\n妊娠の届出,○,R5.4.1,×,\n転出届,○,R5.2.6,○,R7.4.1\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_stated(&service, "kosodate-15", "online", &[("effective_on", "2023-04-01")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "counter", &[("effective_on", "2025-04-01")]);
}

fn several_products_of_one_channel_give_the_best_of_them(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,マイナポータル,LoGoフォーム,いばらき電子申請・届出サービス,e-TUMO\n\
                妊娠の届出,○,×,○,◎\n転出届,×,○,○,\n支給認定の申請,×,×,×,\n";
    let said = "LoGoフォーム=eapp,いばらき電子申請・届出サービス=eapp,e-TUMO=eapp";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("columns", said), ("marks", "◎=4")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 6), "{report:#?}");
    assert_stated(&service, "kosodate-15", "eapp", &[("level", "4"), ("system", "e-TUMO")]);
    let both = [("level", "3"), ("system", "LoGoフォーム、いばらき電子申請・届出サービス")];
    assert_stated(&service, "tenshutsu-tennyu-01", "eapp", &both);
    assert_stated(&service, "kosodate-11", "eapp", &[("level", "0"), ("system", "")]);
    assert_stated(&service, "kosodate-15", "mynaportal", &[("level", "3"), ("system", "")]);
    let told =
        |note: &String| note.starts_with("「LoGoフォーム」「いばらき") && note.contains("汎用電子申請です");
    assert!(report.notes.iter().any(told), "{:?}", report.notes);
    // Two columns that mean one channel by themselves are a slip.
    let text = "手続名,オンライン対応,オンライン化状況\n転出届,○,×\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.faults[0].code.as_str()), (Status::Refused, "duplicate_heading"));
}

fn days_beside_marks_are_those_of_their_channel(backend: &Backend) {
    let service = TestService::new(backend);
    let planned = "手続名,マイナポータル,マイナポータル開始日,窓口対応,窓口開始年月\n\
                   妊娠の届出,○,R5.2.6,書かない,R7.4\n転出届,○,,×,R19.4\n";
    let report = service.send("f.csv", planned.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    let first = [("effective_on", "2023-02-06"), ("effective_precision", "day")];
    assert_stated(&service, "kosodate-15", "mynaportal", &first);
    let second = [("effective_on", "2025-04-30"), ("effective_precision", "month")];
    assert_stated(&service, "kosodate-15", "counter", &second);
    // What another channel of the row begins with on a day is no plan of this one.
    let text = "手続名,オンライン,窓口,開始日\n罹災証明書の発行申請,×,3,R19.4.1\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "hisaisha-01", "online", &[("level", "0"), ("target_on", "")]);
    service.take_everything_back();
    let report = service.send("f.csv", planned.as_bytes(), &[TOWN]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    // What begins later is not there yet: it is planned.
    let planned = [("level", "0"), ("target_level", "3"), ("target_on", "2037-04-30")];
    assert_stated(&service, "tenshutsu-tennyu-01", "counter", &planned);
    // One day for the whole row, under its common names.
    for heading in ["開始年月", "運用開始時期", "導入年月", "稼働日"] {
        service.take_everything_back();
        let text = format!("手続名,オンライン対応,{heading}\n妊娠の届出,○,令和6年2月\n");
        let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{heading}: {report:#?}");
        assert_stated(&service, "kosodate-15", "online", &[("effective_on", "2024-02-29")]);
    }
    // Days under a heading that does not say what begins on them are asked about.
    service.take_everything_back();
    let text =
        "手続名,オンライン対応,実施時期,回答日\n妊娠の届出,○,R5.4,2026-10-01\n転出届,○,R6.4,2026-10-01\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    let question = asked(&report, "実施時期");
    assert_eq!(question.suggestion.as_deref(), Some("実施時期=effective_on"));
    let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("columns", "実施時期=適用日")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "kosodate-15", "online", &[("effective_on", "2023-04-30")]);
}

fn the_state_beside_marks_is_theirs(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,マイナポータル,状態\n妊娠の届出,○,休止中\n転出届,○,\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("level", "3"), ("state", "suspended")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &[("level", "3"), ("state", "live")]);
    // What is not offered is in no state.
    let text = "手続名,マイナポータル,窓口,状態\n妊娠の届出,○,×,停止中\n転出届,×,3,備\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("level", "3"), ("state", "suspended")]);
    assert_stated(&service, "kosodate-15", "counter", &[("level", "0"), ("state", "live")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &[("level", "0"), ("state", "live")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "counter", &[("level", "3"), ("state", "prepared")]);
    // A mark and a column that say two things, and a word that is no state.
    for (cells, code, allowed) in
        [("備○,停止中", "contradiction", ""), ("○,未定です", "unknown_code", "停止中（suspended）")]
    {
        let text = format!("手続名,マイナポータル,状態\n妊娠の届出,{cells}\n");
        let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
        let fault = &report.faults[0];
        assert_eq!((fault.code.as_str(), fault.heading.as_deref()), (code, Some("状態")), "{report:#?}");
        assert!(fault.allowed.as_deref().unwrap_or_default().contains(allowed), "{fault:?}");
    }
}

fn a_list_of_the_body_that_the_sender_names_is_read(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,受付方法,対応状況,開始日\n妊娠の届出,マイナポータル,○,2023/4/1\n転出届,電子申請,×,\n";
    let report = service.send("l.csv", text.as_bytes(), &[]);
    assert_eq!((report.faults[0].code.as_str(), report.questions.len()), ("missing_municipality", 1));
    let report = service.send("l.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("effective_on", "2023-04-01"), ("level", "3")]);
    // A column of the body that was left empty says no other.
    let text = "団体コード,手続ID,接点,段階\n,kosodate-10,online,4\n";
    let report = service.send("l.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
}

fn procedures_stand_above_their_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "市町村名,転出届,,妊娠の届出,\n,総件数,オンライン件数,総件数,オンライン件数\n\
                水戸市,\"10,000\",\"1,500\",900,300\n土浦市,\"5,000\",80,500,0\n";
    let report = service.send("u.csv", text.as_bytes(), &[("fiscal_year", "2024")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 8), "{report:#?}");
    // More online than there were is told where it stands.
    let text =
        "市町村名,転出届,,妊娠の届出,\n,総件数,オンライン件数,総件数,オンライン件数\n水戸市,10,20,900,300\n";
    let report = service.send("u.csv", text.as_bytes(), &[("fiscal_year", "2024")]);
    let fault = &report.faults[0];
    assert_eq!((fault.code.as_str(), fault.column), ("online_exceeds_total", Some(3)), "{report:#?}");
    // The sum of a year, and its parts by bare names.
    let text = "手続,年間件数,うちオンライン申請,窓口,郵送\n妊娠の届出,210,32,170,8\n";
    let report = service.send("y.csv", text.as_bytes(), &[TOWN, ("fiscal_year", "2025")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    // Ways side by side, with their sum.
    let text = "年度,団体コード,団体名,手続名,窓口,郵送,オンライン,コンビニ,計\n\
                令和6年度,082015,水戸市,妊娠の届出,\"8,000件\",500件,\"3,500件\",,\"12,000件\"\n\
                令和6年度,,県計,妊娠の届出,\"8,000件\",500件,\"3,500件\",,\"12,000件\"\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.faults.len(), report.counts.rows), (0, 1), "{report:#?}");
    assert_eq!((report.counts.created, report.counts.changed), (2, 2), "{report:#?}");
}

#[test]
fn columns_of_a_few_words_are_asked_about_and_classes_are_not() {
    let service = TestService::new(&Backend::sqlite());
    for (heading, cells) in [
        ("LINE申請", ["TRUE", "FALSE", "FALSE", "TRUE"]),
        ("総合窓口", ["タブレット入力", "手書き", "○（麻生のみ）", "手書き"]),
        ("スマート窓口", ["端末", "なし", "端末", "なし"]),
        ("デジタル化", ["運用中", "検討", "運用中", "検討"]),
    ] {
        let rows: Vec<String> = ["妊娠の届出", "転出届", "支給認定の申請", "罹災証明書の発行申請"]
            .iter()
            .zip(cells)
            .map(|(procedure, cell)| format!("{procedure},○,{cell}\n"))
            .collect();
        let text = format!("手続名,マイナポータル,{heading}\n{}", rows.concat());
        asked(&service.send("f.csv", text.as_bytes(), &[TOWN]), heading);
    }
    let text = "No.,区分,手続名,マイナポータル,担当係,取扱窓口,受付,枝番\n\
                1,法定,妊娠の届出,3,保健係,本庁,可,1\n2,任意,転出届,0,市民係,本庁,,3\n\
                3,法定,支給認定の申請,4,保育係,支所,,4\n5,法定,罹災証明書の発行申請,3,保健係,本庁,,5\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("ignore", "取扱窓口,受付")]);
    assert_eq!((report.faults.len(), report.counts.statements), (0, 4), "{report:#?}");
    // Nought and one, where the marks that are read are such too.
    let text = "市町村名,妊娠の届出,罹災証明,現況\n水戸市,1,1,1\n日立市,0,1,0\n";
    let said = [("channel", "online"), ("binary", "flag")];
    asked(&service.send("w.csv", text.as_bytes(), &said), "現況");
}

#[test]
fn what_is_known_of_headings_is_said_and_not_asked() {
    let service = TestService::new(&Backend::sqlite());
    let text = "令和8年度　手続一覧,,,\n,,,\n手続名,担当課,URL,やりかた\n妊娠の届出,こども課,https://a.example.jp/,紙\n";
    let report = service.send("n.csv", text.as_bytes(), &[TOWN]);
    let fault = &report.faults[0];
    assert_eq!(
        (fault.code.as_str(), fault.value.as_deref()),
        ("unknown_layout", Some("手続名、担当課、URL、やりかた"))
    );
    assert!(fault.message.contains("3行目を見出しと見ました"), "{}", fault.message);
    assert!(fault.message.contains("「手続名」「担当課」「URL」"), "{}", fault.message);
    assert!(fault.message.contains("対応状況の列"), "{}", fault.message);
    let asked: Vec<&str> = report.questions.iter().map(|question| question.mark.as_str()).collect();
    assert_eq!(asked, ["やりかた"]);
    let report = service.send("n.csv", text.as_bytes(), &[TOWN, ("columns", "やりかた=online")]);
    assert_ne!(report.faults.first().map(|fault| fault.code.as_str()), Some("unknown_layout"), "{report:#?}");
    // Rows of data without any headings are not asked about as if they were.
    let bare = "妊娠の届出,○,×\n転出届,×,○\n";
    let report = service.send("b.csv", bare.as_bytes(), &[TOWN]);
    assert_eq!(
        (report.faults[0].code.as_str(), report.questions.len()),
        ("unknown_layout", 0),
        "{report:#?}"
    );
    assert!(report.faults[0].message.contains("見出し行"), "{}", report.faults[0].message);
}

#[test]
fn headings_of_data_sets_are_joined() {
    let service = TestService::new(&Backend::sqlite());
    let text = "全国地方公共団体コード,地方公共団体名,手続_ID,手続_名称,手続_名称カナ,オンライン_可否,オンライン_URL,オンライン_システム,担当_部署名,備考\n\
                082333,茨城県行方市,kosodate-10,児童手当等の現況届,,可,https://apply.example.jp/a,ぴったりサービス,こども課,\n\
                082333,茨城県行方市,kosodate-15,妊娠の届出,,不可,,,健康増進課,面談\n";
    let report = service.send("d.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    let expected = [
        ("level", "3"),
        ("url", "https://apply.example.jp/a"),
        ("system", "ぴったりサービス"),
        ("section", "こども課"),
    ];
    assert_stated(&service, "kosodate-10", "online", &expected);
    assert_stated(&service, "kosodate-15", "online", &[("level", "0"), ("note", "面談")]);
}

#[test]
fn tables_beside_each_other_are_told() {
    let service = TestService::new(&Backend::sqlite());
    let wide = "団体名,妊娠の届出,転出届,,団体名,妊娠の届出,転出届\n水戸市,○,×,,日立市,○,○\n";
    let long = "団体コード,手続ID,接点,段階,団体コード,手続ID,接点,段階\n082333,kosodate-10,online,3,082333,kosodate-15,online,3\n";
    let form = "手続名,オンライン,,手続名,オンライン\n妊娠の届出,○,,転出届,×\n";
    for text in [wide, long, form] {
        let report = service.send("t.csv", text.as_bytes(), &[TOWN, ("channel", "online")]);
        let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, ["tables_side_by_side"], "{report:#?}");
    }
}

fn wide_tables_have_channels_years_and_words_below(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,団体名,妊娠の届出,,罹災証明書の発行申請,\n,,オンライン,書かない窓口,オンライン,書かない窓口\n\
                082015,水戸市,○,×,○,○\n082031,土浦市,×,×,×,○\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 8), "{report:#?}");
    assert_stated(&service, "hisaisha-01", "counter", &[("level", "3")]);
    service.take_everything_back();
    // Years that are over: each mark is one of that year.
    let text = "団体コード,団体名,妊娠の届出,,罹災証明書の発行申請,\n,,令和6年度,令和7年度,令和6年度,令和7年度\n\
                082015,水戸市,×,○,○,○\n";
    let report = service.send("y.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    let last = [("level", "3"), ("effective_on", "2026-03-31"), ("effective_precision", "fiscal_year")];
    assert_stated(&service, "kosodate-15", "online", &last);
    let ahead = text.replace("令和7年度", "令和29年度");
    let report = service.send("y.csv", ahead.as_bytes(), &[("channel", "online")]);
    assert_eq!((report.status, report.faults[0].code.as_str()), (Status::Refused, "year_ahead"));
    service.take_everything_back();
    // A day beside each procedure, and one for the whole row.
    let text = "団体コード,市町村,妊娠の届出,開始日,転出届,開始日\n082333,行方市,○,R5.4.1,○,R5.2.6\n";
    let report = service.send("d.csv", text.as_bytes(), &[("channel", "mynaportal")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("effective_on", "2023-04-01")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &[("effective_on", "2023-02-06")]);
    service.take_everything_back();
    let text = "団体コード,適用日,妊娠の届出,転出届\n082333,2025-10-01,○,×\n";
    let report = service.send("d.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "online", &[("effective_on", "2025-10-01")]);
    // Words that may be about any of the marks of a row are asked about, and never left out in silence.
    let text = "団体コード,妊娠の届出,転出届,担当課\n082333,○,×,DX推進課\n";
    let report = service.send("d.csv", text.as_bytes(), &[("channel", "online")]);
    let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
    assert_eq!((codes, report.questions.len()), (vec!["unplaced_column"], 1), "{report:#?}");
    let said = [("channel", "online"), ("ignore", "担当課")];
    assert_eq!(service.send("d.csv", text.as_bytes(), &said).faults, Vec::new());
}

fn a_table_with_other_headings_begins_anew(backend: &Backend) {
    let service = TestService::new(backend);
    let first = "表１　子育て関係,,,\n団体コード,団体名,児童手当等の現況届,妊娠の届出\n082015,水戸市,○,○\n082031,土浦市,○,×\n";
    let text = format!(
        "{first},,,\n表２　証明,,,\n団体コード,団体名,罹災証明書の発行申請,転出届\n082015,水戸市,×,○\n082031,土浦市,○,○\n"
    );
    let report = service.send("t.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!(
        (report.status, report.counts.created, report.counts.rows),
        (Status::Applied, 8, 4),
        "{report:#?}"
    );
    assert_stated(&service, "hisaisha-01", "online", &[("level", "0")]);
    assert!(
        report.notes.iter().any(|note| note.starts_with("7行目からは別の見出しの表")),
        "{:?}",
        report.notes
    );
    service.take_everything_back();
    // A title right above its headings says what it is about, against the sender too.
    let titled = text.replace("表２　証明", "【書かない窓口】");
    let report = service.send("t.csv", titled.as_bytes(), &[("channel", "online")]);
    let mismatch =
        report.faults.iter().any(|fault| (fault.code.as_str(), fault.line) == ("section_mismatch", Some(8)));
    assert!(report.status == Status::Refused && mismatch, "{report:#?}");
    let report = service.send("t.csv", titled.as_bytes(), &[("channel", "counter")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 8), "{report:#?}");
    assert_stated(&service, "hisaisha-01", "counter", &[("level", "0")]);
    service.take_everything_back();
    // Marks under a heading of the second one are asked about as those of the first.
    let unknown = text.replace("罹災証明書の発行申請", "見守りの申込");
    let report = service.send("t.csv", unknown.as_bytes(), &[("channel", "online")]);
    assert_eq!(asked(&report, "見守りの申込").count, 2);
    // What is no table that anybody knows: each of its rows is a fault, with its cells.
    let other = format!("{first}団体コード,団体名,電話,担当者\n082015,水戸市,029-000-0000,佐藤\n");
    let report = service.send("t.csv", other.as_bytes(), &[("channel", "online")]);
    let told: Vec<_> = report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    assert_eq!(
        (report.status, told),
        (Status::Refused, vec![("second_table", Some(5)), ("second_table", Some(6))])
    );
}

fn a_wide_table_of_procedures_heeds_its_channel(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,接点,行方市,鉾田市\n妊娠の届出,マイナポータル,○,×\n転出届,マイナポータル,×,○\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("level", "3")]);
    // Two channels in one column are no table of one channel.
    let text = "手続名,接点,行方市,鉾田市\n妊娠の届出,マイナポータル,○,×\n転出届,書かない窓口,×,○\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    let fault = &report.faults[0];
    assert_eq!((fault.code.as_str(), fault.line, fault.column), ("mixed_channels", Some(3), Some(2)));
    // Beside counts, a channel and a level are not dropped.
    let text = "団体名,手続名,接点,段階,総件数,オンライン件数,年度\n\
                行方市,妊娠の届出,マイナポータル,4,210,32,令和7年度\n";
    let report = service.send("u.csv", text.as_bytes(), &[]);
    let unread: Vec<_> =
        report.faults.iter().map(|fault| (fault.code.as_str(), fault.heading.as_deref())).collect();
    assert_eq!(unread, [("unread_column", Some("接点")), ("unread_column", Some("段階"))], "{report:#?}");
    let report = service.send("u.csv", text.as_bytes(), &[("ignore", "接点,段階")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
}

fn numbers_that_may_be_counts_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let counts = "行方市　申請件数（令和7年度）,,\n手続名,オンライン,窓口\n妊娠の届出,3,5\n転出届,0,2\n";
    let levels = "行方市　対応段階一覧,,\n手続名,令和7年度,\n,オンライン,窓口\n妊娠の届出,3,2\n転出届,2,0\n";
    for (text, layouts) in [(counts, vec!["form"]), (levels, vec!["form", "usage"])] {
        let report = service.send("n.csv", text.as_bytes(), &[TOWN]);
        assert_eq!(report.faults[0].code, "levels_or_counts", "{report:#?}");
        let question = &report.questions[0];
        let offered: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!((question.parameter.as_str(), offered), ("layout", layouts));
        for choice in &question.choices {
            let said = [TOWN, ("layout", choice.value.as_str()), ("effective_on", "2025年度")];
            let report = service.send("n.csv", text.as_bytes(), &said);
            assert_eq!(report.status, Status::Applied, "{}: {report:#?}", choice.value);
            service.take_everything_back();
        }
    }
}

fn one_heading_may_name_a_procedure_and_more(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,妊娠の届出（マイナポータル）,妊娠の届出（窓口）,妊娠の届出の備考,転出届(マイナポータル),転出届URL\n\
                行方市,○,×,夜間も可,3,https://example.lg.jp\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("level", "3"), ("note", "夜間も可")]);
    assert_stated(&service, "kosodate-15", "counter", &[("level", "0")]);
    let address = [("level", "3"), ("url", "https://example.lg.jp")];
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &address);
}

fn nothing_may_stand_over_the_names(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        ",行方市,鉾田市\n妊娠の届出,○,×\n転出届,×,○\n",
        ",妊娠の届出,転出届\n行方市,○,×\n鉾田市,×,○\n",
        "手続名,茨城県,茨城県\n,行方市,鉾田市\n妊娠の届出,○,×\n転出届,×,○\n",
        "手続名,茨城県,\n,行方市,鉾田市\n妊娠の届出,○,×\n転出届,×,○\n",
    ] {
        let report = service.send("w.csv", text.as_bytes(), &[("channel", "mynaportal")]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{text} {report:#?}");
        service.take_everything_back();
    }
}

#[test]
fn channels_may_stand_below_bodies() {
    let service = TestService::new(&Backend::sqlite());
    let text = "手続名,行方市,,鉾田市,\n,オンライン,窓口,オンライン,窓口\n妊娠の届出,○,×,×,○\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_eq!(report.counts.bodies, 2);
    assert_stated(&service, "kosodate-15", "counter", &[("municipality_code", "082333"), ("level", "0")]);
}

#[test]
fn words_right_of_each_channel_are_of_that_channel() {
    let service = TestService::new(&Backend::sqlite());
    let text = ",マイナポータル,URL,電子申請,URL\n妊娠の届出,○,https://a.jp,○,https://b.jp\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("url", "https://a.jp")]);
    assert_stated(&service, "kosodate-15", "eapp", &[("url", "https://b.jp")]);
}

fn plans_of_each_channel_stand_below_their_year(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,現状,,目標（R9年度末）,\n,オンライン,窓口,オンライン,窓口\n妊娠の届出,0,2,4,3\n転出届,2,0,3,\n";
    let report = service.send("f.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    let planned = [("level", "0"), ("target_level", "4"), ("target_on", "2028-03-31")];
    assert_stated(&service, "kosodate-15", "online", &planned);
    assert_stated(&service, "kosodate-15", "counter", &[("level", "2"), ("target_level", "3")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "counter", &[("level", "0"), ("target_level", "")]);
}

fn three_rows_name_procedure_place_and_channel(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,団体名,妊娠の届出,,転出届,\n,,オンライン,,オンライン,\n\
                ,,マイナポータル,汎用電子申請,マイナポータル,汎用電子申請\n082333,行方市,○,×,×,○\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 4), "{report:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &[("level", "3")]);
    assert_stated(&service, "tenshutsu-tennyu-01", "eapp", &[("level", "3")]);
}

fn a_row_of_headings_is_the_first_one(backend: &Backend) {
    let service = TestService::new(backend);
    // Words of headings in rows of data, and rows that say what belongs into the columns.
    for (above, notes) in
        [("", ["備考", "手続"]), ("", ["手続", ""]), ("文字列,文字列,文字列,文字列,数値,文字列\n", ["", ""])]
    {
        let [first, second] = notes;
        let text = format!(
            "団体コード,団体名,手続名,接点,段階,備考\n{above}082333,行方市,妊娠の届出,オンライン,4,{first}\n\
             082341,鉾田市,転出届,オンライン,4,{second}\n"
        );
        let report = service.send("l.csv", text.as_bytes(), &[]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
        service.take_everything_back();
    }
}

#[test]
fn a_ward_beside_its_city_is_not_the_city() {
    let service = TestService::new(&Backend::sqlite());
    for text in [
        "市名,区名,手続ID,接点,段階\n大阪市,北区,kosodate-15,eapp,3\n",
        "団体コード,団体名,区名,手続ID,接点,段階\n271004,大阪市,北区,kosodate-15,eapp,3\n",
        "市名,区名,妊娠の届出\n大阪市,北区,○\n",
        "都道府県,市区町村,手続ID,接点,段階\n大阪市,中央区,kosodate-15,eapp,3\n",
    ] {
        let report = service.send("l.csv", text.as_bytes(), &[("channel", "eapp")]);
        let fault = &report.faults[0];
        assert_eq!(fault.code, "ward", "{report:#?}");
        assert!(fault.suggestion.as_deref().unwrap_or_default().contains("大阪市"), "{fault:?}");
    }
}

#[test]
fn codes_and_levels_under_other_headings_are_asked_about() {
    let service = TestService::new(&Backend::sqlite());
    for (text, heading, found) in [
        ("番号,市町村,妊娠の届出,転出届\n82341,行方市,○,×\n82333,鉾田市,○,×\n", "番号", "団体コード"),
        (
            "団体コード,手続ID,接点,段階,窓口段階\n082333,kosodate-15,online,3,5\n082341,kosodate-15,online,3,4\n",
            "窓口段階",
            "段階",
        ),
        (
            "手続名,マイナポータル,スマホ申請\n妊娠の届出,○,できる\n転出届,○,○（一部）\n建築確認,○,説明文です\n",
            "スマホ申請",
            "段階",
        ),
    ] {
        let report = service.send("f.csv", text.as_bytes(), &[TOWN, ("channel", "online")]);
        let question = asked(&report, heading);
        assert!(question.question.contains(found), "{question:?}");
    }
}

/// What a column may be is offered by what stands in it.
#[test]
fn the_likeliest_meaning_of_a_column_is_offered_first() {
    let service = TestService::new(&Backend::sqlite());
    let first = |text: &str, heading: &str| -> String {
        let report = service.send("w.csv", text.as_bytes(), &[TOWN]);
        let question = report.questions.iter().find(|question| question.mark == heading);
        let question = question.unwrap_or_else(|| panic!("{heading}: {report:#?}"));
        question.choices[0].label.clone()
    };
    let marks = "手続名,マイナポータル（R8.4.1現在）\n妊娠の届出,○\n転出届,×\n";
    assert!(first(marks, "マイナポータル（R8.4.1現在）").starts_with("マイナポータル"));
    let vendor = "lgcode,procedure,channel,status\n082333,kosodate-01,mynaportal,live\n\
                  082023,kosodate-02,mynaportal,not started\n";
    assert!(first(vendor, "status").starts_with("段階"));
    assert!(first(vendor, "procedure").starts_with("手続ID"));
    let own = "どこ,なに,備考\n行方市,妊娠の届出,○\n鉾田市,転出届,○\n";
    assert!(first(own, "どこ").starts_with("団体名"));
    assert!(first(own, "なに").starts_with("手続名"));
    let prefectures = "都道府県コード,都道府県名,罹災証明書の発行申請\n08,茨城県,○\n14,神奈川県,×\n";
    assert!(first(prefectures, "都道府県名").contains("都道府県そのもの"));
    let said = [("columns", "都道府県名=municipality_name"), ("channel", "online")];
    let report = service.send("w.csv", prefectures.as_bytes(), &said);
    assert_eq!((report.status, report.counts.rows), (Status::Applied, 2), "{report:#?}");
}

/// A day in a heading is asked about as one in a title is, of the columns that are read.
#[test]
fn a_day_in_a_heading_is_asked_about() {
    let service = TestService::new(&Backend::sqlite());
    let text = "手続名,マイナポータル（R7.4.1現在）,マイナポータル（R8.4.1現在）\n妊娠の届出,×,○\n";
    let said = [
        TOWN,
        ("columns", "マイナポータル（R7.4.1現在）=mynaportal"),
        ("ignore", "マイナポータル（R8.4.1現在）"),
    ];
    let report = service.send("w.csv", text.as_bytes(), &said);
    let [question] = report.questions.as_slice() else { panic!("{report:#?}") };
    assert_eq!(
        (question.parameter.as_str(), question.suggestion.as_deref()),
        ("effective_on", Some("2025-04-01"))
    );
}

/// 令和8年度 over ○ is no count of that year.
#[test]
fn a_year_over_marks_may_be_a_channel() {
    let service = TestService::new(&Backend::sqlite());
    let text = "手続名,令和8年度\n妊娠の届出,○\n転出届,×\n";
    let said = [TOWN, ("columns", "令和8年度=online")];
    let report = service.send("w.csv", text.as_bytes(), &said);
    assert_eq!((report.layout.as_deref(), report.counts.rows), (Some("form"), 2), "{report:#?}");
}

/// A mark in one of several columns that are answers: what is to be done with the table is said.
#[test]
fn columns_that_are_answers_are_to_be_made_one() {
    let service = TestService::new(&Backend::sqlite());
    let text = "手続名,実施済,準備中,未実施\n妊娠の届出,○,,\n転出届,,○,\n転居届,,,○\n";
    let report = service.send("w.csv", text.as_bytes(), &[TOWN]);
    let fault = &report.faults[0];
    assert_eq!((fault.code.as_str(), report.questions.len()), ("unknown_layout", 0), "{report:#?}");
    assert!(fault.message.contains("「実施済」「準備中」「未実施」のどれか"), "{}", fault.message);
    assert!(fault.message.contains("「対応状況」の1列"), "{}", fault.message);
}
