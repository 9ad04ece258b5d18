use std::net::SocketAddr;
use std::time::Instant;

use cooee_machine::{Entropy, Wake};

use crate::gather::Gather;
use crate::ice::LocalIce;
use crate::outbox::Outbox;
use crate::{CandidatePolicy, GatheringConfig};

/// Sockets of ours that one component of ICE is checked from (RFC 8445 5.1.1.1), and what they look like from outside.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) local: LocalIce,
    gather: Gather,
}

impl Component {
    /// Begins to gather. `local` has the credentials of all components, and no addresses yet.
    pub(crate) fn new(sockets: &[SocketAddr], local: LocalIce, config: &GatheringConfig, entropy: Entropy, now: Instant) -> Self {
        let is_hidden = config.policy == CandidatePolicy::RelayOnly;
        let hosts = if is_hidden { Vec::new() } else { sockets.to_vec() };
        let gather = Gather::new(&hosts, &config.stun_servers, config.budget, &config.timing, entropy, now);
        Self { local: LocalIce { hosts, reflexive: Vec::new(), ..local }, gather }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.gather.is_complete()
    }

    /// Whether gathering has just become complete.
    pub(crate) fn handle_timeout(&mut self, now: Instant, out: &mut Outbox) -> bool {
        let just = self.gather.handle_timeout(now, out);
        self.conclude(just)
    }

    /// `None` if the datagram is no answer to a request of ours; else whether gathering has just become complete.
    pub(crate) fn handle_datagram(&mut self, local: SocketAddr, remote: SocketAddr, datagram: &[u8], now: Instant) -> Option<bool> {
        let just = self.gather.handle_datagram(local, remote, datagram, now)?;
        Some(self.conclude(just))
    }

    fn conclude(&mut self, just: bool) -> bool {
        if just {
            self.local.reflexive = self.gather.reflexive();
        }
        just
    }

    /// Once a path is in use its own packets keep the bindings open.
    pub(crate) fn rest(&mut self) {
        self.gather.rest();
    }

    pub(crate) fn next_wake(&self) -> Option<Wake> {
        self.gather.next_wake()
    }
}
