//! What the marks of a file mean. ○ × △ ◎ mean something else in every file, so a profile says it;
//! a mark that no profile knows stops the import with a question.

mod answers;
mod cell;
mod default;
mod explained;
mod footnotes;
mod legend;
mod meaning;
mod named;
mod pieces;
mod plans;
mod profile;
mod questions;
mod read_cell;
mod said;
mod signs;
mod symbols;
mod times;
mod words;
mod words_first;

pub use default::{DefaultMark, default_marks};
pub use meaning::{Binary, Meaning};
pub(super) use plans::is_title_of_plans;
pub use plans::planned;
pub(super) use profile::EMPTY;
pub use profile::{
    BUILT_IN, DEFAULT, DIGITAL_AGENCY, MAX_MARK, MAX_MARKS, Profile, check_mark, is_on_one_scale, parse_marks,
};
pub use questions::{Choice, Question};
pub(super) use read_cell::CellContext;
pub use words::is_dash;

pub(super) use answers::says_nothing;
pub(super) use cell::{Cell, Read, Unread};
pub(super) use explained::{is_called_legend, parted_by_names, said_of_name, words_come_first};
pub(super) use legend::{Legend, codes_in_rows, explained_in_cells, explains, is_mark_alone};
pub(super) use named::keep_words;
pub(super) use questions::{Open, Questions, likeliest_first, way};
pub(super) use said::{absence, absence_in, planned_level, said};
pub(super) use symbols::{is_symbol, without_groups};
pub(super) use times::{Time, told_time};
pub(super) use words::{level, looks_like, offered};

/// What stands behind a value that the state published, in tables that are written for people.
pub const OF_THE_STATE: &str = "（国）";
