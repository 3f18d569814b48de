//! Sessions of people at the web pages, who signed in with a key.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::Service;
use super::access::{Origin, holds};
use crate::domain::Refusal;
use crate::domain::access::Action;
use crate::domain::access::session::OpenSession;
use crate::domain::access::token::{Secret, Token};
use crate::domain::audit::AuditAction;
use crate::domain::text::{cut, is_forbidden};
use crate::service::error::Error;
use crate::store::sessions as store;
use crate::store::{audit, tokens};

/// A session ends when it was not used for so long.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// A session ends after so long, used or not.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// How long one use counts as the last one: it is not written more often.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Longest self-description of a browser that is kept, in characters.
const MAX_AGENT: usize = 200;

/// A session that holds.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// Who acts in it.
    pub origin: Origin,
    /// What every form must bring along.
    pub csrf: String,
}

impl Service {
    /// Signs in with a key. The first value belongs in the cookie and is stored nowhere.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] for a key that does not hold.
    pub fn open_session(
        &self,
        secret: &Secret,
        address: Option<String>,
        request_id: Option<String>,
        agent: Option<&str>,
    ) -> Result<(String, Session), Error> {
        let origin = self.authenticate(secret, address, request_id)?;
        let Some(token_id) = origin.token_id else {
            return Err(no_session());
        };
        let (cookie, csrf) = (random_text()?, random_text()?);
        let now = self.now();
        let agent: Option<String> = agent
            .map(|text| cut(&text.replace(is_forbidden, ""), MAX_AGENT - 1))
            .filter(|text| !text.is_empty());
        let id = self.db.write(|conn| {
            let id = store::next_id(conn)?;
            // After the number was taken, so that none is given twice.
            store::forget(conn, now - LONGEST)?;
            let row = OpenSession {
                id,
                token_id,
                csrf: csrf.clone(),
                created_at: now,
                seen_at: now,
                address: origin.address.clone(),
                agent,
            };
            store::insert(conn, &row, digest(&cookie))?;
            audit::append(conn, origin.entry(now, AuditAction::SessionOpened, format!("session/{id}")))?;
            Ok::<_, Error>(id)
        })?;
        Ok((cookie, Session { id, origin, csrf }))
    }

    /// The session with a cookie, if it and its key still hold.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] for one that has ended, expired or never was.
    pub fn session(
        &self,
        cookie: &str,
        address: Option<String>,
        request_id: Option<String>,
    ) -> Result<Session, Error> {
        let (row, token) = self.living(digest(cookie))?;
        self.note_seen(&row, self.now());
        Ok(Session { id: row.id, origin: Origin::of_token(&token, address, request_id), csrf: row.csrf })
    }

    /// Whether a session and its key hold. Nothing is recorded: this decides nothing but how its
    /// holder is counted.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn knows_session(&self, sha256: [u8; 32]) -> Result<bool, Error> {
        match self.living(sha256) {
            Ok(_) => Ok(true),
            Err(Error::Unauthenticated(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn living(&self, sha256: [u8; 32]) -> Result<(OpenSession, Token), Error> {
        let (row, token) = self.db.read(|conn| {
            let row = store::by_hash(conn, sha256)?.ok_or_else(no_session)?;
            let token = tokens::find(conn, row.token_id)?.ok_or_else(no_session)?;
            Ok::<_, Error>((row, token))
        })?;
        let now = self.now();
        if now - row.seen_at >= IDLE || now - row.created_at >= LONGEST {
            return Err(no_session());
        }
        holds(&token, now).map_err(Error::Unauthenticated)?;
        Ok((row, token))
    }

    fn note_seen(&self, row: &OpenSession, now: DateTime<Utc>) {
        if now - row.seen_at < USE_NOTED_EVERY {
            return;
        }
        if let Err(error) = self.db.write(|conn| store::seen(conn, row.id, now).map_err(Error::from)) {
            log::warn!("cannot note the use of session {}: {error}", row.id);
        }
    }

    /// The living sessions of one's key.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn sessions(&self, origin: &Origin) -> Result<Vec<OpenSession>, Error> {
        self.guard(origin, Action::OwnSessions, None)?;
        let Some(token) = origin.token_id else { return Ok(Vec::new()) };
        let now = self.now();
        self.db.read(|conn| store::living(conn, token, now - LONGEST, now - IDLE).map_err(Error::from))
    }

    /// Ends all sessions of one's key but the one that asks.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn end_other_sessions(&self, session: &Session) -> Result<(), Error> {
        let others: Vec<i64> = self
            .sessions(&session.origin)?
            .into_iter()
            .map(|row| row.id)
            .filter(|id| *id != session.id)
            .collect();
        others.into_iter().try_for_each(|id| match self.end_sessions(&session.origin, Some(id)) {
            // It ended by itself in between.
            Err(Error::NotFound(_)) => Ok(()),
            result => result,
        })
    }

    /// Ends one of one's sessions, or all.
    ///
    /// # Errors
    ///
    /// No such session of one's own.
    pub fn end_sessions(&self, origin: &Origin, only: Option<i64>) -> Result<(), Error> {
        self.guard(origin, Action::OwnSessions, None)?;
        let Some(token) = origin.token_id else { return Ok(()) };
        let now = self.now();
        self.db.write(|conn| {
            let living = store::living(conn, token, now - LONGEST, now - IDLE)?;
            let ids: Vec<i64> =
                living.iter().map(|row| row.id).filter(|id| only.is_none_or(|only| only == *id)).collect();
            if let (Some(only), true) = (only, ids.is_empty()) {
                return Err(Error::NotFound(Refusal::new(
                    "unknown_session",
                    &only.to_string(),
                    format!("セッション {only} はありません。"),
                    "no such session",
                )));
            }
            store::end(conn, &ids, now)?;
            for id in ids {
                audit::append(conn, origin.entry(now, AuditAction::SessionEnded, format!("session/{id}")))?;
            }
            Ok(())
        })
    }
}

/// 256 random bits as hexadecimal text.
fn random_text() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|cause| Error::NoRandomness(cause.to_string()))?;
    Ok(crate::domain::audit::hex(&bytes))
}

/// What is stored of the text in a cookie.
pub fn digest(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie).into()
}

fn no_session() -> Error {
    Error::Unauthenticated(Refusal::new(
        "no_session",
        "",
        "サインインの期限が切れました。もう一度サインインしてください。",
        "the session has ended; sign in again",
    ))
}
