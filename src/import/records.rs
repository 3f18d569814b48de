//! What a file says of usage and of published figures.

use crate::domain::usage::{RecordKey, RecordValue};

/// One record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is about.
    pub key: RecordKey,
    /// What it says.
    pub value: RecordValue,
}
