//! Transactions: RFC 3261 section 17 with RFC 6026. Four state machines, and a bounded table that matches messages to them.

mod client;
mod invite_client;
mod invite_server;
mod server;
mod step;
mod timers;

pub use client::NonInviteClient;
pub use invite_client::InviteClient;
pub use invite_server::InviteServer;
pub use server::NonInviteServer;
pub use step::{End, Step};
pub use timers::Timers;

/// Upper bounds of a transaction table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionLimits {
    /// Client transactions at the same time.
    pub client: usize,
    /// Server transactions at the same time.
    pub server: usize,
    /// Octets of messages kept for retransmission.
    pub bytes: usize,
}
