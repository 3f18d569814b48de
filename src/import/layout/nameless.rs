//! A table of which no heading tells what it is: each of its columns is asked about.

use super::channels::named;
use super::long::Column;
use crate::domain::catalogue::Catalogue;
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::holds_marks;
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

/// What of the headings of a table is known.
pub(super) struct Seen<'t> {
    /// The row that is taken for the headings, or the first one with anything.
    row: Option<&'t Row>,
    /// Whether it is one of headings.
    headings: bool,
    procedure: bool,
    state: bool,
    known: Vec<&'t str>,
    unknown: Vec<&'t str>,
}

impl<'t> Seen<'t> {
    /// Looks for the row with the most headings that are known by themselves, else for one that looks like
    /// headings over something like rows.
    pub(super) fn find(tables: &'t [Table], catalogue: &Catalogue) -> Self {
        let is_known = |text: &str| Column::of_heading(text).is_some() || named(catalogue, text).is_some();
        let pairs = || {
            let rows = tables.iter().map(|table| &table.rows[..table.rows.len().min(ROWS)]);
            let pairs = rows.flat_map(|rows| rows.windows(2));
            pairs.filter(|pair| are_headings(&pair[0]) && !holds_marks(&pair[0]) && several(&pair[1]))
        };
        let known = |row: &Row| row.cells().filter(|cell| is_known(cell)).count();
        let mut best: Option<(usize, &Row)> = None;
        for pair in pairs() {
            let count = known(&pair[0]);
            if best.is_none_or(|(most, _)| count > most) {
                best = Some((count, &pair[0]));
            }
        }
        let row = best.map(|(_, row)| row);
        let texts = row.into_iter().flat_map(Row::cells).map(str::trim).filter(|text| !text.is_empty());
        let (known, unknown): (Vec<&str>, Vec<&str>) = texts.partition(|text| is_known(text));
        let has = |wanted: &[Column]| {
            known.iter().any(|text| Column::of_heading(text).is_some_and(|column| wanted.contains(&column)))
        };
        let state = has(&[Column::Level, Column::Channel, Column::Applicability, Column::State])
            || known.iter().any(|text| named(catalogue, text).is_some());
        let procedure = has(&[Column::ProcedureId, Column::ProcedureName]);
        let first = || tables.iter().flat_map(|table| &table.rows).find(|row| !row.is_empty());
        Self { headings: row.is_some(), row: row.or_else(first), procedure, state, known, unknown }
    }

    /// Texts of the row.
    pub(super) fn texts(&self) -> Vec<&'t str> {
        self.row.map(|row| row.cells().map(str::trim).collect()).unwrap_or_default()
    }

    /// What was found and what is missing, in Japanese.
    pub(super) fn told(&self) -> String {
        let Some(row) = self.row.filter(|_| self.headings) else {
            return "見出し行（「手続名」「オンライン」など）があるか確認してください。".to_owned();
        };
        let quoted = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| format!("「{}」", cut(text, 40))).collect();
            texts.concat()
        };
        let mut told = format!("{}行目を見出しと見ました。", row.line);
        if !self.known.is_empty() {
            told += &format!("分かった見出しは{}です。", quoted(&self.known));
        }
        let missing = [
            (self.procedure, "手続の列（「手続名」か「手続ID」）か、手続の名前の列"),
            (self.state, "対応状況の列（「オンライン」「書かない窓口」などの接点、または「対応状況」）"),
        ];
        let missing: Vec<&str> = missing.iter().filter(|(there, _)| !there).map(|(_, what)| *what).collect();
        if !missing.is_empty() {
            told += &format!("見つからないのは、{}です。", missing.join("と、"));
        }
        told
    }

    /// Questions about the columns of which nothing is known.
    pub(super) fn questions(&self) -> Vec<Question> {
        let unknown = self.unknown.iter().filter(|_| self.headings);
        unknown.map(|text| about(text)).collect()
    }
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
