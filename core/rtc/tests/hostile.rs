//! What a stranger, a liar or a broken network may send.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]
mod world;

use std::net::SocketAddr;

use cooee_machine::Entropy;
use cooee_rtc::{GatheringOutput, MediaFailure, SessionEvent, SessionId};
use cooee_sdp::{Candidate, CandidateKind, DtlsRole};
use world::*;

#[test]
fn forged_records_do_not_end_a_handshake() {
    let (a, b) = (address("192.0.2.1:4000"), address("198.51.100.1:4000"));
    let record = |kind: u8, high: u8, body: &[u8]| [&[kind, 254, 253, 0, 0, 0, 0, 0, 0, high, 255, 0, body.len() as u8][..], body].concat();
    for forged in [
        record(21, 0, &[2, 40]),
        record(21, 0, &[1, 0]),
        record(23, 1, b"x"),
        record(99, 1, b"x"),
        record(20, 1, &[1]),
        record(22, 1, &[1; 20]),
        record(22, 9, &[1; 20]),
        vec![22, 254],
    ] {
        let mut world = call(1, 100, 0.0);
        for t in [110, 160, 210, 260, 310] {
            world.run(ms(t));
            let now = world.now;
            world.nodes[0].gathering.handle_datagram(a, b, &forged, now);
            world.nodes[1].gathering.handle_datagram(b, a, &forged, now);
            world.flush();
        }
        let took = world.run_until_heard(ms(4_000));
        assert_eq!(took.map(|took| took + ms(310)), Some(ms(400)), "{forged:?}");
        world.run(ms(5_000));
        for node in [0, 1] {
            assert!(world.when(node, |e| matches!(e, SessionEvent::Closed | SessionEvent::Failed(_))).is_none());
        }
    }
}

/// One mutant of a datagram: bits flipped, cut, grown, spliced with another.
fn mutate(datagram: &[u8], other: &[u8], entropy: &mut Entropy) -> Vec<u8> {
    let mut mutant = datagram.to_vec();
    for _ in 0..=entropy.below(3) {
        let place = entropy.below(mutant.len().max(1) as u64) as usize;
        match entropy.below(6) {
            0 if !mutant.is_empty() => mutant[place] ^= 1 << entropy.below(8),
            1 if !mutant.is_empty() => mutant[place] = [0, 1, 0x7f, 0x80, 0xff][entropy.below(5) as usize],
            2 => mutant.truncate(place),
            3 => mutant.extend_from_slice(&other[..(entropy.below(40) as usize).min(other.len())]),
            4 if mutant.len() > 4 => {
                mutant.remove(place);
            }
            _ => {
                let cut = (entropy.below(30) as usize).min(other.len());
                mutant.splice(..cut.min(mutant.len()), other[..cut].iter().copied());
            }
        }
    }
    mutant
}

/// Every class of datagram of real calls, with and without protection: STUN, DTLS, SRTP, SRTCP, RTP, RTCP, telephone-events.
fn corpus() -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
    let mut world = World::new(11, ms(10));
    world.recorded = Some(vec![]);
    world.node(&[A]);
    world.node(&[B]);
    answer(&mut world, 20);
    world.run(ms(1_500));
    let mut all = world.recorded.take().unwrap();
    let mut world = plain(12);
    world.recorded = Some(vec![]);
    world.run(ms(1_200));
    let (session, now) = (world.nodes[0].sessions[0], world.now);
    world.nodes[0].gathering.send_digit(session, '5', ms(60), now);
    world.run(ms(1_500));
    all.extend(world.recorded.take().unwrap());
    all
}

fn plain(seed: u64) -> World {
    let mut world = World::new(seed, ms(10));
    world.node(&[A]);
    world.node(&[B]);
    for node in [0, 1] {
        let mut terms = world.terms(1 - node, DtlsRole::Server, true);
        (terms.ice, terms.security) = (None, cooee_sdp::NegotiatedSecurity::None);
        world.start_session(node, &terms);
    }
    world
}

#[test]
fn a_hundred_thousand_mutants_neither_panic_nor_end_a_call() {
    let corpus = corpus();
    let mut entropy = Entropy::for_test(99);
    let mut given = 0;
    // Calls in each stage: before any answer, in the handshake, speaking by DTLS, speaking in the clear.
    for stage in 0..4 {
        for seed in 0..5 {
            let mut world = match stage {
                0 => {
                    let mut world = World::new(seed, ms(10));
                    world.node(&[A]);
                    world.node(&[B]);
                    world
                }
                3 => plain(seed),
                _ => call(seed, 20, 0.0),
            };
            let start = [0, 25, 1_000, 1_000][stage];
            world.run(ms(start));
            for i in 0..5_000_u64 {
                let (from, to, datagram) = &corpus[entropy.below(corpus.len() as u64) as usize];
                let (_, _, other) = &corpus[entropy.below(corpus.len() as u64) as usize];
                let mutant = mutate(datagram, other, &mut entropy);
                let from = if entropy.below(4) == 0 { SocketAddr::new(from.ip(), entropy.u32() as u16 | 1) } else { *from };
                let node = usize::from(to.ip() == address("198.51.100.1:1").ip());
                let now = world.now;
                world.nodes[node].gathering.handle_datagram(*to, from, &mutant, now);
                world.flush();
                given += 1;
                if i % 500 == 0 {
                    let at = world.at();
                    world.run(at + ms(20));
                }
            }
            if stage == 0 {
                world.start_session(1, &world.terms(0, DtlsRole::Client, false));
                world.start_session(0, &world.terms(1, DtlsRole::Server, true));
            }
            let at = world.at();
            world.run(at + ms(4_000));
            for node in [0, 1] {
                let (active, failure) = (world.active(node).is_some(), world.failure(node));
                match stage {
                    // In the clear anyone can say anything.
                    3 => {}
                    // Whoever sees the path and forges its addresses can spoil a DTLS 1.2 handshake, as he could by dropping packets: it
                    // ends with the deadline.
                    1 if !active => {
                        assert!(failure.is_none() || world.at() > ms(20_000));
                        world.run(ms(25_000));
                        assert_eq!(world.failure(node), Some(MediaFailure::Handshake), "seed {seed}");
                    }
                    _ => assert!(active && failure.is_none() && world.frames(node) > 100, "stage {stage} seed {seed}: {failure:?}"),
                }
                assert!(world.when(node, |e| matches!(e, SessionEvent::Closed)).is_none());
            }
        }
    }
    assert_eq!(given, 100_000);
}

#[test]
fn agreements_full_of_nonsense_are_survived() {
    let mut world = World::new(1, ms(10));
    world.node(&[A]);
    world.node(&[B]);
    let mut terms = world.terms(1, DtlsRole::Client, true);
    let ice = terms.ice.as_mut().unwrap();
    let odd = ["0.0.0.0:5", "255.255.255.255:5", "224.0.0.1:5", "169.254.1.1:5", "[::]:5", "[ff02::1]:5", "[fe80::1]:5", "127.0.0.1:0"];
    for (i, text) in odd.into_iter().cycle().take(5_000).enumerate() {
        let kind = [CandidateKind::Host, CandidateKind::ServerReflexive, CandidateKind::PeerReflexive, CandidateKind::Relayed][i % 4];
        let component = (i % 3) as u8;
        let priority = (i as u32).wrapping_mul(2_654_435_761);
        ice.candidates.push(Candidate { foundation: String::new(), component, priority, address: address(text), kind, related: None });
    }
    (terms.codec.clock_rate, terms.peer_ptime) = (0, Some(ms(0)));
    terms.receive.iter_mut().for_each(|codec| codec.clock_rate = 0);
    world.start_session(0, &terms);
    let good = world.terms(0, DtlsRole::Server, false);
    world.start_session(1, &good);
    world.run(ms(3_000));
    assert_eq!(world.failure(0), None);
    // And a fork without end.
    let mut failed = 0;
    for _ in 0..40 {
        let now = world.now;
        let id = world.nodes[0].gathering.start(&terms, now);
        while let output @ (GatheringOutput::Session(..) | GatheringOutput::Transmit { .. }) = world.nodes[0].gathering.poll_output() {
            failed += usize::from(output == GatheringOutput::Session(id, SessionEvent::Failed(MediaFailure::TooManySessions)));
        }
    }
    assert_eq!(failed, 25);
    let now = world.now;
    world.nodes[0].gathering.stop(SessionId(77), now);
}

#[test]
fn a_replayed_call_is_not_heard_twice() {
    let mut world = World::new(1, ms(10));
    world.recorded = Some(vec![]);
    world.node(&[A]);
    world.node(&[B]);
    answer(&mut world, 20);
    world.run(ms(3_000));
    let recorded = world.recorded.take().unwrap();
    let session = world.nodes[1].sessions[0];
    let before = world.nodes[1].gathering.statistics(session).unwrap();
    let now = world.now;
    for (from, to, datagram) in &recorded {
        if to.ip() == address("198.51.100.1:1").ip() {
            world.nodes[1].gathering.handle_datagram(*to, *from, datagram, now);
        }
    }
    world.flush();
    let after = world.nodes[1].gathering.statistics(session).unwrap();
    assert!(after.packets_received - before.packets_received <= 1, "only one that was still on its way could be new");
    assert!(after.packets_refused > before.packets_refused + 100);
    world.run(ms(6_000));
    assert_eq!(world.failure(1), None);
}

/// RTP that claims to be somebody's.
fn junk(ssrc: u32, sequence: u16) -> Vec<u8> {
    let [s1, s2] = sequence.to_be_bytes();
    [&[0x80, 111, s1, s2, 0, 0, 0, 1][..], &ssrc.to_be_bytes(), &[0x55; 80]].concat()
}

#[test]
fn two_megabits_of_junk_from_the_peers_address_push_out_none_of_its_sound() {
    let mut world = World::new(1, ms(10));
    world.node(&[A]);
    world.node(&[B]);
    answer(&mut world, 20);
    world.run(ms(3_000));
    let session = world.nodes[1].sessions[0];
    let before = world.nodes[1].gathering.statistics(session).unwrap();
    for t in 0..2_000 {
        world.run(ms(3_000 + t));
        for at in 0..3 {
            let sequence = (3 * t + at) as u16;
            let now = world.now;
            world.nodes[1].gathering.handle_datagram(
                address("198.51.100.1:4000"),
                address("192.0.2.1:4000"),
                &junk(7 + t as u32, sequence),
                now,
            );
        }
        world.flush();
    }
    let after = world.nodes[1].gathering.statistics(session).unwrap();
    assert!((99..=101).contains(&(after.packets_received - before.packets_received)), "{before:?} {after:?}");
    assert!(after.packets_refused - before.packets_refused >= 5_900, "{after:?}");
    assert_eq!(world.failure(1), None);
}
