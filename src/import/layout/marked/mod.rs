//! Cells that hold marks: what each says, by the profile of the file and by its column.
//!
//! The same few texts stand in thousands of cells: each is read once for each kind of column.

mod counted;
mod looks;
mod notes;
mod statement;
mod told;
mod trouble;
mod words;

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Layout;
use super::channels;
use super::sheet::Sheet;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::{Level, Scale};
use crate::domain::text::{cut, fold_for_match, fold_mark, unguarded};
use crate::import::cells::is_broken;
use crate::import::marks::{
    Binary, Cell, CellContext, EMPTY, Meaning, OF_THE_STATE, Profile, Question, Questions, Unread, looks_like,
};
use crate::import::table::Row;
use crate::import::{Fault, Understood};
use counted::{Counted, counted, left_out_above};
use looks::{Looked, Looks, MAX_KEPT, MAX_LENGTH, Traits};
use notes::{Columns, Notes};
use trouble::{Trouble, fault, numbers, open, unknown};

pub(super) use statement::{Spot, statement};
/// So many headings are enough to know a column by.
const SHOWN: usize = 5;

/// The marks of a table.
pub(super) struct Marks {
    profile: Profile,
    notes: Notes,
    /// Whether the table is about counters alone.
    counters: bool,
    /// Whether this program wrote it.
    ours: bool,
    /// Whether it has more than one channel.
    several: bool,
    today: NaiveDate,
    /// The kind of each column, by its position.
    columns: Vec<Option<usize>>,
    kinds: Vec<Kind>,
    questions: Questions,
    /// Columns of numbers that may be no levels, until they are told.
    counted: Option<Counted>,
    /// Columns of other numbers that were told.
    numbered: Vec<usize>,
    /// Cells that hung on the other channels and came to "not this way", and to "not applicable".
    settled: [usize; 2],
}

/// Columns in which the same text means the same.
struct Kind {
    scale: Option<Scale>,
    traits: Traits,
    /// Which of the file's legends is theirs.
    legend: usize,
    headings: Vec<String>,
    seen: HashMap<Box<str>, Seen>,
}

/// A text that was read.
#[derive(Clone, Debug)]
struct Seen {
    folded: String,
    read: Result<Cell, Trouble>,
    /// The mark that its own only looks like.
    looks_like: Option<&'static str>,
    /// Whether a number before the word was passed over.
    numbered: bool,
    count: usize,
}

/// Where a table comes from, as far as its marks mean something by it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    /// Written by this program, which writes levels.
    pub ours: bool,
    /// The rows of a file that were not taken, without the others.
    pub part: bool,
    /// Cells show the best of a channel group: whether 対象外 says it of the procedure is told by what is
    /// known.
    pub group: bool,
    /// The layout whose name says that its numbers are levels.
    pub layout: Option<Layout>,
}

impl Marks {
    /// Looks at whole columns first: some marks mean something by what stands around them, and all
    /// of them by the scale of the column's channel.
    pub(super) fn learn(
        sheet: &Sheet<'_>,
        profile: Profile,
        rows: &[&Row],
        columns: impl Iterator<Item = (usize, Option<ChannelIx>)>,
        origin: Origin,
    ) -> Self {
        let columns: Vec<(usize, Option<ChannelIx>)> = columns.collect();
        let scale = |channel: ChannelIx| sheet.catalogue.channel(channel).scale;
        let counters =
            !origin.group && columns.iter().all(|(_, channel)| channel.map(scale) == Some(Scale::Counter));
        let several = columns.iter().any(|(_, channel)| *channel != columns[0].1);
        let notes = Notes::read(sheet, &Columns { marked: &columns, of_rows: false });
        let mut marks = Self::new(sheet, (profile, notes), origin, counters, several);
        let legend = |(column, channel): &(usize, Option<ChannelIx>)| {
            marks.notes.legend_of(*column, channel.map(scale))
        };
        let legends: Vec<usize> = columns.iter().map(legend).collect();
        let mut looks: Vec<Looks<'_>> =
            (0..marks.notes.count()).map(|legend| Looks::new(marks.place(None, false, legend))).collect();
        let look = |((column, _), legend): (&(usize, Option<ChannelIx>), &usize)| match marks
            .notes
            .numbers_of(*column)
        {
            // What a text says of its numbers is told by itself.
            Some(_) => (*column, Looked::default()),
            None => (*column, looks[*legend].column(rows, *column, origin.part)),
        };
        let mut found: Vec<(usize, Looked)> = columns.iter().zip(&legends).map(look).collect();
        let left_out = looks.first_mut().and_then(|looks| left_out_above(sheet, rows, looks));
        marks.counted = counted(sheet, &mut found, (origin.layout, left_out));
        for (((column, channel), legend), (_, looked)) in columns.iter().zip(legends).zip(found) {
            marks.put(sheet, *column, (channel.map(scale), looked.traits, legend));
        }
        marks
    }

    /// What the sender says of a mark that stands in no column of marks.
    pub(super) fn said(&self, text: &str) -> Option<Meaning> {
        self.profile.said(&fold_mark(text), None)
    }

    /// Whether the file itself says what a number stands for: it is no level then.
    pub(super) fn explains(&self, text: &str) -> bool {
        self.notes.speak_of(&fold_mark(text))
    }

    /// Whether an empty cell of the rows says something, or is to be asked about.
    pub(super) fn may_blank_speak(&self) -> bool {
        let said = |kind: &Kind| self.profile.said("", kind.scale);
        let speaks = |kind: &Kind| match said(kind) {
            Some(meaning) => meaning != Meaning::Nothing,
            None => self.notes.leave_blank_open(),
        };
        self.kinds.iter().any(speaks)
    }

    /// Whether a level of this number might be a mark for no or yes in a column of rows.
    pub(super) fn may_be_flags(&self, level: Level) -> bool {
        level <= Level::ONE
            && self.profile.binary != Some(Binary::Level)
            && self.kinds.iter().any(|kind| kind.traits.binary)
    }

    /// The marks of one column whose rows are about channels of their own. `levels` says whether its
    /// heading calls them levels.
    pub(super) fn of_rows(
        sheet: &Sheet<'_>,
        profile: Profile,
        rows: &[&Row],
        column: Option<usize>,
        levels: bool,
    ) -> Self {
        let origin = Origin { ours: levels, part: sheet.is_rest(), ..Origin::default() };
        let marked: Vec<(usize, Option<ChannelIx>)> =
            column.map(|column| (column, None)).into_iter().collect();
        let notes = Notes::read(sheet, &Columns { marked: &marked, of_rows: true });
        let mut marks = Self::new(sheet, (profile, notes), origin, true, false);
        // A procedure that is not performed has a column of its own in what this program writes.
        marks.ours = false;
        let Some(column) = column else { return marks };
        let legend = marks.notes.legend_of(column, None);
        let looked = Looks::new(marks.place(None, false, legend)).column(rows, column, origin.part);
        let mut found = [(column, looked)];
        // What is called a level is wrong as a level where it is none.
        if !levels {
            marks.counted = counted(sheet, &mut found, (Some(Layout::Long), None));
        }
        let traits = found[0].1.traits;
        for scale in [None, Some(Scale::Online), Some(Scale::Counter)] {
            let legend = marks.notes.legend_of(column, scale);
            marks.put(sheet, column, (scale, traits, legend));
        }
        marks
    }

    fn new(
        sheet: &Sheet<'_>,
        (mut profile, notes): (Profile, Notes),
        origin: Origin,
        counters: bool,
        several: bool,
    ) -> Self {
        if origin.ours {
            profile.binary.get_or_insert(Binary::Level);
        }
        Self {
            profile,
            notes,
            counters,
            ours: origin.ours,
            several,
            today: sheet.options.today,
            columns: Vec::new(),
            kinds: Vec::new(),
            questions: Questions::default(),
            counted: None,
            numbered: Vec::new(),
            settled: [0; 2],
        }
    }

    fn put(
        &mut self,
        sheet: &Sheet<'_>,
        column: usize,
        (scale, traits, legend): (Option<Scale>, Traits, usize),
    ) {
        let same = |kind: &Kind| (kind.scale, kind.traits, kind.legend) == (scale, traits, legend);
        let at = self.kinds.iter().position(same).unwrap_or_else(|| {
            self.kinds.push(Kind { scale, traits, legend, headings: Vec::new(), seen: HashMap::new() });
            self.kinds.len() - 1
        });
        let headings = &mut self.kinds[at].headings;
        if headings.len() < SHOWN {
            headings.push(cut(&sheet.headings.text(column).replace('\n', ""), 60));
        }
        if self.columns.len() <= column {
            self.columns.resize(column + 1, None);
        }
        self.columns[column] = Some(at);
    }

    /// What a cell says. `None` if it says nothing, or if its fault was told.
    pub(super) fn read(&mut self, sheet: &mut Sheet<'_>, row: &Row, column: usize) -> Option<Cell> {
        let kind = self.columns.get(column).copied().flatten()?;
        self.read_as(sheet, row, column, kind)
    }

    /// What a cell says in a row that is about a channel of this scale.
    pub(super) fn read_on(
        &mut self,
        sheet: &mut Sheet<'_>,
        row: &Row,
        column: usize,
        scale: Option<Scale>,
    ) -> Option<Cell> {
        let kind = self.kinds.iter().position(|kind| kind.scale == scale)?;
        self.read_as(sheet, row, column, kind)
    }

    fn read_as(&mut self, sheet: &mut Sheet<'_>, row: &Row, column: usize, kind: usize) -> Option<Cell> {
        let raw = unguarded(row.cell(column));
        if raw.starts_with(char::is_numeric) && self.is_of_numbers(sheet, row, column) {
            return None;
        }
        if let Some(seen) = self.kinds[kind].seen.get_mut(raw)
            && let Ok(cell) = &seen.read
        {
            seen.count += 1;
            doubt(sheet, row, column, cell);
            return (cell.meaning != Meaning::Nothing).then(|| cell.clone());
        }
        let mut seen = match self.kinds[kind].seen.get(raw) {
            Some(seen) => seen.clone(),
            None => self.look_at(raw, &self.kinds[kind]),
        };
        seen.count += 1;
        let read = seen.read.clone();
        match &read {
            Ok(cell) => doubt(sheet, row, column, cell),
            Err(trouble) => self.refuse(sheet, row, column, kind, &seen.folded, trouble),
        }
        let kept = &mut self.kinds[kind].seen;
        if kept.contains_key(raw) || (kept.len() < MAX_KEPT && raw.len() <= MAX_LENGTH) {
            kept.insert(raw.into(), seen);
        }
        read.ok().filter(|cell| cell.meaning != Meaning::Nothing)
    }

    /// Reads a text that was not seen in this kind of column before.
    fn look_at(&self, raw: &str, kind: &Kind) -> Seen {
        let folded = fold_mark(raw);
        let mut seen = Seen {
            folded,
            read: Ok(Cell::plain(Meaning::Nothing)),
            looks_like: None,
            numbered: false,
            count: 0,
        };
        if is_published(&seen.folded) {
            return seen;
        }
        if kind.traits.counts && !seen.folded.is_empty() {
            seen.read = Err(Trouble::Counted);
            return seen;
        }
        let digit = matches!(seen.folded.as_str(), "0" | "1");
        let legend = self.notes.legend(kind.legend);
        let explained = self.profile.said("1", kind.scale).is_some() || legend.speaks_of("1");
        if digit && kind.traits.binary && !explained {
            match self.profile.binary {
                None => seen.read = Err(Trouble::Binary),
                Some(Binary::Flag) if seen.folded == "1" => {
                    seen.read = Ok(Cell::plain(Meaning::Level(Level::THREE, true)));
                }
                Some(_) => {
                    seen.read = self
                        .place(kind.scale, kind.traits.choices, kind.legend)
                        .read(raw)
                        .map(|read| read.cell)
                        .map_err(Trouble::Unread)
                }
            }
            return seen;
        }
        seen.read = match self.place(kind.scale, kind.traits.choices, kind.legend).read(raw) {
            Err(unread) => Err(Trouble::Unread(unread)),
            Ok(read) => {
                seen.looks_like = looks_like(&read.mark);
                seen.numbered = read.numbered;
                let cell = self.with_words(read.cell, (raw, &read.mark), kind);
                self.in_column(cell, &read.mark, kind)
            }
        };
        seen
    }

    /// What a cell says where it stands in this kind of column.
    fn in_column(&self, mut cell: Cell, mark: &str, kind: &Kind) -> Result<Cell, Trouble> {
        let own = self.profile.said(mark, kind.scale);
        let legend = self.notes.legend(kind.legend);
        if own.is_none()
            && legend.speaks_of(mark)
            && let Some(usual) = self.profile.meaning(mark, kind.scale)
        {
            let usual = if usual == Meaning::Full { kind.traits.full().unwrap_or(usual) } else { usual };
            if legend.contradicts(mark, usual, kind.scale) {
                return Err(Trouble::Legend(usual));
            }
        }
        if cell.meaning == Meaning::Elsewhere && !self.several {
            return Err(Trouble::Alone);
        }
        if cell.meaning == Meaning::Full {
            cell.meaning = kind.traits.full().ok_or(Trouble::Above)?;
        }
        Ok(cell)
    }

    fn place(&self, scale: Option<Scale>, choices: bool, legend: usize) -> CellContext<'_> {
        let Self { profile, notes, counters, ours, today, .. } = self;
        let legend = notes.legend(legend);
        CellContext { profile, legend, scale, counters: *counters, ours: *ours, choices, today: *today }
    }

    /// Settles the cells of a row and a procedure that hang on each other: a channel is not offered if
    /// another one says something, else the procedure is not performed.
    pub(super) fn settle<'c>(&mut self, cells: impl Iterator<Item = &'c mut Option<Cell>>) {
        let mut cells: Vec<&mut Cell> = cells.filter_map(Option::as_mut).collect();
        let says = |cell: &&mut Cell| matches!(cell.meaning, Meaning::Level(..) | Meaning::Planned(_));
        let marked = cells.iter().any(says);
        for cell in cells.iter_mut().filter(|cell| cell.meaning == Meaning::Elsewhere) {
            self.settled[usize::from(!marked)] += 1;
            cell.meaning = if marked {
                Meaning::Level(Level::ZERO, false)
            } else {
                Meaning::Applicability(Applicability::NotApplicable)
            };
        }
    }

    /// Whether cells may hang on each other.
    pub(super) fn hang_together(&self) -> bool {
        self.several && self.profile.has(Meaning::Elsewhere)
    }

    /// Whether a column holds numbers that are no levels by a text of the file; that is told once.
    fn is_of_numbers(&mut self, sheet: &mut Sheet<'_>, row: &Row, column: usize) -> bool {
        let Some(text) = self.notes.numbers_of(column) else { return false };
        let name = sheet.headings.name(column);
        // The sender may say all the same what it is.
        if sheet.options.columns.iter().any(|(known, _)| *known == fold_for_match(&name)) {
            return false;
        }
        if !self.numbered.contains(&column) {
            self.numbered.push(column);
            let channel = match channels::about(sheet.catalogue, sheet.headings.meaning(column)) {
                Some(channels::About::Channel(channel)) => Some(sheet.catalogue.channel(channel)),
                _ => None,
            };
            let fault = numbers(&name, text, row.cell(column), channel).at_line(sheet.headings.line);
            sheet.faults.push(fault.in_column(column, &name));
        }
        true
    }

    fn refuse(
        &mut self,
        sheet: &mut Sheet<'_>,
        row: &Row,
        column: usize,
        kind: usize,
        folded: &str,
        trouble: &Trouble,
    ) {
        if matches!(trouble, Trouble::Counted) {
            self.tell_counted(sheet);
            return;
        }
        let kind = &self.kinds[kind];
        if let Some(open) = open(trouble)
            && !is_broken(row.cell(column))
        {
            let absent = matches!(trouble, Trouble::Unread(Unread::Dash | Unread::WhichAbsence));
            let elsewhere = self.several && (absent || folded.is_empty());
            let place = (row.line, sheet.headings.text(column), sheet.headings.bare(column).trim());
            self.questions.add(open, folded, place, (kind.scale, kind.legend), elsewhere);
        }
        let fault = match trouble {
            Trouble::Legend(usual) => {
                let usual = usual.label(kind.scale);
                let mark = if folded.is_empty() { EMPTY } else { folded };
                let message = match self.notes.legend(kind.legend).words(folded) {
                    Some(words) => format!(
                        "凡例では「{}」で、ふつうの読み方（{usual}）と違います。何を意味するか指定してください",
                        cut(words, 60)
                    ),
                    None => "ほかの番号には凡例で意味が決められていますが、この番号は凡例にありません。何を意味するか指定してください".to_owned(),
                };
                let allowed = format!("marks={mark}=0（未対応）、{mark}=3+、{mark}=planned（予定）など");
                Fault::whole("ambiguous_mark", message).allowing(allowed)
            }
            Trouble::Unread(Unread::Unknown) => Fault::whole("unknown_mark", unknown(folded, self.today))
                .allowing(self.profile.allowed(kind.scale)),
            other => fault(other, folded, kind.scale),
        };
        let fault = Fault { open: open(trouble).is_some() && !is_broken(row.cell(column)), ..fault };
        sheet.fault(fault.found(row.cell(column)), row, column);
    }

    /// How the marks were understood, what is still to be answered, and the profile's name; what was
    /// read for something else is told in the notes.
    pub(super) fn finish(self, notes: &mut Vec<String>) -> (Vec<Understood>, Vec<Question>, String) {
        notes.extend(self.remarks());
        let understood = self.understood();
        let read_on = |mark: &str, scale: Scale| {
            self.kinds
                .iter()
                .filter(|kind| kind.scale == Some(scale))
                .any(|kind| kind.seen.values().any(|seen| seen.read.is_ok() && seen.folded == mark))
        };
        let questions = self.questions.finish(|legend| self.notes.legend(legend), read_on);
        (understood, questions, self.profile.name)
    }
}

/// Tells what people should look at once more of a cell that was read.
fn doubt(sheet: &mut Sheet<'_>, row: &Row, column: usize, cell: &Cell) {
    if let Some(refusal) = &cell.doubt {
        let value = row.cell(column).to_owned();
        sheet.warn(Refusal { value, ..(**refusal).clone() }, row, column);
    }
}

/// Whether a (folded) cell is what an export writes of the word of the state.
fn is_published(folded: &str) -> bool {
    folded.strip_suffix(&fold_mark(OF_THE_STATE)).is_some_and(|value| {
        // What it says of the state stands in brackets.
        let value = value.split('(').next().unwrap_or(value);
        let level = value.strip_suffix('+').unwrap_or(value).parse::<Level>().is_ok();
        level || ["対象外", "組合", "廃止"].contains(&value)
    })
}
