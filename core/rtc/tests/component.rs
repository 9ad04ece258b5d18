//! Peers that do not multiplex RTP and RTCP: a second component in ICE, and in DTLS-SRTP a second association.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod world;

use std::net::SocketAddr;

use cooee_rtc::{GatheringConfig, SessionEvent};
use cooee_sdp::{DtlsRole, Negotiated, NegotiatedSecurity};
use world::*;

/// Both nodes with a socket for reports.
fn two_with_rtcp(seed: u64) -> World {
    let mut world = World::new(seed, ms(20));
    for (node, ip) in [A, B].into_iter().enumerate() {
        let config = with_rtcp(world.config(node, &[ip]));
        world.node_with(config);
    }
    world
}

fn with_rtcp(config: GatheringConfig) -> GatheringConfig {
    let rtcp_sockets = above(&config.sockets);
    GatheringConfig { rtcp_sockets, ..config }
}

fn above(sockets: &[SocketAddr]) -> Vec<SocketAddr> {
    sockets.iter().map(|socket| SocketAddr::new(socket.ip(), socket.port() + 1)).collect()
}

/// What a node agrees on with the other, without rtcp-mux.
fn terms(world: &World, node: usize, security: Option<&NegotiatedSecurity>) -> Negotiated {
    let role = if node == 0 { DtlsRole::Server } else { DtlsRole::Client };
    let terms = world.terms(1 - node, role, node == 0);
    let security = security.cloned().unwrap_or(terms.security);
    Negotiated { rtcp_mux: false, remote_rtcp: world.nodes[1 - node].gathered.as_ref().unwrap().rtcp, security, ..terms }
}

/// The ports that reports and all else went between.
fn ports(world: &mut World, of_reports: bool) -> Vec<(u16, u16)> {
    let sent = world.recorded.take().unwrap();
    let is_media = |datagram: &[u8]| (0x80..0xc0).contains(&datagram[0]);
    let is_report = |datagram: &[u8]| (192..=223).contains(&datagram[1]);
    let mut ports: Vec<_> = sent
        .iter()
        .filter(|(.., datagram)| is_media(datagram) && is_report(datagram) == of_reports)
        .map(|(from, to, _)| (from.port(), to.port()))
        .collect();
    ports.sort_unstable();
    ports.dedup();
    world.recorded = Some(sent);
    ports
}

fn assert_reported(world: &mut World) {
    for node in [0, 1] {
        let statistics = world.nodes[node].gathering.statistics(world.nodes[node].sessions[0]).unwrap();
        assert!(statistics.remote_loss.is_some(), "node {node} has a report of what it sent");
        assert!(world.active(node).is_some() && world.failure(node).is_none() && world.frames(node) > 500);
        assert_eq!(world.count(node, |e| matches!(e, SessionEvent::OneWay(_) | SessionEvent::PathLost)), 0);
    }
    assert_eq!((ports(world, true), ports(world, false)), (vec![(4001, 4001)], vec![(4000, 4000)]));
}

#[test]
fn with_ice_and_without_mux_reports_have_checks_and_keys_of_their_own() {
    for security in [None, Some([sdes(3, 5), sdes(5, 3)]), Some([NegotiatedSecurity::None, NegotiatedSecurity::None])] {
        let mut world = two_with_rtcp(21);
        world.recorded = Some(vec![]);
        for node in [1, 0] {
            let terms = terms(&world, node, security.as_ref().map(|security| &security[node]));
            assert!(terms.has_rtcp_component());
            world.start_session(node, &terms);
        }
        world.run(ms(12_000));
        assert_reported(&mut world);
    }
}

#[test]
fn a_component_that_a_peer_turns_out_to_have_is_gathered_later_and_serves_the_session_that_runs() {
    let mut world = World::new(22, ms(20));
    world.node(&[A]);
    let config = with_rtcp(world.config(1, &[B]));
    world.node_with(config);
    world.recorded = Some(vec![]);
    for node in [1, 0] {
        let terms = terms(&world, node, None);
        world.start_session(node, &terms);
    }
    world.run(ms(3_000));
    assert!(world.active(0).is_some() && ports(&mut world, true).is_empty());
    let now = world.now;
    world.nodes[0].gathering.gather_rtcp(vec![address("192.0.2.1:4001")], now);
    world.flush();
    let gathered = world.nodes[0].gathered.clone().unwrap();
    let told: Vec<_> = gathered.candidates.iter().map(|c| (c.component, c.address.port(), c.foundation.as_str())).collect();
    assert_eq!((told, gathered.rtcp), (vec![(1, 4000, "1"), (2, 4001, "1")], Some(address("192.0.2.1:4001"))));
    assert!(gathered.candidates[0].priority == gathered.candidates[1].priority + 1, "RFC 8445 5.1.2.1");
    let terms = terms(&world, 1, None);
    world.update(1, &terms);
    world.run(ms(15_000));
    assert_reported(&mut world);
}

#[test]
fn sound_flows_though_the_way_of_reports_is_blocked() {
    let mut world = two_with_rtcp(23);
    for node in [1, 0] {
        let terms = terms(&world, node, None);
        world.start_session(node, &terms);
    }
    world.dead_ports.insert(4001);
    world.run(ms(60_000));
    for node in [0, 1] {
        assert!(world.active(node).is_some() && world.failure(node).is_none() && world.frames(node) > 2_900);
        assert_eq!(world.count(node, |e| matches!(e, SessionEvent::OneWay(_) | SessionEvent::PathLost)), 0);
    }
}

#[test]
fn dtls_without_ice_and_without_mux_has_a_second_association_for_reports() {
    let mut world = two_with_rtcp(24);
    world.recorded = Some(vec![]);
    for node in [1, 0] {
        let terms = Negotiated { ice: None, ..terms(&world, node, None) };
        world.start_session(node, &terms);
    }
    world.run(ms(12_000));
    assert_reported(&mut world);
}
