//! Positions in the [catalogue](super::catalogue): what is computed with; ids and codes are what
//! people see.

/// Position of a procedure in the catalogue.
pub type ProcedureIx = u16;
/// Position of a channel in the catalogue.
pub type ChannelIx = u8;
/// Position of a bundle in the catalogue.
pub type BundleIx = u8;
/// Position of a body in the register, which is in code order.
pub type BodyIx = u16;
