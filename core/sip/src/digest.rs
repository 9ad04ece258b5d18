//! Digest authentication (RFC 7616, RFC 8760; RFC 3261 22): the client's answer and the server's check.
//!
//! A server challenges with every algorithm it knows, strongest first, all on one [`Nonces::issue`]d nonce. It then reads
//! [`Credentials`], checks their nonce ([`Nonces::check`]), their response ([`Verifier::verify`]) and, for requests that
//! change something, that they are not replayed ([`Replays::admit`]).

mod algorithm;
mod challenge;
mod credentials;
mod error;
mod fields;
mod nonce;
mod replay;
mod verifier;

pub use algorithm::{Algorithm, Hash, Qop};
pub use challenge::{Challenge, Login, challenges, strongest};
pub use credentials::Credentials;
pub use error::DigestError;
pub use nonce::{NonceId, Nonces};
pub use replay::Replays;
pub use verifier::Verifier;
