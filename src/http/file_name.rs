//! Names of answers as files.

use actix_web::web;
use chrono::NaiveDate;

use crate::domain::text::cut;

/// The two writings of a name.
pub(super) fn both(name: &str) -> String {
    let ascii = in_ascii(name);
    disposition(&ascii, (ascii != name).then_some(name))
}

/// RFC 6266: the plain name for old programs, the other one in UTF-8.
pub(crate) fn disposition(ascii: &str, name: Option<&str>) -> String {
    let plain = format!("attachment; filename=\"{ascii}\"");
    let Some(name) = name else { return plain };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded: String = name
        .bytes()
        .map(|byte| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{plain}; filename*=UTF-8''{encoded}")
}

/// A name in ASCII for programs that know no other.
fn in_ascii(name: &str) -> String {
    let known = name.replace("様式", "form").replace("ほか", "and");
    let mut ascii = String::with_capacity(known.len());
    for c in known.chars() {
        match c {
            c if c.is_ascii() => ascii.push(c),
            _ if ascii.ends_with('~') => {}
            _ => ascii.push('~'),
        }
    }
    ascii
}

/// Parameters that say how an answer is written and not what it is about.
const ABOUT_WRITING: [&str; 7] = ["format", "encoding", "limit", "offset", "sort", "fields", "as_of"];
/// Parameters whose values say by themselves what they are.
const PLAIN: [&str; 7] = ["municipality", "prefecture", "procedure", "category", "list", "channel", "kind"];

/// The name of an answer as a file, without its ending: the resource, what was chosen, the day.
pub(crate) fn selection_name(path: &str, query: &str, as_of: NaiveDate) -> String {
    /// Longest name of a selection, in characters.
    const LONGEST: usize = 80;
    let path = path.rsplit_once("/v1/").map_or(path, |(_, path)| path);
    let mut steps: Vec<&str> = path.split('/').map(|step| step.split('.').next().unwrap_or(step)).collect();
    if let ["municipalities", _, _, ..] = steps[..] {
        // What it is goes before whose it is.
        steps[..3].rotate_left(2);
        steps[..2].reverse();
    }
    // What only says where in the API a thing is found.
    let place = |step: &&str| !["figures", "exports", "municipalities"].contains(step);
    let known: Vec<&str> = steps.iter().copied().filter(place).collect();
    let steps = if known.is_empty() { steps } else { known };
    let mut parts: Vec<String> = steps.iter().map(plain).collect();
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner);
    for (name, value) in pairs.unwrap_or_default() {
        if ABOUT_WRITING.contains(&name.as_str()) {
            continue;
        }
        let value = chosen(&value);
        parts.push(if PLAIN.contains(&name.as_str()) { value } else { format!("{}-{value}", plain(&name)) });
    }
    format!("{}_{as_of}", cut(&parts.join("_"), LONGEST))
}

/// Values of a parameter: the first ones, and how many more.
fn chosen(value: &str) -> String {
    const SHOWN: usize = 3;
    let all: Vec<&str> = value.split(',').collect();
    let mut shown: Vec<String> = all.iter().take(SHOWN).map(plain).collect();
    if all.len() > SHOWN {
        shown.push(format!("ほか{}", all.len() - SHOWN));
    }
    shown.join("-")
}

/// A text as part of a file's name: what a path or a header could stumble over becomes a hyphen.
fn plain(text: impl AsRef<str>) -> String {
    let mut name = String::new();
    for c in text.as_ref().chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '-') {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_was_chosen() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        for (path, query, expected) in [
            ("figures/online_rate", "prefecture=08&format=csv", "online_rate_08_2026-11-26"),
            ("figures/online_rate", "", "online_rate_2026-11-26"),
            (
                "figures/da26_rate/explain",
                "municipality=082333&encoding=utf-8-bom&limit=5",
                "da26_rate_explain_082333_2026-11-26",
            ),
            (
                "figures/online_rate",
                "by=municipality&threshold=4&kind=city,town",
                "online_rate_by-municipality_threshold-4_city-town_2026-11-26",
            ),
            ("matrix", "prefecture=08,09,10,11,12", "matrix_08-09-10-ほか2_2026-11-26"),
            ("municipalities/082333/readiness", "", "readiness_082333_2026-11-26"),
            ("exports/readiness.csv", "layout=wide&channel=eapp", "readiness_layout-wide_eapp_2026-11-26"),
            (
                "readiness",
                "system=%E3%81%B4%E3%81%A3%E3%81%9F%E3%82%8A%2F..%22%0A",
                "readiness_system-ぴったり-_2026-11-26",
            ),
        ] {
            assert_eq!(selection_name(&format!("/api/v1/{path}"), query, day), expected);
        }
        let long = format!("q={}", "あ".repeat(900));
        assert!(selection_name("/api/v1/procedures", &long, day).chars().count() < 120);
    }

    #[test]
    fn names_come_in_both_writings() {
        assert_eq!(both("a.csv"), "attachment; filename=\"a.csv\"");
        assert_eq!(
            both("様式_082333.xlsx"),
            "attachment; filename=\"form_082333.xlsx\"; filename*=UTF-8''%E6%A7%98%E5%BC%8F_082333.xlsx"
        );
    }
}
