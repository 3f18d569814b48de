//! Diesel, and nothing else: rows in, rows out.
//!
//! Functions take `&mut Conn` and answer `QueryResult`: what the database answers, in words of the domain;
//! a stored value that is none is an error too. They decide no permission and no rule of the domain. Every statement here runs on SQLite and on PostgreSQL.

pub mod assertions;
pub mod audit;
pub mod bearing;
pub mod catalogue;
#[expect(missing_docs, reason = "the derive for both databases writes undocumented items")]
pub mod conn;
mod counts;
mod db;
pub mod error;
pub mod idempotency;
pub mod imports;
pub mod kept_keys;
pub mod log;
pub mod materials;
pub mod migrations;
pub mod profiles;
pub mod readers;
mod record_outlines;
pub mod records;
#[expect(missing_docs, reason = "generated from the database")]
pub mod schema;
pub mod seed;
pub mod sessions;
pub mod tokens;
mod types;
pub mod url;

pub use conn::Conn;
pub use db::{Db, Missing};
pub use types::Document;
