//! Peers as they are: old, sloppy, loud, half deaf.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod world;

use std::collections::BTreeSet;
use std::time::Duration;

use cooee_rtc::{OneWayCause, Playout, SessionEvent, Statistics};
use cooee_sdp::{Codec, Direction, DtlsRole, Negotiated, NegotiatedSecurity};
use world::*;

const PEER: &str = "198.51.100.1:4000";

/// Node 0 in a call with a scripted peer, PCMA and PCMU in the clear.
fn with_an_odd_peer() -> (World, Odd) {
    let mut world = World::new(8, ms(20));
    world.node(&[A]);
    let mut terms = plain_with(PEER, Codec::pcma());
    terms.receive.push(Codec::pcmu());
    world.start_session(0, &terms);
    (world, Odd::new(PEER))
}

fn statistics(world: &World, node: usize) -> Statistics {
    world.nodes[node].gathering.statistics(world.nodes[node].sessions[0]).unwrap()
}

fn paths(world: &World) -> Vec<String> {
    world.events(0).filter_map(|(_, e)| if let SessionEvent::Path(path) = e { Some(path.remote.to_string()) } else { None }).collect()
}

#[test]
fn in_the_clear_a_peer_that_was_found_is_not_taken_for_a_stranger_however_long_it_is_silent() {
    let (mut world, mut peer) = with_an_odd_peer();
    peer.at = address("203.0.113.9:6000");
    peer.speak(&mut world, ms(1_000));
    assert_eq!(paths(&world), [PEER, "203.0.113.9:6000"], "it is elsewhere than it said");
    let mut stranger = Odd { at: address("203.0.113.66:9"), ssrc: 66, ..peer.clone() };
    for _ in 0..100 {
        stranger.packet(&mut world);
        peer.speak(&mut world, ms(20));
    }
    stranger.speak(&mut world, ms(10_000));
    assert_eq!(paths(&world).len(), 2);
    assert!(world.heard_since(0, ms(1_000)).iter().all(|(_, speaker)| *speaker == 7));
    // On hold nobody speaks, and then it goes on where it was.
    let held = plain_with(PEER, Codec::pcma());
    world.update(0, &Negotiated { direction: Direction::SendOnly, ..held.clone() });
    stranger.speak(&mut world, ms(10_000));
    world.update(0, &held);
    stranger.speak(&mut world, ms(1_000));
    let from = world.at();
    peer.timestamp = stranger.timestamp;
    peer.speak(&mut world, ms(1_000));
    assert_eq!(paths(&world).len(), 2);
    assert!(world.heard_since(0, from).iter().filter(|(_, speaker)| *speaker == 7).count() > 40);
}

#[test]
fn in_the_clear_a_silent_peer_may_go_on_elsewhere_with_its_stream_or_from_another_port() {
    for (at, ssrc) in [("203.0.113.66:9", 7), ("198.51.100.1:4022", 8)] {
        let (mut world, mut peer) = with_an_odd_peer();
        peer.speak(&mut world, ms(1_000));
        (peer.at, peer.ssrc) = (address(at), ssrc);
        peer.speak(&mut world, ms(1_800));
        assert_eq!(paths(&world), [PEER], "not as long as it may still be where it was");
        peer.speak(&mut world, ms(3_000));
        assert_eq!(paths(&world), [PEER, at]);
        assert!(world.heard_since(0, ms(3_500)).len() > 100);
    }
}

#[test]
fn in_the_clear_whoever_is_where_the_peer_said_it_is_takes_its_place_back_at_once() {
    let (mut world, mut peer) = with_an_odd_peer();
    let mut stranger = Odd { at: address("203.0.113.66:9"), ssrc: 66, ..peer.clone() };
    stranger.speak(&mut world, ms(1_000));
    assert_eq!(paths(&world).len(), 2, "nobody else has spoken");
    for _ in 0..100 {
        stranger.packet(&mut world);
        peer.speak(&mut world, ms(20));
    }
    assert_eq!(paths(&world), [PEER, "203.0.113.66:9", PEER]);
    let heard = world.heard_since(0, ms(1_600));
    assert!(heard.len() > 60 && heard.iter().all(|(_, speaker)| *speaker == 7));
}

#[test]
fn a_peer_that_changes_its_address_in_mid_call_without_a_word_is_followed_by_its_key() {
    let mut world = without_ice(16, [sdes(3, 5), sdes(5, 3)], |_| {});
    world.run(ms(3_000));
    // A new mapping at its router, or another network.
    world.nat.outside.insert(address("198.51.100.1:4000"), address("203.0.113.99:61000"));
    world.run(ms(8_000));
    assert_eq!(paths(&world), [PEER, "203.0.113.99:61000"]);
    for node in [0, 1] {
        assert!(world.heard_since(node, ms(6_000)).len() > 95, "node {node}");
        assert_eq!(world.failure(node), None);
    }
}

#[test]
fn a_replayed_stream_is_not_heard_again_and_moves_nothing() {
    let mut world = without_ice(9, [sdes(3, 5), sdes(5, 3)], |_| {});
    world.recorded = Some(vec![]);
    world.run(ms(2_000));
    let recorded = world.recorded.take().unwrap();
    let to_a: Vec<_> = recorded.into_iter().filter(|(_, to, _)| to.ip().to_string() == A).collect();
    let before = statistics(&world, 0);
    for (from, to, datagram) in &to_a {
        world.send(*from, *to, datagram.clone());
        world.send(address("203.0.113.66:9"), *to, datagram.clone());
        world.run(world.at() + ms(10));
    }
    world.run(world.at() + ms(500));
    let after = statistics(&world, 0);
    let took = world.at() - ms(2_000);
    assert!(u128::from(after.packets_received - before.packets_received) <= took.as_millis() / 20 + 2);
    assert!(after.packets_refused - before.packets_refused >= to_a.len() as u64);
    assert_eq!((paths(&world).len(), after.packets_duplicate), (1, 0));
    let frames: Vec<_> =
        world.log.iter().filter_map(|entry| if let What::Frame(frame) = &entry.what { Some(frame.clone()) } else { None }).collect();
    assert_eq!(frames.iter().collect::<BTreeSet<_>>().len(), frames.len(), "no frame is heard twice");
}

#[test]
fn another_source_identifier_in_mid_call_is_followed_within_a_quarter_of_a_second() {
    let (mut world, mut peer) = with_an_odd_peer();
    peer.speak(&mut world, ms(2_000));
    (peer.ssrc, peer.sequence, peer.timestamp) = (8, 40_000, 3_000_000_000);
    peer.speak(&mut world, ms(2_000));
    let heard = world.heard_since(0, ms(2_000));
    let first = heard.iter().find(|(_, speaker)| *speaker == 8).unwrap().0;
    assert!(first < ms(2_350), "{first:?}");
    assert!(heard.iter().filter(|(_, speaker)| *speaker == 8).count() > 75);
}

#[test]
fn two_payload_types_by_turns_are_both_played() {
    let (mut world, mut peer) = with_an_odd_peer();
    for i in 0..200 {
        peer.payload_type = if i % 2 == 0 { 8 } else { 0 };
        peer.speak(&mut world, ms(20));
    }
    assert!(world.frames(0) > 190, "{}", world.frames(0));
    peer.payload_type = 96;
    peer.speak(&mut world, ms(200));
    assert!(statistics(&world, 0).packets_refused >= 10, "a type that was never agreed is not played");
}

/// Plays as a device does: whenever less than 10 ms are left. What was decoded and what was made up, of that many.
fn play(world: &mut World, peer: &mut Odd, length: Duration) -> (Duration, Duration) {
    world.nodes[0].listens = false;
    let session = world.nodes[0].sessions[0];
    let (mut decoded, mut invented, mut left) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (end, mut next) = (world.at() + length, world.at());
    while world.at() < end {
        if next <= world.at() {
            peer.packet(world);
            next += ms(peer.octets as u64 / 8);
        }
        let now = world.now;
        while left < ms(10) {
            let gathering = &mut world.nodes[0].gathering;
            left += match gathering.playout(session, now) {
                Playout::Decode { payload, .. } => {
                    decoded += ms(payload.len() as u64 / 8);
                    ms(payload.len() as u64 / 8)
                }
                Playout::Fec { duration, .. } | Playout::Conceal { duration } => {
                    invented += duration;
                    duration
                }
                Playout::Silence { duration } | Playout::ComfortNoise { duration, .. } => duration,
            };
        }
        left -= ms(10);
        world.run(world.at() + ms(10));
    }
    (decoded, invented)
}

#[test]
fn packets_of_ten_to_sixty_milliseconds_are_played_without_a_gap() {
    for ptime in [10, 20, 30, 40, 60] {
        let (mut world, mut peer) = with_an_odd_peer();
        peer.octets = 8 * ptime;
        let (decoded, invented) = play(&mut world, &mut peer, ms(6_000));
        assert!(decoded > ms(5_600), "{ptime} ms: {decoded:?}");
        assert!(invented <= ms(60), "{ptime} ms: {invented:?} made up");
        assert_eq!(statistics(&world, 0).packets_lost, 0);
    }
}

#[test]
fn a_peer_that_sends_reports_only_is_active_and_heard_as_silence() {
    let (mut world, peer) = with_an_odd_peer();
    for _ in 0..10 {
        world.send(peer.at, peer.to, sender_report(7, 0));
        world.run(world.at() + ms(1_000));
    }
    assert!(world.active(0).is_some_and(|at| at < ms(100)));
    assert_eq!((world.frames(0), world.failure(0)), (0, None));
    assert_eq!(world.count(0, |e| matches!(e, SessionEvent::OneWay(_))), 0, "it says itself that it sends nothing");
}

#[test]
fn a_peer_whose_sound_stops_while_its_reports_go_on_is_silent_and_not_lost() {
    let (mut world, mut peer) = with_an_odd_peer();
    peer.speak(&mut world, ms(2_000));
    for _ in 0..60 {
        world.send(peer.at, peer.to, sender_report(7, 100));
        world.run(world.at() + ms(2_500));
    }
    let troubles = |world: &World| world.count(0, |e| !matches!(e, SessionEvent::Report(_))) - world.count(0, is_progress);
    assert_eq!(troubles(&world), 0);
    let from = world.at();
    peer.timestamp += 150 * 8_000;
    peer.speak(&mut world, ms(2_000));
    assert_eq!(troubles(&world), 0);
    assert!(world.heard_since(0, from).len() > 90, "and is heard when it speaks again");
}

fn is_progress(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Path(_) | SessionEvent::Secured { .. } | SessionEvent::Heard | SessionEvent::Active)
}

#[test]
fn one_source_identifier_for_everything_is_followed_from_one_call_and_codec_to_the_next() {
    for ssrc in [0, 7] {
        let (mut world, mut peer) = with_an_odd_peer();
        // Another call of ours with the same peer, from another port.
        let second = world.start_session(0, &plain_with("198.51.100.1:5000", Codec::pcma()));
        peer.ssrc = ssrc;
        let mut other = Odd { at: address("198.51.100.1:5000"), sequence: 30_000, ..peer.clone() };
        for turn in 0..200 {
            peer.payload_type = if turn < 100 { 8 } else { 0 };
            if turn == 150 {
                // Somebody else behind the same dialog, who counts anew.
                (peer.sequence, peer.timestamp) = (60_000, 77);
            }
            peer.packet(&mut world);
            other.packet(&mut world);
            world.run(world.at() + ms(20));
        }
        for session in [world.nodes[0].sessions[0], second] {
            let heard = world.log.iter().filter(|entry| entry.session == session && matches!(entry.what, What::Frame(_))).count();
            assert!(heard > 185, "{ssrc} {session:?}: {heard}");
        }
    }
}

#[test]
fn sound_that_is_lost_on_the_way_is_told_apart_from_silence_by_the_peers_reports() {
    let (mut world, mut peer) = with_an_odd_peer();
    peer.speak(&mut world, ms(2_000));
    let told = |world: &World| world.count(0, |e| matches!(e, SessionEvent::OneWay(_)));
    // It falls silent, and says so.
    for _ in 0..4 {
        world.send(peer.at, peer.to, sender_report(7, 100));
        world.run(world.at() + ms(2_500));
    }
    assert_eq!(told(&world), 0);
    // It says that it speaks.
    for packets in [225, 350, 475] {
        world.send(peer.at, peer.to, sender_report(7, packets));
        world.run(world.at() + ms(2_500));
    }
    assert_eq!(world.count(0, |e| *e == SessionEvent::OneWay(OneWayCause::NothingReceived)), 1, "told once");
    let actives = world.count(0, |e| *e == SessionEvent::Active);
    peer.speak(&mut world, ms(500));
    assert_eq!(world.count(0, |e| *e == SessionEvent::Active), actives + 1, "and over when it is heard again");
}

#[test]
fn a_firewall_that_closes_on_one_direction_is_noticed_at_both_ends() {
    for security in [[NegotiatedSecurity::None, NegotiatedSecurity::None], [sdes(3, 5), sdes(5, 3)]] {
        let mut world = without_ice(10, security, |_| {});
        world.run(ms(10_000));
        assert_eq!(world.count(0, |e| matches!(e, SessionEvent::OneWay(_))), 0);
        world.soundless.insert(A.parse().unwrap());
        world.run(ms(30_000));
        assert_eq!(world.count(0, |e| *e == SessionEvent::OneWay(OneWayCause::NotHeard)), 1);
        assert_eq!(world.count(1, |e| *e == SessionEvent::OneWay(OneWayCause::NothingReceived)), 1);
        world.soundless.clear();
        world.run(ms(45_000));
        for node in [0, 1] {
            assert_eq!(world.count(node, |e| *e == SessionEvent::Active), 2, "node {node}");
        }
    }
}

#[test]
fn two_megabits_a_second_are_cut_down_and_the_call_goes_on() {
    let (mut world, mut peer) = with_an_odd_peer();
    peer.speak(&mut world, ms(1_000));
    let calm = peer.clone();
    peer.octets = 238;
    for _ in 0..5_000 {
        peer.packet(&mut world);
        world.run(world.at() + ms(1));
    }
    let after = statistics(&world, 0);
    assert!(after.packets_received < 50 + 320 + 5 * 330, "{}", after.packets_received);
    assert!(after.packets_refused > 3_000, "{}", after.packets_refused);
    let mut calm = Odd { sequence: peer.sequence, timestamp: peer.timestamp, ..calm };
    let from = world.at();
    calm.speak(&mut world, ms(4_000));
    assert_eq!(world.failure(0), None);
    assert!(world.heard_since(0, from + ms(2_000)).len() > 90, "{}", world.heard_since(0, from + ms(2_000)).len());
}

fn ssrc_of(datagram: &[u8]) -> u32 {
    u32::from_be_bytes(datagram[8..12].try_into().unwrap())
}

#[test]
fn an_echo_that_sends_everything_back_is_heard_and_makes_us_change_our_source_once() {
    let (mut world, _) = with_an_odd_peer();
    let mut sources = BTreeSet::new();
    let mut farewells = 0;
    for _ in 0..500 {
        world.recorded = Some(vec![]);
        world.run(world.at() + ms(20));
        for (from, to, datagram) in world.recorded.take().unwrap() {
            if to == address(PEER) {
                if datagram[1] & 0x7f == 8 {
                    sources.insert(ssrc_of(&datagram));
                }
                farewells += usize::from(datagram.windows(2).any(|octets| octets == [0x81, 203]));
                world.send(to, from, datagram);
            }
        }
    }
    assert_eq!((sources.len(), farewells), (2, 1));
    assert!(world.frames(0) > 400, "{}", world.frames(0));
    assert_eq!(world.count(0, |e| matches!(e, SessionEvent::Failed(_) | SessionEvent::Closed | SessionEvent::OneWay(_))), 0);
}

#[test]
fn comfort_noise_that_was_never_agreed_disturbs_nothing() {
    let (mut world, mut peer) = with_an_odd_peer();
    for _ in 0..5 {
        peer.speak(&mut world, ms(1_000));
        peer.send(&mut world, 13, false, peer.timestamp, &[60]);
        world.run(world.at() + ms(600));
        peer.timestamp += 600 * 8;
    }
    let after = statistics(&world, 0);
    assert_eq!((after.packets_refused, after.packets_lost), (1, 0), "the first packet is believed by the second");
    assert!(world.frames(0) > 235, "{}", world.frames(0));
}

#[test]
fn digits_with_a_clock_or_a_source_of_their_own_leave_the_sound_as_it_is() {
    for (clock, own_source) in [(8_000, false), (48_000, false), (8_000, true)] {
        let mut world = World::new(11, ms(20));
        world.node(&[A]);
        let mut terms = plain_with(PEER, Codec::opus());
        terms.receive.push(Codec::telephone_event(clock));
        let payload_type = terms.receive[1].payload_type;
        world.start_session(0, &terms);
        let mut peer = Odd { payload_type: 111, octets: 960, ..Odd::new(PEER) };
        let mut gateway = Odd { ssrc: 99, sequence: 500, ..peer.clone() };
        for frame in 0..250_u32 {
            peer.packet(&mut world);
            if frame % 50 >= 40 {
                let duration = ((frame % 50 - 39) * clock / 50) as u16;
                let [high, low] = duration.to_be_bytes();
                let event = [5, if frame % 50 > 46 { 0x8a } else { 10 }, high, low];
                let (sender, stamp) = if own_source { (&mut gateway, 777 + frame / 50) } else { (&mut peer, 12_345 + frame / 50) };
                sender.send(&mut world, payload_type, frame % 50 == 40, stamp, &event);
            }
            world.run(world.at() + ms(20));
        }
        assert_eq!(world.count(0, |e| *e == SessionEvent::Digit('5')), 5, "{clock} {own_source}");
        assert_eq!(statistics(&world, 0).packets_lost, 0);
        assert!(world.frames(0) > 240, "{clock} {own_source}: {}", world.frames(0));
    }
}

#[test]
fn reports_without_mux_have_a_port_of_their_own_at_both_ends() {
    for security in [[NegotiatedSecurity::None, NegotiatedSecurity::None], [sdes(3, 5), sdes(5, 3)]] {
        let mut world = without_ice(12, security, |terms| terms.rtcp_mux = false);
        world.recorded = Some(vec![]);
        world.run(ms(12_000));
        for (node, ip) in [A, B].into_iter().enumerate() {
            assert_eq!(world.nodes[node].opened, [address(&format!("{ip}:4001"))]);
            assert!(statistics(&world, node).rtt.is_some_and(|rtt| rtt.abs_diff(ms(40)) < ms(5)));
            assert!(world.active(node).is_some() && world.failure(node).is_none());
        }
        for (from, to, datagram) in world.recorded.take().unwrap() {
            let port = if (192..=223).contains(&datagram[1]) { 4001 } else { 4000 };
            assert_eq!((from.port(), to.port()), (port, port));
        }
    }
}

#[test]
fn a_flood_of_reports_from_strangers_pushes_out_none_of_the_peers() {
    for security in [[NegotiatedSecurity::None, NegotiatedSecurity::None], [sdes(3, 5), sdes(5, 3)]] {
        let mut world = without_ice(15, security, |_| {});
        for _ in 0..12_000 {
            world.send(address("203.0.113.66:9"), address("192.0.2.1:4000"), sender_report(7, 1));
            world.run(world.at() + ms(1));
        }
        assert!(statistics(&world, 0).remote_loss.is_some(), "a report of the peer's is taken");
    }
}

#[test]
fn reports_go_where_the_peer_wants_them_and_then_where_they_come_from() {
    let mut world = World::new(13, ms(20));
    world.node(&[A]);
    let mut terms = plain_with(PEER, Codec::pcma());
    (terms.rtcp_mux, terms.remote_rtcp) = (false, Some(address("198.51.100.1:5555")));
    world.start_session(0, &terms);
    let mut peer = Odd::new(PEER);
    let reports = |world: &mut World| {
        let sent = world.recorded.replace(vec![]).unwrap_or_default();
        sent.into_iter().filter(|(from, ..)| from.port() == 4001).map(|(_, to, _)| to.to_string()).collect::<BTreeSet<_>>()
    };
    reports(&mut world);
    peer.speak(&mut world, ms(8_000));
    assert_eq!(reports(&mut world), BTreeSet::from(["198.51.100.1:5555".to_owned()]));
    world.send(address("203.0.113.66:9"), address("192.0.2.1:4001"), sender_report(7, 1));
    world.send(address("198.51.100.1:6666"), address("192.0.2.1:4001"), sender_report(7, 1));
    peer.speak(&mut world, ms(8_000));
    let later = reports(&mut world);
    assert!(later.contains("198.51.100.1:6666") && !later.contains("203.0.113.66:9"), "{later:?}");
}

#[test]
fn where_reports_have_no_way_sound_flows_and_a_muted_peer_is_not_taken_for_one_that_is_gone() {
    for with_ice in [true, false] {
        let mut world = World::new(14, ms(20));
        world.node(&[A]);
        world.node(&[B]);
        // With ICE neither has a second component; without it both have an association for reports that comes to nothing.
        world.dead_ports.insert(4001);
        for (node, role) in [(1, DtlsRole::Client), (0, DtlsRole::Server)] {
            let terms = world.terms(1 - node, role, node == 0);
            let ice = terms.ice.clone().filter(|_| with_ice);
            world.start_session(node, &Negotiated { rtcp_mux: false, ice, ..terms });
        }
        world.recorded = Some(vec![]);
        world.run(ms(12_000));
        assert!(world.recorded.take().unwrap().iter().all(|(.., datagram)| !(192..=223).contains(&datagram[1]) || datagram[0] < 0x80));
        let troubles = |world: &World, node| {
            world.count(node, |e| matches!(e, SessionEvent::OneWay(_) | SessionEvent::Failed(_) | SessionEvent::PathLost))
        };
        for node in [0, 1] {
            assert!(world.active(node).is_some() && world.frames(node) > 500);
            assert_eq!(troubles(&world, node), 0);
        }
        world.nodes[1].talks = false;
        world.run(ms(120_000));
        world.nodes[1].talks = true;
        world.run(ms(121_000));
        assert_eq!([0, 1].map(|node| troubles(&world, node)), [0, 0], "with ICE: {with_ice}");
        assert!(world.heard_since(0, ms(120_500)).len() > 20);
    }
}
