//! Where the counts of a table stand, and what says that they are counts.

use std::collections::BTreeSet;

use super::columns::{Column, What, below_procedures, columns, what_of};
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::FiscalYear;
use crate::domain::text::fold_for_match;
use crate::domain::usage::ChannelGroup;
use crate::import::Options;
use crate::import::headings::{Candidates, Headings, JOINT, PROCEDURE_ID, PROCEDURE_NAME, pieces_of};
use crate::import::layout::channels::field_of_plans;
use crate::import::layout::column;
use crate::import::layout::head::FoundHead;
use crate::import::layout::sheet::{BodyColumns, column};
use crate::import::resolve::Procedures;
use crate::import::table::Table;

/// Where things stand in the table.
#[derive(Clone)]
pub(super) struct UsageHead {
    pub(super) headings: Headings,
    pub(super) place: BodyColumns,
    pub(super) id: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) year: Option<usize>,
    pub(super) columns: Vec<Column>,
    pub(super) group: Option<usize>,
    pub(super) applications: Option<usize>,
}

/// Finds a procedure and its counts: side by side, or one group in a row.
pub(in crate::import::layout) fn find(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    find_with(candidates, catalogue, options, UsageHead::has_counts)
}

/// The same where nothing but counts of a way of applying stands beside the procedures: no layout of marks has
/// these headings.
pub(in crate::import::layout) fn find_parts_alone(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    find_with(candidates, catalogue, options, UsageHead::has_parts)
}

fn find_with(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
    has_counts: impl Fn(&UsageHead) -> bool,
) -> Option<FoundHead> {
    let table = candidates.table;
    let procedures = Procedures::new(catalogue, &options.names);
    let headings = candidates.best(|headings| {
        // Most tables have no column of the kind, and are not looked at further.
        let may_count = has_procedures(headings) || has_counts_below(headings);
        if !may_count {
            return 0;
        }
        let columns = columns_of(table, headings, &procedures);
        if columns.is_empty() && group_of(headings).is_none() {
            return 0;
        }
        let head = head_with(headings.clone(), columns);
        if has_counts(&head) && !(head.is_told_by_channels() && tells_levels(&head.headings)) {
            head.known().count()
        } else {
            0
        }
    })?;
    let columns = columns_of(table, &headings, &procedures);
    Some(Ok(Box::new(head_with(headings, columns))))
}

/// Whether each row has a procedure.
fn has_procedures(headings: &Headings) -> bool {
    [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(headings, names).is_some())
}

/// Whether counts stand below something else, beside bodies.
fn has_counts_below(headings: &Headings) -> bool {
    let counts = |(_, text): (usize, &str)| text.contains(JOINT) && what_of(text).is_some();
    headings.all().any(counts) && BodyColumns::find(headings).exists()
}

/// Whether headings speak of levels or plans, beside the channels below them: 現状, 目標（R9年度末）.
fn tells_levels(headings: &Headings) -> bool {
    let levels = |piece: &str| {
        field_of_plans(piece).is_some() || column::Column::of_heading(piece) == Some(column::Column::Level)
    };
    headings.all().any(|(_, text)| pieces_of(text).any(levels))
}

/// Whether a text is one of the headings of counts.
pub(in crate::import::layout) fn is_heading(text: &str) -> bool {
    let folded = fold_for_match(text);
    what_of(text).is_some()
        || [GROUP, APPLICATIONS, YEAR].iter().any(|names| names.contains(&folded.as_str()))
}

/// Whether a heading is that of counts of applications, of all or of those online.
pub(in crate::import::layout) fn counts_applications(text: &str) -> bool {
    counts_all(text) || what_of(text) == Some(What::Group(ChannelGroup::Online))
}

/// Whether a heading is that of counts of all applications, or says no more than that it counts.
pub(in crate::import::layout) fn counts_all(text: &str) -> bool {
    what_of(text) == Some(What::Group(ChannelGroup::All)) || fold_for_match(text) == "件数"
}

fn columns_of(table: &Table, headings: &Headings, procedures: &Procedures<'_>) -> Vec<Column> {
    if has_procedures(headings) {
        columns(table, headings)
    } else {
        below_procedures(table, headings, procedures)
    }
}

/// The columns of a group and of its count: each says something of the other alone.
fn group_of(headings: &Headings) -> Option<(usize, usize)> {
    column(headings, GROUP).zip(column(headings, APPLICATIONS))
}

fn head_with(headings: Headings, columns: Vec<Column>) -> UsageHead {
    let find = |names| column(&headings, names);
    let (id, name, year) = (find(PROCEDURE_ID), find(PROCEDURE_NAME), find(YEAR));
    let (group, applications) = group_of(&headings).unzip();
    // Of columns that say nothing but their year a row may say which applications they count.
    let of_years = columns.iter().any(|column| column.what == What::OfYear);
    let group = group.or_else(|| find(GROUP).filter(|_| of_years));
    let place = BodyColumns::find(&headings);
    UsageHead { headings, place, id, name, year, columns, group, applications }
}

impl UsageHead {
    /// The columns that are read.
    pub(super) fn known(&self) -> impl Iterator<Item = usize> {
        let single = [self.id, self.name, self.year, self.group, self.applications];
        let counts = self.columns.iter().map(|column| column.at);
        self.place.columns().into_iter().chain(single).flatten().chain(counts)
    }

    pub(super) fn has_counts(&self) -> bool {
        // Other counts alone may stand beside marks, unless they say their year.
        let counts = |column: &Column| match column.what {
            What::Group(ChannelGroup::All) | What::OfYear => true,
            What::Group(_) => column.year.is_some(),
            What::Rate => false,
        };
        self.columns.iter().any(counts) || self.group.is_some()
    }

    /// Whether a heading names the count of a way of applying, or the sender does.
    fn has_parts(&self) -> bool {
        self.counted().any(|at| what_of(self.headings.meaning(at)).is_some())
    }

    /// The columns of counts.
    pub(super) fn counted(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().filter(|column| column.what != What::Rate).map(|column| column.at)
    }

    /// Whether nothing but names of channels says that its columns hold counts.
    pub(super) fn is_told_by_channels(&self) -> bool {
        self.group.is_none() && self.counted().all(|at| what_of(self.headings.meaning(at)).is_none())
    }

    /// The years that the headings name, and whether each count has one.
    pub(super) fn years(&self) -> (BTreeSet<FiscalYear>, bool) {
        let counts = || self.columns.iter().filter(|column| column.what != What::Rate);
        let years: BTreeSet<FiscalYear> = counts().filter_map(|column| column.year).collect();
        let all =
            !years.is_empty() && self.applications.is_none() && counts().all(|column| column.year.is_some());
        (years, all)
    }
}

pub(super) const GROUP: &[&str] = &["channel_group", "区分", "件数の区分", "方法", "申請方法", "受付方法"];

pub(super) const APPLICATIONS: &[&str] = &["applications", "件数"];

pub(super) const YEAR: &[&str] = &["fiscal_year", "年度", "対象年度"];
