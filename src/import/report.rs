//! What a person and a program are told of a file: the same report from command line, API and page.

use serde::{Deserialize, Serialize};

use super::groups::{FaultGroup, grouped};
use super::marks::Question;
use super::plan::{Counts, Entry, Plan, RecordEntry};
use super::{Container, Fault, Reading};
use crate::domain::catalogue::Catalogue;
use crate::domain::imports::RowOutcome;
use crate::domain::municipality::{LgCode, Municipality};
use crate::domain::readiness::Scale;

pub use super::fault::SHOWN_FAULTS;
/// What happened to the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Only looked at.
    #[default]
    Checked,
    /// Written.
    Applied,
    /// Nothing to write: all of it was known.
    NothingToDo,
    /// Refused: nothing was written.
    Refused,
}

/// How a mark of the file was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MarkCount {
    /// The mark as found; 空欄 for an empty cell.
    pub mark: String,
    /// What it was taken to mean.
    pub meaning: String,
    /// Some of the headings under which it means that, where it means something else under others.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub headings: Vec<String>,
    /// How often.
    pub count: usize,
    /// The scale (online, counter) on which its usual meaning was taken, of a mark that says yes or no and that
    /// nobody explained.
    #[serde(default)]
    pub usual_on: Option<Scale>,
}

/// The report on one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Report {
    /// Name of the file, without folders.
    pub file_name: String,
    /// Bytes.
    pub size: usize,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Container and encoding as found.
    pub encoding: Option<String>,
    /// Layout as found.
    pub layout: Option<String>,
    /// Profile that said what marks mean.
    pub profile: Option<String>,
    /// What happened.
    pub status: Status,
    /// Number of the import, once applied.
    pub import_id: Option<i64>,
    /// Data revision after it was applied.
    pub revision: Option<i64>,
    /// The counts.
    pub counts: Counts,
    /// How marks were understood.
    pub understood: Vec<MarkCount>,
    /// What must be answered before the file can be taken.
    pub questions: Vec<Question>,
    /// Whether so many levels would fall that it must be confirmed.
    pub needs_confirmation: bool,
    /// SHA-256 of the plan, hexadecimal.
    pub plan_hash: Option<String>,
    /// All faults.
    pub fault_count: usize,
    /// All faults, those of one kind together.
    pub fault_groups: Vec<FaultGroup>,
    /// The first 500 faults.
    pub faults: Vec<Fault>,
    /// All warnings.
    pub warning_count: usize,
    /// All warnings, those of one kind together.
    pub warning_groups: Vec<FaultGroup>,
    /// The first 500 warnings.
    pub warnings: Vec<Fault>,
    /// Remarks.
    pub notes: Vec<String>,
    /// What it does to the figures of the bodies it speaks of, where there are few of them.
    pub effect: Vec<Effect>,
    /// The first rows that would be written, for the screen: a program asks for the rows.
    #[serde(skip)]
    pub first_changes: Vec<FirstChange>,
}

/// What a file does to one figure of the bodies it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Effect {
    /// Id of the definition.
    #[schema(example = "online_rate")]
    pub definition: String,
    /// Its Japanese name.
    #[schema(example = "オンライン対応率")]
    pub name: String,
    /// How procedures that are not performed are treated.
    #[schema(example = "excluded")]
    pub not_applicable: String,
    /// The same in Japanese.
    #[schema(example = "除く")]
    pub treatment: String,
    /// Which bodies: the name of one, or how many.
    #[schema(example = "茨城県鉾田市")]
    pub scope: String,
    /// The figure as it is.
    pub before: EffectFigure,
    /// The figure as it would be.
    pub after: EffectFigure,
}

/// A figure before or after a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EffectFigure {
    /// Rows (or bodies) that count.
    #[schema(example = 12, minimum = 0)]
    pub numerator: u64,
    /// Rows (or bodies) in all.
    #[schema(example = 51, minimum = 0)]
    pub denominator: u64,
    /// Rows of which it is not known.
    #[schema(example = 0, minimum = 0)]
    pub unknown: u64,
    /// Percent; none where there is no value.
    #[schema(example = 23.5)]
    pub value: Option<f64>,
    /// Percent, if what is unknown counted too.
    #[schema(example = 23.5)]
    pub value_max: Option<f64>,
}

/// A row that would be written, with the names of what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstChange {
    /// The body, with its prefecture where others bear its name too.
    pub body: String,
    /// Id and name of the procedure, where it is about one.
    pub procedure: Option<(String, String)>,
    /// The channel, where it is about one.
    pub channel: Option<String>,
    /// What would be written.
    pub written: Written,
}

/// What a row would write.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A fact.
    Fact(Entry),
    /// A count or a published figure.
    Record(RecordEntry),
}

impl FirstChange {
    fn of_fact(entry: &Entry, catalogue: &Catalogue) -> Self {
        let channel = entry.key.channel.as_ref().and_then(|channel| catalogue.channel_ix(channel.as_str()));
        Self {
            channel: channel.map(|ix| catalogue.channel(ix).label_ja.clone()),
            ..Self::named(
                catalogue,
                entry.key.municipality,
                Some(entry.key.procedure.as_str()),
                Written::Fact(entry.clone()),
            )
        }
    }

    fn of_record(entry: &RecordEntry, catalogue: &Catalogue) -> Self {
        let procedure = entry.key.procedure().map(|procedure| procedure.as_str());
        Self::named(catalogue, entry.key.municipality(), procedure, Written::Record(entry.clone()))
    }

    fn named(catalogue: &Catalogue, body: LgCode, procedure: Option<&str>, written: Written) -> Self {
        let procedure = procedure.and_then(|id| catalogue.procedure_ix(id)).map(|ix| {
            let row = catalogue.procedure(ix);
            (row.id.to_string(), row.name_ja.clone())
        });
        let body = catalogue
            .body_ix(body)
            .map_or_else(|| body.to_string(), |body| shown_body(catalogue.body(body), catalogue));
        Self { body, procedure, channel: None, written }
    }
}

/// The first rows that would be written: those that lower a level, those that change something known,
/// new ones. What a row ends stands behind it.
fn first_changes(plan: &Plan, catalogue: &Catalogue) -> Vec<FirstChange> {
    /// So many fit on a screen.
    const SHOWN: usize = 10;
    let mut facts: Vec<(&Entry, Vec<&Entry>)> = Vec::new();
    let mut follows: Vec<&Entry> = Vec::new();
    for entry in plan.entries.iter().filter(|entry| entry.outcome.is_news()) {
        if entry.follows {
            follows.push(entry);
        } else {
            facts.push((entry, std::mem::take(&mut follows)));
        }
    }
    facts.sort_by_key(|(entry, _)| (!entry.lowers(), entry.outcome == RowOutcome::Created));
    let facts = facts.into_iter().flat_map(|(entry, follows)| std::iter::once(entry).chain(follows));
    let records = plan.records.iter().filter(|entry| entry.outcome.is_news());
    let facts = facts.map(|entry| FirstChange::of_fact(entry, catalogue));
    facts.chain(records.map(|entry| FirstChange::of_record(entry, catalogue))).take(SHOWN).collect()
}

/// The name of a body, with its prefecture where others bear it too.
fn shown_body(row: &Municipality, catalogue: &Catalogue) -> String {
    match catalogue.names().find(&row.name, None).bodies.len() {
        0 | 1 => row.name.clone(),
        _ => format!("{}{}", row.prefecture_name, row.name),
    }
}

impl Report {
    /// The report on a file that could not be read at all.
    pub fn unreadable(file: &FileFacts, faults: Vec<Fault>) -> Self {
        Self {
            status: Status::Refused,
            fault_count: faults.len(),
            fault_groups: grouped(&faults),
            faults: first(&faults),
            ..Self::empty(file)
        }
    }

    /// The report on a plan; the status is that of a check.
    pub fn planned(file: &FileFacts, reading: &Reading, plan: &Plan, catalogue: &Catalogue) -> Self {
        Self {
            encoding: reading.container.as_ref().map(Container::label),
            layout: reading.layout.map(|layout| layout.code().to_owned()),
            profile: reading.profile.clone(),
            questions: reading.questions.iter().chain(&plan.questions).cloned().collect(),
            counts: plan.counts,
            understood: reading
                .understood
                .iter()
                .map(|one| MarkCount {
                    mark: one.mark.clone(),
                    meaning: one.meaning.clone(),
                    headings: one.headings.clone(),
                    count: one.count,
                    usual_on: one.usual_on,
                })
                .collect(),
            needs_confirmation: plan.counts.needs_confirmation(),
            plan_hash: Some(hex(&plan.hash)),
            fault_count: plan.faults.len(),
            fault_groups: grouped(&plan.faults),
            faults: first(&plan.faults),
            warning_count: plan.warnings.len(),
            warning_groups: grouped(&plan.warnings),
            warnings: first(&plan.warnings),
            notes: reading.notes.clone(),
            first_changes: first_changes(plan, catalogue),
            ..Self::empty(file)
        }
    }

    fn empty(file: &FileFacts) -> Self {
        Self { file_name: file.name.clone(), size: file.size, sha256: hex(&file.sha256), ..Self::default() }
    }

    /// The report as it is stored with an import: without the single rows, which are stored beside
    /// it.
    pub fn without_rows(&self) -> Self {
        Self { faults: Vec::new(), warnings: Vec::new(), ..self.clone() }
    }
}

/// What is known of a file before it is read.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Its name, without folders.
    pub name: String,
    /// Bytes.
    pub size: usize,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

impl FileFacts {
    /// Facts of these bytes under a name; folders and what cannot be stored are taken off it.
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        use sha2::{Digest, Sha256};
        const LONGEST: usize = 200;
        let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let clean: String =
            last.chars().filter(|c| !crate::domain::text::is_forbidden(*c)).take(LONGEST).collect();
        let name = if clean.trim().is_empty() { "（名前なし）".to_owned() } else { clean };
        Self { name, size: bytes.len(), sha256: Sha256::digest(bytes).into() }
    }
}

fn first(faults: &[Fault]) -> Vec<Fault> {
    faults.iter().take(SHOWN_FAULTS).cloned().collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
