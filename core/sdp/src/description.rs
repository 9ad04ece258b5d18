use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::Bandwidth;

/// Which way media may flow, seen from the side that describes itself (RFC 3264 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// Only from the describing side.
    SendOnly,
    /// Only to the describing side.
    RecvOnly,
    /// Neither.
    Inactive,
}

/// The third field of an `m=` line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `RTP/AVP`: plain.
    RtpAvp,
    /// `RTP/AVPF`.
    RtpAvpf,
    /// `RTP/SAVP`: SDES.
    RtpSavp,
    /// `RTP/SAVPF`.
    RtpSavpf,
    /// `UDP/TLS/RTP/SAVP`: DTLS-SRTP.
    DtlsSavp,
    /// `UDP/TLS/RTP/SAVPF`: DTLS-SRTP with feedback.
    DtlsSavpf,
    /// Anything else, kept as it came.
    Other(String),
}

/// One payload type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Codec {
    /// 0..=127.
    pub payload_type: u8,
    /// As registered, e.g. `opus`, `PCMA`; compared without case.
    pub name: String,
    /// RTP clock in Hz.
    pub clock_rate: u32,
    /// 1 unless said.
    pub channels: u8,
    /// The value of `a=fmtp`, empty if none.
    pub parameters: String,
}

/// `a=ice-ufrag`, `a=ice-pwd` (RFC 8839).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IceCredentials {
    /// User fragment.
    pub ufrag: String,
    /// Password.
    pub pwd: String,
}

/// How a candidate was found (RFC 8445 5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CandidateKind {
    /// An address of the machine itself.
    Host,
    /// Seen by a STUN server.
    ServerReflexive,
    /// Seen by the peer.
    PeerReflexive,
    /// On a TURN server.
    Relayed,
}

/// One ICE candidate over UDP (RFC 8839 5.1). Others (TCP, host names) are dropped when read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// Equal for candidates of one kind, base and server.
    pub foundation: String,
    /// 1 is RTP, 2 is RTCP.
    pub component: u8,
    /// Higher is preferred.
    pub priority: u32,
    /// Where packets are sent.
    pub address: SocketAddr,
    /// How it was found.
    pub kind: CandidateKind,
    /// `raddr`/`rport`; 0.0.0.0:0 when hidden.
    pub related: Option<SocketAddr>,
}

/// `a=setup` (RFC 4145, RFC 5763): who begins the DTLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setup {
    /// Will be client.
    Active,
    /// Will be server.
    Passive,
    /// Either; only in an offer.
    ActPass,
    /// Not now.
    HoldConn,
}

/// `a=fingerprint` (RFC 8122).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// Lower case, e.g. `sha-256`.
    pub hash: String,
    /// The digest's octets.
    pub digest: Vec<u8>,
}

/// `a=crypto` (RFC 4568): SDES keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Crypto {
    /// Names the line; the answer repeats it.
    pub tag: u32,
    /// E.g. `AES_CM_128_HMAC_SHA1_80`.
    pub suite: String,
    /// Master key and salt, one after the other.
    pub key_salt: Vec<u8>,
    /// Session parameters and what else stood there, as it came.
    pub parameters: String,
}

/// What kind of media a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// `audio`.
    Audio,
    /// Everything else, e.g. `video`; answered with port 0.
    Other(String),
}

/// One `m=` line with what belongs to it; session-level values are already spread into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio` or another.
    pub kind: MediaKind,
    /// 0 means rejected or disabled.
    pub port: u16,
    /// From `c=`; `None` if it names no IP address.
    pub address: Option<IpAddr>,
    /// Transport profile.
    pub protocol: Protocol,
    /// The formats of the line in order of preference, static ones named (RFC 3551).
    pub codecs: Vec<Codec>,
    /// Formats that are no codec, as they stood: those of what is not RTP, and payload types that nothing names.
    pub formats: Vec<String>,
    /// Which way.
    pub direction: Direction,
    /// `a=ptime`: what the describing side wants to receive in one packet.
    pub ptime: Option<Duration>,
    /// `a=maxptime`.
    pub max_ptime: Option<Duration>,
    /// What the describing side takes in.
    pub bandwidth: Bandwidth,
    /// ICE credentials, if it speaks ICE.
    pub ice: Option<IceCredentials>,
    /// Candidates of component 1 and 2.
    pub candidates: Vec<Candidate>,
    /// `a=end-of-candidates`.
    pub end_of_candidates: bool,
    /// `a=ice-mismatch` (RFC 8839 5.3): "I saw your default candidate among none of your candidates".
    pub ice_mismatch: bool,
    /// All given, any may match.
    pub fingerprints: Vec<Fingerprint>,
    /// DTLS role.
    pub setup: Option<Setup>,
    /// SDES lines in order of preference.
    pub crypto: Vec<Crypto>,
    /// `a=rtcp-mux` (RFC 5761).
    pub rtcp_mux: bool,
    /// `a=rtcp` (RFC 3605): where RTCP goes without mux.
    pub rtcp: Option<SocketAddr>,
    /// `a=mid`.
    pub mid: Option<String>,
    /// Attributes not understood, as they came (`name[:value]`).
    pub attributes: Vec<String>,
}

/// `o=`: who made the description and which version of it this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `-` from us.
    pub username: String,
    /// Unique.
    pub session_id: u64,
    /// Grows by one with each change (RFC 3264 8).
    pub session_version: u64,
    /// Address of the maker; ours tells nothing it need not.
    pub address: String,
}

/// A description of a session, whether it came as SDP or as Jingle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// `o=`.
    pub origin: Origin,
    /// `a=ice-lite`.
    pub ice_lite: bool,
    /// `a=ice-options`, e.g. `trickle`, `ice2`.
    pub ice_options: Vec<String>,
    /// `a=group:BUNDLE` mids.
    pub bundle: Vec<String>,
    /// The lines in order; an answer has as many.
    pub media: Vec<Media>,
    /// Session-level attributes not understood, as they came (`name[:value]`).
    pub attributes: Vec<String>,
}

impl std::fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IceCredentials({}, …)", self.ufrag)
    }
}

impl std::fmt::Debug for Crypto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crypto({} {} …)", self.tag, self.suite)
    }
}
