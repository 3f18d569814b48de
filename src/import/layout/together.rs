//! Sheets of one survey that are read as one file.

use super::finder::{Finder, no_layout};
use super::one_table::{Aside, Titles, read_table};
use crate::import::originals::Originals;
use crate::import::table::{Row, Table, Tables};
use crate::import::{Fault, Reading};

/// Reads the tables of these positions as one file. Their lines and columns are counted on from one to the
/// next, so that each cell has a place of its own; from which line on a sheet is counted is told.
///
/// # Errors
///
/// What makes one of them unreadable, with the name of its sheet.
pub(super) fn read(
    mut file: Tables,
    wanted: &[usize],
    finder: &Finder<'_>,
    asides: &[Aside],
) -> Result<Reading, Vec<Fault>> {
    let (tables, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut file.tables).into_iter().enumerate().partition(|(at, _)| wanted.contains(at));
    let others: Vec<Table> = others.into_iter().map(|(_, table)| table).collect();
    let mut all: Option<Reading> = None;
    let (mut rows, mut names) = (Vec::new(), Vec::new());
    let (mut line, mut column) = (0, 0);
    for (_, table) in tables {
        let table = table.moved(line, column);
        let name = table.container.sheet().unwrap_or_default().to_owned();
        names.push(match line {
            0 => format!("「{name}」"),
            _ => format!("「{name}」（その1行目を{}行目と数えます）", line + 1),
        });
        line = next_thousand(table.rows.last().map_or(0, |row| row.line));
        column = table.rows.iter().map(Row::len).max().unwrap_or(0);
        // Its headings stand where they stood, further down and to the right.
        let (reading, left) = one(table, finder, asides).map_err(|faults| of_sheet(faults, &name))?;
        rows.extend(left);
        let notes = reading.notes.iter().map(|note| format!("「{name}」 {note}")).collect();
        let reading = Reading { notes, ..reading };
        all = Some(match all {
            None => reading,
            Some(before) => both(before, reading),
        });
    }
    let Some(mut reading) = all else {
        return Err(vec![no_layout(&others, finder.catalogue, finder.options, None)]);
    };
    reading.notes.insert(0, format!("{}枚のシートをまとめて読みました: {}", names.len(), names.join("、")));
    let unread: Vec<&str> = others.iter().filter_map(|other| other.container.sheet()).collect();
    if !unread.is_empty() {
        reading.notes.push(format!("表の見つからないシートは読んでいません: {}", unread.join("、")));
    }
    reading.notes.extend(file.notes);
    reading.originals = Originals::pack(rows);
    Ok(reading)
}

fn one(table: Table, finder: &Finder<'_>, asides: &[Aside]) -> Result<(Reading, Vec<Row>), Vec<Fault>> {
    let mut head = match finder.find(&table) {
        Some(head) => head?,
        None => return Err(vec![no_layout(&[table], finder.catalogue, finder.options, None)]),
    };
    read_table(table, head.as_mut(), finder, (asides.to_vec(), Titles::Remarks))
}

fn of_sheet(faults: Vec<Fault>, sheet: &str) -> Vec<Fault> {
    let named =
        |fault: Fault| Fault { message: format!("シート「{sheet}」: {}", fault.message), ..fault };
    faults.into_iter().map(named).collect()
}

/// From where the lines of the next sheet are counted: a round number, so that they are found there.
fn next_thousand(line: u32) -> u32 {
    line.div_ceil(1_000) * 1_000
}

/// What stands on two sheets, the columns of the second behind those of the first.
fn both(first: Reading, mut second: Reading) -> Reading {
    let unread: Vec<usize> = first.unread.iter().chain(&second.unread).copied().collect();
    let headings = second.headings.drain(first.headings.len().min(second.headings.len())..);
    let headings: Vec<String> = first.headings.iter().cloned().chain(headings).collect();
    Reading { headings, unread, ..first.joined(second) }
}
