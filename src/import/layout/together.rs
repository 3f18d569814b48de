//! Sheets of one survey that are read as one file: of several kinds of bodies, or one for each body.

use super::finder::{Finder, no_layout};
use super::head::FoundHead;
use super::one_table::{Aside, Titles, read_table};
use super::over::stated;
use super::sections::is_of_the_sender;
use super::titles::named_alone;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::text::{fold_for_match, fold_width};
use crate::import::originals::Originals;
use crate::import::resolve::{Bodies, LostZeros, Told};
use crate::import::rows::EXAMPLES;
use crate::import::table::{Row, Table, Tables};
use crate::import::{Fault, Options, Reading};

/// Reads the tables of these positions as one file, each of the body beside it. Their lines and columns are counted on from one to the
/// next, so that each cell has a place of its own; from which line on a sheet is counted is told.
///
/// # Errors
///
/// What makes one of them unreadable, with the name of its sheet.
pub(super) fn read(
    mut file: Tables,
    wanted: &[(usize, Option<BodyIx>)],
    finder: &Finder<'_>,
    asides: &[Aside],
) -> Result<Reading, Vec<Fault>> {
    let of = |at: &usize| wanted.iter().find(|(wanted, _)| wanted == at);
    let (tables, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut file.tables).into_iter().enumerate().partition(|(at, _)| of(at).is_some());
    let others: Vec<Table> = others.into_iter().map(|(_, table)| table).collect();
    let mut all: Option<Reading> = None;
    let (mut rows, mut names) = (Vec::new(), Vec::new());
    let (mut line, mut column) = (0, 0);
    for (at, table) in tables {
        let whose = of(&at).and_then(|(_, whose)| *whose);
        // The sheets of bodies have the same columns.
        let table = table.moved(line, if whose.is_some() { 0 } else { column });
        let name = table.container.sheet().unwrap_or_default().to_owned();
        let told = whose.map_or_else(String::new, |body| format!(" {}", named(finder.catalogue, body)));
        names.push(match line {
            0 => format!("「{name}」{told}"),
            _ => format!("「{name}」{told}（その1行目を{}行目と数えます）", line + 1),
        });
        line = next_thousand(table.rows.last().map_or(0, |row| row.line));
        column = table.rows.iter().map(Row::len).max().unwrap_or(0);
        let own = Options { municipality: whose.or(finder.options.municipality), ..finder.options.clone() };
        let finder = Finder { options: &own, ..*finder };
        // Its headings stand where they stood, further down and to the right.
        let (reading, left) = one(table, &finder, asides).map_err(|faults| of_sheet(faults, &name))?;
        rows.extend(left);
        let notes = reading.notes.iter().map(|note| format!("「{name}」 {note}")).collect();
        let reading = Reading { notes, ..reading };
        all = Some(match all {
            None => reading,
            Some(before) if whose.is_some() => before.joined(reading),
            Some(before) => both(before, reading),
        });
    }
    let Some(mut reading) = all else {
        return Err(vec![no_layout(&others, finder.catalogue, finder.options, None)]);
    };
    reading.notes.insert(0, format!("{}枚のシートをまとめて読みました: {}", names.len(), names.join("、")));
    let unread: Vec<&str> = others.iter().filter_map(|other| other.container.sheet()).collect();
    if !unread.is_empty() {
        reading.notes.push(format!("ほかのシートは読んでいません: {}", unread.join("、")));
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

/// The bodies of tables each of which is of another one, by the facts over it or by the name of its sheet; none
/// where a table says by itself whose it is, or nothing says it.
pub(super) fn bodies_of_sheets(
    file: &Tables,
    found: &[(usize, FoundHead)],
    finder: &Finder<'_>,
) -> Option<Vec<(usize, Option<BodyIx>)>> {
    let mut bodies: Vec<(usize, Option<BodyIx>)> = Vec::new();
    for (at, head) in found {
        let (head, table) = (head.as_ref().ok()?, file.tables.get(*at)?);
        let first = head.headings().rows().start;
        let over = stated(table, first, finder.catalogue, finder.options).ok()?.map(|one| one.body);
        let named = body_of_name(finder, table.container.sheet()?.trim());
        let whose = over.or(named)?;
        let clear = named.is_none_or(|named| named == whose) && is_of_the_sender(head.as_ref(), table);
        if !clear || bodies.iter().any(|(_, other)| *other == Some(whose)) {
            return None;
        }
        bodies.push((*at, Some(whose)));
    }
    finder.options.municipality.is_none().then_some(bodies)
}

/// Whether a sheet is called an example: it shows how the others are filled in.
pub(super) fn is_example(name: &str) -> bool {
    let folded = fold_for_match(name);
    EXAMPLES.iter().chain(&["見本", "例"]).any(|word| {
        let rest = folded.replacen(word, "", 1);
        rest.len() < folded.len() && !rest.contains(char::is_alphabetic)
    })
}

/// The body that the name of a sheet is: 行方市, 082333, 082333 行方市, 行方.
fn body_of_name(finder: &Finder<'_>, name: &str) -> Option<BodyIx> {
    let Finder { catalogue, options } = *finder;
    // Sheets may be numbered: 1水戸市, 02_日立市.
    let numbered =
        name.trim_start_matches(|c: char| c.is_ascii_digit() || "０１２３４５６７８９".contains(c));
    let between = |c: char| c.is_whitespace() || "._-．＿－".contains(c);
    let name = match name.chars().count() - numbered.chars().count() {
        1..=3 if !numbered.is_empty() => numbered.trim_start_matches(between),
        _ => name,
    };
    let is_code = fold_width(name).bytes().all(|byte| byte.is_ascii_digit());
    let told =
        if is_code { Told { code: name, ..Told::default() } } else { Told { name, ..Told::default() } };
    let found = || Bodies::new(catalogue, &options.names, LostZeros::Judged).find(told).ok();
    named_alone(catalogue, name).or_else(|| found().filter(|one| one.until.is_none()).map(|one| one.body))
}

fn named(catalogue: &Catalogue, body: BodyIx) -> String {
    let row = catalogue.body(body);
    format!("{}{}", row.prefecture_name, row.name)
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
