//! Connectivity by ICE (RFC 8445): the one module that knows `is`, and what it needs around it.
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_sdp::{Candidate, CandidateKind, IceCredentials, RemoteIce};
use is::stun::{StunMessage, StunPacket};
use is::{IceAgent, IceAgentEvent, IceCreds, Protocol, Sha1HmacProvider};
use ring::hmac;

use crate::Timing;

#[derive(Debug)]
struct RingHmac;

impl Sha1HmacProvider for RingHmac {
    fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key));
        payloads.iter().for_each(|part| context.update(part));
        // SHA-1 tags are 20 octets by definition; anything else would match nothing.
        context.sign().as_ref().try_into().unwrap_or_default()
    }
}

/// Checks between one local and one remote set of candidates.
pub(crate) struct Ice {
    agent: IceAgent,
    nominated: Option<Pair>,
    valid: Option<Pair>,
    /// Requests under way, for round trips of pairs not nominated yet.
    asked: VecDeque<([u8; 12], Instant)>,
    rtt: Option<Duration>,
    /// Our address as the peer sees it.
    mapped: Option<SocketAddr>,
    signalled: Vec<(SocketAddr, CandidateKind)>,
    component: u8,
    consent: Duration,
    probing: bool,
}

/// Two addresses that checks have shown to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

/// What a STUN message meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The peer asks.
    Request,
    /// The peer answered: consent to send (RFC 7675).
    Consent,
    /// Anything else that is authentic.
    Other,
}

/// Our side of ICE, shared by all sessions of one offer.
#[derive(Clone, Debug)]
pub(crate) struct LocalIce {
    pub(crate) credentials: IceCredentials,
    pub(crate) tie_breaker: u64,
    /// Host candidates' addresses, and public addresses with the host address they belong to.
    pub(crate) hosts: Vec<SocketAddr>,
    pub(crate) reflexive: Vec<(SocketAddr, SocketAddr)>,
}

const MAX_REMOTE_CANDIDATES: usize = 32;
const MAX_ASKED: usize = 32;
/// `is` never tries a pair again that it has given up, so it must not give up while hunting.
const HUNTING_TRIES: usize = 40;
const SETTLED_TRIES: usize = 9;

impl LocalIce {
    /// Addresses with their kind and priority as the agent will compute them; those it finds redundant are missing.
    pub(crate) fn priorities(&self) -> Vec<(SocketAddr, CandidateKind, u32)> {
        let mut agent = IceAgent::with_hmac(creds(&self.credentials), &RingHmac);
        self.candidates().filter_map(|(kind, candidate)| agent.add_local_candidate(candidate).map(|c| (c.addr(), kind, c.prio()))).collect()
    }

    /// Host candidates go to the agent under every policy: it drops requests whose destination is neither a host nor a relayed candidate.
    fn candidates(&self) -> impl Iterator<Item = (CandidateKind, is::Candidate)> {
        let hosts = self.hosts.iter().filter_map(|host| Some((CandidateKind::Host, is::Candidate::host(*host, "udp").ok()?)));
        let reflexive = self.reflexive.iter().filter_map(|(address, base)| {
            Some((CandidateKind::ServerReflexive, is::Candidate::server_reflexive(*address, *base, "udp").ok()?))
        });
        hosts.chain(reflexive)
    }

    /// Whether a check is for us and authentic, whoever the peer may be: what is worth holding before its answer is known.
    pub(crate) fn authenticates(&self, message: &StunMessage<'_>) -> bool {
        message.is_binding_request()
            && message.split_username().is_some_and(|(ours, _)| ours == self.credentials.ufrag)
            && message.verify(self.credentials.pwd.as_bytes(), |key, parts| RingHmac.sha1_hmac(key, parts))
    }
}

impl Ice {
    /// Order matters to `is`: timing, role and tie-breaker, then remote credentials, then candidates, whose priorities and ufrag are fixed
    /// as they are added; then `handle_timeout` at once, or it never asks for time.
    ///
    /// `component`: 1 for RTP, 2 for RTCP of its own. `is` knows 1 only, so the peer's candidates are numbered anew.
    pub(crate) fn new(local: &LocalIce, remote: &RemoteIce, component: u8, controlling: bool, timing: &Timing, now: Instant) -> Self {
        let mut agent = IceAgent::with_hmac(creds(&local.credentials), &RingHmac);
        agent.set_timing_advance(timing.ta);
        agent.set_initial_stun_rto(timing.rto);
        agent.set_max_stun_rto(timing.hunt);
        agent.set_max_stun_retransmits(HUNTING_TRIES);
        agent.set_max_candidate_pairs(100);
        agent.set_control_tie_breaker(local.tie_breaker);
        agent.set_controlling(controlling);
        agent.set_remote_credentials(creds(&remote.credentials));
        for (_, candidate) in local.candidates() {
            agent.add_local_candidate(candidate);
        }
        let mut ice = Self {
            agent,
            nominated: None,
            valid: None,
            asked: VecDeque::new(),
            rtt: None,
            mapped: None,
            signalled: Vec::new(),
            component,
            consent: timing.consent,
            probing: false,
        };
        ice.add_candidates(remote);
        ice.agent.handle_timeout(now);
        ice
    }

    /// The peer has told more of its candidates under the same credentials.
    pub(crate) fn add_candidates(&mut self, remote: &RemoteIce) {
        let is_known = |signalled: &[(SocketAddr, CandidateKind)], address| signalled.iter().any(|(known, _)| *known == address);
        for candidate in remote.candidates.iter().filter(|c| c.component == self.component && is_usable(c)) {
            if self.signalled.len() < MAX_REMOTE_CANDIDATES && !is_known(&self.signalled, candidate.address) {
                self.signalled.push((candidate.address, candidate.kind));
                self.agent.add_remote_candidate(remote_candidate(candidate));
            }
        }
    }

    /// Whether a message belongs to this agent and is authentic.
    pub(crate) fn accepts(&self, message: &StunMessage<'_>) -> bool {
        self.agent.accepts_message(message)
    }

    /// A message that [`Ice::accepts`].
    pub(crate) fn handle(&mut self, message: StunMessage<'_>, transaction: [u8; 12], pair: Pair, now: Instant) -> Heard {
        let (success, nominates) = (message.is_successful_binding_response(), message.use_candidate());
        let request = message.is_binding_request();
        let mapped = message.mapped_address();
        self.agent.handle_packet(now, StunPacket { proto: Protocol::Udp, source: pair.remote, destination: pair.local, message });
        if success {
            self.measure(transaction, now);
            self.mapped = mapped.or(self.mapped);
            // No event says "valid": ask after each success. The pair's local end is where the answer came in.
            if self.valid.is_none() && self.agent.has_viable_remote_candidate(pair.remote) {
                self.valid = Some(pair);
            }
        }
        if success || nominates {
            // Else the nomination would wait for the next Ta.
            self.agent.handle_timeout(now);
        }
        match (success, request) {
            (true, _) => Heard::Consent,
            (_, true) => Heard::Request,
            _ => Heard::Other,
        }
    }

    /// Only a request that was sent once says how long the way is (Karn's rule): the answer to a repeated one may be to any copy.
    fn measure(&mut self, transaction: [u8; 12], now: Instant) {
        let mut copies = self.asked.iter().filter(|(id, _)| *id == transaction);
        if let (Some((_, at)), None) = (copies.next(), copies.next()) {
            let sample = now.saturating_duration_since(*at);
            self.rtt = Some(self.rtt.map_or(sample, |old| (old * 7 + sample) / 8));
        }
        self.asked.retain(|(id, _)| *id != transaction);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.deadline().is_some_and(|at| at <= now) {
            self.agent.handle_timeout(now);
        }
    }

    /// Takes what the agent has to send, and its decisions. To be called before [`Ice::deadline`] after each change.
    pub(crate) fn drain(&mut self, now: Instant, mut send: impl FnMut(SocketAddr, SocketAddr, Bytes)) {
        while let Some(event) = self.agent.poll_event() {
            if let IceAgentEvent::NominatedSend { source, destination, .. } = event {
                self.nominated = Some(Pair { local: source, remote: destination });
                self.agent.set_max_stun_rto(self.consent);
                self.agent.set_max_stun_retransmits(SETTLED_TRIES);
            }
        }
        while let Some(transmit) = self.agent.poll_transmit() {
            let payload = Vec::from(transmit.contents);
            if let ([0, 1, ..], Some(id)) = (payload.as_slice(), payload.get(8..20).and_then(|id| id.try_into().ok())) {
                if self.asked.len() >= MAX_ASKED {
                    self.asked.pop_front();
                }
                self.asked.push_back((id, now));
            }
            send(transmit.source, transmit.destination, Bytes::from(payload));
        }
    }

    /// The pair to use: the nominated one, or before that the first valid one (RFC 8445 12.1.1).
    pub(crate) fn chosen(&self) -> Option<Pair> {
        self.nominated.or(self.valid)
    }

    /// The pair is settled.
    pub(crate) fn has_nominated(&self) -> bool {
        self.nominated.is_some()
    }

    pub(crate) fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// What the two addresses of a pair are.
    pub(crate) fn kinds(&self, pair: Pair, local: &LocalIce) -> (CandidateKind, CandidateKind) {
        let ours = match self.mapped {
            None => CandidateKind::Host,
            Some(mapped) if mapped == pair.local => CandidateKind::Host,
            Some(mapped) if local.reflexive.iter().any(|(address, _)| *address == mapped) => CandidateKind::ServerReflexive,
            Some(_) => CandidateKind::PeerReflexive,
        };
        let theirs =
            self.signalled.iter().find(|(address, _)| *address == pair.remote).map_or(CandidateKind::PeerReflexive, |(_, kind)| *kind);
        (ours, theirs)
    }

    /// Every pair has been tried in vain, and no nominated one is left.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.chosen().is_none() && self.agent.state().is_disconnected()
    }

    pub(crate) fn deadline(&mut self) -> Option<Instant> {
        self.agent.poll_timeout()
    }

    /// Asks more often while there is doubt. Takes effect at once: `is` then forgets when it wanted to check next.
    pub(crate) fn probe(&mut self, pace: Option<Duration>) {
        if self.probing != pace.is_some() {
            self.probing = pace.is_some();
            self.agent.set_max_stun_rto(pace.unwrap_or(self.consent));
        }
    }
}

impl std::fmt::Debug for Ice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ice({:?})", self.agent.state())
    }
}

fn creds(credentials: &IceCredentials) -> IceCreds {
    IceCreds { ufrag: credentials.ufrag.clone(), pass: credentials.pwd.clone() }
}

/// Some addresses can never be sent to.
fn is_usable(candidate: &Candidate) -> bool {
    let ip = candidate.address.ip();
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    candidate.address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

fn remote_candidate(candidate: &Candidate) -> is::Candidate {
    let kind = match candidate.kind {
        CandidateKind::Host => is::CandidateKind::Host,
        CandidateKind::ServerReflexive => is::CandidateKind::ServerReflexive,
        CandidateKind::PeerReflexive => is::CandidateKind::PeerReflexive,
        CandidateKind::Relayed => is::CandidateKind::Relayed,
    };
    let foundation = candidate.foundation.clone();
    is::Candidate::from_parts(foundation, 1, Protocol::Udp, candidate.priority, candidate.address, kind, candidate.related, None, None)
}
