//! Requests that may be repeated: the same key and the same request give the same answer.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::Service;
use super::access::{NewToken, Origin};
use crate::domain::Refusal;
use crate::domain::access::Action;
use crate::domain::access::token::{Secret, Token};
use crate::service::error::Error;
use crate::store::Conn;
use crate::store::idempotency::{self as store, GivenAnswer};

/// How long an answer is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// A request that its sender may repeat.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: String,
    request: [u8; 32],
}

impl Repeatable {
    /// A request under the key that its sender chose.
    pub fn new(key: String, operation: &str, body: &[u8]) -> Self {
        let mut sha = Sha256::new();
        sha.update(operation);
        sha.update([0]);
        sha.update(body);
        Self { key, request: sha.finalize().into() }
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: i16,
    /// Where the new resource is.
    pub location: Option<String>,
    /// JSON, without secrets: it is stored.
    pub body: String,
}

impl Service {
    /// Makes a key, once however often the request is repeated. What is answered again has no
    /// secret, for that is stored nowhere.
    ///
    /// # Errors
    ///
    /// As [`Service::create_token`]; and [`Error::Unprocessable`] for a key that was used with
    /// another request.
    pub fn create_token_once(
        &self,
        origin: &Origin,
        new: &NewToken,
        repeatable: Option<Repeatable>,
        answer: impl Fn(&Token) -> Answered,
    ) -> Result<(Answered, Option<(Token, Secret)>), Error> {
        self.guard(origin, Action::ManageTokens, None)?;
        let (token, secret) = self.draft_token(origin, new)?;
        self.db.write(|conn| {
            if let Some(answered) = self.answered(conn, origin, repeatable.as_ref())? {
                return Ok((answered, None));
            }
            let token = self.insert_token(conn, origin, token, &secret)?;
            let answered = answer(&token);
            self.keep(conn, origin, repeatable.as_ref(), &answered)?;
            Ok((answered, Some((token, secret))))
        })
    }

    /// The answer to an earlier request with the same key.
    pub(super) fn answered(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        repeatable: Option<&Repeatable>,
    ) -> Result<Option<Answered>, Error> {
        let Some(Repeatable { key, request }) = repeatable else { return Ok(None) };
        let Some(found) = store::find(conn, &origin.actor.name, key, self.now() - KEPT_FOR)? else {
            return Ok(None);
        };
        if found.request_sha256 != *request {
            return Err(Error::Unprocessable(Refusal::new(
                "idempotency_key_reused",
                key,
                "この Idempotency-Key は別の内容で使われています。新しい値を付けてください。",
                "this Idempotency-Key was used with another request",
            )));
        }
        Ok(Some(Answered { status: found.status, location: found.location, body: found.body }))
    }

    pub(super) fn keep(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        repeatable: Option<&Repeatable>,
        answered: &Answered,
    ) -> Result<(), Error> {
        let Some(Repeatable { key, request }) = repeatable else { return Ok(()) };
        let answer = GivenAnswer {
            request_sha256: *request,
            status: answered.status,
            location: answered.location.clone(),
            body: answered.body.clone(),
        };
        store::insert(conn, &origin.actor.name, key, answer, self.now())?;
        Ok(())
    }
}
