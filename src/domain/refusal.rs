//! Why a value was not taken.

use std::fmt;

/// A value that was not taken, in words for people (Japanese) and for logs (English).
///
/// The same refusal becomes a line of an import report and an item of a problem document, so the
/// text of each rule is written once, beside the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What sort of refusal it is, for whoever acts on it.
    pub kind: RefusalKind,
    /// Stable name of the rule, such as `check_digit`.
    pub code: &'static str,
    /// The value as it was found, cut to 100 characters.
    pub value: String,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
    /// What would have been taken.
    pub allowed: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// What sort of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The value is not of the form, or not within the bounds, that its rule wants.
    Malformed,
    /// The value is a day without a year; its words name the day.
    WithoutYear,
    /// The value names something that there is not.
    Unknown,
}

/// Longest piece of a refused value that is repeated in a message, in characters.
const SHOWN_CHARACTERS: usize = 100;

impl Refusal {
    /// A refusal of `value` by the rule `code`.
    pub fn new(code: &'static str, value: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::Malformed,
            code,
            value: shorten(value),
            ja: ja.into(),
            en: en.into(),
            allowed: None,
            suggestion: None,
        }
    }

    /// A refusal of `value`, which names something that there is not.
    pub fn unknown(code: &'static str, value: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind: RefusalKind::Unknown, ..Self::new(code, value, ja, en) }
    }

    /// Says what sort of refusal it is.
    pub fn of_kind(mut self, kind: RefusalKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds what would have been taken.
    pub fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    /// Adds what was probably meant.
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`", self.en, self.value)?;
        if let Some(allowed) = &self.allowed {
            write!(f, "; allowed: {allowed}")?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; hint: did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

fn shorten(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_at_a_character() {
        let refusal = Refusal::new("x", &"あ".repeat(101), "", "");
        assert_eq!(refusal.value.chars().count(), 101);
        assert!(refusal.value.ends_with('…'));
    }

    #[test]
    fn english_names_value_allowed_and_hint() {
        let refusal = Refusal::new("unknown", "kodomo", "", "unknown category")
            .allowed("kosodate, kaigo")
            .suggest("kosodate");
        assert_eq!(
            refusal.to_string(),
            "unknown category: `kodomo`; allowed: kosodate, kaigo; hint: did you mean `kosodate`?"
        );
    }
}
