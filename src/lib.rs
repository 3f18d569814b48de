//! todoke 届: the catalogue of priority online procedures and the record of how ready each
//! Japanese local government is to offer them.

#![forbid(unsafe_code)]

pub mod api;
pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
pub mod export;
pub mod grid;
pub mod import;
pub mod service;
pub mod store;
mod web;
