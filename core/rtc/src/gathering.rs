use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_machine::{Entropy, Now, Wake};
use cooee_sdp::{Candidate, Fingerprint, IceCredentials, Negotiated};
use is::stun::StunMessage;

use crate::component::Component;
use crate::gather::{default_of, signalled};
use crate::ice::{LocalIce, Pair};
use crate::mux::{Class, Hold, Routes, classify};
use crate::outbox::Outbox;
use crate::session::{Context, Session};
use crate::{CandidatePolicy, Certificate, MediaFailure, Playout, SessionEvent, Statistics, Timing};

/// What a call's media begins with.
#[derive(Clone, Debug)]
pub struct GatheringConfig {
    /// Addresses of bound UDP sockets, best first: concrete ones (one socket an interface address). Unspecified and link-local ones are
    /// left out.
    pub sockets: Vec<SocketAddr>,
    /// More of them, of which reports alone come and go: for a peer that does not multiplex RTP and RTCP but speaks ICE. Else empty.
    pub rtcp_sockets: Vec<SocketAddr>,
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
    /// Those the policy lets the peer know: all of component 1, best first, then those of component 2 if there is one.
    pub candidates: Vec<Candidate>,
    /// Our user fragment and password.
    pub ice: IceCredentials,
    /// Of our certificate.
    pub fingerprint: Fingerprint,
    /// The default candidate, for `c=` and `m=`; port 9 of 0.0.0.0 if the policy leaves none (RFC 8839 4.3.2).
    pub address: SocketAddr,
    /// The same of component 2, for `a=rtcp`, if there is one.
    pub rtcp: Option<SocketAddr>,
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
    /// Candidates are complete, or the budget is over: describe this in the offer or answer. Once, and once more after
    /// [`Gathering::gather_rtcp`].
    Gathered(LocalTransport),
    /// Open one more UDP socket, at this address: a peer without rtcp-mux sends its reports there, one port above its sound. Where that
    /// cannot be, what leaves from there may leave from the port below.
    Open {
        /// What to bind.
        local: SocketAddr,
    },
    /// News of a session.
    Session(SessionId, SessionEvent),
    /// Nothing more for now. Call [`Gathering::handle_timeout`] then; `None`: only when something comes in.
    Wake(Option<Wake>),
}

/// The root machine of one call's media: the sockets' multiplexer, the candidates, and one media session an answer.
#[derive(Debug)]
pub struct Gathering {
    config: GatheringConfig,
    rtp: Component,
    /// Where a peer needs it.
    rtcp: Option<Component>,
    sessions: Vec<Session>,
    routes: Routes,
    hold: Hold,
    out: Outbox,
    entropy: Entropy,
    next: u32,
    /// The latest moment seen, for wake-ups.
    now: Instant,
}

/// A fork with more branches than this has an attacker behind it.
const MAX_SESSIONS: usize = 16;

impl Gathering {
    /// Begins to gather at once; [`GatheringOutput::Gathered`] follows within the budget.
    #[must_use]
    pub fn new(mut config: GatheringConfig, mut entropy: Entropy, now: Now) -> Self {
        config.sockets.retain(|socket| is_concrete(*socket));
        let credentials = IceCredentials::fresh(&mut entropy);
        let local = LocalIce { credentials, tie_breaker: entropy.u64(), hosts: Vec::new(), reflexive: Vec::new() };
        let rtp = Component::new(&config.sockets, local, &config, entropy.fork(), now.instant);
        let rtcp_sockets = std::mem::take(&mut config.rtcp_sockets);
        let mut gathering = Self {
            config,
            rtp,
            rtcp: None,
            sessions: Vec::new(),
            routes: Routes::default(),
            hold: Hold::default(),
            out: Outbox::default(),
            entropy,
            next: 0,
            now: now.instant,
        };
        gathering.begin_rtcp(rtcp_sockets, now.instant);
        gathering.handle_timeout(now);
        gathering
    }

    /// A peer turns out not to multiplex RTP and RTCP: gathers a second component from more sockets, as in
    /// [`GatheringConfig::rtcp_sockets`]. [`GatheringOutput::Gathered`] follows within the budget; sessions whose peers have described
    /// theirs then begin to check it. Does nothing if there is one already.
    pub fn gather_rtcp(&mut self, sockets: Vec<SocketAddr>, now: Now) {
        self.begin_rtcp(sockets, now.instant);
        self.handle_timeout(now);
    }

    fn begin_rtcp(&mut self, mut sockets: Vec<SocketAddr>, now: Instant) {
        sockets.retain(|socket| is_concrete(*socket));
        if self.rtcp.is_none() && !sockets.is_empty() {
            self.rtcp = Some(Component::new(&sockets, self.rtp.local.clone(), &self.config, self.entropy.fork(), now));
        }
    }

    fn components(&mut self) -> impl Iterator<Item = &mut Component> {
        std::iter::once(&mut self.rtp).chain(&mut self.rtcp)
    }

    /// A datagram came to one of our sockets. Anything may be in it.
    pub fn handle_datagram(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8], now: Now) {
        self.now = now.instant;
        let pair = Pair { local, remote };
        match classify(payload) {
            Class::Stun => self.handle_stun(pair, payload, now.instant),
            class @ (Class::Dtls | Class::Rtp | Class::Rtcp) => match self.owner(pair) {
                Some(session) if class == Class::Dtls => session.0.handle_dtls(pair, payload, now.instant, session.1),
                Some(session) => session.0.handle_media(pair, payload, now.instant, session.1),
                None => self.hold.keep(local, remote, payload, now.instant),
            },
            Class::Other => {}
        }
        self.forget_the_fallen();
    }

    fn handle_stun(&mut self, pair: Pair, payload: &[u8], now: Instant) {
        let answered = self.components().find_map(|component| component.handle_datagram(pair.local, pair.remote, payload, now));
        if let Some(complete) = answered {
            if complete {
                self.gathered(now);
            }
            return;
        }
        let Ok(message) = StunMessage::parse(payload) else { return };
        let Some(transaction) = payload.get(8..20).and_then(|id| id.try_into().ok()) else { return };
        match self.sessions.iter_mut().find(|session| session.accepts(&message)) {
            Some(session) => {
                self.routes.prove(pair.local, pair.remote, session.id);
                session.handle_stun(message, transaction, pair, now, &mut self.out);
            }
            // Before its answer is known, a peer must at least know our password: strangers are not kept.
            None if self.rtp.local.authenticates(&message) => self.hold.keep(pair.local, pair.remote, payload, now),
            None => {}
        }
        if self.sessions.iter().any(Session::has_path) {
            self.components().for_each(Component::rest);
        }
    }

    /// Whose packets these are: by proof, by the path in use, or without ICE by what the peer said.
    fn owner(&mut self, pair: Pair) -> Option<(&mut Session, &mut Outbox)> {
        let proven = self.routes.find(pair.local, pair.remote);
        let without_ice = |session: &&Session| session.is_without_ice();
        let id = proven
            .or_else(|| self.sessions.iter().find(|session| session.uses(pair)).map(|session| session.id))
            .or_else(|| self.sessions.iter().filter(without_ice).find(|session| session.expects(pair.remote)).map(|session| session.id))
            .or_else(|| self.sessions.iter().rfind(without_ice).map(|session| session.id))?;
        let session = self.sessions.iter_mut().find(|session| session.id == id)?;
        Some((session, &mut self.out))
    }

    /// The moment of the last [`GatheringOutput::Wake`] has come; harmless at any other.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now.instant;
        let Self { rtp, rtcp, out, .. } = self;
        let just = [Some(rtp), rtcp.as_mut()]
            .into_iter()
            .flatten()
            .filter_map(|component| component.handle_timeout(now.instant, out).then_some(()));
        if just.count() > 0 {
            self.gathered(now.instant);
        }
        for session in &mut self.sessions {
            session.handle_timeout(now.instant, &mut self.out);
        }
        self.forget_the_fallen();
    }

    /// A component is complete. What waited for all of them goes on.
    fn gathered(&mut self, now: Instant) {
        if self.components().any(|component| !component.is_complete()) {
            return;
        }
        let (rtp, rtcp) = (&self.rtp.local, self.rtcp.as_ref().map(|component| &component.local));
        if let Some(rtcp) = rtcp {
            self.sessions.iter_mut().for_each(|session| session.begin_rtcp(rtcp, now));
        }
        let candidates = signalled(std::iter::once(rtp).chain(rtcp), self.config.policy);
        self.out.push(GatheringOutput::Gathered(LocalTransport {
            address: default_of(&candidates, 1),
            rtcp: rtcp.map(|_| default_of(&candidates, 2)),
            candidates,
            ice: rtp.credentials.clone(),
            fingerprint: self.config.certificate.fingerprint().clone(),
        }));
    }

    /// Starts a session with a peer whose answer (or whose offer, once answered) is known: one for each early dialog. What the peer sent
    /// before was held, and is looked at now. Never fails outright: [`SessionEvent::Failed`] tells.
    pub fn start(&mut self, remote: &Negotiated, now: Now) -> SessionId {
        self.now = now.instant;
        self.next += 1;
        let id = SessionId(self.next);
        if self.sessions.len() >= MAX_SESSIONS {
            self.out.event(id, SessionEvent::Failed(MediaFailure::TooManySessions));
            return id;
        }
        let context = Context {
            local: &self.rtp.local,
            rtcp: complete(&self.rtcp),
            certificate: &self.config.certificate,
            timing: &self.config.timing,
            cname: &self.config.cname,
            socket: self.socket_of(remote),
        };
        let session = Session::new(id, remote, &context, self.entropy.fork(), now, &mut self.out);
        self.sessions.push(session);
        let early: Vec<_> = self.hold.release(now.instant).collect();
        for early in early {
            self.handle_datagram(early.local, early.remote, &early.payload, now);
        }
        self.forget_the_fallen();
        id
    }

    /// Our socket for a peer without ICE, which may not have said where it is.
    fn socket_of(&self, remote: &Negotiated) -> Option<SocketAddr> {
        remote.remote_address.map_or(self.rtp.local.hosts.first().copied(), |address| self.socket_for(address))
    }

    /// Our socket for an address: of its family, and on the loopback only with a peer that is there, too.
    fn socket_for(&self, remote: SocketAddr) -> Option<SocketAddr> {
        let fits = |socket: &&SocketAddr| socket.is_ipv4() == remote.is_ipv4() && socket.ip().is_loopback() == remote.ip().is_loopback();
        let same_family = |socket: &&SocketAddr| socket.is_ipv4() == remote.is_ipv4();
        let hosts = &self.rtp.local.hosts;
        hosts
            .iter()
            .find(|socket| socket.ip() == remote.ip())
            .or_else(|| hosts.iter().find(fits))
            .or_else(|| hosts.iter().find(same_family))
            .copied()
    }

    /// A later agreement with the same peer: direction (hold), codec, address, keys, fingerprint, ICE credentials. The old path and keys
    /// serve until the new ones do. For an ICE restart the credentials come with the agreement: [`cooee_sdp::RemoteIce::ours`].
    pub fn update(&mut self, session: SessionId, remote: &Negotiated, now: Now) {
        self.now = now.instant;
        let socket = self.socket_of(remote);
        if let Some(session) = self.sessions.iter_mut().find(|known| known.id == session) {
            let Self { rtp: Component { local, .. }, rtcp, config: GatheringConfig { certificate, timing, cname, .. }, out, .. } = self;
            let context = Context { local, rtcp: complete(rtcp), certificate, timing, cname, socket };
            session.update(remote, &context, now.instant, out);
        }
        self.forget_the_fallen();
    }

    /// Says good-bye to the peer (RTCP BYE, and close_notify soon after the handshake) and forgets the session. Unknown ids do nothing.
    pub fn stop(&mut self, session: SessionId, now: Now) {
        self.now = now.instant;
        if let Some(session) = self.sessions.iter_mut().find(|known| known.id == session) {
            session.close(now.instant, &mut self.out);
        }
        self.forget_the_fallen();
    }

    fn forget_the_fallen(&mut self) {
        let routes = &mut self.routes;
        self.sessions.retain(|session| {
            if session.is_over() {
                routes.forget(session.id);
            }
            !session.is_over()
        });
    }

    /// Sends one frame of the negotiated codec, to be called once a frame in real time, from the start of the session: before the keys
    /// are there (and while the direction forbids it) only the RTP clock moves on.
    pub fn send(&mut self, session: SessionId, frame: EncodedFrame<'_>, now: Now) {
        self.now = now.instant;
        if let Some(session) = self.sessions.iter_mut().find(|known| known.id == session) {
            session.send(frame, now.instant, &mut self.out);
        }
    }

    /// Sends a digit (`0`-`9`, `*`, `#`, `A`-`D`) of this length as telephone-event (RFC 4733); sound pauses meanwhile. Up to 32 digits
    /// queue. `false` if the peer takes no such events (send tones instead), nothing may be sent (no keys yet, on hold), the queue is full, or
    /// it is no digit.
    pub fn send_digit(&mut self, session: SessionId, digit: char, length: Duration, now: Now) -> bool {
        self.now = now.instant;
        let Some(session) = self.sessions.iter_mut().find(|known| known.id == session) else { return false };
        let taken = session.send_digit(digit, length, now.instant);
        session.handle_timeout(now.instant, &mut self.out);
        self.forget_the_fallen();
        taken
    }

    /// The next frame to play. Ask once a frame, when the device needs it.
    pub fn playout(&mut self, session: SessionId, now: Now) -> Playout {
        let silence = Playout::Silence { duration: Duration::from_millis(20) };
        self.sessions.iter_mut().find(|known| known.id == session).map_or(silence, |session| session.playout(now.instant))
    }

    /// How the session has fared; `None` once it is stopped or has failed.
    #[must_use]
    pub fn statistics(&self, session: SessionId) -> Option<Statistics> {
        self.sessions.iter().find(|known| known.id == session).map(Session::statistics)
    }

    /// Call after every `handle_*` and every command until it answers [`GatheringOutput::Wake`].
    pub fn poll_output(&mut self) -> GatheringOutput {
        if let Some(output) = self.out.pop() {
            return output;
        }
        let now = self.now;
        let sessions = self.sessions.iter_mut().map(|session| session.next_wake(now)).fold(None, Wake::earlier);
        GatheringOutput::Wake(self.components().map(|component| component.next_wake()).fold(sessions, Wake::earlier))
    }
}

/// Our side of a component that can be described.
fn complete(component: &Option<Component>) -> Option<&LocalIce> {
    component.as_ref().filter(|component| component.is_complete()).map(|component| &component.local)
}

/// An address that a peer elsewhere can be told. Link-local ones mean nothing without their interface.
fn is_concrete(socket: SocketAddr) -> bool {
    let is_link_local = match socket.ip() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    socket.port() != 0 && !socket.ip().is_unspecified() && !is_link_local
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gathering_may_move_to_the_media_thread() {
        fn may_move<T: Send>() {}
        may_move::<Gathering>();
        may_move::<GatheringOutput>();
    }
}
