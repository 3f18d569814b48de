//! The place of a statement, as a path names it.

use super::ctx::Ctx;
use super::problem::Problem;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::service::statements::Place;

/// A body, a procedure, and a channel where it is about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) body: BodyIx,
    pub(crate) procedure: ProcedureIx,
    pub(crate) channel: Option<ChannelIx>,
}

impl Spot {
    /// Reads the parts of a path.
    ///
    /// # Errors
    ///
    /// The first part that names nothing.
    pub(crate) fn of(
        catalogue: &Catalogue,
        code: &str,
        procedure: &str,
        channel: Option<&str>,
    ) -> Result<Self, Problem> {
        let at = |name: &'static str| move |refusal| Problem::path(name, refusal);
        Ok(Self {
            body: catalogue.find_body(code).map_err(at("code"))?,
            procedure: catalogue.find_procedure(procedure).map_err(at("procedure"))?,
            channel: channel.map(|id| catalogue.find_channel(id)).transpose().map_err(at("channel"))?,
        })
    }

    /// The same as the service names it.
    pub(crate) fn place(&self, ctx: &Ctx) -> Place {
        ctx.service().place(self.body, self.procedure, self.channel)
    }
}
