use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cooee_machine::{Now, Wake};

use super::buffers::{Buffers, keep};
use super::deadlines::Deadlines;
use super::follow_up;
use super::key::Key;
use super::machine::Machine;
use super::step::{End, Step};
use super::{InviteClient, InviteServer, NonInviteClient, NonInviteServer, Timers, TransactionLimits};
use crate::flow::FlowId;
use crate::message::{Framing, Message};
use crate::method::Method;

/// Names a transaction of one table. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(pub u64);

/// What a request that came in is to its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestMatch {
    /// The first of a new server transaction: answer it by [`Transactions::respond`]. Of a CANCEL, `cancels` is the INVITE
    /// transaction it is about, if there is one.
    New {
        /// The new transaction.
        id: TransactionId,
        /// For a CANCEL: the INVITE it is about.
        cancels: Option<TransactionId>,
    },
    /// An ACK to a 2xx: it belongs to no transaction of this table and is for the transaction user.
    Ack,
    /// A copy, or an ACK to a non-2xx: dealt with.
    Absorbed,
    /// There is no room for a new transaction: answer 503 without state.
    Full,
}

/// What a response that came in is to its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMatch {
    /// For the transaction user. After a final response the transaction may be gone already.
    Pass(TransactionId),
    /// A copy: dealt with.
    Absorbed,
    /// No transaction of ours.
    Stray,
}

/// What the table wants done.
#[derive(PartialEq, Eq)]
pub enum TransactionOutput {
    /// Send these octets.
    Send {
        /// On this flow.
        flow: FlowId,
        /// One message.
        payload: Vec<u8>,
    },
    /// A client transaction got no final response (act as on 408), or a non-2xx of a server transaction got no ACK.
    Timeout(TransactionId),
    /// A client transaction lost its flow before the final response (act as on 503).
    TransportFailed(TransactionId),
    /// A transaction is gone, whatever happened before. Comes once for each.
    Terminated(TransactionId),
}

impl std::fmt::Debug for TransactionOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send { payload, .. } => write!(f, "Send({} octets)", payload.len()),
            Self::Timeout(id) => write!(f, "Timeout({id:?})"),
            Self::TransportFailed(id) => write!(f, "TransportFailed({id:?})"),
            Self::Terminated(id) => write!(f, "Terminated({id:?})"),
        }
    }
}

/// There is no room for another client transaction, or the octets are no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The limit is reached.
    #[error("too many transactions at the same time")]
    Full,
    /// Not a request with a branch.
    #[error("not a request with a Via branch")]
    NoRequest,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    flow: FlowId,
    machine: Machine,
    wake: Option<Wake>,
    /// What it keeps of messages, for the limit.
    bytes: usize,
    /// What its user keeps for it.
    held: usize,
}

/// A bounded table of transactions, which matches messages to them.
#[derive(Debug)]
pub struct Transactions {
    timers: Timers,
    limits: TransactionLimits,
    entries: BTreeMap<TransactionId, Entry>,
    keys: BTreeMap<Key, TransactionId>,
    flows: BTreeSet<(FlowId, TransactionId)>,
    deadlines: Deadlines,
    outputs: VecDeque<TransactionOutput>,
    buffers: Buffers,
    next: u64,
    clients: usize,
    bytes: usize,
}

impl Transactions {
    /// An empty table.
    #[must_use]
    pub fn new(timers: Timers, limits: TransactionLimits) -> Self {
        Self {
            timers,
            limits,
            entries: BTreeMap::new(),
            keys: BTreeMap::new(),
            flows: BTreeSet::new(),
            deadlines: Deadlines::default(),
            outputs: VecDeque::new(),
            buffers: Buffers::default(),
            next: 0,
            clients: 0,
            bytes: 0,
        }
    }

    /// How many transactions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Octets of messages kept.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.bytes
    }

    /// Whether no more messages are to be kept.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= self.limits.bytes
    }

    /// Counts octets that the transaction user keeps for a transaction, until that is gone or another number is told.
    pub fn hold(&mut self, id: TransactionId, octets: usize) {
        if let Some(entry) = self.entries.get_mut(&id) {
            self.bytes = self.bytes.saturating_sub(entry.held).saturating_add(octets);
            entry.held = octets;
        }
    }

    /// Matches a request to its server transaction (RFC 3261 17.2.3).
    pub fn receive_request(&mut self, flow: FlowId, request: &Message<'_>, now: Now) -> RequestMatch {
        let key = Key::of_request(request);
        let is_ack = request.method() == Method::Ack;
        if let Some(id) = self.keys.get(&key).copied() {
            let pass = self.step(id, now, |machine, now| match machine {
                Machine::InviteServer(invite) if is_ack => invite.handle_ack(now),
                Machine::InviteServer(invite) => invite.handle_copy(),
                Machine::NonInviteServer(other) => other.handle_copy(),
                Machine::InviteClient(_) | Machine::NonInviteClient(_) => Step::nothing(),
            });
            return if pass { RequestMatch::Ack } else { RequestMatch::Absorbed };
        }
        if is_ack {
            return RequestMatch::Ack;
        }
        if self.entries.len() - self.clients >= self.limits.server || self.is_full() {
            return RequestMatch::Full;
        }
        let (reliable, buffer) = (flow.is_reliable(), self.buffers.take());
        let machine = match request.method() {
            Method::Invite => Machine::InviteServer(InviteServer::new(reliable, self.timers).keeping_in(buffer)),
            _ => Machine::NonInviteServer(NonInviteServer::new(reliable, self.timers).keeping_in(buffer)),
        };
        let is_cancel = request.method() == Method::Cancel;
        let cancels = is_cancel.then(|| self.keys.get(&Key::cancelled_by(request)).copied()).flatten();
        RequestMatch::New { id: self.insert(key, flow, machine), cancels }
    }

    /// Sends a response on a server transaction; nothing happens if it is gone or has had its final response.
    pub fn respond(&mut self, id: TransactionId, status: u16, response: Vec<u8>, now: Now) {
        self.step(id, now, |machine, now| match machine {
            Machine::InviteServer(invite) => invite.respond(status, response, now),
            Machine::NonInviteServer(other) => other.respond(status, response, now),
            Machine::InviteClient(_) | Machine::NonInviteClient(_) => Step::nothing(),
        });
    }

    /// Whether `id` is an INVITE server transaction that waits for its final response.
    #[must_use]
    pub fn awaits_answer(&self, id: TransactionId) -> bool {
        matches!(self.entries.get(&id), Some(Entry { machine: Machine::InviteServer(invite), .. }) if invite.is_proceeding())
    }

    /// Sends a request (never an ACK) on a new client transaction.
    ///
    /// # Errors
    /// [`SendError::Full`] at the limit, [`SendError::NoRequest`] if `request` is none.
    pub fn request(&mut self, flow: FlowId, request: Vec<u8>, now: Now) -> Result<TransactionId, SendError> {
        if self.clients >= self.limits.client {
            return Err(SendError::Full);
        }
        let message = Message::parse(&request, Framing::Datagram).map_err(|_| SendError::NoRequest)?;
        if !message.is_request() || message.via().branch().is_none() || message.method() == Method::Ack {
            return Err(SendError::NoRequest);
        }
        let key = Key::of_own_request(&message);
        let is_invite = message.method() == Method::Invite;
        let (reliable, timers) = (flow.is_reliable(), self.timers);
        let mut kept = self.buffers.take();
        // Of an INVITE, its ACK or CANCEL is made.
        if is_invite || !reliable {
            keep(&mut kept, &request);
        }
        let machine = match is_invite {
            true => Machine::InviteClient(InviteClient::new(kept, reliable, timers, now.instant)),
            false => Machine::NonInviteClient(NonInviteClient::new(kept, reliable, timers, now.instant)),
        };
        let id = self.insert(key, flow, machine);
        self.step(id, now, |_, _| Step::send(request));
        Ok(id)
    }

    /// The INVITE of a client transaction as it was sent.
    #[must_use]
    pub fn sent_request(&self, invite: TransactionId) -> Option<&[u8]> {
        match &self.entries.get(&invite)?.machine {
            Machine::InviteClient(machine) => Some(machine.request()),
            _ => None,
        }
    }

    /// Whether [`Transactions::cancel`] may be called: a provisional response came and no final one.
    #[must_use]
    pub fn is_cancellable(&self, invite: TransactionId) -> bool {
        matches!(self.entries.get(&invite), Some(Entry { machine: Machine::InviteClient(machine), .. }) if machine.is_proceeding())
    }

    /// Cancels an INVITE that has had a provisional response and no final one (RFC 3261 9.1). `reason` is a whole Reason
    /// header value. `None`: it is not the time, or no room.
    pub fn cancel(&mut self, invite: TransactionId, reason: Option<&str>, now: Now) -> Option<TransactionId> {
        let entry = self.entries.get(&invite)?;
        let Machine::InviteClient(machine) = &entry.machine else { return None };
        let request = machine.is_proceeding().then(|| follow_up::cancel(machine.request(), reason))??;
        self.request(entry.flow, request, now).ok()
    }

    /// Matches a response to its client transaction (RFC 3261 17.1.3).
    pub fn receive_response(&mut self, response: &Message<'_>, now: Now) -> ResponseMatch {
        let Some(status) = response.status() else { return ResponseMatch::Stray };
        let Some(id) = self.keys.get(&Key::of_response(response)).copied() else { return ResponseMatch::Stray };
        let pass = self.step(id, now, |machine, now| match machine {
            Machine::InviteClient(invite) => invite.handle_response(status, |request| follow_up::ack(request, response), now),
            Machine::NonInviteClient(other) => other.handle_response(status, now),
            Machine::InviteServer(_) | Machine::NonInviteServer(_) => Step::nothing(),
        });
        if pass { ResponseMatch::Pass(id) } else { ResponseMatch::Absorbed }
    }

    /// Drops a transaction without another word; [`TransactionOutput::Terminated`] follows.
    pub fn drop_transaction(&mut self, id: TransactionId) {
        self.remove(id);
    }

    /// A flow is gone. Requests on it fail; server transactions wait for [`Transactions::reroute`] or their end.
    pub fn flow_closed(&mut self, flow: FlowId) {
        for id in self.on_flow(flow) {
            if !self.entries.get(&id).is_some_and(|entry| entry.machine.is_client()) {
                continue;
            }
            self.outputs.push_back(TransactionOutput::TransportFailed(id));
            self.remove(id);
        }
    }

    /// Responses still to come leave by `to` from now on.
    pub fn reroute(&mut self, from: FlowId, to: FlowId) {
        for id in self.on_flow(from) {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.flow = to;
            }
            self.flows.remove(&(from, id));
            self.flows.insert((to, id));
        }
    }

    fn on_flow(&self, flow: FlowId) -> Vec<TransactionId> {
        let range = (flow, TransactionId(0))..=(flow, TransactionId(u64::MAX));
        self.flows.range(range).map(|(_, id)| *id).collect()
    }

    /// Lets every timer fire that is due.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some(id) = self.deadlines.due(now.instant) {
            self.step(id, now, |machine, now| match machine {
                Machine::InviteClient(invite) => invite.handle_timeout(now),
                Machine::NonInviteClient(other) => other.handle_timeout(now),
                Machine::InviteServer(invite) => invite.handle_timeout(now),
                Machine::NonInviteServer(other) => other.handle_timeout(now),
            });
        }
    }

    /// The next thing to do; drain until `None`.
    pub fn poll_output(&mut self) -> Option<TransactionOutput> {
        self.outputs.pop_front()
    }

    /// When to call [`Transactions::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        self.deadlines.next()
    }

    fn insert(&mut self, key: Key, flow: FlowId, machine: Machine) -> TransactionId {
        self.next += 1;
        let id = TransactionId(self.next);
        self.clients += usize::from(machine.is_client());
        self.keys.insert(key, id);
        self.flows.insert((flow, id));
        self.entries.insert(id, Entry { key, flow, machine, wake: None, bytes: 0, held: 0 });
        id
    }

    /// Lets a transaction take an input, carries out what it wants, and tells whether the message is for its user.
    fn step(&mut self, id: TransactionId, now: Now, input: impl FnOnce(&mut Machine, std::time::Instant) -> Step) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else { return false };
        let step = input(&mut entry.machine, now.instant);
        if let Some(payload) = step.send {
            self.outputs.push_back(TransactionOutput::Send { flow: entry.flow, payload });
        }
        let (wake, bytes) = (entry.machine.next_wake(), entry.machine.kept_bytes());
        self.bytes = self.bytes.saturating_sub(entry.bytes).saturating_add(bytes);
        entry.bytes = bytes;
        if let Some(old) = std::mem::replace(&mut entry.wake, wake) {
            self.deadlines.remove(old, id);
        }
        if let Some(new) = wake {
            self.deadlines.insert(new, id);
        }
        if let Some(end) = step.end {
            if end == End::Timeout {
                self.outputs.push_back(TransactionOutput::Timeout(id));
            }
            self.remove(id);
        }
        step.pass
    }

    fn remove(&mut self, id: TransactionId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        self.clients -= usize::from(entry.machine.is_client());
        self.bytes = self.bytes.saturating_sub(entry.bytes).saturating_sub(entry.held);
        self.flows.remove(&(entry.flow, id));
        if self.keys.get(&entry.key) == Some(&id) {
            self.keys.remove(&entry.key);
        }
        if let Some(wake) = entry.wake {
            self.deadlines.remove(wake, id);
        }
        self.buffers.give_back(entry.machine.into_buffer());
        self.outputs.push_back(TransactionOutput::Terminated(id));
    }
}
