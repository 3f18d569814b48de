//! What the sender says about a file beyond the file itself.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::decode::Encoding;
use super::layout::Layout;
use super::marks::{Binary, DEFAULT, Meaning, Profile, check_mark, is_on_one_scale, parse_marks};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx};
use crate::domain::codes::codes;
use crate::domain::dates::{Dated, FiscalYear};
use crate::domain::file_dates::parse_in_file;
use crate::domain::text::{clean, fold_for_match, fold_name, fold_width};

codes! {
    /// What an empty cell of a stated row does.
    Blank, "空欄の扱い", "treatment of blanks" {
        Keep = "keep", "今の値を残す", "what was known stays", "空欄の項目は、今の値のまま変えない";
        Clear = "clear", "消す", "what was known is taken out", "空欄の項目は、今の値を消す";
    }
}

codes! {
    /// What becomes of the rows and columns that a workbook does not show.
    Hidden, "非表示の行と列の扱い", "treatment of hidden rows and columns" {
        All = "all", "非表示のものも読む", "what is hidden is read too";
        Visible = "visible", "見えているものだけ読む", "only what shows is read";
    }
}

codes! {
    /// What becomes of rows of an export that somebody changed since it was written.
    OnStale, "書き出しの後に変わった行の扱い", "treatment of rows changed since the export" {
        Warn = "warn", "知らせて、ファイルの値にする", "a warning; the file's value is taken", "書き出しの後に変わった行は警告し、ファイルの値を取り込む";
        Reject = "reject", "誤りとする", "a fault", "書き出しの後に変わった行は、誤りとして取り込まない";
    }
}

/// What the sender says, understood.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layout, where it is not to be found by the headings.
    pub layout: Option<Layout>,
    /// The sheet, where several have a table.
    pub sheet: Option<String>,
    /// The encoding, where it is not to be found by the bytes.
    pub encoding: Option<Encoding>,
    /// What marks mean, where it is not the layout's own profile.
    pub profile: Option<Profile>,
    /// What single marks of this file mean.
    pub marks: Vec<(String, Meaning)>,
    /// What a column of 0 and 1 means.
    pub binary: Option<Binary>,
    /// The channel of a table that is about one channel.
    pub channel: Option<ChannelIx>,
    /// The body of a form that does not name it.
    pub municipality: Option<BodyIx>,
    /// The fiscal year of a file that does not name it.
    pub fiscal_year: Option<FiscalYear>,
    /// Whether 同上 and empty naming cells are filled with what stands above.
    pub fill: bool,
    /// From which day the statements are true, for files that carry no date.
    pub effective: Option<Dated>,
    /// What an empty cell of a stated row does.
    pub blank: Blank,
    /// Headings (folded) of columns that are left out with the sender's consent.
    pub ignore: Vec<String>,
    /// Headings (folded) of the sender's own, and what each means: a field, a procedure, a channel, a body.
    pub columns: Vec<(String, String)>,
    /// Names (folded) of the sender's own, and the code or id that each stands for.
    pub names: Vec<(String, String)>,
    /// What becomes of hidden rows and columns, once somebody said it.
    pub hidden: Option<Hidden>,
    /// What becomes of rows of an export that were changed since it was written.
    pub on_stale: OnStale,
    /// Whether text is read whatever its size: on the machine itself nobody else waits for it.
    pub unbounded: bool,
    /// Name of the file, which may say of which day it is; none where it has none.
    pub file_name: Option<String>,
    /// The day it is in Japan.
    pub today: NaiveDate,
}

impl Options {
    /// Nothing said.
    pub fn new(today: NaiveDate) -> Self {
        Self {
            layout: None,
            sheet: None,
            encoding: None,
            profile: None,
            marks: Vec::new(),
            binary: None,
            channel: None,
            municipality: None,
            fiscal_year: None,
            fill: false,
            effective: None,
            blank: Blank::Keep,
            ignore: Vec::new(),
            columns: Vec::new(),
            names: Vec::new(),
            hidden: None,
            on_stale: OnStale::Warn,
            unbounded: false,
            file_name: None,
            today,
        }
    }

    /// What marks mean: what is said of this file, over the named profile, over the layout's own.
    pub(super) fn profile_over(&self, own: Profile) -> Profile {
        self.profile.clone().unwrap_or(own).with(&self.marks, self.binary)
    }
}

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

/// Answers about marks, names and headings of a file, as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// Marks and their meanings.
    pub marks: BTreeMap<String, String>,
    /// Headings and what they mean: a field, a procedure, a channel, a body.
    pub columns: BTreeMap<String, String>,
    /// Names and the code or id that each stands for.
    pub names: BTreeMap<String, String>,
    /// Headings of columns that are left out.
    pub ignore: Vec<String>,
}

/// Most answers of one sort.
const MAX_GIVEN: usize = 500;
/// Longest heading or name that is answered about, in characters.
const MAX_GIVEN_TEXT: usize = 200;

impl Given {
    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes the answers of `newer` over these.
    fn extend(&mut self, newer: Self) {
        let Self { marks, columns, names, ignore } = newer;
        // Said without a scale it holds on every one, whatever was said of one of them before.
        let plain = |mark: &str| check_mark(mark).unwrap_or_else(|_| mark.to_owned());
        for mark in marks.keys().map(|mark| plain(mark)) {
            self.marks.retain(|known, _| !is_on_one_scale(&plain(known), &mark));
        }
        self.marks.extend(marks);
        self.columns.extend(columns);
        self.names.extend(names);
        self.ignore.extend(ignore);
        self.ignore.sort_unstable();
        self.ignore.dedup();
    }

    /// Lays these answers over what stands in `options`.
    fn lay_over(&self, options: &mut Options, faults: &mut Vec<(&'static str, Refusal)>) {
        let sizes = [self.marks.len(), self.columns.len(), self.names.len(), self.ignore.len()];
        if sizes.iter().any(|size| *size > MAX_GIVEN) {
            let refusal = Refusal::new("too_many_values", "", "答えが多すぎます", "too many answers");
            faults.push(("answers", refusal.allowed(format!("{MAX_GIVEN}個まで"))));
            return;
        }
        // Here too the later word without a scale goes before an earlier one of one scale.
        for mark in self.marks.keys().filter_map(|mark| check_mark(mark).ok()) {
            options.marks.retain(|(known, _)| !is_on_one_scale(known, &mark));
        }
        for (mark, meaning) in &self.marks {
            match check_mark(mark).and_then(|mark| Ok((mark, fold_width(meaning).parse()?))) {
                Ok(pair) => options.marks.push(pair),
                Err(refusal) => faults.push(("marks", refusal)),
            }
        }
        let mut folded = |name, pairs: &BTreeMap<String, String>, fold: fn(&str) -> String| {
            let mut all = Vec::with_capacity(pairs.len());
            for (left, right) in pairs {
                match (clean(left, MAX_GIVEN_TEXT), clean(right, MAX_GIVEN_TEXT)) {
                    (Ok(Some(left)), Ok(Some(right))) => all.push((fold(&left), fold_width(&right))),
                    (Err(refusal), _) | (_, Err(refusal)) => faults.push((name, refusal)),
                    _ => faults.push((name, empty_answer(left))),
                }
            }
            all
        };
        let columns = folded("columns", &self.columns, fold_for_match);
        let names = folded("names", &self.names, fold_name);
        options.columns.splice(0..0, columns);
        options.names.splice(0..0, names);
        options.ignore.extend(self.ignore.iter().map(|heading| fold_for_match(heading)));
    }
}

fn empty_answer(value: &str) -> Refusal {
    Refusal::new("empty_answer", value, "答えが空です", "an answer is empty")
        .allowed("見出し・名前と、その意味")
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
/// What is said of a column, or of the rows of a name, that are left out.
pub const IGNORED: &str = "ignore";
/// What is said of rows below a title that are read as those above it.
pub const INCLUDED: &str = "include";

/// Whether an answer about a column says that it is not read.
fn leaves_out(meaning: &str) -> bool {
    const WORDS: [&str; 7] =
        [IGNORED, "取り込まない", "取込まない", "変えない", "読まない", "使わない", "無視"];
    WORDS.contains(&fold_for_match(meaning).as_str())
}

/// Longest reason of an import, in characters.
pub const MAX_REASON: usize = 200;

impl Asked {
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
            super::layout::channel_in_words(catalogue, text).map_or_else(|| catalogue.find_channel(text), Ok)
        });
        options.municipality = one(&mut faults, "municipality", &self.municipality, |text| {
            super::resolve::body_in_words(catalogue, text)
        });
        for (_, meaning) in &mut options.columns {
            match super::layout::meaning_of_heading(catalogue, meaning) {
                Ok(known) => *meaning = known,
                Err(refusal) => faults.push(("columns", refusal)),
            }
        }
        for (_, meaning) in &mut options.names {
            // The name of a product stands for a channel.
            if catalogue.channel_ix(meaning).is_some() {
                continue;
            }
            let channel = || super::layout::channel_in_words(catalogue, meaning);
            match super::resolve::meaning_of_name(catalogue, meaning) {
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

fn one<T>(
    faults: &mut Vec<(&'static str, Refusal)>,
    name: &'static str,
    value: &Option<String>,
    parse: impl FnOnce(&str) -> Result<T, Refusal>,
) -> Option<T> {
    let text = value.as_deref()?;
    parse(text).map_err(|refusal| faults.push((name, refusal))).ok()
}

fn flag(text: &str) -> Result<bool, Refusal> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => {
            Err(Refusal::new("flag_format", text, "true か false です", "true or false")
                .allowed("true, false"))
        }
    }
}

/// Most headings or names of one file that are explained.
const MAX_PAIRS: usize = 500;

/// Headings, with commas between them.
fn parse_headings(text: &str) -> Result<Vec<String>, Refusal> {
    Ok(listed(text)?.iter().map(|heading| fold_for_match(heading)).collect())
}

/// `heading=meaning` pairs, with commas between them; `fold` makes the left side comparable.
fn parse_pairs(text: &str, fold: impl Fn(&str) -> String) -> Result<Vec<(String, String)>, Refusal> {
    let refused = |one: &str| {
        Refusal::new("pair_format", one, "「見出し=意味」の形で書きます", "given as heading=meaning")
            .allowed("状況=level のように「=」でつなぎ、複数は「,」で区切る")
    };
    let mut pairs = Vec::new();
    // A comma may also stand in a heading; the pair goes on until its meaning.
    let mut begun = String::new();
    for one in listed(text)? {
        let whole = format!("{begun}{one}");
        match whole.rsplit_once(['=', '＝']) {
            Some((left, right)) if !(left.trim().is_empty() || right.trim().is_empty()) => {
                pairs.push((fold(left), fold_width(right)));
                begun.clear();
            }
            Some(_) => return Err(refused(&whole)),
            None => begun = format!("{whole}、"),
        }
    }
    if begun.is_empty() { Ok(pairs) } else { Err(refused(begun.trim_end_matches('、'))) }
}

fn listed(text: &str) -> Result<Vec<&str>, Refusal> {
    let all: Vec<&str> = text.split([',', '、']).filter(|one| !one.trim().is_empty()).collect();
    if all.len() <= MAX_PAIRS {
        return Ok(all);
    }
    let refusal = Refusal::new("too_many_values", "", "指定が多すぎます", "too many values");
    Err(refusal.allowed(format!("{MAX_PAIRS}個まで")))
}

/// `2025`, `2025年度` or `令和7年度`.
pub(super) fn fiscal_year(text: &str) -> Result<FiscalYear, Refusal> {
    let folded = fold_width(text);
    let bare = folded.strip_suffix("年度").unwrap_or(&folded);
    if bare.len() == 4
        && let Ok(year) = bare.parse::<i32>()
    {
        return FiscalYear::new(year);
    }
    let named = parse_in_file(&format!("{bare}年度")).map_err(|_format| {
        Refusal::new("fiscal_year_format", text, "年度として読めません", "not a fiscal year")
            .allowed("2025、2025年度、令和7年度")
    })?;
    Ok(FiscalYear::of(named.on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_may_stand_in_a_heading() {
        let pairs = |text: &str| parse_pairs(text, fold_for_match);
        let pair = |left: &str, right: &str| (left.to_owned(), right.to_owned());
        assert_eq!(
            pairs("状況=level,犬の登録申請、死亡=high-volume-22").unwrap(),
            [pair("状況", "level"), pair("犬の登録申請、死亡", "high-volume-22")]
        );
        for text in ["状況", "状況=", "=level", "状況=level,備考"] {
            assert_eq!(pairs(text).unwrap_err().code, "pair_format", "{text}");
        }
    }

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

    #[test]
    fn fiscal_years_are_written_in_two_ways() {
        for text in ["2025", "2025年度", "令和7年度", "R7", "令和7"] {
            assert_eq!(fiscal_year(text).unwrap().number(), 2025, "{text}");
        }
        for text in ["", "25", "令和", "20255"] {
            assert!(fiscal_year(text).is_err(), "{text}");
        }
    }
}
