//! Where a body stands with a procedure: what the definitions read, settled once per block.
//!
//! Rules (definitions of figures, common rules):
//! - The body's own statement goes before the published one, channel by channel; an own statement
//!   that nothing is done online goes before every published online statement.
//! - A statement on `online` with level 0 says "no" for every online channel.
//! - Once a named online channel is stated, the unstated named ones are "no". Only `online` at 1 or
//!   more with no named channel stated means that the means is unknown.
//! - A level counts when live; some definitions also count `prepared` and `seasonal`.

use super::{Block, Cell};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::readiness::{ChannelId, Level, Place, Scale, Source, State};

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
}

impl Standing {
    /// Nobody has stated anything.
    pub const SILENT: Self = Self(
        [Mark::of(Reading {
            applicability: Applicability::Applicable,
            answer: Answer::NoAnswer,
            answered: false,
        }); Reads::COUNT],
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
    /// Whether anything at all is stated on the scale.
    pub answered: bool,
}

/// A [`Reading`] in one byte: bits 0–3 the answer, 4 answered, 5–6 applicability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u8);

impl Mark {
    /// How many marks there can be.
    pub const COUNT: usize = 128;
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
        Self(answer | (reading.answered as u8) << 4 | applicability << 5)
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
        let applicability = match self.0 >> 5 & 0b11 {
            0 => Applicability::Applicable,
            1 => Applicability::NotApplicable,
            2 => Applicability::OtherBody,
            _ => Applicability::Abolished,
        };
        Reading { applicability, answer, answered: self.0 >> 4 & 1 == 1 }
    }
}

/// What of the catalogue the precedence of statements depends on.
pub struct Rules<'a> {
    catalogue: &'a Catalogue,
    online: Option<ChannelIx>,
    mynaportal: Option<ChannelIx>,
}

impl<'a> Rules<'a> {
    /// The rules over a catalogue.
    pub fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            online: catalogue.online(),
            mynaportal: catalogue.channel_ix(ChannelId::MYNAPORTAL),
        }
    }

    /// The standings of a block, by position of the procedure.
    pub(super) fn standings(&self, block: &Block, procedures: usize) -> Box<[Standing]> {
        (0..procedures)
            .map(|at| {
                let procedure = ProcedureIx::try_from(at).unwrap_or(ProcedureIx::MAX);
                self.standing(block, procedure)
            })
            .collect()
    }

    fn standing(&self, block: &Block, procedure: ProcedureIx) -> Standing {
        let cells = block.cells_of(procedure);
        let counting = self.counting(cells);
        let channel = |cell: &Cell| self.catalogue.channel(cell.channel);
        let online = counting.clone().filter(|cell| channel(cell).scale == Scale::Online);
        let at_counter = counting
            .clone()
            .filter(|cell| channel(cell).scale == Scale::Counter && channel(cell).place == Place::Counter);
        let answered = |scale| cells.iter().any(|cell| channel(cell).scale == scale);
        let (said_online, said_counter) = (answered(Scale::Online), answered(Scale::Counter));
        let applicability = applicability(block, procedure);
        let mark = |answered, answer| Mark::of(Reading { applicability, answer, answered });
        // In the order of `Reads`.
        Standing([
            mark(said_online, best(online.clone(), |state| state != State::Suspended)),
            mark(said_online, best(online, |state| state == State::Live)),
            mark(said_online, self.mynaportal(counting.clone())),
            mark(said_counter, best(at_counter, |state| state == State::Live)),
        ])
    }

    /// One cell per channel: the body's own word before the published one.
    pub fn counting<'b>(&'b self, cells: &'b [Cell]) -> impl Iterator<Item = &'b Cell> + Clone {
        let own_says_nothing_online = cells.iter().any(|cell| {
            Some(cell.channel) == self.online && cell.source == Source::Own && cell.level == Level::ZERO
        });
        cells.iter().filter(move |cell| {
            cell.source == Source::Own
                || !(cells.iter().any(|own| own.channel == cell.channel && own.source == Source::Own)
                    || own_says_nothing_online && self.catalogue.channel(cell.channel).scale == Scale::Online)
        })
    }

    fn mynaportal<'b>(&self, counting: impl Iterator<Item = &'b Cell> + Clone) -> Answer {
        let Some(mynaportal) = self.mynaportal else { return Answer::NoAnswer };
        let stated = counting.clone().filter(|cell| cell.channel == mynaportal);
        let answer = best(stated, |state| state == State::Live);
        if answer != Answer::NoAnswer {
            return answer;
        }
        let named = counting.clone().any(|cell| {
            let channel = self.catalogue.channel(cell.channel);
            channel.scale == Scale::Online && channel.named
        });
        if named {
            return Answer::OtherChannel;
        }
        match counting.clone().find(|cell| Some(cell.channel) == self.online) {
            None => Answer::NoAnswer,
            Some(cell) if cell.level == Level::ZERO && !cell.at_least => {
                Answer::Level { level: Level::ZERO, open: false }
            }
            Some(cell) if cell.state != State::Live => Answer::NotLive,
            Some(_) => Answer::MeansUnknown,
        }
    }
}

/// Applicability as it counts: the body's own word, else that it states readiness itself (which it
/// could not for a procedure it does not perform), else the published word, else applicable.
pub fn applicability(block: &Block, procedure: ProcedureIx) -> Applicability {
    let stated = block.applicability_of(procedure);
    if let Some(own) = stated.iter().find(|cell| cell.source == Source::Own) {
        return own.value;
    }
    if block.cells_of(procedure).iter().any(|cell| cell.source == Source::Own) {
        return Applicability::Applicable;
    }
    stated.first().map_or(Applicability::Applicable, |cell| cell.value)
}

/// The best level among cells whose state counts.
fn best<'b>(cells: impl Iterator<Item = &'b Cell>, counts: impl Fn(State) -> bool) -> Answer {
    let mut answer = Answer::NoAnswer;
    for cell in cells {
        answer = match answer {
            Answer::Level { level, open } if counts(cell.state) => {
                Answer::Level { level: level.max(cell.level), open: open || cell.at_least }
            }
            Answer::Level { .. } => answer,
            _ if counts(cell.state) => Answer::Level { level: cell.level, open: cell.at_least },
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
                for answered in [false, true] {
                    let reading = Reading { applicability: *applicability, answer: *answer, answered };
                    assert_eq!(Mark::of(reading).reading(), reading);
                    assert!(seen.insert(Mark::of(reading).index()), "{reading:?} shares its mark");
                }
            }
        }
        assert!(seen.iter().all(|index| *index < Mark::COUNT));
    }
}
