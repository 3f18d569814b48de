//! What a cell of a column says.

use super::Column;
use crate::domain::readiness::State;
use crate::domain::shared::SharedText;
use crate::domain::text::{fold_width, stands_for_nothing};
use crate::import::cells::is_no_text;
use crate::import::{Fault, Field};

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
