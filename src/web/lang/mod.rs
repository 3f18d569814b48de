//! The two languages of pages. Every text of a page stands in both beside each other, so that none is forgotten;
//! what stays Japanese on an English page, as names do, is marked as such ([`Lang::mark`]).

mod marks;

use crate::domain::Refusal;
use crate::domain::text::unknown_code;

/// In which language a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English: the frame, code lists and definitions; names stay as they are.
    En,
}

impl Lang {
    /// The text of this language.
    pub(super) fn say<T>(self, ja: T, en: T) -> T {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// A page of this language as it is sent: on an English one, every Japanese text that no element says to be so is
    /// marked, so that it is read aloud as what it is (WCAG 3.1.2).
    pub(super) fn mark(self, page: String) -> String {
        match self {
            Self::Ja => page,
            Self::En => marks::japanese(&page),
        }
    }

    /// Its tag.
    pub(super) fn tag(self) -> &'static str {
        self.say("ja", "en")
    }

    /// Reads `lang`.
    ///
    /// # Errors
    ///
    /// Another language.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        match text.to_ascii_lowercase().as_str() {
            "ja" => Ok(Self::Ja),
            "en" => Ok(Self::En),
            _ => Err(unknown_code(text, "言語", "language", &["ja", "en"])),
        }
    }
}
