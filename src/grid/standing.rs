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

/// Where a body stands with one procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the body performs it.
    pub applicability: Applicability,
    /// Best online level that is live, prepared or seasonal.
    pub online: Answer,
    /// Best online level that is live.
    pub online_live: Answer,
    /// The level on マイナポータル that is live.
    pub mynaportal: Answer,
    /// Best live level at the body's own counters.
    pub counter: Answer,
    /// Whether anything is stated on the online scale.
    pub online_answered: bool,
    /// Whether anything is stated on the counter scale.
    pub counter_answered: bool,
}

impl Standing {
    /// Nobody has stated anything.
    pub const SILENT: Self = Self {
        applicability: Applicability::Applicable,
        online: Answer::NoAnswer,
        online_live: Answer::NoAnswer,
        mynaportal: Answer::NoAnswer,
        counter: Answer::NoAnswer,
        online_answered: false,
        counter_answered: false,
    };

    /// Whether anything is stated on a scale.
    pub fn answered(&self, scale: Scale) -> bool {
        match scale {
            Scale::Online => self.online_answered,
            Scale::Counter => self.counter_answered,
        }
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
        Standing {
            applicability: applicability(block, procedure),
            online: best(online.clone(), |state| state != State::Suspended),
            online_live: best(online, |state| state == State::Live),
            mynaportal: self.mynaportal(counting.clone()),
            counter: best(at_counter, |state| state == State::Live),
            online_answered: cells.iter().any(|cell| channel(cell).scale == Scale::Online),
            counter_answered: cells.iter().any(|cell| channel(cell).scale == Scale::Counter),
        }
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
