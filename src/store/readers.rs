//! A long log, read by more than one connection.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use diesel::QueryResult;

use super::counts::counts_between;
use super::error::Error;
use super::log::{PIECE, Reader, Which, read};
use super::record_outlines::outlines_between;
use super::{Conn, Db};
use crate::domain::catalogue::Catalogue;
use crate::domain::log::Entry;

/// Rows that a reader hands on at a time: few enough for the allocator to give their room again at once.
const HANDFUL: usize = 500;

/// Connections over which a long log is read.
const READERS: usize = 2;

/// Hands the rows, the counts and the records with numbers after `after` and up to `last` to `each`.
fn entries_between(
    conn: &mut Conn,
    reader: &mut Reader<'_>,
    (after, last): (i64, i64),
    mut each: impl FnMut(Entry),
) -> QueryResult<()> {
    read(conn, reader, Which::Between(after, last), |row| each(Entry::Stated(row)))?;
    counts_between(conn, reader, (after, last), |count| each(Entry::Counted(count)))?;
    outlines_between(conn, reader, (after, last), |record| each(Entry::Recorded(record)))
}

/// Hands the rows, the counts and the records with numbers after `after` and up to `last` to `each`, in any order: rows
/// that were committed never change.
///
/// # Errors
///
/// No connection in time, and what the database answers.
pub fn all_entries(
    db: &Db,
    catalogue: &Catalogue,
    after: i64,
    last: i64,
    mut each: impl FnMut(Entry),
) -> Result<(), Error> {
    if last - after <= PIECE {
        return db.read(|conn| {
            let mut reader = Reader::new(catalogue);
            entries_between(conn, &mut reader, (after, last), each).map_err(Error::from)
        });
    }
    let next = AtomicI64::new(after);
    let (send, received) = sync_channel::<Vec<Entry>>(READERS * 8);
    // Says whether it got a connection: one that did not had nothing in hand.
    let work = |send: SyncSender<Vec<Entry>>| -> (bool, Result<(), Error>) {
        let mut connected = false;
        let done = db.read(|conn| {
            connected = true;
            let mut reader = Reader::new(catalogue);
            loop {
                let from = next.fetch_add(PIECE, Ordering::Relaxed);
                if from >= last {
                    return Ok(());
                }
                let mut rows = Vec::with_capacity(HANDFUL);
                let hand_on = |rows: &mut Vec<Entry>| {
                    let full = std::mem::replace(rows, Vec::with_capacity(HANDFUL));
                    // Whoever takes them in is gone where another reader failed.
                    let _ = send.send(full);
                };
                entries_between(conn, &mut reader, (from, last.min(from + PIECE)), |row| {
                    rows.push(row);
                    if rows.len() == HANDFUL {
                        hand_on(&mut rows);
                    }
                })?;
                hand_on(&mut rows);
            }
        });
        (connected, done)
    };
    let ended: Vec<(bool, Result<(), Error>)> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let send = send.clone();
                scope.spawn(|| work(send))
            })
            .collect();
        drop(send);
        for rows in received {
            rows.into_iter().for_each(&mut each);
        }
        let panicked = |_| (true, Err(Error::Panicked));
        readers.into_iter().map(|reader| reader.join().unwrap_or_else(panicked)).collect()
    });
    // Whoever had a connection read on to the end.
    let anyone = ended.iter().any(|(connected, _)| *connected);
    ended.into_iter().filter(|(connected, _)| *connected || !anyone).try_for_each(|(_, done)| done)
}
