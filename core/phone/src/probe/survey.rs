//! The questions about one domain, and what their answers come to. Pure of time but for the stamp.

use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{DnsSecurity, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure, SrvRecord, Transport};
use cooee_sip::locate::{LocateFailure, LocatePolicy, Predict, PredictOutput, Publication};

use super::{Finding, Published, Service, Source, Unknown};

/// No domain is asked more than this, whatever its records say.
pub(super) const QUESTIONS_MAX: usize = 8;

/// A domain being asked: about SIP by the same plan by which it is called, about XMPP by its two services between servers.
#[derive(Debug)]
pub(super) struct Survey {
    domain: String,
    sip: Predict,
    /// What that plan found; `None` while it is at work.
    publication: Option<Result<Publication, LocateFailure>>,
    /// With the number of the plan's own, if it is the plan's.
    asked: Vec<(Question, Option<QuestionId>)>,
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
    /// The resolver itself found out that the network answers in everybody's name.
    Captive,
}

/// What became of a service of XMPP.
enum Outcome {
    Offered,
    Refused,
    Absent,
    Failed(ResolveFailure),
}

impl Survey {
    /// Begins; [`Survey::question`] tells what to ask.
    pub(super) fn new(domain: String) -> Self {
        let sip = Predict::new(domain.clone(), LocatePolicy::any_transport(), QuestionId(0));
        let asked = Service::XMPP.map(|service| (service.question(&domain), None)).into();
        let mut survey = Self { domain, sip, publication: None, asked, answers: BTreeMap::new() };
        survey.follow();
        survey
    }

    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// The question of this number; there may be more once answers come.
    pub(super) fn question(&self, number: usize) -> Option<&Question> {
        self.asked.get(number).map(|(question, _)| question)
    }

    /// Takes the answer to a question by its number. `false` if there is no such question, or it was answered before.
    pub(super) fn handle_resolved(&mut self, number: usize, resolution: Resolution) -> bool {
        let Some((question, of_plan)) = self.asked.get(number).filter(|(question, _)| !self.answers.contains_key(question)) else {
            return false;
        };
        let of_plan = *of_plan;
        self.answers.insert(question.clone(), resolution.clone());
        if let Some(id) = of_plan {
            self.sip.handle_resolved(id, resolution);
            self.follow();
        }
        true
    }

    /// Whether every question is answered.
    pub(super) fn is_over(&self) -> bool {
        self.answers.len() == self.asked.len()
    }

    /// Does what the plan wants. Beyond the bound it goes on as without an answer: the best ways were asked for first.
    fn follow(&mut self) {
        while let Some(output) = self.sip.poll_output() {
            match output {
                PredictOutput::Resolve { id, question } if self.asked.len() < QUESTIONS_MAX => self.asked.push((question, Some(id))),
                PredictOutput::Resolve { id, .. } => _ = self.sip.handle_resolved(id, Resolution::Failed(ResolveFailure::Timeout)),
                PredictOutput::Found(publication) => self.publication = Some(Ok(publication)),
                PredictOutput::Failed(failure) => self.publication = Some(Err(failure)),
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
        let xmpp = Service::XMPP.map(|service| (service, self.outcome(service)));
        let mut offered: Vec<Service> = xmpp.iter().filter(|(_, it)| matches!(it, Outcome::Offered)).map(|(service, _)| *service).collect();
        let mut failures: Vec<ResolveFailure> =
            xmpp.iter().filter_map(|(_, it)| if let Outcome::Failed(failure) = it { Some(*failure) } else { None }).collect();
        let mut refuses = xmpp.iter().any(|(_, it)| matches!(it, Outcome::Refused));
        match &self.publication {
            Some(Ok(publication)) => {
                offered.extend(publication.services.iter().map(|(transport, _)| service(*transport)));
                refuses |= publication.refuses;
            }
            Some(Err(LocateFailure::Dns(failure))) => failures.push(*failure),
            Some(Err(_)) | None => {}
        }
        offered.sort();
        self.prefer(&mut offered);
        if !offered.is_empty() {
            return Published::Calls(offered);
        }
        if let Some(failure) = worst(&failures) {
            return Published::Unknown(Unknown::Resolver(failure));
        }
        if refuses { Published::Refuses } else { Published::Nothing }
    }

    /// Of the two services of XMPP the one stands first whose servers do: they are one list (XEP-0368 3).
    fn prefer(&self, offered: &mut [Service]) {
        let best =
            |service: Service| self.answers.get(&service.question(&self.domain)).and_then(|it| servers(it).map(|srv| srv.priority).min());
        let places = Service::XMPP.map(|service| offered.iter().position(|known| *known == service));
        if let [Some(tls), Some(plain)] = places
            && best(Service::XmppServer) < best(Service::XmppsServer)
        {
            offered.swap(tls, plain);
        }
    }

    fn outcome(&self, service: Service) -> Outcome {
        match self.answers.get(&service.question(&self.domain)) {
            Some(Resolution::Failed(failure)) => Outcome::Failed(*failure),
            Some(records) if servers(records).any(|server| !server.target.is_empty()) => Outcome::Offered,
            Some(records) if servers(records).next().is_some() => Outcome::Refused,
            _ => Outcome::Absent,
        }
    }

    fn look(&self) -> Look {
        if self.answers.values().any(|it| *it == Resolution::Failed(ResolveFailure::Captive)) {
            return Look::Captive;
        }
        let all: Vec<&SrvRecord> = self.answers.values().flat_map(servers).collect();
        let answered =
            self.answers.iter().filter(|(question, it)| question.kind == RecordType::Srv && servers(it).next().is_some()).count();
        if let Some(first) = all.first()
            && answered >= Service::ALL.len()
            && !first.target.is_empty()
            && all.iter().all(|server| server.target == first.target && server.port == first.port)
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

/// What is told of several failures: wrong signatures are worse than silence.
pub(crate) fn worst(failures: &[ResolveFailure]) -> Option<ResolveFailure> {
    failures.iter().find(|failure| **failure == ResolveFailure::Bogus).or(failures.first()).copied()
}

fn service(transport: Transport) -> Service {
    match transport {
        Transport::Tls => Service::Sips,
        Transport::Tcp => Service::SipTcp,
        Transport::Udp => Service::SipUdp,
    }
}

fn servers(resolution: &Resolution) -> impl Iterator<Item = &SrvRecord> {
    let records = if let Resolution::Records { records, .. } = resolution { records.as_slice() } else { &[] };
    records.iter().filter_map(|record| if let Record::Srv(server) = record { Some(server) } else { None })
}
