//! The API as its consumers see it.

mod access;
mod contract;
mod limits;
mod lists;
mod resources;
mod transport;
