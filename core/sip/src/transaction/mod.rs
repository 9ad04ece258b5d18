//! Transactions: RFC 3261 section 17 with RFC 6026. Four state machines, and a bounded table that matches messages to them.

mod buffers;
mod client;
mod clock;
mod deadlines;
mod follow_up;
mod invite_client;
mod invite_server;
mod key;
mod machine;
mod server;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod timers;

pub(crate) use buffers::Buffers;
pub use client::NonInviteClient;
pub use invite_client::InviteClient;
pub use invite_server::InviteServer;
pub use key::Key;
pub use server::NonInviteServer;
pub(crate) use step::Retransmission;
pub use step::{End, Step};
pub use table::{RequestMatch, ResponseMatch, SendError, TransactionId, TransactionOutput, Transactions};
pub use timers::Timers;

/// Upper bounds of a transaction table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionLimits {
    /// Client transactions at the same time.
    pub client: usize,
    /// Server transactions at the same time.
    pub server: usize,
    /// Octets of messages kept: for retransmission, and those that [`Transactions::hold`] tells of. The message that reaches
    /// it is still taken.
    pub bytes: usize,
}

/// Where virtual time begins in this crate's tests.
#[cfg(test)]
#[allow(clippy::disallowed_methods)] // any instant will do, and there is no other way to one
pub(crate) fn start_of_test() -> cooee_machine::Now {
    cooee_machine::Now { instant: std::time::Instant::now(), unix: std::time::Duration::from_secs(1_800_000_000) }
}
