use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cooee_audio::OpenDevice;
use cooee_call::CallId;
use cooee_net::Feed;
use cooee_phone::{AccountId, Command};
use cooee_sip::Uri;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::desk::{Desk, Job, Lender};
use crate::media::{Levels, MediaCommand};
use crate::queue::Queue;
use crate::signalling::PhoneFeed;
use crate::snapshot::AccountView;
use crate::start::{AccountMaker, go_online, show_accounts, teller};
use crate::{EngineConfig, EngineEvent, NewAccount, PastCall, Refused, Snapshot, StartError, StoreError, StoredAccount};

/// Commands and media news that may wait for the phone.
const WAITING_MAX: usize = 4096;
/// The phone names incoming calls from 1; ours begin here, so that they never meet.
const FIRST_CALL: u64 = 1 << 32;

/// A running phone. Dropping it begins a shutdown and does not wait for it; better call [`Engine::shut_down`].
pub struct Engine {
    shared: Arc<Shared>,
    feed: mpsc::Sender<PhoneFeed>,
    media: mpsc::UnboundedSender<MediaCommand>,
    desk: Desk,
    levels: watch::Receiver<Levels>,
    is_online: bool,
}

/// What the engine's threads share: only what comes up.
pub(crate) struct Shared {
    pub(crate) events: Queue,
    snapshot: watch::Sender<Arc<Snapshot>>,
    /// Told once, when a shutdown is asked for.
    pub(crate) closing: Notify,
    is_closing: AtomicBool,
    next_account: AtomicU64,
    next_call: AtomicU64,
}

impl Engine {
    /// Opens the store, starts the threads and, if online, brings the accounts up; that goes on afterwards and shows in events.
    ///
    /// # Errors
    /// The store, the platform or the system does not allow it. Nothing keeps running then.
    pub async fn start(config: EngineConfig) -> Result<Self, StartError> {
        let shared = Arc::new(Shared::new());
        let is_online = config.online;
        let (feed, feed_out) = mpsc::channel(WAITING_MAX);
        let maker = Arc::new(AccountMaker::new(&config));
        let tell = teller(Arc::clone(&shared), feed.downgrade(), Arc::clone(&maker), is_online);
        let (desk, mut opened) =
            Desk::open(config.store.clone(), Lender(Arc::clone(&config.platform), config.platform_patience), tell).await?;
        shared.next_account.store(opened.last_account + 1, Ordering::Relaxed);
        show_accounts(&mut opened, &maker, &shared, is_online.then_some(&feed));
        let (levels, media) = if is_online {
            let online = go_online(config, opened.roots, Arc::clone(&shared), feed_out, feed.downgrade(), desk.clone());
            Box::pin(online).await.inspect_err(|_| desk.put(Job::Close))?
        } else {
            (watch::channel(Levels::new()).1, mpsc::unbounded_channel().0)
        };
        Ok(Self { shared, feed, media, desk, levels, is_online })
    }

    /// Stores an account and its password and, if online, registers it. [`EngineEvent::AccountAdded`] or
    /// [`EngineEvent::AccountFailed`] follows.
    ///
    /// # Errors
    /// It is no address, or is there already.
    pub fn add_account(&self, account: NewAccount) -> Result<AccountId, Refused> {
        self.running()?;
        let address = account.address.reveal();
        if !is_account_address(address) {
            return Err(Refused::BadAddress);
        }
        let id = AccountId(self.shared.next_account.fetch_add(1, Ordering::Relaxed));
        let mut is_new = false;
        self.shared.change(|snapshot| {
            is_new = snapshot.accounts.iter().all(|known| known.address.reveal() != address);
            if is_new {
                let (address, display_name) = (account.address.clone(), account.display_name.clone());
                snapshot.accounts.push(AccountView { id, address, display_name, state: None });
            }
        });
        if !is_new {
            return Err(Refused::AccountExists);
        }
        self.desk.put(Job::Add { id, account: Box::new(account) });
        Ok(id)
    }

    /// Ends the account's calls, unregisters it, and forgets it and its password; its calls stay in the log.
    /// [`EngineEvent::AccountRemoved`] follows.
    ///
    /// # Errors
    /// There is none.
    pub fn remove_account(&self, account: AccountId) -> Result<AccountId, Refused> {
        self.running()?;
        self.shared.snapshot().account(account).ok_or(Refused::NoSuchAccount)?;
        if self.is_online {
            self.command(Command::RemoveAccount(account))?;
        }
        self.desk.put(Job::Remove(account));
        Ok(account)
    }

    /// Calls somebody: `anna@example.org`, `sip:…`, or a bare user of the account's own domain. `account` `None`: the one
    /// whose domain is called, else the first that works.
    ///
    /// # Errors
    /// There is no account, or the engine is offline.
    pub fn dial(&self, target: &str, account: Option<AccountId>) -> Result<CallId, Refused> {
        let snapshot = self.shared.snapshot();
        let known = account.map_or(!snapshot.accounts.is_empty(), |account| snapshot.account(account).is_some());
        if !known {
            return Err(Refused::NoSuchAccount);
        }
        if target.trim().is_empty() {
            return Err(Refused::BadAddress);
        }
        let call = CallId(self.shared.next_call.fetch_add(1, Ordering::Relaxed));
        self.command(Command::Dial { call, account, target: target.trim().to_owned() })?;
        Ok(call)
    }

    /// Takes an incoming call.
    ///
    /// # Errors
    /// There is no such call.
    pub fn answer(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, Command::Answer(call))
    }

    /// Refuses an incoming call.
    ///
    /// # Errors
    /// There is no such call.
    pub fn decline(&self, call: CallId) -> Result<CallId, Refused> {
        self.command_call(call, Command::Decline(call))
    }

    /// Ends a call in whatever state it is.
    ///
    /// # Errors
    /// There is no such call. One that was dialled just now and has not shown in the snapshot yet can be ended as well.
    pub fn hang_up(&self, call: CallId) -> Result<CallId, Refused> {
        if (FIRST_CALL..self.shared.next_call.load(Ordering::Relaxed)).contains(&call.0) {
            self.command(Command::HangUp(call))?;
            return Ok(call);
        }
        self.command_call(call, Command::HangUp(call))
    }

    /// Sends silence instead of the microphone, or the microphone again.
    ///
    /// # Errors
    /// There is no such call.
    pub fn mute(&self, call: CallId, muted: bool) -> Result<CallId, Refused> {
        self.command_call(call, Command::Mute { call, muted })
    }

    /// Sends a digit: `0` to `9`, `*`, `#`, `A` to `D`.
    ///
    /// # Errors
    /// It is none, or there is no such call.
    pub fn digit(&self, call: CallId, digit: char) -> Result<CallId, Refused> {
        if !matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            return Err(Refused::NotADigit);
        }
        self.command_call(call, Command::Digit { call, digit })
    }

    /// Records what the peer says from now on, as 48 kHz mono WAV, complete when the call or the engine ends; a file of that
    /// name is replaced. [`EngineEvent::RecordingFailed`] if it cannot be written.
    ///
    /// # Errors
    /// The engine is offline or ending.
    pub fn record(&self, call: CallId, path: PathBuf) -> Result<CallId, Refused> {
        self.ask_media(MediaCommand::Record { call, path })?;
        Ok(call)
    }

    /// Uses this microphone and speaker from now on, in calls under way as well.
    ///
    /// # Errors
    /// The engine is offline or ending.
    pub fn use_device(&self, device: Arc<dyn OpenDevice>) -> Result<(), Refused> {
        self.ask_media(MediaCommand::Device(device))
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

    /// The last lines of the call log, the newest last.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn past_calls(&self, most: u32) -> Result<Vec<PastCall>, StoreError> {
        self.ask(|reply| Job::PastCalls { most, reply }).await
    }

    /// The accounts with everything that is stored of them.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn stored_accounts(&self) -> Result<Vec<StoredAccount>, StoreError> {
        self.ask(|reply| Job::Accounts { reply }).await
    }

    /// A setting of the owner's.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.ask(|reply| Job::Setting { name: name.to_owned(), reply }).await
    }

    /// Keeps a setting, or with `None` forgets it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let (name, value) = (name.to_owned(), value.map(str::to_owned));
        self.ask(|reply| Job::SetSetting { name, value, reply }).await
    }

    /// Hangs up, unregisters, completes recordings and the log, and waits for all of it, at most a few seconds longer than
    /// the phone is allowed to take. [`EngineEvent::Stopped`] is the last event. May be called again.
    pub async fn shut_down(&self) {
        self.begin_shutdown();
        let mut watch = self.watch();
        // The sender lives as long as we do.
        let _ = watch.wait_for(|snapshot| snapshot.stopped).await;
    }

    fn begin_shutdown(&self) {
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

    fn command_call(&self, call: CallId, command: Command) -> Result<CallId, Refused> {
        let is_known = self.shared.snapshot().calls.iter().any(|view| view.call.id == call);
        if !is_known {
            return Err(Refused::NoSuchCall);
        }
        self.command(command)?;
        Ok(call)
    }

    fn ask_media(&self, command: MediaCommand) -> Result<(), Refused> {
        self.running()?;
        if !self.is_online {
            return Err(Refused::Offline);
        }
        self.media.send(command).map_err(|_| Refused::ShuttingDown)
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.desk.put(job(reply));
        answer.await.unwrap_or(Err(StoreError::Closed))
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
            events: Queue::default(),
            snapshot: watch::Sender::default(),
            closing: Notify::new(),
            is_closing: AtomicBool::new(false),
            next_account: AtomicU64::new(1),
            next_call: AtomicU64::new(FIRST_CALL),
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.snapshot.send_modify(|snapshot| change(Arc::make_mut(snapshot)));
    }
}

/// `user@domain`, with or without `sip:` or `sips:` before it.
fn is_account_address(address: &str) -> bool {
    let uri = if address.contains(':') { address.to_owned() } else { format!("sip:{address}") };
    Uri::parse(&uri).is_ok_and(|uri| uri.is_sip() && uri.user().is_some_and(|user| !user.is_empty()))
}
