//! Where the server is and how well it is.

use cooee_call::{CallState, EndReason};
use cooee_machine::Transport;
use cooee_sim::Quality;

use crate::phone::Manners;
use crate::server::server_log;
use crate::stage::{ANSWER_AT_ONCE, SERVER_V6, Stage, millis, seconds};

#[test]
fn phones_go_to_the_next_server_where_the_first_is_dead() {
    let mut stage = Stage::new(1);
    stage.world.dns.remove("_sips._tcp.example.org");
    stage.world.dns.add_service("_sips._tcp.example.org", 1, "dead.example.org", 5061);
    stage.world.dns.add_service("_sips._tcp.example.org", 2, "sip.example.org", 5061);
    stage.world.dns.add_address("dead.example.org", "192.0.2.99".parse().unwrap());
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(5));
}

#[test]
fn a_call_runs_over_ipv6_alone() {
    for transport in [Transport::Tls, Transport::Udp] {
        let mut stage = Stage::new(2);
        stage.transport = transport;
        stage.world.dns.remove("sip.example.org");
        stage.world.dns.add_address("sip.example.org", SERVER_V6.parse().unwrap());
        let anna = stage.add_phone("anna", "2001:db8:a::1", Manners::Ring);
        let ben = stage.add_phone("ben", "2001:db8:b::1", ANSWER_AT_ONCE);
        stage.register_all();
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(5));
        stage.assert_sound(&[anna, ben], seconds(2), 0.95);
        stage.hang_up(ben);
        stage.reach_end(&[anna, ben], seconds(3));
    }
}

#[test]
fn phones_without_ipv6_take_the_servers_ipv4_address_and_the_other_way_round() {
    let mut stage = Stage::new(3);
    stage.world.dns.add_address("sip.example.org", SERVER_V6.parse().unwrap());
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    stage.add_phone("ben", "2001:db8:b::1", ANSWER_AT_ONCE);
    stage.register_all();
    stage.dial(anna, "ben");
    // They share no family, so there is no path between them without a relay.
    let ends = stage.reach_end(&[anna], seconds(60));
    assert!(matches!(ends[0], EndReason::Media(_) | EndReason::PeerError { .. }), "{ends:?}");
}

#[test]
fn a_full_disk_is_told_to_the_operator_and_phones_register_once_there_is_room() {
    let mut stage = Stage::new(4);
    let server = stage.server;
    stage.world.host_mut(server).disk.as_mut().unwrap().full = true;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    stage.world.run_for(seconds(20));
    assert!(!stage.phone(anna).is_registered());
    assert!(stage.phone(anna).troubles().next().is_some(), "the phone says so");
    let told = |event: &cooee_server::ServerEvent| matches!(event, cooee_server::ServerEvent::StorageFailed(_));
    assert!(server_log(&stage.world, server).iter().any(told), "the operator is told");
    stage.world.host_mut(server).disk.as_mut().unwrap().full = false;
    stage.reach("anna is registered", seconds(400), |stage| stage.phone(anna).is_registered());
}

#[test]
fn a_slow_disk_delays_calls_and_breaks_none() {
    let mut stage = Stage::new(5);
    let server = stage.server;
    stage.world.host_mut(server).disk.as_mut().unwrap().latency = millis(150);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(5));
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(3));
}

#[test]
fn a_power_cut_loses_no_registration_that_was_confirmed() {
    let mut stage = Stage::new(6);
    stage.transport = Transport::Udp;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    let server = stage.server;
    stage.world.power_off(server);
    crate::server::boot_server(&mut stage.world, server, false);
    stage.world.run_for(millis(10));
    // Over UDP the binding alone leads to ben: nobody has registered again yet.
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(5));
}

#[test]
fn media_that_outruns_its_answer_is_kept_for_it() {
    // 200 ms to the server, 4 ms to the other phone: checks and handshake come long before the answer.
    let mut stage = Stage::new(7);
    let server = stage.server;
    stage.world.link_mut(server).set(&Quality::millis(200));
    stage.access = Quality::millis(2);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    stage.dial(anna, "ben");
    let answered = |stage: &Stage| matches!(stage.phone(anna).state(), Some(CallState::Connecting | CallState::Active));
    stage.reach("anna has the answer", seconds(10), answered);
    let took = stage.reach_active(&[anna, ben], seconds(5));
    assert!(took <= millis(100), "the answer finds the handshake begun: {took:?}");
}

#[test]
fn timers_may_come_as_late_as_their_slack_allows() {
    let mut stage = Stage::new(8);
    stage.world.uses_slack = true;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    stage.world.run_for(seconds(7200));
    assert!(stage.phone(anna).is_registered() && stage.phone(ben).is_registered());
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(5));
    stage.assert_sound(&[anna, ben], seconds(60), 0.98);
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(3));
}

#[test]
fn an_idle_phone_wakes_up_rarely() {
    let (mut stage, ..) = Stage::with_anna_and_ben(9);
    stage.world.run_for(seconds(10));
    let woken = |stage: &Stage| stage.world.trace().lines().filter(|line| line.contains("anna-0 !")).count();
    let before = woken(&stage);
    stage.world.run_for(seconds(3600));
    let an_hour = woken(&stage) - before;
    assert!(an_hour <= 120, "{an_hour} wake-ups an hour over TLS, at most two a minute");
}
