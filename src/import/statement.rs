//! What a row of a file says.

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::{Evidence, Level, Scale, Source, State};
use crate::domain::shared::SharedText;

/// A field of a row: left alone, emptied or set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<T> {
    /// The file says nothing.
    Keep,
    /// The file empties it.
    Clear,
    /// The file sets it.
    Set(T),
}

impl<T> Field<T> {
    /// The value after the field was laid over what was known.
    pub fn over(self, known: Option<T>) -> Option<T> {
        match self {
            Self::Keep => known,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// What a row says of readiness on a channel; unsaid fields keep what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadinessPatch {
    /// The level and whether it is only "at least".
    pub level: Option<(Level, bool)>,
    /// Whether it is in force.
    pub state: Option<State>,
    /// How it is known.
    pub evidence: Option<Evidence>,
    /// The level that is planned.
    pub target_level: Field<Level>,
    /// Until when it is planned.
    pub target_on: Field<Dated>,
    /// Product or joint system.
    pub system: Field<SharedText>,
    /// Address.
    pub url: Field<SharedText>,
    /// Free text.
    pub note: Field<SharedText>,
    /// 担当課.
    pub section: Field<SharedText>,
    /// What to do where no level is known yet and the row says none.
    pub unless_known: Option<Fallback>,
}

/// What becomes of a mark that leaves the level as it is, where no level is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// It is added to the level that is shown today, with a warning; where none is, to level 0: what is
    /// planned is not there yet.
    LevelOfToday,
    /// It is left out, with a warning.
    Nothing,
    /// It is left out, with a warning if the whole line comes to nothing: words beside the marks of a
    /// row go to whatever is known of it.
    Words,
}

impl Default for ReadinessPatch {
    fn default() -> Self {
        Self {
            level: None,
            state: None,
            evidence: None,
            target_level: Field::Keep,
            target_on: Field::Keep,
            system: Field::Keep,
            url: Field::Keep,
            note: Field::Keep,
            section: Field::Keep,
            unless_known: None,
        }
    }
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Readiness on a channel.
    Readiness(ChannelIx, Box<ReadinessPatch>),
    /// Whether the procedure is performed, with a reason.
    Applicability(Applicability, Field<SharedText>),
    /// The statement on a channel, or on applicability where there is none, is withdrawn.
    Withdrawn(Option<ChannelIx>),
    /// The same of the best of a channel group: which channel it is about is told by what is known when it
    /// is planned. The channel within is none in particular.
    Group(Scale, Box<Said>),
}

impl Said {
    /// The channel it is about; none for the procedure as a whole.
    pub fn channel(&self) -> Option<ChannelIx> {
        match self {
            Self::Readiness(channel, _) => Some(*channel),
            Self::Applicability(..) | Self::Group(..) => None,
            Self::Withdrawn(channel) => *channel,
        }
    }
}

/// One statement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Physical line of the file, from 1.
    pub line: u32,
    /// Column of its cell, from 0; none where the whole line says it.
    pub column: Option<u16>,
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// Whose word it is.
    pub source: Source,
    /// The day from which it is true, where the file says so.
    pub effective: Option<Dated>,
    /// What is said.
    pub said: Said,
}
