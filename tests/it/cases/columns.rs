//! Columns that say more than a mark, and headings that say it otherwise.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "04-ward-procedure-guide.csv",
    "05-town-list-with-url.csv",
    "18-variant-headings-dropped.csv",
    "form-no-id.csv",
    "long-japanese.csv",
    "39-status-words-long.csv",
];

use todoke::import::Fault;
use todoke::import::OnError;
use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};
use todoke::service::imports::ApplyOptions;

use crate::app::{Backend, TestService, on_both};

on_both! {
    a_column_of_marks_under_an_unknown_heading_is_asked_about;
    in_every_layout_a_column_of_marks_is_asked_about;
    words_beside_marks_go_to_the_channels_of_the_row;
    a_row_of_words_changes_what_is_known_and_is_told_else;
    headings_say_which_channel_words_are_about;
    beside_not_performed_a_remark_is_the_reason;
    a_template_with_words_comes_back_unchanged;
    addresses_of_a_guide_are_what_is_offered;
    a_form_may_name_procedures_without_their_ids;
    a_long_table_may_be_all_japanese;
    words_stand_under_each_procedure_of_a_wide_table;
    words_stand_beside_the_bodies_of_a_wide_table;
    an_empty_cell_clears_what_a_form_had_and_no_more;
    headings_mean_what_the_sender_says;
}

fn headings_mean_what_the_sender_says(backend: &Backend) {
    let service = TestService::new(backend);
    // A field, a channel and a procedure under names of the sender's own, in each layout.
    let long = "団体番号,事務,窓口の種類,進み具合\n082333,kosodate-15,オンライン,3\n";
    let said = "団体番号=団体コード,事務=手続ID,窓口の種類=接点,進み具合=段階";
    let report = service.send("l.csv", long.as_bytes(), &[("columns", said)]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    let form = "団体コード,手続名,うちの電子申請\n082333,妊娠の届出,4\n";
    let report = service.send("f.csv", form.as_bytes(), &[("columns", "うちの電子申請=汎用電子申請")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    let wide = "団体コード,妊娠の届出,「現況、届」の件,担当者\n082341,○,×,○\n";
    let said =
        [("channel", "online"), ("columns", "「現況、届」の件=児童手当等の現況届"), ("ignore", "担当者")];
    let report = service.send("w.csv", wide.as_bytes(), &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    let across = "手続名,わが町\n転出届,○\n";
    let said = [("channel", "online"), ("columns", "わが町=行方市"), ("layout", "wide-procedures")];
    let report = service.send("p.csv", across.as_bytes(), &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    let export = service.export();
    for row in [
        "082333,行方市,kosodate-15,妊娠の届出,online,,,3,",
        "082333,行方市,kosodate-15,妊娠の届出,eapp,,,4,",
        "082341,鉾田市,kosodate-10,児童手当等の現況届,online,,,0,",
        "082333,行方市,tenshutsu-tennyu-01,転出届,online,,,3,true,",
    ] {
        assert!(export.contains(row), "{row} in\n{export}");
    }
    // What the table does not have is told.
    let report = service.send("f.csv", form.as_bytes(), &[("columns", "うちの電子申請=eapp,独自=note")]);
    assert!(report.notes.iter().any(|note| note.contains("「独自」")), "{:?}", report.notes);
}

#[test]
fn what_a_heading_cannot_mean_is_refused() {
    let service = TestService::new(&Backend::sqlite());
    let asked: todoke::import::options::Asked =
        serde_json::from_value(serde_json::json!({"columns": "状況=段楷"})).unwrap();
    let refused = service.service.options(&crate::app::operator(), &asked).unwrap().unwrap_err();
    assert_eq!((refused[0].0, refused[0].1.code), ("columns", "unknown_heading_meaning"));
    assert_eq!(refused[0].1.suggestion.as_deref(), Some("段階"));
}

/// The fault and the question about one column.
fn asked<'r>(report: &'r Report, heading: &str) -> (&'r Fault, &'r Question) {
    let fault = report.faults.iter().find(|fault| fault.heading.as_deref() == Some(heading));
    let fault = fault.unwrap_or_else(|| panic!("{heading}: {report:#?}"));
    assert_eq!((fault.code.as_str(), report.status), ("unknown_heading", Status::Refused), "{report:#?}");
    (fault, report.questions.iter().find(|question| question.headings == [heading]).unwrap())
}

fn answers(question: &Question) -> Vec<&str> {
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

fn a_column_of_marks_under_an_unknown_heading_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let name = "18-variant-headings-dropped.csv";
    // Its everyday name is known by now; another way to say it is not.
    let report = service.send_case(name, &[("channel", "online")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 8), "{report:#?}");
    service.take_everything_back();
    let text =
        String::from_utf8(super::file(name)).unwrap().replace("児童手当の現況届", "児童手当の現況申告");
    let send = |said: &[(&str, &str)]| service.send(name, text.as_bytes(), said);
    let report = send(&[("channel", "online")]);
    let (fault, question) = asked(&report, "児童手当の現況申告");
    assert_eq!((fault.line, fault.column), (Some(1), Some(5)));
    assert!(fault.suggestion.as_ref().unwrap().starts_with("児童手当等の現況届"), "{fault:?}");
    assert_eq!(answers(question)[0], "児童手当の現況申告=kosodate-10");
    assert_eq!(question.choices.last().unwrap().value, "児童手当の現況申告");
    assert_eq!(question.choices.last().unwrap().parameter, "ignore");
    assert!(service.export().lines().count() == 1, "nothing is stored");
    // Nor is anything when only the good rows are asked for: each of them would lose a mark.
    let options =
        todoke::import::Options { channel: service.service.catalogue().online(), ..service.options() };
    let skip = ApplyOptions { on_error: OnError::Skip, ..ApplyOptions::default() };
    let report = service.import_with(name, text.as_bytes(), options, &skip);
    assert_eq!(report.status, Status::Refused, "{report:#?}");
    // Answered one way or the other, it goes through.
    let moving = "転出届【市区町村のみ】=tenshutsu-tennyu-01";
    let said = [("channel", "online"), ("columns", moving), ("ignore", "児童手当の現況申告")];
    let report = send(&said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 6), "{report:#?}");
    let columns = format!("{moving},児童手当の現況申告=児童手当等の現況届");
    let report = send(&[("channel", "online"), ("columns", &columns)]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
}

fn in_every_layout_a_column_of_marks_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    // A form: every channel is offered, and the one that the product mostly is stands first.
    let form = "団体コード,手続名,担当者,オンライン申請,LoGoフォーム\n\
                082333,妊娠の届出,佐藤,○,○\n082333,転出届,鈴木,×,\n";
    let report = service.send("f.csv", form.as_bytes(), &[]);
    let (_, question) = asked(&report, "LoGoフォーム");
    assert_eq!(question.suggestion.as_deref(), Some("logoフォーム=eapp"));
    assert_eq!((answers(question)[0], question.choices.len()), ("logoフォーム=eapp", 13));
    assert!(report.notes.iter().any(|note| note.ends_with("使いません: 担当者")), "{:?}", report.notes);
    let report = service.send("f.csv", form.as_bytes(), &[("columns", "logoフォーム=eapp")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    // Bodies across: 鉾田 alone names none, but is nearly one.
    let across = "手続名,行方市,鋒田市\n転出届,○,○\n";
    let report = service.send("p.csv", across.as_bytes(), &[("channel", "online")]);
    let (_, question) = asked(&report, "鋒田市");
    assert!(answers(question).contains(&"鋒田市=082341"), "{question:?}");
    // One row to a channel: a column of marks may be the level.
    let long =
        "団体コード,手続ID,接点,提供の有無\n082333,kosodate-15,online,有\n082333,kosodate-10,online,無\n";
    let report = service.send("l.csv", long.as_bytes(), &[]);
    let (_, question) = asked(&report, "提供の有無");
    assert_eq!(answers(question), ["提供の有無=level", "提供の有無=applicability", "提供の有無"]);
    // Without any heading, by the letter of the column.
    let bare = "団体コード,手続名,オンライン申請,,備考\n082333,妊娠の届出,○,○,\n";
    let report = service.send("b.csv", bare.as_bytes(), &[]);
    let (fault, question) = asked(&report, "D列");
    assert_eq!((fault.column, question.choices.last().unwrap().value.as_str()), (Some(4), "d列"));
    let report = service.send("b.csv", bare.as_bytes(), &[("ignore", "D列")]);
    assert_ne!(report.status, Status::Refused, "{report:#?}");
    // Codes that nothing is known of, where a name is all that is known.
    let coded = "区域,市町村名,手続ID,接点,段階\n082333,鉾田市,kosodate-15,online,3\n";
    let report = service.send("c.csv", coded.as_bytes(), &[]);
    let (_, question) = asked(&report, "区域");
    assert_eq!(answers(question), ["区域=municipality_code", "区域"]);
    let report = service.send("c.csv", coded.as_bytes(), &[("columns", "区域=municipality_code")]);
    assert_eq!(report.faults[0].code, "code_name_mismatch");
    // Levels, where the others are levels too.
    let levels = "団体コード,団体名,妊娠の届出,現況の届\n082333,行方市,3,4\n082341,鉾田市,0,3\n";
    asked(&service.send("n.csv", levels.as_bytes(), &[("channel", "online")]), "現況の届");
}

#[test]
fn columns_of_numbers_days_and_addresses_need_no_answer() {
    let service = TestService::new(&Backend::sqlite());
    let text = "No.,団体コード,団体名,人口,記入日,案内ページ,回答者数,妊娠の届出,旧コード\n\
                1,082333,行方市,31000,2026-04-01,https://a.example.jp/,3,4,082333\n\
                2,082341,鉾田市,45000,2026-04-02,https://b.example.jp/,2,0,082341\n";
    let report = service.send("n.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!(report.faults, Vec::new());
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2));
    let told = report
        .notes
        .iter()
        .any(|note| note.ends_with("使いません: No.、人口、記入日、案内ページ、回答者数、旧コード"));
    assert!(told, "{:?}", report.notes);
}

/// The row of an export about one procedure and channel, by heading.
fn stated(
    service: &TestService,
    procedure: &str,
    channel: &str,
) -> std::collections::BTreeMap<String, String> {
    let export = service.export();
    let mut reader = csv::Reader::from_reader(export.trim_start_matches('\u{FEFF}').as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut rows = reader.records().map(|row| -> std::collections::BTreeMap<String, String> {
        let row = row.unwrap();
        headings.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
    });
    let found = rows.find(|row| row["procedure_id"] == procedure && row["channel"] == channel);
    found.unwrap_or_else(|| panic!("{procedure} {channel} in\n{export}"))
}

/// Asserts fields of a row, written as `field=value`.
fn assert_stated(service: &TestService, procedure: &str, channel: &str, expected: &[&str]) {
    let row = stated(service, procedure, channel);
    for one in expected {
        let (field, value) = one.split_once('=').unwrap();
        assert_eq!(row[field], value, "{procedure} {channel} {field}");
    }
}

fn words_beside_marks_go_to_the_channels_of_the_row(backend: &Backend) {
    let service = TestService::new(backend);
    let name = "05-town-list-with-url.csv";
    let report = service.send_case(name, &[("municipality", "082333")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    let url = "url=https://form.example.jp/1";
    let first = ["section=健康増進課", url, "note=面談のため来庁", "level=3"];
    assert_stated(&service, "kosodate-15", "online", &first);
    assert_stated(
        &service,
        "high-volume-22",
        "online",
        &["section=環境課", "url=", "note=窓口のみ", "level=0"],
    );
    let told =
        |words: &str| assert!(report.notes.iter().any(|note| note.contains(words)), "{:?}", report.notes);
    told("「担当課」「備考」の列は、その行で述べたすべての接点に記録します");
    told(
        "「電子申請URL」の列は、その行で述べたオンラインの接点（できるものがあれば、できないものを除く）に記録します",
    );
    assert_eq!(service.send_case(name, &[("municipality", "082333")]).status, Status::NothingToDo);
    // Section and note to every channel of the row, address and system to the online ones; a plan of which
    // only the day is said is one for level 3.
    let form = "団体コード,手続名,マイナポータル,本庁窓口,所管課,リンク,利用システム,摘要,実施予定時期\n\
                082333,転出届,×,2,市民課,https://a.example.jp/,ぴったり,郵送可,令和9年3月\n";
    let report = service.send("f.csv", form.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    let common = ["section=市民課", "note=郵送可"];
    let moving = "tenshutsu-tennyu-01";
    assert_stated(&service, moving, "mynaportal", &common);
    assert_stated(&service, moving, "counter", &common);
    let online = ["url=https://a.example.jp/", "system=ぴったり", "target_level=3", "target_on=2027-03-31"];
    assert_stated(&service, moving, "mynaportal", &online);
    assert_stated(&service, moving, "counter", &["url=", "system=", "target_level=", "target_on="]);
    let told: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(told, ["target_level_presumed"], "{report:#?}");
    // What is wrong is told where it stands, with all else that is wrong.
    let wrong =
        "団体コード,手続名,オンライン申請,URL,目標段階,目標時期\n082333,転出届,○,www.example.jp,6,来年\n";
    let report = service.send("f.csv", wrong.as_bytes(), &[]);
    let told: Vec<(Option<u32>, Option<&str>)> =
        report.faults.iter().map(|fault| (fault.line, fault.heading.as_deref())).collect();
    assert_eq!(told, [(Some(2), Some("URL")), (Some(2), Some("目標段階")), (Some(2), Some("目標時期"))]);
    // Two columns of one meaning are not both taken; the one by its own name goes before.
    let twice = "団体コード,手続名,オンライン申請,所管課,主管課\n082333,転出届,○,甲課,乙課\n";
    let report = service.send("f.csv", twice.as_bytes(), &[]);
    assert_eq!((report.status, report.faults[0].code.as_str()), (Status::Refused, "duplicate_heading"));
    let named = "団体コード,手続名,オンライン申請,担当課,主管課\n082333,転出届,○,甲課,乙課\n";
    let report = service.send("f.csv", named.as_bytes(), &[]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert_stated(&service, moving, "online", &["section=甲課"]);
}

fn a_row_of_words_changes_what_is_known_and_is_told_else(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,オンライン,汎用電子申請,本庁窓口,担当課,備考\n";
    let first = format!("{head}082333,kosodate-15,,4,2,,\n");
    assert_eq!(service.send("f.csv", first.as_bytes(), &[]).counts.created, 2);
    let words = format!("{head}082333,kosodate-15,,,,健康増進課,\n082333,kosodate-10,,,,子育て課,窓口へ\n");
    let report = service.send("f.csv", words.as_bytes(), &[]);
    assert_eq!(
        (report.status, report.counts.changed, report.counts.created),
        (Status::Applied, 2, 0),
        "{report:#?}"
    );
    assert_stated(&service, "kosodate-15", "eapp", &["section=健康増進課", "level=4"]);
    assert_stated(&service, "kosodate-15", "counter", &["section=健康増進課", "level=2"]);
    let told: Vec<(&str, Option<u32>)> =
        report.warnings.iter().map(|warning| (warning.code.as_str(), warning.line)).collect();
    assert_eq!(told, [("words_without_level", Some(3))]);
    // Nor do words alone say that a procedure is performed again.
    let absent = format!("{head}082333,kosodate-15,対象外,,,,\n");
    assert_eq!(service.send("f.csv", absent.as_bytes(), &[]).status, Status::Applied);
    let report = service.send("f.csv", format!("{head}082333,kosodate-15,,,,別の課,\n").as_bytes(), &[]);
    assert_eq!(
        (report.status, report.warnings[0].code.as_str()),
        (Status::NothingToDo, "words_without_level")
    );
}

fn headings_say_which_channel_words_are_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,マイナポータル,汎用電子申請,本庁窓口,URL,汎用電子申請URL,備考（窓口）,目標段階（本庁窓口）\n\
                082333,kosodate-15,3,4,2,https://m.example.jp/,https://e.example.jp/,予約制,3\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    assert_stated(
        &service,
        "kosodate-15",
        "mynaportal",
        &["url=https://m.example.jp/", "note=", "target_level="],
    );
    assert_stated(&service, "kosodate-15", "eapp", &["url=https://e.example.jp/", "note=", "target_level="]);
    assert_stated(&service, "kosodate-15", "counter", &["url=", "note=予約制", "target_level=3"]);
    // The same in two rows of headings.
    let two = "団体コード,手続ID,汎用電子申請,,,本庁窓口,\n,,段階,URL,担当課,段階,担当課\n\
               082333,kosodate-10,4,https://e.example.jp/,情報課,2,市民課\n";
    let report = service.send("t.csv", two.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(
        &service,
        "kosodate-10",
        "eapp",
        &["url=https://e.example.jp/", "section=情報課", "level=4"],
    );
    assert_stated(&service, "kosodate-10", "counter", &["url=", "section=市民課", "level=2"]);
    // What has no channel to go to is told with its lines.
    let nowhere = "団体コード,手続ID,本庁窓口,URL\n082333,kosodate-11,2,https://e.example.jp/\n";
    let report = service.send("n.csv", nowhere.as_bytes(), &[]);
    assert_eq!((report.status, report.warnings[0].code.as_str()), (Status::Applied, "words_without_channel"));
    assert!(report.warnings[0].message.starts_with("2行目"), "{:?}", report.warnings);
}

fn beside_not_performed_a_remark_is_the_reason(backend: &Backend) {
    let service = TestService::new(backend);
    let text =
        "団体コード,手続ID,オンライン,担当課,備考\n082333,kosodate-15,組合,健康増進課,広域連合で実施\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    assert_eq!(report.warnings[0].heading.as_deref(), Some("担当課"));
    assert_stated(
        &service,
        "kosodate-15",
        "",
        &["applicability=other_body", "applicability_reason=広域連合で実施"],
    );
}

fn a_template_with_words_comes_back_unchanged(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(
        "団体コード,手続ID,接点,段階,担当課,URL,システム,備考,目標段階,目標日\n\
         082333,kosodate-15,mynaportal,3,健康増進課,https://a.example.jp/,ぴったり,-一部,5,令和9年度\n\
         082333,kosodate-15,counter,2,健康増進課,,,-一部,,\n\
         082333,kosodate-10,eapp,0,子育て課,,,,4,2027-03-31\n\
         082333,kosodate-10,mynaportal,0,児童課,,,,4,2027-04-01\n\
         082333,kosodate-11,counter,2,,,,,3,2027年3月\n",
    );
    let grid = service.service.grid();
    let form = service.service.form(&grid, grid.catalogue().find_body("082333").unwrap()).unwrap();
    let mut text = Vec::new();
    form.csv(&mut text).unwrap();
    for said in [vec![], vec![("effective_on", "2030-01-01")]] {
        let report = service.send("f.csv", &text, &said);
        assert_eq!((report.faults, report.counts.changed, report.counts.created), (Vec::new(), 0, 0));
    }
}

fn addresses_of_a_guide_are_what_is_offered(backend: &Backend) {
    let service = TestService::new(backend);
    let name = "04-ward-procedure-guide.csv";
    let report = service.send_case(name, &[("municipality", "082333")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_eq!((report.questions.len(), report.encoding.as_deref()), (0, Some("Shift_JIS (CP932) CSV")));
    let offered = ["level=3", "at_least=true", "url=https://form.example.jp/123", "section=健康推進課"];
    assert_stated(&service, "kosodate-15", "eapp", &offered);
    assert_stated(
        &service,
        "hisaisha-01",
        "eapp",
        &["url=https://form.example.jp/124", "section=危機管理課"],
    );
    // The address of the guide goes after that of the form, and a section is no slip of another.
    let told: Vec<(&str, Option<&str>)> =
        report.warnings.iter().map(|one| (one.code.as_str(), one.heading.as_deref())).collect();
    assert_eq!(
        told,
        [("words_beside_others", Some("URL")), ("words_without_level", Some("担当課"))],
        "{report:#?}"
    );
    assert!(report.warnings[0].message.starts_with("2、4行目の値は、接点の欄に書かれたアドレスを"));
    assert!(report.notes.iter().any(|note| note.contains("使いません") && note.contains("担当係")));
    // Alone the smaller unit is the section.
    let alone = "団体コード,手続名,電子申請,担当係\n082341,転出届,○,市民係\n";
    let report = service.send("a.csv", alone.as_bytes(), &[]);
    assert_eq!((report.status, report.warning_count), (Status::Applied, 0), "{report:#?}");
    assert!(service.export().contains(",市民係,"), "{}", service.export());
}

fn a_form_may_name_procedures_without_their_ids(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("form-no-id.csv", &[]);
    // Two spellings of one procedure are one procedure, which the file says twice.
    let told: Vec<(&str, Option<u32>)> =
        report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect();
    assert_eq!(told, [("conflicting_rows", Some(3)), ("conflicting_rows", Some(4))], "{report:#?}");
    let text = String::from_utf8(super::file("form-no-id.csv")).unwrap();
    let text: String =
        text.lines().filter(|line| !line.contains(",罹災")).map(|line| format!("{line}\n")).collect();
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    assert_stated(&service, "kosodate-10", "online", &["level=3"]);
    assert_stated(&service, "hisaisha-01", "online", &["level=0", "procedure_name=罹災証明書の発行申請"]);
    assert_stated(&service, "high-volume-22", "online", &["level=3"]);
}

fn a_long_table_may_be_all_japanese(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("long-japanese.csv", &[]);
    // Only the product is asked for, the likeliest channel first.
    assert_eq!((report.status, report.fault_count), (Status::Refused, 1), "{report:#?}");
    assert_eq!(report.questions[0].choices[0].value, "LoGoフォーム=eapp");
    let line = todoke::cli::report::question_line(&report.questions[0]);
    assert!(line.contains("→ --names 'LoGoフォーム=eapp' 汎用電子申請、"));
    let report = service.send_case("long-japanese.csv", &[("names", "LoGoフォーム=汎用電子申請")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 7), "{report:#?}");
    let first =
        ["level=4", "section=子ども家庭課", "target_level=5", "target_on=2027-03-31", "note=LINE連携"];
    assert_stated(&service, "kosodate-06", "mynaportal", &first);
    assert_stated(&service, "hisaisha-01", "eapp", &["level=0", "target_precision=month"]);
    assert_stated(&service, "kosodate-07", "mynaportal", &["level=3", "at_least=true"]);
    assert_stated(&service, "kosodate-08", "counter", &["level=3", "at_least=false"]);
    assert_stated(&service, "kosodate-09", "counter", &["level=3", "at_least=true"]);
    assert_stated(&service, "kosodate-11", "online", &["level=4"]);
    assert_stated(&service, "kosodate-12", "eapp", &["level=4", "system=LoGoフォーム"]);
}

fn words_stand_under_each_procedure_of_a_wide_table(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,団体名,妊娠の届出,,,,,,転出届,\n\
                ,,状況,担当課,URL,備考,システム名,目標時期,,担当課\n\
                082333,行方市,○,健康増進課,https://a.example.jp/,面談あり,ぴったり,,×,市民課\n\
                082341,鉾田市,×,保健課,,,,令和9年度,対象外,市民課\n";
    let report = service.send("w.csv", text.as_bytes(), &[("channel", "mynaportal")]);
    assert_eq!(
        (report.status, report.layout.as_deref(), report.counts.created),
        (Status::Applied, Some("wide-municipalities"), 4),
        "{report:#?}"
    );
    let birth =
        ["level=3", "section=健康増進課", "url=https://a.example.jp/", "note=面談あり", "system=ぴったり"];
    assert_stated(&service, "kosodate-15", "mynaportal", &birth);
    assert_stated(&service, "tenshutsu-tennyu-01", "mynaportal", &["level=0", "section=市民課", "url="]);
    let export = service.export();
    let planned =
        "082341,鉾田市,kosodate-15,妊娠の届出,mynaportal,,,0,false,live,3,2028-03-31,fiscal_year,,,保健課";
    assert!(export.contains(planned), "{export}");
    // 担当課 beside "not performed" has no place.
    let told: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(told, ["words_without_channel", "target_level_presumed"], "{report:#?}");
    let noted = "「担当課」「URL」「備考」「システム名」「目標時期」の列は、マイナポータル（ぴったりサービス）に記録します。";
    assert!(report.notes.iter().any(|note| note == noted), "{:?}", report.notes);
    assert!(!report.notes.iter().any(|note| note.contains("使いません")), "{:?}", report.notes);
    let again = service.send("w.csv", text.as_bytes(), &[("channel", "mynaportal")]);
    assert_eq!(again.status, Status::NothingToDo, "{again:#?}");
    // The address at a counter is that of the counter; a channel may stand below the procedure.
    let text = "団体コード,妊娠の届出,,\n,オンライン,窓口,担当課\n082333,○,書かない,母子保健係\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert_stated(&service, "kosodate-15", "online", &["level=3", "section=母子保健係"]);
    assert_stated(&service, "kosodate-15", "counter", &["level=3", "section=母子保健係"]);
    let text = "団体コード,妊娠の届出,\n,段階,URL\n082333,2,https://c.example.jp/\n";
    let report = service.send("w.csv", text.as_bytes(), &[("channel", "branch")]);
    assert_eq!((report.status, report.warning_count), (Status::Applied, 0), "{report:#?}");
    assert_stated(&service, "kosodate-15", "branch", &["level=2", "url=https://c.example.jp/"]);
    // What is wrong there is told where it stands, and what stands twice is no guess.
    let wrong = "団体コード,妊娠の届出,\n,状況,URL\n082333,○,www.example.jp\n";
    let report = service.send("w.csv", wrong.as_bytes(), &[("channel", "online")]);
    let told = (report.faults[0].line, report.faults[0].heading.as_deref());
    assert_eq!(told, (Some(3), Some("妊娠の届出／URL")), "{report:#?}");
    let twice = "団体コード,妊娠の届出,,\n,状況,所管課,主管課\n082333,○,甲課,乙課\n";
    let report = service.send("w.csv", twice.as_bytes(), &[("channel", "online")]);
    assert_eq!(report.faults[0].code, "duplicate_heading", "{report:#?}");
    // The only procedure of a table is what its words are about; of several it is not known which.
    let one = "団体コード,転出届,担当課,備考\n082325,○,市民課,夜間も可\n";
    let report = service.send("w.csv", one.as_bytes(), &[("channel", "eapp")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    assert_stated(&service, "tenshutsu-tennyu-01", "eapp", &["section=市民課", "note=夜間も可"]);
    let several = "団体コード,妊娠の届出,転出届,担当課\n082325,○,○,市民課\n";
    let report = service.send("w.csv", several.as_bytes(), &[("channel", "eapp")]);
    let told = (report.status, report.faults[0].code.as_str(), report.questions.len());
    assert_eq!(told, (Status::Refused, "unplaced_column", 1), "{report:#?}");
}

fn words_stand_beside_the_bodies_of_a_wide_table(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続ID,手続名,行方市,,082341 鉾田市,,\n,,状況,担当課,状況,担当課,備考\n\
                kosodate-15,妊娠の届出,○,健康増進課,×,保健課,検討\n";
    let report = service.send("p.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!(
        (report.status, report.layout.as_deref(), report.counts.created),
        (Status::Applied, Some("wide-procedures"), 2),
        "{report:#?}"
    );
    let export = service.export();
    for row in [
        "082333,行方市,kosodate-15,妊娠の届出,online,,,3,true,live,,,,,,健康増進課,",
        "082341,鉾田市,kosodate-15,妊娠の届出,online,,,0,false,live,,,,,,保健課,declared,2026-11-21,day,検討",
    ] {
        assert!(export.contains(row), "{row} in\n{export}");
    }
    let one = "手続ID,担当課,行方市,URL\nkosodate-10,子育て課,○,https://a.example.jp/\n";
    let report = service.send("p.csv", one.as_bytes(), &[("channel", "online")]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
    assert_stated(&service, "kosodate-10", "online", &["section=子育て課", "url=https://a.example.jp/"]);
}

fn an_empty_cell_clears_what_a_form_had_and_no_more(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(
        "団体コード,手続ID,接点,段階,担当課,URL,システム,備考,目標段階,目標日,該当性\n\
         082333,kosodate-15,mynaportal,3,健康増進課,https://a.example.jp/,ぴったり,一部,5,令和9年度,\n\
         082333,kosodate-15,eapp,4,健康増進課,https://b.example.jp/,LoGo,,,,\n\
         082333,kosodate-10,mynaportal,2,,,,,4,2027-03-31,\n\
         082333,kosodate-11,,,,,,,,,対象外\n",
    );
    let form = "団体コード,手続ID,マイナポータル,該当性,担当課,備考,目標段階,目標時期\n\
                082333,kosodate-15,3,,,,,\n082333,kosodate-10,予定,,,,,\n082333,kosodate-11,,,,,,\n";
    // As long as nobody says otherwise an empty cell changes nothing.
    let kept = service.send("f.csv", form.as_bytes(), &[]);
    assert_eq!(kept.counts.changed, 1, "{kept:#?}");
    assert_stated(&service, "kosodate-15", "mynaportal", &["section=健康増進課", "target_level=5"]);
    let report = service.send("f.csv", form.as_bytes(), &[("blank", "clear")]);
    assert_eq!((report.status, report.fault_count), (Status::Applied, 0), "{report:#?}");
    let cleared = ["level=3", "section=", "note=", "target_level=", "target_on="];
    assert_stated(&service, "kosodate-15", "mynaportal", &cleared);
    // What has no column stays, and so does a channel that has none.
    assert_stated(&service, "kosodate-15", "mynaportal", &["url=https://a.example.jp/", "system=ぴったり"]);
    assert_stated(
        &service,
        "kosodate-15",
        "eapp",
        &["level=4", "section=健康増進課", "url=https://b.example.jp/"],
    );
    // An empty column takes nothing from what the mark beside it says.
    assert_stated(&service, "kosodate-10", "mynaportal", &["level=2", "target_level=3"]);
    // 制度なし is taken back as a level is.
    assert!(!service.export().contains("kosodate-11"), "{}", service.export());
    let gone = "団体コード,手続ID,マイナポータル\n082333,kosodate-15,\n";
    let report = service.send("f.csv", gone.as_bytes(), &[("blank", "clear")]);
    assert_eq!((report.status, report.counts.changed), (Status::Applied, 1), "{report:#?}");
    let export = service.export();
    assert!(!export.contains("kosodate-15,妊娠の届出,mynaportal"), "{export}");
    assert!(export.contains("kosodate-15,妊娠の届出,eapp"), "{export}");
}

#[test]
fn english_headings_are_read_however_they_are_joined() {
    let service = TestService::new(&Backend::sqlite());
    for head in [
        "municipalityCode,procedureId,channel,targetLevel,level",
        "Municipality Code,Procedure ID,Channel,Target Level,Level",
        "municipality-code,PROCEDURE_ID,Channel,target-level,LEVEL",
    ] {
        let text = format!("{head}\n082333,kosodate-15,online,4,3\n");
        let report = service.send("l.csv", text.as_bytes(), &[]);
        assert_eq!((&report.faults, report.counts.statements), (&Vec::new(), 1), "{head}");
        assert_stated(&service, "kosodate-15", "online", &["level=3", "target_level=4"]);
    }
}

#[test]
fn a_product_is_no_channel_and_is_asked_about() {
    let service = TestService::new(&Backend::sqlite());
    let text = "団体コード,手続ID,接点,段階\n082333,kosodate-15,LoGoフォーム,4\n";
    let report = service.send("l.csv", text.as_bytes(), &[]);
    assert_eq!(report.faults[0].suggestion.as_deref(), Some("汎用電子申請"));
    assert_eq!(report.questions[0].suggestion.as_deref(), Some("LoGoフォーム=eapp"));
    let report = service.send("l.csv", text.as_bytes(), &[("names", "LoGoフォーム=eapp")]);
    assert_eq!((report.status, report.faults), (Status::Applied, Vec::new()));
    assert_stated(&service, "kosodate-15", "eapp", &["level=4"]);
}
