use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_machine::{Entropy, Wake};
use cooee_sdp::{Candidate, CandidateKind};

use crate::CandidatePolicy;
use crate::ice::LocalIce;
use crate::outbox::Outbox;
use crate::stun::{Answer, TransactionId, binding_request, binding_response};

/// Asks STUN servers what our sockets' addresses look like from outside, and keeps those addresses open while the call rings.
#[derive(Debug)]
pub(crate) struct Gather {
    probes: Vec<Probe>,
    deadline: Instant,
    complete: bool,
    entropy: Entropy,
    rto: Duration,
}

/// One socket and one server.
#[derive(Debug)]
struct Probe {
    socket: SocketAddr,
    server: SocketAddr,
    id: TransactionId,
    next: Instant,
    rto: Duration,
    answered: bool,
    mapped: Option<SocketAddr>,
}

const MAX_SOCKETS: usize = 8;
const MAX_SERVERS: usize = 4;
/// Shorter than the shortest life of a NAT binding seen in practice (30 s; RFC 8445 11 says 15 s).
const KEEPALIVE: Duration = Duration::from_secs(15);

impl Gather {
    /// Probes begin one Ta apart (RFC 8445 14), the first server of every socket first.
    pub(crate) fn new(
        sockets: &[SocketAddr],
        servers: &[SocketAddr],
        budget: Duration,
        timing: &crate::Timing,
        mut entropy: Entropy,
        now: Instant,
    ) -> Self {
        let mut probes: Vec<Probe> = Vec::new();
        for server in servers.iter().take(MAX_SERVERS) {
            for socket in sockets.iter().take(MAX_SOCKETS).filter(|socket| can_reach(**socket, *server)) {
                let next = now + timing.ta.saturating_mul(u32::try_from(probes.len()).unwrap_or(u32::MAX));
                let id = transaction_id(&mut entropy);
                probes.push(Probe { socket: *socket, server: *server, id, next, rto: timing.rto, answered: false, mapped: None });
            }
        }
        Self { probes, deadline: now + budget, complete: false, entropy, rto: timing.rto }
    }

    /// Sends what is due. `true` once: when gathering has just become complete.
    pub(crate) fn handle_timeout(&mut self, now: Instant, out: &mut Outbox) -> bool {
        for probe in self.probes.iter_mut().filter(|probe| probe.next <= now) {
            if probe.answered {
                // The keepalive of a binding: a new transaction, whose loss does no harm.
                probe.id = transaction_id(&mut self.entropy);
                probe.next = now + KEEPALIVE;
            } else {
                probe.next = now + probe.rto;
                probe.rto = if self.complete { KEEPALIVE } else { probe.rto * 2 };
            }
            out.transmit(probe.socket, probe.server, Bytes::copy_from_slice(&binding_request(probe.id)));
        }
        self.check_complete(now)
    }

    /// `None` if the datagram is not for us; else whether gathering has just become complete.
    pub(crate) fn handle_datagram(&mut self, local: SocketAddr, remote: SocketAddr, datagram: &[u8], now: Instant) -> Option<bool> {
        let (id, answer) = binding_response(datagram)?;
        let probe = self.probes.iter_mut().find(|probe| (probe.id, probe.socket, probe.server) == (id, local, remote))?;
        if !probe.answered {
            probe.answered = true;
            probe.rto = self.rto;
            probe.next = now + KEEPALIVE;
            if let (Answer::Mapped(address), false) = (answer, self.complete) {
                probe.mapped = Some(address).filter(|address| address.is_ipv4() == local.is_ipv4());
            }
        }
        Some(self.check_complete(now))
    }

    fn check_complete(&mut self, now: Instant) -> bool {
        let just = !self.complete && (now >= self.deadline || self.probes.iter().all(|probe| probe.answered));
        self.complete |= just;
        just
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Once a path is in use its own packets keep the bindings open.
    pub(crate) fn rest(&mut self) {
        if self.complete {
            self.probes.clear();
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Wake> {
        let probe = self.probes.iter().map(|probe| probe.next).min();
        let why = if self.complete { "stun binding keepalive" } else { "stun binding request" };
        let deadline = (!self.complete).then(|| Wake::at(self.deadline, "gathering budget"));
        Wake::earlier(probe.map(|at| Wake::at(at, why)), deadline)
    }

    /// Public addresses with the socket each belongs to, without repetition.
    pub(crate) fn reflexive(&self) -> Vec<(SocketAddr, SocketAddr)> {
        let mut found = Vec::new();
        for pair in self.probes.iter().filter_map(|probe| Some((probe.mapped?, probe.socket))) {
            if pair.0 != pair.1 && !found.contains(&pair) {
                found.push(pair);
            }
        }
        found
    }
}

/// What the peer may know of the components, which are numbered from 1; best first. Related addresses are never told (RFC 8839 5.1 allows 0.0.0.0:0).
pub(crate) fn signalled<'a>(components: impl IntoIterator<Item = &'a LocalIce>, policy: CandidatePolicy) -> Vec<Candidate> {
    let mut foundations: Vec<(CandidateKind, IpAddr)> = Vec::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    let numbered = (1..).zip(components);
    let all = numbered.flat_map(|(component, local)| local.priorities().into_iter().map(move |candidate| (component, local, candidate)));
    for (component, local, (address, kind, priority)) in all {
        let base = local.reflexive.iter().find(|(mapped, _)| *mapped == address).map_or(address, |(_, base)| *base);
        let group = (kind, base.ip());
        let place = foundations.iter().position(|known| *known == group).unwrap_or_else(|| {
            foundations.push(group);
            foundations.len() - 1
        });
        let allowed = match policy {
            CandidatePolicy::All => true,
            CandidatePolicy::NoHost => kind != CandidateKind::Host,
            CandidatePolicy::RelayOnly => kind == CandidateKind::Relayed,
        };
        if allowed {
            let hidden =
                SocketAddr::new(if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() }, 0);
            let related = (kind != CandidateKind::Host).then_some(hidden);
            // `is` knows the first component only (RFC 8445 5.1.2.1).
            let priority = priority.saturating_sub(u32::from(component) - 1);
            candidates.push(Candidate { foundation: (place + 1).to_string(), component, priority, address, kind, related });
        }
    }
    candidates.sort_by_key(|candidate| (candidate.component, std::cmp::Reverse(candidate.priority)));
    candidates
}

/// The candidate of a component most likely to work for a peer without ICE (RFC 8445 5.1.4): relayed, then reflexive, then host, IPv4 first since such
/// peers are old.
pub(crate) fn default_of(candidates: &[Candidate], component: u8) -> SocketAddr {
    let rank = |candidate: &&Candidate| {
        let kind = match candidate.kind {
            CandidateKind::Relayed => 0,
            CandidateKind::ServerReflexive | CandidateKind::PeerReflexive => 1,
            CandidateKind::Host => 2,
        };
        (candidate.address.is_ipv6(), kind, candidate.address.ip().is_loopback(), std::cmp::Reverse(candidate.priority))
    };
    let of_component = candidates.iter().filter(|candidate| candidate.component == component);
    of_component.min_by_key(rank).map_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 9)), |candidate| candidate.address)
}

fn can_reach(socket: SocketAddr, server: SocketAddr) -> bool {
    socket.is_ipv4() == server.is_ipv4() && socket.ip().is_loopback() == server.ip().is_loopback()
}

fn transaction_id(entropy: &mut Entropy) -> TransactionId {
    let mut id = [0; 12];
    entropy.fill(&mut id);
    id
}
