//! What is asked of a table once its layout is known.

use super::Layout;
use super::body_columns::BodyColumns;
use super::sheet::Sheet;
use crate::import::cells::Naming;
use crate::import::headings::{Headings, PROCEDURE_ID, PROCEDURE_NAME};
use crate::import::rows::Speaks;
use crate::import::{Fault, Reading};

/// Where things stand in a table of one layout, and how its rows are read. Each layout answers for itself;
/// what most of them answer alike is said here.
pub(super) trait Head {
    fn headings(&self) -> &Headings;

    /// Reads the rows of a sheet with these headings.
    ///
    /// # Errors
    ///
    /// What makes the table as a whole unreadable.
    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>>;

    /// The columns that name a body.
    fn body_columns(&self) -> BodyColumns {
        BodyColumns::find(self.headings())
    }

    /// The column that names the channel of each row.
    fn channel_column(&self) -> Option<usize> {
        None
    }

    /// The columns that name what a row is about.
    fn naming(&self) -> Naming {
        let headings = self.headings();
        let BodyColumns { code, name, prefecture, district, .. } = self.body_columns();
        let procedure = [headings.column(PROCEDURE_ID), headings.column(PROCEDURE_NAME)];
        Naming {
            prefecture,
            district,
            body: [code, name].into_iter().flatten().collect(),
            procedure: procedure.into_iter().flatten().collect(),
            channel: self.channel_column(),
        }
    }

    /// Whether the names of bodies may stand under a heading that does not say so.
    fn learns_names(&self) -> bool {
        false
    }

    /// Takes a column for that of the names of bodies, in a layout that learns it.
    fn name_at(&mut self, _column: usize) {}

    /// Columns that are compared with others and not stored, so that an error of a formula in them
    /// does not matter: a rate of nothing is one.
    fn compared(&self) -> Vec<usize> {
        Vec::new()
    }

    /// What it takes for a statement besides marks.
    fn speaks(&self) -> Speaks {
        Speaks::default()
    }

    /// What titles above and between the rows may say of the rows below them.
    fn said_by_titles(&self) -> SaidByTitles {
        SaidByTitles::default()
    }

    /// Whether the sender may say whose the whole table is, where none of its rows does.
    fn may_be_of_the_sender(&self) -> bool {
        false
    }

    /// Whether the same marks may stand for what is offered and for what is planned.
    fn may_hold_plans(&self) -> bool {
        false
    }

    /// The numbers of the table that may be levels or counts.
    fn numbers(&self) -> Option<Numbers> {
        None
    }

    /// Whether tables of this layout on several sheets of a file are one survey, and read together.
    fn spans_sheets(&self) -> bool {
        false
    }
}

/// The head of a table, or what is wrong with its headings.
pub(super) type FoundHead = Result<Box<dyn Head>, Vec<Fault>>;

/// What the rows of a table may take from a title above them, because nothing else in the table says it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SaidByTitles {
    pub(super) body: bool,
    pub(super) channel: bool,
    pub(super) year: bool,
}

/// Columns of numbers that may be levels or counts.
pub(super) struct Numbers {
    pub(super) columns: Vec<usize>,
    /// The layout that takes them for levels.
    pub(super) levels: Layout,
    /// The layout that takes them for counts, where that is how they are read and nothing but names of channels
    /// says so.
    pub(super) counts: Option<Layout>,
}
