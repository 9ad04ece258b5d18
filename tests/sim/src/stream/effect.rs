use cooee_machine::{CloseReason, PeerIdentity};

use super::segment::Segment;
use super::tls::{Certificate, TrustStore};

/// What an end does about TLS.
#[derive(Clone, Debug)]
pub(crate) enum TlsRole {
    Plain,
    /// Dialled this domain, believes these.
    Client(String, TrustStore),
    /// Shows this, if the host has one.
    Server(Option<Certificate>),
}

/// What the owner of an end is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StreamNotice {
    Opened(PeerIdentity),
    Bytes(Vec<u8>),
    Blocked,
    Closed(CloseReason),
}

/// What an end wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Transmit(Segment),
    Notify(StreamNotice),
}
