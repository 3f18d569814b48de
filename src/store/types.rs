//! From columns to words of the domain and back.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use diesel::result::{Error, QueryResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
pub(super) fn moment(at: DateTime<Utc>) -> NaiveDateTime {
    at.trunc_subsecs(6).naive_utc()
}

/// Reads a SHA-256.
pub(super) fn digest(bytes: &[u8]) -> QueryResult<[u8; 32]> {
    bytes.try_into().map_err(|cause| Error::DeserializationError(Box::new(cause)))
}

/// A document as it is stored: JSON whose shape another room knows, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document(Option<String>);

impl Document {
    /// The document that says so.
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_string(value).inspect_err(|cause| log::error!("cannot be stored: {cause}")).ok())
    }

    /// What the document says; what an empty one says if there is none, or if it cannot be read any more.
    pub fn read<T: DeserializeOwned + Default>(&self) -> T {
        let read = |text: &String| {
            serde_json::from_str(text).inspect_err(|cause| log::error!("a stored document: {cause}")).ok()
        };
        self.0.as_ref().and_then(read).unwrap_or_default()
    }

    pub(super) fn stored(text: Option<String>) -> Self {
        Self(text)
    }

    pub(super) fn into_text(self) -> Option<String> {
        self.0
    }
}

/// A count or population for its column.
pub(super) fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A count or population from its column.
pub(super) fn unsigned(number: i32) -> QueryResult<u32> {
    u32::try_from(number).map_err(|cause| Error::DeserializationError(Box::new(cause)))
}
