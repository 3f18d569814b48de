//! The named definitions of figures: one table, one rule each.
//!
//! One fact has several official answers, so there is no single "online rate". Each definition says
//! which list it counts over by default, what it reads of where a body stands and what a
//! procedure that is not performed means to it.

mod rule;
mod table;

use crate::domain::Refusal;
use crate::domain::text::{cut, unknown_code};

pub use rule::{
    ALL_PROCEDURES, Basis, By, Choices, Definition, Measures, NotApplicable, NotApplicableRule, Outcome,
    Parts, Principle, Reason, Takes, Through, Unit,
};
pub use table::DEFINITIONS;

/// The definition with an id, in a version where one is said: `online_rate`, `online_rate@2`. Without one it is the
/// newest that is kept.
///
/// # Errors
///
/// An id that is no definition, and a version that is not kept.
pub fn find(text: &str) -> Result<&'static Definition, Refusal> {
    find_in(DEFINITIONS, text)
}

fn find_in<'d>(definitions: &'d [Definition], text: &str) -> Result<&'d Definition, Refusal> {
    let (id, version) = text.split_once('@').map_or((text, None), |(id, version)| (id, Some(version)));
    let kept = || definitions.iter().filter(|definition| definition.id == id);
    let Some(newest) = kept().max_by_key(|definition| definition.version) else {
        let ids: Vec<&str> = definitions.iter().map(|definition| definition.id).collect();
        return Err(unknown_code(text, "指標の定義", "definition", &ids));
    };
    let Some(version) = version else { return Ok(newest) };
    let is_it = |definition: &&Definition| definition.version.to_string() == version;
    kept().find(is_it).ok_or_else(|| {
        let versions: Vec<String> = kept().map(|kept| format!("{id}@{}", kept.version)).collect();
        let message = format!("{}の版「{}」では計算できません", newest.name_ja, cut(version, 20));
        let refusal =
            Refusal::unknown("unknown_version", text, message, "this version of the definition is not kept");
        refusal.allowed(versions.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_meant_unless_another_is_said() {
        let mut kept = DEFINITIONS.to_vec();
        let newest = find("online_rate").unwrap();
        let older = Definition { version: newest.version - 1, ..newest.clone() };
        kept.insert(0, older);
        for (text, version) in [
            ("online_rate", newest.version),
            (&format!("online_rate@{}", newest.version), newest.version),
            (&format!("online_rate@{}", newest.version - 1), newest.version - 1),
        ] {
            assert_eq!(find_in(&kept, text).unwrap().version, version, "{text}");
        }
        for text in ["online_rate@9", "online_rate@", "online_rate@02", "online_rate@1@2"] {
            let refusal = find_in(&kept, text).unwrap_err();
            assert_eq!(refusal.code, "unknown_version", "{text}");
            assert!(refusal.allowed.unwrap().contains(&format!("online_rate@{}", newest.version)));
        }
        assert_eq!(find("nothing@1").unwrap_err().code, "unknown_code");
    }
}
