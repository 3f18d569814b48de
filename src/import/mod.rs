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
//! ([`crate::service::uploads`], [`crate::service::imports`]), and both the HTTP API and the command
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
mod near;
pub mod options;
mod originals;
pub mod plan;
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
pub use revisions::Revisions;
pub use table::Container;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::{Evidence, Level, Scale, Source, State};
use crate::domain::shared::SharedText;
use crate::domain::text as domain_text;
use layout::Layout;
use marks::Question;
use originals::Originals;
use records::Record;

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

/// A mark or value of the file and how it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// As found; 空欄 for an empty cell.
    pub mark: String,
    /// What it was taken to mean, in Japanese.
    pub meaning: String,
    /// Some of the headings under which it means that, where it means something else under others.
    pub headings: Vec<String>,
    /// How often.
    pub count: usize,
}

/// A file as it was understood.
#[derive(Debug)]
pub struct Reading {
    /// The layout that was found or named; none while a question about the file as a whole is open.
    pub layout: Option<Layout>,
    /// Name of the profile that says what marks mean, in layouts with marks.
    pub profile: Option<String>,
    /// Container and encoding as found, as far as it came to that.
    pub container: Option<Container>,
    /// What its rows say of readiness.
    pub statements: Vec<Statement>,
    /// What its rows say of usage, or of published figures.
    pub records: Vec<(u32, Record)>,
    /// Faults, by line.
    pub faults: Vec<Fault>,
    /// Things that were repaired or look odd.
    pub warnings: Vec<Fault>,
    /// What must be answered before the file can be taken.
    pub questions: Vec<Question>,
    /// Remarks for the sender, in Japanese: what was skipped, legends that were found.
    pub notes: Vec<String>,
    /// How marks were understood.
    pub understood: Vec<Understood>,
    /// Rows with data, whether taken or not.
    pub rows: usize,
    /// The headings as they came, two rows joined.
    pub headings: Vec<String>,
    /// Columns (from 0) that are not read, without those that the sender wants left out.
    pub(crate) unread: Vec<usize>,
    /// At which revision the rows of an export were written.
    pub revisions: Revisions,
    /// The cells as they came.
    originals: Originals,
}

impl Reading {
    /// The cells of these lines as they came, as far as there are such lines.
    pub fn cells_of(&self, lines: &BTreeSet<u32>) -> BTreeMap<u32, Vec<String>> {
        self.originals.of(lines)
    }

    /// Puts the questions of faults among those of the file, each with the number of faults that its
    /// answer mends.
    fn gather_questions(&mut self) {
        /// More questions are no questions any more.
        const MOST: usize = 50;
        let mut asked: HashMap<(String, Option<String>, String), usize> = HashMap::new();
        for fault in &mut self.faults {
            for question in std::mem::take(&mut fault.asks) {
                let place = (fault.code.clone(), fault.value.clone(), question.mark.clone());
                let at = match asked.get(&place) {
                    Some(at) => *at,
                    None if asked.len() < MOST => {
                        self.questions.push(Question { count: 0, ..Question::clone(&question) });
                        self.questions.len() - 1
                    }
                    None => continue,
                };
                asked.insert(place, at);
                self.questions[at].saw(fault.heading.as_deref());
            }
        }
    }

    /// Leaves out what would be asked of lines that are refused whatever is answered.
    fn drop_vain_questions(&mut self) {
        if self.questions.is_empty() {
            return;
        }
        let refused = self.faults.iter().filter(|fault| !fault.is_answerable());
        let refused: HashSet<u32> = refused.filter_map(|fault| fault.line).collect();
        self.questions.retain_mut(|question| question.is_asked_without(&refused));
    }

    /// Asks once whether all rows are left out whose procedures are in no list and like none in one.
    fn ask_to_leave_out(&mut self) {
        /// More names are another table.
        const NAMES: usize = 200;
        /// Longest answer, in bytes.
        const LONGEST: usize = 4_000;
        let (mut count, mut names) = (0, Vec::new());
        let mut length = 0;
        for fault in
            self.faults.iter().filter(|fault| fault.code == "unknown_procedure" && fault.asks.is_empty())
        {
            // A comma would part the answer, and a name that was cut is none.
            let Some(name) = fault.value.as_deref().filter(|name| {
                !(name.trim().is_empty() || name.contains([',', '=', '、', '＝']) || name.ends_with('…'))
            }) else {
                continue;
            };
            count += 1;
            if names.len() < NAMES && length + name.len() < LONGEST && !names.contains(&name) {
                length += name.len() + options::IGNORED.len() + 2;
                names.push(name);
            }
        }
        let [first, rest @ ..] = names.as_slice() else { return };
        let more = if rest.is_empty() { String::new() } else { format!(" ほか{}件", rest.len()) };
        let value: Vec<String> = names.iter().map(|name| format!("{name}={}", options::IGNORED)).collect();
        let choice = marks::Choice {
            parameter: "names".to_owned(),
            value: value.join(","),
            label: "これらの行は取り込まない".to_owned(),
        };
        let question = format!(
            "手続一覧にない手続があります（{}{more}）。その行を取り込まないことにしますか",
            domain_text::cut(first, 60)
        );
        self.questions.push(Question {
            mark: domain_text::cut(first, 100),
            parameter: "names".to_owned(),
            question,
            count,
            headings: Vec::new(),
            choices: vec![choice],
            suggestion: None,
            ..Question::about_the_file("names", "", [])
        });
    }

    /// A file that cannot be read before something is answered: its faults and questions, and no row.
    ///
    /// # Errors
    ///
    /// The faults, if there is one among them that no answer mends.
    fn waiting(faults: Vec<Fault>) -> Result<Self, Vec<Fault>> {
        if faults.iter().any(|fault| fault.asks.is_empty()) {
            return Err(faults);
        }
        let asked = faults.iter().flat_map(|fault| &fault.asks);
        let questions: Vec<Question> = asked.map(|question| Question::clone(question)).collect();
        Ok(Self {
            layout: None,
            profile: None,
            container: None,
            statements: Vec::new(),
            records: Vec::new(),
            faults,
            warnings: Vec::new(),
            questions,
            notes: Vec::new(),
            understood: Vec::new(),
            rows: 0,
            headings: Vec::new(),
            unread: Vec::new(),
            revisions: Revisions::default(),
            originals: Originals::default(),
        })
    }
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
    read().or_else(Reading::waiting)
}
