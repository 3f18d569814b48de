//! Cells that hold marks: what each says, by the profile of the file and by its column.
//!
//! The same few texts stand in thousands of cells: each is read once for each kind of column.

mod looks;
mod statement;
mod trouble;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::sheet::Sheet;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::{Level, Scale};
use crate::domain::text::{cut, fold_mark, unguarded};
use crate::import::cells::is_broken;
use crate::import::marks::{
    Binary, Cell, CellContext, EMPTY, Legend, Meaning, OF_THE_STATE, Profile, Question, Questions, Unread,
    looks_like,
};
use crate::import::table::Row;
use crate::import::{Fault, Understood};
use looks::{Looks, MAX_KEPT, MAX_LENGTH, Traits};
use trouble::{Trouble, counts, fault, open};

pub(super) use statement::{Spot, statement};
/// So many headings are enough to know a column by.
const SHOWN: usize = 5;

/// The marks of a table.
pub(super) struct Marks {
    profile: Profile,
    legend: Legend,
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
    /// Columns of counts that were told.
    counted: Vec<usize>,
    /// Cells that hung on the other channels and came to "not this way", and to "not applicable".
    settled: [usize; 2],
}

/// Columns in which the same text means the same.
struct Kind {
    scale: Option<Scale>,
    traits: Traits,
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
        let mut marks = Self::new(sheet, profile, origin, counters, several);
        let mut looks = Looks::new(marks.place(None, false));
        let found: Vec<(usize, Option<Scale>, Traits)> = columns
            .iter()
            .map(|(column, channel)| (*column, channel.map(scale), looks.column(rows, *column, origin.part)))
            .collect();
        for (column, scale, traits) in found {
            marks.put(sheet, column, scale, traits);
        }
        marks
    }

    /// What the sender says of a mark that stands in no column of marks.
    pub(super) fn said(&self, text: &str) -> Option<Meaning> {
        self.profile.said(&fold_mark(text), None)
    }

    /// Whether the file itself says what a number stands for: it is no level then.
    pub(super) fn explains(&self, text: &str) -> bool {
        self.legend.speaks_of(&fold_mark(text))
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
        let origin = Origin { ours: levels, part: sheet.is_rest(), group: false };
        let mut marks = Self::new(sheet, profile, origin, true, false);
        // A procedure that is not performed has a column of its own in what this program writes.
        marks.ours = false;
        let Some(column) = column else { return marks };
        let traits = Looks::new(marks.place(None, false)).column(rows, column, origin.part);
        for scale in [None, Some(Scale::Online), Some(Scale::Counter)] {
            marks.put(sheet, column, scale, traits);
        }
        marks
    }

    fn new(sheet: &Sheet<'_>, mut profile: Profile, origin: Origin, counters: bool, several: bool) -> Self {
        if origin.ours {
            profile.binary.get_or_insert(Binary::Level);
        }
        let headings = sheet.headings.all().map(|(_, text)| text);
        Self {
            profile,
            legend: Legend::read(sheet.remarks.iter().map(String::as_str).chain(headings))
                .on(sheet.options.today),
            counters,
            ours: origin.ours,
            several,
            today: sheet.options.today,
            columns: Vec::new(),
            kinds: Vec::new(),
            questions: Questions::default(),
            counted: Vec::new(),
            settled: [0; 2],
        }
    }

    fn put(&mut self, sheet: &Sheet<'_>, column: usize, scale: Option<Scale>, traits: Traits) {
        let known = self.kinds.iter().position(|kind| kind.scale == scale && kind.traits == traits);
        let at = known.unwrap_or_else(|| {
            self.kinds.push(Kind { scale, traits, headings: Vec::new(), seen: HashMap::new() });
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
        let explained = self.profile.said("1", kind.scale).is_some() || self.legend.speaks_of("1");
        if digit && kind.traits.binary && !explained {
            match self.profile.binary {
                None => seen.read = Err(Trouble::Binary),
                Some(Binary::Flag) if seen.folded == "1" => {
                    seen.read = Ok(Cell::plain(Meaning::Level(Level::THREE, true)));
                }
                Some(_) => {
                    seen.read = self
                        .place(kind.scale, kind.traits.choices)
                        .read(raw)
                        .map(|read| read.cell)
                        .map_err(Trouble::Unread)
                }
            }
            return seen;
        }
        seen.read = match self.place(kind.scale, kind.traits.choices).read(raw) {
            Err(unread) => Err(Trouble::Unread(unread)),
            Ok(read) => {
                seen.looks_like = looks_like(&read.mark);
                seen.numbered = read.numbered;
                self.in_column(read.cell, &read.mark, kind)
            }
        };
        seen
    }

    /// What a cell says where it stands in this kind of column.
    fn in_column(&self, mut cell: Cell, mark: &str, kind: &Kind) -> Result<Cell, Trouble> {
        let own = self.profile.said(mark, kind.scale);
        if own.is_none()
            && self.legend.speaks_of(mark)
            && let Some(usual) = self.profile.meaning(mark, kind.scale)
        {
            let usual = if usual == Meaning::Full { kind.traits.full().unwrap_or(usual) } else { usual };
            if self.legend.contradicts(mark, usual, kind.scale) {
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

    fn place(&self, scale: Option<Scale>, choices: bool) -> CellContext<'_> {
        let Self { profile, legend, counters, ours, today, .. } = self;
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
            // Once for the column.
            if !self.counted.contains(&column) {
                self.counted.push(column);
                let name = sheet.headings.name(column);
                let fault = counts(&name, row.cell(column)).at_line(sheet.headings.line);
                sheet.faults.push(fault.in_column(column, &name));
            }
            return;
        }
        let kind = &self.kinds[kind];
        if let Some(open) = open(trouble)
            && !is_broken(row.cell(column))
        {
            let elsewhere =
                self.several && matches!(trouble, Trouble::Unread(Unread::Dash | Unread::WhichAbsence));
            let place = (row.line, sheet.headings.text(column));
            self.questions.add(open, folded, place, kind.scale, elsewhere);
        }
        let fault = match trouble {
            Trouble::Legend(usual) => {
                let usual = usual.label(kind.scale);
                let message = match self.legend.words(folded) {
                    Some(words) => format!(
                        "凡例では「{}」で、ふつうの読み方（{usual}）と違います。何を意味するか指定してください",
                        cut(words, 60)
                    ),
                    None => "ほかの番号には凡例で意味が決められていますが、この番号は凡例にありません。何を意味するか指定してください".to_owned(),
                };
                let allowed =
                    format!("marks={folded}=0（未対応）、{folded}=3+、{folded}=planned（予定）など");
                Fault::whole("ambiguous_mark", message).allowing(allowed)
            }
            Trouble::Unread(Unread::Unknown) => Fault::whole(
                "unknown_mark",
                "意味の分からない記号です。直すか、何を意味するか指定してください",
            )
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
        let questions = self.questions.finish(&self.legend, read_on);
        (understood, questions, self.profile.name)
    }

    fn remarks(&self) -> Vec<String> {
        let read = || self.kinds.iter().flat_map(|kind| kind.seen.values()).filter(|seen| seen.read.is_ok());
        let mut alike: BTreeMap<&str, (Vec<String>, usize)> = BTreeMap::new();
        for seen in read() {
            let Some(mark) = seen.looks_like else { continue };
            let (forms, count) = alike.entry(mark).or_default();
            let form = cut(&seen.folded, 20);
            if forms.len() < SHOWN && !forms.contains(&form) {
                forms.push(form);
            }
            *count += seen.count;
        }
        let mut notes: Vec<String> = alike
            .into_iter()
            .map(|(mark, (mut forms, count))| {
                forms.sort_unstable();
                format!("「{}」を「{mark}」と読みました（{count}か所）。", forms.join("」「"))
            })
            .collect();
        let numbered: Vec<&Seen> = read().filter(|seen| seen.numbered).collect();
        if let Some(first) = numbered.iter().map(|seen| &seen.folded).min() {
            let count: usize = numbered.iter().map(|seen| seen.count).sum();
            notes.push(format!("言葉の前の番号（「{}」など）は読みません（{count}か所）。", cut(first, 20)));
        }
        notes
    }

    /// The marks with their meanings and counts; where a mark means different things or was said to mean
    /// something on both scales, each with the columns in which it does.
    fn understood(&self) -> Vec<Understood> {
        let mut counts: BTreeMap<(&str, String), (usize, Vec<&str>)> = BTreeMap::new();
        let mut scales: BTreeMap<&str, Vec<Option<Scale>>> = BTreeMap::new();
        let mut hanging: Vec<&str> = Vec::new();
        for kind in &self.kinds {
            for seen in kind.seen.values() {
                let Ok(cell) = &seen.read else { continue };
                let mark = if seen.folded.is_empty() { EMPTY } else { seen.folded.as_str() };
                if cell.meaning == Meaning::Elsewhere {
                    hanging.push(mark);
                    continue;
                }
                if self.profile.said(&seen.folded, kind.scale).is_some() {
                    scales.entry(mark).or_default().push(kind.scale);
                }
                let (count, headings) = counts.entry((mark, cell.label(kind.scale))).or_default();
                *count += seen.count;
                headings.extend(kind.headings.iter().map(String::as_str));
            }
        }
        hanging.sort_unstable();
        hanging.dedup();
        let hanging = hanging.join("、");
        for (count, label) in self.settled.iter().zip([
            "この手段なし（段階0、ほかの接点に印がある行）",
            "制度なし・該当なし（ほかの接点に印がない行）",
        ]) {
            if *count > 0 {
                counts.insert((&hanging, label.to_owned()), (*count, Vec::new()));
            }
        }
        let marks: Vec<&str> = counts.keys().map(|(mark, _)| *mark).collect();
        // Also what a sender says without a scale is told with the columns in which it holds.
        let differs = |mark: &str| {
            let said_of = scales.get(mark).is_some_and(|scales| scales.iter().any(|one| *one != scales[0]));
            said_of || marks.iter().filter(|other| **other == mark).count() > 1
        };
        counts
            .iter()
            .map(|((mark, meaning), (count, headings))| {
                let shown = if differs(mark) {
                    headings.iter().take(SHOWN).map(|text| (*text).to_owned()).collect()
                } else {
                    Vec::new()
                };
                Understood {
                    mark: (*mark).to_owned(),
                    meaning: meaning.clone(),
                    headings: shown,
                    count: *count,
                }
            })
            .collect()
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
