//! What stands in cells and columns and is neither mark nor number: products, signs of statistics, times, other
//! channels; columns that an import would lose; tables without headings or without a procedure.

use serde_json::json;
use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestApp, TestService, on_both, town};
use crate::reports::{codes, warned};

on_both! {
    a_product_in_place_of_a_mark_is_kept;
    signs_of_statistics_are_no_numbers;
    values_of_check_boxes_are_asked_in_words;
    rows_of_other_channels_may_be_left_out;
    times_beside_a_mark_are_called_so;
    a_profile_keeps_nothing_that_says_nothing;
    everyday_names_are_those_of_one_procedure;
    a_table_of_channels_may_be_about_one_procedure;
    a_list_of_nothing_but_bodies_may_be_one_of_adopters;
    marks_without_headings_are_counted_and_led_on;
    marks_and_counts_of_one_table_are_read_in_turn;
    an_earlier_state_is_not_that_of_today;
    columns_of_products_are_not_lost;
    a_product_on_a_channel_that_is_not_its_own_is_told;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

fn choices(question: &Question) -> Vec<(&str, &str)> {
    question.choices.iter().map(|choice| (choice.parameter.as_str(), choice.value.as_str())).collect()
}

fn refused(service: &TestService, text: &str, said: &[(&str, &str)]) -> Report {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!(report.status, Status::Refused, "{text}{report:#?}");
    report
}

fn applied(service: &TestService, text: &str, said: &[(&str, &str)]) -> Report {
    let report = service.send("t.csv", text.as_bytes(), said);
    assert_eq!(report.status, Status::Applied, "{text}{report:#?}");
    report
}

/// The line of an export that has all of these.
fn line(service: &TestService, words: &[&str]) -> String {
    let export = service.export();
    let found = export.lines().find(|line| words.iter().all(|word| line.contains(word)));
    found.unwrap_or_else(|| panic!("{words:?} {export}")).to_owned()
}

fn a_product_in_place_of_a_mark_is_kept(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,電子申請\n転出届,ＬｏＧｏフォーム\n妊娠の届出,e-Tumo（一部）\n罹災証明書の発行申請,庁内独自ページ\n";
    let report = refused(&service, text, &[TOWN]);
    assert_eq!(report.questions.len(), 3, "{report:#?}");
    let marks = ("marks", "LoGoフォーム=4,e-tumo(一部)=3,庁内独自ページ=3+");
    let report = applied(&service, text, &[TOWN, marks]);
    let told = report.understood.iter().any(|one| one.meaning.contains("システム「ＬｏＧｏフォーム」"));
    assert!(told, "{:#?}", report.understood);
    assert!(line(&service, &["転出届,eapp,", ",4,"]).contains(",ＬｏＧｏフォーム,"), "{}", service.export());
    let partly = line(&service, &["妊娠の届出,eapp,", ",3,false"]);
    assert!(
        partly.contains(",e-Tumo,") && partly.ends_with(",一部,") || partly.contains(",一部"),
        "{partly}"
    );
    assert!(line(&service, &["罹災証明書", ",3,true"]).contains("庁内独自ページ"), "{}", service.export());
    service.take_everything_back();
    // Words for a state say nothing more, and a column of systems goes first.
    let text = "手続名,電子申請,システム名\n転出届,done,\n妊娠の届出,e-Tumo,県の共同システム\n";
    applied(&service, text, &[TOWN, ("marks", "done=4,e-tumo=3")]);
    assert!(!service.export().contains("done"), "{}", service.export());
    service.take_everything_back();
    // In the long layout too.
    let text = "団体コード,手続名,接点,対応状況\n082333,転出届,汎用電子申請,Graffer\n";
    applied(&service, text, &[("marks", "graffer=4")]);
    assert!(line(&service, &["転出届,eapp,"]).contains(",Graffer,"), "{}", service.export());
}

fn signs_of_statistics_are_no_numbers(backend: &Backend) {
    let service = TestService::new(backend);
    let text = |cell: &str| {
        format!(
            "団体コード,手続名,年度,手続総件数,うちオンライン数\n082333,転出届,2024,120,{cell}\n082341,転出届,2024,80,7\n"
        )
    };
    for (cell, zero) in [
        ("N/A", true),
        ("NA", true),
        ("…", true),
        ("-", true),
        ("x", false),
        ("Ｘ", false),
        ("***", false),
        ("秘", false),
        ("非公表", false),
    ] {
        let report = refused(&service, &text(cell), &[]);
        assert_eq!((codes(&report), report.questions.len()), (vec!["ambiguous_mark"], 1), "{report:#?}");
        let offered = choices(&report.questions[0]);
        assert_eq!(offered.len(), if zero { 2 } else { 1 }, "{cell} {offered:?}");
        let report = applied(&service, &text(cell), &[offered[0]]);
        assert_eq!(report.counts.created, 3, "{cell} {report:#?}");
        service.take_everything_back();
    }
}

fn values_of_check_boxes_are_asked_in_words(backend: &Backend) {
    let service = TestService::new(backend);
    for (yes, no) in [("TRUE", "FALSE"), ("true", "false")] {
        let text = format!("手続名,オンライン\n転出届,{yes}\n妊娠の届出,{no}\n");
        let report = refused(&service, &text, &[TOWN]);
        assert!(report.faults[0].message.contains("チェックボックス"), "{report:#?}");
        let first: Vec<(&str, &str)> = report.questions.iter().map(|question| choices(question)[0]).collect();
        assert_eq!(first, [("marks", "false=0"), ("marks", "true=3+")], "{report:#?}");
        let report = applied(&service, &text, &[TOWN, ("marks", "false=0,true=3+")]);
        assert_eq!(report.counts.created, 2, "{report:#?}");
        service.take_everything_back();
    }
}

fn rows_of_other_channels_may_be_left_out(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,手続名,申請方法,対応状況\n行方市,転出届,オンライン,○\n行方市,転出届,郵送,○\n\
                行方市,転出届,電話,×\n行方市,妊娠の届出,郵送,○\n";
    let report = refused(&service, text, &[]);
    let offered: Vec<(&str, Option<&str>)> =
        report.questions.iter().map(|one| (one.mark.as_str(), one.suggestion.as_deref())).collect();
    assert_eq!(offered, [("郵送", Some("郵送=ignore")), ("電話", Some("電話=ignore"))], "{report:#?}");
    let report = applied(&service, text, &[("names", "郵送=ignore,電話=ignore")]);
    assert_eq!(report.counts.created, 1, "{report:#?}");
    assert!(report.notes.iter().any(|note| note.contains("取り込まない名前の3行")), "{:?}", report.notes);
}

fn times_beside_a_mark_are_called_so(backend: &Backend) {
    let service = TestService::new(backend);
    for (cell, word) in [
        ("○（R5.3まで）", "もう終わっています"),
        ("○（H30～R6）", "もう終わっています"),
        ("○（R8.4～R6.3）", "終わりが始まりより前"),
        ("○（R9～）", "これからの時期"),
        ("○（令和5年度のみ）", "もう終わっています"),
        ("◇", "意味の分からない記号"),
    ] {
        let report = refused(&service, &format!("手続名,オンライン\n転出届,{cell}\n"), &[TOWN]);
        assert!(report.faults[0].message.contains(word), "{cell} {report:#?}");
        assert_eq!(report.questions.len(), 1, "{report:#?}");
    }
}

fn a_profile_keeps_nothing_that_says_nothing(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let headers = [("authorization", &*format!("Bearer {key}")), ("content-type", "text/csv")];
    let text = "手続名,オンライン,覚え書き\n転出届,○,特になし\n";
    let sent = app.send_bytes("POST", "imports", &headers, text.as_bytes());
    let columns = json!({ "手続名": "手続名", "オンライン": "オンライン", "覚え書き": "備考" });
    let body = json!({ "municipality": "082333", "columns": columns, "keep": "ours" });
    let told = app.write(&key, "POST", &format!("imports/{}/answers", sent.json()["id"]), "", Some(&body));
    assert_eq!(told.status, 200, "{}", told.text);
    let profile = app.call("GET", "profiles/ours", &headers[..1]).json();
    assert_eq!(profile["columns"], json!({ "覚え書き": "備考" }), "{profile:#}");
}

fn everyday_names_are_those_of_one_procedure(backend: &Backend) {
    let service = TestService::new(backend);
    for (name, id) in [
        ("児童手当の現況届", "kosodate-10"),
        ("犬の登録", "high-volume-22"),
        ("飼い犬の登録", "high-volume-22"),
        ("水道の開始", "high-volume-08"),
        ("水道開始届", "high-volume-08"),
        ("施設予約", "high-volume-02"),
        ("施設の予約", "high-volume-02"),
        ("粗大ごみ", "high-volume-14"),
        ("入札参加資格", "high-volume-17"),
        ("保育園の申し込み", "kosodate-12"),
        ("要介護認定の区分変更", "kaigo-03"),
        ("負担割合証の再交付", "kaigo-05"),
        ("図書館の予約", "high-volume-01"),
        ("不在者投票", "high-volume-19"),
    ] {
        applied(&service, &format!("手続名,オンライン\n{name},○\n"), &[TOWN]);
        assert!(line(&service, &[id]).contains("082333"), "{name}");
        service.take_everything_back();
    }
    // What may be several is asked, with all of them.
    for (name, ids) in [("児童手当の届出", &["kosodate-0"][..]), ("要介護認定", &["kaigo-0"])] {
        let report = refused(&service, &format!("手続名,オンライン\n{name},○\n"), &[TOWN]);
        let offered = choices(&report.questions[0]);
        let several = offered.iter().filter(|(_, value)| ids.iter().any(|id| value.contains(id))).count();
        assert!(several > 1, "{name} {offered:?}");
    }
}

fn a_table_of_channels_may_be_about_one_procedure(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,マイナポータル,LoGoフォーム,書かない窓口,備考\n行方市,○,×,○,来年改修\n鉾田市,×,○,×,\n";
    let report = refused(&service, text, &[]);
    let names = report.questions.iter().find(|question| question.parameter == "names");
    let names = names.unwrap_or_else(|| panic!("{report:#?}"));
    assert!(choices(names).contains(&("names", "表=kosodate-15")), "{names:?}");
    let said = [("names", "表=kosodate-15"), ("columns", "LoGoフォーム=eapp")];
    let report = applied(&service, text, &said);
    assert_eq!(report.counts.created, 6, "{report:#?}");
    assert!(line(&service, &["082333", "kosodate-15", ",mynaportal,", "来年改修"]).contains(",3,true"));
    assert!(line(&service, &["082341", "kosodate-15", ",eapp,"]).contains(",3,true"));
    service.take_everything_back();
    // What is left open goes on to be asked as a channel.
    let report = refused(&service, text, &said[..1]);
    assert!(choices(&report.questions[0]).contains(&("columns", "logoフォーム=eapp")), "{report:#?}");
    // The title suggests it.
    let report = refused(&service, &format!("転出届の受付状況,,,,\n{text}"), &[]);
    let names = report.questions.iter().find(|question| question.parameter == "names").unwrap();
    assert_eq!(names.suggestion.as_deref(), Some("表=tenshutsu-tennyu-01"), "{names:?}");
}

fn a_list_of_nothing_but_bodies_may_be_one_of_adopters(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "都道府県,団体名\n茨城県,行方市\n茨城県,鉾田市\n",
        "団体名,利用システム\n行方市,LoGoフォーム\n鉾田市,e-Tumo\n",
    ] {
        let report = refused(&service, text, &[]);
        let layout = report.questions.iter().find(|question| question.parameter == "layout");
        let layout = choices(layout.unwrap_or_else(|| panic!("{report:#?}")))[0];
        assert_eq!(layout, ("layout", "adopters"));
        let report = refused(&service, text, &[layout]);
        assert_eq!(codes(&report), ["missing_channel", "missing_level", "missing_procedure"], "{report:#?}");
        let said = [layout, ("channel", "eapp"), ("marks", "掲載=3+"), ("names", "一覧=kosodate-15")];
        let report = applied(&service, text, &said);
        assert_eq!(report.counts.created, 2, "{report:#?}");
        service.take_everything_back();
    }
}

fn marks_without_headings_are_counted_and_led_on(backend: &Backend) {
    let service = TestService::new(backend);
    for title in ["", "対応状況,,,\n", "①,②,③,④\n"] {
        let text = format!("{title}行方市,○,×,○\n鉾田市,○,○,×\n潮来市,×,×,○\n");
        let report = refused(&service, &text, &[ONLINE]);
        let message = &report.faults[0].message;
        assert!(message.contains("印が9か所（B列〜D列、"), "{message}");
        assert!(message.contains("見出し"), "{message}");
        assert_eq!(report.questions.len(), 4, "{report:#?}");
        assert_eq!(choices(&report.questions[0])[0], ("columns", "a列=municipality_name"), "{report:#?}");
        let said = [ONLINE, ("columns", "A列=団体名,B列=転出届,C列=妊娠の届出"), ("ignore", "D列")];
        let report = applied(&service, &text, &said);
        assert_eq!(report.counts.created, 6, "{report:#?}");
        service.take_everything_back();
    }
    // Headings that are nothing but numbers can be answered as they are.
    let text = "団体名,①,②\n行方市,○,×\n鉾田市,○,○\n";
    let report = applied(&service, text, &[ONLINE, ("columns", "①=転出届,②=妊娠の届出")]);
    assert_eq!(report.counts.created, 4, "{report:#?}");
}

fn marks_and_counts_of_one_table_are_read_in_turn(backend: &Backend) {
    let service = TestService::new(backend);
    let said = [TOWN, ONLINE, ("fiscal_year", "2024")];
    for (head, counts, created) in [
        ("手続名,対応状況,件数,オンライン件数", "件数=手続総件数", [2, 4]),
        ("手続名,オンライン,件数,オンライン件数", "件数=手続総件数", [2, 4]),
        ("手続名,オンライン,申請件数,電子申請件数", "", [4, 2]),
        ("手続名,対応状況,手続総件数,うちオンライン数", "", [4, 2]),
    ] {
        let text = format!("{head}\n転出届,○,120,30\n妊娠の届出,×,80,0\n");
        let report = refused(&service, &text, &said);
        assert_eq!(codes(&report), ["counts_beside_marks"], "{head} {report:#?}");
        assert_eq!(report.questions.len(), 1, "{report:#?}");
        let offered = choices(&report.questions[0]);
        let one = applied(&service, &text, &[&said[..], &offered[..1]].concat());
        // Of which kind 件数 are is asked.
        let other = applied(&service, &text, &[&said[..], &[offered[1], ("columns", counts)]].concat());
        assert_eq!([one.counts.created, other.counts.created], created, "{head} {other:#?}");
        assert!(other.notes.iter().any(|note| note.contains("今回は読みません")), "{:?}", other.notes);
        service.take_everything_back();
    }
}

fn an_earlier_state_is_not_that_of_today(backend: &Backend) {
    let service = TestService::new(backend);
    for (head, before, now) in [
        ("昨年度の状況,今年度の状況", "昨年度の状況", "今年度の状況"),
        ("前回,今回", "前回", "今回"),
        ("オンライン（昨年度）,オンライン（今年度）", "オンライン(昨年度)", "オンライン(今年度)"),
    ] {
        let text = format!("手続名,{head}\n転出届,×,○\n妊娠の届出,×,×\n");
        let report = refused(&service, &text, &[TOWN]);
        let about = |name: &str| report.questions.iter().find(|one| one.mark.contains(name)).unwrap();
        let earlier = about(&head.split(',').next().unwrap()[..6]);
        assert_eq!((choices(earlier)[0], earlier.suggestion.as_deref()), (("ignore", before), Some(before)));
        let now = format!("{now}=online");
        let report = applied(&service, &text, &[TOWN, ("columns", &now), ("ignore", before)]);
        assert_eq!(report.counts.created, 2, "{report:#?}");
        assert!(line(&service, &["転出届,online,"]).contains(",3,true"));
        service.take_everything_back();
        // The earlier one alone is of an earlier day.
        let earlier = format!("{before}=online");
        let ignored = now.split('=').next().unwrap();
        let report = refused(&service, &text, &[TOWN, ("columns", &earlier), ("ignore", ignored)]);
        let asked: Vec<&str> = report.questions.iter().map(|one| one.parameter.as_str()).collect();
        assert_eq!(asked, ["effective_on"], "{report:#?}");
        // Both are no two values of one channel.
        let both = format!("{earlier},{now}");
        let report = refused(&service, &text, &[TOWN, ("columns", &both)]);
        assert_eq!(codes(&report), ["duplicate_heading"], "{report:#?}");
        assert_eq!(report.questions[0].suggestion.as_deref(), Some(before), "{report:#?}");
    }
    // Nor of one procedure or field.
    let text = "団体名,転出届（昨年度）,転出届（今年度）\n行方市,×,○\n鉾田市,×,×\n";
    let report = refused(&service, text, &[ONLINE]);
    assert_eq!(codes(&report), ["duplicate_heading"], "{report:#?}");
    let question = &report.questions[0];
    assert_eq!(question.suggestion.as_deref(), Some("転出届(昨年度)"), "{question:#?}");
    let report = applied(&service, text, &[ONLINE, ("ignore", "転出届(昨年度)")]);
    assert_eq!(report.counts.created, 2, "{report:#?}");
    assert!(line(&service, &["082333", "転出届,online,"]).contains(",3,true"));
    let report = refused(&service, text, &[ONLINE, ("ignore", "転出届(今年度)")]);
    let asked: Vec<&str> = report.questions.iter().map(|one| one.parameter.as_str()).collect();
    assert_eq!(asked, ["effective_on"], "{report:#?}");
}

fn columns_of_products_are_not_lost(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,オンライン,何で\n転出届,○,LoGoフォーム\n妊娠の届出,○,県の申請システム\n";
    let report = refused(&service, text, &[TOWN]);
    let offered = choices(&report.questions[0]);
    assert_eq!(offered, [("columns", "何で=system"), ("columns", "何で=note"), ("ignore", "何で")]);
    applied(&service, text, &[TOWN, offered[0]]);
    assert!(line(&service, &["転出届,online,"]).contains(",LoGoフォーム,"), "{}", service.export());
    service.take_everything_back();
    // Where a table has no place for them, they are left out by word.
    let text = "団体名,転出届,妊娠の届出,何で\n行方市,○,×,ぴったりサービス\n鉾田市,○,○,LoGoフォーム\n";
    let report = refused(&service, text, &[ONLINE]);
    assert_eq!(
        (codes(&report), choices(&report.questions[0])[0]),
        (vec!["unread_column"], ("ignore", "何で"))
    );
    // A remark under another name is one.
    let text = "手続名,オンライン,特記\n転出届,○,本人のみ\n";
    applied(&service, text, &[TOWN]);
    assert!(line(&service, &["転出届,online,"]).contains("本人のみ"), "{}", service.export());
    service.take_everything_back();
    // Texts that nobody places are told in one line, with how they are taken in.
    let text = "手続名,オンライン,担当者の所感,庁内メモ欄その2\n転出届,○,よい取組,要確認です\n";
    let report = applied(&service, text, &[TOWN]);
    let told: Vec<&String> = report.notes.iter().filter(|note| note.contains("文章の列")).collect();
    assert!(told.len() == 1 && told[0].contains("担当者の所感、庁内メモ欄その2"), "{:?}", report.notes);
}

fn a_product_on_a_channel_that_is_not_its_own_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,状況\n転出届,ぴったりサービス\n妊娠の届出,○\n";
    let said = |channel| [("municipality", "082333"), ("marks", "ぴったりサービス=4"), ("channel", channel)];
    for (channel, expected) in
        [("eapp", &["product_of_other_channel"][..]), ("mynaportal", &[]), ("online", &[])]
    {
        let report = applied(&service, text, &said(channel));
        assert_eq!(warned(&report), expected, "{channel}{report:#?}");
        service.take_everything_back();
    }
    for (channel, system, expected) in [
        ("マイナポータル", "LoGoフォーム", &["product_of_other_channel"][..]),
        ("マイナポータル", "ぴったりサービス（LoGoフォーム連携）", &[]),
        ("電子申請", "LoGoフォーム", &[]),
        ("電子申請", "独自のもの", &[]),
    ] {
        let text = format!("手続名,{channel},システム\n転出届,○,{system}\n妊娠の届出,○,{system}\n");
        let report = applied(&service, &text, &[("municipality", "082333")]);
        assert_eq!(warned(&report), expected, "{system}{report:#?}");
        service.take_everything_back();
    }
}
