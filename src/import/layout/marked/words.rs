//! Words in place of marks: what the sender says that they mean is not all that they say.

use super::{Kind, Marks};
use crate::domain::text::fold_mark;
use crate::import::layout::channel_words::names_product;
use crate::import::marks::{Cell, Profile, keep_words};

impl Marks {
    /// A cell with the words that the sender explains and the file does not.
    pub(super) fn with_words(&self, mut cell: Cell, (raw, mark): (&str, &str), kind: &Kind) -> Cell {
        let said = self.profile.said(mark, kind.scale).is_some();
        if said
            && are_words(mark)
            && !self.notes.legend(kind.legend).speaks_of(mark)
            && fold_mark(raw).contains(mark)
        {
            keep_words(&mut cell, raw, mark, names_product);
        }
        cell
    }
}

/// Whether a (folded) mark is words, and none that say by themselves what they mean.
fn are_words(mark: &str) -> bool {
    mark.starts_with(char::is_alphanumeric) && Profile::default_marks().meaning(mark, None).is_none()
}
