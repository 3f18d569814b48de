//! The level of a row: a number, the name of a level, or a mark as other sheets have them.

use std::collections::BTreeMap;

use super::{Reader, WITHDRAWN};
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::number::without_fraction;
use crate::domain::readiness::{Level, Scale};
use crate::domain::text::{fold_for_match, fold_width};
use crate::import::layout::column::Column;
use crate::import::marks::{Cell, EMPTY, Meaning, level, says_nothing};
use crate::import::table::Row;
use crate::import::{Fault, Field, Said, Statement, Understood};

/// Whether a heading calls what stands below it levels: 0 and 1 are no marks for no and yes there.
pub(super) fn calls_levels(heading: &str) -> bool {
    let folded = fold_for_match(heading);
    ["段階", "レベル", "level"].iter().any(|word| folded.contains(word))
}

impl Reader<'_> {
    /// What the level column says, together with whether it is only "at least".
    pub(super) fn level(&mut self, row: &Row, channel: Option<ChannelIx>) -> Result<Option<Cell>, Fault> {
        let raw = self.text(row, Column::Level);
        let flag = self.flag(row)?;
        if raw.is_empty() && flag.is_some() {
            return Err(self.without_level());
        }
        if raw.is_empty() && !self.speaks_by_blank(row) {
            return Ok(None);
        }
        // Its column was told as a whole.
        if self.has_counts() {
            return Ok(None);
        }
        if let Some((level, at_least)) = self.number(raw) {
            if at_least && flag == Some(false) {
                return Err(self.at_odds(raw));
            }
            return self.exact(raw, level, at_least || flag.unwrap_or(false)).map(Some);
        }
        let digits = fold_width(raw);
        if self.calls_levels
            && !self.marks.explains(raw)
            && digits.bytes().all(|byte| byte.is_ascii_digit() || b".+-=".contains(&byte))
            && digits.bytes().any(|byte| byte.is_ascii_digit())
        {
            let message = "段階は0〜5です（「以上」は 3+ のように書きます）";
            let fault = Fault::whole("level_format", message).found(raw).allowing("0〜5、1+〜5+");
            return Err(self.placed(fault, Column::Level));
        }
        let scale = channel.map(|channel| self.sheet.catalogue.channel(channel).scale);
        let Some(at) = self.head.columns.get(&Column::Level).copied() else { return Ok(None) };
        let before = self.sheet.faults.len();
        let cell = self.marks.read_on(&mut self.sheet, row, at, scale);
        if self.sheet.faults.len() > before
            && let Some(fault) = self.sheet.faults.pop()
        {
            return Err(fault);
        }
        match (cell.as_ref().map(|cell| cell.meaning), flag) {
            (read, None) => {
                if read.is_some() {
                    self.words.push(row.line);
                }
                Ok(cell)
            }
            (Some(Meaning::Level(_, at_least)), Some(flag)) if at_least == flag => {
                self.words.push(row.line);
                Ok(cell)
            }
            (Some(Meaning::Level(..)), Some(_)) => Err(self.at_odds(raw)),
            _ => Err(self.without_level()),
        }
    }

    /// Whether the level column holds numbers that may be no levels.
    pub(super) fn has_counts(&self) -> bool {
        !self.calls_levels && self.marks.are_counts()
    }

    /// Whether a row says something by saying nothing: its level is empty, and the file or the sender says what
    /// that means.
    pub(super) fn speaks_by_blank(&self, row: &Row) -> bool {
        let level = self.head.columns.get(&Column::Level);
        level.is_some_and(|at| row.cell(*at).trim().is_empty())
            && self.marks.may_blank_speak()
            && self.is_silent(row)
    }

    /// A level written as a number, where that can only be a level.
    fn number(&self, raw: &str) -> Option<(Level, bool)> {
        let found = level(raw).or_else(|| level(&fold_width(raw)))?;
        let meant_otherwise = self.marks.may_be_flags(found.0) || self.marks.explains(raw);
        (!meant_otherwise).then_some(found)
    }

    fn exact(&self, raw: &str, level: Level, at_least: bool) -> Result<Cell, Fault> {
        if level == Level::ZERO && at_least {
            return Err(self.refused(says_nothing(raw), Column::Level));
        }
        Ok(Cell::plain(Meaning::Level(level, at_least)))
    }

    fn at_odds(&self, raw: &str) -> Fault {
        let message = "段階と「以上」の列が食い違います。どちらかに揃えてください";
        self.placed(Fault::whole("contradiction", message).found(raw), Column::AtLeast)
    }

    fn without_level(&self) -> Fault {
        let message = "「以上」だけが書かれ、段階がありません";
        self.placed(Fault::whole("missing_level", message).allowing("0〜5、1+〜5+"), Column::Level)
    }

    fn flag(&self, row: &Row) -> Result<Option<bool>, Fault> {
        let text = fold_width(self.text(row, Column::AtLeast)).to_lowercase();
        match without_fraction(&text) {
            "" => Ok(None),
            "true" | "1" | "はい" | "○" => Ok(Some(true)),
            "false" | "0" | "いいえ" | "×" => Ok(Some(false)),
            _ => Err(self.placed(
                Fault::whole("flag_format", "true か false を書いてください")
                    .found(&text)
                    .allowing("true, false"),
                Column::AtLeast,
            )),
        }
    }

    /// The planned level: a number or the name of a level.
    pub(super) fn target_level(
        &mut self,
        row: &Row,
        channel: Option<ChannelIx>,
    ) -> Result<Field<Level>, Fault> {
        let text = fold_width(self.text(row, Column::TargetLevel));
        if text.is_empty() {
            return Ok(self.blank(Column::TargetLevel));
        }
        let scale = channel.map_or(Scale::Online, |channel| self.sheet.catalogue.channel(channel).scale);
        let Some(at) = self.head.columns.get(&Column::TargetLevel).copied() else { return Ok(Field::Keep) };
        match self.sheet.planned_level(row, at, &text, &[scale]) {
            Ok(level) => Ok(level.map_or(Field::Keep, Field::Set)),
            Err(fault) => Err(self.placed(fault, Column::TargetLevel)),
        }
    }
}

/// How the rows were understood: levels written as numbers, and what says no level. Marks and words
/// are told by themselves.
pub(super) fn understood(statements: &[Statement], catalogue: &Catalogue, words: &[u32]) -> Vec<Understood> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut levels = [[[0_usize; 2]; 6]; 2];
    for statement in statements.iter().filter(|statement| words.binary_search(&statement.line).is_err()) {
        let (mark, meaning) = match &statement.said {
            Said::Readiness(channel, patch) => match patch.level {
                Some((level, at_least)) => {
                    let scale = usize::from(catalogue.channel(*channel).scale.index());
                    levels[scale][usize::from(level.number())][usize::from(at_least)] += 1;
                    continue;
                }
                None => (EMPTY.to_owned(), "段階はそのまま".to_owned()),
            },
            Said::Applicability(value, _) => (value.code().to_owned(), value.label().to_owned()),
            Said::Withdrawn(_) => (WITHDRAWN.to_owned(), "取下げ".to_owned()),
            // No row of this layout speaks of a group.
            Said::Group(..) => continue,
        };
        *counts.entry((mark, meaning)).or_default() += 1;
    }
    for scale in Scale::ALL {
        for level in Level::all() {
            for at_least in [false, true] {
                let count =
                    levels[usize::from(scale.index())][usize::from(level.number())][usize::from(at_least)];
                let meaning = Meaning::Level(level, at_least);
                if count > 0 {
                    *counts.entry((meaning.code(), meaning.label(Some(*scale)))).or_default() += count;
                }
            }
        }
    }
    let told =
        |((mark, meaning), count)| Understood { mark, meaning, headings: Vec::new(), count, usual_on: None };
    counts.into_iter().map(told).collect()
}
