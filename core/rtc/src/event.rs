use std::net::SocketAddr;
use std::time::Duration;

use cooee_sdp::CandidateKind;

use crate::Statistics;

/// What a media session tells its owner.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SessionEvent {
    /// Packets have a way: the first, another, or the same one again after [`SessionEvent::PathLost`].
    Path(Path),
    /// SHA-256 of the certificate that the peer has proven to have, which is one of those that signalling named; before
    /// [`SessionEvent::Secured`].
    PeerKey([u8; 32]),
    /// The keys are agreed and the peer's fingerprint is the one that signalling named; from here on frames are sent and played.
    Secured {
        /// How far the protection reaches.
        security: MediaSecurity,
        /// The SRTP profile by its IANA name, e.g. `AEAD_AES_128_GCM`; `none` for plain RTP.
        cipher: &'static str,
    },
    /// The first packet of the peer's sound came; once.
    Heard,
    /// Sound flows: the keys are there and each negotiated direction is proven (authenticated RTP or RTCP came in; ours arrived by an
    /// RTCP report, by STUN consent or by the DTLS handshake).
    Active,
    /// Five seconds with keys and still not [`SessionEvent::Active`]: the call goes on, one way at best. `Active` may follow.
    OneWay(OneWayCause),
    /// Nothing answers any more: 1 s of silence and four unanswered probes (ICE), 30 s of silence (without ICE). Restart ICE, or wait:
    /// [`SessionEvent::Path`] tells that it is back.
    PathLost,
    /// RTCP came in or went out; at most two a RTCP interval.
    Report(Statistics),
    /// The peer asks that no more is sent than this (TMMBR, RFC 5104); it holds until it asks for something else.
    RateLimited(RateLimit),
    /// The peer pressed a digit: `0`-`9`, `*`, `#`, `A`-`D` (RFC 4733), once a press.
    Digit(char),
    /// The session is over and will neither send nor play.
    Failed(MediaFailure),
    /// The peer ended the media (RTCP BYE and 2 s of silence, or DTLS close_notify); what signalling says is what counts.
    Closed,
    /// It did not: after [`SessionEvent::Closed`] the peer spoke, reported, or agreed on how to go on.
    Reopened,
}

/// How much may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// In bit/s, with as much of the headers as `overhead` says.
    pub total: u32,
    /// Octets of headers in each packet that count.
    pub overhead: u16,
}

impl RateLimit {
    /// What it leaves for payload, in bit/s, in packets of this length.
    #[must_use]
    pub fn for_payload(self, packet: Duration) -> u32 {
        let headers = u64::from(self.overhead) * 8 * 1000 / u64::try_from(packet.as_millis().max(1)).unwrap_or(u64::MAX);
        self.total.saturating_sub(u32::try_from(headers).unwrap_or(u32::MAX))
    }
}

/// A pair of addresses that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Our socket.
    pub local: SocketAddr,
    /// What our address is, as far as ICE knows; `Host` without ICE.
    pub local_kind: CandidateKind,
    /// Where packets are sent.
    pub remote: SocketAddr,
    /// What the peer's address is; `Host` without ICE.
    pub remote_kind: CandidateKind,
    /// Round trip by STUN, if measured yet.
    pub rtt: Option<Duration>,
}

impl Path {
    /// Whether both are between the same two addresses.
    #[must_use]
    pub fn is_between(&self, other: Self) -> bool {
        (self.local, self.remote) == (other.local, other.remote)
    }
}

/// Who can hear the call: exactly these words and no stronger ones, in logs, on the command line and in the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaSecurity {
    /// Anyone on the path.
    None,
    /// The servers that carried the keys (SDES).
    ToServers,
    /// Only the two ends, as far as the servers told the fingerprints truly (DTLS-SRTP).
    EndToEnd,
    /// Only the two ends; the fingerprints were compared by the two people.
    Verified,
}

impl MediaSecurity {
    /// Each of them, the weakest first.
    pub const ALL: [Self; 4] = [Self::None, Self::ToServers, Self::EndToEnd, Self::Verified];

    /// A stable name, for scripts and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ToServers => "to-servers",
            Self::EndToEnd => "end-to-end",
            Self::Verified => "verified",
        }
    }
}

/// The likely reason why sound flows one way at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OneWayCause {
    /// Nothing from the peer has arrived: it is silent, or a firewall on the way drops it.
    NothingReceived,
    /// Packets arrive, but none can be decrypted: the two sides hold different keys.
    Undecryptable,
    /// The peer's sound arrives, but it reports nothing of ours.
    NotHeard,
    /// Neither way is proven.
    Neither,
}

/// Why a media session failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum MediaFailure {
    /// No candidate pair works.
    #[error("no network path to the other side")]
    NoPath,
    /// The peer named no address that packets could be sent to.
    #[error("the other side gave no address for media")]
    NoAddress,
    /// The DTLS handshake did not complete in time.
    #[error("the encryption handshake did not complete")]
    Handshake,
    /// The peer's certificate is not the one that signalling announced: someone may be listening in.
    #[error("the other side's certificate is not the announced one")]
    Fingerprint,
    /// The handshake came to no SRTP profile, or SDES named a suite or key that cannot be used.
    #[error("no common media encryption")]
    NoSrtpProfile,
    /// The peer has not consented to receive for 30 s (RFC 7675): sending stopped.
    #[error("the other side no longer answers")]
    ConsentExpired,
    /// More answers to one offer than are kept.
    #[error("too many answers to one call")]
    TooManySessions,
    /// A cryptographic library refused its work.
    #[error("media encryption is not available")]
    Crypto,
}
