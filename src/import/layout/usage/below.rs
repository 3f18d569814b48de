//! What stands below a heading: whether it is counts, although a cell of them may be none.

use crate::domain::number::parse_count;
use crate::domain::text::{fold_mark, fold_width};
use crate::import::headings::Headings;
use crate::import::marks::is_dash;
use crate::import::table::Table;

/// How all dashes are asked about.
const DASH: &str = "ー";
/// Words for a number that nobody has.
const UNKNOWN: [&str; 10] =
    ["未集計", "集計中", "未計上", "調査中", "未調査", "不明", "未回答", "把握していない", "未把握", "なし"];
/// What may stand for no number and is a mark as well: it makes no column one of counts.
const MARKS: [&str; 4] = ["該当なし", "対象外", "制度なし", "×"];
/// Signs of statistics: of a number that is kept secret, that nobody knows, that does not apply. Each with its
/// other spellings, folded and in small letters.
const SIGNS: [(&str, Kept, &[&str]); 4] = [
    ("x", Kept::Secret, &["x", "xx", "xxx", "χ"]),
    (
        "秘",
        Kept::Secret,
        &["秘", "秘匿", "非公表", "非公開", "*", "**", "***", "****", "#", "##", "###", "####"],
    ),
    ("…", Kept::Unknown, &["…", "……", "...", "・・・", "‥", "..", "?", "??", "???"]),
    ("N/A", Kept::Unknown, &["n/a", "na", "n.a.", "<na>", "null", "none", "nan", "\\n"]),
];

/// What becomes of a number for which a sign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// There is one, which is not told.
    Secret,
    /// Nobody knows, or there is none: it may be that there was nothing to count.
    Unknown,
}

/// How a (folded) cell that says no number is asked about, and what becomes of the number; nothing if it is another
/// cell.
pub(super) fn no_number(folded: &str) -> Option<(&'static str, Kept)> {
    if is_dash(folded) {
        return Some((DASH, Kept::Unknown));
    }
    let small = folded.to_lowercase();
    let sign = SIGNS.iter().find(|(.., spellings)| spellings.contains(&small.as_str()));
    let mut words = UNKNOWN.iter().chain(&MARKS);
    let word = || words.find(|word| **word == folded).map(|word| (*word, Kept::Unknown));
    sign.map(|(mark, kept, _)| (*mark, *kept)).or_else(word)
}

/// Whether a cell stands for a number that nobody has.
fn says_no_number(cell: &str) -> bool {
    no_number(&fold_mark(cell)).is_some_and(|(mark, _)| !MARKS.contains(&mark))
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
            } else if says_no_number(cell) {
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
