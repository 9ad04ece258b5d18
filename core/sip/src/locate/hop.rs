use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{DnsSecurity, Transport};

/// One place to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// How.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
    /// For TLS: the name to offer (SNI) and to check. It is the dialled domain, never an SRV target (RFC 5922 7.2), so
    /// DNS can send us astray but not make us trust the wrong server.
    pub tls_name: Option<String>,
    /// Hops with the same number are addresses of the same server: they may be tried side by side (RFC 8305), unlike
    /// another server, which is there for when this one is down.
    pub server: usize,
    /// Whether every DNS answer that led here was validated.
    pub security: DnsSecurity,
}

/// What a plan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// At least one, best first. On a failed connect, a time-out or a 503 go on to the next (RFC 3263 4.3).
    pub hops: Vec<Hop>,
    /// How long the answers may be believed: the shortest time to live on the way. Numeric hosts never age.
    pub ttl: Duration,
}
