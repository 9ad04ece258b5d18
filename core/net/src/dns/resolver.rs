use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cooee_machine::{DnsSecurity, Question, Resolution, ResolveFailure};
use tokio::sync::Semaphore;

use super::answer::{self, Answer, Ask};
use super::cache::Cache;
use super::local::{self, Overrides, fold, of_kind};
use super::system::{self, SystemServers};
use super::wire::{self, Server};

/// Whom to ask.
#[derive(Clone, Debug, Default)]
pub enum DnsServers {
    /// The servers of the system's `resolv.conf`, read anew when asked, after its `hosts` file.
    #[default]
    System,
    /// These, in this order; the AD bit counts only from a loopback address.
    At(Vec<SocketAddr>),
    /// The platform's own way of asking, e.g. Android's, which knows the network's resolvers and reaches them privately.
    Raw(Arc<dyn RawDns>),
    /// Nobody: only local answers.
    Nobody,
}

/// Asks a question for us: a DNS message out, a DNS message back.
pub trait RawDns: fmt::Debug + Send + Sync {
    /// Sends `query` and waits for the answer to it, whatever its id.
    fn exchange(&self, query: Vec<u8>) -> RawAnswer<'_>;
}

/// What [`RawDns::exchange`] gives.
pub type RawAnswer<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<u8>>> + Send + 'a>>;

/// How a resolver works.
#[derive(Clone, Debug)]
pub struct ResolverConfig {
    /// Whom to ask.
    pub servers: DnsServers,
    /// What is answered without asking.
    pub overrides: Overrides,
    /// For one question to one server, all its repetitions and TCP included.
    pub patience: Duration,
    /// Questions on the wire at once; more wait, up to sixteen times as many, then they fail as timed out.
    pub in_flight: usize,
}

impl Default for ResolverConfig {
    fn default() -> Self {
        Self { servers: DnsServers::System, overrides: Overrides::new(), patience: Duration::from_secs(3), in_flight: 64 }
    }
}

/// Asks the DNS. Aliases are followed, answers and denials kept for their time to live. Cheap to clone; clones share
/// cache and bounds. Dropping a question's future frees its place.
#[derive(Clone, Debug)]
pub struct Resolver(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: ResolverConfig,
    places: Semaphore,
    waiting: AtomicUsize,
    cache: Cache,
}

/// Questions that may wait, for each place.
const WAITING_PER_PLACE: usize = 16;
/// Aliases followed over further questions.
const ALIASES_MAX: usize = 8;

impl Resolver {
    /// A resolver of its own, with an empty cache.
    #[must_use]
    pub fn new(config: ResolverConfig) -> Self {
        let places = Semaphore::new(config.in_flight.max(1));
        Self(Arc::new(Inner { config, places, waiting: AtomicUsize::new(0), cache: Cache::default() }))
    }

    /// Forgets what it knows: another network may answer otherwise.
    pub fn forget(&self) {
        self.0.cache.clear();
    }

    /// The answer, from the table, the machine itself, the cache or the DNS. Ends within the patience for each server.
    pub async fn resolve(&self, mut question: Question) -> Resolution {
        question.name = fold(&question.name);
        let inner = &self.0;
        if let Some(known) = inner.config.overrides.answer(&question).or_else(|| local::answer(&question)) {
            return known;
        }
        if matches!(inner.config.servers, DnsServers::System)
            && let Some(records) = system::hosts(&question, Path::new("/etc/hosts"))
        {
            return of_kind(&records, question.kind);
        }
        if let Some(known) = inner.cache.find(&question) {
            return known;
        }
        let waiting = Waiting::enter(&inner.waiting);
        if waiting.before >= inner.config.in_flight.max(1).saturating_mul(WAITING_PER_PLACE) {
            return Resolution::Failed(ResolveFailure::Timeout);
        }
        let Ok(_place) = inner.places.acquire().await else { return Resolution::Failed(ResolveFailure::NoResolver) };
        let resolution = inner.ask_servers(&question).await;
        inner.cache.keep(&question, &resolution);
        resolution
    }
}

impl Inner {
    async fn ask_servers(&self, question: &Question) -> Resolution {
        let Some(ask) = Ask::new(question) else {
            return Resolution::Failed(ResolveFailure::Refused);
        };
        let found = match &self.config.servers {
            DnsServers::System => SystemServers::load(),
            DnsServers::At(servers) => SystemServers { servers: servers.clone(), trust_ad: false },
            DnsServers::Raw(raw) => return self.ask(&Server::Raw(Arc::clone(raw)), ask, false).await,
            DnsServers::Nobody => SystemServers::default(),
        };
        let mut last = ResolveFailure::NoResolver;
        for server in found.servers {
            let trusted = found.trust_ad || server.ip().is_loopback();
            match self.ask(&Server::At(server), ask.clone(), trusted).await {
                Resolution::Failed(ResolveFailure::Bogus) => return Resolution::Failed(ResolveFailure::Bogus),
                Resolution::Failed(failure) => last = failure,
                resolution => return resolution,
            }
        }
        Resolution::Failed(last)
    }

    /// Asks one server, and on along aliases that it did not follow itself.
    async fn ask(&self, server: &Server, mut ask: Ask, trusted: bool) -> Resolution {
        let mut chain = Chain::default();
        for _ in 0..=ALIASES_MAX {
            let message = match wire::exchange(server, &ask, self.config.patience).await {
                Ok(message) => message,
                Err(failure) => return Resolution::Failed(failure),
            };
            match answer::read(&message, &ask, trusted) {
                Answer::Final(resolution) => return chain.weaken(resolution),
                Answer::Alias { to, ttl, security } => {
                    chain.add(ttl, security);
                    ask.name = to;
                }
            }
        }
        Resolution::Failed(ResolveFailure::Refused)
    }
}

/// An answer at the end of aliases is believed no longer and no more than the weakest of them.
#[derive(Default)]
struct Chain(Option<(Duration, DnsSecurity)>);

impl Chain {
    fn add(&mut self, ttl: Duration, security: DnsSecurity) {
        self.0 = Some(match self.0 {
            None => (ttl, security),
            Some((least, weakest)) => (least.min(ttl), weaker(weakest, security)),
        });
    }

    fn weaken(&self, mut resolution: Resolution) -> Resolution {
        let Some((least, weakest)) = self.0 else { return resolution };
        if let Resolution::Records { ttl, security, .. } | Resolution::Nothing { ttl, security, .. } = &mut resolution {
            *ttl = least.min(*ttl);
            *security = weaker(weakest, *security);
        }
        resolution
    }
}

fn weaker(one: DnsSecurity, other: DnsSecurity) -> DnsSecurity {
    if one == DnsSecurity::Secure { other } else { one }
}

/// Counts those who wait or are on the wire, whichever way they leave.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    before: usize,
}

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Self {
        Self { count, before: count.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}
