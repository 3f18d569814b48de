//! Several columns that mean one thing: which of them is read, the sender says.

use super::earlier::tells_earlier;
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::Headings;
use crate::import::marks::{Choice, Question};

/// The faults of columns that mean the same as one before them: each of `columns` is what it means.
pub(super) fn faults<K: PartialEq>(headings: &Headings, columns: &[(usize, K)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, (column, key)) in columns.iter().enumerate() {
        let Some((first, _)) = columns[..at].iter().find(|(_, other)| other == key) else { continue };
        let text = headings.text(*column);
        let message = format!("同じ意味の見出しが{}列目にもあります", first + 1);
        let fault =
            Fault::whole("duplicate_heading", message).at_line(headings.line).in_column(*column, text);
        let same: Vec<usize> = columns.iter().filter(|(_, other)| other == key).map(|(at, _)| *at).collect();
        faults.push(fault.found(text).asking(question(headings, &same)));
    }
    faults
}

/// Whether some headings are the same, so that only their letters tell the columns apart.
pub(super) fn are_alike(headings: &Headings, columns: &[usize]) -> bool {
    let folded: Vec<String> = columns.iter().map(|at| fold_for_match(&headings.name(*at))).collect();
    folded.iter().enumerate().any(|(at, name)| folded[..at].contains(name))
}

/// Asks which of some columns is read, and the others are left out. What is not called earlier is the likeliest.
pub(super) fn question(headings: &Headings, columns: &[usize]) -> Question {
    /// More columns are not told apart so.
    const MOST: usize = 20;
    let alike = are_alike(headings, columns);
    let named = |at: usize| match headings.name(at) {
        name if alike => format!("{}（{}）", cut(&name, 40), Headings::letters(at)),
        name => cut(&name, 60),
    };
    let spoken = |at: usize| fold_for_match(&if alike { Headings::letters(at) } else { headings.name(at) });
    let only = |taken: usize| {
        let others = columns.iter().filter(|at| **at != taken);
        Choice {
            parameter: "ignore".to_owned(),
            value: others.map(|at| spoken(*at)).collect::<Vec<_>>().join(","),
            label: format!("「{}」だけを取り込む", named(taken)),
        }
    };
    let mut of_today = columns.iter().filter(|at| !tells_earlier(&headings.name(**at)));
    let likely = of_today.next().filter(|_| of_today.next().is_none());
    let names: Vec<String> = columns.iter().take(MOST).map(|at| named(*at)).collect();
    let shown = cut(&names.join("」「"), 120);
    Question {
        mark: cut(&headings.name(columns[0]), 100),
        headings: names.iter().take(5).cloned().collect(),
        suggestion: likely.map(|at| only(*at).value),
        choices: columns.iter().take(MOST).map(|at| only(*at)).collect(),
        ..Question::about_the_file("ignore", format!("「{shown}」のどの列を取り込みますか"), [])
    }
}
