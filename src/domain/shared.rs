//! Texts that stand in very many statements, held once.

use std::collections::HashSet;
use std::sync::Arc;

/// A text of a statement. A product or a section is named in thousands of statements: those that
/// were read together share one copy.
pub type SharedText = Arc<str>;

/// Gives out one copy of each text.
#[derive(Debug, Default)]
pub struct TextPool(HashSet<SharedText>);

impl TextPool {
    /// The copy of this text.
    pub fn share(&mut self, text: &str) -> SharedText {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let text = SharedText::from(text);
        self.0.insert(Arc::clone(&text));
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
        assert!(Arc::ptr_eq(&one, &again));
    }
}
