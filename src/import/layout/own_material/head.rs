//! Where things stand in a table of own material.

use crate::domain::material::{BESIDE, Field, MaterialKind, What};
use crate::domain::text::fold_for_match;
use crate::import::headings::{Candidates, Headings, PROCEDURE_ID, PROCEDURE_NAME, spellings};
use crate::import::layout::sheet::{BodyColumns, column};

/// The fields of minutes: a table of them has one at least.
pub(super) const MINUTES: [&str; 4] =
    ["receipt_minutes", "check_minutes", "review_minutes", "delivery_minutes"];

/// The fields whose headings together are those of no other table.
pub(super) fn signature(kind: MaterialKind) -> &'static [&'static str] {
    match kind {
        MaterialKind::ChecklistAnswer => &["point", "answer"],
        MaterialKind::Action => &["title", "grade"],
        MaterialKind::ContextIndicator => &["indicator", "value"],
        MaterialKind::Walkthrough => &["scenario", "walked_on"],
        MaterialKind::PlanStep => &["step", "target_on"],
        MaterialKind::HandlingTime => &["way"],
    }
}

/// Whether the fields that were found are those of a kind and of no other table.
fn is_signed(kind: MaterialKind, found: &[(&'static Field, usize)]) -> bool {
    let has = |name: &&str| found.iter().any(|(field, _)| field.name == *name);
    signature(kind).iter().all(has) && (kind != MaterialKind::HandlingTime || MINUTES.iter().any(has))
}

/// Where things stand in such a table.
pub(super) struct MaterialHead {
    pub(super) kind: MaterialKind,
    pub(super) headings: Headings,
    pub(super) place: BodyColumns,
    /// Id and name of the procedure, where the kind is about one.
    pub(super) procedure: (Option<usize>, Option<usize>),
    /// The columns of the other fields.
    pub(super) columns: Vec<(&'static Field, usize)>,
}

impl MaterialHead {
    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.columns.iter().find(|(field, _)| field.name == name).map(|(_, at)| *at)
    }

    /// The column that a list has beside the fields.
    pub(super) fn beside(&self, name: &str) -> Option<usize> {
        self.headings.all().find(|(_, text)| text.trim() == name).map(|(at, _)| at)
    }

    /// Whether no column is missing without which no row can be read.
    pub(super) fn is_complete(&self) -> bool {
        let has = |field: &Field| match field.what {
            What::Procedure => self.procedure != (None, None),
            _ => self.at(field.name).is_some(),
        };
        self.kind.fields().iter().filter(|field| field.is_needed).all(has)
    }

    pub(super) fn known(&self, at: usize) -> bool {
        let procedure = [self.procedure.0, self.procedure.1].contains(&Some(at));
        let beside = BESIDE.contains(&self.headings.text(at).trim());
        procedure
            || beside
            || self.place.columns().contains(&Some(at))
            || self.columns.iter().any(|(_, own)| *own == at)
    }
}

/// Whether a text is the heading of a field of some kind.
pub(in crate::import::layout) fn is_field(text: &str) -> bool {
    let folded = fold_for_match(text);
    MaterialKind::ALL.iter().any(|kind| kind.fields().iter().any(|field| field.is_called(&folded)))
}

pub(super) fn head_of(kind: MaterialKind, candidates: &Candidates<'_>) -> Option<MaterialHead> {
    let headings = candidates.best(|headings| {
        let found = columns(kind, headings);
        if is_signed(kind, &found) { found.len() } else { 0 }
    })?;
    let procedure = match kind.is_of_procedures() {
        true => (column(&headings, PROCEDURE_ID), column(&headings, PROCEDURE_NAME)),
        false => (None, None),
    };
    let (place, columns) = (BodyColumns::find(&headings), columns(kind, &headings));
    Some(MaterialHead { kind, headings, place, procedure, columns })
}

/// The fields of a kind, but for its procedure, with the first column of each.
pub(super) fn columns(kind: MaterialKind, headings: &Headings) -> Vec<(&'static Field, usize)> {
    let of = |field: &'static Field| {
        let is_it = |at: usize| means(field, headings.meaning(at));
        let at = headings.all().map(|(at, _)| at).find(|at| is_it(*at))?;
        Some((field, at))
    };
    kind.fields().iter().filter(|field| field.what != What::Procedure).filter_map(of).collect()
}

/// Whether a heading means a field. What stands in brackets behind it is a remark, but behind a number a unit.
pub(super) fn means(field: &Field, heading: &str) -> bool {
    let is_called = |folded: String| {
        let bare = folded.split_once('(').map(|(bare, _)| bare.to_owned()).filter(|bare| !bare.is_empty());
        let bare = bare.filter(|_| !matches!(field.what, What::Number | What::Count));
        field.is_called(&folded) || bare.is_some_and(|bare| field.is_called(&bare))
    };
    spellings(heading).any(is_called)
}
