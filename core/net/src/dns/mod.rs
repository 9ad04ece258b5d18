//! A small stub resolver: the system's server or chosen ones, in the clear (UDP, then TCP when the answer is cut), over TLS or
//! HTTPS.
//!
//! ```text
//! Resolver ── Overrides, local, hosts, Cache
//!          └─ Upstream ── Canary                              is it a network that wants a login first?
//!                      ├─ wire (UDP, TCP)
//!                      ├─ Encrypted ── over_tls, over_https     one connection, kept
//!                      └─ RawDns                                the platform
//! ```

mod answer;
mod cache;
mod canary;
mod encrypted;
mod frame;
mod local;
mod observer;
mod over_https;
mod over_tls;
mod resolver;
mod server;
mod system;
mod upstream;
mod wire;

pub use local::Overrides;
pub use observer::DnsObserver;
pub use resolver::{RawAnswer, RawDns, Resolver, ResolverConfig};
pub use server::{DnsServer, DnsServerError, DnsServers, EncryptedServer};
