//! The simulated network itself, proven with small processes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod connections;
mod datagrams;
mod fates;
mod gateways;
mod names_and_disks;
mod toy;
