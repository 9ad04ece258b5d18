//! A DNS of its own on loopback: zones signed and broken in every way on NSD, a validating Unbound that speaks UDP, TCP, TLS
//! and HTTPS, and a bad network before it. Needs the Debian packages `nsd`, `unbound` and `ldnsutils`; no root, no namespace.
#![forbid(unsafe_code)]

mod bad_network;
mod lab;
mod zone;

pub use bad_network::{BadNetwork, Weather};
pub use lab::{Lab, LabError, SERVER_NAME};
pub use zone::{Signing, Zone};
