use std::net::{IpAddr, SocketAddr};

use cooee_machine::{DnsSecurity, Entropy, Question, Record, RecordType, ResolveFailure, SrvRecord, Transport, is_public, srv};

use super::answers::{Answer, Answers, Stop};
use super::entrance::{Entrance, MAX_SERVICES, entrances};
use super::name::Host;
use super::service::services;
use super::{Hop, LocateFailure, LocatePolicy, LocateTarget, Located};

/// SRV targets looked at in one plan; A and AAAA of each stay below [`super::Locate::MAX_QUESTIONS`].
const MAX_TARGETS: usize = 12;
/// Addresses of one host and family used.
const MAX_ADDRESSES: usize = 8;
const ALL: [Transport; 3] = [Transport::Tls, Transport::Tcp, Transport::Udp];

/// One walk through the answers known so far.
pub(super) struct Search<'s, 'a> {
    target: &'s LocateTarget,
    policy: &'s LocatePolicy,
    answers: &'s mut Answers<'a>,
    entropy: Entropy,
    hops: Vec<Hop>,
    failure: Option<ResolveFailure>,
    /// An address was found that the policy refuses.
    is_private: bool,
}

impl<'s, 'a> Search<'s, 'a> {
    pub(super) fn new(target: &'s LocateTarget, policy: &'s LocatePolicy, answers: &'s mut Answers<'a>, entropy: Entropy) -> Self {
        Self { target, policy, answers, entropy, hops: Vec::new(), failure: None, is_private: false }
    }

    pub(super) fn run(&mut self) -> Result<Located, Stop> {
        let allowed = self.allowed().map_err(Stop::Failed)?;
        match Host::parse(&self.target.host) {
            None => return Err(Stop::Failed(LocateFailure::InvalidName(self.target.host.clone()))),
            Some(Host::Numeric(addresses)) => self.numeric(&addresses, &allowed),
            Some(Host::Name(name)) if self.target.port.is_some() => self.host(&name, &allowed, DnsSecurity::Secure)?,
            Some(Host::Name(name)) => self.domain(&name, &allowed)?,
        }
        let hops = std::mem::take(&mut self.hops);
        if hops.is_empty() {
            let host = || self.target.host.clone();
            return Err(Stop::Failed(match self.failure {
                _ if self.is_private => LocateFailure::PrivateAddress(host()),
                Some(failure) => LocateFailure::Dns(failure),
                None => LocateFailure::NoAddress(host()),
            }));
        }
        Ok(Located { hops, ttl: self.answers.ttl() })
    }

    /// The transports that target and policy leave, best first; never empty.
    fn allowed(&self) -> Result<Vec<Transport>, LocateFailure> {
        // `sips` with transport=tcp means TLS over TCP (RFC 3261 26.2.2).
        let explicit = match self.target.transport {
            Some(Transport::Tcp) if self.target.secure => Some(Transport::Tls),
            other => other,
        };
        let fits = |transport: &Transport| {
            (!self.target.secure || *transport == Transport::Tls) && explicit.is_none_or(|explicit| explicit == *transport)
        };
        let allowed: Vec<Transport> = self.policy.transports.iter().copied().filter(fits).collect();
        if allowed.is_empty() {
            return Err(LocateFailure::NotAllowed(explicit.unwrap_or(Transport::Tls)));
        }
        Ok(allowed)
    }

    fn numeric(&mut self, addresses: &[IpAddr], allowed: &[Transport]) {
        for transport in allowed {
            let port = self.port(*transport);
            for address in addresses {
                if self.is_usable(address) {
                    self.push(*transport, SocketAddr::new(*address, port), 0, DnsSecurity::Secure);
                }
            }
        }
    }

    fn is_usable(&self, address: &IpAddr) -> bool {
        if address.is_ipv4() { self.policy.ipv4 } else { self.policy.ipv6 }
    }

    fn port(&self, transport: Transport) -> u16 {
        self.target.port.unwrap_or(if transport == Transport::Tls { 5061 } else { 5060 })
    }

    /// The domain's own addresses at the given or default port; `so_far` is the security of what led here.
    fn host(&mut self, name: &str, allowed: &[Transport], so_far: DnsSecurity) -> Result<(), Stop> {
        let (addresses, no_such_name) = self.addresses(name);
        self.answers.settle()?;
        if no_such_name && addresses.is_empty() {
            return Err(Stop::Failed(LocateFailure::NoSuchDomain(name.to_owned())));
        }
        for transport in allowed {
            for (address, security) in &addresses {
                self.push(*transport, SocketAddr::new(*address, self.port(*transport)), 0, security.weaker(so_far));
            }
        }
        Ok(())
    }

    fn domain(&mut self, name: &str, allowed: &[Transport]) -> Result<(), Stop> {
        let rules = if self.target.transport.is_none() { self.answers.naptr(name) } else { Answer::Unknown };
        let direct = self.answers.services(allowed, name);
        self.answers.settle()?;
        let entrances = entrances(self.answers, rules, &direct)?;
        if entrances.is_empty() { self.without_service(name, allowed, rules, &direct) } else { self.enter(&entrances) }
    }

    /// No SRV record for what is allowed: say what the domain offers instead, or go to its own address (RFC 3263 4.2).
    fn without_service(
        &mut self,
        name: &str,
        allowed: &[Transport],
        rules: Answer<'a>,
        direct: &[(Transport, Answer<'a>)],
    ) -> Result<(), Stop> {
        // A name server that refuses SRV as such says nothing about the domain; one that fails may hide a record.
        let failed = direct.iter().find_map(|(_, answer)| match answer {
            Answer::Failed(failure) if *failure != ResolveFailure::Refused => Some(*failure),
            _ => None,
        });
        if let Some(failure) = failed {
            return Err(Stop::Failed(LocateFailure::Dns(failure)));
        }
        let others: Vec<Transport> = ALL.into_iter().filter(|transport| !allowed.contains(transport)).collect();
        let answers = self.answers.services(&others, name);
        self.answers.settle()?;
        let named: Vec<Transport> = services(rules.records(), MAX_SERVICES).into_iter().map(|service| service.transport).collect();
        let is_offered = |(transport, answer): &(Transport, Answer<'a>)| srv::offers(answer.records()) || named.contains(transport);
        let offered: Vec<Transport> = answers.iter().filter(|other| is_offered(other)).map(|(transport, _)| *transport).collect();
        if !offered.is_empty() {
            return Err(Stop::Failed(LocateFailure::OnlyOffers { domain: name.to_owned(), offered }));
        }
        let denied = |transport: &Transport| direct.iter().any(|(t, answer)| t == transport && srv::denies(answer.records()));
        let left: Vec<Transport> = allowed.iter().copied().filter(|transport| !denied(transport)).collect();
        if left.is_empty() {
            return Err(Stop::Failed(LocateFailure::NoService(name.to_owned())));
        }
        let denials = direct.iter().map(|(_, answer)| *answer).chain([rules]);
        let security = denials.fold(DnsSecurity::Secure, |all, answer| match answer {
            Answer::Records(_, security) | Answer::Nothing { security, .. } => all.weaker(security),
            Answer::Failed(_) => DnsSecurity::Insecure,
            Answer::Unknown => all,
        });
        self.host(name, &left, security)
    }

    fn enter(&mut self, entrances: &[Entrance<'a>]) -> Result<(), Stop> {
        let mut targets: Vec<(&Entrance<'a>, &'a SrvRecord)> = Vec::new();
        for entrance in entrances {
            let room = MAX_TARGETS.saturating_sub(targets.len());
            targets.extend(srv::in_order(entrance.records, room, &mut self.entropy).into_iter().map(|record| (entrance, record)));
        }
        let found: Vec<_> = targets.iter().map(|(_, record)| self.addresses(&record.target.to_ascii_lowercase()).0).collect();
        self.answers.settle()?;
        for (server, ((entrance, record), addresses)) in targets.iter().zip(found).enumerate() {
            for (address, security) in addresses {
                let security = security.weaker(entrance.security);
                self.push(entrance.transport, SocketAddr::new(address, record.port), server, security);
            }
        }
        Ok(())
    }

    /// The addresses of one host, families alternating with IPv6 first, and whether the name does not exist at all.
    fn addresses(&mut self, name: &str) -> (Vec<(IpAddr, DnsSecurity)>, bool) {
        let mut no_such_name = false;
        let mut families = [Vec::new(), Vec::new()];
        let kinds = [(RecordType::Aaaa, self.policy.ipv6), (RecordType::A, self.policy.ipv4)];
        for (family, (kind, is_wanted)) in families.iter_mut().zip(kinds) {
            if !is_wanted {
                continue;
            }
            match self.answers.ask(Question { name: name.to_owned(), kind }) {
                Answer::Records(records, security) => {
                    family.extend(records.iter().filter_map(address).take(MAX_ADDRESSES).map(|address| (address, security)));
                }
                Answer::Nothing { no_such_name: absent, .. } => no_such_name |= absent,
                // A forgery outweighs what did not answer.
                Answer::Failed(failure) if self.failure != Some(ResolveFailure::Bogus) => self.failure = Some(failure),
                Answer::Failed(_) => {}
                Answer::Unknown => {}
            }
        }
        (alternate(&families), no_such_name)
    }

    fn push(&mut self, transport: Transport, address: SocketAddr, server: usize, security: DnsSecurity) {
        let is_known = self.hops.iter().any(|hop| hop.transport == transport && hop.address == address);
        if is_known || self.hops.len() >= self.policy.max_hops {
            return;
        }
        if !self.policy.private_addresses && !is_public(address.ip()) {
            self.is_private = true;
            return;
        }
        let tls_name = (transport == Transport::Tls).then(|| tls_name(&self.target.host));
        self.hops.push(Hop { transport, address, tls_name, server, security });
    }
}

fn tls_name(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches([']', '.']).to_ascii_lowercase()
}

fn address(record: &Record) -> Option<IpAddr> {
    match record {
        Record::A(address) => Some((*address).into()),
        Record::Aaaa(address) => Some((*address).into()),
        _ => None,
    }
}

fn alternate<T: Copy>(families: &[Vec<T>; 2]) -> Vec<T> {
    let [first, second] = families;
    (0..first.len().max(second.len())).flat_map(|place| [first.get(place), second.get(place)]).flatten().copied().collect()
}
