//! How a table is laid out, as far as its unknown columns are concerned.

use super::cells::Kind;
use super::wanted::Wanted;
use crate::import::marks::Profile;
use crate::import::table::Row;

/// How a table is laid out, as far as its unknown columns are concerned.
pub(in crate::import::layout) struct Shape<'a> {
    pub rows: &'a [&'a Row],
    /// The columns that are read.
    pub known: &'a dyn Fn(usize) -> bool,
    /// The columns of marks among them.
    pub marked: &'a [usize],
    /// What the headings of this layout name.
    pub wanted: &'a [Wanted],
    pub profile: &'a Profile,
}

impl Shape<'_> {
    /// What the headings of this layout may be.
    pub(super) fn labels(&self) -> String {
        let mut labels: Vec<&str> = self.wanted.iter().map(|wanted| wanted.label()).collect();
        labels.dedup();
        labels.join("、")
    }

    /// Whether a heading of this layout may be that of a field.
    pub(super) fn reads(&self, field: &str) -> bool {
        self.wanted.iter().any(|wanted| matches!(wanted, Wanted::Field(code, _) if *code == field))
    }

    /// Whether the table is one of counts.
    pub(super) fn reads_counts(&self) -> bool {
        self.reads("fiscal_year")
    }

    /// Whether days from which something is true have a column here.
    pub(super) fn names_days(&self) -> bool {
        self.reads("effective_on") || self.reads("target_on")
    }

    /// How a column that is not read could be.
    pub(super) fn hint(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::Addresses if self.reads("url") => format!("（取り込むには columns='{name}=URL'）"),
            Kind::Days if self.reads("target_on") => {
                format!("（取り込むには columns='{name}=適用日' か '{name}=目標日'）")
            }
            _ => String::new(),
        }
    }
}
