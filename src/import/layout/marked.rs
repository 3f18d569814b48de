//! Cells that hold marks: what each says, by the profile of the file.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::Sheet;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Source};
use crate::domain::text::{fold_mark, unguarded};
use crate::import::marks::{
    BINARY, Binary, Meaning, OF_THE_STATE, Profile, Questions, is_dash, planned, said,
};
use crate::import::table::Row;
use crate::import::{Blank, Fault, Said, Statement, Understood};

/// Most different marks that are counted.
const MAX_COUNTED: usize = 1_000;

/// The marks of a table.
pub(super) struct Marks {
    profile: Profile,
    /// Columns in which ◎ is more than ○.
    graded: BTreeSet<usize>,
    /// Columns that do not tell whether ◎ is more than ○.
    cut_off: BTreeSet<usize>,
    /// Columns whose only levels are 0 and 1, of which nobody said what they mean.
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

/// Where a table comes from, as far as its marks mean something by it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    /// Written by this program, which writes levels.
    pub ours: bool,
    /// The rows of a file that were not taken, without the others.
    pub part: bool,
}

impl Marks {
    /// Looks at whole columns first: some marks mean something by what stands around them.
    pub(super) fn learn(
        mut profile: Profile,
        rows: &[&Row],
        columns: impl Iterator<Item = usize>,
        origin: Origin,
    ) -> Self {
        if origin.ours {
            profile.binary.get_or_insert(Binary::Level);
        }
        let (mut graded, mut cut_off, mut binary) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let three = Some(Meaning::Level(Level::THREE, true));
        for column in columns {
            let (mut full, mut plain, mut other_level, mut binary_digit) = (false, false, false, false);
            for row in rows {
                let cell = row.cell(column);
                if cell.trim().is_empty() {
                    continue;
                }
                let folded = fold_mark(unguarded(cell));
                let meaning = profile.meaning(&folded);
                full |= meaning == Some(Meaning::Full);
                plain |= meaning == three;
                // 対象外, 未回答 or a dash beside them tells nothing of what 0 and 1 are.
                match folded.as_str() {
                    "0" | "1" => binary_digit = true,
                    _ => other_level |= matches!(meaning, Some(Meaning::Full | Meaning::Level(..))),
                }
            }
            if full && plain {
                graded.insert(column);
            }
            if full && !plain && origin.part {
                cut_off.insert(column);
            }
            if binary_digit && !other_level {
                binary.insert(column);
            }
        }
        Self { profile, graded, cut_off, binary, questions: Questions::default(), counts: BTreeMap::new() }
    }

    /// What a cell says. `None` if it says nothing, or if its fault was told.
    pub(super) fn read(&mut self, sheet: &mut Sheet<'_>, row: &Row, column: usize) -> Option<Cell> {
        let folded = fold_mark(unguarded(row.cell(column)));
        let nothing = Cell { meaning: Meaning::Nothing, on: None };
        let cell = self.meaning(&folded, column).or_else(|| {
            if is_published(&folded) {
                return Some(nothing);
            }
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
        let digit = matches!(folded, "0" | "1");
        if digit && self.binary.contains(&column) && !self.profile.names("1") {
            return match (self.profile.binary?, folded) {
                (Binary::Flag, "1") => plain(Meaning::Level(Level::THREE, true)),
                _ => self.profile.meaning(folded).and_then(plain),
            };
        }
        match self.profile.meaning(folded)? {
            Meaning::Full if self.cut_off.contains(&column) => None,
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
                "段階を表すものが 0 と 1 しかない列です。何を意味するか指定してください".to_owned(),
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
        } else if self.cut_off.contains(&column) && self.profile.meaning(folded) == Some(Meaning::Full) {
            self.questions.add(folded, sheet.headings.text(column));
            (
                "ambiguous_mark",
                format!(
                    "取り込めなかった行だけでは「{folded}」が「○」より上かどうか分かりません。何を意味するか指定してください"
                ),
                format!("marks={folded}=4（元の列に ○ もあったとき）、{folded}=3+（なかったとき）"),
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

/// Whether a (folded) cell is what an export writes of the word of the state.
fn is_published(folded: &str) -> bool {
    folded.strip_suffix(&fold_mark(OF_THE_STATE)).is_some_and(|value| {
        let level = value.strip_suffix('+').unwrap_or(value).parse::<Level>().is_ok();
        level || ["対象外", "組合", "廃止"].contains(&value)
    })
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
        column: u16::try_from(spot.column).ok(),
        body: spot.body,
        procedure: spot.procedure,
        source: Source::Own,
        effective: effective.or(sheet.options.effective),
        said,
    })
}
