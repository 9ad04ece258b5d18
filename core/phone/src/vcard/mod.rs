//! Contacts as phones and programs export them: vCard 2.1 with quoted-printable, 3.0 (RFC 2426), 4.0 (RFC 6350), whole or broken, in any
//! encoding; bounded.
//!
//! ```text
//! octets ── UTF-16 to UTF-8 ── logical lines ── properties ── cards: a name, and what can be called
//! ```

mod card;
mod charset;
mod lines;
mod property;
mod quoted_printable;
mod reader;
#[cfg(test)]
mod tests;

pub use card::Card;
pub use reader::{CardError, Cards, read};
