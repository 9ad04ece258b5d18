use std::time::Duration;

use cooee_machine::{Pii, Secret};

use crate::transaction::{Timers, TransactionLimits};

/// What one account's user agent is made of.
#[derive(Clone, Debug)]
pub struct UserAgentConfig {
    /// The address of record, `sip:anna@example.org`.
    pub aor: Pii<String>,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// The name in digest credentials where it is not the AOR's user part.
    pub auth_user: Option<Pii<String>>,
    /// The account's password.
    pub password: Secret,
    /// The only realm whose challenges are answered; `None` answers whatever the account's own server asks for.
    pub realm: Option<String>,
    /// This device for ever: `urn:uuid:…` (RFC 5626 4.1).
    pub instance: String,
    /// Name and version for `User-Agent`.
    pub user_agent: String,
    /// How long a registration is asked to last; 3600 s.
    pub expires: Duration,
    /// The base values of the transactions' timers.
    pub timers: Timers,
    /// What peers may make us hold.
    pub limits: UserAgentLimits,
    /// How often a flow proves to be alive.
    pub keep_alive: KeepAliveTimes,
}

impl UserAgentConfig {
    /// An account with the usual times and limits.
    pub fn new(aor: impl Into<String>, password: Secret, instance: impl Into<String>) -> Self {
        Self {
            aor: Pii(aor.into()),
            display_name: None,
            auth_user: None,
            password,
            realm: None,
            instance: instance.into(),
            user_agent: concat!("Cooee/", env!("CARGO_PKG_VERSION")).to_owned(),
            expires: Duration::from_secs(3600),
            timers: Timers::default(),
            limits: UserAgentLimits::default(),
            keep_alive: KeepAliveTimes::default(),
        }
    }
}

/// Upper bounds on everything a peer controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAgentLimits {
    /// Calls at the same time; a further INVITE is answered 486.
    pub legs: usize,
    /// Early dialogs of one INVITE; further forks' provisional responses are ignored.
    pub forks: usize,
    /// Octets of one message; larger requests are answered 513.
    pub message_bytes: usize,
    /// Transactions at the same time; further requests are answered 503.
    pub transactions: TransactionLimits,
}

impl Default for UserAgentLimits {
    fn default() -> Self {
        let transactions = TransactionLimits { client: 128, server: 256, bytes: 4 << 20 };
        Self { legs: 16, forks: 16, message_bytes: 64 << 10, transactions }
    }
}

/// RFC 5626 4.4: the longest silence of ours on a flow, where the server's `Flow-Timer` asks for no less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAliveTimes {
    /// Over TCP and TLS; 120 s.
    pub stream: Duration,
    /// Over UDP, where NAT bindings are short; 29 s.
    pub datagram: Duration,
    /// How long a pong may take; 10 s.
    pub pong: Duration,
    /// How long it may take where somebody waits for it: after the device has slept. 5 s.
    pub hasty_pong: Duration,
}

impl Default for KeepAliveTimes {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { stream: seconds(120), datagram: seconds(29), pong: seconds(10), hasty_pong: seconds(5) }
    }
}
