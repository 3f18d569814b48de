//! What an address says of the question whose answer a page shows.

use crate::query::percent;

/// What a page hands on to the question whose answer it shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Passed {
    pub(super) pairs: Vec<(String, String)>,
}

impl Passed {
    /// What was said under a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Everything that was said, in the order of the address.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same without some names.
    pub(super) fn without(&self, names: &[&str]) -> Self {
        let pairs = self.pairs.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect();
        Self { pairs }
    }

    /// The same with a value for a name that has none.
    pub(super) fn or(mut self, name: &str, value: &str) -> Self {
        if self.get(name).is_none() {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// As a question takes it.
    pub(super) fn query(&self) -> String {
        let pair = |(name, value): &(String, String)| format!("{name}={}", percent::encode(value));
        self.pairs.iter().map(pair).collect::<Vec<String>>().join("&")
    }
}
