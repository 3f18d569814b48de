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
//! guessed silently and nothing is written; storing files and applying plans is the service's task, and
//! both the HTTP API and the command line go through it.
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
//! A new layout is a file under `layout` with a head that answers what is asked of every layout (`layout::head`)
//! and `find` (which headings make it this layout), a line in [`layout::Layout`], and a row in the table of
//! `layout::finder`.

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
mod statement;
mod table;
pub mod workbook;

pub use decode::Encoding;
pub use fault::{Fault, FaultKind};
pub use headings::{PUBLISHED, REASON};
pub use options::{Blank, Hidden, OnError, OnStale, Options};
pub use reading::{Reading, Understood};
pub use revisions::Revisions;
pub use statement::{Fallback, Field, ReadinessPatch, Said, Statement};
pub use table::Container;

use crate::domain::catalogue::Catalogue;

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
