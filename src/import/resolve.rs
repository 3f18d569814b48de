//! Which body and which procedure a cell is about: codes with lost zeros, names in their variants.
//!
//! Code and name must agree; a code never wins over a name. What can be read in two ways is
//! decided by the name, else by the rest of the column, else by the sender.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Fault;
use super::headings::{parts, spellings};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::municipality::{LgCode, MunicipalityKind};
use crate::domain::text::{fold_for_match, fold_name, fold_width};

/// Whether zeros that a spreadsheet swallowed are put back without a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LostZeros {
    /// The layout is known to write codes as numbers, and names in variants.
    Expected,
    /// A five-digit code may be one without check digit, or one that lost its zero.
    Judged,
}

/// How the codes of a column without check digit or zero are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Style {
    #[default]
    Unknown,
    /// Five digits are a code without its check digit.
    WithoutCheckDigit,
    /// Five digits are a code that lost its zero.
    LostZero,
}

/// Finds bodies by what a file writes of them.
pub(super) struct Bodies<'a> {
    catalogue: &'a Catalogue,
    zeros: LostZeros,
    style: Style,
    names: HashMap<String, Vec<BodyIx>>,
    /// Names without 市, 町, 村, 区, 都, 府, 県.
    bare: HashMap<String, Vec<BodyIx>>,
    /// Folded names of the prefectures.
    prefectures: Vec<String>,
    /// What was found before: a long table names the same body many times.
    before: RefCell<HashMap<Owned, Result<Found, Fault>>>,
}

/// Most different answers that are remembered; so many wrong names get a suggestion.
const REMEMBERED: usize = 5_000;

/// What a row said of its body: code, name, prefecture.
type Owned = (String, String, String);

/// A body, and what was repaired on the way to it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub body: BodyIx,
    pub warning: Option<Refusal>,
}

/// What a row says of its body.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub prefecture: &'a str,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, zeros: LostZeros) -> Self {
        let mut names: HashMap<String, Vec<BodyIx>> = HashMap::new();
        let mut bare: HashMap<String, Vec<BodyIx>> = HashMap::new();
        for (ix, row) in (0..).zip(catalogue.municipalities()) {
            let name = fold_name(&row.name);
            if let Some(stem) = name.strip_suffix(['市', '町', '村', '区', '都', '府', '県']) {
                bare.entry(stem.to_owned()).or_default().push(ix);
            }
            names.entry(name).or_default().push(ix);
        }
        let prefectures = catalogue.prefectures().map(|row| fold_name(&row.prefecture_name)).collect();
        Self { catalogue, zeros, style: Style::Unknown, names, bare, prefectures, before: RefCell::default() }
    }

    /// Looks at a whole column of codes, so that one that can be read in two ways is read like the
    /// others.
    pub(super) fn learn<'c>(mut self, codes: impl Iterator<Item = &'c str>) -> Self {
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
    pub(super) fn find(&self, told: Told<'_>) -> Result<Found, Fault> {
        let asked = (told.code.to_owned(), told.name.to_owned(), told.prefecture.to_owned());
        if let Some(found) = self.before.borrow().get(&asked) {
            return found.clone();
        }
        let found = self.look_up(told);
        let mut before = self.before.borrow_mut();
        if before.len() < REMEMBERED {
            before.insert(asked, found.clone());
        }
        found
    }

    fn look_up(&self, told: Told<'_>) -> Result<Found, Fault> {
        if told.code.trim().is_empty() {
            return self.by_name(told);
        }
        let code = read_code(told.code).map_err(|refusal| Fault::of(refusal).found(told.code))?;
        let candidates = self.candidates(&code.digits);
        if candidates.is_empty() {
            return Err(self.no_body(told.code, &code.digits));
        }
        let named = self.named(told.name, told.prefecture);
        // What stands beside the code decides before the other codes of the column do.
        let mut left: Vec<BodyIx> =
            candidates.iter().copied().filter(|body| self.lies_in(*body, told.prefecture)).collect();
        if left.is_empty() {
            return Err(self.other_prefecture(&candidates, told));
        }
        if !told.name.trim().is_empty() {
            left.retain(|body| named.bodies.contains(body));
        }
        match left.as_slice() {
            [] => Err(self.disagreement(&candidates, told)),
            [only] => Ok(Found { body: *only, warning: self.repaired(*only, &code, &named, told.name) }),
            several => match self.in_style(&code.digits) {
                Some(only) if several.contains(&only) => {
                    Ok(Found { body: only, warning: self.repaired(only, &code, &named, told.name) })
                }
                _ => Err(self.ambiguous(several, told.code)),
            },
        }
    }

    /// Whether a body lies in a prefecture that a row names. Text that is no prefecture says nothing.
    fn lies_in(&self, body: BodyIx, prefecture: &str) -> bool {
        let told = fold_name(prefecture);
        let known = self.prefectures.iter().any(|name| is_prefecture(name, &told));
        !known || is_prefecture(&fold_name(&self.catalogue.body(body).prefecture_name), &told)
    }

    fn other_prefecture(&self, coded: &[BodyIx], told: Told<'_>) -> Fault {
        Fault::whole(
            "prefecture_mismatch",
            format!(
                "団体コードと都道府県が一致しません（コードは {}、都道府県の列は {}）",
                self.list(coded),
                told.prefecture.trim()
            ),
        )
        .found(told.code)
        .suggesting(self.list(coded))
    }

    /// Whether digits can be read as the code of a body.
    pub(super) fn knows(&self, digits: &str) -> bool {
        !self.candidates(digits).is_empty()
    }

    fn plain(&self, digits: &str) -> Option<BodyIx> {
        self.catalogue.find_body(digits).ok()
    }

    fn padded(&self, digits: &str) -> Option<BodyIx> {
        match digits.len() {
            // The check digit tells that a zero is missing, and not the check digit itself.
            5 => self.catalogue.find_body(&format!("0{digits}")).ok(),
            4 => self.catalogue.find_body(&format!("0{digits}")).ok(),
            _ => None,
        }
    }

    /// The bodies a code may stand for: as it is, and with a lost zero.
    fn candidates(&self, digits: &str) -> Vec<BodyIx> {
        let expected = self.zeros == LostZeros::Expected && digits.len() == 5;
        let plain = self.plain(digits).filter(|_| !expected);
        let mut found: Vec<BodyIx> = plain.into_iter().chain(self.padded(digits)).collect();
        found.dedup();
        found
    }

    /// The body a code stands for if it is written as the others of its column are.
    fn in_style(&self, digits: &str) -> Option<BodyIx> {
        match self.style {
            Style::Unknown => None,
            Style::WithoutCheckDigit => self.plain(digits),
            Style::LostZero => self.padded(digits),
        }
    }

    /// The bodies a name may stand for.
    pub(super) fn named(&self, name: &str, prefecture: &str) -> Named {
        let folded = fold_name(name);
        if folded.is_empty() {
            return Named::default();
        }
        let (inner, behind) = bracketed(&folded);
        let within = if prefecture.trim().is_empty() {
            behind.unwrap_or_default().to_owned()
        } else {
            fold_name(prefecture)
        };
        let (ahead, rest) = self.split_prefecture(inner);
        let within = if within.is_empty() { ahead.unwrap_or_default() } else { within };
        let exact = |text: &str| self.within(self.names.get(text), &within);
        for (text, how) in
            [(inner, How::Name), (rest, How::WithPrefecture), (without_county(rest), How::WithCounty)]
        {
            let bodies = exact(text);
            if !bodies.is_empty() {
                return Named { bodies, how };
            }
        }
        Named { bodies: self.within(self.bare.get(rest), &within), how: How::Bare }
    }

    fn within(&self, found: Option<&Vec<BodyIx>>, prefecture: &str) -> Vec<BodyIx> {
        let lies_in = |body: &&BodyIx| {
            let name = fold_name(&self.catalogue.body(**body).prefecture_name);
            prefecture.is_empty() || is_prefecture(&name, prefecture)
        };
        found.into_iter().flatten().filter(lies_in).copied().collect()
    }

    /// The prefecture a name begins with, and the rest.
    fn split_prefecture<'n>(&self, name: &'n str) -> (Option<String>, &'n str) {
        self.prefectures
            .iter()
            .find_map(|prefecture| {
                let rest = name.strip_prefix(prefecture.as_str()).filter(|rest| !rest.is_empty())?;
                Some((Some(prefecture.clone()), rest))
            })
            .unwrap_or((None, name))
    }

    fn by_name(&self, told: Told<'_>) -> Result<Found, Fault> {
        if told.name.trim().is_empty() {
            return Err(Fault::whole(
                "missing_municipality",
                "団体コードも団体名もありません（上の行と同じなら「上の値で埋める」（fill）を選べます）",
            )
            .allowing("全国地方公共団体コード（6桁）"));
        }
        let named = self.named(told.name, told.prefecture);
        match named.bodies.as_slice() {
            [] => Err(self.no_name(told.name)),
            [only] => {
                let row = self.catalogue.body(*only);
                let message = format!(
                    "団体コードがないため、団体名から {} {}{} と読みました",
                    row.code,
                    row.prefecture_name,
                    shown_name(row)
                );
                let warning = Refusal::new("name_only", told.name, message, "found by its name")
                    .suggest(row.code.as_str());
                Ok(Found { body: *only, warning: Some(warning) })
            }
            several => Err(Fault::whole(
                "ambiguous_name",
                "同じ名前の団体が複数あります。団体コードか都道府県名を書いてください",
            )
            .found(told.name)
            .allowing(self.list(several))),
        }
    }

    fn repaired(&self, body: BodyIx, code: &Code, named: &Named, name: &str) -> Option<Refusal> {
        let row = self.catalogue.body(body);
        if self.zeros == LostZeros::Expected {
            return None;
        }
        if code.digits.len() < 6 && code.digits != row.code.five_digits() {
            let message = format!("先頭の0が失われた団体コードとして {} と読みました", row.code);
            return Some(
                Refusal::new("lost_zero", &code.digits, message, "a leading zero was lost")
                    .suggest(row.code.as_str()),
            );
        }
        if code.number_text {
            let message = format!("数値の形で書かれた団体コードを {} と読みました", row.code);
            return Some(
                Refusal::new("code_as_number", &code.digits, message, "a code written as a number")
                    .suggest(row.code.as_str()),
            );
        }
        let own = fold_for_match(&row.name);
        let variant = !name.trim().is_empty()
            && match named.how {
                How::Name | How::WithPrefecture => !fold_for_match(name).contains(&own),
                How::WithCounty | How::Bare => true,
            };
        variant.then(|| {
            let message =
                format!("団体名の表記を {}{} と同じものと読みました", row.prefecture_name, shown_name(row));
            Refusal::new("name_variant", name, message, "another spelling of the name")
                .suggest(row.name.clone())
        })
    }

    fn no_body(&self, code: &str, digits: &str) -> Fault {
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
        Fault::of(refusal).found(code)
    }

    /// The designated city whose ward a code is: wards are numbered behind their city, all below
    /// 200 of their prefecture (全国地方公共団体コード仕様).
    fn city_of_ward(&self, digits: &str) -> Option<BodyIx> {
        let code: LgCode = digits.parse().ok()?;
        let number: u32 = code.five_digits()[2..].parse().ok()?;
        let (ix, city) = (0..)
            .zip(self.catalogue.municipalities())
            .filter(|(_, row)| row.kind == MunicipalityKind::DesignatedCity && row.code < code)
            .last()?;
        (city.prefecture() == code.prefecture() && (101..200).contains(&number)).then_some(ix)
    }

    fn ward(&self, city: BodyIx) -> Fault {
        let row = self.catalogue.body(city);
        Fault::whole(
            "ward",
            format!("政令指定都市の行政区です。{}（{}）としてまとめた値を書いてください", row.name, row.code),
        )
        .allowing("市の団体コード")
        .suggesting(format!("{} {}", row.code, row.name))
    }

    fn no_name(&self, name: &str) -> Fault {
        let folded = fold_name(name);
        let (_, rest) = self.split_prefecture(&folded);
        let city = (0..).zip(self.catalogue.municipalities()).find(|(_, row)| {
            row.kind == MunicipalityKind::DesignatedCity
                && rest.strip_prefix(fold_name(&row.name).as_str()).is_some_and(|ward| ward.ends_with('区'))
        });
        if let Some((ix, _)) = city {
            return self.ward(ix).found(name);
        }
        let fault = Fault::whole("unknown_name", "団体名がどの団体にも一致しません")
            .found(name)
            .allowing("団体コード（6桁）、または 茨城県行方市 のような正式な名前");
        let names = self.catalogue.municipalities().iter().map(|row| row.name.as_str());
        let near =
            (self.before.borrow().len() < REMEMBERED).then(|| crate::domain::text::nearest(rest, names));
        match near.flatten() {
            Some(near) => fault.suggesting(near),
            None => fault,
        }
    }

    fn disagreement(&self, coded: &[BodyIx], told: Told<'_>) -> Fault {
        let named = self.named(told.name, told.prefecture);
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

    fn ambiguous(&self, several: &[BodyIx], code: &str) -> Fault {
        Fault::whole(
            "ambiguous_code",
            "団体コードが2通りに読めます。6桁で書くか、団体名の列を足してください。",
        )
        .found(code)
        .allowing(self.list(several))
    }

    fn list(&self, bodies: &[BodyIx]) -> String {
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

/// Whether a text is the (folded) name of a prefecture, with or without its 都, 府 or 県.
fn is_prefecture(name: &str, text: &str) -> bool {
    name == text || name.strip_suffix(['都', '府', '県']).is_some_and(|stem| stem == text)
}

/// A prefecture's own name is that of its prefecture.
fn shown_name(row: &crate::domain::municipality::Municipality) -> &str {
    if row.is_prefecture() { "" } else { &row.name }
}

/// The bodies of a name, and how it was written.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub bodies: Vec<BodyIx>,
    how: How,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum How {
    #[default]
    Name,
    WithPrefecture,
    WithCounty,
    Bare,
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

/// A code as a file writes it.
struct Code {
    digits: String,
    /// Whether it was written as a number with a fraction or an exponent.
    number_text: bool,
}

/// The digits of a code: `'082333`, `="082333"`, `82333.0`, `8.2333E+04`, full-width digits.
///
/// # Errors
///
/// A number that lost digits on its way (`1.23457E+12`).
fn read_code(text: &str) -> Result<Code, Refusal> {
    let folded = fold_width(text);
    let bare = folded.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(&folded);
    let bare = bare.trim_start_matches('\'').trim();
    let plain = |digits: &str, number_text| Ok(Code { digits: digits.to_owned(), number_text });
    if let Some((mantissa, exponent)) = bare.split_once(['e', 'E']) {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: Option<usize> = exponent.trim_start_matches('+').parse().ok();
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(exponent) = exponent
            .filter(|exponent| *exponent <= 20 && whole.len() == 1 && digits(whole) && digits(fraction))
        {
            if fraction.len() <= exponent && exponent <= 5 {
                return plain(&format!("{whole}{fraction:0<exponent$}"), true);
            }
            return Err(Refusal::new(
                "digits_lost",
                text,
                "桁が失われています（Excel の指数表示）。元の番号を文字列で書いてください",
                "digits were lost in an exponent",
            )
            .allowed("全国地方公共団体コード（6桁）"));
        }
    }
    if let Some((whole, fraction)) = bare.split_once('.')
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte == b'0')
    {
        return plain(whole, true);
    }
    plain(bare, false)
}

/// Finds procedures by what a file writes of them.
pub(super) struct Procedures<'a> {
    catalogue: &'a Catalogue,
    /// The procedures that are known by a folded name.
    names: HashMap<String, Vec<ProcedureIx>>,
}

impl<'a> Procedures<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        let own = catalogue.procedures().iter().map(|row| (row.name_ja.as_str(), row.id.as_str()));
        let aliases = catalogue.aliases().iter().map(|row| (row.heading.as_str(), row.procedure.as_str()));
        let mut names: HashMap<String, Vec<ProcedureIx>> = HashMap::new();
        for (name, id) in own.chain(aliases) {
            let Some(procedure) = catalogue.procedure_ix(id) else { continue };
            let known = names.entry(fold_for_match(name)).or_default();
            if !known.contains(&procedure) {
                known.push(procedure);
            }
        }
        Self { catalogue, names }
    }

    /// The procedure of a heading: its id, its name, or the id before the name.
    pub(super) fn of_heading(&self, heading: &str) -> Option<ProcedureIx> {
        let id = |text: &str| {
            let folded = fold_width(text);
            self.catalogue.procedure_ix(folded.split([' ', '\n', '_', ':']).next().unwrap_or_default())
        };
        let named = |folded: String| match self.of_name(&folded) {
            [only] => Some(*only),
            _ => None,
        };
        parts(heading).find_map(id).or_else(|| spellings(heading).find_map(named))
    }

    /// The procedure of a row.
    ///
    /// # Errors
    ///
    /// An unknown id, a name of no procedure or of several, an id and a name of different
    /// procedures, nothing at all.
    pub(super) fn find(&self, id: &str, name: &str) -> Result<ProcedureIx, Refusal> {
        let id = fold_width(id);
        if !id.is_empty() {
            let found = match self.catalogue.find_procedure(&id) {
                Ok(found) => found,
                // Some sheets have a running number there, and the name beside it.
                Err(_) if id.bytes().all(|byte| byte.is_ascii_digit()) && !name.trim().is_empty() => {
                    return self.by_name(name);
                }
                Err(refusal) => return Err(refusal),
            };
            // A name that is known for none is somebody's own wording.
            let named = self.of_name(&fold_for_match(name));
            return match named.first() {
                Some(other) if !named.contains(&found) => Err(self.disagreement(found, *other)),
                _ => Ok(found),
            };
        }
        self.by_name(name)
    }

    fn of_name(&self, folded: &str) -> &[ProcedureIx] {
        self.names.get(folded).map_or(&[], Vec::as_slice)
    }

    /// Which of the two was meant only the sender knows: a column that was sorted alone shifts them
    /// all.
    fn disagreement(&self, coded: ProcedureIx, named: ProcedureIx) -> Refusal {
        let shown = |ix| {
            let row = self.catalogue.procedure(ix);
            format!("{} {}", row.id, row.name_ja)
        };
        let (coded, named) = (shown(coded), shown(named));
        let message = format!("手続IDと手続名が一致しません（IDは {coded}、手続名は {named}）");
        Refusal::new(
            "procedure_name_mismatch",
            &coded,
            message,
            "the id and the name are of different procedures",
        )
        .suggest(format!("{coded} または {named}"))
    }

    fn by_name(&self, name: &str) -> Result<ProcedureIx, Refusal> {
        let message = match self.of_name(&fold_for_match(name)) {
            [only] => return Ok(*only),
            [] if name.trim().is_empty() => "手続IDも手続名もありません",
            [] => "手続名が手続一覧のどれにも一致しません",
            _ => "同じ名前の手続が複数あります。手続IDを書いてください",
        };
        let refusal = Refusal::new("unknown_procedure", name, message, "no such procedure")
            .allowed("手続ID（例 kosodate-01）");
        let near = crate::domain::text::nearest(
            name.trim(),
            self.catalogue.procedures().iter().map(|row| row.name_ja.as_str()),
        );
        Err(match near {
            Some(near) => refusal.suggest(near),
            None => refusal,
        })
    }
}
