//! Integration tests: the real stack over real databases, a real server, the real program.
//!
//! Each test that `on_both!` names runs on SQLite and, where `TODOKE_TEST_POSTGRES_URL` names a
//! server, on PostgreSQL. What cannot run says so; with `NO_SKIP` set that is a failure.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod api;
mod app;
mod around;
mod attack;
mod cases;
mod catalogue;
mod cells_told;
mod changes;
mod cli;
mod counts_told;
mod days_told;
mod docs;
mod edit_pages;
mod export;
mod figures;
mod fixtures;
mod fuzz;
mod groupings;
mod headings;
mod heads_told;
mod history;
mod import;
mod import_pages;
mod layers;
mod legends;
mod materials;
mod misread;
mod not_actual;
mod numbers;
mod open_ends;
mod openapi;
mod pages;
mod parts;
mod peers;
mod plan;
mod plans;
mod real;
mod reports;
mod round_trip;
mod simulation;
mod store;
mod support;
mod told_beside;
mod told_twice;
mod trend;
mod unread;
mod upgrade;
mod usage;
mod ways_on;
mod ways_told;
mod web;
