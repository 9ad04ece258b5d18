//! Which addresses of a book can be called, found out beforehand and privately.
//!
//! ```text
//! book ── domains, each once ── what is not fresh ── shuffled ──> <= 8 questions each ──> Finding ──> Reach, what the dial plan ranks by
//! ```
//!
//! Only domains are asked about, never a person: no local part, number or name is in anything that leaves from here.

mod book;
mod conditions;
mod door;
mod doubt;
mod finding;
mod mail_providers;
mod prober;
mod reach;
mod schedule;
mod service;
mod survey;
#[cfg(test)]
mod tests;

pub use conditions::{Conditions, ProberConfig, ResolverClass};
pub use door::{Burst, ProbeCommand, ProbeOutput};
pub use finding::{Finding, Published, Source, Unknown};
pub use mail_providers::is_known_mail_provider;
pub use prober::Prober;
pub use reach::{Answered, Reach, ReachState, person_keys};
pub(crate) use schedule::Schedule;
pub use service::{Protocol, Service};
pub(crate) use survey::worst;
