//! Finding a path, losing it, and doing without ICE.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]
mod world;

use std::net::SocketAddr;

use cooee_rtc::{CandidatePolicy, MediaFailure, MediaSecurity, OneWayCause, SessionEvent};
use cooee_sdp::{CandidateKind, Direction, DtlsRole, NegotiatedSecurity};
use world::*;

fn two(seed: u64) -> World {
    let mut world = World::new(seed, ms(20));
    world.node(&[A]);
    world.node(&[B]);
    world
}

#[test]
fn both_role_conflicts_resolve() {
    for controlling in [true, false] {
        let mut world = two(5);
        let (for_a, for_b) = (world.terms(1, DtlsRole::Server, controlling), world.terms(0, DtlsRole::Client, controlling));
        world.start_session(0, &for_a);
        world.start_session(1, &for_b);
        let took = world.run_until_heard(ms(3_000)).unwrap();
        println!("both controlling {controlling}: {took:?}");
        assert!(took < ms(700));
    }
}

#[test]
fn one_offer_and_two_answers_share_sockets_and_credentials() {
    let mut world = World::new(3, ms(30));
    for ip in [A, B, C] {
        world.node(&[ip]);
    }
    for answerer in [1, 2] {
        let terms = world.terms(0, DtlsRole::Client, false);
        world.start_session(answerer, &terms);
    }
    // Checks of both come long before the offerer knows any answer.
    world.run(ms(400));
    world.restart_clock();
    let sessions = [1, 2].map(|answerer| {
        let terms = world.terms(answerer, DtlsRole::Server, true);
        world.start_session(0, &terms)
    });
    world.run(ms(2_000));
    for answerer in [1, 2] {
        assert!(world.first_frame(answerer).unwrap() <= ms(400));
    }
    for session in sessions {
        let heard =
            world.log.iter().filter(|entry| entry.session == session && entry.node == 0 && matches!(entry.what, What::Frame(_))).count();
        assert!(heard > 70);
        let path = world.log.iter().find_map(|entry| match entry.what {
            What::Event(SessionEvent::Path(path)) if entry.session == session && entry.node == 0 => Some(path.remote.ip().to_string()),
            _ => None,
        });
        assert_eq!(path.as_deref(), Some(if session == sessions[0] { B } else { C }));
    }
    let now = world.now;
    world.nodes[0].gathering.stop(sessions[1], now);
    world.run(ms(8_000));
    assert!(world.when(2, |e| matches!(e, SessionEvent::Closed)).is_some());
    let played = world.log.iter().filter(|e| e.node == 0 && e.at > ms(3_000) && e.session == sessions[0]).count();
    assert!(played > 240, "the winner never stutters: {played}");
}

#[test]
fn a_peer_that_vanishes_is_missed_after_two_seconds_and_consent_ends_after_thirty() {
    let mut world = call(1, 60, 0.0);
    world.run(ms(5_000));
    world.dead.insert(B.parse().unwrap());
    world.run(ms(60_000));
    let lost = world.when(0, |e| matches!(e, SessionEvent::PathLost)).unwrap();
    println!("path lost after {:?}", lost - ms(5_000));
    assert!((ms(6_900)..ms(7_200)).contains(&lost));
    let failed = world.when(0, |e| matches!(e, SessionEvent::Failed(MediaFailure::ConsentExpired))).unwrap();
    assert!((ms(33_000)..ms(35_100)).contains(&failed), "{failed:?}");
    let before = world.datagrams;
    world.dead.clear();
    world.nodes[1].talks = false;
    world.run(ms(61_000));
    assert_eq!(world.log.iter().filter(|e| e.node == 0 && e.at > ms(60_000)).count(), 0);
    assert!(world.datagrams - before < 60, "nothing but the other side's reports and checks");
}

#[test]
fn a_path_that_comes_back_is_told() {
    let mut world = call(1, 60, 0.0);
    world.run(ms(5_000));
    world.dead.insert(B.parse().unwrap());
    world.run(ms(9_000));
    world.dead.clear();
    world.run(ms(12_000));
    let lost = world.when(0, |e| matches!(e, SessionEvent::PathLost)).unwrap();
    let back = world.events(0).filter(|(entry, e)| entry.at > lost && matches!(e, SessionEvent::Path(_))).count();
    assert_eq!(back, 1);
    assert!(world.failure(0).is_none());
    assert!(world.log.iter().any(|e| e.node == 0 && e.at > ms(9_500) && matches!(e.what, What::Frame(_))));
}

#[test]
fn a_minute_of_silence_is_not_a_lost_path() {
    let mut world = call(1, 60, 0.0);
    world.run(ms(2_000));
    for node in &mut world.nodes {
        node.talks = false;
    }
    world.run(ms(62_000));
    for node in [0, 1] {
        assert!(world.when(node, |e| matches!(e, SessionEvent::PathLost | SessionEvent::Failed(_))).is_none());
    }
}

#[test]
fn when_nobody_answers_we_say_so_ourselves() {
    let mut world = two(1);
    world.dead.insert(B.parse().unwrap());
    let terms = world.terms(1, DtlsRole::Server, true);
    world.start_session(0, &terms);
    world.run(ms(60_000));
    let failed = world.when(0, |e| *e == SessionEvent::Failed(MediaFailure::NoPath)).unwrap();
    println!("no path after {failed:?}");
    assert!(failed <= ms(20_000) && failed >= ms(5_000));
}

#[test]
fn dead_candidates_cost_one_pace_each() {
    let mut world = World::new(1, ms(20));
    let ips: Vec<String> = (1..=6).map(|i| format!("192.0.2.{}", 200 + i)).chain([A.to_owned()]).collect();
    let config = world.config(0, &ips.iter().map(String::as_str).collect::<Vec<_>>());
    world.node_with(config);
    world.node(&[B]);
    for ip in &ips[..6] {
        world.dead.insert(ip.parse().unwrap());
    }
    answer(&mut world, 40);
    let took = world.run_until_heard(ms(5_000)).unwrap();
    println!("six dead candidates: {took:?}");
    assert!(took < ms(600));
}

/// A behind a NAT with address-and-port-dependent filtering, asking a STUN server.
fn behind_nat(policy: CandidatePolicy) -> World {
    let mut world = World::new(2, ms(20));
    world.nat.outside.insert(address("10.0.0.5:4000"), address("192.0.2.77:61000"));
    let mut config = world.config(0, &["10.0.0.5"]);
    config.stun_servers = vec![address(STUN)];
    config.policy = policy;
    world.node_with(config);
    world.node(&[B]);
    world
}

#[test]
fn a_public_address_is_found_told_and_used() {
    let mut world = behind_nat(CandidatePolicy::All);
    world.run(ms(100));
    let transport = world.nodes[0].gathered.clone().unwrap();
    assert_eq!(transport.address, address("192.0.2.77:61000"));
    let kinds: Vec<_> = transport.candidates.iter().map(|c| (c.kind, c.address.to_string())).collect();
    let expected = [(CandidateKind::Host, "10.0.0.5:4000".to_owned()), (CandidateKind::ServerReflexive, "192.0.2.77:61000".to_owned())];
    assert_eq!(kinds, expected);
    assert!(transport.candidates[0].priority >> 24 == 126 && transport.candidates[1].priority >> 24 == 100);
    assert_ne!(transport.candidates[0].foundation, transport.candidates[1].foundation);
    answer(&mut world, 40);
    assert!(world.run_until_heard(ms(2_000)).unwrap() < ms(300));
    world.run(ms(2_000));
    let path = world.events(1).find_map(|(_, e)| if let SessionEvent::Path(path) = e { Some(*path) } else { None }).unwrap();
    assert_eq!(
        (path.remote, path.remote_kind, path.local_kind),
        (address("192.0.2.77:61000"), CandidateKind::ServerReflexive, CandidateKind::Host)
    );
    let path = world.events(0).find_map(|(_, e)| if let SessionEvent::Path(path) = e { Some(*path) } else { None }).unwrap();
    assert_eq!((path.local_kind, path.rtt), (CandidateKind::ServerReflexive, Some(ms(40))));
}

#[test]
fn a_hidden_host_is_not_told_and_still_reached() {
    let mut world = behind_nat(CandidatePolicy::NoHost);
    world.run(ms(100));
    let transport = world.nodes[0].gathered.clone().unwrap();
    assert!(!format!("{transport:?}").contains("10.0.0.5"), "{transport:?}");
    assert_eq!(transport.candidates.len(), 1);
    answer(&mut world, 40);
    assert!(world.run_until_heard(ms(2_000)).unwrap() < ms(300));
}

#[test]
fn relay_only_without_a_relay_tells_nothing_and_fails() {
    let mut world = behind_nat(CandidatePolicy::RelayOnly);
    world.run(ms(100));
    let transport = world.nodes[0].gathered.clone().unwrap();
    assert_eq!((transport.candidates.len(), transport.address), (0, address("0.0.0.0:9")));
    assert_eq!(world.datagrams, 0);
    let mut terms = world.terms(1, DtlsRole::Client, true);
    world.start_session(0, &terms);
    terms.ice = None;
    world.start_session(0, &terms);
    world.run(ms(30_000));
    assert!(world.failure(0) == Some(MediaFailure::NoPath));
    assert_eq!(world.log.iter().filter(|e| e.what == What::Event(SessionEvent::Failed(MediaFailure::NoPath))).count(), 2);
}

#[test]
fn a_silent_stun_server_costs_the_budget_and_a_forged_answer_nothing() {
    let mut world = World::new(2, ms(20));
    world.dead.insert(address(STUN).ip());
    let mut config = world.config(0, &[A]);
    config.stun_servers = vec![address(STUN)];
    world.node_with(config);
    world.run(ms(490));
    assert!(world.nodes[0].gathered.is_none());
    let mut forged = vec![1, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42];
    forged.extend_from_slice(&[7; 12]);
    forged.extend_from_slice(&[0, 0x20, 0, 8, 0, 1, 1, 1, 1, 1, 1, 1]);
    let now = world.now;
    world.nodes[0].gathering.handle_datagram(address("192.0.2.1:4000"), address(STUN), &forged, now);
    world.run(ms(500));
    assert_eq!(world.nodes[0].gathered.as_ref().unwrap().candidates.len(), 1);
    assert_eq!(world.datagrams, 3, "0, 100 and 300 ms");
}

#[test]
fn the_loopback_and_ipv6_work_and_family_decides_the_pair() {
    for (a, b) in [("127.0.0.1", "127.0.0.2"), ("::1", "2001:db8::1"), ("fd00::1", "fd00::2")] {
        let mut world = World::new(2, ms(1));
        world.node(&[a]);
        world.node(&[b]);
        answer(&mut world, 2);
        assert!(world.run_until_heard(ms(2_000)).unwrap() < ms(200), "{a}");
    }
    let mut world = World::new(2, ms(10));
    world.node(&["192.0.2.1", "2001:db8::a"]);
    world.node(&["2001:db8::b"]);
    assert_eq!(world.nodes[0].gathered.as_ref().unwrap().address, address("192.0.2.1:4000"));
    answer(&mut world, 20);
    assert!(world.run_until_heard(ms(2_000)).is_some());
}

/// Both sides without ICE.
fn without_ice(security: impl Fn(bool) -> NegotiatedSecurity, remote_of_a: Option<SocketAddr>) -> World {
    let mut world = two(4);
    let (mut for_a, mut for_b) = (world.terms(1, DtlsRole::Server, true), world.terms(0, DtlsRole::Client, false));
    (for_a.ice, for_b.ice) = (None, None);
    (for_a.security, for_b.security) = (security(true), security(false));
    for_a.remote_address = remote_of_a;
    world.start_session(0, &for_a);
    world.start_session(1, &for_b);
    world
}

#[test]
fn peers_without_ice_speak_by_dtls_sdes_or_in_the_clear() {
    let certificates = [certificate(1).fingerprint().clone(), certificate(0).fingerprint().clone()];
    let dtls = |offerer: bool| NegotiatedSecurity::Dtls {
        role: if offerer { DtlsRole::Server } else { DtlsRole::Client },
        fingerprints: vec![certificates[usize::from(!offerer)].clone()],
    };
    let by_sdes = |offerer: bool| if offerer { sdes(3, 5) } else { sdes(5, 3) };
    for (name, mut world, security, cipher) in [
        ("dtls", without_ice(dtls, Some(address("198.51.100.1:4000"))), MediaSecurity::EndToEnd, "AEAD_AES_128_GCM"),
        ("sdes", without_ice(by_sdes, Some(address("198.51.100.1:4000"))), MediaSecurity::ToServers, "AES_CM_128_HMAC_SHA1_80"),
        ("plain", without_ice(|_| NegotiatedSecurity::None, Some(address("198.51.100.1:4000"))), MediaSecurity::None, "none"),
    ] {
        let took = world.run_until_heard(ms(2_000)).unwrap();
        println!("{name} without ICE: {took:?}");
        world.run(ms(12_000));
        for node in [0, 1] {
            assert!(world.when(node, |e| *e == SessionEvent::Secured { security, cipher }).is_some(), "{name}");
            assert!(world.active(node).unwrap() < ms(300), "{name}");
            assert!(world.when(node, |e| matches!(e, SessionEvent::OneWay(_) | SessionEvent::Failed(_))).is_none());
            assert!(world.when(node, |e| matches!(e, SessionEvent::Report(s) if s.rtt.is_some())).is_some(), "{name}");
            assert!(world.frames(node) > 200, "{name}");
        }
    }
}

#[test]
fn a_peer_that_names_the_wrong_address_is_found_by_its_packets() {
    let by_sdes = |offerer: bool| if offerer { sdes(3, 5) } else { sdes(5, 3) };
    for remote in [None, Some(address("10.9.9.9:4000"))] {
        for mut world in [without_ice(by_sdes, remote), without_ice(|_| NegotiatedSecurity::None, remote)] {
            assert!(world.run_until_heard(ms(2_000)).is_some());
            world.run(ms(2_000));
            let path = world.events(0).filter_map(|(_, e)| if let SessionEvent::Path(path) = e { Some(path.remote) } else { None }).last();
            assert_eq!(path, Some(address("198.51.100.1:4000")));
        }
    }
    let mut world = without_ice(by_sdes, None);
    world.dead.insert(B.parse().unwrap());
    world.run(ms(30_000));
    assert_eq!(world.failure(0), Some(MediaFailure::NoAddress));
}

#[test]
fn strangers_cannot_turn_a_stream_towards_themselves() {
    let by_sdes = |offerer: bool| if offerer { sdes(3, 5) } else { sdes(5, 3) };
    for mut world in [
        without_ice(by_sdes, Some(address("198.51.100.1:4000"))),
        without_ice(|_| NegotiatedSecurity::None, Some(address("198.51.100.1:4000"))),
        call(1, 40, 0.0),
    ] {
        world.run(ms(2_000));
        let played = world.frames(0);
        for i in 0..200_u64 {
            world.run(ms(2_000 + i * 10));
            let now = world.now;
            let mut forged = vec![0x80, 111, 0, i as u8, 0, 0, 0, 0, 6, 6, 6, 6];
            forged.extend_from_slice(&[0x66; 60]);
            world.nodes[0].gathering.handle_datagram(address("192.0.2.1:4000"), address("203.0.113.66:9"), &forged, now);
        }
        world.run(ms(6_000));
        let paths = world.events(0).filter(|(_, e)| matches!(e, SessionEvent::Path(_))).count();
        assert_eq!(paths, 1);
        assert!(world.frames(0) - played > 190);
    }
}

#[test]
fn different_keys_are_recognised_as_the_cause_of_one_way_sound() {
    let mut world = without_ice(|offerer| if offerer { sdes(3, 5) } else { sdes(6, 3) }, Some(address("198.51.100.1:4000")));
    world.run(ms(7_000));
    let one_way = |cause| move |e: &SessionEvent| *e == SessionEvent::OneWay(cause);
    assert!(world.when(0, one_way(OneWayCause::Undecryptable)).is_some_and(|at| at >= ms(5_000)));
    assert_eq!(world.frames(0), 0);
}

#[test]
fn one_sided_agreements_are_active_without_sound_from_the_silent_side() {
    let mut world = two(4);
    let (mut for_a, mut for_b) = (world.terms(1, DtlsRole::Server, true), world.terms(0, DtlsRole::Client, false));
    (for_a.direction, for_b.direction) = (Direction::SendOnly, Direction::RecvOnly);
    world.start_session(0, &for_a);
    world.start_session(1, &for_b);
    world.run(ms(8_000));
    assert!(world.active(0).is_some() && world.active(1).is_some());
    assert!(world.frames(0) == 0 && world.frames(1) > 300);
    // And back: a hold that ends.
    (for_a.direction, for_b.direction) = (Direction::SendRecv, Direction::SendRecv);
    let now = world.now;
    for (node, terms) in [(0, &for_a), (1, &for_b)] {
        let session = world.nodes[node].sessions[0];
        world.nodes[node].gathering.update(session, terms, now);
    }
    world.run(ms(10_000));
    assert!(world.frames(0) > 80);
}

#[test]
fn a_mute_peer_is_active_by_its_reports() {
    let mut world = two(4);
    world.nodes[1].talks = false;
    answer(&mut world, 40);
    world.run(ms(4_000));
    assert!(world.active(0).unwrap() < ms(1_500), "its first report comes within a second");
    assert!(world.when(0, |e| matches!(e, SessionEvent::OneWay(_))).is_none());
}

#[test]
fn a_lite_peer_is_checked_and_told_which_pair_to_use() {
    #[derive(Debug)]
    struct Sha1;
    impl is::Sha1HmacProvider for Sha1 {
        fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
            let mut context = ring::hmac::Context::with_key(&ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key));
            payloads.iter().for_each(|part| context.update(part));
            context.sign().as_ref().try_into().unwrap()
        }
    }
    let mut world = World::new(1, ms(20));
    world.node(&[A]);
    let own = world.nodes[0].gathered.clone().unwrap();
    let (here, there) = (own.address, address("198.51.100.1:4000"));
    let mut lite = is::IceAgent::with_hmac(is::IceCreds { ufrag: "lite".into(), pass: "liteliteliteliteliteli".into() }, &Sha1);
    lite.set_ice_lite(true);
    lite.set_controlling(false);
    lite.set_remote_credentials(is::IceCreds { ufrag: own.ice.ufrag.clone(), pass: own.ice.pwd.clone() });
    lite.add_local_candidate(is::Candidate::host(there, "udp").unwrap());
    lite.handle_timeout(world.now.instant);

    let mut terms = negotiated(&own, &own, DtlsRole::Client, true);
    terms.security = sdes(3, 5);
    let ice = terms.ice.as_mut().unwrap();
    ice.lite = true;
    (ice.credentials.ufrag, ice.credentials.pwd) = ("lite".into(), "liteliteliteliteliteli".into());
    ice.candidates[0].address = there;
    let gathering = &mut world.nodes[0].gathering;
    let (mut now, mut nominated) = (world.now, None);
    gathering.start(&terms, now);
    let mut events = vec![];
    for _ in 0..100 {
        loop {
            match gathering.poll_output() {
                cooee_rtc::GatheringOutput::Transmit { local, payload, .. } => {
                    let Ok(message) = is::stun::StunMessage::parse(&payload) else { continue };
                    let packet = is::stun::StunPacket { proto: is::Protocol::Udp, source: local, destination: there, message };
                    lite.handle_packet(now.instant, packet);
                }
                cooee_rtc::GatheringOutput::Session(_, event) => events.push(event),
                _ => break,
            }
        }
        while let Some(event) = lite.poll_event() {
            if let is::IceAgentEvent::NominatedSend { destination, .. } = event {
                nominated = Some(destination);
            }
        }
        while let Some(transmit) = lite.poll_transmit() {
            gathering.handle_datagram(here, there, &Vec::from(transmit.contents), now);
        }
        now = now.after(ms(10));
        lite.handle_timeout(now.instant);
        gathering.handle_timeout(now);
    }
    assert_eq!(nominated, Some(here));
    assert!(matches!(events[0], SessionEvent::Path(path) if path.remote == there));
    assert!(events.iter().any(|e| matches!(e, SessionEvent::Secured { security: MediaSecurity::ToServers, .. })));
    assert!(!events.iter().any(|e| matches!(e, SessionEvent::PathLost | SessionEvent::Failed(_))));
}
