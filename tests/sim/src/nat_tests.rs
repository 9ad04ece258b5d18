//! RFC 4787, requirement by requirement, and RFC 5382 where connections differ.
use super::*;
use Behaviour::{AddressAndPortDependent, AddressDependent, EndpointIndependent};

const START: Duration = Duration::from_secs(1);

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn nat(config: NatConfig) -> Nat {
    Nat::new(config, vec!["203.0.113.1".parse().unwrap()], Entropy::for_test(1))
}

fn out(nat: &mut Nat, inside: &str, remote: &str, now: Duration) -> SocketAddr {
    nat.outbound(Protocol::Udp, at(inside), at(remote), now).unwrap()
}

fn back(nat: &mut Nat, outside: SocketAddr, remote: &str, now: Duration) -> Result<SocketAddr, Denied> {
    nat.inbound(Protocol::Udp, outside, at(remote), now)
}

/// The outer endpoints seen by one peer, by the same address at another port, and by another address.
fn seen(mapping: Behaviour) -> [SocketAddr; 3] {
    let mut nat = nat(NatConfig::new(mapping, EndpointIndependent));
    ["192.0.2.1:1000", "192.0.2.1:2000", "192.0.2.2:1000"].map(|remote| out(&mut nat, "10.0.0.2:5000", remote, START))
}

#[test]
fn req_1_an_endpoint_independent_mapping_is_shared_by_all_peers() {
    let [a, b, c] = seen(EndpointIndependent);
    assert!(a == b && b == c);
}

#[test]
fn an_address_dependent_mapping_is_shared_by_the_ports_of_one_address() {
    let [a, b, c] = seen(AddressDependent);
    assert!(a == b && b != c);
}

#[test]
fn an_address_and_port_dependent_mapping_is_of_one_peer_only() {
    let [a, b, c] = seen(AddressAndPortDependent);
    assert!(a != b && b != c && a != c);
}

#[test]
fn req_2_paired_pooling_keeps_an_inner_host_at_one_outer_address_and_arbitrary_does_not() {
    let addresses = |pooling| {
        let config = NatConfig { pooling, ..NatConfig::friendly() };
        let pool = vec!["203.0.113.1".parse().unwrap(), "203.0.113.2".parse().unwrap()];
        let mut nat = Nat::new(config, pool, Entropy::for_test(1));
        (5000..5020).map(|port| out(&mut nat, &format!("10.0.0.2:{port}"), "192.0.2.1:1", START).ip()).collect::<Vec<_>>()
    };
    assert!(addresses(Pooling::Paired).windows(2).all(|pair| pair[0] == pair[1]));
    assert!(addresses(Pooling::Arbitrary).windows(2).any(|pair| pair[0] != pair[1]));
}

#[test]
fn req_3_a_port_is_preserved_where_free_and_never_given_to_two() {
    let mut nat = nat(NatConfig::friendly());
    assert_eq!(out(&mut nat, "10.0.0.2:5000", "192.0.2.1:1", START), at("203.0.113.1:5000"));
    let other = out(&mut nat, "10.0.0.3:5000", "192.0.2.1:1", START);
    assert_ne!(other, at("203.0.113.1:5000"));
    assert_eq!(other.port() % 2, 0, "REQ-4: parity is preserved");
}

#[test]
fn random_ports_are_not_the_inner_ones_and_differ() {
    let mut nat = nat(NatConfig { ports: Ports::Random, ..NatConfig::friendly() });
    let ports: std::collections::BTreeSet<_> =
        (1..=200).map(|host| out(&mut nat, &format!("10.0.0.{host}:5000"), "192.0.2.1:1", START).port()).collect();
    assert_eq!(ports.len(), 200);
    assert!(ports.iter().all(|port| *port >= 1024));
}

#[test]
fn req_5_a_mapping_expires_after_its_time_and_not_before() {
    let mut nat = nat(NatConfig { udp_expiry: Duration::from_secs(120), ..NatConfig::friendly() });
    let outside = out(&mut nat, "10.0.0.2:5000", "192.0.2.1:1", START);
    let expiry = START + Duration::from_secs(120);
    assert_eq!(back(&mut nat, outside, "192.0.2.1:1", expiry - Duration::from_millis(1)), Ok(at("10.0.0.2:5000")));
    assert_eq!(back(&mut nat, outside, "192.0.2.1:1", expiry), Err(Denied::NoMapping));
}

#[test]
fn req_6_packets_from_inside_prolong_a_mapping_and_packets_from_outside_only_where_allowed() {
    let minute = Duration::from_secs(60);
    for (inbound_refresh, expected) in [(false, Err(Denied::NoMapping)), (true, Ok(at("10.0.0.2:5000")))] {
        let config = NatConfig { udp_expiry: minute * 2, inbound_refresh, ..NatConfig::friendly() };
        let mut nat = nat(config);
        let outside = out(&mut nat, "10.0.0.2:5000", "192.0.2.1:1", START);
        out(&mut nat, "10.0.0.2:5000", "192.0.2.9:1", START + minute);
        assert!(back(&mut nat, outside, "192.0.2.1:1", START + minute * 5 / 2).is_ok(), "prolonged from inside");
        assert_eq!(back(&mut nat, outside, "192.0.2.1:1", START + minute * 4), expected);
    }
}

#[test]
fn req_8_filtering_lets_in_whom_its_kind_lets_in() {
    for (filtering, same_address, other_address) in [
        (EndpointIndependent, Ok(at("10.0.0.2:5000")), Ok(at("10.0.0.2:5000"))),
        (AddressDependent, Ok(at("10.0.0.2:5000")), Err(Denied::Filtered)),
        (AddressAndPortDependent, Err(Denied::Filtered), Err(Denied::Filtered)),
    ] {
        let mut nat = nat(NatConfig::new(EndpointIndependent, filtering));
        let outside = out(&mut nat, "10.0.0.2:5000", "192.0.2.1:1000", START);
        assert_eq!(back(&mut nat, outside, "192.0.2.1:1000", START), Ok(at("10.0.0.2:5000")), "{filtering:?}");
        assert_eq!(back(&mut nat, outside, "192.0.2.1:2000", START), same_address, "{filtering:?}");
        assert_eq!(back(&mut nat, outside, "192.0.2.2:1000", START), other_address, "{filtering:?}");
    }
}

#[test]
fn nobody_reaches_an_endpoint_that_was_never_mapped() {
    let mut nat = nat(NatConfig::friendly());
    assert_eq!(back(&mut nat, at("203.0.113.1:5000"), "192.0.2.1:1", START), Err(Denied::NoMapping));
}

#[test]
fn udp_and_tcp_mappings_are_apart_and_tcp_lives_two_hours_and_four_minutes() {
    let mut nat = nat(NatConfig::friendly());
    let (inside, remote) = (at("10.0.0.2:5000"), at("192.0.2.1:5061"));
    let outside = nat.outbound(Protocol::Tcp, inside, remote, START).unwrap();
    assert_eq!(back(&mut nat, outside, "192.0.2.1:5061", START), Err(Denied::NoMapping));
    let long = START + Duration::from_secs(2 * 3600 + 3 * 60);
    assert_eq!(nat.inbound(Protocol::Tcp, outside, remote, long), Ok(inside));
    assert_eq!(nat.inbound(Protocol::Tcp, outside, remote, long + Duration::from_secs(60)), Err(Denied::NoMapping));
}

#[test]
fn a_rebind_forgets_every_mapping_and_gives_other_ports() {
    let mut nat = nat(NatConfig::friendly());
    let before = out(&mut nat, "10.0.0.2:5000", "192.0.2.1:1", START);
    nat.rebind();
    assert_eq!(back(&mut nat, before, "192.0.2.1:1", START), Err(Denied::NoMapping));
    assert_ne!(out(&mut nat, "10.0.0.2:5000", "192.0.2.1:1", START), before);
}

#[test]
fn ipv6_keeps_its_addresses_and_is_filtered_all_the_same() {
    let mut nat = nat(NatConfig::new(EndpointIndependent, AddressDependent));
    let inside = out(&mut nat, "[2001:db8::2]:5000", "[2001:db8:1::1]:1", START);
    assert_eq!(inside, at("[2001:db8::2]:5000"));
    assert_eq!(back(&mut nat, inside, "[2001:db8:1::1]:9", START), Ok(inside));
    assert_eq!(back(&mut nat, inside, "[2001:db8:2::1]:9", START), Err(Denied::Filtered));
}
