//! A network in virtual time for the tests of this crate: delay, loss, a NAT, a STUN server; seeded.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods
)]
mod agreement;
mod odd;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_machine::{Entropy, Now};
use cooee_rtc::{
    CandidatePolicy, Certificate, EncodedFrame, Gathering, GatheringConfig, GatheringOutput, LocalTransport, MediaFailure, Playout,
    SessionEvent, SessionId, Timing,
};
use cooee_sdp::{Codec, DtlsRole, Negotiated};

#[allow(unused_imports)] // each test uses its part
pub use agreement::{answer, call, negotiated, plain_with, sdes, without_ice};
#[allow(unused_imports)]
pub use odd::{Odd, good_bye, sender_report};

pub const A: &str = "192.0.2.1";
pub const B: &str = "198.51.100.1";
pub const C: &str = "203.0.113.7";
pub const STUN: &str = "203.0.113.53:3478";

pub fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub fn certificate(n: usize) -> Certificate {
    static MADE: OnceLock<Vec<Certificate>> = OnceLock::new();
    MADE.get_or_init(|| (0..3).map(|_| Certificate::generate().unwrap()).collect())[n % 3].clone()
}

pub fn codec(payload_type: u8, name: &str, clock_rate: u32) -> Codec {
    Codec { payload_type, name: name.to_owned(), clock_rate, channels: 1, parameters: String::new() }
}

/// What happened, when and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Duration,
    pub node: usize,
    pub session: SessionId,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Event(SessionEvent),
    /// A frame was decoded: its first octets.
    Frame(Bytes),
}

pub struct Node {
    pub ips: Vec<IpAddr>,
    pub gathering: Gathering,
    pub sessions: Vec<SessionId>,
    pub gathered: Option<LocalTransport>,
    pub talks: bool,
    /// How far its RTP clock moves in 20 ms.
    pub samples: u32,
    /// Asks for a frame to play every 20 ms.
    pub listens: bool,
    pub opened: Vec<SocketAddr>,
    pub wake: Option<Instant>,
    frames: u32,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    at: Instant,
    order: u64,
    from: SocketAddr,
    to: SocketAddr,
    payload: Vec<u8>,
}

/// One-to-one translation with address-and-port-dependent filtering (RFC 4787 5).
#[derive(Default)]
pub struct Nat {
    pub outside: BTreeMap<SocketAddr, SocketAddr>,
    contacted: BTreeSet<(SocketAddr, SocketAddr)>,
}

pub struct World {
    pub nodes: Vec<Node>,
    pub log: Vec<Entry>,
    pub start: Instant,
    pub now: Now,
    pub delay: Duration,
    pub loss: f64,
    /// At most this is added to each datagram's delay: they overtake each other.
    pub jitter: Duration,
    pub dead: BTreeSet<IpAddr>,
    /// What goes to one of these vanishes.
    pub dead_ports: BTreeSet<u16>,
    /// RTP from there vanishes; RTCP and all else passes.
    pub soundless: BTreeSet<IpAddr>,
    pub nat: Nat,
    /// Every datagram that was sent, for fuzzing.
    pub recorded: Option<Vec<(SocketAddr, SocketAddr, Vec<u8>)>>,
    pub datagrams: u64,
    random: u64,
    order: u64,
    queue: BinaryHeap<Reverse<Flight>>,
    tick: Instant,
}

impl World {
    pub fn new(seed: u64, delay: Duration) -> Self {
        let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
        Self {
            nodes: vec![],
            log: vec![],
            start: now.instant,
            now,
            delay,
            loss: 0.0,
            jitter: Duration::ZERO,
            dead: BTreeSet::new(),
            dead_ports: BTreeSet::new(),
            soundless: BTreeSet::new(),
            nat: Nat::default(),
            recorded: None,
            datagrams: 0,
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            order: 0,
            queue: BinaryHeap::new(),
            tick: now.instant,
        }
    }

    pub fn config(&self, node: usize, ips: &[&str]) -> GatheringConfig {
        GatheringConfig {
            sockets: ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 4000)).collect(),
            rtcp_sockets: vec![],
            stun_servers: vec![],
            policy: CandidatePolicy::All,
            certificate: certificate(node),
            budget: ms(500),
            cname: format!("node-{node}"),
            timing: Timing::default(),
        }
    }

    pub fn node(&mut self, ips: &[&str]) -> usize {
        let config = self.config(self.nodes.len(), ips);
        self.node_with(config)
    }

    pub fn node_with(&mut self, config: GatheringConfig) -> usize {
        let ips = config.sockets.iter().map(SocketAddr::ip).collect();
        let seed = self.random.wrapping_add(self.nodes.len() as u64);
        let gathering = Gathering::new(config, Entropy::for_test(seed), self.now);
        self.nodes.push(Node {
            ips,
            gathering,
            sessions: vec![],
            gathered: None,
            talks: true,
            samples: 960,
            listens: true,
            opened: vec![],
            wake: None,
            frames: 0,
        });
        self.flush();
        self.nodes.len() - 1
    }

    pub fn chance(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn at(&self) -> Duration {
        self.now.instant - self.start
    }

    /// Time zero of the log is now.
    pub fn restart_clock(&mut self) {
        self.start = self.now.instant;
        self.log.clear();
    }

    /// What node 0 (or for node 0 as peer, node 1) would be told of `peer`, with DTLS.
    pub fn terms(&self, peer: usize, role: DtlsRole, controlling: bool) -> Negotiated {
        let transport = self.nodes[peer].gathered.clone().expect("gathered");
        let ours = self.nodes[usize::from(peer == 0)].gathered.clone().expect("gathered");
        negotiated(&ours, &transport, role, controlling)
    }

    pub fn start_session(&mut self, node: usize, terms: &Negotiated) -> SessionId {
        let id = self.nodes[node].gathering.start(terms, self.now);
        self.nodes[node].sessions.push(id);
        self.flush();
        id
    }

    pub fn update(&mut self, node: usize, terms: &Negotiated) {
        let (session, now) = (self.nodes[node].sessions[0], self.now);
        self.nodes[node].gathering.update(session, terms, now);
        self.flush();
    }

    /// The frames that a node played since a moment of the log: when, and the first octet, which names the speaker.
    pub fn heard_since(&self, node: usize, since: Duration) -> Vec<(Duration, u8)> {
        let frames = self.log.iter().filter(|entry| entry.node == node && entry.at >= since);
        frames
            .filter_map(|entry| match &entry.what {
                What::Frame(payload) => Some((entry.at, payload[0])),
                What::Event(_) => None,
            })
            .collect()
    }

    /// The longest pause between two frames that a node played between two moments of the log, those included.
    pub fn longest_gap(&self, node: usize, from: Duration, to: Duration) -> Duration {
        let mut last = from;
        let mut longest = Duration::ZERO;
        for (at, _) in self.heard_since(node, from).into_iter().filter(|(at, _)| *at <= to).chain([(to, 0)]) {
            longest = longest.max(at - last);
            last = at;
        }
        longest
    }

    pub fn count(&self, node: usize, wanted: impl Fn(&SessionEvent) -> bool) -> usize {
        self.events(node).filter(|(_, event)| wanted(event)).count()
    }

    pub fn send(&mut self, from: SocketAddr, to: SocketAddr, payload: Vec<u8>) {
        self.datagrams += 1;
        if let Some(recorded) = &mut self.recorded {
            recorded.push((from, to, payload.clone()));
        }
        let is_rtp = matches!(payload.as_slice(), [0x80..=0xbf, kind, ..] if !(192..=223).contains(kind));
        if is_rtp && self.soundless.contains(&from.ip()) {
            return;
        }
        if self.dead_ports.contains(&to.port()) {
            return;
        }
        if self.chance() < self.loss || self.dead.contains(&from.ip()) || self.dead.contains(&to.ip()) {
            return;
        }
        let from_outside = match self.nat.outside.get(&from) {
            Some(outside) => {
                self.nat.contacted.insert((*outside, to));
                *outside
            }
            None => from,
        };
        self.order += 1;
        let extra = if self.jitter.is_zero() { Duration::ZERO } else { self.jitter.mul_f64(self.chance()) };
        let flight = Flight { at: self.now.instant + self.delay + extra, order: self.order, from: from_outside, to, payload };
        self.queue.push(Reverse(flight));
    }

    fn deliver(&mut self, flight: Flight) {
        let Flight { from, mut to, payload, .. } = flight;
        if to == address(STUN) {
            return self.answer_stun(from, &payload);
        }
        if let Some((inside, outside)) = self.nat.outside.iter().find(|(_, outside)| **outside == to) {
            if !self.nat.contacted.contains(&(*outside, from)) {
                return;
            }
            to = *inside;
        } else if self.nat.outside.contains_key(&to) && !self.nat.outside.contains_key(&from) {
            return; // an inside address means nothing outside
        }
        let now = self.now;
        if let Some(node) = self.nodes.iter_mut().find(|node| node.ips.contains(&to.ip())) {
            node.gathering.handle_datagram(to, from, &payload, now);
        }
        self.flush();
    }

    fn answer_stun(&mut self, from: SocketAddr, request: &[u8]) {
        let SocketAddr::V4(v4) = from else { return };
        let mut answer = vec![1, 1, 0, 12];
        answer.extend_from_slice(&request[4..20]);
        answer.extend_from_slice(&[0, 0x20, 0, 8, 0, 1]);
        answer.extend_from_slice(&(v4.port() ^ 0x2112).to_be_bytes());
        answer.extend_from_slice(&(u32::from(*v4.ip()) ^ 0x2112_A442).to_be_bytes());
        self.send(address(STUN), from, answer);
    }

    pub fn flush(&mut self) {
        for node in 0..self.nodes.len() {
            loop {
                match self.nodes[node].gathering.poll_output() {
                    GatheringOutput::Transmit { local, remote, payload } => self.send(local, remote, payload.to_vec()),
                    GatheringOutput::Gathered(transport) => {
                        let has_rtcp = transport.rtcp.is_some();
                        assert!(self.nodes[node].gathered.replace(transport).is_none() || has_rtcp, "gathered twice");
                    }
                    GatheringOutput::Open { local } => self.nodes[node].opened.push(local),
                    GatheringOutput::Session(session, event) => {
                        let at = self.at();
                        self.log.push(Entry { at, node, session, what: What::Event(event) });
                    }
                    GatheringOutput::Wake(wake) => {
                        self.nodes[node].wake = wake.map(|wake| wake.at);
                        break;
                    }
                }
            }
        }
    }

    pub fn run(&mut self, until: Duration) {
        let end = self.start + until;
        let mut spins = (self.now.instant, 0);
        loop {
            self.flush();
            spins = if spins.0 == self.now.instant { (spins.0, spins.1 + 1) } else { (self.now.instant, 0) };
            assert!(
                spins.1 < 100,
                "somebody wants to be woken at once for ever: {:?}",
                self.nodes.iter().map(|n| n.wake).collect::<Vec<_>>()
            );
            let wake = self.nodes.iter().filter_map(|node| node.wake).min();
            let packet = self.queue.peek().map(|flight| flight.0.at);
            let next = [wake, packet, Some(self.tick)].into_iter().flatten().min().unwrap();
            if next > end {
                self.advance(end);
                return;
            }
            self.advance(next);
            while self.queue.peek().is_some_and(|flight| flight.0.at <= self.now.instant) {
                let Reverse(flight) = self.queue.pop().unwrap();
                self.deliver(flight);
            }
            let now = self.now;
            for node in &mut self.nodes {
                if node.wake.is_some_and(|at| at <= now.instant) {
                    node.gathering.handle_timeout(now);
                }
            }
            self.flush();
            if self.tick <= now.instant {
                self.tick = now.instant + ms(20);
                self.talk();
            }
        }
    }

    fn advance(&mut self, to: Instant) {
        let step = to.saturating_duration_since(self.now.instant);
        self.now = self.now.after(step);
    }

    /// Every node sends a frame and asks for one to play.
    fn talk(&mut self) {
        let (now, at) = (self.now, self.at());
        for (index, node) in self.nodes.iter_mut().enumerate() {
            for session in &node.sessions {
                node.frames += 1;
                let mut payload = vec![0x80 | index as u8; 60];
                payload[1..5].copy_from_slice(&node.frames.to_be_bytes());
                if node.talks {
                    node.gathering.send(*session, EncodedFrame { payload: &payload, samples: node.samples, marker: false }, now);
                }
                if node.listens
                    && let Playout::Decode { payload, .. } = node.gathering.playout(*session, now)
                {
                    self.log.push(Entry { at, node: index, session: *session, what: What::Frame(payload) });
                }
            }
        }
        self.flush();
    }

    pub fn events(&self, node: usize) -> impl Iterator<Item = (&Entry, &SessionEvent)> {
        self.log.iter().filter(move |entry| entry.node == node).filter_map(|entry| match &entry.what {
            What::Event(event) => Some((entry, event)),
            What::Frame(_) => None,
        })
    }

    pub fn when(&self, node: usize, wanted: impl Fn(&SessionEvent) -> bool) -> Option<Duration> {
        self.events(node).find(|(_, event)| wanted(event)).map(|(entry, _)| entry.at)
    }

    pub fn failure(&self, node: usize) -> Option<MediaFailure> {
        self.events(node).find_map(|(_, event)| match event {
            SessionEvent::Failed(failure) => Some(*failure),
            _ => None,
        })
    }

    pub fn first_frame(&self, node: usize) -> Option<Duration> {
        self.log.iter().find(|entry| entry.node == node && matches!(entry.what, What::Frame(_))).map(|entry| entry.at)
    }

    pub fn frames(&self, node: usize) -> usize {
        self.log.iter().filter(|entry| entry.node == node && matches!(entry.what, What::Frame(_))).count()
    }

    pub fn active(&self, node: usize) -> Option<Duration> {
        self.when(node, |event| matches!(event, SessionEvent::Active))
    }

    /// When authentic media had come in at a node, by its statistics: call in small steps of [`World::run`].
    pub fn has_heard(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        node.sessions.iter().any(|session| node.gathering.statistics(*session).is_some_and(|statistics| statistics.packets_received > 0))
    }

    /// Runs in steps of 5 ms until both nodes have decrypted RTP; the time it took, or `None` at the limit.
    pub fn run_until_heard(&mut self, limit: Duration) -> Option<Duration> {
        let begin = self.at();
        let mut at = begin;
        while at < begin + limit {
            at += ms(5);
            self.run(at);
            if self.has_heard(0) && self.has_heard(1) {
                return Some(at - begin);
            }
        }
        None
    }
}
