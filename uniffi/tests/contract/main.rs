//! The contract of every exported call, as the app sees it: a platform of the test's own, no event loop of ours around it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod accounts;
mod calls;
mod complete;
mod history;
mod keys;
mod moments;
mod people;
mod platform;
mod ringing;
mod settings;
mod start;
mod support;
