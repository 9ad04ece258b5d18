use cooee_call::{EndReason, LoginTrouble, NetworkTrouble, TlsTrouble};
use cooee_machine::{CloseReason, Pii, TlsFailure, Transport};
use cooee_sip::locate::LocateFailure;

/// Why an account does not work, in terms a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AccountTrouble {
    /// The address, the proxy or a domain in them is none: this one.
    #[error("that is no address of an account")]
    BadAddress(Pii<String>),
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
            || matches!(
                self,
                Self::Login(
                    LoginTrouble::WrongPassword
                        | LoginTrouble::PasswordLost
                        | LoginTrouble::KeyLost
                        | LoginTrouble::UnknownUser
                        | LoginTrouble::Forbidden
                )
            )
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

impl From<LocateFailure> for AccountTrouble {
    fn from(failure: LocateFailure) -> Self {
        match failure {
            LocateFailure::InvalidName(name) => Self::BadAddress(Pii(name)),
            LocateFailure::NotAllowed(transport) => Self::TransportNotAllowed(word(transport).to_owned()),
            LocateFailure::NoSuchDomain(domain) => Self::NoSuchDomain(domain),
            LocateFailure::NoService(domain) => Self::NoService(domain),
            LocateFailure::OnlyOffers { domain, offered } => {
                Self::InsecureOnly { domain, offered: offered.into_iter().map(word).collect::<Vec<_>>().join(", ") }
            }
            LocateFailure::NoAddress(domain) => Self::Unreachable(NetworkTrouble::NoAddress { domain }),
            other => Self::Unreachable(NetworkTrouble::Dns { text: other.to_string() }),
        }
    }
}

impl From<&CloseReason> for AccountTrouble {
    fn from(reason: &CloseReason) -> Self {
        Self::Unreachable(match reason {
            CloseReason::Tls(TlsFailure::KeyLost) => return Self::Login(LoginTrouble::KeyLost),
            CloseReason::Tls(failure) => return Self::Untrusted(failure.into()),
            CloseReason::Refused => NetworkTrouble::Refused,
            CloseReason::Timeout => NetworkTrouble::Timeout,
            CloseReason::Network(text) => NetworkTrouble::Network { text: text.clone() },
            CloseReason::ByPeer | CloseReason::ByUs | CloseReason::Overflow => NetworkTrouble::Silent,
        })
    }
}

/// As people write it.
pub(crate) fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    }
}
