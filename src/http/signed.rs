//! Who asks: the holder of a key, and what they are recorded as.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;

use super::client::Client;
use super::credential::Credential;
use super::problem::{Kind, Problem};
use super::state::State;
use crate::domain::Refusal;
use crate::domain::access::token::Secret;
use crate::service::access::Origin;

/// A request by the holder of a key.
pub(crate) struct Signed(pub Origin);

impl FromRequest for Signed {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<State>>().cloned();
        let secret = key(request);
        let client = request.extensions().get::<Client>().cloned();
        Box::pin(async move {
            let secret = secret?;
            let (Some(state), Some(client)) = (state, client) else {
                return Err(Problem::plain(Kind::INTERNAL));
            };
            let service = Arc::clone(&state.service);
            let hash = secret.hash();
            let origin = web::block(move || {
                service.authenticate(&secret, client.address_text(), Some(client.request_id))
            })
            .await?;
            // Only what is known gets a bucket of its own; a guesser stays with its address.
            match &origin {
                Ok(_) => state.trust(hash),
                Err(_) => state.limiter.distrust(hash),
            }
            Ok(Self(origin?))
        })
    }
}

/// The key of a request. What cannot be one is refused without asking the database.
fn key(request: &HttpRequest) -> Result<Secret, Problem> {
    match request.extensions().get::<Credential>() {
        Some(Credential::Key(secret)) => Ok(secret.clone()),
        Some(Credential::Malformed(refusal)) => Err(Problem::unauthenticated(refusal.clone())),
        Some(Credential::Session(_) | Credential::None) | None => Err(no_key()),
    }
}

/// Nothing is wrong with a key that was not sent, so the challenge names no error.
fn no_key() -> Problem {
    let refusal = Refusal::new(
        "missing_token",
        "",
        "この操作には鍵が必要です（Authorization: Bearer tdk_…）",
        "this needs a key (Authorization: Bearer tdk_…)",
    );
    Problem::challenged(refusal, "Bearer realm=\"todoke\"")
}
