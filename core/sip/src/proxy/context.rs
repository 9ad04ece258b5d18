use std::time::Instant;

use super::best::Best;
use super::branch::Branch;
use super::end::End;
use super::gate::Location;
use crate::flow::Flow;
use crate::registrar::BindingKey;
use crate::transaction::TransactionId;

/// Names a response context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ContextId(pub(super) u64);

/// Where a request is to go, as soon as storage has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// All devices of the user, and who calls.
    User,
    /// One device, inside a dialog.
    Device(BindingKey),
}

/// A request and what became of it so far (RFC 3261 16.2).
pub(super) struct Context {
    /// Its server transaction, until that is gone.
    pub(super) server: Option<TransactionId>,
    /// The request as it came; dropped once the final response is sent.
    pub(super) request: Vec<u8>,
    /// Where it came from.
    pub(super) flow: Flow,
    pub(super) is_invite: bool,
    pub(super) goal: Goal,
    /// Who calls, once known.
    pub(super) caller: Option<End>,
    /// Where the callee is, once known.
    pub(super) location: Option<Location>,
    pub(super) branches: Vec<Branch>,
    pub(super) best: Best,
    /// A final response was sent, or none will be.
    pub(super) is_answered: bool,
    /// A 2xx went by.
    pub(super) has_succeeded: bool,
}

impl Context {
    pub(super) fn new(server: TransactionId, request: Vec<u8>, flow: Flow, is_invite: bool, goal: Goal) -> Self {
        Self {
            server: Some(server),
            request,
            flow,
            is_invite,
            goal,
            caller: None,
            location: None,
            branches: Vec::new(),
            best: Best::default(),
            is_answered: false,
            has_succeeded: false,
        }
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
