//! Everything ever said of one row.

use std::collections::HashMap;

use super::Service;
use crate::domain::access::Grant;
use crate::domain::assertion::Key;
use crate::domain::log::{PastStatement, Speaker, Spot};
use crate::service::error::Error;
use crate::store::assertions::{self, PastRow};
use crate::store::tokens;

impl Service {
    /// Everything ever said of a row by either source, in the order in which it was learnt, also what was
    /// taken back.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn row_history(&self, spot: Spot) -> Result<Vec<PastStatement>, Error> {
        let key = spot.key(&self.catalogue);
        let numbers = self.history().numbers_of(spot.body, spot.procedure, spot.channel);
        self.db.read(|conn| {
            let Key { municipality, procedure, channel, .. } = &key;
            let rows = assertions::history_of(conn, *municipality, procedure, channel.as_ref(), &numbers)?;
            let tokens: HashMap<i64, Speaker> =
                tokens::all(conn)?.into_iter().map(|token| (token.id, Speaker::of(&token.grant))).collect();
            // Whoever writes on the command line does so as an administrator.
            let speaker = |actor: &str| {
                let token = actor.strip_prefix("token:").and_then(|id| tokens.get(&id.parse().ok()?));
                token.copied().unwrap_or(Speaker::of(&Grant::everything()))
            };
            let statement = |PastRow { assertion, taken_back }: PastRow| PastStatement {
                by: speaker(&assertion.actor),
                assertion,
                taken_back_at: taken_back.map(|(_, at)| at),
            };
            Ok(rows.into_iter().map(statement).collect())
        })
    }
}
