//! The words of the field, pure: what a code, a level, a day or a statement is and which values
//! cannot be one.
//!
//! Nothing here reads a file, a clock, a database or a request. Every parse function answers a
//! [`Refusal`] that says what was wrong, what is allowed and what was probably meant, in Japanese
//! for screens and files and in English for logs.

pub mod access;
pub mod applicability;
pub mod assertion;
pub mod audit;
pub mod best;
pub mod body_names;
pub mod built_in;
pub mod bundle;
pub mod catalogue;
pub mod catalogue_change;
pub(crate) mod codes;
pub mod current;
pub mod dates;
pub mod file_dates;
pub mod imports;
pub mod level_words;
pub mod log;
pub mod loose_dates;
pub mod material;
pub mod municipality;
pub mod number;
pub mod position;
pub mod precedence;
pub mod procedure;
pub mod procedure_names;
pub mod radicals;
pub mod readiness;
mod refusal;
pub mod shared;
pub mod text;
pub mod usage;

pub use refusal::{Refusal, RefusalKind};
