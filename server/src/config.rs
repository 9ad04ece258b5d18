use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::Rate;
use cooee_sip::registrar::RegistrarConfig;
use cooee_sip::transaction::Timers;

/// How often proofs of a password may be wrong before further ones are not looked at for a while (503 with `Retry-After`). An
/// IPv6 /64 counts as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginLimits {
    /// For one user from one address.
    pub from_one_for_one: Rate,
    /// From one address, whatever the user; users who have logged in from there of late are not held to it.
    pub from_one: Rate,
    /// For one user, from wherever; held to it is only who has failed from an address before.
    pub for_one: Rate,
    /// How long a login makes its user welcome at an address.
    pub welcome: Duration,
}

impl Default for LoginLimits {
    fn default() -> Self {
        let window = Duration::from_secs(300);
        Self {
            from_one_for_one: Rate::of(10, window),
            from_one: Rate::of(30, window),
            for_one: Rate::of(100, window),
            welcome: Duration::from_secs(24 * 3600),
        }
    }
}

/// What a server puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at once; the oldest that has not proven whose it is gives way to another.
    pub connections: usize,
    /// Connections at once from one address (an IPv6 /64 counts as one).
    pub connections_from_one: usize,
    /// Octets of one message's body on a connection.
    pub body: usize,
    /// Octets of a message's head, and of its body, on a connection that has not proven whose it is.
    pub unproven_octets: usize,
    /// Messages on such a connection; one that brings more is closed.
    pub unproven_messages: u32,
    /// A connection on which no message has come for so long after its beginning is closed.
    pub first_message: Duration,
    /// A connection that is not registered and on which nothing came for so long is closed.
    pub idle: Duration,
    /// A registered connection that has pinged and on which nothing came for so long is closed. A telephone that dozes wakes up for a ping
    /// every 10 minutes, at worst.
    pub idle_pinged: Duration,
    /// A registered connection that never pings and on which nothing came for so long is closed.
    pub idle_registered: Duration,
    /// Logins being checked at once; more are answered with 503.
    pub logins: usize,
    /// Octets of the REGISTER requests among them; the one that reaches it is still taken.
    pub login_octets: usize,
    /// Failed logins.
    pub failed_logins: LoginLimits,
    /// Requests of one other domain that begin something here; more are answered with 503.
    pub guests: Rate,
    /// The same from one address, whatever domains it speaks for: a certificate may name a hundred.
    pub guests_from_one: Rate,
    /// STUN answers to one address (an IPv6 /64 counts as one); more requests are not answered.
    pub stun: Rate,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_from_one: 1_000,
            body: 64 * 1024,
            unproven_octets: 16 * 1024,
            unproven_messages: 64,
            first_message: Duration::from_secs(30),
            idle: Duration::from_secs(300),
            idle_pinged: Duration::from_secs(1_200),
            idle_registered: Duration::from_secs(7_800),
            logins: 4096,
            login_octets: 16 << 20,
            failed_logins: LoginLimits::default(),
            guests: Rate { burst: 60, every: Duration::from_secs(1) },
            guests_from_one: Rate { burst: 120, every: Duration::from_millis(500) },
            stun: Rate { burst: 100, every: Duration::from_millis(100) },
        }
    }
}

/// How a server calls other domains and is called by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Federation {
    /// The port of our TLS door, which others are to come back to.
    pub door: u16,
    /// Whether a domain may lead to an address that is not on the public Internet. Only for networks of one's own: else anybody's DNS
    /// could point the server at what is behind it.
    pub private_addresses: bool,
}

/// What a server machine is.
#[derive(Clone)]
pub struct ServerConfig {
    /// The domain it serves, in ASCII; also the realm of every password, for ever.
    pub domain: String,
    /// The host name others reach it by, where that is not the domain.
    pub host: Option<String>,
    /// UDP sockets for SIP and STUN, which the machine binds.
    pub udp: Vec<SocketAddr>,
    /// UDP sockets for STUN alone, which the machine binds.
    pub stun: Vec<SocketAddr>,
    /// Where the driver listens for connections, so that the server knows itself by these addresses too.
    pub streams: Vec<SocketAddr>,
    /// Makes nonces and route tokens; keep it over restarts, and secret.
    pub secret: [u8; 32],
    /// Different in each run of the server: connections of an earlier run are not taken for ones of this.
    pub epoch: u64,
    /// Let people of other domains call without proof of who they are. An operator's own risk.
    pub open_to_strangers: bool,
    /// Calls to and from other domains; `None`: there are none.
    pub federation: Option<Federation>,
    /// Beginnings of `User-Agent` of phones that cannot log in where any challenge is SHA-256: they get MD5 alone.
    pub md5_agents: Vec<String>,
    /// How long a nonce may be used.
    pub nonce_lifetime: Duration,
    /// Bounds.
    pub limits: ServerLimits,
    /// The registrar's bounds.
    pub registrar: RegistrarConfig,
    /// Transaction timers.
    pub timers: Timers,
}

impl ServerConfig {
    /// The usual values, for a domain without any socket yet.
    #[must_use]
    pub fn new(domain: &str, secret: [u8; 32], epoch: u64) -> Self {
        Self {
            domain: domain.trim_end_matches('.').to_ascii_lowercase(),
            host: None,
            udp: Vec::new(),
            stun: Vec::new(),
            streams: Vec::new(),
            secret,
            epoch,
            open_to_strangers: false,
            federation: None,
            // libre up to 1.1 ends with "Function not implemented" when it sees any algorithm but MD5.
            md5_agents: ["baresip v0.", "baresip v1.", "baresip/0.", "baresip/1."].map(str::to_owned).to_vec(),
            nonce_lifetime: Duration::from_secs(600),
            limits: ServerLimits::default(),
            registrar: RegistrarConfig::default(),
            timers: Timers::default(),
        }
    }
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerConfig").field("domain", &self.domain).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
