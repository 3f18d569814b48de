//! What the whole of a column tells of its marks.

use std::collections::HashMap;

use crate::domain::readiness::{Level, Scale};
use crate::domain::text::{fold_mark, unguarded};
use crate::import::marks::{CellContext, Meaning, Read, is_dash, level};
use crate::import::table::Row;

/// What the whole of a column tells of its marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// ◎ is more than ○ here.
    pub(super) graded: bool,
    /// It is not to be told whether ◎ is more than ○.
    pub(super) cut_off: bool,
    /// Its only levels are 0 and 1.
    pub(super) binary: bool,
    /// It holds nothing but numbers, and such as are neither levels nor codes.
    pub(super) counts: bool,
    /// Numbers before words are those of choices.
    pub(super) choices: bool,
}

impl Traits {
    /// What ◎ means here; nothing where that is not to be told.
    pub(super) fn full(self) -> Option<Meaning> {
        match self {
            Self { cut_off: true, .. } => None,
            Self { graded: true, .. } => Some(Meaning::Level(Level::FOUR, false)),
            _ => Some(Meaning::Level(Level::THREE, true)),
        }
    }
}

/// A column that was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looked {
    pub(super) traits: Traits,
    /// Whether it holds nothing but numbers.
    pub(super) bare: bool,
    /// The highest number that is no level.
    pub(super) above: Option<u32>,
}

/// Looks at the columns of a table before they are read.
pub(super) struct Looks<'a> {
    place: CellContext<'a>,
    seen: HashMap<Box<str>, Look>,
}

/// What a text tells of its column.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    full: bool,
    plain: bool,
    /// 0 or 1.
    binary: bool,
    /// Another level; 対象外, 未回答 or a dash beside them tell nothing of what 0 and 1 are.
    level: bool,
    /// A number that is no level, and that nobody explained.
    number: Option<u32>,
    /// No number at all, nor a dash.
    word: bool,
    /// A number, of a level or not.
    numeric: bool,
    /// A mark behind a number that was passed over.
    choices: bool,
}

impl Look {
    fn of(read: &Read) -> Self {
        let look = Self { choices: read.numbered, ..Self::default() };
        match read.cell.meaning {
            Meaning::Full => Self { full: true, level: true, ..look },
            Meaning::Level(level, at_least) => {
                Self { plain: level == Level::THREE && at_least, level: true, ..look }
            }
            _ => look,
        }
    }
}

impl<'a> Looks<'a> {
    pub(super) fn new(place: CellContext<'a>) -> Self {
        Self { place, seen: HashMap::new() }
    }

    pub(super) fn column(&mut self, rows: &[&Row], column: usize, part: bool) -> Looked {
        /// So many different numbers are no codes, and so high a one neither.
        const MANY: usize = 3;
        const HIGH: u32 = 100;
        let mut all = Look::default();
        let mut numbers: Vec<u32> = Vec::new();
        for cell in rows.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_empty()) {
            let look = match self.seen.get(cell) {
                Some(look) => *look,
                None => self.look(cell),
            };
            all.full |= look.full;
            all.plain |= look.plain;
            all.binary |= look.binary;
            all.level |= look.level;
            all.word |= look.word;
            all.numeric |= look.numeric;
            all.choices |= look.choices;
            numbers.extend(look.number.filter(|number| numbers.len() < MANY && !numbers.contains(number)));
            all.number = all.number.max(look.number);
        }
        let counted = numbers.len() == MANY || all.number.is_some_and(|highest| highest >= HIGH);
        let traits = Traits {
            graded: all.full && all.plain,
            cut_off: all.full && !all.plain && part,
            binary: all.binary && !all.level,
            counts: counted && !all.word,
            choices: all.choices,
        };
        Looked { traits, bare: all.numeric && !all.word, above: all.number }
    }

    fn look(&mut self, cell: &str) -> Look {
        let raw = unguarded(cell);
        let folded = fold_mark(raw);
        let number = number(&folded).filter(|_| !self.is_explained(&folded));
        let word = number.is_none() && !is_dash(&folded);
        let look = match level(&folded) {
            Some((level, false)) if level <= Level::ONE => Look { binary: true, ..Look::default() },
            _ => self.place.read(raw).map_or_else(|_| Look::default(), |read| Look::of(&read)),
        };
        let no_level = number.filter(|number| *number > u32::from(Level::MAX.number()));
        let look = Look { number: no_level, word, numeric: number.is_some(), ..look };
        if self.seen.len() < MAX_KEPT && cell.len() <= MAX_LENGTH {
            self.seen.insert(cell.into(), look);
        }
        look
    }

    fn is_explained(&self, number: &str) -> bool {
        let said = |scale: &Scale| self.place.profile.said(number, Some(*scale)).is_some();
        self.place.legend.speaks_of(number) || Scale::ALL.iter().any(said)
    }
}

/// A number as it is counted: 1,234, 178件.
fn number(folded: &str) -> Option<u32> {
    folded.strip_suffix('件').unwrap_or(folded).replace(',', "").parse().ok()
}

/// Most different texts that are kept and counted of one kind of column.
pub(super) const MAX_KEPT: usize = 1_000;

/// Longer texts are not kept, in bytes.
pub(super) const MAX_LENGTH: usize = 300;
