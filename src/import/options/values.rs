//! How the values of parameters are written.

use crate::domain::Refusal;
use crate::domain::text::{fold_for_match, fold_width};

pub(in crate::import) use crate::domain::file_dates::parse_fiscal_year as fiscal_year;

pub(super) fn one<T>(
    faults: &mut Vec<(&'static str, Refusal)>,
    name: &'static str,
    value: &Option<String>,
    parse: impl FnOnce(&str) -> Result<T, Refusal>,
) -> Option<T> {
    let text = value.as_deref()?;
    parse(text).map_err(|refusal| faults.push((name, refusal))).ok()
}

pub(super) fn flag(text: &str) -> Result<bool, Refusal> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => {
            Err(Refusal::new("flag_format", text, "true か false です", "true or false")
                .allowed("true, false"))
        }
    }
}

/// Most headings or names of one file that are explained.
pub(super) const MAX_PAIRS: usize = 500;

/// Headings, with commas between them.
pub(super) fn parse_headings(text: &str) -> Result<Vec<String>, Refusal> {
    Ok(listed(text)?.iter().map(|heading| fold_for_match(heading)).collect())
}

/// `heading=meaning` pairs, with commas between them; `fold` makes the left side comparable.
pub(super) fn parse_pairs(
    text: &str,
    fold: impl Fn(&str) -> String,
) -> Result<Vec<(String, String)>, Refusal> {
    let refused = |one: &str| {
        Refusal::new("pair_format", one, "「見出し=意味」の形で書きます", "given as heading=meaning")
            .allowed("状況=level のように「=」でつなぎ、複数は「,」で区切る")
    };
    let mut pairs = Vec::new();
    // A comma may also stand in a heading; the pair goes on until its meaning.
    let mut begun = String::new();
    for one in listed(text)? {
        let whole = format!("{begun}{one}");
        match whole.rsplit_once(['=', '＝']) {
            Some((left, right)) if !(left.trim().is_empty() || right.trim().is_empty()) => {
                pairs.push((fold(left), fold_width(right)));
                begun.clear();
            }
            Some(_) => return Err(refused(&whole)),
            None => begun = format!("{whole}、"),
        }
    }
    if begun.is_empty() { Ok(pairs) } else { Err(refused(begun.trim_end_matches('、'))) }
}

pub(super) fn listed(text: &str) -> Result<Vec<&str>, Refusal> {
    let all: Vec<&str> = text.split([',', '、']).filter(|one| !one.trim().is_empty()).collect();
    if all.len() <= MAX_PAIRS {
        return Ok(all);
    }
    let refusal = Refusal::new("too_many_values", "", "指定が多すぎます", "too many values");
    Err(refusal.allowed(format!("{MAX_PAIRS}個まで")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_may_stand_in_a_heading() {
        let pairs = |text: &str| parse_pairs(text, fold_for_match);
        let pair = |left: &str, right: &str| (left.to_owned(), right.to_owned());
        assert_eq!(
            pairs("状況=level,犬の登録申請、死亡=high-volume-22").unwrap(),
            [pair("状況", "level"), pair("犬の登録申請、死亡", "high-volume-22")]
        );
        for text in ["状況", "状況=", "=level", "状況=level,備考"] {
            assert_eq!(pairs(text).unwrap_err().code, "pair_format", "{text}");
        }
    }

    #[test]
    fn fiscal_years_are_written_in_two_ways() {
        for text in ["2025", "2025年度", "令和7年度", "R7", "令和7"] {
            assert_eq!(fiscal_year(text).unwrap().number(), 2025, "{text}");
        }
        for text in ["", "25", "令和", "20255"] {
            assert!(fiscal_year(text).is_err(), "{text}");
        }
    }
}
