//! What the marks of a file mean. ○ × △ ◎ mean something else in every file, so a profile says it;
//! a mark that no profile knows stops the import with a question.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Fallback, Field, ReadinessPatch, Said};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::ChannelIx;
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::file_dates::parse_in_file;
use crate::domain::readiness::{Evidence, Level};
use crate::domain::text::{clean, cut, fold_mark, fold_width};

/// Longest mark, in characters.
pub const MAX_MARK: usize = 40;
/// Most marks of one profile.
pub const MAX_MARKS: usize = 100;

/// What one mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A level, at least or exactly.
    Level(Level, bool),
    /// More than the mark for level 3: level 4 in a column that has both, else as that mark.
    Full,
    /// Something about the procedure as a whole.
    Applicability(Applicability),
    /// Not yet, but planned: target level 3.
    Planned,
    /// Kept as a note.
    Note,
    /// Nothing changes.
    Nothing,
}

impl Meaning {
    /// The code under which profiles write it.
    pub fn code(self) -> String {
        match self {
            Self::Level(level, true) => format!("{level}+"),
            Self::Level(level, false) => level.to_string(),
            Self::Full => "full".to_owned(),
            Self::Applicability(value) => value.code().to_owned(),
            Self::Planned => "planned".to_owned(),
            Self::Note => "note".to_owned(),
            Self::Nothing => "nothing".to_owned(),
        }
    }

    /// The meaning in Japanese, for the report.
    pub fn label(self) -> String {
        match self {
            Self::Level(level, true) => format!("段階{level}以上（範囲未確認）"),
            Self::Level(level, false) => format!("段階{level}"),
            Self::Full => "段階4（○ と両方ある列。○ がなければ段階3以上）".to_owned(),
            Self::Applicability(value) => value.label().to_owned(),
            Self::Planned => "予定（目標段階3、今の段階はそのまま）".to_owned(),
            Self::Note => "備考に書く（段階はそのまま）".to_owned(),
            Self::Nothing => "変えない".to_owned(),
        }
    }

    /// The codes that a profile may use, for messages.
    pub const CODES: &str =
        "0〜5、0+〜5+、not_applicable、other_body、abolished、planned、note、nothing、full";
}

impl std::str::FromStr for Meaning {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let level = |text: &str| text.parse::<Level>().ok();
        let found = match text {
            "full" => Some(Self::Full),
            "planned" => Some(Self::Planned),
            "note" => Some(Self::Note),
            "nothing" => Some(Self::Nothing),
            "not_applicable" | "other_body" | "abolished" => text.parse().ok().map(Self::Applicability),
            _ => match text.strip_suffix('+') {
                Some(digits) => level(digits).map(|level| Self::Level(level, true)),
                None => level(text).map(|level| Self::Level(level, false)),
            },
        };
        found.ok_or_else(|| {
            Refusal::new(
                "unknown_meaning",
                text,
                "記号の意味の書き方が正しくありません",
                "no meaning of a mark",
            )
            .allowed(Self::CODES)
        })
    }
}

codes! {
    /// What a column with nothing but 0 and 1 says.
    Binary, "0と1の列", "column of 0 and 1" {
        Flag = "flag", "1 は ○、0 は ×", "1 as ○, 0 as ×";
        Level = "level", "段階0 と 段階1", "levels 0 and 1";
    }
}

/// What the marks of one file mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its name, recorded with the import.
    pub name: String,
    /// Each mark (folded) with its meaning; the empty mark is an empty cell.
    marks: BTreeMap<String, Meaning>,
    /// What a column with nothing but 0 and 1 says, once somebody said it.
    pub binary: Option<Binary>,
    /// What headings (folded) of the sender's own mean.
    pub columns: BTreeMap<String, String>,
    /// What names (folded) of the sender's own stand for.
    pub names: BTreeMap<String, String>,
    /// Whether marks it does not know are asked of the default profile.
    open: bool,
}

/// The marks that most files use.
static TABLE: LazyLock<Profile> = LazyLock::new(Profile::table);

/// What stands behind a value that the state published, in tables that are written for people.
pub const OF_THE_STATE: &str = "（国）";

/// Name of the profile that needs no name.
pub const DEFAULT: &str = "default";
/// Name of the Digital Agency's profile.
pub const DIGITAL_AGENCY: &str = "digital-agency-2026-01";
/// Names of profiles that cannot be changed.
pub const BUILT_IN: [&str; 2] = [DEFAULT, DIGITAL_AGENCY];

impl Profile {
    /// A profile that adds to the default one.
    pub fn new(
        name: &str,
        marks: impl IntoIterator<Item = (String, Meaning)>,
        binary: Option<Binary>,
    ) -> Self {
        let marks = marks.into_iter().map(|(mark, meaning)| (fold_mark(&mark), meaning)).collect();
        Self { name: name.to_owned(), marks, binary, open: true, ..Self::default() }
    }

    /// The same with what headings and names of the sender's own mean.
    pub fn with_words(self, columns: BTreeMap<String, String>, names: BTreeMap<String, String>) -> Self {
        Self { columns, names, ..self }
    }

    /// The profile of whoever says nothing: all its marks are those of the table.
    pub fn default_marks() -> Self {
        Self::new(DEFAULT, [], None)
    }

    /// What most files mean. A dash of any length has no meaning here: some files mean "no such
    /// procedure" by it, others "not yet", others "no answer".
    fn table() -> Self {
        let mut profile = Self::new(DEFAULT, [], None);
        let mut put = |marks: &[&str], meaning| {
            profile.marks.extend(marks.iter().map(|mark| (fold_mark(mark), meaning)));
        };
        put(
            &["○", "〇", "◯", "●", "✓", "済", "実施", "実施済", "対応", "対応済", "可", "有", "あり", "はい"],
            Meaning::Level(Level::THREE, true),
        );
        put(&["◎"], Meaning::Full);
        put(&["△", "▲", "一部", "一部実施", "一部対応"], Meaning::Level(Level::THREE, false));
        put(
            &["×", "✕", "✖", "✗", "未", "未実施", "未対応", "無", "なし", "不可", "いいえ"],
            Meaning::Level(Level::ZERO, false),
        );
        put(&["対象外", "該当なし", "制度なし"], Meaning::Applicability(Applicability::NotApplicable));
        put(&["組合", "広域", "県"], Meaning::Applicability(Applicability::OtherBody));
        put(&["廃止"], Meaning::Applicability(Applicability::Abolished));
        put(&["予定", "準備中"], Meaning::Planned);
        put(&["検討中"], Meaning::Note);
        put(&["未回答", "不明", "調査無し", ""], Meaning::Nothing);
        for level in 0..=5 {
            for plus in ["", "+"] {
                let text = format!("{level}{plus}");
                if let Ok(meaning) = text.parse() {
                    profile.marks.insert(text, meaning);
                }
            }
        }
        profile.open = false;
        profile
    }

    /// The marks of the Digital Agency's list: its legend says 「○」 オンライン手続が可能, 「ー」
    /// 該当する手続きがない; some cells have the other circle 〇. It has no others.
    pub fn digital_agency() -> Self {
        let marks = [
            ("○", Meaning::Level(Level::THREE, true)),
            ("〇", Meaning::Level(Level::THREE, true)),
            ("ー", Meaning::Applicability(Applicability::NotApplicable)),
            ("", Meaning::Level(Level::ZERO, false)),
        ];
        let marks = marks.into_iter().map(|(mark, meaning)| (mark.to_owned(), meaning));
        Self { open: false, ..Self::new(DIGITAL_AGENCY, marks, None) }
    }

    /// A profile that nobody can change, by its name.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            DEFAULT => Some(Self::default_marks()),
            DIGITAL_AGENCY => Some(Self::digital_agency()),
            _ => None,
        }
    }

    /// This profile with what the sender says of single marks laid over it.
    pub fn with(mut self, marks: &[(String, Meaning)], binary: Option<Binary>) -> Self {
        self.marks.extend(marks.iter().map(|(mark, meaning)| (fold_mark(mark), *meaning)));
        self.binary = binary.or(self.binary);
        self
    }

    /// The marks with their meanings, in order of their code points; of the default profile those
    /// of the table.
    pub fn marks(&self) -> impl Iterator<Item = (&str, Meaning)> {
        let marks = if self.name == DEFAULT { &TABLE.marks } else { &self.marks };
        marks.iter().map(|(mark, meaning)| (mark.as_str(), *meaning))
    }

    /// Whether the profile itself says what a (folded) mark means.
    pub fn names(&self, mark: &str) -> bool {
        self.marks.contains_key(mark)
    }

    /// What a (folded) cell means; `None` is a mark the profile does not know.
    pub fn meaning(&self, cell: &str) -> Option<Meaning> {
        self.marks.get(cell).or_else(|| TABLE.marks.get(cell).filter(|_| self.open)).copied()
    }

    /// The marks, for messages: short, because it stands in each of them.
    pub fn allowed(&self) -> String {
        /// So many marks of a profile are told.
        const TOLD: usize = 10;
        let mut marks: Vec<&str> =
            self.marks.keys().map(String::as_str).filter(|mark| !mark.is_empty()).take(TOLD).collect();
        if self.marks.contains_key("") {
            marks.push("空欄");
        }
        if self.open {
            /// Enough of the table to see what sort of marks is meant.
            const USUAL: &str = "○ ◎ △ × 済 未 対象外 予定 検討中 0〜5 0+〜5+ 空欄 など";
            marks.push(USUAL);
        }
        marks.join(" ")
    }
}

/// Whether a (folded) cell is a dash, which has no meaning of its own.
pub fn is_dash(cell: &str) -> bool {
    matches!(cell, "ー" | "-" | "―" | "‐" | "−" | "–" | "—" | "─" | "ｰ")
}

/// When something is planned for, in cells such as 「令和8年度予定」 or 「予定（R8.4）」. `None` if
/// the cell says nothing of a plan.
pub fn planned(cell: &str) -> Option<Option<Dated>> {
    const WORDS: [&str; 4] = ["実施予定", "対応予定", "予定", "準備中"];
    let word = WORDS.iter().find(|word| cell.contains(**word))?;
    let (before, behind) = cell.split_once(word)?;
    let rest = format!("{before}{behind}");
    let rest = rest.trim_matches(|c: char| "()[]:、,".contains(c) || c.is_whitespace());
    let rest = rest.trim_end_matches(['に', 'の', 'よ', 'り', 'か', 'ら', '中', '頃', 'ご', 'ろ']);
    let rest =
        ["実施", "対応", "開始", "導入"].iter().find_map(|done| rest.strip_suffix(done)).unwrap_or(rest);
    let rest = rest.trim_end_matches(['に', 'の', 'よ', 'り', 'か', 'ら', '中', '頃', 'ご', 'ろ']);
    if rest.is_empty() {
        return Some(None);
    }
    // A year is a calendar year; only 年度 is a fiscal one.
    let bare =
        rest.ends_with(|c: char| c.is_ascii_digit()) && !rest.contains(['年', '月', '.', '/', '-', '度']);
    let year = rest.strip_suffix('年').or(bare.then_some(rest)).map(|year| format!("{year}年12月"));
    let day = parse_in_file(rest).or_else(|refusal| year.map_or(Err(refusal), |year| parse_in_file(&year)));
    day.ok().map(Some)
}

/// What a cell with a meaning says on a channel; `None` if it says nothing. A mark speaks of the
/// level alone: whether it is in force, and how it is known, stays as it was.
pub(super) fn said(
    meaning: Meaning,
    cell: &str,
    channel: ChannelIx,
    evidence: Option<Evidence>,
    on: Option<Dated>,
) -> Option<Said> {
    let patch = match meaning {
        Meaning::Nothing => return None,
        Meaning::Applicability(value) => return Some(Said::Applicability(value, Field::Keep)),
        Meaning::Level(level, at_least) => {
            ReadinessPatch { level: Some((level, at_least)), evidence, ..ReadinessPatch::default() }
        }
        // Whoever lays columns side by side has resolved it already.
        Meaning::Full => {
            ReadinessPatch { level: Some((Level::THREE, true)), evidence, ..ReadinessPatch::default() }
        }
        Meaning::Planned => ReadinessPatch {
            target_level: Field::Set(Level::THREE),
            target_on: on.map_or(Field::Keep, Field::Set),
            evidence,
            unless_known: Some(Fallback::LevelZero),
            ..ReadinessPatch::default()
        },
        Meaning::Note => ReadinessPatch {
            note: Field::Set(cell.into()),
            evidence,
            unless_known: Some(Fallback::Nothing),
            ..ReadinessPatch::default()
        },
    };
    Some(Said::Readiness(channel, Box::new(patch)))
}

/// Reads `ー=not_applicable,△=2`, as an upload and the command line write it.
///
/// # Errors
///
/// A pair without `=`, a mark that is too long, a meaning that is none.
pub fn parse_marks(text: &str) -> Result<Vec<(String, Meaning)>, Refusal> {
    if text.split([',', '、']).count() > MAX_MARKS {
        let refusal = Refusal::new("too_many_values", "", "記号が多すぎます", "too many marks");
        return Err(refusal.allowed(format!("{MAX_MARKS}個まで")));
    }
    text.split([',', '、'])
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (mark, meaning) = pair.rsplit_once(['=', '＝']).ok_or_else(|| {
                Refusal::new(
                    "marks_format",
                    pair,
                    "記号の指定は「記号=意味」です",
                    "a mark is given as mark=meaning",
                )
                .allowed("ー=not_applicable,△=2 のように")
            })?;
            Ok((check_mark(mark)?, fold_width(meaning).parse()?))
        })
        .collect()
}

/// A mark as a profile may name it.
///
/// # Errors
///
/// Characters that cannot be stored, and a mark that is too long.
pub fn check_mark(mark: &str) -> Result<String, Refusal> {
    let mark = fold_mark(mark);
    clean(&mark, MAX_MARK)?;
    Ok(if mark == "空欄" { String::new() } else { mark })
}

/// A question that must be answered before a file can be taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// What is open: a mark, a name, a heading; for a column of 0 and 1, `0/1`; for the file as a whole the
    /// name of the answer.
    #[schema(example = "ー", max_length = 200)]
    pub mark: String,
    /// Name of the answer: `marks`, `channel`, `sheet` and so on.
    #[serde(default)]
    #[schema(example = "marks", max_length = 20)]
    pub parameter: String,
    /// What is asked, in Japanese.
    #[schema(example = "「ー」は何を意味しますか", max_length = 500)]
    pub question: String,
    /// How often it stands in the file.
    #[schema(example = 12, minimum = 1)]
    pub count: usize,
    /// Some of the headings under which it stands.
    #[schema(max_items = 5)]
    pub headings: Vec<String>,
    /// What may be answered: values for the upload's `marks` or `binary`.
    /// Empty where any value of its kind may be answered.
    #[schema(max_items = 100)]
    pub choices: Vec<Choice>,
    /// The value of the choice that the file itself suggests, by a legend or a title.
    #[serde(default)]
    #[schema(example = json!(null), max_length = 100)]
    pub suggestion: Option<String>,
}

impl Question {
    /// The question and what may be answered in one line, with the words for the command line.
    pub fn line(&self) -> String {
        /// Choices that are named; the others are in the JSON.
        const NAMED: usize = 8;
        let mut text = self.question.clone();
        if self.count > 1 {
            text.push_str(&format!("（{}か所）", self.count));
        }
        let choices: Vec<String> = self
            .choices
            .iter()
            .take(NAMED)
            .map(|choice| format!("--{} '{}' {}", choice.parameter, choice.value, choice.label))
            .collect();
        if choices.is_empty() {
            text.push_str(&format!(" → --{} '…'", self.parameter.replace('_', "-")));
        } else {
            let more = if self.choices.len() > NAMED { "、ほか" } else { "" };
            text.push_str(&format!(" → {}{more}", choices.join("、")));
        }
        text
    }

    /// A question about the file as a whole, with the values that may be answered and what they mean;
    /// without any where the answer is free.
    pub fn about_the_file(
        parameter: &str,
        question: impl Into<String>,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let choice = |(value, label)| Choice { parameter: parameter.to_owned(), value, label };
        Self {
            mark: parameter.to_owned(),
            parameter: parameter.to_owned(),
            question: question.into(),
            count: 1,
            headings: Vec::new(),
            choices: choices.into_iter().map(choice).collect(),
            suggestion: None,
        }
    }

    /// Counts one more place it is about.
    pub(super) fn saw(&mut self, heading: Option<&str>) {
        self.count += 1;
        let Some(heading) = heading.map(|text| cut(&text.replace('\n', ""), 60)) else { return };
        if self.headings.len() < SHOWN_HEADINGS && !self.headings.contains(&heading) {
            self.headings.push(heading);
        }
    }
}

/// So many headings are enough to find the cells.
const SHOWN_HEADINGS: usize = 5;

/// One answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Choice {
    /// Name of the upload's parameter.
    #[schema(example = "marks", max_length = 20)]
    pub parameter: String,
    /// Its value.
    #[schema(example = "ー=not_applicable", max_length = 100)]
    pub value: String,
    /// What it means.
    #[schema(example = "制度なし・該当なし", max_length = 200)]
    pub label: String,
}

/// Counts marks that no profile knows.
#[derive(Debug, Default)]
pub(super) struct Questions {
    found: BTreeMap<String, (usize, Vec<String>)>,
}

/// How a column of 0 and 1 is asked about.
pub(super) const BINARY: &str = "0/1";

impl Questions {
    pub(super) fn add(&mut self, mark: &str, heading: &str) {
        /// More questions are no questions any more.
        const MOST: usize = 100;
        if self.found.len() >= MOST && !self.found.contains_key(mark) {
            return;
        }
        let (count, headings) = self.found.entry(mark.to_owned()).or_default();
        *count += 1;
        let heading = cut(&heading.replace('\n', ""), 60);
        if headings.len() < SHOWN_HEADINGS && !headings.contains(&heading) {
            headings.push(heading);
        }
    }

    pub(super) fn finish(self) -> Vec<Question> {
        let question = |(mark, (count, headings)): (String, (usize, Vec<String>))| {
            let binary = mark == BINARY;
            let choices = if binary { binary_choices() } else { choices(&mark) };
            let question = if binary {
                "段階を表すものが 0 と 1 しかない列です。1 は「対応」の印ですか、段階1ですか".to_owned()
            } else {
                format!("「{mark}」は何を意味しますか")
            };
            let parameter = if binary { "binary" } else { "marks" };
            let parameter = parameter.to_owned();
            Question { mark, parameter, question, count, headings, choices, suggestion: None }
        };
        self.found.into_iter().map(question).collect()
    }
}

fn binary_choices() -> Vec<Choice> {
    let choice = |value: &Binary| Choice {
        parameter: "binary".to_owned(),
        value: value.code().to_owned(),
        label: value.label().to_owned(),
    };
    Binary::ALL.iter().map(choice).collect()
}

fn choices(mark: &str) -> Vec<Choice> {
    let likely = [
        Meaning::Level(Level::ZERO, false),
        Meaning::Level(Level::THREE, true),
        Meaning::Applicability(Applicability::NotApplicable),
        Meaning::Applicability(Applicability::OtherBody),
        Meaning::Planned,
        Meaning::Note,
        Meaning::Nothing,
    ];
    let choice = |meaning: Meaning| Choice {
        parameter: "marks".to_owned(),
        value: format!("{mark}={}", meaning.code()),
        label: meaning.label(),
    };
    let full = TABLE.meaning(mark) == Some(Meaning::Full);
    let four = full.then_some(Meaning::Level(Level::FOUR, false));
    four.into_iter().chain(likely).map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_profile_is_the_published_table() {
        let profile = Profile::default_marks();
        for (marks, code) in [
            ("○ 〇 ◯ ● ✓ 済 実施 実施済 対応 対応済 可 有 あり はい", "3+"),
            ("◎", "full"),
            ("△ ▲ 一部 一部実施 一部対応", "3"),
            ("× ✕ ✖ ✗ 未 未実施 未対応 無 なし 不可 いいえ 0", "0"),
            ("対象外 該当なし 制度なし", "not_applicable"),
            ("組合 広域 県", "other_body"),
            ("予定 準備中", "planned"),
            ("検討中", "note"),
            ("未回答 不明 調査無し", "nothing"),
            ("5+", "5+"),
        ] {
            for mark in marks.split(' ') {
                assert_eq!(profile.meaning(&fold_mark(mark)).unwrap().code(), code, "{mark}");
            }
        }
        for dash in ["ー", "－", "―", "‐", "-", "−", "–", "—"] {
            assert_eq!(profile.meaning(&fold_width(dash)), None, "{dash}");
            assert!(is_dash(&fold_width(dash)), "{dash}");
        }
        assert_eq!(profile.meaning(""), Some(Meaning::Nothing));
    }

    #[test]
    fn a_named_profile_goes_before_the_default_one() {
        let marks = [("△".to_owned(), "2".parse().unwrap()), ("ー".to_owned(), "nothing".parse().unwrap())];
        let profile = Profile::new("ours", marks, None);
        assert_eq!(profile.meaning("△").unwrap().code(), "2");
        assert_eq!(profile.meaning("○").unwrap().code(), "3+");
        assert_eq!(profile.meaning("ー"), Some(Meaning::Nothing));
        assert_eq!(Profile::digital_agency().meaning("×"), None);
    }

    #[test]
    fn plans_are_read_with_their_day() {
        let on = |text: &str| planned(text).map(|on| on.map(|dated| dated.on.to_string()));
        assert_eq!(on("予定"), Some(None));
        assert_eq!(on("令和8年度予定"), Some(Some("2027-03-31".to_owned())));
        assert_eq!(on("予定(R8.4)"), Some(Some("2026-04-30".to_owned())));
        assert_eq!(on("2027年予定"), Some(Some("2027-12-31".to_owned())));
        assert_eq!(on("20270401予定"), Some(Some("2027-04-01".to_owned())));
        assert_eq!(on("予定(R9)"), Some(Some("2027-12-31".to_owned())));
        assert_eq!(on("R8年度中に実施予定"), Some(Some("2027-03-31".to_owned())));
        assert_eq!(on("予定なし"), None);
        assert_eq!(on("○"), None);
    }

    #[test]
    fn marks_are_given_in_one_line() {
        let marks = parse_marks("ー=not_applicable,△=2").unwrap();
        assert_eq!(marks[0].1.code(), "not_applicable");
        assert_eq!(marks[1], ("△".to_owned(), "2".parse().unwrap()));
        for text in ["ー", "ー=maybe", "ー=6"] {
            assert!(parse_marks(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn meanings_survive_their_codes(level in 0u8..=5, plus in any::<bool>()) {
            let text = format!("{level}{}", if plus { "+" } else { "" });
            prop_assert_eq!(text.parse::<Meaning>().unwrap().code(), text);
        }

        #[test]
        fn no_mark_panics(text in "\\PC{0,20}") {
            let profile = Profile::default_marks();
            let _ = profile.meaning(&fold_mark(&text));
            let _ = planned(&fold_width(&text));
            let _ = parse_marks(&text);
        }
    }
}
