//! Imports and what takes them back.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::assertions::bodies_between;
use super::schema::{import, retraction};
use super::types::{count, moment, parse};
use crate::domain::municipality::LgCode;

/// An import as it is recorded.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = import, treat_none_as_default_value = false)]
pub struct ImportRow {
    /// Its number.
    pub id: i64,
    /// Name of the file, without folders.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// Encoding or container as found.
    pub encoding: String,
    /// Layout as found.
    pub layout: String,
    /// Who applied it.
    pub actor: String,
    /// When, UTC.
    pub applied_at: NaiveDateTime,
    /// SHA-256 of the plan that was shown.
    pub plan_hash: Vec<u8>,
    /// Facts that were stated for the first time.
    pub created_count: i64,
    /// Facts that replaced another value.
    pub changed_count: i64,
    /// Facts stated again with a newer day.
    pub confirmed_count: i64,
    /// Facts that were already known.
    pub unchanged_count: i64,
    /// Rows that were not taken.
    pub rejected_count: i64,
    /// First row of the log that came with it.
    pub first_seq: i64,
    /// Last row of the log that came with it.
    pub last_seq: i64,
}

/// Number for the next import. Must run inside [`super::Db::write`].
///
/// # Errors
///
/// What the database answers.
pub fn next_id(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = import::table.select(diesel::dsl::max(import::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Records an import.
///
/// # Errors
///
/// What the database answers.
pub fn insert(conn: &mut Conn, row: &ImportRow) -> QueryResult<()> {
    diesel::insert_into(import::table).values(row).execute(conn).map(|_| ())
}

/// An import by its number.
///
/// # Errors
///
/// What the database answers.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<ImportRow>> {
    import::table.find(id).first(conn).optional()
}

/// When and by whom an import was taken back, if it was.
///
/// # Errors
///
/// What the database answers.
pub fn retraction_of(conn: &mut Conn, id: i64) -> QueryResult<Option<(DateTime<Utc>, String)>> {
    let found: Option<(NaiveDateTime, String)> = retraction::table
        .filter(retraction::import_id.eq(id))
        .select((retraction::retracted_at, retraction::actor))
        .first(conn)
        .optional()?;
    Ok(found.map(|(at, actor)| (at.and_utc(), actor)))
}

/// Appends a retraction.
///
/// # Errors
///
/// What the database answers.
pub fn retract(conn: &mut Conn, seq: i64, id: i64, at: DateTime<Utc>, actor: &str) -> QueryResult<()> {
    diesel::insert_into(retraction::table)
        .values((
            retraction::seq.eq(seq),
            retraction::import_id.eq(id),
            retraction::retracted_at.eq(moment(at)),
            retraction::actor.eq(actor),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The bodies an import speaks of.
///
/// # Errors
///
/// What the database answers.
pub fn bodies(conn: &mut Conn, row: &ImportRow) -> QueryResult<BTreeSet<LgCode>> {
    bodies_between(conn, row.first_seq, row.last_seq)?.iter().map(|code| parse(code)).collect()
}

/// A count for a column of [`ImportRow`].
pub fn counted(number: usize) -> i64 {
    count(number)
}

/// A moment for a column of [`ImportRow`].
pub fn at(time: DateTime<Utc>) -> NaiveDateTime {
    moment(time)
}
