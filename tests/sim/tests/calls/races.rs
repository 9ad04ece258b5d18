//! Two devices, two answers, and a CANCEL that crosses an answer: everything swept over time.

use cooee_call::{CallState, EndReason, Side};
use cooee_machine::Transport;
use cooee_phone::Command;
use cooee_sim::HostId;

use crate::phone::Manners;
use crate::stage::{Stage, millis, seconds};

fn ringing(stage: &Stage, host: HostId) -> bool {
    stage.phone(host).state() == Some(CallState::Ringing)
}

/// Anna, and ben with two devices that answer after these times in milliseconds.
fn two_devices(seed: u64, transport: Transport, answers: [u64; 2]) -> (Stage, HostId, [HostId; 2]) {
    let mut stage = Stage::new(seed);
    stage.transport = transport;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let desk = stage.add_phone("ben", "203.0.113.1", Manners::AnswerAfter(millis(answers[0])));
    let pocket = stage.add_phone("ben", "203.0.113.2", Manners::AnswerAfter(millis(answers[1])));
    stage.register_all();
    (stage, anna, [desk, pocket])
}

#[test]
fn two_devices_ring_and_the_one_not_answered_learns_that_the_other_was() {
    for transport in [Transport::Tls, Transport::Udp] {
        let (mut stage, anna, [desk, pocket]) = two_devices(1, transport, [1000, 60_000]);
        stage.dial(anna, "ben");
        stage.reach("both ring", seconds(1), |stage| ringing(stage, desk) && ringing(stage, pocket));
        stage.reach_active(&[anna, desk], seconds(4));
        assert_eq!(stage.phone(pocket).end(), Some(EndReason::AnsweredElsewhere));
        stage.assert_sound(&[anna, desk], seconds(2), 0.95);
        stage.hang_up(anna);
        let ends = stage.reach_end(&[anna, desk, pocket], seconds(3));
        assert_eq!(ends[..2], [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)]);
    }
}

#[test]
fn a_device_that_declines_ends_it_for_all_by_603() {
    let mut stage = Stage::new(2);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let desk = stage.add_phone("ben", "203.0.113.1", Manners::DeclineAfter(millis(800)));
    let pocket = stage.add_phone("ben", "203.0.113.2", Manners::Ring);
    stage.register_all();
    stage.dial(anna, "ben");
    let ends = stage.reach_end(&[anna, desk, pocket], seconds(5));
    assert_eq!(ends[..2], [EndReason::Declined(Side::Peer), EndReason::Declined(Side::Us)]);
    assert!(matches!(ends[2], EndReason::DeclinedElsewhere | EndReason::Cancelled(Side::Peer)), "{ends:?}");
}

#[test]
fn two_that_answer_at_almost_the_same_moment_leave_one_winner_and_no_orphan() {
    for transport in [Transport::Tls, Transport::Udp] {
        let mut winners = [0, 0];
        for lead in 0..41 {
            // From 20 ms before to 20 ms after, in steps of 1 ms.
            let (mut stage, anna, devices) = two_devices(100 + lead, transport, [1000, 980 + lead]);
            stage.dial(anna, "ben");
            stage.reach("anna talks", seconds(5), |stage| stage.phone(anna).is_active());
            stage.world.run_for(seconds(5));
            let active: Vec<usize> = (0..2).filter(|index| stage.phone(devices[*index]).is_active()).collect();
            assert_eq!(active.len(), 1, "{transport:?} lead {lead}: exactly one talks");
            winners[active[0]] += 1;
            let (winner, loser) = (devices[active[0]], devices[1 - active[0]]);
            assert!(stage.phone(loser).end().is_some(), "{transport:?} lead {lead}: the other is free again");
            stage.assert_sound(&[anna, winner], seconds(1), 0.9);
            stage.hang_up(anna);
            let ends = stage.reach_end(&[anna, winner, loser], seconds(3));
            assert_eq!(ends[..2], [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)], "{transport:?} lead {lead}");
        }
        assert!(winners.iter().all(|wins| *wins > 5), "{transport:?}: {winners:?}");
    }
}

#[test]
fn a_cancel_and_an_answer_that_cross_leave_nobody_in_a_call() {
    for transport in [Transport::Tls, Transport::Udp] {
        let mut crossed = 0;
        for delay in 0..80 {
            let mut stage = Stage::new(300 + delay);
            stage.transport = transport;
            let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
            let ben = stage.add_phone("ben", "203.0.113.1", Manners::AnswerAfter(millis(200)));
            stage.register_all();
            let call = stage.dial(anna, "ben");
            stage.reach("ben rings", seconds(3), |stage| ringing(stage, ben));
            // From 40 ms before ben's answer, which takes 30 ms to arrive, to 40 ms after.
            stage.world.run_for(millis(160 + delay));
            stage.command(anna, Command::HangUp(call));
            let ends = stage.reach_end(&[anna, ben], seconds(10));
            let expected = [EndReason::Cancelled(Side::Us), EndReason::HungUp(Side::Us)];
            assert!(expected.contains(&ends[0]), "{transport:?} delay {delay}: {ends:?}");
            let expected = [EndReason::Cancelled(Side::Peer), EndReason::HungUp(Side::Peer)];
            assert!(expected.contains(&ends[1]), "{transport:?} delay {delay}: {ends:?}");
            crossed += u32::from(ends[0] == EndReason::Cancelled(Side::Us) && ends[1] == EndReason::HungUp(Side::Peer));
        }
        assert!(crossed > 0, "{transport:?}: the sweep has hit the crossing");
    }
}

#[test]
fn a_caller_may_give_up_at_any_moment() {
    for transport in [Transport::Tls, Transport::Udp] {
        for delay in (0..400).step_by(7) {
            let mut stage = Stage::new(500 + delay);
            stage.transport = transport;
            let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
            let ben = stage.add_phone("ben", "203.0.113.1", Manners::Ring);
            stage.register_all();
            let call = stage.dial(anna, "ben");
            stage.world.run_for(millis(delay));
            stage.command(anna, Command::HangUp(call));
            let ends = stage.reach_end(&[anna], seconds(10));
            assert_eq!(ends, [EndReason::Cancelled(Side::Us)], "{transport:?} delay {delay}");
            assert!(stage.phone(ben).is_idle(), "{transport:?} delay {delay}");
            assert!(stage.phone(ben).end().is_none_or(|end| end == EndReason::Cancelled(Side::Peer)), "{transport:?} delay {delay}");
        }
    }
}

#[test]
fn two_who_call_each_other_at_once_have_two_calls_and_can_end_them() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(6);
    stage.dial(anna, "ben");
    stage.dial(ben, "anna");
    stage.world.run_for(seconds(3));
    for host in [anna, ben] {
        let calls: Vec<_> = stage.phone(host).snapshots().into_keys().collect();
        assert_eq!(calls.len(), 2);
        for call in calls {
            stage.command(host, Command::HangUp(call));
        }
    }
    stage.world.run_for(seconds(40));
    assert!(stage.phone(anna).is_idle() && stage.phone(ben).is_idle());
}
