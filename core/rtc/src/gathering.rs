use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use cooee_machine::{Entropy, Now, Wake};
use cooee_sdp::{Candidate, Fingerprint, IceCredentials, Negotiated};

use crate::{CandidatePolicy, Certificate, Playout, SessionEvent, Statistics, Timing};

/// What a call's media begins with.
#[derive(Clone, Debug)]
pub struct GatheringConfig {
    /// Addresses of bound UDP sockets, best first: concrete ones (one socket an interface address), never 0.0.0.0 or `::`.
    pub sockets: Vec<SocketAddr>,
    /// STUN servers to ask for our public address; empty for none.
    pub stun_servers: Vec<SocketAddr>,
    /// Which of our addresses the peer may learn.
    pub policy: CandidatePolicy,
    /// For DTLS.
    pub certificate: Certificate,
    /// How long to wait for STUN servers; 500 ms is right.
    pub budget: Duration,
    /// RTCP's canonical name: random, the same for all media of one call (RFC 7022).
    pub cname: String,
    /// Timers.
    pub timing: Timing,
}

/// Names a media session within its [`Gathering`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// What an offer or answer says of our side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTransport {
    /// Those the policy lets the peer know, best first.
    pub candidates: Vec<Candidate>,
    /// Our user fragment and password.
    pub ice: IceCredentials,
    /// Of our certificate.
    pub fingerprint: Fingerprint,
    /// The default candidate, for `c=` and `m=`; port 9 of 0.0.0.0 if the policy leaves none (RFC 8839 4.3.2).
    pub address: SocketAddr,
}

/// One frame as the codec made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedFrame<'a> {
    /// Its octets. Empty: nothing to send for this frame (DTX, muted); the RTP clock moves on, and the next packet carries the marker.
    pub payload: &'a [u8],
    /// Its length at the codec's RTP clock, e.g. 960 for 20 ms of Opus, 160 for 20 ms of PCMA.
    pub samples: u32,
    /// Begins a talk spurt (RFC 3551 4.1). Set by itself on the first packet and after empty frames.
    pub marker: bool,
}

/// What a [`Gathering`] wants done or known.
#[derive(Clone, Debug, PartialEq)]
pub enum GatheringOutput {
    /// Send a datagram.
    Transmit {
        /// From this of our sockets.
        local: SocketAddr,
        /// Where to.
        remote: SocketAddr,
        /// Its octets.
        payload: Bytes,
    },
    /// Candidates are complete, or the budget is over: describe this in the offer or answer. Once.
    Gathered(LocalTransport),
    /// News of a session.
    Session(SessionId, SessionEvent),
    /// Nothing more for now. Call [`Gathering::handle_timeout`] then; `None`: only when something comes in.
    Wake(Option<Wake>),
}

/// The root machine of one call's media: the sockets' multiplexer, the candidates, and one media session an answer.
#[derive(Debug)]
pub struct Gathering {
    config: GatheringConfig,
    entropy: Entropy,
}

impl Gathering {
    /// Begins to gather at once; [`GatheringOutput::Gathered`] follows within the budget.
    #[must_use]
    pub fn new(config: GatheringConfig, entropy: Entropy, now: Now) -> Self {
        let _ = now;
        Self { config, entropy }
    }

    /// A datagram came to one of our sockets. Anything may be in it.
    pub fn handle_datagram(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8], now: Now) {
        let _ = (local, remote, payload, now);
    }

    /// The moment of the last [`GatheringOutput::Wake`] has come; harmless at any other.
    pub fn handle_timeout(&mut self, now: Now) {
        let _ = now;
    }

    /// Starts a session with a peer whose answer (or whose offer, once answered) is known: one for each early dialog. What the peer sent
    /// before was held, and is looked at now. Never fails outright: [`SessionEvent::Failed`] tells.
    pub fn start(&mut self, remote: &Negotiated, now: Now) -> SessionId {
        let _ = (remote, now);
        SessionId(0)
    }

    /// A later agreement with the same peer that leaves ICE and keys as they are: another direction (hold), codec or address.
    pub fn update(&mut self, session: SessionId, remote: &Negotiated, now: Now) {
        let _ = (session, remote, now);
    }

    /// Says good-bye to the peer (RTCP BYE, DTLS close_notify) and forgets the session. Unknown ids do nothing.
    pub fn stop(&mut self, session: SessionId, now: Now) {
        let _ = (session, now);
    }

    /// Sends one frame of the negotiated codec, to be called once a frame in real time, from the start of the session: before the keys
    /// are there (and while the direction forbids it) only the RTP clock moves on.
    pub fn send(&mut self, session: SessionId, frame: EncodedFrame<'_>, now: Now) {
        let _ = (session, frame, now);
    }

    /// Sends a digit (`0`-`9`, `*`, `#`, `A`-`D`) of this length as telephone-event (RFC 4733); sound pauses meanwhile. Digits queue up to
    /// 32. `false` if the peer takes no such events: send tones instead.
    pub fn send_digit(&mut self, session: SessionId, digit: char, length: Duration, now: Now) -> bool {
        let _ = (session, digit, length, now);
        false
    }

    /// The next frame to play. Ask once a frame, when the device needs it.
    pub fn playout(&mut self, session: SessionId, now: Now) -> Playout {
        let _ = (session, now);
        Playout::Silence { duration: Duration::from_millis(20) }
    }

    /// How the session has fared; `None` once it is stopped or has failed.
    #[must_use]
    pub fn statistics(&self, session: SessionId) -> Option<Statistics> {
        let _ = session;
        None
    }

    /// Call after every `handle_*` and every command until it answers [`GatheringOutput::Wake`].
    pub fn poll_output(&mut self) -> GatheringOutput {
        let _ = (&self.config, &mut self.entropy);
        GatheringOutput::Wake(None)
    }
}
