//! What every thread that serves shares.

use std::sync::Arc;

use ipnet::IpNet;

use super::desk::Desk;
use super::limits::{Limiter, Sender};
use super::rate::Rates;
use crate::service::Service;

/// What whoever runs a server says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Under which terms data are given; none is what pages say by themselves.
    pub data_licence: Option<String>,
    /// Where the server is found from outside, without a slash at its end.
    pub url: Option<String>,
    /// Whom to tell of a weakness: an address of mail or of a page.
    pub contact: Option<String>,
}

/// How requests are served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether the documentation page is served.
    pub docs: bool,
    /// Addresses whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether clear text from beyond this machine and the proxies is taken.
    pub insecure_http: bool,
    /// How often one client may ask.
    pub rates: Rates,
    /// Largest file, in bytes.
    pub max_upload: usize,
    /// What whoever runs it says of it.
    pub site: Site,
    /// Whether everything that is shown is made up, which every page says.
    pub demo: bool,
}

/// What every thread that serves shares.
pub struct State {
    /// The running system.
    pub service: Arc<Service>,
    /// Short mark of program version and catalogue, part of every ETag.
    pub fingerprint: Arc<str>,
    /// Whether the documentation page is served.
    pub docs: bool,
    /// Addresses whose forwarded headers count.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Whether clear text from beyond this machine and the proxies is taken.
    pub insecure_http: bool,
    /// Largest file, in bytes.
    pub max_upload: usize,
    pub(crate) site: Site,
    /// Whether everything that is shown is made up.
    pub(crate) demo: bool,
    pub(crate) limiter: Limiter,
    pub(super) desk: Arc<Desk<Sender>>,
}

impl State {
    /// The state over a service.
    pub fn new(service: Arc<Service>, settings: Settings) -> Self {
        let fingerprint = fingerprint(service.seed_fingerprint());
        Self {
            service,
            fingerprint,
            docs: settings.docs,
            trusted_proxies: settings.trusted_proxies.into(),
            insecure_http: settings.insecure_http,
            max_upload: settings.max_upload,
            site: settings.site,
            demo: settings.demo,
            limiter: Limiter::new(&settings.rates),
            desk: Arc::new(Desk::new(std::thread::available_parallelism().map_or(1, usize::from))),
        }
    }

    /// Counts the holder of a key or session apart from others at the same address.
    pub(crate) fn trust(&self, hash: [u8; 32]) {
        self.limiter.trust(hash);
    }
}

fn fingerprint(seed: &str) -> Arc<str> {
    let short: String = seed.chars().take(8).collect();
    format!("{}-{short}", env!("CARGO_PKG_VERSION")).into()
}
