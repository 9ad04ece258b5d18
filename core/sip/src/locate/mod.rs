//! Where to send a request for a domain (RFC 3263), as a pure plan: the caller asks the resolver, the plan says what to ask
//! and in which order to try what was found.
//!
//! ```text
//! target ── numeric host ───────────────────────────────────────────────> hops
//!        ── explicit port ────────────────────────────> A, AAAA ────────> hops
//!        ── domain ── NAPTR ── SRV (weights) ─────────> A, AAAA ────────> hops, the list to walk on failure
//! ```

mod failure;
mod hop;
mod name;
mod plan;
mod policy;
mod search;
mod service;
mod srv;
#[cfg(test)]
mod tests;

pub use failure::LocateFailure;
pub use hop::{Hop, Located};
pub use plan::{Locate, LocateOutput};
pub use policy::{LocatePolicy, LocateTarget};
pub use srv::in_order as servers_in_order;
