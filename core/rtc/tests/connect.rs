//! How a call's media comes up.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]
mod world;

use cooee_rtc::{MediaFailure, MediaSecurity, SessionEvent};
use cooee_sdp::{DtlsRole, Fingerprint, NegotiatedSecurity};
use world::*;

#[test]
fn sound_flows_both_ways_within_five_round_trips_of_the_answer() {
    for rtt in [20, 100, 300] {
        let mut world = call(1, rtt, 0.0);
        let took = world.run_until_heard(ms(5_000)).unwrap();
        println!("RTT {rtt}: sound both ways {took:?} after the answer");
        assert!(took <= ms(rtt * 5 + 100), "RTT {rtt}: {took:?}");
        world.run(ms(8_000));
        for node in [0, 1] {
            assert!(world.active(node).unwrap() <= took + ms(rtt));
            assert!(
                world.when(node, |e| matches!(e, SessionEvent::Report(s) if s.rtt.is_some_and(|r| r.abs_diff(ms(rtt)) < ms(10)))).is_some()
            );
            let secured = SessionEvent::Secured { security: MediaSecurity::EndToEnd, cipher: "AEAD_AES_128_GCM" };
            assert!(world.when(node, |e| *e == secured).is_some());
            assert!(world.frames(node) > 300, "{}", world.frames(node));
        }
    }
}

#[test]
fn loss_delays_but_never_stops_a_call() {
    for (rtt, loss) in [(100, 0.05), (100, 0.2), (300, 0.2)] {
        let mut times: Vec<_> = (0..200).filter_map(|seed| call(seed, rtt, loss).run_until_heard(ms(15_000))).collect();
        times.sort_unstable();
        println!(
            "RTT {rtt} loss {loss}: {}/200, p50 {:?} p95 {:?} max {:?}",
            times.len(),
            times[100],
            times[times.len() * 95 / 100],
            times.last()
        );
        assert_eq!(times.len(), 200);
    }
}

#[test]
fn a_network_that_comes_back_before_the_deadline_still_brings_the_keys() {
    for dark_from in [200, 250, 300, 350] {
        let mut world = call(1, 100, 0.0);
        world.run(ms(dark_from));
        assert!(world.when(0, |e| matches!(e, SessionEvent::Active)).is_none());
        world.loss = 1.0;
        world.run(ms(15_000));
        world.loss = 0.0;
        assert!(world.run_until_heard(ms(4_000)).is_some(), "dark from {dark_from} ms on");
    }
}

#[test]
fn calls_come_up_where_a_third_is_lost_each_way() {
    let mut times: Vec<_> = (0..500).filter_map(|seed| call(seed, 60, 0.36).run_until_heard(ms(20_000))).collect();
    times.sort_unstable();
    println!("RTT 60 loss 0.36: {}/500, p50 {:?} p95 {:?} max {:?}", times.len(), times[250], times[475], times.last());
    assert_eq!(times.len(), 500);
}

#[test]
fn a_wrong_fingerprint_fails_the_call_and_nothing_is_played() {
    for liar_is_server in [false, true] {
        let mut world = World::new(1, ms(10));
        world.node(&[A]);
        world.node(&[B]);
        let (mut for_a, mut for_b) = (world.terms(1, DtlsRole::Server, true), world.terms(0, DtlsRole::Client, false));
        let wrong = Fingerprint { hash: "sha-256".into(), digest: vec![0; 32] };
        let judge = usize::from(liar_is_server);
        let (terms, role) = if liar_is_server { (&mut for_b, DtlsRole::Client) } else { (&mut for_a, DtlsRole::Server) };
        terms.security = NegotiatedSecurity::Dtls { role, fingerprints: vec![wrong] };
        world.start_session(0, &for_a);
        world.start_session(1, &for_b);
        world.run(ms(25_000));
        assert_eq!(world.failure(judge), Some(MediaFailure::Fingerprint));
        assert!(world.when(judge, |e| matches!(e, SessionEvent::Secured { .. } | SessionEvent::Active)).is_none());
        assert_eq!(world.frames(judge), 0);
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_of_events() {
    let trace = |seed| {
        let mut world = call(seed, 60, 0.1);
        world.run(ms(6_000));
        world.log
    };
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

#[test]
fn stopping_says_good_bye() {
    let mut world = call(1, 40, 0.0);
    world.run(ms(2_000));
    let (session, now) = (world.nodes[0].sessions[0], world.now);
    world.nodes[0].gathering.stop(session, now);
    world.flush();
    world.run(ms(4_100));
    assert!(world.when(1, |e| matches!(e, SessionEvent::Closed)).is_some());
    assert_eq!(world.nodes[0].gathering.statistics(session), None);
    world.run(ms(60_000));
    assert!(world.when(0, |e| matches!(e, SessionEvent::Failed(_))).is_none());
}

#[test]
fn stopping_before_the_first_report_closes_the_association() {
    let mut world = call(1, 40, 0.0);
    world.run_until_heard(ms(2_000));
    let at = world.at();
    let (session, now) = (world.nodes[0].sessions[0], world.now);
    world.nodes[0].gathering.stop(session, now);
    world.flush();
    world.run(at + ms(30));
    assert!(world.when(1, |e| matches!(e, SessionEvent::Closed)).is_some());
}

#[test]
fn digits_arrive_once_each() {
    let mut world = call(3, 40, 0.05);
    world.run(ms(2_000));
    let (session, now) = (world.nodes[0].sessions[0], world.now);
    for digit in "159*#0D".chars() {
        assert!(world.nodes[0].gathering.send_digit(session, digit, ms(100), now));
    }
    world.flush();
    world.run(ms(5_000));
    let heard: String = world.events(1).filter_map(|(_, e)| if let SessionEvent::Digit(digit) = e { Some(*digit) } else { None }).collect();
    assert_eq!(heard, "159*#0D");
    // What is still waiting when a new agreement takes digits away is dropped.
    let mut terms = world.terms(1, DtlsRole::Server, true);
    let now = world.now;
    assert!(world.nodes[0].gathering.send_digit(session, '1', ms(100), now));
    assert!(world.nodes[0].gathering.send_digit(session, '2', ms(100), now));
    terms.dtmf = None;
    world.nodes[0].gathering.update(session, &terms, now);
    assert!(!world.nodes[0].gathering.send_digit(session, '3', ms(100), now));
    world.run(ms(6_000));
    assert!(world.events(1).filter(|(entry, e)| entry.at > ms(5_000) && matches!(e, SessionEvent::Digit(_))).count() <= 1);
}
