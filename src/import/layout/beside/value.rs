//! What a cell beside marks says, and how it goes to what the marks state.

use chrono::NaiveDate;

use super::columns::Words;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, State, limits};
use crate::domain::shared::{SharedText, TextPool};
use crate::domain::text::{clean, fold_width, unguarded};
use crate::import::layout::ahead::{Ahead, ahead};
use crate::import::layout::column::Column;
use crate::import::layout::long::{is_nothing, one_state, state_in};
use crate::import::layout::sheet::Sheet;
use crate::import::table::Row;
use crate::import::{Blank, Fault, Field, ReadinessPatch};

/// What a cell of such a column says.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(Field<SharedText>),
    Level(Field<Level>),
    State(State),
    Day(Field<Dated>),
}

impl Value {
    pub(super) fn says_something(&self) -> bool {
        match self {
            Self::Text(field) => matches!(field, Field::Set(_)),
            Self::State(_) => true,
            Self::Level(field) => matches!(field, Field::Set(_)),
            Self::Day(field) => matches!(field, Field::Set(_)),
        }
    }
}

/// What a cell says; nothing where it is empty and empty cells change nothing.
pub(super) fn value(
    sheet: &mut Sheet<'_>,
    texts: &mut TextPool,
    row: &Row,
    words: Words,
) -> Result<Option<Value>, Fault> {
    let mut cell = unguarded(row.cell(words.at).trim());
    if is_nothing(cell, words.field) && !matches!(words.field, Column::TargetOn | Column::EffectiveOn) {
        sheet.note_nothing(row, words.at);
        cell = "";
    }
    let clears = sheet.options.blank == Blank::Clear;
    let longest = match words.field {
        Column::TargetLevel => {
            let folded = fold_width(cell);
            return match folded.as_str() {
                "" => Ok(clears.then_some(Value::Level(Field::Clear))),
                text => Ok(sheet
                    .planned_level(row, words.at, text, words.scales(sheet.catalogue))?
                    .map(|level| Value::Level(Field::Set(level)))),
            };
        }
        Column::State if cell.is_empty() => return Ok(None),
        Column::State => return state_in(cell).map(|state| Some(Value::State(state))),
        Column::EffectiveOn => return Ok(sheet.day(row, words.at)?.map(|day| Value::Day(Field::Set(day)))),
        Column::TargetOn => {
            return Ok(match sheet.planned_day(row, words.at)? {
                Some(day) => Some(Value::Day(Field::Set(day))),
                None => (clears && cell.is_empty()).then_some(Value::Day(Field::Clear)),
            });
        }
        Column::Section => limits::SECTION,
        Column::System => limits::SYSTEM,
        Column::Url => limits::URL,
        _ => limits::NOTE,
    };
    let Some(text) = clean(cell, longest).map_err(Fault::of)? else {
        return Ok(clears.then_some(Value::Text(Field::Clear)));
    };
    let text = match words.field {
        Column::Url => sheet.address(row, words.at, text)?,
        _ => text,
    };
    Ok(Some(Value::Text(Field::Set(texts.share(&text)))))
}

impl Words {
    /// The field that a value is of beside what its row states: the day from which something is offered
    /// that is not offered yet is that of a plan.
    pub(super) fn field_beside(
        self,
        heading: &str,
        patch: &ReadinessPatch,
        value: &Value,
        today: NaiveDate,
    ) -> Column {
        match (self.field, value) {
            (Column::EffectiveOn, Value::Day(Field::Set(day)))
                if ahead(heading, *day, patch, today) == Ahead::Plan =>
            {
                Column::TargetOn
            }
            // A reason is one for 制度なし; beside a level it says why there is no more.
            (Column::ApplicabilityReason, _) => Column::Note,
            (field, _) => field,
        }
    }
}

/// What became of a value in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Placed {
    /// No channel of the row takes it.
    Nowhere,
    /// The mark of its channel says another one.
    Outdone,
    /// It is recorded.
    There,
}

/// Puts a value to a patch, unless something narrower stands there; says what became of it.
pub(super) fn put(patch: &mut ReadinessPatch, field: Column, value: &Value) -> Result<Placed, Fault> {
    let slot = match (field, value) {
        (Column::TargetLevel, Value::Level(level)) => {
            // A mark that only says 予定 is made exact by the column; an empty cell takes nothing away from it.
            if !(matches!(level, Field::Clear) && patch.target_level != Field::Keep) {
                patch.target_level = level.clone();
            }
            return Ok(Placed::There);
        }
        (Column::State, Value::State(state)) => {
            patch.state = one_state(patch.state, Some(*state))?;
            return Ok(Placed::There);
        }
        // An empty cell takes no day away from a mark that says one.
        (Column::TargetOn, Value::Day(day)) => {
            if !matches!(patch.target_on, Field::Set(_)) {
                patch.target_on = day.clone();
            }
            return Ok(Placed::There);
        }
        (Column::Section, Value::Text(_)) => &mut patch.section,
        (Column::System, Value::Text(_)) => &mut patch.system,
        (Column::Url, Value::Text(_)) => &mut patch.url,
        (Column::Note, Value::Text(text)) => {
            if let (Field::Set(marked), Field::Set(text)) = (&patch.note, text) {
                patch.note = Field::Set(format!("{marked}；{text}").into());
                return Ok(Placed::There);
            }
            &mut patch.note
        }
        _ => return Ok(Placed::Nowhere),
    };
    match (&*slot, value) {
        (Field::Keep, Value::Text(text)) => {
            *slot = text.clone();
            Ok(Placed::There)
        }
        (Field::Set(known), Value::Text(Field::Set(text))) if known == text => Ok(Placed::There),
        (Field::Set(_), _) => Ok(Placed::Outdone),
        _ => Ok(Placed::Nowhere),
    }
}
