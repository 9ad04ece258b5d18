//! Engines alive: store, secrets, platform, commands, events, shutdown; without a server of ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod offline;
mod online;
mod probing;
mod support;
