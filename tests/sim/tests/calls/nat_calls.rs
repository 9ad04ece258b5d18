//! Whole calls behind NATs: signalling keeps its mapping, media finds its path, and where there is none the call says so.

use std::time::Duration;

use cooee_call::{EndReason, MediaTrouble};
use cooee_machine::Transport;
use cooee_sim::{Behaviour, Firewall, GatewayId, HostId, NatConfig};

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, seconds};

fn behind(seed: u64, transport: Transport, nats: [NatConfig; 2]) -> (Stage, [(HostId, GatewayId); 2]) {
    let mut stage = Stage::new(seed);
    stage.transport = transport;
    let [one, other] = nats;
    let anna = stage.add_phone_behind("anna", one, "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone_behind("ben", other, "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    (stage, [anna, ben])
}

#[test]
fn two_home_routers_let_a_call_through() {
    use Behaviour::{AddressAndPortDependent, EndpointIndependent};
    for transport in [Transport::Tls, Transport::Udp] {
        let nat = NatConfig::new(EndpointIndependent, AddressAndPortDependent);
        let (mut stage, [(anna, _), (ben, _)]) = behind(1, transport, [nat.clone(), nat]);
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(5));
        stage.assert_sound(&[anna, ben], seconds(5), 0.95);
        stage.hang_up(ben);
        stage.reach_end(&[anna, ben], seconds(3));
    }
}

#[test]
fn two_symmetric_nats_end_the_call_for_want_of_a_path() {
    let (mut stage, [(anna, _), (ben, _)]) = behind(2, Transport::Tls, [NatConfig::symmetric(), NatConfig::symmetric()]);
    stage.dial(anna, "ben");
    let ends = stage.reach_end(&[anna, ben], seconds(60));
    assert!(ends.contains(&EndReason::Media(MediaTrouble::NoPath)), "{ends:?}");
}

#[test]
fn a_firewall_without_udp_lets_signalling_through_and_the_call_says_that_there_is_no_path() {
    let (mut stage, [(anna, gateway), (ben, _)]) = behind(3, Transport::Tls, [NatConfig::friendly(), NatConfig::friendly()]);
    stage.world.gateway_mut(gateway).firewall = Firewall { blocks_udp: true, stream_ports: None };
    stage.dial(anna, "ben");
    let ends = stage.reach_end(&[anna, ben], seconds(60));
    assert!(ends.contains(&EndReason::Media(MediaTrouble::NoPath)), "{ends:?}");
}

#[test]
fn keep_alives_hold_a_short_lived_mapping_open_for_calls_that_come_in() {
    let nat = NatConfig {
        udp_expiry: Duration::from_secs(40),
        ..NatConfig::new(Behaviour::EndpointIndependent, Behaviour::AddressAndPortDependent)
    };
    let (mut stage, [(anna, _), (ben, _)]) = behind(4, Transport::Udp, [nat.clone(), nat]);
    stage.world.run_for(seconds(1800));
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(5));
}

#[test]
fn a_router_that_reboots_is_noticed_and_calls_come_in_again() {
    for transport in [Transport::Tls, Transport::Udp] {
        let (mut stage, [(anna, _), (ben, gateway)]) = behind(5, transport, [NatConfig::friendly(), NatConfig::friendly()]);
        // Before the first keep-alive, and long after it.
        for wait in [1, 60] {
            stage.world.run_for(seconds(wait));
            stage.world.gateway_mut(gateway).rebind();
            stage.world.run_for(seconds(200));
            stage.dial(anna, "ben");
            stage.reach_active(&[anna, ben], seconds(5));
            stage.hang_up(anna);
            stage.reach_end(&[anna, ben], seconds(3));
        }
    }
}

#[test]
fn a_router_that_reboots_in_a_call_does_not_end_it_where_the_other_side_is_open() {
    for transport in [Transport::Tls, Transport::Udp] {
        let mut stage = Stage::new(7);
        stage.transport = transport;
        let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
        let (ben, gateway) = stage.add_phone_behind("ben", NatConfig::friendly(), "203.0.113.1", ANSWER_AT_ONCE);
        stage.register_all();
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(5));
        stage.world.gateway_mut(gateway).rebind();
        stage.world.run_for(seconds(20));
        stage.assert_sound(&[anna, ben], seconds(10), 0.95);
        stage.hang_up(anna);
        stage.reach_end(&[anna, ben], seconds(40));
    }
}

#[test]
fn two_phones_in_one_home_call_each_other_whatever_the_router_does() {
    for nat in [NatConfig::friendly(), NatConfig::symmetric()] {
        let mut stage = Stage::new(6);
        let (anna, _) = stage.add_phone_behind("anna", nat, "198.51.100.1", Manners::Ring);
        let ben = stage.add_neighbour("ben", anna, "10.0.0.3", ANSWER_AT_ONCE);
        stage.register_all();
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(5));
        let path = stage.phone(anna).snapshot().unwrap().path.unwrap();
        assert_eq!(path.remote.ip().to_string(), "10.0.0.3", "the shortest path");
    }
}
