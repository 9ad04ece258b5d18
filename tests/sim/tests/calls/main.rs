//! The real machines on the simulated network.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod asking;
mod chaos;
mod clean;
mod dialling;
mod exchange;
mod fates;
mod holding;
mod lossy;
mod media;
mod nat_calls;
mod nat_pairs;
mod phone;
mod prober;
mod protection;
mod provider;
mod races;
mod refusals;
mod server;
mod servers;
mod sleeping;
mod sound;
mod stage;
mod story;
mod stun;
mod talker;
mod transfers;
mod verifying;
