//! Answers kept for requests that are repeated with the same `Idempotency-Key`.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::schema::kept_answer;
use super::types::moment;

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = kept_answer, treat_none_as_default_value = false)]
pub struct KeptAnswer {
    /// Who asked.
    pub actor: String,
    /// The key they chose.
    pub key: String,
    /// SHA-256 of the request: another request may not use the key again.
    pub request_sha256: Vec<u8>,
    /// HTTP status.
    pub status: i16,
    /// Where the new resource is.
    pub location: Option<String>,
    /// JSON.
    pub body: String,
    /// When, UTC.
    pub created_at: NaiveDateTime,
}

/// The answer to an earlier request, and forgets those before `since`.
///
/// Must run inside [`super::Db::write`].
///
/// # Errors
///
/// What the database answers.
pub fn find(
    conn: &mut Conn,
    actor: &str,
    key: &str,
    since: DateTime<Utc>,
) -> QueryResult<Option<KeptAnswer>> {
    diesel::delete(kept_answer::table.filter(kept_answer::created_at.lt(moment(since)))).execute(conn)?;
    kept_answer::table.find((actor, key)).first(conn).optional()
}

/// Keeps an answer.
///
/// # Errors
///
/// What the database answers.
pub fn insert(conn: &mut Conn, answer: &KeptAnswer) -> QueryResult<()> {
    diesel::insert_into(kept_answer::table).values(answer).execute(conn).map(|_| ())
}
