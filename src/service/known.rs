//! What is known where a file is planned: the history as far as the plan may see it, and records.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Service;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::log::{KnownLine, Log, Spot};
use crate::domain::readiness::Source;
use crate::domain::shared::SharedText;
use crate::domain::usage::{RecordKey, RecordValue};
use crate::grid::history::History;
use crate::grid::moment::Known;
use crate::import::plan::{self, bodies};
use crate::import::{Options, Reading};
use crate::service::error::Error;
use crate::store::{Conn, records};

/// What is known of the bodies of a file.
pub(super) struct KnownOf<'s> {
    service: &'s Service,
    pub(super) history: History,
    pub(super) known: Known,
    /// The first day for which the plan asks what holds.
    from: Option<NaiveDate>,
    records: BTreeMap<RecordKey, RecordValue>,
    /// Why words could not be read.
    failure: RefCell<Option<Error>>,
}

impl Service {
    /// What is known of the bodies of a file, as a connection sees it.
    pub(super) fn known(
        &self,
        conn: &mut Conn,
        reading: &Reading,
        options: &Options,
        known: Known,
    ) -> Result<KnownOf<'_>, Error> {
        let bodies = bodies(reading, &self.catalogue);
        let from = plan::first_day(reading, options.today);
        let history = self.history_for(conn, &bodies, from.filter(|_| known == Known::Now))?;
        // A file speaks of readiness or of records.
        let records = match (reading.records.is_empty(), known) {
            (true, _) => BTreeMap::new(),
            (false, Known::Before(row)) => records::known_before(conn, &bodies, row)?,
            (false, _) => records::known_of(conn, &bodies)?,
        };
        Ok(KnownOf { service: self, history, known, from, records, failure: RefCell::new(None) })
    }
}

impl KnownOf<'_> {
    /// As a plan asks for it.
    pub(super) fn for_plan(&self) -> plan::Known<'_> {
        plan::Known { log: self, records: &self.records }
    }

    /// Tells whether words could not be read.
    ///
    /// # Errors
    ///
    /// What the database answered.
    pub(super) fn finish(&self) -> Result<(), Error> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }
}

impl Log for KnownOf<'_> {
    fn known_of(&self, body: BodyIx, procedure: ProcedureIx) -> Vec<KnownLine> {
        self.history.known_of(body, procedure, self.known, self.from)
    }

    fn says(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        row: &dyn Fn(Option<ChannelIx>, Source) -> bool,
    ) -> bool {
        self.history.says(body, procedure, self.known, row)
    }

    fn taken_back_since(&self, spot: Spot, revision: i64) -> bool {
        self.history.taken_back_since(spot, revision, self.known)
    }

    fn read(&self, texts: &[SharedText]) {
        if let Err(error) = self.service.read_words(texts.iter()) {
            self.failure.borrow_mut().get_or_insert(error);
        }
    }
}
