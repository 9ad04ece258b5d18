//! Where to send a request for a domain (RFC 3263), as a pure plan: the caller asks the resolver, the plan says what to ask
//! and in which order to try what was found.
//!
//! ```text
//! target ── numeric host ───────────────────────────────────────────────> hops
//!        ── explicit port ────────────────────────────> A, AAAA ────────> hops
//!        ── domain ── NAPTR ── SRV (weights) ─────────> A, AAAA ────────> hops, the list to walk on failure
//!                                      └─ Predict stops here ───────────> what the domain publishes
//! ```
//!
//! Two things are ours and not the RFC's: TLS comes before what a domain prefers to it, and services at their well-known
//! names come behind those that NAPTR names, so that a forgotten rule does not hide them.

mod answers;
mod entrance;
mod failure;
mod hop;
mod name;
mod plan;
mod policy;
mod publication;
mod questions;
mod search;
mod service;
#[cfg(test)]
mod tests;

pub use failure::LocateFailure;
pub use hop::{Hop, Located};
pub use plan::{Locate, LocateOutput, PlanOutput, Predict, PredictOutput};
pub use policy::{LocatePolicy, LocateTarget};
pub use publication::Publication;
