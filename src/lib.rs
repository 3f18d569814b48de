//! todoke 届: the catalogue of priority online procedures and the record of how ready each
//! Japanese local government is to offer them.

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
