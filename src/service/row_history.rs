//! Everything ever said of one row.

use super::Service;
use super::records::Speakers;
use crate::domain::assertion::Key;
use crate::domain::log::{PastStatement, Spot};
use crate::service::error::Error;
use crate::store::assertions::{self, PastRow};

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
            let speakers = Speakers::read(conn)?;
            let statement = |PastRow { assertion, taken_back }: PastRow| PastStatement {
                by: speakers.of(&assertion.actor),
                assertion,
                taken_back_at: taken_back.map(|(_, at)| at),
            };
            Ok(rows.into_iter().map(statement).collect())
        })
    }
}
