use std::net::SocketAddr;

use cooee_machine::{SocketId, StreamId, Transport};

/// A two-way path for messages: what RFC 5626 calls a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlowId {
    /// One UDP socket of ours and one address of the peer.
    Udp {
        /// Our socket.
        socket: SocketId,
        /// The peer's address, as packets show it.
        remote: SocketAddr,
    },
    /// A TCP or TLS connection.
    Stream(StreamId),
}

impl FlowId {
    /// Whether the transport repeats what gets lost, so that transactions need not (RFC 3261 17.1.1.2).
    #[must_use]
    pub fn is_reliable(self) -> bool {
        matches!(self, Self::Stream(_))
    }
}

/// The transport as a `Via` spells it.
#[must_use]
pub fn via_transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    }
}

/// A flow and its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Its name.
    pub id: FlowId,
    /// What it runs over.
    pub transport: Transport,
    /// Our end, as our own system sees it (inside a NAT).
    pub local: SocketAddr,
    /// The peer's end.
    pub remote: SocketAddr,
}

impl Flow {
    /// Our end as it stands in `Via` and `Contact`: address and port, an IPv6 address in brackets and without its scope.
    #[must_use]
    pub fn sent_by(&self) -> String {
        SocketAddr::new(self.local.ip(), self.local.port()).to_string()
    }
}
