//! What a column of applicability says: the code, the label or a part of the label, or the mark for it
//! that other columns have.

use crate::domain::applicability::Applicability;
use crate::domain::text::fold_for_match;
use crate::import::marks::absence;

/// Reads a cell; `None` if it is nothing of that.
pub(super) fn read_applicability(text: &str) -> Option<Applicability> {
    let folded = fold_for_match(text);
    let known = Applicability::ALL.iter().copied().find(|value| {
        value.code() == folded
            || fold_for_match(value.label()) == folded
            || value.label().split(['・', '（']).any(|part| fold_for_match(part) == folded)
    });
    known.or_else(|| absence(text))
}
