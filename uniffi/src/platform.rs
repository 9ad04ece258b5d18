//! What the app lends: an asynchronous trait that Kotlin or Swift implements, seen by the engine as its `Platform`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cooee_engine::{
    Conditions as EngineConditions, Lent, Permissions, PlatformError as EnginePlatformError, Power, Roots as EngineRoots, SecretName,
};
use cooee_machine::{Interface, Secret};
use cooee_net::{DnsServers, RawAnswer, RawDns};
use tokio::sync::watch;

use crate::config::PATIENCE;
use crate::room::Room;
use crate::wakefulness::Wakefulness;

/// The device under the phone. Every answer may take its time, 10 s at most; none is waited for where sound or signalling runs.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Platform: Send + Sync {
    /// The certificate authorities that this device trusts.
    async fn roots(&self) -> Result<Roots, PlatformError>;

    /// A secret kept earlier; none if there is none of that name.
    async fn secret(&self, name: String) -> Result<Option<String>, PlatformError>;

    /// Keeps a secret, in place of one of the same name.
    async fn keep_secret(&self, name: String, secret: String) -> Result<(), PlatformError>;

    /// Forgets a secret; also fine if there is none.
    async fn forget_secret(&self, name: String) -> Result<(), PlatformError>;

    /// Signs with a key (EC P-256) that never leaves the platform's key store.
    async fn sign(&self, key: String, message: Vec<u8>) -> Result<Vec<u8>, PlatformError>;

    /// Asks the resolver of the network: a DNS message out, a DNS message back.
    async fn resolve(&self, query: Vec<u8>) -> Result<Vec<u8>, PlatformError>;

    /// Wake the device at this time since its boot, at the latest `slack` later, and call [`Phone::wake`](crate::Phone::wake) then; replaces
    /// the one before. None: no need. A device that dozes may come later; the phone then does later what was due.
    async fn wake_at(&self, boot_time: Option<Duration>, slack: Duration) -> Result<(), PlatformError>;

    /// Keep the device awake, or let it sleep again. Called in turns: from the packet, command or alarm that sets something going until
    /// that is settled.
    async fn awake(&self, awake: bool) -> Result<(), PlatformError>;
}

/// Why the platform does not do what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// It has no such thing.
    #[error("this device has no such thing")]
    Unsupported,
    /// It is locked away until the device is unlocked.
    #[error("the key store is locked")]
    Locked,
    /// Anything else, an exception that nobody caught included.
    #[error("{text}")]
    Failed {
        /// For a report.
        text: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PlatformError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { text: error.reason }
    }
}

impl From<PlatformError> for EnginePlatformError {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::Unsupported => Self::Unsupported("such a thing"),
            other => Self::System(io::Error::other(other)),
        }
    }
}

/// Certificate authorities.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Roots {
    /// Those that the system keeps in files, as desktops do.
    System,
    /// These.
    Only {
        /// As the device's store has them.
        roots: Vec<CertificateRoot>,
    },
}

/// A certificate authority.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CertificateRoot {
    /// The certificate as DER.
    pub certificate: Vec<u8>,
    /// Who put it there.
    pub origin: RootOrigin,
}

/// Who put a certificate authority on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RootOrigin {
    /// Its maker.
    System,
    /// Its user, or whoever administers it.
    User,
}

/// Networks and power, told by the app at each change.
#[derive(Clone, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct Conditions {
    /// The addresses that are up; none: the phone looks by itself.
    #[uniffi(default = None)]
    pub networks: Option<Vec<NetworkAddress>>,
    /// Traffic costs money.
    #[uniffi(default = false)]
    pub metered: bool,
    /// The network is a foreign operator's.
    #[uniffi(default = false)]
    pub roaming: bool,
    /// The battery is to last.
    #[uniffi(default = false)]
    pub saving_power: bool,
    /// Whether the system lets the app show that it rings while it is out of sight; none: it has no such switch, or nobody knows. So are
    /// the next.
    #[uniffi(default = None)]
    pub may_notify: Option<bool>,
    /// Whether an incoming call may show over what else is on the screen.
    #[uniffi(default = None)]
    pub may_fill_screen: Option<bool>,
    /// Whether the connection may stay while the device sleeps.
    #[uniffi(default = None)]
    pub may_stay_awake: Option<bool>,
    /// Whether the microphone may be used.
    #[uniffi(default = None)]
    pub may_listen: Option<bool>,
}

/// An address of this device.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct NetworkAddress {
    /// The interface's name, e.g. `wlan0`.
    pub interface: String,
    /// Numeric; another is left out.
    pub address: String,
}

impl From<&EngineConditions> for Conditions {
    fn from(conditions: &EngineConditions) -> Self {
        let address = |at: &Interface| NetworkAddress { interface: at.name.clone(), address: at.address.to_string() };
        Self {
            networks: conditions.networks.as_ref().map(|networks| networks.iter().map(address).collect()),
            metered: conditions.metered,
            roaming: conditions.roaming,
            saving_power: conditions.power == Power::Saving,
            may_notify: conditions.permissions.notify,
            may_fill_screen: conditions.permissions.fill_screen,
            may_stay_awake: conditions.permissions.stay_awake,
            may_listen: conditions.permissions.listen,
        }
    }
}

/// The app's platform as the engine's. Each question is put from a thread that does nothing else.
pub(crate) struct Lender {
    app: Arc<dyn Platform>,
    room: Arc<Room>,
    conditions: watch::Sender<EngineConditions>,
    wakefulness: Wakefulness,
}

impl Lender {
    pub(crate) fn new(app: Arc<dyn Platform>, room: Arc<Room>) -> Self {
        let wakefulness = Wakefulness::new(Arc::clone(&app), Arc::clone(&room));
        Self { app, room, conditions: watch::Sender::default(), wakefulness }
    }

    /// The app tells how things are.
    pub(crate) fn set(&self, told: Conditions) {
        let interface = |at: NetworkAddress| Some(Interface { address: at.address.parse().ok()?, name: at.interface });
        let networks = told.networks.map(|networks| networks.into_iter().filter_map(interface).collect());
        let power = if told.saving_power { Power::Saving } else { Power::Free };
        let permissions = Permissions {
            notify: told.may_notify,
            fill_screen: told.may_fill_screen,
            stay_awake: told.may_stay_awake,
            listen: told.may_listen,
        };
        let (metered, roaming) = (told.metered, told.roaming);
        self.conditions.send_modify(|conditions| {
            *conditions = EngineConditions { networks, metered, roaming, power, permissions };
        });
    }

    fn lend<T, F>(&self, ask: impl FnOnce(Arc<dyn Platform>) -> F + Send + 'static) -> Lent<'static, T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, PlatformError>> + Send + 'static,
    {
        let asked = ask_in(&self.room, Arc::clone(&self.app), ask);
        Box::pin(async move { Ok(asked.await?) })
    }
}

/// Puts a question to the app from the room's thread, and gives up on it after a while.
pub(crate) fn ask_in<T, F>(
    room: &Room,
    app: Arc<dyn Platform>,
    ask: impl FnOnce(Arc<dyn Platform>) -> F + Send + 'static,
) -> impl Future<Output = Result<T, PlatformError>> + Send + 'static
where
    T: Send + 'static,
    F: Future<Output = Result<T, PlatformError>> + Send + 'static,
{
    let begun = room.begin(async move { tokio::time::timeout(PATIENCE, ask(app)).await });
    async move {
        match begun.end().await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(PlatformError::Failed { text: "no answer in time".to_owned() }),
            Err(_) => Err(PlatformError::Failed { text: "the platform's thread has ended".to_owned() }),
        }
    }
}

impl cooee_engine::Platform for Lender {
    fn trust_roots(&self) -> Lent<'_, EngineRoots> {
        let asked = self.lend(|app| async move { app.roots().await });
        Box::pin(async move {
            Ok(match asked.await? {
                Roots::System => EngineRoots::System,
                Roots::Only { roots } => {
                    let (system, added): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| root.origin == RootOrigin::System);
                    let ders = |roots: Vec<CertificateRoot>| roots.into_iter().map(|root| root.certificate).collect();
                    EngineRoots::Only { system: ders(system), added: ders(added) }
                }
            })
        })
    }

    fn secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, Option<Secret>> {
        let name = name.as_str().to_owned();
        let asked = self.lend(|app| async move { app.secret(name).await });
        Box::pin(async move { Ok(asked.await?.map(Secret::new)) })
    }

    fn keep_secret<'a>(&'a self, name: &'a SecretName, secret: &'a Secret) -> Lent<'a, ()> {
        let (name, secret) = (name.as_str().to_owned(), secret.clone());
        self.lend(|app| async move { app.keep_secret(name, secret.reveal().to_owned()).await })
    }

    fn forget_secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, ()> {
        let name = name.as_str().to_owned();
        self.lend(|app| async move { app.forget_secret(name).await })
    }

    fn sign<'a>(&'a self, key: &'a SecretName, message: &'a [u8]) -> Lent<'a, Vec<u8>> {
        let (key, message) = (key.as_str().to_owned(), message.to_vec());
        self.lend(|app| async move { app.sign(key, message).await })
    }

    fn dns(&self) -> DnsServers {
        DnsServers::Raw(Arc::new(AppDns { app: Arc::clone(&self.app), room: Arc::clone(&self.room) }))
    }

    fn conditions(&self) -> watch::Receiver<EngineConditions> {
        self.conditions.subscribe()
    }

    fn wake_at(&self, boot_time: Option<Duration>, slack: Duration) {
        self.wakefulness.wake_at(boot_time, slack);
    }

    fn awake(&self, awake: bool) {
        self.wakefulness.keep(awake);
    }
}

/// The app as a resolver.
struct AppDns {
    app: Arc<dyn Platform>,
    room: Arc<Room>,
}

impl RawDns for AppDns {
    fn exchange(&self, query: Vec<u8>) -> RawAnswer<'_> {
        let asked = ask_in(&self.room, Arc::clone(&self.app), |app| async move { app.resolve(query).await });
        Box::pin(async move { asked.await.map_err(io::Error::other) })
    }
}

impl std::fmt::Debug for AppDns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppDns")
    }
}
