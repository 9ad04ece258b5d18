use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::{Question, QuestionId, Resolution};

/// Names a UDP socket. Allotted by the machine that binds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u64);

/// Names a TCP or TLS connection. The machine allots even numbers for those it opens, the driver odd ones for those it
/// accepts, so that they never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u64);

/// How signalling travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A plain connection.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl Transport {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Tls];

    /// As it stands in a URI (RFC 3261 19.1.1); for scripts and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// No retransmission is needed above it.
    #[must_use]
    pub fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp)
    }
}

/// As people write it.
impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        })
    }
}

/// Who the other end of a connection has proven to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerIdentity {
    /// SIP domains its certificate stands for, the chain verified (RFC 5922 7.1). Empty without TLS or without proof.
    pub domains: Vec<String>,
    /// SHA-256 of its certificate, if it showed one.
    pub fingerprint: Option<[u8; 32]>,
    /// Until when that holds by its own word, since the Unix epoch.
    pub valid_until: Option<Duration>,
    /// Only an authority vouches for it that the owner of this device, or whoever administers it, has added to those of its maker.
    pub by_added_authority: bool,
}

/// Where an opened connection came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamOrigin {
    /// We asked for it by [`Action::Open`].
    Opened,
    /// A peer came to a listener of this transport.
    Accepted(Transport),
}

/// Why TLS did not come up, in terms a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The chain ends at no authority we trust. The SHA-256 of the DER of the topmost certificate shown that it does lead to: the
    /// server's own where that is signed by none of them.
    UnknownAuthority([u8; 32]),
    /// The chain leads to no certificate that [`ServerTrust::Authority`] names, but to this one; as for
    /// [`TlsFailure::UnknownAuthority`].
    OtherAuthority([u8; 32]),
    /// The certificate is past its end, or not yet valid.
    Expired,
    /// The certificate is for other names (these).
    WrongName(Vec<String>),
    /// The certificate is not the pinned one: the SHA-256 of its DER.
    NotPinned([u8; 32]),
    /// The other end has no version of TLS from 1.2 on.
    OldVersion,
    /// The other end takes the connection and says nothing, or nothing that is TLS.
    NoTls,
    /// Our own key for this server, which lies elsewhere, is lost.
    KeyLost,
    /// Anything else: the library's own words.
    Other(String),
}

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The peer closed it properly.
    ByPeer,
    /// We closed it.
    ByUs,
    /// Nobody listens there.
    Refused,
    /// No answer to the connect in time.
    Timeout,
    /// The network said no (unreachable, reset …), in its own words.
    Network(String),
    /// The TLS handshake failed.
    Tls(TlsFailure),
    /// Too much was waiting to be written: the peer does not read.
    Overflow,
}

/// What happens on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent<'a> {
    /// Ready for bytes both ways; over TLS, the handshake is done.
    Opened {
        /// Our end.
        local: SocketAddr,
        /// The peer's end.
        remote: SocketAddr,
        /// Who the peer has proven to be.
        peer: PeerIdentity,
        /// Asked for or accepted.
        origin: StreamOrigin,
    },
    /// Octets, cut anywhere.
    Bytes(&'a [u8]),
    /// What was written has not left yet: write less.
    Blocked,
    /// Never opened, or over now. The id is free again.
    Closed(CloseReason),
}

/// An address of this machine on a network that is up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interface {
    /// The system's name, e.g. `wlan0`.
    pub name: String,
    /// One address of it.
    pub address: IpAddr,
}

/// What the world tells a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A UDP socket asked for by [`Action::Bind`] is ready, or why not.
    Bound {
        /// Which.
        socket: SocketId,
        /// The address it got, or the system's words.
        local: Result<SocketAddr, String>,
    },
    /// A UDP datagram came.
    Datagram {
        /// On which socket.
        socket: SocketId,
        /// The local address it came to.
        local: SocketAddr,
        /// Who sent it.
        remote: SocketAddr,
        /// Its octets.
        payload: &'a [u8],
    },
    /// Something happened on a connection.
    Stream {
        /// Which.
        stream: StreamId,
        /// What.
        event: StreamEvent<'a>,
    },
    /// An answer to [`Action::Resolve`].
    Resolved {
        /// The question's id.
        id: QuestionId,
        /// What became of it.
        resolution: Resolution,
    },
    /// The networks of this machine changed; these are up now.
    NetworkChanged(Vec<Interface>),
    /// The moment of the last wake-up asked for has come (or a driver calls early: harmless).
    Timeout,
}

/// Whom to believe about who a server is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerTrust {
    /// The authorities that the driver knows.
    #[default]
    Known,
    /// Only these authorities, as DER.
    Authorities(Vec<Vec<u8>>),
    /// Only an authority whose DER has this SHA-256 and which the server shows beside its certificate, or that very certificate where it
    /// signs itself or the server shows no other. Names and dates count as ever.
    Authority([u8; 32]),
    /// Only a certificate whose DER has this SHA-256, whoever signed it and whatever names and dates are in it.
    Pin([u8; 32]),
}

/// By what we prove who we are: certificates, and the name of the key, which lies elsewhere and never comes here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClientKey {
    /// What the platform calls it; a key for ECDSA with P-256.
    pub name: String,
    /// Our certificate first, then those that lead to its authority; as DER.
    pub chain: Vec<Vec<u8>>,
}

/// A connection to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStream {
    /// Where to.
    pub remote: SocketAddr,
    /// `Some(domain)` for TLS: the dialled domain, for SNI and for the name check (never an SRV target; RFC 5922).
    pub tls: Option<String>,
    /// Whom to believe, with TLS.
    pub trust: ServerTrust,
    /// What we prove ourselves by where the server asks for it, with TLS; `None`: what the driver has.
    pub key: Option<ClientKey>,
}

/// What a machine asks of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Bind a UDP socket; [`Event::Bound`] follows.
    Bind {
        /// Its name from now on.
        socket: SocketId,
        /// Address and port; port 0 for any.
        local: SocketAddr,
    },
    /// Bind a UDP socket to the local address that packets to `remote` leave from, at any port; [`Event::Bound`] follows and names
    /// that address. Where there is no way to `remote`, to no address in particular.
    BindToward {
        /// Its name from now on.
        socket: SocketId,
        /// Whom it is to speak with.
        remote: SocketAddr,
    },
    /// Close a UDP socket.
    Unbind(SocketId),
    /// Send a datagram.
    Send {
        /// From which socket.
        socket: SocketId,
        /// Where to.
        remote: SocketAddr,
        /// Its octets.
        payload: Vec<u8>,
    },
    /// Open a connection; [`StreamEvent::Opened`] or [`StreamEvent::Closed`] follows.
    Open {
        /// Its name from now on (even).
        stream: StreamId,
        /// Where to and how.
        target: OpenStream,
    },
    /// Write octets to a connection. To an unknown one: nothing happens.
    Write {
        /// Which.
        stream: StreamId,
        /// What.
        payload: Vec<u8>,
    },
    /// Close a connection once what was written has left; [`StreamEvent::Closed`] with [`CloseReason::ByUs`] follows.
    Close(StreamId),
    /// Ask the resolver; [`Event::Resolved`] follows.
    Resolve {
        /// Comes back with the answer.
        id: QuestionId,
        /// What to ask.
        question: Question,
    },
}
