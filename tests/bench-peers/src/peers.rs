//! What each crate does for a job.

pub mod cooee;
pub mod rsip;
pub mod rsipstack;
pub mod sipx;
