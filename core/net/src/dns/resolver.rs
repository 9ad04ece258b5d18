use std::fmt;
use std::io;
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
use super::system;
use super::upstream::{Upstream, Upstreams};
use super::{DnsObserver, DnsServers};
use crate::Trust;

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
    /// Who is asked for the addresses of encrypted servers that are known by name only.
    pub bootstrap: DnsServers,
    /// Whose certificates encrypted servers may show.
    pub trust: Trust,
    /// What is answered without asking.
    pub overrides: Overrides,
    /// Is told of each question that leaves the machine.
    pub observer: Option<Arc<dyn DnsObserver>>,
    /// For one question to one server, all its repetitions and TCP included.
    pub patience: Duration,
    /// Questions on the wire at once; more wait, up to sixteen times as many, then they fail as timed out.
    pub in_flight: usize,
}

impl Default for ResolverConfig {
    fn default() -> Self {
        Self {
            servers: DnsServers::System,
            bootstrap: DnsServers::System,
            trust: Trust::nobody(),
            overrides: Overrides::new(),
            observer: None,
            patience: Duration::from_secs(3),
            in_flight: 64,
        }
    }
}

/// Asks the DNS. Aliases are followed, answers and denials kept for their time to live. Cheap to clone; clones share
/// cache, connections and bounds. Dropping a question's future frees its place.
#[derive(Clone, Debug)]
pub struct Resolver {
    inner: Arc<Inner>,
    patience: Duration,
}

#[derive(Debug)]
struct Inner {
    upstreams: Upstreams,
    overrides: Overrides,
    observer: Option<Arc<dyn DnsObserver>>,
    in_flight: usize,
    places: Semaphore,
    waiting: AtomicUsize,
    cache: Cache,
}

/// Questions that may wait, for each place.
const WAITING_PER_PLACE: usize = 16;
/// Aliases followed over further questions.
const ALIASES_MAX: usize = 8;

impl Resolver {
    /// A resolver of its own, with an empty cache. Nothing is opened before the first question.
    #[must_use]
    pub fn new(config: ResolverConfig) -> Self {
        let upstreams = Upstreams::new(&config);
        let ResolverConfig { overrides, observer, patience, in_flight, .. } = config;
        let in_flight = in_flight.max(1);
        let (places, waiting, cache) = (Semaphore::new(in_flight), AtomicUsize::new(0), Cache::default());
        Self { inner: Arc::new(Inner { upstreams, overrides, observer, in_flight, places, waiting, cache }), patience }
    }

    /// The same resolver with another patience for one question to one server.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), patience }
    }

    /// Forgets what it knows, and its connections: another network may answer otherwise.
    pub fn forget(&self) {
        self.inner.cache.clear();
        self.inner.upstreams.forget();
    }

    /// The answer, from the table, the machine itself, the cache or the DNS. Ends within the patience for each server.
    pub async fn resolve(&self, mut question: Question) -> Resolution {
        question.name = fold(&question.name);
        let inner = &self.inner;
        if let Some(known) = inner.overrides.answer(&question).or_else(|| local::answer(&question)) {
            return known;
        }
        if inner.upstreams.are_the_systems()
            && let Some(records) = system::hosts(&question, Path::new("/etc/hosts"))
        {
            return of_kind(&records, question.kind);
        }
        if let Some(known) = inner.cache.find(&question) {
            return known;
        }
        let waiting = Waiting::enter(&inner.waiting);
        if waiting.before >= inner.in_flight.saturating_mul(WAITING_PER_PLACE) {
            return Resolution::Failed(ResolveFailure::Timeout);
        }
        let Ok(_place) = inner.places.acquire().await else { return Resolution::Failed(ResolveFailure::NoResolver) };
        let resolution = self.ask_servers(&question).await;
        inner.cache.keep(&question, &resolution);
        resolution
    }

    async fn ask_servers(&self, question: &Question) -> Resolution {
        let Some(ask) = Ask::new(question) else {
            return Resolution::Failed(ResolveFailure::Refused);
        };
        let mut last = ResolveFailure::NoResolver;
        for upstream in &self.inner.upstreams.in_order() {
            match self.ask_judged(upstream, ask.clone(), question).await {
                Resolution::Failed(ResolveFailure::Bogus) => return Resolution::Failed(ResolveFailure::Bogus),
                Resolution::Failed(failure) => last = failure,
                resolution => return resolution,
            }
        }
        Resolution::Failed(last)
    }

    /// Asks one server, at the same time as what it is like, if that is not known.
    async fn ask_judged(&self, upstream: &Upstream, ask: Ask, question: &Question) -> Resolution {
        let Some(canary) = &upstream.canary else { return self.ask(upstream, ask, question).await };
        let character = canary.character(upstream, self.patience, |question| self.tell(upstream, question));
        let (resolution, character) = tokio::join!(self.ask(upstream, ask, question), character);
        character.judge(resolution)
    }

    fn tell(&self, upstream: &Upstream, question: &Question) {
        if let Some(observer) = &self.inner.observer {
            observer.asked(&upstream.name, question);
        }
    }

    /// Asks one server, and on along aliases that it did not follow itself.
    async fn ask(&self, upstream: &Upstream, mut ask: Ask, question: &Question) -> Resolution {
        let mut chain = Chain::default();
        for _ in 0..=ALIASES_MAX {
            self.tell(upstream, &Question { name: ask.text(), kind: question.kind });
            let message = match upstream.exchange(&ask, self.patience).await {
                Ok(message) => message,
                Err(failure) => return Resolution::Failed(failure),
            };
            match answer::read(&message, &ask, upstream.is_trusted) {
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
            Some((least, weakest)) => (least.min(ttl), weakest.weaker(security)),
        });
    }

    fn weaken(&self, mut resolution: Resolution) -> Resolution {
        let Some((least, weakest)) = self.0 else { return resolution };
        if let Resolution::Records { ttl, security, .. } | Resolution::Nothing { ttl, security, .. } = &mut resolution {
            *ttl = least.min(*ttl);
            *security = weakest.weaker(*security);
        }
        resolution
    }
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
