//! What a file would change: compared with what is known, shown, and recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::super::access::Origin;
use super::super::known::KnownOf;
use super::super::statements::statement_of;
use super::upload::Prepared;
use super::{Then, no_import};
use crate::domain::access::{Action, Denial, Statement, Target, decide};
use crate::domain::assertion::Key;
use crate::domain::imports::ImportStatus;
use crate::domain::readiness::Evidence;
use crate::domain::usage::RecordKey;
use crate::error::Error;
use crate::grid::history::Known;
use crate::import::options::Asked;
use crate::import::plan::{self, Claim, Gate, Plan, RecordEntry, Unwatched, Watch};
use crate::import::report::{Effect, Report};
use crate::import::{self, Fault, Reading};
use crate::service::Service;
use crate::store::imports::{self as store, FileRow, ImportRow};

impl Service {
    /// What a file would do if this sender applied it; writes nothing. The second value is the hash
    /// of the plan.
    ///
    /// # Errors
    ///
    /// A database that does not answer. A file that cannot be read is a report.
    pub fn check(&self, prepared: &Prepared, origin: &Origin) -> Result<(Report, Option<[u8; 32]>), Error> {
        self.check_watched(prepared, origin, &Unwatched)
    }

    /// As [`Service::check`], for somebody who watches.
    ///
    /// # Errors
    ///
    /// As [`Service::check`], and [`Error::Stopped`] by whoever watches.
    pub fn check_watched(
        &self,
        prepared: &Prepared,
        origin: &Origin,
        watch: &dyn Watch,
    ) -> Result<(Report, Option<[u8; 32]>), Error> {
        let reading = match &prepared.reading {
            Ok(reading) => reading,
            Err(faults) => return Ok((Report::unreadable(&prepared.file, faults.clone()), None)),
        };
        let (plan, effect) = self.planned(prepared, reading, origin, watch)?;
        let report = Report::planned(&prepared.file, reading, &plan, &self.catalogue);
        Ok((Report { effect, ..report }, Some(plan.hash)))
    }

    /// The plan of a file as this sender may carry it out, and what it does to figures.
    pub(super) fn planned(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        origin: &Origin,
        watch: &dyn Watch,
    ) -> Result<(Plan, Vec<Effect>), Error> {
        let known = self.db.read(|conn| self.known(conn, reading, Known::Now))?;
        let plan = self.plan(prepared, reading, &known, origin, watch)?;
        let effect = self.effect(&plan, &known);
        Ok((plan, effect))
    }

    /// Plans a file for somebody; a line they may not write is a fault.
    pub(super) fn plan(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        known: &KnownOf<'_>,
        origin: &Origin,
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
        self.make(prepared, reading, known, &gate, watch)
    }

    /// Plans a file for whoever looks at it, without the lines that were refused to its sender.
    pub(super) fn plan_as_sent(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        known: &KnownOf<'_>,
        refused: &BTreeSet<u32>,
    ) -> Result<Plan, Error> {
        let refusal = |line: u32| refused.contains(&line).then(|| Denial::OtherMunicipality.refusal());
        let fact = |entry: &plan::Entry, _: Claim| refusal(entry.line);
        let record = |entry: &RecordEntry| refusal(entry.line);
        let gate = Gate { fact: &fact, record: &record };
        self.make(prepared, reading, known, &gate, &Unwatched)
    }

    fn make(
        &self,
        prepared: &Prepared,
        reading: &Reading,
        known: &KnownOf<'_>,
        gate: &Gate<'_>,
        watch: &dyn Watch,
    ) -> Result<Plan, Error> {
        let plan = plan::make(reading, &self.catalogue, &known.for_plan(), &prepared.options, gate, watch)?;
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
        let target = Target { municipality: key.municipality, category };
        decide(&origin.actor.grant, Action::ImportRow(statement), Some(target))
    }

    /// Whether a record of a file may be written.
    pub(super) fn may_record(&self, origin: &Origin, key: &RecordKey) -> Result<(), Denial> {
        let statement = match key {
            RecordKey::Usage(_) => Statement::Usage,
            RecordKey::Figure(_) => Statement::PublishedFigure,
        };
        let target = match key.procedure() {
            Some(procedure) => {
                let ix = self.catalogue.procedure_ix(procedure.as_str()).ok_or(Denial::OtherCategory)?;
                let category = self.catalogue.procedure(ix).category;
                Some(Target { municipality: key.municipality(), category })
            }
            // Figures of a whole definition are for administrators, who reach everybody.
            None => None,
        };
        decide(&origin.actor.grant, Action::ImportRow(statement), target)
    }

    /// Compares a stored file and records its plan; begins again if something was answered about it
    /// meanwhile. Gives the file back as it was read last.
    pub(super) fn plan_until_answered(
        &self,
        origin: &Origin,
        mut prepared: Prepared,
        id: i64,
        watch: &dyn Watch,
    ) -> Result<Prepared, Error> {
        while let Some(row) = self.plan_stored(origin, &prepared, id, watch)? {
            prepared = self.read_again(&row)?;
        }
        Ok(prepared)
    }

    /// Compares a stored file and records its plan. Gives the import instead if more was answered
    /// about it than the file was read with.
    fn plan_stored(
        &self,
        origin: &Origin,
        prepared: &Prepared,
        id: i64,
        watch: &dyn Watch,
    ) -> Result<Option<ImportRow>, Error> {
        let Ok(reading) = &prepared.reading else { return Ok(None) };
        let (plan, effect) = self.planned(prepared, reading, origin, watch)?;
        let report = Report::planned(&prepared.file, reading, &plan, &self.catalogue);
        let report = Report { effect, ..report };
        self.db.write(|conn| {
            let row = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
            if row.status != ImportStatus::Checking.code() {
                return Err(Error::Stopped);
            }
            if serde_json::from_str::<Asked>(&row.asked).is_ok_and(|asked| asked != prepared.asked) {
                return Ok(Some(row));
            }
            let row = ImportRow {
                status: ImportStatus::Planned.code().to_owned(),
                started_at: None,
                ..described(row, reading, &plan, &report)
            };
            store::update(conn, &row)?;
            store::replace_rows(conn, id, file_rows(id, reading, &plan))?;
            Ok(None)
        })
    }

    pub(super) fn plan_later(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        prepared: Prepared,
        then: Option<Then>,
    ) {
        self.later(origin, id, move |service, origin, progress| {
            progress.begin(prepared.size());
            let prepared = service.plan_until_answered(origin, prepared, id, progress)?;
            match then {
                None => Ok(()),
                // Read once is read: it need not be taken from the database again.
                Some(then) => service.apply_read(origin, id, then, prepared, progress),
            }
        });
    }
}

/// The row of an import with what was understood of it and what it would change.
pub(super) fn described(row: ImportRow, reading: &Reading, plan: &Plan, report: &Report) -> ImportRow {
    let json = |value: Result<String, serde_json::Error>| value.ok();
    ImportRow {
        encoding: reading.container.as_ref().map(import::Container::label),
        layout: reading.layout.map(|layout| layout.code().to_owned()),
        profile: reading.profile.clone(),
        report: json(serde_json::to_string(&report.without_rows())),
        headings: json(serde_json::to_string(&reading.headings)),
        plan_hash: Some(plan.hash.to_vec()),
        ..row
    }
}

/// The rejected and warned rows of a file, with their cells as they came, some at a time: in a file
/// that is not the sender's all rows are, and with their cells they are larger than the file.
pub(super) fn file_rows<'p>(
    id: i64,
    reading: &'p Reading,
    plan: &'p Plan,
) -> impl Iterator<Item = Vec<FileRow>> + 'p {
    /// Rows at a time.
    const SOME: usize = 1000;
    let by_line = |faults: &'p [Fault]| {
        let mut lines: BTreeMap<u32, Vec<&'p Fault>> = BTreeMap::new();
        for fault in faults {
            lines.entry(fault.line.unwrap_or(0)).or_default().push(fault);
        }
        lines
    };
    let outcomes = [("rejected", by_line(&plan.faults)), ("warning", by_line(&plan.warnings))];
    let rows = move |outcome: &str, lines: &[(u32, Vec<&Fault>)]| -> Vec<FileRow> {
        let cells = reading.cells_of(&lines.iter().map(|(line, _)| *line).collect());
        let row = |(line, faults): &(u32, Vec<&Fault>)| FileRow {
            import_id: id,
            line: i64::from(*line),
            outcome: outcome.to_owned(),
            faults: json!(faults).to_string(),
            cells: json!(cells.get(line).map(|cells| storable(cells)).unwrap_or_default()).to_string(),
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
