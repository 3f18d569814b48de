//! Bodies that rows name without a code and without a prefecture, looked at together once all rows are read:
//! one of them may be meant otherwise than its name alone says.

use std::collections::BTreeMap;

use super::titles::mentioned;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::municipality::PrefectureCode;

/// What was seen of the bodies of a table.
#[derive(Debug, Default)]
pub(super) struct ByName {
    /// The prefectures that the titles of the table name.
    pub(super) titled: Vec<PrefectureCode>,
    /// How many rows are about municipalities of each prefecture.
    pub(super) municipalities: BTreeMap<PrefectureCode, usize>,
    /// Rows about municipalities of other prefectures than the titles name, with what may be meant.
    pub(super) strangers: Vec<(Named, Vec<BodyIx>)>,
    /// Rows with numbers about a prefecture.
    pub(super) prefectures: Vec<Named>,
    /// The bodies that the titles name, and some of those of the rows.
    pub(super) mentioned: Vec<BodyIx>,
    pub(super) seen: Vec<BodyIx>,
}

/// A name and where it stands.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) line: u32,
    pub(super) column: usize,
    pub(super) name: String,
    pub(super) body: BodyIx,
}

impl ByName {
    pub(super) fn below<'t>(catalogue: &Catalogue, titles: impl Iterator<Item = &'t str>) -> Self {
        let titles: Vec<&str> = titles.collect();
        let named = catalogue.prefectures().filter(|row| titles.iter().any(|text| text.contains(&row.name)));
        let titled = named.map(|row| row.prefecture()).collect();
        Self { titled, mentioned: mentioned(catalogue, titles.iter().copied()), ..Self::default() }
    }

    /// Notes a body that rows are about. One may be meant for another; several are a table of their own.
    pub(super) fn saw(&mut self, body: BodyIx) {
        if self.seen.len() < 2 && !self.seen.contains(&body) {
            self.seen.push(body);
        }
    }
}
