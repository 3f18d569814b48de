//! Bodies by what people write of them: with prefecture or county, in variants, without 市 or 町, by
//! a name they had before; and the wards of cities, which are no bodies.

use std::collections::HashMap;

use strsim::levenshtein;

use super::municipality::{FormerName, Municipality, MunicipalityKind, PrefectureCode, Ward};
use super::position::BodyIx;
use super::text::{fold_for_match, fold_name};

/// What a name may stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Bodies of today.
    pub bodies: Vec<BodyIx>,
    /// Wards of designated cities: position in the list of wards.
    pub wards: Vec<usize>,
    /// The city, where the name is that of a city and its ward.
    pub ward_of: Option<BodyIx>,
    /// A name that a body had before: position in the list of former names.
    pub former: Option<usize>,
    /// Whether it is the register's own spelling, at most with the prefecture before or behind it.
    pub literal: bool,
}

/// Where a body must lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Anywhere,
    In(PrefectureCode),
    /// Something was said that is no prefecture.
    Nowhere,
}

/// The register by its names.
#[derive(Debug, Default)]
pub struct BodyNames {
    /// By the spelling of the register.
    exact: HashMap<String, Vec<BodyIx>>,
    /// By the spelling that variants are folded to.
    folded: HashMap<String, Vec<BodyIx>>,
    /// The same without 市, 町, 村, 区, 都, 府, 県.
    bare: HashMap<String, Vec<BodyIx>>,
    wards: HashMap<String, Vec<usize>>,
    former: HashMap<String, Vec<usize>>,
    /// Folded names of the prefectures, each also without 都, 府, 県.
    prefectures: HashMap<String, PrefectureCode>,
    bodies: Vec<Body>,
    /// Folded names of the designated cities.
    cities: Vec<(String, BodyIx)>,
    /// Prefecture of each ward and of each former name.
    ward_prefectures: Vec<PrefectureCode>,
    former_prefectures: Vec<PrefectureCode>,
}

/// A body as far as its name is concerned.
#[derive(Debug)]
struct Body {
    prefecture: PrefectureCode,
    /// The folded name without what kind of body it is.
    stem: String,
    /// The last letter of the name.
    kind: char,
    is_prefecture: bool,
}

/// What the names of local governments end with.
const KINDS: [char; 7] = ['市', '町', '村', '区', '都', '府', '県'];

fn stem(name: &str) -> &str {
    name.strip_suffix(KINDS).filter(|stem| !stem.is_empty()).unwrap_or(name)
}

impl BodyNames {
    /// Reads the names of a register in code order, and those of wards and of former bodies.
    pub fn new(municipalities: &[Municipality], wards: &[Ward], former: &[FormerName]) -> Self {
        let mut names = Self::default();
        for (ix, row) in (0..).zip(municipalities) {
            let folded = fold_name(&row.name);
            if stem(&folded) != folded {
                names.bare.entry(stem(&folded).to_owned()).or_default().push(ix);
            }
            if row.is_prefecture() {
                names.prefectures.insert(stem(&folded).to_owned(), row.prefecture());
                names.prefectures.insert(folded.clone(), row.prefecture());
            }
            if row.kind == MunicipalityKind::DesignatedCity {
                names.cities.push((folded.clone(), ix));
            }
            names.exact.entry(fold_for_match(&row.name)).or_default().push(ix);
            names.bodies.push(Body {
                prefecture: row.prefecture(),
                stem: stem(&folded).to_owned(),
                kind: folded.chars().next_back().unwrap_or_default(),
                is_prefecture: row.is_prefecture(),
            });
            names.folded.entry(folded).or_default().push(ix);
        }
        for (at, ward) in wards.iter().enumerate() {
            names.wards.entry(fold_name(&ward.name)).or_default().push(at);
            names.ward_prefectures.push(ward.city.prefecture());
        }
        for (at, row) in former.iter().enumerate() {
            names.former.entry(fold_name(&row.name)).or_default().push(at);
            names.former_prefectures.push(row.successor.prefecture());
        }
        names
    }

    /// The prefecture of a name, with or without its 都, 府 or 県.
    pub fn prefecture(&self, text: &str) -> Option<PrefectureCode> {
        self.prefectures.get(&fold_name(text)).copied()
    }

    /// The designated city of a name.
    pub fn designated_city(&self, text: &str) -> Option<BodyIx> {
        let folded = fold_name(text);
        let (_, rest) = self.split_prefecture(&folded);
        self.cities.iter().find(|(name, _)| name == rest).map(|(_, ix)| *ix)
    }

    /// What a name stands for, where `prefecture` is what stands beside it.
    ///
    /// An exact spelling goes before a variant, and any full name before a short one.
    pub fn find(&self, name: &str, prefecture: Option<PrefectureCode>) -> Named {
        let folded = fold_name(name);
        if folded.is_empty() {
            return Named::default();
        }
        let (inner, behind) = bracketed(&folded);
        let (ahead, rest) = self.split_prefecture(inner);
        let scope = match (prefecture, behind) {
            (Some(told), _) => Scope::In(told),
            (None, Some(behind)) => self.prefecture(behind).map_or(Scope::Nowhere, Scope::In),
            (None, None) => ahead.map_or(Scope::Anywhere, Scope::In),
        };
        let plain = fold_for_match(name);
        let plain_inner = bracketed(&plain).0;
        let plain_rest = self.split_prefecture(plain_inner).1;
        let mut found = self.full(&self.exact, [plain_inner, plain_rest], scope, true);
        if found.bodies.is_empty() {
            found = self.full(&self.folded, [inner, rest], scope, false);
        }
        let ward = |name: &str| within(self.wards.get(name), &self.ward_prefectures, scope);
        found.wards = ward(rest);
        found.ward_of = self.cities.iter().find_map(|(city, ix)| {
            let part = rest.strip_prefix(city.as_str())?;
            (part.ends_with('区') && part.chars().count() > 1).then_some(*ix)
        });
        if found.bodies.is_empty() && found.wards.is_empty() {
            found.former = within(self.former.get(rest), &self.former_prefectures, scope).first().copied();
        }
        if found == Named::default() {
            found.bodies = self.bodies_within(self.bare.get(rest), scope);
            // 旭 is short for 旭市; 北 alone is no more the special ward than any of the others.
            let as_ward = format!("{rest}区");
            let special = self.folded.get(&as_ward);
            if found.bodies.iter().all(|ix| special.is_some_and(|wards| wards.contains(ix))) {
                found.wards = ward(&as_ward);
            }
        }
        found
    }

    /// Full names: as written, without the prefecture, without the county.
    fn full(
        &self,
        names: &HashMap<String, Vec<BodyIx>>,
        [inner, rest]: [&str; 2],
        scope: Scope,
        exact: bool,
    ) -> Named {
        for (text, whole) in [(inner, true), (rest, true), (without_county(rest), false)] {
            let bodies = self.bodies_within(names.get(text), scope);
            if !bodies.is_empty() {
                return Named { bodies, literal: exact && whole, ..Named::default() };
            }
        }
        Named::default()
    }

    fn bodies_within(&self, found: Option<&Vec<BodyIx>>, scope: Scope) -> Vec<BodyIx> {
        let lies_in = |ix: &&BodyIx| scope.holds(self.bodies[usize::from(**ix)].prefecture);
        found.into_iter().flatten().filter(lies_in).copied().collect()
    }

    /// The prefecture a (folded) name begins with, and the rest.
    fn split_prefecture<'n>(&self, name: &'n str) -> (Option<PrefectureCode>, &'n str) {
        // 北海道, 神奈川県, 茨城県: three or four letters.
        let ends = name.char_indices().skip(3).take(2).map(|(at, _)| at);
        ends.filter(|at| name[..*at].ends_with(['都', '道', '府', '県']))
            .find_map(|at| Some((Some(*self.prefectures.get(&name[..at])?), &name[at..])))
            .unwrap_or((None, name))
    }

    /// The prefecture that a name begins with, and the name without it.
    pub fn without_prefecture<'n>(&self, name: &'n str) -> (Option<PrefectureCode>, &'n str) {
        let ends = name.char_indices().skip(3).take(2).map(|(at, _)| at);
        ends.filter(|at| name[..*at].ends_with(['都', '道', '府', '県']))
            .find_map(|at| Some((Some(self.prefecture(&name[..at])?), &name[at..])))
            .unwrap_or((None, name))
    }

    /// The bodies whose names are nearest to one that is none: those that begin with it, bear it as
    /// another kind of body, or differ by a letter. Empty if there are too many to choose from, so that
    /// nobody is led to a town that was not meant.
    pub fn near(&self, name: &str, prefecture: Option<PrefectureCode>) -> Vec<BodyIx> {
        /// More are no help.
        const MOST: usize = 4;
        /// Longer text is no name.
        const LONGEST: usize = 20;
        let folded = fold_name(name);
        let (ahead, rest) = self.split_prefecture(bracketed(without_footnote(&folded)).0);
        // 阿見町役場 is the house of 阿見町.
        let rest = ["役所", "役場"].iter().find_map(|house| rest.strip_suffix(house)).unwrap_or(rest);
        let text = stem(without_county(rest));
        let in_kana = IN_KANA.iter().find(|(kanji, _)| *kanji == text).map(|(_, kana)| fold_name(kana));
        let text = in_kana.as_deref().unwrap_or(text);
        let letters = text.chars().count();
        if !(2..=LONGEST).contains(&letters) {
            return Vec::new();
        }
        let prefecture = prefecture.or(ahead);
        let municipal = rest.ends_with(['市', '町', '村', '区']);
        let mut best: (usize, Vec<BodyIx>) = (usize::MAX, Vec::new());
        for (ix, body) in (0..).zip(&self.bodies) {
            if prefecture.is_some_and(|told| told != body.prefecture) || (municipal && body.is_prefecture) {
                continue;
            }
            let Some(score) = apart(text, &body.stem) else { continue };
            // Who slips in a letter of the name hardly slips in 市 or 町 too.
            let slip = text != body.stem && !body.stem.starts_with(text);
            let other_kind = rest.ends_with(KINDS) && !rest.ends_with(body.kind);
            // Where nothing says in which prefecture, too many short names differ by a letter.
            if slip && (other_kind || (prefecture.is_none() && !is_likely_slip(text, &body.stem))) {
                continue;
            }
            if score < best.0 {
                best = (score, Vec::new());
            }
            if score == best.0 {
                best.1.push(ix);
            }
        }
        if best.1.len() > MOST { Vec::new() } else { best.1 }
    }
}

/// Names in kana that people write as the place was written before, and how the register has them; the
/// former are folded.
const IN_KANA: [(&str, &str); 6] = [
    ("霞ケ浦", "かすみがうら"),
    ("筑波", "つくば"),
    ("常陸那珂", "ひたちなか"),
    ("埼玉", "さいたま"),
    ("磐城", "いわき"),
    ("陸奥", "むつ"),
];

/// Letters that are mixed up by how they look or sound.
const MIXED_UP: [&str; 24] = [
    "銚鉾鋒",
    "土士",
    "未末",
    "己巳已",
    "干千于",
    "太大犬",
    "日曰",
    "人入八",
    "刀力",
    "由甲申",
    "鹿麻",
    "網綱",
    "萩荻",
    "鳥烏島",
    "氷永水",
    "白百",
    "宇字",
    "牛午",
    "玉王",
    "間問",
    "壁璧",
    "多田",
    "川河",
    "柏相",
];

/// Whether two stems that differ by a slip differ by one that is made: short names of other towns differ by
/// as much.
fn is_likely_slip(text: &str, other: &str) -> bool {
    /// In longer names a letter is a small part.
    const LONG: usize = 4;
    let (letters, others) = (text.chars().count(), other.chars().count());
    if letters.min(others) >= LONG || letters != others {
        return true;
    }
    let is_kana = |c: char| ('ぁ'..='ヿ').contains(&c);
    text.chars().zip(other.chars()).filter(|(a, b)| a != b).all(|(a, b)| {
        (is_kana(a) && is_kana(b)) || MIXED_UP.iter().any(|group| group.contains(a) && group.contains(b))
    })
}

/// How far two stems are apart; `None` if they are too far for a slip.
fn apart(text: &str, other: &str) -> Option<usize> {
    if text == other {
        return Some(0);
    }
    let (letters, others) = (text.chars().count(), other.chars().count());
    // かすみ is short for かすみがうら; つくばみらぃ goes on where つくば ends, and is rather a slip.
    if other.starts_with(text) {
        return Some(1);
    }
    // In a name of four letters and more a second slip is still a slip.
    let most = if letters.min(others) >= 4 { 2 } else { 1 };
    let shortest = letters.min(others);
    // A letter more or less makes another name of one of two: 美野里町 is not 美里町.
    let most = if shortest == 2 && letters != others { 0 } else { most };
    if letters.abs_diff(others) > most || shortest < 2 {
        return None;
    }
    Some(levenshtein(text, other)).filter(|found| *found <= most)
}

impl Scope {
    fn holds(self, prefecture: PrefectureCode) -> bool {
        match self {
            Self::Anywhere => true,
            Self::In(told) => told == prefecture,
            Self::Nowhere => false,
        }
    }
}

fn within(found: Option<&Vec<usize>>, prefectures: &[PrefectureCode], scope: Scope) -> Vec<usize> {
    found.into_iter().flatten().copied().filter(|at| scope.holds(prefectures[*at])).collect()
}

/// A name without the sign of a footnote: 牛久市※1, 牛久市*.
fn without_footnote(folded: &str) -> &str {
    let numbered = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    [numbered, folded].into_iter().find_map(|text| text.strip_suffix(['※', '*', '注'])).unwrap_or(folded)
}

/// The name and what stands behind it in brackets: 行方市（茨城県）.
fn bracketed(folded: &str) -> (&str, Option<&str>) {
    match folded.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
        Some((name, inner)) => (name, Some(inner)),
        None => (folded, None),
    }
}

/// A town's name without its county: 西津軽郡鰺ヶ沢町.
fn without_county(name: &str) -> &str {
    match name.split_once('郡') {
        Some((county, rest)) if !county.is_empty() && rest.ends_with(['町', '村']) => rest,
        _ => name,
    }
}
