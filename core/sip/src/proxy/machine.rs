use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use cooee_machine::{Entropy, Now, SocketId, Wake};

use super::OtherDomain;
use super::ack::PendingAck;
use super::config::ProxyConfig;
use super::context::{Called, Context, ContextId};
use super::flows::Flows;
use super::gate::{Caller, GateRefusal, Location};
use super::queue::QUEUED;
use super::scratch::Scratch;
use super::seal::Seal;
use crate::flow::{Flow, FlowId};
use crate::registrar::{Lending, Ticket};
use crate::transaction::{Buffers, TransactionId, TransactionOutput, Transactions};

/// What the proxy asks for and wants sent.
#[derive(PartialEq, Eq)]
pub enum ProxyOutput {
    /// Put these octets on the flow.
    Send {
        /// Which flow.
        flow: FlowId,
        /// One message.
        payload: Vec<u8>,
    },
    /// May this request's sender do so? [`Proxy::handle_admitted`].
    Admit {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The whole request; the proxy keeps the same octets until it is answered.
        request: Arc<Vec<u8>>,
        /// Where it came from.
        flow: Flow,
    },
    /// Where is this user? [`Proxy::handle_located`].
    Locate {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The address of record as the request has it, e.g. `sip:Ben@example.org`.
        aor: String,
    },
    /// A connection to this domain's server, please: TLS, its certificate for this very domain. [`Proxy::handle_located`] with
    /// [`Location::Elsewhere`] or [`Location::Nowhere`]. Only with [`ProxyConfig::reaches_other_domains`].
    Reach {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Which domain.
        domain: OtherDomain,
        /// Its server behind this flow has failed: another one (RFC 3263 4.3).
        instead_of: Option<FlowId>,
    },
}

/// Whom an answer from outside is for.
pub(super) enum Asked {
    Admission(ContextId),
    /// Of the user of this name.
    Caller(ContextId, String),
    Callee(ContextId),
    /// Whether a device that came while it rings is to ring, too.
    Late(ContextId, FlowId),
    Ack(PendingAck),
}

/// The proxy. After every `handle_*`, drain [`Proxy::poll_output`], then ask [`Proxy::next_wake`].
pub struct Proxy {
    pub(super) config: ProxyConfig,
    pub(super) seal: Seal,
    pub(super) entropy: Entropy,
    pub(super) flows: Flows,
    pub(super) transactions: Transactions,
    pub(super) contexts: BTreeMap<ContextId, Context>,
    /// The contexts of requests that came over a flow.
    pub(super) callers: BTreeSet<(FlowId, ContextId)>,
    /// The contexts of calls for a user.
    pub(super) called: BTreeSet<(Called, ContextId)>,
    /// Over, with room to use again.
    pub(super) retired: Vec<Context>,
    pub(super) servers: BTreeMap<TransactionId, ContextId>,
    pub(super) clients: BTreeMap<TransactionId, (ContextId, usize)>,
    pub(super) asked: BTreeMap<Ticket, Asked>,
    pub(super) deadlines: BTreeSet<(Instant, ContextId, usize)>,
    pub(super) outputs: VecDeque<ProxyOutput>,
    /// Octets of the ACKs that wait for storage.
    pub(super) ack_octets: usize,
    /// Room for them.
    pub(super) acks: Buffers,
    pub(super) scratch: Scratch,
    /// How many calls wait to ring later.
    pub(super) queued: usize,
    next: u64,
}

/// Contexts that wait to be used again.
const RETIRED: usize = 64;

impl Proxy {
    /// A proxy that knows of no flow yet.
    #[must_use]
    pub fn new(config: ProxyConfig, entropy: Entropy) -> Self {
        Self {
            seal: Seal::new(&config.secret),
            transactions: Transactions::new(config.timers, config.limits),
            config,
            entropy,
            flows: Flows::default(),
            contexts: BTreeMap::new(),
            callers: BTreeSet::new(),
            called: BTreeSet::new(),
            retired: Vec::new(),
            servers: BTreeMap::new(),
            clients: BTreeMap::new(),
            asked: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            outputs: VecDeque::new(),
            ack_octets: 0,
            acks: Buffers::default(),
            scratch: Scratch::default(),
            queued: 0,
            next: 0,
        }
    }

    /// A UDP socket is there.
    pub fn socket_bound(&mut self, socket: SocketId, local: std::net::SocketAddr) {
        self.flows.bound(socket, local);
    }

    /// A connection is up.
    pub fn flow_opened(&mut self, flow: Flow) {
        self.flows.opened(flow);
    }

    /// A connection is gone: what was forwarded over it has failed, and a caller who rang over it has hung up.
    pub fn flow_closed(&mut self, flow: FlowId, now: Now) {
        self.flows.closed(flow);
        self.transactions.flow_closed(flow);
        let range = (flow, ContextId(0))..=(flow, ContextId(u64::MAX));
        let orphans: Vec<ContextId> = self.callers.range(range).map(|(_, id)| *id).collect();
        for id in orphans {
            if self.contexts.get(&id).is_some_and(|context| !context.is_answered) {
                self.abandon(id, now);
            }
        }
        self.settle(now);
    }

    /// Takes the answer to [`ProxyOutput::Admit`].
    pub fn handle_admitted(&mut self, ticket: Ticket, verdict: Result<Caller, GateRefusal>, now: Now) {
        if let Some(Asked::Admission(id)) = self.asked.remove(&ticket) {
            match verdict {
                Ok(caller) => {
                    if let Some(context) = self.contexts.get_mut(&id) {
                        context.is_unproven = false;
                    }
                    self.locate(id, &caller, now);
                }
                Err(refusal) => self.turn_away(id, &refusal),
            }
        }
        self.settle(now);
    }

    /// Takes the answer to [`ProxyOutput::Locate`] or [`ProxyOutput::Reach`].
    pub fn handle_located(&mut self, ticket: Ticket, location: Result<Location, Lending>, now: Now) {
        match self.asked.remove(&ticket) {
            Some(Asked::Caller(id, user)) => self.caller_located(id, &user, location.ok().as_ref(), now),
            Some(Asked::Late(id, flow)) => self.late_located(id, flow, location.ok().as_ref(), now),
            Some(Asked::Callee(id)) => self.callee_located(id, location, now),
            Some(Asked::Ack(ack)) => self.ack_located(ack, location.ok(), now),
            Some(Asked::Admission(_)) | None => {}
        }
        self.settle(now);
    }

    /// Lets every timer fire that is due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.transactions.handle_timeout(now);
        while let Some((at, id, place)) = self.deadlines.first().copied().filter(|(at, ..)| *at <= now.instant) {
            self.deadlines.remove(&(at, id, place));
            match place {
                QUEUED => self.dequeue(id, now),
                place => self.deadline(id, place, now),
            }
        }
        self.settle(now);
    }

    /// The next thing to do; drain until `None`.
    pub fn poll_output(&mut self) -> Option<ProxyOutput> {
        self.outputs.pop_front()
    }

    /// When to call [`Proxy::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        let own = self.deadlines.first().map(|(at, ..)| Wake::at(*at, "proxy timer C"));
        Wake::earlier(own, self.transactions.next_wake())
    }

    /// Requests under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.contexts.len()
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }

    /// Octets of messages kept, bounded by [`ProxyConfig::limits`].
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.transactions.kept_bytes() + self.ack_octets
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept_bytes() >= self.config.limits.bytes
    }

    /// Tells the table what a context keeps of messages.
    pub(super) fn account(&mut self, id: ContextId) {
        if let Some((context, server)) = self.contexts.get(&id).and_then(|context| Some((context, context.server?))) {
            self.transactions.hold(server, context.octets());
        }
    }

    pub(super) fn context_id(&mut self) -> ContextId {
        self.next += 1;
        ContextId(self.next)
    }

    /// `None` if there are too many questions already.
    pub(super) fn ask(&mut self, asked: Asked) -> Option<Ticket> {
        if self.asked.len() >= self.config.max_questions {
            return None;
        }
        self.next += 1;
        let ticket = Ticket(self.next);
        self.asked.insert(ticket, asked);
        Some(ticket)
    }

    /// Takes what the transactions have to say, until they are quiet.
    pub(super) fn settle(&mut self, now: Now) {
        while let Some(output) = self.transactions.poll_output() {
            match output {
                TransactionOutput::Send { flow, payload } => self.outputs.push_back(ProxyOutput::Send { flow, payload }),
                TransactionOutput::Timeout(id) => self.branch_failed(id, 408, now),
                TransactionOutput::TransportFailed(id) => self.branch_failed(id, 430, now),
                TransactionOutput::Terminated(id) => self.terminated(id, now),
            }
        }
    }

    fn terminated(&mut self, id: TransactionId, now: Now) {
        if let Some(context) = self.servers.remove(&id) {
            if let Some(context) = self.contexts.get_mut(&context) {
                context.server = None;
                // Nobody is left to answer.
                context.answered();
            }
            self.tidy(context);
        }
        if let Some((context, place)) = self.clients.remove(&id) {
            let unfinished = self.branch_mut(context, place).is_some_and(|branch| {
                branch.client = None;
                !branch.is_final
            });
            if unfinished {
                self.finish_branch(context, place, 408, now);
            }
            self.tidy(context);
        }
    }

    /// Forgets a context that is over.
    pub(super) fn tidy(&mut self, id: ContextId) {
        let Some(context) = self.contexts.get(&id).filter(|context| context.is_over()) else { return };
        for (place, at) in context.deadlines() {
            self.deadlines.remove(&(at, id, place));
        }
        self.take_queued(id);
        if let Some(context) = self.contexts.remove(&id) {
            self.callers.remove(&(context.flow.id, id));
            if let Some(called) = context.called {
                self.called.remove(&(called, id));
            }
            if self.retired.len() < RETIRED {
                self.retired.push(context);
            }
        }
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({} requests under way, {} questions open)", self.contexts.len(), self.asked.len())
    }
}

impl std::fmt::Debug for ProxyOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send { payload, .. } => write!(f, "Send({} octets)", payload.len()),
            Self::Admit { ticket, .. } => write!(f, "Admit({})", ticket.0),
            Self::Locate { ticket, .. } => write!(f, "Locate({})", ticket.0),
            Self::Reach { ticket, .. } => write!(f, "Reach({})", ticket.0),
        }
    }
}
