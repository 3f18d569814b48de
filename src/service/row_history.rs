//! Everything ever said of one row.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Service;
use super::statements::Place;
use crate::domain::access::{Grant, Role};
use crate::domain::assertion::Assertion;
use crate::domain::municipality::{LgCode, PrefectureCode};
use crate::error::Error;
use crate::store::{assertions, tokens};

/// One thing that was said of a row.
pub struct PastStatement {
    /// What was said, when, of which day.
    pub assertion: Assertion,
    /// Who said it.
    pub by: Speaker,
    /// When its import was taken back, if it was.
    pub taken_back_at: Option<DateTime<Utc>>,
}

/// Who said something, as far as everybody may know: no name of a key and none of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Their role.
    pub role: Role,
    /// The prefecture they speak for.
    pub prefecture: Option<PrefectureCode>,
    /// The municipality they speak for.
    pub municipality: Option<LgCode>,
}

impl Speaker {
    fn of(grant: &Grant) -> Self {
        Self { role: grant.role(), prefecture: grant.prefecture(), municipality: grant.municipality() }
    }
}

impl Service {
    /// Everything ever said of a row, in the order in which it was learnt, also what was taken back.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn row_history(&self, place: &Place) -> Result<Vec<PastStatement>, Error> {
        self.db.read(|conn| {
            let (municipality, procedure, channel) = place.ids();
            let rows = assertions::history_of(conn, municipality, procedure, channel)?;
            let tokens: HashMap<i64, Speaker> =
                tokens::all(conn)?.into_iter().map(|token| (token.id, Speaker::of(&token.grant))).collect();
            // Whoever writes on the command line does so as an administrator.
            let speaker = |actor: &str| {
                let token = actor.strip_prefix("token:").and_then(|id| tokens.get(&id.parse().ok()?));
                token.copied().unwrap_or(Speaker::of(&Grant::everything()))
            };
            let statement = |row: assertions::PastRow| PastStatement {
                by: speaker(&row.assertion.actor),
                assertion: row.assertion,
                taken_back_at: row.taken_back_at,
            };
            Ok(rows.into_iter().map(statement).collect())
        })
    }
}
