//! The questions about one domain, and what their answers come to. Pure of time but for the stamp.

use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{DnsSecurity, NaptrRecord, Question, Record, RecordType, Resolution, ResolveFailure, SrvRecord};

use super::{Finding, Protocol, Published, Service, Source, Unknown};

/// No domain is asked more than this, whatever its records say.
pub(super) const QUESTIONS_MAX: usize = 8;

/// A domain being asked.
#[derive(Debug)]
pub(super) struct Survey {
    domain: String,
    asked: Vec<Question>,
    answers: BTreeMap<Question, Resolution>,
}

/// How far the answers look like the domain's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As they should.
    Sound,
    /// Nothing but denials that name no zone (RFC 2308 5), as a network's guest is held back; some home routers do so too.
    Unfounded,
    /// The same answer to everything.
    Parroted,
}

/// What became of one service.
enum Outcome {
    Offered,
    Refused,
    Absent,
    Failed(ResolveFailure),
}

impl Survey {
    /// Begins; [`Survey::questions`] tells what to ask.
    pub(super) fn new(domain: String) -> Self {
        let mut asked = vec![Question { name: domain.clone(), kind: RecordType::Naptr }];
        asked.extend(Service::ALL.map(|service| srv(&format!("{}.{domain}", service.label()))));
        Self { domain, asked, answers: BTreeMap::new() }
    }

    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// All questions so far, in the order of their numbers; it only grows.
    pub(super) fn questions(&self) -> &[Question] {
        &self.asked
    }

    /// Takes the answer to a question by its number. `false` if there is no such question, or it was answered before.
    pub(super) fn handle_resolved(&mut self, number: usize, resolution: Resolution) -> bool {
        let Some(question) = self.asked.get(number).filter(|question| !self.answers.contains_key(question)).cloned() else { return false };
        if question.kind == RecordType::Naptr {
            self.follow(&resolution);
        }
        self.answers.insert(question, resolution);
        true
    }

    /// Whether every question is answered.
    pub(super) fn is_over(&self) -> bool {
        self.answers.len() == self.asked.len()
    }

    /// NAPTR records may lead to services under other names, which may say `.` as well.
    fn follow(&mut self, resolution: &Resolution) {
        for (_, name) in pointers(resolution) {
            let question = srv(&name);
            if self.asked.len() < QUESTIONS_MAX && !self.asked.contains(&question) {
                self.asked.push(question);
            }
        }
    }

    /// What it comes to.
    pub(super) fn finding(&self, checked: Duration) -> (Finding, Look) {
        let look = self.look();
        let published = if look == Look::Parroted { Published::Unknown(Unknown::Implausible) } else { self.published() };
        let (security, ttl) = self.weight(&published);
        (Finding { published, security, source: Source::Dns, checked, ttl }, look)
    }

    fn published(&self) -> Published {
        let outcomes = Service::ALL.map(|service| (service, self.outcome(service)));
        let offered: Vec<Service> = outcomes.iter().filter(|(_, it)| matches!(it, Outcome::Offered)).map(|(service, _)| *service).collect();
        if !offered.is_empty() {
            return Published::Calls(offered);
        }
        // Wrong signatures are worse than silence: they come first.
        let failures = || outcomes.iter().filter_map(|(_, it)| if let Outcome::Failed(failure) = it { Some(*failure) } else { None });
        if let Some(failure) = failures().find(|failure| *failure == ResolveFailure::Bogus).or_else(|| failures().next()) {
            return Published::Unknown(Unknown::Resolver(failure));
        }
        if outcomes.iter().any(|(_, it)| matches!(it, Outcome::Refused)) { Published::Refuses } else { Published::Nothing }
    }

    /// NAPTR records decide where there are some for SIP (RFC 3263 4.1); SRV records otherwise.
    fn outcome(&self, service: Service) -> Outcome {
        if service.protocol() == Protocol::Sip
            && let Some(resolution) = self.answer(&Question { name: self.domain.clone(), kind: RecordType::Naptr })
        {
            if *resolution == Resolution::Failed(ResolveFailure::Bogus) {
                return Outcome::Failed(ResolveFailure::Bogus);
            }
            let pointers = pointers(resolution);
            if !pointers.is_empty() {
                let mine = pointers.into_iter().find(|(pointed, _)| *pointed == service);
                // Too many to be asked: it is published, and looked at when somebody calls.
                return mine.map_or(Outcome::Absent, |(_, name)| self.answer(&srv(&name)).map_or(Outcome::Offered, outcome));
            }
        }
        self.answer(&srv(&format!("{}.{}", service.label(), self.domain))).map_or(Outcome::Absent, outcome)
    }

    fn answer(&self, question: &Question) -> Option<&Resolution> {
        self.answers.get(question)
    }

    fn look(&self) -> Look {
        let servers: Vec<&SrvRecord> = self.answers.values().flat_map(servers).collect();
        let answered = self.answers.iter().filter(|(question, it)| question.kind == RecordType::Srv && servers_of(it) > 0).count();
        if let Some(first) = servers.first()
            && answered >= Service::ALL.len()
            && !first.target.is_empty()
            && servers.iter().all(|server| server.target == first.target && server.port == first.port)
        {
            return Look::Parroted;
        }
        let unfounded = |it: &Resolution| matches!(it, Resolution::Nothing { ttl, .. } if ttl.is_zero());
        let founded = |it: &Resolution| matches!(it, Resolution::Nothing { ttl, .. } | Resolution::Records { ttl, .. } if !ttl.is_zero());
        if self.answers.values().any(unfounded) && !self.answers.values().any(founded) { Look::Unfounded } else { Look::Sound }
    }

    /// The weakest and the shortest-lived of the answers it rests on: those that offer, or all.
    fn weight(&self, published: &Published) -> (DnsSecurity, Duration) {
        let offers = matches!(published, Published::Calls(_));
        let mut all_secure = true;
        let mut least: Option<Duration> = None;
        for resolution in self.answers.values() {
            let (ttl, security) = match resolution {
                Resolution::Records { ttl, security, .. } => (*ttl, *security),
                Resolution::Nothing { ttl, security, .. } if !offers => (*ttl, *security),
                Resolution::Nothing { .. } | Resolution::Failed(_) => continue,
            };
            all_secure &= security == DnsSecurity::Secure;
            least = Some(least.map_or(ttl, |least| least.min(ttl)));
        }
        let known = !matches!(published, Published::Unknown(_));
        let security = if all_secure && known && least.is_some() { DnsSecurity::Secure } else { DnsSecurity::Insecure };
        (security, if known { least.unwrap_or_default() } else { Duration::ZERO })
    }
}

fn srv(name: &str) -> Question {
    Question { name: name.to_owned(), kind: RecordType::Srv }
}

fn outcome(resolution: &Resolution) -> Outcome {
    match resolution {
        Resolution::Failed(failure) => Outcome::Failed(*failure),
        Resolution::Nothing { .. } => Outcome::Absent,
        Resolution::Records { .. } if servers(resolution).any(|server| !server.target.is_empty()) => Outcome::Offered,
        Resolution::Records { .. } if servers_of(resolution) > 0 => Outcome::Refused,
        Resolution::Records { .. } => Outcome::Absent,
    }
}

fn servers(resolution: &Resolution) -> impl Iterator<Item = &SrvRecord> {
    let records = if let Resolution::Records { records, .. } = resolution { records.as_slice() } else { &[] };
    records.iter().filter_map(|record| if let Record::Srv(server) = record { Some(server) } else { None })
}

fn servers_of(resolution: &Resolution) -> usize {
    servers(resolution).count()
}

/// The SIP services that NAPTR records lead to, each once, and the names of their SRV records.
fn pointers(resolution: &Resolution) -> Vec<(Service, String)> {
    let Resolution::Records { records, .. } = resolution else { return Vec::new() };
    let mut rules: Vec<(Service, &NaptrRecord)> = records.iter().filter_map(pointer).collect();
    rules.sort_by_key(|(service, rule)| (*service, rule.order, rule.preference));
    rules.dedup_by_key(|(service, _)| *service);
    rules.into_iter().map(|(service, rule)| (service, rule.replacement.to_ascii_lowercase())).collect()
}

fn pointer(record: &Record) -> Option<(Service, &NaptrRecord)> {
    let Record::Naptr(rule) = record else { return None };
    let service = match rule.services.to_ascii_uppercase().as_str() {
        "SIPS+D2T" => Service::Sips,
        "SIP+D2T" => Service::SipTcp,
        "SIP+D2U" => Service::SipUdp,
        _ => return None,
    };
    let leads = rule.flags.eq_ignore_ascii_case("s") && rule.regexp.is_empty() && !rule.replacement.is_empty();
    leads.then_some((service, rule))
}
