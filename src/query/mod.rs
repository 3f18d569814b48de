//! What may be asked of the country, and the rows that answer.
//!
//! A question is read from the parameters of a query and answered from a grid. Both are pure: what a
//! question needs beside the grid, whoever asks fetches for it. Who asks, over which protocol, is
//! not known here.

pub mod filters;
pub mod format;
pub mod list;
pub mod parameters;
pub(crate) mod percent;
