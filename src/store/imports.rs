//! Imports: the files as they came, what became of them, and what takes them back.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::assertions::bodies_between;
use super::conn::on_backend;
use super::records;
use super::schema::{import, import_original, import_row, retraction};
use super::types::{count, moment, parse};
use crate::domain::municipality::LgCode;

/// An import as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = import, treat_none_as_default_value = false)]
pub struct ImportRow {
    /// Its number.
    pub id: i64,
    /// Code of [`crate::domain::imports::ImportStatus`].
    pub status: String,
    /// Name of the file, without folders.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// What the sender said beside the file, JSON.
    pub asked: String,
    /// Whose keys see it.
    pub reach: String,
    /// Who sent it.
    pub actor: String,
    /// When, UTC.
    pub created_at: NaiveDateTime,
    /// When the work that is under way began.
    pub started_at: Option<NaiveDateTime>,
    /// Encoding or container as found.
    pub encoding: Option<String>,
    /// Layout as found.
    pub layout: Option<String>,
    /// The profile that said what marks mean.
    pub profile: Option<String>,
    /// What was understood and what it would change, JSON.
    pub report: Option<String>,
    /// Headings of the file, JSON.
    pub headings: Option<String>,
    /// SHA-256 of the plan that was shown.
    pub plan_hash: Option<Vec<u8>>,
    /// Why it came to nothing.
    pub failure: Option<String>,
    /// When it was applied, UTC.
    pub applied_at: Option<NaiveDateTime>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// First row of the log that came with it.
    pub first_seq: Option<i64>,
    /// Last row of the log that came with it.
    pub last_seq: Option<i64>,
    /// Why it was sent, in the sender's words.
    pub reason: Option<String>,
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

/// Keeps the bytes of a file.
///
/// # Errors
///
/// What the database answers.
pub fn keep_original(conn: &mut Conn, id: i64, bytes: &[u8]) -> QueryResult<()> {
    diesel::insert_into(import_original::table)
        .values((import_original::import_id.eq(id), import_original::bytes.eq(bytes)))
        .execute(conn)
        .map(|_| ())
}

/// The bytes of a file, if they were kept.
///
/// # Errors
///
/// What the database answers.
pub fn original(conn: &mut Conn, id: i64) -> QueryResult<Option<Vec<u8>>> {
    import_original::table.find(id).select(import_original::bytes).first(conn).optional()
}

/// Writes everything of an import that may change after it was sent.
///
/// # Errors
///
/// What the database answers.
pub fn update(conn: &mut Conn, row: &ImportRow) -> QueryResult<()> {
    diesel::update(import::table.find(row.id))
        .set((
            import::status.eq(&row.status),
            import::asked.eq(&row.asked),
            import::reason.eq(&row.reason),
            import::started_at.eq(row.started_at),
            import::encoding.eq(&row.encoding),
            import::layout.eq(&row.layout),
            import::profile.eq(&row.profile),
            import::report.eq(&row.report),
            import::headings.eq(&row.headings),
            import::plan_hash.eq(&row.plan_hash),
            import::failure.eq(&row.failure),
            import::applied_at.eq(row.applied_at),
            import::applied_by.eq(&row.applied_by),
            import::first_seq.eq(row.first_seq),
            import::last_seq.eq(row.last_seq),
        ))
        .execute(conn)
        .map(|_| ())
}

/// An import by its number.
///
/// # Errors
///
/// What the database answers.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<ImportRow>> {
    import::table.find(id).first(conn).optional()
}

/// Which imports somebody sees: those of these reaches; all where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportFilter {
    /// Reaches that are seen. Empty: every one.
    pub reaches: Vec<String>,
    /// Bodies of a prefecture, two digits.
    pub within: Option<String>,
    /// Status, if only one is asked for.
    pub status: Option<String>,
}

/// A page of imports, newest first, and how many there are.
///
/// # Errors
///
/// What the database answers.
pub fn page(
    conn: &mut Conn,
    filter: &ImportFilter,
    offset: u32,
    limit: u32,
) -> QueryResult<(usize, Vec<ImportRow>)> {
    let narrowed = || {
        let mut query = import::table.into_boxed();
        if !filter.reaches.is_empty() {
            query = query.filter(import::reach.eq_any(&filter.reaches));
        }
        if let Some(prefecture) = &filter.within {
            // Their own, and those of the bodies that lie in it.
            query = query.filter(import::reach.like(format!("{prefecture}%")));
        }
        if let Some(status) = &filter.status {
            query = query.filter(import::status.eq(status));
        }
        query
    };
    let count: i64 = narrowed().count().get_result(conn)?;
    let rows =
        narrowed().order(import::id.desc()).offset(i64::from(offset)).limit(i64::from(limit)).load(conn)?;
    Ok((usize::try_from(count).unwrap_or(0), rows))
}

/// Imports whose work began before a moment and is still said to be under way.
///
/// # Errors
///
/// What the database answers.
pub fn under_way_since(conn: &mut Conn, before: DateTime<Utc>) -> QueryResult<Vec<ImportRow>> {
    import::table
        .filter(import::status.eq_any(["checking", "applying"]))
        .filter(import::started_at.is_null().or(import::started_at.assume_not_null().le(moment(before))))
        .load(conn)
}

/// Says of imports that the work on them goes on.
///
/// # Errors
///
/// What the database answers.
pub fn touch(conn: &mut Conn, ids: &[i64], now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(import::table.filter(import::id.eq_any(ids)))
        .filter(import::status.eq_any(["checking", "applying"]))
        .set(import::started_at.eq(moment(now)))
        .execute(conn)
        .map(|_| ())
}

/// A row of a file that was rejected or has a warning.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = import_row, treat_none_as_default_value = false)]
pub struct FileRow {
    /// The import.
    pub import_id: i64,
    /// Line of the file; 0 is the file as a whole.
    pub line: i64,
    /// `rejected` or `warning`.
    pub outcome: String,
    /// JSON.
    pub faults: String,
    /// The cells as they came, JSON.
    pub cells: String,
}

/// Puts the rejected and warned rows of an import in place of those it had; they come some at a time,
/// at most 5,000.
///
/// # Errors
///
/// What the database answers.
pub fn replace_rows(conn: &mut Conn, id: i64, rows: impl Iterator<Item = Vec<FileRow>>) -> QueryResult<()> {
    diesel::delete(import_row::table.filter(import_row::import_id.eq(id))).execute(conn)?;
    for some in rows {
        // 5 columns of 5,000 rows stay under SQLite's 32,766 variables.
        on_backend!(conn, |c| diesel::insert_into(import_row::table).values(&some).execute(c))?;
    }
    Ok(())
}

/// Rows of one outcome in order of their lines, and how many there are.
///
/// # Errors
///
/// What the database answers.
pub fn rows(
    conn: &mut Conn,
    id: i64,
    outcome: &str,
    offset: u32,
    limit: Option<u32>,
) -> QueryResult<(usize, Vec<FileRow>)> {
    let of = || {
        import_row::table
            .filter(import_row::import_id.eq(id))
            .filter(import_row::outcome.eq(outcome.to_owned()))
    };
    let count: i64 = of().count().get_result(conn)?;
    let ordered = of().order(import_row::line).offset(i64::from(offset));
    let rows = match limit {
        Some(limit) => ordered.limit(i64::from(limit)).load(conn)?,
        // SQLite takes no OFFSET without LIMIT.
        None => ordered.limit(i64::MAX).load(conn)?,
    };
    Ok((usize::try_from(count).unwrap_or(0), rows))
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

/// The bodies that a stretch of the log and of the records speaks of.
///
/// # Errors
///
/// What the database answers.
pub fn bodies(conn: &mut Conn, first: i64, last: i64) -> QueryResult<BTreeSet<LgCode>> {
    let mut found: BTreeSet<LgCode> =
        bodies_between(conn, first, last)?.iter().map(|code| parse(code)).collect::<QueryResult<_>>()?;
    found.extend(records::keys_between(conn, first, last)?.iter().map(|key| key.municipality()));
    Ok(found)
}

/// A count for a column of [`ImportRow`].
pub fn counted(number: usize) -> i64 {
    count(number)
}

/// A moment for a column of [`ImportRow`].
pub fn at(time: DateTime<Utc>) -> NaiveDateTime {
    moment(time)
}
