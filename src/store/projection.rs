//! The projection of what holds today: which assertion of the log each key shows.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Conn;
use super::assertions::timelines;
use super::conn::on_backend;
use super::later::AHEAD;
use super::schema::{applicability, assertion, meta, readiness};
use super::seed::set_meta;
use super::types::{damaged, moment, parse};
use crate::domain::assertion::{Key, Timeline};
use crate::domain::dates::parse_iso_day;

/// Takes out of the projection what a stretch of the log put there.
///
/// # Errors
///
/// What the database answers.
pub fn unproject(conn: &mut Conn, first: i64, last: i64) -> QueryResult<()> {
    diesel::delete(readiness::table.filter(readiness::seq.between(first, last))).execute(conn)?;
    diesel::delete(applicability::table.filter(applicability::seq.between(first, last))).execute(conn)?;
    Ok(())
}

/// What a key shows: the assertion that holds, and when it was last said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    seq: i64,
    confirmed_on: Option<NaiveDate>,
    updated_at: NaiveDateTime,
}

/// Brings the projection of these timelines to what holds on `today`.
///
/// # Errors
///
/// What the database answers.
pub fn project<'a>(
    conn: &mut Conn,
    timelines: impl IntoIterator<Item = (&'a Key, &'a Timeline)>,
    today: NaiveDate,
) -> QueryResult<()> {
    let mut rows = ProjectionRows::default();
    for (key, timeline) in timelines {
        rows.add(key, shown(timeline, today));
    }
    rows.write(conn)
}

fn shown(timeline: &Timeline, today: NaiveDate) -> Option<Shown> {
    let (holding, value) = timeline.holding_on(today)?;
    let last = timeline.last_said(holding).unwrap_or(value);
    Some(Shown {
        seq: holding.seq,
        confirmed_on: holding.confirmed_seq.map(|_| last.effective.on),
        updated_at: moment(last.recorded_at),
    })
}

#[derive(Insertable)]
#[diesel(table_name = readiness, treat_none_as_default_value = false)]
struct NewReadiness<'a> {
    municipality_code: &'a str,
    procedure_id: &'a str,
    channel_id: &'a str,
    source: &'a str,
    seq: i64,
    confirmed_on: Option<NaiveDate>,
    updated_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = applicability, treat_none_as_default_value = false)]
struct NewApplicability<'a> {
    municipality_code: &'a str,
    procedure_id: &'a str,
    source: &'a str,
    seq: i64,
    confirmed_on: Option<NaiveDate>,
    updated_at: NaiveDateTime,
}

/// Rows of the projection to be put and keys to be taken out.
#[derive(Default)]
struct ProjectionRows<'a> {
    readiness: Vec<NewReadiness<'a>>,
    applicability: Vec<NewApplicability<'a>>,
    gone: Vec<&'a Key>,
}

impl<'a> ProjectionRows<'a> {
    fn add(&mut self, key: &'a Key, shown: Option<Shown>) {
        let Some(Shown { seq, confirmed_on, updated_at }) = shown else {
            self.gone.push(key);
            return;
        };
        let municipality_code = key.municipality.as_str();
        let procedure_id = key.procedure.as_str();
        let source = key.source.code();
        match &key.channel {
            Some(channel) => self.readiness.push(NewReadiness {
                municipality_code,
                procedure_id,
                channel_id: channel.as_str(),
                source,
                seq,
                confirmed_on,
                updated_at,
            }),
            None => self.applicability.push(NewApplicability {
                municipality_code,
                procedure_id,
                source,
                seq,
                confirmed_on,
                updated_at,
            }),
        }
    }

    fn write(&self, conn: &mut Conn) -> QueryResult<()> {
        /// 7 columns of 4,000 rows stay under SQLite's 32,766 variables.
        const CHUNK: usize = 4000;
        for chunk in self.readiness.chunks(CHUNK) {
            on_backend!(conn, |c| diesel::insert_into(readiness::table)
                .values(chunk)
                .on_conflict((
                    readiness::municipality_code,
                    readiness::procedure_id,
                    readiness::channel_id,
                    readiness::source,
                ))
                .do_update()
                .set((
                    readiness::seq.eq(excluded(readiness::seq)),
                    readiness::confirmed_on.eq(excluded(readiness::confirmed_on)),
                    readiness::updated_at.eq(excluded(readiness::updated_at)),
                ))
                .execute(c))?;
        }
        for chunk in self.applicability.chunks(CHUNK) {
            on_backend!(conn, |c| diesel::insert_into(applicability::table)
                .values(chunk)
                .on_conflict((
                    applicability::municipality_code,
                    applicability::procedure_id,
                    applicability::source,
                ))
                .do_update()
                .set((
                    applicability::seq.eq(excluded(applicability::seq)),
                    applicability::confirmed_on.eq(excluded(applicability::confirmed_on)),
                    applicability::updated_at.eq(excluded(applicability::updated_at)),
                ))
                .execute(c))?;
        }
        for key in &self.gone {
            remove(conn, key)?;
        }
        Ok(())
    }
}

fn remove(conn: &mut Conn, key: &Key) -> QueryResult<()> {
    let code = key.municipality.as_str();
    let procedure = key.procedure.as_str();
    let source = key.source.code();
    match &key.channel {
        Some(channel) => {
            diesel::delete(readiness::table.find((code, procedure, channel.as_str(), source))).execute(conn)
        }
        None => diesel::delete(applicability::table.find((code, procedure, source))).execute(conn),
    }
    .map(|_| ())
}

const PROJECTED_ON: &str = "projected_on";

/// Brings the projection to a new day: facts whose day had not come when they were learnt.
///
/// Must run inside [`super::Db::write`].
///
/// # Errors
///
/// What the database answers.
pub fn turn_day(conn: &mut Conn, today: NaiveDate) -> QueryResult<()> {
    let last = projected_on(conn)?;
    if last.is_some_and(|last| last >= today) {
        return Ok(());
    }
    let mut ahead = assertion::table
        .filter(assertion::effective_on.le(today))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(AHEAD))
        .select(assertion::municipality_code)
        .distinct()
        .into_boxed();
    if let Some(last) = last {
        ahead = ahead.filter(assertion::effective_on.gt(last));
    }
    let codes: Vec<String> = ahead.load(conn)?;
    let bodies = codes.iter().map(|code| parse(code)).collect::<QueryResult<_>>()?;
    let timelines = timelines(conn, &bodies)?;
    project(conn, &timelines, today)?;
    set_meta(conn, PROJECTED_ON, &today.to_string())
}

/// The day to which a write brings the projection: today, or the day another process with a clock
/// ahead has brought it to, so that no fact falls between the two.
///
/// Must run inside [`super::Db::write`].
///
/// # Errors
///
/// What the database answers.
pub fn day_of_projection(conn: &mut Conn, today: NaiveDate) -> QueryResult<NaiveDate> {
    turn_day(conn, today)?;
    Ok(projected_on(conn)?.map_or(today, |last| last.max(today)))
}

/// The day the projection was last brought to.
///
/// # Errors
///
/// What the database answers.
pub fn projected_on(conn: &mut Conn) -> QueryResult<Option<NaiveDate>> {
    let stored: Option<String> = meta::table.find(PROJECTED_ON).select(meta::value).first(conn).optional()?;
    stored.map(|text| parse_iso_day(&text).map_err(damaged)).transpose()
}
