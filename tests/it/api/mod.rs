//! The API as its consumers see it.

mod access;
mod contract;
mod imports;
mod limits;
mod lists;
mod moments;
mod polling;
mod resources;
mod routes;
mod said;
pub(crate) mod transport;
