//! Records beside readiness and usage: what they say.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::Service;
use crate::domain::access::Grant;
use crate::domain::access::Speaker;
use crate::domain::catalogue::BodyIx;
use crate::domain::log::{PastRecord, RecordKind};
use crate::domain::material::{MaterialKind, PastMaterial};
use crate::export::material_form::MaterialForm;
use crate::grid::Grid;
use crate::service::error::Error;
use crate::store::materials::{self, MaterialStated};
use crate::store::{Conn, records, tokens};

/// Who said what, by the names under which it is recorded.
pub(super) struct Speakers(HashMap<i64, Speaker>);

impl Speakers {
    /// Reads who holds which key.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub(super) fn read(conn: &mut Conn) -> Result<Self, Error> {
        let all = tokens::all(conn)?.into_iter();
        Ok(Self(all.map(|token| (token.id, Speaker::of(&token.grant))).collect()))
    }

    /// Whoever acted under a name. On the command line one acts as an administrator.
    pub(super) fn of(&self, actor: &str) -> Speaker {
        let token = actor.strip_prefix("token:").and_then(|id| self.0.get(&id.parse().ok()?));
        token.copied().unwrap_or(Speaker::of(&Grant::everything()))
    }
}

impl Service {
    /// The form of one kind for a body, filled with what holds.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn material_form(
        &self,
        grid: &Grid,
        body: BodyIx,
        kind: MaterialKind,
    ) -> Result<MaterialForm, Error> {
        let held = self.materials(grid, kind, vec![body])?;
        Ok(MaterialForm::new(grid, body, kind, &held))
    }

    /// What holds of the own material of a kind of some bodies, as a grid knows it. Whoever asks for the same again
    /// gets the same, and others wait meanwhile: much of it is in memory once.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn materials(
        &self,
        grid: &Grid,
        kind: MaterialKind,
        bodies: Vec<BodyIx>,
    ) -> Result<Arc<[PastMaterial]>, Error> {
        let (history, known) = self.history_of(grid);
        let of_body = |body: &BodyIx| history.records_of(*body, RecordKind::Material(kind), known);
        let held = bodies.iter().flat_map(of_body).filter(|line| line.holds);
        let held: Vec<i64> = held.map(|line| line.seq).collect();
        if held.is_empty() {
            return Ok(Arc::default());
        }
        let mut last = self.last_materials.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 != held {
            *last = (Vec::new(), Arc::default());
            let found = self.past_materials(&held)?;
            *last = (held, found.into());
        }
        Ok(Arc::clone(&last.1))
    }

    /// What records of a kind say, by their numbers.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn past_records(&self, kind: RecordKind, numbers: &[i64]) -> Result<HashMap<i64, PastRecord>, Error> {
        if kind == RecordKind::Published {
            let found = self.db.read(|conn| records::figures(conn, numbers).map_err(Error::from))?;
            let published =
                found.into_iter().map(|(seq, (key, value))| (seq, PastRecord::Published(key, value)));
            return Ok(published.collect());
        }
        let found = self.past_materials(numbers)?.into_iter();
        Ok(found.map(|row| (row.seq, PastRecord::Material(row))).collect())
    }

    fn past_materials(&self, numbers: &[i64]) -> Result<Vec<PastMaterial>, Error> {
        self.db.read(|conn| {
            let rows = materials::numbered(conn, numbers)?;
            let speakers = Speakers::read(conn)?;
            let past = |row: MaterialStated| PastMaterial {
                seq: row.seq,
                by: speakers.of(&row.actor),
                key: row.key,
                content: row.content,
                recorded_at: row.recorded_at,
                import_id: row.import_id,
                line: row.line,
            };
            Ok(rows.into_iter().map(past).collect())
        })
    }
}
