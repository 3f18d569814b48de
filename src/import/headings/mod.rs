//! Where the headings of a table stand: titles may stand above them, and they may take two rows.

mod candidates;
mod keys;
mod legend;
mod over;
mod plain;
mod remarks;
mod row;
mod spelling;

pub(super) use candidates::Candidates;
pub(super) use keys::{
    CHANNEL, CODE, DISTRICT, EFFECTIVE, NAME, PREFECTURE, PREFECTURE_CODE, PROCEDURE_ID, PROCEDURE_NAME,
    WARD, names_a_row,
};
pub(super) use over::{Fact, FactKind, facts_of, is_of_facts};
pub(super) use remarks::{holds_marks, is_footnote, is_legend, remarks_above, rows_above};
pub(super) use row::Headings;
pub(super) use spelling::{JOINT, parts, pieces_of, spellings};

/// Heading of the reasons in a list of rows that were not taken; whoever sends that list again
/// need not take the column out.
pub const REASON: &str = "取り込めなかった理由";
/// Heading of what the state published, beside what the town is asked; not read back.
pub const PUBLISHED: &str = "国公表値（参考）";

/// Whether a column is one of ours that is written for people and not read.
pub(super) fn is_for_people(heading: &str) -> bool {
    [REASON, PUBLISHED].contains(&heading.trim())
}
