//! The prober on a thread of its own: questions to a resolver, findings to the store. It starts when it is first needed.

mod conditions;
mod journal;
mod run;

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cooee_net::{Resolver, ResolverConfig, seed};
use cooee_phone::probe::{ProbeCommand, Prober, ProberConfig, ResolverClass};
use tokio::sync::mpsc;

use crate::desk::Desk;
use crate::engine::Shared;
use crate::{EngineConfig, Platform, Refused};
pub(crate) use conditions::conditions;
pub(crate) use journal::{AskedSince, Journal, Questions};
use run::Run;

/// Longer, a question is not worth its place: what did not answer is asked again another time.
const PATIENCE: Duration = Duration::from_millis(800);

/// What is asked of the prober's thread.
#[derive(Debug)]
pub(crate) enum ProberFeed {
    /// The book's domains from now on.
    Book(BTreeSet<String>),
    /// Anything that needs no store.
    Command(ProbeCommand),
}

/// The prober's handle. Dropping it ends the thread.
pub(crate) struct ProberThread {
    config: ProberStart,
    state: Mutex<State>,
}

enum State {
    /// Nobody needed it yet.
    Idle,
    Running(mpsc::UnboundedSender<ProberFeed>),
    /// The engine is ending.
    Over,
}

/// With what the thread starts.
#[derive(Clone)]
pub(crate) struct ProberStart {
    prober: ProberConfig,
    platform: Arc<dyn Platform>,
    resolver: ResolverConfig,
    class: ResolverClass,
    desk: Desk,
    shared: Arc<Shared>,
}

impl ProberThread {
    pub(crate) fn new(config: &EngineConfig, resolver: ResolverConfig, desk: Desk, shared: Arc<Shared>) -> Self {
        let class = match conditions::class(&resolver.servers) {
            ResolverClass::None => ResolverClass::None,
            // Offline, only what is typed is asked.
            _ if !config.online => ResolverClass::Network,
            class => class,
        };
        let resolver = ResolverConfig { patience: PATIENCE, ..resolver };
        let config = ProberStart { prober: config.prober.clone(), platform: Arc::clone(&config.platform), resolver, class, desk, shared };
        Self { config, state: Mutex::new(State::Idle) }
    }

    /// Asks something of it; starts it for that if it does not run.
    ///
    /// # Errors
    /// The engine is ending, or the system has no room for another thread.
    pub(crate) fn send(&self, feed: ProberFeed) -> Result<(), Refused> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Idle) {
            let started = start(self.config.clone()).map_err(|error| {
                tracing::error!(%error, "the prober does not start");
                Refused::ShuttingDown
            })?;
            *state = State::Running(started);
        }
        match &*state {
            State::Running(sender) => sender.send(feed).map_err(|_| Refused::ShuttingDown),
            State::Idle | State::Over => Err(Refused::ShuttingDown),
        }
    }

    /// Ends it, if it runs, for good.
    pub(crate) fn end(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Over;
    }
}

fn start(config: ProberStart) -> io::Result<mpsc::UnboundedSender<ProberFeed>> {
    let (sender, feed) = mpsc::unbounded_channel();
    let prober = Prober::new(config.prober.clone(), seed()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    std::thread::Builder::new().name("cooee-prober".to_owned()).spawn(move || {
        runtime.block_on(Run::new(prober, Resolver::new(config.resolver.clone()), config, feed).run());
    })?;
    Ok(sender)
}
