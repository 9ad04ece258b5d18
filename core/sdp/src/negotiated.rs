use std::net::SocketAddr;
use std::time::Duration;

use crate::{Candidate, Codec, Crypto, Direction, Fingerprint, IceCredentials};

/// Who sends the `ClientHello`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DtlsRole {
    /// Begins (`setup:active`).
    Client,
    /// Waits (`setup:passive`).
    Server,
}

/// What the peer said about ICE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteIce {
    /// Its user fragment and password.
    pub credentials: IceCredentials,
    /// Its candidates over UDP; may be empty (they come as peer-reflexive ones then).
    pub candidates: Vec<Candidate>,
    /// It will send no more.
    pub end_of_candidates: bool,
    /// It only answers checks (RFC 8445 2.5).
    pub lite: bool,
    /// Ours, as the same agreement describes them. If these and the peer's are others than before, ICE begins anew (RFC 8445 9).
    pub ours: IceCredentials,
}

impl Negotiated {
    /// Whether the peer checks a second component with ICE, for RTCP, and may send nothing before both have a path (RFC 8445 8.1.1).
    #[must_use]
    pub fn has_rtcp_component(&self) -> bool {
        let ice = self.ice.as_ref().filter(|_| !self.rtcp_mux);
        ice.is_some_and(|ice| ice.candidates.iter().any(|candidate| candidate.component == 2))
    }
}

/// How the media is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NegotiatedSecurity {
    /// DTLS-SRTP.
    Dtls {
        /// Ours.
        role: DtlsRole,
        /// The peer's certificate must match one of these; all of one hash function (RFC 8122 5.1), never empty.
        fingerprints: Vec<Fingerprint>,
    },
    /// Keys through signalling (RFC 4568).
    Sdes {
        /// Protects what we send.
        ours: Crypto,
        /// Protects what we receive.
        theirs: Crypto,
    },
    /// Not at all.
    None,
}

/// What an offer and its answer agree on, seen from this side: all that a media session needs to know of the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// What we send, with the peer's payload type and `fmtp`.
    pub codec: Codec,
    /// What may come in, with the payload types that we described; `telephone-event` included.
    pub receive: Vec<Codec>,
    /// `telephone-event` as we may send it, its clock that of `codec` if the peer has such a one.
    pub dtmf: Option<Codec>,
    /// Which way media flows, seen from us.
    pub direction: Direction,
    /// How much the peer wants in one packet.
    pub peer_ptime: Option<Duration>,
    /// The most the peer takes in one packet.
    pub peer_max_ptime: Option<Duration>,
    /// The peer's default candidate; `None` if it named no usable address (`0.0.0.0`, a host name, a multicast group).
    pub remote_address: Option<SocketAddr>,
    /// Where the peer wants RTCP without `rtcp_mux`.
    pub remote_rtcp: Option<SocketAddr>,
    /// RTP and RTCP share a port.
    pub rtcp_mux: bool,
    /// `None`: no ICE with this peer; send to `remote_address` and follow the source of what comes (symmetric RTP).
    pub ice: Option<RemoteIce>,
    /// How it is protected.
    pub security: NegotiatedSecurity,
    /// Either side may ask the other to send less, in the midst of a call (TMMBR, RFC 5104 7.1).
    pub rate_requests: bool,
    /// What we ask for by that, in bit/s with all headers; an agreement alone asks for nothing.
    pub wanted_rate: Option<u32>,
    /// Our ICE role (RFC 8445 6.1.1): the offerer controls, except that a full agent always controls a lite one.
    pub controlling: bool,
}
