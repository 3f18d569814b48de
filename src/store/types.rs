//! From columns to words of the domain and back.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use diesel::result::{Error, QueryResult};

use crate::domain::Refusal;
use crate::domain::dates::{Dated, Precision};
use crate::domain::readiness::Level;

/// Reads a column that the program wrote itself; anything else is damage.
pub(super) fn parse<T: FromStr<Err = Refusal>>(text: &str) -> QueryResult<T> {
    text.parse().map_err(damaged)
}

/// Values of a column that stand in very many rows: read once and shared.
pub(super) struct Repeating<T>(HashMap<String, T>);

impl<T> Default for Repeating<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: FromStr<Err = Refusal> + Clone> Repeating<T> {
    /// As [`parse`].
    pub(super) fn parse(&mut self, text: &str) -> QueryResult<T> {
        if let Some(known) = self.0.get(text) {
            return Ok(known.clone());
        }
        let value: T = parse(text)?;
        self.0.insert(text.to_owned(), value.clone());
        Ok(value)
    }
}

/// A refusal of a stored value, as the error of a query.
pub(super) fn damaged(refusal: Refusal) -> Error {
    Error::DeserializationError(Box::new(refusal))
}

/// Reads a level column.
pub(super) fn level(number: i16) -> QueryResult<Level> {
    u8::try_from(number).ok().and_then(Level::new).ok_or_else(|| {
        damaged(Refusal::new("level_format", &number.to_string(), "", "stored level out of range"))
    })
}

/// Reads a day and its precision.
pub(super) fn dated(on: NaiveDate, precision: &str) -> QueryResult<Dated> {
    Ok(Dated { on, precision: parse::<Precision>(precision)? })
}

/// A moment as it is stored: UTC, cut to microseconds, which is all PostgreSQL keeps.
pub fn moment(at: DateTime<Utc>) -> NaiveDateTime {
    at.trunc_subsecs(6).naive_utc()
}

/// A non-negative count as it is stored.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count or population from its column.
pub(super) fn unsigned(number: i32) -> QueryResult<u32> {
    u32::try_from(number).map_err(|cause| Error::DeserializationError(Box::new(cause)))
}
