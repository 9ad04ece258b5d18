use std::time::Duration;

use cooee_machine::Rate;

/// How long and how much a driver puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a TCP connection to come up.
    pub connect: Duration,
    /// For a TLS handshake, either side.
    pub handshake: Duration,
    /// Without any progress of what is to be written, a connection is over.
    pub write: Duration,
    /// Octets waiting to be written on one connection; more close it with `Overflow`. Over half of it `Blocked` comes, and nothing
    /// more is read from there.
    pub queued: usize,
    /// Accepted connections at once, over all listeners; further ones are closed at once.
    pub connections: usize,
    /// Accepted connections at once from one address (an IPv6 /64 counts as one), from before any handshake on; further ones are closed at
    /// once.
    pub connections_from_one: usize,
    /// How often one address may connect; more often, it is closed at once: a handshake costs us as much as its peer.
    pub newcomers: Rate,
    /// Accepted TLS connections whose handshake is not done; of the address with most of them the oldest gives way to a new one.
    pub handshakes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(6),
            handshake: Duration::from_secs(6),
            write: Duration::from_secs(20),
            queued: 256 * 1024,
            connections: 10_000,
            connections_from_one: 1_000,
            newcomers: Rate { burst: 2_000, every: Duration::from_millis(50) },
            handshakes: 512,
        }
    }
}
