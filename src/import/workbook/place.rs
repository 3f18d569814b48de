//! Where cells stand: references such as `B3`, ranges of them, and the first few of many.

/// Excel's own last row, counted from 1.
pub(super) const LAST_ROW: u32 = 1_048_576;
/// Excel's own number of columns.
pub(super) const COLUMNS: u32 = 16_384;

/// A rectangle of cells; all four bounds are inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellRange {
    /// First row, counted from 1.
    pub first_row: u32,
    /// Last row, counted from 1.
    pub last_row: u32,
    /// First column, counted from 0.
    pub first_column: u32,
    /// Last column, counted from 0.
    pub last_column: u32,
}

impl CellRange {
    /// `A1:C4`, in any order of its corners and with or without `$`; a single cell is no range.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(':')?;
        let (from, to) = (parse_reference(from)?, parse_reference(to)?);
        Some(Self {
            first_row: from.1.min(to.1),
            last_row: from.1.max(to.1),
            first_column: from.0.min(to.0),
            last_column: from.0.max(to.0),
        })
    }
}

impl std::fmt::Display for CellRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let from = reference(self.first_column, self.first_row);
        write!(f, "{from}:{}", reference(self.last_column, self.last_row))
    }
}

/// How many cells something is said of, and which are the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// How many.
    pub count: usize,
    /// The references of the first ones.
    pub first: Vec<String>,
}

impl Cells {
    /// So many are named.
    const NAMED: usize = 5;
    /// So many are kept.
    const KEPT: usize = 500;

    /// Adds one; its reference is made only if it is among the first.
    pub fn add(&mut self, reference: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(reference());
        }
    }

    /// Whether the cell of this reference is among those that are kept.
    pub fn holds(&self, reference: &str) -> bool {
        self.first.iter().any(|known| known == reference)
    }

    /// `A5、B7 など`; empty where there are none.
    pub fn named(&self) -> String {
        let named = &self.first[..self.first.len().min(Self::NAMED)];
        let more = if self.count > named.len() { " など" } else { "" };
        named.join("、") + more
    }
}

/// `B3` as (1, 3): the column counted from 0, the row from 1.
pub(super) fn parse_reference(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.strip_prefix('$').unwrap_or(reference);
    let digits = reference.find(|character: char| !character.is_ascii_alphabetic())?;
    let (letters, digits) = reference.split_at(digits);
    let digits = digits.strip_prefix('$').unwrap_or(digits);
    if letters.is_empty() || letters.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = digits.parse().ok()?;
    (column <= COLUMNS && (1..=LAST_ROW).contains(&row)).then_some((column - 1, row))
}

/// `B3` of the column 1, counted from 0, and the row 3, counted from 1.
pub fn reference(column: u32, row: u32) -> String {
    format!("{}{row}", letters(column))
}

/// The letters over a column counted from 0: `A`, `AA`.
pub fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from_digit(rest % 26 + 10, 36).unwrap_or('?').to_ascii_uppercase());
        rest /= 26;
    }
    letters.iter().rev().collect()
}
