use std::time::Duration;

use cooee_machine::{Action, CloseReason, StreamId, TlsFailure, Transport};
use cooee_sim::{Certificate, Loss, Quality, StreamConfig};

use crate::toy::{Heard, act, at, ms, open, send, toy, two, write};

const CLIENT: StreamId = StreamId(0);
const ACCEPTED: StreamId = StreamId(1);
const SERVER: &str = "192.0.2.1:5060";

#[test]
fn a_connection_opens_after_a_round_trip_and_carries_octets_both_ways() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    let start = world.elapsed();
    open(&mut world, client, 0, SERVER, None);
    world.run_for(ms(100));
    let heard = toy(&world, client).heard.last().cloned().unwrap();
    assert_eq!(heard, (start + ms(40), Heard::Opened(CLIENT, at(SERVER), Default::default())));
    write(&mut world, client, 0, b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).read(ACCEPTED), b"hello");
    assert_eq!(toy(&world, client).read(CLIENT), b"hello");
}

#[test]
fn tls_takes_a_round_trip_more_and_tells_who_the_server_is() {
    let (mut world, client, server) = two(1, Transport::Tls);
    world.host_mut(server).certificate = Some(Certificate::new(&["example.org"]));
    let start = world.elapsed();
    open(&mut world, client, 0, SERVER, Some("example.org"));
    world.run_for(ms(200));
    let (when, heard) = toy(&world, client).heard.last().cloned().unwrap();
    let Heard::Opened(CLIENT, _, peer) = heard else { panic!("{heard:?}") };
    assert_eq!((when, peer.domains.as_slice()), (start + ms(80), ["example.org".to_owned()].as_slice()));
    assert!(peer.fingerprint.is_some());
    assert!(matches!(&toy(&world, server).happened()[..], [Heard::Opened(ACCEPTED, _, peer)] if peer.domains.is_empty()));
}

#[test]
fn a_certificate_that_is_not_good_closes_the_client_for_its_reason_and_the_server_hears_nothing() {
    let good = Certificate::new(&["example.org"]);
    for (certificate, expected) in [
        (Some(good.clone().by("nobody")), TlsFailure::UnknownAuthority(good.clone().by("nobody").fingerprint())),
        (Some(good.expired()), TlsFailure::Expired),
        (Some(Certificate::new(&["example.net"])), TlsFailure::WrongName(vec!["example.net".to_owned()])),
    ] {
        let (mut world, client, server) = two(1, Transport::Tls);
        world.host_mut(server).certificate = certificate;
        open(&mut world, client, 0, SERVER, Some("example.org"));
        world.run_for(ms(1000));
        assert_eq!(toy(&world, client).happened(), [Heard::Closed(CLIENT, CloseReason::Tls(expected))]);
        assert_eq!(toy(&world, server).happened(), []);
    }
}

#[test]
fn tls_and_plain_do_not_understand_each_other() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    open(&mut world, client, 0, SERVER, Some("example.org"));
    world.run_for(ms(1000));
    assert!(matches!(&toy(&world, client).happened()[..], [Heard::Closed(CLIENT, CloseReason::Tls(TlsFailure::Other(_)))]));
    assert_eq!(toy(&world, server).read(ACCEPTED).first(), Some(&22), "a plain server reads the greeting as octets");

    let (mut world, client, server) = two(1, Transport::Tls);
    world.host_mut(server).certificate = Some(Certificate::new(&["example.org"]));
    open(&mut world, client, 0, SERVER, None);
    world.run_for(ms(100));
    write(&mut world, client, 0, b"hello");
    world.run_for(ms(100));
    assert!(matches!(toy(&world, client).happened()[..], [Heard::Opened(..), Heard::Closed(_, CloseReason::Network(_))]));
    assert_eq!(toy(&world, server).happened(), []);
}

#[test]
fn a_closed_port_refuses_and_a_silent_host_times_out() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    let start = world.elapsed();
    open(&mut world, client, 0, "192.0.2.1:9", None);
    world.run_for(ms(100));
    assert_eq!(toy(&world, client).happened(), [Heard::Closed(CLIENT, CloseReason::Refused)]);
    assert_eq!(toy(&world, client).heard.last().unwrap().0, start + ms(40));
    world.power_off(server);
    let start = world.elapsed();
    open(&mut world, client, 2, SERVER, None);
    world.run_for(Duration::from_secs(60));
    let expected = (start + StreamConfig::default().connect_timeout, Heard::Closed(StreamId(2), CloseReason::Timeout));
    assert_eq!(toy(&world, client).heard.last(), Some(&expected));
}

#[test]
fn octets_come_whole_and_in_order_over_a_bad_link_only_later() {
    for seed in 0..20 {
        let (mut world, client, server) = two(seed, Transport::Tcp);
        let bad = Quality::millis(10).with_loss(Loss::Random(0.1)).with_duplication(0.1).with_reordering(0.2, ms(30));
        world.link_mut(client).set(&bad);
        open(&mut world, client, 0, SERVER, None);
        world.run_for(Duration::from_secs(10));
        let sent: Vec<u8> = (0..10_000u32).flat_map(u32::to_be_bytes).collect();
        write(&mut world, client, 0, &sent);
        world.run_for(Duration::from_secs(300));
        assert!(toy(&world, server).read(ACCEPTED) == sent, "seed {seed}");
        assert!(toy(&world, client).read(CLIENT) == sent, "seed {seed}: echoed");
    }
}

#[test]
fn a_reader_gets_octets_cut_where_they_were_not() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    open(&mut world, client, 0, SERVER, None);
    world.run_for(ms(100));
    for _ in 0..100 {
        write(&mut world, client, 0, b"0123456789");
        world.run_for(ms(100));
    }
    let pieces = toy(&world, server).happened().iter().filter(|heard| matches!(heard, Heard::Bytes(..))).count();
    assert!((110..140).contains(&pieces), "{pieces}");
    assert_eq!(toy(&world, server).read(ACCEPTED).len(), 1000);
}

#[test]
fn a_writer_whose_peer_does_not_read_is_told_and_then_cut_off() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    open(&mut world, client, 0, SERVER, None);
    world.run_for(ms(100));
    world.suspend(server, 0);
    write(&mut world, client, 0, &vec![0; 60_000]);
    assert_eq!(toy(&world, client).happened().len(), 1, "60 kB may wait");
    write(&mut world, client, 0, &vec![0; 60_000]);
    world.run_for(ms(10));
    assert_eq!(toy(&world, client).happened().last(), Some(&Heard::Blocked(CLIENT)));
    write(&mut world, client, 0, &vec![0; 1_000_000]);
    world.run_for(ms(10));
    assert_eq!(toy(&world, client).happened().last(), Some(&Heard::Closed(CLIENT, CloseReason::Overflow)));
}

#[test]
fn closing_lets_what_was_written_arrive_first() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    world.link_mut(client).set(&Quality::millis(10).with_loss(Loss::Random(0.1)));
    open(&mut world, client, 0, SERVER, None);
    world.run_for(Duration::from_secs(5));
    write(&mut world, client, 0, &vec![7; 100_000]);
    act(&mut world, client, Action::Close(CLIENT));
    world.run_for(Duration::from_secs(60));
    assert_eq!(toy(&world, client).happened().last(), Some(&Heard::Closed(CLIENT, CloseReason::ByUs)));
    assert_eq!(toy(&world, server).read(ACCEPTED).len(), 100_000);
    assert_eq!(toy(&world, server).happened().last(), Some(&Heard::Closed(ACCEPTED, CloseReason::ByPeer)));
}

#[test]
fn a_peer_that_vanished_is_given_up_after_the_user_timeout_and_not_before() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    world.host_mut(client).streams.user_timeout = Duration::from_secs(120);
    open(&mut world, client, 0, SERVER, None);
    world.run_for(ms(100));
    world.power_off(server);
    write(&mut world, client, 0, b"anybody there?");
    world.run_for(Duration::from_secs(119));
    assert_eq!(toy(&world, client).happened().len(), 1);
    world.run_for(Duration::from_secs(120));
    assert!(matches!(toy(&world, client).happened()[1..], [Heard::Closed(CLIENT, CloseReason::Network(_))]));
}

#[test]
fn a_killed_process_resets_its_peers_and_a_rebooted_host_resets_what_it_no_longer_knows() {
    for power in [false, true] {
        let (mut world, client, server) = two(1, Transport::Tcp);
        open(&mut world, client, 0, SERVER, None);
        world.run_for(ms(100));
        if power {
            world.power_off(server);
        } else {
            world.kill(server);
        }
        world.run_for(ms(100));
        let told = matches!(toy(&world, client).happened().last(), Some(Heard::Closed(_, CloseReason::Network(_))));
        assert_eq!(told, !power, "a power cut tells nobody");
        world.boot(server, crate::toy::Toy::server(Transport::Tcp, 5060));
        write(&mut world, client, 0, b"still there?");
        world.run_for(ms(1000));
        assert!(matches!(toy(&world, client).happened().last(), Some(Heard::Closed(_, CloseReason::Network(_)))));
        open(&mut world, client, 2, SERVER, None);
        send(&mut world, client, SERVER, b"hello");
        world.run_for(ms(1000));
        assert!(toy(&world, client).happened().contains(&Heard::Opened(StreamId(2), at(SERVER), Default::default())));
        assert_eq!(toy(&world, client).datagrams().len(), 1, "it is back on UDP too");
    }
}
