//! The API as its consumers see it.

mod contract;
mod lists;
mod resources;
mod transport;
