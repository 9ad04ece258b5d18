use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::gateway::GatewayId;
use crate::host::HostId;

/// Names a network of a [`World`](crate::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkId(pub(crate) usize);

/// Who answers to an address in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attached {
    /// A host, at this one of its interfaces.
    Host(HostId, usize),
    /// A gateway's outer side.
    Gateway(GatewayId),
}

/// A set of addresses that reach each other without delay: the Internet's core, or a LAN. All delay and loss is on the links
/// that hosts and gateways are attached by.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) name: String,
    /// The way out, for addresses that are not here.
    pub(crate) gateway: Option<GatewayId>,
    addresses: BTreeMap<IpAddr, Attached>,
}

impl Network {
    pub(crate) fn new(name: &str, gateway: Option<GatewayId>) -> Self {
        Self { name: name.to_owned(), gateway, addresses: BTreeMap::new() }
    }

    /// Gives an address to someone. Two at one address is a mistake in the test.
    pub(crate) fn attach(&mut self, address: IpAddr, whom: Attached) {
        let before = self.addresses.insert(address, whom);
        assert!(before.is_none_or(|before| before == whom), "{address} is taken in {}", self.name);
    }

    pub(crate) fn detach(&mut self, address: IpAddr) {
        self.addresses.remove(&address);
    }

    pub(crate) fn find(&self, address: IpAddr) -> Option<Attached> {
        self.addresses.get(&address).copied()
    }
}
