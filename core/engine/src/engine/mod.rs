//! The handle of a running phone.

mod accounts;
mod calls;
mod choices;
mod contacts;
mod history;
mod messages;
mod numbers;
mod people;
mod probing;
mod requests;
mod ringing;
mod standing;
mod stored;
mod verifying;
mod waking;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

pub use accounts::{is_account_address, read_fingerprint};
pub use numbers::Explained;
pub use probing::Book;
pub use standing::Standing;

use cooee_net::{Feed, Resolver};
use cooee_phone::{AccountId, Command};
use tokio::sync::{Notify, mpsc, watch};

use crate::desk::{Desk, Job, Lender, Said};
use crate::media::{Identities, Levels, MediaCommand};
use crate::prober::{Journal, ProberThread};
use crate::queue::Queue;
use crate::signalling::PhoneFeed;
use crate::start::{AccountMaker, go_online, resolver, show_accounts, show_rules, teller};
use crate::{Conditions, EngineConfig, EngineEvent, Refused, Snapshot, StartError, Trouble};
use waking::Wakings;

/// More events than this wait for nobody: the oldest go, and their number is told.
const EVENTS_MAX: usize = 1024;
/// Commands and media news that may wait for the phone.
const WAITING_MAX: usize = 4096;
/// The phone names incoming calls from 1; ours begin here, so that they never meet.
const FIRST_CALL: u64 = 1 << 32;

/// What recordings and good-byes may need beyond the phone's own time to shut down.
const RECORDINGS: Duration = Duration::from_secs(10);
/// How long what is still to be stored may take.
const STORING: Duration = Duration::from_secs(5);

/// A running phone. Dropping it begins a shutdown and does not wait for it; better call [`Engine::shut_down`].
pub struct Engine {
    shared: Arc<Shared>,
    feed: mpsc::Sender<PhoneFeed>,
    media: mpsc::UnboundedSender<MediaCommand>,
    desk: Desk,
    prober: Arc<ProberThread>,
    levels: watch::Receiver<Levels>,
    resolver: Resolver,
    /// Networks, power and permissions.
    conditions: watch::Receiver<Conditions>,
    is_online: bool,
    /// How long a shutdown may take in all.
    patience: Duration,
}

/// What the engine's threads share: what comes up, and the keys of the media.
pub(crate) struct Shared {
    pub(crate) events: Queue<EngineEvent>,
    /// What the media of accounts proves itself with.
    pub(crate) identities: Identities,
    /// Who waits to hear what a wake-up came to.
    pub(crate) wakings: Wakings,
    snapshot: watch::Sender<Arc<Snapshot>>,
    /// Told once, when a shutdown is asked for.
    pub(crate) closing: Notify,
    /// Told when a shutdown is to wait for nobody.
    pub(crate) hurry: Notify,
    is_closing: AtomicBool,
    next_call: AtomicU64,
    /// The owner's changes of [`Rules`](crate::desk::Rules) that are not in the store yet; what is there is not shown meanwhile.
    pub(crate) unsaved: AtomicUsize,
}

impl Engine {
    /// Opens the store, starts the threads and, if online, brings the accounts up; that goes on afterwards and shows in events.
    ///
    /// # Errors
    /// The store, the platform or the system does not allow it. Nothing keeps running then.
    pub async fn start(mut config: EngineConfig) -> Result<Self, StartError> {
        let shared = Arc::new(Shared::new());
        let is_online = config.online;
        let patience = STORING + if is_online { config.phone.shutdown + RECORDINGS } else { Duration::ZERO };
        let (feed, feed_out) = mpsc::channel(WAITING_MAX);
        let maker = Arc::new(AccountMaker::new(&config));
        let tell = teller(Arc::clone(&shared), feed.downgrade(), Arc::clone(&maker), is_online);
        let lender = Lender(Arc::clone(&config.platform), config.platform_patience);
        let said = Said { telephones_from: config.telephones_from, low_data: config.low_data, passing: config.passing };
        let (desk, mut opened) = Desk::open(config.store.clone(), lender, said, tell).await?;
        show_rules(&opened.rules, &shared, is_online.then_some(&feed));
        show_accounts(&mut opened, &maker, &shared, is_online.then_some(&feed));
        desk.put(Job::Look);
        config.dns.observer = Some(Arc::new(Journal::new(desk.clone(), config.dns.observer.take())));
        let trust = opened.roots.clone().and(&config.extra_trust);
        let prober = Arc::new(ProberThread::new(&config, resolver(&config, &trust), desk.clone(), Arc::clone(&shared)));
        let conditions = config.platform.conditions();
        let resolver = Resolver::new(resolver(&config, &trust));
        let (levels, media) = if is_online {
            let online = go_online(config, trust, resolver.clone(), Arc::clone(&shared), feed_out, feed.downgrade(), desk.clone());
            Box::pin(online).await.inspect_err(|_| desk.put(Job::Close))?
        } else {
            (watch::channel(Levels::new()).1, mpsc::unbounded_channel().0)
        };
        Ok(Self { shared, feed, media, desk, prober, levels, resolver, conditions, is_online, patience })
    }

    /// The next moment, when it comes; `None` after [`EngineEvent::Stopped`]. For one caller at a time; dropping the future
    /// loses nothing.
    pub async fn next_event(&self) -> Option<EngineEvent> {
        self.shared.events.next().await
    }

    /// The phone as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot()
    }

    /// The phone as it is, now and after each change; the latest wins.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.shared.snapshot.subscribe()
    }

    /// How loud calls are, ten times a second while somebody holds this.
    #[must_use]
    pub fn levels(&self) -> watch::Receiver<Levels> {
        self.levels.clone()
    }

    /// Hangs up, unregisters, completes recordings and the log, and waits for all of it, at most 15 s longer than the phone is allowed to
    /// take: a disk or platform that hangs is then left to itself. [`EngineEvent::Stopped`] is the last event. May be called again.
    pub async fn shut_down(&self) {
        self.begin_shutdown();
        let mut watch = self.watch();
        // The sender lives as long as we do.
        if tokio::time::timeout(self.patience, watch.wait_for(|snapshot| snapshot.stopped)).await.is_err() {
            tracing::warn!("not all could be stored in time");
            self.shared.ended();
        }
    }

    /// Shuts down without waiting for servers and peers; recordings and the log are completed.
    pub fn hurry(&self) {
        self.begin_shutdown();
        self.shared.hurry.notify_one();
    }

    fn begin_shutdown(&self) {
        self.prober.end();
        if !self.shared.is_closing.swap(true, Ordering::Relaxed) {
            if !self.is_online {
                return self.desk.put(Job::Close);
            }
            if self.feed.try_send(Feed::Command(Command::Shutdown)).is_err() {
                tracing::warn!("the phone takes no more commands");
            }
            self.shared.closing.notify_one();
        }
    }

    fn running(&self) -> Result<(), Refused> {
        if self.shared.is_closing.load(Ordering::Relaxed) { Err(Refused::ShuttingDown) } else { Ok(()) }
    }

    fn command(&self, command: Command) -> Result<(), Refused> {
        self.running()?;
        if !self.is_online {
            return Err(Refused::Offline);
        }
        self.feed.try_send(Feed::Command(command)).map_err(|_| Refused::ShuttingDown)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.begin_shutdown();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Shared {
    fn new() -> Self {
        Self {
            events: Queue::new(EVENTS_MAX, |lost| EngineEvent::Overflow { lost }),
            identities: Identities::default(),
            wakings: Wakings::default(),
            snapshot: watch::Sender::default(),
            closing: Notify::new(),
            hurry: Notify::new(),
            is_closing: AtomicBool::new(false),
            next_call: AtomicU64::new(FIRST_CALL),
            unsaved: AtomicUsize::new(0),
        }
    }

    /// An account is without its password.
    pub(crate) fn unread(&self, account: AccountId, trouble: Trouble) {
        self.change(|snapshot| snapshot.show_unread(account));
        self.events.push(EngineEvent::AccountFailed { account, trouble });
    }

    /// All threads have ended.
    pub(crate) fn ended(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.wakings.end();
        self.events.push(EngineEvent::Stopped);
        self.events.close();
        self.change(|snapshot| snapshot.stopped = true);
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.snapshot.send_modify(|snapshot| change(Arc::make_mut(snapshot)));
    }
}
