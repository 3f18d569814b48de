//! What stands below a heading: whether it is counts, although a cell of them may be none.

use crate::domain::number::parse_count;
use crate::domain::text::{fold_mark, fold_width, stands_for_nothing};
use crate::import::headings::Headings;
use crate::import::marks::is_dash;
use crate::import::table::Table;

/// How all dashes are asked about.
const DASH: &str = "ー";
/// Words for a number that nobody has.
const UNKNOWN: [&str; 10] =
    ["未集計", "集計中", "未計上", "調査中", "未調査", "不明", "未回答", "把握していない", "未把握", "なし"];

/// How a (folded) cell that says no number is asked about; nothing if it is another one.
pub(super) fn no_number(folded: &str) -> Option<&'static str> {
    if is_dash(folded) { Some(DASH) } else { UNKNOWN.iter().find(|word| **word == folded).copied() }
}

/// Whether a cell stands for a number that nobody has.
fn says_no_number(cell: &str) -> bool {
    no_number(&fold_mark(cell)).is_some()
}

/// Words around a number that nobody counted exactly.
const ABOUT: [&str; 3] = ["約", "およそ", "およそ約"];
const OR_SO: [&str; 9] = ["以上", "程度", "ほど", "余り", "余", "弱", "強", "前後", "未満"];
/// The highest level.
const HIGHEST_LEVEL: i64 = 5;

/// What the first cells below a heading are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Below {
    numbers: usize,
    dashes: usize,
    /// Words for a number that nobody has.
    words: usize,
    /// Marks, notes, a heading that stands once more.
    others: usize,
    highest: i64,
}

impl Below {
    pub(super) fn of(table: &Table, headings: &Headings, at: usize) -> Self {
        /// So many are looked at.
        const ROWS: usize = 50;
        let mut found = Self::default();
        let rows = table.rows.iter().skip(headings.next).take(ROWS);
        for cell in rows.map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty()) {
            if let Some(number) = number(cell) {
                found.numbers += 1;
                found.highest = found.highest.max(number);
            } else if is_dash(&fold_mark(cell)) {
                found.dashes += 1;
            } else if says_no_number(cell) || [cell, &cell.to_uppercase()].into_iter().any(stands_for_nothing)
            {
                found.words += 1;
            } else {
                found.others += 1;
            }
        }
        found
    }

    /// Whether they are counts, one of them at least so large: most of them are numbers. Beside columns whose
    /// headings say that they are counts, one number is enough that is no level, and so are dashes alone: what
    /// else stands there is asked about cell by cell.
    pub(super) fn are_counts(self, beside_counts: bool, least: i64) -> bool {
        let mostly = self.numbers > self.others && self.highest >= least;
        mostly || (beside_counts && (self.highest > HIGHEST_LEVEL || self.is_plain()))
    }

    /// Whether there are numbers that would be lost with a column of them.
    pub(super) fn hold_counts(self) -> bool {
        self.numbers > 0 && (self.highest > HIGHEST_LEVEL || self.is_plain())
    }

    /// Whether nothing stands there but numbers and what stands for one. Words alone may be marks.
    fn is_plain(self) -> bool {
        self.others == 0 && self.numbers + self.dashes > 0
    }
}

/// The number of a cell, also where it is only about so many: 約120, 300件程度.
fn number(cell: &str) -> Option<i64> {
    let count = |text: &str| parse_count(text).ok().flatten();
    count(cell).or_else(|| {
        let folded = fold_width(cell);
        let bare = ABOUT.iter().find_map(|word| folded.strip_prefix(word)).unwrap_or(&folded);
        let bare = OR_SO.iter().find_map(|word| bare.strip_suffix(word)).unwrap_or(bare);
        count(bare)
    })
}
