//! What marks and words in cells mean.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "36-emoji-marks.csv",
    "37-words-of-status.csv",
    "counter-triangle.csv",
    "double-circle-one-kind.csv",
    "double-circle-two-columns.csv",
    "form-cell-words.csv",
    "not-applicable-at-counter.csv",
];

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::reports::codes;

on_both! {
    circles_and_crosses_of_all_sorts_are_read_and_told;
    words_of_status_are_read_with_their_endings;
    words_in_a_long_table_are_marks_too;
    an_explained_word_is_stored_as_it_was_answered;
    a_triangle_at_a_counter_is_asked;
    what_double_circles_mean_is_told_by_column;
    names_of_levels_are_marks_and_two_marks_are_none;
    an_absence_at_a_counter_is_asked;
    what_stands_beside_a_mark_goes_where_it_belongs;
    what_could_turn_a_mark_is_asked;
    an_address_says_that_it_is_offered;
    all_dashes_are_one_question;
    a_dash_may_hang_on_the_other_channels;
    a_legend_is_offered_as_the_answer;
    one_answer_may_be_for_one_scale;
}

fn marks(report: &Report) -> Vec<(&str, &str)> {
    report.understood.iter().map(|one| (one.mark.as_str(), one.meaning.as_str())).collect()
}

fn asked(report: &Report) -> Vec<&str> {
    report.questions.iter().map(|question| question.mark.as_str()).collect()
}

fn values<'a>(report: &'a Report, mark: &str) -> Vec<&'a str> {
    let question = report.questions.iter().find(|question| question.mark == mark);
    let question = question.unwrap_or_else(|| panic!("{mark}: {:#?}", report.questions));
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

/// Whether the export has a row with this procedure, channel and what follows from the level on.
fn stated(service: &TestService, procedure: &str, channel: &str, from_level: &str) -> bool {
    let export = service.export();
    let found = export.lines().any(|line| {
        line.contains(&format!(",{procedure},")) && line.contains(&format!(",{channel},,,{from_level}"))
    });
    if !found {
        eprintln!("{procedure} {channel} {from_level} in\n{export}");
    }
    found
}

fn circles_and_crosses_of_all_sorts_are_read_and_told(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("36-emoji-marks.csv", &[("channel", "online")]);
    // The empty box is the only thing that nobody can know.
    assert_eq!((report.status, codes(&report)), (Status::Refused, vec!["unknown_mark"]));
    assert_eq!(asked(&report), ["☐"]);
    for note in
        ["「O」「⚪」「⭕」を「○」と読みました（3か所）。", "「X」「✖」「❌」を「×」と読みました（3か所）。"]
    {
        assert!(report.notes.iter().any(|told| told == note), "{note} in {:?}", report.notes);
    }
    assert!(
        report.notes.iter().any(|note| note.contains("を「✓」と読みました（4か所）")),
        "{:?}",
        report.notes
    );
    let answered = [("channel", "online"), ("marks", "☐=未対応")];
    let report = service.send_case("36-emoji-marks.csv", &answered);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 12), "{:#?}", report.faults);
    assert!(stated(&service, "kosodate-15", "online", "3,true"));
    assert!(stated(&service, "tenshutsu-tennyu-01", "online", "0,false"));
}

fn words_of_status_are_read_with_their_endings(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("37-words-of-status.csv", &[("channel", "オンライン")]);
    assert_eq!((report.status, codes(&report)), (Status::Refused, vec!["unknown_mark"]));
    // It says no plan and no word of the level.
    assert_eq!(asked(&report), ["実施予定なし"]);
    assert!(values(&report, "実施予定なし").contains(&"実施予定なし=0"));
    let answered = [("channel", "online"), ("marks", "実施予定なし=0")];
    let report = service.send_case("37-words-of-status.csv", &answered);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 12), "{:#?}", report.faults);
    for (mark, meaning) in [
        ("対応済み", "オンライン可（範囲未確認）"),
        ("無し", "段階0（未対応）"),
        ("1 実施済", "オンライン可（範囲未確認）"),
        ("2 未実施", "段階0（未対応）"),
        ("一部実施済", "段階3（一部オンライン）"),
        ("実施予定なし", "段階0（未対応）"),
    ] {
        assert!(marks(&report).contains(&(mark, meaning)), "{mark} in {:?}", marks(&report));
    }
    assert!(report.notes.iter().any(|note| note.contains("言葉の前の番号")), "{:?}", report.notes);
    // More of the kind.
    for (cell, level) in [
        ("①済", "3,true"),
        ("１：実施済み", "3,true"),
        ("(2) 未対応", "0,false"),
        ("稼働中", "3,true"),
        ("できない", "0,false"),
        ("導入済み", "3,true"),
        ("実施 済", "3,true"),
        ("済。", "3,true"),
        ("Yes", "3,true"),
    ] {
        let text = format!("団体コード,手続ID,オンライン\n082333,kosodate-02,{cell}\n");
        let report = service.send("w.csv", text.as_bytes(), &[]);
        assert_eq!(codes(&report), [""; 0], "{cell}");
        assert!(stated(&service, "kosodate-02", "online", level), "{cell}");
    }
}

fn words_in_a_long_table_are_marks_too(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("39-status-words-long.csv", &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{:#?}", report.faults);
    assert!(stated(&service, "kosodate-15", "online", "3,true"));
    assert!(stated(&service, "kosodate-10", "online", "0,false"));
    assert!(stated(&service, "kosodate-01", "online", "3,true"));
    for told in [("対応済", "オンライン可（範囲未確認）"), ("未対応", "段階0（未対応）")]
    {
        assert!(marks(&report).contains(&told), "{:?}", marks(&report));
    }
    // The scale is that of the row's channel.
    let head = "団体コード,手続ID,接点,段階,備考,適用日\n";
    let rows = [
        ("本庁窓口", "端末入力", "2,false"),
        ("本庁窓口", "書かない", "3,false"),
        ("本庁窓口", "連携", "4,false"),
        ("オンライン", "予約", "2,false"),
        ("オンライン", "○", "3,true"),
        ("オンライン", "4 オンライン申請可", "4,false"),
        ("オンライン", "3.0", "3,false"),
        ("オンライン", "レベル5", "5,false"),
    ];
    for (channel, cell, level) in rows {
        let text = format!("{head}082341,kosodate-03,{channel},{cell},,\n");
        let report = service.send("l.csv", text.as_bytes(), &[]);
        assert_eq!(codes(&report), [""; 0], "{cell}");
        let id = if channel == "オンライン" { "online" } else { "counter" };
        assert!(stated(&service, "kosodate-03", id, level), "{cell}");
    }
    // What stands beside a mark goes where it belongs here too, and nothing is lost.
    let text = format!(
        "{head}082341,kosodate-04,オンライン,○（本人に限る）,LINE連携,\n082341,kosodate-05,オンライン,未（R9.4予定）,,\n082341,kosodate-06,オンライン,対象外,,\n082341,kosodate-07,オンライン,○(R6.4～),,\n"
    );
    let report = service.send("l.csv", text.as_bytes(), &[]);
    assert_eq!(codes(&report), [""; 0]);
    let export = service.export();
    assert!(export.contains("本人に限る、LINE連携"), "{export}");
    assert!(stated(&service, "kosodate-05", "online", "0,false,live,3,2027-04-30,month"));
    assert!(
        export.contains(",kosodate-06,未支払の児童手当等の請求,") || export.contains(",not_applicable,"),
        "{export}"
    );
    assert!(export.contains("2024-04-30,month"), "{export}");
    // 対象外 in the row of a counter speaks of that counter or of the procedure.
    let text = format!("{head}082341,kosodate-08,本庁窓口,対象外,,\n082341,kosodate-09,本庁窓口,一部,,\n");
    let report = service.send("l.csv", text.as_bytes(), &[]);
    assert_eq!(asked(&report), ["一部", "対象外"]);
    // Nothing but 0 and 1 under a heading that does not speak of levels.
    let text =
        "団体コード,手続ID,接点,対応状況\n082341,kosodate-08,オンライン,1\n082341,kosodate-09,オンライン,0\n";
    let report = service.send("l.csv", text.as_bytes(), &[]);
    assert_eq!((codes(&report), asked(&report)), (vec!["binary_column"; 2], vec!["0/1"]));
    let report = service.send("l.csv", text.as_bytes(), &[("binary", "印")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "kosodate-08", "online", "3,true"));
}

fn an_explained_word_is_stored_as_it_was_answered(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,オンライン\n082333,kosodate-01,◇\n082333,kosodate-02,独自\n";
    let report = service.send("w.csv", text.as_bytes(), &[]);
    assert_eq!(asked(&report), ["◇", "独自"]);
    // Every level of the scale is offered, and all that is no level.
    let offered = values(&report, "◇");
    for answer in
        ["0", "1", "2", "3", "4", "5", "3+", "not_applicable", "other_body", "planned", "note", "nothing"]
    {
        assert!(offered.contains(&format!("◇={answer}").as_str()), "{answer} in {offered:?}");
    }
    let labels: Vec<&str> = report.questions[0].choices.iter().map(|choice| choice.label.as_str()).collect();
    assert!(labels.contains(&"段階2（事前入力・予約（来庁要））"), "{labels:?}");
    let report = service.send("w.csv", text.as_bytes(), &[("marks", "◇=全部,独自=備考だけ")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "kosodate-01", "online", "4,false"));
    // Each of the answers that are offered is taken.
    for value in offered {
        let marks = format!("{value},独自=変えない");
        let report = service.send("w.csv", text.as_bytes(), &[("marks", &marks)]);
        assert_eq!(report.fault_count, 0, "{value}: {:#?}", report.faults);
        service.take_everything_back();
    }
}

fn a_triangle_at_a_counter_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("counter-triangle.csv", &[]);
    assert_eq!((codes(&report), asked(&report)), (vec!["unknown_mark"], vec!["△"]));
    let labels: Vec<&str> = report.questions[0].choices.iter().map(|choice| choice.label.as_str()).collect();
    for label in ["段階1（記載支援）", "段階2（端末入力）", "段階3（書かない）", "段階3以上（書かない以上）"]
    {
        assert!(labels.contains(&label), "{labels:?}");
    }
    let report = service.send_case("counter-triangle.csv", &[("marks", "△=端末入力")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "kosodate-04", "counter", "2,false"));
    for cell in ["一部", "▲", "一部実施", "○（一部）", "一部の窓口"] {
        let text = format!("団体コード,手続ID,本庁窓口\n082341,kosodate-05,{cell}\n");
        let report = service.send("t.csv", text.as_bytes(), &[]);
        assert_eq!(codes(&report), ["unknown_mark"], "{cell}");
    }
}

fn what_double_circles_mean_is_told_by_column(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("double-circle-two-columns.csv", &[]);
    assert_eq!(report.counts.created, 3, "{:#?}", report.faults);
    let told: Vec<(&str, &str, usize)> = report
        .understood
        .iter()
        .filter(|one| one.mark == "◎")
        .map(|one| (one.headings[0].as_str(), one.meaning.as_str(), one.count))
        .collect();
    assert_eq!(
        told,
        [
            ("汎用電子申請", "オンライン可（範囲未確認）", 1),
            ("マイナポータル（ぴったりサービス）", "段階4（オンライン申請可）", 1),
        ]
    );
    assert!(stated(&service, "kosodate-07", "mynaportal", "4,false"));
    assert!(stated(&service, "kosodate-08", "eapp", "3,true"));
    let summary = todoke::cli::report::summary(&report);
    assert!(summary.contains("◎（汎用電子申請） → オンライン可（範囲未確認）: 1件"), "{summary}");
    let report = service.send_case("double-circle-one-kind.csv", &[]);
    assert!(marks(&report).contains(&("◎", "オンライン可（範囲未確認）")), "{:?}", marks(&report));
    assert!(stated(&service, "kosodate-06", "mynaportal", "3,true"));
}

fn names_of_levels_are_marks_and_two_marks_are_none(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("form-cell-words.csv", &[]);
    let open: Vec<(u32, &str)> =
        report.faults.iter().map(|fault| (fault.line.unwrap(), fault.code.as_str())).collect();
    assert_eq!(
        open,
        [
            (8, "day_without_mark"),
            (9, "two_marks"),
            (12, "unknown_mark"),
            (12, "unknown_mark"),
            (13, "day_without_mark"),
        ],
        "{:#?}",
        report.faults
    );
    let text = String::from_utf8(super::file("form-cell-words.csv")).unwrap().replace("○×", "○");
    let answers = [("marks", "日付=その日から,廃止予定=備考だけ,一部=記載支援")];
    let refused =
        serde_json::from_value::<todoke::import::options::Asked>(serde_json::json!({"marks": answers[0].1}))
            .map(|asked| service.service.options(&crate::app::operator(), &asked).unwrap())
            .unwrap();
    assert!(refused.is_err(), "その日から is no meaning");
    let answers = [("marks", "日付=3以上,廃止予定=備考だけ,窓口:一部=記載支援")];
    let report = service.send("f.csv", text.as_bytes(), &answers);
    assert_eq!(report.fault_count, 0, "{:#?}", report.faults);
    for (procedure, channel, rest) in [
        ("kosodate-04", "online", "3,false"),
        ("kosodate-05", "online", "4,false"),
        ("kosodate-06", "online", "3,false"),
        ("kosodate-07", "online", "4,false"),
        ("kosodate-08", "online", "3,false"),
        ("kosodate-09", "online", "3,true"),
        ("kosodate-10", "online", "3,true"),
        ("kosodate-12", "online", "4,false"),
        ("kosodate-12", "counter", "3,false"),
        ("kosodate-13", "online", "3,true"),
        ("kosodate-13", "counter", "4,false"),
        ("kosodate-14", "counter", "1,false"),
        ("kosodate-15", "counter", "2,false"),
    ] {
        assert!(stated(&service, procedure, channel, rest));
    }
    let export = service.export();
    let line = |procedure: &str| export.lines().find(|line| line.contains(procedure)).unwrap_or_default();
    assert!(line(",kosodate-09,").contains("2025-04-30,month"), "{export}");
    assert!(line(",kosodate-10,").contains("2025-04-01,day"), "{export}");
    // A number and the name of another level.
    for cell in ["4 一部オンライン", "2：完結", "段階3 予約", "3（オンライン申請可）"]
    {
        let text = format!("団体コード,手続ID,オンライン\n082341,kosodate-01,{cell}\n");
        let report = service.send("d.csv", text.as_bytes(), &[]);
        assert_eq!((codes(&report), report.questions.len()), (vec!["contradiction"], 0), "{cell}");
    }
    for cell in ["○×", "○/×", "○・△", "× ○", "◎○"] {
        let text = format!("団体コード,手続ID,オンライン\n082341,kosodate-01,{cell}\n");
        let report = service.send("d.csv", text.as_bytes(), &[]);
        assert_eq!((codes(&report), report.questions.len()), (vec!["two_marks"], 0), "{cell}");
    }
    for cell in ["0+", "0以上", "段階0以上"] {
        let text = format!("団体コード,手続ID,オンライン\n082341,kosodate-01,{cell}\n");
        assert_eq!(codes(&service.send("d.csv", text.as_bytes(), &[])), ["at_least_zero"], "{cell}");
        let text = format!("団体コード,手続ID,接点,段階\n082341,kosodate-01,online,{cell}\n");
        assert_eq!(codes(&service.send("d.csv", text.as_bytes(), &[])), ["at_least_zero"], "{cell}");
    }
}

fn an_absence_at_a_counter_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    let channel = ("channel", "counter");
    let report = service.send_case("not-applicable-at-counter.csv", &[channel]);
    assert_eq!((codes(&report), asked(&report)), (vec!["ambiguous_mark"], vec!["対象外"]));
    let question = &report.questions[0];
    assert_eq!(
        question.question,
        "「対象外」は、この窓口だけのことですか、手続そのもの（制度なし・該当なし）のことですか"
    );
    let labels: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels[0], "この窓口だけ: 段階0（紙に手書き）");
    assert_eq!((labels[1], labels.len()), ("手続そのもの: 制度なし・該当なし", 12), "{labels:?}");
    // One line names what fits, and how many there are besides.
    let line = todoke::cli::report::question_line(question);
    assert!(line.contains("--marks '対象外=not_applicable' 手続そのもの"), "{line}");
    assert!(line.chars().count() < 300 && line.ends_with("通り（--json）"), "{line}");
    let report = service.send_case("not-applicable-at-counter.csv", &[channel, ("marks", "対象外=0")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "hisaisha-01", "counter", "0,false"));
    service.take_everything_back();
    let report = service.send_case("not-applicable-at-counter.csv", &[channel, ("marks", "対象外=制度なし")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(service.export().contains("not_applicable"));
    service.take_everything_back();
    // The same in a form of counters; with an online column the word speaks of the procedure.
    for (text, open) in [
        ("団体コード,手続ID,本庁窓口\n082333,kosodate-01,該当なし\n", 1),
        ("団体コード,手続ID,本庁窓口,支所\n082333,kosodate-01,制度なし,\n", 1),
        ("団体コード,手続ID,オンライン,本庁窓口\n082333,kosodate-01,対象外,対象外\n", 0),
    ] {
        let report = service.send("f.csv", text.as_bytes(), &[]);
        assert_eq!(report.questions.len(), open, "{text}");
    }
}

fn what_stands_beside_a_mark_goes_where_it_belongs(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続ID,手続名,オンライン\n\
                kosodate-01,,○※1\n\
                kosodate-02,,○（一部）\n\
                kosodate-03,,○(R6.4～)\n\
                kosodate-04,,×（R8予定）\n\
                kosodate-05,,済 R5.10～\n\
                kosodate-06,,○（ＬｏＧｏフォーム）\n\
                kosodate-07,,○※2\n\
                kosodate-08,,対象外（県の事務）\n\
                kosodate-09,,未実施（検討中）\n\
                kosodate-10,,R5.10から実施\n\
                kosodate-11,,○（一部、R6.4～）\n\
                kosodate-12,,予定（R9.4）\n\
                ※1 本人申請に限る,,\n";
    let report = service.send("b.csv", text.as_bytes(), &[("municipality", "082333")]);
    assert_eq!(codes(&report), [""; 0], "{:#?}", report.faults);
    let export = service.export();
    let line = |procedure: &str| export.lines().find(|line| line.contains(procedure)).unwrap_or_default();
    for (procedure, parts) in [
        (",kosodate-01,", vec![",3,true,", "本人申請に限る"]),
        (",kosodate-02,", vec![",3,false,"]),
        (",kosodate-03,", vec![",3,true,", "2024-04-30,month"]),
        (",kosodate-04,", vec![",0,false,live,3,2026-12-31,month"]),
        (",kosodate-05,", vec![",3,true,", "2023-10-31,month"]),
        // As it was written, not as it was compared.
        (",kosodate-06,", vec![",3,true,", "ＬｏＧｏフォーム"]),
        (",kosodate-07,", vec![",3,true,", "※2"]),
        (",kosodate-08,", vec!["not_applicable,県の事務"]),
        (",kosodate-09,", vec![",0,false,", "検討中"]),
        (",kosodate-10,", vec![",3,true,", "2023-10-31,month"]),
        (",kosodate-11,", vec![",3,false,", "2024-04-30,month"]),
        (",kosodate-12,", vec![",0,false,live,3,2027-04-30,month"]),
    ] {
        for part in parts {
            assert!(line(procedure).contains(part), "{procedure} {part} in {}", line(procedure));
        }
    }
    assert!(
        marks(&report).contains(&("○※1", "オンライン可（範囲未確認）、備考「本人申請に限る」")),
        "{:?}",
        marks(&report)
    );
}

fn what_could_turn_a_mark_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in [
        "○（来庁要）",
        "○（R9予定）",
        "○（R5.3まで）",
        "○（廃止）",
        "○（未）",
        "×（R8.4～）",
        "×（制度なし）",
        "×（一部対応）",
        "◎（一部）",
        "○（準備中）",
        "○ 窓口のみ",
        "不明（確認中）",
        "廃止予定",
        "実施予定なし",
        "実施済み？",
        "☐",
        "true",
        "R8予定なし",
    ] {
        let text = format!("団体コード,手続ID,オンライン\n082333,kosodate-01,{cell}\n");
        let report = service.send("b.csv", text.as_bytes(), &[]);
        assert_eq!((codes(&report), report.questions.len()), (vec!["unknown_mark"], 1), "{cell}");
        // And the whole cell can be explained.
        let marks = format!("{cell}=2");
        let report = service.send("b.csv", text.as_bytes(), &[("marks", &marks)]);
        assert_eq!(codes(&report), [""; 0], "{cell}");
        assert!(stated(&service, "kosodate-01", "online", "2,false"), "{cell}");
    }
}

fn an_address_says_that_it_is_offered(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,電子申請\n\
                082333,kosodate-01,https://form.example.jp/123\n\
                082333,kosodate-02,○ https://form.example.jp/124\n\
                082333,kosodate-03,\n";
    let report = service.send("u.csv", text.as_bytes(), &[]);
    assert_eq!((codes(&report), report.counts.created), (vec![], 2), "{:#?}", report.faults);
    let export = service.export();
    for address in ["https://form.example.jp/123", "https://form.example.jp/124"] {
        let line = export.lines().find(|line| line.contains(address)).unwrap_or_default();
        assert!(line.contains(",eapp,,,3,true,"), "{export}");
    }
    // The level of all of them can be said in one word.
    let report = service.send("u.csv", text.as_bytes(), &[("marks", "URL=様式")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "kosodate-01", "eapp", "1,false"));
    // At a counter it is not plain what an address says: one question for all of them.
    let text = "団体コード,手続ID,本庁窓口\n082333,kosodate-01,https://a.example.jp/1\n082333,kosodate-02,https://a.example.jp/2\n";
    let report = service.send("u.csv", text.as_bytes(), &[]);
    assert_eq!((codes(&report), asked(&report)), (vec!["address_without_mark"; 2], vec!["URL"]));
    let text = "団体コード,手続ID,電子申請\n082333,kosodate-01,www.example.jp/1\n";
    assert_eq!(codes(&service.send("u.csv", text.as_bytes(), &[])), ["url_format"]);
}

fn all_dashes_are_one_question(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,オンライン\n082333,kosodate-01,ー\n082333,kosodate-02,－\n082333,kosodate-03,―\n082333,kosodate-04,--\n";
    let report = service.send("d.csv", text.as_bytes(), &[]);
    assert_eq!((codes(&report), asked(&report)), (vec!["ambiguous_mark"; 4], vec!["ー"]));
    assert_eq!(
        (report.questions[0].count, report.questions[0].question.as_str()),
        (4, "「ー」「-」「―」「--」は何を意味しますか")
    );
    let report = service.send("d.csv", text.as_bytes(), &[("marks", "ー=制度なし")]);
    assert_eq!((codes(&report), report.counts.created), (vec![], 4));
    // One channel has no others to hang on.
    let report = service.send("d.csv", text.as_bytes(), &[("marks", "ー=elsewhere")]);
    assert_eq!(codes(&report), ["no_other_channel"; 4]);
}

fn a_dash_may_hang_on_the_other_channels(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,マイナポータル,汎用電子申請,本庁窓口\n\
                082333,kosodate-01,○,ー,書かない\n\
                082333,kosodate-02,ー,ー,ー\n\
                082333,kosodate-03,ー,,×\n";
    let report = service.send("h.csv", text.as_bytes(), &[]);
    let question = &report.questions[0];
    let hanging = question.choices.iter().find(|choice| choice.value == "ー=elsewhere").unwrap();
    assert_eq!(hanging.label, "ほかの接点に印があればこの手段なし（段階0）、なければ制度なし");
    let report = service.send("h.csv", text.as_bytes(), &[("marks", "ー=ほかの接点による")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "kosodate-01", "eapp", "0,false"));
    assert!(stated(&service, "kosodate-03", "mynaportal", "0,false"));
    let absent: Vec<String> =
        service.export().lines().filter(|line| line.contains("not_applicable")).map(str::to_owned).collect();
    assert_eq!(absent.len(), 1, "{absent:?}");
    let told: Vec<(&str, usize)> = report
        .understood
        .iter()
        .filter(|one| one.mark == "ー")
        .map(|one| (one.meaning.as_str(), one.count))
        .collect();
    assert_eq!(
        told,
        [
            ("この手段なし（段階0、ほかの接点に印がある行）", 2),
            ("制度なし・該当なし（ほかの接点に印がない行）", 3),
        ]
    );
    // The same where the channels stand above the procedures.
    let wide = ",,オンライン,本庁窓口\n団体コード,団体名,妊娠の届出,妊娠の届出\n082341,鉾田市,ー,○\n082325,神栖市,ー,ー\n";
    let report = service.send("w.csv", wide.as_bytes(), &[("marks", "ー=elsewhere")]);
    assert_eq!(
        (report.layout.as_deref(), codes(&report)),
        (Some("wide-municipalities"), vec![]),
        "{report:#?}"
    );
    let export = service.export();
    assert!(export.contains("082341,鉾田市,kosodate-15,妊娠の届出,online,,,0,false"), "{export}");
    assert!(export.contains("082325,神栖市,kosodate-15,妊娠の届出,,not_applicable,"), "{export}");
}

fn a_legend_is_offered_as_the_answer(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "凡例：○＝対応済み、△＝実施予定、×＝未対応、－＝制度なし,,\n団体コード,手続ID,オンライン\n082333,kosodate-01,－\n082333,kosodate-02,△\n082333,kosodate-03,○\n";
    let report = service.send("l.csv", text.as_bytes(), &[]);
    // △ is asked too: the file says something else of it than is usual.
    assert_eq!(codes(&report), ["ambiguous_mark"; 2]);
    let offered: Vec<(&str, Option<&str>)> = report
        .questions
        .iter()
        .map(|question| (question.mark.as_str(), question.suggestion.as_deref()))
        .collect();
    assert_eq!(offered, [("△", Some("△=planned")), ("ー", Some("ー=not_applicable"))]);
    assert!(report.questions[1].question.contains("凡例では「制度なし」"), "{:?}", report.questions[1]);
    let report = service.send("l.csv", text.as_bytes(), &[("marks", "△=予定,ー=制度なし")]);
    assert_eq!((codes(&report), report.counts.created), (vec![], 3));
}

fn one_answer_may_be_for_one_scale(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続ID,オンライン,本庁窓口\n082333,kosodate-01,△,△\n";
    let report = service.send("s.csv", text.as_bytes(), &[]);
    assert_eq!(codes(&report), ["unknown_mark"]);
    // △ online keeps its meaning, so the answer is for the counter alone.
    let offered = values(&report, "△");
    assert!(offered.contains(&"窓口:△=2"), "{offered:?}");
    let report = service.send("s.csv", text.as_bytes(), &[("marks", "窓口:△=2")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stated(&service, "kosodate-01", "online", "3,false"));
    assert!(stated(&service, "kosodate-01", "counter", "2,false"));
}
