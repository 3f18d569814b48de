//! The log as the country in memory takes it up: in one pass, without the words of its texts. Every function
//! answers what the database answers.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};

use super::Conn;
use super::assertions::plan;
use super::conn::on_backend;
use super::schema::{assertion, retraction};
use super::types::level;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::log::{Logged, Outline, Spot, TakenBack};
use crate::domain::municipality::LgCode;
use crate::domain::readiness::{Evidence, Source, State};
use crate::domain::shared::{Print, TextPool};

/// A word of the domain, read without a copy of its text.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub(super) struct Word<T>(pub(super) T);

impl<T: FromStr<Err = Refusal>> Word<T> {
    fn read(text: &str) -> deserialize::Result<Self> {
        text.parse().map(Self).map_err(|refusal: Refusal| Box::new(refusal).into())
    }
}

impl<T: FromStr<Err = Refusal>> FromSql<Text, Sqlite> for Word<T> {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::read(value.read_text())
    }
}

impl<T: FromStr<Err = Refusal>> FromSql<Text, Pg> for Word<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Self::read(std::str::from_utf8(value.as_bytes())?)
    }
}

/// A text that is looked at and let go: one of the usual length takes no room of its own.
#[derive(Clone, Debug, FromSqlRow)]
pub(super) enum Brief {
    Short { bytes: [u8; 30], length: u8 },
    Long(String),
}

impl Brief {
    fn of(text: &str) -> Self {
        let mut bytes = [0; 30];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short { bytes, length }
            }
            _ => Self::Long(text.to_owned()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Short { bytes, length } => {
                std::str::from_utf8(&bytes[..usize::from(*length)]).unwrap_or_default()
            }
            Self::Long(text) => text,
        }
    }
}

impl FromSql<Text, Sqlite> for Brief {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self::of(value.read_text()))
    }
}

impl FromSql<Text, Pg> for Brief {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(std::str::from_utf8(value.as_bytes())?))
    }
}

/// What is kept of a text.
#[derive(Clone, Copy, Debug, FromSqlRow)]
struct Printed(Print);

impl FromSql<Text, Sqlite> for Printed {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(Print::of(value.read_text())))
    }
}

impl FromSql<Text, Pg> for Printed {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Print::of(std::str::from_utf8(value.as_bytes())?)))
    }
}

/// A day or a moment as it came: SQLite keeps it as text, which is slow to read and is the same in very many
/// rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromSqlRow)]
pub(super) enum Raw<T> {
    Text([u8; 32]),
    Value(T),
}

impl<T, S> FromSql<S, Sqlite> for Raw<T>
where
    T: FromSql<S, Sqlite>,
{
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = value.read_text();
        let mut bytes = [0; 32];
        match bytes.get_mut(..text.len()) {
            Some(room) => room.copy_from_slice(text.as_bytes()),
            None => return T::from_sql(value).map(Self::Value),
        }
        Ok(Self::Text(bytes))
    }
}

impl<T, S> FromSql<S, Pg> for Raw<T>
where
    T: FromSql<S, Pg>,
{
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        T::from_sql(value).map(Self::Value)
    }
}

/// Reads what came, unless it is what came before.
struct Latest<T>(Option<(Raw<T>, T)>);

impl<T: Copy + PartialEq> Latest<T> {
    fn read(&mut self, raw: Raw<T>, parse: impl FnOnce(&str) -> chrono::ParseResult<T>) -> QueryResult<T> {
        let bytes = match raw {
            Raw::Value(value) => return Ok(value),
            Raw::Text(bytes) => bytes,
        };
        if let Some((_, value)) = self.0.filter(|(before, _)| *before == raw) {
            return Ok(value);
        }
        let text = std::str::from_utf8(&bytes).unwrap_or_default().trim_end_matches('\0');
        let value =
            parse(text).map_err(|cause| diesel::result::Error::DeserializationError(Box::new(cause)))?;
        self.0 = Some((raw, value));
        Ok(value)
    }
}

type Columns = (
    (i64, Word<LgCode>, Brief, Option<Brief>, Word<Source>),
    (Option<i16>, bool, Option<Word<State>>, Option<Word<Evidence>>, Option<Word<Applicability>>),
    (Option<i16>, Option<NaiveDate>, Option<String>),
    (Option<Brief>, Option<Printed>, Option<Printed>, Option<Printed>, Option<Printed>),
    (Raw<NaiveDate>, Word<Precision>, Raw<NaiveDateTime>, Option<i64>),
);

/// Reads rows; what stands in many of them is looked up once.
pub(super) struct Reader<'c> {
    catalogue: &'c Catalogue,
    procedures: HashMap<String, ProcedureIx>,
    channels: HashMap<String, ChannelIx>,
    systems: TextPool,
    day: Latest<NaiveDate>,
    moment: Latest<NaiveDateTime>,
}

impl<'c> Reader<'c> {
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        Self {
            catalogue,
            procedures: HashMap::new(),
            channels: HashMap::new(),
            systems: TextPool::default(),
            day: Latest(None),
            moment: Latest(None),
        }
    }

    /// None where the catalogue lacks what the row names: the database refers to it, so that cannot be.
    fn row(&mut self, columns: Columns) -> QueryResult<Option<Logged>> {
        let ((seq, municipality, procedure, channel, source), value, target, texts, when) = columns;
        let Some(spot) = self.spot(municipality.0, procedure, channel, source.0) else {
            log::error!("assertion {seq} names what the catalogue does not have");
            return Ok(None);
        };
        let (level_number, at_least, state, evidence, applicability) = value;
        let (system, url, note, section, reason) = texts;
        let print = |text: Option<Printed>| text.map(|text| text.0);
        let outline = match (level_number, state, evidence, applicability) {
            (Some(number), Some(state), Some(evidence), _) => Outline::Readiness {
                level: level(number)?,
                at_least,
                state: state.0,
                evidence: evidence.0,
                target: plan(target.0, target.1, target.2.as_deref())?,
                system: system.map(|name| self.systems.share(name.as_str())),
                url: print(url),
                note: print(note),
                section: print(section),
            },
            (_, _, _, Some(value)) => Outline::Applicability { value: value.0, reason: print(reason) },
            _ => Outline::Withdrawn,
        };
        let (on, precision, recorded_at, import_id) = when;
        let on = self.day(on)?;
        Ok(Some(Logged {
            seq,
            spot,
            effective: Dated { on, precision: precision.0 },
            recorded_at: self.moment(recorded_at)?,
            import_id,
            outline,
        }))
    }

    pub(super) fn day(&mut self, on: Raw<NaiveDate>) -> QueryResult<NaiveDate> {
        self.day.read(on, |text| NaiveDate::parse_from_str(text, "%F"))
    }

    pub(super) fn moment(&mut self, at: Raw<NaiveDateTime>) -> QueryResult<DateTime<Utc>> {
        let at = self.moment.read(at, |text| NaiveDateTime::parse_from_str(text, "%F %T%.f"))?;
        Ok(at.and_utc())
    }

    /// Positions of a body and a procedure.
    pub(super) fn place(&mut self, municipality: LgCode, procedure: &Brief) -> Option<(BodyIx, ProcedureIx)> {
        Some((self.catalogue.body_ix(municipality)?, self.procedure(procedure)?))
    }

    /// Positions of a body and, where one is named, of a procedure.
    pub(super) fn place_of_record(
        &mut self,
        municipality: LgCode,
        procedure: Option<&Brief>,
    ) -> Option<(BodyIx, Option<ProcedureIx>)> {
        let body = self.catalogue.body_ix(municipality)?;
        match procedure {
            None => Some((body, None)),
            Some(id) => Some((body, Some(self.procedure(id)?))),
        }
    }

    fn procedure(&mut self, id: &Brief) -> Option<ProcedureIx> {
        let id = id.as_str();
        if let Some(ix) = self.procedures.get(id) {
            return Some(*ix);
        }
        let ix = self.catalogue.procedure_ix(id)?;
        self.procedures.insert(id.to_owned(), ix);
        Some(ix)
    }

    pub(super) fn spot(
        &mut self,
        municipality: LgCode,
        procedure: Brief,
        channel: Option<Brief>,
        source: Source,
    ) -> Option<Spot> {
        let (body, procedure) = self.place(municipality, &procedure)?;
        let channel = match channel.as_ref().map(Brief::as_str) {
            None => None,
            Some(id) => Some(match self.channels.get(id) {
                Some(ix) => *ix,
                None => {
                    let ix = self.catalogue.channel_ix(id)?;
                    *self.channels.entry(id.to_owned()).or_insert(ix)
                }
            }),
        };
        Some(Spot { body, procedure, channel, source })
    }
}

/// Which rows of the log.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    /// Those with numbers after the first and up to the second.
    Between(i64, i64),
    /// Those with these numbers.
    Numbered(&'a [i64]),
}

pub(super) fn read(
    conn: &mut Conn,
    reader: &mut Reader<'_>,
    which: Which<'_>,
    mut each: impl FnMut(Logged),
) -> QueryResult<()> {
    let query = assertion::table.select((
        (
            assertion::seq,
            assertion::municipality_code,
            assertion::procedure_id,
            assertion::channel_id,
            assertion::source,
        ),
        (
            assertion::level,
            assertion::at_least,
            assertion::state,
            assertion::evidence,
            assertion::applicability,
        ),
        (assertion::target_level, assertion::target_on, assertion::target_precision),
        (
            assertion::system,
            assertion::url,
            assertion::note,
            assertion::section,
            assertion::applicability_reason,
        ),
        (
            assertion::effective_on,
            assertion::effective_precision,
            assertion::recorded_at,
            assertion::import_id,
        ),
    ));
    // Each backend reads its own words, so the statement is made once for each.
    macro_rules! load {
        ($query:expr) => {
            on_backend!(conn, |c| {
                for columns in $query.load_iter::<Columns, DefaultLoadingMode>(c)? {
                    if let Some(row) = reader.row(columns?)? {
                        each(row);
                    }
                }
            })
        };
    }
    match which {
        Which::Between(after, last) => {
            let between = query.filter(assertion::seq.gt(after)).filter(assertion::seq.le(last));
            load!(between.order(assertion::seq));
        }
        Which::Numbered(numbers) => load!(query.filter(assertion::seq.eq_any(numbers))),
    }
    Ok(())
}

/// Rows that one statement reads: PostgreSQL hands over all of them at once.
pub(super) const PIECE: i64 = 20_000;

/// Hands the rows with numbers after `after` and up to `last` to `each`, in order.
pub fn rows_between(
    conn: &mut Conn,
    catalogue: &Catalogue,
    after: i64,
    last: i64,
    mut each: impl FnMut(Logged),
) -> QueryResult<()> {
    let mut reader = Reader::new(catalogue);
    let mut from = after;
    while from < last {
        let to = last.min(from + PIECE);
        read(conn, &mut reader, Which::Between(from, to), &mut each)?;
        from = to;
    }
    Ok(())
}

/// Hands the rows with these numbers, of which each is higher than the one before, to `each`.
pub fn rows_numbered(
    conn: &mut Conn,
    catalogue: &Catalogue,
    numbers: &[i64],
    mut each: impl FnMut(Logged),
) -> QueryResult<()> {
    /// So many are named in one statement.
    const NAMED: usize = 1_000;
    let mut reader = Reader::new(catalogue);
    for some in numbers.chunks(NAMED) {
        let which = match some {
            // What a file wrote stands together.
            [first, .., last] if usize::try_from(last - first) == Ok(some.len() - 1) => {
                Which::Between(first - 1, *last)
            }
            _ => Which::Numbered(some),
        };
        read(conn, &mut reader, which, &mut each)?;
    }
    Ok(())
}

/// What was taken back with numbers after `after` and up to `last`.
pub fn taken_back_between(conn: &mut Conn, after: i64, last: i64) -> QueryResult<Vec<TakenBack>> {
    let rows: Vec<(i64, i64, NaiveDateTime)> = retraction::table
        .filter(retraction::seq.gt(after))
        .filter(retraction::seq.le(last))
        .order(retraction::seq)
        .select((retraction::seq, retraction::import_id, retraction::retracted_at))
        .load(conn)?;
    let row =
        |(seq, import_id, at): (i64, i64, NaiveDateTime)| TakenBack { seq, import_id, at: at.and_utc() };
    Ok(rows.into_iter().map(row).collect())
}
