//! The server machine in virtual time, above a store in memory, with phones made of text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod bench;
mod calls;
mod connections;
mod datagrams;
mod federation;
mod logins;
