//! todoke 届: the catalogue of priority online procedures and the record of how ready each
//! Japanese local government is to offer them.
//!
//! # The rooms, and who names whom
//!
//! `domain` names nobody. `grid`, `import` and `store` name `domain`; `export` also `grid` and `import`;
//! `query` these three too; `service` all of these but `query`; `http` names `query`
//! and `service`; `api` and `web` name `http` and what is below it, and not each other; `server` puts
//! them together; `cli` stands beside it. `tests/it/layers` has the table.
//!
//! # What always holds
//!
//! - The log is only appended to. What holds follows from it, a day and what was known
//!   ([`grid::history`], [`grid::moment`]); nothing else says so.
//! - A plan is what is written: it is compared with the history inside the transaction that writes it.
//! - `domain`, `grid`, `import`, `export` and `query` do no I/O. SQL stands in `store`.
//! - Every path is in [`http::routes`]; what is in no table is private.
//!
//! # To add …
//!
//! - a definition: an entry of `grid::definition::DEFINITIONS`.
//! - a layout of files: its file under `import/layout`, its code in `import/layout/kind.rs`, its row in the
//!   table of `import/layout/finder.rs`.
//! - a question: its file under `query`, one line in `api` with its documentation, its path in
//!   [`http::routes`], its name in `api/mod.rs`.
//! - a page: its file under `web`, its name in `web/mod.rs`, its path in [`http::routes`], its path among the pages
//!   that `tests/it/pages.rs` looks through.
//! - a setting: its field of the command's arguments under `cli`, what it sets ([`http::state::Settings`] for the
//!   server), and the README.

#![forbid(unsafe_code)]

pub mod api;
pub mod cli;
pub mod domain;
pub mod export;
pub mod grid;
pub mod http;
pub mod import;
pub mod query;
pub mod server;
pub mod service;
pub mod store;
mod web;
