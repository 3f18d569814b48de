//! Whether a body performs a procedure at all (該当性).

use super::codes::codes;

codes! {
    /// Whether a body performs a procedure. Anything but `applicable` leaves the denominators of
    /// the figures that count applicable procedures.
    Applicability, "該当性", "applicability" {
        Applicable = "applicable", "該当", "the body performs the procedure", "団体がこの手続を行っている";
        NotApplicable = "not_applicable", "制度なし・該当なし", "the body has no such scheme or no such case", "団体にこの制度がない、または該当する人や施設がない";
        OtherBody = "other_body", "他団体の事務（組合・県）", "another body performs it: union or prefecture", "一部事務組合、広域連合、都道府県など、ほかの団体が行っている";
        Abolished = "abolished", "廃止", "the scheme was abolished", "制度そのものが廃止された";
    }
}

impl Applicability {
    /// The word of one character for the smallest cells, where there is one.
    pub fn letter(self) -> Option<&'static str> {
        match self {
            Self::Applicable => None,
            Self::NotApplicable => Some("外"),
            Self::OtherBody => Some("組"),
            Self::Abolished => Some("廃"),
        }
    }

    /// The short label for cells, where there is one.
    pub fn short_label(self) -> Option<&'static str> {
        match self {
            Self::Applicable => None,
            Self::NotApplicable => Some("対象外"),
            Self::OtherBody => Some("組合"),
            Self::Abolished => Some("廃止"),
        }
    }

    /// Whether the procedure stays in denominators.
    pub fn applies(self) -> bool {
        self == Self::Applicable
    }
}
