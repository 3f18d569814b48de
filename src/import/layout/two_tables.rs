//! Tables that stand beside each other under other headings: 手続名 and its marks, and right of them the names of
//! other procedures with theirs. Read as one, the marks on the right would go to the names on the left.

use super::long::Column;
use super::unknown::{is_mark, without_note};
use crate::domain::catalogue::Catalogue;
use crate::domain::number::parse_count;
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::{CODE, Headings, NAME, PROCEDURE_ID, PROCEDURE_NAME, pieces_of, spellings};
use crate::import::marks::Profile;
use crate::import::resolve::Procedures;
use crate::import::table::{Row, Table};
use crate::import::{Fault, Options};

/// So many rows are looked at.
const ROWS: usize = 200;

/// What a column is to this question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It names what its rows are about, in such a way.
    Names(Names),
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
        let Kind::Names(names) = kind else { continue };
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
            return Some(told(headings, left, at));
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
            _ if !beside && names * 2 > filled => Kind::Names(Names::Procedure),
            _ => heads_names(lowest).map_or(Kind::Other, Kind::Names),
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

/// How a heading says that names of procedures or bodies stand below it: one that is known, or a usual word for what
/// is applied for.
fn heads_names(lowest: &str) -> Option<Names> {
    const ENDS: [&str; 8] =
        ["手続名", "手続き名", "事務名", "証明書名", "証明書", "申請名", "届出名", "件名"];
    const KNOWN: [(Names, &[&str]); 4] = [
        (Names::ProcedureId, PROCEDURE_ID),
        (Names::Procedure, PROCEDURE_NAME),
        (Names::Body, NAME),
        (Names::Code, CODE),
    ];
    spellings(lowest).find_map(|folded| {
        let known = KNOWN.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(names, _)| *names);
        known.or_else(|| ENDS.iter().any(|end| folded.ends_with(end)).then_some(Names::Procedure))
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
