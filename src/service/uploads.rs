//! Files that were sent and wait: checked, shown, applied, given up.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use super::Service;
use super::access::Origin;
use super::imports::{ApplyOptions, OnError, Prepared, described, file_rows, no_import, unanswered};
use super::jobs::Progress;
use super::kept::{Answered, Repeatable};
use crate::config::DatabaseUrl;
use crate::domain::Refusal;
use crate::domain::access::{Action, Reach};
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::dates::day_in_japan;
use crate::domain::imports::ImportStatus;
use crate::error::Error;
use crate::grid::history::Known;
use crate::import::options::{Asked, Refused};
use crate::import::plan::{self, Outcome, Plan, Unwatched, Watch};
use crate::import::report::{Report, SHOWN_FAULTS, Status};
use crate::import::{Fault, Options};
pub use crate::store::imports::FileRow;
use crate::store::imports::{self as store, ImportFilter, ImportRow};
use crate::store::{assertions, audit};

/// From so many rows or statements on a file is worked on after the answer.
pub const LATER_FROM: usize = 5_000;
/// Work of another process of which nothing was heard for so long is not under way any more.
const LONGEST_WORK: TimeDelta = TimeDelta::minutes(3);

/// An import as it stands.
#[derive(Clone, Debug)]
pub struct Import {
    /// Where it stands.
    pub status: ImportStatus,
    /// Its row.
    pub row: ImportRow,
    /// What was understood of it and what it would change.
    pub report: Report,
    /// How many statements are done and of how many, while work is under way.
    pub progress: Option<(usize, usize)>,
}

/// A file as it is sent.
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is said beside it, as it came.
    pub asked: Asked,
    /// The same, understood.
    pub options: Options,
}

/// A file that was taken: its number, and what became of it.
#[derive(Debug)]
pub struct Sent {
    /// Number of the import; it is there even if applying it failed.
    pub id: i64,
    /// The import, or why it could not be applied.
    pub result: Result<Import, Error>,
}

/// How a file that was checked is to be applied.
#[derive(Clone, Copy, Debug)]
pub struct Then {
    /// What to do while rows are wrong.
    pub on_error: OnError,
    /// Whether lowering very many levels was confirmed.
    pub confirmed: bool,
}

impl Then {
    /// The same for exactly the plan that an import was shown with.
    fn how(self, row: &ImportRow) -> ApplyOptions {
        let expected_plan = row.plan_hash.as_deref().and_then(|hash| hash.try_into().ok());
        ApplyOptions { on_error: self.on_error, confirmed: self.confirmed, expected_plan }
    }
}

/// A row of a plan, for people.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanRow {
    /// A fact.
    Fact(crate::import::plan::Entry),
    /// A record of usage or a published figure.
    Record(crate::import::records::RecordEntry),
    /// A line that was not taken.
    Rejected(FileRow),
}

impl PlanRow {
    fn line(&self) -> i64 {
        match self {
            Self::Fact(entry) => i64::from(entry.line),
            Self::Record(entry) => i64::from(entry.line),
            Self::Rejected(row) => row.line,
        }
    }
}

/// Which rows of an import are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsOf {
    /// All of them, in order of the file.
    All,
    /// Those with this outcome.
    Outcome(Outcome),
    /// Those that were not taken.
    Rejected,
    /// Those with a warning.
    Warning,
}

/// Rows of an import.
#[derive(Clone, Debug)]
pub enum Rows {
    /// As the plan has them, each with the warnings of its line where all rows are asked for.
    Planned(Vec<(PlanRow, Vec<Fault>)>),
    /// As the file has them, with what is wrong.
    Stored(Vec<FileRow>),
}

/// The plans that were shown last: whoever pages through one need not wait for it each time.
#[derive(Default)]
pub(super) struct Plans(Mutex<Vec<KeptPlan>>);

/// An import, the revision it was compared with, and its plan.
type KeptPlan = ((i64, i64), Arc<Plan>);

impl Plans {
    /// So many plans are kept; each may be large.
    const KEPT: usize = 2;

    fn get(&self, key: (i64, i64)) -> Option<Arc<Plan>> {
        let plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().find(|(known, _)| *known == key).map(|(_, plan)| Arc::clone(plan))
    }

    fn put(&self, key: (i64, i64), plan: Arc<Plan>) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|(known, _)| *known != key);
        plans.insert(0, (key, plan));
        plans.truncate(Self::KEPT);
    }
}

impl Service {
    /// Reads what the sender says about a file; the inner error is every value that makes no sense,
    /// with the name of its parameter.
    ///
    /// # Errors
    ///
    /// A profile that is none of the sender's, and a database that does not answer.
    pub fn options(&self, origin: &Origin, asked: &Asked) -> Result<Result<Options, Refused>, Error> {
        let owner = asked.municipality.as_deref().and_then(|code| code.parse().ok());
        let profile = match asked.profile_name().map(|name| self.profile(origin, name, owner)) {
            None => None,
            Some(Ok(named)) => Some(named.profile),
            Some(Err(Error::NotFound(refusal))) => return Ok(Err(vec![("profile", refusal)])),
            Some(Err(error)) => return Err(error),
        };
        let mut options = match asked.read(&self.catalogue, profile, self.today()) {
            Ok(options) => options,
            Err(faults) => return Ok(Err(faults)),
        };
        // A town's own form need not say whose it is.
        if let (None, Reach::Municipality(code)) = (options.municipality, origin.actor.grant.reach()) {
            options.municipality = self.catalogue.body_ix(code);
        }
        Ok(Ok(options))
    }

    /// Takes a file: reads it, compares it, and keeps it until it is applied or given up; with `then`
    /// applies it as well. Large files are worked on after the answer.
    ///
    /// # Errors
    ///
    /// [`Error::BadFile`] for one that cannot be read, someone who may not import, too many files
    /// at once, an `Idempotency-Key` that was used with another request, and what
    /// [`Service::apply_import`] answers.
    pub fn upload(
        self: &Arc<Self>,
        origin: &Origin,
        file: Upload,
        then: Option<Then>,
        repeatable: Option<&Repeatable>,
    ) -> Result<Sent, Error> {
        self.guard(origin, Action::Import, None)?;
        if let Some(id) = self.uploaded_before(origin, repeatable)? {
            return Ok(Sent { id, result: self.resume(origin, id, then) });
        }
        let turn = self.jobs.turn()?;
        let prepared = self.read_apart(file)?;
        if let Err(faults) = &prepared.reading {
            return Err(Error::BadFile(faults.clone()));
        }
        let id = self.store_upload(origin, &prepared, repeatable)?;
        let prepared = prepared.without_original();
        if prepared.size() < LATER_FROM {
            let planned = self.plan_until_answered(origin, prepared, id, &Unwatched);
            if let Err(error) = &planned {
                self.end_badly(origin, id, error);
            }
            let applied = planned.and_then(|prepared| match then {
                None => Ok(()),
                Some(then) => self.apply_read(origin, id, then, prepared, &Progress::default()),
            });
            drop(turn);
            return Ok(Sent { id, result: applied.and_then(|()| self.import(origin, id)) });
        }
        drop(turn);
        self.plan_later(origin, id, prepared, then);
        Ok(Sent { id, result: self.import(origin, id) })
    }

    /// Reads a file in a thread of its own, as planning and applying are: what the allocator keeps of
    /// a thread that ended goes to the next such thread, and not to another that waits with it.
    fn read_apart(&self, file: Upload) -> Result<Prepared, Error> {
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let Upload { name, bytes, asked, options } = file;
                self.prepare(&name, &bytes, options).keeping(bytes, asked, &self.catalogue)
            });
            reader.join().map_err(|_panic| Error::Panicked)
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

    fn and_then(self: &Arc<Self>, origin: &Origin, id: i64, then: Option<Then>) -> Result<Import, Error> {
        match then {
            None => self.import(origin, id),
            Some(then) => self.apply_import(origin, id, then),
        }
    }

    /// Goes on where an earlier request with the same key was cut off: one file is one import,
    /// however often it is sent.
    fn resume(self: &Arc<Self>, origin: &Origin, id: i64, then: Option<Then>) -> Result<Import, Error> {
        let import = self.import(origin, id)?;
        match import.status {
            ImportStatus::Interrupted => {}
            ImportStatus::Planned => return self.and_then(origin, id, then),
            _ => return Ok(import),
        }
        let planned = import.row.plan_hash.is_some();
        let status = if planned { ImportStatus::Planned } else { ImportStatus::Checking };
        let started_at = (!planned).then(|| store::at(self.now()));
        let prepared = if planned { None } else { Some(self.read_again(&import.row)?) };
        self.db.write(|conn| {
            let now = store::find(conn, id)?.ok_or_else(|| no_import(id))?;
            if now != import.row {
                return Err(twice_at_once());
            }
            store::update(conn, &ImportRow { status: status.code().to_owned(), started_at, ..now })?;
            Ok(())
        })?;
        if let Some(prepared) = prepared {
            self.plan_later(origin, id, prepared, then);
            return self.import(origin, id);
        }
        self.and_then(origin, id, then)
    }

    fn uploaded_before(
        &self,
        origin: &Origin,
        repeatable: Option<&Repeatable>,
    ) -> Result<Option<i64>, Error> {
        if repeatable.is_none() {
            return Ok(None);
        }
        let answered = self.db.write(|conn| self.answered(conn, origin, repeatable))?;
        Ok(answered.and_then(|answered| answered.body.parse().ok()))
    }

    fn store_upload(
        &self,
        origin: &Origin,
        prepared: &Prepared,
        repeatable: Option<&Repeatable>,
    ) -> Result<i64, Error> {
        self.db.write(|conn| {
            // The same request may have come twice at once.
            if self.answered(conn, origin, repeatable)?.is_some() {
                return Err(twice_at_once());
            }
            let id = store::next_id(conn)?;
            let row = self.new_row(id, prepared, origin);
            self.insert(conn, &ImportRow { started_at: Some(row.created_at), ..row }, prepared)?;
            let entry = Entry {
                file: Some(prepared.file.name.clone()),
                ..origin.entry(self.now(), AuditAction::ImportSent, format!("import/{id}"))
            };
            audit::append(conn, entry)?;
            let location = Some(format!("/api/v1/imports/{id}"));
            let answered = Answered { status: 201, location, body: id.to_string() };
            self.keep(conn, origin, repeatable, &answered)?;
            Ok(id)
        })
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

    /// Does work on an import in a thread of its own, and records how it ended.
    fn later(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        work: impl FnOnce(&Arc<Self>, &Origin, &Progress) -> Result<(), Error> + Send + 'static,
    ) {
        let (service, origin) = (Arc::clone(self), origin.clone());
        let progress = self.jobs.begin(id);
        std::thread::spawn(move || {
            let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _turn = service.jobs.turn_whenever(&progress)?;
                work(&service, &origin, &progress)
            }));
            let error = match worked {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error),
                Err(_panic) => Some(Error::Panicked),
            };
            if let Some(error) = error {
                log::warn!("import {id}: {error}");
                service.end_badly(&origin, id, &error);
            }
            service.jobs.end(id);
        });
    }

    /// Records that work on an import came to nothing: it is given up if a person stopped it, waits
    /// as before if it had a plan, and has failed otherwise. Whoever looks again must find that, so
    /// a database that does not answer is asked again for a while.
    pub(super) fn end_badly(&self, origin: &Origin, id: i64, error: &Error) {
        /// Tries, a second apart.
        const TRIES: usize = 60;
        for _ in 0..TRIES {
            match self.note_end(origin, id, error) {
                Ok(()) => return,
                Err(cause) => log::error!("import {id}: cannot record how it ended: {cause}"),
            }
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }

    fn note_end(&self, origin: &Origin, id: i64, error: &Error) -> Result<(), Error> {
        self.db.write(|conn| {
            let Some(row) = store::find(conn, id)? else { return Ok(()) };
            let busy = row.status.parse().is_ok_and(ImportStatus::is_busy);
            let planned = row.plan_hash.is_some();
            if !busy && row.status != ImportStatus::Planned.code() {
                return Ok(());
            }
            let stopped = matches!(error, Error::Stopped);
            let status = match (stopped, planned) {
                (true, _) => ImportStatus::Cancelled,
                (false, true) => ImportStatus::Planned,
                (false, false) => ImportStatus::Failed,
            };
            let failure = (!stopped).then(|| crate::domain::text::cut(&error.ja(), 900));
            let code = status.code().to_owned();
            store::update(conn, &ImportRow { status: code, started_at: None, failure, ..row })?;
            if stopped {
                let entry = origin.entry(self.now(), AuditAction::ImportCancelled, format!("import/{id}"));
                audit::append(conn, entry)?;
            }
            Ok(())
        })
    }

    /// Says of the work in this process that it goes on, so that no other process takes it for
    /// interrupted.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn note_working(&self) -> Result<(), Error> {
        let ids = self.jobs.ids();
        if ids.is_empty() {
            return Ok(());
        }
        self.db.write(|conn| store::touch(conn, &ids, self.now()).map_err(Error::from))
    }

    /// Says of imports whose work this or another process left unfinished that it was interrupted.
    /// One server alone works on an SQLite file, so when it starts every one is meant.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn note_interrupted(&self, starting: bool) -> Result<usize, Error> {
        let before = match self.db.url() {
            DatabaseUrl::Sqlite(_) if starting => self.now(),
            _ => self.now() - LONGEST_WORK,
        };
        let own = self.jobs.ids();
        let found = self.db.read(|conn| store::under_way_since(conn, before).map_err(Error::from))?;
        if found.iter().all(|row| own.contains(&row.id)) {
            return Ok(0);
        }
        self.db.write(|conn| {
            let mut rows = store::under_way_since(conn, before)?;
            rows.retain(|row| !own.contains(&row.id));
            for row in &rows {
                let status = ImportStatus::Interrupted.code().to_owned();
                store::update(conn, &ImportRow { status, started_at: None, ..row.clone() })?;
            }
            Ok(rows.len())
        })
    }

    /// An import.
    ///
    /// # Errors
    ///
    /// No such import, or one that is none of the sender's.
    pub fn import(&self, origin: &Origin, id: i64) -> Result<Import, Error> {
        self.guard(origin, Action::Import, None)?;
        let (row, faults, warnings) = self.db.read(|conn| {
            let row = seen(origin, store::find(conn, id)?, id)?;
            let shown = u32::try_from(SHOWN_FAULTS).unwrap_or(u32::MAX);
            let (_, faults) = store::rows(conn, id, "rejected", 0, Some(shown))?;
            let (_, warnings) = store::rows(conn, id, "warning", 0, Some(shown))?;
            Ok::<_, Error>((row, faults, warnings))
        })?;
        let mut import = self.standing(row)?;
        import.report.faults = first_faults(&faults);
        import.report.warnings = first_faults(&warnings);
        Ok(import)
    }

    fn standing(&self, row: ImportRow) -> Result<Import, Error> {
        let status: ImportStatus = row.status.parse().map_err(Error::Unprocessable)?;
        // What was written is not shown everywhere before the work has ended; where nothing was, its end is still
        // that of the check.
        let status = match (self.jobs.progress(row.id), status) {
            (Some(_), ImportStatus::Planned) => ImportStatus::Checking,
            (Some(_), status) if !status.is_busy() => ImportStatus::Applying,
            (_, status) => status,
        };
        let report =
            row.report.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let progress = self.jobs.progress(row.id).filter(|_| status.is_busy()).map(|progress| progress.now());
        Ok(Import { status, row, report, progress })
    }

    /// A page of imports that the sender may see, newest first, and how many there are.
    ///
    /// # Errors
    ///
    /// Someone who may not import.
    pub fn imports(
        &self,
        origin: &Origin,
        status: Option<ImportStatus>,
        offset: u32,
        limit: u32,
    ) -> Result<(usize, Vec<Import>), Error> {
        self.guard(origin, Action::Import, None)?;
        let mut filter =
            ImportFilter { status: status.map(|status| status.code().to_owned()), ..ImportFilter::default() };
        match origin.actor.grant.reach() {
            Reach::Nation => {}
            Reach::Prefecture(code) => filter.within = Some(code.to_string()),
            Reach::Municipality(code) => filter.reaches = vec![code.to_string()],
        }
        let (count, rows) =
            self.db.read(|conn| store::page(conn, &filter, offset, limit).map_err(Error::from))?;
        let imports = rows.into_iter().map(|row| self.standing(row)).collect::<Result<_, _>>()?;
        Ok((count, imports))
    }

    /// The bytes of a file as it came, and its name.
    ///
    /// # Errors
    ///
    /// No such import, and one whose file was too large to be kept.
    pub fn original(&self, origin: &Origin, id: i64) -> Result<(String, Vec<u8>), Error> {
        self.guard(origin, Action::Import, None)?;
        self.db.read(|conn| {
            let row = seen(origin, store::find(conn, id)?, id)?;
            let bytes = store::original(conn, id)?.ok_or_else(|| no_original(id))?;
            Ok((row.file_name, bytes))
        })
    }

    /// Whether the sender may see an import.
    ///
    /// # Errors
    ///
    /// No such import, or one that is none of the sender's.
    pub fn seen_import(&self, origin: &Origin, id: i64) -> Result<(), Error> {
        self.guard(origin, Action::Import, None)?;
        self.db.read(|conn| seen(origin, store::find(conn, id)?, id).map(|_| ()))
    }

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
            let (_, rows) = store::rows(conn, id, "rejected", 0, None)?;
            Ok::<_, Error>((row, rows))
        })?;
        let headings: Vec<String> =
            row.headings.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let rows = rows.iter().map(|row| {
            let cells: Vec<String> = serde_json::from_str(&row.cells).unwrap_or_default();
            let faults: Vec<Fault> = serde_json::from_str(&row.faults).unwrap_or_default();
            (cells, faults.iter().map(Fault::sentence).collect::<Vec<_>>().join("／"))
        });
        crate::export::rejected::csv(&headings, rows).map_err(|cause| Error::CannotWrite(cause.to_string()))
    }

    /// Rows of an import by their outcome, in order of the file, and how many there are. Those of
    /// an import that was applied are what it changed then.
    ///
    /// # Errors
    ///
    /// No such import, one that is still being checked, and one whose file was not kept.
    pub fn import_rows(
        &self,
        origin: &Origin,
        id: i64,
        of: RowsOf,
        offset: u32,
        limit: Option<u32>,
    ) -> Result<(usize, Rows), Error> {
        let outcome = match of {
            RowsOf::Rejected => "rejected",
            RowsOf::Warning => "warning",
            RowsOf::Outcome(outcome) => {
                return self.with_words(self.plan_rows(origin, id, outcome, offset, limit)?);
            }
            RowsOf::All => return self.with_words(self.all_rows(origin, id, offset, limit)?),
        };
        self.guard(origin, Action::Import, None)?;
        let (count, rows) = self.db.read(|conn| {
            seen(origin, store::find(conn, id)?, id)?;
            store::rows(conn, id, outcome, offset, limit).map_err(Error::from)
        })?;
        Ok((count, Rows::Stored(rows)))
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
        let plan = self.plan_of(origin, id)?;
        let row = self.stored(origin, id, false)?.0;
        let (rejected, warned) = self.db.read(|conn| {
            let (_, rejected) = store::rows(conn, id, "rejected", 0, None)?;
            let (_, warned) = store::rows(conn, id, "warning", 0, None)?;
            Ok::<_, Error>((rejected, warned))
        })?;
        let mut rows: Vec<PlanRow> = rows_of_plan(&plan, Some(Outcome::Unchanged)).collect();
        // What was applied without writing anything changed nothing, whatever it would do today.
        if row.applied_at.is_none() || row.first_seq.is_some() {
            rows = rows_of_plan(&plan, None).collect();
        }
        rows.extend(rejected.into_iter().map(PlanRow::Rejected));
        rows.sort_by_key(PlanRow::line);
        let count = rows.len();
        let most = limit.map_or(usize::MAX, |limit| limit as usize);
        let window: Vec<PlanRow> = rows.into_iter().skip(offset as usize).take(most).collect();
        let warnings = |line: i64| {
            let found = warned.binary_search_by_key(&line, |row| row.line).ok().map(|at| &warned[at].faults);
            found.and_then(|faults| serde_json::from_str(faults).ok()).unwrap_or_default()
        };
        let rows =
            window.into_iter().map(|row| (warnings(row.line()), row)).map(|(faults, row)| (row, faults));
        Ok((count, Rows::Planned(rows.collect())))
    }

    fn plan_rows(
        &self,
        origin: &Origin,
        id: i64,
        outcome: Outcome,
        offset: u32,
        limit: Option<u32>,
    ) -> Result<(usize, Rows), Error> {
        let plan = self.plan_of(origin, id)?;
        let row = self.stored(origin, id, false)?.0;
        // What was applied without writing anything changed nothing, whatever it would do today.
        if row.applied_at.is_some() && row.first_seq.is_none() && outcome != Outcome::Unchanged {
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
        let (_, rows) =
            self.db.read(|conn| store::rows(conn, id, "rejected", 0, None).map_err(Error::from))?;
        Ok(rows.iter().filter_map(|row| u32::try_from(row.line).ok()).collect())
    }

    /// The plan of a stored file: as it is now, or as it was when it was applied.
    fn plan_of(&self, origin: &Origin, id: i64) -> Result<Arc<Plan>, Error> {
        let (row, _) = self.stored(origin, id, false)?;
        let revision = match row.first_seq {
            Some(first) => first,
            None => self.db.read(|conn| assertions::revision(conn).map_err(Error::from))? + 1,
        };
        if let Some(plan) = self.plans.get((id, revision)) {
            return Ok(plan);
        }
        let _turn = self.jobs.turn()?;
        let (row, prepared) = self.stored(origin, id, true)?;
        let Some(prepared) = prepared else { return Err(no_import(id)) };
        let reading = prepared.reading.as_ref().map_err(|faults| Error::BadFile(faults.clone()))?;
        let refused = self.refused_lines(id)?;
        let known = row.first_seq.map_or(Known::Now, Known::Before);
        let known = self.db.snapshot(|conn| self.known(conn, reading, known))?;
        let plan = self.plan_as_sent(&prepared, reading, &known, &refused)?;
        let plan = Arc::new(plan);
        self.plans.put((id, revision), Arc::clone(&plan));
        Ok(plan)
    }

    /// A stored file, read again as it was read when it came.
    pub(super) fn read_again(&self, row: &ImportRow) -> Result<Prepared, Error> {
        let bytes = self
            .db
            .read(|conn| store::original(conn, row.id).map_err(Error::from))?
            .ok_or_else(|| no_original(row.id))?;
        let asked: Asked = serde_json::from_str(&row.asked).unwrap_or_default();
        let day = day_in_japan(row.created_at.and_utc());
        let options = asked.read_again(&self.catalogue, day).map_err(|faults| {
            let refusal = faults.into_iter().next().map(|(_, refusal)| refusal);
            refusal.map_or_else(|| no_import(row.id), Error::Unprocessable)
        })?;
        let mut prepared = self.prepare(&row.file_name, &bytes, options);
        prepared.asked = asked;
        prepared.stored = Some(Box::new(row.clone()));
        Ok(prepared)
    }

    /// A stored file whose plan is known, and the file itself if it is to be read.
    fn stored(&self, origin: &Origin, id: i64, read: bool) -> Result<(ImportRow, Option<Prepared>), Error> {
        self.guard(origin, Action::Import, None)?;
        let row = self.db.read(|conn| seen(origin, store::find(conn, id)?, id))?;
        let status: ImportStatus = row.status.parse().map_err(Error::Unprocessable)?;
        if row.plan_hash.is_none() {
            return Err(not_ready(id, status));
        }
        if !read {
            return Ok((row, None));
        }
        let prepared = self.read_again(&row)?;
        Ok((row, Some(prepared)))
    }

    /// Applies a stored file: exactly the plan that was shown. Large ones are applied after the
    /// answer.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if it is not waiting to be applied, if what it touches changed since it
    /// was checked, or if lowering so many levels was not confirmed; [`Error::BadFile`] while rows
    /// are wrong.
    pub fn apply_import(self: &Arc<Self>, origin: &Origin, id: i64, then: Then) -> Result<Import, Error> {
        let (row, _) = self.stored(origin, id, false)?;
        let import = self.may_apply(&row, then)?;
        if import.report.counts.statements < LATER_FROM {
            let _turn = self.jobs.turn()?;
            self.apply_now(origin, id, then, &Progress::default())?;
            return self.import(origin, id);
        }
        // Said before the answer, so that whoever looks at once sees that it is under way.
        self.begin_applying(&row)?;
        self.later(origin, id, move |service, origin, progress| {
            service.apply_begun(origin, id, then, progress)
        });
        self.import(origin, id)
    }

    fn apply_now(&self, origin: &Origin, id: i64, then: Then, progress: &Progress) -> Result<(), Error> {
        let (row, _) = self.stored(origin, id, false)?;
        self.may_apply(&row, then)?;
        self.begin_applying(&row)?;
        self.apply_begun(origin, id, then, progress)
    }

    /// Applies an import whose file has just been read.
    fn apply_read(
        &self,
        origin: &Origin,
        id: i64,
        then: Then,
        mut prepared: Prepared,
        progress: &Progress,
    ) -> Result<(), Error> {
        let (row, _) = self.stored(origin, id, false)?;
        self.may_apply(&row, then)?;
        self.begin_applying(&row)?;
        progress.begin(prepared.size());
        prepared.stored = Some(Box::new(row.clone()));
        let applied = self.carry_out(origin, prepared, &then.how(&row), progress);
        if let Err(error) = &applied {
            self.end_badly(origin, id, error);
        }
        applied
    }

    /// Applies an import that was said to be under way. If nothing came of it, it waits as before.
    fn apply_begun(&self, origin: &Origin, id: i64, then: Then, progress: &Progress) -> Result<(), Error> {
        let applied = self.stored(origin, id, true).and_then(|(row, prepared)| {
            let prepared = prepared.ok_or_else(|| no_import(id))?;
            progress.begin(prepared.size());
            self.carry_out(origin, prepared, &then.how(&row), progress)
        });
        if let Err(error) = &applied {
            self.end_badly(origin, id, error);
        }
        applied
    }

    fn carry_out(
        &self,
        origin: &Origin,
        prepared: Prepared,
        how: &ApplyOptions,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let report = self.apply_watched(&prepared, origin, how, watch)?;
        // As large as the grid that is about to be made.
        drop(prepared);
        if report.status == Status::Refused {
            let asked = unanswered(&report, how.on_error).into_iter().map(Fault::open_question);
            let asked: Vec<Fault> = asked.collect();
            return Err(Error::BadFile(beside_questions(report.faults, asked)));
        }
        // Whoever asks next must see what was written.
        self.refresh()?;
        Ok(())
    }

    /// Whether an import waits to be applied and nothing but time stands against it.
    fn may_apply(&self, row: &ImportRow, then: Then) -> Result<Import, Error> {
        let import = self.standing(row.clone())?;
        if row.status != ImportStatus::Planned.code() {
            return Err(not_ready(row.id, import.status));
        }
        let asked: Vec<Fault> =
            unanswered(&import.report, then.on_error).into_iter().map(Fault::open_question).collect();
        let faulty = import.report.fault_count > 0 && then.on_error == OnError::Reject;
        if faulty || !asked.is_empty() {
            let (_, faults) = self
                .db
                .read(|conn| store::rows(conn, row.id, "rejected", 0, Some(100)).map_err(Error::from))?;
            return Err(Error::BadFile(beside_questions(first_faults(&faults), asked)));
        }
        if import.report.needs_confirmation && !then.confirmed {
            return Err(Error::Conflict(
                Refusal::new(
                    "needs_confirmation",
                    &import.report.counts.lowered.to_string(),
                    format!(
                        "{}件の段階が下がります。よければ confirm=true を付けてください。",
                        import.report.counts.lowered
                    ),
                    "so many levels would fall that it must be confirmed",
                )
                .allowed("confirm=true"),
            ));
        }
        Ok(import)
    }

    fn begin_applying(&self, row: &ImportRow) -> Result<(), Error> {
        self.db.write(|conn| {
            let now = store::find(conn, row.id)?.ok_or_else(|| no_import(row.id))?;
            if now != *row {
                let status: ImportStatus = now.status.parse().map_err(Error::Unprocessable)?;
                return Err(not_ready(row.id, status));
            }
            let status = ImportStatus::Applying.code().to_owned();
            let started_at = Some(store::at(self.now()));
            store::update(conn, &ImportRow { status, started_at, failure: None, ..now })?;
            Ok(())
        })
    }
}

/// The rows of a plan with an outcome, or all of them, each kind in order of the file.
fn rows_of_plan(plan: &Plan, outcome: Option<Outcome>) -> impl Iterator<Item = PlanRow> {
    let wanted = move |found: Outcome| outcome.is_none_or(|outcome| outcome == found);
    let facts = plan.entries.iter().chain(&plan.unchanged).filter(move |entry| wanted(entry.outcome));
    let records = plan.records.iter().chain(&plan.known_records).filter(move |entry| wanted(entry.outcome));
    facts.cloned().map(PlanRow::Fact).chain(records.cloned().map(PlanRow::Record))
}

/// The faults of a file, and behind them the questions that are open: as many as are told.
fn beside_questions(mut faults: Vec<Fault>, asked: Vec<Fault>) -> Vec<Fault> {
    faults.truncate(SHOWN_FAULTS.saturating_sub(asked.len()));
    faults.extend(asked);
    faults
}

/// The first faults of stored rows.
fn first_faults(rows: &[FileRow]) -> Vec<Fault> {
    rows.iter()
        .flat_map(|row| serde_json::from_str::<Vec<Fault>>(&row.faults).unwrap_or_default())
        .take(SHOWN_FAULTS)
        .collect()
}

/// An import that the sender may see; of others not even their existence is told.
pub(super) fn seen(origin: &Origin, row: Option<ImportRow>, id: i64) -> Result<ImportRow, Error> {
    row.filter(|row| origin.actor.grant.sees(&row.reach)).ok_or_else(|| no_import(id))
}

fn no_original(id: i64) -> Error {
    Error::NotFound(Refusal::new(
        "no_original",
        &id.to_string(),
        format!("取込 {id} の元のファイルは保存されていません（大きすぎるか、古い取込です）。"),
        "the file was not kept",
    ))
}

fn twice_at_once() -> Error {
    Error::Conflict(Refusal::new(
        "in_progress",
        "",
        "同じ要求を処理しています。少し待ってからもう一度送ってください。",
        "the same request is being worked on",
    ))
}

pub(super) fn not_ready(id: i64, status: ImportStatus) -> Error {
    Error::Conflict(
        Refusal::new(
            "wrong_status",
            status.code(),
            format!("取込 {id} は「{}」のため、この操作はできません。", status.label()),
            format!("the import is {}", status.code()),
        )
        .allowed("planned"),
    )
}
