use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cooee_audio::{Device, FileDeviceConfig, NullDevice, OpenDevice, OpenFiles, Speech, SystemDevice};
use cooee_engine::{EngineConfig, Interfaces, Platform as EnginePlatform, StoreLocation};
use cooee_net::DnsServers;

use crate::StartError;

/// With what a phone starts.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Config {
    /// A folder of the phone's own, closed to others.
    pub data_dir: String,
    /// What stands for microphone and speaker.
    pub audio: Audio,
    /// Where its owner telephones from, e.g. `CH`; else as stored.
    #[uniffi(default = None)]
    pub region: Option<String>,
    /// Register accounts, so that calls come in.
    #[uniffi(default = true)]
    pub take_calls: bool,
    /// Ring through the device; where the platform rings, it should not. That it rings over there is heard in any case.
    #[uniffi(default = false)]
    pub ring: bool,
    /// Sound stays within this machine: for tests.
    #[uniffi(default = false)]
    pub loopback: bool,
    /// How names are resolved; else by [`Platform::resolve`](crate::Platform::resolve).
    #[uniffi(default = None)]
    pub dns: Option<Dns>,
}

/// What stands for microphone and speaker.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Audio {
    /// The device's own.
    Platform,
    /// Files, for tests.
    Files {
        /// A WAV file to speak; none for silence.
        speak: Option<String>,
        /// Where to record what is heard; later calls get a number.
        record: Option<String>,
    },
    /// Silence.
    Null,
}

/// How names are resolved.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Dns {
    /// By the servers of the system's `resolv.conf`.
    System,
    /// By these: `192.0.2.1`, `tls://dns.example`, `https://dns.example/dns-query`.
    Servers {
        /// In this order.
        servers: Vec<String>,
    },
}

/// How long the platform may take to answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

impl Config {
    /// In the engine's words.
    pub(crate) fn into_engine(self, platform: Arc<dyn EnginePlatform>) -> Result<EngineConfig, StartError> {
        let store = StoreLocation::File(Path::new(&self.data_dir).join("cooee.db"));
        let mut config = EngineConfig::new(platform, store, self.audio.device()?);
        config.platform_patience = PATIENCE;
        config.take_calls = self.take_calls;
        config.ring = self.ring;
        config.telephones_from = self.region.map(|region| region.parse()).transpose().map_err(|_| StartError::BadRegion)?;
        if self.loopback {
            config.interfaces = Interfaces::Loopback;
        }
        config.dns.servers = self.dns.map(Dns::into_net).transpose()?;
        Ok(config)
    }
}

impl Dns {
    fn into_net(self) -> Result<DnsServers, StartError> {
        match self {
            Self::System => Ok(DnsServers::System),
            Self::Servers { servers } => {
                let servers: Result<_, _> = servers.iter().map(|server| server.parse()).collect();
                Ok(DnsServers::Chosen(servers.map_err(|_| StartError::BadDnsServer)?))
            }
        }
    }
}

impl Audio {
    /// A file that cannot be spoken is found out now, not when the call comes.
    fn device(self) -> Result<Arc<dyn OpenDevice>, StartError> {
        match self {
            Self::Platform => Ok(Arc::new(SystemDevice)),
            Self::Null => Ok(Arc::new(|| {
                let device: Box<dyn Device> = Box::new(NullDevice);
                Ok(device)
            })),
            Self::Files { speak, record } => {
                let speak = speak.map(|path| Speech::open(Path::new(&path))).transpose();
                let speak = speak.map_err(|error| StartError::Sound { text: error.to_string() })?;
                let record = record.map(Into::into);
                Ok(Arc::new(OpenFiles::new(FileDeviceConfig { speak, record, ..FileDeviceConfig::default() })))
            }
        }
    }
}
