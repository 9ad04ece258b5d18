//! From the command to dial until the called phone rings, in our own time: `cargo bench -p cooee-phone --bench dial`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a bench measures and prints"
)]

#[path = "../tests/phone/world/mod.rs"]
#[allow(dead_code, unused_imports, reason = "a bench uses a part of it")]
mod world;

use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use world::World;

/// What a person does not notice, until the first octet of signalling has left.
const BOUND: Duration = Duration::from_millis(20);

/// Two phones that are registered, and a number that ENUM knows.
fn ready() -> (World, usize) {
    let mut world = World::new();
    let anna = world.registered("anna");
    world.registered("ben");
    world.naptr("41446681800", "e164.example.org", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
    (world, anna)
}

fn dial(c: &mut Criterion) {
    for (name, target) in [("address", "ben@example.org"), ("number", "+41 44 668 18 00")] {
        let (mut world, anna) = ready();
        let begun = Instant::now();
        world.dial(anna, target);
        let took = begun.elapsed();
        // Everything that both phones and the server do is in it, and so more than what is bounded.
        println!("dial/{name}: {took:.1?} the first time: {:.3} of {BOUND:?}", took.as_secs_f64() / BOUND.as_secs_f64());
        assert!(world.incoming(1).is_some(), "it rings");
        c.bench_function(&format!("dial/{name}"), |b| {
            b.iter_batched(ready, |(mut world, anna)| world.dial(anna, target), BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, dial);
criterion_main!(benches);
