//! The command as a person or a script uses it: real processes, real sockets on loopback, files on disk.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, missing_docs, unreachable_pub)]

mod calls;
#[cfg(target_os = "linux")]
mod capture;
mod certificates;
mod contacts;
mod dns;
mod domains;
#[cfg(target_os = "linux")]
mod keys;
mod located;
mod orders;
mod process;
mod reach;
mod requests;
mod ring_test;
mod server;
mod story;
mod texts;
mod three;
mod trouble;
mod verbs;
mod verify;
mod voice;
