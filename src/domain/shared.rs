//! Texts that stand in very many statements: held once, and told apart without their words.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Half of a text's SHA-256: two texts with one print are one text. The country in memory holds prints
/// where the words stay in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Print(u128);

impl Print {
    /// The print of a text.
    pub fn of(text: &str) -> Self {
        let digest = Sha256::digest(text);
        Self(digest.iter().take(16).fold(0, |print, byte| print << 8 | u128::from(*byte)))
    }
}

/// A text of a statement. A product or a section is named in thousands of statements: those that
/// were read together share one copy. Two are equal when their prints are.
///
/// What a plan takes over from the log has no words until somebody asks for them: see
/// [`SharedText::unread`].
#[derive(Clone)]
pub struct SharedText(Arc<Shared>);

struct Shared {
    print: Print,
    /// Number of a row of the log that has the words; 0 where they came from elsewhere.
    stands_in: i64,
    words: OnceLock<Box<str>>,
}

impl SharedText {
    /// A text of the log whose words were not read yet.
    pub fn unread(print: Print, stands_in: i64) -> Self {
        Self(Arc::new(Shared { print, stands_in, words: OnceLock::new() }))
    }

    /// Its print.
    pub fn print(&self) -> Print {
        self.0.print
    }

    /// Number of the row of the log that has the words, if they were not read yet.
    pub fn to_read(&self) -> Option<i64> {
        self.0.words.get().is_none().then_some(self.0.stands_in)
    }

    /// Fills in the words, if they are those of this text.
    pub fn read(&self, words: &str) {
        if self.to_read().is_some() && Print::of(words) == self.0.print {
            self.0.words.get_or_init(|| words.into());
        }
    }
}

impl Deref for SharedText {
    type Target = str;

    /// The words. Whoever shows or writes a text of the log reads it before; without that nothing is
    /// shown, and the tables refuse to store nothing.
    fn deref(&self) -> &str {
        debug_assert!(self.to_read().is_none(), "a text of row {} was not read", self.0.stands_in);
        self.0.words.get().map_or("", |words| words)
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        Self(Arc::new(Shared {
            print: Print::of(text),
            stands_in: 0,
            words: OnceLock::from(Box::from(text)),
        }))
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        self.0.print == other.0.print
    }
}

impl Eq for SharedText {}

impl Hash for SharedText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.print.hash(state);
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.words.get() {
            Some(words) => fmt::Debug::fmt(words, f),
            None => write!(f, "a text of row {}", self.0.stands_in),
        }
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// A text in a pool, found by its words.
#[derive(Debug)]
struct Pooled(SharedText);

impl PartialEq for Pooled {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for Pooled {}

impl Hash for Pooled {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (*self.0).hash(state);
    }
}

impl std::borrow::Borrow<str> for Pooled {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Gives out one copy of each text.
#[derive(Debug, Default)]
pub struct TextPool(HashSet<Pooled>);

impl TextPool {
    /// The copy of this text.
    pub fn share(&mut self, text: &str) -> SharedText {
        if let Some(Pooled(known)) = self.0.get(text) {
            return known.clone();
        }
        let text = SharedText::from(text);
        self.0.insert(Pooled(text.clone()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_copy() {
        let mut pool = TextPool::default();
        let (one, other, again) = (pool.share("ぴったり"), pool.share("別"), pool.share("ぴったり"));
        assert_eq!((&*one, &*other), ("ぴったり", "別"));
        assert!(Arc::ptr_eq(&one.0, &again.0));
    }

    #[test]
    fn a_text_that_was_not_read_is_compared_and_takes_only_its_own_words() {
        let text = SharedText::unread(Print::of("https://example.jp/"), 7);
        assert_eq!((text.to_read(), text == SharedText::from("https://example.jp/")), (Some(7), true));
        assert_ne!(text, SharedText::from("https://example.jp"));
        text.read("another");
        assert_eq!(text.to_read(), Some(7));
        text.read("https://example.jp/");
        assert_eq!((text.to_read(), &*text), (None, "https://example.jp/"));
    }
}
