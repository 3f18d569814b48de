//! Fills the catalogue and the register with what is built into the program.
//!
//! Seeding runs at every start, in one transaction, and changes nothing when the files are those
//! of the last start. A row that left the files stays: statements may point to it. Every function answers
//! what the database answers.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Conn;
use super::catalogue::{AliasRow, ChannelRow, ListItemRow, ListRow, MunicipalityRow, ProcedureRow};
use super::conn::on_backend;
use super::schema::{
    channel, meta, municipality, procedure, procedure_alias, procedure_list, procedure_list_item,
};
use crate::domain::built_in::BuiltIn;
use crate::domain::procedure::ProcedureList;

const SEED_FINGERPRINT: &str = "seed";

/// Writes the catalogue if it is not the one that was written last. Answers whether it wrote.
///
/// Must run inside [`super::Db::write`].
pub fn write(conn: &mut Conn, seed: &BuiltIn) -> QueryResult<bool> {
    let stored: Option<String> =
        meta::table.find(SEED_FINGERPRINT).select(meta::value).first(conn).optional()?;
    if stored.as_deref() == Some(seed.fingerprint.as_str()) {
        return Ok(false);
    }
    write_procedures(conn, &rows_of(&seed.procedures, ProcedureRow::new))?;
    write_lists(conn, seed)?;
    write_channels(conn, &rows_of(&seed.channels, |place, channel| ChannelRow::new(place + 1, channel)))?;
    write_municipalities(conn, &rows_of(&seed.municipalities, |_, row| MunicipalityRow::new(row)))?;
    set_meta(conn, SEED_FINGERPRINT, &seed.fingerprint)?;
    Ok(true)
}

/// The rows of what stands in a list, each with its position.
fn rows_of<T, R>(list: &[T], row: impl Fn(i32, &T) -> R) -> Vec<R> {
    (0..).zip(list).map(|(position, one)| row(position, one)).collect()
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
            note,
            short_ja,
            audience,
            common_system,
            introduced_on,
            ended_on,
            successor_id,
            ceiling,
            ceiling_source
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
fn write_lists(conn: &mut Conn, seed: &BuiltIn) -> QueryResult<()> {
    diesel::delete(procedure_list_item::table).execute(conn)?;
    diesel::delete(procedure_list::table).execute(conn)?;
    diesel::delete(procedure_alias::table).execute(conn)?;
    let lists = rows_of(&seed.lists, ListRow::new);
    let items_of = |list: &ProcedureList| rows_of(&list.items, |_, item| ListItemRow::new(&list.id, item));
    let items: Vec<ListItemRow> = seed.lists.iter().flat_map(items_of).collect();
    let aliases = rows_of(&seed.aliases, |_, alias| AliasRow::new(alias));
    on_backend!(conn, |c| {
        diesel::insert_into(procedure_list::table).values(&lists).execute(c)?;
        diesel::insert_into(procedure_list_item::table).values(&items).execute(c)?;
        diesel::insert_into(procedure_alias::table).values(&aliases).execute(c)?;
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
