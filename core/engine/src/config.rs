use std::sync::Arc;
use std::time::Duration;

use cooee_audio::OpenDevice;
use cooee_net::{DnsObserver, DnsServers, Overrides, Trust};
use cooee_phone::PhoneConfig;
use cooee_phone::probe::ProberConfig;
use cooee_sdp::Codec;

use crate::media::{Interfaces, MediaStartError, Region};
use crate::{Platform, PlatformError, StoreError, StoreLocation};

/// With what an engine starts.
pub struct EngineConfig {
    /// What the device lends.
    pub platform: Arc<dyn Platform>,
    /// How long it may take to answer.
    pub platform_patience: Duration,
    /// Where accounts, settings and the call log are.
    pub store: StoreLocation,
    /// Hand the stored accounts to the phone. Without, nothing is sent: for looking at and changing what is stored.
    pub online: bool,
    /// Register accounts, so that calls come in. Without, calls can still be made.
    pub take_calls: bool,
    /// Be a device of its own that nobody remembers, beside the one that the store belongs to: to look at the server without taking that
    /// one's place there.
    pub passing: bool,
    /// Authorities besides the platform's.
    pub extra_trust: Trust,
    /// How names are resolved.
    pub dns: Dns,
    /// Microphone and speaker, opened when a call needs them.
    pub device: Arc<dyn OpenDevice>,
    /// Which addresses of this machine carry media.
    pub interfaces: Interfaces,
    /// Codecs in order of preference, `telephone-event` included ([`Codec::with_telephone_events`]); `None` for the usual ones.
    pub codecs: Option<Vec<Codec>>,
    /// Ring through the device; else others do. That it rings over there is heard in any case.
    pub ring: bool,
    /// Whose tones.
    pub region: Region,
    /// Where its owner telephones from, whatever is stored.
    pub telephones_from: Option<cooee_phone::Region>,
    /// Data is dear, whatever is stored.
    pub low_data: bool,
    /// Times and bounds of the phone, and its `User-Agent`.
    pub phone: PhoneConfig,
    /// Times and bounds of asking about contacts.
    pub prober: ProberConfig,
}

/// How names are resolved.
#[derive(Clone, Debug, Default)]
pub struct Dns {
    /// Whom to ask; `None`: what the platform says.
    pub servers: Option<DnsServers>,
    /// Answered without asking.
    pub overrides: Overrides,
    /// Is told of each question that leaves the machine.
    pub observer: Option<Arc<dyn DnsObserver>>,
}

impl EngineConfig {
    /// Online, taking calls, with what is usual for the rest.
    #[must_use]
    pub fn new(platform: Arc<dyn Platform>, store: StoreLocation, device: Arc<dyn OpenDevice>) -> Self {
        Self {
            platform,
            platform_patience: Duration::from_secs(10),
            store,
            online: true,
            take_calls: true,
            passing: false,
            extra_trust: Trust::nobody(),
            dns: Dns::default(),
            device,
            interfaces: Interfaces::default(),
            codecs: None,
            ring: true,
            region: Region::default(),
            telephones_from: None,
            low_data: false,
            phone: PhoneConfig::default(),
            prober: ProberConfig::default(),
        }
    }
}

/// Why an engine does not start. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What is stored cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform does not lend what is needed.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// TLS, certificates or randomness.
    #[error("the encryption cannot be set up: {0}")]
    Crypto(String),
    /// The media thread does not start.
    #[error(transparent)]
    Media(#[from] MediaStartError),
    /// No thread, no runtime.
    #[error("the system has no room for another thread: {0}")]
    System(#[from] std::io::Error),
}
