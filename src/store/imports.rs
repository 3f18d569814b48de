//! Imports: the files as they came, what became of them, and what takes them back.
//!
//! Every function answers what the database answers; rows that are no words of the domain are damage, which
//! is an error too.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::assertions::bodies_between;
use super::conn::on_backend;
use super::schema::{import, import_original, import_row, retraction};
use super::types::{digest, moment, parse};
use super::{Conn, Document, records};
use crate::domain::imports::{ImportStatus, RowOutcome};
use crate::domain::municipality::LgCode;

/// An import as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub status: ImportStatus,
    /// Name of the file, without folders.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: i64,
    /// What the sender said beside the file.
    pub asked: Document,
    /// Whose keys see it.
    pub reach: String,
    /// Who sent it.
    pub actor: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When the work that is under way began.
    pub started_at: Option<DateTime<Utc>>,
    /// Encoding or container as found.
    pub encoding: Option<String>,
    /// Layout as found.
    pub layout: Option<String>,
    /// The profile that said what marks mean.
    pub profile: Option<String>,
    /// What was understood and what it would change.
    pub report: Document,
    /// Headings of the file.
    pub headings: Document,
    /// SHA-256 of the plan that was shown.
    pub plan_hash: Option<[u8; 32]>,
    /// Why it came to nothing.
    pub failure: Option<String>,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// First row of the log that came with it.
    pub first_seq: Option<i64>,
    /// Last row of the log that came with it.
    pub last_seq: Option<i64>,
    /// Why it was sent, in the sender's words.
    pub reason: Option<String>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = import, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    status: String,
    file_name: String,
    sha256: Vec<u8>,
    size: i64,
    asked: String,
    reach: String,
    actor: String,
    created_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    encoding: Option<String>,
    layout: Option<String>,
    profile: Option<String>,
    report: Option<String>,
    headings: Option<String>,
    plan_hash: Option<Vec<u8>>,
    failure: Option<String>,
    applied_at: Option<NaiveDateTime>,
    applied_by: Option<String>,
    first_seq: Option<i64>,
    last_seq: Option<i64>,
    reason: Option<String>,
}

impl Row {
    fn new(import: &Import) -> Self {
        let import = import.clone();
        Self {
            id: import.id,
            status: import.status.code().to_owned(),
            file_name: import.file_name,
            sha256: import.sha256.to_vec(),
            size: import.size,
            asked: import.asked.into_text().unwrap_or_else(|| "{}".to_owned()),
            reach: import.reach,
            actor: import.actor,
            created_at: moment(import.created_at),
            started_at: import.started_at.map(moment),
            encoding: import.encoding,
            layout: import.layout,
            profile: import.profile,
            report: import.report.into_text(),
            headings: import.headings.into_text(),
            plan_hash: import.plan_hash.map(Vec::from),
            failure: import.failure,
            applied_at: import.applied_at.map(moment),
            applied_by: import.applied_by,
            first_seq: import.first_seq,
            last_seq: import.last_seq,
            reason: import.reason,
        }
    }

    fn into_import(self) -> QueryResult<Import> {
        let utc = |at: NaiveDateTime| at.and_utc();
        Ok(Import {
            id: self.id,
            status: parse(&self.status)?,
            file_name: self.file_name,
            sha256: digest(&self.sha256)?,
            size: self.size,
            asked: Document::stored(Some(self.asked)),
            reach: self.reach,
            actor: self.actor,
            created_at: utc(self.created_at),
            started_at: self.started_at.map(utc),
            encoding: self.encoding,
            layout: self.layout,
            profile: self.profile,
            report: Document::stored(self.report),
            headings: Document::stored(self.headings),
            plan_hash: self.plan_hash.as_deref().map(digest).transpose()?,
            failure: self.failure,
            applied_at: self.applied_at.map(utc),
            applied_by: self.applied_by,
            first_seq: self.first_seq,
            last_seq: self.last_seq,
            reason: self.reason,
        })
    }
}

/// Number for the next import. Must run inside [`super::Db::write`].
pub fn next_id(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = import::table.select(diesel::dsl::max(import::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Records an import.
pub fn insert(conn: &mut Conn, new: &Import) -> QueryResult<()> {
    diesel::insert_into(import::table).values(&Row::new(new)).execute(conn).map(|_| ())
}

/// Keeps the bytes of a file.
pub fn keep_original(conn: &mut Conn, id: i64, bytes: &[u8]) -> QueryResult<()> {
    diesel::insert_into(import_original::table)
        .values((import_original::import_id.eq(id), import_original::bytes.eq(bytes)))
        .execute(conn)
        .map(|_| ())
}

/// The bytes of a file, if they were kept.
pub fn original(conn: &mut Conn, id: i64) -> QueryResult<Option<Vec<u8>>> {
    import_original::table.find(id).select(import_original::bytes).first(conn).optional()
}

/// Writes everything of an import that may change after it was sent.
pub fn update(conn: &mut Conn, changed: &Import) -> QueryResult<()> {
    let row = Row::new(changed);
    diesel::update(import::table.find(row.id))
        .set((
            import::status.eq(row.status),
            import::asked.eq(row.asked),
            import::reason.eq(row.reason),
            import::started_at.eq(row.started_at),
            import::encoding.eq(row.encoding),
            import::layout.eq(row.layout),
            import::profile.eq(row.profile),
            import::report.eq(row.report),
            import::headings.eq(row.headings),
            import::plan_hash.eq(row.plan_hash),
            import::failure.eq(row.failure),
            import::applied_at.eq(row.applied_at),
            import::applied_by.eq(row.applied_by),
            import::first_seq.eq(row.first_seq),
            import::last_seq.eq(row.last_seq),
        ))
        .execute(conn)
        .map(|_| ())
}

/// An import by its number.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<Import>> {
    import::table.find(id).first(conn).optional()?.map(Row::into_import).transpose()
}

/// Which imports somebody sees: those of these reaches; all where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportFilter {
    /// Reaches that are seen. Empty: every one.
    pub reaches: Vec<String>,
    /// Bodies of a prefecture, two digits.
    pub within: Option<String>,
    /// Status, if only one is asked for.
    pub status: Option<ImportStatus>,
}

/// A page of imports, newest first, and how many there are.
pub fn page(
    conn: &mut Conn,
    filter: &ImportFilter,
    offset: u32,
    limit: u32,
) -> QueryResult<(usize, Vec<Import>)> {
    let narrowed = || {
        let mut query = import::table.into_boxed();
        if !filter.reaches.is_empty() {
            query = query.filter(import::reach.eq_any(&filter.reaches));
        }
        if let Some(prefecture) = &filter.within {
            // Their own, and those of the bodies that lie in it.
            query = query.filter(import::reach.like(format!("{prefecture}%")));
        }
        if let Some(status) = filter.status {
            query = query.filter(import::status.eq(status.code()));
        }
        query
    };
    let count: i64 = narrowed().count().get_result(conn)?;
    let rows: Vec<Row> =
        narrowed().order(import::id.desc()).offset(i64::from(offset)).limit(i64::from(limit)).load(conn)?;
    let imports = rows.into_iter().map(Row::into_import).collect::<QueryResult<_>>()?;
    Ok((usize::try_from(count).unwrap_or(0), imports))
}

/// What an import is said to be while it is worked on.
const UNDER_WAY: [&str; 2] = [ImportStatus::Checking.code(), ImportStatus::Applying.code()];

/// Imports whose work began before a moment and is still said to be under way.
pub fn under_way_since(conn: &mut Conn, before: DateTime<Utc>) -> QueryResult<Vec<Import>> {
    let rows: Vec<Row> = import::table
        .filter(import::status.eq_any(UNDER_WAY))
        .filter(import::started_at.is_null().or(import::started_at.assume_not_null().le(moment(before))))
        .load(conn)?;
    rows.into_iter().map(Row::into_import).collect()
}

/// Says of imports that the work on them goes on.
pub fn touch(conn: &mut Conn, ids: &[i64], now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(import::table.filter(import::id.eq_any(ids)))
        .filter(import::status.eq_any(UNDER_WAY))
        .set(import::started_at.eq(moment(now)))
        .execute(conn)
        .map(|_| ())
}

/// A line of a file that was rejected or has a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Line of the file; 0 is the file as a whole.
    pub line: i64,
    /// Rejected or warned of.
    pub outcome: RowOutcome,
    /// What is wrong with it.
    pub faults: Document,
    /// The cells as they came.
    pub cells: Document,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = import_row, treat_none_as_default_value = false)]
struct LineRow {
    import_id: i64,
    line: i64,
    outcome: String,
    faults: String,
    cells: String,
}

impl LineRow {
    fn new(import_id: i64, line: FileLine) -> Self {
        let list = |document: Document| document.into_text().unwrap_or_else(|| "[]".to_owned());
        Self {
            import_id,
            line: line.line,
            outcome: line.outcome.code().to_owned(),
            faults: list(line.faults),
            cells: list(line.cells),
        }
    }

    fn into_line(self) -> QueryResult<FileLine> {
        Ok(FileLine {
            line: self.line,
            outcome: parse(&self.outcome)?,
            faults: Document::stored(Some(self.faults)),
            cells: Document::stored(Some(self.cells)),
        })
    }
}

/// Puts the rejected and warned lines of an import in place of those it had; they come some at a time,
/// at most 5,000.
pub fn replace_lines(
    conn: &mut Conn,
    id: i64,
    lines: impl Iterator<Item = Vec<FileLine>>,
) -> QueryResult<()> {
    diesel::delete(import_row::table.filter(import_row::import_id.eq(id))).execute(conn)?;
    for some in lines {
        let rows: Vec<LineRow> = some.into_iter().map(|line| LineRow::new(id, line)).collect();
        // 5 columns of 5,000 rows stay under SQLite's 32,766 variables.
        on_backend!(conn, |c| diesel::insert_into(import_row::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Lines of one outcome in order, and how many there are.
pub fn lines(
    conn: &mut Conn,
    id: i64,
    outcome: RowOutcome,
    offset: u32,
    limit: Option<u32>,
) -> QueryResult<(usize, Vec<FileLine>)> {
    let of = || {
        import_row::table.filter(import_row::import_id.eq(id)).filter(import_row::outcome.eq(outcome.code()))
    };
    let count: i64 = of().count().get_result(conn)?;
    // SQLite takes no OFFSET without LIMIT.
    let limit = limit.map_or(i64::MAX, i64::from);
    let rows: Vec<LineRow> =
        of().order(import_row::line).offset(i64::from(offset)).limit(limit).load(conn)?;
    let lines = rows.into_iter().map(LineRow::into_line).collect::<QueryResult<_>>()?;
    Ok((usize::try_from(count).unwrap_or(0), lines))
}

/// When and by whom an import was taken back, if it was.
pub fn retraction_of(conn: &mut Conn, id: i64) -> QueryResult<Option<(DateTime<Utc>, String)>> {
    let found: Option<(NaiveDateTime, String)> = retraction::table
        .filter(retraction::import_id.eq(id))
        .select((retraction::retracted_at, retraction::actor))
        .first(conn)
        .optional()?;
    Ok(found.map(|(at, actor)| (at.and_utc(), actor)))
}

/// Appends a retraction.
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
pub fn bodies(conn: &mut Conn, first: i64, last: i64) -> QueryResult<BTreeSet<LgCode>> {
    let mut found: BTreeSet<LgCode> =
        bodies_between(conn, first, last)?.iter().map(|code| parse(code)).collect::<QueryResult<_>>()?;
    found.extend(records::keys_between(conn, first, last)?.iter().map(|key| key.municipality()));
    Ok(found)
}
