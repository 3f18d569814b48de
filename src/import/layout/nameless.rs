//! A table of which no heading tells what it is: each of its columns is asked about.

use crate::domain::text::{cut, fold_for_match};
use crate::import::marks::{Choice, Question};
use crate::import::table::{Row, Table};

/// How far down headings are looked for.
const ROWS: usize = 40;
/// With more columns it is no table that a person can explain one by one.
const COLUMNS: usize = 30;
/// Longest text that is taken for a heading, in characters.
const LONGEST: usize = 40;

/// What a column may be, as the answer is written and in words.
const MEANINGS: [(&str, &str); 12] = [
    ("municipality_code", "団体コード"),
    ("municipality_name", "団体名"),
    ("procedure_id", "手続ID"),
    ("procedure_name", "手続名"),
    ("channel", "接点（行ごと）"),
    ("level", "段階・対応状況（接点の列と組）"),
    ("online", "オンラインの印や段階"),
    ("counter", "窓口の印や段階"),
    ("system", "システム"),
    ("url", "URL"),
    ("section", "担当課"),
    ("note", "備考"),
];

/// The questions about the columns of a table, where it has something like headings over something like
/// rows.
pub(super) fn questions(tables: &[Table]) -> Vec<Question> {
    let headings = tables.iter().find_map(|table| {
        let rows = &table.rows[..table.rows.len().min(ROWS)];
        rows.windows(2).find(|pair| are_headings(&pair[0]) && several(&pair[1])).map(|pair| &pair[0])
    });
    let texts = headings.into_iter().flat_map(Row::cells).map(str::trim).filter(|text| !text.is_empty());
    texts.map(about).collect()
}

fn several(row: &Row) -> bool {
    row.cells().filter(|cell| !cell.trim().is_empty()).count() >= 2
}

/// Short texts beside each other, all different, words among them.
fn are_headings(row: &Row) -> bool {
    let texts: Vec<&str> = row.cells().map(str::trim).filter(|text| !text.is_empty()).collect();
    let short =
        |text: &&str| text.chars().count() <= LONGEST && !text.bytes().all(|byte| byte.is_ascii_digit());
    let distinct: std::collections::HashSet<&&str> = texts.iter().collect();
    (2..=COLUMNS).contains(&texts.len())
        && texts.iter().all(short)
        && distinct.len() == texts.len()
        && texts.iter().any(|text| text.chars().count() > 1)
}

fn about(heading: &str) -> Question {
    let name = cut(&heading.replace('\n', ""), 100);
    let key = fold_for_match(heading);
    let choice = |(value, label): &(&str, &str)| Choice {
        parameter: "columns".to_owned(),
        value: format!("{key}={value}"),
        label: (*label).to_owned(),
    };
    let mut choices: Vec<Choice> = MEANINGS.iter().map(choice).collect();
    choices.push(Choice {
        parameter: "ignore".to_owned(),
        value: key.clone(),
        label: "この列は取り込まない".to_owned(),
    });
    Question {
        mark: name.clone(),
        parameter: "columns".to_owned(),
        question: format!("「{name}」は何の列ですか（手続・団体・接点の名前でも答えられます）"),
        count: 1,
        headings: vec![cut(&name, 60)],
        choices,
        suggestion: None,
        lines: Vec::new(),
    }
}
