//! From a file as a town sent it to a plan of what it would change.
//!
//! ```text
//!  bytes ──── kinds      web pages, archives, PDF … each refused by its name
//!          ┬─ decode    which encoding, one broken byte named ─┐
//!          └─ workbook  xlsx as a stream, under hard bounds ───┤
//!                                                              ▼
//!  options ────┐          table     rows with physical lines, merged cells filled
//!  (layout,    │                        │
//!   profile,   │                        ▼
//!   channel …) │          headings  one row or two, titles and notes above
//!              │                        │
//!              ▼                        ▼
//!          layout::{long, form, wide, usage, dashboard, digital_agency_2026_01}
//!              │  resolve  codes with lost zeros, names in variants → body, procedure
//!              │  marks    ○ × △ by a profile, or a question; never a guess
//!              │  rows     totals, sections, examples: no data, told with their lines
//!              │  cells    broken text, 外字, #N/A, 同上: what no cell may hold
//!              ▼
//!          reading   statements (body × procedure × channel, what, from which day)
//!              │     or records (usage, published figures); faults, questions, notes
//!              │  + known: what the log says of these bodies
//!              ▼
//!          plan      created / changed / confirmed / unchanged, old → new; hash over it all
//!              │
//!              ▼
//!          report    what a person and a program are told
//! ```
//!
//! All of it is pure: bytes, catalogue and what is known come in, a plan comes out. Nothing is
//! guessed silently and nothing is written; storing files and applying plans is the service's task
//! ([`crate::service::imports`]), and both the HTTP API and the command
//! line go through it.
//!
//! - A fault never stops the reading of the other rows: every fault is told at once, with line,
//!   heading, the value found, what is allowed and what was probably meant. What makes the whole
//!   file unreadable is told alone.
//! - A line with a fault gives nothing, not even its good cells, and shapes no other line: the plan
//!   is made anew without it.
//! - What can be read in two ways is decided by what stands beside it (the name, the rest of the
//!   column), else it is a fault with both readings, or a question with the possible answers.
//! - The cells of a line are shown beside its faults as they came; until it is known which lines have
//!   any, all are kept packed (`originals`).
//! - Text that is stored is only cleaned (NFC, trimmed); matching works on folded copies.
//! - Every quantity that a hostile file could drive up is bounded: bytes, unpacked bytes, cells,
//!   columns, filled text, faults, questions.
//!
//! A new layout is a file under `layout` with `find_head` (which headings make it this layout) and
//! `read` (rows to statements), a line in [`layout::Layout`] and in the order of its finder.

mod cells;
pub mod changes;
mod decode;
mod fault;
pub mod groups;
mod headings;
mod kinds;
pub mod layout;
pub mod marks;
pub mod options;
mod originals;
pub mod plan;
mod reading;
pub mod records;
pub mod report;
mod resolve;
mod revisions;
mod rows;
mod table;
pub mod workbook;

pub use decode::Encoding;
pub use fault::{Fault, Trouble};
pub use headings::{PUBLISHED, REASON};
pub use options::{Blank, Hidden, OnStale, Options};
pub use reading::{Reading, Understood};
pub use revisions::Revisions;
pub use table::Container;

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
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

/// Reads a file.
///
/// # Errors
///
/// What makes the file as a whole unreadable: no text and no workbook, an unknown encoding, an
/// unclosed quote, no rows, headings of no known layout. Faults of single rows are in the reading, and
/// so is what an answer of the sender mends.
pub fn read(bytes: &[u8], catalogue: &Catalogue, options: &Options) -> Result<Reading, Vec<Fault>> {
    let read = || layout::read(table::read(bytes, options)?, catalogue, options);
    let mut reading = read().or_else(Reading::waiting)?;
    reading.tell_undated(options.today);
    Ok(reading)
}
