//! What the marks of one file mean: what its sender says of them, over what most files mean.

use std::collections::BTreeMap;

use super::meaning::{Binary, Meaning};
use super::symbols::is_symbol;
use super::words;
use super::words::on_scale;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Level, Scale};
use crate::domain::text::{clean, fold_mark};

/// Longest mark, in characters.
pub const MAX_MARK: usize = 40;
/// Most marks of one profile.
pub const MAX_MARKS: usize = 100;

/// Name of the profile that needs no name.
pub const DEFAULT: &str = "default";
/// Name of the Digital Agency's profile.
pub const DIGITAL_AGENCY: &str = "digital-agency-2026-01";
/// Names of profiles that cannot be changed.
pub const BUILT_IN: [&str; 2] = [DEFAULT, DIGITAL_AGENCY];

/// What stands for any cell that holds nothing but a day.
pub(in crate::import) const ANY_DAY: &str = "日付";
/// What stands for any cell that holds nothing but a web address.
pub(in crate::import) const ANY_ADDRESS: &str = "URL";
/// What stands for an empty cell where a mark is written out.
pub(in crate::import) const EMPTY: &str = "空欄";

/// What the marks of one file mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its name, recorded with the import.
    pub name: String,
    /// Each mark (folded) with its meaning; the empty mark is an empty cell. A mark that means
    /// something on one scale alone has the code of the scale before it: `counter:△`.
    marks: BTreeMap<String, Meaning>,
    /// What a column with nothing but 0 and 1 says, once somebody said it.
    pub binary: Option<Binary>,
    /// What headings (folded) of the sender's own mean.
    pub columns: BTreeMap<String, String>,
    /// What names (folded) of the sender's own stand for.
    pub names: BTreeMap<String, String>,
    /// Whether marks it does not know mean what they usually do.
    open: bool,
}

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

    /// This profile with what the sender says of single marks laid over it. What is said without a scale
    /// holds on every one, whatever the profile says of one of them.
    pub fn with(mut self, marks: &[(String, Meaning)], binary: Option<Binary>) -> Self {
        for (mark, _) in marks {
            self.marks.retain(|known, _| !is_on_one_scale(known, &fold_mark(mark)));
        }
        self.marks.extend(marks.iter().map(|(mark, meaning)| (fold_mark(mark), *meaning)));
        self.binary = binary.or(self.binary);
        self
    }

    /// The marks with their meanings, in order of their code points; of the default profile those
    /// of the table.
    pub fn marks(&self) -> Vec<(String, Meaning)> {
        if self.name != DEFAULT {
            return self.marks.iter().map(|(mark, meaning)| (mark.clone(), *meaning)).collect();
        }
        let mut all = BTreeMap::new();
        for scale in Scale::ALL {
            for (mark, meaning) in words::all(*scale) {
                let everywhere = Scale::ALL.iter().all(|other| words::usual(mark, *other) == Some(meaning));
                let mark = if everywhere { mark.to_owned() } else { on_scale(*scale, mark) };
                all.insert(mark, meaning);
            }
        }
        for level in Level::all() {
            all.insert(level.to_string(), Meaning::Level(level, false));
            if level > Level::ZERO {
                all.insert(format!("{level}+"), Meaning::Level(level, true));
            }
        }
        all.into_iter().collect()
    }

    /// What the profile itself says of a (folded) cell on a scale. What is said of ○ holds for
    /// what only looks like it, and what is said of a dash for every dash.
    pub fn said(&self, cell: &str, scale: Option<Scale>) -> Option<Meaning> {
        if self.marks.is_empty() {
            return None;
        }
        let own = |mark: &str| {
            let particular = scale.and_then(|scale| self.marks.get(&on_scale(scale, mark)));
            particular.or_else(|| self.marks.get(mark)).copied()
        };
        let same = |mark: &&String| {
            (words::is_dash(mark) && words::is_dash(cell)) || mark.eq_ignore_ascii_case(cell)
        };
        own(cell).or_else(|| own(words::alike(cell)?)).or_else(|| own(self.marks.keys().find(same)?))
    }

    /// What a (folded) cell means on a scale, or on either where it is not known on which; `None`
    /// is a mark the profile does not know.
    pub fn meaning(&self, cell: &str, scale: Option<Scale>) -> Option<Meaning> {
        self.said(cell, scale).or_else(|| match scale.filter(|_| self.open) {
            Some(scale) => words::usual(cell, scale),
            None if self.open => Scale::ALL.iter().find_map(|scale| words::usual(cell, *scale)),
            None => None,
        })
    }

    /// Whether it gives some mark this meaning.
    pub fn has(&self, meaning: Meaning) -> bool {
        self.marks.values().any(|known| *known == meaning)
    }

    /// Whether marks it does not know mean what they usually do.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The marks, for messages: short, because it stands in each of them.
    pub fn allowed(&self, scale: Option<Scale>) -> String {
        /// So many marks of a profile are told.
        const TOLD: usize = 10;
        let mut marks: Vec<&str> =
            self.marks.keys().map(String::as_str).filter(|mark| !mark.is_empty()).take(TOLD).collect();
        if self.marks.contains_key("") {
            marks.push(EMPTY);
        }
        let names: Vec<&str> = match scale.filter(|_| self.open) {
            Some(scale) => Level::all().map(|level| level.short_label(scale)).collect(),
            None => Vec::new(),
        };
        if self.open {
            /// Enough of the table to see what sort of marks is meant.
            const USUAL: &str = "○ × 済 未 対象外 予定 検討中 0〜5 1+〜5+ 空欄";
            marks.push(USUAL);
            marks.extend(names);
            marks.push("など");
        }
        marks.join(" ")
    }
}

/// Whether a mark of a profile is another one, said of one scale alone.
pub fn is_on_one_scale(known: &str, mark: &str) -> bool {
    Scale::ALL.iter().any(|scale| known == on_scale(*scale, mark))
}

/// Reads `ー=制度なし,△=2,窓口:△=1`, as an upload and the command line write it.
///
/// # Errors
///
/// A pair without `=`, a mark that is too long, a meaning that is none.
pub fn parse_marks(text: &str) -> Result<Vec<(String, Meaning)>, Refusal> {
    let pairs = pairs(text);
    if pairs.len() > MAX_MARKS {
        let refusal = Refusal::new("too_many_values", "", "記号が多すぎます", "too many marks");
        return Err(refusal.allowed(format!("{MAX_MARKS}個まで")));
    }
    pairs
        .into_iter()
        .map(|pair| {
            let (mark, meaning) = pair.rsplit_once(['=', '＝']).ok_or_else(|| {
                Refusal::new(
                    "marks_format",
                    &pair,
                    "記号の指定は「記号=意味」です",
                    "a mark is given as mark=meaning",
                )
                .allowed("ー=制度なし,△=2 のように")
            })?;
            Ok((check_mark(mark)?, meaning.parse()?))
        })
        .collect()
}

/// The pairs of a line; a comma within the words of an answer parts nothing.
fn pairs(text: &str) -> Vec<String> {
    let mut pairs: Vec<String> = Vec::new();
    // A comma may stand in a mark: what has no meaning yet goes on, as 電話、FAX=0 does.
    let mut begun = String::new();
    for part in
        text.split_inclusive([',', '、']).filter(|part| !part.trim_matches([',', '、', ' ']).is_empty())
    {
        match pairs.last_mut() {
            // A meaning may hold a comma as well.
            Some(last) if begun.is_empty() && !part.contains(['=', '＝']) && !is_whole(last) => {
                last.push_str(part);
            }
            _ => begun.push_str(part),
        }
        if begun.contains(['=', '＝']) {
            pairs.push(std::mem::take(&mut begun));
        }
    }
    match pairs.last_mut() {
        Some(last) => last.push_str(&begun),
        None if begun.is_empty() => {}
        None => pairs.push(begun),
    }
    for pair in &mut pairs {
        pair.truncate(pair.trim_end_matches([',', '、', ' ']).len());
    }
    pairs
}

/// Whether a pair ends with a meaning.
fn is_whole(pair: &str) -> bool {
    let meaning = pair.rsplit_once(['=', '＝']).map(|(_, meaning)| meaning.trim_matches([',', '、', ' ']));
    meaning.is_some_and(|meaning| meaning.parse::<Meaning>().is_ok())
}

/// A mark as a profile may name it; 窓口:△ is △ on the counter scale alone.
///
/// # Errors
///
/// Characters that cannot be stored, a mark that is too long, and a known mark behind a word that is no
/// scale: the name of a channel or a slip would else be an answer about a cell that stands nowhere.
pub fn check_mark(mark: &str) -> Result<String, Refusal> {
    let folded = fold_mark(mark);
    clean(&folded, MAX_MARK)?;
    let Some((word, rest)) = folded.split_once(':') else { return Ok(bare(&folded)) };
    match word.trim().to_lowercase().as_str() {
        "窓口" | "counter" => Ok(on_scale(Scale::Counter, &bare(rest))),
        "オンライン" | "online" => Ok(on_scale(Scale::Online, &bare(rest))),
        word if is_taken_for_a_scale(word, rest.trim()) => Err(Refusal::new(
            "unknown_scale",
            mark,
            "記号の「:」の前に書けるのは「窓口」か「オンライン」だけです。接点の名前は書けません",
            "only a scale may stand before the colon",
        )
        .allowed(format!("窓口:{rest}、オンライン:{rest}（counter:、online: も可）、両方なら {rest}"))),
        _ => Ok(bare(&folded)),
    }
}

/// Whether the word before a colon can only be meant as a scale. A mark may hold a colon itself, but
/// then no whole mark stands behind it.
fn is_taken_for_a_scale(word: &str, rest: &str) -> bool {
    let is_mark = |text: &str| {
        words::is_dash(text)
            || [EMPTY, ANY_DAY, ANY_ADDRESS].contains(&text)
            || (!text.is_empty() && text.chars().all(is_symbol))
            || Scale::ALL.iter().any(|scale| words::usual(text, *scale).is_some())
    };
    let is_word = word.len() > 1 && word.chars().any(char::is_alphabetic);
    is_word && !rest.is_empty() && is_mark(rest) && !is_mark(word)
}

fn bare(mark: &str) -> String {
    match mark.trim() {
        EMPTY => String::new(),
        address if address.eq_ignore_ascii_case(ANY_ADDRESS) => ANY_ADDRESS.to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONLINE: Option<Scale> = Some(Scale::Online);
    const COUNTER: Option<Scale> = Some(Scale::Counter);

    fn profile(marks: &str) -> Profile {
        Profile::new("ours", parse_marks(marks).unwrap(), None)
    }

    #[test]
    fn a_named_profile_goes_before_the_default_one() {
        let profile = profile("△=2,ー=変えない");
        assert_eq!(profile.meaning("△", ONLINE).unwrap().code(), "2");
        assert_eq!(profile.meaning("○", ONLINE).unwrap().code(), "3+");
        assert_eq!(profile.meaning("ー", COUNTER), Some(Meaning::Nothing));
        assert_eq!(Profile::digital_agency().meaning("×", ONLINE), None);
        assert_eq!(Profile::digital_agency().meaning("済", None), None);
        assert_eq!(Profile::default_marks().meaning("", None), Some(Meaning::Nothing));
    }

    #[test]
    fn what_is_said_of_a_mark_holds_for_what_looks_like_it() {
        let profile = profile("○=4,-=0");
        for mark in ["○", "〇", "◯", "⭕", "O"] {
            assert_eq!(profile.meaning(mark, ONLINE).unwrap().code(), "4", "{mark}");
        }
        for dash in ["ー", "-", "―", "−", "--"] {
            assert_eq!(profile.meaning(dash, ONLINE).unwrap().code(), "0", "{dash}");
        }
        // A mark that was named itself is no other one.
        let both = Profile::new("b", parse_marks("○=4,⭕=5,ー=0,-=変えない").unwrap(), None);
        assert_eq!(both.meaning("⭕", ONLINE).unwrap().code(), "5");
        assert_eq!(
            (both.meaning("-", None), both.meaning("ー", None).unwrap().code().as_str()),
            (Some(Meaning::Nothing), "0")
        );
        let truth = Profile::new("t", parse_marks("true=3+,FALSE=0").unwrap(), None);
        for (mark, code) in [("true", "3+"), ("TRUE", "3+"), ("True", "3+"), ("false", "0")] {
            assert_eq!(truth.meaning(mark, ONLINE).unwrap().code(), code, "{mark}");
        }
        let second = profile_of_second();
        assert_eq!(second.meaning("○", ONLINE).unwrap().code(), "3+");
    }

    fn profile_of_second() -> Profile {
        profile("⭕=5")
    }

    #[test]
    fn a_mark_may_mean_something_on_one_scale_alone() {
        for text in ["窓口:△=1", "窓口：△＝記載支援", "counter:△=1"] {
            let profile = profile(text);
            assert_eq!(profile.meaning("△", COUNTER).unwrap().code(), "1", "{text}");
            assert_eq!(profile.meaning("△", ONLINE).unwrap().code(), "3", "{text}");
        }
        // Without a scale it holds on both, also over what a profile says of one.
        for profile in [profile("△=1"), profile("窓口:△=2").with(&parse_marks("△=1").unwrap(), None)]
        {
            for scale in [ONLINE, COUNTER] {
                assert_eq!(profile.meaning("△", scale).unwrap().code(), "1", "{scale:?}");
            }
        }
    }

    #[test]
    fn only_a_scale_stands_before_a_colon() {
        for text in
            ["マイナポータル:△=2", "窓囗:△=1", "カウンター：△=2", "窓:ー=0", "LINE:空欄=0", "窗口:済=1"]
        {
            let refusal = parse_marks(text).unwrap_err();
            assert_eq!(refusal.code, "unknown_scale", "{text}");
            assert!(format!("{refusal:?}").contains("オンライン:"), "{refusal:?}");
        }
        for (text, mark) in [
            ("Counter :△=1", "counter:△"),
            ("その他：要確認=0", "その他:要確認"),
            ("A:△=2", "A:△"),
            ("○:済=4", "○:済"),
            ("R8:=note", "R8:"),
            ("オンライン:カウンター:△=2", "online:カウンター:△"),
        ] {
            assert_eq!(parse_marks(text).unwrap()[0].0, mark, "{text}");
        }
    }

    #[test]
    fn marks_are_given_in_one_line() {
        let marks = parse_marks("ー=not_applicable,△=2、空欄=未対応,url=1").unwrap();
        assert_eq!(marks[0].1.code(), "not_applicable");
        assert_eq!(marks[1], ("△".to_owned(), "2".parse().unwrap()));
        assert_eq!((marks[2].0.as_str(), marks[3].0.as_str()), ("", "URL"));
        let hanging =
            parse_marks("ー=ほかの接点に印があればこの手段なし、なければ制度なし、△=取り込まない,").unwrap();
        let codes: Vec<String> = hanging.iter().map(|(_, meaning)| meaning.code()).collect();
        assert_eq!(codes, ["elsewhere", "nothing"]);
        let named = parse_marks("ー=0,電話、FAX=nothing,郵送、窓口=0").unwrap();
        assert_eq!(
            named.iter().map(|(mark, _)| mark.as_str()).collect::<Vec<_>>(),
            ["ー", "電話、FAX", "郵送、窓口"]
        );
        for text in ["ー=0、△", "ー", "ー=maybe", "ー=6", "ー=0+", "ー=なし"] {
            assert!(parse_marks(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_default_marks_are_told_with_their_scale_where_it_matters() {
        let marks = Profile::default_marks().marks();
        let code =
            |mark: &str| marks.iter().find(|(known, _)| known == mark).map(|(_, meaning)| meaning.code());
        for (mark, expected) in [
            ("○", "3+"),
            ("online:△", "3"),
            ("counter:書かない", "3"),
            ("online:全部", "4"),
            ("5+", "5+"),
            ("済み", "3+"),
        ] {
            assert_eq!(code(mark).as_deref(), Some(expected), "{mark}");
        }
        assert_eq!((code("△"), code("0+"), code("ー")), (None, None, None));
    }

    proptest! {
        #[test]
        fn no_mark_panics(text in "\\PC{0,20}") {
            let _ = Profile::default_marks().meaning(&fold_mark(&text), None);
            let _ = parse_marks(&text);
        }
    }
}
