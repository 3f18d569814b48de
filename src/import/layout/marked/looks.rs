//! What the whole of a column tells of its marks.

use std::collections::HashMap;

use super::{MAX_KEPT, MAX_LENGTH};
use crate::domain::readiness::Level;
use crate::domain::text::{fold_mark, unguarded};
use crate::import::marks::{Meaning, Place, level};
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

/// Looks at the columns of a table before they are read.
pub(super) struct Looks<'a> {
    place: Place<'a>,
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
}

impl<'a> Looks<'a> {
    pub(super) fn new(place: Place<'a>) -> Self {
        Self { place, seen: HashMap::new() }
    }

    pub(super) fn column(&mut self, rows: &[&Row], column: usize, part: bool) -> Traits {
        let mut all = Look::default();
        for cell in rows.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_empty()) {
            let look = match self.seen.get(cell) {
                Some(look) => *look,
                None => self.look(cell),
            };
            all.full |= look.full;
            all.plain |= look.plain;
            all.binary |= look.binary;
            all.level |= look.level;
        }
        Traits {
            graded: all.full && all.plain,
            cut_off: all.full && !all.plain && part,
            binary: all.binary && !all.level,
        }
    }

    fn look(&mut self, cell: &str) -> Look {
        let raw = unguarded(cell);
        let look = match level(fold_mark(raw).as_str()) {
            Some((level, false)) if level <= Level::ONE => Look { binary: true, ..Look::default() },
            _ => match self.place.read(raw).map(|read| read.cell.meaning) {
                Ok(Meaning::Full) => Look { full: true, level: true, ..Look::default() },
                Ok(Meaning::Level(level, at_least)) => {
                    Look { plain: level == Level::THREE && at_least, level: true, ..Look::default() }
                }
                _ => Look::default(),
            },
        };
        if self.seen.len() < MAX_KEPT && cell.len() <= MAX_LENGTH {
            self.seen.insert(cell.into(), look);
        }
        look
    }
}
