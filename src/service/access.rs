//! Who acts: keys, and the record of what was done with them.

use std::collections::HashMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::json;

use super::Service;
use crate::domain::Refusal;
use crate::domain::access::token::{DEFAULT_DAYS, MAX_DAYS, Secret, Token};
use crate::domain::access::{Action, Actor, Denial, Grant, Target, decide};
use crate::domain::audit::{self, AuditAction, AuditFilter, Entry, Hash, Head, Link};
use crate::domain::municipality::LgCode;
use crate::domain::text::clean;
use crate::service::error::Error;
use crate::store::audit::ReadFault;
use crate::store::error as store;
use crate::store::{Conn, audit as trail, tokens};

/// How long one use of a key counts as the last one: it is not written more often.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Longest name of a key, in characters.
pub const MAX_NAME: usize = 100;

/// Who acts, from where, in which request: what every write is decided by and recorded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who, and what they may do.
    pub actor: Actor,
    /// The key they use, if they use one.
    pub token_id: Option<i64>,
    /// From where, if over the network.
    pub address: Option<String>,
    /// The request, if it came over HTTP.
    pub request_id: Option<String>,
}

impl Origin {
    /// Someone at the machine itself, who may do everything.
    pub fn command_line(user: &str) -> Self {
        Self {
            actor: Actor { name: format!("cli:{user}"), grant: Grant::everything() },
            token_id: None,
            address: None,
            request_id: None,
        }
    }

    /// The holder of a key.
    pub fn of_token(token: &Token, address: Option<String>, request_id: Option<String>) -> Self {
        Self {
            actor: Actor { name: format!("token:{}", token.id), grant: token.grant.clone() },
            token_id: Some(token.id),
            address,
            request_id,
        }
    }

    /// The beginning of an entry of the audit log.
    pub(super) fn entry(&self, at: DateTime<Utc>, action: AuditAction, object: String) -> Entry {
        Entry {
            at,
            actor: self.actor.name.clone(),
            address: self.address.clone(),
            request_id: self.request_id.clone(),
            action,
            object,
            before: None,
            after: None,
            file: None,
            line: None,
        }
    }
}

/// What a key is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// A name by which people know it.
    pub name: String,
    /// What it grants.
    pub grant: Grant,
    /// Days until it expires.
    pub days: Option<u32>,
}

impl Service {
    /// Whether an action is allowed; a refusal of a known key is recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`], and a database that does not answer.
    pub fn guard(&self, origin: &Origin, action: Action, target: Option<Target>) -> Result<(), Error> {
        let Err(denial) = decide(&origin.actor.grant, action, target) else { return Ok(()) };
        let object = match target {
            Some(target) => format!("municipality/{}", target.municipality),
            None => "-".to_owned(),
        };
        self.record_refusal(origin, denial, object, &format!("{action:?}"))?;
        Err(Error::Denied(denial))
    }

    /// Writes down that a known key was refused.
    pub(super) fn record_refusal(
        &self,
        origin: &Origin,
        denial: Denial,
        object: String,
        action: &str,
    ) -> Result<(), Error> {
        let after = json!({"reason": denial.code(), "action": action}).to_string();
        let entry = Entry { after: Some(after), ..origin.entry(self.now(), AuditAction::Refused, object) };
        self.db.write(|conn| trail::append(conn, entry).map_err(Error::from))
    }

    /// The key with a text, if it still holds.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] for a key that is not known, has expired or was revoked.
    pub fn authenticate(
        &self,
        secret: &Secret,
        address: Option<String>,
        request_id: Option<String>,
    ) -> Result<Origin, Error> {
        let found = self.db.read(|conn| tokens::by_hash(conn, secret.hash()).map_err(Error::from))?;
        let Some(token) = found else {
            log::warn!(address = address.as_deref().unwrap_or("-"); "unknown key");
            return Err(Error::Unauthenticated(Refusal::new(
                "unknown_token",
                "",
                "この鍵は登録されていません。",
                "the key is not known",
            )));
        };
        let now = self.now();
        let origin = Origin::of_token(&token, address, request_id);
        if let Err(refusal) = holds(&token, now) {
            let after = json!({"reason": refusal.code}).to_string();
            let entry = origin.entry(now, AuditAction::Refused, format!("token/{}", token.id));
            self.db.write(|conn| {
                trail::append(conn, Entry { after: Some(after), ..entry }).map_err(Error::from)
            })?;
            return Err(Error::Unauthenticated(refusal));
        }
        self.note_use(&token, now);
        Ok(origin)
    }

    /// Whether a key holds. Nothing is recorded: this decides nothing but how its holder is counted.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn knows_key(&self, sha256: [u8; 32]) -> Result<bool, Error> {
        let found = self.db.read(|conn| tokens::by_hash(conn, sha256).map_err(Error::from))?;
        Ok(found.is_some_and(|token| holds(&token, self.now()).is_ok()))
    }

    /// Writes when a key was last used, at most once a minute. A database that cannot be written to
    /// does not keep anyone from reading.
    fn note_use(&self, token: &Token, now: DateTime<Utc>) {
        if token.last_used_at.is_some_and(|last| now - last < USE_NOTED_EVERY) {
            return;
        }
        if let Err(error) = self.db.write(|conn| tokens::used(conn, token.id, now).map_err(Error::from)) {
            log::warn!("cannot note the use of key {}: {error}", token.id);
        }
    }

    /// Makes a key. Its text is in the answer and nowhere else.
    ///
    /// # Errors
    ///
    /// A name or a life that is not allowed, a body or prefecture that does not exist, and someone
    /// who may not make keys.
    pub fn create_token(&self, origin: &Origin, new: &NewToken) -> Result<(Token, Secret), Error> {
        self.guard(origin, Action::ManageTokens, None)?;
        let (token, secret) = self.draft_token(origin, new)?;
        let token = self.db.write(|conn| self.insert_token(conn, origin, token, &secret))?;
        Ok((token, secret))
    }

    /// A key that is not recorded yet.
    pub(super) fn draft_token(&self, origin: &Origin, new: &NewToken) -> Result<(Token, Secret), Error> {
        // A name stands in one line of a list.
        let line = new.name.replace(['\n', '\r', '\t'], " ");
        let name = clean(&line, MAX_NAME).map_err(Error::Unprocessable)?.ok_or_else(|| {
            Error::Unprocessable(
                Refusal::new("missing_name", "", "鍵の名前を付けてください", "a key needs a name")
                    .allowed(format!("1〜{MAX_NAME}文字")),
            )
        })?;
        let days = new.days.unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Error::Unprocessable(
                Refusal::new(
                    "out_of_range",
                    &days.to_string(),
                    format!("有効期間は1〜{MAX_DAYS}日です"),
                    format!("a key lives 1 to {MAX_DAYS} days"),
                )
                .allowed(format!("1-{MAX_DAYS}")),
            ));
        }
        if let Some(code) = new.grant.municipality() {
            self.known_body(code)?;
        }
        let secret =
            Secret::generate(getrandom::fill).map_err(|cause| Error::NoRandomness(cause.to_string()))?;
        let now = self.now();
        let token = Token {
            id: 0,
            name,
            hint: secret.hint().to_owned(),
            grant: new.grant.clone(),
            created_at: now,
            created_by: origin.actor.name.clone(),
            expires_at: now + Days::new(u64::from(days)),
            last_used_at: None,
            revoked_at: None,
            revoked_by: None,
        };
        Ok((token, secret))
    }

    /// Records a key and that it was made.
    pub(super) fn insert_token(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        token: Token,
        secret: &Secret,
    ) -> Result<Token, Error> {
        let token = Token { id: tokens::next_id(conn)?, ..token };
        tokens::insert(conn, &token, secret.hash())?;
        let grant = &token.grant;
        let after = json!({
            "name": token.name,
            "role": grant.role(),
            "prefecture": grant.prefecture().map(|code| code.to_string()),
            "municipality_code": grant.municipality(),
            "categories": grant.categories(),
            "scopes": grant.scopes(),
            "expires_at": token.expires_at,
        });
        let entry = origin.entry(token.created_at, AuditAction::TokenCreated, format!("token/{}", token.id));
        trail::append(conn, Entry { after: Some(after.to_string()), ..entry })?;
        Ok(token)
    }

    fn known_body(&self, code: LgCode) -> Result<(), Error> {
        self.catalogue.find_body(code.as_str()).map(|_| ()).map_err(Error::Unprocessable)
    }

    /// The names that keys were given, by the names under which what was done with them is recorded: for pages that
    /// show what the reader may see anyway, and never in public.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn names_of_keys(&self) -> Result<HashMap<String, String>, Error> {
        let all = self.db.read(|conn| tokens::all(conn).map_err(Error::from))?;
        Ok(all.into_iter().map(|token| (format!("token:{}", token.id), token.name)).collect())
    }

    /// All keys, without their texts.
    ///
    /// # Errors
    ///
    /// Someone who may not see them.
    pub fn tokens(&self, origin: &Origin) -> Result<Vec<Token>, Error> {
        self.guard(origin, Action::ManageTokens, None)?;
        self.db.read(|conn| tokens::all(conn).map_err(Error::from))
    }

    /// Whether there is any key.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn has_tokens(&self) -> Result<bool, Error> {
        self.db.read(|conn| tokens::any(conn).map_err(Error::from))
    }

    /// Revokes a key, at once. Revoking it again changes nothing.
    ///
    /// # Errors
    ///
    /// No such key, and someone who may not.
    pub fn revoke_token(&self, origin: &Origin, id: i64) -> Result<Token, Error> {
        self.guard(origin, Action::ManageTokens, None)?;
        self.db.write(|conn| {
            let token = tokens::find(conn, id)?.ok_or_else(|| {
                Error::NotFound(Refusal::new(
                    "unknown_token",
                    &id.to_string(),
                    format!("鍵 {id} はありません。"),
                    "no such key",
                ))
            })?;
            if token.revoked_at.is_some() {
                return Ok(token);
            }
            let now = self.now();
            tokens::revoke(conn, id, now, &origin.actor.name)?;
            trail::append(conn, origin.entry(now, AuditAction::TokenRevoked, format!("token/{id}")))?;
            Ok(Token { revoked_at: Some(now), revoked_by: Some(origin.actor.name.clone()), ..token })
        })
    }

    /// A page of the audit log, newest first, with how many entries there are and its head.
    ///
    /// # Errors
    ///
    /// Someone who may not read it.
    pub fn audit(
        &self,
        origin: &Origin,
        filter: &AuditFilter,
        offset: u32,
        limit: u32,
    ) -> Result<(usize, Vec<Link>, Head), Error> {
        self.guard(origin, Action::ReadAudit, None)?;
        self.db.snapshot(|conn| {
            let (count, links) = trail::page(conn, filter, offset, limit)?;
            Ok((count, links, trail::head(conn)?))
        })
    }

    /// Follows the chain of the audit log from its beginning.
    ///
    /// # Errors
    ///
    /// [`Broken::Chain`] where the record was bent.
    pub fn verify_audit(&self, kept: Option<Hash>) -> Result<Head, Broken> {
        self.db.snapshot(|conn| {
            let read = |fault| match fault {
                ReadFault::Row(seq) => Broken::Chain(audit::Fault::Entry(seq)),
                ReadFault::Query(cause) => Broken::Database(Error::from(cause)),
            };
            trail::each(conn, |links| audit::verify(links.map(|link| link.map_err(read)), kept))
        })
    }
}

/// Why the audit log could not be followed to its end.
#[derive(Debug)]
pub enum Broken {
    /// The chain does not hold.
    Chain(audit::Fault),
    /// The database does not answer, or a row cannot be read.
    Database(Error),
}

impl From<audit::Fault> for Broken {
    fn from(fault: audit::Fault) -> Self {
        Self::Chain(fault)
    }
}

impl From<store::Error> for Broken {
    fn from(error: store::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Whether a key still holds.
pub(super) fn holds(token: &Token, now: DateTime<Utc>) -> Result<(), Refusal> {
    if token.revoked_at.is_some() {
        return Err(Refusal::new("revoked_token", "", "この鍵は失効しています。", "the key was revoked"));
    }
    if now >= token.expires_at {
        return Err(Refusal::new(
            "expired_token",
            "",
            "この鍵は有効期限が過ぎています。新しい鍵を管理者に求めてください。",
            "the key has expired; ask the administrator for a new one",
        ));
    }
    Ok(())
}
