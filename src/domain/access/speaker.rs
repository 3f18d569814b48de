//! Who said something, as everybody may know it.

use super::{Grant, Role};
use crate::domain::municipality::{LgCode, PrefectureCode};

/// Who said something, as far as everybody may know: no name of a key and none of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Their role.
    pub role: Role,
    /// The prefecture they speak for.
    pub prefecture: Option<PrefectureCode>,
    /// The municipality they speak for.
    pub municipality: Option<LgCode>,
}

impl Speaker {
    /// Whoever holds this grant.
    pub fn of(grant: &Grant) -> Self {
        Self { role: grant.role(), prefecture: grant.prefecture(), municipality: grant.municipality() }
    }
}
