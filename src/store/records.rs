//! Records beside readiness: usage, published figures, own material. Append-only, the last row of a key that was not
//! taken back holds. Every function answers what the database answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::conn::on_backend;
use super::materials::{self, MaterialStated, Wanted};
use super::schema::{published_figure, retraction, usage};
use super::types::{damaged, moment, parse};
use crate::domain::dates::FiscalYear;
use crate::domain::municipality::LgCode;
use crate::domain::usage::{FigureKey, PublishedValue, RecordKey, RecordValue, Subject, UsageKey};

/// What holds, by key.
pub type Records = BTreeMap<RecordKey, RecordValue>;

#[derive(Queryable, Insertable)]
#[diesel(table_name = usage, treat_none_as_default_value = false)]
struct UsageRow {
    seq: i64,
    municipality_code: String,
    procedure_id: String,
    fiscal_year: i32,
    channel_group: String,
    applications: i64,
    recorded_at: NaiveDateTime,
    actor: String,
    import_id: i64,
    line: i64,
}

impl UsageRow {
    fn into_domain(self) -> QueryResult<(RecordKey, RecordValue)> {
        let key = UsageKey {
            municipality: parse(&self.municipality_code)?,
            procedure: parse(&self.procedure_id)?,
            fiscal_year: FiscalYear::new(self.fiscal_year).map_err(damaged)?,
            group: parse(&self.channel_group)?,
        };
        Ok((RecordKey::Usage(key), RecordValue::Applications(self.applications)))
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = published_figure, treat_none_as_default_value = false)]
struct FigureRow {
    seq: i64,
    municipality_code: String,
    procedure_id: Option<String>,
    definition: Option<String>,
    fiscal_year: i32,
    source: String,
    percent_hundredths: Option<i64>,
    numerator: Option<i64>,
    denominator: Option<i64>,
    recorded_at: NaiveDateTime,
    actor: String,
    import_id: i64,
    line: i64,
}

impl FigureRow {
    fn into_domain(self) -> QueryResult<(RecordKey, RecordValue)> {
        let (key, value) = self.into_figure()?;
        Ok((RecordKey::Figure(key), RecordValue::Published(value)))
    }

    fn into_figure(self) -> QueryResult<(FigureKey, PublishedValue)> {
        let subject = match self.procedure_id {
            Some(id) => Subject::Procedure(parse(&id)?),
            None => Subject::Definition(self.definition.unwrap_or_default()),
        };
        let key = FigureKey {
            municipality: parse(&self.municipality_code)?,
            subject,
            fiscal_year: FiscalYear::new(self.fiscal_year).map_err(damaged)?,
            source: self.source,
        };
        let value = PublishedValue {
            percent: self.percent_hundredths,
            numerator: self.numerator,
            denominator: self.denominator,
        };
        Ok((key, value))
    }
}

/// Published figures by their numbers.
pub fn figures(conn: &mut Conn, numbers: &[i64]) -> QueryResult<HashMap<i64, (FigureKey, PublishedValue)>> {
    let mut found = HashMap::with_capacity(numbers.len());
    for chunk in numbers.chunks(1000) {
        let rows: Vec<FigureRow> =
            published_figure::table.filter(published_figure::seq.eq_any(chunk)).load(conn)?;
        for row in rows {
            found.insert(row.seq, row.into_figure()?);
        }
    }
    Ok(found)
}

/// Number of the last record.
pub(super) fn last_seq(conn: &mut Conn) -> QueryResult<Option<i64>> {
    let used: Option<i64> = usage::table.select(diesel::dsl::max(usage::seq)).first(conn)?;
    let published: Option<i64> =
        published_figure::table.select(diesel::dsl::max(published_figure::seq)).first(conn)?;
    Ok(used.max(published).max(materials::last_seq(conn)?))
}

/// What holds of these bodies.
pub fn known_of(conn: &mut Conn, bodies: &BTreeSet<LgCode>) -> QueryResult<Records> {
    known_before(conn, bodies, i64::MAX)
}

/// The same as it was before a row of the log.
pub fn known_before(conn: &mut Conn, bodies: &BTreeSet<LgCode>, seq: i64) -> QueryResult<Records> {
    let mut found = known_by(conn, bodies, seq)?;
    let before = taken_back_before(conn, seq)?;
    let wanted = Wanted { bodies: Some(bodies), between: Some((0, seq - 1)) };
    let stated = materials::stated(conn, wanted)?;
    found.extend(stated.into_iter().filter(|row| !before.contains(&row.import_id)).map(record_of));
    Ok(found)
}

/// Imports that were taken back before a row of the log.
fn taken_back_before(conn: &mut Conn, seq: i64) -> QueryResult<BTreeSet<i64>> {
    let imports = retraction::table.filter(retraction::seq.lt(seq)).select(retraction::import_id);
    Ok(imports.load(conn)?.into_iter().collect())
}

fn record_of(row: MaterialStated) -> (RecordKey, RecordValue) {
    (RecordKey::Material(row.key), RecordValue::Material(Arc::new(row.content)))
}

/// Usage and published figures.
fn known_by(conn: &mut Conn, bodies: &BTreeSet<LgCode>, seq: i64) -> QueryResult<Records> {
    let taken_back = || retraction::table.filter(retraction::seq.lt(seq)).select(retraction::import_id);
    let mut found = Records::new();
    let codes: Vec<&str> = bodies.iter().map(LgCode::as_str).collect();
    for chunk in codes.chunks(500) {
        let used = usage::table
            .filter(usage::municipality_code.eq_any(chunk))
            .filter(usage::import_id.ne_all(taken_back()))
            .filter(usage::seq.lt(seq))
            .order(usage::seq);
        let published = published_figure::table
            .filter(published_figure::municipality_code.eq_any(chunk))
            .filter(published_figure::import_id.ne_all(taken_back()))
            .filter(published_figure::seq.lt(seq))
            .order(published_figure::seq);
        // A later row of a key takes the place of an earlier one.
        for row in used.load::<UsageRow>(conn)? {
            let (key, value) = row.into_domain()?;
            found.insert(key, value);
        }
        for row in published.load::<FigureRow>(conn)? {
            let (key, value) = row.into_domain()?;
            found.insert(key, value);
        }
    }
    Ok(found)
}

/// Keys that a stretch of the records speaks of.
pub fn keys_between(conn: &mut Conn, first: i64, last: i64) -> QueryResult<BTreeSet<RecordKey>> {
    let used: Vec<UsageRow> = usage::table.filter(usage::seq.between(first, last)).load(conn)?;
    let published: Vec<FigureRow> =
        published_figure::table.filter(published_figure::seq.between(first, last)).load(conn)?;
    let used = used.into_iter().map(UsageRow::into_domain);
    let published = published.into_iter().map(FigureRow::into_domain);
    let mut keys = used
        .chain(published)
        .map(|row| row.map(|(key, _)| key))
        .collect::<QueryResult<BTreeSet<RecordKey>>>()?;
    let stated = materials::stated(conn, Wanted { between: Some((first, last)), ..Wanted::default() })?;
    keys.extend(stated.into_iter().map(|row| record_of(row).0));
    Ok(keys)
}

/// Keys of these bodies that rows behind a number speak of, those that were taken back left out.
pub fn keys_after(
    conn: &mut Conn,
    after: i64,
    bodies: &BTreeSet<LgCode>,
) -> QueryResult<BTreeSet<RecordKey>> {
    let used: Vec<UsageRow> = usage::table
        .filter(usage::seq.gt(after))
        .filter(usage::import_id.ne_all(retraction::table.select(retraction::import_id)))
        .load(conn)?;
    let published: Vec<FigureRow> = published_figure::table
        .filter(published_figure::seq.gt(after))
        .filter(published_figure::import_id.ne_all(retraction::table.select(retraction::import_id)))
        .load(conn)?;
    let used = used.into_iter().map(UsageRow::into_domain);
    let mut keys = used
        .chain(published.into_iter().map(FigureRow::into_domain))
        .map(|row| row.map(|(key, _)| key))
        .collect::<QueryResult<BTreeSet<RecordKey>>>()?;
    let wanted = Wanted { bodies: Some(bodies), between: Some((after + 1, i64::MAX)) };
    let stated = materials::stated(conn, wanted)?;
    keys.extend(stated.into_iter().filter(|row| row.taken_back_at.is_none()).map(|row| record_of(row).0));
    Ok(keys.into_iter().filter(|key| bodies.contains(&key.municipality())).collect())
}

/// A record to be appended.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// Number, following [`super::assertions::revision`].
    pub seq: i64,
    /// What it is about.
    pub key: RecordKey,
    /// What it says.
    pub value: RecordValue,
    /// Line of the file.
    pub line: i64,
}

/// Appends the records of an import. Must run inside [`super::Db::write`].
pub fn append(
    conn: &mut Conn,
    import_id: i64,
    recorded_at: DateTime<Utc>,
    actor: &str,
    records: &[NewRecord],
) -> QueryResult<()> {
    /// 13 columns of 2,000 rows stay under SQLite's 32,766 variables.
    const CHUNK: usize = 2000;
    let recorded_at = moment(recorded_at);
    for chunk in records.chunks(CHUNK) {
        let (mut used, mut published, mut own) = (Vec::new(), Vec::new(), Vec::new());
        for record in chunk {
            match (&record.key, &record.value) {
                (RecordKey::Usage(key), RecordValue::Applications(applications)) => used.push(UsageRow {
                    seq: record.seq,
                    municipality_code: key.municipality.to_string(),
                    procedure_id: key.procedure.to_string(),
                    fiscal_year: key.fiscal_year.number(),
                    channel_group: key.group.code().to_owned(),
                    applications: *applications,
                    recorded_at,
                    actor: actor.to_owned(),
                    import_id,
                    line: record.line,
                }),
                (RecordKey::Figure(key), RecordValue::Published(value)) => {
                    published.push(figure_row(record, key, *value, (import_id, recorded_at, actor)));
                }
                (RecordKey::Material(key), RecordValue::Material(content)) => {
                    own.push(((record.seq, record.line), key, content.as_ref()));
                }
                // A layout makes one kind of value for one kind of key.
                _ => {}
            }
        }
        if !used.is_empty() {
            on_backend!(conn, |c| diesel::insert_into(usage::table).values(&used).execute(c))?;
        }
        if !published.is_empty() {
            on_backend!(conn, |c| diesel::insert_into(published_figure::table)
                .values(&published)
                .execute(c))?;
        }
        materials::append(conn, (import_id, recorded_at, actor), &own)?;
    }
    Ok(())
}

fn figure_row(
    record: &NewRecord,
    key: &FigureKey,
    value: PublishedValue,
    (import_id, recorded_at, actor): (i64, NaiveDateTime, &str),
) -> FigureRow {
    let (procedure_id, definition) = match &key.subject {
        Subject::Procedure(id) => (Some(id.to_string()), None),
        Subject::Definition(id) => (None, Some(id.clone())),
    };
    FigureRow {
        seq: record.seq,
        municipality_code: key.municipality.to_string(),
        procedure_id,
        definition,
        fiscal_year: key.fiscal_year.number(),
        source: key.source.clone(),
        percent_hundredths: value.percent,
        numerator: value.numerator,
        denominator: value.denominator,
        recorded_at,
        actor: actor.to_owned(),
        import_id,
        line: record.line,
    }
}
