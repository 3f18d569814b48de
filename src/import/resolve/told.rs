//! What a row tells of its body, and which one that is.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::domain::Refusal;
use crate::domain::catalogue::BodyIx;

/// A body, and what was repaired on the way to it.
#[derive(Clone, Debug)]
pub(in crate::import) struct FoundBody {
    pub body: BodyIx,
    pub warning: Option<Refusal>,
    /// The row names it by a code that was in use until this day: only what was true before may be said
    /// so, all else is refused.
    pub until: Option<(NaiveDate, Refusal)>,
    /// Whether nothing but its name says which body it is.
    pub by_name_alone: bool,
}

impl FoundBody {
    pub(super) fn plain(body: BodyIx, warning: Option<Refusal>) -> Self {
        Self { body, warning, until: None, by_name_alone: false }
    }
}

/// What a row says of its body.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::import) struct Told<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub prefecture: &'a str,
    /// The code of the prefecture, where it stands in a column of its own beside a code of three digits.
    pub prefecture_code: &'a str,
    /// 政令市・郡・支庁・振興局等: the city of a ward, or the city itself where no name stands.
    pub district: &'a str,
}

impl<'a> Told<'a> {
    /// The name with the prefecture that stands beside it: by it the sender speaks of these rows alone.
    pub(super) fn whole_name(self) -> Cow<'a, str> {
        match self.prefecture.trim() {
            "" => Cow::Borrowed(self.name),
            prefecture if self.name.trim().starts_with(prefecture) => Cow::Borrowed(self.name),
            prefecture => Cow::Owned(format!("{prefecture}{}", self.name.trim())),
        }
    }

    /// What makes two rows the same.
    pub(super) fn key(&self) -> String {
        [self.code, self.name, self.prefecture, self.prefecture_code, self.district].join("\u{1F}")
    }
}
