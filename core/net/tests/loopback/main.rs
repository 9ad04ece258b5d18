//! What the crate promises, over real sockets on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod dns;
mod drive;
mod encrypted;
mod sockets;
mod support;
mod tls;
