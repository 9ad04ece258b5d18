//! The real machines on the simulated network.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod media;
mod nat_pairs;
mod prober;
mod sound;
mod stun;
mod talker;
