//! Good-byes by media: meant, premature, and those of peers that say it on hold.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod world;

use cooee_rtc::{OneWayCause, SessionEvent};
use cooee_sdp::{Codec, Direction, Negotiated};
use world::*;

const PEER: &str = "198.51.100.1:4000";

/// Node 0 after two seconds with a peer in the clear, and what they agreed on.
fn talking() -> (World, Odd, Negotiated) {
    let mut world = World::new(15, ms(20));
    world.node(&[A]);
    let terms = plain_with(PEER, Codec::pcma());
    world.start_session(0, &terms);
    let mut peer = Odd::new(PEER);
    peer.speak(&mut world, ms(2_000));
    (world, peer, terms)
}

fn say_good_bye(world: &mut World, peer: &Odd) {
    world.send(peer.at, peer.to, good_bye(peer.ssrc));
}

fn told(world: &World) -> (usize, usize) {
    (world.count(0, |e| *e == SessionEvent::Closed), world.count(0, |e| *e == SessionEvent::Reopened))
}

#[test]
fn a_good_bye_that_nothing_follows_is_the_end_and_told_once() {
    let (mut world, peer, _) = talking();
    say_good_bye(&mut world, &peer);
    world.run(ms(3_900));
    assert_eq!(told(&world), (0, 0));
    say_good_bye(&mut world, &peer);
    world.run(ms(20_000));
    assert_eq!(told(&world), (1, 0));
}

#[test]
fn sound_or_reports_after_a_good_bye_show_that_it_was_not_the_end() {
    for speaks in [true, false] {
        for late in [ms(1_500), ms(5_000)] {
            let (mut world, mut peer, _) = talking();
            say_good_bye(&mut world, &peer);
            world.run(world.at() + late);
            if speaks {
                peer.ssrc = 8;
                peer.speak(&mut world, ms(4_000));
            } else {
                world.send(peer.at, peer.to, sender_report(peer.ssrc, 100));
            }
            world.run(ms(20_000));
            let times = usize::from(late > ms(2_000));
            assert_eq!(told(&world), (times, times), "{speaks} {late:?}");
        }
    }
}

#[test]
fn a_peer_that_says_good_bye_on_hold_is_heard_when_it_is_taken_back() {
    let (mut world, mut peer, terms) = talking();
    world.update(0, &Negotiated { direction: Direction::SendOnly, ..terms.clone() });
    say_good_bye(&mut world, &peer);
    world.run(ms(60_000));
    world.update(0, &terms);
    assert_eq!(told(&world), (1, 1));
    peer.speak(&mut world, ms(5_000));
    assert_eq!(told(&world), (1, 1));
    assert!(world.heard_since(0, ms(60_000)).len() > 240);
}

#[test]
fn a_path_that_died_on_hold_is_told_after_it() {
    let (mut world, mut peer, terms) = talking();
    let lost = |world: &World| world.count(0, |e| *e == SessionEvent::PathLost);
    world.update(0, &Negotiated { direction: Direction::SendOnly, ..terms.clone() });
    world.run(ms(120_000));
    let on_hold = lost(&world);
    world.update(0, &terms);
    world.run(ms(145_000));
    assert_eq!(lost(&world), on_hold, "the silence of the hold does not count");
    world.run(ms(160_000));
    assert_eq!(lost(&world), on_hold + 1);
    let paths = |world: &World| world.count(0, |e| matches!(e, SessionEvent::Path(_)));
    let before = paths(&world);
    peer.speak(&mut world, ms(1_000));
    assert_eq!(paths(&world), before + 1, "and it is told when it is back");
}

#[test]
fn after_a_hold_it_is_proven_anew_that_sound_comes() {
    for speaks in [true, false] {
        let (mut world, mut peer, terms) = talking();
        world.update(0, &Negotiated { direction: Direction::Inactive, ..terms.clone() });
        world.run(ms(20_000));
        let active = |world: &World| world.count(0, |e| *e == SessionEvent::Active);
        let before = active(&world);
        world.update(0, &terms);
        world.run(ms(20_500));
        assert_eq!(active(&world), before, "nothing has come yet");
        if speaks {
            peer.speak(&mut world, ms(1_000));
        }
        world.run(ms(29_000));
        let one_way = world.count(0, |e| *e == SessionEvent::OneWay(OneWayCause::NothingReceived));
        assert_eq!((active(&world), one_way), if speaks { (before + 1, 0) } else { (before, 1) });
    }
}
