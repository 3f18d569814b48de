//! Rows of codes, names and prefectures above or below the headings of a table whose columns are bodies.

use crate::domain::text::{fold_for_match, fold_width};
use crate::import::Options;
use crate::import::headings::{CODE, Headings, JOINT, NAME, PREFECTURE};
use crate::import::resolve::{Bodies, Procedures};
use crate::import::table::{Row, Table};

/// What a row says of the bodies of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Code,
    Name,
    Prefecture,
}

/// Whether a heading over the names of procedures is about the bodies beside it: 団体, 団体コード.
pub(super) fn is_corner(heading: &str) -> bool {
    let folded = fold_for_match(heading);
    [CODE, NAME].iter().any(|names| names.contains(&folded.as_str()))
}

/// Whether most of the first cells of the first column below the headings name procedures.
pub(super) fn names_procedures(table: &Table, headings: &Headings, procedures: &Procedures<'_>) -> bool {
    /// So many are looked at.
    const ROWS: usize = 50;
    let cells = table.rows.iter().skip(headings.next).take(ROWS).map(|row| row.cell(0).trim());
    let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    let named = cells.iter().filter(|cell| procedures.of_heading(cell).is_some()).count();
    named * 2 > cells.len()
}

/// What a heading says of a body: a code, a name, or both.
pub(super) fn told(heading: &str) -> (String, String) {
    let (mut code, mut name) = (String::new(), String::new());
    // What joins the rows of a heading is folded to a stroke.
    for part in fold_width(heading).split(['/', ' ', '\n', '_', ':']).map(str::trim) {
        match part {
            "" => {}
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.clone_into(&mut code),
            // A prefecture stands above the names of its municipalities.
            other if name.ends_with(['都', '道', '府', '県']) && !other.starts_with(&name) => {
                name.push_str(other)
            }
            other => other.clone_into(&mut name),
        }
    }
    (code, name)
}

/// The headings with what the rows around them say of the bodies in `columns`; as they are where there is no
/// such row. `label` is the column in which those rows say what they are.
pub(super) fn with_rows_around(
    table: &Table,
    options: &Options,
    headings: Headings,
    (label, columns): (usize, &[usize]),
    bodies: &Bodies<'_>,
) -> Headings {
    /// A table has no more of them on either side.
    const MOST: usize = 3;
    let says = |row: &Row| says(row, label, columns, bodies);
    let rows = headings.rows();
    let below = table.rows[rows.end..].iter().take(MOST).map_while(|row| Some((says(row)?, row)));
    let above = table.rows[..rows.start].iter().rev().take(MOST).map_while(|row| Some((says(row)?, row)));
    let (above, below): (Vec<_>, Vec<_>) = (above.collect(), below.collect());
    if above.is_empty() && below.is_empty() {
        return headings;
    }
    let around: Vec<(Says, &Row)> = above.iter().chain(&below).copied().collect();
    let first = rows.start - above.len();
    let next = rows.end + below.len();
    let width = table.rows[first..next].iter().map(Row::len).max().unwrap_or(0);
    let texts = (0..width).map(|at| match columns.contains(&at) {
        true => heading(headings.text(at), at, columns, &around),
        false => headings.text(at).to_owned(),
    });
    let texts = texts.collect();
    Headings::of_texts(table, first..next, texts).explained(options)
}

/// What a row around the headings says; nothing where it is none of them.
fn says(row: &Row, label: usize, columns: &[usize], bodies: &Bodies<'_>) -> Option<Says> {
    let folded = fold_for_match(row.cell(label));
    let is = |names: &[&str]| names.contains(&folded.as_str());
    if is(PREFECTURE) {
        return Some(Says::Prefecture);
    }
    if is(NAME) {
        return Some(Says::Name);
    }
    let cells: Vec<String> =
        columns.iter().map(|at| fold_width(row.cell(*at))).filter(|cell| !cell.is_empty()).collect();
    let code =
        |cell: &String| (4..=6).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
    if cells.is_empty() || !cells.iter().all(code) {
        return None;
    }
    // Without a word for it, numbers are codes where most of them are those of bodies.
    let known = || cells.iter().filter(|cell| bodies.knows(cell)).count() * 2 > cells.len();
    (is(CODE) || (folded.is_empty() && known())).then_some(Says::Code)
}

/// The heading of a body with what stands around it.
fn heading(own: &str, at: usize, columns: &[usize], around: &[(Says, &Row)]) -> String {
    let (mut code, mut name) = told(own);
    let mut prefecture = String::new();
    for (says, row) in around {
        let cell = row.cell(at).trim();
        match says {
            Says::Code if code.is_empty() || !cell.is_empty() => fold_width(cell).clone_into(&mut code),
            Says::Name if !cell.is_empty() => cell.clone_into(&mut name),
            Says::Prefecture => {
                // It may stand over the first of its columns alone.
                let stands = columns.iter().rev().filter(|column| **column <= at);
                let mut stands = stands.map(|column| row.cell(*column).trim());
                stands.find(|cell| !cell.is_empty()).unwrap_or_default().clone_into(&mut prefecture);
            }
            _ => {}
        }
    }
    let name = if name.starts_with(prefecture.as_str()) { name } else { format!("{prefecture}{name}") };
    [code, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&JOINT.to_string())
}
