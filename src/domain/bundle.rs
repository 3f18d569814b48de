//! Procedures that belong to one event of life.

use super::position::ProcedureIx;
use super::procedure::ProcedureId;

/// The procedures of one event of life (ライフイベント).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Id such as `birth`.
    pub id: String,
    /// Japanese name.
    pub name_ja: String,
    /// English name.
    pub name_en: String,
    /// Its procedures, in their order.
    pub items: Vec<BundleItem>,
}

impl Bundle {
    /// The procedures without which the event is not dealt with.
    pub fn necessary(&self) -> impl Iterator<Item = ProcedureIx> {
        self.items.iter().filter(|item| item.necessary).map(|item| item.procedure)
    }
}

/// A procedure of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleItem {
    /// The procedure.
    pub procedure: ProcedureIx,
    /// Whether everybody needs it; else some do.
    pub necessary: bool,
}

/// A line of the file of bundles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleLine {
    /// Id of the bundle.
    pub id: String,
    /// Its Japanese name.
    pub name_ja: String,
    /// Its English name.
    pub name_en: String,
    /// The procedure.
    pub procedure: ProcedureId,
    /// Whether everybody needs it.
    pub necessary: bool,
}
