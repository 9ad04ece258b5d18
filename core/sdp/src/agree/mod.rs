//! Offer and answer (RFC 3264): two descriptions become what both sides do.

mod accept;
mod answer;
mod codecs;
mod direction;
mod offer;
mod peer;
mod security;

pub use accept::accept;
pub use answer::answer;
pub use offer::offer;
