//! What was ever said: of one row, and lately of whom somebody answers for.

use std::ops::Range;

use super::Service;
use super::records::Speakers;
use crate::domain::access::Reach;
use crate::domain::assertion::Key;
use crate::domain::log::{PastStatement, Spot};
use crate::domain::municipality::Municipality;
use crate::domain::readiness::Source;
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
            Ok(told(rows, &Speakers::read(conn)?))
        })
    }

    /// What bodies within a reach were said to have, latest first, also what was taken back: a part of it, and how
    /// much there is. What the state published of them is not part of it.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn latest_statements(
        &self,
        reach: Reach,
        part: Range<usize>,
    ) -> Result<(Vec<PastStatement>, usize), Error> {
        let catalogue = &self.catalogue;
        let within = |body: &&Municipality| match reach {
            Reach::Nation => true,
            Reach::Prefecture(prefecture) => body.prefecture() == prefecture,
            Reach::Municipality(code) => body.code == code,
        };
        let bodies = catalogue.municipalities().iter().filter(within);
        let bodies = bodies.filter_map(|body| catalogue.body_ix(body.code));
        let (numbers, count) = self.history().latest(bodies, Source::Own, part);
        self.db.read(|conn| {
            let rows = assertions::past_of(conn, &numbers)?;
            Ok((told(rows, &Speakers::read(conn)?), count))
        })
    }
}

fn told(rows: Vec<PastRow>, speakers: &Speakers) -> Vec<PastStatement> {
    let statement = |PastRow { assertion, taken_back }: PastRow| PastStatement {
        by: speakers.of(&assertion.actor),
        assertion,
        taken_back_at: taken_back.map(|(_, at)| at),
    };
    rows.into_iter().map(statement).collect()
}
