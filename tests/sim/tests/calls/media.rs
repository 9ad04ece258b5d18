//! Media alone, over links of every kind.

use std::time::Duration;

use cooee_machine::Entropy;
use cooee_rtc::{MediaFailure, MediaSecurity, SessionEvent};
use cooee_sim::{HostId, Loss, Quality, World};

use crate::stage::seeds;
use crate::talker::{Talker, introduce};

/// Anna and ben, both on the Internet.
fn world(seed: u64, quality: &Quality) -> (World, HostId, HostId) {
    let mut world = World::new(seed);
    let internet = world.internet();
    let anna = world.add_host("anna", internet, "198.51.100.1", quality);
    let ben = world.add_host("ben", internet, "203.0.113.1", quality);
    world.boot(anna, Talker::new(&["198.51.100.1:0"], &[], Entropy::for_test(seed * 2)));
    world.boot(ben, Talker::new(&["203.0.113.1:0"], &[], Entropy::for_test(seed * 2 + 1)));
    (world, anna, ben)
}

fn both_active(world: &World, anna: HostId, ben: HostId) -> bool {
    [anna, ben].iter().all(|host| world.node::<Talker>(*host).is_active())
}

#[test]
fn two_sides_agree_on_a_path_and_keys_and_speak() {
    let (mut world, anna, ben) = world(1, &Quality::millis(10));
    introduce(&mut world, anna, ben);
    world.run_for(Duration::from_secs(10));
    for host in [anna, ben] {
        let talker = world.node::<Talker>(host);
        let secured = |event: &SessionEvent| matches!(event, SessionEvent::Secured { security: MediaSecurity::EndToEnd, .. });
        assert!(talker.events.iter().any(secured) && talker.is_active(), "{:?}", talker.events);
        let heard = talker.heard();
        assert!(heard.decoded > 480 && heard.concealed < 5, "{heard:?}");
    }
}

#[test]
fn a_lossy_path_costs_frames_and_no_call() {
    for seed in seeds(20) {
        // Loss on both links adds up: 19 % a way.
        let (mut world, anna, ben) = world(seed, &Quality::millis(20).with_loss(Loss::Random(0.1)));
        introduce(&mut world, anna, ben);
        assert!(world.run_to(Duration::from_secs(10), |world| both_active(world, anna, ben)).is_some(), "seed {seed}");
        world.run_for(Duration::from_secs(20));
        for host in [anna, ben] {
            let heard = world.node::<Talker>(host).heard();
            let share = heard.concealed as f64 / (heard.decoded + heard.concealed) as f64;
            assert!(heard.decoded > 700 && (0.1..0.3).contains(&share), "seed {seed}: {heard:?}");
        }
    }
}

#[test]
fn reordered_and_doubled_packets_are_played_in_order_and_once() {
    let quality = Quality::millis(20).with_reordering(0.1, Duration::from_millis(45)).with_duplication(0.1);
    let (mut world, anna, ben) = world(3, &quality);
    introduce(&mut world, anna, ben);
    world.run_for(Duration::from_secs(30));
    for host in [anna, ben] {
        let heard = world.node::<Talker>(host).heard();
        assert!((1400..1510).contains(&heard.decoded), "the order itself is checked at every frame: {heard:?}");
    }
}

#[test]
fn a_peer_that_vanishes_is_noticed_and_the_session_fails_for_that_reason() {
    let (mut world, anna, ben) = world(4, &Quality::millis(10));
    introduce(&mut world, anna, ben);
    assert!(world.run_to(Duration::from_secs(5), |world| both_active(world, anna, ben)).is_some());
    world.power_off(ben);
    world.run_for(Duration::from_secs(60));
    let events = &world.node::<Talker>(anna).events;
    assert!(events.contains(&SessionEvent::PathLost), "{events:?}");
    assert!(events.contains(&SessionEvent::Failed(MediaFailure::ConsentExpired)), "{events:?}");
}

#[test]
fn a_path_that_is_cut_for_ten_seconds_comes_back() {
    let (mut world, anna, ben) = world(5, &Quality::millis(10));
    introduce(&mut world, anna, ben);
    world.run_for(Duration::from_secs(5));
    world.link_mut(ben).cut(true);
    world.run_for(Duration::from_secs(10));
    world.link_mut(ben).cut(false);
    let before = world.node::<Talker>(anna).heard().decoded;
    world.run_for(Duration::from_secs(10));
    for host in [anna, ben] {
        let talker = world.node::<Talker>(host);
        assert_eq!(talker.failure(), None);
        assert!(talker.heard().decoded > before + 400, "{:?}", talker.heard());
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_whatever_the_ciphers_draw() {
    let run = || {
        let (mut world, anna, ben) = world(6, &Quality::millis(20).with_loss(Loss::Random(0.05)).with_jitter(Duration::from_millis(10)));
        introduce(&mut world, anna, ben);
        world.run_for(Duration::from_secs(20));
        world
    };
    let (one, other) = (run(), run());
    assert_eq!(one.trace().first_difference(other.trace()), None);
    assert_eq!(one.trace().digest(), other.trace().digest());
}
