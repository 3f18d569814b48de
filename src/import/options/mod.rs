//! What the sender says about a file beyond the file itself.

mod asked;
mod given;
mod understood;
mod values;

pub use asked::{Asked, GivenAnswer, MAX_REASON, Refused};
pub use given::Given;
pub use understood::{Blank, Hidden, IGNORED, INCLUDED, OnError, OnStale, Options};
pub(super) use values::fiscal_year;
