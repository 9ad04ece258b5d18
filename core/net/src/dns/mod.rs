//! A small stub resolver: the system's server or a given one, over UDP, then TCP when the answer is cut.

mod answer;
mod cache;
mod local;
mod resolver;
mod system;
mod wire;

pub use local::Overrides;
pub use resolver::{DnsServers, RawAnswer, RawDns, Resolver, ResolverConfig};
