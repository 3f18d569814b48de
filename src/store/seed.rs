//! Fills the catalogue and the register from the CSV files that are built into the program.
//!
//! Seeding runs at every start, in one transaction, and changes nothing when the files are those
//! of the last start. A row that left the files stays: statements may point to it.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::catalogue::{AliasRow, ChannelRow, ListItemRow, ListRow, MunicipalityRow, ProcedureRow};
use super::conn::on_backend;
use super::error::Error;
use super::schema::{
    channel, meta, municipality, procedure, procedure_alias, procedure_list, procedure_list_item,
};
use super::{Conn, places};
use crate::domain::Refusal;
use crate::domain::dates::parse_iso_day;
use crate::domain::municipality::{LgCode, MunicipalityKind, Places};
use crate::domain::procedure::{Category, ProcedureId, Target};
use crate::domain::readiness::{ChannelId, Place, Scale};

/// The texts of the files under `data/`.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// procedures.csv
    pub procedures: &'a str,
    /// procedure_aliases.csv
    pub aliases: &'a str,
    /// lists.csv
    pub lists: &'a str,
    /// list_items.csv
    pub list_items: &'a str,
    /// municipalities.csv
    pub municipalities: &'a str,
    /// channels.csv
    pub channels: &'a str,
    /// wards.csv
    pub wards: &'a str,
    /// former_names.csv
    pub former_names: &'a str,
}

/// The files that are built in.
pub const BUILT_IN: Files<'static> = Files {
    procedures: include_str!("../../data/procedures.csv"),
    aliases: include_str!("../../data/procedure_aliases.csv"),
    lists: include_str!("../../data/lists.csv"),
    list_items: include_str!("../../data/list_items.csv"),
    municipalities: include_str!("../../data/municipalities.csv"),
    channels: include_str!("../../data/channels.csv"),
    wards: include_str!("../../data/wards.csv"),
    former_names: include_str!("../../data/former_names.csv"),
};

/// Procedures of the current list by category: 20 + 15 + 11 + 8 + 2 = 56.
const PRIORITY56: &[(Category, usize)] = &[
    (Category::HighVolume, 20),
    (Category::Kosodate, 15),
    (Category::Kaigo, 11),
    (Category::Hisaisha, 8),
    (Category::TenshutsuTennyu, 2),
];
/// Members of each list edition.
const LISTS: &[(&str, usize)] =
    &[("priority56", 56), ("priority59", 59), ("benefit31", 31), ("dashboard26", 26), ("common32", 32)];
/// How many prefectures and how many municipalities Japan has.
const PREFECTURES: usize = 47;
const MUNICIPALITIES: usize = 1_741;

/// The rows of the files, checked.
pub struct Seed {
    procedures: Vec<ProcedureRow>,
    aliases: Vec<AliasRow>,
    lists: Vec<ListRow>,
    list_items: Vec<ListItemRow>,
    municipalities: Vec<MunicipalityRow>,
    channels: Vec<ChannelRow>,
    places: Places,
    fingerprint: String,
}

impl Seed {
    /// SHA-256 of the files, hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Wards and names of former times, which have no table.
    pub fn places(&self) -> &Places {
        &self.places
    }
}

const SEED_FINGERPRINT: &str = "seed";

/// Reads and checks the files.
///
/// # Errors
///
/// The first fault, with file, line and reason: a row that does not fit its columns, a code with a
/// wrong check digit, an id that is given twice or points nowhere, and counts that are not those of
/// the published lists.
pub fn read(files: &Files<'_>) -> Result<Seed, Error> {
    let procedures = read_procedures(files.procedures)?;
    let known: HashSet<&str> = procedures.iter().map(|row| row.id.as_str()).collect();
    let lists = read_lists(files.lists)?;
    let list_items = read_list_items(files.list_items, &known, &lists)?;
    let aliases = read_aliases(files.aliases, &known)?;
    let channels = read_channels(files.channels)?;
    let municipalities = read_municipalities(files.municipalities)?;
    check_counts(&procedures, &lists, &list_items, &municipalities, &channels)?;
    let codes = municipalities.iter().filter_map(|row| row.code.parse().ok()).collect();
    let places = places::read(files.wards, files.former_names, &codes)?;
    let mut hash = Sha256::new();
    for text in
        [files.procedures, files.aliases, files.lists, files.list_items, files.municipalities, files.channels]
    {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let fingerprint = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Seed { procedures, aliases, lists, list_items, municipalities, channels, places, fingerprint })
}

/// One record of a file: its line and its columns by name.
pub(super) struct Line<T> {
    pub(super) number: u64,
    pub(super) row: T,
}

pub(super) fn records<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<Vec<Line<T>>, Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|cause| csv_fault(file, 1, &cause))?.clone();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| csv_fault(file, 1, &cause))?;
        let number = record.position().map_or(0, csv::Position::line);
        let row = record.deserialize(Some(&headers)).map_err(|cause| csv_fault(file, number, &cause))?;
        lines.push(Line { number, row });
    }
    Ok(lines)
}

fn csv_fault(file: &'static str, line: u64, cause: &csv::Error) -> Error {
    let line = cause.position().map_or(line, csv::Position::line);
    Error::Data { file, line, reason: cause.to_string() }
}

pub(super) fn fault(file: &'static str, line: u64, reason: impl std::fmt::Display) -> Error {
    Error::Data { file, line, reason: reason.to_string() }
}

/// Turns a refused value into a fault of a file's line.
pub(super) fn at<T>(file: &'static str, line: u64, result: Result<T, Refusal>) -> Result<T, Error> {
    result.map_err(|refusal| fault(file, line, refusal))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureLine {
    id: String,
    category: String,
    name_ja: String,
    name_en: String,
    target: String,
    legal_basis: Option<String>,
    ministry: Option<String>,
    standard_system: Option<String>,
    has_counter: bool,
    note: Option<String>,
}

fn read_procedures(text: &str) -> Result<Vec<ProcedureRow>, Error> {
    const FILE: &str = "procedures.csv";
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for Line { number, row } in records::<ProcedureLine>(FILE, text)? {
        at(FILE, number, row.id.parse::<ProcedureId>())?;
        let category: Category = at(FILE, number, row.category.parse())?;
        at(FILE, number, row.target.parse::<Target>())?;
        if !row.id.starts_with(category.code()) {
            return Err(fault(FILE, number, format!("`{}` is not of category {category}", row.id)));
        }
        if !seen.insert(row.id.clone()) {
            return Err(fault(FILE, number, format!("`{}` is given twice", row.id)));
        }
        rows.push(ProcedureRow {
            position: position(rows.len()),
            id: row.id,
            category: row.category,
            name_ja: row.name_ja,
            name_en: row.name_en,
            target: row.target,
            legal_basis: row.legal_basis,
            ministry: row.ministry,
            standard_system: row.standard_system,
            has_counter: row.has_counter,
            note: row.note,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListLine {
    id: String,
    name_ja: String,
    name_en: String,
    edition: Option<String>,
    size: i32,
    source: String,
    note: Option<String>,
}

fn read_lists(text: &str) -> Result<Vec<ListRow>, Error> {
    let lines = records::<ListLine>("lists.csv", text)?;
    Ok(lines
        .into_iter()
        .enumerate()
        .map(|(at, Line { row, .. })| ListRow {
            id: row.id,
            position: position(at),
            name_ja: row.name_ja,
            name_en: row.name_en,
            edition: row.edition,
            size: row.size,
            source: row.source,
            note: row.note,
        })
        .collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListItemLine {
    list_id: String,
    position: i32,
    group_label: Option<String>,
    number: Option<String>,
    procedure_id: String,
}

fn read_list_items(text: &str, known: &HashSet<&str>, lists: &[ListRow]) -> Result<Vec<ListItemRow>, Error> {
    const FILE: &str = "list_items.csv";
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for Line { number, row } in records::<ListItemLine>(FILE, text)? {
        if !known.contains(row.procedure_id.as_str()) {
            return Err(fault(FILE, number, format!("no procedure `{}`", row.procedure_id)));
        }
        if !lists.iter().any(|list| list.id == row.list_id) {
            return Err(fault(FILE, number, format!("no list `{}`", row.list_id)));
        }
        if !seen.insert((row.list_id.clone(), row.procedure_id.clone())) {
            return Err(fault(
                FILE,
                number,
                format!("`{}` stands twice in `{}`", row.procedure_id, row.list_id),
            ));
        }
        rows.push(ListItemRow {
            list_id: row.list_id,
            position: row.position,
            group_label: row.group_label,
            number: row.number,
            procedure_id: row.procedure_id,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasLine {
    procedure_id: String,
    source: String,
    position: String,
    heading: String,
}

fn read_aliases(text: &str, known: &HashSet<&str>) -> Result<Vec<AliasRow>, Error> {
    const FILE: &str = "procedure_aliases.csv";
    let mut rows = Vec::new();
    for Line { number, row } in records::<AliasLine>(FILE, text)? {
        if !known.contains(row.procedure_id.as_str()) {
            return Err(fault(FILE, number, format!("no procedure `{}`", row.procedure_id)));
        }
        rows.push(AliasRow {
            source: row.source,
            heading: row.heading,
            procedure_id: row.procedure_id,
            position: row.position,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelLine {
    id: String,
    position: i32,
    label_ja: String,
    label_en: String,
    scale: String,
    place: String,
    named: bool,
}

fn read_channels(text: &str) -> Result<Vec<ChannelRow>, Error> {
    const FILE: &str = "channels.csv";
    let mut rows = Vec::new();
    for Line { number, row } in records::<ChannelLine>(FILE, text)? {
        at(FILE, number, row.id.parse::<ChannelId>())?;
        at(FILE, number, row.scale.parse::<Scale>())?;
        at(FILE, number, row.place.parse::<Place>())?;
        rows.push(ChannelRow {
            id: row.id,
            position: row.position,
            label_ja: row.label_ja,
            label_en: row.label_en,
            scale: row.scale,
            place: row.place,
            named: row.named,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MunicipalityLine {
    code: String,
    prefecture_code: String,
    prefecture_name: String,
    name: String,
    name_kana: String,
    kind: String,
    population: Option<i32>,
    households: Option<i32>,
    ended_on: Option<String>,
    successor_code: Option<String>,
}

fn read_municipalities(text: &str) -> Result<Vec<MunicipalityRow>, Error> {
    const FILE: &str = "municipalities.csv";
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for Line { number, row } in records::<MunicipalityLine>(FILE, text)? {
        let code: LgCode = at(FILE, number, row.code.parse())?;
        if row.code.len() != 6 || code.prefecture().to_string() != row.prefecture_code {
            return Err(fault(
                FILE,
                number,
                format!("`{}` does not begin with `{}`", row.code, row.prefecture_code),
            ));
        }
        if !seen.insert(code) {
            return Err(fault(FILE, number, format!("`{code}` is given twice")));
        }
        at(FILE, number, row.kind.parse::<MunicipalityKind>())?;
        let ended_on = row.ended_on.as_deref().map(parse_iso_day).transpose();
        if let Some(successor) = &row.successor_code {
            at(FILE, number, successor.parse::<LgCode>())?;
        }
        rows.push(MunicipalityRow {
            code: row.code,
            prefecture_name: row.prefecture_name,
            name: row.name,
            name_kana: row.name_kana,
            kind: row.kind,
            population: row.population,
            households: row.households,
            ended_on: at(FILE, number, ended_on)?,
            successor_code: row.successor_code,
        });
    }
    Ok(rows)
}

fn position(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

/// Compares what was read with what the published lists count.
fn check_counts(
    procedures: &[ProcedureRow],
    lists: &[ListRow],
    items: &[ListItemRow],
    municipalities: &[MunicipalityRow],
    channels: &[ChannelRow],
) -> Result<(), Error> {
    let expect = |file, what: &str, found: usize, expected: usize| {
        if found == expected {
            return Ok(());
        }
        // The count is that of the whole file; the heading stands for it.
        Err(fault(file, 1, format!("{what}: {found} rows where {expected} are expected")))
    };
    for (id, expected) in LISTS {
        let members = items.iter().filter(|item| item.list_id == *id).count();
        expect("list_items.csv", id, members, *expected)?;
    }
    for list in lists {
        let members = items.iter().filter(|item| item.list_id == list.id).count();
        expect("list_items.csv", &list.id, members, usize::try_from(list.size).unwrap_or(0))?;
    }
    for (category, expected) in PRIORITY56 {
        let members = items
            .iter()
            .filter(|item| item.list_id == "priority56")
            .filter(|item| {
                procedures.iter().any(|row| row.id == item.procedure_id && row.category == category.code())
            })
            .count();
        expect("list_items.csv", category.code(), members, *expected)?;
    }
    let ended = municipalities.iter().filter(|row| row.ended_on.is_some()).count();
    let prefectures =
        municipalities.iter().filter(|row| row.kind == MunicipalityKind::Prefecture.code()).count();
    expect("municipalities.csv", "prefectures", prefectures, PREFECTURES)?;
    expect(
        "municipalities.csv",
        "municipalities",
        municipalities.len() - prefectures - ended,
        MUNICIPALITIES,
    )?;
    for id in [ChannelId::ONLINE, ChannelId::MYNAPORTAL, ChannelId::COUNTER] {
        let found = channels.iter().filter(|row| row.id == id).count();
        expect("channels.csv", id, found, 1)?;
    }
    Ok(())
}

/// Writes the seed if it is not the one that was written last. Answers whether it wrote.
///
/// Must run inside [`super::Db::write`].
///
/// # Errors
///
/// What the database answers.
pub fn write(conn: &mut Conn, seed: &Seed) -> QueryResult<bool> {
    let stored: Option<String> =
        meta::table.find(SEED_FINGERPRINT).select(meta::value).first(conn).optional()?;
    if stored.as_deref() == Some(seed.fingerprint.as_str()) {
        return Ok(false);
    }
    write_procedures(conn, &seed.procedures)?;
    write_lists(conn, seed)?;
    write_channels(conn, &seed.channels)?;
    write_municipalities(conn, &seed.municipalities)?;
    set_meta(conn, SEED_FINGERPRINT, &seed.fingerprint)?;
    Ok(true)
}

/// Rows of one insert statement.
const CHUNK: usize = 500;

/// Sets each named column of an upsert to the value that was to be inserted.
macro_rules! upsert {
    ($conn:expr, $table:ident, $rows:expr, ($($key:ident),+), ($($column:ident),+)) => {
        for chunk in $rows.chunks(CHUNK) {
            on_backend!($conn, |c| diesel::insert_into($table::table)
                .values(chunk)
                .on_conflict(($($table::$key),+))
                .do_update()
                .set(($($table::$column.eq(excluded($table::$column)),)+))
                .execute(c))?;
        }
    };
}

fn write_procedures(conn: &mut Conn, rows: &[ProcedureRow]) -> QueryResult<()> {
    upsert!(
        conn,
        procedure,
        rows,
        (id),
        (
            position,
            category,
            name_ja,
            name_en,
            target,
            legal_basis,
            ministry,
            standard_system,
            has_counter,
            note
        )
    );
    Ok(())
}

fn write_channels(conn: &mut Conn, rows: &[ChannelRow]) -> QueryResult<()> {
    upsert!(conn, channel, rows, (id), (position, label_ja, label_en, scale, place, named));
    Ok(())
}

fn write_municipalities(conn: &mut Conn, rows: &[MunicipalityRow]) -> QueryResult<()> {
    upsert!(
        conn,
        municipality,
        rows,
        (code),
        (prefecture_name, name, name_kana, kind, population, households, ended_on, successor_code)
    );
    Ok(())
}

/// Lists, their items and the aliases are replaced whole: nothing points to them.
fn write_lists(conn: &mut Conn, seed: &Seed) -> QueryResult<()> {
    diesel::delete(procedure_list_item::table).execute(conn)?;
    diesel::delete(procedure_list::table).execute(conn)?;
    diesel::delete(procedure_alias::table).execute(conn)?;
    on_backend!(conn, |c| {
        diesel::insert_into(procedure_list::table).values(&seed.lists).execute(c)?;
        diesel::insert_into(procedure_list_item::table).values(&seed.list_items).execute(c)?;
        diesel::insert_into(procedure_alias::table).values(&seed.aliases).execute(c)?;
    });
    Ok(())
}

/// Stores a named value of the installation.
pub(super) fn set_meta(conn: &mut Conn, name: &str, value: &str) -> QueryResult<()> {
    on_backend!(conn, |c| diesel::insert_into(meta::table)
        .values((meta::name.eq(name), meta::value.eq(value)))
        .on_conflict(meta::name)
        .do_update()
        .set(meta::value.eq(value))
        .execute(c))?;
    Ok(())
}
