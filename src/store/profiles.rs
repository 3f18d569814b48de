//! Named profiles of marks. Every function answers what the database answers.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::schema::profile;
use super::types::moment;
use super::{Conn, Document};

/// A profile as it is recorded: words alone, whose meaning another room knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose it is: `all`, two digits of a prefecture, six of a municipality.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Marks and codes of their meanings.
    pub marks: BTreeMap<String, String>,
    /// Code of what a column of 0 and 1 means.
    pub binary: Option<String>,
    /// Headings (folded) and what they mean.
    pub headings: BTreeMap<String, String>,
    /// Names (folded) and what they stand for.
    pub names: BTreeMap<String, String>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = profile, treat_none_as_default_value = false)]
struct Row {
    owner: String,
    name: String,
    marks: String,
    binary: Option<String>,
    updated_at: NaiveDateTime,
    actor: String,
    headings: String,
    names: String,
}

impl Row {
    fn into_profile(self) -> Profile {
        let words = |text: String| Document::stored(Some(text)).read();
        Profile {
            owner: self.owner,
            name: self.name,
            marks: words(self.marks),
            binary: self.binary,
            headings: words(self.headings),
            names: words(self.names),
        }
    }
}

/// A profile by owner and name.
pub fn find(conn: &mut Conn, owner: &str, name: &str) -> QueryResult<Option<Profile>> {
    let found: Option<Row> = profile::table.find((owner, name)).first(conn).optional()?;
    Ok(found.map(Row::into_profile))
}

/// The profiles of some owners, by owner and name.
pub fn of(conn: &mut Conn, owners: &[String]) -> QueryResult<Vec<Profile>> {
    let rows: Vec<Row> = profile::table
        .filter(profile::owner.eq_any(owners))
        .order((profile::owner, profile::name))
        .load(conn)?;
    Ok(rows.into_iter().map(Row::into_profile).collect())
}

/// Writes a profile, in place of one of that name.
pub fn put(conn: &mut Conn, new: &Profile, at: DateTime<Utc>, actor: &str) -> QueryResult<()> {
    remove(conn, &new.owner, &new.name)?;
    let words = |words| Document::of(words).into_text().unwrap_or_else(|| "{}".to_owned());
    let row = Row {
        owner: new.owner.clone(),
        name: new.name.clone(),
        marks: words(&new.marks),
        binary: new.binary.clone(),
        updated_at: moment(at),
        actor: actor.to_owned(),
        headings: words(&new.headings),
        names: words(&new.names),
    };
    diesel::insert_into(profile::table).values(&row).execute(conn).map(|_| ())
}

/// Takes a profile out; answers whether there was one.
pub fn remove(conn: &mut Conn, owner: &str, name: &str) -> QueryResult<bool> {
    diesel::delete(profile::table.find((owner, name))).execute(conn).map(|rows| rows > 0)
}
