//! The rows of an import: what each changes, and what is wrong with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::access::Origin;
use super::plan_cache::PlanKey;
use super::seen;
use crate::domain::access::Action;
use crate::domain::imports::RowOutcome;
use crate::grid::moment::Known;
use crate::import::Fault;
use crate::import::plan::{self, Plan};
use crate::service::Service;
use crate::service::error::Error;
use crate::store::assertions;
use crate::store::imports::{self as store, FileLine};

/// A line of a file that was not taken, or that has a warning, as it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow(FileLine);

impl FileRow {
    /// Line of the file; 0 is the file as a whole.
    pub fn line(&self) -> i64 {
        self.0.line
    }

    /// What is wrong with it.
    pub fn faults(&self) -> Vec<Fault> {
        self.0.faults.read()
    }

    /// The cells as they came.
    pub fn cells(&self) -> Vec<String> {
        self.0.cells.read()
    }
}

/// A row of a plan, for people.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanRow {
    /// A fact.
    Fact(crate::import::plan::Entry),
    /// A record of usage or a published figure.
    Record(crate::import::plan::RecordEntry),
    /// A line that was not taken.
    Rejected(FileRow),
}

impl PlanRow {
    fn line(&self) -> i64 {
        match self {
            Self::Fact(entry) => i64::from(entry.line),
            Self::Record(entry) => i64::from(entry.line),
            Self::Rejected(row) => row.line(),
        }
    }
}

/// Rows of an import.
#[derive(Clone, Debug)]
pub enum Rows {
    /// As the plan has them, each with the warnings of its line where all rows are asked for.
    Planned(Vec<(PlanRow, Vec<Fault>)>),
    /// As the file has them, with what is wrong.
    Stored(Vec<FileRow>),
}

impl Service {
    /// The rows that were not taken, as CSV: the headings and cells as they came, and a column with
    /// the reasons, ready to be mended and sent again.
    ///
    /// # Errors
    ///
    /// No such import.
    pub fn errors_csv(&self, origin: &Origin, id: i64) -> Result<Vec<u8>, Error> {
        self.guard(origin, Action::Import, None)?;
        let (row, rows) = self.db.read(|conn| {
            let row = seen(origin, store::find(conn, id)?, id)?;
            let (_, rows) = store::lines(conn, id, RowOutcome::Rejected, 0, None)?;
            Ok::<_, Error>((row, rows))
        })?;
        let headings: Vec<String> = row.headings.read();
        let rows = rows.iter().map(|row| {
            let faults: Vec<Fault> = row.faults.read();
            (row.cells.read(), faults.iter().map(Fault::sentence).collect::<Vec<_>>().join("／"))
        });
        crate::export::rejected::csv(&headings, rows).map_err(|cause| Error::CannotWrite(cause.to_string()))
    }

    /// Rows of an import with an outcome, or all, in order of the file, and how many there are. Those of
    /// an import that was applied are what it changed then.
    ///
    /// # Errors
    ///
    /// No such import, one that is still being checked, and one whose file was not kept.
    pub fn import_rows(
        &self,
        origin: &Origin,
        id: i64,
        outcome: Option<RowOutcome>,
        offset: u32,
        limit: Option<u32>,
    ) -> Result<(usize, Rows), Error> {
        let outcome = match outcome {
            None => return self.with_words(self.all_rows(origin, id, offset, limit)?),
            Some(outcome @ (RowOutcome::Rejected | RowOutcome::Warning)) => outcome,
            Some(outcome) => return self.with_words(self.plan_rows(origin, id, outcome, offset, limit)?),
        };
        self.guard(origin, Action::Import, None)?;
        let (count, rows) = self.db.read(|conn| {
            seen(origin, store::find(conn, id)?, id)?;
            store::lines(conn, id, outcome, offset, limit).map_err(Error::from)
        })?;
        Ok((count, Rows::Stored(rows.into_iter().map(FileRow).collect())))
    }

    /// Rows that say what is known already have its texts without their words.
    fn with_words(&self, (count, rows): (usize, Rows)) -> Result<(usize, Rows), Error> {
        if let Rows::Planned(rows) = &rows {
            let facts = rows.iter().filter_map(|(row, _)| match row {
                PlanRow::Fact(entry) => Some(entry),
                _ => None,
            });
            self.read_words(facts.flat_map(plan::Entry::unread))?;
        }
        Ok((count, rows))
    }

    /// Every row of an import in order of the file: what it writes, what is known, what is refused.
    fn all_rows(
        &self,
        origin: &Origin,
        id: i64,
        offset: u32,
        limit: Option<u32>,
    ) -> Result<(usize, Rows), Error> {
        let row = self.planned_row(origin, id)?;
        let plan = self.plan_of(&row)?;
        let (rejected, warned) = self.db.read(|conn| {
            let (_, rejected) = store::lines(conn, id, RowOutcome::Rejected, 0, None)?;
            let (_, warned) = store::lines(conn, id, RowOutcome::Warning, 0, None)?;
            Ok::<_, Error>((rejected, warned))
        })?;
        let mut rows: Vec<PlanRow> = rows_of_plan(&plan, Some(RowOutcome::Unchanged)).collect();
        // What was applied without writing anything changed nothing, whatever it would do today.
        if row.applied_at.is_none() || row.first_seq.is_some() {
            rows = rows_of_plan(&plan, None).collect();
        }
        rows.extend(rejected.into_iter().map(|line| PlanRow::Rejected(FileRow(line))));
        rows.sort_by_key(PlanRow::line);
        let count = rows.len();
        let most = limit.map_or(usize::MAX, |limit| limit as usize);
        let window: Vec<PlanRow> = rows.into_iter().skip(offset as usize).take(most).collect();
        let warnings = |line: i64| {
            let found = warned.binary_search_by_key(&line, |row| row.line).ok().map(|at| &warned[at].faults);
            found.map(|faults| faults.read()).unwrap_or_default()
        };
        let rows =
            window.into_iter().map(|row| (warnings(row.line()), row)).map(|(faults, row)| (row, faults));
        Ok((count, Rows::Planned(rows.collect())))
    }

    fn plan_rows(
        &self,
        origin: &Origin,
        id: i64,
        outcome: RowOutcome,
        offset: u32,
        limit: Option<u32>,
    ) -> Result<(usize, Rows), Error> {
        let row = self.planned_row(origin, id)?;
        let plan = self.plan_of(&row)?;
        // What was applied without writing anything changed nothing, whatever it would do today.
        if row.applied_at.is_some() && row.first_seq.is_none() && outcome != RowOutcome::Unchanged {
            return Ok((0, Rows::Planned(Vec::new())));
        }
        let window = |rows: &mut dyn Iterator<Item = PlanRow>| -> Vec<(PlanRow, Vec<Fault>)> {
            let most = limit.map_or(usize::MAX, |limit| limit as usize);
            rows.skip(offset as usize).take(most).map(|row| (row, Vec::new())).collect()
        };
        let count = rows_of_plan(&plan, Some(outcome)).count();
        Ok((count, Rows::Planned(window(&mut rows_of_plan(&plan, Some(outcome))))))
    }

    /// Lines that were not taken when a file was checked.
    fn refused_lines(&self, id: i64) -> Result<BTreeSet<u32>, Error> {
        let (_, rows) = self
            .db
            .read(|conn| store::lines(conn, id, RowOutcome::Rejected, 0, None).map_err(Error::from))?;
        Ok(rows.iter().filter_map(|row| u32::try_from(row.line).ok()).collect())
    }

    /// The plan of a stored file: as it is now, or as it was when it was applied.
    fn plan_of(&self, row: &store::Import) -> Result<Arc<Plan>, Error> {
        let revision = match row.first_seq {
            Some(first) => first,
            None => self.db.read(|conn| assertions::revision(conn).map_err(Error::from))? + 1,
        };
        let key = PlanKey { import: row.id, revision, hash: row.plan_hash };
        if let Some(plan) = self.plans.get(key) {
            return Ok(plan);
        }
        let _turn = self.jobs.turn()?;
        let file = self.read_again(row)?;
        let reading = file.reading.as_ref().map_err(|faults| Error::BadFile(faults.clone()))?;
        let refused = self.refused_lines(row.id)?;
        let known = row.first_seq.map_or(Known::Now, Known::Before);
        let known = self.db.snapshot(|conn| self.known(conn, reading, &file.options, known))?;
        let plan = Arc::new(self.plan_as_sent(&file, reading, &known, &refused)?);
        self.plans.put(key, Arc::clone(&plan));
        Ok(plan)
    }
}

/// The rows of a plan with an outcome, or all of them, each kind in order of the file.
fn rows_of_plan(plan: &Plan, outcome: Option<RowOutcome>) -> impl Iterator<Item = PlanRow> {
    let wanted = move |found: RowOutcome| outcome.is_none_or(|outcome| outcome == found);
    let facts = plan.entries.iter().chain(&plan.unchanged).filter(move |entry| wanted(entry.outcome));
    let records = plan.records.iter().chain(&plan.known_records).filter(move |entry| wanted(entry.outcome));
    facts.cloned().map(PlanRow::Fact).chain(records.cloned().map(PlanRow::Record))
}
