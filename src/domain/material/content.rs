//! One row of a town's own material: what it is about, and what it says.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};

use super::codes::MaterialKind;
use super::fields::What;
use super::value::Value;
use crate::domain::Refusal;
use crate::domain::access::Speaker;
use crate::domain::dates::Precision;
use crate::domain::municipality::LgCode;
use crate::domain::procedure::ProcedureId;
use crate::domain::text::fold_for_match;

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialKey {
    /// The body.
    pub municipality: LgCode,
    /// Its kind.
    pub kind: MaterialKind,
    /// The procedure, where the kind is about one.
    pub procedure: Option<ProcedureId>,
    /// The other fields that tell it from other rows, as texts in the order of the table.
    pub subject: Vec<String>,
}

impl MaterialKey {
    /// What a key field says, as text.
    pub fn said(&self, name: &str) -> Option<&str> {
        let others = self.kind.keys().filter(|field| field.what != What::Procedure);
        let found = others.zip(&self.subject).find(|(field, _)| field.name == name);
        match found {
            Some((_, text)) => Some(text),
            None => self.procedure.as_ref().filter(|_| name == "procedure_id").map(ProcedureId::as_str),
        }
    }

    /// What it is about whatever the width of its letters and the spaces between them: two that are alike so are one.
    pub fn folded(&self) -> Self {
        let fold = |text: &String| fold_for_match(text).replace(char::is_whitespace, "");
        Self { subject: self.subject.iter().map(fold).collect(), ..self.clone() }
    }

    /// The fiscal year it is about, where it is about one.
    pub fn fiscal_year(&self) -> Option<i32> {
        self.said("fiscal_year")?.parse().ok()
    }

    /// What it is about beside body and procedure, as a person reads it.
    pub fn in_words(&self) -> String {
        let others = self.kind.keys().filter(|field| field.what != What::Procedure).zip(&self.subject);
        let words = others.map(|(field, text)| match field.what {
            What::Year => format!("{text}年度"),
            What::Point(_) => format!("{}{text}", field.label),
            _ => Value::Text(text.clone()).label(field),
        });
        let words: Vec<String> = std::iter::once(self.kind.label().to_owned()).chain(words).collect();
        words.join(" ")
    }
}

/// What a row says, by the names of its fields. Without any it takes back what was said before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Content(pub BTreeMap<String, Value>);

impl Content {
    /// Whether it takes back what was said.
    pub fn is_withdrawn(&self) -> bool {
        self.0.is_empty()
    }

    /// It over what was known: what it is silent about stays as it was, what it clears is gone.
    pub fn over(&self, old: Option<&Self>) -> Self {
        if self.is_withdrawn() {
            return self.clone();
        }
        let kept = old.into_iter().flat_map(|old| &old.0).filter(|(name, _)| !self.0.contains_key(*name));
        let said = self.0.iter().filter(|(_, value)| **value != Value::Cleared);
        Self(said.chain(kept).map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Words of a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A code of a field.
    pub fn code<C: FromStr<Err = Refusal>>(&self, name: &str) -> Option<C> {
        self.text(name)?.parse().ok()
    }

    /// Ids of a field.
    pub fn several(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(Value::Several(ids)) => ids,
            _ => &[],
        }
    }

    /// The number of a field, in hundredths.
    pub fn hundredths(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Hundredths(number) => Some(*number),
            _ => None,
        }
    }

    /// The day of a field, with its precision where it is one to come.
    pub fn day(&self, name: &str) -> Option<(NaiveDate, Precision)> {
        match self.0.get(name)? {
            Value::Day(on) => Some((*on, Precision::Day)),
            Value::Planned(on, precision) => Some((*on, *precision)),
            _ => None,
        }
    }
}

/// A row as it was stated, and by whom.
#[derive(Clone, Debug)]
pub struct PastMaterial {
    /// Its number.
    pub seq: i64,
    /// What it is about.
    pub key: MaterialKey,
    /// What it says.
    pub content: Content,
    /// When it was learnt.
    pub recorded_at: DateTime<Utc>,
    /// Who stated it.
    pub by: Speaker,
    /// The import that brought it.
    pub import_id: i64,
    /// Line of its file.
    pub line: i64,
}
