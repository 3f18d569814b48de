//! A town's own material.

use std::collections::{BTreeSet, HashMap};

use super::Service;
use crate::domain::access::Grant;
use crate::domain::access::Speaker;
use crate::domain::catalogue::BodyIx;
use crate::domain::material::{MaterialKind, PastMaterial};
use crate::domain::municipality::LgCode;
use crate::export::material_form::MaterialForm;
use crate::grid::Grid;
use crate::grid::moment::Known;
use crate::service::error::Error;
use crate::store::materials::{MaterialStated, Wanted, stated};
use crate::store::{Conn, tokens};

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
        let stated = self.materials(kind, Some(&[body]), grid.moment().known)?;
        Ok(MaterialForm::new(grid, body, kind, &stated))
    }

    /// Everything that was stated of a kind, by some bodies where they are named, as far as it is known, in the order
    /// in which it was learnt.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn materials(
        &self,
        kind: MaterialKind,
        bodies: Option<&[BodyIx]>,
        known: Known,
    ) -> Result<Vec<PastMaterial>, Error> {
        let code = |body: &BodyIx| self.catalogue.body(*body).code;
        let bodies: Option<BTreeSet<LgCode>> = bodies.map(|bodies| bodies.iter().map(code).collect());
        let known_at = match known {
            Known::At(then) => Some(then),
            Known::Now | Known::Before(_) => None,
        };
        self.db.read(|conn| {
            let wanted = Wanted { kind: Some(kind), bodies: bodies.as_ref(), between: None, known_at };
            let rows = stated(conn, wanted)?;
            let speakers = Speakers::read(conn)?;
            let past = |row: MaterialStated| PastMaterial {
                seq: row.seq,
                by: speakers.of(&row.actor),
                key: row.key,
                content: row.content,
                recorded_at: row.recorded_at,
                import_id: row.import_id,
                line: row.line,
                taken_back_at: row.taken_back_at,
            };
            Ok(rows.into_iter().map(past).collect())
        })
    }
}
