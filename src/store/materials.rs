//! A town's own material: append-only, the last row of what is spoken of that was not taken back holds. Every
//! function answers what the database answers.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::conn::on_backend;
use super::schema::{material, retraction};
use super::types::parse;
use crate::domain::material::{Content, MaterialKey};
use crate::domain::municipality::LgCode;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = material, treat_none_as_default_value = false)]
struct MaterialRow {
    seq: i64,
    municipality_code: String,
    kind: String,
    procedure_id: Option<String>,
    subject: String,
    content: String,
    recorded_at: NaiveDateTime,
    actor: String,
    import_id: i64,
    line: i64,
}

/// A row as it was stated, and when it was taken back.
#[derive(Clone, Debug)]
pub struct MaterialStated {
    /// Its number.
    pub seq: i64,
    /// What it is about.
    pub key: MaterialKey,
    /// What it says.
    pub content: Content,
    /// When it was learnt.
    pub recorded_at: DateTime<Utc>,
    /// Who stated it.
    pub actor: String,
    /// The import that brought it.
    pub import_id: i64,
    /// Line of its file.
    pub line: i64,
    /// When its import was taken back.
    pub taken_back_at: Option<DateTime<Utc>>,
}

impl MaterialRow {
    fn into_domain(self, taken_back_at: Option<NaiveDateTime>) -> QueryResult<MaterialStated> {
        let key = MaterialKey {
            municipality: parse(&self.municipality_code)?,
            kind: parse(&self.kind)?,
            procedure: self.procedure_id.as_deref().map(parse).transpose()?,
            subject: serde_json::from_str(&self.subject).map_err(unreadable)?,
        };
        Ok(MaterialStated {
            seq: self.seq,
            key,
            content: serde_json::from_str(&self.content).map_err(unreadable)?,
            recorded_at: self.recorded_at.and_utc(),
            actor: self.actor,
            import_id: self.import_id,
            line: self.line,
            taken_back_at: taken_back_at.map(|at| at.and_utc()),
        })
    }
}

/// The error of a stored text that is no document.
fn unreadable(cause: serde_json::Error) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(Box::new(cause))
}

/// Whether a document of content takes back what was said.
pub(super) fn nothing_said(content: &str) -> bool {
    content == "{}"
}

/// Number of the last row.
pub(super) fn last_seq(conn: &mut Conn) -> QueryResult<Option<i64>> {
    material::table.select(diesel::dsl::max(material::seq)).first(conn)
}

/// Which rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Of some bodies alone.
    pub(super) bodies: Option<&'a BTreeSet<LgCode>>,
    /// With numbers from the first to the second.
    pub(super) between: Option<(i64, i64)>,
}

/// Everything that was stated, in the order in which it was learnt, also what was taken back since.
pub(super) fn stated(conn: &mut Conn, wanted: Wanted<'_>) -> QueryResult<Vec<MaterialStated>> {
    /// Bodies that one statement names.
    const NAMED: usize = 500;
    let codes: Option<Vec<&str>> = wanted.bodies.map(|bodies| bodies.iter().map(LgCode::as_str).collect());
    let chunks: Vec<Option<&[&str]>> = match &codes {
        None => vec![None],
        Some(codes) => codes.chunks(NAMED).map(Some).collect(),
    };
    let mut found = Vec::new();
    for chunk in chunks {
        let mut query = material::table
            .left_join(retraction::table.on(retraction::import_id.eq(material::import_id)))
            .select((MaterialRow::as_select(), retraction::retracted_at.nullable()))
            .into_boxed();
        if let Some(chunk) = chunk {
            query = query.filter(material::municipality_code.eq_any(chunk));
        }
        if let Some((first, last)) = wanted.between {
            query = query.filter(material::seq.between(first, last));
        }
        let rows: Vec<(MaterialRow, Option<NaiveDateTime>)> = query.load(conn)?;
        for (row, taken_back_at) in rows {
            found.push(row.into_domain(taken_back_at)?);
        }
    }
    found.sort_by_key(|row| row.seq);
    Ok(found)
}

/// Rows by their numbers, in this order; without when they were taken back.
pub fn numbered(conn: &mut Conn, numbers: &[i64]) -> QueryResult<Vec<MaterialStated>> {
    let mut found = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(1000) {
        let rows: Vec<MaterialRow> = material::table
            .filter(material::seq.eq_any(chunk))
            .order(material::seq)
            .select(MaterialRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.into_domain(None)?);
        }
    }
    Ok(found)
}

/// A row to be appended: its number and its line, what it is about, and what it says.
pub(super) type Appended<'a> = ((i64, i64), &'a MaterialKey, &'a Content);

/// Appends the rows of an import that are own material.
pub(super) fn append(
    conn: &mut Conn,
    (import_id, recorded_at, actor): (i64, NaiveDateTime, &str),
    rows: &[Appended<'_>],
) -> QueryResult<()> {
    let row = |((seq, line), key, content): &Appended<'_>| -> QueryResult<MaterialRow> {
        Ok(MaterialRow {
            seq: *seq,
            municipality_code: key.municipality.to_string(),
            kind: key.kind.code().to_owned(),
            procedure_id: key.procedure.as_ref().map(ToString::to_string),
            subject: serde_json::to_string(&key.subject).map_err(unreadable)?,
            content: serde_json::to_string(content).map_err(unreadable)?,
            recorded_at,
            actor: actor.to_owned(),
            import_id,
            line: *line,
        })
    };
    let rows = rows.iter().map(row).collect::<QueryResult<Vec<MaterialRow>>>()?;
    if !rows.is_empty() {
        on_backend!(conn, |c| diesel::insert_into(material::table).values(&rows).execute(c))?;
    }
    Ok(())
}
