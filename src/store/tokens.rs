//! Keys: their hashes, what they grant, and whether they still hold.
//!
//! Every function answers what the database answers; rows that are no words of the domain are damage, which
//! is an error too.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::Conn;
use super::schema::api_token;
use super::types::{damaged, moment, parse};
use crate::domain::access::token::Token;
use crate::domain::access::{Grant, Role, Scope};
use crate::domain::procedure::Category;

#[derive(Queryable, Insertable)]
#[diesel(table_name = api_token, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    name: String,
    hint: String,
    sha256: Vec<u8>,
    role: String,
    prefecture: Option<String>,
    municipality_code: Option<String>,
    categories: String,
    scopes: String,
    created_at: NaiveDateTime,
    created_by: String,
    expires_at: NaiveDateTime,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
    revoked_by: Option<String>,
}

impl Row {
    fn into_token(self) -> QueryResult<Token> {
        let role: Role = parse(&self.role)?;
        let prefecture = self.prefecture.as_deref().map(parse).transpose()?;
        let municipality = self.municipality_code.as_deref().map(parse).transpose()?;
        let categories = split::<Category>(&self.categories)?;
        let scopes = split::<Scope>(&self.scopes)?;
        Ok(Token {
            id: self.id,
            name: self.name,
            hint: self.hint,
            grant: Grant::new(role, prefecture, municipality, categories, scopes).map_err(damaged)?,
            created_at: self.created_at.and_utc(),
            created_by: self.created_by,
            expires_at: self.expires_at.and_utc(),
            last_used_at: self.last_used_at.map(|at| at.and_utc()),
            revoked_at: self.revoked_at.map(|at| at.and_utc()),
            revoked_by: self.revoked_by,
        })
    }
}

fn split<T: std::str::FromStr<Err = crate::domain::Refusal>>(codes: &str) -> QueryResult<Vec<T>> {
    codes.split(',').filter(|code| !code.is_empty()).map(parse).collect()
}

fn join<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    codes.collect::<Vec<_>>().join(",")
}

/// Number for the next key. Must run inside [`super::Db::write`].
pub fn next_id(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = api_token::table.select(diesel::dsl::max(api_token::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Records a key under the hash of its text.
pub fn insert(conn: &mut Conn, token: &Token, sha256: [u8; 32]) -> QueryResult<()> {
    let grant = &token.grant;
    let row = Row {
        id: token.id,
        name: token.name.clone(),
        hint: token.hint.clone(),
        sha256: sha256.to_vec(),
        role: grant.role().code().to_owned(),
        prefecture: grant.prefecture().map(|code| code.to_string()),
        municipality_code: grant.municipality().map(|code| code.to_string()),
        categories: join(grant.categories().iter().map(|category| category.code())),
        scopes: join(grant.scopes().iter().map(|scope| scope.code())),
        created_at: moment(token.created_at),
        created_by: token.created_by.clone(),
        expires_at: moment(token.expires_at),
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
    };
    diesel::insert_into(api_token::table).values(&row).execute(conn).map(|_| ())
}

/// The key with a hash.
pub fn by_hash(conn: &mut Conn, sha256: [u8; 32]) -> QueryResult<Option<Token>> {
    let found: Option<Row> =
        api_token::table.filter(api_token::sha256.eq(sha256.to_vec())).first(conn).optional()?;
    found.map(Row::into_token).transpose()
}

/// A key by its number.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<Token>> {
    let found: Option<Row> = api_token::table.find(id).first(conn).optional()?;
    found.map(Row::into_token).transpose()
}

/// All keys, in the order in which they were made.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<Token>> {
    let rows: Vec<Row> = api_token::table.order(api_token::id).load(conn)?;
    rows.into_iter().map(Row::into_token).collect()
}

/// Whether there is any key.
pub fn any(conn: &mut Conn) -> QueryResult<bool> {
    let count: i64 = api_token::table.count().get_result(conn)?;
    Ok(count > 0)
}

/// Notes that a key was used.
pub fn used(conn: &mut Conn, id: i64, at: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(api_token::table.find(id))
        .set(api_token::last_used_at.eq(Some(moment(at))))
        .execute(conn)
        .map(|_| ())
}

/// Revokes a key.
pub fn revoke(conn: &mut Conn, id: i64, at: DateTime<Utc>, by: &str) -> QueryResult<()> {
    diesel::update(api_token::table.find(id))
        .set((api_token::revoked_at.eq(Some(moment(at))), api_token::revoked_by.eq(Some(by))))
        .execute(conn)
        .map(|_| ())
}
