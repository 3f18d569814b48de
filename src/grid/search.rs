//! What people look for in words of their own: bodies and procedures, by parts of names, readings and codes.

use chrono::NaiveDate;

use super::filter::{BodyFilter, Prefectures};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::municipality::{LgCode, Municipality};
use crate::domain::text::fold_for_search;

codes! {
    /// What a search found.
    Hit, "見つかったものの種類", "what was found" {
        Unknown = "unknown", "見つからない語", "a word that names nothing";
        Prefecture = "prefecture", "都道府県", "a prefecture";
        Municipality = "municipality", "市区町村", "a municipality";
        Procedure = "procedure", "手続", "a procedure";
        Row = "row", "団体の手続", "a procedure of a municipality";
    }
}

/// Words that are looked at.
const WORDS: usize = 5;

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

/// What the words between the blanks of a text name, of what exists on `day`. A word that names a prefecture as a
/// whole stands for what lies in it and for nothing elsewhere: 京都府 also stands in 東京都府中市.
pub fn search(catalogue: &Catalogue, text: &str, day: NaiveDate) -> Found {
    let (mut bodies, mut procedures) = (None, None);
    let mut unknown = Vec::new();
    for word in text.split_whitespace().take(WORDS) {
        let folded = fold_for_search(word);
        let prefecture = catalogue.prefectures().find(|row| is_prefecture(row, word));
        let filter = BodyFilter {
            prefectures: prefecture.map(Municipality::prefecture).into_iter().collect(),
            search: Some(folded.clone()),
            ..BodyFilter::default()
        };
        let of_word = filter.select(catalogue, day, Prefectures::Always);
        if !of_word.is_empty() {
            narrow(&mut bodies, of_word);
            continue;
        }
        let all = 0..ProcedureIx::try_from(catalogue.procedures().len()).unwrap_or(ProcedureIx::MAX);
        let of_word: Vec<ProcedureIx> = all.filter(|ix| catalogue.procedure_matches(*ix, &folded)).collect();
        if of_word.is_empty() {
            let meant = catalogue.find_body(word).err().and_then(|refusal| refusal.suggestion);
            let meant = meant.and_then(|code| code.parse().ok());
            unknown.push(Unknown { word: word.to_owned(), meant });
            continue;
        }
        narrow(&mut procedures, of_word);
    }
    Found { unknown, bodies: bodies.unwrap_or_default(), procedures: procedures.unwrap_or_default() }
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
