//! The register of prefectures and municipalities, with wards and names of former times.

use std::collections::HashSet;

use serde::Deserialize;

use super::lines::{Broken, Line, at, fault, records};
use crate::domain::dates::parse_iso_day;
use crate::domain::municipality::{FormerName, LgCode, Municipality, Places, Ward};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MunicipalityLine {
    code: String,
    prefecture_code: String,
    prefecture_name: String,
    name: String,
    name_kana: String,
    kind: String,
    population: Option<u32>,
    households: Option<u32>,
    ended_on: Option<String>,
    successor_code: Option<String>,
}

/// The prefectures and municipalities.
pub(super) fn read_municipalities(text: &str) -> Result<Vec<Municipality>, Broken> {
    const FILE: &str = "municipalities.csv";
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for Line { number, row } in records::<MunicipalityLine>(FILE, text)? {
        let code: LgCode = at(FILE, number, row.code.parse())?;
        if row.code.len() != 6 || code.prefecture().to_string() != row.prefecture_code {
            return Err(fault(
                FILE,
                number,
                format!("`{}` does not begin with `{}`", row.code, row.prefecture_code),
            ));
        }
        if !seen.insert(code) {
            return Err(fault(FILE, number, format!("`{code}` is given twice")));
        }
        let kind = at(FILE, number, row.kind.parse())?;
        let ended_on = row.ended_on.as_deref().map(parse_iso_day).transpose();
        let successor = row.successor_code.as_deref().map(str::parse).transpose();
        rows.push(Municipality {
            code,
            prefecture_name: row.prefecture_name,
            name: row.name,
            name_kana: row.name_kana,
            kind,
            population: row.population,
            households: row.households,
            ended_on: at(FILE, number, ended_on)?,
            successor: at(FILE, number, successor)?,
        });
    }
    Ok(rows)
}

/// Wards of designated cities and names of former times; `known` are the codes of the register. Nothing
/// that is stored points to them, so they have no tables.
pub(super) fn read_places(wards: &str, former: &str, known: &HashSet<LgCode>) -> Result<Places, Broken> {
    Ok(Places { wards: read_wards(wards, known)?, former: read_former(former, known)? })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WardLine {
    code: String,
    city_code: String,
    name: String,
}

fn read_wards(text: &str, known: &HashSet<LgCode>) -> Result<Vec<Ward>, Broken> {
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

fn read_former(text: &str, known: &HashSet<LgCode>) -> Result<Vec<FormerName>, Broken> {
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

fn check_known(file: &'static str, number: u64, code: LgCode, known: &HashSet<LgCode>) -> Result<(), Broken> {
    if known.contains(&code) {
        return Ok(());
    }
    Err(fault(file, number, format!("no body `{code}` in the register")))
}
