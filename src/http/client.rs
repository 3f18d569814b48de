//! Who is at the other end: the address, also behind a proxy, and the request's id.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// The other end of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Address, as far as the proxies that are trusted tell it.
    pub address: Option<IpAddr>,
    /// Whether a trusted proxy says that the client came over https.
    pub over_https: bool,
    /// An id for log lines, the audit log and support.
    pub request_id: String,
}

impl Client {
    /// Reads the other end of a request. Forwarded headers count only where the connection itself
    /// comes from a trusted proxy; of several addresses the last one that is no such proxy is the
    /// client's, because everything before it can be made up.
    pub(crate) fn new(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let request_id = request_id();
        let Some(peer) = peer.filter(trusted) else {
            return Self { address: peer, over_https: false, request_id };
        };
        let hops: Vec<String> = headers
            .get_all(HeaderName::from_static("x-forwarded-for"))
            .flat_map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>()
            })
            .collect();
        // From the end: each proxy appends who spoke to it. What a hop cannot be read from was not
        // written by a proxy that is trusted, so the last one that could be read stands.
        let mut address = peer;
        for hop in hops.iter().rev() {
            let Some(found) = address_of(hop) else { break };
            address = found;
            if !trusted(&found) {
                break;
            }
        }
        let over_https = headers
            .get(HeaderName::from_static("x-forwarded-proto"))
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"));
        Self { address: Some(address), over_https, request_id }
    }

    /// The address for the record.
    pub(crate) fn address_text(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }
}

/// The address of a hop, with or without a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

/// Random letters of this start of the program, and a running number: no two requests share an id,
/// however many processes there are.
pub(crate) fn request_id() -> String {
    static START: LazyLock<String> = LazyLock::new(|| {
        let mut bytes = [0; 8];
        if getrandom::fill(&mut bytes).is_err() {
            bytes = u64::from(std::process::id()).to_be_bytes();
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    });
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("{}-{:x}", *START, NUMBER.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn client(peer: &str, forwarded: &[&str], proxies: &[&str]) -> Client {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(value).unwrap());
        }
        headers.insert(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https"));
        let proxies: Vec<IpNet> = proxies.iter().map(|net| net.parse().unwrap()).collect();
        Client::new(Some(peer.parse().unwrap()), &headers, &proxies)
    }

    fn address(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        client(peer, forwarded, proxies).address_text().unwrap()
    }

    #[test]
    fn forwarded_headers_count_from_trusted_proxies_only() {
        assert_eq!(address("192.0.2.7:1", &["198.51.100.1"], &[]), "192.0.2.7");
        assert_eq!(address("192.0.2.7:1", &["198.51.100.1"], &["203.0.113.0/24"]), "192.0.2.7");
        assert!(!client("192.0.2.7:1", &["198.51.100.1"], &[]).over_https);
        assert_eq!(address("192.0.2.7:1", &["198.51.100.1"], &["192.0.2.0/24"]), "198.51.100.1");
        assert!(client("192.0.2.7:1", &["198.51.100.1"], &["192.0.2.0/24"]).over_https);
    }

    #[test]
    fn what_a_client_makes_up_in_front_is_ignored() {
        let proxies = ["192.0.2.0/24"];
        assert_eq!(address("192.0.2.7:1", &["127.0.0.1, 198.51.100.1, 192.0.2.9"], &proxies), "198.51.100.1");
        assert_eq!(address("192.0.2.7:1", &["127.0.0.1", "198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(address("192.0.2.7:1", &[], &proxies), "192.0.2.7");
        // Words in front or between do not hide what the proxy appended.
        for sent in ["1.2.3.4, x, 198.51.100.1", "x, 198.51.100.1", "\u{e9}, 198.51.100.1", ", ,198.51.100.1"]
        {
            assert_eq!(address("192.0.2.7:1", &[sent], &proxies), "198.51.100.1", "{sent}");
        }
        assert_eq!(address("192.0.2.7:1", &["1.2.3.4, x"], &proxies), "192.0.2.7");
        assert_eq!(address("192.0.2.7:1", &["1.2.3.4, x, 192.0.2.9"], &proxies), "192.0.2.9");
        assert_eq!(address("192.0.2.7:1", &["198.51.100.1:5678"], &proxies), "198.51.100.1");
        assert_eq!(address("192.0.2.7:1", &["[2001:db8::1]:443"], &proxies), "2001:db8::1");
        assert_eq!(address("[::ffff:192.0.2.7]:1", &["2001:db8::1"], &proxies), "2001:db8::1");
    }
}
