//! Single rows of the append-only log: writing them, the facts of one key, texts. Every function answers what
//! the database answers.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::schema::{assertion, retraction};
use super::types::{Repeating, dated, level, moment, parse};
use crate::domain::assertion::{Assertion, AssertionKind, Fact, Key, Stated, Timeline};
use crate::domain::current::Texts;
use crate::domain::log::Numbers;
use crate::domain::municipality::LgCode;
use crate::domain::procedure::ProcedureId;
use crate::domain::readiness::{ChannelId, Plan, Readiness};
use crate::domain::shared::TextPool;

/// The timelines of keys, as far as they were loaded.
pub type Timelines = BTreeMap<Key, Timeline>;

#[derive(Insertable)]
#[diesel(table_name = assertion, treat_none_as_default_value = false)]
struct NewAssertion<'a> {
    seq: i64,
    kind: &'a str,
    municipality_code: &'a str,
    procedure_id: &'a str,
    channel_id: Option<&'a str>,
    source: &'a str,
    level: Option<i16>,
    at_least: bool,
    state: Option<&'a str>,
    evidence: Option<&'a str>,
    applicability: Option<&'a str>,
    applicability_reason: Option<&'a str>,
    target_level: Option<i16>,
    target_on: Option<NaiveDate>,
    target_precision: Option<&'a str>,
    system: Option<&'a str>,
    url: Option<&'a str>,
    note: Option<&'a str>,
    section: Option<&'a str>,
    effective_on: NaiveDate,
    effective_precision: &'a str,
    recorded_at: NaiveDateTime,
    actor: &'a str,
    import_id: Option<i64>,
    line: Option<i64>,
}

impl<'a> NewAssertion<'a> {
    fn new(row: &'a Assertion) -> Self {
        let Key { municipality, procedure, channel, source } = &row.key;
        let mut new = Self {
            seq: row.stated.seq,
            kind: row.kind.code(),
            municipality_code: municipality.as_str(),
            procedure_id: procedure.as_str(),
            channel_id: channel.as_ref().map(|channel| channel.as_str()),
            source: source.code(),
            level: None,
            at_least: false,
            state: None,
            evidence: None,
            applicability: None,
            applicability_reason: None,
            target_level: None,
            target_on: None,
            target_precision: None,
            system: None,
            url: None,
            note: None,
            section: None,
            effective_on: row.stated.effective.on,
            effective_precision: row.stated.effective.precision.code(),
            recorded_at: moment(row.stated.recorded_at),
            actor: &row.actor,
            import_id: row.import_id,
            line: row.line,
        };
        match &row.stated.fact {
            Fact::Readiness(value) => new.set_readiness(value),
            Fact::Applicability { value, reason } => {
                new.applicability = Some(value.code());
                new.applicability_reason = reason.as_deref();
            }
            Fact::Withdrawn => {}
        }
        new
    }

    fn set_readiness(&mut self, value: &'a Readiness) {
        self.level = Some(i16::from(value.level.number()));
        self.at_least = value.at_least;
        self.state = Some(value.state.code());
        self.evidence = Some(value.evidence.code());
        self.target_level = value.target.map(|plan| i16::from(plan.level.number()));
        let target_day = value.target.and_then(|plan| plan.on);
        self.target_on = target_day.map(|day| day.on);
        self.target_precision = target_day.map(|day| day.precision.code());
        self.system = value.system.as_deref();
        self.url = value.url.as_deref();
        self.note = value.note.as_deref();
        self.section = value.section.as_deref();
    }
}

#[derive(Queryable)]
struct AssertionRow {
    seq: i64,
    kind: String,
    municipality_code: String,
    procedure_id: String,
    channel_id: Option<String>,
    source: String,
    level: Option<i16>,
    at_least: bool,
    state: Option<String>,
    evidence: Option<String>,
    applicability: Option<String>,
    applicability_reason: Option<String>,
    target_level: Option<i16>,
    target_on: Option<NaiveDate>,
    target_precision: Option<String>,
    system: Option<String>,
    url: Option<String>,
    note: Option<String>,
    section: Option<String>,
    effective_on: NaiveDate,
    effective_precision: String,
    recorded_at: NaiveDateTime,
    actor: String,
    import_id: Option<i64>,
    line: Option<i64>,
}

/// Reads rows of the log; what stands in many of them is held once.
#[derive(Default)]
struct LogReader {
    procedures: Repeating<ProcedureId>,
    channels: Repeating<ChannelId>,
    texts: TextPool,
}

impl LogReader {
    fn assertion(&mut self, row: AssertionRow) -> QueryResult<Assertion> {
        let key = Key {
            municipality: parse(&row.municipality_code)?,
            procedure: self.procedures.parse(&row.procedure_id)?,
            channel: row.channel_id.as_deref().map(|id| self.channels.parse(id)).transpose()?,
            source: parse(&row.source)?,
        };
        let kind: AssertionKind = parse(&row.kind)?;
        Ok(Assertion {
            kind,
            key,
            import_id: row.import_id,
            line: row.line,
            stated: Stated {
                seq: row.seq,
                effective: dated(row.effective_on, &row.effective_precision)?,
                recorded_at: row.recorded_at.and_utc(),
                fact: self.fact(&row)?,
            },
            actor: row.actor,
        })
    }

    fn fact(&mut self, row: &AssertionRow) -> QueryResult<Fact> {
        let mut share = |text: &Option<String>| text.as_deref().map(|text| self.texts.share(text));
        if let (Some(number), Some(state), Some(evidence)) = (row.level, &row.state, &row.evidence) {
            return Ok(Fact::Readiness(Readiness {
                level: level(number)?,
                at_least: row.at_least,
                state: parse(state)?,
                evidence: parse(evidence)?,
                system: share(&row.system),
                url: share(&row.url),
                note: share(&row.note),
                section: share(&row.section),
                target: plan(row.target_level, row.target_on, row.target_precision.as_deref())?,
            }));
        }
        if let Some(value) = &row.applicability {
            return Ok(Fact::Applicability {
                value: parse(value)?,
                reason: share(&row.applicability_reason),
            });
        }
        Ok(Fact::Withdrawn)
    }
}

/// Reads the three columns of a plan.
pub(super) fn plan(
    number: Option<i16>,
    on: Option<NaiveDate>,
    precision: Option<&str>,
) -> QueryResult<Option<Plan>> {
    let Some(number) = number else {
        return Ok(None);
    };
    let on = on.zip(precision).map(|(on, precision)| dated(on, precision)).transpose()?;
    Ok(Some(Plan { level: level(number)?, on }))
}

/// The data revision: number of the last row of the log, of the last retraction or of the last
/// record of usage or published figures; they are numbered together.
pub fn revision(conn: &mut Conn) -> QueryResult<i64> {
    let asserted: Option<i64> = assertion::table.select(diesel::dsl::max(assertion::seq)).first(conn)?;
    let retracted: Option<i64> = retraction::table.select(diesel::dsl::max(retraction::seq)).first(conn)?;
    Ok(asserted.max(retracted).max(super::records::last_seq(conn)?).unwrap_or(0))
}

/// Appends facts to the log. Their numbers must follow [`revision`].
///
/// Must run inside [`super::Db::write`].
pub fn append(conn: &mut Conn, rows: &[Assertion]) -> QueryResult<()> {
    /// Rows of one statement. SQLite makes a program of each: one of many more rows takes megabytes, which the
    /// allocator gets and gives back for each statement.
    const SQLITE_CHUNK: usize = 100;
    const PG_CHUNK: usize = 1_000;
    let many = if matches!(conn, Conn::Sqlite(_)) { SQLITE_CHUNK } else { PG_CHUNK };
    for chunk in rows.chunks(many) {
        let new: Vec<NewAssertion<'_>> = chunk.iter().map(NewAssertion::new).collect();
        match conn {
            Conn::Sqlite(c) => diesel::insert_into(assertion::table).values(&new).execute(c)?,
            // It would take longer to understand 25,000 parameters than to write what they say.
            Conn::Pg(c) => diesel::copy_from(assertion::table).from_insertable(&new).execute(c)?,
        };
    }
    Ok(())
}

/// A row of the log with what took it back, if anything did.
pub struct PastRow {
    /// The row.
    pub assertion: Assertion,
    /// Number and moment of what took its import back.
    pub taken_back: Option<(i64, DateTime<Utc>)>,
}

/// Rows of the log with what took them back, as a query.
macro_rules! past_rows {
    () => {
        assertion::table
            .left_join(retraction::table.on(assertion::import_id.eq(retraction::import_id.nullable())))
            .order(assertion::seq)
            .select((assertion::all_columns, (retraction::seq, retraction::retracted_at).nullable()))
    };
}

fn past(rows: Vec<(AssertionRow, Option<(i64, NaiveDateTime)>)>) -> QueryResult<Vec<PastRow>> {
    let mut reader = LogReader::default();
    let row = |(row, taken_back): (AssertionRow, Option<(i64, NaiveDateTime)>)| {
        let taken_back = taken_back.map(|(seq, at)| (seq, at.and_utc()));
        Ok(PastRow { assertion: reader.assertion(row)?, taken_back })
    };
    rows.into_iter().map(row).collect()
}

/// Rows by their numbers, latest first.
///
/// # Errors
///
/// What the database answers.
pub fn past_of(conn: &mut Conn, numbers: &[i64]) -> QueryResult<Vec<PastRow>> {
    let mut rows = past(past_rows!().filter(assertion::seq.eq_any(numbers)).load(conn)?)?;
    rows.reverse();
    Ok(rows)
}

/// Every row about one body, procedure and channel (or the procedure as a whole), in order of the log, also
/// those that were taken back.
///
/// # Errors
///
/// What the database answers.
pub fn history_of(
    conn: &mut Conn,
    municipality: LgCode,
    procedure: &ProcedureId,
    channel: Option<&ChannelId>,
    numbers: &Numbers,
) -> QueryResult<Vec<PastRow>> {
    let mut rows: Vec<(AssertionRow, Option<(i64, NaiveDateTime)>)> =
        past_rows!().filter(assertion::seq.eq_any(&numbers.rows)).load(conn)?;
    // What was written since is named number by number: of what lies behind a number a database that has not counted
    // its rows takes a third, and goes through all of them.
    let since: Vec<i64> = (numbers.known_to.max(0) + 1..=revision(conn)?).collect();
    for some in since.chunks(SINCE) {
        let of_place = past_rows!()
            .filter(assertion::seq.eq_any(some))
            .filter(assertion::municipality_code.eq(municipality.as_str()))
            .filter(assertion::procedure_id.eq(procedure.as_str()))
            .into_boxed();
        let of_place = match channel {
            Some(channel) => of_place.filter(assertion::channel_id.eq(channel.as_str())),
            None => of_place.filter(assertion::channel_id.is_null()),
        };
        rows.extend(of_place.load(conn)?);
    }
    past(rows)
}

/// Rows written since that are named in one statement.
const SINCE: usize = 1_000;

/// What was known at a moment, or is known now, of one body, procedure and channel (or the procedure as a
/// whole), by source; and the number of the last row of the log about it, or of what took such a row back.
///
/// # Errors
///
/// What the database answers.
pub fn timelines_of(
    conn: &mut Conn,
    municipality: LgCode,
    procedure: &ProcedureId,
    channel: Option<&ChannelId>,
    numbers: &Numbers,
    known_at: Option<DateTime<Utc>>,
) -> QueryResult<(Timelines, i64)> {
    let is_known = |at: DateTime<Utc>| known_at.is_none_or(|then| at <= then);
    let mut found = Timelines::new();
    let mut last = 0;
    for PastRow { assertion, taken_back } in history_of(conn, municipality, procedure, channel, numbers)? {
        if !is_known(assertion.stated.recorded_at) {
            continue;
        }
        let taken_back = taken_back.filter(|(_, at)| is_known(*at));
        last = last.max(taken_back.map_or(assertion.stated.seq, |(seq, _)| seq));
        if taken_back.is_none() {
            found.entry(assertion.key).or_default().insert(assertion.stated);
        }
    }
    Ok((found, last))
}

/// Codes of the bodies that a stretch of the log speaks of.
pub(super) fn bodies_between(conn: &mut Conn, first: i64, last: i64) -> QueryResult<Vec<String>> {
    assertion::table
        .filter(assertion::seq.between(first, last))
        .select(assertion::municipality_code)
        .distinct()
        .load(conn)
}

/// Texts of assertions by their numbers. The log never changes, so they always fit the grid that
/// named the numbers, whatever was written since.
pub fn texts(conn: &mut Conn, numbers: &[i64]) -> QueryResult<HashMap<i64, Texts>> {
    type Row = (i64, Option<String>, Option<String>, Option<String>, Option<String>);
    let mut found = HashMap::with_capacity(numbers.len());
    for chunk in numbers.chunks(1000) {
        let rows: Vec<Row> = assertion::table
            .filter(assertion::seq.eq_any(chunk))
            .select((
                assertion::seq,
                assertion::url,
                assertion::note,
                assertion::section,
                assertion::applicability_reason,
            ))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(seq, url, note, section, applicability_reason)| {
            (seq, Texts { url, note, section, applicability_reason })
        }));
    }
    Ok(found)
}
