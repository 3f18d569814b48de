//! Counts of which the file does not say all: which of them they are, and of which time. What it says is read, what
//! it leaves open is asked, and each answer that is offered works.

use todoke::domain::usage::{RecordKey, RecordValue};
use todoke::import::marks::Question;
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};
use crate::open_ends::workbook;
use crate::reports::{codes, known_records, refused};

on_both! {
    a_title_that_speaks_of_online_alone_decides_nothing;
    online_counts_beside_it_make_a_year_the_total;
    parts_of_a_year_in_headings_are_no_counts_of_it;
    calendar_years_in_headings_are_asked_about;
    short_words_for_online_counts_are_read;
    numbers_that_may_be_counts_are_never_dropped;
    online_counts_alone_are_counts;
    two_columns_of_one_count_are_told_apart_by_the_sender;
    rates_below_counts_are_passed_over;
    a_column_may_say_which_applications_are_counted;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const YEAR: (&str, &str) = ("fiscal_year", "2024");

fn values(question: &Question) -> Vec<&str> {
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

/// What is offered at one place of each question.
fn offered(report: &Report, at: usize) -> String {
    let values: Vec<&str> = report.questions.iter().map(|question| values(question)[at]).collect();
    values.join(",")
}

/// The counts that are stored of a file, as `procedure year group count`; then they are taken back.
#[track_caller]
fn applied(backend: &Backend, service: &TestService, text: &str, said: &[(&str, &str)]) -> Vec<String> {
    let report = service.send("n.csv", text.as_bytes(), said);
    assert_eq!(report.status, Status::Applied, "{text}{report:#?}");
    let counts = stored(backend);
    service.take_everything_back();
    counts
}

fn stored(backend: &Backend) -> Vec<String> {
    let known = known_records(backend);
    let line = |(key, value): (&RecordKey, &RecordValue)| match (key, value) {
        (RecordKey::Usage(key), RecordValue::Applications(count)) => Some(format!(
            "{} {} {} {count}",
            key.procedure.as_str(),
            key.fiscal_year.number(),
            key.group.code()
        )),
        _ => None,
    };
    known.iter().filter_map(line).collect()
}

/// The total and the online counts of 妊娠の届出 in some years.
fn of_birth(counts: &[(i32, &str, i64)]) -> Vec<String> {
    counts.iter().map(|(year, group, count)| format!("kosodate-15 {year} {group} {count}")).collect()
}

fn a_title_that_speaks_of_online_alone_decides_nothing(backend: &Backend) {
    let service = TestService::new(backend);
    for (title, heading) in [
        ("行政手続のオンライン化状況について", "令和6年度件数"),
        ("電子申請の利用状況", "R6"),
        ("申請件数とオンライン申請件数", "令和6年度実績"),
    ] {
        let text = format!("{title},\n手続名,{heading}\n妊娠の届出,140\n");
        let report = refused(&service, &text, &[TOWN], &["count_of_year"]);
        assert_eq!(report.questions.len(), 1, "{report:#?}");
        for (at, group) in [(0, "all"), (1, "online")] {
            let answer = offered(&report, at);
            let counts = applied(backend, &service, &text, &[TOWN, ("columns", &answer)]);
            assert_eq!(counts, of_birth(&[(2024, group, 140)]), "{answer}");
        }
        assert!(!offered(&report, 2).contains('='), "{report:#?}");
    }
    // The name of a sheet is a title too.
    let rows: &[&[&str]] = &[&["手続名", "令和6年度"], &["妊娠の届出", "140"]];
    let report = service.send("n.xlsx", &workbook(&[("オンライン化状況", rows)]), &[TOWN]);
    assert_eq!(codes(&report), ["count_of_year"], "{report:#?}");
    // A title of online counts says which they are, and so does one that does not speak of them.
    for (title, group) in [
        ("オンライン申請件数の推移", "online"),
        ("行方市　電子申請利用件数", "online"),
        ("手続別申請件数（件）", "all"),
        ("調査結果", "all"),
    ] {
        let text = format!("{title},\n手続名,令和6年度\n妊娠の届出,140\n");
        assert_eq!(applied(backend, &service, &text, &[TOWN]), of_birth(&[(2024, group, 140)]), "{title}");
    }
}

fn online_counts_beside_it_make_a_year_the_total(backend: &Backend) {
    let service = TestService::new(backend);
    let both = of_birth(&[(2024, "all", 140), (2024, "online", 56)]);
    for text in [
        "行政手続のオンライン化状況について,,\n手続名,令和6年度件数,うち電子申請\n妊娠の届出,140,56\n",
        "オンライン申請件数の推移,,\n手続名,令和6年度,令和6年度オンライン件数\n妊娠の届出,140,56\n",
        "手続名,令和6年度件数,うち電子\n妊娠の届出,140,56\n",
        // A table of states above is none of its titles.
        "手続名,オンライン,\n転出届,○,\n,,\n手続名,令和6年度件数,うち電子申請\n妊娠の届出,140,56\n",
    ] {
        assert_eq!(applied(backend, &service, text, &[TOWN, YEAR]), both, "{text}");
    }
    // Two totals of one year are told by their headings, not as rows in conflict with themselves.
    let text = "手続名,令和6年度,手続総件数\n妊娠の届出,140,150\n";
    let report = refused(&service, text, &[TOWN, YEAR], &["duplicate_heading"]);
    assert_eq!(report.faults[0].heading.as_deref(), Some("手続総件数"));
    assert_eq!(
        applied(backend, &service, text, &[TOWN, YEAR, ("ignore", "手続総件数")]),
        of_birth(&[(2024, "all", 140)])
    );
}

fn parts_of_a_year_in_headings_are_no_counts_of_it(backend: &Backend) {
    let service = TestService::new(backend);
    for (one, other) in [
        ("申請件数（R6.4〜R6.12）", "電子申請件数（R6.4〜R6.12）"),
        ("受付（令和6年4月～12月）", "うち電子（令和6年4月～12月）"),
        ("令和6年度上半期件数", "令和6年度上半期の電子申請"),
        ("R6.4", "R6.5"),
    ] {
        let text = format!("手続名,{one},{other}\n妊娠の届出,100,40\n");
        // What such a column counts may be said before it is known of which time it is.
        let said = format!("{one}=総件数,{other}=オンライン件数");
        let said = [TOWN, YEAR, ("columns", &said)];
        let report = refused(&service, &text, &said, &["part_of_year", "part_of_year"]);
        let answers = [values(&report.questions[0])[1], values(&report.questions[1])[2]].join(",");
        let counts = applied(backend, &service, &text, &[TOWN, YEAR, ("columns", &answers)]);
        assert_eq!(counts, of_birth(&[(2024, "all", 100), (2024, "online", 40)]), "{answers}");
    }
    // So it is of a title over a column whose heading says nothing.
    let text = "令和6年4月分,\n手続名,受付\n妊娠の届出,100\n";
    let said = [TOWN, YEAR, ("columns", "受付=総件数")];
    let report = refused(&service, text, &said, &["part_of_year"]);
    let answer = values(&report.questions[0])[1];
    assert_eq!(answer, "受付=1年度分の手続総件数");
    applied(backend, &service, text, &[TOWN, YEAR, ("columns", answer)]);
    // A whole year is one, and all is asked at once.
    let text = "手続名,申請件数（R6.4〜R7.3）\n妊娠の届出,100\n";
    applied(backend, &service, text, &[TOWN, YEAR, ("columns", "申請件数（R6.4〜R7.3）=総件数")]);
    let text = "手続名,申請件数（R6.4〜R6.9）\n妊娠の届出,100\n";
    let said = [TOWN, ("columns", "申請件数（R6.4〜R6.9）=総件数")];
    refused(&service, text, &said, &["missing_fiscal_year", "part_of_year"]);
}

fn calendar_years_in_headings_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let both = of_birth(&[(2023, "all", 150), (2024, "all", 140)]);
    for (one, other) in [
        ("2023年", "2024年"),
        ("令和5年", "令和6年"),
        ("件数（令和5年）", "件数（令和6年）"),
        ("R5年実績", "R6年実績"),
    ] {
        let text = format!("手続名,{one},{other}\n妊娠の届出,150,140\n");
        // The answer that is offered for every column may be given for every column.
        let said = format!("{one}=総件数,{other}=総件数");
        let report =
            refused(&service, &text, &[TOWN, ("columns", &said)], &["calendar_year", "calendar_year"]);
        let answers = offered(&report, 1);
        assert_eq!(applied(backend, &service, &text, &[TOWN, ("columns", &answers)]), both, "{answers}");
        let kept = values(&report.questions[1])[1];
        let said = [TOWN, ("columns", kept), ("ignore", values(&report.questions[0])[0])];
        assert_eq!(applied(backend, &service, &text, &said), of_birth(&[(2024, "all", 140)]));
    }
    let text = "手続名,令和6年,\n,手続総件数,うちオンライン数\n妊娠の届出,150,40\n";
    refused(&service, text, &[TOWN, YEAR], &["calendar_year", "calendar_year"]);
    // A day is no year of counts, and a fiscal year is one.
    let text = "手続名,総件数（令和6年度）,年間件数備考\n妊娠の届出,150,\n";
    applied(backend, &service, text, &[TOWN]);
}

fn short_words_for_online_counts_are_read(backend: &Backend) {
    let service = TestService::new(backend);
    let one = of_birth(&[(2024, "all", 880), (2024, "online", 352)]);
    for head in [
        "手続名,R6件数,R6電子",
        "手続名,R6申請件数,うち電子",
        "手続名,R6,うち電子申請",
        "手続名,R6,\n,件数,電子",
    ] {
        let text = format!("{head}\n妊娠の届出,880,352\n");
        let counts = applied(backend, &service, &text, &[TOWN, YEAR]);
        assert_eq!(counts, one, "{text}");
    }
    let two =
        of_birth(&[(2023, "all", 900), (2023, "online", 300), (2024, "all", 880), (2024, "online", 352)]);
    for head in [
        "手続名,R5申請件数,R5電子,R6申請件数,R6電子",
        "手続名,R5,,R6,\n,申請件数,電子,申請件数,電子",
        "手続名,R5,,R6,\n,件数,うち電子申請,件数,うち電子申請",
        "手続名,件数,,うち電子,\n,R5,R6,R5,R6",
    ] {
        let cells = if head.contains("件数,,") { "900,880,300,352" } else { "900,300,880,352" };
        let text = format!("{head}\n妊娠の届出,{cells}\n");
        assert_eq!(applied(backend, &service, &text, &[TOWN]), two, "{text}");
    }
}

fn numbers_that_may_be_counts_are_never_dropped(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["前年度件数", "件数", "うち減免", "電子納付", "受付件数（窓口以外）", "令和6年度申請"]
    {
        let text = format!("手続名,手続総件数,うちオンライン数,{heading}\n妊娠の届出,150,40,30\n");
        let report = refused(&service, &text, &[TOWN, YEAR], &["unknown_count"]);
        let answer = values(&report.questions[0])[0];
        applied(backend, &service, &text, &[TOWN, YEAR, ("ignore", answer)]);
    }
    // What the table lacks is offered.
    let text = "手続名,うちオンライン数,受付件数\n妊娠の届出,40,150\n";
    let report = refused(&service, text, &[TOWN, YEAR], &["unknown_count"]);
    let answer = ("columns", values(&report.questions[0])[0]);
    let both = of_birth(&[(2024, "all", 150), (2024, "online", 40)]);
    assert_eq!(applied(backend, &service, text, &[TOWN, YEAR, answer]), both);
    // Numbers of something else are told and need no answer.
    for heading in ["優先度", "処理日数", "手数料（円）", "件数順位", "電子申請開始年"]
    {
        let text = format!("手続名,手続総件数,{heading}\n妊娠の届出,150,2019\n");
        applied(backend, &service, &text, &[TOWN, YEAR]);
    }
}

fn online_counts_alone_are_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let online = of_birth(&[(2024, "online", 36)]);
    for (head, cells, said) in [
        ("手続名,オンライン申請件数", "36", vec![]),
        ("手続名,合計", "36", vec![("columns", "合計=オンライン件数")]),
        ("手続名,4月,5月,合計", "16,20,36", vec![("columns", "合計=オンライン件数"), ("ignore", "4月,5月")]),
    ] {
        let commas = ",".repeat(head.matches(',').count());
        let text = format!("令和6年度 電子申請件数（月別）{commas}\n{head}\n妊娠の届出,{cells}\n");
        let said = [&[TOWN, YEAR][..], &said].concat();
        assert_eq!(applied(backend, &service, &text, &said), online, "{text}");
    }
    // Beside marks they are none of the table.
    let text = "手続名,オンライン,オンライン申請件数\n妊娠の届出,○,36\n";
    let report = service.send("n.csv", text.as_bytes(), &[TOWN]);
    assert_eq!((report.layout.as_deref(), report.counts.created), (Some("form"), 1), "{report:#?}");
}

fn two_columns_of_one_count_are_told_apart_by_the_sender(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,上期,下期,計\n妊娠の届出,60,80,140\n";
    let said = [TOWN, YEAR, ("columns", "上期=総件数,下期=総件数,計=総件数")];
    refused(&service, text, &said, &["part_of_year", "part_of_year"]);
    let said = [TOWN, YEAR, ("columns", "計=総件数"), ("ignore", "上期,下期")];
    assert_eq!(applied(backend, &service, text, &said), of_birth(&[(2024, "all", 140)]));
    // Who says the same of both is told what may be done, and it works.
    let text = "手続名,甲,乙\n妊娠の届出,60,80\n";
    let report =
        refused(&service, text, &[TOWN, YEAR, ("columns", "甲=総件数,乙=総件数")], &["duplicate_heading"]);
    let allowed = report.faults[0].allowed.clone().unwrap_or_default();
    assert!(allowed.contains("ignore") && allowed.contains("年度手続総件数"), "{allowed}");
    let said = [TOWN, ("columns", "甲=2023年度手続総件数,乙=2024年度手続総件数")];
    let both = of_birth(&[(2023, "all", 60), (2024, "all", 80)]);
    assert_eq!(applied(backend, &service, text, &said), both);
}

fn rates_below_counts_are_passed_over(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "手続名,手続総件数,うちオンライン数\n妊娠の届出,140,56\n";
    let both = of_birth(&[(2024, "all", 140), (2024, "online", 56)]);
    for row in ["電子申請率,,40.0%", "電子申請率,,0.4", "窓口以外の割合（％）,,40", "電子件数計,140,56"]
    {
        let counts = applied(backend, &service, &format!("{rows}{row}\n"), &[TOWN, YEAR]);
        assert_eq!(counts, both, "{row}");
    }
    // What is no rate may be a procedure that is spelt otherwise.
    for row in ["妊娠とどけ率,140,56", "謎の届出件数,14,5"] {
        let report = service.send("n.csv", format!("{rows}{row}\n").as_bytes(), &[TOWN, YEAR]);
        assert_eq!(report.status, Status::Refused, "{row} {report:#?}");
    }
}

fn a_column_may_say_which_applications_are_counted(backend: &Backend) {
    let service = TestService::new(backend);
    let town = ("municipality", "082333");
    for (text, counts) in [
        (
            "手続の名称,区分,2024年度,2025年度\n転出届,総件数,150,160\n転出届,うちオンライン数,40,50\n",
            vec!["2024 all 150", "2024 online 40", "2025 all 160", "2025 online 50"],
        ),
        (
            "手続名,年度,申請方法,件数\n転出届,2025,電子申請,50\n転出届,2025,窓口,30\n転出届,2025,郵送,3\n",
            vec!["2025 counter 30", "2025 mail 3", "2025 online 50"],
        ),
    ] {
        let mut found = applied(backend, &service, text, &[town]);
        found.sort();
        let expected: Vec<String> =
            counts.into_iter().map(|count| format!("tenshutsu-tennyu-01 {count}")).collect();
        assert_eq!(found, expected, "{text}");
    }
    refused(&service, "手続名,年度,区分,件数\n転出届,2025,その他,50\n", &[town], &["unknown_code"]);
}
