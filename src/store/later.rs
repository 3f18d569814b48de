//! Reads what is stated for days that are still to come, for the grid.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use super::assertions::plan;
use super::current::chunks;
use super::schema::{assertion, retraction};
use super::types::{dated, level, parse};
use crate::domain::current::{CurrentApplicability, CurrentReadiness, Later, LaterWithdrawal};
use crate::domain::municipality::LgCode;

/// The condition of the partial index over statements that were ahead of their day, which Diesel cannot
/// say: a day against a moment.
pub(super) const AHEAD: &str = "effective_on > recorded_at";

type Columns = (
    (String, String, Option<String>, String, i64),
    (NaiveDate, String, NaiveDateTime),
    (Option<i16>, bool, Option<String>, Option<String>, Option<String>),
    (Option<i16>, Option<NaiveDate>, Option<String>),
    (Option<String>, bool, bool),
);

/// Hands each statement for a day after `today` that was not taken back to `each`, of all bodies or of some,
/// in order of the log: of one day the later word is the one that counts.
///
/// # Errors
///
/// What the database answers, and rows that are no words of the domain.
pub fn each_later(
    conn: &mut Conn,
    bodies: Option<&BTreeSet<LgCode>>,
    today: NaiveDate,
    mut each: impl FnMut(Later),
) -> QueryResult<()> {
    for chunk in chunks(bodies) {
        let mut query = assertion::table
            .filter(assertion::effective_on.gt(today))
            .filter(diesel::dsl::sql::<Bool>(AHEAD))
            .filter(
                assertion::import_id.is_null().or(assertion::import_id
                    .assume_not_null()
                    .ne_all(retraction::table.select(retraction::import_id))),
            )
            .order(assertion::seq)
            .select((
                (
                    assertion::municipality_code,
                    assertion::procedure_id,
                    assertion::channel_id,
                    assertion::source,
                    assertion::seq,
                ),
                (assertion::effective_on, assertion::effective_precision, assertion::recorded_at),
                (
                    assertion::level,
                    assertion::at_least,
                    assertion::state,
                    assertion::evidence,
                    assertion::system,
                ),
                (assertion::target_level, assertion::target_on, assertion::target_precision),
                (
                    assertion::applicability,
                    assertion::applicability_reason.is_not_null(),
                    assertion::url
                        .is_not_null()
                        .or(assertion::note.is_not_null())
                        .or(assertion::section.is_not_null()),
                ),
            ))
            .into_boxed();
        if let Some(codes) = chunk {
            query = query.filter(assertion::municipality_code.eq_any(codes));
        }
        for row in query.load_iter::<Columns, diesel::connection::DefaultLoadingMode>(conn)? {
            each(into_later(row?)?);
        }
    }
    Ok(())
}

fn into_later(row: Columns) -> QueryResult<Later> {
    let ((code, procedure, channel, source, seq), (on, precision, recorded_at), value, target, rest) = row;
    let (municipality, source, effective) = (parse(&code)?, parse(&source)?, dated(on, &precision)?);
    let recorded_at = recorded_at.and_utc();
    let (applicability, has_reason, has_texts) = rest;
    Ok(match (value, channel, applicability) {
        ((Some(number), at_least, Some(state), Some(evidence), system), Some(channel), _) => {
            Later::Readiness(CurrentReadiness {
                municipality,
                procedure,
                channel,
                source,
                seq,
                level: level(number)?,
                at_least,
                state: parse(&state)?,
                evidence: parse(&evidence)?,
                system,
                target: plan(target.0, target.1, target.2.as_deref())?,
                has_texts,
                effective,
                confirmed_on: None,
                updated_at: recorded_at,
            })
        }
        (_, None, Some(value)) => Later::Applicability(CurrentApplicability {
            municipality,
            procedure,
            source,
            seq,
            value: parse(&value)?,
            has_texts: has_reason,
            effective,
            confirmed_on: None,
            updated_at: recorded_at,
        }),
        (_, channel, _) => Later::Withdrawn(LaterWithdrawal {
            municipality,
            procedure,
            channel,
            source,
            seq,
            effective,
            recorded_at,
        }),
    })
}
