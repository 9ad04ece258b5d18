//! ENUM (RFC 6116): a telephone number as a key to addresses, looked up in DNS; pure. The caller asks the resolver, the lookup says what to
//! ask and when to stop.
//!
//! ```text
//! +41446681800 ── own domain's zone ── answers ─────────────────────────────> ranked answers
//!                 │ none, or 300 ms
//!                 └ next suffix ── … ── the last one ── none, or 2 s in all ─> none: the telephone network has it
//! ```

mod answer;
mod ere;
mod fault;
mod lookup;
mod service;
mod substitution;
mod suffix;
#[cfg(test)]
mod tests;
mod walk;

pub use answer::{AskedSuffix, EnumAnswer, EnumResult, SuffixState};
pub use fault::RuleFault;
pub use lookup::{EnumLookup, EnumOutput};
pub use service::EnumService;
pub use suffix::{E164_ARPA, EnumSuffix, NoSuffix};
