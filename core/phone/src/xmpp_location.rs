//! Where a domain takes what other XMPP servers bring: SRV records of two services, read as one list (RFC 6120 3.2, XEP-0368 3).

use std::net::IpAddr;

use cooee_machine::srv::{denies, in_order};
use cooee_machine::{DnsSecurity, Entropy, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure};

use crate::probe::{Service, worst};

/// A domain's records name at most so many servers that are looked at.
const SERVERS: usize = 4;
/// A server of a domain, for other servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmppServer {
    /// How it is spoken to: TLS from the start, or after it was asked for (STARTTLS).
    pub service: Service,
    /// Its name.
    pub host: String,
    /// Where.
    pub port: u16,
    /// Its addresses, IPv6 first; none if they could not be found out.
    pub addresses: Vec<IpAddr>,
    /// Whether every answer that led here was validated.
    pub security: DnsSecurity,
}

/// Why there is no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoXmppServer {
    /// The domain says so by `.`.
    Refused,
    /// It says nothing about XMPP. A bare address is not enough: every web site has one.
    NotPublished,
    /// The resolver has no answer.
    Resolver(ResolveFailure),
}

/// What the look-up wants, or has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmppLocationOutput {
    /// Ask this, and tell by [`XmppLocation::handle_resolved`].
    Resolve {
        /// Names the question.
        id: QuestionId,
        /// The question.
        question: Question,
    },
    /// The servers in the order to try them, or why there is none. The last output.
    Done(Result<Vec<XmppServer>, NoXmppServer>),
}

/// The look-up as a machine: at most 2 questions for services and 8 for addresses.
#[derive(Debug)]
pub struct XmppLocation {
    entropy: Entropy,
    services: [Option<Resolution>; 2],
    servers: Vec<XmppServer>,
    /// Questions about addresses that have no answer yet.
    open: Vec<QuestionId>,
    next: u64,
    outputs: Vec<XmppLocationOutput>,
}

impl XmppLocation {
    /// Begins; [`XmppLocation::poll_output`] tells what to ask.
    #[must_use]
    pub fn new(domain: &str, entropy: Entropy) -> Self {
        let ask = |(number, service): (usize, Service)| XmppLocationOutput::Resolve {
            id: QuestionId(number as u64),
            question: service.question(domain),
        };
        // Taken from the end.
        let outputs = Service::XMPP.into_iter().enumerate().rev().map(ask).collect();
        let (services, servers, open) = ([None, None], Vec::new(), Vec::new());
        Self { entropy, services, servers, open, next: Service::XMPP.len() as u64, outputs }
    }

    /// The next thing to ask, or what it has come to; `None`: wait.
    pub fn poll_output(&mut self) -> Option<XmppLocationOutput> {
        self.outputs.pop()
    }

    /// The answer to a question.
    pub fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution) {
        let number = usize::try_from(id.0).unwrap_or(usize::MAX);
        if let Some(place) = self.services.get_mut(number) {
            if place.replace(resolution).is_none() && self.services.iter().all(Option::is_some) {
                self.merge();
            }
        } else if let Some(place) = self.open.iter().position(|open| *open == id) {
            self.open.remove(place);
            self.address(number, resolution);
            if self.open.is_empty() {
                self.outputs.push(XmppLocationOutput::Done(Ok(std::mem::take(&mut self.servers))));
            }
        }
    }

    /// Both services are one list: priorities and weights count across them.
    fn merge(&mut self) {
        let answered = |number: usize| match self.services.get(number) {
            Some(Some(Resolution::Records { records, security, .. })) => (records.as_slice(), *security),
            _ => (&[][..], DnsSecurity::Insecure),
        };
        let ((tls, tls_security), (plain, plain_security)) = (answered(0), answered(1));
        let all: Vec<Record> = tls.iter().chain(plain).cloned().collect();
        let of_tls = all.get(..tls.len()).unwrap_or_default();
        let chosen = in_order(&all, SERVERS, &mut self.entropy);
        let server = |record: &cooee_machine::SrvRecord| {
            let is_tls = of_tls.iter().any(|known| matches!(known, Record::Srv(srv) if std::ptr::eq(srv, record)));
            let (service, security) = if is_tls { (Service::XMPP[0], tls_security) } else { (Service::XMPP[1], plain_security) };
            XmppServer { service, host: record.target.clone(), port: record.port, addresses: Vec::new(), security }
        };
        let servers: Vec<XmppServer> = chosen.into_iter().map(server).collect();
        if servers.is_empty() {
            let why = self.why_none(denies(tls) || denies(plain));
            return self.outputs.push(XmppLocationOutput::Done(Err(why)));
        }
        for server in servers.iter().rev() {
            for kind in [RecordType::A, RecordType::Aaaa] {
                let id = QuestionId(self.next);
                self.next += 1;
                self.open.push(id);
                self.outputs.push(XmppLocationOutput::Resolve { id, question: Question { name: server.host.clone(), kind } });
            }
        }
        self.servers = servers;
    }

    fn why_none(&self, is_refused: bool) -> NoXmppServer {
        let failure = |it: &Resolution| if let Resolution::Failed(why) = it { Some(*why) } else { None };
        let failures: Vec<ResolveFailure> = self.services.iter().flatten().filter_map(failure).collect();
        match worst(&failures) {
            Some(failure) => NoXmppServer::Resolver(failure),
            None if is_refused => NoXmppServer::Refused,
            None => NoXmppServer::NotPublished,
        }
    }

    /// Two questions a server, the last server's first.
    fn address(&mut self, number: usize, resolution: Resolution) {
        let asked = (number - Service::XMPP.len()) / 2;
        let place = self.servers.len().checked_sub(asked + 1);
        let Some(server) = place.and_then(|place| self.servers.get_mut(place)) else { return };
        let Resolution::Records { records, security, .. } = resolution else { return };
        let addresses = records.iter().filter_map(|record| match record {
            Record::A(address) => Some(IpAddr::V4(*address)),
            Record::Aaaa(address) => Some(IpAddr::V6(*address)),
            _ => None,
        });
        server.addresses.extend(addresses.take(SERVERS));
        server.addresses.sort_by_key(|address| (address.is_ipv4(), *address));
        if security != DnsSecurity::Secure {
            server.security = DnsSecurity::Insecure;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use cooee_machine::SrvRecord;

    use super::*;

    const TTL: Duration = Duration::from_secs(300);

    fn srv(priority: u16, weight: u16, port: u16, target: &str) -> Record {
        Record::Srv(SrvRecord { priority, weight, port, target: target.to_owned() })
    }

    /// What the look-up comes to where these names have these records, and how many questions that took.
    fn locate(seed: u64, records: &[(&str, Record)], failing: &[(&str, ResolveFailure)]) -> (Result<Vec<XmppServer>, NoXmppServer>, usize) {
        let mut zone: BTreeMap<(&str, RecordType), Vec<Record>> = BTreeMap::new();
        for (name, record) in records {
            let kind = match record {
                Record::Srv(_) => RecordType::Srv,
                Record::A(_) => RecordType::A,
                _ => RecordType::Aaaa,
            };
            zone.entry((name, kind)).or_default().push(record.clone());
        }
        let mut location = XmppLocation::new("example.org", Entropy::for_test(seed));
        let mut asked = 0;
        loop {
            match location.poll_output().expect("all is answered at once") {
                XmppLocationOutput::Done(result) => return (result, asked),
                XmppLocationOutput::Resolve { id, question } => {
                    asked += 1;
                    let failure = failing.iter().find(|(name, _)| *name == question.name);
                    let records = zone.get(&(question.name.as_str(), question.kind));
                    location.handle_resolved(
                        id,
                        match (failure, records) {
                            (Some((_, why)), _) => Resolution::Failed(*why),
                            (None, Some(records)) => {
                                Resolution::Records { records: records.clone(), ttl: TTL, security: DnsSecurity::Secure }
                            }
                            (None, None) => Resolution::Nothing { no_such_name: true, ttl: TTL, security: DnsSecurity::Secure },
                        },
                    );
                }
            }
        }
    }

    fn names(result: &Result<Vec<XmppServer>, NoXmppServer>) -> Vec<(Service, &str, u16)> {
        result.as_ref().unwrap().iter().map(|server| (server.service, server.host.as_str(), server.port)).collect()
    }

    const TLS: &str = "_xmpps-server._tcp.example.org";
    const PLAIN: &str = "_xmpp-server._tcp.example.org";

    #[test]
    fn priorities_count_across_both_services_and_each_server_has_its_addresses() {
        let (found, asked) = locate(
            1,
            &[
                (TLS, srv(20, 0, 5270, "b.example.org")),
                (PLAIN, srv(10, 0, 5269, "a.example.org")),
                (PLAIN, srv(30, 0, 5269, "c.example.org")),
                ("a.example.org", Record::A([192, 0, 2, 1].into())),
                ("a.example.org", Record::Aaaa("2001:db8::1".parse().unwrap())),
                ("b.example.org", Record::A([192, 0, 2, 2].into())),
            ],
            &[],
        );
        let expected = [
            (Service::XmppServer, "a.example.org", 5269),
            (Service::XmppsServer, "b.example.org", 5270),
            (Service::XmppServer, "c.example.org", 5269),
        ];
        assert_eq!(names(&found), expected);
        let addresses: Vec<Vec<String>> =
            found.unwrap().iter().map(|server| server.addresses.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(addresses, [vec!["2001:db8::1".to_owned(), "192.0.2.1".to_owned()], vec!["192.0.2.2".to_owned()], Vec::new()]);
        assert_eq!(asked, 2 + 3 * 2);
    }

    #[test]
    fn weights_share_the_load_across_both_services() {
        let zone = [(TLS, srv(10, 75, 5270, "big.example.org")), (PLAIN, srv(10, 25, 5269, "small.example.org"))];
        let first_is_tls = (0..1000).filter(|seed| names(&locate(*seed, &zone, &[]).0)[0].0 == Service::XmppsServer).count();
        assert!((680..820).contains(&first_is_tls), "{first_is_tls}");
    }

    #[test]
    fn the_same_target_of_both_services_is_two_servers() {
        let zone = [(TLS, srv(10, 0, 443, "x.example.org")), (PLAIN, srv(20, 0, 443, "x.example.org"))];
        let expected = [(Service::XmppsServer, "x.example.org", 443), (Service::XmppServer, "x.example.org", 443)];
        assert_eq!(names(&locate(1, &zone, &[]).0), expected);
    }

    #[test]
    fn a_dot_refuses_one_service_and_where_nothing_else_is_said_all() {
        let dot = || srv(0, 0, 0, "");
        assert_eq!(locate(1, &[(TLS, dot())], &[]).0, Err(NoXmppServer::Refused));
        assert_eq!(names(&locate(1, &[(TLS, dot()), (PLAIN, srv(5, 0, 5269, "a.example.org"))], &[]).0).len(), 1);
        assert_eq!(locate(1, &[("example.org", Record::A([192, 0, 2, 1].into()))], &[]), (Err(NoXmppServer::NotPublished), 2));
    }

    #[test]
    fn wrong_signatures_are_named_and_hide_no_service_that_is_sound() {
        let bogus = [(TLS, ResolveFailure::Bogus)];
        assert_eq!(locate(1, &[], &bogus).0, Err(NoXmppServer::Resolver(ResolveFailure::Bogus)));
        let both = [(PLAIN, ResolveFailure::Timeout), (TLS, ResolveFailure::Bogus)];
        assert_eq!(locate(1, &[], &both).0, Err(NoXmppServer::Resolver(ResolveFailure::Bogus)));
        assert_eq!(names(&locate(1, &[(PLAIN, srv(5, 0, 5269, "a.example.org"))], &bogus).0).len(), 1);
    }

    #[test]
    fn a_thousand_records_ask_no_more_than_ten_questions() {
        let many: Vec<(&str, Record)> = (0..1000).map(|number| (TLS, srv(number, 1, 5270, "x.example.org"))).collect();
        let (found, asked) = locate(1, &many, &[]);
        assert_eq!((found.unwrap().len(), asked), (4, 10));
    }
}
