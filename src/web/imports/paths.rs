//! Where an import is found.

/// The address of an import.
pub(super) fn address(id: i64) -> String {
    format!("/imports/{id}")
}
