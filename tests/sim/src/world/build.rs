use std::net::{IpAddr, Ipv4Addr};

use crate::gateway::{Gateway, GatewayId};
use crate::host::{Attachment, Host, HostId, Notice};
use crate::link::{Duplex, Link, Quality};
use crate::nat::NatConfig;
use crate::network::{Attached, Network, NetworkId};
use crate::node::Node;
use crate::world::World;

/// Addresses written with spaces between.
pub(super) fn addresses(text: &str) -> Vec<IpAddr> {
    text.split_whitespace().map(|address| address.parse().unwrap_or_else(|_| panic!("{address} is not an address"))).collect()
}

impl World {
    /// Adds a host without a process. `addresses` has spaces between, e.g. `"192.0.2.1 2001:db8::1"`; its link to `network` has
    /// this quality both ways.
    pub fn add_host(&mut self, name: &str, network: NetworkId, addresses: &str, quality: &Quality) -> HostId {
        let host = HostId(self.hosts.len());
        self.hosts.push(Host::new(name));
        self.add_attachment(host, "eth0", network, addresses, quality);
        host
    }

    /// Attaches a host to one more network, and tells it so. Packets leave by the first attachment of their family that is up.
    pub fn add_attachment(&mut self, host: HostId, name: &str, network: NetworkId, addresses: &str, quality: &Quality) -> usize {
        let link = Duplex::new(quality, &mut self.entropy);
        let index = self.hosts[host.0].attachments.len();
        self.hosts[host.0].attachments.push(Attachment { link, name: name.to_owned(), network, addresses: Vec::new(), up: true });
        self.enter_addresses(host, index, self::addresses(addresses));
        self.post(host, Notice::NetworkChanged);
        index
    }

    /// Adds a network behind a gateway: a NAT for IPv4 with these outer addresses (spaces between), and a stateful firewall with
    /// the same filtering for IPv6 and, if there is no outer address, for everything.
    pub fn add_lan(&mut self, name: &str, outer: NetworkId, outside: &str, nat: NatConfig) -> (NetworkId, GatewayId) {
        let (inner, gateway) = (NetworkId(self.networks.len()), GatewayId(self.gateways.len()));
        self.networks.push(Network::new(name, Some(gateway)));
        let outside = ipv4(outside);
        for address in &outside {
            self.attach_address(outer, IpAddr::V4(*address), Attached::Gateway(gateway));
        }
        self.gateways.push(Gateway::new(&format!("{name}-gateway"), (inner, outer), nat, outside, &mut self.entropy));
        (inner, gateway)
    }

    /// Gives a NAT other outer addresses; every mapping is gone.
    pub fn readdress_gateway(&mut self, gateway: GatewayId, outside: &str) {
        let outer = self.gateways[gateway.0].outer;
        let before = self.gateways[gateway.0].outside();
        for address in before {
            self.networks[outer.0].detach(IpAddr::V4(address));
        }
        let outside = ipv4(outside);
        for address in &outside {
            self.attach_address(outer, IpAddr::V4(*address), Attached::Gateway(gateway));
        }
        self.gateways[gateway.0].readdress(outside);
    }

    /// Starts a process on a host, in place of any that ran; it hears [`Input::Started`](crate::Input::Started), then which
    /// networks are up.
    pub fn boot(&mut self, host: HostId, node: impl Node) {
        let place = &mut self.hosts[host.0];
        place.forget_process();
        place.powered = true;
        place.process = Some(Box::new(node));
        self.post(host, Notice::Started);
        self.post(host, Notice::NetworkChanged);
    }

    /// The link of a host's first attachment.
    pub fn link_mut(&mut self, host: HostId) -> &mut Duplex {
        self.attachment_link_mut(host, 0)
    }

    /// The link of one of a host's attachments.
    pub fn attachment_link_mut(&mut self, host: HostId, attachment: usize) -> &mut Duplex {
        &mut self.hosts[host.0].attachments[attachment].link
    }

    /// Every link there is, both directions, e.g. to make the whole network lossy.
    pub fn links_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        let hosts = self.hosts.iter_mut().flat_map(|host| &mut host.attachments).map(|attachment| &mut attachment.link);
        let gateways = self.gateways.iter_mut().map(|gateway| &mut gateway.line);
        hosts.chain(gateways).flat_map(|duplex| [&mut duplex.up, &mut duplex.down])
    }

    /// The process of a host.
    ///
    /// # Panics
    /// If the host runs none, or another kind.
    #[must_use]
    pub fn node<N: Node>(&self, host: HostId) -> &N {
        let process = self.hosts[host.0].process.as_deref();
        let process: Option<&dyn std::any::Any> = process.map(|process| process as _);
        process.and_then(|process| process.downcast_ref()).unwrap_or_else(|| panic!("no such process on {}", self.hosts[host.0].name))
    }

    /// The process of a host, to be changed without being called. [`World::with`] is for calls.
    ///
    /// # Panics
    /// If the host runs none, or another kind.
    #[must_use]
    pub fn node_mut<N: Node>(&mut self, host: HostId) -> &mut N {
        let place = &mut self.hosts[host.0];
        let process: Option<&mut dyn std::any::Any> = place.process.as_deref_mut().map(|process| process as _);
        process.and_then(|process| process.downcast_mut()).unwrap_or_else(|| panic!("no such process on {}", place.name))
    }

    pub(super) fn enter_addresses(&mut self, host: HostId, index: usize, addresses: Vec<IpAddr>) {
        let network = self.hosts[host.0].attachments[index].network;
        for address in &addresses {
            self.attach_address(network, *address, Attached::Host(host, index));
        }
        self.hosts[host.0].attachments[index].addresses = addresses;
    }

    pub(super) fn leave_addresses(&mut self, host: HostId, index: usize) {
        let network = self.hosts[host.0].attachments[index].network;
        for address in std::mem::take(&mut self.hosts[host.0].attachments[index].addresses) {
            self.detach_address(network, address);
        }
    }

    /// Enters an address where it is, and in every network outside where a gateway lets it keep it.
    fn attach_address(&mut self, network: NetworkId, address: IpAddr, whom: Attached) {
        self.networks[network.0].attach(address, whom);
        if let Some(gateway) = self.passing_gateway(network, address) {
            let outer = self.gateways[gateway.0].outer;
            self.attach_address(outer, address, Attached::Gateway(gateway));
        }
    }

    fn detach_address(&mut self, network: NetworkId, address: IpAddr) {
        self.networks[network.0].detach(address);
        if let Some(gateway) = self.passing_gateway(network, address) {
            let outer = self.gateways[gateway.0].outer;
            self.detach_address(outer, address);
        }
    }

    fn passing_gateway(&self, network: NetworkId, address: IpAddr) -> Option<GatewayId> {
        self.networks[network.0].gateway.filter(|gateway| !self.gateways[gateway.0].translates(address))
    }
}

fn ipv4(text: &str) -> Vec<Ipv4Addr> {
    addresses(text)
        .into_iter()
        .map(|address| match address {
            IpAddr::V4(address) => address,
            IpAddr::V6(address) => panic!("{address}: a NAT's outer address is IPv4"),
        })
        .collect()
}
