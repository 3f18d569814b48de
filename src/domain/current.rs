//! What of a statement the country in memory does not hold.

/// Texts of an assertion that the grid does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Address of the form or page.
    pub url: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// 担当課.
    pub section: Option<String>,
    /// Why a procedure does not apply.
    pub applicability_reason: Option<String>,
}
