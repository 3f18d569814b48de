//! From a file as a town sent it to a plan of what it would change.
//!
//! ```text
//! bytes ─ decode ──┐
//!                  ├→ table (rows with physical line numbers) → layout (found by its headings)
//! bytes ─ workbook ┘        │
//!                           ▼
//!        statements (body × procedure × channel, what is said, from which day)
//!                           │  + timelines: what the log already says of these bodies
//!                           ▼
//!        plan (created / changed / confirmed / unchanged / rejected, old → new) → report
//! ```
//!
//! All of it is pure: bytes, catalogue and timelines come in, a plan comes out. Nothing is guessed
//! silently and nothing is written; applying a plan is the service's task. A fault never stops the
//! reading of the other rows: every fault is told at once, with line, heading, the value found,
//! what is allowed and what was probably meant.

mod decode;
mod fault;
pub mod layout;
pub mod marks;
pub mod plan;
pub mod report;
mod resolve;
mod table;
pub mod workbook;

pub use decode::Encoding;
pub use fault::Fault;
pub use table::{Container, Table};

use chrono::NaiveDate;

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::{Evidence, Level, Source, State};
use layout::Layout;

/// What the sender says about a file beyond the file itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layout, where it is not to be found by the headings.
    pub layout: Option<Layout>,
    /// From which day the statements are true, for files that carry no date.
    pub effective: Option<Dated>,
    /// What an empty cell of a stated row does.
    pub blank: Blank,
    /// The day it is in Japan.
    pub today: NaiveDate,
}

/// What an empty cell of a stated row does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blank {
    /// What was known stays.
    #[default]
    Keep,
    /// What was known is taken out.
    Clear,
}

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
    pub system: Field<String>,
    /// Address.
    pub url: Field<String>,
    /// Free text.
    pub note: Field<String>,
    /// 担当課.
    pub section: Field<String>,
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
        }
    }
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Readiness on a channel.
    Readiness(ChannelIx, Box<ReadinessPatch>),
    /// Whether the procedure is performed, with a reason.
    Applicability(Applicability, Field<String>),
    /// The statement on a channel, or on applicability where there is none, is withdrawn.
    Withdrawn(Option<ChannelIx>),
}

/// One statement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Physical line of the file, from 1.
    pub line: u32,
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

/// A mark or value of the file and how it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// As found; 空欄 for an empty cell.
    pub mark: String,
    /// What it was taken to mean, in Japanese.
    pub meaning: String,
    /// How often.
    pub count: usize,
}

/// A file as it was understood.
#[derive(Debug)]
pub struct Reading {
    /// The layout that was found or named.
    pub layout: Layout,
    /// Container and encoding as found.
    pub container: Container,
    /// What its rows say.
    pub statements: Vec<Statement>,
    /// Faults, by line.
    pub faults: Vec<Fault>,
    /// Things that were repaired or look odd.
    pub warnings: Vec<Fault>,
    /// Remarks for the sender, in Japanese: what was skipped, legends that were found.
    pub notes: Vec<String>,
    /// How marks were understood.
    pub understood: Vec<Understood>,
    /// Rows with data, whether taken or not.
    pub rows: usize,
}

/// Reads a file.
///
/// # Errors
///
/// What makes the file as a whole unreadable: no text and no workbook, an unknown encoding, an
/// unclosed quote, no rows, headings of no known layout. Faults of single rows are in the reading.
pub fn read(bytes: &[u8], catalogue: &Catalogue, options: &Options) -> Result<Reading, Vec<Fault>> {
    let tables = table::read(bytes)?;
    layout::read(&tables, catalogue, options)
}
