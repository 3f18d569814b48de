//! Many municipalities and many procedures, one channel: bodies in the rows and procedures in the
//! columns, or the other way round. A table of bodies may also show the best of a channel group.

mod bodies;
mod columns;
mod end;
mod group;
mod procedures;

pub(super) use bodies::find_bodies;
pub(super) use columns::{tell_years_ahead, year_of};
pub(super) use procedures::find_procedures;
