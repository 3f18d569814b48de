//! Answers to requests that are repeated with the same `Idempotency-Key`. Every function answers what the
//! database answers.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::schema::kept_answer;
use super::types::{digest, moment};

/// An answer, and the request it was given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAnswer {
    /// SHA-256 of the request: another request may not use the key again.
    pub request_sha256: [u8; 32],
    /// HTTP status.
    pub status: i16,
    /// Where the new resource is.
    pub location: Option<String>,
    /// JSON.
    pub body: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = kept_answer, treat_none_as_default_value = false)]
struct Row {
    actor: String,
    key: String,
    request_sha256: Vec<u8>,
    status: i16,
    location: Option<String>,
    body: String,
    created_at: NaiveDateTime,
}

/// The answer to an earlier request with the same key, and forgets those before `since`.
///
/// Must run inside [`super::Db::write`].
pub fn find(
    conn: &mut Conn,
    actor: &str,
    key: &str,
    since: DateTime<Utc>,
) -> QueryResult<Option<GivenAnswer>> {
    diesel::delete(kept_answer::table.filter(kept_answer::created_at.lt(moment(since)))).execute(conn)?;
    let found: Option<Row> = kept_answer::table.find((actor, key)).first(conn).optional()?;
    let into_answer = |row: Row| {
        Ok(GivenAnswer {
            request_sha256: digest(&row.request_sha256)?,
            status: row.status,
            location: row.location,
            body: row.body,
        })
    };
    found.map(into_answer).transpose()
}

/// Keeps an answer under the key that who asked chose.
pub fn insert(
    conn: &mut Conn,
    actor: &str,
    key: &str,
    answer: GivenAnswer,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    let row = Row {
        actor: actor.to_owned(),
        key: key.to_owned(),
        request_sha256: answer.request_sha256.to_vec(),
        status: answer.status,
        location: answer.location,
        body: answer.body,
        created_at: moment(at),
    };
    diesel::insert_into(kept_answer::table).values(&row).execute(conn).map(|_| ())
}
