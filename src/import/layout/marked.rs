//! Cells that hold marks: what each says, by the profile of the file.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::Sheet;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Source};
use crate::domain::text::{fold_mark, unguarded};
use crate::import::marks::{BINARY, Binary, Meaning, Profile, Questions, is_dash, planned, said};
use crate::import::table::Row;
use crate::import::{Blank, Fault, Said, Statement, Understood};

/// Most different marks that are counted.
const MAX_COUNTED: usize = 1_000;

/// The marks of a table.
pub(super) struct Marks {
    profile: Profile,
    /// Columns in which ◎ is more than ○.
    graded: BTreeSet<usize>,
    /// Columns with nothing but 0 and 1 of which nobody said what they mean.
    binary: BTreeSet<usize>,
    questions: Questions,
    counts: BTreeMap<String, (String, usize)>,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub meaning: Meaning,
    /// The day of a plan.
    pub on: Option<Dated>,
}

impl Marks {
    /// Looks at whole columns first: some marks mean something by what stands around them.
    pub(super) fn learn(profile: Profile, rows: &[&Row], columns: impl Iterator<Item = usize>) -> Self {
        let (mut graded, mut binary) = (BTreeSet::new(), BTreeSet::new());
        let three = Some(Meaning::Level(Level::THREE, true));
        for column in columns {
            let (mut full, mut plain, mut only_binary, mut any) = (false, false, true, false);
            for row in rows {
                let cell = row.cell(column);
                if cell.trim().is_empty() {
                    continue;
                }
                let folded = fold_mark(unguarded(cell));
                any = true;
                only_binary &= matches!(folded.as_str(), "0" | "1");
                match profile.meaning(&folded) {
                    Some(Meaning::Full) => full = true,
                    meaning => plain |= meaning == three,
                }
            }
            if full && plain {
                graded.insert(column);
            }
            if any && only_binary {
                binary.insert(column);
            }
        }
        Self { profile, graded, binary, questions: Questions::default(), counts: BTreeMap::new() }
    }

    /// What a cell says. `None` if it says nothing, or if its fault was told.
    pub(super) fn read(&mut self, sheet: &mut Sheet<'_>, row: &Row, column: usize) -> Option<Cell> {
        let folded = fold_mark(unguarded(row.cell(column)));
        let cell = self.meaning(&folded, column).or_else(|| {
            let on = planned(&folded)?;
            Some(Cell { meaning: Meaning::Planned, on })
        });
        let Some(cell) = cell else {
            self.refuse(sheet, row, column, &folded);
            return None;
        };
        let mark = if folded.is_empty() { "空欄".to_owned() } else { folded };
        if self.counts.len() < MAX_COUNTED || self.counts.contains_key(&mark) {
            self.counts.entry(mark).or_insert_with(|| (cell.meaning.label(), 0)).1 += 1;
        }
        (cell.meaning != Meaning::Nothing).then_some(cell)
    }

    fn meaning(&self, folded: &str, column: usize) -> Option<Cell> {
        let plain = |meaning| Some(Cell { meaning, on: None });
        if self.binary.contains(&column) && !folded.is_empty() && !self.profile.names("1") {
            return match (self.profile.binary?, folded) {
                (Binary::Flag, "1") => plain(Meaning::Level(Level::THREE, true)),
                _ => self.profile.meaning(folded).and_then(plain),
            };
        }
        match self.profile.meaning(folded)? {
            Meaning::Full if self.graded.contains(&column) => plain(Meaning::Level(Level::FOUR, false)),
            Meaning::Full => plain(Meaning::Level(Level::THREE, true)),
            meaning => plain(meaning),
        }
    }

    fn refuse(&mut self, sheet: &mut Sheet<'_>, row: &Row, column: usize, folded: &str) {
        let binary = self.binary.contains(&column) && matches!(folded, "0" | "1");
        let (code, message, allowed) = if binary {
            self.questions.add(BINARY, sheet.headings.text(column));
            (
                "binary_column",
                "0 と 1 しかない列です。何を意味するか指定してください".to_owned(),
                "binary=flag（1 は ○）または binary=level（段階）".to_owned(),
            )
        } else if is_dash(folded) {
            self.questions.add(folded, sheet.headings.text(column));
            (
                "ambiguous_mark",
                "横棒の意味はファイルごとに違います。何を意味するか指定してください".to_owned(),
                format!(
                    "marks={folded}=not_applicable（制度なし）、{folded}=0（未対応）、{folded}=nothing（変えない）など"
                ),
            )
        } else {
            self.questions.add(folded, sheet.headings.text(column));
            (
                "unknown_mark",
                "意味の分からない記号です。直すか、何を意味するか指定してください".to_owned(),
                self.profile.allowed(),
            )
        };
        sheet.fault(Fault::whole(code, message).found(row.cell(column)).allowing(allowed), row, column);
    }

    /// How the marks were understood, what is still to be answered, and the profile's name.
    pub(super) fn finish(self) -> (Vec<Understood>, Vec<crate::import::marks::Question>, String) {
        let understood = self
            .counts
            .into_iter()
            .map(|(mark, (meaning, count))| Understood { mark, meaning, count })
            .collect();
        (understood, self.questions.finish(), self.profile.name)
    }
}

/// Where a cell stands, and what it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub body: BodyIx,
    pub procedure: ProcedureIx,
    pub channel: ChannelIx,
    pub column: usize,
}

/// The statement of a cell, if it makes one.
pub(super) fn statement(
    sheet: &Sheet<'_>,
    row: &Row,
    spot: Spot,
    cell: Option<Cell>,
    effective: Option<Dated>,
) -> Option<Statement> {
    let said = match cell {
        Some(cell) => said(cell.meaning, row.cell(spot.column).trim(), spot.channel, None, cell.on)?,
        None if sheet.options.blank == Blank::Clear && row.cell(spot.column).trim().is_empty() => {
            Said::Withdrawn(Some(spot.channel))
        }
        None => return None,
    };
    Some(Statement {
        line: row.line,
        body: spot.body,
        procedure: spot.procedure,
        source: Source::Own,
        effective: effective.or(sheet.options.effective),
        said,
    })
}
