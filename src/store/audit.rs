//! The audit log: appended to and read, never changed. Every function answers what the database answers.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use super::schema::audit;
use super::types::{moment, parse};
use crate::domain::audit::{AuditFilter, Entry, Hash, Head, Link};

#[derive(Queryable, Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
struct Row {
    seq: i64,
    at: NaiveDateTime,
    actor: String,
    address: Option<String>,
    request_id: Option<String>,
    action: String,
    object: String,
    before: Option<String>,
    after: Option<String>,
    file: Option<String>,
    line: Option<i64>,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    fn new(link: Link) -> Self {
        let entry = link.entry;
        Self {
            seq: link.seq,
            at: moment(entry.at),
            actor: entry.actor,
            address: entry.address,
            request_id: entry.request_id,
            action: entry.action.code().to_owned(),
            object: entry.object,
            before: entry.before,
            after: entry.after,
            file: entry.file,
            line: entry.line,
            previous: link.previous.to_vec(),
            hash: link.hash.to_vec(),
        }
    }

    fn into_link(self) -> QueryResult<Link> {
        Ok(Link {
            seq: self.seq,
            previous: hash(&self.previous),
            hash: hash(&self.hash),
            entry: Entry {
                at: self.at.and_utc(),
                actor: self.actor,
                address: self.address,
                request_id: self.request_id,
                action: parse(&self.action)?,
                object: self.object,
                before: self.before,
                after: self.after,
                file: self.file,
                line: self.line,
            },
        })
    }
}

/// A stored hash. One of another length fits no entry, so following the chain finds it.
fn hash(bytes: &[u8]) -> Hash {
    bytes.try_into().unwrap_or_default()
}

/// The end of the log.
pub fn head(conn: &mut Conn) -> QueryResult<Head> {
    let last: Option<(i64, Vec<u8>)> =
        audit::table.order(audit::seq.desc()).select((audit::seq, audit::hash)).first(conn).optional()?;
    Ok(last.map_or(Head::EMPTY, |(seq, bytes)| Head { seq, hash: hash(&bytes) }))
}

/// Appends an entry. Must run inside [`super::Db::write`], with the change it tells of.
pub fn append(conn: &mut Conn, mut entry: Entry) -> QueryResult<()> {
    // What is hashed must be what is stored.
    entry.at = moment(entry.at).and_utc();
    let row = Row::new(Link::after(head(conn)?, entry));
    diesel::insert_into(audit::table).values(&row).execute(conn).map(|_| ())
}

/// Why an entry could not be read.
#[derive(Debug)]
pub enum ReadFault {
    /// The row with this number holds what no entry holds.
    Row(i64),
    /// The database does not answer.
    Query(diesel::result::Error),
}

/// Hands every entry to `f`, from the first. However long the log is, only a piece of it is in
/// memory, and no statement runs for long.
pub fn each<T>(conn: &mut Conn, f: impl FnOnce(&mut dyn Iterator<Item = Result<Link, ReadFault>>) -> T) -> T {
    /// Entries in one piece.
    const PIECE: i64 = 10_000;
    let mut after = i64::MIN;
    let mut piece = Vec::new().into_iter();
    let mut links = std::iter::from_fn(|| {
        if piece.len() == 0 {
            let rows =
                audit::table.filter(audit::seq.gt(after)).order(audit::seq).limit(PIECE).load::<Row>(conn);
            match rows {
                Ok(rows) => piece = rows.into_iter(),
                Err(cause) => return Some(Err(ReadFault::Query(cause))),
            }
        }
        let row = piece.next()?;
        after = row.seq;
        Some(row.into_link().map_err(|_unreadable| ReadFault::Row(after)))
    });
    f(&mut links)
}

/// A page of the log, newest first, and how many entries the filter lets through.
pub fn page(
    conn: &mut Conn,
    filter: &AuditFilter,
    offset: u32,
    limit: u32,
) -> QueryResult<(usize, Vec<Link>)> {
    let select = || {
        let mut query = audit::table.into_boxed();
        if let Some(actor) = &filter.actor {
            query = query.filter(audit::actor.eq(actor.as_str()));
        }
        if let Some(action) = filter.action {
            query = query.filter(audit::action.eq(action.code()));
        }
        if let Some(after) = filter.after {
            query = query.filter(audit::seq.gt(after));
        }
        query
    };
    let count: i64 = select().count().get_result(conn)?;
    let rows: Vec<Row> =
        select().order(audit::seq.desc()).offset(i64::from(offset)).limit(i64::from(limit)).load(conn)?;
    let links = rows.into_iter().map(Row::into_link).collect::<QueryResult<_>>()?;
    Ok((usize::try_from(count).unwrap_or(0), links))
}
