//! What people look for in words of their own: bodies and procedures, by parts of names, readings and codes.

use chrono::NaiveDate;

use super::filter::{BodyFilter, Prefectures};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::municipality::{LgCode, Municipality, PrefectureCode};
use crate::domain::text::{fold_for_search, nearest};

codes! {
    /// What a search found.
    Hit, "見つかったものの種類", "what was found" {
        Unknown = "unknown", "見つからない語", "a word that names nothing";
        Near = "near", "もしかして", "what a word that names nothing was probably meant to be";
        Prefecture = "prefecture", "都道府県", "a prefecture";
        Municipality = "municipality", "市区町村", "a municipality";
        Procedure = "procedure", "手続", "a procedure";
        Row = "row", "団体の手続", "a procedure of a municipality";
    }
}

/// Words that are looked at.
const WORDS: usize = 5;
/// Bodies, and procedures, that are told where a word names nothing.
const NEAR: usize = 5;

/// What the words of a search name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Words that name nothing.
    pub unknown: Vec<Unknown>,
    /// Prefectures and municipalities, in code order: those that every word names which names a body at all.
    pub bodies: Vec<BodyIx>,
    /// Procedures, in the order of the catalogue: those that every other word names.
    pub procedures: Vec<ProcedureIx>,
}

/// A word that names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The word.
    pub word: String,
    /// The code that was probably meant, where it is one whose check digit is wrong.
    pub meant: Option<LgCode>,
}

impl Unknown {
    fn of(catalogue: &Catalogue, word: &str) -> Self {
        let meant = catalogue.find_body(word).err().and_then(|refusal| refusal.suggestion);
        Self { word: word.to_owned(), meant: meant.and_then(|code| code.parse().ok()) }
    }
}

/// What the words between the blanks of a text name, of what exists on `day`. A word that names a prefecture as a
/// whole stands for what lies in it and for nothing elsewhere: 京都府 also stands in 東京都府中市.
pub fn search(catalogue: &Catalogue, text: &str, day: NaiveDate) -> Found {
    let (mut bodies, mut procedures) = (None, None);
    let mut unknown = Vec::new();
    for word in text.split_whitespace().take(WORDS) {
        match named(catalogue, word, day) {
            Named::Bodies(found) => narrow(&mut bodies, found),
            Named::Procedures(found) => narrow(&mut procedures, found),
            Named::Nothing => {
                let parts: Vec<Named> = word.split('の').map(|part| named(catalogue, part, day)).collect();
                // 鉾田の罹災証明書 is two words.
                if parts.len() < 2 || parts.iter().any(|part| matches!(part, Named::Nothing)) {
                    unknown.push(Unknown::of(catalogue, word));
                    continue;
                }
                for part in parts {
                    match part {
                        Named::Bodies(found) => narrow(&mut bodies, found),
                        Named::Procedures(found) => narrow(&mut procedures, found),
                        Named::Nothing => {}
                    }
                }
            }
        }
    }
    Found { unknown, bodies: bodies.unwrap_or_default(), procedures: procedures.unwrap_or_default() }
}

/// What one word names.
enum Named {
    Bodies(Vec<BodyIx>),
    Procedures(Vec<ProcedureIx>),
    Nothing,
}

fn named(catalogue: &Catalogue, word: &str, day: NaiveDate) -> Named {
    let folded = fold_for_search(word);
    if folded.is_empty() {
        return Named::Nothing;
    }
    let prefecture = catalogue.prefectures().find(|row| is_prefecture(row, word));
    let bodies = bodies_with(catalogue, &folded, prefecture.map(Municipality::prefecture), day);
    if !bodies.is_empty() {
        return Named::Bodies(bodies);
    }
    match procedures_with(catalogue, &folded) {
        found if found.is_empty() => Named::Nothing,
        found => Named::Procedures(found),
    }
}

fn bodies_with(
    catalogue: &Catalogue,
    folded: &str,
    prefecture: Option<PrefectureCode>,
    day: NaiveDate,
) -> Vec<BodyIx> {
    let filter = BodyFilter {
        prefectures: prefecture.into_iter().collect(),
        search: Some(folded.to_owned()),
        ..BodyFilter::default()
    };
    filter.select(catalogue, day, Prefectures::Always)
}

fn procedures_with(catalogue: &Catalogue, folded: &str) -> Vec<ProcedureIx> {
    let all = 0..ProcedureIx::try_from(catalogue.procedures().len()).unwrap_or(ProcedureIx::MAX);
    all.filter(|ix| catalogue.procedure_matches(*ix, folded)).collect()
}

/// The bodies and procedures that a word which names nothing was probably meant for: a slip of one letter or so. Every
/// name there is is held against it, which takes some milliseconds.
pub fn near(catalogue: &Catalogue, word: &str, day: NaiveDate) -> (Vec<BodyIx>, Vec<ProcedureIx>) {
    let folded = fold_for_search(word);
    // People leave out what sort of body it is: 鉾田, ほこた.
    let short = |name: &str, kinds: &[&str]| {
        let name = fold_for_search(name);
        let short = kinds.iter().find_map(|kind| name.strip_suffix(kind)).map(str::to_owned);
        [Some(name), short]
    };
    let names = catalogue.municipalities().iter().flat_map(|row| {
        let names = short(&row.name, &["市", "区", "町", "村", "県"]);
        names
            .into_iter()
            .chain(short(&row.name_kana, &["し", "く", "ちょう", "まち", "そん", "むら", "けん"]))
    });
    let names: Vec<String> = names.flatten().filter(|name| name.chars().count() > 1).collect();
    let bodies = nearest(&folded, names.iter().map(String::as_str));
    let titles = catalogue.procedures().iter().flat_map(|row| [row.name_ja.as_str(), row.short_ja.as_str()]);
    let titles = titles.chain(catalogue.aliases().iter().map(|alias| alias.heading.as_str()));
    let titles: Vec<String> = titles.map(fold_for_search).collect();
    let procedures = nearest(&folded, titles.iter().map(String::as_str));
    let (mut bodies, mut procedures) = (
        bodies.map(|name| bodies_with(catalogue, name, None, day)).unwrap_or_default(),
        procedures.map(|name| procedures_with(catalogue, name)).unwrap_or_default(),
    );
    bodies.truncate(NEAR);
    procedures.truncate(NEAR);
    (bodies, procedures)
}

/// Leaves what another word names as well.
fn narrow<T: PartialEq>(found: &mut Option<Vec<T>>, of_word: Vec<T>) {
    match found {
        None => *found = Some(of_word),
        Some(before) => before.retain(|one| of_word.contains(one)),
    }
}

/// Whether a word names a prefecture: with or without its last character, or by its number.
fn is_prefecture(row: &Municipality, word: &str) -> bool {
    let plain = ['都', '府', '県'].iter().find_map(|end| row.name.strip_suffix(*end));
    word == row.name || plain == Some(word) || word == row.prefecture().to_string()
}
