//! Starting the threads.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cooee_call::MediaPreferences;
use cooee_machine::Secret;
use cooee_net::{Driver, DriverConfig, Feed, Resolver, ResolverConfig, Signer, seed};
use cooee_phone::{AccountConfig, Command, Input, Phone};
use cooee_rtc::Certificate;
use cooee_sdp::Codec;
use tokio::sync::{mpsc, oneshot, watch};

use crate::desk::{Desk, Job, Lender, Note, Opened, Rules};
use crate::engine::Shared;
use crate::media::{Levels, MediaCommand, MediaConfig, MediaThread};
use crate::signalling::{PhoneFeed, Signalling};
use crate::signer::PlatformSigner;
use crate::snapshot::AccountView;
use crate::{Dns, EngineConfig, EngineEvent, StartError, StoredAccount};

/// Beyond the phone's own time to shut down, before it is given up on.
const GRACE: Duration = Duration::from_secs(2);

/// What makes the phone's account of a stored one.
pub(crate) struct AccountMaker {
    codecs: Option<Vec<Codec>>,
    take_calls: bool,
    instance: OnceLock<String>,
}

impl AccountMaker {
    pub(crate) fn new(config: &EngineConfig) -> Self {
        Self { codecs: config.codecs.clone(), take_calls: config.take_calls, instance: OnceLock::new() }
    }

    fn command(&self, account: &StoredAccount, password: Secret) -> PhoneFeed {
        let options = &account.options;
        let mut media = MediaPreferences { protection: options.protection, ..MediaPreferences::default() };
        if let Some(codecs) = &self.codecs {
            media.codecs.clone_from(codecs);
        }
        let config = AccountConfig {
            auth_user: options.auth_user.clone(),
            display_name: options.display_name.clone(),
            proxy: options.proxy.clone(),
            transport: options.transport,
            trust: options.trust.clone(),
            key: options.key.clone(),
            stun_server: options.stun_server.clone(),
            numbers: options.numbers,
            tls_throughout: options.tls_throughout,
            follow_transfers: options.follow_transfers,
            expires: options.expires,
            register: self.take_calls && options.register,
            media,
            ..AccountConfig::new(account.address.reveal(), password, self.instance.get().cloned().unwrap_or_default())
        };
        Feed::Command(Command::AddAccount { account: account.id, config: Box::new(config) })
    }
}

/// Spreads what the desk tells. When the desk's thread ends, for whatever reason, the engine has ended.
pub(crate) fn teller(
    shared: Arc<Shared>,
    feed: mpsc::WeakSender<PhoneFeed>,
    maker: Arc<AccountMaker>,
    is_online: bool,
) -> impl FnMut(Note) + Send + 'static {
    let last = LastWord(shared);
    move |note| {
        let shared = &last.0;
        match note {
            Note::Identity(account, identity) => shared.identities.put(account, *identity),
            Note::Added { account, password } => {
                shared.events.push(EngineEvent::AccountAdded(account.id));
                if is_online && feed.upgrade().is_none_or(|feed| feed.try_send(maker.command(&account, password)).is_err()) {
                    tracing::warn!("an account was added while the phone was ending");
                }
            }
            Note::Changed { account, password } => {
                shared.change(|snapshot| snapshot.try_anew(account.id, None));
                // A phone that has gone logs in nowhere.
                let _ = is_online.then(|| feed.upgrade()?.try_send(maker.command(&account, password)).ok());
            }
            Note::Adding(view) => shared.change(|snapshot| snapshot.accounts.push(view)),
            Note::Removed(id) => {
                shared.change(|snapshot| snapshot.accounts.retain(|account| account.id != id));
                // A phone that has gone has no account any more.
                let _ = is_online.then(|| feed.upgrade()?.try_send(Feed::Command(Command::RemoveAccount(id))).ok());
            }
            Note::Saved => _ = shared.unsaved.fetch_sub(1, Ordering::Relaxed),
            Note::Rules(rules) => show_rules(&rules, shared, feed.upgrade().filter(|_| is_online).as_ref()),
            Note::Recalled(recalled) => {
                if feed.upgrade().is_none_or(|feed| feed.try_send(Feed::Input(Input::Recalled(recalled))).is_err()) {
                    tracing::warn!("what is remembered came while the phone was ending");
                }
            }
            Note::Command(command) => {
                // Without a phone nobody rings, and nobody is asked.
                if is_online && feed.upgrade().is_none_or(|feed| feed.try_send(Feed::Command(command)).is_err()) {
                    tracing::warn!("who is known was told while the phone was ending");
                }
            }
            Note::Unread { account, trouble } => shared.unread(account, trouble),
            Note::Event(event) => shared.events.push(event),
        }
    }
}

struct LastWord(Arc<Shared>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.ended();
    }
}

/// Shows the stored accounts, in the snapshot and, if online, to the phone.
pub(crate) fn show_accounts(opened: &mut Opened, maker: &AccountMaker, shared: &Shared, feed: Option<&mpsc::Sender<PhoneFeed>>) {
    // It is set here and nowhere else.
    let _ = maker.instance.set(std::mem::take(&mut opened.instance));
    let acquaintances = Command::SetAcquaintances(std::mem::take(&mut opened.acquaintances));
    let familiar = Command::SetFamiliar(std::mem::take(&mut opened.familiar));
    let called = Command::AddCalled(std::mem::take(&mut opened.called));
    for whom in [acquaintances, familiar, called] {
        if feed.is_some_and(|feed| feed.try_send(Feed::Command(whom)).is_err()) {
            tracing::error!("the phone does not take whom the owner knows");
        }
    }
    for (account, password) in std::mem::take(&mut opened.accounts) {
        let id = account.id;
        let view = AccountView::new(id, account.address.clone(), account.options.display_name.clone());
        shared.change(|snapshot| snapshot.accounts.push(view));
        match (password, feed) {
            (Ok(password), Some(feed)) => {
                if feed.try_send(maker.command(&account, password)).is_err() {
                    tracing::error!("more accounts than the phone takes at once");
                }
            }
            (Ok(_), None) => {}
            (Err(trouble), _) => shared.unread(id, trouble),
        }
    }
}

/// Shows who may ring here, in the snapshot and, if online, to the phone; before any account, so that nobody slips through.
pub(crate) fn show_rules(rules: &Rules, shared: &Shared, feed: Option<&mpsc::Sender<PhoneFeed>>) {
    let Rules { blocked, allowed, do_not_disturb, low_data, reject_anonymous, who_rings, numbering, verified } = rules;
    let commands = [
        Command::SetBlocked(blocked.clone()),
        Command::SetAllowed(allowed.clone()),
        Command::SetDoNotDisturb(*do_not_disturb),
        Command::SetLowData(*low_data),
        Command::SetRejectAnonymous(*reject_anonymous),
        Command::SetWhoRings(*who_rings),
        Command::SetNumbering(Box::new(numbering.clone())),
        Command::SetVerified(verified.clone()),
    ];
    shared.change(|snapshot| {
        // What the owner has said since is on its way to the store; then it is told again.
        if shared.unsaved.load(Ordering::Relaxed) > 0 {
            return;
        }
        snapshot.blocked.clone_from(blocked);
        snapshot.allowed.clone_from(allowed);
        (snapshot.do_not_disturb, snapshot.reject_anonymous, snapshot.who_rings) = (*do_not_disturb, *reject_anonymous, *who_rings);
        snapshot.low_data = *low_data;
        snapshot.numbering.clone_from(numbering);
        let Some(feed) = feed else { return };
        for command in commands {
            if feed.try_send(Feed::Command(command)).is_err() {
                tracing::error!("the phone does not take who may ring");
            }
        }
    });
}

/// Starts the media and the signalling thread.
pub(crate) async fn go_online(
    config: EngineConfig,
    trust: cooee_net::Trust,
    resolver: Resolver,
    shared: Arc<Shared>,
    feed: mpsc::Receiver<PhoneFeed>,
    to_feed: mpsc::WeakSender<PhoneFeed>,
    desk: Desk,
) -> Result<(watch::Receiver<Levels>, mpsc::UnboundedSender<MediaCommand>), StartError> {
    let (to_media, media_commands) = mpsc::unbounded_channel();
    let certificate = Certificate::generate().map_err(|error| StartError::Crypto(error.to_string()))?;
    let media = MediaConfig {
        interfaces: config.interfaces.clone(),
        region: config.region,
        identities: shared.identities.clone(),
        ..MediaConfig::new(Arc::clone(&config.device), certificate)
    };
    let (media, updates) = MediaThread::start(media)?;
    let levels = media.levels();
    let conditions = config.platform.conditions();
    let patience = config.phone.shutdown + GRACE;
    let phone = Phone::new(config.phone, seed()?);
    let signer: Arc<dyn Signer> = Arc::new(PlatformSigner(Lender(Arc::clone(&config.platform), config.platform_patience)));
    let driver = DriverConfig { signer: Some(signer), ..DriverConfig::new(trust, resolver.clone()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (ready, started) = oneshot::channel();
    let work = async move {
        let _closing = CloseDesk(desk.clone());
        let driver = match Driver::new(driver) {
            Ok(driver) => driver,
            Err(error) => return drop(ready.send(Err(StartError::Crypto(error.to_string())))),
        };
        // Whoever started us waits for this, or is gone and its feed with it.
        let _ = ready.send(Ok(()));
        let signalling = Signalling {
            phone,
            driver,
            resolver,
            feed,
            to_feed,
            media,
            media_commands,
            updates,
            conditions,
            desk,
            shared,
            ring: config.ring,
            patience,
        };
        Box::pin(signalling.run()).await;
    };
    std::thread::Builder::new().name("cooee-signal".to_owned()).spawn(move || runtime.block_on(work))?;
    started.await.map_err(|_| io::Error::other("the signalling thread ended at once"))??;
    Ok((levels, to_media))
}

/// However the signalling thread ends, the desk is closed after it.
struct CloseDesk(Desk);

impl Drop for CloseDesk {
    fn drop(&mut self) {
        self.0.put(Job::Close);
    }
}

/// How names are resolved.
pub(crate) fn resolver(config: &EngineConfig, trust: &cooee_net::Trust) -> ResolverConfig {
    let Dns { servers, overrides, observer } = config.dns.clone();
    let platform = config.platform.dns();
    let servers = servers.unwrap_or_else(|| platform.clone());
    let trust = trust.clone();
    ResolverConfig { servers, bootstrap: platform, trust, overrides, observer, ..ResolverConfig::default() }
}
