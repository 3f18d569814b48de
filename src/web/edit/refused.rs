//! A form that was not taken.

use crate::http::problem::{Kind, Problem};
use crate::web::form::Fields;

/// Why a form was not taken, and what stood in it where it is shown again.
pub(super) struct Refused<'f> {
    /// What was typed.
    pub(super) typed: Option<&'f Fields>,
    /// Why.
    pub(super) problem: &'f Problem,
}

impl Refused<'_> {
    /// Whether somebody else was quicker.
    pub(super) fn is_stale(&self) -> bool {
        self.problem.kind == Kind::PRECONDITION_FAILED
    }
}
