//! Whose facts the rows of a large import are, and of which days, in one small piece beside them: to find what bears
//! on a day a program goes through all of a long log, and reads it many times faster so.
//!
//! Rows of the log never change, so that neither does what is kept of them. It is never the only place where
//! something stands: where a piece is missing, or cannot be read, the rows themselves are.

use std::collections::HashMap;
use std::io::{Read, Write};

use chrono::NaiveDate;
use diesel::prelude::*;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use super::Conn;
use super::conn::on_backend;
use super::schema::kept_keys;
use crate::domain::assertion::{Assertion, Key};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::log::Spot;
use crate::domain::readiness::Source;

/// Rows of one piece.
const ROWS: usize = 10_000;

/// Of fewer rows nothing is kept: they are read quickly.
const FEWEST: usize = 1_000;

/// What the columns of a piece refer to.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Words {
    municipalities: Vec<String>,
    procedures: Vec<String>,
    /// A channel, or none for applicability, with whose word it is.
    lines: Vec<(Option<String>, Source)>,
    days: Vec<NaiveDate>,
}

/// The keys of some rows one after the other, as they are being written.
#[derive(Debug, Default)]
pub struct KeysBeingKept {
    words: Words,
    known: [HashMap<String, u16>; 4],
    columns: [Vec<u16>; 4],
    first: i64,
    import: i64,
}

/// A piece as it is kept.
#[derive(Insertable, Debug)]
#[diesel(table_name = kept_keys)]
struct Piece {
    first_seq: i64,
    last_seq: i64,
    import_id: i64,
    keys: Vec<u8>,
}

/// From which row to which a piece goes, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) import: i64,
}

/// Position of a word, which is taken up where it is new: there are no more of them than rows of a piece.
fn position<T>(
    known: &mut HashMap<String, u16>,
    all: &mut Vec<T>,
    word: &str,
    make: impl FnOnce() -> T,
) -> u16 {
    if let Some(at) = known.get(word) {
        return *at;
    }
    let at = u16::try_from(all.len()).unwrap_or(u16::MAX);
    known.insert(word.to_owned(), at);
    all.push(make());
    at
}

impl KeysBeingKept {
    /// Takes up rows of one import, each with the number after the one before, and keeps what fills a piece.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub fn add(&mut self, conn: &mut Conn, rows: &[Assertion]) -> QueryResult<()> {
        for row in rows {
            let Some(import) = row.import_id else { continue };
            if self.len() == 0 {
                (self.first, self.import) = (row.stated.seq, import);
            }
            self.push(&row.key, row.stated.effective.on);
            if self.len() == ROWS {
                self.keep(conn)?;
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.columns[3].len()
    }

    fn push(&mut self, key: &Key, on: NaiveDate) {
        let Key { municipality, procedure, channel, source } = key;
        let [bodies, procedures, lines, days] = &mut self.known;
        let line = format!("{} {}", source.code(), channel.as_ref().map_or("", |channel| channel.as_str()));
        let channel = || channel.as_ref().map(ToString::to_string);
        let found = [
            position(bodies, &mut self.words.municipalities, municipality.as_str(), || {
                municipality.to_string()
            }),
            position(procedures, &mut self.words.procedures, procedure.as_str(), || procedure.to_string()),
            position(lines, &mut self.words.lines, &line, || (channel(), *source)),
            position(days, &mut self.words.days, &on.to_string(), || on),
        ];
        for (column, at) in self.columns.iter_mut().zip(found) {
            column.push(at);
        }
    }

    /// Keeps what is left.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub fn keep(&mut self, conn: &mut Conn) -> QueryResult<()> {
        let all = std::mem::take(self);
        let rows = all.len();
        if rows < FEWEST {
            return Ok(());
        }
        let Ok(keys) = pack(&all.words, &all.columns) else { return Ok(()) };
        let last_seq = all.first + i64::try_from(rows).unwrap_or(i64::MAX) - 1;
        let piece = Piece { first_seq: all.first, last_seq, import_id: all.import, keys };
        on_backend!(conn, |c| diesel::insert_into(kept_keys::table).values(&piece).execute(c))?;
        Ok(())
    }
}

fn pack(words: &Words, columns: &[Vec<u16>; 4]) -> std::io::Result<Vec<u8>> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut out, words)?;
    out.write_all(b"\n")?;
    for column in columns {
        let bytes: Vec<u8> = column.iter().flat_map(|at| at.to_le_bytes()).collect();
        out.write_all(&bytes)?;
    }
    out.finish()
}

/// Numbers of a column as they are kept.
type Numbers<'k> = &'k [[u8; 2]];

/// The words of a piece and its four columns, where it holds so many rows.
fn unpacked(bytes: &[u8], rows: usize) -> Option<(Words, [Numbers<'_>; 4])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let words: Words = serde_json::from_slice(bytes.get(..end)?).ok()?;
    let (all, rest) = bytes.get(end + 1..)?.as_chunks::<2>();
    if Some(all.len()) != rows.checked_mul(4) || !rest.is_empty() {
        return None;
    }
    let column = |at: usize| all.get(at * rows..(at + 1) * rows);
    Some((words, [column(0)?, column(1)?, column(2)?, column(3)?]))
}

/// More bytes than any piece has: one that was damaged must not fill the memory.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

fn inflate(keys: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(keys).take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The pieces that lie within the numbers after `after` and up to `last`, in order.
pub(super) fn extents(conn: &mut Conn, after: i64, last: i64) -> QueryResult<Vec<Extent>> {
    let rows: Vec<(i64, i64, i64)> = kept_keys::table
        .filter(kept_keys::first_seq.gt(after))
        .filter(kept_keys::last_seq.le(last))
        .order(kept_keys::first_seq)
        .select((kept_keys::first_seq, kept_keys::last_seq, kept_keys::import_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(first, last, import)| Extent { first, last, import }).collect())
}

/// Hands number, spot and day of each row of a piece to `each`, in order; answers whether it could. Where it could
/// not, nothing was handed over.
pub(super) fn read(
    conn: &mut Conn,
    catalogue: &Catalogue,
    extent: Extent,
    mut each: impl FnMut(i64, Spot, NaiveDate),
) -> QueryResult<bool> {
    let keys: Vec<u8> =
        kept_keys::table.filter(kept_keys::first_seq.eq(extent.first)).select(kept_keys::keys).first(conn)?;
    let rows = usize::try_from(extent.last - extent.first + 1).unwrap_or(0);
    let bytes = inflate(&keys).unwrap_or_default();
    let found =
        unpacked(&bytes, rows).and_then(|(words, columns)| Some((positions(&words, catalogue)?, columns)));
    let Some((Positions { bodies, procedures, lines, days }, columns)) =
        found.filter(|(all, columns)| all.hold(columns))
    else {
        log::warn!("what is kept of the rows from {} cannot be read; the rows are", extent.first);
        return Ok(false);
    };
    let at = |number: &[u8; 2]| usize::from(u16::from_le_bytes(*number));
    let [body, procedure, line, day] = columns;
    for (number, (((body, procedure), line), day)) in
        (extent.first..).zip(body.iter().zip(procedure).zip(line).zip(day))
    {
        let (channel, source) = lines[at(line)];
        each(
            number,
            Spot { body: bodies[at(body)], procedure: procedures[at(procedure)], channel, source },
            days[at(day)],
        );
    }
    Ok(true)
}

/// What the words of a piece are in the catalogue.
struct Positions {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    lines: Vec<(Option<ChannelIx>, Source)>,
    days: Vec<NaiveDate>,
}

impl Positions {
    /// Whether every number of the columns is that of something.
    fn hold(&self, columns: &[Numbers<'_>; 4]) -> bool {
        let counts = [self.bodies.len(), self.procedures.len(), self.lines.len(), self.days.len()];
        let within = |(column, count): (&Numbers<'_>, usize)| {
            column.iter().all(|number| usize::from(u16::from_le_bytes(*number)) < count)
        };
        columns.iter().zip(counts).all(within)
    }
}

/// None where the catalogue lacks one of them.
fn positions(words: &Words, catalogue: &Catalogue) -> Option<Positions> {
    let body = |code: &String| catalogue.body_ix(code.parse().ok()?);
    let line = |(channel, source): &(Option<String>, Source)| match channel {
        None => Some((None, *source)),
        Some(id) => Some((Some(catalogue.channel_ix(id)?), *source)),
    };
    Some(Positions {
        bodies: words.municipalities.iter().map(body).collect::<Option<_>>()?,
        procedures: words.procedures.iter().map(|id| catalogue.procedure_ix(id)).collect::<Option<_>>()?,
        lines: words.lines.iter().map(line).collect::<Option<_>>()?,
        days: words.days.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_is_cut_or_changed_is_not_read() {
        let words = Words { municipalities: vec!["082341".to_owned()], ..Words::default() };
        let columns = [vec![0, 1], vec![2, 3], vec![4, 5], vec![6, u16::MAX]];
        let keys = pack(&words, &columns).unwrap();
        let bytes = inflate(&keys).unwrap();
        let (read, back) = unpacked(&bytes, 2).unwrap();
        assert_eq!(read.municipalities, words.municipalities);
        assert_eq!(
            back.map(|column| column.iter().map(|at| u16::from_le_bytes(*at)).collect::<Vec<u16>>()),
            columns
        );
        let none = Positions { bodies: vec![0], procedures: Vec::new(), lines: Vec::new(), days: Vec::new() };
        assert!(!none.hold(&back));
        assert!(unpacked(&bytes, 3).is_none() && inflate(&keys[..keys.len() / 2]).is_none());
        assert!(unpacked(b"", 0).is_none());
    }
}
