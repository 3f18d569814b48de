//! What a client has seen: `If-Match` and `If-None-Match` of a single row (RFC 9110, section 13).

use actix_web::http::header::{self, HeaderMap};

use super::problem::{Kind, Problem};
use crate::domain::Refusal;
use crate::service::statements::{Seen, Tag};

/// What a writer saw, by `If-Match`, or by `If-None-Match: *` for a row that must not be there.
///
/// # Errors
///
/// 428 without either, 400 for both or for what cannot be read.
pub(crate) fn seen(headers: &HeaderMap) -> Result<Seen, Problem> {
    let (fits, fits_not) = (tags(headers, header::IF_MATCH)?, tags(headers, header::IF_NONE_MATCH)?);
    match (fits, fits_not) {
        (Some(fits), None) => Ok(match fits {
            Tags::Any => Seen::Something,
            Tags::Listed(listed) if listed.is_empty() => return Err(foreign(headers)),
            // A tag is the number of a row of the log: a proxy that makes it weak, because it
            // compresses the answer, does not make it say less.
            Tags::Listed(listed) => Seen::Tags(listed),
        }),
        (None, Some(Tags::Any)) => Ok(Seen::Nothing),
        (None, _) => Err(Problem::of(
            Kind::PRECONDITION_REQUIRED,
            "/header/if-match",
            Refusal::new(
                "missing_if_match",
                "",
                "If-Match に、読み込んだときの ETag を付けてください（未回答の行は \"0\"）",
                "send the ETag of what was read as If-Match (\"0\" where nothing is stated)",
            )
            .allowed("\"0\", \"87050\", *"),
        )),
        (Some(_), Some(_)) => Err(Problem::of(
            Kind::BAD_REQUEST,
            "/header/if-none-match",
            Refusal::new(
                "two_conditions",
                "",
                "If-Match と If-None-Match はどちらか一方だけを付けてください",
                "send If-Match or If-None-Match, not both",
            ),
        )),
    }
}

/// A tag of something else, such as a list: it would never fit, whatever is tried again.
fn foreign(headers: &HeaderMap) -> Problem {
    let sent = headers.get(header::IF_MATCH).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let refusal = Refusal::new(
        "foreign_tag",
        &sent.unwrap_or_default(),
        "If-Match の ETag はこの行のものではありません（一覧の ETag は使えません）。この行を GET したときの ETag を付けてください",
        "this entity tag is not one of a row (the tag of a list cannot be used); send the one that GET of this row gave",
    );
    let problem =
        Problem::of(Kind::PRECONDITION_FAILED, "/header/if-match", refusal.allowed("\"0\", \"87050\", *"));
    // Nobody was quicker.
    Problem { kind: Kind { ja: "ETag が合いません", ..problem.kind }, ..problem }
}

/// The tags of a header.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Any,
    /// Those that are ours; others fit nothing.
    Listed(Vec<Tag>),
}

/// Reads the tags of a header.
///
/// # Errors
///
/// 400 for what is no list of tags.
fn tags(headers: &HeaderMap, name: header::HeaderName) -> Result<Option<Tags>, Problem> {
    let values: Vec<String> =
        headers.get_all(&name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    if values.is_empty() {
        return Ok(None);
    }
    let text = values.join(",");
    if text.trim() == "*" {
        return Ok(Some(Tags::Any));
    }
    let mut found = Vec::new();
    for part in text.split(',').map(str::trim) {
        let quoted = part.strip_prefix("W/").or_else(|| part.strip_prefix("w/")).unwrap_or(part);
        let Some(tag) = quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
            return Err(Problem::of(Kind::BAD_REQUEST, &format!("/header/{name}"), not_quoted(part)));
        };
        found.extend(Tag::read(without_coding(tag)));
    }
    Ok(Some(Tags::Listed(found)))
}

fn not_quoted(part: &str) -> Refusal {
    let refusal = Refusal::new("tag_format", part, "ETag の形が正しくありません", "not an entity tag")
        .allowed("\"87050\" のように引用符で囲む");
    match Tag::read(part.trim_matches(['"', '\''])) {
        Some(tag) => refusal.suggest(format!("\"{tag}\"")),
        None => refusal,
    }
}

/// A tag without the name of a coding, which servers and proxies that compress put at its end.
fn without_coding(tag: &str) -> &str {
    const CODINGS: [&str; 4] = ["gzip", "br", "zstd", "deflate"];
    let bare = CODINGS.into_iter().find_map(|coding| tag.strip_suffix(coding));
    bare.map_or(tag, |bare| bare.trim_end_matches(['-', ';', '+', ':']))
}

/// Whether a reader has this very row; what cannot be read as tags is as good as none.
pub(crate) fn has(headers: &HeaderMap, tag: Tag) -> bool {
    match tags(headers, header::IF_NONE_MATCH) {
        Ok(Some(Tags::Any)) => true,
        Ok(Some(Tags::Listed(listed))) => listed.contains(&tag),
        Ok(None) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read(value: &str) -> Result<Option<Tags>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        tags(&headers, header::IF_MATCH)
    }

    fn listed(tags: &[&str]) -> Option<Tags> {
        Some(Tags::Listed(tags.iter().map(|tag| Tag::read(tag).unwrap()).collect()))
    }

    #[test]
    fn tags_are_read() {
        assert_eq!(read("\"12\"").unwrap(), listed(&["12"]));
        assert_eq!(read("\"1\", W/\"2\" ,\"3-2\",\"x\",\"+4\"").unwrap(), listed(&["1", "2", "3-2"]));
        assert_eq!(read("*").unwrap(), Some(Tags::Any));
        for wrong in ["12", "\"12", "", "\"1\",*", "é"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_compressing_server_makes_of_a_tag_is_the_same_tag() {
        for tag in ["\"3-2-gzip\"", "\"3-2;br\"", "W/\"3-2--gzip\"", "w/\"3-2:zstd\""] {
            assert_eq!(read(tag).unwrap(), listed(&["3-2"]), "{tag}");
        }
        let problem = read("12").unwrap_err();
        assert_eq!(problem.errors[0].refusal.suggestion.as_deref(), Some("\"12\""));
        assert_eq!(read("\"1-20261121-ab-json\"").unwrap(), listed(&[]));
    }
}
