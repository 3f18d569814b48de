//! The named definitions of figures: one table, one rule each.
//!
//! One fact has several official answers, so there is no single "online rate". Each definition says
//! which list it counts over by default, what it reads of where a body stands and what a
//! procedure that is not performed means to it.

mod rule;
mod table;

use crate::domain::Refusal;
use crate::domain::text::unknown_code;

pub use rule::{
    ALL_PROCEDURES, Basis, By, Choices, Definition, Measures, NotApplicable, NotApplicableRule, Outcome,
    Parts, Principle, Reason, Takes, Through, Unit,
};
pub use table::DEFINITIONS;

/// The definition with an id.
///
/// # Errors
///
/// An id that is no definition.
pub fn find(id: &str) -> Result<&'static Definition, Refusal> {
    DEFINITIONS.iter().find(|definition| definition.id == id).ok_or_else(|| {
        let ids: Vec<&str> = DEFINITIONS.iter().map(|definition| definition.id).collect();
        unknown_code(id, "指標の定義", "definition", &ids)
    })
}
