//! What a town keeps of its own about its procedures, beside readiness: its answers to the points to check, its
//! action plan, the figures that stand around it, what a walk through its counters took, the steps of its plans,
//! and how long an application takes. What a row of each kind says is one table, [`fields`].

pub mod codes;
mod content;
pub mod fields;
mod value;

pub use codes::MaterialKind;
pub use content::{Content, MaterialKey, PastMaterial};
pub use fields::{BESIDE, Field, HOLDS, TARGET_PRECISION, What};
pub use value::{Value, WITHDRAWN, past_day, read};
