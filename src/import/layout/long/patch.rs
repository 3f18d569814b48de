//! What a row of the long layout says of readiness, by its columns.

use super::Column;
use super::reader::{Reader, keep};
use super::values::{both, one_state, over};
use crate::domain::catalogue::ChannelIx;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Evidence, limits};
use crate::domain::shared::SharedText;
use crate::domain::text::clean;
use crate::import::layout::beside::some_lines;
use crate::import::marks::{Cell, said};
use crate::import::table::Row;
use crate::import::{Blank, Fault, Field, ReadinessPatch, Said, Statement};

impl Reader<'_> {
    /// The fields of a row, with what the mark in its level column says beside the level.
    pub(super) fn patch(
        &mut self,
        row: &Row,
        evidence: Option<Evidence>,
        channel: Option<ChannelIx>,
        marked: Option<&Cell>,
    ) -> Result<ReadinessPatch, Vec<Fault>> {
        let mut faults = Vec::new();
        let state = keep(self.state(row), &mut faults).flatten();
        let target_level = keep(self.target_level(row, channel), &mut faults);
        let target_on = keep(self.target_on(row), &mut faults);
        let system = keep(self.field(row, Column::System, limits::SYSTEM), &mut faults);
        let url = keep(self.url(row), &mut faults);
        let note = keep(self.field(row, Column::Note, limits::NOTE), &mut faults);
        let section = keep(self.field(row, Column::Section, limits::SECTION), &mut faults);
        let texts = (system, url, note, section);
        match (target_level, target_on, texts) {
            (Some(target_level), Some(target_on), (Some(system), Some(url), Some(note), Some(section)))
                if faults.is_empty() =>
            {
                let written = self.text(row, Column::Level);
                // What holds for a mark alone, under what the columns say.
                let marked =
                    marked.and_then(|cell| match said(cell, written, ChannelIx::default(), evidence) {
                        Some(Said::Readiness(_, patch)) => Some(*patch),
                        _ => None,
                    });
                let marked = marked.unwrap_or_default();
                let state = one_state(marked.state, state)
                    .map_err(|fault| vec![self.placed(fault, Column::State)])?;
                Ok(ReadinessPatch {
                    state,
                    evidence,
                    target_level: over(target_level, marked.target_level),
                    // What a heading says of all rows comes last.
                    target_on: over(target_on, over(marked.target_on, self.day_over_levels(row))),
                    system: over(system, marked.system),
                    url: over(url, marked.url),
                    note: both(note, marked.note),
                    section,
                    ..marked
                })
            }
            _ => Err(faults),
        }
    }

    pub(super) fn target_on(&mut self, row: &Row) -> Result<Field<Dated>, Fault> {
        let on = self.day(row, Column::TargetOn, Column::TargetPrecision)?;
        Ok(on.map_or_else(|| self.blank(Column::TargetOn), Field::Set))
    }

    /// The day that the heading of the planned levels names, where the row has one.
    fn day_over_levels(&mut self, row: &Row) -> Field<Dated> {
        let levels = self.head.columns.get(&Column::TargetLevel).copied();
        let levels = levels.filter(|_| !self.text(row, Column::TargetLevel).is_empty());
        let day = levels.and_then(|at| self.sheet.day_over_plans(at));
        day.map_or(Field::Keep, Field::Set)
    }

    /// Notes a reason beside what is no applicability: it has no place there.
    pub(super) fn note_reason(&mut self, row: &Row, said: Option<&Statement>) {
        let whole = said.is_some_and(|one| matches!(one.said, Said::Applicability(..)));
        if !(whole || self.text(row, Column::ApplicabilityReason).is_empty()) {
            self.reasons.push(row.line);
        }
    }

    /// Tells of reasons that are not recorded.
    pub(super) fn tell_reasons(&mut self) {
        let Some(first) = self.reasons.first().copied() else { return };
        let message = format!(
            "{}行目の理由は記録しません。理由を記録できるのは該当性だけの行です。残すには備考の列に書いてください",
            some_lines(&self.reasons)
        );
        let fault = Fault::whole("reason_without_applicability", message).at_line(first);
        let warning = self.placed(fault, Column::ApplicabilityReason);
        self.sheet.warnings.push(warning);
    }

    /// What an empty cell does: nothing where the column is missing.
    pub(super) fn blank<T>(&self, column: Column) -> Field<T> {
        match self.sheet.options.blank {
            Blank::Clear if self.head.columns.contains_key(&column) => Field::Clear,
            _ => Field::Keep,
        }
    }

    pub(super) fn cleaned(&self, row: &Row, column: Column, longest: usize) -> Result<Option<String>, Fault> {
        clean(self.text(row, column), longest).map_err(|refusal| self.refused(refusal, column))
    }

    pub(super) fn field(
        &mut self,
        row: &Row,
        column: Column,
        longest: usize,
    ) -> Result<Field<SharedText>, Fault> {
        Ok(match self.cleaned(row, column, longest)? {
            Some(text) => Field::Set(self.texts.share(&text)),
            None => self.blank(column),
        })
    }

    pub(super) fn url(&mut self, row: &Row) -> Result<Field<SharedText>, Fault> {
        let field = self.field(row, Column::Url, limits::URL)?;
        match (&field, self.head.columns.get(&Column::Url)) {
            (Field::Set(text), Some(at)) => {
                let address = self.sheet.address(row, *at, text.to_string());
                let address = address.map_err(|fault| self.placed(fault.at_line(row.line), Column::Url))?;
                Ok(Field::Set(self.texts.share(&address)))
            }
            _ => Ok(field),
        }
    }
}
