use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cooee_machine::{DnsSecurity, Entropy, Question, Record, RecordType, Resolution, ResolveFailure, SrvRecord, Transport};

use super::name::Host;
use super::service::{services, srv_question};
use super::{Hop, LocateFailure, LocatePolicy, LocateTarget, Located, srv};

/// SRV targets looked at in one plan; A and AAAA of each stay below [`super::Locate::MAX_QUESTIONS`].
const MAX_TARGETS: usize = 12;
/// NAPTR services followed.
const MAX_SERVICES: usize = 6;
/// Addresses of one host and family used.
const MAX_ADDRESSES: usize = 8;
const ALL: [Transport; 3] = [Transport::Tls, Transport::Tcp, Transport::Udp];

/// Why a search has no result (yet).
pub(super) enum Stop {
    /// Questions are wanted.
    Wait,
    Failed(LocateFailure),
}

/// An answer as far as the search cares.
#[derive(Clone, Copy)]
enum Answer<'a> {
    Records(&'a [Record], DnsSecurity),
    Nothing { no_such_name: bool },
    Failed(ResolveFailure),
}

impl<'a> Answer<'a> {
    fn records(self) -> &'a [Record] {
        if let Self::Records(records, _) = self { records } else { &[] }
    }
}

/// One way in: a transport and the SRV records behind it.
struct Entrance<'a> {
    transport: Transport,
    records: &'a [Record],
    security: DnsSecurity,
}

/// One walk through the answers known so far.
pub(super) struct Search<'a> {
    target: &'a LocateTarget,
    policy: &'a LocatePolicy,
    answers: &'a BTreeMap<Question, Resolution>,
    entropy: Entropy,
    wanted: Vec<Question>,
    ttl: Duration,
    hops: Vec<Hop>,
    failure: Option<ResolveFailure>,
    is_bogus: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        target: &'a LocateTarget,
        policy: &'a LocatePolicy,
        answers: &'a BTreeMap<Question, Resolution>,
        entropy: Entropy,
    ) -> Self {
        Self { target, policy, answers, entropy, wanted: Vec::new(), ttl: Duration::MAX, hops: Vec::new(), failure: None, is_bogus: false }
    }

    pub(super) fn into_wanted(self) -> Vec<Question> {
        self.wanted
    }

    pub(super) fn run(&mut self) -> Result<Located, Stop> {
        let allowed = self.allowed().map_err(Stop::Failed)?;
        match Host::parse(&self.target.host) {
            None => return Err(Stop::Failed(LocateFailure::InvalidName(self.target.host.clone()))),
            Some(Host::Numeric(addresses)) => self.numeric(&addresses, &allowed),
            Some(Host::Name(name)) if self.target.port.is_some() => self.host(&name, &allowed)?,
            Some(Host::Name(name)) => self.domain(&name, &allowed)?,
        }
        let hops = std::mem::take(&mut self.hops);
        if hops.is_empty() {
            let failure = self.failure.map_or_else(|| LocateFailure::NoAddress(self.target.host.clone()), LocateFailure::Dns);
            return Err(Stop::Failed(failure));
        }
        Ok(Located { hops, ttl: self.ttl })
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
                    self.push(*transport, SocketAddr::new(*address, port), DnsSecurity::Secure);
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

    /// The domain's own addresses at the given or default port.
    fn host(&mut self, name: &str, allowed: &[Transport]) -> Result<(), Stop> {
        let (addresses, no_such_name) = self.addresses(name);
        self.settle()?;
        if no_such_name && addresses.is_empty() {
            return Err(Stop::Failed(LocateFailure::NoSuchDomain(name.to_owned())));
        }
        for transport in allowed {
            for (address, security) in &addresses {
                self.push(*transport, SocketAddr::new(*address, self.port(*transport)), *security);
            }
        }
        Ok(())
    }

    fn domain(&mut self, name: &str, allowed: &[Transport]) -> Result<(), Stop> {
        let rules = if self.target.transport.is_none() { self.naptr(name) } else { Answer::Nothing { no_such_name: false } };
        let direct: Vec<(Transport, Answer<'a>)> = allowed.iter().map(|t| (*t, self.ask(srv_question(*t, name)))).collect();
        self.settle()?;
        let entrances = self.entrances(rules, &direct)?;
        if entrances.is_empty() { self.without_service(name, allowed, rules, &direct) } else { self.enter(&entrances) }
    }

    fn naptr(&mut self, name: &str) -> Answer<'a> {
        self.ask(Question { name: name.to_owned(), kind: RecordType::Naptr })
    }

    /// The ways in that NAPTR names, then those of the well-known names that it does not; TLS before the others.
    fn entrances(&mut self, rules: Answer<'a>, direct: &[(Transport, Answer<'a>)]) -> Result<Vec<Entrance<'a>>, Stop> {
        let is_allowed = |transport: Transport| direct.iter().any(|(allowed, _)| *allowed == transport);
        let named = services(rules.records(), MAX_SERVICES);
        let mut found: Vec<(Transport, Answer<'a>)> = Vec::new();
        for service in named.into_iter().filter(|service| is_allowed(service.transport)) {
            let question = Question { name: service.name, kind: RecordType::Srv };
            found.push((service.transport, self.ask(question)));
        }
        self.settle()?;
        for (transport, answer) in direct {
            let is_named = found.iter().any(|(named, answer)| named == transport && srv::offers(answer.records()));
            if !is_named {
                found.push((*transport, *answer));
            }
        }
        let signed = if let Answer::Records(_, security) = rules { security } else { DnsSecurity::Secure };
        let mut entrances: Vec<Entrance<'a>> = found.into_iter().filter_map(|found| Entrance::new(found, signed)).collect();
        entrances.sort_by_key(|entrance| entrance.transport != Transport::Tls);
        Ok(entrances)
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
        let answers: Vec<(Transport, Answer<'a>)> = others.iter().map(|t| (*t, self.ask(srv_question(*t, name)))).collect();
        self.settle()?;
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
        self.host(name, &left)
    }

    fn enter(&mut self, entrances: &[Entrance<'a>]) -> Result<(), Stop> {
        let mut targets: Vec<(&Entrance<'a>, &'a SrvRecord)> = Vec::new();
        for entrance in entrances {
            let room = MAX_TARGETS.saturating_sub(targets.len());
            targets.extend(srv::in_order(entrance.records, room, &mut self.entropy).into_iter().map(|record| (entrance, record)));
        }
        let found: Vec<_> = targets.iter().map(|(_, record)| self.addresses(&record.target.to_ascii_lowercase()).0).collect();
        self.settle()?;
        for ((entrance, record), addresses) in targets.iter().zip(found) {
            for (address, security) in addresses {
                let security = both(security, entrance.security);
                self.push(entrance.transport, SocketAddr::new(address, record.port), security);
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
            match self.ask(Question { name: name.to_owned(), kind }) {
                Answer::Records(records, security) => {
                    family.extend(records.iter().filter_map(address).take(MAX_ADDRESSES).map(|address| (address, security)));
                }
                Answer::Nothing { no_such_name: absent } => no_such_name |= absent,
                Answer::Failed(failure) => self.failure = Some(failure),
            }
        }
        (alternate(&families), no_such_name)
    }

    fn ask(&mut self, question: Question) -> Answer<'a> {
        match self.answers.get(&question) {
            Some(Resolution::Records { records, ttl, security }) => {
                self.ttl = self.ttl.min(*ttl);
                Answer::Records(records, *security)
            }
            Some(Resolution::Nothing { no_such_name, ttl, .. }) => {
                self.ttl = self.ttl.min(*ttl);
                Answer::Nothing { no_such_name: *no_such_name }
            }
            Some(Resolution::Failed(failure)) => {
                self.is_bogus |= *failure == ResolveFailure::Bogus && matches!(question.kind, RecordType::Naptr | RecordType::Srv);
                Answer::Failed(*failure)
            }
            None => {
                if !self.wanted.contains(&question) {
                    self.wanted.push(question);
                }
                Answer::Nothing { no_such_name: false }
            }
        }
    }

    /// Goes on only with all answers in hand, and never past a rule or service whose signatures are wrong.
    fn settle(&self) -> Result<(), Stop> {
        if self.is_bogus {
            return Err(Stop::Failed(LocateFailure::Dns(ResolveFailure::Bogus)));
        }
        if !self.wanted.is_empty() {
            return Err(Stop::Wait);
        }
        Ok(())
    }

    fn push(&mut self, transport: Transport, address: SocketAddr, security: DnsSecurity) {
        let is_known = self.hops.iter().any(|hop| hop.transport == transport && hop.address == address);
        if is_known || self.hops.len() >= self.policy.max_hops {
            return;
        }
        let tls_name = (transport == Transport::Tls).then(|| tls_name(&self.target.host));
        self.hops.push(Hop { transport, address, tls_name, security });
    }
}

impl<'a> Entrance<'a> {
    fn new((transport, answer): (Transport, Answer<'a>), signed: DnsSecurity) -> Option<Self> {
        let Answer::Records(records, security) = answer else { return None };
        srv::offers(records).then_some(Self { transport, records, security: both(security, signed) })
    }
}

fn tls_name(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches([']', '.']).to_ascii_lowercase()
}

fn both(one: DnsSecurity, other: DnsSecurity) -> DnsSecurity {
    if one == DnsSecurity::Secure { other } else { one }
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
