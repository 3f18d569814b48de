//! Query parameters: every fault of a query is told at once, and none is silently ignored.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::percent;
use crate::domain::Refusal;
use crate::domain::text::{is_forbidden, nearest};
use crate::export::encoding::Encoding;

/// Results of one page unless `limit` says otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// Most results of one page.
pub const MAX_LIMIT: u32 = 500;
/// Largest offset.
const MAX_OFFSET: u32 = 10_000_000;
/// Most values of one filter.
const MAX_VALUES: usize = 2_000;
/// Faults that are told of one query.
const MAX_FAULTS: usize = 50;

/// A parameter that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name.
    pub name: String,
    /// Why.
    pub refusal: Refusal,
}

/// What was refused of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Faults {
    /// Parameters, each with what is wrong.
    Parameters(Vec<Fault>),
    /// The part of the path with this name.
    Path(Fault),
}

/// Faults found so far.
#[derive(Default)]
pub struct Checks {
    faults: Vec<Fault>,
    path: Option<Fault>,
}

impl Checks {
    /// Notes a fault of a parameter; of very many the first are enough.
    pub fn refuse(&mut self, name: &str, refusal: Refusal) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { name: name.to_owned(), refusal });
        }
    }

    /// Takes what was read of a part of the path. Of what is wrong with a path the first is told, once the
    /// parameters are in order.
    pub fn path<T>(&mut self, name: &str, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.path.get_or_insert(Fault { name: name.to_owned(), refusal })).ok()
    }

    /// Reads a single value.
    pub fn one<T>(
        &mut self,
        name: &str,
        value: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        let text = value.as_deref()?;
        parse(text).map_err(|refusal| self.refuse(name, refusal)).ok()
    }

    /// Reads several values separated by commas.
    pub fn many<T>(
        &mut self,
        name: &str,
        value: &Option<String>,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Vec<T> {
        let Some(text) = value.as_deref() else {
            return Vec::new();
        };
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > MAX_VALUES {
            self.refuse(
                name,
                Refusal::new(
                    "too_many_values",
                    &parts.len().to_string(),
                    format!("{name} の値が多すぎます"),
                    format!("too many values of {name}"),
                )
                .allowed(format!("1-{MAX_VALUES}")),
            );
            return Vec::new();
        }
        parts
            .into_iter()
            .filter_map(|part| parse(part).map_err(|refusal| self.refuse(name, refusal)).ok())
            .collect()
    }

    /// Reads the keys of an order; a `-` before one turns it round.
    pub(crate) fn order<K: FromStr<Err = Refusal>>(&mut self, value: &Option<String>) -> Vec<(K, bool)> {
        self.many("sort", value, |text| {
            let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
            Ok((name.parse()?, descending))
        })
    }

    /// Reads a whole number within bounds.
    pub fn integer(&mut self, name: &str, value: &Option<String>, least: u32, most: u32) -> Option<u32> {
        self.one(name, value, |text| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| digits && (least..=most).contains(number)).ok_or_else(|| {
                Refusal::new(
                    "out_of_range",
                    text,
                    format!("{name} は{least}〜{most}の整数です"),
                    format!("{name} is a whole number from {least} to {most}"),
                )
                .allowed(format!("{least}-{most}"))
            })
        })
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// Whatever was refused.
    pub fn finish(self) -> Result<(), Faults> {
        match self.path {
            _ if !self.faults.is_empty() => Err(Faults::Parameters(self.faults)),
            Some(fault) => Err(Faults::Path(fault)),
            None => Ok(()),
        }
    }
}

/// A query string whose parameter names are known.
pub struct Query<'a> {
    /// The pairs in which nothing was wrong: what is wrong in one is told once.
    sound: Cow<'a, str>,
    faults: Vec<Fault>,
}

/// A parameter as the contract has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    name: String,
    /// Most characters of its value.
    longest: Option<usize>,
}

impl Parameter {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The parameters of one struct.
pub type Parameters = Arc<[Parameter]>;

/// The parameters that a struct documents: what the contract says is what is checked.
pub fn names<T: IntoParams + 'static>() -> Parameters {
    // Describing a struct takes longer than answering many a request.
    static KNOWN: LazyLock<RwLock<HashMap<TypeId, Parameters>>> = LazyLock::new(RwLock::default);
    let id = TypeId::of::<T>();
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Arc::clone(known);
    }
    let parameters: Parameters = T::into_params(|| None)
        .into_iter()
        .map(|parameter| {
            let schema = serde_json::to_value(&parameter.schema).unwrap_or_default();
            let longest = schema["maxLength"].as_u64().and_then(|longest| usize::try_from(longest).ok());
            Parameter { name: parameter.name, longest }
        })
        .collect();
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&parameters));
    parameters
}

fn forbidden(name: &str, value: &str) -> Refusal {
    Refusal::new(
        "control_character",
        &value.replace(is_forbidden, "\u{FFFD}"),
        format!("{name} に制御文字や外字は使えません"),
        format!("{name} must not hold control or private use characters"),
    )
}

fn too_long(name: &str, value: &str, longest: usize) -> Refusal {
    Refusal::new(
        "too_long",
        value,
        format!("{name} は{longest}文字までです"),
        format!("{name} has at most {longest} characters"),
    )
    .allowed(format!("0-{longest}"))
}

impl<'a> Query<'a> {
    /// A query string that may hold these parameters, each once. Unknown and repeated ones are
    /// told with whatever else [`Query::checks`] finds.
    pub fn new(text: &'a str, known: &[Parameters]) -> Self {
        let parameters: Vec<&Parameter> = known.iter().flat_map(|part| part.iter()).collect();
        let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let mut checks = Checks::default();
        let mut seen = BTreeSet::new();
        let mut sound = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, sent) = pair.split_once('=').unwrap_or((pair, ""));
            let name = String::from_utf8_lossy(&percent::decode_query(name)).into_owned();
            let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
                checks.refuse(&name, unknown_parameter(&name, &known));
                continue;
            };
            let wrong = wrong_value(parameter, sent);
            if seen.insert(name.clone()) {
                sound.extend(wrong.is_empty().then_some(pair));
                wrong.into_iter().for_each(|refusal| checks.refuse(&name, refusal));
            } else {
                checks.refuse(
                    &name,
                    Refusal::new(
                        "repeated_parameter",
                        &String::from_utf8_lossy(&percent::decode_query(sent)),
                        format!("{name} が2回以上指定されています（複数の値はカンマで区切ります）"),
                        format!("{name} is given more than once; separate several values by commas"),
                    ),
                );
            }
        }
        let sound = if checks.faults.is_empty() { text.into() } else { sound.join("&").into() };
        Self { sound, faults: checks.faults }
    }

    /// What is asked for, but for the page and the shape of the answer.
    pub fn filters(&self) -> BTreeMap<String, String> {
        let mut pairs = self.asked();
        pairs.retain(|name, _| !["as_of", "known_at"].contains(&name.as_str()));
        pairs
    }

    /// The same with the moment that is asked of, where one is.
    pub fn asked(&self) -> BTreeMap<String, String> {
        const SHAPE: [&str; 6] = ["limit", "offset", "format", "encoding", "sort", "fields"];
        let mut pairs: BTreeMap<String, String> = serde_urlencoded::from_str(&self.sound).unwrap_or_default();
        pairs.retain(|name, _| !SHAPE.contains(&name.as_str()));
        pairs
    }

    /// Names and values in the order in which they were sent.
    pub fn pairs(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_str(&self.sound).unwrap_or_default()
    }

    /// Checks that begin with what is already known to be wrong.
    pub fn checks(&self) -> Checks {
        Checks { faults: self.faults.clone(), path: None }
    }

    /// The parameters of one struct; the others are left for their own.
    pub fn part<T: DeserializeOwned + Default>(&self) -> T {
        // Every field is an optional text, so that nothing is left to fail here.
        serde_urlencoded::from_str(&self.sound).unwrap_or_default()
    }
}

/// What is wrong with the value of a parameter as it was sent, whatever it stands for.
fn wrong_value(parameter: &Parameter, sent: &str) -> Vec<Refusal> {
    let name = &parameter.name;
    let bytes = percent::decode_query(sent);
    let value = match std::str::from_utf8(&bytes) {
        // What is searched for may be nothing; then everything is found.
        Ok("") if name != "q" => return vec![no_value(name)],
        Ok(value) => value,
        Err(_) => return vec![no_utf8(name, &bytes)],
    };
    let mut wrong = Vec::new();
    if value.contains(is_forbidden) {
        wrong.push(forbidden(name, value));
    }
    if let Some(longest) = parameter.longest.filter(|longest| value.chars().count() > *longest) {
        wrong.push(too_long(name, value, longest));
    }
    if name == "marks" {
        wrong.extend(level_or_more(sent));
    }
    wrong
}

fn no_value(name: &str) -> Refusal {
    Refusal::new(
        "empty_value",
        "",
        format!("{name} に値がありません（{name}=値 の形で書くか、{name} を除いてください）"),
        format!("{name} has no value; write {name}=value or leave it out"),
    )
}

/// A value in another encoding: what a terminal on Windows sends is not taken for what it is not.
fn no_utf8(name: &str, bytes: &[u8]) -> Refusal {
    let shown = String::from_utf8_lossy(bytes);
    match encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if !text.contains(is_forbidden) => Refusal::new(
            "not_utf8",
            &shown,
            format!(
                "{name} が UTF-8 ではありません（Shift_JIS なら「{text}」）。UTF-8 にして %XX の形で書いてください"
            ),
            format!("{name} is not UTF-8 (as Shift_JIS it is {text}); percent-encode it as UTF-8"),
        )
        .suggest(format!("{name}={}", percent::encode(&text))),
        _ => Refusal::new(
            "not_utf8",
            &shown,
            format!("{name} が UTF-8 ではありません。UTF-8 にして %XX の形で書いてください"),
            format!("{name} is not UTF-8; percent-encode it as UTF-8"),
        ),
    }
}

/// A meaning such as `3+` whose + came as it is: in a query that is a blank, and what is left, `3`,
/// would mean something else.
fn level_or_more(sent: &str) -> Option<Refusal> {
    let sent = sent.replace("%2C", ",").replace("%2c", ",");
    let at = |meaning: &str| meaning.strip_suffix('+')?.ends_with(|c: char| c.is_ascii_digit()).then_some(());
    sent.split(',').find_map(at)?;
    let meant: Vec<String> = sent
        .split(',')
        .map(|meaning| match at(meaning) {
            Some(()) => format!("{}%2B", meaning.trim_end_matches('+')),
            None => meaning.to_owned(),
        })
        .collect();
    Some(
        Refusal::new(
            "plus_is_a_blank",
            &sent,
            "アドレスの + は空白になるため、「3+」（3以上）なのか「3」なのか分かりません。3以上は 3%2B と書いてください",
            "a + in an address is a blank, so this may be `3+` or `3`; write `3%2B` for 3 or more",
        )
        .suggest(format!("marks={}", meant.join(","))),
    )
}

fn unknown_parameter(name: &str, known: &[&str]) -> Refusal {
    // The shape of an answer may be said by several structs.
    let mut allowed: Vec<&str> = Vec::new();
    for one in known {
        if !allowed.contains(one) {
            allowed.push(one);
        }
    }
    let refusal = Refusal::new(
        "unknown_parameter",
        name,
        format!("パラメータ「{}」はありません", crate::domain::text::cut(name, 40)),
        "unknown parameter",
    )
    .allowed(allowed.join(", "));
    // An address out of a page's source has & written as &amp;.
    let bare = name.strip_prefix("amp;").filter(|bare| known.contains(bare));
    match bare.or_else(|| nearest(name, known.iter().copied())) {
        Some(near) => refusal.suggest(near),
        None => refusal,
    }
}

/// Paging and format of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1ページの件数（JSON の既定は50。CSV と NDJSON は指定しなければ全件）
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, example = 50)]
    limit: Option<String>,
    /// 読み飛ばす件数
    #[param(value_type = Option<u32>, minimum = 0, maximum = 10_000_000, example = 0)]
    offset: Option<String>,
}

/// The piece of a list that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Results at most, if said.
    pub limit: Option<u32>,
    /// Results skipped.
    pub offset: u32,
}

impl PageQuery {
    /// Reads the page.
    pub fn read(&self, checks: &mut Checks) -> Page {
        Page {
            limit: checks.integer("limit", &self.limit, 1, MAX_LIMIT),
            offset: checks.integer("offset", &self.offset, 0, MAX_OFFSET).unwrap_or(0),
        }
    }
}

/// Format by parameter, beside `Accept`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// 返す形式。Accept より優先する
    #[param(value_type = Option<super::format::Format>, inline, example = "json")]
    pub(crate) format: Option<String>,
    /// CSV の文字コード（既定は utf-8）。utf-8-bom と cp932 では改行が CRLF になる。cp932 で表せない文字は 〓 に置き換え、その数を X-Todoke-Replaced で知らせる
    #[param(value_type = Option<Encoding>, inline, example = "utf-8")]
    pub(crate) encoding: Option<String>,
}

impl FormatQuery {
    /// The encoding of CSV, where it is a known one.
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding.as_deref()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::filters::SearchQuery;

    fn refused(text: &str, known: &[Parameters]) -> Vec<Fault> {
        match Query::new(text, known).checks().finish() {
            Err(Faults::Parameters(faults)) => faults,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unknown_and_repeated_parameters_are_all_told() {
        let known = [names::<PageQuery>()];
        let faults = refused("limt=5&offset=1&offset=2", &known);
        let codes: Vec<&str> = faults.iter().map(|fault| fault.refusal.code).collect();
        assert_eq!(codes, ["unknown_parameter", "repeated_parameter"]);
        assert_eq!(faults[0].refusal.suggestion.as_deref(), Some("limit"));
    }

    #[test]
    fn each_slip_of_an_address_has_its_own_word() {
        let known = [names::<PageQuery>(), names::<SearchQuery>()];
        for (text, code, suggestion) in [
            ("limit", "empty_value", None),
            ("limit=", "empty_value", None),
            ("q=%8D%73%95%FB", "not_utf8", Some("q=%E8%A1%8C%E6%96%B9")),
            ("q=%FF", "not_utf8", None),
            ("q=a&amp;limit=1", "unknown_parameter", Some("limit")),
            ("Limit=1", "unknown_parameter", Some("limit")),
            ("%E8%A1%8C=1", "unknown_parameter", None),
        ] {
            let faults = refused(text, &known);
            let refusal = &faults[0].refusal;
            assert_eq!((refusal.code, refusal.suggestion.as_deref()), (code, suggestion), "{text}");
        }
        for text in ["", "q", "q=", "q=100%25", "q=50%", "&limit=1&&", "q=%E8%A1%8C+%20"] {
            assert!(Query::new(text, &known).checks().finish().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_plus_behind_a_level_is_asked_about() {
        assert_eq!(level_or_more("○=3+").unwrap().suggestion.as_deref(), Some("marks=○=3%2B"));
        let two = level_or_more("○=3+%2C×=0").unwrap();
        assert_eq!(two.suggestion.as_deref(), Some("marks=○=3%2B,×=0"));
        for right in ["○=3%2B", "○=3", "○=3%20", "a+b=3", "○=3,+×=0"] {
            assert_eq!(level_or_more(right), None, "{right}");
        }
    }

    #[test]
    fn numbers_keep_to_their_bounds() {
        for (text, expected) in [
            ("1", Some(1)),
            ("500", Some(500)),
            ("0", None),
            ("501", None),
            ("+5", None),
            ("", None),
            ("5.0", None),
        ] {
            let mut checks = Checks::default();
            assert_eq!(checks.integer("limit", &Some(text.to_owned()), 1, 500), expected, "{text}");
            assert_eq!(checks.finish().is_ok(), expected.is_some(), "{text}");
        }
    }
}
