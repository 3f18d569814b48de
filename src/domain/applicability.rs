//! Whether a body performs a procedure at all (該当性).

use super::codes::codes;

codes! {
    /// Whether a body performs a procedure. Anything but `applicable` leaves the denominators of
    /// the figures that count applicable procedures.
    Applicability, "該当性", "applicability" {
        Applicable = "applicable", "該当", "the body performs the procedure";
        NotApplicable = "not_applicable", "制度なし・該当なし", "the body has no such scheme or no such case";
        OtherBody = "other_body", "他団体の事務（組合・県）", "another body performs it: union or prefecture";
        Abolished = "abolished", "廃止", "the scheme was abolished";
    }
}

impl Applicability {
    /// Whether the procedure stays in denominators.
    pub fn applies(self) -> bool {
        self == Self::Applicable
    }
}
