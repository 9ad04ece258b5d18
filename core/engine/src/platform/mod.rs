//! What a device lends to the phone, behind one trait.

mod battery;
mod desktop;
mod secrets;
mod testing;

pub use desktop::DesktopPlatform;
pub use secrets::{SecretError, SecretName};
pub use testing::TestPlatform;

use std::io;
use std::pin::Pin;
use std::time::Duration;

use cooee_machine::{Interface, Secret};
use cooee_net::DnsServers;
use tokio::sync::watch;

/// An answer that the platform takes its time for. The engine waits for it on a thread of its own, never on the media or
/// signalling thread, and not for ever.
pub type Lent<'a, T> = Pin<Box<dyn Future<Output = Result<T, PlatformError>> + Send + 'a>>;

/// The device under the phone.
pub trait Platform: Send + Sync {
    /// The certificate authorities that this device trusts.
    fn trust_roots(&self) -> Lent<'_, Roots>;

    /// A secret kept earlier; `None` if there is none of that name.
    fn secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, Option<Secret>>;

    /// Keeps a secret, in place of one of the same name.
    fn keep_secret<'a>(&'a self, name: &'a SecretName, secret: &'a Secret) -> Lent<'a, ()>;

    /// Forgets a secret; also fine if there is none.
    fn forget_secret<'a>(&'a self, name: &'a SecretName) -> Lent<'a, ()>;

    /// Signs with a key that never leaves the platform's key store: ECDSA with P-256 and SHA-256, as DER.
    /// [`PlatformError::NoSuchKey`] or [`PlatformError::Unsupported`] mean that the person has to sign in again.
    fn sign<'a>(&'a self, _key: &'a SecretName, _message: &'a [u8]) -> Lent<'a, Vec<u8>> {
        Box::pin(async { Err(PlatformError::Unsupported("a key store that signs")) })
    }

    /// Whom to ask for names: servers, or the platform's own way of asking.
    fn dns(&self) -> DnsServers {
        DnsServers::System
    }

    /// The emergency numbers of the network that it is in, in place of those of the owner's region; `None` if it does not know.
    fn emergency_numbers(&self) -> Option<Vec<String>> {
        None
    }

    /// The state of networks and power, now and on each change.
    fn conditions(&self) -> watch::Receiver<Conditions>;

    /// Look whether [`Conditions`] are other than last said, in what the device does not announce by itself. Called seldom.
    fn look(&self) {}

    /// Wake the device at this time since its boot, at the latest `slack` later, and call [`Engine::wake`](crate::Engine::wake) with
    /// [`WakeReason::Alarm`](cooee_phone::WakeReason::Alarm) then; replaces the one before. `None`: no need. What comes later than that is
    /// done later. Devices that sleep only with their owner, and whose timers are due right afterwards, need do nothing.
    fn wake_at(&self, _boot_time: Option<Duration>, _slack: Duration) {}

    /// Keep the device awake, or let it sleep again. Called in turns, beginning with `true`: from the packet, command or alarm that sets
    /// something going until that is settled.
    fn awake(&self, _awake: bool) {}
}

/// Certificate authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Those that the system keeps in files.
    System,
    /// These, as DER.
    Only {
        /// Those of the system's maker.
        system: Vec<Vec<u8>>,
        /// Those that its owner, or whoever administers it, has added.
        added: Vec<Vec<u8>>,
    },
}

/// Networks and power.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The addresses that are up; `None`: the engine shall look by itself.
    pub networks: Option<Vec<Interface>>,
    /// Traffic costs money.
    pub metered: bool,
    /// The network is a foreign operator's.
    pub roaming: bool,
    /// How freely power may be used.
    pub power: Power,
    /// What the system lets the phone do.
    pub permissions: Permissions,
}

/// What a system lets a phone do. `None`: it has no such switch, or nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Show that it rings while it is out of sight.
    pub notify: Option<bool>,
    /// Show an incoming call over what else is on the screen.
    pub fill_screen: Option<bool>,
    /// Keep its connection while the device sleeps.
    pub stay_awake: Option<bool>,
    /// Use the microphone.
    pub listen: Option<bool>,
}

/// How freely power may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Power {
    /// As one likes.
    #[default]
    Free,
    /// The battery is to last.
    Saving,
}

/// Why the platform did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlatformError {
    /// It did not answer in time.
    #[error("this device did not answer in time: try again")]
    Timeout,
    /// It has no such thing.
    #[error("this device has no {0}")]
    Unsupported(&'static str),
    /// There is no such key, or no more.
    #[error("this device has no such key")]
    NoSuchKey,
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Anything else, in the system's words.
    #[error("this device refuses: {0}")]
    System(#[from] io::Error),
}

/// As [`Platform::sign`], by a key that is kept like any secret.
fn sign_by(pem: Option<Secret>, message: &[u8]) -> Result<Vec<u8>, PlatformError> {
    let pem = pem.ok_or(PlatformError::NoSuchKey)?;
    cooee_net::sign_by_pem(pem.reveal().as_bytes(), message).map_err(|error| PlatformError::System(io::Error::other(error)))
}
