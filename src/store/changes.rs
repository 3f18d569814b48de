//! What of the record was touched since a moment: stated, withdrawn or taken back, or because its day came.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use super::later::AHEAD;
use super::schema::{assertion, import, retraction};
use super::types::{moment, parse};
use crate::domain::assertion::Key;
use crate::domain::dates::{begin_in_japan, day_in_japan};

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The moment of the last change.
    pub at: DateTime<Utc>,
    /// Whether it bears on what is shown today: what is said of later days alone does not.
    pub bears_on_today: bool,
}

/// Keys of which something changed at `since` or later, up to a revision and a day: facts that were learnt or
/// taken back, and facts whose day came.
///
/// # Errors
///
/// What the database answers.
pub fn touched_since(
    conn: &mut Conn,
    since: DateTime<Utc>,
    revision: i64,
    today: NaiveDate,
) -> QueryResult<BTreeMap<Key, Touch>> {
    let mut touched = BTreeMap::new();
    let mut note = |key: Key, on: NaiveDate, at: DateTime<Utc>| {
        let last = touched.entry(key).or_insert(Touch { at, bears_on_today: false });
        last.at = at.max(last.at);
        last.bears_on_today |= on <= today;
    };
    for (key, on, recorded_at) in stated(conn, Stated::Since(since), revision)? {
        note(key, on, recorded_at);
    }
    let taken_back: Vec<(NaiveDateTime, Option<i64>, Option<i64>)> = retraction::table
        .inner_join(import::table)
        .filter(retraction::retracted_at.ge(moment(since)))
        .filter(retraction::seq.le(revision))
        .select((retraction::retracted_at, import::first_seq, import::last_seq))
        .load(conn)?;
    for (at, first, last) in taken_back {
        if let (Some(first), Some(last)) = (first, last) {
            for (key, on, _) in stated(conn, Stated::Between(first, last), revision)? {
                note(key, on, at.and_utc());
            }
        }
    }
    for (key, on, _) in stated(conn, Stated::Came(day_in_japan(since), today), revision)? {
        let came = begin_in_japan(on);
        if came >= since {
            note(key, on, came);
        }
    }
    Ok(touched)
}

/// Which facts of the log are looked for.
enum Stated {
    /// Those learnt since.
    Since(DateTime<Utc>),
    /// Those of a stretch of the log.
    Between(i64, i64),
    /// Those that were ahead of their day, which came between these days.
    Came(NaiveDate, NaiveDate),
}

/// Keys of facts, the days from which they are true, and when they were learnt.
fn stated(
    conn: &mut Conn,
    which: Stated,
    revision: i64,
) -> QueryResult<Vec<(Key, NaiveDate, DateTime<Utc>)>> {
    type Row = (String, String, Option<String>, String, NaiveDate, NaiveDateTime);
    let mut query = assertion::table
        .filter(assertion::seq.le(revision))
        .select((
            assertion::municipality_code,
            assertion::procedure_id,
            assertion::channel_id,
            assertion::source,
            assertion::effective_on,
            assertion::recorded_at,
        ))
        .into_boxed();
    query = match which {
        Stated::Since(since) => query.filter(assertion::recorded_at.ge(moment(since))),
        Stated::Between(first, last) => query.filter(assertion::seq.between(first, last)),
        Stated::Came(from, to) => {
            query.filter(assertion::effective_on.between(from, to)).filter(diesel::dsl::sql::<Bool>(AHEAD))
        }
    };
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter()
        .map(|(municipality, procedure, channel, source, on, at)| {
            let key = Key {
                municipality: parse(&municipality)?,
                procedure: parse(&procedure)?,
                channel: channel.as_deref().map(parse).transpose()?,
                source: parse(&source)?,
            };
            Ok((key, on, at.and_utc()))
        })
        .collect()
}

/// The moment at which the last row of the log up to a revision was learnt or taken back. Whatever is
/// written later is learnt then or later: writing transactions come one after the other, and take the time
/// when their turn has come.
///
/// # Errors
///
/// What the database answers.
pub fn updated_until(conn: &mut Conn, revision: i64) -> QueryResult<Option<DateTime<Utc>>> {
    let stated: Option<NaiveDateTime> = assertion::table
        .filter(assertion::seq.le(revision))
        .order(assertion::seq.desc())
        .select(assertion::recorded_at)
        .first(conn)
        .optional()?;
    let taken_back: Option<NaiveDateTime> = retraction::table
        .filter(retraction::seq.le(revision))
        .order(retraction::seq.desc())
        .select(retraction::retracted_at)
        .first(conn)
        .optional()?;
    Ok(stated.max(taken_back).map(|at| at.and_utc()))
}
