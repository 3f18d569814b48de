//! Where a body stands with a procedure: what the definitions read, settled once per block, out of
//! the statements that count (whose word counts is the rule of `domain::precedence`).
//!
//! - A statement on `online` with level 0 says "no" for every online channel, one with exactly 1 or 2
//!   "no" from 3 on.
//! - Once a named online channel is stated, the unstated named ones are "no"; but where `online` counts
//!   beside named channels at 0 only, or alone, the means is unknown.
//! - A level counts when live; some definitions also count `prepared` and `seasonal`.

use super::cell::Cell;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::readiness::{ChannelId, Level, Place, Scale, State};

/// What is known of the best level over some channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Answer {
    /// Nobody stated anything.
    #[default]
    NoAnswer,
    /// Online by unknown means: whether by the channel asked for is open.
    MeansUnknown,
    /// Another named online channel is stated, so this one is "no".
    OtherChannel,
    /// Stated, but not in force.
    NotLive,
    /// The best level that counts.
    Level {
        /// The level.
        level: Level,
        /// Some counting statement says only "at least".
        open: bool,
    },
}

/// Where a body stands with one procedure: four bytes, one [`Mark`] per reading, because figures
/// walk over all of the country's standings each time they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing([Mark; Reads::COUNT]);

/// What a definition reads of a standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Best online level that is live, prepared or seasonal.
    Online,
    /// Best online level that is live.
    OnlineLive,
    /// The level on マイナポータル that is live.
    Mynaportal,
    /// Best live level at the body's own counters.
    Counter,
}

impl Reads {
    const COUNT: usize = 4;

    /// Whether a level in this state counts.
    pub fn counts(self, state: State) -> bool {
        match self {
            Self::Online => state != State::Suspended,
            Self::OnlineLive | Self::Mynaportal | Self::Counter => state == State::Live,
        }
    }
}

impl Standing {
    /// Nobody has stated anything.
    pub const SILENT: Self = Self(
        [Mark::of(Reading { applicability: Applicability::Applicable, answer: Answer::NoAnswer });
            Reads::COUNT],
    );

    /// One reading of it, packed.
    #[inline]
    pub fn mark(&self, reads: Reads) -> Mark {
        self.0[reads as usize]
    }

    /// One reading of it.
    pub fn reading(&self, reads: Reads) -> Reading {
        self.mark(reads).reading()
    }
}

/// What a definition is told of a body and a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whether the body performs the procedure.
    pub applicability: Applicability,
    /// What is known of the level that the definition asks for.
    pub answer: Answer,
}

/// A [`Reading`] in one byte: bits 0–3 the answer, 4–5 applicability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u8);

impl Mark {
    /// How many marks there can be.
    pub const COUNT: usize = 64;
    /// Levels lie above the four other answers, two marks each: exact and open.
    const FIRST_LEVEL: u8 = 4;

    /// Every mark that stands for a reading.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(|bits| u8::try_from(bits).ok().map(Self))
    }

    /// Its place in a table of [`Self::COUNT`].
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    const fn of(reading: Reading) -> Self {
        let answer = match reading.answer {
            Answer::NoAnswer => 0,
            Answer::MeansUnknown => 1,
            Answer::OtherChannel => 2,
            Answer::NotLive => 3,
            Answer::Level { level, open } => Self::FIRST_LEVEL + level.number() * 2 + open as u8,
        };
        let applicability = match reading.applicability {
            Applicability::Applicable => 0,
            Applicability::NotApplicable => 1,
            Applicability::OtherBody => 2,
            Applicability::Abolished => 3,
        };
        Self(answer | applicability << 4)
    }

    /// What it stands for.
    pub fn reading(self) -> Reading {
        let answer = match self.0 & 0b1111 {
            0 => Answer::NoAnswer,
            1 => Answer::MeansUnknown,
            2 => Answer::OtherChannel,
            3 => Answer::NotLive,
            level => Answer::Level {
                level: Level::new((level - Self::FIRST_LEVEL) / 2).unwrap_or(Level::ZERO),
                open: level % 2 == 1,
            },
        };
        let applicability = match self.0 >> 4 & 0b11 {
            0 => Applicability::Applicable,
            1 => Applicability::NotApplicable,
            2 => Applicability::OtherBody,
            _ => Applicability::Abolished,
        };
        Reading { applicability, answer }
    }
}

/// What of the catalogue the readings depend on.
pub(super) struct Rules<'a> {
    catalogue: &'a Catalogue,
    online: Option<ChannelIx>,
    mynaportal: Option<ChannelIx>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            online: catalogue.online(),
            mynaportal: catalogue.channel_ix(ChannelId::MYNAPORTAL),
        }
    }

    /// The standing of a procedure of which these cells and this applicability count.
    pub(super) fn standing<'b>(
        &self,
        counting: impl Iterator<Item = &'b Cell> + Clone,
        applicability: Applicability,
    ) -> Standing {
        let channel = |cell: &Cell| self.catalogue.channel(cell.channel);
        let online = counting.clone().filter(|cell| channel(cell).scale == Scale::Online);
        let at_counter = counting
            .filter(|cell| channel(cell).scale == Scale::Counter && channel(cell).place == Place::Counter);
        let mark = |answer| Mark::of(Reading { applicability, answer });
        // In the order of `Reads`.
        Standing([
            mark(best(online.clone(), Reads::Online)),
            mark(best(online.clone(), Reads::OnlineLive)),
            mark(self.mynaportal(online)),
            mark(best(at_counter, Reads::Counter)),
        ])
    }

    fn mynaportal<'b>(&self, online: impl Iterator<Item = &'b Cell> + Clone) -> Answer {
        let Some(mynaportal) = self.mynaportal else { return Answer::NoAnswer };
        let stated = online.clone().filter(|cell| cell.channel == mynaportal);
        let answer = best(stated, Reads::Mynaportal);
        if answer != Answer::NoAnswer {
            return answer;
        }
        let mut named = online.clone().filter(|cell| Some(cell.channel) != self.online);
        let unnamed = online.clone().find(|cell| Some(cell.channel) == self.online);
        match unnamed {
            None => named.next().map_or(Answer::NoAnswer, |_| Answer::OtherChannel),
            Some(_) if named.any(|cell| cell.level > Level::ZERO) => Answer::OtherChannel,
            Some(cell) if cell.level < Level::THREE && !cell.at_least => {
                Answer::Level { level: cell.level, open: false }
            }
            Some(cell) if !Reads::Mynaportal.counts(cell.state) => Answer::NotLive,
            Some(_) => Answer::MeansUnknown,
        }
    }
}

/// The best level among cells whose state counts.
fn best<'b>(cells: impl Iterator<Item = &'b Cell>, reads: Reads) -> Answer {
    let mut answer = Answer::NoAnswer;
    for cell in cells {
        answer = match answer {
            Answer::Level { level, open } if reads.counts(cell.state) => {
                Answer::Level { level: level.max(cell.level), open: open || cell.at_least }
            }
            Answer::Level { .. } => answer,
            _ if reads.counts(cell.state) => Answer::Level { level: cell.level, open: cell.at_least },
            _ => Answer::NotLive,
        };
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_holds_every_reading() {
        let levels = Level::all().flat_map(|level| [false, true].map(|open| Answer::Level { level, open }));
        let answers: Vec<Answer> =
            [Answer::NoAnswer, Answer::MeansUnknown, Answer::OtherChannel, Answer::NotLive]
                .into_iter()
                .chain(levels)
                .collect();
        let mut seen = std::collections::HashSet::new();
        for applicability in Applicability::ALL {
            for answer in &answers {
                let reading = Reading { applicability: *applicability, answer: *answer };
                assert_eq!(Mark::of(reading).reading(), reading);
                assert!(seen.insert(Mark::of(reading).index()), "{reading:?} shares its mark");
            }
        }
        assert!(seen.iter().all(|index| *index < Mark::COUNT));
    }
}
