//! How much one client may ask for: rates, sizes, and what the answers tell about them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderMap, HeaderName};

use super::client::Client;
use super::credential::Credential;
use super::fallback::no_such_path;
use super::problem::{Kind, Problem};
use super::rate::{Buckets, Rate, Rates};
use super::routes::Cost;
use crate::domain::Refusal;

/// Longest query string, in bytes.
pub(crate) const MAX_QUERY: usize = 16 * 1024;
/// Largest head of a request, in bytes of names and values.
pub(crate) const MAX_HEADERS: usize = 16 * 1024;
/// Most keys that are remembered as good.
const MAX_TRUSTED: usize = 100_000;
/// How long a key that was found to be good keeps its own bucket.
const TRUSTED_FOR: Duration = Duration::from_secs(60);
/// How often it is looked up for one address whether a key it sends is good. Each look asks the
/// database, and one that is good is not looked up again for a while.
const LOOKS: Rate =
    Rate { every: Duration::from_millis(100), burst: NonZeroU32::new(100).expect("not zero") };

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    /// The holder of a key or a session that was found to be good.
    Known([u8; 32]),
    /// An address; of IPv6 the network, of which one client may have every address.
    Address(IpAddr),
    /// Everyone who came when the table was full, or has no address.
    Others,
}

impl Sender {
    fn of_address(client: &Client) -> Self {
        client.address.map_or(Self::Others, |address| Self::Address(network(address)))
    }
}

impl Cost {
    fn buckets(self, limiter: &Limiter) -> Option<&Buckets<Sender>> {
        match self {
            Self::Free => None,
            Self::Read => limiter.read.as_ref(),
            Self::Write => limiter.write.as_ref(),
            Self::Import => limiter.import.as_ref(),
            Self::SignIn => limiter.sign_in.as_ref(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Read => "read",
            Self::Write => "write",
            Self::Import => "import",
            Self::SignIn => "sign-in",
        }
    }
}

/// Counts requests.
pub(crate) struct Limiter {
    read: Option<Buckets<Sender>>,
    write: Option<Buckets<Sender>>,
    import: Option<Buckets<Sender>>,
    sign_in: Option<Buckets<Sender>>,
    /// Looks whether a key is good, by the address that sends it.
    looks: Buckets<Sender>,
    trusted: Mutex<HashMap<[u8; 32], Instant>>,
}

/// A request that was let in.
pub(crate) struct Admitted {
    remaining: Option<Remaining>,
    /// Whose bucket an upload was taken from, until it is known whether it was taken.
    upload: Option<Sender>,
}

/// What an answer tells about the client's bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remaining {
    class: &'static str,
    rate: Rate,
    left: u32,
}

impl Limiter {
    /// A limiter with these rates.
    pub(crate) fn new(rates: &Rates) -> Self {
        let buckets = |rate: Option<Rate>| rate.map(Buckets::new);
        Self {
            read: buckets(rates.read),
            write: buckets(rates.write),
            import: buckets(rates.import),
            sign_in: buckets(rates.sign_in),
            looks: Buckets::new(LOOKS),
            trusted: Mutex::default(),
        }
    }

    /// Counts the holder of a key apart from others at the same address, for a while.
    pub(crate) fn trust(&self, hash: [u8; 32]) {
        let mut trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        if trusted.len() >= MAX_TRUSTED {
            trusted.retain(|_, since| since.elapsed() < TRUSTED_FOR);
        }
        trusted.insert(hash, Instant::now());
    }

    /// Counts the holder of a key with their address again.
    pub(crate) fn distrust(&self, hash: [u8; 32]) {
        self.trusted.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
    }

    fn trusts(&self, hash: [u8; 32]) -> bool {
        let trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        trusted.get(&hash).is_some_and(|since| since.elapsed() < TRUSTED_FOR)
    }

    /// Whether it must be looked up if a credential is good before a request is counted: its holder
    /// has a bucket of their own from the first request on. Of an address that sends very many that
    /// nobody has seen, the rest is counted with the address unseen.
    pub(crate) fn must_look(&self, cost: Cost, client: &Client, credential: &Credential) -> bool {
        // Whoever signs in is counted by address.
        let counted = cost != Cost::SignIn && cost.buckets(self).is_some();
        counted
            && credential.hash().is_some_and(|hash| !self.trusts(hash))
            && self.looks.take(Sender::of_address(client), Sender::Others, Instant::now()).is_ok()
    }

    /// Whose bucket a request is taken from.
    pub(crate) fn sender(&self, client: &Client, credential: &Credential) -> Sender {
        let known = credential.hash().filter(|hash| self.trusts(*hash)).map(Sender::Known);
        known.unwrap_or_else(|| Sender::of_address(client))
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// 429 with the time to wait.
    pub(crate) fn count(
        &self,
        cost: Cost,
        client: &Client,
        credential: &Credential,
    ) -> Result<Admitted, Problem> {
        let key = match cost {
            // Whoever signs in brings the key in the form; one beside it buys no more tries.
            Cost::SignIn => Sender::of_address(client),
            Cost::Free | Cost::Read | Cost::Write | Cost::Import => self.sender(client, credential),
        };
        if cost == Cost::Import {
            // What is refused does not count as an upload, and is not free either.
            self.take(Cost::Write, key)?;
        }
        let Some((key, remaining)) = self.take(cost, key)? else {
            return Ok(Admitted { remaining: None, upload: None });
        };
        Ok(Admitted { remaining: Some(remaining), upload: (cost == Cost::Import).then_some(key) })
    }

    fn take(&self, cost: Cost, key: Sender) -> Result<Option<(Sender, Remaining)>, Problem> {
        let Some(buckets) = cost.buckets(self) else { return Ok(None) };
        let rate = buckets.rate();
        let (key, left) = buckets
            .take(key, Sender::Others, Instant::now())
            .map_err(|wait| too_many(Remaining { class: cost.name(), rate, left: 0 }, wait))?;
        Ok(Some((key, Remaining { class: cost.name(), rate, left })))
    }

    /// Takes the cost of so many more reads from a sender whose request was let in, all or nothing.
    ///
    /// # Errors
    ///
    /// 429 with the time to wait.
    pub(crate) fn charge(&self, sender: Sender, reads: u32) -> Result<(), Problem> {
        let Some(buckets) = &self.read else { return Ok(()) };
        let rate = buckets.rate();
        // A bucket that is smaller than that is emptied and never refuses for good.
        let reads = reads.min(rate.burst.get());
        buckets
            .take_some(sender, Sender::Others, reads, Instant::now())
            .map_err(|wait| too_many(Remaining { class: Cost::Read.name(), rate, left: 0 }, wait))?;
        Ok(())
    }

    /// What the answer tells about the client's bucket, when it is known whether an upload was taken.
    pub(crate) fn settle(&self, admitted: Admitted, taken: bool) -> Option<Remaining> {
        let remaining = admitted.remaining?;
        match (admitted.upload, &self.import) {
            (Some(key), Some(buckets)) if !taken => {
                Some(Remaining { left: buckets.give_back(key, Instant::now()), ..remaining })
            }
            _ => Some(remaining),
        }
    }
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
    pub(crate) fn headers(&self) -> [(HeaderName, String); 5] {
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

fn too_many(remaining: Remaining, wait: Duration) -> Problem {
    let seconds = whole_seconds(wait).max(1);
    let refusal = Refusal::new(
        "too_many_requests",
        remaining.class,
        format!("リクエストが多すぎます。{seconds}秒待ってからもう一度お試しください"),
        format!("too many requests; wait {seconds} s"),
    )
    .allowed(remaining.rate.to_string());
    let problem = Problem::of(Kind::TOO_MANY_REQUESTS, "", refusal)
        .with_header(header::RETRY_AFTER, seconds.to_string());
    remaining.headers().into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
}

/// Whether the head of a request keeps to its bounds.
///
/// # Errors
///
/// 404 for an escaped path, 414 for a long query, 431 for large headers.
pub(crate) fn check_head(path: &str, query: &str, headers: &HeaderMap) -> Result<(), Problem> {
    // Codes and ids are plain letters. An escaped path would be one thing to the limits, which read
    // it as it came, and another to the routes, which do not.
    if path.contains('%') {
        return Err(no_such_path(path));
    }
    if query.len() > MAX_QUERY {
        let refusal = Refusal::new(
            "query_too_long",
            query,
            format!("検索条件が長すぎます（{} バイト、上限 {MAX_QUERY} バイト）", query.len()),
            format!("the query is longer than {MAX_QUERY} bytes"),
        );
        return Err(Problem::of(Kind::URI_TOO_LONG, "/query", refusal.allowed(format!("1-{MAX_QUERY}"))));
    }
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADERS {
        let refusal = Refusal::new(
            "headers_too_large",
            &size.to_string(),
            format!("ヘッダーが大きすぎます（{size} バイト、上限 {MAX_HEADERS} バイト）"),
            format!("the headers are larger than {MAX_HEADERS} bytes"),
        );
        let problem =
            Problem::of(Kind::HEADERS_TOO_LARGE, "/header", refusal.allowed(format!("1-{MAX_HEADERS}")));
        return Err(problem.closing());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::token::Secret;

    fn client(address: &str) -> Client {
        Client { address: Some(address.parse().unwrap()), over_https: false, request_id: String::new() }
    }

    fn limiter(read: &str) -> Limiter {
        Limiter::new(&Rates { read: Some(read.parse().unwrap()), ..Rates::unlimited() })
    }

    fn ask(limiter: &Limiter, address: &str, credential: &Credential) -> Result<Option<Remaining>, Problem> {
        let admitted = limiter.count(Cost::Read, &client(address), credential)?;
        Ok(limiter.settle(admitted, true))
    }

    #[test]
    fn each_address_has_its_own_bucket() {
        let limiter = limiter("1/h:3");
        let none = Credential::None;
        for left in [2, 1, 0] {
            assert_eq!(ask(&limiter, "192.0.2.1", &none).unwrap().unwrap().left, left);
        }
        let problem = ask(&limiter, "192.0.2.1", &none).unwrap_err();
        assert_eq!(problem.kind, Kind::TOO_MANY_REQUESTS);
        assert!(ask(&limiter, "192.0.2.2", &none).is_ok());
        assert!(limiter.count(Cost::Free, &client("192.0.2.1"), &none).is_ok());
        assert!(limiter.count(Cost::Write, &client("192.0.2.1"), &none).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let limiter = limiter("1/h:1");
        let none = Credential::None;
        assert!(ask(&limiter, "2001:db8::1", &none).is_ok());
        assert!(ask(&limiter, "2001:db8::ffff:2", &none).is_err());
        assert!(ask(&limiter, "2001:db8:0:1::1", &none).is_ok());
    }

    #[test]
    fn only_a_known_key_leaves_the_bucket_of_its_address() {
        let limiter = limiter("1/h:1");
        let secret = Secret::generate(getrandom::fill).unwrap();
        let credential = Credential::Key(secret.clone());
        assert!(ask(&limiter, "192.0.2.1", &credential).is_ok());
        assert!(ask(&limiter, "192.0.2.1", &credential).is_err());
        limiter.trust(secret.hash());
        assert!(ask(&limiter, "192.0.2.1", &credential).is_ok());
        limiter.distrust(secret.hash());
        assert!(ask(&limiter, "192.0.2.1", &credential).is_err());
    }

    #[test]
    fn a_key_is_looked_up_once_and_invented_ones_not_without_end() {
        let limiter = limiter("1/h:1");
        let look =
            |cost: Cost, credential: &Credential| limiter.must_look(cost, &client("192.0.2.1"), credential);
        let secret = Secret::generate(getrandom::fill).unwrap();
        let key = Credential::Key(secret.clone());
        assert!(look(Cost::Read, &key));
        assert!(!look(Cost::Free, &key) && !look(Cost::Read, &Credential::None));
        limiter.trust(secret.hash());
        assert!(!look(Cost::Read, &key));
        let looked = (0..1_000)
            .filter(|number: &u32| {
                look(Cost::Read, &Credential::Session(std::array::from_fn(|_| *number as u8)))
            })
            .count();
        assert!((50..200).contains(&looked), "{looked}");
    }

    #[test]
    fn an_upload_that_was_not_taken_is_given_back() {
        let rate = |text: &str| Some(text.parse().unwrap());
        let rates = Rates { write: rate("1/h:4"), import: rate("1/h:1"), ..Rates::unlimited() };
        let limiter = Limiter::new(&rates);
        let send = |taken: bool| {
            let none = Credential::None;
            let admitted = limiter.count(Cost::Import, &client("192.0.2.1"), &none)?;
            Ok::<_, Problem>(limiter.settle(admitted, taken).unwrap())
        };
        let left = |left| Remaining { class: "import", rate: "1/h:1".parse().unwrap(), left };
        assert_eq!(send(false).unwrap(), left(1));
        assert_eq!(send(true).unwrap(), left(0));
        let policy = |problem: Problem| problem.headers[1].1.clone();
        assert!(policy(send(true).unwrap_err()).starts_with("\"import\";"));
        assert!(policy(send(true).unwrap_err()).starts_with("\"import\";"));
        // Each of them was a write.
        assert!(policy(send(true).unwrap_err()).starts_with("\"write\";"));
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
