//! What a key may say.

use crate::domain::access::{Action, Statement, Target, decide};
use crate::http::ctx::Ctx;
use crate::http::spot::Spot;
use crate::service::sessions::Session;

/// Whether a key may say something of a place.
pub(super) fn may(ctx: &Ctx, session: &Session, spot: Spot, statement: Statement) -> bool {
    let catalogue = ctx.service().catalogue();
    let target = Target {
        municipality: catalogue.body(spot.body).code,
        category: Some(catalogue.procedure(spot.procedure).category),
    };
    decide(&session.origin.actor.grant, Action::State(statement), Some(target)).is_ok()
}
