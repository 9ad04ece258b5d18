use std::time::Duration;

use cooee_machine::{CloseReason, StreamId, Transport, Wake};
use cooee_sim::{Orphans, Quality};

use crate::toy::{Heard, Toy, at, ms, open, send, toy, two, write};

#[test]
fn a_sleeping_host_runs_no_timer_and_wakes_late() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    world.with(client, |toy: &mut Toy, _, now| toy.wake = Some(Wake::at(now.instant + ms(500), "test timer")));
    world.suspend(client, 0);
    world.run_for(Duration::from_secs(60));
    assert_eq!(toy(&world, client).happened(), []);
    let awake = world.elapsed();
    world.resume(client);
    world.run_for(ms(1));
    assert_eq!(toy(&world, client).heard.last(), Some(&(awake, Heard::Woken)));
}

#[test]
fn a_sleeping_host_keeps_as_many_packets_as_configured_and_loses_the_rest() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    world.suspend(server, 2);
    for payload in [b"1", b"2", b"3"] {
        send(&mut world, client, "192.0.2.1:5060", payload);
        world.run_for(ms(10));
    }
    world.run_for(ms(100));
    assert!(toy(&world, server).datagrams().is_empty());
    world.resume(server);
    world.run_for(ms(100));
    let heard: Vec<_> = toy(&world, server).datagrams().into_iter().map(|d| d.2).collect();
    assert_eq!(heard, [b"1".to_vec(), b"2".to_vec()]);
    assert_eq!(world.trace().count("x host sleeps"), 1);
}

#[test]
fn a_host_told_to_sleep_again_keeps_what_waits_for_it() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    world.with(server, |toy: &mut Toy, _, now| toy.wake = Some(Wake::at(now.instant + ms(50), "test timer")));
    world.suspend(server, 5);
    send(&mut world, client, "192.0.2.1:5060", b"1");
    world.run_for(ms(100));
    world.suspend(server, 0);
    send(&mut world, client, "192.0.2.1:5060", b"2");
    world.run_for(ms(100));
    world.resume(server);
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams().len(), 1);
    assert!(toy(&world, server).happened().contains(&Heard::Woken));
}

#[test]
fn a_connection_survives_a_nap() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    open(&mut world, client, 0, "192.0.2.1:5060", None);
    world.run_for(ms(100));
    world.suspend(client, 0);
    write(&mut world, server, 1, b"ring ring");
    world.run_for(Duration::from_secs(30));
    assert_eq!(toy(&world, client).read(StreamId(0)), b"");
    world.resume(client);
    world.run_for(Duration::from_secs(60));
    assert_eq!(toy(&world, client).read(StreamId(0)), b"ring ring");
}

#[test]
fn a_network_that_goes_down_takes_its_connections_along_where_the_system_does_so() {
    for orphans in [Orphans::Closed, Orphans::Kept] {
        let (mut world, client, server) = two(1, Transport::Tcp);
        open(&mut world, client, 0, "192.0.2.1:5060", None);
        world.run_for(ms(100));
        world.take_down(client, 0, orphans);
        send(&mut world, client, "192.0.2.1:5060", b"lost");
        world.run_for(ms(100));
        assert_eq!(toy(&world, client).heard.iter().filter(|(_, heard)| *heard == Heard::Network(0)).count(), 1);
        let closed = matches!(toy(&world, client).happened().last(), Some(Heard::Closed(_, CloseReason::Network(_))));
        assert_eq!(closed, orphans == Orphans::Closed);
        assert!(toy(&world, server).datagrams().is_empty());
        world.bring_up(client, 0);
        write(&mut world, client, 0, b"back");
        send(&mut world, client, "192.0.2.1:5060", b"back");
        world.run_for(Duration::from_secs(10));
        assert_eq!(toy(&world, server).datagrams().len(), 1);
        assert_eq!(toy(&world, server).read(StreamId(1)) == b"back", orphans == Orphans::Kept);
    }
}

#[test]
fn another_address_is_used_for_what_comes_next_and_the_old_one_is_dead() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    world.readdress(client, 0, "198.51.100.200", Orphans::Closed);
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams()[0].1, at("198.51.100.200:5060"));
    assert_eq!(toy(&world, client).datagrams().len(), 1);
    send(&mut world, server, "198.51.100.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, client).datagrams().len(), 1);
}

#[test]
fn a_second_network_takes_over_when_the_first_goes_down() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    let internet = world.internet();
    world.add_attachment(client, "wwan0", internet, "198.51.100.50", &Quality::millis(50));
    send(&mut world, client, "192.0.2.1:5060", b"1");
    world.run_for(ms(200));
    world.take_down(client, 0, Orphans::Closed);
    send(&mut world, client, "192.0.2.1:5060", b"2");
    world.run_for(ms(200));
    let sources: Vec<_> = toy(&world, server).datagrams().into_iter().map(|d| d.1).collect();
    assert_eq!(sources, [at("198.51.100.1:5060"), at("198.51.100.50:5060")]);
}

#[test]
fn scripts_happen_at_their_moment() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    world.at(ms(500), move |world| send(world, client, "192.0.2.1:5060", b"later"));
    let reached = world.run_to(Duration::from_secs(5), |world| !toy(world, client).datagrams().is_empty());
    assert_eq!(reached, Some(ms(540)));
    assert_eq!(world.run_to(ms(100), |_| false), None);
    assert_eq!(world.elapsed(), ms(640));
}
