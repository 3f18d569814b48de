//! What a row of the long layout says of readiness, by its columns.

use super::{Column, Reader, keep};
use crate::domain::catalogue::ChannelIx;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Evidence, State, limits};
use crate::domain::shared::SharedText;
use crate::domain::text::{clean, fold_width, stands_for_nothing};
use crate::import::cells::is_no_text;
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
                    target_on: over(target_on, marked.target_on),
                    system,
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

/// The state of a row by its mark and by its column of states: two that differ cannot both be meant.
pub(in crate::import::layout) fn one_state(
    marked: Option<State>,
    column: Option<State>,
) -> Result<Option<State>, Fault> {
    match (marked, column) {
        (Some(marked), Some(column)) if marked != column => {
            let message = "印の言う状態と、状態の列が違います。どちらかに揃えてください";
            Err(Fault::whole("contradiction", message))
        }
        _ => Ok(column.or(marked)),
    }
}

/// Whether a cell holds a word for nothing. A dash among levels is a mark, and asked about.
pub(in crate::import::layout) fn is_nothing(cell: &str, column: Column) -> bool {
    match column {
        Column::Level => stands_for_nothing(cell) && cell != "-",
        Column::Section | Column::System | Column::Url | Column::Note | Column::ApplicabilityReason => {
            is_no_text(cell)
        }
        _ => stands_for_nothing(cell),
    }
}

/// The state that a cell says, as a code, by its label or in other words for it.
///
/// # Errors
///
/// A text that names none.
pub(in crate::import::layout) fn state_in(text: &str) -> Result<State, Fault> {
    let text = fold_width(text);
    let named = by_label(State::ALL, State::label, &text).or_else(|| State::in_words(&text));
    let states = State::ALL.iter().map(|state| format!("{}（{}）", state.label(), state.code()));
    let allowed = || states.collect::<Vec<String>>().join("、");
    named.map_or_else(|| text.parse().map_err(|refusal| Fault::of(refusal).allowing(allowed())), Ok)
}

pub(super) fn by_label<T: Copy>(all: &[T], label: impl Fn(T) -> &'static str, text: &str) -> Option<T> {
    let short = |value: T| label(value).split(['・', '（']).any(|part| part == text);
    all.iter()
        .copied()
        .find(|value| label(*value) == text)
        .or_else(|| all.iter().copied().find(|value| short(*value)))
}

/// A field of its own column, over what the mark says of it.
pub(super) fn over<T>(column: Field<T>, marked: Field<T>) -> Field<T> {
    match column {
        Field::Keep => marked,
        stated => stated,
    }
}

/// Two texts of one field, one behind the other.
pub(super) fn both(column: Field<SharedText>, marked: Field<SharedText>) -> Field<SharedText> {
    match (column, marked) {
        (Field::Set(one), Field::Set(other)) if one != other => Field::Set(format!("{other}、{one}").into()),
        (Field::Keep | Field::Clear, Field::Set(other)) => Field::Set(other),
        (stated, _) => stated,
    }
}
