//! The Internet in virtual time: hosts, links, NATs, names, connections, storage, sleep. Seeded, so that the same seed gives
//! the same [`Trace`]; pure, so that an hour of it takes milliseconds.
//!
//! A [`World`] has networks, of which the Internet is the first; hosts attached to them by links ([`Quality`]: delay, jitter,
//! loss, reordering, duplication, rate and queue, cut); and gateways between them ([`NatConfig`] by RFC 4787, [`Firewall`]).
//! Each host runs one process, a [`Node`]: any machine that speaks the contract of `cooee-machine`. What the contract lends a
//! machine, the world lends it: datagrams; connections that are a small TCP over the same lossy links, with TLS played on top
//! ([`Certificate`], [`TrustStore`]); names ([`Dns`]); a [`Disk`] for those that keep something. A test builds a world, boots
//! nodes, lets time pass ([`World::run_for`], [`World::run_to`]), meddles ([`World::with`], [`World::at`], [`World::kill`],
//! [`World::suspend`] …) and looks at the nodes and the trace.
#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test equipment: an id of another world is a mistake in the test and has to stop it"
)]

mod agenda;
mod alarms;
mod clock;
mod dice;
mod disk;
mod dns;
mod gateway;
mod host;
mod link;
mod nat;
mod network;
mod node;
mod packet;
mod stream;
mod trace;
mod world;

pub use alarms::Alarms;
pub use clock::Clock;
pub use disk::Disk;
pub use dns::Dns;
pub use gateway::{Firewall, Gateway, GatewayId};
pub use host::{Attachment, Host, HostId};
pub use link::{Duplex, Link, Loss, Quality};
pub use nat::{Behaviour, NatConfig, Pooling, Ports};
pub use network::NetworkId;
pub use node::{Desk, DiskFailure, DiskUse, Input, Nap, Node};
pub use stream::{Authority, Certificate, StreamConfig, TrustStore};
pub use trace::Trace;
pub use world::{Orphans, World};
