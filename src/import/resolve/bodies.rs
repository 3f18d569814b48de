//! Which body a row is about.

use std::cell::RefCell;
use std::collections::HashMap;

use super::code::{Code, read_code};
use super::near::which;
use super::told::{FoundBody, Told};
use crate::domain::Refusal;
use crate::domain::body_names::Named;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::municipality::Municipality;
use crate::domain::text::{fold_name, fold_width};
use crate::import::marks::Question;
use crate::import::{Fault, FaultKind};

/// Whether zeros that a spreadsheet swallowed are put back without a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum LostZeros {
    /// The layout is known to write codes as numbers, and names in variants.
    Expected,
    /// A five-digit code may be one without check digit, or one that lost its zero.
    Judged,
}

/// How the codes of a column without check digit or zero are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Unknown,
    /// Five digits are a code without its check digit.
    WithoutCheckDigit,
    /// Five digits are a code that lost its zero.
    LostZero,
}

/// Finds bodies by what a file writes of them.
pub(in crate::import) struct Bodies<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) zeros: LostZeros,
    pub(super) style: Style,
    /// The sender's own names, folded.
    own: HashMap<&'a str, BodyIx>,
    /// What was found before: a long table names the same body many times.
    pub(super) before: RefCell<HashMap<String, Result<FoundBody, Fault>>>,
}

/// Most different answers that are remembered; so many wrong names get a suggestion.
pub(super) const REMEMBERED: usize = 5_000;

impl<'a> Bodies<'a> {
    /// Finds by the catalogue, and by `names`, folded names of the sender's own with what each stands
    /// for.
    pub(in crate::import) fn new(
        catalogue: &'a Catalogue,
        names: &'a [(String, String)],
        zeros: LostZeros,
    ) -> Self {
        let body = |code: &str| catalogue.body_ix(code.parse().ok()?);
        // What was said last stands first.
        let known = names.iter().rev().filter_map(|(name, code)| Some((name.as_str(), body(code)?)));
        let own = known.collect();
        Self { catalogue, zeros, style: Style::Unknown, own, before: RefCell::default() }
    }

    /// Looks at a whole column of codes, so that one that can be read in two ways is read like the
    /// others.
    pub(in crate::import) fn learn<'c>(mut self, codes: impl Iterator<Item = &'c str>) -> Self {
        let (mut without, mut lost) = (0, 0);
        for code in codes {
            let Ok(code) = read_code(code) else { continue };
            if code.digits.len() == 6 {
                continue;
            }
            match (self.plain(&code.digits).is_some(), self.padded(&code.digits).is_some()) {
                (true, false) => without += 1,
                (false, true) => lost += 1,
                _ => {}
            }
        }
        self.style = match (without, lost) {
            (1.., 0) => Style::WithoutCheckDigit,
            (0, 1..) => Style::LostZero,
            _ => Style::Unknown,
        };
        self
    }

    /// The body a row is about.
    ///
    /// # Errors
    ///
    /// An unreadable or unknown code, a code and a name that disagree, a name that several bodies
    /// share, a ward of a designated city, nothing at all.
    pub(in crate::import) fn find(&self, told: Told<'_>) -> Result<FoundBody, Fault> {
        let key = told.key();
        if let Some(found) = self.before.borrow().get(&key) {
            return found.clone();
        }
        let found = self.look_up(told);
        let mut before = self.before.borrow_mut();
        if before.len() < REMEMBERED {
            before.insert(key, found.clone());
        }
        found
    }

    fn look_up(&self, told: Told<'_>) -> Result<FoundBody, Fault> {
        // 大阪市 may stand where others write the prefecture.
        let names = self.catalogue.names();
        let above =
            || names.designated_city(told.prefecture).filter(|_| names.prefecture(told.prefecture).is_none());
        let city = names.designated_city(told.district).or_else(above);
        // 札幌市 stands in the column of districts alone.
        let told = match city {
            Some(_) if told.name.trim().is_empty() => Told { name: told.district, ..told },
            None if told.prefecture.trim().is_empty() && is_tokyo(told.district) => {
                Told { prefecture: "東京都", ..told }
            }
            _ => told,
        };
        // 082015 水戸市 in one cell.
        let (apart, in_one) = (apart(told.code), apart(told.name));
        let told = match (apart, in_one) {
            (Some((code, name)), _) if told.name.trim().is_empty() => Told { code, name, ..told },
            (_, Some((code, name))) if told.code.trim().is_empty() => Told { code, name, ..told },
            _ => told,
        };
        let joined = joined(told);
        let told = Told { code: joined.as_deref().unwrap_or(told.code), ..told };
        if let Some(city) = city.filter(|_| !told.code.trim().is_empty() && is_ward(told.name)) {
            return Err(self.ward(city).found(told.name));
        }
        let found = if told.code.trim().is_empty() { self.by_name(told, city)? } else { self.by_code(told)? };
        match city {
            Some(city) if city != found.body => Err(self.other_district(city, found.body, told)),
            _ => Ok(found),
        }
    }

    /// What a row's name stands for: the sender's own names first.
    fn named(&self, told: Told<'_>) -> Named {
        match self.own_body(told) {
            Some(body) => Named { bodies: vec![body], literal: true, ..Named::default() },
            None => self.by_itself(told),
        }
    }

    /// What a row's name stands for without a word of the sender's.
    pub(super) fn by_itself(&self, told: Told<'_>) -> Named {
        let names = self.catalogue.names();
        names.find(told.name, names.prefecture(told.prefecture))
    }

    /// The body that the sender says a name stands for. What is said of a name holds for the rows that
    /// do not decide themselves: a prefecture beside it says more.
    fn own_body(&self, told: Told<'_>) -> Option<BodyIx> {
        if self.own.is_empty() {
            return None;
        }
        if let Some(own) = self.own_name(&told.whole_name()) {
            return Some(own);
        }
        let own = self.own_name(told.name)?;
        let told_prefecture = self.catalogue.names().prefecture(told.prefecture).is_some();
        let decides = told_prefecture && matches!(self.by_itself(told).bodies.as_slice(), [_]);
        (!decides && self.lies_in(own, told.prefecture)).then_some(own)
    }

    pub(super) fn own_name(&self, name: &str) -> Option<BodyIx> {
        if self.own.is_empty() { None } else { self.own.get(fold_name(name).as_str()).copied() }
    }

    fn other_district(&self, city: BodyIx, body: BodyIx, told: Told<'_>) -> Fault {
        Fault::whole(
            "district_mismatch",
            format!(
                "政令市の列（{}）と団体（{}）が一致しません。どちらかを直してください",
                told.district.trim(),
                self.list(&[body])
            ),
        )
        .found(if told.code.trim().is_empty() { told.name } else { told.code })
        .suggesting(self.list(&[city, body]))
    }

    /// Whether a text is the name of a body or of a ward, of today or of before.
    pub(in crate::import) fn knows_name(&self, name: &str) -> bool {
        let named = self.named(Told { name, ..Told::default() });
        named != Named::default()
    }

    fn by_name(&self, told: Told<'_>, city: Option<BodyIx>) -> Result<FoundBody, Fault> {
        let own = self.own_body(told);
        if told.name.trim().is_empty() && own.is_none() {
            return Err(self.of_prefecture(told, nothing_named(told)));
        }
        if let Some(body) = own.filter(|body| city.is_none_or(|city| city == *body)) {
            return Ok(FoundBody::plain(body, None));
        }
        let named = self.by_itself(told);
        // What is called 区 beside a designated city is a ward of it.
        let beside = city.filter(|_| is_ward(told.name));
        if let Some(ward_of) = named.ward_of.or(beside) {
            return Err(self.ward(ward_of).found(told.name).asking(self.which(told.name, &[])));
        }
        let wards = self.wards_of(&named);
        match (named.bodies.as_slice(), wards.as_slice()) {
            ([], [first, rest @ ..]) if rest.iter().all(|ward| ward.1 == first.1) => {
                Err(self.ward(first.1).found(told.name).asking(self.which(told.name, &[])))
            }
            (bodies, [_, ..]) => Err(self.bare_ward(told.name, bodies, &wards)),
            ([], []) => match named.former {
                Some(at) => self.by_former_name(&self.catalogue.places().former[at], told.name),
                None => Err(self.no_name(told)),
            },
            ([only], []) => {
                let message = "団体コードがないため、団体名から読みました";
                let warning = Refusal::new("name_only", told.name, message, "found by its name")
                    .suggest(self.list(&[*only]));
                Ok(FoundBody { by_name_alone: true, ..FoundBody::plain(*only, Some(warning)) })
            }
            (several, []) => Err(Fault::whole(
                "ambiguous_name",
                "同じ名前の団体が複数あります。団体コードか都道府県名を書いてください",
            )
            .found(told.name)
            .allowing(self.list(several))
            .asking(self.which(told.name, several))),
        }
    }

    pub(super) fn repaired(
        &self,
        body: BodyIx,
        code: &Code,
        named: &Named,
        told: Told<'_>,
    ) -> Option<Refusal> {
        let name = told.name;
        let row = self.catalogue.body(body);
        if self.zeros == LostZeros::Expected {
            return None;
        }
        if code.digits.len() < 6 && code.digits != row.code.five_digits() {
            let message = "先頭の0が失われた団体コードとして読みました";
            return Some(
                Refusal::new("lost_zero", &code.digits, message, "a leading zero was lost")
                    .suggest(self.list(&[body])),
            );
        }
        if code.number_text {
            let message = "数値の形で書かれた団体コードを、桁を戻して読みました";
            return Some(
                Refusal::new("code_as_number", &code.digits, message, "a code written as a number")
                    .suggest(self.list(&[body])),
            );
        }
        if let Some(former) = self.former_name(body, told).filter(|_| !named.bodies.contains(&body)) {
            return Some(self.changed("former_name", former, name));
        }
        let variant = !name.trim().is_empty() && !named.literal;
        variant.then(|| {
            let message = "団体名の表記が一覧と違いますが、同じ団体と読みました";
            Refusal::new("name_variant", name, message, "another spelling of the name")
                .suggest(self.list(&[body]))
        })
    }

    pub(super) fn no_body(&self, code: &str, digits: &str) -> Fault {
        let zero = format!("0{digits}");
        if let Some(city) = self.city_of_ward(digits).or_else(|| self.city_of_ward(&zero)) {
            return self.ward(city).found(code);
        }
        // What is told must be about the code as it was read.
        let padded = format!("0{digits}");
        // There are 47 prefectures: five digits above are six that lost their zero.
        let above = digits
            .get(..2)
            .and_then(|prefecture| prefecture.parse().ok())
            .is_some_and(|number: u8| number > 47);
        let lost = digits.len() == 5 && (above || self.zeros == LostZeros::Expected);
        let refusal = match self.catalogue.find_body(if lost { &padded } else { digits }) {
            Err(refusal) => refusal,
            // Only reached when the layout forbids the code as written.
            Ok(_) => Refusal::new("code_format", code, "団体コードが正しくありません", "not a code"),
        };
        let bare = without_separators(digits);
        let meant = if bare == digits { Vec::new() } else { self.candidates(&bare) };
        let fault = Fault::of(refusal).found(code);
        if meant.is_empty() { fault } else { fault.suggesting(self.list(&meant)) }
    }

    pub(super) fn which(&self, name: &str, bodies: &[BodyIx]) -> Question {
        let choice = |body: &BodyIx| (self.catalogue.body(*body).code.to_string(), self.list(&[*body]));
        which(name, "団体", bodies.iter().map(choice))
    }

    pub(super) fn disagreement(&self, coded: &[BodyIx], named: &Named, told: Told<'_>) -> Fault {
        let meant: Vec<BodyIx> = coded.iter().chain(&named.bodies).copied().collect();
        Fault::whole(
            "code_name_mismatch",
            format!(
                "団体コードと団体名が一致しません（コードは {}、名前の列は {}{}）",
                self.list(coded),
                told.prefecture.trim(),
                told.name.trim()
            ),
        )
        .found(told.code)
        .suggesting(self.list(&meant))
    }

    pub(super) fn ambiguous(&self, several: &[BodyIx], code: &str) -> Fault {
        Fault::whole(
            "ambiguous_code",
            "団体コードが2通りに読めます。6桁で書くか、団体名の列を足してください。",
        )
        .found(code)
        .allowing(self.list(several))
    }

    /// Code, prefecture and name of bodies.
    pub(super) fn list(&self, bodies: &[BodyIx]) -> String {
        let names: Vec<String> = bodies
            .iter()
            .map(|body| {
                let row = self.catalogue.body(*body);
                format!("{} {}{}", row.code, row.prefecture_name, shown_name(row))
            })
            .collect();
        names.join(" または ")
    }
}

/// Code and name that stand in one cell: 082015 水戸市, 水戸市（082015）.
fn apart(cell: &str) -> Option<(&str, &str)> {
    let cell = cell.trim();
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let beside = |c: char| c.is_whitespace() || "()（）[]［］【】:：_・/／".contains(c);
    let first = cell.find(is_digit)?;
    let end = cell[first..].find(|c: char| !is_digit(c)).map_or(cell.len(), |length| first + length);
    let code = &cell[first..end];
    // A number of other length belongs to the name.
    if !(5..=6).contains(&code.chars().count()) || (first > 0 && end < cell.trim_end_matches(beside).len()) {
        return None;
    }
    let name =
        [&cell[..first], &cell[end..]].into_iter().find(|part| !part.trim_matches(beside).is_empty())?;
    let name = name.trim_matches(beside);
    name.chars().all(|c| !is_digit(c)).then_some((code, name))
}

/// A code of three digits behind that of its prefecture.
fn joined(told: Told<'_>) -> Option<String> {
    let (prefecture, code) = (fold_width(told.prefecture_code), fold_width(told.code));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    (digits(&prefecture, 2) && digits(&code, 3)).then(|| format!("{prefecture:0>2}{code:0>3}"))
}

/// Digits without what some people write between them: 08-211-2, 08 212 1.
fn without_separators(code: &str) -> String {
    let separator = |c: char| c.is_whitespace() || "-‐−–－_.・".contains(c);
    code.split(separator).collect()
}

/// Whether a district is that of the special wards.
fn is_tokyo(district: &str) -> bool {
    matches!(fold_width(district).as_str(), "特別区" | "特別区部" | "東京23区" | "23区" | "東京都区部")
}

/// A row that names no body. What another cell says of the place is no reason to fill in the row above.
fn nothing_named(told: Told<'_>) -> Fault {
    let place = [told.prefecture, told.district].map(str::trim).concat();
    let (kind, message) = if place.is_empty() {
        (FaultKind::Nameless, "団体コードも団体名もありません".to_owned())
    } else {
        (FaultKind::Told, format!("団体コードも団体名もありません（この行にあるのは「{place}」だけです）"))
    };
    let fault = Fault::whole("missing_municipality", message).of_kind(kind);
    fault.allowing("全国地方公共団体コード（6桁）")
}

/// A prefecture's own name is that of its prefecture.
fn shown_name(row: &Municipality) -> &str {
    if row.is_prefecture() { "" } else { &row.name }
}

/// Whether a name beside that of a designated city is one of a ward of it.
fn is_ward(name: &str) -> bool {
    fold_width(name).ends_with('区')
}
