//! What a file would change: compared with what is known, shown, and recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::access::Origin;
use super::super::known::KnownOf;
use super::super::statements::statement_of;
use super::jobs::{Progress, Turn};
use super::upload::File;
use super::{ApplyOptions, no_import};
use crate::domain::access::{Action, Denial, Statement, Target, decide};
use crate::domain::assertion::Key;
use crate::domain::imports::{ImportStatus, RowOutcome};
use crate::domain::readiness::Evidence;
use crate::domain::usage::RecordKey;
use crate::grid::moment::Known;
use crate::import::options::Asked;
use crate::import::plan::{self, Claim, Gate, Plan, RecordEntry, Unwatched, Watch};
use crate::import::report::Report;
use crate::import::{self, Fault, Reading};
use crate::service::Service;
use crate::service::error::Error;
use crate::store::imports::{self as store, FileLine};
use crate::store::{Conn, Document, assertions};

/// A file compared with what is known: what it would change if this sender applied it.
pub struct Planned {
    /// What a person and a program are told of it.
    pub report: Report,
    /// The revision of the log it was compared with.
    pub(super) revision: i64,
    /// What it would write; none where it cannot be read.
    pub(super) plan: Option<Plan>,
}

impl Planned {
    /// SHA-256 of the plan; none where the file cannot be read.
    pub fn hash(&self) -> Option<[u8; 32]> {
        self.plan.as_ref().map(|plan| plan.hash)
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.plan.as_ref().is_none_or(|plan| plan.entries.is_empty() && plan.records.is_empty())
    }
}

impl Service {
    /// Compares a file with what is known; writes nothing.
    ///
    /// # Errors
    ///
    /// A database that does not answer, and [`Error::Stopped`] by whoever watches. What is wrong with the file
    /// is in the report.
    pub fn plan(&self, origin: &Origin, file: &File, watch: &dyn Watch) -> Result<Planned, Error> {
        self.compare(origin, file, watch, |reading| {
            self.db.snapshot(|conn| {
                Ok((assertions::revision(conn)?, self.known(conn, reading, &file.options, Known::Now)?))
            })
        })
    }

    /// The same inside of a transaction that writes.
    pub(super) fn plan_within(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        file: &File,
        watch: &dyn Watch,
    ) -> Result<Planned, Error> {
        self.compare(origin, file, watch, |reading| {
            Ok((assertions::revision(conn)?, self.known(conn, reading, &file.options, Known::Now)?))
        })
    }

    fn compare<'s>(
        &'s self,
        origin: &Origin,
        file: &File,
        watch: &dyn Watch,
        known: impl FnOnce(&Reading) -> Result<(i64, KnownOf<'s>), Error>,
    ) -> Result<Planned, Error> {
        let reading = match &file.reading {
            Ok(reading) => reading,
            Err(faults) => {
                let report = Report::unreadable(&file.facts, faults.clone());
                return Ok(Planned { report, revision: 0, plan: None });
            }
        };
        let (revision, known) = known(reading)?;
        let plan = self.plan_for(origin, file, reading, &known, watch)?;
        let report = Report::planned(&file.facts, reading, &plan, &self.catalogue);
        let report = Report { effect: self.effect(&plan, &known), ..report };
        Ok(Planned { report, revision, plan: Some(plan) })
    }

    /// Plans a file for somebody; a line they may not write is a fault.
    fn plan_for(
        &self,
        origin: &Origin,
        file: &File,
        reading: &Reading,
        known: &KnownOf<'_>,
        watch: &dyn Watch,
    ) -> Result<Plan, Error> {
        let fact = |entry: &plan::Entry, claim: Claim| {
            let statement = match claim {
                Claim::Whole => statement_of(&entry.new, entry.key.source),
                // The least that anybody may say who reaches the row.
                Claim::Reach => Statement::Readiness(Evidence::Declared),
            };
            self.may_write(origin, &entry.key, statement).err().map(Denial::refusal)
        };
        let record = |entry: &RecordEntry| self.may_record(origin, &entry.key).err().map(Denial::refusal);
        let gate = Gate { fact: &fact, record: &record };
        self.make(file, reading, known, &gate, watch)
    }

    /// Plans a file for whoever looks at it, without the lines that were refused to its sender.
    pub(super) fn plan_as_sent(
        &self,
        file: &File,
        reading: &Reading,
        known: &KnownOf<'_>,
        refused: &BTreeSet<u32>,
    ) -> Result<Plan, Error> {
        let refusal = |line: u32| refused.contains(&line).then(|| Denial::OtherMunicipality.refusal());
        let fact = |entry: &plan::Entry, _: Claim| refusal(entry.line);
        let record = |entry: &RecordEntry| refusal(entry.line);
        let gate = Gate { fact: &fact, record: &record };
        self.make(file, reading, known, &gate, &Unwatched)
    }

    fn make(
        &self,
        file: &File,
        reading: &Reading,
        known: &KnownOf<'_>,
        gate: &Gate<'_>,
        watch: &dyn Watch,
    ) -> Result<Plan, Error> {
        let plan = plan::make(reading, &self.catalogue, &known.for_plan(), &file.options, gate, watch)?;
        known.finish()?;
        // What is written is written with all its words.
        self.read_words(plan.entries.iter().flat_map(plan::Entry::unread))?;
        Ok(plan)
    }

    /// Whether a row of a file may be written.
    pub(super) fn may_write(&self, origin: &Origin, key: &Key, statement: Statement) -> Result<(), Denial> {
        // The database refers to the catalogue; if it ever did not, nobody may write there.
        let procedure = self.catalogue.procedure_ix(key.procedure.as_str()).ok_or(Denial::OtherCategory)?;
        let category = self.catalogue.procedure(procedure).category;
        let target = Target { municipality: key.municipality, category: Some(category) };
        decide(&origin.actor.grant, Action::ImportRow(statement), Some(target))
    }

    /// Whether a record of a file may be written.
    pub(super) fn may_record(&self, origin: &Origin, key: &RecordKey) -> Result<(), Denial> {
        let statement = match key {
            RecordKey::Usage(_) => Statement::Usage,
            RecordKey::Figure(_) => Statement::PublishedFigure,
            RecordKey::Material(_) => Statement::Material,
        };
        let municipality = key.municipality();
        let target = match (key.procedure(), key) {
            (Some(procedure), _) => {
                let ix = self.catalogue.procedure_ix(procedure.as_str()).ok_or(Denial::OtherCategory)?;
                let category = self.catalogue.procedure(ix).category;
                Some(Target { municipality, category: Some(category) })
            }
            // Figures of a whole definition are for administrators, who reach everybody.
            (None, RecordKey::Figure(_)) => None,
            (None, RecordKey::Usage(_) | RecordKey::Material(_)) => {
                Some(Target { municipality, category: None })
            }
        };
        decide(&origin.actor.grant, Action::ImportRow(statement), target)
    }

    /// Plans a stored file, and applies it where that was asked: at once, or after the answer where the file
    /// is large.
    pub(super) fn bring_on(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        file: File,
        then: Option<ApplyOptions>,
        turn: Option<Turn<'_>>,
    ) -> Result<(), Error> {
        self.at_once_or_later(origin, id, file.size(), turn, move |service, origin, progress| {
            service.plan_stored(origin, id, file, then, progress)
        })
    }

    /// Plans a stored file, and applies it where that was asked.
    pub(super) fn plan_stored(
        &self,
        origin: &Origin,
        id: i64,
        file: File,
        then: Option<ApplyOptions>,
        progress: &Progress,
    ) -> Result<(), Error> {
        progress.begin(file.size());
        let at_hand = self
            .plan_until_answered(origin, id, file, progress)
            .inspect_err(|error| self.end_badly(origin, id, error))?;
        match then {
            None => Ok(()),
            Some(how) => self.apply_planned(origin, id, at_hand, how, progress),
        }
    }

    /// Compares a stored file and records its plan; begins again if something was answered about it
    /// meanwhile. Gives the file back as it was read last.
    fn plan_until_answered(
        &self,
        origin: &Origin,
        id: i64,
        mut file: File,
        watch: &dyn Watch,
    ) -> Result<(File, Planned), Error> {
        loop {
            let planned = self.plan(origin, &file, watch)?;
            match self.record_plan(id, &file, &planned)? {
                None => return Ok((file, planned)),
                Some(row) => file = self.read_again(&row)?,
            }
        }
    }

    /// Records what a stored file would change. Gives the import instead if more was answered about it than
    /// the file was read with.
    fn record_plan(&self, id: i64, file: &File, planned: &Planned) -> Result<Option<store::Import>, Error> {
        self.db.write(|conn| {
            let row = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
            if row.status != ImportStatus::Checking {
                return Err(Error::Stopped);
            }
            if row.asked.read::<Asked>() != file.asked {
                return Ok(Some(row));
            }
            let row = store::Import {
                status: ImportStatus::Planned,
                started_at: None,
                ..described(row, file, planned)
            };
            store::update(conn, &row)?;
            replace_lines(conn, id, file, planned)?;
            Ok(None)
        })
    }
}

/// The row of an import with what was understood of its file and what that would change.
pub(super) fn described(row: store::Import, file: &File, planned: &Planned) -> store::Import {
    let Ok(reading) = &file.reading else { return row };
    store::Import {
        encoding: reading.container.as_ref().map(import::Container::label),
        layout: reading.layout.map(|layout| layout.code().to_owned()),
        profile: reading.profile.clone(),
        report: Document::of(&planned.report.without_rows()),
        headings: Document::of(&reading.headings),
        plan_hash: planned.hash(),
        ..row
    }
}

/// Stores the rejected and warned lines of a file in place of those that were stored.
pub(super) fn replace_lines(conn: &mut Conn, id: i64, file: &File, planned: &Planned) -> Result<(), Error> {
    if let (Ok(reading), Some(plan)) = (&file.reading, &planned.plan) {
        store::replace_lines(conn, id, file_lines(reading, plan))?;
    }
    Ok(())
}

/// The rejected and warned rows of a file, with their cells as they came, some at a time: in a file
/// that is not the sender's all rows are, and with their cells they are larger than the file.
fn file_lines<'p>(reading: &'p Reading, plan: &'p Plan) -> impl Iterator<Item = Vec<FileLine>> + 'p {
    /// Rows at a time.
    const SOME: usize = 1000;
    let by_line = |faults: &'p [Fault]| {
        let mut lines: BTreeMap<u32, Vec<&'p Fault>> = BTreeMap::new();
        for fault in faults {
            lines.entry(fault.line.unwrap_or(0)).or_default().push(fault);
        }
        lines
    };
    let outcomes =
        [(RowOutcome::Rejected, by_line(&plan.faults)), (RowOutcome::Warning, by_line(&plan.warnings))];
    let rows = move |outcome: RowOutcome, lines: &[(u32, Vec<&Fault>)]| -> Vec<FileLine> {
        let cells = reading.cells_of(&lines.iter().map(|(line, _)| *line).collect());
        let row = |(line, faults): &(u32, Vec<&Fault>)| FileLine {
            line: i64::from(*line),
            outcome,
            faults: Document::of(faults),
            cells: Document::of(&cells.get(line).map(|cells| storable(cells)).unwrap_or_default()),
        };
        lines.iter().map(row).collect()
    };
    outcomes.into_iter().flat_map(move |(outcome, lines)| {
        let lines: Vec<(u32, Vec<&Fault>)> = lines.into_iter().collect();
        let chunks: Vec<_> = (0..lines.len()).step_by(SOME).collect();
        chunks.into_iter().map(move |at| rows(outcome, &lines[at..lines.len().min(at + SOME)]))
    })
}

/// Cells as both databases can hold them.
fn storable(cells: &[String]) -> Vec<String> {
    cells.iter().map(|cell| cell.replace('\0', "\u{FFFD}")).collect()
}
