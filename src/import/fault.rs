//! What is wrong with a place in a file.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::marks::Question;
use crate::domain::text::{cut, is_forbidden};
use crate::domain::{Refusal, RefusalKind};

/// One fault or warning: where, what was found, what is allowed, what was probably meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// Stable name of the rule, such as `check_digit`.
    pub code: String,
    /// What sort of fault it is; what hangs on that is decided before a fault is stored.
    #[serde(skip)]
    #[schema(ignore)]
    pub kind: FaultKind,
    /// Physical line of the file, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// Heading of the column.
    pub heading: Option<String>,
    /// The value as found.
    pub value: Option<String>,
    /// What is wrong, in Japanese.
    pub message: String,
    /// What would have been taken.
    pub allowed: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// What is said of many places, where the message names what is different in each.
    #[serde(skip)]
    #[schema(ignore)]
    pub in_general: Option<InGeneral>,
    /// The other line that it is about.
    #[serde(skip)]
    #[schema(ignore)]
    pub other_line: Option<NonZeroU32>,
    /// The questions whose answers make the file readable, where there are such.
    #[serde(skip)]
    #[schema(ignore)]
    pub asks: Vec<Arc<Question>>,
    /// Whether a question about the file, asked elsewhere, mends it.
    #[serde(skip)]
    #[schema(ignore)]
    pub open: bool,
}

/// What sort of fault it is, for whatever acts on it: codes are for those who read a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaultKind {
    /// One that is told, and nothing more.
    #[default]
    Told,
    /// The file is larger than is read.
    TooLarge,
    /// The file is of a kind that is not read.
    WrongKind,
    /// A question must be answered before the file is taken.
    OpenQuestion,
    /// The procedure of a row is in no list.
    UnknownProcedure,
    /// A row says nothing of its body.
    Nameless,
    /// The name of a body is in letters that the register does not use.
    NotCompared,
    /// A row names no procedure, and may be about something else.
    RowWithoutName,
    /// A cell holds the error of a formula.
    FormulaError,
    /// A cell stands for the one above it.
    Ditto,
    /// A day of a plan has no level; it stands in the column of the day.
    PlanWithoutLevel,
    /// A warning that something known will count no more, or for less.
    Loss,
}

/// What is said of many places at once, where each message names what is different there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InGeneral {
    /// Rows that say the same.
    RepeatedRows,
    /// Rows that say different things of the same.
    ConflictingRows,
    /// A row with a level, and one that says that the procedure is not performed.
    LevelBesideAbsence,
    /// A line that ends before its headings do.
    TooFewCells,
    /// A month and a day alone.
    DayWithoutYear,
    /// Levels that a word on the whole procedure hides.
    LevelsHidden,
    /// A published level that the body's own word goes before.
    PublishedSetAside,
    /// A level that falls.
    LevelLowered,
    /// A level that is no longer live.
    LevelStopped,
    /// A level that is taken back.
    LevelWithdrawn,
}

impl InGeneral {
    /// The words, in Japanese.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RepeatedRows => "同じ内容の行があります（1回だけ使います）",
            Self::ConflictingRows => "同じことについての行があり、内容が違います。どちらかを消してください",
            Self::LevelBesideAbsence => {
                "同じ手続について、制度なしなどとする行と段階のある行が食い違います。どちらかを消してください"
            }
            Self::TooFewCells => "見出しよりセルが足りません",
            Self::DayWithoutYear => "年がありません（月と日だけが書かれています）",
            Self::LevelsHidden => "知られている段階は数えられなくなります",
            Self::PublishedSetAside => {
                "今数えている国公表値より低い、または実施中でない段階です。取り込むと国公表値は数えなくなります"
            }
            Self::LevelLowered => "今の段階より低くなります",
            Self::LevelStopped => "今の段階が実施中でなくなります",
            Self::LevelWithdrawn => "今の段階を取り下げます",
        }
    }
}

/// Whether a column is called by its place, as one without a heading is: D列, 4列目.
pub(super) fn is_counted(heading: &str) -> bool {
    let place = heading.strip_suffix("列目").or_else(|| heading.strip_suffix("列"));
    place.is_some_and(|place| !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

impl Fault {
    /// A fault of the file as a whole. What the message repeats of the file is cut, and does not
    /// speak to a terminal.
    pub fn whole(code: &str, message: impl Into<String>) -> Self {
        /// Far more than our own words need.
        const LONGEST: usize = 600;
        let message: String = message.into();
        let message =
            if message.contains(is_forbidden) { message.replace(is_forbidden, "\u{FFFD}") } else { message };
        Self { code: code.to_owned(), message: cut(&message, LONGEST), ..Self::default() }
    }

    /// A refused value at a line.
    pub fn refused(refusal: Refusal, line: u32) -> Self {
        Self {
            code: refusal.code.to_owned(),
            line: Some(line),
            value: Some(refusal.value),
            message: refusal.ja,
            allowed: refusal.allowed,
            suggestion: refusal.suggestion,
            in_general: (refusal.kind == RefusalKind::WithoutYear).then_some(InGeneral::DayWithoutYear),
            ..Self::default()
        }
    }

    /// Says what sort of fault it is.
    pub fn of_kind(mut self, kind: FaultKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds what is said of many places, without what is different in each.
    pub fn in_general(mut self, what: InGeneral) -> Self {
        self.in_general = Some(what);
        self
    }

    /// Adds a question whose answer makes the file readable.
    pub fn asking(mut self, question: Question) -> Self {
        self.asks.push(Arc::new(question));
        self
    }

    /// What stands against taking a file while a question about it is open.
    pub fn open_question(question: &Question) -> Self {
        let choices: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
        let message = format!("{}。答えるまで取り込みません", question.question);
        let fault = Fault::whole("open_question", message).of_kind(FaultKind::OpenQuestion);
        let fault = fault.found(&question.mark);
        let fault = match choices.is_empty() {
            true => fault.allowing(format!("{}=…", question.parameter)),
            false => fault.allowing(choices.join("、")),
        };
        let chosen = question.suggestion.as_deref();
        let chosen = question.choices.iter().find(|choice| Some(choice.value.as_str()) == chosen);
        match chosen {
            Some(choice) => fault.suggesting(choice.label.clone()),
            None => fault,
        }
    }

    /// Says that a question asked elsewhere mends it.
    pub fn asked_elsewhere(mut self) -> Self {
        self.open = true;
        self
    }

    /// Whether an answer of the sender mends it; else the line itself must be mended.
    pub fn is_answerable(&self) -> bool {
        self.open || !self.asks.is_empty()
    }

    /// A refused value whose place is still to be said.
    pub fn of(refusal: Refusal) -> Self {
        Self { line: None, ..Self::refused(refusal, 0) }
    }

    /// Adds the other line that it is about.
    pub fn beside_line(mut self, line: u32) -> Self {
        self.other_line = NonZeroU32::new(line);
        self
    }

    /// Adds the line.
    pub fn at_line(mut self, line: u32) -> Self {
        // What stands in no line of the file has none.
        self.line = (line > 0).then_some(line);
        self
    }

    /// Adds the column (from 0) and its heading.
    pub fn in_column(mut self, column: usize, heading: &str) -> Self {
        self.column = u32::try_from(column + 1).ok();
        self.heading = Some(heading.trim()).filter(|heading| !heading.is_empty()).map(|text| cut(text, 60));
        self
    }

    /// Adds the value as found.
    pub fn found(mut self, value: &str) -> Self {
        self.value = Some(cut(value, 100));
        self
    }

    /// Adds what would have been taken.
    pub fn allowing(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    /// Adds what was probably meant.
    pub fn suggesting(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// A sentence for all that keeps a file from being taken; questions that are open are no faults of it.
    pub fn sentence_of_all(faults: &[Self]) -> String {
        if let [only] = faults {
            return only.sentence();
        }
        let asked = faults.iter().filter(|fault| fault.kind == FaultKind::OpenQuestion).count();
        match (faults.len() - asked, asked) {
            (wrong, 0) => format!("ファイルに{wrong}件の誤りがあります。"),
            (0, asked) => format!("ファイルについて、答えの要る質問が{asked}件あります。"),
            (wrong, asked) => {
                format!("ファイルに{wrong}件の誤りと、答えの要る{asked}件の質問があります。")
            }
        }
    }

    /// The column as a person finds it: by its heading, or by counting where it has none.
    pub(super) fn column_in_words(&self) -> Option<String> {
        match &self.heading {
            Some(heading) if is_counted(heading) => Some(heading.clone()),
            Some(heading) => Some(format!("「{}」列", heading.replace('\n', ""))),
            None => self.column.map(|column| format!("{column}列目")),
        }
    }

    /// One line for a person: 「12行目「段階」列 …（値: …、使える値: …）」.
    pub fn sentence(&self) -> String {
        let mut text = String::new();
        if let Some(line) = self.line {
            text.push_str(&format!("{line}行目"));
        }
        if let Some(column) = self.column_in_words() {
            text.push_str(&column);
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&self.message);
        let details: Vec<String> =
            [("値", &self.value), ("使える値", &self.allowed), ("候補", &self.suggestion)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_ref().filter(|value| !value.is_empty())?)))
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
        if !details.is_empty() {
            text.push_str(&format!("（{}）", details.join("、")));
        }
        text
    }
}

/// How many faults a report holds; `fault_count` tells how many there are.
pub const SHOWN_FAULTS: usize = 500;
