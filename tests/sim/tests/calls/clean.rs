//! Calls on a good network.

use cooee_call::{CallState, EndReason, Milestone, Side};
use cooee_machine::Transport;
use cooee_phone::{Command, WhoRings};
use cooee_rtc::MediaSecurity;

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, millis, seconds};

#[test]
fn a_call_rings_is_answered_carries_sound_both_ways_and_is_hung_up_by_the_caller() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(1);
    stage.dial(anna, "ben@example.org");
    stage.reach("it rings at both ends", seconds(2), |stage| {
        [anna, ben].iter().all(|host| stage.phone(*host).state() == Some(CallState::Ringing))
    });
    stage.reach_active(&[anna, ben], seconds(3));
    for host in [anna, ben] {
        let call = stage.phone(host).snapshot().unwrap();
        assert_eq!(call.security, Some(MediaSecurity::EndToEnd));
        assert!(call.path.is_some() && call.codec.is_some_and(|codec| codec.name.eq_ignore_ascii_case("opus")));
    }
    stage.assert_sound(&[anna, ben], seconds(10), 0.99);
    stage.hang_up(anna);
    assert_eq!(stage.reach_end(&[anna, ben], seconds(2)), [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)]);
}

#[test]
fn a_call_whose_system_does_not_say_that_it_may_ring_is_overdue_after_two_seconds_and_one_that_only_asks_never_is() {
    let mut stage = Stage::new(4);
    let [anna, ben, carl] = [("anna", "198.51.100.1"), ("ben", "203.0.113.1"), ("carl", "203.0.113.2")]
        .map(|(user, address)| stage.add_phone(user, address, Manners::Ring));
    stage.register_all();
    stage.command(carl, Command::SetWhoRings(WhoRings::Known));
    for (callee, user, rings_aloud) in [(ben, "ben", true), (carl, "carl", false)] {
        stage.dial(anna, user);
        stage.reach("it rings", seconds(2), |stage| stage.phone(callee).state() == Some(CallState::Ringing));
        let call = |stage: &Stage| stage.phone(callee).snapshot().unwrap();
        assert_eq!((call(&stage).is_overdue, call(&stage).request.is_none()), (false, rings_aloud));
        stage.world.run_for(millis(1900));
        assert!(!call(&stage).is_overdue);
        stage.world.run_for(millis(200));
        assert_eq!(call(&stage).is_overdue, rings_aloud);
        stage.hang_up(anna);
        stage.reach_end(&[anna, callee], seconds(2));
        assert!(!call(&stage).is_overdue, "it rings no more");
    }
}

#[test]
fn the_called_side_may_hang_up_too() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(2);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.hang_up(ben);
    assert_eq!(stage.reach_end(&[anna, ben], seconds(2)), [EndReason::HungUp(Side::Peer), EndReason::HungUp(Side::Us)]);
}

#[test]
fn both_may_hang_up_at_the_same_moment() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(3);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.hang_up(ben);
    stage.hang_up(anna);
    assert_eq!(stage.reach_end(&[anna, ben], seconds(2)), [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Us)]);
}

#[test]
fn a_call_goes_over_every_transport_and_between_them() {
    let all = [Transport::Tls, Transport::Tcp, Transport::Udp];
    for (seed, (one, other)) in (10..).zip(all.into_iter().flat_map(|one| all.map(|other| (one, other)))) {
        let mut stage = Stage::new(seed);
        stage.transport = one;
        let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
        stage.transport = other;
        let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
        stage.register_all();
        stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(4));
        stage.assert_sound(&[anna, ben], seconds(2), 0.95);
        stage.hang_up(ben);
        stage.reach_end(&[anna, ben], seconds(2));
    }
}

#[test]
fn calls_follow_one_another_over_the_same_registrations() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(4);
    for round in 0..5 {
        let (from, to) = if round % 2 == 0 { (anna, "ben") } else { (ben, "anna") };
        stage.dial(from, to);
        if from == ben {
            stage.reach("anna rings", seconds(2), |stage| stage.phone(anna).state() == Some(CallState::Ringing));
            let call = stage.phone(anna).snapshot().unwrap().id;
            stage.command(anna, Command::Answer(call));
        }
        stage.reach_active(&[anna, ben], seconds(4));
        stage.assert_sound(&[anna, ben], seconds(1), 0.9);
        stage.hang_up(from);
        stage.reach_end(&[anna, ben], seconds(2));
    }
}

#[test]
fn a_call_of_an_hour_outlives_every_refresh() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(5);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    for _ in 0..6 {
        stage.assert_sound(&[anna, ben], seconds(700), 0.99);
    }
    assert!(stage.phone(anna).is_registered() && stage.phone(ben).is_registered());
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(2));
}

#[test]
fn sound_follows_the_answer_within_five_round_trips_and_a_tenth_of_a_second() {
    // Phone to server and phone to phone take the same: half of it on each of the two links.
    for (seed, transport) in (20..).zip([Transport::Tls, Transport::Udp]) {
        for round_trip in [20, 100, 300] {
            let mut stage = Stage::new(seed);
            stage.transport = transport;
            stage.access = cooee_sim::Quality::millis(round_trip / 4);
            let server = stage.server;
            stage.world.link_mut(server).set(&cooee_sim::Quality::millis(round_trip / 4));
            let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
            let ben = stage.add_phone("ben", "203.0.113.1", Manners::AnswerAfter(seconds(3)));
            stage.register_all();
            stage.dial(anna, "ben");
            let answered = |stage: &Stage| stage.phone(ben).snapshot().and_then(|call| call.timeline.step(Milestone::Answered).copied());
            stage.reach("ben answers", seconds(10), |stage| answered(stage).is_some());
            let heard = |stage: &Stage| [anna, ben].iter().all(|host| stage.phone(*host).last_heard().first.is_some());
            let took = stage.reach("both hear each other", seconds(10), heard);
            stage.world.note("measure", format_args!("{transport:?}, {round_trip} ms: sound both ways {took:?} after the answer"));
            let allowed = millis(round_trip) * 5 + millis(100);
            assert!(took <= allowed, "{transport:?} {round_trip} ms: {took:?} > {allowed:?}");
            stage.reach_active(&[anna, ben], seconds(5));
        }
    }
}

#[test]
fn a_muted_side_is_silent_for_an_hour_and_the_call_stays() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(30);
    let call = stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.command(anna, Command::Mute { call, muted: true });
    stage.world.run_for(seconds(1));
    let before = stage.phone(ben).last_heard().decoded;
    stage.assert_sound(&[anna], seconds(3600), 0.99);
    assert_eq!(stage.phone(ben).last_heard().decoded, before);
    assert!(stage.phone(anna).is_active() && stage.phone(ben).is_active());
    stage.command(anna, Command::Mute { call, muted: false });
    stage.assert_sound(&[anna, ben], seconds(5), 0.95);
}

#[test]
fn shutting_down_hangs_up_and_unregisters() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(6);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.command(anna, Command::Shutdown);
    stage.reach("anna is done", seconds(3), |stage| stage.phone(anna).has_shut_down);
    let ends = stage.reach_end(&[anna, ben], seconds(2));
    assert_eq!(ends, [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)]);
    stage.dial(ben, "anna");
    assert_eq!(stage.reach_end(&[ben], seconds(5)), [EndReason::Unavailable]);
}
