use std::time::Duration;

use cooee_machine::{CloseReason, StreamId, Transport};
use cooee_sim::{Behaviour, Firewall, GatewayId, HostId, NatConfig, Quality, World};

use crate::toy::{Heard, Toy, at, ms, open, send, toy, write};

/// A client at 10.0.0.2 and another at 10.0.0.3 behind a NAT at 203.0.113.1, and two servers that echo.
fn behind(config: NatConfig) -> (World, [HostId; 2], GatewayId, [HostId; 2]) {
    let mut world = World::new(1);
    let internet = world.internet();
    let (lan, gateway) = world.add_lan("home", internet, "203.0.113.1", config);
    let quality = Quality::millis(5);
    let inner = ["10.0.0.2", "10.0.0.3"].map(|address| world.add_host(&format!("client-{address}"), lan, address, &quality));
    let outer = ["192.0.2.1", "192.0.2.2"].map(|address| world.add_host(&format!("server-{address}"), internet, address, &quality));
    for host in inner {
        world.boot(host, Toy::udp(5060));
    }
    for host in outer {
        world.boot(host, Toy::server(Transport::Tcp, 5060));
    }
    world.run_for(ms(1));
    (world, inner, gateway, outer)
}

#[test]
fn a_server_sees_the_outer_endpoint_and_its_answer_comes_back_inside() {
    let (mut world, [client, _], _, [server, _]) = behind(NatConfig::friendly());
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams()[0].1, at("203.0.113.1:5060"));
    assert_eq!(toy(&world, client).datagrams()[0].1, at("192.0.2.1:5060"));
}

#[test]
fn a_stranger_gets_through_only_where_filtering_allows() {
    for (filtering, expected) in [(Behaviour::EndpointIndependent, 1), (Behaviour::AddressDependent, 0)] {
        let (mut world, [client, _], _, [_, stranger]) = behind(NatConfig::new(Behaviour::EndpointIndependent, filtering));
        send(&mut world, client, "192.0.2.1:5060", b"hello");
        world.run_for(ms(100));
        send(&mut world, stranger, "203.0.113.1:5060", b"who are you?");
        world.run_for(ms(100));
        let heard = toy(&world, client).datagrams().iter().filter(|(_, from, _)| *from == at("192.0.2.2:5060")).count();
        assert_eq!(heard, expected, "{filtering:?}");
    }
}

#[test]
fn a_mapping_that_expired_lets_nothing_in() {
    let config = NatConfig { udp_expiry: Duration::from_secs(30), ..NatConfig::friendly() };
    let (mut world, [client, _], _, [server, _]) = behind(config);
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    world.run_for(Duration::from_secs(40));
    send(&mut world, server, "203.0.113.1:5060", b"still there?");
    world.run_for(ms(100));
    assert_eq!(toy(&world, client).datagrams().len(), 1);
    assert_eq!(world.trace().count("home-gateway x no mapping"), 1);
}

#[test]
fn inner_hosts_reach_each_other_by_outer_endpoints_only_where_the_nat_hairpins() {
    for (hairpinning, expected) in [(true, vec![at("203.0.113.1:5060")]), (false, vec![])] {
        let config = NatConfig { hairpinning, ..NatConfig::friendly() };
        let (mut world, [a, b], _, _) = behind(config);
        send(&mut world, a, "192.0.2.1:5060", b"hello");
        send(&mut world, b, "192.0.2.1:5060", b"hello");
        world.run_for(ms(100));
        send(&mut world, a, "203.0.113.1:5062", b"neighbour?");
        world.run_for(ms(100));
        let heard: Vec<_> = toy(&world, b).datagrams().iter().filter(|d| d.2 == b"neighbour?").map(|d| d.1).collect();
        assert_eq!(heard, expected, "REQ-9: the source is the outer one too");
        send(&mut world, a, "10.0.0.3:5060", b"direct");
        world.run_for(ms(100));
        assert_eq!(toy(&world, b).datagrams().last().unwrap().1, at("10.0.0.2:5060"), "in the LAN nothing is translated");
    }
}

#[test]
fn a_reboot_of_the_gateway_breaks_mappings_and_connections_alike() {
    let (mut world, [client, _], gateway, [server, _]) = behind(NatConfig::friendly());
    open(&mut world, client, 0, "192.0.2.1:5060", None);
    send(&mut world, client, "192.0.2.1:5060", b"one");
    world.run_for(ms(100));
    world.gateway_mut(gateway).rebind();
    send(&mut world, client, "192.0.2.1:5060", b"two");
    write(&mut world, client, 0, b"two");
    world.run_for(ms(500));
    let sources: Vec<_> = toy(&world, server).datagrams().iter().map(|d| d.1).collect();
    assert_ne!(sources[0], sources[1]);
    assert!(matches!(toy(&world, client).happened().last(), Some(Heard::Closed(StreamId(0), CloseReason::Network(_)))));
}

#[test]
fn a_new_outer_address_is_seen_by_servers_and_the_old_one_is_nobodys() {
    let (mut world, [client, _], gateway, [server, _]) = behind(NatConfig::friendly());
    world.readdress_gateway(gateway, "203.0.113.77");
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams()[0].1.ip(), at("203.0.113.77:1").ip());
    send(&mut world, server, "203.0.113.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(world.trace().count("internet x no such address"), 1);
}

#[test]
fn a_firewall_that_blocks_udp_leaves_connections_to_its_ports_alone() {
    let (mut world, [client, _], gateway, [server, _]) = behind(NatConfig::friendly());
    world.gateway_mut(gateway).firewall = Firewall { blocks_udp: true, stream_ports: Some(vec![5060]) };
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    open(&mut world, client, 0, "192.0.2.1:5060", None);
    open(&mut world, client, 2, "192.0.2.1:9", None);
    world.run_for(Duration::from_secs(30));
    assert!(toy(&world, server).datagrams().is_empty());
    let happened = toy(&world, client).happened();
    assert!(matches!(happened[0], Heard::Opened(StreamId(0), ..)));
    assert_eq!(happened[1], Heard::Closed(StreamId(2), CloseReason::Timeout));
}

#[test]
fn nats_can_be_nested() {
    let mut world = World::new(1);
    let internet = world.internet();
    let (carrier, _) = world.add_lan("carrier", internet, "203.0.113.1", NatConfig::symmetric());
    let (home, _) = world.add_lan("home", carrier, "100.64.0.7", NatConfig::friendly());
    let client = world.add_host("client", home, "10.0.0.2", &Quality::millis(5));
    let server = world.add_host("server", internet, "192.0.2.1", &Quality::millis(5));
    world.boot(client, Toy::udp(5060));
    world.boot(server, Toy::udp(5060).echoing());
    world.run_for(ms(1));
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams()[0].1.ip(), at("203.0.113.1:1").ip());
    assert_eq!(toy(&world, client).datagrams().len(), 1);
}

#[test]
fn ipv6_passes_a_home_router_untranslated_and_only_when_asked_for() {
    let mut world = World::new(1);
    let internet = world.internet();
    let config = NatConfig::new(Behaviour::EndpointIndependent, Behaviour::AddressAndPortDependent);
    let (home, _) = world.add_lan("home", internet, "203.0.113.1", config);
    let client = world.add_host("client", home, "10.0.0.2 2001:db8:1::2", &Quality::millis(5));
    let server = world.add_host("server", internet, "2001:db8::1", &Quality::millis(5));
    world.boot(client, Toy { udp: Some(at("[::]:5060")), ..Toy::default() });
    world.boot(server, Toy { udp: Some(at("[::]:5060")), ..Toy::default() });
    world.run_for(ms(1));
    send(&mut world, server, "[2001:db8:1::2]:5060", b"unasked");
    world.run_for(ms(100));
    assert!(toy(&world, client).datagrams().is_empty());
    send(&mut world, client, "[2001:db8::1]:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams()[0].1, at("[2001:db8:1::2]:5060"));
    send(&mut world, server, "[2001:db8:1::2]:5060", b"asked");
    world.run_for(ms(100));
    assert_eq!(toy(&world, client).datagrams().len(), 1);
}
