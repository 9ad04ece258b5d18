//! Seeded mutants against everything a peer can send. What a target is fed is a function of target, seed and number, so that a
//! crash is found again without keeping it; octets that were found are kept under `tests/fixtures/crashers` all the same, and
//! run with the tests.

mod address;
mod binary;
mod corpus;
mod dictionary;
mod dns;
mod enum_rules;
mod frames;
mod machines;
mod media;
mod mutate;
mod sdp;
mod sip;
mod target;

pub use corpus::fixtures;
pub use target::{Crash, Fuzzer, Target};
