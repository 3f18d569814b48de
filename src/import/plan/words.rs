//! Lines that say words and no level: 担当課 alone changes what is known, and is told where nothing is.

use std::collections::BTreeMap;

use super::merge::filled;
use super::spot::{LineColumn, place};
use crate::import::{Fallback, Said, Statement};

/// Lines of words, and whether any of them went to something that is known.
#[derive(Debug, Default)]
pub(super) struct LinesOfWords(pub(super) BTreeMap<u32, Words>);

/// The words of a line.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) place: LineColumn,
    /// Whether any of them went to something that is known.
    pub(super) placed: bool,
    /// The fields they are of.
    pub(super) fields: Vec<&'static str>,
}

impl LinesOfWords {
    /// The words of a line go to what is known, or find nothing on one channel.
    pub(super) fn note(&mut self, statement: &Statement, placed: bool) {
        let Said::Readiness(_, patch) = &statement.said else { return };
        if patch.unless_known == Some(Fallback::Words) {
            let new = || Words { place: place(statement), placed: false, fields: filled(patch) };
            self.0.entry(statement.line).or_insert_with(new).placed |= placed;
        }
    }
}
