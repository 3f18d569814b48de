//! Wards of designated cities and names of former times, from the files that are built into the
//! program. Nothing that is stored points to them, so they have no tables.

use std::collections::HashSet;

use serde::Deserialize;

use super::error::Error;
use super::seed::{Line, at, fault, records};
use crate::domain::dates::parse_iso_day;
use crate::domain::municipality::{FormerName, LgCode, Places, Ward};

/// Reads and checks both files; `known` are the codes of the register.
///
/// # Errors
///
/// The first fault, with file, line and reason.
pub(super) fn read(wards: &str, former: &str, known: &HashSet<LgCode>) -> Result<Places, Error> {
    Ok(Places { wards: read_wards(wards, known)?, former: read_former(former, known)? })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WardLine {
    code: String,
    city_code: String,
    name: String,
}

fn read_wards(text: &str, known: &HashSet<LgCode>) -> Result<Vec<Ward>, Error> {
    const FILE: &str = "wards.csv";
    let mut wards = Vec::new();
    for Line { number, row } in records::<WardLine>(FILE, text)? {
        let code = at(FILE, number, row.code.parse())?;
        let city = at(FILE, number, row.city_code.parse())?;
        check_known(FILE, number, city, known)?;
        wards.push(Ward { code, city, name: row.name });
    }
    Ok(wards)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerLine {
    name: String,
    code: Option<String>,
    successor_code: String,
    changed_on: String,
    merged: bool,
}

fn read_former(text: &str, known: &HashSet<LgCode>) -> Result<Vec<FormerName>, Error> {
    const FILE: &str = "former_names.csv";
    let mut former = Vec::new();
    for Line { number, row } in records::<FormerLine>(FILE, text)? {
        let code = row.code.as_deref().map(str::parse).transpose();
        let successor = at(FILE, number, row.successor_code.parse())?;
        check_known(FILE, number, successor, known)?;
        former.push(FormerName {
            name: row.name,
            code: at(FILE, number, code)?,
            successor,
            changed_on: at(FILE, number, parse_iso_day(&row.changed_on))?,
            merged: row.merged,
        });
    }
    Ok(former)
}

fn check_known(file: &'static str, number: u64, code: LgCode, known: &HashSet<LgCode>) -> Result<(), Error> {
    if known.contains(&code) {
        return Ok(());
    }
    Err(fault(file, number, format!("no body `{code}` in the register")))
}
