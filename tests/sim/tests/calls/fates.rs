//! Servers that restart, peers that vanish, phones that sleep and change networks.

use cooee_call::{CallState, EndReason, Side};
use cooee_machine::Transport;
use cooee_sim::{Certificate, HostId, Orphans, Quality};

use crate::phone::Manners;
use crate::server::boot_server;
use crate::stage::{ANSWER_AT_ONCE, Stage, seconds};

fn both(seed: u64, transport: Transport) -> (Stage, HostId, HostId) {
    let mut stage = Stage::new(seed);
    stage.transport = transport;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    (stage, anna, ben)
}

fn call_and_hang_up(stage: &mut Stage, from: HostId, to: HostId, target: &str) {
    stage.dial(from, target);
    stage.reach_active(&[from, to], seconds(10));
    stage.assert_sound(&[from, to], seconds(1), 0.9);
    stage.hang_up(from);
    stage.reach_end(&[from, to], seconds(3));
}

#[test]
fn phones_register_again_with_a_server_that_restarted_while_they_were_idle() {
    for (transport, power) in [(Transport::Tls, false), (Transport::Tls, true), (Transport::Udp, false), (Transport::Tcp, false)] {
        let (mut stage, anna, ben) = both(1, transport);
        let server = stage.server;
        if power {
            stage.world.power_off(server);
        } else {
            stage.world.kill(server);
        }
        stage.world.run_for(seconds(30));
        boot_server(&mut stage.world, server, false);
        // A connection that was cut without a word is missed at the next keep-alive, after two minutes.
        stage.world.run_for(seconds(240));
        assert!(stage.phone(anna).is_registered() && stage.phone(ben).is_registered(), "{transport:?} {power}");
        call_and_hang_up(&mut stage, anna, ben, "ben");
    }
}

#[test]
fn a_call_goes_on_while_the_server_restarts_and_can_be_hung_up_afterwards() {
    for transport in [Transport::Tls, Transport::Udp] {
        let (mut stage, anna, ben) = both(2, transport);
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(4));
        let server = stage.server;
        stage.world.kill(server);
        stage.assert_sound(&[anna, ben], seconds(20), 0.99);
        boot_server(&mut stage.world, server, false);
        stage.assert_sound(&[anna, ben], seconds(60), 0.99);
        assert!(stage.phone(anna).is_active() && stage.phone(ben).is_active(), "{transport:?}: the call goes on");
        stage.hang_up(anna);
        let ends = stage.reach_end(&[anna, ben], seconds(40));
        assert_eq!(ends, [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)], "{transport:?}");
    }
}

#[test]
fn hanging_up_without_a_server_is_instant_for_the_person_and_known_to_the_peer_by_its_silence() {
    let (mut stage, anna, ben) = both(3, Transport::Tls);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    let server = stage.server;
    stage.world.power_off(server);
    stage.world.run_for(seconds(5));
    stage.hang_up(anna);
    stage.reach("anna's call is over", seconds(2), |stage| matches!(stage.phone(anna).state(), Some(CallState::Ended(_))));
    assert_eq!(stage.phone(anna).end(), Some(EndReason::HungUp(Side::Us)));
    stage.reach("ben's call is over", seconds(90), |stage| matches!(stage.phone(ben).state(), Some(CallState::Ended(_))));
}

#[test]
fn a_peer_that_vanishes_in_the_call_is_noticed_and_the_call_ends_for_that_reason() {
    let (mut stage, anna, ben) = both(4, Transport::Tls);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.world.power_off(ben);
    stage.reach("anna is told", seconds(10), |stage| stage.phone(anna).state() == Some(CallState::Reconnecting));
    assert_eq!(stage.reach_end(&[anna], seconds(60)), [EndReason::PeerSilent]);
}

#[test]
fn a_caller_that_vanishes_while_it_rings_stops_the_ringing_in_the_end() {
    let mut stage = Stage::new(5);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", Manners::Ring);
    stage.register_all();
    stage.dial(anna, "ben");
    stage.reach("ben rings", seconds(2), |stage| stage.phone(ben).state() == Some(CallState::Ringing));
    stage.world.power_off(anna);
    let ends = stage.reach_end(&[ben], seconds(240));
    assert!(matches!(ends[0], EndReason::Cancelled(Side::Peer) | EndReason::NoAnswer(_)), "{ends:?}");
}

#[test]
fn a_called_phone_that_is_off_but_still_registered_ends_the_call_in_the_end() {
    for transport in [Transport::Tls, Transport::Udp] {
        let (mut stage, anna, ben) = both(6, transport);
        stage.world.power_off(ben);
        stage.dial(anna, "ben");
        let ends = stage.reach_end(&[anna], seconds(200));
        let expected = matches!(ends[0], EndReason::Unavailable | EndReason::NoAnswer(_) | EndReason::PeerSilent);
        assert!(expected, "{transport:?} {ends:?}");
    }
}

#[test]
fn a_phone_that_slept_for_an_hour_is_reachable_again() {
    for transport in [Transport::Tls, Transport::Udp] {
        let (mut stage, anna, ben) = both(7, transport);
        stage.world.suspend(ben, 100);
        stage.world.run_for(seconds(3600));
        stage.world.resume(ben);
        stage.world.run_for(seconds(60));
        assert!(stage.phone(ben).is_registered(), "{transport:?}");
        call_and_hang_up(&mut stage, anna, ben, "ben");
    }
}

#[test]
fn a_call_survives_a_nap_of_ten_seconds() {
    let (mut stage, anna, ben) = both(8, Transport::Tls);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.world.suspend(ben, 0);
    stage.world.run_for(seconds(10));
    stage.world.resume(ben);
    stage.world.run_for(seconds(10));
    stage.assert_sound(&[anna, ben], seconds(5), 0.95);
    stage.hang_up(ben);
    stage.reach_end(&[anna, ben], seconds(3));
}

#[test]
fn a_phone_that_changes_its_network_while_idle_registers_from_the_new_one() {
    for (transport, orphans) in [(Transport::Tls, Orphans::Closed), (Transport::Tls, Orphans::Kept), (Transport::Udp, Orphans::Closed)] {
        let (mut stage, anna, ben) = both(9, transport);
        let internet = stage.world.internet();
        stage.world.add_attachment(ben, "wwan0", internet, "203.0.113.200", &Quality::millis(40));
        stage.world.take_down(ben, 0, orphans);
        stage.world.run_for(seconds(30));
        assert!(stage.phone(ben).is_registered(), "{transport:?} {orphans:?}");
        call_and_hang_up(&mut stage, anna, ben, "ben");
    }
}

#[test]
fn a_call_whose_network_goes_away_ends_for_that_reason_and_the_phone_is_usable_again() {
    let (mut stage, anna, ben) = both(10, Transport::Tls);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.world.take_down(ben, 0, Orphans::Closed);
    let after = stage.reach("ben's call is over", seconds(20), |stage| matches!(stage.phone(ben).state(), Some(CallState::Ended(_))));
    assert!(after >= seconds(15), "{after:?}");
    assert_eq!(stage.reach_end(&[anna, ben], seconds(120)), [EndReason::PeerSilent, EndReason::NetworkChanged]);
    stage.world.bring_up(ben, 0);
    stage.world.run_for(seconds(60));
    call_and_hang_up(&mut stage, anna, ben, "ben");
}

#[test]
fn a_call_survives_the_loss_of_its_network_when_the_same_address_is_back_in_time() {
    for orphans in [Orphans::Closed, Orphans::Kept] {
        let (mut stage, anna, ben) = both(12, Transport::Tls);
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(4));
        stage.world.take_down(ben, 0, orphans);
        stage.reach("ben is told", seconds(5), |stage| stage.phone(ben).state() == Some(CallState::Reconnecting));
        stage.world.run_for(seconds(8));
        stage.world.bring_up(ben, 0);
        stage.reach_active(&[anna, ben], seconds(5));
        stage.assert_sound(&[anna, ben], seconds(60), 0.99);
        stage.reach("ben is registered", seconds(30), |stage| stage.phone(ben).is_registered());
        stage.hang_up(ben);
        assert_eq!(stage.reach_end(&[anna, ben], seconds(5)), [EndReason::HungUp(Side::Peer), EndReason::HungUp(Side::Us)], "{orphans:?}");
    }
}

#[test]
fn a_call_does_not_yet_move_to_another_address_and_says_so_at_its_end() {
    for (added, transport) in [(true, Transport::Tls), (false, Transport::Tls), (true, Transport::Udp)] {
        let (mut stage, anna, ben) = both(13, transport);
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(4));
        if added {
            let internet = stage.world.internet();
            stage.world.add_attachment(ben, "wwan0", internet, "203.0.113.200", &Quality::millis(40));
            stage.world.take_down(ben, 0, Orphans::Closed);
        } else {
            stage.world.readdress(ben, 0, "203.0.113.201", Orphans::Closed);
        }
        let ends = stage.reach_end(&[ben, anna], seconds(60));
        assert_eq!(ends[0], EndReason::NetworkChanged, "{added} {transport:?}");
        call_and_hang_up(&mut stage, anna, ben, "ben");
    }
}

#[test]
fn a_server_whose_certificate_was_renewed_wrongly_is_told_by_every_phone_at_the_next_connect() {
    let (mut stage, anna, ben) = both(11, Transport::Tls);
    let server = stage.server;
    stage.world.kill(server);
    stage.world.host_mut(server).certificate = Some(Certificate::new(&["example.net"]));
    boot_server(&mut stage.world, server, false);
    stage.world.run_for(seconds(60));
    for host in [anna, ben] {
        let state = stage.phone(host).account_state();
        assert!(matches!(state, Some(cooee_phone::AccountState::Failed { .. })), "{state:?}");
    }
    stage.world.host_mut(server).certificate = Some(Certificate::new(&["example.org"]));
    stage.world.run_for(seconds(700));
    assert!(stage.phone(anna).is_registered() && stage.phone(ben).is_registered());
}
