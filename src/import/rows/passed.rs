//! Why rows are passed over.

/// Most footnotes that are told.
pub(super) const MAX_NOTES: usize = 100;

/// Why a row is no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    Hidden,
    Note,
    Total,
    Section,
    Repeated,
    Example,
    Instruction,
    Prepared,
    /// It names what the rows below it are about.
    Head,
    LeftOut,
    Struck,
}
