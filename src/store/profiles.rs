//! Named profiles of marks.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use super::schema::profile;

/// A profile as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = profile, treat_none_as_default_value = false)]
pub struct ProfileRow {
    /// Whose it is: `all`, two digits of a prefecture, six of a municipality.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Marks and codes of their meanings, JSON.
    pub marks: String,
    /// Code of what a column of 0 and 1 means.
    pub binary: Option<String>,
    /// When it was last written, UTC.
    pub updated_at: NaiveDateTime,
    /// By whom.
    pub actor: String,
    /// Headings (folded) and what they mean, JSON.
    pub headings: String,
    /// Names (folded) and what they stand for, JSON.
    pub names: String,
}

/// A profile by owner and name.
///
/// # Errors
///
/// What the database answers.
pub fn find(conn: &mut Conn, owner: &str, name: &str) -> QueryResult<Option<ProfileRow>> {
    profile::table.find((owner, name)).first(conn).optional()
}

/// The profiles of some owners, by owner and name.
///
/// # Errors
///
/// What the database answers.
pub fn of(conn: &mut Conn, owners: &[String]) -> QueryResult<Vec<ProfileRow>> {
    profile::table.filter(profile::owner.eq_any(owners)).order((profile::owner, profile::name)).load(conn)
}

/// Writes a profile, in place of one of that name.
///
/// # Errors
///
/// What the database answers.
pub fn put(conn: &mut Conn, row: &ProfileRow) -> QueryResult<()> {
    remove(conn, &row.owner, &row.name)?;
    diesel::insert_into(profile::table).values(row).execute(conn).map(|_| ())
}

/// Takes a profile out; answers whether there was one.
///
/// # Errors
///
/// What the database answers.
pub fn remove(conn: &mut Conn, owner: &str, name: &str) -> QueryResult<bool> {
    diesel::delete(profile::table.find((owner, name))).execute(conn).map(|rows| rows > 0)
}
