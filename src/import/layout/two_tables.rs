//! Tables that stand beside each other under other headings: 手続名 and its marks, and right of them the names of
//! other procedures with theirs. Read as one, the marks on the right would go to the names on the left.

use super::column::Column;
use super::unknown::{is_mark, left_out, without_note};
use crate::domain::catalogue::Catalogue;
use crate::domain::number::parse_count;
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::{CODE, Headings, NAME, PROCEDURE_ID, PROCEDURE_NAME, pieces_of, spellings};
use crate::import::marks::{Choice, Profile, Question};
use crate::import::resolve::Procedures;
use crate::import::table::{Row, Table};
use crate::import::{Fault, Options};

/// So many rows are looked at.
const ROWS: usize = 200;

/// What a column is to this question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It names what its rows are about, in such a way; whether its heading says so for certain.
    Names(Names, bool),
    /// It holds marks or numbers.
    Values,
    Other,
}

/// How a column names what its rows are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Code,
    Body,
    ProcedureId,
    Procedure,
}

/// The fault of a second column that names what rows are about, with marks between the two.
pub(super) fn fault(
    table: &Table,
    headings: &Headings,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<Fault> {
    let rows = &table.rows[headings.next.min(table.rows.len())..];
    let rows = &rows[..rows.len().min(ROWS)];
    let looks = Looks { rows, headings, procedures: Procedures::new(catalogue, &options.names) };
    let kinds: Vec<Kind> = (0..=headings.last()).map(|at| looks.kind(at)).collect();
    let mut firsts: Vec<(Names, usize)> = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        let Kind::Names(names, certain) = kind else { continue };
        // Who says what such a column is says that it is of the rows on its left.
        if !certain && headings.is_answered(at) {
            continue;
        }
        let Some((_, left)) = firsts.iter().find(|(other, _)| other == names).copied() else {
            firsts.push((*names, at));
            continue;
        };
        let is_read = |mut range: std::ops::Range<usize>| {
            range.any(|other| kinds[other] == Kind::Values && !headings.is_left_out(other))
        };
        let between = kinds[left..at].contains(&Kind::Values);
        // A table of which nothing is read stands beside the other and is no part of it.
        let both = is_read(at..kinds.len()) && (is_read(left..at) || headings.is_left_out(at));
        if between && both && looks.says_other(left, at) {
            let fault = told(headings, left, at);
            return Some(if *certain { fault } else { fault.asking(whose(headings, at)) });
        }
    }
    None
}

struct Looks<'t> {
    rows: &'t [Row],
    headings: &'t Headings,
    procedures: Procedures<'t>,
}

impl Looks<'_> {
    fn cells(&self, at: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.cell(at).trim()).filter(|cell| !cell.is_empty())
    }

    fn kind(&self, at: usize) -> Kind {
        let profile = Profile::default_marks();
        let lowest = pieces_of(self.headings.text(at)).last().unwrap_or_default();
        let is_value =
            |cell: &str| is_mark(&profile, without_note(cell)) || matches!(parse_count(cell), Ok(Some(_)));
        let (mut filled, mut values, mut names) = (0, 0, 0);
        for cell in self.cells(at) {
            filled += 1;
            values += usize::from(is_value(cell));
            names += usize::from(self.procedures.of_heading(cell).is_some());
        }
        // What plans, days and sections stand under is of the marks beside them.
        let beside = Column::of_heading(lowest).is_some_and(|column| !is_name(column));
        match filled {
            0 => Kind::Other,
            _ if values * 2 > filled => {
                if beside {
                    Kind::Other
                } else {
                    Kind::Values
                }
            }
            _ => match heads_names(lowest) {
                Some((names, certain)) => Kind::Names(names, certain),
                None if !beside && names * 2 > filled => Kind::Names(Names::Procedure, false),
                None => Kind::Other,
            },
        }
    }

    /// Whether two columns name different things in a row.
    fn says_other(&self, left: usize, right: usize) -> bool {
        let (left, right) =
            (self.rows.iter().map(|row| row.cell(left)), self.rows.iter().map(|row| row.cell(right)));
        left.zip(right).any(|(left, right)| {
            let (left, right) = (fold_for_match(left), fold_for_match(right));
            !right.is_empty() && left != right
        })
    }
}

/// Whether a column of the long layout says what a row is about.
fn is_name(column: Column) -> bool {
    matches!(
        column,
        Column::MunicipalityCode | Column::MunicipalityName | Column::ProcedureId | Column::ProcedureName
    )
}

/// How a heading says that names of procedures or bodies stand below it, and whether for certain: one that is known,
/// or a usual word for what is applied for.
fn heads_names(lowest: &str) -> Option<(Names, bool)> {
    const OTHERS: [&str; 5] = ["関連", "旧", "親", "上位", "参考"];
    const ENDS: [&str; 8] =
        ["手続名", "手続き名", "事務名", "証明書名", "証明書", "申請名", "届出名", "件名"];
    const KNOWN: [(Names, &[&str]); 4] = [
        (Names::ProcedureId, PROCEDURE_ID),
        (Names::Procedure, PROCEDURE_NAME),
        (Names::Body, NAME),
        (Names::Code, CODE),
    ];
    spellings(lowest).find_map(|folded| {
        let known = KNOWN.iter().find(|(_, names)| names.contains(&folded.as_str()));
        let usual = || {
            let other = OTHERS.iter().any(|word| folded.contains(word));
            !other && ENDS.iter().any(|end| folded.ends_with(end))
        };
        known.map(|(names, _)| (*names, true)).or_else(|| usual().then_some((Names::Procedure, false)))
    })
}

fn told(headings: &Headings, left: usize, right: usize) -> Fault {
    let named = |at: usize| format!("{}の「{}」", Headings::letters(at), cut(headings.text(at), 40));
    let message = format!(
        "表が横に2つ並んでいます（{}と{}）。右の表を左の表の下に移し、1つの表にして送り直してください。",
        named(left),
        named(right)
    );
    Fault::whole("tables_side_by_side", message).at_line(headings.line)
}

/// Asks whether a column that may name other procedures speaks of those on its left.
fn whose(headings: &Headings, at: usize) -> Question {
    let name = headings.name(at);
    let shown = cut(&name, 60);
    let note = Choice {
        parameter: "columns".to_owned(),
        value: format!("{}={}", fold_for_match(&name), Column::Note.code()),
        label: "左の手続についての説明（備考として記録する）".to_owned(),
    };
    let left = Choice {
        label: "左の手続についての説明（取り込まない）".to_owned(), ..left_out(&name)
    };
    let question = format!(
        "「{shown}」は、左の手続についての説明ですか（右の列がこの列の手続のものなら、表を分けて送り直してください）"
    );
    Question {
        mark: cut(&name, 100),
        headings: vec![shown],
        choices: vec![left, note],
        ..Question::about_the_file("columns", question, [])
    }
}
