//! What towns mean by what stands in their cells: legends of their own, times beside marks, plans, words
//! of columns, and numbers that nobody counted.

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::reports::codes;

on_both! {
    numbers_with_a_legend_are_no_levels;
    a_mark_is_asked_where_its_legend_says_otherwise;
    what_is_so_at_another_time_is_asked;
    a_year_alone_is_told_beside_a_mark_too;
    a_plan_leaves_the_published_level_as_it_is;
    nothing_of_a_procedure_is_ended_by_a_counter_without_asking;
    an_answer_for_counters_is_for_them_alone;
    an_answer_without_a_scale_is_for_every_column;
    what_ends_is_the_way_or_the_procedure;
    a_column_of_counts_is_asked_about_once;
    a_dash_for_whether_it_is_performed_is_answered;
    a_state_is_read_beside_a_level_and_for_one_that_is_known;
    a_number_before_a_plan_or_a_state_is_its_level;
    a_title_of_plans_is_asked_about_once;
    plans_and_states_are_read_in_words;
    a_column_of_applicability_is_read_in_words;
    forecasts_are_no_counts;
    a_dash_is_no_count;
}

const M: (&str, &str) = ("municipality", "082333");

/// The chosen answers, in order of the marks.
fn suggested(report: &Report) -> Vec<&str> {
    report.questions.iter().map(|question| question.suggestion.as_deref().unwrap_or("-")).collect()
}

/// What is stored of a procedure on a channel, from the level on.
fn stored(service: &TestService, procedure: &str, channel: &str) -> String {
    let start = format!(",{channel},,,");
    let export = service.export();
    let line = export.lines().find(|line| line.contains(&format!(",{procedure},")) && line.contains(&start));
    line.and_then(|line| line.split_once(&start)).map_or_else(String::new, |(_, rest)| rest.to_owned())
}

fn told(report: &Report, words: &str) {
    let warned = report.warnings.iter().any(|warning| warning.message.contains(words));
    assert!(warned, "{words} in {:#?}", report.warnings);
}

fn numbers_with_a_legend_are_no_levels(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "手続ID,電子申請\nkosodate-01,1\nkosodate-02,1\nkosodate-03,2\nkosodate-04,3\n";
    for (above, below) in [
        ("凡例 1：対応済 2：対応予定 3：未対応\n", ""),
        ("1=対応済 2=対応予定 3=未対応,\n", ""),
        ("区分：①対応済 ②対応予定 ③未対応\n", ""),
        ("", "※1…対応済、2…対応予定、3…未対応,\n"),
        ("", "注）1は対応済、2は対応予定、3は未対応を示す。,\n"),
        ("", "（1：対応済 2：対応予定 3：未対応）,\n"),
    ] {
        let text = format!("{above}{rows}{below}");
        let report = service.send("codes.csv", text.as_bytes(), &[M]);
        assert_eq!(report.status, Status::Refused, "{text}");
        assert_eq!(suggested(&report), ["1=3+", "2=planned", "3=0"], "{text} {:#?}", report.questions);
        assert!(
            report.questions[0].question.contains("凡例では「対応済」"),
            "{}",
            report.questions[0].question
        );
    }
    let text = format!("{rows}（1：対応済 2：対応予定 3：未対応）,\n");
    let report = service.send("codes.csv", text.as_bytes(), &[M, ("marks", "1=3+,2=planned,3=0")]);
    assert_eq!((codes(&report), report.counts.created), (vec![""; 0], 4), "{:#?}", report.faults);
    assert!(stored(&service, "kosodate-01", "eapp").starts_with("3,true"));
    assert!(stored(&service, "kosodate-04", "eapp").starts_with("0,false"));
    // A column of 0 and 1 that the file explains is not asked about once more; a number without an
    // explanation is asked about too.
    let text = "凡例：1＝対応済　0＝未対応\n手続ID,電子申請\nkosodate-01,1\nkosodate-02,0\n";
    assert_eq!(suggested(&service.send("flags.csv", text.as_bytes(), &[M])), ["1=3+"]);
    let text = "凡例：1＝対応済　2＝未対応\n手続ID,電子申請\nkosodate-01,1\nkosodate-02,4\n";
    assert_eq!(suggested(&service.send("more.csv", text.as_bytes(), &[M])), ["1=3+", "-"]);
    // The levels themselves, explained, are levels.
    let text = "0：未対応 1：案内・様式のみ 2：事前入力・予約（来庁要） 4：オンライン申請可\n手続ID,電子申請\nkosodate-05,4\nkosodate-06,2\n";
    assert_eq!(codes(&service.send("levels.csv", text.as_bytes(), &[M])), [""; 0]);
}

fn a_mark_is_asked_where_its_legend_says_otherwise(backend: &Backend) {
    let service = TestService::new(backend);
    for (text, expected) in [
        (
            "凡例：◎＝すべてオンライン、○＝一部オンライン、×＝未対応\n手続ID,電子申請\nkosodate-01,◎\nkosodate-02,○\nkosodate-03,×\n",
            vec!["○=3"],
        ),
        (
            "手続ID,本庁窓口\nkosodate-01,○\nkosodate-02,◎\nkosodate-03,×\n※ ○：申請書の記載支援あり ◎：書かずに完結,\n",
            vec!["○=1", "◎=3"],
        ),
        (
            "凡例 ◎：マイナポータルで申請可　○：県の電子申請で申請可\n手続ID,電子申請\nkosodate-01,◎\nkosodate-02,○\n",
            vec!["◎=3+"],
        ),
        (
            "手続ID,電子申請\nkosodate-01,○\nkosodate-02,△\nkosodate-03,×\n○＝窓口で受付 △＝郵送可 ×＝オンライン可,\n",
            vec!["-", "-", "×=3+"],
        ),
        (
            "※ A：実施済　B：予定　C：未定\n手続ID,電子申請\nkosodate-01,A\nkosodate-02,B\nkosodate-03,C\n",
            vec!["A=3+", "B=planned", "C=note"],
        ),
    ] {
        let report = service.send("legend.csv", text.as_bytes(), &[M]);
        assert_eq!(report.status, Status::Refused, "{text}");
        let mut found = suggested(&report);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{text} {:#?}", report.questions);
    }
    // What the legend says as everybody does needs no answer.
    let text = "凡例：○＝対応済、△＝一部、×＝未対応\n手続ID,電子申請\nkosodate-01,○\nkosodate-02,△\nkosodate-03,○（一部）\n";
    assert_eq!(codes(&service.send("usual.csv", text.as_bytes(), &[M])), [""; 0]);
}

fn what_is_so_at_another_time_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in [
        "○（R30～）",
        "○（2048年～）",
        "○（令和30年から）",
        "○ R30",
        "○（来年度から）",
        "○（4月から）",
        "○（R5.4～R6.3）",
    ] {
        let text = format!("手続ID,電子申請\nkosodate-01,{cell}\n");
        let report = service.send("time.csv", text.as_bytes(), &[M]);
        assert_eq!((codes(&report), report.questions.len()), (vec!["unknown_mark"], 1), "{cell}");
    }
    let text = "手続ID,電子申請\nkosodate-01,○（R5～）\nkosodate-02,○（R30.4～）\nkosodate-03,○※R5.4から\n";
    let report = service.send("time.csv", text.as_bytes(), &[M]);
    assert_eq!(codes(&report), [""; 0]);
    told(&report, "2048年4月 はまだ来ていません");
    assert!(stored(&service, "kosodate-03", "eapp").contains("2023-04-30,month"));
}

fn a_year_alone_is_told_beside_a_mark_too(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続ID,電子申請\nkosodate-01,未（R30予定）\nkosodate-02,R30実施予定\nkosodate-03,R30.4予定\n";
    let report = service.send("year.csv", text.as_bytes(), &[M]);
    let told: Vec<Option<u32>> =
        report.warnings.iter().filter(|one| one.code == "date_year_only").map(|one| one.line).collect();
    assert_eq!(told, [Some(2), Some(3)], "{:#?}", report.warnings);
    assert!(stored(&service, "kosodate-01", "eapp").starts_with("0,false,live,3,2048-12-31,month"));
    let text = "手続ID,電子申請,目標段階,目標時期\nkosodate-04,2,4,R30.4～\nkosodate-05,2,4,2048/10開始\nkosodate-06,2,4,R30.4年4月\n";
    let report = service.send("month.csv", text.as_bytes(), &[M]);
    assert_eq!(codes(&report), ["date_format"]);
    let report = service.send("month.csv", text.replace("R30.4年4月", "R30-4").as_bytes(), &[M]);
    assert_eq!((codes(&report), report.warnings.len()), (vec![""; 0], 0), "{:#?}", report.warnings);
    for procedure in ["kosodate-04", "kosodate-06"] {
        assert!(stored(&service, procedure, "eapp").starts_with("2,false,live,4,2048-04-30,month"));
    }
    assert!(stored(&service, "kosodate-05", "eapp").starts_with("2,false,live,4,2048-10-31,month"));
}

fn a_plan_leaves_the_published_level_as_it_is(backend: &Backend) {
    let service = TestService::new(backend);
    let published = "団体コード,手続ID,接点,段階,根拠\n082333,kosodate-01,online,3+,published\n082333,kosodate-02,mynaportal,3+,published\n";
    assert_eq!(codes(&service.send("p.csv", published.as_bytes(), &[])), [""; 0]);
    let text = "団体コード,kosodate-01,kosodate-02,kosodate-03\n082333,R30.4予定,準備中,予定\n";
    let report = service.send("plan.csv", text.as_bytes(), &[("channel", "online")]);
    assert_eq!((codes(&report), report.counts.lowered), (vec![""; 0], 0), "{:#?}", report.warnings);
    told(&report, "段階は今の国公表値（3以上）のままとし、目標だけを加えます");
    told(&report, "この接点の今の段階が書かれていないため、段階0（未対応）と目標として記録します");
    let export = service.export();
    for (procedure, says) in [
        ("kosodate-01", ",online,,,3,true,live,3,2048-04-30,month,"),
        ("kosodate-02", ",online,,,3,true,live,3,"),
        ("kosodate-03", ",online,,,0,false,live,3,"),
    ] {
        let own = |line: &&str| line.contains(&format!(",{procedure},")) && line.contains("declared");
        assert!(export.lines().find(own).unwrap().contains(says), "{procedure} {export}");
    }
}

fn nothing_of_a_procedure_is_ended_by_a_counter_without_asking(backend: &Backend) {
    let service = TestService::new(backend);
    for (cell, whole) in [
        ("廃止", "abolished"),
        ("組合", "other_body"),
        ("県", "other_body"),
        ("制度なし", "not_applicable"),
        ("廃止（R6.4.1）", "abolished"),
    ] {
        let text = format!("手続ID,コンビニ交付\nkosodate-01,{cell}\n");
        let report = service.send("counter.csv", text.as_bytes(), &[M]);
        assert_eq!((report.status, report.questions.len()), (Status::Refused, 1), "{cell}");
        let choices: Vec<&str> =
            report.questions[0].choices.iter().map(|choice| choice.value.as_str()).collect();
        assert!(
            choices[0].ends_with("=0") && choices[1].ends_with(&format!("={whole}")),
            "{cell} {choices:?}"
        );
        let answer = choices[0].to_owned();
        let report = service.send("counter.csv", text.as_bytes(), &[M, ("marks", &answer)]);
        assert_eq!(codes(&report), [""; 0], "{cell}");
        assert!(stored(&service, "kosodate-01", "convenience").starts_with("0,false"), "{cell}");
        service.take_everything_back();
    }
}

fn an_answer_for_counters_is_for_them_alone(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続ID,電子申請,書かない窓口\nkosodate-01,△,△\nkosodate-02,○,×\n";
    let report = service.send("two.csv", text.as_bytes(), &[M]);
    assert!(report.questions[0].choices[0].value.starts_with("窓口:△="), "{:?}", report.questions[0].choices);
    let report = service.send("two.csv", text.as_bytes(), &[M, ("marks", "窓口:△=1")]);
    assert_eq!(codes(&report), [""; 0]);
    assert!(stored(&service, "kosodate-01", "eapp").starts_with("3,false"));
    assert!(stored(&service, "kosodate-01", "counter").starts_with("1,false"));
    // What is kept of a table of counters says nothing of the next one online.
    let text = "手続ID,電子申請,書かない窓口\nkosodate-03,○,△\n";
    let report = service.send("one.csv", text.as_bytes(), &[M]);
    assert!(report.questions[0].choices[0].value.starts_with("窓口:△="), "{:?}", report.questions[0].choices);
}

fn an_answer_without_a_scale_is_for_every_column(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続ID,電子申請,書かない窓口\nkosodate-01,△,△\n";
    let both = |expected: &str| {
        for channel in ["eapp", "counter"] {
            let found = stored(&service, "kosodate-01", channel);
            assert!(found.starts_with(expected), "{channel} {found}");
        }
    };
    for (answer, expected) in [("△=planned", "0,false,live,3,"), ("△=2", "2,false,"), ("△=○", "3,true,")]
    {
        let report = service.send("two.csv", text.as_bytes(), &[M, ("marks", answer)]);
        assert_eq!(report.status, Status::Applied, "{answer} {report:#?}");
        both(expected);
        service.take_everything_back();
    }
    // Where the file explains it, it is one question, and what is offered answers it.
    let text = format!("{text}凡例：△ 予定,,\n");
    let report = service.send("two.csv", text.as_bytes(), &[M]);
    assert_eq!(suggested(&report), ["△=planned"], "{:#?}", report.questions);
    for answer in ["△=planned", "△=planned,窓口:△=planned", "△=予定 R9.4"] {
        let report = service.send("two.csv", text.as_bytes(), &[M, ("marks", answer)]);
        assert_eq!((report.status, report.questions.len()), (Status::Applied, 0), "{answer} {report:#?}");
        both("0,false,live,3,");
        let mark = &report.understood[0];
        assert_eq!(mark.headings, ["電子申請", "書かない窓口"], "{mark:?}");
        service.take_everything_back();
    }
}

fn what_ends_is_the_way_or_the_procedure(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,マイナポータル\n粗大ごみ収集の申込,廃止\n転出届,○\n";
    let report = service.send("form.csv", text.as_bytes(), &[M]);
    assert_eq!((codes(&report), report.questions.len()), (vec!["ambiguous_mark"], 1), "{report:#?}");
    let question = &report.questions[0];
    assert!(question.question.contains("この接点だけのことですか、手続そのもの（廃止）"), "{question:?}");
    let choices: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(&choices[..2], ["廃止=0", "廃止=abolished"]);
    let report = service.send("form.csv", text.as_bytes(), &[M, ("marks", choices[0])]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
    assert!(!service.export().contains("abolished"), "{}", service.export());
    let report = service.send("form.csv", text.as_bytes(), &[M, ("marks", choices[1])]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert!(service.export().contains("abolished"), "{}", service.export());
    // A row about one channel says no more of the procedure.
    let text = "団体コード,手続名,接点,段階\n082333,転出届,マイナポータル,廃止\n";
    let report = service.send("long.csv", text.as_bytes(), &[]);
    assert_eq!((codes(&report), report.questions.len()), (vec!["ambiguous_mark"], 1), "{report:#?}");
}

fn a_column_of_counts_is_asked_about_once(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続,オンライン化,窓口\n妊娠の届出,○,178\n転出届,×,\"1,700\"\n粗大ごみ収集の申込,○,0\n";
    let report = service.send("f.csv", text.as_bytes(), &[M, ("columns", "オンライン化=online")]);
    assert_eq!(codes(&report), ["column_of_counts"], "{report:#?}");
    assert_eq!((report.faults[0].line, report.questions.len()), (Some(1), 1), "{report:#?}");
    let choice = &report.questions[0].choices[0];
    assert_eq!((choice.parameter.as_str(), choice.value.as_str()), ("ignore", "窓口"));
    let said = [M, ("columns", "オンライン化=online"), ("ignore", "窓口")];
    let report = service.send("f.csv", text.as_bytes(), &said);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    // Numbers that may be codes are asked about one by one, once they are said to be no counts.
    let text = "手続,窓口\n妊娠の届出,9\n転出届,3\n";
    let report = service.send("f.csv", text.as_bytes(), &[M]);
    assert_eq!(codes(&report), ["column_of_counts"], "{report:#?}");
    let choice = &report.questions[0].choices[0];
    assert_eq!((choice.parameter.as_str(), choice.value.as_str()), ("layout", "form"));
    let report = service.send("f.csv", text.as_bytes(), &[M, ("layout", "form")]);
    assert_eq!((codes(&report), report.questions[0].mark.as_str()), (vec!["unknown_mark"], "9"));
}

fn a_dash_for_whether_it_is_performed_is_answered(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,有無,マイナポータル\n妊娠の届出,有,○\n転出届,無,\n粗大ごみ収集の申込,－,\n支給認定の申請,－,\n";
    let report = service.send("f.csv", text.as_bytes(), &[M]);
    let column = report.questions.iter().find(|question| question.mark == "有無").unwrap();
    assert!(column.choices.iter().any(|choice| choice.value == "有無=applicability"), "{column:?}");
    let columns = ("columns", "有無=applicability");
    let report = service.send("f.csv", text.as_bytes(), &[M, columns]);
    assert_eq!((report.questions.len(), report.questions[0].count), (1, 2), "{report:#?}");
    let values: Vec<&str> = report.questions[0].choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(values, ["ー=not_applicable", "ー=other_body", "ー=nothing"]);
    for (answer, written) in [("ー=nothing", 3), ("ー=not_applicable", 5)] {
        let report = service.send("f.csv", text.as_bytes(), &[M, columns, ("marks", answer)]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, written), "{report:#?}");
        service.take_everything_back();
    }
}

fn a_state_is_read_beside_a_level_and_for_one_that_is_known(backend: &Backend) {
    let service = TestService::new(backend);
    let send = |cells: &str| {
        let text = format!("手続ID,マイナポータル\n{cells}\n");
        service.send("form.csv", text.as_bytes(), &[M])
    };
    let report = send("kosodate-01,4（停止中）\nkosodate-02,備○\nkosodate-03,4");
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    assert!(stored(&service, "kosodate-01", "mynaportal").starts_with("4,false,suspended,"));
    assert!(stored(&service, "kosodate-02", "mynaportal").starts_with("3,true,prepared,"));
    for (word, state) in
        [("停止", "suspended"), ("受付期間外", "seasonal"), ("備", "prepared"), ("休止中", "suspended")]
    {
        let report = send(&format!("kosodate-03,{word}"));
        assert_eq!(report.status, Status::Applied, "{word} {report:#?}");
        let found = stored(&service, "kosodate-03", "mynaportal");
        assert!(found.starts_with(&format!("4,false,{state},")), "{word} {found}");
    }
    // Of a level that nobody stated it says nothing.
    told(&send("kosodate-05,停止中"), "状態だけでは記録できません");
    // A mark beside what is not in force says nothing of that, unless it says so.
    let report = send("kosodate-01,○");
    told(&report, "状態は今の「停止中」のままです");
    assert!(stored(&service, "kosodate-01", "mynaportal").contains(",suspended,"));
    let report = send("kosodate-01,4（実施中）");
    assert_eq!((report.status, report.warning_count), (Status::Applied, 0), "{report:#?}");
    assert!(stored(&service, "kosodate-01", "mynaportal").starts_with("4,false,live,"));
    // What nobody knows may be answered with a state.
    let text = "手続ID,マイナポータル\nkosodate-01,■\n";
    let report = service.send("form.csv", text.as_bytes(), &[M, ("marks", "■=停止中")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert!(stored(&service, "kosodate-01", "mynaportal").starts_with("4,false,suspended,"));
    let report = send("kosodate-01,■");
    assert!(report.questions[0].choices.iter().any(|choice| choice.value == "■=suspended"));
}

fn a_number_before_a_plan_or_a_state_is_its_level(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "団体コード,手続ID,接点,段階";
    let row = |id: &str, cell: &str| format!("\n082333,{id},online,{cell}");
    let text = [
        head,
        &row("kosodate-01", "4停止中"),
        &row("kosodate-02", "5 R30.4予定"),
        &row("kosodate-03", "4予定"),
    ];
    let report = service.send("f.csv", text.concat().as_bytes(), &[]);
    assert_eq!((report.status, report.counts.created), (Status::Applied, 3), "{report:#?}");
    assert!(stored(&service, "kosodate-01", "online").starts_with("4,false,suspended,"));
    assert!(service.export().contains(",5,2048-04-30,"), "{}", service.export());
    let label = |report: &Report, mark: &str| {
        let found = report.understood.iter().find(|known| known.mark == mark);
        found.map(|known| known.meaning.clone()).unwrap_or_default()
    };
    assert!(label(&report, "4予定").contains("目標段階4"), "{report:#?}");
    // A state alone needs a level that is known, and the text names what is missing.
    let report = service.send("f.csv", format!("{head}{}", row("kosodate-05", "停止中")).as_bytes(), &[]);
    told(&report, "状態だけでは記録できません");
    // In a column whose numbers are those of choices they are no levels.
    let text = "手続ID,マイナポータル\nkosodate-04,1 実施済\nkosodate-05,2 予定\nkosodate-06,3 未実施\n";
    let report = service.send("f.csv", text.as_bytes(), &[M]);
    assert!(label(&report, "2 予定").contains("目標段階3"), "{report:#?}");
}

fn a_title_of_plans_is_asked_about_once(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "オンライン化の予定（令和9年度）\n団体コード,手続名,オンライン\n082333,転出届,○\n082333,妊娠の届出,済\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!(codes(&report), ["today_or_plans"], "{report:#?}");
    assert_eq!(report.questions.len(), 1, "{report:#?}");
    let question = &report.questions[0];
    let choices: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(choices, ["○=planned,済=planned", "○=3+,済=3+"]);
    assert_eq!(question.suggestion.as_deref(), Some("○=planned,済=planned"));
    for (answer, level) in [(choices[0], ",0,false,"), (choices[1], ",3,true,")] {
        let report = service.send("f.csv", text.as_bytes(), &[("marks", answer)]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 2), "{report:#?}");
        assert_eq!(service.export().matches(level).count(), 2, "{answer} {}", service.export());
        service.take_everything_back();
    }
    // A number would lose the level of the plan.
    let text = "R9目標\n団体コード,手続名,オンライン\n082333,転出届,4\n082333,妊娠の届出,3\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!(codes(&report), ["today_or_plans"], "{report:#?}");
    assert!(report.faults[0].message.contains("目標段階"), "{report:#?}");
    assert_eq!(report.questions[0].choices.len(), 1, "{report:#?}");
    // A legend that explains a mark for plans is no such title, nor is a report on a plan.
    for title in ["○：対応済 △：予定", "DX推進計画の進捗状況"] {
        let text = format!("{title}\n団体コード,手続名,オンライン\n082333,転出届,○\n");
        let report = service.send("f.csv", text.as_bytes(), &[]);
        assert_eq!((report.status, report.counts.created), (Status::Applied, 1), "{report:#?}");
        service.take_everything_back();
    }
}

fn plans_and_states_are_read_in_words(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = [
        ("全部", 4),
        ("段階4", 4),
        ("4以上", 4),
        ("○", 3),
        ("4 オンライン申請可", 4),
        ("4（オンライン申請可）", 4),
    ];
    for (word, level) in rows {
        let form = format!("手続ID,マイナポータル,目標段階,目標時期\nkosodate-01,2,{word},R30.3\n");
        let long = format!(
            "団体コード,手続ID,接点,段階,目標段階,目標時期,状態\n082333,kosodate-02,マイナポータル,2,{word},R30.3,休止\n"
        );
        for text in [form, long] {
            assert_eq!(codes(&service.send("plan.csv", text.as_bytes(), &[M])), [""; 0], "{text}");
        }
        let expected = |state: &str| format!("2,false,{state},{level},2048-03-31,month");
        assert!(stored(&service, "kosodate-01", "mynaportal").starts_with(&expected("live")), "{word}");
        assert!(stored(&service, "kosodate-02", "mynaportal").starts_with(&expected("suspended")), "{word}");
        service.take_everything_back();
    }
    for word in ["×", "未", "6"] {
        let text = format!("手続ID,マイナポータル,目標段階,目標時期\nkosodate-01,2,{word},R30.3\n");
        assert_eq!(codes(&service.send("plan.csv", text.as_bytes(), &[M])), ["level_format"], "{word}");
    }
    let text = "団体コード,手続ID,接点,段階,状態\n082333,kosodate-02,マイナポータル,2,ぼちぼち\n";
    let report = service.send("state.csv", text.as_bytes(), &[]);
    let allowed = report.faults[0].allowed.clone().unwrap();
    assert!(allowed.contains("停止中（suspended）") && allowed.contains("取下げ（withdrawn）"), "{allowed}");
}

fn a_column_of_applicability_is_read_in_words(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続ID,該当性,マイナポータル\nkosodate-01,有,○\nkosodate-02,無,\nkosodate-03,○,×\nkosodate-04,×,\nkosodate-05,県,\nkosodate-06,該当あり,○\n";
    let report = service.send("whole.csv", text.as_bytes(), &[M]);
    assert_eq!(codes(&report), [""; 0], "{:#?}", report.faults);
    let export = service.export();
    let states = |procedure: &str, code: &str| {
        export
            .lines()
            .any(|line| line.contains(&format!(",{procedure},")) && line.contains(&format!(",{code},")))
    };
    for (procedure, code) in [
        ("kosodate-02", "not_applicable"),
        ("kosodate-04", "not_applicable"),
        ("kosodate-05", "other_body"),
        ("kosodate-06", "applicable"),
    ] {
        assert!(states(procedure, code), "{procedure} {export}");
    }
}

fn forecasts_are_no_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続名,令和5年度／総件数,令和6年度（見込み）／総件数\n082333,転出届,\"10,000\",\"11,000\"\n";
    let report = service.send("f.csv", text.as_bytes(), &[]);
    assert_eq!((report.status, codes(&report)), (Status::Refused, vec!["forecast"]), "{:#?}", report.faults);
    let ignore = report.questions[0].choices[0].value.clone();
    let report = service.send("f.csv", text.as_bytes(), &[("ignore", &ignore)]);
    assert_eq!((codes(&report), report.counts.created), (vec![""; 0], 1), "{:#?}", report.faults);
    service.take_everything_back();
    let real = report_value(&service, text, 1);
    let report = service.send("f.csv", text.as_bytes(), &[("columns", &real)]);
    assert_eq!((codes(&report), report.counts.created), (vec![""; 0], 2), "{:#?}", report.faults);
    // A remark says it as well.
    let text = "団体コード,手続名,令和5年度／総件数,令和6年度／総件数\n082333,転出届,1000,1100\n※令和6年度は見込み,,,\n";
    let report = service.send("r.csv", text.as_bytes(), &[]);
    let columns: Vec<Option<&str>> = report.faults.iter().map(|fault| fault.heading.as_deref()).collect();
    assert_eq!(columns, [Some("令和6年度／総件数")]);
}

fn report_value(service: &TestService, text: &str, choice: usize) -> String {
    service.send("f.csv", text.as_bytes(), &[]).questions[0].choices[choice].value.clone()
}

fn a_dash_is_no_count(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,年度,手続名,手続総件数,うちオンライン件数\n082333,令和6年度,転出届,5000,-\n082341,令和6年度,転出届,未集計,\n";
    let report = service.send("dash.csv", text.as_bytes(), &[]);
    let asked: Vec<&str> = report.questions.iter().map(|question| question.mark.as_str()).collect();
    assert_eq!((report.status, asked), (Status::Refused, vec!["ー", "未集計"]));
    let report = service.send("dash.csv", text.as_bytes(), &[("marks", "ー=0,未集計=nothing")]);
    assert_eq!((codes(&report), report.counts.created), (vec![""; 0], 2), "{:#?}", report.faults);
}
