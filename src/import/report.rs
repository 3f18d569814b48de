//! What a person and a program are told of a file: the same report from command line, API and page.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::groups::{FaultGroup, grouped};
use super::layout::title_of_figure;
use super::marks::Question;
use super::plan::{Counts, Entry, Outcome, Plan, RecordEntry, Shows};
use super::{Container, Fault, Reading, changes};
use crate::domain::assertion::{Fact, Key};
use crate::domain::catalogue::Catalogue;
use crate::domain::municipality::{LgCode, Municipality};
use crate::domain::readiness::Source;
use crate::domain::text::cut;
use crate::domain::usage::{RecordKey, Subject};

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
    pub first_changes: Vec<String>,
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
    pub numerator: u32,
    /// Rows (or bodies) in all.
    #[schema(example = 51, minimum = 0)]
    pub denominator: u32,
    /// Rows of which it is not known.
    #[schema(example = 0, minimum = 0)]
    pub unknown: u32,
    /// Percent; none where there is no value.
    #[schema(example = 23.5)]
    pub value: Option<f64>,
    /// Percent, if what is unknown counted too.
    #[schema(example = 23.5)]
    pub value_max: Option<f64>,
}

impl EffectFigure {
    /// 12/51（23.5％）, with the range where something is unknown.
    fn words(&self) -> String {
        let shown = |value: Option<f64>| value.map_or("—".to_owned(), |value| format!("{value:.1}"));
        let range = match (self.value, self.value_max) {
            (value, max) if value == max => shown(value),
            (value, max) => format!("{}〜{}", shown(value), shown(max)),
        };
        format!("{}/{}（{range}％）", self.numerator, self.denominator)
    }
}

/// The first rows that would be written: those that lower a level, those that change something known,
/// new ones. What a row ends stands behind it.
fn first_changes(plan: &Plan, catalogue: &Catalogue) -> Vec<String> {
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
    facts.sort_by_key(|(entry, _)| (!entry.lowers(), entry.outcome == Outcome::Created));
    let facts = facts.into_iter().flat_map(|(entry, follows)| std::iter::once(entry).chain(follows));
    let records = plan.records.iter().filter(|entry| entry.outcome.is_news());
    let facts = facts.map(|entry| told_fact(entry, catalogue));
    facts.chain(records.map(|entry| told_record(entry, catalogue))).take(SHOWN).collect()
}

/// What a row changes on a page of today, or that it changes nothing there.
fn told_fact(entry: &Entry, catalogue: &Catalogue) -> String {
    let Key { municipality, procedure, channel, source } = &entry.key;
    let row = catalogue.channel_ix(channel.as_ref().map_or("", |channel| channel.as_str()));
    let channel = row.map(|ix| format!(" {}", catalogue.channel(ix).label_ja)).unwrap_or_default();
    let what = format!("{}{channel}", named(catalogue, *municipality, Some(procedure.as_str())));
    let said = changes::stated_in_words(&entry.new);
    let told = match entry.shows {
        Shows::Past => {
            let since = entry.effective.in_words();
            format!("{since} からの {said} を履歴に記録します（今日の表示は変わりません）")
        }
        Shows::Beside => {
            let first = if *source == Source::Published { "団体の申告" } else { "制度なしなど" };
            format!("{said} を記録します（{first}が先に立つため、今日の表示は変わりません）")
        }
        Shows::Today | Shows::Later => told_change(entry, &said),
    };
    format!("{}行目 {what}: {told}", entry.line)
}

/// What is shown today, and what would be shown instead, from a day that may be still to come.
fn told_change(entry: &Entry, said: &str) -> String {
    let later = match entry.shows {
        Shows::Later => format!("（{} から）", entry.effective.in_words()),
        _ => String::new(),
    };
    if let (Fact::Withdrawn, Some(old)) = (&entry.new, &entry.old) {
        let done = if entry.follows { " は終わります" } else { " を取り下げます" };
        return format!("{}{done}{later}", changes::stated_in_words(old));
    }
    let source = entry.key.source;
    let whose = entry.old_source.filter(|old| *old != source).map(|old| format!("（{}）", old.label()));
    let told = changes::in_words(&changes::of_fact(entry.old.as_ref(), &entry.new), whose.as_deref());
    match (told.is_empty(), whose) {
        (false, _) => format!("{told}{later}"),
        // The town says itself what was only published so far.
        (true, Some(whose)) => {
            format!("{}としても記録します（内容は今{whose}と同じ）{later}", source.label())
        }
        (true, None) => format!("{said} を記録します（今日の表示は変わりません）"),
    }
}

fn told_record(entry: &RecordEntry, catalogue: &Catalogue) -> String {
    let procedure = entry.key.procedure().map(|procedure| procedure.as_str());
    let what = named(catalogue, entry.key.municipality(), procedure);
    let what = match &entry.key {
        RecordKey::Usage(key) => format!("{what} {} {}", key.fiscal_year, key.group.label()),
        RecordKey::Figure(key) => match &key.subject {
            Subject::Definition(id) => format!("{what} {} {}", title_of_figure(id), key.fiscal_year),
            Subject::Procedure(_) => format!("{what} {}", key.fiscal_year),
        },
    };
    format!(
        "{}行目 {what}: {}",
        entry.line,
        changes::in_words(&changes::of_record(entry.old, entry.new), None)
    )
}

/// A body and a procedure by their names.
fn named(catalogue: &Catalogue, municipality: LgCode, procedure: Option<&str>) -> String {
    /// Longest name of a procedure on a screen, in characters.
    const LONGEST: usize = 24;
    let body = catalogue
        .body_ix(municipality)
        .map_or_else(|| municipality.to_string(), |body| shown_body(catalogue.body(body), catalogue));
    let procedure = procedure.and_then(|id| catalogue.procedure_ix(id)).map(|ix| {
        let row = catalogue.procedure(ix);
        format!(" {} {}", row.id, cut(&row.name_ja, LONGEST))
    });
    format!("{body}{}", procedure.unwrap_or_default())
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

    /// The report for a person, in Japanese; it fits a screen.
    pub fn summary(&self) -> String {
        format!("{}{}\n", self.findings(), self.verdict())
    }

    /// The same without what becomes of the file.
    pub fn findings(&self) -> String {
        /// Faults shown on a screen; the others are in `--json`.
        const ON_SCREEN: usize = 20;
        let mut text = String::new();
        let _ = writeln!(text, "ファイル: {}（{}バイト）", self.file_name, group(self.size));
        if let (Some(encoding), Some(layout)) = (&self.encoding, &self.layout) {
            let _ = writeln!(text, "形式: {encoding}、レイアウト: {layout}");
        }
        let counts = &self.counts;
        if counts.rows > 0 {
            let _ = writeln!(
                text,
                "読み取り: {}団体、{}行、{}件",
                group(counts.bodies),
                group(counts.rows),
                group(counts.statements)
            );
        }
        // What is confirmed is what is written: no mark may be taken unseen.
        for one in &self.understood {
            let under = match one.headings.join("、") {
                headings if headings.is_empty() => String::new(),
                headings => format!("（{}）", cut(&headings, 60)),
            };
            let _ = writeln!(text, "  {}{under} → {}: {}件", one.mark, one.meaning, group(one.count));
        }
        if self.plan_hash.is_some() {
            let _ = writeln!(
                text,
                "結果: 新規 {}、変更 {}、確認 {}、変更なし {}、不受理 {}行",
                group(counts.created),
                group(counts.changed),
                group(counts.confirmed),
                group(counts.unchanged),
                group(counts.rejected)
            );
        }
        for change in &self.first_changes {
            let _ = writeln!(text, "  {change}");
        }
        let more = (counts.created + counts.changed).saturating_sub(self.first_changes.len());
        if more > 0 && !self.first_changes.is_empty() {
            let _ = writeln!(text, "  …ほか {}件の新規と変更", group(more));
        }
        for effect in &self.effect {
            let (before, after) = (effect.before.words(), effect.after.words());
            let same = |other: &&Effect| other.definition == effect.definition;
            let treatment = match self.effect.iter().filter(same).count() {
                1 => String::new(),
                _ => format!("（制度なしを{}）", effect.treatment),
            };
            let _ = writeln!(text, "{} {}{treatment}: {before} → {after}", effect.scope, effect.name);
        }
        if counts.lowered > 0 {
            let _ = writeln!(text, "段階が下がる、または数えられなくなるもの: {}件", group(counts.lowered));
        }
        for note in &self.notes {
            let _ = writeln!(text, "注: {note}");
        }
        for question in &self.questions {
            let _ = writeln!(text, "質問: {}", question.line());
        }
        list(&mut text, "警告", &self.warning_groups, self.warning_count, ON_SCREEN);
        list(&mut text, "誤り", &self.fault_groups, self.fault_count, ON_SCREEN);
        // Cells of a file must not speak to the terminal.
        text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
    }

    fn verdict(&self) -> String {
        // What no answer mends.
        let is_wrong = self.faults.iter().any(|fault| !fault.is_answerable());
        match self.status {
            Status::Checked if self.fault_count > 0 || !self.questions.is_empty() => {
                let until = match (is_wrong, self.questions.is_empty()) {
                    (true, true) => "誤りを直すまで",
                    (true, false) => "誤りを直し、質問に答えるまで",
                    (false, _) => "質問に答えるまで",
                };
                format!("確認だけを行い、何も書き込んでいません。{until}取り込めません。")
            }
            Status::Checked if self.needs_confirmation => format!(
                "{}件の段階が下がるため、取り込むには --confirm が要ります。確認だけを行い、何も書き込んでいません。",
                group(self.counts.lowered)
            ),
            Status::Checked => "確認だけを行い、何も書き込んでいません。".to_owned(),
            Status::Refused if !self.questions.is_empty() => {
                let confirm = match self.needs_confirmation {
                    true => {
                        format!("{}件の段階が下がるため、--confirm も要ります。", group(self.counts.lowered))
                    }
                    false => String::new(),
                };
                let mend = if is_wrong { "誤りを直し、" } else { "" };
                format!(
                    "答えの要る質問があります。{mend}質問に答えるオプションを付けてもう一度実行してください。{confirm}何も書き込んでいません。"
                )
            }
            Status::Refused if self.needs_confirmation => format!(
                "{}件の段階が下がります。よければ --confirm を付けてください。何も書き込んでいません。",
                group(self.counts.lowered)
            ),
            Status::Refused => "取り込めませんでした。何も書き込んでいません。".to_owned(),
            Status::NothingToDo => "変更は0件です。何も書き込んでいません。".to_owned(),
            Status::Applied => {
                let id = self.import_id.unwrap_or_default();
                let rows = group(self.counts.rejected);
                let left = match (self.counts.rejected, self.questions.is_empty()) {
                    (0, _) => String::new(),
                    (_, true) => format!("誤りのある{rows}行は取り込んでいません。"),
                    (_, false) => format!(
                        "答えの要る質問や誤りのある{rows}行は取り込んでいません。質問に答えるオプションを付けてもう一度実行すると、答えた行も取り込めます。"
                    ),
                };
                format!("{left}取り込みました（取込番号 {id}）。元に戻すには: todoke import --revert {id}")
            }
        }
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

fn list(text: &mut String, title: &str, groups: &[FaultGroup], all: usize, most: usize) {
    if all == 0 {
        return;
    }
    let _ = writeln!(text, "{title}: {}件", group(all));
    for one in groups.iter().take(most) {
        let _ = writeln!(text, "  {}", one.sentence());
    }
    let shown: usize = groups.iter().take(most).map(|one| one.count).sum();
    if all > shown {
        let _ = writeln!(text, "  ほか{}件（--json で500件まで表示）", group(all - shown));
    }
}

fn first(faults: &[Fault]) -> Vec<Fault> {
    faults.iter().take(SHOWN_FAULTS).cloned().collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number with commas.
fn group(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
