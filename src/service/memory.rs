//! Memory that was used once and is not any more.

use std::sync::OnceLock;

static TRIM: OnceLock<fn()> = OnceLock::new();

/// Says how memory is given back: only the program itself, and no part of the library, reaches the allocator.
pub fn trim_by(trim: fn()) {
    // Said once, at the start.
    let _ = TRIM.set(trim);
}

/// Gives back what is free, after much was taken up.
pub(super) fn give_back() {
    if let Some(trim) = TRIM.get() {
        trim();
    }
}
