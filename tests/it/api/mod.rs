//! The API as its consumers see it.

mod access;
mod contract;
mod lists;
mod resources;
mod transport;
