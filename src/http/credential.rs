//! What a request shows of its sender: a key in `Authorization` or the cookie of a session, read
//! once for everybody who asks.

use actix_web::http::header::{self, HeaderMap};

use super::client::Client;
use crate::domain::Refusal;
use crate::domain::access::token::Secret;
use crate::service::sessions::digest;

/// Name of the cookie over https: the prefix lets no other host or path set it.
const SECURE_COOKIE: &str = "__Host-todoke";
/// Name of the cookie in clear text, where browsers refuse the prefix.
const PLAIN_COOKIE: &str = "todoke";

/// What a request shows. A key goes before a session.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// Something that may be a key.
    Key(Secret),
    /// What stands in `Authorization` and cannot be a key, and why.
    Malformed(Refusal),
    /// SHA-256 of a session's cookie.
    Session([u8; 32]),
    /// Nothing.
    None,
}

impl Credential {
    /// Reads the headers of a request.
    pub(crate) fn of(headers: &HeaderMap, client: &Client) -> Self {
        let mut values = headers.get_all(header::AUTHORIZATION);
        match (values.next(), values.next()) {
            (None, _) => session_of(headers, client).map_or(Self::None, |value| Self::Session(digest(value))),
            (Some(value), None) => match key(value.to_str().unwrap_or_default().trim()) {
                Ok(secret) => Self::Key(secret),
                Err(refusal) => Self::Malformed(refusal),
            },
            (Some(_), Some(_)) => Self::Malformed(Refusal::new(
                "two_tokens",
                "",
                "Authorization が2つあります。1つだけ送ってください",
                "there are two Authorization headers; send one",
            )),
        }
    }

    /// Under which hash it is stored, if it may be anything that is.
    pub(crate) fn hash(&self) -> Option<[u8; 32]> {
        match self {
            Self::Key(secret) => Some(secret.hash()),
            Self::Session(hash) => Some(*hash),
            Self::Malformed(_) | Self::None => None,
        }
    }
}

/// Reads what stands in `Authorization`. No refusal repeats any of it.
fn key(text: &str) -> Result<Secret, Refusal> {
    const FORM: &str = "Authorization: Bearer tdk_…";
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim_start();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::new(
            "token_scheme",
            "",
            "Authorization には Bearer と空白を前に付けて鍵を書いてください",
            "write Bearer and a blank before the key in Authorization",
        )
        .allowed(FORM));
    }
    if rest.is_empty() {
        return Err(Refusal::new(
            "empty_token",
            "",
            "Authorization の Bearer の後に鍵がありません（鍵を入れた変数が空ではないか確かめてください）",
            "no key follows Bearer in Authorization; is the variable that holds it empty?",
        )
        .allowed(FORM));
    }
    Secret::parse(rest)
}

/// Under which name the cookie of a session comes from a client, and is set.
pub(crate) fn cookie_name(client: &Client) -> &'static str {
    if client.over_https { SECURE_COOKIE } else { PLAIN_COOKIE }
}

/// The text of the session's cookie.
pub(crate) fn session_of<'h>(headers: &'h HeaderMap, client: &Client) -> Option<&'h str> {
    let wanted = cookie_name(client);
    let cookies = headers.get_all(header::COOKIE).filter_map(|cookies| cookies.to_str().ok());
    cookies.flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == wanted).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn client(over_https: bool) -> Client {
        Client { address: None, over_https, request_id: String::new() }
    }

    fn credential(values: &[&str], cookie: Option<&str>) -> Credential {
        of_client(values, cookie, false)
    }

    fn of_client(values: &[&str], cookie: Option<&str>, over_https: bool) -> Credential {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        if let Some(cookie) = cookie {
            headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        Credential::of(&headers, &client(over_https))
    }

    #[test]
    fn each_slip_has_its_own_word() {
        let secret = Secret::generate(getrandom::fill).unwrap();
        let good = secret.reveal();
        for (values, code) in [
            (&[good][..], "token_scheme"),
            (&["Basic dXNlcjpwYXNz"], "token_scheme"),
            (&[""], "token_scheme"),
            (&["Bearer"], "empty_token"),
            (&["bearer  "], "empty_token"),
            (&["Bearer tdk_"], "token_format"),
            (&["Bearer a", "Bearer b"], "two_tokens"),
        ] {
            let Credential::Malformed(refusal) = credential(values, None) else { panic!("{values:?}") };
            assert_eq!(refusal.code, code, "{values:?}");
            assert!(!format!("{refusal:?}").contains(&good[4..]), "{refusal:?}");
        }
        for value in [format!("Bearer {good}"), format!("BEARER   {good} ")] {
            assert_eq!(credential(&[&value], Some("todoke=x")).hash(), Some(secret.hash()), "{value}");
        }
    }

    #[test]
    fn a_session_counts_where_there_is_no_key() {
        for (name, other, https) in
            [(SECURE_COOKIE, PLAIN_COOKIE, true), (PLAIN_COOKIE, SECURE_COOKIE, false)]
        {
            let cookies = format!("a=b; {other}=set by another; {name}=text");
            assert_eq!(of_client(&[], Some(&cookies), https).hash(), Some(digest("text")));
            assert_eq!(of_client(&["Bearer"], Some(&cookies), https).hash(), None);
        }
        assert!(matches!(credential(&[], Some("other=text")), Credential::None));
    }
}
