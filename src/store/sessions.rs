//! Sessions of people who signed in with a key. Every function answers what the database answers.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::schema::session;
use super::types::moment;
use crate::domain::access::session::OpenSession;

#[derive(Queryable, Insertable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    sha256: Vec<u8>,
    token_id: i64,
    csrf: String,
    created_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
    address: Option<String>,
    agent: Option<String>,
}

impl Row {
    fn into_session(self) -> OpenSession {
        OpenSession {
            id: self.id,
            token_id: self.token_id,
            csrf: self.csrf,
            created_at: self.created_at.and_utc(),
            seen_at: self.seen_at.and_utc(),
            address: self.address,
            agent: self.agent,
        }
    }
}

/// Number for the next session. Must run inside [`super::Db::write`].
pub fn next_id(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = session::table.select(diesel::dsl::max(session::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Records a session under the SHA-256 of the text in its cookie.
pub fn insert(conn: &mut Conn, new: &OpenSession, sha256: [u8; 32]) -> QueryResult<()> {
    let new = new.clone();
    let row = Row {
        id: new.id,
        sha256: sha256.to_vec(),
        token_id: new.token_id,
        csrf: new.csrf,
        created_at: moment(new.created_at),
        seen_at: moment(new.seen_at),
        ended_at: None,
        address: new.address,
        agent: new.agent,
    };
    diesel::insert_into(session::table).values(&row).execute(conn).map(|_| ())
}

/// Forgets sessions that were opened before a moment.
pub fn forget(conn: &mut Conn, opened_before: DateTime<Utc>) -> QueryResult<()> {
    diesel::delete(session::table.filter(session::created_at.lt(moment(opened_before))))
        .execute(conn)
        .map(|_| ())
}

/// The session with a hash, unless it was ended.
pub fn by_hash(conn: &mut Conn, sha256: [u8; 32]) -> QueryResult<Option<OpenSession>> {
    let found: Option<Row> = session::table
        .filter(session::sha256.eq(sha256.to_vec()))
        .filter(session::ended_at.is_null())
        .first(conn)
        .optional()?;
    Ok(found.map(Row::into_session))
}

/// Sessions of a key that were not ended, opened since a moment and used since another.
pub fn living(
    conn: &mut Conn,
    token: i64,
    opened_since: DateTime<Utc>,
    seen_since: DateTime<Utc>,
) -> QueryResult<Vec<OpenSession>> {
    let rows: Vec<Row> = session::table
        .filter(session::token_id.eq(token))
        .filter(session::ended_at.is_null())
        .filter(session::created_at.gt(moment(opened_since)))
        .filter(session::seen_at.gt(moment(seen_since)))
        .order(session::id)
        .load(conn)?;
    Ok(rows.into_iter().map(Row::into_session).collect())
}

/// Notes that a session was used.
pub fn seen(conn: &mut Conn, id: i64, at: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(session::table.find(id)).set(session::seen_at.eq(moment(at))).execute(conn).map(|_| ())
}

/// Ends sessions.
pub fn end(conn: &mut Conn, ids: &[i64], at: DateTime<Utc>) -> QueryResult<()> {
    for id in ids {
        diesel::update(session::table.find(id)).set(session::ended_at.eq(Some(moment(at)))).execute(conn)?;
    }
    Ok(())
}
