//! Several columns that mean one thing: which of them is read.

use super::earlier::tells_earlier;
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::Headings;
use crate::import::marks::{Choice, Question};

/// Asks which of some columns is read, and the others are left out; `None` where their headings do not tell them
/// apart. What is not called earlier is the likeliest.
pub(super) fn which_of(headings: &Headings, columns: &[usize]) -> Option<Question> {
    let names: Vec<String> = columns.iter().map(|at| headings.name(*at)).collect();
    let folded: Vec<String> = names.iter().map(|name| fold_for_match(name)).collect();
    if folded.iter().enumerate().any(|(at, name)| folded[..at].contains(name)) {
        return None;
    }
    let mut of_today = (0..names.len()).filter(|at| !tells_earlier(&names[*at]));
    let likely = of_today.next().filter(|_| of_today.next().is_none());
    let shown = cut(&names.join("」「"), 120);
    Some(Question {
        suggestion: likely.map(|at| only(&names, at).value),
        mark: cut(&names[0], 100),
        headings: names.iter().take(5).map(|name| cut(name, 60)).collect(),
        choices: (0..names.len()).map(|at| only(&names, at)).collect(),
        ..Question::about_the_file("ignore", format!("「{shown}」のどの列を取り込みますか"), [])
    })
}

/// Takes one column and leaves the others out.
fn only(names: &[String], taken: usize) -> Choice {
    let others = names.iter().enumerate().filter(|(at, _)| *at != taken);
    let ignored: Vec<String> = others.map(|(_, name)| fold_for_match(name)).collect();
    Choice {
        parameter: "ignore".to_owned(),
        value: ignored.join(","),
        label: format!("「{}」だけを取り込む", cut(&names[taken], 60)),
    }
}
