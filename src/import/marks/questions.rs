//! What must be answered before a file can be taken, with every answer that there is.

use std::collections::{BTreeMap, HashSet};

use super::legend::Legend;
use super::meaning::{Binary, Meaning};
use super::profile::{ANY_ADDRESS, ANY_DAY, EMPTY};
use super::{absence_in, words};
use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Level, Scale, State};
use crate::domain::text::cut;

/// A question that must be answered before a file can be taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// What is open: a mark, a name, a heading; for a column of 0 and 1, `0/1`; for all dashes, `ー`; for
    /// the file as a whole the name of the answer.
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
    /// The lines on which it stands, each with how often; none for the file as a whole.
    #[serde(skip)]
    #[schema(ignore)]
    pub lines: Vec<(u32, usize)>,
}

impl Question {
    /// Whether it is about cells or names of single rows, which are refused one by one while it is open:
    /// the other rows mean the same whatever is answered.
    pub fn is_about_rows(&self) -> bool {
        ["marks", "names", "binary"].contains(&self.parameter.as_str())
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
            lines: Vec::new(),
        }
    }

    /// Leaves the places out that stand on lines which are refused for something else. Says whether any
    /// is left.
    pub(in crate::import) fn is_asked_without(&mut self, refused: &HashSet<u32>) -> bool {
        if self.lines.is_empty() || refused.is_empty() {
            return true;
        }
        self.lines.retain(|(line, _)| !refused.contains(line));
        self.count = self.lines.iter().map(|(_, count)| count).sum();
        self.count > 0
    }

    /// Counts one more place it is about.
    pub(in crate::import) fn saw(&mut self, heading: Option<&str>) {
        self.count += 1;
        let Some(heading) = heading.map(|text| cut(&text.replace('\n', ""), 60)) else { return };
        if self.headings.len() < SHOWN && !self.headings.contains(&heading) {
            self.headings.push(heading);
        }
    }
}

/// One answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Choice {
    /// Name of the upload's parameter.
    #[schema(example = "marks", max_length = 20)]
    pub parameter: String,
    /// Its value.
    #[schema(example = "ー=not_applicable", max_length = 5000)]
    pub value: String,
    /// What it means.
    #[schema(example = "制度なし・該当なし", max_length = 200)]
    pub label: String,
}

/// Puts the choice of a value before the others; says whether there is such.
pub(in crate::import) fn likeliest_first(choices: &mut [Choice], value: Option<&str>) -> bool {
    let at = choices.iter().position(|choice| Some(choice.value.as_str()) == value);
    if let Some(at) = at {
        choices[..=at].rotate_right(1);
    }
    at.is_some()
}

/// What is open about a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) enum Open {
    /// What a column of 0 and 1 says.
    Binary,
    /// What it means.
    Meaning,
    /// Whether it is above ○.
    Above,
    /// What a day without a mark means.
    Day,
    /// What an address without a mark means.
    Address,
    /// Whether it speaks of the channel or of the procedure.
    WhichAbsence,
}

/// How a column of 0 and 1 is asked about.
pub(in crate::import) const BINARY: &str = "0/1";

#[derive(Debug, Default)]
struct Found {
    count: usize,
    /// Some of the ways in which it is written.
    forms: Vec<String>,
    headings: Vec<String>,
    scales: [bool; 2],
    elsewhere: bool,
    /// By which of the file's legends it stands, each with the headings of the columns.
    legends: Vec<(usize, Vec<String>)>,
    /// Its lines, each with how often it stands there.
    lines: Vec<(u32, usize)>,
}

/// Counts what is open.
#[derive(Debug, Default)]
pub(in crate::import) struct Questions {
    found: BTreeMap<(String, Open), Found>,
}

/// So many columns can be left out by one answer.
const COLUMNS: usize = 100;
/// So many headings are enough to find the cells, and so many spellings to know them.
const SHOWN: usize = 5;

impl Questions {
    /// Counts a (folded) cell on a line and under a heading, which an answer calls by a name, on a scale and by one of the file's legends.
    /// `elsewhere` says whether the table has other channels that it might hang on.
    pub(in crate::import) fn add(
        &mut self,
        open: Open,
        cell: &str,
        (line, heading, name): (u32, &str, &str),
        (scale, legend): (Option<Scale>, usize),
        elsewhere: bool,
    ) {
        /// More questions are no questions any more.
        const MOST: usize = 100;
        let small = cell.to_ascii_lowercase();
        let mark = match open {
            Open::Binary => BINARY,
            Open::Day => ANY_DAY,
            Open::Address => ANY_ADDRESS,
            // What has one answer is asked once.
            Open::Meaning | Open::Above | Open::WhichAbsence => {
                words::alike(cell).unwrap_or(if is_word(cell) { &small } else { cell })
            }
        };
        let key = (mark.to_owned(), open);
        if self.found.len() >= MOST && !self.found.contains_key(&key) {
            return;
        }
        let found = self.found.entry(key).or_default();
        found.count += 1;
        match found.lines.last_mut() {
            Some((last, count)) if *last == line => *count += 1,
            _ => found.lines.push((line, 1)),
        }
        found.elsewhere |= elsewhere;
        let at = found.legends.iter().position(|(known, _)| *known == legend).unwrap_or_else(|| {
            found.legends.push((legend, Vec::new()));
            found.legends.len() - 1
        });
        let columns = &mut found.legends[at].1;
        if columns.len() < COLUMNS && !columns.iter().any(|known| known == name) {
            columns.push(name.to_owned());
        }
        for known in Scale::ALL {
            found.scales[usize::from(known.index())] |= scale.is_none_or(|scale| scale == *known);
        }
        let keep = |list: &mut Vec<String>, text: String| {
            if list.len() < SHOWN && !list.contains(&text) {
                list.push(text);
            }
        };
        keep(&mut found.forms, cut(cell, 40));
        keep(&mut found.headings, cut(&heading.replace('\n', ""), 60));
    }

    /// The questions. `read_on` says whether a mark was read on a scale: an answer for the other scale
    /// must leave that alone.
    pub(in crate::import) fn finish<'l>(
        self,
        legend: impl Fn(usize) -> &'l Legend,
        read_on: impl Fn(&str, Scale) -> bool,
    ) -> Vec<Question> {
        self.found
            .into_iter()
            .map(|((mark, open), found)| {
                let legends: Vec<&Legend> = found.legends.iter().map(|(at, _)| legend(*at)).collect();
                if let Some(question) = found.which_columns(&mark, open, &legends) {
                    return question;
                }
                found.asked(&mark, open, &legends, &read_on)
            })
            .collect()
    }
}

/// Code of what a value of a program for yes or no most likely means.
fn flag(mark: &str) -> Option<&'static str> {
    match mark {
        "true" => Some("3+"),
        "false" => Some("0"),
        _ => None,
    }
}

impl Found {
    /// The scale of all places, if it is one.
    fn scale(&self) -> Option<Scale> {
        match self.scales {
            [true, false] => Some(Scale::Online),
            [false, true] => Some(Scale::Counter),
            _ => None,
        }
    }

    /// What is asked where the legends of columns say different things of a mark: an answer for the mark would
    /// be wrong in some of them.
    fn which_columns(&self, mark: &str, open: Open, legends: &[&Legend]) -> Option<Question> {
        let scale = self.scale().filter(|_| open == Open::Meaning)?;
        let mut groups: Vec<(Option<Meaning>, &str, Vec<&str>)> = Vec::new();
        for (legend, (_, columns)) in legends.iter().zip(&self.legends) {
            let words = legend.words(mark)?;
            let meaning = legend.meaning(mark, Some(scale));
            let same = |(known, said, _): &&mut (Option<Meaning>, &str, Vec<&str>)| {
                *known == meaning && (meaning.is_some() || *said == words)
            };
            let columns = columns.iter().map(String::as_str);
            match groups.iter_mut().find(same) {
                Some((.., known)) => known.extend(columns),
                None => groups.push((meaning, words, columns.collect())),
            }
        }
        if groups.len() < 2 {
            return None;
        }
        let choices = (0..groups.len()).map(|kept| {
            let others = groups.iter().enumerate().filter(|(at, _)| *at != kept);
            let others: Vec<&str> = others.flat_map(|(_, (.., columns))| columns.iter().copied()).collect();
            let (_, words, columns) = &groups[kept];
            let label =
                format!("「{}」の列（{}）だけを取り込む", cut(words, 40), cut(&columns.join("、"), 80));
            Choice { parameter: "ignore".to_owned(), value: others.join(","), label }
        });
        let said: Vec<String> = groups.iter().map(|(_, words, _)| cut(words, 60)).collect();
        Some(Question {
            parameter: "ignore".to_owned(),
            question: format!(
                "「{mark}」の意味が列によって違います（凡例では「{}」）。どの列を取り込みますか。ほかの列は、そのあとで別に取り込んでください",
                said.join("」「")
            ),
            suggestion: None,
            mark: cut(mark, 40),
            count: self.count,
            headings: self.headings.clone(),
            choices: choices.collect(),
            lines: self.lines.clone(),
        })
    }

    fn asked(
        self,
        mark: &str,
        open: Open,
        legends: &[&Legend],
        read_on: &impl Fn(&str, Scale) -> bool,
    ) -> Question {
        let scale = self.scale();
        let shown = if mark.is_empty() { EMPTY } else { mark };
        let is_open_at_counters =
            words::usual(mark, Scale::Online).is_some() && words::usual(mark, Scale::Counter).is_none();
        // Said of one scale alone where the mark has a meaning on the other.
        let named = match scale {
            Some(Scale::Counter) if is_open_at_counters || read_on(mark, Scale::Online) => {
                format!("窓口:{shown}")
            }
            Some(Scale::Online) if read_on(mark, Scale::Counter) => format!("オンライン:{shown}"),
            // What stands before a colon would be taken for a scale.
            Some(Scale::Counter) if mark.contains(':') => format!("窓口:{mark}"),
            Some(Scale::Online) if mark.contains(':') => format!("オンライン:{mark}"),
            _ => shown.to_owned(),
        };
        // What two notes say of it differently is for the sender to choose.
        let explained = legends.first().and_then(|legend| legend.meaning(mark, scale));
        let explained =
            explained.filter(|first| legends.iter().all(|one| one.meaning(mark, scale) == Some(*first)));
        let also_read = scale.is_some_and(|scale| read_on(mark, scale));
        let mut choices = self.choices(mark, &named, (open, explained), scale);
        // Where other channels have marks, who has no such scheme at one of them may have it at another. Level 0 is no
        // "not this way" at a counter: there it is paper.
        let likely = explained.map(|meaning| match meaning {
            Meaning::Applicability(Applicability::NotApplicable) if self.elsewhere => Meaning::Elsewhere,
            meaning => meaning,
        });
        let suggestion = likely.map(|meaning| format!("{named}={}", meaning.code()));
        let offered = likeliest_first(&mut choices, suggestion.as_deref());
        if let Some(usual) = flag(mark).filter(|_| !offered) {
            likeliest_first(&mut choices, Some(&format!("{named}={usual}")));
        }
        Question {
            parameter: (if open == Open::Binary { "binary" } else { "marks" }).to_owned(),
            question: self.sentence(mark, open, legends, also_read),
            suggestion: suggestion.filter(|_| offered),
            mark: cut(shown, 40),
            count: self.count,
            headings: self.headings,
            choices,
            lines: self.lines,
        }
    }

    /// What is asked. `also_read` says whether other columns of the scale have the mark and need no answer.
    fn sentence(&self, mark: &str, open: Open, legends: &[&Legend], also_read: bool) -> String {
        let forms = match mark {
            "" => EMPTY.to_owned(),
            _ => self.forms.join("」「"),
        };
        let sentence = match open {
            Open::Binary => "0 と 1 しかない列です。1 は「対応」の印ですか、段階1ですか".to_owned(),
            Open::Above => format!("「{mark}」は「○」より上の印ですか"),
            Open::Day => format!(
                "日付だけの欄（{} など）は何を意味しますか",
                self.forms.first().map_or("", String::as_str)
            ),
            Open::Address => "アドレス（URL）だけの欄は何を意味しますか".to_owned(),
            Open::WhichAbsence => {
                let whole = absence_in(mark).unwrap_or(Applicability::NotApplicable);
                format!(
                    "「{forms}」は、この{}だけのことですか、手続そのもの（{}）のことですか",
                    way(self.scale()),
                    whole.label()
                )
            }
            Open::Meaning if flag(mark).is_some() => {
                let checked = if flag(mark) == Some("0") {
                    "いいえ、チェックなし"
                } else {
                    "はい、チェックあり"
                };
                format!("「{forms}」（{checked}）は何を意味しますか")
            }
            Open::Meaning => match self.scale() {
                Some(Scale::Counter) => format!("窓口の「{forms}」は何を意味しますか"),
                _ => format!("「{forms}」は何を意味しますか"),
            },
        };
        let mut words: Vec<String> =
            legends.iter().take(SHOWN).filter_map(|legend| Some(cut(legend.words(mark)?, 60))).collect();
        words.dedup();
        let said = match words.as_slice() {
            [] => String::new(),
            words => format!("（凡例では「{}」）", words.join("」「")),
        };
        let others = if also_read && open == Open::Meaning && !words.is_empty() {
            format!("。答えはほかの列の「{forms}」にも使います")
        } else {
            String::new()
        };
        sentence + &said + &others
    }

    fn choices(
        &self,
        mark: &str,
        named: &str,
        (open, explained): (Open, Option<Meaning>),
        scale: Option<Scale>,
    ) -> Vec<Choice> {
        if open == Open::Binary {
            return binary_choices();
        }
        let choice = |meaning: Meaning| Choice {
            parameter: "marks".to_owned(),
            value: format!("{named}={}", meaning.code()),
            label: label(meaning, open, scale),
        };
        let absent = Meaning::Applicability(Applicability::NotApplicable);
        // What the question itself names stands first.
        let first = match open {
            Open::Above => vec![Meaning::Level(Level::FOUR, false)],
            Open::WhichAbsence => {
                let whole = absence_in(mark).map_or(absent, Meaning::Applicability);
                vec![Meaning::Level(Level::ZERO, false), whole]
            }
            _ => Vec::new(),
        };
        let levels = Level::all().map(|level| Some(Meaning::Level(level, false)));
        // An empty cell has no words that could be kept.
        let has_words = !mark.is_empty();
        let others = [
            Some(Meaning::Level(Level::THREE, true)),
            Some(absent),
            self.elsewhere.then_some(Meaning::Elsewhere),
            Some(Meaning::Applicability(Applicability::OtherBody)),
            Some(Meaning::Planned(None)),
            has_words.then_some(Meaning::Note),
        ];
        let may_be_states = open == Open::Meaning && has_words && !words::is_dash(mark);
        let states = State::ALL.iter().filter(|state| may_be_states && **state != State::Live);
        let states = states.map(|state| Some(Meaning::State(*state)));
        let mut all = first;
        for meaning in levels.chain(others).chain(states).chain([Some(Meaning::Nothing), explained]).flatten()
        {
            if !all.contains(&meaning) {
                all.push(meaning);
            }
        }
        all.into_iter().map(choice).collect()
    }
}

/// Whether letters alone make it up: TRUE and true are one word.
fn is_word(cell: &str) -> bool {
    cell.chars().filter(char::is_ascii_alphabetic).count() > 1 && cell.is_ascii()
}

/// How a channel is called where its scale is all that is known of it.
pub(in crate::import) fn way(scale: Option<Scale>) -> &'static str {
    if scale == Some(Scale::Counter) { "窓口" } else { "接点" }
}

fn label(meaning: Meaning, open: Open, scale: Option<Scale>) -> String {
    let label = match (meaning, scale) {
        (Meaning::Level(level, false), None) => {
            format!(
                "段階{level}（オンライン: {}、窓口: {}）",
                level.label(Scale::Online),
                level.label(Scale::Counter)
            )
        }
        _ => meaning.label(scale),
    };
    match (open, meaning) {
        (Open::Day, Meaning::Level(..)) => format!("その日から{label}"),
        (Open::Day, Meaning::Planned(_)) => {
            "その日の予定（目標段階3。段階は今のまま、どこにもなければ0）".to_owned()
        }
        (Open::WhichAbsence, Meaning::Level(Level::ZERO, false)) => {
            format!("この{}だけ: {label}", way(scale))
        }
        (Open::WhichAbsence, Meaning::Applicability(_)) => {
            format!("手続そのもの: {label}")
        }
        _ => label,
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
