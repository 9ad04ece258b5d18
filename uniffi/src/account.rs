use std::time::Duration;

use cooee_call::MediaProtection as CoreProtection;
use cooee_machine::{Pii, ServerTrust as CoreTrust, Transport as CoreTransport};

use crate::{Credentials, Refused};

/// An account to add. Only the address and the credentials are needed; the rest is discovered.
#[derive(Clone, uniffi::Record)]
pub struct NewAccount {
    /// `anna@example.org`.
    pub address: String,
    /// How its owner shows that it is theirs.
    pub credentials: Credentials,
    /// Whatever is not as usual.
    #[uniffi(default = None)]
    pub options: Option<AccountOptions>,
}

/// What people, providers and exchanges rightly differ in.
#[derive(Clone, uniffi::Record)]
pub struct AccountOptions {
    /// The login name where it is not the address's user part.
    #[uniffi(default = None)]
    pub login: Option<String>,
    /// Shown to the people called.
    #[uniffi(default = None)]
    pub display_name: Option<String>,
    /// `host` or `host:port`: where to connect to, in place of the address's domain.
    #[uniffi(default = None)]
    pub proxy: Option<String>,
    /// The only transport to use; else TLS.
    #[uniffi(default = None)]
    pub transport: Option<Transport>,
    /// Whom to believe about who the server is; else whom the platform trusts.
    #[uniffi(default = None)]
    pub trust: Option<ServerTrust>,
    /// How the sound of its calls is to be protected; else encrypted or no call.
    #[uniffi(default = None)]
    pub protection: Option<MediaProtection>,
    /// `host` or `host:port` of the STUN server, in place of those that the domain publishes.
    #[uniffi(default = None)]
    pub stun_server: Option<String>,
    /// How long a registration is to last; the server decides.
    #[uniffi(default = None)]
    pub expires: Option<Duration>,
    /// Take calls, not only make them.
    #[uniffi(default = true)]
    pub register: bool,
    /// Telephone numbers are dialled over it.
    #[uniffi(default = false)]
    pub numbers: bool,
    /// Its server connects every phone by TLS and lets nobody call under another's name.
    #[uniffi(default = false)]
    pub tls_throughout: bool,
    /// Calls whom its exchange asks us to call, without asking the person; over TLS only.
    #[uniffi(default = false)]
    pub follow_transfers: bool,
}

/// What signalling runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A connection that everybody on the way can read.
    Tcp,
    /// A connection that only the server can read.
    Tls,
}

/// Whom to believe about who a server is.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ServerTrust {
    /// Only these authorities.
    Authorities {
        /// Certificates as DER.
        certificates: Vec<Vec<u8>>,
    },
    /// Only this authority, which the server shows beside its certificate, or that very certificate; names and dates in it count as ever.
    Authority {
        /// The SHA-256 of its DER.
        sha256: Vec<u8>,
    },
    /// Only this very certificate, whoever signed it and whatever stands in it.
    Pin {
        /// The SHA-256 of its DER.
        sha256: Vec<u8>,
    },
}

/// How the sound of an account's calls is to be protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum MediaProtection {
    /// Encrypted or no call.
    Encrypted,
    /// Encrypted wherever the other side can, else plain.
    BestEffort,
    /// For an exchange that knows nothing else.
    Plain,
}

impl NewAccount {
    /// In the engine's words.
    pub(crate) fn into_engine(self) -> Result<cooee_engine::NewAccount, Refused> {
        let options = self.options.map(AccountOptions::into_engine).transpose()?.unwrap_or_default();
        let (password, key) = self.credentials.into_engine()?;
        let options = cooee_engine::AccountOptions { key, ..options };
        Ok(cooee_engine::NewAccount { address: Pii(self.address), password, options })
    }
}

impl AccountOptions {
    fn into_engine(self) -> Result<cooee_engine::AccountOptions, Refused> {
        let trust = match self.trust {
            None => CoreTrust::Known,
            Some(ServerTrust::Authorities { certificates }) => CoreTrust::Authorities(certificates),
            Some(ServerTrust::Authority { sha256 }) => CoreTrust::Authority(sha256.try_into().map_err(|_| Refused::BadPin)?),
            Some(ServerTrust::Pin { sha256 }) => CoreTrust::Pin(sha256.try_into().map_err(|_| Refused::BadPin)?),
        };
        Ok(cooee_engine::AccountOptions {
            auth_user: self.login.map(Pii),
            display_name: self.display_name.map(Pii),
            proxy: self.proxy,
            transport: self.transport.map(CoreTransport::from),
            trust,
            key: None,
            protection: self.protection.map(CoreProtection::from).unwrap_or_default(),
            stun_server: self.stun_server,
            expires: self.expires,
            register: self.register,
            numbers: self.numbers,
            tls_throughout: self.tls_throughout,
            follow_transfers: self.follow_transfers,
        })
    }
}

impl From<Transport> for CoreTransport {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Udp => Self::Udp,
            Transport::Tcp => Self::Tcp,
            Transport::Tls => Self::Tls,
        }
    }
}

impl From<CoreTransport> for Transport {
    fn from(transport: CoreTransport) -> Self {
        match transport {
            CoreTransport::Udp => Self::Udp,
            CoreTransport::Tcp => Self::Tcp,
            CoreTransport::Tls => Self::Tls,
        }
    }
}

impl From<MediaProtection> for CoreProtection {
    fn from(protection: MediaProtection) -> Self {
        match protection {
            MediaProtection::Encrypted => Self::Encrypted,
            MediaProtection::BestEffort => Self::BestEffort,
            MediaProtection::Plain => Self::Plain,
        }
    }
}
