//! Whether this very person is there: learned from calls, and asked for (OPTIONS, RFC 3261 11) of people whom the user has called or
//! marked, over the user's own account and by TLS.
//!
//! ```text
//! people called or marked ── week gone by ── one at a time, spread, in an order of chance ──> OPTIONS ──> Reply ──> Reach
//! ```
//!
//! [`Prober`](crate::probe::Prober) knows domains and no people; this knows people, and asks nobody but their own phones.

mod config;
mod inquirer;
mod person;
mod reply;
#[cfg(test)]
mod tests;

pub use config::InquiryConfig;
pub(crate) use inquirer::Inquirer;
pub use person::Person;
pub use reply::{Inquiry, Reply};
