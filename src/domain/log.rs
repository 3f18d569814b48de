//! The log as it is held in memory: rows by positions of the catalogue, texts as prints, and what a plan
//! asks of it.

use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::access::Speaker;
use super::applicability::Applicability;
use super::assertion::{Assertion, Fact, Key, Stated, Timeline};
use super::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use super::dates::Dated;
use super::material::{MaterialKind, PastMaterial};
use super::readiness::{Evidence, Level, Plan, Readiness, Source, State};
use super::shared::{Print, SharedText};
use super::usage::{Counted, FigureKey, PublishedValue};

/// Whose fact a row of the log is about, by positions of the catalogue: a small [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The channel, or none for applicability.
    pub channel: Option<ChannelIx>,
    /// Whose word it is.
    pub source: Source,
}

impl Spot {
    /// The positions of a key; none if the catalogue lacks one of them.
    pub fn of(key: &Key, catalogue: &Catalogue) -> Option<Self> {
        let channel = match &key.channel {
            Some(id) => Some(catalogue.channel_ix(id.as_str())?),
            None => None,
        };
        Some(Self {
            body: catalogue.body_ix(key.municipality)?,
            procedure: catalogue.procedure_ix(key.procedure.as_str())?,
            channel,
            source: key.source,
        })
    }

    /// The key at these positions.
    pub fn key(self, catalogue: &Catalogue) -> Key {
        Key {
            municipality: catalogue.body(self.body).code,
            procedure: catalogue.procedure(self.procedure).id.clone(),
            channel: self.channel.map(|channel| catalogue.channel(channel).id.clone()),
            source: self.source,
        }
    }
}

/// Which rows of the log are about one body, procedure and channel, as far as they are known: the log has no
/// index by procedure, which every file would have to write to all over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Their numbers.
    pub rows: Vec<i64>,
    /// Number of the last row of the log that was looked at for that; later ones are to be looked through.
    pub known_to: i64,
}

/// A fact without the words of its texts, but for the name of the system, which figures group by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outline {
    /// Readiness on a channel.
    Readiness {
        /// The step on the channel's scale.
        level: Level,
        /// The source says only "at least this".
        at_least: bool,
        /// Whether it is in force.
        state: State,
        /// How it is known.
        evidence: Evidence,
        /// What is planned.
        target: Option<Plan>,
        /// Product or joint system.
        system: Option<SharedText>,
        /// Address of the form or page.
        url: Option<Print>,
        /// Free text.
        note: Option<Print>,
        /// 担当課.
        section: Option<Print>,
    },
    /// Whether the procedure is performed at all.
    Applicability {
        /// Whether it is.
        value: Applicability,
        /// Why not, or why again.
        reason: Option<Print>,
    },
    /// Nothing is stated any more.
    Withdrawn,
}

impl Outline {
    /// What is held in memory of a fact.
    pub fn of(fact: &Fact) -> Self {
        let print = |text: &Option<SharedText>| text.as_ref().map(SharedText::print);
        match fact {
            Fact::Readiness(value) => Self::Readiness {
                level: value.level,
                at_least: value.at_least,
                state: value.state,
                evidence: value.evidence,
                target: value.target,
                system: value.system.clone(),
                url: print(&value.url),
                note: print(&value.note),
                section: print(&value.section),
            },
            Fact::Applicability { value, reason } => {
                Self::Applicability { value: *value, reason: print(reason) }
            }
            Fact::Withdrawn => Self::Withdrawn,
        }
    }

    /// The fact, with texts whose words are to be read from a row of the log.
    pub fn fact(self, seq: i64) -> Fact {
        let unread = |print: Option<Print>| print.map(|print| SharedText::unread(print, seq));
        match self {
            Self::Readiness { level, at_least, state, evidence, target, system, url, note, section } => {
                Fact::Readiness(Readiness {
                    level,
                    at_least,
                    state,
                    evidence,
                    system,
                    url: unread(url),
                    note: unread(note),
                    section: unread(section),
                    target,
                })
            }
            Self::Applicability { value, reason } => Fact::Applicability { value, reason: unread(reason) },
            Self::Withdrawn => Fact::Withdrawn,
        }
    }
}

/// Something that was logged.
#[derive(Clone, Debug)]
pub enum Entry {
    /// What somebody stated.
    Stated(Logged),
    /// How many applications somebody counted.
    Counted(Counted),
    /// A figure that was published, or a row of own material.
    Recorded(RecordOutline),
}

/// What a record is that stands beside readiness and usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A figure that was published.
    Published,
    /// A row of a town's own material.
    Material(MaterialKind),
}

/// A record without what it says. Two of one body, kind, procedure and subject are about the same, and the later
/// one takes the place of the earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutline {
    /// Its number.
    pub seq: i64,
    /// The body.
    pub body: BodyIx,
    /// What it is.
    pub kind: RecordKind,
    /// The procedure, where it is about one.
    pub procedure: Option<ProcedureIx>,
    /// What else tells it from others, as the log has it.
    pub subject: Arc<str>,
    /// Whether it takes back what was said.
    pub withdraws: bool,
    /// When it was learnt.
    pub recorded_at: DateTime<Utc>,
    /// The import that brought it.
    pub import_id: i64,
}

/// A record with what it says.
#[derive(Clone, Debug)]
pub enum PastRecord {
    /// A figure that was published.
    Published(FigureKey, PublishedValue),
    /// A row of own material.
    Material(PastMaterial),
}

/// One row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Place in the log.
    pub seq: i64,
    /// Whose fact it is about.
    pub spot: Spot,
    /// The day from which it is true.
    pub effective: Dated,
    /// The moment it was learnt.
    pub recorded_at: DateTime<Utc>,
    /// The import it came with.
    pub import_id: Option<i64>,
    /// What it says.
    pub outline: Outline,
}

impl Logged {
    /// A fact as a row of the log.
    pub fn new(spot: Spot, stated: &Stated, import_id: Option<i64>) -> Self {
        let Stated { seq, effective, recorded_at, fact } = stated;
        Self {
            seq: *seq,
            spot,
            effective: *effective,
            recorded_at: *recorded_at,
            import_id,
            outline: Outline::of(fact),
        }
    }
}

/// One thing that was said of a row.
#[derive(Clone, Debug)]
pub struct PastStatement {
    /// What was said, when, of which day.
    pub assertion: Assertion,
    /// Who said it.
    pub by: Speaker,
    /// When its import was taken back, if it was.
    pub taken_back_at: Option<DateTime<Utc>>,
}

/// An import whose rows do not hold any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// Number of the retraction: it shares the numbers of the log.
    pub seq: i64,
    /// The import.
    pub import_id: i64,
    /// The moment it was taken back.
    pub at: DateTime<Utc>,
}

/// The facts of one channel, or of the procedure as a whole, and source.
#[derive(Clone, Debug)]
pub struct KnownLine {
    /// The channel, or none for applicability.
    pub channel: Option<ChannelIx>,
    /// Whose word it is.
    pub source: Source,
    /// Number of the last row of the log that speaks of it.
    pub last: i64,
    /// The facts, as far as they bear on the days that were asked for.
    pub timeline: Rc<Timeline>,
}

/// What is known, as a plan asks for it.
pub trait Log {
    /// What was stated of a body and a procedure and not taken back, as far as it bears on the days that the
    /// plan asks for; in order of channel (the procedure as a whole first) and source.
    fn known_of(&self, body: BodyIx, procedure: ProcedureIx) -> Vec<KnownLine>;

    /// Whether anything was stated of a body and a procedure, and not taken back, in such a row: of a channel (or
    /// the procedure as a whole) and by a source.
    fn says(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        row: &dyn Fn(Option<ChannelIx>, Source) -> bool,
    ) -> bool;

    /// Whether a fact of this row was taken back that stood in the log at this revision, and since.
    fn taken_back_since(&self, spot: Spot, revision: i64) -> bool;

    /// Reads the words of texts that are to be shown at once; whoever has the log tells where it could not.
    fn read(&self, texts: &[SharedText]);
}

/// A log in which nothing was ever stated.
pub struct NothingKnown;

impl Log for NothingKnown {
    fn known_of(&self, _: BodyIx, _: ProcedureIx) -> Vec<KnownLine> {
        Vec::new()
    }

    fn says(&self, _: BodyIx, _: ProcedureIx, _: &dyn Fn(Option<ChannelIx>, Source) -> bool) -> bool {
        false
    }

    fn taken_back_since(&self, _: Spot, _: i64) -> bool {
        false
    }

    fn read(&self, _: &[SharedText]) {}
}
