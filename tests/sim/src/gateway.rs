use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use cooee_machine::Entropy;

use crate::link::{Duplex, Quality};
use crate::nat::{Denied, Nat, NatConfig};
use crate::network::NetworkId;
use crate::packet::{Packet, Protocol};

/// Names a gateway of a [`World`](crate::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GatewayId(pub(crate) usize);

/// What a gateway lets out. (What it lets in is its NAT's filtering.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Firewall {
    /// No UDP at all, as in hotels and offices.
    pub blocks_udp: bool,
    /// If given: connections only to these ports.
    pub stream_ports: Option<Vec<u16>>,
}

/// A router between an inner network and an outer one, with a line of its own: a NAT (RFC 4787) for IPv4 if it has outer
/// addresses, a stateful firewall for everything else.
#[derive(Debug)]
pub struct Gateway {
    /// The line to the outer network.
    pub line: Duplex,
    /// What it lets out.
    pub firewall: Firewall,
    pub(crate) name: String,
    pub(crate) inner: NetworkId,
    pub(crate) outer: NetworkId,
    nat: Nat,
}

/// Where a packet that left the inner network goes.
#[derive(Debug)]
pub(crate) enum Onward {
    Outer(Packet),
    /// Hairpinned (RFC 4787 section 6).
    Inner(Packet),
}

impl Gateway {
    pub(crate) fn new(
        name: &str,
        (inner, outer): (NetworkId, NetworkId),
        config: NatConfig,
        outside: Vec<Ipv4Addr>,
        entropy: &mut Entropy,
    ) -> Self {
        let line = Duplex::new(&Quality::delay(Duration::ZERO), entropy);
        let nat = Nat::new(config, outside, entropy.fork());
        Self { line, firewall: Firewall::default(), name: name.to_owned(), inner, outer, nat }
    }

    /// Forgets every mapping, as at a reboot, and gives new ones other ports.
    pub fn rebind(&mut self) {
        self.nat.rebind();
    }

    pub(crate) fn readdress(&mut self, outside: Vec<Ipv4Addr>) {
        self.nat.readdress(outside);
    }

    /// Its outer addresses.
    pub(crate) fn outside(&self) -> Vec<Ipv4Addr> {
        self.nat.outside.clone()
    }

    /// Whether an inner address is hidden from the outer network.
    pub(crate) fn translates(&self, address: IpAddr) -> bool {
        address.is_ipv4() && !self.nat.outside.is_empty()
    }

    /// A packet from the inner network to elsewhere.
    pub(crate) fn outbound(&mut self, packet: &Packet, now: Duration) -> Result<Onward, Denied> {
        self.check(packet)?;
        let (protocol, destination) = (packet.protocol(), packet.destination);
        let hairpin = self.nat.is_outside(destination.ip());
        if hairpin && !self.nat.hairpins() {
            return Err(Denied::NoHairpin);
        }
        let source = self.nat.outbound(protocol, packet.source, destination, now)?;
        let packet = Packet { source, ..packet.clone() };
        if !hairpin {
            return Ok(Onward::Outer(packet));
        }
        self.inbound(&packet, now).map(Onward::Inner)
    }

    /// A packet from the outer network to one of our outer addresses, or to an inner host that keeps its address.
    pub(crate) fn inbound(&mut self, packet: &Packet, now: Duration) -> Result<Packet, Denied> {
        if self.firewall.blocks_udp && packet.protocol() == Protocol::Udp {
            return Err(Denied::FirewallUdp);
        }
        let destination = self.nat.inbound(packet.protocol(), packet.destination, packet.source, now)?;
        Ok(Packet { destination, ..packet.clone() })
    }

    fn check(&self, packet: &Packet) -> Result<(), Denied> {
        let port = packet.destination.port();
        match (packet.protocol(), &self.firewall.stream_ports) {
            (Protocol::Udp, _) if self.firewall.blocks_udp => Err(Denied::FirewallUdp),
            (Protocol::Tcp, Some(ports)) if !ports.contains(&port) => Err(Denied::FirewallPort),
            _ => Ok(()),
        }
    }
}
