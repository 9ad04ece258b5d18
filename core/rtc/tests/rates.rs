//! One side asks the other to send less, in the midst of a call (TMMBR, RFC 5104).
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod world;

use cooee_rtc::{RateLimit, SessionEvent};
use cooee_sdp::{DtlsRole, Negotiated};
use world::{World, call, ms};

/// What a node is told that its peer asks for, in the order in which it holds.
fn limits(world: &World, node: usize) -> Vec<RateLimit> {
    let limit = |event: &SessionEvent| if let SessionEvent::RateLimited(limit) = event { Some(*limit) } else { None };
    world.events(node).filter_map(|(_, event)| limit(event)).collect()
}

/// Node 0 wants so much from now on.
fn want(world: &mut World, rate_requests: bool, wanted_rate: Option<u32>) {
    let theirs = Negotiated { rate_requests, ..world.terms(0, DtlsRole::Client, false) };
    world.update(1, &theirs);
    let ours = Negotiated { rate_requests, wanted_rate, ..world.terms(1, DtlsRole::Server, true) };
    world.update(0, &ours);
}

fn run(world: &mut World, time: u64) {
    let at = world.at();
    world.run(at + ms(time));
}

#[test]
fn what_is_asked_for_holds_through_loss_and_is_taken_back() {
    for (seed, loss) in [(1, 0.0), (2, 0.3), (3, 0.3)] {
        let mut world = call(seed, 60, loss);
        run(&mut world, 5_000);
        want(&mut world, true, Some(20_000));
        run(&mut world, 30_000);
        assert_eq!(limits(&world, 1), [RateLimit { total: 20_000, overhead: 50 }], "{seed}");
        assert_eq!(limits(&world, 0), [], "nothing was asked of the other");
        want(&mut world, true, None);
        run(&mut world, 30_000);
        let last = *limits(&world, 1).last().unwrap();
        assert!(last.total > 1_000_000, "{seed}: {last:?}");
    }
}

#[test]
fn who_has_not_agreed_to_be_asked_is_not() {
    let mut world = call(4, 60, 0.0);
    run(&mut world, 5_000);
    want(&mut world, false, Some(20_000));
    run(&mut world, 30_000);
    assert_eq!(limits(&world, 1), []);
}
