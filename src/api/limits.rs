//! How much one client may ask for: rates, sizes, and what the answers tell about them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::client::Client;
use super::middleware::is_private;
use super::problem::{Kind, Problem};
use crate::config::{Rate, Rates};
use crate::domain::access::token::Secret;
use crate::service::sessions::digest;
use crate::web::{PLAIN_COOKIE, SECURE_COOKIE};

/// Longest query string, in bytes.
pub(super) const MAX_QUERY: usize = 16 * 1024;
/// Largest head of a request, in bytes of names and values.
pub(super) const MAX_HEADERS: usize = 16 * 1024;
/// Most keys that are counted one by one; beyond them strangers share a bucket.
const MAX_KEYS: usize = 100_000;
/// How long a key that was found to be good keeps its own bucket.
const TRUSTED_FOR: Duration = Duration::from_secs(60);

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// The holder of a key or a session that was found to be good.
    Known([u8; 32]),
    /// An address; of IPv6 the network, of which one client may have every address.
    Address(IpAddr),
    /// Everyone who came when the table was full, or has no address.
    Others,
}

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Read,
    Write,
    Import,
    SignIn,
}

impl Class {
    /// The class of a request; what answers from memory alone costs nothing.
    fn of(method: &Method, path: &str) -> Option<Self> {
        let reads = [Method::GET, Method::HEAD].contains(method);
        let free = method == Method::OPTIONS
            || ["/healthz", "/readyz", "/version", "/api/v1/openapi.json", "/api/v1/openapi-3.0.json"]
                .contains(&path)
            || path == "/docs"
            || path.starts_with("/docs/");
        match (free, reads) {
            (true, _) => None,
            // A refusal is written down, so asking where one may be refused costs as a write does.
            (_, true) if is_private(path) && path.starts_with("/api/") => Some(Self::Write),
            (_, true) => Some(Self::Read),
            _ if path == "/sign-in" => Some(Self::SignIn),
            _ if path == "/api/v1/imports" => Some(Self::Import),
            _ => Some(Self::Write),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Import => "import",
            Self::SignIn => "sign-in",
        }
    }
}

type Buckets = RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>;

struct Limit {
    rate: Rate,
    buckets: Buckets,
    cleaned: Mutex<Option<Instant>>,
}

impl Limit {
    fn new(rate: Rate) -> Option<Self> {
        let quota = Quota::with_period(rate.every)?.allow_burst(rate.burst);
        Some(Self { rate, buckets: RateLimiter::keyed(quota).with_middleware(), cleaned: Mutex::default() })
    }
}

/// Counts requests.
pub(super) struct Limiter {
    read: Option<Limit>,
    write: Option<Limit>,
    import: Option<Limit>,
    sign_in: Option<Limit>,
    clock: DefaultClock,
    trusted: Mutex<HashMap<[u8; 32], Instant>>,
}

/// What an answer tells about the client's bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remaining {
    class: &'static str,
    rate: Rate,
    left: u32,
}

impl Limiter {
    /// A limiter with these rates.
    pub(super) fn new(rates: &Rates) -> Self {
        let limit = |rate: Option<Rate>| rate.and_then(Limit::new);
        Self {
            read: limit(rates.read),
            write: limit(rates.write),
            import: limit(rates.import),
            sign_in: limit(rates.sign_in),
            clock: DefaultClock::default(),
            trusted: Mutex::default(),
        }
    }

    /// Counts the holder of a key apart from others at the same address, for a while.
    pub(super) fn trust(&self, hash: [u8; 32]) {
        let mut trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        if trusted.len() >= MAX_KEYS {
            trusted.retain(|_, since| since.elapsed() < TRUSTED_FOR);
        }
        trusted.insert(hash, Instant::now());
    }

    /// Counts the holder of a key with their address again.
    pub(super) fn distrust(&self, hash: [u8; 32]) {
        self.trusted.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
    }

    fn key(&self, client: &Client, headers: &HeaderMap) -> Key {
        let secret = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.split_once(' '))
            .and_then(|(_, text)| Secret::parse(text.trim_start()).ok());
        let hash = secret.map(|secret| secret.hash()).or_else(|| session_of(headers).map(digest));
        if let Some(hash) = hash {
            let trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
            if trusted.get(&hash).is_some_and(|since| since.elapsed() < TRUSTED_FOR) {
                return Key::Known(hash);
            }
        }
        client.address.map_or(Key::Others, |address| Key::Address(network(address)))
    }

    /// Forgets who has not asked for a while; looking through all is done at most once a second.
    fn made_room(limit: &Limit) -> bool {
        let mut last = limit.cleaned.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
            limit.buckets.retain_recent();
            *last = Some(Instant::now());
        }
        limit.buckets.len() < MAX_KEYS
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// 429 with the time to wait.
    pub(super) fn count(
        &self,
        method: &Method,
        path: &str,
        client: &Client,
        headers: &HeaderMap,
    ) -> Result<Option<Remaining>, Problem> {
        let Some(class) = Class::of(method, path) else { return Ok(None) };
        let limit = match class {
            Class::Read => &self.read,
            Class::Write => &self.write,
            Class::Import => &self.import,
            Class::SignIn => &self.sign_in,
        };
        let Some(limit) = limit else { return Ok(None) };
        // Whoever signs in brings the key in the form; one beside it buys no more tries.
        let mut key = match class {
            Class::SignIn => client.address.map_or(Key::Others, |address| Key::Address(network(address))),
            Class::Read | Class::Write | Class::Import => self.key(client, headers),
        };
        if limit.buckets.len() >= MAX_KEYS && !matches!(key, Key::Known(_)) && !Self::made_room(limit) {
            key = Key::Others;
        }
        match limit.buckets.check_key(&key) {
            Ok(state) => Ok(Some(Remaining {
                class: class.name(),
                rate: limit.rate,
                left: state.remaining_burst_capacity(),
            })),
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                Err(too_many(class, limit.rate, wait))
            }
        }
    }
}

/// The text of the session's cookie, under either of its names.
fn session_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        [SECURE_COOKIE, PLAIN_COOKIE].contains(&name).then_some(value)
    })
}

/// The address itself, or the /64 network of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((u128::from(six) >> 64 << 64).into()),
    }
}

impl Remaining {
    /// The headers that tell it: those of the IETF draft and those of the national API guide.
    pub(super) fn headers(&self) -> [(HeaderName, String); 5] {
        let burst = self.rate.burst.get();
        // Until the bucket is full again.
        let missing = burst.saturating_sub(self.left);
        let full = whole_seconds(self.rate.every.saturating_mul(missing));
        let window = whole_seconds(self.rate.every.saturating_mul(burst)).max(1);
        let name = HeaderName::from_static;
        [
            (name("ratelimit-policy"), format!("\"{}\";q={burst};w={window}", self.class)),
            (name("ratelimit"), format!("\"{}\";r={};t={full}", self.class, self.left)),
            (name("x-ratelimit-limit"), burst.to_string()),
            (name("x-ratelimit-remaining"), self.left.to_string()),
            (name("x-ratelimit-reset"), full.to_string()),
        ]
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn too_many(class: Class, rate: Rate, wait: Duration) -> Problem {
    let seconds = whole_seconds(wait).max(1);
    let problem = Problem::new(
        Kind::TOO_MANY_REQUESTS,
        format!("リクエストが多すぎます。{seconds}秒待ってからもう一度お試しください。"),
        format!("too many requests; wait {seconds} s"),
    )
    .with_header(header::RETRY_AFTER, seconds.to_string());
    let remaining = Remaining { class: class.name(), rate, left: 0 };
    remaining.headers().into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
}

/// Whether the head of a request keeps to its bounds.
///
/// # Errors
///
/// 404 for an escaped path, 414 for a long query, 431 for large headers.
pub(super) fn check_head(path: &str, query: &str, headers: &HeaderMap) -> Result<(), Problem> {
    // Codes and ids are plain letters. An escaped path would be one thing to the limits, which read
    // it as it came, and another to the routes, which do not.
    if path.contains('%') {
        return Err(Problem::new(
            Kind::NOT_FOUND,
            format!("{} はありません。", crate::domain::text::cut(path, 100)),
            "there is no such path",
        ));
    }
    if query.len() > MAX_QUERY {
        return Err(Problem::new(
            Kind::URI_TOO_LONG,
            format!("検索条件が長すぎます（上限 {MAX_QUERY} バイト）。"),
            format!("the query is longer than {MAX_QUERY} bytes"),
        ));
    }
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADERS {
        return Err(Problem::new(
            Kind::HEADERS_TOO_LARGE,
            format!("ヘッダーが大きすぎます（上限 {MAX_HEADERS} バイト）。"),
            format!("the headers are larger than {MAX_HEADERS} bytes"),
        )
        .closing());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client { address: Some(address.parse().unwrap()), over_https: false, request_id: String::new() }
    }

    fn limiter(read: &str) -> Limiter {
        Limiter::new(&Rates { read: Some(read.parse().unwrap()), ..Rates::unlimited() })
    }

    fn ask(limiter: &Limiter, address: &str, headers: &HeaderMap) -> Result<Option<Remaining>, Problem> {
        limiter.count(&Method::GET, "/api/v1/procedures", &client(address), headers)
    }

    #[test]
    fn each_address_has_its_own_bucket() {
        let limiter = limiter("1/h:3");
        let none = HeaderMap::new();
        for left in [2, 1, 0] {
            assert_eq!(ask(&limiter, "192.0.2.1", &none).unwrap().unwrap().left, left);
        }
        let problem = ask(&limiter, "192.0.2.1", &none).unwrap_err();
        assert_eq!(problem.kind, Kind::TOO_MANY_REQUESTS);
        assert!(ask(&limiter, "192.0.2.2", &none).is_ok());
        assert!(limiter.count(&Method::GET, "/healthz", &client("192.0.2.1"), &none).is_ok());
        assert!(limiter.count(&Method::PUT, "/x", &client("192.0.2.1"), &none).is_ok());
        assert_eq!(Class::of(&Method::GET, "/api/v1/audit"), Some(Class::Write));
        assert_eq!(Class::of(&Method::POST, "/sign-in"), Some(Class::SignIn));
        assert_eq!(Class::of(&Method::POST, "/api/v1/imports"), Some(Class::Import));
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let limiter = limiter("1/h:1");
        let none = HeaderMap::new();
        assert!(ask(&limiter, "2001:db8::1", &none).is_ok());
        assert!(ask(&limiter, "2001:db8::ffff:2", &none).is_err());
        assert!(ask(&limiter, "2001:db8:0:1::1", &none).is_ok());
    }

    #[test]
    fn only_a_known_key_leaves_the_bucket_of_its_address() {
        let limiter = limiter("1/h:1");
        let secret = Secret::generate(getrandom::fill).unwrap();
        let mut headers = HeaderMap::new();
        let value = format!("Bearer {}", secret.reveal());
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        assert!(ask(&limiter, "192.0.2.1", &headers).is_ok());
        assert!(ask(&limiter, "192.0.2.1", &headers).is_err());
        limiter.trust(secret.hash());
        assert!(ask(&limiter, "192.0.2.1", &headers).is_ok());
        limiter.distrust(secret.hash());
        assert!(ask(&limiter, "192.0.2.1", &headers).is_err());
    }

    #[test]
    fn the_headers_tell_what_is_left() {
        let remaining = Remaining { class: "read", rate: "200/s:1000".parse().unwrap(), left: 900 };
        let told = remaining.headers().map(|(name, value)| format!("{name}: {value}")).join("\n");
        assert_eq!(
            told,
            "ratelimit-policy: \"read\";q=1000;w=5\nratelimit: \"read\";r=900;t=1\n\
             x-ratelimit-limit: 1000\nx-ratelimit-remaining: 900\nx-ratelimit-reset: 1"
        );
    }
}
