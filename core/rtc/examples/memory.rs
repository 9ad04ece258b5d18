//! Memory of a media session, measured: `cargo run --release -p cooee-rtc --example memory [dtls|sdes]` prints the resident memory that each
//! further session costs between 50 and 250, after 3 s of sound, the little simulated network included.
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]
#[path = "../tests/world/mod.rs"]
mod world;

use cooee_sdp::DtlsRole;
use world::{A, B, World, answer, ms, sdes};

/// One call of two sessions, three seconds old.
fn speaking(seed: u64, by_sdes: bool) -> World {
    let mut world = World::new(seed, ms(30));
    world.node(&[A]);
    world.node(&[B]);
    if by_sdes {
        for node in [0, 1] {
            let mut terms = world.terms(1 - node, DtlsRole::Client, node == 0);
            terms.security = if node == 0 { sdes(3, 5) } else { sdes(5, 3) };
            world.start_session(node, &terms);
        }
    } else {
        answer(&mut world, 60);
    }
    world.run(ms(3_000));
    assert!(world.active(0).is_some() && world.active(1).is_some());
    world.log = vec![];
    world
}

fn resident_kilobytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4
}

fn main() {
    let by_sdes = std::env::args().nth(1).is_some_and(|kind| kind == "sdes");
    let mut worlds: Vec<World> = (0..25).map(|seed| speaking(seed, by_sdes)).collect();
    let before = resident_kilobytes();
    worlds.extend((25..125).map(|seed| speaking(seed, by_sdes)));
    let after = resident_kilobytes();
    let each = (after - before) as f64 / 200.0;
    println!("{}: {each:.1} kB a session ({before} kB at 50, {after} kB at 250)", if by_sdes { "SDES" } else { "DTLS" });
}
