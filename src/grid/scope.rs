//! What the bodies of a figure are called, and which of them may stand in one result.

use super::filter::BodyFilter;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::municipality::{MunicipalityKind, PrefectureCode};

/// So many names are written out; more are counted.
const NAMED: usize = 3;

/// What the bodies that were chosen are called, such as 「茨城県 44団体」; none where nothing chose among
/// the municipalities of the country.
pub fn name(catalogue: &Catalogue, filter: &BodyFilter, bodies: &[BodyIx]) -> Option<String> {
    if *filter == BodyFilter::default() {
        return None;
    }
    if let [only] = bodies {
        return Some(catalogue.body(*only).name.clone());
    }
    let mut parts = Vec::new();
    if !filter.prefectures.is_empty() {
        let name = |code: &PrefectureCode| catalogue.prefecture(*code).map_or("", |row| row.name.as_str());
        parts.push(listed(filter.prefectures.iter().map(name), "都道府県"));
    }
    if !filter.kinds.is_empty() {
        parts.push(listed(filter.kinds.iter().map(|kind| kind.label()), "種別"));
    }
    let people = match (filter.population_min, filter.population_max) {
        (Some(least), Some(most)) => Some(format!("人口{}〜{}人", grouped(least), grouped(most))),
        (Some(least), None) => Some(format!("人口{}人以上", grouped(least))),
        (None, Some(most)) => Some(format!("人口{}人以下", grouped(most))),
        (None, None) => None,
    };
    parts.extend(people);
    let chosen = if filter.bodies.is_empty() { "" } else { "選んだ" };
    parts.push(format!("{chosen}{}団体", grouped(u32::try_from(bodies.len()).unwrap_or(u32::MAX))));
    Some(parts.join(" "))
}

/// Each name once, or how many there are.
fn listed<'a>(names: impl Iterator<Item = &'a str>, what: &str) -> String {
    let mut different: Vec<&str> = Vec::new();
    for name in names {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    if different.len() > NAMED { format!("{}{what}", different.len()) } else { different.join("・") }
}

/// A number with its thousands apart.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Municipalities and prefectures never stand in one result: the parameter that mixes them, and why it is
/// refused. Nothing is mixed where each result is of one body, or of one kind.
pub fn mixed(
    catalogue: &Catalogue,
    filter: &BodyFilter,
    bodies: &[BodyIx],
    apart: Apart,
) -> Option<(&'static str, Refusal)> {
    let is_prefecture = |body: &BodyIx| catalogue.body(*body).is_prefecture();
    if apart == Apart::Bodies {
        return None;
    }
    let asked = filter.kinds.contains(&MunicipalityKind::Prefecture);
    if let Some(body) = filter.bodies.iter().find(|body| !asked && is_prefecture(body)) {
        let row = catalogue.body(*body);
        let refusal = Refusal::new(
            "prefecture_among_municipalities",
            row.code.as_str(),
            format!("{} は都道府県です。市区町村と同じ結果にはまとめません", row.name),
            format!("{} is a prefecture and never counted with municipalities", row.code),
        )
        .allowed(
            "kind=prefecture を付ける（都道府県だけを数える）か、by=municipality（団体ごとの結果）にする",
        )
        .suggest("kind=prefecture");
        return Some(("municipality", refusal));
    }
    let (prefectures, others) = (bodies.iter().any(is_prefecture), !bodies.iter().all(is_prefecture));
    if apart == Apart::Kinds || !(prefectures && others) {
        return None;
    }
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.code()).collect();
    let refusal = Refusal::new(
        "prefecture_among_municipalities",
        &kinds.join(","),
        "都道府県と市区町村は同じ結果にまとめません",
        "prefectures and municipalities are never counted together",
    )
    .allowed("kind=prefecture だけ、または都道府県を含まない kind。両方なら by=kind か by=municipality");
    Some(("kind", refusal))
}

/// How far each result keeps bodies apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Each is of one body.
    Bodies,
    /// Each is of one kind of body.
    Kinds,
    /// Each is of whatever is in scope.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(listed(["茨城県", "栃木県", "茨城県"].into_iter(), "都道府県"), "茨城県・栃木県");
        assert_eq!(listed(["a", "b", "c", "d"].into_iter(), "都道府県"), "4都道府県");
    }
}
