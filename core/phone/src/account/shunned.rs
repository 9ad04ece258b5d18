use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::Transport;
use cooee_sip::locate::Hop;

/// So long a server that failed is tried after the others. RFC 3263 4.3 wants it neither asked each time nor forgotten for good.
const TIME: Duration = Duration::from_secs(300);
/// A domain has no more hops than that.
const MOST: usize = 32;

/// Servers that failed lately.
#[derive(Debug, Default)]
pub(super) struct Shunned(Vec<(Transport, SocketAddr, Instant)>);

impl Shunned {
    pub(super) fn add(&mut self, transport: Transport, address: SocketAddr, now: Instant) {
        self.forgive(transport, address);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((transport, address, now + TIME));
    }

    pub(super) fn forgive(&mut self, transport: Transport, address: SocketAddr) {
        self.0.retain(|(of, at, _)| (*of, *at) != (transport, address));
    }

    /// Another network may reach them all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// They come last, but TLS stays before the others: who disturbs one connection must not get a worse one for it.
    pub(super) fn order(&mut self, hops: &mut [Hop], now: Instant) {
        self.0.retain(|(_, _, until)| *until > now);
        let is_shunned = |hop: &Hop| self.0.iter().any(|(transport, address, _)| (*transport, *address) == (hop.transport, hop.address));
        hops.sort_by_key(|hop| (hop.transport != Transport::Tls, is_shunned(hop)));
    }
}
