//! What the sender says about a file, as it was sent.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::given::Given;
use super::understood::{Blank, IGNORED, OnStale, Options};
use super::values::{fiscal_year, flag, listed, one, parse_headings, parse_pairs};
use crate::domain::Refusal;
use crate::domain::catalogue::Catalogue;
use crate::domain::file_dates::parse_in_file;
use crate::domain::text::{clean, fold_for_match, fold_name};
use crate::import::marks::{Binary, DEFAULT, Profile, parse_marks};

/// Values that make no sense, with the names of their parameters.
pub type Refused = Vec<(&'static str, Refusal)>;

/// What the sender says, as it was sent and as it is stored with the import.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// Code of the layout.
    pub layout: Option<String>,
    /// Name of the sheet.
    pub sheet: Option<String>,
    /// Code of the encoding.
    pub encoding: Option<String>,
    /// Name of the profile.
    pub profile: Option<String>,
    /// `ー=not_applicable,△=2`.
    pub marks: Option<String>,
    /// `flag` or `level`.
    pub binary: Option<String>,
    /// Id of the channel.
    pub channel: Option<String>,
    /// Code of the body.
    pub municipality: Option<String>,
    /// The fiscal year, such as 2025.
    pub fiscal_year: Option<String>,
    /// `true` or `false`.
    pub fill: Option<String>,
    /// A day, month or fiscal year.
    pub effective_on: Option<String>,
    /// `keep` or `clear`.
    pub blank: Option<String>,
    /// Headings of columns to be left out: `備考2,担当者`.
    pub ignore: Option<String>,
    /// What headings of the sender's own mean: `状況=level,児童手当（現況）=kosodate-10`.
    pub columns: Option<String>,
    /// What names of the sender's own stand for: `かすみ市=082309,犬の登録=high-volume-22`.
    pub names: Option<String>,
    /// `all` or `visible`.
    pub hidden: Option<String>,
    /// `warn` or `reject`.
    pub on_stale: Option<String>,
    /// Why the file is sent, for those who look at it later.
    pub reason: Option<String>,
    /// What was answered to questions about the file since it came.
    #[serde(skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// What the profile said when the file came, once that is known.
    pub meant: Option<Meant>,
}

/// One answer, as a person gives it to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenAnswer<'a> {
    /// Name of the answer: `marks`, `channel`, `sheet` and so on.
    pub parameter: &'a str,
    /// The mark, heading or name that it is about, where it is free words; a choice holds that itself.
    pub about: Option<&'a str>,
    /// What was chosen or written.
    pub value: &'a str,
}

/// What a profile said when a file came.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Meant {
    /// Marks and codes of their meanings.
    marks: BTreeMap<String, String>,
    /// Code of what a column of 0 and 1 means.
    binary: Option<String>,
    /// Headings (folded) and what they mean.
    #[serde(default)]
    columns: BTreeMap<String, String>,
    /// Names (folded) and what they stand for.
    #[serde(default)]
    names: BTreeMap<String, String>,
}

/// Longest name of a sheet, in characters; Excel allows 31.
const MAX_SHEET: usize = 100;
/// Whether an answer about a column says that it is not read.
fn leaves_out(meaning: &str) -> bool {
    const WORDS: [&str; 7] =
        [IGNORED, "取り込まない", "取込まない", "変えない", "読まない", "使わない", "無視"];
    WORDS.contains(&fold_for_match(meaning).as_str())
}

fn unknown_answer(name: &str) -> Refusal {
    Refusal::new("unknown_answer", name, "この名前の答えはありません", "there is no answer of this name")
}

/// Longest reason of an import, in characters.
pub const MAX_REASON: usize = 200;

impl Asked {
    /// What answers to questions say together.
    ///
    /// # Errors
    ///
    /// A choice that is none, and an answer of an unknown name.
    pub fn of_answers<'a>(answers: impl IntoIterator<Item = GivenAnswer<'a>>) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for GivenAnswer { parameter, about, value } in answers {
            let given = &mut asked.given;
            let about = about.map(|about| (about.to_owned(), value.to_owned()));
            match (parameter, about) {
                ("marks", Some(pair)) => given.marks.extend([pair]),
                ("names", Some(pair)) => given.names.extend([pair]),
                ("columns", Some(pair)) => given.columns.extend([pair]),
                ("marks", None) => {
                    let pairs = parse_marks(value)?.into_iter();
                    given.marks.extend(pairs.map(|(mark, meaning)| (mark, meaning.code())));
                }
                ("names", None) => given.names.extend(parse_pairs(value, str::to_owned)?),
                ("columns", None) => given.columns.extend(parse_pairs(value, str::to_owned)?),
                ("ignore", _) => given.ignore.extend(listed(value)?.into_iter().map(str::to_owned)),
                (name, _) => match asked.field(name) {
                    Some(field) => *field = Some(value.to_owned()),
                    None => return Err(unknown_answer(name)),
                },
            }
        }
        Ok(asked)
    }

    /// Whether a word is the name of an answer, as programs say it.
    pub fn is_name(word: &str) -> bool {
        ["marks", "names", "columns", "ignore"].contains(&word) || Self::default().field(word).is_some()
    }

    /// What is said once of the file as a whole, by its name.
    fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "layout" => &mut self.layout,
            "sheet" => &mut self.sheet,
            "encoding" => &mut self.encoding,
            "profile" => &mut self.profile,
            "binary" => &mut self.binary,
            "channel" => &mut self.channel,
            "municipality" => &mut self.municipality,
            "fiscal_year" => &mut self.fiscal_year,
            "fill" => &mut self.fill,
            "effective_on" => &mut self.effective_on,
            "blank" => &mut self.blank,
            "hidden" => &mut self.hidden,
            "on_stale" => &mut self.on_stale,
            "reason" => &mut self.reason,
            _ => return None,
        })
    }

    /// Reads what was said. `profile` is what the name in `profile` stands for.
    ///
    /// # Errors
    ///
    /// Every value that makes no sense, with the name of its parameter.
    pub fn read(
        &self,
        catalogue: &Catalogue,
        profile: Option<Profile>,
        today: NaiveDate,
    ) -> Result<Options, Refused> {
        let (mut options, mut faults) = self.words(today);
        if let Some(profile) = &profile {
            // What is said of this file goes before what is said of all of them.
            options.columns.extend(profile.columns.clone());
            options.names.extend(profile.names.clone());
        }
        // A column may be said to mean nothing.
        let (left_out, columns): (Vec<_>, Vec<_>) =
            options.columns.drain(..).partition(|(_, meaning)| leaves_out(meaning));
        options.columns = columns;
        options.ignore.extend(left_out.into_iter().map(|(heading, _)| heading));
        options.profile = profile;
        options.channel = one(&mut faults, "channel", &self.channel, |text| {
            crate::import::layout::channel_in_words(catalogue, text)
                .map_or_else(|| catalogue.find_channel(text), Ok)
        });
        options.municipality = one(&mut faults, "municipality", &self.municipality, |text| {
            crate::import::resolve::body_in_words(catalogue, text)
        });
        for (_, meaning) in &mut options.columns {
            match crate::import::layout::meaning_of_heading(catalogue, meaning) {
                Ok(known) => *meaning = known,
                Err(refusal) => faults.push(("columns", refusal)),
            }
        }
        for (_, meaning) in &mut options.names {
            // The name of a product stands for a channel.
            if catalogue.channel_ix(meaning).is_some() {
                continue;
            }
            let channel = || crate::import::layout::channel_in_words(catalogue, meaning);
            match crate::import::resolve::meaning_of_name(catalogue, meaning) {
                Ok(known) => *meaning = known,
                Err(refusal) => match channel() {
                    Some(channel) => *meaning = catalogue.channel(channel).id.to_string(),
                    None => faults.push(("names", refusal)),
                },
            }
        }
        if faults.is_empty() { Ok(options) } else { Err(faults) }
    }

    /// Reads what can be read without a catalogue, and tells what makes no sense.
    pub fn words(&self, today: NaiveDate) -> (Options, Vec<(&'static str, Refusal)>) {
        let mut faults = Vec::new();
        let mut options = Options::new(today);
        options.layout = one(&mut faults, "layout", &self.layout, str::parse);
        options.sheet = one(&mut faults, "sheet", &self.sheet, |text| clean(text, MAX_SHEET)).flatten();
        options.encoding = one(&mut faults, "encoding", &self.encoding, str::parse);
        options.marks = one(&mut faults, "marks", &self.marks, parse_marks).unwrap_or_default();
        options.binary = one(&mut faults, "binary", &self.binary, Binary::in_words);
        options.fiscal_year = one(&mut faults, "fiscal_year", &self.fiscal_year, fiscal_year);
        options.fill = one(&mut faults, "fill", &self.fill, flag).unwrap_or(false);
        options.effective = one(&mut faults, "effective_on", &self.effective_on, parse_in_file);
        options.blank = one(&mut faults, "blank", &self.blank, str::parse).unwrap_or(Blank::Keep);
        options.ignore = one(&mut faults, "ignore", &self.ignore, parse_headings).unwrap_or_default();
        options.columns =
            one(&mut faults, "columns", &self.columns, |text| parse_pairs(text, fold_for_match))
                .unwrap_or_default();
        options.names =
            one(&mut faults, "names", &self.names, |text| parse_pairs(text, fold_name)).unwrap_or_default();
        options.hidden = one(&mut faults, "hidden", &self.hidden, str::parse);
        options.on_stale = one(&mut faults, "on_stale", &self.on_stale, str::parse).unwrap_or(OnStale::Warn);
        one(&mut faults, "reason", &self.reason, |text| clean(text, MAX_REASON));
        self.given.lay_over(&mut options, &mut faults);
        (options, faults)
    }

    /// Takes the answer to one question: the name of the answer, what the question is about, and one of
    /// its choices or the sender's own words. What makes no sense is told when it is read.
    pub fn answer(&mut self, parameter: &str, about: &str, value: &str) {
        // A choice about a mark, a name or a heading repeats what it is about: ー=not_applicable.
        let pairs = |value: &str| -> Vec<(String, String)> {
            let own = value.strip_prefix(about).and_then(|rest| rest.strip_prefix('='));
            let pair =
                |pair: &str| pair.rsplit_once('=').map(|(left, right)| (left.to_owned(), right.to_owned()));
            match (own, value.split(',').map(pair).collect::<Option<Vec<_>>>()) {
                (Some(meaning), _) if !meaning.contains('=') => vec![(about.to_owned(), meaning.to_owned())],
                // One answer may be for several marks that are alike.
                (_, Some(pairs)) => pairs,
                _ => vec![(about.to_owned(), value.to_owned())],
            }
        };
        let text = Some(value.to_owned());
        match parameter {
            "marks" => self.given.marks.extend(pairs(value)),
            "columns" => self.given.columns.extend(pairs(value)),
            "names" => self.given.names.extend(pairs(value)),
            "ignore" => self.given.ignore.push(value.to_owned()),
            "layout" => self.layout = text,
            "sheet" => self.sheet = text,
            "encoding" => self.encoding = text,
            "binary" => self.binary = text,
            "channel" => self.channel = text,
            "municipality" => self.municipality = text,
            "fiscal_year" => self.fiscal_year = text,
            "effective_on" => self.effective_on = text,
            "hidden" => self.hidden = text,
            "fill" => self.fill = text,
            // No question asks for anything else.
            _ => {}
        }
    }

    /// The same with newer answers: what they say goes before what was said until now.
    pub fn answered(self, newer: Self) -> Self {
        let mut given = self.given;
        given.extend(newer.given);
        Self {
            layout: newer.layout.or(self.layout),
            sheet: newer.sheet.or(self.sheet),
            encoding: newer.encoding.or(self.encoding),
            profile: newer.profile.or(self.profile),
            marks: newer.marks.or(self.marks),
            binary: newer.binary.or(self.binary),
            channel: newer.channel.or(self.channel),
            municipality: newer.municipality.or(self.municipality),
            fiscal_year: newer.fiscal_year.or(self.fiscal_year),
            fill: newer.fill.or(self.fill),
            effective_on: newer.effective_on.or(self.effective_on),
            blank: newer.blank.or(self.blank),
            ignore: newer.ignore.or(self.ignore),
            columns: newer.columns.or(self.columns),
            names: newer.names.or(self.names),
            hidden: newer.hidden.or(self.hidden),
            on_stale: newer.on_stale.or(self.on_stale),
            reason: newer.reason.or(self.reason),
            given,
            meant: self.meant,
        }
    }

    /// The same with everything in it that depends on who sent it and when.
    pub fn resolved(mut self, options: &Options, catalogue: &Catalogue) -> Self {
        self.municipality = options.municipality.map(|body| catalogue.body(body).code.to_string());
        self.meant = options.profile.as_ref().map(|profile| Meant {
            marks: profile.marks().into_iter().map(|(mark, meaning)| (mark, meaning.code())).collect(),
            binary: profile.binary.map(|binary| binary.code().to_owned()),
            columns: profile.columns.clone(),
            names: profile.names.clone(),
        });
        self
    }

    /// Reads what was said of a file that came before, as it was understood then.
    ///
    /// # Errors
    ///
    /// As [`Asked::read`].
    pub fn read_again(&self, catalogue: &Catalogue, day: NaiveDate) -> Result<Options, Refused> {
        let name = self.profile_name();
        let own = self.meant.as_ref().zip(name).map(|(meant, name)| {
            let mark = |(mark, code): (&String, &String)| Some((mark.clone(), code.parse().ok()?));
            let binary = meant.binary.as_deref().and_then(|code| code.parse().ok());
            Profile::new(name, meant.marks.iter().filter_map(mark), binary)
                .with_words(meant.columns.clone(), meant.names.clone())
        });
        let profile = name.and_then(Profile::built_in).or(own);
        self.read(catalogue, profile, day)
    }

    /// The name of the profile, unless it is the one that needs no name.
    pub fn profile_name(&self) -> Option<&str> {
        self.profile.as_deref().filter(|name| *name != DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_find_their_place() {
        let mut asked = Asked::default();
        asked.answer("marks", "ー", "ー=not_applicable");
        asked.answer("marks", "－", "－=0,―=0");
        asked.answer("marks", "※", "変えない");
        asked.answer("columns", "現況届,変更", "現況届,変更=kosodate-10");
        asked.answer("ignore", "担当者", "担当者");
        asked.answer("channel", "channel", "online");
        let marks: Vec<(&str, &str)> =
            asked.given.marks.iter().map(|(mark, meaning)| (mark.as_str(), meaning.as_str())).collect();
        assert_eq!(marks, [("―", "0"), ("※", "変えない"), ("ー", "not_applicable"), ("－", "0")]);
        assert_eq!(asked.given.columns["現況届,変更"], "kosodate-10");
        assert_eq!(
            (asked.given.ignore, asked.channel),
            (vec!["担当者".to_owned()], Some("online".to_owned()))
        );
    }
}
