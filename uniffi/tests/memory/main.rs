//! By itself, as it looks at the memory of the whole process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs, dead_code)]

#[path = "../contract/support.rs"]
mod support;

use support::Scene;

/// What the process has in memory, in kB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn memory_stays_flat_however_many_moments_nobody_fetches() {
    let scene = Scene::new();
    let (_, _server) = scene.add_anna();
    // What is set up once, and the queues filled to their bounds.
    scene.dial_nobody(10_000);
    let before = resident();
    for _ in 0..4 {
        scene.dial_nobody(10_000);
    }
    let grown = resident().saturating_sub(before);
    // 40,000 moments of 100 octets would be 4 MB; an allocator may keep a little more than it needs.
    assert!(grown < 2_000, "{grown} kB more");
}
