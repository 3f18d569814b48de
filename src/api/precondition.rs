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
pub(super) fn seen(headers: &HeaderMap) -> Result<Seen, Problem> {
    let (fits, fits_not) = (tags(headers, header::IF_MATCH)?, tags(headers, header::IF_NONE_MATCH)?);
    match (fits, fits_not) {
        (Some(fits), None) => Ok(match fits {
            Tags::Any => Seen::Something,
            Tags::Listed(listed) => {
                Seen::Tags(listed.into_iter().filter(|(strong, _)| *strong).map(|(_, tag)| tag).collect())
            }
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

/// The tags of a header.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Any,
    /// Each with whether it is a strong one. Tags that are not ours fit nothing.
    Listed(Vec<(bool, Tag)>),
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
        let (strong, quoted) = part.strip_prefix("W/").map_or((true, part), |quoted| (false, quoted));
        let Some(tag) = quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
            return Err(Problem::of(
                Kind::BAD_REQUEST,
                &format!("/header/{name}"),
                Refusal::new("tag_format", part, "ETag の形が正しくありません", "not an entity tag")
                    .allowed("\"87050\" のように引用符で囲む"),
            ));
        };
        found.extend(Tag::read(tag).map(|tag| (strong, tag)));
    }
    Ok(Some(Tags::Listed(found)))
}

/// Whether a reader has this very row; what cannot be read as tags is as good as none.
pub(super) fn has(headers: &HeaderMap, tag: Tag) -> bool {
    match tags(headers, header::IF_NONE_MATCH) {
        Ok(Some(Tags::Any)) => true,
        Ok(Some(Tags::Listed(listed))) => listed.iter().any(|(_, listed)| *listed == tag),
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

    fn listed(tags: &[(bool, &str)]) -> Option<Tags> {
        Some(Tags::Listed(tags.iter().map(|(strong, tag)| (*strong, Tag::read(tag).unwrap())).collect()))
    }

    #[test]
    fn tags_are_read() {
        assert_eq!(read("\"12\"").unwrap(), listed(&[(true, "12")]));
        assert_eq!(
            read("\"1\", W/\"2\" ,\"3-2\",\"x\",\"+4\"").unwrap(),
            listed(&[(true, "1"), (false, "2"), (true, "3-2")])
        );
        assert_eq!(read("*").unwrap(), Some(Tags::Any));
        for wrong in ["12", "\"12", "", "\"1\",*", "é"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
