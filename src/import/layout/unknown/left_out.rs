//! How a column is left out.

use crate::domain::text::fold_for_match;
use crate::import::marks::Choice;

pub(in crate::import::layout) fn left_out(name: &str) -> Choice {
    Choice {
        parameter: "ignore".to_owned(),
        value: fold_for_match(name),
        label: "この列は取り込まない".to_owned(),
    }
}
