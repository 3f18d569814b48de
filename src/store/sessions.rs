//! Sessions of people who signed in with a key.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::schema::session;
use super::types::moment;

/// A session as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Its number.
    pub id: i64,
    /// SHA-256 of the id in the cookie.
    pub sha256: Vec<u8>,
    /// The key it was opened with.
    pub token_id: i64,
    /// What every form must bring along.
    pub csrf: String,
    /// When it was opened, UTC.
    pub created_at: NaiveDateTime,
    /// When it was last used, UTC, to the minute.
    pub seen_at: NaiveDateTime,
    /// When it was ended by its holder, UTC.
    pub ended_at: Option<NaiveDateTime>,
    /// From where it was opened.
    pub address: Option<String>,
    /// The browser, as it names itself.
    pub agent: Option<String>,
}

/// Number for the next session. Must run inside [`super::Db::write`].
///
/// # Errors
///
/// What the database answers.
pub fn next_id(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = session::table.select(diesel::dsl::max(session::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Records a session.
///
/// # Errors
///
/// What the database answers.
pub fn insert(conn: &mut Conn, row: &SessionRow) -> QueryResult<()> {
    diesel::insert_into(session::table).values(row).execute(conn).map(|_| ())
}

/// Forgets sessions that were opened before a moment.
///
/// # Errors
///
/// What the database answers.
pub fn forget(conn: &mut Conn, opened_before: DateTime<Utc>) -> QueryResult<()> {
    diesel::delete(session::table.filter(session::created_at.lt(moment(opened_before))))
        .execute(conn)
        .map(|_| ())
}

/// The session with a hash, unless it was ended.
///
/// # Errors
///
/// What the database answers.
pub fn by_hash(conn: &mut Conn, sha256: [u8; 32]) -> QueryResult<Option<SessionRow>> {
    session::table
        .filter(session::sha256.eq(sha256.to_vec()))
        .filter(session::ended_at.is_null())
        .first(conn)
        .optional()
}

/// Sessions of a key that were not ended, opened since a moment and used since another.
///
/// # Errors
///
/// What the database answers.
pub fn living(
    conn: &mut Conn,
    token: i64,
    opened_since: DateTime<Utc>,
    seen_since: DateTime<Utc>,
) -> QueryResult<Vec<SessionRow>> {
    session::table
        .filter(session::token_id.eq(token))
        .filter(session::ended_at.is_null())
        .filter(session::created_at.gt(moment(opened_since)))
        .filter(session::seen_at.gt(moment(seen_since)))
        .order(session::id)
        .load(conn)
}

/// Notes that a session was used.
///
/// # Errors
///
/// What the database answers.
pub fn seen(conn: &mut Conn, id: i64, at: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(session::table.find(id)).set(session::seen_at.eq(moment(at))).execute(conn).map(|_| ())
}

/// Ends sessions.
///
/// # Errors
///
/// What the database answers.
pub fn end(conn: &mut Conn, ids: &[i64], at: DateTime<Utc>) -> QueryResult<()> {
    for id in ids {
        diesel::update(session::table.find(id)).set(session::ended_at.eq(Some(moment(at)))).execute(conn)?;
    }
    Ok(())
}
