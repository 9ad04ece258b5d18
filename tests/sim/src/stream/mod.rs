//! Connections: a small TCP (handshake, order, retransmission, window, reset) whose segments travel through links, NATs and
//! firewalls like any packet, with the outcome of TLS played on top.

mod connection;
mod effect;
mod round_trip;
mod segment;
mod tls;

pub(crate) use connection::Connection;
pub(crate) use effect::{Effect, StreamNotice, TlsRole};
pub(crate) use segment::Segment;
pub use tls::{Authority, Certificate, TrustStore};

use std::time::Duration;

/// How a host's TCP behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamConfig {
    /// Connect and TLS handshake must be over by then ([`CloseReason::Timeout`](cooee_machine::CloseReason)).
    pub connect_timeout: Duration,
    /// A connection whose peer acknowledges nothing for this long is given up (RFC 1122 4.2.3.5: at least 100 s).
    pub user_timeout: Duration,
    /// Largest payload of a segment.
    pub segment_size: usize,
    /// Segments under way at a time.
    pub window: usize,
    /// Octets not yet acknowledged from which a writer hears `Blocked`.
    pub blocked_from: usize,
    /// Octets not yet acknowledged at which the connection is closed for `Overflow`.
    pub overflow_at: usize,
    /// Whether what arrives is handed over in random pieces, as a real socket may.
    pub cut_anywhere: bool,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            user_timeout: Duration::from_secs(924),
            segment_size: 1400,
            window: 32,
            blocked_from: 64 * 1024,
            overflow_at: 1024 * 1024,
            cut_anywhere: true,
        }
    }
}
