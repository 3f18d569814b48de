//! The API as its consumers see it.

mod access;
mod audit;
mod contract;
mod imports;
mod limits;
mod lists;
mod moments;
mod polling;
mod resources;
mod routes;
mod said;
mod sessions;
mod statements;
mod tokens;
pub(crate) mod transport;
