//! Reads what holds today, for the grid.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::Conn;
use super::assertions::plan;
use super::schema::{applicability, assertion, readiness};
use super::types::{dated, level, parse};
use crate::domain::current::{CurrentApplicability, CurrentReadiness};
use crate::domain::municipality::LgCode;

type ReadinessColumns = (
    (String, String, String, String, i64, Option<NaiveDate>, NaiveDateTime),
    (Option<i16>, bool, Option<String>, Option<String>, Option<String>),
    (Option<i16>, Option<NaiveDate>, Option<String>),
    (NaiveDate, String, bool),
);

/// Hands each current readiness to `each`, of all bodies or of some.
///
/// # Errors
///
/// What the database answers, and rows that are no words of the domain.
pub fn each_readiness(
    conn: &mut Conn,
    bodies: Option<&BTreeSet<LgCode>>,
    mut each: impl FnMut(CurrentReadiness),
) -> QueryResult<()> {
    for chunk in chunks(bodies) {
        let mut query = readiness::table
            .inner_join(assertion::table)
            .select((
                (
                    readiness::municipality_code,
                    readiness::procedure_id,
                    readiness::channel_id,
                    readiness::source,
                    readiness::seq,
                    readiness::confirmed_on,
                    readiness::updated_at,
                ),
                (
                    assertion::level,
                    assertion::at_least,
                    assertion::state,
                    assertion::evidence,
                    assertion::system,
                ),
                (assertion::target_level, assertion::target_on, assertion::target_precision),
                (
                    assertion::effective_on,
                    assertion::effective_precision,
                    assertion::url
                        .is_not_null()
                        .or(assertion::note.is_not_null())
                        .or(assertion::section.is_not_null()),
                ),
            ))
            .into_boxed();
        if let Some(codes) = chunk {
            query = query.filter(readiness::municipality_code.eq_any(codes));
        }
        let rows = query.load_iter::<ReadinessColumns, diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            if let Some(row) = into_readiness(row?)? {
                each(row);
            }
        }
    }
    Ok(())
}

fn into_readiness(row: ReadinessColumns) -> QueryResult<Option<CurrentReadiness>> {
    let ((code, procedure, channel, source, seq, confirmed_on, updated_at), value, target, when) = row;
    let (Some(number), at_least, Some(state), Some(evidence), system) = value else {
        // The CHECKs of the table forbid it.
        log::error!("assertion {seq} holds but states no readiness");
        return Ok(None);
    };
    let (effective_on, precision, has_texts) = when;
    Ok(Some(CurrentReadiness {
        municipality: parse(&code)?,
        procedure,
        channel,
        source: parse(&source)?,
        seq,
        level: level(number)?,
        at_least,
        state: parse(&state)?,
        evidence: parse(&evidence)?,
        system,
        target: plan(target.0, target.1, target.2.as_deref())?,
        has_texts,
        effective: dated(effective_on, &precision)?,
        confirmed_on,
        updated_at: updated_at.and_utc(),
    }))
}

type ApplicabilityColumns = (
    (String, String, String, i64, Option<NaiveDate>, NaiveDateTime),
    (Option<String>, bool, NaiveDate, String),
);

/// Hands each current applicability to `each`, of all bodies or of some.
///
/// # Errors
///
/// What the database answers, and rows that are no words of the domain.
pub fn each_applicability(
    conn: &mut Conn,
    bodies: Option<&BTreeSet<LgCode>>,
    mut each: impl FnMut(CurrentApplicability),
) -> QueryResult<()> {
    for chunk in chunks(bodies) {
        let mut query = applicability::table
            .inner_join(assertion::table)
            .select((
                (
                    applicability::municipality_code,
                    applicability::procedure_id,
                    applicability::source,
                    applicability::seq,
                    applicability::confirmed_on,
                    applicability::updated_at,
                ),
                (
                    assertion::applicability,
                    assertion::applicability_reason.is_not_null(),
                    assertion::effective_on,
                    assertion::effective_precision,
                ),
            ))
            .into_boxed();
        if let Some(codes) = chunk {
            query = query.filter(applicability::municipality_code.eq_any(codes));
        }
        let rows = query.load_iter::<ApplicabilityColumns, diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            if let Some(row) = into_applicability(row?)? {
                each(row);
            }
        }
    }
    Ok(())
}

fn into_applicability(row: ApplicabilityColumns) -> QueryResult<Option<CurrentApplicability>> {
    let ((code, procedure, source, seq, confirmed_on, updated_at), (value, has_texts, on, precision)) = row;
    let Some(value) = value else {
        log::error!("assertion {seq} holds but states no applicability");
        return Ok(None);
    };
    Ok(Some(CurrentApplicability {
        municipality: parse(&code)?,
        procedure,
        source: parse(&source)?,
        seq,
        value: parse(&value)?,
        has_texts,
        effective: dated(on, &precision)?,
        confirmed_on,
        updated_at: updated_at.and_utc(),
    }))
}

/// The bodies in pieces that fit one statement, or one piece for all.
pub(super) fn chunks(bodies: Option<&BTreeSet<LgCode>>) -> Vec<Option<Vec<&str>>> {
    match bodies {
        None => vec![None],
        Some(bodies) => {
            let codes: Vec<&str> = bodies.iter().map(LgCode::as_str).collect();
            codes.chunks(1000).map(|chunk| Some(chunk.to_vec())).collect()
        }
    }
}
