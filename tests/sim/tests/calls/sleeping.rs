//! Telephones that sleep: no timer of theirs runs but while something is under way, alarms come seldom and late, networks come and go.

use std::time::Duration;

use cooee_call::{CallState, EndReason, Side};
use cooee_machine::{Entropy, Pii};
use cooee_phone::{Command, WakeReason, Woken};
use cooee_sim::{Alarms, Behaviour, HostId, NatConfig, Orphans, Quality, World};

use crate::phone::{Manners, PhoneNode};
use crate::stage::{Stage, seconds, seeds};

const DAY: Duration = Duration::from_secs(24 * 3600);
const NIGHT: Duration = Duration::from_secs(8 * 3600);
const MINUTE: u64 = 60;

/// How the alarms come while nobody touches the telephone for hours: one in 9 minutes, and up to a minute late.
fn dozing(entropy: &mut Entropy) -> Alarms {
    Alarms::new(seconds(9 * MINUTE), seconds(MINUTE), entropy.fork())
}

/// How they come while it is carried around.
fn carried(entropy: &mut Entropy) -> Alarms {
    Alarms::new(seconds(MINUTE), seconds(10), entropy.fork())
}

/// Anna on the Internet, and Ben, whose telephone sleeps whenever it may, behind the NAT of its home, which forgets idle connections
/// after `memory`.
fn home(seed: u64, memory: Duration) -> (Stage, HostId, HostId) {
    let mut stage = Stage::new(seed);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let nat = NatConfig { tcp_expiry: memory, ..NatConfig::friendly() };
    let (ben, _) = stage.add_phone_behind("ben", nat, "203.0.113.10", Manners::Ring);
    stage.world.node_mut::<PhoneNode>(ben).is_mobile = true;
    stage.register_all();
    (stage, anna, ben)
}

/// Two more networks that Ben's telephone knows, down for now: a mobile one and that of an office.
fn know_more_networks(stage: &mut Stage, ben: HostId) {
    let office = NatConfig::new(Behaviour::EndpointIndependent, Behaviour::AddressDependent);
    let known = [("mobile", "203.0.113.20", NatConfig::symmetric(), "10.1.0.2", 60), ("office", "203.0.113.30", office, "10.2.0.2", 15)];
    for (name, outside, nat, inside, delay) in known {
        let internet = stage.world.internet();
        let (lan, _) = stage.world.add_lan(name, internet, outside, nat);
        let attachment = stage.world.add_attachment(ben, name, lan, inside, &Quality::millis(delay));
        stage.world.take_down(ben, attachment, Orphans::Closed);
    }
}

/// Leaves one network and, after a while without any, is in another.
fn move_over(world: &mut World, ben: HostId, (from, to): (usize, usize), gap: Duration, orphans: Orphans) {
    world.take_down(ben, from, orphans);
    world.after(gap, move |world| world.bring_up(ben, to));
}

/// Anna calls, Ben's telephone rings, Anna gives up, and both forget about it. How long it took until it rang.
fn ring(stage: &mut Stage, anna: HostId, ben: HostId) -> Duration {
    let before = stage.phone(ben).snapshots().len();
    stage.dial(anna, "ben");
    let rings = |stage: &Stage| stage.phone(ben).snapshots().len() > before && stage.phone(ben).state() == Some(CallState::Ringing);
    let took = stage.reach("ben's telephone rings", seconds(30), rings);
    stage.world.run_for(seconds(2));
    assert_eq!(stage.phone(ben).snapshots().len(), before + 1, "one call, however it came");
    stage.hang_up(anna);
    let ends = stage.reach_end(&[anna, ben], seconds(60));
    assert_eq!(ends[1], EndReason::Cancelled(Side::Peer));
    took
}

#[test]
fn every_call_of_a_day_rings_on_a_telephone_that_sleeps_and_changes_its_network_three_times() {
    let mut alarms = 0;
    for seed in seeds(3) {
        let mut dice = Entropy::for_test(seed);
        let (mut stage, anna, ben) = home(seed, seconds(30 * MINUTE));
        know_more_networks(&mut stage, ben);
        stage.world.run_for(seconds(MINUTE));
        let begin = stage.world.elapsed();
        // Eight hours of night, then it is carried around.
        let (night, day) = (dozing(&mut dice), carried(&mut dice));
        stage.world.let_sleep(ben, Some(night));
        stage.world.after(NIGHT, move |world| world.let_sleep(ben, Some(day)));
        let mut calls: Vec<Duration> = (0..12).map(|_| Duration::from_millis(dice.below(DAY.as_millis() as u64))).collect();
        for (which, way) in [(0, 1), (1, 2), (2, 0)].into_iter().enumerate() {
            let part = (DAY - NIGHT).as_secs() / 3;
            let at = NIGHT + seconds(part * which as u64 + dice.below(part - MINUTE));
            let (gap, orphans) = (seconds(dice.below(9)), if dice.below(2) == 0 { Orphans::Closed } else { Orphans::Kept });
            stage.world.after(at, move |world| move_over(world, ben, way, gap, orphans));
            // Somebody calls just then.
            calls.push(at + Duration::from_millis(dice.below(4000)));
        }
        calls.sort_unstable();
        for call in calls {
            stage.world.run_until((begin + call).max(stage.world.elapsed()));
            let took = ring(&mut stage, anna, ben);
            assert!(took <= seconds(15), "seed {seed}: it rang after {took:?}");
        }
        stage.world.run_until((begin + DAY).max(stage.world.elapsed()));
        assert!(stage.phone(ben).is_registered());
        alarms += stage.world.host(ben).alarms().map_or(0, Alarms::count);
    }
    assert!(alarms > 0, "it slept");
}

#[test]
fn a_night_takes_few_alarms_and_every_wake_up_is_settled_within_seconds() {
    let mut dice = Entropy::for_test(5);
    let (mut stage, anna, ben) = home(5, seconds(30 * MINUTE));
    stage.world.let_sleep(ben, Some(dozing(&mut dice)));
    let woken = stage.phone(ben).woken.len();
    stage.world.run_for(NIGHT);
    let alarms = stage.world.host(ben).alarms().map_or(0, Alarms::count);
    assert!((45..=54).contains(&alarms), "{alarms} alarms in eight hours, one in nine minutes");
    let outcomes = &stage.phone(ben).woken[woken..];
    assert!(outcomes.len() as u64 == alarms && outcomes.iter().all(|woken| *woken == Woken::Done), "{outcomes:?}");
    assert!(stage.phone(ben).is_registered());
    ring(&mut stage, anna, ben);
}

#[test]
fn where_the_way_is_dead_that_a_push_finds_the_announced_call_rings_at_once_and_is_the_one_that_comes() {
    for seed in seeds(3) {
        let mut dice = Entropy::for_test(seed);
        // The NAT forgets sooner than a dozing telephone wakes up.
        let (mut stage, anna, ben) = home(seed, seconds(4 * MINUTE));
        stage.world.let_sleep(ben, Some(dozing(&mut dice)));
        stage.world.run_for(seconds(3600));
        let before = stage.phone(ben).woken.len();
        stage.reach("an alarm", seconds(12 * MINUTE), |stage| stage.phone(ben).woken.len() > before);
        stage.world.run_for(seconds(5 * MINUTE));
        stage.dial(anna, "ben");
        stage.world.run_for(seconds(1));
        assert_eq!(stage.phone(ben).state(), None, "seed {seed}: nothing gets through");
        let session = stage.phone(anna).session.clone().expect("an INVITE");
        push(&mut stage, ben, &format!("From: <sip:anna@example.org>\r\nTo: <sip:ben@example.org>\r\nSession-ID: {session}\r\n"));
        assert_eq!(stage.phone(ben).state(), Some(CallState::Announced), "it rings before anything is fetched");
        assert_eq!(stage.phone(ben).woken.last(), Some(&Woken::Ringing));
        let announced = stage.phone(ben).snapshot().unwrap().id;
        // Before it is here the person takes it.
        stage.command(ben, Command::Answer(announced));
        stage.reach_active(&[anna, ben], seconds(15));
        assert_eq!(stage.phone(ben).snapshots().len(), 1, "one call");
        assert_eq!(stage.phone(ben).snapshot().unwrap().id, announced);
        stage.hang_up(anna);
        stage.reach_end(&[anna, ben], seconds(10));
    }
}

#[test]
fn an_announced_call_that_never_comes_is_missed_and_one_that_was_declined_does_not_ring_again() {
    let (mut stage, anna, ben) = home(7, seconds(5 * MINUTE));
    push(&mut stage, ben, "From: <sip:carl@example.org>\r\nTo: <sip:ben@example.org>\r\nCall-ID: none\r\n");
    assert_eq!(stage.phone(ben).state(), Some(CallState::Announced));
    assert_eq!(stage.reach_end(&[ben], seconds(21)), [EndReason::NotArrived]);
    assert!(stage.phone(ben).log[0].missed);
    // Declined as soon as it is announced.
    stage.world.suspend(ben, 100);
    stage.dial(anna, "ben");
    stage.world.run_for(seconds(1));
    let session = stage.phone(anna).session.clone().expect("an INVITE");
    push(&mut stage, ben, &format!("From: <sip:anna@example.org>\r\nTo: <sip:ben@example.org>\r\nSession-ID: {session}\r\n"));
    let announced = stage.phone(ben).snapshot().unwrap().id;
    stage.command(ben, Command::Decline(announced));
    stage.world.resume(ben);
    let ends = stage.reach_end(&[anna, ben], seconds(5));
    assert_eq!(ends, [EndReason::Declined(Side::Peer), EndReason::Declined(Side::Us)]);
    assert_eq!(stage.phone(ben).snapshots().len(), 2, "nothing rang a second time");
    // What a push says of a call that is here already is no news.
    let before = stage.phone(ben).snapshots().len();
    stage.dial(anna, "ben");
    stage.reach("it rings", seconds(5), |stage| stage.phone(ben).state() == Some(CallState::Ringing));
    let session = stage.phone(anna).session.clone().expect("an INVITE");
    push(&mut stage, ben, &format!("From: <sip:anna@example.org>\r\nTo: <sip:ben@example.org>\r\nSession-ID: {session}\r\n"));
    assert_eq!(stage.phone(ben).snapshots().len(), before + 1);
}

/// A push comes, as whoever is trusted with it sends it.
fn push(stage: &mut Stage, host: HostId, payload: &str) {
    let reason = WakeReason::Push(Pii(payload.as_bytes().to_vec()));
    stage.world.with(host, |phone: &mut PhoneNode, desk, now| phone.wake(reason, desk, now));
}
