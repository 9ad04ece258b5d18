#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a panic is what a finding looks like")]

#[path = "../../../core/rtc/tests/world/mod.rs"]
mod world;

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use cooee_machine::Entropy;
use cooee_sdp::{DtlsRole, NegotiatedSecurity};
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;
use world::{A, B, STUN, World, address, answer, call, ms, sdes};

use crate::binary::mutate;
use crate::mutate::{dice, pick};

/// Where in its life a session is when the mutants come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Candidates are gathered, no answer is known: STUN of servers, and whatever comes early.
    Gathering,
    /// ICE is checking and DTLS shakes hands, as client and as server.
    Handshake,
    /// Keys by DTLS; no mutant is authentic.
    Secured,
    /// Keys by SDES that the attacker has, too: mutants of packets are protected, and pass.
    Insider,
    /// No protection: every mutant of RTP, RTCP, telephone-event reaches the jitter buffer.
    Plain,
}

/// Mutants of one run.
pub(crate) const MUTANTS: u64 = 200;
/// What one datagram may set off.
const MOST_ANSWERS: u64 = 64;
/// What a run may hold at most, the little network and its log included.
const MOST_OCTETS: u64 = 2 << 20;

/// One session and its mutants; how many packets it took for authentic.
pub(crate) fn run(stage: Stage, seed: u64, number: u64) -> u64 {
    let mut taken = 0;
    let mut entropy = dice(seed, number);
    let corpus = corpus();
    let info = allocation_counter::measure(|| {
        let mut bed = Bed::new(stage, entropy.fork());
        for mutant in 0..MUTANTS {
            let (from, to, datagram) = bed.draw(corpus, &mut entropy);
            bed.feed(from, to, &datagram);
            if mutant % 20 == 0 {
                bed.pass(ms(20));
            }
        }
        taken = bed.taken();
        bed.finish();
    });
    assert!(info.bytes_max <= MOST_OCTETS, "{} octets were held at once", info.bytes_max);
    taken
}

type Datagram = (SocketAddr, SocketAddr, Vec<u8>);

/// Every class of datagram of valid calls: STUN, DTLS, SRTP, SRTCP, and without protection RTP, RTCP, telephone-events.
fn corpus() -> &'static [Datagram] {
    static CORPUS: OnceLock<Vec<Datagram>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut world = with_stun(11);
        world.recorded = Some(Vec::new());
        world.run(ms(600));
        answer(&mut world, 20);
        world.run(ms(1_500));
        let mut all = world.recorded.take().unwrap_or_default();
        let mut world = without_ice(12, &NegotiatedSecurity::None);
        world.recorded = Some(Vec::new());
        world.run(ms(5_500));
        let (session, now) = (world.nodes[0].sessions[0], world.now);
        for digit in ['5', '#', 'A'] {
            world.nodes[0].gathering.send_digit(session, digit, ms(60), now);
        }
        world.run(ms(6_500));
        let session = world.nodes[1].sessions[0];
        world.nodes[1].gathering.stop(session, now);
        world.flush();
        all.extend(world.recorded.take().unwrap_or_default());
        all
    })
}

fn with_stun(seed: u64) -> World {
    let mut world = World::new(seed, ms(10));
    for ip in [A, B] {
        let mut config = world.config(world.nodes.len(), &[ip]);
        config.stun_servers = vec![address(STUN)];
        world.node_with(config);
    }
    world
}

/// A call where both sides say where they are, with these keys seen from node 0.
fn without_ice(seed: u64, security: &NegotiatedSecurity) -> World {
    let mut world = World::new(seed, ms(10));
    world.node(&[A]);
    world.node(&[B]);
    for node in [0, 1] {
        let mut terms = world.terms(1 - node, DtlsRole::Server, true);
        terms.ice = None;
        terms.security = match security {
            NegotiatedSecurity::Sdes { ours, theirs } if node == 1 => {
                NegotiatedSecurity::Sdes { ours: theirs.clone(), theirs: ours.clone() }
            }
            same => same.clone(),
        };
        world.start_session(node, &terms);
    }
    world
}

const KEYS: [u8; 2] = [3, 5];

/// A little network with one call in it.
struct Bed {
    stage: Stage,
    world: World,
    /// What the attacker protects with, by the node it speaks for.
    contexts: Vec<Context>,
    /// The head of the latest RTP packet of each node: what a mutant must resemble to be taken for the next.
    live: [Option<[u8; 12]>; 2],
    ahead: u16,
}

impl Bed {
    fn new(stage: Stage, mut entropy: Entropy) -> Self {
        let seed = entropy.u64();
        let mut world = match stage {
            Stage::Gathering => with_stun(seed),
            Stage::Handshake | Stage::Secured => call(seed, 20, 0.0),
            Stage::Insider => without_ice(seed, &sdes(KEYS[0], KEYS[1])),
            Stage::Plain => without_ice(seed, &NegotiatedSecurity::None),
        };
        let at = match stage {
            Stage::Gathering => entropy.below(5),
            Stage::Handshake => entropy.below(80),
            Stage::Secured => 1_000,
            Stage::Insider | Stage::Plain => 200,
        };
        let at = world.at() + ms(at);
        world.run(at);
        let contexts = if stage == Stage::Insider { KEYS.map(context).into() } else { Vec::new() };
        world.recorded = Some(Vec::new());
        world.log.clear();
        Self { stage, world, contexts, live: [None; 2], ahead: 0 }
    }

    /// What has gone over the wire since the last look.
    fn look(&mut self) {
        for (from, _, datagram) in self.world.recorded.replace(Vec::new()).unwrap_or_default() {
            if is_rtp(&datagram) {
                self.live[node(from)] = datagram.first_chunk().copied();
            }
        }
        self.world.log.clear();
    }

    /// Mostly in the name of the live source, and near its place.
    fn graft(&mut self, datagram: &mut [u8], speaker: usize, entropy: &mut Entropy) {
        let Some(live) = self.live[speaker].filter(|_| entropy.below(8) != 0) else { return };
        let source = if is_rtp(datagram) { 8 } else { 4 };
        if let Some(place) = datagram.get_mut(source..source + 4) {
            place.copy_from_slice(&live[8..]);
        }
        if is_rtp(datagram) && datagram.len() >= 12 {
            let (sequence, timestamp) = (u16::from_be_bytes([live[2], live[3]]), u32::from_be_bytes([live[4], live[5], live[6], live[7]]));
            // Beyond those before, or a replay would not pass.
            self.ahead = self.ahead % 150 + 1;
            let ahead = if entropy.below(4) == 0 { u16::try_from(entropy.below(8)).unwrap_or(0) } else { self.ahead };
            datagram[2..4].copy_from_slice(&sequence.wrapping_add(ahead).to_be_bytes());
            datagram[4..8].copy_from_slice(&timestamp.wrapping_add(960 * u32::from(ahead)).to_be_bytes());
        }
    }

    /// A mutant, who seems to send it, and who gets it.
    fn draw(&mut self, corpus: &[Datagram], entropy: &mut Entropy) -> Datagram {
        let (from, to, datagram) = pick(corpus, entropy);
        let (mut from, mut to, mut datagram) = (*from, *to, datagram.clone());
        let speaker = node(from);
        if datagram.first().is_some_and(|first| (128..192).contains(first)) {
            self.graft(&mut datagram, speaker, entropy);
        }
        mutate(&mut datagram, &pick(corpus, entropy).2, entropy);
        if entropy.below(4) == 0 {
            from.set_port(u16::try_from(entropy.below(65_535)).unwrap_or(0) + 1);
        }
        if to == address(STUN) {
            (from, to) = (to, from);
        }
        if let Some(context) = self.contexts.get_mut(speaker) {
            let is_rtcp = datagram.get(1).is_some_and(|kind| (192..=223).contains(kind));
            let protected = if is_rtcp { context.encrypt_rtcp(&datagram) } else { context.encrypt_rtp(&datagram) };
            datagram = protected.map_or(datagram, |protected| protected.to_vec());
        }
        (from, to, datagram)
    }

    fn feed(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        let (now, before) = (self.world.now, self.world.datagrams);
        self.world.nodes[node(to)].gathering.handle_datagram(to, from, datagram, now);
        self.world.flush();
        let answers = self.world.datagrams - before;
        assert!(answers <= MOST_ANSWERS, "{answers} datagrams for one");
        assert!(self.world.log.len() <= 64, "{} events", self.world.log.len());
        self.look();
    }

    /// Frames are sent and played meanwhile; the network asserts that nobody wants to be woken at once for ever.
    fn pass(&mut self, time: Duration) {
        let until = self.world.at() + time;
        self.world.run(until);
        self.look();
    }

    /// Packets of both sides that were taken for authentic.
    fn taken(&self) -> u64 {
        let taken = |node: &world::Node| {
            node.sessions.iter().filter_map(|session| node.gathering.statistics(*session)).map(|s| s.packets_received).sum::<u64>()
        };
        self.world.nodes.iter().map(taken).sum()
    }

    /// The call goes on, or is over in time.
    fn finish(mut self) {
        if self.stage == Stage::Gathering {
            let until = self.world.at() + ms(600);
            self.world.run(until);
            for (node, role) in [(1, DtlsRole::Client), (0, DtlsRole::Server)] {
                let terms = self.world.terms(1 - node, role, node == 0);
                self.world.start_session(node, &terms);
            }
        }
        self.pass(ms(2_000));
        for node in 0..2 {
            let now = self.world.now;
            for session in self.world.nodes[node].sessions.clone() {
                self.world.nodes[node].gathering.stop(session, now);
            }
            self.world.flush();
        }
        self.pass(ms(3_000));
    }
}

fn node(address: SocketAddr) -> usize {
    usize::from(address.ip() == world::address("198.51.100.1:1").ip())
}

/// By its first two octets (RFC 5761 4).
fn is_rtp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, 0..=191 | 224..=255, ..])
}

fn context(octet: u8) -> Context {
    let provider = rtc_srtp::crypto::default_provider().expect("a provider");
    Context::new(&[octet; 16], &[octet; 14], ProtectionProfile::Aes128CmHmacSha1_80, None, None, provider.crypto()).expect("a context")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_reach_behind_the_keys_only_where_the_attacker_has_them() {
        let taken = |stage| (0..5).map(|number| run(stage, 5, number)).sum::<u64>() / 5;
        // Ten frames each way go by honestly meanwhile, and before as many as the stage takes to come.
        let honest = taken(Stage::Secured);
        assert!((20..140).contains(&honest), "{honest}");
        for stage in [Stage::Insider, Stage::Plain] {
            assert!(taken(stage) > 60, "{stage:?}: {}", taken(stage));
        }
        assert_eq!(taken(Stage::Gathering), 0);
    }
}
