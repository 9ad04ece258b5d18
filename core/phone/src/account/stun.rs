//! Where to learn one's public address: the STUN servers that the account's own domain publishes (RFC 8489 8.1). There is no
//! other default; a domain that publishes none has none.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use cooee_machine::{Action, Entropy, Question, QuestionId, Record, RecordType, Resolution, srv};
use cooee_sip::Uri;

use super::Ids;

/// Servers looked up, and addresses kept: each costs every call a few packets.
const MOST_SERVERS: usize = 2;
const MOST_ADDRESSES: usize = 4;

/// The port of a server that is named without one.
const PORT: u16 = 3478;

/// The search for STUN servers. Calls wait for it only shortly.
#[derive(Debug)]
pub(super) struct StunServers {
    asked: Vec<(QuestionId, Asked)>,
    known: Vec<SocketAddr>,
    /// An earlier search came to an end: its outcome serves while the next one runs.
    is_known: bool,
    entropy: Entropy,
    actions: VecDeque<Action>,
}

#[derive(Debug)]
enum Asked {
    Servers,
    /// The addresses of a server, and its port.
    Addresses(u16),
}

impl StunServers {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self { asked: Vec::new(), known: Vec::new(), is_known: false, entropy, actions: VecDeque::new() }
    }

    /// Asks anew; what is known stays until the answer comes. An IP address publishes nothing.
    pub(super) fn begin(&mut self, domain: &str, ids: &mut Ids) {
        self.asked.clear();
        if domain.trim_matches(['[', ']']).parse::<IpAddr>().is_err() {
            let name = format!("_stun._udp.{domain}");
            self.ask(ids.questions(), Question { name, kind: RecordType::Srv }, Asked::Servers);
        }
    }

    /// Asks for one server, `host` or `host:port`.
    pub(super) fn begin_at(&mut self, server: &str, ids: &mut Ids) {
        self.asked.clear();
        let uri = format!("sip:{server}");
        let Ok(uri) = Uri::parse(&uri) else { return };
        let (host, port) = (uri.host().trim_matches(['[', ']']), uri.port().unwrap_or(PORT));
        match host.parse::<IpAddr>() {
            Ok(address) => self.known = vec![SocketAddr::new(address, port)],
            Err(_) => self.look_up(vec![(host.to_owned(), port)], ids),
        }
    }

    /// Nothing is being asked.
    pub(super) fn is_idle(&self) -> bool {
        self.asked.is_empty()
    }

    /// What is known is all, for now.
    pub(super) fn is_settled(&self) -> bool {
        self.is_idle() || self.is_known
    }

    /// What is known now.
    pub(super) fn known(&self) -> &[SocketAddr] {
        &self.known
    }

    /// `false` if the question was none of its.
    pub(super) fn handle_resolved(&mut self, id: QuestionId, resolution: &Resolution, ids: &mut Ids) -> bool {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == id) else { return false };
        let (_, asked) = self.asked.swap_remove(at);
        self.is_known |= !matches!(resolution, Resolution::Failed(_));
        match (asked, resolution) {
            (Asked::Servers, Resolution::Failed(_)) => {}
            (Asked::Servers, _) => {
                let servers = self.servers(resolution);
                self.look_up(servers, ids);
            }
            (Asked::Addresses(port), Resolution::Records { records, .. }) => {
                let found = records.iter().filter_map(address).map(|address| SocketAddr::new(address, port));
                self.known.extend(found);
                self.known.truncate(MOST_ADDRESSES);
            }
            (Asked::Addresses(_), _) => {}
        }
        true
    }

    /// The servers to ask first (RFC 2782: by priority, then by weighted chance); none for `.`, "decidedly not available".
    fn servers(&mut self, resolution: &Resolution) -> Vec<(String, u16)> {
        let Resolution::Records { records, .. } = resolution else { return Vec::new() };
        let servers = srv::in_order(records, MOST_SERVERS, &mut self.entropy);
        servers.into_iter().map(|server| (server.target.clone(), server.port)).collect()
    }

    fn look_up(&mut self, servers: Vec<(String, u16)>, ids: &mut Ids) {
        self.known.clear();
        for (name, port) in servers {
            for kind in [RecordType::A, RecordType::Aaaa] {
                self.ask(ids.questions(), Question { name: name.clone(), kind }, Asked::Addresses(port));
            }
        }
    }

    fn ask(&mut self, id: QuestionId, question: Question, asked: Asked) {
        self.asked.push((id, asked));
        self.actions.push_back(Action::Resolve { id, question });
    }

    pub(super) fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }
}

fn address(record: &Record) -> Option<IpAddr> {
    match record {
        Record::A(four) => Some(IpAddr::V4(*four)),
        Record::Aaaa(six) => Some(IpAddr::V6(*six)),
        Record::Srv(_) | Record::Naptr(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cooee_machine::{DnsSecurity, ResolveFailure, SrvRecord};

    use super::*;

    fn found(records: Vec<Record>) -> Resolution {
        Resolution::Records { records, ttl: Duration::from_secs(60), security: DnsSecurity::Insecure }
    }

    fn srv(priority: u16, target: &str) -> Record {
        Record::Srv(SrvRecord { priority, weight: 0, port: 3478, target: target.to_owned() })
    }

    /// Answers every question by `answer`, which gets its name.
    fn run(stun: &mut StunServers, ids: &mut Ids, answer: impl Fn(&Question) -> Resolution) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(action) = stun.poll() {
            let Action::Resolve { id, question } = action else { panic!("{action:?}") };
            assert!(stun.handle_resolved(id, &answer(&question), ids));
            assert!(!stun.handle_resolved(id, &answer(&question), ids), "one answer each");
            names.push(question.name);
        }
        names
    }

    fn two_servers(question: &Question) -> Resolution {
        match (question.kind, question.name.as_str()) {
            (RecordType::Srv, _) => found(vec![srv(20, "c.example.org"), srv(10, "b.example.org"), srv(5, "a.example.org"), srv(0, "")]),
            (RecordType::A, "a.example.org") => found(vec![Record::A([192, 0, 2, 1].into())]),
            (RecordType::A, _) => found(vec![Record::A([192, 0, 2, 2].into())]),
            _ => Resolution::Failed(ResolveFailure::Timeout),
        }
    }

    #[test]
    fn the_domain_s_most_preferred_servers_are_found() {
        let (mut stun, mut ids) = (StunServers::new(Entropy::for_test(1)), Ids::default());
        stun.begin("example.org", &mut ids);
        let names = run(&mut stun, &mut ids, two_servers);
        assert_eq!(names, ["_stun._udp.example.org", "a.example.org", "a.example.org", "b.example.org", "b.example.org"]);
        assert_eq!(stun.known(), [1, 2].map(|number| SocketAddr::from(([192, 0, 2, number], 3478))));
    }

    #[test]
    fn a_failure_keeps_what_is_known_and_a_denial_does_not() {
        let (mut stun, mut ids) = (StunServers::new(Entropy::for_test(1)), Ids::default());
        stun.begin("example.org", &mut ids);
        run(&mut stun, &mut ids, two_servers);
        stun.begin("example.org", &mut ids);
        run(&mut stun, &mut ids, |_| Resolution::Failed(ResolveFailure::Timeout));
        assert_eq!(stun.known().len(), 2);
        stun.begin("example.org", &mut ids);
        run(&mut stun, &mut ids, |_| found(vec![srv(0, "")]));
        assert!(stun.known().is_empty());
    }

    #[test]
    fn many_addresses_are_bounded_and_an_ip_address_is_not_asked_about() {
        let (mut stun, mut ids) = (StunServers::new(Entropy::for_test(1)), Ids::default());
        stun.begin("192.0.2.7", &mut ids);
        stun.begin("[2001:db8::7]", &mut ids);
        assert!(stun.poll().is_none());
        stun.begin("example.org", &mut ids);
        run(&mut stun, &mut ids, |question| match question.kind {
            RecordType::Srv => found((0..50).map(|number| srv(number, &format!("s{number}.example.org"))).collect()),
            _ => found((0..50).map(|number| Record::A([192, 0, 2, number].into())).collect()),
        });
        assert_eq!(stun.known().len(), MOST_ADDRESSES);
    }

    #[test]
    fn equal_servers_share_the_load_by_their_weight() {
        let weighted = |weight, target: &str| Record::Srv(SrvRecord { priority: 1, weight, port: 3478, target: target.into() });
        let first = |seed| {
            let mut stun = StunServers::new(Entropy::for_test(seed));
            stun.servers(&found(vec![weighted(1, "small"), weighted(9, "large")])).swap_remove(0).0
        };
        let large = (0..200).filter(|seed| first(*seed) == "large").count();
        assert!((150..200).contains(&large), "{large} of 200");
    }

    #[test]
    fn a_provider_s_server_is_taken_as_it_is_named() {
        let (mut stun, mut ids) = (StunServers::new(Entropy::for_test(1)), Ids::default());
        stun.begin_at("192.0.2.7", &mut ids);
        assert_eq!((stun.known(), stun.is_settled()), (&["192.0.2.7:3478".parse().unwrap()][..], true));
        stun.begin_at("a.example.org:19302", &mut ids);
        assert_eq!(run(&mut stun, &mut ids, two_servers), ["a.example.org", "a.example.org"]);
        assert_eq!(stun.known(), [SocketAddr::from(([192, 0, 2, 1], 19302))]);
    }

    #[test]
    fn it_is_settled_once_it_was_answered_or_has_nothing_to_ask() {
        let (mut stun, mut ids) = (StunServers::new(Entropy::for_test(1)), Ids::default());
        assert!(stun.is_settled());
        stun.begin("example.org", &mut ids);
        assert!(!stun.is_settled() && !stun.is_idle());
        run(&mut stun, &mut ids, two_servers);
        assert!(stun.is_settled() && stun.is_idle());
        stun.begin("example.org", &mut ids);
        assert!(stun.is_settled() && !stun.is_idle(), "what is known serves meanwhile");
    }
}
