//! Other domains: one connection to each that is called, found by RFC 3263, over TLS and to nobody else than the domain itself.
//! There is no timer here: resolver and driver bound how long an answer takes, and a connection that falls idle is closed like any
//! other.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use cooee_machine::{
    Action, CloseReason, Entropy, OpenStream, QuestionId, Resolution, ResolveFailure, ServerTrust, StreamId, TlsFailure, Transport,
};
use cooee_sip::locate::{Hop, Locate, LocateFailure, LocateOutput, LocatePolicy, LocateTarget};
use cooee_sip::proxy::{GateRefusal, Location, OtherDomain};
use cooee_sip::registrar::Ticket;
use cooee_sip::{Flow, FlowId};

use crate::config::Federation;

/// Domains at once.
const DOMAINS_MAX: usize = 1024;

/// What is wanted, and what was found.
pub(super) enum FederationOutput {
    Io(Action),
    Answer { ticket: Ticket, location: Location },
}

/// All ways to other domains.
pub(super) struct Federating {
    config: Option<Federation>,
    entropy: Entropy,
    ways: BTreeMap<OtherDomain, Connecting>,
    /// The connection of each way.
    streams: BTreeMap<StreamId, OtherDomain>,
    /// Ours are even.
    next_stream: u64,
    next_question: u64,
    outputs: VecDeque<FederationOutput>,
}

/// The way to one domain: looked for, being tried, or open.
#[derive(Default)]
struct Connecting {
    /// With its first question.
    plan: Option<(QuestionId, Locate)>,
    /// Not tried yet, the best first.
    hops: VecDeque<Hop>,
    stream: Option<StreamId>,
    /// Once that is up.
    flow: Option<Flow>,
    waiting: Vec<Ticket>,
    /// Why the last hop failed.
    why: Option<GateRefusal>,
}

impl Federating {
    pub(super) fn new(config: Option<Federation>, entropy: Entropy) -> Self {
        let (ways, streams, outputs) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        Self { config, entropy, ways, streams, next_stream: 2, next_question: 0, outputs }
    }

    pub(super) fn poll_output(&mut self) -> Option<FederationOutput> {
        self.outputs.pop_front()
    }

    /// A connection to a server of `domain`: the one that is open, unless what it leads to has failed, else a new one.
    pub(super) fn reach(&mut self, ticket: Ticket, domain: &OtherDomain, instead_of: Option<FlowId>) {
        if self.ways.len() >= DOMAINS_MAX && !self.ways.contains_key(domain) {
            return self.answer(ticket, Location::Nowhere(GateRefusal::new(503, "")));
        }
        let way = self.ways.entry(domain.clone()).or_default();
        if let Some(flow) = way.flow {
            if instead_of != Some(flow.id) {
                return self.answer(ticket, Location::Elsewhere(flow));
            }
            // What is under way on it goes on; what is new takes the next server.
            way.flow = None;
            way.stream.take().map(|stream| self.streams.remove(&stream));
        }
        way.waiting.push(ticket);
        if way.plan.is_some() || way.stream.is_some() {
            return;
        }
        match instead_of {
            Some(_) => self.try_next(domain),
            None => self.locate(domain),
        }
    }

    fn locate(&mut self, domain: &OtherDomain) {
        let (Some(config), Some(way)) = (self.config, self.ways.get_mut(domain)) else { return };
        let target = LocateTarget { host: domain.name.clone(), port: domain.port, transport: None, secure: true };
        let policy = LocatePolicy { private_addresses: config.private_addresses, ..LocatePolicy::tls_only() };
        let first = QuestionId(self.next_question);
        self.next_question += Locate::MAX_QUESTIONS;
        way.plan = Some((first, Locate::new(target, policy, first, self.entropy.fork())));
        self.follow(domain);
    }

    pub(super) fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution) {
        let is_asked =
            |way: &Connecting| way.plan.as_ref().is_some_and(|(first, _)| (first.0..first.0 + Locate::MAX_QUESTIONS).contains(&id.0));
        let Some((domain, way)) = self.ways.iter_mut().find(|(_, way)| is_asked(way)) else { return };
        if let Some((_, plan)) = &mut way.plan {
            plan.handle_resolved(id, resolution);
        }
        let domain = domain.clone();
        self.follow(&domain);
    }

    /// Does what the plan wants.
    fn follow(&mut self, domain: &OtherDomain) {
        while let Some(way) = self.ways.get_mut(domain)
            && let Some(output) = way.plan.as_mut().and_then(|(_, plan)| plan.poll_output())
        {
            match output {
                LocateOutput::Resolve { id, question } => self.outputs.push_back(FederationOutput::Io(Action::Resolve { id, question })),
                LocateOutput::Found(located) => {
                    (way.plan, way.hops) = (None, located.hops.into());
                    self.try_next(domain);
                }
                LocateOutput::Failed(failure) => {
                    way.why = Some(not_found(&failure));
                    self.fail(domain);
                }
            }
        }
    }

    /// Opens a connection to the next address, if there is one.
    fn try_next(&mut self, domain: &OtherDomain) {
        let Some(way) = self.ways.get_mut(domain) else { return };
        let Some(hop) = way.hops.pop_front() else { return self.fail(domain) };
        let stream = StreamId(self.next_stream);
        self.next_stream += 2;
        way.stream = Some(stream);
        self.streams.insert(stream, domain.clone());
        let target = OpenStream { remote: hop.address, tls: hop.tls_name, trust: ServerTrust::Known, key: None };
        self.outputs.push_back(FederationOutput::Io(Action::Open { stream, target }));
    }

    /// There is no way.
    fn fail(&mut self, domain: &OtherDomain) {
        let Some(way) = self.ways.remove(domain) else { return };
        way.stream.map(|stream| self.streams.remove(&stream));
        let why = way.why.unwrap_or_else(|| GateRefusal::new(504, "The other domain's servers do not answer"));
        for ticket in way.waiting {
            self.answer(ticket, Location::Nowhere(why.clone()));
        }
    }

    fn answer(&mut self, ticket: Ticket, location: Location) {
        self.outputs.push_back(FederationOutput::Answer { ticket, location });
    }

    /// A connection of ours as the proxy is to know it: others come back to our door, not to the port it left from.
    pub(super) fn flow(&self, stream: StreamId, local: SocketAddr, remote: SocketAddr) -> Flow {
        let door = self.config.map_or(local.port(), |config| config.door);
        Flow { id: FlowId::Stream(stream), transport: Transport::Tls, local: SocketAddr::new(local.ip(), door), remote }
    }

    /// A connection is up; perhaps one of ours.
    pub(super) fn is_up(&mut self, flow: Flow) {
        let FlowId::Stream(stream) = flow.id else { return };
        let Some(way) = self.streams.get(&stream).and_then(|domain| self.ways.get_mut(domain)) else { return };
        way.flow = Some(flow);
        for ticket in std::mem::take(&mut way.waiting) {
            self.answer(ticket, Location::Elsewhere(flow));
        }
    }

    /// A connection is gone, or did not come up; perhaps one of ours.
    pub(super) fn is_closed(&mut self, stream: StreamId, reason: &CloseReason) {
        let Some(domain) = self.streams.remove(&stream) else { return };
        let Some(way) = self.ways.get_mut(&domain) else { return };
        way.stream = None;
        if way.flow.take().is_some() {
            self.ways.remove(&domain);
            return;
        }
        way.why = Some(match reason {
            CloseReason::Tls(TlsFailure::NoTls) => GateRefusal::new(504, "The other domain's servers do not speak TLS"),
            CloseReason::Tls(_) => GateRefusal::new(502, "The other domain's server has no certificate for it"),
            CloseReason::ByUs => GateRefusal::new(503, ""),
            _ => GateRefusal::new(504, "The other domain's servers do not answer"),
        });
        self.try_next(&domain);
    }
}

/// What the caller is told where DNS leads nowhere.
fn not_found(failure: &LocateFailure) -> GateRefusal {
    match failure {
        LocateFailure::InvalidName(_) | LocateFailure::NoSuchDomain(_) => GateRefusal::new(404, "There is no such domain"),
        LocateFailure::PrivateAddress(_) => GateRefusal::new(403, "The other domain leads into a private network"),
        LocateFailure::Dns(ResolveFailure::Bogus) => {
            GateRefusal::new(504, "The other domain is not called: its signatures (DNSSEC) are wrong")
        }
        // RFC 3261 21.5.5: such as a DNS server.
        LocateFailure::Dns(_) => GateRefusal::new(504, "The other domain could not be looked up"),
        _ => GateRefusal::new(404, "The other domain takes no calls over TLS"),
    }
}
