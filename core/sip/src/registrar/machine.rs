use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use cooee_machine::{Entropy, Now};

use super::answer::{Rejection, accepted};
use super::change::{Change, change};
use super::{Binding, BindingKey};
use crate::flow::Flow;
use crate::{Framing, Message};

/// Ties a question to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The registrar's bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrarConfig {
    /// Shortest time granted, in seconds; less is answered with 423.
    pub min_expires: u32,
    /// Longest time granted, in seconds.
    pub max_expires: u32,
    /// Granted where none is asked for, in seconds.
    pub default_expires: u32,
    /// Bindings of one address of record.
    pub max_bindings: usize,
    /// Requests under way at once, over all addresses; more are answered with 503.
    pub max_pending: usize,
    /// Octets of these requests; the one that reaches it is still taken.
    pub max_octets: usize,
    /// What the server can do, told to who registers (RFC 6809).
    pub features: &'static [&'static str],
}

impl Default for RegistrarConfig {
    fn default() -> Self {
        Self {
            min_expires: 60,
            max_expires: 7200,
            default_expires: 3600,
            max_bindings: 12,
            max_pending: 4096,
            max_octets: 16 << 20,
            features: &[],
        }
    }
}

/// A REGISTER whose sender may register `aor`.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterRequest {
    /// The address of record's key in storage.
    pub aor: String,
    /// The whole request.
    pub message: Arc<Vec<u8>>,
    /// The flow that the bindings are to be reached over.
    pub flow: Flow,
    /// See [`Binding::epoch`].
    pub epoch: u64,
}

/// Why a question to storage has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lending {
    /// Storage failed: 500.
    Failed,
    /// Storage has more to do than it can: 503.
    Busy,
}

/// What the registrar asks for and answers.
#[derive(PartialEq, Eq)]
pub enum RegistrarOutput {
    /// Wants all bindings of `aor`: [`Registrar::handle_located`].
    Locate {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whose.
        aor: String,
    },
    /// Wants this kept, at once or not at all: [`Registrar::handle_persisted`].
    Persist {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whose.
        aor: String,
        /// To write, replacing those of the same key.
        put: Vec<Binding>,
        /// To delete.
        remove: Vec<BindingKey>,
    },
    /// The answer to a request.
    Respond {
        /// The flow the request came over.
        flow: Flow,
        /// The address of record.
        aor: String,
        /// Its final status.
        status: u16,
        /// Devices bound now; only with a 200.
        bindings: usize,
        /// The whole response.
        response: Vec<u8>,
    },
}

enum Phase {
    /// Waits for an earlier request for the same address.
    Waiting,
    Locating,
    Persisting(Change),
}

struct Job {
    request: RegisterRequest,
    ticket: Ticket,
    phase: Phase,
}

/// Takes requests one at a time for each address of record, so that two devices cannot undo each other's change.
pub struct Registrar {
    config: RegistrarConfig,
    entropy: Entropy,
    jobs: BTreeMap<String, VecDeque<Job>>,
    aors: BTreeMap<Ticket, String>,
    octets: usize,
    next_ticket: u64,
    outputs: VecDeque<RegistrarOutput>,
}

impl Registrar {
    /// A registrar with nothing to do.
    #[must_use]
    pub fn new(config: RegistrarConfig, entropy: Entropy) -> Self {
        Self { config, entropy, jobs: BTreeMap::new(), aors: BTreeMap::new(), octets: 0, next_ticket: 0, outputs: VecDeque::new() }
    }

    /// Takes a request. Its answer comes as [`RegistrarOutput::Respond`].
    pub fn handle_register(&mut self, request: RegisterRequest) {
        if self.aors.len() >= self.config.max_pending || self.octets >= self.config.max_octets {
            return self.reject(&request, &Rejection::new(503, "").with(crate::HeaderName::RetryAfter, "10".to_owned()));
        }
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        self.octets += request.message.len();
        let aor = request.aor.clone();
        self.aors.insert(ticket, aor.clone());
        self.jobs.entry(aor.clone()).or_default().push_back(Job { request, ticket, phase: Phase::Waiting });
        self.advance(&aor);
    }

    /// Takes the bindings asked for, in any order, expired ones included.
    pub fn handle_located(&mut self, ticket: Ticket, bindings: Result<Vec<Binding>, Lending>, now: Now) {
        let Some(job) = self.job(ticket).filter(|job| matches!(job.phase, Phase::Locating)) else { return };
        let request = job.request.clone();
        match bindings {
            Err(lending) => self.finish(ticket, |registrar| registrar.reject(&request, &lending.into())),
            Ok(existing) => self.work_out(ticket, &request, existing, now),
        }
    }

    /// Takes the outcome of a [`RegistrarOutput::Persist`].
    pub fn handle_persisted(&mut self, ticket: Ticket, outcome: Result<(), Lending>, now: Now) {
        let Some(job) = self.job(ticket) else { return };
        let Phase::Persisting(change) = std::mem::replace(&mut job.phase, Phase::Waiting) else { return };
        let request = job.request.clone();
        self.finish(ticket, |registrar| match outcome {
            Ok(()) => registrar.accept(&request, &change, now),
            Err(lending) => registrar.reject(&request, &lending.into()),
        });
    }

    /// The next thing to do; `None` until more comes in.
    pub fn poll_output(&mut self) -> Option<RegistrarOutput> {
        self.outputs.pop_front()
    }

    fn job(&mut self, ticket: Ticket) -> Option<&mut Job> {
        let jobs = self.jobs.get_mut(self.aors.get(&ticket)?)?;
        jobs.front_mut().filter(|job| job.ticket == ticket)
    }

    /// Begins the first waiting request of an address.
    fn advance(&mut self, aor: &str) {
        let Some(job) = self.jobs.get_mut(aor).and_then(VecDeque::front_mut) else { return };
        if matches!(job.phase, Phase::Waiting) {
            job.phase = Phase::Locating;
            self.outputs.push_back(RegistrarOutput::Locate { ticket: job.ticket, aor: aor.to_owned() });
        }
    }

    fn work_out(&mut self, ticket: Ticket, request: &RegisterRequest, existing: Vec<Binding>, now: Now) {
        let outcome = match Message::parse(&request.message, Framing::Datagram) {
            Ok(message) => change(request, &message, existing, &self.config, now.unix),
            Err(_) => Err(Rejection::new(400, "")),
        };
        match outcome {
            Err(rejection) => self.finish(ticket, |registrar| registrar.reject(request, &rejection)),
            Ok(change) if change.put.is_empty() && change.remove.is_empty() => {
                self.finish(ticket, |registrar| registrar.accept(request, &change, now));
            }
            Ok(change) => {
                let (put, remove) = (change.put.clone(), change.remove.clone());
                self.outputs.push_back(RegistrarOutput::Persist { ticket, aor: request.aor.clone(), put, remove });
                if let Some(job) = self.job(ticket) {
                    job.phase = Phase::Persisting(change);
                }
            }
        }
    }

    fn finish(&mut self, ticket: Ticket, answer: impl FnOnce(&mut Self)) {
        answer(self);
        let Some(aor) = self.aors.remove(&ticket) else { return };
        if let Some(jobs) = self.jobs.get_mut(&aor) {
            let done = jobs.pop_front().map_or(0, |job| job.request.message.len());
            self.octets = self.octets.saturating_sub(done);
            if jobs.is_empty() {
                self.jobs.remove(&aor);
            }
        }
        self.advance(&aor);
    }

    fn accept(&mut self, request: &RegisterRequest, change: &Change, now: Now) {
        let features = self.config.features;
        self.answer(request, 200, change.after.len(), |message, tag| {
            accepted(message, request.flow.remote, tag, change, features, now.unix)
        });
    }

    fn reject(&mut self, request: &RegisterRequest, rejection: &Rejection) {
        self.answer(request, rejection.status, 0, |message, tag| rejection.response(message, request.flow.remote, tag));
    }

    fn answer(&mut self, request: &RegisterRequest, status: u16, bindings: usize, make: impl FnOnce(&Message<'_>, &str) -> Vec<u8>) {
        let tag = self.entropy.token(10);
        // The server has parsed it before: the error cannot come, and there would be nobody to tell.
        let Ok(message) = Message::parse(&request.message, Framing::Datagram) else { return };
        let response = make(&message, &tag);
        self.outputs.push_back(RegistrarOutput::Respond { flow: request.flow, aor: request.aor.clone(), status, bindings, response });
    }
}

impl From<Lending> for Rejection {
    fn from(lending: Lending) -> Self {
        match lending {
            Lending::Failed => Self::new(500, "Storage failed"),
            Lending::Busy => Self::new(503, "").with(crate::HeaderName::RetryAfter, "10".to_owned()),
        }
    }
}

impl std::fmt::Debug for Registrar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registrar({} requests under way)", self.aors.len())
    }
}

impl std::fmt::Debug for RegisterRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegisterRequest({} octets)", self.message.len())
    }
}

impl std::fmt::Debug for RegistrarOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Locate { ticket, .. } => write!(f, "Locate({})", ticket.0),
            Self::Persist { ticket, put, remove, .. } => write!(f, "Persist({}, {} put, {} removed)", ticket.0, put.len(), remove.len()),
            Self::Respond { status, bindings, .. } => write!(f, "Respond({status}, {bindings} bindings)"),
        }
    }
}
