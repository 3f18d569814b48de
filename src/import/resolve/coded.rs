//! Bodies by their codes: with and without the check digit, and with the zero that a spreadsheet takes away.

use super::bodies::{Bodies, LostZeros, Style};
use super::code::read_code;
use super::told::{FoundBody, Told};
use crate::domain::body_names::Named;
use crate::domain::catalogue::BodyIx;
use crate::import::Fault;

impl Bodies<'_> {
    pub(super) fn by_code(&self, told: Told<'_>) -> Result<FoundBody, Fault> {
        let code = read_code(told.code).map_err(|refusal| Fault::of(refusal).found(told.code))?;
        let candidates = self.candidates(&code.digits);
        if candidates.is_empty() {
            return match self.former_code(&code.digits) {
                Some(former) => self.formerly(former, told),
                None => Err(self.no_body(told.code, &code.digits)),
            };
        }
        let mut named = self.by_itself(told);
        // A code decides which of its bodies a name of the sender's own stands for.
        if let Some(own) = self.own_name(told.name).filter(|own| candidates.contains(own)) {
            named = Named { bodies: vec![own], literal: true, ..Named::default() };
        }
        // What stands beside the code decides before the other codes of the column do.
        let mut left: Vec<BodyIx> =
            candidates.iter().copied().filter(|body| self.lies_in(*body, told.prefecture)).collect();
        if left.is_empty() {
            return Err(self.other_prefecture(&candidates, told));
        }
        if !told.name.trim().is_empty() {
            left.retain(|body| {
                named.bodies.contains(body)
                    || self.former_name(*body, told).is_some()
                    || self.is_read_as(*body, told.name)
            });
        }
        match left.as_slice() {
            [] if named == Named::default() => Err(self
                .not_compared(&candidates, told)
                .unwrap_or_else(|| self.disagreement(&candidates, &named, told))),
            [] => Err(self.disagreement(&candidates, &named, told)),
            [only] => Ok(FoundBody::plain(*only, self.repaired(*only, &code, &named, told))),
            several => match self.in_style(&code.digits) {
                Some(only) if several.contains(&only) => {
                    Ok(FoundBody::plain(only, self.repaired(only, &code, &named, told)))
                }
                _ => Err(self.ambiguous(several, told.code)),
            },
        }
    }

    /// Whether a body lies in a prefecture that a row names. Text that is no prefecture says nothing.
    pub(super) fn lies_in(&self, body: BodyIx, prefecture: &str) -> bool {
        let told = self.catalogue.names().prefecture(prefecture);
        told.is_none_or(|told| told == self.catalogue.body(body).prefecture())
    }

    pub(super) fn other_prefecture(&self, coded: &[BodyIx], told: Told<'_>) -> Fault {
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
    pub(in crate::import) fn knows(&self, digits: &str) -> bool {
        !self.candidates(digits).is_empty()
    }

    pub(super) fn plain(&self, digits: &str) -> Option<BodyIx> {
        self.catalogue.find_body(digits).ok()
    }

    pub(super) fn padded(&self, digits: &str) -> Option<BodyIx> {
        match digits.len() {
            // The check digit tells that a zero is missing, and not the check digit itself.
            5 => self.catalogue.find_body(&format!("0{digits}")).ok(),
            4 => self.catalogue.find_body(&format!("0{digits}")).ok(),
            _ => None,
        }
    }

    /// The bodies a code may stand for: as it is, and with a lost zero.
    pub(super) fn candidates(&self, digits: &str) -> Vec<BodyIx> {
        let expected = self.zeros == LostZeros::Expected && digits.len() == 5;
        let plain = self.plain(digits).filter(|_| !expected);
        let mut found: Vec<BodyIx> = plain.into_iter().chain(self.padded(digits)).collect();
        found.dedup();
        found
    }

    /// The body a code stands for if it is written as the others of its column are.
    pub(super) fn in_style(&self, digits: &str) -> Option<BodyIx> {
        match self.style {
            Style::Unknown => None,
            Style::WithoutCheckDigit => self.plain(digits),
            Style::LostZero => self.padded(digits),
        }
    }
}
