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
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::readiness::{Level, Place, Scale, State};

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

/// What is read of where a body stands with a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Best online level that is live, prepared or seasonal.
    Online,
    /// Best online level that is live.
    OnlineLive,
    /// Best live level at the body's own counters.
    Counter,
    /// Best live level at places nearby.
    Nearby,
    /// Best live level at counters and places nearby.
    CounterScale,
    /// At how many of three places enough is offered: at home from 4 on, nearby and at the counter from 3 on.
    Omnichannel,
    /// Whether nothing is written again that is known, as level 1: online at 5, or at the counter from 4 on.
    OnceOnly,
    /// Whether what belongs together is one act, as level 1: online or at the counter at 5.
    OneAct,
    /// The level on one channel that is live.
    Channel(ChannelIx),
}

impl Reads {
    /// Those that are of no single channel stand first.
    const SHARED: usize = 8;

    /// How many there are over so many channels.
    fn count(catalogue: &Catalogue) -> usize {
        Self::SHARED + catalogue.channels().len()
    }

    /// Its place among all.
    fn index(self) -> usize {
        match self {
            Self::Online => 0,
            Self::OnlineLive => 1,
            Self::Counter => 2,
            Self::Nearby => 3,
            Self::CounterScale => 4,
            Self::Omnichannel => 5,
            Self::OnceOnly => 6,
            Self::OneAct => 7,
            Self::Channel(channel) => Self::SHARED + usize::from(channel),
        }
    }

    /// Whether a level in this state counts.
    pub fn counts(self, state: State) -> bool {
        match self {
            Self::Online => state != State::Suspended,
            _ => state == State::Live,
        }
    }

    /// The channel group in which an answer is expected.
    pub fn scale(self, catalogue: &Catalogue) -> Scale {
        match self {
            Self::Online | Self::OnlineLive | Self::Omnichannel | Self::OnceOnly | Self::OneAct => {
                Scale::Online
            }
            Self::Counter | Self::Nearby | Self::CounterScale => Scale::Counter,
            Self::Channel(channel) => catalogue.channel(channel).scale,
        }
    }

    /// Whether a statement on a channel can decide a row.
    pub fn may_decide(self, catalogue: &Catalogue, channel: ChannelIx) -> bool {
        let row = catalogue.channel(channel);
        match self {
            Self::Online | Self::OnlineLive => row.scale == Scale::Online,
            Self::Counter => row.scale == Scale::Counter && row.place == Place::Counter,
            Self::Nearby => row.place == Place::Nearby,
            Self::CounterScale => row.scale == Scale::Counter,
            Self::Omnichannel | Self::OnceOnly | Self::OneAct => true,
            Self::Channel(asked) => {
                let online = catalogue.channel(asked).scale == Scale::Online;
                channel == asked || (online && Some(channel) == catalogue.online())
            }
        }
    }
}

/// Where a body stands with every procedure, one [`Mark`] for each reading: those of one reading lie beside
/// each other, because figures walk over all of the country's each time they are asked for.
#[derive(Debug, Default)]
pub(super) struct Standings {
    marks: Box<[Mark]>,
    procedures: usize,
}

impl Standings {
    /// One reading of a procedure.
    #[inline]
    pub(super) fn mark(&self, reads: Reads, procedure: ProcedureIx) -> Mark {
        self.marks
            .get(reads.index() * self.procedures + usize::from(procedure))
            .copied()
            .unwrap_or(Mark::SILENT)
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
    /// Nobody has stated anything.
    pub(super) const SILENT: Self =
        Self::of(Reading { applicability: Applicability::Applicable, answer: Answer::NoAnswer });
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
}

impl<'a> Rules<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, online: catalogue.online() }
    }

    /// Where a body stands, of which these are the cells and the applicability of each procedure that count.
    pub(super) fn standings<'b, C>(
        &self,
        procedures: ProcedureIx,
        of: impl Fn(ProcedureIx) -> (C, Applicability),
    ) -> Standings
    where
        C: Iterator<Item = &'b Cell> + Clone,
    {
        let count = usize::from(procedures);
        let mut marks = vec![Mark::SILENT; Reads::count(self.catalogue) * count];
        for procedure in 0..procedures {
            let (counting, applicability) = of(procedure);
            let silent = counting.clone().next().is_none();
            if silent && applicability == Applicability::Applicable {
                continue;
            }
            self.put(&mut marks, count, procedure, (counting, applicability));
        }
        Standings { marks: marks.into(), procedures: count }
    }

    /// The same where a body stands otherwise with some of so many procedures.
    pub(super) fn standings_with<'b, C>(
        &self,
        old: &Standings,
        procedures: ProcedureIx,
        others: &[ProcedureIx],
        of: impl Fn(ProcedureIx) -> (C, Applicability),
    ) -> Standings
    where
        C: Iterator<Item = &'b Cell> + Clone,
    {
        let count = usize::from(procedures);
        let mut marks = old.marks.to_vec();
        // Nothing is kept of a body of which nothing was stated.
        marks.resize(Reads::count(self.catalogue) * count, Mark::SILENT);
        for procedure in others {
            self.put(&mut marks, count, *procedure, of(*procedure));
        }
        Standings { marks: marks.into(), procedures: count }
    }

    /// Puts every reading of a procedure in its place.
    fn put<'b>(
        &self,
        marks: &mut [Mark],
        count: usize,
        procedure: ProcedureIx,
        (counting, applicability): (impl Iterator<Item = &'b Cell> + Clone, Applicability),
    ) {
        self.read(counting, &mut |reads: Reads, answer: Answer| {
            let mark = Mark::of(Reading { applicability, answer });
            marks[reads.index() * count + usize::from(procedure)] = mark;
        });
    }

    /// One reading of a procedure, of which these cells count.
    pub(super) fn mark<'b>(
        &self,
        reads: Reads,
        counting: impl Iterator<Item = &'b Cell> + Clone,
        applicability: Applicability,
    ) -> Mark {
        let mut answer = Answer::NoAnswer;
        match reads {
            Reads::Channel(channel) => answer = self.on_channel(channel, counting),
            _ => self.shared(counting, &mut |of, found| {
                if of == reads {
                    answer = found;
                }
            }),
        }
        Mark::of(Reading { applicability, answer })
    }

    fn read<'b>(
        &self,
        counting: impl Iterator<Item = &'b Cell> + Clone,
        put: &mut impl FnMut(Reads, Answer),
    ) {
        self.shared(counting.clone(), put);
        for (channel, _) in (0..).zip(self.catalogue.channels()) {
            put(Reads::Channel(channel), self.on_channel(channel, counting.clone()));
        }
    }

    /// The readings that are of no single channel.
    fn shared<'b>(
        &self,
        counting: impl Iterator<Item = &'b Cell> + Clone,
        put: &mut impl FnMut(Reads, Answer),
    ) {
        let row = |cell: &Cell| self.catalogue.channel(cell.channel);
        let online = counting.clone().filter(|cell| row(cell).scale == Scale::Online);
        let counters = counting.clone().filter(|cell| row(cell).scale == Scale::Counter);
        let at =
            |place: Place| best(counters.clone().filter(|cell| row(cell).place == place), Reads::Counter);
        let live = best(online.clone(), Reads::OnlineLive);
        let (counter, nearby) = (at(Place::Counter), at(Place::Nearby));
        let any = best(online.clone(), Reads::Online);
        put(Reads::Online, any);
        put(Reads::OnceOnly, at_either([(any, Level::MAX), (counter, Level::FOUR)]));
        put(Reads::OneAct, at_either([(any, Level::MAX), (counter, Level::MAX)]));
        put(Reads::OnlineLive, live);
        put(Reads::Counter, counter);
        put(Reads::Nearby, nearby);
        put(Reads::CounterScale, best(counters, Reads::CounterScale));
        put(
            Reads::Omnichannel,
            omnichannel([(live, Level::FOUR), (nearby, Level::THREE), (counter, Level::THREE)]),
        );
    }

    fn on_channel<'b>(&self, channel: ChannelIx, counting: impl Iterator<Item = &'b Cell> + Clone) -> Answer {
        let row = |channel| self.catalogue.channel(channel);
        let named = row(channel).scale == Scale::Online && Some(channel) != self.online;
        let stated = counting.clone().filter(|cell| cell.channel == channel);
        match best(stated, Reads::Channel(channel)) {
            Answer::NoAnswer if named => {
                self.unstated(counting.filter(|cell| row(cell.channel).scale == Scale::Online))
            }
            stated => stated,
        }
    }

    /// What is known of a named online channel of which nothing is stated.
    fn unstated<'b>(&self, online: impl Iterator<Item = &'b Cell> + Clone) -> Answer {
        let mut named = online.clone().filter(|cell| Some(cell.channel) != self.online);
        let unnamed = online.clone().find(|cell| Some(cell.channel) == self.online);
        match unnamed {
            None => named.next().map_or(Answer::NoAnswer, |_| Answer::OtherChannel),
            Some(_) if named.any(|cell| cell.level > Level::ZERO) => Answer::OtherChannel,
            Some(cell) if cell.level < Level::THREE && !cell.at_least => {
                Answer::Level { level: cell.level, open: false }
            }
            Some(cell) if cell.state != State::Live => Answer::NotLive,
            Some(_) => Answer::MeansUnknown,
        }
    }
}

/// At how many places enough is offered, as a level: open where more may be, and none is known to lack it.
fn omnichannel(places: [(Answer, Level); 3]) -> Answer {
    if places.iter().all(|(answer, _)| *answer == Answer::NoAnswer) {
        return Answer::NoAnswer;
    }
    let (mut enough, mut lacks, mut open) = (0, false, false);
    for (answer, least) in places {
        match answer {
            Answer::Level { level, .. } if level >= least => enough += 1,
            Answer::NoAnswer | Answer::MeansUnknown | Answer::Level { open: true, .. } => open = true,
            Answer::Level { open: false, .. } | Answer::OtherChannel | Answer::NotLive => lacks = true,
        }
    }
    Answer::Level { level: Level::new(enough).unwrap_or(Level::ZERO), open: open && !lacks }
}

/// Whether either place offers enough, as level 1 or 0: open where one may, and none is known to.
fn at_either(places: [(Answer, Level); 2]) -> Answer {
    if places.iter().all(|(answer, _)| *answer == Answer::NoAnswer) {
        return Answer::NoAnswer;
    }
    let enough = |(answer, least): &(Answer, Level)| match answer {
        Answer::Level { level, .. } if level >= least => Some(true),
        Answer::NoAnswer | Answer::MeansUnknown | Answer::Level { open: true, .. } => None,
        Answer::Level { open: false, .. } | Answer::OtherChannel | Answer::NotLive => Some(false),
    };
    let answers = places.iter().map(enough);
    let level = if answers.clone().any(|enough| enough == Some(true)) { Level::ONE } else { Level::ZERO };
    Answer::Level { level, open: level == Level::ZERO && answers.into_iter().any(|enough| enough.is_none()) }
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
