use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;
use std::time::Instant;

use super::OtherDomain;
use super::best::Best;
use super::branch::Branch;
use super::end::End;
use super::gate::Location;
use super::queue::Queued;
use crate::flow::{Flow, FlowId};
use crate::registrar::BindingKey;
use crate::transaction::TransactionId;

/// Names a response context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ContextId(pub(super) u64);

/// Stands for the address of record that is called; another may have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Called(u64);

impl Called {
    /// Whatever the letters are written like.
    pub(super) fn of(aor: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        aor.bytes().for_each(|octet| hasher.write_u8(octet.to_ascii_lowercase()));
        Self(hasher.finish())
    }
}

/// Where a request is to go, as soon as storage has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// All devices of the user, and who calls.
    User,
    /// One device, inside a dialog.
    Device(BindingKey),
    /// A user of another domain, or whoever is the other end of a dialog there.
    Domain(OtherDomain),
}

/// A request with more octets leaves no room behind for another.
const LARGEST: usize = 8192;

/// A request and what became of it so far (RFC 3261 16.2).
pub(super) struct Context {
    /// Its server transaction, until that is gone.
    pub(super) server: Option<TransactionId>,
    /// The request as it came, shared with who checks its sender; empty once it is answered.
    pub(super) request: Arc<Vec<u8>>,
    /// Where it came from.
    pub(super) flow: Flow,
    pub(super) is_invite: bool,
    pub(super) goal: Goal,
    /// Who calls, once known.
    pub(super) caller: Option<End>,
    /// Whom it is for: a call for a user that is being looked up, or was.
    pub(super) called: Option<Called>,
    /// Where the callee is, once known.
    pub(super) location: Option<Location>,
    /// The other domain's server that it went to last.
    pub(super) went_to: Option<FlowId>,
    pub(super) branches: Vec<Branch>,
    pub(super) best: Best,
    /// It is to ring later.
    pub(super) queued: Option<Queued>,
    /// Who sent it has not been judged yet.
    pub(super) is_unproven: bool,
    /// A final response was sent, or none will be.
    pub(super) is_answered: bool,
    /// A 2xx went by.
    pub(super) has_succeeded: bool,
}

impl Context {
    /// In place of `old`, whose room is used again.
    pub(super) fn new(server: TransactionId, request: &[u8], flow: Flow, is_invite: bool, goal: Goal, old: Option<Self>) -> Self {
        let (mut octets, mut branches) = old.map(|old| (old.request, old.branches)).unwrap_or_default();
        branches.clear();
        match Arc::get_mut(&mut octets) {
            Some(octets) => octets.extend_from_slice(request),
            None => octets = Arc::new(request.to_vec()),
        }
        Self {
            server: Some(server),
            request: octets,
            flow,
            is_invite,
            goal,
            caller: None,
            called: None,
            location: None,
            went_to: None,
            branches,
            best: Best::default(),
            queued: None,
            is_unproven: false,
            is_answered: false,
            has_succeeded: false,
        }
    }

    /// Nothing will be sent to the caller any more, or only what passes by: the request is of no use.
    pub(super) fn answered(&mut self) {
        self.is_answered = true;
        self.best = Best::default();
        self.location = None;
        match Arc::get_mut(&mut self.request) {
            Some(request) if request.capacity() <= LARGEST => request.clear(),
            _ => self.request = Arc::default(),
        }
    }

    /// Octets of messages that it keeps.
    pub(super) fn octets(&self) -> usize {
        self.request.len() + self.best.octets()
    }

    /// Every branch has its final response.
    pub(super) fn is_complete(&self) -> bool {
        self.branches.iter().all(|branch| branch.is_final)
    }

    /// Nothing more can come.
    pub(super) fn is_over(&self) -> bool {
        self.server.is_none() && self.branches.iter().all(|branch| branch.client.is_none()) && self.is_answered
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = (usize, Instant)> {
        self.branches.iter().enumerate().filter_map(|(place, branch)| branch.deadline.map(|at| (place, at)))
    }
}
