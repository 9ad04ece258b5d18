//! Calls that go on by another agreement: held, moved, with other keys, with another peer behind the same dialog.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod world;

use cooee_rtc::{MediaSecurity, SessionEvent};
use cooee_sdp::{Crypto, Direction, DtlsRole, IceCredentials, Negotiated, NegotiatedSecurity, SrtpSuite};
use world::*;

fn fresh(name: &str) -> IceCredentials {
    IceCredentials { ufrag: format!("{name}{name}"), pwd: name.repeat(24) }
}

fn is_secured(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Secured { .. })
}

fn has_failed(world: &World) -> bool {
    [0, 1].iter().any(|node| world.failure(*node).is_some())
}

/// A call of node 0 with node 1, which has a second address that nobody knows of yet.
fn with_a_spare_address() -> (World, Negotiated, Negotiated) {
    let mut world = World::new(3, ms(20));
    world.node(&[A]);
    world.node(&[B, C]);
    let (mut for_a, for_b) = (world.terms(1, DtlsRole::Server, true), world.terms(0, DtlsRole::Client, false));
    let spare = C.parse::<std::net::IpAddr>().unwrap();
    for_a.ice.as_mut().unwrap().candidates.retain(|candidate| candidate.address.ip() != spare);
    world.start_session(1, &for_b);
    world.start_session(0, &for_a);
    (world, for_a, for_b)
}

#[test]
fn a_peer_that_moves_with_an_ice_restart_goes_on_talking_with_the_same_keys() {
    for is_old_path_alive in [true, false] {
        let (mut world, mut for_a, mut for_b) = with_a_spare_address();
        world.run(ms(3_000));
        if !is_old_path_alive {
            world.dead.insert(B.parse().unwrap());
            world.run(ms(3_300));
        }
        let all = world.terms(1, DtlsRole::Server, true);
        let moved = all.ice.unwrap().candidates.into_iter().filter(|candidate| candidate.address == address("203.0.113.7:4000"));
        for_a.ice.as_mut().unwrap().candidates = moved.collect();
        let (a, b) = (fresh("a"), fresh("b"));
        for (terms, ours, theirs) in [(&mut for_a, &a, &b), (&mut for_b, &b, &a)] {
            let ice = terms.ice.as_mut().unwrap();
            (ice.credentials, ice.ours) = (theirs.clone(), ours.clone());
        }
        world.update(1, &for_b);
        world.run(world.at() + ms(40));
        world.update(0, &for_a);
        let restarted = world.at();
        world.run(ms(60_000));
        assert!(!has_failed(&world));
        for node in [0, 1] {
            assert_eq!(world.count(node, is_secured), 1, "the keys belong to the session");
            let allowed = if is_old_path_alive { ms(60) } else { ms(800) };
            let gap = world.longest_gap(node, restarted - ms(340), ms(60_000));
            assert!(gap <= allowed, "node {node}, old path alive: {is_old_path_alive}: {gap:?}");
        }
        let last = world.events(0).filter_map(|(_, e)| if let SessionEvent::Path(path) = e { Some(path.remote) } else { None }).last();
        assert_eq!(last, Some(address("203.0.113.7:4000")));
    }
}

#[test]
fn another_peer_behind_the_same_dialog_is_shaken_hands_with_anew() {
    let mut world = World::new(4, ms(20));
    world.node(&[A]);
    world.node(&[B]);
    world.node(&[C]);
    answer(&mut world, 40);
    world.run(ms(3_000));
    let ours = fresh("a");
    let (mut for_a, mut for_c) = (world.terms(2, DtlsRole::Server, true), world.terms(0, DtlsRole::Client, false));
    for_a.ice.as_mut().unwrap().ours = ours.clone();
    for_c.ice.as_mut().unwrap().credentials = ours;
    world.start_session(2, &for_c);
    world.update(0, &for_a);
    world.run(ms(6_000));
    assert!(!has_failed(&world));
    assert_eq!(world.count(0, |e| matches!(e, SessionEvent::Secured { security: MediaSecurity::EndToEnd, .. })), 2);
    let heard = world.heard_since(0, ms(5_000));
    assert!(heard.len() > 45 && heard.iter().all(|(_, speaker)| *speaker == 0x82), "the new peer alone is heard: {}", heard.len());
    assert!(world.heard_since(2, ms(5_000)).len() > 45);
}

/// Both sides without ICE at known addresses, the keys made of one octet each.
fn by_sdes(world: &World, node: usize, keys: (u8, u8)) -> Negotiated {
    let mut terms = world.terms(1 - node, DtlsRole::Server, node == 0);
    terms.ice = None;
    terms.security = if node == 0 { sdes(keys.0, keys.1) } else { sdes(keys.1, keys.0) };
    terms
}

fn sdes_call() -> World {
    let mut world = World::new(5, ms(20));
    world.node(&[A]);
    world.node(&[B]);
    for node in [0, 1] {
        let terms = by_sdes(&world, node, (3, 5));
        world.start_session(node, &terms);
    }
    world.run(ms(2_000));
    world
}

#[test]
fn keys_change_in_mid_call_without_a_gap_whoever_changes_his() {
    for keys in [(4, 5), (3, 6), (7, 8)] {
        let mut world = sdes_call();
        let (for_a, for_b) = (by_sdes(&world, 0, keys), by_sdes(&world, 1, keys));
        world.update(1, &for_b);
        world.run(ms(2_020));
        world.update(0, &for_a);
        world.run(ms(5_000));
        assert!(!has_failed(&world));
        // What one side protects by its new key before the other has heard of it is lost: 20 ms of signalling here.
        for node in [0, 1] {
            let gap = world.longest_gap(node, ms(1_000), ms(5_000));
            assert!(gap <= ms(60), "node {node}, {keys:?}: {gap:?}");
            assert_eq!(world.count(node, is_secured), 2);
        }
    }
}

#[test]
fn every_suite_carries_a_call_and_may_be_exchanged_for_another() {
    let mut world = sdes_call();
    let mut at = ms(2_000);
    for suite in SrtpSuite::ALL {
        let key = |octet| Crypto {
            tag: 1,
            suite: suite.name().to_owned(),
            key_salt: vec![octet; suite.key_length() + suite.salt_length()],
            parameters: String::new(),
        };
        for node in [0, 1] {
            let mut terms = by_sdes(&world, node, (0, 0));
            let (ours, theirs) = if node == 0 { (key(1), key(2)) } else { (key(2), key(1)) };
            terms.security = NegotiatedSecurity::Sdes { ours, theirs };
            world.update(node, &terms);
        }
        world.run(at + ms(1_000));
        for node in [0, 1] {
            assert!(world.heard_since(node, at + ms(500)).len() >= 24, "{suite:?}");
            let cipher = suite.name();
            assert!(world.when(node, |e| *e == SessionEvent::Secured { security: MediaSecurity::ToServers, cipher }).is_some());
        }
        at += ms(1_000);
    }
}

#[test]
fn security_may_rise_and_fall_by_agreement_and_is_shown_truly() {
    let mut world = sdes_call();
    let (plain_a, plain_b) = ((0, NegotiatedSecurity::None), (1, NegotiatedSecurity::None));
    let dtls = |node: usize| match world.terms(1 - node, if node == 0 { DtlsRole::Server } else { DtlsRole::Client }, true).security {
        security @ NegotiatedSecurity::Dtls { .. } => (node, security),
        _ => panic!(),
    };
    let (dtls_a, dtls_b) = (dtls(0), dtls(1));
    for (step, agreed) in [[plain_a, plain_b], [dtls_a, dtls_b]].into_iter().enumerate() {
        for (node, security) in agreed {
            let terms = Negotiated { security, ..by_sdes(&world, node, (0, 0)) };
            world.update(node, &terms);
        }
        let at = ms(2_000 + 1_000 * step as u64);
        world.run(at + ms(1_000));
        for node in [0, 1] {
            let shown =
                world.events(node).filter_map(|(_, e)| if let SessionEvent::Secured { security, .. } = e { Some(*security) } else { None });
            assert_eq!(shown.last(), Some([MediaSecurity::None, MediaSecurity::EndToEnd][step]));
            assert!(world.heard_since(node, at + ms(500)).len() >= 24, "step {step}");
        }
    }
    assert!(!has_failed(&world));
}

#[test]
fn a_peer_without_ice_that_names_another_address_is_sent_to_at_once() {
    let mut world = sdes_call();
    world.node(&[C]);
    let mut at_c = by_sdes(&world, 1, (4, 6));
    at_c.remote_address = Some(address("192.0.2.1:4000"));
    world.start_session(2, &at_c);
    let moved = Negotiated { remote_address: Some(address("203.0.113.7:4000")), ..by_sdes(&world, 0, (4, 6)) };
    world.recorded = Some(vec![]);
    world.update(0, &moved);
    // What it sent before is still under way.
    world.run(ms(2_010));
    world.dead.insert(B.parse().unwrap());
    world.run(ms(2_500));
    let sent = world.recorded.take().unwrap();
    let to = |ip: &str| sent.iter().filter(|(from, to, _)| from.ip().to_string() == A && to.ip().to_string() == ip).count();
    assert!(to(C) > 20 && to(B) == 0, "{} and {}", to(C), to(B));
    assert!(world.heard_since(2, ms(2_200)).len() > 10 && world.heard_since(0, ms(2_200)).len() > 10);
}

#[test]
fn holding_a_peer_behind_a_nat_does_not_send_back_to_the_address_it_only_says_it_has() {
    let mut world = World::new(7, ms(20));
    world.node(&[A]);
    world.node(&[B]);
    let private = |world: &World| Negotiated { remote_address: Some(address("10.9.9.9:4000")), ..by_sdes(world, 0, (3, 5)) };
    let (for_a, for_b) = (private(&world), by_sdes(&world, 1, (3, 5)));
    world.start_session(0, &for_a);
    world.start_session(1, &for_b);
    world.run(ms(2_000));
    let hold = |terms: &Negotiated, direction| Negotiated { direction, ..terms.clone() };
    world.update(1, &hold(&for_b, Direction::SendOnly));
    world.update(0, &hold(&for_a, Direction::RecvOnly));
    world.nodes[1].talks = false;
    world.run(ms(4_000));
    world.recorded = Some(vec![]);
    world.update(0, &for_a);
    world.update(1, &for_b);
    world.run(ms(4_500));
    let sent = world.recorded.take().unwrap();
    assert!(sent.iter().all(|(_, to, _)| to.ip().to_string() != "10.9.9.9"));
    assert!(world.heard_since(1, ms(4_200)).len() > 10);
}

#[test]
fn ice_may_be_given_up_and_taken_up_by_agreement() {
    let mut world = sdes_call();
    let with_ice = |world: &World, node: usize| {
        let security = by_sdes(world, node, (3, 5)).security;
        Negotiated { security, ..world.terms(1 - node, DtlsRole::Server, node == 0) }
    };
    for (step, ice) in [true, false, true].into_iter().enumerate() {
        for node in [0, 1] {
            let terms = if ice { with_ice(&world, node) } else { by_sdes(&world, node, (3, 5)) };
            world.update(node, &terms);
        }
        let from = world.at();
        world.run(from + ms(40_000));
        for node in [0, 1] {
            assert!(world.longest_gap(node, from, from + ms(40_000)) <= ms(60), "step {step}");
        }
    }
    assert!(!has_failed(&world));
}
