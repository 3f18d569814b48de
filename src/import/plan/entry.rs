//! One fact that a file would add to the log.

use chrono::{DateTime, Utc};

use crate::domain::assertion::{AssertionKind, Fact, Key, Stated};
use crate::domain::dates::Dated;
use crate::domain::imports::RowOutcome;
use crate::domain::log::Spot;
use crate::domain::readiness::Source;
use crate::domain::shared::SharedText;

/// One fact that would be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Line of the file.
    pub line: u32,
    /// Column of the cell that says it, from 0; none where the whole line does.
    pub column: Option<u16>,
    /// What it is about.
    pub key: Key,
    /// What the assertion does.
    pub kind: AssertionKind,
    /// The positions of the key in the catalogue.
    pub spot: Spot,
    /// What becomes of the row.
    pub outcome: RowOutcome,
    /// What a page shows of it today: its own source's word, else the published one, as far as they count.
    pub old: Option<Fact>,
    /// Whose word that was.
    pub old_source: Option<Source>,
    /// What is stated.
    pub new: Fact,
    /// The day from which it is true.
    pub effective: Dated,
    /// What becomes of it on a page of today.
    pub shows: Shows,
    /// Whether a level of either source falls by it, is withdrawn, or counts no longer because this goes
    /// before it.
    pub sinks: bool,
    /// Whether it is written because of another entry of its line, which ends what it was: a level ends
    /// "not performed", and the other way round.
    pub follows: bool,
}

/// What becomes of a fact on a page of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// It is shown from now on.
    Today,
    /// Its day is still to come.
    Later,
    /// Something that is true since a later day is shown.
    Past,
    /// Another word goes before it.
    Beside,
}

impl Entry {
    /// Whether a level falls, a stated level is withdrawn, or levels count no longer. What only follows
    /// from another entry is counted with that one.
    pub fn lowers(&self) -> bool {
        !self.follows && self.sinks
    }

    /// Whether a page of today shows something else once it is written.
    pub fn changes_today(&self) -> bool {
        self.outcome.is_news() && self.shows == Shows::Today && self.old.as_ref() != Some(&self.new)
    }

    /// The texts that were taken over from the log without their words.
    pub fn unread(&self) -> impl Iterator<Item = &SharedText> {
        let facts = self.old.iter().chain([&self.new]);
        facts.flat_map(Fact::texts).filter(|text| text.to_read().is_some())
    }

    /// The fact as a row of the log, under a number.
    pub fn stated(&self, seq: i64, recorded_at: DateTime<Utc>) -> Stated {
        Stated { seq, effective: self.effective, recorded_at, fact: self.new.clone() }
    }
}
