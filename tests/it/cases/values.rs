//! Words for nothing, loose dates, numbers of other programs.

use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};

/// The files of this topic.
pub(super) const FILES: &[&str] =
    &["42-words-for-nothing.csv", "43-floats-of-pandas.csv", "44-loose-dates.csv", "form-dates.csv"];

on_both! {
    words_for_nothing_are_empty_and_told_once;
    numbers_of_pandas_are_whole;
    loose_days_of_plans_are_read_or_told;
    loose_days_of_a_form_are_read_or_told;
    every_name_and_alias_finds_its_procedure;
}

fn codes(report: &Report) -> Vec<(&str, Option<u32>)> {
    report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect()
}

fn warnings(report: &Report) -> Vec<(&str, Option<u32>)> {
    report.warnings.iter().map(|warning| (warning.code.as_str(), warning.line)).collect()
}

fn words_for_nothing_are_empty_and_told_once(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("42-words-for-nothing.csv", &[]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    let told: Vec<(&str, &str)> = report
        .warnings
        .iter()
        .map(|one| (one.heading.as_deref().unwrap(), one.value.as_deref().unwrap()))
        .collect();
    let expected = [
        ("system", "NA"),
        ("system", "NULL"),
        ("system", "\\N"),
        ("section", "NA"),
        ("section", "nan"),
        ("note", "N/A"),
        ("note", "NA"),
        ("note", "None"),
    ];
    let mut sorted = told.clone();
    sorted.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted, "{report:#?}");
    let export = service.export();
    for word in ["NA,", "NULL", "\\N", "nan", "None", "N/A"] {
        assert!(!export.contains(word), "{word}\n{export}");
    }
    assert!(export.contains("子育て課"), "{export}");
    // Once for a column and a word, whatever the number of cells; other words are words.
    let text = "municipality_code,procedure_id,channel,level,note\n082333,kosodate-01,online,3,NA\n\
                082333,kosodate-02,online,3,NA\n082333,kosodate-03,online,3,na\n\
                082333,kosodate-04,online,3,NULL文字を除く\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(warnings(&report), [("word_for_nothing", Some(2))], "{report:#?}");
    assert!(report.warnings[0].message.contains("2、3行目"), "{report:#?}");
    assert!(service.export().contains("NULL文字を除く"));
}

fn numbers_of_pandas_are_whole(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("43-floats-of-pandas.csv", &[]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    let export = service.export();
    assert!(export.contains("082333") && export.contains("hisaisha-01"), "{export}");
    let text = "municipality_code,procedure_id,channel,level,target_level,target_on\n\
                82333.0,kosodate-01,online,1.00,3.0,2027-04-01\n082333,kosodate-02,online,2.,4.,2027-04-01\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    for wrong in ["3.5", "3.0.0", ".0", "6.0"] {
        let text =
            format!("municipality_code,procedure_id,channel,level\n082333,kosodate-01,online,{wrong}\n");
        let report = service.send("a.csv", text.as_bytes(), &[]);
        assert_eq!(report.fault_count, 1, "{wrong} {report:#?}");
    }
}

fn loose_days_of_plans_are_read_or_told(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("44-loose-dates.csv", &[]);
    assert_eq!(codes(&report), [("date_vague", Some(5)), ("date_vague", Some(8))], "{report:#?}");
    let kept: Vec<&str> = report.faults.iter().filter_map(|fault| fault.suggestion.as_deref()).collect();
    assert_eq!(kept, ["令和8年4月", "2025年12月"]);
    assert_eq!(warnings(&report), [("date_year_only", Some(6)), ("date_unknown", Some(7))]);
    // What is kept, without the two lines.
    let text = String::from_utf8(super::file("44-loose-dates.csv")).unwrap();
    let good: String = text
        .lines()
        .filter(|line| !line.contains("上旬") && !line.contains("四半期"))
        .map(|line| format!("{line}\n"))
        .collect();
    let report = service.send("a.csv", good.as_bytes(), &[]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    let export = service.export();
    for (procedure, on, precision) in [
        ("kosodate-01", "2026-03-31", "month"),
        ("kosodate-02", "2026-04-01", "day"),
        ("kosodate-03", "2027-04-01", "day"),
        ("kosodate-05", "2027-12-31", "month"),
    ] {
        let line = export.lines().find(|line| line.contains(procedure)).unwrap();
        assert!(line.contains(&format!("{on},{precision}")), "{line}");
    }
}

fn loose_days_of_a_form_are_read_or_told(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("form-dates.csv", &[]);
    let expected = [
        ("date_without_year", Some(3)),
        ("date_year_only", Some(6)),
        ("date_without_era", Some(11)),
        ("date_year_unclear", Some(14)),
        ("date_year_only", Some(16)),
    ];
    assert_eq!(codes(&report), expected, "{report:#?}");
    assert_eq!(warnings(&report), [("date_unknown", Some(7)), ("future_date", Some(8))], "{report:#?}");
    for fault in &report.faults {
        assert!(fault.allowed.is_some(), "{fault:#?}");
    }
}

fn every_name_and_alias_finds_its_procedure(backend: &Backend) {
    let service = TestService::new(backend);
    let catalogue = service.service.catalogue();
    let own = catalogue.procedures().iter().map(|row| (row.name_ja.clone(), row.id.to_string()));
    let others = catalogue.aliases().iter().map(|row| (row.heading.clone(), row.procedure.to_string()));
    let mut text = "municipality_code,procedure_name,channel,level\n".to_owned();
    let names: Vec<(String, String)> = own.chain(others).collect();
    for (name, _) in &names {
        let name = name.replace('"', "\"\"");
        text.push_str(&format!("082333,\"{name}\",online,3\n082333,\"{name}【市区町村のみ】\",online,3\n"));
    }
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{:#?}", report.faults);
    // The id beside the name says that it is the right one.
    let mut text = "municipality_code,procedure_id,procedure_name,channel,level\n".to_owned();
    for (name, id) in &names {
        text.push_str(&format!("082333,{id},\"{name}\",online,3\n"));
    }
    let report = service.send("b.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{:#?}", report.faults);
    for (name, id) in &names {
        let ix = catalogue.procedure_ix(id).unwrap();
        let folded = todoke::domain::text::fold_for_search(name);
        assert!(catalogue.procedure_matches(ix, &folded), "{name} is not found by a search");
    }
}
