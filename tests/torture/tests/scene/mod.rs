//! Where the messages come from, and how what becomes of them is compared with a table.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Now, SocketId, Transport};
use cooee_sip::{Flow, FlowId};
use cooee_torture::Torture;

pub(crate) fn now() -> Now {
    Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) }
}

/// Datagrams from one address to one socket of ours.
pub(crate) fn datagrams() -> Flow {
    let remote = SocketAddr::from(([192, 0, 2, 9], 5060));
    let id = FlowId::Udp { socket: SocketId(0), remote };
    Flow { id, transport: Transport::Udp, local: SocketAddr::from(([192, 0, 2, 1], 5060)), remote }
}

/// Every message has its row, every row its message, and what becomes of each is what the row says.
pub(crate) fn check<D: Copy + Debug + PartialEq>(messages: &[Torture], table: &[(&str, D)], does: impl Fn(&[u8]) -> D) {
    let mut seen = BTreeSet::new();
    for message in messages {
        let expected = table.iter().find(|(name, _)| *name == message.name);
        assert_eq!(Some((message.name.as_str(), does(&message.bytes))), expected.copied());
        seen.insert(&message.name);
    }
    assert_eq!(seen.len(), table.len(), "every row of the table has its message");
}
