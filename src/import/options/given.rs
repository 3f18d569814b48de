//! Answers about the marks, names and headings of a file.

use std::collections::BTreeMap;

use super::understood::Options;
use crate::domain::Refusal;
use crate::domain::text::{clean, fold_for_match, fold_name, fold_width};
use crate::import::marks::{check_mark, is_on_one_scale};

/// Answers about marks, names and headings of a file, as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// Marks and their meanings.
    pub marks: BTreeMap<String, String>,
    /// Headings and what they mean: a field, a procedure, a channel, a body.
    pub columns: BTreeMap<String, String>,
    /// Names and the code or id that each stands for.
    pub names: BTreeMap<String, String>,
    /// Headings of columns that are left out.
    pub ignore: Vec<String>,
}

/// Most answers of one sort.
pub(super) const MAX_GIVEN: usize = 500;

/// Longest heading or name that is answered about, in characters.
pub(super) const MAX_GIVEN_TEXT: usize = 200;

impl Given {
    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes the answers of `newer` over these.
    pub(super) fn extend(&mut self, newer: Self) {
        let Self { marks, columns, names, ignore } = newer;
        // Said without a scale it holds on every one, whatever was said of one of them before.
        let plain = |mark: &str| check_mark(mark).unwrap_or_else(|_| mark.to_owned());
        for mark in marks.keys().map(|mark| plain(mark)) {
            self.marks.retain(|known, _| !is_on_one_scale(&plain(known), &mark));
        }
        self.marks.extend(marks);
        self.columns.extend(columns);
        self.names.extend(names);
        self.ignore.extend(ignore);
        self.ignore.sort_unstable();
        self.ignore.dedup();
    }

    /// Lays these answers over what stands in `options`.
    pub(super) fn lay_over(&self, options: &mut Options, faults: &mut Vec<(&'static str, Refusal)>) {
        let sizes = [self.marks.len(), self.columns.len(), self.names.len(), self.ignore.len()];
        if sizes.iter().any(|size| *size > MAX_GIVEN) {
            let refusal = Refusal::new("too_many_values", "", "答えが多すぎます", "too many answers");
            faults.push(("answers", refusal.allowed(format!("{MAX_GIVEN}個まで"))));
            return;
        }
        // Here too the later word without a scale goes before an earlier one of one scale.
        for mark in self.marks.keys().filter_map(|mark| check_mark(mark).ok()) {
            options.marks.retain(|(known, _)| !is_on_one_scale(known, &mark));
        }
        for (mark, meaning) in &self.marks {
            match check_mark(mark).and_then(|mark| Ok((mark, fold_width(meaning).parse()?))) {
                Ok(pair) => options.marks.push(pair),
                Err(refusal) => faults.push(("marks", refusal)),
            }
        }
        let mut folded = |name, pairs: &BTreeMap<String, String>, fold: fn(&str) -> String| {
            let mut all = Vec::with_capacity(pairs.len());
            for (left, right) in pairs {
                match (clean(left, MAX_GIVEN_TEXT), clean(right, MAX_GIVEN_TEXT)) {
                    (Ok(Some(left)), Ok(Some(right))) => all.push((fold(&left), fold_width(&right))),
                    (Err(refusal), _) | (_, Err(refusal)) => faults.push((name, refusal)),
                    _ => faults.push((name, empty_answer(left))),
                }
            }
            all
        };
        let columns = folded("columns", &self.columns, fold_for_match);
        let names = folded("names", &self.names, fold_name);
        options.columns.splice(0..0, columns);
        options.names.splice(0..0, names);
        options.ignore.extend(self.ignore.iter().map(|heading| fold_for_match(heading)));
    }
}

pub(super) fn empty_answer(value: &str) -> Refusal {
    Refusal::new("empty_answer", value, "答えが空です", "an answer is empty")
        .allowed("見出し・名前と、その意味")
}
