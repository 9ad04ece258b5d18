//! The phone in a world of virtual time: one server, its DNS, and phones that call each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub
)]

mod accounts;
mod calls;
mod garbage;
mod numbers;
mod random;
mod requests;
mod ring_test;
mod several;
mod sleeping;
mod strangers;
mod transfers;
mod world;
