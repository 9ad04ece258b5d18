use std::net::SocketAddr;
use std::time::Duration;

use crate::{Bandwidth, Candidate, Codec, Crypto, Direction, DtlsRole, Fingerprint, IceCredentials, Origin};

/// Which ways of protecting media may be used. The strongest that both sides can do is taken: DTLS, then SDES, then plain.
///
/// | policy | what is offered | what an answer may make of it |
/// |---|---|---|
/// | [`DTLS_ONLY`](Self::DTLS_ONLY) | `UDP/TLS/RTP/SAVPF`, fingerprint | DTLS |
/// | [`DTLS_WITHOUT_FEEDBACK`](Self::DTLS_WITHOUT_FEEDBACK) | `UDP/TLS/RTP/SAVP`, fingerprint | DTLS |
/// | [`SDES_ONLY`](Self::SDES_ONLY) | `RTP/SAVP`, crypto lines | SDES |
/// | [`BEST_EFFORT`](Self::BEST_EFFORT) | `RTP/AVP`, fingerprint and crypto lines | DTLS, SDES, plain |
/// | [`PLAIN_ONLY`](Self::PLAIN_ONLY) | `RTP/AVP` | plain |
///
/// As answerer each accepts whatever it allows, in any profile that can carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecurityPolicy {
    /// DTLS-SRTP (RFC 5763); needs [`LocalMedia::fingerprint`].
    pub dtls: bool,
    /// SDES (RFC 4568), only where every hop of the signalling is known to be TLS; needs [`LocalMedia::crypto`].
    pub sdes: bool,
    /// No protection at all, only by the account's option and always shown.
    pub plain: bool,
    /// Offer all that is allowed in one `RTP/AVP` line, so that a peer that knows none of it may still take the call (RFC 8643), if
    /// `plain` allows. Else the strongest is offered alone, in its own profile.
    pub best_effort: bool,
    /// Offer DTLS in the profile with early feedback (`UDP/TLS/RTP/SAVPF`); else in `UDP/TLS/RTP/SAVP`, the only one that some exchanges
    /// know. As answerer both are taken.
    pub feedback: bool,
}

impl SecurityPolicy {
    /// DTLS-SRTP or no call.
    pub const DTLS_ONLY: Self = Self { dtls: true, sdes: false, plain: false, best_effort: false, feedback: true };
    /// DTLS-SRTP or no call, offered to those who refuse its profile with feedback.
    pub const DTLS_WITHOUT_FEEDBACK: Self = Self { feedback: false, ..Self::DTLS_ONLY };
    /// SDES or no call.
    pub const SDES_ONLY: Self = Self { dtls: false, sdes: true, ..Self::DTLS_ONLY };
    /// The best that the peer can do, offered as RFC 8643 says.
    pub const BEST_EFFORT: Self = Self { sdes: true, plain: true, best_effort: true, ..Self::DTLS_ONLY };
    /// No protection.
    pub const PLAIN_ONLY: Self = Self { dtls: false, plain: true, ..Self::DTLS_ONLY };
}

impl Default for SecurityPolicy {
    fn default() -> Self {
        Self::DTLS_ONLY
    }
}

/// What this side has and wants for one audio stream: the raw material of an offer or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalMedia {
    /// The default candidate: goes into `c=` and `m=`.
    pub address: SocketAddr,
    /// Candidates of component 1, and of component 2 if `rtcp` names one. Those of component 2 are described only where RTP and RTCP do not
    /// share a port.
    pub candidates: Vec<Candidate>,
    /// The default candidate of component 2: goes into `a=rtcp` where RTP and RTCP do not share a port. `None`: there is no second component,
    /// and RTCP has the next port or none.
    pub rtcp: Option<SocketAddr>,
    /// No more candidates will come.
    pub end_of_candidates: bool,
    /// `None`: this side does not speak ICE.
    pub ice: Option<IceCredentials>,
    /// Of the DTLS certificate.
    pub fingerprint: Option<Fingerprint>,
    /// SDES keys, one for each suite this side knows, in order of preference ([`Crypto::fresh`]); used only if the policy says so.
    pub crypto: Vec<Crypto>,
    /// What may be used.
    pub security: SecurityPolicy,
    /// In order of preference, `telephone-event` included.
    pub codecs: Vec<Codec>,
    /// What this side is willing to do.
    pub direction: Direction,
    /// What this side wants to receive in one packet.
    pub ptime: Option<Duration>,
    /// The most this side takes in one packet.
    pub max_ptime: Option<Duration>,
    /// What this side wants to receive altogether. Where it says anything, an answer names codecs in this side's order (RFC 3264 6.1 lets
    /// it): the offerer's first may be one that does not fit.
    pub bandwidth: Bandwidth,
    /// RTP and RTCP share a port (RFC 5761).
    pub rtcp_mux: bool,
    /// The DTLS role taken in an answer when the offerer leaves the choice (RFC 5763 says client).
    pub answer_role: DtlsRole,
}

impl Origin {
    /// An origin that tells nothing but a number: no user name, no address (RFC 8866 5.2; the form of RFC 8829 5.2.1).
    #[must_use]
    pub fn anonymous(session_id: u64) -> Self {
        // RFC 3264 5: it must fit 63 bits for peers that keep it signed.
        Self { username: "-".into(), session_id: session_id >> 1, session_version: 1, address: "127.0.0.1".into() }
    }

    /// The origin of the next, changed description of the same session (RFC 3264 8).
    #[must_use]
    pub fn next_version(&self) -> Self {
        Self { session_version: self.session_version.wrapping_add(1), ..self.clone() }
    }
}
