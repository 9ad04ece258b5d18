use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use cooee_machine::Entropy;

use crate::dice::Dice;
use crate::packet::Protocol;

/// What a NAT looks at, for mapping (RFC 4787 4.1) and for filtering (RFC 4787 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Only at the inner endpoint.
    EndpointIndependent,
    /// Also at the outer address.
    AddressDependent,
    /// Also at the outer address and port.
    AddressAndPortDependent,
}

impl Behaviour {
    /// All three.
    pub const ALL: [Self; 3] = [Self::EndpointIndependent, Self::AddressDependent, Self::AddressAndPortDependent];
}

/// Which outer port a mapping gets (RFC 4787 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// The inner port if it is free outside, else the next free one of the same parity.
    Preserved,
    /// Any port from 1024 up.
    Random,
}

/// Which outer address an inner one gets, where the NAT has several (RFC 4787 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Always the same one (REQ-2).
    Paired,
    /// Any.
    Arbitrary,
}

/// How a NAT behaves. What RFC 4787 recommends is [`NatConfig::friendly`].
#[derive(Clone, Debug)]
pub struct NatConfig {
    /// Which packets share an outer endpoint.
    pub mapping: Behaviour,
    /// Who may answer to it.
    pub filtering: Behaviour,
    /// Choice of the outer port.
    pub ports: Ports,
    /// Choice of the outer address.
    pub pooling: Pooling,
    /// Whether inner hosts reach each other by outer endpoints (REQ-9), their source translated too.
    pub hairpinning: bool,
    /// How long a UDP mapping lives without a packet from inside (REQ-5: at least 2 minutes, 5 recommended).
    pub udp_expiry: Duration,
    /// The same for connections (RFC 5382 REQ-5: at least 2 h 4 min).
    pub tcp_expiry: Duration,
    /// Whether packets from outside prolong a mapping too (REQ-6 allows either).
    pub inbound_refresh: bool,
}

impl NatConfig {
    /// RFC 4787's recommendations, with this mapping and this filtering.
    #[must_use]
    pub fn new(mapping: Behaviour, filtering: Behaviour) -> Self {
        Self {
            mapping,
            filtering,
            ports: Ports::Preserved,
            pooling: Pooling::Paired,
            hairpinning: true,
            udp_expiry: Duration::from_secs(300),
            tcp_expiry: Duration::from_secs(2 * 3600 + 4 * 60),
            inbound_refresh: false,
        }
    }

    /// Endpoint-independent in both ways: what most home routers are.
    #[must_use]
    pub fn friendly() -> Self {
        Self::new(Behaviour::EndpointIndependent, Behaviour::EndpointIndependent)
    }

    /// "Symmetric" in both ways, random ports, no hairpinning: what many mobile networks are.
    #[must_use]
    pub fn symmetric() -> Self {
        let all = Behaviour::AddressAndPortDependent;
        Self { ports: Ports::Random, hairpinning: false, ..Self::new(all, all) }
    }
}

/// Why a NAT or firewall dropped a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    NoMapping,
    Filtered,
    NoHairpin,
    NoPort,
    FirewallUdp,
    FirewallPort,
}

impl Denied {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::NoMapping => "no mapping",
            Self::Filtered => "filtered",
            Self::NoHairpin => "no hairpinning",
            Self::NoPort => "no outer port is free",
            Self::FirewallUdp => "the firewall blocks UDP",
            Self::FirewallPort => "the firewall blocks the port",
        }
    }
}

/// The part of an outer endpoint a table looks at, by [`Behaviour`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Any,
    Address(IpAddr),
    Endpoint(SocketAddr),
}

impl Scope {
    fn of(remote: SocketAddr, behaviour: Behaviour) -> Self {
        match behaviour {
            Behaviour::EndpointIndependent => Self::Any,
            Behaviour::AddressDependent => Self::Address(remote.ip()),
            Behaviour::AddressAndPortDependent => Self::Endpoint(remote),
        }
    }
}

type Key = (Protocol, SocketAddr, Scope);

#[derive(Debug)]
struct Mapping {
    outside: SocketAddr,
    /// Who was written to, and when last; for filtering.
    peers: BTreeMap<Scope, Duration>,
    used: Duration,
}

/// The tables of a NAT, or, without outer addresses, of a stateful firewall that keeps addresses and filters alike.
#[derive(Debug)]
pub(crate) struct Nat {
    config: NatConfig,
    pub(crate) outside: Vec<Ipv4Addr>,
    mappings: BTreeMap<Key, Mapping>,
    by_outside: BTreeMap<(Protocol, SocketAddr), Key>,
    rebinds: u16,
    dice: Dice,
}

impl Nat {
    pub(crate) fn new(config: NatConfig, outside: Vec<Ipv4Addr>, entropy: Entropy) -> Self {
        let dice = Dice::new(entropy);
        Self { config, outside, mappings: BTreeMap::new(), by_outside: BTreeMap::new(), rebinds: 0, dice }
    }

    /// Whether an address is one of its outer ones.
    pub(crate) fn is_outside(&self, address: IpAddr) -> bool {
        self.outside.iter().any(|ours| IpAddr::V4(*ours) == address)
    }

    /// Forgets every mapping, as at a reboot, and gives new ones other ports.
    pub(crate) fn rebind(&mut self) {
        self.mappings.clear();
        self.by_outside.clear();
        self.rebinds += 1;
    }

    /// Gives it another outer address (and forgets every mapping).
    pub(crate) fn readdress(&mut self, outside: Vec<Ipv4Addr>) {
        self.rebind();
        self.outside = outside;
    }

    /// The outer source of a packet from `inside` to `remote`.
    pub(crate) fn outbound(
        &mut self,
        protocol: Protocol,
        inside: SocketAddr,
        remote: SocketAddr,
        now: Duration,
    ) -> Result<SocketAddr, Denied> {
        self.expire(now);
        // What keeps its address has one outer endpoint by nature.
        let translated = inside.is_ipv4() && !self.outside.is_empty();
        let scope = if translated { Scope::of(remote, self.config.mapping) } else { Scope::Any };
        let key = (protocol, inside, scope);
        if !self.mappings.contains_key(&key) {
            let outside = self.allot(protocol, inside)?;
            self.by_outside.insert((protocol, outside), key);
            self.mappings.insert(key, Mapping { outside, peers: BTreeMap::new(), used: now });
        }
        let filtering = Scope::of(remote, self.config.filtering);
        let mapping = self.mappings.get_mut(&key).ok_or(Denied::NoMapping)?;
        mapping.used = now;
        mapping.peers.insert(filtering, now);
        Ok(mapping.outside)
    }

    /// The inner destination of a packet from `remote` to `outside`.
    pub(crate) fn inbound(
        &mut self,
        protocol: Protocol,
        outside: SocketAddr,
        remote: SocketAddr,
        now: Duration,
    ) -> Result<SocketAddr, Denied> {
        self.expire(now);
        let key = self.by_outside.get(&(protocol, outside)).copied().ok_or(Denied::NoMapping)?;
        let mapping = self.mappings.get_mut(&key).ok_or(Denied::NoMapping)?;
        if !mapping.peers.contains_key(&Scope::of(remote, self.config.filtering)) {
            return Err(Denied::Filtered);
        }
        if self.config.inbound_refresh {
            mapping.used = now;
        }
        Ok(key.1)
    }

    /// Whether inner hosts may reach `outside` from inside.
    pub(crate) fn hairpins(&self) -> bool {
        self.config.hairpinning
    }

    fn expire(&mut self, now: Duration) {
        let (udp, tcp) = (self.config.udp_expiry, self.config.tcp_expiry);
        let by_outside = &mut self.by_outside;
        self.mappings.retain(|key, mapping| {
            let lives = now < mapping.used + if key.0 == Protocol::Udp { udp } else { tcp };
            if !lives {
                by_outside.remove(&(key.0, mapping.outside));
            }
            lives
        });
    }

    fn allot(&mut self, protocol: Protocol, inside: SocketAddr) -> Result<SocketAddr, Denied> {
        let Some(address) = self.outer_address(inside.ip()) else { return Ok(inside) };
        let free = |table: &BTreeMap<_, _>, port: u16| port >= 1024 && !table.contains_key(&(protocol, SocketAddr::new(address, port)));
        let port = match self.config.ports {
            Ports::Preserved => {
                let wanted = inside.port().wrapping_add(self.rebinds.wrapping_mul(2));
                (0..=u16::MAX / 2).map(|step| wanted.wrapping_add(step * 2)).find(|port| free(&self.by_outside, *port))
            }
            Ports::Random => {
                let dice = &mut self.dice;
                let table = &self.by_outside;
                std::iter::repeat_with(|| u16::try_from(1024 + dice.below(64_512)).unwrap_or(u16::MAX))
                    .take(100_000)
                    .find(|port| free(table, *port))
            }
        };
        port.map(|port| SocketAddr::new(address, port)).ok_or(Denied::NoPort)
    }

    /// `None` for what is not translated: IPv6, and everything in a firewall.
    fn outer_address(&mut self, inside: IpAddr) -> Option<IpAddr> {
        let IpAddr::V4(inside) = inside else { return None };
        let pool = self.outside.len() as u64;
        let index = match self.config.pooling {
            Pooling::Paired => u64::from(u32::from(inside)).checked_rem(pool)?,
            Pooling::Arbitrary => self.dice.below(pool),
        };
        self.outside.get(usize::try_from(index).ok()?).map(|address| IpAddr::V4(*address))
    }
}

#[cfg(test)]
#[path = "nat_tests.rs"]
mod tests;
