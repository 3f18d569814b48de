//! What may be asked of the country, and the rows that answer.
//!
//! A question is read from the parameters of a query and answered from a grid. Both are pure: what a
//! question needs beside the grid, whoever asks fetches for it. Who asks, over which protocol, is
//! not known here.

pub(crate) mod ahead;
pub(crate) mod asked;
pub(crate) mod body_usage;
pub(crate) mod catalogue;
pub(crate) mod catalogue_changes;
pub(crate) mod cell_words;
pub(crate) mod changes;
pub(crate) mod codes;
pub(crate) mod definitions;
pub(crate) mod distribution;
pub(crate) mod explain;
pub(crate) mod exports;
pub(crate) mod feed;
pub(crate) mod figures;
pub(crate) mod files;
pub mod filters;
pub mod format;
pub(crate) mod gaps;
mod grouping;
pub mod list;
pub(crate) mod material;
pub(crate) mod matrix;
pub mod moment;
pub(crate) mod municipalities;
pub mod parameters;
pub(crate) mod peers;
pub(crate) mod percent;
pub(crate) mod plans;
pub(crate) mod question;
pub(crate) mod readiness;
pub(crate) mod row_history;
pub(crate) mod search;
pub(crate) mod simulation;
mod spots;
pub(crate) mod support;
pub(crate) mod systems;
pub(crate) mod trend;
pub(crate) mod usage;
