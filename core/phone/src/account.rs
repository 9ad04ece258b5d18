use std::time::Duration;

use cooee_call::{EndReason, LoginTrouble, MediaPreferences, NetworkTrouble, TlsTrouble};
use cooee_machine::{Pii, Secret, Transport};

/// Names one account for as long as it is configured. Allotted by the owner of the phone, who also stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u64);

/// One account of a person with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountConfig {
    /// `anna@example.org`; with `sip:` or `sips:` before it also good.
    pub address: Pii<String>,
    /// The name in digest credentials where it is not the address's user part.
    pub auth_user: Option<Pii<String>>,
    /// The password.
    pub password: Secret,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// `host`, `host:port`, `sip:host;transport=tcp`: where to connect to, in place of the address's domain. A TLS certificate
    /// must then name this host.
    pub proxy: Option<String>,
    /// The only transport to use. `None`: TLS. UDP and TCP are used only when said here (or in `proxy`), never fallen back to.
    pub transport: Option<Transport>,
    /// Take calls, not only make them.
    pub register: bool,
    /// This device for ever, `urn:uuid:…` (RFC 5626 4.1).
    pub instance: String,
    /// What is allowed and preferred for the sound.
    pub media: MediaPreferences,
}

impl AccountConfig {
    /// An account that needs nothing but its address and password: TLS to the address's domain, registered, encrypted calls only.
    pub fn new(address: impl Into<String>, password: Secret, instance: impl Into<String>) -> Self {
        Self {
            address: Pii(address.into()),
            auth_user: None,
            password,
            display_name: None,
            proxy: None,
            transport: None,
            register: true,
            instance: instance.into(),
            media: MediaPreferences::default(),
        }
    }
}

/// Why an account does not work, in terms a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AccountTrouble {
    /// The address, the proxy or a domain in them is none.
    #[error("“{0}” is no address of an account")]
    BadAddress(String),
    /// The domain does not exist.
    #[error("there is no domain “{0}”")]
    NoSuchDomain(String),
    /// The domain says that it offers no SIP.
    #[error("“{0}” offers no SIP")]
    NoService(String),
    /// The domain offers SIP only by transports that are used only when asked for.
    #[error("“{domain}” offers SIP only over {offered}, without encryption")]
    InsecureOnly {
        /// The domain.
        domain: String,
        /// E.g. `UDP, TCP`.
        offered: String,
    },
    /// `sips:` together with UDP, and the like.
    #[error("{0} cannot be used with this address")]
    TransportNotAllowed(String),
    /// The server does not prove who it is.
    #[error("the server cannot be trusted: {}", .0.id())]
    Untrusted(TlsTrouble),
    /// The server cannot be reached.
    #[error("the server cannot be reached: {}", .0.id())]
    Unreachable(NetworkTrouble),
    /// The server is there and fails.
    #[error("the server fails with {0}")]
    ServerError(u16),
    /// The server does not let us in.
    #[error("the server refuses: {}", .0.id())]
    Login(LoginTrouble),
}

impl AccountTrouble {
    /// How a call over this account ends because of it.
    #[must_use]
    pub fn end_reason(&self) -> EndReason {
        match self.clone() {
            Self::BadAddress(_) | Self::TransportNotAllowed(_) => EndReason::BadAddress,
            Self::NoSuchDomain(domain) => EndReason::NoSuchDomain { domain },
            Self::NoService(domain) => EndReason::NoService { domain },
            Self::InsecureOnly { domain, offered } => EndReason::InsecureOnly { domain, offered },
            Self::Untrusted(trouble) => EndReason::Untrusted(trouble),
            Self::Unreachable(trouble) => EndReason::Unreachable(trouble),
            Self::ServerError(status) => EndReason::ServerError { status, text: String::new() },
            Self::Login(trouble) => EndReason::Login(trouble),
        }
    }

    /// Trying again by itself cannot help: a person has to change something first.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::BadAddress(_) | Self::TransportNotAllowed(_) | Self::InsecureOnly { .. })
            || matches!(self, Self::Login(LoginTrouble::WrongPassword | LoginTrouble::UnknownUser | LoginTrouble::Forbidden))
    }

    /// What to do about it, in English; may be empty.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::BadAddress(_) => "Write the account's address like anna@example.org.",
            Self::TransportNotAllowed(_) => "Leave the transport out, or use a sip: address.",
            other => other.end_reason().explanation().advice,
        }
    }
}

/// Where an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Looking the domain up, connecting, or registering.
    Connecting,
    /// Connected, and not to be registered: calls can be made.
    Connected,
    /// Connected and registered: calls can be made and taken.
    Registered {
        /// What the signalling runs over.
        transport: Transport,
        /// How many devices this address has now, this one included; 0 if the server does not say.
        devices: usize,
    },
    /// It does not work.
    Failed {
        /// Why.
        trouble: AccountTrouble,
        /// When it is tried again by itself; `None`: only when the account or the network changes.
        retry_in: Option<Duration>,
    },
}

impl AccountState {
    /// For logs and scripts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Registered { .. } => "registered",
            Self::Failed { .. } => "failed",
        }
    }
}
