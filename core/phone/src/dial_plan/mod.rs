//! The dial plan: from an address to the ways to call it, the best first, each with why it is there and what stands against it.
//!
//! ```text
//! anna@example.org ── SIP over the account that fits ── XMPP
//! +41446681800     ── what ENUM found, ranked ── an account that takes numbers ── the ordinary dialler
//! 112              ── the ordinary dialler, at once
//! ```

mod caller;
mod choice;
mod numbering;
mod plan;
mod route;
#[cfg(test)]
mod tests;

pub use caller::{Caller, Readiness};
pub use choice::Choice;
pub use numbering::Numbering;
pub use plan::DialPlan;
pub use route::{Obstacle, Reason, Route, Way};
